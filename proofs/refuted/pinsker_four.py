"""False: Pinsker's inequality with a constant of 4 where 2 is right.

Source: a wrong constant planted in Pinsker's inequality for Bernoulli laws.
"""

from sympy import log

from boundcheck import Theorem, real

p = real("p", min=0, max=1, exclude_min=True, exclude_max=True)
q = real("q", min=0, max=1, exclude_min=True, exclude_max=True)

pinsker_four = Theorem(
    claim=q * log(q / p) + (1 - q) * log((1 - q) / (1 - p)) >= 4 * (q - p) ** 2,
    source="Pinsker's inequality, with a wrong constant",
)
