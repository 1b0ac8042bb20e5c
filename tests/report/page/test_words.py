"""The outcome in a sentence, verdicts in words, numbers that do not mislead."""

from __future__ import annotations

import math

import pytest

from boundcheck.report.page.tables import Column, Table, _telling, numeric, place
from boundcheck.report.page.words import listed, number, outcome, theorem_badge


def theorem(status=None, expected=1, vacuous=0, **counts):
    statuses = {name: count for name, count in counts.items() if name not in ("points", "done")}
    counts = {"points": sum(statuses.values()), "done": sum(statuses.values())} | counts
    return {"status": status, "expected": expected, "vacuous": vacuous, "counts": counts}


def data(theorems=(), **totals):
    plain = {"points": 0, "done": 0, "statuses": {}, "where": "", "record": False}
    return {"meta": {"level": "0.99"}, "theorems": list(theorems), "totals": plain | totals}


def test_the_outcome_of_a_campaign():
    statuses = {"REFUTED": 12, "CONFIRMED": 998_211, "INCONCLUSIVE": 1777}
    assert outcome(data(points=1_000_000, done=1_000_000, statuses=statuses)) == (
        "1,000,000 of 1,000,000 points: 998,211 confirmed, 1,777 inconclusive and 12 refuted, "
        "at level 0.99 for all decisions together."
    )
    assert outcome(data(points=7)) == "None of 7 points has a verdict yet."
    assert outcome(data(points=1, done=1, statuses={"CONFIRMED": 1}, where="width >= 64")) == (
        "1 point with width >= 64: 1 confirmed, at level 0.99 for all decisions together."
    )


def test_the_outcome_of_a_record_counts_theorems():
    theorems = [theorem("PROVED"), theorem("REFUTED", expected=0), theorem("CONFIRMED", expected=0)]
    assert outcome(data(theorems, record=True)) == (
        "3 theorems: 1 proved, 1 refuted as expected and 1 confirmed against expectation, "
        "at level 0.99 for all decisions together."
    )


@pytest.mark.parametrize(
    ("found", "word", "tone", "remark"),
    [
        (theorem("PROVED"), "PROVED", "good", ""),
        (theorem("CONFIRMED", vacuous=2), "CONFIRMED", "good", "vacuous at 2 points"),
        (theorem("REFUTED"), "REFUTED", "bad", ""),
        (theorem("REFUTED", expected=0), "REFUTED", "none", "as expected"),
        (theorem("CONFIRMED", expected=0), "CONFIRMED", "bad", "expected to be refuted"),
        (theorem(CONFIRMED=99, REFUTED=1), "REFUTED", "bad", "at 1 of 100 points"),
        (theorem(CONFIRMED=99, ERROR=1), "ERROR", "bad", "at 1 of 100 points"),
        (theorem(CONFIRMED=98, INCONCLUSIVE=2), "INCONCLUSIVE", "open", "at 2 of 100 points"),
        (theorem(CONFIRMED=3, points=9), "CONFIRMED", "good", "at 3 of 3 points; 6 still to be done"),
        (theorem(points=9), "NOTHING YET", "none", "none of 9 points is done"),
    ],
)
def test_a_theorem_has_the_worst_of_its_verdicts(found, word, tone, remark):
    badge = theorem_badge(found)
    assert (badge.word, badge.tone, badge.remark) == (word, tone, remark)
    assert badge.symbol


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.9999999, "0.9999999"),
        (1.0000001, "1.0000001"),
        (1.0, "1"),
        (1, "1"),
        (12345, "12,345"),
        (5e-324, "< 1e-300"),
        (math.inf, "∞"),
        ("inf", "∞"),
        (math.nan, "–"),
        (None, "–"),
        (True, "True"),
        ("d", "d"),
    ],
)
def test_numbers(value, text):
    assert number(value) == text


def test_exact_values_are_kept_beside_rounded_ones():
    assert numeric(0.123456789).exact == "0.123456789"
    assert numeric(0.5).exact == numeric(3.0).exact == numeric(7).exact == ""


def test_lists():
    assert [listed(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]


def test_columns_that_say_nothing_are_left_out():
    cells = [[numeric(1), numeric(None), numeric("s")], [numeric(2), numeric(None), numeric("s")]]
    table = _telling(Table("", [Column("a"), Column("b"), Column("Study")], cells))
    assert [column.heading for column in table.columns] == ["a"]
    assert [len(row) for row in table.rows] == [1, 1]


@pytest.mark.parametrize("parameters", ["", "null", "[1]", "{", '{"n": "4", "t": "1/5"}'])
def test_a_place_is_words_whatever_the_parameters_are(parameters):
    row = dict.fromkeys(("architecture", "activation", "weights", "pruning", "delta", "trials"))
    found = place(row | {"parameters": parameters, "seed": 0})
    assert found == ("n\u00a0=\u00a04, t\u00a0=\u00a01/5" if "n" in parameters and "{" in parameters else "")
