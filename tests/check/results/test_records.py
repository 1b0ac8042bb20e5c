"""Records of real runs, in the tables of a store."""

from __future__ import annotations

import json
import math
from fractions import Fraction

import pytest
from sympy import Rational, exp, sinh

from boundcheck import (
    E,
    P,
    Theorem,
    constant,
    fcn,
    gap,
    gap_bound,
    iid,
    integer,
    magnitude,
    mean,
    normal,
    prune,
    random_matrix,
    real,
    scaled,
    spectral_norm,
    uniform,
)
from boundcheck.check.results.records import load
from boundcheck.check.results.source import Results, open_results
from boundcheck.check.run import check_all
from boundcheck.errors import InvalidArgument
from boundcheck.report.record import dump

n = integer("n", min=1, max=100)
d = integer("d", min=2, max=64)
t = real("t", min=0, max=1)
x = real("x")
delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)


def theorems():
    """A tail known exactly, one that is simulated, a proof, a refutation, a growth, a network."""
    X = iid(uniform(-1, 1), n)
    points = [{"n": 10, "t": "1/5"}, {"n": 100, "t": "1/5"}]
    A = random_matrix(normal(0, 1), d, d)
    target = fcn([4, d, 2], weights=scaled(uniform(-1, 1)), activation="relu")
    pruned = prune(target, magnitude(alpha=0.5))
    bound = gap_bound(target, pruned, delta=delta)
    return [
        Theorem(claim=P(mean(X) >= t) <= exp(-3 * n * t**2 / 2), name="holds", points=points),
        Theorem(claim=P(mean(X) >= t) <= exp(-3 * n * t**2), name="too_good", points=points),
        Theorem(claim=sinh(x) / x <= exp(x**2 / 6), name="lemma"),
        Theorem(claim=sinh(x) / x <= exp(Rational(99, 100) * x**2 / 6), name="less"),
        Theorem(claim=E(spectral_norm(A)) <= constant() * d, name="growth"),
        Theorem(claim=P(gap(target, pruned) > bound) <= delta, name="network", points=[{"d": 8, "delta": "1/10"}]),
    ]


@pytest.fixture(scope="module")
def text():
    outcome = check_all(theorems())
    assert not outcome.failures
    return dump(outcome.verdicts)


@pytest.fixture
def results(text, tmp_path):
    (tmp_path / "record.json").write_text(text, encoding="utf-8")
    with open_results(str(tmp_path / "record.json")) as found:
        yield found


def number(value):
    return None if value is None else float(value)


def test_each_tested_point_is_a_row(results, text):
    records = json.loads(text)
    rows = list(results.rows())
    assert len(rows) == sum(max(1, len(record["points"])) for record in records)
    expected = [(record, point) for record in records for point in (record["points"] or [None])]
    for row, (record, point) in zip(rows, expected, strict=True):
        assert (row["theorem"], row["study"]) == (record["theorem"], "(no file)")
        if point is None:
            assert (row["status"], row["note"]) == (record["status"], record["note"])
            assert json.loads(row["parameters"]) == (record["counterexample"] or {}).get("parameters", {})
            continue
        assert row["status"] == point.get("status", record["status"])
        assert json.loads(row["parameters"]) == point["parameters"]
        assert json.loads(row["details"])["points"] == [point]
        for name in ("limit_low", "limit_high", "observed", "beta"):
            assert row[name] == number(point[name])
        for name in ("law", "quantity", "trials", "violations", "open"):
            assert row[name] == point[name]
        values = point["parameters"]
        assert row["delta"] == (float(Fraction(values["delta"])) if "delta" in values else None)
        assert row["width"] == (int(values["d"]) if "d" in values else None)


def test_the_network_has_its_ladder(results, text):
    [point] = json.loads(text)[-1]["points"]
    [row] = [row for row in results.rows() if row["kind"] == "network"]
    ladder, closer = point["ladder"], point["closer"]
    assert (row["gap_max"], row["certificate_max"], row["bound"]) == (
        ladder["observed"],
        ladder["certificate"],
        ladder["bound"],
    )
    assert (row["attack"], row["sure"]) == (closer["climbed"], closer["certificate"])
    assert row["worst"] == ladder["observed"] / ladder["bound"] < 1


