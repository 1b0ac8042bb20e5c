"""Both sides of a claim in floats, at many points at once: for choosing points, never for deciding.

They are known where exact laws are, so that the search stays there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray
from sympy import Dummy, Expr, S, Symbol

from boundcheck.errors import BoundcheckError, UnsupportedClaim
from boundcheck.formula.exact.continuous import MOST_LOWER_SHAPE, MOST_SHAPE
from boundcheck.formula.exact.known import MOST_RATE
from boundcheck.formula.numeric import compile_expression
from boundcheck.statement.claim import Claim, Moment, Probability, Tail
from boundcheck.statement.domain import Parameter
from boundcheck.statement.functions import (
    BetaQuantile,
    HypergeometricBound,
    MomentQuantile,
    MomentTail,
    SparseQuantile,
    SphericalQuantile,
    SphericalTail,
)
from boundcheck.statement.laws import (
    VALUE,
    Affine,
    Beta,
    Exponential,
    Gamma,
    Hypergeometric,
    Law,
    Normal,
    Poisson,
    TwoPoint,
    Uniform,
)
from boundcheck.statement.randomness import Expectation, Sample, Statistic, WithoutReplacement
from boundcheck.statement.witness import Witness

Array = NDArray[np.float64]
_S = Dummy("s", real=True)
_SLACK = 1e-9
"""Atoms this close to an end of the event, relative to their distance from each other, count as lying on it."""
_BISECTIONS = 44
_STRAIGHT = 1e-12
"""A margin is linear when it is within this of the line, relative to its ends."""
_TERMS = 30
_FAR = 60.0
"""Standard deviations from the mean beyond which nothing is looked for."""


class Sides(NamedTuple):
    """The two sides of a claim left ≤ right at many points; NaN where they are not known."""

    left: Array
    right: Array


Evaluate = Callable[[Sequence[Array]], Sides]


_SLOW = (
    BetaQuantile,
    HypergeometricBound,
    MomentQuantile,
    MomentTail,
    SparseQuantile,
    SphericalQuantile,
    SphericalTail,
)


def rough_sides(claim: Claim, witness: Witness, parameters: Sequence[Parameter]) -> Evaluate | None:
    """The sides of a claim under a witness as a function of the parameters' values; None where there is no quick one.

    Parameters
    ----------
    claim
        About the probability of an event, or about expectations.
    witness
        The law, in terms of the parameters.
    parameters
        Those of the claim and of the witness, in the order of the arrays that are passed.
    """
    try:
        if isinstance(claim, Tail):
            return _tail(claim, witness, parameters)
        return _moment(claim, witness, parameters) if isinstance(claim, Moment) else None
    except (BoundcheckError, TypeError):  # a law or a formula that has no floats
        return None


def _compiled(expression: Expr, parameters: Sequence[Symbol]) -> Callable[..., Array] | None:
    if expression.atoms(Expectation, Probability, Statistic, *_SLOW):
        return None
    if expression in parameters:
        place = list(parameters).index(expression)
        return lambda *values: values[place]
    compiled = compile_expression(expression, parameters)
    return lambda *values: np.broadcast_to(compiled(*values), values[0].shape)


def _moment(claim: Moment, witness: Witness, parameters: Sequence[Parameter]) -> Evaluate | None:
    sides = [_compiled(witness.under(side, {}), parameters) for side in (claim.left, claim.right)]
    left, right = sides
    if left is None or right is None:
        return None
    exists = _existence(witness.at({}), parameters)

    def evaluate(values: Sequence[Array]) -> Sides:
        there = exists(values)
        return Sides(*(np.where(there, side(*values), np.nan) for side in (left, right)))

    return evaluate


def _existence(sample: Sample, parameters: Sequence[Parameter]) -> Callable[[Sequence[Array]], NDArray[np.bool_]]:
    """Where the laws of a sample exist."""
    ranges: list[tuple[Callable[..., Array], float, float]] = []
    for law in sample.laws:
        for expression, low, high in _ranges(law):
            compiled = _compiled(expression, parameters)
            if compiled is None:
                raise UnsupportedClaim(f"{expression} in {law} has no quick form; use a law without it")
            ranges.append((compiled, low, high))

    def exists(values: Sequence[Array]) -> NDArray[np.bool_]:
        there = np.ones(values[0].shape if values else (), dtype=bool)
        for compiled, low, high in ranges:
            number = compiled(*values)
            there &= (low <= number) & (number <= high)
        return there

    return exists


_LEAST = float(np.finfo(float).tiny)


def _ranges(law: Law) -> list[tuple[Expr, float, float]]:
    match law:
        case TwoPoint():
            return [(law.p, 0.0, 1.0), (law.high - law.low, _LEAST, np.inf)]
        case Normal():
            return [(law.std, 0.0, np.inf)]
        case Exponential() | Poisson():
            return [(law.rate, _LEAST, np.inf)]
        case Gamma():
            return [(law.shape, _LEAST, np.inf), (law.rate, _LEAST, np.inf)]
        case Uniform():
            return [(law.high - law.low, _LEAST, np.inf)]
        case Affine():
            return _ranges(law.law)
    if law.finite is not None:
        return [(share, 0.0, 1.0) for share in law.finite.values()]
    return []


# Tails ------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Rough:
    """A distribution at many points: its mean and deviation, P(S ≥ s) and P(S ≤ s), or > and < when `strict`."""

    mean: Array
    deviation: Array
    above: Callable[[Array, bool], Array]
    below: Callable[[Array, bool], Array]


Maker = Callable[[Sequence[Array]], _Rough]


def _tail(claim: Tail, witness: Witness, parameters: Sequence[Parameter]) -> Evaluate | None:
    margin, claimed = (witness.under(e, {}) for e in (claim.margin, claim.claimed))
    statistics = margin.atoms(Statistic)
    if len(statistics) != 1:
        return None
    [statistic] = statistics
    event = _compiled(margin.xreplace({statistic: _S}), [_S, *parameters])
    right = _compiled(claimed, parameters)
    make = _distribution(statistic, parameters)
    if event is None or right is None or make is None:
        return None
    exists = _existence(statistic.sample, parameters)

    def evaluate(values: Sequence[Array]) -> Sides:
        with np.errstate(all="ignore"):
            left = _chance(make(values), lambda s: event(s, *values), claim.strict)
            return Sides(np.where(exists(values), left, np.nan), right(*values))

    return evaluate


def _chance(law: _Rough, margin: Callable[[Array], Array], strict: bool) -> Array:
    """The probability of an event that changes at most once on each side of the mean."""
    at_mean = margin(law.mean)
    inside = at_mean >= 0
    beyond = np.zeros_like(law.mean)
    for sign, tail in ((1.0, law.above), (-1.0, law.below)):
        near, far = law.mean, law.mean + sign * _FAR * law.deviation
        at_far = margin(far)
        changes = (at_far >= 0) != inside
        far = _end(margin, near, far, at_mean, at_far, inside, changes)
        # The end belongs to the event when it is not strict, and else to what the event leaves.
        ends = np.where(inside, tail(far, not strict), tail(far, strict))
        beyond += np.where(changes, ends, 0.0)
    return np.where(inside, 1 - beyond, beyond)


def _end(
    margin: Callable[[Array], Array],
    near: Array,
    far: Array,
    at_near: Array,
    at_far: Array,
    inside: NDArray[np.bool_],
    changes: NDArray[np.bool_],
) -> Array:
    """Where an event ends between two places, on its far side: by a line where the margin is one, else by halving."""
    middle = (near + far) / 2
    bent = np.abs(margin(middle) - (at_near + at_far) / 2) > _STRAIGHT * (np.abs(at_near) + np.abs(at_far))
    if not np.any(bent & changes):
        return near + (far - near) * (at_near / (at_near - at_far))
    for _ in range(_BISECTIONS):
        middle = (near + far) / 2
        same = (margin(middle) >= 0) == inside
        near, far = np.where(same, middle, near), np.where(same, far, middle)
    return far


def _distribution(statistic: Statistic, parameters: Sequence[Parameter]) -> Maker | None:
    sample, kind = statistic.sample, statistic.kind
    if isinstance(sample, WithoutReplacement):
        law = sample.laws[0]
        if kind not in ("sum", "mean") or sample.function != VALUE or not isinstance(law, TwoPoint):
            return None
        count = _number(sample.count, S.One, parameters)
        unit = 1 / sample.size if kind == "mean" else S.One
        return _moved(count, (law.high - law.low) * unit, sample.size * law.low * unit, parameters)
    if type(sample) is not Sample or not sample.identical:
        return None
    image = sample.laws[0].image(sample.function)
    if image is None:
        return None
    if kind in ("sum", "mean"):
        total = _number(image, sample.size, parameters)
        return total if kind == "sum" else _moved(total, 1 / sample.size, S.Zero, parameters)
    ranks = {"maximum": sample.size, "minimum": S.One, "order": statistic.rank}
    if kind in ranks and ranks[kind] is not None:
        return _ordered(_number(image, S.One, parameters), sample.size, ranks[kind], parameters)
    return None


def _moved(inner: Maker | None, scale: Expr, shift: Expr, parameters: Sequence[Parameter]) -> Maker | None:
    """The distribution of scale·S + shift."""
    factor, addend = _compiled(scale, parameters), _compiled(shift, parameters)
    if inner is None or factor is None or addend is None:
        return None

    def make(values: Sequence[Array]) -> _Rough:
        law, a, b = inner(values), factor(*values), addend(*values)
        return _Rough(
            a * law.mean + b,
            np.abs(a) * law.deviation,
            lambda s, strict: np.where(a > 0, law.above((s - b) / a, strict), law.below((s - b) / a, strict)),
            lambda s, strict: np.where(a > 0, law.below((s - b) / a, strict), law.above((s - b) / a, strict)),
        )

    return make


def _ordered(inner: Maker | None, size: Expr, rank: Expr, parameters: Sequence[Parameter]) -> Maker | None:
    """The distribution of the rank-th smallest of so many variables."""
    n, r = _compiled(size, parameters), _compiled(rank, parameters)
    if inner is None or n is None or r is None:
        return None

    def make(values: Sequence[Array]) -> _Rough:
        law, count, place = inner(values), n(*values), r(*values)

        def above(s: Array, strict: bool) -> Array:
            return scipy.special.betainc(count - place + 1, place, law.above(s, strict))

        def below(s: Array, strict: bool) -> Array:
            return scipy.special.betainc(place, count - place + 1, law.below(s, strict))

        return _Rough(law.mean, law.deviation, above, below)

    return make


def _number(law: Law, n: Expr, parameters: Sequence[Parameter]) -> Maker | None:
    """The distribution of the sum of n independent variables."""
    match law:
        case Affine():
            return _moved(_number(law.law, n, parameters), law.scale, n * law.shift, parameters)
        case TwoPoint():
            return _moved(_made(_binomial, (n, law.p), parameters), law.high - law.low, n * law.low, parameters)
        case Normal():
            return _moved(_made(_gauss, (), parameters), law.std * n**S.Half, n * law.location, parameters)
        case Poisson():
            return _made(_poisson, (n * law.rate,), parameters)
        case Exponential():
            return _moved(_made(_gamma, (n,), parameters), 1 / law.rate, S.Zero, parameters)
        case Gamma():
            return _moved(_made(_gamma, (n * law.shape,), parameters), 1 / law.rate, S.Zero, parameters)
    if n != 1:
        return None
    match law:
        case Beta():
            return _made(_beta, (law.a, law.b), parameters)
        case Uniform():
            return _moved(_made(_beta, (S.One, S.One), parameters), law.high - law.low, law.low, parameters)
        case Hypergeometric():
            return _made(_hypergeometric, (law.population, law.marked, law.drawn), parameters)
    return None


def _made(family: Callable[..., _Rough], arguments: Sequence[Expr], parameters: Sequence[Parameter]) -> Maker | None:
    compiled = [_compiled(argument, parameters) for argument in arguments]

    def make(values: Sequence[Array]) -> _Rough:
        return family(values[0], *(c(*values) for c in compiled if c is not None))

    return make if None not in compiled else None


def _counted(mean: Array, deviation: Array, above: Callable[[Array], Array], below: Callable[[Array], Array]) -> _Rough:
    """A law on the integers, from P(K ≥ k) and P(K ≤ k)."""
    return _Rough(
        mean,
        deviation + 1,
        lambda s, strict: above(np.floor(s + _SLACK) + 1 if strict else np.ceil(s - _SLACK)),
        lambda s, strict: below(np.ceil(s - _SLACK) - 1 if strict else np.floor(s + _SLACK)),
    )


def _binomial(like: Array, n: Array, p: Array) -> _Rough:
    def above(k: Array) -> Array:
        # betainc(k, n - k + 1, p) is P(K ≥ k) for 1 ≤ k ≤ n.
        inside = scipy.special.betainc(np.maximum(k, 1), np.maximum(n - k + 1, 1), p)
        return np.where(k <= 0, 1.0, np.where(k > n, 0.0, inside))

    def below(k: Array) -> Array:
        inside = scipy.special.betainc(np.maximum(n - k, 1), np.maximum(k + 1, 1), 1 - p)
        return np.where(k >= n, 1.0, np.where(k < 0, 0.0, inside))

    return _counted(n * p, np.sqrt(n * p * (1 - p)), above, below)


def _poisson(like: Array, rate: Array) -> _Rough:
    rate = np.where(rate <= MOST_RATE, rate, np.nan)

    def above(k: Array) -> Array:
        return np.where(k <= 0, 1.0, scipy.special.gammainc(np.maximum(k, 1), rate))

    def below(k: Array) -> Array:
        return np.where(k < 0, 0.0, scipy.special.gammaincc(np.maximum(k, 0) + 1, rate))

    return _counted(rate, np.sqrt(rate), above, below)


def _hypergeometric(like: Array, population: Array, marked: Array, drawn: Array) -> _Rough:
    """Sums of at most so many terms: too small close to the mean, where the tail is no small number."""
    others = population - marked
    least, most = np.maximum(0.0, drawn - others), np.minimum(drawn, marked)

    def total(k: Array, ratio: Callable[[Array], Array], step: int) -> Array:
        logs = _log_binomial(marked, k) + _log_binomial(others, drawn - k) - _log_binomial(population, drawn)
        term = np.where((least <= k) & (k <= most), np.exp(logs), 0.0)
        found = term
        for i in range(_TERMS):
            term = term * np.maximum(ratio(k + i * step), 0.0)
            found = found + term
        return np.minimum(1.0, found)

    def up(k: Array) -> Array:
        return (marked - k) * (drawn - k) / ((k + 1) * (others - drawn + k + 1))

    def down(k: Array) -> Array:
        return k * (others - drawn + k) / ((marked - k + 1) * (drawn - k + 1))

    return _counted(
        drawn * marked / population,
        np.sqrt(drawn),
        lambda k: total(np.maximum(k, least), up, 1),
        lambda k: total(np.minimum(k, most), down, -1),
    )


def _log_binomial(n: Array, k: Array) -> Array:
    return scipy.special.gammaln(n + 1) - scipy.special.gammaln(k + 1) - scipy.special.gammaln(n - k + 1)


def _gauss(like: Array) -> _Rough:
    zero = np.zeros_like(like)
    return _Rough(zero, zero + 1, lambda s, strict: scipy.special.ndtr(-s), lambda s, strict: scipy.special.ndtr(s))


def _gamma(like: Array, shape: Array) -> _Rough:
    upper, lower = (np.where(shape <= most, shape, np.nan) for most in (MOST_SHAPE, MOST_LOWER_SHAPE))

    def above(s: Array, strict: bool) -> Array:
        return np.where(s <= 0, 1.0, scipy.special.gammaincc(upper, np.maximum(s, 0)))

    def below(s: Array, strict: bool) -> Array:
        return np.where(s <= 0, 0.0, scipy.special.gammainc(lower, np.maximum(s, 0)))

    return _Rough(shape, np.sqrt(shape) + 1, above, below)


def _beta(like: Array, a: Array, b: Array) -> _Rough:
    mean = a / (a + b)
    deviation = np.ones_like(like) / _FAR  # so that the farthest points are 1 away
    return _Rough(
        mean,
        deviation,
        lambda s, strict: scipy.special.betainc(b, a, np.clip(1 - s, 0, 1)),
        lambda s, strict: scipy.special.betainc(a, b, np.clip(s, 0, 1)),
    )
