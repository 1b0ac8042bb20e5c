"""Hypothesis strategies for tests of bounds; everything shrinks towards small networks and simple numbers.

Points of a theorem's domain, laws and samples; specifications of networks and pruning rules, and networks drawn from
them; weights, masks and inputs that Hypothesis makes as hard as it can; seeds.
"""

from boundcheck.testing.strategies.arrays import (
    HUGE,
    RADII,
    TINY,
    adversarial_inputs,
    in_ball,
    inputs,
    masks,
    radii,
    seeds,
    weight_matrices,
    weights,
    worst_directions,
)
from boundcheck.testing.strategies.networks import (
    SCALES,
    SLOPES,
    activations,
    convolutional_networks,
    drawn_networks,
    laws,
    networks,
    pruned_networks,
    rules,
)
from boundcheck.testing.strategies.theorems import points, samples, scalar_laws, true_tail_theorems, values

__all__ = [
    "HUGE",
    "RADII",
    "SCALES",
    "SLOPES",
    "TINY",
    "activations",
    "adversarial_inputs",
    "convolutional_networks",
    "drawn_networks",
    "in_ball",
    "inputs",
    "laws",
    "masks",
    "networks",
    "points",
    "pruned_networks",
    "radii",
    "rules",
    "samples",
    "scalar_laws",
    "seeds",
    "true_tail_theorems",
    "values",
    "weight_matrices",
    "weights",
    "worst_directions",
]
