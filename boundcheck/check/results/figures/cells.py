"""What figures are made of: rows that differ in their seeds alone, aggregated into one cell.

One pass over the rows makes the cells of all figures: a million rows take seconds, and their cells little memory.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from boundcheck.check.results.filters import ALL, Condition, Filter
from boundcheck.check.results.source import Results

KEYS = ("architecture", "activation", "weights", "pruning", "rule", "width", "depth", "alpha", "delta", "parameters")
UNLISTED = ("radius", "factor", "biases")
"""Arguments of studies that have no column: they are read where a campaign has several values of them."""
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
    "used": "max(CASE WHEN trials > 0 THEN observed / claimed_low END)",
    "used_low": "max(CASE WHEN trials > 0 THEN limit_low / claimed_high END)",
    "used_high": "max(CASE WHEN trials > 0 THEN limit_high / claimed_low END)",
    "trials": "sum(trials)",
    "violations": "sum(violations)",
    "open": "sum(open)",
    "quantity": "max(quantity)",
    "exact": "max(CASE WHEN exact = 1 THEN iif(ratio_high < 9e999, ratio_high, ratio_low) END)",
    "ratio_low": "max(CASE WHEN exact IS NOT 1 THEN ratio_low END)",
    "ratio_high": "max(CASE WHEN exact IS NOT 1 THEN ratio_high END)",
    "vacuous": "sum(vacuous)",
    "unknown": "sum(status = 'ERROR')",
}
"""Over the rows of one cell, of which none hides another: limits and ratios are the worst, quantiles the outermost."""

MANY = 20_000
"""More cells than that are too many to hold."""
_FIRST, _VALUES = 20_000, 1_000
"""A column with more values than that among so many rows is not counted to the end."""
COARSE = 12
"""Where there are too many cells, or no two that can be compared, columns with more values than this are mixed, and the
axis of a figure is cut into so many ranges."""


@dataclass
class Study:
    """The rows of one study that are about networks, or about samples, as cells."""

    name: str
    kind: str
    results: Results
    where: Filter
    spread: dict[str, Any]
    """How many values each column has, at least, and the ends of some."""
    mixed: list[str]
    """Columns of which a cell may hold several values."""
    cells: list[dict[str, Any]]

    @property
    def theorems(self) -> list[str]:
        """In the order of their first points."""
        return list(dict.fromkeys(cell["theorem"] for cell in self.cells))

    def scattered(self, axis: str) -> bool:
        """Whether the axis has so many values that no two cells may differ in it alone."""
        return bool(self.spread[axis] > COARSE)

    def coarse(self, axis: str) -> Study:
        """The same with ranges of the axis in the place of its values, and other columns with many values mixed."""
        many = [name for name in KEYS if self.spread[name] > COARSE]
        if axis not in many and self.mixed == many:
            return self
        least, most = (self.spread[f"{axis}_{end}"] for end in ("least", "most"))
        kept = _ranges(axis, float(least), float(most)) if axis in many else axis
        instead = dict.fromkeys(many, "NULL") | {axis: kept}
        cells = _read(self.results, self.where, instead)
        return replace(self, mixed=[name for name in many if name != axis], cells=cells)


def studies(results: Results, where: Filter = ALL) -> list[Study]:
    """The studies in the order of the campaign."""
    found = []
    for row in results.groups(["study", "kind"], {"rows": "count(*)"}, where):
        own = where & Filter((Condition("study", "=", row["study"]), Condition("kind", "=", row["kind"])))
        spread = _spread(results, own)
        many = row["rows"] > MANY and _too_many(results, own)
        mixed = [name for name in KEYS if spread[name] > COARSE] if many else []
        cells = _read(results, own, dict.fromkeys(mixed, "NULL"))
        found.append(Study(row["study"], row["kind"], results, own, spread, mixed, cells))
    return sorted(found, key=lambda study: study.cells[0]["first"])


def unlisted(results: Results) -> dict[str, str]:
    """The arguments without a column that have several values in a study of the campaign, and their SQL."""
    described = json.loads(results.meta.get("text") or "{}")
    several = {
        name for study in described.get("studies", ()) for name in UNLISTED if isinstance(study.get(name), list | dict)
    }
    return {
        name: f"(SELECT json_extract(spec, '$.{name}') FROM points WHERE id = results.point)"
        for name in UNLISTED
        if name in several
    }


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


def _spread(results: Results, where: Filter) -> dict[str, Any]:
    """How many values each column has, at least, and the ends of some.

    Counting a million different texts is slow, and they are too many anyway: columns with many values among the first
    rows are not counted to the end.
    """
    text, values = where.sql()

    def counted(names: Sequence[str], rows: str) -> dict[str, int]:
        shown = ", ".join(f"count(DISTINCT {name})" for name in names)
        found = results.connection.execute(f"SELECT {shown} FROM ({rows})", values).fetchone()
        return dict(zip(names, found, strict=True))

    first = counted(KEYS, f"SELECT {', '.join(KEYS)} FROM results WHERE {text} LIMIT {_FIRST}")
    few = [name for name in KEYS if first[name] <= _VALUES]
    ends = {
        f"{name}_{end}": f"{function}({name})"
        for name in ("width", "alpha", "depth")
        for end, function in (("least", "min"), ("most", "max"))
    }
    [extremes] = results.groups([], ends, where)
    return first | counted(few, f"SELECT {', '.join(few)} FROM results WHERE {text}") | extremes


def _too_many(results: Results, where: Filter) -> bool:
    """Whether there are more cells than can be held."""
    text, values = where.sql()
    keys = ", ".join(("theorem", *KEYS, *unlisted(results).values()))
    rows = f"SELECT DISTINCT {keys} FROM results WHERE {text} LIMIT {MANY + 1}"
    return bool(results.connection.execute(f"SELECT count(*) FROM ({rows})", values).fetchone()[0] > MANY)


def _ranges(name: str, least: float, most: float) -> str:
    """The middle of the range in which a column's value lies; ranges of equal ratios where it spreads over a decade."""
    shares = [i / (2 * COARSE) for i in range(2 * COARSE + 1)]
    if 0 < 10 * least < most:
        ends = [least * (most / least) ** share for share in shares]
    else:
        ends = [least + (most - least) * share for share in shares]
    cases = [f"WHEN {name} < {ends[i + 1]!r} THEN {ends[i]!r}" for i in range(1, 2 * COARSE - 2, 2)]
    return f"CASE WHEN {name} IS NULL THEN NULL {' '.join(cases)} ELSE {ends[-2]!r} END"


def _read(results: Results, where: Filter, instead: dict[str, str]) -> list[dict[str, Any]]:
    """The cells in the order of the campaign; some columns have other SQL in their places."""
    text, values = where.sql()
    keys = {name: instead.get(name, name) for name in ("theorem", *KEYS)} | unlisted(results)
    shown = ", ".join(f"{expression} AS {name}" for name, expression in (keys | NUMBERS).items())
    grouping = ", ".join(str(i + 1) for i in range(len(keys)))
    cursor = results.connection.execute(f"SELECT {shown} FROM results WHERE {text} GROUP BY {grouping}", values)
    names = [column[0] for column in cursor.description]
    return sorted((dict(zip(names, row, strict=True)) for row in cursor), key=lambda cell: cell["first"])
