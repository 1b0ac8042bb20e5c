"""What every place at which batches are run can do."""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable, Iterable, Mapping
from typing import Any, Protocol, TypeVar

from boundcheck.errors import BoundcheckError, InternalError

K = TypeVar("K", bound=Hashable)
Job = Mapping[str, Any]
"""Plain data: what JSON has, and bytes."""
Result = dict[str, Any]
"""Likewise."""
Function = Callable[[Job], Result]
"""A function of a module, whose results depend on nothing but the job."""
Tell = Callable[[str], object]
"""Called with a message for the user, while work goes on."""


class Place(Protocol):
    """Where batches are run."""

    @property
    def workers(self) -> int:
        """How many jobs run at once; may change as workers come and go."""

    @property
    def window(self) -> int:
        """How many jobs are in hand at once: those that run and those that wait for a worker."""

    def run(
        self, function: Function, jobs: Iterable[tuple[K, Job]]
    ) -> Generator[tuple[K, Result | BoundcheckError], None, None]:
        """The function's result for each job, by the job's key, as they come, in any order.

        Jobs are taken when there is room for them in the window. Where a job raises, its error is yielded: as it is
        when it is a BoundcheckError, else as an InternalError. Closing the generator cancels what is in hand.

        Raises
        ------
        BoundcheckError
            When no job can be run any more.
        """


def outcome(function: Function, job: Job) -> Result | BoundcheckError:
    """A job's result, or its error."""
    try:
        return function(job)
    except BoundcheckError as error:
        return error
    except Exception as error:
        return InternalError.of(error)
