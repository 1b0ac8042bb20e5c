"""How fast a campaign goes, for what is said while it runs."""

from __future__ import annotations

import time
from collections import deque

WINDOW = 60.0
"""Seconds over which the rate is taken."""


class Pace:
    """The rate of batches, whoever runs them, and how long one takes."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()
        self._batches = 0
        self._seconds = 0.0

    def begin(self, done: int) -> None:
        """So many batches are done at the start."""
        self._seen.append((time.monotonic(), done))

    def batch(self, seconds: float) -> None:
        """A batch took so long."""
        self._batches += 1
        self._seconds += seconds

    def reached(self, done: int) -> None:
        """So many batches are done now."""
        now = time.monotonic()
        self._seen.append((now, done))
        while len(self._seen) > 2 and now - self._seen[1][0] > WINDOW:
            self._seen.popleft()

    @property
    def rate(self) -> float | None:
        """Batches per second of late; None where nothing was seen."""
        (before, first), (now, last) = self._seen[0], self._seen[-1]
        return (last - first) / (now - before) if now > before and last > first else None

    @property
    def seconds_of_batch(self) -> float | None:
        """Mean over the batches that this process took; None where there is none."""
        return self._seconds / self._batches if self._batches else None
