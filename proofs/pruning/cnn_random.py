"""Random pruning of a convolutional network: the bound that boundcheck derives (T9).

Source: X. Qian and D. Klabjan, "A Probabilistic Approach to Neural Network Pruning", ICML 2021, for the setting and the
approach; the norm of a convolution by its Fourier transform, H. Sedghi, V. Gupta and P. M. Long, ICLR 2019; explicit
constants derived by boundcheck from Gaussian transport, matrix series and hypergeometric counts.
"""

from boundcheck import (
    P,
    Theorem,
    average_pool,
    cnn,
    conv,
    dense,
    flatten,
    gap,
    gap_bound,
    integer,
    prune,
    random,
    random_filters,
    real,
    scaled,
    uniform,
)

c = integer("c", min=2, max=256)
alpha = real("alpha", min=0, max=1, exclude_min=True, exclude_max=True)
delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)

w = scaled(uniform(-1, 1))
target = cnn(
    (3, 8, 8),
    [
        conv(3, c, 3, padding="same", padding_mode="circular", weights=w, activation="relu"),
        conv(c, c, 3, padding="same", weights=w, activation="tanh"),
        average_pool("global"),
        flatten(),
        dense(c, 10, weights=w),
    ],
)
pruned = prune(target, random(alpha=alpha))
bound = gap_bound(target, pruned, delta=delta)

cnn_random = Theorem(
    claim=P(gap(target, pruned, radius=1) > bound) <= delta,
    source="setting of Qian and Klabjan 2021; constants derived here",
    points=[{"c": 8, "alpha": "9/10", "delta": "1/20"}, {"c": 32, "alpha": "19/20", "delta": "1/4"}],
)

# One convolution: the gap is the norm of what is removed, and the largest over all frequencies is computed.
layer = cnn((8, 8, 8), [conv(8, 8, 3, padding="same", padding_mode="circular", weights=uniform(-1, 1))])
part = prune(layer, random(alpha="3/10"))

convolution_residual = Theorem(
    claim=P(gap(layer, part) > gap_bound(layer, part, delta=delta)) <= delta,
    source="matrix series at every frequency, and hypergeometric counts (T6)",
    points=[{"delta": "1/20"}],
)

fewer = prune(layer, random_filters(count=2))

random_filters_residual = Theorem(
    claim=P(gap(layer, fewer) > gap_bound(layer, fewer, delta=delta)) <= delta,
    source="a convolution with two outputs (T6)",
    points=[{"delta": "1/20"}],
)
