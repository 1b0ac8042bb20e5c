"""Intervals with extended real ends: what ball arithmetic is too coarse for on wide and unbounded boxes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flint import arb, fmpq
from sympy import Expr, oo

from boundcheck.formula.rigorous import rational

_INFINITE = arb.pos_inf()


class Undefined(ArithmeticError):
    """The operation is no real number on a part of the interval, or on all of it."""

    def __init__(self, everywhere: bool) -> None:
        super().__init__("undefined on the whole interval" if everywhere else "undefined on a part of the interval")
        self.everywhere = everywhere


def ball_of(value: Expr) -> arb:
    """A rational or infinite end as a ball."""
    if value is oo:
        return _INFINITE
    return -_INFINITE if value is -oo else rational(value)


def _times(a: arb, b: arb) -> arb:
    """Product of ends; 0 · ∞ = 0, because the factor that is 0 stays 0 all along the other."""
    return arb(0) if a == 0 or b == 0 else a * b


class Interval:
    """All reals between two ends, each rounded outward; an infinite end stands for an unbounded side.

    Every operation returns a set that holds all values taken on its arguments, and raises :class:`Undefined` where a
    value would not be real. A pole, or the singularity of a logarithm, widens the result to infinite ends.
    """

    __slots__ = ("high", "low")

    def __init__(self, low: arb, high: arb) -> None:
        low, high = low.lower(), high.upper()
        # An indeterminate end says nothing, so it is as far out as can be.
        self.low = -_INFINITE if low.is_nan() else low
        self.high = _INFINITE if high.is_nan() else high

    @classmethod
    def between(cls, low: Expr, high: Expr) -> Interval:
        """The interval between two rational or infinite ends."""
        return cls(ball_of(low), ball_of(high))

    @classmethod
    def point(cls, value: arb) -> Interval:
        """The interval that a ball is."""
        return cls(value, value)

    def __repr__(self) -> str:
        return f"[{float(self.low):.6g}, {float(self.high):.6g}]"

    def __contains__(self, value: arb) -> bool:
        return bool(self.low <= value) and bool(value <= self.high)

    def __add__(self, other: Interval) -> Interval:
        return Interval(self.low + other.low, self.high + other.high)

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low)

    def __sub__(self, other: Interval) -> Interval:
        return self + -other

    def __mul__(self, other: Interval) -> Interval:
        if self.low >= 0 and other.low >= 0:
            return Interval(_times(self.low, other.low), _times(self.high, other.high))
        products = [_times(a, b) for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(_least(p.lower() for p in products), -_least((-p).lower() for p in products))

    def __abs__(self) -> Interval:
        if self.low >= 0 or self.high <= 0:
            return self if self.low >= 0 else -self
        return Interval(arb(0), self.high.max(-self.low))

    def max(self, other: Interval) -> Interval:
        """The larger of two values."""
        return Interval(self.low.max(other.low), self.high.max(other.high))

    def min(self, other: Interval) -> Interval:
        """The smaller of two values."""
        return -(-self).max(-other)

    def reciprocal(self) -> Interval:
        """1 / x; an end that is 0 gives an infinite end."""
        if self.low == 0 and self.high == 0:
            raise Undefined(everywhere=True)
        if self.low < 0 < self.high:
            return Interval(-_INFINITE, _INFINITE)
        low = arb(0) if self.high.is_finite() is False else (1 / self.high if self.high != 0 else -_INFINITE)
        high = arb(0) if self.low.is_finite() is False else (1 / self.low if self.low != 0 else _INFINITE)
        return Interval(low, high)

    def __pow__(self, n: int) -> Interval:
        if n < 0:
            return (self ** (-n)).reciprocal()
        if n % 2 or self.low >= 0:
            return Interval(_power(self.low, n), _power(self.high, n))
        if self.high <= 0:
            return Interval(_power(self.high, n), _power(self.low, n))
        return Interval(arb(0), -_least((-_power(self.low, n), -_power(self.high, n))))

    def root(self, n: int) -> Interval:
        """The n-th root of a nonnegative interval."""
        if self.low < 0:
            raise Undefined(everywhere=bool(self.high < 0))
        return self._rising(lambda end: end if not end.is_finite() else end.root(n))

    def _rising(self, f: Callable[[arb], arb]) -> Interval:
        return Interval(f(self.low), f(self.high))

    def exp(self) -> Interval:
        return self._rising(lambda end: end.exp() if end.is_finite() else (_INFINITE if end > 0 else arb(0)))

    def log(self) -> Interval:
        if self.low < 0 or self.high == 0:
            raise Undefined(everywhere=bool(self.high <= 0))
        return self._rising(lambda end: -_INFINITE if end == 0 else end.log() if end.is_finite() else _INFINITE)

    def erf(self) -> Interval:
        return self._rising(lambda end: end.erf() if end.is_finite() else arb(1 if end > 0 else -1))

    def erfc(self) -> Interval:
        def value(end: arb) -> arb:
            return end.erfc() if end.is_finite() else arb(0 if end > 0 else 2)

        return Interval(value(self.high), value(self.low))

    def atan(self) -> Interval:
        return self._rising(lambda end: end.atan() if end.is_finite() else (arb.pi() / (2 if end > 0 else -2)))

    def sin(self) -> Interval:
        return self._wave(arb.sin)

    def cos(self) -> Interval:
        return self._wave(arb.cos)

    def _wave(self, f: Callable[[arb], arb]) -> Interval:
        if not (self.low.is_finite() and self.high.is_finite()):
            return Interval(arb(-1), arb(1))
        value = f(self.low.union(self.high))
        return Interval(value.lower().max(arb(-1)), value.upper().min(arb(1)))


def _least(values: Iterable[arb]) -> arb:
    result = _INFINITE
    for value in values:
        if value.is_nan():
            return -_INFINITE
        if value < result:
            result = value
    return result


def _power(end: arb, n: int) -> arb:
    if end.is_finite():
        return end**n
    return end if n % 2 or n == 0 else _INFINITE


def fraction(value: Expr) -> Interval:
    """A rational as an interval."""
    ball = arb(fmpq(int(value.p), int(value.q)))
    return Interval(ball, ball)
