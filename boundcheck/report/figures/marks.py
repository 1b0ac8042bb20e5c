"""How a series is drawn: lines, points, bands and limits; colour is never the only difference."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from boundcheck.report.figures.palette import SERIES
from boundcheck.report.figures.scales import shown

MARKERS = ("s", "D", "o", "^", "v", "P")
DASHES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (3, 1, 1, 1)), (0, (1, 1)), (0, (7, 1, 1, 1, 1, 1)), (0, (2, 2)))


@dataclass(frozen=True)
class Style:
    """What one series looks like."""

    colour: str
    marker: str
    dashes: Any
    opacity: float
    size: float
    filled: bool
    shift: float
    """How far it is moved aside, so that its limits do not hide others': a share of the distance of two values."""


def styles(figure: Mapping[str, Any], colours: Mapping[str, str]) -> dict[int, Style]:
    """A style for each series, by its id: one colour to a family, a marker and a line of its own to each name."""
    names = list(dict.fromkeys(series["name"] for series in figure["series"] if series["kind"] != "band"))
    families = list(dict.fromkeys(_family(series) for series in _lines_first(figure["series"])))
    bands = list(dict.fromkeys((_family(one), one["name"]) for one in figure["series"] if one["kind"] == "band"))
    limits = [series["name"] for series in figure["series"] if series["kind"] == "limits"]
    # Several places in one row may coincide: every other marker is a ring around the next.
    stacked = sum(bool(series.get("horizontal")) for series in figure["series"]) > 1
    found = {}
    for series in figure["series"]:
        place = names.index(series["name"]) if series["name"] in names else 0
        found[id(series)] = Style(
            colour=colours[f"series-{families.index(_family(series)) % SERIES + 1}"],
            marker=MARKERS[place % len(MARKERS)],
            dashes=DASHES[place % len(DASHES)],
            opacity=_opacity(series, bands),
            size=5.0 if not stacked or place % 2 else 9.0,
            filled=not stacked or place % 2 == 1,
            shift=limits.index(series["name"]) - (len(limits) - 1) / 2 if len(limits) > 1 else 0.0,
        )
    return found


def _opacity(series: Mapping[str, Any], bands: list[tuple[str, str]]) -> float:
    """Of the bands of one family each is denser than the one before, in which it lies."""
    inner = [name for family, name in bands if family == _family(series)]
    return 0.18 + 0.17 * inner.index(series["name"]) if series["kind"] == "band" else 1.0


def mark(axis: Any, series: Mapping[str, Any], style: Style, figure: Mapping[str, Any]) -> None:
    """Draw one series; a place without a value is left out."""
    if series["kind"] == "band":
        low, high = ([shown(value, figure["y"])[0] for value in series[end]] for end in ("low", "high"))
        look = {"color": style.colour, "alpha": style.opacity, "linewidth": 0}
        axis.fill_between(series["x"], low, high, label=series["name"], **look)
        return
    if series["kind"] == "limits":
        _limits(axis, series, style, figure)
    _points(axis, series, style, figure)


def _points(axis: Any, series: Mapping[str, Any], style: Style, figure: Mapping[str, Any]) -> None:
    full: list[tuple[float, float]] = []
    beyond: list[tuple[float, float]] = []
    every: list[tuple[float, float]] = []
    for x, y in zip(series["x"], series["y"], strict=True):
        if x is None or y is None:
            continue
        (x, inside), (y, within) = shown(x, figure["x"]), shown(y, figure["y"])
        place = (_aside(x, style, figure), y)
        (full if inside and within else beyond).append(place)
        every.append(place)
    line = style.dashes if series["kind"] == "line" else "none"
    look: dict[str, Any] = {"color": style.colour, "linestyle": line, "zorder": 3}
    if series["kind"] == "line":
        axis.plot(*_columns(every), **look)
    marks = look | {"linestyle": "none", "marker": style.marker, "markersize": style.size}
    fill = {} if style.filled else {"markerfacecolor": "none"}
    axis.plot(*_columns(beyond), markerfacecolor="none", **marks)
    # The entry of the legend has the line and the marker of a value that the axis shows.
    if series["kind"] == "line":
        axis.plot(*_columns(full), **marks)
        axis.plot([], [], label=series["name"], marker=style.marker, **look)
    else:
        axis.plot(*_columns(full), label=series["name"], **marks, **fill)


def _limits(axis: Any, series: Mapping[str, Any], style: Style, figure: Mapping[str, Any]) -> None:
    """Bars between the limits, with a stroke across an end that the axis shows."""
    across = bool(series.get("horizontal"))
    along = figure["x"] if across else figure["y"]
    places = series["y"] if across else [_aside(x, style, figure) for x in series["x"]]
    for place, low, high in zip(places, series["low"], series["high"], strict=True):
        known = [shown(value, along) for value in (low, high) if value is not None]
        if not known:
            continue
        ends = [value for value, _ in known]
        bar = axis.hlines if across else axis.vlines
        bar([place], [min(ends)], [max(ends)], colors=style.colour, linewidth=1.4, zorder=2.5)
        caps = [(value, place) if across else (place, value) for value, inside in known if inside]
        axis.plot(
            *_columns(caps),
            linestyle="none",
            marker="|" if across else "_",
            color=style.colour,
            markersize=7,
            markeredgewidth=1.4,
            zorder=2.6,
        )


def _aside(x: float, style: Style, figure: Mapping[str, Any]) -> float:
    """A little to one side of a place, nearer to it than to the next."""
    if not style.shift:
        return x
    log = figure["x"]["log"]
    values = sorted({math.log(x) if log else x for series in figure["series"] for x in series["x"]})
    several = sum(series["kind"] == "limits" for series in figure["series"])
    wide = min(0.03, 0.1 / several) * (values[-1] - values[0]) or 0.1
    nearest = min((b - a for a, b in pairwise(values)), default=1.0)
    step = min(wide, 0.8 * nearest / several)
    return x * math.exp(step * style.shift) if log else x + step * style.shift


def _columns(places: list[tuple[float, float]]) -> tuple[list[float], list[float]]:
    return [x for x, _ in places], [y for _, y in places]


def _family(series: Mapping[str, Any]) -> str:
    return str(series.get("family") or series["name"])


def _lines_first(series: list[Any]) -> list[Any]:
    return sorted(series, key=lambda line: line["kind"] == "band")
