"""The library's theorems: that they are there, say where they come from, invert, and hold where the law is known.

Truth is tested with SciPy and plain counting, not with boundcheck's own checker.
"""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from functools import cache
from itertools import product
from pathlib import Path

import mpmath
import numpy as np
import pytest
from scipy import stats
from sympy import Rational, S, lambdify

import boundcheck.inequalities
from boundcheck.formula.gaussian_moments import moment_quantile, moment_tail
from boundcheck.formula.spherical import spherical_quantile, spherical_tail
from boundcheck.statement.claim import RANDOM, Moment, Tail
from boundcheck.statement.discovery import load, shipped, theorem_files
from boundcheck.statement.randomness import Expectation

FOLDER = Path(boundcheck.inequalities.__file__).parent
FILES = [f for f in theorem_files(FOLDER) if "Theorem(" in f.read_text(encoding="utf-8")]
LIBRARY = {t.name: t for file in FILES for t in load(file)}

REQUIRED = """
    markov chebyshev cantelli paley_zygmund popoviciu bhatia_davis chernoff_kl_upper chernoff_kl_lower
    chernoff_upper chernoff_upper_third chernoff_upper_ratio chernoff_lower chernoff_lower_half chernoff_two_sided
    chernoff_upper_far poisson_upper poisson_lower hoeffding_mean hoeffding_mean_two_sided hoeffding_sum
    hoeffding_unequal_ranges hoeffding_signs hoeffding_lemma kearns_saul hoeffding_small_mean hoeffding_large_mean
    bennett bennett_moment bernstein bernstein_quantile bernstein_two_sided sub_gaussian_tail sub_gaussian_two_sided
    sub_gaussian_maximum sub_gaussian_maximum_mean sub_gaussian_variance sub_gamma_tail sub_gamma_mean
    sub_gamma_maximum_mean exponential_sum exponential_sum_lower sub_exponential_near sub_exponential_far
    sub_exponential_two_sided azuma azuma_two_sided freedman freedman_bernstein mcdiarmid mcdiarmid_two_sided
    empty_bins convex_lipschitz efron_stein_maximum bounded_differences_variance martingale_variance azuma_moment
    gaussian_poincare gaussian_maximum_variance gaussian_lipschitz_moment serfling hoeffding_without_replacement
    hypergeometric_chernoff hypergeometric_chernoff_lower sampling_comparison dkw_massart
    maurer_pontil sample_deviation_below sample_deviation_above
    laurent_massart_upper laurent_massart_lower laurent_massart_weighted chi_squared_relative chi_squared_chernoff
    gaussian_lipschitz gaussian_lipschitz_two_sided gaussian_norm gaussian_maximum_mean gaussian_maximum_modulus
    gaussian_maximum_quantile gaussian_mills_upper gaussian_mills_lower order_statistic_quantile
    order_statistic_upper order_statistic_lower beta_sub_gaussian pruning_threshold_uniform pruning_threshold_normal
    matrix_gaussian_series matrix_rademacher_series matrix_uniform_series matrix_gaussian_series_diagonal
    matrix_bernstein_signs matrix_bernstein_sparse matrix_bernstein_mean matrix_hoeffding matrix_chernoff_upper
    matrix_chernoff_lower matrix_chernoff_mean_upper matrix_chernoff_mean_lower coupon_collector nets_normal
    nets_signs nets_uniform davidson_szarek_mean davidson_szarek_tail gaussian_transport_uniform bandeira_van_handel
    latala_uniform latala_normal output_channel_count input_channel_count channel_share removed_share
    frobenius_mean row_and_column_mean khinchine_fourth szarek berry_esseen_upper berry_esseen_lower
    gaussian_maximum_deviation gaussian_norm_mean chi_squared_chernoff_lower matrix_gaussian_series_mean
    matrix_gaussian_series_diagonal_norm matrix_bernstein_uniform norm_concentration norm_of_bounded_entries
    moment_domination_normal moment_domination_signs moment_domination_uniform
    sparse_moments_signs masked_signs_norm spherical_average_normal spherical_average_signs spherical_average_uniform
    sub_gaussian_squares relu_moments positive_squares_normal positive_squares_signs positive_squares_uniform
    walk_moments_normal walk_moments_signs walk_moments_uniform walk_moments_sparse
    masked_series_signs masked_series_normal
"""


@cache
def function(expression):
    """The expression as a fast function of its symbols, in the order of their names."""
    symbols = sorted(expression.free_symbols, key=lambda s: s.name)
    modules = [
        {"Greatest": max, "Min": min, "Max": max, "MomentTail": moment_tail, "MomentQuantile": moment_quantile},
        {"SphericalTail": spherical_tail, "SphericalQuantile": spherical_quantile},
        "mpmath",
    ]
    return symbols, lambdify(symbols, expression, modules=modules)


def value(expression, point) -> float:
    symbols, compiled = function(expression)
    return float(compiled(*(mpmath.mpf(point[s].p) / point[s].q for s in symbols)))


