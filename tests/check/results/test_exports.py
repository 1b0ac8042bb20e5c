"""What is exported is what there is, read back by the tools that people use."""

from __future__ import annotations

import csv
import errno
import math
import os
import re
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import duckdb
import pandas
import pyarrow as pa
import pytest
from pyarrow import parquet
from synthetic_store import synthetic_store

from boundcheck.check.results import exports
from boundcheck.check.results.columns import types
from boundcheck.check.results.exports import export
from boundcheck.check.results.filters import Filter
from boundcheck.check.results.source import open_results
from boundcheck.errors import InvalidArgument

README = (Path(__file__).parents[3] / "README.md").read_text("utf-8")
KINDS = {"INTEGER": pa.int64(), "REAL": pa.float64(), "TEXT": pa.string()}


@pytest.fixture
def store(tmp_path):
    """With everything that a table may hold: infinite numbers, no numbers, quotes, line ends, other letters."""
    path = synthetic_store(tmp_path / "results.db", 300)
    with closing(sqlite3.connect(path)) as connection:
        for i, text in enumerate(['"quoted", and more', "two\nlines\r\n", "‖W‖ ≤ ∞", "NULL", "3", ",", "=1+1"]):
            connection.execute("UPDATE verdicts SET note = ? WHERE point = ?", [text, i])
        for i, number in enumerate([math.inf, -math.inf, None, 5e-324, 0.1 + 0.2, 1.7976931348623157e308, -1e-310]):
            connection.execute("UPDATE verdicts SET worst = ?, attack = NULL WHERE point = ?", [number, i])
        connection.execute("UPDATE verdicts SET attack = NULL")
        connection.commit()
    return path


@pytest.fixture
def results(store):
    with open_results(str(store)) as found:
        yield found


def as_read(row):
    """A row as CSV has it: text."""
    return ["" if value is None else str(value) for value in row.values()]


@pytest.mark.parametrize("chunk", [1, 7, 300, 8192])
def test_parquet_is_the_rows(results, tmp_path, monkeypatch, chunk):
    monkeypatch.setattr(exports, "CHUNK", chunk)
    path = tmp_path / "out.parquet"
    assert export(results, str(path)) == 300
    table = parquet.read_table(path)
    assert {field.name: field.type for field in table.schema} == {name: KINDS[kind] for name, kind in types().items()}
    assert table.schema.metadata[b"boundcheck.level"] == b"0.99"
    rows = table.to_pylist()
    assert rows == list(results.rows())
    assert [row["worst"] for row in rows[:4]] == [math.inf, -math.inf, None, 5e-324]
    assert table["attack"].null_count == 300
    assert parquet.ParquetFile(path).num_row_groups == math.ceil(300 / chunk)


@pytest.mark.parametrize("chunk", [1, 7, 8192])
def test_csv_is_the_rows(results, tmp_path, monkeypatch, chunk):
    monkeypatch.setattr(exports, "CHUNK", chunk)
    path = tmp_path / "out.csv"
    assert export(results, str(path)) == 300
    with path.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    assert head == list(types())
    expected = list(results.rows())
    assert rows == [as_read(row) for row in expected]
    for row, found in zip(expected, rows, strict=True):
        for name, text in zip(head, found, strict=True):
            if types()[name] == "REAL" and text:
                assert float(text) == row[name]


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_pandas_and_duckdb_read_the_types(results, tmp_path, name):
    path = tmp_path / name
    # DuckDB takes a column of a CSV for text where it holds "inf".
    where = Filter.of(["worst>-inf", "worst<inf"] if name.endswith("csv") else [])
    export(results, str(path), where)
    with closing(duckdb.connect()) as connection:
        found = connection.execute(f"SELECT * FROM '{path}' ORDER BY point")
        kinds = dict(
            zip([column[0] for column in found.description], [str(c[1]) for c in found.description], strict=True)
        )
        rows = [dict(zip(kinds, row, strict=True)) for row in found.fetchall()]
    frame = pandas.read_parquet(path) if name.endswith("parquet") else pandas.read_csv(path)
    for expected, row, framed in zip(results.rows(where), rows, frame.to_dict("records"), strict=True):
        for column in ("point", "width", "alpha", "worst", "trials", "status", "rule", "limit_high"):
            assert row[column] == expected[column]
            if expected[column] is None:
                assert pandas.isna(framed[column])
            else:
                assert framed[column] == expected[column]
    if name.endswith("parquet"):  # in a CSV nothing says what an empty column would hold
        assert {kinds[column] for column in ("point", "width", "trials", "vacuous")} <= {"NUMBER", "BIGINT"}
        assert kinds["attack"] in ("NUMBER", "DOUBLE")


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_a_choice_of_rows_and_columns_in_an_order(results, tmp_path, name):
    path = tmp_path / name
    options = {"order": "worst", "descending": True, "limit": 20, "columns": ["width", "worst", "point"]}
    where = Filter.of(["width>=128"])
    assert export(results, str(path), where, **options) == 20
    frame = pandas.read_parquet(path) if name.endswith("parquet") else pandas.read_csv(path)
    assert frame.to_dict("records") == list(results.rows(where, **options))


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_no_rows_are_a_file_with_columns(results, tmp_path, name):
    path = tmp_path / name
    assert export(results, str(path), Filter.of(["width<0"])) == 0
    if name.endswith("csv"):
        assert path.read_text("utf-8") == ",".join(types()) + "\n"
    else:
        table = parquet.read_table(path)
        assert table.num_rows == 0
        assert [str(field.type) for field in table.schema][:2] == ["int64", "string"]


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
@pytest.mark.parametrize("there", [False, True])
def test_what_fails_leaves_no_half_file_and_what_was_there(results, tmp_path, monkeypatch, name, there):
    monkeypatch.setattr(exports, "CHUNK", 10)
    path = tmp_path / name
    if there:
        path.write_text("before")

    def full(chunks):
        for i, chunk in enumerate(chunks):
            if i == 5:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            yield chunk

    for function in ("_csv", "_parquet"):
        write = getattr(exports, function)
        monkeypatch.setattr(
            exports, function, lambda path, columns, chunks, meta, write=write: write(path, columns, full(chunks), meta)
        )
    before = sorted(tmp_path.iterdir())
    with pytest.raises(OSError, match="No space"):
        export(results, str(path))
    assert sorted(tmp_path.iterdir()) == before
    assert not there or path.read_text() == "before"


