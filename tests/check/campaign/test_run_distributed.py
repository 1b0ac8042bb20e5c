"""The same campaign on processes of Dask's: results are those of one process, whoever ran them and whoever died."""

from __future__ import annotations

import os
import signal
import sqlite3

import pytest
from dask_processes import scheduler, workers
from small_campaign import POINTS, TOML, contents

from boundcheck.check.campaign.run import run_campaign
from boundcheck.cli import run as boundcheck
from boundcheck.errors import BoundcheckError
from boundcheck.statement.campaign import load_campaign


@pytest.fixture(scope="module", name="campaign")
def small(tmp_path_factory):
    path = tmp_path_factory.mktemp("campaign") / "small.toml"
    path.write_text(TOML)
    return load_campaign(path)


@pytest.fixture(scope="module", name="whole")
def of_one_process(campaign, tmp_path_factory):
    store = tmp_path_factory.mktemp("whole") / "whole.db"
    run_campaign(campaign, store)
    return contents(store)


def by(store):
    """The processes that ran batches, and how many each."""
    with sqlite3.connect(store) as connection:
        return dict(connection.execute("SELECT worker, count(*) FROM batches GROUP BY worker"))


@pytest.mark.slow
def test_two_processes_of_this_machine(campaign, whole, tmp_path):
    outcome = run_campaign(campaign, tmp_path / "a.db", workers=2)
    assert (outcome.concluded, outcome.exit_status) == (POINTS, 0)
    assert contents(tmp_path / "a.db") == whole
    assert len(by(tmp_path / "a.db")) == 2


@pytest.mark.slow
def test_a_cluster_of_which_a_worker_dies(campaign, whole, tmp_path):
    store, dead = tmp_path / "a.db", []

    def kill_the_first(event):
        if event["event"] == "verdict" and not dead:
            [worker, *_] = by(store)
            dead.append(worker)
            os.kill(int(worker.rpartition(":")[2]), signal.SIGKILL)

    with scheduler(tmp_path) as (address, _), workers(address, tmp_path, 2):
        outcome = run_campaign(campaign, store, dask=address, listen=kill_the_first)
    assert (outcome.concluded, outcome.exit_status) == (POINTS, 0)
    assert contents(store) == whole
    assert set(by(store)) - set(dead)


@pytest.mark.slow
def test_a_scheduler_that_dies_loses_nothing_that_was_kept(campaign, whole, tmp_path, capsys):
    path, store, told = tmp_path / "small.toml", tmp_path / "a.db", []
    path.write_text(TOML)
    with scheduler(tmp_path) as (address, process), workers(address, tmp_path):

        def kill(event):
            told.append(event["event"])
            if event["event"] == "verdict":
                process.kill()

        with pytest.raises(BoundcheckError, match=address):
            run_campaign(campaign, store, dask=address, listen=kill)
        assert boundcheck(["run", str(path), "--store", str(store), "--dask", address]) == 2
    error = capsys.readouterr().err
    assert error.startswith("boundcheck: ")
    assert "cannot be reached" in error
    assert "verdict" in told
    assert boundcheck(["run", str(path), "--store", str(store)]) == 0
    assert contents(store) == whole
