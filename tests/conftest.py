"""What all tests share."""

import os

import pytest


@pytest.fixture(scope="session", autouse=True)
def cache_of_the_tests(tmp_path_factory):
    """The listing of what ships is made once, and not kept in the user's cache folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setitem(os.environ, "LOCALAPPDATA", str(tmp_path_factory.mktemp("cache")))
        yield
