"""Magnitude pruning removes exactly the k smallest weights, ties by lower index, and τ is the (k+1)-th smallest."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from statistics_helpers import caught, examples

from boundcheck.experiment.plan import draw_key, network_plan
from boundcheck.kernels import jit, layer_cpu, network_cpu, selection_bodies, steps, tables
from boundcheck.statement.laws import normal, rademacher, uniform
from boundcheck.statement.network import fcn
from boundcheck.statement.pruning import magnitude, prune
from boundcheck.testing import strategies


@jit.compiled_exact
def select(weights, removed, amount, magnitudes):
    return selection_bodies.remove_smallest_magnitudes(removed, weights, weights.shape[0], amount, magnitudes)


def compiled_mask(weights, amount):
    removed = np.empty(weights.size, np.uint8)
    select(weights.ravel(), removed, amount, np.empty(weights.size + 1))
    return removed.reshape(weights.shape)


def is_magnitude_mask(weights, mask, amount):
    """From the definition: k are removed, and each of them comes before each kept one in (|w|, index)."""
    magnitude, removed = np.abs(weights).ravel(), mask.ravel().astype(bool)
    ranked = sorted(zip(magnitude, range(magnitude.size), removed, strict=True))
    return [r for _, _, r in ranked] == [place < amount for place in range(magnitude.size)]


def sorted_tau(weights, amount):
    return np.sort(np.append(np.abs(weights).ravel(), np.inf))[amount]


def any_matrix(max_side=6):
    side = st.integers(1, max_side)
    return st.tuples(side, side).flatmap(strategies.weight_matrices)


@st.composite
def weights_and_amount(draw):
    weights = draw(any_matrix())
    return weights, draw(st.integers(0, weights.size))


@examples(200)
@given(weights_and_amount())
def test_the_smallest_weights_go(case):
    weights, amount = case
    mask = compiled_mask(weights, amount)
    assert is_magnitude_mask(weights, mask, amount)
    seen = network_cpu.network_given(
        [weights[None]], [mask[None]], [steps.linear(*weights.shape[::-1])], [0.0], np.zeros((1, weights.shape[1]))
    )
    assert seen.tau[0, 0] == sorted_tau(weights, amount)


MASK_FAULTS = {
    "one too many": lambda w, k: compiled_mask(w, min(k + 1, w.size)),
    "one too few": lambda w, k: compiled_mask(w, max(k - 1, 0)),
    "the largest": lambda w, k: 1 - compiled_mask(w, w.size - k),
    "signed order": lambda w, k: (np.argsort(np.argsort(w.ravel(), kind="stable")) < k).reshape(w.shape),
    "ties by higher index": lambda w, k: (
        compiled_mask(w.ravel()[::-1].copy().reshape(w.shape), k).ravel()[::-1].reshape(w.shape)
    ),
}


def test_faulty_masks_are_caught():
    for name, fault in MASK_FAULTS.items():

        def holds(case, fault=fault):
            weights, amount = case
            return is_magnitude_mask(weights, np.asarray(fault(weights, amount)), amount)

        assert caught(weights_and_amount(), holds), name


def test_a_tau_one_rank_off_is_caught():
    def holds(case):
        weights, amount = case
        mask = compiled_mask(weights, amount)
        seen = network_cpu.network_given(
            [weights[None]], [mask[None]], [steps.linear(*weights.shape[::-1])], [0.0], np.zeros((1, weights.shape[1]))
        )
        return seen.tau[0, 0] == sorted_tau(weights, max(amount - 1, 0))

    assert caught(weights_and_amount(), holds)


@examples(60)
@given(
    st.sampled_from([uniform(-2, 2), normal(0, "1/3"), rademacher(1)]),
    st.integers(1, 7),
    st.integers(1, 7),
    st.integers(0, 2**40),
    st.data(),
)
def test_trials_prune_by_the_same_rule(law, outputs, inputs, trial, data):
    """What trials draw: any law (all tied for rademacher), every amount from none to all."""
    amount = data.draw(st.integers(0, outputs * inputs))
    pruned = prune(fcn([inputs, outputs], weights=law), magnitude(count=amount))
    plan = network_plan(pruned, 1.0, key=draw_key(0, "masks", str(law)))
    drawn = layer_cpu.layer_draw(
        plan.key, trial, 0, outputs, inputs, plan.laws[0], plan.law_parameters[0], tables.MAGNITUDE, plan.removed[0]
    )
    assert is_magnitude_mask(drawn.weights, drawn.removed, amount)
    assert drawn.tau == sorted_tau(drawn.weights, amount)


@examples(60)
@given(st.integers(1, 7), st.integers(1, 7), st.integers(0, 2**40), st.data())
def test_random_masks_have_the_right_size(outputs, inputs, trial, data):
    amount = data.draw(st.integers(0, outputs * inputs))
    drawn = layer_cpu.layer_draw(3, trial, 0, outputs, inputs, tables.UNIFORM, (-1, 1, 0), tables.RANDOM, amount)
    assert drawn.removed.sum() == amount
    assert drawn.tau == sorted_tau(drawn.weights, amount)
