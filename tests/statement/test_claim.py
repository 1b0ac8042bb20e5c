"""Claims: every accepted form reads as the same tail, every other form is refused with a remedy."""

from __future__ import annotations

import pickle

import pytest
from sympy import Eq, Integer, Max, Ne, Rational, S, Symbol, exp, latex, log, sqrt

from boundcheck import (
    E,
    P,
    Theorem,
    bernoulli,
    bounded,
    exponential,
    fcn,
    gap,
    iid,
    independent,
    integer,
    magnitude,
    maximum,
    mean,
    normal,
    prune,
    real,
    sum_of,
    uniform,
)
from boundcheck.errors import BoundcheckError, InvalidArgument, UnsupportedClaim
from boundcheck.statement.claim import tail_of

n = integer("n", min=1, max=100)
t = real("t", min=0, max=1)
delta = real("delta", min=0, max=1)
X = iid(bounded(0, 1), n)
Y = iid(normal(0, 1), 7)
bound = exp(-2 * n * t**2)
NET = fcn([4, 5, 3], weights=uniform(-1, 1))
PRUNED = prune(NET, magnitude(count=2))
network_gap = gap(NET, PRUNED, radius=2)
deviation = mean(X) - E(mean(X))


def same_event(tail, margin, strict):
    return (tail.margin - margin).expand() == 0 and tail.strict is strict


@pytest.mark.parametrize(
    "claim",
    [
        P(deviation >= t) <= bound,
        P(t <= deviation) <= bound,
        P(mean(X) >= t + E(mean(X))) <= bound,
        P(deviation - t >= 0) <= bound,
        P(0 <= deviation - t) <= bound,  # noqa: SIM300 (the reversed sides are what is tested)
        bound >= P(deviation >= t),
        P(deviation < t) >= 1 - bound,
        P(t > deviation) >= 1 - bound,
        1 - bound <= P(deviation < t),
    ],
)
def test_every_way_to_write_a_tail_bound(claim):
    tail = tail_of(claim)
    assert same_event(tail, deviation - t, strict=False)
    assert (tail.claimed - bound).expand() == 0
    assert tail.sample == X
    assert tail.gap is None
    assert tail.parameters == {n, t}


@pytest.mark.parametrize("claim", [P(deviation >= t) < bound, P(deviation < t) > 1 - bound, bound > P(deviation >= t)])
def test_strict_claims_are_refused(claim):
    """At equality a strict claim is false, and no confidence limit tells equality from a little less."""
    with pytest.raises(InvalidArgument, match="write <= or >="):
        tail_of(claim)


def test_floats_are_decimals_before_they_are_added_up():
    tail = tail_of(P(mean(X) - 1000.1 >= -999.3) <= 0.02)
    assert tail.margin == mean(X) - Rational(8, 10)
    assert tail.claimed == Rational(1, 50)


@pytest.mark.parametrize(
    "claim",
    [
        P(network_gap > t) <= delta,
        P(t < network_gap) <= delta,
        P(2 * network_gap > 2 * t) <= delta,
        P(network_gap - t > 0) <= delta,
        delta >= P(network_gap > t),
        P(network_gap <= t) >= 1 - delta,
        P(t >= network_gap) >= 1 - delta,
        1 - delta <= P(network_gap <= t),
    ],
)
def test_every_way_to_write_a_gap_bound(claim):
    tail = tail_of(claim)
    assert tail.strict
    assert tail.claimed == delta
    assert (tail.threshold() - t).expand() == 0
    assert tail.gap == network_gap
    assert tail.sample is None
    assert tail.parameters == {t, delta}


def test_an_open_complement_turns_strictness_round():
    assert tail_of(P(network_gap < t) >= 1 - delta).strict is False
    assert tail_of(P(network_gap >= t) <= delta).strict is False
    assert tail_of(P(deviation <= t) >= 1 - bound).strict is True


def test_lower_tails():
    lower = tail_of(P(mean(X) <= E(mean(X)) - t) <= bound)
    assert same_event(lower, E(mean(X)) - mean(X) - t, strict=False)
    at_least = tail_of(P(mean(X) >= t) >= bound)  # a small ball: the opposite event has at most 1 - bound
    assert same_event(at_least, t - mean(X), strict=True)
    assert at_least.claimed == 1 - bound


