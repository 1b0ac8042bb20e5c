"""What a report says: counts that add up, the worst first, what is wrong, and nothing of what is false on purpose."""

from __future__ import annotations

import json
import sqlite3

import pytest
from synthetic_store import synthetic_store

from boundcheck.check.results.contents import PROBLEMS, WORST, contents, in_words
from boundcheck.check.results.filters import Filter
from boundcheck.check.results.source import open_results
from boundcheck.report.page.latex_text import safe_formula as latex
from boundcheck.report.page.mathml import safe_formula as mathml


@pytest.fixture(scope="module", name="store")
def made_up(tmp_path_factory):
    return str(synthetic_store(tmp_path_factory.mktemp("store") / "made-up.db", 2000))


def of(path, *conditions, **options):
    with open_results(str(path)) as results:
        return contents(results, Filter.of(conditions), **options)


def test_the_counts_are_those_of_plain_sql(store):
    data = of(store)
    rows = sqlite3.connect(store).execute("SELECT status, count(*) FROM verdicts GROUP BY status").fetchall()
    assert data["totals"]["statuses"] == dict(rows)
    assert data["totals"]["points"] == data["totals"]["done"] == 2000
    assert not data["totals"]["record"]
    assert [theorem["theorem"] for theorem in data["theorems"]] == ["gap_bound", "hoeffding"]
    assert data["title"] == "made-up"
    assert of(store, title="Mine")["title"] == "Mine"
    json.dumps(data, allow_nan=False)


def test_the_same_results_have_the_same_contents(store):
    assert of(store) == of(store)


def test_the_worst_points_come_first(store):
    rows = of(store)["worst"]
    [[worst]] = sqlite3.connect(store).execute("SELECT max(worst) FROM verdicts").fetchall()
    assert len(rows) == WORST
    assert rows[0]["worst"] == worst
    assert [row["worst"] for row in rows] == sorted((row["worst"] for row in rows), reverse=True)


def test_what_is_wrong_is_shown_up_to_a_number_and_counted_beyond(tmp_path):
    store = synthetic_store(tmp_path / "many.db", 2000)
    connection = sqlite3.connect(store)
    connection.execute("UPDATE verdicts SET status = 'INCONCLUSIVE' WHERE point % 2 = 0")
    connection.execute("UPDATE verdicts SET status = 'ERROR' WHERE point IN (9, 19)")
    connection.commit()
    found = of(store)["problems"]
    counts = dict(connection.execute("SELECT status, count(*) FROM verdicts GROUP BY status"))
    shown = [row["status"] for row in found["rows"]]
    assert shown.count("INCONCLUSIVE") == PROBLEMS["INCONCLUSIVE"]
    assert shown.count("ERROR") == 2
    assert shown.count("REFUTED") == counts["REFUTED"]
    assert len(shown) + found["left_out"] == sum(counts[status] for status in ("INCONCLUSIVE", "ERROR", "REFUTED"))
    assert sum(PROBLEMS.values()) <= 200


def test_the_ladder_is_of_the_tightest_point_of_each_rule(store):
    rows = of(store)["ladder"]
    assert {row["rule"] for row in rows} == {"magnitude", "random"}
    for row in rows:
        query = "SELECT max(worst) FROM results WHERE rule = ?"
        [[worst]] = sqlite3.connect(store).execute(query, [row["rule"]]).fetchall()
        assert row["gap"] / row["bound"] == pytest.approx(worst)
        assert row["least"] <= row["bound"] / row["gap"] <= row["most"]


def test_only_the_points_that_are_asked_for(store):
    data = of(store, "rule=random", "width>=256")
    query = "SELECT count(*) FROM results WHERE rule = 'random' AND width >= 256"
    assert data["totals"]["done"] == sqlite3.connect(store).execute(query).fetchone()[0]
    assert data["totals"]["where"] == "rule = random and width >= 256"
    assert [theorem["theorem"] for theorem in data["theorems"]] == ["gap_bound"]
    assert {row["rule"] for row in data["worst"] + data["ladder"] + data["problems"]["rows"]} == {"random"}
    assert of(store, "width=7")["totals"]["done"] == 0


