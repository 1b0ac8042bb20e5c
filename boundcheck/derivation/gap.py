"""T7, T8 and T9: a bound on the gap of a pruned network, derived from its architecture, weight laws and pruning rules.

One derivation serves dense and convolutional layers: a dense layer is a convolution with κ = 1 tap on a 1 × 1 grid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from itertools import chain, count
from typing import Any, Literal, TypeAlias

from sympy import Expr, Max, Min, S, Symbol

from boundcheck.derivation.biases import bias_norm
from boundcheck.derivation.ledger import Entry, Ledger
from boundcheck.derivation.norms import (
    NO_THRESHOLD,
    PROJECTION,
    TRIANGLE,
    UNPRUNED,
    Choice,
    filters_norm,
    kept_norm,
    kept_norm_by_magnitude,
    of_hidden_vectors,
    only,
    removed_norm,
    removed_norm_by_magnitude,
    removed_norm_by_masks,
    whole_norm,
)
from boundcheck.derivation.proof.gap import (
    LETTERS,
    GapBounded,
    Named,
    Recursion,
    Triangle,
    Union,
    Unpruned,
    WrittenOut,
    event_of,
)
from boundcheck.derivation.proof.judgement import Context, Part, Step, Subject
from boundcheck.derivation.proof.norms import Projected, entries_of
from boundcheck.display import Displayed
from boundcheck.errors import InvalidArgument, UnsupportedClaim
from boundcheck.formula.numeric import evaluate
from boundcheck.inequalities.bounds.order_statistics import threshold_bound
from boundcheck.inequalities.bounds.random_matrix import Entries
from boundcheck.statement.atom import Atom
from boundcheck.statement.domain import Parameter, exact, parameters_of
from boundcheck.statement.functions import Greatest, Least
from boundcheck.statement.layer import Layer
from boundcheck.statement.network import Network
from boundcheck.statement.pruning import Pruned, number_of_inputs, radius_of_ball, same_target

Kept = Literal["direct", "triangle"]


@dataclass(frozen=True)
class LayerBound:
    """Bounds of one layer's three spectral norms, each with its candidates; None where the gap does not need it."""

    layer: Layer
    removed: Expr
    norm: Choice | None
    kept: Choice | None
    residual: Choice
    threshold: Expr | None
    """Bound of the largest removed magnitude, where the residual rests on it (magnitude pruning)."""
    bias: Choice | None = None
    """Bound of what biases add, where later layers are pruned."""

    @property
    def choices(self) -> dict[str, Choice]:
        """The bounds that the gap needs, by the letters that T1 has for them."""
        found = {"a": self.norm, "b": self.kept, "rho": self.residual, "beta": self.bias}
        return {letter: choice for letter, choice in found.items() if choice is not None}


@dataclass(frozen=True)
class GapDerivation:
    """How a gap bound comes about: recursion, layer bounds, and who may fail with which probability."""

    pruned: Pruned
    radius: Expr
    ledger: Ledger
    layers: tuple[LayerBound, ...]
    inner: Mapping[Symbol, Expr]
    """Counts k and thresholds tau that stand as symbols in the layer bounds, where they are formulas."""
    inputs: Expr | None = None
    """Number of fixed inputs, where the bound is of the gap at these and not on the whole ball."""

    def symbol(self, name: str, layer: int) -> Symbol:
        """The symbol a, b or rho of a layer (counted from 1), clear of the parameters' names."""
        text = f"{name}_{layer}"
        while any(p.name == text for p in self.parameters):
            text += "_"
        return Symbol(text, positive=True)

    @cached_property
    def parameters(self) -> frozenset[Parameter]:
        """The parameters of the network, the pruning rules, delta, the radius and the number of inputs."""
        given = [value for value in (self.ledger.delta, self.radius, self.inputs) if value is not None]
        return self.pruned.parameters | parameters_of(*given)

    @cached_property
    def bounds(self) -> tuple[Named, ...]:
        """Bounds of the norms that T1 uses, layer by layer."""
        return tuple(
            Named(letter, i, self.symbol(letter, i + 1), choice.step, event_of(letter, i, self.inputs))
            for i, layer in enumerate(self.layers)
            for letter, choice in layer.choices.items()
            if choice.value != 0
        )

    @property
    def symbols(self) -> dict[Symbol, Expr]:
        """a_i, b_i and ρ_i with the bounds that they stand for, in reading order."""
        return {bound.symbol: bound.step.judgement.bound for bound in self.bounds}

    @cached_property
    def in_symbols(self) -> GapBounded:
        """The last step but for what symbols stand for."""
        shared = {entry.event for entry in self.ledger.entries}
        events = tuple(bound for bound in self.bounds if bound.event in shared)
        implied = tuple(bound for bound in self.bounds if bound.event not in shared)
        columns = {letter: [S.Zero] * len(self.layers) for letter in LETTERS}
        for bound in self.bounds:
            columns[bound.letter][bound.layer] = bound.symbol
        return GapBounded(
            Union(events, implied, self.ledger, self.ledger.total),
            Recursion.of(self.pruned.target, self.radius, *columns.values()),
            self.ledger.delta,
        )

    @property
    def conclusion(self) -> Step:
        """The last step of the derivation, which :func:`boundcheck.derivation.proof.check.checked` checks."""
        return WrittenOut(self.in_symbols, tuple(self.inner.items())) if self.inner else self.in_symbols

    @property
    def recursion(self) -> Expr:
        """T1 in the symbols a_i, b_i and ρ_i; what is not needed is 0 in it."""
        return self.in_symbols.recursion.bound

    @property
    def context(self) -> Context:
        """What the steps may rest on."""
        return Context(self.pruned, self.inner, self.inputs)

    @cached_property
    def expression(self) -> Expr:
        """The bound as one expression in the theorem's parameters."""
        return self.context.written_out(self.in_symbols.judgement.bound)


