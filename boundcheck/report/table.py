"""Verdicts as the table that a researcher reads in a terminal."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from boundcheck.report.words import ALARM, WIDE, details, number, place, plain_table, ratio, verdict_cell
from boundcheck.verdict.decide import Verdict
from boundcheck.verdict.multiple import failing
from boundcheck.verdict.point import PointVerdict, Status


def render(verdicts: Sequence[Verdict], console: Console, *, failed: int = 0) -> None:
    """Print one row per theorem, and below it what the numbers mean and what went wrong.

    Parameters
    ----------
    verdicts
        Of one run. The failure probabilities of all their decisions are put together, so that the footer states the
        level of the run and not of a single limit.
    console
        Where to print; its width decides how many columns there are.
    """
    if not verdicts:
        console.print(Text("no theorem was checked"))
        return
    console.print(_overview(verdicts, console.width))
    console.print(Padding(_summary(verdicts, failed), (0, 1)))
    console.print()
    for line in (_captions(verdicts), _coverage(verdicts)):
        if line.plain:
            console.print(Padding(line, (0, 1)))
    for verdict in verdicts:
        if not verdict.as_expected:
            console.print()
            console.print(Padding(_explanation(verdict), (0, 1)))


def _overview(verdicts: Sequence[Verdict], width: int) -> Table:
    wide = width >= WIDE
    groups = _by_folder(verdicts)
    headings = [f"{folder}/" if folder else "(no file)" for folder in groups] if len(groups) > 1 else []
    names = ["Theorem", *headings, *(verdict.theorem for verdict in verdicts)]
    name_width = min(max(map(len, names)), 44 if width >= 130 else 26 if wide else 22)
    table = plain_table()
    table.add_column("Theorem", width=name_width, no_wrap=True)
    table.add_column("Verdict", no_wrap=True)
    table.add_column("How it is known", ratio=1, min_width=14)
    table.add_column("Looseness", no_wrap=True)
    if wide:
        table.add_column("Points", justify="right", no_wrap=True)
        table.add_column("Trials", justify="right", no_wrap=True)
    for position, members in enumerate(groups.values()):
        if headings:
            heading = Text("\n".join(_fold(headings[position], name_width)), style="bold cyan")
            table.add_row(heading, *[""] * (len(table.columns) - 1))
        for verdict in members:
            cells = [
                Text("\n".join(_fold(verdict.theorem, name_width))),
                verdict_cell(verdict, "\n"),
                _known(verdict, "\n"),
                Text("\n".join(f"{name:<11}{value}" for name, value in looseness(verdict)) or "-"),
            ]
            if wide:
                trials = sum(point.evidence.trials for point in verdict.points)
                tested = len(verdict.scaling.points if verdict.scaling else verdict.points)
                cells += [Text(str(tested or "-")), Text(f"{trials:,}" if trials else "-")]
            table.add_row(*cells)
        if position < len(groups) - 1:
            table.add_section()
    return table


def _by_folder(verdicts: Iterable[Verdict]) -> dict[str, list[Verdict]]:
    """Verdicts by the folder of their file, in the order of the run."""
    groups: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        folder = PurePath(verdict.file.replace("\\", "/")).parent.name if verdict.file else ""
        groups.setdefault(folder, []).append(verdict)
    return groups


def _known(verdict: Verdict, separator: str) -> Text:
    """How it is known, and for what: all of a domain, or one point of it."""
    cell = Text(verdict.method)
    found = (verdict.counterexample or {}).get("parameters")
    if verdict.status is Status.PROVED and verdict.domain:
        cell.append(f"{separator}for all {verdict.domain}", "green")
    elif not verdict.points and isinstance(found, Mapping) and found:
        cell.append(f"{separator}at {place(found)}", "dim")
    return cell


def looseness(verdict: Verdict) -> Iterator[tuple[str, str]]:
    """The ratios at the point where the bound is tightest, as (name, value)."""
    ladders = [(point.evidence.ladder, point.evidence.closer) for point in verdict.points if point.evidence.ladder]
    ladders = [pair for pair in ladders if not math.isnan(pair[0].concentration_ratio)]
    if ladders:
        tightest, closer = min(ladders, key=lambda pair: pair[0].concentration_ratio)
        yield "T1 / gap", number(tightest.recursion_ratio, 3)
        yield "bound / T1", number(tightest.concentration_ratio, 3)
        if closer is not None and not math.isnan(closer.ratio):
            yield "sure / gap", number(closer.ratio, 3)
        return
    if verdict.scaling:
        yield "left/right", number(max(point.ratio_high for point in verdict.scaling.points), 3)
        broken = verdict.status is Status.SCALING_BROKEN
        yield "exponent", number(verdict.scaling.growth_low if broken else verdict.scaling.growth_high, 3)
        return
    measured = [point for point in verdict.points if point.observed is not None and not point.vacuous]
    exact = [point for point in measured if point.evidence.exact]
    ratios = [share_of_claim(point) for point in exact or measured]
    ratios = [ratio for ratio in ratios if not math.isnan(ratio)]
    if ratios:
        numbers = any(point.evidence.quantity == "expectation" for point in measured)
        largest = ratio(max(ratios))
        if verdict.against and largest == "1":
            largest = ">1"
        yield "left/right" if numbers else "tail/claim" if exact else "rate/claim", largest


def share_of_claim(point: PointVerdict) -> float:
    """The part of the claim that is used up; above 1 the claim is false."""
    evidence = point.evidence
    if evidence.ratio_low is not None and evidence.ratio_high is not None:
        return evidence.ratio_high if math.isfinite(evidence.ratio_high) else evidence.ratio_low
    left = evidence.violations / evidence.trials if evidence.trials else point.limit_high
    right, _ = evidence.target
    if right > 0:
        return left / right
    # A probability above a claim of zero is infinitely too large; sides of other signs have no ratio to speak of.
    return math.inf if left > 0 and evidence.quantity == "probability" else math.nan


def _summary(verdicts: Sequence[Verdict], failed: int) -> Text:
    """How many of each outcome, failures last and loudest."""
    expected: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    for verdict in verdicts:
        word = str(verdict.status).lower()
        if verdict.as_expected:
            expected[f"{word} as expected" if verdict.refutation_expected else word] += 1
        elif verdict.refutation_expected:
            failures["NOT REFUTED though it should be"] += 1
        elif verdict.against:
            failures[str(verdict.status)] += 1
        else:
            expected[word] += 1
    line = Text(f"{len(verdicts)} {'theorem' if len(verdicts) == 1 else 'theorems'}: ", "bold")
    parts = [Text(f"{count} {word}") for word, count in sorted(expected.items(), key=_order)]
    parts += [Text(f"{count} {word}", ALARM) for word, count in failures.items()]
    parts += [Text(f"{failed} {'error' if failed == 1 else 'errors'}", ALARM)] * bool(failed)
    return line + Text(", ").join(parts)


def _order(item: tuple[str, int]) -> int:
    words = (
        "proved",
        "confirmed",
        "scaling observed",
        "refuted as expected",
        "scaling broken as expected",
        "inconclusive",
    )
    return words.index(item[0])


def _captions(verdicts: Sequence[Verdict]) -> Text:
    """What the ratios that are shown mean."""
    shown = {name for verdict in verdicts for name, _ in looseness(verdict)}
    meanings = {
        "T1 / gap": (
            "T1 / gap: bound at the realised norms over largest gap seen (looseness of the recursion); "
            "bound / T1: the theorem's bound over that (looseness of the concentration step); "
            "all at the point where bound / T1 is smallest"
        ),
        "sure / gap": (
            "sure / gap: in the first few trials, the sharpest certified bound over the largest gap that a search for "
            "inputs found"
        ),
        "tail/claim": "tail/claim: largest exact tail over claimed probability (1 is tight)",
        "rate/claim": (
            "rate/claim: largest rate of violations seen (importance sampling: tail estimated) over claimed probability"
        ),
        "left/right": "left/right: largest ratio of the two sides of the claim (1 is tight; if a constant is "
        "unspecified, the constant that would do at the tested sizes)",
        "exponent": "exponent: the ratio grows at most (SCALING BROKEN: at least) like this power of the size",
    }
    vacuous = "vacuous: the bound says nothing at any tested point (a probability of 1, a gap above both norms)"
    lines = [meaning for name, meaning in meanings.items() if name in shown]
    lines += [vacuous] * any(verdict.vacuous for verdict in verdicts)
    return Text("\n".join(f"{line}." for line in lines), "dim")


def _coverage(verdicts: Sequence[Verdict]) -> Text:
    """What the confidence limits of all these verdicts together can be trusted for."""
    betas = [beta for verdict in verdicts for beta in verdict.betas]
    if not betas:
        return Text("Nothing here rests on a statistical limit.", "dim")
    level = min(verdict.level for verdict in verdicts)
    seeds = ", ".join(str(seed) for seed in sorted({verdict.seed for verdict in verdicts}))
    # A wrong decision takes the failure of one limit, the lower for a true claim, the upper for a false one.
    sizes = [point.beta or 0.0 for verdict in verdicts if verdict.scaling for point in verdict.scaling.points]
    decisions = failing([point for verdict in verdicts for point in verdict.points]) + math.fsum(sizes)
    limits = 2 * math.fsum(betas)
    allowed = (1 - level) * (1 + 1e-9)  # the betas were made by dividing 1 - level, in floats
    looks = any(point.evidence.sequential for verdict in verdicts for point in verdict.points)
    often = ", however often one looks" if looks else ""
    each = f"each limit fails with probability {_at_most(max(betas))} or less{often}). Seed {seeds}."
    if limits <= allowed:
        said = f"The {2 * len(betas)} statistical limits of these verdicts hold simultaneously"
        return Text(f"{said} with probability {level:.6g} or more (Bonferroni: {each}", "dim")
    if decisions <= allowed:
        places = f"at all {len(betas)} simulated points" if len(betas) > 1 else "at the simulated point"
        said = f"The decisions {places} are right simultaneously"
        return Text(f"{said} with probability {level:.6g} or more (Holm: {each}", "dim")
    return Text(
        f"The limits at the {len(betas)} simulated points were not corrected for their number: "
        f"the decisions are right simultaneously with probability {max(1 - decisions, 0):.4g} only, "
        f"below the level {level:.6g}. Seed {seeds}.",
        "yellow",
    )


def _at_most(value: float) -> str:
    """Two digits of a number, rounded up."""
    shown = f"{value:.2g}"
    return shown if float(shown) >= value else f"{value + 0.5 * 10.0 ** (math.floor(math.log10(value)) - 1):.2g}"


def _explanation(verdict: Verdict) -> Text:
    """One paragraph on a verdict that is not the expected one."""
    text = Text.assemble(verdict_cell(verdict, " "), "  ", (verdict.theorem, "bold"))
    if verdict.file:
        text.append(f"  {verdict.file}", "dim")
    if verdict.refutation_expected:
        text.append("\nThis claim lies among those that must come out refuted, and was not.")
    return text.append("\n").append(details(verdict))


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
