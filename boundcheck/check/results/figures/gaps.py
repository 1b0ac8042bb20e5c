"""The gap that was seen, its certificate and its bound, against width, α and depth."""

from __future__ import annotations

from typing import Any

from boundcheck.check.results.figures.cells import Study
from boundcheck.check.results.figures.combinations import AXES, Cell, Combination, chosen, combinations
from boundcheck.check.results.figures.words import count, short, slug, span, spreads, table

LINES = (
    ("bound", "bound", "bound"),
    ("T1 at realised norms", "certificate", "certificate"),
    ("largest gap seen", "gap", "gap"),
    ("gap, median", "q50", "gap"),
)
"""Name, number of the cell, and the family, of which all have one colour."""
BANDS = (("gap, 5 to 95 %", "q05", "q95"), ("gap, 25 to 75 %", "q25", "q75"))
QUANTILES = ("q05", "q25", "q50", "q75", "q95", "gap", "certificate", "bound")
COLUMNS = (
    *("gap, 5 %", "gap, 25 %", "gap, median", "gap, 75 %", "gap, 95 %"),
    *("largest gap seen", "T1 at realised norms", "bound", "bound ÷ largest gap"),
)


def gap_figures(study: Study) -> list[dict[str, Any]]:
    """One figure for each axis with at least two values where all else is the same."""
    found = (_figure(study, axis) for axis in ("width", "alpha", "depth"))
    return [figure for figure in found if figure is not None]


def _figure(study: Study, axis: str) -> dict[str, Any] | None:
    exact, ranged = not study.mixed, False
    varying, found, same = combinations(study, axis) if exact else ([], [], "")
    plotted = [item for item in found if len(_places(item, axis)) > 1]
    if not plotted and (study.scattered(axis) or not exact) and study.spread[axis] > 1:
        study, ranged = study.coarse(axis), study.scattered(axis)
        varying, found, same = combinations(study, axis)
        plotted = [item for item in found if len(_places(item, axis)) > 1]
    if not plotted:
        return None
    shown = chosen(plotted, lambda item: (len(_places(item, axis)), sum(cell["rows"] for cell in item.cells)))
    series = [line for item in shown for line in _series(item, axis)]
    heights = [height for line in series for height in (*line["y"], *(line["low"] or []), *(line["high"] or []))]
    return {
        "id": slug(study.name, "gap", axis),
        "title": f"Gap, certificate and bound against {AXES[axis]}: {study.name}",
        "study": study.name,
        "x": {"label": AXES[axis], "log": axis == "width", "ticks": _ticks(series, ranged)},
        "y": {"label": "gap", "log": spreads(heights)},
        "panels": [item.label for item in shown],
        "series": series,
        "lines": [],
        "table": table(
            [*varying, AXES[axis], "verdicts", *COLUMNS],
            [
                [*item.values, cell[axis], cell["rows"], *(cell[key] for key in QUANTILES), cell["times_least"]]
                for item in found
                for cell in item.cells
                if cell["gap"] is not None
            ],
        ),
        "alt": f"{_alt(shown, axis)} {_together(study) if study.mixed else ''}".rstrip(),
        "caption": _caption(study, ranged, same, len(shown), len(found), len(plotted)),
    }


def _ticks(series: list[dict[str, Any]], ranged: bool) -> list[float] | None:
    """At the values; middles of ranges are none."""
    return None if ranged else sorted({x for line in series for x in line["x"]})


def _places(item: Combination, axis: str) -> list[float]:
    """Where a combination has a largest gap and a bound."""
    return sorted({cell[axis] for cell in item.cells if cell["gap"] is not None and cell["bound"] is not None})


