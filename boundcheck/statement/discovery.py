"""Finding the theorems in the files and folders that a user names.

Loading a theorem file runs its Python code, as loading a test file does; nothing is loaded that was not named.
"""

from __future__ import annotations

import contextlib
import importlib.util
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from boundcheck.errors import BoundcheckError, TheoremFileError

if TYPE_CHECKING:
    from boundcheck.statement.theorem import Theorem


@dataclass(frozen=True)
class Discovery:
    """What was found: theorems in order, and one message for each file or name that could not be used."""

    theorems: tuple[Theorem, ...]
    errors: tuple[str, ...]


class NoTheorem(TheoremFileError):
    """A theorem file that defines no theorem."""


def shipped() -> Path:
    """The folder of theorem files that ship with the package."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "proofs"
    return installed if installed.is_dir() else package.parent / "proofs"


def library() -> Path:
    """The folder of the library of inequalities, whose files may also hold what is no theorem."""
    return Path(__file__).resolve().parents[1] / "inequalities"


def theorem_files(path: Path) -> list[Path]:
    """The theorem files at a path: the file itself, or every .py below the folder but those named _*.

    Raises
    ------
    TheoremFileError
        When there is no such path or the folder holds no theorem file.
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise TheoremFileError(
            f"{path}: no such file or folder; name a theorem file, a folder, or FILE::NAME (show NAME prints its file)"
        )
    found = sorted(
        p for p in path.rglob("*.py") if not any(part.startswith(("_", ".")) for part in p.relative_to(path).parts)
    )
    if not found:
        raise TheoremFileError(f"{path}: holds no theorem file; theorem files end in .py and do not start with _")
    return found


def load(path: Path) -> list[Theorem]:
    """Run a theorem file and return its theorems in the order of definition.

    Raises
    ------
    TheoremFileError
        When the file cannot be read, has a syntax error, raises, or defines no theorem.
    """
    from boundcheck.statement.theorem import Theorem

    here = path.resolve()
    spec = importlib.util.spec_from_file_location(f"_boundcheck_theorems_{abs(hash(here))}", path)
    if spec is None or spec.loader is None:
        raise TheoremFileError(f"{path}: is not a Python file; theorem files end in .py")
    try:
        # What a theorem file prints must not end up in a JSON document on stdout.
        with contextlib.redirect_stdout(sys.stderr):
            if library() in here.parents:  # a part of the package, much of which has been imported already
                parts = here.relative_to(library()).with_suffix("").parts
                module = importlib.import_module(".".join(("boundcheck.inequalities", *parts)))
            else:
                module = importlib.util.module_from_spec(spec)
                sys.modules[spec.name] = module  # dataclasses look their module up
                with _no_bytecode():
                    spec.loader.exec_module(module)
    except SyntaxError as error:
        place = path if error.lineno is None else f"{path}:{error.lineno}"
        raise TheoremFileError(f"{place}: syntax error: {error.msg}; correct the line") from error
    except (Exception, SystemExit) as error:
        raise TheoremFileError(f"{_location(path, error)}: {_summary(error)}") from error
    title = (module.__doc__ or "").strip().partition("\n")[0]
    seen: dict[int, Theorem] = {}
    for name, value in vars(module).items():
        if isinstance(value, Theorem) and not name.startswith("_") and id(value) not in seen:
            seen[id(value)] = value.named(name, str(path), title)
    if not seen:
        raise NoTheorem(f"{path}: defines no theorem; assign one: name = Theorem(claim=…, source=…)")
    return list(seen.values())


def discover(targets: Iterable[str], found: Callable[[Theorem], None] = lambda theorem: None) -> Discovery:
    """Load the theorems at PATH or PATH::NAME, each once; what fails is reported and the rest goes on.

    Parameters
    ----------
    targets
        Theorem files and folders, or FILE::NAME.
    found
        Called with each theorem at once, before other files are loaded.
    """
    theorems: dict[tuple[Path, str], Theorem] = {}
    errors: list[str] = []
    loaded: dict[Path, list[Theorem]] = {}
    for target in targets:
        place, separator, name = target.partition("::")
        if separator and not (place and name):
            errors.append(f"{target}: names no file or no theorem; write FILE::NAME")
            continue
        try:
            files = theorem_files(Path(place))
        except TheoremFileError as error:
            errors.append(str(error))
            continue
        names: list[str] = []
        failed = False
        for file in files:
            place_on_disk = file.resolve()
            try:
                if place_on_disk not in loaded:
                    loaded[place_on_disk] = load(file)
            except TheoremFileError as error:
                loaded[place_on_disk] = []
                if not (isinstance(error, NoTheorem) and library() in place_on_disk.parents):
                    errors.append(str(error))
            # A file without theorems has been reported already, now or under an earlier target.
            failed |= not loaded[place_on_disk]
            for theorem in loaded[place_on_disk]:
                names.append(theorem.name)
                if (not separator or theorem.name == name) and (place_on_disk, theorem.name) not in theorems:
                    theorems[place_on_disk, theorem.name] = theorem
                    found(theorem)
        if separator and name not in names and not failed:
            errors.append(f"{target}: no theorem {name!r} in {place}; it defines {', '.join(names)}")
    return Discovery(tuple(theorems.values()), tuple(errors))


def _location(path: Path, error: BaseException) -> str:
    """The last line of the theorem file itself on the way to the error."""
    here = path.resolve()
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).resolve() == here]
    return f"{path}:{lines[-1]}" if lines else str(path)


def _summary(error: BaseException) -> str:
    text = " ".join(str(error).split())
    if isinstance(error, BoundcheckError):
        return text
    remedy = "the file must run without errors"
    if isinstance(error, TypeError) and ("to float" in text or "ufunc" in text):
        remedy = "write formulas with sympy's functions (from sympy import exp), not with math's or numpy's"
    if isinstance(error, TypeError) and "truth value of Relational" in text:
        remedy = "write a chained comparison as one inequality, such as abs(mean(X) - m) <= t, and no if or and"
    return f"{type(error).__name__}: {text or 'no message'}; {remedy}"


@contextlib.contextmanager
def _no_bytecode() -> Iterator[None]:
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before
