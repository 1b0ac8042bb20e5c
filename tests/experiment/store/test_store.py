"""A store from its making to the last verdict, by one process."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing

import pytest
from fake_campaign import META, THEOREM, conclude, dump, measured, points, run

from boundcheck.errors import InvalidArgument, StoreExists
from boundcheck.experiment.store.job import span
from boundcheck.experiment.store.owner import this_process
from boundcheck.experiment.store.store import Store


@pytest.fixture
def store(tmp_path):
    with Store.create(tmp_path / "results.db", META) as made:
        made.add_theorem(THEOREM)
        yield made


def test_batches_are_equal_shares_and_a_rest():
    for trials in range(30):
        for batches in range(1, 9):
            spans = [span(trials, batches, batch) for batch in range(batches)]
            assert [t for start, size in spans for t in range(start, start + size)] == list(range(trials))
            assert all(size == -(-trials // batches) for start, size in spans if start + size < trials)


def test_a_campaign_from_plan_to_verdicts(store, tmp_path):
    run(store, tmp_path / "log", 40)
    assert store.finished()
    sums = store.progress()
    assert (sums["points"], sums["planned"], sums["concluded"]) == (40, 40, 40)
    assert sums["batches"] == sums["batches_done"] == sum(p["batches"] for p in points(40))
    assert sums["trials"] == sums["trials_done"] == sum(p["trials"] for p in points(40))
    [(worst, point)] = store.connection.execute("SELECT max(worst), point FROM verdicts")
    assert (sums["worst"], sums["worst_point"]) == (worst, point)
    assert store.connection.execute("SELECT count(*) FROM batches WHERE gaps NOT NULL").fetchone() == (0,)
    assert store.connection.execute("SELECT count(*) FROM leases").fetchone() == (0,)
    assert store.meta() == META | {"planned": "40"}
    assert "totals (40, 100, 719, 100, 719, 40)" in dump(store.path)


def test_jobs_come_in_order_each_once(store):
    store.plan(points(20))
    wanted = [(i, b) for i, p in enumerate(points(20)) for b in range(p["batches"])]
    jobs = []
    for limit in (1, 2, 3, 5, 8, 100):
        jobs += store.claim(this_process(), limit)
    assert [(job.point["id"], job.batch) for job in jobs] == wanted
    assert store.claim(this_process(), 1) == []
    assert not store.finished()
    for job, (i, batch) in zip(jobs, wanted, strict=True):
        assert (job.start, job.trials) == span(17 + i % 3, 1 + i % 4, batch)
        assert job.point["spec"] == {"number": i, "alpha": f"{i}/7"}
        assert json.loads(job.point["parameters"]) == {"delta": "1/100"}


def test_what_is_released_is_claimed_again_in_order(store):
    store.plan(points(10))
    mine, other = this_process(), f"{this_process()}9"
    first = store.claim(mine, 6)
    store.claim(mine, 4)
    assert store.record(first[1].point["id"], first[1].batch, measured(first[1]))
    store.release(mine)
    again = store.claim(other, 5)
    assert again == [first[0], *first[2:6]]


def test_a_batch_is_kept_once_and_not_after_the_verdict(store):
    store.plan(points(3))
    jobs = store.claim(this_process(), 3)
    assert store.batches(1) is None
    assert all(store.record(job.point["id"], job.batch, measured(job)) for job in jobs)
    before = store.batches(1)
    assert not store.record(1, 0, measured(jobs[1]) | {"result": "other", "violations": 5})
    assert store.batches(1) == before
    conclude(store, 0)
    conclude(store, 1)
    assert store.batches(1) is None  # they have lost what a verdict rests on
    assert list(store.unconcluded()) == []
    assert store.batches(1) is None
    assert not store.record(1, 1, measured(jobs[2]))
    assert not store.conclude(1, {"status": "REFUTED", "vacuous": 1, "note": "other"})
    assert store.connection.execute("SELECT status FROM verdicts WHERE point = 1").fetchone() == ("CONFIRMED",)


def test_complete_points_without_verdict_are_found(store):
    store.plan(points(2500, batches=1))
    found = []
    with store.together():
        for job in store.claim(this_process(), 2100):
            store.record(job.point["id"], 0, measured(job))
        for point in store.unconcluded():
            found.append(point)
            conclude(store, point)
    assert found == list(range(2100))


def test_a_plan_of_others_or_of_a_killed_process_is_completed(store):
    store.plan(points(0))
    store.connection.execute("DELETE FROM meta WHERE key = 'planned'")
    with pytest.raises(RuntimeError, match="killed"):
        store.plan(broken(points(3000), 2200))
    assert store.planned() is None
    assert store.progress()["points"] == 2000
    assert store.plan(points(3000)) == store.planned() == 3000
    assert [row[0] for row in store.connection.execute("SELECT seed FROM points ORDER BY id")] == list(range(3000))


def broken(rows, place):
    for i, row in enumerate(rows):
        if i == place:
            raise RuntimeError("killed")
        yield row


def test_points_are_taken_as_they_come(store):
    seen = []

    def lazy():
        for i, row in enumerate(points(5000, batches=1)):
            seen.append((i, store.progress()["points"]))
            yield row

    store.plan(lazy())
    assert all(written >= i - 1000 for i, written in seen)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"batches": 0}, "batches=0 leaves nothing to do at point 1; pass at least 1"),
        ({"trials": -1}, "trials=-1 is below 0 at point 1; pass at least 0"),
        ({"id": 7}, "id=7 is not the point's place, 1; leave it out"),
    ],
)
def test_points_that_cannot_be_run_are_refused(store, change, message):
    first, second = points(2)
    with pytest.raises(InvalidArgument, match=message):
        store.plan([first, second | change])
    assert store.progress()["points"] == 0


def test_a_claim_of_nothing_is_refused(store):
    with pytest.raises(InvalidArgument, match=r"limit=0 is not a number of batches; pass at least 1"):
        store.claim(this_process(), 0)


def test_what_is_there_is_never_replaced_by_a_new_store(store):
    before = dump(store.path)
    with pytest.raises(StoreExists, match="exists; choose another file"):
        Store.create(store.path, META | {"name": "other"})
    with Store.open_or_create(store.path, META | {"name": "other"}) as second:
        assert second.meta()["name"] == "made-up"
    assert dump(store.path) == before
    assert sorted(os.listdir(store.path.parent)) == ["results.db", "results.db-shm", "results.db-wal"]


def test_floats_come_back_bit_for_bit(store):
    store.plan(points(1))
    [job] = store.claim(this_process(), 1)
    store.record(0, 0, measured(job))
    values = {"worst": 0.1 + 0.2, "gap_max": float("inf"), "bound": 5e-324, "ratio_low": 2.0**60, "beta": None}
    store.conclude(0, {"status": "CONFIRMED", "vacuous": 0, "note": ""} | values)
    row = store.connection.execute(f"SELECT {', '.join(values)} FROM verdicts").fetchone()
    assert repr(row) == repr(tuple(values.values()))


def test_several_changes_are_one(store):
    store.plan(points(1))
    [job] = store.claim(this_process(), 1)

    def stopped():
        with store.together():
            assert store.record(0, 0, measured(job))
            raise RuntimeError("midway")

    with pytest.raises(RuntimeError, match="midway"):
        stopped()
    assert store.batches(0) is None
    assert store.progress()["batches_done"] == 0


def test_copies_are_stores(store, tmp_path):
    """By SQLite, while the store is in use; copies of the file alone would lack what is in the log."""
    store.plan(points(12))
    [job] = store.claim(this_process(), 1)
    assert store.record(0, 0, measured(job))
    store.connection.execute("VACUUM INTO ?", (str(tmp_path / "vacuum.db"),))
    with closing(sqlite3.connect(tmp_path / "backup.db")) as copy:
        store.connection.backup(copy)
    store.release(this_process())
    run(store, tmp_path / "log", 12)
    for name in ("vacuum.db", "backup.db"):
        with Store.open(tmp_path / name, version="0.7.0") as copy:
            # What the store had claimed is still its own there, as far as the copy knows.
            copy.release(this_process())
            run(copy, tmp_path / "log", 12)
        assert dump(tmp_path / name) == dump(store.path)


def test_what_is_kept_has_reached_the_disk(store):
    """A loss of power cannot be tried here; that SQLite is told to sync every change, can."""
    found = {
        name: store.connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "application_id", "user_version")
    }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "foreign_keys": 1,
        "busy_timeout": 60_000,
        "application_id": int.from_bytes(b"bcks", "big"),
        "user_version": 1,
    }


def test_what_killed_processes_left_is_removed_in_time(store, tmp_path):
    old, young, other = (tmp_path / f".{name}.1-2.new" for name in ("results.db", "results.db", "another.db"))
    young = young.with_name(".results.db.3-4.new-journal")
    for path in (old, young, other):
        path.write_text("half")
    for path in (old, other):
        os.utime(path, (0, 0))
    Store.open(store.path).close()
    assert not old.exists()
    assert young.exists()
    assert other.exists()


def test_a_process_may_go_to_another_folder(tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    with Store.create("results.db", META) as store:
        monkeypatch.chdir(tmp_path / "elsewhere")
        run(store, tmp_path / "log", 3)
    assert dump(tmp_path / "results.db")
    assert os.listdir(tmp_path / "elsewhere") == []
