"""Claims that say the same thing in other words get the same verdict and the same ratios of tail to claim.

Everything here rests on exact laws or on proofs: nothing is drawn, and no test fails by chance.
"""

from __future__ import annotations

import itertools

import pytest
from sympy import Abs, Integer, Rational, exp, log, sin, sqrt

from boundcheck import (
    E,
    P,
    Theorem,
    Var,
    bernoulli,
    bounded,
    check,
    discrete,
    exponential,
    iid,
    integer,
    maximum,
    mean,
    minimum,
    normal,
    poisson,
    rademacher,
    real,
    sum_of,
    two_point,
    uniform,
)
from boundcheck.check import Status

HALF = Rational(1, 2)
n = integer("n", min=1, max=10_000)
t = real("t", min=0)
p = real("p", min=0, max=1)
delta = real("delta", min=0, max=1, exclude_min=True)

FOR = (Status.PROVED, Status.CONFIRMED)


def verdict(claim, points=None, hypotheses=()):
    found = check(Theorem(claim=claim, points=points, hypotheses=hypotheses), trials=1000)
    assert not any(point.evidence.trials for point in found.points), "a claim that was meant to be exact took trials"
    return found


def ratios(found):
    return sorted((point.ratio_low, point.ratio_high) for point in found.points)


def tails(found):
    return [(point.limit_low, point.limit_high) for point in found.points]


def same(first, second):
    assert first.status is second.status
    assert len(first.points) == len(second.points)
    for one, other in zip(ratios(first), ratios(second), strict=True):
        assert one == pytest.approx(other, rel=1e-9, abs=1e-300)


AFFINE = [(0, 2), (Rational(-7, 2), -3), (0, Rational(1, 10**6))]
GRID = [{"n": k, "t": v} for k in (1, 20) for v in ("1/20", "1/3", "9/10")]


def at_scale(points, scale):
    return [{**point, "t": Rational(point["t"]) * scale} for point in points]


# Shift and scale --------------------------------------------------------------------------------------
def deviation(X):
    return mean(X) - E(mean(X))


@pytest.mark.parametrize(("a", "b"), AFFINE)
@pytest.mark.parametrize("constant", [2, 4], ids=["true", "false"])
@pytest.mark.parametrize("two_sided", [False, True])
def test_bounded_means_move_with_their_range(a, b, constant, two_sided):
    def claim(low, high):
        X = iid(bounded(low, high), n)
        width = Integer(high) - low if low == 0 and high == 1 else high - low
        event = (Abs(deviation(X)) if two_sided else deviation(X)) >= t
        return P(event) <= (1 + two_sided) * exp(-constant * n * t**2 / width**2)

    unit = verdict(claim(0, 1), GRID)
    assert (unit.status is Status.REFUTED) == (constant == 4)
    moved = verdict(claim(a, b), at_scale(GRID, Rational(b) - a))
    assert moved.status is unit.status


LAWS = {
    "bernoulli": (lambda: bernoulli(Rational(3, 10)), lambda a, c: two_point(a, a + c, Rational(3, 10))),
    "uniform": (lambda: uniform(0, 1), lambda a, c: uniform(a, a + c)),
    "normal": (lambda: normal(0, 1), lambda a, c: normal(a, c)),
    "three points": (
        lambda: discrete({0: "1/4", 1: "1/2", 3: "1/4"}),
        lambda a, c: discrete({a: "1/4", a + c: "1/2", a + 3 * c: "1/4"}),
    ),
}


@pytest.mark.parametrize("shift", [0, -2, Rational(1, 3)])
@pytest.mark.parametrize("scale", [1, 5, Rational(1, 7)])
@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("constant", [Rational(1, 8), 3])
def test_single_laws_move_with_their_values(law, shift, scale, constant):
    plain, moved = LAWS[law]
    points = [{"n": k, "t": v} for k in (1, 4) for v in ("1/20", "1/3", "9/10")]

    def claim(X, unit):
        return P(deviation(X) >= t) <= exp(-constant * n * t**2 / unit**2)

    first = verdict(claim(iid(plain(), n), 1), points)
    second = verdict(claim(iid(moved(Integer(0) + shift, Integer(1) * scale), n), scale), at_scale(points, scale))
    same(first, second)


