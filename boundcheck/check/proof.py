"""The derivation of a theorem's bound as numbered steps, checked, in plain data for people and programs."""

from __future__ import annotations

import re
from typing import Any

from sympy import Basic, Eq, Expr, Le, Symbol
from sympy.core.relational import Relational

from boundcheck.check.describe import derived
from boundcheck.check.options import package_version
from boundcheck.derivation.gap import GapDerivation
from boundcheck.derivation.proof.check import Checked, checked
from boundcheck.derivation.proof.gap import GapBounded, Recursion, Union, WrittenOut
from boundcheck.derivation.proof.judgement import Assumed, Judgement
from boundcheck.derivation.proof.norms import Smallest
from boundcheck.errors import UnsupportedClaim
from boundcheck.formula.export import to_mathml
from boundcheck.formula.rigorous import enclose
from boundcheck.statement.notation import latex, text
from boundcheck.statement.theorem import Theorem

GAP = Symbol("gap")
_WORDS = re.compile(r" ?\b(?!sigma\b|tau\b)[a-z]{2,}(?: (?!sigma\b|tau\b)[a-z]{2,})*\b ?")
_GREEK = re.compile(r"\b(sigma|tau)")


def proof_of(theorem: Theorem) -> dict[str, Any]:
    """The derivation of the bound in a theorem, step by step.

    Raises
    ------
    UnsupportedClaim
        When the theorem holds no bound that boundcheck derives.
    InvalidDerivation
        When a step does not follow, which is a defect of boundcheck.
    """
    derivation = derived(theorem)
    if derivation is None:
        source = f"it rests on its source, {theorem.source}" if theorem.source else "it names no source"
        raise UnsupportedClaim(
            f"boundcheck derives no bound in {theorem.name}: {source}, and on what `boundcheck check` finds; "
            "use gap_bound(…) in a theorem, or `boundcheck bound --proof`"
        )
    record = proof_record(derivation)
    return {"theorem": theorem.name, "claim": text(theorem.claim), "claim_latex": latex(theorem.claim), **record}


def proof_record(derivation: GapDerivation) -> dict[str, Any]:
    """The steps of a derivation, each checked.

    Raises
    ------
    InvalidDerivation
        When a step does not follow.
    """
    steps = checked(derivation.conclusion, derivation.context)
    return {
        "network": str(derivation.pruned),
        "delta": str(derivation.ledger.delta),
        "steps": [_step(step, steps) for step in steps],
        "meaning": {str(symbol): _notations(symbol, value, Eq) for symbol, value in derivation.inner.items()},
        "version": package_version(),
    }


def _step(found: Checked, steps: tuple[Checked, ...]) -> dict[str, Any]:
    step, judgement = found.step, found.step.judgement
    record: dict[str, Any] = {
        "number": found.number,
        "rule": step.rule,
        "uses": list(found.uses),
        "layers": list(found.layers),
        "source": step.cited,
        "failure": _written(judgement.failure),
        "given": sorted(part.value for part in judgement.given) if isinstance(judgement, Judgement) else [],
        "conditions": [{"condition": reason.condition, "how": reason.how} for reason in found.reasons],
    }
    bound = None if isinstance(judgement, Assumed) else judgement.bound
    if isinstance(bound, Expr) and bound.is_number:
        record["value"] = enclose(bound).high
    if isinstance(step, Union):
        numbers = {other.step: other.number for other in steps}
        named = [*step.events, *step.implied]
        record["statement"] = {"text": ", ".join(f"{b.symbol} by step {numbers[b.step]}" for b in named)}
        record["bounds"] = [{"symbol": str(b.symbol), "latex": latex(b.symbol), "step": numbers[b.step]} for b in named]
    elif isinstance(step, Smallest):
        record["subject"] = str(step.judgement.subject)
    elif isinstance(step, Recursion):
        record["statement"] = _notations(GAP, step.bound)
    elif isinstance(step, GapBounded):
        record["statement"] = _notations(GAP, step.recursion.bound)
    elif isinstance(step, WrittenOut):
        record["statement"] = {"text": "gap <= the formula in the parameters of the claim"}
    elif isinstance(judgement, Assumed):
        record["statement"] = {"text": judgement.words}
    elif isinstance(judgement, Judgement):
        record["statement"] = _notations(Symbol(str(judgement.subject)), judgement.bound)
    return record


def _notations(left: Symbol, right: Basic, relation: type[Relational] = Le) -> dict[str, str]:
    """``left <= right``, or with another sign, as text, LaTeX and MathML."""
    sign, command = ("=", "=") if relation is Eq else ("<=", r"\le")
    return {
        "text": f"{left} {sign} {text(right)}",
        "latex": rf"{_sign(str(left))} {command} {latex(right)}",
        "mathml": to_mathml(relation(left, right, evaluate=False)),
    }


def _written(value: Basic) -> dict[str, str]:
    return {"text": text(value), "latex": latex(value), "mathml": to_mathml(value)}


def _sign(words: str) -> str:
    """The sign of a quantity in LaTeX."""
    if words == "gap":
        return r"\sup_{\|x\| \le r} \|f(x) - F(x)\|"
    if words.startswith("removed"):
        return r"\#\text{removed in a channel}"
    words = _WORDS.sub(lambda found: rf"\text{{{found.group()}}}", words)
    return _GREEK.sub(r"\\\1", words).replace("‖", r"\|").replace(">=", r"\ge")
