"""Exact laws of occupancy counts and of stopped walks."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

from boundcheck.formula.verify.numbers import MOST, Number, add, div, limited, mul
from boundcheck.formula.verify.reading import Unable
from boundcheck.formula.verify.samples import Sample
from boundcheck.formula.verify.trees import ORDERS, SUMS, VARIABLE, Tree, polynomial


def occupancy_law(sample: Sample, atom: Tree) -> dict[Fraction, Fraction]:
    """The exact law of the most, the fewest or the empty bins, by counting ways."""
    balls, bins = sample.counts
    if atom[2] != VARIABLE:
        raise Unable("functions of occupancy counts are not re-checked here")
    if atom[1] == "empty":
        limited(balls * bins, 10 * MOST)
        ways = {0: 1}
        for _ in range(balls):
            following: dict[int, int] = {}
            for used, count in ways.items():
                following[used] = following.get(used, 0) + used * count
                following[used + 1] = following.get(used + 1, 0) + (bins - used) * count
            ways = following
        return {Fraction(bins - used): Fraction(count, bins**balls) for used, count in ways.items() if count}
    if atom[1] not in ORDERS[:2]:
        raise Unable(f"the {atom[1]} of occupancy counts is not re-checked here")
    limited(balls**3 * bins, 500 * MOST)
    most = [_within(sample, range(m + 1) if atom[1] == "maximum" else range(m, balls + 1)) for m in range(balls + 1)]
    edges = [0, *most] if atom[1] == "maximum" else [*most, 0]
    return {
        Fraction(m): abs(Fraction(b - a, bins**balls)) for m, (a, b) in enumerate(itertools.pairwise(edges)) if a != b
    }


def _within(sample: Sample, allowed: range) -> int:
    """Number of ways to throw the balls so that each bin gets a number that is allowed."""
    balls, bins = sample.counts
    ways = [1] + [0] * balls
    for _ in range(bins):
        ways = [sum(math.comb(used, c) * ways[used - c] for c in allowed if c <= used) for used in range(balls + 1)]
    return ways[balls]


def walk_law(sample: Sample, atom: Tree) -> dict[Number, Number]:
    """The exact law of a linear function of where a stopped walk ends."""
    steps, level = sample.counts
    line = polynomial(atom[2], VARIABLE)
    if atom[1] not in SUMS or line is None or len(line) != 2 or level < 1:
        raise Unable(f"the {atom[1]} of such a function of a stopped walk is not re-checked here")
    limited(steps**2, 20 * MOST)
    places = {0: Fraction(1)}
    for _ in range(steps):
        following: dict[int, Fraction] = {}
        for place, p in places.items():
            for step in (0,) if place == level else (-1, 1):
                following[place + step] = following.get(place + step, Fraction(0)) + p / (1 if step == 0 else 2)
        places = following
    share = Fraction(steps if atom[1] == "mean" else 1)
    return {div(add(mul(line[1], Fraction(s)), steps * line[0]), share): p for s, p in places.items()}
