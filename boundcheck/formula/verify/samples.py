"""Samples with numbers for their sizes and for the parameters of their laws."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from boundcheck.formula.verify.laws import Pair
from boundcheck.formula.verify.numbers import Number, add, clamped, count_of, limited, mul, power_of, sum_of
from boundcheck.formula.verify.reading import Refused
from boundcheck.formula.verify.trees import Tree, times, value_of


class Sample:
    """Single laws, sizes, or both; no laws at all for formulas without randomness."""

    def __init__(self, tree: Tree | None) -> None:
        self.kind, *parts = tree or ("nothing",)
        if self.kind not in ("nothing", "iid", "independent", "without_replacement", "occupancy", "stopped_walk"):
            raise Refused(f"a sample {self.kind!r} is not known here")
        with_laws = {"independent": len(parts), "iid": 1, "without_replacement": 1}.get(self.kind, 0)
        self.laws = list(map(_law, parts[:with_laws]))
        self.counts = [count_of(value_of(size)) for size in parts[with_laws:]]
        self.size = self.counts[0] if self.counts else len(self.laws)

    def rank(self, atom: Tree) -> int:
        """The rank of an order statistic among all variables, 1 for the smallest."""
        return {"maximum": self.size, "minimum": 1}.get(atom[1]) or count_of(atom[3])


def _law(tree: Tree) -> Tree:
    """A law with numbers for its fields."""
    name, *fields = tree
    if name == "family":
        return (name, fields[0], *((argument, value_of(value)) for argument, value in fields[1:]))
    if name == "affine":
        return (name, _law(fields[0]), *map(value_of, fields[1:]))
    return (name, *(list(map(value_of, f[1:])) if f[0] == "Tuple" else value_of(f) for f in fields))


def ranked(sample: Sample, pairs: Sequence[Pair], rank: int) -> Pair:
    """P(≤ x) and P(> x) for the variable of a rank, from those of each variable."""
    if not 1 <= rank <= sample.size:
        raise Refused(f"there is no variable of rank {rank}")
    if len(pairs) == 1:
        [(q, r)] = pairs
        n = sample.size
        limited(min(rank, n - rank + 1), 2_000)

        def share(j: int) -> Number:
            return mul(Fraction(math.comb(n, j)), mul(power_of(q, Fraction(j)), power_of(r, Fraction(n - j))))

        if rank > n / 2:
            below = sum_of(share(j) for j in range(rank, n + 1))
            return below, clamped(add(Fraction(1), -below))
        above = sum_of(share(j) for j in range(rank))
        return clamped(add(Fraction(1), -above)), above
    chances: list[Number] = [Fraction(1)]
    for q, r in pairs:
        chances = times(chances, [r, q])
    return sum_of(chances[rank:]), sum_of(chances[:rank])
