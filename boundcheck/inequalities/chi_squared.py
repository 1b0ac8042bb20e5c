"""Sums of squares of normal variables.

Source: B. Laurent and P. Massart, Ann. Statist. 28 (2000), Lemma 1; M. J. Wainwright, High-Dimensional Statistics,
2019, Example 2.11.
"""

from __future__ import annotations

from sympy import exp, log, sqrt

from boundcheck.statement.claim import P
from boundcheck.statement.domain import integer, real
from boundcheck.statement.laws import normal
from boundcheck.statement.randomness import iid, independent, sum_of
from boundcheck.statement.theorem import Theorem

n = integer("n", min=1, max=10_000)
x = real("x", min=0)
u = real("u", min=0)
t = real("t", min=0, max=1)
inner = real("t", min=0, max=1, exclude_max=True)
s = real("s", min=0, max=1, exclude_min=True)
delta = real("delta", min=0, max=1, exclude_min=True)

squares = sum_of(iid(normal(0, 1), n) ** 2)
weighted = sum_of(independent(normal(0, 1), normal(0, s), normal(0, s)) ** 2)

laurent_massart_upper = Theorem(
    claim=P(squares >= n + 2 * sqrt(n * x) + 2 * x) <= exp(-x),
    source="Laurent and Massart 2000, Lemma 1 and (4.3)",
    inverse={x: log(1 / delta)},
    fidelity="reproduction",
)

laurent_massart_lower = Theorem(
    claim=P(squares <= n - 2 * sqrt(n * x)) <= exp(-x),
    source="Laurent and Massart 2000, Lemma 1 and (4.4)",
    inverse={x: log(1 / delta)},
    fidelity="reproduction",
)

laurent_massart_weighted = Theorem(
    claim=P(weighted - (1 + 2 * s**2) >= 2 * sqrt((1 + 2 * s**4) * x) + 2 * x) <= exp(-x),
    source="Laurent and Massart 2000, Lemma 1, (4.1), for weights 1, s² and s²",
    inverse={x: log(1 / delta)},
    fidelity="specialisation",
)

chi_squared_relative = Theorem(
    claim=P(abs(squares / n - 1) >= t) <= 2 * exp(-n * t**2 / 8),
    source="Wainwright 2019, Example 2.11",
    fidelity="reproduction",
)

chi_squared_chernoff = Theorem(
    claim=P(squares >= n * (1 + u)) <= ((1 + u) * exp(-u)) ** (n / 2),
    source="Chernoff's method; S. Dasgupta and A. Gupta, Random Structures Algorithms 22 (2003), Lemma 2.2",
    fidelity="specialisation",
)

chi_squared_chernoff_lower = Theorem(
    claim=P(squares <= n * (1 - inner)) <= ((1 - inner) * exp(inner)) ** (n / 2),
    source="Chernoff's method; S. Dasgupta and A. Gupta, Random Structures Algorithms 22 (2003), Lemma 2.2",
    fidelity="specialisation",
)
