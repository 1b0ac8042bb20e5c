"""Disks that are full or read-only: one line says so, and what is stored remains."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from child_process import environment
from fake_campaign import META, dump, points, run

from boundcheck.errors import StoreError
from boundcheck.experiment.store.owner import this_process
from boundcheck.experiment.store.store import Store

BEGIN = """
import os, resource, sys
from pathlib import Path
from boundcheck.errors import StoreError
from boundcheck.experiment.store.store import Store
from fake_campaign import META, points, run
import fake_campaign

def nobody():
    "Root may write anywhere; tests must not."
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)

def attempt(function, *given, **named):
    try:
        print("ok", function(*given, **named))
    except StoreError as error:
        print(error)

def campaign(path, count=60):
    with Store.open_or_create(path, META) as store:
        run(store, Path("log"), count)

def read(path):
    with Store.open(path, read_only=True) as store:
        return store.progress()["concluded"]

def write(path):
    with Store.open(path) as store:
        store.renew("someone")
"""


def said(code, folder, *before):
    """What a process of its own prints, line by line."""
    command = [*before, sys.executable, "-c", BEGIN + code]
    done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture
def folder():
    """A folder that another user can reach, unlike those of pytest."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o777)
        yield Path(name)


@pytest.fixture
def store(folder):
    """A finished store in a folder of its own."""
    inner = folder / "inner"
    inner.mkdir()
    with Store.create(inner / "results.db", META) as made:
        run(made, folder / "log", 20)
    (folder / "log").unlink()
    return inner / "results.db"


