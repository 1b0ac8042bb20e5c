"""Laws as standard variables: tables against mpmath, and which laws there are."""

import mpmath
import numpy as np
import pytest
from statistics_helpers import at_least, at_most
from sympy import Integer, Rational, sqrt

from boundcheck.errors import UnsupportedClaim
from boundcheck.experiment import draws
from boundcheck.experiment.draws import draw, draw_plan, waiting_times
from boundcheck.experiment.standard import standard
from boundcheck.kernels import tables
from boundcheck.statement.families import bounded
from boundcheck.statement.laws import Affine, beta, discrete, gamma, hypergeometric, poisson, two_point
from boundcheck.statement.randomness import StoppedWalk, iid, independent, occupancy, random_matrix, without_replacement


@pytest.mark.parametrize("rate", [Rational(1, 100), Integer(1), sqrt(2), Integer(77), Integer(5000)])
def test_poisson_tables_are_right_within_their_band(rate):
    law = standard(poisson(rate))
    with mpmath.workdps(30):
        for place in np.linspace(0, len(law.cumulative) - 1, 40).astype(int):
            k = int(law.shift) + int(place)
            exact = mpmath.gammainc(k + 1, mpmath.mpf(str(rate.evalf(40))), regularized=True)
            assert abs(law.cumulative[place] - exact) <= law.band
        assert law.open_above
        assert law.open_below == (law.shift > 0)


@pytest.mark.parametrize(
    ("population", "marked", "drawn"), [(10, 3, 4), (10, 8, 7), (10**6, 4 * 10**5, 10**4), (5, 0, 3), (5, 5, 3)]
)
def test_hypergeometric_tables_are_right_within_their_band(population, marked, drawn):
    law = standard(hypergeometric(population, marked, drawn))
    least = max(0, drawn + marked - population)
    with mpmath.workdps(40):
        whole = mpmath.binomial(population, drawn)
        # Its neighbours give each probability from the one before.
        share = mpmath.binomial(marked, least) * mpmath.binomial(population - marked, drawn - least) / whole
        total, k = share, least
        for place, cumulative in enumerate(law.cumulative):
            while k < int(law.shift) + place:
                share *= mpmath.mpf((marked - k) * (drawn - k)) / ((k + 1) * (population - marked - drawn + k + 1))
                k += 1
                total += share
            assert abs(cumulative - total) <= law.band


def test_finite_laws_are_sorted_and_leave_out_what_is_impossible():
    law = standard(discrete({3: "1/4", -1: 0, sqrt(2): "1/2", 0: "1/4"}))
    assert law.values == (0, sqrt(2), 3)
    assert np.allclose(law.cumulative, [0.25, 0.75])
    assert standard(two_point(1, 2, 0)).values == (1,)


def test_affine_images_compose():
    law = standard(Affine(Affine(gamma(2, 4), Rational(2), Rational(1)), Rational(-3), Rational(5)))
    assert (law.kind, law.scale, law.shift) == (tables.GAMMA, Rational(-3, 2), 2)


def test_a_planted_wrong_table_is_found():
    wrong = standard(poisson(Rational(701, 100)))
    with mpmath.workdps(30):
        assert abs(wrong.cumulative[7] - mpmath.gammainc(8, 7, regularized=True)) > wrong.band


@pytest.mark.parametrize(
    ("law", "words"),
    [(bounded(0, 1), "cannot be simulated"), (gamma(Rational(1, 10**4)), "shapes"), (poisson(10**13), "normal one")],
)
def test_what_cannot_be_drawn_is_refused(law, words):
    with pytest.raises(UnsupportedClaim, match=words):
        standard(law)


def test_a_population_without_two_values_is_refused():
    with pytest.raises(UnsupportedClaim, match="two values"):
        draw_plan(without_replacement(bounded(0, 1), population=10, drawn=4), key=1)


SAMPLES = [
    iid(poisson(3), 7),
    independent(gamma(2), two_point(0, 1, "1/3"), beta(2, 3), gamma(2)),
    without_replacement(two_point(0, 1, "1/4"), population=20, drawn=6),
    occupancy(9, 4),
    random_matrix(gamma(1), 2, 3),
    StoppedWalk((two_point(-1, 1, "1/2"),), Integer(8), level=Integer(2)),
]


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_batches_change_no_bit(sample):
    plan = draw_plan(sample, key=8)
    whole = draw(plan, 0, 12)
    parts = [draw(plan, 0, 5), draw(plan, 5, 7)]
    for end in range(2):
        assert whole[end].shape == (12, plan.variables)
        assert np.array_equal(whole[end], np.concatenate([part[end] for part in parts]))


def test_batches_cover_the_trials(monkeypatch):
    monkeypatch.setattr(draws, "_BATCH_WORK", 40)
    plan = draw_plan(iid(poisson(3), 7), key=8)
    assert list(draws.batches(plan, 12)) == [(0, 5), (5, 5), (10, 2)]


def test_draws_without_replacement_are_hypergeometric():
    """P(X = k) of 20,000 trials; false alarms as stated in statistics_helpers."""
    plan = draw_plan(without_replacement(two_point(0, 1, "1/4"), population=20, drawn=6), key=8)
    low, high = draw(plan, 0, 20_000)
    assert np.array_equal(low, high)
    counts = low.sum(axis=1)
    for k in range(6):
        exact = mpmath.binomial(5, k) * mpmath.binomial(15, 6 - k) / mpmath.binomial(20, 6)
        assert at_most(counts == k, exact)
        assert at_least(counts == k, exact)


def test_waiting_times_are_not_those_of_the_sample():
    plan = draw_plan(iid(gamma(1), 3), key=8)
    low, high = waiting_times(plan, 2, 5)
    assert low.shape == high.shape == (5,)
    assert np.array_equal(low[1:], waiting_times(plan, 3, 4)[0])
    assert at_least(waiting_times(plan, 0, 20_000)[0] > 1, np.exp(-1))
    assert at_most(waiting_times(plan, 0, 20_000)[0] > 1, np.exp(-1))