def test_parameters_are_found_everywhere():
    d, k, r, s = integer("d", min=4), integer("k", min=1), real("r", min=1), real("s", min=1)
    net = fcn([d, d], weights=uniform(-s, s))
    found = tail_of(P(gap(net, prune(net, magnitude(count=k)), radius=r) > t) <= delta).parameters
    assert found == {d, k, r, s, t, delta}
    assert tail_of(P(sum_of(iid(normal(0, s), n)) >= t) <= delta).parameters == {s, n, t, delta}


def test_the_margin_of_one_law():
    tail = tail_of(P(mean(X) - E(mean(X)) >= t) <= bound)
    point = {n: Integer(20), t: Rational(1, 10)}
    sample = iid(bernoulli(Rational(1, 4)), 20)
    margin, statistic = tail.margin_at(point, sample)
    assert statistic == mean(sample)
    assert margin == mean(sample) - Rational(1, 4) - Rational(1, 10)


def test_expectations():
    assert E(mean(X)) == E(mean(X))
    assert E(mean(X)) != E(sum_of(X))
    assert E(2 * sum_of(X) + n) != E(sum_of(X))
    assert str(deviation) == "mean(X) - E(mean(X))"
    assert pickle.loads(pickle.dumps(P(deviation >= t))) == P(deviation >= t)
    assert "mathbb{P}" in latex(P(deviation >= t))


@pytest.mark.parametrize(
    ("expression", "error"),
    [
        (t, InvalidArgument),
        (3, InvalidArgument),
        (mean(X) > t, InvalidArgument),
        (mean(X) ** 2, UnsupportedClaim),
        (exp(mean(X)), UnsupportedClaim),
        (1 / mean(X), UnsupportedClaim),
        (Max(mean(X), 0), UnsupportedClaim),
        (maximum(Y), UnsupportedClaim),
        (mean(X) * sum_of(X), UnsupportedClaim),
    ],
    ids=str,
)
def test_expectations_that_have_no_closed_form_are_refused(expression, error):
    with pytest.raises(error) as caught:
        E(expression)
    assert "\n" not in str(caught.value)
    assert str(expression) in str(caught.value)


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (True, "event=True is decided before anything random happens; pass an inequality such as"),
        (S.false, "event=False? is decided|event=False is decided"),
        (network_gap >= 0, "event=True is decided"),
        (Eq(mean(X), t), "event=.* is not an inequality"),
        (Ne(mean(X), t), "event=.* is not an inequality"),
        (mean(X), r"event=mean\(X\) is not an inequality"),
        (X, "event=.* is not an inequality"),
        (t >= Rational(1, 2), "event=.* holds nothing random"),
        ((mean(X) > 0) & (mean(X) < t), "event=.* is not an inequality"),
        ("mean(X) > t", "event=.* is not an inequality"),
        (None, "event=None is not an inequality"),
    ],
    ids=str,
)
def test_events_that_are_none(event, message):
    with pytest.raises(InvalidArgument, match=f"^({message})"):
        P(event)


