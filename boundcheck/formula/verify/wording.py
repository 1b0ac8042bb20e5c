"""What a certificate states, in words made from its own data: what was verified, whatever the theorem is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_RELATIONS = {"Eq": "=", "Ne": "!=", "Le": "<=", "Lt": "<", "Ge": ">=", "Gt": ">"}


def statement_of(data: Mapping[str, Any]) -> str:
    """The claim of a certificate with its sample, domain and conditions, as text.

    Raises
    ------
    LookupError, TypeError, ValueError
        When the certificate is damaged.
    """
    claim = data["claim"]
    said = [_of_sides(claim) if isinstance(claim, Mapping) else _text(claim)]
    if isinstance(claim, Mapping) and "sample" in claim:
        said.append(f"for X = {_text(claim['sample'])}")
    where = [f"{name} in {_interval(side)}" for name, side in data["domain"].items()]
    conditions = [_text(condition) for condition in data["conditions"]]
    if where or conditions:
        said.append(f"for all {', '.join(where + conditions)}")
    return " ".join(said)


def _of_sides(claim: Mapping[str, Any]) -> str:
    if "margin" not in claim:
        return f"{_text(claim['left'])} <= {_text(claim['right'])}"
    return f"P({_text(claim['margin'])} {'>' if claim['strict'] else '>='} 0) <= {_text(claim['claimed'])}"


def _interval(side: Any) -> str:
    if isinstance(side, Mapping):
        low, high, integer = _text(side["low"]), _text(side["high"]), side["integer"]
        opening, closing = "(" if side["exclude_low"] else "[", ")" if side["exclude_high"] else "]"
    else:
        low, high, kind = side
        integer = kind == "integer"
        opening, closing = ("[", "]") if integer else kind
    if integer:
        return f"{{{low}, ..., {high}}}"
    return f"{'(' if low == '-oo' else opening}{low}, {high}{')' if high == 'oo' else closing}"


def _text(tree: Any) -> str:
    if not isinstance(tree, Sequence) or isinstance(tree, str):
        return str(tree)
    name, *parts = tree
    match name:
        case "Symbol":
            return str(parts[0])
        case "Variable":
            return "X"
        case "Unknown":
            return "S"
        case "Rational":
            return str(parts[0]) if str(parts[1]) == "1" else f"{parts[0]}/{parts[1]}"
        case "Add":
            return " + ".join(map(_text, parts)).replace("+ -", "- ")
        case "Mul":
            factors = [_closed(part, "Add", "Mul", "Rational") for part in parts]
            return "-" + "*".join(factors[1:]) if factors[0] == "(-1)" else "*".join(factors)
        case "Pow":
            return "**".join(_closed(part, "Add", "Mul", "Pow", "Rational") for part in parts)
        case "Statistic":
            kind, function, rank = parts
            return f"{kind}({_text(function)}{'' if rank is None else f', {_text(rank)}'})"
        case "Expectation":
            return f"E({_text(parts[0])})"
        case "Probability":
            return f"P({_text(parts[1])} {'>' if parts[0] == 'strict' else '>='} 0)"
    if name in _RELATIONS:
        return f"{_text(parts[0])} {_RELATIONS[name]} {_text(parts[1])}"
    return f"{name}({', '.join(map(_text, parts))})" if parts else str(name)


def _closed(tree: Any, *loose: str) -> str:
    """The text of a part of a product or power, in brackets where it is one of those that need them."""
    text = _text(tree)
    return f"({text})" if tree[0] in loose and not text.isalnum() else text