def claimed(name: str, **values) -> float:
    """What the theorem promises at a point: the probability, or the side of its relation that is a number."""
    theorem = LIBRARY[name]
    point = {p: Rational(Fraction(values[p.name])) for p in theorem.parameters}
    assert len(values) == len(point)
    assert all(x in p.domain for p, x in point.items()), (name, point)
    assert theorem.holds_at(point), (name, point)
    reading = theorem.reading
    if isinstance(reading, Tail):
        return value(reading.claimed, point)
    assert isinstance(reading, Moment)
    [number] = [s for s in (reading.left, reading.right) if not s.atoms(Expectation)]
    return value(number, point)


def holds(exact: float, bound: float) -> None:
    assert exact <= bound * (1 + 1e-9) + 1e-300


# What the library holds. ------------------------------------------------------------------------------
def test_every_required_inequality_is_there():
    assert set(REQUIRED.split()) <= set(LIBRARY)


def test_every_theorem_says_where_it_comes_from_and_how_faithful_it_is():
    for name, theorem in LIBRARY.items():
        assert theorem.source, name
        assert theorem.fidelity, name
        assert theorem.title, name


def test_names_are_unique_in_library_and_proofs():
    proofs = [t.name for file in theorem_files(shipped()) for t in load(file)]
    library = [t.name for file in FILES for t in load(file)]
    assert [name for name, times in Counter(proofs + library).items() if times > 1] == []


def test_the_points_given_lie_in_the_domains():
    for theorem in LIBRARY.values():
        for point in theorem.points or ():
            assert theorem.holds_at(point), (theorem.name, point)


def inside(domain, rng) -> Rational:
    low = domain.low if domain.low.is_finite else -4
    high = domain.high if domain.high.is_finite else low + 8
    if domain.integer:
        return Rational(int(rng.integers(int(low), min(int(high), int(low) + 30) + 1)))
    return low + (high - low) * Rational(int(rng.integers(1, 1000)), 1000)


@pytest.mark.parametrize("name", [name for name, t in LIBRARY.items() if t.inverse is not None])
def test_inverse_formulas_invert(name):
    theorem, rng, tried = LIBRARY[name], np.random.default_rng(1), 0
    [(threshold, formula)] = theorem.inverse.items()
    conditions = [c for c in theorem.conditions if threshold not in c.free_symbols]
    delta = next(s for s in formula.free_symbols if s.name == "delta")
    while tried < 20:
        point = {p: inside(p.domain, rng) for p in theorem.parameters if p != threshold}
        if not all(c.xreplace(point) is S.true for c in conditions):
            continue
        point[delta] = Rational(1, int(rng.integers(3, 10**6)))
        claim = value(theorem.tail.claimed.xreplace({threshold: formula}), point)
        assert math.log(claim) == pytest.approx(math.log(point[delta]), rel=1e-6), point
        tried += 1


def test_a_quantile_form_promises_delta():
    form = LIBRARY["bernstein"].quantile_form
    assert form is not None
    assert str(form.tail.claimed) == "delta"
    assert form.tail.margin.atoms(*RANDOM)


# Where the law is known. ------------------------------------------------------------------------------
SHARES = [Fraction(1, 1000), Fraction(1, 20), Fraction(3, 10), Fraction(1, 2), Fraction(4, 5), Fraction(99, 100)]
SIZES = [1, 2, 7, 40, 300]


def upper(n, p, threshold) -> float:
    """P(Bin(n, p) ≥ threshold)."""
    return float(stats.binom(n, float(p)).sf(math.ceil(threshold) - 1))


def lower(n, p, threshold) -> float:
    """P(Bin(n, p) ≤ threshold)."""
    return float(stats.binom(n, float(p)).cdf(math.floor(threshold)))


