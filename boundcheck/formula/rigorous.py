"""SymPy expression → ball arithmetic: enclosures with outward-rounded ends."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache, partial, reduce
from itertools import product
from typing import Any, NamedTuple

import sympy
from flint import arb, ctx, fmpq, fmpz
from sympy import Expr, Rational

from boundcheck.errors import InvalidArgument, UnsupportedClaim
from boundcheck.formula import gaussian_moments, series, special, spherical, walks
from boundcheck.statement.atom import Atom
from boundcheck.statement.domain import Point
from boundcheck.statement.functions import (
    BetaQuantile,
    Greatest,
    HypergeometricBound,
    Least,
    MomentQuantile,
    MomentTail,
    OrderedWalkQuantile,
    SeriesQuantile,
    SparseQuantile,
    SphericalQuantile,
    SphericalTail,
    WalkQuantile,
)

LONGEST = 13_000
"""Bits of a number that is written out; Python refuses to print what has more than 4,300 digits."""


class Unwieldy(UnsupportedClaim):
    """A form of an expression that is too large to be of use, or that divides by 0."""


class Interval(NamedTuple):
    """Floats low ≤ value ≤ high around an exact value; either may be infinite."""

    low: float
    high: float


class Known(Atom):
    """A number that is known as a ball only, as an atom of SymPy expressions; two are equal when their origins are."""

    parts = ("origin", "value")
    origin: Expr
    """What the number is, such as an expectation."""
    value: arb

    def _hashable_content(self) -> tuple[Any, ...]:
        return (self.origin,)

    def _eval_is_positive(self) -> bool | None:
        return True if self.value > 0 else False if self.value <= 0 else None

    def _eval_is_negative(self) -> bool | None:
        return True if self.value < 0 else False if self.value >= 0 else None

    def _sympystr(self, printer: Any) -> str:
        return self.value.str(10, radius=False)


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Set the working precision of ball arithmetic within a block."""
    before, ctx.prec = ctx.prec, bits
    try:
        yield
    finally:
        ctx.prec = before


def interval(ball: arb) -> Interval:
    """The ball's ends as floats, rounded outward."""
    if ball.is_nan():
        return Interval(-float("inf"), float("inf"))
    return Interval(_float(ball.lower(), up=False), _float(ball.upper(), up=True))


def _float(end: arb, up: bool) -> float:
    near = float(end)
    if math.isinf(near):
        # An overflow of the float range is not an infinite value; keep the finite end on its side.
        exact_infinite = not end.is_finite()
        if exact_infinite:
            return near
        largest = math.nextafter(math.inf, 0.0)
        return near if (near > 0) == up else math.copysign(largest, near)
    if up:
        return near if arb(near) >= end else math.nextafter(near, math.inf)
    return near if arb(near) <= end else math.nextafter(near, -math.inf)


def enclose(expression: Expr, point: Point | None = None, *, digits: int = 11) -> Interval:
    """Enclose the value of an expression at an exact parameter point.

    Parameters
    ----------
    expression
        Built of rational numbers, the parameters, + * / and powers, exp, log, erf, erfinv, hyperbolic and trigonometric
        functions, Min, Max, Abs, floor, ceiling, and the quantiles of statement/functions.py.
    point
        Exact values for the parameters.
    digits
        Decimal digits to aim at; the precision is raised as long as that helps.

    Returns
    -------
    An interval that contains the exact value.

    Raises
    ------
    UnsupportedClaim
        When the expression holds a function that has no enclosure here.
    InvalidArgument
        When a symbol has no value.
    """
    return interval(ball(expression, point, digits=digits))


def ball(expression: Expr, point: Point | None = None, *, digits: int = 11) -> arb:
    """Like :func:`enclose`, as an Arb ball."""
    wanted = digits * 10 // 3
    bits, reached = 128, arb.pos_inf()
    while True:
        with precision(bits):
            value = _Evaluator(dict(point or {})).evaluate(expression)
            radius = value.rad()
            enough = value.rel_accuracy_bits() >= wanted or value == 0 or bits >= 2048
            # A value that cancels to nothing keeps a relative accuracy of 0 while its radius shrinks.
            if enough or (value.is_finite() and 2 * radius > reached):
                return value
        bits, reached = 2 * bits, radius if value.is_finite() else reached


