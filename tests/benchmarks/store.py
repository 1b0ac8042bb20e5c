"""How fast a store is on this disk, and how large its rows are.

    python tests/benchmarks/store.py [--folder .] [--seconds 5] [--points 100000]

Times are of this machine and decide nothing: no test asserts them.
"""

from __future__ import annotations

import argparse
import os
import resource
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fake_campaign import META, THEOREM, conclude, measured, points

from boundcheck.experiment.store.owner import this_process
from boundcheck.experiment.store.store import Store


def syncs(folder: Path, seconds: float) -> float:
    """Writes of a page that reach the disk, per second: what no store can exceed."""
    done, begin = 0, time.perf_counter()
    with open(folder / "raw", "wb") as file:
        while time.perf_counter() < begin + seconds:
            file.write(bytes(4096))
            file.flush()
            os.fdatasync(file.fileno())
            done += 1
    (folder / "raw").unlink()
    return done / seconds


def batches(folder: Path, seconds: float, *, together: bool) -> float:
    """Batches recorded, each of a point that is then concluded, per second."""
    with Store.create(folder / "speed.db", META) as store:
        store.add_theorem(THEOREM)
        store.plan(points(50_000, batches=1))
        done, begin = 0, time.perf_counter()
        while time.perf_counter() < begin + seconds:
            for job in store.claim(this_process(), 16):
                if together:
                    with store.together():
                        store.record(job.point["id"], job.batch, measured(job))
                        conclude(store, job.point["id"])
                else:
                    store.record(job.point["id"], job.batch, measured(job))
                    conclude(store, job.point["id"])
                done += 1
        seconds = time.perf_counter() - begin
    (folder / "speed.db").unlink()
    return done / seconds


def sizes(folder: Path, count: int) -> None:
    """A store of so many points with verdicts: times and bytes per row."""
    path = folder / "size.db"
    with Store.create(path, META) as store:
        store.add_theorem(THEOREM)
        begin = time.perf_counter()
        store.plan(points(count, batches=1))
        planned = time.perf_counter() - begin
        begin = time.perf_counter()
        jobs = store.claim(this_process(), 16)
        first = time.perf_counter() - begin
        while jobs:
            with store.together():
                for job in jobs:
                    store.record(job.point["id"], job.batch, measured(job))
                    conclude(store, job.point["id"])
                jobs = store.claim(this_process(), 1000)
        begin = time.perf_counter()
        assert store.finished()
        store.progress()
        asked = time.perf_counter() - begin
    begin = time.perf_counter()
    with Store.open(path, version="0.7.0") as store:
        left = list(store.unconcluded())
    opened = time.perf_counter() - begin
    assert left == []
    print(f"{count} points planned: {count / planned:.0f} per second; first claim {1000 * first:.1f} ms; ")
    print(
        f"finished? progress: {1000 * asked:.2f} ms; open it and look for what has no verdict: {1000 * opened:.1f} ms"
    )
    print(
        f"bytes in all: {path.stat().st_size / count:.0f} per point; resident at most: "
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB"
    )
    connection = sqlite3.connect(path)
    try:
        for name, size in connection.execute(
            "SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC LIMIT 6"
        ):
            print(f"  {name:16} {size / count:.0f}")
    except sqlite3.OperationalError as error:  # this SQLite cannot tell
        print(f"  by table: {error}")
    connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", default=".", help="on the disk to be measured")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--points", type=int, default=100_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        print(f"SQLite {sqlite3.sqlite_version}")
        print(f"pages synced: {syncs(folder, given.seconds):.0f} per second")
        print(
            f"batches recorded, then points concluded: {batches(folder, given.seconds, together=False):.0f} per second"
        )
        print(f"both in one change: {batches(folder, given.seconds, together=True):.0f} per second")
        sizes(folder, given.points)


if __name__ == "__main__":
    main()
