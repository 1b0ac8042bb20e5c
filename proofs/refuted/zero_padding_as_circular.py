"""False: a convolution with zero padding treated as exactly the circular one on the same grid.

On a single cell, a circular convolution multiplies by the sum of its taps, here a normal variable of variance 64, and
the claim holds. With zeros around the cell every tap shows up in an output of its own, and the norm is that of the
whole kernel: the convolution is a part of the circular one on the grid enlarged by p - 1 rows and columns (T2), not on
this grid.

Source: H. Sedghi, V. Gupta and P. M. Long, ICLR 2019, for circular padding; the normal tail P(|Z| > t) ≤ exp(-t²/2).
"""

from sympy import log, sqrt

from boundcheck import P, Theorem, cnn, conv, gap, normal, prune, random, real

delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)

target = cnn((1, 1, 1), [conv(1, 1, 8, padding=7, weights=normal(0, 1))])
nothing_left = prune(target, random(fraction=1))  # so that the gap is the norm of the layer

zero_padding_as_circular = Theorem(
    claim=P(gap(target, nothing_left) > 8 * sqrt(2 * log(1 / delta))) <= delta,
    source="the circular convolution on a grid of one cell",
    points=[{"delta": "3/4"}],
)