@pytest.fixture(scope="module")
def sixty(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sixty")
    with Store.create(folder / "results.db", META) as made:
        run(made, folder / "log", 60)
    return dump(folder / "results.db")


# Full -------------------------------------------------------------------------------------------------------
FULL = "cannot be written: the disk, a quota or a limit on the size of files is full"
REMAINS = "what is stored remains; make room, then run the same command again to go on"


def test_a_limit_on_the_size_of_files(folder, sixty):
    """What exceeds it fails like a quota does: writes end with EFBIG."""
    seen = set()
    for size in range(0, 700_000, 20_000):
        code = f"resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, resource.RLIM_INFINITY))\nattempt(campaign, 'a.db')"
        [line] = said(code, folder)
        if line == "ok None":
            break
        assert FULL in line
        assert REMAINS in line
        if (folder / "a.db").exists():
            with Store.open(folder / "a.db", read_only=True) as reader:
                seen.add(reader.progress()["batches_done"])
    # It has failed at several stages of one campaign, each time after what was there before.
    assert len(seen) > 2
    assert dump(folder / "a.db") == sixty


def test_a_limit_on_the_number_of_pages(folder, sixty):
    with Store.create(folder / "a.db", META) as store:
        store.plan(points(60))
        [pages] = store.connection.execute("PRAGMA page_count").fetchone()
        before = -1
        for more in (0, 2, 4):
            store.connection.execute(f"PRAGMA max_page_count = {pages + more}")
            with pytest.raises(StoreError, match=f"{FULL} .SQLITE_FULL.; {REMAINS}"):
                run(store, folder / "log", 60)
            assert store.progress()["batches_done"] > before
            before = store.progress()["batches_done"]
            store.release(this_process())
        store.connection.execute("PRAGMA max_page_count = 1000000")
        run(store, folder / "log", 60)
    assert dump(folder / "a.db") == sixty


NAMESPACE = ("unshare", "--mount", "--user", "--map-root-user", "--")
mounts = pytest.mark.skipif(
    not shutil.which("unshare")
    or subprocess.run(
        [*NAMESPACE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False
    ).returncode
    != 0,
    reason="no disk can be mounted for a test here",
)


@mounts
def test_a_full_disk(folder, sixty):
    """A disk of its own, with more room at each attempt."""
    code = f"""
import subprocess
subprocess.run("mount -t tmpfs -o size=8m tmpfs {folder}".split(), check=True)
os.chdir({str(folder)!r})
for room in (0, 30_000, 80_000, 150_000, 200_000, 400_000, 800_000, 8_000_000):
    there = sum(f.stat().st_size for f in Path(".").iterdir())
    Path("ballast").write_bytes(bytes(max(0, 2**23 - room - there)))
    attempt(campaign, "a.db")
    Path("ballast").unlink()
print(fake_campaign.dump(Path("a.db")))
"""
    lines = said(code, folder, *NAMESPACE)
    assert lines[7] == "ok None"
    failed = [line for line in lines[:7] if line != "ok None"]
    assert all(FULL in line and REMAINS in line for line in failed)
    assert len(failed) > 3
    assert lines[8:] == sixty.splitlines()


READ_ONLY = (
    "cannot be written: the file, its folder or the disk is read-only; make it writable, or choose another place"
)


# Read-only --------------------------------------------------------------------------------------------------
@mounts
def test_a_read_only_disk(folder, store):
    shutil.copy(store, folder / "a.db")
    code = f"""
import subprocess
subprocess.run("mount --bind {folder} {folder}".split(), check=True)
subprocess.run("mount -o remount,bind,ro {folder}".split(), check=True)
os.chdir({str(folder)!r})
attempt(read, "a.db")
attempt(write, "a.db")
attempt(campaign, "b.db")
"""
    assert said(code, folder, *NAMESPACE) == [
        "ok 20",
        f"store 'a.db' {READ_ONLY}",
        f"store 'b.db' {READ_ONLY}",
    ]


def test_a_read_only_folder(store):
    before = store.read_bytes()
    store.parent.chmod(0o555)
    store.chmod(0o444)
    code = """
nobody()
attempt(read, 'inner/results.db')
attempt(write, 'inner/results.db')
attempt(campaign, 'inner/b.db')
"""
    assert said(code, store.parent.parent) == [
        "ok 20",
        f"store 'inner/results.db' {READ_ONLY}",
        f"store 'inner/b.db' {READ_ONLY}",
    ]
    assert store.read_bytes() == before
    assert os.listdir(store.parent) == ["results.db"]


def test_a_read_only_file_in_a_folder_of_ones_own(store):
    store.parent.chmod(0o777)
    store.chmod(0o444)
    code = "nobody()\nattempt(write, 'inner/results.db')\nattempt(read, 'inner/results.db')"
    [wrote, read] = said(code, store.parent.parent)
    assert "cannot be written: the file, its folder or the disk is read-only" in wrote
    assert read == "ok 20"


def test_a_file_that_may_not_be_read(store):
    store.parent.chmod(0o777)
    store.chmod(0o000)
    code = "nobody()\nattempt(read, 'inner/results.db')\nattempt(write, 'inner/results.db')"
    line = "store 'inner/results.db' cannot be read; check the rights of the file"
    assert said(code, store.parent.parent) == [line, line]


def test_changes_that_a_read_only_folder_hides(folder):
    """A killed process has left a log: the store alone would be short of what was recorded last."""
    inner = folder / "inner"
    inner.mkdir()
    code = "s = Store.create('inner/results.db', META); s.plan(points(7)); os._exit(0)"
    assert said(code, folder) == []
    assert (inner / "results.db-wal").stat().st_size
    (inner / "results.db-shm").unlink()
    for file in inner.iterdir():
        file.chmod(0o444)
    inner.chmod(0o555)
    assert said("nobody()\nattempt(read, 'inner/results.db')", folder) == [
        "store 'inner/results.db' has its last changes in 'results.db-wal', which cannot be read in a read-only "
        "folder; copy both files to a folder that can be written"
    ]


def test_a_store_of_somebody_who_is_writing(folder):
    """Read by one who may not write: the files that the writer keeps beside it say where its changes are."""
    inner = folder / "inner"
    inner.mkdir()
    with Store.create(inner / "results.db", META) as writer:
        writer.plan(points(7))
        inner.chmod(0o555)
        code = "nobody()\ndef count(p):\n    with Store.open(p, read_only=True) as s: return s.progress()['points']\n"
        assert said(f"{code}attempt(count, 'inner/results.db')", folder) == ["ok 7"]


def test_reading_beside_a_writer_sees_what_is_done_and_changes_nothing(tmp_path):
    path = tmp_path / "results.db"
    with Store.create(path, META) as writer:
        with Store.open(path, read_only=True) as reader:
            writer.plan(points(7))
            assert reader.planned() == 7
            run(writer, tmp_path / "log", 7)
            assert reader.finished()
            with pytest.raises(StoreError, match="cannot be written"):
                reader.release("someone")
        assert writer.finished()
    assert os.listdir(tmp_path).count("results.db") == 1
    assert sorted(os.listdir(tmp_path)) == ["log", "results.db"]
