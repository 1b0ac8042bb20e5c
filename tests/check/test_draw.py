"""Networks drawn for others: what their laws and rules say, and the same for the same seed."""

import numpy as np
import pytest

from boundcheck import cnn, conv, dense, fcn, filters, flatten, integer, magnitude, normal, prune, random, uniform
from boundcheck.check.draw import draw_network, weight_shape
from boundcheck.errors import InvalidArgument

W = uniform("-1/2", "1/2")
CONVOLUTIONAL = cnn((2, 4, 4), [conv(2, 3, (3, 1), weights=W), flatten(), dense(24, 5, weights=normal(1, 2))])


def test_shapes_masks_and_parts():
    drawn = draw_network(prune(CONVOLUTIONAL, [magnitude(count=7), None]), seed=3)
    assert [w.shape for w in drawn.weights] == [(3, 2, 3, 1), (5, 24)]
    assert [w.shape for w in drawn.weights] == [weight_shape(layer) for layer in drawn.target.layers]
    assert [int(mask.sum()) for mask in drawn.masks] == [7, 0]
    first, mask = np.abs(drawn.weights[0]), drawn.masks[0].astype(bool)
    assert first[mask].max() < first[~mask].min()
    assert 0.3 < first.max() <= 0.5
    for whole, kept, removed in zip(drawn.weights, drawn.kept, drawn.removed, strict=True):
        assert (kept + removed == whole).all()
        assert not (kept * removed).any()


def test_rules_are_those_of_the_network():
    drawn = draw_network(prune(fcn([6, 5, 4], weights=W), [random(fraction="1/2"), filters(count=2)]), seed=0)
    assert int(drawn.masks[0].sum()) == 15
    assert sorted(drawn.masks[1].sum(axis=1)) == [0, 0, 5, 5]
    norms, gone = np.linalg.norm(drawn.weights[1], axis=1), drawn.masks[1].any(axis=1)
    assert norms[gone].max() < norms[~gone].min()


def test_a_seed_is_a_function_of_nothing_else():
    pruned = prune(CONVOLUTIONAL, magnitude(count=1))
    first, again, other = (draw_network(pruned, seed=seed) for seed in (1, 1, 2))
    for one, same, different in zip(first.weights, again.weights, other.weights, strict=True):
        assert (one == same).all()
        assert not (one == different).any()
    assert repr(first) == f"draw_network({pruned}, seed=1)"


def test_a_network_without_rules_loses_nothing():
    drawn = draw_network(fcn([3, 2], weights=W), seed=0)
    assert not drawn.masks[0].any()


@pytest.mark.parametrize(
    ("pruned", "seed", "name"),
    [
        (fcn([3, 2], weights=W), -1, "seed"),
        (fcn([3, 2], weights=W), 1.0, "seed"),
        (fcn([3, integer("d", min=1)], weights=W), 0, "pruned"),
        ("fcn", 0, "pruned"),
    ],
)
def test_mistakes_are_one_line(pruned, seed, name):
    with pytest.raises(InvalidArgument, match=rf"^{name}=[^\n]*; [^\n]*$"):
        draw_network(pruned, seed=seed)
