"""The import table of the design, enforced on the syntax tree of every module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import boundcheck

PACKAGE = Path(boundcheck.__file__).resolve().parent

ALLOWED: dict[str, set[str]] = {
    "errors": set(),
    "display": set(),
    "statement": {"display"},
    "inequalities": {"statement"},
    "formula": {"statement"},
    "derivation": {"display", "statement", "inequalities", "formula"},
    "kernels": set(),
    "experiment": {"statement", "kernels"},
    "verdict": {"display"},
    "report": {"verdict"},
    "check": {
        "display",
        "statement",
        "inequalities",
        "derivation",
        "formula",
        "kernels",
        "experiment",
        "verdict",
        "report",
    },
    "testing": {"check", "statement", "report"},
    "cli": {"check", "statement", "report", "testing"},
    # The public names; and `python -m boundcheck`.
    "__init__": {"names"},
    "names": {"check", "derivation", "statement", "verdict"},
    "__main__": {"cli"},
}
"""Room -> rooms that it may import. Every room but kernels may import errors, and its own modules."""

ROOMS_OF: dict[str, set[str]] = {
    "sympy": {"statement", "inequalities", "derivation", "formula", "check"},
    "numba": {"kernels"},
    "hypothesis": {"testing"},
    "pytest": {"testing"},
    "flint": {"formula"},
}
"""Third party -> rooms that may import it."""

FLINT_FILES = ("formula/rigorous.py", "formula/exact/", "formula/prover/")


def imported(tree: ast.Module, package: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Line and absolute dotted name of every import, also below TYPE_CHECKING, in functions and in importlib calls."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = ".".join((*package[: len(package) - node.level + 1], *filter(None, [base])))
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}"
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in ("import_module", "__import__") and isinstance(node.args[0].value, str):
                yield node.lineno, node.args[0].value


def violations(package: Path) -> list[str]:
    """Every import below a package folder that the table does not allow."""
    found = []
    for path in sorted(package.rglob("*.py")):
        relative = path.relative_to(package)
        room = relative.parts[0].removesuffix(".py")
        where = (package.name, *relative.parts[:-1])
        if room not in ALLOWED:
            found.append(f"{relative}: {room} is not a room of the table")
            continue
        for line, name in imported(ast.parse(path.read_text(encoding="utf-8")), where):
            top, *rest = name.split(".")
            if top == package.name:
                target = rest[0] if rest else "__init__"
                inner = target in ALLOWED and target != "__init__"
                # A public name from the package root counts as the root, and only the command line may use it.
                allowed = ALLOWED[room] | {room} | (set() if room == "kernels" else {"errors"})
                if not (target in allowed if inner else room == "cli"):
                    found.append(f"{relative}:{line}: {room} imports {name}")
            elif top in ROOMS_OF and room not in ROOMS_OF[top]:
                found.append(f"{relative}:{line}: {room} imports {name}")
            elif top == "flint" and not relative.as_posix().startswith(FLINT_FILES):
                found.append(f"{relative}:{line}: flint outside {', '.join(FLINT_FILES)}")
    return found


def test_every_module_imports_only_what_the_table_allows():
    assert violations(PACKAGE) == []


def test_the_table_names_no_room_that_is_gone():
    rooms = {p.name.removesuffix(".py") for p in PACKAGE.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
    assert set(ALLOWED) <= rooms


PLANTED = {
    "experiment/peek.py": "def f():\n    from boundcheck.formula.numeric import evaluate\n",
    "kernels/relative.py": "from ..statement import network\n",
    "kernels/error.py": "import boundcheck.errors\n",
    "verdict/symbols.py": "import sympy as s\n",
    "statement/types.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from boundcheck.check import run\n",
    "statement/root.py": "from boundcheck import formula\n",
    "report/names.py": "from boundcheck import Theorem\n",
    "derivation/fast.py": "import importlib\nimportlib.import_module('numba.cuda')\n",
    "formula/numeric.py": "from flint import arb\n",
    "statement/draws.py": "import hypothesis.strategies\n",
    "attic/old.py": "",
}
INNOCENT = {
    "experiment/plan.py": "from boundcheck.statement.domain import number\nfrom boundcheck.kernels import cpu\n",
    "kernels/cpu.py": "import numba\nfrom . import tables\nfrom .bodies import add\n",
    "formula/rigorous.py": "import sympy, flint\nfrom boundcheck.errors import BoundcheckError\n",
    "cli.py": "from boundcheck import gap_bound\nfrom boundcheck.check import check\n",
    "statement/claim.py": "from .domain import Parameter\nfrom ..errors import InvalidArgument\n",
    "verdict/decide.py": "import numpy, math\n",
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_violation_is_found(tmp_path, name):
    package = tmp_path / "boundcheck"
    for file, text in {**INNOCENT, name: PLANTED[name]}.items():
        (package / file).parent.mkdir(parents=True, exist_ok=True)
        (package / file).write_text(text, encoding="utf-8")
    [found] = violations(package)
    assert found.startswith(name)
