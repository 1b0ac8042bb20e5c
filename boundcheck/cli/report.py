"""`boundcheck report`: results as one page, as Markdown or as LaTeX."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

_FORMATS = {".html": "html", ".htm": "html", ".md": "markdown", ".markdown": "markdown", ".tex": "latex"}
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
@click.option("--fragment", is_flag=True, help="LaTeX for a document of yours, which loads the packages named in it.")
def report(
    source: str, output: str, form: str | None, conditions: tuple[str, ...], title: str | None, fragment: bool
) -> int:
    """Write a report of the results of a campaign, or of what `boundcheck check --json` printed (- for stdin).

    An HTML page is complete in itself. Figures of Markdown and LaTeX are files in a folder beside FILE, if they can be
    drawn.
    """
    path = Path(output)
    form = form or _FORMATS.get(path.suffix.lower(), "html")
    if fragment and form != "latex":
        raise click.UsageError("--fragment is for LaTeX: leave it out, or pass --format latex.")
    from boundcheck.report.page.words import outcome
    from boundcheck.report.page.write import require_writable

    require_writable(path, source)
    if form == "html":
        from boundcheck.report.page.html import require_jinja

        require_jinja()
    from boundcheck.check.results.contents import contents
    from boundcheck.check.results.filters import Filter
    from boundcheck.check.results.source import open_results

    where = Filter.of(conditions)
    with open_results(source) as results:
        data = contents(results, where, title=title)
    _write(path, form, data, fragment)
    click.echo(f"{output}: {outcome(data)}", err=True)
    return 0


def _write(path: Path, form: str, data: dict[str, Any], fragment: bool) -> None:
    from boundcheck.report.page.write import images, write

    if form == "html":
        from boundcheck.report.figures import svg
        from boundcheck.report.page.html import page

        drawn = [figure | {"wide": svg(figure), "narrow": svg(figure, narrow=True)} for figure in data["figures"]]
        write(path, page(data | {"figures": drawn}))
    elif form == "markdown":
        from boundcheck.report.page.markdown import markdown

        write(path, markdown(data, images(path, data["figures"], ".svg")))
    else:
        from boundcheck.report.page.latex import article

        write(path, article(data, images(path, data["figures"], ".pdf"), fragment=fragment))
