"""Pruned networks within any distance of the target exist: the derived bounds tend to 0 with the width, and how fast.

The bound holds with probability at least 1 - delta > 0, so that where it is at most epsilon there are weights, and a
mask, with a gap of at most epsilon. With k = ⌊D^(1-alpha)⌋ of the D weights of each layer removed it tends to 0 for
every alpha in (0, 1).

Source: X. Qian and D. Klabjan, "A Probabilistic Approach to Neural Network Pruning", ICML 2021, for the setting and the
claim of its abstract; rates and constants derived by boundcheck.
"""

from sympy import Limit, Rational, log, oo, sqrt

from boundcheck import (
    Theorem,
    cnn,
    conv,
    dense,
    fcn,
    flatten,
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

d = integer("d", min=1)
alpha = real("alpha", min=0, max=1, exclude_min=True, exclude_max=True)
below_half = real("alpha", min=0, max=Rational(1, 2), exclude_min=True, exclude_max=True)
above_half = real("alpha", min=Rational(1, 2), max=1, exclude_min=True, exclude_max=True)
delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)

target = fcn([d, d, d, d], weights=scaled(uniform(-1, 1)), activation="relu")
SOURCE = "abstract of Qian and Klabjan 2021; rates and constants derived here"


def bound(network, rule):
    return gap_bound(network, prune(network, rule), delta=delta)


fcn_random_vanishes = Theorem(claim=Limit(bound(target, random(alpha=alpha)), d, oo) <= 0, source=SOURCE)
fcn_magnitude_vanishes = Theorem(claim=Limit(bound(target, magnitude(alpha=alpha)), d, oo) <= 0, source=SOURCE)

# The rates, with their constants: three layers, each √(2 log(2d/δ')/3) d^(-α) times the other layers' norms of 2/√3.
fcn_random_rate_below_half = Theorem(
    claim=Limit(bound(target, random(alpha=below_half)) * d**below_half / sqrt(log(d)), d, oo) <= 4 * sqrt(6) / 3,
    source=SOURCE,
)
fcn_random_rate_at_half = Theorem(
    claim=Limit(bound(target, random(alpha="1/2")) * sqrt(d) * log(log(d)) / log(d), d, oo) <= 4, source=SOURCE
)
fcn_random_rate_above_half = Theorem(
    claim=Limit(bound(target, random(alpha=above_half)) * sqrt(d), d, oo) <= 4 / (2 * above_half - 1), source=SOURCE
)
# Magnitude pruning: k/D ~ d^(-2α) times that.
fcn_magnitude_rate_below_half = Theorem(
    claim=Limit(bound(target, magnitude(alpha=below_half)) * d ** (3 * below_half) / sqrt(log(d)), d, oo)
    <= 4 * sqrt(6) / 3,
    source=SOURCE,
)
fcn_magnitude_rate_above_half = Theorem(
    claim=Limit(bound(target, magnitude(alpha=above_half)) * d ** (2 * above_half + Rational(1, 2)), d, oo)
    <= 4 / (2 * above_half - 1),
    source=SOURCE,
)

# Inputs and outputs of fixed width: their layers have D of order d, and decide.
narrow = fcn([784, d, d, 10], weights=scaled(normal(0, 1)), activation="tanh")
fixed_ends_random_vanishes = Theorem(claim=Limit(bound(narrow, random(alpha=alpha)), d, oo) <= 0, source=SOURCE)
fixed_ends_magnitude_vanishes = Theorem(claim=Limit(bound(narrow, magnitude(alpha=alpha)), d, oo) <= 0, source=SOURCE)

images = cnn(
    (3, 8, 8),
    [
        conv(3, d, 3, weights=scaled(uniform(-1, 1)), padding="same"),
        conv(d, d, 3, weights=scaled(uniform(-1, 1)), padding="same"),
        flatten(),
        dense(64 * d, 10, weights=scaled(uniform(-1, 1))),
    ],
)
cnn_random_vanishes = Theorem(claim=Limit(bound(images, random(alpha=alpha)), d, oo) <= 0, source=SOURCE)
cnn_magnitude_vanishes = Theorem(claim=Limit(bound(images, magnitude(alpha=alpha)), d, oo) <= 0, source=SOURCE)
