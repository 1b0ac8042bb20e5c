"""What was measured at one point, checked to make sense before anything is decided from it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from boundcheck.errors import InvalidArgument
from boundcheck.verdict.intervals import checked_count


@dataclass(frozen=True, kw_only=True)
class Ladder:
    """The three numbers of a bound on a gap, from what was seen to what was promised.

    For display, never for a decision, so a NaN (not measured) is accepted.
    """

    observed: float
    """Largest gap seen at any input and trial."""
    certificate: float
    """Largest deterministic bound at the realised norms."""
    bound: float
    """What the theorem promises."""

    @property
    def recursion_ratio(self) -> float:
        """Certificate over observed gap: how loose the recursion is, and the search for inputs."""
        return _ratio(self.certificate, self.observed)

    @property
    def concentration_ratio(self) -> float:
        """Bound over certificate: how loose the concentration step is."""
        return _ratio(self.bound, self.certificate)


@dataclass(frozen=True, kw_only=True)
class CloserTrials:
    """The largest numbers of the trials that were looked at closer, for display."""

    trials: int
    """How many these are."""
    sampled: float
    """Gap at the inputs that every trial takes."""
    climbed: float
    """Gap at the inputs that a search found."""
    recursion: float
    """T1 at the realised norms."""
    certificate: float
    """The sharpest certified upper bound of the gap."""

    @property
    def gain(self) -> float:
        """What the search for inputs found, over what sampling did."""
        return _ratio(self.climbed, self.sampled)

    @property
    def ratio(self) -> float:
        """Upper over lower bound of the gap: the true largest gap of these trials lies between the two."""
        return _ratio(self.certificate, self.climbed)


@dataclass(frozen=True, kw_only=True)
class PointEvidence:
    """What is known at one parameter point under one law of a claim "left side at most right side".

    The left side is a probability (the tail), or with ``quantity="expectation"`` any real number. Either it
    is enclosed (`tail_low` and `tail_high`, no trials), or a tail was simulated (`trials`). The right side is
    what is claimed.

    Trials may be drawn from a tilted law and counted so that an event has the probability tail / scale:
    importance weights at most the scale, rounded at random, so that the counts are exactly binomial. Then the
    claim over the scale comes as its own enclosure, because both may lie below the range of floats.

    Raises
    ------
    InvalidArgument
        If a number is NaN, an enclosure is reversed or halved, counts do not add up, or numbers of two kinds
        of evidence are mixed.
    """

    parameters: Mapping[str, str]
    """Exact values as strings, such as ``{"alpha": "1/2"}``."""
    law: str | None
    """The law of the weights or variables tested."""
    claimed_low: float
    """Lower end of an enclosure of the right side: the claimed probability, or any real number."""
    claimed_high: float
    """Upper end of that enclosure."""
    claimed_exact: str | None = None
    """The right side exactly, where it has such a form."""
    quantity: Literal["probability", "expectation"] = "probability"
    """What the two sides are: probabilities, or any real numbers."""
    opposite: bool = False
    """Whether the claim is that an event is likely: then the left side is the probability of its opposite."""
    trials: int = 0
    """Number of simulated trials: fixed beforehand, or if `sequential` where they stopped."""
    sequential: bool = False
    """Whether trials were looked at one by one, and stopped when that decided: then limits are valid at all times."""
    violations: int = 0
    """Trials that violate the claim for sure, whatever rounding did."""
    open: int = 0
    """Trials that are neither surely violated nor surely fine."""
    scale_low: float = 1.0
    """Lower end of an enclosure of the scale: a trial counts with the probability tail / scale."""
    scale_high: float = 1.0
    """Upper end of that enclosure."""
    relative_low: float | None = None
    """Lower end of an enclosure of claim / scale, for trials from a tilted law."""
    relative_high: float | None = None
    """Upper end of that enclosure."""
    tail_low: float | None = None
    """Lower end of an enclosure of the left side, when it can be computed."""
    tail_high: float | None = None
    """Upper end of that enclosure."""
    estimated: int = 0
    """Trials whose mean the enclosure of an expectation was taken from: it holds with confidence, not for sure."""
    ratio_low: float | None = None
    """Lower end of an enclosure of left over right side, both exact: it decides below the range of floats."""
    ratio_high: float | None = None
    """Upper end of that enclosure."""
    bound: str | None = None
    """The evaluated threshold, as an exact or decimal string."""
    ladder: Ladder | None = None
    """For a bound on a gap: what was seen, certified and promised."""
    closer: CloserTrials | None = None
    """For a bound on a gap: what a search for inputs and sharper certificates showed in some trials."""
    vacuous: bool = False
    """Whether the bound says nothing here (such as a gap above the trivial bound)."""
    seed: int | None = None
    """The seed of the trials."""
    device: str | None = None
    """Where the trials of a network ran: "cpu" or "cuda"."""
    precision: str | None = None
    """The precision of the trials of a network: "double" or "single"."""
    first_violation: Mapping[str, object] | None = None
    """What reproduces the first sure violation: trial number, gap, bound."""

    def __post_init__(self) -> None:
        check_enclosure("claimed_low", self.claimed_low, self.claimed_high)
        for name in ("tail", "ratio", "relative"):
            low, high = getattr(self, f"{name}_low"), getattr(self, f"{name}_high")
            if (low is None) != (high is None):
                raise InvalidArgument(f"{name}_high", high, "is half an enclosure", f"pass both ends of the {name}")
            if low is not None:
                check_enclosure(f"{name}_low", low, high)
        self._check_counts()
        self._check_scale()
        if self.ratio_low is not None and not (self.exact and self.claimed_high > 0):
            raise InvalidArgument(
                "ratio_low", self.ratio_low, "comes without a tail or a positive right side", "leave the ratio out"
            )
        if self.tail_low is not None and self.tail_high is not None:
            if self.quantity == "probability" and (self.tail_low > 1 or self.tail_high < 0):
                raise InvalidArgument("tail_low", self.tail_low, "encloses no probability", "pass a tail from 0 to 1")
            if self.trials:
                raise InvalidArgument(
                    "trials", self.trials, "comes with an exact tail", "pass one kind of evidence per point"
                )

    def _check_counts(self) -> None:
        for name in ("trials", "violations", "open", "estimated"):
            # A plain int, whatever kernels count in: NumPy's would overflow, and JSON does not know them.
            object.__setattr__(self, name, checked_count(name, getattr(self, name)))
        if self.violations + self.open > self.trials:
            raise InvalidArgument(
                "trials",
                self.trials,
                f"is less than violations + open = {self.violations + self.open}",
                "count each trial once",
            )
        if self.estimated and (self.quantity != "expectation" or self.tail_low is None):
            raise InvalidArgument("estimated", self.estimated, "comes without a mean", "pass limits of an expectation")
        if self.sequential and not self.trials:
            raise InvalidArgument("sequential", True, "comes without trials", "pass the trials' counts")
        if self.trials and self.quantity != "probability":
            raise InvalidArgument("trials", self.trials, "counts no expectation", "enclose both sides instead")

    def _check_scale(self) -> None:
        check_enclosure("scale_low", self.scale_low, self.scale_high)
        if not (0 <= self.scale_low < math.inf and self.scale_high > 0):
            raise InvalidArgument("scale_low", self.scale_low, "is no scale", "pass a positive scale")
        if self.tilted and not self.trials:
            raise InvalidArgument("relative_low", self.relative_low, "comes without trials", "pass the trials' counts")
        if not self.tilted and not self.scale_low == self.scale_high == 1:
            raise InvalidArgument(
                "scale_low", self.scale_low, "comes without the claim over it", "pass relative_low and relative_high"
            )

    @property
    def exact(self) -> bool:
        """Whether the left side is known without trials, from the exact law of the statistic."""
        return self.tail_low is not None and not self.estimated

    @property
    def tilted(self) -> bool:
        """Whether the trials were drawn from a tilted law (importance sampling)."""
        return self.relative_low is not None

    @property
    def target(self) -> tuple[float, float]:
        """Enclosure of what the rate of violations must not exceed: the claim, over the scale if tilted."""
        if self.relative_low is not None and self.relative_high is not None:
            return self.relative_low, self.relative_high
        return self.claimed_low, self.claimed_high


@dataclass(frozen=True, kw_only=True)
class ScalingPoint:
    """The ratio of the two sides at one size, the right side with constant 1.

    Raises
    ------
    InvalidArgument
        If the limits are no enclosure.
    """

    parameters: Mapping[str, str]
    """Exact values as strings."""
    ratio_low: float
    """Left over right side is at least this: for sure, or with confidence 1 - `beta`."""
    ratio_high: float
    """Left over right side is at most this: for sure, or with confidence 1 - `beta`."""
    beta: float | None
    """Failure probability of each of the two limits; None where they are certain."""

    def __post_init__(self) -> None:
        check_enclosure("ratio_low", self.ratio_low, self.ratio_high)


@dataclass(frozen=True, kw_only=True)
class Scaling:
    """How the ratio of the two sides grows with the size, seen at finitely many sizes."""

    points: tuple[ScalingPoint, ...]
    """At least two, in the order of size."""
    growth_low: float
    """Lower limit of the fitted exponent e in: ratio ~ size**e."""
    growth_high: float
    """Upper limit of that exponent."""
    tolerance: float
    """The largest exponent that counts as no growth."""

    def __post_init__(self) -> None:
        if len(self.points) < 2:
            raise InvalidArgument("points", len(self.points), "show no growth", "measure at two sizes or more")
        check_enclosure("growth_low", self.growth_low, self.growth_high)
        if not 0 <= self.tolerance < math.inf:
            raise InvalidArgument("tolerance", self.tolerance, "is no exponent", "pass a small non-negative number")


def check_enclosure(name: str, low: float, high: float) -> None:
    """Refuse an enclosure with an end that is NaN, or with the ends reversed.

    Parameters
    ----------
    name
        Of the lower end; that of the upper end has ``_high`` for ``_low``.
    low, high
        The ends.

    Raises
    ------
    InvalidArgument
        If it is no enclosure.
    """
    if math.isnan(low) or math.isnan(high):
        value = low if math.isnan(low) else high
        raise InvalidArgument(
            name if math.isnan(low) else name.replace("_low", "_high"),
            value,
            "is not a number",
            "pass a finite enclosure; a NaN decides nothing",
        )
    if low > high:
        raise InvalidArgument(name, low, f"is above the upper end {high!r}", "pass the lower end first")


def middle(low: float, high: float) -> float:
    """Midpoint of an enclosure; NaN where it has none.

    Parameters
    ----------
    low, high
        The ends, which may be infinite.
    """
    return low if low == high else low + (high - low) / 2


def _ratio(above: float, below: float) -> float:
    """`above` / `below` with 0/0, inf/inf and anything NaN undecided, and x/0 infinite."""
    if math.isnan(above) or math.isnan(below) or (math.isinf(above) and math.isinf(below)):
        return math.nan
    if below == 0:
        return math.nan if above == 0 else math.inf
    return above / below
