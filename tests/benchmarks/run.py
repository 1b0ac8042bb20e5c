"""How long boundcheck takes, beside peers that compute the same numbers in the same run.

    python tests/benchmarks/run.py [--rounds 5] [--skip-library]

The rounds alternate between the competitors, so that all of them meet the same load; what is printed are medians, and
ratios to boundcheck's. Times are of this machine and decide nothing: no test asserts them.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from fractions import Fraction

import numpy as np
from mpmath import iv, mp
from scipy import stats
from sympy import Rational, exp

from boundcheck import P, Theorem, bernoulli, iid, integer, mean, real
from boundcheck.check import Status, check

SIZE, SHARE = 10_000, Fraction(3, 10)
THRESHOLDS = [Fraction(k, 200) for k in range(1, 101)]
"""Deviations of the mean: tails from 0.14 down to below 1e-200."""


# A binomial claim swept over thresholds --------------------------------------------------------------------
def least_count(t: Fraction) -> int:
    """The least count at which the mean deviates by at least t."""
    return -int(-SIZE * (SHARE + t) // 1)


def boundcheck_sweep() -> list[float]:
    """Check Hoeffding's claim at every threshold: exact tails, claims as balls, a verdict at each."""
    n, t = integer("n", min=1), real("t", min=0)
    theorem = Theorem(
        claim=P(mean(iid(bernoulli(Rational(3, 10)), n)) - Rational(3, 10) >= t) <= exp(-2 * n * t**2),
        points=[{"n": SIZE, "t": x} for x in THRESHOLDS],
    )
    verdict = check(theorem)
    assert verdict.status is Status.CONFIRMED
    return [point.limit_low for point in verdict.points]


def scipy_sweep() -> list[float]:
    """scipy.stats.binom.sf: floats without a statement of their error."""
    counts = np.array([least_count(t) for t in THRESHOLDS])
    return list(stats.binom.sf(counts - 1, SIZE, float(SHARE)))


def mpmath_sweep() -> list[float]:
    """One pass over the weights in mpmath at 30 digits: no enclosure, and a careful user's own loop."""
    with mp.workdps(30):
        return _pass(mp.mpf(SHARE.numerator) / SHARE.denominator, mp.mpf)


def interval_sweep() -> list[float]:
    """The same pass in mpmath's intervals: enclosures, as rigorous as boundcheck's."""
    iv.dps = 30
    return [float(x.a) for x in _pass(iv.mpf(SHARE.numerator) / SHARE.denominator, iv.mpf, raw=True)]


def _pass(p, number, *, raw=False):
    odds = p / (1 - p)
    weight = (1 - p) ** SIZE
    weights = [weight]
    for k in range(SIZE):
        weight = weight * (SIZE - k) * odds / (k + 1)
        weights.append(weight)
    return _tails(weights, number(0), (lambda x: x) if raw else float)


def exact_sweep() -> list[float]:
    """Python integers over one denominator: exact, in one pass."""
    numerator, rest = SHARE.numerator, SHARE.denominator - SHARE.numerator
    weight = rest**SIZE
    weights = [weight]
    for k in range(SIZE):
        weight = weight * (SIZE - k) * numerator // ((k + 1) * rest)
        weights.append(weight)
    denominator = SHARE.denominator**SIZE
    return _tails(weights, 0, lambda x: float(Fraction(x, denominator)))


def _tails(weights, zero, out):
    wanted = {least_count(t): i for i, t in enumerate(THRESHOLDS)}
    found, total = [0.0] * len(THRESHOLDS), zero
    for k in range(SIZE, -1, -1):
        total = total + weights[k]
        if k in wanted:
            found[wanted[k]] = out(total)
    return found


SWEEPS: Mapping[str, tuple[Callable[[], list[float]], str]] = {
    "boundcheck.check": (boundcheck_sweep, "enclosures and verdicts"),
    "scipy.stats.binom.sf": (scipy_sweep, "floats, no error bound"),
    "mpmath, 30 digits": (mpmath_sweep, "30 digits, no error bound"),
    "mpmath.iv, 30 digits": (interval_sweep, "enclosures"),
    "integers, one denominator": (exact_sweep, "exact"),
}


def sweeps(rounds: int) -> None:
    """Print the table of the sweep."""
    reference = exact_sweep()
    boundcheck_sweep()  # imports and caches
    seconds: dict[str, list[float]] = {name: [] for name in SWEEPS}
    worst: dict[str, float] = {}
    for _ in range(rounds):
        for name, (sweep, _) in SWEEPS.items():
            start = time.perf_counter()
            found = sweep()
            seconds[name].append(time.perf_counter() - start)
            worst[name] = max(abs(f - r) / r for f, r in zip(found, reference, strict=True) if r > 1e-300)
    ours = statistics.median(seconds["boundcheck.check"])
    print(f"\nP(mean - {SHARE} >= t) <= exp(-2 n t^2), n = {SIZE}, {len(THRESHOLDS)} thresholds, {rounds} rounds")
    print(f"{'':28}{'median s':>10}{'/ boundcheck':>14}{'worst rel. error':>18}  what it gives")
    for name, (_, gives) in SWEEPS.items():
        median = statistics.median(seconds[name])
        print(f"{name:28}{median:>10.4f}{median / ours:>14.3f}{worst[name]:>18.1e}  {gives}")


# The whole library -------------------------------------------------------------------------------------------
def library(rounds: int) -> None:
    """Print how long `boundcheck check` takes on all that ships, from a fresh process."""
    seconds, last = [], ""
    for _ in range(rounds):
        start = time.perf_counter()
        run = subprocess.run([sys.executable, "-m", "boundcheck", "check"], capture_output=True, text=True, check=False)
        seconds.append(time.perf_counter() - start)
        last = f"exit status {run.returncode}"
    print(f"\nboundcheck check, all that ships: median {statistics.median(seconds):.1f} s of {rounds} runs ({last})")


def main() -> None:
    """Print both."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--library-rounds", type=int, default=1)
    parser.add_argument("--skip-library", action="store_true")
    options = parser.parse_args()
    sweeps(options.rounds)
    if not options.skip_library:
        library(options.library_rounds)


if __name__ == "__main__":
    main()
