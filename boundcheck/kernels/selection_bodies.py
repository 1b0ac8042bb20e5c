"""Pruning masks: the k smallest keys of an array, in a number of steps proportional to its length."""

from __future__ import annotations

import math

import numpy as np

from .jit import ByteArray, FloatArray, IndexArray, IntArray, KeyArray, WordArray, body
from .mask_bodies import BLOCK, ONE, bits_of, lowest_bit, magnitude_masks, nonzero_mask
from .team import device_body, lane, lanes, rounded_product, stretch, sync, team_before, team_max

DIGIT_BITS = 11
DIGITS = 1 << DIGIT_BITS
_DIGIT = np.uint64(DIGITS - 1)
_HALF = np.uint64(32)
_TIED = np.uint8(2)
_SAMPLED_FROM = 512
_LARGEST_SAMPLE = 8192
_DEVIATIONS = 4.0
_MANY = 6  # of a block: more are found sooner by looking at all


@body
def magnitude_keys(keys: KeyArray, weights: FloatArray, count: int) -> None:
    """keys[e] = the bits of |weights[e]|, which are ordered as the magnitudes are."""
    for e in range(lane(), count, lanes()):
        keys[e] = np.float64(abs(weights[e])).view(np.uint64)
    sync()


@body
def random_keys(keys: KeyArray, words: WordArray, count: int) -> None:
    """keys[e] = 64 random bits: word e is the high half, word count + e the low one."""
    for e in range(lane(), count, lanes()):
        keys[e] = (np.uint64(words[e]) << _HALF) | np.uint64(words[count + e])
    sync()


@body
def filter_keys(keys: KeyArray, squares: FloatArray, weights: FloatArray, filters: int, size: int) -> None:
    """keys[i] = the bits of Σ w² of filter i, weights[i·size : (i + 1)·size], which are ordered as the norms are.

    The weights are first scaled by the power of two that takes the largest into [1/2, 1), so that no sum overflows
    and none underflows that matters; squares[filters] is scratch. Sums are taken in the order of the weights.
    """
    part = 0.0
    for e in range(lane(), filters * size, lanes()):
        part = max(part, abs(weights[e]))
    largest = team_max(part)
    exponent = math.frexp(largest)[1] if largest < np.inf else 0
    half = exponent // 2
    down_1 = math.ldexp(1.0, -half)
    down_2 = math.ldexp(1.0, half - exponent)
    for i in range(lane(), filters, lanes()):
        total = 0.0
        for e in range(i * size, (i + 1) * size):
            scaled = weights[e] * down_1 * down_2
            total += rounded_product(scaled, scaled)
        squares[i] = total
    sync()
    magnitude_keys(keys, squares, filters)


@body
def spread_over_filters(removed: ByteArray, filters: int, size: int) -> None:
    """Turn removed[:filters], one flag a filter, into removed[filters·size], one a weight, in place."""
    for i in range(filters - 1, -1, -1):  # the flags still to be read lie before what is written
        flag = removed[i]
        sync()
        for e in range(i * size + lane(), (i + 1) * size, lanes()):
            removed[e] = flag
    sync()


