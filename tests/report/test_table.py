"""The terminal table: readable at any width, for any verdict, with and without colour."""

from __future__ import annotations

import dataclasses
import io
import math

import pytest
from rich.console import Console

from boundcheck.report.table import render, render_points
from boundcheck.verdict.decide import Ladder, PointEvidence, Status, Verdict, decide

WIDTHS = [60, 80, 100, 140, 240]
LONG = "bernstein_for_bounded_variables_with_known_variance_proxy"


def simulated(trials=1000, violations=0, opened=0, **more) -> PointEvidence:
    return PointEvidence(
        parameters={"d": "256", "alpha": "1/2"},
        law="uniform(-1/sqrt(d), 1/sqrt(d))",
        claimed_low=0.01,
        claimed_high=0.01,
        trials=trials,
        violations=violations,
        open=opened,
        **more,
    )


def exact(tail: float, claimed: float = 0.01) -> PointEvidence:
    return PointEvidence(
        parameters={"n": "3"},
        law="[red]",
        claimed_low=claimed,
        claimed_high=claimed,
        tail_low=tail,
        tail_high=tail,
    )


def decided(name, *evidence, folder="scalar", refutation_expected=False, beta=0.0005) -> Verdict:
    return decide(
        theorem=name,
        file=f"proofs/{folder}/x.py",
        evidence=evidence,
        beta=beta,
        level=0.99,
        seed=3,
        seconds=0.1,
        version="0",
        refutation_expected=refutation_expected,
    )


def text(verdicts, width, show=render, **options) -> str:
    stream = io.StringIO()
    show(verdicts, Console(file=stream, width=width, **options))
    return stream.getvalue()


def flat(output: str) -> str:
    return " ".join(output.split())


LADDER = Ladder(observed=0.001, certificate=0.025, bound=0.05)
LOOSE = Ladder(observed=0.001, certificate=0.002, bound=0.5)
VERDICTS = [
    decided(LONG, exact(0.005), exact(0.0093), simulated()),
    decided("[b]markup[/b]", exact(0.3, 1.0)),
    decided("fcn_magnitude", simulated(ladder=LOOSE), simulated(ladder=LADDER), folder="pruning"),
    decided("undecided", simulated(20), folder="pruning"),
    decided("wrong", simulated(100, 60, seed=3, first_violation={"trial": 17}), folder="pruning"),
    decided("planted", exact(0.02), folder="refuted", refutation_expected=True),
    decided("too_true", exact(0.001), folder="refuted", refutation_expected=True),
    decided("nothing_measured"),
    dataclasses.replace(
        decided("proved"), status=Status.PROVED, method="ball arithmetic on x in [0, 1]", file=None, note=""
    ),
]


@pytest.mark.parametrize("width", WIDTHS)
def test_every_verdict_is_readable_at_every_width(width):
    output = text(VERDICTS, width)
    assert max(map(len, output.splitlines())) <= width
    assert "\x1b" not in output  # no colour when piped
    for verdict in VERDICTS:
        assert str(verdict.status) in output
        if verdict.theorem != LONG:
            assert verdict.theorem in output
    for folder in ("scalar/", "pruning/", "refuted/"):
        assert folder in output


@pytest.mark.parametrize("width", WIDTHS)
def test_long_names_break_after_underscores_only(width):
    lines = [line.split()[0] for line in text([VERDICTS[0]], width).splitlines() if line.split()]
    start = next(i for i, line in enumerate(lines) if line.startswith("bernstein"))
    name = ""
    while name != LONG:
        piece = lines[start]
        assert piece.endswith("_") or LONG.endswith(piece)
        name += piece
        start += 1


def test_a_word_longer_than_its_column_is_broken_rather_than_cut():
    output = text([decided("x" * 50, exact(0.0))], 80)
    assert output.count("x") >= 50


@pytest.mark.parametrize("verdict", VERDICTS, ids=lambda verdict: verdict.theorem)
@pytest.mark.parametrize("width", WIDTHS)
def test_points_are_readable_at_every_width(verdict, width):
    output = text(verdict, width, render_points)
    assert max(map(len, output.splitlines())) <= width
    for point in verdict.points:
        assert str(point.status) in output
        for name, value in point.evidence.parameters.items():
            assert width < 80 or f"{name} = {value}" in flat(output)


def test_expected_and_unexpected_refutations_differ_without_colour():
    output = flat(text(VERDICTS, 140))
    assert "REFUTED! " in output
    assert "as expected" in output
    assert "NOT REFUTED!" in output
    assert "1 refuted as expected, 2 inconclusive, 1 REFUTED, 1 NOT REFUTED though it should be" in output


def test_only_failures_and_open_questions_are_explained():
    output = flat(text(VERDICTS, 140))
    explained = output[output.index("Seed 3.") :]
    for verdict in VERDICTS:
        assert (verdict.theorem in explained) == (not verdict.as_expected)
    assert "trial = 17" in explained
    assert "would confirm it if no trial violates the claim" in explained


def test_looseness_is_shown_where_the_bound_is_tightest():
    output = flat(text([VERDICTS[2]], 100))
    assert "T1 / gap 25" in output
    assert "bound / T1 2 " in output
    assert "tail/claim 0.93" in flat(text([VERDICTS[0]], 100))


def test_footer_counts_the_limits_of_the_run():
    assert "The 12 statistical limits" not in text(VERDICTS, 140)
    assert "The 10 statistical limits of these verdicts hold simultaneously with probability 0.99" in flat(
        text(VERDICTS, 140)
    )
    assert "Nothing here rests on a statistical limit" in text([VERDICTS[1]], 80)


def test_footer_exposes_limits_that_were_not_corrected():
    verdicts = [decided("claim", simulated(), simulated(), beta=0.01)]
    output = flat(text(verdicts, 100))
    assert "not corrected" in output
    assert "0.98 only" in output


def test_footer_claims_no_more_than_the_limits_give():
    verdicts = [decided("claim", simulated(), simulated(), beta=0.005)]
    output = flat(text(verdicts, 100))
    assert "The decisions at all 2 simulated points are right simultaneously with probability 0.99" in output
    assert "limits of these verdicts" not in output


def test_colour_in_a_terminal():
    assert "\x1b[" in text(VERDICTS, 100, force_terminal=True, color_system="standard")


def test_ascii_output_is_possible():
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    console = Console(file=stream, width=100)
    render(VERDICTS, console)
    for verdict in VERDICTS:
        render_points(verdict, console)


def test_unmeasured_ladders_and_no_verdicts():
    nothing = Ladder(observed=math.nan, certificate=math.nan, bound=0.5)
    verdict = decided("gap", simulated(ladder=nothing), simulated())
    assert "rate/claim" in text([verdict], 80)
    assert "0.5" in text(verdict, 80, render_points)
    assert "no theorem" in text([], 80)
