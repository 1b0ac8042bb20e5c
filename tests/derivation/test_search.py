"""Searches over ranges of integers: against scans, with bounds that are not monotone, and where enclosures are wide."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Integer, Rational, S

from boundcheck import fcn, integer, magnitude, normal, prune, random, real, scaled, uniform
from boundcheck.derivation import inversion, search
from boundcheck.derivation.inversion import bound_at, largest_amount, smallest_width
from boundcheck.derivation.search import first_small, small_from
from boundcheck.formula.rigorous import Interval

CENT, ONE = Rational(1, 100), S.One
K = scaled(uniform(-1, 1))
D = integer("d", min=1)
COUNT = integer("count", min=0)


def exact(values, slack=0.0):
    """A bound that is known at single integers, and on ranges up to a relative slack for each integer in it."""

    def spanned(first, last, side):
        part = values[first : last + 1]
        wide = slack * (last - first)
        return Interval(float(part.min()) * (1 - wide), float(part.max()) * (1 + wide)), False

    def tried(i, epsilon=1):
        return Interval(float(values[i]), float(values[i])) if values[i] <= epsilon else None

    return spanned, tried


@pytest.mark.parametrize("slack", [0.0, 0.01, 0.5])
@pytest.mark.parametrize("seed", range(8))
def test_against_scans_of_bounds_that_are_not_monotone(seed, slack):
    g = np.random.default_rng(seed)
    size = 400
    values = 200 / np.arange(1, size + 1) ** g.uniform(0.8, 1.5) * g.uniform(0.7, 1.3, size)
    spanned, tried = exact(values, slack)
    good = np.flatnonzero(values <= 1)
    up = first_small(spanned, tried, ONE, 0, size - 1)
    assert up.value == (good[0] if len(good) else None)
    assert up.excluded == (good[0] - 1 if len(good) else size - 1)
    down = first_small(spanned, tried, ONE, size - 1, 0)
    assert down.value == (good[-1] if len(good) else None)
    if len(good) and good[-1] < size - 1:
        assert down.excluded == good[-1] + 1
    bad = np.flatnonzero(values > 1)
    from_, _ = small_from(spanned, ONE, 0, size - 1)
    assert from_ == (bad[-1] + 1 if bad[-1] < size - 1 else None)


def test_what_enclosures_leave_open_is_not_said_to_be_excluded():
    """At 50 the enclosure of the range's evaluator holds epsilon, and the one at the integer does too: it is open."""
    values = np.linspace(2, 0, 100)

    def spanned(first, last, side):
        low = float(values[last]) - (0.5 if first <= 40 <= last else 0.0)
        return Interval(low, float(values[first]) + 0.5), False

    found = first_small(spanned, lambda i: Interval(0, 1) if i >= 70 else None, ONE, 0, 99)
    assert (found.value, found.excluded) == (70, 39 if values[40] - 0.5 <= 1 else 69)


def test_after_too_many_steps_the_answer_says_up_to_where_it_is_known(monkeypatch):
    monkeypatch.setattr(search, "MOST_STEPS", 20)
    values = np.where(np.arange(5000) < 3000, 2.0, 0.5)

    def spanned(first, last, side):  # enclosures that say nothing of ranges
        return (Interval(0, 9) if first < last else Interval(float(values[first]), float(values[first]))), False

    found = first_small(spanned, lambda i: Interval(0, 1) if values[i] <= 1 else None, ONE, 0, 4999)
    assert found.value == 3000
    assert found.excluded < 30


WIDE = {
    "magnitude": (prune(fcn([D, D, D], weights=K), magnitude(alpha="0.6")), Rational(1, 20)),
    "random": (prune(fcn([D, D], weights=K), random(alpha="0.8")), Rational(2, 5)),
    "steps": (prune(fcn([3, D, D, 2], weights=K), magnitude(alpha="0.35")), Rational(1, 2)),
    "normal": (prune(fcn([D, D, 4], weights=scaled(normal(0, 1))), magnitude(alpha="0.5")), Rational(1, 4)),
}


