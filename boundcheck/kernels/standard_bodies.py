"""Standard variables as intervals: the words of a trial tell a variable only up to such an interval.

A uniform variable U is known by its first 53 bits k: k 2⁻⁵³ <= U <= (k + 1) 2⁻⁵³. Whatever is computed from it is
enclosed, the cell's width and all rounding included, so that an exactly distributed variable lies inside the
interval: no law is discretised, and what the bits leave undecided stays undecided. Where a rejection method meets
a test that the bits and the rounding leave undecided, the interval is the whole support (about once in 2⁴⁰ draws).

Allowances. log, exp, cos and sqrt of the C library are good to 2 units of rounding (glibc states 1); _FINE and
_COARSE exceed every sum of such errors in a formula below by a factor of four or more.
"""

from __future__ import annotations

import math

import numpy as np

from .jit import FloatArray, body
from .philox_bodies import philox
from .quantile_bodies import normal_quantile
from .tables import CELL, GAUSS, STATISTIC, TILTED_UNIT, TRUNCATED_GAUSS, UNIT, WAIT

_CELL = 2.0**-53
_TURN = 2.0 * math.pi * 2.0**-53
_FINE = 2.0**-48
_COARSE = 2.0**-40  # relative error of exp(-x), x < 745, for an x good to 2⁻⁵⁰
_LAST_CELL = 2.0**53 - 1.0
_PROBABILITY = 2.0**-49 * 2.51  # times the square root of 2 pi
_FAR = 7.5
_WORD = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_UNUSED_BITS = np.uint64(11)
_STREAMS = np.uint64(4)


