"""`boundcheck verify`: certificates of a record."""

from __future__ import annotations

import json
from typing import Any

import click

from boundcheck.cli.common import NOTHING_DECIDED
from boundcheck.errors import InvalidArgument


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

    from boundcheck.check.verify import verify_records
    from boundcheck.report.record import plain

    found = verify_records(verdicts(record))
    results = [asdict(verification) for verification in found]
    if as_json:
        click.echo(json.dumps(plain(results), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        from rich.console import Console

        from boundcheck.report.verification import render_verifications

        render_verifications(results, Console())
    outcomes = {verification.outcome for verification in found}
    return 1 if "rejected" in outcomes else 0 if "verified" in outcomes else NOTHING_DECIDED


def verdicts(path: str) -> list[dict[str, Any]]:
    """The verdicts in a file that holds what `check --json` printed, or on stdin."""
    remedy = "pass what `boundcheck check --json` printed, or - for stdin"
    try:
        with click.open_file(path, "rb") as file:
            records = json.loads(file.read(), parse_constant=_no_number)
    except OSError as error:
        raise InvalidArgument("RECORD.json", path, f"cannot be read ({error.strerror})", remedy) from None
    except (ValueError, RecursionError) as error:
        raise InvalidArgument("RECORD.json", path, f"is not JSON ({error})", remedy) from None
    if not (isinstance(records, list) and all(isinstance(item, dict) for item in records)):
        raise InvalidArgument("RECORD.json", path, "is not a list of verdicts", remedy)
    for key in ("theorem", "status"):
        if not all(isinstance(item.get(key), str) for item in records):
            raise InvalidArgument("RECORD.json", path, f"has a verdict without a {key}", remedy)
    return records


def _no_number(token: str) -> None:
    raise ValueError(f"{token} is not a JSON value")
