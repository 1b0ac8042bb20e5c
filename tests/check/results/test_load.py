"""Large stores: memory does not grow with the rows."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from process_memory import seconds_and_megabytes
from synthetic_store import synthetic_store

SMALL, LARGE = 10_000, 100_000
ALLOWED = 1.35
"""Of memory at the large one to that at the small one; a process takes 50 MB, and the rows between them 100 MB."""

UNIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell the peak of another process's memory")
COMMANDS = {
    "list": ["results", "STORE"],
    "filtered and sorted": ["results", "STORE", "--where", "theorem~gap", "--sort", "gap_max", "--descending"],
    "JSON, sorted": ["results", "STORE", "--json", "--sort", "gap_max"],
    "CSV": ["results", "STORE", "--export", "OUT.csv"],
    "CSV, sorted": ["results", "STORE", "--export", "OUT.csv", "--sort", "note"],
    "Parquet": ["results", "STORE", "--export", "OUT.parquet"],
}
GROUPS = """
from boundcheck.check.results.source import open_results
import sys
with open_results(sys.argv[1]) as results:
    results.theorems()
    assert len(results.groups(["rule", "width", "alpha", "delta"], {"gap": "max(gap_max)", "n": "count(*)"})) == 121
"""


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    folder = tmp_path_factory.mktemp("load")
    details = '{"text": "' + 400 * "x" + '"}'
    yield [synthetic_store(folder / f"{count}.db", count, details=details, spec=details) for count in (SMALL, LARGE)]
    for path in folder.iterdir():
        path.unlink()


def peak(*arguments: str) -> float:
    return seconds_and_megabytes(arguments)[1]


@pytest.mark.long
@UNIX
@pytest.mark.parametrize("name", [*COMMANDS, "groups"])
def test_memory_is_flat(stores, tmp_path, name):
    def run(store: Path) -> float:
        if name == "groups":
            return peak("-c", GROUPS, str(store))
        words = [word.replace("STORE", str(store)).replace("OUT", str(tmp_path / "out")) for word in COMMANDS[name]]
        return peak("-m", "boundcheck", *words)

    small, large = map(run, stores)
    assert large < ALLOWED * small


@pytest.mark.long
@UNIX
def test_rows_that_are_kept_in_memory_would_be_seen(stores):
    """The planted fault: all rows in a list."""
    code = "from boundcheck.check.results.source import open_results\nimport sys\n"
    code += "with open_results(sys.argv[1]) as results:\n    rows = list(results.rows())"
    small, large = (peak("-c", code, str(store)) for store in stores)
    assert large > ALLOWED * small


@UNIX
def test_the_peak_of_a_process_is_its_own():
    """Not that of the tests, from which it is forked."""
    large = b"x" * (200 * 2**20)
    assert peak("-c", "pass") < 100 < len(large) / 2**20 < peak("-c", "large = b'x' * (200 * 2**20)")
