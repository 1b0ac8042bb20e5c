"""The functions of certificates at numbers.

What intervals lack (erf, erfc, erfinv, atan and, for laws, the incomplete gamma and beta functions) is taken at two
precisions and widened far beyond their difference.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from mpmath import iv, mp

from boundcheck.formula.verify.numbers import (
    Number,
    between,
    ends_of,
    exp_of,
    extreme,
    log_of,
    power_of,
    product_of,
    sum_of,
    wide,
)


def monotone(function: Callable[[Any], Any], x: Number) -> Any:
    """A monotone function that intervals lack: at both ends, at two precisions, widened beyond the difference."""
    found = []
    for end in ends_of(x):
        values = []
        for extra in (10, 30):
            with mp.workdps(iv.dps + extra):
                values.append(function(end))
        slack = 1000 * abs(values[1] - values[0]) + abs(values[1]) * mp.mpf(10) ** (5 - iv.dps)
        found += [values[1] - slack, values[1] + slack]
    return between(min(found), max(found))


def _whole(part: Callable[[Any], Any]) -> Callable[[Number], Number]:
    def rounded(x: Number) -> Number:
        if isinstance(x, Fraction):
            return Fraction(part(x))
        low, high = (int(part(end)) for end in ends_of(x))
        return Fraction(low) if low == high else between(low, high)

    return rounded


FUNCTIONS: dict[str, Callable[..., Number]] = {
    "Add": lambda *values: sum_of(values),
    "Mul": lambda *values: product_of(values),
    "Pow": power_of,
    "exp": exp_of,
    "log": log_of,
    "Abs": abs,
    "Min": extreme(min),
    "Max": extreme(max),
    "floor": _whole(lambda x: math.floor(x) if isinstance(x, Fraction) else mp.floor(x)),
    "ceiling": _whole(lambda x: math.ceil(x) if isinstance(x, Fraction) else mp.ceil(x)),
    "sinh": lambda x: (wide(exp_of(x)) - wide(exp_of(-x))) / 2,
    "cosh": lambda x: (wide(exp_of(x)) + wide(exp_of(-x))) / 2,
    "tanh": lambda x: 1 - 2 / (wide(exp_of(2 * x)) + 1),
    "sin": lambda x: iv.sin(wide(x)),
    "cos": lambda x: iv.cos(wide(x)),
    "atan": lambda x: monotone(mp.atan, x),
    "erf": lambda x: monotone(mp.erf, x),
    "erfc": lambda x: monotone(mp.erfc, x),
    "erfinv": lambda x: monotone(mp.erfinv, x),
    "pi": lambda: iv.pi + 0,
    "E": lambda: iv.exp(iv.mpf(1)),
}
