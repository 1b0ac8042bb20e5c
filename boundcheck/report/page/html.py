"""A report as one HTML page that needs nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from boundcheck.errors import BoundcheckError
from boundcheck.report.page.facts import theorem_facts
from boundcheck.report.page.mathml import safe_formula
from boundcheck.report.page.tables import figure_table, ladder_table, problem_table, worst_table
from boundcheck.report.page.words import GLOSSARY, STATUSES, counted, number, outcome, status_badge, theorem_badge

FEW = 12
"""So many theorems are shown open; of more, those that are not as expected."""


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
        chips=[(status_badge(s), data["totals"]["statuses"].get(s, 0)) for s in STATUSES],
        theorems=theorems,
        against=[theorem for theorem in theorems if theorem["badge"].tone == "bad"],
        ladder=ladder_table(data["ladder"]),
        ladder_figures=ladder,
        figures=[figure for figure in figures if figure not in ladder],
        worst=worst_table(data["worst"]),
        problems=problem_table(data["problems"]["rows"]),
        glossary=GLOSSARY,
        counted=counted,
        number=number,
    )


@cache
def _template() -> Any:
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ImportError:
        raise missing_extra() from None
    environment = Environment(
        loader=PackageLoader("boundcheck.report.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = (files("boundcheck.report.page") / "templates" / "style.css").read_text(encoding="utf-8")
    environment.globals["style"] = style
    environment.filters["slug"] = lambda words: re.sub(r"[^a-z0-9]+", "-", str(words).lower()).strip("-")
    return environment.get_template("page.html")


def missing_extra() -> BoundcheckError:
    """What a user without the extra is told."""
    return BoundcheckError('a report needs Jinja, which is not installed; pip install "boundcheck[plots]"')
