"""How often something was seen, against how often it may happen: for whoever runs trials of their own."""

from __future__ import annotations

from boundcheck.check.options import package_version
from boundcheck.verdict.decide import Verdict, decide
from boundcheck.verdict.evidence import PointEvidence


def check_frequency(violations: int, trials: int, *, delta: float, level: float, seed: int = 0) -> Verdict:
    """The verdict on a claim that violations have probability at most `delta`, from independent trials.

    Parameters
    ----------
    violations, trials
        Counts; the number of trials was fixed before the first of them.
    delta
        What is claimed, strictly between 0 and 1.
    level
        Probability with which a true claim is not REFUTED, and a false one not CONFIRMED, by exact binomial tails.
    seed
        What the trials were drawn with, for the record.

    Raises
    ------
    InvalidArgument
        When an argument is out of range.

    Examples
    --------
    >>> check_frequency(0, 500, delta=0.01, level=0.99).status
    <Status.CONFIRMED: 'CONFIRMED'>
    """
    evidence = PointEvidence(
        parameters={}, law=None, claimed_low=delta, claimed_high=delta, trials=trials, violations=violations, seed=seed
    )
    return decide(
        theorem="bound",
        file=None,
        evidence=[evidence],
        beta=1 - level,
        level=level,
        seed=seed,
        seconds=0.0,
        version=package_version(),
    )