def compare(left: Expr, right: Expr, point: Point | None = None) -> int | None:
    """The sign of left - right at a point: -1, 0 or 1, or None where 2,000 bits do not tell."""
    if left.is_Rational and right.is_Rational:
        cross = int(left.p) * int(right.q) - int(right.p) * int(left.q)
        return (cross > 0) - (cross < 0)
    bits = 128
    while bits <= 2048:
        with precision(bits):
            evaluator = _Evaluator(dict(point or {}))
            difference = evaluator.evaluate(left) - evaluator.evaluate(right)
            if difference > 0:
                return 1
            if difference < 0:
                return -1
            if difference == 0:
                return 0
        bits *= 2
    try:
        # No number of bits tells equal values apart: 1/3 is no exact ball.
        return 0 if put(left, point or {}) == put(right, point or {}) else None
    except Unwieldy:
        return None


def put(e: Expr, values: Mapping[Any, Expr]) -> Expr:
    """The expression with values for some of its parts, as :meth:`Expr.xreplace` gives it.

    Raises
    ------
    Unwieldy
        When a number in it would be too long.
    """
    if e in values:
        return values[e]
    arguments = [put(a, values) for a in e.args]
    same = all(a is b for a, b in zip(arguments, e.args, strict=True))
    return e if same else built(e.func, *arguments)


def built(function: Any, *arguments: Expr) -> Expr:
    """The value of a function; :class:`Unwieldy` where SymPy would write out a power that is too long."""
    powers = [arguments] if function is sympy.Pow else []
    if function is sympy.exp:
        # SymPy writes exp(3 log(2)) as 8.
        terms = (term.as_coeff_Mul() for term in sympy.Add.make_args(arguments[0]))
        powers = [(rest.args[0], k) for k, rest in terms if isinstance(rest, sympy.log)]
    for base, exponent in powers:
        number = base.as_coeff_Mul()[0]
        if not (exponent.is_Rational and number.is_Rational) or number in (-1, 0, 1):
            continue
        if abs(exponent) * max(abs(int(number.p)), int(number.q)).bit_length() > LONGEST:
            raise Unwieldy(f"a number of more than {LONGEST:,} bits cannot be written out")
    return function(*arguments)


def rational(value: Rational) -> arb:
    """A SymPy rational as a ball."""
    return arb(fmpq(int(value.p), int(value.q)))


class _Evaluator:
    """One walk over an expression at one precision; shared subexpressions are evaluated once."""

    def __init__(self, point: dict[Any, Expr]) -> None:
        self.point = point
        self.memo: dict[Expr, arb] = {}

    def evaluate(self, e: Expr) -> arb:
        if e not in self.memo:
            self.memo[e] = self._evaluate(e)
        return self.memo[e]

    def _evaluate(self, e: Expr) -> arb:
        if e.is_Rational:
            return rational(e)
        if e.is_Symbol:
            if e not in self.point:
                raise InvalidArgument("point", str(e), "has no value", "give every parameter a value")
            return self.evaluate(self.point[e])
        if e is sympy.oo:
            return arb.pos_inf()
        if e is -sympy.oo:
            return arb.neg_inf()
        if e is sympy.pi:
            return arb.pi()
        if e is sympy.E:
            return arb.const_e()
        if isinstance(e, Known):
            return e.value
        if e.is_Float:
            return arb(str(e))
        if e.is_Add:
            total = arb(0)
            for term in e.args:
                total += self.evaluate(term)
            return total
        if e.is_Mul:
            product = arb(1)
            for factor in e.args:
                product *= self.evaluate(factor)
            return product
        if e.is_Pow:
            return self._power(e)
        if isinstance(e, sympy.floor | sympy.ceiling):
            return self._integer_part(e)
        if type(e) in _SPECIAL:
            return _SPECIAL[type(e)](*(self.evaluate(a) for a in e.args))
        function = _FUNCTIONS.get(type(e))
        if function is None:
            raise UnsupportedClaim(
                f"{type(e).__name__} in {e} has no rigorous evaluation; rewrite the formula without it"
            )
        return function(*(self.evaluate(a) for a in e.args))

    def _power(self, e: Expr) -> arb:
        base, exponent = e.args
        if base is sympy.E:
            return self.evaluate(exponent).exp()
        if exponent.is_Integer:
            return _whole_power(self.evaluate(base), int(exponent))
        if exponent == sympy.Rational(1, 2):
            return self.evaluate(base).sqrt()
        if exponent == sympy.Rational(-1, 2):
            return self.evaluate(base).rsqrt()
        return self.evaluate(base) ** self.evaluate(exponent)

    def _integer_part(self, e: Expr) -> arb:
        part = arb.floor if isinstance(e, sympy.floor) else arb.ceil
        rounded = part(self.evaluate(e.args[0]))
        value = rounded.unique_fmpz()
        if value is None:
            value = _near_integer(e.args[0].xreplace(self.point), part)
        return rounded if value is None else arb(value)


