"""The exact tail over the claim, of scalar inequalities: 1 is tight, above 1 is false."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from boundcheck.check.results.figures.cells import Study, parameters, value
from boundcheck.check.results.figures.combinations import Cell
from boundcheck.check.results.figures.summary import LEAST, MOST, Entry, summary
from boundcheck.check.results.figures.words import count, short, slug, spreads, table

THEOREMS = 6
"""With more theorems than that there is a figure of all of them, and none of each."""
CURVES = 6
PLACES = 100
"""A curve has no more places: of neighbours the largest is drawn."""


def tail_figures(studies: Sequence[Study]) -> list[dict[str, Any]]:
    """A figure of the largest ratio of each theorem, and of few theorems one each against its parameters."""
    by_theorem = [
        (study, theorem, [cell for cell in study.cells if cell["theorem"] == theorem and _known(cell)])
        for study in studies
        if study.kind == "sample"
        for theorem in study.theorems
    ]
    known = [entry for entry in by_theorem if entry[2]]
    found = []
    if len(known) <= THEOREMS:
        singles = (_figure(study, theorem, cells) for study, theorem, cells in known)
        found = [figure for figure in singles if figure is not None]
    if known and (len(known) > 1 or not found):
        found.append(_together(known, len(by_theorem)))
    return found


def _known(cell: Cell) -> bool:
    return cell["quantity"] != "ratio" and (cell["exact"] is not None or cell["ratio_high"] is not None)


def _sides(cells: Sequence[Cell]) -> str:
    """What the ratio is, in the words of the verdicts."""
    quantities = {cell["quantity"] for cell in cells}
    if quantities == {"probability"}:
        return "exact tail ÷ claim" if all(cell["exact"] is not None for cell in cells) else "tail ÷ claim"
    return "left side ÷ right side"


def _figure(study: Study, theorem: str, cells: Sequence[Cell]) -> dict[str, Any] | None:
    """The ratio against the parameter with the most values, a line for each value of the next."""
    exact = [cell for cell in cells if cell["exact"] is not None]
    numbers = [{name: value(text) for name, text in parameters(cell).items()} for cell in exact]
    names = sorted({name for row in numbers for name in row})
    spread = {name: {row.get(name) for row in numbers} - {None} for name in names}
    order = sorted((name for name in names if len(spread[name]) > 1), key=lambda name: (-len(spread[name]), name))
    if not order:
        return None
    axis, other = order[0], order[1] if len(order) > 1 else None
    curves = _curves(exact, numbers, axis, other)
    scattered = other is not None and len(curves) > CURVES and sum(map(len, curves.values())) < 3 * len(curves)
    if scattered:
        # No curve has places to speak of: the largest ratio of all, where it is.
        other, curves = None, _curves(exact, numbers, axis, None)
    rest = [name for name in order if name not in (axis, other)]
    curves = {key: _thinned(points) for key, points in curves.items()}
    keys = _evenly(sorted(curves, key=lambda key: (key is None, key or 0.0)))
    label = _sides(exact)
    series = [
        {
            "name": f"{other} = {short(key, 6)}" if key is not None else label,
            "kind": "points" if scattered else "line",
            "group": "",
            "x": sorted(curves[key]),
            "y": [curves[key][place] for place in sorted(curves[key])],
            "low": None,
            "high": None,
        }
        for key in keys
    ]
    everything = [(ratio, place, key) for key, points in curves.items() for place, ratio in points.items()]
    heights = [ratio for ratio, *_ in everything]
    top, where, which = max(everything, key=lambda entry: entry[0])
    at = f"{axis} = {short(where, 6)}" + (f", {other} = {short(which, 6)}" if which is not None else "")
    above = sum(ratio > 1 for ratio in heights)
    y: dict[str, Any] = {"label": label, "log": spreads([*heights, 1.0])}
    if y["log"]:
        y["floor"] = max(min([ratio for ratio in heights if ratio > 0], default=1.0), LEAST) / 1.5
        y["ceiling"] = min(max([*heights, 1.0]), MOST) * 1.5
    caption = "The largest ratio over laws" + (f" and over {', '.join(rest)}" if rest else "") + " at each place."
    if len(keys) < len(curves):
        caption += f" {len(keys)} of {len(curves)} values of {other} are drawn, evenly; the table has all."
    if any(len(points) == PLACES for points in curves.values()):
        caption += " Of neighbouring places the largest ratio is drawn."
    if y["log"] and not all(y["floor"] <= ratio <= y["ceiling"] for ratio in heights):
        caption += " Hollow markers lie beyond the axis."
    if len(exact) < len(cells):
        caption += f" {count(len(cells) - len(exact), 'place')} without an exact law are left out."
    return {
        "id": slug(study.name, theorem, "tail"),
        "title": f"{label[0].upper()}{label[1:]}: {theorem}",
        "study": study.name,
        "x": {
            "label": axis,
            "log": spreads(place for _, place, _ in everything) and all(p > 0 for _, p, _ in everything),
        },
        "y": y,
        "series": series,
        "lines": [{"y": 1.0, "name": "the claim"}],
        "table": table(
            [*([other] if other else []), axis, label],
            [
                [*([key] if other else []), place, curves[key][place]]
                for key in sorted(curves, key=lambda key: (key is None, key or 0.0))
                for place in sorted(curves[key])
            ],
        ),
        "alt": f"The largest ratio of {theorem} is {short(top, 4)}, at {at}; "
        + (f"{above} of {count(len(heights), 'place')} lie above 1." if above else "nowhere is it above 1."),
        "caption": caption,
    }


def _curves(
    cells: Sequence[Cell], numbers: Sequence[dict[str, float | None]], axis: str, other: str | None
) -> dict[float | None, dict[float, float]]:
    """For each value of the other parameter the largest ratio at each place of the axis."""
    curves: dict[float | None, dict[float, float]] = {}
    for cell, row in zip(cells, numbers, strict=True):
        place, curve = row.get(axis), row.get(other) if other else None
        if place is not None and (other is None or curve is not None):
            points = curves.setdefault(curve, {})
            points[place] = max(points.get(place, cell["exact"]), cell["exact"])
    return curves


def _thinned(points: dict[float, float]) -> dict[float, float]:
    """The largest of neighbours, where there are more places than can be told apart."""
    places = sorted(points)
    each = -(-len(places) // PLACES)
    kept = (max(places[i : i + each], key=points.__getitem__) for i in range(0, len(places), each))
    return {place: points[place] for place in kept}


def _evenly(keys: list[float | None]) -> list[float | None]:
    """At most as many as are drawn, with the first and the last."""
    if len(keys) <= CURVES:
        return keys
    return [keys[round(i * (len(keys) - 1) / (CURVES - 1))] for i in range(CURVES)]


def _together(known: Sequence[tuple[Study, str, list[Cell]]], theorems: int) -> dict[str, Any]:
    entries = []
    for study, theorem, cells in known:
        exact = [cell["exact"] for cell in cells if cell["exact"] is not None]
        lows = [cell["ratio_low"] for cell in cells if cell["ratio_low"] is not None]
        highs = [cell["ratio_high"] for cell in cells if cell["ratio_high"] is not None]
        seen, low, high = max(exact, default=None), max(lows, default=None), max(highs, default=None)
        rows = sum(cell["rows"] for cell in cells)
        entries.append(Entry(study.name, theorem, seen, low, high, (rows, seen, low, high)))
    label = _sides([cell for *_, cells in known for cell in cells])
    figure = summary(
        entries,
        id="tails",
        title="Largest ratio of left to right side, by theorem" if "side" in label else f"Largest {label}, by theorem",
        label=label,
        columns=("verdicts", "largest exact ratio", "simulated, lower limit", "simulated, upper limit"),
    )
    tops = [(entry.seen, entry.name) for entry in entries if entry.seen is not None]
    above = [entry.name for entry in entries if (entry.seen or 0) > 1 or (entry.low or 0) > 1]
    figure["alt"] = f"Of {count(len(entries), 'theorem')}, "
    if tops:
        top, name = max(tops)
        least, loosest = min(tops)
        figure["alt"] += f"the largest exact ratios go from {short(least)} ({loosest}) to {short(top, 4)} ({name}); "
    figure["alt"] += f"above 1: {', '.join(above[:5])}{', …' * (len(above) > 5)}." if above else "none is above 1."
    left = theorems - len(entries)
    figure["caption"] = (
        "The largest ratio of each theorem over its points and laws: 1 is tight, above 1 is false. Markers are exact, "
        "bars are limits from trials."
        + figure["caption"]
        + (
            f" {count(left, 'theorem')} without numbers, such as proofs for all parameters, are left out."
            if left
            else ""
        )
    )
    return figure
