"""Which statistic has which distribution."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from flint import fmpq
from sympy import Expr, Integer, Rational, S

from boundcheck.formula.exact.continuous import (
    BetaDistribution,
    GammaDistribution,
    NormalDistribution,
    UniformSum,
)
from boundcheck.formula.exact.convolution import lattice_sum
from boundcheck.formula.exact.counts import Poisson as PoissonCount
from boundcheck.formula.exact.counts import Table, hypergeometric
from boundcheck.formula.exact.distribution import AffineImage, Distribution, Lattice, scaled
from boundcheck.formula.exact.extremes import OrderStatistic
from boundcheck.formula.exact.half_lines import FiniteVariable, FunctionOf
from boundcheck.formula.exact.kolmogorov import KolmogorovDistance
from boundcheck.formula.exact.numbers import BITS, number, sign_of
from boundcheck.formula.exact.occupancy import occupancy
from boundcheck.formula.exact.walk import stopped_walk
from boundcheck.formula.rigorous import precision
from boundcheck.statement.laws import (
    VALUE,
    Affine,
    Beta,
    Exponential,
    Gamma,
    Hypergeometric,
    Law,
    Normal,
    Poisson,
    TwoPoint,
    Uniform,
)
from boundcheck.statement.randomness import Occupancy, Sample, Statistic, StoppedWalk, WithoutReplacement

MOST_RATE = 5000
"""Incomplete gamma functions and tables of Poisson laws with larger means take too long."""


@lru_cache(maxsize=512)
def distribution_of(statistic: Statistic) -> Distribution | None:
    """The distribution of a statistic of a concrete sample, None where it is not known."""
    with precision(BITS):
        return _distribution_of(statistic)


def _distribution_of(statistic: Statistic) -> Distribution | None:
    sample, kind, n = statistic.sample, statistic.kind, int(statistic.sample.size)
    if isinstance(sample, Occupancy):
        return occupancy(kind, n, int(sample.bins)) if sample.function == VALUE else None
    if kind == "mean":
        total = distribution_of(Statistic("sum", sample))
        return None if total is None else scaled(total, n)
    if isinstance(sample, StoppedWalk):
        table = stopped_walk(n, int(sample.level)) if kind == "sum" and sample.function == VALUE else None
        return None if table is None else Lattice(S.Zero, S.One, table)
    if isinstance(sample, WithoutReplacement):
        return _drawn(sample) if kind == "sum" else None
    if type(sample) is not Sample:
        return None
    if kind in _RANKS:
        rank = int(statistic.rank) if statistic.rank is not None else _RANKS[kind](n)
        parts = [one_variable(law, sample.function) for law in sample.laws]
        known = tuple(part for part in parts if part is not None)
        return OrderStatistic(known, n, rank) if len(known) == len(parts) else None
    images = [law.image(sample.function) for law in sample.laws]
    laws = [image for image in images if image is not None]
    if kind == "sum":
        if len(laws) == len(images):
            found = sum_distribution({laws[0]: n} if sample.identical else dict(Counter(laws)))
            if found is not None:
                return found
        return one_variable(sample.laws[0], sample.function) if n == 1 else None
    if kind == "variance" and n > 1 and sample.identical and laws and isinstance(laws[0], Normal):
        # Cochran's theorem.
        return GammaDistribution(Rational(n - 1, 2), Rational(n - 1, 2) / laws[0].variance)
    if kind == "kolmogorov" and sample.identical and laws and finite_values(laws[0]) is None:
        return None if isinstance(_core(laws[0]), Poisson) else KolmogorovDistance(n)
    return None


_RANKS = {"maximum": lambda n: n, "minimum": lambda n: 1, "order": lambda n: n}


def sum_distribution(groups: Mapping[Law, int]) -> Distribution | None:
    """The distribution of a sum of independent variables, from their laws and the numbers of copies."""
    laws = list(groups)
    if len(laws) == 1 and groups[laws[0]] == 1 and isinstance(laws[0], Hypergeometric):
        return Lattice(S.Zero, S.One, _hypergeometric(laws[0]))
    finite = [finite_values(law) for law in laws]
    if all(values is not None for values in finite):
        return lattice_sum([(v, groups[law]) for v, law in zip(finite, laws, strict=True) if v is not None])
    if any(isinstance(law, Affine) for law in laws):
        return _sum_of_images(groups)
    normal = {law: n for law, n in groups.items() if isinstance(law, Normal)}
    if len(normal) == len(laws):
        mean, variance = (
            (n * law.location for law, n in normal.items()),
            (n * law.std**2 for law, n in normal.items()),
        )
        return NormalDistribution(sum(mean, S.Zero), sum(variance, S.Zero))
    if all(isinstance(law, Poisson) for law in laws):
        rate = sum((n * law.mean for law, n in groups.items()), S.Zero)
        return None if number(rate) > MOST_RATE else Lattice(S.Zero, S.One, PoissonCount(number(rate)))
    gamma = {law: n for law, n in groups.items() if isinstance(law, Exponential | Gamma)}
    if len(gamma) == len(laws):
        rates = {law.rate for law in gamma}
        shape = sum((n * (law.shape if isinstance(law, Gamma) else S.One) for law, n in gamma.items()), S.Zero)
        return GammaDistribution(shape, rates.pop()) if len(rates) == 1 else None
    [law, *others] = laws
    if isinstance(law, Uniform) and not others:
        return UniformSum(groups[law], law.low, law.high)
    if isinstance(law, Beta) and not others and groups[law] == 1:
        return BetaDistribution(law.a, law.b)
    return None


def _sum_of_images(groups: Mapping[Law, int]) -> Distribution | None:
    """The sum of variables scale·w + shift with one scale for all."""
    inside: Counter[Law] = Counter()
    shift, scales = S.Zero, set()
    for law, n in groups.items():
        image = law if isinstance(law, Affine) else Affine(law, S.One, S.Zero)
        inside[image.law] += n
        shift += n * image.shift
        scales.add(image.scale)
    inner = sum_distribution(inside) if len(scales) == 1 else None
    return None if inner is None else AffineImage(inner, scales.pop(), shift)


def finite_values(law: Law) -> Mapping[Expr, Expr] | None:
    """Value -> probability of a law on finitely many values."""
    if isinstance(law, Hypergeometric):
        table = _hypergeometric(law)
        shares = [Rational(int(w.p), int(w.q)) for w in table.weights() if isinstance(w, fmpq)]
        return {Integer(table.first + k): share for k, share in enumerate(shares)} or None
    if isinstance(law, Affine):
        inner = finite_values(law.law)
        return None if inner is None else {law.scale * v + law.shift: p for v, p in inner.items()}
    return law.finite


def one_variable(law: Law, function: Expr) -> Distribution | None:
    """The distribution of a function of one variable."""
    image = law.image(function)
    if image is None:
        inner = sum_distribution({law: 1})
        return None if inner is None else FunctionOf(inner, law, function)
    found = sum_distribution({image: 1})
    finite = finite_values(image)
    return FiniteVariable(tuple(finite.items())) if found is None and finite is not None else found


def _drawn(sample: WithoutReplacement) -> Distribution | None:
    """The sum of draws without replacement from a population of two values."""
    law, population, n = sample.laws[0], int(sample.population), int(sample.size)
    if not isinstance(law, TwoPoint):
        return None
    marked = law.p * population
    low, high = (sample.function.xreplace({VALUE: value}) for value in (law.low, law.high))
    sign = sign_of(high - low)
    if not marked.is_Integer or not sign:
        return None
    if sign < 0:
        low, high, marked = high, low, population - marked
    return Lattice(n * low, high - low, hypergeometric(population, int(marked), n))


def _hypergeometric(law: Hypergeometric) -> Table:
    return hypergeometric(int(law.population), int(law.marked), int(law.drawn))


def _core(law: Law) -> Law:
    return law.law if isinstance(law, Affine) else law
