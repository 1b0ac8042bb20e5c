"""Trials of fully-connected networks: gap and masks against the oracle, and independence of how trials are split."""

import math

import naive
import numpy as np
import pytest
from scipy import stats

from boundcheck.kernels import launch, layer_cpu, network_cpu, steps, tables

WIDTHS = [3, 9, 11, 2]
LAWS = [tables.UNIFORM, tables.NORMAL, tables.TWO_POINT]
PARAMETERS = [[-1.0, 1.0, 0.0], [0.1, 0.5, 0.0], [-0.5, 0.7, 0.25]]
RULES = [tables.MAGNITUDE, tables.RANDOM, tables.MAGNITUDE]
AMOUNTS = [5, 20, 3]
UNIFORM = (tables.UNIFORM, (-1.0, 1.0, 0.0))
SLOPE = 0.1
INPUTS = np.array([[0.3, -0.2, 0.9], [1.0, 0.0, 0.0], [-0.5, 0.5, 0.5], [0.0, 0.0, 0.0]])


def trials(first, count, key=7, activations=(tables.RELU, tables.TANH), **changed):
    table = steps.fully_connected(WIDTHS, activations)
    options = {
        "steps": table,
        "slopes": [SLOPE] * len(table),
        "laws": LAWS,
        "law_parameters": PARAMETERS,
        "rules": RULES,
        "removed_counts": AMOUNTS,
        "inputs": INPUTS,
    }
    return network_cpu.network_trials(key, first, count, **(options | changed))


def drawn_layers(trial, key=7):
    return [
        layer_cpu.layer_draw(key, trial, i, WIDTHS[i + 1], WIDTHS[i], LAWS[i], PARAMETERS[i], RULES[i], AMOUNTS[i])
        for i in range(3)
    ]


def given(weights, removed, activations, inputs):
    """`network_given` of dense layers."""
    table = steps.fully_connected([np.shape(weights[0])[2], *(np.shape(w)[1] for w in weights)], activations)
    return network_cpu.network_given(weights, removed, table, [SLOPE] * len(table), inputs)


def assert_same(a, b):
    for name, x, y in zip(a._fields, a, b, strict=True):
        assert np.array_equal(x, y), name


@pytest.mark.parametrize("first", [tables.IDENTITY, tables.RELU, tables.LEAKY_RELU, tables.TANH])
def test_gap_and_tau_match_the_oracle(first):
    activations = (first, tables.LEAKY_RELU)
    measured = trials(5, 4, activations=activations)
    for i in range(4):
        layers = drawn_layers(5 + i)
        gap, worst = naive.gap(
            [layer.weights for layer in layers],
            [layer.removed for layer in layers],
            activations,
            [SLOPE, SLOPE],
            INPUTS,
        )
        assert measured.gap[i] == pytest.approx(gap, rel=1e-13)
        assert measured.worst_input[i] == worst
        assert measured.tau[i].tolist() == [layer.tau for layer in layers]


def test_norms_are_those_of_the_parts():
    measured = trials(0, 2)
    for i in range(2):
        for j, layer in enumerate(drawn_layers(i)):
            parts = [layer.weights, layer.weights * (1 - layer.removed), layer.weights * layer.removed]
            for part, matrix in enumerate(parts):
                exact = np.linalg.norm(matrix, 2)
                assert measured.norm_low[i, j, part] <= exact * (1 + 1e-12)
                assert exact <= measured.norm_high[i, j, part] <= exact * (1 + 1e-6)
            frobenius = np.linalg.norm(layer.weights)
            assert frobenius <= measured.absolute[i, j] * (1 + 1e-14) <= frobenius * (1 + 1e-12)


def test_splitting_trials_changes_no_bit():
    whole = trials(2**33 - 3, 7)
    parts = [trials(2**33 - 3, 3), trials(2**33, 4)]
    assert_same(whole, network_cpu.NetworkTrials(*(np.concatenate(pair) for pair in zip(*parts, strict=True))))


def test_threads_change_no_bit():
    try:
        launch.set_thread_count(1)
        alone = trials(0, 7)
        launch.set_thread_count(2)
        together = trials(0, 7)
    finally:
        launch.set_thread_count(None)
    assert_same(alone, together)