def _whole_power(x: arb, n: int) -> arb:
    value = x ** fmpz(n)
    if n > 0 and value.is_nan() and x.is_finite():
        # Arb gives up on a ball around 0.
        reach = abs(x).upper() ** n
        return (-reach if n % 2 else arb(0)).union(reach)
    return value


def integer_part(number: Expr, *, up: bool) -> int | None:
    """Floor (or ceiling if `up`) of a number, None where it cannot be told."""
    part = arb.ceil if up else arb.floor
    value = part(ball(number)).unique_fmpz()
    if value is None:
        value = _near_integer(number, part)
    return None if value is None else int(value)


def _near_integer(number: Expr, part: Callable[[arb], arb]) -> fmpz | None:
    """Floor or ceiling of a number that 128 bits do not separate from an integer."""
    if number.is_Integer:
        return fmpz(int(number))
    if number.has(Known):
        return None
    with precision(2048):
        inner = _Evaluator({}).evaluate(number)
        value = part(inner).unique_fmpz()
        integer = inner.unique_fmpz()
    if value is not None or integer is None:
        return value
    # SymPy's own floor would decide by numbers again; its proof of equality is exact.
    return integer if (number - int(integer)).equals(0) else None


def _minimum(*values: arb) -> arb:
    result = values[0]
    for value in values[1:]:
        result = result.min(value)
    return result


def _maximum(*values: arb) -> arb:
    result = values[0]
    for value in values[1:]:
        result = result.max(value)
    return result


_FUNCTIONS: dict[Any, Callable[..., arb]] = {
    sympy.exp: arb.exp,
    sympy.log: arb.log,
    sympy.Abs: abs,
    sympy.erf: arb.erf,
    sympy.erfc: arb.erfc,
    sympy.erfinv: arb.erfinv,
    sympy.sinh: arb.sinh,
    sympy.cosh: arb.cosh,
    sympy.tanh: arb.tanh,
    sympy.sin: arb.sin,
    sympy.cos: arb.cos,
    sympy.atan: arb.atan,
    sympy.Min: _minimum,
    sympy.Max: _maximum,
    Least: _minimum,
    Greatest: _maximum,
}


def beta_tail(x: arb, a: arb, b: arb) -> arb:
    """P(Beta(a, b) > x) as a ball."""
    return (1 - x).beta_lower(b, a, regularized=True)


