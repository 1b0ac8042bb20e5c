"""Gram matrices of a convolution at all frequencies, from its lag products.

At the frequency f = (u, v) of an H × W grid a convolution acts as P(f) = Σ_t ω^{f·t} K_t, the sum being over
the taps t = (a, b), f·t = u a / H + v b / W and ω = exp(2πi). With C_d = Σ_t K_tᵀ K_{t+d}, d a lag,

    G(f) = P(f)ᴴP(f) = Σ_d ω^{f·d} C_d,   C_{-d} = C_dᵀ.

Let c, s be cosine and sine of 2π u dy / H, and c', s' those of 2π v dx / W. Collecting d = (±dy, ±dx),

    Re G = Σ c c' (C + Cᵀ + D + Dᵀ) - s s' (C + Cᵀ - D - Dᵀ)
    Im G = Σ s c' (C - Cᵀ + D - Dᵀ) + c s' (C - Cᵀ - D + Dᵀ)     with C = C_{dy,dx}, D = C_{dy,-dx},

over dy, dx >= 0, where lags with dy = 0 or dx = 0 count once. First the sum over dy is taken, once for
each u, then the one over dx for each v. All symmetric or antisymmetric terms are packed upper triangles.

Errors. Take q for the longer side of K_t, T for the number of taps, B = AᵀA with A = Σ_t |K_t|. A lag product
is a sum of at most qT products, and the sum of |K_t|ᵀ|K_{t+d}| over all d is B, so lag products are off by at
most γ_{qT} B together. In Re G and Im G every one passes at most 2(rows + columns) + 4 further roundings and is
multiplied by factors with |c c'| + |s s'| <= 1, |s c'| + |c s'| <= 1: √2 γ_{2(rows + columns) + 4} for
the complex number. Cosines and sines that are off by η = 2⁻⁵⁰ = 8u add less than √2 · 4.1 η < 47u. So

    |fl(G) - G| <= γ_k B,   k = qT + 3 (rows + columns) + 64,   ‖fl(G) - G‖ <= γ_k ‖A‖_F²,

for any order of summation and with fused multiply-adds.
"""

from __future__ import annotations

import math

from .hermitian_bodies import packed_length
from .jit import FloatArray, body
from .linear_bodies import add_eight_rows, add_row


@body
def fill_circle(cosines: FloatArray, sines: FloatArray, n: int) -> None:
    """Cosine and sine of 2πj/n, j < n, off by at most 2⁻⁵⁰.

    The angle is reduced exactly to [0, π/4], where it is off by less than 2u; the library may then be
    wrong by four units in the last place, of at most u each.
    """
    for j in range(n):
        turns = 4 * min(j, n - j)  # in units of a quarter turn / n
        half = turns > n
        if half:
            turns = 2 * n - turns
        swap = 2 * turns > n
        if swap:
            turns = n - turns
        angle = 0.5 * math.pi * turns / n
        c = math.cos(angle)
        s = math.sin(angle)
        if swap:
            c, s = s, c
        cosines[j] = -c if half else c
        sines[j] = -s if 2 * j > n else s


