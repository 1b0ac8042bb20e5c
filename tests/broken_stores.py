"""Stores with a fault each, planted to see that the tests of kills would find it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from boundcheck.experiment.store import rows
from boundcheck.experiment.store.store import Store


class ConcludesInPieces(Store):
    """A verdict, the mark that it is there, and the end of what is needed no more: a transaction each."""

    @contextmanager
    def together(self) -> Iterator[None]:
        yield  # SQLite commits each statement by itself


class RecordsLate(Store):
    """Keeps batches in memory until there are four of them."""

    kept: tuple[tuple[int, int, Mapping[str, Any]], ...] = ()

    def record(self, point: int, batch: int, row: Mapping[str, Any]) -> bool:
        self.kept += ((point, batch, row),)
        if len(self.kept) == 4:
            self.flush()
        return True

    def flush(self) -> None:
        for kept in self.kept:
            super().record(*kept)
        self.kept = ()

    def unconcluded(self) -> Iterator[int]:
        self.flush()
        return super().unconcluded()


class Overwrites(Store):
    """A batch that comes again takes the place of the first."""

    def record(self, point: int, batch: int, row: Mapping[str, Any]) -> bool:
        with self.together():
            self.connection.execute("DELETE FROM batches WHERE point = ? AND batch = ?", (point, batch))
            return rows.insert(self.connection, "batches", {**row, "point": point, "batch": batch})


class PlansAtOnce(Store):
    """Says that all points are planned before they are."""

    def plan(self, points: Iterable[Mapping[str, Any]]) -> int:
        given = list(points)
        with self.together():
            rows.insert(self.connection, "meta", {"key": "planned", "value": str(len(given))})
        return super().plan(given)
