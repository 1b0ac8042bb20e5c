"""Norms of matrices of few entries by exact moments, from the numbers of closed walks."""

from __future__ import annotations

import base64
import math
import zlib
from functools import lru_cache

from boundcheck.formula.standalone.table import packed

WALKS = packed("walks.txt")


@lru_cache(maxsize=1)
def walk_shapes() -> tuple[tuple[int, ...], ...]:
    """Rows (q, a, b, number, times of each edge, …): shapes of closed walks of 2q steps, with both orders of sides."""
    text = zlib.decompress(base64.b85decode(WALKS)).decode("ascii")
    rows = [tuple(map(int, line.split())) for line in text.splitlines()]
    return (*rows, *((q, b, a, *rest) for q, a, b, *rest in rows if a < b))


def log_falling(x: float, steps: int) -> float:
    """log of x (x-1) … (x-steps+1)."""
    return math.fsum(math.log(x - i) for i in range(steps)) if x > steps - 1 else -math.inf


def thinned_moments(moments: tuple[float, ...], taps: int, share: float) -> list[float]:
    """E x^{2j}, j = 1, 2, …, of a sum of so many symmetric weights, each there with probability `share`."""
    factorials = [math.factorial(2 * j) for j in range(len(moments) + 1)]
    base = [1.0, *(share * x / f for x, f in zip(moments, factorials[1:], strict=True))]
    power = [1.0, *(0.0 for _ in moments)]
    while taps:
        for _ in range(taps % 2):
            power = [math.fsum(power[i] * base[k - i] for i in range(k + 1)) for k in range(len(base))]
        base = [math.fsum(base[i] * base[k - i] for i in range(k + 1)) for k in range(len(base))]
        taps //= 2
    return [x * f for x, f in zip(power[1:], factorials[1:], strict=True)]


def walk_quantile(
    m: float,
    n: float,
    taps: float,
    count: float,
    size: float,
    level: float,
    *moments: float,
    ordered: bool = False,
) -> float:
    """The least (e^level E_q)^{1/(2q)} over q up to the number of moments, E_q = E tr(RRᵀ)^q or an upper bound of it.

    R has m × n entries, each a sum of `taps` weights with E w^{2j} = moments[j-1], of which a uniform subset of
    `count` of `size` is there. If `ordered`, all are multiplied by a variable with the law Beta(count+1, size-count).
    """
    known = all(map(math.isfinite, (m, n, taps, count, size, level, *moments))) and min(m, n, count, size) >= 0
    if not (known and taps >= 1 and count <= size):
        return math.nan
    share = count / size if size else math.nan
    m, n, count = (math.ceil(x * (1 - 2.0**-40)) for x in (m, n, count))
    if not (m > 0 and n > 0 and count > 0):
        return 0.0
    entry = moments if taps == 1 else thinned_moments(moments, round(taps), share)
    logs = [math.log(x) if x > 0 else -math.inf for x in entry]
    most = len(moments)
    left, right = ([log_falling(x, a) for a in range(most + 1)] for x in (m, n))
    there = [log_falling(count, e) - log_falling(size, e) if taps == 1 else 0.0 for e in range(min(most, count) + 1)]
    terms: dict[int, list[float]] = {}
    for q, a, b, number, *times in walk_shapes():
        if q <= most and (taps > 1 or len(times) <= count):
            edges = there[len(times)] if taps == 1 else 0.0
            terms.setdefault(q, []).append(
                math.log(number) + math.fsum(logs[j - 1] for j in times) + left[a] + right[b] + edges
            )
    values = []
    for q, found in terms.items():
        largest = max(found)
        if largest == -math.inf:
            return 0.0
        trace = largest + math.log(math.fsum(math.exp(x - largest) for x in found))
        if ordered:
            trace += math.fsum(math.log((count + i) / (size + i)) for i in range(1, 2 * q + 1))
        values.append((trace + level) / (2 * q))
    return math.exp(min(values)) if min(values) < 709 else math.inf


def ordered_walk_quantile(
    m: float, n: float, taps: float, count: float, size: float, level: float, *moments: float
) -> float:
    """The same with all weights multiplied by an independent variable with the law Beta(count + 1, size - count)."""
    return walk_quantile(m, n, taps, count, size, level, *moments, ordered=True)
