"""Tables and a plot of what `kernels.py` measured."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from rich.table import Table

if TYPE_CHECKING:
    from kernels import Result

WHOLE = "whole"


def ratio(of: Result, to: Result, stage: str = WHOLE) -> float:
    """How many times more trials a second, as the median over the rounds that both met."""
    return statistics.median(t / o for o, t in zip(of.rounds[stage], to.rounds[stage], strict=False))


def tables_of(results: Sequence[Result], stage: str, peak: float) -> Table:
    """Rows of widths, columns of contestants, at one precision and power."""
    work = results[0].work
    timed_here = [result for result in results if stage in result.rounds]
    names = list(dict.fromkeys(result.name for result in timed_here))
    title = f"{stage}, trials a second; {work.precision}, k = D^{work.power}"
    table = Table(title=title, title_justify="left")
    compared = stage == WHOLE or names[0].startswith("boundcheck")
    for name in (
        "d",
        *names,
        *(("/ best peer", "/ idiomatic") if compared else ()),
        *(("% of peak",) if stage == "forward" else ()),
    ):
        table.add_column(name, justify="right")
    for width in dict.fromkeys(result.work.width for result in timed_here):
        here = {result.name: result for result in timed_here if result.work.width == width}
        row = [str(width), *(f"{1 / here[name].median(stage):,.4g}" if name in here else "–" for name in names)]
        peers = [result for name, result in here.items() if not name.startswith("boundcheck")]
        best = min(peers, key=lambda result: result.median(stage), default=None)
        ours = here.get(names[0])
        if compared:
            row.append(f"{ratio(ours, best, stage):.2f}" if ours and best else "–")
            usual = here.get("idiomatic torch")
            row.append(f"{ratio(ours, usual, stage):.1f}" if ours and usual else "–")
        if stage == "forward":
            row.append(f"{100 * ours.work.forward_operations / ours.median(stage) / 1e9 / peak:.0f}" if ours else "–")
        table.add_row(*row)
    return table


def exponents(results: Sequence[Result]) -> Table:
    """Slopes of log time a trial against log weights; for the forward pass that is against weights × inputs."""
    table = Table(title="cost a trial ~ D^p, least squares over the widths", title_justify="left")
    for name in ("", "sampling", "selection", "forward"):
        table.add_column(name, justify="right")
    for name in dict.fromkeys(result.name for result in results):
        mine = [result for result in results if result.name == name]
        row = [name]
        for stage in ("sampling", "selection", "forward"):
            points = [(2 * np.log(r.work.width), np.log(r.median(stage))) for r in mine if stage in r.rounds]
            row.append(f"{np.polyfit(*zip(*points, strict=True), 1)[0]:.2f}" if len(points) > 1 else "–")
        table.add_row(*row)
    return table


def plot(results: Sequence[Result], path: str) -> None:
    """Trials a second against width, one panel a precision and power."""
    try:
        from matplotlib import pyplot
    except ImportError:
        print("Matplotlib is not installed, hence no plot: pip install 'boundcheck[bench]'")
        return
    cells = list(dict.fromkeys((r.work.precision, r.work.power) for r in results))
    figure, axes = pyplot.subplots(1, len(cells), figsize=(5.5 * len(cells), 5), squeeze=False)
    for axis, cell in zip(axes[0], cells, strict=True):
        here = [r for r in results if (r.work.precision, r.work.power) == cell]
        for name in dict.fromkeys(r.name for r in here):
            points = [(r.work.width, 1 / r.median()) for r in here if r.name == name]
            axis.loglog(*zip(*points, strict=True), marker="o", label=name)
        axis.set(title=f"{cell[0]}, k = D^{cell[1]}", xlabel="width d", ylabel="trials a second")
        axis.grid(which="both", alpha=0.3)
    axes[0][0].legend()
    figure.savefig(path, dpi=150, bbox_inches="tight")
