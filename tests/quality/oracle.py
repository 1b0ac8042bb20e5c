"""Whether a claim is false somewhere, found with NumPy and SciPy alone: none of boundcheck's evaluation is used.

Laws and statistics are read from the statement and evaluated in floats: finite laws by enumerating counts, sums and
extremes of continuous laws by SciPy's distributions. What has neither is not searched. A point is called false only by
a relative margin (FINITE, CONTINUOUS) that is far above the rounding of floats.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from scipy import special, stats
from sympy import Dummy, Expr, Integer, Rational, S, lambdify

from boundcheck.errors import BoundcheckError
from boundcheck.statement import laws
from boundcheck.statement.claim import Analytic, Moment, Probability, Tail
from boundcheck.statement.domain import Parameter
from boundcheck.statement.laws import SHARE, VALUE
from boundcheck.statement.randomness import (
    Expectation,
    Sample,
    Statistic,
    Unknown,
    WithoutReplacement,
)
from boundcheck.statement.theorem import Theorem
from boundcheck.statement.witness import witnesses

FINITE, CONTINUOUS = 1e-7, 1e-3
TIE = 1e-11
OUTCOMES = 2000


class NoOracle(Exception):
    """What was asked for has no independent evaluation here."""


class NoLaw(Exception):
    """There is no such law or sample."""


# Random objects ---------------------------------------------------------------------------------------
class Finite:
    """Finitely many outcomes with their probabilities: rows of counts of values."""

    margin = FINITE

    def __init__(self, values: Sequence[np.ndarray], counts: np.ndarray, weights: np.ndarray, shift: float = 0.0):
        self.values, self.counts, self.weights, self.shift = values, counts, weights, shift
        self.size = counts.sum(axis=1)[:1].item() if len(counts) else 0

    def statistic(self, kind: str, f: Callable[[np.ndarray], np.ndarray], rank: int | None) -> np.ndarray:
        v = f(self.values)
        n = self.size
        if kind in ("sum", "mean"):
            total = self.counts @ v
            return total / n if kind == "mean" else total
        if kind == "variance":
            average = self.counts @ v / n
            return (self.counts * (v[None, :] - average[:, None]) ** 2).sum(axis=1) / (n - 1)
        if kind in ("maximum", "minimum", "order"):
            k = {"maximum": n, "minimum": 1}.get(kind, rank)
            order = np.argsort(v)
            reached = np.cumsum(self.counts[:, order], axis=1) >= k
            return v[order][np.argmax(reached, axis=1)]
        raise NoOracle(kind)

    def probability(self, margin: Callable[[Any], np.ndarray], strict: bool) -> float:
        value = np.broadcast_to(margin(self.statistic), self.weights.shape)
        scale = max(1e-300, float(np.abs(value).max()))
        inside = value > TIE * scale if strict else value >= -TIE * scale
        return math.fsum(self.weights[inside])

    def expectation(self, f: Callable[[Any], np.ndarray]) -> float:
        return math.fsum(np.broadcast_to(f(self.statistic), self.weights.shape) * self.weights)


class Total(Finite):
    """A sum whose distribution on finitely many values (all but a negligible rest) is known."""

    def __init__(self, totals: np.ndarray, weights: np.ndarray, n: int, affine: tuple[float, float] = (1.0, 0.0)):
        self.totals, self.weights, self.n = affine[0] * totals + n * affine[1], weights, n

    def statistic(self, kind: str, f: Callable[[np.ndarray], np.ndarray], rank: int | None) -> np.ndarray:
        zero, one, two = f(np.array([0.0, 1.0, 2.0]))
        if abs(two - 2 * one + zero) > 1e-12 or kind not in ("sum", "mean"):
            raise NoOracle(kind)
        total = (one - zero) * self.totals + self.n * zero
        return total / self.n if kind == "mean" else total


class Line:
    """A statistic with a continuous distribution of SciPy's (or one like it); claims hold one statistic."""

    margin = CONTINUOUS

    def __init__(self, distribution: Any):
        self.d = distribution
        q = np.logspace(-60, math.log10(0.5), 70)
        x = np.unique(np.concatenate([distribution.ppf(q), distribution.isf(q)]))
        self.x = x[np.isfinite(x)]

    @cached_property
    def fine(self) -> np.ndarray:
        """Points between which there is less than `margin`, lest what an event leaves out between two is missed."""
        x = self.d.ppf(np.linspace(0, 1, round(1 / self.margin) + 2))
        return np.union1d(self.x, x[np.isfinite(x)])

    def probability(self, margin: Callable[[Any], np.ndarray], strict: bool) -> float:
        x = self.fine
        value = margin(lambda *_: x) + 0 * x
        for _ in range(6):  # refine where the sign changes
            change = np.nonzero((value[1:] >= 0) != (value[:-1] >= 0))[0]
            more = np.concatenate([np.linspace(x[i], x[i + 1], 40)[1:-1] for i in change] or [np.empty(0)])
            if not len(more):
                break
            x = np.union1d(x, more)
            value = margin(lambda *_, x=x: x) + 0 * x
        inside = value >= 0
        tail, body = self.d.sf(x), self.d.cdf(x)
        cells = np.where(tail[:-1] < 0.5, tail[:-1] - tail[1:], body[1:] - body[:-1])
        return float(cells[inside[:-1] & inside[1:]].sum() + body[0] * inside[0] + tail[-1] * inside[-1])

    def expectation(self, f: Callable[[Any], np.ndarray]) -> float:
        # In terms of probabilities: a density may be infinite at an end.
        nodes, weights = np.polynomial.legendre.leggauss(8)
        tail, body = self.d.sf(self.x), self.d.cdf(self.x)
        upper = tail[:-1] < 0.5
        low, high = np.where(upper, tail[1:], body[:-1])[:, None], np.where(upper, tail[:-1], body[1:])[:, None]
        u = (low + high) / 2 + (high - low) / 2 * nodes
        x = np.where(upper[:, None], self.d.isf(u), self.d.ppf(u))
        return float(((high - low) / 2 * weights * f(lambda *_: x)).sum())


