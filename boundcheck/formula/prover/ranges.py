"""What a bound takes on a whole range of its parameters: enclosures, each function at the ends that favour it.

A range of widths is evaluated as an interval, and so is whatever depends on it: sums, products, powers with constant
exponents, logarithms, floors, least and greatest values are monotone in each argument. So are the functions of bounds:

- BetaQuantile(a, b, p) increases in a, decreases in b and p: the likelihood ratio of Beta(a', b') to Beta(a, b),
  x^(a'-a) (1-x)^(b'-b), increases in x for a' ≥ a, b' ≤ b, which orders the laws stochastically.
- HypergeometricBound(D, k, n, p) increases in k and n, decreases in D and p. It is the last count c at which both
  exponents n KL(c/n ‖ k/D) and k KL(c/k ‖ n/D) are below log(1/p), 0 at c ≤ nk/D. The first decreases in k/D up to c/n,
  and in n: its derivative is log((1 - c/n)/(1 - k/D)) ≤ 0; the second likewise.
- MomentQuantile(m, n, y) increases in m, n and y, as moments do: a larger matrix has more walks, each of a mean ≥ 0.
  Beyond `gaussian_moments.LARGE` it has another form, M + u with l (e^{-u²/2} + e^{-u²-uM}) = e^-y. With w the share of
  the second term, du/dM = -uw/(u(1-w) + (2u+M)w) ≥ -1/2, so that it increases too; where the form changes, both are
  taken.
- SparseQuantile(m, n, κ, x, y, k, D) increases in all but D: min(m/r, n/s) M_q(r, s) does in m and n, and in r and s,
  as M_q(r, s)/r is the mean of an entry of (GGᵀ)^q, a sum over walks of means ≥ 0. r and s increase with β = κβ₀/ℓ for
  m ≥ q - 1 and are m else. ℓ increases with β₀ = min(1, x), but ℓ/β₀ does not: given B' binomial with cβ₀, c > 1,
  thinned to B with β₀, E(1 + B | B') = 1 + B'/c ≥ (1 + B')/c, so that ‖1 + B‖ ≥ ‖1 + B'‖/c in every L^p, by Jensen's
  inequality.
- SphericalQuantile(m, n, y), WalkQuantile(m, n, κ, k, D, y, …) and SeriesQuantile(m, n, κ, p, y, family) increase in
  all but D: so does each term of the sums that they are made of, and the least over fixed orders, or θ.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any, NamedTuple

import sympy
from flint import arb
from sympy import Expr

from boundcheck.errors import UnsupportedClaim
from boundcheck.formula import gaussian_moments, rigorous, series, spherical, walks
from boundcheck.formula.rigorous import Interval, precision
from boundcheck.statement.functions import (
    BetaQuantile,
    Greatest,
    HypergeometricBound,
    Least,
    MomentQuantile,
    OrderedWalkQuantile,
    SeriesQuantile,
    SparseQuantile,
    SphericalQuantile,
    WalkQuantile,
)

BITS = 128
FLOAT_ERROR = 1e-9
"""Relative error that is allowed to moments by recursion in floats, which is near 1e-13."""
WALK_ERROR = 1e-11
"""The same for S2, S4 and S6 in floats, which are within 1.4e-12 of their balls at sizes up to 10^12."""


class Ends(NamedTuple):
    """Balls around, or below and above, the least and the largest value."""

    low: arb
    high: arb


class Span(NamedTuple):
    """What an expression takes on a range: enclosed.

    `small` says whether that rests on moments in floats, `coarse` whether quantiles of Beta laws could be enclosed more
    tightly than they were.
    """

    values: Interval
    small: bool
    coarse: bool = False


def spans(
    expressions: list[Expr],
    ranges: Mapping[Any, tuple[Expr, Expr]],
    *,
    side: int = 0,
    floats: bool = True,
    coarse: bool = False,
) -> list[Span]:
    """Enclose what expressions take for parameters in closed ranges; their common parts are evaluated once.

    Parameters
    ----------
    ranges
        The rational ends for each parameter.
    side
        -1 or 1 where only the least, or the largest, value is wanted: the other end may then be infinite.
    floats
        Whether moments of matrices up to `gaussian_moments.LARGE` may be taken in floats, with a margin of
        :data:`FLOAT_ERROR`. Without, bounds of them that are fast and far apart are taken.
    coarse
        Whether fast enclosures of quantiles of Beta laws suffice, also on narrow ranges.

    Raises
    ------
    UnsupportedClaim
        When it holds a function that is not known to be monotone.
    """
    with precision(BITS):
        walk = _Walk({p: Ends(*map(rigorous.rational, ends)) for p, ends in ranges.items()}, side, floats)
        walk.fast = coarse
        found = []
        for expression in expressions:
            low, high = walk.value(expression)
            values = Interval(rigorous.interval(low).low, rigorous.interval(high).high)
            found.append(Span(values, walk.rested, walk.coarse))
    return found


class _Walk:
    def __init__(self, known: dict[Any, Ends], side: int, floats: bool) -> None:
        self.known = known
        self.side = side
        self.floats = floats
        self.rested = False
        self.fast = self.coarse = False

    def value(self, e: Expr) -> Ends:
        found = self.known.get(e)
        if found is None:
            found = self.known[e] = self._value(e)
        return found

    def _value(self, e: Expr) -> Ends:
        if e.is_Rational:
            x = rigorous.rational(e)
            return Ends(x, x)
        if not e.args:
            x = rigorous.ball(e)
            return Ends(x, x)
        if e.is_Pow:
            return self._power(e)
        parts = [self.value(a) for a in e.args]
        if e.is_Add:
            return Ends(*(sum(ends, arb(0)) for ends in zip(*parts, strict=True)))
        if e.is_Mul:
            return reduce(_product, parts)
        if isinstance(e, Least | sympy.Min):
            return Ends(*(reduce(arb.min, ends) for ends in zip(*parts, strict=True)))
        if isinstance(e, Greatest | sympy.Max):
            return Ends(*(reduce(arb.max, ends) for ends in zip(*parts, strict=True)))
        if isinstance(e, sympy.log):
            return Ends(*(x.log() for x in parts[0]))
        if isinstance(e, sympy.exp | sympy.erfinv):
            increasing = arb.exp if isinstance(e, sympy.exp) else arb.erfinv
            return Ends(*(increasing(x) for x in parts[0]))
        if isinstance(e, sympy.floor):
            return Ends(parts[0].low.lower().floor(), parts[0].high.upper().floor())
        monotone = _FUNCTIONS.get(type(e))
        if monotone is None and not e.free_symbols:
            x = rigorous.ball(e)
            return Ends(x, x)
        if monotone is None:
            raise UnsupportedClaim(f"{type(e).__name__} in {e} is not known to be monotone")
        return monotone(self, *parts)

    def _power(self, e: Expr) -> Ends:
        base = self.value(e.base)
        if e.base is sympy.E or not e.exp.is_Rational:
            return self._general(e, base)
        powers = [_of_power(x, e.exp) for x in base]
        if e.exp > 0 and (base.low >= 0 or (e.exp.is_Integer and e.exp % 2 == 1)):
            return Ends(*powers)
        if e.exp < 0 and base.low > 0:
            return Ends(powers[1], powers[0])
        if e.exp.is_Integer and e.exp > 0:  # even, on both sides of 0 or below it
            return Ends(arb(0), powers[0].max(powers[1]))
        return Ends(arb.nan(), arb.nan())

    def _general(self, e: Expr, base: Ends) -> Ends:
        exponent = self.value(e.exp)
        if e.base is not sympy.E:
            exponent = _product(exponent, Ends(base.low.log(), base.high.log()))
        return Ends(exponent.low.exp(), exponent.high.exp())

    def moments(self, m: Ends, n: Ends, level: Ends) -> Ends:
        """MomentQuantile; see :mod:`boundcheck.formula.prover.ranges`."""
        if not all(x.is_finite() for x in (*m, *n)):
            return Ends(arb(0), arb.pos_inf())
        low, high = (
            sorted((_whole(a, up), _whole(b, up))) for a, b, up in ((m.low, n.low, False), (m.high, n.high, True))
        )
        return self.ends(
            lambda: self._least(low, high, level.low) if low[0] >= 1 else arb(0),
            lambda: self._largest(high, level.high),
        )

    def ends(self, low: Callable[[], arb], high: Callable[[], arb]) -> Ends:
        """Those ends of a nonnegative function that are wanted."""
        return Ends(low() if self.side <= 0 else arb(0), high() if self.side >= 0 else arb.pos_inf())

    def _least(self, low: list[int], high: list[int], level: arb) -> arb:
        found = []
        if high[1] > gaussian_moments.LARGE:
            found.append(rigorous.closed_quantile(low[0], low[1], level))
        if low[1] <= gaussian_moments.LARGE:
            self.rested = True
            # By Jensen's inequality M_q ≥ l (m n/l)^q with l = min(m, n), so that every order gives √max(m, n) or more.
            found.append(self._by_floats(low, level, -1) if self.floats else arb(low[1]).sqrt())
        return reduce(arb.min, found)

    def _largest(self, high: list[int], level: arb) -> arb:
        if high[0] < 1:
            return arb(0)
        if high[1] > gaussian_moments.LARGE:
            clipped = [min(x, gaussian_moments.LARGE) for x in high]
            return rigorous.closed_quantile(high[0], high[1], level).max(self._largest(clipped, level))
        self.rested = True
        if self.floats:
            return self._by_floats(high, level, 1)
        return ((arb(rigorous.exact_moment(_ORDER, *high)).log() + level) / (2 * _ORDER)).exp()

    def by_floats(self, low: Callable[[], float], high: Callable[[], float]) -> Ends | None:
        """Those ends that are wanted, by floats with a margin; None where floats are not allowed."""
        self.rested = True
        if not self.floats:
            return None
        margin = arb(WALK_ERROR)
        return self.ends(lambda: _known(low()) * (1 - margin), lambda: _known(high(), arb.pos_inf()) * (1 + margin))

    def _by_floats(self, sizes: list[int], level: arb, side: int) -> arb:
        return arb(gaussian_moments.moment_quantile(sizes[0], sizes[1], float(level.mid())) * (1 + side * FLOAT_ERROR))


_ORDER = 24


def _known(value: float, otherwise: arb | None = None) -> arb:
    """A float as a ball; what is not known is 0, or another bound."""
    return arb(value) if math.isfinite(value) else otherwise or arb(0)


def _product(x: Ends, y: Ends) -> Ends:
    if x.low >= 0 and y.low >= 0:
        high = x.high * y.high
        return Ends(x.low * y.low, arb.pos_inf() if high.is_nan() else high)  # 0 times what may be anything
    products = [a * b for a in x for b in y]
    return Ends(reduce(arb.min, products), reduce(arb.max, products))


def _of_power(x: arb, exponent: Expr) -> arb:
    if exponent.is_Integer:
        return x ** int(exponent)
    root = x.sqrt() if exponent.q == 2 else x.root(int(exponent.q)) if exponent.q <= 64 else None
    return x ** rigorous.rational(exponent) if root is None else root ** int(exponent.p)


def _whole(x: arb, up: bool) -> int:
    """A size of a matrix as an integer at most, or at least, it."""
    end = x.upper() if up else x.lower()
    return int(end.ceil().unique_fmpz() or 0)


def _beta(walk: _Walk, a: Ends, b: Ends, delta: Ends) -> Ends:
    coarse = not a.low * (b.high - b.low) < b.high  # the range is wider than what coarse enclosures add to it
    if walk.fast and not coarse:
        walk.coarse = coarse = True
    return walk.ends(
        lambda: rigorous.beta_quantile(a.low, b.high, delta.high, coarse=coarse),
        lambda: rigorous.beta_quantile(a.high, b.low, delta.low, coarse=coarse) if b.low > 0 else arb(1),
    )


def _counts(walk: _Walk, population: Ends, marked: Ends, drawn: Ends, delta: Ends) -> Ends:
    def most() -> arb:
        if marked.high <= population.low and drawn.high <= population.low:
            return rigorous.hypergeometric_bound(population.low, marked.high, drawn.high, delta.low)
        return marked.high.min(drawn.high)

    return walk.ends(
        lambda: rigorous.hypergeometric_bound(population.high, marked.low, drawn.low, delta.high),
        most,
    )


def _sparse(walk: _Walk, m: Ends, n: Ends, taps: Ends, ratio: Ends, level: Ends, *beta: Ends) -> Ends:
    count = [(beta[0].low, beta[1].high), (beta[0].high, beta[1].low)] if beta else [(), ()]
    some = ratio.low > 0 and m.low > 0 and n.low > 0
    return walk.ends(
        lambda: rigorous.sparse_quantile(m.low, n.low, taps.low, ratio.low, level.low, *count[0]) if some else arb(0),
        lambda: rigorous.sparse_quantile(m.high, n.high, taps.high, ratio.high, level.high, *count[1]),
    )


def _spherical(walk: _Walk, m: Ends, n: Ends, level: Ends) -> Ends:
    """S2; without floats √(m-1) + √(n-1) and m n e^y in place of the orders: see the rules for growth."""
    if not all(x.is_finite() for x in (*m, *n, *level)):
        return Ends(arb(0), arb.pos_inf())
    return walk.by_floats(
        lambda: spherical.spherical_quantile(float(m.low), float(n.low), float(level.low)),
        lambda: spherical.spherical_quantile(float(m.high), float(n.high), float(level.high)),
    ) or Ends(arb(0), (m.high * n.high * level.high.exp()).sqrt())


def _walks(quantile: Callable[..., Any], *, ordered: bool) -> Callable[..., Ends]:
    def ends(walk: _Walk, m: Ends, n: Ends, taps: Ends, k: Ends, size: Ends, level: Ends, *moments: Ends) -> Ends:
        if not all(x.is_finite() for x in (*m, *n, *size)) or not size.low >= 1:
            return Ends(arb(0), arb.pos_inf())
        most = k.high.min(size.low)  # no more than all are there
        found = walk.by_floats(
            lambda: quantile(*map(float, (m.low, n.low, taps.low, k.low, size.high, level.low)), *_floats(moments)),
            lambda: quantile(*map(float, (m.high, n.high, taps.high, most, size.low, level.high)), *_floats(moments)),
        )
        if found is not None:
            return found
        one = moments[0].low.sqrt() if k.low >= 1 and level.low >= 0 and not ordered else arb(0)
        return Ends(one, arb.pos_inf())

    return ends


def _floats(moments: Sequence[Ends]) -> list[float]:
    return [float(x.low.mid()) for x in moments]


def _series(walk: _Walk, m: Ends, n: Ends, taps: Ends, share: Ends, level: Ends, family: Ends) -> Ends:
    shares, kind = (float(share.low.max(arb(0))), float(share.high.min(arb(1)))), float(family.low)
    if not all(x.is_finite() for x in (*m, *n)):
        return Ends(arb(0), arb.pos_inf())
    low, high = ([float(x[end]) for x in (m, n, taps)] for end in (0, 1))
    found = walk.by_floats(
        lambda: float(series.series_quantile(low[0], low[1], low[2], shares[0], float(level.low), kind)),
        lambda: float(series.series_quantile(high[0], high[1], high[2], shares[1], float(level.high), kind)),
    )
    return Ends(arb(0), arb.pos_inf()) if found is None else found


_FUNCTIONS: dict[Any, Callable[..., Ends]] = {
    BetaQuantile: _beta,
    HypergeometricBound: _counts,
    MomentQuantile: _Walk.moments,
    OrderedWalkQuantile: _walks(walks.ordered_walk_quantile, ordered=True),
    SeriesQuantile: _series,
    SparseQuantile: _sparse,
    SphericalQuantile: _spherical,
    WalkQuantile: _walks(walks.walk_quantile, ordered=False),
}
