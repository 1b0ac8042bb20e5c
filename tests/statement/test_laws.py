"""Facts about laws against numerical integration and summation; images, scaled laws, numbers put in, bad input."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special, stats
from sympy import Abs, Rational, Symbol, exp, lambdify, log, oo, simplify, sqrt

from boundcheck import (
    bernoulli,
    beta,
    bounded,
    chi_squared,
    discrete,
    exponential,
    gamma,
    hypergeometric,
    integer,
    normal,
    poisson,
    rademacher,
    real,
    two_point,
    uniform,
)
from boundcheck.errors import InvalidArgument, UnsupportedClaim
from boundcheck.statement.laws import VALUE, Affine, Discrete, Gamma, Law

CONTINUOUS = [
    (uniform(-1, 1), stats.uniform(-1, 2)),
    (uniform(Rational(-3, 2), Rational(3, 2)), stats.uniform(-1.5, 3)),
    (uniform(2, 5), stats.uniform(2, 3)),
    (uniform(-4, 1), stats.uniform(-4, 5)),
    (normal(0, 1), stats.norm(0, 1)),
    (normal(0, Rational(1, 3)), stats.norm(0, 1 / 3)),
    (normal(-2, 3), stats.norm(-2, 3)),
    (exponential(2), stats.expon(scale=0.5)),
    (gamma(3, 2), stats.gamma(3, scale=0.5)),
    (gamma(Rational(3, 2), Rational(1, 4)), stats.gamma(1.5, scale=4)),
    (chi_squared(5), stats.chi2(5)),
    (beta(2, 3), stats.beta(2, 3)),
    (beta(Rational(3, 2), 1), stats.beta(1.5, 1)),
    (Affine(gamma(2, 1), Rational(-1), Rational(1)), None),
    (Affine(beta(2, 2), Rational(2), Rational(-1)), stats.beta(2, 2, loc=-1, scale=2)),
]
DISCRETE = [
    (rademacher(3), [(-3, 0.5), (3, 0.5)]),
    (bernoulli(Rational(1, 5)), [(0, 0.8), (1, 0.2)]),
    (two_point(-1, 4, Rational(9, 10)), [(-1, 0.1), (4, 0.9)]),
    (two_point(-2, 2, Rational(1, 3)), [(-2, 2 / 3), (2, 1 / 3)]),
    (bernoulli(0), [(0, 1.0)]),
    (two_point(-3, 2, 1), [(2, 1.0)]),
    (discrete({-1: "1/4", 0: "1/2", 3: "1/4"}), [(-1, 0.25), (0, 0.5), (3, 0.25)]),
    (discrete({-1: 0, 2: 1}), [(2, 1.0)]),
    (poisson(Rational(7, 2)), [(k, stats.poisson(3.5).pmf(k)) for k in range(80)]),
    (hypergeometric(20, 7, 9), [(k, stats.hypergeom(20, 7, 9).pmf(k)) for k in range(8)]),
    (hypergeometric(1, 1, 1), [(1, 1.0)]),
    (Affine(poisson(2), Rational(3), Rational(-1)), [(3 * k - 1, stats.poisson(2).pmf(k)) for k in range(60)]),
]
LAMBDAS = np.concatenate([-np.geomspace(1e-3, 30, 40), np.geomspace(1e-3, 30, 40)])
GAUSS = np.polynomial.legendre.leggauss(16)
NODES = ((np.arange(400)[:, None] + (GAUSS[0] + 1) / 2) / 400).ravel()
WEIGHTS = np.tile(GAUSS[1] / 800, 400)
x, z = real("x"), Symbol("z", real=True)


def named(value):
    return str(value) if isinstance(value, Law) else ""


def expect(law, description, f):
    """E f(w) by summation, or by integration of the law's own density where there is no other description."""
    if isinstance(description, list):
        return sum(p * f(value) for value, p in description)
    low, high = (float(end) for end in law.support)
    middle, width = float(law.mean), 100 * math.sqrt(float(law.variance))
    density = description.pdf if description is not None else density_of(law)
    low, high = max(low, middle - width), min(high, middle + width)
    # Nodes crowd at the ends, where densities may have roots.
    v = low + (high - low) * NODES**3 * (10 - 15 * NODES + 6 * NODES**2)
    return float(np.sum(WEIGHTS * (high - low) * 30 * (NODES * (1 - NODES)) ** 2 * f(v) * density(v)))


def density_of(law):
    return lambdify(z, law.density(z), ["scipy", "numpy"])


