"""Leases: who is at which batch. A hint alone: a batch done twice comes out the same, and is kept once."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable

from boundcheck.experiment.store.owner import alive, here

TERM = 600.0
"""Seconds after which a lease from another machine is void, unless it is renewed."""


def held(connection: sqlite3.Connection) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """Batches that someone alive is at, and those that were left, whose leases are removed.

    A process of this host is asked whether it lives; of others, all that can be known is when they last said so.
    """
    kept: set[tuple[int, int]] = set()
    left: set[tuple[int, int]] = set()
    valid: dict[str, bool] = {}
    now = time.time()
    for point, batch, owner, until in connection.execute("SELECT point, batch, owner, until FROM leases").fetchall():
        if owner not in valid:
            valid[owner] = alive(owner) if here(owner) else until > now
        (kept if valid[owner] else left).add((point, batch))
    connection.executemany("DELETE FROM leases WHERE point = ? AND batch = ?", left)
    return kept, left


def take(connection: sqlite3.Connection, owner: str, batches: Iterable[tuple[int, int]]) -> None:
    """Note that the owner is at these."""
    until = time.time() + TERM
    connection.executemany(
        "INSERT OR REPLACE INTO leases (point, batch, owner, until) VALUES (?, ?, ?, ?)",
        [(point, batch, owner, until) for point, batch in batches],
    )
