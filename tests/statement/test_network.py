"""Networks and pruning rules: what they say, and every bad input with its message."""

from __future__ import annotations

import math
import pickle
from dataclasses import replace

import mpmath
import pytest
from sympy import I, Max, Rational, Symbol, floor, oo, sqrt

from boundcheck import (
    bernoulli,
    cnn,
    conv,
    dense,
    fcn,
    flatten,
    gap,
    integer,
    leaky_relu,
    magnitude,
    normal,
    prune,
    rademacher,
    random,
    real,
    scaled,
    two_point,
    uniform,
)
from boundcheck.errors import InvalidArgument
from boundcheck.experiment.plan import network_plan
from boundcheck.statement.layer import named_activation

W = uniform(-1, 1)


def test_a_network_of_widths():
    net = fcn([3, 5, 2], weights=[uniform(-1, 1), normal(0, 2)], activation="tanh")
    first, last = net.layers
    assert (first.inputs, first.outputs, first.size, first.weights) == (3, 5, 15, uniform(-1, 1))
    assert (last.inputs, last.outputs, last.size, last.weights) == (5, 2, 10, normal(0, 2))
    assert ([step.name for step in first.after], last.after) == (["tanh"], ())
    assert (first.taps, first.frequencies, first.complex_factor) == (1, 1, 1)
    assert net.depth == 2
    assert str(net) == "fcn(3-5-2, uniform(-1, 1); normal(0, 2), tanh)"
    assert fcn([first, last]) == net
    assert pickle.loads(pickle.dumps(net)) == net


def test_scaled_weights():
    d = integer("d", min=1)
    net = fcn([16, 64, 9], weights=scaled(uniform(-3, 3)))
    assert [layer.weights for layer in net.layers] == [uniform(Rational(-3, 8), Rational(3, 8))] * 2
    assert fcn([d, d], weights=scaled(normal(0, 1))).layers[0].weights == normal(0, 1 / sqrt(d))
    mixed = fcn([d, 4], weights=scaled(W)).layers[0].weights
    assert mixed == uniform(-1 / sqrt(Max(4, d)), 1 / sqrt(Max(4, d)))
    assert mixed.at({d: Rational(100)}) == uniform(Rational(-1, 10), Rational(1, 10))


@pytest.mark.parametrize(
    ("activation", "lipschitz"),
    [
        *[(name, 1) for name in ("relu", "tanh", "identity", "leaky_relu", "leaky_relu:0.2")],
        *[("leaky_relu:-3", 3), (leaky_relu(2), 2), (leaky_relu(-0.5), 1), (leaky_relu("1/7"), 1)],
    ],
    ids=str,
)
def test_lipschitz_constants(activation, lipschitz):
    assert named_activation(activation).lipschitz == lipschitz
    # Once for every layer but the last, which has none.
    assert fcn([2, 2, 2, 2], weights=W, activation=activation).lipschitz == lipschitz**2
    layers = [dense(2, 2, weights=W, activation=activation) for _ in range(3)]
    assert fcn(layers).lipschitz == lipschitz**2


def test_numbers_put_in_for_parameters():
    d = integer("d", min=1)
    net = fcn([d, 2 * d, d**2], weights=scaled(W))
    assert net.parameters == {d}
    assert net.at({d: Rational(4)}) == fcn([4, 8, 16], weights=scaled(W))
    with pytest.raises(InvalidArgument, match=r"outputs=3/2 is not a width"):
        fcn([d, d / 2], weights=W).at({d: Rational(3)})


NOT_WIDTHS = [0, -3, 2.5, "1/2", float("inf"), -oo]
NOT_NUMBERS = [None, float("nan"), "wide", True, I, [3]]


@pytest.mark.parametrize("width", NOT_WIDTHS, ids=repr)
def test_widths_that_are_none(width):
    match = r"is not a width; pass a positive integer or an integer parameter$"
    for name, build in (
        ("widths", lambda: fcn([4, width], weights=W)),
        ("inputs", lambda: dense(width, 4, weights=W)),
        ("outputs", lambda: dense(4, width, weights=W)),
    ):
        with pytest.raises(InvalidArgument, match=f"^{name}=.* {match}"):
            build()


