"""One batch to be run, and how the trials of a point are cut into batches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


def span(trials: int, batches: int, batch: int) -> tuple[int, int]:
    """First trial of a batch and how many it has: equal shares, rounded up, and what is left for the last.

    Where there are more batches than trials, those at the end have none.

    Examples
    --------
    >>> [span(10, 4, batch) for batch in range(4)]
    [(0, 3), (3, 3), (6, 3), (9, 1)]
    >>> [span(0, 1, 0), span(3, 4, 3)]
    [(0, 0), (3, 0)]
    """
    share = -(-trials // batches)
    start = min(batch * share, trials)
    return start, min(share, trials - start)


@dataclass(frozen=True, slots=True)
class Job:
    """A batch of a point: trials `start` to `start + trials - 1`.

    Parameters
    ----------
    point
        The row of `points`, its `spec` parsed.
    batch
        Number of the batch, from 0.
    start
        Number of its first trial.
    trials
        How many trials it has.
    """

    point: Mapping[str, Any]
    batch: int
    start: int
    trials: int