Split: TypeAlias = tuple[tuple[str, Expr], ...]
"""Events and the fractions of delta that they have."""


@dataclass(frozen=True)
class Plan:
    """One way to a bound: the events that it rests on, and the derivation with the shares of a ledger for them."""

    events: tuple[str, ...]
    derive: Callable[[Ledger], GapDerivation]


def plans(pruned: Pruned, radius: Expr, inputs: Expr | None = None) -> list[Plan]:
    """The ways to a bound, each valid by itself: kept norms bounded directly, then, where it differs, by a + rho.

    Raises
    ------
    UnsupportedClaim
        When a weight law is not symmetric about 0; for fixed inputs, when a layer is no dense one.
    """
    for i, layer in enumerate(pruned.target.layers, start=1):
        if not layer.weights.symmetric:
            raise UnsupportedClaim(
                f"the weights of layer {i} have law {layer.weights}, which is not symmetric about 0; "
                "gap bounds need symmetric weights such as uniform(-a, a) or normal(0, v)"
            )
    if inputs is not None:
        from boundcheck.derivation.fixed_inputs import plan_at_inputs  # which is made of what is here

        return [plan_at_inputs(pruned, radius, inputs)]
    ways: list[Kept] = ["direct"]
    if any(rule is not None and (rule.independent or not rule.structured) for rule in pruned.rules):
        ways.append("triangle")
    return [Plan(tuple(_events(pruned, kept)), partial(_derive, pruned, radius, kept)) for kept in ways]


def variants(pruned: Pruned, delta: Expr, radius: Expr, inputs: Expr | None = None) -> list[GapDerivation]:
    """The derivations with equal shares, one for each of :func:`plans`.

    Raises
    ------
    UnsupportedClaim
        As :func:`derive_gap`.
    """
    return [plan.derive(Ledger.equal(delta, plan.events)) for plan in plans(pruned, radius, inputs)]


def derive_gap(
    pruned: Pruned, delta: Expr, radius: Expr, inputs: Expr | None = None, split: Split | None = None
) -> GapDerivation:
    """Derive a bound that the gap exceeds with probability at most delta.

    The failure probability is split evenly over the events that the bound rests on, or as given. The norm of the kept
    weights is bounded directly or by the triangle inequality, whichever gives the smaller bound where numbers tell; or,
    where whole filters go that the weights choose, by that of all weights: leaving out outputs increases no norm.

    Raises
    ------
    UnsupportedClaim
        When a weight law is not symmetric about 0, or has no bound.
    InvalidArgument
        When a split is not of the events of a derivation, or does not add up to 1.
    """
    if split is not None:
        return _derive_with(split, delta, plans(pruned, radius, inputs))
    found = variants(pruned, delta, radius, inputs)
    if len(found) == 1 or found[0].expression.free_symbols:
        return found[0]
    return min(found, key=lambda derivation: evaluate(derivation.expression))


def _derive_with(split: Split, delta: Expr, known: Sequence[Plan]) -> GapDerivation:
    named = {event for event, _ in split}
    for plan in known:
        if set(plan.events) == named:
            return plan.derive(Ledger(delta, tuple(Entry(event, delta * fraction) for event, fraction in split)))
    remedy = "name " + " or ".join(f"({', '.join(plan.events)})" for plan in known)
    raise InvalidArgument("split", sorted(named), "are not the events of a derivation", remedy)


