"""Splits of delta: valid whatever they are, and the best one found."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Integer, Rational, S

from boundcheck import (
    cnn,
    conv,
    dense,
    fcn,
    filters,
    flatten,
    gap_bound,
    integer,
    magnitude,
    prune,
    random,
    real,
    scaled,
    uniform,
)
from boundcheck.derivation.gap import plans
from boundcheck.derivation.proof.check import checked
from boundcheck.errors import InvalidArgument
from boundcheck.formula.numeric import evaluate
from boundcheck.testing import strategies

CENT = Rational(1, 100)
K = scaled(uniform(-1, 1))


def bound(pruned, split, delta=CENT):
    return gap_bound(pruned.target, pruned, delta=delta, split=split)


def value(pruned, split, delta=CENT):
    return evaluate(bound(pruned, split, delta).expression)


NETWORKS = {
    "magnitude": prune(fcn([64, 256, 256, 32], weights=K), magnitude(alpha="1/2")),
    "random": prune(fcn([30, 60, 20], weights=K), random(fraction="1/10")),
    "one layer alone": prune(fcn([30, 60, 20], weights=K), [None, magnitude(count=7)]),
    "filters": prune(fcn([30, 60, 20], weights=K), filters(count=2)),
    "convolution": prune(
        cnn((2, 8, 8), [conv(2, 6, 3, weights=K), flatten(), dense(216, 10, weights=K)]), magnitude(alpha="1/2")
    ),
}


@pytest.mark.parametrize("name", ["random", "one layer alone", "filters"])
def test_the_best_split_is_as_good_as_a_minimiser_finds(name):
    """Within 0.2 % of Nelder and Mead's search over all splits, and never worse than equal shares."""
    pruned = NETWORKS[name]
    best = value(pruned, "best")
    assert best <= value(pruned, "equal")
    for plan in plans(pruned, S.One):
        names = plan.events
        if len(names) == 1:
            continue

        def objective(logs, names=names):
            weights = np.exp(logs - logs.max())
            fractions = [Rational(max(1, round(1e6 * w)), 1) for w in weights]
            total = sum(fractions)
            return value(pruned, {n: f / total for n, f in zip(names, fractions, strict=True)})

        start = dict(bound(pruned, "best").split or {})
        first = np.log([float(start.get(n, Rational(1, len(names)))) for n in names])
        found = scipy.optimize.minimize(objective, first, method="Nelder-Mead", options={"maxfev": 40})
        assert best <= found.fun * 1.002


def test_what_the_split_gains_on_the_example():
    pruned = NETWORKS["magnitude"]
    assert value(pruned, "best") < 0.985 * value(pruned, "equal")


@settings(max_examples=15, deadline=None)
@given(strategies.pruned_networks(max_depth=3, max_width=8), st.data())
def test_every_split_is_a_derivation_that_is_checked(pruned, data):
    names = gap_bound(pruned.target, pruned, delta=CENT).derivation.ledger.entries
    parts = [data.draw(st.integers(1, 50)) for _ in names]
    split = {entry.event: Rational(part, sum(parts)) for entry, part in zip(names, parts, strict=True)}
    if names:
        derivation = bound(pruned, split).derivation
        last = checked(derivation.conclusion, derivation.context)[-1].step.judgement
        assert last.failure == CENT
        assert [entry.share for entry in derivation.ledger.entries] == [CENT * f for f in split.values()]


def test_splits_that_are_none_are_refused():
    pruned = NETWORKS["random"]
    names = plans(pruned, S.One)[-1].events
    with pytest.raises(InvalidArgument, match="do not add up to delta"):
        bound(pruned, {name: Rational(1, len(names) + 1) for name in names})
    with pytest.raises(InvalidArgument, match=r"split=\['norm of layer 1'\] are not the events of a derivation; name"):
        bound(pruned, {"norm of layer 1": 1})
    with pytest.raises(InvalidArgument, match='split=\'greedy\' is not known; pass "equal", "best" or fractions'):
        bound(pruned, "greedy")
    d, delta = integer("d", min=2), real("delta", min=0, max=1, exclude_min=True)
    open_width = prune(fcn([d, d, d], weights=K), magnitude(alpha="1/2"))
    with pytest.raises(InvalidArgument, match=r"split='best' leaves \['d'\] free; give numbers"):
        bound(open_width, "best")
    with pytest.raises(InvalidArgument, match=r"leaves \['delta'\] free"):
        bound(pruned, "best", delta)


def test_a_split_serves_all_parameters():
    """With parameters, fractions are given; at numbers the bound is that of the same fractions."""
    d = integer("d", min=2)
    pruned = prune(fcn([d, d, d], weights=K), magnitude(alpha="1/2"))
    names = plans(pruned, S.One)[0].events
    split = {name: Rational(i + 1, sum(range(1, len(names) + 1))) for i, name in enumerate(names)}
    found = bound(pruned, split).expression.xreplace({d: Integer(50)})
    assert evaluate(found) == pytest.approx(value(pruned.at({d: Integer(50)}), split), rel=1e-9)
    assert bound(pruned, split) != bound(pruned, "equal")


def test_nothing_to_split():
    pruned = prune(fcn([8, 8], weights=K), magnitude(count=2))
    assert bound(pruned, "best").split is None
    assert value(prune(fcn([8, 8], weights=K), [None]), "best") == 0
