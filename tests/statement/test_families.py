"""Every member at which a family is tested lies in the family: else true theorems would be refuted."""

from __future__ import annotations

import math
from functools import lru_cache

import mpmath
import pytest
from sympy import Rational, Symbol, lambdify, oo

from boundcheck import (
    bounded,
    bounded_with_mean,
    centred,
    nonnegative,
    real,
    sub_exponential,
    sub_gamma,
    sub_gaussian,
    with_variance,
)
from boundcheck.errors import InvalidArgument, UnsupportedClaim
from boundcheck.statement.families import opposite
from boundcheck.statement.laws import SHARE, TwoPoint, Uniform, normal

SHARES = [Rational(s) for s in ("1/1000000000", "1/1000", "1/3", "1/2", "999/1000", "999999999/1000000000")]
ENDS = [Rational(0), Rational(1)]


def members(family, shares=tuple(SHARES)):
    """Every member at every share, as single laws."""
    found = []
    for law in family.witnesses():
        found += [law.at({SHARE: s}) for s in shares] if SHARE in law.parameters else [law.at({})]
    assert not any(law.parameters for law in found)
    assert len(found) >= 3
    return found


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-3, 2), ("1/7", "1/5"), (-100, -1)])
def test_bounded(low, high):
    family = bounded(low, high)
    low, high = Rational(low), Rational(high)
    for law in members(family, (*SHARES, *ENDS)):
        assert low <= law.support[0] <= law.support[1] <= high
        assert law.variance <= family.variance_proxy
    extremal = next(law for law in family.witnesses() if SHARE in law.parameters)
    assert extremal == TwoPoint(low, high, SHARE)
    assert Uniform(low, high) in family.witnesses()


@pytest.mark.parametrize(
    ("low", "high", "mean"),
    [(0, 1, "1/3"), (-1, 1, 0), (0, 1, "1/1000"), (-5, 3, "29/10"), (0, 1, 0), (0, 1, 1), (2, 3, 3)],
)
def test_bounded_with_mean(low, high, mean):
    a, b = real("a"), real("b")
    m = real("m")
    point = {a: Rational(low), b: Rational(high), m: Rational(mean)}
    for family in (bounded_with_mean(low, high, mean), bounded_with_mean(a, b, m).at(point)):
        for law in members(family):
            assert law.mean == Rational(mean)
            assert low <= law.support[0] <= law.support[1] <= high


def test_a_mean_outside_the_interval_is_refused_where_it_is_a_number():
    m = real("m")
    with pytest.raises(InvalidArgument, match="is not a probability"):
        bounded_with_mean(0, 1, m).at({m: Rational(3, 2)})


@pytest.mark.parametrize(("upper", "variance"), [(1, 1), (1, "1/100"), ("1/3", 5), (100, 2)])
def test_centred(upper, variance):
    for law in members(centred(upper=upper, variance=variance), (*SHARES, ENDS[1])):
        assert law.mean == 0
        assert law.support[1] <= Rational(upper)
        assert law.variance <= Rational(variance)
    assert any(law.variance == Rational(variance) for law in members(centred(upper=upper, variance=variance)))


@pytest.mark.parametrize(("mean", "variance"), [(0, 1), (3, "1/100"), (-2, 7)])
def test_with_variance(mean, variance):
    for law in members(with_variance(mean, variance)):
        assert (law.mean - mean).simplify() == 0
        assert float((law.variance / Rational(variance)).evalf(40)) == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize("mean", [1, "1/50", 30])
def test_nonnegative(mean):
    for law in members(nonnegative(mean), (*SHARES, Rational(1))):
        assert law.mean == Rational(mean)
        assert law.support[0] >= 0


@lru_cache
def compiled(law):
    lam = Symbol("lam", real=True, nonzero=True)
    return lambdify(lam, law.mgf(lam), "mpmath")


def log_mgf(law, lam):
    """log E exp(λX), from 50 digits, where it is finite."""
    with mpmath.workdps(50):
        value = compiled(law)(mpmath.mpf(lam.p) / lam.q)
        return float(mpmath.log(value)) if value > 0 else math.inf


GRID = [Rational(k, 16) for k in range(-64, 65) if k]


