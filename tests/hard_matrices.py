"""Matrices on which estimates of spectral norms go wrong first."""

import numpy as np

from boundcheck.kernels import lanczos_bodies


def adversarial():
    """Pairs of a name and a matrix."""
    rng = np.random.default_rng(5)
    q, _ = np.linalg.qr(rng.standard_normal((40, 40)))
    start = np.empty(40)
    lanczos_bodies.fill_start(start)
    hidden = rng.standard_normal(40)
    hidden -= start * (hidden @ start) / (start @ start)
    sparse = np.zeros((50, 30))
    sparse[rng.integers(0, 50, 9), rng.integers(0, 30, 9)] = rng.standard_normal(9)
    one = np.zeros((17, 23))
    one[11, 4] = -3.0
    yield "random tall", rng.standard_normal((130, 33))
    yield "random wide", rng.standard_normal((33, 130))
    yield "random square", rng.standard_normal((200, 200))
    yield "nonnegative", rng.random((70, 60))
    yield "orthogonal", q
    yield "identity", np.eye(37)
    yield "clustered", q * (1 - 1e-9 * np.arange(40))
    yield "barely separated", (q * np.linspace(1, 1 - 1e-5, 40)) @ q.T
    yield "two close ones", (q * np.r_[1, 1 - 1e-7, np.full(38, 0.5)]) @ q.T
    yield "rank one", np.outer(rng.standard_normal(20), rng.standard_normal(45))
    yield "top vector orthogonal to the start", np.outer(rng.standard_normal(45), hidden)
    yield "the same with a weaker visible one", np.outer(start, hidden) + 1e-3 * np.outer(hidden, start)
    yield "sparse", sparse
    yield "one entry", one
    yield "zero", np.zeros((4, 6))
    yield "ones", np.ones((64, 64))
    yield "row", rng.standard_normal((1, 77))
    yield "column", rng.standard_normal((77, 1))
    yield "scalar", np.array([[-0.1]])
    yield "graded", np.exp(-np.arange(30.0))[:, None] * rng.standard_normal((30, 30))
    yield "graded badly", 10.0 ** -(10.0 * np.arange(31))[:, None] * rng.standard_normal((31, 20))
    yield "Hilbert", 1 / (1.0 + np.add.outer(np.arange(25), np.arange(25)))
    yield "stochastic", np.full((33, 33), 1 / 33)
