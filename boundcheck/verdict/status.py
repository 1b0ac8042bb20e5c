"""The words of verdicts."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """What is known about a claim."""

    PROVED = "PROVED"
    """Holds on the whole stated domain, by proof or by exact laws at all its points."""
    CONFIRMED = "CONFIRMED"
    """At every tested point the left side, or its upper confidence limit, is at most the right side."""
    REFUTED = "REFUTED"
    """At some point the left side, or its lower confidence limit, exceeds the right side."""
    SCALING_OBSERVED = "SCALING OBSERVED"
    """With an unspecified constant: over the tested sizes the ratio of the sides does not grow."""
    SCALING_BROKEN = "SCALING BROKEN"
    """With an unspecified constant: over the tested sizes the ratio of the sides grows."""
    INCONCLUSIVE = "INCONCLUSIVE"
    """None of these."""
