"""Facts about laws against numerical integration; samples and statistics."""

from __future__ import annotations

import math
import pickle
from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, special, stats
from sympy import Rational, oo, simplify, sqrt

from boundcheck import (
    bernoulli,
    bounded,
    exponential,
    iid,
    independent,
    integer,
    maximum,
    mean,
    normal,
    rademacher,
    real,
    sum_of,
    two_point,
    uniform,
)
from boundcheck.errors import InvalidArgument, UnsupportedClaim
from boundcheck.statement.laws import Law

CONTINUOUS = [
    (uniform(-1, 1), stats.uniform(-1, 2)),
    (uniform(Rational(-3, 2), Rational(3, 2)), stats.uniform(-1.5, 3)),
    (uniform(2, 5), stats.uniform(2, 3)),
    (uniform(-4, 1), stats.uniform(-4, 5)),
    (normal(0, 1), stats.norm(0, 1)),
    (normal(0, Rational(1, 3)), stats.norm(0, 1 / 3)),
    (normal(-2, 3), stats.norm(-2, 3)),
    (exponential(2), stats.expon(scale=0.5)),
]
DISCRETE = [
    (rademacher(3), [(-3, 0.5), (3, 0.5)]),
    (bernoulli(Rational(1, 5)), [(0, 0.8), (1, 0.2)]),
    (two_point(-1, 4, Rational(9, 10)), [(-1, 0.1), (4, 0.9)]),
    (two_point(-2, 2, Rational(1, 3)), [(-2, 2 / 3), (2, 1 / 3)]),
    (bernoulli(0), [(0, 1.0)]),
]
LAMBDAS = np.concatenate([-np.geomspace(1e-3, 30, 40), np.geomspace(1e-3, 30, 40)])


def expect(description, f):
    if isinstance(description, list):
        return sum(p * f(x) for x, p in description)
    middle, width = description.mean(), 40 * description.std()
    low, high = max(description.support()[0], middle - width), min(description.support()[1], middle + width)
    pieces = np.linspace(low, high, 41)
    return sum(
        integrate.quad(lambda x: f(x) * description.pdf(x), a, b, epsabs=1e-13, epsrel=1e-9)[0]
        for a, b in pairwise(pieces)
    )


@pytest.mark.parametrize(
    ("law", "description"), CONTINUOUS + DISCRETE, ids=lambda x: str(x) if isinstance(x, Law) else ""
)
def test_mean_and_variance(law, description):
    average = expect(description, lambda x: x)
    assert float(law.mean) == pytest.approx(average, abs=1e-9)
    assert float(law.variance) == pytest.approx(expect(description, lambda x: (x - average) ** 2), rel=1e-8, abs=1e-12)


def mgf(law, description, lam):
    """log E exp(λ (w - E w)), in closed form where a law's tails outgrow quadrature."""
    centre = float(law.mean)
    if isinstance(description, list):
        return special.logsumexp([lam * (x - centre) for x, p in description if p], b=[p for _, p in description if p])
    if law.label == "normal":
        return (lam * float(law.std)) ** 2 / 2
    half = abs(lam) * float(law.high - law.low) / 2
    return half + math.log(-math.expm1(-2 * half) / (2 * half))


@pytest.mark.parametrize(
    ("law", "description"),
    [case for case in CONTINUOUS + DISCRETE if case[0].variance_proxy is not None],
    ids=lambda x: str(x) if isinstance(x, Law) else "",
)
def test_the_variance_proxy_dominates_the_moment_generating_function(law, description):
    proxy = float(law.variance_proxy)
    for lam in LAMBDAS:
        assert mgf(law, description, lam) <= lam**2 * proxy / 2 * (1 + 1e-9) + 1e-15
    # No smaller than the variance, and the variance where the theory says so.
    assert proxy >= float(law.variance) * (1 - 1e-12)
    if law.label in ("uniform", "normal"):
        assert proxy == pytest.approx(float(law.variance))


def test_the_closed_forms_above_agree_with_quadrature():
    for law, description in CONTINUOUS[:-1]:
        for lam in (-1.3, 0.4, 2.0):
            direct = expect(description, lambda x, c=float(law.mean), s=lam: math.exp(s * (x - c)))
            assert mgf(law, description, lam) == pytest.approx(math.log(direct), rel=1e-7)


def test_an_exponential_is_not_sub_gaussian():
    assert exponential(1).variance_proxy is None
    assert exponential(1).supremum is None


