"""One process: the oracle of all other places."""

import subprocess
import sys

import distributed_jobs as jobs
import pytest

from boundcheck.errors import InternalError, InvalidArgument
from boundcheck.experiment.distribute import cluster, here, local_cluster

WITHOUT_DASK = """
import sys

from boundcheck.experiment.distribute import cluster, here, local_cluster

print([name for name in ("dask", "distributed", "numba", "asyncio") if name in sys.modules])


class Without:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("dask", "distributed"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, Without())
for place in (lambda: local_cluster(2), lambda: cluster("tcp://127.0.0.1:8786")):
    try:
        with place():
            pass
    except Exception as error:
        print(type(error).__name__, error)
"""


def test_results_come_in_order_and_jobs_are_taken_one_by_one():
    taken = []

    def ahead():
        for n in range(4):
            taken.append(n)
            yield ("key", n), {"n": n}

    with here() as place:
        assert (place.workers, place.window) == (1, 1)
        for n, (key, result) in enumerate(place.run(jobs.square, ahead())):
            assert (key, result, taken[-1]) == (("key", n), {"square": n**2}, n)
    assert taken == [0, 1, 2, 3]


def test_errors_are_results():
    with here() as place:
        faults = ["user", "defect", None]
        found = dict(place.run(jobs.awkward, ((fault, {"n": 3, "fault": fault}) for fault in faults)))
    assert isinstance(found["user"], InvalidArgument)
    assert isinstance(found["defect"], InternalError)
    assert "ZeroDivisionError: planted" in str(found["defect"])
    assert found[None] == {"square": 9}


def test_without_dask_one_line_says_what_to_install():
    lines = subprocess.run(
        [sys.executable, "-c", WITHOUT_DASK], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    missing = """needs Dask, which cannot be loaded (No module named {}); run pip install "boundcheck[dask]\""""
    assert lines == [
        "[]",
        f"InvalidArgument --workers=2 {missing}".format("'distributed'"),
        f"InvalidArgument --dask='tcp://127.0.0.1:8786' {missing}".format("'distributed'"),
    ]


@pytest.mark.parametrize("workers", [0, -1, True, 1.5, "2", 10**6])
def test_a_number_of_processes_is_one(workers):
    with pytest.raises(InvalidArgument, match="--workers="), local_cluster(workers):
        pass


@pytest.mark.parametrize(
    "address",
    ["", "here", "host:8786", "tcp://host", "tcp://host:x", "tcp://host:99999", "http://host:80", "tcp://host:80/path"],
)
def test_an_address_is_one(address):
    with pytest.raises(InvalidArgument, match="is not the address of a scheduler"), cluster(address):
        pass
