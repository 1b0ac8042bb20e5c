"""The rules of proofs: what a node claims on its box follows from its premises."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sympy
from sympy import Expr, Poly, Symbol, exp, log, oo

from boundcheck.formula.verify.boxes import Box, covered, face_of, inner_points, read_box
from boundcheck.formula.verify.enclosures import enclose, interval
from boundcheck.formula.verify.limits import limit
from boundcheck.formula.verify.reading import from_tree, require
from boundcheck.formula.verify.signs import (
    analytic,
    defined,
    is_natural,
    nonnegative,
    positive,
    somewhere_nonzero,
    zero,
)


def check_node(node: Mapping[str, Any], required: Expr, outer: Box) -> None:
    """Check that a node proves `required` ≥ 0 on the box `outer`."""
    goal, box, rule = from_tree(node["goal"]), read_box(node["box"]), node["rule"]
    require(required.free_symbols <= set(outer), "a symbol has no side")
    require(goal.free_symbols <= set(box) <= set(outer), f"{rule}: the box does not fit {goal}")
    inside = all(box[s][0] <= outer[s][0] and outer[s][1] <= box[s][1] for s in box)
    require(inside, f"{rule}: the box of {goal} is too small")
    require(zero(outer, required - goal), f"{rule}: {goal} is not what has to be proved")
    require(rule in _RULES, f"{rule!r} is no rule")
    _real(node["goal"], box)
    _RULES[rule](node, goal, box)


def _real(tree: Sequence[Any], box: Box) -> Expr:
    """An expression of a node; the algebra of what is not real would prove anything."""
    e = from_tree(tree)
    require(e.free_symbols <= set(box) and defined(e, box), f"{e} is not known to be real")
    return e


def _children(node: Mapping[str, Any], count: int) -> list[Mapping[str, Any]]:
    children = list(node.get("children", ()))
    require(len(children) == count, f"{node['rule']}: {len(children)} premises instead of {count}")
    return children


def never_zero(node: Mapping[str, Any]) -> bool:
    """Whether the proof is by enclosures of closed boxes alone: then 0 is never taken."""
    return node["rule"] == "cover" or (node["rule"] == "split" and all(map(never_zero, node["children"])))


def _zero(node: Mapping[str, Any], goal: Expr, box: Box) -> None:
    require(zero(box, goal), f"{goal} does not vanish")


def _sign_rule(node: Mapping[str, Any], goal: Expr, box: Box) -> None:
    form = _real(node["form"], box)
    require(zero(box, goal - form), f"{form} is not {goal}")
    require(nonnegative(form, box), f"{form} is not seen to be nonnegative")


def _product(node: Mapping[str, Any], goal: Expr, box: Box) -> None:
    multiplier = _real(node["multiplier"], box)
    require(nonnegative(multiplier, box), f"{multiplier} is not seen to be nonnegative")
    goals = [from_tree(child["goal"]) for child in node["children"]]
    require(zero(box, goal - sympy.Mul(multiplier, *goals)), f"the factors do not make {goal}")
    for child, child_goal in zip(node["children"], goals, strict=True):
        check_node(child, child_goal, box)


def _logarithms(node: Mapping[str, Any], goal: Expr, box: Box) -> None:
    larger, smaller = _real(node["larger"], box), _real(node["smaller"], box)
    require(positive(larger, box) and positive(smaller, box), "a side is not seen to be positive")
    require(zero(box, goal - larger + smaller), f"{goal} is not the difference of the sides")
    [child] = _children(node, 1)
    check_node(child, log(larger) - log(smaller), box)


def _exponentials(node: Mapping[str, Any], goal: Expr, box: Box) -> None:
    larger, smaller = _real(node["larger"], box), _real(node["smaller"], box)
    require(zero(box, goal - larger + smaller), f"{goal} is not the difference of the sides")
    [child] = _children(node, 1)
    check_node(child, exp(larger) - exp(smaller), box)


def _analytic_in(node: Mapping[str, Any], goal: Expr, box: Box) -> Symbol:
    symbol = from_tree(node["symbol"])
    require(symbol in box and analytic(goal, box), f"{goal} is not known to be smooth")
    return symbol


def _bases(f: Expr, symbol: Symbol, ends: Sequence[Expr], box: Box, children: Sequence[Mapping[str, Any]]) -> None:
    """Check the premises about the limits at some faces; a limit of +∞ has none."""
    limits = [limit(f, symbol, end, box) for end in ends]
    require(all(v is not None and v != -oo for v in limits), f"the limit of {f} is not known")
    finite = [v for v in limits if v is not None and v != oo]
    require(len(children) == len(finite), "the premises at the faces do not fit")
    for child, value in zip(children, finite, strict=True):
        check_node(child, value, face_of(box, symbol))


def _monotone(node: Mapping[str, Any], goal: Expr, box: Box) -> None:
    symbol, direction = _analytic_in(node, goal, box), node["direction"]
    require(direction in (1, -1), "no direction")
    rising, *bases = node["children"]
    check_node(rising, direction * sympy.diff(goal, symbol), box)
    _bases(goal, symbol, [box[symbol][0 if direction == 1 else 1]], box, bases)


def _concave(node: Mapping[str, Any], goal: Expr, box: Box) -> None:
    symbol = _analytic_in(node, goal, box)
    require(all(end.is_finite for end in box[symbol]), "a concave function needs a bounded side")
    bending, *bases = node["children"]
    check_node(bending, -sympy.diff(goal, symbol, 2), box)
    _bases(goal, symbol, box[symbol], box, bases)


def _on_curve(node: Mapping[str, Any], goal: Expr, box: Box) -> tuple[Symbol, Expr]:
    symbol, curve = _analytic_in(node, goal, box), from_tree(node["curve"])
    low, high = box[symbol]
    require(symbol not in curve.free_symbols and curve.free_symbols <= set(box), "no curve over the face")
    inside = [curve - low] * bool(low.is_finite) + [high - curve] * bool(high.is_finite)
    require(all(positive(gap, face_of(box, symbol)) for gap in inside), f"{curve} leaves the box")
    return symbol, curve


def _valley(node: Mapping[str, Any], goal: Expr, box: Box) -> None:
    symbol, curve = _on_curve(node, goal, box)
    rising, base = _children(node, 2)
    check_node(rising, sympy.diff(goal, symbol) / (symbol - curve), box)
    check_node(base, goal.xreplace({symbol: curve}), face_of(box, symbol))


def _convex(node: Mapping[str, Any], goal: Expr, box: Box) -> None:
    symbol, curve = _on_curve(node, goal, box)
    slope = sympy.diff(goal, symbol)
    face = face_of(box, symbol)
    require(zero(face, slope.xreplace({symbol: curve})), f"the slope does not vanish on {curve}")
    bending, base = _children(node, 2)
    check_node(bending, sympy.diff(slope, symbol), box)
    check_node(base, goal.xreplace({symbol: curve}), face)


def _polynomial(node: Mapping[str, Any], goal: Expr, box: Box) -> None:
    [symbol] = goal.free_symbols
    poly = Poly(goal, symbol, domain="QQ")
    low, high = box[symbol]
    ends = [None if low == -oo else low, None if high == oo else high]
    for factor, order in poly.factor_list()[1]:
        if order % 2:
            at_ends = sum(1 for end in ends if end is not None and factor.eval(end) == 0)
            require(factor.count_roots(*ends) == at_ends, f"{goal} changes sign")
    values = [poly.eval(point[symbol]) for point in inner_points({symbol: (low, high)})]
    require(all(v >= 0 for v in values) and any(v > 0 for v in values), f"{goal} is negative")


def _cover(node: Mapping[str, Any], goal: Expr, box: Box) -> None:
    boxes = [read_box(b) for b in node["boxes"]]
    require(covered(box, boxes), f"the boxes do not cover that of {goal}")
    slopes = {s: sympy.diff(goal, s) for s in box}
    for part in boxes:
        require(_positive_on(goal, slopes, part), f"{goal} is not seen to be positive on {part}")


def _positive_on(goal: Expr, slopes: Mapping[Symbol, Expr], part: Box) -> bool:
    values = enclose(goal, part)
    if values is not None and values.a > 0:
        return True
    if values is None or not all(end.is_finite for side in part.values() for end in side):
        return False
    # Mean value: f(x) is in f(centre) + Σ slope over the box · (x - centre); f is smooth as its enclosure is defined.
    total = enclose(goal, {s: ((low + high) / 2,) * 2 for s, (low, high) in part.items()})
    for symbol, (low, high) in part.items():
        slope = enclose(slopes[symbol], part)
        if total is None or slope is None or not _analytic_on_closed(goal, part):
            return False
        total += slope * interval((low - high) / 2, (high - low) / 2)
    return total is not None and bool(total.a > 0)


def _analytic_on_closed(e: Expr, box: Box) -> bool:
    """Whether no argument of a logarithm, a root or a division comes near 0."""
    for part in sympy.preorder_traversal(e):
        if isinstance(part, log) or (part.is_Pow and part.base is not sympy.E and not is_natural(part.exp)):
            values = enclose(part.args[0], box)
            if values is None or not (values.a > 0 or (values.b < 0 and part.is_Pow and part.exp.is_Integer)):
                return False
    return True


def _split(node: Mapping[str, Any], goal: Expr, box: Box) -> None:
    symbol, at = from_tree(node["symbol"]), from_tree(node["at"])
    low, high = box[symbol]
    require(at.is_Rational and low < at < high, "no split of the box")
    below, above = _children(node, 2)
    check_node(below, goal, box | {symbol: (low, at)})
    check_node(above, goal, box | {symbol: (at, high)})


def _change(node: Mapping[str, Any], goal: Expr, box: Box) -> None:
    symbol, fresh, value = _analytic_in(node, goal, box), from_tree(node["fresh"]), from_tree(node["value"])
    require(isinstance(fresh, Symbol) and fresh not in box, "no new variable")
    face = face_of(box, symbol)
    inner = face | read_box({fresh.name: node["side"]})
    require(value.free_symbols <= set(inner) and analytic(value, inner), f"{value} is not known to be smooth")
    # A continuous function takes all values between its limits.
    reached = [limit(value, fresh, end, inner) for end in inner[fresh]]
    require(set(reached) == set(box[symbol]), f"{value} is not known to take all values of {symbol}")
    [child] = _children(node, 1)
    check_node(child, goal.xreplace({symbol: value}), inner)


def _discriminant(node: Mapping[str, Any], goal: Expr, box: Box) -> None:
    generator = _real(node["generator"], box)
    a, b, c = (_real(t, box) for t in node["coefficients"])
    require(zero(box, goal - a * generator**2 - b * generator - c), f"{goal} is another quadratic")
    require(somewhere_nonzero(a, box), "the leading coefficient may vanish")
    leading, rest = _children(node, 2)
    check_node(leading, a, box)
    check_node(rest, 4 * a * c - b**2, box)


_RULES: dict[str, Callable[[Mapping[str, Any], Expr, Box], None]] = {
    "zero": _zero,
    "sign": _sign_rule,
    "scale": _product,
    "product": _product,
    "logarithms": _logarithms,
    "exponentials": _exponentials,
    "monotone": _monotone,
    "concave": _concave,
    "valley": _valley,
    "convex": _convex,
    "polynomial": _polynomial,
    "cover": _cover,
    "split": _split,
    "discriminant": _discriminant,
    "change": _change,
}
