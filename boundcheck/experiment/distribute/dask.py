"""Clusters of Dask's: one of processes of this machine, or one that is there already."""

from __future__ import annotations

import os
import signal
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from multiprocessing import resource_tracker
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from boundcheck.errors import BoundcheckError, InvalidArgument
from boundcheck.experiment.distribute.job import PROBE, difference, versions
from boundcheck.experiment.distribute.place import Place, Tell
from boundcheck.experiment.distribute.quiet import SILENT, quiet
from boundcheck.experiment.processes import interrupts_held

if TYPE_CHECKING:
    from boundcheck.experiment.distribute.crew import Crew

_PATIENCE = 10.0
"""Seconds without a worker before the user is told."""
_MOST_PER_CORE = 8


@contextmanager
def local_cluster(workers: int, *, tell: Tell = warnings.warn, patience: float = _PATIENCE) -> Iterator[Place]:
    """So many processes of this machine, which share its cores.

    They listen at the loopback interface alone, are not reached by Ctrl-C, and end with this process, however it ends.

    Parameters
    ----------
    workers
        The number of processes.
    tell
        Called with a message when there has been no worker for a while, and when there is one again.
    patience
        How long that while is, in seconds.

    Raises
    ------
    InvalidArgument
        When the number is not one of processes for this machine, or Dask is not installed.
    BoundcheckError
        When they do not start.
    """
    argument = ("--workers", workers)
    if isinstance(workers, bool) or not isinstance(workers, int) or workers < 1:
        raise InvalidArgument(*argument, "is not a number of processes", "pass an integer of at least 1")
    _require_dask(argument)
    import dask
    from dask.system import CPU_COUNT
    from distributed import Client, LocalCluster

    from boundcheck.experiment.distribute.crew import Crew

    if workers > _MOST_PER_CORE * CPU_COUNT:
        raise InvalidArgument(*argument, f"is far more than the {CPU_COUNT} cores here", f"pass {CPU_COUNT}")
    if os.name == "posix":
        resource_tracker.ensure_running()  # for its start would let interrupts through again
    options = {"distributed.scheduler.allowed-failures": 1, "distributed.worker.daemon": True}
    with quiet():
        try:
            with interrupts_held(), dask.config.set(options):
                cluster = LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    host="127.0.0.1",
                    memory_limit=0,  # as in one process
                    silence_logs=SILENT,
                    dashboard_address=None,
                    scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},  # any free port
                )
        except (OSError, RuntimeError) as error:
            raise BoundcheckError(f"--workers={workers!r} did not start ({error}); pass fewer, or none") from error
        try:
            with interrupts_held():
                client = Client(cluster, set_as_default=False)
            yield Crew(client, argument, versions(), max(1, CPU_COUNT // workers), tell, patience)
        finally:
            with interrupts_held():
                client.close()
                cluster.sync(_end_workers, cluster)
                cluster.close()


async def _end_workers(cluster: Any) -> None:
    """At once: what they are at is not wanted any more, and Dask would wait for it."""
    for nanny in cluster.workers.values():
        nanny.close_gracefully()  # and do not begin another
        if nanny.pid is not None:
            os.kill(nanny.pid, getattr(signal, "SIGKILL", signal.SIGTERM))


@contextmanager
def cluster(
    address: str, *, tell: Tell = warnings.warn, patience: float = _PATIENCE, timeout: float = 10.0
) -> Iterator[Place]:
    """The workers of a scheduler that runs already, which may come and go.

    Each process of theirs runs one job at a time, in as many threads as it was given; all must have the versions of
    boundcheck, NumPy, Numba and Python that this process has, for results depend on them. The scheduler need not have
    boundcheck. Dask runs what it is sent: connect to clusters that you trust.

    Parameters
    ----------
    address
        Of the scheduler: tcp://host:port.
    tell, patience
        See :func:`local_cluster`.
    timeout
        How long to try to reach the scheduler, in seconds.

    Raises
    ------
    InvalidArgument
        When the scheduler cannot be reached, a worker does not fit, or Dask is not installed.
    """
    argument = ("--dask", address)
    _require_address(address)
    _require_dask(argument)
    from boundcheck.experiment.distribute.crew import Crew

    with quiet():
        client = _connected(address, timeout)
        try:
            crew = Crew(client, argument, versions(), None, tell, patience)
            _require_fit(client, crew)
            if not crew.workers:
                tell(f"--dask={address!r} has no worker yet: waiting for one; start some with `dask worker {address}`")
            yield crew
        finally:
            with interrupts_held():
                client.close()


def _require_address(address: str) -> None:
    try:
        parts = urlsplit(address)
        fits = parts.scheme in ("tcp", "tls") and parts.hostname and parts.port and not parts.path
    except ValueError:  # of the port
        fits = False
    if not fits:
        raise InvalidArgument("--dask", address, "is not the address of a scheduler", "pass one like tcp://host:8786")


def _connected(address: str, timeout: float) -> Any:
    from distributed import Client
    from distributed.versions import VersionMismatchWarning

    problem: SimpleQueue[str | None] = SimpleQueue()
    Thread(target=lambda: problem.put(_unanswered(address, timeout)), daemon=True).start()  # one without a loop
    found = problem.get()
    if found is not None:
        raise _unreachable(address, found)
    try:
        with interrupts_held(), warnings.catch_warnings():
            warnings.simplefilter("ignore", VersionMismatchWarning)  # what results depend on is compared here
            return Client(address, timeout=timeout, set_as_default=False)
    except (OSError, ImportError) as error:
        raise _unreachable(address, _line(error)) from error


def _unreachable(address: str, problem: str) -> InvalidArgument:
    remedy = "see that `dask scheduler` runs there and that no firewall is between"
    return InvalidArgument("--dask", address, f"cannot be reached ({problem})", remedy)


def _unanswered(address: str, timeout: float) -> str | None:
    """Why no scheduler answers, if so: a client would wait for ever for something else that does not."""
    import asyncio

    from distributed.comm import connect
    from distributed.security import Security

    async def greet() -> None:
        options = Security().get_connection_args("client")
        comm = await asyncio.wait_for(connect(address, timeout=timeout, **options), timeout + 1)
        await comm.close()

    try:
        asyncio.run(greet())
    except Exception as error:
        return _line(error) or f"no answer in {timeout:g} s"
    return None


def _require_fit(client: Any, crew: Crew) -> None:
    """See that each worker has what results depend on; one that comes later looks itself."""
    ours = versions()
    for worker, theirs in client.run(eval, PROBE, on_error="return").items():
        problem = difference(theirs, ours) if isinstance(theirs, dict) else None  # else it is gone
        if problem:
            raise crew.unfit(worker, problem)


def _require_dask(argument: tuple[str, object]) -> None:
    try:
        import_module("distributed")
    except ImportError as error:
        raise InvalidArgument(
            *argument, f"needs Dask, which cannot be loaded ({_line(error)})", 'run pip install "boundcheck[dask]"'
        ) from error


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
