"""S5b: how much longer drawn layers make vectors that do not depend on them, for every rule; planted constants show."""

from __future__ import annotations

import math
from functools import cache
from itertools import product

import numpy as np
import pytest
from statistics_helpers import at_most
from sympy import Integer, Rational

from boundcheck.derivation.gap import derive_gap
from boundcheck.derivation.proof.gap import event_of
from boundcheck.formula.numeric import evaluate
from boundcheck.inequalities.bounds.fixed_input import spread, stretch, stretch_of_removed
from boundcheck.statement.laws import normal, rademacher, uniform
from boundcheck.statement.layer import dense
from boundcheck.statement.network import fcn
from boundcheck.statement.pruning import filters, magnitude, prune, random, random_filters

TRIALS = 1500
SHARE = Rational(1, 5)
LAWS = {"U": uniform(-2, 2), "N": normal(0, "1/2"), "R": rademacher(3)}
SHAPES = [(12, 1), (1, 12), (25, 4), (20, 30)]  # outputs, inputs
RULES = {"magnitude": magnitude, "random": random, "filters": filters, "random_filters": random_filters}


@cache
def drawn(law, shape, rule, amount):
    """Weights and what is kept of them, drawn with NumPy: two arrays [trials, m, n]."""
    m, n = shape
    rng = np.random.default_rng([m, n, amount, ord(law), len(rule)])
    size = (TRIALS, m, n)
    weights = {
        "U": lambda: rng.uniform(-2, 2, size),
        "N": lambda: rng.normal(0, 0.5, size),
        "R": lambda: 3.0 * rng.choice([-1.0, 1.0], size),
    }[law]()
    by_filter = "filters" in rule
    scores = rng.random((TRIALS, m if by_filter else m * n))
    if rule == "magnitude":
        scores = np.abs(weights).reshape(TRIALS, -1)
    elif rule == "filters":
        scores = (weights**2).sum(axis=2)
    gone = np.zeros(scores.shape, dtype=bool)
    np.put_along_axis(gone, scores.argsort(axis=1)[:, :amount], True, axis=1)
    mask = np.broadcast_to(gone[:, :, None], size) if by_filter else gone.reshape(size)
    return weights, np.where(mask, 0.0, weights)


def vectors(n):
    """Unit vectors: one coordinate, all alike, at random."""
    rng = np.random.default_rng(n)
    found = np.stack([np.eye(n)[0], np.ones(n), rng.normal(size=n)])
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def relu(x):
    return np.maximum(x, 0.0)


def lengths(weights, kept, h, e, activation):
    """What a_i, b_i and ρ_i bound for ‖h‖ = ‖e‖ = 1, with signs of e as they come."""
    removed = weights - kept
    base = kept @ h
    passed_on = activation(base + kept @ e) - activation(base)
    made = activation(base) - activation(base + removed @ h)
    return [np.linalg.norm(x, axis=1) for x in (activation(weights @ h), passed_on, made)]


def derived(shape, rule, amount, law, activation):
    """a_i, b_i and ρ_i of the middle one of three layers, each at failure probability SHARE, S5b alone."""
    m, n = shape
    layers = [dense(5, n, weights=LAWS[law]), dense(n, m, weights=LAWS[law], activation=activation)]
    layers += [dense(m, 5, weights=LAWS[law])]
    rules = [random(count=1), RULES[rule](count=amount), random(count=1)]
    # 3 + 2 + 2 events
    derivation = derive_gap(prune(fcn(layers), rules), 7 * SHARE, Integer(1), Integer(1))
    assert {e.event for e in derivation.ledger.entries} >= {event_of(x, 1, Integer(1)) for x in ("a", "b", "rho")}
    assert {e.share for e in derivation.ledger.entries} == {SHARE}
    bounds = derivation.layers[1]
    values = []
    for choice in (bounds.norm, bounds.kept, bounds.residual):
        value = choice.candidates["S5b"].xreplace(dict(derivation.inner))
        values.append(evaluate(value))
    return values


