"""T3 and T4: each inequality is the inverse of its tail, scales as it must, and is not exceeded too often.

Fixed seeds; the whole folder fails by chance with probability at most 1e-6 (see statistics_helpers).
"""

from functools import lru_cache
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statistics_helpers import at_most, caught, examples
from sympy import Integer, Rational, Symbol, log, simplify, symbols

from boundcheck.derivation.norms import kept_norm_by_magnitude, removed_norm, removed_norm_by_magnitude, whole_norm
from boundcheck.experiment.plan import draw_key, network_plan
from boundcheck.formula.numeric import evaluate
from boundcheck.inequalities.bounds.counts import channel_counts
from boundcheck.inequalities.bounds.frobenius import frobenius_bound, schur_bound
from boundcheck.inequalities.bounds.gaussian_transport import GaussianTransport
from boundcheck.inequalities.bounds.masked_series import series_bound
from boundcheck.inequalities.bounds.matrix_series import MatrixBernstein, SubGaussianSeries
from boundcheck.inequalities.bounds.moment_domination import MomentDomination
from boundcheck.inequalities.bounds.nets import Nets
from boundcheck.inequalities.bounds.order_statistics import threshold_bound
from boundcheck.inequalities.bounds.random_matrix import RandomMatrix
from boundcheck.inequalities.bounds.sparse_moments import SparseMoments
from boundcheck.inequalities.bounds.spherical import SphericalAverage
from boundcheck.inequalities.bounds.walk_moments import WalkMoments, walk_bound
from boundcheck.kernels import cpu, network_cpu, tables
from boundcheck.statement.domain import exact
from boundcheck.statement.laws import normal, rademacher, uniform
from boundcheck.statement.layer import dense
from boundcheck.statement.network import fcn
from boundcheck.statement.pruning import prune, random
from boundcheck.testing import strategies

INEQUALITIES = [SubGaussianSeries(), GaussianTransport(), Nets(), Nets(Rational(1, 5)), MatrixBernstein()]
INEQUALITIES += [MomentDomination(), SphericalAverage()]
APPLIES = {
    "T3a": "UNR",
    "T3b": "UN",
    "T3c": "UNR",
    "T3d": "UR",
    "S1": "UNR",
    "S2": "UNR",
}  # uniform, normal, rademacher
ALL_LAWS = {"U": uniform(-2, 2), "N": normal(0, "1/2"), "R": rademacher(3)}
SHAPES = [(1, 1), (1, 12), (8, 8), (25, 4), (30, 30)]  # outputs, inputs
TRIALS = 1500
DELTA = Rational(1, 5)

named = pytest.mark.parametrize("inequality", INEQUALITIES, ids=lambda i: f"{i.key}-{getattr(i, 'eta', '')}")


@st.composite
def layers(draw):
    width = st.integers(1, 200)
    law = draw(st.one_of(strategies.laws(), st.sampled_from(strategies.SCALES).map(rademacher)))
    return dense(draw(width), draw(width), weights=law)


deltas = st.integers(1, 99).map(lambda i: Rational(i, 100)) | st.integers(2, 12).map(lambda i: Rational(1, 10**i))


# As formulas ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("inequality", INEQUALITIES[:-2], ids=lambda i: f"{i.key}-{getattr(i, 'eta', '')}")
def test_tail_of_the_bound_is_delta_as_a_formula(inequality):
    """Not of moments, which have no formula in m and n; as numbers below."""
    m, n, a, taps, frequencies, occupancy = symbols("m n a kappa N nu", positive=True)
    delta = Symbol("delta", positive=True)
    if inequality.key == "T3c":
        taps = Integer(1)
    layer = SimpleNamespace(inputs=n, outputs=m, taps=taps, frequencies=frequencies, complex_factor=1 + frequencies)
    matrix = RandomMatrix(layer, uniform(-a, a), occupancy)
    ratio = inequality.tail(matrix, inequality.bound(matrix, delta)) / delta
    if inequality.key == "T3d":  # level = t²/2 / (v + Bt/3), which SymPy finds only with the level as a symbol
        level = Symbol("level", positive=True)
        t = inequality.bound(matrix, delta).subs(log(frequencies * (m + n) / delta), level)
        assert level in t.free_symbols
        v = a**2 / 3 * occupancy
        assert simplify(t**2 / 2 - level * (v + a * t / 3)) == 0
    else:
        assert simplify(ratio) == 1


