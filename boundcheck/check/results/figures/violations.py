"""Rates of violations with their confidence limits, against what is claimed; nothing is pooled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from boundcheck.check.results.figures.cells import COARSE, Study
from boundcheck.check.results.figures.combinations import Cell
from boundcheck.check.results.figures.summary import Entry, summary
from boundcheck.check.results.figures.words import count, short, slug, span, spreads, table

NUMBERS = ("rows", "trials", "violations", "open", "rate", "rate_low", "rate_high")
GROUPS = 6
"""A figure shows no more groups."""
CAPTION = (
    "Markers are the largest observed rate of sure violations, bars reach from the largest lower to the largest upper "
    "confidence limit, of all verdicts with this δ: not always of the same one."
)


def violation_figures(studies: Sequence[Study]) -> list[dict[str, Any]]:
    """A figure for each study with several δ and few groups, and one for all others together."""
    found, rest = [], []
    for study in studies:
        cells = [cell for cell in study.cells if _measured(cell)]
        if study.kind != "network" or not cells:
            continue
        claims = len({_claim(cell) for cell in cells})
        if 1 < claims <= COARSE and len(_grouped(study, cells)) <= GROUPS and not study.mixed:
            found.append(_figure(study, cells))
        else:
            rest += _entries(study, cells)
    return found + ([_together(rest)] if rest else [])


def _measured(cell: Cell) -> bool:
    return cell["rate"] is not None and cell["rate_high"] is not None and bool(_claim(cell))


def _claim(cell: Cell) -> float | None:
    """The claimed probability: δ, where the claim is that."""
    delta, claimed = cell["delta"], cell["claimed"]
    if claimed is None or (delta is not None and abs(claimed - delta) <= 1e-9 * delta):
        return delta
    return float(claimed)


def _worst(cells: Sequence[Cell]) -> dict[str, Any]:
    """The largest of each number, and the sums of counts."""
    largest = {name: max(cell[name] for cell in cells) for name in ("rate", "rate_high")}
    low = max((cell["rate_low"] for cell in cells if cell["rate_low"] is not None), default=None)
    sums = {name: sum(cell[name] or 0 for cell in cells) for name in ("rows", "trials", "violations", "open")}
    return largest | {"rate_low": low} | sums


def _grouped(study: Study, cells: Sequence[Cell]) -> dict[str, dict[float, list[Cell]]]:
    """Cells by rule, and by theorem where there are several; then by claim."""
    several = len({cell["theorem"] for cell in cells}) > 1
    found: dict[str, dict[float, list[Cell]]] = {}
    for cell in cells:
        words = [cell["theorem"] if several else None, cell["rule"] or cell["pruning"]]
        name = ", ".join(filter(None, words)) or str(cell["theorem"])
        found.setdefault(name, {}).setdefault(_claim(cell) or 0.0, []).append(cell)
    return found


def _figure(study: Study, cells: Sequence[Cell]) -> dict[str, Any]:
    groups = {
        name: {claim: _worst(members) for claim, members in sorted(claims.items())}
        for name, claims in _grouped(study, cells).items()
    }

    series = [
        {
            "name": name,
            "kind": "limits",
            "group": name,
            "x": list(groups[name]),
            "y": [row["rate"] for row in groups[name].values()],
            "low": [row["rate_low"] for row in groups[name].values()],
            "high": [row["rate_high"] for row in groups[name].values()],
        }
        for name in groups
    ]
    pairs = [(claim, row) for claims in groups.values() for claim, row in claims.items()]
    heights = [row[key] for _, row in pairs for key in ("rate", "rate_high")]
    axis: dict[str, Any] = {"log": spreads([claim for claim, _ in pairs]) or spreads(heights)}
    if axis["log"]:
        axis["floor"] = min([value for value in heights if value > 0] + [claim for claim, _ in pairs]) / 3
    columns = ["δ", "verdicts", "trials", "violations", "open", "largest rate", "largest lower limit"]
    return {
        "id": slug(study.name, "violations"),
        "title": f"Violation rates with their limits against δ: {study.name}",
        "study": study.name,
        "x": {"label": "claimed failure probability δ", "log": True, "ticks": sorted({claim for claim, _ in pairs})},
        "y": {"label": "rate of violations", **axis},
        "series": series,
        "lines": [{"slope": 1.0, "name": "the claim: rate ≤ δ"}],
        "table": table(
            ["group", *columns, "largest upper limit", "upper limit ÷ δ"],
            [
                [name, claim, *(row[key] for key in NUMBERS), row["rate_high"] / claim]
                for name, claims in groups.items()
                for claim, row in claims.items()
            ],
        ),
        "alt": _alt(pairs),
        "caption": CAPTION + " Hollow markers: no violation was seen." * (axis["log"] and 0 in heights),
    }


def _alt(pairs: Sequence[tuple[float, dict[str, Any]]]) -> str:
    """Whether anything is above the claim, and how near the upper limits come."""
    refuted = [(claim, row) for claim, row in pairs if row["rate_low"] is not None and row["rate_low"] > claim]
    above = [(claim, row) for claim, row in pairs if row["rate"] > claim]
    undecided = [(claim, row) for claim, row in pairs if row["rate_high"] > claim]
    deltas = f"At δ from {short(min(claim for claim, _ in pairs))} to {short(max(claim for claim, _ in pairs))}"
    violations, trials = (sum(row[key] for _, row in pairs) for key in ("violations", "trials"))
    seen = f"{deltas}, {violations:,} violations were seen in {count(int(trials), 'trial')}."
    if refuted:
        claim, row = max(refuted, key=lambda pair: pair[1]["rate_low"] / pair[0])
        return (
            f"{seen} A lower limit of the rate lies above the claim at {len(refuted)} of {len(pairs)} places; "
            f"the worst is at least {short(row['rate_low'])} where δ = {short(claim)}."
        )
    if above:
        claim, row = max(above, key=lambda pair: pair[1]["rate"] / pair[0])
        return f"{seen} A rate lies above the claim, {short(row['rate'])} where δ = {short(claim)}, within its limits."
    ratios = span([row["rate_high"] / claim for claim, row in pairs])
    if undecided:
        return f"{seen} Upper limits of the rate are {ratios} times δ, at {len(undecided)} of {len(pairs)} above it."
    return f"{seen} Every upper limit of the rate is within the claim: {ratios} times δ."


def _entries(study: Study, cells: Sequence[Cell]) -> list[Entry]:
    """A row for each group and claim; for each group, where there are many claims."""
    found = []
    for name, claims in _grouped(study, cells).items():
        many = len(claims) > COARSE or bool(study.mixed)
        parts = {None: [cell for members in claims.values() for cell in members]} if many else dict(claims)
        for claim, members in parts.items():
            row = _worst(members)
            used = [cell["used"] for cell in members if cell["used"] is not None]
            low = [cell["used_low"] for cell in members if cell["used_low"] is not None]
            high = [cell["used_high"] for cell in members if cell["used_high"] is not None]
            label = name if claim is None or len(parts) == 1 else f"{name}, δ = {short(claim)}"
            numbers = (row[key] for key in NUMBERS[1:])
            entry = Entry(
                study.name,
                label,
                max(used, default=None),
                max(low, default=None),
                max(high, default=None),
                (claim, *numbers),
            )
            found.append(entry)
    return found


def _together(entries: Sequence[Entry]) -> dict[str, Any]:
    columns = (
        "claimed δ",
        "trials",
        "violations",
        "open",
        "largest rate",
        "largest lower limit",
        "largest upper limit",
    )
    figure = summary(
        entries,
        id="violations",
        title="Violation rates with their limits, over the claimed probability",
        label="rate of violations ÷ claimed δ",
        columns=columns,
    )
    inside = sum(entry.high <= 1 for entry in entries if entry.high is not None)
    highs = span([entry.high for entry in entries if entry.high is not None])
    figure["alt"] = (
        f"The largest upper limits of the rates are {highs} times the claimed probability; "
        f"{inside} of {len(entries)} are within the claim."
    )
    figure["caption"] = f"{CAPTION} All is over the claimed probability.{figure['caption']}"
    return figure
