"""Chosen moments: killed before each statement, and power that fails while the log is written."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys

import killed_campaign
import pytest
from child_process import environment
from fake_campaign import META, dump, run

from boundcheck.experiment.store.store import Store


def killed_before_statements(folder, step, *kind):
    command = [sys.executable, killed_campaign.__file__, str(folder), "3", str(step), *kind]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.long
def test_killed_before_each_statement(tmp_path):
    found = killed_before_statements(tmp_path, 1)
    # From before the store is there to its end.
    assert len(found) > 100
    assert not found[0]["there"]
    assert found[-1]["there"]
    assert {True, False} == {row["there"] for row in found}
    assert all(row["equal"] and row["vain"] in (0, 1) and not row["left"] for row in found)


@pytest.mark.parametrize(("kind", "step"), [("ConcludesInPieces", 1), ("PlansAtOnce", 4)])
def test_a_store_whose_changes_are_not_whole_is_found_out(tmp_path, kind, step):
    assert not all(row["equal"] for row in killed_before_statements(tmp_path, step, kind))


def test_a_store_that_keeps_batches_late_is_found_out(tmp_path):
    found = killed_before_statements(tmp_path, 8, "RecordsLate")
    assert max(row["vain"] for row in found) > 1


def stopped_midway(tmp_path):
    """A store as a kill leaves it: file and log, in the middle of a campaign of 30 points."""
    path = tmp_path / "results.db"
    child = subprocess.Popen([sys.executable, "-c", STOPPED, str(path), str(tmp_path / "log")], env=environment())
    assert child.wait(60) == -signal.SIGKILL
    return path, path.with_name("results.db-wal")


STOPPED = """
import os, signal, sys
from pathlib import Path
import fake_campaign as f
class Killed(f.Store):
    done = 0
    def record(self, *given):
        self.done += 1
        if self.done == 40:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().record(*given)
f.run(Killed.create(Path(sys.argv[1]), f.META), Path(sys.argv[2]), 30)
"""


@pytest.fixture(scope="module")
def thirty(tmp_path_factory):
    folder = tmp_path_factory.mktemp("thirty")
    with Store.create(folder / "results.db", META) as store:
        run(store, folder / "log", 30)
    return dump(folder / "results.db")


def test_power_fails_and_the_end_of_the_log_never_reached_the_disk(tmp_path, thirty):
    path, log = stopped_midway(tmp_path)
    whole, rest = path.read_bytes(), log.read_bytes()
    assert len(rest) > 100_000
    draw = random.Random(0)
    kept = set()
    for i in range(14):
        # The last write may have come half, as noise, or not at all.
        place = draw.randrange(len(rest))
        copy = tmp_path / f"{i}.db"
        copy.write_bytes(whole)
        noise = draw.randbytes(min(5000, len(rest) - place)) if i % 2 else b""
        copy.with_name(f"{i}.db-wal").write_bytes(rest[:place] + noise)
        with Store.open_or_create(copy, META) as store:
            kept.add(store.progress()["batches_done"])
            run(store, tmp_path / "log", 30)
        assert dump(copy) == thirty
    # Different places leave different beginnings.
    assert len(kept) > 4


def test_the_log_of_another_store_is_not_taken_for_its_own(tmp_path, thirty):
    """SQLite tells logs apart by a salt: a store put back from a copy must not meet the log of a later run."""
    path, log = stopped_midway(tmp_path)
    foreign = log.read_bytes()
    with Store.open(path) as store:
        run(store, tmp_path / "log", 30)
    assert not log.exists()
    log.write_bytes(b"\0" * 32 + foreign[32:])
    with Store.open(path) as store:
        assert store.finished()
    assert dump(path) == thirty
