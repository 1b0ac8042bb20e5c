"""S5b: a bound of the gap at finitely many inputs that are fixed before the weights are drawn, not on a whole ball.

With hidden vectors h_i of the target and e_i = f_i - F_i, W = K + R with kept weights K, and W h = K h + R h,

    e_i = [σ(K e_{i-1} + K h_{i-1}) - σ(K h_{i-1})] + [σ(K h_{i-1}) - σ(K h_{i-1} + R h_{i-1})].

h_{i-1} and e_{i-1} depend on earlier layers alone, so that they are fixed vectors for layer i. Let a_i, b_i and ρ_i be
how much longer W_i makes h_{i-1}, K_i makes e_{i-1} and R_i makes h_{i-1}, activations included: ‖h_i‖ ≤ a_i ‖h_{i-1}‖
and ‖e_i‖ ≤ b_i ‖e_{i-1}‖ + ρ_i ‖h_{i-1}‖. That is T1 with these numbers in place of norms, and norms are such numbers,
too. As a_i is about h_{i-1} and b_i about e_{i-1}, each has an event of its own, also where nothing is removed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from sympy import Expr, S

from boundcheck.derivation.gap import GapDerivation, LayerBound, Names, Plan
from boundcheck.derivation.ledger import Ledger
from boundcheck.derivation.norms import (
    Choice,
    filters_norm,
    kept_norm,
    kept_norm_by_magnitude,
    removed_norm,
    removed_norm_by_magnitude,
    removed_norm_by_masks,
    smallest,
    whole_norm,
)
from boundcheck.derivation.proof.fixed import AsStretch, FixedVector
from boundcheck.derivation.proof.gap import event_of
from boundcheck.derivation.proof.judgement import NormStep, Part, Subject
from boundcheck.derivation.proof.norms import ByThreshold, Projected, Threshold, entries_of
from boundcheck.errors import UnsupportedClaim
from boundcheck.inequalities.bounds.fixed_input import (
    key,
    stretch,
    stretch_of_removed,
    stretch_of_worst_filters,
)
from boundcheck.inequalities.bounds.order_statistics import UNIT, threshold_bound
from boundcheck.inequalities.bounds.random_matrix import Entries
from boundcheck.statement.domain import parameters_of
from boundcheck.statement.layer import Layer
from boundcheck.statement.pruning import Pruned
from boundcheck.statement.window import SINGLE


def plan_at_inputs(pruned: Pruned, radius: Expr, inputs: Expr) -> Plan:
    """The way to a bound of the gap at `inputs` fixed inputs.

    Raises
    ------
    UnsupportedClaim
        When a layer is no dense one, or has biases.
    """
    for i, layer in enumerate(pruned.target.layers, start=1):
        if layer.window != SINGLE:
            raise UnsupportedClaim(
                f"layer {i} is a convolution, and bounds at fixed inputs are for dense layers; "
                "leave out inputs, for a bound on the whole ball"
            )
        if layer.bias is not None:  # ReLU halves what signs of rows tell, and biases do not change theirs
            raise UnsupportedClaim(
                f"layer {i} has biases, and bounds at fixed inputs are for networks without; "
                "leave out inputs, for a bound on the whole ball"
            )
    return Plan(tuple(_events(pruned, inputs)), partial(_derive, pruned, radius, inputs))


def _derive(pruned: Pruned, radius: Expr, inputs: Expr, ledger: Ledger) -> GapDerivation:
    shares = {entry.event: entry.share for entry in ledger.entries}
    names = Names({p.name for p in pruned.parameters | parameters_of(ledger.delta, radius, inputs)})
    layers = tuple(_Layer(pruned, i, shares, inputs, names).bound() for i in range(pruned.target.depth))
    return GapDerivation(pruned, radius, ledger, layers, names.values, inputs)


def _events(pruned: Pruned, inputs: Expr) -> Iterator[str]:
    depth = pruned.target.depth
    touched = [i for i in range(depth) if pruned.removed(i) != 0]
    for i in range(depth):
        if any(j > i for j in touched):
            yield event_of("a", i, inputs)
        if any(j < i for j in touched) and pruned.removed(i) != pruned.target.layers[i].size:
            yield event_of("b", i, inputs)
        if i in touched:
            yield event_of("rho", i, inputs)


class _Layer:
    """One layer: a_i, b_i and ρ_i, each with the norms that are candidates for it as well."""

    def __init__(self, pruned: Pruned, i: int, shares: Mapping[str, Expr], inputs: Expr, names: Names) -> None:
        self.layer: Layer = pruned.target.layers[i]
        self.entries = entries_of(pruned, i)
        rule, removed = pruned.rules[i], pruned.removed(i)
        self.structured = rule is not None and rule.structured
        as_it_is = self.structured or self.entries is Entries.MASKED
        self.removed = removed if as_it_is else names("k", removed)
        self.filters = names("k", rule.chosen(self.layer)) if rule is not None and self.structured else S.Zero
        self.inputs, self.names = inputs, names
        self.shares = {letter: shares.get(event_of(letter, i, inputs)) for letter in ("a", "b", "rho")}

    def bound(self) -> LayerBound:
        """All three, those that the recursion needs."""
        target, kept, removed = self.shares.values()
        threshold = None
        if removed is None:
            residual = removed_norm(self.layer.linear, S.Zero, self.layer.weights, S.One)
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

    def _subject(self, part: Part, count: Expr | None = None, entries: Entries | None = None) -> Subject:
        return Subject(part, self.layer, self.layer.weights, self.entries if entries is None else entries, count)

    def _fixed(self, function: Callable[..., Expr | None], subject: Subject, *arguments: Any) -> NormStep | None:
        """S5b as a step; the layer comes before the arguments, the number of inputs before the share."""
        *first, share = arguments
        given = (*first, self.inputs, share)
        bound = function(*given)
        return None if bound is None else FixedVector(function, given, subject, bound)

    def _with(self, norms: Choice, fixed: NormStep | None, share: Expr) -> Choice:
        stretches: dict[str, NormStep | None] = {k: AsStretch(step, self.layer) for k, step in norms.steps.items()}
        return smallest(stretches | {key: fixed}, share)

    def _target(self, share: Expr) -> Choice:
        layer = self.layer
        fixed = self._fixed(stretch, self._subject(Part.HIDDEN, entries=Entries.FIXED), layer, layer.outputs, share)
        return self._with(whole_norm(layer.linear, share), fixed, share)

    def _kept(self, share: Expr) -> Choice:
        layer = self.layer
        if self.entries is Entries.WORST:
            subject = Subject(Part.KEPT, layer.linear, layer.weights, self.entries, self.filters)
            whole = whole_norm(layer.linear, share)
            norms = smallest({k: Projected(step, subject) for k, step in whole.steps.items()}, share)
        elif self.entries is Entries.SIGN_FREE:
            norms = kept_norm_by_magnitude(layer.linear, share)
        else:
            norms = kept_norm(layer.linear, share, filters=self.filters, entries=self.entries)
        count = norms.step.judgement.subject.count
        rest = layer if self.entries is Entries.WORST else replace(layer, outputs=layer.outputs - self.filters)
        fixed = self._fixed(stretch, self._subject(Part.PASSED, count), rest, rest.outputs, share)
        return self._with(norms, fixed, share)

    def _removed(self, share: Expr) -> tuple[Choice, Expr | None]:
        layer, count = self.layer, self.removed
        if self.structured:
            independent, filters = self.entries is not Entries.WORST, self.filters
            norms = filters_norm(layer.linear, filters, share, chosen_by_weights=not independent)
            subject = self._subject(Part.MADE, filters)
            if independent:
                return self._with(norms, self._fixed(stretch, subject, layer, filters, share), share), None
            return self._with(norms, self._fixed(stretch_of_worst_filters, subject, layer, filters, share), share), None
        subject = self._subject(Part.MADE, count)
        if self.entries is Entries.MASKED:
            fixed = self._fixed(stretch, subject, layer, layer.outputs, share)
            return self._with(removed_norm_by_masks(layer.linear, count, share), fixed, share), None
        if self.entries is Entries.INDEPENDENT:
            norms = removed_norm(layer.linear, count, layer.weights, share)
            fixed = self._fixed(stretch_of_removed, subject, layer, layer.weights, count, share)
            return self._with(norms, fixed, share), None
        tau = self.names("tau", threshold_bound(layer, count, share / 2))
        norms = removed_norm_by_magnitude(layer.linear, count, tau, share)
        unit = replace(subject, law=UNIT, entries=Entries.INDEPENDENT, scaled=True)
        given = self._fixed(stretch_of_removed, unit, layer, UNIT, count, share / 2)
        threshold = Threshold(self._subject(Part.THRESHOLD, count), share / 2, tau)
        return self._with(norms, None if given is None else ByThreshold(threshold, given), share), tau
