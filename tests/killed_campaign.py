"""Kill a made-up campaign before each STEP-th of its statements in turn, run it again, and print what came of it.

    python tests/killed_campaign.py FOLDER POINTS STEP [BROKEN]

One line of JSON each: the statement, whether the end is that of a run which nothing stopped, and how much was done in
vain. BROKEN names a store of `broken_stores`.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import broken_stores
from fake_campaign import META, dump, run

from boundcheck.experiment.store.store import Store


class Countdown:
    """Kills the process at the n-th thing that it does to its files."""

    def __init__(self, left: int) -> None:
        self.left = left

    def __call__(self, *_: object) -> None:
        self.left -= 1
        if self.left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def before(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **named: Any) -> Any:
            self()
            return function(*given, **named)

        return counted

    def install(self) -> None:
        connect = sqlite3.connect

        def traced(*given: Any, **named: Any) -> sqlite3.Connection:
            connection = connect(*given, **named)
            connection.set_trace_callback(self)
            return connection

        sqlite3.connect = self.before(traced)
        for name in ("link", "fsync", "unlink"):
            setattr(os, name, self.before(getattr(os, name)))


def attempt(kind: type[Store], path: Path, log: Path, count: int, left: int | None) -> bool:
    """Run in a process of its own, killed after so many statements (None: not); whether it came to its end."""
    child = os.fork()
    if child == 0:
        if left is not None:
            Countdown(left).install()
        with kind.open_or_create(path, META) as store:
            run(store, log, count)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL) and status != 0:
        raise SystemExit(f"the campaign failed: status {status}")
    return status == 0


def lines(log: Path) -> int:
    return log.read_text().count(":") // 2 if log.exists() else 0


def main() -> None:
    folder, count, step = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    kind = getattr(broken_stores, sys.argv[4]) if len(sys.argv) > 4 else Store
    reference = folder / "reference.db"
    attempt(Store, reference, folder / "reference.log", count, None)
    wanted, batches = dump(reference), lines(folder / "reference.log")
    statement, ended = 0, False
    while not ended:
        path, log = folder / f"{statement}.db", folder / f"{statement}.log"
        ended = attempt(kind, path, log, count, statement)
        there = path.exists()
        try:
            attempt(kind, path, log, count, None)
            equal = dump(path) == wanted
        except SystemExit:
            equal = False
        # One that is killed while it makes the store may leave what the next but one removes.
        left = [p.name for p in folder.iterdir() if p.name.startswith(f"{statement}.db-")]
        vain = lines(log) - batches
        print(json.dumps({"statement": statement, "there": there, "equal": equal, "vain": vain, "left": left}))
        statement += step


if __name__ == "__main__":
    main()
