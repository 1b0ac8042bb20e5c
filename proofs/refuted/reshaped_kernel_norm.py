"""False: the norm of the kernel, reshaped to a matrix, taken for the norm of the convolution.

A kernel of κ taps, read as a matrix of m × nκ entries, has a norm of about √m + √(nκ). The convolution sees every input
through κ taps at once and has a norm of about √κ (√m + √n); the true factor between the two is up to √κ.

Source: the reshaping that H. Sedghi, V. Gupta and P. M. Long, ICLR 2019, correct by the Fourier transform; the bound of
Davidson and Szarek 2001, Theorem II.13, for the reshaped matrix.
"""

from sympy import log, sqrt

from boundcheck import P, Theorem, cnn, conv, gap, integer, normal, prune, random, real

c = integer("c", min=1, max=64)
delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)

target = cnn((c, 8, 8), [conv(c, c, 3, padding="same", padding_mode="circular", weights=normal(0, 1))])
nothing_left = prune(target, random(fraction=1))  # so that the gap is the norm of the layer

reshaped_kernel_norm = Theorem(
    claim=P(gap(target, nothing_left) > sqrt(c) + sqrt(9 * c) + sqrt(2 * log(1 / delta))) <= delta,
    source="Davidson and Szarek 2001, Theorem II.13, for the wrong matrix",
    points=[{"c": 16, "delta": "1/20"}],
)
