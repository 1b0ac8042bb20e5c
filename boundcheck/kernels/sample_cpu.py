"""Whole samples, drawn as intervals, for statistics that have no kernel of their own.

The bits of a variable are a pure function of (key, trial, variable, attempt), so that the results do not depend on
how trials are split into calls or threads.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .jit import ByteArray, FloatArray, IntArray, compiled_exact
from .launch import floats, in_chunks, integers, key_word
from .standard_bodies import beta_variable, block, fill_bits, gamma_variable, inverted_variable, leading_bits
from .tables import BETA, GAMMA

_LAST = np.uint64(1)


class IntervalDraws(NamedTuple):
    """Exact variables lie between these; see `standard_bodies`."""

    low: FloatArray  # [T, n]
    high: FloatArray  # [T, n]


@compiled_exact
def _standard_chunk(
    start: int,
    stop: int,
    key: np.uint64,
    first_trial: np.uint64,
    first_variable: int,
    kinds: IntArray,
    parameters: FloatArray,
    cumulative: FloatArray,
    ends: IntArray,
    bands: FloatArray,
    low: FloatArray,
    high: FloatArray,
) -> None:
    n = low.shape[1]
    step = 0 if kinds.shape[0] == 1 else 1
    bits = np.empty((2, n))
    inverted = False
    for kind in kinds:
        inverted = inverted or (kind != GAMMA and kind != BETA)
    for i in range(start, stop):
        trial = first_trial + np.uint64(i)
        if inverted:
            fill_bits(bits[0], bits[1], key, trial, first_variable)
        for e in range(n):
            j = e * step
            if kinds[j] == GAMMA:
                low[i, e], high[i, e] = gamma_variable(key, trial, first_variable + e, 0, parameters[j, 0])
            elif kinds[j] == BETA:
                shapes = parameters[j]
                low[i, e], high[i, e] = beta_variable(key, trial, first_variable + e, shapes[0], shapes[1])
            else:
                low[i, e], high[i, e] = inverted_variable(
                    kinds[j],
                    bits[0, e],
                    bits[1, e],
                    parameters[j, 0],
                    parameters[j, 1],
                    cumulative,
                    ends[j, 0],
                    ends[j, 1],
                    bands[j],
                )


@compiled_exact
def _occupancy_chunk(
    start: int,
    stop: int,
    key: np.uint64,
    first_trial: np.uint64,
    balls: int,
    counts: IntArray,
    decided: ByteArray,
) -> None:
    bins = counts.shape[1]
    slack = bins * 2.0**-51
    for i in range(start, stop):
        counts[i] = 0
        decided[i] = 1
        for ball in range(balls):
            words = block(key, first_trial + np.uint64(i), ball, 0)
            place = leading_bits(words[0], words[1]) * 2.0**-53 * bins
            nearest = np.floor(place + 0.5)
            if abs(place - nearest) < slack and 0.0 < nearest < bins:
                decided[i] = 0  # the bits do not tell the bin
            counts[i, min(np.int64(place), bins - 1)] += 1


@compiled_exact
def _walk_chunk(start: int, stop: int, key: np.uint64, first_trial: np.uint64, level: int, steps: FloatArray) -> None:
    for i in range(start, stop):
        position = 0
        for e in range(steps.shape[1]):
            steps[i, e] = 0.0
            if position < level:
                step = 1 if (block(key, first_trial + np.uint64(i), e, 0)[0] & _LAST) == _LAST else -1
                position += step
                steps[i, e] = step


def standard_trials(
    key: int,
    first_trial: int,
    trials: int,
    n: int,
    kinds: npt.ArrayLike,
    parameters: npt.ArrayLike,
    cumulative: npt.ArrayLike,
    ends: npt.ArrayLike,
    bands: npt.ArrayLike,
    *,
    first_variable: int = 0,
) -> IntervalDraws:
    """n independent standard variables in each of T trials.

    Parameters
    ----------
    key
        64-bit key of the generator.
    first_trial, trials
        Row i of the results is trial first_trial + i, in [0, 2^63).
    n
        Number of variables of a trial.
    kinds, parameters
        Codes [n] and parameters [n, 2], one a variable, or of length 1 for all; see `tables`.
    cumulative, ends, bands
        The tables of variables of kind CELL, one after the other; first and last place [n, 2] of each variable's, and
        a bound of the error of its entries, [n]; or of length 1.
    first_variable
        Number of the first of them, for further variables of the same trials.
    """
    result = IntervalDraws(np.empty((trials, n)), np.empty((trials, n)))
    in_chunks(
        _standard_chunk,
        trials,
        key_word(key),
        np.uint64(first_trial),
        first_variable,
        integers(kinds).reshape(-1),
        floats(parameters).reshape(-1, 2),
        floats(cumulative).reshape(-1),
        integers(ends).reshape(-1, 2),
        floats(bands).reshape(-1),
        *result,
    )
    return result


def occupancy_trials(key: int, first_trial: int, trials: int, balls: int, bins: int) -> tuple[IntArray, ByteArray]:
    """Balls thrown uniformly into bins: counts [T, bins], and whether each trial is what exact uniforms would give.

    A ball whose 53 bits lie within 2 cells of the border of two bins leaves its trial undecided (0).
    """
    counts, decided = np.empty((trials, bins), np.int64), np.empty(trials, np.uint8)
    in_chunks(_occupancy_chunk, trials, key_word(key), np.uint64(first_trial), balls, counts, decided)
    return counts, decided


def walk_trials(key: int, first_trial: int, trials: int, n: int, level: int) -> FloatArray:
    """Steps [T, n] of fair walks, 1 or -1 (the last bit of a word), and 0 from when their sum has reached `level`."""
    steps = np.empty((trials, n))
    in_chunks(_walk_chunk, trials, key_word(key), np.uint64(first_trial), level, steps)
    return steps
