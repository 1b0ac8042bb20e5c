"""What one argument of a study runs through: the values of a list, or a range."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from boundcheck.errors import InvalidArgument

_RANGE = {"min", "max", "count", "scale"}
_SCALES = ("linear", "log")
MOST_VALUES = 10_000_000
"""Of a range with a count."""
_LARGEST = Fraction(10**300)
_DIGITS = 6
"""Of numbers inside a range, so that they are short, and exact as they are shown."""


@dataclass(frozen=True)
class Axis:
    """The values of one argument, as strings; of a range without a count there are infinitely many.

    Attributes
    ----------
    name
        Of the argument, for messages.
    values
        In order; empty for a range that is only sampled.
    low, high, log
        Of such a range.
    """

    name: str
    values: tuple[str, ...]
    low: Fraction = Fraction(0)
    high: Fraction = Fraction(0)
    log: bool = False
    whole: bool = False
    """Whether values in the range are integers."""

    def drawn(self, share: float) -> str:
        """The value at a share of the axis, 0 ≤ share < 1."""
        if self.values:
            return self.values[int(share * len(self.values))]
        return _inside(self.low, self.high, share, log=self.log, whole=self.whole)


def axis(name: str, given: Any) -> Axis:
    """Read one argument of a study.

    Parameters
    ----------
    name
        Of the argument, for messages.
    given
        A single value, a list, or a range such as ``{"min": 16, "max": 1024, "count": 7, "scale": "log"}``: `count`
        values from min to max, both included, at equal distances or ratios; between integers these are integers.
        Without a count a range can only be sampled.

    Raises
    ------
    InvalidArgument
        When it is none of these.
    """
    if isinstance(given, Mapping):
        return _range(name, given)
    values = list(given) if isinstance(given, Sequence) and not isinstance(given, str) else [given]
    if not values:
        raise InvalidArgument(name, given, "is an empty list", "give it at least one value")
    for value in values:
        if isinstance(value, bool) or not isinstance(value, str | int | float | Fraction) or value != value:
            raise InvalidArgument(
                name, value, "is no number and no text", "pass one value, a list, or {min = 1, max = 2, count = 5}"
            )
    return Axis(name, tuple(dict.fromkeys(map(str, values))))


def _range(name: str, given: Mapping[str, Any]) -> Axis:
    example = "pass {min = 16, max = 1024, count = 7, scale = 'log'}"
    shown = dict(given)
    if unknown := set(given) - _RANGE:
        raise InvalidArgument(name, shown, f"has an unknown key {sorted(unknown)[0]}", example)
    if not {"min", "max"} <= set(given):
        raise InvalidArgument(name, shown, "is a range without both ends", example)
    low, high = (_end(name, given[key]) for key in ("min", "max"))
    count, scale = given.get("count"), given.get("scale", "linear")
    if low >= high:
        raise InvalidArgument(name, shown, "is a range whose min is not below its max", example)
    if scale not in _SCALES or (scale == "log" and low <= 0):
        raise InvalidArgument(name, shown, "has no such scale", "pass 'linear', or for positive numbers 'log'")
    whole = all(isinstance(given[key], int) for key in ("min", "max"))
    if count is None:
        return Axis(name, (), low, high, scale == "log", whole)
    if isinstance(count, bool) or not isinstance(count, int) or count < 2:
        raise InvalidArgument(name, shown, "has no count of at least 2", example)
    if count > MOST_VALUES:
        raise InvalidArgument(
            name, shown, "has too many values", f"pass a count of at most {MOST_VALUES:,}, or none and a sample"
        )
    shares = [i / (count - 1) for i in range(1, count - 1)]
    between = [_inside(low, high, share, log=scale == "log", whole=whole) for share in shares]
    ends = [str(given[key]) for key in ("min", "max")]
    return Axis(name, tuple(dict.fromkeys([ends[0], *between, ends[1]])))


def _end(name: str, value: Any) -> Fraction:
    try:
        if isinstance(value, bool):
            raise TypeError
        text = str(value)
        if math.isinf(float(text.partition("/")[0])):  # which a Fraction would take long to write out
            raise ValueError
        found = Fraction(text)
        if not (found == 0 or 1 / _LARGEST <= abs(found) <= _LARGEST):
            raise ValueError
        return found
    except (TypeError, ValueError, ArithmeticError):
        raise InvalidArgument(name, value, "is no end of a range", "pass a number, 1e300 at most") from None


def _inside(low: Fraction, high: Fraction, share: float, *, log: bool, whole: bool) -> str:
    if log:
        value = math.exp(math.log(low) + share * (math.log(high) - math.log(low)))
    else:
        value = float(low) + share * float(high - low)
    return str(round(value)) if whole else f"{value:.{_DIGITS}g}"


def share(seed: int, *labels: object) -> float:
    """A number in [0, 1) that looks random and is the same everywhere: a pure function of seed and labels."""
    text = "\x1f".join(map(str, (seed, *labels)))
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "little") >> 11) * 2.0**-53
