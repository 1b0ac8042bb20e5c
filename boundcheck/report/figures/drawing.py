"""A figure as Matplotlib's: panels, axes, references and the legend, which lies outside the data."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from boundcheck.report.figures import scales
from boundcheck.report.figures.library import SMALL
from boundcheck.report.figures.marks import mark, styles

PAGE, COLUMN = 6.8, 3.4
"""Widths in inches: of a page of text, and of one of two columns or a phone."""
_LETTER = 0.072
"""Width of a letter of small text, in inches, with some to spare."""
_ROW = 0.25


def draw(figure: Mapping[str, Any], colours: Mapping[str, str], *, narrow: bool = False, title: bool = False) -> Any:
    """The figure, within :func:`boundcheck.report.figures.library.settings`.

    Parameters
    ----------
    figure
        As plain data; the package's `check.results.figures` says its keys.
    colours
        By the names of :mod:`boundcheck.report.figures.palette`.
    narrow
        As wide as a column, with panels one below the other.
    title
        Whether the title is written above.
    """
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    width = COLUMN if narrow else PAGE
    panels = figure.get("panels") or [None]
    columns = 1 if narrow or len(panels) == 1 else 2
    rows = math.ceil(len(panels) / columns)
    names = _names(figure)
    fitting = max(1, min(len(names), int(width / (max(map(len, names)) * _LETTER + 0.5)))) if names else 1
    words = textwrap.fill(figure["title"], int(width / 0.085)) if title else ""
    below, above = 0.19 * math.ceil(len(names) / fitting), 0.24 * (words.count("\n") + title)
    height = _height(figure, rows, narrow) + below + above
    free = ConstrainedLayoutEngine(rect=(0, below / height, 1, 1 - (below + above) / height))
    canvas = Figure(figsize=(width, height), layout=free)
    axes = canvas.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel().tolist()
    look = styles(figure, colours)
    for axis in axes[len(panels) :]:
        axis.set_visible(False)
    for place, (axis, panel) in enumerate(zip(axes, panels, strict=False)):
        for series in figure["series"]:
            if panel is None or series["group"] == panel:
                mark(axis, series, look[id(series)], figure)
        _references(axis, figure, colours)
        _steps(axis, figure, colours)
        if panel is not None and len(panels) > 1:
            axis.set_title(textwrap.fill(panel, int(width / columns / _LETTER)))
        lowest = place + columns >= len(panels)
        axis.tick_params(labelbottom=lowest)
        if lowest:
            axis.set_xlabel(textwrap.fill(figure["x"]["label"], int(width / columns / _LETTER)))
        if place % columns == 0:
            axis.set_ylabel(figure["y"]["label"])
    _scales(axes, figure, narrow)
    if names:
        _legend(canvas, axes[: len(panels)], names, fitting)
    if title:
        canvas.text(0.01, 1 - 0.05 / height, words, fontsize="large", va="top")
    return canvas


def _height(figure: Mapping[str, Any], rows: int, narrow: bool) -> float:
    categories = figure["y"].get("categories")
    if categories is not None:
        return 0.9 + (1.5 if figure.get("steps") else 1.0) * _ROW * max(2, len(categories))
    one = 2.5 if narrow else 3.4 if rows == 1 and not figure.get("panels") else 2.6
    return rows * one + 0.3


def _values(figure: Mapping[str, Any], name: str) -> list[float]:
    """All that lies along an axis, references included."""
    found: list[float] = []
    for series in figure["series"]:
        ended = name == ("x" if series.get("horizontal") else "y")
        for key in (name, *(("low", "high") if ended else ())):
            found += [value for value in series[key] or () if value is not None]
    found += [line[name] for line in figure.get("lines", ()) if name in line]
    if name == "y" and any("slope" in line for line in figure.get("lines", ())):
        found += _values(figure, "x")
    return found


def _scales(axes: Sequence[Any], figure: Mapping[str, Any], narrow: bool) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

    first = axes[0]
    for name, lines in (("x", first.xaxis), ("y", first.yaxis)):
        axis = figure[name]
        if axis.get("categories") is not None:
            _categories(first, axis["categories"], narrow)
            continue
        low, high = scales.ends(_values(figure, name), axis)
        most = 4 if narrow and name == "x" else 8
        if axis["log"]:
            getattr(first, f"set_{name}scale")("log")
        getattr(first, f"set_{name}lim")(low, high)
        if axis.get("ticks") and len(axis["ticks"]) > 1:
            at = scales.thinned(axis["ticks"], axis["log"], 6 if narrow and name == "x" else 8)
            lines.set_major_locator(FixedLocator(at))
        elif axis["log"]:
            lines.set_major_locator(FixedLocator(scales.ticks(low, high, most)))
        else:
            lines.set_major_locator(MaxNLocator(most - 2, steps=[1, 2, 2.5, 5, 10]))
        lines.set_minor_locator(NullLocator())
        lines.set_major_formatter(FuncFormatter(scales.tick))


def _categories(axis: Any, names: Sequence[str], narrow: bool) -> None:
    most = 18 if narrow else 34
    labels = [name if len(name) <= most else f"{name[: most // 2]}…{name[-(most // 2 - 1) :]}" for name in names]
    axis.set_yticks(range(len(names)), labels)
    axis.set_ylim(len(names) - 0.5, -0.6)
    axis.tick_params(axis="y", length=0)


def _references(axis: Any, figure: Mapping[str, Any], colours: Mapping[str, str]) -> None:
    for line in figure.get("lines", ()):
        look = {
            "color": colours["ink"],
            "linestyle": (0, (1, 1.5)),
            "linewidth": 1.2,
            "label": line["name"],
            "zorder": 1.5,
        }
        if "slope" in line:
            # A stair: level around each place, so that what is moved aside there is still compared with its own.
            edges, levels = _stair(sorted(set(_values(figure, "x"))), figure["x"])
            axis.stairs([line["slope"] * level for level in levels], edges, baseline=None, **look)
        elif "x" in line:
            axis.axvline(line["x"], **look)
        else:
            axis.axhline(line["y"], **look)


def _stair(places: Sequence[float], axis: Mapping[str, Any]) -> tuple[list[float], Sequence[float]]:
    low, high = scales.ends(places, axis)
    between = [math.sqrt(a * b) if axis["log"] else (a + b) / 2 for a, b in pairwise(places)]
    return [low, *between, high], places


def _steps(axis: Any, figure: Mapping[str, Any], colours: Mapping[str, str]) -> None:
    """Ratios above the middle of a step, or below it where the one before is too near."""
    steps = figure.get("steps") or ()
    if not steps:
        return
    low, high = scales.ends(_values(figure, "x"), figure["x"])
    inch = 4.2 / math.log(high / low)
    before: tuple[float, float, bool] | None = None
    for step in steps:
        axis.plot([step["x"], step["to"]], [step["y"]] * 2, color=colours["muted"], linewidth=1, zorder=1.6)
        middle = math.sqrt(step["x"] * step["to"])
        room = 0 if before is None or before[0] != step["y"] else math.log(middle / before[1]) * inch
        over = before is None or before[0] != step["y"] or room > len(step["text"]) * _LETTER or not before[2]
        axis.annotate(
            step["text"],
            (middle, step["y"]),
            (0, 4 if over else -4),
            textcoords="offset points",
            ha="center",
            va="bottom" if over else "top",
            fontsize=SMALL,
            color=colours["ink"],
        )
        before = (step["y"], middle, over)


def _names(figure: Mapping[str, Any]) -> list[str]:
    """What the legend explains; one name alone is the label of its axis."""
    names = list(dict.fromkeys(item["name"] for item in (*figure["series"], *figure.get("lines", ()))))
    return names if len(names) > 1 else []


def _legend(canvas: Any, axes: Sequence[Any], names: Sequence[str], columns: int) -> None:
    """Each name once, below the panels."""
    entries: dict[str, Any] = {}
    for axis in axes:
        for handle, name in zip(*axis.get_legend_handles_labels(), strict=True):
            entries.setdefault(name, handle)
    shown = [entries[name] for name in names]
    canvas.legend(shown, names, loc="lower center", ncols=columns, borderaxespad=0.2).set_in_layout(False)
