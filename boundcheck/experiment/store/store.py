"""The store of a campaign: what is asked, who is at it, what was measured, and what came out."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from boundcheck.errors import InvalidArgument, StoreError
from boundcheck.experiment.store import leases, rows
from boundcheck.experiment.store.database import Database
from boundcheck.experiment.store.faults import damaged
from boundcheck.experiment.store.job import Job, span

CHUNK = 1000
"""Points, or rows, that are in memory at once."""


class Store(Database):
    """One SQLite file, which several processes of a machine may write at the same time.

    Each change is a transaction that has reached the disk when the method returns; a process killed before has changed
    nothing. A store belongs to the thread that opened it, and does not survive a fork.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     store = Store.create(f"{folder}/results.db", {"name": "example", "version": "0.7.0"})
    ...     point = {"study": "s", "theorem": "t", "kind": "sample", "seed": 0, "parameters": {}, "spec": {"n": 3}}
    ...     _ = store.plan([{**point, "trials": 100, "batches": 2}])
    ...     jobs = store.claim("host:1:0", 10)
    ...     store.close()
    >>> [(job.point["spec"], job.start, job.trials) for job in jobs]
    [({'n': 3}, 0, 50), ({'n': 3}, 50, 50)]
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        super().__init__(connection, path)
        # Where to look first for batches to claim: those before are done or held.
        self._next = (0, 0)
        self._owners: set[str] = set()

    def close(self) -> None:
        """Give back what is claimed, and close the file."""
        # Leases are a hint: a disk that has no room for their end does not matter.
        with suppress(StoreError):
            for owner in self._owners.copy():
                self.release(owner)
        super().close()

    # What is asked ----------------------------------------------------------------------------------------
    def add_theorem(self, row: Mapping[str, Any]) -> None:
        """A row of `theorems`; one that is there already stays."""
        with self.together():
            self._insert("theorems", row)

    def plan(self, points: Iterable[Mapping[str, Any]]) -> int:
        """Write all points, and that these are all.

        They are taken a chunk at a time, and each chunk is kept: when a process is killed, or several plan at once,
        what is there is passed over. So all must bring the same points in the same order.

        Parameters
        ----------
        points
            Rows of `points`, without `id`, or with 0, 1, 2, ….

        Returns
        -------
        int
            How many points there are.
        """
        count, source = 0, iter(points)
        while chunk := list(islice(source, CHUNK)):
            rows.check_points(chunk, count)
            count += len(chunk)
            with self.together():
                [(written,)] = self._all("SELECT coalesce(max(id), -1) + 1 FROM points")
                for i, row in enumerate(
                    chunk[max(0, written - count + len(chunk)) :], max(written, count - len(chunk))
                ):
                    self._insert("points", {**row, "id": i})
        with self.together():
            [(written,)] = self._all("SELECT coalesce(max(id), -1) + 1 FROM points")
            if written > count:
                raise StoreError(
                    self.path, f"holds {written} points, and the campaign has {count}", "begin another store"
                )
            self._insert("meta", {"key": "planned", "value": str(count)})
        return count

    def planned(self) -> int | None:
        """How many points there are, or None as long as not all are written."""
        found = self._all("SELECT value FROM meta WHERE key = 'planned'")
        return int(found[0][0]) if found else None

    # Who is at it -----------------------------------------------------------------------------------------
    def claim(self, owner: str, limit: int) -> list[Job]:
        """Batches to be run next, in the order of the points; they are the owner's until they are recorded.

        Parameters
        ----------
        owner
            The process that answers for them: `owner.this_process()`.
        limit
            How many at most, at least 1.

        Returns
        -------
        list of Job
            Empty where all that is not done is claimed; see `finished`.
        """
        if limit < 1:
            raise InvalidArgument("limit", limit, "is not a number of batches", "pass at least 1")
        self._owners.add(owner)
        with self.together():
            held, lost = leases.held(self.connection)
            begin = min([self._next, *lost])
            found = list(islice(self._free(begin, held), limit))
            if len(found) < limit and begin > (0, 0):
                taken = held | set(found)
                found += islice(self._free((0, 0), taken), limit - len(found))
            leases.take(self.connection, owner, found)
            jobs = [self._job(point, batch) for point, batch in found]
        if found:
            self._next = (found[-1][0], found[-1][1] + 1)
        return jobs

    def _free(self, begin: tuple[int, int], held: set[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """Batches from one on that are neither done nor held."""
        first, least = begin
        while True:
            # Not the table: the index holds points without verdict alone.
            found = self._all(
                "SELECT id, batches FROM points INDEXED BY points_open WHERE concluded = 0 AND id >= ? ORDER BY id "
                "LIMIT 100",
                first,
            )
            for point, batches in found:
                if point != begin[0]:
                    least = 0
                done = {
                    b for (b,) in self._all("SELECT batch FROM batches WHERE point = ? AND batch >= ?", point, least)
                }
                if not isinstance(batches, int):
                    raise damaged(self.path, f"batches of point {point}: {batches!r}")
                for batch in range(least, batches):
                    if batch not in done and (point, batch) not in held:
                        yield point, batch
                first = point + 1
            if not found:
                return

    def _job(self, point: int, batch: int) -> Job:
        row = self.point(point)
        try:
            start, trials = span(row["trials"], row["batches"], batch)
        except TypeError as error:
            raise damaged(self.path, f"batches of point {point}: {error}") from error
        return Job(row, batch, start, trials)

    def point(self, point: int) -> dict[str, Any]:
        """The row of a point, its spec parsed."""
        found = self._dicts("SELECT * FROM points WHERE id = ?", point)
        if not found:
            raise damaged(self.path, f"no point {point}")
        row = found[0]
        try:
            row["spec"] = json.loads(row["spec"])
        except ValueError as error:
            raise damaged(self.path, f"spec of point {point}: {error}") from error
        return row

    def renew(self, owner: str) -> None:
        """Say that the owner is still at what it has claimed: from time to time, well below `leases.TERM`."""
        with self.together():
            self.connection.execute("UPDATE leases SET until = ? WHERE owner = ?", (time.time() + leases.TERM, owner))

    def release(self, owner: str) -> None:
        """Give back what the owner has claimed and not recorded."""
        with self.together():
            self.connection.execute("DELETE FROM leases WHERE owner = ?", (owner,))
        self._owners.discard(owner)
        self._next = (0, 0)

    # What was measured ------------------------------------------------------------------------------------
    def record(self, point: int, batch: int, row: Mapping[str, Any]) -> bool:
        """Keep a finished batch.

        Parameters
        ----------
        point, batch
            Which one.
        row
            The other columns of `batches`.

        Returns
        -------
        bool
            False if it was there already, or the point has its verdict: what is there stays.
        """
        with self.together():
            self.connection.execute("DELETE FROM leases WHERE point = ? AND batch = ?", (point, batch))
            if self._concluded(point):
                return False
            return self._insert("batches", {**row, "point": point, "batch": batch})

    def batches(self, point: int) -> list[dict[str, Any]] | None:
        """The rows of a point's batches, in order; None if not all are there, or the point has its verdict already.

        With the verdict go the gaps, so that there is nothing left to conclude from.
        """
        done = "(SELECT count(*) FROM batches WHERE point = id)"
        ready = f"SELECT concluded = 0 AND batches = {done} FROM points WHERE id = ?"
        with self._unchanged():
            if self._all(ready, point) != [(1,)]:
                return None
            return self._dicts("SELECT * FROM batches WHERE point = ? ORDER BY batch", point)

    # What came out ----------------------------------------------------------------------------------------
    def conclude(self, point: int, verdict: Mapping[str, Any]) -> bool:
        """Keep the verdict on a point, and drop what is needed no more: gaps and certificates of trials, and leases.

        Returns
        -------
        bool
            False if there was a verdict already, which stays.
        """
        with self.together():
            if self._concluded(point):
                return False
            self._insert("verdicts", {**verdict, "point": point})
            for change in (
                "UPDATE points SET concluded = 1 WHERE id = ?",
                "UPDATE batches SET gaps = NULL, certificates = NULL WHERE point = ?",
                "DELETE FROM leases WHERE point = ?",
            ):
                self.connection.execute(change, (point,))
            return True

    def _concluded(self, point: int) -> bool:
        return self._all("SELECT concluded FROM points WHERE id = ?", point) == [(1,)]

    def unconcluded(self) -> Iterator[int]:
        """Points all of whose batches are there, but that have no verdict: a process was killed in between.

        They may be concluded while this runs.
        """
        first = 0
        # Points come in order, so most of those without a verdict lie behind the last one that has a batch.
        [(last,)] = self._all("SELECT coalesce(max(point), -1) FROM batches")
        while found := self._all(
            "SELECT id, batches, (SELECT count(*) FROM batches WHERE point = id) FROM points INDEXED BY points_open "
            "WHERE concluded = 0 AND id BETWEEN ? AND ? ORDER BY id LIMIT ?",
            first,
            last,
            CHUNK,
        ):
            yield from (point for point, wanted, done in found if wanted == done)
            first = found[-1][0] + 1

    def finished(self) -> bool:
        """Whether all points are written, and each has its verdict."""
        return self.planned() is not None and not self._all(
            "SELECT id FROM points INDEXED BY points_open WHERE concluded = 0 LIMIT 1"
        )

    def progress(self) -> dict[str, Any]:
        """The row of `totals`, `planned`, and `worst`: the largest ratio so far, with its point in `worst_point`."""
        [sums] = self._dicts("SELECT * FROM totals")
        worst = self._all(
            "SELECT worst, point FROM verdicts WHERE worst NOT NULL ORDER BY worst DESC, point DESC LIMIT 1"
        )
        value, point = worst[0] if worst else (None, None)
        return sums | {"planned": self.planned(), "worst": value, "worst_point": point}

    def tally(self) -> tuple[dict[str, int], int]:
        """Verdicts by status, and how many failures there are.

        A failure is a point that speaks against a theorem that should hold, and a theorem that should be refuted and is
        at no point.
        """
        counts = dict(self._all("SELECT status, count(*) FROM verdicts GROUP BY status ORDER BY status"))
        theorems = self._all(
            "SELECT t.expected, sum(v.status IN ('REFUTED', 'SCALING BROKEN')) FROM verdicts v "
            "JOIN points p ON p.id = v.point JOIN theorems t USING (study, theorem) GROUP BY study, theorem"
        )
        return counts, sum(against if expected else not against for expected, against in theorems)
