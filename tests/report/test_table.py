"""The terminal table: readable at any width, for any verdict, with and without colour."""

from __future__ import annotations

import dataclasses
import io
import math

import pytest
from rich.console import Console

from boundcheck.report.points import render_points
from boundcheck.report.table import _at_most, render
from boundcheck.verdict.analytic import decide_analytic
from boundcheck.verdict.decide import Verdict, decide
from boundcheck.verdict.evidence import CloserTrials, Ladder, PointEvidence
from boundcheck.verdict.point import Status
from boundcheck.verdict.scaling import decide_scaling

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


def decided(name, *evidence, folder="scalar", refutation_expected=False, beta=0.0005, **more) -> Verdict:
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
        **more,
    )


def text(verdicts, width, show=render, **options) -> str:
    stream = io.StringIO()
    show(verdicts, Console(file=stream, width=width, **options))
    return stream.getvalue()


def flat(output: str) -> str:
    return " ".join(output.split())


def tilted(violations: int, **more) -> PointEvidence:
    scale = {"scale_low": 0.0, "scale_high": 5e-324, "relative_low": 0.2, "relative_high": 0.2}
    claimed = {"claimed_low": 0.0, "claimed_high": 5e-324}
    return dataclasses.replace(simulated(50_000, violations), **scale, **claimed, **more)


def expectation(left: float, right: float, **more) -> PointEvidence:
    return dataclasses.replace(
        exact(0.5),
        **{"quantity": "expectation", "tail_low": left, "tail_high": left, "claimed_low": right, "claimed_high": right},
        **more,
    )


def analytic(name, outcome, folder="analytic", **more) -> Verdict:
    return decide_analytic(
        theorem=name,
        file=f"proofs/{folder}/x.py",
        outcome=outcome,
        summary="ball arithmetic",
        domain="x in (-oo, oo), y in [0, 1/2]",
        level=0.99,
        seed=3,
        seconds=0.1,
        version="0",
        **more,
    )


def scaling(name, growth, folder="scaling", **more) -> Verdict:
    return decide_scaling(
        theorem=name,
        file=f"proofs/{folder}/x.py",
        ratios=[({"d": str(d)}, 0.3, 0.5) for d in (16, 64, 256)],
        growth=growth,
        tolerance=0.05,
        beta=0.0005,
        level=0.99,
        seed=3,
        seconds=0.1,
        version="0",
        **more,
    )


FOUND = {"parameters": {"x": "7/2", "y": "1/3"}, "left": [16.5, 16.6], "right": ["15", "76/5"]}
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

NEW = [
    analytic("sinh_over_x", "proved"),
    analytic("cosh_wrong", "refuted", counterexample=FOUND),
    analytic("planted_number", "refuted", "refuted", counterexample=FOUND, refutation_expected=True),
    analytic("left_open", "undecided", boxes=["x in [0, 1]", "x in [3, 4]"]),
    scaling("same_order", (-0.1, 0.02)),
    scaling("grows", (0.4, 0.6)),
    scaling("grows_as_planted", (0.4, 0.6), "refuted", refutation_expected=True),
    scaling("perhaps", (-0.1, 0.6)),
    decided("rare", tilted(4_300)),
    decided("rare_and_wrong", tilted(14_300)),
    decided("moments", expectation(1.2, 1.3, ratio_low=0.92, ratio_high=0.93), expectation(-3.0, -2.0)),
    decided("moment_wrong", expectation(1.30000000002, 1.3)),
    decided("certain", dataclasses.replace(simulated(), claimed_low=0.0, claimed_high=0.0)),
    decided("all_points", exact(0.005), exhaustive=True, domain="n in {3}"),
]


def of(name: str) -> Verdict:
    return next(verdict for verdict in NEW if verdict.theorem == name)


@pytest.mark.parametrize("width", WIDTHS)
def test_every_kind_of_verdict_is_readable_at_every_width(width):
    output = text(NEW, width)
    assert max(map(len, output.splitlines())) <= width
    for verdict in NEW:
        assert verdict.theorem in output
        assert all(word in output for word in str(verdict.status).split())
        points = text(verdict, width, render_points)
        assert max(map(len, points.splitlines())) <= width


def test_a_proof_prints_its_domain():
    assert "for all x in (-oo, oo), y in [0, 1/2]" in flat(text([of("sinh_over_x")], 140))
    assert "for all n in {3}" in flat(text([of("all_points")], 140))
    assert "for all" not in text([of("left_open")], 140)


