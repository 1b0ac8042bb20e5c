"""False: sampling without replacement credited with the square of the sampling fraction's gain.

Source: R. J. Serfling, Ann. Statist. 2 (1974), Corollary 1.1, with its factor 1 - (n - 1)/N squared.
"""

from sympy import exp

from boundcheck import E, P, Theorem, bounded, integer, mean, real, without_replacement

N = integer("N", min=2, max=10_000)
n = integer("n", min=1, max=10_000)
t = real("t", min=0, max=1)
X = without_replacement(bounded(0, 1), population=N, drawn=n)

serfling_too_strong = Theorem(
    claim=P(mean(X) - E(mean(X)) >= t) <= exp(-2 * n * t**2 / (1 - (n - 1) / N) ** 2),
    source="Serfling 1974, Corollary 1.1, with its factor squared",
    hypotheses=[n <= N],
)
