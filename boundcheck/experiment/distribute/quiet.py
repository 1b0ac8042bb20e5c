"""Dask tells a log of much that is no concern of the user's, at the end above all."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

SILENT = logging.CRITICAL + 1
_LOUD = ("distributed", "tornado", "asyncio")


@contextmanager
def quiet() -> Iterator[None]:
    """Nothing in the log of Dask, or of what it is made of, in this process."""
    names = [name for name in logging.root.manager.loggerDict if name.partition(".")[0] in _LOUD]
    before = {log: log.level for log in map(logging.getLogger, sorted({*_LOUD, *names}))}
    try:
        for log in before:
            log.setLevel(SILENT)
        yield
    finally:
        for log, level in before.items():
            log.setLevel(level)
