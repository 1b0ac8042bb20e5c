"""T7, T8 and T9: a bound on the gap of a pruned network, derived from its architecture, weight laws and pruning rules.

One derivation serves dense and convolutional layers: a dense layer is a convolution with κ = 1 tap on a 1 × 1 grid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import chain, count
from typing import Any, Literal

from sympy import Expr, Max, Min, S, Symbol

from boundcheck.derivation.ledger import Ledger
from boundcheck.derivation.norms import (
    NO_THRESHOLD,
    PROJECTION,
    TRIANGLE,
    Choice,
    filters_norm,
    kept_norm_by_magnitude,
    removed_norm,
    removed_norm_by_magnitude,
    whole_norm,
)
from boundcheck.derivation.recursion import layer_recursion
from boundcheck.errors import InvalidArgument, UnsupportedClaim
from boundcheck.formula.numeric import evaluate
from boundcheck.inequalities.bounds.order_statistics import threshold_bound
from boundcheck.statement.atom import Atom
from boundcheck.statement.domain import Parameter, exact, parameters_of
from boundcheck.statement.functions import Greatest, Least
from boundcheck.statement.layer import Layer
from boundcheck.statement.network import Network
from boundcheck.statement.pruning import Pruned, radius_of_ball, same_target

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


@dataclass(frozen=True)
class GapDerivation:
    """How a gap bound comes about: recursion, layer bounds, and who may fail with which probability."""

    pruned: Pruned
    radius: Expr
    ledger: Ledger
    layers: tuple[LayerBound, ...]
    inner: Mapping[Symbol, Expr]
    """Counts k and thresholds tau that stand as symbols in the layer bounds, where they are formulas."""

    def symbol(self, name: str, layer: int) -> Symbol:
        """The symbol a, b or rho of a layer (counted from 1), clear of the parameters' names."""
        text = f"{name}_{layer}"
        while any(p.name == text for p in self.parameters):
            text += "_"
        return Symbol(text, positive=True)

    @cached_property
    def parameters(self) -> frozenset[Parameter]:
        """The parameters of the network, the pruning rules, delta and the radius."""
        return self.pruned.parameters | parameters_of(self.ledger.delta, self.radius)

    @cached_property
    def symbols(self) -> dict[Symbol, Expr]:
        """a_i, b_i and ρ_i with the bounds that they stand for, in reading order."""
        found = {}
        for i, layer in enumerate(self.layers, start=1):
            for name, choice in (("a", layer.norm), ("b", layer.kept), ("rho", layer.residual)):
                if choice is not None and choice.value != 0:
                    found[self.symbol(name, i)] = choice.value
        return found

    @cached_property
    def recursion(self) -> Expr:
        """T1 in the symbols a_i, b_i and ρ_i; what is not needed is 0 in it."""

        def column(name: str) -> list[Expr]:
            symbols = (self.symbol(name, i) for i in range(1, len(self.layers) + 1))
            return [symbol if symbol in self.symbols else S.Zero for symbol in symbols]

        target, kept, removed = column("a"), column("b"), column("rho")
        return layer_recursion(target, kept, removed, radius=self.radius, lipschitz=self.pruned.target.lipschitz)

    @cached_property
    def expression(self) -> Expr:
        """The bound as one expression in the theorem's parameters."""
        expression = self.recursion.xreplace(self.symbols)
        # A threshold holds a count, so it goes in first.
        for symbol, value in reversed(list(self.inner.items())):
            expression = expression.xreplace({symbol: value})
        return expression


def derive_gap(pruned: Pruned, delta: Expr, radius: Expr) -> GapDerivation:
    """Derive a bound that the gap exceeds with probability at most delta.

    The failure probability is split evenly over the events that the bound rests on. The norm of the kept weights is
    bounded directly or by the triangle inequality, whichever gives the smaller bound where numbers tell; or, where
    whole filters go that the weights choose, by that of all weights: leaving out outputs does not increase a norm.

    Raises
    ------
    UnsupportedClaim
        When a weight law is not symmetric about 0, or has no bound.
    """
    found = variants(pruned, delta, radius)
    if len(found) == 1 or found[0].expression.free_symbols:
        return found[0]
    return min(found, key=lambda derivation: evaluate(derivation.expression))


def variants(pruned: Pruned, delta: Expr, radius: Expr) -> list[GapDerivation]:
    """The derivations of :func:`derive_gap`, each valid by itself: kept norms bounded directly, then the other way.

    Raises
    ------
    UnsupportedClaim
        As :func:`derive_gap`.
    """
    for i, layer in enumerate(pruned.target.layers, start=1):
        if not layer.weights.symmetric:
            raise UnsupportedClaim(
                f"the weights of layer {i} have law {layer.weights}, which is not symmetric about 0; "
                "gap bounds need symmetric weights such as uniform(-a, a) or normal(0, v)"
            )
    ways: list[Kept] = ["direct"]
    if any(rule is not None and (rule.independent or not rule.structured) for rule in pruned.rules):
        ways.append("triangle")
    return [_derive(pruned, delta, radius, kept) for kept in ways]


