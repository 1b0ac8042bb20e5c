"""boundcheck verifies bounds: state a theorem, and learn whether it holds, how that is known, and how loose it is."""

from boundcheck.check import Status, Verdict, check
from boundcheck.derivation.gap import gap_bound
from boundcheck.errors import BoundcheckError
from boundcheck.statement.claim import E, P
from boundcheck.statement.domain import integer, real
from boundcheck.statement.laws import bernoulli, bounded, exponential, normal, rademacher, two_point, uniform
from boundcheck.statement.network import dense, fcn, leaky_relu, scaled
from boundcheck.statement.pruning import gap, magnitude, prune, random
from boundcheck.statement.randomness import iid, independent, maximum, mean, sum_of
from boundcheck.statement.theorem import Theorem

__all__ = [
    "BoundcheckError",
    "E",
    "P",
    "Status",
    "Theorem",
    "Verdict",
    "bernoulli",
    "bounded",
    "check",
    "dense",
    "exponential",
    "fcn",
    "gap",
    "gap_bound",
    "iid",
    "independent",
    "integer",
    "leaky_relu",
    "magnitude",
    "maximum",
    "mean",
    "normal",
    "prune",
    "rademacher",
    "random",
    "real",
    "scaled",
    "sum_of",
    "two_point",
    "uniform",
]
