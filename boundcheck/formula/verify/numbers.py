"""Numbers: fractions, which are exact, as long as possible, else intervals of mpmath, which are rigorous."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

from mpmath import iv, mp

from boundcheck.formula.verify.reading import Refused, Unable

MOST = 20_000
"""Outcomes, or steps of a recursion, beyond which a case is refused rather than run for minutes."""


@contextmanager
def digits_set(digits: int) -> Iterator[None]:
    """Intervals and numbers of mpmath with so many digits."""
    before = iv.dps, mp.dps
    iv.dps, mp.dps = digits, digits
    try:
        yield
    finally:
        iv.dps, mp.dps = before


def limited(size: Any, most: float = MOST) -> None:
    """Refuse what would take minutes."""
    if size > most:
        raise Unable(f"too large to re-check here: more than {int(most):,} outcomes or steps")


def exactly(end: Any) -> Fraction:
    """A binary float of mpmath as a fraction."""
    sign, mantissa, exponent, _ = end._mpf_
    limited(abs(exponent), 100 * MOST)
    return (-1) ** sign * int(mantissa) * Fraction(2) ** int(exponent)


def _arithmetic(operation: Callable[[Any, Any], Any]) -> Callable[[Number, Any], Number]:
    def result(x: Number, other: Any) -> Number:
        y = Number.of(other)
        return Number(operation(x.value, y.value) if x.exact and y.exact else operation(x.wide, y.wide))

    return result


class Number:
    """A Fraction, or an interval of mpmath's that holds the number."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = Fraction(value) if isinstance(value, int) else value

    @staticmethod
    def of(value: Any) -> Number:
        """A number as one of these."""
        return value if isinstance(value, Number) else Number(value)

    @staticmethod
    def between(low: Any, high: Any) -> Number:
        """The interval between two ends."""
        return Number(iv.mpf([low, high]))

    @property
    def exact(self) -> bool:
        """Whether it is a fraction."""
        return isinstance(self.value, Fraction)

    @property
    def wide(self) -> Any:
        """The number as an interval."""
        x = self.value
        return iv.mpf(x.numerator) / iv.mpf(x.denominator) if isinstance(x, Fraction) else x

    @property
    def ends(self) -> tuple[Any, Any]:
        """Both ends of the number as an interval."""
        low, high = (mp.make_mpf(end) for end in self.wide._mpi_)
        if mp.isnan(low) or mp.isnan(high):
            undefined()
        return low, high

    @property
    def sign(self) -> int | None:
        """-1, 0 or 1; None where it cannot be told."""
        if self.exact:
            return (self.value > 0) - (self.value < 0)
        low, high = self.ends
        return 1 if low > 0 else -1 if high < 0 else 0 if low == high == 0 else None

    @property
    def told(self) -> int:
        """The sign, refused where it cannot be told."""
        if self.sign is None:
            raise Unable("the sign of a number in it cannot be told here")
        return self.sign

    @property
    def is_zero(self) -> bool:
        """Whether it is exactly 0."""
        return self.exact and self.value == 0

    @property
    def count(self) -> int:
        """A number that counts something."""
        if not self.exact or self.value.denominator != 1 or self.value < 0:
            raise Refused(f"{self} is no count")
        return int(self.value)

    __add__ = __radd__ = _arithmetic(operator.add)
    __sub__ = _arithmetic(operator.sub)

    def __rsub__(self, other: Any) -> Number:
        return Number.of(other) - self

    def __mul__(self, other: Any) -> Number:
        y = Number.of(other)
        if self.exact and y.exact:
            return Number(self.value * y.value)
        return Number(0) if self.is_zero or y.is_zero else Number(self.wide * y.wide)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Number:
        y = Number.of(other)
        return self * Number(1 / y.value) if y.told else undefined()

    def __rtruediv__(self, other: Any) -> Number:
        return Number.of(other) / self

    def __neg__(self) -> Number:
        return Number(-self.value)

    def __abs__(self) -> Number:
        return Number(abs(self.value))

    def __pow__(self, other: Any) -> Number:
        """The real power, exact for whole exponents and for roots of squares."""
        exponent = Number.of(other)
        x, n = self.value, exponent.value
        if exponent.exact and n.denominator == 1:
            if n < 0:
                return 1 / self**-n
            small = self.exact and n * (x.numerator * x.denominator).bit_length() < 100_000
            return Number(x ** int(n) if small else self.wide ** int(n))
        if self.is_zero and exponent.told > 0:
            return Number(0)
        if abs(exponent) == Number(Fraction(1, 2)):
            root = self._root
            return root if n > 0 else 1 / root
        return Number(iv.exp(exponent.wide * iv.log(self.wide))) if self.told > 0 else undefined()

    @property
    def _root(self) -> Number:
        if self.exact and self.value >= 0:
            root = Fraction(math.isqrt(self.value.numerator), math.isqrt(self.value.denominator))
            if root**2 == self.value:
                return Number(root)
        low, high = self.ends
        return undefined() if high < 0 else Number(iv.sqrt(iv.mpf([max(low, 0), high])))

    def __lt__(self, other: Any) -> bool:
        return (self - other).told < 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Number) and self.exact == other.exact and bool(self.value == other.value)

    def __hash__(self) -> int:
        return hash(self.value)

    def __str__(self) -> str:
        if self.exact and len(str(self.value)) < 30:
            return str(self.value)
        return str(mp.nstr(sum(self.ends) / 2, 8))


ZERO, ONE, HALF = Number(0), Number(1), Number(Fraction(1, 2))


def undefined() -> Number:
    """Refuse what has no value."""
    raise Refused("a number in it is not defined")


def extreme(choose: Callable[..., Any]) -> Callable[..., Number]:
    """The least or the greatest, by `min` or `max`."""

    def chosen(*numbers: Number) -> Number:
        if all(x.exact for x in numbers):
            return Number(choose(x.value for x in numbers))
        lows, highs = zip(*(x.ends for x in numbers), strict=True)
        return Number.between(choose(lows), choose(highs))

    return chosen


least, greatest = extreme(min), extreme(max)


def hull(*numbers: Number) -> Number:
    """The least interval that holds all numbers."""
    lows, highs = zip(*(x.ends for x in numbers), strict=True)
    return Number.between(min(lows), max(highs))


def clamped(p: Number) -> Number:
    """A probability, as one."""
    return least(greatest(p, ZERO), ONE)
