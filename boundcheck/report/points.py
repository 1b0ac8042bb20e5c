"""Every tested point of a theorem as a table: what was claimed there and what was measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from boundcheck.report.words import LEAST, STYLES, WIDE, details, number, place, plain_table, verdict_cell
from boundcheck.verdict.decide import Verdict
from boundcheck.verdict.evidence import Scaling
from boundcheck.verdict.point import PointVerdict, apart


def render_points(verdict: Verdict, console: Console) -> None:
    """Print one row per tested point of a theorem: what was claimed there and what was measured.

    The level of the run, and what went wrong, are for :func:`render` to tell.

    Parameters
    ----------
    verdict
        Of the theorem.
    console
        Where to print; below 100 columns the verdicts share a column with the parameters.
    """
    heading = Text.assemble((verdict.theorem, "bold"), "  ", verdict_cell(verdict, " "), "  ", verdict.method)
    console.print(Padding(heading, (0, 1)))
    if verdict.points:
        console.print(_points_table(verdict.points, wide=console.width >= WIDE))
        console.print(Padding(_points_legend(verdict.points), (0, 1)))
    else:
        if verdict.scaling:
            console.print(_scaling_table(verdict.scaling))
        console.print(Padding(details(verdict), (0, 1)))
    console.print()


def _points_table(points: Sequence[PointVerdict], *, wide: bool) -> Table:
    simulated, laddered, shared = _columns(points)
    numbers = all(point.evidence.quantity == "expectation" for point in points)
    table = plain_table()
    table.leading = 1
    table.add_column("Point", ratio=1, overflow="fold", min_width=18)
    if wide:
        table.add_column("Verdict", no_wrap=True)
        headings = ["Right side", "Left side"] if numbers else ["Claimed", "Observed"]
        headings += ["Limits"] + ["Ratio"] * shared
    else:
        headings = ["Two sides" if numbers else "Probability"]
    headings += ["Trials"] * simulated + ["Gap", "Ratio"] * laddered
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    for point in points:
        status = _point_status(point)
        where = Text(place(point.evidence.parameters))
        if point.evidence.law:
            where.append(f"\n{point.evidence.law}", "dim")
        cells = [where, status, *_number_cells(point, shared)] if wide else [Text("\n").join([where, status])]
        if not wide:
            cells.append(_number_cell(point, shared))
        if simulated:
            cells.append(_trials_cell(point))
        if laddered:
            cells += _ladder_cells(point)
        table.add_row(*cells)
    return table


def _columns(points: Iterable[PointVerdict]) -> tuple[bool, bool, bool]:
    """Whether there are trials, gaps, and ratios to show."""
    points = tuple(points)
    laddered = any(point.evidence.ladder for point in points)
    simulated = any(point.evidence.trials for point in points)
    return simulated, laddered, not laddered and any(point.ratio_high is not None for point in points)


def numbers_of(point: PointVerdict) -> tuple[str, str, str, str]:
    """What is claimed, what was seen, and its limits."""
    evidence = point.evidence
    hidden = evidence.violations > 0 and point.observed == 0  # below the range of floats, but not zero
    observed = f"<{LEAST:.0e}" if hidden else number(point.observed)
    claimed, low = number(evidence.claimed_high), number(point.limit_low)
    if point.limit_low > evidence.claimed_high:
        claimed, low = apart(evidence.claimed_high, point.limit_low, digits=4)
    return claimed, observed, low, number(point.limit_high)


def _number_cells(point: PointVerdict, shared: bool) -> list[Text]:
    """The numbers of a point in columns of their own."""
    claimed, observed, low, high = numbers_of(point)
    if point.evidence.exact and point.evidence.quantity == "probability":
        observed += "\nexact"
    cells = [Text(claimed), Text(observed), Text(f"{low}\n{high}")]
    return [*cells, Text(f"{number(point.ratio_low)}\n{number(point.ratio_high)}")] if shared else cells


def _number_cell(point: PointVerdict, shared: bool) -> Text:
    """The numbers of a point below each other."""
    claimed, observed, low, high = numbers_of(point)
    if point.evidence.quantity == "expectation":
        rows = [("right side", claimed), ("left side", observed)]
    else:
        rows = [("claimed", claimed), ("exact" if point.evidence.exact else "seen", observed)]
    rows += [("at least", low), ("at most", high)]
    if shared:
        rows.append(("ratio at most", number(point.ratio_high)))
    return Text("\n".join(f"{name} {shown:>9}" for name, shown in rows))


def _scaling_table(scaling: Scaling) -> Table:
    table = plain_table()
    table.add_column("Size", ratio=1, overflow="fold")
    table.add_column("Left/right, at least", justify="right", no_wrap=True)
    table.add_column("at most", justify="right", no_wrap=True)
    for point in scaling.points:
        table.add_row(Text(place(point.parameters)), number(point.ratio_low), number(point.ratio_high))
    return table


def _point_status(point: PointVerdict) -> Text:
    cell = Text(str(point.status), STYLES[point.status])
    if point.vacuous:
        cell.append("\nvacuous", "magenta")
    if point.needed is not None:
        cell.append(f"\nneeds {point.needed:,}", "dim")
    return cell


def _trials_cell(point: PointVerdict) -> Text:
    evidence = point.evidence
    if not evidence.trials:
        return Text("-")
    cell = Text(f"{evidence.trials:,}\n{evidence.violations:,} viol.")
    if evidence.open:
        cell.append(f"\n{evidence.open:,} open", "yellow")
    if evidence.tilted:
        cell.append(f"\nx {number(evidence.scale_high, 3)}", "dim")
    return cell


def _ladder_cells(point: PointVerdict) -> list[Text]:
    ladder = point.evidence.ladder
    if ladder is None:
        return [Text("-"), Text("-")]
    rungs = [("seen", ladder.observed), ("T1", ladder.certificate), ("bound", ladder.bound)]
    ratios = ["", *(f"x {number(ratio, 3)}" for ratio in (ladder.recursion_ratio, ladder.concentration_ratio))]
    closer = point.evidence.closer
    if closer is not None:
        rungs += [("tried", closer.sampled), ("found", closer.climbed), ("sure", closer.certificate)]
        ratios += ["", f"x {number(closer.gain, 3)}", f"x {number(closer.ratio, 3)}"]
    return [Text("\n".join(f"{name} {number(value, 3):>8}" for name, value in rungs)), Text("\n".join(ratios))]


def _points_legend(points: Sequence[PointVerdict]) -> Text:
    simulated, laddered, shared = _columns(points)
    numbers = any(point.evidence.quantity == "expectation" for point in points)
    bounded = "left side" if numbers else "probability that the theorem bounds"
    parts = [f"Limits (at least, at most): of the {bounded}."]
    if shared:
        parts.append(f"Ratio (at least, at most): of {'left to right side' if numbers else 'that to the claimed one'}.")
    if simulated:
        parts.append("viol.: surely violated; open: neither surely violated nor surely fine.")
    if any(point.evidence.tilted for point in points):
        parts.append("x s: importance sampling; the probability is s times that of a violation in a trial.")
    if laddered:
        parts.append("Gap: largest seen, largest T1 at realised norms, the theorem's bound; each ratio to the last.")
    if any(point.evidence.closer for point in points):
        parts.append(
            "In the first few trials, tried: largest at the inputs of all trials; found: by a search from these; sure: "
            "the sharpest certified bound."
        )
    return Text(" ".join(parts), "dim")
