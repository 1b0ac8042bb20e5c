"""Plain enumeration in fractions: every outcome of every variable, one by one."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product

from flint import arb, fmpq

F = Fraction


def outcomes(*laws):
    """(values, probability) of independent variables from {value: probability}, one each."""
    for values in product(*laws):
        yield values, math.prod((law[v] for law, v in zip(laws, values, strict=True)), start=F(1))


def expectation(function, *laws):
    return sum((q * function(values) for values, q in outcomes(*laws)), F(0))


def probability(event, *laws):
    return sum((q for values, q in outcomes(*laws) if event(values)), F(0))


def variance(values):
    centre = F(sum(values), len(values))
    return sum((v - centre) ** 2 for v in values) / (len(values) - 1)


def kolmogorov(values, law):
    return max(abs(F(sum(v <= x for v in values), len(values)) - sum(q for y, q in law.items() if y <= x)) for x in law)


def assert_is(found, exact, digits=14):
    """The number that was found is the exact one, or a narrow ball around it."""
    assert found is not None
    wanted = fmpq(exact.numerator, exact.denominator) if isinstance(exact, int | F) else exact
    if isinstance(found, fmpq):
        assert found == wanted
        return
    assert arb(found).overlaps(arb(wanted)), (found, wanted)
    assert arb(found).contains(wanted) or not isinstance(wanted, fmpq), (found, wanted)
    assert found == 0 or found.rel_accuracy_bits() >= digits * 3.3
