"""Random words turned into draws of a law, and of points in a ball."""

from __future__ import annotations

import math

import numpy as np

from .jit import FloatArray, IntArray, WordArray, body
from .linear_bodies import team_dot
from .philox_bodies import fill_blocks, fill_words, quarter_length
from .quantile_bodies import normal_quantile
from .tables import EXPONENTIAL, INPUTS, NORMAL, TRUNCATED, TWO_POINT, UNIFORM
from .team import lane, lanes, rounded_product, sync, team_max, team_sum

_UNIT = 2.0**-32
_SIGN = np.uint32(0x80000000)
_TURN = 2.0 * math.pi * 2.0**-32
_EPSILON = 2.0**-52
STRETCH = 512
"""Blocks of four words that are drawn at a time."""


@body
def uniform_value(word: np.uint32, low: float, high: float) -> float:
    """The midpoint of cell `word` of 2^32 equal cells of [low, high].

    Written around the centre, so that for low = -high the draws of `word` and `~word` are exact opposites.
    """
    centred = 2.0 * np.float64(np.int32(word ^ _SIGN)) + 1.0  # 2 word + 1 - 2^32
    value = (0.5 * low + 0.5 * high) + rounded_product(0.5 * high - 0.5 * low, centred * _UNIT)
    return min(max(value, low), high)  # rounding must not leave the interval


@body
def two_point_value(word: np.uint32, low: float, high: float, p: float) -> float:
    """`high` with probability p, rounded up to a multiple of 2^-32; else `low`."""
    if np.float64(word) < p * 4294967296.0:
        return high
    return low


@body
def exponential_value(word: np.uint32, rate: float) -> float:
    """Exponential draw by inversion."""
    return -math.log((np.float64(word) + 1.0) * _UNIT) / rate


@body
def truncated_value(word: np.uint32, deviation: float, cut: float, half: float) -> float:
    """Normal draw within ±cut by inversion; the draws of `word` and `~word` are exact opposites."""
    centred = 2.0 * np.float64(np.int32(word ^ _SIGN)) + 1.0
    value = deviation * normal_quantile(half * (centred * _UNIT))
    return min(max(value, -cut), cut)


@body
def normal_pair(radius_word: np.uint32, angle_word: np.uint32) -> tuple[float, float]:
    """Two independent standard normal draws (Box and Muller 1958)."""
    radius = math.sqrt(-2.0 * math.log((np.float64(radius_word) + 1.0) * _UNIT))
    angle = (np.float64(angle_word) + 0.5) * _TURN
    return radius * math.cos(angle), radius * math.sin(angle)


