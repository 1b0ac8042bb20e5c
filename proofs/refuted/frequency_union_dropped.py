"""False: the norm of a convolution bounded at one frequency, without a union bound over the others.

The norm is the largest over the N frequencies of the grid. The matrix series inequality holds at each of them; that all
hold together costs the factor N, which is missing here.

Source: J. A. Tropp, An Introduction to Matrix Concentration Inequalities, 2015, Theorem 4.1.1, for a single frequency.
"""

from sympy import log, sqrt

from boundcheck import P, Theorem, cnn, conv, gap, normal, prune, random, real

delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)

# A kernel as large as the grid: all frequencies are independent.
target = cnn((1, 16, 16), [conv(1, 1, 16, padding="same", padding_mode="circular", weights=normal(0, 1))])
nothing_left = prune(target, random(fraction=1))  # so that the gap is the norm of the layer

frequency_union_dropped = Theorem(
    claim=P(gap(target, nothing_left) > sqrt(2 * 256 * log(2 / delta))) <= delta,
    source="Tropp 2015, Theorem 4.1.1, without the factor N = 130",
    points=[{"delta": "1/4"}],
)
