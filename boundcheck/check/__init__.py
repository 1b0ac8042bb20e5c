"""The story: statement → formula → experiment → verdict."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boundcheck.check.ablation.run import ablate
    from boundcheck.check.announce import Forecast, forecast
    from boundcheck.check.run import Outcome, check, check_all
    from boundcheck.verdict.decide import Status, Verdict

__all__ = ["Forecast", "Outcome", "Status", "Verdict", "ablate", "check", "check_all", "forecast"]

_HOMES = {"ablate": "ablation.run", "Forecast": "announce", "forecast": "announce"}


def __getattr__(name: str) -> Any:
    # Loaded when asked for: the modules that the command line always needs are light.
    if name in __all__:
        return getattr(import_module(f"boundcheck.check.{_HOMES.get(name, 'run')}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
