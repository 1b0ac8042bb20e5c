"""What a derived bound is made of: which term dominates, what each factor could be, and what would change the bound."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sympy import Expr, Integer, Rational, S, Symbol

from boundcheck.check.describe import definitions
from boundcheck.check.symbols import written_out
from boundcheck.derivation.gap import GapBound, GapDerivation, gap_bound
from boundcheck.errors import BoundcheckError
from boundcheck.formula.numeric import evaluate
from boundcheck.statement.pruning import Pruned, Rule

_FIELDS = {"a": "norm", "b": "kept", "rho": "residual", "beta": "bias"}
_WORDS = {"a": "norm of the weights", "b": "kept norm", "rho": "removed norm", "beta": "norm of the biases"}
_AT_INPUTS = {
    "a": "growth of hidden vectors",
    "b": "growth of differences",
    "rho": "difference made",
    "beta": "norm of the biases",
}
"""The same at fixed inputs."""
_STEP = Rational(1, 100)
"""Relative change of what elasticities are found by."""

Values = Mapping[Symbol, float]


def explained(bound: GapBound) -> dict[str, Any]:
    """The terms of the layer recursion T1 with their factors, for a bound without free parameters.

    An elasticity is by how many per cent the bound grows when something grows by 1 %. Factors are bounds of norms: that
    of one includes what it does through others that are made of it (b = a + rho).

    Returns
    -------
    Plain data: `epsilon`, `radius`, `lipschitz`; `terms`, one for each pruned layer, with `value` and `share`;
    `factors` with `value`, `chosen`, `runner_up`, `elasticity`, and that of the share of delta that its event has;
    `removed`, for each pruned layer the elasticity of the number of weights removed; `delta_elasticity`; `sentence`.
    """
    derivation = bound.derivation
    values = _values(derivation)
    epsilon = _at(derivation.recursion, values)
    terms = _terms(derivation, values, epsilon)
    smaller = _values(_changed(bound, delta=bound.delta * (1 - _STEP)))
    own = {
        s: math.log(smaller[s] / v) / math.log(1 - _STEP) if s in smaller and v > 0 else 0.0 for s, v in values.items()
    }
    factors = _factors(derivation, values, epsilon, own)
    removed = [found for i in range(bound.pruned.target.depth) if (found := _removed(bound, i, epsilon))]
    record = {
        "epsilon": epsilon,
        "radius": float(derivation.radius),
        "lipschitz": float(bound.pruned.target.lipschitz),
        "terms": terms,
        "factors": factors,
        "removed": removed,
        "delta_elasticity": math.fsum(f["share_elasticity"] or 0.0 for f in factors),
    }
    return record | {"sentence": _sentence(record)}


def _values(derivation: GapDerivation) -> dict[Symbol, float]:
    return {s: evaluate(written_out(derivation, value)) for s, value in derivation.symbols.items()}


def _at(formula: Expr, values: Values) -> float:
    return evaluate(formula.xreplace({s: Rational(v) for s, v in values.items()}))


def _changed(bound: GapBound, *, pruned: Pruned | None = None, **changes: Any) -> GapDerivation:
    """The derivation with other numbers, all else equal."""
    pruned = pruned or bound.pruned
    options = {part: getattr(bound, part) for part in GapBound.parts if part != "pruned"} | changes
    options = {name: dict(v) if isinstance(v, tuple) else v for name, v in options.items() if v is not None}
    return gap_bound(pruned.target, pruned, **options).derivation


def _letters(derivation: GapDerivation) -> dict[Symbol, tuple[str, int]]:
    depth = derivation.pruned.target.depth
    return {derivation.symbol(letter, i): (letter, i) for letter in _FIELDS for i in range(1, depth + 1)}


def _terms(derivation: GapDerivation, values: Values, epsilon: float) -> list[dict[str, Any]]:
    """T1 is linear in what is removed from the layers, and each term has one such factor."""
    removed = {s: i for s, (letter, i) in _letters(derivation).items() if letter == "rho" and s in values}
    terms = []
    for symbol, layer in removed.items():
        term = derivation.recursion.xreplace({s: S.Zero for s in removed if s != symbol})
        value = _at(term, values)
        share = value / epsilon if epsilon > 0 else 0.0
        terms.append({"layer": layer, "term": str(term), "value": value, "share": share})
    return terms


def _factors(
    derivation: GapDerivation, values: Values, epsilon: float, own: Mapping[Symbol, float]
) -> list[dict[str, Any]]:
    table = {s: value for symbols, value in definitions(derivation).items() for s in symbols}
    made = {s: table[s] for s in values if s in table and table[s].free_symbols & values.keys()}
    formula = derivation.recursion.xreplace(made)
    factors = []
    for symbol, (letter, layer) in sorted(_letters(derivation).items(), key=lambda item: (item[1][1], item[0].name)):
        if symbol not in values:
            continue
        choice = getattr(derivation.layers[layer - 1], _FIELDS[letter])
        others = {key: evaluate(written_out(derivation, v)) for key, v in choice.candidates.items()}
        value, elasticity = values[symbol], None
        if symbol not in made and epsilon > 0:
            slope = formula.diff(symbol)
            elasticity = _at(slope, values) * value / epsilon
        ranked = sorted((v, key) for key, v in others.items() if key != choice.chosen)
        second = ranked[0] if ranked else None
        factors.append(
            {
                "symbol": symbol.name,
                "layer": layer,
                "what": _WORDS[letter] if getattr(derivation, "inputs", None) is None else _AT_INPUTS[letter],
                "value": value,
                "chosen": choice.chosen,
                "made_of": str(made[symbol]) if symbol in made else None,
                "runner_up": None if second is None else {"key": second[1], "value": second[0]},
                "worse": None if second is None or value <= 0 else second[0] / value - 1,
                "elasticity": elasticity,
                "share_elasticity": None if elasticity is None else elasticity * own[symbol],
            }
        )
    return factors


def _removed(bound: GapBound, i: int, epsilon: float) -> dict[str, Any] | None:
    """The elasticity of how much the rule removes from a layer; None where nothing is, or no other amount can be."""
    rule, layer = bound.pruned.rules[i], bound.pruned.target.layers[i]
    if rule is None or bound.pruned.removed(i) == 0 or epsilon <= 0:
        return None
    amount = rule.chosen(layer)
    if amount.is_Integer:
        step = max(1, round(float(amount) / 10))  # bounds of counts move in steps
        tried = [Rule(rule.kind, "count", amount + sign * step) for sign in (1, -1)]
    else:
        tried = [replace(rule, amount=rule.amount * (1 + sign * _STEP)) for sign in (1, -1)]
    found = [(float(amount), epsilon)]
    for other in tried:
        pruned = replace(bound.pruned, rules=(*bound.pruned.rules[:i], other, *bound.pruned.rules[i + 1 :]))
        if other.chosen(layer) == 0:
            continue
        try:
            pruned.validate()
            found.append((float(other.chosen(layer)), evaluate(_changed(bound, pruned=pruned).expression)))
        except BoundcheckError:  # no such amount
            continue
    (low, least), (high, most) = min(found), max(found)
    if not (0 < low < high and least > 0 and most > 0):
        return None
    slope = math.log(most / least) / math.log(high / low)
    return {"layer": i + 1, "amount": float(amount), "elasticity": slope, "unit": _unit(rule, amount)}


def _unit(rule: Rule, amount: Expr) -> str:
    if not isinstance(amount, Integer):
        return "weights on average"
    return ("filter" if rule.structured else "weight") + "s" * (amount != 1)


def _sentence(record: Mapping[str, Any]) -> str:
    if not record["terms"]:
        return "Nothing is removed, and the gap is 0."
    if record["epsilon"] <= 0:
        return "The bound is 0."
    term = max(record["terms"], key=lambda t: t["share"])
    layer = term["layer"]
    part = next(f["what"] for f in record["factors"] if f["layer"] == layer and f["symbol"].startswith("rho_"))
    words = [f"Layer {layer}'s {part} dominates: {term['share']:.0%} of epsilon."]
    if len(record["terms"]) == 1:
        words = [f"All of epsilon comes from what is removed from layer {layer}."]
    elif term["share"] < 1.5 / len(record["terms"]):
        words = [f"No layer dominates: layer {layer} has most, {term['share']:.0%} of epsilon."]
    for found in record["removed"]:
        if found["layer"] == layer:
            words.append(f"Removing 1 % less there lowers epsilon by {_percent(found['elasticity'])}.")
    factor = max(
        (f for f in record["factors"] if f["elasticity"] is not None), key=lambda f: f["elasticity"], default=None
    )
    if factor is not None:
        words.append(
            f"It depends most on the {factor['what']} of layer {factor['layer']} ({factor['symbol']}): "
            f"1 % less there is {_percent(factor['elasticity'])} less in all."
        )
    words.append(f"A tenth of delta would raise it by about {10 ** -record['delta_elasticity'] - 1:.1%}.")
    return " ".join(words)


def _percent(elasticity: float) -> str:
    return f"{elasticity:.2f} %"