def test_a_refuted_claim_about_numbers_shows_the_point_and_both_sides():
    for show in (lambda v: text([v], 140), lambda v: text(v, 140, render_points)):
        output = flat(show(of("cosh_wrong")))
        assert "x = 7/2, y = 1/3" in output
        assert "left [16.5, 16.6]" in output
        assert "right [15, 76/5]" in output
    assert "at x = 7/2, y = 1/3" in flat(text([of("planted_number")], 140))


def test_scaling_is_never_called_refuted_or_confirmed():
    output = flat(text([verdict for verdict in NEW if verdict.scaling], 140))
    assert "REFUTED" not in output
    assert "onfirmed" not in output
    assert "1 scaling observed, 1 scaling broken as expected, 1 inconclusive, 1 SCALING BROKEN" in output
    assert "left/right 0.5" in output
    assert "The decisions at all 12 simulated points are right" in output
    broken = flat(text(of("grows"), 80, render_points))
    assert "d = 256" in broken
    assert "SCALING BROKEN!" in broken


def test_tilted_points_show_ratios_where_nothing_else_can_be_told_apart():
    for width in (80, 140):
        output = flat(text(of("rare_and_wrong"), width, render_points))
        assert "<1e-300" in output
        assert "e-324" not in output
        assert "1.46" in output  # the upper limit of tail over claim
        assert "importance sampling" in output
    assert "rate/claim 1.43" in flat(text([of("rare_and_wrong")], 140))
    assert "ratio at least" in text([of("rare_and_wrong")], 140)


def test_expectations_are_not_called_probabilities():
    for width in (80, 140):
        for name in ("moments", "moment_wrong"):
            output = flat(text(of(name), width, render_points)) + flat(text([of(name)], width))
            assert "robability" not in output.partition("Nothing here rests")[0]
            assert "eft side" in output
    assert "left/right 0.93" in flat(text([of("moments")], 140))


def test_a_refutation_by_a_hair_shows_the_hair():
    assert "1.30000000002" in text(of("moment_wrong"), 80, render_points)
    assert "1.30000000002" in text([of("moment_wrong")], 80)
    assert "left/right >1" in flat(text([of("moment_wrong")], 140))


def test_seventy_theorems_stay_grouped_by_folder():
    verdicts = [decided(f"bound_{i}", exact(0.005), folder=f"folder_{i % 7}") for i in range(70)]
    output = text(verdicts, 80)
    headings = [line.strip() for line in output.splitlines() if line.strip().startswith("folder_")]
    assert headings == [f"folder_{i}/" for i in range(7)]
    assert "70 theorems: 70 confirmed" in output
    assert len(output.splitlines()) < 110
    long = decided("a", exact(0.0), folder="a_very_long_name_of_a_folder")
    assert "a_very_long_name_of_a_" in text([long, of("rare")], 80)


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


def test_a_closer_look_is_shown_beside_the_ladder():
    """In the table its ratio at the tightest point; in the points what was tried, found and certified."""
    closer = CloserTrials(trials=4, sampled=0.0004, climbed=0.001, recursion=0.025, certificate=0.007)
    verdict = decided("fcn", simulated(ladder=LOOSE), simulated(ladder=LADDER, closer=closer))
    shown = flat(text([verdict], 100))
    assert "sure / gap 7 " in shown
    assert "sure / gap: in the first few trials" in shown
    assert "sure / gap" not in flat(text([VERDICTS[2]], 100))
    shown = flat(text(verdict, 130, render_points))
    for words in ("tried 0.0004", "found 0.001 x 2.5", "sure 0.007 x 7"):
        assert words in shown


def test_a_long_input_is_shown_by_its_first_numbers():
    found = {"trial": 3, "input": None, "point": [0.125] * 64}
    shown = flat(text([decided("wrong", simulated(100, 60, first_violation=found))], 140))
    assert "trial = 3, point = [0.125, 0.125, 0.125, 0.125, … 64 numbers]" in shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.000625, "0.00063"), (0.01, "0.01"), (0.0125, "0.013"), (0.00029412, "0.0003"), (6.749e-05, "6.8e-05")],
)
def test_what_a_limit_may_fail_with_is_rounded_up(value, shown):
    assert _at_most(value) == shown
    assert float(shown) >= value


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
