"""Numbers in captions, descriptions and tables."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
TABLE_ROWS = 200
"""A figure's table has no more rows."""


def short(value: float, digits: int = 3) -> str:
    """A number with a few significant digits, very large and very small ones with a power of ten.

    Examples
    --------
    >>> short(0.02134), short(512), short(3.2e-9), short(1234567), short(0), short(math.inf)
    ('0.0213', '512', '3.2·10⁻⁹', '1.23·10⁶', '0', '∞')
    """
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if value == 0 or 1e-4 <= abs(value) < 1e5:
        text = f"{value:.{digits}g}"
        return f"{value:.0f}" if "e" in text else text
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}·10{str(int(exponent)).translate(_SUPERSCRIPT)}"


def span(values: Iterable[float], digits: int = 3) -> str:
    """The least and the largest, once where they read alike.

    Examples
    --------
    >>> span([18.01, 14.2, 16]), span([2, 2.0001])
    ('14.2 to 18', '2')
    """
    known = list(values)
    low, high = short(min(known), digits), short(max(known), digits)
    return low if low == high else f"{low} to {high}"


def count(number: int, noun: str) -> str:
    """So many of something.

    Examples
    --------
    >>> count(1, "point"), count(1200, "point")
    ('1 point', '1,200 points')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def cell(value: object) -> object:
    """A value for a table: five significant digits will do, the data are in the series."""
    if isinstance(value, float):
        return float(f"{value:.5g}") if math.isfinite(value) else short(value)
    return value


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> dict[str, object]:
    """A figure's table: the first rows, how many there are in all, and no column without a value."""
    used = [i for i in range(len(columns)) if any(row[i] is not None for row in rows)]
    return {
        "columns": [columns[i] for i in used],
        "rows": [[cell(row[i]) for i in used] for row in rows[:TABLE_ROWS]],
        "total": len(rows),
    }


def spreads(values: Iterable[float | None]) -> bool:
    """Whether positive values reach over more than a decade, so that an axis is better logarithmic."""
    positive = [value for value in values if value is not None and 0 < value < math.inf]
    return bool(positive) and max(positive) > 10 * min(positive)


def slug(*parts: str) -> str:
    """An id of letters, digits and dashes.

    Examples
    --------
    >>> slug("Dense nets", "gap", "width")
    'dense-nets-gap-width'
    """
    text = "-".join(parts).lower()
    kept = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in text)
    return "-".join(filter(None, kept.split("-"))) or "figure"