def test_worst_is_what_is_used_up(results):
    rows = {(row["theorem"], row["parameters"]): row for row in results.rows()}
    point = json.dumps({"n": "100", "t": "1/5"})
    assert rows["holds", point]["worst"] == rows["holds", point]["ratio_high"] < 1
    assert rows["too_good", point]["worst"] > 1
    assert all(row["worst"] is None for row in rows.values() if row["quantity"] in (None, "ratio"))


def test_theorems_have_what_the_record_says_of_them(results, text):
    for row, record in zip(results.theorems(), json.loads(text), strict=True):
        for name in ("theorem", "file", "claim", "status", "method", "note"):
            assert row[name] == record[name]
        assert row["expected"] == 1
        assert record["formula"]["latex"] in row["latex"]
        assert record["formula"]["mathml"] in row["mathml"]
        assert row["source"] is None
        assert row["counts"]["points"] == row["counts"]["done"] == max(1, len(record["points"]))
    assert results.meta["level"] == "0.99"
    assert results.meta["name"] == "record"


def test_the_counterexample_is_with_its_point(results, text):
    [record] = [record for record in json.loads(text) if record["theorem"] == "too_good"]
    found = [json.loads(row["details"])["counterexample"] for row in results.rows() if row["theorem"] == "too_good"]
    assert found.count(record["counterexample"]) == 1
    assert found.count(None) == len(found) - 1


def test_no_certificate_is_copied(results):
    for row in results.rows():
        assert "certificate" not in json.loads(row["details"])


def loaded(*records):
    return Results(load(records, "record.json"), "record.json")


POINT = {"parameters": {"n": "3"}, "law": None, "observed": None, "claimed": None, "beta": None}
PROVED = {"theorem": "a", "status": "PROVED", "level": 0.9, "version": "1", "points": []}


def test_infinite_numbers_are_numbers_again():
    numbers = {"quantity": "expectation", "exact": True, "ratio_low": 3.0, "ratio_high": "inf", "limit_high": "inf"}
    [row] = loaded(PROVED | {"points": [POINT | numbers]}).rows()
    assert row["ratio_high"] == row["limit_high"] == math.inf
    assert row["worst"] == 3.0


def test_theorems_of_one_name_stay_apart():
    twins = [PROVED | {"file": file} for file in ("/a/one.py", "/b/one.py", "/x/b/two.py", None, "C:\\b\\x.py")]
    rows = list(loaded(*twins).rows())
    assert [(row["study"], row["theorem"]) for row in rows] == [
        ("a", "a"),
        ("b", "a"),
        ("b", "a (2)"),
        ("(no file)", "a"),
        ("b", "a (3)"),
    ]


def test_a_name_with_a_number_of_its_own_stays_apart_too():
    rows = loaded(*(PROVED | {"theorem": name} for name in ("a", "a (2)", "a"))).rows()
    assert [row["theorem"] for row in rows] == ["a", "a (2)", "a (3)"]


def test_parameters_that_are_no_numbers_and_seeds_beyond_64_bits():
    odd = {"d": "2**70", "alpha": "sqrt(2)/2", "delta": "1/0"}
    [row] = loaded(PROVED | {"seed": 2**70, "points": [POINT | {"parameters": odd}]}).rows()
    assert (row["width"], row["alpha"], row["delta"], row["seed"]) == (None, None, None, float(2**70))
    assert json.loads(row["details"])["seed"] == 2**70


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (PROVED | {"status": "DONE"}, "no status"),
        (PROVED | {"points": [{}]}, "parameters' is missing"),
        (PROVED | {"points": [POINT | {"parameters": ["n"]}]}, "number 0 (a)"),
        (PROVED | {"points": [POINT | {"trials": "many"}]}, "no count"),
        (PROVED | {"points": [POINT | {"limit_low": "small"}]}, "no number"),
        (PROVED | {"points": [POINT | {"limit_low": True}]}, "no number"),
        (PROVED | {"points": [3]}, "number 0 (a)"),
        (PROVED | {"points": 3}, "number 0 (a)"),
        (PROVED | {"method": ["x"]}, "number 0 (a)"),
        (PROVED | {"counterexample": [1]}, "number 0 (a)"),
    ],
)
def test_a_record_of_another_form_is_refused(record, said):
    with pytest.raises(InvalidArgument, match=r"RECORD\.json") as caught:
        loaded(record)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_empty_record():
    results = loaded()
    assert (results.counts(), results.theorems(), results.planned) == ({}, [], 0)