def _series(item: Combination, axis: str) -> list[dict[str, Any]]:
    found = []
    for name, low, high in BANDS:
        cells = [cell for cell in item.cells if cell[low] is not None and cell[high] is not None]
        ends = {"low": [cell[low] for cell in cells], "high": [cell[high] for cell in cells]}
        found.append(_one(name, "band", item, cells, axis) | ends | {"y": [], "family": "gap"})
    for name, key, family in LINES:
        cells = [cell for cell in item.cells if cell[key] is not None]
        found.append(_one(name, "line", item, cells, axis) | {"y": [cell[key] for cell in cells], "family": family})
    mixed = [cell for cell in item.cells if cell["bound"] is not None and cell["bound_least"] < cell["bound"]]
    if mixed:
        ends = {"low": [cell["bound_least"] for cell in mixed], "high": [cell["bound"] for cell in mixed]}
        found.append(_one("bound, least to largest", "band", item, mixed, axis) | ends | {"y": [], "family": "bound"})
    return [line for line in found if line["x"]]


def _one(name: str, kind: str, item: Combination, cells: list[Cell], axis: str) -> dict[str, Any]:
    x = [cell[axis] for cell in cells]
    return {"name": name, "kind": kind, "group": item.label, "x": x, "low": None, "high": None}


def _alt(shown: list[Combination], axis: str) -> str:
    """What is to be seen: how the bound goes, and how far it stays above the gaps."""
    first = shown[0]
    ends = [cell for cell in first.cells if cell["bound"] is not None and cell["gap"] is not None]
    begin, end = ends[0]["bound"], ends[-1]["bound"]
    course = f"{'falls' if end < begin else 'rises'} from {short(begin)} to {short(end)}"
    if short(begin) == short(end):
        course = f"is {short(begin)} at both ends"
    where = f" ({first.label})" if len(shown) > 1 else ""
    text = f"From {AXES[axis]} {short(ends[0][axis])} to {short(ends[-1][axis])} the bound {course}{where}"
    cells = [cell for item in shown for cell in item.cells if cell["times_least"] is not None]
    if not cells:
        return f"{text}; no gap was seen."
    times = [ratio for cell in cells for ratio in (cell["times_least"], cell["times_most"])]
    over = f"over the {len(shown)} panels it" if len(shown) > 1 else "it"
    if min(times) >= 1:
        text += f"; {over} is {span(times)} times the largest gap seen."
    else:
        below = sum(cell["times_least"] < 1 for cell in cells)
        text += f"; at {count(below, 'place')} below the largest gap seen, at least {short(min(times))} times that."
    sharp = [cell["bound"] / cell["certificate"] for cell in cells if cell["certificate"] and cell["bound"] is not None]
    return f"{text} The bound is {span(sharp)} times T1 at the realised norms." if sharp else text


def _caption(study: Study, ranged: bool, same: str, shown: int, found: int, plotted: int) -> str:
    text = "Everything but the seed is the same along a line."
    if study.mixed or ranged:
        text = "Points are drawn at the middles of ranges." if ranged else ""
        text += f" {_together(study)}" * bool(study.mixed)
    if same:
        text += f" In all: {same}."
    if shown < found:
        few = f"; {count(found - plotted, 'combination')} with one place only" if plotted < found else ""
        text += (
            f" {shown} of {count(found, 'combination')} are drawn, those with the most points (ties: the order of the "
            f"campaign{few}); the table has more, and boundcheck plot --where draws others."
        )
    rows = max(cell["rows"] for cell in study.cells)
    if rows > 1 or study.mixed:
        text += (
            " Where a place stands for several verdicts, bands reach from the lowest to the highest quantile, the "
            "median is the mean of medians, and the largest gap, T1 and the bound are the largest."
        )
    vacuous, unknown = (sum(cell[key] for cell in study.cells) for key in ("vacuous", "unknown"))
    if vacuous:
        verdicts = count(sum(cell["rows"] for cell in study.cells), "verdict")
        text += f" Of {verdicts}, {vacuous:,} are vacuous: there the bound says nothing."
    return f"{text} Missing, for errors: {count(unknown, 'point')}." if unknown else text


def _together(study: Study) -> str:
    *names, last = study.mixed
    return f"Points that differ in {', '.join(names)}{' and ' * bool(names)}{last} are drawn together."
