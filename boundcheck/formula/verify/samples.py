"""Samples with numbers for their sizes and for the parameters of their laws."""

from __future__ import annotations

import math
from collections.abc import Sequence

from boundcheck.formula.verify.functions import ranked
from boundcheck.formula.verify.laws import Pair, Part, read_law, standard
from boundcheck.formula.verify.numbers import ONE, ZERO
from boundcheck.formula.verify.reading import require
from boundcheck.formula.verify.trees import Tree, times, value_of

_SIZES = {"nothing": 0, "independent": 0, "iid": 1}
_SIZES |= dict.fromkeys(("without_replacement", "occupancy", "stopped_walk", "matrix"), 2)
"""Kinds of samples, with how many sizes come after the laws."""


class Sample:
    """Single laws, sizes, or both; of kind "nothing" for formulas without randomness."""

    def __init__(self, tree: Tree) -> None:
        self.kind, *parts = tree
        require(self.kind in _SIZES, f"a sample {self.kind!r} is not known here")
        sizes = len(parts) - _SIZES[self.kind]
        self.laws = list(map(read_law, parts[:sizes]))
        self.counts = [value_of(size).count for size in parts[sizes:]]
        self.size = self.counts[0] if self.counts else len(self.laws)
        if self.kind == "matrix" and 1 in self.counts:  # a vector
            self.kind, self.size = "iid", math.prod(self.counts)

    @property
    def independent(self) -> bool:
        """Whether its variables are independent."""
        return self.kind in ("iid", "independent")

    @property
    def copies(self) -> int:
        """How many variables have each law."""
        return self.size if self.kind == "iid" else 1

    @property
    def parts(self) -> list[Part]:
        """The laws as standard ones with scales and shifts."""
        return list(map(standard, self.laws))

    def rank(self, atom: Tree) -> int:
        """The rank of an order statistic among all variables, 1 for the smallest."""
        rank = value_of(atom[3]).count if atom[1] == "order" else 1 if atom[1] == "minimum" else self.size
        require(1 <= rank <= self.size, f"there is no variable of rank {rank}")
        return rank

    def ranked(self, atom: Tree, pairs: Sequence[Pair]) -> Pair:
        """P(≤ x) and P(> x) for an order statistic, from those of each variable."""
        rank, chances = self.rank(atom), [ONE]
        if len(pairs) == 1:
            return ranked(self.size, rank, *pairs[0])
        for below, above in pairs:
            chances = times(chances, [above, below])
        return sum(chances[rank:], ZERO), sum(chances[:rank], ZERO)
