"""S5a: the norm on vectors without negative entries, against drawn matrices, and what it is planted for in vain.

Each use of `at_most` fails by chance with the probability that `statistics_helpers` states.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy
from statistics_helpers import at_most
from sympy import Integer, Rational

from boundcheck import average_pool, cnn, conv, dense, fcn, flatten, normal, rademacher, truncated_normal, uniform
from boundcheck.derivation.norms import whole_norm
from boundcheck.formula.numeric import evaluate
from boundcheck.inequalities.bounds.restricted import nonnegative_input, restricted_norm

TRIALS = 400
SHARE = Rational(1, 5)
LAWS = {"U": uniform(-2, 2), "N": normal(0, "1/2")}
SHAPES = [(1, 1), (1, 40), (40, 1), (12, 30), (30, 12), (40, 40)]


def drawn(law, m, n, trials=TRIALS):
    rng = np.random.default_rng([m, n, ord(law)])
    return rng.uniform(-2, 2, (trials, m, n)) if law == "U" else rng.normal(0, 0.5, (trials, m, n))


def relu(x):
    return np.maximum(x, 0.0)


def unit(x):
    return x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), 1e-300)


def climbed(weights, *, nonnegative, relu_after, steps=60):
    """A lower bound of sup ‖σ(Wx)‖ over unit x, by alternating ascent from the longest row and at random."""
    best = np.zeros(len(weights))
    rows = relu(weights) if nonnegative else weights
    longest = np.linalg.norm(rows, axis=2).argmax(axis=1)
    for start in range(6):
        x = np.random.default_rng(start).normal(size=(len(weights), weights.shape[2]))
        x = rows[np.arange(len(rows)), longest] if start == 0 else np.abs(x) if nonnegative else x
        x = unit(x)
        for _ in range(steps):
            z = np.einsum("tij,tj->ti", weights, x)
            y = relu(z) if relu_after else z
            best = np.maximum(best, np.linalg.norm(y, axis=1))
            back = np.einsum("tij,ti->tj", weights, y)
            back = relu(back) if nonnegative else back
            x = np.where(np.linalg.norm(back, axis=1, keepdims=True) > 0, unit(back), x)
    return best


def bound(law, m, n, *, nonnegative, activation="relu", share=SHARE):
    layer = dense(n, m, weights=LAWS[law], activation=activation)
    return evaluate(restricted_norm(layer, nonnegative, share))


CASES = [(True, "relu"), (False, "relu"), (True, "tanh")]


@pytest.mark.parametrize(("nonnegative", "activation"), CASES)
@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize(("m", "n"), SHAPES)
def test_no_vector_that_an_ascent_finds_is_made_longer(law, m, n, nonnegative, activation):
    seen = climbed(drawn(law, m, n), nonnegative=nonnegative, relu_after=activation == "relu")
    assert at_most(seen > bound(law, m, n, nonnegative=nonnegative, activation=activation), SHARE)


@pytest.mark.parametrize("law", LAWS)
def test_one_row_and_one_column_where_the_supremum_is_known(law):
    """Of one column it is the norm of the positive part; of one row as well, if the output passes ReLU."""
    for m, n in ((60, 1), (1, 60)):
        weights = drawn(law, m, n, 3000)
        seen = np.linalg.norm(relu(weights), axis=(1, 2))
        assert climbed(weights[:50], nonnegative=True, relu_after=True) == pytest.approx(seen[:50])
        assert at_most(seen > bound(law, m, n, nonnegative=True), SHARE)


def test_planted_widths_are_caught():
    """A quarter in place of a half, on both sides; and one side left out."""
    weights = drawn("N", 40, 40)
    seen = climbed(weights, nonnegative=True, relu_after=True)
    tail = 0.5 * math.sqrt(2 * math.log(5))
    assert at_most(seen > 0.5 * 2 * math.sqrt(20) + tail, SHARE)
    assert not at_most(seen > 0.5 * 2 * math.sqrt(10) + tail, SHARE)
    assert not at_most(seen > 0.5 * math.sqrt(20) + tail, SHARE)


@pytest.mark.parametrize(("nonnegative", "activation"), CASES)
def test_a_side_that_is_not_restricted_is_caught(nonnegative, activation):
    """Planted: the bound for nonnegative vectors, for all; that after ReLU, for tanh, which is the identity near 0."""
    weights = drawn("N", 100, 100, 200)
    truth = climbed(weights, nonnegative=nonnegative, relu_after=activation == "relu", steps=30)
    right = bound("N", 100, 100, nonnegative=nonnegative, activation=activation)
    assert at_most(truth > right, SHARE)
    whole = np.linalg.norm(weights, 2, axis=(1, 2))
    assert not at_most(whole > right, SHARE)


def test_differences_of_hidden_vectors_are_caught():
    """Planted: in place of ‖W‖ for what later layers do to errors. Near h ≥ 0 with Wh > 0, ReLU does nothing."""
    m, n, trials = 20, 240, 60
    weights = drawn("N", m, n, trials)
    wrong = bound("N", m, n, nonnegative=True)
    seen = []
    for w in weights:
        h, rest = scipy.optimize.nnls(w, np.ones(m))
        assert rest < 1e-6
        h = h + 1e-3  # inside the cone
        error = np.linalg.svd(w)[2][0] * 1e-7
        assert (h + error >= 0).all()
        assert (w @ h > 0).all()
        seen.append(np.linalg.norm(relu(w @ (h + error)) - relu(w @ h)) / 1e-7)
    assert not at_most(np.array(seen) > wrong, SHARE)
    hidden = climbed(weights, nonnegative=True, relu_after=True)
    assert at_most(hidden > wrong, SHARE)


def test_uniform_weights_are_below_normals_of_deviation_a_root_pi_over_8_in_convex_order():
    """E (w - t)₊ ≤ E (cZ - t)₊ for all t ≥ 0, with equality at 0: no smaller c will do."""
    c = math.sqrt(math.pi / 8)
    normal_law = scipy.stats.norm
    for t in np.linspace(0, 1, 201):
        uniform_part = (1 - t) ** 2 / 4
        normal_part = c * normal_law.pdf(t / c) - t * normal_law.sf(t / c)
        assert uniform_part <= normal_part + 1e-15
    assert c * normal_law.pdf(0) == pytest.approx(0.25)
    smaller = 0.99 * c
    assert smaller * normal_law.pdf(0) < 0.25


def test_it_is_below_norms_where_it_counts_and_none_where_it_does_not_apply():
    share = Rational(1, 700)
    for law, m, n in (("N", 256, 256), ("U", 256, 256), ("N", 1024, 64), ("N", 64, 1024)):
        layer = dense(n, m, weights=LAWS[law])
        found = evaluate(restricted_norm(layer, True, share))
        assert found < 0.91 * evaluate(whole_norm(layer, share).value)
        assert restricted_norm(layer, True, share) != restricted_norm(layer, False, share)
    g, c = 2 * math.sqrt(2 / math.pi), 2 * math.sqrt(math.pi / 8)
    assert bound("U", 30, 50, nonnegative=True) == pytest.approx(
        c * (math.sqrt(15) + 5) + g * math.sqrt(2 * math.log(5))
    )
    cut = dense(30, 20, weights=truncated_normal(1, 2))
    assert evaluate(restricted_norm(cut, True, SHARE)) < math.sqrt(10) + math.sqrt(15) + math.sqrt(2 * math.log(5))
    assert restricted_norm(dense(4, 4, weights=rademacher(1)), True, SHARE) is None
    assert restricted_norm(dense(4, 4, weights=LAWS["N"], activation="tanh"), False, SHARE) is None
    assert restricted_norm(conv(1, 2, 3, weights=LAWS["N"]).on((8, 8)), True, SHARE) is None


def test_which_layers_are_given_nonnegative_vectors():
    w = LAWS["N"]
    net = fcn([3, 4, 5, 6, 7], weights=w, activation=["relu", "tanh", "leaky_relu"])
    assert [nonnegative_input(net, i) for i in range(4)] == [False, True, False, False]
    image = cnn((1, 6, 6), [conv(1, 2, 3, weights=w), average_pool(2), "tanh", flatten(), dense(8, 4, weights=w)])
    assert nonnegative_input(image, 1)
    assert Integer(8) == image.layers[1].inputs
