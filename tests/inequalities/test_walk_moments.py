"""S6: what is said of moments of weights, and how the bound hangs together; its sums are tested in test_walks."""

from __future__ import annotations

import math
from itertools import combinations, product

import numpy as np
import pytest
from residual_formulas import walks
from scipy import integrate, stats
from sympy import Integer, Rational

from boundcheck import bernoulli, conv, dense, discrete, normal, rademacher, truncated_normal, uniform
from boundcheck.formula.numeric import evaluate
from boundcheck.formula.rigorous import enclose
from boundcheck.inequalities.bounds.walk_moments import WalkMoments, walk_bound
from boundcheck.statement.functions import WALK_ORDERS, WalkQuantile

CENT = Rational(1, 100)
ORDERS = range(1, WALK_ORDERS + 1)


def even_moments(law):
    """E w^{2j} by numbers."""
    if law.label == "truncated_normal":
        std, cut = float(law.std), float(law.cut)
        density = stats.truncnorm(-cut / std, cut / std, scale=std).pdf
        return [2 * integrate.quad(lambda x, j=j: x ** (2 * j) * density(x), 0, cut)[0] for j in ORDERS]
    if law.finite is not None:
        return [sum(float(p) * float(v) ** (2 * j) for v, p in law.finite.items()) for j in ORDERS]
    if law.label == "uniform":
        low, high = float(law.low), float(law.high)
        return [integrate.quad(lambda x, j=j: x ** (2 * j), low, high)[0] / (high - low) for j in ORDERS]
    return [float(stats.norm(float(law.location), float(law.std)).moment(2 * j)) for j in ORDERS]


def claimed_moments(law):
    """The moments in the bound, scaled back."""
    [quantile] = walk_bound(dense(3, 2, weights=law), law, Integer(2), CENT).atoms(WalkQuantile)
    scale = evaluate(walk_bound(dense(3, 2, weights=law), law, Integer(2), CENT) / quantile)
    return [evaluate(x) * scale ** (2 * j) for j, x in enumerate(quantile.args[6:], start=1)]


EXACT = [uniform(-2, 2), uniform(Rational(-1, 3), Rational(1, 3)), normal(0, 3), rademacher(2)]
CUT = [truncated_normal(1, 1), truncated_normal(2, 6), truncated_normal(1, "1/10"), truncated_normal(1, 3)]


@pytest.mark.parametrize("law", [*EXACT, uniform(-1, 2), bernoulli("1/3"), discrete({-1: "1/4", 0: "1/2", 3: "1/4"})])
def test_even_moments_of_laws(law):
    assert [float(law.even_moment(j)) for j in ORDERS] == pytest.approx(even_moments(law), rel=1e-9)


@pytest.mark.parametrize("law", EXACT, ids=str)
def test_exact_moments_enter(law):
    assert claimed_moments(law) == pytest.approx(even_moments(law), rel=1e-9)


@pytest.mark.parametrize("law", CUT, ids=str)
def test_upper_bounds_of_moments_enter_where_they_are_not_known(law):
    claimed, found = claimed_moments(law), even_moments(law)
    assert claimed[0] == pytest.approx(found[0], rel=1e-9)
    assert all(x >= y * (1 - 1e-9) for x, y in zip(claimed, found, strict=True))
    assert not all(x * 0.9 >= y for x, y in zip(claimed, found, strict=True))


def test_laws_without_a_bound():
    for law in (uniform(-1, 2), bernoulli(Rational(1, 2)), normal(1, 1)):
        assert walk_bound(dense(4, 4, weights=law), law, Integer(3), CENT) is None
    layer = dense(4, 4, weights=normal(0, 1))
    assert WalkMoments().bound_by_magnitude(layer, Integer(3), CENT) is None
    assert walk_bound(layer, layer.weights, Integer(3), CENT) is not None