def test_what_is_there_is_replaced_unless_it_is_a_store(results, store, tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("before")
    export(results, str(path))
    assert path.read_text("utf-8").startswith("point,")
    disguised = tmp_path / "store.csv"
    disguised.write_bytes(store.read_bytes())
    with pytest.raises(InvalidArgument, match="is a database"):
        export(results, str(disguised))
    assert disguised.read_bytes() == store.read_bytes()


@pytest.mark.parametrize("name", ["out.xlsx", "out", "no/such/folder.csv", "folder.csv", "results.db"])
def test_a_place_that_cannot_be_is_told(results, tmp_path, name):
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InvalidArgument, match="export="):
        export(results, str(tmp_path / name))


def test_without_pyarrow_the_extra_is_named(results, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(InvalidArgument, match=re.escape('pip install "boundcheck[parquet]"')):
        export(results, str(tmp_path / "out.parquet"))
    assert export(results, str(tmp_path / "out.csv")) == 300


@pytest.fixture
def sqlite_extension():
    """DuckDB downloads its SQLite extension; here it comes from a package, for the platforms that have one."""
    import duckdb_ext

    [path] = Path(next(iter(duckdb_ext.__path__))).glob("extensions/*/*/sqlite_scanner.duckdb_extension")
    duckdb.execute(f"LOAD '{path}'")


@pytest.mark.skipif(
    not (sys.platform == "linux" and os.uname().machine == "x86_64"), reason="DuckDB's extension is packaged for Linux"
)
@pytest.mark.usefixtures("sqlite_extension")
def test_the_lines_of_the_readme(results, tmp_path, monkeypatch):
    [lines] = [block for block in re.findall(r"```python\n(.*?)```", README, re.S) if "pandas.read_sql" in block]
    export(results, str(tmp_path / "results.parquet"))
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    try:
        exec(lines, names)
        frame, expected = names["frame"], list(results.rows())
        assert frame["point"].tolist() == [row["point"] for row in expected]
        assert list(frame.columns) == list(types())
        groups = results.groups(["rule", "width"], {"worst": "max(gap_max / bound)"})
        # DuckDB sorts what is not known last, SQLite first.
        unknown, *known = [tuple(group.values()) for group in groups]
        assert names["worst"].fetchall() == [*known, unknown]
        refuted = [row for row in expected if row["status"] == "REFUTED"]
        assert sorted(names["refuted"].fetchall()) == [(r["point"], r["parameters"], r["note"]) for r in refuted]
        assert refuted
        described = duckdb.execute("DESCRIBE campaign.results").fetchall()
        assert {row[0]: row[1] for row in described} == {
            name: {"INTEGER": "BIGINT", "REAL": "DOUBLE", "TEXT": "VARCHAR"}[kind] for name, kind in types().items()
        }
    finally:
        names["connection"].close()
        names.clear()
        duckdb.execute("DETACH campaign")


def test_the_readme_names_columns_and_tables_that_there_are(store):
    section = README[README.index("### Results") : README.index("## Verdicts and exit status")]
    rows = re.findall(r"^\| `(\w+)`.*?\|.*?\| (.*) \|$", section, re.M)
    with closing(sqlite3.connect(store)) as connection:
        tables = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'view')"))
        assert {name for name, _ in rows} == set(tables) - {"leases"}
        for name, words in rows:
            known = {row[1] for row in connection.execute(f"PRAGMA table_info({name})")}
            if name == "meta":
                known = {key for (key,) in connection.execute("SELECT key FROM meta")}
            assert set(re.findall(r"`(\w+)`", words)) <= known
