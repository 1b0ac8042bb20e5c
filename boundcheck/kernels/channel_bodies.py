"""What a part of a kernel uses, scaled: the first step of every bound for a convolution."""

from __future__ import annotations

import math

from .jit import ByteArray, FloatArray, IntArray, body, compiled_exact
from .linear_bodies import dot
from .norm_bodies import gamma, in_part, rounded_up

_UNDERFLOW = 2.0**-900
_LARGEST = 1.7976931348623157e308


@body
def used_channels(
    outputs: IntArray, inputs: IntArray, kernel: FloatArray, removed: ByteArray, part: int
) -> tuple[int, int, float, bool]:
    """List the channels with an entry of the part that is not zero; how many, the largest |entry|, all finite."""
    m, n, taps = kernel.shape
    largest = 0.0
    finite = True
    for j in range(n):
        inputs[j] = 0
    used = 0
    for i in range(m):
        whole = 0.0
        for j in range(n):
            peak = 0.0
            for t in range(taps):
                magnitude = abs(kernel[i, j, t]) if in_part(removed[i, j, t], part) else 0.0
                peak = max(peak, magnitude)
                finite = finite and magnitude <= _LARGEST
            if peak > 0.0:
                inputs[j] = 1
            whole = max(whole, peak)
        if whole > 0.0:
            outputs[used] = i
            used += 1
        largest = max(largest, whole)
    used_inputs = 0
    for j in range(n):
        if inputs[j] != 0:
            inputs[used_inputs] = j
            used_inputs += 1
    return used, used_inputs, largest, finite


@compiled_exact
def load_kernel(
    out: FloatArray,
    kernel: FloatArray,
    removed: ByteArray,
    part: int,
    outputs: IntArray,
    inputs: IntArray,
    transposed: bool,
    largest: float,
) -> tuple[float, float]:
    """out[q, T, p] = the listed channels of a part, scaled to a largest entry in [1/2, 1); the factors that undo it.

    q is for the outputs, or for the inputs if transposed; the factors are as those of `load_scaled`.
    """
    exponent = math.frexp(largest)[1]
    half = exponent // 2
    down_1 = math.ldexp(1.0, -half)
    down_2 = math.ldexp(1.0, half - exponent)
    taps = kernel.shape[2]
    for a in range(outputs.shape[0]):
        for b in range(inputs.shape[0]):
            i, j = outputs[a], inputs[b]
            for t in range(taps):
                value = kernel[i, j, t] * down_1 * down_2 if in_part(removed[i, j, t], part) else 0.0
                if transposed:
                    out[b, t, a] = value
                else:
                    out[a, t, b] = value
    return math.ldexp(1.0, half), math.ldexp(1.0, exponent - half)


@body
def absolute_square(a: FloatArray, row: FloatArray) -> float:
    """‖Σ_t |K_t|‖_F² from above, for a scaled a[q, T, p]; row[p] is scratch."""
    q, taps, p = a.shape
    total = 0.0
    for k in range(q):
        for j in range(p):
            row[j] = 0.0
        for t in range(taps):
            tap = a[k, t]
            for j in range(p):
                row[j] += abs(tap[j])
        total += dot(row[:p], row[:p])
    return rounded_up(total * (1.0 + gamma(2 * taps + p + q + 4)) + _UNDERFLOW)
