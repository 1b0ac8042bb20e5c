"""What notebooks show of theorems, bounds and verdicts; what it takes to write it is loaded when one is shown."""

from __future__ import annotations

from io import StringIO
from typing import Any

from boundcheck.check.run import Outcome
from boundcheck.derivation.gap import GapBound
from boundcheck.display import Writers, register
from boundcheck.statement.theorem import Theorem
from boundcheck.verdict.decide import Verdict

_WIDTH = 100


def _theorem_html(theorem: Theorem) -> str:
    from boundcheck.check.shown import theorem_parts
    from boundcheck.report.notebook.theorem import theorem_html

    return theorem_html(theorem_parts(theorem))


def _theorem_latex(theorem: Theorem) -> str:
    from boundcheck.check.shown import theorem_parts
    from boundcheck.report.notebook.theorem import theorem_latex

    return theorem_latex(theorem_parts(theorem))


def _bound_html(bound: GapBound) -> str:
    from boundcheck.check.shown import bound_parts
    from boundcheck.report.notebook.bound import bound_html

    return bound_html(bound_parts(bound))


def _bound_latex(bound: GapBound) -> str:
    from boundcheck.check.shown import bound_parts
    from boundcheck.report.notebook.bound import bound_latex

    return bound_latex(bound_parts(bound))


def _verdict_html(verdict: Verdict) -> str:
    from boundcheck.report.notebook.verdict import verdict_html

    return verdict_html(verdict)


def _verdict_latex(verdict: Verdict) -> str:
    from boundcheck.report.notebook.verdict import verdict_latex

    return verdict_latex(verdict)


def _verdict_text(verdict: Verdict) -> str:
    return _outcome_text(Outcome((verdict,)))


def _outcome_html(outcome: Outcome) -> str:
    from boundcheck.report.notebook.verdict import verdicts_html

    return verdicts_html(outcome.verdicts, outcome.errors)


def _outcome_text(outcome: Outcome) -> str:
    from rich.console import Console

    from boundcheck.report.table import render

    console = Console(file=StringIO(), width=_WIDTH, no_color=True, force_terminal=False, force_jupyter=False)
    render(outcome.verdicts, console, failed=len(outcome.failures))
    stream: Any = console.file
    return "\n".join([*(line.rstrip() for line in stream.getvalue().strip("\n").split("\n")), *outcome.errors])


def install() -> None:
    """Register all of these; `import boundcheck` does so when a name of it is first asked for."""
    register(Theorem, Writers(html=_theorem_html, latex=_theorem_latex))
    register(GapBound, Writers(html=_bound_html, latex=_bound_latex))
    register(Verdict, Writers(html=_verdict_html, latex=_verdict_latex, text=_verdict_text))
    register(Outcome, Writers(html=_outcome_html, text=_outcome_text))
