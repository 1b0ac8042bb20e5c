"""T1: the gap never exceeds the layer recursion at realised norms, whatever the weights and masks."""

from fractions import Fraction
from math import prod
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statistics_helpers import caught, examples

from boundcheck.check.gaps import allowance_of, certified_gap
from boundcheck.derivation.recursion import layer_recursion
from boundcheck.experiment.plan import network_plan
from boundcheck.kernels import network_cpu, steps
from boundcheck.statement.pruning import Pruned
from boundcheck.testing import assert_bound, strategies


class Case(NamedTuple):
    network: object
    weights: list
    masks: list
    radius: float
    inputs: np.ndarray
    order: list

    @property
    def plan(self):
        return network_plan(Pruned(self.network, (None,) * self.network.depth), self.radius, key=0)


@st.composite
def cases(draw, max_depth=4, max_width=6):
    network = draw(strategies.networks(max_depth, max_width))
    shapes = [(int(layer.outputs), int(layer.inputs)) for layer in network.layers]
    weights = [draw(strategies.weight_matrices(shape)) for shape in shapes]
    masks = [draw(strategies.masks(shape)) for shape in shapes]
    radius = draw(strategies.radii())
    aligned = [np.linalg.svd(matrix)[2][0] for matrix in (weights[0], weights[0] * masks[0])]
    inputs = draw(strategies.inputs(shapes[0][1], radius, 5, aligned=aligned))
    return Case(network, weights, masks, radius, inputs, draw(st.permutations(range(network.depth))))


# With the kernels: floats, certified norms, and the allowance for rounding --------------------------------------------


def both_orders(target, kept, removed, radius, lipschitz):
    norms = np.stack([target, kept, removed], axis=-1)
    return certified_gap(norms, lipschitz, radius)


def forward(target, kept, removed, radius, lipschitz):
    return recursion(target.T, kept.T, removed.T, radius, np.prod(lipschitz))


def backward(target, kept, removed, radius, lipschitz):
    return recursion(kept.T, target.T, removed.T, radius, np.prod(lipschitz))


def recursion(target, kept, removed, radius, lipschitz):
    bound = layer_recursion(list(target), list(kept), list(removed), radius=radius, lipschitz=lipschitz)
    return np.where(np.isnan(bound), np.inf, bound) * (1 + 1e-13)


def kernels_agree(bound):
    """The two sides for a case: the measured gap, less the allowance, and `bound` of the certified norms."""

    def sides(case):
        plan = case.plan
        with np.errstate(over="ignore", invalid="ignore"):
            seen = network_cpu.network_given(
                [w[None] for w in case.weights],
                [m[None] for m in case.masks],
                plan.steps,
                plan.slopes,
                case.inputs,
            )
            allowance = allowance_of(plan, seen, case.radius)
            limit = bound(*np.moveaxis(seen.norm_high, -1, 0), case.radius, plan.lipschitz)
            # A gap that overflowed (inf or nan) is no evidence, but then the limit must not be finite either.
            evidence = np.isfinite(limit[0] + allowance[0])
            return (seen.gap[0] - allowance[0], limit[0]) if evidence else (0.0, np.inf)

    return sides


def holds(sides):
    """The property of a case that its first side is at most the second."""

    def at_most(case):
        observed, limit = sides(case)
        return bool(observed <= limit)

    return at_most


@pytest.mark.parametrize("bound", [both_orders, forward, backward])
def test_gap_is_at_most_the_recursion(bound):
    sides = kernels_agree(bound)

    @examples(80)
    @given(cases())
    def check(case):
        assert_bound(*sides(case))

    check()


