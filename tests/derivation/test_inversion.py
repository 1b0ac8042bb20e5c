"""Bounds solved for a width, an amount or a failure probability, against scans of the bound itself."""

from __future__ import annotations

from functools import lru_cache

import pytest
from sympy import Integer, Rational, S

from boundcheck import (
    average_pool,
    cnn,
    conv,
    dense,
    fcn,
    filters,
    flatten,
    gap_bound,
    integer,
    magnitude,
    normal,
    prune,
    random,
    random_filters,
    real,
    scaled,
    uniform,
)
from boundcheck.derivation import inversion
from boundcheck.derivation.inversion import bound_at, largest_amount, smallest_delta, smallest_width
from boundcheck.errors import BoundcheckError, UnsupportedClaim
from boundcheck.formula.rigorous import enclose

CENT, TENTH, ONE = Rational(1, 100), Rational(1, 10), S.One
K = scaled(uniform(-1, 1))
D = integer("d", min=1)
COUNT = integer("count", min=0)
FRACTION = real("fraction", min=0, max=1)
ALPHA = real("alpha", min=0, max=1, exclude_min=True, exclude_max=True)


@lru_cache(maxsize=4096)
def epsilon(pruned, delta=CENT):
    """The upper end of the bound at numbers, through gap_bound; None where there is no such network."""
    return enclose(gap_bound(pruned.target, pruned, delta=delta).expression).high


def at(pruned, unknown, value, delta=CENT):
    try:
        return epsilon(pruned.at({unknown: Integer(value) if isinstance(value, int) else value}), delta)
    except BoundcheckError:
        return None


def will_do(pruned, unknown, value, target, delta=CENT):
    found = at(pruned, unknown, value, delta)
    return found is not None and Rational(found) <= target


def certified(solution, pruned, unknown, target):
    """Whether the bound at a solution is what gap_bound says, and at most epsilon."""
    return solution.bound.high == at(pruned, unknown, solution.value) and will_do(
        pruned, unknown, solution.value, target
    )


# Widths ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("alpha", "width"), [("0.3", 118), ("0.5", 29), ("0.7", 17)])
def test_the_figures_of_the_readme(alpha, width):
    pruned = prune(fcn([D, D, D, D], weights=K), magnitude(alpha=alpha))
    found = smallest_width(pruned, D, TENTH, CENT, ONE)
    assert found.value == width
    assert certified(found, pruned, D, TENTH)
    assert not will_do(pruned, D, width - 1, TENTH)
    assert found.searched == (1, 2 * width + 64)
    assert found.holds_from >= width


WIDE = {
    "magnitude": (prune(fcn([D, D, D], weights=K), magnitude(alpha="0.6")), Rational(1, 3)),
    "random": (prune(fcn([D, D], weights=K), random(alpha="0.8")), Rational(3, 4)),
    # Layers that lose nothing as long as they are narrow: then they have no share of delta.
    "steps": (prune(fcn([3, D, D, 2], weights=K), magnitude(fraction="1/50")), Rational(1, 3)),
    "cnn": (
        prune(
            cnn((1, 6, 6), [conv(1, D, 3, weights=K), average_pool(2), flatten(), dense(4 * D, 2 * D, weights=K)]),
            magnitude(alpha="0.6"),
        ),
        Rational(1, 6),
    ),
    "count": (prune(fcn([D, D], weights=scaled(normal(0, 1))), magnitude(count=20)), Rational(1, 2)),
}


@pytest.mark.parametrize("name", WIDE)
def test_a_width_is_the_first_of_a_scan(name):
    pruned, target = WIDE[name]
    found = smallest_width(pruned, D, target, CENT, ONE)
    first = next(d for d in range(1, 200) if will_do(pruned, D, d, target))
    assert found.value == first
    assert certified(found, pruned, D, target)
    last = int(found.searched[1])
    assert last == 2 * first + 64
    later = range(first, first + 5)
    failing = [d for d in later if not will_do(pruned, D, d, target)]
    if found.holds_from is not None:
        assert all(d < found.holds_from for d in failing)
        assert found.holds_from == first or int(found.holds_from) - 1 in failing or found.holds_from > later[-1]


