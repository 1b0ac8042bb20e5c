"""A fair walk of steps ±1 that stops when it first reaches a level."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from flint import fmpq

from boundcheck.formula.exact.counts import Binomial, Table
from boundcheck.formula.exact.numbers import Number

_FRACTIONS = 500
_MOST_STEPS = 20_000


@lru_cache(maxsize=64)
def stopped_walk(steps: int, level: int) -> Table | None:
    """Where the walk is after so many steps, by reflection at the level; None for too many steps."""
    if steps > _MOST_STEPS:
        return None
    ways: list[Number] = [fmpq(0)] * (steps + min(level, steps) + 1)
    shares: Sequence[Number] = Binomial(steps, fmpq(1, 2)).weights() if steps > _FRACTIONS else _shares(steps)
    for end in range(-steps, min(level, steps + 1)):
        if (steps + end) % 2 == 0:
            # Of the paths to `end`, those that touch the level are as many as those to its mirror image.
            mirrored = (steps + 2 * level - end) // 2
            ways[end + steps] = shares[(steps + end) // 2] - (shares[mirrored] if mirrored <= steps else 0)
    if level <= steps:
        # The walk stops at the level when it touches it: at or beyond it at the end, or mirrored to below.
        first = (steps + level + 1) // 2
        ways[level + steps] = sum(shares[first:], fmpq(0)) + sum(shares[(steps + level) // 2 + 1 :], fmpq(0))
    return Table(-steps, tuple(ways))


def _shares(steps: int) -> list[Number]:
    return [fmpq(math.comb(steps, k), 2**steps) for k in range(steps + 1)]
