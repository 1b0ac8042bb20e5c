"""Large stores: memory does not grow with the rows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from synthetic_store import synthetic_store

SMALL, LARGE = 10_000, 100_000
ALLOWED = 1.35
"""Of memory at the large one to that at the small one; a process takes 50 MB, and the rows between them 100 MB."""

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


def peak(arguments: list[str]) -> int:
    """Of the memory of a process, in kB."""
    with subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "wait4"), reason="the peak of another process's memory is told by wait4 alone")
@pytest.mark.parametrize("name", [*COMMANDS, "groups"])
def test_memory_is_flat(stores, tmp_path, name):
    def run(store: Path) -> int:
        if name == "groups":
            return peak(["-c", GROUPS, str(store)])
        words = [word.replace("STORE", str(store)).replace("OUT", str(tmp_path / "out")) for word in COMMANDS[name]]
        return peak(["-m", "boundcheck", *words])

    small, large = map(run, stores)
    assert large < ALLOWED * small


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "wait4"), reason="the peak of another process's memory is told by wait4 alone")
def test_rows_that_are_kept_in_memory_would_be_seen(stores):
    """The planted fault: all rows in a list."""
    code = "from boundcheck.check.results.source import open_results\nimport sys\n"
    code += "with open_results(sys.argv[1]) as results:\n    rows = list(results.rows())"
    small, large = (peak(["-c", code, str(store)]) for store in stores)
    assert large > ALLOWED * small
