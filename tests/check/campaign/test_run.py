"""Campaigns run into stores, stopped, resumed, shared and distributed: what is kept is the same."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console
from small_campaign import BATCHES, POINTS, TOML, contents

from boundcheck.check.campaign import points
from boundcheck.check.campaign import run as loop
from boundcheck.check.campaign.run import run_campaign
from boundcheck.cli import run as boundcheck
from boundcheck.errors import BoundcheckError, InternalError
from boundcheck.experiment.store.store import Store
from boundcheck.report.campaign import render_outcome
from boundcheck.statement.campaign import Campaign, Study, load_campaign


@pytest.fixture(name="file")
def toml_file(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(TOML)
    return path


@pytest.fixture(scope="module", name="whole")
def uninterrupted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    (folder / "small.toml").write_text(TOML)
    outcome = run_campaign(load_campaign(folder / "small.toml"), folder / "whole.db")
    assert (outcome.points, outcome.concluded, outcome.exit_status) == (POINTS, POINTS, 0)
    return contents(folder / "whole.db")


ENTRY = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # where the tests run in the background, it is ignored
from boundcheck.__main__ import main
main()
"""


def started(file, store, *more):
    command = [sys.executable, "-c", ENTRY, "run", str(file), "--store", str(store), *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def events_of(process):
    out, err = process.communicate(timeout=120)
    return [json.loads(line) for line in out.splitlines()], err


def test_what_a_store_holds(whole):
    assert whole["integrity"] == "ok"
    assert len(whole["points"]) == len(whole["verdicts"]) == POINTS
    assert len(whole["batches"]) == BATCHES
    assert all(row[-2:] == (None, None) for row in whole["batches"])  # verdicts have what is needed of them
    assert {row[1] for row in whole["verdicts"]} == {"CONFIRMED"}


def test_it_is_the_same_again_and_nothing_is_run_twice(file, tmp_path, whole):
    events = []
    run_campaign(load_campaign(file), tmp_path / "a.db")
    assert contents(tmp_path / "a.db") == whole
    outcome = run_campaign(load_campaign(file), tmp_path / "a.db", listen=events.append)
    assert [event["event"] for event in events] == ["start", "progress", "end"]
    assert (outcome.concluded, outcome.exit_status) == (POINTS, 0)
    assert contents(tmp_path / "a.db") == whole


def test_killed_at_random_moments_it_ends_with_the_same_results(file, tmp_path, whole):
    draw, store = random.Random(8), tmp_path / "killed.db"
    kills = done = 0
    for _ in range(8):
        process = started(file, store, "--json-lines")
        # From before the store is made until after the last batch, in a run of some 3 seconds.
        time.sleep(draw.uniform(0.5, 4))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        kills += process.returncode == -signal.SIGKILL
        before, done = done, len(contents(store)["batches"]) if planned(store) else 0
        assert done >= before  # what is kept stays
        if done == BATCHES and process.returncode != -signal.SIGKILL:
            break
    assert kills >= 3
    assert run_campaign(load_campaign(file), store).exit_status == 0
    assert contents(store) == whole


def planned(store):
    if not store.exists():
        return False
    with sqlite3.connect(store) as connection:
        return connection.execute("SELECT count(*) FROM meta WHERE key = 'planned'").fetchone()[0] == 1


def test_two_processes_share_the_work(file, tmp_path, whole):
    store = tmp_path / "shared.db"
    processes = [started(file, store, "--json-lines") for _ in range(2)]
    found = [events_of(process) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], found
    assert contents(store) == whole
    told = [event for events, _ in found for event in events if event["event"] == "verdict"]
    assert sorted(event["point"] for event in told) == list(range(POINTS))  # each was concluded by one of them
    assert all(0 < event["worst"] < 1 for event in told)
    for events, errors in found:
        assert errors == ""
        assert "start" in {event["event"] for event in events}
        assert events[-1]["event"] == "end"
        assert events[-1]["counts"] == {"CONFIRMED": POINTS}


def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(file, tmp_path, whole):
    for number in (signal.SIGINT, signal.SIGTERM):
        store = tmp_path / f"{number.name}.db"
        process = started(file, store, "--json-lines")
        lines = []
        for line in process.stdout:
            lines.append(json.loads(line))
            if lines[-1]["event"] == "verdict":
                process.send_signal(number)
                break
        out, err = process.communicate(timeout=60)
        lines += [json.loads(line) for line in out.splitlines()]
        assert process.returncode == 130
        assert lines[-1] == {"event": "stopped"}
        again = f"boundcheck run {file} --store {store}"
        assert err == f"boundcheck: stopped; what is done is kept. Go on with: {again}\n"
        verdicts = len(contents(store)["verdicts"])
        assert 0 < verdicts < POINTS
        with sqlite3.connect(store) as connection:
            assert connection.execute("SELECT count(*) FROM leases").fetchone() == (0,)
        run_campaign(load_campaign(file), store)
        assert contents(store) == whole


def test_another_campaign_is_refused_and_nothing_is_overwritten(file, tmp_path, capsys):
    store = tmp_path / "a.db"
    assert boundcheck(["run", str(file), "--store", str(store)]) == 0
    before = contents(store)
    for old, new, said in (
        ("trials = 120", "trials = 130", "its trials is 120, not 130"),
        ("[6, 8, 10]", "[6, 8]", "with other studies"),
    ):
        file.write_text(TOML.replace(old, new))
        assert boundcheck(["run", str(file), "--store", str(store)]) == 2
        assert said in capsys.readouterr().err
    assert contents(store) == before


def test_what_is_wrong_with_a_campaign_shows_before_there_is_a_store(file, tmp_path, capsys):
    file.write_text(TOML.replace('"hoeffding"', '"hoefding"'))
    assert boundcheck(["run", str(file), "--store", str(tmp_path / "a.db")]) == 2
    assert "hoefding" in capsys.readouterr().err
    assert not (tmp_path / "a.db").exists()


def test_a_mistake_in_any_value_shows_before_there_is_a_store(file, tmp_path, capsys, monkeypatch):
    for few in (20_000, 0):
        monkeypatch.setattr(points, "FEW_POINTS", few)
        for old, new, said in (
            ("[0.2, 0.1]", "[0.2, 1.5]", "delta='1.5'"),
            ("t = [0.1, 0.4]", "t = [0.1, 4]", "t='4'"),
        ):
            file.write_text(TOML.replace(old, new))
            assert boundcheck(["run", str(file), "--store", str(tmp_path / "a.db")]) == 2
            assert said in capsys.readouterr().err
            assert not (tmp_path / "a.db").exists()


def test_refuted_points_and_errors_show_in_the_exit_status(tmp_path):
    common = {"fcn": "8,6,4", "prune": "magnitude:alpha=0.5", "delta": "0.1"}
    for study, status, exit_status in (
        ({**common, "factor": "1/60"}, "REFUTED", 1),
        ({**common, "factor": "1/60", "seed": [0, 1]}, "REFUTED", 1),
        ({**common, "fcn": "20000,20000,4"}, "ERROR", 2),
    ):
        campaign = Campaign(studies=[Study(**study)], trials=200)
        outcome = run_campaign(campaign, tmp_path / f"{len(os.listdir(tmp_path))}.db")
        assert set(outcome.counts) == {status}
        assert outcome.exit_status == exit_status


def test_a_theorem_that_must_be_refuted_is_as_expected_when_it_is(tmp_path):
    text = (
        "from sympy import exp\nfrom boundcheck import *\nt = real('t', min=0, max=1)\nX = iid(bernoulli(0.5), 20)\n"
        "wrong = Theorem(claim=P(mean(X) - 0.5 >= t) <= exp(-{} * t**2))\n"
    )
    (tmp_path / "refuted").mkdir()
    for factor, exit_status in ((100, 0), (40, 1)):
        (tmp_path / "refuted" / "mine.py").write_text(text.format(factor))
        studies = [Study(theorem="refuted/mine.py::wrong", parameters={"t": ["0.1", "0.5", "1"]})]
        campaign = Campaign(studies=studies, folder=str(tmp_path))
        assert run_campaign(campaign, tmp_path / f"{factor}.db").exit_status == exit_status


def test_a_defect_in_a_batch_is_told_and_the_rest_is_run(file, tmp_path, monkeypatch):
    real = loop.run_batch

    def broken(job):
        if job["spec"].get("fcn") == "8,8,4" and job["start"] == 30:
            raise InternalError("a planted defect")
        return real(job)

    monkeypatch.setattr(loop, "run_batch", broken)
    outcome = run_campaign(load_campaign(file), tmp_path / "a.db")
    assert (outcome.concluded, outcome.exit_status, len(outcome.problems)) == (POINTS - 4, 2, 4)
    assert "a planted defect" in outcome.problems[0]
    monkeypatch.setattr(loop, "run_batch", real)
    assert run_campaign(load_campaign(file), tmp_path / "a.db").exit_status == 0


def test_a_point_that_another_process_concludes_meanwhile_is_passed_over(file, tmp_path, whole, monkeypatch):
    path, real = tmp_path / "a.db", Store.record
    done = []

    def record(self, point, batch, row):
        """As if another process, which recorded the point's other batches, looked right after this one was kept."""
        kept = real(self, point, batch, row)
        with Store.open(path) as other:
            batches = other.batches(point)
            if batches is not None:
                done.append(point)
                parsed = [{**one, "result": json.loads(one["result"])} for one in batches]
                other.conclude(point, loop.conclude(parsed, load_campaign(file).point_level))
        return kept

    monkeypatch.setattr(Store, "record", record)
    assert run_campaign(load_campaign(file), path).exit_status == 0
    assert done == list(range(POINTS))
    assert contents(path) == whole


def test_a_mistake_behind_the_first_point_leaves_no_store(file, tmp_path, capsys):
    file.write_text(TOML.replace("[6, 8, 10]", "[6, 8, -10]"))
    assert boundcheck(["run", str(file), "--store", str(tmp_path / "a.db")]) == 2
    assert "'8,-10,4' is not a list of layer widths" in capsys.readouterr().err
    assert not (tmp_path / "a.db").exists()


def test_a_campaign_without_points_is_refused_each_time(tmp_path, capsys):
    (tmp_path / "mine.py").write_text(
        "from sympy import exp\nfrom boundcheck import *\nt = real('t', min=0, max=1)\nX = iid(bernoulli(0.5), 20)\n"
        "few = Theorem(claim=P(mean(X) - 0.5 >= t) <= exp(-40 * t**2), hypotheses=[t <= 0.4])\n"
    )
    study = Study(theorem="mine.py::few", parameters={"t": ["0.5", "0.9"]})
    campaign = Campaign(studies=[study], folder=str(tmp_path))
    for _ in range(2):
        with pytest.raises(BoundcheckError, match="describe no point"):
            run_campaign(campaign, tmp_path / "a.db")
    assert not (tmp_path / "a.db").exists()


def test_combinations_outside_hypotheses_are_told(tmp_path):
    (tmp_path / "mine.py").write_text(
        "from sympy import exp\nfrom boundcheck import *\nt = real('t', min=0, max=1)\nX = iid(bernoulli(0.5), 20)\n"
        "few = Theorem(claim=P(mean(X) - 0.5 >= t) <= exp(-40 * t**2), hypotheses=[t <= 0.4])\n"
    )
    study, events = Study(theorem="mine.py::few", parameters={"t": ["0.1", "0.5", "0.9"]}), []
    outcome = run_campaign(Campaign(studies=[study], folder=str(tmp_path)), tmp_path / "b.db", listen=events.append)
    assert outcome.points == 1
    [notice] = [event["message"] for event in events if event["event"] == "notice"]
    assert notice == "hypotheses do not hold at 2 of 3 combinations of parameters, which are no points"


def test_what_is_expected_does_not_depend_on_where_the_process_runs(tmp_path, monkeypatch):
    text = (
        "from sympy import exp\nfrom boundcheck import *\nt = real('t', min=0, max=1)\nX = iid(bernoulli(0.5), 20)\n"
        "tail = Theorem(claim=P(mean(X) - 0.5 >= t) <= exp(-40 * t**2))\n"
    )
    found = []
    for where in ("elsewhere", "refuted"):
        (tmp_path / where).mkdir()
    (tmp_path / "mine.py").write_text(text)
    campaign = Campaign(studies=[Study(theorem="mine.py::tail", parameters={"t": "0.1"})], folder=str(tmp_path))
    for where in ("elsewhere", "refuted"):
        monkeypatch.chdir(tmp_path / where)
        run_campaign(campaign, "a.db")
        found.append(contents("a.db"))
    assert found[0] == found[1]
    [verdict] = found[0]["verdicts"]
    assert json.loads(verdict[-1])["refutation_expected"] is False


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("d = [6, 8, 10]", "d = 1000000000000000000000000000000", "too wide"),
        ("alpha = 0.5", "alpha = 0.5\nseed = 9223372036854775808", "is not a seed"),
        ("trials = 120", "trials = 1000000000000000000000", "is too large"),
        ("trials = 120", f"trials = {'9' * 5000}", "is not TOML"),
        ('"hoeffding"', r'"a\u0000b.py::x"', "is no name of a file"),
        ("trials = 120", "level = 0.9999999999999999", "nothing is left for each of 16 points"),
    ],
)
def test_numbers_and_names_beyond_all_measure_are_mistakes(file, tmp_path, capsys, old, new, said):
    file.write_text(TOML.replace(old, new))
    assert boundcheck(["run", str(file), "--store", str(tmp_path / "a.db")]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
    assert not (tmp_path / "a.db").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--workers", "0"], "--workers=0 is not a number of processes"),
        (["--workers", "2", "--dask", "tcp://127.0.0.1:1"], "leave one of them out"),
    ],
)
def test_options_that_make_no_sense(file, tmp_path, capsys, options, said):
    assert boundcheck(["run", str(file), "--store", str(tmp_path / "a.db"), *options]) == 2
    assert said in capsys.readouterr().err


def test_what_a_person_sees(file, tmp_path, capsys):
    assert boundcheck(["run", str(file), "--store", str(tmp_path / "a.db")]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{POINTS} of {POINTS} points: {POINTS} confirmed")
    assert "boundcheck report" in out


def test_a_gap_beyond_its_bound_is_not_called_false(capsys):
    outcome = {"points": 1, "concluded": 1, "counts": {"CONFIRMED": 1}, "unexpected": 0, "worst": 1.5}
    render_outcome(outcome, "a.db", Console())
    assert "above 1 is false only where it is refuted" in " ".join(capsys.readouterr().out.split())


def test_a_planted_change_of_a_stored_number_is_seen(file, tmp_path, whole):
    """The comparison on which the tests above rest."""
    run_campaign(load_campaign(file), tmp_path / "a.db")
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("UPDATE verdicts SET gap_q50 = gap_q50 * (1 + 3e-16) WHERE point = 3")
    assert contents(tmp_path / "a.db") != whole


def test_stores_in_folders_that_are_not_there(file, tmp_path):
    with pytest.raises(BoundcheckError, match="gone"):
        run_campaign(load_campaign(file), Path(tmp_path / "gone" / "a.db"))
