"""`boundcheck verify`: certificates of a record."""

from __future__ import annotations

import json

import click

from boundcheck.cli.common import NOTHING_DECIDED


@click.command()
@click.argument("record", metavar="RECORD.json")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout and nothing else.")
def verify(record: str, as_json: bool) -> int:
    """Re-check proofs and refutations: RECORD.json is what `boundcheck check --json` printed, or - for stdin.

    A certificate says what a proof or refutation rests on, so that re-checking takes no search and runs no theorem
    file.

    Exit status: 0 every certificate holds, 1 one is rejected, 2 no such record, 3 no certificate in it.
    """
    from dataclasses import asdict

    from boundcheck.check.results.records import read_record
    from boundcheck.check.verify import verify_records
    from boundcheck.report.record import plain

    found = verify_records(read_record(record))
    results = [asdict(verification) for verification in found]
    if as_json:
        click.echo(json.dumps(plain(results), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        from rich.console import Console

        from boundcheck.report.verification import render_verifications

        render_verifications(results, Console())
    outcomes = {verification.outcome for verification in found}
    return 1 if "rejected" in outcomes else 0 if "verified" in outcomes else NOTHING_DECIDED
