"""Steps that bound what one layer does to hidden vectors of a network, for a where b does not rest on it (S5a)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from sympy import Expr

from boundcheck.derivation.proof.judgement import Context, Judgement, NormStep, Part, Reason, Step, Subject, demand
from boundcheck.derivation.proof.norms import hypotheses
from boundcheck.inequalities.bounds import restricted
from boundcheck.inequalities.bounds.restricted import nonnegative_input, restricted_norm
from boundcheck.statement.layer import Layer

PARTS = {True: Part.NONNEGATIVE, False: Part.STRETCH}
"""By whether the layer is given vectors without negative entries."""


@dataclass(frozen=True)
class OfHiddenVectors(NormStep):
    """A norm bounds how much longer a layer makes vectors of any kind."""

    norm: NormStep
    layer: Layer
    nonnegative: bool
    rule = "norm of a map"

    @property
    def premises(self) -> tuple[NormStep, ...]:
        """The norm."""
        return (self.norm,)

    @cached_property
    def judgement(self) -> Judgement:
        """The same bound, of what the layer does to such vectors."""
        norm = self.norm.judgement
        return replace(norm, subject=replace(norm.subject, part=PARTS[self.nonnegative], layer=self.layer))

    def verify(self, context: Context) -> tuple[Reason, ...]:
        """The norm is of all weights of this layer."""
        subject = self.norm.judgement.subject
        demand(subject.part is Part.WHOLE and subject.layer == self.layer.linear, f"{subject} is not of this layer")
        return (Reason("‖A x‖ <= ‖A‖ ‖x‖, and activations have the Lipschitz constants that T1 has", "hypothesis"),)


@dataclass(frozen=True)
class Restricted(NormStep):
    """S5a for one layer."""

    layer: Layer
    nonnegative: bool
    share: Expr
    bound: Expr
    rule = "inequality"
    source = f"{restricted.key}: {restricted.name}; {restricted.source}"

    @property
    def premises(self) -> tuple[Step, ...]:
        """The hypothesis about weights."""
        return hypotheses(self.judgement.subject)

    @cached_property
    def judgement(self) -> Judgement:
        """The bound, except with the share."""
        return Judgement(Subject(PARTS[self.nonnegative], self.layer, self.layer.weights), self.bound, self.share)

    def verify(self, context: Context) -> tuple[Reason, ...]:
        """The bound is that of the function, and the layer is one of the network with what follows it."""
        expected = restricted_norm(self.layer.unfolded, self.nonnegative, self.share)
        demand(expected == self.bound, f"{restricted.key} gives {expected}, not {self.bound}")
        target = context.pruned.target
        here = [i for i, layer in enumerate(target.layers) if layer == self.layer]
        fits = any(nonnegative_input(target, i) or not self.nonnegative for i in here)
        demand(fits, f"no such layer of {target} is given vectors without negative entries")
        return (Reason("hidden vectors have no negative entries after ReLU, and ReLU leaves none", "hypothesis"),)
