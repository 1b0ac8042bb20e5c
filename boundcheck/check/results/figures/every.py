"""All figures of results."""

from __future__ import annotations

from typing import Any

from boundcheck.check.results.figures.cells import studies
from boundcheck.check.results.figures.gaps import gap_figures
from boundcheck.check.results.figures.ladder import ladder_figures
from boundcheck.check.results.figures.tails import tail_figures
from boundcheck.check.results.figures.violations import violation_figures
from boundcheck.check.results.filters import ALL, Filter
from boundcheck.check.results.source import Results


def figures(results: Results, where: Filter = ALL) -> list[dict[str, Any]]:
    """What is plotted of results, as plain data that :mod:`boundcheck.report.figures` draws.

    Parameters
    ----------
    results
        Of a store or a record.
    where
        Which rows.

    Returns
    -------
    list of dict
        Of each figure `id`, `title`, `study` (None: of all), `x`, `y` (`label`, `log`, `ticks`, `categories`, `floor`
        and `ceiling`: ends of a logarithmic axis), `series` (`name`, `kind`: line, points, band or limits, `group`,
        `x`, `y`, `low`, `high`; of one `family` one colour), `panels` (groups that are drawn side by side), `lines`
        (references: at `y`, at `x`, or through the origin with a `slope`), `steps` (ratios that are written between
        two places), `table` (`columns`, at most 200 `rows` of `total`), `alt` and `caption`.
    """
    found = studies(results, where)
    drawn = [figure for study in found if study.kind == "network" for figure in gap_figures(study)]
    drawn += violation_figures(found) + ladder_figures(results, where) + tail_figures(found)
    taken: dict[str, int] = {}
    for figure in drawn:
        number = taken[figure["id"]] = taken.get(figure["id"], 0) + 1
        if number > 1:
            figure["id"] += f"-{number}"
    return drawn
