"""Which device runs the kernels."""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import os
import sys
from typing import Any

from boundcheck.errors import InvalidArgument

_ON_CUDA = {"", "matrix", "network"}
"""Parts that a GPU runs. "sample" is the CPU's on every device: the ends of its intervals rest on its roundings."""


def _no_cuda() -> tuple[str, str] | None:
    """What keeps a GPU from being used, and the remedy. Looks at the driver alone, which takes no time."""
    if importlib.util.find_spec("numba_cuda") is None:
        return "needs numba-cuda, which is not installed", 'run pip install "boundcheck[cuda]", or pass cpu'
    if os.environ.get("NUMBA_ENABLE_CUDASIM") == "1":
        return None
    problem = "finds no NVIDIA GPU with a working driver on this machine"
    try:
        driver: Any = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return problem, "install the driver, or pass cpu"
    count = ctypes.c_int()
    if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)) != 0 or count.value == 0:
        return problem, "see what nvidia-smi says, or pass cpu"
    return None


def device_module(device: str, part: str = "") -> str:
    """The module that holds a device's kernels, or a part of them: "network", "matrix", "sample".

    Raises
    ------
    InvalidArgument
        When there is no such device here.
    """
    if device not in ("cpu", "cuda"):
        raise InvalidArgument("device", device, "is not a device", "pass cpu or cuda")
    if device == "cuda":
        missing = _no_cuda()
        if missing is not None:
            raise InvalidArgument("device", device, *missing)
    home = device if part in _ON_CUDA else "cpu"
    return f"boundcheck.kernels.{part}_{home}" if part else f"boundcheck.kernels.{home}"


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
