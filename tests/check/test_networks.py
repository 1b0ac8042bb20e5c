"""Checks of convolutional networks: derived bounds hold, planted ones are refuted, and files make theorems."""

from __future__ import annotations

from pathlib import Path

import pytest
from sympy import Rational

from boundcheck import (
    E,
    P,
    Theorem,
    average_pool,
    check,
    cnn,
    conv,
    dense,
    fcn,
    filters,
    flatten,
    gap,
    gap_bound,
    load_cnn,
    magnitude,
    max_pool,
    normal,
    prune,
    random,
    random_filters,
    real,
    scaled,
    uniform,
)
from boundcheck.errors import InvalidArgument, UnsupportedClaim
from boundcheck.verdict.decide import Status

NETWORKS = Path(__file__).parents[2] / "proofs" / "networks"
DELTA = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)
W = scaled(uniform(-1, 1))


def verdict(target, rule, factor=1, delta="1/4", **options):
    pruned = prune(target, rule)
    claim = P(gap(target, pruned) > factor * gap_bound(target, pruned, delta=DELTA)) <= DELTA
    return check(Theorem(claim=claim, points=[{"delta": delta}]), **options)


MIXED = cnn(
    (2, 6, 5),
    [
        conv(2, 4, (3, 2), stride=(1, 2), padding=1, weights=W, activation="leaky_relu:-2"),
        average_pool(2, stride=1, padding=1),
        conv(4, 6, 3, padding="same", padding_mode="circular", weights=scaled(normal(0, 1)), activation="identity"),
        max_pool(3, stride=2, padding=1),
        "tanh",
        flatten(),
        dense(48, 5, weights=W),
    ],
)


@pytest.mark.parametrize(
    "rule", [magnitude(fraction="1/5"), random(count=3), filters(count=1), random_filters(count=1)]
)
def test_derived_bounds_of_a_mixed_network_are_confirmed(rule):
    """Wrong with probability at most 0.01 over the seed, which is fixed."""
    found = verdict(MIXED, rule)
    assert found.status is Status.CONFIRMED
    point = found.points[0].evidence.ladder
    assert 0 < point.observed <= point.certificate <= point.bound


CIRCULAR = {"padding": "same", "padding_mode": "circular"}


@pytest.mark.parametrize(
    "steps",
    [
        [conv(3, 5, 3, weights=normal(0, 1), **CIRCULAR)],
        [conv(3, 5, 3, padding="same", weights=normal(0, 1))],
        [conv(3, 5, 3, stride=2, weights=normal(0, 1))],
        [conv(3, 5, (2, 3), stride=(2, 3), weights=normal(0, 1))],
    ],
    ids=["circular", "zeros", "stride", "patches"],
)
@pytest.mark.parametrize("rule", [random(fraction="1/2"), filters(count=4), random_filters(count=4)], ids=str)
def test_a_tenth_of_a_bound_of_one_convolution_is_refuted(steps, rule):
    """The gap of one linear map is a norm, of which lower bounds are known for every padding and stride."""
    target = cnn((3, 6, 6), steps)
    assert verdict(target, rule).status is Status.CONFIRMED
    assert verdict(target, rule, factor=Rational(1, 10)).status is Status.REFUTED


def test_the_norm_of_what_is_removed_is_not_the_gap_where_pooling_follows():
    """Global average pooling makes the gap much smaller than the norm that is removed."""
    target = cnn((2, 8, 8), [conv(2, 3, 3, weights=normal(0, 1), **CIRCULAR), average_pool("global")])
    pruned = prune(target, random(fraction=1))
    claim = P(gap(target, pruned) > 5) <= DELTA
    found = check(Theorem(claim=claim, points=[{"delta": "1/4"}]))
    assert found.status is not Status.REFUTED
    assert found.points[0].evidence.ladder.observed < 2


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lenet5", "vgg_small"])
def test_a_network_from_a_file_is_checked(name):
    """Wrong with probability at most 0.01 over the seed, which is fixed."""
    found = verdict(load_cnn(NETWORKS / f"{name}.toml"), magnitude(alpha="1/2"), trials=40)
    assert found.status is Status.CONFIRMED


def test_the_mean_of_a_gap_and_convolutions_in_fcn_are_refused():
    pruned = prune(MIXED, random(count=1))
    with pytest.raises(UnsupportedClaim, match=r"the expectation of a gap cannot be checked: .*; write P\(gap"):
        E(gap(MIXED, pruned))
    with pytest.raises(InvalidArgument, match=r"^widths='conv 4 .*' is a convolution; make the network with cnn"):
        fcn([MIXED.layers[0]])


def test_networks_with_large_states_are_run_on_fewer_inputs():
    wide = cnn((1, 512, 512), [conv(1, 64, 1, weights=W), average_pool("global")])
    assert verdict(wide, random(count=3), trials=2).points[0].evidence.trials == 2
