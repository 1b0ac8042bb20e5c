"""What the points of a campaign are about: pruned networks and theorems, made from plain words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from boundcheck.derivation.gap import gap_bound
from boundcheck.errors import InvalidArgument, TheoremFileError
from boundcheck.statement.claim import P
from boundcheck.statement.discovery import discover, library, shipped
from boundcheck.statement.domain import exact, integer, real
from boundcheck.statement.pruning import Pruned, gap
from boundcheck.statement.spec import Words
from boundcheck.statement.theorem import Theorem

DERIVED = "gap_bound"
"""Name of the theorem that boundcheck derives for a network."""
DELTA = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)
WIDTH = integer("d", min=1)

Spec = Mapping[str, Any]
"""A network in words, or a theorem with values of its parameters, as a point of a store has it."""


def pruned_network(spec: Spec, folder: str) -> Pruned:
    """The pruned network of a spec, every parameter a number.

    Raises
    ------
    BoundcheckError
        When the words make none.
    """
    words = [spec.get(key) for key in ("fcn", "cnn", "d", "weights", "activation", "prune", "biases")]
    return _pruned(folder, stamp(folder, spec.get("cnn")), *words)


def stamp(folder: str, file: str | None) -> tuple[int, int] | None:
    """What tells whether a file has changed; None for none, or one that is not there."""
    if file is None:
        return None
    try:
        found = (Path(folder) / file).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=1024)
def _pruned(folder: str, _: Any, fcn: str | None, cnn: str | None, d: str | None, *words: str | None) -> Pruned:
    given = Words(fcn, None if cnn is None else str(Path(folder) / cnn), *words)
    if d is None:
        return given.pruned()
    value = exact("d", d)
    if not (value.is_integer and value.is_positive):
        raise InvalidArgument("d", d, "is not a width", "pass positive integers")
    return given.pruned(width=WIDTH).at({WIDTH: value})


def positive(name: str, value: str) -> Any:
    """A positive number.

    Raises
    ------
    InvalidArgument
        When it is none.
    """
    found = exact(name, value)
    if not (found.is_positive and found.is_finite):
        raise InvalidArgument(name, value, "is not a positive number", "pass one")
    return found


def network_theorem(spec: Spec, folder: str) -> Theorem:
    """The claim about a network: its gap exceeds `factor` times the derived bound with probability at most delta.

    Its name is all that the bound depends on but delta, and draws are keyed by that name: equal points of any two
    campaigns have equal draws.

    Raises
    ------
    BoundcheckError
        When there is no such network, or no bound applies to it.
    """
    keys = ("fcn", "cnn", "d", "weights", "activation", "biases", "prune", "radius", "factor")
    return _network_theorem(folder, stamp(folder, spec.get("cnn")), *((key, spec.get(key)) for key in keys))


@lru_cache(maxsize=256)
def _network_theorem(folder: str, _: Any, *words: tuple[str, str | None]) -> Theorem:
    spec = dict(words)
    pruned = pruned_network(spec, folder)
    radius = positive("radius", spec["radius"] or "1")
    bound = gap_bound(pruned.target, pruned, delta=DELTA, radius=radius)
    promised = positive("factor", spec["factor"] or "1") * bound
    name = "; ".join(f"{key} {value}" for key, value in words if value is not None)
    return Theorem(claim=P(gap(pruned.target, pruned, radius=radius) > promised) <= DELTA, name=name)


def named_theorem(target: str, folder: str) -> Theorem:
    """The theorem FILE::NAME, its file relative to a folder; or the one of this name that ships.

    Raises
    ------
    BoundcheckError
        When there is no such theorem, or its file does not load.
    """
    return _named_theorem(target, folder, stamp(folder, target.partition("::")[0] if "::" in target else None))


@lru_cache(maxsize=256)
def _named_theorem(target: str, folder: str, _: Any) -> Theorem:
    if "::" in target:
        found = discover([str(Path(folder) / target)])
        if not found.theorems:
            raise TheoremFileError(found.errors[0])
        return found.theorems[0]
    for one in discover([str(shipped()), str(library())]).theorems:
        if one.name == target:
            return one
    raise InvalidArgument(
        "theorem", target, "is not a theorem that ships with boundcheck", "pass FILE.py::NAME, or a name that ships"
    )
