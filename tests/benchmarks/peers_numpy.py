"""NumPy's and SciPy's best at the trials of `kernels.py`, which says what a contestant is."""

from __future__ import annotations

from contextlib import AbstractContextManager

import numpy as np
from scipy.sparse import csr_array

FEW = 24
"""Up to so many tridiagonal matrices go to LAPACK."""


class NumPy:
    """SFC64's raw bits, partitions of a narrow window of candidates, batched BLAS, Lanczos in row-vector form."""

    name = "NumPy"
    threads = (1, 2)
    knows_sparse = True

    def __init__(self, work) -> None:
        self.work = work
        self.dtype = np.dtype(work.dtype)
        self.inputs = np.ascontiguousarray(work.inputs.T, self.dtype)
        self.start = np.random.default_rng(0).standard_normal(work.width).astype(self.dtype)

    def context(self, threads: int) -> AbstractContextManager:
        """Two threads of BLAS, or one in each of two Python threads."""
        from threadpoolctl import threadpool_limits  # not there where only test runners import this file

        return threadpool_limits(2 // threads, "blas")

    def batches(self) -> tuple[int, ...]:
        return self.work.batches

    def variants(self, stage: str, sparse: bool) -> tuple[str, ...]:
        return {
            "sampling": ("bits", "random"),
            "selection": ("window", "partition"),
            "norms": ("gram", "two-sided"),
        }.get(stage, ("",))

    def given(self, weights: np.ndarray) -> np.ndarray:
        return weights.astype(self.dtype)

    def masks(self, weights: np.ndarray, removed: np.ndarray) -> np.ndarray:
        if removed.ndim == 4:
            return removed != 0
        found = np.zeros(weights.size, bool)
        found[removed] = True
        return found.reshape(weights.shape)

    def sampling(self, batch: int, seed: int, variant: str) -> np.ndarray:
        """Weights [layer, trial, row, column]."""
        d, half = self.work.width, self.work.half_width
        shape = (self.work.layers, batch, d, d)
        if variant == "random":
            weights = np.random.Generator(np.random.SFC64(seed)).random(shape, self.dtype)
            weights *= 2 * half
            weights -= half
            return weights
        size = self.dtype.itemsize
        words = np.random.SFC64(seed).random_raw(int(np.prod(shape)) * size // 8).view(f"i{size}")
        weights = np.empty(shape, self.dtype)
        np.multiply(words.reshape(shape), half / 2.0 ** (8 * size - 1), out=weights, casting="unsafe", dtype=self.dtype)
        return weights

    def selection(self, weights: np.ndarray, sparse: bool, variant: str) -> np.ndarray:
        """What is removed: indices into the flat weights, or a copy of the weights that is zero elsewhere."""
        d, k = self.work.width, self.work.removed
        sizes = np.abs(weights).reshape(-1, d * d)
        found = self.window(sizes, sparse) if variant == "window" else None
        if found is None:
            if sparse:
                found = np.argpartition(sizes, k - 1, axis=1)[:, :k] + d * d * np.arange(len(sizes))[:, None]
                found = found.ravel()
            else:
                found = np.partition(sizes, k - 1, axis=1)[:, k - 1]
        if sparse:
            return found
        removed = sizes <= found[:, None]
        return np.multiply(weights, removed.reshape(weights.shape), dtype=self.dtype)

    def window(self, sizes: np.ndarray, sparse: bool) -> np.ndarray | None:
        """Indices of the smallest, or each row's k-th smallest, among the few that it can be; None if it is not."""
        n, total = sizes.shape
        low, high = self.work.window
        below = np.zeros(n, np.int64)
        if sparse or low <= 0:
            candidates = np.flatnonzero(sizes < self.dtype.type(high))
        else:
            below = np.count_nonzero(sizes < self.dtype.type(low), axis=1)
            middle, reach = self.dtype.type((low + high) / 2), self.dtype.type((high - low) / 2)
            candidates = np.flatnonzero(np.abs(sizes - middle) <= reach)
            middle_low = np.abs(self.dtype.type(low) - middle) <= reach
            if not middle_low:
                return None
        rows = candidates // total
        ends = np.searchsorted(rows, np.arange(n + 1))
        counts = np.diff(ends)
        rank = self.work.removed - below
        if (rank < 1).any() or (counts < rank).any():
            return None
        table = np.full((n, counts.max()), np.inf, self.dtype)
        columns = np.arange(len(candidates)) - ends[rows]
        table[rows, columns] = sizes.ravel()[candidates]
        table.sort(axis=1)
        last = table[np.arange(n), rank - 1]
        if not sparse:
            return last
        kept = candidates[sizes.ravel()[candidates] <= last[rows]]
        return kept if len(kept) == n * self.work.removed else None

    def forward(self, weights: np.ndarray, removed: np.ndarray, variant: str) -> np.ndarray:
        target = self.through(weights)
        if removed.ndim == 4:
            pruned = self.through(weights - removed)
        else:
            flat = weights.reshape(-1)
            taken = flat[removed]
            flat[removed] = 0
            pruned = self.through(weights)
            flat[removed] = taken
        target -= pruned
        return np.sqrt(np.einsum("tij,tij->tj", target, target).max(axis=1))

    def through(self, weights: np.ndarray) -> np.ndarray:
        """Outputs [trial, row, input]."""
        layers, batch, d = weights.shape[:3]
        hidden = (weights[0].reshape(-1, d) @ self.inputs).reshape(batch, d, -1)
        for i in range(1, layers):
            np.maximum(hidden, 0, out=hidden)
            hidden = weights[i] @ hidden
        return hidden

    def norms(self, weights: np.ndarray, removed: np.ndarray, variant: str) -> tuple[np.ndarray, np.ndarray]:
        """Spectral norms [layer, trial] of the weights and of what is removed."""
        shape, d = weights.shape[:2], self.work.width
        found = self.norm(weights.reshape(-1, d, d), variant)
        if removed.ndim == 4:
            rest = self.norm(removed.reshape(-1, d, d), variant)
        else:
            rest = self.sparse_norm(weights, removed)
        return found.reshape(shape), rest.reshape(shape)

    def norm(self, a: np.ndarray, variant: str) -> np.ndarray:
        if variant == "gram":
            gram = a.transpose(0, 2, 1) @ a
            return self.lanczos(lambda v: (v[:, None] @ gram)[:, 0], len(a))
        return self.lanczos(lambda v: ((v[:, None] @ a) @ a.transpose(0, 2, 1))[:, 0], len(a))

    def sparse_norm(self, weights: np.ndarray, removed: np.ndarray) -> np.ndarray:
        """All matrices as the diagonal blocks of one sparse matrix."""
        d = self.work.width
        n = weights.size // d**2
        removed = np.sort(removed) if self.work.removed > 1 else removed
        rows = removed // d
        columns = rows // d * d + removed % d
        ends = np.zeros(n * d + 1, np.int32)
        np.cumsum(np.bincount(rows, minlength=n * d), out=ends[1:])
        blocks = csr_array((weights.reshape(-1)[removed], columns.astype(np.int32), ends), shape=(n * d, n * d))
        across = blocks.T
        return self.lanczos(lambda v: (across @ (blocks @ v.ravel())).reshape(n, d), n)

    def lanczos(self, gram, n: int) -> np.ndarray:
        """The root of the largest Ritz value of n Gram matrices."""
        steps = self.work.lanczos_steps
        diagonal = np.empty((steps, n), self.dtype)
        off = np.empty((steps, n), self.dtype)
        v = np.tile(self.start / np.linalg.norm(self.start), (n, 1))
        before = None
        for j in range(steps):
            w = gram(v)
            if before is not None:
                before *= off[j - 1][:, None]
                w -= before
            diagonal[j] = np.einsum("ij,ij->i", v, w)
            before = v
            w -= diagonal[j][:, None] * v
            off[j] = np.sqrt(np.maximum(np.einsum("ij,ij->i", w, w), np.finfo(self.dtype).tiny))
            w *= (1 / off[j])[:, None]
            v = w
        return np.sqrt(largest_root(diagonal, off[:-1]))


def largest_root(diagonal: np.ndarray, off: np.ndarray) -> np.ndarray:
    """The largest eigenvalues of tridiagonal matrices [steps, n]: by LAPACK if few, else all at once by bisection."""
    steps, n = diagonal.shape
    if n <= FEW:
        t = np.zeros((n, steps, steps), diagonal.dtype)
        i = np.arange(steps)
        t[:, i, i] = diagonal.T
        t[:, i[1:], i[:-1]] = off.T
        return np.linalg.eigvalsh(t)[:, -1]
    squares = off**2
    low = diagonal.max(axis=0)
    reach = np.zeros((steps + 1, n), diagonal.dtype)
    reach[1:-1] = off
    high = (diagonal + reach[1:] + reach[:-1]).max(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        for _ in range(22):
            x = (low + high) / 2
            pivot = x - diagonal[0]
            least = pivot
            for j in range(1, steps):
                pivot = x - diagonal[j] - squares[j - 1] / pivot
                least = np.minimum(least, pivot)
            above = least > 0
            high = np.where(above, x, high)
            low = np.where(above, low, x)
    return high
