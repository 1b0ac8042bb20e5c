"""Functions that workers run in tests and benchmarks: of a module, so that another process finds them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from threading import Lock
from typing import Any

from boundcheck.errors import InvalidArgument
from boundcheck.experiment.measure import measure_network
from boundcheck.experiment.plan import network_plan
from boundcheck.kernels.launch import thread_count
from boundcheck.statement.laws import uniform
from boundcheck.statement.network import fcn
from boundcheck.statement.pruning import magnitude, prune

Job = Mapping[str, Any]

_NETWORK = prune(fcn([6, 12, 4], weights=uniform(-1, 1)), magnitude(alpha="1/2"))


def nothing(job: Job) -> dict[str, Any]:
    return {}


def square(job: Job) -> dict[str, Any]:
    return {"square": job["n"] ** 2}


def gaps(job: Job) -> dict[str, Any]:
    """Of a few networks, bit for bit."""
    return {"gaps": measure_network(network_plan(_NETWORK, 1.0, key=job["n"]), 5).gap.tobytes()}


def place(job: Job) -> dict[str, Any]:
    """The process, and the threads that kernels get there."""
    time.sleep(job.get("seconds", 0))
    return {"pid": os.getpid(), "threads": thread_count(), **gaps(job)}


def awkward(job: Job) -> dict[str, Any]:
    """What goes wrong is named in the job."""
    match job.get("fault"):
        case "user":
            raise InvalidArgument("n", job["n"], "is not wanted", "pass another")
        case "defect":
            raise ZeroDivisionError("planted")
        case "result":
            return {"function": lambda: None}
        case "death":
            os.kill(os.getpid(), signal.SIGKILL)
    return square(job)


_together = Lock()


def alone(job: Job) -> dict[str, Any]:
    """Whether no other job is run in this process at the same time."""
    first = _together.acquire(blocking=False)
    time.sleep(0.02)
    if first:
        _together.release()
    return {"alone": first}


def asleep(job: Job) -> dict[str, Any]:
    time.sleep(job["seconds"])
    return {}


def endless(job: Job) -> dict[str, Any]:
    time.sleep(1000 if job["n"] else 0)
    return {}
