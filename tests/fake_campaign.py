"""A campaign of made-up batches, run on a real store: each result is a pure function of its job.

    python tests/fake_campaign.py STORE LOG POINTS PAUSE

PAUSE is how many seconds a batch takes at least. The process says "ready" before it begins. Each batch leaves a line in
LOG before it is recorded, so that what was done can be held against what was kept.
"""

from __future__ import annotations

import hashlib
import sqlite3
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from boundcheck.experiment.store.job import Job
from boundcheck.experiment.store.owner import this_process
from boundcheck.experiment.store.store import Store

META = {"name": "made-up", "level": "0.99", "text": "{}", "digest": "0", "version": "0.7.0"}
THEOREM = {"study": "dense", "theorem": "gap_bound", "claim": "P(gap > bound) <= delta", "source": "made up"}


def points(count: int, *, batches: int | None = None) -> Iterator[dict[str, Any]]:
    """Points of one to four batches each (or as many as are given), of which the last has fewer trials."""
    for i in range(count):
        yield {
            "study": "dense",
            "theorem": "gap_bound",
            "kind": "network",
            "width": 2 ** (4 + i % 5),
            "alpha": i / 7,
            "delta": 0.01,
            "seed": i,
            "parameters": {"delta": "1/100"},
            "spec": {"number": i, "alpha": f"{i}/7"},
            "trials": 17 + i % 3,
            "batches": batches or 1 + i % 4,
        }


def draw(*numbers: int) -> float:
    """A number in [0, 1) that depends on these alone."""
    digest = hashlib.sha256(repr(numbers).encode()).digest()
    return int.from_bytes(digest[:6], "little") / 2**48


def measured(job: Job) -> dict[str, Any]:
    """The row of a batch."""
    gaps = [draw(job.point["spec"]["number"], trial) for trial in range(job.start, job.start + job.trials)]
    return {
        "start": job.start,
        "trials": job.trials,
        "violations": sum(gap > 0.99 for gap in gaps),
        "open": 0,
        "result": {"sum": sum(gaps)},
        "gaps": struct.pack(f"<{len(gaps)}d", *gaps),
        "certificates": struct.pack(f"<{len(gaps)}d", *(2 * gap for gap in gaps)),
        "seconds": 0.001,
        "worker": this_process(),
        "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def verdict(batches: list[dict[str, Any]]) -> dict[str, Any]:
    """The row of a verdict, from the rows of all batches."""
    gaps = [gap for row in batches for (gap,) in struct.iter_unpack("<d", row["gaps"])]
    return {
        "status": "CONFIRMED",
        "vacuous": 0,
        "worst": max(gaps) / 3,
        "trials": len(gaps),
        "violations": sum(row["violations"] for row in batches),
        "gap_max": max(gaps),
        "note": "made up",
        "details": {"digest": hashlib.sha256(repr(gaps).encode()).hexdigest()},
    }


def conclude(store: Store, point: int) -> None:
    rows = store.batches(point)
    if rows is not None:
        store.conclude(point, verdict(rows))


def run(store: Store, log: Path, count: int, *, pause: float = 0) -> None:
    """What a process of a campaign does, from whatever it finds."""
    owner = this_process()
    store.add_theorem(THEOREM)
    if store.planned() is None:
        store.plan(points(count))
    with log.open("a", buffering=1) as lines:
        while not store.finished():
            for point in store.unconcluded():
                conclude(store, point)
            jobs = store.claim(owner, 3)
            for job in jobs:
                time.sleep(pause)
                row = measured(job)
                lines.write(f"{owner} {job.point['id']} {job.batch}\n")
                if not store.record(job.point["id"], job.batch, row):
                    lines.write("again\n")
                conclude(store, job.point["id"])
            if not jobs:
                time.sleep(0.01)


def dump(path: Path) -> str:
    """All that must not depend on how the campaign was run."""
    connection = sqlite3.connect(path)
    try:
        lines = []
        for table in ("meta", "theorems", "points", "batches", "verdicts", "totals"):
            names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            kept = [name for name in names if name not in ("seconds", "worker", "finished")]
            order = ", ".join(kept[:2])
            lines += [
                f"{table} {row!r}"
                for row in connection.execute(f"SELECT {', '.join(kept)} FROM {table} ORDER BY {order}")
            ]
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    finally:
        connection.close()
    return "\n".join(lines)


def main() -> None:
    path, log, count, pause = sys.argv[1:]
    print("ready", flush=True)
    with Store.open_or_create(path, META) as store:
        run(store, Path(log), int(count), pause=float(pause))


if __name__ == "__main__":
    main()
