"""Steps from bounds of norms to a bound of the gap: union bound, layer recursion, and the two put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from sympy import Add, Expr, Mul, Pow, S, Symbol, Tuple, simplify

from boundcheck.derivation.ledger import Ledger
from boundcheck.derivation.proof.judgement import (
    Context,
    Judgement,
    NormStep,
    Overall,
    Part,
    Reason,
    Step,
    Subject,
    demand,
    proved,
    written_out,
)
from boundcheck.derivation.proof.norms import entries_of
from boundcheck.derivation.recursion import layer_recursion, layer_recursion_with_biases
from boundcheck.errors import InvalidDerivation
from boundcheck.inequalities.bounds.restricted import nonnegative_input
from boundcheck.statement.domain import parameters_of
from boundcheck.statement.network import Network
from boundcheck.statement.pruning import Pruned

LETTERS = {
    "a": (Part.WHOLE, Part.HIDDEN),
    "b": (Part.KEPT, Part.PASSED),
    "rho": (Part.REMOVED, Part.MADE),
    "beta": (Part.BIAS, Part.BIAS),
}
"""Symbols of T1 and what they bound: on a ball, and at fixed inputs."""
_EVENTS = {
    "a": ("norm of layer {}", "hidden vectors of layer {}"),
    "b": ("kept norm of layer {}", "errors passed on by layer {}"),
    "rho": ("removed norm of layer {}", "errors made in layer {}"),
    "beta": ("bias of layer {}", "bias of layer {}"),
}


def event_of(letter: str, layer: int, inputs: Expr | None) -> str:
    """What the ledger calls the event that bounds a symbol of T1; layers are counted from 0."""
    return _EVENTS[letter][inputs is not None].format(layer + 1)


class Named(NamedTuple):
    """A bound with the symbol that T1 has for it: a letter and a layer, counted from 0."""

    letter: str
    layer: int
    symbol: Symbol
    step: NormStep
    event: str
    """What the ledger calls it."""


@dataclass(frozen=True)
class Triangle(NormStep):
    """‖W - R‖ ≤ ‖W‖ + ‖R‖."""

    norm: NormStep
    removed: NormStep
    rule = "triangle inequality"

    @property
    def premises(self) -> tuple[NormStep, ...]:
        """The norms of all and of removed weights."""
        return self.norm, self.removed

    @cached_property
    def judgement(self) -> Judgement:
        """The sum of the bounds, except with both probabilities."""
        norm, removed = self.norm.judgement, self.removed.judgement
        subject = Subject(Part.KEPT, norm.subject.layer, norm.subject.law, removed.subject.entries)
        return Judgement(
            subject, norm.bound + removed.bound, norm.failure + removed.failure, norm.given | removed.given
        )

    def verify(self, context: Context) -> tuple[Reason, ...]:
        """The premises are about one layer, and the norm is no bound of hidden vectors alone."""
        norm, removed = self.norm.judgement.subject, self.removed.judgement.subject
        demand(norm.part is Part.WHOLE and removed.part is Part.REMOVED, f"{norm} + {removed} does not bound ‖W - R‖")
        demand(norm.layer == removed.layer, f"{norm} and {removed} are of different layers")
        return (Reason("‖W - R‖ <= ‖W‖ + ‖R‖", "triangle inequality"),)


@dataclass(frozen=True)
class Unpruned(NormStep):
    """Where nothing is removed, what is kept is all."""

    norm: NormStep
    rule = "nothing removed"

    @property
    def premises(self) -> tuple[NormStep, ...]:
        """The norm of all weights."""
        return (self.norm,)

    @cached_property
    def judgement(self) -> Judgement:
        """The bound of all weights."""
        norm = self.norm.judgement
        return Judgement(Subject(Part.KEPT, norm.subject.layer, norm.subject.law), norm.bound, norm.failure, norm.given)

    def verify(self, context: Context) -> tuple[Reason, ...]:
        """The norm is one; that nothing is removed is for :class:`Union` to see, which knows the layer."""
        norm = self.norm.judgement.subject
        demand(norm.part is Part.WHOLE, f"{norm} does not bound what kept weights do to differences")
        return (Reason("W - R = W", "nothing is removed"),)


@dataclass(frozen=True)
class Union(Step):
    """All bounds hold together, except with the sum of the probabilities of those that have a share of delta.

    Attributes
    ----------
    events
        Bounds with a share each.
    implied
        Bounds that follow from those without a further event.
    failure
        The probability that is claimed, at least the sum.
    """

    events: tuple[Named, ...]
    implied: tuple[Named, ...]
    ledger: Ledger
    failure: Expr
    rule = "union bound"

    @property
    def premises(self) -> tuple[Step, ...]:
        """All bounds."""
        return tuple(bound.step for bound in (*self.events, *self.implied))

    @property
    def bounds(self) -> dict[Symbol, Expr]:
        """Symbols of T1 with their bounds."""
        return {bound.symbol: bound.step.judgement.bound for bound in (*self.events, *self.implied)}

    @cached_property
    def judgement(self) -> Overall:
        """All bounds together."""
        return Overall(Tuple(*self.bounds.values()), self.failure)

    def verify(self, context: Context) -> tuple[Reason, ...]:
        """Shares are those of the ledger and add up; each bound is about its layer, as pruned, and unconditional."""
        total: Expr = S.Zero
        for bound in self.events:
            judgement = bound.step.judgement
            _of_its_layer(bound, context.pruned, context)
            demand(
                not judgement.given,
                f"the {bound.event} is bounded given {', '.join(sorted(p.value for p in judgement.given))} only",
            )
            try:
                share = self.ledger.share(bound.event)
            except KeyError:
                raise InvalidDerivation(f"the {bound.event} has no share of delta") from None
            problem = f"the {bound.event} may fail with {judgement.failure}, and its share is {share}"
            demand(simplify(judgement.failure - share) == 0, problem)
            total += judgement.failure
        for bound in self.implied:
            _of_its_layer(bound, context.pruned, context)
            own = {e.step for e in self.events if e.layer == bound.layer}
            demand(set(bound.step.premises) <= own, f"the {bound.event} rests on what is not among the events")
        problem = f"events that may fail with {total} together hold with 1 - ({total}), not with 1 - ({self.failure})"
        demand(_at_most(context, total, self.failure), problem)
        return (
            Reason(f"{len(self.events)} failure probabilities add up to {total}", "union bound, no independence used"),
        )


def _at_most(context: Context, smaller: Expr, larger: Expr) -> bool:
    try:
        proved(context, smaller, larger, "the sum of the failure probabilities")
    except InvalidDerivation:
        return False
    return True


def _of_its_layer(bound: Named, pruned: Pruned, context: Context) -> None:
    """That a bound is about its layer of this network, as the layer's rule prunes it."""
    subject, rule = bound.step.judgement.subject, pruned.rules[bound.layer]
    layer, removed = pruned.target.layers[bound.layer].linear, pruned.removed(bound.layer)
    expected_part = LETTERS[bound.letter][context.inputs is not None]
    where = "on a ball" if context.inputs is None else "at fixed inputs"
    hidden = bound.letter == "a" and context.inputs is None and subject.part in (Part.STRETCH, Part.NONNEGATIVE)
    problem = f"{where}, {bound.symbol} bounds {expected_part.value}, not {subject}"
    demand(hidden or subject.part is expected_part, problem)
    if subject.part is Part.BIAS:
        own, cells = pruned.target.layers[bound.layer], subject.count or S.One
        demand(subject.layer == own.bias_vector, f"{bound.symbol} is bounded by a norm of other biases")
        demand(cells == own.cells, f"{bound.symbol} is for biases at {cells} cells, of {own.cells}")
        return
    if context.inputs is not None or hidden:
        layer = pruned.target.layers[bound.layer]  # with the activation after it
    given = subject.part is not Part.NONNEGATIVE or nonnegative_input(pruned.target, bound.layer)
    demand(
        given, f"{bound.symbol} is bounded for vectors without negative entries, and layer {bound.layer + 1} has others"
    )
    demand(subject.layer == layer, f"{bound.symbol} is bounded by a norm of another layer")
    demand(subject.law == layer.weights, f"{bound.symbol} is bounded for weights {subject.law}, not {layer.weights}")
    if bound.letter == "a" or removed == 0:
        return
    demand(not isinstance(bound.step, Unpruned), f"layer {bound.layer + 1} is pruned")
    assert rule is not None
    expected = entries_of(pruned, bound.layer)
    problem = f"{bound.symbol} is bounded for {subject.entries.value}, and {rule} removes {expected.value}"
    demand(subject.entries is expected, problem)
    if bound.letter == "rho":
        assert subject.count is not None
        amount = rule.chosen(layer) if rule.structured else removed
        found = context.written_out(subject.count)
        demand(simplify(found - amount) == 0, f"{bound.symbol} is for {found} removed, and {rule} removes {amount}")


