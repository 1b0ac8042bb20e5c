"""How the norm of a matrix of uniform entries grows: at most like √m + √n, with a constant that nobody names.

boundcheck cannot refute such a claim at one point; it tests whether the ratio of the two sides stays bounded.

Source: R. Latała, Proc. Amer. Math. Soc. 133 (2005), Theorem 2.
"""

from sympy import sqrt

from boundcheck import E, Theorem, constant, integer, random_matrix, spectral_norm, uniform

m = integer("m", min=1, max=4096)
n = integer("n", min=1, max=4096)
C = constant()

uniform_matrix_scaling = Theorem(
    claim=E(spectral_norm(random_matrix(uniform(-1, 1), m, n))) <= C * (sqrt(m) + sqrt(n)),
    source="Latała 2005, Theorem 2, for uniform entries",
)
