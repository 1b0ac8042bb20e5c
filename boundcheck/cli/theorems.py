"""`boundcheck list` and `boundcheck show`."""

from __future__ import annotations

import json

import click

from boundcheck.check.options import FORMATS, WINNER_FORMATS
from boundcheck.cli.common import BAD_INPUT, complain, named_records, require_form, shipped_record, theorem_at


@click.command("list")
@click.argument("targets", metavar="[PATH]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout and nothing else.")
def list_theorems(targets: tuple[str, ...], as_json: bool) -> int:
    """List theorems with their claims: those in PATHs, or those that ship with boundcheck."""
    records, errors = named_records(targets)
    if as_json:
        click.echo(json.dumps(records, indent=2, ensure_ascii=False))
    else:
        from rich.console import Console

        from boundcheck.report.listing import render_listing

        render_listing(records, Console())
    for message in errors:
        complain(message)
    return BAD_INPUT if errors else 0


@click.command()
@click.argument("name")
@click.option("--format", "form", type=click.Choice((*FORMATS, "html")), default="text", show_default=True)
@click.option("--proof", is_flag=True, help="Show how boundcheck derives the bound, as numbered steps.")
@click.option("--winners", is_flag=True, help="Show which inequality gives the smallest bound of each norm, and where.")
def show(name: str, form: str, proof: bool, winners: bool) -> int:
    """Show one theorem: NAME as `boundcheck list` prints it, or PATH::NAME."""
    if proof and winners:
        raise click.UsageError("--proof and --winners show different things: leave one of them out.")
    if winners:
        if form not in WINNER_FORMATS:
            raise click.UsageError(f"winners are not shown as {form}: pass one of {', '.join(WINNER_FORMATS)}.")
        from boundcheck.check.winners import winners_of
        from boundcheck.report.winners import WINNERS

        click.echo(WINNERS[form](winners_of(theorem_at(_path(name)))), nl=False)
        return 0
    form = require_form(form, proof, "a theorem")
    if proof:
        from boundcheck.check.proof import proof_of
        from boundcheck.report.proof import PROOFS

        click.echo(PROOFS[form](proof_of(theorem_at(_path(name)))), nl=False)
        return 0
    from boundcheck.report.theorem import RECORDED

    if "::" not in name:
        record = shipped_record(name)
        if form in RECORDED:
            click.echo(RECORDED[form](record), nl=False)
            return 0
        name = f"{record['file']}::{name}"
    from boundcheck.check.describe import shown

    click.echo(shown(theorem_at(name), form), nl=False)
    return 0


def _path(name: str) -> str:
    """PATH::NAME of a theorem, of which the name suffices if it ships."""
    return name if "::" in name else f"{shipped_record(name)['file']}::{name}"
