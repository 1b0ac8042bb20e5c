"""Pruned networks as plain data: each part is an object with its type and its fields, by name.

Which fields a part has, and of which types, its dataclass says; so does what is read have to be. What the types do not
say is checked as the functions that make networks check it.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from itertools import pairwise
from types import NoneType, UnionType
from typing import Any

from sympy import Expr, Symbol

from boundcheck.errors import BoundcheckError, InvalidArgument, UnsupportedClaim
from boundcheck.statement import pruning
from boundcheck.statement.laws import Exponential, Law, Normal, TruncatedNormal, TwoPoint, Uniform
from boundcheck.statement.layer import Activation, Layer, check_width, named_activation
from boundcheck.statement.network import Network
from boundcheck.statement.pruning import Pruned, Rule
from boundcheck.statement.saved.expressions import loaded_expression, saved_expression
from boundcheck.statement.saved.refused import Refused, entry, require
from boundcheck.statement.window import POINT, Pool, Window

KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        *(Pruned, Network, Layer, Window, Pool, Activation, Rule),
        *(Uniform, Normal, TruncatedNormal, TwoPoint, Exponential),
    )
}
"""The parts of networks, by name."""
_MOST_PARTS = 10_000


def saved_network(pruned: Pruned) -> dict[str, Any]:
    """A pruned network as plain data.

    Raises
    ------
    UnsupportedClaim
        When a part of it cannot be saved, or would not be the same when it is read.
    """
    data = saved_value(pruned)
    symbols: dict[str, Symbol] = {p.name: p for p in pruned.parameters}
    try:
        same = loaded_network(data, symbols) == pruned
    except BoundcheckError as error:
        raise UnsupportedClaim(f"this network cannot be saved: {error}") from None
    if not same:
        raise UnsupportedClaim("this network cannot be saved: a part of it would be lost; report it, please")
    return typing.cast("dict[str, Any]", data)


def saved_value(value: Any) -> Any:
    """A part of a network, an expression, a number, a word, or a tuple of such, as plain data."""
    if isinstance(value, Expr):
        return saved_expression(value)
    if isinstance(value, tuple):
        return {"type": "tuple", "items": [saved_value(item) for item in value]}
    if value is None or isinstance(value, bool | int | str):
        return value
    name = type(value).__name__
    if KINDS.get(name) is not type(value):
        raise UnsupportedClaim(f"{value} is a {name}, which cannot be saved")
    return {"type": name, **{f.name: saved_value(getattr(value, f.name)) for f in fields(KINDS[name])}}


def loaded_network(data: Any, symbols: Mapping[str, Symbol]) -> Pruned:
    """The pruned network that :func:`saved_network` wrote.

    Raises
    ------
    Refused
        When the data describes none, with what is wrong.
    """
    found = loaded_value(data, Pruned, symbols, "the network")
    try:
        _require_chain(found)
        found.validate()
    except InvalidArgument as error:
        raise Refused(str(error)) from None
    return typing.cast("Pruned", found)


def loaded_value(data: Any, wanted: Any, symbols: Mapping[str, Symbol], what: str) -> Any:
    """What :func:`saved_value` wrote, of a type as annotations say it.

    Raises
    ------
    Refused
        When it is none, with what is wrong; `what` it is called there.
    """
    return _Reader(symbols).read(data, wanted, what)


class _Reader:
    """Reads parts of networks; counts them."""

    def __init__(self, symbols: Mapping[str, Symbol]) -> None:
        self.symbols = symbols
        self.parts = 0

    def read(self, data: Any, wanted: Any, what: str) -> Any:
        """A value of the wanted type, as annotations say it."""
        self.parts += 1
        require(self.parts <= _MOST_PARTS, f"there are more than {_MOST_PARTS:,} parts")
        origin, inside = typing.get_origin(wanted), typing.get_args(wanted)
        if origin in (UnionType, typing.Union):
            return self._one_of(data, inside, what)
        if origin is tuple:
            return self._tuple(data, inside, what)
        if wanted is Expr:
            require(isinstance(data, list), f"{what} is no expression")
            return loaded_expression(data, self.symbols)
        if wanted is NoneType:
            require(data is None, f"{what} is not null")
            return None
        if wanted in (bool, int, str):
            require(type(data) is wanted, f"{what} is not of type {wanted.__name__}")
            return data
        return self._part(data, wanted, what)

    def _one_of(self, data: Any, kinds: tuple[Any, ...], what: str) -> Any:
        if data is None and NoneType in kinds:
            return None
        name = data.get("type") if isinstance(data, dict) else None
        for kind in kinds:
            if isinstance(kind, type) and isinstance(name, str) and name in KINDS and issubclass(KINDS[name], kind):
                return self.read(data, kind, what)
        others = [kind for kind in kinds if kind is not NoneType and not is_dataclass(kind)]
        require(len(others) == 1 or (len(kinds) == 2 and NoneType in kinds), f"{what} is none of what it may be")
        return self.read(data, next(k for k in kinds if k is not NoneType), what)

    def _tuple(self, data: Any, inside: tuple[Any, ...], what: str) -> tuple[Any, ...]:
        require(entry(data, "type", str, what) == "tuple", f"{what} is no tuple")
        items = entry(data, "items", list, what)
        if inside[1:] == (...,):
            inside = inside[:1] * len(items)
        require(len(items) == len(inside), f"{what} has {len(items)} items")
        return tuple(self.read(x, k, f"item {i} of {what}") for i, (x, k) in enumerate(zip(items, inside, strict=True)))

    def _part(self, data: Any, wanted: type, what: str) -> Any:
        name = entry(data, "type", str, what)
        kind = KINDS.get(name)
        right = kind is not None and issubclass(kind, wanted)
        require(right, f"{what} is a {name!r}, which is no {wanted.__name__} that is read")
        assert kind is not None
        known, types = {f.name: f for f in fields(kind)}, typing.get_type_hints(kind)
        for key in data.keys() - known.keys() - {"type"}:
            raise Refused(f"{what} has {key!r}, which is no field of {name}")
        values = {key: self.read(data[key], types[key], f"{key!r} of {what}") for key in known if key in data}
        for key, field in known.items():
            require(key in values or not _needed(field), f"{what} has no {key!r}")
        try:
            part = kind(**values)
            _CHECKS.get(kind, _nothing)(part)
            if isinstance(part, Law):
                part.validate()
        except InvalidArgument as error:
            raise Refused(str(error)) from None
        return part


def _needed(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


# What the types do not say. -------------------------------------------------------------------------
def _nothing(part: Any) -> None:
    pass


def _check_window(window: Window) -> None:
    for pair in (window.kernel, window.stride, window.grid):
        require(min(pair) >= 1, f"a window has {pair}, where numbers are at least 1")
    require(min(*window.padding[0], *window.padding[1]) >= 0, "a window has negative padding")
    require(min(window.output_grid) >= 1, "a window has no place on its grid")


def _check_pool(pool: Pool) -> None:
    require(pool.kind in ("max", "average"), f"{pool.kind!r} is no pooling")
    halves = zip(pool.window.padding, pool.window.kernel, strict=True)
    fits = all(2 * max(sides) <= size for sides, size in halves) and not pool.window.circular
    require(fits, "pooling has padding that no pooling has")


def _check_activation(activation: Activation) -> None:
    text = activation.name if activation.name != "leaky_relu" else f"leaky_relu:{activation.slope}"
    require(activation == named_activation(text), f"{activation.name!r} has another slope or Lipschitz constant")


def _check_rule(rule: Rule) -> None:
    require(rule.kind in _RULES, f"{rule.kind!r} is no rule")
    require(rule.unit in ("count", "fraction", "alpha"), f"{rule.unit!r} is no unit of amounts")
    rule.at({})


def _check_layer(layer: Layer) -> None:
    check_width("inputs", layer.inputs)
    check_width("outputs", layer.outputs)
    grid = layer.window.output_grid
    for step in layer.after:
        if isinstance(step, Pool):
            require(step.window.grid == grid, f"{step} stands on another grid than the layer before it")
            grid = step.window.output_grid


def _require_chain(pruned: Pruned) -> None:
    """Each layer takes what the one before it hands on, flattened where the layer is dense."""
    layers = pruned.target.layers
    require(layers, "the network has no layer")
    require(len(pruned.rules) == len(layers), f"there are {len(pruned.rules)} rules for {len(layers)} layers")
    for i, (before, after) in enumerate(pairwise(layers), start=2):
        same = after.window.grid == before.grid and (after.inputs - before.outputs).expand() == 0
        cells = before.grid[0] * before.grid[1]
        flat = after.window.grid == POINT and (after.inputs - before.outputs * cells).expand() == 0
        require(same or flat, f"layer {i} does not take what layer {i - 1} hands on")


_CHECKS: dict[type, Callable[[Any], None]] = {
    Window: _check_window,
    Pool: _check_pool,
    Activation: _check_activation,
    Rule: _check_rule,
    Layer: _check_layer,
}
_RULES = {value for name, value in vars(pruning).items() if name.isupper() and isinstance(value, str)}