@body
def block(
    key: np.uint64, trial: np.uint64, variable: int, attempt: int
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """The four words of an attempt at drawing a variable of a trial; attempts number 0 to 2^30 - 1."""
    purpose = np.uint64(attempt) * _STREAMS + np.uint64(STATISTIC)
    return philox(np.uint64(variable), purpose, trial & _WORD, trial >> _HALF, key & _WORD, key >> _HALF)


@body
def leading_bits(high: np.uint64, low: np.uint64) -> float:
    """The first 53 bits of two words, as an integer below 2^53."""
    return np.float64(((high << _HALF) | low) >> _UNUSED_BITS)


@body
def fill_bits(first: FloatArray, second: FloatArray, key: np.uint64, trial: np.uint64, first_variable: int) -> None:
    """The leading bits of words 0 and 1, and of words 2 and 3, of each variable's first block."""
    for e in range(first.shape[0]):
        w0, w1, w2, w3 = block(key, trial, first_variable + e, 0)
        first[e] = leading_bits(w0, w1)
        second[e] = leading_bits(w2, w3)


@body
def waiting_time(k: float) -> tuple[float, float]:
    """-log U and how far it may be off, for U in cell k; the first cell reaches to infinity."""
    value = -math.log((k + 0.5) * _CELL)
    if k == 0.0:
        return value, np.inf
    return value, 0.5 / k + _FINE * (1.0 + value)


@body
def gaussian(k: float, angle: float) -> tuple[float, float]:
    """A standard normal variable and how far it may be off (Box and Muller 1958), from two cells."""
    wait, error = waiting_time(k)
    radius = math.sqrt(2.0 * wait)
    # |√a - √b| is at most |a - b| / √a, and at most √|a - b|.
    slack = math.sqrt(2.0 * error)
    if radius > 0.0:
        slack = min(slack, 2.0 * error / radius)
    return radius * math.cos((angle + 0.5) * _TURN), slack * (1.0 + _FINE) + radius * _FINE


@body
def gamma_variable(key: np.uint64, trial: np.uint64, variable: int, which: int, shape: float) -> tuple[float, float]:
    """Ends of a gamma variable (G. Marsaglia and W. W. Tsang, ACM Trans. Math. Softw. 26, 2000, section 2).

    Below shape 1 it is the variable of shape + 1 times U^(1/shape) (their section 6).
    """
    boosted = shape < 1.0
    d = (shape + 1.0 if boosted else shape) - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    attempt = 0
    while True:
        first = 4 * attempt + 2 * which
        w0, w1, w2, w3 = block(key, trial, variable, first)
        u0, u1, u2, u3 = block(key, trial, variable, first + 1)
        attempt += 1
        z, dz = gaussian(leading_bits(w0, w1), leading_bits(w2, w3))
        wait, dwait = waiting_time(leading_bits(u0, u1))
        t = 1.0 + c * z
        dt = c * dz + _FINE * (1.0 + abs(c * z))
        if t + dt <= 0.0:
            continue
        if not (t - dt > 0.0 and dwait < np.inf):
            return 0.0, np.inf
        v = t * t * t
        v_low = (t - dt) * (t - dt) * (t - dt) * (1.0 - _FINE)
        v_high = (t + dt) * (t + dt) * (t + dt) * (1.0 + _FINE)
        test = 0.5 * z * z + d * (1.0 - v + math.log(v)) + wait
        rounding = _FINE * (0.5 * z * z + d * (1.0 + v + abs(math.log(v))) + wait)
        slack = (abs(z) + dz) * dz + d * (v_high - v_low) * (1.0 + 1.0 / v_low) + dwait + rounding
        if test < -slack:
            continue
        if not test > slack:
            return 0.0, np.inf
        low, high = d * v_low * (1.0 - _FINE), d * v_high * (1.0 + _FINE)
        if boosted:
            wait, dwait = waiting_time(leading_bits(u2, u3))
            low *= math.exp(-(wait + dwait) / shape) * (1.0 - _COARSE)
            high *= math.exp(-max(wait - dwait, 0.0) / shape) * (1.0 + _COARSE)
            high += 1e-300  # underflow
        return low, high


@body
def beta_variable(key: np.uint64, trial: np.uint64, variable: int, a: float, b: float) -> tuple[float, float]:
    """Ends of a Beta variable: G / (G + H) for independent gamma variables of shapes a and b."""
    g_low, g_high = gamma_variable(key, trial, variable, 0, a)
    h_low, h_high = gamma_variable(key, trial, variable, 1, b)
    low = g_low / (g_low + h_high) * (1.0 - _FINE) if g_low > 0.0 and h_high < np.inf else 0.0
    high = min(g_high / (g_high + h_low) * (1.0 + _FINE), 1.0) if g_high < np.inf else 1.0
    return low, high if high >= 0.0 else 1.0  # 0 / 0


@body
def tilted_unit(k: float, slope: float) -> tuple[float, float]:
    """Ends of a variable on [0, 1] with density proportional to exp(slope x), from cell k by inversion."""
    steep = abs(slope)
    least = math.exp(-steep)
    low = k * _CELL
    high = (k + 1.0) * _CELL
    log_low = math.log(low + (1.0 - low) * least) if low + (1.0 - low) * least > 0.0 else -np.inf
    log_high = math.log(high + (1.0 - high) * least)
    x_low = 1.0 + (log_low - _FINE * (1.0 - log_low)) / steep - _FINE
    x_high = 1.0 + (log_high + _FINE * (1.0 - log_high)) / steep + _FINE
    x_low = max(x_low, 0.0)
    x_high = min(x_high, 1.0)
    if slope < 0.0:
        return max(1.0 - x_high - _FINE, 0.0), min(1.0 - x_low + _FINE, 1.0)
    return x_low, x_high


@body
def truncated_gaussian(k: float, cut: float, half: float) -> tuple[float, float]:
    """Ends of a normal variable within ±cut, by inversion; `half` is good to rounding."""
    low = normal_quantile(half * (2.0 * (k * _CELL) - 1.0)) if k > 0.0 else -cut
    high = normal_quantile(half * (2.0 * ((k + 1.0) * _CELL) - 1.0)) if k < _LAST_CELL else cut
    # An error of 2⁻⁵¹ in the probability moves the quantile by at most that over the least density in between, which is
    # more than half of that at the end found here: up to 7.5, where it may move by 0.01.
    low = low - (_PROBABILITY * math.exp(0.5 * low * low) + _FINE * abs(low)) if low > -_FAR else -cut
    high = high + (_PROBABILITY * math.exp(0.5 * high * high) + _FINE * abs(high)) if high < _FAR else cut
    return max(low, -cut), min(high, cut)


@body
def cells_below(cumulative: FloatArray, start: int, stop: int, u: float) -> int:
    """How many of the increasing cumulative[start:stop] are at most u."""
    first = start
    while start < stop:
        middle = (start + stop) // 2
        if cumulative[middle] <= u:
            start = middle + 1
        else:
            stop = middle
    return start - first


@body
def inverted_variable(
    kind: int,
    k: float,
    angle: float,
    p0: float,
    p1: float,
    cumulative: FloatArray,
    start: int,
    stop: int,
    band: float,
) -> tuple[float, float]:
    """Ends of a variable that one or two cells tell; `band` bounds the error of the table's entries start to stop."""
    if kind == UNIT:
        return k * _CELL, (k + 1.0) * _CELL
    if kind == GAUSS:
        value, error = gaussian(k, angle)
        return value - error, value + error
    if kind == WAIT:
        value, error = waiting_time(k)
        return max(value - error, 0.0), value + error
    if kind == TILTED_UNIT:
        return tilted_unit(k, p0)
    if kind == TRUNCATED_GAUSS:
        return truncated_gaussian(k, p0, p1)
    if kind == CELL:
        low = cells_below(cumulative, start, stop, k * _CELL - band)
        high = low
        while start + high < stop and cumulative[start + high] <= (k + 1.0) * _CELL + band:
            high += 1
        return np.float64(low), np.float64(high)
    return -np.inf, np.inf
