"""Processes of this machine: the same results, whatever becomes of a process, and nothing is left of them."""

import gc
import os
import signal
import subprocess
import sys
from contextlib import closing
from multiprocessing import resource_tracker

import distributed_jobs as jobs
import psutil
import pytest
from child_process import environment

from boundcheck.errors import InternalError, InvalidArgument
from boundcheck.experiment.distribute import here, local_cluster

INTERRUPTED = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # where the tests run in the background, it is ignored
import distributed_jobs as jobs
from boundcheck.experiment.distribute import local_cluster


def use(place):
    deadly = [(n, {"n": n, "fault": "death"}) for n in range(2)]
    print(sum("ended its worker" in str(error) for _, error in place.run(jobs.awkward, deadly)), flush=True)
    for key, _ in place.run(jobs.endless, ((n, {"n": n}) for n in range(9))):
        print(key, flush=True)


if __name__ == "__main__":
    try:
        with local_cluster(2) as place:
            use(place)
    except KeyboardInterrupt:
        print("stopped")
"""


def numbered(count, **more):
    return ((n, {"n": n, **more}) for n in range(count))


@pytest.fixture(scope="module")
def pair():
    with local_cluster(2) as place:
        yield place


@pytest.fixture(scope="module")
def oracle():
    with here() as place:
        return dict(place.run(jobs.gaps, numbered(12)))


def test_results_are_those_of_one_process(pair, oracle):
    assert pair.workers == 2
    assert dict(pair.run(jobs.gaps, numbered(12))) == oracle


def test_the_number_of_processes_changes_no_bit(oracle):
    with local_cluster(1) as place:
        assert place.workers == 1
        assert dict(place.run(jobs.gaps, numbered(12))) == oracle


def two_processes(place):
    """What the first two processes to be seen have; jobs have no end."""
    seen = {}
    with closing(place.run(jobs.place, numbered(10**6, seconds=0.02))) as results:
        for _, one in results:
            seen[one["pid"]] = one["threads"]
            if len(seen) == 2:
                return seen


def test_all_workers_have_their_share_of_the_cores(pair):
    from dask.system import CPU_COUNT

    assert set(two_processes(pair).values()) == {max(1, CPU_COUNT // 2)}


def test_jobs_are_taken_as_there_is_room(pair):
    taken = []

    def ahead():
        for n in range(100):
            taken.append(n)
            yield n, {"n": n}

    for done, _ in enumerate(pair.run(jobs.square, ahead())):
        assert len(taken) <= done + pair.window
    assert len(taken) == 100


def test_errors_are_results_and_a_deadly_job_is_told_from_its_neighbours(pair):
    faults = {1: "user", 4: "defect", 6: "death", 9: "result"}
    given = ((n, {"n": n, "fault": faults.get(n)}) for n in range(20))
    found = dict(pair.run(jobs.awkward, given))
    assert {n for n, one in found.items() if isinstance(one, Exception)} == set(faults)
    assert {n: one for n, one in found.items() if n not in faults} == {
        n: {"square": n**2} for n in range(20) if n not in faults
    }
    assert type(found[1]) is InvalidArgument
    assert str(found[1]) == "n=1 is not wanted; pass another"
    with here() as place:
        [(_, same)] = place.run(jobs.awkward, [(4, {"n": 4, "fault": "defect"})])
    assert (type(found[4]), str(found[4])) == (InternalError, str(same))
    assert type(found[6]) is InternalError
    assert "ended its worker 2 times out of 2" in str(found[6])
    assert type(found[9]) is InternalError


def test_no_process_hears_an_interrupt(pair):
    """Nor one that takes the place of another."""
    [(_, error)] = pair.run(jobs.awkward, [(0, {"n": 0, "fault": "death"})])
    assert isinstance(error, InternalError)
    before = two_processes(pair)
    for process in before:
        os.kill(process, signal.SIGINT)
    assert two_processes(pair) == before


def test_what_is_in_hand_is_let_go_when_the_generator_is_closed(pair):
    results = pair.run(jobs.place, numbered(1000, seconds=0.01))
    next(results)
    results.close()
    assert dict(pair.run(jobs.square, numbered(3))) == {0: {"square": 0}, 1: {"square": 1}, 2: {"square": 4}}


def test_an_error_of_the_caller_is_the_callers(pair):
    def ahead():
        yield from numbered(5)
        raise KeyError("the caller's")

    with pytest.raises(KeyError, match="the caller's"):
        list(pair.run(jobs.square, ahead()))


def listening():
    """Addresses at which this process and those below it listen."""
    this = psutil.Process()
    every = [one.net_connections() for one in (this, *this.children(recursive=True))]
    return {place.laddr.ip for one in every for place in one if place.status == psutil.CONN_LISTEN}


def test_no_one_listens_beyond_this_machine(pair):
    assert listening() == {"127.0.0.1"}


def test_a_port_beyond_this_machine_would_be_seen():
    import socket

    with socket.create_server(("0.0.0.0", 0)):
        assert "0.0.0.0" in listening()


def test_nothing_is_left():
    resource_tracker.ensure_running()  # which lasts as long as this process
    before = set(psutil.Process().children(recursive=True))
    with local_cluster(1) as place:
        results = place.run(jobs.endless, numbered(5))
        next(results)
        processes = set(psutil.Process().children(recursive=True)) - before
    assert len(processes) == 1
    psutil.wait_procs(processes, timeout=0)
    assert not any(one.is_running() for one in processes)
    gc.collect()  # a generator that was not closed


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_processes_end_with_the_one_that_began_them(tmp_path, how):
    """Ctrl-C, as a terminal sends it, to all of them: heard once. And a death that leaves no time for anything."""
    path = tmp_path / "interrupted.py"
    path.write_text(INTERRUPTED)
    with subprocess.Popen(
        [sys.executable, str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=environment(),
    ) as process:
        try:
            assert [process.stdout.readline(), process.stdout.readline()] == ["2\n", "0\n"]
            below = psutil.Process(process.pid).children(recursive=True)
            assert sum("spawn_main" in " ".join(one.cmdline()) for one in below) == 2
            if how == signal.SIGINT:
                os.killpg(process.pid, how)
                assert process.communicate(timeout=60) == ("stopped\n", "")
                assert process.returncode == 0
            else:
                process.kill()
            _, left = psutil.wait_procs(below, timeout=30)
            assert all(one.status() == psutil.STATUS_ZOMBIE for one in left)
        finally:
            process.kill()