class Extreme:
    """The largest of n independent variables of a continuous law."""

    def __init__(self, base: Any, n: int):
        self.base, self.n = base, n

    def sf(self, x):
        return -np.expm1(self.n * np.log1p(-np.minimum(self.base.sf(x), 1 - 1e-16)))

    def cdf(self, x):
        return self.base.cdf(x) ** self.n

    def pdf(self, x):
        return self.n * self.base.cdf(x) ** (self.n - 1) * self.base.pdf(x)

    def ppf(self, q):
        return self.base.ppf(q ** (1 / self.n))

    def isf(self, q):
        return self.base.isf(-np.expm1(np.log1p(-q) / self.n))


def _number(value: Expr) -> float:
    return float(value)


def _checked(law: laws.Law) -> laws.Law:
    """The law, if its numbers make one."""
    finite = law.finite
    if finite is not None:
        shares = [float(p) for p in finite.values()]
        if min(shares) < 0 or abs(sum(shares) - 1) > 1e-12 or not all(v.is_finite for v in finite):
            raise NoLaw(str(law))
    for name in ("std", "rate", "shape", "a", "b"):
        value = getattr(law, name, None)
        if value is not None and not float(value) > 0:
            raise NoLaw(str(law))
    return law


@lru_cache(maxsize=4096)
def random_object(sample: Sample, statistic: str | None) -> Finite | Line:
    """How the outcomes of a sample of single laws are distributed; `statistic` is the only one asked for, if one is."""
    n = int(sample.size)
    single = [_checked(law) for law in sample.laws]
    if isinstance(sample, WithoutReplacement):
        law = single[0]
        total = stats.hypergeom(int(sample.population), round(float(law.p * sample.population)), n)
        k = np.arange(n + 1)
        return Finite(np.array([_number(law.low), _number(law.high)]), np.stack([n - k, k], axis=1), total.pmf(k))
    if sample.describes_itself:
        raise NoOracle(type(sample).__name__)
    if all(law.finite is not None for law in single):
        return _counts(single, n)
    if len(single) > 1:
        raise NoOracle("several continuous laws")
    return _continuous(single[0], n, statistic)