def counts(n):
    return sorted({k for k in (0, 1, 2, n // 3, n // 2, n - 1, n) if 0 <= k <= n})


def test_moment_tails_hold_and_are_attained():
    for t in (Fraction(1, 3), Fraction(1), Fraction(7)):
        m, v = Fraction(1, 3), Fraction(1, 9)
        holds(float(min(1, m / t)), claimed("markov", m=m, t=t))
        holds(math.exp(-t / m), claimed("markov", m=m, t=t))
        holds(float(v / t**2), claimed("chebyshev", n=1, mu=2, v=v, t=t))
        holds(float(v / (v + t**2)), claimed("cantelli", n=1, mu=2, v=v, t=t))
        for n in SIZES:
            sd = math.sqrt(v / n)
            holds(2 * stats.norm.sf(float(t) / sd), claimed("chebyshev", n=n, mu=2, v=v, t=t))
            holds(stats.norm.sf(float(t) / sd), claimed("cantelli", n=n, mu=2, v=v, t=t))
    assert claimed("cantelli", n=5, mu=0, v=2, t=0) == 1
    for theta in (Fraction(0), Fraction(1, 2), Fraction(1)):
        number = claimed("paley_zygmund", m=2, theta=theta)
        holds(number, 4.0)  # two-point: p · m²/p
        holds(number, math.exp(-theta) * 8)  # exponential


def test_variances():
    for p in SHARES:
        holds(9 * float(p * (1 - p)), claimed("popoviciu", a=-1, b=2))
        mean = -1 + 3 * p
        assert claimed("bhatia_davis", a=-1, b=2, m=mean) == pytest.approx(9 * float(p * (1 - p)))
    for n in SIZES[1:]:
        for p in map(float, SHARES):
            none = (1 - p) ** n
            holds(none * (1 - none), n * p * (1 - p) ** (n - 1))
        # Maxima of uniform variables.
        holds(n / ((n + 1) ** 2 * (n + 2)), 2 / ((n + 1) * (n + 2)))


@pytest.mark.parametrize(("n", "p"), list(product(SIZES, SHARES)))
def test_bounds_for_means_of_bounded_variables(n, p):
    for k in counts(n):
        q, t = Fraction(k, n), abs(Fraction(k, n) - p)
        two_sided = upper(n, p, n * (p + t)) + lower(n, p, n * (p - t)) if t else 1.0
        tail = upper(n, p, n * (p + t))
        holds(tail, claimed("hoeffding_mean", a=0, b=1, n=n, t=t))
        holds(tail, claimed("hoeffding_mean", a=-1, b=2, n=n, t=3 * t))
        holds(tail, claimed("hoeffding_sum", a=-1, b=2, n=n, t=3 * n * t))
        holds(two_sided, claimed("hoeffding_mean_two_sided", a=0, b=1, n=n, t=t))
        holds(tail, claimed("hoeffding_small_mean" if p < Fraction(1, 2) else "hoeffding_large_mean", n=n, p=p, t=t))
        if 0 < q < 1 and q >= p:
            holds(upper(n, p, k), claimed("chernoff_kl_upper", n=n, p=p, q=q))
        if 0 < q < 1 and q <= p:
            holds(lower(n, p, k), claimed("chernoff_kl_lower", n=n, p=p, q=q))


@pytest.mark.parametrize(("n", "p"), list(product(SIZES, SHARES)))
def test_relative_chernoff_bounds(n, p):
    mu = n * p
    for u in (Fraction(0), Fraction(1, 100), Fraction(1, 3), Fraction(1), Fraction(6)):
        up, down = upper(n, p, (1 + u) * mu), lower(n, p, (1 - u) * mu)
        holds(up, claimed("chernoff_upper", n=n, p=p, u=u))
        holds(up, claimed("chernoff_upper_ratio", n=n, p=p, u=u))
        if u <= 1:
            holds(up, claimed("chernoff_upper_third", n=n, p=p, u=u))
            holds(down, claimed("chernoff_lower_half", n=n, p=p, u=u))
            holds(up + down if u else 1.0, claimed("chernoff_two_sided", n=n, p=p, u=u))
        if u < 1:
            holds(down, claimed("chernoff_lower", n=n, p=p, u=u))
    for x in (6 * mu, 7 * mu + 1):
        holds(upper(n, p, x), claimed("chernoff_upper_far", n=n, p=p, x=x))


@pytest.mark.parametrize("rate", [Fraction(1, 100), Fraction(1), Fraction(50)])
def test_poisson_tails(rate):
    law = stats.poisson(float(rate))
    for x in (rate, 2 * rate, rate + 1, 10 * rate + 3):
        holds(law.sf(math.ceil(x) - 1), claimed("poisson_upper", rate=rate, x=x))
    for x in (rate, rate / 2, rate / 100):
        holds(law.cdf(math.floor(x)), claimed("poisson_lower", rate=rate, x=x))


def test_moment_generating_functions():
    for p, lam in product(
        SHARES, (Fraction(-30), Fraction(-1), Fraction(0), Fraction(1, 100), Fraction(4), Fraction(30))
    ):
        p_, lam_ = float(p), float(lam)
        exact = (1 - p_) * math.exp(-lam_ * p_) + p_ * math.exp(lam_ * (1 - p_))
        holds(exact, claimed("hoeffding_lemma", a=0, b=1, lam=lam))
        holds(exact, claimed("hoeffding_lemma", a=-2, b=2, lam=lam / 4))
        if p < Fraction(1, 2):
            holds(exact, claimed("kearns_saul", p=p, lam=lam))
    p = Fraction(1, 20)  # Kearns and Saul attain equality at λ = 2 log((1 - p)/p)
    lam = Fraction(2 * math.log(19)).limit_denominator(10**9)
    exact = 0.95 * math.exp(-float(lam) / 20) + 0.05 * math.exp(float(lam) * 0.95)
    assert claimed("kearns_saul", p=p, lam=lam) == pytest.approx(exact, rel=1e-6)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize(("b", "v"), [(1, Fraction(1)), (1, Fraction(1, 100)), (Fraction(1, 2), Fraction(30))])
def test_bennett_and_bernstein_at_their_extremal_law(n, b, v):
    b = Fraction(b)
    low, p = -v / b, v / (b**2 + v)
    for k in counts(n):
        mean = low + Fraction(k, n) * (b - low)
        if mean < 0:
            continue
        tail = upper(n, p, k)
        holds(tail, claimed("bennett", n=n, b=b, v=v, t=mean))
        holds(tail, claimed("bernstein", n=n, b=b, v=v, t=mean))
        holds(tail, claimed("freedman", n=n, b=b, v=v, t=n * mean))
        holds(tail, claimed("freedman_bernstein", n=n, b=b, v=v, t=n * mean))
        assert claimed("bennett", n=n, b=b, v=v, t=mean) <= claimed("bernstein", n=n, b=b, v=v, t=mean) * (1 + 1e-12)
    for delta in (0.9, 0.05, 1e-8):
        level = math.log(1 / delta)
        threshold = math.sqrt(2 * v * level / n) + b * level / (3 * n)
        holds(upper(n, p, n * (threshold - low) / (b - low)), delta)
    for lam in (Fraction(0), Fraction(1, 10), Fraction(3)):
        one = float(p) * math.exp(lam * b) + float(1 - p) * math.exp(lam * low)
        if n <= 7:
            holds(one**n, claimed("bennett_moment", n=n, b=b, v=v, lam=lam))


@pytest.mark.parametrize(("n", "p"), list(product(SIZES[:4], SHARES)))
def test_bernstein_on_both_sides(n, p):
    law = np.array([p / 2, 1 - p, p / 2], dtype=float)
    total = np.array([1.0])
    for _ in range(n):
        total = np.convolve(total, law)
    for k in counts(n):
        tail = total[n + k :].sum() + total[: n - k + 1].sum() if k else 1.0
        holds(tail, claimed("bernstein_two_sided", n=n, b=2, p=p, t=Fraction(2 * k, n)))


@pytest.mark.parametrize("n", SIZES)
def test_sub_gaussian_bounds(n):
    s = 2
    for t in (Fraction(0), Fraction(1, 10), Fraction(1), Fraction(5)):
        tail = stats.norm.sf(float(t) * math.sqrt(n) / s)
        signs = upper(n, Fraction(1, 2), Fraction(n, 2) * (1 + t / s))
        for exact in (tail, signs):
            holds(exact, claimed("sub_gaussian_tail", n=n, s=s, t=t))
            holds(min(1, 2 * exact), claimed("sub_gaussian_two_sided", n=n, s=s, t=t))
        holds(-math.expm1(n * stats.norm.logcdf(float(t / s))), claimed("sub_gaussian_maximum", n=n, s=s, t=t))
        holds(tail, claimed("sub_exponential_two_sided", n=n, v=s**2, c=1, t=t))
        k = Fraction(n, 2) + t * Fraction(n, 4)
        walk = upper(n, Fraction(1, 2), k)
        holds(walk, claimed("azuma", n=n, c=1, t=2 * k - n))
        holds(min(1, 2 * walk), claimed("azuma_two_sided", n=n, c=1, t=2 * k - n))
        holds(walk, claimed("mcdiarmid", n=n, c=2, t=2 * k - n))
    assert claimed("sub_gaussian_variance", n=n, s=s) == n * s**2  # normal: equal
    mean_of_maximum = stats.norm.expect(lambda x: x * n * stats.norm.cdf(x) ** (n - 1)) if n > 1 else 0.0
    holds(s * mean_of_maximum, claimed("sub_gaussian_maximum_mean", n=n, s=s) if n > 1 else 0.0)
    holds(mean_of_maximum, claimed("gaussian_maximum_mean", n=n) if n > 1 else 0.0)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize(("v", "c"), [(1, 1), (Fraction(1, 100), 1), (4, Fraction(1, 10))])
def test_sub_gamma_and_sub_exponential_bounds(n, v, c):
    v, c = Fraction(v), Fraction(c)
    gamma = stats.gamma(n * float(v / c**2), scale=float(c), loc=-n * float(v / c))
    poisson = stats.poisson(n * float(v / (9 * c**2)))
    wide = stats.gamma(n * float(2 * v / c**2), scale=float(c / 2), loc=-n * float(v / c))
    for t in (Fraction(0), Fraction(1, 50), Fraction(1), v / c, 2 * v / c, Fraction(20)):
        threshold = math.sqrt(2 * n * v * t) + float(c * t)
        holds(gamma.sf(threshold), claimed("sub_gamma_tail", n=n, v=v, c=c, t=t))
        jumps = poisson.sf(threshold / float(3 * c) + n * float(v / (9 * c**2)))
        holds(jumps, claimed("sub_gamma_tail", n=n, v=v, c=c, t=t))
        holds(gamma.sf(float(n * t)), claimed("sub_gamma_mean", n=n, v=v, c=c, t=t))
        holds(wide.sf(float(n * t)), claimed("sub_exponential_two_sided", n=n, v=v, c=c, t=t))
        holds(wide.sf(float(n * t)) + wide.cdf(-float(n * t)), claimed("sub_exponential_two_sided", n=n, v=v, c=c, t=t))
        if t <= v / c:
            holds(wide.sf(float(n * t)), claimed("sub_exponential_near", n=n, v=v, c=c, t=t))
        if t >= v / c:
            holds(wide.sf(float(n * t)), claimed("sub_exponential_far", n=n, v=v, c=c, t=t))
        sums = stats.gamma(n)
        holds(sums.sf(n + math.sqrt(2 * n * t) + float(t)), claimed("exponential_sum", n=n, t=t))
        holds(sums.cdf(n - math.sqrt(2 * n * t)), claimed("exponential_sum_lower", n=n, t=t))
    assert claimed("sub_exponential_near", n=n, v=v, c=c, t=v / c) == pytest.approx(
        claimed("sub_exponential_far", n=n, v=v, c=c, t=v / c)
    )


@pytest.mark.parametrize("n", [1, 4, 30, 100])
def test_martingale_bounds_of_a_stopped_walk(n):
    level = math.isqrt(n - 1) + 1
    law = {0: 1.0}
    for _ in range(n):
        after: Counter[int] = Counter()
        for place, share in law.items():
            for step in (0,) if place == level else (-1, 1):
                after[place + step] += share if place == level else share / 2
        law = dict(after)
    for t in range(n + 1):
        tail = sum(share for place, share in law.items() if place >= t)
        both = sum(share for place, share in law.items() if abs(place) >= t)
        holds(tail, claimed("azuma", n=n, c=1, t=t))
        holds(both, claimed("azuma_two_sided", n=n, c=1, t=t))
        holds(tail, claimed("freedman", n=n, b=1, v=1, t=t))
        holds(tail, claimed("freedman_bernstein", n=n, b=1, v=1, t=t))
    holds(sum(share * place**2 for place, share in law.items()), claimed("martingale_variance", n=n, c=1))


@pytest.mark.parametrize(("N", "K"), [(1, 1), (2, 1), (10, 3), (10, 9), (200, 100), (200, 1)])
def test_sampling_without_replacement(N, K):
    p = Fraction(K, N)
    for n in {1, 2, N // 2, N - 1, N} - {0}:
        if n > N:
            continue
        law = stats.hypergeom(N, K, n)
        for k in counts(n):
            q = Fraction(k, n)
            tail = law.sf(k - 1)
            if q >= p:
                holds(tail, claimed("serfling", N=N, n=n, t=q - p))
                holds(tail, claimed("hoeffding_without_replacement", N=N, n=n, t=q - p))
            if 0 < q < 1 and K < N:
                if q >= p:
                    holds(tail, claimed("hypergeometric_chernoff", N=N, K=K, n=n, q=q))
                if q <= p:
                    holds(law.cdf(k), claimed("hypergeometric_chernoff_lower", N=N, K=K, n=n, q=q))
        for lam in (Fraction(-2), Fraction(0), Fraction(1)):
            exact = sum(law.pmf(k) * math.exp(float(lam) * k) for k in range(n + 1))
            holds(exact, claimed("sampling_comparison", N=N, K=K, n=n, lam=lam))


@pytest.mark.parametrize(("m", "n", "k"), [(2, 2, 1), (2, 3, 6), (20, 30, 60), (30, 20, 590)])
def test_channel_shares(m, n, k):
    law = stats.hypergeom(m * n, k, n)
    for count in counts(n):
        if 0 < count < n and count * m >= k and k < m * n:
            holds(law.sf(count - 1), claimed("channel_share", m=m, n=n, k=k, q=Fraction(count, n)))
        if 0 < count < k and count * m >= k:
            holds(law.sf(count - 1), claimed("removed_share", m=m, n=n, k=k, q=Fraction(count, k)))


@pytest.mark.parametrize("n", SIZES)
def test_empirical_distribution_functions(n):
    for t in (Fraction(1, 100), Fraction(1, 10), Fraction(1, 2), Fraction(1)):
        holds(stats.kstwo(n).sf(float(t)), claimed("dkw_massart", n=n, t=t))


@pytest.mark.parametrize(("n", "p"), list(product(SIZES[1:], SHARES)))
@pytest.mark.parametrize("delta", [0.9, 0.05, 1e-6])
def test_empirical_bernstein(n, p, delta):
    k = np.arange(n + 1)
    weights, p_ = stats.binom(n, float(p)).pmf(k), float(p)
    variance = k * (n - k) / (n * (n - 1))
    level = math.log(2 / delta)
    radius = np.sqrt(2 * variance * level / n) + 7 * level / (3 * (n - 1))
    holds(weights[p_ - k / n > radius].sum(), delta)
    slack, sd = math.sqrt(2 * math.log(1 / delta) / (n - 1)), math.sqrt(p_ * (1 - p_))
    holds(weights[sd > np.sqrt(variance) + slack].sum(), delta)
    holds(weights[np.sqrt(variance) > sd + slack].sum(), delta)


@pytest.mark.parametrize("n", SIZES)
def test_chi_squared_bounds(n):
    law = stats.chi2(n)
    for x in (Fraction(0), Fraction(1, 100), Fraction(1), Fraction(30)):
        holds(law.sf(n + 2 * math.sqrt(n * x) + 2 * float(x)), claimed("laurent_massart_upper", n=n, x=x))
        holds(law.cdf(n - 2 * math.sqrt(n * x)), claimed("laurent_massart_lower", n=n, x=x))
        holds(law.sf(n * (1 + float(x))), claimed("chi_squared_chernoff", n=n, u=x))
        holds(law.sf((math.sqrt(n) + float(x)) ** 2), claimed("gaussian_norm", n=n, t=x))
    for t in (Fraction(0), Fraction(1, 50), Fraction(1, 2), Fraction(99, 100), Fraction(1)):
        both = law.sf(n * (1 + float(t))) + law.cdf(n * (1 - float(t)))
        holds(both, claimed("chi_squared_relative", n=n, t=t))
        if t < 1:
            holds(law.cdf(n * (1 - float(t))), claimed("chi_squared_chernoff_lower", n=n, t=t))
    holds(stats.chi(n).mean(), claimed("gaussian_norm_mean", n=n))


@pytest.mark.parametrize("s", [Fraction(1, 100), Fraction(1, 2), Fraction(1)])
def test_weighted_chi_squared(s):
    s2 = float(s) ** 2
    for x in (Fraction(1, 10), Fraction(1), Fraction(5)):
        threshold = 1 + 2 * s2 + 2 * math.sqrt((1 + 2 * s2**2) * x) + 2 * x
        # The two variables of equal weight add up to an exponential one of mean 2 s².
        other = stats.expon(scale=2 * s2)
        exact = stats.chi2(1).sf(threshold) + stats.chi2(1).expect(
            lambda y, c=threshold, law=other: law.sf(c - y), lb=0, ub=threshold
        )
        holds(exact, claimed("laurent_massart_weighted", s=s, x=x))


@pytest.mark.parametrize("n", [1, 2, 100, 10_000])
def test_gaussian_maxima(n):
    for t in (Fraction(0), Fraction(1, 2), Fraction(2), Fraction(6)):
        one, both = (
            -math.expm1(n * stats.norm.logcdf(float(t))),
            -math.expm1(n * math.log1p(-2 * stats.norm.sf(float(t)))) if t else 1,
        )
        holds(one, claimed("matrix_gaussian_series_diagonal", d=n, t=t))
        holds(both, claimed("gaussian_maximum_modulus", n=n, t=t))
        holds(both, claimed("matrix_gaussian_series_diagonal_norm", d=n, t=t))
        beyond = -math.expm1(n * stats.norm.logcdf(math.sqrt(2 * math.log(n)) + float(t)))
        holds(beyond, claimed("gaussian_maximum_deviation", n=n, t=t))
    for delta in (0.5, 0.05, 1e-9):
        threshold = math.sqrt(2 * math.log(n / (2 * delta)))
        holds(-math.expm1(n * stats.norm.logcdf(threshold)), delta)


def test_mills_ratio():
    for t in (Fraction(1, 100), Fraction(1), Fraction(2), Fraction(20)):
        tail = stats.norm.sf(float(t))
        holds(tail, claimed("gaussian_mills_upper", t=t))
        least = 1 - claimed("gaussian_mills_lower", t=t)
        assert least <= tail + 1e-15


@pytest.mark.parametrize(("n", "k"), [(1, 1), (2, 2), (7, 3), (100, 2), (100, 99)])
def test_order_statistics_of_uniform_variables(n, k):
    law = stats.beta(k, n - k + 1)
    for x in (Fraction(1, 1000), Fraction(1, 10), Fraction(1, 2), Fraction(9, 10), Fraction(999, 1000)):
        if k >= 2 and x >= Fraction(k - 1, n):
            holds(law.sf(float(x)), claimed("order_statistic_upper", n=n, k=k, x=x))
        if k < n and x <= Fraction(k, n):
            holds(law.cdf(float(x)), claimed("order_statistic_lower", n=n, k=k, x=x))
    for a, b in ((1, 1), (Fraction(1, 10), 3), (5, Fraction(1, 2)), (200, 300)):
        centre = a / (a + b)
        for t in (Fraction(0), Fraction(1, 100), Fraction(1, 3)):
            tail = stats.beta(float(a), float(b)).sf(float(centre) + float(t))
            holds(tail, claimed("beta_sub_gaussian", a=a, b=b, t=t))


@pytest.mark.parametrize("n", [1, 2, 3, 10, 101])
def test_sums_of_signs(n):
    k = np.arange(n + 1)
    weights, total = stats.binom(n, 0.5).pmf(k), 2 * k - n
    holds((weights * total**4).sum(), claimed("khinchine_fourth", n=n))
    holds(claimed("szarek", n=n), (weights * abs(total)).sum())
    for p in SHARES:
        law, sd = stats.binom(n, float(p)), math.sqrt(n * p * (1 - p))
        for t in (Fraction(-2), Fraction(0), Fraction(1, 3), Fraction(4)):
            threshold = float(n * p) + float(t) * sd
            holds(law.sf(math.ceil(threshold - 1e-9) - 1), claimed("berry_esseen_upper", n=n, p=p, t=t))
            holds(law.cdf(math.floor(threshold + 1e-9)), claimed("berry_esseen_lower", n=n, p=p, t=t))


@pytest.mark.parametrize(("n", "d"), [(1, 1), (2, 2), (10, 5), (30, 4), (5, 20)])
def test_balls_in_bins(n, d):
    def share_with(counts_allowed) -> float:
        """P(every count lies in the set): n! d^-n times a coefficient of a power of a truncated exponential."""
        one = np.array([1 / math.factorial(j) if j in counts_allowed else 0.0 for j in range(n + 1)])
        power = np.array([1.0])
        for _ in range(d):
            power = np.convolve(power, one)[: n + 1]
        return power[n] * math.factorial(n) / d**n

    at_most = [share_with(range(k + 1)) for k in range(n + 1)]
    at_least = [share_with(range(k, n + 1)) for k in range(n + 2)]
    mu = Fraction(n, d)
    for u in (Fraction(0), Fraction(1, 2), Fraction(2), Fraction(4)):
        need = math.ceil((1 + u) * mu)
        tail = 0.0 if need > n else 1 - (at_most[need - 1] if need else 0.0)
        holds(tail, claimed("matrix_chernoff_upper", n=n, d=d, u=u))
        if u < 1:
            holds(1 - at_least[math.floor((1 - u) * mu) + 1], claimed("matrix_chernoff_lower", n=n, d=d, u=u))
    mean_of_maximum = sum(1 - share for share in at_most)
    mean_of_minimum = sum(at_least[1 : n + 1])
    for theta in (Fraction(1, 100), Fraction(1), Fraction(3)):
        holds(mean_of_maximum, claimed("matrix_chernoff_mean_upper", n=n, d=d, theta=theta))
        assert claimed("matrix_chernoff_mean_lower", n=n, d=d, theta=theta) <= mean_of_minimum + 1e-9
    holds(1 - at_least[1], claimed("coupon_collector", n=n, d=d))
    law = np.zeros(d + 1)
    law[d] = 1.0
    for _ in range(n):
        free = np.arange(d + 1)
        law = law * (1 - free / d) + np.append(law[1:] * free[1:] / d, 0.0)
    mean = d * (1 - 1 / d) ** n
    for t in (Fraction(0), Fraction(1, 2), Fraction(1), Fraction(3)):
        holds(law[abs(np.arange(d + 1) - mean) >= t].sum(), claimed("empty_bins", m=n, n=d, t=t))


# Matrices: simulated, with an allowance of five standard errors. --------------------------------------
TRIALS = 2000
ENTRIES = {
    "normal": lambda rng, shape: rng.standard_normal(shape),
    "signs": lambda rng, shape: rng.choice([-1.0, 1.0], shape),
    "uniform": lambda rng, shape: rng.uniform(-1, 1, shape),
    "sparse": lambda rng, shape: rng.choice([-1.0, 0.0, 1.0], shape, p=[0.05, 0.9, 0.05]),
}


@pytest.fixture(scope="module")
def norms():
    rng, found = np.random.default_rng(7), {}
    for (name, draw), (m, n) in product(ENTRIES.items(), [(1, 1), (2, 2), (3, 9), (16, 16)]):
        found[name, m, n] = np.linalg.norm(draw(rng, (TRIALS, m, n)), 2, axis=(1, 2))
    return found


TAILS = {
    "matrix_gaussian_series": "normal",
    "matrix_rademacher_series": "signs",
    "matrix_uniform_series": "uniform",
    "matrix_bernstein_signs": "signs",
    "matrix_bernstein_uniform": "uniform",
    "matrix_hoeffding": "signs",
    "nets_normal": "normal",
    "nets_signs": "signs",
    "nets_uniform": "uniform",
    "moment_domination_normal": "normal",
    "moment_domination_signs": "signs",
    "moment_domination_uniform": "uniform",
    "spherical_average_normal": "normal",
    "spherical_average_signs": "signs",
    "spherical_average_uniform": "uniform",
}


@pytest.mark.parametrize("name", TAILS)
def test_tails_of_the_norm(norms, name):
    for (law, m, n), observed in norms.items():
        if law != TAILS[name]:
            continue
        values = {"m": m, "n": n, "s": 1} | ({"eta": Fraction(1, 4)} if name.startswith("nets") else {})
        for share in (0.01, 0.3, 0.9):
            t = Fraction(float(np.quantile(observed, share))).limit_denominator(1000)
            freq = float(np.mean(observed >= float(t)))
            bound = claimed(name, t=t, **values)
            assert freq <= bound + 5 * math.sqrt(max(bound, 1 / TRIALS) / TRIALS)


@cache
def sign_norms(m, n):
    """The norms of all m × n matrices of signs, each as likely."""
    signs = np.array(list(product((-1.0, 1.0), repeat=m * n))).reshape(-1, m, n)
    return np.linalg.norm(signs, 2, axis=(1, 2)) * (1 - 1e-12)


SIGN_SHAPES = [(1, 1), (1, 4), (2, 2), (2, 3), (3, 3), (2, 6)]


def exceeds_somewhere(m, n, factor, name="moment_domination_signs"):
    """Whether the exact tail of the norm is above the bound with t scaled: its constant s² is divided by factor²."""
    observed = sign_norms(m, n)
    return any(
        float(np.mean(observed >= t)) > claimed(name, m=m, n=n, s=1, t=Fraction(float(t)) * factor)
        for t in np.unique(observed)
    )


@pytest.mark.parametrize(("m", "n"), SIGN_SHAPES)
def test_moment_domination_of_all_matrices_of_signs(m, n):
    assert not exceeds_somewhere(m, n, 1)


@pytest.mark.parametrize(("m", "n", "factor"), [(1, 1, "101/100"), (1, 4, "101/100"), (2, 2, "3/2"), (3, 3, "3/2")])
def test_moment_domination_with_a_smaller_constant_is_caught(m, n, factor):
    """For a row of signs the bound is attained at q = 1, so that one percent shows."""
    assert exceeds_somewhere(m, n, Fraction(factor))


@pytest.mark.parametrize(("m", "n"), SIGN_SHAPES)
def test_spherical_average_of_all_matrices_of_signs(m, n):
    assert not exceeds_somewhere(m, n, 1, "spherical_average_signs")


@pytest.mark.parametrize(("m", "n", "factor"), [(1, 1, "101/100"), (1, 4, "101/100"), (2, 2, "17/10"), (3, 3, "2")])
def test_spherical_average_with_a_smaller_constant_is_caught(m, n, factor):
    """As with S1, a row of signs attains the bound at k = 1."""
    assert exceeds_somewhere(m, n, Fraction(factor), "spherical_average_signs")


def test_spherical_average_of_one_row():
    for t in (Fraction(1, 2), Fraction(1), Fraction(2), Fraction(5)):
        holds(2 * stats.norm.sf(float(t)), claimed("spherical_average_normal", m=1, n=1, s=1, t=t))
        holds(stats.chi(7).sf(float(t)), claimed("spherical_average_normal", m=1, n=7, s=1, t=t))
        holds(max(0, 1 - float(t)), claimed("spherical_average_uniform", m=1, n=1, s=1, t=t))


def test_moment_domination_of_one_row():
    """One normal variable, or a row of them: known tails."""
    for t in (Fraction(1, 2), Fraction(1), Fraction(2), Fraction(5)):
        holds(2 * stats.norm.sf(float(t)), claimed("moment_domination_normal", m=1, n=1, s=1, t=t))
        holds(stats.chi(7).sf(float(t)), claimed("moment_domination_normal", m=1, n=7, s=1, t=t))
        holds(max(0, 1 - float(t)), claimed("moment_domination_uniform", m=1, n=1, s=1, t=t))


def test_tails_and_means_of_other_norms(norms):
    for (law, m, n), observed in norms.items():
        mean, error = observed.mean(), 5 * observed.std() / math.sqrt(TRIALS) + 1e-12
        size = {"m": m, "n": n}
        # Both depend on the law by its variance alone, which is b²/3 for uniform entries.
        square, square_error = np.mean(observed**2), 5 * np.std(observed**2) / math.sqrt(TRIALS) + 1e-12
        variance = {"normal": Fraction(1), "signs": Fraction(1), "uniform": Fraction(1, 3), "sparse": Fraction(1, 10)}
        assert square <= 3 * variance[law] * claimed("frobenius_mean", **size, b=1) + square_error
        assert square >= 3 * variance[law] * claimed("row_and_column_mean", **size, b=1) - square_error
        if law == "normal":
            for name in ("davidson_szarek_mean", "matrix_gaussian_series_mean"):
                assert mean <= claimed(name, **size, s=1) + error
            for eps in (Fraction(1, 100), Fraction(1, 2)):
                assert mean <= claimed("bandeira_van_handel", **size, s=1, eps=eps) + error
            for t in (Fraction(0), Fraction(1, 2), Fraction(2)):
                freq = np.mean(observed >= math.sqrt(m) + math.sqrt(n) + t)
                bound = claimed("davidson_szarek_tail", **size, s=1, t=t)
                assert freq <= bound + 5 * math.sqrt(bound / TRIALS)
                freq = np.mean(abs(observed - mean) >= t)
                bound = claimed("norm_concentration", **size, s=1, t=t)
                assert freq <= bound + 5 * math.sqrt(bound / TRIALS)
        if law == "sparse":
            assert mean <= claimed("matrix_bernstein_mean", **size, p=Fraction(1, 10)) + error
            for t in (Fraction(1), Fraction(5, 2)):
                freq = np.mean(observed >= t)
                assert freq <= claimed("matrix_bernstein_sparse", **size, p=Fraction(1, 10), t=t) + 0.05
        if law in ("signs", "uniform"):
            for t in (Fraction(1, 4), Fraction(1)):
                bound = claimed("norm_of_bounded_entries", **size, b=1, t=t)
                assert np.mean(observed - mean > t) <= bound + 5 * math.sqrt(bound / TRIALS)
