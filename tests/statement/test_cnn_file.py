"""Networks in TOML files: every key, and every bad file with its one line."""

from __future__ import annotations

import pytest
from sympy import Integer, Rational, sqrt

from boundcheck import (
    average_pool,
    cnn,
    conv,
    dense,
    fcn,
    flatten,
    integer,
    load_cnn,
    load_pruned,
    max_pool,
    normal,
    scaled,
    uniform,
)
from boundcheck.errors import BoundcheckError, InvalidArgument, TheoremFileError
from boundcheck.statement.cnn_file import read_cnn
from boundcheck.statement.discovery import shipped
from boundcheck.statement.spec import parse_rule, parse_weights, parse_width

EVERY_KEY = """
input = [2, 9, 9]
weights = "normal:2"
activation = "tanh"
prune = "magnitude:alpha=0.5"

[[layers]]
type = "conv"
outputs = 4
kernel = [3, 2]
stride = [2, 1]
padding = [[1, 0], [0, 1]]

[[layers]]
type = "max_pool"
kernel = 3
stride = 2
padding = 1

[[layers]]
type = "activation"
name = "leaky_relu:0.25"

[[layers]]
type = "conv"
outputs = 3
kernel = 1
padding = "same"
padding_mode = "circular"
weights = "uniform:3"
activation = "identity"
prune = "none"

[[layers]]
type = "average_pool"
kernel = [2, 2]
padding = [0, 1]
count_include_pad = false

[[layers]]
type = "flatten"

[[layers]]
type = "dense"
outputs = 5
prune = "random:count=3"

[[layers]]
type = "dense"
outputs = 2
"""


