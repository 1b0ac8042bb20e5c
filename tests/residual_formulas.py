"""S4 and S6 for uniform weights on [-1, 1] written out in plain floats: norms of k of the weights of a layer."""

from __future__ import annotations

import math
from collections import defaultdict
from functools import cache

from boundcheck.formula.walks import shapes


def series(m, n, taps, p, level, mgf=lambda x: math.sinh(x) / x):
    """S4: the least t over θ = 2^{i/8}, apart from those so small that differences of numbers close to 1 are lost."""
    best = math.inf
    for i in range(-52, 97):
        theta = 2 ** (i / 8)
        try:
            growth = 1 + p * (mgf(theta) - 1)
            trace = m * (growth ** (n * taps) - 1) + n * (growth ** (m * taps) - 1)
        except OverflowError:
            break
        best = min(best, math.acosh(1 + math.exp(level) * trace / 2) / theta)
    return best


@cache
def _of_sums(moments, taps, p):
    """E x^{2j}, j = 0, …, of a sum of so many weights that are there with probability p, one more at a time."""
    one = [1.0, *(p * x for x in moments)]
    found = [1.0] + [0.0] * len(moments)
    for _ in range(taps):
        found = [
            sum(math.comb(2 * j, 2 * i) * one[i] * found[j - i] for i in range(j + 1)) for j in range(len(moments) + 1)
        ]
    return found


def walks(m, n, taps, k, size, level, moments, *, magnitude=False, only=False):
    """S6: the least of Markov's bounds for q = 1, …, the number of moments; or `only` the last E tr(RRᵀ)^q."""
    entry, there = [1.0, *moments], [math.prod((k - i) / (size - i) for i in range(e)) for e in range(min(k, size) + 1)]
    if taps > 1:
        entry, there = _of_sums(tuple(moments), taps, k / size), [1.0] * (len(moments) + 1)
    traces = defaultdict(float)
    for x in shapes():
        if x.q <= len(moments) and len(x.times) < len(there):
            walked = math.perm(m, x.a) * math.perm(n, x.b) * x.number * there[len(x.times)]
            traces[x.q] += walked * math.prod(entry[j] for j in x.times)
    if only:
        return traces[len(moments)]
    best = math.inf
    for q, trace in traces.items():
        gain = math.prod((k + i) / (size + i) for i in range(1, 2 * q + 1)) if magnitude else 1.0
        best = min(best, (math.log(trace * gain) + level) / (2 * q))
    return math.exp(best)