@pytest.mark.parametrize(
    ("law", "transport"),
    [
        (uniform(-1, 1), lambda z: special.erf(z / math.sqrt(2))),
        (uniform(-2.5, 2.5), lambda z: 2.5 * special.erf(z / math.sqrt(2))),
        (normal(0, 3), lambda z: 3 * z),
    ],
    ids=str,
)
def test_transport_maps_are_odd_lipschitz_and_onto_the_law(law, transport):
    g = float(law.transport)
    z = np.linspace(-6, 6, 4001)
    w = transport(z)
    assert w == pytest.approx(-transport(-z), abs=1e-15)
    slopes = np.diff(w) / np.diff(z)
    assert slopes.max() <= g * (1 + 1e-9)
    assert slopes.max() >= g * (1 - 1e-5)
    # T(Z) has the law: its distribution function at T(z) is Φ(z).
    description = (
        dict(CONTINUOUS).get(law) or stats.uniform(float(law.low), float(law.high - law.low))
        if law.label == "uniform"
        else stats.norm(0, 3)
    )
    assert description.cdf(w) == pytest.approx(special.ndtr(z), abs=1e-12)


@pytest.mark.parametrize("law", [uniform(0, 1), normal(1, 1), rademacher(1), exponential(1), bounded(-1, 1)], ids=str)
def test_laws_without_a_transport(law):
    assert law.transport is None


@pytest.mark.parametrize(
    ("law", "supremum"),
    [(uniform(-2, 2), 2), (uniform(-4, 1), 4), (uniform(2, 5), 5), (rademacher(3), 3), (normal(0, 1), None)],
    ids=str,
)
def test_the_largest_modulus(law, supremum):
    assert law.supremum == supremum


@pytest.mark.parametrize(
    "law", [two_point(-1, 4, Rational(9, 10)), two_point(-2, 2, Rational(1, 3)), bernoulli(Rational(1, 5))]
)
def test_the_modulus_of_a_two_point_law_is_not_above_its_supremum(law):
    assert law.supremum >= max(abs(law.low), abs(law.high))


@pytest.mark.parametrize(
    ("law", "symmetric", "unimodal"),
    [
        (uniform(-1, 1), True, True),
        (uniform(-1, 2), False, False),
        (normal(0, 5), True, True),
        (normal(1, 5), False, False),
        (rademacher(1), True, False),
        (two_point(-1, 1, Rational(1, 3)), False, False),
        (two_point(-1, 2, Rational(1, 2)), False, False),
        (exponential(1), False, False),
        (bounded(-1, 1), False, False),
    ],
    ids=str,
)
def test_symmetry(law, symmetric, unimodal):
    assert (law.symmetric, law.unimodal) == (symmetric, unimodal)


def test_symmetry_with_parameters():
    d = integer("d", min=1)
    assert uniform(-1 / sqrt(d), 1 / sqrt(d)).symmetric
    assert not uniform(-d, d + 1).symmetric


@pytest.mark.parametrize("q", [0.01, 0.3, 0.9, 0.9999])
def test_quantiles_of_the_modulus(q):
    for law, cdf in ((uniform(-3, 3), lambda x: x / 3), (normal(0, 2), lambda x: math.erf(x / 2 / math.sqrt(2)))):
        assert cdf(float(law.magnitude_quantile(Rational(str(q))))) == pytest.approx(q, rel=1e-12)
    assert rademacher(1).magnitude_quantile(Rational(1, 2)) is None


@pytest.mark.parametrize(
    "law", [uniform(-1, 3), normal(1, 2), rademacher(2), bernoulli(Rational(1, 3)), exponential(3)], ids=str
)
def test_scaling_scales_every_fact(law):
    big = law.scaled(Rational(5))
    assert simplify(big.mean - 5 * law.mean) == 0
    assert simplify(big.variance - 25 * law.variance) == 0
    if law.variance_proxy is not None:
        assert simplify(big.variance_proxy - 25 * law.variance_proxy) == 0
    if law.supremum is not None:
        assert simplify(big.supremum - 5 * law.supremum) == 0
    assert big.symmetric == law.symmetric


def test_a_family_has_no_mean_and_is_tested_at_its_ends():
    family = bounded(-1, 3)
    with pytest.raises(UnsupportedClaim, match=r"bounded\(-1, 3\) has no single mean"):
        _ = family.mean
    with pytest.raises(UnsupportedClaim, match="cannot be scaled"):
        family.scaled(2)
    witnesses = family.witnesses()
    assert two_point(-1, 3, Rational(1, 2)) in witnesses
    assert uniform(-1, 3) in witnesses
    assert len({*map(str, witnesses)}) == len(witnesses) >= 5
    for witness in witnesses:
        assert -1 <= witness.low < witness.high <= 3
        # Hoeffding's lemma for the family covers every witness.
        assert float(witness.variance) <= float(family.variance_proxy)