def amounts(shape, rule):
    most = shape[0] if "filters" in rule else shape[0] * shape[1]
    return sorted({max(1, most // 3), max(1, most - 1)} - {most})


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_every_stretch_holds(rule, law, shape, activation):
    if rule == "magnitude" and law == "R":
        return  # refused
    functions = {"relu": relu, "tanh": np.tanh}
    for amount in amounts(shape, rule):
        bounds = derived(shape, rule, amount, law, activation)
        weights, kept = drawn(law, shape, rule, amount)
        coordinate, alike, other = vectors(shape[1])
        for h, e in ((coordinate, other), (alike, coordinate)):
            for length, bound in zip(lengths(weights, kept, h, -e, functions[activation]), bounds, strict=True):
                assert at_most(length > bound, SHARE), (amount, bound)


def test_without_relu_half_is_caught():
    """Planted: what holds after ReLU, claimed of a layer without it."""
    wide = np.random.default_rng(5).normal(0, 0.5, (300, 200, 30)) @ vectors(30)[1]
    layers = [dense(30, 200, weights=LAWS["N"], activation=name) for name in ("relu", "identity")]
    half, whole = (evaluate(stretch(layer, Integer(200), Integer(1), SHARE)) for layer in layers)
    assert at_most(np.linalg.norm(wide, axis=1) > whole, SHARE)
    assert at_most(np.linalg.norm(relu(wide), axis=1) > half, SHARE)
    assert not at_most(np.linalg.norm(wide, axis=1) > half, SHARE)


def test_dropped_counts_are_caught():
    """Planted: c = 0 in ρ, and the counts of a tenth of what is removed."""
    layer, shape = dense(30, 200, weights=LAWS["R"], activation="identity"), (300, 200, 30)
    rng = np.random.default_rng(3)
    gone = rng.random(shape).reshape(300, -1).argsort(axis=1).argsort(axis=1) < 3000
    removed = np.where(gone.reshape(shape), 3.0 * rng.choice([-1.0, 1.0], shape), 0.0)
    made = np.linalg.norm(removed @ vectors(30)[1], axis=1)
    right, wrong = (
        evaluate(stretch_of_removed(layer, layer.weights, Integer(k), Integer(1), SHARE)) for k in (3000, 300)
    )
    none = 3 * math.sqrt(evaluate(spread(Integer(0), Rational(161, 100))))
    assert right > wrong > none
    assert at_most(made > right, SHARE)
    assert not at_most(made > wrong, SHARE)
    assert not at_most(made > none, SHARE)


def test_vectors_that_depend_on_the_weights_are_caught():
    """Planted: the top singular vector in place of a fixed one."""
    weights, _ = drawn("U", (20, 30), "random", 10)
    layer = dense(30, 20, weights=LAWS["U"], activation="identity")
    bound = evaluate(stretch(layer, Integer(20), Integer(1), SHARE))
    assert at_most(np.linalg.norm(weights @ vectors(30)[2], axis=1) > bound, SHARE)
    assert not at_most(np.linalg.norm(weights[:300], 2, axis=(1, 2)) > bound, SHARE)


@pytest.mark.parametrize(("m", "n"), [(1, 3), (3, 2), (2, 4), (4, 3)])
def test_all_matrices_of_signs(m, n):
    """Exact tails: every sign matrix, some vectors, with and without ReLU, also of differences."""
    signs = np.array(list(product((-1.0, 1.0), repeat=m * n))).reshape(-1, m, n)
    for h, e in product(vectors(n), repeat=2):
        z, d = signs @ h, signs @ e
        for halved, squares in (
            (False, (z**2).sum(axis=1)),
            (True, (relu(z) ** 2).sum(axis=1)),
            (True, ((relu(z + d) - relu(z)) ** 2).sum(axis=1)),
        ):
            for t in (0.1, 0.7, 2.0, 4.0):
                bound = evaluate(spread(Integer(m), Rational(str(t)), halved=halved))
                assert np.mean(squares > bound * (1 + 1e-12)) <= math.exp(-t)
