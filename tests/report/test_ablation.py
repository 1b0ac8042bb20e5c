"""The table of dropped hypotheses and its record."""

import io
import json

import pytest
from rich.console import Console

from boundcheck.report.ablation import render_ablations
from boundcheck.report.record import dump, record
from boundcheck.verdict.ablation import CONTROL, Ablation, Counted, Finding, ablation_of_counts, not_tried
from boundcheck.verdict.decide import Verdict
from boundcheck.verdict.point import Status


def counted(violations, largest=1.0, claimed=0.05, d="8"):
    example = {"trial": 4, "gap": 2.5, "bound": 1.0} if violations else None
    return Counted(
        parameters={"d": d}, law="uniform(-1, 1)", claimed=claimed, trials=100, violations=violations, largest=largest,
        example=example,
    )  # fmt: skip


def verdict(*items):
    return Verdict(
        theorem="pruning", file="a.py", status=Status.CONFIRMED, vacuous=False, level=0.99, seed=0, seconds=1.0,
        version="0", method="m", note="n", ablations=items,
    )  # fmt: skip


CONTROL_ITEM = ablation_of_counts(CONTROL, "the theorem as it stands", [counted(0, 0.01)], 1e-4)
NEEDED = ablation_of_counts(
    "independent weights", "one draw a layer", [counted(0, 0.5), counted(97, 9.5, d="16")], 1e-4
)
NOT_FOUND = ablation_of_counts("symmetric weights", "|w|", [counted(3, 1.5), counted(2, 1.7, d="16")], 1e-4)


def shown(*verdicts, width=110):
    console = Console(width=width, file=io.StringIO())
    render_ablations(verdicts, console)
    return console.file.getvalue()


def test_a_violation_decides_only_where_its_limit_exceeds_the_claim():
    assert NEEDED.status is Finding.NEEDED
    assert NEEDED.parameters == {"d": "16"}
    assert NEEDED.limit_low > 0.05
    assert NOT_FOUND.status is Finding.NOT_FOUND
    # Of the points without a decision, the one whose limit comes closest.
    assert NOT_FOUND.parameters == {"d": "8"}
    assert 0 < NOT_FOUND.limit_low < 0.05


def test_the_table_says_what_was_seen():
    text = shown(verdict(CONTROL_ITEM, NEEDED, NOT_FOUND, not_tried("words", "it is stated in words")))
    for words in ("pruning", "needed", "no violation found", "not tried", "it is stated in words", "at d = 16", "0.97"):
        assert words in text
    assert "does not say that it is not needed" in " ".join(text.split())
    assert "0.99" in text
    assert max(map(len, text.splitlines())) <= 110


@pytest.mark.parametrize("width", [60, 80, 140])
def test_other_widths(width):
    text = shown(verdict(CONTROL_ITEM, NEEDED), width=width)
    assert max(map(len, text.splitlines())) <= width
    assert "0.97" in text


def test_a_violated_control_is_loud():
    broken = ablation_of_counts(CONTROL, "the theorem as it stands", [counted(99, 3.0)], 1e-4)
    assert "violated" in shown(verdict(broken)).split("Trials")[1]


def test_nothing_dropped():
    assert "No hypothesis was dropped" in shown(verdict())


def test_the_record():
    item, *_ = record(verdict(NEEDED))["ablations"]
    assert item["hypothesis"] == "independent weights"
    assert item["alternative"] == "one draw a layer"
    assert item["status"] == "needed"
    assert (item["claimed"], item["observed"], item["trials"], item["violations"]) == (0.05, 0.97, 100, 97)
    assert item["example"] == {"trial": 4, "gap": 2.5, "bound": 1.0}
    assert item["limit_low"] > 0.05
    assert record(verdict())["ablations"] is None
    infinite = Ablation(hypothesis="h", alternative="a", status=Finding.NEEDED, largest=float("inf"))
    assert json.loads(dump([verdict(infinite)]))[0]["ablations"][0]["largest"] == "inf"
