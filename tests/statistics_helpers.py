"""Checks of drawn numbers against a law, each with its false-alarm rate, and the search for a planted fault.

False alarms: every check below fails by chance with probability at most `SHARE`, and no more than `CHECKS` of them
may be made in one run, so that all of tests/properties together fails by chance with probability at most
SHARE · CHECKS = 1e-6. The inequalities used (Dvoretzky, Kiefer and Wolfowitz with Massart's constant; exact binomial
tails; the union bound) hold at every sample size. Seeds are fixed and nothing is tried twice.
"""

from __future__ import annotations

import math
from random import Random

import numpy as np
from hypothesis import Phase, find, settings
from hypothesis.errors import NoSuchExample
from scipy.stats import binom

SHARE = 1e-10
CHECKS = 10_000
_made = 0


def _share():
    global _made
    _made += 1
    assert _made <= CHECKS, "more checks than the false-alarm rate allows for: lower SHARE"
    return SHARE


def follows(values, distribution):
    """Whether values are consistent with being independent draws of a continuous law, given its CDF.

    P(sup |F_n - F| > e) ≤ 2 exp(-2 n e²) (Massart, Ann. Probab. 18, 1990).
    """
    u = np.sort(distribution(np.ravel(values)))
    n = u.size
    ranks = np.arange(n + 1) / n
    distance = max((ranks[1:] - u).max(), (u - ranks[:-1]).max())
    return distance <= math.sqrt(math.log(2 / _share()) / (2 * n))


def uniform_cells(cells, count):
    """Whether cell numbers 0 to count - 1 are consistent with independent draws that are uniform on the cells.

    Two exact binomial tails for each cell, each with its share.
    """
    cells = np.ravel(cells)
    share = _share() / (2 * count)
    seen = np.bincount(cells, minlength=count)
    assert seen.size == count
    law = binom(cells.size, 1 / count)
    return bool((law.sf(seen.max() - 1) > share) and (law.cdf(seen.min()) > share))


def at_most(exceeded, probability):
    """Whether the share of True is consistent with independent events of at most this probability."""
    exceeded = np.ravel(exceeded)
    return bool(binom.sf(exceeded.sum() - 1, exceeded.size, float(probability)) > _share())


def at_least(exceeded, probability):
    """Whether the share of True is consistent with independent events of at least this probability."""
    exceeded = np.ravel(exceeded)
    return bool(binom.cdf(exceeded.sum(), exceeded.size, float(probability)) > _share())


def examples(count):
    """Hypothesis settings: the same `count` examples on every run."""
    return settings(derandomize=True, deadline=None, database=None, max_examples=count)


def caught(strategy, holds, count=300):
    """Whether a property that is false by construction is seen to fail within `count` examples."""
    search = settings(max_examples=count, database=None, deadline=None, phases=[Phase.generate])
    try:
        find(strategy, lambda case: not holds(case), settings=search, random=Random(0))
    except NoSuchExample:
        return False
    return True
