"""`boundcheck report`: results as one page, as Markdown or as LaTeX."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

FORMATS = {".html": "html", ".htm": "html", ".md": "markdown", ".markdown": "markdown", ".tex": "latex"}
"""What the suffix of a file says."""


@click.command()
@click.argument("source", metavar="STORE|RECORD.json")
@click.option("-o", "--output", required=True, metavar="FILE", help="The file to be written: .html, .md or .tex.")
@click.option(
    "--format",
    "form",
    type=click.Choice(("html", "markdown", "latex")),
    help="Of the report.  [default: what the suffix of FILE says, else html]",
)
@click.option(
    "--where",
    "conditions",
    multiple=True,
    metavar="CONDITION",
    help='Only these points, such as "width>=128" or status=REFUTED; may be given more than once.',
)
@click.option("--title", help="Of the report.  [default: the name of the campaign or record]")
def report(source: str, output: str, form: str | None, conditions: tuple[str, ...], title: str | None) -> int:
    """Write a report of the results of a campaign, or of what `boundcheck check --json` printed (- for stdin).

    An HTML page is complete in itself. Figures of Markdown and LaTeX are written beside FILE, into FILE-figures.
    """
    path = Path(output)
    form = form or FORMATS.get(path.suffix.lower(), "html")
    from boundcheck.report.page.write import require_writable

    require_writable(path, source)
    from boundcheck.check.results.contents import contents
    from boundcheck.check.results.filters import Filter
    from boundcheck.check.results.source import open_results

    with open_results(source) as results:
        data = contents(results, Filter.of(conditions), title=title)
    size = WRITERS[form](data, path)
    click.echo(f"{output}: {size}", err=True)
    return 0


def _html(data: dict[str, Any], path: Path) -> str:
    from boundcheck.report.figures import svg
    from boundcheck.report.page.html import page
    from boundcheck.report.page.write import write

    figures = [figure | {"svg": svg(figure)} for figure in data["figures"]]
    return write(path, page(data | {"figures": figures}))
