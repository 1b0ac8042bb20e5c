"""Results of a store and of a record."""

from __future__ import annotations

import io
import json
import math
import sqlite3
import subprocess
import sys
from types import SimpleNamespace

import pytest
from synthetic_store import synthetic_store

from boundcheck.check.results.columns import types
from boundcheck.check.results.filters import Filter
from boundcheck.check.results.source import open_results
from boundcheck.errors import BoundcheckError, InvalidArgument
from boundcheck.experiment.store.schema import APPLICATION_ID, SCHEMA_VERSION, TABLES


@pytest.fixture
def store(tmp_path):
    return synthetic_store(tmp_path / "store.db", 400, concluded=0.75)


def edited(path, *statements):
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path


def test_rows_are_those_of_the_view(store):
    connection = sqlite3.connect(store)
    connection.row_factory = sqlite3.Row
    expected = [dict(row) for row in connection.execute("SELECT * FROM results ORDER BY point")]
    connection.close()
    with open_results(str(store)) as results:
        assert list(results.rows()) == expected
        assert list(results.rows(limit=7)) == expected[:7]
        assert results.planned == 400
        assert results.total() == len(expected) == 300
        assert results.meta["name"] == "made-up"


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("order", ["worst", "width", "note", "status", "ratio_low", "trials"])
def test_rows_are_sorted_with_unknown_ones_last_and_equal_ones_by_point(store, order, descending):
    edited(
        store,
        "UPDATE verdicts SET worst = NULL WHERE point % 7 = 0",
        "UPDATE verdicts SET worst = 1 WHERE point % 5 = 1",
    )
    with open_results(str(store)) as results:
        rows = list(results.rows())
        known = [row for row in rows if row[order] is not None]
        unknown = [row for row in rows if row[order] is None]
        # Sorting is stable, so that equal ones stay in the order of points.
        expected = sorted(known, key=lambda row: row[order], reverse=descending)
        if descending:
            expected.sort(key=lambda row: row["point"])
            expected.sort(key=lambda row: row[order], reverse=True)
        assert list(results.rows(order=order, descending=descending)) == expected + unknown
        first = results.rows(order=order, descending=descending, limit=9, columns=["point"])
        assert list(first) == [{"point": row["point"]} for row in (expected + unknown)[:9]]


def test_counts_groups_and_theorems_add_up(store):
    with open_results(str(store)) as results:
        rows = list(results.rows())
        for where in (Filter(), Filter.of(["width>=128"]), Filter.of([], ["confirmed"])):
            chosen = list(results.rows(where))
            expected = {row["status"]: 0 for row in sorted(chosen, key=lambda row: row["status"])}
            for row in chosen:
                expected[row["status"]] += 1
            assert results.counts(where) == expected
            assert list(results.counts(where)) == list(expected)
        groups = results.groups(["rule", "width"], {"n": "count(*)", "gap": "max(gap_max)"}, Filter.of(["width!=null"]))
        assert [(group["rule"], group["width"]) for group in groups] == sorted(
            {(row["rule"], row["width"]) for row in rows if row["width"]}
        )
        for group in groups:
            members = [row for row in rows if (row["rule"], row["width"]) == (group["rule"], group["width"])]
            assert group["n"] == len(members)
            assert group["gap"] == max(row["gap_max"] for row in members)
        assert results.groups([], {"n": "count(*)"}) == [{"n": 300}]
        dense, tails = results.theorems()
        assert (dense["study"], tails["study"]) == ("dense", "tails")
        for theorem in (dense, tails):
            members = [row for row in rows if row["study"] == theorem["study"]]
            assert theorem["counts"]["done"] == len(members)
            assert theorem["worst"] == max(row["worst"] for row in members)
            statuses = {row["status"] for row in members}
            assert {key: theorem["counts"][key] for key in statuses} == {
                status: sum(row["status"] == status for row in members) for status in statuses
            }
        assert (dense["counts"]["points"], tails["counts"]["points"]) == (360, 40)


def test_a_theorem_that_has_no_point_yet_comes_last(store):
    edited(store, "INSERT INTO theorems (study, theorem, claim) VALUES ('a', 'later', 'x <= 1')")
    with open_results(str(store)) as results:
        assert [row["theorem"] for row in results.theorems()] == ["gap_bound", "hoeffding", "later"]
        assert results.theorems()[-1]["counts"] == {"points": 0, "done": 0}
        assert results.theorems()[-1]["worst"] is None


def test_an_empty_store(tmp_path):
    path = synthetic_store(tmp_path / "store.db", 0)
    with open_results(str(path)) as results:
        assert list(results.rows()) == []
        assert results.counts() == {}
        assert results.total() == results.planned == 0
        assert [row["counts"] for row in results.theorems()] == [{"points": 0, "done": 0}] * 2
        with pytest.raises(InvalidArgument, match="none of the 0 points"):
            results.point(0)


def test_infinite_numbers_and_nan(store):
    """A NaN cannot be stored: SQLite makes it NULL, which is what it means."""
    connection = sqlite3.connect(store)
    connection.execute("UPDATE verdicts SET worst = ? WHERE point = 0", [math.inf])
    connection.execute("UPDATE verdicts SET worst = ? WHERE point = 1", [math.nan])
    connection.commit()
    connection.close()
    with open_results(str(store)) as results:
        assert next(results.rows(order="worst", descending=True))["worst"] == math.inf
        assert [row["point"] for row in results.rows(Filter.of(["worst=null"]))] == [1]
        assert [row["point"] for row in results.rows(Filter.of(["worst=inf"]))] == [0]


