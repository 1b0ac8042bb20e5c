"""Whether the words of a verdict say what its certificate states."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy
from sympy import Expr, Function, Symbol, oo
from sympy.core.relational import Relational

from boundcheck.formula.verify.points import at, read_point
from boundcheck.formula.verify.reading import (
    DAMAGE,
    FUNCTIONS,
    RELATIONS,
    Refused,
    Unable,
    applied,
    complaint_of,
    expandable,
    from_tree,
    rational,
)

_SIGNS = {ast.Add: "Add", ast.Mult: "Mul", ast.Pow: "Pow", ast.LtE: "Le", ast.Lt: "Lt", ast.GtE: "Ge", ast.Gt: "Gt"}
_STATISTICS = {
    "maximum": "max",
    "minimum": "min",
    "order": "order_statistic",
    "variance": "sample_variance",
    "kolmogorov": "kolmogorov_distance",
    "spectral_norm": "norm",
}
_PHRASES = {
    r"X(?:_1.*, X_(\S+))? drawn without replacement from (\S+) numbers (?:with law|from) (.+)": (
        "without_replacement({2}, {0}, {1})"
    ),
    r"C(?:_1.*)? the counts of (\S+) balls thrown independently and uniformly into (\S+) bins": "occupancy({0}, {1})",
    r"X(?:_1.*, X_(\S+))? fair steps ±1, and 0 once their sum reaches (\S+)": "stopped_walk({0}, {1})",
    r"A a random (\S+) × (\S+) matrix with entries i\.i\.d\. (?:~|from) (.+)": "matrix({2}, {0}, {1})",
    r"(?:the )?constant (.+)": "discrete({{{0}: 1}})",
    r"the law on (.+)": "discrete({{{0}}})",
    r"(.+ )?Rademacher": "rademacher({0})",
    r"N\((.+), (.+)\)": "normal({0}, sqrt({1}))",
    r"Uniform\[(.+)\]": "uniform({0})",
    r"Bernoulli(.+)": "bernoulli{0}",
}
"""Samples and laws in words, and how they read as calls."""
_MINUS, _HALF, _ONE, _TWO = (["Rational", str(k), str(n)] for k, n in ((-1, 1), (1, 2), (1, 1), (2, 1)))


def read(text: str) -> list[Any]:
    """The tree of a formula, relation, law or sample as verdicts write it.

    Raises
    ------
    Refused
        When the text is none.
    """
    try:
        return _read(ast.parse(_plain(text.strip()), mode="eval").body)
    except (SyntaxError, MemoryError):
        raise Refused(f"{text} is no formula") from None


def _plain(words: str) -> str:
    for pattern, form in _PHRASES.items():
        if found := re.fullmatch(pattern, words.replace(" with probability", ":")):
            return form.format(*(_plain(part) if part else "1" for part in found.groups()))
    return words


def _read(node: Any) -> list[Any]:
    match node:
        case ast.Constant(value=int() | float() as value):
            number = Fraction(str(value))
            return ["Rational", str(number.numerator), str(number.denominator)]
        case ast.Name(id=name):
            return [name] if name in ("pi", "E") else ["Symbol", name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return ["Mul", _MINUS, _read(operand)]
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return ["Add", _read(left), ["Mul", _MINUS, _read(right)]]
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return ["Mul", _read(left), ["Pow", _read(right), _MINUS]]
        case ast.BinOp(left=left, op=sign, right=right) | ast.Compare(left=left, ops=[sign], comparators=[right]):
            return [_SIGNS[type(sign)], _read(left), _read(right)]
        case ast.Tuple(elts=parts):
            return ["Tuple", *map(_read, parts)]
        case ast.Dict(keys=values, values=shares):
            return ["Dict", ["Tuple", *map(_read, values)], ["Tuple", *map(_read, shares)]]
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=named):
            facts = [[str(fact.arg), _read(fact.value)] for fact in named]
            return ["family", name, *facts] if facts else _call(name, list(map(_read, arguments)))
    raise Refused("a formula holds what is not read here")


def _call(name: str, arguments: list[Any]) -> list[Any]:
    random = any(f"'{sample}'" in str(arguments) for sample in "XCA")
    match name, arguments:
        case "sqrt", [argument]:
            return ["Pow", argument, _HALF]
        case "P", [event]:
            return ["Probability", event]
        case "E", [argument]:
            return ["Expectation", argument]
        case "Var", [argument]:
            deviation = ["Add", argument, ["Mul", _MINUS, ["Expectation", argument]]]
            return ["Expectation", ["Pow", deviation, _TWO]]
        case "discrete", [["Dict", values, shares]]:
            return ["discrete", values, shares]
        case "bernoulli", [p]:
            return ["two_point", ["Rational", "0", "1"], _ONE, p]
        case "rademacher", [scale]:
            return ["two_point", ["Mul", _MINUS, scale], scale, _HALF]
    return [name.capitalize() if name in ("max", "min") and not random else name, *arguments]


def symbolic(tree: Sequence[Any], data: Mapping[str, Any]) -> Any:
    """A tree, of a certificate or as it was read, in a form that SymPy prints and compares."""
    name, *parts = tree
    sample = data.get("sample") or ["nothing"]
    if name in ("Symbol", "Rational", "pi", "E"):
        return from_tree(tree)
    if name == "Variable":
        return Symbol({"occupancy": "C", "matrix": "A"}.get(sample[0], "X"), real=True)
    if name == "Unknown":
        return Symbol("S_n", real=True) if "martingale" in data["unknown"] else Function("f")(Symbol("X", real=True))
    if name == "Statistic":
        kind, function, rank = parts
        count = sample[{"occupancy": 2, "without_replacement": -2, "stopped_walk": 1}.get(sample[0], -1)]
        if count == _ONE and kind in ("sum", "mean", "maximum", "minimum"):
            return symbolic(function, data)  # of the only variable
        name, parts = _STATISTICS.get(kind, kind), [function] if rank is None else [function, rank]
    elif name == "family":
        name, parts = parts[0], sorted(parts[1:])
    elif name in ("discrete", "two_point"):
        if name == "two_point":
            parts = [["Tuple", *parts[:2]], ["Tuple", ["Add", _ONE, ["Mul", _MINUS, parts[2]]], parts[2]]]
        values, shares = (column[1:] for column in parts)
        pairs = ([symbolic(x, data) for x in pair] for pair in zip(values, shares, strict=True))
        return Function("discrete")(*sorted((sympy.Tuple(*pair) for pair in pairs if pair[1] != 0), key=str))
    values = [symbolic(part, data) for part in parts]
    if name == "affine":
        return values[1] * values[0] + values[2]
    if name in ("Expectation", "Probability"):
        return Function(name[0])(*values)
    return applied(name, values) if name in FUNCTIONS or name in RELATIONS else Function(name)(*values)


def _same(first: Any, second: Any) -> bool:
    """Whether two formulas, or relations, are the same up to expansion."""
    if isinstance(first, Relational) and isinstance(second, Relational):
        return type(first) is type(second) and all(map(_same, first.args, second.args))
    if first == second or not (isinstance(first, Expr) and isinstance(second, Expr)):
        return bool(first == second)
    try:
        return bool(sympy.expand(expandable(first - second)) == 0)
    except Unable:
        return False


def _domain_words(domain: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} in {_side_words(domain[name])}" for name in sorted(domain))


def _side_words(side: Mapping[str, Any]) -> str:
    low, high = (from_tree(side[end]) for end in ("low", "high"))
    ends = ["-∞" if low == -oo else str(low), "∞" if high == oo else str(high)]
    if side["integer"] is not True:
        left, right = side["exclude_low"] or low == -oo, side["exclude_high"] or high == oo
        return f"{'[('[left]}{', '.join(ends)}{'])'[right]}"
    if low == -oo or high == oo:
        return "ℤ" if low == -high else f"{{{low}, {low + 1}, …}}" if high == oo else f"{{…, {high}}}"
    return f"{{{low}, …, {high}}}" if low != high else f"{{{low}}}"


def stated(data: Mapping[str, Any]) -> str:
    """What a certificate is of, in one line."""
    parts = [str(symbolic(data["claim"], data))]
    if unknown := data.get("unknown"):
        parts.append(f"{symbolic(['Unknown'], data)} any {unknown}")
    if sample := data.get("sample"):
        parts.append(f"{symbolic(['Variable'], data)} = {symbolic(sample, data)}")
    if data["domain"]:
        parts.append(_domain_words(data["domain"]))
    return ", ".join([*parts, *(str(symbolic(c, data)) for c in data["conditions"])])


def text_complaints(data: Mapping[str, Any], verdict: Mapping[str, Any]) -> list[str]:
    """Where the claim of a verdict, what is random in it, or the domain is not that of its certificate."""
    try:
        if not _same(symbolic(read(verdict["claim"]), data), symbolic(data["claim"], data)):
            return [f"the verdict is on {verdict['claim']}, the certificate on {stated(data)}"]
        known, domain = verdict["random"], verdict["domain"] or ""
        sample, unknown = known.get(str(symbolic(["Variable"], data))), data.get("unknown")
        right = unknown is None or known.get(str(symbolic(["Unknown"], data))) == f"any {unknown}"
        alike = _alike([sample] if sample else [], [data["sample"]] if data.get("sample") else [], data)
        if not (right and alike and len(known) == (sample is not None) + (unknown is not None)):
            return [f"the verdict is about {known}, the certificate on {stated(data)}"]
        sides, told = _domain_words(data["domain"]), None
        if domain.startswith(sides):
            rest = read(domain.removeprefix(sides).removeprefix(", ") or "()")
            told = rest[1:] if rest[0] == "Tuple" else [rest]
        if told is None or not _alike(told, data["conditions"], data):
            return [f"the verdict is for {domain}, the certificate on {stated(data)}"]
    except DAMAGE as error:
        return [complaint_of(error)]
    return []


def _alike(texts: Sequence[Any], trees: Sequence[Any], data: Mapping[str, Any]) -> bool:
    """Whether texts, or what was read of them, are the same as trees, one by one."""
    read_in = (read(text) if isinstance(text, str) else text for text in texts)
    pairs = zip(read_in, trees, strict=False)
    return len(texts) == len(trees) and all(_same(symbolic(x, data), symbolic(y, data)) for x, y in pairs)


def point_complaints(data: Mapping[str, Any], case: Mapping[str, Any], shown: Mapping[str, Any]) -> list[str]:
    """Where the law and the values that a verdict shows at a point are not those of a case of its certificate."""
    try:
        sample = case.get("sample") or data["sample"]
        kind, *parts = at(read_point(case["parameters"]), sample)
        laws: Iterable[Any] = {"iid": parts[:1], "independent": parts}.get(kind, [(kind, *parts)])
        member, law = case.get("member"), shown["law"]
        statistic, _, words = law.partition(" of ") if member else ("", "", law)
        known = list(dict.fromkeys(symbolic(law, data) for law in laws))
        told = [symbolic(read(word), data) for word in words.split("; ")]
        fits = len(told) == len(known) and all(map(_same, told, known))
        # A statistic of one variable is written as that variable where its size is 1 whatever the parameters.
        settings = [{**data, "sample": described} for described in ([kind, None, None], sample)]
        if not fits or (member and not any(_alike([statistic], [member], setting) for setting in settings)):
            return [f"the verdict is under {law}, the certificate under {', '.join(map(str, known))}"]
        for key, (low, high) in {"observed": case["left"], "claimed": case["right"]}.items():
            if not float(low) <= float(shown[key]) <= float(high):
                return [f"{key}: {shown[key]} is not in what the certificate has, [{low}, {high}]"]
        exact = shown["claimed_exact"]
        if exact is not None and not float(case["right"][0]) <= rational(exact) <= float(case["right"][1]):
            return [f"claimed_exact: {exact} is not in what the certificate has, {case['right']}"]
    except DAMAGE as error:
        return [complaint_of(error)]
    return []
