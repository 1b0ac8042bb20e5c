"""Magnitude pruning of a fully-connected network: the bound that boundcheck derives (T8).

Source: X. Qian and D. Klabjan, "A Probabilistic Approach to Neural Network Pruning", ICML 2021, for the setting and the
approach; explicit constants derived by boundcheck from Gaussian transport, matrix series and order statistics.
"""

from sympy import floor, sqrt

from boundcheck import (
    P,
    Theorem,
    fcn,
    gap,
    gap_bound,
    integer,
    magnitude,
    normal,
    prune,
    real,
    scaled,
    uniform,
)

d = integer("d", min=16, max=4096)
alpha = real("alpha", min=0, max=1, exclude_min=True, exclude_max=True)
delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)

target = fcn([d, d, d, d], weights=uniform(-1 / sqrt(d), 1 / sqrt(d)), activation="relu")
pruned = prune(target, magnitude(keep_out=floor(d ** (2 * (1 - alpha)))))
bound = gap_bound(target, pruned, delta=delta)

fcn_magnitude = Theorem(
    claim=P(gap(target, pruned, radius=1) > bound) <= delta,
    source="setting of Qian and Klabjan 2021; constants derived here",
    points=[
        {"d": 32, "alpha": "1/2", "delta": "1/20"},
        {"d": 128, "alpha": "3/10", "delta": "1/20"},
        {"d": 128, "alpha": "7/10", "delta": "1/20"},
    ],
)

# Other shapes and laws, with the paper's scaling of each layer's weights by 1/sqrt(max(fan in, fan out)).
example_target = fcn([64, 256, 256, 32], weights=scaled(uniform(-1, 1)), activation="relu")
example_pruned = prune(example_target, magnitude(alpha="1/2"))

fcn_magnitude_example = Theorem(
    claim=P(gap(example_target, example_pruned) > gap_bound(example_target, example_pruned, delta=delta)) <= delta,
    source="setting of Qian and Klabjan 2021; constants derived here",
    points=[{"delta": "1/20"}],
)

normal_target = fcn([64, 128, 128, 32], weights=scaled(normal(0, 1)), activation="tanh")
normal_pruned = prune(normal_target, magnitude(alpha=alpha))

fcn_magnitude_normal = Theorem(
    claim=P(
        gap(normal_target, normal_pruned, radius=2) > gap_bound(normal_target, normal_pruned, delta=delta, radius=2)
    )
    <= delta,
    source="setting of Qian and Klabjan 2021; constants derived here",
    points=[{"alpha": "1/2", "delta": "1/20"}],
)
