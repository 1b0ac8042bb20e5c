"""Verdicts as the table that a researcher reads in a terminal."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from boundcheck.verdict.decide import PointVerdict, Status, Verdict

_STYLES = {
    Status.PROVED: "bold green",
    Status.CONFIRMED: "green",
    Status.REFUTED: "bold red",
    Status.INCONCLUSIVE: "yellow",
}
_ALARM = "bold white on red"
_WIDE = 100  # columns from which numbers get columns of their own


def render(verdicts: Sequence[Verdict], console: Console) -> None:
    """Print one row per theorem, and below it what the numbers mean and what went wrong.

    Parameters
    ----------
    verdicts
        Of one run. The failure probabilities of all their statistical limits are added up, so that the
        footer states the level of the run and not of a single limit.
    console
        Where to print; its width decides how many columns there are.
    """
    if not verdicts:
        console.print(Text("no theorem was checked"))
        return
    console.print(_overview(verdicts, console.width))
    console.print(Padding(_summary(verdicts), (0, 1)))
    console.print()
    for line in (_captions(verdicts), _coverage(verdicts)):
        if line.plain:
            console.print(Padding(line, (0, 1)))
    for verdict in verdicts:
        if not verdict.as_expected:
            console.print()
            console.print(Padding(_explanation(verdict), (0, 1)))


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
    heading = Text.assemble((verdict.theorem, "bold"), "  ", _verdict_cell(verdict, " "), "  ", verdict.method)
    console.print(Padding(heading, (0, 1)))
    if not verdict.points:
        console.print(Padding(Text(verdict.note), (0, 1)))
        return
    wide = console.width >= _WIDE
    laddered = any(point.evidence.ladder for point in verdict.points)
    simulated = any(point.evidence.trials for point in verdict.points)
    table = _table()
    table.leading = 1
    table.add_column("Point", ratio=1, overflow="fold", min_width=18)
    if wide:
        table.add_column("Verdict", no_wrap=True)
        table.add_column("Claimed", justify="right", no_wrap=True)
        table.add_column("Observed", justify="right", no_wrap=True)
        table.add_column("Limits", justify="right", no_wrap=True)
    else:
        table.add_column("Probability", justify="right", no_wrap=True)
    if simulated:
        table.add_column("Trials", justify="right", no_wrap=True)
    if laddered:
        table.add_column("Gap", justify="right", no_wrap=True)
        table.add_column("Ratio", justify="right", no_wrap=True)
    for point in verdict.points:
        evidence = point.evidence
        status = _point_status(point)
        place = Text(", ".join(f"{name} = {value}" for name, value in evidence.parameters.items()) or "-")
        if evidence.law:
            place.append(f"\n{evidence.law}", "dim")
        claimed, observed = _number(evidence.claimed_high), _number(point.observed)
        low, high = _number(point.limit_low), _number(point.limit_high)
        seen = "exact" if evidence.exact else "seen"
        if wide:
            observed = f"{observed}\nexact" if evidence.exact else observed
            cells = [place, status, Text(claimed), Text(observed), Text(f"{low}\n{high}")]
        else:
            rows = ("claimed", claimed), (seen, observed), ("at least", low), ("at most", high)
            probabilities = Text("\n".join(f"{name} {number:>9}" for name, number in rows))
            cells = [Text("\n").join([place, status]), probabilities]
        if simulated:
            cells.append(_trials_cell(point))
        if laddered:
            cells += _ladder_cells(point)
        table.add_row(*cells)
    console.print(table)
    console.print(Padding(_points_legend(laddered=laddered, simulated=simulated), (0, 1)))
    console.print()


def _overview(verdicts: Sequence[Verdict], width: int) -> Table:
    wide = width >= _WIDE
    name_width = min(max(len(verdict.theorem) for verdict in verdicts), 44 if width >= 130 else 26 if wide else 22)
    table = _table()
    table.add_column("Theorem", width=max(name_width, 7), no_wrap=True)
    table.add_column("Verdict", no_wrap=True)
    table.add_column("How it is known", ratio=1, min_width=14)
    table.add_column("Looseness", no_wrap=True)
    if wide:
        table.add_column("Points", justify="right", no_wrap=True)
        table.add_column("Trials", justify="right", no_wrap=True)
    groups = _by_folder(verdicts)
    for position, (folder, members) in enumerate(groups.items()):
        if len(groups) > 1:
            heading = Text(f"{folder}/" if folder else "(no file)", style="bold cyan")
            table.add_row(heading, *[""] * (len(table.columns) - 1))
        for verdict in members:
            cells = [
                Text("\n".join(_fold(verdict.theorem, name_width))),
                _verdict_cell(verdict, "\n"),
                Text(verdict.method),
                Text("\n".join(f"{name:<11}{value}" for name, value in _looseness(verdict)) or "-"),
            ]
            if wide:
                trials = sum(point.evidence.trials for point in verdict.points)
                cells += [Text(str(len(verdict.points) or "-")), Text(f"{trials:,}" if trials else "-")]
            table.add_row(*cells)
        if position < len(groups) - 1:
            table.add_section()
    return table


def _table() -> Table:
    return Table(box=box.SIMPLE_HEAD, expand=True, padding=(0, 1, 0, 0), header_style="bold")


def _by_folder(verdicts: Iterable[Verdict]) -> dict[str, list[Verdict]]:
    """Verdicts by the folder of their file, in the order of the run."""
    groups: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        folder = PurePath(verdict.file.replace("\\", "/")).parent.name if verdict.file else ""
        groups.setdefault(folder, []).append(verdict)
    return groups


def _verdict_cell(verdict: Verdict, separator: str) -> Text:
    """The status word, with a second word wherever the first alone would mislead."""
    refuted = verdict.status is Status.REFUTED
    if verdict.refutation_expected:
        cell = Text(str(verdict.status), "green" if refuted else _ALARM)
        cell.append(separator)
        cell.append("as expected" if refuted else "NOT REFUTED!", "green" if refuted else _ALARM)
    else:
        cell = Text(f"{verdict.status}{'!' * refuted}", _ALARM if refuted else _STYLES[verdict.status])
    if verdict.vacuous:
        cell.append(separator)
        cell.append("vacuous", "magenta")
    return cell


def _looseness(verdict: Verdict) -> Iterator[tuple[str, str]]:
    """The ratios at the point where the bound is tightest, as (name, value)."""
    ladders = [point.evidence.ladder for point in verdict.points if point.evidence.ladder]
    ladders = [ladder for ladder in ladders if not math.isnan(ladder.concentration_ratio)]
    if ladders:
        tightest = min(ladders, key=lambda ladder: ladder.concentration_ratio)
        yield "T1 / gap", _number(tightest.recursion_ratio, 3)
        yield "bound / T1", _number(tightest.concentration_ratio, 3)
        return
    measured = [point for point in verdict.points if point.observed is not None and not point.vacuous]
    exact = [point for point in measured if point.evidence.exact]
    ratios = [_share(point) for point in exact or measured]
    ratios = [ratio for ratio in ratios if not math.isnan(ratio)]
    if ratios:
        yield ("tail/claim" if exact else "rate/claim"), _ratio(max(ratios))


def _share(point: PointVerdict) -> float:
    """The part of the claimed probability that is used up; above 1 the claim is false."""
    if point.evidence.ratio_low is not None and point.evidence.ratio_high is not None:
        return point.evidence.ratio_high if math.isfinite(point.evidence.ratio_high) else point.evidence.ratio_low
    claimed = point.evidence.claimed_low
    tail = point.limit_high if point.evidence.exact else point.observed
    if tail is None or (claimed <= 0 and tail <= 0):
        return math.nan
    return tail / claimed if claimed > 0 else math.inf


def _summary(verdicts: Sequence[Verdict]) -> Text:
    """How many of each outcome, failures last and loudest."""
    expected: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    for verdict in verdicts:
        word = str(verdict.status).lower()
        if verdict.as_expected:
            expected[f"{word} as expected" if verdict.refutation_expected else word] += 1
        elif verdict.refutation_expected:
            failures["NOT REFUTED though it should be"] += 1
        elif verdict.status is Status.REFUTED:
            failures["REFUTED"] += 1
        else:
            expected[word] += 1
    line = Text(f"{len(verdicts)} {'theorem' if len(verdicts) == 1 else 'theorems'}: ", "bold")
    parts = [Text(f"{count} {word}") for word, count in sorted(expected.items(), key=_order)]
    parts += [Text(f"{count} {word}", _ALARM) for word, count in failures.items()]
    return line + Text(", ").join(parts)


def _order(item: tuple[str, int]) -> int:
    words = ("proved", "confirmed", "refuted as expected", "inconclusive")
    return words.index(item[0])


def _captions(verdicts: Sequence[Verdict]) -> Text:
    """What the ratios that are shown mean."""
    shown = {name for verdict in verdicts for name, _ in _looseness(verdict)}
    meanings = {
        "T1 / gap": (
            "T1 / gap: bound at the realised norms over largest gap seen (looseness of the recursion); "
            "bound / T1: the theorem's bound over that (looseness of the concentration step); "
            "both at the point where bound / T1 is smallest"
        ),
        "tail/claim": "tail/claim: largest exact tail over claimed probability (1 is tight)",
        "rate/claim": "rate/claim: largest rate of violations seen over claimed probability",
    }
    vacuous = "vacuous: the bound says nothing at any tested point (a probability of 1, a gap above both norms)"
    lines = [meaning for name, meaning in meanings.items() if name in shown]
    lines += [vacuous] * any(verdict.vacuous for verdict in verdicts)
    return Text("\n".join(f"{line}." for line in lines), "dim")


def _coverage(verdicts: Sequence[Verdict]) -> Text:
    """What the confidence limits of all these verdicts together can be trusted for."""
    betas = [point.beta for verdict in verdicts for point in verdict.points if point.beta is not None]
    if not betas:
        return Text("Nothing here rests on a statistical limit.", "dim")
    level = min(verdict.level for verdict in verdicts)
    seeds = ", ".join(str(seed) for seed in sorted({verdict.seed for verdict in verdicts}))
    # A wrong decision takes the failure of one limit, the lower for a true claim, the upper for a false one.
    decisions, limits = math.fsum(betas), 2 * math.fsum(betas)
    allowed = (1 - level) * (1 + 1e-9)  # the betas were made by dividing 1 - level, in floats
    each = f"(Bonferroni: each limit fails with probability {max(betas):.2g} or less). Seed {seeds}."
    if limits <= allowed:
        said = f"The {2 * len(betas)} statistical limits of these verdicts hold simultaneously"
        return Text(f"{said} with probability {level:.6g} or more {each}", "dim")
    if decisions <= allowed:
        said = f"The decisions at all {len(betas)} simulated points are right simultaneously"
        return Text(f"{said} with probability {level:.6g} or more {each}", "dim")
    return Text(
        f"The limits at the {len(betas)} simulated points were not corrected for their number: "
        f"the decisions are right simultaneously with probability {max(1 - decisions, 0):.4g} only, "
        f"below the level {level:.6g}. Seed {seeds}.",
        "yellow",
    )


def _explanation(verdict: Verdict) -> Text:
    """One paragraph on a verdict that is not the expected one."""
    text = Text.assemble(_verdict_cell(verdict, " "), "  ", (verdict.theorem, "bold"))
    if verdict.file:
        text.append(f"  {verdict.file}", "dim")
    if verdict.refutation_expected:
        text.append("\nThis claim lies among those that must come out refuted, and was not.")
    text.append(f"\n{verdict.note.rstrip('.') or 'No reason was given'}.")
    if verdict.counterexample:
        for name, value in verdict.counterexample.items():
            uncounted = name in ("trials", "violations", "open") and value == 0
            if value is not None and not uncounted:
                text.append(f"\n  {name.replace('_', ' '):<16}", "dim")
                text.append(_value(value))
    return text


def _value(value: object) -> str:
    """A value of a counterexample, with all the digits that may matter."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {_value(item)}" for name, item in value.items())
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _point_status(point: PointVerdict) -> Text:
    cell = Text(str(point.status), _STYLES[point.status])
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
    return cell


