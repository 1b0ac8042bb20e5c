"""The pytest plugin: collects theorem files, and has a fixture `assert_bound`.

Every run of pytest where boundcheck is installed imports this: it needs pytest and the standard library, and loads
SymPy, NumPy or Numba for those who use it only.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from boundcheck.check.options import DEFAULT_LEVEL, DEFAULT_PRECISION, validate
from boundcheck.errors import InvalidArgument
from boundcheck.testing.message import PYTEST_OPTIONS
from boundcheck.testing.theorem_files import TheoremFile, TheoremItem, is_skipped, is_test_module, scan

if TYPE_CHECKING:
    from boundcheck.testing.assertion import BoundAssertion

SEED = 0


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("boundcheck")
    group.addoption(
        "--boundcheck-trials", type=int, metavar="N", help="Simulated trials at each point. [as many as confirm]"
    )
    group.addoption(
        "--boundcheck-level",
        type=float,
        metavar="LEVEL",
        default=DEFAULT_LEVEL,
        help=f"Confidence level of all theorem files together, and of each assert_bound. [{DEFAULT_LEVEL}]",
    )
    group.addoption("--boundcheck-seed", type=int, metavar="SEED", default=SEED, help=f"Of all trials. [{SEED}]")
    parser.addini("boundcheck_collect", "Whether theorem files are collected.", type="bool", default=True)


def pytest_configure(config: pytest.Config) -> None:
    """Refuse options that are out of range before anything runs."""
    try:
        validate(*_options(config), "cpu", DEFAULT_PRECISION)
    except InvalidArgument as error:
        raise pytest.UsageError(f"--boundcheck-{error}") from None
    PYTEST_OPTIONS[:] = _told(config)


def _options(config: pytest.Config) -> tuple[int | None, float, int]:
    trials, level, seed = (config.getoption(f"--boundcheck-{name}") for name in ("trials", "level", "seed"))
    return trials, level, seed


def _told(config: pytest.Config) -> Iterator[str]:
    """The options on the command line that the command of a failure must have, too: ours, and Hypothesis's."""
    names = {"--boundcheck-trials": None, "--boundcheck-level": DEFAULT_LEVEL, "--boundcheck-seed": SEED}
    names |= {"--hypothesis-profile": None, "--hypothesis-seed": None}
    for name, default in names.items():
        value = config.getoption(name, default)
        if value != default:
            yield from (name, str(value))


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Collect a theorem file; not also as a test module or for doctests, unless it holds tests or doctests."""
    found = yield
    if file_path.suffix != ".py" or not parent.config.getini("boundcheck_collect"):
        return found
    if is_test_module(file_path, parent.config) or is_skipped(file_path, parent.session):
        return found
    scanned = scan(file_path)
    if not scanned.theorems:
        return found
    others = [c for c in found if scanned.holds_tests or not isinstance(c, pytest.Module)]
    return [*others, TheoremFile.from_parent(parent, path=file_path)]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Share out 1 - level: every process has collected all theorems, whichever of them it will run."""
    items = [item for item in session.items if isinstance(item, TheoremItem)]
    for item in items:
        item.share = len(items)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin a test."""
    # Only if something was asserted before.
    assertion = sys.modules.get("boundcheck.testing.assertion")
    if assertion is not None:
        assertion.forget()


@pytest.fixture(scope="session")
def assert_bound(pytestconfig: pytest.Config) -> BoundAssertion:
    """`boundcheck.testing.assert_bound` with pytest's options ``--boundcheck-trials``, ``-level`` and ``-seed``."""
    from boundcheck.testing.assertion import BoundAssertion

    return BoundAssertion(*_options(pytestconfig))
