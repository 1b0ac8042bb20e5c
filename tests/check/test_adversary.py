"""Claims made to fool the checker: false ones that look confirmed, true ones that look refuted, and bad points."""

import pytest
from sympy import Integer, Min, Rational, cos, exp, floor, pi, sqrt

from boundcheck import (
    E,
    P,
    Theorem,
    bernoulli,
    beta,
    bounded,
    check,
    fcn,
    gap,
    gap_bound,
    iid,
    independent,
    integer,
    magnitude,
    maximum,
    mean,
    normal,
    prune,
    random,
    real,
    sum_of,
    two_point,
    uniform,
)
from boundcheck.check.describe import as_python
from boundcheck.check.run import check_all
from boundcheck.derivation.gap import expand_bounds
from boundcheck.errors import InvalidArgument
from boundcheck.formula.rigorous import enclose
from boundcheck.verdict.decide import Status

HALF = Rational(1, 2)
RARE = Rational(1, 20)
delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)


def status(claim, points=None, **kwargs):
    return check(Theorem(claim=claim, source="test", points=points), **kwargs).status


def test_ends_of_a_law_that_are_no_floats():
    """11·fl(100000/11) < 100000, while the exact value is equal: the maximum reaches it in all but 2^-8 of trials."""
    largest = maximum(iid(two_point(0, "100000/11", HALF), 8))
    assert status(P(11 * largest >= 100000) <= RARE) is Status.REFUTED


def test_constants_that_cancel():
    total = sum_of(independent(bernoulli(HALF), bernoulli(HALF)))
    small = 10**25 * sqrt(2) - 14142135623730950488016887  # between 0 and 1
    assert status(P(10 - small - total >= 0) <= RARE) is Status.REFUTED  # certain
    assert status(P(total - 10 + small >= 0) <= RARE) is Status.PROVED  # impossible


@pytest.mark.parametrize("claimed", [RARE, 1 - RARE])
def test_an_event_finer_than_floats_is_left_open(claimed):
    """The cosine's sign is lost in the rounding of every trial, so that neither claim (one is false) is decided."""
    verdict = check(Theorem(claim=P(cos(2 * pi * 2**80 * sum_of(iid(beta(2, 3), 2))) >= 0) <= claimed))
    assert verdict.status is Status.INCONCLUSIVE
    assert verdict.points[0].evidence.violations == 0


def test_events_of_functions_of_a_statistic_are_read():
    total = sum_of(iid(uniform(0, 1), 2))
    assert status(P(total**2 >= 4) <= 0) is Status.PROVED  # but for a set of probability 0
    assert status(P(exp(total) >= 3) <= Rational(2, 5)) is Status.REFUTED  # (2 - log(3))²/2 = 0.4063
    assert status(P(exp(total) >= 3) <= Rational(41, 100)) is Status.PROVED


def test_equality_with_a_fraction_is_decided():
    total = sum_of(iid(bernoulli(HALF), 3))
    assert status(P(total >= 3) <= Rational(1, 8)) is Status.PROVED
    assert status(P(total >= 3) <= Rational(1, 8) - Rational(1, 10**12)) is Status.REFUTED
    assert status(P(sum_of(iid(bernoulli(Rational(19, 20)), 1)) >= 1) <= Rational(19, 20)) is Status.PROVED


p = real("p", min=0, max=3)
x = real("x", min=0, max=9)


@pytest.mark.parametrize(
    ("sample", "values"),
    [
        (lambda: iid(bernoulli(p), 4), {"p": 2}),
        (lambda: iid(bernoulli(HALF), floor(x / 10) + 0 * x), {"x": 2}),
        (lambda: iid(normal(0, 1 - p), 4), {"p": 2}),
        (lambda: iid(two_point(p, 1 - p, HALF), 3), {"p": "9/10"}),
        (lambda: iid(uniform(p, 1 - p), 1), {"p": 1}),
    ],
)
def test_a_point_without_a_law_is_refused(sample, values):
    with pytest.raises(InvalidArgument):
        status(P(sum_of(sample()) >= 1) <= RARE, points=[values])


def test_a_point_without_a_network_is_refused():
    k = real("K", min=-2, max=2)
    target = fcn([4, 4], weights=uniform(-k, k))
    pruned = prune(target, random(count=3))
    with pytest.raises(InvalidArgument):
        status(P(gap(target, pruned) > 1) <= RARE, points=[{"K": -1}])
    r = real("r", min=-1, max=2)
    fixed = fcn([4, 4], weights=uniform(-1, 1))
    with pytest.raises(InvalidArgument, match="radius=-1"):
        status(P(gap(fixed, prune(fixed, random(count=3)), radius=r) > 0) <= RARE, points=[{"r": -1}])


def test_laws_below_the_range_of_floats_are_refused():
    """Simulated as 0 they would confirm that nothing happens; the gap is about 1e-200."""
    tiny, huge = Rational(1, 10**400), Integer(10) ** 200
    target = fcn([4, 4, 4], weights=[uniform(-tiny, tiny), uniform(-huge, huge)], activation="identity")
    claim = P(gap(target, prune(target, [random(count=8), None])) > Rational(1, 10**310)) <= RARE
    with pytest.raises(InvalidArgument, match="rescale"):
        status(claim)


