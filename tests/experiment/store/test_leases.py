"""Who is at which batch: processes that live, that died, and those of other machines."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time

import broken_stores
import pytest
from fake_campaign import META, THEOREM, measured, points

from boundcheck.experiment.store import leases
from boundcheck.experiment.store.owner import alive, here, this_process
from boundcheck.experiment.store.store import Store

ELSEWHERE = "elsewhere:1:0"


def child(code):
    """A process that says its name, then waits to be ended."""
    begin = "from boundcheck.experiment.store.owner import this_process\nprint(this_process(), flush=True)\n"
    process = subprocess.Popen([sys.executable, "-c", begin + code], stdout=subprocess.PIPE, text=True)
    return process, process.stdout.readline().strip()


def numbers(jobs):
    return [job.point["id"] for job in jobs]


@pytest.fixture
def store(tmp_path):
    with Store.create(tmp_path / "results.db", META) as made:
        made.add_theorem(THEOREM)
        made.plan(points(10, batches=1))
        yield made


def test_a_process_knows_itself():
    host, pid, began = this_process().rsplit(":", 2)
    assert (host, int(pid)) == (socket.gethostname(), os.getpid())
    assert here(this_process())
    assert alive(this_process())
    assert not here(ELSEWHERE)
    # A number that was given out again is another process.
    assert not alive(f"{host}:{pid}:{int(began) + 1}")
    assert alive("whoever")


def test_a_process_that_ended_is_dead_before_its_parent_has_noticed():
    process, owner = child("import time; time.sleep(60)")
    with process:
        assert alive(owner)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert not alive(owner)
    assert not alive(owner)


def test_batches_of_a_process_that_died_are_free_at_once(store):
    process, other = child("import time; time.sleep(60)")
    with process:
        assert numbers(store.claim(other, 3)) == [0, 1, 2]
        assert numbers(store.claim(this_process(), 3)) == [3, 4, 5]
        process.kill()
    assert numbers(store.claim(this_process(), 5)) == [0, 1, 2, 6, 7]


def test_batches_of_a_machine_that_is_silent_are_free_after_a_time(store, monkeypatch):
    assert numbers(store.claim(ELSEWHERE, 3)) == [0, 1, 2]
    assert numbers(store.claim(this_process(), 1)) == [3]
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 0.9 * leases.TERM)
    store.renew(ELSEWHERE)
    monkeypatch.setattr(time, "time", lambda: now + 1.8 * leases.TERM)
    assert numbers(store.claim(this_process(), 1)) == [4]
    monkeypatch.setattr(time, "time", lambda: now + 2.0 * leases.TERM)
    assert numbers(store.claim(this_process(), 4)) == [0, 1, 2, 5]


def test_a_living_process_keeps_its_batches_however_long_it_takes(store, monkeypatch):
    assert numbers(store.claim(this_process(), 3)) == [0, 1, 2]
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 100 * leases.TERM)
    assert numbers(store.claim(ELSEWHERE, 3)) == [3, 4, 5]


def test_closing_gives_back_what_was_claimed(store):
    with Store.open(store.path) as second:
        assert numbers(second.claim(this_process(), 3)) == [0, 1, 2]
        assert numbers(store.claim(ELSEWHERE, 1)) == [3]
    assert numbers(store.claim(ELSEWHERE, 9)) == [4, 5, 6, 7, 8, 9, 0, 1, 2]


def test_what_two_do_at_once_is_kept_once(store):
    """A lease that ran out while its owner lived."""
    [first] = store.claim(ELSEWHERE, 1)
    store.release(ELSEWHERE)
    with Store.open(store.path) as second:
        [again] = second.claim(this_process(), 1)
        assert first == again
        assert second.record(0, 0, measured(again) | {"worker": "second"})
        assert not store.record(0, 0, measured(first) | {"worker": "first"})
        [row] = second.batches(0)
        assert row["worker"] == "second"
        assert store.progress()["batches_done"] == 1


def test_a_store_that_overwrites_is_found_out(tmp_path):
    with broken_stores.Overwrites.create(tmp_path / "results.db", META) as store:
        store.add_theorem(THEOREM)
        store.plan(points(10, batches=1))
        with pytest.raises(AssertionError):
            test_what_two_do_at_once_is_kept_once(store)


@pytest.mark.parametrize("batches", [1, 1000])
def test_a_claim_looks_at_little(tmp_path, batches):
    """However much is done or planned: counted in rows that SQLite steps over, which any machine takes alike."""
    with Store.create(tmp_path / "results.db", META) as store:
        store.add_theorem(THEOREM)
        store.plan(points(20_000 // batches + 1, batches=batches))
        steps = 0

        def count():
            nonlocal steps
            steps += 1

        cost = []
        with store.together():
            for _ in range(30):
                before = steps
                store.connection.set_progress_handler(count, 10)
                jobs = store.claim(this_process(), 50)
                store.connection.set_progress_handler(None, 0)
                cost.append(steps - before)
                for job in jobs:
                    store.record(job.point["id"], job.batch, measured(job))
        assert max(cost[1:]) < 2 * cost[1] < 4000