def beta_quantile(a: arb, b: arb, delta: arb, *, coarse: bool = False) -> arb:
    """An enclosure; a coarse one, of relative width 1/a or so, takes a normal tail where a is large."""
    if a == 0 or b == 0:
        return arb(1) if a > 0 else arb(0) if b > 0 else arb.nan()
    if not (a > 0 and b > 0):
        return arb.nan()
    low_tail: Callable[[arb], arb] = partial(beta_tail, a=a, b=b)
    high_tail = low_tail
    guess = arb(special.beta_quantile(float(a.mid()), float(b.mid()), float(delta.mid()), inflate=False))
    slacks: Sequence[float] = (1e-12, 1e-9, 1e-5, 1e-2)
    if a.is_integer() and b.is_integer():
        from boundcheck.formula.exact import binomial  # which needs this module

        n, k = _integer(a + b) - 1, _integer(a) - 1
        if n >= binomial.LARGE and k <= (1000 if coarse else binomial.LONGEST):
            low_tail = high_tail = partial(binomial.binomial_tail, n, k)
        elif n >= binomial.LARGE:

            def low_tail(x: arb) -> arb:
                return binomial.binomial_limits(n, k, x)[0]

            def high_tail(x: arb) -> arb:
                return binomial.binomial_limits(n, k, x)[1]

            slacks = [1e-14, *(c / (k + 1) for c in (1, 1.5, 3)), *slacks]
    # The float quantile is good to about 1e-14; the tail on both sides certifies a bracket around it.
    ends = []
    for tail, sign in ((low_tail, -1), (high_tail, 1)):
        for slack in slacks:
            end = guess * arb(1 + sign * slack)
            if end >= 1 or (tail(end) > delta if sign < 0 else tail(end) < delta):
                ends.append(end.min(arb(1)))
                break
        else:
            ends.append(arb(0 if sign < 0 else 1))
    return ends[0].union(ends[1])


def _kl(q: arb, p: arb) -> arb:
    left = q * (q / p).log() if q > 0 else arb(0)
    return left + ((1 - q) * ((1 - q) / (1 - p)).log() if q < 1 else arb(0))


def _exponent(count: int, population: int, marked: int, drawn: int) -> arb:
    """:func:`boundcheck.formula.special.hypergeometric_exponent` as a ball."""
    if count > min(marked, drawn):
        return arb.pos_inf()
    if count * population <= drawn * marked:
        return arb(0)
    exponent = arb(0)
    for size, others in ((drawn, marked), (marked, drawn)):
        if others < population:
            divergence = _kl(arb(fmpq(count, size)), arb(fmpq(others, population)))
            exponent = exponent.max(size * divergence)
    return exponent


def _integer(value: arb) -> int:
    return int(value.unique_fmpz() or 0)


def hypergeometric_bound(population: arb, marked: arb, drawn: arb, delta: arb) -> arb:
    """See :class:`HypergeometricBound`."""
    if not (population.is_integer() and marked.is_integer() and drawn.is_integer() and delta > 0):
        return arb(0).union(drawn.min(marked))
    exact = (_integer(population), _integer(marked), _integer(drawn))
    needed = -delta.log()
    count = int(special.hypergeometric_bound(*exact, float(delta.mid())))
    # The float search may be off by one either way; balls decide, and a tie that they leave open widens the result.
    while not _exponent(count + 1, *exact) >= needed:
        count += 1
    while count > 0 and _exponent(count, *exact) >= needed:
        count -= 1
    surely_least = count == 0 or _exponent(count, *exact) < needed
    return arb(count) if surely_least else arb(count - 1).union(arb(count))