def _counts(single: Sequence[laws.Law], n: int) -> Finite:
    tables = [{float(v): float(p) for v, p in law.finite.items()} for law in single]
    values = np.array(sorted(set().union(*tables)))
    if len(single) == 1:
        k = len(values)
        if math.comb(n + k - 1, k - 1) > OUTCOMES:
            raise NoOracle("too many outcomes")
        p = np.array([tables[0][v] for v in values])
        counts = _compositions(n, k)
        logs = special.gammaln(n + 1) - special.gammaln(counts + 1).sum(axis=1) + special.xlogy(counts, p).sum(axis=1)
        return Finite(values, counts, np.exp(logs))
    if math.prod(len(t) for t in tables) > OUTCOMES:
        raise NoOracle("too many outcomes")
    rows, weights = [], []
    for outcome in itertools.product(*(t.items() for t in tables)):
        rows.append([sum(v == w for w, _ in outcome) for v in values])
        weights.append(math.prod(p for _, p in outcome))
    return Finite(values, np.array(rows), np.array(weights))


def _compositions(n: int, k: int) -> np.ndarray:
    if k == 1:
        return np.array([[n]])
    if k == 2:
        j = np.arange(n + 1)
        return np.stack([n - j, j], axis=1)
    parts = [
        np.concatenate([np.full((len(rest), 1), j), rest], axis=1)
        for j in range(n + 1)
        for rest in [_compositions(n - j, k - 1)]
    ]
    return np.concatenate(parts)


def _scipy(law: laws.Law) -> Any:
    if isinstance(law, laws.Normal):
        return stats.norm(_number(law.location), _number(law.std))
    if isinstance(law, laws.Exponential):
        return stats.expon(scale=1 / _number(law.rate))
    if isinstance(law, laws.Gamma):
        return stats.gamma(_number(law.shape), scale=1 / _number(law.rate))
    if isinstance(law, laws.Uniform):
        return stats.uniform(_number(law.low), _number(law.high - law.low))
    if isinstance(law, laws.Beta):
        return stats.beta(_number(law.a), _number(law.b))
    raise NoOracle(str(law))


def _affine_scipy(d: Any, scale: float, shift: float) -> Any:
    if scale <= 0:
        raise NoOracle("reflected law")
    return type("Affine", (), {
        "sf": lambda _, x: d.sf((x - shift) / scale),
        "cdf": lambda _, x: d.cdf((x - shift) / scale),
        "pdf": lambda _, x: d.pdf((x - shift) / scale) / scale,
        "ppf": lambda _, q: scale * d.ppf(q) + shift,
        "isf": lambda _, q: scale * d.isf(q) + shift,
    })()  # fmt: skip


def _continuous(law: laws.Law, n: int, statistic: str | None) -> Finite | Line:
    scale, shift = 1.0, 0.0
    if isinstance(law, laws.Affine):
        scale, shift, law = _number(law.scale), _number(law.shift), _checked(law.law)
    if isinstance(law, laws.Poisson | laws.Hypergeometric):
        if statistic not in ("sum", "mean") or (isinstance(law, laws.Hypergeometric) and n > 1):
            raise NoOracle(str(law))
        if isinstance(law, laws.Poisson):
            d = stats.poisson(n * _number(law.rate))
            top = int(d.mean() + 40 * math.sqrt(d.mean()) + 200) if d.mean() < 1e4 else None
        else:
            d, top = stats.hypergeom(int(law.population), int(law.marked), int(law.drawn)), int(law.drawn)
        if top is None:
            raise NoOracle("large Poisson")
        k = np.arange(top + 1)
        return Total(k.astype(float), d.pmf(k), n, (scale, shift))
    if statistic in ("maximum",) or (n == 1 and statistic in ("sum", "mean", "minimum", "order")):
        return Line(Extreme(_affine_scipy(_scipy(law), scale, shift), n))
    if statistic in ("sum", "mean"):
        if isinstance(law, laws.Normal):
            d = stats.norm(n * _number(law.location), math.sqrt(n) * _number(law.std))
        elif isinstance(law, laws.Exponential):
            d = stats.gamma(n, scale=1 / _number(law.rate))
        elif isinstance(law, laws.Gamma):
            d = stats.gamma(n * _number(law.shape), scale=1 / _number(law.rate))
        elif isinstance(law, laws.Uniform) and n == 2:
            low, high = 2 * _number(law.low), 2 * _number(law.high)
            d = stats.triang(0.5, loc=low, scale=high - low)
        else:
            raise NoOracle(f"sum of {n} of {law}")
        d = _affine_scipy(d, scale, n * shift)
        return Line(_affine_scipy(d, 1 / n, 0.0) if statistic == "mean" else d)
    if statistic == "sum of squares" and isinstance(law, laws.Normal) and law.location == 0:
        return Line(stats.chi2(n, scale=_number(law.std) ** 2))
    raise NoOracle(f"{statistic} of {law}")


