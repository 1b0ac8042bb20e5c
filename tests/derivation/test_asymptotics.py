"""How formulas grow: rates that theory gives, numbers at large d, and rules that are wrong."""

from __future__ import annotations

import pytest
from sympy import Integer, Max, Rational, S, exp, floor, log, pi, sin, sqrt

from boundcheck import (
    cnn,
    conv,
    dense,
    fcn,
    flatten,
    gap_bound,
    integer,
    magnitude,
    normal,
    prune,
    random,
    real,
    scaled,
    uniform,
)
from boundcheck.derivation import asymptotics
from boundcheck.derivation.asymptotics import Bounds, Growth, growth, regimes
from boundcheck.errors import UnsupportedClaim
from boundcheck.formula.rigorous import enclose
from boundcheck.statement.functions import (
    BetaQuantile,
    Greatest,
    HypergeometricBound,
    Least,
    MomentQuantile,
    SparseQuantile,
)

D = integer("d", min=1)
ALPHA = real("alpha", min=0, max=1, exclude_min=True, exclude_max=True)
DELTA = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)
HALF = Rational(1, 2)


def exact(coefficient, *exponents):
    found = Growth(S(coefficient), *map(S, exponents))
    return Bounds(found, found)


@pytest.mark.parametrize(
    ("expression", "bounds"),
    [
        (D, exact(1, 1)),
        (3 * D**2 - 5 * D + 7, exact(3, 2)),
        (D + 4 * D - sqrt(D), exact(5, 1)),
        (floor(D ** Rational(3, 2)) / D, exact(1, HALF)),
        (log(6 * D**3 / DELTA), exact(3, 0, 1)),
        (log(log(D)), exact(1, 0, 0, 1)),
        (sqrt(2 * log(D)) / D, exact(sqrt(2), -1, HALF)),
        (Least(1 / D, log(D) / D**2), exact(1, -2, 1)),
        (Greatest(1 / D, log(D) / D**2, 3 / D), exact(3, -1)),
        (Max(784, D), exact(1, 1)),
        (MomentQuantile(D, 4 * D, 5), exact(3, HALF)),
        (MomentQuantile(D, 10, log(1 / DELTA)), exact(1, HALF)),
        (BetaQuantile(D + 1, D**2 - D, Rational(1, 100)), exact(1, -1)),
        (HypergeometricBound(D**2, floor(D ** Rational(3, 2)), D, 1 / (100 * D)), exact(1, HALF)),
        (log(1 / DELTA) + D, exact(1, 1)),
    ],
    ids=str,
)
def test_formulas(expression, bounds):
    assert growth(expression, D) == bounds


def test_what_may_be_negative_is_not_dropped_from_below():
    assert growth(2 * D - D, D) == exact(1, 1)
    assert growth(D + DELTA * D, D).high.power == 1
    # log(delta) may be as small as it likes, but is free of d
    assert growth(log(D) + log(DELTA), D).low == Growth(S.One, S.Zero, S.One)
    assert growth(5 + log(DELTA), D).low is None
    assert growth(D * log(DELTA / D) + D, D).low is None
    assert growth(D - 2 * D, D) == Bounds(None, None) or growth(D - 2 * D, D).low is None


CASES = [
    BetaQuantile(floor(sqrt(D)) + 1, D**2 - floor(sqrt(D)), Rational(1, 100)),
    HypergeometricBound(D**2, D, D, 1 / (200 * D)),
    HypergeometricBound(D**2, floor(D ** Rational(3, 5)), D, 1 / (200 * D)),
    HypergeometricBound(D**2, floor(D ** Rational(7, 5)), D, 1 / (200 * D)),
    HypergeometricBound(7 * D, floor(D ** Rational(1, 2)), 7, 1 / (200 * D)),
    SparseQuantile(D, D, 1, D ** Rational(-1, 2), log(100)),
    SparseQuantile(D, D, 9, 1 / D, log(100), D, D**2),
    MomentQuantile(3, D, log(100 * D)),
]


@pytest.mark.parametrize("expression", CASES, ids=str)
def test_values_at_large_d_lie_between_the_growths(expression):
    """Factors 1 + o(1) are near their limits only where log log d is large; ratios must go the right way."""
    found = growth(expression, D)
    low, high = [], []
    for power in (5, 8, 11):
        d = {D: Integer(10**power + 3)}
        value = enclose(expression, d)
        if found.low is not None:
            low.append(value.high / enclose(found.low.formula(D), d).low)
        if found.high is not None:
            high.append(value.low / enclose(found.high.formula(D), d).high)
    assert low or high
    assert all(x > 0.8 for x in low)
    assert all(x < 2.5 for x in high)
    if high:
        assert high[-1] <= high[0] * 1.05