@body
def coprime_step(n: int) -> int:
    """A step that visits 0, …, n - 1, modulo n, in an order without trend: near the golden section of n."""
    step = max((n * 5) // 8, 1)
    while math.gcd(step, n) != 1:
        step += 1
    return step


@body
def add_products(out: FloatArray, a: FloatArray, k: int, stop: int, e: int, start: int) -> None:
    """Add a[r, e] · a[r, start:] to `out` for k <= r < stop <= k + 8, unless all a[r, e] are zero."""
    if stop < k + 8:
        for r in range(k, stop):
            if a[r, e] != 0.0:
                add_row(out, a[r, start : start + out.shape[0]], a[r, e])
        return
    a0, a1, a2, a3 = a[k, e], a[k + 1, e], a[k + 2, e], a[k + 3, e]
    a4, a5, a6, a7 = a[k + 4, e], a[k + 5, e], a[k + 6, e], a[k + 7, e]
    if (
        a0 != 0.0 or a1 != 0.0 or a2 != 0.0 or a3 != 0.0
        or a4 != 0.0 or a5 != 0.0 or a6 != 0.0 or a7 != 0.0
    ):  # fmt: skip
        add_eight_rows(out, a, k, start, a0, a1, a2, a3, a4, a5, a6, a7)


@body
def lag_products(lags: FloatArray, a: FloatArray, rows: int, columns: int) -> None:
    """Lags[p, (dy, columns - 1 + dx, p)]: row i is row i of C_{dy,dx} for all dy >= 0 and -columns < dx < columns.

    a[q, (tap, p)] is the kernel; where dy = 0, lags dx < 0 are left at zero.
    """
    p = lags.shape[0]
    q = a.shape[0]
    wide = 2 * columns - 1
    for i in range(p):
        out = lags[i]
        for j in range(out.shape[0]):
            out[j] = 0.0
        for k in range(0, q, 8):
            for target in range(rows):  # outside, so that its taps stay in the nearest cache
                for y in range(target + 1):
                    for x in range(columns):
                        e = (y * columns + x) * p + i
                        dy = target - y
                        first = x if dy == 0 else 0
                        o = (dy * wide + columns - 1 - x + first) * p
                        length = (columns - first) * p
                        start = (target * columns + first) * p
                        add_products(out[o : o + length], a, k, min(k + 8, q), e, start)


@body
def fold_lags(planes: FloatArray, lags: FloatArray, rows: int, columns: int) -> None:
    """planes[(dy, dx, 4), t] = C + Cᵀ + D + Dᵀ, C + Cᵀ - D - Dᵀ, C - Cᵀ + D - Dᵀ, C - Cᵀ - D + Dᵀ, packed.

    D is left out where dy = 0 or dx = 0, and Cᵀ too where both are.
    """
    p = lags.shape[0]
    wide = 2 * columns - 1
    for j in range(p):
        e = packed_length(j)
        for dy in range(rows):
            for dx in range(columns):
                plane = 4 * (dy * columns + dx)
                right = (dy * wide + columns - 1 + dx) * p
                left = (dy * wide + columns - 1 - dx) * p
                even_sum = planes[plane, e : e + j + 1]
                even_difference = planes[plane + 1, e : e + j + 1]
                odd_sum = planes[plane + 2, e : e + j + 1]
                odd_difference = planes[plane + 3, e : e + j + 1]
                for i in range(j + 1):
                    c = lags[i, right + j]
                    c_transposed = lags[j, right + i]
                    d = lags[i, left + j] if dy > 0 and dx > 0 else 0.0
                    d_transposed = lags[j, left + i] if dy > 0 and dx > 0 else 0.0
                    if dy == 0 and dx == 0:
                        c_transposed = 0.0
                    even_sum[i] = (c + c_transposed) + (d + d_transposed)
                    even_difference[i] = (c + c_transposed) - (d + d_transposed)
                    odd_sum[i] = (c - c_transposed) + (d - d_transposed)
                    odd_difference[i] = (c - c_transposed) - (d - d_transposed)


@body
def add_two(out: FloatArray, row: FloatArray, other: FloatArray, a: float, b: float) -> None:
    """Add a · row + b · other to `out`."""
    for j in range(out.shape[0]):
        x = out[j]
        x += a * row[j]
        x += b * other[j]
        out[j] = x


@body
def scale_row(out: FloatArray, row: FloatArray, a: float) -> None:
    """Out = a · row."""
    for j in range(out.shape[0]):
        out[j] = a * row[j]


@body
def sum_over_rows(
    sums: FloatArray,
    planes: FloatArray,
    rows: int,
    columns: int,
    u: int,
    height: int,
    cosines: FloatArray,
    sines: FloatArray,
) -> None:
    """sums[(dx, 4), t]: the four planes of each dx, summed over dy at the row frequency u, with the sign of -G.

    In the order Re with c', Re with s', Im with c', Im with s'; of dx = 0 those with s' are not set.
    """
    for dx in range(columns):
        for part in range(4):
            if dx == 0 and part % 2 == 1:
                continue
            out = sums[4 * dx + part]
            for dy in range(rows):
                angle = (u * dy) % height
                plane = planes[4 * (dy * columns + dx) + part]
                factor = sines[angle] if part == 1 else -sines[angle] if part == 2 else -cosines[angle]
                if dy == 0 and (part == 1 or part == 2):
                    for j in range(out.shape[0]):
                        out[j] = 0.0
                elif dy == 0:
                    scale_row(out, plane, factor)
                else:
                    add_row(out, plane, factor)


@body
def negated_gram(
    out: FloatArray,
    sums: FloatArray,
    columns: int,
    v: int,
    width: int,
    cosines: FloatArray,
    sines: FloatArray,
) -> None:
    """out[2·t] = -G(u, v), packed, from the sums of `sum_over_rows`."""
    t = sums.shape[1]
    re = out[:t]
    im = out[t:]
    scale_row(re, sums[0], 1.0)
    scale_row(im, sums[2], 1.0)
    for dx in range(1, columns):
        angle = (v * dx) % width
        c = cosines[angle]
        s = sines[angle]
        add_two(re, sums[4 * dx], sums[4 * dx + 1], c, s)
        add_two(im, sums[4 * dx + 2], sums[4 * dx + 3], c, s)
