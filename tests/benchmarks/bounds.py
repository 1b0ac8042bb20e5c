"""How long deriving, evaluating and inverting bounds takes, in seconds of the processor and of the clock.

    python tests/benchmarks/bounds.py

Times are of this machine and decide nothing: no test asserts them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise

import numpy as np
from sympy import Integer, Rational, S

from boundcheck import (
    average_pool,
    cnn,
    conv,
    dense,
    fcn,
    flatten,
    gap_bound,
    integer,
    magnitude,
    prune,
    random,
    real,
    scaled,
    sweep,
    uniform,
)
from boundcheck.derivation.inversion import largest_amount, smallest_width
from boundcheck.formula.rigorous import enclose
from boundcheck.statement.pruning import Pruned

CENT = Rational(1, 100)
K = scaled(uniform(-1, 1))
D = integer("d", min=1)
ALPHA = real("alpha", min=0, max=1, exclude_min=True, exclude_max=True)
DELTA = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)
COUNT = integer("count", min=0)


def bound(pruned: Pruned) -> object:
    """Derive a bound and enclose it."""
    return enclose(gap_bound(pruned.target, pruned, delta=CENT).expression)


def deep_cnn(channels: list[int]) -> Pruned:
    """Twenty convolutions."""
    sizes = [*pairwise(channels)]
    layers = [conv(m, n, 3, weights=K, padding="same") for m, n in sizes]
    ends = [average_pool(8), flatten(), dense(channels[-1], 10, weights=K)]
    return prune(cnn((channels[0], 8, 8), [*layers, *ends]), magnitude(alpha="1/2"))


def grid() -> object:
    """10,000 points (width, alpha, delta)."""
    pruned = prune(fcn([D, D, D, D], weights=K), magnitude(alpha=ALPHA))
    widths = np.unique(np.geomspace(16, 4096, 25).astype(int))[:, None, None]
    points = {D: widths, ALPHA: np.linspace(0.1, 0.9, 20)[:, None], DELTA: np.geomspace(1e-6, 0.5, 20)}
    return sweep(pruned, points, delta=DELTA).size


def width(widths: list[object], rule: object, epsilon: object) -> object:
    """The smallest width, and from where on all will do."""
    pruned = prune(fcn(widths, weights=K), rule)
    found = smallest_width(pruned, D, Rational(epsilon), CENT, S.One)
    return found.value, found.excluded, found.holds_from


def count() -> object:
    """The largest count of 10^12 weights."""
    pruned = prune(fcn([10**6, 10**6], weights=K), random(count=COUNT))
    return largest_amount(pruned, COUNT, Rational(1, 2), CENT, S.One, most=10**12).value


JOBS: dict[str, Callable[[], object]] = {
    "50 equal layers, magnitude": lambda: bound(prune(fcn([256] * 51, weights=K), magnitude(alpha="1/2"))),
    "50 equal layers, random": lambda: bound(prune(fcn([256] * 51, weights=K), random(alpha="1/2"))),
    "50 different layers, magnitude": lambda: bound(
        prune(fcn([100 + 7 * i for i in range(51)], weights=K), magnitude(alpha="1/2"))
    ),
    "50 different layers, random": lambda: bound(
        prune(fcn([100 + 7 * i for i in range(51)], weights=K), random(alpha="3/10"))
    ),
    "20 convolutions of 64 channels": lambda: bound(deep_cnn([64] * 21)),
    "20 different convolutions": lambda: bound(deep_cnn([16 + 4 * i for i in range(21)])),
    "sweep of 10,000 points": grid,
    "width near 9e11, random": lambda: width([D] * 4, random(alpha="1/2"), "36/1000000"),
    "width near 9e11, random, alpha = 0.3": lambda: width([D] * 4, random(alpha="3/10"), "15/10000"),
    "width near 2e10, magnitude": lambda: width([D] * 4, magnitude(alpha="1/2"), "1/100000000000000"),
    "width near 4e6, ends of 784 and 10": lambda: width([784, D, D, 10], magnitude(alpha="1/2"), "1/1000000"),
    "a count of 10^12": count,
}


def main() -> None:
    """Print the times of each job once, in a process that has run none like it."""
    bound(prune(fcn([8, 8], weights=K), magnitude(count=Integer(3))))  # imports
    for name, job in JOBS.items():
        clock, processor = time.perf_counter(), time.process_time()
        result = job()
        print(
            f"{name:40} {time.process_time() - processor:7.2f} s processor "
            f"{time.perf_counter() - clock:7.2f} s clock   {result}",
            flush=True,
        )


if __name__ == "__main__":
    main()