@device_body
def select_key(keys: KeyArray, count: int, rank: int, candidates: KeyArray, counts: IntArray) -> tuple[np.uint64, int]:
    """The key with exactly `rank` keys before it in sorted order, and how many are strictly smaller.

    Radix selection from the top digit down: `candidates` (room for `count`) holds the keys that share
    the digits found so far; `counts` has room for `DIGITS`. On CUDA see `selection_cuda`.
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
    if amount == 0 or amount >= count:
        flag = np.uint8(1 if amount > 0 else 0)
        for e in range(lane(), count, lanes()):
            removed[e] = flag
        sync()
        return
    threshold, smaller = select_key(keys, count, amount, candidates, counts)
    for e in range(lane(), count, lanes()):
        removed[e] = np.uint8(keys[e] < threshold)
    if smaller < amount:
        for e in range(lane(), count, lanes()):
            removed[e] = _TIED if keys[e] == threshold else removed[e]
    sync()
    _remove_first_tied(removed, count, amount - smaller)


@body
def _remove_first_tied(removed: ByteArray, count: int, amount: int) -> None:
    """Of the flags that are _TIED make the first `amount` 1 and the others 0; there are none if that is 0."""
    if amount == 0:
        return
    start, stop = stretch(count)
    tied = 0
    for e in range(start, stop):
        tied += 1 if removed[e] == _TIED else 0
    before = team_before(tied)
    for e in range(start, stop):
        if removed[e] == _TIED:
            removed[e] = 1 if before < amount else 0
            before += 1
    sync()


@body
def ranked(values: FloatArray, count: int, rank: int) -> float:
    """The (rank + 1)-th smallest of values[count], which it permutes (C. A. R. Hoare, CACM 4, 1961, 321-322)."""
    left = 0
    right = count - 1
    while left < right:
        a, b, c = values[left], values[(left + right) // 2], values[right]
        pivot = max(min(a, b), min(max(a, b), c))
        i = left
        j = right
        while i <= j:
            while values[i] < pivot:
                i += 1
            while values[j] > pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if rank <= j:
            right = j
        elif rank >= i:
            left = i
        else:
            break
    return values[rank]


@body
def gather_magnitudes(
    candidates: FloatArray, weights: FloatArray, count: int, low: float, high: float
) -> tuple[int, int]:
    """Copy the |weights| in [low, high] to candidates[count + 1]; return how many are below it, and how many in it."""
    below = 0
    found = 0
    whole = count - count % BLOCK
    for start in range(0, whole, BLOCK):
        smaller, within = magnitude_masks(weights, start, low, high)
        below += bits_of(smaller)
        if bits_of(within) > _MANY:
            for e in range(start, start + BLOCK):
                magnitude = abs(weights[e])
                candidates[found] = magnitude  # overwritten by the next one unless it counts
                found += 1 if low <= magnitude <= high else 0
            continue
        while within != 0:
            candidates[found] = abs(weights[start + lowest_bit(within)])
            found += 1
            within &= within - ONE
    for e in range(whole, count):
        magnitude = abs(weights[e])
        below += 1 if magnitude < low else 0
        if low <= magnitude <= high:
            candidates[found] = magnitude
            found += 1
    return below, found


@body
def gather_window(candidates: FloatArray, values: FloatArray, count: int, rank: int) -> tuple[int, int]:
    """Copy to candidates[count + 1] the |values| of a narrow window that holds the (rank + 1)-th smallest of them.

    Returns how many are below the window, and how many in it: 0, if it does not hold that one, as happens one time in
    some ten thousand, or if there are few values. A regular sample of the values tells the window.
    """
    sample = min(int(count ** (2.0 / 3.0)), _LARGEST_SAMPLE)
    if count < _SAMPLED_FROM:
        return 0, 0
    low: float = values.dtype.type(0)
    high: float = values.dtype.type(np.inf)
    apart = count // sample
    for s in range(sample):
        candidates[s] = abs(values[s * apart])
    share = (rank + 0.5) / count
    spread = _DEVIATIONS * math.sqrt(sample * share * (1.0 - share)) + 2.0
    upper = int(share * sample + spread)
    lower = int(share * sample - spread) - 1
    if upper < sample:
        high = ranked(candidates, sample, upper)
    if lower >= 0:
        low = ranked(candidates, min(upper, sample), lower)
    below, found = gather_magnitudes(candidates, values, count, low, high)
    return below, found if below <= rank < below + found else 0


@device_body
def magnitude_of_rank(weights: FloatArray, count: int, rank: int, candidates: FloatArray) -> tuple[float, int]:
    """The (rank + 1)-th smallest |weight| and how many are strictly smaller; infinity, `count` if there is none.

    Two windows, one within the other, leave few to be ranked (R. W. Floyd and R. L. Rivest, CACM 18, 1975, 165-172).
    candidates[count + 1] is scratch. What is not a number is larger than all numbers. On CUDA see `selection_cuda`.
    """
    if rank >= count:
        return np.inf, count
    below, found = gather_window(candidates, weights, count, rank)
    if found == 0:
        below, found = gather_magnitudes(candidates, weights, count, weights.dtype.type(0), weights.dtype.type(np.inf))
        if rank >= found:
            return np.nan, found
    left = candidates[:found]
    if 2 * found <= count:
        further, fewer = gather_window(candidates[found:], left, found, rank - below)
        if fewer > 0:
            below += further
            left = candidates[found : found + fewer]
    value = ranked(left, left.shape[0], rank - below)
    smaller = below
    for e in range(left.shape[0]):
        smaller += 1 if left[e] < value else 0
    return value, smaller


@body
def remove_smallest_magnitudes(
    removed: ByteArray, weights: FloatArray, count: int, amount: int, candidates: FloatArray
) -> float:
    """removed[e] = 1 for the `amount` smallest |weights|, the smaller index first among equal ones, else 0; return tau.

    tau is the (amount + 1)-th smallest |weight|.
    """
    tau, smaller = magnitude_of_rank(weights, count, amount, candidates)
    flags = removed[:count]
    if amount >= count:
        for e in range(lane(), count, lanes()):
            flags[e] = 1
        sync()
        return tau
    for e in range(lane(), count, lanes()):
        flags[e] = 0 if abs(weights[e]) >= tau else 1
    if smaller < amount:
        for e in range(lane(), count, lanes()):
            flags[e] = _TIED if abs(weights[e]) == tau else flags[e]
    sync()
    _remove_first_tied(removed, count, amount - smaller)
    return tau


@body
def where_removed(where: IndexArray, removed: ByteArray, count: int) -> int:
    """The indices e < count with removed[e] in increasing order, in where[count]; return their number.

    A team of one does it.
    """
    found = 0
    whole = count - count % BLOCK
    for start in range(0, whole, BLOCK):
        chosen = nonzero_mask(removed, start)
        while chosen != 0:
            where[found] = start + lowest_bit(chosen)
            found += 1
            chosen &= chosen - ONE
    for e in range(whole, count):
        if removed[e] != 0:
            where[found] = e
            found += 1
    return found