@pytest.fixture
def write(tmp_path):
    def written(text, name="net.toml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return written


def read(path, **options):
    return read_cnn(path, law=parse_weights, rule=parse_rule, **{"width": parse_width, **options})


def test_every_key(write):
    found = read(write(EVERY_KEY))
    w = scaled(normal(0, 2))
    assert found.network == cnn(
        (2, 9, 9),
        [
            conv(2, 4, (3, 2), stride=(2, 1), padding=((1, 0), (0, 1)), weights=w, activation="tanh"),
            max_pool(3, stride=2, padding=1),
            "leaky_relu:0.25",
            conv(
                4, 3, 1, padding="same", padding_mode="circular", weights=scaled(uniform(-3, 3)), activation="identity"
            ),
            average_pool(2, padding=(0, 1), count_include_pad=False),
            flatten(),
            dense(9, 5, weights=w, activation="tanh"),
            dense(5, 2, weights=w),
        ],
    )
    assert found.rule == "magnitude:alpha=0.5"
    assert found.rules == (None, "none", "random:count=3", None)


def test_what_a_file_leaves_out(write):
    found = read(write('input = [1, 6, 6]\n[[layers]]\ntype = "conv"\noutputs = 2\nkernel = 3\n'))
    assert found.network == cnn((1, 6, 6), [conv(1, 2, 3, weights=scaled(uniform(-1, 1)))])
    assert (found.rule, found.rules) == (None, (None,))
    two = read(write('input = [3, 1, 1]\n[[layers]]\ntype = "dense"\noutputs = 2\n' + DENSE))
    assert two.network == fcn([3, 2, 4], weights=scaled(uniform(-1, 1)))


DENSE = '[[layers]]\ntype = "dense"\noutputs = 4\n'


def test_words_for_the_whole_network_take_the_place_of_the_files(write):
    """Those of a single layer stay."""
    found = read(write(EVERY_KEY), weights="uniform:1", activation="relu").network
    assert found.layers[0].weights == scaled(uniform(-1, 1))(4, 2, 6)
    assert found.layers[1].weights == scaled(uniform(-3, 3))(3, 4, 1)
    assert str(found.layers[0].after[0]) == "relu"
    assert [layer.after[:1] for layer in found.layers[2:]] == [(found.layers[0].after[0],), ()]


def test_global_pooling_and_valid_padding(write):
    text = 'input = [1, 6, 5]\n[[layers]]\ntype = "conv"\noutputs = 2\nkernel = 3\npadding = "valid"\n'
    network = read(write(text + '[[layers]]\ntype = "average_pool"\nkernel = "global"\n' + DENSE)).network
    assert network.layers[0].lipschitz == 1 / sqrt(12)
    assert network.layers[1].inputs == 2


def test_the_shipped_networks():
    lenet = load_cnn(next(shipped().rglob("lenet5.toml")))
    assert lenet.size == 61470
    assert lenet.lipschitz == Rational(1, 4)
    assert [layer.outputs for layer in lenet.layers] == [6, 16, 120, 84, 10]
    vgg = load_cnn(str(next(shipped().rglob("vgg_small.toml"))))
    assert vgg.size == 9 * (3 * 16 + 16 * 16 + 16 * 32 + 32 * 32 + 32 * 64 + 64 * 64) + 1024 * 10
    assert vgg.layers[0].weights == scaled(normal(0, 1))(16, 3, 9)


HEAD = "input = [1, 8, 8]\n"
CONV = '[[layers]]\ntype = "conv"\noutputs = 4\nkernel = 3\n'
POOL = '[[layers]]\ntype = "max_pool"\nkernel = 2\n'
KINDS = "use conv, dense, average_pool, max_pool, flatten, activation"

WHOLE = {  # what is wrong with the file itself
    "": "input=None is no [channels, height, width]; write input = [1, 28, 28]",
    "input = [1, 8]\n" + CONV: "input=[1, 8] is no [channels, height, width]; write",
    "input = 8\n" + CONV: "input=8 is no [channels, height, width]",
    "input = [0, 8, 8]\n" + CONV: "input=0 is not a width; pass a positive integer",
    "input = ['a', 8, 8]\n" + CONV: "input='a' is not a number",
    "input = [true, 8, 8]\n" + CONV: "input=True is not a number",
    "input = [1, 8.5, 8]\n" + CONV: "input_shape=[1, 8.5, 8] has no height and width that are integers of at least 1;",
    "input = [1, -8, 8]\n" + CONV: "input_shape=[1, -8, 8] has no height and width",
    HEAD: 'layers=None holds no layer; write [[layers]] and type = "conv"',
    HEAD + "layers = []": "layers=[] holds no layer",
    HEAD + "layers = 3": "layers=3 holds no layer",
    HEAD + '[[layers]]\ntype = "flatten"\n': "steps=[] hold no layer; pass at least one conv",
    HEAD + "wieghts = 'uniform:1'\n" + CONV: "key='wieghts' means nothing in the file; use activation, bias, input,",
    HEAD + "weights = 3\n" + CONV: "weights=3 is not in quotes; write words such as",
    HEAD + "activation = true\n" + CONV: "activation=True is not in quotes",
    HEAD + "prune = 0.5\n" + CONV: "prune=0.5 is not in quotes",
    HEAD
    + "prune = 'worst:count=1'\n"
    + CONV: "--prune='worst:count=1' names no known rule; pass one of magnitude:alpha",
    HEAD + "prune = ''\n" + CONV: "--prune='' names no known rule",
}
FIRST = {  # what is wrong with the first layer
    "layers = [1]": f"type=None is no kind of layer; {KINDS}",
    '[[layers]]\ntype = "convolution"\n': f"type='convolution' is no kind of layer; {KINDS}",
    '[[layers]]\ntype = ["conv"]\n': f"type=['conv'] is no kind of layer; {KINDS}",
    "[[layers]]\ntype = {a = 1}\n": "type={'a': 1} is no kind of layer",
    "[[layers]]\noutputs = 3\n": "type=None is no kind of layer",
    CONV
    + "strides = 2\n": "key='strides' means nothing in a layer of type conv; use activation, bias, kernel, outputs,",
    CONV + "inputs = 1\n": "key='inputs' means nothing in a layer of type conv",
    '[[layers]]\ntype = "conv"\noutputs = 4\n': "kernel=None is missing in a layer of type conv; write kernel = …",
    '[[layers]]\ntype = "conv"\nkernel = 4\n': "outputs=None is missing in a layer of type conv; write outputs = …",
    '[[layers]]\ntype = "dense"\n': "outputs=None is missing in a layer of type dense",
    '[[layers]]\ntype = "dense"\noutputs = 4\nkernel = 3\n': "key='kernel' means nothing in a layer of type dense",
    CONV.replace("= 4", "= 0"): "outputs=0 is not a width; pass a positive integer",
    CONV.replace("= 4", "= 2.5"): "outputs=2.5 is not a width",
    CONV.replace("= 4", "= inf"): "outputs=inf is not a width",
    CONV.replace("= 4", "= nan"): "outputs=nan is not a number",
    CONV.replace("= 4", "= true"): "outputs=True is not a number",
    CONV.replace("= 4", "= 'd'"): "outputs='d' is not a number",
    CONV.replace("= 4", "= ''"): "outputs='' is not a width",
    CONV.replace("= 4", "= [4]"): "outputs=[4] is not a number",
    CONV.replace("= 4", "= 1979-05-27"): "outputs=datetime.date(1979, 5, 27) is not a number",
    CONV.replace("= 3", "= 9"): "kernel=(9, 9) does not fit into a grid of 8×8 with padding 0; take a smaller kernel",
    CONV.replace("= 3", "= '3'"): "kernel='3' is not one integer of at least 1, or two",
    CONV.replace("= 3", "= [3, 3, 3]"): "kernel=(3, 3, 3) is not one integer",
    CONV + "padding = 'full'\n": "padding='full' is no padding; pass an integer of at least 0",
    CONV + "padding = [[1, 2], 3]\n": "padding=((1, 2), 3) is no padding",
    CONV + "padding_mode = 'reflect'\n": "padding_mode='reflect' is not known; pass zeros or circular",
    CONV + "padding_mode = 3\n": "padding_mode=3 is not in quotes",
    CONV + "padding = 2\npadding_mode = 'circular'\n": "padding='2' repeats cells that a circular convolution of 3×3",
    CONV + "stride = 0\n": "stride=0 is not one integer of at least 1",
    CONV + "activation = 'swish'\n": "activation='swish' is not known; pass relu",
    CONV + "activation = 'leaky_relu:inf'\n": "slope=oo is not a finite number",
    CONV + "weights = 'cauchy:1'\n": "--weights='cauchy:1' is not a known law; pass one of uniform:1",
    CONV + "weights = 'normal:0'\n": "--weights='normal:0' has no positive scale",
    CONV + "prune = 'worst:count=1'\n": "--prune='worst:count=1' names no known rule",
    CONV + "prune = 'magnitude'\n": "--prune='magnitude' does not say how much is removed",
    CONV + "prune = 'magnitude:count=-1'\n": "count=-1 is not a number of weights",
    CONV + "prune = 3\n": "prune=3 is not in quotes",
    POOL + CONV: "steps='max_pool(2×2)' comes before the first layer with weights; begin with conv",
    '[[layers]]\ntype = "activation"\nname = "relu"\n' + CONV: "steps='relu' comes before the first layer",
    DENSE: "steps='4, relu' is dense and stands on a grid of 8×8; put a flatten before it",
}
SECOND = {  # what is wrong with a second layer
    POOL.replace("= 2", "= 7"): "kernel=(7, 7) does not fit into a grid of 6×6 with padding 0",
    POOL + "padding = 2\n": "padding=2 is more than half of the window 2×2; pad by at most half of the kernel",
    POOL + "padding = 'same'\n": "padding='same' is not one integer of at least 0",
    POOL
    + "count_include_pad = true\n": "key='count_include_pad' means nothing in a layer of type max_pool; use kernel",
    POOL.replace("= 2", "= 'all'"): "kernel='all' is not one integer",
    POOL.replace("= 2", "= 'global'\npadding = 1"): "padding=1 pads a window that is the whole grid; leave it out",
    POOL.replace("max", "average") + "count_include_pad = 'no'\n": "count_include_pad='no' is neither true nor false",
    '[[layers]]\ntype = "average_pool"\nkernel = 3\nstride = 1\npadding = 1\ncount_include_pad = false\n': (
        "count_include_pad=False makes overlapping windows divide by less at the border"
    ),
    '[[layers]]\ntype = "max_pool"\n': "kernel=None is missing in a layer of type max_pool",
    '[[layers]]\ntype = "flatten"\nkernel = 2\n': "key='kernel' means nothing in a layer of type flatten; use type",
    '[[layers]]\ntype = "activation"\n': "name=None is missing in a layer of type activation; write name = …",
    '[[layers]]\ntype = "activation"\nname = "nope"\n': "activation='nope' is not known",
    '[[layers]]\ntype = "activation"\nname = 3\n': "name=3 is not in quotes",
}


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        *((text, "", message) for text, message in WHOLE.items()),
        *((HEAD + text, "layer 1: ", message) for text, message in FIRST.items()),
        *((HEAD + CONV + text, "layer 2: ", message) for text, message in SECOND.items()),
    ],
)
def test_a_bad_file_is_one_line_with_file_layer_and_remedy(write, text, place, message):
    path = write(text)
    with pytest.raises(BoundcheckError) as caught:
        read(path)
    line = str(caught.value)
    assert line.startswith(f"{path}: {place}{message}")
    assert "\n" not in line
    assert ";" in line


