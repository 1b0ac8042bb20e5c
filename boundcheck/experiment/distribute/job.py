"""A job on its way to a worker, what the worker does with it, and its way back. Loads neither Dask nor Numba."""

from __future__ import annotations

import pickle
from functools import cache
from threading import Lock
from typing import Any, NamedTuple

from boundcheck.errors import BoundcheckError, InternalError
from boundcheck.experiment.device import use_threads
from boundcheck.experiment.distribute.place import Function, Job, Result, outcome

PROBE = """{
    "Python": "%d.%d" % __import__("sys").version_info[:2],
    **{
        name: next((found.version for found in __import__("importlib.metadata").metadata.distributions(name=name)), 0)
        for name in ("boundcheck", "numpy", "numba")
    },
}"""
"""Tells what results depend on: as text, which every Python can read, whatever is installed there."""

CALL = "__import__('boundcheck.experiment.distribute.job', fromlist=['run']).run(job)"
"""What a worker evaluates: as text, for the scheduler reads tasks too, and need not have boundcheck."""

Versions = dict[str, str | int]
"""Version by name; 0 where it is not installed."""


class Refused(NamedTuple):
    """A worker would not run a job, for it has other versions."""

    versions: Versions


@cache
def versions() -> Versions:
    """What results depend on, as it is here."""
    found: Versions = eval(PROBE)
    return found


def difference(theirs: Versions, ours: Versions) -> str | None:
    """The first of their versions that is not ours, in words."""
    for name, version in ours.items():
        if theirs.get(name) != version:
            has = f"{name} {theirs[name]}" if theirs.get(name) else f"no {name}"
            return f"has {has} where this process has {version or 'none'}"
    return None


def packed(function: Function, job: Job, ours: Versions, threads: int | None) -> bytes:
    """A job for a worker, to be run in so many threads; None stands for as many as the worker was given."""
    # The job is in a pickle of its own, which a worker with other versions does not open.
    return pickle.dumps((ours, threads, pickle.dumps((function, job))))


def unpacked(answer: bytes) -> Result | BoundcheckError | Refused:
    """What a worker made of a job."""
    result: Result | BoundcheckError | Refused = pickle.loads(answer)
    return result


def run(job: bytes) -> bytes:
    """Run a packed job in a worker."""
    ours, threads, call = pickle.loads(job)
    here = versions()
    if here != ours:
        return pickle.dumps(Refused(here))
    with _alone:
        _set_threads(threads)
        found = outcome(*pickle.loads(call))
    try:
        return pickle.dumps(found)
    except Exception as error:
        return pickle.dumps(InternalError.of(error))


_alone = Lock()
"""One job at a time in a process: the precision of mpmath and python-flint is that of the whole process."""


def _set_threads(count: int | None) -> None:
    if count is None:
        from distributed import get_worker

        worker: Any = get_worker()
        count = worker.state.nthreads
    use_threads(count)
