"""Probabilities of events about one statistic of a continuous law."""

from __future__ import annotations

import functools
from collections.abc import Callable

from boundcheck.formula.verify.functions import log
from boundcheck.formula.verify.laws import CONTINUOUS, Pair, kolmogorov, sum_tails
from boundcheck.formula.verify.numbers import HALF, ONE, ZERO, Number, clamped
from boundcheck.formula.verify.reading import Unable
from boundcheck.formula.verify.samples import Sample
from boundcheck.formula.verify.trees import ORDERS, SUMS, VARIABLE, Tree, line, polynomial

Region = list[tuple[Number | None, Number | None]]
_TWO = Number(2)


def solve(tree: Tree, atom: Tree, level: Number, *, above: bool) -> Region:
    """Where a folded tree is above the level, or below it, as intervals of the atom."""
    name, *parts = tree
    if linear := line(tree, atom):
        end = (level - linear[1]) / linear[0]
        return [(end, None)] if (linear[0].told > 0) == above else [(None, end)]
    fixed = [part[1] for part in parts if part[0] == "Number"]
    random = [part for part in parts if part[0] != "Number"]
    if len(random) != 1:
        raise Unable("the event is not of a form that is re-checked here")
    within = functools.partial(solve, random[0], atom)
    if name == "Add":
        return within(level - sum(fixed, ZERO), above=above)
    if name == "Mul":
        factor = functools.reduce(lambda x, y: x * y, fixed, ONE)
        return within(level / factor, above=above == (factor.told > 0))
    even = name == "Abs" or (name == "Pow" and fixed == [_TWO])
    if (even or name == "exp" or fixed == [HALF]) and level.told < 0:
        return [(None, None)] if above else []
    if name == "exp" and level.sign == 0:
        return [(None, None)] if above else []
    if name == "exp":
        return within(log(level), above=above)
    if name == "Pow" and fixed == [HALF]:
        return within(level * level, above=above)
    if not even:
        raise Unable(f"an event about {name} is not re-checked here")
    reach = level if name == "Abs" else level**HALF
    sides = within(reach, above=above), within(-reach, above=not above)
    if above:
        return sides[0] + sides[1]
    [(a, b)], [(c, d)] = sides
    return [(a if a is not None else c, b if b is not None else d)]


def mass(region: Region, tails: Callable[[Number], Pair]) -> Number:
    """The probability of a region, from P(≤ x) and P(> x) of a continuous law."""
    total = ZERO
    for low, high in region:
        if low is None or high is None:
            total = total + (tails(low)[1] if low is not None else tails(high)[0] if high is not None else ONE)
        else:
            total = total + clamped(tails(high)[0] - tails(low)[0])
    return clamped(total)


def tails(sample: Sample, atom: Tree, x: Number) -> Pair:
    """P(≤ x) and P(> x) for a statistic of continuous laws."""
    _, kind, function, _ = atom
    parts, copies = sample.parts, sample.copies
    if kind == "kolmogorov" and sample.kind == "iid" and function == VARIABLE and parts[0][0][0] in CONTINUOUS:
        return kolmogorov(sample.size, x)
    if kind in ORDERS or (kind in SUMS and sample.size == 1):
        regions = [solve(function, VARIABLE, x, above=side) for side in (False, True)]
        pairs = [[mass(region, functools.partial(sum_tails, [part], 1)) for region in regions] for part in parts]
        return sample.ranked(atom, [(below, above) for below, above in pairs])
    powers = polynomial(function, VARIABLE) or []
    normal = all(base == ("normal",) for base, _, _ in parts)
    centred = normal and all(shift.is_zero for _, _, shift in parts)
    if kind == "variance" and len(powers) == 2 and normal and sample.kind == "iid":
        half = Number(sample.size - 1) / 2
        return sum_tails([(("gamma", half), (parts[0][1] * powers[1]) ** 2 / half, ZERO)], 1, x)
    x = x * sample.size if kind == "mean" else x
    if kind in SUMS and len(powers) == 3 and powers[0].is_zero and powers[1].is_zero and centred:
        return sum_tails([(("gamma", HALF), 2 * powers[2] * s * s, ZERO) for _, s, _ in parts], copies, x)
    if kind in SUMS and len(powers) == 2:
        return sum_tails([(base, powers[1] * s, powers[1] * h + powers[0]) for base, s, h in parts], copies, x)
    raise Unable(f"the {kind} of such a function of such a law is not re-checked here")