def _derive(pruned: Pruned, delta: Expr, radius: Expr, kept: Kept) -> GapDerivation:
    ledger = Ledger.equal(delta, list(_events(pruned, kept)))
    names = _Names({p.name for p in pruned.parameters | parameters_of(delta, radius)})
    layers = tuple(_layer(pruned, i, ledger, kept, names) for i in range(pruned.target.depth))
    return GapDerivation(pruned, radius, ledger, layers, names.values)


class _Names:
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
        independent = _independent_mask(pruned, i)
        direct = kept == "direct" and i in touched and (independent or not _structured(pruned, i))
        gone = _gone(pruned, i)
        if after or (before and not (direct or gone)):
            yield f"norm of layer {i + 1}"
        if before and direct and not gone:
            yield f"kept norm of layer {i + 1}"
        if i in touched:
            yield f"removed norm of layer {i + 1}"


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


def _layer(pruned: Pruned, i: int, ledger: Ledger, kept: Kept, names: _Names) -> LayerBound:
    layer, removed = pruned.target.layers[i].unfolded, pruned.removed(i)
    removed = removed if _structured(pruned, i) else names("k", removed)
    shares = {entry.event: entry.share for entry in ledger.entries}
    n = i + 1
    norm = whole_norm(layer, shares[e]) if (e := f"norm of layer {n}") in shares else None
    threshold = None
    rule, independent = pruned.rules[i], _independent_mask(pruned, i)
    filters = None if rule is None or not rule.structured else names("k", rule.chosen(layer))
    if removed == 0:
        residual = removed_norm(layer, removed, layer.weights, ledger.delta)
    else:
        share = ledger.share(f"removed norm of layer {n}")
        if filters is not None:
            residual = filters_norm(layer, filters, share, chosen_by_weights=not independent)
        elif independent:
            residual = removed_norm(layer, removed, layer.weights, share)
        else:
            threshold = names("tau", threshold_bound(layer, removed, share / 2))
            residual = removed_norm_by_magnitude(layer, removed, threshold, share)
            if residual.chosen in NO_THRESHOLD:
                threshold = None
    if _gone(pruned, i):
        kept_norm: Choice | None = None  # and 0 in T1
    elif (e := f"kept norm of layer {n}") in shares:
        rest = layer if filters is None else replace(layer, outputs=layer.outputs - filters)
        kept_norm = whole_norm(rest, shares[e]) if independent else kept_norm_by_magnitude(rest, shares[e])
    elif norm is None or not any(pruned.removed(j) != 0 for j in range(i)):
        kept_norm = None
    elif residual.value == 0:
        kept_norm = norm
    elif filters is not None:
        kept_norm = Choice({PROJECTION: norm.value}, norm.value, PROJECTION)
    else:
        total = norm.value + residual.value
        kept_norm = Choice({TRIANGLE: total}, total, TRIANGLE)
    return LayerBound(pruned.target.layers[i], removed, norm, kept_norm, residual, threshold)


class GapBound(Atom):
    """A derived bound as an atom of SymPy expressions: it prints as ε, and `expression` is its formula."""

    parts = ("pruned", "delta", "radius")
    is_nonnegative = True
    pruned: Pruned
    delta: Expr
    radius: Expr

    @property
    def derivation(self) -> GapDerivation:
        """How the bound comes about."""
        return _cached_derivation(self.pruned, self.delta, self.radius)

    @property
    def expression(self) -> Expr:
        """The bound as one expression in the parameters."""
        return self.derivation.expression

    @property
    def free_symbols(self) -> set[Parameter]:
        """The parameters of the network, the pruning rule, delta and the radius."""
        return set(self.derivation.parameters)

    def _sympystr(self, printer: Any) -> str:
        return "epsilon"

    def _latex(self, printer: Any) -> str:
        return r"\epsilon"


_cached_derivation = lru_cache(maxsize=256)(derive_gap)


def gap_bound(target: Network, pruned: Pruned, *, delta: Any, radius: Any = 1) -> GapBound:
    """Derive a formula that the gap of a pruned network exceeds with probability at most delta (T7, T8, T9).

    Parameters
    ----------
    target, pruned
        The target network and a pruned form of it; widths and amounts may be parameters.
    delta
        Failure probability over weights and masks, in (0, 1), or a parameter.
    radius
        Inputs are those with ‖x‖ ≤ radius.

    Returns
    -------
    An expression; its `expression` attribute is the formula, its `derivation` the way to it.

    Raises
    ------
    InvalidArgument
        When delta is outside (0, 1), the radius is not positive, or `pruned` is not pruned from `target`.
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
    bound = GapBound(pruned, delta, radius_of_ball(radius))
    _ = bound.derivation  # what cannot be derived is refused here, not when the bound is first printed
    return bound


@lru_cache(maxsize=1024)
def expand_bounds(expression: Expr) -> Expr:
    """Replace derived bounds by their formulas."""
    if expression.has(GapBound):
        # SymPy's own Min and Max would try to compare quantiles.
        expression = expression.replace(Min, Least).replace(Max, Greatest)
    return expression.xreplace({b: b.expression for b in expression.atoms(GapBound)})
