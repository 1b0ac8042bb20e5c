"""Estimates of spectral norms against LAPACK: an error budget on thousands of matrices, hard ones among them.

The budget of an estimate e of a norm s: in double precision -1e-7 <= e/s - 1 <= 1e-12, in single ±1e-5. It holds for
every matrix whose top singular vector the fixed start sees; where it is orthogonal to the start an estimate may be
smaller, never larger.
"""

import numpy as np
import pytest
from hard_matrices import adversarial

from boundcheck.kernels import estimate_bodies, jit, matrix_cpu, tables, tridiagonal_bodies

BUDGET = {tables.DOUBLE: (-1e-7, 1e-12), tables.SINGLE: (-1e-5, 1e-5)}
HIDDEN = ("top vector orthogonal to the start", "the same with a weaker visible one")


def norms(matrices):
    return np.linalg.svd(np.asarray(matrices, dtype=np.float64), compute_uv=False)[:, 0]


def check(matrices, precision, budget=None, estimates=None):
    matrices = np.asarray(matrices, dtype=tables.NUMBERS[precision])
    low, high = budget or BUDGET[precision]
    exact = norms(matrices)
    found = matrix_cpu.norm_estimates(matrices, precision=precision) if estimates is None else estimates
    zero = exact == 0
    assert (found[zero] == 0).all()
    error = found[~zero] / exact[~zero] - 1
    assert low <= error.min(initial=0)
    assert error.max(initial=0) <= high


