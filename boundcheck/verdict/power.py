"""What trials may come to before any is run: how likely they decide, and how many that takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from boundcheck.verdict.intervals import binomial_lower, binomial_upper
from boundcheck.verdict.sequential import CONFIRM, REFUTE, crossed

MOST_LOOKS = 20_000
"""Where more trials may be run, fewer looks than trials are reckoned with."""


@dataclass(frozen=True)
class Prospect:
    """What trials come to if they violate the claim at some rate, and none is open.

    Attributes
    ----------
    rate
        The rate.
    refuted, confirmed
        Probabilities of the two decisions.
    expected
        Mean number of trials.
    usual
        So many trials are enough with probability 9/10: to decide, or all there are.
    """

    rate: float
    refuted: float
    confirmed: float
    expected: float
    usual: int


def prospects(
    rates: Sequence[float], *, claimed: tuple[float, float], beta: float, most: int, sequential: bool
) -> list[Prospect]:
    """Operating characteristics of a test, by summing over all that may happen.

    Parameters
    ----------
    rates
        True rates of violations, from 0 to 1.
    claimed
        Enclosure of the rate that is claimed not to be exceeded.
    beta
        Failure probability of a decision. Holm's later steps only make decisions more likely.
    most
        Number of trials: all, or at most.
    sequential
        Whether they stop where that is decided. From 20,000 trials on, looks are taken as fewer than there are, which
        makes decisions a little later and a little less likely than they are.
    """
    if claimed[0] >= 1 or claimed[1] < 0:  # decided without trials
        return [Prospect(rate, float(claimed[1] < 0), float(claimed[0] >= 1), most, most) for rate in rates]
    if not sequential:
        return _fixed(rates, claimed, beta, most)
    step = -(-most // MOST_LOOKS)
    looks = np.unique(np.append(np.arange(step, most, step), most))
    return _stopped(np.asarray(rates, dtype=np.float64), looks, *boundaries(claimed, beta, looks))


def boundaries(
    claimed: tuple[float, float], beta: float, trials: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Fewest violations that refute, and most that confirm, after so many trials; trials + 1 and -1 for none."""
    found = []
    for side in (REFUTE, CONFIRM):
        # Bisection for the fewest violations, or trials without one, that decide.
        bad, good = np.full(len(trials), -1), trials + 1
        while (undecided := good - bad > 1).any():
            middle = np.clip((bad + good) // 2, 0, trials)
            enough = crossed(middle if side == REFUTE else trials - middle, trials, claimed, beta, side)
            bad, good = np.where(undecided & ~enough, middle, bad), np.where(undecided & enough, middle, good)
        found.append(good)
    return found[0], trials - found[1]


def _fixed(rates: Sequence[float], claimed: tuple[float, float], beta: float, trials: int) -> list[Prospect]:
    bad, fewest = -1, trials + 1
    while fewest - bad > 1:
        middle = (bad + fewest) // 2
        if binomial_lower(middle, trials, beta) > claimed[1]:
            fewest = middle
        else:
            bad = middle
    most, bad = -1, trials + 1
    while bad - most > 1:
        middle = (bad + most) // 2
        if binomial_upper(middle, trials, beta) <= claimed[0]:
            most = middle
        else:
            bad = middle
    # P(at least k) = I_rate(k, n - k + 1), P(at most k) = 1 - I_rate(k + 1, n - k).
    found = []
    for rate in rates:
        refuted = (
            0.0 if fewest > trials else scipy.special.betainc(fewest, trials - fewest + 1, rate) if fewest else 1.0
        )
        confirmed = 0.0 if most < 0 else scipy.special.betaincc(most + 1, trials - most, rate) if most < trials else 1.0
        found.append(Prospect(rate, float(refuted), float(confirmed), trials, trials))
    return found


def _stopped(
    rates: NDArray[np.float64], looks: NDArray[np.int64], refuting: NDArray[np.int64], confirming: NDArray[np.int64]
) -> list[Prospect]:
    """Follow the law of the number of violations while nothing is decided."""
    alive, least = np.ones((len(rates), 1)), 0  # probabilities of least, least + 1, … violations
    refuted, confirmed, expected = np.zeros((3, len(rates)))
    usual = np.full(len(rates), looks[-1])
    before = 0
    for trials, fewest, most in zip(looks.tolist(), refuting.tolist(), confirming.tolist(), strict=True):
        left = alive.sum(axis=1)
        expected += left * (trials - before)
        alive = _after(alive, rates, trials - before)
        before = trials
        low, high = max(most + 1 - least, 0), max(fewest - least, 0)
        refuted += alive[:, high:].sum(axis=1)
        confirmed += alive[:, :low].sum(axis=1)
        alive, least = alive[:, low:high], least + low
        done = (alive.sum(axis=1) <= 0.1) & (usual > trials)
        usual[done] = trials
    columns = (column.tolist() for column in (rates, refuted, confirmed, expected, usual))
    return [Prospect(*values) for values in zip(*columns, strict=True)]


def _after(alive: NDArray[np.float64], rates: NDArray[np.float64], trials: int) -> NDArray[np.float64]:
    """The law of the number of violations after more trials."""
    if trials == 1:
        found = np.zeros((alive.shape[0], alive.shape[1] + 1))
        found[:, :-1] = alive * (1 - rates[:, np.newaxis])
        found[:, 1:] += alive * rates[:, np.newaxis]
        return found
    return np.array([np.convolve(row, _binomial(trials, rate)) for row, rate in zip(alive, rates, strict=True)])


def _binomial(trials: int, rate: float) -> NDArray[np.float64]:
    k = np.arange(trials + 1)
    special = scipy.special
    ways = special.gammaln(trials + 1) - special.gammaln(k + 1) - special.gammaln(trials - k + 1)
    found: NDArray[np.float64] = np.exp(ways + special.xlogy(k, rate) + special.xlog1py(trials - k, -rate))
    return found
