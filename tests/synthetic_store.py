"""A store with made-up verdicts, for what reads stores: plausible numbers, none of them measured."""

from __future__ import annotations

import json
import math
import random
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice, product
from pathlib import Path
from typing import Any

from boundcheck.experiment.store.schema import APPLICATION_ID, SCHEMA_VERSION, TABLES

DELTAS = (0.2, 0.1, 0.05, 0.01)
ALPHAS = (0.3, 0.5, 0.7)
WIDTHS = (32, 64, 128, 256, 512)
DEPTHS = (2, 3, 5)


def points(count: int) -> Iterator[dict[str, Any]]:
    """Rows of points, of which every tenth is about a sample."""
    grid = list(product(WIDTHS, DEPTHS, ALPHAS, DELTAS, ("magnitude", "random")))
    for i in range(count):
        if i % 10 == 9:
            n, t = 2 ** (2 + i % 7), round(0.05 * (1 + i % 12), 2)
            yield {
                "id": i,
                "study": "tails",
                "theorem": "hoeffding",
                "kind": "sample",
                "seed": 0,
                "trials": 0,
                "batches": 1,
                "parameters": f'{{"n": "{n}", "t": "{t}"}}',
                "spec": "{}",
            }
            continue
        width, depth, alpha, delta, rule = grid[(i - i // 10) % len(grid)]
        architecture = ",".join(["64", *[str(width)] * (depth - 1), "10"])
        yield {
            "id": i,
            "study": "dense",
            "theorem": "gap_bound",
            "kind": "network",
            "architecture": architecture,
            "activation": "relu",
            "weights": "uniform:1",
            "pruning": f"{rule}:alpha={alpha}",
            "rule": rule,
            "width": width,
            "depth": depth,
            "alpha": alpha,
            "delta": delta,
            "seed": i // len(grid),
            "parameters": f'{{"delta": "{delta}"}}',
            "spec": "{}",
            "trials": 1000,
            "batches": 2,
        }


def verdict(point: dict[str, Any], draw: random.Random) -> dict[str, Any]:
    """A made-up verdict on a point; one in 500 is refuted, one in 100 inconclusive."""
    status = "REFUTED" if draw.random() < 0.002 else "INCONCLUSIVE" if draw.random() < 0.01 else "CONFIRMED"
    row: dict[str, Any] = {"point": point["id"], "status": status, "vacuous": 0, "note": "made up"}
    if point["kind"] == "sample":
        values = json.loads(point["parameters"])
        claim = math.exp(-2 * float(values["n"]) * float(values["t"]) ** 2)
        ratio = 0.9 * draw.random()
        tail = ratio * claim
        return row | {
            "worst": ratio,
            "law": "two_point(0, 1, 1/2)",
            "quantity": "probability",
            "claimed_low": claim,
            "claimed_high": claim,
            "observed": tail,
            "limit_low": tail,
            "limit_high": tail,
            "ratio_low": ratio,
            "ratio_high": ratio,
            "exact": 1,
            "method": "exact law at 1 point",
            "details": "{}",
        }
    gap = point["depth"] * 4 ** -(point["alpha"] * 3) * point["width"] ** -0.25 / 20 * (1 + draw.random() / 10)
    violations = 40 if status == "REFUTED" else 0
    quantiles = {f"gap_q{q:02}": gap * (0.5 + q / 220) for q in (5, 25, 50, 75, 95, 99)}
    return (
        row
        | quantiles
        | {
            "worst": gap / (18 * gap),
            "law": "each uniform(-1, 1)",
            "quantity": "probability",
            "claimed_low": point["delta"],
            "claimed_high": point["delta"],
            "observed": violations / 1000,
            "limit_low": violations / 1500,
            "limit_high": (violations + 9) / 1000,
            "exact": 0,
            "beta": 1e-4,
            "trials": 1000,
            "violations": violations,
            "open": 3 if status == "INCONCLUSIVE" else 0,
            "bound": 18 * gap,
            "gap_max": gap,
            "certificate_max": 12 * gap,
            "certificate_q50": 11 * gap,
            "certificate_q99": 11.8 * gap,
            "attack": 1.4 * gap,
            "sure": 6 * gap,
            "method": "simulation at 1 point, 1,000 trials",
        }
    )


def synthetic_store(
    path: Path | str, count: int = 500, *, concluded: float = 1.0, details: str = "{}", spec: str = "{}"
) -> Path:
    """Write a store of so many points, of which a share has verdicts.

    Parameters
    ----------
    path
        Where there is no file.
    count
        Of points; a million take about 15 s.
    concluded
        The share that has verdicts: the first ones.
    details, spec
        Of verdicts on samples, and of points: JSON, as long as it is to be.
    """
    draw = random.Random(0)
    connection = sqlite3.connect(path, isolation_level=None)
    # Whoever is killed here makes the store anew.
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.executescript(TABLES)
    meta = {"name": "made-up", "level": "0.99", "text": "{}", "digest": "0", "version": "0.7.0", "planned": str(count)}
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
    mathml = '<math xmlns="http://www.w3.org/1998/Math/MathML"><mi>P</mi><mo>≤</mo><mi>δ</mi></math>'
    for study, theorem, claim in (
        ("dense", "gap_bound", "P(gap(target, pruned) > bound) <= delta"),
        ("tails", "hoeffding", "P(mean(X) - E(mean(X)) >= t) <= exp(-2*n*t**2)"),
    ):
        connection.execute(
            "INSERT INTO theorems (study, theorem, claim, latex, mathml, source) VALUES (?, ?, ?, ?, ?, ?)",
            (study, theorem, claim, r"P \leq \delta", mathml, "made up"),
        )
    with _without_indices(connection):
        rows = points(count)
        while chunk := list(islice(rows, 10_000)):
            verdicts = [verdict(point, draw) for point in chunk if point["id"] < concluded * count]
            for place, point in enumerate(chunk):
                point |= {"concluded": int(place < len(verdicts)), "spec": spec}
            for row in verdicts:
                if row.get("details"):
                    row["details"] = details
            _insert(connection, "points", chunk)
            _insert(connection, "verdicts", verdicts)
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    return Path(path)


@contextmanager
def _without_indices(connection: sqlite3.Connection) -> Iterator[None]:
    """What keeps a store in order row by row, done once at the end: indices, and triggers for the table `totals`."""
    found = connection.execute(
        "SELECT type, name, sql FROM sqlite_schema WHERE type IN ('index', 'trigger') AND sql NOT NULL ORDER BY rowid"
    ).fetchall()
    for kind, name, _ in found:
        connection.execute(f"DROP {kind} {name}")
    yield
    connection.execute(
        """UPDATE totals SET (points, batches, trials) = (SELECT count(*), total(batches), total(trials) FROM points),
            concluded = (SELECT count(*) FROM verdicts)"""
    )
    for _, _, sql in found:
        connection.execute(sql)


def _insert(connection: sqlite3.Connection, table: str, rows: list[dict[str, Any]]) -> None:
    """Those that have the same columns in one statement; there are two kinds."""
    kinds: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    for row in rows:
        kinds.setdefault(tuple(row), []).append(tuple(row.values()))
    for names, values in kinds.items():
        connection.executemany(
            f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", values
        )
