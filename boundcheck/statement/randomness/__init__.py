"""Random objects and their statistics: samples, sums, means, maxima, norms, order statistics, random matrices."""

from boundcheck.statement.randomness.expectation import Expectation, Variance
from boundcheck.statement.randomness.samples import (
    Matrix,
    Occupancy,
    Sample,
    StoppedWalk,
    WithoutReplacement,
    iid,
    independent,
    occupancy,
    random_matrix,
    without_replacement,
)
from boundcheck.statement.randomness.statistic import (
    Statistic,
    empty,
    kolmogorov_distance,
    maximum,
    mean,
    minimum,
    norm,
    order_statistic,
    sample_variance,
    spectral_norm,
    sum_of,
)
from boundcheck.statement.randomness.unknown import Unknown, bounded_differences, lipschitz_function, martingale

__all__ = [
    "Expectation",
    "Matrix",
    "Occupancy",
    "Sample",
    "Statistic",
    "StoppedWalk",
    "Unknown",
    "Variance",
    "WithoutReplacement",
    "bounded_differences",
    "empty",
    "iid",
    "independent",
    "kolmogorov_distance",
    "lipschitz_function",
    "martingale",
    "maximum",
    "mean",
    "minimum",
    "norm",
    "occupancy",
    "order_statistic",
    "random_matrix",
    "sample_variance",
    "spectral_norm",
    "sum_of",
    "without_replacement",
]
