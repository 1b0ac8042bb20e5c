"""Ctrl-C ends the command with exit status 130 and one line, whenever it comes, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress

import pytest

STOPPED = (130, "", "\nboundcheck: stopped\n")

ENTRY = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # where the tests run in the background, it is ignored
from boundcheck.__main__ import main
print("entered", flush=True)
main()
"""
"""Run as `python -m`, the command line, which tells when Python has come so far that it may handle an interrupt."""

NETWORKS = """
from boundcheck import P, Theorem, fcn, gap, gap_bound, magnitude, prune, real, scaled, uniform

delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)
target = fcn([64, 256, 256, 10], weights=scaled(uniform(-1, 1)))
pruned = prune(target, magnitude(alpha=0.5))
claim = P(gap(target, pruned) > gap_bound(target, pruned, delta=delta)) <= delta
first = Theorem(claim=claim, points=[{"delta": "1/20"}])
second = Theorem(claim=claim, points=[{"delta": "1/4"}])
"""


@contextmanager
def running(folder, *arguments):
    """The command in a session of its own, whose standard output has said that it was entered."""
    (folder / "entry.py").write_text(ENTRY)
    command = [sys.executable, "-m", "entry", *arguments]
    paths = os.pathsep.join([str(folder), *filter(None, sys.path)])
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": paths},
    ) as process:
        try:
            assert process.stdout.readline() == "entered\n"
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def ended(process):
    """Exit status, standard output and standard error; no process of the session is left."""
    output, errors = process.communicate(timeout=60)
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
    return process.returncode, output, errors


@pytest.mark.parametrize("seconds", [0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0, 1.3, 1.6, 1.9, 2.2, 2.6])
def test_an_interrupt_at_any_moment(tmp_path, seconds):
    """As a terminal sends it, to all processes of the group."""
    path = tmp_path / "networks.py"
    path.write_text(NETWORKS)
    with running(tmp_path, "check", str(path), "--trials", "100000") as process:
        time.sleep(seconds)
        os.killpg(process.pid, signal.SIGINT)
        assert ended(process) == STOPPED


@pytest.mark.parametrize(
    "line",
    [
        # Python ends a process by SIGINT if an interrupt has once left code in a string, although it was handled.
        'exec("raise KeyboardInterrupt")',
        # What is raised in a callback is dropped.
        "type('Dropped', (), {'__del__': lambda self: signal.raise_signal(signal.SIGINT)})()\nwhile True: pass",
        # Processes that work for this one.
        "os.kill(os.getpid(), signal.SIGINT)\nwhile True: pass",
    ],
    ids=["code in a string", "a callback", "this process alone"],
)
def test_an_interrupt_at_an_awkward_moment(tmp_path, line):
    path = tmp_path / "interrupted.py"
    path.write_text(f"import os, signal\n{line}\n")
    with running(tmp_path, "check", str(path)) as process:
        assert ended(process) == STOPPED


def test_an_interrupt_of_one_process_ends_those_that_work_for_it(tmp_path):
    """Though they would not end by themselves."""
    path = tmp_path / "endless.py"
    path.write_text(f"""
import sys, time
from pathlib import Path
from boundcheck import Theorem, real

x = real("x", min=0, max=1)
one, two = Theorem(claim=x**2 <= x), Theorem(claim=x**3 <= x)


def endless(theorem, *_):
    Path({str(tmp_path)!r}, theorem.name).touch()
    time.sleep(1000)


sys.modules["boundcheck.check.run"]._without_trials = endless
""")
    with running(tmp_path, "check", str(path)) as process:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        while not all((tmp_path / name).exists() for name in ("one", "two")[:cores]):
            assert process.poll() is None
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGINT)
        assert ended(process) == STOPPED


def test_an_interrupt_when_all_is_done_changes_nothing(tmp_path):
    """While Python takes down what it has loaded."""
    path = tmp_path / "done.py"
    path.write_text("from boundcheck import *\nx = real('x', min=0, max=1)\nsquare = Theorem(claim=x**2 <= x)\n")
    path.write_text(
        path.read_text() + "import atexit, os, signal\natexit.register(os.kill, os.getpid(), signal.SIGINT)"
    )
    with running(tmp_path, "check", str(path)) as process:
        status, output, errors = ended(process)
    assert (status, errors) == (0, "")
    assert "PROVED" in output
