"""Processes that this one forks; none of them is for the user to interrupt."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.context import ForkContext


def forks() -> ForkContext | None:
    """How to fork, where that can be done."""
    return multiprocessing.get_context("fork") if "fork" in multiprocessing.get_all_start_methods() else None


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Hold SIGINT back, and for good from whatever is forked meanwhile: who forked it hears of Ctrl-C, and ends it.

    In the middle of a fork an interrupt may also get lost. Where signals cannot be held back, nothing is done.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
