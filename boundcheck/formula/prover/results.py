"""What a proof attempt returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sympy import Expr
from sympy.core.relational import Relational

from boundcheck.statement.domain import Parameter


@dataclass(frozen=True)
class Proved:
    """True at every point of the domain at which both sides are defined, by a certificate of plain data."""

    certificate: Mapping[str, Any]
    summary: str


@dataclass(frozen=True)
class Refuted:
    """False at a rational point, with enclosures of both sides there."""

    point: Mapping[Parameter, Expr]
    left: str
    right: str
    summary: str
    certificate: Mapping[str, Any] | None
    """The claim and the point as plain data; None where an end of a domain has no such form."""


@dataclass(frozen=True)
class Undecided:
    """Neither: the boxes that are left, and why."""

    boxes: tuple[str, ...]
    reason: str
    emptied_by: Relational | None = None
    """The condition that leaves no point of the domain, if one does."""


Result = Proved | Refuted | Undecided
