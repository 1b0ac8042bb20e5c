"""The public names of boundcheck, which `import boundcheck` loads when one of them is first asked for."""

from boundcheck.check.announce import forecast
from boundcheck.check.campaign.run import run_campaign
from boundcheck.check.display import install
from boundcheck.check.results.source import open_results
from boundcheck.check.run import check
from boundcheck.derivation.gap import gap_bound
from boundcheck.derivation.saved import load_bound, save_bound
from boundcheck.derivation.sweep import sweep
from boundcheck.errors import BoundcheckError
from boundcheck.statement.campaign import Campaign, Study, load_campaign
from boundcheck.statement.claim import E, P, Var, constant
from boundcheck.statement.domain import integer, real
from boundcheck.statement.families import (
    bounded,
    bounded_with_mean,
    centred,
    nonnegative,
    sub_exponential,
    sub_gamma,
    sub_gaussian,
    with_variance,
)
from boundcheck.statement.laws import (
    bernoulli,
    beta,
    chi_squared,
    discrete,
    exponential,
    gamma,
    hypergeometric,
    normal,
    poisson,
    rademacher,
    truncated_normal,
    two_point,
    uniform,
)
from boundcheck.statement.layer import conv, dense, leaky_relu, scaled
from boundcheck.statement.network import cnn, fcn, flatten
from boundcheck.statement.pruning import filters, gap, magnitude, prune, random, random_filters
from boundcheck.statement.randomness import (
    bounded_differences,
    empty,
    iid,
    independent,
    kolmogorov_distance,
    lipschitz_function,
    martingale,
    maximum,
    mean,
    minimum,
    norm,
    occupancy,
    order_statistic,
    random_matrix,
    sample_variance,
    spectral_norm,
    sum_of,
    without_replacement,
)
from boundcheck.statement.spec import load_cnn, load_pruned
from boundcheck.statement.theorem import Theorem
from boundcheck.statement.window import average_pool, max_pool
from boundcheck.verdict.decide import Verdict
from boundcheck.verdict.point import Status

install()

__all__ = [
    "BoundcheckError",
    "Campaign",
    "E",
    "P",
    "Status",
    "Study",
    "Theorem",
    "Var",
    "Verdict",
    "average_pool",
    "bernoulli",
    "beta",
    "bounded",
    "bounded_differences",
    "bounded_with_mean",
    "centred",
    "check",
    "chi_squared",
    "cnn",
    "constant",
    "conv",
    "dense",
    "discrete",
    "empty",
    "exponential",
    "fcn",
    "filters",
    "flatten",
    "forecast",
    "gamma",
    "gap",
    "gap_bound",
    "hypergeometric",
    "iid",
    "independent",
    "integer",
    "kolmogorov_distance",
    "leaky_relu",
    "lipschitz_function",
    "load_bound",
    "load_campaign",
    "load_cnn",
    "load_pruned",
    "magnitude",
    "martingale",
    "max_pool",
    "maximum",
    "mean",
    "minimum",
    "nonnegative",
    "norm",
    "normal",
    "occupancy",
    "open_results",
    "order_statistic",
    "poisson",
    "prune",
    "rademacher",
    "random",
    "random_filters",
    "random_matrix",
    "real",
    "run_campaign",
    "sample_variance",
    "save_bound",
    "scaled",
    "spectral_norm",
    "sub_exponential",
    "sub_gamma",
    "sub_gaussian",
    "sum_of",
    "sweep",
    "truncated_normal",
    "two_point",
    "uniform",
    "with_variance",
    "without_replacement",
]
