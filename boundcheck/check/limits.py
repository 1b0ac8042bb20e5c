"""Claims about upper limits, as of a bound that tends to 0 with the width: decided by how formulas grow."""

from __future__ import annotations

import time
from typing import Any, Literal

from sympy import Expr, Gt, Lt, Pow, S, Symbol, oo, simplify

from boundcheck.check.hypotheses import domain_words
from boundcheck.derivation.asymptotics import Growth, Regime, regimes
from boundcheck.derivation.gap import expand_bounds
from boundcheck.errors import UnsupportedClaim
from boundcheck.formula.prover import Proved, Refuted, prove
from boundcheck.formula.rigorous import compare
from boundcheck.statement.domain import Parameter
from boundcheck.statement.limits import UpperLimit
from boundcheck.statement.theorem import Theorem
from boundcheck.verdict.analytic import decide_analytic
from boundcheck.verdict.decide import Verdict

_STRICT = (Lt, Gt)


def prove_limit(theorem: Theorem, /, **common: Any) -> Verdict:
    """Decide the claim that an upper limit is at most a number, or below it, for all parameters in their domains.

    The formula is bounded from above and below by multiples of powers of d, log d and log log d, up to a factor 1 +
    o(1) and by proved rules (:mod:`boundcheck.derivation.asymptotics`), in each regime of a parameter in its exponents.
    The claim is proved where the upper bound shows it in all regimes, and refuted where the lower bound excludes it in
    one. There is no evaluation at single d, which would show nothing.

    Raises
    ------
    UnsupportedClaim
        When the claim has another form, or holds a function of whose growth nothing is known.
    """
    start = time.perf_counter()
    relation: Any = getattr(theorem.reading, "relation", None)
    limit, claimed = relation.lts, relation.gts
    if not isinstance(limit, UpperLimit) or claimed.atoms(UpperLimit) or limit.symbol in claimed.free_symbols:
        raise UnsupportedClaim(
            f"the claim {theorem.claim} does not bound a limit from above; write Limit(…, d, oo) <= c"
        )
    if theorem.conditions:
        raise UnsupportedClaim("a claim about a limit takes no conditions on parameters; put them into their domains")
    parameter = _in_exponents(limit)
    ends = (S.Zero, S.One) if parameter is None else (parameter.domain.low, parameter.domain.high)
    found = regimes(expand_bounds(limit.expression), limit.symbol, parameter, *ends)
    outcomes = [_decided(regime, claimed, strict=relation.func in _STRICT) for regime in found]
    words = "; ".join(_words(regime, limit.symbol) for regime in found)
    outcome: Literal["proved", "refuted", "undecided"] = "undecided"
    counterexample, left = None, []
    if "refuted" in outcomes:
        worst = found[outcomes.index("refuted")]
        outcome = "refuted"
        counterexample = {
            "parameters": {p.name: str(v) for p, v in _inside(theorem, worst).items()},
            "left": f"grows at least like {_formula(worst.bounds.low, limit.symbol)}",
            "right": str(claimed),
        }
    elif set(outcomes) == {"proved"}:
        outcome = "proved"
    else:
        left = [str(regime) for regime, result in zip(found, outcomes, strict=True) if result == "undecided"]
    return decide_analytic(
        outcome=outcome,
        summary=f"growth in {limit.symbol} by proved rules, no certificate: {words}",
        domain=", ".join(filter(None, [domain_words(theorem), f"{limit.symbol} -> oo"])),
        seconds=time.perf_counter() - start,
        counterexample=counterexample,
        boxes=left,
        **common,
    )


def _in_exponents(limit: UpperLimit) -> Parameter | None:
    """The one parameter on which powers of d depend.

    Raises
    ------
    UnsupportedClaim
        When there are several, or its domain has no finite ends or includes one.
    """
    d = limit.symbol
    powers = [e for e in expand_bounds(limit.expression).atoms(Pow) if d in e.base.free_symbols]
    found = {p for e in powers for p in e.exp.free_symbols}
    if not found:
        return None
    if len(found) > 1:
        raise UnsupportedClaim(f"exponents of {d} hold {sorted(map(str, found))}; give all of them but one a number")
    [parameter] = found
    domain = parameter.domain
    if not (domain.exclude_low and domain.exclude_high and domain.low.is_Rational and domain.high.is_Rational):
        raise UnsupportedClaim(
            f"{parameter} is an exponent, and its domain {domain} is no bounded open interval; exclude its ends"
        )
    return parameter


def _decided(regime: Regime, claimed: Expr, *, strict: bool) -> str:
    low, high = regime.bounds
    if high is not None and (value := _limit(high, regime)) is not None and _at_most(value, claimed, strict=strict):
        return "proved"
    if low is not None:
        value = _limit(low, regime)
        if value == oo or (value is not None and _exceeds(value, claimed, strict=strict)):
            return "refuted"
    return "undecided"


def _limit(growth: Growth, regime: Regime) -> Expr | None:
    """What a growth tends to; None where that is not the same in the whole regime."""
    for exponent in growth.exponents:
        at = exponent
        if regime.parameter is not None and regime.parameter in exponent.free_symbols:
            # Linear, and of one sign inside the regime.
            at = exponent.xreplace({regime.parameter: (regime.low + regime.high) / 2})
        if not at.is_number:
            return None
        if at != 0:
            return oo if at > 0 else S.Zero
    return growth.coefficient


def _at_most(value: Expr, claimed: Expr, *, strict: bool) -> bool:
    if value == oo:
        return False
    if not (value.free_symbols or claimed.free_symbols):
        order = compare(value, claimed)
        return order is not None and (order < 0 if strict else order <= 0)
    difference = simplify(value - claimed)
    if difference.is_negative or (not strict and difference.is_nonpositive):
        return True
    return isinstance(prove((value < claimed) if strict else (value <= claimed), ()), Proved)


def _exceeds(value: Expr, claimed: Expr, *, strict: bool) -> bool:
    if not (value.free_symbols or claimed.free_symbols):
        order = compare(value, claimed)
        return order is not None and (order >= 0 if strict else order > 0)
    return isinstance(prove((value < claimed) if strict else (value <= claimed), ()), Refuted)


def _inside(theorem: Theorem, regime: Regime) -> dict[Parameter, Expr]:
    """A point of the regime."""
    point = {}
    for p in theorem.parameters:
        low, high = p.domain.low, p.domain.high
        if p == regime.parameter:
            low, high = regime.low, regime.high
        value = (low + high) / 2 if low.is_finite and high.is_finite else low + 1 if low.is_finite else S.One
        point[p] = value.floor() if p.domain.integer else value
    return point


def _formula(growth: Growth | None, d: Symbol) -> str:
    return "?" if growth is None else str(Growth(S.One, *growth.exponents).formula(d))


def _words(regime: Regime, d: Symbol) -> str:
    low, high = (None if end is None else _formula(end, d) for end in regime.bounds)
    if low == high:
        between = "unknown" if low is None else f"of order {low}"
    else:
        between = ", ".join(
            f"at {side} of order {end}" for side, end in (("least", low), ("most", high)) if end is not None
        )
    return between if regime.parameter is None else f"{between} for {regime}"
