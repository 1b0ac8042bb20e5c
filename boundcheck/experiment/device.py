"""Which device runs the kernels."""

from __future__ import annotations

import importlib
from typing import Any

from boundcheck.errors import InvalidArgument


def device_module(device: str, part: str = "") -> str:
    """The module that holds a device's kernels, or a part of them: "sample", "matrix".

    Raises
    ------
    InvalidArgument
        When there is no such device here.
    """
    if device == "cpu":
        return f"boundcheck.kernels.{part}_cpu" if part else "boundcheck.kernels.cpu"
    problem = "is not available: this version computes on the CPU only" if device == "cuda" else "is not a device"
    raise InvalidArgument("device", device, problem, "pass cpu")


def load_kernels(device: str, part: str = "") -> Any:
    """Import a device's kernels: Numba is loaded here and not before, so that all else starts fast.

    Raises
    ------
    InvalidArgument
        When there is no such device here.
    """
    return importlib.import_module(device_module(device, part))


def use_threads(count: int) -> None:
    """Let so many threads of this process share out trials; what is measured does not depend on it."""
    launch = importlib.import_module("boundcheck.kernels.launch")
    launch.set_thread_count(count)
