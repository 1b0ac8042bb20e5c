"""From specifications to arrays: what the kernels are asked to do, and the key of their random draws."""

from __future__ import annotations

import hashlib
import math
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcheck.errors import InvalidArgument, UnsupportedClaim
from boundcheck.experiment.arrays import NetworkPlan, StatisticPlan
from boundcheck.experiment.passes import network_passes, network_secants, network_steps
from boundcheck.experiment.precision import require_precision
from boundcheck.kernels import tables
from boundcheck.statement.domain import number
from boundcheck.statement.laws import Exponential, Law, Normal, TruncatedNormal, TwoPoint, Uniform
from boundcheck.statement.network import Network
from boundcheck.statement.pruning import BERNOULLI, FILTERS, MAGNITUDE, RANDOM, RANDOM_FILTERS, Pruned, Rule
from boundcheck.statement.randomness import Sample

_UNIT_ROUNDOFF = 2.0**-53
_LEAST_RADIUS = 1e-280
"""Below it, roundings are no longer relative to what is rounded."""
_LEAST_SINGLE = 1e-30
"""What is smaller, or larger than its inverse, leaves too little of the range of single precision."""
_RULES = {
    MAGNITUDE: tables.MAGNITUDE,
    RANDOM: tables.RANDOM,
    FILTERS: tables.FILTERS,
    RANDOM_FILTERS: tables.RANDOM_FILTERS,
    BERNOULLI: tables.BERNOULLI,
}


def draw_key(seed: int, theorem: str, point: str) -> int:
    """The 64-bit Philox key of the draws of one theorem at one point: a pure function of its arguments."""
    digest = hashlib.blake2b(f"{seed}\x1f{theorem}\x1f{point}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def _law(law: Law) -> tuple[int, tuple[float, float, float]]:
    match law:
        case Uniform(low, high):
            return tables.UNIFORM, (_float(law, low), _float(law, high), 0.0)
        case Normal(location, std):
            return tables.NORMAL, (_float(law, location), _float(law, std), 0.0)
        case TwoPoint(low, high, p):
            return tables.TWO_POINT, (_float(law, low), _float(law, high), _float(law, p))
        case TruncatedNormal(std, cut):
            return tables.TRUNCATED, (_float(law, std), _float(law, cut), number(law.mass) / 2)
        case Exponential(rate):
            return tables.EXPONENTIAL, (_float(law, rate), 0.0, 0.0)
    raise UnsupportedClaim(
        f"the law {law} cannot be simulated; use uniform, normal, truncated normal, two-point or exponential laws"
    )


def _float(law: Law, value: Any) -> float:
    """A law's parameter as a float that is not rounded away."""
    result = number(value)
    if not math.isfinite(result) or (value != 0 and abs(result) < sys.float_info.min):
        raise InvalidArgument("law", str(law), "is outside the range of floats and cannot be simulated", "rescale it")
    return result


def _resolution(law: Law) -> float:
    """How far a drawn variable may be from one of the exact law: rounded parameters, and steps of 2^-32 of a range.

    A normal or exponential variable is drawn from 2^32 values of its uniform variables; of that, only the rounding is
    counted here.
    """
    code, (first, second, _) = _law(law)
    if code == tables.UNIFORM:
        return (second - first) * 2.0**-32 + 8 * _UNIT_ROUNDOFF * (abs(first) + abs(second))
    if code == tables.TWO_POINT:
        return 4 * _UNIT_ROUNDOFF * max(abs(first), abs(second))
    if code == tables.TRUNCATED:  # first the deviation, then the cut: where the density is least, quantiles move most
        return 64 * _UNIT_ROUNDOFF * (second + first * math.exp(min(0.5 * (second / first) ** 2, 36.0)))
    if code == tables.NORMAL:
        return 64 * _UNIT_ROUNDOFF * (abs(first) + 7 * second)
    return 64 * _UNIT_ROUNDOFF * 23 / first


def _laws(laws: tuple[Law, ...]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    pairs = [_law(law) for law in laws]
    return np.array([code for code, _ in pairs], dtype=np.int64), np.array([p for _, p in pairs], dtype=np.float64)


def _bias_laws(network: Network) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    pairs = [(tables.NO_BIAS, (0.0,) * 3) if layer.bias is None else _law(layer.bias) for layer in network.layers]
    return np.array([code for code, _ in pairs], dtype=np.int64), np.array([p for _, p in pairs], dtype=np.float64)


def _rule_code(rule: Rule | None) -> int:
    return tables.KEEP_ALL if rule is None else _RULES[rule.kind]


def _amount(pruned: Pruned, i: int) -> int:
    """How many weights of a layer go; of Bernoulli masks the probability, in the steps of 2^-32 that are drawn."""
    rule = pruned.rules[i]
    if rule is not None and rule.kind == BERNOULLI:
        return round(pruned.removed(i) / pruned.target.layers[i].size * 2**32)
    return int(pruned.removed(i))


def network_plan(
    pruned: Pruned, radius: float, *, key: int, inputs: int = 64, precision: str = tables.DOUBLE
) -> NetworkPlan:
    """Plan the trials of a pruned network without free parameters.

    Parameters
    ----------
    pruned
        The network, every parameter a number.
    radius
        Radius of the ball that inputs are taken from, up to one rounding; the inputs stay clear of that.
    key
        Key of the draws, from :func:`draw_key`.
    inputs
        Number of inputs on which the gap is measured.
    precision
        "double", or "single": weights and inputs are rounded to single precision, in which the forward passes run.

    Raises
    ------
    InvalidArgument
        When there is no such precision, the weights or inputs are outside its range, or the radius is too small.
    """
    require_precision(precision)
    if 0 < radius < _LEAST_RADIUS:
        raise InvalidArgument("radius", radius, "is too small for points to be certified to lie in the ball", "rescale")
    network = pruned.target
    laws, parameters = _laws(tuple(layer.weights for layer in network.layers))
    if precision == tables.SINGLE:
        biases = _bias_laws(network)[1].ravel()
        for name, values in (("weights", parameters.ravel()), ("biases", biases), ("radius", [radius])):
            for value in values:
                if value != 0 and not _LEAST_SINGLE <= abs(value) <= 1 / _LEAST_SINGLE:
                    raise InvalidArgument(
                        name, value, "is outside the range of single precision", "use double precision"
                    )
    bias_laws, bias_parameters = _bias_laws(network)
    table, slopes = network_steps(network)
    rows, columns = network.layers[0].window.grid
    return NetworkPlan(
        key=key,
        steps=table,
        slopes=slopes,
        laws=laws,
        law_parameters=parameters,
        rules=np.array([_rule_code(rule) for rule in pruned.rules], dtype=np.int64),
        removed=np.array([_amount(pruned, i) for i in range(network.depth)], dtype=np.int64),
        bias_laws=bias_laws,
        bias_parameters=bias_parameters,
        passes=network_passes(network, precision),
        secants=network_secants(network),
        dimension=int(network.layers[0].inputs) * rows * columns,
        products=network.products,
        radius=radius * (1 - 4 * _UNIT_ROUNDOFF),
        inputs=inputs,
        precision=precision,
    )


def statistic_plan(sample: Sample, *, key: int) -> StatisticPlan:
    """Plan the trials of a sample without free parameters."""
    laws, parameters = _laws(sample.laws)
    return StatisticPlan(key, int(sample.size), laws, parameters, max(map(_resolution, sample.laws)))
