"""The records of the theorems that ship, kept from one run to the next: making them takes seconds of SymPy.

Only what ships is kept. Files of the user's run code that may read anything, so they are loaded each time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from boundcheck.check.options import package_version
from boundcheck.statement.discovery import discover, library, shipped

Records = list[dict[str, Any]]
"""Of each theorem, what :func:`boundcheck.check.describe.as_record` makes."""

_PACKAGE = Path(__file__).resolve().parents[1]


def shipped_records() -> tuple[Records, tuple[str, ...]]:
    """The records of the theorems that ship, and one message for each file that could not be used.

    They are read from the user's cache folder where that holds them for this very boundcheck, Python and SymPy; a
    cache that cannot be read or written makes no difference but for the time.
    """
    stamp = _stamp()
    known = _read(stamp)
    if known is not None:
        return known, ()
    found, errors = records_of([str(shipped()), str(library())])
    if not errors and _stamp() == stamp:  # nothing was edited meanwhile
        _write(stamp, found)
    return found, errors


def records_of(targets: Iterable[str]) -> tuple[Records, tuple[str, ...]]:
    """The records of the theorems in the files and folders named, which are loaded."""
    from boundcheck.check.describe import as_record

    found = discover(targets)
    return [as_record(theorem) for theorem in found.theorems], found.errors


def _stamp() -> str:
    """A digest of all that the records depend on: every source file with its place, and the versions."""
    sympy = find_spec("sympy")
    release = Path(sympy.origin).with_name("release.py") if sympy and sympy.origin else None
    digest = hashlib.sha256("\0".join((sys.version, package_version(), str(release))).encode(errors="surrogateescape"))
    for path in filter(None, (*_sources(), release)):
        digest.update(f"\0{path}\0".encode(errors="surrogateescape"))
        with contextlib.suppress(OSError):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    """The Python files of the package, and whatever lies beside the theorems that ship."""
    for folder, pattern in ((_PACKAGE, "*.py"), (shipped(), "*")):
        yield from sorted(p for p in folder.rglob(pattern) if p.is_file() and p.parent.name != "__pycache__")


def cache_file() -> Path:
    """Where the records are kept: a file of this installation's in the user's cache folder.

    Raises
    ------
    RuntimeError
        When the user has no home folder.
    """
    given = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME", "")
    usual = "Library/Caches" if sys.platform == "darwin" else ".cache"
    folder = Path(given) if os.path.isabs(given) else Path.home() / usual
    place = hashlib.sha256(f"{_PACKAGE}\0{sys.version}".encode(errors="surrogateescape")).hexdigest()[:16]
    return folder / "boundcheck" / f"theorems-{place}.json"


def _seal(stamp: str, text: str) -> str:
    """A digest that no other stamp or text has: a file that is old, cut short or altered does not carry it."""
    return hashlib.sha256(f"{stamp}\n{text}".encode()).hexdigest()


def _read(stamp: str) -> Records | None:
    try:
        seal, _, text = cache_file().read_text(encoding="utf-8").partition("\n")
    except (OSError, RuntimeError, ValueError):
        return None
    found: Records | None = json.loads(text) if seal == _seal(stamp, text) else None
    return found


def _write(stamp: str, records: Records) -> None:
    text = json.dumps(records)
    with contextlib.suppress(OSError, RuntimeError):
        path = cache_file()
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=path.stem, dir=path.parent)
        try:
            with open(handle, "w", encoding="utf-8") as file:
                file.write(f"{_seal(stamp, text)}\n{text}")
            os.replace(name, path)  # all at once: another process sees the old file or the new one
        except BaseException:
            os.unlink(name)
            raise
