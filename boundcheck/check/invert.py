"""What `boundcheck solve` answers: a bound solved for its width, amount, failure probability or epsilon."""

from __future__ import annotations

from typing import Any

from sympy import Expr, Rational

from boundcheck.check.options import package_version
from boundcheck.derivation.inversion import (
    Solution,
    bound_at,
    largest_amount,
    smallest_delta,
    smallest_width,
)
from boundcheck.errors import InvalidArgument
from boundcheck.statement.domain import Parameter, exact, integer, real
from boundcheck.statement.pruning import Pruned, radius_of_ball
from boundcheck.statement.spec import Words, parse_open_rule


def solve_report(
    words: Words, unknown: str, *, epsilon: Any = "0.1", delta: Any = "0.01", radius: Any = 1
) -> dict[str, Any]:
    """Solve the bound of a network for one of its arguments, as plain data.

    Parameters
    ----------
    unknown
        One of `boundcheck.check.options.UNKNOWNS`; see :mod:`boundcheck.derivation.inversion` for what is searched.
    epsilon, delta
        The gap and the failure probability that are allowed; what is solved for is ignored.

    Returns
    -------
    Among others `value`; `bound`, the upper end of its enclosure there; `holds_from` and `holds_to`, for a width, from
    which to which all will do; `excluded`, the last value before `value` such that all up to it are known not to do,
    and `known_by`, what that rests on (:class:`boundcheck.derivation.inversion.Solution`).

    Raises
    ------
    InvalidArgument
        When the words leave nothing, or something else, to solve for.
    """
    target, share, ball = exact("epsilon", epsilon), exact("delta", delta), radius_of_ball(radius)
    if not (target.is_positive and target.is_finite):
        raise InvalidArgument("epsilon", epsilon, "is not a gap", "pass a positive number such as 0.1")
    if not 0 < share < 1:
        raise InvalidArgument("delta", delta, "is not a failure probability", "pass a number with 0 < delta < 1")
    extra: dict[str, Any] = {}
    width = integer("d", min=1)
    unknowns: list[Parameter] = []
    if unknown == "width":
        pruned = words.pruned(width=width)
        if width not in pruned.target.parameters:
            raise InvalidArgument(
                "--for",
                "width",
                "finds no d in the network",
                'write d for a width: --fcn 784,d,d,10, or outputs = "2*d"',
            )
        unknowns, found = [width], smallest_width(pruned, width, target, share, ball)
        extra["holds_from"] = None if found.holds_from is None else int(found.holds_from)
        extra["holds_to"] = None if found.holds_to is None else int(found.holds_to)
    elif unknown == "prune":
        pruned, amount, found = _amount(words, target, share, ball)
        unknowns, extra["unit"] = [amount], amount.name
    elif unknown == "delta":
        pruned = words.pruned()
        found = smallest_delta(pruned, target, ball)
    else:
        pruned = words.pruned()
        bound = bound_at(pruned, share, ball)
        ends = exact("epsilon", 0), exact("epsilon", "inf")
        found = Solution(exact("epsilon", bound.high), bound, ends, known_by="enclosures")
    if found.value is not None:
        solved = pruned.at({parameter: found.value for parameter in unknowns})
        extra["removed"] = [int(solved.removed(i)) for i in range(solved.target.depth)]
        extra["sizes"] = [int(layer.size) for layer in solved.target.layers]
    return {
        "for": unknown,
        "value": None if found.value is None else _number(found.value),
        "value_exact": None if found.value is None else str(found.value),
        "epsilon": None if unknown == "epsilon" else float(target),
        "delta": None if unknown == "delta" else float(share),
        "radius": float(ball),
        "bound": None if found.bound is None else found.bound.high,
        "searched": [_short(end) for end in found.searched],
        "excluded": None if found.excluded is None else str(found.excluded),
        "known_by": found.known_by,
        **extra,
        "network": str(pruned),
        "version": package_version(),
    }


def _short(value: Expr) -> str:
    """An integer, fraction or infinity as it is, a tiny number in scientific notation."""
    return f"{float(value):g}" if value.is_finite and 0 < abs(value) < Rational(1, 10**6) else str(value)


def _number(value: Expr) -> int | float:
    return int(value) if value.is_Integer else float(value)


def _amount(words: Words, epsilon: Expr, delta: Expr, radius: Expr) -> tuple[Pruned, Parameter, Solution]:
    if words.rule is None:
        raise InvalidArgument("--prune", None, "names no rule", "pass --prune magnitude, or --prune magnitude:count")
    unknowns = {
        "fraction": real("fraction", min=0, max=1),
        "count": integer("count", min=0),
        "alpha": real("alpha", min=0, max=1, exclude_min=True, exclude_max=True),
    }
    rule, amount = parse_open_rule(words.rule, unknowns)
    pruned = words.pruned(rule=rule)
    if amount not in pruned.parameters:
        raise InvalidArgument("--prune", words.rule, "applies to no layer", "leave out the rules of the layers")
    open_layers = [layer for layer, r in zip(pruned.target.layers, pruned.rules, strict=True) if r is rule]
    most = min(int(layer.outputs if rule.structured else layer.size) for layer in open_layers)
    solution = largest_amount(pruned, amount, epsilon, delta, radius, most=most if amount.name == "count" else None)
    return pruned, amount, solution
