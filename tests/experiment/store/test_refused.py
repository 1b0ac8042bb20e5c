"""Files that are no store, or no whole one, or another version's: refused in one line, and left as they are."""

from __future__ import annotations

import os
import pickle
import random
import shutil
import sqlite3

import fake_campaign
import pytest
from fake_campaign import META, dump, measured, run

from boundcheck.errors import StoreError
from boundcheck.experiment.store import files
from boundcheck.experiment.store.owner import this_process
from boundcheck.experiment.store.store import Store


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A finished store of 60 points, every byte of it in the same place in each run of the tests."""
    folder = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as patch, Store.create(folder / "results.db", META) as store:
        patch.setattr(fake_campaign, "this_process", lambda: "elsewhere:1:0")
        run(store, folder / "log", 60)
    return folder / "results.db"


@pytest.fixture
def path(tmp_path, finished):
    return shutil.copy(finished, tmp_path / "results.db")


def refused(path, *, read_only, version=None):
    """The one line that says why, after a look that nothing has changed."""
    before = {p: p.read_bytes() for p in path.parent.iterdir() if p.is_file()}
    with pytest.raises(StoreError) as caught:
        Store.open(path, read_only=read_only, version=version, patience=0.1)
    assert before == {p: p.read_bytes() for p in path.parent.iterdir() if p.is_file()}
    message = str(caught.value)
    assert message.startswith(f"store {str(path)!r} ")
    assert "; " in message
    assert "\n" not in message
    return message


both = pytest.mark.parametrize("read_only", [False, True], ids=["to write", "to read"])


@both
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is an empty file; choose another file"),
        (b"x", "is not a store of boundcheck's; choose another file; this one is left as it is"),
        (b"name = 'campaign'\n" * 100, "is not a store of boundcheck's"),
        (b"SQLite format 3\0", "is not a store of boundcheck's"),
        (random.Random(0).randbytes(10_000), "is not a store of boundcheck's"),
    ],
)
def test_what_is_not_a_database(tmp_path, content, message, read_only):
    path = tmp_path / "results.db"
    path.write_bytes(content)
    assert message in refused(path, read_only=read_only)


@both
def test_a_database_of_something_else(tmp_path, read_only):
    path = tmp_path / "results.db"
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("CREATE TABLE t (x)")
    other.close()
    assert "is a SQLite database, but not a store of boundcheck's; choose" in refused(path, read_only=read_only)
    assert os.listdir(tmp_path) == ["results.db"]


@both
def test_a_database_of_something_else_that_is_in_use(tmp_path, read_only):
    path = tmp_path / "results.db"
    other = sqlite3.connect(path)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("CREATE TABLE t (x)")
    assert "is a SQLite database, but not a store" in refused(path, read_only=read_only)
    other.close()


@both
@pytest.mark.parametrize("schema", [0, 2])
def test_tables_of_another_version(path, schema, read_only):
    with sqlite3.connect(path) as store:
        store.execute(f"PRAGMA user_version = {schema}")
    store.close()
    message = f"has tables of version {schema}, not 1; use boundcheck 0.7.0, or begin another store"
    assert message in refused(path, read_only=read_only)


@both
def test_tables_of_another_version_without_a_word_of_who_wrote_them(path, read_only):
    with sqlite3.connect(path) as store:
        store.execute("PRAGMA user_version = 9")
        store.execute("DROP TABLE meta")
    store.close()
    assert "use the version that wrote it" in refused(path, read_only=read_only)


@both
def test_another_version_of_boundcheck(path, read_only):
    message = refused(path, read_only=read_only, version="0.8.0")
    assert "was begun by boundcheck 0.7.0, and this is 0.8.0" in message
    assert 'pip install "boundcheck==0.7.0"' in message
    Store.open(path, read_only=read_only, version="0.7.0").close()
    Store.open(path, read_only=read_only).close()


@both
def test_a_folder_and_nothing(tmp_path, read_only):
    assert "is a folder; give the name of a file" in refused(tmp_path, read_only=read_only)
    assert "does not exist; check the name" in refused(tmp_path / "none.db", read_only=read_only)
    os.mkfifo(tmp_path / "pipe.db")
    assert "is not a file" in refused(tmp_path / "pipe.db", read_only=read_only)
    (tmp_path / "dangling.db").symlink_to(tmp_path / "none.db")
    assert "does not exist" in refused(tmp_path / "dangling.db", read_only=read_only)


@pytest.mark.parametrize("create", [Store.create, Store.open_or_create])
def test_places_where_none_can_be_made(tmp_path, create):
    with pytest.raises(StoreError, match=r"there is no folder '.*/none'; make it first"):
        create(tmp_path / "none" / "results.db", META)
    with pytest.raises(StoreError, match="is a folder; give the name of a file"):
        create(tmp_path, META)
    (tmp_path / "file").write_text("text")
    with pytest.raises(StoreError, match=r"there is no folder '.*/file'"):
        create(tmp_path / "file" / "results.db", META)
    with pytest.raises(StoreError, match=r"is not a store|exists"):
        create(tmp_path / "file", META)
    (tmp_path / "dangling.db").symlink_to(tmp_path / "missing.db")
    with pytest.raises(StoreError, match=r"does not exist|exists"):
        create(tmp_path / "dangling.db", META)
    assert sorted(os.listdir(tmp_path)) == ["dangling.db", "file"]
    assert (tmp_path / "file").read_text() == "text"


@both
def test_truncated_files(path, read_only):
    whole = path.read_bytes()
    lengths = [20, 99, 100, 1000, 4095, 4096, 4097, 8192, len(whole) // 2, len(whole) - 4096, len(whole) - 1]
    for length in lengths:
        path.write_bytes(whole[:length])
        message = refused(path, read_only=read_only)
        assert "is damaged" in message or ("is not a store" in message and length < 512), (length, message)
        assert sorted(os.listdir(path.parent)) == ["results.db"]


def test_a_name_with_odd_characters(tmp_path):
    folder = tmp_path / "a ?#%20 [b]"
    folder.mkdir()
    path = folder / "c*d [e] 100%?.db"
    with Store.create(path, META) as store:
        assert os.listdir(folder)
        assert store.meta() == META
    assert os.listdir(folder) == [path.name]


def use(path):
    """Whatever one may want of a store, run on."""
    with Store.open(path, read_only=True) as store:
        store.meta(), store.progress(), store.finished(), list(store.unconcluded())
    with Store.open(path) as store:
        for job in store.claim(this_process(), 1000):
            store.record(job.point["id"], job.batch, measured(job))
        for point in range(60):
            store.batches(point)
        for point in store.unconcluded():
            store.conclude(point, {"status": "CONFIRMED", "vacuous": 0, "note": ""})


def complaint(path):
    """What a use of the store says; an error of another kind ends the test."""
    try:
        use(path)
    except StoreError as error:
        return str(error)
    return ""


def test_noise_in_a_file_is_said_or_does_no_harm(tmp_path, path):
    """SQLite has no checksums: noise among the numbers passes; noise in the structure must not end in a traceback."""
    with sqlite3.connect(path) as store:
        store.execute("DELETE FROM verdicts WHERE point >= 50")
        store.execute("DELETE FROM batches WHERE point >= 55")
        store.execute("UPDATE points SET concluded = 0 WHERE id >= 50")
    store.close()
    whole = path.read_bytes()
    draw = random.Random(1)
    said = 0
    for _ in range(60):
        noisy = bytearray(whole)
        place = draw.randrange(100, len(whole))
        noisy[place : place + 64] = draw.randbytes(len(noisy[place : place + 64]))
        path.write_bytes(noisy)
        what = complaint(path)
        assert not what or "is damaged" in what
        said += bool(what)
        for name in ("results.db-wal", "results.db-shm"):
            (path.parent / name).unlink(missing_ok=True)
    assert said > 10


@both
@pytest.mark.parametrize("name", ["leases", "points_open", "totals", "verdicts_counted", "results"])
def test_tables_that_are_not_as_they_were_made(path, name, read_only):
    with sqlite3.connect(path) as store:
        [kind] = store.execute("SELECT type FROM sqlite_schema WHERE name = ?", (name,)).fetchone()
        store.execute(f"DROP {kind} {name}")
    store.close()
    assert f"is damaged ({name}" in refused(path, read_only=read_only)


def test_tables_of_the_user_do_not_matter(path):
    with sqlite3.connect(path) as store:
        store.execute("CREATE TABLE mine AS SELECT * FROM results")
        store.execute("CREATE INDEX mine_too ON verdicts (bound)")
    store.close()
    Store.open(path).close()


def test_a_spec_that_cannot_be_read(path):
    with sqlite3.connect(path) as store:
        store.execute("UPDATE points SET concluded = 0, spec = '{' WHERE id = 3")
        store.execute("DELETE FROM batches WHERE point = 3")
    store.close()
    with Store.open(path) as store, pytest.raises(StoreError, match=r"is damaged \(spec of point 3: .*\); put back a"):
        store.claim(this_process(), 1)


def test_a_large_file_is_not_read_as_a_whole(path, monkeypatch):
    """A damaged page is then found when it is met."""
    whole = bytearray(path.read_bytes())
    for page in range(len(whole) // 8192, len(whole) // 4096):
        whole[page * 4096 : page * 4096 + 4096] = b"\1" * 4096
    path.write_bytes(whole)
    assert "is damaged" in refused(path, read_only=False)
    monkeypatch.setattr(files, "CHECKED", 0)
    with Store.open(path) as store, pytest.raises(StoreError, match="is damaged"):
        store.batches(3)


@pytest.mark.parametrize("change", ["delete", "replace"])
def test_a_file_that_is_taken_away_while_in_use(path, change, finished):
    with Store.open(path) as store:
        path.unlink()
        if change == "replace":
            shutil.copy(finished, path)
        with pytest.raises(StoreError, match="was moved, replaced or deleted while in use; put it back"):
            store.renew("someone")
    if change == "replace":
        assert dump(path) == dump(finished)


def test_a_store_that_is_locked(path):
    other = sqlite3.connect(path, isolation_level=None)
    with Store.open(path, patience=0.05) as store:
        other.execute("BEGIN IMMEDIATE")
        message = "is locked by another process; what is stored remains; wait for that process or stop it, then run"
        with pytest.raises(StoreError, match=message):
            store.renew("someone")
        assert message in refused(path, read_only=False)
        with Store.open(path, read_only=True) as reader:
            assert reader.finished()
        other.execute("ROLLBACK")
        store.renew("someone")
    other.close()


def test_errors_travel_between_processes():
    error = StoreError("a.db", "is a folder", "give the name of a file")
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy)) == (StoreError, "store 'a.db' is a folder; give the name of a file")
