"""Theorem files as pytest collects them: one item for each theorem."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from boundcheck.errors import BoundcheckError, TheoremFileError

if TYPE_CHECKING:
    from boundcheck.statement.theorem import Theorem


class Scan(NamedTuple):
    """What a file's syntax tree shows; nothing is run."""

    theorems: bool = False
    """Whether it assigns a theorem."""
    holds_tests: bool = False
    """Whether there may be tests or doctests in it too."""


def scan(path: Path) -> Scan:
    """Look for ``name = Theorem(…)`` at the top level of a file that imports Theorem from boundcheck.

    Nothing below a function or class counts, nor do names that start with an underscore. A file that is no Python
    counts where a line looks like that: else its theorems would be gone without a word.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:  # pytest tells that of a file that it is to import
        return Scan()
    if "Theorem" not in text or "boundcheck" not in text:
        return Scan()
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return Scan(theorems=re.search(r"^\w+\s*(:.*)?=\s*(\w+\.)?Theorem\(", text, re.MULTILINE) is not None)
    statements = list(_statements(tree))
    names = {name for statement in statements for name in _imported(statement)}
    theorems = any(_assigns(statement, names) for statement in statements)
    defined = any(isinstance(s, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) for s in statements)
    return Scan(theorems, defined or ">>>" in text)


def _statements(node: ast.AST) -> Iterator[ast.stmt]:
    """The statements that run when a module is imported."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.expr):
            yield from _statements(child)


def _imported(statement: ast.stmt) -> Iterator[str]:
    """The names of Theorem, such as "Theorem" or "boundcheck.Theorem"."""
    if isinstance(statement, ast.ImportFrom) and statement.module == "boundcheck" and statement.level == 0:
        yield from (alias.asname or alias.name for alias in statement.names if alias.name == "Theorem")
        yield from ("Theorem" for alias in statement.names if alias.name == "*")
    elif isinstance(statement, ast.Import):
        yield from (f"{alias.asname or alias.name}.Theorem" for alias in statement.names if alias.name == "boundcheck")


def _assigns(statement: ast.stmt, names: set[str]) -> bool:
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    else:
        return False
    value = statement.value
    public = any(isinstance(target, ast.Name) and not target.id.startswith("_") for target in targets)
    return public and isinstance(value, ast.Call) and ast.unparse(value.func) in names


def is_test_module(path: Path, config: pytest.Config) -> bool:
    """Whether pytest takes a file of this name for a test module."""
    patterns: list[str] = config.getini("python_files")
    return any(fnmatch(str(path), f"*{p}") if os.sep in p else fnmatch(path.name, p) for p in patterns)


def is_skipped(path: Path, session: pytest.Session) -> bool:
    """Whether the file, or a folder between it and what pytest was given, is named _*, as `boundcheck check` asks."""
    for place in (path, *path.parents):
        if session.isinitpath(place):
            return False
        if place.name.startswith("_"):
            return True
    return False


class TheoremFile(pytest.File):
    """A theorem file; collecting it runs its Python code, as `boundcheck check` and a test module's import do."""

    def collect(self) -> Iterator[TheoremItem]:
        from boundcheck.statement.discovery import load

        here = Path.cwd()
        shown = self.path.relative_to(here) if self.path.is_relative_to(here) else self.path
        try:
            theorems = load(shown)
        except TheoremFileError as error:
            raise self.CollectError(str(error)) from None
        for theorem in theorems:
            yield TheoremItem.from_parent(self, name=theorem.name, theorem=theorem)


class Failed(Exception):
    """A theorem's verdict is not the one that passes; the message says all."""


class TheoremItem(pytest.Item):
    """A theorem: passes where `boundcheck check` says what is expected of it."""

    share: int = 1
    """Theorems of this run, which have equal shares of 1 - level."""

    def __init__(self, *, theorem: Theorem, **others: Any) -> None:
        super().__init__(**others)
        self.theorem = theorem

    def runtest(self) -> None:
        from boundcheck.check import check
        from boundcheck.testing.message import verdict_message

        trials, level, seed = (self.config.getoption(f"--boundcheck-{name}") for name in ("trials", "level", "seed"))
        own = 1 - (1 - level) / self.share
        verdict = check(self.theorem, trials=trials, level=own, seed=seed)
        if not verdict.as_expected:
            together = f", and {level!r} of the {self.share} theorems together" if self.share > 1 else ""
            raise Failed(verdict_message(verdict, trials=trials, remark=f" of this theorem{together}"))

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """One message without a traceback, unless boundcheck has a defect."""
        if isinstance(excinfo.value, Failed | BoundcheckError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int | None, str]:
        return self.path, None, self.name
