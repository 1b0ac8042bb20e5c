"""Candidates for the norm of a layer's weights and of what pruning removes, each at one total failure probability."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sympy import Expr, S, log

from boundcheck.errors import UnsupportedClaim
from boundcheck.formula.numeric import evaluate
from boundcheck.inequalities.bounds import masked_series, sparse_moments, walk_moments
from boundcheck.inequalities.bounds.counts import channel_counts
from boundcheck.inequalities.bounds.frobenius import frobenius_bound, schur_bound
from boundcheck.inequalities.bounds.gaussian_transport import GaussianTransport
from boundcheck.inequalities.bounds.matrix_series import MatrixBernstein, SubGaussianSeries
from boundcheck.inequalities.bounds.moment_domination import MomentDomination
from boundcheck.inequalities.bounds.nets import Nets
from boundcheck.inequalities.bounds.order_statistics import UNIT
from boundcheck.inequalities.bounds.random_matrix import RandomMatrix
from boundcheck.inequalities.bounds.sparse_moments import sparse_bound, sparse_bound_by_magnitude
from boundcheck.inequalities.bounds.walk_moments import walk_bound, walk_bound_by_magnitude
from boundcheck.statement.functions import Greatest, Least
from boundcheck.statement.laws import Law, Uniform
from boundcheck.statement.layer import Layer

SERIES = (SubGaussianSeries(), MatrixBernstein())
"""Inequalities that profit from few entries a channel."""
DENSE = (MomentDomination(), GaussianTransport(), Nets())
"""Inequalities that hold for the weights on any set of entries, but gain nothing from its being small."""
SIGNED = DENSE[:1]
"""Inequalities that hold for any set of entries that is independent of the signs of the weights."""


TRIANGLE = "a + rho"
"""Key of the bound ‖W - R‖ ≤ ‖W‖ + ‖R‖."""
NO_THRESHOLD = ("S3+T5", "S6+T5")
"""Keys of the bounds of what magnitude pruning removes that rest on no bound of the threshold."""
PROJECTION = "a"
"""Key of the bound ‖PW‖ ≤ ‖W‖, P leaving out outputs."""


@dataclass(frozen=True)
class Choice:
    """The smallest of several valid bounds of one quantity; `chosen` is its key, or "min" where widths are symbols."""

    candidates: Mapping[str, Expr]
    value: Expr
    chosen: str


def smallest(candidates: Mapping[str, Expr | None]) -> Choice:
    """Choose the smallest candidate; all hold with the same total failure probability, so the choice costs nothing.

    Raises
    ------
    UnsupportedClaim
        When no candidate applies.
    """
    usable = {key: value for key, value in candidates.items() if value is not None}
    if not usable:
        raise UnsupportedClaim("no norm inequality applies to these weights; use uniform(-a, a) or normal(0, v)")
    if len(usable) == 1:
        [(key, value)] = usable.items()
        return Choice(usable, value, key)
    if any(value.free_symbols for value in usable.values()):
        return Choice(usable, Least(*usable.values()), "min")
    key = min(usable, key=lambda k: evaluate(usable[k]))
    return Choice(usable, usable[key], key)


def whole_norm(layer: Layer, delta: Expr) -> Choice:
    """‖W‖ of a whole layer, or of its weights outside a set that is independent of them (probability 1 - delta)."""
    return smallest(_bounds(RandomMatrix.whole(layer), delta))


def kept_norm_by_magnitude(layer: Layer, delta: Expr) -> Choice:
    """‖W - R‖ of what magnitude pruning keeps, or any mask that depends on |w| and independent randomness alone.

    Given all |w| and the mask, signs are independent and fair. So the moments of S1 do not grow when weights are left
    out, and its bound holds as it stands. For the other candidates Lévy's inequality P(‖W - R‖ ≥ t) ≤ 2 P(‖W‖ ≥ t)
    costs half of delta: W = X + R has the law of X - R, and ‖X‖ is at most the larger of their norms.

    Source: P. Lévy; M. Ledoux and M. Talagrand, Probability in Banach Spaces, 1991, Proposition 2.3.
    """
    matrix = RandomMatrix.whole(layer)
    candidates = {i.key: i.bound(matrix, delta) for i in SIGNED}
    others = (i for i in (*SERIES, *DENSE) if i not in SIGNED)
    return smallest(candidates | {f"{i.key}+Lévy": i.bound(matrix, delta / 2) for i in others})


def _bounds(matrix: RandomMatrix, delta: Expr) -> dict[str, Expr | None]:
    return {inequality.key: inequality.bound(matrix, delta) for inequality in (*SERIES, *DENSE)}


def filters_norm(layer: Layer, count: Expr, delta: Expr, *, chosen_by_weights: bool) -> Choice:
    """‖R‖ of `count` removed filters (output channels): a layer of so many outputs (probability 1 - delta).

    Where the weights decide which filters go, the worst of all sets of so many is bounded: by a union bound over the
    C(m, k) ≤ (e m / k)^k sets, or by the norm of all weights, which no set of outputs exceeds.
    """
    if not chosen_by_weights:
        candidates = _bounds(RandomMatrix.whole(replace(layer, outputs=count)), delta)
    else:
        log_choices = count * (1 + log(layer.outputs / Greatest(count, S.One)))
        worst = _bounds(RandomMatrix.whole(replace(layer, outputs=count), log_choices), delta)
        candidates = {f"{key}+union": value for key, value in worst.items()}
        candidates |= {f"a by {key}": value for key, value in _bounds(RandomMatrix.whole(layer), delta).items()}
    if layer.weights.supremum is not None:
        weights = count * layer.inputs * layer.taps
        candidates["T3e Frobenius"] = frobenius_bound(layer.weights.supremum, layer.taps, weights)
    return smallest(candidates)


def removed_norm(layer: Layer, count: Expr, law: Law, delta: Expr) -> Choice:
    """‖R‖ of `count` entries at random, independent of their weights of this law (T6, probability 1 - delta).

    Candidates that rest on counts give half of delta to the counts (T4) and half to the norm.
    """
    if count == 0:
        return Choice({"none removed": S.Zero}, S.Zero, "none removed")
    half = channel_counts(layer, count, delta / 2)
    occupancy = half.in_output if half.in_output == half.in_input else Greatest(*half)
    matrix = RandomMatrix(layer, law, occupancy)
    candidates = {f"{i.key}+T4": i.bound(matrix, delta / 2) for i in SERIES}
    candidates |= {i.key: i.bound(matrix, delta) for i in DENSE}
    candidates[sparse_moments.key] = sparse_bound(layer, law, count, delta)
    candidates[masked_series.key] = masked_series.series_bound(layer, law, count, delta)
    candidates[walk_moments.key] = walk_bound(layer, law, count, delta)
    if law.supremum is not None:
        counts = channel_counts(layer, count, delta)
        candidates["T3e Frobenius"] = frobenius_bound(law.supremum, layer.taps, count)
        candidates["T3e Schur+T4"] = schur_bound(law.supremum, counts.in_output, counts.in_input)
    return smallest(candidates)


def removed_norm_by_magnitude(layer: Layer, count: Expr, threshold: Expr, delta: Expr) -> Choice:
    """‖R‖ of the `count` smallest weights (T5, T6, probability 1 - delta).

    Parameters
    ----------
    threshold
        Bound of the threshold τ at half of delta. The other half is for the norm of weights on [-τ, τ]. Uniform weights
        need no bound of τ in S3 and S6, which then have all of delta.
    """
    unit = removed_norm(layer, count, UNIT, delta / 2)
    candidates: dict[str, Expr | None] = {key: threshold * value for key, value in unit.candidates.items()}
    if isinstance(layer.weights, Uniform):
        for key, bound in zip(NO_THRESHOLD, (sparse_bound_by_magnitude, walk_bound_by_magnitude), strict=True):
            candidates[key] = bound(layer, layer.weights, count, delta)
    return smallest(candidates)
