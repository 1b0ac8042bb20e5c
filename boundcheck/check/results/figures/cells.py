"""What figures are made of: rows that differ in their seeds alone, aggregated into one cell.

One pass over the rows makes the cells of all figures: a million rows take seconds, and their cells little memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from boundcheck.check.results.filters import ALL, Condition, Filter
from boundcheck.check.results.source import Results

KEYS = ("architecture", "activation", "weights", "pruning", "rule", "width", "depth", "alpha", "delta", "parameters")
NUMBERS = {
    "rows": "count(*)",
    "first": "min(point)",
    "q05": "min(gap_q05)",
    "q25": "min(gap_q25)",
    "q50": "avg(gap_q50)",
    "q75": "max(gap_q75)",
    "q95": "max(gap_q95)",
    "gap": "max(gap_max)",
    "certificate": "max(certificate_max)",
    "bound": "max(bound)",
    "bound_least": "min(bound)",
    "times_least": "min(bound / gap_max)",
    "times_most": "max(bound / gap_max)",
    "rate": "max(CASE WHEN trials > 0 THEN observed END)",
    "rate_low": "max(CASE WHEN trials > 0 THEN limit_low END)",
    "rate_high": "max(CASE WHEN trials > 0 THEN limit_high END)",
    "claimed": "min(claimed_low)",
    "trials": "sum(trials)",
    "violations": "sum(violations)",
    "open": "sum(open)",
    "quantity": "max(quantity)",
    "exact": "max(CASE WHEN exact = 1 THEN iif(ratio_high < 9e999, ratio_high, ratio_low) END)",
    "ratio_low": "max(CASE WHEN exact IS NOT 1 THEN ratio_low END)",
    "ratio_high": "max(CASE WHEN exact IS NOT 1 THEN ratio_high END)",
    "unknown": "sum(status = 'ERROR')",
}
"""Over the rows of one cell, of which none hides another: limits and ratios are the worst, quantiles the outermost."""

MANY = 20_000
"""More cells than that are too many to hold, and no figure shows them."""
COARSE = 12
"""With more cells than that, columns of numbers with more values than this are cut into so many ranges."""


@dataclass
class Study:
    """The cells of one study, which are about networks or about samples."""

    name: str
    kind: str
    cells: list[dict[str, Any]]
    theorems: list[str] = field(default_factory=list)
    """In the order of their first points."""
    mixed: list[str] = field(default_factory=list)
    """Columns of which a cell holds more than one value."""


def studies(results: Results, where: Filter = ALL) -> list[Study]:
    """The cells of each study, in the order of the campaign."""
    found = []
    for row in _spread(results, where):
        chosen = where & Filter((Condition("study", "=", row["study"]), Condition("kind", "=", row["kind"])))
        coarse = {} if _cells(results, row, chosen) <= MANY else _coarse(row)
        cells = sorted(_read(results, chosen, coarse), key=lambda cell: cell["first"])
        theorems = list(dict.fromkeys(cell["theorem"] for cell in cells))
        found.append((cells[0]["first"], Study(row["study"], row["kind"], cells, theorems, list(coarse))))
    return [study for _, study in sorted(found, key=lambda pair: pair[0])]


def parameters(cell: dict[str, Any]) -> dict[str, str]:
    """The exact values of a cell's parameters."""
    text = cell["parameters"]
    return {} if text is None else {str(name): str(value) for name, value in json.loads(text).items()}


def value(text: str) -> float | None:
    """The number that a parameter's text stands for, where it is a plain one.

    Examples
    --------
    >>> value("1/4"), value("0.05"), value("sqrt(2)")
    (0.25, 0.05, None)
    """
    try:
        return float(Fraction(text))
    except (ValueError, ArithmeticError):
        return None


def _spread(results: Results, where: Filter) -> Iterator[dict[str, Any]]:
    """How many values each column has, of each study."""
    distinct = {name: f"count(DISTINCT {name})" for name in ("theorem", *KEYS)}
    extremes = {
        f"{name}_{end}": f"{function}({name})"
        for name in ("width", "alpha", "delta")
        for end, function in (("least", "min"), ("most", "max"))
    }
    yield from results.groups(["study", "kind"], {"rows": "count(*)", **distinct, **extremes}, where)


def _cells(results: Results, row: dict[str, Any], where: Filter) -> int:
    """How many cells there are, or at least as many."""
    if row["rows"] <= MANY:
        return int(row["rows"])
    text, values = where.sql()
    query = f"SELECT count(*) FROM (SELECT DISTINCT {', '.join(('theorem', *KEYS))} FROM results WHERE {text})"
    return int(results.connection.execute(query, values).fetchone()[0])


def _coarse(row: dict[str, Any]) -> dict[str, str]:
    """The columns with many values, each with the SQL that takes its place: the middle of a range, or nothing."""
    found = {}
    for name in KEYS:
        if row[name] > COARSE:
            least = row.get(f"{name}_least")
            found[name] = "NULL" if least is None else _ranges(name, float(least), float(row[f"{name}_most"]))
    return found


def _ranges(name: str, least: float, most: float) -> str:
    """The middle of the range in which a column's value lies; ranges of equal ratios where it spreads over a decade."""
    shares = [i / (2 * COARSE) for i in range(2 * COARSE + 1)]
    if 0 < 10 * least < most:
        ends = [least * (most / least) ** share for share in shares]
    else:
        ends = [least + (most - least) * share for share in shares]
    cases = [f"WHEN {name} < {ends[i + 1]!r} THEN {ends[i]!r}" for i in range(1, 2 * COARSE - 2, 2)]
    return f"CASE WHEN {name} IS NULL THEN NULL {' '.join(cases)} ELSE {ends[-2]!r} END"


def _read(results: Results, where: Filter, coarse: dict[str, str]) -> Iterator[dict[str, Any]]:
    text, values = where.sql()
    keys = {name: coarse.get(name, name) for name in ("theorem", *KEYS)}
    shown = ", ".join(f"{expression} AS {name}" for name, expression in (keys | NUMBERS).items())
    grouping = ", ".join(str(i + 1) for i in range(len(keys)))
    cursor = results.connection.execute(f"SELECT {shown} FROM results WHERE {text} GROUP BY {grouping}", values)
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)
