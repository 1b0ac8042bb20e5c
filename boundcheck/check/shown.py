"""A theorem, or a derived bound, as plain data for a notebook: words, and formulas as MathML and LaTeX."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, TypeAlias

from sympy import Basic, Expr, sympify

from boundcheck.check.describe import cited, derived, kind_of, numbers_of
from boundcheck.derivation.gap import GapBound, GapDerivation
from boundcheck.derivation.norms import Choice
from boundcheck.formula.export import grouped
from boundcheck.formula.mathml import fragment_mathml, mathml
from boundcheck.report.bound import rounded_up
from boundcheck.statement.claim import UniversalConstant
from boundcheck.statement.notation import BELONGS, TIMES, Phrase, latex, listed
from boundcheck.statement.sentence import random_objects
from boundcheck.statement.theorem import Theorem
from boundcheck.statement.window import SINGLE

Part: TypeAlias = dict[str, str]
"""{"words": …}, or a formula as {"mathml": …, "latex": …}, the first without an element <math>."""
Parts: TypeAlias = list[Part]
"""What reads one after the other."""

_MOST_TERMS = 6
_NORMS = {"a": "norm", "b": "kept", "rho": "residual", "beta": "bias"}


def theorem_parts(theorem: Theorem) -> dict[str, Any]:
    """What :mod:`boundcheck.report.notebook.theorem` shows: name, claim, and headed lists of what belongs to it."""
    reading = theorem.reading
    constants = {c for e in reading.expressions() for c in e.atoms(UniversalConstant)}
    derivation, quantile = derived(theorem), theorem.quantile_form
    source = " ".join(filter(None, [theorem.source, f"({theorem.fidelity})" if theorem.fidelity else ""]))
    rows: dict[str, list[Parts]] = {
        "For some": [_parts((c,)) + _words(" > 0") for c in sorted(constants, key=lambda c: c.name)],
        "For all": [_parts((p, BELONGS, *p.domain.notation)) for p in theorem.parameters],
        "Hypotheses": [_parts((h,)) for h in theorem.hypotheses],
        "Random": [_parts(random_objects(reading))] if random_objects(reading) else [],
        "At failure probability δ": [] if quantile is None else [_parts((quantile.claim,))],
        "Derived bound": [] if derivation is None else [_recursion(derivation), _words(_events(derivation))],
        "Tested at": [_parts(_point(point)) for point in theorem.points or ()],
        "Source": [_words(source)] if source else [],
        "File": [_words(theorem.file)] if theorem.file else [],
    }
    return {
        "name": theorem.name,
        "title": theorem.title,
        "kind": kind_of(theorem),
        "claim": _formula(theorem.claim),
        "rows": {heading: items for heading, items in rows.items() if items},
    }


@lru_cache(maxsize=32)
def bound_parts(bound: GapBound) -> dict[str, Any]:
    """What :mod:`boundcheck.report.notebook.bound` shows: the recursion, the value, and a row for each layer.

    Where a parameter is free there are no values: which inequality gives the smallest bound depends on it.
    """
    derivation = bound.derivation
    parameters = sorted(bound.free_symbols, key=lambda p: p.name)
    numbers = None if parameters else numbers_of(bound)
    layers = [_layer(derivation, i, None if numbers is None else numbers["layers"][i]) for i in range(_depth(bound))]
    keys = " ".join(key for layer in layers for norm in layer["norms"].values() if norm for key in norm["keys"])
    inputs = "" if bound.inputs is None else f"at any {bound.inputs} inputs that are fixed before the weights are drawn"
    return {
        "formula": _recursion(derivation),
        "network": str(bound.pruned),
        "delta": _formula(bound.delta),
        "radius": None if bound.radius == 1 else _formula(bound.radius),
        "inputs": inputs,
        "parameters": [_parts((p, BELONGS, *p.domain.notation)) for p in parameters],
        "value": None if numbers is None else rounded_up(numbers["epsilon"], 6),
        "target": None if not (numbers and numbers["target"] > 0) else rounded_up(numbers["target"], 4),
        "relative": None if not (numbers and numbers["target"] > 0) else numbers["epsilon"] / numbers["target"],
        "vacuous": bool(numbers and numbers["vacuous"]),
        "layers": layers,
        "letters": [letter for letter in _NORMS if any(layer["norms"][letter] for layer in layers)],
        "events": _events(derivation),
        "sources": cited(keys),
    }


def _depth(bound: GapBound) -> int:
    return int(bound.pruned.target.depth)


def _layer(derivation: GapDerivation, i: int, numbers: dict[str, Any] | None) -> dict[str, Any]:
    """A layer's shape, how much is removed, and the bounds of its norms that the recursion uses."""
    own = derivation.layers[i]
    layer, removed = own.layer, derivation.pruned.removed(i)
    shape = [layer.outputs, layer.inputs, *(layer.window.kernel if layer.window != SINGLE else ())]
    used = {bound.letter for bound in derivation.bounds if bound.layer == i}
    return {
        "layer": i + 1,
        "shape": _parts(listed([(sympify(size),) for size in shape], TIMES)),
        "removed": _words(f"{int(removed):,}") if removed.is_Integer else _formula_part(removed),
        "size": _words(f"{int(layer.size):,}") if layer.size.is_Integer else _formula_part(layer.size),
        "norms": {
            letter: _norm(own.choices[letter], None if numbers is None else numbers[name]) if letter in used else None
            for letter, name in _NORMS.items()
        },
        "share": None if numbers is None else numbers["share"],
    }


