"""A store as a file: opened, closed, read, and changed in transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

from boundcheck.errors import StoreError, StoreExists
from boundcheck.experiment.store import files, rows
from boundcheck.experiment.store.faults import reading, said


class Database:
    """What `Store` does with its file."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.connection = connection
        self.path = path
        self._place = path.absolute()
        self._inode = path.stat().st_ino

    @classmethod
    def create(cls, path: Path | str, meta: Mapping[str, str], *, patience: float = files.PATIENCE) -> Self:
        """Make a store where nothing is yet; refuse what is there."""
        files.create(Path(path), meta)
        return cls.open(path, patience=patience)

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        version: str | None = None,
        read_only: bool = False,
        patience: float = files.PATIENCE,
    ) -> Self:
        """Open a store that is there.

        Parameters
        ----------
        path
            The file.
        version
            Of boundcheck; a store of another one is refused, because its results might differ. None: any.
        read_only
            Change nothing; works while other processes write, and in a read-only folder.
        patience
            Seconds to wait for another process that writes.

        Raises
        ------
        StoreError
            If the file is not a store, or of another version, damaged, locked or read-only.
        """
        path = Path(path)
        if not read_only:
            files.sweep(path)
        store = cls(files.connect(path, read_only=read_only, patience=patience), path)
        try:
            writer = store.meta().get("version")
            if version is not None and writer != version:
                raise StoreError(
                    path,
                    f"was begun by boundcheck {writer}, and this is {version}: results of both do not belong together",
                    f'go on with `pip install "boundcheck=={writer}"`, or begin another store',
                )
        except BaseException:
            store.close()
            raise
        return store

    @classmethod
    def open_or_create(cls, path: Path | str, meta: Mapping[str, str], *, patience: float = files.PATIENCE) -> Self:
        """Open a store of the same version of boundcheck, or make one; for several processes that begin at once."""
        with suppress(StoreExists):
            files.create(Path(path), meta)
        return cls.open(path, version=meta.get("version"), patience=patience)

    def close(self) -> None:
        """Close the file."""
        with said(self.path):
            self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make what is done in the block one change: all of it is kept, or nothing; one inside another joins it."""
        if self.connection.in_transaction:
            yield
            return
        with said(self.path):
            try:
                self.connection.execute("BEGIN IMMEDIATE")
                yield
                self._check_place()
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _unchanged(self) -> Iterator[None]:
        """See the store in the block as it is at its beginning, whatever others write."""
        if self.connection.in_transaction:
            yield
            return
        with said(self.path):
            try:
                self.connection.execute("BEGIN")
                yield
            finally:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")

    def _check_place(self) -> None:
        """SQLite would go on writing to a file that has been deleted."""
        try:
            moved = self._place.stat().st_ino != self._inode
        except OSError:
            moved = True
        if moved:
            raise StoreError(
                self.path, "was moved, replaced or deleted while in use", "put it back, then run the same command again"
            )

    def _all(self, query: str, *values: object) -> list[Any]:
        with reading(self.path):
            return self.connection.execute(query, values).fetchall()

    def _dicts(self, query: str, *values: object) -> list[dict[str, Any]]:
        with reading(self.path):
            return rows.dicts(self.connection.execute(query, values))

    def _insert(self, table: str, row: Mapping[str, Any]) -> bool:
        with reading(self.path):
            return rows.insert(self.connection, table, row)

    def meta(self) -> dict[str, str]:
        """What the store is: see the table."""
        return dict(self._all("SELECT key, value FROM meta"))
