"""For tests of your own: an assertion about bounds, seeds, networks that are drawn, and Hypothesis strategies.

The strategies are in :mod:`boundcheck.testing.strategies`, the pytest plugin in :mod:`boundcheck.testing.plugin`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boundcheck.check.draw import NetworkDraw, draw_network
    from boundcheck.testing.assertion import BoundAssertion, assert_bound
    from boundcheck.testing.seeding import generator, seed_of

__all__ = ["BoundAssertion", "NetworkDraw", "assert_bound", "draw_network", "generator", "seed_of"]

_HOMES = {
    "BoundAssertion": "boundcheck.testing.assertion",
    "NetworkDraw": "boundcheck.check.draw",
    "assert_bound": "boundcheck.testing.assertion",
    "draw_network": "boundcheck.check.draw",
    "generator": "boundcheck.testing.seeding",
    "seed_of": "boundcheck.testing.seeding",
}


def __getattr__(name: str) -> Any:
    # Loaded when asked for: pytest imports this package in every run, whatever it tests.
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
