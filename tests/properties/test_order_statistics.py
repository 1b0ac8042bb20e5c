"""T5: threshold, removed set and removed weights of magnitude pruning have the stated joint law.

Fixed seeds; the whole folder fails by chance with probability at most 1e-6 (see statistics_helpers).
"""

from functools import lru_cache
from itertools import combinations

import numpy as np
import pytest
from scipy.special import erf
from scipy.stats import beta
from statistics_helpers import at_least, at_most, follows, uniform_cells

from boundcheck.derivation.norms import removed_norm_by_magnitude
from boundcheck.formula.numeric import evaluate
from boundcheck.inequalities.bounds.order_statistics import threshold_bound
from boundcheck.kernels import layer_cpu, network_cpu, steps, tables
from boundcheck.statement.domain import exact
from boundcheck.statement.laws import normal, uniform
from boundcheck.statement.layer import dense

SHAPES = [(1, 1, 0), (1, 7, 0), (2, 3, 2), (4, 4, 15), (9, 5, 11), (20, 30, 40)]  # outputs, inputs, removed
HALF_WIDTH, DEVIATION = 2.5, 0.4
LAWS = {
    "uniform": (tables.UNIFORM, (-HALF_WIDTH, HALF_WIDTH, 0), lambda x: np.abs(x) / HALF_WIDTH),
    "normal": (tables.NORMAL, (0, DEVIATION, 0), lambda x: erf(np.abs(x) / (DEVIATION * np.sqrt(2)))),
}


@lru_cache
def thresholds(law, shape):
    m, n, removed = shape
    trials = 40_000 if m * n < 100 else 4000
    code, parameters, magnitude_cdf = LAWS[law]
    seen = network_cpu.network_trials(
        17, 0, trials, [steps.linear(n, m)], [0], [code], [parameters], [tables.MAGNITUDE], [removed], np.zeros((1, n))
    )
    return magnitude_cdf(seen.tau[:, 0])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("law", LAWS)
def test_threshold_has_a_beta_law(law, shape):
    m, n, k = shape
    seen = thresholds(law, shape)
    assert follows(seen, beta(k + 1, m * n - k).cdf)


def test_wrong_beta_laws_are_caught():
    """Beta(k, D - k), Beta(k + 1, D - k + 1) and Beta(k, D - k + 1) at shapes where one rank matters."""
    for m, n, k in SHAPES[2:5]:
        for law in LAWS:
            seen = thresholds(law, (m, n, k))
            for a, b in [(k, m * n - k), (k + 1, m * n - k + 1), (k, m * n - k + 1)]:
                assert not follows(seen, beta(a, b).cdf), (law, m, n, k, a, b)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("law", LAWS)
def test_threshold_bound_is_the_quantile(law, shape):
    """`threshold_bound` is exceeded with probability delta: not more, and not less."""
    m, n, k = shape
    spec = {"uniform": uniform(-HALF_WIDTH, HALF_WIDTH), "normal": normal(0, DEVIATION)}[law]
    seen = thresholds(law, shape)
    magnitude_cdf = LAWS[law][2]
    for delta in ("1/2", "1/10"):
        bound = magnitude_cdf(evaluate(threshold_bound(dense(n, m, weights=spec), exact("k", k), exact("d", delta))))
        share = float(exact("d", delta))
        assert at_most(seen > bound, share)
        assert at_least(seen > bound, share)
    assert not at_most(seen > bound * 0.8, share)


# The joint law of (τ, S, removed weights) -----------------------------------------------------------------------------

M, N, K, TRIALS = 2, 3, 2, 12_000
SETS = {s: i for i, s in enumerate(combinations(range(M * N), K))}


@lru_cache
def joint():
    """Quantile level of τ, number of the removed set, and removed weights over τ in index order, by trial."""
    levels, sets, ratios = [], [], []
    for trial in range(TRIALS):
        drawn = layer_cpu.layer_draw(5, trial, 0, M, N, tables.UNIFORM, (-1, 1, 0), tables.MAGNITUDE, K)
        removed = drawn.removed.ravel().astype(bool)
        levels.append(drawn.tau)
        sets.append(SETS[tuple(np.flatnonzero(removed))])
        ratios.append(drawn.weights.ravel()[removed] / drawn.tau)
    return beta(K + 1, M * N - K).cdf(levels), np.array(sets), np.array(ratios)


def bins(levels, count):
    return np.minimum((np.asarray(levels) * count).astype(int), count - 1)


def test_removed_set_is_uniform_and_independent_of_the_threshold():
    levels, sets, _ = joint()
    assert uniform_cells(sets, len(SETS))
    assert uniform_cells(sets * 8 + bins(levels, 8), 8 * len(SETS))


def test_removed_weights_are_uniform_below_the_threshold_and_independent():
    levels, sets, ratios = joint()
    for j in range(K):
        assert follows(ratios[:, j], lambda x: (x + 1) / 2)
    first, second = (bins((ratios[:, j] + 1) / 2, 6) for j in range(K))
    assert uniform_cells(6 * first + second, 36)
    assert uniform_cells(8 * first + bins(levels, 8), 48)
    assert uniform_cells(len(SETS) * first + sets, 6 * len(SETS))


def test_dependent_sets_and_weights_are_caught():
    """The checks above see a set that leans to low indices, one tied to τ, and weights not divided by τ."""
    levels, sets, ratios = joint()
    generator = np.random.default_rng(1)
    leaning = np.where(generator.random(TRIALS) < 0.1, 0, sets)
    assert not uniform_cells(leaning, len(SETS))
    order = np.argsort(levels)
    tied = sets.copy()
    tied[order[: TRIALS // 2]] = np.sort(sets[order[: TRIALS // 2]])  # the marginal law is as before
    assert uniform_cells(tied, len(SETS))
    assert not uniform_cells(tied * 8 + bins(levels, 8), 8 * len(SETS))
    undivided = ratios[:, 0] * beta(K + 1, M * N - K).ppf(levels)
    assert not follows(undivided, lambda x: (x + 1) / 2)


@pytest.mark.parametrize("law", LAWS)
def test_residual_is_threshold_times_a_unit_residual(law):
    """P(‖R‖ > threshold bound · unit residual bound) is at most the sum of the two shares."""
    m, n, k = 8, 12, 30
    code, parameters, _ = LAWS[law]
    spec = {"uniform": uniform(-HALF_WIDTH, HALF_WIDTH), "normal": normal(0, DEVIATION)}[law]
    seen = network_cpu.network_trials(
        2, 0, 2000, [steps.linear(n, m)], [0], [code], [parameters], [tables.MAGNITUDE], [k], np.zeros((1, n))
    ).norm_low[:, 0, tables.REMOVED]
    share = exact("d", "1/10")
    layer, count = dense(n, m, weights=spec), exact("k", k)
    choice = removed_norm_by_magnitude(layer, count, threshold_bound(layer, count, share), share)
    for key, candidate in choice.candidates.items():
        assert at_most(seen > evaluate(candidate), 0.2), key
    assert not at_most(seen > evaluate(choice.value) / 4, 0.2)