@lru_cache(maxsize=1 << 14)
def exact_moment(q: int, m: int, n: int) -> fmpz:
    """M_q(m, n), exactly, for q, m, n ≥ 1: :func:`boundcheck.formula.gaussian_moments.moment` by FLINT's
    integers, several times as fast.

    Up to `gaussian_moments.PROVED` it is by the recursion of :func:`boundcheck.formula.gaussian_moments.moments`.

    Examples
    --------
    >>> exact_moment(1, 3, 5), exact_moment(2, 3, 5)
    (15, 135)
    """
    if q <= gaussian_moments.PROVED:
        return fmpz(gaussian_moments.moments(m, n, q)[-1])
    first = fmpz(m * n)
    for c in range(2, 2 * q, 2):
        first *= c * (m + c) * (n + c)
    total = fmpz(0)
    for b in range(q // 2 + 1):
        a = q - b
        term = first
        total += term
        for above, below in gaussian_moments.ratios(a, b, m, n) if b else ():
            term = term * above // below
            total += term
        if 2 * b + 2 <= q:
            x, c = 2 * a, 2 * b - 1
            first *= (x + 1) * x * (x - 2 * b - 3) * c * (m + c) * (n + c)
            first //= (2 * b + 2) * (2 * b + 1) * (x - 2 * b + 1) * (x - 2) * (m + x - 2) * (n + x - 2)
    return 2 * q * total // fmpz(math.factorial(2 * q))


def _least_of_moments(
    m: arb, n: arb, value: Callable[[int, arb], arb], least: arb, closed: Callable[[int, int], arb]
) -> arb:
    """The least value(q, log M_q(m, n)) over the orders, for one that first falls and then rises in q.

    log M_q is convex in q (Lyapunov), so that (log M_q + level)/(2q) and log M_q - 2q log t are such.

    Parameters
    ----------
    least
        The value for an empty matrix.
    closed
        The value from the closed form, for sizes beyond `gaussian_moments.LARGE`.
    """
    if not (m.is_finite() and n.is_finite()):
        return arb.nan()
    sizes = [(_integer(end(m).ceil()), _integer(end(n).ceil())) for end in (arb.lower, arb.upper)]
    found = []
    for low, high in map(sorted, sizes):  # moments grow with the sizes
        if low < 1:
            found.append(least)
            continue
        if high > gaussian_moments.LARGE:
            found.append(closed(low, high))
            continue

        @cache
        def at(i: int, low: int = low, high: int = high) -> arb:
            q = gaussian_moments.ORDERS[i]
            return value(q, arb(exact_moment(q, low, high)).log())

        last = len(gaussian_moments.ORDERS) - 1
        logs = gaussian_moments.log_moments(low, high)
        i = min(range(last + 1), key=lambda i: float(value(gaussian_moments.ORDERS[i], arb(logs[i])).mid()))
        smallest, below, above = at(i), i - 1, i + 1
        # Neighbours that are surely larger end the search on their side; in a tie it goes on.
        while below >= 0 and not at(below) > at(below + 1):
            smallest, below = smallest.min(at(below)), below - 1
        while above <= last and not at(above) > at(above - 1):
            smallest, above = smallest.min(at(above)), above + 1
        found.append(smallest)
    return found[0] if sizes[0] == sizes[1] else found[0].union(found[1])


def _closed_exponent(low: int, mean: arb, u: arb) -> arb:
    """-log of the closed form of :func:`gaussian_moments.closed_tail`, increasing in u with a slope of at least u."""
    half = u * u / 2
    return half - (1 + (-half - u * mean).exp()).log() - arb(low).log()


def closed_quantile(low: int, high: int, level: arb) -> arb:
    """The t at which :func:`boundcheck.formula.gaussian_moments.closed_tail` is e^-level, for a low × high matrix."""
    mean = arb(low).sqrt() + arb(high).sqrt()
    if not _closed_exponent(low, mean, arb(0)) < level:
        return mean if level <= _closed_exponent(low, mean, arb(0)) else arb.nan()
    u = arb(gaussian_moments.closed_margin(low, float(mean), float(level.mid())))
    for _ in range(8):  # each step of Newton's doubles the digits, up to those of the level
        half = u * u / 2
        weight = (-half - u * mean).exp()
        slope = (u + (2 * u + mean) * weight) / (1 + weight)
        u = (u - (_closed_exponent(low, mean, u) - level) / slope).mid()
    # Between here and the solution the slope is at least half of u, if the solution lies above u/2.
    if not (u > 0 and _closed_exponent(low, mean, u / 2) < level):
        return arb.nan()
    off = 2 * abs(_closed_exponent(low, mean, u) - level).upper() / u
    return mean + u + arb(0, off.upper())


def _moment_quantile(m: arb, n: arb, level: arb) -> arb:
    def closed(low: int, high: int) -> arb:
        return closed_quantile(low, high, level).log()

    return _least_of_moments(m, n, lambda q, log: (log + level) / (2 * q), arb.neg_inf(), closed).exp()


def _moment_tail(m: arb, n: arb, t: arb) -> arb:
    if t <= 0:
        return arb(1)

    def closed(low: int, high: int) -> arb:
        mean = arb(low).sqrt() + arb(high).sqrt()
        return -_closed_exponent(low, mean, (t - mean).max(arb(0)))

    return _least_of_moments(m, n, lambda q, log: log - 2 * q * t.log(), arb.neg_inf(), closed).min(arb(0)).exp()


def _spread(q: int, taps: int, base: arb) -> arb:
    """ℓ of :func:`boundcheck.formula.gaussian_moments.sparse_quantile`."""
    power, others = max(q - 1, 1), taps - 1
    if others == 0:
        return arb(1)
    total = arb(0)
    for j in range(others + 1):
        total += math.comb(others, j) * _whole_power(base, j) * _whole_power(1 - base, others - j) * (1 + j) ** power
    return total ** (arb(1) / power)


def sparse_quantile(m: arb, n: arb, taps: arb, ratio: arb, level: arb, *beta: arb) -> arb:
    """See :func:`boundcheck.formula.gaussian_moments.sparse_quantile`; sizes that balls leave open widen the result."""
    if not (m.is_finite() and n.is_finite() and ratio > 0 and taps.is_integer()):
        return arb.nan()
    base, whole = ratio.min(arb(1)), _integer(taps)
    gains, gain = [arb(0)], arb(1)
    for step in range(1, 2 * gaussian_moments.SPARSE_ORDERS[-1] + 1) if beta else ():
        gain *= (beta[0] + step) / (beta[1] + step)
        gains.append(gain)
    others = []
    for q in gaussian_moments.SPARSE_ORDERS:
        spread = _spread(q, whole, base)
        shift = q * spread.log() + level + (gains[2 * q].log() if beta else 0)
        others.append((q, (whole * base / spread).min(arb(1)), shift))
    sizes = [tuple(_integer(end(x).ceil()) for x in (m, n)) for end in (arb.lower, arb.upper)]
    found = [_least_sparse(rows, columns, others) for rows, columns in dict.fromkeys(sizes)]
    return reduce(arb.union, found) * ratio.max(arb(1)).sqrt()


def _least_sparse(rows: int, columns: int, orders: list[tuple[int, arb, arb]]) -> arb:
    """The least (e^shift min(m/r, n/s) M_q(r, s))^{1/(2q)} over orders q with their shares β and shifts."""
    if rows < 1 or columns < 1:
        return arb(0)
    cases = []
    for q, share, shift in orders:
        ends = [
            [
                min(x, _integer(end(share * x + (1 - share) * (q - 1) + gaussian_moments.NUDGE).ceil()))
                for x in (rows, columns)
            ]
            for end in (arb.lower, arb.upper)
        ]
        (r, s), _ = ends
        # min(m/r, n/s) M_q(r, s) ≥ min(m, n) max(r, s)^q by Jensen's inequality; floats are off by far less than 1e-9.
        rough = math.log(min(rows / r, columns / s) * min(r, s)) + q * math.log(max(r, s)) + float(shift.mid())
        cases.append((rough / (2 * q) - 1e-9 * (1 + abs(rough)), q, shift, ends))
    least = arb.pos_inf()
    for rough, q, shift, ends in sorted(cases, key=lambda case: case[0]):
        if least < rough:
            break
        values = []
        for r, s in product(*(sorted({low, high}) for low, high in zip(*ends, strict=True))):
            log = arb(exact_moment(q, *sorted((r, s)))).log()
            values.append(log + arb(fmpq(rows, r)).min(arb(fmpq(columns, s))).log())
        least = least.min((reduce(arb.union, values) + shift) / (2 * q))
    return least.exp()


class _Spherical:
    """Logarithms of the C_k of `boundcheck.formula.spherical` as balls."""

    def __init__(self, m: int, n: int) -> None:
        self.m, self.n = m, n

    def log(self, k: int) -> arb:
        """log C_k."""
        if k == 0:
            return arb(0)
        total = k * arb.const_log2()
        for a, sign in ((fmpq(self.m, 2), 1), (fmpq(self.n, 2), 1), (fmpq(1, 2), -1)):
            total += sign * (arb(a + k).lgamma() - arb(a).lgamma())
        return total

    def ratio(self, k: int) -> fmpq:
        """C_{k+1}/C_k."""
        return fmpq((self.m + 2 * k) * (self.n + 2 * k), 2 * k + 1)

    def excess(self, k: int) -> arb:
        """:func:`boundcheck.formula.spherical.excess`."""
        return k * arb(self.ratio(k)).log() - self.log(k)


def _around(start: int, least: int, past: Callable[[int], arb]) -> tuple[int, int]:
    """Bounds low ≤ k ≤ high of the least k from `least` on with past(k) ≥ 0, where past changes its sign once."""
    low = high = max(start, least)
    step = 1
    while not past(high) >= 0:
        high, step = high + step, 2 * step
    step = 1
    while low > least and not past(low - 1) < 0:
        low, step = max(least, low - step), 2 * step
    return low, high


_FEW_ORDERS = 64


def spherical_quantile(m: arb, n: arb, level: arb) -> arb:
    """See :func:`boundcheck.formula.spherical.spherical_quantile`; the order is proved to be the best."""
    if not (m.is_finite() and n.is_finite() and level.is_finite()):
        return arb.nan()
    level = level.max(arb(0))
    sizes = {tuple(_integer(end(x).ceil()) for x in (m, n)) for end in (arb.lower, arb.upper)}
    return reduce(arb.union, [_spherical_least(rows, columns, level) for rows, columns in sorted(sizes)])


def _spherical_least(rows: int, columns: int, level: arb) -> arb:
    if rows < 1 or columns < 1:
        return arb(0)
    moments = _Spherical(rows, columns)
    guess = spherical.best_order(*sorted((float(rows), float(columns))), float(level.mid()))
    low, high = _around(guess, 1, lambda k: moments.excess(k) - level)
    if high - low <= _FEW_ORDERS:
        return reduce(arb.min, [(level + moments.log(k)) / (2 * k) for k in range(low, high + 1)]).exp()
    # C_k does not fall as k grows.
    below = (level + moments.log(low)) / (2 * high)
    return below.union((level + moments.log(high)) / (2 * high)).exp()


def _spherical_tail(m: arb, n: arb, t: arb) -> arb:
    if not (m.is_finite() and n.is_finite() and t.is_finite()):
        return arb.nan()
    if t <= 0:
        return arb(1)
    if not t > 0:
        return arb(0).union(arb(1))
    sizes = {tuple(_integer(end(x).ceil()) for x in (m, n)) for end in (arb.lower, arb.upper)}
    return reduce(arb.union, [_spherical_smallest(rows, columns, t) for rows, columns in sorted(sizes)])


def _spherical_smallest(rows: int, columns: int, t: arb) -> arb:
    if rows < 1 or columns < 1:
        return arb(0)
    moments = _Spherical(rows, columns)
    guess = spherical.last_fall(float(rows), float(columns), float(t.mid()))
    # C_{k+1}/(C_k t²) - 1 is negative between the roots of a quadratic: from their middle on it changes sign once.
    middle = (t * t - rows - columns) / 4
    first, turn = (max(0, _integer(end.ceil())) for end in (middle.lower(), middle.upper()))
    low, high = _around(max(guess, turn), turn, lambda k: moments.ratio(k) / t**2 - 1)
    low = first if low == turn else low
    if high - low > _FEW_ORDERS:
        return arb(0).union(arb(1))
    return reduce(arb.min, [moments.log(k) - 2 * k * t.log() for k in range(low, high + 1)]).min(arb(0)).exp()


def walk_quantile(m: arb, n: arb, taps: arb, count: arb, size: arb, level: arb, *moments: arb) -> arb:
    """See :func:`boundcheck.formula.walks.walk_quantile`."""
    return _of_walks(m, n, taps, count, size, level, moments, ordered=False)


def ordered_walk_quantile(m: arb, n: arb, taps: arb, count: arb, size: arb, level: arb, *moments: arb) -> arb:
    """See :func:`boundcheck.formula.walks.ordered_walk_quantile`."""
    return _of_walks(m, n, taps, count, size, level, moments, ordered=True)


def _of_walks(
    m: arb, n: arb, taps: arb, count: arb, size: arb, level: arb, moments: Sequence[arb], *, ordered: bool
) -> arb:
    """See :func:`boundcheck.formula.walks.walk_quantile`; it grows with m, n and the count, and falls with the size."""
    whole = (m, n, count, size)
    if not (all(x.is_finite() for x in whole) and taps.is_integer()) or not all(x >= 0 for x in moments):
        return arb.nan()
    lowest = [_integer(x.lower().ceil()) for x in (m, n, count)] + [_integer(size.upper().floor())]
    highest = [_integer(x.upper().ceil()) for x in (m, n, count)] + [_integer(size.lower().floor())]
    found = []
    for rows, columns, k, total in dict.fromkeys((tuple(lowest), tuple(highest))):
        if min(rows, columns, k, total) < 0 or k > total or _integer(taps) < 1:
            return arb.nan()
        found.append(_of_whole_walks(rows, columns, _integer(taps), k, total, level, moments, ordered=ordered))
    return reduce(arb.union, found)


def _of_whole_walks(
    m: int, n: int, taps: int, count: int, size: int, level: arb, moments: Sequence[arb], *, ordered: bool
) -> arb:
    if min(m, n, count) < 1:
        return arb(0)
    most = len(moments)
    there = [fmpq(1)]  # P(so many given entries are there)
    for i in range(most):
        there.append(there[-1] * fmpq(max(count - i, 0), max(size - i, 1)))
    entry = list(moments)
    if taps > 1:
        entry, there = _thinned_sums(moments, taps, fmpq(count, size)), [fmpq(1)] * (most + 1)

    @cache
    def product_of(times: tuple[int, ...]) -> arb:
        return entry[times[0] - 1] * product_of(times[1:]) if times else arb(1)

    traces = [arb(0)] * most
    for shape in walks.shapes():
        if shape.q <= most and shape.a <= m and shape.b <= n and there[len(shape.times)]:
            number = math.perm(m, shape.a) * math.perm(n, shape.b) * shape.number
            traces[shape.q - 1] += arb(number * there[len(shape.times)]) * product_of(shape.times)
    least, gain = arb.pos_inf(), fmpq(1)
    for q, trace in enumerate(traces, start=1):
        if ordered:
            gain *= fmpq((count + 2 * q - 1) * (count + 2 * q), (size + 2 * q - 1) * (size + 2 * q))
        if trace == 0:
            return arb(0)
        least = least.min(((trace * arb(gain)).log() + level) / (2 * q))
    return least.exp()


def _thinned_sums(moments: Sequence[arb], taps: int, share: fmpq) -> list[arb]:
    """:func:`boundcheck.formula.walks.thinned_sums` of balls."""
    most = len(moments)
    one = [arb(1), *(arb(share) * x / math.factorial(2 * j) for j, x in enumerate(moments, start=1))]
    power = [arb(1)] + [arb(0)] * most
    for _ in range(taps):
        power = [sum((power[i] * one[j - i] for i in range(j + 1)), arb(0)) for j in range(most + 1)]
    return [x * math.factorial(2 * j) for j, x in enumerate(power)][1:]


_MGF: dict[int, Callable[[arb], arb]] = {
    0: lambda theta: theta.sinh() / theta,
    1: lambda theta: (theta**2 / 2).exp(),
    2: arb.cosh,
}
"""E exp(θw), by the place in `SeriesQuantile.FAMILIES`."""


def series_quantile(m: arb, n: arb, taps: arb, share: arb, level: arb, family: arb) -> arb:
    """See :func:`boundcheck.formula.series.series_quantile`."""
    if not (m >= 0 and n >= 0 and taps >= 1 and share >= 0 and share <= 1 and family.is_integer()):
        return arb.nan()
    least = arb.pos_inf()
    for i in series.STEPS:
        theta = arb(2) ** arb(fmpq(i, 8))
        growth = (share * (_MGF[_integer(family)](theta) - 1)).log1p()
        trace = m * (n * taps * growth).expm1() + n * (m * taps * growth).expm1()
        least = least.min((1 + level.exp() * trace / 2).acosh() / theta)
    return least


_SPECIAL: dict[Any, Callable[..., arb]] = {
    BetaQuantile: beta_quantile,
    HypergeometricBound: hypergeometric_bound,
    MomentQuantile: _moment_quantile,
    MomentTail: _moment_tail,
    SparseQuantile: sparse_quantile,
    SphericalQuantile: spherical_quantile,
    SphericalTail: _spherical_tail,
    WalkQuantile: walk_quantile,
    OrderedWalkQuantile: ordered_walk_quantile,
    SeriesQuantile: series_quantile,
}
