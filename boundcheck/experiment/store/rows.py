"""Rows of the tables, as dicts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

from boundcheck.errors import InvalidArgument

KEYS = {
    "meta": "key",
    "theorems": "study, theorem",
    "points": "id",
    "batches": "point, batch",
    "verdicts": "point",
}
"""What is there once at most; a second one leaves the first as it is."""


def insert(connection: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> bool:
    """Add a row, and say whether it was added; what the row does not name is NULL."""
    # Not OR IGNORE, which would pass over rows that lack what they must have.
    added = connection.execute(
        f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))}) "
        f"ON CONFLICT ({KEYS[table]}) DO NOTHING",
        tuple(map(stored, row.values())),
    )
    return added.rowcount == 1


def stored(value: Any) -> Any:
    """A value as SQLite takes it: JSON of dicts and lists, plain numbers of NumPy's."""
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    return value.item() if hasattr(value, "item") else value


def dicts(cursor: sqlite3.Cursor) -> list[dict[str, Any]]:
    """Rows by the names of their columns."""
    # A cursor that an error keeps alive would keep the file open.
    with closing(cursor):
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def check_points(points: Sequence[Mapping[str, Any]], first: int) -> None:
    """Refuse points that are not numbered in order or cannot be cut into batches."""
    for i, row in enumerate(points, first):
        if row.get("id", i) != i:
            raise InvalidArgument("id", row["id"], f"is not the point's place, {i}", "leave it out")
        if row["batches"] < 1:
            raise InvalidArgument("batches", row["batches"], f"leaves nothing to do at point {i}", "pass at least 1")
        if row["trials"] < 0:
            raise InvalidArgument("trials", row["trials"], f"is below 0 at point {i}", "pass at least 0")
