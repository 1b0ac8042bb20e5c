"""Bounds on whole ranges against the bound at points inside them."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from sympy import Integer, Rational, S, floor, log, sqrt

from boundcheck import (
    average_pool,
    cnn,
    conv,
    dense,
    fcn,
    flatten,
    integer,
    magnitude,
    normal,
    prune,
    random,
    real,
    scaled,
    uniform,
)
from boundcheck.derivation.gap import variants
from boundcheck.errors import UnsupportedClaim
from boundcheck.formula.prover import ranges
from boundcheck.formula.prover.ranges import spans
from boundcheck.formula.rigorous import enclose
from boundcheck.statement.functions import (
    BetaQuantile,
    Greatest,
    HypergeometricBound,
    Least,
    MomentQuantile,
    MomentTail,
    SparseQuantile,
)

D = integer("d", min=1)
X = real("x", min=0)
SLACK = 3e-9


def inside(expression, low, high, points, **options):
    """Whether a span holds the value at each point."""
    [span] = spans([expression], {D: (Integer(low), Integer(high))}, **options)
    for d in points:
        value = enclose(expression, {D: Integer(d)})
        assert span.values.low <= value.high + SLACK * abs(value.high), d
        assert value.low <= span.values.high + SLACK * abs(value.low), d
    return span


EXPRESSIONS = [
    BetaQuantile(floor(sqrt(D)) + 1, D**2 - floor(sqrt(D)), Rational(1, 100)),
    BetaQuantile(D + 1, D**2 - D, 1 / (10 * D)),
    HypergeometricBound(D**2, floor(D ** Rational(7, 5)), D, 1 / (200 * D)),
    HypergeometricBound(D**2, floor(D ** Rational(3, 5)), 3 * D, 1 / (200 * D)),
    MomentQuantile(D, 2 * D, log(100 * D)),
    MomentQuantile(D, 7, 5),
    SparseQuantile(D, D, 1, 1 / D, log(100)),
    SparseQuantile(D, 2 * D, 9, D ** Rational(-1, 2), log(100), D, D**2),
    SparseQuantile(3 * D, D, 4, 2 * D ** Rational(-1, 3), log(100)),
    Least(D, 100 - D, Greatest(1 / D, D / 50)) ** 2,
    (D - 30) ** 3 - (D - 60) ** 2,
]


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_functions_on_ranges(expression):
    g = np.random.default_rng(5)
    for low, high in [(10, 10), (10, 13), (20, 90), (500, 520)]:
        points = sorted({low, high, *(int(x) for x in g.integers(low, high + 1, 6))})
        span = inside(expression, low, high, points)
        inside(expression, low, high, points, floats=False)
        for side in (-1, 1):
            [one] = spans([expression], {D: (Integer(low), Integer(high))}, side=side)
            assert one.values[side > 0] == span.values[side > 0] or not np.isfinite(one.values[side > 0])


def test_the_form_of_moments_may_change_inside_a_range():
    inside(MomentQuantile(D, D, 5), 65000, 66000, [65000, 65536, 65537, 66000])


NETWORKS = {
    "magnitude": prune(fcn([D, D, D], weights=scaled(uniform(-1, 1))), magnitude(alpha="0.6")),
    "random": prune(fcn([9, D, 2 * D, 4], weights=scaled(normal(0, 1))), random(alpha="0.4")),
    "fraction": prune(fcn([5, D, 3], weights=scaled(normal(0, 1))), magnitude(fraction="1/7")),
    "cnn": prune(
        cnn(
            (1, 6, 6),
            [
                conv(1, D, 3, weights=scaled(uniform(-1, 1))),
                average_pool(2),
                flatten(),
                dense(4 * D, 2 * D, weights=scaled(uniform(-1, 1))),
            ],
        ),
        magnitude(alpha="0.6"),
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_bounds_of_networks_on_ranges(name):
    for derivation, (low, high) in product(
        variants(NETWORKS[name], Rational(1, 100), S.One), [(40, 44), (90, 200), (1000, 1003)]
    ):
        inside(derivation.expression, low, high, {low, (low + high) // 2, high})


@pytest.mark.parametrize(
    ("function", "index"), [(BetaQuantile, 0), (HypergeometricBound, 2), (SparseQuantile, 6), (MomentQuantile, 4)]
)
def test_ends_exchanged_are_noticed(monkeypatch, function, index):
    """Planted: a function taken at the ends that do not favour it."""
    right = ranges._FUNCTIONS[function]

    def exchanged(walk, *ends):
        return right(walk, *(ranges.Ends(e.high, e.low) for e in ends))

    monkeypatch.setitem(ranges._FUNCTIONS, function, exchanged)
    [expression] = [e for i, e in enumerate(EXPRESSIONS) if i == index]
    with pytest.raises(AssertionError):
        inside(expression, 20, 90, [20, 90])


def test_what_is_not_known_to_be_monotone_is_refused():
    with pytest.raises(UnsupportedClaim, match="not known to be monotone"):
        spans([MomentTail(3, 4, X)], {X: (S.One, Integer(2))})
