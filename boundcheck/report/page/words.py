"""The words of a report: verdicts, numbers, the outcome in one sentence, and what each word means."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

STATUSES = ("REFUTED", "SCALING BROKEN", "ERROR", "INCONCLUSIVE", "PROVED", "CONFIRMED", "SCALING OBSERVED")
"""What is wrong comes first."""
AGAINST = ("REFUTED", "SCALING BROKEN")
_TONES = {
    "REFUTED": ("bad", "✗"),
    "SCALING BROKEN": ("bad", "✗"),
    "ERROR": ("bad", "!"),
    "INCONCLUSIVE": ("open", "?"),
    "PROVED": ("good", "∎"),
    "CONFIRMED": ("good", "✓"),
    "SCALING OBSERVED": ("good", "✓"),
}
_SMALLEST_SHOWN = 1e-300


@dataclass(frozen=True)
class Badge:
    """A verdict as it is shown: by a word, a symbol and a colour, never by colour alone."""

    word: str
    tone: str
    """good, bad, open or none."""
    symbol: str
    remark: str = ""
    """What else is to be said: at how many points, as expected, vacuous."""


def status_badge(status: str) -> Badge:
    """The badge of the status of one point."""
    tone, symbol = _TONES.get(status, ("none", "·"))
    return Badge(status, tone, symbol)


def theorem_badge(theorem: Mapping[str, Any]) -> Badge:
    """The badge of a theorem: the verdict of its record, or what its points amount to.

    Parameters
    ----------
    theorem
        With expected, status (None in a campaign), counts, vacuous.
    """
    counts = theorem["counts"]
    points, done = counts.get("points", 0), counts.get("done", 0)
    vacuous = [f"vacuous at {counted(theorem['vacuous'], 'point')}"] if theorem.get("vacuous") else []
    status = theorem["status"]
    if status is None:
        if not done:
            return Badge("NOTHING YET", "none", "…", f"none of {counted(points, 'point')} is done" if points else "")
        status = next((word for word in STATUSES if counts.get(word)), "INCONCLUSIVE")
        hits = counts.get(status, 0)
        said = [f"at {hits:,} of {counted(done, 'point')}"]
        said += [f"{points - done:,} still to be done"] if done < points else []
    else:
        said = []
    if theorem["expected"]:
        tone, symbol = _TONES.get(status, ("none", "·"))
        return Badge(status, tone, symbol, "; ".join(said + vacuous))
    if status in AGAINST:
        return Badge(status, "none", "✗", "; ".join(["as expected", *said, *vacuous]))
    return Badge(status, "bad", "!", "; ".join([*said, "expected to be refuted", *vacuous]))


def outcome(data: Mapping[str, Any]) -> str:
    """One sentence: how many points or theorems there are, what came out, at what level."""
    totals, meta = data["totals"], data["meta"]
    level = f", at level {meta['level']} for all decisions together" if meta.get("level") else ""
    if totals["record"]:
        words = _theorems_by_badge(data["theorems"])
        return f"{counted(len(data['theorems']), 'theorem')}: {words or 'nothing was checked'}{level}."
    if totals["where"]:
        found = totals["done"]
        return f"{counted(found, 'point')} with {totals['where']}: {_by_status(totals['statuses']) or 'none'}{level}."
    if not totals["done"]:
        return f"None of {counted(totals['points'], 'point')} has a verdict yet."
    return f"{totals['done']:,} of {counted(totals['points'], 'point')}: {_by_status(totals['statuses'])}{level}."


def _by_status(counts: Mapping[str, int]) -> str:
    shown = [f"{counts[status]:,} {status.lower()}" for status in reversed(STATUSES) if counts.get(status)]
    others = [f"{count:,} {status.lower()}" for status, count in counts.items() if status not in STATUSES and count]
    return listed(shown + others)


def _theorems_by_badge(theorems: Sequence[Mapping[str, Any]]) -> str:
    return listed([f"{count:,} {badge.word.lower()}{badge.remark}" for badge, count in reversed(tally(theorems))])


def tally(theorems: Sequence[Mapping[str, Any]]) -> list[tuple[Badge, int]]:
    """How many theorems there are of each verdict, what is wrong first; those meant to be refuted on their own."""
    counts: dict[Badge, int] = {}
    for theorem in theorems:
        badge = theorem_badge({**theorem, "vacuous": 0})
        remark = "" if theorem["expected"] else " as expected" if badge.tone == "none" else " against expectation"
        badge = Badge(badge.word, badge.tone, badge.symbol, remark)
        counts[badge] = counts.get(badge, 0) + 1
    order = ("bad", "open", "none", "good")
    return sorted(counts.items(), key=lambda item: (order.index(item[0].tone), item[0].word))


def named(theorem: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> str:
    """The name of a theorem, with its study where another one has it as well."""
    twins = [other for other in others if other["theorem"] == theorem["theorem"]]
    return f"{theorem['theorem']} ({theorem['study']})" if len(twins) > 1 else str(theorem["theorem"])


def counted(count: int, noun: str) -> str:
    """A number of things."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def listed(words: Sequence[str]) -> str:
    """Words with commas, and before the last one "and"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def number(value: Any, digits: int = 4) -> str:
    """A number with a few significant digits, "–" where there is none.

    What is not 1 is not shown as 1, since ratios are compared with it.

    Examples
    --------
    >>> number(0.123456), number(0.99999999), number(1234567), number(None), number("inf")
    ('0.1235', '0.99999999', '1,234,567', '–', '∞')
    """
    if value is None or value == "":
        return "–"
    if isinstance(value, bool | str) and value not in ("inf", "-inf"):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    value = float(value)
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if 0 < value < _SMALLEST_SHOWN:
        return f"< {_SMALLEST_SHOWN:.0e}"
    while value != 1 and digits < 17 and float(f"{value:.{digits}g}") == 1:
        digits += 1
    return f"{value:.{digits}g}"
