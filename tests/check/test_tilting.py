"""Deep tails against exact laws, from 1e-5 to 1e-300: limits hold, near claims are decided, wrong weights found.

False alarms: limits of one run fail with probability at most BETA on each side, about forty of them; seeds are fixed.
"""

import math

import mpmath
import numpy as np
import pytest
from scipy.stats import binom
from sympy import Integer, Rational, S, log, sqrt

from boundcheck.check import tilting
from boundcheck.check.tilting import tilted_event
from boundcheck.statement.laws import (
    Affine,
    Gamma,
    Poisson,
    bernoulli,
    beta,
    discrete,
    exponential,
    gamma,
    normal,
    poisson,
    two_point,
    uniform,
)
from boundcheck.statement.randomness import iid, independent, maximum, mean, random_matrix, sum_of
from boundcheck.verdict.intervals import binomial_lower, binomial_upper

BETA = 1e-9
HALF = Rational(1, 2)


def binomial_tail(n, p, least):
    return mpmath.fsum(mpmath.binomial(n, k) * p**k * (1 - p) ** (n - k) for k in range(least, n + 1))


def poisson_tail(rate, least):
    return mpmath.gammainc(least, 0, rate, regularized=True)


def irwin_hall(n, x):
    terms = ((-1) ** k * mpmath.binomial(n, k) * (x - k) ** n for k in range(math.floor(x) + 1))
    return mpmath.fsum(terms) / mpmath.factorial(n)


COINS = iid(bernoulli(Rational(3, 10)), 200)
RARE = iid(bernoulli(Rational(1, 100)), 150)
BELLS = iid(normal(1, 2), 5)
WAITS = iid(exponential(2), 30)
CHI = iid(normal(0, 1), 20)
COUNTS = iid(poisson(2), 30)
FLAT = iid(uniform(0, 1), 20)
SHIFTED = iid(Affine(Poisson(HALF), Rational(3), -Rational(3, 2)), 40)
TURNED = iid(Affine(Gamma(HALF, Integer(2)), Integer(-1), Integer(3)), 20)
MIXED = independent(*[two_point(-k, k, HALF) for k in (1, 2, 3)] * 6, normal(0, 2))
PLAIN = independent(poisson(2), poisson(3), poisson(2))
FEW = iid(exponential(2), 4)
DIE = iid(discrete({k: Rational(1, 6) for k in range(1, 7)}), 40)


def die_tail():
    law = [mpmath.mpf(1)]
    for _ in range(40):
        law = [mpmath.fsum(law[max(0, i - 6) : i]) / 6 if i else mpmath.mpf(0) for i in range(len(law) + 6)]
    return mpmath.fsum(law[220:])


with mpmath.workdps(40):
    TAILS = {
        "coins": (mean(COINS) - Rational(45, 100), COINS, False, binomial_tail(200, mpmath.mpf(3) / 10, 90)),
        "coins, strict": (mean(COINS) - Rational(45, 100), COINS, True, binomial_tail(200, mpmath.mpf(3) / 10, 91)),
        "rare": (sum_of(RARE) - 120, RARE, False, binomial_tail(150, mpmath.mpf(1) / 100, 120)),
        "all": (sum_of(RARE) - 150, RARE, False, mpmath.mpf(10) ** -300),
        "normal": (sum_of(BELLS) - 5 - 60 * sqrt(5), BELLS, False, mpmath.ncdf(-30)),
        "normal, below": (5 - 60 * sqrt(5) - sum_of(BELLS), BELLS, True, mpmath.ncdf(-30)),
        "waiting": (mean(WAITS) - 10, WAITS, False, mpmath.gammainc(30, 600, regularized=True)),
        "waiting, below": (Rational(1, 50) - mean(WAITS), WAITS, False, mpmath.gammainc(30, 0, 1.2, regularized=True)),
        "few": (
            Rational(1, 10**4) - mean(FEW),
            FEW,
            False,
            mpmath.gammainc(4, 0, mpmath.mpf(8) / 10**4, regularized=True),
        ),
        "squares": (sum_of(CHI**2) - 300, CHI, False, mpmath.gammainc(10, 150, regularized=True)),
        "counts": (sum_of(COUNTS) - 110, COUNTS, False, poisson_tail(60, 110)),
        "counts, below": (5 - sum_of(COUNTS), COUNTS, False, mpmath.gammainc(6, 60, regularized=True)),
        "uniform": (sum_of(FLAT) - 19, FLAT, False, irwin_hall(20, mpmath.mpf(1))),
        "uniform, below": (HALF - sum_of(FLAT), FLAT, False, irwin_hall(20, mpmath.mpf(1) / 2)),
        "shifted": (sum_of(SHIFTED) - 105, SHIFTED, False, poisson_tail(20, 55)),
        "turned": (-100 - sum_of(TURNED), TURNED, False, mpmath.gammainc(10, 320, regularized=True)),
        "different": (sum_of(PLAIN) - 40, PLAIN, False, poisson_tail(7, 40)),
        "dice": (sum_of(DIE) - 220, DIE, False, die_tail()),
    }


def run(name, trials, claimed=None, key=11):
    margin, sample, strict, tail = TAILS[name]
    claimed = as_rational(tail) if claimed is None else claimed
    return tilted_event(margin, strict=strict, sample=sample, claimed=claimed, trials=trials, key=key)


def as_rational(value):
    return Rational(mpmath.nstr(value, 17))


def limits(found):
    """Of tail / claimed, each with confidence 1 - BETA."""
    violations, trials = int(found.violated.sum()), len(found.violated)
    return (
        binomial_lower(violations, trials, BETA) / found.tilt.relative.high,
        binomial_upper(violations + found.open, trials, BETA) / found.tilt.relative.low,
    )