def _norm(choice: Choice, value: float | None) -> dict[str, Any]:
    """The value of a norm's bound, rounded up, and the inequality that gives it; or between how many it is open."""
    several = choice.chosen == "min"
    return {
        "value": None if value is None else rounded_up(value, 4),
        "by": f"least of {len(choice.candidates)}" if several else choice.chosen,
        "keys": list(choice.candidates) if several else [choice.chosen],
    }


def _events(derivation: GapDerivation) -> str:
    entries = derivation.ledger.entries
    if len(entries) < 2:
        return "one event may fail" if entries else "nothing may fail"
    equal = len({entry.share for entry in entries}) == 1
    shares = "equally" if equal else "in unequal shares"
    return f"{len(entries)} events that may fail share δ {shares}"


def _recursion(derivation: GapDerivation) -> Parts:
    """ε = T1 in symbols, without the terms in the middle where there are many."""
    terms = derivation.recursion.as_ordered_terms()
    if len(terms) > _MOST_TERMS:
        first, last = terms[:2], terms[-1]
        inner = [mathml(first[0]), mathml(first[1]), "<mi>⋯</mi>", mathml(last)]
        tex = [latex(first[0]), latex(first[1]), r"\cdots", latex(last)]
        formula = {"mathml": "<mo>+</mo>".join(inner), "latex": " + ".join(tex)}
    else:
        formula = _formula(derivation.recursion)
    return [{"mathml": f"<mi>ε</mi><mo>=</mo>{formula['mathml']}", "latex": rf"\epsilon = {formula['latex']}"}]


def _formula(expression: Basic) -> Part:
    return {"mathml": mathml(expression), "latex": latex(expression)}


def _formula_part(expression: Expr) -> Parts:
    return [_formula(expression)]


def _words(text: str) -> Parts:
    return [{"words": text}]


def _parts(phrase: Phrase) -> Parts:
    return [
        {"words": run}
        if isinstance(run, str)
        else {"mathml": "".join(fragment_mathml(fragment) for fragment in run), "latex": latex(run)}
        for run in grouped(phrase)
    ]


def _point(point: Any) -> Phrase:
    pairs: Iterable[Phrase] = ((p, " = ", value) for p, value in sorted(point.items(), key=lambda item: item[0].name))
    return listed(pairs, ", ")