@pytest.mark.parametrize("proxy", [1, "1/4", 9])
def test_sub_gaussian(proxy):
    for law in members(sub_gaussian(proxy)):
        assert law.mean == 0
        for lam in GRID:
            assert log_mgf(law, lam) <= float(lam**2 * Rational(proxy) / 2) * (1 + 1e-12), (law, lam)


@pytest.mark.parametrize(("factor", "scale"), [(1, 1), (2, "1/2"), ("1/10", 3), (5, "1/100")])
def test_sub_gamma(factor, scale):
    v, c = Rational(factor), Rational(scale)
    for law in members(sub_gamma(factor, scale)):
        assert law.mean == 0
        assert law.variance <= v
        for u in (Rational(k, 64) for k in range(1, 64)):
            assert log_mgf(law, u / c) <= float((u / c) ** 2 * v / (2 * (1 - u))) * (1 + 1e-12), (law, u)


@pytest.mark.parametrize(("factor", "scale"), [(1, 1), (2, "1/2"), ("1/10", 3), (5, "1/100")])
def test_sub_exponential(factor, scale):
    v, c = Rational(factor), Rational(scale)
    for law in members(sub_exponential(factor, scale)):
        assert law.mean == 0
        for u in (Rational(k, 32) for k in range(-32, 33) if k):
            assert log_mgf(law, u / c) <= float((u / c) ** 2 * v / 2) * (1 + 1e-12), (law, u)


def test_families_of_parameters_are_the_families_of_their_numbers():
    v, c = real("v", min=0, exclude_min=True), real("c", min=0, exclude_min=True)
    point = {v: Rational(2), c: Rational(1, 3)}
    for build in (
        lambda v, c: centred(upper=c, variance=v),
        with_variance,
        sub_gamma,
        sub_exponential,
        lambda v, c: sub_gaussian(v),
        lambda v, c: nonnegative(v / c),
        lambda v, c: bounded_with_mean(-c, v, c / 2),
    ):
        family, numbers = build(v, c), build(point[v], point[c])
        assert family.parameters <= {v, c}
        assert str(family.at(point)) == str(numbers)
        assert list(map(str, family.at(point).witnesses())) == list(map(str, numbers.witnesses()))


def test_a_family_has_no_single_law():
    family = bounded(-1, 3)
    with pytest.raises(UnsupportedClaim, match=r"bounded\(-1, 3\) has no single mean"):
        _ = family.mean
    with pytest.raises(UnsupportedClaim, match="cannot be scaled"):
        family.scaled(2)
    assert sub_gamma(1, 2).mean == 0
    assert with_variance(3, 4).variance == 4
    assert nonnegative(3).mean == 3


def test_members_turned_round():
    assert opposite(TwoPoint(Rational(0), Rational(1), SHARE)) == TwoPoint(Rational(0), Rational(1), 1 - SHARE)
    assert opposite(normal(0, 1)) == normal(0, 1)


def test_shares_are_no_parameter_of_a_user():
    with pytest.raises(InvalidArgument, match=r"name='p\*' is not a name"):
        real(SHARE.name)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: bounded_with_mean(1, 0, 0), "high=0 is not above low=1"),
        (lambda: bounded_with_mean(0, 1, oo), "mean=oo is not finite"),
        (lambda: bounded_with_mean(0, 1, 2), "mean=2 lies outside"),
        (lambda: centred(upper=0, variance=1), "upper=0 is not positive"),
        (lambda: centred(upper=1, variance=-1), "variance=-1 is not positive"),
        (lambda: with_variance(0, 0), "variance=0 is not positive"),
        (lambda: nonnegative(-1), "mean=-1 is not positive"),
        (lambda: sub_gaussian(0), "proxy=0 is not positive"),
        (lambda: sub_gamma(1, 0), "scale=0 is not positive"),
        (lambda: sub_gamma(-1, 1), "variance_factor=-1 is not positive"),
        (lambda: sub_exponential(1, "c"), "scale='c' is not a number"),
    ],
)
def test_impossible_families_are_refused(build, message):
    with pytest.raises(InvalidArgument, match="^" + message) as caught:
        build()
    assert "\n" not in str(caught.value)
