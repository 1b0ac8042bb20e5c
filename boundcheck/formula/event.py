"""Events about one statistic, read as half-lines, s ≥ level or s ≤ level, or as what lies between two of them."""

from __future__ import annotations

from typing import NamedTuple

from sympy import Abs, Expr, Function, Pow, S, Symbol, exp, log, nan, oo, zoo

from boundcheck.errors import InvalidArgument, UnsupportedClaim
from boundcheck.formula.rigorous import compare
from boundcheck.statement.laws import VALUE, Law
from boundcheck.statement.randomness import Matrix, Occupancy, Statistic, StoppedWalk

_REAL, _NONNEGATIVE = Symbol("s", real=True), Symbol("s", nonnegative=True)


class HalfLine(NamedTuple):
    """The values s ≥ level of a statistic, or s ≤ level when not `upper`; the level may be infinite."""

    upper: bool
    level: Expr


class Event(NamedTuple):
    """The union of half-lines, which are disjoint or whose union is certain; or what they leave when `between`.

    The levels are outside a strict event and inside another.
    """

    lines: tuple[HalfLine, ...]
    between: bool
    strict: bool


def read_event(margin: Expr, statistic: Expr, *, strict: bool, nonnegative: bool | None = None) -> Event:
    """The event margin > 0, or margin ≥ 0 when not `strict`.

    Parameters
    ----------
    margin
        Built of the statistic by affine maps, powers, exp, log and at most one modulus or even power that is not
        monotone where s has its values; all else numbers.
    statistic
        The statistic s, or another symbol for what is random.
    strict
        Whether margin = 0 is outside the event.
    nonnegative
        Whether s ≥ 0 for certain; by default what the statistic's kind and laws say.

    Raises
    ------
    UnsupportedClaim
        When what the margin says about s cannot be told for certain.
    InvalidArgument
        When s drops out of it.
    """
    if nonnegative is None:
        # Only powers and functions of the statistic care for its sign, which SymPy takes its time to tell.
        bent = any(part.has(statistic) for part in margin.atoms(Pow, Function))
        nonnegative = bent and isinstance(statistic, Statistic) and is_nonnegative(statistic)
    # Structure decides, not values: floor(s) and s³ - 3s² + 3s agree with s at 0, 1 and 2.
    symbol = _NONNEGATIVE if nonnegative else _REAL
    lines, between = _Reader(symbol, margin).read(margin.xreplace({statistic: symbol}))
    return Event(lines, between, strict)


def is_nonnegative(statistic: Statistic) -> bool:
    """Whether a statistic has no values below 0, as far as its kind and laws say."""
    sample, kind = statistic.sample, statistic.kind
    if kind in ("variance", "kolmogorov", "spectral_norm", "empty") or isinstance(sample, Occupancy | Matrix):
        return True
    if isinstance(sample, StoppedWalk):
        return False
    return all(has_nonnegative_values(sample.function, law) for law in sample.laws)


def has_nonnegative_values(function: Expr, law: Law) -> bool:
    """Whether a function of a variable with this law is nonnegative, as far as SymPy's assumptions say."""
    low = law.support[0]
    if function == VALUE:
        return bool(low.is_nonnegative)
    variable = _REAL if low is S.NegativeInfinity else _NONNEGATIVE + low
    return bool(function.xreplace({VALUE: variable}).is_nonnegative)