@pytest.mark.parametrize("width", NOT_NUMBERS, ids=repr)
def test_widths_that_are_no_numbers(width):
    with pytest.raises(InvalidArgument, match=r"^widths=.* is not a number or an expression; pass a number"):
        fcn([4, width, 4], weights=W)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: fcn([4], weights=W), r"widths=\[4\] names no layer; pass at least an input and an output width"),
        (lambda: fcn([], weights=W), r"widths=\[\] names no layer"),
        (lambda: fcn(4, weights=W), r"widths=4 is not a sequence; pass a sequence such as"),
        (lambda: fcn([4, 4]), r"weights=None is missing; pass a law"),
        (lambda: fcn([4, 4], weights=3), r"weights=3 is not a sequence; pass a law"),
        (lambda: fcn([4, 4], weights="uniform"), r"weights='uniform' names 7 laws; pass one, or 1"),
        (lambda: fcn([4, 4, 4], weights=[W]), r"weights=\[.*\] names 1 laws; pass one, or 2"),
        (lambda: fcn([4, 4], weights=[3]), r"weights=3 is not a law; pass uniform\(-a, a\)"),
        (lambda: fcn([4, 4], weights=lambda m, n: "law"), r"weights='law' is not a law"),
        (lambda: fcn([4, 4, 4], weights=W, activation="swish"), r"activation='swish' is not known; pass relu"),
        (lambda: fcn([4, 4, 4], weights=W, activation="relu:2"), r"activation='relu:2' is not known"),
        (
            lambda: fcn([4, 4, 4], weights=W, activation=["relu"] * 2),
            r"activation=.* names 2 activations; pass one, or 1",
        ),
        (lambda: fcn([4, 4, 4], weights=W, activation=7), r"activation=7 is not a sequence; pass a name"),
        (lambda: fcn([4, 4, 4], weights=W, activation=None), r"activation=None is not a sequence"),
        (lambda: leaky_relu("steep"), r"slope='steep' is not a number"),
        (lambda: leaky_relu(float("inf")), r"slope=oo is not a finite number; pass a number such as 0.01"),
        (lambda: leaky_relu(Symbol("s")), r"slope=s is not a finite number"),
        (lambda: scaled(3), r"law=3 is not a law; pass uniform\(-1, 1\)"),
        (lambda: dense(4, 4, weights=None), r"weights=None is not a law"),
        (
            lambda: fcn([dense(4, 5, weights=W), dense(4, 4, weights=W)]),
            r"widths=4 does not take the 5 outputs before it",
        ),
        (lambda: fcn([dense(4, 4, weights=W)], weights=W), r"weights=.* stands beside layers that have their own"),
        (lambda: fcn([dense(4, 4, weights=W), 3], weights=W), r"widths=.* is not a number"),
    ],
)
def test_impossible_networks_are_refused(build, message):
    with pytest.raises(InvalidArgument, match="^" + message) as caught:
        build()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", [magnitude, random])
def test_amounts(kind):
    net = fcn([10, 20, 30], weights=W)
    assert [prune(net, kind(count=7)).removed(i) for i in (0, 1)] == [7, 7]
    assert prune(net, kind(keep_out=7)) == prune(net, kind(count=7))
    assert [prune(net, kind(fraction=0.0049)).removed(i) for i in (0, 1)] == [0, 2]
    assert [prune(net, kind(fraction=1)).removed(i) for i in (0, 1)] == [200, 600]
    assert [prune(net, kind(alpha="1/2")).removed(i) for i in (0, 1)] == [math.isqrt(200), math.isqrt(600)]
    assert prune(fcn([10**3] * 2, weights=W), kind(alpha="1/3")).removed(0) == 10**4
    mixed = prune(net, [None, kind(count=3)])
    assert (mixed.removed(0), mixed.removed(1)) == (0, 3)
    assert str(mixed).endswith(f"[None, {kind.__name__}(count=3)])")


