"""The norm of a square matrix of standard normals is at most about 2√n.

The mean is at most 2√n and the norm is a 1-Lipschitz function of the entries.

Source: K. R. Davidson and S. J. Szarek, Handbook of the Geometry of Banach Spaces I, 2001, Theorem II.13.
"""

from sympy import exp, sqrt

from boundcheck import E, P, Theorem, integer, normal, random_matrix, real, spectral_norm

n = integer("n", min=1, max=512)
t = real("t", min=0)
A = random_matrix(normal(0, 1), n, n)

square_gaussian_mean = Theorem(
    claim=E(spectral_norm(A)) <= 2 * sqrt(n),
    source="Davidson and Szarek 2001, Theorem II.13",
    points=[{"n": 1}, {"n": 4}, {"n": 16}],
)

square_gaussian_tail = Theorem(
    claim=P(spectral_norm(A) >= 2 * sqrt(n) + t) <= exp(-(t**2) / 2),
    source="Davidson and Szarek 2001, Theorem II.13",
    points=[{"n": 1, "t": 0}, {"n": 4, "t": "3/2"}, {"n": 16, "t": "3/2"}],
)