@pytest.mark.parametrize("name", TAILS)
def test_limits_hold_the_exact_tail(name):
    found = run(name, 20_000)
    low, high = limits(found)
    assert low <= 1 <= high
    assert low > 0.1
    assert found.open <= 1
    tail = TAILS[name][3]
    assert (
        found.tilt.log_scale.low - 1e-9
        <= float(mpmath.log(tail)) - math.log(found.tilt.relative.low)
        <= found.tilt.log_scale.high + 1e-9
    )
    assert found.tilt.scale.low <= tail / found.tilt.relative.low * (1 + 1e-12)


@pytest.mark.parametrize("name", ["few", "normal", "uniform", "different"])
def test_claims_a_fifth_off_are_decided(name):
    tail = TAILS[name][3]
    trials = 200_000 if name == "normal" else 30_000
    below = run(name, trials, as_rational(tail * mpmath.mpf("0.8")))
    above = run(name, trials, as_rational(tail * mpmath.mpf("1.2")))
    assert limits(below)[0] > 1
    assert limits(above)[1] < 1


def test_limits_fail_no_more_often_than_beta():
    """500 runs at beta = 0.05 on each side: 51 failures have a probability below 1e-5 if each has 0.05.

    The runs are blocks of trials, which are independent whatever their numbers.
    """
    assert binom.sf(50, 500, 0.05) < 1e-5
    for name in ("few", "waiting, below", "dice"):
        found = run(name, 50_000)
        counts = found.violated.reshape(500, 100).sum(axis=1)
        assert sum(binomial_lower(int(k), 100, 0.05) > found.tilt.relative.high for k in counts) <= 50
        assert sum(binomial_upper(int(k), 100, 0.05) < found.tilt.relative.low for k in counts) <= 50


def test_a_sum_without_an_exact_law_agrees_with_a_plain_simulation_where_both_reach():
    """Tails at 1e-4; the tilted limits are 5 % wide, the plain ones 30 %: they overlap but for 4e-9."""
    margin = sum_of(MIXED) - 36
    found = tilted_event(margin, strict=False, sample=MIXED, claimed=S.One, trials=50_000, key=1)
    rng = np.random.default_rng(5)
    scales = np.array([1, 2, 3] * 6)
    sums = (rng.choice([-1, 1], (400_000, 18)) * scales).sum(axis=1) + rng.normal(0, 2, 400_000)
    plain = int((sums >= 36).sum())
    low, high = limits(found)
    assert low < high < 1.5 * low
    assert low < binomial_upper(plain, 400_000, BETA)
    assert high > binomial_lower(plain, 400_000, BETA)


def planted(monkeypatch, what):
    if what == "weights":
        real = tilting.waiting_times
        monkeypatch.setattr(tilting, "waiting_times", lambda *a, **k: tuple(0.9 * end for end in real(*a, **k)))
    elif what == "scale":
        log_mgf = tilting._log_mgf
        monkeypatch.setattr(tilting, "_log_mgf", lambda *a: log_mgf(*a) + log(Rational(11, 10)))
    elif what == "draws":
        monkeypatch.setattr(
            tilting, "_tilted", lambda law, theta: Gamma(Integer(1), law.rate - theta * Rational(9, 10))
        )
    else:
        monkeypatch.setattr(tilting, "waiting_times", lambda plan, first, count, **k: (np.full(count, np.inf),) * 2)


@pytest.mark.parametrize("what", ["weights", "scale", "draws", "no rounding"])
def test_planted_wrong_weights_are_found(what, monkeypatch):
    planted(monkeypatch, what)
    low, high = limits(run("few", 100_000))
    assert not low <= 1 <= high


def test_batches_change_no_decision(monkeypatch):
    whole = run("different", 500)
    monkeypatch.setattr("boundcheck.experiment.draws._BATCH_WORK", 200)
    parts = run("different", 500)
    assert np.array_equal(whole.violated, parts.violated)
    assert np.array_equal(whole.fine, parts.fine)


def test_claims_below_the_range_of_floats_keep_their_ratio():
    sample = iid(normal(0, 1), 4)
    margin = sum_of(sample) - 2 * 60
    with mpmath.workdps(40):
        tail = mpmath.ncdf(-60)
    found = tilted_event(margin, strict=False, sample=sample, claimed=as_rational(tail), trials=20_000, key=1)
    assert found.tilt.scale.low == 0
    assert found.tilt.scale.high > 0
    assert found.tilt.log_scale.high < -1790
    low, high = limits(found)
    assert low <= 1 <= high < 2


@pytest.mark.parametrize(
    ("margin", "sample"),
    [
        (maximum(BELLS) - 30, BELLS),
        (sum_of(BELLS) ** 2 - 1000, BELLS),
        (sum_of(BELLS) - maximum(BELLS) - 90, BELLS),
        (sum_of(BELLS) - 4, BELLS),
        (sum_of(BELLS**3) - 10**6, BELLS),
        (sum_of(RARE) - 151, RARE),
        (sum_of(iid(beta(2, 3), 9)) - 8, iid(beta(2, 3), 9)),
        (sum_of(iid(gamma(2, 3), 9)), iid(gamma(2, 3), 9)),
    ],
)
def test_what_cannot_be_tilted_is_left_to_others(margin, sample):
    assert tilted_event(margin, strict=False, sample=sample, claimed=HALF, trials=10, key=1) is None


def test_a_matrix_has_no_sum():
    sample = random_matrix(normal(0, 1), 2, 2)
    assert tilting._half_line(sum_of(iid(normal(0, 1), 4)) - 9, sample) is None
