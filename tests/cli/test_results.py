"""`boundcheck results`, as users and scripts call it."""

from __future__ import annotations

import csv
import io
import json
import math
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from synthetic_store import synthetic_store

from boundcheck.check.campaign.batch import run_batch
from boundcheck.check.campaign.points import point_rows
from boundcheck.check.options import package_version
from boundcheck.check.results.filters import Filter
from boundcheck.check.results.source import open_results
from boundcheck.cli import run
from boundcheck.statement.campaign.campaign import Campaign
from boundcheck.statement.campaign.study import Study


@pytest.fixture
def store(tmp_path):
    return str(synthetic_store(tmp_path / "results.db", 400, concluded=0.5))


def rows_of(path, *words, **options):
    with open_results(path) as results:
        return list(results.rows(Filter.of(words), **options))


def test_the_list(store, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    assert run(["results", store]) == 0
    out = capsys.readouterr().out
    assert "made-up: 200 of 400 points done (50 %)" in " ".join(out.split())
    assert "50 of 200 rows; --limit 0 for all" in out
    assert out.count("dense/gap_bound") >= 40
    assert run(["results", store, "--limit", "0"]) == 0
    assert "for all" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "words", "chosen"),
    [
        ([], [], {}),
        (["--where", "width>=128"], ["width>=128"], {}),
        (["--where", "width>=128", "--where", "alpha=1/2"], ["width>=128", "alpha=0.5"], {}),
        (["--status", "confirmed"], ["status=CONFIRMED"], {}),
        (["--sort", "worst", "--descending", "--limit", "5"], [], {"order": "worst", "descending": True, "limit": 5}),
        (["--columns", "point, worst"], [], {"columns": ["point", "worst"]}),
    ],
)
def test_machines_get_the_same_rows_in_three_forms(store, tmp_path, capsys, options, words, chosen):
    expected = rows_of(store, *words, **chosen)
    assert run(["results", store, "--json", *options]) == 0
    document = json.loads(capsys.readouterr().out)
    assert run(["results", store, "--json-lines", *options]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert document["rows"] == lines
    assert document["matching"] == len(rows_of(store, *words))
    assert len(lines) == len(expected) > 0
    for found, row in zip(lines, expected, strict=True):
        texts = {key: json.loads(row[key]) for key in ("parameters", "details") if row.get(key) is not None}
        assert found == row | texts
    path = tmp_path / "out.csv"
    assert run(["results", store, "--export", str(path), *options]) == 0
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", f"{path}: {len(expected)} rows\n")
    with path.open(newline="") as file:
        assert [row["point"] for row in csv.DictReader(file)] == [str(row["point"]) for row in expected]


def test_json_is_strict_about_infinite_numbers(store, capsys):
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("UPDATE verdicts SET worst = ? WHERE point = 0", [math.inf])
        connection.commit()
    assert run(["results", store, "--json", "--limit", "1"]) == 0
    document = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert document["worst"]["worst"] == document["rows"][0]["worst"] == "inf"


def test_an_empty_store(tmp_path, capsys):
    store = str(synthetic_store(tmp_path / "results.db", 0))
    assert run(["results", store]) == 0
    assert "no point has a verdict yet" in capsys.readouterr().out
    assert run(["results", store, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == []
    assert run(["results", store, "--json-lines"]) == 0
    assert capsys.readouterr().out == ""


def test_nothing_matches(store, capsys):
    assert run(["results", store, "--where", "width<0"]) == 0
    assert "no row matches" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["results"],
        ["results", "no_such.db"],
        ["results", "STORE", "--where", "width"],
        ["results", "STORE", "--where", "wdth=1"],
        ["results", "STORE", "--where", "width=x"],
        ["results", "STORE", "--status", "done"],
        ["results", "STORE", "--sort", "wdth"],
        ["results", "STORE", "--sort", "point; DROP TABLE points"],
        ["results", "STORE", "--columns", "point,wdth"],
        ["results", "STORE", "--columns", ""],
        ["results", "STORE", "--limit", "-1"],
        ["results", "STORE", "--limit", "many"],
        ["results", "STORE", "--point", "400"],
        ["results", "STORE", "--point", str(2**70)],
        ["results", "STORE", "--export", "out.xlsx"],
        ["results", "STORE", "--export", "out.csv", "--json"],
        ["results", "STORE", "--json", "--json-lines"],
        ["results", "STORE", "--point", "1", "--json-lines"],
        ["results", "STORE", "--point", "1", "--export", "out.csv"],
        ["results", "STORE", "--point", "1", "--where", "width=1"],
    ],
)
def test_a_mistake_is_one_line_and_status_2(store, capsys, arguments):
    assert run([store if word == "STORE" else word for word in arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("boundcheck: ")
    assert said.err.count("\n") == 1


def test_a_store_of_another_version_is_told_and_kept(store, capsys):
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = Path(store).read_bytes()
    assert run(["results", store]) == 2
    assert "99" in capsys.readouterr().err
    assert Path(store).read_bytes() == before


def test_a_reader_who_leaves_is_no_error(store):
    code = "import sys; from boundcheck.cli import run; sys.exit(run(sys.argv[1:]))"
    arguments = [sys.executable, "-c", code, "results", store, "--json-lines"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""


TINY = {
    "network": Study(fcn="8,12,4", prune="magnitude", alpha=["0.5"], delta=["0.1"], name="tiny"),
    "sample": Study(theorem=["hoeffding_mean"], name="tail"),
}


@pytest.mark.parametrize("kind", TINY)
def test_a_point_is_shown_and_its_lines_run_it_again(tmp_path, capsys, kind):
    campaign = Campaign(studies=[TINY[kind]], trials=60, batch=25)
    store = synthetic_store(tmp_path / "results.db", 0)
    [point] = point_rows(campaign)
    trials = 25 if kind == "network" else 0
    job = {"kind": kind, "spec": json.loads(point["spec"]), "start": 0, "trials": trials, "level": 0.99, "files": {}}
    done = run_batch(job | {"folder": ".", "device": "cpu", "version": package_version()})
    verdict = {"status": "CONFIRMED", "vacuous": 0, "note": "as if", "worst": 0.5}
    if kind == "sample":
        verdict["details"] = json.dumps(done["result"])
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("DELETE FROM theorems")
        meta = {"text": campaign.text, "version": package_version(), "level": "0.99", "planned": "1"}
        connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", meta.items())
        batch = {"point": 0, "batch": 0, "start": 0, "finished": "now", **done, "result": json.dumps(done["result"])}
        for table, row in (("points", point), ("verdicts", {"point": 0, **verdict}), ("batches", batch)):
            marks = ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))
        connection.commit()
    assert run(["results", str(store), "--point", "0"]) == 0
    shown = capsys.readouterr().out
    assert f"Point 0  {TINY[kind].name}/" in shown
    assert "host" in shown or done["worker"] in "".join(shown.split())
    assert run(["results", str(store), "--point", "0", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["measured"][0]["result"] == done["result"]
    lines = record["reproduce"]["python"]
    assert lines.rstrip() in shown
    printed = io.StringIO()
    exec(lines, {"print": lambda value: printed.write(json.dumps(value))})
    assert json.loads(printed.getvalue()) == done["result"]
    if kind == "network":
        command = record["reproduce"]["command"].split()
        assert command[:2] == ["boundcheck", "bound"]
        assert run([*command[1:], "--json"]) == 0
        claimed = json.loads(capsys.readouterr().out)["epsilon"]
        assert claimed == pytest.approx(done["result"]["ladder"]["bound"], rel=1e-9)


MINE = """
from sympy import exp
from boundcheck import P, Theorem, iid, integer, mean, real, uniform

n = integer("n", min=1, max=100)
t = real("t", min=0, max=1)
X = iid(uniform(-1, 1), n)
points = [{"n": 10, "t": "1/5"}, {"n": 100, "t": "1/5"}]
too_good = Theorem(claim=P(mean(X) >= t) <= exp(-3 * n * t**2), points=points)
"""


def test_a_point_of_a_record_is_run_again(tmp_path, capsys):
    (tmp_path / "mine.py").write_text(MINE, encoding="utf-8")
    assert run(["check", str(tmp_path / "mine.py"), "--json"]) == 1
    record = tmp_path / "record.json"
    record.write_text(capsys.readouterr().out, encoding="utf-8")
    assert run(["results", str(record), "--status", "refuted", "--json"]) == 0
    [refuted] = json.loads(capsys.readouterr().out)["rows"]
    assert run(["results", str(record), "--point", str(refuted["point"]), "--json"]) == 0
    again = json.loads(capsys.readouterr().out)["reproduce"]
    found = []
    exec(again["python"], {"print": found.append})
    [verdict] = found
    [point] = verdict.points
    assert (str(point.status), point.limit_low) == ("REFUTED", refuted["limit_low"])
    assert run(again["command"].split()[1:]) == 1
