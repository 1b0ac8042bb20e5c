"""How a formula grows with a parameter d: bounds C d^x (log d)^y (log log d)^z from above and below, up to a factor 1 +
o(1).

Rules for sums, products, powers with exponents that are free of d, logarithms, floors, least and greatest values follow
from those of o(1): a sum is its largest terms, a floor of what tends to ∞ is what it is a floor of. Those for the
functions of bounds, with L = log(1/p):

- MomentQuantile(m, n, y), where m or n grows: √m + √n ≤ it ≤ √m + √n + √(2(y + log 2 min(m, n))), since e^{-u²/2} +
  e^{-u²-uM} ≤ 2e^{-u²/2} in its closed form.
- BetaQuantile(a, b, p): with n = a + b - 1 and k = a - 1, P(Beta > x) = P(Binomial(n, x) ≤ k) ≤ exp(-(nx - k)²/(2nx))
  by Chernoff's bound, so that it is at most (k + L + √(L² + 2kL))/n. For p < 1/2 it is at least k/n, as k is a median
  of Binomial(n, k/n).
- HypergeometricBound(D, k, n, p) is at most any t whose exponent reaches L, and at least any t - 1 whose exponents do
  not. With μ = nk/D the first exponent is at least μ h(t/μ - 1) for h(x) = (1 + x) log(1 + x) - x, hence at least
  s²/(2(μ + s/3)) at t = μ + s and at least t log(t/(eμ)). So it is at most μ + √(2μL) + 2L/3. Where μ → 0 as a power of
  d and L ~ λ log d, any t above lim L/log(1/μ) serves; where μ tends to a constant and L → ∞, (1 + o(1)) L/log L does.
  Both exponents are at most t log(t/μ) + μ(1 + o(1)) where k, n → ∞ and k/D, n/D → 0: so it is at least lim L/log(1/μ)
  - 1, or (1 - o(1)) L/log L. And the exponents are 0 up to μ: it is above μ - 1.
- SparseQuantile(m, n, κ, x, y[, k, D]), y ≥ 0, is at least √max(1, x max(m, n)) [times (k + 1)/(D + 1)]: by Jensen's
  inequality min(m/r, n/s) M_q(r, s) ≥ min(m, n) max(r, s)^q, while ℓ r ≥ min(1, x) m and Π_{i≤2q} (k+i)/(D+i) is at
  least the 2q-th power of its first factor.
- SphericalQuantile(m, n, y) is a geometric mean of (m + j)(n + j)/(j + 1), even j ≥ 0, times what is at least 1: each
  is at least (√(m-1) + √(n-1))².
- WalkQuantile(m, n, κ, k, D, y, μ_1, …) and OrderedWalkQuantile, y ≥ 0 and k ≥ 1, are at least √(μ_1 max(1, k/D max(m,
  n))) up to a factor 1 + o(1): the walk on one edge gives k μ_q ≥ μ_1^q, those on stars of q edges (m)(n)_q (k)_q/(D)_q
  μ_1^q, where k → ∞ if nk/D does. The second has the factor of the order statistic, as SparseQuantile.
- SeriesQuantile(m, n, κ, p, y, family), y ≥ 0 and mnκp ≥ 1, is at least √(max(1, p max(m, n))/6). All three families
  have M(θ) ≥ cosh z, z = θ/√3, so that G^n ≥ E cosh(zS) ≥ cosh(z√(np)), S a sum of n signs that are there with p, by
  Jensen's inequality for x -> cosh(z√x). With G^n - 1 ≥ n(G - 1), 2 cosh(θt) - 2 is at least G^n - 1 and 2mnκp(M(θ) -
  1), and (1 + cosh u)/2 ≥ cosh(u/√2).
- erfinv(x) ~ (√π/2) x as x → 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import sympy
from sympy import Expr, Rational, S, Symbol, cancel, log, pi, sqrt

from boundcheck.errors import UnsupportedClaim
from boundcheck.formula.rigorous import compare
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


@dataclass(frozen=True)
class Growth:
    """coefficient · d^power · (log d)^logs · (log log d)^iterated; the coefficient is positive and free of d."""

    coefficient: Expr
    power: Expr = S.Zero
    logs: Expr = S.Zero
    iterated: Expr = S.Zero

    @property
    def exponents(self) -> tuple[Expr, Expr, Expr]:
        """What decides between two growths, from left to right."""
        return self.power, self.logs, self.iterated

    def __mul__(self, other: Growth) -> Growth:
        exponents = (a + b for a, b in zip(self.exponents, other.exponents, strict=True))
        return Growth(self.coefficient * other.coefficient, *exponents)

    def raised(self, exponent: Expr) -> Growth:
        """The growth of a power."""
        return Growth(self.coefficient**exponent, *(e * exponent for e in self.exponents))

    def formula(self, d: Symbol) -> Expr:
        """As an expression in d."""
        return self.coefficient * d**self.power * log(d) ** self.logs * log(log(d)) ** self.iterated


class Bounds(NamedTuple):
    """Growths that a positive expression is at least, and at most; None where it is not known."""

    low: Growth | None
    high: Growth | None


@dataclass(frozen=True)
class Regime:
    """Bounds of a growth for one parameter in an open interval, or at a point; `parameter` None: at all."""

    parameter: Symbol | None
    low: Expr
    high: Expr
    bounds: Bounds

    def __str__(self) -> str:
        if self.parameter is None:
            return "always"
        inside = f"{self.parameter} = {self.low}"
        return inside if self.low == self.high else f"{self.low} < {self.parameter} < {self.high}"


class _Split(Exception):
    """Two growths compare otherwise on the two sides of a value of the parameter."""

    def __init__(self, value: Expr) -> None:
        super().__init__(value)
        self.value = value


def growth(expression: Expr, d: Symbol) -> Bounds:
    """How a positive expression grows with d → ∞, where exponents are numbers.

    Examples
    --------
    >>> from boundcheck import integer
    >>> d = integer("d", min=1)
    >>> growth(sympy.floor(d ** Rational(3, 2)) / d + 5 * log(d), d).high.formula(d)
    sqrt(d)

    Raises
    ------
    UnsupportedClaim
        When nothing is known of a function in it.
    """
    [regime] = regimes(expression, d)
    return regime.bounds


def regimes(
    expression: Expr, d: Symbol, parameter: Symbol | None = None, low: Expr = S.Zero, high: Expr = S.One
) -> list[Regime]:
    """How a positive expression grows with d, for a parameter of its exponents in (low, high), one regime after
    another.

    Exponents of d may be linear in the parameter, as in d^(2 - 2 alpha). Where two growths change their order inside
    the interval, it is split there.

    Raises
    ------
    UnsupportedClaim
        When nothing is known of a function in it.
    """
    if parameter is None or parameter not in expression.free_symbols:
        return [Regime(None, low, high, _Calculus(d, None, low, high).bounds(expression))]
    found: list[Regime] = []
    left = [(low, high)]
    while left:
        start, end = left.pop(0)
        try:
            if start == end:
                # No power of an integer by a long rational arises: bases are d and what is free of it.
                calculus, at = _Calculus(d, None, start, end), expression.xreplace({parameter: start})
            else:
                calculus, at = _Calculus(d, parameter, start, end), expression
            found.append(Regime(parameter, start, end, calculus.bounds(at)))
        except _Split as split:
            left = [(start, split.value), (split.value, split.value), (split.value, end), *left]
    return found


class _Calculus:
    """Bounds of the growths of expressions, for a parameter inside an open interval."""

    def __init__(self, d: Symbol, parameter: Symbol | None, low: Expr, high: Expr) -> None:
        self.d, self.parameter, self.low, self.high = d, parameter, low, high
        self.memo: dict[Expr, Bounds] = {}

    def bounds(self, e: Expr) -> Bounds:
        if e not in self.memo:
            self.memo[e] = self._bounds(e)
        return self.memo[e]

    def _bounds(self, e: Expr) -> Bounds:
        if self.d not in e.free_symbols:
            return Bounds(Growth(e), Growth(e)) if self.positive(e) else Bounds(None, None)
        if e == self.d:
            return Bounds(Growth(S.One, S.One), Growth(S.One, S.One))
        if e.is_Add:
            return self._sum(e)
        if e.is_Mul:
            return self._product([self.bounds(a) for a in e.args])
        if e.is_Pow and self.d not in e.exp.free_symbols:
            return self._power(self.bounds(e.base), e.exp)
        rule = _RULES.get(type(e))
        if rule is None:
            raise UnsupportedClaim(f"nothing is known of how {type(e).__name__} grows, in {e}")
        return rule(self, *e.args)

    # Signs and orders ------------------------------------------------------------------------------------------------

    def sign(self, e: Expr) -> int:
        """The sign of an exponent on the whole interval.

        Raises
        ------
        _Split
            Where it changes.
        """
        e = sympy.expand(e)
        if self.parameter is None or self.parameter not in e.free_symbols:
            if not e.is_number:
                raise UnsupportedClaim(f"the exponent {e} has a parameter that is not split over")
            return int(sympy.sign(e))
        slope = e.coeff(self.parameter, 1)
        rest = e - slope * self.parameter
        if not (slope.is_Rational and rest.is_Rational):
            raise UnsupportedClaim(f"the exponent {e} is not linear in {self.parameter}")
        root = -rest / slope
        if self.low < root < self.high:
            raise _Split(root)
        return int(sympy.sign(slope * (self.low + self.high) / 2 + rest))

    def compare(self, left: Growth, right: Growth) -> int:
        """1 where the left is of a larger order, -1 where the right is, 0 where they have the same."""
        for a, b in zip(left.exponents, right.exponents, strict=True):
            if (sign := self.sign(a - b)) != 0:
                return sign
        return 0

    def tends(self, x: Growth) -> int:
        """1 to infinity, 0 to its coefficient, -1 to 0."""
        return self.compare(x, Growth(S.One))

    def positive(self, e: Expr) -> bool:
        """Whether a constant is known to be positive."""
        if e.is_positive:
            return True
        if not e.free_symbols:
            return compare(e, S.Zero) == 1
        if self.parameter is not None and self.parameter in e.free_symbols:
            inside = sympy.Dummy(positive=True)
            # Between its ends the parameter is low + (high - low) x/(1 + x) with x > 0.
            shifted = self.low + (self.high - self.low) * inside / (1 + inside)
            return bool(cancel(e.xreplace({self.parameter: shifted})).is_positive)
        if e.is_Pow:
            return self.positive(e.base)
        if e.is_Mul:
            return all(map(self.positive, e.args))
        if isinstance(e, log):
            return bool(sympy.expand(e.args[0] - 1).is_positive) or _above_one(e.args[0])
        return False

    # Rules -----------------------------------------------------------------------------------------------------------

    def largest(self, growths: Iterable[Growth], *, add: bool) -> Growth:
        """The growth of a sum, or of a maximum, of positive terms."""
        best: Growth | None = None
        for x in growths:
            order = 1 if best is None else self.compare(x, best)
            if order > 0 or best is None:
                best = x
            elif order == 0:
                a, b = best.coefficient, x.coefficient
                best = Growth(a + b if add else sympy.Max(a, b), *best.exponents)
        assert best is not None
        return best

    def smallest(self, growths: Iterable[Growth]) -> Growth:
        """The growth of a minimum; among equal orders any coefficient is an upper bound, the least number is taken."""
        best: Growth | None = None
        for x in growths:
            order = -1 if best is None else self.compare(x, best)
            if order < 0 or best is None:
                best = x
            elif order == 0:
                best = Growth(sympy.Min(best.coefficient, x.coefficient), *best.exponents)
        assert best is not None
        return best

    def _sum(self, e: Expr) -> Bounds:
        positive: list[Expr] = []
        negative: list[Expr] = []
        for term in e.args:
            (negative if term.could_extract_minus_sign() else positive).append(term)
        if not positive:
            return Bounds(None, None)
        found = [self._term(t) for t in positive]
        highs = [x.high for x in found]
        lows = [x.low for x in found if x.low is not None]
        high = self.largest([h for h in highs if h is not None], add=True) if None not in highs else None
        low = self.largest(lows, add=True) if lows else None
        for term, x in zip(positive, found, strict=True):
            if x.low is None and not _nonnegative(term):
                negative.append(-term)  # what may be below 0
        for term in negative:
            taken = self._term(-term).high
            if low is None or taken is None or self.compare(taken, low) >= 0:
                low = None
        return Bounds(low, high)

    def _term(self, e: Expr) -> Bounds:
        # Constants whose sign is not known, as log(1/δ), are at most their modulus.
        if self.d not in e.free_symbols and not self.positive(e):
            return Bounds(None, Growth(1 + sympy.Abs(e)))
        return self.bounds(e)

    @staticmethod
    def _product(factors: list[Bounds]) -> Bounds:
        ends: list[Growth | None] = []
        for side in (0, 1):
            total: Growth | None = Growth(S.One)
            for factor in factors:
                x = factor[side]
                total = None if total is None or x is None else total * x
            ends.append(total)
        return Bounds(*ends)

    def _power(self, x: Bounds, exponent: Expr) -> Bounds:
        low, high = (None if end is None else end.raised(exponent) for end in x)
        return Bounds(low, high) if self.sign(exponent) >= 0 else Bounds(high, low)

    def root(self, x: Bounds) -> Bounds:
        return self._power(x, S.Half)

    def logarithm(self, e: Expr) -> Bounds:
        """Of what tends to infinity."""
        inner = self.bounds(e)
        return Bounds(*(None if x is None else self._log(x) for x in inner))

    def _log(self, x: Growth) -> Growth | None:
        if (sign := self.sign(x.power)) != 0:
            return Growth(x.power, S.Zero, S.One) if sign > 0 else None
        if x.logs != 0:
            return Growth(x.logs, S.Zero, S.Zero, S.One) if x.logs > 0 else None
        return None

    def floor(self, e: Expr) -> Bounds:
        low, high = self.bounds(e)
        return Bounds(low if low is not None and self.tends(low) > 0 else None, high)

    def least(self, *candidates: Expr) -> Bounds:
        found = [self.bounds(candidate) for candidate in candidates]
        highs = [x.high for x in found if x.high is not None]
        lows = [x.low for x in found if x.low is not None]
        low = self.smallest(lows) if len(lows) == len(found) else None
        return Bounds(low, self.smallest(highs) if highs else None)

    def greatest(self, *candidates: Expr) -> Bounds:
        found = [self.bounds(c) for c in candidates]
        highs = [x.high for x in found if x.high is not None]
        lows = [x.low for x in found if x.low is not None]
        high = self.largest(highs, add=False) if len(highs) == len(found) else None
        return Bounds(self.largest(lows, add=False) if lows else None, high)

    def moments(self, m: Expr, n: Expr, level: Expr) -> Bounds:
        if not any(x.low is not None and self.tends(x.low) > 0 for x in (self.bounds(m), self.bounds(n))):
            return Bounds(None, None)
        low, high = self.bounds(sqrt(m) + sqrt(n))
        margin = self.root(
            self.bounds(2 * (level + log(2 * (m + n))))
        ).high  # min(m, n) ≤ m + n, of the same order of log
        return Bounds(low, None if high is None or margin is None else self.largest([high, margin], add=True))

    def beta(self, a: Expr, b: Expr, p: Expr) -> Bounds:
        n, k, needed = a + b - 1, a - 1, log(1 / p)
        high = self.bounds((k + needed + sqrt(needed**2 + 2 * k * needed)) / n).high
        return Bounds(self.bounds(k / n).low if _below_half(p) else None, high)

    def counts(self, size: Expr, k: Expr, n: Expr, p: Expr) -> Bounds:
        mean, level = (
            self._product([self.bounds(k), self.bounds(n), self._power(self.bounds(size), -S.One)]),
            log(1 / p),
        )
        needed = self.bounds(level)
        if mean.high is None or needed.high is None:
            return Bounds(None, None)
        shrinking = self.sign(mean.high.power)
        logarithmic = needed.low is not None and needed.low == needed.high and needed.high.exponents == (0, 1, 0)
        growing = (self.bounds(k).low, self.bounds(n).low)
        sparse = mean.low == mean.high and all(x is not None and self.tends(x) > 0 for x in growing)
        sparse &= all(
            x is not None and self.sign(x.power) < 0 for x in (self.bounds(k / size).high, self.bounds(n / size).high)
        )
        if shrinking < 0 and logarithmic:
            ratio = cancel(needed.high.coefficient / -mean.high.power)
            least = cancel(ratio - 1)
            return Bounds(Growth(least) if sparse and self.positive(least) else None, Growth(ratio))
        if shrinking == 0 and mean.high.exponents == (0, 0, 0) and logarithmic:
            found = Growth(needed.high.coefficient, S.Zero, S.One, -S.One)
            return Bounds(found if sparse else None, found)
        terms = [mean.high, self.root(self._product([mean, needed])).high, needed.high]
        weights = [S.One, sqrt(2), Rational(2, 3)]
        weighted = [Growth(w) * x for w, x in zip(weights, terms, strict=True) if x is not None]
        low = mean.low if mean.low is not None and self.tends(mean.low) > 0 else None
        return Bounds(low, self.largest(weighted, add=True))

    def sparse(self, m: Expr, n: Expr, taps: Expr, x: Expr, level: Expr, *beta: Expr) -> Bounds:
        low = self.root(self.greatest(S.One, x * m, x * n)).low if self.positive(level) else None
        if beta and low is not None:
            factor = self.bounds((beta[0] + 1) / (beta[1] + 1)).low
            low = None if factor is None else low * factor
        return Bounds(low, None)

    def spherical(self, m: Expr, n: Expr, level: Expr) -> Bounds:
        return Bounds(self.moments(m, n, level).low, None)

    def walks(self, m: Expr, n: Expr, taps: Expr, k: Expr, size: Expr, level: Expr, *moments: Expr) -> Bounds:
        variance = self.bounds(sqrt(moments[0])).low
        low = self.root(self.greatest(S.One, k / size * m, k / size * n)).low if self.positive(level) else None
        return Bounds(None if low is None or variance is None else variance * low, None)

    def ordered_walks(self, m: Expr, n: Expr, taps: Expr, k: Expr, size: Expr, level: Expr, *moments: Expr) -> Bounds:
        low, factor = self.walks(m, n, taps, k, size, level, *moments).low, self.bounds((k + 1) / (size + 1)).low
        return Bounds(None if low is None or factor is None else low * factor, None)

    def series(self, m: Expr, n: Expr, taps: Expr, share: Expr, level: Expr, family: Expr) -> Bounds:
        low = self.root(self.greatest(S.One, share * m, share * n)).low if self.positive(level) else None
        return Bounds(None if low is None else low * Growth(1 / sqrt(6)), None)

    def erfinv(self, e: Expr) -> Bounds:
        low, high = self.bounds(e)
        slope = Growth(sqrt(pi) / 2)
        small = high is not None and self.tends(high) < 0
        return Bounds(None if low is None else slope * low, slope * high if small and high is not None else None)


def _nonnegative(e: Expr) -> bool:
    """Whether an expression is known to be at least 0 for all d."""
    if e.is_nonnegative or (e.is_Pow and e.exp == S.Half) or isinstance(e, _SIGNLESS):
        return True
    if e.is_Add or e.is_Mul or isinstance(e, Least | Greatest | sympy.Max | sympy.Min | sympy.floor | sympy.erfinv):
        return all(map(_nonnegative, e.args))
    return bool(e.is_Pow and _nonnegative(e.base))


_SIGNLESS = (
    BetaQuantile,
    HypergeometricBound,
    MomentQuantile,
    OrderedWalkQuantile,
    SeriesQuantile,
    SparseQuantile,
    SphericalQuantile,
    WalkQuantile,
)


def _above_one(e: Expr) -> bool:
    """Whether a constant such as 6/δ, δ in (0, 1), exceeds 1: by the ends of the parameters' domains."""
    value = _at_worst(1 / e)
    return value is not None and bool(value < 1)