def _derive(pruned: Pruned, radius: Expr, kept: Kept, ledger: Ledger) -> GapDerivation:
    names = Names({p.name for p in pruned.parameters | parameters_of(ledger.delta, radius)})
    layers = tuple(_layer(pruned, i, ledger, kept, names) for i in range(pruned.target.depth))
    return GapDerivation(pruned, radius, ledger, layers, names.values)


class Names:
    """Symbols for formulas that several candidates share; equal formulas share a symbol."""

    def __init__(self, taken: set[str]) -> None:
        self.taken = taken
        self.values: dict[Symbol, Expr] = {}

    def __call__(self, name: str, value: Expr) -> Expr:
        if value.is_number or value.is_Symbol:
            return value
        for symbol, known in self.values.items():
            if known == value:
                return symbol
        free = next(n for n in chain([name], (f"{name}_{i}" for i in count(2))) if n not in self.taken)
        self.taken.add(free)
        symbol = Symbol(free, integer=value.is_integer, positive=True)
        self.values[symbol] = value
        return symbol


def _events(pruned: Pruned, kept: Kept) -> Iterator[str]:
    """The events that the bound rests on: only what the recursion uses gets a share."""
    depth = pruned.target.depth
    touched = [i for i in range(depth) if pruned.removed(i) != 0]
    for i in range(depth):
        before, after = any(j < i for j in touched), any(j > i for j in touched)
        gone, alone = _gone(pruned, i), _only_of_hidden_vectors(pruned, i, kept)
        if after or not alone:
            yield f"norm of layer {i + 1}"
        if before and alone and not gone:
            yield f"kept norm of layer {i + 1}"
        if i in touched:
            yield f"removed norm of layer {i + 1}"
        if after and pruned.target.layers[i].bias is not None:
            yield f"bias of layer {i + 1}"


def _only_of_hidden_vectors(pruned: Pruned, i: int, kept: Kept) -> bool:
    """Whether the kept norm does not rest on that of the whole layer: it has its own event, or none is needed."""
    touched = pruned.removed(i) != 0
    direct = kept == "direct" and touched and (_independent_mask(pruned, i) or not _structured(pruned, i))
    return direct or _gone(pruned, i) or all(pruned.removed(j) == 0 for j in range(i))


def _independent_mask(pruned: Pruned, i: int) -> bool:
    """Whether the mask does not depend on the weights: so also where every weight goes."""
    rule = pruned.rules[i]
    return rule is None or rule.independent or _gone(pruned, i)


def _gone(pruned: Pruned, i: int) -> bool:
    """Whether no weight of the layer is kept, as far as numbers tell."""
    return bool(pruned.removed(i) == pruned.target.layers[i].size)


def _structured(pruned: Pruned, i: int) -> bool:
    rule = pruned.rules[i]
    return rule is not None and rule.structured


def _layer(pruned: Pruned, i: int, ledger: Ledger, kept: Kept, names: Names) -> LayerBound:
    layer, removed = pruned.target.layers[i].linear, pruned.removed(i)
    entries = entries_of(pruned, i)
    removed = removed if _structured(pruned, i) or entries is Entries.MASKED else names("k", removed)
    shares = {entry.event: entry.share for entry in ledger.entries}
    n = i + 1
    norm = None
    if (e := f"norm of layer {n}") in shares:
        norm = whole_norm(layer, shares[e])
        if _only_of_hidden_vectors(pruned, i, kept):
            norm = of_hidden_vectors(norm, pruned.target, i, shares[e])
    threshold = None
    rule, independent = pruned.rules[i], _independent_mask(pruned, i)
    filters = None if rule is None or not rule.structured else names("k", rule.chosen(layer))
    if removed == 0:
        residual = removed_norm(layer, removed, layer.weights, ledger.delta)
    else:
        share = ledger.share(f"removed norm of layer {n}")
        if filters is not None:
            residual = filters_norm(layer, filters, share, chosen_by_weights=not independent)
        elif entries is Entries.MASKED:
            residual = removed_norm_by_masks(layer, removed, share)
        elif independent:
            residual = removed_norm(layer, removed, layer.weights, share)
        else:
            threshold = names("tau", threshold_bound(layer, removed, share / 2))
            residual = removed_norm_by_magnitude(layer, removed, threshold, share)
            if residual.chosen.endswith(NO_THRESHOLD):
                threshold = None
    if _gone(pruned, i):
        rest: Choice | None = None  # and 0 in T1
    elif (e := f"kept norm of layer {n}") in shares:
        if independent:
            rest = kept_norm(layer, shares[e], filters=S.Zero if filters is None else filters, entries=entries)
        else:
            rest = kept_norm_by_magnitude(layer, shares[e])
    elif norm is None or not any(pruned.removed(j) != 0 for j in range(i)):
        rest = None
    elif residual.value == 0:
        rest = only(UNPRUNED, Unpruned(norm.step))
    elif filters is not None:
        entries = Entries.INDEPENDENT if independent else Entries.WORST
        rest = only(PROJECTION, Projected(norm.step, Subject(Part.KEPT, layer, layer.weights, entries, filters)))
    else:
        rest = only(TRIANGLE, Triangle(norm.step, residual.step))
    own = pruned.target.layers[i]
    bias = bias_norm(own, shares[e]) if (e := f"bias of layer {n}") in shares else None
    return LayerBound(own, removed, norm, rest, residual, threshold, bias)


