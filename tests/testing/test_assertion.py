"""`assert_bound`: true and tight things pass, whatever exceeds a bound fails, and the message says where.

Trials have fixed seeds; the tests of this file that rest on them are wrong with probability at most 1e-6 together, over
the seeds.
"""

import math
import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from scipy.stats import binom
from statistics_helpers import examples
from sympy import Rational, exp

from boundcheck import P, Status, Theorem, iid, maximum, mean, rademacher, real, uniform
from boundcheck.errors import InvalidArgument
from boundcheck.testing import BoundAssertion, assert_bound, generator, strategies

t = real("t", min=0, max=1)


def message(*arguments, **options):
    with pytest.raises(AssertionError) as caught:
        assert_bound(*arguments, **options)
    return str(caught.value)


def fact(text, name):
    return re.search(rf"^  {name} +(.*)$", text, re.M)[1]


# Numbers --------------------------------------------------------------------------------------------------------------

TIGHT = {
    "a number": (1, 1),
    "equal": (0.1 + 0.2, 0.1 + 0.2),
    "up to rounding": (1.0 + 1e-12, 1.0, 1e-12 + 1e-15),
    "exact": (Fraction(1, 3), Fraction(1, 3)),
    "extended": (np.longdouble(1) + np.finfo(np.longdouble).eps, np.longdouble(1), np.finfo(np.longdouble).eps),
    "sympy": (Rational(1, 3), Rational(1, 3)),
    "an array": ([[0, 1], [2, 3]], [[0, 1], [2, 3]]),
    "against one": (np.arange(5), 4),
    "zero": (0.0, 0.0),
    "below zero": (-1.0, 0.0),
    "no finite bound": ([1e308, math.inf], math.inf),
    "unsigned": (np.array([3], np.uint8), np.array([4], np.uint8)),
    "large integers": (10**40, 10**40),
}
FALSE = {
    "a number": (1.0000000001, 1),
    "by one rounding": (np.nextafter(1, 2), 1.0),
    "beyond the rounding": (1.0 + 3e-12, 1.0, 1e-12),
    "exact": (Fraction(1, 3) + Fraction(1, 10**30), Fraction(1, 3)),
    "extended": (np.longdouble(1) + np.finfo(np.longdouble).eps, np.longdouble(1)),
    "sympy": (Rational(1, 3) + Rational(1, 10**30), Rational(1, 3)),
    "an array": ([[0, 1], [2, 3]], [[0, 1], [1.9, 3]]),
    "not a number": (math.nan, 1),
    "no bound": (1, math.nan),
    "one of many": ([0.0, math.nan, 0.5], 1),
    "infinite": (math.inf, 1e308),
    "zero": (1e-320, 0.0),
    "below zero": (-1.0, -2.0),
    "integers that wrap": (np.array([200], np.uint8), np.array([100], np.uint8), np.array([90], np.uint8)),
    "large integers": (10**40 + 1, 10**40),
    "integers of 64 bits": (np.array([2**63 - 1]), np.array([2**63 - 2])),
}


def sides(case):
    observed, bound, *rounding = case
    return (observed, bound), {"rounding": rounding[0]} if rounding else {}


@pytest.mark.parametrize("name", TIGHT)
def test_what_is_true_and_tight_passes(name):
    arguments, options = sides(TIGHT[name])
    assert 0 <= assert_bound(*arguments, **options) <= 1


@pytest.mark.parametrize("name", FALSE)
def test_whatever_exceeds_a_bound_fails(name):
    arguments, options = sides(FALSE[name])
    assert "The bound is exceeded" in message(*arguments, **options)


def test_the_largest_ratio_is_returned_and_told():
    assert assert_bound([1, 3, 2], [4, 4, 8]) == 0.75
    assert assert_bound([-1, 0], [1, 0]) == 0
    text = message([[1, 8, 5], [9, 2, 2]], [[1, 4, 1], [3, 0, 9]], seed=17)
    assert text.startswith("The bound is exceeded: observed / bound is inf at [1, 1]\n")
    assert [fact(text, name) for name in ("observed", "bound", "exceeded", "seed")] == ["2.0", "0.0", "4 of 6", "17"]
    # A larger ratio that rounding excuses is not the worst violation.
    text = message([1.0, 2.2], [1e-3, 2.0], rounding=[1.0, 0.1])
    assert "is 1.05 at [1]" in text


def test_the_command_is_this_test(request):
    command = fact(message(2, 1), "reproduce")
    assert command.startswith("pytest ")
    assert request.node.nodeid in command


