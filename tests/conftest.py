"""What all tests share."""

import os

import pytest

FIRST = (
    "tests/check/test_library.py",
    "tests/formula/test_verify_exact.py",
    "tests/formula/prover/test_prove.py",
    "tests/formula/test_verify.py",
    "tests/formula/test_gaussian_moments.py",
)
"""The first file compiles kernels for a minute; those after it have none, lest two processes compile the same."""


def pytest_collection_modifyitems(items):
    """Some files come first; the others keep their order."""
    place = {name: number for number, name in enumerate(FIRST)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0], len(FIRST)))


@pytest.fixture(scope="session", autouse=True)
def cache_of_the_tests(tmp_path_factory):
    """The listing of what ships is made once for all processes, and not kept in the user's cache folder."""
    base = tmp_path_factory.getbasetemp()
    cache = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "cache"
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "XDG_CACHE_HOME", str(cache))
        patch.setitem(os.environ, "LOCALAPPDATA", str(cache))
        yield