def inverts(inequality, factor=1.0):
    def holds(case):
        layer, delta = case
        matrix = RandomMatrix.whole(layer)
        bound = inequality.bound(matrix, delta)
        tail = None if bound is None else inequality.tail(matrix, bound * factor)
        return bound is None or evaluate(log(tail)) == pytest.approx(float(log(delta)), rel=1e-9, abs=1e-9)

    return holds


@named
@examples(40)
@given(layers(), deltas)
def test_tail_of_the_bound_is_delta(inequality, layer, delta):
    assert inverts(inequality)((layer, delta))


@named
def test_a_bound_that_does_not_invert_is_caught(inequality):
    assert caught(st.tuples(layers(), deltas), inverts(inequality, factor=1.001))


@named
@examples(40)
@given(layers(), deltas, deltas, st.sampled_from(["1/3", "2", "100"]))
def test_bounds_fall_with_delta_and_scale_with_the_weights(inequality, layer, first, second, factor):
    matrix = RandomMatrix.whole(layer)
    if inequality.bound(matrix, first) is None:
        assert {"uniform": "U", "normal": "N", "two_point": "R"}[layer.weights.label] not in APPLIES[inequality.key]
        return
    low, high = (evaluate(inequality.bound(matrix, x)) for x in (max(first, second), min(first, second)))
    assert low < high or first == second
    by = exact("factor", factor)
    scaled = RandomMatrix(layer, layer.weights.scaled(by), matrix.occupancy)
    assert evaluate(inequality.bound(scaled, first)) == pytest.approx(
        float(by) * evaluate(inequality.bound(matrix, first)), rel=1e-12
    )


def test_tiny_failure_probabilities_evaluate():
    """The level at delta = 1e-30 is a plain number near 71."""
    matrix = RandomMatrix.whole(dense(4, 4, weights=ALL_LAWS["U"]))
    assert evaluate(SubGaussianSeries().bound(matrix, Rational(1, 10**30))) == pytest.approx(27.55, abs=0.01)


# Against drawn weights ------------------------------------------------------------------------------------------------


@lru_cache
def drawn_norms(shape, law, removed, trials=TRIALS):
    """Lower bounds of the norms of target, kept and removed weights under random pruning: [trials, 3]."""
    m, n = shape
    pruned = prune(fcn([n, m], weights=ALL_LAWS[law]), random(count=removed))
    plan = network_plan(pruned, 1.0, key=draw_key(0, "norms", f"{shape} {law} {removed}"))
    seen = network_cpu.network_trials(
        plan.key, 0, trials, plan.steps, plan.slopes, plan.laws, plan.law_parameters, plan.rules, plan.removed,
        np.zeros((1, n)),
    )  # fmt: skip
    return seen.norm_low[:, 0]


