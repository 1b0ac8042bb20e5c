"""What SQLite raises, in words that a user can act on."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from boundcheck.errors import StoreError

KEPT = "what is stored remains"
AGAIN = "run the same command again to go on"


@contextmanager
def said(path: Path) -> Iterator[None]:
    """Turn SQLite's errors about the file into StoreError; mistakes in SQL or in its parameters stay as they are."""
    try:
        yield
    except sqlite3.Error as error:
        found = explained(error, path)
        if found is None:
            raise
        raise found from error


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """The same, around nothing but statements: text that is no text is damage, too."""
    with said(path):
        try:
            yield
        except UnicodeDecodeError as error:
            raise damaged(path, str(error)) from error


def explained(error: sqlite3.Error, path: Path) -> StoreError | None:
    """The error in words, or None if it is not about the file."""
    name = getattr(error, "sqlite_errorname", "")
    kind = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if kind in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreError(
            path, "is locked by another process", f"{KEPT}; wait for that process or stop it, then {AGAIN}"
        )
    if kind == sqlite3.SQLITE_FULL or name in WRITES:
        return StoreError(
            path,
            f"cannot be written: the disk, a quota or a limit on the size of files is full ({name})",
            f"{KEPT}; make room, then {AGAIN}",
        )
    if kind == sqlite3.SQLITE_READONLY:
        return StoreError(path, *READ_ONLY)
    if kind in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or name == "SQLITE_IOERR_SHORT_READ":
        return damaged(path, str(error))
    if kind == sqlite3.SQLITE_CANTOPEN:
        if not os.access(path.parent, os.W_OK):
            return StoreError(path, *READ_ONLY)
        return StoreError(
            path, "cannot be opened", "check the rights of the file and of those beside it that begin with its name"
        )
    if kind in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH, sqlite3.SQLITE_NOLFS):
        return StoreError(path, f"cannot be read or written ({name})", f"check the disk, then {AGAIN}")
    if isinstance(error, sqlite3.OperationalError | sqlite3.DataError):
        return damaged(path, str(error))
    return None


def damaged(path: Path, what: str) -> StoreError:
    """The file is not what boundcheck wrote."""
    return StoreError(
        path,
        f"is damaged ({what})",
        "put back a copy, or save what can be read with `sqlite3 FILE .recover`, or begin another store",
    )


READ_ONLY = (
    "cannot be written: the file, its folder or the disk is read-only",
    "make it writable, or choose another place",
)

WRITES = {f"SQLITE_IOERR_{what}" for what in ("WRITE", "FSYNC", "DIR_FSYNC", "TRUNCATE", "SHMSIZE", "SHMMAP")}
"""Failures to write: limits and quotas end in these, a full disk in SQLITE_FULL."""
