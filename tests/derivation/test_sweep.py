"""Bounds at many points against the bound with numbers put in."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Integer, Rational

from boundcheck import fcn, gap_bound, integer, magnitude, normal, prune, random, real, scaled, sweep, uniform
from boundcheck.errors import InvalidArgument, UnsupportedClaim
from boundcheck.formula.numeric import evaluate
from boundcheck.formula.rigorous import enclose

D = integer("d", min=1)
ALPHA = real("alpha", min=0, max=1, exclude_min=True, exclude_max=True)
DELTA = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)
COUNT = integer("count", min=0)


@pytest.mark.parametrize("rule", [magnitude, random])
@pytest.mark.parametrize("law", [uniform(-1, 1), normal(0, 1)], ids=str)
def test_a_grid_against_the_bound_at_each_point(rule, law):
    pruned = prune(fcn([7, D, 2 * D, 5], weights=scaled(law)), rule(alpha=ALPHA))
    widths, alphas, deltas = [1, 6, 70, 3000], ["1/10", "1/2", "9/10"], ["1e-9", "1/2"]
    found = sweep(
        pruned,
        {
            D: np.array(widths)[:, None, None],
            ALPHA: np.array([float(Rational(a)) for a in alphas])[:, None],
            DELTA: np.array([float(Rational(x)) for x in deltas]),
        },
        delta=DELTA,
    )
    assert found.shape == (4, 3, 2)
    for i, d in enumerate(widths):
        for j, alpha in enumerate(alphas):
            at = pruned.at({D: Integer(d), ALPHA: Rational(alpha)})
            for k, delta in enumerate(deltas):
                bound = gap_bound(at.target, at, delta=delta).expression
                assert found[i, j, k] == pytest.approx(evaluate(bound), rel=1e-9)
                if law.supremum is not None:  # erfinv enlarges the margin of quantiles in floats
                    assert found[i, j, k] == pytest.approx(enclose(bound).high, rel=3e-9)


def test_large_widths_and_shapes():
    pruned = prune(fcn([D, D, D], weights=scaled(uniform(-1, 1))), magnitude(alpha="1/2"))
    widths = np.array([10**5, 10**9, 10**12])
    found = sweep(pruned, {D: widths}, delta="0.01", radius=2)
    for d, value in zip(widths, found, strict=True):
        at = pruned.at({D: Integer(int(d))})
        assert value == pytest.approx(evaluate(gap_bound(at.target, at, delta="0.01", radius=2).expression), rel=1e-9)
    numbers = pruned.at({D: Integer(50)})
    assert sweep(numbers, {}, delta="0.01").shape == ()
    assert float(sweep(pruned, {D: 50}, delta="0.01")) == pytest.approx(float(sweep(numbers, {}, delta="0.01")))


def test_where_there_is_no_such_network():
    pruned = prune(fcn([D, 3], weights=scaled(uniform(-1, 1))), magnitude(count=COUNT))
    found = sweep(pruned, {D: 4, COUNT: [0, 5, 12, 13]}, delta="0.01")
    assert found[0] == 0
    assert np.isfinite(found[:3]).all()
    assert np.isnan(found[3])


def test_bad_input():
    pruned = prune(fcn([D, 3], weights=scaled(uniform(-1, 1))), magnitude(alpha=ALPHA))
    with pytest.raises(InvalidArgument, match="alpha"):
        sweep(pruned, {D: [3, 4]}, delta="0.01")
    for point in ({D: 0, ALPHA: 0.5}, {D: 2.5, ALPHA: 0.5}, {D: 3, ALPHA: 1.0}, {D: 3, ALPHA: np.nan}):
        with pytest.raises(InvalidArgument, match="outside its domain"):
            sweep(pruned, point, delta="0.01")
    lopsided = prune(fcn([D, 3], weights=uniform(-1, 2)), random(count=1))
    with pytest.raises(UnsupportedClaim):
        sweep(lopsided, {D: 3}, delta="0.01")
