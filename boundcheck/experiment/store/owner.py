"""Names of processes for leases, and whether a process still lives."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def this_process() -> str:
    """The running process: host, process id, and when it began, since ids are given out again."""
    return f"{socket.gethostname()}:{os.getpid()}:{_began(os.getpid()) or 0}"


def here(owner: str) -> bool:
    """Whether the process runs, or ran, on this host."""
    return owner.rsplit(":", 2)[0] == socket.gethostname()


def alive(owner: str) -> bool:
    """Whether a process of this host runs; True where that cannot be told."""
    try:
        _, pid, began = owner.rsplit(":", 2)
        number = int(pid)
    except ValueError:
        return True
    if Path("/proc/self/stat").exists():
        return _began(number) == int(began)
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True


def _began(pid: int) -> int | None:
    """When a process began, in ticks since the machine did; None if it has ended, or where /proc is missing."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The name of the program, in parentheses, may hold anything.
    state, *rest = text[text.rindex(")") + 1 :].split()
    return None if state in "ZX" else int(rest[18])
