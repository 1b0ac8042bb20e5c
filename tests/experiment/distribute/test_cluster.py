"""A real scheduler with real workers: what becomes of results when some of them die, do not fit or do not come."""

import os
import signal
import socket
from collections import deque
from contextlib import ExitStack, closing

import distributed_jobs as jobs
import pytest
from dask_processes import another_version, scheduler, without_boundcheck, workers

from boundcheck.errors import InvalidArgument
from boundcheck.experiment.distribute import cluster, here
from boundcheck.experiment.distribute import job as on_the_way


def numbered(count, **more):
    return ((n, {"n": n, **more}) for n in range(count))


def without_end():
    """That takes two minutes."""
    return numbered(2400, seconds=0.05)


@pytest.fixture(scope="module")
def lonely(tmp_path_factory):
    """The address of a scheduler that has no boundcheck, nor a worker."""
    folder = tmp_path_factory.mktemp("scheduler")
    with scheduler(folder, first=without_boundcheck(folder / "without")) as (address, _):
        yield address


def test_a_worker_that_dies_changes_no_bit(lonely, tmp_path):
    """It is killed when its first result has come, with batches in hand; two others go on."""
    with here() as place:
        oracle = dict(place.run(jobs.gaps, numbered(40)))
    found, killed = {}, None
    with workers(lonely, tmp_path, 3), cluster(lonely, tell=list) as place:
        for key, result in place.run(jobs.place, numbered(40, seconds=0.02)):
            if killed is None:
                killed = result["pid"]
                os.kill(killed, signal.SIGKILL)
            found[key] = result
    assert {key: {"gaps": one["gaps"]} for key, one in found.items()} == oracle
    assert {one["threads"] for one in found.values()} == {1}
    assert len({one["pid"] for one in found.values()} - {killed}) >= 1


def test_a_process_runs_one_job_at_a_time_whatever_its_threads(lonely, tmp_path):
    with workers(lonely, tmp_path, threads=3), cluster(lonely, tell=list) as place:
        assert dict(place.run(jobs.alone, numbered(20))) == {n: {"alone": True} for n in range(20)}
        [(_, result)] = place.run(jobs.place, numbered(1))
        assert result["threads"] == 3


def test_jobs_at_the_same_time_would_be_seen():
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(3) as pool:
        assert {"alone": False} in list(pool.map(jobs.alone, [{}] * 12))


def test_the_user_is_told_of_what_is_waited_for(lonely, tmp_path):
    """A worker comes when it has been asked for."""
    told = []
    with ExitStack() as stack:

        def tell(message):
            told.append(message)
            if len(told) == 2:
                stack.enter_context(workers(lonely, tmp_path))

        with cluster(lonely, tell=tell, patience=0.1) as place:
            assert place.workers == 0
            assert dict(place.run(jobs.square, numbered(2))) == {0: {"square": 0}, 1: {"square": 1}}
            for _ in place.run(jobs.place, without_end()):  # until the new one has been counted
                if len(told) == 3:
                    break
            assert place.workers == 1
    at = f"--dask='{lonely}' has "
    assert told[0] == f"{at}no worker yet: waiting for one; start some with `dask worker {lonely}`"
    assert told[1].startswith(f"{at}had no worker for ")
    assert told[2] == f"{at}workers again (1): going on"


MISFITS = {
    "another version": (another_version, r"has boundcheck 0\.0\.9 where this process has "),
    "no boundcheck": (without_boundcheck, "has no boundcheck"),
}


@pytest.mark.parametrize("name", MISFITS)
def test_a_worker_that_does_not_fit_is_refused(lonely, tmp_path, name):
    """One that comes in the middle of a run by what it does with a job, one that is there before any job is run."""
    make, problem = MISFITS[name]
    with workers(lonely, tmp_path / "good"), ExitStack() as bad:
        with cluster(lonely, tell=list) as place, closing(place.run(jobs.place, without_end())) as results:
            assert "gaps" in next(results)[1]
            bad.enter_context(workers(lonely, tmp_path / "bad", first=make(tmp_path / "first")))
            with pytest.raises(InvalidArgument, match=problem):
                deque(results, maxlen=0)
        with pytest.raises(InvalidArgument, match=rf"has a worker \(tcp://.*\) that {problem}"), cluster(lonely):
            pass


def test_versions_are_compared():
    ours = on_the_way.versions()
    assert set(ours) == {"Python", "boundcheck", "numpy", "numba"}
    assert on_the_way.difference(ours, ours) is None
    for name in ours:
        assert on_the_way.difference({**ours, name: "0"}, ours).startswith(f"has {name} 0 where this process has ")
        assert on_the_way.difference({**ours, name: 0}, ours).startswith(f"has no {name} where this process has ")
        refused = on_the_way.unpacked(on_the_way.run(on_the_way.packed(jobs.nothing, {}, {**ours, name: "0"}, 1)))
        assert refused == on_the_way.Refused(ours)


def test_a_scheduler_that_goes_away_ends_the_run(tmp_path):
    with scheduler(tmp_path) as (address, process), workers(address, tmp_path), cluster(address, tell=list) as place:
        results = place.run(jobs.place, without_end())
        next(results)
        process.kill()
        with pytest.raises(InvalidArgument, match=f"--dask='{address}' does not answer any more; start it again"):
            deque(results, maxlen=0)


@pytest.mark.parametrize("listens", [False, True])
def test_where_no_scheduler_answers_an_error_says_so(listens):
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        if not listens:
            server.close()
        with (
            pytest.raises(InvalidArgument, match=f"--dask='{address}' cannot be reached .*`dask scheduler` runs there"),
            cluster(address, timeout=0.5),
        ):
            pass
