"""What the story may be told: defaults and choices, and their checks. Light to import, for the command line."""

from __future__ import annotations

from boundcheck.errors import InvalidArgument
from boundcheck.experiment.device import device_module
from boundcheck.experiment.precision import DEFAULT_PRECISION, PRECISIONS, require_precision
from boundcheck.statement.version import package_version

__all__ = [
    "DEFAULT_LEVEL",
    "DEFAULT_PRECISION",
    "FORMATS",
    "MOST_EVENTS",
    "PRECISIONS",
    "PROOF_FORMATS",
    "SPLITS",
    "UNKNOWNS",
    "WINNER_FORMATS",
    "package_version",
    "validate",
]

DEFAULT_LEVEL = 0.99
FORMATS = ("text", "latex", "mathml", "python", "json")
"""Notations in which a theorem is shown."""
PROOF_FORMATS = ("text", "latex", "html", "json")
"""Notations in which a derivation is shown."""
WINNER_FORMATS = ("text", "json")
"""Notations in which winners among inequalities are shown."""
SPLITS = ("equal", "best")
"""How delta is split over events in a bound that is shown."""
MOST_EVENTS = 40
"""With more events the best split is searched for only where it is asked for, which takes time."""
UNKNOWNS = ("width", "prune", "delta", "epsilon")
"""What a bound is solved for."""


def validate(trials: int | None, level: float, seed: int, device: str, precision: str) -> None:
    """Check the arguments of a run before anything is loaded or measured.

    Raises
    ------
    InvalidArgument
        When one is out of range.
    """
    if trials is not None and (isinstance(trials, bool) or not isinstance(trials, int) or trials < 1):
        raise InvalidArgument("trials", trials, "is not a number of trials", "pass an integer of at least 1")
    if not (isinstance(level, float | int) and 0 < level < 1):
        raise InvalidArgument("level", level, "is not a confidence level", "pass a number with 0 < level < 1")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise InvalidArgument("seed", seed, "is not a seed", "pass an integer of at least 0")
    device_module(device)
    require_precision(precision)
