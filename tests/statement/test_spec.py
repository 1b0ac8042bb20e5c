"""Networks and rules in the words of the command line: what they mean, and which of two words counts."""

from __future__ import annotations

import pytest
from sympy import Rational

from boundcheck import (
    bernoulli,
    fcn,
    filters,
    integer,
    magnitude,
    normal,
    prune,
    rademacher,
    random,
    random_filters,
    real,
    scaled,
)
from boundcheck.errors import BoundcheckError, InvalidArgument
from boundcheck.statement.laws import uniform
from boundcheck.statement.spec import Words, parse_open_rule, parse_rule, parse_weights, parse_width, parse_widths

FILE = """
input = [1, 8, 8]
weights = "normal:1"
activation = "tanh"
prune = "random:count=5"

[[layers]]
type = "conv"
outputs = 4
kernel = 3

[[layers]]
type = "conv"
outputs = "2*d"
kernel = 3
prune = "filter:count=1"

[[layers]]
type = "flatten"

[[layers]]
type = "dense"
outputs = 6
prune = "none"

[[layers]]
type = "dense"
outputs = 3
"""
PLAIN = FILE.replace('"2*d"', "8")


@pytest.fixture
def cnn_file(tmp_path):
    def written(text=PLAIN):
        path = tmp_path / "net.toml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return written


def test_rules():
    assert parse_rule("magnitude:alpha=0.5") == magnitude(alpha="1/2")
    assert parse_rule("random:fraction=1/3") == random(fraction=Rational(1, 3))
    assert parse_rule("filter:count=2") == filters(count=2)
    assert parse_rule("random_filter:alpha=0.25") == random_filters(alpha="1/4")
    assert (parse_rule("bernoulli:fraction=0.1"),) == prune(
        fcn([2, 2], weights=uniform(-1, 1)), bernoulli("1/10")
    ).rules


def test_open_rules():
    alpha, count = real("alpha", min=0, max=1), integer("count", min=0)
    assert parse_open_rule("magnitude", {"alpha": alpha, "count": count}) == (magnitude(alpha=alpha), alpha)
    assert parse_open_rule("filter:count", {"alpha": alpha, "count": count}) == (filters(count=count), count)


def test_laws():
    assert parse_weights("uniform:1/2") == uniform("-1/2", "1/2")
    assert parse_weights("uniform") == uniform(-1, 1)
    assert parse_weights("normal:2") == normal(0, 2)
    assert parse_weights("rademacher:3") == rademacher(3)


def test_widths():
    d = integer("d", min=1)
    assert parse_widths("784, 1024,10") == [784, 1024, 10]
    assert parse_widths("784,d,2*d, 3 * d,10", d) == [784, d, 2 * d, 3 * d, 10]
    assert parse_width("outputs", 7) == 7


@pytest.mark.parametrize(
    "text", ["d+1", "d*2", "d*d", "1/2*d", "-1*d", "1.5*d", "inf*d", "e", "2d", "", "0", "-3", "*"]
)
def test_widths_that_are_none(text):
    d = integer("d", min=1)
    with pytest.raises(InvalidArgument, match=r"^outputs=.* is not a (width|number).*; pass a "):
        parse_width("outputs", text, d)
    with pytest.raises(InvalidArgument, match=r"^--fcn='4,.*' is not a list of layer widths; .* --fcn 784,d,d,10$"):
        parse_widths(f"4,{text},4", d)


def test_no_unknown_width_without_a_name_for_it():
    with pytest.raises(InvalidArgument, match=r"^--fcn='4,d' is not a list of layer widths; .*: --fcn 784,1024,10$"):
        parse_widths("4,d")


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: parse_rule("worst:count=1"), r"--prune='worst:count=1' names no known rule; pass one of magnitude:"),
        (
            lambda: parse_rule("magnitude"),
            r"--prune='magnitude' does not say how much is removed; pass magnitude:alpha",
        ),
        (lambda: parse_rule("magnitude:alpha"), r"--prune='magnitude:alpha' does not say how much"),
        (lambda: parse_rule("magnitude:keep_out=3"), r"--prune='magnitude:keep_out=3' does not say how much"),
        (
            lambda: parse_rule("bernoulli:count=3"),
            r"--prune='bernoulli:count' is no probability of being removed; pass bernoulli:fraction=0.1",
        ),
        (lambda: parse_rule("bernoulli:fraction=1.5"), r"fraction=3/2 is not a fraction of the weights"),
        (lambda: parse_open_rule("bernoulli", {"alpha": 1}), r"--prune='bernoulli:alpha' is no probability"),
        (lambda: parse_rule("filter:count=1.5"), r"count=3/2 is not a number of weights"),
        (lambda: parse_open_rule("random:alpha=0.5", {"alpha": 1}), r"--prune='random:alpha=0.5' leaves no amount to"),
        (
            lambda: parse_open_rule("random:rate", {"fraction": 1, "count": 2}),
            r"--prune='random:rate' leaves no amount to solve for; pass random, or random:fraction, random:count",
        ),
        (
            lambda: parse_weights("cauchy:1"),
            r"--weights='cauchy:1' is not a known law; pass one of uniform:1, normal:1",
        ),
        (lambda: parse_weights("normal:-1"), r"--weights='normal:-1' has no positive scale; pass a positive K"),
        (lambda: Words(None, None), r"network=None is not one network; pass --fcn .* or --cnn FILE.toml"),
        (lambda: Words("4,4", "net.toml"), r"network='--fcn 4,4 --cnn net.toml' is not one network"),
        (
            lambda: Words("4,4", None).pruned(),
            r"--prune=None does not say how the network is pruned; pass --prune magn",
        ),
        (
            lambda: Words("4,4", None, rule="random:count=17").pruned(),
            r"count=17 is more than the 16 weights of layer 1",
        ),
        (
            lambda: Words("4,4,4", None, activation="sin", rule="random:count=1").pruned(),
            r"activation='sin' is not known",
        ),
    ],
)
def test_impossible_words_are_refused(build, message):
    with pytest.raises(InvalidArgument, match="^" + message) as caught:
        build()
    assert "\n" not in str(caught.value)


