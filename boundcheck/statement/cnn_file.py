"""Convolutional networks in TOML files, as `--cnn FILE.toml` takes them.

    input = [1, 28, 28]            # channels, height, width
    weights = "uniform:1"          # law and K, scaled by 1/sqrt(κ·max(channels in, channels out))
    activation = "relu"            # after every conv and dense layer but the last
    prune = "magnitude:alpha=0.5"  # in every layer that names no rule of its own

    [[layers]]
    type = "conv"                  # outputs, kernel; stride, padding, padding_mode
    outputs = 6
    kernel = 5
    padding = 2
    bias = "normal:0.1"            # law of biases, which is not scaled; without it there are none

    [[layers]]
    type = "average_pool"          # or max_pool: kernel; stride, padding
    kernel = 2

    [[layers]]
    type = "flatten"

    [[layers]]
    type = "dense"
    outputs = 10

A conv or dense layer may have `weights`, `activation`, `bias` and `prune` ("none" leaves it alone) of its own. `bias`
may also stand at the top, for all of them, and is "none" for a layer without. An activation elsewhere is a layer with
`type = "activation"` and a `name`. The inputs of a layer are what the one before hands on.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sympy import Expr

from boundcheck.errors import InvalidArgument, TheoremFileError
from boundcheck.statement.domain import exact
from boundcheck.statement.layer import conv, dense, scaled
from boundcheck.statement.network import Network, chain_of, flatten
from boundcheck.statement.window import average_pool, max_pool

NONE = "none"
_COMMON = {"weights", "activation", "prune", "bias"}
_KEYS = {
    "conv": {"outputs", "kernel", "stride", "padding", "padding_mode"} | _COMMON,
    "dense": {"outputs"} | _COMMON,
    "average_pool": {"kernel", "stride", "padding", "count_include_pad"},
    "max_pool": {"kernel", "stride", "padding"},
    "flatten": set[str](),
    "activation": {"name"},
}
_NEEDED = {
    "conv": ("outputs", "kernel"),
    "dense": ("outputs",),
    "average_pool": ("kernel",),
    "max_pool": ("kernel",),
    "activation": ("name",),
}
_POOLS: dict[str, Callable[..., Any]] = {"average_pool": average_pool, "max_pool": max_pool}


@dataclass(frozen=True)
class CnnFile:
    """The network of a file, its pruning rule for all layers, and rules of single layers; None where there is none."""

    network: Network
    rule: str | None
    rules: tuple[str | None, ...]


def read_cnn(
    path: str,
    *,
    law: Callable[[str], Any],
    rule: Callable[[str], Any],
    width: Callable[[str, Any], Expr] = exact,
    weights: str | None = None,
    activation: str | None = None,
    bias: str | None = None,
) -> CnnFile:
    """Read a network from a TOML file.

    Parameters
    ----------
    path
        Of the file.
    law
        Makes a law out of words such as "uniform:1".
    rule
        Makes a pruning rule out of words, or refuses them.
    width
        Makes a number of channels, or a formula in a parameter, out of what the file says.
    weights, activation, bias
        Take the place of what the file says for the whole network.

    Raises
    ------
    BoundcheckError
        When the file cannot be read, is not TOML, has a key that means nothing, or describes no network; the message
        names the file and the layer.
    """
    document = _load(path)
    with _place(path):
        _check_keys(document, {"input", "layers", "weights", "activation", "prune", "bias"}, "the file")
        shape, tables = document.get("input"), document.get("layers")
        if not isinstance(shape, list) or len(shape) != 3:
            raise InvalidArgument("input", shape, "is no [channels, height, width]", "write input = [1, 28, 28]")
        if not isinstance(tables, list) or not tables:
            raise InvalidArgument("layers", tables, "holds no layer", 'write [[layers]] and type = "conv"')
        _check_words(document)
        if (common := document.get("prune")) is not None:
            rule(common)
        chain, rules = chain_of([width("input", shape[0]), *shape[1:]]), list[str | None]()
    general = {
        "weights": weights or document.get("weights", "uniform:1"),
        "activation": activation or document.get("activation", "relu"),
        "bias": bias or document.get("bias", NONE),
    }
    for number, table in enumerate(tables, start=1):
        with _place(f"{path}: layer {number}"):
            kind = _kind(table)
            own = {**general, **table}
            if kind in ("conv", "dense"):
                rules.append(table.get("prune"))
                if rules[-1] not in (None, NONE):
                    rule(rules[-1])
                chain.take(_layer(kind, own, chain.channels, law, width))
            elif kind == "activation":
                chain.take(table["name"])
            elif kind == "flatten":
                chain.take(flatten())
            else:
                chain.take(_POOLS[kind](**{key: _pairs(value) for key, value in table.items() if key != "type"}))
    with _place(path):
        return CnnFile(chain.network(), common, tuple(rules))


@contextmanager
def _place(name: str) -> Iterator[None]:
    """Say in front of an error where it is."""
    try:
        yield
    except InvalidArgument as error:
        raise TheoremFileError(f"{name}: {error}") from None


def _load(path: str) -> dict[str, Any]:
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise TheoremFileError(f"{path}: cannot be read ({error.strerror}); pass a TOML file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TheoremFileError(f"{path}: is not TOML ({error}); see the example in the README") from None


def _check_keys(table: Mapping[str, Any], known: set[str], where: str) -> None:
    for key in table:
        if key not in known:
            known_to_torch = key in ("dilation", "groups")
            problem = "is not supported" if known_to_torch else f"means nothing in {where}"
            raise InvalidArgument("key", key, problem, f"use {', '.join(sorted(known))}")


def _check_words(table: Mapping[str, Any]) -> None:
    for key in ("weights", "activation", "prune", "bias", "padding_mode", "name"):
        if not isinstance(table.get(key, ""), str):
            raise InvalidArgument(key, table[key], "is not in quotes", 'write words such as "uniform:1" or "relu"')


def _kind(table: Any) -> str:
    kind = table.get("type") if isinstance(table, dict) else None
    if not isinstance(kind, str) or kind not in _KEYS:
        raise InvalidArgument("type", kind, "is no kind of layer", f"use {', '.join(_KEYS)}")
    _check_keys(table, _KEYS[kind] | {"type"}, f"a layer of type {kind}")
    _check_words(table)
    for key in _NEEDED.get(kind, ()):
        if key not in table:
            raise InvalidArgument(key, None, f"is missing in a layer of type {kind}", f"write {key} = …")
    return kind


def _layer(
    kind: str,
    table: Mapping[str, Any],
    inputs: Expr,
    law: Callable[[str], Any],
    width: Callable[[str, Any], Expr],
) -> Any:
    common: dict[str, Any] = {"weights": scaled(law(table["weights"])), "activation": table["activation"]}
    if table["bias"] != NONE:
        common["bias"] = law(table["bias"])
    outputs = width("outputs", table["outputs"])
    if kind == "dense":
        return dense(inputs, outputs, **common)
    options: dict[str, Any] = {key: _pairs(table[key]) for key in ("stride", "padding", "padding_mode") if key in table}
    return conv(inputs, outputs, _pairs(table["kernel"]), **options, **common)


def _pairs(value: Any) -> Any:
    """Lists as tuples, as Python would say it."""
    return tuple(map(_pairs, value)) if isinstance(value, list) else value
