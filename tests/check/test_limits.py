"""Claims about limits: proved with their rates; wrong ones refuted as far as lower bounds go, and not proved."""

from __future__ import annotations

import pickle

import pytest
from sympy import Limit, Rational, log, oo, sqrt

from boundcheck import Status, Theorem, check, fcn, gap_bound, integer, magnitude, prune, random, real, scaled, uniform
from boundcheck.check.describe import as_record
from boundcheck.check.verify import verify_records
from boundcheck.errors import InvalidArgument, UnsupportedClaim
from boundcheck.report.record import plain, record

D = integer("d", min=1)
HALF = Rational(1, 2)
OPEN = {"exclude_min": True, "exclude_max": True}
ALPHA = real("alpha", min=0, max=1, **OPEN)
BELOW = real("alpha", min=0, max=HALF, **OPEN)
DELTA = real("delta", min=0, max=1, **OPEN)
TARGET = fcn([D, D, D, D], weights=scaled(uniform(-1, 1)))


def bound(rule, target=TARGET):
    return gap_bound(target, prune(target, rule), delta=DELTA)


def verdict(claim, **options):
    return check(Theorem(claim=claim, source="test", name="limit", **options))


TRUE = {
    "random": Limit(bound(random(alpha=ALPHA)), D, oo) <= 0,
    "magnitude": Limit(bound(magnitude(alpha=ALPHA)), D, oo) <= 0,
    "rate": Limit(bound(random(alpha=BELOW)) * D**BELOW / sqrt(log(D)), D, oo) <= 4 * sqrt(6) / 3,
    "turned round": Limit(bound(random(alpha="0.4")) * D ** Rational(39, 100), D, oo) <= 0,
    "strict": Limit(bound(random(alpha="1/2")), D, oo) < Rational(1, 10**9),
    "no bound": Limit(log(D) / D, D, oo) <= 0,
}
FALSE = {
    "a rate too fast": Limit(bound(random(alpha=BELOW)) * sqrt(D), D, oo) <= 1000,
    "a rate without its logarithm and a constant": Limit(bound(random(alpha=BELOW)) * D**BELOW, D, oo) <= 1,
    "alpha = 0, in effect": Limit(bound(random(fraction="1/10")), D, oo) <= 0,
    "strict at the limit": Limit(1 + 1 / D, D, oo) < 1,
    "magnitude as random": Limit(bound(random(alpha=ALPHA)) * D**ALPHA * D, D, oo) <= 1,
}
OPEN_CLAIMS = {
    "a smaller constant": Limit(bound(random(alpha=BELOW)) * D**BELOW / sqrt(log(D)), D, oo) <= 2,
    "no logarithm": Limit(bound(random(alpha=BELOW)) * D**BELOW, D, oo) <= 100,
}


@pytest.mark.parametrize("name", TRUE)
def test_true_claims_are_proved(name):
    found = verdict(TRUE[name])
    assert found.status is Status.PROVED
    assert "proved rules" in found.method
    assert found.certificate is None
    assert "d -> oo" in found.domain


@pytest.mark.parametrize("name", FALSE)
def test_wrong_claims_are_refuted(name):
    found = verdict(FALSE[name])
    assert found.status is Status.REFUTED
    assert "at least like" in found.counterexample["left"] or "grows" in found.counterexample["left"]


@pytest.mark.parametrize("name", OPEN_CLAIMS)
def test_what_the_rules_do_not_decide_is_left_open(name):
    assert verdict(OPEN_CLAIMS[name]).status is Status.INCONCLUSIVE


def test_a_network_of_fixed_width_does_not_improve():
    target = fcn([50, 50], weights=scaled(uniform(-1, 1)))
    fixed = gap_bound(target, prune(target, random(alpha=HALF)), delta="0.01")
    assert verdict(Limit(fixed * (1 + 1 / D), D, oo) <= Rational(1, 10)).status is Status.REFUTED
    assert verdict(Limit(fixed * (1 + 1 / D), D, oo) <= 10).status is Status.PROVED
    free = bound(random(alpha=HALF), target)
    assert verdict(Limit(free * (1 + 1 / D), D, oo) <= Rational(1, 10)).status is not Status.PROVED


def test_records_and_their_verification():
    for claim, status in ((TRUE["random"], "PROVED"), (FALSE["a rate too fast"], "REFUTED")):
        document = plain([record(verdict(claim))])
        assert document[0]["status"] == status
        [verification] = verify_records(document)
        assert verification.outcome == "nothing to verify"


def test_a_theorem_of_limits_is_described_and_pickles():
    theorem = Theorem(claim=TRUE["random"], source="test", name="vanishes")
    shown = as_record(theorem)
    assert shown["kind"] == "numbers"
    assert "Limit(epsilon, d, oo" in shown["claim"]
    assert any("T1" in line for line in shown["bound"])
    assert set(shown["parameters"]) == {"alpha", "delta"}
    again = pickle.loads(pickle.dumps(theorem))
    assert again.reading == theorem.reading


def test_bad_claims():
    bounded = integer("d", min=1, max=100)
    with pytest.raises(InvalidArgument, match="cannot tend to infinity"):
        Theorem(claim=Limit(1 / bounded, bounded, oo) <= 0, source="test").reading
    with pytest.raises(UnsupportedClaim, match="no limit at infinity"):
        Theorem(claim=Limit(1 / D, D, 0) <= 0, source="test").reading
    closed, other = real("alpha", min=0, max=1), real("beta", min=0, max=1, **OPEN)
    for claim in (
        Limit(D**-closed, D, oo) <= 0,
        Limit(D**-ALPHA + D**-other, D, oo) <= 0,
        Limit(1 / D, D, oo) >= 0,
        Limit(1 / D, D, oo) + DELTA <= 1,
    ):
        with pytest.raises(UnsupportedClaim):
            verdict(claim)
