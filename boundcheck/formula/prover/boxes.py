"""A box: one interval with rational or infinite ends for each symbol; a goal is claimed on its open interior."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sympy import Expr, Integer, Rational, Symbol, oo


@dataclass(frozen=True)
class Box:
    """Sides (symbol, low, high), sorted by name."""

    sides: tuple[tuple[Symbol, Expr, Expr], ...]

    @cached_property
    def ends(self) -> dict[Symbol, tuple[Expr, Expr]]:
        """The ends of each symbol's side."""
        return {symbol: (low, high) for symbol, low, high in self.sides}

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        return tuple(symbol for symbol, _, _ in self.sides)

    def face(self, symbol: Symbol) -> Box:
        """The box without one symbol."""
        return Box(tuple(side for side in self.sides if side[0] != symbol))

    def restrict(self, symbol: Symbol, low: Expr, high: Expr) -> Box:
        """The box with another side for one symbol."""
        return Box(tuple((s, low, high) if s == symbol else (s, a, b) for s, a, b in self.sides))

    def only(self, symbols: set[Symbol]) -> Box:
        """The sides of some of the symbols."""
        return Box(tuple(side for side in self.sides if side[0] in symbols))

    def split(self, symbol: Symbol, at: Expr) -> tuple[Box, Box]:
        """The two parts below and above a point."""
        low, high = self.ends[symbol]
        return self.restrict(symbol, low, at), self.restrict(symbol, at, high)

    def tree(self) -> dict[str, list[str]]:
        """Plain data: ends as strings."""
        return {symbol.name: [str(low), str(high)] for symbol, low, high in self.sides}

    def __str__(self) -> str:
        return " × ".join(f"{s} ∈ [{low}, {high}]" for s, low, high in self.sides) or "the only point"


def middle(low: Expr, high: Expr) -> Rational:
    """A rational strictly between the ends; simple ones where an end is infinite."""
    if low == -oo and high == oo:
        return Integer(0)
    if high == oo:
        return Integer(1) if low < 1 else low * 4
    if low == -oo:
        return Integer(-1) if high > -1 else high * 4
    return (low + high) / 2


_FRACTIONS = [Rational(f) for f in ("1/2", "1/8", "7/8", "1/3", "2/3", "1/100", "99/100", "1/5000", "4999/5000")]
_DISTANCES = [Rational(d) for d in ("1", "1/10", "1/2", "2", "5", "1/100", "16", "1/3000", "50", "300")]


def ladder(low: Expr, high: Expr) -> list[Rational]:
    """Rational points inside a side at all scales: close to its ends, close to 0, and far out."""
    if low == high:
        return [low]
    if low != -oo and high != oo:
        points = [low + (high - low) * f for f in _FRACTIONS]
    elif low != -oo:
        points = [low + d for d in _DISTANCES]
    elif high != oo:
        points = [high - d for d in _DISTANCES]
    else:
        points = [d * sign for d in _DISTANCES for sign in (1, -1)]
    if low < 0 < high and (low != -oo or high != oo):
        points += [p for p in (Rational(1, 100), Rational(-1, 100)) if low < p < high]
    return points


def samples(box: Box, limit: int = 48) -> Iterator[dict[Symbol, Any]]:
    """A fixed sequence of interior points: the grid of ladders when it is small, else a low-discrepancy part of it."""
    ladders = [ladder(low, high) for _, low, high in box.sides]
    size = 1
    for points in ladders:
        size *= len(points)
    if size <= limit:
        chosen: Iterator[int] = iter(range(size))
    else:
        # A multiplier prime to every ladder's length visits the mixed-radix grid without repetition.
        chosen = ((i * 7919 + 13) % size for i in range(limit))
    for index in chosen:
        point = {}
        for symbol, points in zip(box.symbols, ladders, strict=True):
            index, digit = divmod(index, len(points))
            point[symbol] = points[digit]
        yield point
