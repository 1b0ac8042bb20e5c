"""A scheduler and workers of Dask's as processes of their own, at free ports of the loopback interface."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from child_process import environment

WITHOUT = """
import importlib.metadata as metadata
import sys


class Without:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "boundcheck":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


distributions = metadata.distributions
metadata.distributions = lambda **query: () if query.get("name") == "boundcheck" else distributions(**query)
sys.meta_path.insert(0, Without())
"""
"""sitecustomize of a process that has no boundcheck."""


def without_boundcheck(folder: Path) -> Path:
    """A folder for PYTHONPATH."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(WITHOUT)
    return folder


def another_version(folder: Path) -> Path:
    """Likewise, of a process that has boundcheck 0.0.9."""
    (folder / "boundcheck-0.0.9.dist-info").mkdir(parents=True)
    (folder / "boundcheck-0.0.9.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: boundcheck\nVersion: 0.0.9\n"
    )
    return folder


@contextmanager
def _process(module: str, *arguments: str, first: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.{module}", *arguments],
        env=environment(*([str(first)] if first else [])),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def scheduler(folder: Path, *, first: Path | None = None) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A scheduler's address and process; `first` comes first in its PYTHONPATH."""
    file = folder / "scheduler.json"
    options = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--dashboard-address", "127.0.0.1:0")
    with _process("dask_scheduler", *options, "--scheduler-file", str(file), first=first) as process:
        while True:
            assert process.poll() is None
            try:
                address = json.loads(file.read_text())["address"]
                break
            except (FileNotFoundError, json.JSONDecodeError):  # not yet, or not all of it
                time.sleep(0.05)
        yield address, process


@contextmanager
def workers(
    address: str, folder: Path, count: int = 1, *, threads: int = 1, first: Path | None = None
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes that will soon be workers of a scheduler."""
    options = ("--host", "127.0.0.1", "--no-nanny", "--no-dashboard", "--local-directory", str(folder))
    if count == 0:
        yield []
        return
    with (
        _process("dask_worker", address, *options, "--nthreads", str(threads), first=first) as one,
        workers(address, folder, count - 1, threads=threads, first=first) as others,
    ):
        yield [one, *others]
