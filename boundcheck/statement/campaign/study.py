"""A study: a grid, or a sample, of points of networks or of a theorem."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from itertools import product
from typing import Any

from boundcheck.errors import InvalidArgument
from boundcheck.statement.campaign.axes import Axis, axis, share

AMOUNTS = ("alpha", "fraction", "count")
NETWORK = ("fcn", "cnn", "d", "weights", "activation", "biases", "prune", *AMOUNTS, "radius", "delta", "factor")
"""Arguments of a study of networks, each of which may run through several values."""
_USUAL = {"delta": "0.01", "radius": "1", "factor": "1"}


@dataclass(frozen=True, kw_only=True)
class Study:
    """Points of one kind: all combinations of what its arguments run through, or a sample of them.

    Every argument but `name` and `sample` takes one value, a list of values, or a range
    ``{"min": 16, "max": 1024, "count": 7, "scale": "log"}``.

    Parameters
    ----------
    fcn, cnn
        Networks: widths such as "64,256,10" (which may name d), or TOML files as `boundcheck bound --cnn` takes them.
        The claim is that the gap exceeds the bound that boundcheck derives with probability at most delta.
    d
        What stands for d in widths.
    weights, activation, biases
        As on the command line: "uniform:1", "relu", "normal:0.1".
    prune
        "magnitude:alpha=0.5"; or a rule alone, with alpha, fraction or count as an argument.
    alpha, fraction, count
        The amount of pruning, where `prune` does not say it.
    radius, delta
        Of the input ball; claimed failure probability.
    factor
        The claim is made for so many times the derived bound: less than 1 for a stronger one.
    theorem
        In place of a network: "FILE.py::NAME", or the name of a theorem that ships.
    parameters
        What each of its parameters runs through. Left out, boundcheck chooses points as `boundcheck check` does.
    seed
        Of the draws.
    sample
        So many points drawn from the combinations in place of all; needed where a range has no count.
    name
        Left out, "study 1", "study 2", …

    Raises
    ------
    InvalidArgument
        When an argument is not known, or some do not go together.
    """

    name: str = ""
    fcn: Any = None
    cnn: Any = None
    d: Any = None
    weights: Any = None
    activation: Any = None
    biases: Any = None
    prune: Any = None
    alpha: Any = None
    fraction: Any = None
    count: Any = None
    radius: Any = None
    delta: Any = None
    factor: Any = None
    theorem: Any = None
    parameters: Mapping[str, Any] | None = None
    seed: Any = None
    sample: int | None = None
    axes: tuple[Axis, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise InvalidArgument("name", self.name, "is not text", "name the study in quotes")
        given = {name: getattr(self, name) for name in (*NETWORK, "theorem", "seed") if getattr(self, name) is not None}
        if sum(name in given for name in ("fcn", "cnn", "theorem")) != 1:
            raise InvalidArgument(
                "study", self.name, "does not say what is tested", "give it one of fcn, cnn and theorem"
            )
        (self._of_theorem if "theorem" in given else self._of_network)(given)
        found = [axis(name, value) for name, value in given.items()]
        found += [axis(f"parameters.{name}", value) for name, value in (self.parameters or {}).items()]
        for one in found:
            if one.name == "seed" and not _are_seeds(one):
                raise InvalidArgument("seed", self.seed, "is not a seed", "pass integers of at least 0, below 2**63")
            if not one.values and self.sample is None:
                raise InvalidArgument(
                    one.name, "range without a count", "has no end of values", "give it a count, or the study a sample"
                )
        if self.sample is not None and (isinstance(self.sample, bool) or not _positive(self.sample)):
            raise InvalidArgument("sample", self.sample, "is not a number of points", "pass an integer of at least 1")
        object.__setattr__(self, "axes", tuple(found))

    def _of_theorem(self, given: Mapping[str, Any]) -> None:
        for name in given:
            if name not in ("theorem", "seed"):
                raise InvalidArgument(
                    name, given[name], "is for networks", "leave it out, or set parameters of the theorem"
                )
        if self.parameters is not None and not (isinstance(self.parameters, Mapping) and self.parameters):
            raise InvalidArgument(
                "parameters", self.parameters, "names no parameter", "leave it out, or pass {n = [10, 100]}"
            )

    def _of_network(self, given: dict[str, Any]) -> None:
        if self.parameters is not None:
            raise InvalidArgument("parameters", self.parameters, "is for theorems", "leave it out")
        amounts = [name for name in AMOUNTS if name in given]
        said = [":" in str(rule) for rule in _several(given.get("prune"))]
        if len(amounts) > 1 or (amounts and (any(said) or not said)):
            remedy = 'pass prune = "magnitude" with one of alpha, fraction and count, or "magnitude:alpha=0.5" alone'
            problem = "is an amount of pruning beside another one, or beside no rule"
            raise InvalidArgument(amounts[0], given[amounts[0]], problem, remedy)
        if not amounts and not all(said):
            raise InvalidArgument("prune", given["prune"], "does not say how much", "pass alpha, fraction or count")
        if "fcn" in given and not said:
            raise InvalidArgument("prune", None, "is missing", 'pass prune = "magnitude:alpha=0.5"')
        names_d = any("d" in width.split("*") for text in _several(self.fcn) for width in _widths(text))
        if "fcn" in given and names_d != ("d" in given):
            raise InvalidArgument("d", self.d, "and the widths of fcn do not go together", 'pass fcn = "64,d,10" and d')
        for name, value in _USUAL.items():
            given.setdefault(name, value)

    @property
    def points(self) -> int:
        """How many points there are."""
        return self.sample or math.prod(len(one.values) for one in self.axes)

    def combinations(self) -> Iterator[dict[str, str]]:
        """Each point as values of the arguments, the last argument running fastest; a sample in the order drawn.

        The draws of a sample depend on the study alone.
        """
        names = [one.name for one in self.axes]
        if self.sample is None:
            for values in product(*(one.values for one in self.axes)):
                yield dict(zip(names, values, strict=True))
            return
        for i in range(self.sample):
            yield {one.name: one.drawn(share(0, self.name, one.name, i)) for one in self.axes}

    def description(self) -> dict[str, Any]:
        """What the study says, as plain data that tells any two apart."""
        found = {f.name: getattr(self, f.name) for f in fields(self) if f.init}
        return {name: _plain(value) for name, value in found.items() if value is not None}


def _several(given: Any) -> list[Any]:
    return [] if given is None else list(given) if isinstance(given, list | tuple) else [given]


def _widths(text: Any) -> list[str]:
    return [part.strip() for part in str(text).split(",")]


def _are_seeds(given: Axis) -> bool:
    """Whether all values are integers that a store can hold."""
    if not given.values:
        return given.whole and given.low >= 0 and given.high < 2**63
    digits = len(str(2**63))
    return all(v.isascii() and v.isdecimal() and len(v) <= digits and int(v) < 2**63 for v in given.values)


def _positive(value: Any) -> bool:
    return isinstance(value, int) and value >= 1


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, int) else str(value)