@pytest.mark.parametrize("content", [b"input = [1,", b"input = [1, 8, 8]\n# \xff", b"\x00"])
def test_what_is_not_toml(tmp_path, content):
    path = tmp_path / "net.toml"
    path.write_bytes(content)
    with pytest.raises(TheoremFileError, match=r"^.*net.toml: is not TOML \(.*\); see the example") as caught:
        load_cnn(path)
    assert "\n" not in str(caught.value)


def test_what_cannot_be_read(tmp_path):
    with pytest.raises(TheoremFileError, match=r"^.*none.toml: cannot be read \(No such file.*\); pass a TOML"):
        load_cnn(tmp_path / "none.toml")
    with pytest.raises(TheoremFileError, match=r"^.*: cannot be read \(Is a directory\)"):
        load_cnn(tmp_path)


def test_a_width_of_a_file_may_be_a_parameter_and_rules_come_with_load_pruned(tmp_path):
    path = tmp_path / "net.toml"
    path.write_text(
        'input = [1, 4, 4]\nprune = "random:count=2"\n[[layers]]\ntype = "conv"\noutputs = "2*d"\nkernel = 3\n'
        '[[layers]]\ntype = "flatten"\n[[layers]]\ntype = "dense"\noutputs = 3\nprune = "none"\n'
    )
    d = integer("d", min=1)
    assert load_cnn(path, d=d).at({d: Integer(3)}).layers[0].outputs == 6
    pruned = load_pruned(path, d=d)
    assert pruned.target == load_cnn(path, d=d)
    assert [str(rule) for rule in pruned.rules] == ["random(count=2)", "None"]
    with pytest.raises(TheoremFileError, match=r"layer 1: outputs='2\*d' is not a number"):
        load_cnn(path)
    with pytest.raises(InvalidArgument, match=r"^d=3 is no integer parameter; pass d=integer"):
        load_cnn(path, d=3)


