"""Random symbols of sympy.stats are read as one variable of the same law, whatever their parametrisation."""

from __future__ import annotations

import pytest
from sympy import Integer, Rational, Symbol
from sympy.stats import (
    Bernoulli,
    Beta,
    Binomial,
    ChiSquared,
    Coin,
    Die,
    DiscreteUniform,
    Exponential,
    FiniteRV,
    Gamma,
    Geometric,
    Hypergeometric,
    Normal,
    Poisson,
    Rademacher,
    Uniform,
    cmoment,
    moment,
)

from boundcheck import E, P, Theorem, Var, bernoulli, iid, normal, real, sum_of
from boundcheck.errors import InvalidArgument, UnsupportedClaim
from boundcheck.statement.claim import Analytic, Moment, Tail, read_claim
from boundcheck.statement.randomness import Sample
from boundcheck.statement.sympy_stats import translated

t, s = real("t", min=0), real("s", min=0, exclude_min=True)
THIRD = Rational(1, 3)


@pytest.mark.parametrize(
    "symbol",
    [
        Normal("X", 1, 2),
        Uniform("X", -1, 3),
        Exponential("X", 4),
        Gamma("X", 3, 5),  # a scale, not a rate
        ChiSquared("X", 3),
        Beta("X", 2, 5),
        Poisson("X", 4),
        Bernoulli("X", THIRD),
        Bernoulli("X", THIRD, 5, -2),  # values of success and failure
        Rademacher("X"),
        Hypergeometric("X", 10, 4, 3),
        FiniteRV("X", {1: THIRD, 7: Rational(2, 3)}),
        Die("X", 6),
        DiscreteUniform("X", [2, 4, 9]),
        Binomial("X", 5, THIRD),
        Binomial("X", 5, THIRD, 3, 1),
    ],
    ids=lambda x: type(x.pspace.distribution).__name__,
)
def test_the_law_is_the_same(symbol):
    read = translated(symbol)
    [statistic] = [a for a in read.atoms() if hasattr(a, "sample")]
    slope = read.subs(statistic, 1) - read.subs(statistic, 0)
    law = statistic.sample.laws[0]
    assert read.subs(statistic, statistic.expectation) == moment(symbol, 1)
    assert slope**2 * statistic.sample.size * law.variance == cmoment(symbol, 2)
    if law.support[0].is_finite and statistic.sample.size == 1:
        domain = symbol.pspace.domain.set
        assert law.support[0] == min(domain) if domain.is_FiniteSet else law.support[0] == domain.inf


def test_claims_about_random_symbols():
    X = Normal("X", 0, s)
    one = sum_of(Sample((normal(0, s),), Integer(1)))
    tail = read_claim(P(t <= X) <= s**2 / (s**2 + t**2))
    assert isinstance(tail, Tail)
    assert tail.margin == one - t
    assert tail.parameters == {s, t}
    assert read_claim(P(X - E(X) >= t) <= t).margin == one - E(one) - t
    assert isinstance(read_claim(E(X**2) <= s**2), Moment)
    assert Var(X) == Var(one)
    assert read_claim(abs(Rademacher("R")) <= 1).claimed == 0
    assert isinstance(read_claim(t <= s), Analytic)
    assert Theorem(claim=P(t <= X) <= s).parameters == (s, t)


def test_decimals_are_exact():
    assert translated(Bernoulli("X", 0.3)) == sum_of(iid(bernoulli("3/10"), 1).at({}))


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        (
            lambda: P(Normal("X", 0, 1) + Normal("Y", 0, 1) >= t),
            UnsupportedClaim,
            "X, Y are several random symbols",
        ),
        (
            lambda: P(Geometric("X", THIRD) >= t),
            UnsupportedClaim,
            "the law GeometricDistribution of X",
        ),
        (
            lambda: E(Normal("X", Normal("Y", 0, 1), 1)),
            UnsupportedClaim,
            "the law of X is random itself|X, Y",
        ),
        (lambda: E(Die("X", Symbol("k", integer=True, positive=True))), InvalidArgument, "sides=k is no number"),
        (lambda: Theorem(claim=P(Coin("X") >= t) <= t), InvalidArgument, "claim='[HT]' is a symbol without"),
        (lambda: Theorem(claim=E(Normal("X", Symbol("m"), 1)) <= t), InvalidArgument, "claim='m' is a symbol without"),
    ],
)
def test_symbols_that_cannot_be_read_are_refused(build, error, message):
    with pytest.raises(error, match=f"^({message})") as caught:
        build()
    assert "\n" not in str(caught.value)
