"""Probabilities of events about one statistic of a continuous law."""

from __future__ import annotations

import functools
from collections.abc import Callable
from fractions import Fraction

from boundcheck.formula.verify.laws import Pair, standard, sum_tails
from boundcheck.formula.verify.numbers import (
    Number,
    add,
    clamped,
    div,
    is_zero,
    log_of,
    mul,
    power_of,
    product_of,
    sum_of,
    told,
)
from boundcheck.formula.verify.reading import Unable
from boundcheck.formula.verify.samples import Sample, ranked
from boundcheck.formula.verify.trees import ORDERS, SUMS, VARIABLE, Tree, polynomial

Region = list[tuple[Number | None, Number | None]]


def solve(tree: Tree, atom: Tree, level: Number, *, above: bool) -> Region:
    """Where a folded tree is above the level, or below it, as intervals of the atom."""
    name, *parts = tree
    line = polynomial(tree, atom)
    if line is not None and len(line) == 2:
        end = div(add(level, -line[0]), line[1])
        return [(end, None)] if (told(line[1]) > 0) == above else [(None, end)]
    fixed = [part[1] for part in parts if part[0] == "Number"]
    random = [part for part in parts if part[0] != "Number"]
    if len(random) != 1:
        raise Unable("the event is not of a form that is re-checked here")
    if name == "Add":
        return solve(random[0], atom, add(level, -sum_of(fixed)), above=above)
    if name == "Mul":
        factor = product_of(fixed)
        return solve(random[0], atom, div(level, factor), above=above == (told(factor) > 0))
    half = Fraction(1, 2)
    if name == "exp" and told(level) > 0:
        return solve(random[0], atom, log_of(level), above=above)
    if name == "Pow" and fixed == [half] and told(level) >= 0:
        return solve(random[0], atom, mul(level, level), above=above)
    if (name == "Abs" or (name == "Pow" and fixed == [2])) and told(level) >= 0:
        reach = level if name == "Abs" else power_of(level, half)
        sides = [
            (1, solve(random[0], atom, reach, above=above)),
            (-1, solve(random[0], atom, -reach, above=not above)),
        ]
        first, second = (side for _, side in sides)
        if above:
            return first + second
        [(a, b)], [(c, d)] = first, second
        return [(a if a is not None else c, b if b is not None else d)]
    if (name in ("exp", "Abs") or fixed in ([half], [2])) and told(level) <= 0:
        return [(None, None)] if above else []
    raise Unable(f"an event about {name} is not re-checked here")


def mass(region: Region, tails: Callable[[Number], Pair]) -> Number:
    """The probability of a region, from P(≤ x) and P(> x) of a continuous law."""
    total: Number = Fraction(0)
    for low, high in region:
        if low is None:
            p = Fraction(1) if high is None else tails(high)[0]
        else:
            p = tails(low)[1] if high is None else clamped(add(tails(high)[0], -tails(low)[0]))
        total = add(total, p)
    return clamped(total)


def tails(sample: Sample, atom: Tree, x: Number) -> Pair:
    """P(≤ x) and P(> x) for a statistic of continuous laws."""
    _, kind, function, _ = atom
    parts = [standard(law) for law in sample.laws]
    if kind in ORDERS:
        regions = [solve(function, VARIABLE, x, above=side) for side in (False, True)]
        pairs = [tuple(mass(r, functools.partial(sum_tails, [part], 1)) for r in regions) for part in parts]
        return ranked(sample, pairs, sample.rank(atom))
    copies = sample.size if sample.kind == "iid" else 1
    line = polynomial(function, VARIABLE) or []
    normal = all(base == ("normal",) for base, _, _ in parts)
    centred = normal and all(is_zero(shift) for _, _, shift in parts)
    if kind == "variance" and len(line) == 2 and normal and sample.kind == "iid":
        scale = mul(power_of(mul(parts[0][1], line[1]), Fraction(2)), Fraction(2, sample.size - 1))
        return sum_tails([(("gamma", Fraction(sample.size - 1, 2)), scale, Fraction(0))], 1, x)
    x = mul(x, Fraction(sample.size)) if kind == "mean" else x
    if kind in SUMS and len(line) == 3 and is_zero(line[0]) and is_zero(line[1]) and centred:
        squares = [(("gamma", Fraction(1, 2)), 2 * mul(line[2], mul(s, s)), Fraction(0)) for _, s, _ in parts]
        return sum_tails(squares, copies, x)
    if kind in SUMS and len(line) == 2:
        return sum_tails([(b, mul(line[1], s), add(mul(line[1], h), line[0])) for b, s, h in parts], copies, x)
    raise Unable(f"the {kind} of such a function of such a law is not re-checked here")