BIASED = """
input = [1, 4, 4]
bias = "normal:0.5"
prune = "random:count=1"

[[layers]]
type = "conv"
outputs = 2
kernel = 3

[[layers]]
type = "flatten"

[[layers]]
type = "dense"
outputs = 3
bias = "uniform:2"

[[layers]]
type = "dense"
outputs = 2
bias = "none"
"""


def test_biases_of_a_file(tmp_path):
    """Of laws that are not scaled; of all layers or of one."""
    path = tmp_path / "biased.toml"
    path.write_text(BIASED, encoding="utf-8")
    assert [layer.bias for layer in load_cnn(path).layers] == [normal(0, "1/2"), uniform(-2, 2), None]
    path.write_text(BIASED.replace('bias = "normal:0.5"\n', ""), encoding="utf-8")
    assert [layer.bias for layer in load_cnn(path).layers] == [None, uniform(-2, 2), None]
    path.write_text(BIASED.replace('"uniform:2"', '"cauchy:2"'), encoding="utf-8")
    with pytest.raises(BoundcheckError, match=r"biased.toml: layer 3: .*'cauchy:2' is not a known law"):
        load_cnn(path)
    path.write_text(BIASED.replace('"uniform:2"', "true"), encoding="utf-8")
    with pytest.raises(BoundcheckError, match=r"layer 3: bias=True is not in quotes"):
        load_cnn(path)