@pytest.mark.parametrize(
    ("claim", "error", "message"),
    [
        (
            lambda: True,
            InvalidArgument,
            r"claim=True was decided by SymPy before it could be checked; write P\(event\)",
        ),
        (lambda: P(deviation >= t) >= 0, InvalidArgument, "claim=True was decided by SymPy"),
        (lambda: P(deviation >= t) < 0, InvalidArgument, "claim=False was decided by SymPy"),
        (lambda: P(deviation >= t), InvalidArgument, "claim=.* is not an inequality; write P"),
        (lambda: Eq(P(deviation >= t), delta), InvalidArgument, "claim=.* is not an inequality"),
        (lambda: "P <= 1", InvalidArgument, "claim='P <= 1' is not an inequality"),
        (lambda: None, InvalidArgument, "claim=None is not an inequality"),
        (lambda: log(1 + t) <= t, UnsupportedClaim, r"the claim .* is not of the form P\(event\) <= formula"),
        (lambda: E(mean(X)) <= t, UnsupportedClaim, "the claim .* is not of the form"),
        (lambda: mean(X) <= t, UnsupportedClaim, "the claim .* is not of the form"),
        (lambda: 2 * P(deviation >= t) <= delta, UnsupportedClaim, "the claim .* is not of the form"),
        (lambda: P(deviation >= t) - delta <= 0, UnsupportedClaim, "the claim .* is not of the form"),
        (lambda: P(deviation >= t) <= P(sum_of(Y) >= t), UnsupportedClaim, "the claim .* is not of the form"),
        (lambda: P(deviation >= t) <= mean(X), UnsupportedClaim, "the claim .* is not of the form"),
        (lambda: P(mean(X) >= sum_of(X)) <= delta, InvalidArgument, "claim='.*' mixes several random objects; use one"),
        (lambda: P(mean(X) >= mean(Y)) <= delta, InvalidArgument, "claim='.*' mixes several random objects"),
        (lambda: P(network_gap >= mean(Y)) <= delta, InvalidArgument, "claim='.*' mixes several random objects"),
        (
            lambda: P(mean(Y) - E(mean(X)) >= t) <= delta,
            InvalidArgument,
            "claim='.*' takes E of another sample; use one",
        ),
        (
            lambda: P(network_gap <= t) <= delta,
            UnsupportedClaim,
            "the event .* does not bound the gap from above; write",
        ),
        (lambda: P(network_gap**2 > t) <= delta, UnsupportedClaim, "the event .* does not bound the gap from above"),
        (lambda: P(sqrt(network_gap) > t) <= delta, UnsupportedClaim, "the event .* does not bound the gap from above"),
        (
            lambda: P(network_gap * real("u") > t) <= delta,
            UnsupportedClaim,
            "the event .* does not bound the gap from above",
        ),
        (
            lambda: P(network_gap > network_gap**2 * t) <= delta,
            UnsupportedClaim,
            "the event .* does not bound the gap from above",
        ),
    ],
)
def test_claims_that_cannot_be_read_are_refused(claim, error, message):
    with pytest.raises(error, match=f"^{message}") as caught:
        tail_of(claim())
    assert isinstance(caught.value, BoundcheckError)
    assert "\n" not in str(caught.value)


# Theorems -------------------------------------------------------------------------------------------------------------
CLAIM = P(deviation >= t) <= bound


def test_points_are_exact_and_may_use_names():
    theorem = Theorem(claim=CLAIM, source="somewhere", points=[{n: 10, t: 0.1}, {"n": 3, "t": "1/3"}])
    assert theorem.points == ({n: 10, t: Rational(1, 10)}, {n: 3, t: Rational(1, 3)})
    assert theorem.parameters == (n, t)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ([], r"points=\[\] names no point; leave it out"),
        ([{n: 10}], "points=.* gives no value for t; give every parameter one"),
        ([{n: 10, t: 0.1, "u": 1}], r"points='u' is not a parameter of the claim; use \['n', 't'\]"),
        ([{n: 0, t: 0.1}], r"n='0' lies outside its domain \{1, …, 100\}; choose it inside"),
        ([{n: 1.5, t: 0.1}], "n='3/2' lies outside its domain"),
        ([{n: 1, t: 2}], r"t='2' lies outside its domain \[0, 1\]"),
        ([{n: 1, t: n}], "t='n' lies outside its domain"),
        ([{n: 1, t: "high"}], "t='high' is not a number"),
        ([{n: 1, t: float("nan")}], "t=nan is not a number"),
    ],
)
def test_impossible_points_are_refused(points, message):
    with pytest.raises(InvalidArgument, match=f"^{message}"):
        Theorem(claim=CLAIM, source="somewhere", points=points)


@pytest.mark.parametrize("source", [None, 3])
def test_a_source_is_text(source):
    with pytest.raises(InvalidArgument, match=r"^source=.* is not text; say where the claim comes from"):
        Theorem(claim=CLAIM, source=source)


@pytest.mark.parametrize("points", [{"n": 1, "t": 0}, [(1, 0)]])
def test_points_are_a_list_of_mappings(points):
    with pytest.raises(InvalidArgument, match="is no list of points"):
        Theorem(claim=CLAIM, points=points)


def test_symbols_without_a_domain_are_refused():
    with pytest.raises(InvalidArgument, match=r"claim='z' is a symbol without a domain; declare it: z = real"):
        Theorem(claim=P(mean(X) >= t) <= Symbol("z"))


def test_samples_of_several_laws_are_read():
    Z = independent(uniform(0, 1), exponential(1))
    tail = tail_of(P(sum_of(Z) - E(sum_of(Z)) >= t) <= delta)
    assert tail.sample == Z
    margin, statistic = tail.margin_at({t: Rational(1, 2)}, Z)
    assert margin == statistic - 2
    assert Symbol("t") not in margin.free_symbols
