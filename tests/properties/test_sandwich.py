"""The sandwich: observed gap ≤ T1 at realised norms in every trial, and that exceeds ε with probability at most δ.

Fixed seeds; the whole folder fails by chance with probability at most 1e-6 (see statistics_helpers).
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statistics_helpers import at_most, caught, examples
from sympy import Integer, Rational

from boundcheck.check.gaps import allowance_of, certified_gap
from boundcheck.derivation.gap import gap_bound
from boundcheck.experiment.measure import measure_network
from boundcheck.experiment.plan import draw_key, network_plan
from boundcheck.formula.numeric import evaluate
from boundcheck.testing import assert_bound, strategies

TRIALS = 200
DELTA = Rational(1, 5)
RADIUS = 0.0625


def measured(pruned):
    """Gaps less their allowance, and certificates, in each trial."""
    plan = network_plan(pruned, RADIUS, key=draw_key(0, "sandwich", str(pruned)), inputs=8)
    seen = measure_network(plan, TRIALS)
    return seen.gap - allowance_of(plan, seen, RADIUS), certified_gap(seen.norm_high, plan.lipschitz, RADIUS)


def derived(pruned):
    return gap_bound(pruned.target, pruned, delta=DELTA, radius=Rational(RADIUS)).derivation


@examples(60)
@given(strategies.pruned_networks())
def test_observed_is_at_most_certified_is_at_most_derived(pruned):
    observed, certificate = measured(pruned)
    epsilon = evaluate(derived(pruned).expression)
    assert_bound(observed, certificate)
    # Certified norms lie up to 1e-6 above the exact ones that epsilon bounds.
    assert at_most(certificate > epsilon * (1 + 1e-5), DELTA)
    assert at_most(observed > epsilon, DELTA)


def frequency_holds(bound):
    def holds(pruned):
        return at_most(measured(pruned)[1] > bound(derived(pruned)), DELTA)

    return holds


def _value(choice):
    return 1.0 if choice is None else evaluate(choice.value)


def without_products(derivation):
    residuals = sum(_value(layer.residual) for layer in derivation.layers)
    return float(derivation.radius) * float(derivation.pruned.target.lipschitz) * residuals


FAULTS = {
    "norms of other layers dropped": without_products,
    "first residual dropped": lambda d: evaluate(
        d.recursion.xreplace({s: Integer(0) for s in d.symbols if s.name == "rho_1"}).xreplace(d.symbols)
    ),
    "radius squared": lambda d: evaluate(d.expression) * RADIUS,
    "a tenth": lambda d: evaluate(d.expression) / 10,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_derivation_is_caught(fault):
    assert caught(strategies.pruned_networks(), frequency_holds(FAULTS[fault]), count=200)


def test_a_certificate_below_the_gap_is_caught():
    def holds(pruned):
        observed, certificate = measured(pruned)
        return (observed <= 0.5 * certificate).all()

    assert caught(strategies.pruned_networks(), holds, count=200)


@examples(30)
@given(strategies.pruned_networks(3, 8), st.sampled_from([Rational(1, 100), Rational(1, 10)]))
def test_derived_bounds_fall_with_delta_and_scale_with_the_radius(pruned, delta):
    at = [
        evaluate(gap_bound(pruned.target, pruned, delta=d, radius=r).expression)
        for d, r in ((delta, 1), (delta / 2, 1), (delta, 3))
    ]
    assert np.isnan(at).sum() == 0
    assert at[0] <= at[1]
    assert at[2] == pytest.approx(3 * at[0], rel=1e-9)
