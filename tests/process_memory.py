"""The peak of another process's memory."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence

_BETWEEN = """
import json, resource, subprocess, sys, time
began = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps([done.returncode, time.perf_counter() - began, peak / (2**20 if sys.platform == "darwin" else 2**10)]))
"""


def seconds_and_megabytes(arguments: Sequence[str]) -> tuple[float, float]:
    """How long a command of Python's takes, and how much memory it has at most.

    A small process stands between: the peak of a process begins with that of the one that it was forked from.
    """
    done = subprocess.run(
        [sys.executable, "-c", _BETWEEN, sys.executable, *arguments], capture_output=True, text=True, check=True
    )
    status, seconds, peak = json.loads(done.stdout)
    if status:
        raise RuntimeError(f"{' '.join(arguments)}: status {status}\n{done.stderr}")
    return seconds, peak