def test_no_width_will_do(monkeypatch):
    monkeypatch.setattr(inversion, "MAX_WIDTH", 256)
    pruned = prune(fcn([D, D], weights=uniform(-1, 1)), random(fraction=1))  # grows with the width
    found = smallest_width(pruned, D, TENTH, CENT, ONE)
    assert (found.value, found.bound, found.searched, found.holds_from) == (None, None, (1, 256), None)


# Amounts --------------------------------------------------------------------------------------------------------------

COUNTS = {
    "magnitude": (magnitude, uniform(-1, 1), "3/2", 8),
    "random": (random, uniform(-1, 1), "5/2", 8),
    "filters": (filters, uniform(-1, 1), 7, 4),
    "random_filters": (random_filters, normal(0, 1), "20.7", 4),
    "filters, none at all": (filters, normal(0, 1), 1, 4),
}


@pytest.mark.parametrize("name", COUNTS)
def test_a_count_is_the_largest_of_a_scan(name):
    kind, law, target, most = COUNTS[name]
    target, pruned = Rational(target), prune(fcn([5, 5, 4], weights=scaled(law)), kind(count=COUNT))
    found = largest_amount(pruned, COUNT, target, CENT, ONE, most=most)
    assert found.value == max(k for k in range(most + 1) if will_do(pruned, COUNT, k, target))
    assert (found.value == 0) is name.endswith("none at all")
    assert found.value < most or kind in (filters, random_filters)  # which may lose all
    assert certified(found, pruned, COUNT, target)
    assert found.searched == (0, most)


def test_all_normal_weights_may_go():
    """All of them is a case of its own: the threshold is infinite, but which weights go does not depend on them."""
    pruned = prune(fcn([5, 4], weights=scaled(normal(0, 1))), magnitude(count=COUNT))
    limit = Rational(at(pruned, COUNT, 20))
    assert not will_do(pruned, COUNT, 19, limit)
    assert largest_amount(pruned, COUNT, limit, CENT, ONE, most=20).value == 20


def test_the_bound_of_random_filters_is_not_monotone_and_the_largest_count_is_found():
    """With all of layer 1 gone the bound is near √(m - k) + √k: large in the middle."""
    target = fcn([20, 20, 8], weights=K)
    pruned = prune(target, [random(fraction=1), random_filters(count=COUNT)])
    found = {k: Rational(at(pruned, COUNT, k)) for k in range(9)}
    limit = found[7]
    assert max(found.values()) > limit
    assert max(found, key=found.get) < 7
    largest = max(k for k, value in found.items() if value <= limit)
    assert largest >= 7
    assert largest_amount(pruned, COUNT, limit, CENT, ONE, most=8).value == largest


MICRO = Rational(1, 10**6)


@pytest.mark.parametrize("kind", [magnitude, random])
def test_fractions_and_alphas_are_the_best_to_six_digits(kind):
    target = fcn([30, 40], weights=K)
    epsilon_, pruned = Rational(1, 5) if kind is magnitude else Rational(1), prune(target, kind(fraction=FRACTION))
    found = largest_amount(pruned, FRACTION, epsilon_, CENT, ONE, most=None)
    assert 0 < found.value < 1
    assert (found.value / MICRO).is_integer
    assert certified(found, pruned, FRACTION, epsilon_)
    assert not will_do(pruned, FRACTION, found.value + MICRO, epsilon_)
    pruned = prune(target, kind(alpha=ALPHA))
    found = largest_amount(pruned, ALPHA, epsilon_, CENT, ONE, most=None)
    assert 0 < found.value < 1
    assert (found.value / MICRO).is_integer
    assert certified(found, pruned, ALPHA, epsilon_)
    assert not will_do(pruned, ALPHA, found.value - MICRO, epsilon_)


def test_a_fraction_that_removes_nothing_yet():
    """⌊f·6⌋ is 0 for every fraction below 1/6."""
    pruned = prune(fcn([6, 6, 6], weights=scaled(normal(0, 1))), filters(fraction=FRACTION))
    found = largest_amount(pruned, FRACTION, TENTH, CENT, ONE, most=None)
    assert (found.value, found.bound.high) == (Rational(166666, 10**6), 0)


