"""`boundcheck report`: files written as a whole, and one clear line where that cannot be."""

from __future__ import annotations

import os
import stat
import sys

import pytest
from synthetic_store import synthetic_store

from boundcheck.cli import run
from boundcheck.report.page import html


@pytest.fixture(name="store")
def made_up(tmp_path):
    return synthetic_store(tmp_path / "made-up.db", 60)


def report(*arguments):
    return run(["report", *map(str, arguments)])


def test_a_page_markdown_and_latex_by_suffix(store, tmp_path, capsys):
    starts = {"a.html": "<!doctype html>", "a.md": "# made-up", "a.tex": r"\documentclass", "a.out": "<!doctype html>"}
    for name, start in starts.items():
        assert report(store, "-o", tmp_path / name) == 0
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)
    assert "60 of 60 points" in capsys.readouterr().err
    assert sorted({path.suffix for path in (tmp_path / "a-figures").iterdir()}) == [".pdf", ".svg"]
    assert stat.S_IMODE((tmp_path / "a.html").stat().st_mode) == 0o666 & ~_mask()
    assert report(store, "-o", tmp_path / "b.html", "--format", "markdown", "--title", "Mine") == 0
    assert (tmp_path / "b.html").read_text(encoding="utf-8").startswith("# Mine")


def _mask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_the_same_results_give_the_same_page(store, tmp_path):
    for name in ("a.html", "b.html"):
        assert report(store, "-o", tmp_path / name) == 0
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_only_some_points(store, tmp_path):
    assert report(store, "-o", tmp_path / "a.md", "--where", "rule=random", "--where", "delta=0.2") == 0
    text = (tmp_path / "a.md").read_text(encoding="utf-8")
    assert "rule = random and delta = 0.2" in text
    assert "hoeffding" not in text


def test_nothing_done_yet_is_said_first(tmp_path):
    store = synthetic_store(tmp_path / "none.db", 10, concluded=0.0)
    for name in ("a.html", "a.md", "a.tex"):
        assert report(store, "-o", tmp_path / name) == 0
        assert "Unfinished." in (tmp_path / name).read_text(encoding="utf-8")


def test_a_record(tmp_path, capsys):
    (tmp_path / "mine.py").write_text(
        "from boundcheck import Theorem, real\nx = real('x', min=0, max=1)\n"
        "square = Theorem(claim=x**2 <= x, source='-')\n"
    )
    assert run(["check", "--json", str(tmp_path / "mine.py")]) == 0
    (tmp_path / "record.json").write_text(capsys.readouterr().out)
    assert report(tmp_path / "record.json", "-o", tmp_path / "a.html") == 0
    text = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "1 theorem: 1 proved" in text
    assert "x**2 &lt;= x" in text


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("missing/a.html", "is in a folder that does not exist"),
        ("folder", "is a folder"),
        ("made-up.db", "is the source of the report"),
        ("other.db", "is a store, which a report does not replace"),
    ],
)
def test_where_no_report_can_be_written(store, tmp_path, capsys, output, words):
    (tmp_path / "folder").mkdir()
    other = synthetic_store(tmp_path / "other.db", 1)
    before = store.read_bytes(), other.read_bytes()
    assert report(store, "-o", tmp_path / output) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1
    assert (store.read_bytes(), other.read_bytes()) == before


def test_a_full_disk_leaves_what_was_there(store, tmp_path, capsys, monkeypatch):
    path = tmp_path / "a.md"
    path.write_text("before")

    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("boundcheck.report.page.write.os.replace", full)
    assert report(store, "-o", path, "--where", "point<3") == 2
    assert "cannot be written (No space left on device)" in capsys.readouterr().err
    assert path.read_text() == "before"
    assert [found.name for found in tmp_path.iterdir() if found.name.startswith(".a.md")] == []


@pytest.mark.parametrize("text", ["", "no results", "{}", "[1]"])
def test_what_holds_no_results_is_refused(tmp_path, capsys, text):
    (tmp_path / "given").write_text(text)
    assert report(tmp_path / "given", "-o", tmp_path / "a.html") == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "a.html").exists()


def test_a_condition_or_an_option_that_makes_no_sense_is_refused(store, tmp_path, capsys):
    assert report(store, "-o", tmp_path / "a.html", "--where", "colour=red") == 2
    assert "names no column" in capsys.readouterr().err
    assert report(store, "-o", tmp_path / "a.html", "--fragment") == 2
    assert "--fragment is for LaTeX" in capsys.readouterr().err
    assert report(tmp_path / "missing.db", "-o", tmp_path / "a.html") == 2
    assert report(store) == 2


def test_without_jinja_one_line_names_the_extra(store, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    html._template.cache_clear()
    assert report(store, "-o", tmp_path / "a.html") == 2
    assert 'pip install "boundcheck[plots]"' in capsys.readouterr().err
    assert report(store, "-o", tmp_path / "a.md") == 0  # which needs no template


def test_without_matplotlib_markdown_has_the_data_of_figures(store, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("boundcheck.report.page.write.find_spec", lambda name: None)
    assert report(store, "-o", tmp_path / "a.md") == 0
    text = (tmp_path / "a.md").read_text(encoding="utf-8")
    assert "## Figures" in text
    assert "](<" not in text
    assert not (tmp_path / "a-figures").exists()
