"""The list of results as people see it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style

from boundcheck.report.results import render_results
from boundcheck.report.results_point import render_point
from boundcheck.report.words import ALARM

ROW = {
    "point": 3,
    "study": "dense",
    "theorem": "gap_bound",
    "kind": "network",
    "architecture": "64,256,256,10",
    "pruning": "magnitude:alpha=0.5",
    "parameters": '{"delta": "1/100"}',
    "seed": 0,
    "weights": "uniform:1",
    "activation": "relu",
    "law": "each uniform(-1, 1)",
    "status": "CONFIRMED",
    "vacuous": 0,
    "worst": 0.0625,
    "claimed_high": 0.01,
    "limit_high": 0.0093,
    "trials": 1000,
    "exact": 0,
}
TAIL = ROW | {
    "point": 4,
    "study": "tails",
    "theorem": "hoeffding",
    "kind": "sample",
    "architecture": None,
    "pruning": None,
    "parameters": '{"n": "64", "t": "1/10"}',
    "law": "bernoulli(1/2)",
    "status": "REFUTED",
    "worst": float("inf"),
    "claimed_high": 1e-310,
    "limit_high": None,
    "trials": None,
    "exact": 1,
    "seed": 7,
}


def listing(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    statuses: dict[str, int] = {}
    for row in rows:
        statuses[row["status"]] = statuses.get(row["status"], 0) + 1
    return {
        "name": "sweep",
        "level": "0.99",
        "version": "0.7.0",
        "planned": 10,
        "done": len(rows),
        "statuses": statuses,
        "matching": len(rows),
        "worst": None,
        "unexpected": sum(row["status"] in ("REFUTED", "SCALING BROKEN") for row in rows),
        "refuted_expected": [],
        "rows": list(rows),
        "columns": None,
    } | more


def shown(data: dict[str, Any], width: int, render: Any = render_results) -> str:
    console = Console(file=io.StringIO(), width=width, record=True, force_terminal=False)
    render(data, console)
    return console.export_text()


@pytest.mark.parametrize("width", [80, 100, 140])
def test_a_line_has_what_tells_points_apart_at_any_width(width):
    text = shown(listing(ROW, TAIL), width)
    words = " ".join(text.split())
    for part in ("dense/gap_bound", "64,256,256,10", "magnitude:alpha=0.5", "delta=1/100", "CONFIRMED", "0.0625"):
        assert part in words
    for part in ("tails/hoeffding", "n=64 t=1/10", "seed=7", "REFUTED!", ">1e300"):
        assert part in words
    assert max(map(len, text.splitlines())) <= width


def test_what_is_not_the_default_is_shown():
    text = shown(listing(ROW, ROW | {"weights": "normal:2", "activation": "tanh"}), 140)
    assert text.count("weights=normal:2 activation=tanh") == 1
    assert "relu" not in text


def test_numbers_have_columns_of_their_own_where_there_is_room():
    wide, narrow = (shown(listing(ROW, TAIL), width) for width in (120, 80))
    assert "Claimed" in wide
    assert "0.0093" in wide
    assert "exact" in wide
    assert "<1e-300" in wide
    assert "0.0093" not in narrow


def test_the_summary_says_how_far_it_is_and_where_it_is_worst():
    text = " ".join(shown(listing(ROW, TAIL, worst=TAIL | {"worst": "inf"}, matching=1_000_000), 140).split())
    assert "sweep: 2 of 10 points done (20 %): 1 confirmed, 1 refuted. Level 0.99" in text
    assert "Most of a claim is used up: >1e300 at point 4, tails/hoeffding, n=64 t=1/10 seed=7" in text
    assert "2 of 1,000,000 rows; --limit 0 for all" in text


def alarms(data: dict[str, Any]) -> str:
    """What is printed in the style of an alarm."""
    console = Console(file=io.StringIO(), width=120, record=True, force_terminal=True, color_system="standard")
    code = Style.parse(ALARM).render("|", color_system=ColorSystem.STANDARD).partition("|")[0]
    render_results(data, console)
    found = console.export_text(styles=True).split(code)[1:]
    return " ".join(part.partition("\x1b")[0].strip() for part in found)


def test_a_refutation_is_an_alarm_unless_it_is_expected():
    assert alarms(listing(ROW)) == ""
    assert alarms(listing(ROW, TAIL)) == "1 refuted REFUTED!"
    expected = listing(ROW, TAIL, refuted_expected=[["tails", "hoeffding"]], unexpected=0)
    assert alarms(expected) == ""
    assert "REFUTED as expected" in shown(expected, 140)
    other = listing(TAIL, ROW | {"status": "REFUTED"}, refuted_expected=[["tails", "hoeffding"]], unexpected=1)
    assert alarms(other) == "; 1 refuted where it should not be REFUTED!"


def test_vacuous_errors_and_unknown_numbers_are_shown():
    text = shown(listing(ROW | {"vacuous": 1, "status": "ERROR", "worst": None, "trials": None}), 120)
    assert "vacuous" in text
    assert "ERROR" in text
    assert " - " in text


def test_columns_of_ones_own():
    rows = [{"worst": row["worst"], "status": row["status"], "parameters": row["parameters"]} for row in (ROW, TAIL)]
    text = shown(listing(ROW, TAIL) | {"rows": rows, "columns": ["worst", "status", "parameters"]}, 80)
    assert "n = 64, t = 1/10" in text
    assert "0.0625" in text
    assert "Used up:" not in text


def test_no_rows():
    assert "no point has a verdict yet" in shown(listing(), 80)
    assert "no row matches" in shown(listing(ROW) | {"rows": []}, 80)


POINT = {
    "id": 3,
    "study": "dense",
    "theorem": "gap_bound",
    "kind": "network",
    "concluded": 1,
    "spec": {"fcn": "64,256,256,10", "prune": "magnitude:alpha=0.5"},
    "about": {"claim": "P(gap > bound) <= delta", "expected": 1, "source": None, "file": None},
    "verdict": {"status": "REFUTED", "vacuous": 0, "worst": 1.5, "details": {"counterexample": {"trial": 17}}},
    "measured": [
        {
            "batch": 0,
            "start": 0,
            "trials": 500,
            "violations": 3,
            "open": 0,
            "seconds": 0.25,
            "worker": "host:1",
            "finished": "2026-01-01",
        }
    ],
    "reproduce": {"command": "boundcheck bound --fcn 64,256,256,10", "python": "run_batch({})\n" + "x" * 200},
}


@pytest.mark.parametrize("width", [80, 140])
def test_a_point_has_everything(width):
    text = shown(POINT, width, render_point)
    for part in ("REFUTED!", "P(gap > bound) <= delta", "1.5", "17", "0 to 499", "host:1", "fcn"):
        assert part in text
    assert "boundcheck bound --fcn 64,256,256,10" in text
    assert "x" * 200 in text  # a line to be copied is not broken


def test_a_point_without_a_verdict():
    text = shown(POINT | {"verdict": None, "measured": [], "reproduce": {}, "about": None}, 80, render_point)
    assert "no verdict yet" in text
    assert "Batches" not in text
