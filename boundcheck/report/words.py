"""Words and cells that the tables share."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from boundcheck.verdict.status import Status

if TYPE_CHECKING:
    from boundcheck.verdict.decide import Verdict

STYLES = {
    Status.PROVED: "bold green",
    Status.CONFIRMED: "green",
    Status.REFUTED: "bold red",
    Status.SCALING_OBSERVED: "green",
    Status.SCALING_BROKEN: "bold red",
    Status.INCONCLUSIVE: "yellow",
}
ALARM = "bold white on red"
WIDE = 100  # columns from which numbers get columns of their own
LEAST = 1e-300
_SHOWN = 4  # numbers of a longer list
"""Positive numbers below are shown as that: what they are is for the ratios to tell."""
_RATIOS = {"ratio_low": "ratio at least", "ratio_high": "ratio at most"}
_SIDES = {
    "claimed": "right side",
    "claimed_exact": "right side exact",
    "observed": "left side",
    "limit_low": "left at least",
    "limit_high": "left at most",
}
"""What the numbers of a counterexample are called where they are no probabilities."""


def plain_table() -> Table:
    """An empty table in the style of all."""
    return Table(box=box.SIMPLE_HEAD, expand=True, padding=(0, 1, 0, 0), header_style="bold")


def verdict_cell(verdict: Verdict, separator: str) -> Text:
    """The status, with a second word wherever the first alone would mislead."""
    status = str(verdict.status).replace(" ", separator)
    against = verdict.against
    if verdict.refutation_expected:
        cell = Text(status, "green" if against else ALARM)
        cell.append(separator)
        cell.append("as expected" if against else "NOT REFUTED!", "green" if against else ALARM)
    else:
        cell = Text(f"{status}{'!' * against}", ALARM if against else STYLES[verdict.status])
    if verdict.vacuous:
        cell.append(separator)
        cell.append("vacuous", "magenta")
    return cell


def details(verdict: Verdict) -> Text:
    """Why the status is what it is, the domain, and the counterexample."""
    text = Text(f"{verdict.note.rstrip('.') or 'No reason was given'}.")
    domain = {"domain": verdict.domain} if verdict.domain else {}
    for name, value in (*domain.items(), *facts(verdict.counterexample or {})):
        text.append(f"\n  {name:<16}", "dim")
        text.append(in_words(value))
    return text


def facts(counterexample: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """What a reader needs of a counterexample, under the names of its kind."""
    labels = _RATIOS | (_SIDES if counterexample.get("quantity") == "expectation" else {})
    for name, value in counterexample.items():
        uncounted = name in ("trials", "violations", "open", "estimated") and value == 0
        if value is not None and not uncounted and name != "quantity":
            yield labels.get(name, name.replace("_", " ")), value


def in_words(value: object) -> str:
    """A value of a counterexample, with all the digits that may matter."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {in_words(item)}" for name, item in value.items() if item is not None)
    if isinstance(value, list | tuple):
        more = [f"… {len(value):,} numbers"] if len(value) > _SHOWN else []
        return f"[{', '.join([*map(in_words, value[:_SHOWN]), *more])}]"
    return str(value)


def place(parameters: Mapping[str, str]) -> str:
    """The parameters of a point in one line."""
    return ", ".join(f"{name} = {value}" for name, value in parameters.items()) or "-"


def number(value: float | None, digits: int = 4) -> str:
    """A number with a few significant digits, "-" where there is none."""
    if value is None or math.isnan(value):
        return "-"
    return f"<{LEAST:.0e}" if 0 < value < LEAST else f"{value:.{digits}g}"


def ratio(value: float | None) -> str:
    """A ratio with three digits; beyond the range of floats only that it is larger."""
    return number(value, 3) if value is None or value < 1e300 else ">1e300"
