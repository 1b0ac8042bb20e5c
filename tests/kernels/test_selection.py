"""Pruning masks: exactly the smallest weights, and uniformly random subsets."""

import itertools
import math

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundcheck.kernels import jit, layer_cpu, selection_bodies, tables


def given_mask(weights, amount):
    """Mask of the compiled selection on given weights."""
    weights = np.array(weights, dtype=np.float64)
    count = weights.size
    keys, candidates = np.empty(count, np.uint64), np.empty(count, np.uint64)
    removed = np.empty(count, np.uint8)
    select(weights, removed, amount, keys, candidates, np.empty(selection_bodies.DIGITS, np.int64))
    return removed.tolist()


@jit.compiled_exact
def select(weights, removed, amount, keys, candidates, counts):
    selection_bodies.magnitude_keys(keys, weights, weights.shape[0])
    selection_bodies.remove_smallest(removed, keys, weights.shape[0], amount, candidates, counts)


finite = st.floats(allow_nan=False)
few_values = st.sampled_from([0.0, -0.0, 1.0, -1.0, 1.0 + 2**-52, 5e-324, -2.0, math.inf])


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.one_of(st.lists(finite, min_size=1, max_size=60), st.lists(few_values, min_size=1, max_size=60)),
    st.data(),
)
def test_magnitude_removes_the_smallest(weights, data):
    amount = data.draw(st.integers(0, len(weights)))
    expected = naive.remove_smallest([abs(w) for w in weights], amount)
    assert given_mask(weights, amount) == expected
    if amount < len(weights):  # the comparison sees an amount that is off by one
        assert naive.remove_smallest([abs(w) for w in weights], amount + 1) != expected


@pytest.mark.parametrize("rule", [tables.KEEP_ALL, tables.MAGNITUDE, tables.RANDOM])
@pytest.mark.parametrize("law", [(tables.UNIFORM, (-1, 1, 0)), (tables.TWO_POINT, (-1, 1, 0.5))])
@pytest.mark.parametrize("amount", [0, 1, 17, 34, 35])
def test_layer_masks_match_the_oracle(rule, law, amount):
    code, parameters = law
    drawn = layer_cpu.layer_draw(3, 8, 1, 5, 7, code, parameters, rule, amount)
    flat = drawn.weights.ravel().tolist()
    assert drawn.removed.ravel().tolist() == naive.mask(flat, rule, amount, 3, 1, 8)
    assert drawn.tau == naive.tau(flat, 0 if rule == tables.KEEP_ALL else amount)


def test_large_layer():
    drawn = layer_cpu.layer_draw(3, 8, 1, 300, 217, tables.NORMAL, (0, 1, 0), tables.MAGNITUDE, 12_345)
    order = np.argsort(np.abs(drawn.weights.ravel()), kind="stable")
    assert np.array_equal(np.sort(order[:12_345]), np.flatnonzero(drawn.removed))
    assert drawn.tau == np.abs(drawn.weights.ravel()[order[12_345]])


def test_random_masks_are_uniform_and_independent_of_the_weights():
    """Chi-square over the 20 subsets of 3 out of 6, in 4 000 trials, for two laws of the weights.

    P(chi-square(19) > 66.0) < 5e-7, and the masks of both laws are the same ones: false alarm below 1e-6.
    """
    subsets = {s: i for i, s in enumerate(itertools.combinations(range(6), 3))}
    counts = np.zeros(20)
    for trial in range(4000):
        removed = layer_cpu.layer_draw(1, trial, 0, 2, 3, tables.UNIFORM, (-1, 1, 0), tables.RANDOM, 3).removed
        other = layer_cpu.layer_draw(1, trial, 0, 2, 3, tables.NORMAL, (5, 1, 0), tables.RANDOM, 3).removed
        assert np.array_equal(removed, other)
        counts[subsets[tuple(np.flatnonzero(removed))]] += 1
    assert np.sum((counts - 200) ** 2 / 200) < 66.0
