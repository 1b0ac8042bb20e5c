"""False: Latała's inequality with only its fourth moment term, and a rate that is too slow.

A column of m entries has a norm of order √m, and a square matrix one of order √n: the row and column terms are needed.

Source: R. Latała, Proc. Amer. Math. Soc. 133 (2005), Theorem 2, with terms left out.
"""

from sympy import Rational

from boundcheck import E, Theorem, constant, integer, random_matrix, spectral_norm, uniform

m = integer("m", min=1, max=4096)
n = integer("n", min=1, max=4096)
C = constant()

latala_fourth_moment_alone = Theorem(
    claim=E(spectral_norm(random_matrix(uniform(-1, 1), m, n))) <= C * (m * n) ** Rational(1, 4),
    source="Latała 2005, Theorem 2, without the terms of rows and columns",
)

square_matrix_quarter_power = Theorem(
    claim=E(spectral_norm(random_matrix(uniform(-1, 1), n, n))) <= C * n ** Rational(1, 4),
    source="Latała 2005, Theorem 2, with a wrong exponent",
)
