"""Batches in this process, one at a time."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager

from boundcheck.errors import BoundcheckError
from boundcheck.experiment.distribute.place import Function, Job, K, Place, Result, outcome


class _Here:
    workers = 1
    window = 1

    def run(
        self, function: Function, jobs: Iterable[tuple[K, Job]]
    ) -> Generator[tuple[K, Result | BoundcheckError], None, None]:
        for key, job in jobs:
            yield key, outcome(function, job)


@contextmanager
def here() -> Iterator[Place]:
    """In this process, one at a time, with all its threads."""
    yield _Here()
