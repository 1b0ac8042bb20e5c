"""Ticks and ends of axes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundcheck.report.figures import scales

POSITIVE = st.floats(1e-300, 1e300)


@given(POSITIVE, st.floats(1.1, 1e200))
def test_ticks_lie_inside_and_are_neither_few_nor_many(low, factor):
    high = min(low * factor, 1e308)
    found = scales.ticks(low, high)
    assert 2 <= len(found) <= 12
    assert all(low * (1 - 0.06) <= value <= high * (1 + 0.06) for value in found)
    assert len({scales.tick(value) for value in found}) == len(found)


@given(st.lists(st.floats(-1e300, 1e300), max_size=5))
def test_ends_enclose_what_is_drawn(values):
    low, high = scales.ends(values, {"log": False})
    assert low < high
    assert all(low <= value <= high for value in values)


@given(st.lists(POSITIVE, max_size=5))
def test_ends_of_a_logarithmic_axis_do_too(values):
    low, high = scales.ends(values, {"log": True})
    assert 0 < low < high
    assert all(low <= value <= high for value in values)


@pytest.mark.parametrize(
    ("value", "expected"), [(0.0, (0.1, False)), (0.1, (0.1, True)), (5.0, (5.0, True)), (1e9, (10.0, False))]
)
def test_what_an_axis_cannot_show_is_drawn_at_its_end(value, expected):
    assert scales.shown(value, {"log": True, "floor": 0.1, "ceiling": 10.0}) == expected


def test_thinned_ticks_keep_the_first_and_their_distance():
    assert scales.thinned([1, 2, 3, 100], log=False, most=4) == [1, 100]
    assert scales.thinned([8, 16, 32, 64], log=True) == [8, 16, 32, 64]
    assert scales.thinned([5], log=True) == [5]
