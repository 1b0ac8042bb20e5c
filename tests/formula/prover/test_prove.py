"""True and tight claims are proved with certificates that verify; slightly wrong ones are refuted at exact points."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Abs, Integer, Le, Max, Min, Rational, S, cbrt, cos, exp, log, pi, sin, sqrt

from boundcheck.errors import InvalidArgument
from boundcheck.formula.prover import Proved, Refuted, Undecided, prove
from boundcheck.formula.rigorous import compare
from boundcheck.formula.verify import verify_certificate
from boundcheck.statement.domain import integer, real

_spec = importlib.util.spec_from_file_location("prover_claims", Path(__file__).with_name("claims.py"))
assert _spec is not None
assert _spec.loader is not None
claims = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(claims)


HALF = Rational(1, 2)


@pytest.mark.parametrize("name", claims.TRUE)
def test_a_true_claim_is_proved_and_its_certificate_verifies(name):
    claim, conditions = claims.TRUE[name]
    result = prove(claim, conditions)
    assert isinstance(result, Proved), result
    assert verify_certificate(json.loads(json.dumps(result.certificate))) == []


@pytest.mark.parametrize("name", claims.FALSE)
def test_a_claim_that_is_slightly_wrong_is_refuted(name):
    claim, conditions = claims.FALSE[name]
    result = prove(claim, conditions)
    assert isinstance(result, Refuted), result
    assert all(value.is_Rational and value in p.domain for p, value in result.point.items())
    for condition in conditions:
        assert condition.xreplace(result.point) is S.true
    sign = compare(claim.lhs, claim.rhs, result.point)
    assert sign == (-1 if claim.rel_op == ">=" else 0 if claim.rel_op == "<" else 1)


@pytest.mark.parametrize(
    "claim",
    [
        sqrt(real("x", min=-1, max=1)) <= 2,
        log(real("x", min=-2, max=1)) <= 1,
        log(log(real("x", min=0, exclude_min=True))) <= real("x", min=0, exclude_min=True),
    ],
)
def test_a_side_that_is_undefined_on_a_part_is_named_with_a_point(claim):
    result = prove(claim)
    assert isinstance(result, Undecided)
    assert "undefined on a part of the domain: x = " in result.reason


def test_a_side_defined_at_an_isolated_point_alone_is_not_proved():
    assert isinstance(prove(sqrt(-(real("x") ** 2)) <= 1), Undecided)


def test_cancelling_does_not_hide_that_a_side_is_undefined():
    x = real("x", min=-1, max=1)
    assert isinstance(prove(Le(log(x), log(x) + 1, evaluate=False)), Undecided)


def test_what_is_beyond_the_prover_says_so():
    claim, _ = claims.TRUE["kearns saul"]
    result = prove(claim, effort=5)
    assert isinstance(result, Undecided)
    assert "within 5 steps" in result.reason


def test_a_constant_that_is_not_seen_to_be_0_is_left_open():
    assert isinstance(prove(Le(cbrt(2 + sqrt(5)), (1 + sqrt(5)) / 2, evaluate=False)), Undecided)


x, n = claims.x, claims.n


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        (1 / Max(x, 0) >= 0, "not known to be defined"),
        (Le(log(Max(x, 0)), x - 1), "not known to be defined"),
        (Max(1 / Max(x, 0), 2) >= 2, r"not defined where Max\(0, x\) is 0"),
        (1 / ((x + 1) ** 2 - x**2 - 2 * x - 1) <= 1, "not known to be defined"),
        (Max(2, n) ** (10**9) >= n, "cannot be written out"),
        (x**1000 + 1 >= x**999, "no proof"),
        (sin(x) ** 200 + cos(x) ** 200 <= 1, "no proof"),
        (real("z", min=0, max=0) * x <= 0, "one value only"),
        (claims.entropy(claims.p) <= log(2) * (4 * claims.p * (1 - claims.p)) ** Rational(7, 10), "no proof"),
    ],
)
def test_what_the_rules_do_not_reach_is_left_open(claim, reason):
    result = prove(claim, effort=50)
    assert isinstance(result, Undecided)
    assert re.search(reason, result.reason)


def test_powers_of_any_height_are_enclosed():
    for power in (10**9, 10**30, Rational(1, 10**9), Rational(1, 10**30)):
        claim, conditions = (x**power <= 2, [x <= 1, x >= 0])
        assert isinstance(prove(claim, conditions), Proved)


def test_a_root_of_what_cancels_is_0():
    nothing = (x + 1) ** 2 - x**2 - 2 * x - 1
    assert isinstance(prove(Le(1, sqrt(nothing), evaluate=False)), Refuted)
    assert not isinstance(prove(Le(log(nothing), 0, evaluate=False)), Proved)


@pytest.mark.parametrize("relation", [x <= 10**4000, real("y", min=10**4000) >= x, 10**4000 * x <= exp(x)])
def test_a_number_too_long_to_print_is_refused(relation):
    with pytest.raises(InvalidArgument, match="more than 4,000 digits"):
        prove(relation)
    with pytest.raises(InvalidArgument, match="more than 4,000 digits"):
        prove(x <= 1, [relation])


def test_a_counterexample_under_an_irrational_bound_is_rational():
    result = prove(claims.t <= 3, [claims.t <= pi])
    assert isinstance(result, Refuted)
    [value] = result.point.values()
    assert value.is_Rational
    assert 3 < value <= pi


def _product(certificate):
    [leaf] = certificate["leaves"]
    assert leaf["proof"]["rule"] == "product"
    return leaf["proof"]


def _negated(proof):
    return proof | {"goal": ["Mul", ["Rational", "-1", "1"], proof["goal"]]}


PLANTED = {
    "one factor is not proved": lambda proof: {"children": proof["children"][:1]},
    "one factor twice": lambda proof: {"children": [proof["children"][0]] * 2},
    "the other sign": lambda proof: {"multiplier": ["Rational", "-1", "1"]},
    "another multiplier": lambda proof: {"multiplier": ["Rational", "2", "1"]},
    "one factor negated": lambda proof: {"children": [_negated(proof["children"][0]), proof["children"][1]]},
    "both factors negated": lambda proof: {"children": [_negated(child) for child in proof["children"]]},
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_product_needs_every_factor_with_its_sign(name):
    claim, _ = claims.TRUE["product"]
    result = prove(claim)
    assert isinstance(result, Proved)
    certificate = json.loads(json.dumps(result.certificate))
    proof = _product(certificate)
    assert len(proof["children"]) == 2
    proof |= PLANTED[name](proof)
    assert verify_certificate(certificate)


def test_too_many_kinks_are_left_open():
    xs = [real(f"x{i}") for i in range(8)]
    result = prove(sum(map(Abs, xs)) <= 2 + sum(x**2 for x in xs), effort=1)
    assert isinstance(result, Undecided)
    assert "more than 6 kinks" in result.reason


def test_a_kink_that_is_not_defined_everywhere_is_left_open():
    x = real("x", min=-1, max=1)
    for side in (Abs(log(x)), Max(sqrt(x), x)):
        result = prove(Le(-1, side, evaluate=False))
        assert isinstance(result, Undecided)
        assert "undefined on a part of the domain: x = " in result.reason


def test_a_condition_that_leaves_nothing_is_named():
    x = real("x", min=0, max=1)
    result = prove(x**2 <= 5, [x <= HALF, x >= 2])
    assert isinstance(result, Undecided)
    assert result.emptied_by == (x >= 2)
    assert isinstance(prove(x**2 <= 5, [x >= HALF, x <= HALF]), Proved)  # one point is left


def test_strict_inequality_with_a_margin_is_proved_and_one_with_equality_is_not():
    x = real("x", min=0, max=1)
    result = prove(sin(x) < 1)
    assert isinstance(result, Proved)
    assert verify_certificate(result.certificate) == []
    assert not isinstance(prove(exp(-x) > 1 - x), Proved)


def test_a_counterexample_between_integers_does_not_count():
    k = integer("k", min=0)
    result = prove((k - 3) * (k - 4) >= 0)
    assert isinstance(result, Proved)
    assert verify_certificate(result.certificate) == []
    assert isinstance(prove((k - 3) * (k - 5) >= 0), Refuted)


def test_a_finite_set_of_integers_is_enumerated():
    k = integer("k", min=2, max=9)
    assert isinstance(prove(k**2 - 19 * k + 90 >= 0), Proved)
    assert isinstance(prove(k**2 - 18 * k + 80 >= 0), Refuted)


def test_ends_that_are_excluded_do_not_refute():
    x = real("x", min=0, max=1, exclude_min=True)
    result = prove(1 / x >= 1)
    assert isinstance(result, Proved)


def test_conditions_that_leave_nothing_are_not_proved():
    x = real("x", min=0)
    assert isinstance(prove(x >= 5, [Le(x, -1, evaluate=False)]), Undecided)


def test_a_condition_that_bounds_nothing_at_an_edge_is_not_taken_for_a_bound():
    t, v = real("t", min=0, max=10), real("v", min=0, max=1)
    # At v = 0 the condition allows every t.
    assert not isinstance(prove(t <= 1, [v * (1 - t) >= 0], effort=60), Proved)


def test_a_float_is_the_decimal_that_it_prints_as():
    x = real("x")
    assert isinstance(prove(x * (1 - x) <= 0.25), Proved)
    assert isinstance(prove(x * (1 - x) <= 0.2499999), Refuted)


def test_what_is_no_inequality_is_refused():
    with pytest.raises(InvalidArgument, match="claim="):
        prove(real("x"))  # type: ignore[arg-type]


def test_the_same_claim_gives_the_same_certificate():
    claim, conditions = claims.TRUE["bernstein far"]
    first, second = prove(claim, conditions), prove(claim, conditions)
    assert isinstance(first, Proved)
    assert first == second


COEFFICIENTS = st.lists(st.integers(-4, 4), min_size=2, max_size=5)


@settings(max_examples=25, derandomize=True, deadline=None)
@given(COEFFICIENTS, st.sampled_from([0, 1, -1]), st.integers(-3, 3))
def test_no_claim_with_a_rational_counterexample_is_proved(coefficients, rate, shift):
    x = real("x", min=-2, max=3)
    left = sum((c * x**i for i, c in enumerate(coefficients)), Integer(0)) * exp(rate * x)
    claim = left >= shift
    if claim in (True, False):
        return
    result = prove(claim, effort=40)
    points = [Rational(i, 16) for i in range(-32, 49)]
    wrong = [a for a in points if compare(left, Integer(shift), {x: a}) == -1]
    assert not (wrong and isinstance(result, Proved))
    if isinstance(result, Refuted):
        assert compare(left, Integer(shift), result.point) == -1
    if isinstance(result, Proved):
        assert verify_certificate(result.certificate) == []


KINKED = [
    lambda a, b: Abs(a),
    lambda a, b: Max(a, b),
    lambda a, b: Min(a, b, 1),
    lambda a, b: Abs(a) - Abs(b),
    lambda a, b: Max(a, Abs(b)),
    lambda a, b: Abs(a * b),
]


@settings(max_examples=40, derandomize=True, deadline=None)
@given(st.sampled_from(KINKED), st.lists(st.integers(-2, 2), min_size=5, max_size=5))
def test_no_claim_with_kinks_and_a_rational_counterexample_is_proved(kinked, coefficients):
    x, y = real("x", min=-1, max=2), real("y", min=-1, max=1)
    a, b, c, d, shift = coefficients
    left, right = kinked(a * x + b * y, c - y), d * x**2 + y + Rational(shift, 2)
    claim = Le(left, right, evaluate=False)
    result = prove(claim, effort=20)
    grid = [{x: Rational(i, 8), y: Rational(j, 8)} for i in range(-8, 17) for j in range(-8, 9, 2)]
    wrong = any(claim.xreplace(point) is S.false for point in grid)
    assert not (wrong and isinstance(result, Proved))
    if isinstance(result, Refuted):
        assert claim.xreplace(dict(result.point)) is S.false
    if isinstance(result, Proved):
        assert verify_certificate(json.loads(json.dumps(result.certificate))) == []
