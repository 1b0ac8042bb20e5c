"""Magnitude pruning of a convolutional network: the bound that boundcheck derives (T9).

Source: X. Qian and D. Klabjan, "A Probabilistic Approach to Neural Network Pruning", ICML 2021, for the setting and the
approach; the norm of a convolution by its Fourier transform, H. Sedghi, V. Gupta and P. M. Long, ICLR 2019; explicit
constants derived by boundcheck from Gaussian transport, matrix series and order statistics.
"""

from boundcheck import (
    P,
    Theorem,
    average_pool,
    cnn,
    conv,
    dense,
    filters,
    flatten,
    gap,
    gap_bound,
    integer,
    magnitude,
    max_pool,
    normal,
    prune,
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
        conv(3, c, 3, padding="same", weights=w, activation="relu"),
        average_pool(2),
        conv(c, 2 * c, 3, padding="same", padding_mode="circular", weights=w, activation="relu"),
        max_pool(2),
        flatten(),
        dense(8 * c, 10, weights=w),
    ],
)
pruned = prune(target, magnitude(alpha=alpha))
bound = gap_bound(target, pruned, delta=delta)

cnn_magnitude = Theorem(
    claim=P(gap(target, pruned, radius=1) > bound) <= delta,
    source="setting of Qian and Klabjan 2021; constants derived here",
    points=[{"c": 8, "alpha": "1/2", "delta": "1/20"}, {"c": 16, "alpha": "7/10", "delta": "1/20"}],
)

# Whole filters, those of smallest norm. Which ones go depends on the weights, so all sets of them are bounded at once.
v = scaled(normal(0, 1))
strided = cnn(
    (2, 9, 9),
    [conv(2, 6, (3, 2), stride=2, padding=1, weights=v, activation="leaky_relu"), flatten(), dense(150, 4, weights=v)],
)
without_filters = prune(strided, [filters(count=1), None])

cnn_filters = Theorem(
    claim=P(gap(strided, without_filters) > gap_bound(strided, without_filters, delta=delta)) <= delta,
    source="setting of Qian and Klabjan 2021; a union bound over the sets of filters",
    points=[{"delta": "1/20"}],
)