def test_given_weights_reproduce_drawn_ones():
    drawn = [drawn_layers(trial) for trial in range(5)]
    weights = [np.stack([layers[i].weights for layers in drawn]) for i in range(3)]
    removed = [np.stack([layers[i].removed for layers in drawn]) for i in range(3)]
    activations = (tables.RELU, tables.TANH)
    assert_same(given(weights, removed, activations, INPUTS), trials(0, 5, activations=activations))


def test_no_pruning_has_no_gap():
    measured = trials(0, 3, removed_counts=[0, 0, 0])
    assert not measured.gap.any()
    assert not measured.norm_high[:, :, tables.REMOVED].any()
    assert np.array_equal(measured.norm_high[:, :, tables.TARGET], measured.norm_high[:, :, tables.KEPT])
    keep_all = trials(0, 3, rules=[tables.KEEP_ALL] * 3, removed_counts=[4, 4, 4])
    assert_same(measured, keep_all)


def test_masks_of_independent_bits_match_the_oracle():
    half, most = 2**31, 2**32 - 1
    for amount in (0, 2**28, half, most):
        drawn = layer_cpu.layer_draw(7, 3, 1, 11, 9, *UNIFORM, tables.BERNOULLI, amount)
        expected = naive.mask(drawn.weights.ravel().tolist(), naive.BERNOULLI, amount, 7, 1, 3)
        assert drawn.removed.ravel().tolist() == expected
        assert drawn.tau == naive.tau(drawn.weights.ravel().tolist(), sum(expected))
    assert layer_cpu.layer_draw(7, 3, 1, 11, 9, *UNIFORM, tables.BERNOULLI, 2**32).removed.all()


def test_how_many_bits_are_set_is_binomial():
    """Chi-squared at level 1e-6, the seed fixed: with probability 1e-6 a sound generator would have failed."""
    counts = [
        layer_cpu.layer_draw(5, trial, 0, 4, 5, *UNIFORM, tables.BERNOULLI, 3 * 2**29).removed.sum()
        for trial in range(4000)
    ]
    chances = stats.binom.pmf(np.arange(21), 20, 3 / 8)
    bins = [(0, 4), *((k, k + 1) for k in range(4, 12)), (12, 21)]
    expected = [4000 * chances[low:high].sum() for low, high in bins]
    seen = [sum(low <= c < high for c in counts) for low, high in bins]
    assert stats.chisquare(seen, expected).pvalue > 1e-6


def test_pruning_everything_leaves_nothing():
    measured = trials(0, 3, removed_counts=[27, 99, 22])
    assert not measured.norm_high[:, :, tables.KEPT].any()
    assert np.array_equal(measured.norm_high[:, :, tables.TARGET], measured.norm_high[:, :, tables.REMOVED])
    assert np.isinf(measured.tau).all()
    layers = [[layer.weights for layer in drawn_layers(trial)] for trial in range(3)]
    activations = (tables.RELU, tables.TANH)
    for i in range(3):
        norms = [math.hypot(*naive.forward(layers[i], activations, [SLOPE, SLOPE], x)) for x in INPUTS]
        assert measured.gap[i] == pytest.approx(max(norms), rel=1e-13)


def test_one_layer_and_extreme_gaps():
    weights = np.array([[[3.0, 4.0]], [[1e200, 1e200]], [[1e-200, 1e-200]]])
    seen = given([weights], [np.ones_like(weights)], [], [[1.0, 0.0], [0.0, 2.0]])
    assert seen.gap.tolist() == pytest.approx([8.0, 2e200, 2e-200], rel=1e-15)
    assert seen.worst_input.tolist() == [1, 1, 1]


def test_a_gap_that_overflows_is_never_small():
    big = np.full((1, 2, 2), 1e308)
    removed = np.zeros((1, 2, 2))
    removed[0, 0, 0] = 1
    seen = given([big, big], [removed, removed], [tables.IDENTITY], [[1.0, 1.0]])
    assert not seen.gap[0] <= 1e308
    assert seen.norm_high[0, 0, tables.TARGET] == math.inf


def test_no_trials():
    assert trials(0, 0).gap.shape == (0,)
