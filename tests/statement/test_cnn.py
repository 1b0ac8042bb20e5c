"""Convolutional networks: chains of steps, what they hand on, and every bad chain with its message."""

from __future__ import annotations

import pickle

import pytest
from sympy import Max, Rational, Symbol, sqrt

from boundcheck import (
    average_pool,
    cnn,
    conv,
    dense,
    fcn,
    filters,
    flatten,
    integer,
    leaky_relu,
    magnitude,
    max_pool,
    normal,
    prune,
    random,
    random_filters,
    scaled,
    uniform,
)
from boundcheck.errors import InvalidArgument

W = uniform(-1, 1)
K = scaled(W)


def lenet5(weights=K):
    return cnn(
        (1, 28, 28),
        [
            conv(1, 6, 5, padding=2, weights=weights),
            average_pool(2),
            conv(6, 16, 5, weights=weights),
            average_pool(2),
            flatten(),
            dense(400, 120, weights=weights),
            dense(120, 84, weights=weights),
            dense(84, 10, weights=weights),
        ],
    )


def test_lenet5():
    net = lenet5()
    assert [(layer.inputs, layer.outputs) for layer in net.layers] == [(1, 6), (6, 16), (400, 120), (120, 84), (84, 10)]
    assert [layer.size for layer in net.layers] == [150, 2400, 48000, 10080, 840]
    assert net.size == 61470
    assert [layer.window.grid for layer in net.layers] == [(28, 28), (14, 14), (1, 1), (1, 1), (1, 1)]
    assert [layer.window.output_grid for layer in net.layers[:2]] == [(28, 28), (10, 10)]
    assert [layer.grid for layer in net.layers] == [(14, 14), (5, 5), (1, 1), (1, 1), (1, 1)]
    assert [layer.frequencies for layer in net.layers] == [(32 * 32 + 4) // 2, (14 * 14 + 4) // 2, 1, 1, 1]
    assert [layer.taps for layer in net.layers] == [25, 25, 1, 1, 1]
    assert [layer.complex_factor for layer in net.layers] == [sqrt(2), sqrt(2), 1, 1, 1]
    assert [layer.weights for layer in net.layers[:2]] == [
        uniform(-1 / sqrt(150), 1 / sqrt(150)),
        uniform(Rational(-1, 20), Rational(1, 20)),
    ]
    # Each average of 4 cells halves a norm at most.
    assert net.lipschitz == Rational(1, 4)
    assert net.products == 150 * 28**2 + 2400 * 10**2 + 48000 + 10080 + 840
    assert str(lenet5(W)) == (
        "cnn(1×28×28 - conv 6 (5×5, zero padding 2), relu, average_pool(2×2) - conv 16 (5×5), relu, average_pool(2×2)"
        " - 120, relu - 84, relu - 10; uniform(-1, 1))"
    )
    assert pickle.loads(pickle.dumps(net)) == net
    assert hash(pickle.loads(pickle.dumps(net))) == hash(net)


def test_steps_in_any_sensible_order():
    net = cnn(
        (2, 9, 7),
        [
            conv(2, 3, (3, 2), stride=(2, 1), padding=((1, 0), (0, 1)), weights=W, activation="tanh"),
            leaky_relu(-2),
            max_pool((2, 3), stride=1),
            "relu",
            average_pool(2, stride=2),
            conv(3, 4, 1, weights=normal(0, 1), padding_mode="circular", activation="identity"),
            max_pool("global"),
            conv(4, 5, 1, weights=W),
            flatten(),
            dense(5, 2, weights=W),
            "relu",
        ],
    )
    first, second, third, last = net.layers
    assert first.window.output_grid == (4, 7)
    assert [str(step) for step in first.after] == [
        "tanh", "leaky_relu(-2)", "max_pool(2×3, stride 1×1)", "relu", "average_pool(2×2)",
    ]  # fmt: skip
    assert first.lipschitz == 2 * sqrt(6) / 2
    assert (first.grid, second.window.grid, second.grid, third.window.grid) == ((1, 2), (1, 2), (1, 1), (1, 1))
    assert (second.frequencies, third.frequencies) == (1, 1)
    assert [str(step) for step in second.after] == ["max_pool(1×2)"]
    assert last.after == ()


def test_a_grid_may_end_a_network_and_pooling_after_the_last_layer_counts():
    first = conv(1, 2, 3, weights=W)
    net = cnn((1, 8, 8), [first, max_pool(3, stride=2)])
    assert net.lipschitz == 2
    assert net.layers[0].grid == (2, 2)
    assert [str(step) for step in net.layers[0].after] == ["relu", "max_pool(3×3, stride 2×2)"]
    # Activations that end the network are not applied, those before the pooling are.
    assert cnn((1, 8, 8), [first, max_pool(3, stride=2), "tanh", "relu"]) == net
    assert cnn((1, 8, 8), [first]).layers[0].after == ()


def test_a_flat_cnn_is_an_fcn():
    steps = [conv(5, 7, 1, weights=K), conv(7, 3, 1, weights=K)]
    assert cnn((5, 1, 1), steps) == fcn([5, 7, 3], weights=K)
    assert cnn((5, 1, 1), [flatten(), dense(5, 7, weights=K), dense(7, 3, weights=K)]) == fcn([5, 7, 3], weights=K)
    assert str(cnn((5, 1, 1), steps)) == str(fcn([5, 7, 3], weights=K))


def test_channels_may_be_parameters():
    c = integer("c", min=1)
    net = cnn((c, 6, 6), [conv(c, 2 * c, 3, weights=K), flatten(), dense(32 * c, 10, weights=K)])
    assert net.parameters == {c}
    assert net.layers[0].size == 18 * c**2
    assert net.layers[0].weights == uniform(-1 / (3 * sqrt(2) * sqrt(c)), 1 / (3 * sqrt(2) * sqrt(c)))
    assert net.layers[1].weights == uniform(-1 / sqrt(Max(10, 32 * c)), 1 / sqrt(Max(10, 32 * c)))
    numbers = [conv(3, 6, 3, weights=K), flatten(), dense(96, 10, weights=K)]
    assert net.at({c: Rational(3)}) == cnn((3, 6, 6), numbers)
    assert pickle.loads(pickle.dumps(net)) == net
    with pytest.raises(InvalidArgument, match=r"^outputs=3/2 is not a width"):
        cnn((c, 6, 6), [conv(c, c / 2, 3, weights=W)]).at({c: Rational(3)})
    # Equal in other words.
    assert cnn((2, 1, 1), [conv(2, c * (c + 1), 1, weights=W), conv(c**2 + c, 2, 1, weights=W)]).depth == 2


def test_weights_of_a_convolution_scale_with_its_taps():
    assert conv(4, 16, 5, weights=K).weights == uniform(Rational(-1, 20), Rational(1, 20))
    assert conv(4, 16, 5, weights=scaled(normal(0, 1))).weights == normal(0, Rational(1, 20))
    assert conv(4, 16, 5, weights=W).weights == W
    assert conv(9, 4, 1, weights=K).weights == dense(9, 4, weights=K).weights
    assert conv(2, 3, (2, 4), weights=lambda m, n, taps: uniform(-m * n * taps, m * n * taps)).weights == uniform(
        -48, 48
    )


C = conv(1, 4, 3, weights=W)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: cnn((1, 8), [C]), r"input_shape=\(1, 8\) is no shape of an image; pass \(channels, height, width\)"),
        (lambda: cnn(8, [C]), r"input_shape=8 is not a sequence; pass \(channels, height, width\)"),
        (lambda: cnn((0, 8, 8), [C]), r"input_shape=0 is not a width"),
        (
            lambda: cnn((1, 0, 8), [C]),
            r"input_shape=\(1, 0, 8\) has no height and width that are integers .*; pass \(ch",
        ),
        (lambda: cnn((1, integer("h", min=1), 8), [C]), r"input_shape=\(1, h, 8\) has no height and width"),
        (lambda: cnn((1, 8, 8), C), r"steps=.* is not a sequence; pass a list such as"),
        (lambda: cnn((1, 8, 8), []), r"steps=\[\] hold no layer; pass at least one conv"),
        (lambda: cnn((1, 8, 8), [flatten()]), r"steps=\[\] hold no layer"),
        (lambda: cnn((3, 8, 8), [C]), r"steps='conv\(1, 4, 3×3\)' does not take the 3 channels before it; give it 3"),
        (
            lambda: cnn((1, 8, 8), [C, dense(144, 2, weights=W)]),
            r"steps='2, relu' is dense and stands on a grid of 6×6; put a flatten before it",
        ),
        (
            lambda: cnn((1, 8, 8), [C, flatten(), dense(4, 2, weights=W)]),
            r"steps='dense\(4, 2\)' does not take the 144 channels before it; give it 144",
        ),
        (
            lambda: cnn((1, 8, 8), [max_pool(2), C]),
            r"steps=.* comes before the first layer with weights; begin with conv",
        ),
        (lambda: cnn((1, 8, 8), ["relu", C]), r"steps='relu' comes before the first layer"),
        (lambda: cnn((1, 8, 8), [C, "swish"]), r"activation='swish' is not known"),
        (lambda: cnn((1, 8, 8), [C, 3]), r"steps=3 is no step of a network; pass conv"),
        (lambda: cnn((1, 8, 8), [C, flatten]), r"steps=<function flatten.* is no step of a network"),
        (lambda: cnn((1, 8, 8), [C, max_pool(7)]), r"kernel=\(7, 7\) does not fit into a grid of 6×6 with padding 0"),
        (lambda: cnn((1, 2, 8), [C]), r"kernel=\(3, 3\) does not fit into a grid of 2×8"),
        (lambda: C.on((0, 3)), r"grid=\(0, 3\) is not one integer of at least 1"),
        (lambda: conv(0, 4, 3, weights=W), r"inputs=0 is not a width"),
        (lambda: conv(1, 2.5, 3, weights=W), r"outputs=5/2 is not a width"),
        (lambda: conv(1, 4, 0, weights=W), r"kernel=0 is not one integer of at least 1"),
        (lambda: conv(1, 4, "global", weights=W), r"kernel='global' is not one integer"),
        (lambda: conv(1, 4, 3, stride=(1, 0), weights=W), r"stride=\(1, 0\) is not one integer of at least 1"),
        (lambda: conv(1, 4, 3, padding="full", weights=W), r"padding='full' is no padding"),
        (
            lambda: conv(1, 4, 3, padding_mode="reflect", weights=W),
            r"padding_mode='reflect' is not known; pass zeros or",
        ),
        (lambda: conv(1, 4, 3, weights=3), r"weights=3 is not a law"),
        (lambda: conv(1, 4, 3, weights=W, activation="sin"), r"activation='sin' is not known"),
        (
            lambda: cnn((1, 8, 8), [conv(1, 4, 3, padding=2, padding_mode="circular", weights=W)]),
            r"padding='2' repeats cells that a circular convolution of 3×3 taps on 8×8 sees already; pad by at most 2",
        ),
    ],
)
def test_impossible_networks_are_refused(build, message):
    with pytest.raises(InvalidArgument, match="^" + message) as caught:
        build()
    assert "\n" not in str(caught.value)