def test_defaults_of_a_fully_connected_network():
    assert Words("4,5,6", None, rule="random:count=1").pruned() == prune(
        fcn([4, 5, 6], weights=scaled(uniform(-1, 1))), random(count=1)
    )
    own = Words("4,5,6", None, "normal:3", "tanh", "filter:count=1").pruned()
    assert own == prune(fcn([4, 5, 6], weights=scaled(normal(0, 3)), activation="tanh"), filters(count=1))


def test_a_file_by_itself(cnn_file):
    pruned = Words(None, cnn_file()).pruned()
    assert pruned.rules == (random(count=5), filters(count=1), None, random(count=5))
    assert {layer.weights for layer in pruned.target.layers} == {
        scaled(normal(0, 1))(layer.outputs, layer.inputs, layer.taps) for layer in pruned.target.layers
    }
    assert [[str(step) for step in layer.after] for layer in pruned.target.layers] == [["tanh"]] * 3 + [[]]


def test_the_command_line_goes_before_the_file_and_a_layers_own_words_before_both(cnn_file):
    layer = 'outputs = 4\nkernel = 3\nweights = "uniform:5"\nactivation = "leaky_relu"\n'
    path = cnn_file(PLAIN.replace("outputs = 4\nkernel = 3\n", layer))
    pruned = Words(None, path, "uniform:2", "relu", "magnitude:count=7").pruned()
    assert pruned.rules == (magnitude(count=7), filters(count=1), None, magnitude(count=7))
    first, second, *_ = pruned.target.layers
    assert first.weights == scaled(uniform(-5, 5))(4, 1, 9)
    assert second.weights == scaled(uniform(-2, 2))(8, 4, 9)
    assert [[str(step) for step in layer.after] for layer in pruned.target.layers] == [
        ["leaky_relu(1/100)"], ["relu"], ["relu"], [],
    ]  # fmt: skip


def test_an_unknown_width_in_a_file(cnn_file):
    d = integer("d", min=1)
    pruned = Words(None, cnn_file(FILE)).pruned(width=d)
    assert [layer.outputs for layer in pruned.target.layers] == [4, 2 * d, 6, 3]
    assert pruned.target.layers[2].inputs == 32 * d
    assert pruned.at({d: Rational(4)}) == Words(None, cnn_file()).pruned()
    with pytest.raises(BoundcheckError, match=r"net.toml: layer 2: outputs='2\*d' is not a number"):
        Words(None, cnn_file(FILE)).pruned()


def test_a_rule_in_place_of_the_command_lines(cnn_file):
    k = integer("k", min=0)
    pruned = Words(None, cnn_file(), rule="magnitude:count").pruned(rule=magnitude(count=k))
    assert pruned.rules == (magnitude(count=k), filters(count=1), None, magnitude(count=k))


def test_a_network_that_no_rule_touches_is_refused(cnn_file):
    one = 'input = [1, 8, 8]\n[[layers]]\ntype = "conv"\noutputs = 4\nkernel = 3\n'
    for text, rule in ((one, None), (one + 'prune = "none"\n', "random:count=1")):
        with pytest.raises(InvalidArgument, match=r"^--prune=None does not say how the network is pruned"):
            Words(None, cnn_file(text), rule=rule).pruned()


def test_biases():
    """Of the command line, before those of a file and after those of a layer; not scaled."""
    words = Words("4,5,6", None, rule="random:count=1", biases="normal:3")
    assert [layer.bias for layer in words.pruned().target.layers] == [normal(0, 3)] * 2
    assert not Words("4,5,6", None, rule="random:count=1", biases="none").pruned().target.has_biases
    with pytest.raises(InvalidArgument, match=r"^--biases='cauchy:1' is not a known law; pass one of uniform:1"):
        Words("4,5,6", None, rule="random:count=1", biases="cauchy:1").pruned()


def test_biases_with_a_file(cnn_file):
    biased = cnn_file(PLAIN.replace("kernel = 3\n", 'kernel = 3\nbias = "uniform:5"\n', 1))
    found = Words(None, biased, rule="random:count=1", biases="normal:3").pruned().target.layers
    assert [layer.bias for layer in found] == [uniform(-5, 5), *[normal(0, 3)] * (len(found) - 1)]
    with pytest.raises(InvalidArgument, match=r"^--biases='cauchy:1' is not a known law"):
        Words(None, biased, rule="random:count=1", biases="cauchy:1").pruned()