@body
def law_value(words: WordArray, quarter: int, element: int, law: int, p0: float, p1: float, p2: float) -> float:
    """The draw of one element; `words` as `fill_words` leaves it."""
    word = words[element]
    if law == UNIFORM:
        return uniform_value(word, p0, p1)
    if law == TWO_POINT:
        return two_point_value(word, p0, p1, p2)
    if law == EXPONENTIAL:
        return exponential_value(word, p0)
    if law == TRUNCATED:
        return truncated_value(word, p0, p1, p2)
    # Words 0 and 1 of a block, and 2 and 3, are a Box-Muller pair.
    if (element // quarter) % 2 == 0:
        return p0 + rounded_product(p1, normal_pair(word, words[element + quarter])[0])
    return p0 + rounded_product(p1, normal_pair(words[element - quarter], word)[1])


@body
def fill_law(out: FloatArray, words: WordArray, count: int, law: int, p0: float, p1: float, p2: float) -> None:
    """`count` draws of one law: `law_value` of each element; `words` as `fill_words` leaves it."""
    quarter = quarter_length(count)
    _fill_law_blocks(out, words, count, quarter, 0, quarter, law, p0, p1, p2)


@body
def fill_drawn(
    out: FloatArray,
    words: WordArray,
    count: int,
    key: np.uint64,
    layer: int,
    stream: int,
    trial: np.uint64,
    law: int,
    p0: float,
    p1: float,
    p2: float,
) -> None:
    """What `fill_words` and `fill_law` give, in stretches whose words[4·STRETCH] stay in the nearest cache."""
    quarter = quarter_length(count)
    for first in range(0, quarter, STRETCH):
        blocks = min(STRETCH, quarter - first)
        fill_blocks(words, first, blocks, key, layer, stream, trial)
        _fill_law_blocks(out, words, count, quarter, first, blocks, law, p0, p1, p2)


@body
def _fill_law_blocks(
    out: FloatArray,
    words: WordArray,
    count: int,
    quarter: int,
    first: int,
    blocks: int,
    law: int,
    p0: float,
    p1: float,
    p2: float,
) -> None:
    """The draws of blocks first to first + blocks - 1; `words` as `fill_blocks` leaves it."""
    if law == NORMAL:
        for half in range(2):
            left = words[2 * half * blocks : (2 * half + 1) * blocks]
            right = words[(2 * half + 1) * blocks : (2 * half + 2) * blocks]
            for b in range(lane(), blocks, lanes()):
                e = 2 * half * quarter + first + b
                cosine, sine = normal_pair(left[b], right[b])
                if e < count:
                    out[e] = p0 + rounded_product(p1, cosine)
                if e + quarter < count:
                    out[e + quarter] = p0 + rounded_product(p1, sine)
        sync()
        return
    for q in range(4):
        start = q * quarter + first
        length = max(min(blocks, count - start), 0)
        part = out[start : start + length]
        source = words[q * blocks : q * blocks + length]
        if law == UNIFORM:
            for b in range(lane(), length, lanes()):
                part[b] = uniform_value(source[b], p0, p1)
        elif law == TWO_POINT:
            for b in range(lane(), length, lanes()):
                part[b] = two_point_value(source[b], p0, p1, p2)
        elif law == EXPONENTIAL:
            for b in range(lane(), length, lanes()):
                part[b] = exponential_value(source[b], p0)
        elif law == TRUNCATED:
            for b in range(lane(), length, lanes()):
                part[b] = truncated_value(source[b], p0, p1, p2)
    sync()


@body
def fill_laws(out: FloatArray, words: WordArray, count: int, laws: IntArray, parameters: FloatArray) -> None:
    """`count` independent draws; laws[count] and parameters[count, 3] one an element, or one for all."""
    if laws.shape[0] == 1:
        fill_law(out, words, count, laws[0], parameters[0, 0], parameters[0, 1], parameters[0, 2])
    else:
        quarter = quarter_length(count)
        for e in range(lane(), count, lanes()):
            out[e] = law_value(words, quarter, e, laws[e], parameters[e, 0], parameters[e, 1], parameters[e, 2])
        sync()


@body
def project_to_sphere(point: FloatArray, radius: float) -> None:
    """Rescale `point` to a Euclidean norm just below `radius` (at least 1e-290, or 0).

    The computed norm of d entries is off by a factor of at most 1 + (d/2 + 2)u, and each entry is rounded
    twice more: shrinking by (d + 8)·2u keeps the exact norm of the result at most `radius`.
    """
    dimension = point.shape[0]
    part = 0.0
    for i in range(lane(), dimension, lanes()):
        part += point[i] * point[i]
    total = team_sum(part)
    if total == 0.0:  # every radius word was 2^32 - 1; any direction will do
        if lane() == 0:
            point[0] = 1.0  # which is this lane's to scale as well
        total = 1.0
    scale = radius * (1.0 - (dimension + 8) * _EPSILON) / math.sqrt(total)
    for i in range(lane(), dimension, lanes()):
        point[i] *= scale
    sync()


@body
def sphere_point(point: FloatArray, words: WordArray, key: np.uint64, i: int, radius: float) -> None:
    """Point i of the INPUTS stream, a uniform direction; words[dimension + 4] is scratch."""
    dimension = point.shape[0]
    fill_words(words, dimension, key, 0, INPUTS, np.uint64(i))
    fill_law(point, words, dimension, NORMAL, 0.0, 1.0, 0.0)
    project_to_sphere(point, radius)


@body
def statistics(values: FloatArray, ones: FloatArray) -> tuple[float, float, float]:
    """Sum, maximum and sum of absolute values of values[n], which are overwritten; ones[n] holds ones."""
    total = team_dot(values, ones)
    part = -math.inf
    for e in range(lane(), values.shape[0], lanes()):
        part = max(part, values[e])
        values[e] = abs(values[e])
    largest = team_max(part)
    return total, largest, team_dot(values, ones)
