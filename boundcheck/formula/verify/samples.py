"""Samples with numbers for their sizes and for the parameters of their laws."""

from __future__ import annotations

import math
from collections.abc import Sequence

from boundcheck.formula.verify.functions import ranked
from boundcheck.formula.verify.laws import Pair, Part, exact, finite_law, is_law, read_law, standard
from boundcheck.formula.verify.numbers import ONE, ZERO
from boundcheck.formula.verify.reading import Unable, require
from boundcheck.formula.verify.trees import Tree, times, value_of

_PARTS = {"nothing": (0, 0), "independent": (None, 0), "iid": (1, 1), "without_replacement": (1, 2), "matrix": (1, 2)}
_PARTS |= {"occupancy": (0, 2), "stopped_walk": (0, 2)}
"""Kinds of samples, with how many laws they have, if not any number, and how many sizes come after these."""


class Sample:
    """Single laws, sizes, or both; of kind "nothing" for formulas without randomness."""

    def __init__(self, tree: Tree) -> None:
        self.kind, *parts = tree
        require(self.kind in _PARTS, f"a sample {self.kind!r} is not known here")
        laws, sizes = _PARTS[self.kind]
        place = len(parts) - sizes
        self.laws = list(map(read_law, parts[:place]))
        self.exact = [read_law(law, exact) for law in parts[:place]]
        """The laws as algebra has them, without intervals."""
        for law in self.exact:
            require(is_law(law), f"there is no law {law[0]} with such parameters")
        self.counts = [value_of(size).count for size in parts[place:]]
        self.size = self.counts[0] if self.counts else len(self.laws)
        self.vector = self.kind == "matrix" and 1 in self.counts
        if self.vector:
            self.kind, self.size = "iid", math.prod(self.counts)
        if self.kind == "matrix":
            raise Unable("a matrix that is no vector is not re-checked here")
        require(laws in (None, len(self.laws)) and (self.size or self.kind == "nothing"), "there is no such sample")
        if self.kind == "without_replacement":
            known = self.laws[0][0] in ("family", "bounded") or finite_law(self.laws[0])
            require(known and self.size <= self.counts[1], "so many cannot be drawn from such numbers")

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
