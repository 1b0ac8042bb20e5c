"""Hypotheses that leave nothing to test."""

from __future__ import annotations

from dataclasses import replace

from boundcheck.check.points import candidate_points, whole_domain
from boundcheck.errors import InvalidArgument
from boundcheck.statement.theorem import Theorem

_MOST = 2000
"""Points of a domain of integers that are looked at one by one."""


def contradiction(theorem: Theorem) -> InvalidArgument | None:
    """The first condition that, with those before it, holds at no point that boundcheck would test; None for none."""
    for count, condition in enumerate(theorem.conditions, start=1):
        before = theorem.conditions[: count - 1]
        if not _some_point(replace(theorem, hypotheses=(*before, condition), inverse=None, points=None)):
            return no_point(theorem, str(condition), "together with " + ", ".join(map(str, before)) if before else "")
    return None


def no_point(theorem: Theorem, condition: str, others: str = "") -> InvalidArgument:
    """The error for a condition that leaves no point."""
    domains = ", ".join(f"{p.name} in {p.domain}" for p in theorem.parameters)
    problem = " ".join(part for part in ("leaves no point to test", others, "on", domains) if part)
    return InvalidArgument("hypotheses", condition, problem, "weaken it, widen the domain, or name points")


def _some_point(theorem: Theorem) -> bool:
    everywhere = whole_domain(theorem, _MOST)
    return next(candidate_points(theorem, ends=True), None) is not None if everywhere is None else bool(everywhere)


def empty(theorem: Theorem) -> bool:
    """Whether the domain is of few integers and the conditions hold at none of them."""
    return bool(theorem.conditions) and whole_domain(theorem, _MOST) == []


def domain_words(theorem: Theorem) -> str:
    """The domain on which a claim is made, in words."""
    parts = [f"{p.name} in {p.domain}" for p in theorem.parameters]
    return ", ".join([*parts, *map(str, theorem.conditions)])