@dataclass(frozen=True)
class Recursion(Step):
    """T1: the gap of a chain of layers in terms of the norms of its layers, for certain."""

    bound: Expr
    norms: tuple[Expr, ...]
    kept: tuple[Expr, ...]
    removed: tuple[Expr, ...]
    radius: Expr
    biases: tuple[Expr, ...] = ()
    rule = "layer recursion (T1)"
    source = "replacing one layer at a time; after Qian and Klabjan 2021 for the approach"

    @classmethod
    def of(
        cls,
        target: Network,
        radius: Expr,
        norms: Sequence[Expr],
        kept: Sequence[Expr],
        removed: Sequence[Expr],
        biases: Sequence[Expr],
    ) -> Recursion:
        """T1 of a network, in symbols; 0 where a norm is not needed, or there are no biases."""
        if target.has_biases:
            constants = [layer.lipschitz for layer in target.layers]
            bound = layer_recursion_with_biases(norms, kept, removed, biases, constants, radius=radius)
        else:
            bound = layer_recursion(norms, kept, removed, radius=radius, lipschitz=target.lipschitz)
        return cls(bound, tuple(norms), tuple(kept), tuple(removed), radius, tuple(biases))

    @property
    def symbols(self) -> set[Expr]:
        """The symbols of norms."""
        return {symbol for symbol in (*self.norms, *self.kept, *self.removed, *self.biases) if symbol != 0}

    @cached_property
    def judgement(self) -> Overall:
        """The gap is at most T1."""
        return Overall(self.bound, S.Zero)

    def verify(self, context: Context) -> tuple[Reason, ...]:
        """The formula is T1 of this network, and leaves out only layers that lose nothing."""
        target = context.pruned.target
        a, b, rho, beta = columns = self.norms, self.kept, self.removed, self.biases
        demand(all(len(column) == target.depth for column in columns), f"T1 needs all {target.depth} layers")
        expected = Recursion.of(target, self.radius, *columns).bound
        demand(self.bound == expected, f"T1 is {expected}, not {self.bound}")
        removed = [context.pruned.removed(i) for i in range(target.depth)]
        for i, layer in enumerate(target.layers):
            earlier, later = any(k != 0 for k in removed[:i]), any(k != 0 for k in removed[i + 1 :])
            demand(rho[i] != 0 or removed[i] == 0, f"T1 leaves out layer {i + 1}, which is pruned")
            demand(a[i] != 0 or not later, f"T1 needs the norm of layer {i + 1}, for later layers are pruned")
            added = later and layer.bias is not None
            demand(beta[i] != 0 or not added, f"T1 needs the biases of layer {i + 1}, for later layers are pruned")
            gone = removed[i] == layer.size
            demand(b[i] != 0 or not earlier or gone, f"T1 needs what layer {i + 1} keeps, for earlier ones are pruned")
        return (
            Reason(f"maps between layers fix 0, with Lipschitz constants of product {target.lipschitz}", "hypothesis"),
            Reason(f"the formula holds for every weight, mask and input with ‖x‖ <= {self.radius}", "T1"),
        )