@pytest.mark.parametrize("name", WIDE)
def test_widths_by_ranges_are_those_of_scans(name, monkeypatch):
    pruned, target = WIDE[name]
    one_by_one = smallest_width(pruned, D, target, CENT, ONE)
    assert one_by_one.value > 10
    monkeypatch.setattr(inversion, "EACH", 8)
    monkeypatch.setattr(inversion, "_CHUNK", 8)
    monkeypatch.setattr(inversion, "MAX_WIDTH", 1000)
    found = smallest_width(pruned, D, target, CENT, ONE)
    assert (found.value, found.bound, found.excluded) == (one_by_one.value, one_by_one.bound, one_by_one.value - 1)
    assert found.known_by == "both"
    assert found.holds_from >= found.value
    assert found.holds_from >= one_by_one.holds_from or found.holds_from > one_by_one.searched[1]


def test_a_range_that_is_said_to_be_too_large_is_noticed(monkeypatch):
    """Planted: ranges whose least value is enlarged exclude the answer, which a scan finds."""
    pruned, target = WIDE["magnitude"]
    right = smallest_width(pruned, D, target, CENT, ONE).value
    monkeypatch.setattr(inversion, "EACH", 8)
    monkeypatch.setattr(inversion, "_CHUNK", 8)
    honest = inversion._spanned

    def enlarged(*given):
        spanned = honest(*given)
        return lambda *ends: (Interval(*(1.2 * x for x in spanned(*ends)[0])), False)

    monkeypatch.setattr(inversion, "_spanned", enlarged)
    assert smallest_width(pruned, D, target, CENT, ONE).value > right


LARGE = [
    ([D, D, D, D], random(alpha="0.5"), Rational(36, 10**6), 277711132070),
    ([D, D, D, D], magnitude(alpha="0.5"), Rational(1, 10**14), 14200451747),
    ([20, D], random(alpha="0.7"), Rational(1, 10**3), None),
]


@pytest.mark.parametrize(("widths", "rule", "target", "known"), LARGE, ids=str)
def test_large_widths(widths, rule, target, known):
    pruned = prune(fcn(widths, weights=K), rule)
    found = smallest_width(pruned, D, target, CENT, ONE)
    assert known in (None, found.value)
    assert found.value > 10**5
    assert found.bound == bound_at(pruned.at({D: found.value}), CENT, ONE)
    assert Rational(found.bound.high) <= target
    assert found.excluded == found.value - 1
    below = bound_at(pruned.at({D: Integer(found.value - 1)}), CENT, ONE)
    assert Rational(below.low) > target
    assert found.holds_from >= found.value
    later = bound_at(pruned.at({D: Integer(found.holds_from + 10**6)}), CENT, ONE)
    assert Rational(later.high) <= target


def test_no_width_up_to_the_largest():
    pruned = prune(fcn([D, D], weights=uniform(-1, 1)), random(fraction=1))  # grows with the width
    found = smallest_width(pruned, D, CENT, CENT, ONE)
    assert (found.value, found.excluded) == (None, inversion.MAX_WIDTH)


@pytest.mark.parametrize("kind", [magnitude, random])
def test_counts_of_large_layers_are_exact(kind):
    pruned = prune(fcn([10**5, 10**6, 10**5], weights=K), kind(count=COUNT))
    target = Rational(1, 100) if kind is magnitude else Rational(2, 5)
    found = largest_amount(pruned, COUNT, target, CENT, ONE, most=10**11)
    assert found.excluded == found.value + 1
    assert Rational(found.bound.high) <= target
    assert Rational(bound_at(pruned.at({COUNT: found.value + 1}), CENT, ONE).low) > target


def test_a_count_is_not_strided():
    """Above a thousand weights every count is told from the next one."""
    pruned = prune(fcn([60, 70], weights=K), magnitude(count=COUNT))
    target = Rational(bound_at(pruned.at({COUNT: Integer(1237)}), CENT, ONE).high)
    found = largest_amount(pruned, COUNT, target, CENT, ONE, most=4200)
    assert (found.value, found.excluded) == (1237, 1238)


def test_fractions_of_large_layers():
    fraction = real("fraction", min=0, max=1)
    pruned = prune(fcn([10**6, 10**6], weights=K), random(fraction=fraction))
    found = largest_amount(pruned, fraction, Rational(1, 2), CENT, ONE, most=None)
    step = Rational(1, 10**6)
    assert found.excluded == found.value + step
    assert Rational(bound_at(pruned.at({fraction: found.value + step}), CENT, ONE).low) > Rational(1, 2)