# Pruning filters ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [filters, random_filters])
def test_amounts_of_filters(kind):
    net = lenet5()
    # A filter of the second layer has 6 · 25 weights.
    assert [prune(net, kind(count=2)).removed(i) for i in range(5)] == [50, 300, 800, 240, 168]
    assert prune(net, kind(fraction="1/6")).removed(1) == 2 * 150
    assert prune(net, kind(alpha="1/2")).removed(1) == 4 * 150
    assert prune(net, kind(fraction=1)).removed(1) == net.layers[1].size
    assert kind(count=2).structured
    assert kind(count=2).independent is (kind is random_filters)
    assert not magnitude(count=2).structured
    assert not random(count=2).structured
    with pytest.raises(InvalidArgument, match=r"^count=7 is more than the 6 filters of layer 1; remove at most that"):
        prune(net, kind(count=7))
    k, c = integer("k", min=0), integer("c", min=1)
    pruned = prune(cnn((1, 8, 8), [conv(1, c, 3, weights=W)]), kind(count=k))
    assert pruned.removed(0) == 9 * k
    assert pruned.parameters == {k, c}
    with pytest.raises(InvalidArgument, match=r"^count=4 is more than the 3 filters of layer 1"):
        pruned.at({k: Rational(4), c: Rational(3)})
    assert str(pruned).endswith(f"{kind.__name__}(count=k))")