class _Reader:
    """Solves e ≥ level and e ≤ level for the symbol, from outside in."""

    def __init__(self, symbol: Symbol, margin: Expr) -> None:
        self.symbol, self.margin = symbol, margin

    def read(self, e: Expr) -> tuple[tuple[HalfLine, ...], bool]:
        """The half-lines of e ≥ 0, and whether they are what the event leaves."""
        if not e.has(self.symbol):
            raise self._without()
        return self._solve(e, S.Zero, True, folds=1)

    def _solve(self, e: Expr, level: Expr, upper: bool, folds: int) -> tuple[tuple[HalfLine, ...], bool]:
        while e != self.symbol:
            if e.is_Add or e.is_Mul:
                e, level, upper = self._affine(e, level, upper)
            elif e.is_Pow and e.exp.is_Integer and e.exp > 0 and e.exp % 2 == 0 and not e.base.is_nonnegative:
                return self._fold(e.base, self._root(level, e.exp), upper, folds)
            elif isinstance(e, Abs) and not e.args[0].is_nonnegative:
                return self._fold(e.args[0], level, upper, folds)
            elif isinstance(e, Abs):
                e = e.args[0]
            else:
                e, level, upper = self._monotone(e, level, upper)
            if level is S.NegativeInfinity:
                break
        return (HalfLine(upper, level),), False

    def _affine(self, e: Expr, level: Expr, upper: bool) -> tuple[Expr, Expr, bool]:
        inside = [a for a in e.args if a.has(self.symbol)]
        if len(inside) > 1:
            slope, rest = self._linear(e)
            inner: Expr = self.symbol
        elif not inside:
            raise self._without()
        else:
            [inner] = inside
            outside = e.func(*(a for a in e.args if a is not inner))
            slope, rest = (S.One, outside) if e.is_Add else (outside, S.Zero)
        if any(not part.is_Rational and part.has(nan, zoo, oo, -oo) for part in (slope, rest)):
            raise self._unreadable()
        sign = compare(slope, S.Zero)
        if not sign:
            raise self._without()
        level = level - rest
        return inner, level if slope is S.One else level / slope, upper == (sign > 0)

    def _linear(self, e: Expr) -> tuple[Expr, Expr]:
        """Slope and constant of what expands to a linear function of the symbol."""
        expanded = e.expand()
        slope, rest = expanded.coeff(self.symbol, 1), expanded.coeff(self.symbol, 0)
        if slope.has(self.symbol) or rest.has(self.symbol) or expanded != (slope * self.symbol + rest).expand():
            raise self._unreadable()
        return slope, rest

    def _monotone(self, e: Expr, level: Expr, upper: bool) -> tuple[Expr, Expr, bool]:
        if isinstance(e, exp):
            return e.args[0], (log(level) if self._sign(level) > 0 else -oo), upper
        if isinstance(e, log) and e.args[0].is_nonnegative:
            return e.args[0], exp(level), upper
        if e.is_Pow and e.exp.is_Rational and e.exp > 0:
            odd = e.exp.is_Integer and e.exp % 2 == 1
            if e.base.is_nonnegative:
                return e.base, (level ** (1 / e.exp) if self._sign(level) >= 0 else -oo), upper
            if odd:
                sign = self._sign(level)
                return e.base, sign * (sign * level) ** (1 / e.exp), upper
        raise self._unreadable()

    def _fold(self, e: Expr, level: Expr, upper: bool, folds: int) -> tuple[tuple[HalfLine, ...], bool]:
        """|e| ≥ level as two half-lines, |e| ≤ level as what they leave."""
        if not folds:
            raise self._unreadable()
        (above,), _ = self._solve(e, level, True, folds - 1)
        (below,), _ = self._solve(e, -level, False, folds - 1)
        return (above, below), not upper

    def _root(self, level: Expr, power: Expr) -> Expr:
        # Below 0 it is all or nothing, as it is for a modulus.
        return level ** (1 / power) if self._sign(level) >= 0 else S.NegativeOne

    def _sign(self, level: Expr) -> int:
        sign = compare(level, S.Zero)
        if sign is None:
            raise self._unreadable()
        return sign

    def _without(self) -> InvalidArgument:
        return InvalidArgument("event", str(self.margin), "does not depend on what is random", "choose another point")

    def _unreadable(self) -> UnsupportedClaim:
        return UnsupportedClaim(
            f"the event {self.margin} >= 0 is neither slope*statistic >= threshold nor "
            "abs(slope*statistic - centre) >= threshold; write it so"
        )