class GapBound(Displayed, Atom):
    """A derived bound as an atom of SymPy expressions: it prints as ε, and `expression` is its formula."""

    parts = ("pruned", "delta", "radius", "inputs", "split")
    is_nonnegative = True
    pruned: Pruned
    delta: Expr
    radius: Expr
    inputs: Expr | None
    """Number of fixed inputs, None for the whole ball."""
    split: Split | None
    """Shares of delta; None: all events have the same."""

    @property
    def derivation(self) -> GapDerivation:
        """How the bound comes about."""
        return _cached_derivation(self.pruned, self.delta, self.radius, self.inputs, self.split)

    @property
    def expression(self) -> Expr:
        """The bound as one expression in the parameters."""
        return self.derivation.expression

    @property
    def free_symbols(self) -> set[Parameter]:
        """The parameters of the network, the pruning rule, delta, the radius and the number of inputs."""
        return set(self.derivation.parameters)

    def _sympystr(self, printer: Any) -> str:
        return "epsilon"

    def _latex(self, printer: Any) -> str:
        return r"\epsilon"


_cached_derivation = lru_cache(maxsize=256)(derive_gap)


def gap_bound(
    target: Network,
    pruned: Pruned,
    *,
    delta: Any,
    radius: Any = 1,
    inputs: Any = None,
    split: Literal["equal", "best"] | Mapping[str, Any] = "equal",
) -> GapBound:
    """Derive a formula that the gap of a pruned network exceeds with probability at most delta (T7, T8, T9).

    Parameters
    ----------
    target, pruned
        The target network and a pruned form of it; widths and amounts may be parameters.
    delta
        Failure probability over weights and masks, in (0, 1), or a parameter.
    radius
        Inputs are those with ‖x‖ ≤ radius.
    inputs
        None for all of them. A number N for the largest gap at N inputs that are fixed before the weights are drawn: a
        smaller bound of less, for dense layers (S5b).
    split
        How delta is split over the events that may fail: "equal" shares; "best", those for which the bound is smallest,
        for a network of numbers; or a mapping from events (as `derivation.ledger` names them) to fractions of delta,
        fixed before looking at data.

    Returns
    -------
    An expression; its `expression` attribute is the formula, its `derivation` the way to it.

    Raises
    ------
    InvalidArgument
        When delta is outside (0, 1), the radius is not positive, there is no such number of inputs, `pruned` is not
        pruned from `target`, or the split does not add up.
    UnsupportedClaim
        When no bound applies to the weights and the rule.

    Source: after Qian and Klabjan, "A Probabilistic Approach to Neural Network Pruning", ICML 2021, for the setting
    and the approach; the constants rest on the inequalities named in `derivation`.
    """
    same_target(target, pruned)
    delta = exact("delta", delta)
    domain = getattr(delta, "domain", None)
    if (delta.is_number and not 0 < delta < 1) or (domain is not None and not 0 <= domain.low <= domain.high <= 1):
        raise InvalidArgument("delta", delta, "is not a failure probability", "pass a number with 0 < delta < 1")
    radius = radius_of_ball(radius)
    number = number_of_inputs(inputs)
    bound = GapBound(pruned, delta, radius, number, _split(split, pruned, delta, radius, number))
    _ = bound.derivation  # what cannot be derived is refused here, not when the bound is first printed
    return bound


def _split(split: Any, pruned: Pruned, delta: Expr, radius: Expr, inputs: Expr | None) -> Split | None:
    if isinstance(split, Mapping):
        return tuple((event, exact("split", fraction)) for event, fraction in split.items())
    if split == "best":
        from boundcheck.derivation.split import best_split  # which is made of what is here

        return best_split(pruned, delta, radius, inputs)
    if split != "equal":
        raise InvalidArgument("split", split, "is not known", 'pass "equal", "best" or fractions by event')
    return None


@lru_cache(maxsize=1024)
def expand_bounds(expression: Expr) -> Expr:
    """Replace derived bounds by their formulas."""
    if expression.has(GapBound):
        # SymPy's own Min and Max would try to compare quantiles.
        expression = expression.replace(Min, Least).replace(Max, Greatest)
    return expression.xreplace({b: b.expression for b in expression.atoms(GapBound)})
