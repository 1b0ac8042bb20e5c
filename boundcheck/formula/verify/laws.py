"""Laws of one variable: values, moments and tails of standard ones, each scaled and shifted."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

from mpmath import iv, mp
from sympy import Add, Expr, Rational

from boundcheck.formula.verify.functions import exp, monotone
from boundcheck.formula.verify.numbers import HALF, MOST, ONE, ZERO, Number, exactly, greatest, hull, least, limited
from boundcheck.formula.verify.reading import Refused, Unable, from_tree
from boundcheck.formula.verify.signs import told
from boundcheck.formula.verify.trees import Tree, value_of

EXACT = 200
"""Laws of so few variables are fractions, so that equality can be told."""

CONTINUOUS = ("normal", "uniform", "gamma", "beta")

Pair = tuple[Number, Number]
Part = tuple[Tree, Number, Number]
"""A standard law with its scale and shift."""


def exact(tree: Tree) -> Expr:
    """The number that a formula stands for, as algebra has it."""
    x = value_of(tree)
    return Rational(x.value.numerator, x.value.denominator) if x.exact else from_tree(tree)


def read_law(tree: Tree, number: Callable[[Tree], Any] = value_of) -> Tree:
    """A law, or family of laws, with numbers for its fields."""
    name, *fields = tree
    if name == "family":
        return (name, fields[0], *((argument, number(value)) for argument, value in fields[1:]))
    if name == "affine":
        return (name, read_law(fields[0], number), *map(number, fields[1:]))
    return (name, *(tuple(map(number, f[1:])) if f[0] == "Tuple" else number(f) for f in fields))


def is_law(law: Tree) -> bool:
    """Whether there is such a law, or family of laws, of exact numbers."""
    match law:
        case ("family", *_):
            return True
        case ("affine", inner, _, _):
            return is_law(inner)
        case ("two_point", low, high, p):
            return min(told(high - low), told(p), told(1 - p)) >= 0
        case ("discrete", values, shares):
            return len(values) == len(shares) and min(map(told, shares)) >= 0 and told(Add(*shares) - 1) == 0
        case ("uniform" | "bounded", low, high):
            return told(high - low) > 0
        case ("normal", _, x) | ("exponential" | "poisson", x):
            return told(x) > 0
        case ("gamma" | "beta", x, y):
            return min(told(x), told(y)) > 0
        case ("hypergeometric", population, marked, drawn):
            return min(map(told, (marked, drawn, population - marked, population - drawn))) >= 0
    return False


def standard(law: Tree) -> Part:
    """A law as a standard one with its scale and shift."""
    match law:
        case ("affine", inner, factor, end):
            base, scale, shift = standard(inner)
            return base, factor * scale, factor * shift + end
        case ("uniform", low, high):
            return ("uniform",), high - low, low
        case ("normal", location, std):
            return ("normal",), std, location
        case ("exponential", rate):
            return ("gamma", ONE), 1 / rate, ZERO
        case ("gamma", shape, rate):
            return ("gamma", shape), 1 / rate, ZERO
        case ("two_point" | "discrete" | "hypergeometric" | "poisson" | "beta", *_):
            return law, ONE, ZERO
    raise Refused(f"the law {law[0]!r} is no single law known here")


def finite_law(law: Tree) -> list[Pair] | None:
    """Values with their probabilities, for a law on finitely many."""
    match law:
        case ("affine", inner, scale, shift):
            found = finite_law(inner)
            return None if found is None else [(scale * v + shift, p) for v, p in found]
        case ("two_point", low, high, p):
            found = [(low, 1 - p), (high, p)]
        case ("discrete", values, shares):
            found = list(zip(values, shares, strict=True))
        case ("hypergeometric", *counts):
            found = hypergeometric(*(x.count for x in counts))
        case _:
            return None
    return [(v, p) for v, p in found if not p.is_zero]


def hypergeometric(population: int, marked: int, drawn: int) -> list[Pair]:
    """How many marked items are drawn, with the probabilities."""
    limited(drawn * population.bit_length(), 200 * MOST)
    total, unmarked, found = math.comb(population, drawn), population - marked, list[Pair]()
    fewest = max(0, drawn - unmarked)
    ways = math.comb(marked, fewest) * math.comb(unmarked, drawn - fewest)
    for k in range(fewest, min(drawn, marked) + 1):
        found.append((Number(k), Number(Fraction(ways, total) if drawn <= EXACT else iv.mpf(ways) / total)))
        ways = ways * (marked - k) * (drawn - k) // ((k + 1) * (unmarked - drawn + k + 1))
    return found


def poisson(rate: Number) -> Iterator[tuple[Number | None, Number]]:
    """Values with their probabilities; the value None has what is left over."""
    mean, most = rate.wide, rate.ends[1]
    limited(most, MOST / 4)
    term, k = iv.exp(-mean), 0
    while k < 2 * most or Number(term).ends[1] >= mp.mpf(10) ** (-2 * iv.dps):
        yield Number(k), Number(term)
        k += 1
        term = term * mean / k
    yield None, Number.between(0, 2 * mp.mpf(term.b))


def moments(base: Tree, most: int) -> list[Number]:
    """E X^k for k = 0, …, most."""
    found = [ONE]
    for k in range(1, most + 1):
        match base:
            case ("poisson", rate):
                following = rate * sum((math.comb(k - 1, i) * found[i] for i in range(k)), ZERO)
            case ("normal",):
                following = ZERO if k % 2 else (k - 1) * found[k - 2]
            case ("uniform",):
                following = Number(Fraction(1, k + 1))
            case ("gamma", shape):
                following = found[-1] * (shape + (k - 1))
            case ("beta", a, b):
                following = found[-1] * (a + (k - 1)) / (a + b + (k - 1))
            case _:
                following = sum((v**k * p for v, p in finite_law(base) or ()), ZERO)
        found.append(following)
    return found


def growth(base: Tree, lam: Number) -> Number:
    """E exp(lam X)."""
    match base:
        case ("poisson", rate):
            return exp(rate * (exp(lam) - 1))
        case ("normal",):
            return exp(lam * lam / 2)
        case ("uniform",):
            return (exp(lam) - 1) / lam if lam.told else ONE
        case ("gamma", shape) if (1 - lam).told > 0:
            return (1 - lam) ** -shape
    finite = finite_law(base)
    if finite is None:
        raise Unable(f"the mean of an exponential under the law {base[0]!r} is infinite, or not re-checked here")
    return sum((p * exp(lam * v) for v, p in finite), ZERO)


def law_tails(base: Tree, n: int, x: Number) -> Pair:
    """P(sum ≤ x) and P(sum > x) for n variables of a continuous standard law."""
    match base:
        case ("normal",):
            z = x / Number(2 * n) ** HALF
            return monotone(mp.erfc, -z) / 2, monotone(mp.erfc, z) / 2
        case ("gamma", shape):
            a, x = _mpf(n * shape), greatest(x, ZERO)
            below = monotone(lambda e: mp.gammainc(a, 0, e, regularized=True), x)
            return below, monotone(lambda e: mp.gammainc(a, e, mp.inf, regularized=True), x)
        case ("beta", a, b) if n == 1:
            a, b, x = _mpf(a), _mpf(b), least(greatest(x, ZERO), ONE)
            below = monotone(lambda e: mp.betainc(a, b, 0, e, regularized=True), x)
            return below, monotone(lambda e: mp.betainc(a, b, e, 1, regularized=True), x)
        case ("uniform",):
            if x.exact:
                return _irwin_hall(n, x.value), _irwin_hall(n, n - x.value)
            ends = list(map(exactly, x.ends))
            return hull(*(_irwin_hall(n, e) for e in ends)), hull(*(_irwin_hall(n, n - e) for e in ends))
    raise Unable(f"sums under the law {base[0]!r} are not re-checked here")


def _irwin_hall(n: int, x: Fraction) -> Number:
    """P(sum of n uniforms on [0, 1] ≤ x)."""
    limited(n, EXACT)
    terms = ((-1) ** k * math.comb(n, k) * (x - k) ** n for k in range(math.ceil(x)))
    return Number(Fraction(sum(terms)) / math.factorial(n) if 0 < x < n else int(x > 0))


def kolmogorov(n: int, x: Number) -> Pair:
    """P(≤ x) and P(> x) for the Kolmogorov distance of n variables of a continuous law from that law.

    The number N(t) of n uniform variables up to t has n(t - x) < N(t) < n(t + x) wherever a side crosses an integer.
    """
    limited(n**3, 20 * MOST)
    if not x.exact:
        low, high = (kolmogorov(n, Number(exactly(end))) for end in x.ends)
        return hull(low[0], high[0]), hull(low[1], high[1])
    d, ways, before = x.value, {0: ONE}, Fraction(0)
    crossings = {t for k in range(n + 1) for t in (Fraction(k, n) - d, Fraction(k, n) + d) if 0 < t < 1}
    for t in [*sorted(crossings), Fraction(1)]:
        step = Number(t - before) if n <= 20 else Number(Number(t - before).wide)
        shares = [step**k / math.factorial(k) for k in range(n + 1)]
        counts = range(max(0, math.floor(n * (t - d)) + 1), min(n, math.ceil(n * (t + d)) - 1) + 1)
        ways = {c: sum((p * shares[c - b] for b, p in ways.items() if b <= c), ZERO) for c in counts}
        before = t
    below = ways.get(n, ZERO) * math.factorial(n)
    return below, 1 - below


def _mpf(x: Number) -> Any:
    if not x.exact:
        raise Unable("a law with an irrational shape is not re-checked here")
    return mp.mpf(x.value.numerator) / x.value.denominator


def sum_tails(parts: Sequence[Part], copies: int, x: Number) -> Pair:
    """P(≤ x) and P(> x) for the sum of so many copies of continuous variables."""
    base, scale, _ = parts[0]
    x = x - copies * sum((shift for _, _, shift in parts), ZERO)
    if base == ("normal",):
        scale = (sum((s * s for _, s, _ in parts), ZERO) / len(parts)) ** HALF
    elif any(part[1] != scale for part in parts):
        raise Unable("sums of variables of different continuous laws are not re-checked here")
    if any(part[0] != base for part in parts):
        raise Unable("sums of variables of different continuous laws are not re-checked here")
    below, above = law_tails(base, copies * len(parts), x / scale)
    return (below, above) if scale.told > 0 else (above, below)