@pytest.mark.parametrize("scale", [3, Rational(1, 100)])
def test_a_function_of_each_variable_is_a_change_of_law(scale):
    points = [{"n": k, "t": v} for k in (1, 4) for v in ("1/20", "1/3", "9/10")]
    X = iid(uniform(0, 1), n)
    same(
        verdict(P(sum_of(scale * X + 1) - n >= scale * t) <= exp(-(t**2)), points),
        verdict(P(sum_of(X) >= t) <= exp(-(t**2)), points),
    )
    W = iid(exponential(1), n)
    same(
        verdict(P(sum_of(scale * W) >= scale * t) <= exp(-t), points),
        verdict(P(sum_of(W) >= t) <= exp(-t), points),
    )


@pytest.mark.parametrize("scale", [2, Rational(1, 9)])
@pytest.mark.parametrize("claimed", [Rational(1, 3), Rational(33, 100)])
def test_moments_scale(scale, claimed):
    X, Y = iid(uniform(-1, 1), 2), iid(uniform(-scale, scale), 2)
    first = verdict(E(sum_of(X) ** 2) <= 2 * claimed)
    same(first, verdict(E(sum_of(Y) ** 2) <= 2 * claimed * scale**2))
    same(first, verdict(Var(sum_of(X)) <= 2 * claimed))
    same(first, verdict(E(sum_of(scale * X) ** 2) <= 2 * claimed * scale**2))


# Reflection -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("constant", [2, 5])
@pytest.mark.parametrize("law", ["bounded", "bernoulli", "normal", "rademacher", "uniform"])
def test_reflection(law, constant):
    laws = {
        "bounded": bounded(0, 1),
        "bernoulli": bernoulli(HALF),
        "normal": normal(1, HALF),
        "rademacher": rademacher(HALF),
        "uniform": uniform(0, 1),
    }
    points = [{"n": k, "t": v} for k in (1, 5) for v in ("1/20", "1/3", "9/10")]
    X = iid(laws[law], n)
    claimed = exp(-constant * n * t**2)
    upper = verdict(P(deviation(X) >= t) <= claimed, points)
    lower = verdict(P(-deviation(X) >= t) <= claimed, points)
    turned = verdict(P(mean(-X) + E(mean(X)) >= t) <= claimed, points)
    assert upper.status is lower.status is turned.status
    if law != "bounded":  # the shares at which a family is tested are not symmetric
        same(upper, lower)
    same(lower, turned)


def test_reflection_of_a_skewed_law():
    q = Rational(1, 7)
    points = [{"n": k, "t": v} for k in (1, 6) for v in ("1/20", "1/3", "9/10")]
    X, Y = iid(bernoulli(q), n), iid(bernoulli(1 - q), n)
    same(
        verdict(P(deviation(X) >= t) <= exp(-2 * n * t**2), points),
        verdict(P(-deviation(Y) >= t) <= exp(-2 * n * t**2), points),
    )
    same(
        verdict(P(maximum(X) >= t) <= HALF, points),
        verdict(P(1 - minimum(Y) >= t) <= HALF, points),
    )


@pytest.mark.parametrize("strict", [True, False])
def test_complements(strict):
    """P(A) ≤ c and P(not A) ≥ 1 - c are one claim; so is an event with its sides exchanged."""
    X = iid(bernoulli(Rational(1, 3)), n)
    points = [{"n": k, "t": v} for k in (1, 6) for v in (0, 1, 2, "5/2")]
    event = sum_of(X) > t if strict else sum_of(X) >= t
    opposite = sum_of(X) <= t if strict else sum_of(X) < t
    swapped = t < sum_of(X) if strict else t <= sum_of(X)
    claimed = Rational(7, 10)
    first = verdict(P(event) <= claimed, points)
    same(first, verdict(P(opposite) >= 1 - claimed, points))
    same(first, verdict(P(swapped) <= claimed, points))
    assert first.status is Status.REFUTED


# Monotonicity -----------------------------------------------------------------------------------------
def decreasing(found):
    return all(later[0] <= earlier[1] for earlier, later in itertools.pairwise(found))


