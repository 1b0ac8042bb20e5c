"""The text of standalone functions, each with what it uses."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Iterable
from functools import cache
from types import ModuleType
from typing import Any

from boundcheck.formula.spherical import spherical_quantile, spherical_tail
from boundcheck.formula.standalone.beta import beta_quantile
from boundcheck.formula.standalone.counts import hypergeometric_bound
from boundcheck.formula.standalone.inverse_erf import erfinv
from boundcheck.formula.standalone.moments import moment_quantile, moment_tail
from boundcheck.formula.standalone.rounding import exact_floor
from boundcheck.formula.standalone.series import series_quantile
from boundcheck.formula.standalone.sparse import sparse_quantile
from boundcheck.formula.standalone.walks import ordered_walk_quantile, walk_quantile

STANDALONE: dict[str, Callable[..., float]] = {
    "BetaQuantile": beta_quantile,
    "HypergeometricBound": hypergeometric_bound,
    "MomentQuantile": moment_quantile,
    "MomentTail": moment_tail,
    "OrderedWalkQuantile": ordered_walk_quantile,
    "SeriesQuantile": series_quantile,
    "SparseQuantile": sparse_quantile,
    "SphericalQuantile": spherical_quantile,
    "SphericalTail": spherical_tail,
    "WalkQuantile": walk_quantile,
    "erfinv": erfinv,
    "floor": exact_floor,
}
"""By the name of the SymPy function. A new one: a module here that imports only the standard library and modules
beside it (or one of the package's that imports the standard library alone), and a line in this table. No two of these
modules define the same name."""

_HERE = __name__.rpartition(".")[0]


@cache
def _parts(module: ModuleType) -> tuple[str, dict[str, ast.stmt]]:
    """A module's text, and its statements by the names that they define or import."""
    text = inspect.getsource(module)
    found: dict[str, ast.stmt] = {}
    for statement in ast.parse(text).body:
        if isinstance(statement, ast.FunctionDef):
            found[statement.name] = statement
        elif isinstance(statement, ast.Assign):
            found |= {target.id: statement for target in statement.targets if isinstance(target, ast.Name)}
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            found |= {alias.asname or alias.name: statement for alias in statement.names}
    return text, found


def _literal(text: str) -> str:
    """Text as Python, in lines that editors can show; b85 has no quotes and no backslashes."""
    lines = (text[i : i + 110] for i in range(0, len(text), 110))
    return "(\n" + "\n".join(f'    "{line}"' for line in lines) + "\n)"


def source_of(functions: Iterable[Callable[..., Any]]) -> tuple[list[str], list[str]]:
    """Lines of imports, and texts of definitions, each after those that it uses.

    Nothing but the functions and what they use is in it; the texts are those of the modules here, as they are.
    """
    imports: set[str] = set()
    definitions: dict[tuple[str, str], str] = {}

    def take(module: ModuleType, name: str) -> None:
        text, parts = _parts(module)
        statement = parts.get(name)
        if statement is None or (module.__name__, name) in definitions:
            return
        if isinstance(statement, ast.ImportFrom) and (statement.module or "").startswith(_HERE):
            take(sys.modules[str(statement.module)], name)
        elif isinstance(statement, ast.ImportFrom):
            imports.add(f"from {statement.module} import {name}")
        elif isinstance(statement, ast.Import):
            imports.add(f"import {name}")
        else:
            if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):  # a table
                definitions[module.__name__, name] = f"{name} = {_literal(getattr(module, name))}"
                return
            used = (node.id for node in ast.walk(statement) if isinstance(node, ast.Name))
            for other in dict.fromkeys(used):
                if other != name:
                    take(module, other)
            decorators = statement.decorator_list if isinstance(statement, ast.FunctionDef) else []
            lines = text.splitlines()[
                min([statement.lineno, *(d.lineno for d in decorators)]) - 1 : statement.end_lineno
            ]
            definitions[module.__name__, name] = "\n".join(lines)

    for function in functions:
        take(sys.modules[function.__module__], function.__name__)
    return sorted(imports), list(definitions.values())
