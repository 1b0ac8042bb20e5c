"""Reading certificates: expressions out of a fixed list of functions, and complaints about what is wrong."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import sympy
from mpmath import mp
from sympy import Rational, Symbol, exp, log, oo
from sympy.polys.polyerrors import BasePolynomialError

CONSTANTS = {"pi": sympy.pi, "E": sympy.E, "oo": oo, "-oo": -oo}
FUNCTIONS: dict[str, Any] = {
    f.__name__: f
    for f in (sympy.Add, sympy.Mul, sympy.Pow, exp, log, sympy.erf, sympy.erfc, sympy.sinh, sympy.cosh, sympy.tanh)
} | {f.__name__: f for f in (sympy.sin, sympy.cos, sympy.atan, sympy.Abs, sympy.Max, sympy.Min)}
RELATIONS: dict[str, Any] = {
    "Eq": sympy.Eq,
    "Le": sympy.Le,
    "Lt": sympy.Lt,
    "Ge": sympy.Ge,
    "Gt": sympy.Gt,
    "Ne": sympy.Ne,
}


_LONGEST = 1_000_000
"""Bits of a power of a number."""
_HIGHEST, _MOST_TERMS = 1_000, 100_000
"""Degree and number of terms of what is expanded."""


class Refused(Exception):
    """A step that does not hold, or data that is no certificate; the message is a complaint."""


class Unable(Refused):
    """What cannot be re-checked here, be it right or wrong."""


class NotRechecked(str):
    """A complaint about what is not re-checked here: no sign that anything is wrong."""


DAMAGE = (
    Refused,
    ArithmeticError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
    BasePolynomialError,
    mp.NoConvergence,
)
"""What reading and checking arbitrary data may raise."""


def complaint_of(error: Exception) -> str:
    """One line about an error among :data:`DAMAGE`."""
    if isinstance(error, Unable | mp.NoConvergence):
        return NotRechecked(error)
    return str(error) if isinstance(error, Refused) else f"the certificate is damaged ({type(error).__name__})"


def require(holds: object, complaint: str) -> None:
    """Refuse what does not hold."""
    if not holds:
        raise Refused(complaint)


def rational(text: str) -> Fraction:
    """A number of a certificate; no powers of ten, which can be too long for any memory."""
    require(re.fullmatch(r"-?[0-9]+(\.[0-9]+|/[0-9]+)?", text), f"{text!r} is no rational number")
    return Fraction(text)


def from_tree(tree: Sequence[Any]) -> Any:
    """Rebuild an expression or a relation from nested lists."""
    name, *arguments = tree
    if name == "Symbol":
        [text] = arguments
        require(isinstance(text, str) and text.isidentifier(), f"{text!r} is no name")
        return Symbol(text, real=True)
    if name == "Rational":
        return Rational(*(int(a) for a in arguments))
    if name in CONSTANTS and not arguments:
        return CONSTANTS[name]
    found = applied(name, [from_tree(a) for a in arguments])
    return expandable(found) if name == "Pow" else found


def applied(name: str, values: Sequence[Any]) -> Any:
    """A function or relation of certificates at expressions."""
    require(name in FUNCTIONS or name in RELATIONS, f"{name!r} is not among the functions of certificates")
    if name in RELATIONS:
        return RELATIONS[name](*values, evaluate=False)
    if name == "Pow" and values[1].is_Rational:
        factor = values[0].as_coeff_Mul()[0]
        if abs(values[1]) * (factor.p * factor.q).bit_length() > _LONGEST:
            raise Unable("too large to re-check here: a power")
    return FUNCTIONS[name](*values)


def expandable(e: Any) -> Any:
    """An expression that it would not take forever to expand."""
    _size(e)
    return e


def _size(e: Any) -> tuple[int, int]:
    """The degree of an expression that is expanded, and the number of its terms, or more."""
    sizes = list(map(_size, e.args))
    degree, terms = int(not e.is_Rational), 1
    if e.is_Add:
        degree, terms = max(d for d, _ in sizes), sum(t for _, t in sizes)
    elif e.is_Mul:
        degree, terms = sum(d for d, _ in sizes), math.prod(t for _, t in sizes)
    elif e.is_Pow and e.exp.is_Integer:
        power = int(abs(e.exp))
        degree, terms = power * sizes[0][0], math.comb(sizes[0][1] + min(power, _HIGHEST) - 1, min(power, _HIGHEST))
    if degree > _HIGHEST or terms > _MOST_TERMS:
        raise Unable("too large to re-check here: an expression")
    return degree, terms
