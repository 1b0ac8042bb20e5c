"""Statistics of samples known up to intervals against exact arithmetic at points inside."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statistics_helpers import caught, examples

from boundcheck.formula import realised
from boundcheck.formula.intervals import Intervals

ENTRY = st.floats(-1e5, 1e5) | st.integers(-20, 20).map(float) | st.sampled_from([1e8 + 0.1, 1e-160, 0.1])
WIDTH = st.sampled_from([0.0, 0.0, 1e-12, 1e-3, 2.0])
SAMPLES = st.lists(st.tuples(ENTRY, WIDTH, st.sampled_from([0, 1, 2])), min_size=2, max_size=12)


def variance(x):
    average = sum(x) / len(x)
    return sum((v - average) ** 2 for v in x) / (len(x) - 1)


def distance(u):
    n, u = len(u), sorted(u)
    return max(max(Fraction(i + 1, n) - v, v - Fraction(i, n)) for i, v in enumerate(u))


STATISTICS = {
    "sum": (realised.total, sum),
    "median": (
        lambda x: realised.order_statistic(x, (x.low.shape[-1] + 1) // 2),
        lambda x: sorted(x)[(len(x) - 1) // 2],
    ),
    "variance": (realised.sample_variance, variance),
    "kolmogorov": (realised.kolmogorov_of_uniforms, distance),
    "zeros": (realised.zeros, lambda x: sum(v == 0 for v in x)),
}


def encloses(name, case):
    statistic, exact = STATISTICS[name]
    low = np.array([[v for v, _, _ in case]])
    high = np.array([[v + w for v, w, _ in case]])
    if name == "kolmogorov":
        low, high = (np.clip(end / 1e5, 0.0, 1.0) for end in (low, high))
    pairs = [(Fraction(a), Fraction(b)) for a, b in zip(low[0].tolist(), high[0].tolist(), strict=True)]
    point = [a + (b - a) * Fraction(place, 2) for (a, b), (_, _, place) in zip(pairs, case, strict=True)]
    found = statistic(Intervals(low, high))
    return found.low[0] <= exact(point) <= found.high[0]


@pytest.mark.parametrize("name", STATISTICS)
def test_exact_values_lie_inside(name):
    @given(SAMPLES)
    @examples(250)
    def check(case):
        assert encloses(name, case)

    check()


@pytest.mark.parametrize("name", ["sum", "variance"])
def test_a_missing_allowance_is_caught(name, monkeypatch):
    monkeypatch.setattr(realised, "gamma", lambda k: 0.0)
    monkeypatch.setattr(realised, "_WIDER", 0.0)
    assert caught(SAMPLES, lambda case: encloses(name, case))


def test_sums_of_lattice_variables_are_exact():
    x = np.random.default_rng(1).integers(-9, 9, (5, 100)) + 0.5
    found = realised.total(Intervals(x, x))
    assert np.array_equal(found.low, found.high)
    assert np.array_equal(found.low, x.sum(axis=1))


def test_variances_are_tight():
    x = np.random.default_rng(1).normal(size=(20, 50)) + 100
    found = realised.sample_variance(Intervals(x, x))
    assert np.all(found.high - found.low < 1e-11)
    assert np.all(
        (found.low < x.var(axis=1, ddof=1) * (1 + 1e-12)) & (found.high > x.var(axis=1, ddof=1) * (1 - 1e-12))
    )
    wide = realised.sample_variance(Intervals(x - 1e-3, x + 1e-3))
    assert np.all(wide.high - wide.low < 0.1)
    with_infinite = realised.sample_variance(Intervals(np.array([[-np.inf, 1.0]]), np.array([[np.inf, 1.0]])))
    assert with_infinite.high[0] == np.inf


def test_the_distance_of_a_discrete_law():
    """Shares 1/4 and 3/4 against 1/2, 1/4 and 1/4."""
    cells = np.array([[0.0, 1.0, 1.0, 1.0]])
    found = realised.kolmogorov_of_cells(Intervals(cells, cells), np.array([0.5, 0.75]), 0.0)
    assert found.low[0] <= 0.25 <= found.high[0] < 0.25 + 1e-12
    open_cells = realised.kolmogorov_of_cells(Intervals(cells, cells + 1), np.array([0.5, 0.75]), 0.0)
    assert open_cells.low[0] <= 0.25
    assert open_cells.high[0] >= 0.5
    none = realised.kolmogorov_of_cells(Intervals(cells * 0, cells * 0), np.array([]), 0.0)
    assert none.low[0] == 0 <= none.high[0] < 1e-12
