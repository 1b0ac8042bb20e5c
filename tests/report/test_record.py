"""The JSON record: the promised keys and types, strictly valid, nothing lost."""

from __future__ import annotations

import json
import math
from fractions import Fraction

import numpy as np
import pytest

from boundcheck.report.record import dump, record
from boundcheck.verdict.analytic import decide_analytic
from boundcheck.verdict.decide import Verdict, decide
from boundcheck.verdict.evidence import CloserTrials, Ladder, PointEvidence
from boundcheck.verdict.point import Status
from boundcheck.verdict.scaling import decide_scaling

NUMBER = (int, float)
VERDICT = {
    "theorem": str,
    "file": (str, type(None)),
    "status": str,
    "vacuous": bool,
    "level": float,
    "seed": int,
    "device": (str, type(None)),
    "precision": (str, type(None)),
    "seconds": NUMBER,
    "version": str,
    "method": str,
    "claim": str,
    "formula": (dict, type(None)),
    "random": dict,
    "domain": (str, type(None)),
    "points": list,
    "scaling": (dict, type(None)),
    "counterexample": (dict, type(None)),
    "certificate": (dict, type(None)),
    "ablations": (list, type(None)),
    "refutation_expected": bool,
    "as_expected": bool,
    "note": str,
}
POINT = {
    "parameters": dict,
    "law": (str, type(None)),
    "status": str,
    "quantity": str,
    "claimed": NUMBER,
    "claimed_low": NUMBER,
    "claimed_high": NUMBER,
    "claimed_exact": (str, type(None)),
    "observed": (*NUMBER, type(None)),
    "observed_exact": (str, type(None)),
    "exact": bool,
    "ratio_low": (*NUMBER, type(None)),
    "ratio_high": (*NUMBER, type(None)),
    "limit_low": NUMBER,
    "limit_high": NUMBER,
    "beta": (float, type(None)),
    "trials": int,
    "violations": int,
    "open": int,
    "sequential": bool,
    "estimated": int,
    "scale_low": NUMBER,
    "scale_high": NUMBER,
    "relative_low": (*NUMBER, type(None)),
    "relative_high": (*NUMBER, type(None)),
    "needed": (int, type(None)),
    "bound": (str, type(None)),
    "ladder": (dict, type(None)),
    "closer": (dict, type(None)),
    "vacuous": bool,
    "seed": (int, type(None)),
    "first_violation": (dict, type(None)),
    "reason": str,
}


def point(**more) -> PointEvidence:
    defaults = {"parameters": {"alpha": "1/2"}, "law": None, "claimed_low": 0.01, "claimed_high": 0.01}
    return PointEvidence(**(defaults | more))


def verdict(*evidence: PointEvidence) -> Verdict:
    return decide(
        theorem="fcn[a]",
        file="proofs/pruning/fcn.py",
        evidence=evidence,
        beta=0.001,
        level=0.99,
        seed=2**63,
        seconds=0.25,
        version="0.1.0",
    )


EVIDENCE = [
    point(
        trials=1000,
        violations=500,
        open=3,
        seed=1,
        first_violation={"trial": np.int64(4), "gap": np.float64(0.5)},
    ),
    point(trials=np.int64(20), violations=np.int64(0), law="normal(0, 1)", claimed_exact="1/100", bound="1/3"),
    point(tail_low=0.001, tail_high=0.002, ladder=Ladder(observed=0.0, certificate=0.0, bound=math.inf)),
    point(trials=90, violations=9, scale_low=1e-320, scale_high=1e-319, relative_low=0.5, relative_high=0.6),
    point(quantity="expectation", claimed_low=-2.0, claimed_high=-1.0, tail_low=-4.0, tail_high=-3.0),
    point(quantity="expectation", claimed_low=1.0, claimed_high=1.0, tail_low=0.5, tail_high=0.75, estimated=400),
    point(),
    point(claimed_low=math.inf, claimed_high=math.inf),
]


def refuse(token: str) -> None:
    raise AssertionError(f"{token} is not JSON")


def test_dump_is_strict_json_with_the_promised_keys_and_types():
    document = json.loads(dump([verdict(*EVIDENCE), verdict()]), parse_constant=refuse)
    assert [item["theorem"] for item in document] == ["fcn[a]", "fcn[a]"]
    assert document[0] == record(verdict(*EVIDENCE))
    for item in document:
        assert list(item) == list(VERDICT)
        for key, kind in VERDICT.items():
            assert isinstance(item[key], kind), key
        assert item["status"] in [str(status) for status in Status]
    for item in document[0]["points"][:-1]:
        assert list(item) == list(POINT)
        for key, kind in POINT.items():
            assert isinstance(item[key], kind), key


