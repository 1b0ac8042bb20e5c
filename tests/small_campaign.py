"""A campaign of a few seconds, and what its store holds."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

TOML = """
trials = 120
batch = 30

[[study]]
name = "dense"
fcn = "8,d,4"
d = [6, 8, 10]
prune = ["magnitude", "random"]
alpha = 0.5
delta = [0.2, 0.1]

[[study]]
name = "tails"
theorem = "hoeffding"
[study.parameters]
n = [4, 16]
t = [0.1, 0.4]
"""
POINTS, BATCHES = 16, 52


def contents(store: Path | str) -> dict[str, Any]:
    """All that a store holds but when, where and how long: the results."""
    connection = sqlite3.connect(store)
    found = {"integrity": connection.execute("PRAGMA integrity_check").fetchone()[0]}
    for table, order in (("meta", "key"), ("theorems", "study"), ("points", "id"), ("verdicts", "point")):
        found[table] = connection.execute(f"SELECT * FROM {table} ORDER BY {order}").fetchall()
    columns = "point, batch, start, trials, violations, open, result, gaps, certificates"
    found["batches"] = connection.execute(f"SELECT {columns} FROM batches ORDER BY point, batch").fetchall()
    connection.close()
    return found