# Formulas -----------------------------------------------------------------------------------------------
_MODULES = [
    {
        "Least": lambda *a: np.minimum.reduce(np.broadcast_arrays(*a)),
        "Greatest": lambda *a: np.maximum.reduce(np.broadcast_arrays(*a)),
        "erf": special.erf,
        "loggamma": special.gammaln,
    },
    "numpy",
    "scipy",
]
ATOMS = (Statistic, Unknown, Expectation, Probability)


@lru_cache(maxsize=8192)
def _compiled(e: Expr) -> tuple[Callable[..., Any], tuple[Parameter, ...], tuple[Expr, ...]]:
    atoms = tuple(sorted(e.atoms(*ATOMS), key=str))
    swap = {a: Dummy(f"a{i}") for i, a in enumerate(atoms)}
    parameters = tuple(sorted((s for s in e.free_symbols if isinstance(s, Parameter)), key=lambda p: p.name))
    symbols = [Dummy(f"p{i}") for i in range(len(parameters))]
    plain = e.xreplace(swap | dict(zip(parameters, symbols, strict=True)))
    if plain.has(S.NaN, S.ComplexInfinity):
        raise NoOracle("no number")
    return lambdify([*symbols, *swap.values()], plain, modules=_MODULES), parameters, atoms


@lru_cache(maxsize=512)
def _function(f: Expr) -> Callable[[np.ndarray], np.ndarray]:
    if f.free_symbols - {VALUE}:
        raise NoOracle("a function with parameters")
    g = lambdify([VALUE], f, modules=_MODULES)
    return lambda v: np.broadcast_to(g(v), np.shape(v))


Numbers = Mapping[Parameter, float]


def evaluate(e: Expr, point: Numbers, sample: Sample, member: Expr | None, outcome: Any = None) -> Any:
    """A formula in floats; statistics take the values of `outcome`, probabilities and expectations are worked out."""
    f, parameters, atoms = _compiled(e)
    values = [_atom(a, point, sample, member, outcome) for a in atoms]
    with np.errstate(all="ignore"):
        found = f(*(point[p] for p in parameters), *values)
    if np.iscomplexobj(found):
        raise NoLaw(f"{e} is not real")
    return found


def _atom(a: Expr, point: Numbers, sample: Sample, member: Expr | None, outcome: Any) -> Any:
    if isinstance(a, Unknown):
        assert member is not None
        return evaluate(member, point, sample, None, outcome)
    if isinstance(a, Statistic):
        rank = None if a.rank is None else round(float(evaluate(a.rank, point, sample, None)))
        return outcome(a.kind, _function(a.sample.function), rank)
    inner = a.argument if isinstance(a, Expectation) else a.event.gts - a.event.lts
    source = random_object(sample, _only_statistic(inner, member))

    def f(new_outcome: Any) -> Any:
        return evaluate(inner, point, sample, member, new_outcome)

    if isinstance(a, Expectation):
        return source.expectation(f)
    return source.probability(f, a.event.func.__name__.startswith("Strict"))


