"""Networks with biases, which pruning leaves alone: the layer recursion needs a bound of every hidden vector.

Without biases a hidden vector has at most the norm of the input times the norms of the layers before it. Biases c_i add
to that, h_i ≤ L_i (‖W_i‖ h_(i-1) + ‖c_i‖), and what pruning changes in layer i is at most ‖R_i‖ h_(i-1); biases
themselves cancel in the gap (T1 with biases).

Source: X. Qian and D. Klabjan, "A Probabilistic Approach to Neural Network Pruning", ICML 2021, for the setting and the
approach; explicit constants derived by boundcheck.
"""

from sympy import Limit, oo, sqrt

from boundcheck import (
    P,
    Theorem,
    average_pool,
    cnn,
    conv,
    dense,
    fcn,
    flatten,
    gap,
    gap_bound,
    integer,
    magnitude,
    normal,
    prune,
    random,
    real,
    scaled,
    uniform,
)

d = integer("d", min=16, max=4096)
v = real("v", min=0, exclude_min=True)
alpha = real("alpha", min=0, max=1, exclude_min=True, exclude_max=True)
delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)


def _claim(target, pruned):
    return P(gap(target, pruned) > gap_bound(target, pruned, delta=delta)) <= delta


target = fcn([d, d, d], weights=uniform(-1 / sqrt(d), 1 / sqrt(d)), activation="relu", biases=normal(0, v))

fcn_biases_random = Theorem(
    claim=_claim(target, prune(target, random(alpha=alpha))),
    source="setting of Qian and Klabjan 2021; constants derived here",
    points=[
        {"d": 32, "v": "1/10", "alpha": "1/2", "delta": "1/20"},
        {"d": 64, "v": 10, "alpha": "3/10", "delta": "1/20"},
    ],
)

# Biases as deep-learning libraries draw them at first, and a bias of one sign.
usual = fcn(
    [
        dense(32, 64, weights=scaled(uniform(-1, 1)), bias=scaled(uniform(-1, 1)), activation="tanh"),
        dense(64, 64, weights=scaled(uniform(-1, 1)), bias=uniform(0, "1/4"), activation="leaky_relu"),
        dense(64, 8, weights=scaled(uniform(-1, 1))),
    ]
)

fcn_biases_magnitude = Theorem(
    claim=_claim(usual, prune(usual, magnitude(alpha=alpha))),
    source="setting of Qian and Klabjan 2021; constants derived here",
    points=[{"alpha": "2/5", "delta": "1/20"}],
)

# A convolution adds its biases at every cell, which multiplies their norm by the root of the number of cells.
w = scaled(uniform(-1, 1))
convolutional = cnn(
    (2, 6, 6),
    [
        conv(2, 8, 3, padding="same", weights=w, bias=normal(0, "1/2"), activation="relu"),
        average_pool(2),
        conv(8, 8, 3, padding="same", padding_mode="circular", weights=w, bias=normal(0, "1/2"), activation="relu"),
        flatten(),
        dense(72, 4, weights=w),
    ],
)

cnn_biases = Theorem(
    claim=_claim(convolutional, prune(convolutional, magnitude(alpha=alpha))),
    source="setting of Qian and Klabjan 2021; constants derived here",
    points=[{"alpha": "1/2", "delta": "1/20"}],
)

# Biases of constant variance make hidden vectors of length √n; where little enough is removed, the bound vanishes.
n = integer("n", min=16)
long = fcn([n, n, n], weights=uniform(-1 / sqrt(n), 1 / sqrt(n)), activation="relu", biases=normal(0, 1))
least = gap_bound(long, prune(long, magnitude(alpha="1/2")), delta=delta)

fcn_biases_vanishes = Theorem(
    claim=Limit(least, n, oo) <= 0,
    source="abstract of Qian and Klabjan 2021; rates and constants derived here",
)
