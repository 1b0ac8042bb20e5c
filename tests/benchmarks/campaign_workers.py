"""What a batch costs beside its own work, and what a second worker gains.

    PYTHONPATH=.:tests python tests/benchmarks/campaign_workers.py [--jobs 1000] [--trials 150] [--batches 16]
        [--repeats 5] [--dask tcp://…]

- overhead: seconds per batch of a function that does nothing, here, by one process and by two of a local cluster, whose
  scheduler is in this process; --dask adds a cluster of one's own. It is what a driver and a scheduler can do per
  second, not what a worker waits: with batches of seconds the next one is there before the last one is done.
- scaling: batches of so many trials on 64-256-256-10, one thread a worker, by one worker and by two. The seconds that
  batches say they took tell whether two on this machine slow each other down.
- the same with batches that sleep half a second, for which two cores that are busy otherwise are enough.
- commits: batches of that size per second into SQLite, each in a transaction of its own that is on the disk
  (synchronous=FULL) when it is over.
- memory: of this process, before and after the overhead of two workers.

Kinds alternate; printed are medians over the repeats, with the least and the largest.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import distributed_jobs
import psutil

from boundcheck.check.campaign.batch import run_batch
from boundcheck.check.campaign.points import point_rows
from boundcheck.check.options import package_version
from boundcheck.experiment.device import use_threads
from boundcheck.experiment.distribute import Place, cluster, here, local_cluster
from boundcheck.statement.campaign import Campaign, Study

STUDY = {"fcn": "64,256,256,10", "prune": "magnitude:alpha=0.5", "delta": "0.01"}


def one_thread(job: Mapping[str, Any]) -> dict[str, Any]:
    """A batch, whatever the cores."""
    use_threads(1)
    return run_batch(job)


def network_jobs(batches: int, trials: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """So many batches of one point."""
    campaign = Campaign(studies=[Study(**STUDY)])
    row = next(point_rows(campaign))
    common = {"level": campaign.point_level, "folder": ".", "device": "cpu", "version": package_version(), "files": {}}
    for n in range(batches):
        yield n, {"kind": "network", "spec": json.loads(row["spec"]), "start": n * trials, "trials": trials, **common}


def overhead(place: Place, jobs: int) -> float:
    """Seconds per batch."""
    began = time.perf_counter()
    done = sum(1 for _ in place.run(distributed_jobs.nothing, ((n, {"spec": "x" * 500}) for n in range(jobs))))
    return (time.perf_counter() - began) / done


def told(name: str, values: list[float], unit: str, factor: float = 1) -> None:
    """One line."""
    low, middle, high = (factor * one for one in (min(values), statistics.median(values), max(values)))
    print(f"{name:44} {middle:10.3f} {unit:12} ({low:.3f} to {high:.3f})", flush=True)


def measure_overhead(repeats: int, jobs: int, address: str | None) -> None:
    """Of each kind of place in turn."""
    seen: dict[str, list[float]] = {}
    memory = []
    for _ in range(repeats):
        kinds: dict[str, Callable[[], Any]] = {
            "here": here,
            "one process": lambda: local_cluster(1),
            "two processes": lambda: local_cluster(2),
            **({address: lambda: cluster(address)} if address else {}),
        }
        for name, kind in kinds.items():
            with kind() as place:
                overhead(place, 50)
                before = psutil.Process().memory_info().rss
                seen.setdefault(name, []).append(overhead(place, jobs))
                if name == "two processes":
                    memory.append((psutil.Process().memory_info().rss - before) / jobs)
    for name, values in seen.items():
        told(f"overhead, {name}", values, "ms/batch", 1e3)
    told("memory of this process, two processes", memory, "B/batch")


def measure_scaling(repeats: int, batches: int, trials: int) -> int:
    """By one worker and by two, and bytes of a batch."""
    took: dict[int, list[float]] = {1: [], 2: []}
    own: dict[int, list[float]] = {1: [], 2: []}
    size = 0
    with local_cluster(1) as one, local_cluster(2) as two:
        for place in (one, two):
            list(place.run(one_thread, network_jobs(4, trials)))  # kernels are loaded
        for _ in range(repeats):
            for place in (one, two):
                began = time.perf_counter()
                results = [result for _, result in place.run(one_thread, network_jobs(batches, trials))]
                took[place.workers].append(time.perf_counter() - began)
                own[place.workers].append(sum(result["seconds"] for result in results) / batches)
        size = sum(len(value) if isinstance(value, bytes) else len(json.dumps(value)) for value in results[0].values())
        print(f"a batch is {results[0]['trials']} trials, {size} bytes")
    for workers in (1, 2):
        told(f"one batch, {workers} at a time", own[workers], "s")
        told(f"{batches} batches, workers: {workers}", took[workers], "s")
        told("  of which batches", [workers * t for t in took[workers]], "worker s")
    told("gain of the second worker", [a / b for a, b in zip(took[1], took[2], strict=True)], "times")
    return size


def measure_sleep(repeats: int) -> None:
    """What distribution alone gains, whatever else the cores are at."""
    gains = []
    with local_cluster(1) as one, local_cluster(2) as two:
        for _ in range(repeats):
            took = []
            for place in (one, two):
                began = time.perf_counter()
                for _ in place.run(distributed_jobs.asleep, ((n, {"seconds": 0.5}) for n in range(16))):
                    pass
                took.append(time.perf_counter() - began)
            gains.append(took[0] / took[1])
    told("gain of the second worker, asleep", gains, "times")


def measure_commits(repeats: int, size: int) -> None:
    """Into a file beside this one, not a folder that may be memory."""
    rates = []
    for _ in range(repeats):
        with (
            tempfile.TemporaryDirectory(dir=Path.home()) as folder,
            closing(sqlite3.connect(Path(folder) / "store.db", isolation_level=None)) as store,
        ):
            store.execute("PRAGMA journal_mode = WAL")
            store.execute("PRAGMA synchronous = FULL")
            store.execute("CREATE TABLE batches (id INTEGER PRIMARY KEY, data BLOB)")
            began = time.perf_counter()
            for n in range(500):
                store.execute("INSERT INTO batches VALUES (?, ?)", (n, b"x" * size))
            rates.append(500 / (time.perf_counter() - began))
    told("commits", rates, "per second")


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--trials", type=int, default=150)
    parser.add_argument("--batches", type=int, default=16)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--dask")
    given = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}", flush=True)
    measure_overhead(given.repeats, given.jobs, given.dask)
    measure_sleep(given.repeats)
    measure_commits(given.repeats, measure_scaling(given.repeats, given.batches, given.trials))


if __name__ == "__main__":
    main()
