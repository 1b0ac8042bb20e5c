"""`boundcheck results`: what a campaign or a record holds, listed, filtered, written to files."""

from __future__ import annotations

import json
import sys
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

import click

from boundcheck.errors import InvalidArgument

if TYPE_CHECKING:
    from boundcheck.check.results.source import Results

SHOWN = 50


@click.command()
@click.argument("source", metavar="STORE | RECORD.json")
@click.option(
    "--where",
    multiple=True,
    metavar="COLUMN=VALUE",
    help="Only these rows; also != < <= > >= and ~ (contains). Several: all must hold.",
)
@click.option("--status", multiple=True, metavar="STATUS", help="Only with this status. Several: one of them.")
@click.option("--sort", default="point", show_default=True, metavar="COLUMN", help="In the order of this column.")
@click.option("--descending", is_flag=True, help="Largest first.")
@click.option("--limit", type=int, help=f"At most so many rows, 0 for all.  [default: {SHOWN} in a table, else all]")
@click.option("--columns", metavar="A,B,C", help="These columns instead of the usual ones.")
@click.option("--point", type=int, metavar="NUMBER", help="Everything about this point, and how to run it again.")
@click.option("--export", metavar="FILE.csv|.parquet", help="Write the rows to a file.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout and nothing else.")
@click.option("--json-lines", is_flag=True, help="Print one JSON object a row.")
def results(
    source: str,
    where: tuple[str, ...],
    status: tuple[str, ...],
    sort: str,
    descending: bool,
    limit: int | None,
    columns: str | None,
    point: int | None,
    export: str | None,
    as_json: bool,
    json_lines: bool,
) -> int:
    """List and filter the verdicts of a campaign's store, or of what `boundcheck check --json` printed (- for stdin).

    Exit status: 0, or 2 on bad input.
    """
    from boundcheck.check.results.columns import require
    from boundcheck.check.results.filters import Filter
    from boundcheck.check.results.source import open_results

    forms = {"--export": export is not None, "--json-lines": json_lines}
    _require_one({"--json": as_json, **forms})
    chosen_rows = {"--where": where, "--status": status, "--columns": columns, "--limit": limit is not None}
    for name, given in {**forms, **chosen_rows}.items():
        _require_one({"--point": point is not None, name: bool(given)})
    if limit is not None and limit < 0:
        raise InvalidArgument("limit", limit, "is below 0", "pass a number of rows, or 0 for all")
    chosen = None if columns is None else [require(name.strip(), "columns", columns) for name in columns.split(",")]
    options: dict[str, Any] = {
        "where": Filter.of(where, status),
        "order": require(sort, "sort"),
        "descending": descending,
        "limit": None if limit == 0 else limit,
        "columns": chosen,
    }
    with open_results(source) as found:
        if point is not None:
            _show_point(found, point, as_json)
        elif export is not None:
            from boundcheck.check.results.exports import export as write

            count = write(found, export, **options)
            click.echo(f"{export}: {count:,} row{'s' * (count != 1)}", err=True)
        elif as_json or json_lines:
            _print_json(found, options, lines=json_lines)
        else:
            _show_list(found, options | {"limit": SHOWN if limit is None else limit or None})
    return 0


def _require_one(given: dict[str, bool]) -> None:
    chosen = [name for name, there in given.items() if there]
    if len(chosen) > 1:
        raise click.UsageError(f"{' and '.join(chosen)} do not go together: leave one of them out.")


def _show_point(found: Results, number: int, as_json: bool) -> None:
    from boundcheck.check.results.listing import everything

    record = everything(found, number)
    if as_json:
        click.echo(json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False))
        return
    from rich.console import Console

    from boundcheck.report.results_point import render_point

    render_point(record, Console())


def _show_list(found: Results, options: dict[str, Any]) -> None:
    from rich.console import Console

    from boundcheck.check.results.listing import overview
    from boundcheck.report.results import render_results

    chosen = options.pop("columns")
    rows = list(found.rows(**options))
    render_results({**overview(found, options["where"]), "rows": rows, "columns": chosen}, Console())


def _print_json(found: Results, options: dict[str, Any], *, lines: bool) -> None:
    """Row by row, since there may be millions."""
    from boundcheck.check.results.listing import overview, plain_row

    # Not by click, which would pass each row on at once.
    out = sys.stdout
    rows = (json.dumps(plain_row(row), ensure_ascii=False, allow_nan=False) for row in found.rows(**options))
    if lines:
        out.writelines(f"{row}\n" for row in rows)
    else:
        head = json.dumps(overview(found, options["where"]), indent=2, ensure_ascii=False, allow_nan=False)
        out.write(f'{head[: head.rindex("}")].rstrip()},\n  "rows": [')
        separators = chain(["\n    "], repeat(",\n    "))
        out.writelines(separator + row for separator, row in zip(separators, rows, strict=False))
        out.write("\n  ]\n}\n")
    out.flush()