@pytest.mark.parametrize(
    ("arguments", "options", "name"),
    [
        ((), {}, None),
        ((1,), {}, "bound"),
        (([],), {}, "bound"),
        (([], 1), {}, "observed"),
        ((["a"], 1), {}, "observed"),
        ((1j, 1), {}, "observed"),
        ((1, None), {}, "bound"),
        ((1, [1, 2]), {}, "bound"),
        (([1, 2], [[1, 2]]), {}, "bound"),
        ((1, 1), {"rounding": -1}, "rounding"),
        ((1, 1), {"rounding": math.nan}, "rounding"),
        ((1, 1), {"trials": 10}, "trials"),
        ((1, 1), {"level": 0.9}, "level"),
        ((1, 1), {"delta": 0}, "delta"),
        ((1, 1), {"delta": 1}, "delta"),
        ((1, 1), {"delta": 0.1, "level": 1}, "level"),
        ((1, 1), {"delta": 0.1, "trials": 5}, "trials"),
    ],
)
def test_mistakes_are_one_line(arguments, options, name):
    if name is None:
        with pytest.raises(TypeError):
            assert_bound(*arguments, **options)
        return
    with pytest.raises(InvalidArgument, match=rf"^{name}=[^\n]*; [^\n]*$"):
        assert_bound(*arguments, **options)


# Trials ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("violations", "trials", "delta", "level", "status"),
    [
        (0, 459, 0.01, 0.99, None),
        (0, 458, 0.01, 0.99, "INCONCLUSIVE"),
        (5, 10, 0.05, 0.99, "REFUTED"),
        (3, 100, 0.05, 0.99, "INCONCLUSIVE"),
        (0, 90, 0.05, 0.99, None),
        (1, 1, 0.001, 0.99, "REFUTED"),
    ],
)
def test_trials_are_counted_by_exact_binomial_tails(violations, trials, delta, level, status):
    """Beside SciPy: confirmed where so few are unlikely at delta, refuted where so many are."""
    observed = np.arange(trials) < violations
    few, many = binom.cdf(violations, trials, delta), binom.sf(violations - 1, trials, delta)
    assert status == (None if few <= 1 - level else "REFUTED" if many <= 1 - level else "INCONCLUSIVE")
    if status is None:
        assert assert_bound(observed, 0.5, delta=delta, level=level).status is Status.CONFIRMED
        return
    text = message(observed, 0.5, delta=delta, level=level, seed=3)
    assert text.startswith(f"{status}: ")
    assert fact(text, "exceeded") == f"{violations} of {trials}"
    assert fact(text, "seed") == "3"
    assert fact(text, "level") == f"{level}, of this assertion alone"


def test_a_quantile_is_neither_and_slack_decides():
    """The true rate is delta; 1.2 and 0.8 times the threshold are told from it. Wrong with probability 3e-7."""
    drawn = generator("uniform").random(20_000)
    options = {"delta": 0.1, "level": 1 - 1e-7}
    assert message(drawn, 0.9, **options).startswith("INCONCLUSIVE")
    assert message(drawn, 0.88, **options).startswith("REFUTED")
    assert_bound(drawn, 0.92, **options)


def test_what_is_not_a_number_is_not_counted():
    undefined = "NaN, or infinity on both sides, in {} trials: nothing can be counted"
    assert message([0.0, math.nan] * 500, 1.0, delta=0.9) == undefined.format("500 of 1,000")
    assert message([0.0] * 2, [1.0, math.nan], delta=0.9) == undefined.format("1 of 2")
    assert message([0.0, math.inf], [1.0, math.inf], delta=0.9) == undefined.format("1 of 2")


# Theorems -------------------------------------------------------------------------------------------------------------


def hoeffding(constant):
    return Theorem(claim=P(mean(iid(rademacher(), 20)) >= t) <= exp(-constant * t**2))


def test_a_theorem_holds_or_shows_why_not():
    assert assert_bound(hoeffding(10)).status is Status.CONFIRMED
    text = message(hoeffding(20), seed=4)
    assert text.startswith("REFUTED  theorem\nAt t = ")
    assert fact(text, "seed") == "4"
    assert fact(text, "reproduce") == "boundcheck.check(theorem, level=0.99, seed=4)"
    assert fact(text, "level") == "0.99, of this assertion alone"


