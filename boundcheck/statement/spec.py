"""Networks and pruning rules as short strings, as the command line takes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from boundcheck.errors import InvalidArgument
from boundcheck.statement import pruning
from boundcheck.statement.domain import exact
from boundcheck.statement.laws import Law, normal, rademacher, uniform
from boundcheck.statement.network import Network, fcn, named_activation, scaled
from boundcheck.statement.pruning import Pruned, Rule, prune

_LAWS: dict[str, Callable[[Any], Law]] = {
    "uniform": lambda k: uniform(-k, k),
    "normal": lambda k: normal(0, k),
    "rademacher": rademacher,
}
_RULES: dict[str, Callable[..., Rule]] = {"magnitude": pruning.magnitude, "random": pruning.random}
_UNITS = ("alpha", "fraction", "count")


def parse_widths(text: str) -> list[Any]:
    """Widths such as "784,1024,10", input first.

    Raises
    ------
    InvalidArgument
        When a width is not a positive integer or there are fewer than two.
    """
    parts = [part.strip() for part in text.split(",")]
    widths = [exact("--fcn", part) if part else None for part in parts]
    if len(parts) < 2 or not all(w is not None and w.is_integer and w.is_positive for w in widths):
        raise InvalidArgument(
            "--fcn", text, "is not a list of layer widths", "pass positive integers, input first: --fcn 784,1024,10"
        )
    return widths


def parse_weights(text: str) -> Law:
    """A law before the paper's scaling, such as "uniform:1" (K = 1) or "normal:1".

    Raises
    ------
    InvalidArgument
        When the law is unknown or K is not a positive number.
    """
    name, _, scale = text.partition(":")
    if name not in _LAWS:
        raise InvalidArgument("--weights", text, "is not a known law", f"pass one of {_choices(_LAWS, ':1')}")
    k = exact("--weights", scale or "1")
    if not (k.is_positive and k.is_finite):
        raise InvalidArgument("--weights", text, "has no positive scale", f"pass a positive K: --weights {name}:1")
    return _LAWS[name](k)


def parse_rule(text: str) -> Rule:
    """A pruning rule such as "magnitude:alpha=0.5", "random:fraction=0.1" or "random:count=1000".

    Raises
    ------
    InvalidArgument
        When rule, unit or amount is not known or out of range.
    """
    name, _, amount = text.partition(":")
    unit, _, value = amount.partition("=")
    if name not in _RULES:
        raise InvalidArgument("--prune", text, "names no known rule", f"pass one of {_choices(_RULES, ':alpha=0.5')}")
    if unit not in _UNITS or not value:
        raise InvalidArgument(
            "--prune", text, "does not say how much is removed", f"pass {name}:alpha=0.5, :fraction=0.1 or :count=1000"
        )
    return _RULES[name](**{unit: value})


def parse_network(fcn_text: str, weights: str, activation: str) -> Network:
    """A fully-connected network from the command line's words, with the paper's scaling of weights."""
    return fcn(parse_widths(fcn_text), weights=scaled(parse_weights(weights)), activation=named_activation(activation))


def parse_pruned(fcn_text: str, weights: str, activation: str, rule: str) -> Pruned:
    """A pruned fully-connected network from the command line's words."""
    return prune(parse_network(fcn_text, weights, activation), parse_rule(rule))


def _choices(known: Sequence[str] | dict[str, Any], suffix: str) -> str:
    return ", ".join(f"{name}{suffix}" for name in known)