def test_names():
    assert [str(x) for x in (bernoulli("1/3"), rademacher(2), two_point(0, 2, 0.5), uniform(0, 1))] == [
        "bernoulli(1/3)",
        "rademacher(2)",
        "two_point(0, 2, 1/2)",
        "uniform(0, 1)",
    ]


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: uniform(1, 1), r"high=1 is not above low=1; pass low < high"),
        (lambda: uniform(2, 1), r"high=1 is not above low=2"),
        (lambda: uniform(0, float("inf")), r"high=oo is not finite"),
        (lambda: uniform(-oo, 1), r"low=-oo is not finite"),
        (lambda: uniform(float("nan"), 1), r"low=nan is not a number"),
        (lambda: bounded(-oo, oo), r"low=-oo is not finite"),
        (lambda: bounded(1, 0), r"high=0 is not above low=1"),
        (lambda: two_point(0, 1, 2), r"p=2 is not a probability; pass a number between 0 and 1"),
        (lambda: two_point(1, 0, 0.5), r"high=0 is not above low=1"),
        (lambda: bernoulli(-0.1), r"p=-1/10 is not a probability"),
        (lambda: bernoulli("p"), r"p='p' is not a number"),
        (lambda: normal(0, 0), r"std=0 is not positive and finite; pass std > 0"),
        (lambda: normal(0, -1), r"std=-1 is not positive"),
        (lambda: normal(0, oo), r"std=oo is not positive and finite"),
        (lambda: normal(oo, 1), r"mean=oo is not finite"),
        (lambda: rademacher(0), r"scale=0 is not positive"),
        (lambda: exponential(0), r"rate=0 is not positive"),
        (lambda: exponential(None), r"rate=None is not a number"),
        (lambda: iid("uniform", 3), r"law='uniform' is not a law; pass bounded\(0, 1\)"),
        (lambda: iid(uniform(0, 1), 0), r"n=0 is not a sample size; pass a positive integer"),
        (lambda: iid(uniform(0, 1), 2.5), r"n=5/2 is not a sample size"),
        (lambda: iid(uniform(0, 1), oo), r"n=oo is not a sample size"),
        (lambda: iid(uniform(0, 1), -3), r"n=-3 is not a sample size"),
        (lambda: independent(uniform(0, 1)), r"laws=.* names fewer than two laws; use iid"),
        (lambda: independent(uniform(0, 1), 3), r"laws=3 is not a law; pass laws"),
        (lambda: mean(uniform(0, 1)), r"sample=.* is not a sample; make one with iid"),
        (lambda: maximum([1, 2]), r"sample=\[1, 2\] is not a sample"),
    ],
)
def test_impossible_laws_and_samples_are_refused(build, message):
    with pytest.raises(InvalidArgument, match="^" + message):
        build()


def test_numbers_put_in_must_make_a_law_and_a_sample():
    a, n = real("a"), integer("n", min=0)
    for law in (uniform(-a, a), normal(0, a), two_point(0, a, 0.5), exponential(a), bounded(0, a)):
        assert law.at({a: Rational(2)}) == law.at({a: Rational(2)})
        with pytest.raises(InvalidArgument):
            law.at({a: Rational(-2)})
    with pytest.raises(InvalidArgument, match="p=2 is not a probability"):
        bernoulli(a).at({a: Rational(2)})
    with pytest.raises(InvalidArgument, match="n=0 is not a sample size"):
        iid(uniform(0, 1), n).at({n: Rational(0)})


def test_means_of_statistics():
    n = integer("n", min=1)
    sample = iid(two_point(-1, 3, Rational(1, 4)), n)
    assert mean(sample).expectation == 0
    assert sum_of(iid(exponential(2), n)).expectation == n / 2
    mixed = independent(uniform(0, 1), normal(3, 1), bernoulli(Rational(1, 4)))
    assert sum_of(mixed).expectation == Rational(15, 4)
    assert mean(mixed).expectation == Rational(5, 4)
    with pytest.raises(UnsupportedClaim, match=r"E\(maximum\(X\)\) has no closed form"):
        _ = maximum(sample).expectation


def test_statistics_are_equal_when_sample_and_kind_are():
    X, Y = iid(uniform(0, 1), 5), iid(uniform(0, 1), 6)
    assert mean(X) == mean(iid(uniform(0, 1), 5))
    assert len({mean(X), mean(Y), sum_of(X), maximum(X), mean(X)}) == 4
    assert mean(X) - mean(X) == 0
    assert pickle.loads(pickle.dumps(mean(X) + 1)) == mean(X) + 1


def test_witnesses_of_mixed_samples_pair_families_up():
    sample = independent(bounded(0, 1), normal(0, 1))
    witnesses = sample.witnesses()
    assert len(witnesses) == len(bounded(0, 1).witnesses())
    assert all(w.laws[1] == normal(0, 1) for w in witnesses)
    assert [w.laws[0] for w in witnesses] == list(bounded(0, 1).witnesses())