def _only_statistic(e: Expr, member: Expr | None) -> str | None:
    """The kind of the only statistic in an expression, None where there are several."""
    found: set[str] = set()
    for a in (e if member is None else e.xreplace({u: member for u in e.atoms(Unknown)})).atoms(Statistic):
        if a.sample.function == VALUE**2 and a.kind == "sum":
            found.add("sum of squares")
        elif a.sample.function == VALUE:
            found.add(a.kind)
        else:
            return None
    return found.pop() if len(found) == 1 else None


# Sides of a claim ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Sides:
    """Left and right side of a claim at a point; false if left exceeds right by more than `margin`, a share.

    Sides that are integrals have absolute errors too.
    """

    left: float
    right: float
    margin: float
    integral: bool = False

    @property
    def false(self) -> bool:
        if abs(self.left) < 1e-9 and (self.right == 0 or (self.integral and abs(self.right) < 1e-9)):
            return False  # an integral that is 0, but for rounding
        return self.left - self.right > self.margin * max(abs(self.left), abs(self.right))

    @property
    def ratio(self) -> float:
        return self.left / self.right if self.right > 0 else math.inf if self.left > 0 else 0.0


def sides(theorem: Theorem, place: int, point: Mapping[Parameter, Expr]) -> Sides:
    """Both sides at a rational point under a member of the families, by its place."""
    numbers = {p: float(v) for p, v in point.items()}
    claim = theorem.reading
    if isinstance(claim, Analytic):
        left, right = (float(evaluate(e, numbers, None, None)) for e in (theorem.claim.lts, theorem.claim.gts))
        return Sides(left, right, 1e-9)
    witness = _witnesses(theorem)[place]
    sample = _sample_at(witness.sample, tuple((p, v) for p, v in point.items()))
    if isinstance(claim, Tail):
        source = random_object(sample, _only_statistic(claim.margin, witness.member))
        right = float(evaluate(claim.claimed, numbers, sample, witness.member))
        left = source.probability(
            lambda outcome: evaluate(claim.margin, numbers, sample, witness.member, outcome), claim.strict
        )
        margin = source.margin
    else:
        assert isinstance(claim, Moment)
        left, right = (float(evaluate(e, numbers, sample, witness.member)) for e in (claim.left, claim.right))
        margin = CONTINUOUS if any(law.finite is None for law in sample.laws) else FINITE
    if math.isnan(left) or math.isnan(right):
        raise NoLaw("no number")
    return Sides(left, right, margin, isinstance(claim, Moment))


@lru_cache(maxsize=64)
def _witnesses_of(reading: Any) -> Any:
    return witnesses(reading)


def _witnesses(theorem: Theorem) -> Any:
    return _witnesses_of(theorem.reading)


@lru_cache(maxsize=20_000)
def _sample_at(sample: Sample, values: tuple[tuple[Parameter, Expr], ...]) -> Sample:
    return sample.at(dict(values))


# Search ------------------------------------------------------------------------------------------------
INTEGERS = (1, 2, 3, 5, 8, 13, 30, 60, 120)
SHARES = ("1/1000", "1/100", "1/20", "1/8", "1/4", "1/3", "1/2", "2/3", "4/5", "9/10", "97/100", "999/1000")
REALS = ("0", "1/100", "1/20", "1/10", "1/5", "1/3", "1/2", "3/4", "1", "3/2", "2", "3", "5")


def values_of(p: Parameter) -> list[Expr]:
    """Values of a parameter from which the search starts."""
    d = p.domain
    if d.integer:
        found = [Integer(k) for k in INTEGERS if Integer(k) in d]
        return found or [d.low]
    if d.low.is_finite and d.high.is_finite:
        found = [d.low + (d.high - d.low) * Rational(x) for x in ("0", *SHARES, "1")]
    elif d.low.is_finite:
        found = [d.low + Rational(x) for x in REALS]
    else:
        found = [Rational(x) for x in REALS] + [-Rational(x) for x in REALS[1:]]
    return [x for x in found if x in d]


