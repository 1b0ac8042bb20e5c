"""`boundcheck plot`: pictures, their list, their data, and what is refused."""

from __future__ import annotations

import json
import sqlite3

import pytest
from synthetic_store import synthetic_store

from boundcheck.cli import run

IDS = ["dense-gap-width", "dense-gap-alpha", "dense-gap-depth", "dense-violations", "ladder", "tails-hoeffding-tail"]


@pytest.fixture(scope="module", name="store")
def made_up(tmp_path_factory):
    return str(synthetic_store(tmp_path_factory.mktemp("plot") / "store.db", 1000))


def test_the_list_names_each_figure_with_its_title(store, capsys):
    assert run(["plot", store, "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == IDS
    assert lines[0].endswith("Gap, certificate and bound against width: dense")


def test_data_are_one_json_document(store, capsys):
    assert run(["plot", store, "--json", "--figure", "ladder", "--figure", "dense-gap-alpha"]) == 0
    drawn = json.loads(capsys.readouterr().out)
    assert [figure["id"] for figure in drawn] == ["ladder", "dense-gap-alpha"]
    assert {"title", "x", "y", "series", "table", "alt", "caption"} <= set(drawn[0])


def test_one_figure_is_the_file_that_is_named(store, tmp_path, capsys):
    output = tmp_path / "f.png"
    assert run(["plot", store, "-o", str(output), "--figure", "ladder", "--dark", "--narrow", "--no-title"]) == 0
    assert capsys.readouterr().out == f"{output}\n"
    assert output.read_bytes().startswith(b"\x89PNG")


def test_all_figures_are_a_file_each_or_pages(store, tmp_path, capsys):
    assert run(["plot", store, "-o", str(tmp_path / "f.svg")]) == 0
    assert capsys.readouterr().out.split() == [str(tmp_path / f"f-{name}.svg") for name in IDS]
    assert run(["plot", store, "-o", str(tmp_path / "f.pdf")]) == 0
    assert (tmp_path / "f.pdf").read_bytes().startswith(b"%PDF")


def test_where_chooses_rows(store, capsys):
    assert run(["plot", store, "--json", "--where", "width=64", "--where", "rule=random"]) == 0
    drawn = json.loads(capsys.readouterr().out)
    assert "dense-gap-width" not in [figure["id"] for figure in drawn]
    [figure] = [figure for figure in drawn if figure["id"] == "dense-gap-alpha"]
    assert all("width" not in panel and "random" not in panel for panel in figure["panels"])  # in all the same


def refused(capsys, *arguments):
    assert run(["plot", *arguments]) == 2
    captured = capsys.readouterr()
    assert not captured.out
    assert captured.err.count("\n") == 1
    return captured.err


def test_mistakes_are_told_in_one_line(store, tmp_path, capsys):
    output = str(tmp_path / "f.png")
    assert "pass one of -o FILE.png, --list and --json" in refused(capsys, store)
    assert "do not go together" in refused(capsys, store, "--list", "--json")
    assert ".png, .svg, .pdf" in refused(capsys, store, "-o", str(tmp_path / "f.jpg"))
    assert f"pass one of {', '.join(IDS)}" in refused(capsys, store, "-o", output, "--figure", "none")
    assert "has no verdict that satisfies --where" in refused(capsys, store, "--list", "--where", "study=none")
    assert "names no column" in refused(capsys, store, "--list", "--where", "nothing=1")
    assert "none.db" in refused(capsys, str(tmp_path / "none.db"), "--list")
    assert not list(tmp_path.iterdir())


def test_a_store_is_never_drawn_over(tmp_path, capsys):
    store = synthetic_store(tmp_path / "store.png", 50)
    before = store.read_bytes()
    assert "is what is to be plotted" in refused(capsys, str(store), "-o", str(store))
    assert store.read_bytes() == before


def test_without_numbers_it_says_what_is_missing(tmp_path, capsys):
    empty = str(synthetic_store(tmp_path / "empty.db", 20, concluded=0.0))
    assert "has no verdict yet" in refused(capsys, empty, "--list")
    record = tmp_path / "record.json"
    proved = {"theorem": "t", "file": "scalar/t.py", "status": "PROVED", "vacuous": False, "level": 0.99, "points": []}
    record.write_text(json.dumps([proved | {"seed": 0, "version": "0", "method": "m", "claim": "c", "note": "n"}]))
    assert "proofs and errors have none of these" in refused(capsys, str(record), "--list")


def test_an_infinite_number_is_json_too(tmp_path, capsys):
    store = synthetic_store(tmp_path / "store.db", 50)
    connection = sqlite3.connect(store)
    connection.execute("UPDATE verdicts SET exact = 0, ratio_high = 9e999 WHERE point % 10 = 9")
    connection.commit()
    connection.close()
    assert run(["plot", str(store), "--json", "--figure", "tails"]) == 0
    [figure] = json.loads(capsys.readouterr().out)
    assert figure["series"][0]["high"] == ["inf"]
    assert run(["plot", str(store), "-o", str(tmp_path / "f.png"), "--figure", "tails"]) == 0