@pytest.mark.parametrize(("law", "description"), CONTINUOUS + DISCRETE, ids=named)
def test_mean_and_variance(law, description):
    average = expect(law, description, lambda v: v)
    assert float(law.mean) == pytest.approx(average, abs=1e-8)
    spread = expect(law, description, lambda v: (v - average) ** 2)
    assert float(law.variance) == pytest.approx(spread, rel=1e-7, abs=1e-12)


@pytest.mark.parametrize(("law", "description"), CONTINUOUS, ids=named)
def test_densities(law, description):
    low, high = (float(end) for end in law.support)
    inside = [v for v in np.linspace(float(law.mean) - 3, float(law.mean) + 3, 13) if low < v < high]
    assert inside
    ours = density_of(law)
    if description is None:
        assert expect(law, None, np.ones_like) == pytest.approx(1, rel=1e-8)
    else:
        assert [ours(v) for v in inside] == pytest.approx([description.pdf(v) for v in inside], rel=1e-11)
        assert description.support() == pytest.approx((low, high))


@pytest.mark.parametrize(("law", "description"), DISCRETE, ids=named)
def test_finite_laws_and_supports(law, description):
    values = [v for v, p in description if p > 1e-200]
    low, high = law.support
    assert low == min(values)
    assert high in (oo, max(values))
    assert high is oo if "poisson" in str(law) else high == max(values)
    if law.finite is None:
        assert not isinstance(law, Discrete)
    else:
        found = {float(v): float(p) for v, p in law.finite.items()}
        assert found == pytest.approx({v: p for v, p in description if p})


@pytest.mark.parametrize(("law", "description"), CONTINUOUS + DISCRETE, ids=named)
@pytest.mark.parametrize("lam", ["-1/2", "1/10", "1/5"])
def test_moment_generating_functions(law, description, lam):
    value = law.mgf(Rational(lam))
    if value is None:
        assert law.label in ("beta", "hypergeometric") or getattr(law, "law", law).label == "beta"
        return
    direct = expect(law, description, lambda v: np.exp(float(Rational(lam)) * v))
    assert float(value) == pytest.approx(direct, rel=1e-6)


def test_the_moment_generating_function_at_zero():
    for law, _ in CONTINUOUS + DISCRETE:
        assert law.mgf(Rational(0)) in (None, 1)


FUNCTIONS = [VALUE, 2 * VALUE - 1, -VALUE / 2, VALUE**2, Abs(VALUE), 3 * VALUE**2 + 1, exp(VALUE / 10), 5 - VALUE]


@pytest.mark.parametrize(("law", "description"), CONTINUOUS + DISCRETE, ids=named)
def test_images(law, description):
    """The mean, the variance and the mgf of the law of f(w) are those of f of the law."""
    for function in FUNCTIONS:
        image = law.image(function)
        affine = function.diff(VALUE).is_number
        assert image is not None or not affine
        assert law.finite is None or image.finite is not None
        if image is None:
            continue
        image.validate()

        def f(v, function=function):
            return float(function.subs(VALUE, v)) if isinstance(v, int) else np.nan

        if isinstance(description, list):
            average = sum(p * f(v) for v, p in description)
            square = sum(p * f(v) ** 2 for v, p in description)
        else:
            quick = {VALUE**2: lambda v: v**2, 3 * VALUE**2 + 1: lambda v: 3 * v**2 + 1}.get(function)
            if quick is None:
                slope, shift = (float(c) for c in (function.diff(VALUE), function.subs(VALUE, 0)))
                quick = lambda v, a=slope, b=shift: a * v + b  # noqa: E731
            average = expect(law, description, quick)
            square = expect(law, description, lambda v, g=quick: g(v) ** 2)
        assert float(image.mean) == pytest.approx(average, rel=1e-6, abs=1e-8)
        assert float(image.variance) == pytest.approx(square - average**2, rel=1e-5, abs=1e-7)


def test_images_that_are_laws_here():
    assert normal(1, 2).image(3 - VALUE) == normal(2, 2)
    assert normal(0, 2).image(VALUE**2) == Gamma(Rational(1, 2), Rational(1, 8))
    assert normal(0, 1).image(VALUE**2 / 4) == Gamma(Rational(1, 2), Rational(2))
    assert normal(0, 1).image(VALUE**2 - 1) == Affine(Gamma(Rational(1, 2), Rational(1, 2)), Rational(1), Rational(-1))
    assert normal(1, 1).image(VALUE**2) is None
    assert normal(0, 1).image(-(VALUE**2)) is None
    assert normal(0, 1).image(VALUE**2 + VALUE) is None
    assert uniform(0, 1).image(1 - 2 * VALUE) == uniform(-1, 1)
    assert exponential(2).image(VALUE / 3) == exponential(6)
    assert exponential(2).image(-VALUE) == Affine(exponential(2), Rational(-1), Rational(0))
    assert exponential(2).image(-VALUE).image(-VALUE) == exponential(2)
    assert bernoulli("1/3").image(1 - VALUE) == bernoulli("2/3")
    assert rademacher(2).image(VALUE**2).finite == {4: 1}
    assert two_point(0, 1, 1).image(1 / VALUE).finite == {1: 1}, "0 has no probability"
    assert uniform(-1, 1).image(x * VALUE) is None, "a slope of unknown sign"
    assert exponential(1).image(log(VALUE)) is None


