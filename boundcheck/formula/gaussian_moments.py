"""Moments M_q(m, n) = E tr(GGᵀ)^q of a standard normal m × n matrix G, and norm bounds that are made of them.

M_q is a polynomial in m and n with integer values. It is a sum over partitions, from the zonal polynomials:
:func:`moment`, on which everything rigorous rests. Floats use :func:`moments`, a recursion in q.

Source: P. J. Hanlon, R. P. Stanley and J. R. Stembridge, Some combinatorial aspects of the spectra of normally
distributed random matrices, Contemp. Math. 138 (1992), 151-174, Section 2.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
import scipy  # its special functions are loaded when one is called
from numpy.typing import NDArray

ORDERS = (
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    10,
    12,
    14,
    17,
    20,
    24,
    28,
    33,
    39,
    46,
    54,
    64,
    75,
    88,
    103,
    120,
    140,
    164,
    192,
    224,
    256,
)
"""The q over which bounds are minimised. Every q is valid; those between them gain less than 0.2 %."""

SPARSE_ORDERS = ORDERS[:20]
"""Those for sparse matrices, of which few are ever of use."""
PROVED = 128
"""Order up to which the recursion of :func:`moments` is proved."""
NUDGE = 2.0**-30
LARGEST = 709.0
"""exp of this is a float."""
LARGE = 2**16
"""Up to this size orders serve; a matrix with more rows or columns has the closed form of :func:`closed_tail`."""


@lru_cache(maxsize=1 << 14)
def moment(q: int, m: int, n: int) -> int:
    """M_q(m, n), exactly, for q ≥ 1.

    E Z_λ(GGᵀ) = Π (m + c)(n + c) over the boxes (i, j) of λ, with c = 2(j-1) - (i-1), and tr(X)^q's power sum p_q is
    Σ_λ 2q f^{2λ}/(2q)! Π_{boxes but the first} c · Z_λ, f^{2λ} being the number of standard tableaux of the doubled
    partition. A box (3, 2) has c = 0, so that λ = (a, b, 1, …, 1) with c ones. Each term below is an integer and comes
    from the one before it by the ratio of their hook lengths.

    Examples
    --------
    >>> moment(1, 3, 5), moment(2, 3, 5)
    (15, 135)
    """
    if m < 1 or n < 1:
        return 0
    first = m * n  # Π c (m + c)(n + c) over a single row, λ = (q)
    for c in range(2, 2 * q, 2):
        first *= c * (m + c) * (n + c)
    total = 0
    for b in range(q // 2 + 1):
        a = q - b
        term = first
        total += term
        for above, below in ratios(a, b, m, n) if b else ():
            term = term * above // below
            total += term
        if 2 * b + 2 <= q:
            x, c = 2 * a, 2 * b - 1
            first *= (x + 1) * x * (x - 2 * b - 3) * c * (m + c) * (n + c)
            first //= (2 * b + 2) * (2 * b + 1) * (x - 2 * b + 1) * (x - 2) * (m + x - 2) * (n + x - 2)
    return 2 * q * total // math.factorial(2 * q)


def ratios(a: int, b: int, m: int, n: int) -> Iterator[tuple[int, int]]:
    """The ratios of the term of :func:`moment` with c + 1 ones to that with c, for c < a - b, as fractions.

    They end before the first that is 0, as all terms after it are. What depends on the order alone stays below 2^40 and
    is computed in int64; sizes may be any.
    """
    ones = np.arange(min(a - b, m - 2, n - 2))
    x = 2 * (a - ones)
    above = -(x + ones + 1) * (x - 1) * (x - 2 * b - 1) * (2 * b + ones - 1)
    below = (x + ones - 1) * (x - 2 * b + 1) * (2 * b + ones + 1) * (ones + 1)
    small = max(m, n) < 2**31 - 1024
    kind = np.int64 if small else object
    rows, columns = (ones.astype(kind) - (size - 2) for size in (m, n))
    sizes = rows * columns
    under = (x.astype(kind) + (m - 2)) * (x.astype(kind) + (n - 2))
    return zip(_products(above, sizes), _products(below, under), strict=True)


def _products(left: NDArray[Any], right: NDArray[Any]) -> list[int]:
    return [x * y for x, y in zip(left.tolist(), right.tolist(), strict=True)]


@lru_cache(maxsize=1 << 12)
def moments(m: int, n: int, most: int) -> tuple[int, ...]:
    """M_1(m, n), …, M_most(m, n) by a recursion in q, far faster than one after another.

    With s = m + n - 1 and d = (m - n)²:

        (q+1) M_q = (4q-1) s M_{q-1} - ((2q-3)(3m²+2mn+3n²-4m-4n) - 5q³+16q²-13q+1) M_{q-2}
                    + s ((4q-11) d - 10q³+68q²-150q+107) M_{q-3} - (q-4)((q-2)²-d)((2q-7)²-d) M_{q-4}.

    That there is a recursion of this form follows from the linear differential equation of the density (A. A. Rahman
    and P. J. Forrester, Random Matrices Theory Appl. 10 (2021), 2250003). These coefficients were found from
    :func:`moment`. They are proved for q up to :data:`PROVED`, and beyond agree with it wherever that was tried;
    nothing rigorous rests on them there.

    Proof, for each q. M_q is a symmetric polynomial in m and n of total degree at most q + 1: a sum over pairings of 2q
    letters of m^a n^b, with a + b ≤ q + 1 classes of indices. So both sides are such polynomials. One that is 0 at all
    whole m, n ≥ 1 with m + n ≤ q + 3 is 0: these points are a principal lattice of that degree. There both sides were
    computed, the left by :func:`moment`, and are equal; tests/formula/test_gaussian_moments.py repeats this up to q =
    64.
    """
    found = [moment(q, m, n) for q in range(1, min(most, 3) + 1)]
    s, d = m + n - 1, (m - n) ** 2
    second = 3 * m * m + 2 * m * n + 3 * n * n - 4 * m - 4 * n
    for q in range(4, most + 1):
        value = (4 * q - 1) * s * found[-1]
        value -= ((2 * q - 3) * second - 5 * q**3 + 16 * q * q - 13 * q + 1) * found[-2]
        value += s * ((4 * q - 11) * d - 10 * q**3 + 68 * q * q - 150 * q + 107) * found[-3]
        if q > 4:
            value -= (q - 4) * ((q - 2) ** 2 - d) * ((2 * q - 7) ** 2 - d) * found[-4]
        found.append(value // (q + 1))
    return tuple(found)


@lru_cache(maxsize=1 << 12)
def log_moments(m: int, n: int) -> tuple[float, ...]:
    """log M_q(m, n) for the q of :data:`ORDERS`; m, n ≥ 1."""
    found = moments(m, n, ORDERS[-1])
    return tuple(math.log(found[q - 1]) for q in ORDERS)


def closed_tail(m: float, n: float, t: float) -> float:
    """min(m, n) (e^{-u²/2} + e^{-u²-uM}) for t = M + u, M = √m + √n and u ≥ 0; 1 where that is more, or u < 0.

    A matrix A with E tr(AAᵀ)^q ≤ M_q(m, n) for all q has a norm of at least t with probability at most this.

    Proof. Let l = min(m, n) and tr cosh(u|A|) = l + Σ_q u^{2q} tr(AAᵀ)^q/(2q)!, the sum of cosh(uσ) over the l singular
    values. Its mean is at most that for the standard normal matrix G, thus at most l E cosh(u‖G‖). Since E‖G‖ ≤ M
    (Davidson and Szarek 2001, Theorem II.13) and the norm is 1-Lipschitz, E e^{u‖G‖} ≤ e^{uM+u²/2}; and E e^{-u‖G‖} ≤
    1. Where ‖A‖ ≥ t the sum is at least cosh(ut) ≥ e^{ut}/2, so that Markov's inequality gives l (e^{uM+u²/2} + 1)
    e^{-uM-u²}.
    """
    low, high = sorted((m, n))
    mean = math.sqrt(low) + math.sqrt(high)
    u = t - mean
    return 1.0 if u < 0 else min(1.0, low * (math.exp(-u * u / 2) + math.exp(-u * (u + mean))))


def closed_margin(low: float, mean: float, level: float) -> float:
    """The u ≥ 0 at which :func:`closed_tail` is e^-level, by Newton's method; 0 where it is less than that for all u.

    Parameters
    ----------
    low
        min(m, n).
    mean
        √m + √n.
    """
    needed = level + math.log(low)
    if needed <= -math.log(2):
        return 0.0
    u = math.sqrt(2 * max(needed, 0.0)) or 1e-9
    for _ in range(100):
        weight = math.exp(-u * u / 2 - u * mean)
        slope = (u + (2 * u + mean) * weight) / (1 + weight)
        step = (u * u / 2 - math.log1p(weight) - needed) / slope
        u = max(u - step, u / 8)
        if abs(step) <= 1e-15 * u:
            break
    return u


def moment_quantile(m: float, n: float, level: float) -> float:
    """The least (e^level M_q(m, n))^{1/(2q)} over :data:`ORDERS`; 0 for an empty matrix; the closed form for large
    ones.

    A matrix whose moments E tr(AAᵀ)^q are at most M_q(m, n) has a norm above it with probability at most e^-level.

    Parameters
    ----------
    m, n
        Numbers of rows and columns, rounded up.
    level
        -log of a probability; what is not finite gives NaN.
    """
    if not math.isfinite(m + n + level):
        return math.nan
    if not (m > 0 and n > 0):
        return 0.0
    if max(m, n) > LARGE:
        low, high = _sizes(m, n)
        mean = math.sqrt(low) + math.sqrt(high)
        return mean + closed_margin(low, mean, level)
    logs = log_moments(*_sizes(m, n))
    least = min((x + level) / (2 * q) for q, x in zip(ORDERS, logs, strict=True))
    return math.exp(least) if least < LARGEST else math.inf


def moment_tail(m: float, n: float, t: float) -> float:
    """The least M_q(m, n) / t^{2q} over :data:`ORDERS`, or the closed form, and at most 1: inverse of the quantile."""
    if not math.isfinite(m + n + t):
        return math.nan
    if t <= 0:
        return 1.0
    if not (m > 0 and n > 0):
        return 0.0
    if max(m, n) > LARGE:
        return closed_tail(*_sizes(m, n), t)
    logs, log_t = log_moments(*_sizes(m, n)), math.log(t)
    return math.exp(min(0.0, *(x - 2 * q * log_t for q, x in zip(ORDERS, logs, strict=True))))


def sparse_quantile(
    m: float, n: float, taps: float, ratio: float, level: float, count: float = 1.0, size: float = 1.0
) -> float:
    """√max(1, ratio) times the least (e^level F_q)^{1/(2q)} over :data:`SPARSE_ORDERS`.

    F_q = min(m/r, n/r') ℓ^q M_q(r, r') Π_{i ≤ 2q} (count + i)/(size + i),
    ℓ = (E (1 + B)^{q-1})^{1/(q-1)} (for q = 1
    that of q = 2), B binomial with taps - 1 and β₀ = min(1, ratio), β = taps β₀/ℓ, and r, for n likewise r', is
    min(m, ⌈β m + (1-β)(q-1) + 2^-30⌉). The 2^-30 keeps rounding errors from deciding at whole numbers.

    Parameters
    ----------
    ratio
        Share of the entries that are there, times variance over L² of a weight; positive.
    count, size
        Of the order statistic whose moments are a factor; equal where there is none.
    """
    if not math.isfinite(m + n + taps + ratio + level + count + size) or not ratio > 0:
        return math.nan
    if not (m > 0 and n > 0):
        return 0.0
    low, high = _sizes(m, n)
    base, whole = min(1.0, ratio), round(taps)
    step = np.arange(1, 2 * SPARSE_ORDERS[-1] + 1)
    factors = np.cumsum(np.log((count + step) / (size + step)))
    least = math.inf
    for q in SPARSE_ORDERS:
        spread = _spread(q, whole, base)
        beta = min(1.0, whole * base / spread)
        r, s = (min(x, math.ceil(beta * x + (1 - beta) * (q - 1) + NUDGE)) for x in (low, high))
        log_moment = math.log(moments(r, s, q)[-1] * min(low * s, high * r)) - math.log(r * s)
        value = (log_moment + q * math.log(spread) + factors[2 * q - 1] + level) / (2 * q)
        least = min(least, value)
    least += math.log(max(1.0, ratio)) / 2
    return math.exp(least) if least < LARGEST else math.inf


@lru_cache(maxsize=1 << 12)
def _spread(q: int, taps: int, base: float) -> float:
    """ℓ for B binomial with taps - 1 and a probability."""
    power, others = max(q - 1, 1), taps - 1
    if others == 0 or base == 1:
        return float(taps)
    j = np.arange(others + 1)
    mass = np.exp(
        scipy.special.gammaln(taps)
        - scipy.special.gammaln(j + 1)
        - scipy.special.gammaln(taps - j)
        + j * math.log(base)
        + (others - j) * math.log1p(-base)
    )
    return float(taps * np.sum(mass * ((1 + j) / taps) ** power) ** (1 / power))


def _sizes(m: float, n: float) -> tuple[int, int]:
    """Whole sizes, the smaller one first: moments do not mind transposing."""
    low, high = sorted((math.ceil(m), math.ceil(n)))
    return low, high
