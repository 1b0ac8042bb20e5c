"""What a list of results begins with, and all of one point, as plain data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from boundcheck.check.results.filters import ALL, Condition, Filter
from boundcheck.check.results.reproduce import reproduce
from boundcheck.check.results.source import Results

AGAINST = ("REFUTED", "SCALING BROKEN")
"""What speaks against a claim."""
_JSON = ("parameters", "details", "spec", "result")
"""Columns that hold JSON."""


def overview(results: Results, where: Filter = ALL) -> dict[str, Any]:
    """How far a campaign is, what came out, and where most of a claim is used up.

    Returns
    -------
    dict
        name, level, version; planned and done (points); statuses (all rows by status); matching (rows that the filter
        takes); worst (of these the row with the largest `worst`, or None); refuted_expected (pairs of study and theorem
        that must come out refuted); unexpected (rows that speak against another theorem).
    """
    statuses = results.counts()
    matching, worst = sum(statuses.values()), next(results.rows(order="worst", descending=True, limit=1), None)
    if where != ALL:
        matching, worst = _of_matching(results, where)
    expected = set(results.connection.execute("SELECT study, theorem FROM theorems WHERE expected = 0"))
    against = results.groups(["study", "theorem"], {"rows": "count(*)"}, Filter.of([], AGAINST))
    return {
        **{key: results.meta.get(key) for key in ("name", "level", "version")},
        "planned": results.planned,
        "done": sum(statuses.values()),
        "statuses": statuses,
        "matching": matching,
        "worst": None if worst is None or worst["worst"] is None else plain_row(worst),
        "unexpected": sum(row["rows"] for row in against if (row["study"], row["theorem"]) not in expected),
        "refuted_expected": sorted(map(list, expected)),
    }


def _of_matching(results: Results, where: Filter) -> tuple[int, dict[str, Any] | None]:
    """How many rows a filter takes, and which of them is worst: each is looked at once."""
    [found] = results.groups([], {"rows": "count(*)", "worst": "max(worst)"}, where)
    if found["worst"] is None:
        return found["rows"], None
    equal = where & Filter((Condition("worst", "=", found["worst"]),))
    return found["rows"], next(results.rows(equal, limit=1))


def everything(results: Results, number: int) -> dict[str, Any]:
    """All that is known of a point, with how to run it again.

    Returns
    -------
    dict
        The point's row of the table `points`; about (its row of `theorems`); verdict (None before there is one);
        measured (its rows of `batches`); reproduce (command and python, where there are such).
    """
    point = results.point(number)
    return {
        **plain_row(point),
        "verdict": None if point["verdict"] is None else plain_row(point["verdict"]),
        "measured": [plain_row(batch) for batch in point["measured"]],
        "reproduce": reproduce(point, results.meta),
    }


def plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as JSON has it: columns of JSON parsed, an infinite number as a string."""
    return {
        key: json.loads(value) if key in _JSON and value is not None else _finite(value) for key, value in row.items()
    }


def _finite(value: Any) -> Any:
    return str(value) if value in (float("inf"), float("-inf")) else value
