"""Steps that bound what one layer does to fixed vectors, on which its weights do not depend (S5b)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sympy import Expr

from boundcheck.derivation.proof.judgement import Context, Judgement, NormStep, Part, Reason, Subject, demand
from boundcheck.derivation.proof.norms import Leaf
from boundcheck.inequalities.bounds import fixed_input
from boundcheck.inequalities.bounds.random_matrix import Entries
from boundcheck.statement.layer import Layer

STRETCHES = {Part.WHOLE: Part.HIDDEN, Part.KEPT: Part.PASSED, Part.REMOVED: Part.MADE}
"""What a norm bounds at a fixed vector: activations have slopes of at most 1, or their constants stand in T1."""


@dataclass(frozen=True)
class AsStretch(NormStep):
    """A norm bounds how much longer a layer makes any vector."""

    norm: NormStep
    layer: Layer
    rule = "norm of a map"

    @property
    def premises(self) -> tuple[NormStep, ...]:
        """The norm."""
        return (self.norm,)

    @cached_property
    def judgement(self) -> Judgement:
        """The same bound, of what the layer does to a vector."""
        norm = self.norm.judgement
        return replace(norm, subject=replace(norm.subject, part=STRETCHES[norm.subject.part], layer=self.layer))

    def verify(self, context: Context) -> tuple[Reason, ...]:
        """The norm is of this layer."""
        demand(self.norm.judgement.subject.layer == self.layer.linear, "the norm is that of another layer")
        return (Reason("‖A h‖ <= ‖A‖ ‖h‖, and activations have the Lipschitz constants that T1 has", "hypothesis"),)


@dataclass(frozen=True)
class FixedVector(Leaf):
    """S5b for one layer, at all fixed inputs together.

    Attributes
    ----------
    function, arguments
        One of :mod:`boundcheck.inequalities.bounds.fixed_input`, and what it is used on; the last two are the number
        of inputs and the share.
    """

    function: Callable[..., Expr | None]
    arguments: tuple[Any, ...]
    subject: Subject
    bound: Expr
    rule = "inequality"
    source = f"{fixed_input.key}: {fixed_input.name}; {fixed_input.source}"

    @cached_property
    def judgement(self) -> Judgement:
        """The bound, except with the share."""
        given = frozenset({Part.THRESHOLD}) if self.subject.scaled else frozenset()
        return Judgement(self.subject, self.bound, self.arguments[-1], given)

    def verify(self, context: Context) -> tuple[Reason, ...]:
        """The bound is that of the function, for the layer, its set and the number of inputs of the claim."""
        layer, *others, inputs, _ = self.arguments
        expected = self.function(*self.arguments)
        demand(expected == self.bound, f"{fixed_input.key} gives {expected}, not {self.bound}")
        demand(inputs == context.inputs, f"it is for {inputs} inputs, and the claim for {context.inputs}")
        subject, count = self.subject, self.subject.count
        demand(subject.layer.bias is None, f"{fixed_input.key} is for layers without biases")
        demand(replace(layer, outputs=subject.layer.outputs) == subject.layer, "it is about another layer")
        demand(self.function in _FUNCTIONS, "S5b has no such bound")
        if self.function is fixed_input.stretch:
            most = [subject.layer.outputs]
            if count is not None and subject.entries is Entries.INDEPENDENT:  # whole filters
                most.append(count if subject.part is Part.MADE else subject.layer.outputs - count)
            demand(others[0] in most, f"{others[0]} does not bound the entries in an input")
        elif self.function is fixed_input.stretch_of_removed:
            demand(subject.entries is Entries.INDEPENDENT, "its counts are those of a random set")
            demand(others == [subject.law, count], "it is about other weights, or another number of them")
        else:
            demand(others == [count], "it is about another number of filters")
        vectors = "hidden vectors and errors depend on the inputs and on earlier layers alone"
        return Reason(vectors, "layers are independent"), Reason(f"{inputs} vectors share it", "union bound")


_FUNCTIONS = (fixed_input.stretch, fixed_input.stretch_of_removed, fixed_input.stretch_of_worst_filters)
