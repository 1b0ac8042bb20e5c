"""Combinations of all that varies in a study besides the axis of a figure and the seeds: nothing else is mixed up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from boundcheck.check.results.figures.cells import UNLISTED, Study, parameters, value
from boundcheck.check.results.figures.words import short

AXES = {"width": "width", "alpha": "α", "depth": "depth", "delta": "δ"}
SHOWN = 4
"""A figure shows no more combinations."""

Cell = dict[str, Any]


@dataclass(frozen=True)
class Combination:
    """Cells that differ in the axis of the figure alone."""

    label: str
    """The values that other combinations do not share."""
    values: tuple[str, ...]
    cells: tuple[Cell, ...]


def combinations(study: Study, axis: str) -> tuple[list[str], list[Combination], str]:
    """All combinations in the order of the campaign, where the axis has a value.

    Returns
    -------
    tuple
        The names of what differs between combinations, the combinations, and what is the same in all.
    """
    cells = [cell for cell in study.cells if cell[axis] is not None]
    dimensions = {name: read for name, read in _dimensions(study).items() if name != AXES[axis]}
    described = [{name: read(cell) for name, read in dimensions.items()} for cell in cells]
    kept = {name: {row[name] for row in described} for name in dimensions}
    varying = [name for name, found in kept.items() if len(found) > 1]
    groups: dict[tuple[str, ...], list[Cell]] = {}
    for cell, row in zip(cells, described, strict=True):
        groups.setdefault(tuple(row[name] for name in varying), []).append(cell)
    found = [
        Combination(
            ", ".join(_said(name, text) for name, text in zip(varying, key, strict=True) if text) or study.name,
            key,
            tuple(sorted(members, key=lambda cell: cell[axis])),
        )
        for key, members in groups.items()
    ]
    same = [_said(name, next(iter(texts))) for name, texts in kept.items() if len(texts) == 1]
    return varying, found, "; ".join(filter(None, same))


def chosen(found: Sequence[Combination], rank: Callable[[Combination], Any], most: int = SHOWN) -> list[Combination]:
    """The combinations of the highest rank, ties in the order of the campaign; in that order."""
    best = sorted(range(len(found)), key=lambda i: (rank(found[i]), -i), reverse=True)[:most]
    return [found[i] for i in sorted(best)]


def _said(name: str, text: str) -> str:
    if name in ("theorem", "rule", "activation") or not text:
        return text
    return f"{name} {text}" if name in ("depth", "width", "layers", "weights") else f"{name} = {text}"


def _dimensions(study: Study) -> dict[str, Callable[[Cell], str]]:
    """What may differ between cells, each with its text in a cell; depth, width and alpha are not told twice."""
    shape = _shapes(study.cells)
    found: dict[str, Callable[[Cell], str]] = {
        "theorem": lambda cell: cell["theorem"],
        "rule": _rule,
        "α": lambda cell: _number(cell["alpha"]),
        "δ": lambda cell: _number(cell["delta"]),
        "depth": lambda cell: _number(cell["depth"]),
        "width": lambda cell: _number(cell["width"]),
        "layers": lambda cell: shape[id(cell)],
        "activation": lambda cell: cell["activation"] or "",
        "weights": lambda cell: cell["weights"] or "",
    }
    for name in UNLISTED:
        found[name] = _unlisted(name)
    for name in _further(study.cells):
        found[name] = _parameter(name)
    return found


def _unlisted(name: str) -> Callable[[Cell], str]:
    return lambda cell: str(cell.get(name) or "")


def _parameter(name: str) -> Callable[[Cell], str]:
    return lambda cell: parameters(cell).get(name, "")


def _number(known: float | None) -> str:
    return "" if known is None else short(known, 6)


def _rule(cell: Cell) -> str:
    """The rule of pruning; with its amount, where that is no alpha."""
    return (cell["rule"] if cell["alpha"] is not None else cell["pruning"]) or cell["rule"] or ""


def _shapes(cells: Iterable[Cell]) -> dict[int, str]:
    """The layers of each cell, by its id, with d for a width that is the column's: 64,d…d,10."""
    listed = [(cell, _widths(cell)) for cell in cells]
    # An end is called d only if it always goes with the width: 64,64,10 is 64,d,10 among others that begin with 64.
    ends = [all(widths[end] == cell["width"] for cell, widths in listed if widths) for end in (0, -1)]
    found = {}
    for cell, widths in listed:
        found[id(cell)] = cell["architecture"] or ""
        if widths and all(width == cell["width"] for width in widths[1:-1]):
            first, last = ("d" if same else str(widths[end]) for end, same in zip((0, -1), ends, strict=True))
            found[id(cell)] = ",".join([first, *["d…d"] * (len(widths) > 2), last])
    return found


def _widths(cell: Cell) -> list[int] | None:
    parts = (cell["architecture"] or "").split(",")
    return [int(part) for part in parts] if len(parts) > 1 and all(part.isdecimal() for part in parts) else None


def _further(cells: Sequence[Cell]) -> list[str]:
    """Parameters that say more than the columns do: those that no column repeats in every cell."""
    texts = [(cell, parameters(cell)) for cell in cells]
    names = sorted({name for _, known in texts for name in known})

    def repeated(name: str, column: str) -> bool:
        return all(name not in known or value(known[name]) == cell[column] for cell, known in texts)

    return [name for name in names if not any(repeated(name, column) for column in AXES)]
