"""Numbers: fractions, which are exact, as long as possible, else intervals of mpmath, which are rigorous."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

from mpmath import iv, mp

from boundcheck.formula.verify.reading import Refused, Unable

MOST = 20_000
"""Outcomes, or steps of a recursion, beyond which a case is refused rather than run for minutes."""

Number = Any
"""A Fraction, or an interval of mpmath's."""


@contextmanager
def digits_set(digits: int) -> Iterator[None]:
    """Intervals and numbers of mpmath with so many digits."""
    before = iv.dps, mp.dps
    iv.dps, mp.dps = digits, digits
    try:
        yield
    finally:
        iv.dps, mp.dps = before


def wide(x: Number) -> Any:
    """The number as an interval."""
    return iv.mpf(x.numerator) / iv.mpf(x.denominator) if isinstance(x, Fraction) else x


def ends_of(x: Number) -> tuple[Any, Any]:
    """Both ends of the number as an interval."""
    low, high = (mp.make_mpf(end) for end in wide(x)._mpi_)
    if mp.isnan(low) or mp.isnan(high):
        raise Refused("a number in it is not defined")
    return low, high


def exactly(end: Any) -> Fraction:
    """A binary float of mpmath as a fraction."""
    sign, mantissa, exponent, _ = end._mpf_
    limited(abs(exponent), 100 * MOST)
    return (-1) ** sign * int(mantissa) * Fraction(2) ** int(exponent)


def between(low: Any, high: Any) -> Any:
    """The interval between two ends."""
    return iv.mpf([low, high])


def sign_of(x: Number) -> int | None:
    """-1, 0 or 1; None where it cannot be told."""
    if isinstance(x, Fraction):
        return (x > 0) - (x < 0)
    low, high = ends_of(x)
    return 1 if low > 0 else -1 if high < 0 else 0 if low == high == 0 else None


def told(x: Number) -> int:
    """The sign, refused where it cannot be told."""
    sign = sign_of(x)
    if sign is None:
        raise Unable("the sign of a number in it cannot be told here")
    return sign


def _compared(x: Number, y: Number) -> int:
    return told(add(x, -y))


ORDER = functools.cmp_to_key(_compared)


def add(x: Number, y: Number) -> Number:
    """x + y."""
    return x + y if isinstance(x, Fraction) and isinstance(y, Fraction) else wide(x) + wide(y)


def mul(x: Number, y: Number) -> Number:
    """x y."""
    if isinstance(x, Fraction) and isinstance(y, Fraction):
        return x * y
    return Fraction(0) if is_zero(x) or is_zero(y) else wide(x) * wide(y)


def div(x: Number, y: Number) -> Number:
    """x / y, refused where y may be 0."""
    return mul(x, Fraction(1) / y if isinstance(y, Fraction) else 1 / y) if told(y) else undefined()


def is_zero(x: Number) -> bool:
    """Whether the number is exactly 0."""
    return isinstance(x, Fraction) and x == 0


def undefined() -> Number:
    """Refuse what has no value."""
    raise Refused("a number in it is not defined")


def sum_of(values: Iterable[Number]) -> Number:
    """The sum."""
    exact, rest = Fraction(0), iv.mpf(0)
    plain = True
    for value in values:
        if isinstance(value, Fraction):
            exact += value
        else:
            rest, plain = rest + value, False
    return exact if plain else wide(exact) + rest


def product_of(values: Iterable[Number]) -> Number:
    """The product."""
    total: Number = Fraction(1)
    for value in values:
        total = mul(total, value)
    return total


def power_of(base: Number, exponent: Number) -> Number:
    """The real power, exact for whole exponents and for roots of squares."""
    if isinstance(exponent, Fraction) and exponent.denominator == 1:
        n = int(exponent)
        if n < 0 and told(base) == 0:
            undefined()
        if isinstance(base, Fraction) and abs(n) * (base.numerator * base.denominator).bit_length() < 100_000:
            return base**n
        return wide(base) ** n
    if is_zero(base) and told(exponent) > 0:
        return Fraction(0)
    if exponent == Fraction(1, 2) or exponent == Fraction(-1, 2):
        if isinstance(base, Fraction) and base >= 0:
            root = Fraction(math.isqrt(base.numerator), math.isqrt(base.denominator))
            if root**2 == base:
                return power_of(root, 2 * exponent)
        low, high = ends_of(base)
        if high < 0:
            undefined()
        root = iv.sqrt(between(max(low, 0), high))
        return root if exponent > 0 else div(Fraction(1), root)
    return iv.exp(wide(exponent) * iv.log(wide(base))) if told(base) > 0 else undefined()


def extreme(choose: Callable[..., Any]) -> Callable[..., Number]:
    """The least or the greatest, by `min` or `max`."""

    def chosen(*values: Number) -> Number:
        if all(isinstance(v, Fraction) for v in values):
            return choose(values)
        ends = [ends_of(v) for v in values]
        return between(choose(low for low, _ in ends), choose(high for _, high in ends))

    return chosen


def hull(*values: Number) -> Number:
    """The least interval that holds all values."""
    return between(min(ends_of(v)[0] for v in values), max(ends_of(v)[1] for v in values))


def clamped(p: Number) -> Number:
    """A probability, as one."""
    return extreme(min)(extreme(max)(p, Fraction(0)), Fraction(1))


def middle(x: Number) -> Any:
    """The middle of the number as an interval."""
    return sum(ends_of(x)) / 2


def exp_of(x: Number) -> Number:
    """e^x."""
    return Fraction(1) if is_zero(x) else iv.exp(wide(x))


def log_of(x: Number) -> Number:
    """The natural logarithm."""
    return Fraction(0) if x == 1 else iv.log(wide(x)) if told(x) > 0 else undefined()


def words(x: Number) -> str:
    """The number in short."""
    if isinstance(x, Fraction) and len(str(x)) < 30:
        return str(x)
    low, high = ends_of(x)
    return str(mp.nstr((low + high) / 2, 8))


def count_of(x: Number) -> int:
    """A number that counts something."""
    if not isinstance(x, Fraction) or x.denominator != 1 or x < 0:
        raise Refused(f"{words(x)} is no count")
    return int(x)


def limited(size: Any, most: float = MOST) -> None:
    """Refuse what would take minutes."""
    if size > most:
        raise Unable(f"too large to re-check here: more than {int(most):,} outcomes or steps")
