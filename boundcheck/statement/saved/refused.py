"""What is wrong with data, in one line."""

from __future__ import annotations

from typing import Any

from boundcheck.errors import BoundcheckError


class Refused(BoundcheckError):
    """Data that describes no expression or network; the message is a complaint."""


def require(holds: object, complaint: str) -> None:
    """Refuse what does not hold."""
    if not holds:
        raise Refused(complaint)


def entry(data: Any, key: str, kind: type, what: str) -> Any:
    """A value of a table by its key.

    Raises
    ------
    Refused
        When the table is none, or has no such value of that kind.
    """
    require(isinstance(data, dict), f"{what} is no table")
    require(key in data, f"{what} has no {key!r}")
    value = data[key]
    right = isinstance(value, kind) and not (kind is int and isinstance(value, bool))
    require(right, f"{key!r} of {what} is not of type {_KINDS.get(kind, kind.__name__)}")
    return value


_KINDS = {dict: "object", list: "array", str: "string", int: "integer", bool: "true or false"}