def test_what_is_read_is_of_one_moment(store):
    with open_results(str(store)) as results:
        rows = results.rows()
        first = next(rows)
        edited(store, "UPDATE verdicts SET note = 'changed'", "DELETE FROM verdicts WHERE point > 9")
        assert len([first, *rows]) == results.total() == 300
        assert {row["note"] for row in results.rows()} == {"made up"}
    with open_results(str(store)) as results:
        assert results.total() == 10


def test_nothing_is_written(store):
    def meant() -> None:
        with open_results(str(store)) as results:
            results.connection.execute("DELETE FROM verdicts")

    before = store.read_bytes()
    with pytest.raises(BoundcheckError):
        meant()
    assert store.read_bytes() == before
    with open_results(str(store)) as results:
        assert results.total() == 300


def test_a_point_has_all_that_is_known_of_it(store):
    edited(
        store,
        "INSERT INTO batches VALUES (3, 0, 0, 500, 1, 2, '{}', NULL, NULL, 0.5, 'host:1', '2026-01-01T00:00:00Z')",
        "INSERT INTO batches VALUES (3, 1, 500, 500, 0, 0, '{}', NULL, NULL, 0.5, 'host:2', '2026-01-01T00:00:01Z')",
    )
    with open_results(str(store)) as results:
        point = results.point(3)
        assert (point["id"], point["theorem"], point["about"]["claim"]) == (
            3,
            "gap_bound",
            "P(gap(target, pruned) > bound) <= delta",
        )
        assert point["verdict"]["status"] == "CONFIRMED"
        assert [(batch["start"], batch["worker"]) for batch in point["measured"]] == [(0, "host:1"), (500, "host:2")]
        assert results.point(399)["verdict"] is None
        with pytest.raises(InvalidArgument, match="none of the 400 points"):
            results.point(400)


def test_columns_are_described_by_the_schema(store):
    connection = sqlite3.connect(store)
    declared = {row[1]: row[2] for row in connection.execute("PRAGMA table_info(results)")}
    connection.close()
    assert types() == declared
    assert set(types().values()) == {"INTEGER", "REAL", "TEXT"}


def database(path, mark=APPLICATION_ID, version=SCHEMA_VERSION, tables=TABLES):
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA application_id = {mark}")
    connection.execute(f"PRAGMA user_version = {version}")
    connection.executescript(tables)
    connection.close()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "store.db"),
        (lambda path: path.mkdir(), "store.db"),
        (lambda path: path.write_bytes(b""), "empty"),
        (lambda path: path.write_text("some text"), "store.db"),
        (lambda path: path.write_bytes(b"\xff\xfe\x00\x01"), "store.db"),
        (lambda path: path.write_text('{"theorem": "a"}'), "not a list of verdicts"),
        (lambda path: path.write_text("[1, 2]"), "not a list of verdicts"),
        (lambda path: path.write_text('[{"theorem": "a"}]'), "without a status"),
        (lambda path: path.write_text('[{"theorem": "a", "status": "PROVED"'), "not JSON"),
        (lambda path: path.write_text('[{"theorem": "a", "status": "PROVED", "level": NaN}]'), "not JSON"),
        (lambda path: path.write_text("[" * 100_000), "not JSON"),
        (lambda path: database(path, mark=0), "store"),
        (lambda path: database(path, version=SCHEMA_VERSION + 1), "version 2"),
    ],
)
def test_what_is_no_store_and_no_record_is_refused(tmp_path, make, said):
    path = tmp_path / "store.db"
    make(path)
    with pytest.raises(BoundcheckError) as caught, open_results(str(path)):
        pass
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kept", [50, 4096, 20_000, 100_000])
def test_a_truncated_store_is_told(tmp_path, kept):
    path = synthetic_store(tmp_path / "store.db", 1000)
    path.write_bytes(path.read_bytes()[:kept])

    def read() -> None:
        with open_results(str(path)) as results:
            list(results.rows())
            results.theorems()

    with pytest.raises(BoundcheckError) as caught:
        read()
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_record_on_stdin(monkeypatch):
    record = [{"theorem": "a", "status": "PROVED", "claim": "1 <= 2"}]
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(json.dumps(record).encode())))
    with open_results("-") as results:
        assert results.counts() == {"PROVED": 1}
        assert results.meta["name"] == "stdin"


LEAVE_WAL = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=0)
try:
    print(connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0])
except sqlite3.OperationalError as error:
    print(error)
"""


def read_results(path):
    with open_results(str(path)) as results:
        list(results.rows())


@pytest.mark.skipif(sys.platform == "win32", reason="locks of Windows belong to handles, not to processes")
@pytest.mark.parametrize(
    ("look", "locked"),
    [(read_results, True), (lambda path: path.read_bytes(), False)],
    ids=["results", "planted fault"],
)
def test_reading_keeps_the_locks_that_this_process_has(store, look, locked):
    """A campaign that runs in this process must stay safe from others; whoever opens the file by itself breaks that."""
    connection = sqlite3.connect(store)
    connection.execute("SELECT count(*) FROM points").fetchone()
    look(store)
    done = subprocess.run([sys.executable, "-c", LEAVE_WAL, str(store)], capture_output=True, text=True, check=True)
    connection.close()
    assert done.stdout.strip() == ("database is locked" if locked else "delete")