def test_no_amount_will_do():
    pruned = prune(fcn([10, 10, 6], weights=K), [magnitude(count=50), magnitude(count=COUNT)])
    found = largest_amount(pruned, COUNT, Rational(1, 10**4), CENT, ONE, most=60)
    assert (found.value, found.bound, found.searched) == (None, None, (0, 60))
    half = prune(fcn([10, 10], weights=uniform(-9, 9)), magnitude(alpha=ALPHA))
    found = largest_amount(half, ALPHA, Rational(1, 10**9), CENT, ONE, most=None)
    assert (found.value, found.searched) == (None, (Rational(1, 1000), Rational(999, 1000)))


# Failure probabilities ------------------------------------------------------------------------------------------------


def before(value):
    """The next smaller number of six digits."""
    digits, scale = value, S.One
    while digits < 10**5:
        digits, scale = digits * 10, scale * 10
    assert digits.is_integer
    return (digits - 1) / scale if digits > 10**5 else (digits * 10 - 1) / scale / 10


@pytest.mark.parametrize(
    ("rule", "target"),
    [(random(count=30), Rational(3, 4)), (magnitude(count=30), Rational(1, 20))],
    ids=str,
)
def test_a_failure_probability_is_the_smallest_to_six_digits(rule, target):
    pruned = prune(fcn([30, 40], weights=K), rule)
    found = smallest_delta(pruned, target, ONE)
    assert 0 < found.value < 1
    assert found.bound.high == epsilon(pruned, found.value)
    assert Rational(found.bound.high) <= target
    assert Rational(epsilon(pruned, before(found.value))) > target


def test_the_ends_of_failure_probabilities():
    pruned = prune(fcn([30, 40], weights=K), magnitude(count=3))
    assert smallest_delta(pruned, Integer(100), ONE).value == Rational(1, 10**100)
    found = smallest_delta(pruned, Rational(1, 10**6), ONE)
    assert (found.value, found.bound, found.searched) == (None, None, (Rational(1, 10**100), 1))
    # Only one above 0.9 will do.
    target = Rational(epsilon(pruned, Rational(99, 100)))
    assert Rational(9, 10) < smallest_delta(pruned, target, ONE).value <= Rational(99, 100)


# Planted --------------------------------------------------------------------------------------------------------------


def test_a_search_curve_that_is_too_low_changes_nothing_and_one_that_is_too_high_is_noticed(monkeypatch):
    """Floats propose, enclosures decide; a curve that proposes too late gives another width than the scan."""
    pruned, target = WIDE["magnitude"]
    right, curve = smallest_width(pruned, D, target, CENT, ONE).value, inversion._curve
    for factor, same in ((0.8, True), (1.25, False)):
        monkeypatch.setattr(inversion, "_curve", lambda *given, by=factor: lambda values: by * curve(*given)(values))
        assert (smallest_width(pruned, D, target, CENT, ONE).value == right) is same


def test_a_wrong_bound_is_noticed(monkeypatch):
    """Planted: a bound of another failure probability verifies the solution."""
    pruned, target = WIDE["magnitude"]
    monkeypatch.setattr(inversion, "bound_at", lambda network, delta, radius: bound_at(network, 50 * delta, radius))
    curve = inversion._curve
    monkeypatch.setattr(inversion, "_curve", lambda network, unknown, delta, radius: curve(
        network, unknown, 50 * delta, radius))  # fmt: skip
    found = smallest_width(pruned, D, target, CENT, ONE)
    assert found.value < next(d for d in range(1, 200) if will_do(pruned, D, d, target))
    assert not certified(found, pruned, D, target)


def test_what_has_no_bound_is_refused():
    pruned = prune(fcn([D, D], weights=uniform(-1, 2)), random(count=1))
    with pytest.raises(UnsupportedClaim, match="not symmetric about 0"):
        smallest_width(pruned, D, TENTH, CENT, ONE)
