"""Functions of independent variables: bounded differences (McDiarmid), and convex Lipschitz functions (Talagrand).

Source: C. McDiarmid, Surveys in Combinatorics, 1989; S. Boucheron, G. Lugosi and P. Massart (BLM), Concentration
Inequalities, 2013, Theorems 6.2 and 6.10; M. Mitzenmacher and E. Upfal, Probability and Computing, 2nd ed., 2017,
Section 13.5.
"""

from __future__ import annotations

from sympy import Expr, exp, log, sqrt

from boundcheck.statement.claim import E, P
from boundcheck.statement.domain import integer, real
from boundcheck.statement.families import bounded, bounded_with_mean
from boundcheck.statement.randomness import (
    Sample,
    Unknown,
    bounded_differences,
    empty,
    iid,
    lipschitz_function,
    occupancy,
    random_matrix,
    spectral_norm,
)
from boundcheck.statement.theorem import Theorem


def _convex_lipschitz(sample: Sample, constant: Expr) -> Unknown:
    """Any convex function of the sample that is Lipschitz with this constant in the Euclidean norm.

    A linear function, the norm and the maximum, by which Lipschitz functions are tested, are all convex.
    """
    members = lipschitz_function(sample, constant).members
    return Unknown("f(X)", f"convex {constant}-Lipschitz function of X: {sample}", members, (constant, sample.size))


n = integer("n", min=1, max=10_000)
rows, columns = integer("m", min=1, max=1024), integer("n", min=1, max=1024)
balls, bins = integer("m", min=1, max=10_000), integer("n", min=1, max=10_000)
t = real("t", min=0)
c = real("c", min=0, exclude_min=True)
b = real("b", min=0, exclude_min=True)
delta = real("delta", min=0, max=1, exclude_min=True)

f = bounded_differences(n, c)
g = _convex_lipschitz(iid(bounded(0, 1), n), c)
Z = empty(occupancy(balls, bins))
A = spectral_norm(random_matrix(bounded_with_mean(-b, b, 0), rows, columns))

mcdiarmid = Theorem(
    claim=P(f - E(f) >= t) <= exp(-2 * t**2 / (n * c**2)),
    source="McDiarmid 1989, Lemma 1.2; BLM 2013, Theorem 6.2; for equal differences",
    inverse={t: c * sqrt(n * log(1 / delta) / 2)},
    fidelity="specialisation",
)

mcdiarmid_two_sided = Theorem(
    claim=P(abs(f - E(f)) >= t) <= 2 * exp(-2 * t**2 / (n * c**2)),
    source="McDiarmid 1989, Lemma 1.2; BLM 2013, Theorem 6.2; for f and -f, equal differences",
    inverse={t: c * sqrt(n * log(2 / delta) / 2)},
    fidelity="specialisation",
)

# Moving one ball changes the number of empty bins by at most 1.
empty_bins = Theorem(
    claim=P(abs(Z - bins * (1 - 1 / bins) ** balls) >= t) <= 2 * exp(-2 * t**2 / balls),
    source="McDiarmid 1989; Mitzenmacher and Upfal 2017, Section 13.5",
    inverse={t: sqrt(balls * log(2 / delta) / 2)},
    fidelity="specialisation",
    points=[
        {"m": m_value, "n": n_value, "t": t_value}
        for m_value, n_value, t_value in ((1, 1, "1/2"), (2, 2, "1/2"), (10, 5, 2), (50, 50, 8), (1000, 500, 30))
    ],
)

convex_lipschitz = Theorem(
    claim=P(g - E(g) > t) <= exp(-(t**2) / (2 * c**2)),
    source="Talagrand's convex concentration; BLM 2013, Theorem 6.10",
    inverse={t: c * sqrt(2 * log(1 / delta))},
    fidelity="reproduction",
)

# The norm is convex and 1-Lipschitz in the entries, which vary over an interval of length 2b.
norm_of_bounded_entries = Theorem(
    claim=P(A - E(A) > t) <= exp(-(t**2) / (8 * b**2)),
    source="Talagrand's convex concentration; BLM 2013, Theorem 6.10, for the spectral norm",
    inverse={t: b * sqrt(8 * log(1 / delta))},
    fidelity="specialisation",
    points=[{"m": 1, "n": 1, "b": 1, "t": "1/2"}, {"m": 8, "n": 8, "b": 1, "t": 1}, {"m": 32, "n": 16, "b": 2, "t": 1}],
)
