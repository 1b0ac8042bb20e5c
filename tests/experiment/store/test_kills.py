"""Processes that are killed: what they had kept remains, and the end is that of a run which nothing stopped."""

from __future__ import annotations

import random
import subprocess
import sys
import time

import fake_campaign
import killed_campaign
import pytest
from fake_campaign import dump

BATCHES_OF_100 = 250


PAUSE = 0.004
"""Seconds that a batch takes at least, so that a campaign of 100 points takes one, on any machine."""


def start(path, log, pause=PAUSE):
    """A process at a campaign of 100 points, when it has loaded what it needs."""
    command = [sys.executable, fake_campaign.__file__, str(path), str(log), "100", str(pause)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    return process


def finish(process):
    with process:
        assert process.wait(60) == 0


def kill(process):
    with process:
        process.kill()


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    """What comes out of 100 points when nothing happens."""
    folder = tmp_path_factory.mktemp("uninterrupted")
    finish(start(folder / "results.db", folder / "log", 0))
    assert killed_campaign.lines(folder / "log") == BATCHES_OF_100
    return dump(folder / "results.db")


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.long
def test_killed_again_and_again_at_any_moment(tmp_path, uninterrupted, seed):
    path, log, draw = tmp_path / "results.db", tmp_path / "log", random.Random(seed)
    kills, process = 0, start(path, log)
    # A slow machine gets to the end as well, when it is left alone for once.
    while kills < 20:
        time.sleep(draw.uniform(0, 0.3))
        if process.poll() is not None:
            break
        kill(process)
        kills += 1
        process = start(path, log)
    finish(process)
    assert dump(path) == uninterrupted
    assert killed_campaign.lines(log) <= BATCHES_OF_100 + kills
    # The batches take a second: without kills the test would say nothing.
    assert kills >= 3


@pytest.mark.parametrize("seed", range(3))
def test_several_processes_share_the_work_while_some_are_killed(tmp_path, uninterrupted, seed):
    path, log, draw = tmp_path / "results.db", tmp_path / "log", random.Random(100 + seed)
    processes = [start(path, log) for _ in range(2 + seed % 2)]
    kills = 0
    while kills < 5:
        time.sleep(draw.uniform(0, 0.2))
        victim = draw.randrange(len(processes))
        if processes[victim].poll() is not None:
            break
        kill(processes[victim])
        kills += 1
        processes[victim] = start(path, log)
    for process in processes:
        finish(process)
    assert dump(path) == uninterrupted
    assert killed_campaign.lines(log) <= BATCHES_OF_100 + kills
    assert kills


def test_three_processes_do_each_batch_once(tmp_path, uninterrupted):
    path, log = tmp_path / "results.db", tmp_path / "log"
    for process in [start(path, log) for _ in range(3)]:
        finish(process)
    assert dump(path) == uninterrupted
    jobs = [tuple(line.split()[1:]) for line in log.read_text().splitlines()]
    assert len(jobs) == len(set(jobs)) == BATCHES_OF_100
