"""The Kolmogorov distance of the empirical distribution of a continuous law from that law."""

from __future__ import annotations

import math
from dataclasses import dataclass

from flint import arb, arb_mat, fmpq, fmpq_mat

from boundcheck.formula.exact.continuous import Continuous
from boundcheck.formula.exact.distribution import clamp
from boundcheck.formula.exact.numbers import Number, probability

_FRACTIONS = 20
_LARGEST_MATRIX = 160


@dataclass(frozen=True)
class KolmogorovDistance(Continuous):
    """sup |F_n - F| for n variables; the same for all continuous F."""

    n: int

    def above(self, x: Number) -> Number | None:
        if x >= 1:
            return fmpq(0)
        if 2 * x >= 1:
            return 2 * self._one_sided(x)
        below = self.below(x)
        return None if below is None else 1 - below

    def below(self, x: Number) -> Number | None:
        """G. Marsaglia, W. W. Tsang, J. Wang, J. Stat. Softw. 8(18), 2003, after J. Durbin."""
        n = self.n
        if 2 * n * x <= 1:
            return fmpq(0)
        if x >= 1:
            return fmpq(1)
        if 2 * x >= 1:
            return 1 - 2 * self._one_sided(x)
        whole = (n * x).floor() if isinstance(x, fmpq) else (n * x).floor().unique_fmpz()
        if whole is None:
            return None
        k = int(whole) + 1
        size, h = 2 * k - 1, k - n * x
        if size > _LARGEST_MATRIX:
            return None
        rows = [[h * 0 + int(i - j + 1 >= 0) for j in range(size)] for i in range(size)]
        for i in range(size):
            rows[i][0] -= h ** (i + 1)
            rows[size - 1][i] -= h ** (size - i)
        rows[size - 1][0] += clamp(2 * h - 1, 0, 1) ** size
        for i in range(size):
            for j in range(min(i + 1, size)):
                rows[i][j] /= math.factorial(i - j + 1)
        fractions = [[entry for entry in row if isinstance(entry, fmpq)] for row in rows]
        ways = fmpq(math.factorial(n)) / fmpq(n) ** n
        if n <= _FRACTIONS and isinstance(x, fmpq):
            return (fmpq_mat(fractions) ** n)[k - 1, k - 1] * ways
        return probability((arb_mat([[arb(entry) for entry in row] for row in rows]) ** n)[k - 1, k - 1] * ways)

    def _one_sided(self, x: Number) -> Number:
        """P(sup (F_n - F) ≥ x) (Z. W. Birnbaum and F. H. Tingey, Ann. Math. Stat. 22, 1951); half of both for x ≥ ½."""
        n = self.n
        places = (x + fmpq(j, n) for j in range(n + 1))
        terms = (
            math.comb(n, j) * place ** (j - 1) * clamp(1 - place, 0, 1) ** (n - j)
            for j, place in enumerate(places)
            if not place >= 1
        )
        return x * sum(terms, fmpq(0))
