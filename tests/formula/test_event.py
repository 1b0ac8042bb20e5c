"""Events read as half-lines against the event itself at many values; and what must not be read."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Abs, Integer, Max, Min, Rational, cos, exp, floor, log, oo, sign, sin, sqrt

from boundcheck import bernoulli, exponential, iid, maximum, mean, normal, occupancy, sum_of, uniform
from boundcheck.errors import BoundcheckError, InvalidArgument, UnsupportedClaim
from boundcheck.formula.event import is_nonnegative, read_event
from boundcheck.formula.rigorous import compare
from boundcheck.statement.randomness import minimum

S = sum_of(iid(bernoulli(Fraction(1, 2)), 6))
M = mean(iid(normal(0, 1), 6))
VALUES = [Rational(k, 4) for k in range(-24, 25)]


def holds(event, value):
    """Whether a value of the statistic is in an event that was read."""
    outside = event.strict != event.between

    def beyond(line):
        sign = compare(value, line.level) if line.level.is_finite else (-1 if line.level is oo else 1)
        return (sign if line.upper else -sign) > 0 or (sign == 0 and not outside)

    return any(beyond(line) for line in event.lines) != event.between


def is_in(margin, statistic, value, strict):
    sign = compare(margin.xreplace({statistic: value}), Integer(0))
    return sign > 0 or (sign == 0 and not strict)


READ = {
    "affine": lambda s: 2 * s - 3,
    "falling": lambda s: 3 - s / 2,
    "square": lambda s: s**2 - 4,
    "small square": lambda s: 4 - s**2,
    "square of a shift": lambda s: (s - 1) ** 2 - Rational(9, 4),
    "fourth power": lambda s: 3 * s**4 - 48,
    "certain": lambda s: s**2 + 1,
    "impossible": lambda s: -1 - s**2,
    "zero": lambda s: -(s**2),
    "cube": lambda s: s**3 + 8,
    "exponential": lambda s: exp(s - 1) - 1,
    "falling exponential": lambda s: 1 - exp(2 * s),
    "exponential above nothing": lambda s: exp(s) + 1,
    "exponential below nothing": lambda s: -1 - exp(s),
    "logarithm": lambda s: log(1 + s**2) - log(5),
    "root": lambda s: sqrt(1 + s**2) - sqrt(5),
    "root below nothing": lambda s: -sqrt(1 + s**2) - 1,
    "modulus": lambda s: 2 * Abs(s - 1) - 3,
    "small ball": lambda s: 3 - 2 * Abs(s - 1),
    "exponential of a modulus": lambda s: exp(Abs(s)) - exp(2),
    "modulus of an exponential": lambda s: Abs(exp(s) - 3) - 4,
    "linear in disguise": lambda s: (s - 1) * (s + 1) - s**2 + s - 1,
}


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("nonnegative", [False, True])
def test_events_that_are_read(name, strict, nonnegative):
    statistic = S if nonnegative else M
    margin = READ[name](statistic)
    event = read_event(margin, statistic, strict=strict)
    for value in VALUES:
        if value >= 0 or not nonnegative:
            assert holds(event, value) == is_in(margin, statistic, value, strict), value


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    "margin",
    [lambda s: sqrt(s) - 2, lambda s: s ** Rational(3, 2) - 1, lambda s: Abs(s**2 - 3) - 1, lambda s: log(s + 1) - 1],
)
def test_events_that_are_read_where_the_statistic_is_nonnegative(margin, strict):
    event = read_event(margin(S), S, strict=strict)
    assert all(holds(event, v) == is_in(margin(S), S, v, strict) for v in VALUES if v >= 0)
    with pytest.raises(UnsupportedClaim):
        read_event(margin(M), M, strict=strict)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(
    st.lists(st.sampled_from(["affine", "exp", "cube", "square", "abs"]), min_size=1, max_size=3),
    st.lists(st.fractions(-2, 2, max_denominator=4), min_size=8, max_size=8),
    st.booleans(),
)
def test_chains_of_maps(maps, numbers, strict):
    e, left = M, [Rational(x.numerator, x.denominator) for x in numbers]
    for name in maps:
        e = {
            "affine": lambda x: (left[0] or 1) * x + left[1],
            "exp": exp,
            "cube": lambda x: (x + left[2]) ** 3,
            "square": lambda x: (x - left[3]) ** 2,
            "abs": lambda x: Abs(x - left[4]),
        }[name](e)
    margin = (left[5] or 1) * e + left[6]
    try:
        event = read_event(margin, M, strict=strict)
    except UnsupportedClaim:
        return
    for value in VALUES[::6]:
        if math.log(1 + abs(float(e.xreplace({M: value}).evalf(5)) if e != M else 0)) < 100:
            assert holds(event, value) == is_in(margin, M, value, strict)


@pytest.mark.parametrize("s", [S, M], ids=["binomial", "normal"])
@pytest.mark.parametrize(
    "event",
    [
        lambda s: s**3 - 3 * s**2 + 3 * s - 2,  # equals s - 2 at 0, 1 and 2
        lambda s: s * (s - 1) * (s - 2) + s - 1,
        lambda s: floor(s) - 1,
        lambda s: 1 / s - 1,
        lambda s: sin(s) + s - 1,
        lambda s: cos(2 * 3 * s) * s - 1,
        lambda s: sign(s) - Rational(1, 2),
        lambda s: Max(s, 2) - 3,
        lambda s: Min(s, 2) - 1,
        lambda s: Abs(s - 3) + Abs(s - 1) - 4,
        lambda s: Abs(Abs(s - 3) - 1) - 1,
        lambda s: Abs(s - 3) * s - 1,
        lambda s: Abs(s - 3) + 2 * s - 5,
        lambda s: s**2 - s - 1,
        lambda s: s - oo,
        lambda s: oo * s - 1,
        lambda s: s * log(Integer(0)) - 1,
    ],
)
@pytest.mark.parametrize("strict", [True, False])
def test_events_that_must_not_be_read(s, event, strict):
    with pytest.raises(BoundcheckError):
        read_event(event(s), s, strict=strict)


def test_a_margin_without_the_statistic():
    with pytest.raises(InvalidArgument, match="does not depend"):
        read_event(0 * S + 1, S, strict=True)


def test_signs_of_statistics():
    X = iid(normal(0, 1), 3)
    positive = [S, sum_of(X**2), maximum(abs(X)), mean(X.map(exp)), minimum(iid(exponential(1), 2))]
    positive += [maximum(occupancy(3, 3)), sum_of(2 * iid(uniform(-1, 1), 2) + 2)]
    assert all(is_nonnegative(s) for s in positive)
    assert not any(is_nonnegative(s) for s in [M, sum_of(X**3), maximum(1 - iid(exponential(1), 2)), mean(X + 1)])