def test_discrete_laws_add_up_values_that_coincide():
    a, b = real("a"), real("b")
    law = discrete({a: "1/3", b: "2/3"})
    assert law.at({a: Rational(1), b: Rational(2)}).finite == {1: Rational(1, 3), 2: Rational(2, 3)}
    assert law.at({a: Rational(1), b: Rational(1)}).finite == {1: 1}
    shares = discrete({0: 1 - a, 1: a})
    assert shares.at({a: Rational(0)}).finite == {0: 1}
    with pytest.raises(InvalidArgument, match="probabilities=-1 is not a probability"):
        shares.at({a: Rational(2)})


def log_mgf(law, description, lam):
    """log E exp(λ (w - E w)), in closed form where a law's tails outgrow quadrature."""
    centre = float(law.mean)
    if isinstance(description, list):
        return special.logsumexp([lam * (v - centre) for v, p in description if p], b=[p for _, p in description if p])
    if law.label == "normal":
        return (lam * float(law.std)) ** 2 / 2
    if law.label == "uniform":
        half = abs(lam) * float(law.high - law.low) / 2
        return half + math.log(-math.expm1(-2 * half) / (2 * half))
    return math.log(special.hyp1f1(float(law.a), float(law.a + law.b), lam)) - lam * centre


@pytest.mark.parametrize(
    ("law", "description"),
    [case for case in CONTINUOUS + DISCRETE if case[0].variance_proxy is not None],
    ids=named,
)
def test_the_variance_proxy_dominates_the_moment_generating_function(law, description):
    proxy = float(law.variance_proxy)
    for lam in LAMBDAS:
        assert log_mgf(law, description, lam) <= lam**2 * proxy / 2 * (1 + 1e-9) + 1e-14
    # No smaller than the variance, and the variance where the theory says so.
    assert proxy >= float(law.variance) * (1 - 1e-12)
    if law.label in ("uniform", "normal"):
        assert proxy == pytest.approx(float(law.variance))


def test_the_closed_forms_above_agree_with_quadrature():
    for law, description in CONTINUOUS:
        if law.variance_proxy is None:
            continue
        for lam in (-1.3, 0.4, 2.0):
            direct = expect(law, description, lambda v, c=float(law.mean), s=lam: np.exp(s * (v - c)))
            assert log_mgf(law, description, lam) == pytest.approx(math.log(direct), rel=1e-7)


def test_laws_that_are_not_sub_gaussian():
    for law in (exponential(1), gamma(2, 3), poisson(1)):
        assert law.variance_proxy is None
        assert law.supremum is None


@pytest.mark.parametrize(
    ("law", "transport"),
    [
        (uniform(-1, 1), lambda v: special.erf(v / math.sqrt(2))),
        (uniform(-2.5, 2.5), lambda v: 2.5 * special.erf(v / math.sqrt(2))),
        (normal(0, 3), lambda v: 3 * v),
    ],
    ids=["uniform(-1, 1)", "uniform(-5/2, 5/2)", "normal(0, 3)"],
)
def test_transport_maps_are_odd_lipschitz_and_onto_the_law(law, transport):
    g = float(law.transport)
    v = np.linspace(-6, 6, 4001)
    w = transport(v)
    assert w == pytest.approx(-transport(-v), abs=1e-15)
    slopes = np.diff(w) / np.diff(v)
    assert slopes.max() <= g * (1 + 1e-9)
    assert slopes.max() >= g * (1 - 1e-5)
    # T(Z) has the law: its distribution function at T(z) is Φ(z).
    width = float(law.support[1] - law.support[0])
    description = stats.uniform(float(law.low), width) if law.label == "uniform" else stats.norm(0, 3)
    assert description.cdf(w) == pytest.approx(special.ndtr(v), abs=1e-12)