FAULTS = {
    "downstream product dropped": lambda a, b, rho, r, lip: both_orders(np.ones_like(a), np.ones_like(b), rho, r, lip),
    "later kept norms dropped": lambda a, b, rho, r, lip: forward(a, np.ones_like(b), rho, r, lip),
    "earlier target norms dropped": lambda a, b, rho, r, lip: forward(np.ones_like(a), b, rho, r, lip),
    "kept norms in place of target norms": lambda a, b, rho, r, lip: forward(b, b, rho, r, lip),
    "last residual dropped": lambda a, b, rho, r, lip: both_orders(
        a, b, np.r_["1", rho[:, :-1], 0 * rho[:, -1:]], r, lip
    ),
    "Lipschitz constants dropped": lambda a, b, rho, r, lip: both_orders(a, b, rho, r, np.ones_like(lip)),
    "radius dropped": lambda a, b, rho, r, lip: both_orders(a, b, rho, 1.0, lip),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_recursion_is_caught(fault):
    assert caught(cases(), holds(kernels_agree(FAULTS[fault])), count=1000)


def test_certificate_survives_intermediate_underflow():
    """W₃ R₂ W₁ = 1e-200 · 1e-200 · 1e300: the product of the two small norms alone is below every float."""
    case = [np.array([[[value]]]) for value in (1e300, 1e-200, 1e-200)]
    masks = [np.full((1, 1, 1), value) for value in (0, 1, 0)]
    seen = network_cpu.network_given(case, masks, [steps.linear(1, 1)] * 3, [0.0] * 3, [[1.0]])
    assert seen.gap[0] == pytest.approx(1e-100)
    assert certified_gap(seen.norm_high, np.ones(3), 1.0)[0] >= 0.999e-100


# Without the kernels: plain NumPy in extended precision ---------------------------------------------------------------

EXTENDED = np.longdouble


def plain_forward(case, removed):
    hidden = case.inputs.T.astype(EXTENDED)
    for i, (weights, mask) in enumerate(zip(case.weights, case.masks, strict=True)):
        kept = np.where(mask, 0.0, weights) if removed else weights
        hidden = kept.astype(EXTENDED) @ hidden
        for activation in case.network.layers[i].after:
            if activation.name == "tanh":
                hidden = np.tanh(hidden)
            else:
                hidden = np.where(hidden < 0, EXTENDED(float(activation.slope)) * hidden, hidden)
    return hidden


def plain_norms(case):
    """Spectral norms of target, kept and removed weights, a trifle above the exact ones."""
    parts = [(w, np.where(m, 0.0, w), np.where(m, w, 0.0)) for w, m in zip(case.weights, case.masks, strict=True)]
    columns = zip(*([plain_norm(part) for part in row] for row in parts), strict=True)
    return [list(column) for column in columns]


def plain_norm(matrix):
    scale = np.abs(matrix).max() or 1.0  # of subnormal entries the norm has no digits
    return EXTENDED(np.linalg.norm(matrix / scale, 2)) * EXTENDED(scale) * (1 + EXTENDED(1e-12))


def replaced_in_order(a, b, rho, order):
    """T1 when layers are replaced in any order: the replaced ones count with b, the others with a."""
    total = EXTENDED(0)
    for place, i in enumerate(order):
        total += prod((b[j] for j in order[:place]), start=rho[i]) * prod((a[j] for j in order[place + 1 :]), start=1)
    return total


def second_form(a, b, rho, order):
    """Π (a + ρ) - Π a."""
    return prod(x + y for x, y in zip(a, rho, strict=True)) - prod(a)


PLAIN = {
    "first form": lambda a, b, rho, order: layer_recursion(a, b, rho),
    "exchanged": lambda a, b, rho, order: layer_recursion(b, a, rho),
    "any order": replaced_in_order,
    "second form": second_form,
}


def plain_agrees(bound):
    def sides(case):
        with np.errstate(all="ignore"):
            output, pruned = plain_forward(case, False), plain_forward(case, True)
            scale = np.abs(output - pruned).max()
            gap = scale * np.sqrt((((output - pruned) / (scale or 1)) ** 2).sum(axis=0)).max()
            a, b, rho = plain_norms(case)
            factor = EXTENDED(case.radius) * prod(float(x.lipschitz) for x in case.network.layers)
            frobenius = prod(np.sqrt(EXTENDED(w.size)) * x for w, x in zip(case.weights, a, strict=True))
            rounding = 1000 * np.finfo(EXTENDED).eps * factor * frobenius
            limit = factor * bound(a, b, rho, case.order) + rounding
            return (gap, limit) if np.isfinite(gap + rounding) else (0.0, np.inf)

    return sides


@pytest.mark.parametrize("form", PLAIN)
def test_plain_gap_is_at_most_the_recursion(form):
    sides = plain_agrees(PLAIN[form])

    @examples(80)
    @given(cases())
    def check(case):
        assert_bound(*sides(case))

    check()


PLAIN_FAULTS = {
    "downstream product dropped": lambda a, b, rho, order: layer_recursion(a, [1] * len(b), rho),
    "first residual dropped": lambda a, b, rho, order: layer_recursion(a, b, [0, *rho[1:]]),
    "target norms for the replaced": lambda a, b, rho, order: replaced_in_order(b, b, rho, order),
    "product of a + ρ without one layer": lambda a, b, rho, order: second_form(a[1:], b[1:], rho[1:], order),
}


@pytest.mark.parametrize("fault", PLAIN_FAULTS)
def test_a_faulty_plain_recursion_is_caught(fault):
    assert caught(cases(), holds(plain_agrees(PLAIN_FAULTS[fault])), count=1000)


def test_plain_norms_of_subnormal_weights_have_digits():
    tiny = np.array([[5e-324, 5e-324]])
    assert np.sqrt(EXTENDED(2)) < plain_norm(tiny) / EXTENDED(5e-324) < np.sqrt(EXTENDED(2)) * (1 + EXTENDED(1e-11))


# The two forms against each other, in rational numbers ----------------------------------------------------------------

rationals = st.fractions(min_value=0, max_value=9, max_denominator=16)


@examples(150)
@given(st.lists(st.tuples(rationals, rationals, st.fractions(-1, 1, max_denominator=16)), min_size=1, max_size=5))
def test_second_form_is_the_first_at_the_triangle_inequality(layers):
    """Exactly: with b = a + ρ both forms are equal, and any |b - a| ≤ ρ makes the first smaller."""
    a = [x for x, _, _ in layers]
    rho = [y for _, y, _ in layers]
    worst = [x + y for x, y in zip(a, rho, strict=True)]
    kept = [max(Fraction(0), x + share * y) for x, y, share in layers]
    difference = prod(worst) - prod(a)
    assert layer_recursion(a, worst, rho) == difference
    assert layer_recursion(a, kept, rho) <= difference
    assert layer_recursion(kept, a, rho) <= difference
    assert layer_recursion(a, worst, [0, *rho[1:]]) < difference or not rho[0] * prod(worst[1:])
