"""Decisions: wrong claims are caught, true ones are not, and nothing is decided by accident."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundcheck.errors import InvalidArgument
from boundcheck.verdict.decide import Verdict, decide, exit_status
from boundcheck.verdict.evidence import Ladder, PointEvidence
from boundcheck.verdict.intervals import trials_to_confirm, trials_to_decide
from boundcheck.verdict.point import Status, decide_point


def simulated(trials, violations, opened=0, claimed=0.01, **more) -> PointEvidence:
    return PointEvidence(
        parameters={"alpha": "1/2"},
        law="uniform(-1, 1)",
        claimed_low=claimed,
        claimed_high=claimed,
        trials=trials,
        violations=violations,
        open=opened,
        **more,
    )


def exact(low, high, claimed_low=0.01, claimed_high=0.01) -> PointEvidence:
    return PointEvidence(
        parameters={"n": "3"},
        law=None,
        claimed_low=claimed_low,
        claimed_high=claimed_high,
        tail_low=low,
        tail_high=high,
    )


def tilted(trials, violations, opened=0, relative=(0.2, 0.2), scale=1e-30, **more) -> PointEvidence:
    low, high = relative
    claimed = {"claimed_low": low * scale, "claimed_high": math.nextafter(high * scale, math.inf)} | more
    return PointEvidence(
        parameters={"t": "5"},
        law="rademacher()",
        trials=trials,
        violations=violations,
        open=opened,
        scale_low=scale,
        scale_high=math.nextafter(scale, math.inf),
        relative_low=low,
        relative_high=high,
        **claimed,
    )


def expectation(left, right, **more) -> PointEvidence:
    return PointEvidence(
        parameters={"s": "1/2"},
        law=None,
        quantity="expectation",
        claimed_low=right[0],
        claimed_high=right[1],
        tail_low=None if left is None else left[0],
        tail_high=None if left is None else left[1],
        **more,
    )


def decided(evidence, *, refutation_expected=False, beta=0.01, **more) -> Verdict:
    return decide(
        theorem="claim",
        file="proofs/claim.py",
        evidence=evidence,
        beta=beta,
        level=0.99,
        seed=7,
        seconds=0.1,
        version="0",
        refutation_expected=refutation_expected,
        **more,
    )


@pytest.mark.parametrize("rate", [0.011, 0.02, 0.5, 1.0])
@pytest.mark.parametrize("beta", [0.05, 1e-5])
def test_planted_wrong_claim_is_refuted_at_the_announced_number_of_trials(rate, beta):
    n = trials_to_decide(rate, 0.01, beta)
    assert decide_point(simulated(n, math.floor(n * rate)), beta).status is Status.REFUTED


@pytest.mark.parametrize("rate", [0.0, 0.005, 0.009])
@pytest.mark.parametrize("beta", [0.05, 1e-5])
def test_true_claim_is_confirmed_at_the_announced_number_of_trials(rate, beta):
    n = trials_to_decide(rate, 0.01, beta)
    assert decide_point(simulated(n, math.ceil(n * rate)), beta).status is Status.CONFIRMED


@pytest.mark.parametrize("claimed", [0.5, 0.1, 1 / 64])
@pytest.mark.parametrize("beta", [0.1, 0.01])
def test_a_tight_claim_is_seldom_decided_either_way(claimed, beta):
    # The true rate is the claim: refuting is wrong, and confirming (though right) must be as rare, because
    # a rate one float higher looks the same. Both probabilities are exact sums, no simulation.
    n, p = 60, Fraction(claimed)
    share = {status: Fraction(0) for status in Status}
    for k in range(n + 1):
        status = decide_point(simulated(n, k, claimed=claimed), beta).status
        share[status] += math.comb(n, k) * p**k * (1 - p) ** (n - k)
    assert sum(share.values()) == 1
    assert share[Status.REFUTED] <= Fraction(beta)
    assert share[Status.CONFIRMED] <= Fraction(beta)
    if n * claimed > 5:
        assert share[Status.REFUTED] > 0


def test_open_trials_prevent_a_confirmation():
    n = trials_to_confirm(0.01, 0.05)
    assert decide_point(simulated(n, 0), 0.05).status is Status.CONFIRMED
    assert decide_point(simulated(n, 0, 1), 0.05).status is Status.INCONCLUSIVE


def test_open_trials_do_not_refute():
    assert decide_point(simulated(100, 50), 0.05).status is Status.REFUTED
    blocked = decide_point(simulated(100, 0, 50), 0.05)
    assert blocked.status is Status.INCONCLUSIVE
    assert blocked.needed is None
    assert "no number of trials decides" in blocked.reason
    assert "open" in blocked.reason


def test_inconclusive_says_what_would_decide_and_for_which_rate():
    point = decide_point(simulated(100, 0), 0.05)
    assert (point.status, point.needed) == (Status.INCONCLUSIVE, 299)
    assert "299 trials" in point.reason
    assert "no trial violates" in point.reason
    point = decide_point(simulated(100, 2), 0.05)
    assert point.needed == trials_to_decide(0.02, 0.01, 0.05)
    assert "refute" in point.reason
    assert "0.02" in point.reason
    point = decide_point(simulated(100, 1), 0.05)
    assert point.needed is None
    assert "no number of trials decides" in point.reason
    point = decide_point(simulated(100, 0, claimed=1e-15), 0.05)
    assert point.needed is None
    assert "exact law" in point.reason


@settings(derandomize=True, deadline=None)
@given(
    st.integers(1, 2000),
    st.floats(0, 1.2),
    st.floats(1e-8, 0.3),
    st.data(),
)
def test_simulated_decisions_follow_the_limits(trials, claimed, beta, data):
    violations = data.draw(st.integers(0, trials))
    opened = data.draw(st.integers(0, trials - violations))
    point = decide_point(simulated(trials, violations, opened, claimed), beta)
    assert 0 <= point.limit_low <= violations / trials
    assert (violations + opened) / trials <= point.limit_high <= 1
    assert point.beta == beta
    if point.status is Status.REFUTED:
        assert point.limit_low > claimed
    elif point.status is Status.CONFIRMED:
        assert point.limit_high <= claimed
    else:
        assert point.limit_low <= claimed < point.limit_high
        assert point.needed is None or point.needed > trials
    if claimed >= 1:
        assert point.status is Status.CONFIRMED
        assert point.vacuous


@pytest.mark.parametrize(
    ("tail", "claim", "status"),
    [
        ((0.005, 0.01), (0.01, 0.02), Status.CONFIRMED),
        ((0.005, 0.011), (0.01, 0.02), Status.INCONCLUSIVE),
        ((0.02, 0.03), (0.01, 0.02), Status.INCONCLUSIVE),
        ((0.021, 0.03), (0.01, 0.02), Status.REFUTED),
        ((0.0, 1e-300), (-1.0, -0.5), Status.REFUTED),
        ((0.9, 1.0 + 1e-9), (1.0, 1.0), Status.CONFIRMED),
        ((0.0, 0.0), (0.0, 0.0), Status.CONFIRMED),
        ((0.5, 0.5), (math.inf, math.inf), Status.CONFIRMED),
    ],
)
def test_exact_tails(tail, claim, status):
    point = decide_point(exact(*tail, *claim), 0.01)
    assert point.status is status
    assert point.beta is None
    assert point.needed is None
    assert 0 <= point.limit_low <= point.observed <= point.limit_high <= 1
    assert ("precision" in point.reason) == (status is Status.INCONCLUSIVE)


def test_without_a_measurement_nothing_is_decided():
    point = decide_point(simulated(0, 0), 0.01)
    assert (point.status, point.observed, point.beta) == (Status.INCONCLUSIVE, None, None)
    assert decide_point(simulated(0, 0, claimed=1.0), 0.01).status is Status.CONFIRMED
    assert decided([]).status is Status.INCONCLUSIVE
    assert not decided([]).vacuous
    assert decided([]).method == "no points tested"


@pytest.mark.parametrize(
    "make",
    [
        lambda: exact(math.nan, 0.5),
        lambda: exact(0.5, math.nan),
        lambda: exact(0.5, 0.4),
        lambda: exact(1.5, 2.0),
        lambda: exact(-2.0, -1.0),
        lambda: exact(0.5, None),
        lambda: exact(0.1, 0.2, math.nan, 0.3),
        lambda: exact(0.1, 0.2, 0.3, math.nan),
        lambda: exact(0.1, 0.2, 0.4, 0.3),
        lambda: simulated(10, 3, claimed=math.nan),
        lambda: simulated(10, 8, 3),
        lambda: simulated(10, -1),
        lambda: simulated(10, math.nan),
        lambda: simulated(10.0, 1),
        lambda: simulated(10, 1, tail_low=0.1, tail_high=0.2),
        lambda: tilted(0, 0),
        lambda: tilted(10, 1, relative=(0.3, 0.2)),
        lambda: tilted(10, 1, relative=(math.nan, 0.2)),
        lambda: tilted(10, 1, relative=(0.2, 0.2), scale=-1.0),
        lambda: dataclasses.replace(tilted(10, 1), scale_high=math.nan),
        lambda: dataclasses.replace(tilted(10, 1), scale_low=0.0, scale_high=0.0),
        lambda: dataclasses.replace(tilted(10, 1), relative_high=None),
        lambda: dataclasses.replace(tilted(10, 1), relative_low=None, relative_high=None),
        lambda: dataclasses.replace(exact(0.1, 0.2), relative_low=0.1, relative_high=0.2),
        lambda: simulated(10, 1, scale_low=0.5, scale_high=0.5),
        lambda: simulated(10, 1, quantity="expectation"),
        lambda: simulated(10, 1, ratio_low=0.5, ratio_high=0.5),
        lambda: expectation((math.nan, 1.0), (0.0, 1.0)),
        lambda: expectation((-3.0, -3.0), (-2.0, -2.0), ratio_low=1.5, ratio_high=1.5),
        lambda: decide_point(simulated(10, 1), math.nan),
        lambda: decide_point(simulated(10, 1), 1.0),
        lambda: decided([], beta=0.5) and decide_point(simulated(10, 1), 0.0),
    ],
)
def test_evidence_that_makes_no_sense_is_an_error(make):
    with pytest.raises(InvalidArgument):
        make()


@pytest.mark.parametrize("scale", [3.0, 1e-30, 1e-320])
def test_tilted_trials_are_compared_with_the_claim_over_the_scale(scale):
    refuted = decide_point(tilted(1000, 300, scale=scale), 0.001)
    assert refuted.status is Status.REFUTED
    assert refuted.limit_low <= 0.3 * scale
    assert 1 < refuted.ratio_low < 1.5 < refuted.ratio_high
    confirmed = decide_point(tilted(1000, 100, scale=scale), 0.001)
    assert confirmed.status is Status.CONFIRMED
    assert 0.1 * scale <= confirmed.limit_high <= 0.2 * scale * (1 + 1e-9) + 5e-324
    assert confirmed.ratio_low < 0.5 < confirmed.ratio_high <= 1
    for point in (refuted, confirmed):
        assert point.limit_low <= point.observed <= point.limit_high <= 1


def test_a_planted_wrong_claim_is_refuted_where_claim_and_scale_both_underflow():
    nothing = {"scale_low": 0.0, "scale_high": 5e-324, "claimed_low": 0.0, "claimed_high": 5e-324}
    wrong = decide_point(dataclasses.replace(tilted(1000, 300), **nothing), 0.001)
    assert wrong.status is Status.REFUTED
    assert "times the claimed probability" in wrong.reason
    assert decide_point(dataclasses.replace(tilted(1000, 100), **nothing), 0.001).status is Status.CONFIRMED
    unsure = decide_point(dataclasses.replace(tilted(1000, 200), **nothing), 0.001)
    assert unsure.status is Status.INCONCLUSIVE
    found = decided([dataclasses.replace(tilted(1000, 300), **nothing)]).counterexample
    assert (found["limit_low"], found["claimed"]) == (0.0, 5e-324)
    assert 1 < found["ratio_low"] < 1.5 < found["ratio_high"]


def test_a_tight_claim_is_seldom_decided_by_tilted_trials():
    # As above: the tilted rate is exactly claim / scale = 1/4; an exact sum over all counts.
    n, p, beta = 60, Fraction(1, 4), 0.05
    wrong = Fraction(0)
    for k in range(n + 1):
        status = decide_point(tilted(n, k, relative=(0.25, 0.25)), beta).status
        wrong += math.comb(n, k) * p**k * (1 - p) ** (n - k) * (status is Status.REFUTED)
    assert 0 < wrong <= Fraction(beta)


def test_tilted_trials_that_are_open_or_too_few():
    assert decide_point(tilted(1000, 100, 300), 0.001).status is Status.INCONCLUSIVE
    assert "open" in decide_point(tilted(1000, 100, 300), 0.001).reason
    few = decide_point(tilted(100, 15), 0.001)
    assert few.status is Status.INCONCLUSIVE
    assert few.needed == trials_to_decide(0.15, 0.2, 0.001)
    assert "under the tilted law" in few.reason
    # Whatever the trials say, no probability exceeds 1.
    for violations in range(11):
        vacuous = decide_point(tilted(10, violations, scale=6.0), 0.01)
        assert vacuous.status is Status.CONFIRMED
        assert vacuous.vacuous


def test_ratio_limits_of_plain_trials():
    point = decide_point(simulated(1000, 5), 0.01)
    assert point.ratio_low <= point.limit_low / 0.01 <= 0.5 <= point.limit_high / 0.01 <= point.ratio_high
    assert decide_point(simulated(1000, 5, claimed=0.0), 0.01).ratio_low is None


@pytest.mark.parametrize(
    ("left", "right", "status"),
    [
        ((2.0, 2.1), (2.1, 2.2), Status.CONFIRMED),
        ((2.0, 2.15), (2.1, 2.2), Status.INCONCLUSIVE),
        ((2.21, 2.3), (2.1, 2.2), Status.REFUTED),
        ((-5.0, -4.0), (-3.0, -3.0), Status.CONFIRMED),
        ((-3.0, -3.0), (-5.0, -4.0), Status.REFUTED),
        ((0.5, 7.0), (1.0, 1.0), Status.INCONCLUSIVE),
        ((math.inf, math.inf), (1.0, 1.0), Status.REFUTED),
        ((-math.inf, math.inf), (1.0, 1.0), Status.INCONCLUSIVE),
        (None, (1.0, 1.0), Status.INCONCLUSIVE),
    ],
)
def test_expectations_are_real_numbers(left, right, status):
    point = decide_point(expectation(left, right), 0.01)
    assert point.status is status
    assert not point.vacuous
    assert point.beta is None
    assert (point.limit_low, point.limit_high) == (left or (-math.inf, math.inf))
    assert ("left side is" in point.reason) == (status is not Status.INCONCLUSIVE)
    assert "probability" not in point.reason


def test_ratios_decide_expectations_below_the_range_of_floats():
    tiny = (0.0, 5e-324)
    assert decide_point(expectation(tiny, tiny, ratio_low=1.2, ratio_high=1.3), 0.01).status is Status.REFUTED
    assert decide_point(expectation(tiny, tiny, ratio_low=0.8, ratio_high=0.9), 0.01).status is Status.CONFIRMED
    assert decide_point(expectation(tiny, tiny, ratio_low=0.8, ratio_high=1.1), 0.01).status is Status.INCONCLUSIVE


def test_reasons_tell_close_numbers_apart():
    reason = decide_point(expectation((1.3000000000002, 1.4), (1.3, 1.3)), 0.01).reason
    assert "1.3000000000002" in reason
    reason = decide_point(exact(0.01 * (1 + 1e-15), 0.02), 0.01).reason
    assert "0.01 above" not in reason.replace(",", "")


def test_no_number_of_trials_shows_certainty():
    point = decide_point(simulated(1000, 0, claimed=0.0), 0.01)
    assert (point.status, point.needed) == (Status.INCONCLUSIVE, None)
    assert "no number of trials shows certainty" in point.reason
    assert f"{point.limit_high:.4g}" in point.reason
    opened = decide_point(simulated(1000, 0, 3, claimed=0.0), 0.01)
    assert opened.status is Status.INCONCLUSIVE
    assert "3 are open" in opened.reason


@pytest.mark.parametrize("trials", [1, 10**9])
def test_one_sure_violation_refutes_certainty(trials):
    point = decide_point(simulated(trials, 1, claimed=0.0), 1e-9)
    assert point.status is Status.REFUTED
    assert f"1 of {trials:,} trials" in point.reason


def test_points_prove_only_if_they_are_the_whole_domain_and_exact():
    domain = {"exhaustive": True, "domain": "n in {1, 2}"}
    proved = decided([exact(0.001, 0.002), exact(0.01, 0.01)], **domain)
    assert (proved.status, proved.domain) == (Status.PROVED, "n in {1, 2}")
    assert proved.method == "exact law at all 2 points of the domain"
    assert decided([exact(0.001, 0.002)] * 2).status is Status.CONFIRMED
    assert decided([exact(0.001, 0.002), simulated(1000, 0)], **domain).status is Status.CONFIRMED
    assert decided([exact(0.001, 0.002), tilted(1000, 0)], **domain).status is Status.CONFIRMED
    assert decided([exact(0.001, 0.002), exact(0.001, 0.02)], **domain).status is Status.INCONCLUSIVE
    assert decided([exact(0.001, 0.002), exact(0.02, 0.02)], **domain).status is Status.REFUTED
    assert decided([], **domain).status is Status.INCONCLUSIVE


def test_one_refuted_point_refutes_and_the_largest_excess_is_shown():
    mild, strong = simulated(100, 10), simulated(100, 60, seed=5, first_violation={"trial": 3})
    verdict = decided([simulated(1000, 0), mild, strong, simulated(10, 0), exact(0.02, 0.02)])
    assert verdict.status is Status.REFUTED
    assert verdict.counterexample["violations"] == 60
    assert verdict.counterexample["parameters"] == {"alpha": "1/2"}
    assert verdict.counterexample["law"] == "uniform(-1, 1)"
    assert verdict.counterexample["seed"] == 5
    assert verdict.counterexample["first_violation"] == {"trial": 3}
    assert verdict.counterexample["limit_low"] > 0.01
    assert "alpha = 1/2" in verdict.note


def test_all_points_must_be_confirmed():
    confirmed = decided([simulated(1000, 0), exact(0.001, 0.001)])
    assert confirmed.status is Status.CONFIRMED
    assert confirmed.counterexample is None
    undecided = decided([simulated(1000, 0), simulated(10, 0), simulated(1000, 0, 30)])
    assert undecided.status is Status.INCONCLUSIVE
    assert "30 of 1,000 trials are open" in undecided.note


def test_vacuous_only_if_every_point_is():
    empty = dataclasses.replace(simulated(1000, 0), vacuous=True)
    assert decided([empty, exact(0.5, 0.5, 1.0, 1.0)]).vacuous
    assert not decided([empty, simulated(1000, 0)]).vacuous


@pytest.mark.parametrize(
    ("evidence", "method"),
    [
        (
            [exact(0, 0)] * 12 + [simulated(285, 0)] * 3,
            "exact law at 12 points; simulation at 3 points, 285 trials each",
        ),
        ([exact(0, 0)], "exact law at 1 point"),
        ([simulated(1, 0)], "simulation at 1 point, 1 trial"),
        ([simulated(10, 0), simulated(2000, 0)], "simulation at 2 points, 10 to 2,000 trials each"),
        ([simulated(0, 0)], "no measurement at 1 point"),
        ([tilted(50_000, 0)] * 2, "importance sampling at 2 points, 50,000 trials each"),
        (
            [tilted(50, 0), simulated(7, 0), exact(0, 0)],
            "exact law at 1 point; simulation at 1 point, 7 trials; importance sampling at 1 point, 50 trials",
        ),
        ([expectation((0.0, 0.0), (1.0, 1.0))] * 3, "both sides enclosed at 3 points"),
    ],
)
def test_method_says_how_it_is_known(evidence, method):
    assert decided(evidence).method == method


def as_status(status: Status, *, refutation_expected: bool) -> Verdict:
    return dataclasses.replace(decided([]), status=status, refutation_expected=refutation_expected)


@pytest.mark.parametrize(
    ("status", "refutation_expected", "code"),
    [
        (Status.PROVED, False, 0),
        (Status.CONFIRMED, False, 0),
        (Status.INCONCLUSIVE, False, 3),
        (Status.REFUTED, False, 1),
        (Status.PROVED, True, 1),
        (Status.CONFIRMED, True, 1),
        (Status.INCONCLUSIVE, True, 1),
        (Status.REFUTED, True, 0),
        (Status.SCALING_OBSERVED, False, 0),
        (Status.SCALING_BROKEN, False, 1),
        (Status.SCALING_OBSERVED, True, 1),
        (Status.SCALING_BROKEN, True, 0),
    ],
)
def test_exit_status(status, refutation_expected, code):
    verdict = as_status(status, refutation_expected=refutation_expected)
    good, unsure = as_status(Status.PROVED, refutation_expected=False), decided([simulated(1, 0)])
    assert exit_status([verdict]) == exit_status([good, verdict]) == code
    assert exit_status([verdict, unsure]) == (1 if code == 1 else 3)
    assert verdict.as_expected == (code == 0)


def test_a_run_of_nothing_does_not_pass():
    with pytest.raises(InvalidArgument, match="empty"):
        exit_status(iter([]))


@pytest.mark.parametrize(
    ("rungs", "recursion", "concentration"),
    [
        ((1.0, 2.0, 8.0), 2.0, 4.0),
        ((0.0, 2.0, math.inf), math.inf, math.inf),
        ((0.0, 0.0, 1.0), math.nan, math.inf),
        ((math.nan, 1.0, 1.0), math.nan, 1.0),
        ((1.0, math.inf, math.inf), math.inf, math.nan),
    ],
)
def test_ladder_ratios(rungs, recursion, concentration):
    ladder = Ladder(observed=rungs[0], certificate=rungs[1], bound=rungs[2])
    assert ladder.recursion_ratio == pytest.approx(recursion, nan_ok=True)
    assert ladder.concentration_ratio == pytest.approx(concentration, nan_ok=True)
