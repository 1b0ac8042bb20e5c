"""The split of delta over events for which a bound is smallest.

Any split that is fixed beforehand gives a valid bound, and one that depends on sizes, laws and delta alone is fixed.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Integer, Rational, Symbol

from boundcheck.derivation.gap import Plan, Split, derive_gap, plans
from boundcheck.derivation.ledger import Ledger
from boundcheck.derivation.proof.gap import Named
from boundcheck.derivation.proof.judgement import Step
from boundcheck.errors import InvalidArgument
from boundcheck.formula.numeric import compile_expression, evaluate
from boundcheck.statement.domain import real
from boundcheck.statement.pruning import Pruned

Floats = NDArray[np.float64]

SHARE = real("share", min=0, max=1, exclude_min=True, exclude_max=True)
_ROUNDS = 12
_STEP = 0.05
"""Relative change of a share by which elasticities are estimated."""
_PARTS = 10_000
"""Fractions are multiples of about one in so many."""


@lru_cache(maxsize=64)
def best_split(pruned: Pruned, delta: Expr, radius: Expr, inputs: Expr | None = None) -> Split | None:
    """The split for which the bound is smallest, as far as was searched; None where no split beats equal shares.

    At a minimum over shares that add up to delta, the change of the bound with the logarithm of each share is the same
    multiple of that share. Bounds of norms depend on the logarithms of their shares alone, and slowly, so that shares
    in proportion to these changes are found by iteration. The best split that is met is kept.

    Raises
    ------
    InvalidArgument
        When the network, delta or the radius has parameters: there is no best split for all of their values.
    UnsupportedClaim
        As :func:`boundcheck.derivation.gap.derive_gap`.
    """
    equal = derive_gap(pruned, delta, radius, inputs)
    if equal.parameters:
        free = sorted(str(p) for p in equal.parameters)
        raise InvalidArgument("split", "best", f"leaves {free} free", 'give numbers, or pass split="equal"')
    least, best = evaluate(equal.expression), None
    for plan in plans(pruned, radius, inputs):
        if len(plan.events) > 1:
            split = tuple(zip(plan.events, _rational(_Search(plan).fractions(float(delta))), strict=True))
            value = evaluate(derive_gap(pruned, delta, radius, inputs, split).expression)
            if value < least:
                least, best = value, split
    return best


def _rational(fractions: Floats) -> list[Expr]:
    parts = [max(1, round(_PARTS * fraction)) for fraction in fractions]
    return [Rational(part, sum(parts)) for part in parts]


class _Search:
    """The bound of a network as a function of the shares of its events."""

    def __init__(self, plan: Plan) -> None:
        self.names = plan.events
        # One symbol for all shares, so that alike layers have one formula.
        self.derivation = plan.derive(Ledger.equal(Integer(len(self.names)) * SHARE, self.names))

    def fractions(self, delta: float) -> Floats:
        """The fractions of delta for which the bound is smallest."""
        fractions = np.full(len(self.names), 1 / len(self.names))
        best, least = fractions, np.inf
        for _ in range(_ROUNDS):
            value, gains = self._gains(delta * fractions)
            if value < least:
                best, least = fractions, value
            if not (np.isfinite(value) and gains.sum() > 0):
                break
            fractions = np.maximum(gains / gains.sum(), 1 / _PARTS)
            fractions = fractions / fractions.sum()
        return best

    def _gains(self, shares: Floats) -> tuple[float, Floats]:
        """The bound, and how much it falls when one share grows."""
        here = self._norms(shares)
        larger = self._norms(shares * (1 + _STEP))
        value = self._gap(here)
        gains = [value - self._gap({**here, symbol: larger[symbol]}) for symbol in self._events]
        return value, np.maximum(gains, 0.0)

    @cached_property
    def _events(self) -> list[Symbol]:
        """The symbols whose bounds have the shares, in the order of the events."""
        by_event = {bound.event: bound.symbol for bound in self.derivation.in_symbols.union.events}
        return [by_event[name] for name in self.names]

    @cached_property
    def _bounds(self) -> Mapping[Expr, Any]:
        """Float functions of the share, one for each formula."""
        formulas = {self.formula(bound) for bound in self.derivation.in_symbols.union.events}
        return {formula: compile_expression(formula, [SHARE]) for formula in formulas}

    def formula(self, bound: Named) -> Expr:
        """A bound as a formula in the share."""
        return self.derivation.context.written_out(bound.step.judgement.bound)

    def _norms(self, shares: Floats) -> dict[Symbol, float]:
        """Bounds of the norms of all events, each at its share."""
        union = self.derivation.in_symbols.union
        by_symbol = dict(zip(self._events, shares, strict=True))
        groups: dict[Expr, list[Symbol]] = {}
        for bound in union.events:
            groups.setdefault(self.formula(bound), []).append(bound.symbol)
        found: dict[Symbol, float] = {}
        for formula, symbols in groups.items():
            values = np.broadcast_to(self._bounds[formula](np.array([by_symbol[s] for s in symbols])), len(symbols))
            found |= dict(zip(symbols, map(float, values), strict=True))
        return found

    def _gap(self, norms: Mapping[Symbol, float]) -> float:
        """T1 of norms; what is implied by others, such as a + rho, is put together from them."""
        union, values = self.derivation.in_symbols.union, dict(norms)
        symbols: dict[tuple[int, Step], Symbol] = {(bound.layer, bound.step): bound.symbol for bound in union.events}
        for bound in union.implied:
            values[bound.symbol] = sum((norms[symbols[bound.layer, step]] for step in bound.step.premises), 0.0)
        return float(self._recursion(*(values[symbol] for symbol in self._arguments)))

    @cached_property
    def _arguments(self) -> list[Symbol]:
        return sorted(self.derivation.recursion.free_symbols, key=str)

    @cached_property
    def _recursion(self) -> Any:
        return compile_expression(self.derivation.recursion, self._arguments)
