"""A record of `boundcheck check --json` in the tables of a store, in memory."""

from __future__ import annotations

import html
import json
import sqlite3
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from fractions import Fraction
from pathlib import Path, PurePath
from typing import Any

from boundcheck.check.results.columns import STATUSES
from boundcheck.check.results.used_up import used_up
from boundcheck.errors import InvalidArgument
from boundcheck.experiment.store.schema import TABLES
from boundcheck.report.page.latex_text import escaped

_REMEDY = "pass what `boundcheck check --json` printed, or - for stdin"
_LARGEST = 2**63 - 1


def is_database(path: str) -> bool:
    """Whether a file that is there is one of SQLite's; not what is in it."""
    # By SQLite and not by `open`: closing the file would drop the locks that this process may hold on it.
    try:
        with closing(sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            connection.execute("PRAGMA schema_version")
    except sqlite3.DatabaseError as error:
        return error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_NOTADB
    return True


def read_record(path: str) -> list[dict[str, Any]]:
    """The verdicts in a file that holds what `check --json` printed, or on stdin.

    Raises
    ------
    InvalidArgument
        When there is no such file, or it is not a list of verdicts in JSON.
    """
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        records = json.loads(data, parse_constant=_no_number)
    except OSError as error:
        raise InvalidArgument("RECORD.json", path, f"cannot be read ({error.strerror})", _REMEDY) from None
    except (ValueError, RecursionError) as error:
        raise InvalidArgument("RECORD.json", path, f"is not JSON ({error})", _REMEDY) from None
    if not (isinstance(records, list) and all(isinstance(item, dict) for item in records)):
        raise InvalidArgument("RECORD.json", path, "is not a list of verdicts", _REMEDY)
    for key in ("theorem", "status"):
        if not all(isinstance(item.get(key), str) for item in records):
            raise InvalidArgument("RECORD.json", path, f"has a verdict without a {key}", _REMEDY)
    return records


def load(records: Sequence[Mapping[str, Any]], path: str) -> sqlite3.Connection:
    """The record as a database in memory.

    Each tested point becomes a row of `points` and of `verdicts`; a theorem without points, one row. A study is the
    folder of the theorems' file.

    Raises
    ------
    InvalidArgument
        When a verdict lacks what every record has, or has it in another form.
    """
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(TABLES)
    connection.execute("BEGIN")
    count, taken = 0, set[tuple[str, str]]()
    for place, record in enumerate(records):
        study, name = _folder(record), str(record["theorem"])
        twin = 1
        while (study, name) in taken:
            twin += 1
            name = f"{record['theorem']} ({twin})"
        taken.add((study, name))
        try:
            _insert(connection, "theorems", _theorem(record) | {"study": study, "theorem": name})
            for point, verdict in _rows(record):
                point |= {"id": count, "study": study, "theorem": name}
                _insert(connection, "points", point)
                _insert(connection, "verdicts", verdict | {"point": count})
                count += 1
        except (KeyError, TypeError, ValueError, AttributeError, sqlite3.Error) as error:
            connection.close()
            problem = f"has a verdict, number {place} ({record['theorem']}), that is not as written by `check`"
            raise InvalidArgument("RECORD.json", path, f"{problem} ({_said(error)})", _REMEDY) from None
    meta = {
        "name": "stdin" if path == "-" else PurePath(path).stem,
        "level": ", ".join(sorted({str(record["level"]) for record in records if "level" in record})),
        "version": ", ".join(sorted({str(record["version"]) for record in records if "version" in record})),
        "planned": str(count),
    }
    connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
    connection.execute("COMMIT")
    return connection


def _folder(record: Mapping[str, Any]) -> str:
    file = record.get("file")
    return PurePath(file.replace("\\", "/")).parent.name or "." if isinstance(file, str) else "(no file)"


def _theorem(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "file": record.get("file"),
        "claim": str(record.get("claim") or ""),
        **_formulas(record),
        "expected": int(not record.get("refutation_expected", False)),
        "status": _status(record),
        "method": record.get("method"),
        "note": record.get("note"),
    }


def _formulas(record: Mapping[str, Any]) -> dict[str, str]:
    """The claim in formulas, after its setting in words, as theorems are written out; nothing in older records."""
    found = record.get("formula")
    if not found:
        return {}
    domain, random = record.get("domain"), record.get("random") or {}
    parts = [str(domain)] * bool(domain) + [f"{name} = {words}" for name, words in random.items()]
    setting = f"For all {', and '.join(parts)}" if domain else f"For {', and '.join(parts)}" if parts else ""
    latex, mathml = str(found["latex"]), str(found["mathml"])
    if setting:
        latex = f"{escaped(setting)}:\n\\[\n{latex}\n\\]"
        words = f"<mrow><mtext>{html.escape(setting)}</mtext><mtext>:</mtext></mrow>"
        mathml = f"<mtable><mtr><mtd>{words}</mtd></mtr><mtr><mtd>{mathml}</mtd></mtr></mtable>"
    return {
        "latex": latex,
        "mathml": f'<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">{mathml}</math>',
    }


def _rows(record: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """A row of `points` and one of `verdicts` for each tested point, or for the whole theorem where there is none."""
    found = record.get("counterexample") or {}
    points = record.get("points") or []
    # The certificate is long, and the record holds it.
    whole = {key: value for key, value in record.items() if key not in ("certificate", "ablations")}
    for point in points:
        same = bool(found) and all(point[key] == found.get(key) for key in ("parameters", "law"))
        details = {**whole, "points": [point], "counterexample": found if same else None}
        yield _asked(record, point), _came_out(record, point) | {"details": _json(details)}
    if not points:
        alone = {"parameters": found.get("parameters") or {}, "law": found.get("law"), "reason": record.get("note")}
        yield _asked(record, alone, tested=False), _came_out(record, alone) | {"details": _json(whole)}


def _asked(record: Mapping[str, Any], point: Mapping[str, Any], *, tested: bool = True) -> dict[str, Any]:
    parameters = point["parameters"]
    seed = point.get("seed")
    spec = {key: record.get(key) for key in ("file", "theorem", "level", "seed", "device", "precision")}
    return {
        "kind": "network" if point.get("ladder") or point.get("closer") else "sample",
        "width": _whole(parameters.get("d")),
        "alpha": _decimal(parameters.get("alpha")),
        "delta": _decimal(parameters.get("delta")),
        "seed": _integer(record.get("seed") if seed is None else seed) or 0,
        "parameters": _json(parameters),
        "spec": _json({**spec, "parameters": parameters, "tested": tested}),
        "trials": _integer(point.get("trials")) or 0,
        "batches": 1,
        "concluded": 1,
    }


def _came_out(record: Mapping[str, Any], point: Mapping[str, Any]) -> dict[str, Any]:
    ladder, closer = point.get("ladder") or {}, point.get("closer") or {}
    ratio = point.get("quantity") == "ratio"
    vacuous = point.get("vacuous")
    row = {
        "status": _status(point if "status" in point else record),
        "vacuous": int(bool(record.get("vacuous") if vacuous is None else vacuous)),
        "law": point.get("law"),
        "quantity": point.get("quantity"),
        "exact": None if point.get("exact") is None else int(point["exact"]),
        "method": record.get("method"),
        "note": str(point.get("reason") or record.get("note") or ""),
    }
    claimed = point.get("claimed")
    numbers = {
        "claimed_low": point.get("claimed_low", claimed),
        "claimed_high": point.get("claimed_high", claimed),
        "observed": point.get("observed"),
        "limit_low": point.get("limit_low"),
        "limit_high": point.get("limit_high"),
        "ratio_low": point.get("limit_low" if ratio else "ratio_low"),
        "ratio_high": point.get("limit_high" if ratio else "ratio_high"),
        "beta": point.get("beta"),
        "bound": ladder.get("bound"),
        "gap_max": ladder.get("observed"),
        "certificate_max": ladder.get("certificate"),
        "attack": closer.get("climbed"),
        "sure": closer.get("certificate"),
    }
    row |= {name: _real(value) for name, value in numbers.items()}
    row |= {name: _integer(point.get(name)) for name in ("trials", "violations", "open")}
    return row | {"worst": used_up(row)}


def _status(holder: Mapping[str, Any]) -> str:
    if holder["status"] not in STATUSES:
        raise ValueError(f"{holder['status']!r} is no status")
    return str(holder["status"])


def _real(value: object) -> float | None:
    """A number, or the string of an infinite one; None for what is not known."""
    if value is None:
        return None
    if value in ("inf", "-inf"):
        return float(str(value))
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no number")
    return float(value)


def _integer(value: object) -> int | float | None:
    """A count or a seed; beyond 64 bits the nearest float, which is what the tables can hold."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{value!r} is no count")
    return value if abs(value) <= _LARGEST else float(value)


def _whole(value: object) -> int | None:
    """A parameter that is a whole number, and not too large for the tables."""
    text = str(value)
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _decimal(value: object) -> float | None:
    """A parameter that is a rational number, as the nearest float."""
    try:
        return float(Fraction(str(value)))
    except (ValueError, ArithmeticError):
        return None


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _said(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)


def _insert(connection: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> None:
    names = ", ".join(row)
    connection.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(row))})", tuple(row.values()))


def _no_number(token: str) -> None:
    raise ValueError(f"{token} is not a JSON value")
