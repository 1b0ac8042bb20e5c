"""Parameters: exact numbers, domains, and what is refused."""

from __future__ import annotations

import copy
import math
import pickle
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from sympy import I, Rational, Symbol, exp, oo, pi, sqrt, zoo

from boundcheck import integer, real
from boundcheck.errors import InvalidArgument
from boundcheck.statement.domain import Domain, exact, number


@pytest.mark.parametrize(
    ("value", "fraction"),
    [
        (0.1, Fraction(1, 10)),
        (1e-320, Fraction(1, 10**320)),
        (1e300, Fraction(10**300)),
        (-2.5, Fraction(-5, 2)),
        (3, Fraction(3)),
        ("1/3", Fraction(1, 3)),
        (" 0.05 ", Fraction(1, 20)),
        ("1e-12", Fraction(1, 10**12)),
        (Decimal("0.30"), Fraction(3, 10)),
        (Fraction(22, 7), Fraction(22, 7)),
        (np.float64(0.1), Fraction(1, 10)),
        (np.float32(0.1), Fraction(1, 10)),
        (np.int64(2**62), Fraction(2**62)),
        (10**400, Fraction(10**400)),
        (Rational(2, 7), Fraction(2, 7)),
    ],
)
def test_a_float_means_the_decimal_that_it_prints_as(value, fraction):
    found = exact("x", value)
    assert found.is_Rational
    assert Fraction(int(found.p), int(found.q)) == fraction


def test_floats_inside_expressions_are_decimals_too():
    t = Symbol("t")
    assert exact("x", 0.1 * t + exp(0.3 * t)) == t / 10 + exp(Rational(3, 10) * t)
    assert exact("x", float("inf")) == oo
    assert exact("x", "1e999") == 10**999
    for beyond in ("1e400000000", "1e-400000000", "1/2e99_999_999", Decimal("1e1000")):
        with pytest.raises(InvalidArgument, match="exponent beyond all measure"):
            exact("x", beyond)
    assert exact("x", "-inf") == -oo
    assert exact("x", sqrt(2)) == sqrt(2)


NAMELESS = [None, True, False, np.True_, "abc", "", "1/0", "nan", float("nan"), Decimal("NaN"), np.nan]


@pytest.mark.parametrize(
    "value",
    [*NAMELESS, zoo, I, 1 + 2 * I, 1j, [1], {}, object, np.array([1, 2]), Symbol("t") > 1],
    ids=repr,
)
def test_what_is_no_real_number_is_refused(value):
    with pytest.raises(InvalidArgument, match=r"^width=.* is not a number or an expression; pass a number"):
        exact("width", value)


@pytest.mark.parametrize("value", [exp(zoo * Symbol("t")), oo * Symbol("t"), Symbol("t") - I])
def test_an_expression_that_holds_no_real_number_is_refused(value):
    with pytest.raises(InvalidArgument, match=r"^width=.* holds what is no real number, as 1/0 or sqrt\(-1\); write"):
        exact("width", value)


