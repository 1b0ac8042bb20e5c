"""Expressions as a list of nodes, each made of earlier ones; the last is the expression.

A node is ``["Rational", numerator, denominator]`` with decimal strings, ``["Symbol", name]``, ``["pi"]``, ``["E"]``,
``["oo"]``, ``["-oo"]``, or ``[function, place, …]`` with the places (from 0) of its arguments in the list. What is said
twice is there once. Functions are those of :data:`FUNCTIONS`; reading looks them up and evaluates no text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import sympy
from sympy import Basic, Expr, Rational, Symbol

from boundcheck.errors import UnsupportedClaim
from boundcheck.statement import functions
from boundcheck.statement.saved.refused import Refused, require

_OURS = [f for f in vars(functions).values() if isinstance(f, type) and f.__module__ == functions.__name__]
FUNCTIONS: dict[str, Any] = {
    f.__name__: f
    for f in (
        *(sympy.Add, sympy.Mul, sympy.Pow, sympy.exp, sympy.log, sympy.floor, sympy.ceiling, sympy.Abs),
        *(sympy.Max, sympy.Min, sympy.erf, sympy.erfc, sympy.erfinv),
        *(sympy.sinh, sympy.cosh, sympy.tanh, sympy.sin, sympy.cos, sympy.atan),
        *(f for f in _OURS if issubclass(f, sympy.Function)),
    )
}
"""Everything that a saved expression may be made of, by name."""

CONSTANTS = {"pi": sympy.pi, "E": sympy.E, "oo": sympy.oo, "-oo": -sympy.oo}
_NAMES: dict[Any, str] = {value: name for name, value in CONSTANTS.items()}
MOST_NODES = 200_000
MOST_DIGITS = 4_000
"""Python refuses to read and print integers of more than 4,300 digits."""
_LONGEST = 100_000
"""Bits of a power of a number that is written out."""


def saved_expression(e: Expr) -> list[list[Any]]:
    """An expression as a list of nodes.

    Raises
    ------
    UnsupportedClaim
        When it holds a function that is not in :data:`FUNCTIONS`, or a number that is too long.

    Examples
    --------
    >>> x = sympy.Symbol("x")
    >>> saved_expression(x**2 + sympy.Rational(1, 6))
    [['Rational', '1', '6'], ['Symbol', 'x'], ['Rational', '2', '1'], ['Pow', 1, 2], ['Add', 0, 3]]
    """
    places: dict[Basic, int] = {}
    nodes: list[list[Any]] = []
    stack: list[tuple[Basic, bool]] = [(e, False)]
    while stack:  # deep expressions are no reason for deep recursion
        part, ready = stack.pop()
        if part in places:
            continue
        if not ready and part.args:
            stack.append((part, True))
            stack += [(argument, False) for argument in reversed(part.args)]
            continue
        places[part] = len(nodes)
        nodes.append(_leaf(part) if not part.args else [_function(part), *(places[a] for a in part.args)])
    return nodes


def _leaf(e: Basic) -> list[Any]:
    if e.is_Symbol:
        return ["Symbol", e.name]
    if e.is_Rational:
        if max(abs(int(e.p)), int(e.q)) >= 10**MOST_DIGITS:
            raise UnsupportedClaim(f"a number has more than {MOST_DIGITS:,} digits; it cannot be saved")
        return ["Rational", str(e.p), str(e.q)]
    if e in _NAMES:
        return [_NAMES[e]]
    raise UnsupportedClaim(f"{type(e).__name__} {e} cannot be saved; write the formula with rational numbers")


def _function(e: Basic) -> str:
    name = type(e).__name__
    if FUNCTIONS.get(name) is not type(e):
        raise UnsupportedClaim(f"{name} is no function that can be saved; write the formula without it")
    return name


def loaded_expression(nodes: Any, symbols: Mapping[str, Symbol]) -> Expr:
    """The expression that :func:`saved_expression` wrote.

    Parameters
    ----------
    nodes
        Data from outside, of which nothing is run.
    symbols
        What may occur in it, by name.

    Raises
    ------
    Refused
        When it is no such list, with what is wrong.
    """
    require(isinstance(nodes, list) and nodes, "an expression is no list of nodes")
    require(len(nodes) <= MOST_NODES, f"an expression has more than {MOST_NODES:,} nodes")
    found: list[Expr] = []
    for place, node in enumerate(nodes):
        where = f"node {place} of an expression"
        require(isinstance(node, list) and node and isinstance(node[0], str), f"{where} does not begin with a name")
        found.append(_node(node[0], node[1:], found, symbols, where))
    return found[-1]


def _node(name: str, rest: list[Any], found: list[Expr], symbols: Mapping[str, Symbol], where: str) -> Expr:
    if name == "Symbol":
        require(len(rest) == 1 and isinstance(rest[0], str), f"{where} is no symbol")
        require(rest[0] in symbols, f"{where} is the symbol {rest[0]!r}, which is no parameter here")
        return symbols[rest[0]]
    if name == "Rational":
        require(len(rest) == 2, f"{where} is no fraction")
        top, bottom = (_integer(text, where) for text in rest)
        require(bottom > 0, f"{where} has no positive denominator")
        return Rational(top, bottom)
    if name in CONSTANTS:
        require(not rest, f"{where} gives arguments to the number {name}")
        return CONSTANTS[name]
    require(name in FUNCTIONS, f"{where} is {name!r}, which is not among the functions that are read")
    for place in rest:
        right = isinstance(place, int) and not isinstance(place, bool) and 0 <= place < len(found)
        require(right, f"{where} names {place!r}, which is no node before it")
    arguments = [found[place] for place in rest]
    _require_short(name, arguments, where)
    try:
        value = FUNCTIONS[name](*arguments)
    except (TypeError, ValueError, ArithmeticError, RecursionError) as error:
        raise Refused(f"{where}, {name}, takes no such arguments ({type(error).__name__})") from None
    require(isinstance(value, Expr) and value is not sympy.zoo and value is not sympy.nan, f"{where} has no value")
    # As it was written: SymPy does not make -(x - y) what it finds it as.
    return FUNCTIONS[name](*arguments, evaluate=False)


def _integer(text: Any, where: str) -> int:
    right = isinstance(text, str) and re.fullmatch(rf"-?[0-9]{{1,{MOST_DIGITS + 1}}}", text)
    require(right, f"{where} has {text!r} where digits should be")
    return int(text)


def _require_short(name: str, arguments: list[Expr], where: str) -> None:
    """Refuse powers of numbers that would take all memory, or for ever, to write out."""
    if name == "exp":
        powers = [(term.args[0], factor) for factor, term in _logarithms(arguments)]
    elif name == "Pow" and len(arguments) == 2:
        powers = [(arguments[0], arguments[1])]
    else:
        return
    for base, exponent in powers:
        number = base.as_coeff_Mul()[0]
        if exponent.is_Rational and number.is_Rational and number not in (-1, 0, 1):
            bits = max(abs(int(number.p)), int(number.q)).bit_length()
            short = abs(exponent) * bits <= _LONGEST and (exponent.is_Integer or int(exponent.q) <= 64)
            require(short, f"{where} is a power that is too long to write out")


def _logarithms(arguments: list[Expr]) -> list[tuple[Expr, Expr]]:
    """Factors and logarithms in a sum: SymPy writes exp(3 log(2)) as 8."""
    terms = [term.as_coeff_Mul() for argument in arguments for term in sympy.Add.make_args(argument)]
    return [(factor, rest) for factor, rest in terms if isinstance(rest, sympy.log)]
