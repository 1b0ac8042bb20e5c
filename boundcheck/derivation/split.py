"""The split of delta over events for which a bound is smallest.

Any split that is fixed beforehand gives a valid bound, and one that depends on sizes, laws and delta alone is fixed.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Integer, Rational

from boundcheck.derivation.gap import Plan, Split, derive_gap, plans
from boundcheck.derivation.ledger import Ledger
from boundcheck.derivation.proof.gap import Union
from boundcheck.errors import InvalidArgument
from boundcheck.formula.numeric import compile_expression, evaluate, value_at
from boundcheck.statement.domain import real
from boundcheck.statement.pruning import Pruned

Floats = NDArray[np.float64]

SHARE = real("share", min=0, max=1, exclude_min=True, exclude_max=True)
_ROUNDS = 12
_CLOSE = 0.02
"""Relative change of the shares at which the search ends: the bound is flat at its minimum."""
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
    searched = [(plan, *_Search(plan).fractions(float(delta))) for plan in plans(pruned, radius, inputs) if plan.events]
    for plan, fractions, expected in searched:
        if len(plan.events) > 1 and expected < least:
            split = tuple(zip(plan.events, _rational(fractions), strict=True))
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

    def fractions(self, delta: float) -> tuple[Floats, float]:
        """The fractions of delta for which the bound is smallest, and the bound."""
        fractions = np.full(len(self.names), 1 / len(self.names))
        best, least = fractions, np.inf
        for _ in range(_ROUNDS):
            value, gains = self._gains(delta * fractions)
            if value < least:
                best, least = fractions, value
            if not (np.isfinite(value) and gains.sum() > 0):
                break
            before, fractions = fractions, np.maximum(gains / gains.sum(), 1 / _PARTS)
            fractions = fractions / fractions.sum()
            if np.abs(fractions / before - 1).max() < _CLOSE:
                break
        return best, least

    def _gains(self, shares: Floats) -> tuple[float, Floats]:
        """The bound, and how much it falls when one share grows."""
        here, larger = self._norms(shares), self._norms(shares * (1 + _STEP))
        # Row 0 has all norms as they are, row i + 1 that of event i at its larger share.
        rows = np.tile(here, (len(shares) + 1, 1))
        rows[np.arange(1, len(shares) + 1), np.arange(len(shares))] = larger
        gaps = self._gaps(rows.T)
        return float(gaps[0]), np.maximum(gaps[0] - gaps[1:], 0.0)

    def _norms(self, shares: Floats) -> Floats:
        """Bounds of the norms of all events, each at its share."""
        known: dict[tuple[Expr, float], float] = {}
        for formula, share in zip(self._formulas, shares, strict=True):
            if (formula, share) not in known:
                known[formula, share] = value_at(formula, {SHARE: float(share)})
        return np.array([known[pair] for pair in zip(self._formulas, shares, strict=True)])

    @cached_property
    def _formulas(self) -> list[Expr]:
        """The bounds as formulas in the share, in the order of the events."""
        found = {bound.event: bound.step.judgement.bound for bound in self._union.events}
        return [self.derivation.context.written_out(found[name]) for name in self.names]

    @property
    def _union(self) -> Union:
        return self.derivation.in_symbols.union

    def _gaps(self, norms: Floats) -> Floats:
        """T1 of norms, one row an event; what is implied by others, such as a + rho, is put together from them."""
        places = {name: i for i, name in enumerate(self.names)}
        events = {bound.symbol: norms[places[bound.event]] for bound in self._union.events}
        values = dict(events)
        for bound in self._union.implied:
            steps = bound.step.premises
            own = (e for e in self._union.events if e.layer == bound.layer and any(e.step is step for step in steps))
            values[bound.symbol] = sum(events[e.symbol] for e in own)
        symbols = sorted(self.derivation.recursion.free_symbols, key=str)
        found = self._recursion(*(values[symbol] for symbol in symbols))
        return np.broadcast_to(np.asarray(found, dtype=float), norms.shape[1:])

    @cached_property
    def _recursion(self) -> Any:
        symbols = sorted(self.derivation.recursion.free_symbols, key=str)
        return compile_expression(self.derivation.recursion, symbols)
