"""Results of a store or of a record, under one interface."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from boundcheck.check.results.columns import require, source, types
from boundcheck.check.results.filters import ALL, Filter
from boundcheck.errors import InvalidArgument
from boundcheck.experiment.store.faults import said
from boundcheck.experiment.store.files import connect


class Results:
    """Queries on the tables of :mod:`boundcheck.experiment.store.schema`.

    Parameters
    ----------
    connection
        To a database with these tables; it is only read.
    path
        What messages call it.
    """

    def __init__(self, connection: sqlite3.Connection, path: str) -> None:
        self.connection = connection
        self.path = path
        self.meta: dict[str, str] = dict(connection.execute("SELECT key, value FROM meta ORDER BY key"))

    @property
    def planned(self) -> int:
        """How many points there are to be."""
        return int(self.meta.get("planned") or self._number("SELECT count(*) FROM points"))

    def total(self, where: Filter = ALL) -> int:
        """How many rows there are."""
        return sum(self.counts(where).values())

    def counts(self, where: Filter = ALL) -> dict[str, int]:
        """How many rows there are of each status, in the order of their names."""
        return {row["status"]: row["rows"] for row in self.groups(["status"], {"rows": "count(*)"}, where)}

    def theorems(self) -> list[dict[str, Any]]:
        """The rows of `theorems` in the order of their first points, each with what came out.

        Returns
        -------
        list of dict
            The columns of the table `theorems`, and `counts` (points, done, and how many of each status), `worst` (the
            largest; None where it is not known) and `vacuous` (points at which the claim says nothing).
        """
        planned = {
            (study, theorem): (first, count)
            for study, theorem, first, count in self.connection.execute(
                "SELECT study, theorem, min(id), count(*) FROM points GROUP BY study, theorem"
            )
        }
        found: dict[tuple[str, str], list[dict[str, Any]]] = {}
        values = {"rows": "count(*)", "worst": "max(worst)", "vacuous": "sum(vacuous)"}
        for group in self.groups(["study", "theorem", "status"], values):
            found.setdefault((group["study"], group["theorem"]), []).append(group)
        rows = []
        for row in _dicts(self.connection.execute("SELECT * FROM theorems")):
            key = row["study"], row["theorem"]
            first, points = planned.get(key, (None, 0))
            groups = found.get(key, [])
            known = [group["worst"] for group in groups if group["worst"] is not None]
            counts = {"points": points, "done": sum(group["rows"] for group in groups)}
            row["counts"] = counts | {group["status"]: group["rows"] for group in groups}
            row["worst"] = max(known, default=None)
            row["vacuous"] = sum(group["vacuous"] for group in groups)
            rows.append((first is None, first, row))
        return [row for *_, row in sorted(rows, key=lambda entry: entry[:2])]

    def rows(
        self,
        where: Filter = ALL,
        *,
        order: str = "point",
        descending: bool = False,
        limit: int | None = None,
        columns: Sequence[str] | None = None,
    ) -> Iterator[dict[str, Any]]:
        """The rows of the view `results`, one at a time.

        Parameters
        ----------
        where
            Which.
        order
            The column to sort by; rows without a value come last, rows with the same one in the order of points.
        descending
            Whether the largest come first.
        limit
            How many at most; None for all.
        columns
            Of each row; None for all.
        """
        yield from _dicts(self.cursor(where, order=order, descending=descending, limit=limit, columns=columns))

    def cursor(
        self,
        where: Filter = ALL,
        *,
        order: str = "point",
        descending: bool = False,
        limit: int | None = None,
        columns: Sequence[str] | None = None,
    ) -> sqlite3.Cursor:
        """The same as tuples, from which `fetchmany` takes some at a time."""
        chosen = [require(name, "columns") for name in (types() if columns is None else columns)]
        require(order, "sort")
        text, values = where.sql()
        table = source({*chosen, order} | where.columns)
        keys = [f'"{order}" {"DESC" if descending else "ASC"} NULLS LAST', *(["point"] if order != "point" else [])]
        query = f"SELECT {_listed(chosen)} FROM {table} WHERE {text} ORDER BY {', '.join(keys)} LIMIT ?"
        return self.connection.execute(query, [*values, -1 if limit is None else limit])

    def groups(self, by: Sequence[str], values: Mapping[str, str], where: Filter = ALL) -> list[dict[str, Any]]:
        """Aggregates of the rows that share the values of some columns, in the order of these.

        Parameters
        ----------
        by
            Columns of the view `results`.
        values
            Names of aggregates with their SQL, which is the program's and never a user's: `{"gap": "max(gap_max)"}`.
        where
            Which rows.
        """
        names = [require(name, "by") for name in by]
        text, given = where.sql()
        asked = set(names) | where.columns | {name for name in types() if any(name in sql for sql in values.values())}
        shown = ", ".join([*(f'"{name}"' for name in names), *(f'{sql} AS "{name}"' for name, sql in values.items())])
        keys = _listed(names) or "1"
        grouping = f"GROUP BY {keys} ORDER BY {keys}" if names else ""
        return list(
            _dicts(self.connection.execute(f"SELECT {shown} FROM {source(asked)} WHERE {text} {grouping}", given))
        )

    def point(self, number: int) -> dict[str, Any]:
        """The row of `points`, with `about` (its theorem), `verdict` (None before there is one), `measured` (batches).

        Raises
        ------
        InvalidArgument
            When there is no such point.
        """
        found = self.connection.execute("SELECT * FROM points WHERE id = ?", [max(-1, min(number, 2**63 - 1))])
        row = next(_dicts(found), None)
        if row is None:
            count = self._number("SELECT count(*) FROM points")
            raise InvalidArgument("point", number, f"is none of the {count:,} points", "take one that the list shows")
        verdict = next(_dicts(self.connection.execute("SELECT * FROM verdicts WHERE point = ?", [number])), None)
        columns = "batch, start, trials, violations, open, result, seconds, worker, finished"
        batches = self.connection.execute(f"SELECT {columns} FROM batches WHERE point = ? ORDER BY batch", [number])
        key = [row["study"], row["theorem"]]
        about = next(
            _dicts(self.connection.execute("SELECT * FROM theorems WHERE (study, theorem) = (?, ?)", key)), None
        )
        return row | {"about": about, "verdict": verdict, "measured": list(_dicts(batches))}

    def _number(self, query: str) -> int:
        return int(self.connection.execute(query).fetchone()[0])


@contextmanager
def open_results(path: str) -> Iterator[Results]:
    """Results of a store, which is opened to be read, or of what `boundcheck check --json` printed.

    All that is read is of one moment, also while a campaign writes to the store.

    Parameters
    ----------
    path
        Of the store or of the record; - is a record on stdin.

    Raises
    ------
    StoreError
        When there is no such file, or it is a database and no store, or of another version, or damaged.
    InvalidArgument
        When it is no database, and no record either.
    """
    from boundcheck.check.results.records import is_database, load, read_record

    file = Path(path)
    if path == "-" or (file.is_file() and file.stat().st_size and not is_database(path)):
        with closing(load(read_record(path), path)) as connection:
            yield Results(connection, path)
        return
    with closing(connect(file, read_only=True)) as connection, said(file):
        connection.execute("BEGIN")
        yield Results(connection, path)


def _dicts(cursor: sqlite3.Cursor) -> Iterator[dict[str, Any]]:
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