def starts(theorem: Theorem, free: Sequence[Parameter], count: int, seed: int) -> Iterator[dict[Parameter, Expr]]:
    """At most `count` points of the domain, those that the theorem names among them."""
    parameters = sorted({*theorem.parameters, *free}, key=lambda p: p.name)
    rng = random.Random(seed)
    shares = [Rational(x) for x in SHARES]
    for named in theorem.points or ():
        for share in shares if free else [None]:
            yield dict(named) | ({SHARE: share} if share is not None else {})
    choices = {p: values_of(p) for p in parameters}
    accepted = 0
    for _ in range(20 * count):
        point = {p: rng.choice(choices[p]) for p in parameters}
        if theorem.holds_at({p: v for p, v in point.items() if p != SHARE}):
            yield point
            accepted += 1
        if accepted == count:
            return


@dataclass(frozen=True)
class Place:
    """Where a claim was evaluated: the witness and the point, with how much of the right side the left side uses."""

    witness: int
    point: Mapping[Parameter, Expr]
    ratio: float


@dataclass(frozen=True)
class Searched:
    """What a search found: a point at which the claim is false, if any, and the tightest places."""

    false: tuple[dict[str, str], Sides] | None
    tight: tuple[Place, ...]


def search(
    theorem: Theorem, known: Sequence[Place] = (), *, count: int = 60, seed: int = 0, climbs: int = 2, steps: int = 30
) -> Searched:
    """Look for a point at which the claim is false: at known places, at sampled ones, climbing from the tightest.

    Raises
    ------
    NoOracle
        When no point could be evaluated.
    """
    rng = random.Random(seed)
    reason, tried = "no point", list[Place]()
    analytic = isinstance(theorem.reading, Analytic)
    places = [0] if analytic else range(len(_witnesses(theorem)))
    free = [[] if analytic else sorted(_witnesses(theorem)[i].parameters & {SHARE}, key=str) for i in places]
    names = {p.name: p for p in theorem.parameters} | {SHARE.name: SHARE}

    def look(witness: int, point: Mapping[Parameter, Expr]) -> Searched | None:
        nonlocal reason
        if not theorem.holds_at({p: v for p, v in point.items() if p != SHARE}):
            return None
        found = _try(theorem, witness, point)
        if isinstance(found, str):
            reason = found
        elif found.false:
            return Searched((_words(point), found), ())
        elif not (isinstance(theorem.reading, Tail) and found.right >= 1):
            tried.append(Place(witness, point, found.ratio))
        else:
            tried.append(Place(witness, point, 0.0))
        return None

    for place in known:
        point = {names[p.name]: v for p, v in place.point.items() if p.name in names}
        inside = place.witness < len(places) and set(point) >= {*theorem.parameters, *free[place.witness]}
        if inside and all(v in p.domain for p, v in point.items()) and (found := look(place.witness, point)):
            return found
    for i in places:
        for point in starts(theorem, free[i], count, seed):
            if found := look(i, point):
                return found
    for i in places:
        tightest = sorted((t for t in tried if t.witness == i), key=lambda t: -t.ratio)
        for start in tightest[: 6 * climbs]:
            for point in _pushed(theorem, start):
                if found := look(i, point):
                    return found
        for start in sorted((t for t in tried if t.witness == i), key=lambda t: -t.ratio)[:climbs]:
            best = start
            for _ in range(steps):
                before = len(tried)
                if found := look(i, _moved(best.point, rng)):
                    return found
                if len(tried) > before and tried[-1].ratio > best.ratio:
                    best = tried[-1]
    if not tried:
        raise NoOracle(reason)
    tried.sort(key=lambda t: -t.ratio)
    return Searched(None, tuple(tried[:40]))


def _pushed(theorem: Theorem, start: Place) -> Iterator[dict[Parameter, Expr]]:
    """Points as far off in one direction as the left side stays the same: next to the steps of a discrete law."""
    if not isinstance(theorem.reading, Tail):
        return
    here = _try(theorem, start.witness, start.point)
    for p in sorted(theorem.parameters, key=lambda p: p.name):
        if p.domain.integer or isinstance(here, str):
            continue

        def stays(x: Expr, p: Parameter = p, here: Sides = here) -> bool:
            found = _try(theorem, start.witness, {**start.point, p: x}) if x in p.domain else "outside"
            return not isinstance(found, str) and found.left >= here.left and found.right <= here.right

        for sign in (1, -1):
            step, x = Rational(sign, 2), start.point[p]
            while abs(step) > Rational(1, 2**10):
                x, step = (x + step, step) if stays(x + step) and abs(x) < 100 else (x, step / 2)
            if x != start.point[p]:
                yield {**start.point, p: x}