def _below_half(p: Expr) -> bool:
    value = _at_worst(p)
    return value is not None and bool(value < S.Half)


def _at_worst(p: Expr) -> Expr | None:
    """An upper bound of a share, increasing in parameters up to the ends of their domains and decreasing in widths."""
    ends = {}
    for symbol in p.free_symbols:
        domain = getattr(symbol, "domain", None)
        if domain is None:
            return None
        slope = sympy.diff(p, symbol)
        ends[symbol] = domain.high if slope.is_positive else domain.low if slope.is_negative else None
    if any(end is None or not end.is_finite for end in ends.values()):
        return None
    value = p.xreplace(ends)
    return value if value.is_Rational else None


_RULES: dict[Any, Callable[..., Bounds]] = {
    log: _Calculus.logarithm,
    sympy.floor: _Calculus.floor,
    sympy.erfinv: _Calculus.erfinv,
    Least: _Calculus.least,
    sympy.Min: _Calculus.least,
    Greatest: _Calculus.greatest,
    sympy.Max: _Calculus.greatest,
    MomentQuantile: _Calculus.moments,
    BetaQuantile: _Calculus.beta,
    HypergeometricBound: _Calculus.counts,
    SparseQuantile: _Calculus.sparse,
    SphericalQuantile: _Calculus.spherical,
    WalkQuantile: _Calculus.walks,
    OrderedWalkQuantile: _Calculus.ordered_walks,
    SeriesQuantile: _Calculus.series,
}
