"""A head start: a process that runs the first trials of networks while its parent loads and plans what else there is.

It is forked before its parent loads anything, and knows plans in numbers alone. Its measurements stand for the first
trials of equal plans, so that results are the same with and without it, wherever it is stopped and if it dies.
"""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterator, Mapping
from multiprocessing.connection import Connection
from queue import SimpleQueue
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from boundcheck.experiment.processes import forks, interrupts_held

if TYPE_CHECKING:
    from boundcheck.experiment.arrays import NetworkPlan
    from boundcheck.experiment.measure import NetworkMeasurement

# The parent is not to wait for NumPy, nor this process for SymPy.

Known = Mapping[tuple[Any, ...], "NetworkMeasurement"]
"""First trials that have been run already, by the fingerprint of their plan."""


class HeadStart:
    """Trials that another process runs; none where there is no other process."""

    def __init__(self, connection: Connection | None = None) -> None:
        self._connection = connection

    @property
    def active(self) -> bool:
        """Whether there was another process."""
        return self._connection is not None

    def begin(self, label: str, plan: NetworkPlan, trials: int) -> None:
        """Let it run the first trials of a plan, after those of plans that came before."""
        if self._connection is not None:
            with contextlib.suppress(OSError):  # it is gone, which costs time and nothing else
                self._connection.send((label, plan, trials))

    def stop(self) -> Mapping[str, Known]:
        """End it after the trials that it is at, and tell what it has measured, by the labels."""
        known: Mapping[str, Known] = {}
        if self._connection is not None:
            with contextlib.suppress(OSError):
                self._connection.send(None)
            with contextlib.suppress(OSError, EOFError):
                known = self._connection.recv()
        return known


NO_HEAD_START = HeadStart()


@contextlib.contextmanager
def head_start(device: str, cores: int) -> Iterator[HeadStart]:
    """Start the process; none with a single core, without fork, or for a GPU, whose driver does not survive one.

    Parameters
    ----------
    device
        Where trials run.
    cores
        Processors that there are for all processes.
    """
    context = forks()
    if context is None or cores < 2 or device != "cpu":
        yield NO_HEAD_START
        return
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(ours, theirs, device), daemon=True)
    with interrupts_held():
        process.start()
    theirs.close()
    try:
        yield HeadStart(ours)
    finally:
        process.kill()
        process.join()
        ours.close()


def _run(other_end: Connection, connection: Connection, device: str) -> None:
    """Run what comes until the parent says stop, or is gone."""
    other_end.close()  # lest this process keep open what it waits on
    jobs: SimpleQueue[Any] = SimpleQueue()
    stopped = Event()
    Thread(target=_receive, args=(connection, jobs, stopped), daemon=True).start()
    warnings.simplefilter("ignore")  # the parent says what there is to say
    known: dict[str, dict[tuple[Any, ...], NetworkMeasurement]] = {}
    with contextlib.suppress(Exception):  # an error shows again where these trials are missed
        from boundcheck.experiment.device import load_kernels
        from boundcheck.experiment.measure import joined, network_parts

        load_kernels(device, "network")
        load_kernels(device).sphere_inputs(0, 1, 1, 1.0)  # a first call takes long, whichever the kernel
        for label, plan, trials in iter(jobs.get, None):
            if stopped.is_set():
                break
            parts = []
            for part in network_parts(plan, trials, device=device):
                parts.append(part)
                if stopped.is_set():
                    break
            known.setdefault(label, {})[plan.fingerprint] = joined(parts)
    with contextlib.suppress(OSError):
        connection.send(known)


def _receive(connection: Connection, jobs: SimpleQueue[Any], stopped: Event) -> None:
    """Take jobs at once, so that the parent never waits to hand one over."""
    try:
        while (job := connection.recv()) is not None:
            jobs.put(job)
    except Exception:  # the parent is gone, or sends what cannot be read
        os._exit(1)
    stopped.set()
    jobs.put(None)
