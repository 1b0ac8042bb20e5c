"""A formula as one Python module that needs the standard library alone."""

from __future__ import annotations

import keyword
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from graphlib import TopologicalSorter

from sympy import Basic, Expr, Function, Symbol, oo
from sympy.core.relational import Relational
from sympy.printing.pycode import PythonCodePrinter

from boundcheck.errors import UnsupportedClaim
from boundcheck.formula.standalone.source import STANDALONE, source_of
from boundcheck.statement.domain import Parameter

Definitions = Mapping[tuple[Symbol, ...], Expr]
"""Symbols that a formula uses, with what they stand for; symbols of equal value share an entry."""

_BUILTINS = {"Least": "min", "Greatest": "max", "Min": "min", "Max": "max"}
_TAKEN = {"abs", "float", "math", "max", "min", "ValueError"}


class _Printer(PythonCodePrinter):
    """Python for expressions; what has no form in the standard library here is refused."""

    def __init__(self) -> None:
        names = _BUILTINS | {name: function.__name__ for name, function in STANDALONE.items()}
        super().__init__({"user_functions": names, "fully_qualified_modules": True})

    def _print_not_supported(self, expr: Basic) -> str:
        raise UnsupportedClaim(
            f"{type(expr).__name__} has no standalone form in Python, so that the formula cannot be exported; evaluate "
            "it with boundcheck, or take another format"
        )


def to_python(
    name: str,
    formula: Expr,
    parameters: Sequence[Symbol],
    docstring: str,
    definitions: Definitions | None = None,
    conditions: Sequence[Relational] = (),
) -> str:
    """Source of a module with one Python function of the parameters that evaluates the formula in float arithmetic.

    The module imports the standard library alone: functions of :mod:`boundcheck.formula.standalone` that the formula
    needs are part of it, as they stand there. The function raises ValueError where an argument is outside the domain of
    its parameter, or does not satisfy a condition.

    Raises
    ------
    UnsupportedClaim
        When the formula holds a function without a standalone form, or a symbol without a value.
    """
    definitions = _needed(formula, definitions or {})
    unknown = set().union(*(e.free_symbols for e in (formula, *definitions.values())))
    unknown -= {*parameters, *(s for group in definitions for s in group)}
    if unknown:
        names = ", ".join(sorted(str(s) for s in unknown))
        raise UnsupportedClaim(f"{names} in {formula} is no argument of the formula, which so has no value in Python")
    printer = _Printer()
    expressions = [formula, *definitions.values()]
    functions = _used(expressions)
    called = {f.__name__ for f in functions} | _TAKEN
    symbols = {s: Symbol(_clear(s.name, called)) for s in (*parameters, *(s for group in definitions for s in group))}

    def written(e: Basic) -> str:
        return str(printer.doprint(e.xreplace(symbols)))

    body = [line for p in parameters if isinstance(p, Parameter) for line in _domain_check(p, symbols[p].name, printer)]
    for condition in conditions:
        wanted = str(condition).replace("{", "{{").replace("}", "}}")
        shown = ", ".join(
            f"{symbols[s].name}={{{symbols[s].name}!r}}" for s in parameters if s in condition.free_symbols
        )
        body += [f"    if not {written(condition)}:", f'        raise ValueError(f"{shown}: not {wanted}")']
    for group, value in _in_order(definitions):
        body.append(f"    {' = '.join(symbols[s].name for s in group)} = {written(value)}")
    body.append(f"    return {written(formula)}")
    text = "\n".join(body)
    imports, helpers = source_of(functions)
    if "math." in text:
        imports = sorted({*imports, "import math"})
    arguments = ", ".join(symbols[p].name for p in parameters)
    quoted = "\n".join(line for words in docstring.splitlines() for line in _wrapped(words)).strip()
    quoted = quoted.replace("\\", "\\\\").replace('"""', "'''")
    end = "\n    " if "\n" in quoted else ""
    function = f'def {_clear(name, called)}({arguments}) -> float:\n    """{quoted}{end}"""\n{text}'
    imports = sorted(imports, key=lambda line: (line.startswith("from"), line))
    head = ["from __future__ import annotations", *([""] if imports else []), *imports]
    return "\n".join(head) + "\n\n\n" + "\n\n\n".join([*_spaced(helpers), function]) + "\n"


def _needed(formula: Expr, definitions: Definitions) -> Definitions:
    """The definitions that a formula uses, and those that they use."""
    found: dict[tuple[Symbol, ...], Expr] = {}
    open_symbols = set(formula.free_symbols)
    while open_symbols:
        groups = [group for group in definitions if group not in found and open_symbols & set(group)]
        found |= {group: definitions[group] for group in groups}
        open_symbols = set().union(*(definitions[group].free_symbols for group in groups))
    return {group: value for group, value in definitions.items() if group in found}


def _used(expressions: Sequence[Expr]) -> list[Callable[..., float]]:
    """The standalone functions that expressions call, in an order that does not change."""
    names = {type(e).__name__ for expression in expressions for e in expression.atoms(Function)}
    return [STANDALONE[name] for name in sorted(names & STANDALONE.keys())]


def _wrapped(line: str) -> list[str]:
    """A line of a docstring, indented as in its function, and broken where it is long."""
    indent = "    " + " " * (len(line) - len(line.lstrip()))
    return textwrap.wrap(line, 110, initial_indent="    ", subsequent_indent=indent + "    ", drop_whitespace=True) or [
        ""
    ]


def _spaced(helpers: Sequence[str]) -> Iterator[str]:
    """Definitions, with constants one below the other."""
    constants: list[str] = []
    for helper in helpers:
        if helper.startswith(("def ", "@")):
            if constants:
                yield "\n".join(constants)
                constants = []
            yield helper
        else:
            constants.append(helper)
    if constants:
        yield "\n".join(constants)


def _clear(name: str, taken: set[str]) -> str:
    """The name, or one that Python and the module leave free."""
    while name in taken or keyword.iskeyword(name) or not name.isidentifier():
        name = (name if name.isidentifier() else "".join(c if c.isalnum() else "_" for c in name)) + "_"
    return name


def _domain_check(parameter: Parameter, name: str, printer: _Printer) -> Iterator[str]:
    """Lines that refuse an argument outside the domain."""
    domain = parameter.domain
    low = "-math.inf <" if domain.low == -oo else f"{printer.doprint(domain.low)} <{'=' * (not domain.exclude_low)}"
    high = "< math.inf" if domain.high == oo else f"<{'=' * (not domain.exclude_high)} {printer.doprint(domain.high)}"
    inside = f"{low} {name} {high}"
    if domain.integer:
        inside = f"({inside} and {name} == math.floor({name}))"
    words = str(domain).replace("{", "{{").replace("}", "}}")
    yield f"    if not {inside}:"
    yield f'        raise ValueError(f"{name}={{{name}!r}} is not in {words}")'


def _in_order(definitions: Definitions) -> Iterator[tuple[tuple[Symbol, ...], Expr]]:
    """The definitions, each after those that it uses."""
    place = {symbol: symbols for symbols in definitions for symbol in symbols}
    uses = {symbols: {place[s] for s in value.free_symbols if s in place} for symbols, value in definitions.items()}
    for symbols in TopologicalSorter(uses).static_order():
        yield symbols, definitions[symbols]
