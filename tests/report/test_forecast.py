"""The table of what a run would do: readable at any width, with every kind of point in it."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from boundcheck.report.forecast import render_forecast


def point(
    how="simulation", target=0.05, trials=374, sequential=True, confirming=175, shares=(1, 0.0273, 0.354, 0.99999)
):
    rates = (0, 0.5, 2, 10)
    return {
        "parameters": {"d": "64"},
        "law": "uniform(-1, 1)",
        "how": how,
        "claimed_low": target,
        "claimed_high": target,
        "target_low": target,
        "target_high": target,
        "trials": trials,
        "sequential": sequential,
        "beta": 2.5e-4,
        "confirming": confirming,
        "prospects": [
            {"rate": target * rate, "confirmed": share * (rate < 1), "refuted": share * (rate > 1), "expected": 171.4}
            for rate, share in zip(rates, shares, strict=True)
        ],
    }


def theorem(name, *points, growth=False):
    return {"theorem": name, "file": None, "growth": growth, "points": list(points)}


RECORD = {
    "level": 0.99,
    "tests": 7,
    "counted": 5,
    "theorems": [
        theorem("fcn_magnitude", point(), point(shares=(1, 0.00001, 0.5, 1))),
        theorem("fixed", point(sequential=False, confirming=None)),
        theorem("deep", {**point("importance sampling", 0.3), "claimed_high": 1e-30}),
        theorem("certain", point(target=0.0) | {"prospects": []}),
        theorem("vacuous", point(target=1.5) | {"prospects": []}),
        theorem("moment", point("simulated mean", sequential=False) | {"prospects": []}),
        theorem("growing", growth=True),
        theorem("[b]proved[/b]"),
    ],
    "errors": [],
}


def text(record, width):
    stream = io.StringIO()
    render_forecast(record, Console(file=stream, width=width))
    return stream.getvalue()


@pytest.mark.parametrize("width", [80, 110, 160])
def test_every_kind_of_point_fits(width):
    output = text(RECORD, width)
    assert all(len(line) <= width for line in output.splitlines())
    flat = " ".join(output.split())
    for words in ("≤ 374", "2.73 %", "35.4 %", ">99.9 %", "<0.1 %", "100 %", "171", "rate 0.3", "1e-30"):
        assert words in flat
    assert ("175" in flat) == (width >= 100)  # in its column; below, "none" has it
    for words in ("vacuous", "certain: the first sure violation refutes", "fixed"):
        assert words in flat
    assert "8 theorems: 1 by proofs and exact laws alone, 1 on growth, 6 with trials at 7 points." in flat
    assert "All 7 decisions that rest on trials are right together with probability 0.99 or more" in flat
    assert "5 of them count violations and are decided by Holm's procedure" in flat
    assert "at 0.00025 in any case" in flat
    assert "2 have fixed limits, with 0.00143 each" in flat


def test_a_run_without_trials_says_so():
    record = {"level": 0.99, "tests": 0, "counted": 0, "theorems": [theorem("proved")], "errors": []}
    output = text(record, 110)
    assert "1 theorem: 1 by proofs and exact laws alone" in output
    assert "No decision would rest on trials." in output
