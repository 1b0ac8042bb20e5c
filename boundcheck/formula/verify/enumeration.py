"""Laws of statistics with countably many outcomes, by enumeration."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

from mpmath import iv

from boundcheck.formula.verify.counting import occupancy_law, walk_law
from boundcheck.formula.verify.laws import FRACTIONS, finite_law, hypergeometric, poisson, standard
from boundcheck.formula.verify.numbers import (
    MOST,
    ORDER,
    Number,
    add,
    count_of,
    div,
    limited,
    middle,
    mul,
    power_of,
    sum_of,
)
from boundcheck.formula.verify.reading import Refused, Unable
from boundcheck.formula.verify.samples import Sample, ranked
from boundcheck.formula.verify.trees import ORDERS, SUMS, VARIABLE, Tree, one_of, polynomial, value_of

Outcome = tuple[dict[Tree, Number] | None, Number]


def outcomes_of(sample: Sample, atoms: set[Tree]) -> list[Outcome] | None:
    """Values of the statistics with their probabilities; None for continuous laws."""
    if sample.kind in ("occupancy", "stopped_walk"):
        atom = one_of(atoms)
        law = occupancy_law(sample, atom) if sample.kind == "occupancy" else walk_law(sample, atom)
        return [({atom: value}, p) for value, p in law.items()]
    finite = [finite_law(law) for law in sample.laws]
    if not finite or any(law is None for law in finite):
        return _shifted(sample, atoms)
    laws = [law for law in finite if law is not None]
    if sample.kind == "without_replacement":
        return _drawn(sample, atoms, laws[0])
    if len(atoms) == 1 and one_of(atoms)[1] in ORDERS:
        return _ranks(sample, one_of(atoms), laws)
    if len(laws) == 1 and (sample.size == 1 or math.comb(sample.size + len(laws[0]) - 1, len(laws[0]) - 1) <= MOST):
        return list(_multinomial(sample, atoms, laws[0]))
    limited(sample.size)
    return _convolved(sample, atoms, laws if len(laws) > 1 else laws * sample.size)


def _shifted(sample: Sample, atoms: set[Tree]) -> list[Outcome] | None:
    """Sums of Poisson variables, of one law."""
    parts = [standard(law) for law in sample.laws]
    if not parts or any(base[0] != "poisson" for base, _, _ in parts):
        return None
    (base, scale, shift), n = parts[0], Fraction(sample.size)
    atom = one_of(atoms)
    line = polynomial(atom[2], VARIABLE)
    if len(parts) > 1 or atom[1] not in SUMS or line is None or len(line) != 2:
        raise Unable(f"the {atom[1]} of such a function of Poisson variables is not re-checked here")
    found: list[Outcome] = []
    for count, p in poisson(mul(n, base[1])):
        total = None if count is None else add(mul(line[1], add(mul(scale, count), n * shift)), n * line[0])
        found.append((None if total is None else {atom: div(total, n) if atom[1] == "mean" else total}, p))
    return found


def _multinomial(sample: Sample, atoms: set[Tree], law: Sequence[tuple[Number, Number]]) -> Iterator[Outcome]:
    """By how often each value occurs."""
    n = sample.size
    limited(n)
    exact = n <= FRACTIONS and all(isinstance(p, Fraction) for _, p in law)
    one = Fraction(1) if exact else iv.mpf(1)
    factorials = list(itertools.accumulate(range(1, n + 1), lambda x, k: x * k, initial=one))
    powers = [list(itertools.accumulate([p] * n, mul, initial=one)) for _, p in law]
    for cuts in itertools.combinations(range(n + len(law) - 1), len(law) - 1):
        counts = [b - a - 1 for a, b in itertools.pairwise((-1, *cuts, n + len(law) - 1))]
        p = factorials[n]
        for power, count in zip(powers, counts, strict=True):
            p = p * power[count] / factorials[count]
        values = [(value, count) for (value, _), count in zip(law, counts, strict=True) if count]
        yield {atom: _statistic(sample, atom, values) for atom in atoms}, p


def _drawn(sample: Sample, atoms: set[Tree], law: Sequence[tuple[Number, Number]]) -> list[Outcome]:
    drawn, population = sample.counts[0], sample.counts[1]
    if len(law) == 1:
        return [({atom: _statistic(sample, atom, [(law[0][0], drawn)]) for atom in atoms}, Fraction(1))]
    (low, _), (high, p) = law
    found: list[Outcome] = []
    for k, q in hypergeometric(population, count_of(mul(p, Fraction(population))), drawn):
        values = [(value, count) for value, count in ((low, drawn - k), (high, k)) if count]
        found.append(({atom: _statistic(sample, atom, values) for atom in atoms}, q))
    return found


def _ranks(sample: Sample, atom: Tree, laws: Sequence[Sequence[tuple[Number, Number]]]) -> list[Outcome]:
    images = [[(value_of(atom[2], {VARIABLE: v}), p) for v, p in law] for law in laws]
    values = sorted({v for law in images for v, _ in law}, key=ORDER)
    limited(len(values) * sum(map(len, images)))
    found: list[Outcome] = []
    before: Number = Fraction(0)
    for place, value in enumerate(values):
        inside = {*values[: place + 1]}
        pairs = [
            (sum_of(p for v, p in law if v in inside), sum_of(p for v, p in law if v not in inside)) for law in images
        ]
        below = ranked(sample, pairs, sample.rank(atom))[0]
        found.append(({atom: value}, add(below, -before)))
        before = below
    return found


def _convolved(sample: Sample, atoms: set[Tree], laws: Sequence[Sequence[tuple[Number, Number]]]) -> list[Outcome]:
    """One variable after the other, by the sums so far, or by all values so far."""
    sums = all(atom[1] in SUMS for atom in atoms)
    order = sorted(atoms, key=repr)
    images = [[[value_of(atom[2], {VARIABLE: v}) for atom in order] if sums else [v] for v, _ in law] for law in laws]
    reached: dict[tuple[Number, ...], Number] = {(Fraction(0),) * len(order) if sums else (): Fraction(1)}
    steps = 0
    for law, image in zip(laws, images, strict=True):
        following: dict[tuple[Number, ...], Number] = {}
        steps += len(reached) * len(law) * max(map(len, reached), default=1)
        limited(steps, (10 if sums else 2) * MOST)
        for (state, p), ((_, q), values) in itertools.product(reached.items(), zip(law, image, strict=True)):
            after = tuple(map(add, state, values)) if sums else tuple(sorted((*state, *values), key=middle))
            following[after] = add(following.get(after, Fraction(0)), mul(p, q))
        reached = following
    n = Fraction(sample.size)
    if sums:
        shares = [n if atom[1] == "mean" else Fraction(1) for atom in order]
        return [({a: div(t, s) for a, t, s in zip(order, x, shares, strict=True)}, p) for x, p in reached.items()]
    return [({a: _statistic(sample, a, [(v, 1) for v in x]) for a in order}, p) for x, p in reached.items()]


def _statistic(sample: Sample, atom: Tree, values: Sequence[tuple[Number, int]]) -> Number:
    """A statistic of values that occur so many times each."""
    _, kind, function, _ = atom
    images = [(value_of(function, {VARIABLE: value}), count) for value, count in values]
    n = Fraction(sample.size)
    total = sum_of(mul(value, Fraction(count)) for value, count in images)
    if kind in SUMS:
        return total if kind == "sum" else div(total, n)
    if kind == "variance":
        squares = sum_of(mul(power_of(add(v, -div(total, n)), Fraction(2)), Fraction(count)) for v, count in images)
        return div(squares, n - 1)
    if kind not in ORDERS:
        raise Unable(f"the {kind} is not re-checked here")
    seen = 0
    for value, count in sorted(images, key=lambda item: ORDER(item[0])):
        seen += count
        if seen >= sample.rank(atom):
            return value
    raise Refused("an order statistic has no such rank")