def _try(theorem: Theorem, place: int, point: Mapping[Parameter, Expr]) -> Sides | str:
    try:
        return sides(theorem, place, point)
    except (NoOracle, NoLaw, BoundcheckError) as error:
        return str(error)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError, NameError) as error:
        return f"{type(error).__name__}: {error}"


def _moved(point: Mapping[Parameter, Expr], rng: random.Random) -> dict[Parameter, Expr]:
    """A neighbour that lies in all domains."""
    for _ in range(20):
        p = rng.choice(sorted(point, key=lambda q: q.name))
        v, d = point[p], p.domain
        if d.integer:
            new = v + rng.choice([-3, -1, 1, 3])
        else:
            step = Rational(rng.choice([1, 2, 5, 10, 20]), 100) * rng.choice([-1, 1])
            new = v * (1 + step) if v != 0 else step
            new = new.limit_denominator(100_000)
        if new in d:
            return {**point, p: new}
    return dict(point)


def _words(point: Mapping[Parameter, Expr]) -> dict[str, str]:
    return {p.name: str(v) for p, v in point.items()}


# Comparison --------------------------------------------------------------------------------------------
def weaker(original: Theorem, mutant: Theorem, *, count: int = 120, seed: int = 1) -> bool:
    """Whether the mutant follows from the original, as far as sampled points show.

    Its right side is at least the original's and its left side (the event in every outcome) at most, at all points
    sampled; laws, hypotheses and domains must be the same. Ties count within rounding.
    """
    a, b = original.reading, mutant.reading
    if type(a) is not type(b) or original.conditions != mutant.conditions:
        return False
    if not set(mutant.parameters) <= set(original.parameters):
        return False
    if isinstance(a, Analytic):
        pairs = [(original.claim.lts, mutant.claim.lts, -1), (original.claim.gts, mutant.claim.gts, 1)]
        samples: list[Any] = [(None, None)]
    else:
        if a.sample != b.sample or a.unknown != b.unknown:
            return False
        if isinstance(a, Tail):
            if a.strict != b.strict:
                return False
            pairs = [(a.margin, b.margin, -1), (a.claimed, b.claimed, 1)]
        else:
            pairs = [(a.left, b.left, -1), (a.right, b.right, 1)]
        samples = [(w.sample, w.member) for w in _witnesses(original)]
    pairs = [(old, new, sign) for old, new, sign in pairs if old != new]
    seen = 0
    for witness_sample, member in samples:
        free = [] if witness_sample is None else sorted(witness_sample.parameters & {SHARE}, key=str)
        for point in starts(original, free, count, seed):
            numbers = {p: float(v) for p, v in point.items()}
            try:
                sample = None
                if witness_sample is not None:
                    sample = _sample_at(witness_sample, tuple(point.items()))
                for old, new, sign in pairs:
                    first, second = (_everywhere(e, numbers, sample, member) for e in (old, new))
                    if not np.all(np.isfinite(first)) or not np.all(np.isfinite(second)):
                        continue
                    difference = sign * (second - first)
                    if np.any(difference < -1e-12 * np.maximum(np.abs(first), np.abs(second))):
                        return False
                    seen += 1
            except NoOracle:
                return False
            except (NoLaw, BoundcheckError, TypeError, ValueError, ZeroDivisionError, OverflowError, NameError):
                continue
    return seen > 0


def _everywhere(e: Expr, point: Numbers, sample: Sample | None, member: Expr | None) -> np.ndarray:
    """The values of an expression in all outcomes."""
    if sample is None or not (e.atoms(Statistic, Unknown)):
        return np.asarray(evaluate(e, point, sample, member), dtype=float)
    source = random_object(sample, _only_statistic(e, member))
    outcome = source.statistic if isinstance(source, Finite) else lambda *_: source.x
    return np.asarray(evaluate(e, point, sample, member, outcome), dtype=float)