def test_conditions_in_words():
    assert in_words(Filter()) == ""
    assert (
        in_words(Filter.of(["worst!=null", "delta=1/10"], ["ERROR"]))
        == "status = ERROR and worst != null and delta = 0.1"
    )


def test_an_unfinished_campaign_says_how_much_is_missing(tmp_path):
    totals = of(synthetic_store(tmp_path / "half.db", 100, concluded=0.4))["totals"]
    assert (totals["points"], totals["done"], totals["unfinished"]) == (100, 40, 60)
    some = of(tmp_path / "half.db", "rule=random")["totals"]
    assert (some["points"], some["unfinished"]) == (100, 60)
    assert some["done"] < 40
    data = of(synthetic_store(tmp_path / "none.db", 10, concluded=0.0))
    assert (data["totals"]["done"], data["worst"], data["ladder"], data["problems"]["rows"]) == (0, [], [], [])


def point(ratio, status):
    plain = {"law": "normal(0, 1)", "quantity": "probability", "parameters": {"t": "1"}, "beta": None, "trials": 0}
    sides = {"claimed": 0.5, "observed": ratio / 2, "limit_low": ratio / 2, "limit_high": ratio / 2}
    more = {"ratio_low": ratio, "ratio_high": ratio, "exact": True, "violations": 0, "open": 0, "status": status}
    return plain | sides | more


def verdict(name, status, ratio, *, refutation_expected=False, counterexample=None):
    file = f"proofs/{'refuted' if refutation_expected else 'scalar'}/{name}.py"
    run = {"level": 0.95, "seed": 3, "version": "0.7.0", "method": "exact law", "note": "why", "vacuous": False}
    about = {
        "theorem": name,
        "file": file,
        "claim": "P(X >= t) <= 1/2",
        "status": status,
        "points": [point(ratio, status)],
    }
    return run | about | {"refutation_expected": refutation_expected, "counterexample": counterexample}


def test_what_is_false_on_purpose_is_neither_wrong_nor_worst(tmp_path):
    command = "boundcheck check proofs/scalar/bad.py::bad --seed 3"
    found = {"parameters": {"t": "1"}, "law": "normal(0, 1)", "reproduce": command}
    records = [
        verdict("good", "CONFIRMED", 0.9),
        verdict("bad", "REFUTED", 1.5, counterexample=found),
        verdict("false_on_purpose", "REFUTED", 9.0, refutation_expected=True),
    ]
    path = tmp_path / "record.json"
    path.write_text(json.dumps(records))
    data = of(path)
    assert data["totals"]["record"]
    assert [row["theorem"] for row in data["problems"]["rows"]] == ["bad"]
    assert [row["theorem"] for row in data["worst"]] == ["bad", "good"]
    assert data["problems"]["rows"][0]["reproduce"] == command
    assert data["facts"]["Level"] == "0.95"
    assert data["reproduce"][0]["command"] == (
        "boundcheck check proofs/scalar/good.py proofs/scalar/bad.py proofs/refuted/false_on_purpose.py "
        "--level 0.95 --seed 3 --json"
    )


def test_formulas_of_a_record_come_with_their_setting(tmp_path):
    about = {"domain": "t in [0, ∞)", "random": {"X": "iid(normal(0, 1), n) & more"}}
    formula = {"latex": r"P \leq \delta_{1}", "mathml": "<mi>P</mi>"}
    path = tmp_path / "record.json"
    path.write_text(json.dumps([verdict("good", "CONFIRMED", 0.9) | about | {"formula": formula}]))
    [theorem] = of(path)["theorems"]
    found = mathml(theorem["mathml"], "")
    assert found.setting == "For all t in [0, ∞), and X = iid(normal(0, 1), n) &amp; more:"
    assert found.claim == '<math display="block" alttext=""><mi>P</mi></math>'
    setting, claim = latex(theorem["latex"])
    assert setting == r"For all t in [0, \ensuremath{\infty}), and X = iid(normal(0, 1), n) \& more:"
    assert claim == r"P \leq \delta_{1}"