def test_values_survive_the_round_trip():
    document = json.loads(dump([verdict(*EVIDENCE)]))[0]
    assert document["seed"] == 2**63
    assert document["status"] == "REFUTED"
    assert not document["as_expected"]
    first, second, third, *_ = document["points"]
    assert first["observed"] == 0.5
    assert first["observed_exact"] == "500/1000"
    assert first["first_violation"] == {"trial": 4, "gap": 0.5}
    assert document["counterexample"]["first_violation"] == {"trial": 4, "gap": 0.5}
    assert document["counterexample"]["parameters"] == {"alpha": "1/2"}
    assert (second["claimed_exact"], second["bound"], second["trials"]) == ("1/100", "1/3", 20)
    assert third["limit_low"] == 0.001
    assert third["limit_high"] == 0.002


def test_what_json_lacks_becomes_null_or_a_string():
    points = json.loads(dump([verdict(*EVIDENCE)]))[0]["points"]
    assert points[2]["ladder"] == {
        "observed": 0.0,
        "certificate": 0.0,
        "bound": "inf",
        "recursion_ratio": None,
        "concentration_ratio": "inf",
    }
    assert points[7]["claimed"] == "inf"


def test_a_closer_look_has_its_ratios():
    closer = CloserTrials(trials=4, sampled=0.5, climbed=1.0, recursion=20.0, certificate=8.0)
    [found] = json.loads(dump([verdict(point(trials=10, closer=closer))]))[0]["points"]
    assert found["closer"] == {
        "trials": 4,
        "sampled": 0.5,
        "climbed": 1.0,
        "recursion": 20.0,
        "certificate": 8.0,
        "gain": 2.0,
        "ratio": 8.0,
    }


def test_tilted_trials_and_expectations_keep_their_numbers():
    points = json.loads(dump([verdict(*EVIDENCE)]))[0]["points"]
    assert [item["quantity"] for item in points[3:5]] == ["probability", "expectation"]
    assert (points[3]["scale_low"], points[3]["relative_high"]) == (1e-320, 0.6)
    assert points[3]["ratio_low"] < 0.2 < points[3]["ratio_high"]
    assert (points[4]["claimed"], points[4]["limit_low"], points[4]["observed"]) == (-1.5, -4.0, -3.5)
    assert [item["estimated"] for item in points] == [0, 0, 0, 0, 0, 400, 0, 0]


COMMON = {"file": None, "level": 0.99, "seed": 0, "seconds": 0.5, "version": "0"}


def test_an_unmeasured_expectation_has_infinite_limits():
    [item] = json.loads(dump([verdict(point(quantity="expectation"))]), parse_constant=refuse)[0]["points"]
    assert (item["limit_low"], item["limit_high"], item["observed"]) == ("-inf", "inf", None)


def test_certificate_and_domain_of_a_claim_about_numbers():
    certificate = {"box": [Fraction(1, 3), math.inf], "children": ({"rule": "sign"},), "big": 2**200}
    proved = decide_analytic(
        theorem="t", outcome="proved", summary="ball arithmetic", domain="x >= 0", certificate=certificate, **COMMON
    )
    [item] = json.loads(dump([proved]), parse_constant=refuse)
    assert list(item) == list(VERDICT)
    assert (item["status"], item["domain"], item["points"]) == ("PROVED", "x >= 0", [])
    assert item["certificate"] == {"box": ["1/3", "inf"], "children": [{"rule": "sign"}], "big": 2**200}


def test_points_of_a_scaling_claim_have_the_stable_keys():
    ratios = [({"d": "4"}, 0.5, 0.75), ({"d": "8"}, 0.5, math.inf)]
    observed = decide_scaling(theorem="t", ratios=ratios, growth=(-math.inf, 0.01), tolerance=0.05, beta=1e-3, **COMMON)
    [item] = json.loads(dump([observed]), parse_constant=refuse)
    assert list(item) == list(VERDICT)
    assert (item["status"], item["as_expected"]) == ("SCALING OBSERVED", True)
    assert item["scaling"] == {"growth_low": "-inf", "growth_high": 0.01, "tolerance": 0.05}
    first, last = item["points"]
    stable = {"parameters", "law", "claimed", "observed", "limit_low", "limit_high", "trials", "violations", "open"}
    assert stable <= set(first)
    assert (first["parameters"], first["observed"]) == ({"d": "4"}, 0.625)
    assert (last["limit_low"], last["limit_high"]) == (0.5, "inf")


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Fraction(1, 3), "1/3"),
        (np.array([1.5, math.nan]), [1.5, None]),
        ((1, Status.PROVED), [1, "PROVED"]),
        (np.bool_(True), True),
        ({"x": {1: None}}, {"x": {"1": None}}),
        (10**30, 10**30),
    ],
)
def test_odd_values_in_a_first_violation(value, plain):
    found = verdict(point(trials=10, violations=10, first_violation={"it": value}))
    assert json.loads(dump([found]))[0]["counterexample"]["first_violation"]["it"] == plain
