"""Verdicts in a notebook: what is known of a claim, how, how loose it is, and what speaks against it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element

from boundcheck.report.notebook import tex
from boundcheck.report.notebook.markup import (
    Content,
    badge,
    element,
    listing,
    on_display,
    output,
    separated,
    table,
)
from boundcheck.report.points import numbers_of
from boundcheck.report.table import looseness, share_of_claim
from boundcheck.report.words import facts, in_words, number, place
from boundcheck.verdict.decide import Verdict
from boundcheck.verdict.point import PointVerdict, Status

MOST_POINTS = 8
_SIGNS = {
    Status.PROVED: "∎",
    Status.CONFIRMED: "✓",
    Status.REFUTED: "✗",
    Status.SCALING_OBSERVED: "✓",
    Status.SCALING_BROKEN: "✗",
    Status.INCONCLUSIVE: "?",
}
_GREEN, _RED, _AMBER, _PURPLE = "#1a7f37", "#b3261e", "#8a5a00", "#6e40aa"
"""Grounds of badges: white letters on each have a contrast of more than 4.5."""
_GROUNDS = {
    Status.PROVED: _GREEN,
    Status.CONFIRMED: _GREEN,
    Status.REFUTED: _RED,
    Status.SCALING_OBSERVED: _GREEN,
    Status.SCALING_BROKEN: _RED,
    Status.INCONCLUSIVE: _AMBER,
}
_ORDER = (Status.REFUTED, Status.INCONCLUSIVE)
"""What is shown first."""


def verdict_html(verdict: Verdict) -> str:
    """The verdict as HTML: a badge with word and sign, the claim, what it rests on, and the points closest to it."""
    claim = element("div", element("code", verdict.claim)) if verdict.claim else None
    if "mathml" in verdict.formula:
        claim = on_display(verdict.formula["mathml"])
    return output(
        f"Verdict on {verdict.theorem}: {_status(verdict)}",
        element("div", *_badges(verdict), " ", element("strong", verdict.theorem)),
        claim,
        element("div", f"{verdict.note.rstrip('.') or 'No reason was given'}."),
        listing(_rows(verdict)),
        _counterexample(verdict),
        _points(verdict),
        _sizes(verdict),
    )


def verdicts_html(verdicts: Sequence[Verdict], errors: Iterable[str] = ()) -> str:
    """A run as HTML: one row a theorem, and what could not be checked."""
    headings = ["Theorem", "Verdict", "How it is known", "Looseness"]
    rows: list[list[Content]] = [
        [
            v.theorem,
            element("span", *_badges(v)),
            v.method,
            "; ".join(f"{name} {value}" for name, value in looseness(v)),
        ]
        for v in verdicts
    ]
    failed = [element("li", error) for error in errors]
    return output(
        f"Verdicts on {len(verdicts)} theorem{'s' * (len(verdicts) != 1)}",
        table(headings, rows, words=len(headings)),
        element("ul", *failed) if failed else None,
    )


def _status(verdict: Verdict) -> str:
    """The status, with a second word wherever the first alone would mislead."""
    if verdict.refutation_expected:
        return f"{verdict.status} {'as expected' if verdict.against else '- NOT REFUTED, as it should be'}"
    return str(verdict.status)


def _badges(verdict: Verdict) -> list[Content]:
    ground = _GROUNDS[verdict.status]
    if verdict.refutation_expected:
        ground = _GREEN if verdict.against else _RED
    found: list[Content] = [badge(f"{_SIGNS[verdict.status]} {_status(verdict)}", ground)]
    return [*found, " ", badge("○ vacuous", _PURPLE)] if verdict.vacuous else found


def _rows(verdict: Verdict) -> list[tuple[str, Sequence[Content]]]:
    """What is random, how it is known, for what, how loosely, and with which certainty."""
    rows: list[tuple[str, Sequence[Content]]] = []
    if verdict.random:
        named: list[list[Content]] = [[element("code", f"{name} = {what}")] for name, what in verdict.random.items()]
        rows.append(("Random", separated(named)))
    rows.append(("Known by", [verdict.method]))
    if verdict.domain:
        rows.append(("Domain", [verdict.domain]))
    loose = [[f"{name} = {value}"] for name, value in looseness(verdict)]
    if loose:
        rows.append(("Looseness", separated(loose)))
    if verdict.certificate:
        # Proofs are not called so before that; exact laws are re-checked in part, and counterexamples on demand.
        proof = verdict.status is Status.PROVED and verdict.certificate.get("kind") != "exact"
        rows.append(("Certificate", ["accepted by separate code" if proof else "for boundcheck verify to re-check"]))
    if verdict.betas:
        rows.append(("Level", [f"{verdict.level:.6g}, seed {verdict.seed}"]))
    rows += [(f"Without “{a.hypothesis}”", [f"{a.status}. {a.note}".strip()]) for a in verdict.ablations]
    return rows


def _counterexample(verdict: Verdict) -> Element | None:
    """What refutes the claim, with the call or the command that finds it again."""
    if verdict.counterexample is None:
        return None
    drawn = verdict.counterexample.get("trials") or verdict.counterexample.get("estimated")
    found = {name: in_words(value) for name, value in facts(verdict.counterexample) if drawn or name != "seed"}
    again = found.pop("reproduce", verdict.call)
    rows: list[tuple[str, Sequence[Content]]] = [(name, [value]) for name, value in found.items()]
    if again:
        rows.append(("reproduce", [element("code", again, style="white-space: pre-wrap")]))
    heading = element("div", "Counterexample", style="font-weight: 600; margin-top: 0.5em")
    body = listing(rows)
    return element("div", heading, *([body] if body is not None else []))


def _points(verdict: Verdict) -> Element | None:
    """The points at which the claim is refuted or undecided, then those where most of it is used up."""
    if not verdict.points:
        return None
    shown = sorted(verdict.points, key=_rank)[:MOST_POINTS]
    laws = any(point.evidence.law for point in shown)
    trials = any(point.evidence.trials for point in shown)
    gaps = any(point.evidence.ladder for point in shown)
    numbers = any(point.evidence.quantity == "expectation" for point in shown)
    headings: list[Content] = ["Point", *(["Law"] if laws else []), "Status"]
    words = len(headings)
    headings += ["Right side", "Left side"] if numbers else ["Claimed", "Observed"]
    limits = not all(point.evidence.exact and len(set(numbers_of(point)[1:])) == 1 for point in shown)
    headings += ["at least", "at most"] if limits else []
    headings += [*(["Trials"] if trials else []), *(["Gap seen", "T1", "Bound"] if gaps else [])]
    rows = [_point(point, laws=laws, limits=limits, trials=trials, gaps=gaps) for point in shown]
    left = len(verdict.points) - len(shown)
    more = f"and {left:,} more point{'s' * (left != 1)}, further from the claim" if left else ""
    return element("div", table(headings, rows, words=words), *([element("div", more)] if more else []))


def _point(point: PointVerdict, *, laws: bool, limits: bool, trials: bool, gaps: bool) -> list[Content]:
    evidence, ladder = point.evidence, point.evidence.ladder
    claimed, observed, low, high = numbers_of(point)
    status = f"{_SIGNS[point.status]} {str(point.status).lower()}{', vacuous' * point.vacuous}"
    said = element("span", status, style="white-space: nowrap")
    row: list[Content] = [place(evidence.parameters), *([evidence.law or "-"] if laws else []), said]
    row += [claimed, f"{observed}{' (exact)' * evidence.exact}", *([low, high] if limits else [])]
    row += [f"{evidence.trials:,}" if evidence.trials else "-"] if trials else []
    rungs = (ladder.observed, ladder.certificate, ladder.bound) if ladder else (None, None, None)
    return [*row, *(number(rung, 3) for rung in rungs)] if gaps else row


def _rank(point: PointVerdict) -> tuple[int, bool, float]:
    order = _ORDER.index(point.status) if point.status in _ORDER else len(_ORDER)
    share = math.nan if point.observed is None and not point.evidence.trials else share_of_claim(point)
    return order, point.vacuous, math.inf if math.isnan(share) else -share


def _sizes(verdict: Verdict) -> Element | None:
    """For a claim with an unspecified constant: the ratio of its sides at each size."""
    if verdict.scaling is None:
        return None
    shown = verdict.scaling.points[-MOST_POINTS:]
    left = len(verdict.scaling.points) - len(shown)
    rows = [[place(p.parameters), number(p.ratio_low), number(p.ratio_high)] for p in shown]
    more = [element("div", f"and {left:,} smaller sizes")] if left else []
    return element("div", table(["Size", "Left/right, at least", "at most"], rows, words=1), *more)


def verdict_latex(verdict: Verdict) -> str:
    """The verdict as LaTeX: status, claim, why, and how it is known."""
    name = tex.words(f"{_status(verdict)}{', vacuous' * verdict.vacuous}", "textbf")
    claim = verdict.formula.get("latex") or tex.words(verdict.claim, "texttt")
    lines = [rf"{name}\quad {tex.words(verdict.theorem)}", rf"\quad {claim}", *tex.paragraph(verdict.note)]
    lines += tex.paragraph(f"Known by {verdict.method}.")
    loose = ", ".join(f"{name} = {value}" for name, value in looseness(verdict))
    lines += tex.paragraph(f"Looseness: {loose}.") if loose else []
    again = (verdict.counterexample or {}).get("reproduce", verdict.call) if verdict.counterexample else ""
    lines += tex.paragraph(f"Reproduce: {again}", "texttt") if again else []
    return tex.display(lines)
