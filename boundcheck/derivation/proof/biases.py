"""Steps that bound the norm of what a layer's biases add to a hidden vector."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from sympy import Expr, S, sqrt

from boundcheck.derivation.proof.judgement import (
    Assumed,
    Context,
    Judgement,
    NormStep,
    Part,
    Reason,
    Step,
    Subject,
    demand,
)
from boundcheck.statement.layer import Layer


@dataclass(frozen=True)
class BiasesDrawn(Step):
    """Hypothesis: the biases of a layer are independent, of its law, and pruning leaves them alone."""

    vector: Layer
    rule = "hypothesis"

    @cached_property
    def judgement(self) -> Assumed:
        """In words."""
        law = self.vector.weights
        return Assumed(f"the biases are independent of each other and of all weights, each {law}, and none is removed")

    def verify(self, context: Context) -> tuple[Reason, ...]:
        """Some layer of the network has these."""
        vectors = [layer.bias_vector for layer in context.pruned.target.layers]
        demand(self.vector in vectors, f"no layer of {context.pruned.target} has biases {self.vector.weights}")
        return ()


@dataclass(frozen=True)
class BoundedBiases(NormStep):
    """‖c‖ ≤ √m sup |c_k|."""

    subject: Subject
    bound: Expr
    rule = "bounded biases"

    @property
    def premises(self) -> tuple[Step, ...]:
        """The hypothesis about biases."""
        return (BiasesDrawn(self.subject.layer),)

    @cached_property
    def judgement(self) -> Judgement:
        """The bound, for certain."""
        return Judgement(self.subject, self.bound, S.Zero)

    def verify(self, context: Context) -> tuple[Reason, ...]:
        """The law has that bound."""
        largest = self.subject.law.supremum
        demand(self.subject.part is Part.BIAS, f"{self.subject} is no bias")
        demand(largest is not None, f"biases {self.subject.law} are not bounded")
        assert largest is not None
        expected = largest * sqrt(self.subject.layer.outputs)
        demand(self.bound == expected, f"√m sup |c_k| is {expected}, not {self.bound}")
        return (Reason(f"|c_k| <= {largest}", f"the law {self.subject.law}"),)


@dataclass(frozen=True)
class AtEveryCell(NormStep):
    """A convolution adds its biases at every cell of the grid: so many times the squared norm."""

    vector: NormStep
    cells: Expr
    rule = "biases at every cell"

    @property
    def premises(self) -> tuple[NormStep, ...]:
        """The norm of the biases."""
        return (self.vector,)

    @cached_property
    def judgement(self) -> Judgement:
        """The bound of the biases, times the root of the number of cells."""
        vector = self.vector.judgement
        return replace(vector, subject=replace(vector.subject, count=self.cells), bound=vector.bound * sqrt(self.cells))

    def verify(self, context: Context) -> tuple[Reason, ...]:
        """It rests on the biases alone; that there are so many cells is for the union bound to see."""
        subject = self.vector.judgement.subject
        demand(subject.part is Part.BIAS and subject.count is None, f"{subject} is not of the biases alone")
        return (Reason(f"each of {self.cells} cells has the same biases added", "pruning leaves them alone"),)
