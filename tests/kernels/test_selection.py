"""Pruning masks: exactly the smallest weights, and uniformly random subsets."""

import itertools
import math

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundcheck.kernels import jit, layer_cpu, network_bodies, selection_bodies, tables


def given_mask(weights, amount):
    """Mask of the compiled selection on given weights."""
    weights = np.array(weights, dtype=np.float64)
    removed = np.empty(weights.size, np.uint8)
    select(weights, removed, amount, np.empty(weights.size + 1))
    return removed.tolist()


@jit.compiled_exact
def select(weights, removed, amount, magnitudes):
    return selection_bodies.remove_smallest_magnitudes(removed, weights, weights.shape[0], amount, magnitudes)


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


def large_layers():
    """Layers of more than a sample, most of them such that a regular sample misleads."""
    rng = np.random.default_rng(4)
    count = 5_000
    apart = count // int(count ** (2 / 3))
    yield rng.uniform(-1, 1, count)
    yield rng.normal(size=count)
    yield np.where(np.arange(count) % apart == 0, 1e-3 * rng.random(count), rng.uniform(1, 2, count))  # sample: small
    yield np.where(np.arange(count) % apart == 0, 9.0, rng.uniform(-2, 2, count))  # sample: large
    yield rng.choice([-1.0, 1.0], count)
    yield rng.choice([0.0, -0.0, 1e-310, 1.0], count)
    yield np.sort(rng.normal(size=count))
    yield np.zeros(count)
    yield rng.integers(0, 40, count) * 1.0
    yield np.append(rng.normal(size=count - 1), math.inf)
    yield rng.uniform(-1, 1, 60_001)
    values = np.sort(rng.uniform(0, 1, count))
    yield values[np.argsort(np.arange(count) % 11, kind="stable").argsort(kind="stable")]  # the second sample: small


@pytest.mark.parametrize("precision", tables.NUMBERS)
@pytest.mark.parametrize("weights", list(large_layers()))
@pytest.mark.parametrize("amount", [0, 1, 70, 1250, 2500, 4990, 4999, 5000])
def test_large_layers_lose_their_smallest_weights(weights, amount, precision):
    weights = weights.astype(tables.NUMBERS[precision])
    removed = np.empty(weights.size, np.uint8)
    tau = select(weights, removed, amount, np.empty(weights.size + 1, weights.dtype))
    order = np.argsort(np.abs(weights), kind="stable")
    assert (np.flatnonzero(removed) == np.sort(order[:amount])).all()
    assert tau == (abs(weights[order[amount]]) if amount < weights.size else math.inf)


@jit.compiled_exact
def window(candidates, values, rank):
    return selection_bodies.gather_window(candidates, values, values.shape[0], rank)


def test_a_window_that_a_sample_misplaced_is_not_used():
    count = 5_000
    apart = count // int(count ** (2 / 3))
    straight = np.random.default_rng(5).uniform(1, 2, count)
    found = np.empty(count + 1)
    below, inside = window(found, straight, 2_500)
    low, high = found[:inside].min(), found[:inside].max()
    assert below == np.count_nonzero(straight < low) <= 2_500 < below + inside < count
    assert np.array_equal(found[:inside], straight[(low <= straight) & (straight <= high)])
    misleading = np.where(np.arange(count) % apart == 0, straight / 10, straight)
    assert window(found, misleading, 2_500)[1] == 0


@jit.compiled_exact
def order_statistic(weights, rank, magnitudes):
    return selection_bodies.magnitude_of_rank(weights, weights.shape[0], rank, magnitudes)


@pytest.mark.parametrize("count", [3, 600])
def test_order_statistics_place_what_is_not_a_number_last(count):
    weights = np.random.default_rng(1).normal(size=count)
    weights[[0, count // 2]] = math.nan
    magnitudes = np.empty(count + 1)
    ranked = np.sort(np.abs(weights))
    for rank in {0, (count - 3) // 2, count - 3}:
        value, smaller = order_statistic(weights, rank, magnitudes)
        assert value == ranked[rank]
        assert smaller == rank
    assert math.isnan(order_statistic(weights, count - 1, magnitudes)[0])
    assert order_statistic(weights, count, magnitudes)[0] == math.inf


@jit.compiled_exact
def taken_out(weights, rest, where, removed):
    return network_bodies.take_out(weights, rest, where, removed)


@pytest.mark.parametrize("count", [1, 63, 64, 65, 700])
@pytest.mark.parametrize("share", [0.0, 0.01, 1 / 16, 0.2, 1.0])
def test_what_is_removed_and_what_is_kept_make_up_the_layer(count, share):
    rng = np.random.default_rng(2)
    weights = rng.normal(size=count)
    removed = np.zeros(count, np.uint8)
    removed[rng.choice(count, int(share * count), replace=False)] = 1
    kept, rest, where = weights.copy(), np.full(count, 7.0), np.empty(count + 1, np.int32)
    few = taken_out(kept, rest, where, removed)
    assert (few >= 0) == (removed.sum() * network_bodies.SPARSE_BELOW <= count)
    if few >= 0:
        assert where[:few].tolist() == np.flatnonzero(removed).tolist()
        rest = np.bincount(where[:few], weights=rest[:few], minlength=count)
    assert (rest == np.where(removed, weights, 0)).all()
    assert (kept == np.where(removed, 0, weights)).all()