@pytest.mark.parametrize("alpha", ["123457/1000000", "999999/1000000", "1/1000000", "333333/1000000"])
@pytest.mark.parametrize("size", [2, 150, 48000, 2**53 + 1])
def test_powers_with_large_denominators(alpha, size):
    """⌊D^(1-alpha)⌋ = k means k^q ≤ D^p < (k+1)^q with 1 - alpha = p/q, here to 50 digits of their logarithms."""
    removed = prune(fcn([size, 1], weights=W), magnitude(alpha=alpha)).removed(0)
    exponent = 1 - Rational(alpha)
    x = Symbol("x")
    power = (x**exponent).subs(x, Rational(size).evalf(60)).evalf(50)
    assert removed <= power < removed + 1


@pytest.mark.parametrize("before", [flatten(), dense(8, 8, weights=W)], ids=["flatten", "dense"])
def test_a_convolution_has_no_grid_after_flatten_and_dense(before):
    with pytest.raises(InvalidArgument, match=r"conv\(8, 4, 1×1\)' has no grid .*; put it before flatten and dense"):
        cnn((8, 1, 1), [conv(8, 8, 1, weights=W), before, conv(8, 4, 1, weights=W)])


def test_networks_with_laws_in_another_order_print_otherwise():
    a, b = uniform(-1, 1), normal(0, 1)
    words = {str(fcn([4, 4, 4, 4], weights=list(laws))) for laws in ((a, b, a), (a, a, b), (a, b, b))}
    assert len(words) == 3