def test_masks_of_independent_bits():
    net, p = fcn([10, 20, 30], weights=W), real("p", min=0, max=1)
    pruned = prune(net, [bernoulli("1/16"), bernoulli(p)])
    assert str(pruned).endswith("[bernoulli(1/16), bernoulli(p)])")
    assert [pruned.removed(i) for i in (0, 1)] == [Rational(25, 2), 600 * p]
    assert pruned.at({p: Rational(1, 4)}) == prune(net, [bernoulli("1/16"), bernoulli("1/4")])
    assert pruned.rules[0].independent
    assert not pruned.rules[0].structured
    assert prune(net, bernoulli(1)).removed(1) == 600
    half = replace(pruned.rules[0], unit="count", amount=Rational(100))  # an expected number, as good as a probability
    assert network_plan(prune(net, [half, None]), 1.0, key=0).removed[0] == 2**31
    for law in (rademacher(1), two_point(0, 2, "1/2"), W):
        with pytest.raises(InvalidArgument, match=r"^rule='.*' is no law of a mask, which is 0 or 1; pass bernoulli"):
            prune(net, law)


def test_biases():
    v = real("v", min=0, exclude_min=True)
    net = fcn([3, 5, 2], weights=W, biases=[normal(0, v), None])
    first, last = net.layers
    assert (first.bias, last.bias, net.has_biases) == (normal(0, v), None, True)
    assert net.parameters == {v}
    assert str(net) == "fcn(3-5-2, uniform(-1, 1), biases normal(0, v); None, relu)"
    at_two = fcn([3, 5, 2], weights=W, biases=[normal(0, 2), None])
    assert net.at({v: Rational(2)}) == at_two != fcn([3, 5, 2], weights=W)
    assert pickle.loads(pickle.dumps(at_two)) == at_two
    assert first.bias_vector.size == 5
    assert first.linear.bias is None
    assert fcn([4, 16], weights=W, biases=scaled(W)).layers[0].bias == uniform("-1/4", "1/4")
    assert fcn([dense(3, 5, weights=W, bias=W), dense(5, 2, weights=W)]).has_biases
    grid = cnn((1, 4, 4), [conv(1, 2, 3, weights=W, bias=scaled(W)), flatten(), dense(8, 2, weights=W)])
    assert (grid.layers[0].bias, grid.layers[0].cells) == (scaled(W)(2, 1, 9), 4)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: fcn([3, 2], weights=W, biases=[W, W]), r"biases=.* names 2 laws; pass one, or 1"),
        (lambda: fcn([3, 2], weights=W, biases=1), r"biases=1 is not a sequence; pass a law such as normal"),
        (lambda: fcn([3, 2], weights=W, biases=["1"]), r"bias='1' is not a law"),
        (lambda: fcn([dense(3, 2, weights=W)], biases=W), r"biases=.* stands beside layers that have their own"),
        (lambda: conv(1, 2, 3, weights=W, bias=True), r"bias=True is not a law"),
    ],
)
def test_impossible_biases_are_refused(build, message):
    with pytest.raises(InvalidArgument, match="^" + message):
        build()


def test_symbolic_amounts():
    d, alpha = integer("d", min=2), real("alpha", min=0, max=1)
    net = fcn([d, d], weights=W)
    pruned = prune(net, magnitude(alpha=alpha))
    assert pruned.parameters == {d, alpha}
    assert pruned.removed(0) == floor((d**2) ** (1 - alpha))
    assert pruned.at({d: Rational(1000), alpha: Rational(2, 3)}).removed(0) == 100
    for a in (0, 1):
        with pytest.raises(InvalidArgument, match=r"alpha=[01] is out of range"):
            pruned.at({d: Rational(10), alpha: Rational(a)})
    k = integer("k", min=0)
    with pytest.raises(InvalidArgument, match=r"^count=101 is more than the 100 weights of layer 1; remove at most"):
        prune(net, random(count=k)).at({d: Rational(10), k: Rational(101)})
    assert prune(net, random(count=k)).at({d: Rational(10), k: Rational(100)}).removed(0) == 100


NET = fcn([4, 4, 2], weights=W)


