"""Laws of statistics with countably many outcomes, by enumeration and by counting."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any

from mpmath import iv

from boundcheck.formula.verify.laws import EXACT, finite_law, hypergeometric, poisson
from boundcheck.formula.verify.numbers import MOST, ZERO, Number, limited
from boundcheck.formula.verify.reading import Unable
from boundcheck.formula.verify.samples import Sample
from boundcheck.formula.verify.trees import ORDERS, SUMS, VARIABLE, Tree, line, one_of, value_of

Outcome = tuple[dict[Tree, Number] | None, Number]
"""Values of statistics, None where they are not known, and the probability."""
Counts = Iterable[tuple[Number, int]]
"""Values of variables, and how often each occurs."""


def outcomes_of(sample: Sample, atoms: set[Tree]) -> list[Outcome] | None:
    """Values of the statistics with their probabilities; None for continuous laws."""
    if sample.kind in ("occupancy", "stopped_walk"):
        return (_occupancy if sample.kind == "occupancy" else _walk)(sample, one_of(atoms))
    laws = [law for law in map(finite_law, sample.laws) if law is not None]
    if not laws or len(laws) < len(sample.laws):
        return _poisson(sample, atoms)
    if sample.kind == "without_replacement":
        return _combined(sample, atoms, [_drawn(sample, laws[0])])
    if len(atoms) == 1 and one_of(atoms)[1] in ORDERS:
        return _ranks(sample, one_of(atoms), laws)
    many = max(math.comb(sample.copies + len(law) - 1, len(law) - 1) for law in laws)
    if many <= MOST or sample.copies == 1:
        return _combined(sample, atoms, [_multinomial(law, sample.copies) for law in laws])
    limited(sample.copies)
    return _combined(sample, atoms, [_multinomial(laws[0], 1)] * sample.copies)


def _multinomial(law: Sequence[tuple[Number, Number]], n: int) -> list[tuple[Counts, Number]]:
    """How often each value of n independent variables may occur."""
    limited(n)
    exact = n <= EXACT and all(p.exact for _, p in law)
    one = Fraction(1) if exact else iv.mpf(1)
    factorials = list(itertools.accumulate(range(1, n + 1), lambda x, k: x * k, initial=one))
    shares = [p.value if exact else p.wide for _, p in law]
    powers = [list(itertools.accumulate([p] * n, lambda x, y: x * y, initial=one)) for p in shares]
    found: list[tuple[Counts, Number]] = []
    for cuts in itertools.combinations(range(n + len(law) - 1), len(law) - 1):
        counts = [b - a - 1 for a, b in itertools.pairwise((-1, *cuts, n + len(law) - 1))]
        p = factorials[n]
        for power, count in zip(powers, counts, strict=True):
            p = p * power[count] / factorials[count]
        found.append(([(value, count) for (value, _), count in zip(law, counts, strict=True) if count], Number(p)))
    return found


def _drawn(sample: Sample, law: Sequence[tuple[Number, Number]]) -> list[tuple[Counts, Number]]:
    """How often each of at most two values occurs among so many drawn without replacement."""
    drawn, population = sample.counts
    if len(law) > 2:
        raise Unable("drawing from numbers of more than two values is not re-checked here")
    (low, _), (high, p) = law[0], law[-1]
    ways = hypergeometric(population, (p * population).count, drawn)
    return [([(low, drawn - k.count), (high, k.count)], q) for k, q in ways]


def _combined(sample: Sample, atoms: set[Tree], groups: Sequence[Sequence[tuple[Counts, Number]]]) -> list[Outcome]:
    """Independent groups of variables, one after the other, by sums where these tell, or by all values so far."""
    sums = all(atom[1] in SUMS for atom in atoms)
    order = list(atoms)
    cache: dict[Any, Number] = {}

    def image(atom: Tree, value: Number) -> Number:
        if (atom, value) not in cache:
            cache[atom, value] = value_of(atom[2], {VARIABLE: value})
        return cache[atom, value]

    def state(counts: Counts) -> Any:
        if sums:
            return tuple(sum((image(atom, v) * count for v, count in counts), ZERO) for atom in order)
        return frozenset((v, count) for v, count in counts if count)

    def plus(x: Any, y: Any) -> Any:
        if sums:
            return tuple(a + b for a, b in zip(x, y, strict=True))
        return frozenset((Counter(dict(x)) + Counter(dict(y))).items())

    reached: dict[Any, Number] = {}
    steps = 0
    for group in groups:
        changes = [(state(counts), q) for counts, q in group]
        steps += len(changes) * (len(reached) or 1)
        limited(steps, 10 * MOST)
        pairs = ((plus(before, x), p * q) for (before, p), (x, q) in itertools.product(reached.items(), changes))
        following: dict[Any, Number] = {}
        for after, p in pairs if reached else changes:
            following[after] = following[after] + p if after in following else p
        reached = following
    found: list[Outcome] = []
    for total, p in reached.items():
        if sums:
            values = {a: x / sample.size if a[1] == "mean" else x for a, x in zip(order, total, strict=True)}
        else:
            values = {a: _statistic(sample, a, [(image(a, v), count) for v, count in total]) for a in order}
        found.append((values, p))
    return found


def _statistic(sample: Sample, atom: Tree, images: Sequence[tuple[Number, int]]) -> Number:
    """A statistic of values that occur so many times each."""
    kind, n = atom[1], sample.size
    total = sum((value * count for value, count in images), ZERO)
    if kind in SUMS:
        return total if kind == "sum" else total / n
    if kind == "variance":
        return sum(((value - total / n) ** 2 * count for value, count in images), ZERO) / (n - 1)
    if kind not in ORDERS:
        raise Unable(f"the {kind} is not re-checked here")
    rank = sample.rank(atom)
    ordered = sorted(images, key=lambda item: item[0])
    seen = itertools.accumulate(count for _, count in ordered)
    return next(value for (value, _), reached in zip(ordered, seen, strict=True) if reached >= rank)


def _ranks(sample: Sample, atom: Tree, laws: Sequence[Sequence[tuple[Number, Number]]]) -> list[Outcome]:
    images = [[(value_of(atom[2], {VARIABLE: v}), p) for v, p in law] for law in laws]
    values = sorted({v for law in images for v, _ in law})
    limited(len(values) * sum(map(len, images)))
    found: list[Outcome] = []
    inside: set[Number] = set()
    before = ZERO
    for value in values:
        inside.add(value)
        below = [sum((p for v, p in law if v in inside), ZERO) for law in images]
        reached = sample.ranked(atom, [(p, 1 - p) for p in below])[0]
        found.append(({atom: value}, reached - before))
        before = reached
    return found


def _poisson(sample: Sample, atoms: set[Tree]) -> list[Outcome] | None:
    """Sums of Poisson variables of one law; None for other laws."""
    parts = sample.parts
    if not parts or any(base[0] != "poisson" for base, _, _ in parts):
        return None
    (base, scale, shift), n, atom = parts[0], sample.size, one_of(atoms)
    linear = line(atom[2], VARIABLE)
    if len(parts) > 1 or atom[1] not in SUMS or linear is None:
        raise Unable(f"the {atom[1]} of such a function of Poisson variables is not re-checked here")
    share = n if atom[1] == "mean" else 1
    slope, start = linear[0] * scale / share, (linear[0] * shift + linear[1]) * n / share
    return [(None if k is None else {atom: slope * k + start}, p) for k, p in poisson(n * base[1])]


def _walk(sample: Sample, atom: Tree) -> list[Outcome]:
    """A linear function of where a stopped walk ends, by the reflection principle."""
    steps, level = sample.counts
    linear = line(atom[2], VARIABLE)
    if atom[1] not in SUMS or linear is None or level < 1:
        raise Unable(f"the {atom[1]} of such a function of a stopped walk is not re-checked here")
    limited(steps, MOST / 10)
    free = {2 * k - steps: Fraction(math.comb(steps, k), 2**steps) for k in range(steps + 1)}
    law = {s: p - free.get(2 * level - s, 0) for s, p in free.items() if s < level}
    law[level] = sum((p * (1 + (s > level)) for s, p in free.items() if s >= level), Fraction(0))
    share = steps if atom[1] == "mean" else 1
    return [({atom: (linear[0] * s + linear[1] * steps) / share}, Number(p)) for s, p in law.items() if p]


def _occupancy(sample: Sample, atom: Tree) -> list[Outcome]:
    """The most, the fewest or the empty bins, by counting ways to throw the balls."""
    balls, bins = sample.counts
    kind = atom[1]
    if atom[2] != VARIABLE or kind not in ("empty", "maximum", "minimum"):
        raise Unable(f"the {kind} of such a function of occupancy counts is not re-checked here")
    return [({atom: Number(k)}, Number(Fraction(w, bins**balls))) for k, w in _ways(kind, balls, bins) if w]


def _ways(kind: str, balls: int, bins: int) -> Iterator[tuple[int, int]]:
    if kind == "empty":
        limited(balls * bins**2, 5_000 * MOST)
        powers = [k**balls for k in range(bins + 1)]
        for used in range(bins + 1):  # maps onto so many bins, by inclusion and exclusion
            onto = sum((-1) ** j * math.comb(used, j) * powers[used - j] for j in range(used + 1))
            yield bins - used, math.comb(bins, used) * onto
        return
    limited(balls**3 * bins, 500 * MOST)
    before = 0
    for m in range(balls + 1) if kind == "maximum" else range(balls, -1, -1):
        ways = [1] + [0] * balls
        for _ in range(bins):
            allowed = range(m + 1) if kind == "maximum" else range(m, balls + 1)
            ways = [sum(math.comb(used, c) * ways[used - c] for c in allowed if c <= used) for used in range(balls + 1)]
        yield m, ways[balls] - before
        before = ways[balls]
