"""A theorem: a claim over parameters, where it comes from, and where to test it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sympy import Expr
from sympy.core.relational import Relational

from boundcheck.errors import InvalidArgument
from boundcheck.statement.claim import Tail, tail_of
from boundcheck.statement.domain import Parameter, Point, exact


@dataclass(frozen=True, kw_only=True)
class Theorem:
    """A claim to check.

    Parameters
    ----------
    claim
        ``P(event) <= formula`` (or ``P(event) >= 1 - formula``).
    source
        Where the claim comes from, with its theorem number; left out, none is shown.
    points
        Parameter values at which a claim is tested, each a mapping from parameter (or its name) to value. Left
        out, boundcheck chooses points inside the domains.
    name
        Left out, the name of the variable that holds the theorem.

    Raises
    ------
    InvalidArgument, UnsupportedClaim
        When the claim is not one that boundcheck can read, or a point lies outside the domain.
    """

    claim: Relational
    source: str = ""
    points: Sequence[Mapping[Any, Any]] | None = None
    name: str = ""
    file: str | None = None
    title: str = ""
    tail: Tail = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.source, str):
            raise InvalidArgument("source", self.source, "is not text", "say where the claim comes from, in quotes")
        object.__setattr__(self, "tail", tail_of(self.claim))
        _ = self.parameters  # a symbol without a domain is refused here
        if self.points is not None:
            if isinstance(self.points, Mapping) or not all(isinstance(p, Mapping) for p in self.points):
                raise InvalidArgument("points", self.points, "is no list of points", 'pass points=[{"n": 100}, …]')
            if not self.points:
                raise InvalidArgument("points", self.points, "names no point", "leave it out, or pass at least one")
            object.__setattr__(self, "points", tuple(self.point(p) for p in self.points))

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The claim's parameters in alphabetical order."""
        return tuple(sorted(self.tail.parameters, key=lambda p: p.name))

    @property
    def identity(self) -> str:
        """What the random draws of this theorem are keyed by: its file's stem and its name."""
        stem = (self.file or "").rsplit("/", 1)[-1].removesuffix(".py")
        return f"{stem}::{self.name}"

    def point(self, values: Mapping[Any, Any]) -> Point:
        """Check a parameter point and make its values exact.

        Raises
        ------
        InvalidArgument
            When a parameter is missing, unknown, or outside its domain.
        """
        by_name = {p.name: p for p in self.parameters}
        found: dict[Parameter, Expr] = {}
        for key, value in values.items():
            name = getattr(key, "name", key)
            if name not in by_name:
                raise InvalidArgument("points", str(name), "is not a parameter of the claim", f"use {list(by_name)}")
            found[by_name[name]] = exact(str(name), value)
        for p in self.parameters:
            if p not in found:
                raise InvalidArgument(
                    "points", dict(values), f"gives no value for {p.name}", "give every parameter one"
                )
            if not found[p].is_number or found[p] not in p.domain:
                raise InvalidArgument(p.name, str(found[p]), f"lies outside its domain {p.domain}", "choose it inside")
        return found

    def named(self, name: str, file: str, title: str) -> Theorem:
        """The theorem as found in a file under a name."""
        return replace(self, name=self.name or name, file=file, title=title)
