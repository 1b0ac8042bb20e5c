"""Candidates for the norm of a layer's weights and of what pruning removes, each at one total failure probability."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sympy import Expr, S

from boundcheck.derivation.proof.judgement import NormStep, Part, Subject
from boundcheck.derivation.proof.norms import (
    Applied,
    ByThreshold,
    Chosen,
    Counts,
    Deterministic,
    FromSubset,
    GivenCounts,
    NoneRemoved,
    Projected,
    SchurByCounts,
    Smallest,
    Symmetrised,
    Threshold,
    log_choices,
)
from boundcheck.derivation.proof.restricted import OfHiddenVectors, Restricted
from boundcheck.errors import UnsupportedClaim
from boundcheck.formula.numeric import evaluate
from boundcheck.inequalities.bounds import restricted
from boundcheck.inequalities.bounds.frobenius import frobenius_bound
from boundcheck.inequalities.bounds.gaussian_transport import GaussianTransport
from boundcheck.inequalities.bounds.masked_series import MaskedSeries
from boundcheck.inequalities.bounds.masks import MaskedBernstein
from boundcheck.inequalities.bounds.matrix_series import MatrixBernstein, SubGaussianSeries
from boundcheck.inequalities.bounds.moment_domination import MomentDomination
from boundcheck.inequalities.bounds.nets import ETA, FINENESS, Nets
from boundcheck.inequalities.bounds.order_statistics import UNIT
from boundcheck.inequalities.bounds.random_matrix import Entries, NormInequality, RandomMatrix
from boundcheck.inequalities.bounds.random_subset import SubsetInequality
from boundcheck.inequalities.bounds.restricted import nonnegative_input, restricted_norm
from boundcheck.inequalities.bounds.sparse_moments import SparseMoments
from boundcheck.inequalities.bounds.spherical import SphericalAverage
from boundcheck.inequalities.bounds.walk_moments import MaskedWalks, WalkMoments
from boundcheck.statement.laws import Law
from boundcheck.statement.layer import Layer
from boundcheck.statement.network import Network

SERIES: tuple[NormInequality, ...] = (SubGaussianSeries(), MatrixBernstein())
"""Inequalities that profit from few entries a channel."""
DENSE: tuple[NormInequality, ...] = (MomentDomination(), SphericalAverage(), GaussianTransport(), Nets(ETA))
"""Inequalities that hold for the weights on any set of entries, but gain nothing from its being small."""
SUBSETS: tuple[SubsetInequality, ...] = (
    SparseMoments(),
    MaskedSeries(),
    WalkMoments(),
    MaskedWalks(),
    MaskedBernstein(),
)
"""Inequalities for so many removed weights, or for weights that are removed with a probability."""

TRIANGLE = "a + rho"
"""Key of the bound ‖W - R‖ ≤ ‖W‖ + ‖R‖."""
NO_THRESHOLD = "+T5"
"""End of the keys of bounds of what magnitude pruning removes that rest on no bound of the threshold."""
UNPRUNED = "a, nothing removed"
"""Key of the bound of what is kept where nothing is removed."""
PROJECTION = "a"
"""Key of the bound ‖PW‖ ≤ ‖W‖, P leaving out outputs."""


@dataclass(frozen=True)
class Choice:
    """The smallest of several valid bounds of one quantity; `chosen` is its key, or "min" where widths are symbols."""

    steps: Mapping[str, NormStep]
    step: NormStep
    chosen: str

    @property
    def candidates(self) -> dict[str, Expr]:
        """The bounds by key."""
        return {key: step.judgement.bound for key, step in self.steps.items()}

    @property
    def value(self) -> Expr:
        """The smallest of them."""
        return self.step.judgement.bound


def smallest(candidates: Mapping[str, NormStep | None], share: Expr) -> Choice:
    """Choose the smallest candidate; all hold with the same total failure probability, so the choice costs nothing.

    Raises
    ------
    UnsupportedClaim
        When no candidate applies.
    """
    usable = {key: step for key, step in candidates.items() if step is not None}
    if not usable:
        raise UnsupportedClaim("no norm inequality applies to these weights; use uniform(-a, a) or normal(0, v)")
    bounds = {key: step.judgement.bound for key, step in usable.items()}
    if len(usable) > 1 and any(bound.free_symbols for bound in bounds.values()):
        return Choice(usable, Smallest(tuple(usable.values()), share), "min")
    key = min(usable, key=lambda k: evaluate(bounds[k])) if len(usable) > 1 else next(iter(usable))
    best = usable[key]
    return Choice(usable, best if best.judgement.failure == share else Smallest((best,), share), key)


def only(key: str, step: NormStep) -> Choice:
    """A choice of one."""
    return Choice({key: step}, step, key)


def of_hidden_vectors(norm: Choice, target: Network, i: int, share: Expr) -> Choice:
    """Bounds of how much longer layer i (counted from 0) makes hidden vectors: its norm, or S5a, where that applies.

    The result is for T1's a alone. It does not bound what the layer does to differences of hidden vectors. Biases do
    not change it: ReLU leaves of z + bias at most what it leaves of both.
    """
    layer, nonnegative = target.layers[i], nonnegative_input(target, i)
    bound = restricted_norm(layer.unfolded, nonnegative, share)
    if bound is None:
        return norm
    steps: dict[str, NormStep | None] = {k: OfHiddenVectors(s, layer, nonnegative) for k, s in norm.steps.items()}
    return smallest(steps | {restricted.key: Restricted(layer, nonnegative, share, bound)}, share)


FREE = {ETA: FINENESS}
"""Free parameters of inequalities, and the values that are used."""


def _applied(inequality: NormInequality, matrix: RandomMatrix, share: Expr, subject: Subject) -> NormStep | None:
    """An inequality used on a matrix, its free parameter chosen; None where it does not apply."""
    bound = inequality.bound(matrix, share)
    if bound is None:
        return None
    step = Applied(inequality, matrix, share, subject, bound)
    free = bound.free_symbols & FREE.keys()
    return Chosen(step, *((p, FREE[p]) for p in free)) if free else step


def all_bounds(matrix: RandomMatrix, share: Expr, subject: Subject) -> dict[str, NormStep | None]:
    """What each inequality for the whole of a matrix gives, by key; None where it does not apply."""
    return {i.key: _applied(i, matrix, share, subject) for i in (*SERIES, *DENSE)}


def whole_norm(layer: Layer, delta: Expr) -> Choice:
    """‖W‖ of a whole layer (probability 1 - delta)."""
    return smallest(all_bounds(RandomMatrix.whole(layer), delta, Subject(Part.WHOLE, layer, layer.weights)), delta)


def kept_norm(layer: Layer, delta: Expr, *, filters: Expr = S.Zero, entries: Entries = Entries.INDEPENDENT) -> Choice:
    """‖W - R‖ of the weights outside a set that is independent of them, or without that many of the filters."""
    rest = RandomMatrix.whole(replace(layer, outputs=layer.outputs - filters), entries=entries)
    subject = Subject(Part.KEPT, layer, layer.weights, entries, filters if filters != 0 else None)
    return smallest(all_bounds(rest, delta, subject), delta)


def kept_norm_by_magnitude(layer: Layer, delta: Expr) -> Choice:
    """‖W - R‖ of what magnitude pruning keeps, or any mask that depends on |w| and independent randomness alone.

    Given all |w| and the mask, signs are independent and fair. So the moments of S1 and S2 do not grow when weights are
    left out, and both hold as they stand. For the other candidates Lévy's inequality P(‖W - R‖ ≥ t) ≤ 2 P(‖W‖ ≥ t)
    costs half of delta: W = X + R has the law of X - R, and ‖X‖ is at most the larger of their norms.

    Source: P. Lévy; M. Ledoux and M. Talagrand, Probability in Banach Spaces, 1991, Proposition 2.3.
    """
    matrix = RandomMatrix.whole(layer)
    free = replace(matrix, entries=Entries.SIGN_FREE)
    kept = Subject(Part.KEPT, layer, layer.weights, Entries.SIGN_FREE)
    candidates: dict[str, NormStep | None] = {}
    for i in (*SERIES, *DENSE):
        if Entries.SIGN_FREE in i.admits:
            candidates[i.key] = _applied(i, free, delta, kept)
        elif whole := _applied(i, matrix, delta / 2, Subject(Part.WHOLE, layer, layer.weights)):
            candidates[f"{i.key}+Lévy"] = Symmetrised(whole)
    return smallest(candidates, delta)


def filters_norm(layer: Layer, count: Expr, delta: Expr, *, chosen_by_weights: bool) -> Choice:
    """‖R‖ of `count` removed filters (output channels): a layer of so many outputs (probability 1 - delta).

    Where the weights decide which filters go, the worst of all sets of so many is bounded: by a union bound over the
    C(m, k) ≤ (e m / k)^k sets, or by the norm of all weights, which no set of outputs exceeds.
    """
    entries = Entries.WORST if chosen_by_weights else Entries.INDEPENDENT
    subject = Subject(Part.REMOVED, layer, layer.weights, entries, count)
    removed = replace(layer, outputs=count)
    candidates: dict[str, NormStep | None] = {}
    if not chosen_by_weights:
        candidates |= all_bounds(RandomMatrix.whole(removed, entries=entries), delta, subject)
    else:
        worst = RandomMatrix.whole(removed, log_choices(count, layer.outputs), entries)
        candidates |= {f"{key}+union": step for key, step in all_bounds(worst, delta, subject).items()}
        whole = all_bounds(RandomMatrix.whole(layer), delta, Subject(Part.WHOLE, layer, layer.weights))
        candidates |= {f"a by {key}": Projected(step, subject) for key, step in whole.items() if step is not None}
    if layer.weights.supremum is not None:
        weights = count * layer.inputs * layer.taps
        bound = frobenius_bound(layer.weights.supremum, layer.taps, weights)
        candidates["T3e Frobenius"] = Deterministic(subject, bound)
    return smallest(candidates, delta)


def removed_norm(layer: Layer, count: Expr, law: Law, delta: Expr, *, given_threshold: bool = False) -> Choice:
    """‖R‖ of `count` entries at random, independent of their weights of this law (T6, probability 1 - delta).

    Candidates that rest on counts give half of delta to the counts (T4) and half to the norm.

    Parameters
    ----------
    given_threshold
        Whether it is about removed weights divided by the threshold, given that (T5).
    """
    subject = Subject(Part.REMOVED, layer, law, Entries.INDEPENDENT, count, given_threshold)
    if count == 0:
        return only("none removed", NoneRemoved(subject))
    half = Counts(subject, delta / 2)
    sparse = RandomMatrix(layer, law, half.judgement.bound, entries=Entries.INDEPENDENT)
    spread = replace(RandomMatrix.whole(layer, entries=Entries.INDEPENDENT), law=law)
    candidates: dict[str, NormStep | None] = {}
    for i in SERIES:
        bound = i.bound(sparse, delta / 2)
        given = None if bound is None else Applied(i, sparse, delta / 2, subject, bound)
        candidates[f"{i.key}+T4"] = None if given is None else GivenCounts(half, given)
    candidates |= {i.key: _applied(i, spread, delta, subject) for i in DENSE}
    candidates |= _subsets(subject, delta)
    if law.supremum is not None:
        candidates["T3e Frobenius"] = Deterministic(subject, frobenius_bound(law.supremum, layer.taps, count))
        candidates["T3e Schur+T4"] = SchurByCounts(Counts(subject, delta), subject)
    return smallest(candidates, delta)


def _subsets(subject: Subject, delta: Expr) -> dict[str, NormStep | None]:
    """What the inequalities for sets like this one give."""
    assert subject.count is not None
    found: dict[str, NormStep | None] = {}
    for subset in SUBSETS:
        if subject.entries in subset.admits:
            bound = subset.bound(subject.layer, subject.law, subject.count, delta)
            found[subset.key] = None if bound is None else FromSubset(subset, delta, subject, bound)
    return found


def removed_norm_by_masks(layer: Layer, count: Expr, delta: Expr) -> Choice:
    """‖R‖ of weights that are removed independently of all else, each with probability count/D (probability 1 - delta).

    Inequalities for sets that are independent of the weights hold, and some of those for subsets; no count is bounded.
    """
    subject = Subject(Part.REMOVED, layer, layer.weights, Entries.MASKED, count)
    spread = RandomMatrix.whole(layer, entries=Entries.MASKED)
    candidates = {i.key: _applied(i, spread, delta, subject) for i in DENSE}
    return smallest(candidates | _subsets(subject, delta), delta)


def removed_norm_by_magnitude(layer: Layer, count: Expr, threshold: Expr, delta: Expr) -> Choice:
    """‖R‖ of the `count` smallest weights (T5, T6, probability 1 - delta).

    Parameters
    ----------
    threshold
        Bound of the threshold τ at half of delta, or a symbol for it. The other half is for the norm of weights on
        [-τ, τ]. Uniform weights need no bound of τ in some candidates, which then have all of delta.
    """
    unit = removed_norm(layer, count, UNIT, delta / 2, given_threshold=True)
    subject = Subject(Part.REMOVED, layer, layer.weights, Entries.SIGN_FREE, count)
    tau = Threshold(replace(subject, part=Part.THRESHOLD), delta / 2, threshold)
    candidates: dict[str, NormStep | None] = {key: ByThreshold(tau, step) for key, step in unit.steps.items()}
    for subset in SUBSETS:
        bound = subset.bound_by_magnitude(layer, count, delta)
        direct = None if bound is None else FromSubset(subset, delta, subject, bound)
        candidates[f"{subset.key}{NO_THRESHOLD}"] = direct
    return smallest(candidates, delta)
