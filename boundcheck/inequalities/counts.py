"""T4: how many of k randomly removed entries fall into one channel."""

from __future__ import annotations

from sympy import exp

from boundcheck.inequalities.bounds.counts import channel_counts
from boundcheck.inequalities.rates import relative_entropy
from boundcheck.statement.claim import P
from boundcheck.statement.domain import integer, real
from boundcheck.statement.laws import hypergeometric, uniform
from boundcheck.statement.layer import dense
from boundcheck.statement.randomness import iid, sum_of
from boundcheck.statement.theorem import Theorem

m = integer("m", min=1, max=1024)
n = integer("n", min=1, max=1024)
k = integer("k", min=1, max=1_048_576)
q = real("q", min=0, max=1, exclude_min=True, exclude_max=True)
delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)

layer = dense(n, m, weights=uniform(-1, 1))
counts = channel_counts(layer, k, delta)
row = sum_of(iid(hypergeometric(m * n, k, n), 1))
column = sum_of(iid(hypergeometric(m * n, k, m), 1))
SOURCE = "Hoeffding 1963, Theorems 1 and 4; T4"
POINTS = [
    {"m": m_value, "n": n_value, "k": k_value, "delta": delta_value}
    for m_value, n_value, k_value in ((2, 2, 1), (2, 2, 4), (20, 30, 60), (64, 64, 64), (256, 256, 2048))
    for delta_value in ("1/20", "1/2")
]

# The union bound over the m + n channels gives each of them this share.
output_channel_count = Theorem(
    claim=P(row > counts.in_output) <= delta / (m + n),
    source=SOURCE,
    hypotheses=[k <= m * n],
    fidelity="specialisation",
    points=POINTS,
)

input_channel_count = Theorem(
    claim=P(column > counts.in_input) <= delta / (m + n),
    source=SOURCE,
    hypotheses=[k <= m * n],
    fidelity="specialisation",
    points=POINTS,
)

# Seen from the channel: n draws, each removed with probability k / (m n).
channel_share = Theorem(
    claim=P(row >= n * q) <= exp(-n * relative_entropy(q, k / (m * n))),
    source=SOURCE,
    hypotheses=[k < m * n, q >= k / (m * n)],
    fidelity="specialisation",
)

# Seen from the removed entries: k draws, each in this channel with probability 1/m.
removed_share = Theorem(
    claim=P(row >= k * q) <= exp(-k * relative_entropy(q, 1 / m)),
    source=SOURCE,
    hypotheses=[k <= m * n, m > 1, q >= 1 / m],
    fidelity="specialisation",
)