@pytest.mark.parametrize("kind", [magnitude, random])
@pytest.mark.parametrize(
    ("amount", "message"),
    [
        ({}, r"amount=\[\] does not say how much (magnitude|random) removes; pass one of"),
        ({"count": 1, "alpha": 0.5}, r"amount=\['alpha', 'count'\] does not say"),
        ({"count": 1, "keep_out": 1}, r"amount=.* does not say"),
        ({"count": -1}, r"count=-1 is not a number of weights; pass an integer of at least 0"),
        ({"count": 2.5}, r"count=5/2 is not a number of weights"),
        ({"count": oo}, r"count=oo is not a number of weights"),
        ({"count": "many"}, r"count='many' is not a number"),
        ({"fraction": 1.01}, r"fraction=101/100 is not a fraction of the weights; pass a number from 0 to 1"),
        ({"fraction": -0.1}, r"fraction=-1/10 is not a fraction"),
        ({"fraction": float("nan")}, r"fraction=nan is not a number"),
        ({"alpha": 0}, r"alpha=0 is out of range; pass alpha with 0 < alpha < 1"),
        ({"alpha": 1}, r"alpha=1 is out of range"),
        ({"alpha": -oo}, r"alpha=-oo is out of range"),
        ({"alpha": I}, r"alpha=I is not a number"),
    ],
)
def test_impossible_amounts_are_refused(kind, amount, message):
    with pytest.raises(InvalidArgument, match="^" + message):
        kind(**amount)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (
            lambda: prune(NET, random(count=9)),
            r"count=9 is more than the 8 weights of layer 2; remove at most that many",
        ),
        (lambda: prune(NET, random(count=17)), r"count=17 is more than the 16 weights of layer 1"),
        (lambda: prune(NET, [magnitude(count=3)]), r"rule=.* is not one rule for all layers or one a layer; pass"),
        (lambda: prune(NET, [magnitude(count=3)] * 3), r"rule=.* is not one rule for all layers"),
        (lambda: prune(NET, "magnitude"), r"rule='magnitude' is not one rule"),
        (lambda: prune(NET, None), r"rule=None is not one rule"),
        (lambda: prune(NET, 3), r"rule=3 is not one rule"),
        (lambda: prune(NET, [3, None]), r"rule=\[3, None\] is not one rule"),
        (lambda: prune("net", magnitude(count=3)), r"target='net' is not a network; make one with fcn"),
        (lambda: gap(NET, NET), r"pruned=.* is not a pruned network; make it with prune"),
        (lambda: gap(fcn([4, 2], weights=W), prune(NET, random(count=1))), r"pruned=.* is not pruned from fcn\(4-2,"),
    ],
)
def test_impossible_prunings_are_refused(build, message):
    with pytest.raises(InvalidArgument, match="^" + message):
        build()


@pytest.mark.parametrize("radius", [0, -1, oo, float("inf")])
def test_the_radius_is_positive_and_finite(radius):
    with pytest.raises(InvalidArgument, match=r"^radius=.* is not the radius of a ball; pass a positive number"):
        gap(NET, prune(NET, random(count=1)), radius=radius)


def test_all_weights_may_go():
    assert prune(fcn([4, 4], weights=W), magnitude(count=16)).removed(0) == 16


@pytest.mark.parametrize("alpha", ["1/2", "7/10", "79/80", "123457/1000000", "999/1000", "1/3"])
def test_counts_of_removed_weights_are_exact_at_any_size(alpha):
    kept = 1 - Rational(alpha)
    for outputs, inputs in [(10**12, 10**12), (2**40, 2**40), (3**25, 3**25), (10**12, 999999999989), (10, 10), (1, 1)]:
        found = int(random(alpha=alpha).count(dense(inputs, outputs, weights=uniform(-1, 1))))
        size, p, q = outputs * inputs, int(kept.p), int(kept.q)
        if q <= 1000:
            assert found**q <= size**p < (found + 1) ** q
        else:
            with mpmath.workdps(200):
                assert found == int(mpmath.floor(mpmath.mpf(size) ** (mpmath.mpf(p) / q)))