n = integer("n", min=1, max=10_000)
t = real("t", min=0, max=1)
X = iid(bounded(0, 1), n)
ONE = iid(bounded(0, 1), 1)
TWO = independent(bounded(0, 1), bounded(0, 1))


@pytest.mark.parametrize(
    "claim",
    [
        P(mean(ONE) - E(mean(ONE)) >= Rational(1, 10)) <= Rational(22, 25),  # a share of 9/10 at the upper end
        P(mean(X) - E(mean(X)) >= t) <= Rational(9, 10) * exp(-2 * n * t**2),
        P(mean(X) - E(mean(X)) >= t) <= exp(-Rational(21, 10) * n * t**2),
        P(abs(mean(iid(bounded(0, 1), 2)) - HALF) <= Rational(1, 10)) <= Rational(3, 5),  # a constant in the middle
        P(abs(sum_of(TWO) - 1) <= Rational(1, 10)) <= Rational(3, 5),  # one at each end
        P(sum_of(iid(bernoulli(HALF), 1)) >= t) <= HALF,  # false at t = 0 only
        P(maximum(iid(normal(0, 1), n)) >= 12 * t) <= Rational(9, 20) * n * exp(-72 * t**2),  # false near t = 0 only
    ],
)
def test_false_claims_that_need_the_right_law_or_point(claim):
    """Exact but for the independent pair, whose refutation is wrong with probability at most 0.01."""
    assert status(claim) is Status.REFUTED


def test_one_theorem_that_cannot_be_decided_does_not_stop_the_others():
    """The equality of the first is decided with probability at most 0.01 over the seed, which is fixed."""
    even = Theorem(claim=P(mean(iid(beta(2, 2), 20)) >= HALF) <= HALF, source="equality, without an exact law")
    gone = Theorem(claim=P(sum_of(iid(two_point(p, 1 - p, HALF), 3)) >= 1) <= 1, source="test", points=[{"p": 1}])
    fine = Theorem(claim=P(mean(iid(bernoulli(HALF), 3)) >= t) <= 1, source="test")
    outcome = check_all([even, gone, fine])
    assert [v.status for v in outcome.verdicts] == [Status.INCONCLUSIVE, Status.CONFIRMED]
    [message] = outcome.errors
    assert "high=0 is not above low=1" in message


def test_an_event_that_depends_on_nothing_random_at_a_point_is_decided_there():
    claim = P(t * mean(iid(bernoulli(HALF), 3)) >= HALF) <= Rational(1, 8)
    assert status(claim, points=[{"t": 0}]) is Status.CONFIRMED
    assert status(P(t * mean(iid(bernoulli(HALF), 3)) <= 0) <= Rational(1, 8), points=[{"t": 0}]) is Status.REFUTED


def test_minimum_with_a_derived_bound():
    target = fcn([4, 4], weights=uniform(-1, 1))
    pruned = prune(target, magnitude(count=3))
    claim = P(gap(target, pruned) > Min(gap_bound(target, pruned, delta=Rational(1, 10)), 5)) <= Rational(1, 10)
    assert status(claim) is Status.CONFIRMED


def test_parameters_named_like_our_symbols():
    names = ("rho_1", "epsilon", "tau")
    rho, epsilon, tau = (real(name, min=0, max=1, exclude_min=True, exclude_max=True) for name in names)
    target = fcn([4, 6, 4], weights=uniform(-1, 1))
    bound = gap_bound(target, prune(target, magnitude(alpha=rho)), delta=tau)
    claim = P(gap(target, prune(target, magnitude(alpha=rho))) > bound + epsilon) <= tau
    theorem = Theorem(claim=claim, source="test").named("clash", "clash.py", "")
    scope = {}
    exec(as_python(theorem), scope)
    point = {rho: HALF, epsilon: Rational(1, 3), tau: Rational(1, 10)}
    exact = enclose(expand_bounds(theorem.tail.threshold()), point)
    assert scope["clash"](rho_1=0.5, epsilon=1 / 3, tau=0.1) == pytest.approx(exact.low, rel=1e-8)


def test_delta_must_be_able_to_be_a_probability():
    target = fcn([4, 4], weights=uniform(-1, 1))
    with pytest.raises(InvalidArgument, match="delta"):
        gap_bound(target, prune(target, random(count=1)), delta=real("delta", min=2, max=3))


def test_undefined_formulas_end_in_a_verdict_or_in_one_line():
    """A formula that is no number somewhere: no error of SymPy's reaches the user."""
    outcome = check_all([Theorem(claim=P(mean(X) >= 1 / t) <= 1 / t, source="test")])
    assert len(outcome.verdicts) + len(outcome.errors) == 1
    assert all(len(message.splitlines()) == 1 for message in outcome.errors)
    with pytest.raises(InvalidArgument, match="no real number"):
        Theorem(claim=P(mean(X) >= sqrt(-t)) <= t, source="test")
