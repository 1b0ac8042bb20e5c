"""The norm of a matrix of signs: a matrix series bound, log factor and all.

Source: J. A. Tropp, An Introduction to Matrix Concentration Inequalities, 2015, Theorem 4.1.1.
"""

from sympy import exp, log, sqrt

from boundcheck import E, P, Theorem, integer, rademacher, random_matrix, real, spectral_norm

n = integer("n", min=1, max=512)
t = real("t", min=0)
A = random_matrix(rademacher(1), n, n)

sign_matrix_tail = Theorem(
    claim=P(spectral_norm(A) >= t) <= 2 * n * exp(-(t**2) / (2 * n)),
    source="Tropp 2015, Theorem 4.1.1",
    points=[{"n": 1, "t": 1}, {"n": 2, "t": 2}, {"n": 8, "t": 8}, {"n": 64, "t": 22}],
)

sign_matrix_mean = Theorem(
    claim=E(spectral_norm(A)) <= sqrt(2 * n * log(2 * n)),
    source="Tropp 2015, Theorem 4.1.1, (4.1.5)",
    points=[{"n": 1}, {"n": 2}, {"n": 8}, {"n": 64}],
)