def amounts(shape):
    size = shape[0] * shape[1]
    return sorted({1, size // 10, size // 2, size - 1} & set(range(1, size)))


@named
@pytest.mark.parametrize("law", ALL_LAWS)
def test_whole_and_kept_norms_are_within_their_bounds(inequality, law):
    """The kept part too: the weights outside a random set, with the occupancy of the whole layer."""
    for shape in SHAPES:
        layer = dense(shape[1], shape[0], weights=ALL_LAWS[law])
        bound = inequality.bound(RandomMatrix.whole(layer), DELTA)
        if bound is None:
            assert law not in APPLIES[inequality.key]
            continue
        for removed in amounts(shape):
            norms = drawn_norms(shape, law, removed)
            assert at_most(norms[:, tables.TARGET] > evaluate(bound), DELTA)
            assert at_most(norms[:, tables.KEPT] > evaluate(bound), DELTA)


@pytest.mark.parametrize(
    ("inequality", "part"), [(i, part) for i, part in zip(INEQUALITIES, (2, 2, 3, 5, 3, "5/4", "4/3"), strict=True)]
)
def test_bounds_with_a_smaller_constant_are_caught(inequality, part):
    """Halved T3a and T3b are exceeded, S1 at 4/5, S2 at 3/4; the others are larger: they take a third or a fifth."""
    shape = (30, 30)
    matrix = RandomMatrix.whole(dense(30, 30, weights=ALL_LAWS["U"]))
    norms = drawn_norms(shape, "U", amounts(shape)[0])[:, tables.TARGET]
    assert not at_most(norms > evaluate(inequality.bound(matrix, DELTA)) / float(Rational(part)), DELTA)


def test_transport_without_one_dimension_is_caught():
    """T3b with √n in place of √m + √n."""
    wrong = dense(1, 90, weights=ALL_LAWS["U"])
    bound = evaluate(GaussianTransport().bound(RandomMatrix.whole(wrong), DELTA))
    assert not at_most(drawn_norms((90, 90), "U", 1, 200)[:, tables.TARGET] > bound, DELTA)


@pytest.mark.parametrize("law", ALL_LAWS)
@pytest.mark.parametrize("shape", SHAPES)
def test_every_candidate_for_the_layer_and_its_removed_part_holds(law, shape):
    """Each candidate on its own: all are claimed at the same failure probability (T4 counts included)."""
    layer = dense(shape[1], shape[0], weights=ALL_LAWS[law])
    for removed in amounts(shape):
        norms = drawn_norms(shape, law, removed)
        for key, bound in whole_norm(layer, DELTA).candidates.items():
            assert at_most(norms[:, tables.TARGET] > evaluate(bound), DELTA), key
        choice = removed_norm(layer, Integer(removed), layer.weights, DELTA)
        for key, bound in choice.candidates.items():
            assert at_most(norms[:, tables.REMOVED] > evaluate(bound), DELTA), (key, removed)
        assert evaluate(choice.value) == min(map(evaluate, choice.candidates.values()))


def by_magnitude(shape, law, removed, trials=TRIALS):
    """Spectral norms of what magnitude pruning keeps and of what it removes, drawn with NumPy: two arrays [trials]."""
    m, n = shape
    generator = np.random.default_rng([m, n, removed, ord(law)])
    weights = generator.uniform(-2, 2, (trials, m * n)) if law == "U" else generator.normal(0, 0.5, (trials, m * n))
    order = np.abs(weights).argsort(axis=1)
    kept = weights.copy()
    np.put_along_axis(kept, order[:, :removed], 0.0, axis=1)
    parts = (kept, weights - kept)
    return [np.linalg.norm(part.reshape(trials, m, n), 2, axis=(1, 2)) for part in parts]


@pytest.mark.parametrize("law", ["U", "N"])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_candidate_for_what_magnitude_pruning_keeps_and_removes_holds(law, shape):
    layer = dense(shape[1], shape[0], weights=ALL_LAWS[law])
    for removed in amounts(shape):
        kept, lost = by_magnitude(shape, law, removed)
        for key, bound in kept_norm_by_magnitude(layer, DELTA).candidates.items():
            assert at_most(kept > evaluate(bound), DELTA), (key, removed)
        threshold = threshold_bound(layer, Integer(removed), DELTA / 2)
        candidates = removed_norm_by_magnitude(layer, Integer(removed), threshold, DELTA).candidates
        assert {"S3+T5", "S6+T5"} & set(candidates) == ({"S3+T5", "S6+T5"} if law == "U" else set())
        for key, bound in candidates.items():
            assert at_most(lost > evaluate(bound), DELTA), (key, removed)


@pytest.mark.parametrize(("removed", "wrong"), [(450, 200), (899, 500)])
def test_few_entries_with_a_smaller_count_are_caught(removed, wrong):
    """S3 and S6, at random and by magnitude, for about half of the weights that really go."""
    layer = dense(30, 30, weights=ALL_LAWS["U"])
    lost = (drawn_norms((30, 30), "U", removed)[:, tables.REMOVED], by_magnitude((30, 30), "U", removed)[1])
    wrongly = Integer(wrong)
    for inequality in (SparseMoments(), WalkMoments()):
        bounds = (
            inequality.bound(layer, layer.weights, wrongly, DELTA),
            inequality.bound_by_magnitude(layer, wrongly, DELTA),
        )
        for norms, bound in zip(lost, bounds, strict=True):
            assert not at_most(norms > evaluate(bound), DELTA)


@pytest.mark.parametrize(("removed", "wrong"), [(90, 60), (450, 330)])
def test_walk_moments_of_somewhat_fewer_entries_are_caught(removed, wrong):
    """S6 is closer: two thirds of the weights that really go are too few for it."""
    layer = dense(30, 30, weights=ALL_LAWS["U"])
    norms = drawn_norms((30, 30), "U", removed)[:, tables.REMOVED]
    assert not at_most(norms > evaluate(walk_bound(layer, layer.weights, Integer(wrong), DELTA)), DELTA)


def test_a_series_of_a_fraction_of_the_entries_is_caught():
    """S4 for a fifth of the weights that really go."""
    layer = dense(30, 30, weights=ALL_LAWS["U"])
    norms = drawn_norms((30, 30), "U", 450)[:, tables.REMOVED]
    assert not at_most(norms > evaluate(series_bound(layer, layer.weights, Integer(90), DELTA)), DELTA)


def test_a_mask_that_looks_at_signs_is_caught():
    """Keeping the positive weights alone: their norm is above the bound of kept ones."""
    weights = np.random.default_rng(0).normal(0, 0.5, (200, 60, 60))
    norms = np.linalg.norm(np.maximum(weights, 0), 2, axis=(1, 2))
    bounds = kept_norm_by_magnitude(dense(60, 60, weights=ALL_LAWS["N"]), DELTA).candidates
    assert not at_most(norms > evaluate(bounds["S1"]), DELTA)
    assert not at_most(norms > evaluate(bounds["T3b+Lévy"]), DELTA)


def test_candidates_from_half_as_many_removed_are_caught():
    """Bounds for a fortieth of the weights that really go."""
    layer = dense(30, 30, weights=ALL_LAWS["R"])
    norms = drawn_norms((30, 30), "R", 450)
    bound = removed_norm(layer, Integer(450 // 40), layer.weights, DELTA)
    assert not at_most(norms[:, tables.REMOVED] > evaluate(bound.value), DELTA)


# T4: counts -----------------------------------------------------------------------------------------------------------


def most_removed(shape, removed, trials=1500):
    m, n = shape
    generator = np.random.default_rng([m, n, removed])
    order = generator.random((trials, m * n)).argsort(axis=1)[:, :removed]
    masks = np.zeros((trials, m * n), bool)
    np.put_along_axis(masks, order, True, axis=1)
    masks = masks.reshape(trials, m, n)
    return masks.sum(axis=2).max(axis=1), masks.sum(axis=1).max(axis=1)


@pytest.mark.parametrize("shape", SHAPES)
def test_channel_counts_hold_together(shape):
    layer = dense(shape[1], shape[0], weights=ALL_LAWS["U"])
    for removed in amounts(shape):
        in_output, in_input = most_removed(shape, removed)
        bounds = channel_counts(layer, Integer(removed), DELTA)
        outside = (in_output > evaluate(bounds.in_output)) | (in_input > evaluate(bounds.in_input))
        assert at_most(outside, DELTA), removed


def test_counts_without_the_union_bound_are_caught():
    """The mean count, and the bound at a share of delta that is a hundred times too large."""
    shape, removed = (30, 30), 90
    in_output, in_input = most_removed(shape, removed)
    layer = dense(30, 30, weights=ALL_LAWS["U"])
    loose = channel_counts(layer, Integer(removed), DELTA * 100)
    assert not at_most(in_output > removed / 30, DELTA)
    assert not at_most((in_output > evaluate(loose.in_output)) | (in_input > evaluate(loose.in_input)), DELTA)


# T3e: no chance at all ------------------------------------------------------------------------------------------------


@st.composite
def removed_parts(draw):
    shape = (draw(st.integers(1, 6)), draw(st.integers(1, 6)))
    part = np.where(draw(strategies.masks(shape)), draw(strategies.weight_matrices(shape)), 0.0)
    return part, draw(st.floats(1, 2)) * np.abs(part).max()


def counted(part, supremum, factor=1.0):
    """Whether both bounds from counts hold for a removed part of modulus at most `supremum`."""
    there = part != 0
    frobenius = frobenius_bound(exact("B", 1), Integer(1), Integer(int(there.sum())))
    schur = schur_bound(exact("B", 1), Integer(int(there.sum(axis=1).max())), Integer(int(there.sum(axis=0).max())))
    norm, _ = cpu.spectral_norm(part)
    return all(norm <= supremum * evaluate(bound) * factor * (1 + 1e-12) for bound in (frobenius, schur))


@examples(150)
@given(removed_parts())
def test_counts_alone_bound_the_norm(case):
    assert counted(*case)


def test_smaller_constants_in_the_count_bounds_are_caught():
    assert caught(removed_parts(), lambda case: counted(*case, factor=0.9))
    assert caught(removed_parts(), lambda case: counted(case[0], np.median(np.abs(case[0]))))
