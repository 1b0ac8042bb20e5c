"""The δ-ledger: which events share the failure probability, and that the shares add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Expr, simplify

from boundcheck.errors import InvalidArgument


@dataclass(frozen=True)
class Entry:
    """One event that may fail, and the probability that it is allowed."""

    event: str
    share: Expr


@dataclass(frozen=True)
class Ledger:
    """Events whose failure probabilities add up to at most delta (the union bound).

    Raises
    ------
    InvalidArgument
        When the shares add up to something other than delta.
    """

    delta: Expr
    entries: tuple[Entry, ...]

    def __post_init__(self) -> None:
        if self.entries and simplify(self.total - self.delta) != 0:
            raise InvalidArgument(
                "shares",
                self.total,
                f"do not add up to delta={self.delta}",
                "give every event a share and no share twice",
            )

    @classmethod
    def equal(cls, delta: Expr, events: Sequence[str]) -> Ledger:
        """Give every event the same share."""
        return cls(delta, tuple(Entry(event, delta / len(events)) for event in events))

    @property
    def total(self) -> Expr:
        """The sum of the shares."""
        return sum((entry.share for entry in self.entries), self.delta * 0)

    def share(self, event: str) -> Expr:
        """The share of an event.

        Raises
        ------
        KeyError
            When the ledger does not hold the event, so that nothing may rest on it.
        """
        for entry in self.entries:
            if entry.event == event:
                return entry.share
        raise KeyError(event)
