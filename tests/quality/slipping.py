"""Claims that fool the checker at present: false ones that it confirms, true ones that it refutes or leaves open.

    PYTHONPATH=.:tests python tests/quality/slipping.py

No test: a list to work on. What is mended moves to test_probes.py.
"""

from __future__ import annotations

import time

from sympy import Abs, Max, Rational, exp, log, sqrt

from boundcheck import (
    E,
    P,
    Theorem,
    bernoulli,
    bounded,
    centred,
    check,
    iid,
    integer,
    mean,
    nonnegative,
    normal,
    real,
    sum_of,
    with_variance,
)
from boundcheck.errors import BoundcheckError

HALF = Rational(1, 2)
n = integer("n", min=1, max=10_000)
p = real("p", min=0, max=1, exclude_min=True, exclude_max=True)
delta = real("delta", min=0, max=1, exclude_min=True)
y = real("y", min=-2, max=2)
b = real("b", min=0, exclude_min=True)
v = real("v", min=0, exclude_min=True)
X = iid(bounded(0, 1), n)
Z = iid(normal(0, 1), 1)

FALSE = {
    # False where the claimed probability is below 1e-18 only; levels of delta tried are fewer.
    "normal quantile off by a third": P(sum_of(Z) >= sqrt(2 * log(1 / delta)) - Rational(1, 3)) <= delta,
    "quantile with 2.2 for 2": P(mean(X) - E(mean(X)) >= sqrt(log(1 / delta) / (Rational(11, 5) * n))) <= delta,
    # Refuted when more points were tried.
    "Bernstein quantile without its linear term": P(
        mean(iid(centred(upper=b, variance=v), n)) >= sqrt(2 * v * log(1 / delta) / n)
    )
    <= delta,
    # The climb's smallest step is a twentieth, so that it passes over a share that must be met to a hundredth.
    "Markov quantile by a hundredth": P(sum_of(iid(nonnegative(1), 1)) >= Rational(99, 100) / delta) <= delta,
    "Chebyshev quantile by a hundredth": P(Abs(mean(iid(with_variance(0, 1), 1))) >= sqrt(Rational(99, 100) / delta))
    <= delta,
    # Few points for few parameters, also where the exact law costs nothing.
    "a dip of width 1/300 in p": P(sum_of(iid(bernoulli(p), 1)) >= 1)
    <= p + Rational(1, 100) - Rational(2, 100) * exp(-(((p - Rational(617, 1000)) * 300) ** 2)),
    "one n of 10,000": P(sum_of(iid(bernoulli(HALF), n)) >= n) <= HALF**n * (1 + (n - 777) ** 2 - Rational(1, 1000)),
}
TRUE = {
    "numbers with a kink": Max(y, 0) ** 2 <= y**2,
}


def main() -> None:
    """Print each claim with its status."""
    for wanted, claims in (("REFUTED", FALSE), ("PROVED or CONFIRMED", TRUE)):
        print(f"should be {wanted}")
        for name, claim in claims.items():
            start = time.perf_counter()
            try:
                verdict = check(Theorem(claim=claim), trials=2000)
                found = f"{verdict.status}: {verdict.note}"
            except BoundcheckError as error:
                found = f"refused: {error}"
            print(f"  {name:40} {time.perf_counter() - start:5.1f} s  {found}")


if __name__ == "__main__":
    main()
