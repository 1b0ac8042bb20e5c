"""Laws of one variable."""

from boundcheck.statement.laws.continuous import (
    Beta,
    Exponential,
    Gamma,
    Normal,
    Uniform,
    beta,
    chi_squared,
    exponential,
    gamma,
    normal,
    uniform,
)
from boundcheck.statement.laws.counts import Hypergeometric, Poisson, hypergeometric, poisson
from boundcheck.statement.laws.finite import (
    Discrete,
    TwoPoint,
    bernoulli,
    discrete,
    rademacher,
    two_point,
)
from boundcheck.statement.laws.law import SHARE, VALUE, Affine, Law, finite_number, ordered, positive_number

__all__ = [
    "SHARE",
    "VALUE",
    "Affine",
    "Beta",
    "Discrete",
    "Exponential",
    "Gamma",
    "Hypergeometric",
    "Law",
    "Normal",
    "Poisson",
    "TwoPoint",
    "Uniform",
    "bernoulli",
    "beta",
    "chi_squared",
    "discrete",
    "exponential",
    "finite_number",
    "gamma",
    "hypergeometric",
    "normal",
    "ordered",
    "poisson",
    "positive_number",
    "rademacher",
    "two_point",
    "uniform",
]
