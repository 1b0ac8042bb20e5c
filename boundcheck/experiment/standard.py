"""A law as a standard variable that the kernels draw, and what turns that into a variable of the law."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from boundcheck.errors import UnsupportedClaim
from boundcheck.kernels import tables
from boundcheck.statement.domain import exact, number
from boundcheck.statement.laws import (
    Affine,
    Beta,
    Exponential,
    Gamma,
    Hypergeometric,
    Law,
    Normal,
    Poisson,
    TruncatedNormal,
    Uniform,
)

_UNIT_ROUNDOFF = 2.0**-53
_LONGEST_TABLE = 1_000_000
_NO_TABLE = np.empty(0)


@dataclass(frozen=True)
class TiltedUniform(Law):
    """Density proportional to exp(theta x) on [low, high], theta not 0: the uniform law, exponentially tilted."""

    label = "tilted_uniform"
    low: Any
    high: Any
    theta: Any


class Standard(NamedTuple):
    """A law as scale·Z + shift, or as values[Z], of a standard variable Z; see `kernels/tables.py`.

    A table may leave out what has a probability below 1e-18: then its first or last cell is open to that side.
    """

    kind: int
    scale: Any
    shift: Any
    parameters: tuple[float, float] = (0.0, 0.0)
    cumulative: NDArray[np.float64] = _NO_TABLE
    values: tuple[Any, ...] | None = None
    open_below: bool = False
    open_above: bool = False

    @property
    def band(self) -> float:
        """How far the table's entries may be off: each sums up to L terms, each the product of up to L ratios."""
        return (8 * len(self.cumulative) + 64) * _UNIT_ROUNDOFF


def standard(law: Law) -> Standard:
    """The standard variable of a law without free parameters.

    Raises
    ------
    UnsupportedClaim
        When the law is a family, or its table would be too long.
    """
    zero, one = exact("shift", 0), exact("scale", 1)
    match law:
        case Uniform(low, high):
            return Standard(tables.UNIT, high - low, low)
        case TiltedUniform(low, high, theta):
            return Standard(tables.TILTED_UNIT, high - low, low, (number(theta * (high - low)), 0.0))
        case Normal(location, std):
            return Standard(tables.GAUSS, std, location)
        case TruncatedNormal(std, cut):
            return Standard(tables.TRUNCATED_GAUSS, std, zero, (number(cut / std), number(law.mass) / 2))
        case Exponential(rate):
            return Standard(tables.WAIT, 1 / rate, zero)
        case Gamma(shape, rate):
            return Standard(tables.GAMMA, 1 / rate, zero, (_shape(law, shape), 0.0))
        case Beta(a, b):
            return Standard(tables.BETA, one, zero, (_shape(law, a), _shape(law, b)))
        case Affine(inner, scale, shift):
            base = standard(inner)
            return base._replace(scale=scale * base.scale, shift=scale * base.shift + shift)
        case Poisson(rate):
            return _poisson(law, number(rate))
        case Hypergeometric():
            return _hypergeometric(law)
    finite = law.finite
    if finite is None:
        raise UnsupportedClaim(f"the law {law} cannot be simulated; use one of boundcheck's laws, without free choices")
    atoms = sorted(finite.items(), key=lambda atom: number(atom[0]))
    shares = np.array([number(p) for _, p in atoms])
    return Standard(
        tables.CELL, one, zero, cumulative=np.cumsum(shares)[:-1], values=tuple(value for value, _ in atoms)
    )


def _shape(law: Law, value: Any) -> float:
    result = number(value)
    if not 1e-3 <= result <= 1e12:
        raise UnsupportedClaim(f"the law {law} cannot be simulated: its shapes must lie between 0.001 and 1e12")
    return result


def _poisson(law: Law, rate: float) -> Standard:
    # P(|X - rate| ≥ w) ≤ 2 exp(-w²/(2(rate + w/3))) (Boucheron, Lugosi and Massart 2013, Section 2.2 and Exercise 2.8).
    reach = math.ceil(10 * math.sqrt(rate) + 60)
    mode = math.floor(rate)
    first, last = max(0, mode - reach), mode + reach
    _check_length(law, last - first)
    k = np.arange(first, last, dtype=np.float64)
    return _unimodal(rate / (k + 1), mode - first, first, open_below=first > 0, open_above=True)


def _hypergeometric(law: Hypergeometric) -> Standard:
    population, marked, drawn = (int(x) for x in (law.population, law.marked, law.drawn))
    least, most = max(0, drawn + marked - population), min(drawn, marked)
    mode = min(max((drawn + 1) * (marked + 1) // (population + 2), least), most)
    # P(|X - mean| ≥ w) ≤ 2 exp(-2 w²/drawn) (W. Hoeffding, JASA 58, 1963, Theorems 2 and 4).
    reach = math.ceil(5 * math.sqrt(drawn) + 10)
    first, last = max(least, mode - reach), min(most, mode + reach)
    _check_length(law, last - first)
    k = np.arange(first, last, dtype=np.float64)
    ratios = (marked - k) * (drawn - k) / ((k + 1) * (population - marked - drawn + k + 1))
    return _unimodal(ratios, mode - first, first, open_below=first > least, open_above=last < most)


def _check_length(law: Law, length: int) -> None:
    if length > _LONGEST_TABLE:
        raise UnsupportedClaim(
            f"the law {law} cannot be simulated: it spreads over too many integers; use a normal one"
        )


def _unimodal(ratios: NDArray[np.float64], mode: int, first: int, *, open_below: bool, open_above: bool) -> Standard:
    """An integer law from P(k + 1)/P(k), k = first, …; summed from products that only shrink away from the mode."""
    above = np.cumprod(ratios[mode:])
    below = np.cumprod(1 / ratios[:mode][::-1])[::-1]
    weights = np.concatenate([below, [1.0], above])
    cumulative = np.cumsum(weights)
    cumulative /= cumulative[-1]
    # Above an open end lies more: then also the last entry is a border.
    return Standard(
        tables.CELL,
        exact("scale", 1),
        exact("shift", first),
        cumulative=cumulative if open_above else cumulative[:-1],
        open_below=open_below,
        open_above=open_above,
    )