@pytest.mark.parametrize("law", EXACT, ids=str)
def test_transposing_changes_nothing_and_scaling_scales(law):
    for inputs, outputs, k in ((3, 9, 4), (40, 7, 100)):
        wide, tall = dense(inputs, outputs, weights=law), dense(outputs, inputs, weights=law)
        one = evaluate(walk_bound(wide, law, Integer(k), CENT))
        assert evaluate(walk_bound(tall, law, Integer(k), CENT)) == pytest.approx(one, rel=1e-12)
        assert evaluate(walk_bound(wide, law.scaled(Integer(3)), Integer(k), CENT)) == pytest.approx(3 * one, rel=1e-12)
        assert evaluate(walk_bound(wide, law, Integer(k + 1), CENT)) > one
        assert evaluate(walk_bound(wide, law, Integer(k), CENT / 2)) > one


@pytest.mark.parametrize("k", [1, 7, 100, 1199])
def test_a_convolution_has_sums_over_its_taps_and_a_union_over_frequencies(k):
    layer = conv(15, 20, 2, weights=uniform(-2, 2)).on((9, 9))
    level, moments = math.log(100 * int(layer.frequencies)), [1 / (2 * j + 1) for j in ORDERS]
    inequality = WalkMoments()
    bounds = {
        False: inequality.bound(layer, layer.weights, Integer(k), CENT),
        True: inequality.bound_by_magnitude(layer, Integer(k), CENT),
    }
    for magnitude, bound in bounds.items():
        expected = 2 * walks(20, 15, 4, k, 1200, level, moments, magnitude=magnitude)
        assert evaluate(bound) == pytest.approx(expected, rel=1e-9)
        low, high = enclose(bound)
        assert low * (1 - 1e-11) <= evaluate(bound) <= high * (1 + 1e-11)


def block_moments(inputs, outputs, phases, k):
    """E tr(PP*)^q, q = 1, …, of k signs among the taps, P(u, v) = Σ_t phase_t w_t: over all subsets and signs."""
    taps = len(phases)
    size, totals, number = inputs * outputs * taps, np.zeros(WALK_ORDERS), 0
    for places in combinations(range(size), k):
        for signs in product((-1.0, 1.0), repeat=k):
            kernel = np.zeros(size)
            kernel[list(places)] = signs
            block = kernel.reshape(outputs, inputs, taps) @ np.array(phases)
            singular = np.linalg.svd(block, compute_uv=False)
            totals += [np.sum(singular ** (2 * q)) for q in ORDERS]
            number += 1
    return totals / number


def claimed_of_block(inputs, outputs, taps, k, share=None):
    """What S6 puts in their place; with another share of entries, a wrong one."""
    share = k / (inputs * outputs * taps) if share is None else share
    one = [1.0, *([share] * WALK_ORDERS)]
    found = [1.0] + [0.0] * WALK_ORDERS
    for _ in range(taps):
        found = [sum(math.comb(2 * j, 2 * i) * one[i] * found[j - i] for i in range(j + 1)) for j in range(len(found))]
    entry = found[1:]
    return np.array(
        [walks(outputs, inputs, 1, outputs * inputs, outputs * inputs, 0.0, entry[:q], only=True) for q in ORDERS]
    )


@pytest.mark.parametrize("phases", [(1, 1), (1, -1), (1, 1j), (1, np.exp(0.7j))], ids=str)
def test_moments_of_subsets_of_a_convolution_are_dominated(phases):
    """Independent entries in place of a subset, and phases of 1, only enlarge moments; for signs and two taps."""
    for k in (1, 2, 3, 4):
        exact = block_moments(2, 1, phases, k)
        claimed = claimed_of_block(2, 1, 2, k)
        assert np.all(exact <= claimed * (1 + 1e-12))
        assert not np.all(exact <= claimed_of_block(2, 1, 2, k, share=k / 4 * 0.99))


def test_all_entries_and_phases_of_one_attain_the_moments():
    assert block_moments(2, 1, (1, 1), 4) == pytest.approx(claimed_of_block(2, 1, 2, 4), rel=1e-12)
