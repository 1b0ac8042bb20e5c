"""Which rows: conditions on columns, from words that a user writes."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from boundcheck.check.results.columns import STATUSES, require, types
from boundcheck.errors import InvalidArgument

_CONDITION = re.compile(r"\s*(?P<column>\w+)\s*(?P<relation>!=|<=|>=|==|!~|=|<|>|~)\s*(?P<value>.*?)\s*", re.S)
_REMEDY = 'write COLUMN=VALUE, with one of = != < <= > >= ~ !~, as in "width>=128", status=REFUTED, theorem~hoeffding'
_LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Condition:
    """One column against one value.

    A column without a value (NULL) satisfies `= null` and nothing else. `~` is "contains", without regard to the case
    of ASCII letters, and is for texts.
    """

    column: str
    relation: str
    value: str | int | float | None

    def sql(self) -> tuple[str, list[str | int | float]]:
        """The condition with placeholders, and what they stand for."""
        if self.value is None:
            return f'"{self.column}" IS {"NOT " * (self.relation == "!=")}NULL', []
        if self.relation in ("~", "!~"):
            found = "=" if self.relation == "!~" else ">"
            return f'instr(lower("{self.column}"), lower(?)) {found} 0', [self.value]
        return f'"{self.column}" {self.relation} ?', [self.value]


@dataclass(frozen=True)
class Filter:
    """Conditions that all hold.

    Examples
    --------
    >>> Filter.of(["width>=128", "theorem~hoeff"]).sql()
    ('"width" >= ? AND instr(lower("theorem"), lower(?)) > 0', [128, 'hoeff'])
    """

    conditions: tuple[Condition, ...] = ()
    statuses: frozenset[str] = frozenset()
    """One of these, where there are any."""

    @classmethod
    def of(cls, words: Iterable[str] = (), statuses: Iterable[str] = ()) -> Filter:
        """Read conditions such as `width>=128`, `status=REFUTED`, `theorem~hoeff`, `worst!=null`.

        Parameters
        ----------
        words
            Conditions, of which all must hold. Numbers may be fractions: `delta=1/100`.
        statuses
            Of which one must be the row's, where any is given; in any case of letters.

        Raises
        ------
        InvalidArgument
            When a condition has no relation, names no column, or compares a column with what it cannot hold.
        """
        return cls(tuple(map(_condition, words)), frozenset(_status(name, "status") for name in statuses))

    def __and__(self, other: Filter) -> Filter:
        if not (self.statuses and other.statuses):
            return Filter(self.conditions + other.conditions, self.statuses | other.statuses)
        # A row has one status: an intersection that is empty is a condition that never holds.
        both = self.statuses & other.statuses
        never = () if both else (Condition("status", "=", ""),)
        return Filter(self.conditions + other.conditions + never, both)

    @property
    def columns(self) -> set[str]:
        """All that the conditions are about."""
        return {condition.column for condition in self.conditions} | ({"status"} if self.statuses else set())

    def sql(self) -> tuple[str, list[str | int | float]]:
        """A condition with placeholders, and what they stand for."""
        parts: list[str] = []
        values: list[str | int | float] = []
        if self.statuses:
            parts.append(f'"status" IN ({", ".join("?" * len(self.statuses))})')
            values += sorted(self.statuses)
        for condition in self.conditions:
            text, more = condition.sql()
            parts.append(text)
            values += more
        return " AND ".join(parts) or "1", values


ALL = Filter()
"""Every row."""


def _condition(word: str) -> Condition:
    match = _CONDITION.fullmatch(word)
    if match is None:
        raise InvalidArgument("where", word, "is not a condition", _REMEDY)
    column, relation, text = match["column"], match["relation"].replace("==", "="), match["value"]
    require(column, "where", word)
    if text.lower() == "null":
        if relation not in ("=", "!="):
            raise InvalidArgument("where", word, "orders null", f"write {column}=null or {column}!=null")
        return Condition(column, relation, None)
    if types()[column] == "TEXT":
        exact = column == "status" and relation in ("=", "!=")
        return Condition(column, relation, _status(text, "where", word) if exact else text)
    if relation in ("~", "!~"):
        raise InvalidArgument("where", word, f"searches {column}, which holds numbers", "compare it: = != < <= > >=")
    return Condition(column, relation, _number(text, column, word))


def _status(text: str, argument: str, given: str | None = None) -> str:
    name = re.sub(r"[\s_-]+", " ", text).upper()
    if name not in STATUSES:
        raise InvalidArgument(argument, given or text, "names no status", f"pass one of {', '.join(STATUSES)}")
    return name


def _number(text: str, column: str, word: str) -> int | float:
    try:
        value = int(text) if re.fullmatch(r"[+-]?\d+", text) else _real(text)
        # Larger integers are none of SQLite's; every column's integers are smaller.
        value = value if abs(value) <= _LARGEST else float(value)
    except (ValueError, ArithmeticError):
        value = math.nan
    if math.isnan(value):
        raise InvalidArgument("where", word, f"compares {column} with what is no number", f"write {column}=1, or null")
    return value


def _real(text: str) -> float:
    return float(Fraction(text)) if "/" in text else float(text)
