"""Claims about numbers: proved on the whole domain, refuted at a rational point, or left open; and inverse forms."""

import pytest
from sympy import Abs, Rational, S, cos, exp, log, sin, sinh, sqrt, sympify

from boundcheck import E, P, Theorem, bernoulli, check, iid, integer, mean, real
from boundcheck.check.numbers import domain_words, wrong_inverse
from boundcheck.check.verify import verify_records
from boundcheck.errors import InvalidArgument
from boundcheck.report.record import record
from boundcheck.verdict.decide import Status

HALF = Rational(1, 2)
u = real("u")
x = real("x", min=0, max=2)
y = real("y", min=0, max=1)
t = real("t", min=0, max=1)
k = integer("k", min=1, max=100)
delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)


def verdict_on(claim, **kwargs):
    return check(Theorem(claim=claim, **kwargs))


@pytest.mark.parametrize(
    "claim",
    [
        sinh(x) <= x * exp(x**2 / 6),
        exp(u) >= 1 + u,
        sin(y) <= y,
        u / (1 + u**2) <= HALF,
        y * (1 - y) <= Rational(1, 4),
        2 * k <= k**2 + 1,
    ],
)
def test_what_holds_on_the_whole_domain_is_proved_with_a_certificate(claim):
    proved = verdict_on(claim)
    assert proved.status is Status.PROVED
    assert proved.note == "The claim holds on the whole domain"
    assert proved.counterexample is None
    assert not proved.points
    [verification] = verify_records([record(proved)])
    assert (verification.outcome, verification.complaints) == ("verified", ())


@pytest.mark.parametrize(
    "claim",
    [
        sinh(x) <= x * exp(x**2 / 7),
        exp(u) > 1 + u,  # equality at 0 only
        sin(u) <= u,
        u / (1 + u**2) < HALF,  # equality at 1 only
        y * (1 - y) <= Rational(1, 4) - Rational(1, 10**12),
        Rational(1, 10**30) <= y**2 + Rational(1, 2 * 10**30),  # false below 1e-15 only
        k**2 <= 99 * k,  # false at the last of a hundred integers
    ],
)
def test_what_fails_is_refuted_at_a_rational_point(claim):
    refuted = verdict_on(claim)
    assert refuted.status is Status.REFUTED
    point = {name: Rational(value) for name, value in refuted.counterexample["parameters"].items()}
    symbols = {p: point[p.name] for p in Theorem(claim=claim).parameters}
    assert sympify(claim.subs(symbols)) is S.false
    assert all(value in p.domain for p, value in symbols.items())
    assert {"left", "right"} <= set(refuted.counterexample)
    [verification] = verify_records([record(refuted)])
    assert verification.outcome == "verified"


def test_what_is_neither_is_left_open_with_the_boxes():
    undecided = verdict_on(sin(u) ** 2 <= Abs(sin(u)))
    assert undecided.status is Status.INCONCLUSIVE
    assert "Neither proved nor refuted on 5 boxes: u" in undecided.note
    assert undecided.certificate is None


def test_a_side_that_is_no_number_everywhere_is_not_proved():
    assert verdict_on(sqrt(y - HALF) >= 0).status is Status.INCONCLUSIVE


def test_a_condition_decides():
    """cos(x) ≥ 1 - x holds on the positive axis only."""
    z = real("z", min=-1, max=1)
    assert verdict_on(cos(z) >= 1 - z).status is Status.REFUTED
    kept = verdict_on(cos(z) >= 1 - z, hypotheses=[z >= 0])
    assert kept.status is Status.PROVED
    assert "z >= 0" in kept.domain


def test_hypotheses_that_leave_no_point_are_named():
    z, n = real("z", min=0, max=1), integer("n", min=1, max=5)
    between = [n >= Rational(7, 3), n <= Rational(8, 3)]
    X = iid(bernoulli(HALF), n)
    on_integers = (2 * n <= n**2 + 1, P(mean(X) >= z) <= 1, E(mean(X)) <= 1)
    for claim in on_integers:
        with pytest.raises(
            InvalidArgument, match=r"^hypotheses='n <= 8/3' leaves no point to test together with n >= 7"
        ):
            verdict_on(claim, hypotheses=between)
    with pytest.raises(InvalidArgument, match=r"^hypotheses='z >= 2' leaves no point to test on z in \[0, 1\]; weaken"):
        verdict_on(z**2 <= 5, hypotheses=[z >= 2])
    with pytest.raises(InvalidArgument, match=r"^hypotheses='n >= z \+ 6' leaves no point to test on n in "):
        verdict_on(P(mean(X) >= z) <= 1, hypotheses=[n >= z + 6])
    assert verdict_on(2 * n <= n**2 + 1, hypotheses=[n >= Rational(7, 3)]).status is Status.PROVED


def test_the_domain_in_words():
    theorem = Theorem(claim=k * y <= k, hypotheses=["words are not shown here", y <= k])
    assert domain_words(theorem) == "k in {1, …, 100}, y in [0, 1], y <= k"


# Inverse forms. -------------------------------------------------------------------------------------------------------
def hoeffding(inverse, **kwargs):
    X = iid(bernoulli(HALF), 64)
    claim = P(mean(X) - HALF >= t) <= exp(-128 * t**2)
    return Theorem(claim=claim, inverse={t: inverse}, **kwargs)


def test_a_right_inverse_is_accepted_and_one_that_promises_too_much_found():
    assert wrong_inverse(hoeffding(sqrt(log(1 / delta) / 128))) is None
    assert wrong_inverse(hoeffding(sqrt(log(2 / delta) / 128))) is None  # weaker, but true
    found = wrong_inverse(hoeffding(sqrt(log(1 / delta) / 256)))
    assert found is not None
    # At this delta the threshold has a claimed probability above delta.
    value = Rational(found["parameters"]["delta"])
    assert 0 < value < 1
    assert exp(-128 * log(1 / value) / 256) > value
    assert "t = " in found["inverse"]


def test_a_theorem_with_a_wrong_inverse_is_refuted():
    verdict = check(hoeffding(sqrt(log(1 / delta) / 256)))
    assert verdict.status is Status.REFUTED
    assert check(hoeffding(sqrt(log(1 / delta) / 128))).status is Status.CONFIRMED
