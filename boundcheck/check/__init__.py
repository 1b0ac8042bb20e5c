"""The story: statement → formula → experiment → verdict."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boundcheck.check.ablation.run import ablate
    from boundcheck.check.run import Outcome, check, check_all
    from boundcheck.verdict.decide import Status, Verdict

__all__ = ["Outcome", "Status", "Verdict", "ablate", "check", "check_all"]


def __getattr__(name: str) -> Any:
    # Loaded when asked for: the modules that the command line always needs are light.
    if name in __all__:
        home = "boundcheck.check.ablation.run" if name == "ablate" else "boundcheck.check.run"
        return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
