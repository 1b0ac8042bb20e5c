"""Laws of integers: binomial, Poisson, hypergeometric, and tables."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import NamedTuple

from flint import arb, fmpq, fmpz

from boundcheck.formula.exact.numbers import FRACTIONS, Number

_SCALE = 220
"""Bits behind the point in sums of terms in fixed point."""


class Further(NamedTuple):
    """A geometric bound of probabilities that are not listed: last·ratio, last·ratio², …, ratio < 1."""

    last: Number
    ratio: Number


class Count(ABC):
    """The law of an integer at or above `first`."""

    first: int

    @abstractmethod
    def upper(self, k: int) -> Number:
        """P(K ≥ k)."""

    @abstractmethod
    def lower(self, k: int) -> Number:
        """P(K ≤ k)."""

    @abstractmethod
    def weights(self) -> Sequence[Number]:
        """The probabilities of first, first + 1, …; for an infinite law those of all but the far upper tail."""

    def further(self) -> Further | None:
        """What follows the weights; None for nothing."""
        return None


@dataclass(frozen=True)
class Binomial(Count):
    """The number of successes in n trials, each with probability p."""

    n: int
    p: Number
    first = 0

    def upper(self, k: int) -> Number:
        return binomial_upper(self.n, self.p, 1 - self.p, k)

    def lower(self, k: int) -> Number:
        return binomial_upper(self.n, 1 - self.p, self.p, self.n - k)

    def weights(self) -> Sequence[Number]:
        n, p, q = self.n, self.p, 1 - self.p
        if isinstance(p, fmpq) and n <= FRACTIONS:
            return [math.comb(n, k) * p**k * q ** (n - k) for k in range(n + 1)]
        if p == 0 or q == 0:
            return [fmpq(int(k == (0 if p == 0 else n))) for k in range(n + 1)]
        p, q = arb(p), arb(q)
        steps = ((n - k) * (p / q) / (k + 1) for k in range(n))
        return list(accumulate(steps, lambda term, step: term * step, initial=q**n))


def binomial_upper(n: int, p: Number, q: Number, k: int) -> Number:
    """P(Binomial(n, p) ≥ k), q = 1 - p, without loss of relative accuracy."""
    if k <= 0 or (k <= n and q == 0):
        return fmpq(1)
    if k > n or p == 0:
        return fmpq(0)
    if isinstance(p, fmpq) and n <= FRACTIONS:
        a, b = int(p.p), int(p.q)
        return fmpq(sum(math.comb(n, j) * a**j * (b - a) ** (n - j) for j in range(k, n + 1)), b**n)
    if k == 1 and not 2 * p > 1:
        return -(n * (-arb(p)).log1p()).expm1()
    if arb(k) > n * p:
        return _ascending(n, p, q, k)
    if arb(n - k + 1) > n * q:
        # Most of the mass is at k and above: what is below is the smaller part.
        return 1 - binomial_upper(n, q, p, n - k + 1)
    p = arb(p)
    if p.rad() == 0 or not p.is_finite():
        return arb(0).union(arb(1))
    # The ball is too wide to tell on which side of the mean k is; the chance rises with p.
    ends = (p.lower().max(arb(0)), p.upper().min(arb(1)))
    low, high = (binomial_upper(n, end, 1 - end, k) for end in ends)
    return arb(low).union(high)


def _ascending(n: int, p: Number, q: Number, k: int) -> arb:
    """The sum of the terms at k, k + 1, …, for k above the mean, where each is below the one before."""
    first = arb(fmpz.bin_uiui(n, k)) * arb(p) ** k * arb(q) ** (n - k)
    return first * (_fixed_point(n, p, k) if isinstance(p, fmpq) else _in_balls(n, p, q, k))


def _fixed_point(n: int, p: fmpq, k: int) -> arb:
    """The sum of the terms over the first, in integers, each rounded down."""
    a, b = int(p.p), int(p.q) - int(p.p)
    term = total = 1 << _SCALE
    steps, left_out = 0, 0
    for j in range(k, n):
        term = term * a * (n - j) // (b * (j + 1))
        total += term
        steps += 1
        if term < 1 << 40 and 2 * a * (n - j) < b * (j + 1):
            # Each term from here on is below half the one before.
            left_out = term + steps
            break
    # A term is too small by at most one for each rounding so far.
    return arb(total).union(arb(total + steps**2 + left_out)) / (1 << _SCALE)


def _in_balls(n: int, p: Number, q: Number, k: int) -> arb:
    odds = arb(p) / arb(q)
    term = total = arb(1)
    for j in range(k, n):
        step = odds * (n - j) / (j + 1)
        term = term * step
        total += term
        if 2 * step < 1 and term < total * arb(2) ** (-_SCALE):
            return total + arb(0).union(term)
    return total


@dataclass(frozen=True)
class Poisson(Count):
    """The Poisson law."""

    rate: Number
    first = 0

    def upper(self, k: int) -> Number:
        if k <= 0:
            return fmpq(1)
        rate = arb(self.rate)
        if not rate < k:
            return 1 - rate.gamma_upper(k, regularized=True)
        # Arb's lower incomplete gamma function takes for ever at some large k; the terms fall like a geometric series.
        term = total = (k * rate.log() - rate - arb(k + 1).lgamma()).exp()
        while True:
            k += 1
            step = rate / k
            term = term * step
            total += term
            rest = term * step / (1 - step)
            if rest < total * arb(2) ** (-_SCALE) or not total.is_finite():
                return total + arb(0).union(rest)

    def lower(self, k: int) -> Number:
        return fmpq(0) if k < 0 else arb(self.rate).gamma_upper(k + 1, regularized=True)

    def weights(self) -> Sequence[Number]:
        rate = arb(self.rate)
        terms = [(-rate).exp()]
        while len(terms) < 3 * rate or not terms[-1] < arb(2) ** (-3 * _SCALE):
            terms.append(terms[-1] * rate / len(terms))
        return terms

    def further(self) -> Further:
        weights = self.weights()
        return Further(weights[-1], self.rate / len(weights))


@dataclass(frozen=True)
class Table(Count):
    """A law given by its probabilities from `first` on."""

    first: int
    table: tuple[Number, ...]

    @cached_property
    def _above(self) -> list[Number]:
        return list(accumulate(reversed(self.table)))[::-1]

    @cached_property
    def _below(self) -> list[Number]:
        return list(accumulate(self.table))

    def upper(self, k: int) -> Number:
        place = k - self.first
        return fmpq(1) if place <= 0 else self._above[place] if place < len(self.table) else fmpq(0)

    def lower(self, k: int) -> Number:
        place = k - self.first
        return fmpq(0) if place < 0 else self._below[place] if place < len(self.table) - 1 else fmpq(1)

    def weights(self) -> Sequence[Number]:
        return self.table


@lru_cache(maxsize=64)
def hypergeometric(population: int, marked: int, drawn: int) -> Table:
    """How many of `drawn` items out of `population` are marked, when `marked` of all are."""
    first, last = max(0, drawn + marked - population), min(drawn, marked)
    ways = math.comb(population, drawn)
    term = math.comb(marked, first) * math.comb(population - marked, drawn - first)
    terms = [term]
    for k in range(first, last):
        term = term * (marked - k) * (drawn - k) // ((k + 1) * (population - marked - drawn + k + 1))
        terms.append(term)
    if population <= 1000:
        return Table(first, tuple(fmpq(t, ways) for t in terms))
    return Table(first, tuple(arb(t) / ways for t in terms))
