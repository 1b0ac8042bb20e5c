"""Closed forms against scipy, mpmath, brute force and identities; deep tails against other formulas."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product

import pytest
from flint import arb, fmpq
from formula.exact.oracle import assert_is
from scipy import stats
from sympy import Abs, Rational, exp, log, sqrt

from boundcheck import (
    bernoulli,
    beta,
    chi_squared,
    discrete,
    empty,
    exponential,
    gamma,
    hypergeometric,
    iid,
    independent,
    kolmogorov_distance,
    maximum,
    mean,
    minimum,
    norm,
    normal,
    occupancy,
    order_statistic,
    poisson,
    random_matrix,
    sample_variance,
    spectral_norm,
    sum_of,
    uniform,
)
from boundcheck.formula.exact import exact_probability, walk
from boundcheck.formula.exact import occupancy as occupancy_laws
from boundcheck.formula.exact.counts import Poisson, binomial_upper
from boundcheck.formula.rigorous import precision
from boundcheck.statement.laws import TwoPoint
from boundcheck.statement.randomness import Statistic, StoppedWalk

F = Fraction


def tail(margin, strict=False):
    found = exact_probability(margin, strict=strict)
    return None if found is None else found.value


X3 = iid(normal(0, 2), 3)
CONTINUOUS = {
    "gamma": (sum_of(iid(gamma("3/2", 2), 4)), stats.gamma(6, scale=0.5)),
    "gammas with one rate": (sum_of(independent(gamma("1/2", 2), exponential(2))), stats.gamma(1.5, scale=0.5)),
    "chi-squared": (sum_of(iid(chi_squared(3), 2)), stats.chi2(6)),
    "beta": (sum_of(iid(beta("1/2", 3), 1)), stats.beta(0.5, 3)),
    "normals": (sum_of(independent(normal(1, 2), normal(-3, "1/2"))), stats.norm(-2, math.sqrt(4.25))),
    "image of normals": (mean(2 * X3 - 1), stats.norm(-1, 4 / math.sqrt(3))),
    "squares": (sum_of(X3**2), stats.gamma(1.5, scale=8)),
    "norm": (norm(X3), stats.chi(3, scale=2)),
    "vector": (spectral_norm(random_matrix(normal(0, 2), 1, 3)), stats.chi(3, scale=2)),
    "sample variance": (sample_variance(X3), stats.gamma(1, scale=4)),
    "shifted exponentials": (sum_of(iid(exponential(2), 3) - 1), stats.gamma(3, loc=-3, scale=0.5)),
    "falling exponentials": (sum_of(1 - iid(exponential(2), 3)), None),
    "log-normal": (sum_of(iid(normal(0, 1), 1).map(exp)), stats.lognorm(1)),
    "half-normal maximum": (maximum(abs(iid(normal(0, 1), 1))), stats.halfnorm()),
    "smallest exponential": (minimum(iid(exponential(2), 5)), stats.expon(scale=0.1)),
    "order statistic": (order_statistic(iid(uniform(0, 1), 7), 3), stats.beta(3, 5)),
    "uniform sum": (sum_of(iid(uniform(0, 1), 2)), stats.triang(0.5, scale=2)),
    "kolmogorov": (kolmogorov_distance(iid(normal(0, 1), 12)), stats.kstwo(12)),
}


@pytest.mark.parametrize("name", CONTINUOUS)
def test_continuous_laws(name):
    statistic, law = CONTINUOUS[name]
    survival = law.sf if law else lambda x: stats.gamma(3, loc=-3, scale=0.5).cdf(-x)
    for level in ("-7", "-2", "-1/2", "0", "1/10", "1/3", "3/4", "1", "11/5", "6"):
        level = Rational(level)
        above = float(arb(tail(statistic - level)))
        assert above == pytest.approx(survival(float(level)), rel=1e-9, abs=1e-13)
        assert float(arb(tail(level - statistic, True))) == pytest.approx(1 - above, rel=1e-9, abs=1e-13)
        irrational = level + sqrt(2) / 10**25
        assert float(arb(tail(statistic - irrational))) == pytest.approx(above, rel=1e-9, abs=1e-13)


DISCRETE = {
    "poisson": (sum_of(iid(poisson("1/2"), 6)), stats.poisson(3)),
    "poissons": (sum_of(independent(poisson(1), poisson("3/2"))), stats.poisson(2.5)),
    "hypergeometric": (sum_of(iid(hypergeometric(20, 8, 5), 1)), stats.hypergeom(20, 8, 5)),
    "shares": (sum_of(independent(*[bernoulli(F(1, 3))] * 4, *[bernoulli(F(1, 3))] * 5)), stats.binom(9, 1 / 3)),
}


@pytest.mark.parametrize("name", DISCRETE)
def test_discrete_laws(name):
    statistic, law = DISCRETE[name]
    for k in range(-1, 12):
        assert float(arb(tail(statistic - k))) == pytest.approx(law.sf(k - 1), rel=1e-9, abs=1e-300)
        assert float(arb(tail(statistic - k, True))) == pytest.approx(law.sf(k), rel=1e-9, abs=1e-300)
        assert float(arb(tail(k - statistic))) == pytest.approx(law.cdf(k), rel=1e-9, abs=1e-300)
        assert float(arb(tail(Rational(2 * k + 1, 2) - statistic))) == pytest.approx(law.cdf(k), rel=1e-9)
        in_balls = tail(statistic**2 + statistic - k**2 - k) if k >= 0 else None
        assert in_balls is None or float(arb(in_balls)) == pytest.approx(law.sf(k - 1), rel=1e-9)


def test_binomial_tails_at_a_chance_that_is_a_wide_ball():
    found = binomial_upper(100, arb("0.3", 0.011), arb("0.7", 0.011), 30)  # the mean may be on either side of 30
    for p in (0.29, 0.3, 0.31):
        assert found.contains(binomial_upper(100, arb(p), 1 - arb(p), 30))
    assert found.rad() < 0.15
    assert binomial_upper(100, arb.nan(), arb.nan(), 30).contains(0)
    assert binomial_upper(100, arb(0).union(1), arb(0).union(1), 30).contains(1)


def test_extremes_of_discrete_and_of_different_laws():
    X = iid(poisson(2), 5)
    one = stats.poisson(2)
    for k in range(8):
        assert float(arb(tail(order_statistic(X, 2) - k))) == pytest.approx(stats.binom(5, one.sf(k - 1)).sf(3))
        assert float(arb(tail(minimum(X) - k, True))) == pytest.approx(one.sf(k) ** 5)
    mixed = independent(normal(0, 1), normal(1, 2), uniform(-1, 4))
    f = [stats.norm(0, 1).cdf(2), stats.norm(1, 2).cdf(2), 0.6]
    assert float(arb(tail(maximum(mixed) - 2))) == pytest.approx(1 - math.prod(f))
    assert float(arb(tail(2 - minimum(mixed)))) == pytest.approx(1 - math.prod(1 - x for x in f))
    two = sum(math.prod(f) / x * (1 - x) for x in f) + math.prod(f)
    assert float(arb(tail(2 - order_statistic(mixed, 2)))) == pytest.approx(two)


def test_deep_tails_keep_their_relative_accuracy():
    three = discrete({-1: "1/4", 0: "1/2", 1: "1/4"})
    with precision(1500):
        pairs = [
            # P(Poisson(λ) ≥ k) = P(Gamma(k) ≤ λ), and sums of the same terms one by one.
            (tail(sum_of(iid(poisson(1), 3)) - 300), _poisson_tail(3, 300)),
            (tail(sum_of(iid(bernoulli(F(1, 7)), 2000)) - 1500), _binomial_tail(2000, F(1, 7), 1500)),
            (tail(sum_of(iid(three, 1000)) - 900), _binomial_tail(2000, F(1, 2), 1900)),
            (tail(mean(iid(normal(0, 1), 100)) - 5), (arb(50) / arb(2).sqrt()).erfc() / 2),
            (tail(Rational(1, 10**40) - abs(sum_of(iid(normal(0, 1), 4)))), (arb(10) ** -40 / arb(8).sqrt()).erf()),
            (tail(maximum(iid(poisson(1), 10)) - 200), 10 * _poisson_tail(1, 200)),
            (tail(sum_of(iid(beta(2, 3), 1)) - 1 + Rational(1, 10**60)), 4 * arb(10) ** -180),
        ]
        for found, wanted in pairs:
            assert abs(found / wanted - 1) < 1e-15
            assert found < arb(10) ** -35


RATES = [
    (fmpq(1, 1000), 1),
    (fmpq(3, 2), 4),
    (fmpq(100), 101),
    (fmpq(100), 99),
    (fmpq(4999), 5000),
    (fmpq(4999), 40_000),
]


@pytest.mark.parametrize(("rate", "k"), RATES)
def test_poisson_tails_agree_with_their_complements_and_their_terms(rate, k):
    """Beyond the mean they are sums of their own, elsewhere incomplete gamma functions."""
    with precision(400):
        law = Poisson(rate)
        term = (k * arb(rate).log() - rate - arb(k + 1).lgamma()).exp()
        assert (law.upper(k) - law.upper(k + 1)).overlaps(term)
        assert (law.upper(k) + law.lower(k - 1)).overlaps(arb(1))
        assert law.upper(k) > term
        assert law.upper(k).rel_accuracy_bits() > 150


def _binomial_tail(n, p, k):
    q = fmpq(p.numerator, p.denominator)
    return sum((math.comb(n, j) * arb(q) ** j * arb(1 - q) ** (n - j) for j in range(k, n + 1)), arb(0))


def _poisson_tail(rate, k):
    return sum((arb(rate) ** j / math.factorial(j) for j in range(k, k + 300)), arb(0)) * arb(-rate).exp()


def test_the_ratio_to_a_claim_far_below_the_range_of_floats():
    found = exact_probability(sum_of(iid(bernoulli(F(1, 2)), 1200)) - 1200, strict=False)
    assert found.ratio_to(Rational(1, 2**1199)).low <= 0.5 <= found.ratio_to(Rational(1, 2**1199)).high
    low, high = found.ratio_to(exp(-1200 * log(2)))
    assert low <= 1 <= high
    assert high - low < 1e-14
    assert found.ratio_to(arb(2) ** -1200).low <= 1
    assert found.ratio_to(Rational(0)) is None


@pytest.mark.parametrize(("balls", "bins"), [(1, 1), (3, 2), (2, 3), (5, 3), (4, 4)])
def test_balls_in_bins(balls, bins):
    C = occupancy(balls, bins)
    throws = [[t.count(b) for b in range(bins)] for t in product(range(bins), repeat=balls)]
    for statistic, value in {maximum(C): max, minimum(C): min, empty(C): lambda c: c.count(0)}.items():
        for k in range(-1, balls + 2):
            for strict in (False, True):
                above = sum(value(c) > k or (value(c) == k and not strict) for c in throws)
                below = sum(value(c) < k or (value(c) == k and not strict) for c in throws)
                assert_is(tail(statistic - k, strict), F(above, len(throws)))
                assert_is(tail(k - statistic, strict), F(below, len(throws)))
                assert_is(tail(statistic**3 - k**3 + statistic - k, strict), F(above, len(throws)))


def test_many_balls_in_balls():
    """Fixed point against fractions of the same series, and against the union bound where it is sharp."""
    for low, high in ((0, 6), (1, 30), (2, 12), (0, 401)):
        exact = occupancy_laws.all_counts(400, 100, low, high)
        with precision(300):
            assert abs(occupancy_laws._in_fixed_point(400, 100, low, high, 300) / exact - 1) < 1e-60
    deep = tail(maximum(occupancy(1000, 1000)) - 40)
    with precision(160):
        union = 1000 * _binomial_tail(1000, F(1, 1000), 40)
        assert 1 - arb("1e-20") < deep / union
        assert not deep / union > 1


@pytest.mark.parametrize(("steps", "level"), [(1, 1), (4, 2), (5, 2), (6, 1), (7, 9)])
def test_stopped_walks(steps, level):
    ends = []
    for path in product((-1, 1), repeat=steps):
        s = 0
        for step in path:
            s += step if s < level else 0
        ends.append(s)
    fair = TwoPoint(Rational(-1), Rational(1), Rational(1, 2))
    total = Statistic("sum", StoppedWalk((fair,), Rational(steps), level=Rational(level)))
    for k in range(-steps - 1, steps + 2):
        assert_is(tail(total - k), F(sum(s >= k for s in ends), len(ends)))
        assert_is(tail(k - total, True), F(sum(s < k for s in ends), len(ends)))
        assert_is(tail(Abs(total) - k), F(sum(abs(s) >= k for s in ends), len(ends)))


def test_long_stopped_walks(monkeypatch):
    exact = walk.stopped_walk(500, 22)
    monkeypatch.setattr(walk, "_FRACTIONS", 0)
    with precision(160):
        balls = walk.stopped_walk.__wrapped__(500, 22)
        assert all(arb(b).contains(a) for a, b in zip(exact.table, balls.table, strict=True))
        assert sum(balls.table, arb(0)).contains(1)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_kolmogorov_distances_of_few_variables(n):
    """n = 1: D = max(U, 1 - U); and Birnbaum-Tingey beyond one half meets Marsaglia-Tsang-Wang there."""
    D = kolmogorov_distance(iid(exponential(1), n))
    if n == 1:
        assert_is(tail(D - Rational(3, 4)), F(1, 2))
    assert_is(tail(D - Rational(1, 2 * n)), F(1))
    assert_is(tail(D - 1), F(0))
    for level in ("0.3", "0.4999999", "0.5", "0.77"):
        assert float(tail(D - Rational(level))) == pytest.approx(stats.kstwo(n).sf(float(level)), rel=1e-8)


def test_sums_of_many_uniform_variables_at_irrational_levels():
    for n in (3, 60, 300):
        total = sum_of(iid(uniform(0, 1), n))
        level = Rational(3 * n, 5) + sqrt(2) / 10**30
        high, low = tail(total - Rational(3 * n, 5)), tail(total - Rational(3 * n, 5) - Rational(2, 10**30))
        with precision(160):
            assert arb(high) > tail(total - level) > arb(low)
        assert abs(float(arb(high)) - stats.norm.sf(0.1 * n / math.sqrt(n / 12))) < 0.02