@pytest.mark.parametrize("precision", tables.NUMBERS)
@pytest.mark.parametrize(
    "shape", [(1, 1), (5, 5), (8, 20), (32, 32), (40, 17), (64, 64), (33, 130), (200, 200)], ids=str
)
@pytest.mark.parametrize("share", [1.0, 0.5, 0.03])
def test_thousands_of_matrices(precision, shape, share):
    rng = np.random.default_rng(3)
    trials = max(6, 400_000 // (shape[0] * shape[1] * min(shape)))
    matrices = rng.uniform(-1, 1, (min(trials, 500), *shape))
    check(matrices * (rng.random(matrices.shape) < share), precision)


@pytest.mark.parametrize("precision", tables.NUMBERS)
@pytest.mark.parametrize("scale", [1.0, 1e-36, 1e36, 1e-300, 1e300], ids=str)
@pytest.mark.parametrize(("name", "a"), [pair for pair in adversarial() if pair[0] not in HIDDEN])
def test_hard_matrices_at_any_scale(name, a, scale, precision):
    number = np.finfo(tables.NUMBERS[precision])
    scaled = a * scale
    largest = np.abs(scaled).max()
    if not (largest == 0 or number.tiny <= largest <= number.max):
        return
    scaled = scaled.astype(tables.NUMBERS[precision])
    unit = np.abs(scaled.astype(float)).max() or 1.0
    estimates = matrix_cpu.norm_estimates(scaled[None], precision=precision)
    check((scaled.astype(float) / unit)[None], precision, estimates=estimates / unit)


@pytest.mark.parametrize("precision", tables.NUMBERS)
@pytest.mark.parametrize("a", [a for name, a in adversarial() if name in HIDDEN])
def test_never_above_where_the_start_sees_little(a, precision):
    check(a[None], precision, budget=(-1.0, 5e-5 if precision == tables.SINGLE else 1e-12))


@pytest.mark.parametrize("precision", tables.NUMBERS)
def test_one_huge_entry_and_what_is_not_finite(precision):
    rng = np.random.default_rng(1)
    a = rng.uniform(-1, 1, (3, 20, 30)).astype(tables.NUMBERS[precision])
    a[0, 3, 4] = 1e30
    a[1, 3, 4] = np.inf
    a[2, 3, 4] = np.nan
    found = matrix_cpu.norm_estimates(a, precision=precision)
    assert found[0] == pytest.approx(1e30, rel=1e-5)
    assert found[1] == found[2] == np.inf


def test_budget_sees_a_coarse_stop(monkeypatch):
    # The test can fail: a run that ends after nine steps is far outside the budget.
    a = np.random.default_rng(2).uniform(-1, 1, (20, 64, 64))
    with pytest.raises(AssertionError):
        check(a, tables.DOUBLE, estimates=np.array([after_steps(m.ravel(), 64, 64, 9) for m in a]))
    check(a, tables.DOUBLE, estimates=np.array([after_steps(m.ravel(), 64, 64, 72) for m in a]))


@jit.compiled
def after_steps(values, m, n, steps):
    workspace = matrix_cpu.new_estimate_workspace(m * n, m, n, values)
    shorter = estimate_bodies.EstimateWorkspace(
        workspace.vectors,
        workspace.scaled,
        workspace.diagonal[:steps],
        workspace.off_diagonal[:steps],
        workspace.columns,
        workspace.ends,
    )
    return estimate_bodies.spectral_estimate(values, False, m, n, shorter)


@jit.compiled
def of_entries(values, where, m, n):
    workspace = matrix_cpu.new_estimate_workspace(m * n, m, n, values)
    rows = estimate_bodies.by_rows(workspace, where, where.shape[0], n)
    return estimate_bodies.spectral_estimate(values, True, rows, n, workspace)


@pytest.mark.parametrize("precision", tables.NUMBERS)
def test_sparse_matrices_are_the_dense_ones(precision):
    rng = np.random.default_rng(7)
    for shape in ((1, 9), (30, 30), (64, 20)):
        for count in (0, 1, 5, 30):
            where = np.sort(rng.choice(shape[0] * shape[1], min(count, shape[0] * shape[1]), replace=False))
            dense = np.zeros(shape[0] * shape[1], tables.NUMBERS[precision])
            dense[where] = rng.uniform(-1, 1, len(where))
            found = of_entries(dense[where], where.astype(np.int32), *shape)
            check(dense.reshape(1, *shape), precision, estimates=np.array([found]))


@jit.compiled
def ritz(diagonal, off_diagonal, low, growth):
    return tridiagonal_bodies.largest_ritz_value(diagonal, off_diagonal, diagonal.shape[0], low, growth)


@jit.compiled
def above(diagonal, off_diagonal, x):
    return tridiagonal_bodies.has_eigenvalue_above(diagonal, off_diagonal, diagonal.shape[0], x)


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("low", [0.0, 1.0])
def test_a_tridiagonal_matrix_that_holds_no_numbers_ends_the_search(place, low):
    diagonal, off = np.ones(3), np.ones(2)
    diagonal[place] = np.nan
    assert not ritz(diagonal, off, low, 0.0) < np.inf
    assert not ritz(np.ones(3), np.array([1.0, np.nan]), low, 0.0) < np.inf


def test_largest_eigenvalue_of_tridiagonal_matrices():
    rng = np.random.default_rng(5)
    for order in (1, 2, 3, 8, 30, 100):
        for kind in range(6):
            diagonal, off = rng.uniform(0, 1, order), rng.uniform(0, 1, order - 1)
            if kind == 1:
                off *= 1e-9  # nearly diagonal
            if kind == 2:
                diagonal[:] = 1.0  # clustered
                off *= 1e-6
            if kind == 3:
                off[:] = 0
            if kind == 4:
                diagonal[0] = 1e12
            matrix = np.diag(diagonal) + np.diag(off, 1) + np.diag(off, -1)
            exact = np.linalg.eigvalsh(matrix)[-1]
            if exact <= 0:
                continue
            for low, growth in ((0.0, 0.0), (exact * (1 - 1e-7), 1e-6 * exact), (exact * (1 - 1e-7), 1e-12 * exact)):
                found = ritz(diagonal, off, low, growth)
                assert found == pytest.approx(exact, rel=1e-12)
                assert not above(diagonal, off, found)
                assert above(diagonal, off, exact * (1 - 1e-9))
