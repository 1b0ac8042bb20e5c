"""The records of what ships: kept as long as nothing that they depend on changes, and never trusted when spoilt."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from boundcheck.check import catalogue
from boundcheck.check.catalogue import cache_file, shipped_records
from boundcheck.cli import run
from boundcheck.statement import discovery

RECORDS = [{"theorem": "one", "claim": "‖W‖ ≤ 1", "random": [], "parameters": {"t": "[0, 1]"}}]


class Installation:
    """A small package with its proofs, and how often their records were made."""

    def __init__(self, root: Path) -> None:
        self.package, self.proofs = root / "boundcheck", root / "proofs"
        for file in (self.package / "room" / "a.py", self.proofs / "b.py", self.proofs / "nets" / "c.toml"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("x = 1", encoding="utf-8")
        self.made = 0
        self.errors: tuple[str, ...] = ()
        self.edit = lambda: None

    def records_of(self, targets):
        assert targets == [str(self.proofs), str(self.package / "inequalities")]
        self.made += 1
        self.edit()
        return RECORDS, self.errors


@pytest.fixture
def installation(tmp_path, monkeypatch):
    found = Installation(tmp_path)
    monkeypatch.setattr(catalogue, "_PACKAGE", found.package)
    monkeypatch.setattr(catalogue, "shipped", lambda: found.proofs)
    monkeypatch.setattr(catalogue, "library", lambda: found.package / "inequalities")
    monkeypatch.setattr(catalogue, "records_of", found.records_of)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("sys.platform", "linux")
    return found


def test_records_are_made_once(installation, tmp_path):
    assert [shipped_records() for _ in range(3)] == [(RECORDS, ())] * 3
    assert installation.made == 1
    assert [p.name for p in (tmp_path / "cache").iterdir()] == ["boundcheck"]
    assert [*(tmp_path / "cache" / "boundcheck").iterdir()] == [cache_file()]


CHANGES = {
    "source": lambda i: (i.package / "room" / "a.py").write_text("x = 2"),
    "proof": lambda i: (i.proofs / "b.py").write_text("x = 2"),
    "what a proof reads": lambda i: (i.proofs / "nets" / "c.toml").write_text("x = 2"),
    "a new file": lambda i: (i.proofs / "d.py").write_text(""),
    "a file less": lambda i: (i.proofs / "b.py").unlink(),
    "a new name": lambda i: (i.proofs / "b.py").rename(i.proofs / "d.py"),
    "a new place": lambda i: (i.proofs / "b.py").rename(i.proofs / "nets" / "b.py"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_makes_them_anew(installation, change):
    shipped_records()
    CHANGES[change](installation)
    assert shipped_records() == (RECORDS, ())
    assert installation.made == 2
    shipped_records()
    assert installation.made == 2
    assert len([*cache_file().parent.iterdir()]) == 1


def test_so_does_another_version_of_boundcheck_python_or_sympy(installation, tmp_path, monkeypatch):
    shipped_records()
    monkeypatch.setattr(catalogue, "package_version", lambda: "another")
    shipped_records()
    monkeypatch.setattr("sys.version", "another")
    shipped_records()
    monkeypatch.setattr(catalogue, "find_spec", lambda name: SimpleNamespace(origin=str(tmp_path / "__init__.py")))
    for made, version in ((4, "1"), (5, "2")):
        (tmp_path / "release.py").write_text(f"__version__ = {version!r}")
        shipped_records()
        shipped_records()
        assert installation.made == made
    monkeypatch.setattr(catalogue, "find_spec", lambda name: None)
    assert shipped_records() == (RECORDS, ())


def test_byte_code_is_no_change(installation):
    shipped_records()
    for folder in (installation.package, installation.proofs):
        (folder / "__pycache__").mkdir()
        (folder / "__pycache__" / "b.cpython-311.pyc").write_bytes(b"x")
    shipped_records()
    assert installation.made == 1


SPOILT = {
    "empty": lambda text: b"",
    "cut short": lambda text: text[:-5],
    "altered": lambda text: text.replace(b'"one"', b'"two"'),
    "of an older boundcheck": lambda text: b"0" * 64 + text[64:],
    "not text": lambda text: b"\xff\xfe" + text,
    "a number": lambda text: b"1",
    "without records": lambda text: text.split(b"\n")[0] + b"\nnull",
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_cache_is_ignored_and_replaced(installation, how):
    shipped_records()
    whole = cache_file().read_bytes()
    cache_file().write_bytes(SPOILT[how](whole))
    assert shipped_records() == (RECORDS, ())
    assert installation.made == 2
    assert cache_file().read_bytes() == whole


def test_where_nothing_can_be_kept_records_are_made_each_time(installation, tmp_path, monkeypatch):
    cache = tmp_path / "cache"
    cache_file().mkdir(parents=True)  # a folder where the file belongs
    assert shipped_records() == (RECORDS, ())
    assert [*cache_file().parent.iterdir()] == [cache_file()]
    cache_file().rmdir()
    cache_file().parent.rmdir()
    (cache / "boundcheck").write_text("a file where the folder belongs")
    assert shipped_records() == (RECORDS, ())

    def nowhere():
        raise RuntimeError("no home")

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", nowhere)
    assert shipped_records() == (RECORDS, ())
    assert installation.made == 3


def test_a_relative_cache_folder_does_not_count(monkeypatch, tmp_path):
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    for value in ("", "somewhere"):
        monkeypatch.setenv("XDG_CACHE_HOME", value)
        assert cache_file().parent == tmp_path / ".cache" / "boundcheck"


def test_what_could_not_be_loaded_is_not_kept(installation):
    installation.errors = ("b.py: syntax error",)
    assert [shipped_records() for _ in range(2)] == [(RECORDS, installation.errors)] * 2
    assert installation.made == 2
    assert not cache_file().exists()


def test_what_was_edited_while_it_was_loaded_is_not_kept(installation):
    installation.edit = lambda: CHANGES["proof"](installation)
    assert shipped_records() == (RECORDS, ())
    assert not cache_file().exists()


def test_several_at_once_do_not_disturb_one_another(installation):
    threads = 8
    together = threading.Barrier(threads)

    def ask(_):
        together.wait()
        return [shipped_records() for _ in range(20)]

    with ThreadPoolExecutor(threads) as pool:
        assert all(found == [(RECORDS, ())] * 20 for found in pool.map(ask, range(threads)))
    assert installation.made <= threads
    assert [*cache_file().parent.iterdir()] == [cache_file()]


def test_files_of_the_user_are_loaded_each_time_and_leave_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    file = tmp_path / "mine.py"
    file.write_text(
        "from boundcheck import Theorem, real\nprint('loaded')\n"
        "x = real('x')\nmine = Theorem(claim=x * (1 - x) <= 0.25, source='calculus')\n",
        encoding="utf-8",
    )
    for arguments in (["list", str(file)], ["list", str(tmp_path)], ["show", f"{file}::mine"]):
        for _ in range(2):
            assert run(arguments) == 0
            out = capsys.readouterr()
            assert "mine" in out.out
            assert out.err == "loaded\n"
    assert not (tmp_path / "cache").exists()


def printed(capsys, *arguments):
    assert run(arguments) == 0
    out = capsys.readouterr()
    assert not out.err
    return out.out


def test_what_is_kept_is_printed_as_what_is_made(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    commands = [["list", "--json"], ["list"], ["show", "bernstein"], ["show", "fcn_magnitude", "--format", "json"]]
    loaded = []
    load = discovery.load
    monkeypatch.setattr(discovery, "load", lambda path: loaded.append(path) or load(path))
    first = printed(capsys, *commands[0])
    assert len(loaded) > 40
    loaded.clear()
    again = {command[0] + command[-1]: printed(capsys, *command) for command in commands}
    assert again["list--json"] == first
    assert not loaded
    cache_file().unlink()
    monkeypatch.setattr(catalogue, "_write", lambda *_: None)
    records = catalogue.records_of([str(discovery.shipped()), str(discovery.library())])
    monkeypatch.setattr(catalogue, "records_of", lambda _: records)
    assert {command[0] + command[-1]: printed(capsys, *command) for command in commands} == again


def test_other_notations_load_one_file(capsys, monkeypatch):
    printed(capsys, "list")
    loaded = []
    load = discovery.load
    monkeypatch.setattr(discovery, "load", lambda path: loaded.append(path.name) or load(path))
    assert "def hoeffding(" in printed(capsys, "show", "hoeffding", "--format", "python")
    assert "<math" in printed(capsys, "show", "hoeffding", "--format", "mathml")
    assert loaded == ["hoeffding.py"] * 2