@pytest.mark.parametrize("law", [uniform(0, 1), normal(1, 1), rademacher(1), exponential(1), bounded(-1, 1)], ids=str)
def test_laws_without_a_transport(law):
    assert law.transport is None


@pytest.mark.parametrize(
    ("law", "supremum"),
    [
        (uniform(-2, 2), 2),
        (uniform(-4, 1), 4),
        (uniform(2, 5), 5),
        (rademacher(3), 3),
        (normal(0, 1), None),
        (discrete({-7: "1/2", 1: "1/2"}), 7),
    ],
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
    for law, cdf in ((uniform(-3, 3), lambda v: v / 3), (normal(0, 2), lambda v: math.erf(v / 2 / math.sqrt(2)))):
        assert cdf(float(law.magnitude_quantile(Rational(str(q))))) == pytest.approx(q, rel=1e-12)
    assert rademacher(1).magnitude_quantile(Rational(1, 2)) is None


@pytest.mark.parametrize(
    "law",
    [
        uniform(-1, 3),
        normal(1, 2),
        rademacher(2),
        bernoulli(Rational(1, 3)),
        exponential(3),
        gamma(2, 3),
        discrete({-1: "1/3", 4: "2/3"}),
    ],
    ids=str,
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


def test_laws_that_cannot_be_scaled_say_so():
    with pytest.raises(UnsupportedClaim, match=r"poisson\(1\) cannot be scaled; write the scaled law out"):
        poisson(1).scaled(Rational(2))


def test_names():
    laws = (bernoulli("1/3"), rademacher(2), two_point(0, 2, 0.5), uniform(0, 1), bernoulli(1), gamma(1, 2))
    assert [str(law) for law in laws] == [
        "bernoulli(1/3)",
        "rademacher(2)",
        "two_point(0, 2, 1/2)",
        "uniform(0, 1)",
        "constant 1",
        "gamma(1, 2)",
    ]
    assert str(discrete({0: "1/4", 1: "3/4"})) == "discrete({0: 1/4, 1: 3/4})"
    assert str(Affine(poisson(2), Rational(3), Rational(-1))) == "3*poisson(2) + -1"


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
        (lambda: poisson(-1), r"rate=-1 is not positive"),
        (lambda: gamma(0, 1), r"shape=0 is not positive"),
        (lambda: gamma(1, -2), r"rate=-2 is not positive"),
        (lambda: chi_squared(0), r"k=0 is not positive"),
        (lambda: beta(1, 0), r"b=0 is not positive"),
        (lambda: hypergeometric(5, 6, 1), r"marked=6 exceeds population=5; pass at most that many"),
        (lambda: hypergeometric(5, 2, 6), r"drawn=6 exceeds population=5"),
        (lambda: hypergeometric(5, -1, 2), r"marked=-1 is not a count"),
        (lambda: hypergeometric(0, 0, 0), r"population=0 is not a count"),
        (lambda: hypergeometric(5, 1.5, 2), r"marked=3/2 is not a count"),
        (lambda: discrete({}), r"weights=\{\} is no table of probabilities; pass \{value"),
        (lambda: discrete([0, 1]), r"weights=\[0, 1\] is no table"),
        (
            lambda: discrete({0: "1/2", 1: "1/3"}),
            r"probabilities=5/6 is their sum; pass probabilities that add",
        ),
        (lambda: discrete({0: 2, 1: -1}), r"probabilities=2 is not a probability"),
        (lambda: discrete({"1/2": "1/2", 0.5: "1/2"}), r"values=\(1/2, 1/2\) repeat a value; give every value once"),
        (lambda: discrete({oo: 1}), r"values=oo is not finite"),
        (lambda: discrete({0: 0.1, 1: 0.2, 2: 0.6}), r"probabilities=9/10 is their sum"),
    ],
)
def test_impossible_laws_are_refused(build, message):
    with pytest.raises(InvalidArgument, match="^" + message) as caught:
        build()
    assert "\n" not in str(caught.value)


def test_decimals_add_up():
    assert discrete({0: 0.1, 1: 0.2, 2: 0.7}).mean == Rational(8, 5)


def test_numbers_put_in_must_make_a_law():
    a = real("a")
    for law in (uniform(-a, a), normal(0, a), two_point(0, a, 0.5), exponential(a), bounded(0, a), gamma(1, a)):
        assert law.at({a: Rational(2)}) == law.at({a: Rational(2)})
        with pytest.raises(InvalidArgument):
            law.at({a: Rational(-2)})
    with pytest.raises(InvalidArgument, match="p=2 is not a probability"):
        bernoulli(a).at({a: Rational(2)})
