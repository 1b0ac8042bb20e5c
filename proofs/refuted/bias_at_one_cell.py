"""False: a convolution's bias counted once, and not at every cell of its grid.

One number is added to each of the H·W cells of a channel, so that the hidden vector moves by √(H W) times its modulus.

Source: the layer recursion with biases, with the norm of the bias in place of that of what it adds; the normal tail
P(|Z| > t) ≤ exp(-t²/2), for two weights and a bias.
"""

from sympy import log, sqrt

from boundcheck import P, Theorem, cnn, conv, gap, normal, prune, random, real

v = real("v", min=0, exclude_min=True)
delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)

target = cnn(
    (1, 16, 16),
    [
        conv(1, 1, 1, weights=normal(0, 1), bias=normal(0, v), activation="identity"),
        conv(1, 1, 1, weights=normal(0, 1)),
    ],
)
pruned = prune(target, [None, random(count=1)])
z = sqrt(2 * log(3 / delta))

bias_at_one_cell = Theorem(
    claim=P(gap(target, pruned) > z * (z + v * z)) <= delta,
    source="T1 with biases, without the number of cells",
    points=[{"v": 10, "delta": "1/4"}],
)
