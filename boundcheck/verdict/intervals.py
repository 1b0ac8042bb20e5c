"""Exact one-sided limits for a probability that was estimated by counting."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import SupportsIndex

import scipy

from boundcheck.errors import InvalidArgument

MAX_TRIALS = 10**9
"""The largest number of trials that `trials_to_decide` announces."""

LARGEST_COUNT = 2**53  # beyond it a count is no longer exact as a float
_NUDGE = 1e-12


def binomial_lower(violations: int, trials: int, beta: float) -> float:
    """Clopper-Pearson lower confidence limit of a violation probability.

    Whatever the true probability p, the limit exceeds p with probability at most `beta` over the
    trials, which must be independent and fixed in number beforehand.

    Parameters
    ----------
    violations
        Number of trials that violated the claim, from 0 to `trials`.
    trials
        Number of trials, at least 1.
    beta
        Failure probability of this one limit, strictly between 0 and 1. For several limits that shall
        hold together, divide the failure probability of the whole by their number first.

    Returns
    -------
    float
        The largest p with P(Bin(trials, p) >= violations) <= beta, rounded towards 0; 0 without violations.

    Raises
    ------
    InvalidArgument
        If a count or `beta` is out of range.

    Notes
    -----
    Source: C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits illustrated in the
    case of the binomial", Biometrika 26 (1934), 404-413.

    Examples
    --------
    >>> round(binomial_lower(5, 100, 0.05), 6)
    0.019906
    """
    k, n = require_counts(violations, trials)
    beta = require_probability("beta", beta)
    if k == 0:
        return 0.0
    limit = float(scipy.special.betaincinv(k, n - k + 1, beta))
    # P(Bin(n, p) >= k) = I_p(k, n-k+1) rises with p: a smaller p is the safe side.
    return _towards(0.0, limit, lambda p: scipy.special.betainc(k, n - k + 1, p) <= beta)


def binomial_upper(violations: int, trials: int, beta: float) -> float:
    """Clopper-Pearson upper confidence limit of a violation probability.

    Whatever the true probability p, the limit falls below p with probability at most `beta` over the
    trials, which must be independent and fixed in number beforehand.

    Parameters
    ----------
    violations
        Number of trials that violated the claim (to be safe, with those left undecided), from 0 to `trials`.
    trials
        Number of trials, at least 1.
    beta
        Failure probability of this one limit, strictly between 0 and 1. For several limits that shall
        hold together, divide the failure probability of the whole by their number first.

    Returns
    -------
    float
        The smallest p with P(Bin(trials, p) <= violations) <= beta, rounded towards 1; 1 if every trial
        is a violation.

    Raises
    ------
    InvalidArgument
        If a count or `beta` is out of range.

    Notes
    -----
    Source: C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits illustrated in the
    case of the binomial", Biometrika 26 (1934), 404-413.

    Examples
    --------
    >>> binomial_upper(0, 299, 0.05) <= 0.01 < binomial_upper(0, 298, 0.05)
    True
    """
    k, n = require_counts(violations, trials)
    beta = require_probability("beta", beta)
    if k == n:
        return 1.0
    if k == 0:  # (1-p)^n = beta has a closed form, good for any n and beta
        return min(1.0, -math.expm1(math.log(beta) / n) * (1 + _NUDGE))
    limit = float(scipy.special.betainccinv(k + 1, n - k, beta))
    # P(Bin(n, p) <= k) = 1 - I_p(k+1, n-k) falls with p: a larger p is the safe side.
    return _towards(1.0, limit, lambda p: scipy.special.betaincc(k + 1, n - k, p) <= beta)


def trials_to_confirm(claimed: float, beta: float, violations: int = 0) -> int:
    """Smallest number of trials whose upper limit is within the claim, given the number of violations.

    Without violations this is ceil(log beta / log(1 - claimed)), and one more where that quotient is an
    integer to within rounding.

    Parameters
    ----------
    claimed
        The claimed probability, above 0.
    beta
        Failure probability of the limit, strictly between 0 and 1.
    violations
        How many of the trials may violate the claim.

    Raises
    ------
    InvalidArgument
        If an argument is out of range, or `claimed` so small that more than 2**53 trials are needed.

    Examples
    --------
    >>> trials_to_confirm(0.01, 0.05)
    299
    >>> trials_to_confirm(0.01, 0.05, violations=1)
    473
    """
    claimed = _claim(claimed)
    beta = require_probability("beta", beta)
    k = checked_count("violations", violations)
    if claimed <= 0:
        raise InvalidArgument("claimed", claimed, "is not positive", "no number of trials confirms it")
    needed = _smallest_confirming(k, claimed, beta, LARGEST_COUNT)
    if needed is None:
        raise InvalidArgument(
            "claimed", claimed, "is out of reach of any simulation", "use the exact law of the statistic"
        )
    return needed


def trials_to_decide(rate: float, claimed: float, beta: float) -> int | None:
    """Number of trials that would decide a claim if the true violation rate were `rate`.

    With that many trials, and the expected number of violations rounded against us (up where the claim is
    true, down where it is false), the upper limit is within the claim or the lower limit above it. The
    count of a real run scatters around its expectation, so this is the number at which a decision becomes
    about as likely as not; twice as many make it likely.

    Parameters
    ----------
    rate
        The supposed true violation rate, from 0 to 1.
    claimed
        The claimed probability.
    beta
        Failure probability of each one-sided limit, strictly between 0 and 1.

    Returns
    -------
    int or None
        The number of trials; None where `rate` equals `claimed` < 1, because then no number decides, and
        where it would exceed 10**9.

    Raises
    ------
    InvalidArgument
        If an argument is out of range.

    Examples
    --------
    >>> trials_to_decide(0.0, 0.01, 0.05)
    299
    >>> trials_to_decide(0.02, 0.01, 0.05)
    450
    >>> trials_to_decide(0.01, 0.01, 0.05) is None
    True
    """
    if not 0 <= rate <= 1:
        raise InvalidArgument("rate", rate, "is not a probability", "pass a number from 0 to 1")
    claimed = _claim(claimed)
    beta = require_probability("beta", beta)
    if claimed >= 1 or claimed < 0:
        return 1  # decided whatever happens: no probability exceeds 1 or is negative
    if rate == claimed:
        return None
    if rate == 0:
        return _smallest_confirming(0, claimed, beta, MAX_TRIALS)
    decided = _confirming if rate < claimed else _refuting
    # In the number k of violations, the room for a decision grows like k minus a multiple of sqrt(k): first
    # too small, from some k on large enough. Gallop past that k, then bisect.
    most = math.ceil(MAX_TRIALS * rate)
    bad, good = 0, 1
    while decided(good, rate, claimed, beta) is None:
        if good >= most:
            return None
        bad, good = good, min(2 * good, most)
    while good - bad > 1:
        middle = (bad + good) // 2
        if decided(middle, rate, claimed, beta) is None:
            bad = middle
        else:
            good = middle
    return decided(good, rate, claimed, beta)


def _confirming(k: int, rate: float, claimed: float, beta: float) -> int | None:
    """Trials that confirm with `k` violations, if at `rate` no more than `k` are expected of them."""
    n = _smallest_confirming(k, claimed, beta, MAX_TRIALS)
    return n if n is not None and math.ceil(n * rate) <= k else None


def _refuting(k: int, rate: float, claimed: float, beta: float) -> int | None:
    """Trials of which at `rate` at least `k` are expected to be violations, if `k` of them refute."""
    n = math.ceil(k / rate)
    if math.floor(n * rate) < k:  # k / rate was rounded down to an integer
        n += 1
    return n if n <= MAX_TRIALS and binomial_lower(k, n, beta) > claimed else None


def _smallest_confirming(k: int, claimed: float, beta: float, most: int) -> int | None:
    """Smallest n <= most with ``binomial_upper(k, n, beta) <= claimed``; the limit falls as n grows."""
    bad, good = max(k, 1) - 1, max(k, 1)
    while binomial_upper(k, good, beta) > claimed:
        if good >= most:
            return None
        bad, good = good, min(2 * good, most)
    while good - bad > 1:
        middle = (bad + good) // 2
        if binomial_upper(k, middle, beta) > claimed:
            bad = middle
        else:
            good = middle
    return good


def _towards(end: float, limit: float, safe: Callable[[float], bool]) -> float:
    """Move `limit` towards `end` until it is safe: float error may widen an interval, never narrow it."""
    nudge = _NUDGE
    while nudge < 1:
        nudged = limit * (1 + nudge) if end == 1.0 else limit * (1 - nudge)
        if not nudged < 1:
            break
        if safe(nudged):  # False for a NaN as well
            return nudged
        nudge *= 4
    return end


def require_counts(violations: SupportsIndex, trials: SupportsIndex) -> tuple[int, int]:
    """Violations among at least one trial, as plain ints.

    Raises
    ------
    InvalidArgument
        When they are not.
    """
    k, n = checked_count("violations", violations), checked_count("trials", trials)
    if n == 0:
        raise InvalidArgument("trials", n, "gives nothing to count", "run at least one trial")
    if k > n:
        raise InvalidArgument("violations", k, f"exceeds the number of trials, {n}", "count each trial once")
    return k, n


def checked_count(name: str, value: SupportsIndex) -> int:
    """A whole number from 0 to 2**53 as a plain int, whatever kernels count in.

    Raises
    ------
    InvalidArgument
        When it is not.
    """
    try:
        count = operator.index(value)
    except TypeError:
        raise InvalidArgument(name, value, "is not an integer", "pass a whole number") from None
    if not 0 <= count <= LARGEST_COUNT:
        raise InvalidArgument(name, value, "is not a count", "pass a whole number from 0 to 2**53")
    return count


def require_probability(name: str, value: float) -> float:
    """A number strictly between 0 and 1.

    Raises
    ------
    InvalidArgument
        When it is not.
    """
    if not 0 < value < 1:  # catches NaN too
        raise InvalidArgument(name, value, "is not strictly between 0 and 1", "pass a failure probability such as 0.01")
    return float(value)


def _claim(value: float) -> float:
    if math.isnan(value):
        raise InvalidArgument("claimed", value, "is not a number", "pass the claimed probability")
    return float(value)
