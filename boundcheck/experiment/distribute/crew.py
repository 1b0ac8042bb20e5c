"""Batches on the workers of a Dask scheduler."""

from __future__ import annotations

import time
from asyncio import CancelledError
from collections.abc import Generator, Iterable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, Generic, NamedTuple
from uuid import uuid4

from boundcheck.errors import BoundcheckError, InternalError, InvalidArgument
from boundcheck.experiment.distribute.job import CALL, Refused, Versions, difference, packed, unpacked
from boundcheck.experiment.distribute.place import Function, Job, K, Result, Tell

LOOK = 2.0
"""Seconds between two counts of the workers."""


class _Entry(NamedTuple, Generic[K]):
    """A job in hand, or to be run again."""

    key: K
    job: Job
    alone: bool


class _Answer(NamedTuple):
    """What a worker made of a job, or what Dask says in its place."""

    future: Any
    packed: bytes
    error: BaseException | None


class Crew:
    """The workers that a client's scheduler has at the moment."""

    def __init__(
        self,
        client: Any,
        argument: tuple[str, object],
        ours: Versions,
        threads: int | None,
        tell: Tell,
        patience: float,
    ) -> None:
        self._client, self._argument, self._ours, self._threads = client, argument, ours, threads
        self._tell, self._patience = tell, patience
        self._found: dict[str, int] = client.ncores()
        self._looked = self._manned = time.monotonic()
        self._told = False

    @property
    def workers(self) -> int:
        """Processes: each runs one job at a time, whatever its threads."""
        return len(self._found)

    @property
    def window(self) -> int:
        """So many that no worker waits for the next job, and few enough to be held and to be lost."""
        return 2 * sum(self._found.values()) + 4

    def run(
        self, function: Function, jobs: Iterable[tuple[K, Job]]
    ) -> Generator[tuple[K, Result | BoundcheckError], None, None]:
        """See :class:`~boundcheck.experiment.distribute.place.Place`.

        Dask gives a job up after some of its workers have died (the scheduler's `allowed-failures`), and does so too
        with jobs that did but wait at those workers. So each is then run again with no other job in hand.
        """
        ahead = iter(jobs)
        run, count = f"boundcheck-{uuid4().hex}", 0
        hand: dict[Any, _Entry[K]] = {}
        suspects: list[_Entry[K]] = []
        done: SimpleQueue[_Answer] = SimpleQueue()
        try:
            while True:
                alone = bool(suspects)
                while len(hand) < (1 if alone else self.window):
                    entry = suspects.pop(0) if alone else next((_Entry(*one, False) for one in ahead), None)
                    if entry is None:
                        break
                    future = self._submit(function, entry.job, (run, count))
                    count += 1
                    hand[future] = entry
                    self._client.loop.add_callback(self._follow, future, done)
                if not hand:
                    return
                answer = self._next(done)
                entry = hand.pop(answer.future)
                found = self._read(entry, answer)
                answer.future.release()
                if found is None:
                    suspects.append(entry._replace(alone=True))
                else:
                    yield entry.key, found
        finally:
            for future in hand:
                future.release()

    def _submit(self, function: Function, job: Job, name: tuple[str, int]) -> Any:
        call = {"job": packed(function, job, self._ours, self._threads)}
        try:
            return self._client.submit(eval, CALL, call, key=name, pure=False)
        except (OSError, RuntimeError) as error:  # the client is closed
            raise self._lost() from error

    async def _follow(self, future: Any, done: SimpleQueue[_Answer]) -> None:
        """Put a future's result, or its error, into the queue: in the client's loop, where many come at once."""
        try:
            done.put(_Answer(future, await self._client.gather(future, asynchronous=True), None))
        except (Exception, CancelledError) as error:
            done.put(_Answer(future, b"", error))

    def _next(self, done: SimpleQueue[_Answer]) -> _Answer:
        """The next result; while there is none, look whether there are workers."""
        while True:
            now = time.monotonic()
            if now - self._looked >= LOOK:
                self._looked = now
                self._client.loop.add_callback(self._look)
            if self._found:
                if self._told:
                    self._tell(f"{self._where} has workers again ({self.workers}): going on")
                self._manned, self._told = now, False
            elif now - self._manned >= self._patience and not self._told:
                self._told = True
                self._tell(f"{self._where} has had no worker for {now - self._manned:.0f} s: waiting for one")
            try:
                return done.get(timeout=min(LOOK, self._patience))
            except Empty:
                continue

    async def _look(self) -> None:
        with suppress(OSError, CancelledError):  # a scheduler that is gone is told of by the futures
            self._found = await self._client.scheduler.ncores(workers=None)

    def _read(self, entry: _Entry[K], answer: _Answer) -> Result | BoundcheckError | None:
        """What is yielded for a job; None if it is to be run again."""
        error = answer.error
        if error is None:
            found = unpacked(answer.packed)
            if isinstance(found, Refused):
                raise self.unfit("", difference(found.versions, self._ours) or "has other versions")
            return found
        if answer.future.status != "error" or not isinstance(error, Exception):
            raise self._lost() from error
        if isinstance(error, ImportError):
            raise self.unfit("", f"has no boundcheck that this one can work with ({error})") from error
        if type(error).__name__ != "KilledWorker":
            return InternalError.of(error)
        return _deadly(error) if entry.alone else None

    @property
    def _where(self) -> str:
        name, value = self._argument
        return f"{name}={value!r}"

    def unfit(self, worker: str, problem: str) -> InvalidArgument:
        """The error that a worker cannot do its part."""
        named = f"has a worker{worker and ' (' + worker + ')'} that {problem}"
        return InvalidArgument(*self._argument, named, "install the same versions on all workers")

    def _lost(self) -> InvalidArgument:
        problem = "does not answer any more"
        return InvalidArgument(*self._argument, problem, "start it again and repeat the command: what is done is kept")


def _deadly(error: Any) -> InternalError:
    deaths = error.allowed_failures + 1
    return InternalError(
        f"this batch ended its worker {deaths} times out of {deaths}, with no other batch in hand; see whether there "
        "is memory enough for it"
    )
