"""Pruning masks: the k smallest keys of an array, in a number of steps proportional to its length."""

from __future__ import annotations

import math

import numpy as np

from .jit import ByteArray, FloatArray, IntArray, KeyArray, WordArray, body

DIGIT_BITS = 11
DIGITS = 1 << DIGIT_BITS
_DIGIT = np.uint64(DIGITS - 1)
_MAGNITUDE = np.uint64(0x7FFFFFFFFFFFFFFF)
_HALF = np.uint64(32)


@body
def magnitude_keys(keys: KeyArray, weights: FloatArray, count: int) -> None:
    """keys[e] = the bits of |weights[e]|, which are ordered as the magnitudes are."""
    bits = weights.view(np.uint64)
    for e in range(count):
        keys[e] = bits[e] & _MAGNITUDE


@body
def random_keys(keys: KeyArray, words: WordArray, count: int) -> None:
    """keys[e] = 64 random bits: word e is the high half, word count + e the low one."""
    for e in range(count):
        keys[e] = (np.uint64(words[e]) << _HALF) | np.uint64(words[count + e])


@body
def filter_keys(keys: KeyArray, squares: FloatArray, weights: FloatArray, filters: int, size: int) -> None:
    """keys[i] = the bits of Σ w² of filter i, weights[i·size : (i + 1)·size], which are ordered as the norms are.

    The weights are first scaled by the power of two that takes the largest into [1/2, 1), so that no sum overflows
    and none underflows that matters; squares[filters] is scratch. Sums are taken in the order of the weights.
    """
    largest = 0.0
    for e in range(filters * size):
        largest = max(largest, abs(weights[e]))
    exponent = math.frexp(largest)[1] if largest < np.inf else 0
    half = exponent // 2
    down_1 = math.ldexp(1.0, -half)
    down_2 = math.ldexp(1.0, half - exponent)
    for i in range(filters):
        total = 0.0
        for e in range(i * size, (i + 1) * size):
            scaled = weights[e] * down_1 * down_2
            total += scaled * scaled
        squares[i] = total
    magnitude_keys(keys, squares, filters)


@body
def spread_over_filters(removed: ByteArray, filters: int, size: int) -> None:
    """Turn removed[:filters], one flag a filter, into removed[filters·size], one a weight, in place."""
    for i in range(filters - 1, -1, -1):  # the flags still to be read lie before what is written
        flag = removed[i]
        for e in range(i * size, (i + 1) * size):
            removed[e] = flag


@body
def select_key(keys: KeyArray, count: int, rank: int, candidates: KeyArray, counts: IntArray) -> tuple[np.uint64, int]:
    """The key with exactly `rank` keys before it in sorted order, and how many are strictly smaller.

    Radix selection from the top digit down: `candidates` (room for `count`) holds the keys that share
    the digits found so far; `counts` has room for `DIGITS`.
    """
    for e in range(count):
        candidates[e] = keys[e]
    left = count
    smaller = 0
    shift = 64
    while shift > 0 and left > 1:
        shift = max(shift - DIGIT_BITS, 0)
        bits = np.uint64(shift)
        for d in range(DIGITS):
            counts[d] = 0
        for e in range(left):
            counts[np.int64((candidates[e] >> bits) & _DIGIT)] += 1
        digit = 0
        while smaller + counts[digit] <= rank:
            smaller += counts[digit]
            digit += 1
        if counts[digit] == left:
            continue
        wanted = np.uint64(digit)
        kept = 0
        for e in range(left):
            candidate = candidates[e]
            candidates[kept] = candidate  # overwritten by the next one unless it counts
            kept += 1 if ((candidate >> bits) & _DIGIT) == wanted else 0
        left = kept
    return candidates[0], smaller


@body
def remove_smallest(
    removed: ByteArray, keys: KeyArray, count: int, amount: int, candidates: KeyArray, counts: IntArray
) -> None:
    """removed[e] = 1 for the `amount` smallest keys, the smaller index first among equal ones; else 0."""
    if amount >= count:
        for e in range(count):
            removed[e] = 1
    elif amount == 0:
        for e in range(count):
            removed[e] = 0
    else:
        threshold, smaller = select_key(keys, count, amount, candidates, counts)
        for e in range(count):
            removed[e] = np.uint8(keys[e] < threshold)
        ties = amount - smaller
        e = 0
        while ties > 0:
            if keys[e] == threshold:
                removed[e] = 1
                ties -= 1
            e += 1


@body
def magnitude_of_rank(
    weights: FloatArray, count: int, rank: int, keys: KeyArray, candidates: KeyArray, counts: IntArray
) -> float:
    """The (rank + 1)-th smallest |weight|; infinity when there are no more than `rank`."""
    if rank >= count:
        return np.inf
    magnitude_keys(keys, weights, count)
    candidates[0] = select_key(keys, count, rank, candidates, counts)[0]
    return candidates.view(np.float64)[0]