@pytest.mark.parametrize(
    ("rule", "rates"),
    [
        (random, [(-ALPHA, HALF, 0), (-HALF, 1, -1), (-HALF, 0, 0)]),
        (magnitude, [(-3 * ALPHA, HALF, 0), (-3 * HALF, 1, -1), (-2 * ALPHA - HALF, 0, 0)]),
    ],
)
def test_the_rates_of_the_existence_corollary(rule, rates):
    target = fcn([D, D, D, D], weights=scaled(uniform(-1, 1)))
    bound = gap_bound(target, prune(target, rule(alpha=ALPHA)), delta=DELTA).expression
    found = regimes(bound, D, ALPHA)
    assert [(r.low, r.high) for r in found] == [(0, HALF), (HALF, HALF), (HALF, 1)]
    assert [r.bounds.high.exponents for r in found] == rates
    # √(2 log(2d/δ')/3) d^(-α) for each of three layers, times two norms: 2/√3, or less for hidden vectors (S5a).
    first, second, norm = sqrt(2 * pi) * (1 + sqrt(2) / 2) / 4, sqrt(pi) / 2, 2 / sqrt(3)
    norms = first * second + first * norm + norm**2
    assert found[0].bounds.high.coefficient.equals(norms * sqrt(6) / 3)
    assert found[2].bounds.high.coefficient.equals(norms / (2 * ALPHA - 1))
    for regime in found:
        assert regime.bounds.low.power == regime.bounds.high.power


@pytest.mark.parametrize(("rule", "power"), [(random, -ALPHA / 2), (magnitude, -3 * ALPHA / 2)])
def test_layers_with_an_end_of_fixed_width_decide(rule, power):
    weights = scaled(uniform(-1, 1))
    ends = fcn([784, D, D, 10], weights=weights)
    images = cnn((3, 8, 8), [conv(3, D, 3, weights=weights), flatten(), dense(36 * D, 10, weights=weights)])
    for target in (ends, images):
        bound = gap_bound(target, prune(target, rule(alpha=ALPHA)), delta=DELTA).expression
        for regime in regimes(bound, D, ALPHA):
            found = regime.bounds.high.power
            assert (found - power).subs(ALPHA, (regime.low + regime.high) / 2).equals(0)


@pytest.mark.parametrize("law", [uniform(-1, 1), normal(0, 1)], ids=str)
@pytest.mark.parametrize("rule", [random, magnitude])
@pytest.mark.parametrize("alpha", ["3/10", "7/10"])
def test_bounds_at_large_widths_approach_their_rates(law, rule, alpha):
    target = fcn([D, D, D], weights=scaled(law))
    expression = gap_bound(target, prune(target, rule(alpha=alpha)), delta="1/100").expression
    found = growth(expression, D)
    ratios = []
    for power in (6, 9, 12):
        value = enclose(expression, {D: Integer(10**power)})
        assert value.high >= 0.7 * enclose(found.low.formula(D), {D: Integer(10**power)}).low
        ratios.append(value.low / enclose(found.high.formula(D), {D: Integer(10**power)}).high)
    # Above one half an inequality wins at numbers of which no growth is known, and gives way to Schur's test.
    assert ratios[0] >= ratios[1] * 0.999 >= ratios[2] * 0.998 or alpha == "7/10"
    assert max(ratios) < 2


def test_a_wrong_rule_is_noticed(monkeypatch):
    """Planted: a quantile of Beta(k + 1, D - k) of the order of (k/D)² instead of k/D."""
    case, honest = CASES[0], asymptotics._RULES[BetaQuantile]

    def squared(calculus, *arguments):
        low, high = honest(calculus, *arguments)
        return Bounds(low * low, high * high)

    monkeypatch.setitem(asymptotics._RULES, BetaQuantile, squared)
    with pytest.raises(AssertionError):
        test_values_at_large_d_lie_between_the_growths(case)


def test_what_has_no_rule_is_refused():
    with pytest.raises(UnsupportedClaim, match="how sin grows"):
        growth(D + sin(D), D)
    with pytest.raises(UnsupportedClaim, match="not linear"):
        regimes(D ** (ALPHA**2) + D, D, ALPHA)
    with pytest.raises(UnsupportedClaim, match="not split over"):
        growth(D**ALPHA + D, D)
    with pytest.raises(UnsupportedClaim, match="grows"):
        growth(exp(D), D)


def test_a_regime_in_words():
    found = regimes(D**ALPHA + D ** (1 - ALPHA), D, ALPHA)
    assert list(map(str, found)) == ["0 < alpha < 1/2", "alpha = 1/2", "1/2 < alpha < 1"]
    assert found[1].bounds == exact(2, HALF)
    assert str(regimes(D, D)[0]) == "always"