def _ladder_cells(point: PointVerdict) -> list[Text]:
    ladder = point.evidence.ladder
    if ladder is None:
        return [Text("-"), Text("-")]
    rungs = ("seen", ladder.observed), ("T1", ladder.certificate), ("bound", ladder.bound)
    ratios = ladder.recursion_ratio, ladder.concentration_ratio
    return [
        Text("\n".join(f"{name} {_number(value, 3):>8}" for name, value in rungs)),
        Text("\n".join(["", *(f"x {_number(ratio, 3)}" for ratio in ratios)])),
    ]


def _points_legend(*, laddered: bool, simulated: bool) -> Text:
    parts = ["Limits (at least, at most): of the probability that the theorem bounds."]
    if simulated:
        parts.append("viol.: surely violated; open: neither surely violated nor surely fine.")
    if laddered:
        parts.append("Gap: largest seen, largest T1 at realised norms, the theorem's bound; each ratio to the last.")
    return Text(" ".join(parts), "dim")


def _fold(name: str, width: int) -> list[str]:
    """Break a long name after underscores, and inside a word only if that word is too long by itself."""
    lines = [""]
    for word in name.replace("_", "_\0").split("\0"):
        while len(word) > width:
            if lines[-1]:
                lines.append("")
            lines[-1], word = word[:width], word[width:]
            lines.append("")
        if len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] += word
    return [line for line in lines if line]


def _number(value: float | None, digits: int = 4) -> str:
    if value is None or math.isnan(value):
        return "-"
    return f"{value:.{digits}g}"


def _ratio(value: float) -> str:
    """A ratio with three digits; beyond the range of floats only that it is larger."""
    return _number(value, 3) if value < 1e300 else ">1e300"