def test_a_theorem_that_is_not_decided_fails():
    X = iid(uniform(0, 1), 12)
    claim = P(mean(X) * maximum(X) >= t) <= Rational(9, 10)
    theorem = Theorem(claim=claim, points=[{"t": "1/2"}])
    text = message(theorem, trials=2)
    assert text.startswith("INCONCLUSIVE")
    assert " would " in text
    assert fact(text, "reproduce") == "boundcheck.check(theorem, trials=2, level=0.99, seed=0)"


def test_options_of_a_theorem_are_its_own():
    with pytest.raises(InvalidArgument, match=r"^rounding=0.1 does not belong"):
        assert_bound(hoeffding(10), rounding=0.1)
    with pytest.raises(InvalidArgument, match=r"^level=2"):
        assert_bound(hoeffding(10), level=2)


def test_the_fixture_has_options_of_its_own():
    own = BoundAssertion(trials=2, level=0.9, seed=8)
    with pytest.raises(AssertionError) as caught:
        own(hoeffding(20), level=0.95)
    assert fact(str(caught.value), "reproduce") == "boundcheck.check(theorem, trials=2, level=0.95, seed=8)"
    assert own([0] * 22, 1, delta=0.1).level == 0.9
    assert own(1, 2) == 0.5


def test_the_fixture_is_there(assert_bound):
    assert isinstance(assert_bound, BoundAssertion)


# In a Hypothesis test -------------------------------------------------------------------------------------------------


def failing(test):
    """The message with which a Hypothesis test fails."""
    with pytest.raises(AssertionError) as caught:
        test()
    return str(caught.value)


def test_the_search_climbs_to_the_largest_ratio():
    """What 1000 examples without a target miss."""

    side = st.integers(0, 10**6)

    def miss(phases):
        seen = []

        @settings(examples(1000), phases=phases)
        @given(side, side)
        def check(x, y):
            seen.append(1 - assert_bound(2 * 10**6 - abs(x - 314_159) - abs(y - 271_828), 2 * 10**6))

        check()
        return min(seen)

    assert miss([Phase.generate]) > 1e-3
    assert miss([Phase.generate, Phase.target]) < 1e-5


def test_the_worst_violation_is_told_beside_the_smallest():
    @examples(200)
    @given(st.integers(0, 1000), st.integers(0, 5))
    def check(size, other):
        assert_bound(size, 10, seed=other)

    text = failing(check)
    assert text.startswith("The bound is exceeded: observed / bound is 1.1\n")
    assert fact(text, "observed") == "11.0"
    worst = float(re.search(r"that this search has seen: observed / bound is ([\d.]+), where", text)[1])
    assert worst > 10
    assert int(fact(text, "size =")) == round(10 * worst)
    assert 0 <= int(fact(text, "other =")) <= 5


def test_what_another_test_has_seen_is_not_told():
    """The search of the test above is over; this one has one violation."""

    @examples(20)
    @given(st.booleans())
    def check(flag):
        assert_bound(int(flag), 0.5)

    assert "that this search has seen" not in failing(check)


def test_several_assertions_aim_in_one_example():
    @examples(20)
    @given(st.integers(0, 9))
    def check(size):
        for factor in range(1, 12):
            assert_bound(size, 10 * factor)
        assert_bound(0, 1, label="zero")
        assert_bound([size] * 100, 10, delta=0.5)

    check()


@examples(30)
@given(strategies.weight_matrices((3, 4)))
def test_the_spectral_norm_is_at_most_the_frobenius_norm(weights):
    """Tight for rank one, and at any scale."""
    scale = np.abs(weights).max() or 1.0
    frobenius = math.hypot(*(weights / scale).ravel())
    assert_bound(np.linalg.norm(weights / scale, 2), frobenius, rounding=1e-14 * frobenius)


@pytest.mark.parametrize("rounding", [math.inf, math.nan, -1.0])
def test_an_allowance_that_allows_everything_is_refused(rounding):
    with pytest.raises(InvalidArgument, match="is no allowance for rounding"):
        assert_bound(5.0, 1.0, rounding=rounding)


def test_complex_numbers_among_others_are_refused():
    with pytest.raises(InvalidArgument, match="no real number"):
        assert_bound(np.array([np.complex128(1 + 9j), Fraction(1, 2)], dtype=object), 2)


def test_sums_of_short_floats_are_not_rounded_to_them():
    with pytest.raises(AssertionError, match="exceeded"):
        assert_bound(np.float16(2050), np.float16(2048), rounding=np.float16(1.5))