@pytest.mark.parametrize(
    "law",
    [bernoulli(Rational(1, 3)), uniform(0, 1), normal(0, 1), exponential(2), poisson(3)],
    ids=lambda law: law.label,
)
@pytest.mark.parametrize("statistic", [sum_of, mean, maximum, minimum])
def test_tails_fall_with_the_threshold(law, statistic):
    X = iid(law, 5)
    points = [{"t": Rational(k, 4)} for k in range(0, 40, 3)]
    try:
        found = tails(verdict(P(statistic(X) >= t) <= 1, points))
    except AssertionError as error:
        if "took trials" not in str(error):
            raise
        pytest.skip("no exact law")
    assert decreasing(found)
    strict = tails(verdict(P(statistic(X) > t) <= 1, points))
    assert all(s[0] <= e[1] for s, e in zip(strict, found, strict=True))


@pytest.mark.parametrize("law", [bernoulli(Rational(1, 3)), uniform(0, 1), exponential(2)], ids=lambda law: law.label)
def test_tails_and_the_number_of_variables(law):
    """Sums of nonnegative variables and maxima grow with n, minima fall."""
    X = iid(law, n)
    points = [{"n": k} for k in (1, 2, 3, 5, 8, 13)]
    level = Rational(3, 4)
    for statistic, grows in ((sum_of, True), (maximum, True), (minimum, False)):
        found = tails(verdict(P(statistic(X) >= level) <= 1, points))
        assert decreasing(found[::-1] if grows else found)


def test_quantile_forms_and_delta():
    """The event at level δ becomes more probable as δ grows, and never more than δ."""
    X = iid(bernoulli(HALF), n)
    for k in (1, 10, 100):
        points = [{"n": k, "delta": d} for d in ("1/1000000", "1/1000", "1/20", "1/4", "9/10")]
        found = verdict(P(deviation(X) >= sqrt(log(1 / delta) / (2 * n))) <= delta, points)
        assert found.status is Status.CONFIRMED
        assert decreasing(tails(found)[::-1])


# Weaker and stronger claims -----------------------------------------------------------------------------
X01 = iid(bounded(0, 1), integer("n", min=1, max=100))
N100 = integer("n", min=1, max=100)
LADDERS = {
    "hoeffding": lambda c: P(deviation(X01) >= p) <= c * exp(-2 * N100 * p**2),
    "bernoulli mean": lambda c: P(mean(iid(bernoulli(HALF), N100)) >= HALF + p) <= c * exp(-2 * N100 * p**2),
    "normal maximum": lambda c: P(maximum(iid(normal(0, 1), N100)) >= t) <= c * N100 * exp(-(t**2) / 2) / 2,
    "exponential": lambda c: P(sum_of(iid(exponential(1), 3)) >= 3 * (1 + t)) <= c * ((1 + t) * exp(-t)) ** 3,
    "second moment": lambda c: E(sum_of(iid(uniform(-1, 1), N100)) ** 2) <= c * N100 / 3,
    "moment generating": lambda c: E(exp(p * sum_of(iid(rademacher(1), N100)))) <= c * exp(N100 * p**2 / 2),
    "numbers": lambda c: exp(-p) <= c * (1 - p + p**2 / 2),
    "more numbers": lambda c: sin(t) <= c * t,
}
FACTORS = ("1/4", "1/2", "9/10", "99/100", "1", "101/100", "11/10", "2")


@pytest.mark.parametrize("name", LADDERS)
def test_weaker_claims_fare_no_worse(name):
    """Along claims that get weaker no status turns from confirmed or proved to refuted."""
    found = [verdict(LADDERS[name](Rational(c))).status for c in FACTORS]
    worst = max((i for i, status in enumerate(found) if status is Status.REFUTED), default=-1)
    assert not any(status in FOR for status in found[:worst])
    assert found[0] is Status.REFUTED
    assert found[-1] in FOR


# Numbers ------------------------------------------------------------------------------------------------
x = real("x", min=0, max=3)


@pytest.mark.parametrize(
    ("left", "right"),
    [(1 + x, exp(x)), (log(1 + x), x - x**2 / 10), (x * (3 - x), Rational(9, 4)), (x * (3 - x), Rational(224, 100))],
)
def test_numbers_in_other_words(left, right):
    status = check(Theorem(claim=left <= right)).status
    assert status is not Status.INCONCLUSIVE
    y, z = real("y", min=0, max=1), real("z", min=-3, max=0)
    for variant in (
        right >= left,
        3 * left <= 3 * right,
        left - x**2 <= right - x**2,
        -right <= -left,
        left.xreplace({x: 3 * y}) <= right.xreplace({x: 3 * y}),
        left.xreplace({x: -z}) <= right.xreplace({x: -z}),
    ):
        assert check(Theorem(claim=variant)).status is status
