"""A report as one HTML page that needs nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any

from boundcheck.errors import BoundcheckError
from boundcheck.report.page.facts import theorem_facts
from boundcheck.report.page.glossary import GLOSSARY
from boundcheck.report.page.mathml import safe_formula
from boundcheck.report.page.tables import figure_table, ladder_table, problem_table, worst_table
from boundcheck.report.page.words import (
    STATUSES,
    Badge,
    counted,
    number,
    outcome,
    status_badge,
    tally,
    theorem_badge,
)

FEW = 12
"""So many theorems are shown open; of more, those that are not as expected."""

_LONGEST = 32
"""Letters of a word in a table, before it may be broken."""


def page(data: Mapping[str, Any]) -> str:
    """The page, in which every string of the data is escaped.

    Parameters
    ----------
    data
        As :func:`boundcheck.check.results.contents.contents` makes it, figures with their "svg".

    Raises
    ------
    BoundcheckError
        Without Jinja.
    """
    theorems = [
        {
            **theorem,
            "badge": (badge := theorem_badge(theorem)),
            "formula": safe_formula(theorem["mathml"], theorem["claim"]),
            "facts": theorem_facts(theorem),
            "open": len(data["theorems"]) <= FEW or badge.tone == "bad",
        }
        for theorem in data["theorems"]
    ]
    figures = [{**figure, "data": figure_table(figure)} for figure in data["figures"]]
    ladder = [figure for figure in figures if "ladder" in figure["id"]]
    return _template().render(
        data=data,
        title=data["title"],
        outcome=outcome(data),
        chips=_chips(data),
        theorems=theorems,
        studies=_studies(theorems),
        against=[theorem for theorem in theorems if theorem["badge"].tone == "bad"],
        ladder=ladder_table(data["ladder"]),
        ladder_figures=ladder,
        figures=[figure for figure in figures if figure not in ladder],
        worst=worst_table(data["worst"]),
        problems=problem_table(data["problems"]["rows"]),
        commands=list(dict.fromkeys(row["reproduce"] for row in data["problems"]["rows"] if row["reproduce"])),
        glossary=GLOSSARY,
        counted=counted,
        number=number,
    )


def _studies(theorems: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Theorems by study, in their order; under no name where there is one study."""
    found: dict[str, list[dict[str, Any]]] = {}
    for theorem in theorems:
        found.setdefault(theorem["study"], []).append(theorem)
    return found if len(found) > 1 else {"": list(theorems)}


def _chips(data: Mapping[str, Any]) -> list[tuple[Badge, int]]:
    """How many there are of each verdict: theorems in a record, points in a campaign."""
    if data["totals"]["record"]:
        return tally(data["theorems"])
    counts = data["totals"]["statuses"]
    return [(status_badge(status), counts[status]) for status in STATUSES if counts.get(status)]


def require_jinja() -> None:
    """Refuse to write a page without Jinja.

    Raises
    ------
    BoundcheckError
        With what to install.
    """
    try:
        import_module("jinja2")
    except ImportError:
        raise BoundcheckError('a page needs Jinja; install it with pip install "boundcheck[plots]"') from None


def _breakable(words: str) -> Any:
    """Words of a table, of which very long ones may be broken."""
    from markupsafe import Markup, escape

    parts = (
        Markup("<wbr>").join(map(escape, re.findall(f"(?s:.{{1,{_LONGEST}}})", part)))
        for part in re.split(r"[ \t\n]+", words)
    )
    return Markup(" ").join(parts)


@cache
def _template() -> Any:
    require_jinja()
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("boundcheck.report.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = (files("boundcheck.report.page") / "templates" / "style.css").read_text(encoding="utf-8")
    environment.globals["style"] = style
    environment.filters["breakable"] = _breakable
    environment.filters["slug"] = lambda words: re.sub(r"[^a-z0-9]+", "-", str(words).lower()).strip("-")
    return environment.get_template("page.html")