@pytest.mark.parametrize(
    ("domain", "inside", "outside"),
    [
        (real("x", min=0, max=1).domain, [0, 1, Rational(1, 3), pi / 4], [-1, Rational(10**9 + 1, 10**9), oo, -oo, I]),
        (real("x", min=0, max=1, exclude_min=True).domain, [Rational(1, 10**99), 1], [0]),
        (real("x", min=0, max=1, exclude_max=True).domain, [0, 1 - Rational(1, 10**99)], [1, pi]),
        (real("x").domain, [-(10**100), 0, sqrt(2)], [oo, -oo, zoo]),
        (real("x", min=0.1).domain, [Rational(1, 10), 10**9], [Rational(1, 10) - Rational(1, 10**30), oo]),
        (integer("n", min=1, max=9).domain, [1, 5, 9], [0, 10, Rational(5, 2), oo]),
        (integer("n", min=1).domain, [1, 10**50], [0, oo, Rational(3, 2), sqrt(2)]),
        (integer("n", max=-3).domain, [-3, -(10**9)], [-2, -oo]),
        (real("x", min=2, max=2).domain, [2], [1, 3]),
    ],
    ids=str,
)
def test_membership(domain, inside, outside):
    for value in inside:
        assert exact("value", value) in domain
    for value in outside:
        assert (Rational(value) if isinstance(value, int) else value) not in domain


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: real("x", min=1, max=0), r"min=1 leaves the domain of x empty \(max=0\); pass min below max"),
        (lambda: real("x", min=0, max=0, exclude_min=True), r"min=0 leaves the domain of x empty"),
        (lambda: real("x", min=0, max=0, exclude_max=True), r"min=0 leaves the domain of x empty"),
        (lambda: real("x", min=float("inf")), r"min=oo leaves the domain of x empty"),
        (lambda: real("x", max=float("-inf")), r"min=-oo leaves the domain of x empty"),
        (lambda: real("x", min="low"), r"min='low' is not a number"),
        (lambda: real("x", max=float("nan")), r"max=nan is not a number"),
        (lambda: real("x", max=I), r"max=I is not a number"),
        (lambda: real("x", min=Symbol("t")), r"min=t is no end of the domain of x; pass a real number"),
        (lambda: real("x", min=real("y", min=0)), r"min=y is no end of the domain of x; pass a real number"),
        (lambda: integer("n", min=0.5), r"min=1/2 is no end of the integer domain of n; pass an integer"),
        (lambda: integer("n", min=3, max=2), r"min=3 leaves the domain of n empty"),
        (lambda: real("two words"), r"name='two words' is not a name; pass an identifier"),
        (lambda: real(""), r"name='' is not a name"),
        (lambda: real(3), r"name=3 is not a name"),
    ],
)
def test_impossible_domains_are_refused(build, message):
    with pytest.raises(InvalidArgument, match="^" + message):
        build()


def test_parameters_survive_pickling_and_copying():
    for p in (
        real("delta", min=0, max=1, exclude_min=True),
        integer("n", min=2, max=10**6),
        real("x"),
        real("y", min=Rational(1, 3), max=sqrt(2)),
    ):
        for again in (pickle.loads(pickle.dumps(p)), copy.deepcopy(p), copy.copy(p)):
            assert again == p
            assert hash(again) == hash(p)
            assert again.domain == p.domain
            assert again.assumptions0 == p.assumptions0
        assert pickle.loads(pickle.dumps(2 * p**2 + 1)) == 2 * p**2 + 1


def test_parameters_are_equal_when_name_and_domain_are():
    assert real("x", min=0, max=1) == real("x", min=0.0, max="1")
    different = [real("x", min=0, max=1), real("x", min=0, max=2), real("x", min=0, max=1, exclude_max=True), real("y")]
    different += [integer("x", min=0, max=1), Symbol("x"), Symbol("x", real=True, nonnegative=True)]
    for i, p in enumerate(different):
        for q in different[i + 1 :]:
            assert p != q
    assert real("x", min=0, max=1) - real("x", min=0, max=1) == 0
    assert real("x", min=0, max=1) - real("x", min=0, max=2) != 0


def test_assumptions_follow_from_the_domain():
    assert real("x", min=0).is_nonnegative
    assert real("x", min=0).is_positive is None
    assert real("x", min=0, exclude_min=True).is_positive
    assert real("x", min=0.001).is_positive
    assert integer("n", min=1).is_positive
    assert integer("n").is_integer
    assert integer("n").is_positive is None
    assert real("x", min=-1).is_negative is None
    assert real("x").is_integer is None


def test_domains_print_as_intervals_and_sets():
    assert str(real("x", min=0, max=1, exclude_min=True).domain) == "(0, 1]"
    assert str(real("x", min=0).domain) == "[0, ∞)"
    assert str(integer("n", min=1, max=10).domain) == "{1, …, 10}"
    assert Domain(Rational(0), Rational(1)) == real("t", min=0, max=1).domain


def test_the_nearest_float_of_a_number():
    assert number(Rational(1, 10)) == 0.1
    assert number(exact("x", 2**60 + 1)) == 2.0**60
    assert number(sqrt(2)) == math.sqrt(2)
    with pytest.raises(InvalidArgument, match=r"value=2\*x still contains a parameter; substitute"):
        number(2 * real("x"))


def test_sympy_can_sort_parameters_of_one_name():
    """Its caches mix equal parameters that were made in several places."""
    a, b, other = integer("d", min=1), integer("d", min=1), integer("d", min=1, max=9)
    assert a is not b
    assert a.compare(b) == 0
    assert a.compare(other) == -other.compare(a) != 0
    assert (a + 1) * (b + 1) == (a + 1) ** 2
