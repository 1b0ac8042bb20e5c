"""Balls thrown independently and uniformly into bins: the fullest bin, the emptiest one, and how many are empty."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from flint import arb, fmpq, fmpq_poly, fmpz, fmpz_poly
from sympy import S

from boundcheck.formula.exact.counts import Count, Further, Table
from boundcheck.formula.exact.distribution import Distribution, Lattice
from boundcheck.formula.exact.numbers import Number
from boundcheck.formula.rigorous import precision

_FRACTIONS = 400
"""Up to so many balls the chances are fractions."""
_LISTED = 100
"""Up to so many balls all counts are listed; beyond, those that are likelier than 2^-200."""
_NEGLIGIBLE = 200
_MOST_BALLS = 20_000
_MOST_EMPTY = 1500


@dataclass(frozen=True)
class _Extreme(Count):
    """The largest or smallest count of a bin as a law of integers; each side of a level costs one power of a series."""

    balls: int
    bins: int
    largest: bool
    first = 0

    def upper(self, k: int) -> Number:
        if k <= 0:
            return fmpq(1)
        if k > self.balls:
            return fmpq(0)
        return 1 - all_counts(self.balls, self.bins, 0, k - 1) if self.largest else self._all_from(k)

    def lower(self, k: int) -> Number:
        if k < 0:
            return fmpq(0)
        if k >= self.balls:
            return fmpq(1)
        return all_counts(self.balls, self.bins, 0, k) if self.largest else 1 - self._all_from(k + 1)

    def _all_from(self, k: int) -> Number:
        return all_counts(self.balls, self.bins, k, self.balls)

    @property
    def _last(self) -> int:
        """The last count that is listed: the largest there is, or one that a union bound makes unlikely enough."""
        if not self.largest:
            return self.balls // self.bins
        if self.balls <= _LISTED:
            return self.balls
        k = self.balls // self.bins + 1
        while k < self.balls and not self._union_bound(k) < arb(2) ** -_NEGLIGIBLE:
            k += 1
        return k

    def weights(self) -> list[Number]:
        above = [self.upper(k) for k in range(self._last + 2)]
        return [a - b for a, b in pairwise(above)]

    def further(self) -> Further | None:
        last = self._last
        if not self.largest or last == self.balls:
            return None
        return Further(self._union_bound(last), fmpq(self.balls - last, (last + 1) * self.bins))

    def _union_bound(self, k: int) -> arb:
        """At least P(some bin has k balls or more)."""
        return self.bins * arb(fmpz.bin_uiui(self.balls, k)) / arb(self.bins) ** k


@lru_cache(maxsize=256)
def all_counts(balls: int, bins: int, low: int, high: int) -> Number:
    """The chance that every bin has between `low` and `high` balls: n!/d^n [xⁿ] (Σ x^j/j!)^d."""
    if low * bins > balls or high * bins < balls:
        return fmpq(0)
    if balls <= _FRACTIONS:
        terms = [fmpq(int(j >= low), math.factorial(j)) for j in range(min(high, balls) + 1)]
        power = fmpq_poly(terms).pow_trunc(bins, balls + 1)
        return power[balls] * math.factorial(balls) / fmpz(bins) ** balls
    bits = 240
    while True:
        with precision(bits):
            value = _in_fixed_point(balls, bins, low, high, bits)
        # A chance near 1 must be sharp as a small chance of the opposite.
        small = value.min(1 - value)
        if small.rel_accuracy_bits() >= 60 or bits > 4000:
            return value
        bits *= 3


def _in_fixed_point(balls: int, bins: int, low: int, high: int, bits: int) -> arb:
    # The counts as independent Poisson variables, given their sum: probabilities in units of 2^-bits, rounded down.
    mean = arb(balls) / bins
    unit, term, row = arb(2) ** bits, (-mean).exp(), []
    for j in range(min(high, balls) + 1):
        row.append(int((term * unit).lower().floor().unique_fmpz() or 0) if j >= low else 0)
        term = term * mean / (j + 1)
    # Each entry is too small by at most `error` units; the ball above may cost one more.
    total, error = _power(row, bins, balls + 1, bits)
    whole = arb(balls).exp() * (arb(balls) + 1).gamma() / arb(balls) ** balls
    return (arb(total).union(arb(total + error)) / unit) * whole


def _power(row: list[int], exponent: int, length: int, bits: int) -> tuple[int, int]:
    """The last of `length` entries of a convolution power of probabilities, and by how much it is too small."""
    base, error = fmpz_poly(row), 2
    result, slack = fmpz_poly([1 << bits]), 0
    while True:
        if exponent % 2:
            result, slack = _rounded(result.mul_low(base, length), bits), _slack(slack, error, length, bits)
        exponent //= 2
        if not exponent:
            return int(result[length - 1]), slack
        base, error = _rounded(base.mul_low(base, length), bits), _slack(error, error, length, bits)


def _rounded(product: fmpz_poly, bits: int) -> fmpz_poly:
    return fmpz_poly([int(c) >> bits for c in product.coeffs()])


def _slack(a: int, b: int, length: int, bits: int) -> int:
    """The error of a rounded product of rows with sums of at most 1 and errors a and b in each entry."""
    return a + b + 1 + (length * a * b >> bits) + 1


@lru_cache(maxsize=64)
def empty_bins(balls: int, bins: int) -> Table | None:
    """The number of empty bins; None for so many that the fractions get too long."""
    if max(balls, bins) > _MOST_EMPTY:
        return None
    # Partitions into m parts, Σ_i iⁿ/i! (-1)^(m-i)/(m-i)!,, are the
    # coefficients of one product.
    most = min(balls, bins)
    factorials = [fmpz(math.factorial(i)) for i in range(most + 1)]
    powers = fmpz_poly([fmpz(i) ** balls * (factorials[most] // factorials[i]) for i in range(most + 1)])
    signs = fmpz_poly([(-1) ** i * (factorials[most] // factorials[i]) for i in range(most + 1)])
    product = powers * signs
    ways = [product[m] // factorials[most] ** 2 * math.perm(bins, m) for m in range(most + 1)]
    total = fmpz(bins) ** balls
    if balls <= _FRACTIONS:
        return Table(bins - most, tuple(fmpq(w, total) for w in reversed(ways)))
    return Table(bins - most, tuple(arb(w) / arb(total) for w in reversed(ways)))


def occupancy(kind: str, balls: int, bins: int) -> Distribution | None:
    """The distribution of `maximum`, `minimum` or `empty`."""
    if kind == "empty":
        table = empty_bins(balls, bins)
        return None if table is None else Lattice(S.Zero, S.One, table)
    if max(balls, bins) > _MOST_BALLS:
        return None
    return Lattice(S.Zero, S.One, _Extreme(balls, bins, kind == "maximum"))
