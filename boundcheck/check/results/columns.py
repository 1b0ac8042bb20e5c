"""The columns of the view `results`, as the schema declares them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import lru_cache

from boundcheck.errors import InvalidArgument
from boundcheck.experiment.store.schema import TABLES
from boundcheck.verdict.status import Status

STATUSES = (*map(str, Status), "ERROR")
"""What a verdict may be, of a point."""


@lru_cache(maxsize=1)
def types() -> dict[str, str]:
    """Each column of the view `results` with its type: INTEGER, REAL or TEXT."""
    return _declared()["results"]


@lru_cache(maxsize=1)
def _declared() -> dict[str, dict[str, str]]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(TABLES)
        names = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
        ]
        return {name: {row[1]: row[2] for row in connection.execute(f"PRAGMA table_info({name})")} for name in names}


def require(name: str, argument: str, given: object | None = None) -> str:
    """The column of this name, refused with a list of those that there are.

    Parameters
    ----------
    name
        Of the column.
    argument
        Where the user wrote it: the argument that an error names.
    given
        What the user wrote there, where that is more than the name.
    """
    if name in types():
        return name
    from difflib import get_close_matches

    near = get_close_matches(name, types(), n=3)
    meant = f"did you mean {' or '.join(near)}? " if near else ""
    raise InvalidArgument(
        argument,
        name if given is None else given,
        f"names no column{'' if given is None else f' ({name})'}",
        f"{meant}the columns are {', '.join(types())}",
    )


def source(names: set[str]) -> str:
    """The smallest table or view that has all these columns."""
    return "verdicts" if names <= _declared()["verdicts"].keys() else "results"