@dataclass(frozen=True)
class GapBounded(Step):
    """Bounds of norms are put into T1, which increases in each."""

    union: Union
    recursion: Recursion
    delta: Expr
    rule = "monotonicity"

    @property
    def premises(self) -> tuple[Step, ...]:
        """The norms together, and T1."""
        return self.union, self.recursion

    @cached_property
    def judgement(self) -> Overall:
        """The gap is at most T1 of the bounds, except with delta."""
        return Overall(self.recursion.bound.xreplace(self.union.bounds), self.delta)

    def verify(self, context: Context) -> tuple[Reason, ...]:
        """T1 increases in each norm, has a bound for each, and delta suffices."""
        formula, norms = self.recursion.bound, self.recursion.symbols
        missing = sorted(str(s) for s in (norms & formula.free_symbols) - set(self.union.bounds))
        demand(not missing, f"T1 uses {', '.join(missing)}, and nothing bounds them")
        demand(_increasing(formula, norms), f"{formula} does not increase in each norm")
        problem = f"the bounds may fail with {self.union.failure}, which is not delta = {self.delta}"
        demand(_at_most(context, self.union.failure, self.delta), problem)
        return (
            Reason("T1 increases in each norm", "sums and products of what is not negative"),
            Reason(f"{self.union.failure} <= {self.delta}", "SymPy, or the prover"),
        )


@dataclass(frozen=True)
class WrittenOut(Step):
    """Symbols that stand for formulas are replaced by them."""

    gap: GapBounded
    meaning: tuple[tuple[Symbol, Expr], ...]
    rule = "substitution"

    @property
    def premises(self) -> tuple[Step, ...]:
        """The gap in symbols."""
        return (self.gap,)

    @cached_property
    def judgement(self) -> Overall:
        """The gap is at most the formula in parameters alone."""
        gap = self.gap.judgement
        return Overall(written_out(gap.bound, dict(self.meaning)), gap.failure)

    def verify(self, context: Context) -> tuple[Reason, ...]:
        """The symbols mean what the steps before take them for, and none is left."""
        demand(dict(self.meaning) == dict(context.meaning), "symbols stand for other formulas than in the steps before")
        given = [self.gap.delta, self.gap.recursion.radius, *([] if context.inputs is None else [context.inputs])]
        free = context.pruned.parameters | parameters_of(*given)
        left = sorted(str(s) for s in self.judgement.bound.free_symbols - free)
        demand(not left, f"{', '.join(left)} is no parameter of the claim")
        return (Reason("each symbol is replaced by its formula", "the steps before were checked with these formulas"),)


def _increasing(formula: Expr, norms: set[Expr]) -> bool:
    """Whether a formula is made of sums and products of norms and of what is not negative."""
    if formula in norms:
        return True
    if not formula.free_symbols & norms:
        return formula.is_nonnegative is True
    if isinstance(formula, Pow):
        return formula.exp.is_positive is True and formula.exp.is_number and _increasing(formula.base, norms)
    return isinstance(formula, Add | Mul) and all(_increasing(part, norms) for part in formula.args)
