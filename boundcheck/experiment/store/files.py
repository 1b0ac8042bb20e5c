"""The file of a store: made whole or not at all, and opened only if it is one.

SQLite keeps two files beside it while it is open, FILE-wal and FILE-shm. Processes share the latter as memory, so a
store must not lie on a network disk.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from boundcheck.errors import StoreError, StoreExists
from boundcheck.experiment.store.faults import damaged, explained, reading, said
from boundcheck.experiment.store.schema import APPLICATION_ID, SCHEMA_VERSION, TABLES

PATIENCE = 60.0
"""Seconds to wait for another process that writes."""

CHECKED = 64 * 2**20
"""Bytes up to which a store is checked as a whole when it is opened for writing: a second or less."""

STALE = 3600.0
"""Seconds after which an unfinished file is nobody's: making one takes well below one."""


def create(path: Path, meta: Mapping[str, str]) -> None:
    """Make an empty store; a process killed meanwhile leaves a hidden file beside it at most.

    Raises
    ------
    StoreError
        If there is something at the path, or nothing can be written there.
    """
    _check_folder(path)
    sweep(path)
    if os.path.lexists(path):
        raise _exists(path)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}-{time.time_ns()}.new")
    try:
        with said(path):
            _fill(unfinished, meta)
        # Unlike a renaming, a link never replaces what has come to be there meanwhile.
        os.link(unfinished, path)
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        raise StoreError(path, f"cannot be made ({error.strerror})", "choose another folder") from error
    finally:
        for leftover in path.parent.glob(f"{glob_escape(unfinished.name)}*"):
            leftover.unlink()
    _sync_folder(path.parent)


def glob_escape(name: str) -> str:
    """A name as a pattern that it alone matches."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


def sweep(path: Path) -> None:
    """Remove what processes that were killed while they made this store have left."""
    for leftover in path.parent.glob(f".{glob_escape(path.name)}.*.new*"):
        try:
            if time.time() - leftover.stat().st_mtime > STALE:
                leftover.unlink()
        except OSError:
            continue


def _fill(path: Path, meta: Mapping[str, str]) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.executescript(
            f"BEGIN; PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION}; {TABLES}"
        )
        connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()


def connect(path: Path, *, read_only: bool = False, patience: float = PATIENCE) -> sqlite3.Connection:
    """Open a store that is there, after looking whether it is one.

    Raises
    ------
    StoreError
        If it is not a store, or of another version, damaged, locked, or cannot be written (unless only read).
    """
    _check_file(path)
    with reading(path):
        connection = _reader(path, patience) if read_only else _open(path, "mode=rw", patience)
        try:
            _identify(connection, path)
            _check_size(connection, path)
            _check_tables(connection, path)
            if not read_only:
                _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def _open(path: Path, options: str, patience: float) -> sqlite3.Connection:
    return sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?{options}", uri=True, isolation_level=None, timeout=patience
    )


def _reader(path: Path, patience: float) -> sqlite3.Connection:
    """A connection that writes no row.

    Where files can be made beside the store, SQLite shall do so, for it also removes them; in a read-only folder it
    reads the store alone, if nothing beside it holds more.
    """
    if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
        connection = _open(path, "mode=rw", patience)
        connection.execute("PRAGMA query_only = ON")
        return connection
    connection = _open(path, "mode=ro", patience)
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
            raise
        log = path.with_name(f"{path.name}-wal")
        if log.exists() and log.stat().st_size:
            raise StoreError(
                path,
                f"has its last changes in {log.name!r}, which cannot be read in a read-only folder",
                "copy both files to a folder that can be written",
            ) from error
        return _open(path, "mode=ro&immutable=1", patience)
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Settings of a connection that writes."""
    if connection.execute("PRAGMA journal_mode = WAL").fetchone() != ("wal",):
        raise StoreError(path, "lies where processes cannot share memory", "move it to a disk of this machine")
    # NORMAL would lose the last batches when power fails: the log reaches the disk only with the next checkpoint.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA journal_size_limit = {64 * 2**20}")
    # Is the file writable, and is no one at it for longer than we wait?
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("ROLLBACK")
    if path.stat().st_size <= CHECKED:
        [first, *_] = connection.execute("PRAGMA quick_check(1)").fetchone()
        if first != "ok":
            raise damaged(path, " ".join(first.split()))


def _check_size(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a file that ends within a page, which SQLite fills up with zeros; it looks for missing pages itself."""
    [page] = connection.execute("PRAGMA page_size").fetchone()
    log = path.with_name(f"{path.name}-wal")
    # A log may hold the page that a full disk cut off.
    if path.stat().st_size % page and not (log.exists() and log.stat().st_size):
        raise damaged(path, "its end is missing")


def _check_tables(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse tables that are not as they were made; others may have come to them."""
    with closing(sqlite3.connect(":memory:")) as model:
        model.executescript(TABLES)
        ours = set(model.execute("SELECT name, sql FROM sqlite_schema").fetchall())
    missing = ours - set(connection.execute("SELECT name, sql FROM sqlite_schema").fetchall())
    if missing:
        raise damaged(path, f"{min(name for name, _ in missing)} is missing or not as it was made")


def _identify(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse what is not a store of this schema."""
    [application] = connection.execute("PRAGMA application_id").fetchone()
    [version] = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        raise _foreign(path, "is a SQLite database, but not a store of boundcheck's")
    if version != SCHEMA_VERSION:
        try:
            row = connection.execute("SELECT value FROM meta WHERE key = 'version'").fetchone()
        except sqlite3.OperationalError:
            row = None
        writer = f"boundcheck {row[0]}" if row else "the version that wrote it"
        raise StoreError(
            path, f"has tables of version {version}, not {SCHEMA_VERSION}", f"use {writer}, or begin another store"
        )


def _check_folder(path: Path) -> None:
    if not path.parent.is_dir():
        raise StoreError(path, f"cannot be made: there is no folder {str(path.parent)!r}", "make it first")
    if path.is_dir():
        raise StoreError(path, "is a folder", "give the name of a file")


def _check_file(path: Path) -> None:
    """Look at the file as it lies there, with no lock and no file beside it: it may be somebody else's."""
    if path.is_dir():
        raise StoreError(path, "is a folder", "give the name of a file")
    if not path.exists():
        raise StoreError(
            path, "does not exist", "check the name; `boundcheck run CAMPAIGN.toml --store FILE` makes one"
        )
    if not path.is_file():
        raise _foreign(path, "is not a file")
    size = path.stat().st_size
    if size == 0:
        raise _foreign(path, "is an empty file")
    if size < 512:  # a page at least, which SQLite does not ask for
        raise _foreign(path, "is not a store of boundcheck's")
    if not os.access(path, os.R_OK):
        raise StoreError(path, "cannot be read", "check the rights of the file")
    # By SQLite and not by `open`: closing the file would drop the locks that this process holds on it.
    connection = _open(path, "mode=ro&immutable=1", 0)
    try:
        _identify(connection, path)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_NOTADB:
            raise _foreign(path, "is not a store of boundcheck's") from error
        # Without locks it may have been read in the middle of a change: the next look decides.
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CORRUPT:
            raise explained(error, path) or error from error
    finally:
        connection.close()


def _foreign(path: Path, problem: str) -> StoreError:
    return StoreError(path, problem, "choose another file; this one is left as it is")


def _exists(path: Path) -> StoreExists:
    return StoreExists(path, "exists", "choose another file; this one is left as it is")


def _sync_folder(folder: Path) -> None:
    """Make the new name last through a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:  # some file systems cannot, and keep names by themselves
        pass
    finally:
        os.close(handle)
