"""Points of a theorem's domain, laws of one variable, samples, and theorems that hold."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from boundcheck.errors import InvalidArgument
from boundcheck.statement.claim import E, P
from boundcheck.statement.domain import Parameter, exact, integer, real
from boundcheck.statement.families import bounded
from boundcheck.statement.laws import (
    Law,
    bernoulli,
    beta,
    discrete,
    exponential,
    gamma,
    normal,
    poisson,
    rademacher,
    two_point,
    uniform,
)
from boundcheck.statement.randomness import Sample, iid, independent, sum_of
from boundcheck.statement.theorem import Theorem

FAR = 10**6
"""How far from its ends, or from 0, a value of an infinite domain may lie."""


def values(parameter: Parameter) -> st.SearchStrategy[Any]:
    """Exact values of a parameter's domain, for SymPy: ends where they belong to it, values next to them, and others.

    They shrink to the lower end if it belongs to the domain, else to the upper one.

    Parameters
    ----------
    parameter
        Made by :func:`boundcheck.real` or :func:`boundcheck.integer`.
    """
    if not isinstance(parameter, Parameter):
        raise InvalidArgument("parameter", parameter, "is no parameter", 'pass one such as real("t", min=0)')
    domain = parameter.domain
    ends = [end if end.is_finite else None for end in (domain.low, domain.high)]
    inside = _integers(*ends) if domain.integer else _reals(*ends)
    belonging = [end for end in ends if end is not None and end in domain]
    # Ends come first: among equally short choices Hypothesis shrinks to the first.
    found = st.one_of(st.sampled_from(belonging), inside) if belonging else inside
    return found.filter(lambda value: value in domain)


def _integers(low: Any, high: Any) -> st.SearchStrategy[Any]:
    least = int(low) if low is not None else (-FAR if high is None else int(high) - FAR)
    most = int(high) if high is not None else (FAR if low is None else int(low) + FAR)
    return st.integers(least, most).map(_exact)


def _reals(low: Any, high: Any) -> st.SearchStrategy[Any]:
    near = st.integers(1, 12).map(lambda k: _exact(Fraction(1, 10**k)))
    if low is not None and high is not None:
        shares = st.one_of(near, near.map(lambda x: 1 - x), st.fractions(0, 1, max_denominator=100).map(_exact))
        return shares.map(lambda share: low + (high - low) * share)
    least = -FAR if low is None and high is None else 0
    away = st.one_of(near, st.fractions(least, FAR, max_denominator=1000).map(_exact))
    if low is not None:
        return away.map(lambda x: low + x)
    return away if high is None else away.map(lambda x: high - x)


def points(*about: Theorem | Parameter) -> st.SearchStrategy[Mapping[Parameter, Any]]:
    """Exact values for all parameters of a theorem at which its hypotheses hold, or for all parameters that are given.

    SymPy takes what is drawn: ``formula.xreplace(point)``, ``theorem.tail.claimed.xreplace(point)``.

    Parameters
    ----------
    about
        One theorem, or parameters.

    Raises
    ------
    InvalidArgument
        When it is neither.
    """
    if len(about) == 1 and isinstance(about[0], Theorem):
        theorem = about[0]
        found = st.fixed_dictionaries({p: values(p) for p in theorem.parameters})
        return found.filter(theorem.holds_at) if theorem.conditions else found
    parameters = [item for item in about if isinstance(item, Parameter)]
    if not parameters or len(parameters) < len(about):
        raise InvalidArgument("about", about, "is neither a theorem nor parameters", "pass a theorem, or parameters")
    return st.fixed_dictionaries({p: values(p) for p in parameters})


def _exact(value: int | Fraction) -> Any:
    return exact("value", value)


def _rationals(low: int, high: int) -> st.SearchStrategy[Any]:
    return st.fractions(low, high, max_denominator=8).map(lambda f: exact("value", f))


@st.composite
def _discrete(draw: st.DrawFn, low: int, high: int) -> Law:
    values = draw(st.lists(_rationals(low, high), min_size=1, max_size=4, unique=True))
    weights = draw(st.lists(st.integers(1, 5), min_size=len(values), max_size=len(values)))
    return discrete({v: Fraction(w, sum(weights)) for v, w in zip(values, weights, strict=True)})


def scalar_laws(low: int | None = None, high: int | None = None) -> st.SearchStrategy[Law]:
    """Laws of one variable with rational parameters.

    With both ends, low < high, laws on [low, high]: two-point (constants among them), uniform, discrete and, on
    [0, 1], beta ones. Without ends also Rademacher, normal, exponential, gamma and Poisson laws.

    Parameters
    ----------
    low, high
        Ends of the interval that is to hold all values; give both or none.
    """
    left, right = (-4, 4) if low is None or high is None else (low, high)
    shares = st.fractions(0, 1, max_denominator=8).map(lambda f: exact("p", f))
    ends = st.lists(_rationals(left, right), min_size=2, max_size=2, unique=True).map(sorted)
    found: list[st.SearchStrategy[Law]] = [
        st.builds(lambda e, p: two_point(e[0], e[1], p), ends, shares),
        ends.map(lambda e: uniform(e[0], e[1])),
        _discrete(left, right),
    ]
    positive = _rationals(0, 4).filter(bool)
    if (left, right) == (0, 1):
        found += [shares.map(bernoulli), st.builds(beta, positive, positive)]
    if low is None or high is None:
        found += [
            positive.map(rademacher),
            st.builds(normal, _rationals(-4, 4), positive),
            positive.map(exponential),
            st.builds(gamma, positive, positive),
            positive.map(poisson),
        ]
    return st.one_of(found)


@st.composite
def samples(draw: st.DrawFn, law: st.SearchStrategy[Law] | None = None, max_size: int = 8) -> Sample:
    """Samples of 1 to `max_size` independent variables, of one law or of one law each.

    Parameters
    ----------
    law
        Laws of the variables; :func:`scalar_laws` by default.
    """
    one = scalar_laws() if law is None else law
    size = draw(st.integers(1, max_size))
    if size == 1 or draw(st.booleans()):
        return iid(draw(one), size)
    return independent(*draw(st.lists(one, min_size=size, max_size=size)))


@st.composite
def true_tail_theorems(draw: st.DrawFn, max_size: int = 20) -> Theorem:
    """Theorems about tails that hold, with a point to test them at: a checker that refutes one is wrong.

    Cantelli's inequality P(X - E X ≥ t) ≤ v / (v + t²) for sums of independent variables, with v their variance, or
    (high - low)²/4 for each variable on [low, high] (T. Popoviciu 1935), and for the whole family of those; times a
    factor of at least 1.
    """
    low = draw(st.integers(-3, 2))
    high = low + draw(st.integers(1, 3))
    n, t = integer("n", min=1, max=max_size), real("t", min=0, max=4, exclude_min=True)
    point: dict[Any, Any] = {t: draw(_rationals(0, 4).filter(bool))}
    kind = draw(st.sampled_from(["family", "on an interval", "any"]))
    if kind == "family":
        X = iid(bounded(low, high), n)
        point[n] = draw(st.integers(1, max_size))
    else:
        X = draw(samples(scalar_laws(low, high) if kind == "on an interval" else None, max_size))
    if kind == "any":
        variances = [exact("variance", law.variance) for law in X.laws]
        v = X.size * variances[0] if X.identical else sum(variances)
    else:
        v = X.size * (high - low) ** 2 / 4
    factor = draw(st.sampled_from([1, 2, 5]))
    return Theorem(claim=P(sum_of(X) - E(sum_of(X)) >= t) <= factor * v / (v + t**2), points=[point], name="true")
