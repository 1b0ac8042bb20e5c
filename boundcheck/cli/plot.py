"""`boundcheck plot`: figures of a campaign's store or of a record, as pictures or as data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from boundcheck.errors import InvalidArgument

if TYPE_CHECKING:
    from boundcheck.check.results.filters import Filter
    from boundcheck.check.results.source import Results


@click.command()
@click.argument("source", metavar="STORE | RECORD.json")
@click.option(
    "-o", "--output", metavar="FILE.png|.svg|.pdf", help="Where to draw; several figures: FILE-ID.png, or pages."
)
@click.option("--figure", "ids", multiple=True, metavar="ID", help="Only this figure. Several: these.")
@click.option(
    "--where",
    multiple=True,
    metavar="COLUMN=VALUE",
    help="Of these rows only; also != < <= > >= and ~ (contains). Several: all must hold.",
)
@click.option("--list", "listed", is_flag=True, help="List the figures that there are.")
@click.option("--dark", is_flag=True, help="Light lines on a dark ground.")
@click.option("--narrow", is_flag=True, help="As wide as a column of a paper: 3.4 inches, not 6.8.")
@click.option("--no-title", is_flag=True, help="Leave the title out, for a paper with captions.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures' data as one JSON document and nothing else.")
def plot(
    source: str,
    output: str | None,
    ids: tuple[str, ...],
    where: tuple[str, ...],
    listed: bool,
    dark: bool,
    narrow: bool,
    no_title: bool,
    as_json: bool,
) -> int:
    """Draw what a campaign's store holds, or what `boundcheck check --json` printed (- for stdin).

    Gaps, certificates and bounds against width, alpha and depth; rates of violations with their limits; exact tails
    over claims; how much each step of a bound gives away. Drawing needs boundcheck[plots].

    Exit status: 0, or 2 on bad input or when there is nothing to plot.
    """
    from boundcheck.check.results.figures import figures
    from boundcheck.check.results.filters import Filter
    from boundcheck.check.results.source import open_results

    given = [name for name, there in (("-o", output is not None), ("--list", listed), ("--json", as_json)) if there]
    if len(given) != 1:
        problem = f"{' and '.join(given)} do not go together" if given else "nothing says what to do with the figures"
        raise click.UsageError(f"{problem}: pass one of -o FILE.png, --list and --json.")
    if output is not None:
        _require_drawable(output, source)
    chosen = Filter.of(where)
    with open_results(source) as found:
        drawn = figures(found, chosen)
        if not drawn:
            raise _nothing(found, chosen, source)
    drawn = _named(drawn, ids)
    if as_json:
        from boundcheck.report.record import plain

        click.echo(json.dumps(plain(drawn), indent=2, ensure_ascii=False, allow_nan=False))
    elif output is None:
        widest = max(len(figure["id"]) for figure in drawn)
        for figure in drawn:
            click.echo(f"{figure['id']:<{widest}}  {figure['title']}")
    else:
        from boundcheck.report.figures import save

        for path in save(drawn, output, dark=dark, narrow=narrow, title=not no_title):
            click.echo(str(path))
    return 0


def _require_drawable(output: str, source: str) -> None:
    """Refuse, before anything is read, what cannot be drawn, and to draw over what is plotted."""
    from boundcheck.report.figures.files import require_suffix
    from boundcheck.report.figures.library import require

    require_suffix(output)
    require()
    path = Path(output)
    if source != "-" and path.exists() and Path(source).exists() and path.samefile(source):
        raise InvalidArgument("output", output, "is what is to be plotted", "name another file")


def _named(drawn: list[dict[str, Any]], ids: tuple[str, ...]) -> list[dict[str, Any]]:
    known = {figure["id"]: figure for figure in drawn}
    for name in ids:
        if name not in known:
            raise InvalidArgument("figure", name, "is no figure of these results", f"pass one of {', '.join(known)}")
    return [known[name] for name in dict.fromkeys(ids)] if ids else drawn


def _nothing(found: Results, chosen: Filter, source: str) -> InvalidArgument:
    """Why there is nothing to plot."""
    if found.total(chosen):
        problem = "has no numbers to plot"
        remedy = "plots need gaps of networks, rates of violations or exact tails; proofs and errors have none of these"
    elif found.total():
        problem, remedy = "has no verdict that satisfies --where", "weaken it; boundcheck results lists what there is"
    else:
        problem, remedy = "has no verdict yet", "run the campaign, or check a theorem"
    return InvalidArgument("SOURCE", source, problem, remedy)
