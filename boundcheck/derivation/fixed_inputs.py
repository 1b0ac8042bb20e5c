"""S5b: a bound of the gap at finitely many inputs that are fixed before the weights are drawn, not on a whole ball.

With hidden vectors h_i of the target and e_i = f_i - F_i, W = K + R with kept weights K, and W h = K h + R h,

    e_i = [σ(K e_{i-1} + K h_{i-1}) - σ(K h_{i-1})] + [σ(K h_{i-1}) - σ(K h_{i-1} + R h_{i-1})].

h_{i-1} and e_{i-1} depend on earlier layers alone, so that they are fixed vectors for layer i. Let a_i, b_i and ρ_i be
how much longer W_i makes h_{i-1}, K_i makes e_{i-1} and R_i makes h_{i-1}, activations included: ‖h_i‖ ≤ a_i ‖h_{i-1}‖
and ‖e_i‖ ≤ b_i ‖e_{i-1}‖ + ρ_i ‖h_{i-1}‖. That is T1 with these numbers in place of norms, and norms are such numbers,
too. As a_i is about h_{i-1} and b_i about e_{i-1}, each has an event of its own, also where nothing is removed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sympy import Expr, S

from boundcheck.derivation.gap import GapDerivation, LayerBound, Names
from boundcheck.derivation.ledger import Ledger
from boundcheck.derivation.norms import (
    Choice,
    filters_norm,
    kept_norm_by_magnitude,
    removed_norm,
    removed_norm_by_magnitude,
    smallest,
    whole_norm,
)
from boundcheck.errors import UnsupportedClaim
from boundcheck.inequalities.bounds.fixed_input import (
    key,
    stretch,
    stretch_of_removed,
    stretch_of_worst_filters,
)
from boundcheck.inequalities.bounds.order_statistics import UNIT, threshold_bound
from boundcheck.statement.domain import parameters_of
from boundcheck.statement.layer import Layer
from boundcheck.statement.pruning import Pruned, Rule
from boundcheck.statement.window import SINGLE

TARGET, KEPT, REMOVED = "hidden vectors of layer {}", "errors passed on by layer {}", "errors made in layer {}"


def derive_at_inputs(pruned: Pruned, delta: Expr, radius: Expr, inputs: Expr) -> GapDerivation:
    """Derive a bound that the gap at `inputs` fixed inputs exceeds with probability at most delta.

    Raises
    ------
    UnsupportedClaim
        When a layer is no dense one, or a weight law is not symmetric about 0, or has no bound.
    """
    for i, layer in enumerate(pruned.target.layers, start=1):
        if layer.window != SINGLE:
            raise UnsupportedClaim(
                f"layer {i} is a convolution, and bounds at fixed inputs are for dense layers; "
                "leave out inputs, for a bound on the whole ball"
            )
        if not layer.weights.symmetric:
            raise UnsupportedClaim(
                f"the weights of layer {i} have law {layer.weights}, which is not symmetric about 0; "
                "gap bounds need symmetric weights such as uniform(-a, a) or normal(0, v)"
            )
    ledger = Ledger.equal(delta, list(_events(pruned)))
    shares = {entry.event: entry.share for entry in ledger.entries}
    names = Names({p.name for p in pruned.parameters | parameters_of(delta, radius, inputs)})
    layers = tuple(_Layer(pruned, i, shares, inputs, names).bound() for i in range(pruned.target.depth))
    return GapDerivation(pruned, radius, ledger, layers, names.values, inputs)


def _events(pruned: Pruned) -> Iterator[str]:
    depth = pruned.target.depth
    touched = [i for i in range(depth) if pruned.removed(i) != 0]
    for i in range(depth):
        if any(j > i for j in touched):
            yield TARGET.format(i + 1)
        if any(j < i for j in touched) and not _gone(pruned, i):
            yield KEPT.format(i + 1)
        if i in touched:
            yield REMOVED.format(i + 1)


def _gone(pruned: Pruned, i: int) -> bool:
    return bool(pruned.removed(i) == pruned.target.layers[i].size)


class _Layer:
    """One layer: a_i, b_i and ρ_i, each with the norms that are candidates for it as well."""

    def __init__(self, pruned: Pruned, i: int, shares: Mapping[str, Expr], inputs: Expr, names: Names) -> None:
        self.layer: Layer = pruned.target.layers[i]
        self.rule: Rule | None = pruned.rules[i]
        self.structured = self.rule is not None and self.rule.structured
        self.gone = _gone(pruned, i)
        self.independent = self.rule is None or self.rule.independent or self.gone
        removed = pruned.removed(i)
        self.removed = removed if self.structured else names("k", removed)
        self.filters = names("k", self.rule.chosen(self.layer)) if self.rule is not None and self.structured else S.Zero
        self.inputs, self.names = inputs, names
        self.shares = [shares.get(event.format(i + 1)) for event in (TARGET, KEPT, REMOVED)]

    def bound(self) -> LayerBound:
        """All three, those that the recursion needs."""
        target, kept, removed = self.shares
        threshold = None
        if removed is None:
            residual = removed_norm(self.layer, S.Zero, self.layer.weights, S.One)
        else:
            residual, threshold = self._removed(removed)
        return LayerBound(
            self.layer,
            self.removed,
            None if target is None else self._target(target),
            None if kept is None else self._kept(kept),
            residual,
            threshold,
        )

    def _target(self, share: Expr) -> Choice:
        return _with(whole_norm(self.layer, share), stretch(self.layer, self.layer.outputs, self.inputs, share))

    def _kept(self, share: Expr) -> Choice:
        layer = self.layer
        if self.independent:
            layer = replace(layer, outputs=layer.outputs - self.filters)
        norms = kept_norm_by_magnitude(layer, share) if not (self.independent or self.structured) else None
        return _with(norms or whole_norm(layer, share), stretch(layer, layer.outputs, self.inputs, share))

    def _removed(self, share: Expr) -> tuple[Choice, Expr | None]:
        layer, count, inputs = self.layer, self.removed, self.inputs
        if self.structured:
            norms = filters_norm(layer, self.filters, share, chosen_by_weights=not self.independent)
            if self.independent:
                return _with(norms, stretch(layer, self.filters, inputs, share)), None
            return _with(norms, stretch_of_worst_filters(layer, self.filters, inputs, share)), None
        if self.independent:
            norms = removed_norm(layer, count, layer.weights, share)
            return _with(norms, stretch_of_removed(layer, layer.weights, count, inputs, share)), None
        threshold = self.names("tau", threshold_bound(layer, count, share / 2))
        unit = stretch_of_removed(layer, UNIT, count, inputs, share / 2)
        found = _with(
            removed_norm_by_magnitude(layer, count, threshold, share), None if unit is None else threshold * unit
        )
        return found, threshold


def _with(norms: Choice, fixed: Expr | None) -> Choice:
    return smallest({**norms.candidates, key: fixed})
