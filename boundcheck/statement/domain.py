"""Parameters of a theorem: SymPy symbols that carry the domain in which the claim is made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sympy import Expr, Float, Integer, Rational, S, Symbol, oo, sympify
from sympy.core.sympify import SympifyError

from boundcheck.errors import InvalidArgument
from boundcheck.statement.notation import DOTS, Phrase, Sign, interval, listed, text

Point = Mapping["Parameter", Expr]
"""An exact value for every parameter."""


_HUGE = re.compile(r"[eE][+-]?0*[1-9]\d{3,}")
"""The exponent of a number that would take gigabytes, and no interrupt, to be written out as an exact one."""


def exact(name: str, value: Any) -> Expr:
    """Turn a number into an exact SymPy expression; a float means the decimal that it prints as.

    Parameters
    ----------
    name
        The argument's name, for the error message.
    value
        An int, float, Fraction, Decimal, numeric string ("1/2") or SymPy expression.

    Raises
    ------
    InvalidArgument
        When the value is not a real number or expression, or is NaN.

    Examples
    --------
    >>> exact("t", 0.1)
    1/10
    """
    if isinstance(value, Decimal | str) and _HUGE.search(str(value).replace("_", "")):
        raise InvalidArgument(name, value, "has an exponent beyond all measure", "pass 1e999 at most")
    try:
        if isinstance(value, bool) or value is None:
            raise TypeError
        if isinstance(value, float | Decimal | str) or (
            type(value).__module__ == "numpy" and not isinstance(value, int)
        ):
            text = str(value).strip()
            return {"inf": oo, "-inf": -oo}.get(text) or Rational(text)
        if isinstance(value, Fraction):
            return Rational(value.numerator, value.denominator)
        result = sympify(value)
        if not isinstance(result, Expr) or result is S.NaN or result.is_extended_real is False:
            raise TypeError
        result = result.replace(lambda e: isinstance(e, Float), lambda e: Rational(str(e)))
    except (TypeError, ValueError, ZeroDivisionError, SympifyError):
        raise InvalidArgument(
            name,
            value,
            "is not a number or an expression",
            'pass a number such as 2, 0.5 or "1/2", or a parameter',
        ) from None
    if result.args and result.has(S.NaN, S.ComplexInfinity, S.ImaginaryUnit, oo, -oo):
        raise InvalidArgument(
            name, str(result), "holds what is no real number, as 1/0 or sqrt(-1)", "write it with real numbers only"
        )
    return result


@dataclass(frozen=True)
class Domain:
    """An interval of the reals or of the integers; an end that is infinite is never included.

    The order means nothing: SymPy, which sorts parameters by name and then by this, needs one.
    """

    low: Expr
    high: Expr
    integer: bool = False
    exclude_low: bool = False
    exclude_high: bool = False

    def __lt__(self, other: Domain) -> bool:
        return repr(self) < repr(other)

    def __gt__(self, other: Domain) -> bool:
        return repr(self) > repr(other)

    def __contains__(self, value: Expr) -> bool:
        if value.is_finite is False or value.is_extended_real is False or (self.integer and not value.is_integer):
            return False
        above = value > self.low if self.exclude_low else value >= self.low
        below = value < self.high if self.exclude_high else value <= self.high
        return bool(above) and bool(below)

    @property
    def notation(self) -> Phrase:
        """The domain as a mathematician writes it: [0, ∞) or {1, …, 10}."""
        if not self.integer:
            return interval(self.low, self.high, open_low=self.exclude_low, open_high=self.exclude_high)
        if self.low == -oo and self.high == oo:
            return (Sign("ℤ", r"\mathbb{Z}"),)
        ends = [(value,) for value in (self.low, self.high) if value.is_finite]
        if len(ends) == 2:
            inside = listed([ends[0], (DOTS,), ends[1]]) if self.low != self.high else ends[0]
        else:
            inside = listed([ends[0], (ends[0][0] + 1,), (DOTS,)] if self.high == oo else [(DOTS,), ends[0]])
        return (Sign("{", r"\{"), *inside, Sign("}", r"\}"))

    def __str__(self) -> str:
        return text(self.notation)


class Parameter(Symbol):
    """A SymPy symbol with a domain; make one with :func:`real` or :func:`integer`."""

    __slots__ = ("domain",)
    domain: Domain

    def __new__(cls, name: str, domain: Domain) -> Parameter:
        assumptions: dict[str, bool] = {"integer" if domain.integer else "real": True}
        if domain.low > 0 or (domain.low == 0 and domain.exclude_low):
            assumptions["positive"] = True
        elif domain.low >= 0:
            assumptions["nonnegative"] = True
        symbol = Symbol.__xnew__(cls, name, **assumptions)
        symbol.domain = domain
        return symbol

    @property
    def printed_name(self) -> str:
        """The name in LaTeX and MathML: Python keeps the word lambda for itself, so that lam stands for it."""
        return re.sub(r"^lam(?![a-zA-Z])", "lamda", self.name)

    def _latex(self, printer: Any) -> str:
        printed = str(printer._print_Symbol(Symbol(self.printed_name)))
        return rf"\mathrm{{{printed}}}" if len(printed) > 1 and printed.isalpha() else printed

    def __getnewargs_ex__(self) -> tuple[tuple[str, Domain], dict[str, Any]]:
        return (self.name, self.domain), {}

    def _hashable_content(self) -> tuple[Any, ...]:
        return (*super()._hashable_content(), self.domain)


def _parameter(name: str, low: Any, high: Any, integer: bool, exclude_low: bool, exclude_high: bool) -> Parameter:
    if not isinstance(name, str) or not name.isidentifier():
        raise InvalidArgument("name", name, "is not a name", 'pass an identifier such as "n" or "delta"')
    low = -oo if low is None else exact("min", low)
    high = oo if high is None else exact("max", high)
    for label, end in (("min", low), ("max", high)):
        if not (end.is_number and end.is_extended_real):
            raise InvalidArgument(label, end, f"is no end of the domain of {name}", "pass a real number")
        if integer and end.is_finite and not end.is_integer:
            raise InvalidArgument(label, end, f"is no end of the integer domain of {name}", "pass an integer")
    empty = low > high or (low == high and (exclude_low or exclude_high or not low.is_finite))
    if empty:
        raise InvalidArgument("min", low, f"leaves the domain of {name} empty (max={high})", "pass min below max")
    return Parameter(name, Domain(low, high, integer, exclude_low, exclude_high))


def real(
    name: str, *, min: Any = None, max: Any = None, exclude_min: bool = False, exclude_max: bool = False
) -> Parameter:
    """A real parameter on [min, max]; an end left out is infinite.

    Parameters
    ----------
    name
        The symbol's name.
    min, max
        Ends of the domain; a float means the decimal that it prints as (0.1 is 1/10).
    exclude_min, exclude_max
        Leave the end itself out of the domain.

    Raises
    ------
    InvalidArgument
        When an end is not a real number or the domain is empty.

    Examples
    --------
    >>> real("delta", min=0, max=1, exclude_min=True).domain
    Domain(low=0, high=1, integer=False, exclude_low=True, exclude_high=False)
    """
    return _parameter(name, min, max, False, exclude_min, exclude_max)


def integer(name: str, *, min: Any = None, max: Any = None) -> Parameter:
    """An integer parameter on {min, …, max}; an end left out is infinite.

    Raises
    ------
    InvalidArgument
        When an end is not an integer or the domain is empty.

    Examples
    --------
    >>> print(integer("n", min=1, max=10_000).domain)
    {1, …, 10000}
    """
    return _parameter(name, min, max, True, False, False)


def number(value: Expr) -> float:
    """The float nearest to a SymPy number.

    Raises
    ------
    InvalidArgument
        When a parameter is still free in it.
    """
    if value.free_symbols:
        raise InvalidArgument(
            "value", value, "still contains a parameter", "substitute a number for every parameter first"
        )
    return float(Integer(value)) if value.is_Integer else float(value)


def parameters_of(*expressions: Expr) -> frozenset[Parameter]:
    """The parameters that occur in the expressions.

    Raises
    ------
    InvalidArgument
        When a symbol has no domain.
    """
    symbols = frozenset(s for e in expressions for s in e.free_symbols)
    for symbol in symbols:
        if not isinstance(symbol, Parameter):
            name = str(symbol)
            raise InvalidArgument(
                "claim", name, "is a symbol without a domain", f'declare it: {name} = real("{name}", min=0)'
            )
    return symbols
