"""The re-check of exact laws against brute force over outcomes, closed forms, and the code that it re-checks."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import mpmath
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from boundcheck.formula.verify import NotRechecked, verify_exact
from boundcheck.formula.verify.families import check_member
from boundcheck.formula.verify.reading import Refused
from boundcheck.formula.verify.samples import Sample
from boundcheck.formula.verify.trees import tuples

F = Fraction
X = ["Variable"]


def number(x) -> list:
    return ["Rational", str(F(x).numerator), str(F(x).denominator)]


def statistic(kind, function=X, rank=None) -> list:
    return ["Statistic", kind, function, None if rank is None else number(rank)]


def minus(first, second) -> list:
    return ["Add", first, ["Mul", number(-1), second]]


def discrete(weights) -> list:
    return ["discrete", ["Tuple", *map(number, weights)], ["Tuple", *map(number, weights.values())]]


def iid(law, n) -> list:
    return ["iid", law, number(n)]


NORMAL = ["normal", number(0), number(1)]
UNIFORM = ["uniform", number(0), number(1)]
FAIR = ["two_point", number(0), number(1), number("1/2")]


def at_most(left, right) -> list:
    return ["Le", left, right]


def certificate(sample, left, *, claimed=1, conclusion="proved", strict=False, margin=True) -> dict:
    """A certificate of P(left > 0) ≤ claimed, or of left ≤ claimed."""
    if margin:
        left = ["Probability", ["Gt" if strict else "Ge", left, number(0)]]
    case = {"parameters": {}, "left": ["-inf", "inf"], "right": ["-inf", "inf"]}
    return {
        "kind": "exact",
        "conclusion": conclusion,
        "claim": at_most(left, number(claimed)),
        "sample": sample,
        "unknown": None,
        "domain": {},
        "conditions": [],
        "cases": [case],
    }


def side(low, high, *, integer=False, exclude_low=False, exclude_high=False) -> dict:
    ends = {name: end if isinstance(end, list) else number(end) for name, end in (("low", low), ("high", high))}
    return ends | {"integer": integer, "exclude_low": exclude_low, "exclude_high": exclude_high}


def assert_value(sample, left, value, *, strict=False, margin=True, within=1e-13):
    """Claims just above the value are verified as proofs, claims just below it as refutations, and not the reverse."""
    options = {"strict": strict, "margin": margin}
    value = F(value) if isinstance(value, int | F) else value.man_exp[0] * F(2) ** int(value.man_exp[1])
    if within == 0:
        assert verify_exact(certificate(sample, left, claimed=value, **options)) == []
    slack = abs(value) * (F(within) or F(1, 10**30)) or F(1, 10**30)
    for claimed, holds in ((value + slack, True), (value - slack, False)):
        for conclusion in ("proved", "refuted"):
            complaints = verify_exact(certificate(sample, left, claimed=claimed, conclusion=conclusion, **options))
            assert (complaints == []) == (holds == (conclusion == "proved")), (float(value), complaints)


LAWS = st.dictionaries(st.integers(-3, 3), st.integers(1, 4), min_size=1, max_size=3).map(
    lambda weights: {v: F(w, sum(weights.values())) for v, w in weights.items()}
)


def naive_statistics(values):
    """Every statistic of the values, by its definition."""
    n = len(values)
    average = F(sum(values), n)
    return {
        "sum": F(sum(values)),
        "mean": average,
        "maximum": F(max(values)),
        "minimum": F(min(values)),
        "variance": sum((v - average) ** 2 for v in values) / (n - 1) if n > 1 else None,
        **{f"order {k}": F(sorted(values)[k - 1]) for k in range(1, n + 1)},
    }


@settings(derandomize=True, max_examples=80, deadline=None)
@given(st.lists(LAWS, min_size=1, max_size=4), st.booleans(), st.data())
def test_brute_force_over_outcomes(laws, same, data):
    laws = [laws[0]] * len(laws) if same else laws
    sample = iid(discrete(laws[0]), len(laws)) if same else ["independent", *map(discrete, laws)]
    outcomes = [
        (naive_statistics(values), math.prod(law[v] for law, v in zip(laws, values, strict=True)))
        for values in itertools.product(*laws)
    ]
    kind = data.draw(st.sampled_from([k for k, v in outcomes[0][0].items() if v is not None]))
    level = data.draw(st.sampled_from(sorted({found[kind] for found, _ in outcomes} | {F(1, 3)})))
    strict = data.draw(st.booleans())
    name, _, rank = kind.partition(" ")
    atom = statistic(name, X, rank or None)
    chance = sum(p for s, p in outcomes if s[kind] > level or (s[kind] == level and not strict))
    assert_value(sample, minus(atom, number(level)), chance, strict=strict, within=0)
    both = minus(atom, ["Add", number(level), ["Mul", number(2), statistic("maximum")]])
    joint = sum(p for s, p in outcomes if s[kind] - level - 2 * s["maximum"] > -1)
    assert_value(sample, ["Add", both, number(1)], joint, strict=True, within=0)
    square = ["Pow", minus(atom, number(level)), number(2)]
    average = sum((s[kind] - level) ** 2 * p for s, p in outcomes)
    assert_value(sample, ["Expectation", square], average, margin=False, within=0)
    inverse = ["Pow", ["Add", number(20), atom], number(-1)]
    average = sum(p / (20 + s[kind]) for s, p in outcomes)
    assert_value(sample, ["Expectation", inverse], average, margin=False, within=0)


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(("balls", "bins"), [(1, 1), (3, 2), (4, 3), (5, 4)])
def test_occupancy_by_brute_force(balls, bins, strict):
    outcomes = [[places.count(b) for b in range(bins)] for places in itertools.product(range(bins), repeat=balls)]
    kinds = {"maximum": max, "minimum": min, "empty": lambda counts: counts.count(0)}
    for (kind, function), level in itertools.product(kinds.items(), range(balls + 1)):
        seen = [function(counts) for counts in outcomes]
        chance = F(sum(s > level or (s == level and not strict) for s in seen), len(seen))
        sample = ["occupancy", number(balls), number(bins)]
        assert_value(sample, minus(statistic(kind), number(level)), chance, strict=strict, within=0)
        assert_value(sample, ["Expectation", statistic(kind)], F(sum(seen), len(seen)), margin=False, within=0)


@pytest.mark.parametrize(("steps", "level"), [(1, 1), (4, 2), (7, 3), (6, 9)])
def test_stopped_walks_by_brute_force(steps, level):
    ends = []
    for signs in itertools.product((-1, 1), repeat=steps):
        place = 0
        for sign in signs:
            place += sign if place != level else 0
        ends.append(place)
    sample = ["stopped_walk", number(steps), number(level)]
    for end in range(-steps, level + 2):
        chance = F(sum(e >= end for e in ends), 2**steps)
        assert_value(sample, minus(statistic("sum"), number(end)), chance, within=0)
        assert_value(sample, minus(["Mul", number(steps), statistic("mean")], number(end)), chance, within=0)
    assert_value(sample, ["Expectation", statistic("sum")], 0, margin=False, within=0)


def test_drawing_without_replacement_by_brute_force():
    items = [5, 5, 2, 2, 2, 2, 2]
    draws = list(itertools.combinations(items, 3))
    sample = ["without_replacement", ["two_point", number(2), number(5), number("2/7")], number(3), number(7)]
    for level, strict in itertools.product((6, 9, 10, 12, 13), (True, False)):
        chance = F(sum(sum(d) > level or (sum(d) == level and not strict) for d in draws), len(draws))
        assert_value(sample, minus(statistic("sum"), number(level)), chance, strict=strict, within=0)


def closed_forms():
    ncdf, exp, e = mpmath.ncdf, mpmath.exp, mpmath.mpf
    yield "normal sum", iid(NORMAL, 4), minus(statistic("sum"), number(3)), ncdf(-e(3) / 2)
    yield "two sides", iid(NORMAL, 4), minus(["Abs", statistic("mean")], number(1)), 2 * ncdf(-2)
    inside = minus(number(1), ["Abs", statistic("mean")])
    yield "between", iid(NORMAL, 4), inside, 1 - 2 * ncdf(-2)
    shifted = ["affine", ["normal", number(1), number(2)], number(-3), number(5)]
    yield "affine", iid(shifted, 1), minus(statistic("sum"), number(8)), ncdf(-1)
    several = ["independent", NORMAL, ["normal", number(1), number(2)], ["normal", number(2), number(2)]]
    yield "different normals", several, minus(statistic("sum"), number(9)), ncdf(-2)
    square = statistic("sum", ["Pow", X, number(2)])
    yield "norm", iid(NORMAL, 2), minus(["Pow", square, number("1/2")], number(3)), exp(-e(9) / 2)
    yield "chi squared", iid(NORMAL, 2), minus(square, number(9)), exp(-e(9) / 2)
    yield "variance", iid(NORMAL, 3), minus(statistic("variance"), number(4)), exp(-e(4))
    modulus = statistic("maximum", ["Abs", X])
    yield "largest modulus", iid(NORMAL, 10), minus(modulus, number(3)), 1 - (1 - 2 * ncdf(-3)) ** 10
    yield "maximum far out", iid(NORMAL, 10), minus(statistic("maximum"), number(30)), 10 * ncdf(-30)
    yield "minimum", iid(UNIFORM, 6), minus(statistic("minimum"), number("1/4")), F(3, 4) ** 6
    yield "second smallest", iid(UNIFORM, 3), minus(statistic("order", X, 2), number("1/2")), F(1, 2)
    yield "Irwin-Hall", iid(UNIFORM, 3), minus(statistic("sum"), number("5/2")), F(1, 48)
    root = ["Pow", number(2), number("1/2")]
    yield "irrational level", iid(UNIFORM, 2), minus(statistic("sum"), root), (2 - mpmath.sqrt(2)) ** 2 / 2
    minus_root = ["Mul", number(-1), root]
    yield "negative irrational level", iid(UNIFORM, 2), minus(statistic("sum"), minus_root), F(1)
    exponential = ["exponential", number(2)]
    yield "Erlang", iid(exponential, 2), minus(statistic("sum"), number(3)), 7 * exp(-6)
    negative = minus(["Mul", number(-1), statistic("sum")], number(-3))
    yield "Erlang from below", iid(exponential, 2), negative, 1 - 7 * exp(-6)
    yield "gamma", iid(["gamma", number("1/2"), number(2)], 4), minus(statistic("sum"), number(3)), 7 * exp(-6)
    yield "beta", iid(["beta", number(2), number(1)], 1), minus(statistic("sum"), number("1/3")), F(8, 9)
    tail = 1 - exp(-6) * (1 + 6 + 18)
    yield "Poisson", iid(["poisson", number(2)], 3), minus(statistic("sum"), number(3)), tail
    centred = ["affine", ["poisson", number(2)], number(3), number(-6)]
    yield "affine Poisson", iid(centred, 3), minus(statistic("mean"), number(-3)), tail
    counts = iid(["hypergeometric", number(7), number(2), number(3)], 1)
    yield "hypergeometric", counts, minus(statistic("sum"), number(2)), F(1, 7)
    yield "long binomial", iid(FAIR, 300), minus(statistic("sum"), number(300)), F(1, 2**300)
    event = ["exp", ["Mul", number(-1), statistic("sum")]]
    yield "decreasing", iid(exponential, 1), minus(event, ["exp", number(-1)]), 1 - exp(-2)
    mean_inside = minus(minus(statistic("mean"), ["Expectation", statistic("mean")]), number(1))
    yield "mean inside", iid(["normal", number(7), number(2)], 4), mean_inside, ncdf(-1)


@pytest.mark.parametrize(("sample", "margin", "value"), [pytest.param(*c, id=name) for name, *c in closed_forms()])
def test_probabilities_in_closed_form(sample, margin, value):
    assert_value(sample, margin, value)


def means():
    half = number("1/2")
    grows = ["exp", ["Mul", half, statistic("sum")]]
    yield "normal", iid(NORMAL, 4), grows, mpmath.exp(0.5), 1e-13
    yield "uniform", iid(UNIFORM, 2), grows, (2 * (mpmath.exp(0.5) - 1)) ** 2, 1e-13
    yield "gamma", iid(["gamma", number(3), number(1)], 2), grows, 64, 1e-13
    yield "Poisson", iid(["poisson", number(2)], 3), grows, mpmath.exp(6 * (mpmath.exp(0.5) - 1)), 1e-13
    fourth = ["Pow", statistic("sum"), number(4)]
    yield "fourth power", iid(NORMAL, 5), fourth, 75, 0
    square = ["Pow", minus(statistic("mean"), ["Expectation", statistic("mean")]), number(2)]
    yield "variance of a mean", iid(UNIFORM, 5), square, F(1, 60), 0
    yield "beta", iid(["beta", number(2), number(3)], 2), square, F(1, 50), 0
    yield "exponential", iid(["exponential", number(3)], 2), square, F(1, 18), 0
    yield "Poisson squared", iid(["poisson", number(2)], 3), ["Pow", statistic("sum"), number(2)], 42, 0
    yield "squares", iid(NORMAL, 5), statistic("mean", ["Pow", X, number(2)]), 1, 0
    yield "maximum", iid(UNIFORM, 4), statistic("maximum"), F(4, 5), 0
    yield "second of affine", iid(["uniform", number(1), number(6)], 4), statistic("order", X, 2), 3, 0
    yield "sample variance", iid(UNIFORM, 4), statistic("variance", ["Mul", number(3), X]), F(3, 4), 0
    yield "squared maximum", iid(UNIFORM, 2), ["Pow", statistic("maximum"), number(2)], F(1, 2), 1e-6
    norm = ["Pow", statistic("sum", ["Pow", X, number(2)]), half]
    yield "norm", iid(NORMAL, 2), norm, mpmath.sqrt(mpmath.pi / 2), 1e-6
    yield "modulus", iid(NORMAL, 1), ["Abs", statistic("sum")], mpmath.sqrt(2 / mpmath.pi), 1e-6


@pytest.mark.parametrize(
    ("sample", "tree", "value", "within"), [pytest.param(*c, id=f"{i} {name}") for i, (name, *c) in enumerate(means())]
)
def test_means_in_closed_form(sample, tree, value, within):
    assert_value(sample, ["Expectation", tree], value, margin=False, within=within)


def test_a_probability_inside_a_formula():
    event = ["Ge", statistic("sum"), number(2)]
    inside = ["Add", ["Probability", event], ["Expectation", statistic("sum")]]
    assert_value(iid(FAIR, 2), inside, F(5, 4), margin=False, within=0)
    event[0] = "Gt"
    assert_value(iid(FAIR, 2), inside, F(1), margin=False, within=0)


def test_ties_of_irrational_atoms_are_not_told():
    root = ["Pow", number(2), number("1/2")]
    signs = ["two_point", ["Mul", number(-1), root], root, number("1/2")]
    data = certificate(iid(signs, 2), minus(statistic("sum"), ["Mul", number(2), root]), claimed="1/8")
    assert verify_exact(data) == ["the two sides cannot be told apart here"]


@pytest.mark.parametrize(
    ("sample", "margin"),
    [
        (iid(FAIR, 10**6), minus(statistic("sum"), number(5))),
        (iid(FAIR, 10**12), minus(statistic("variance"), number(5))),
        (iid(discrete({k: F(1, 9) for k in range(9)}), 10**3), minus(statistic("variance"), number(5))),
        (iid(["poisson", number(10**9)], 3), minus(statistic("sum"), number(5))),
        (["occupancy", number(10**5), number(10**5)], minus(statistic("maximum"), number(5))),
        (["stopped_walk", number(10**5), number(10)], minus(statistic("sum"), number(5))),
        (iid(UNIFORM, 10**4), minus(statistic("sum"), number(5))),
        (iid(["hypergeometric", number(10**9), number(10**8), number(10**8)], 1), minus(statistic("sum"), number(5))),
    ],
)
def test_what_would_take_minutes_is_refused(sample, margin):
    [complaint] = verify_exact(certificate(sample, margin))
    assert "too large to re-check here" in complaint
    assert isinstance(complaint, NotRechecked)


@pytest.mark.parametrize(
    ("sample", "margin", "words"),
    [
        (iid(FAIR, 3), statistic("kolmogorov"), "kolmogorov"),
        (iid(["cauchy"], 3), statistic("sum"), "cauchy"),
        (["bag"], statistic("sum"), "bag"),
        (iid(NORMAL, 3), minus(statistic("sum"), statistic("maximum")), "several statistics"),
        (iid(["beta", number(1), number(2)], 2), statistic("sum"), "beta"),
        (iid(NORMAL, 3), ["sin", statistic("sum")], "sin"),
        (iid(NORMAL, -3), statistic("sum"), "no count"),
        (iid(NORMAL, 3), ["Symbol", "n"], "damaged"),
        (iid(NORMAL, 3), ["Rational", "1", "0"], "damaged"),
        (iid(FAIR, 3), ["Mul", statistic("sum"), ["Pow", number(0), number(-1)]], "not defined"),
        (iid(FAIR, 3), ["log", number(-1)], "not defined"),
        (iid(FAIR, 3), ["system", number(1)], "no meaning"),
        (iid(FAIR, 3), statistic("order", X, 4), "rank"),
        (iid(NORMAL, 3), None, "damaged"),
    ],
)
def test_what_cannot_be_read_is_a_complaint(sample, margin, words):
    [complaint] = verify_exact(certificate(sample, margin))
    assert words in complaint
    assert isinstance(complaint, NotRechecked) == ("re-checked here" in complaint)


def test_a_law_that_is_none_of_the_family_is_a_complaint():
    bounded = ["bounded", number(0), number(1)]
    data = certificate(iid(bounded, 2), minus(statistic("sum"), number(2)), conclusion="refuted", claimed="1/8")
    members = {
        True: [FAIR, UNIFORM, discrete({0: F(1, 2), F(1, 3): F(1, 6), 1: F(1, 3)})],
        False: [["two_point", number(0), number(2), number("1/2")], NORMAL],
    }
    for belongs, laws in members.items():
        for law in laws:
            data["cases"][0]["sample"] = iid(law, 2)
            complaints = verify_exact(data)
            assert any("not one of those" in c for c in complaints) != belongs, law
    data["cases"][0]["sample"] = iid(FAIR, 3)
    assert "not one of those" in verify_exact(data)[0]


LIGHT = ["family", "sub_gaussian", ["proxy", number(4)]]
GAMMA = ["family", "sub_gamma", ["variance_factor", number(4)], ["scale", number(1)]]
TINY = ["Add", number(F(1, 2**53)), ["exp", number(-100)]]
EXPONENTIAL = ["family", "sub_exponential", ["variance_factor", number(4)], ["scale", number(1)]]


CENTRED = ["family", "centred", ["upper", number(1)], ["variance", number(2)]]


def root(x) -> list:
    return ["Pow", number(x), number("1/2")]


MEAN = ["family", "nonnegative", ["mean", ["Pow", number(2), number("-1/2")]]]


def centred_gamma(shape, scale) -> list:
    return ["affine", ["gamma", number(shape), number(1)], number(scale), number(-F(shape) * F(scale))]


@pytest.mark.parametrize(
    ("family", "law", "belongs"),
    [
        (LIGHT, ["normal", number(0), number(2)], True),
        (LIGHT, ["normal", number(0), number("21/10")], False),
        (LIGHT, ["normal", number("1/10"), number(1)], False),
        (LIGHT, ["two_point", number(-2), number(2), number("1/2")], True),
        (LIGHT, ["two_point", number(-1), number(4), number("1/5")], False),  # its variance is small enough
        (LIGHT, ["uniform", number(-3), number(3)], True),
        (LIGHT, ["uniform", number(-4), number(4)], False),
        (LIGHT, centred_gamma(1, 1), False),
        (GAMMA, centred_gamma(4, 1), True),
        (GAMMA, centred_gamma(1, 2), False),
        (GAMMA, ["affine", ["poisson", number("4/9")], number(3), number("-4/3")], True),
        (GAMMA, ["affine", ["poisson", number("1/4")], number(4), number(-1)], False),
        (EXPONENTIAL, centred_gamma(8, "1/2"), True),
        (EXPONENTIAL, centred_gamma(4, 1), False),
        (
            ["family", "with_variance", ["mean", number(1)], ["variance", number(4)]],
            ["normal", number(1), number(2)],
            True,
        ),
        (
            ["family", "with_variance", ["mean", number(1)], ["variance", number(4)]],
            ["normal", number(1), number(1)],
            False,
        ),
        (["family", "nonnegative", ["mean", number(2)]], ["exponential", number("1/2")], True),
        (["family", "nonnegative", ["mean", number(2)]], ["normal", number(2), number(1)], False),
        (["family", "magic", ["mean", number(2)]], ["normal", number(2), number(1)], False),
        # A gamma law of scale c has no exponential mean at 1/c; at r = scale/c its factor is 2(-log(1 - r) - r)/r².
        (EXPONENTIAL, centred_gamma(8, "-1/2"), True),
        (EXPONENTIAL, centred_gamma(4, -1), False),
        (EXPONENTIAL, centred_gamma("1/4", -2), False),
        (EXPONENTIAL, centred_gamma("1294/125", "1/2"), True),  # 4/(log 2 - 1/2)/2 = 10.3544…
        (EXPONENTIAL, centred_gamma("10355/1000", "-1/2"), False),
        (EXPONENTIAL, ["uniform", number(-3), number(3)], True),
        (EXPONENTIAL, ["two_point", number(-2), number(2), number("1/2")], True),
        (GAMMA, centred_gamma("1/100", -20), True),
        (GAMMA, centred_gamma("101/10000", -20), False),
        (GAMMA, centred_gamma("1/100", 20), False),
        (GAMMA, ["affine", ["poisson", number("1/25")], number(-10), number("2/5")], True),
        (GAMMA, ["uniform", number(-3), number(3)], True),
        (GAMMA, ["two_point", number(-40), number("1/10"), number("400/401")], True),
        (GAMMA, ["two_point", number(-41), number("1/10"), number("410/411")], False),
        (GAMMA, ["two_point", number("-4/3"), number(3), number("4/13")], True),
        (GAMMA, ["two_point", number(-1), number(4), number("1/5")], False),
        *((family, ["two_point", number(0), number(1), number(0)], True) for family in (LIGHT, GAMMA, EXPONENTIAL)),
        *((family, ["two_point", number(0), number(0), number("1/3")], True) for family in (LIGHT, GAMMA, EXPONENTIAL)),
        *((family, discrete({0: 1}), True) for family in (LIGHT, GAMMA, EXPONENTIAL)),
        *((family, discrete({F(1, 10): 1}), False) for family in (LIGHT, GAMMA, EXPONENTIAL)),
        (LIGHT, discrete({-1: F(3, 4), 3: F(1, 4)}), True),
        (LIGHT, discrete({-1: F(4, 5), 4: F(1, 5)}), False),
        (LIGHT, ["normal", number(0), root(4)], True),
        (LIGHT, ["normal", number(0), root("4001/1000")], False),
        (LIGHT, ["uniform", ["Mul", number(-2), root(3)], root(12)], True),
        (LIGHT, ["uniform", ["Mul", number(-2), root(3)], root("12001/1000")], False),
        (CENTRED, ["two_point", number(-2), number(1), number("2/3")], True),
        (CENTRED, ["two_point", number(-2000), number("1/1000"), number("2000000/2000001")], True),
        (CENTRED, ["two_point", number(-2001), number("1/1000"), number("2001000/2001001")], False),
        (CENTRED, ["two_point", number(-1), number("2"), number("1/3")], False),
        (CENTRED, ["two_point", number(-2), number(1), number("1/2")], False),
        (CENTRED, ["affine", ["exponential", number(1)], number(-1), number(1)], True),
        ([*CENTRED, ["mean", number(0)]], ["two_point", number(-2), number(1), number("2/3")], False),
        (CENTRED[:3], ["two_point", number(-2), number(1), number("2/3")], False),
        ([*CENTRED, CENTRED[2]], ["two_point", number(-2), number(1), number("2/3")], False),
        (MEAN, ["two_point", number(0), root(2), number("1/2")], True),
        (MEAN, ["two_point", number(0), root("2001/1000"), number("1/2")], False),
        (["uniform", number(0), root(4)], ["uniform", number(0), number(2)], True),
        (["uniform", number(0), root(3)], ["uniform", number(0), number(2)], False),
        (["exponential", number(1)], ["poisson", number(1)], False),
    ],
)
def test_members_of_families(family, law, belongs):
    data = certificate(iid(family, 2), minus(statistic("sum"), number(-100)), conclusion="refuted", claimed=-1)
    data["cases"][0]["sample"] = iid(law, 2)
    assert (verify_exact(data) == []) == belongs


SHARES = st.fractions(F(1, 20), F(19, 20), max_denominator=20)
EXPONENTIAL_MEANS = {
    "sub_gaussian": lambda c: [F(k, 3) for k in range(-30, 31)],
    "sub_gamma": lambda c: [F(k, 30) / c for k in range(30)],
    "sub_exponential": lambda c: [F(k, 30) / c for k in range(-30, 31)],
}
"""Where exponential means are bounded in each family."""


def centred_laws(shape, scale, share):
    """Laws with mean 0 as certificates have them, their variances, and the logarithms of E exp(λX)."""
    exp, log, variance = mpmath.exp, mpmath.log, shape * scale**2
    yield centred_gamma(shape, scale), variance, lambda lam: shape * (-log(1 - scale * lam) - scale * lam)
    poisson = ["affine", ["poisson", number(shape)], number(scale), number(-shape * scale)]
    yield poisson, variance, lambda lam: shape * (exp(scale * lam) - 1 - scale * lam)
    low, high = sorted((-scale * share, scale * (1 - share)))
    p = -low / (high - low)
    steps = ["two_point", number(low), number(high), number(p)]
    yield steps, -low * high, lambda lam: log((1 - p) * exp(lam * low) + p * exp(lam * high))


@settings(derandomize=True, max_examples=100, deadline=None)
@given(SHARES.map(lambda x: 20 * x**2), SHARES, st.booleans(), SHARES, SHARES, SHARES)
def test_members_have_the_exponential_means_of_their_family(shape, scale, left, share, light, short):
    for law, variance, growth in centred_laws(shape, -scale if left else scale, share):
        factor, reach = variance / light, scale * 2 * short
        for name, points in EXPONENTIAL_MEANS.items():
            facts = {"proxy": factor} if name == "sub_gaussian" else {"variance_factor": factor, "scale": reach}
            family = ["family", name, *([key, number(value)] for key, value in facts.items())]
            try:
                check_member(*(Sample(tuples(iid(one, 1))) for one in (family, law)))
            except Refused:
                continue
            for lam in points(reach):
                most = lam**2 * factor / 2 / ((1 - reach * lam) if name == "sub_gamma" else 1)
                assert growth(lam) <= mpmath.mpf(most.numerator) / most.denominator + mpmath.mpf(10) ** -12


@pytest.mark.parametrize(
    "law",
    [
        ["two_point", number(0), number(1), number("3/2")],
        ["two_point", number(0), number(1), number(-1)],
        ["two_point", number(1), number(0), number("1/2")],
        discrete({0: F(1, 2), 1: F(1, 3)}),
        discrete({0: F(3, 2), 1: F(-1, 2)}),
        ["uniform", number(1), number(0)],
        ["normal", number(0), number(-1)],
        ["exponential", number(0)],
        ["gamma", number(-1), number(1)],
        ["hypergeometric", number(4), number(5), number(2)],
        ["normal", number(0)],
        ["uniform", number(0), number(1), number(2)],
        # Intervals of 15 digits do not tell this sum from 1.
        ["discrete", ["Tuple", number(0), number(1)], ["Tuple", number("1/2"), ["Add", number("1/2"), TINY]]],
        ["two_point", number(0), number(1), ["Mul", number(-1), TINY]],
    ],
)
def test_what_is_no_law_proves_and_refutes_nothing(law):
    for conclusion in ("proved", "refuted"):
        [complaint] = verify_exact(certificate(iid(law, 2), statistic("sum"), conclusion=conclusion, claimed="1/2"))
        assert "there is no law" in complaint


@pytest.mark.parametrize(
    ("unknown", "member", "sample", "known"),
    [
        ("martingale of 4 steps of at most 1", statistic("sum"), iid(["uniform", number(-1), number(1)], 4), True),
        ("martingale of 4 steps of at most 1", statistic("sum"), iid(["uniform", number(-2), number(1)], 4), False),
        ("martingale of 4 steps of at most 1", statistic("sum"), iid(["uniform", number(-1), number(1)], 5), False),
        ("martingale of 4 steps of at most 2", statistic("sum"), iid(["uniform", number(-2), number(1)], 4), False),
        ("martingale of 4 steps of at most 1", statistic("sum"), iid(NORMAL, 4), False),
        ("martingale of 4 steps of at most 1", statistic("maximum"), iid(["uniform", number(-1), number(1)], 4), False),
        ("martingale of 4 steps of at most 1", statistic("sum"), ["stopped_walk", number(4), number(2)], True),
        ("martingale of 4 steps of at most 1/2", statistic("sum"), ["stopped_walk", number(4), number(2)], False),
        ("martingale of 4 steps of at most 1", statistic("empty"), ["occupancy", number(4), number(4)], False),
        (
            "martingale of 4 steps of at most 1, conditional variances at most 4/3 in all",
            statistic("sum"),
            iid(["uniform", number(-1), number(1)], 4),
            True,
        ),
        (
            "martingale of 4 steps of at most 1, conditional variances at most 1 in all",
            statistic("sum"),
            iid(["uniform", number(-1), number(1)], 4),
            False,
        ),
        ("function of 4 variables, bounded differences 1", statistic("sum"), iid(UNIFORM, 4), True),
        (
            "function of 4 variables, bounded differences 1",
            statistic("sum"),
            ["stopped_walk", number(4), number(2)],
            False,
        ),
        (
            "function of 4 variables, bounded differences 1",
            statistic("empty"),
            ["occupancy", number(4), number(4)],
            True,
        ),
        (
            "function of 4 variables, bounded differences 1",
            statistic("maximum"),
            ["occupancy", number(4), number(4)],
            False,
        ),
        ("2-Lipschitz function of X", ["Mul", number(2), statistic("maximum")], iid(NORMAL, 4), True),
        ("2-Lipschitz function of X", ["Mul", number(3), statistic("maximum")], iid(NORMAL, 4), False),
        ("2-Lipschitz function of X", statistic("sum"), iid(NORMAL, 4), True),
        ("2-Lipschitz function of X", statistic("sum"), iid(NORMAL, 5), False),
        ("convex 1-Lipschitz function of X", ["Mul", number(-1), statistic("maximum")], iid(NORMAL, 4), False),
        ("function that is nice", statistic("sum"), iid(NORMAL, 4), False),
    ],
)
def test_statistics_known_by_a_hypothesis_only(unknown, member, sample, known):
    data = certificate(None, minus(["Unknown"], number(-100)), conclusion="refuted", claimed="1/100")
    data["unknown"] = unknown
    data["sample"] = iid(NORMAL, sample[2][1]) if "Lipschitz" in unknown else None
    data["cases"][0] |= {"member": member, "sample": sample}
    assert (verify_exact(data) == []) == known


def test_a_mean_on_a_small_scale_is_not_missed():
    """Quadrature on [0, 1] alone would take the variance of a thousandth of a maximum for 0."""
    small = ["Mul", number("1/1000"), statistic("maximum")]
    square = ["Pow", minus(small, ["Expectation", small]), number(2)]
    value = F("2.0348646784505175e-07")
    assert_value(iid(NORMAL, 64), ["Expectation", square], value, margin=False, within=1e-3)


def test_a_proof_must_cover_its_domain():
    n = ["Symbol", "n"]
    data = certificate(["iid", FAIR, n], minus(statistic("sum"), n))
    data["claim"][2] = ["Pow", number("1/2"), n]
    data["domain"] = {"n": side(1, 4, integer=True)}
    data["conditions"] = [["Ge", n, number(2)]]
    [case] = data["cases"]
    data["cases"] = [case | {"parameters": {"n": str(k)}} for k in (2, 3, 4)]
    assert verify_exact(data) == []
    for k in range(3):
        fewer = data | {"cases": data["cases"][:k] + data["cases"][k + 1 :]}
        assert verify_exact(fewer) == [f"no case for n = {k + 2}"]
    assert verify_exact(data | {"conditions": []}) == ["no case for n = 1"]
    assert verify_exact(data | {"domain": {"n": side(1, 5, integer=True)}}) == ["no case for n = 5"]
    assert "too large" in verify_exact(data | {"domain": {"n": side(1, 1000000, integer=True)}})[0]
    assert "do not make up" in verify_exact(data | {"domain": {"n": side(1, ["oo"], integer=True)}})[0]


def test_a_refutation_outside_the_domain_is_a_complaint():
    t = ["Symbol", "t"]
    data = certificate(iid(UNIFORM, 2), minus(statistic("sum"), t), claimed="1/8", conclusion="refuted")
    data["domain"] = {"t": side(0, 1, exclude_low=True)}
    data["conditions"] = [["Lt", ["Pow", t, number(2)], number("1/2")]]
    [case] = data["cases"]
    for value, complaint in {
        "1/2": None,
        "0": "t = 0 is not in its domain",
        "-1": "t = -1 is not in its domain",
        "1": "a condition of the claim fails",
        "5/4": "t = 5/4 is not in its domain",
    }.items():
        case["parameters"] = {"t": value}
        assert verify_exact(data) == ([] if complaint is None else [f"t = {value}: {complaint}"])
    case["parameters"] = {"t": "1/2", "u": "1"}
    assert verify_exact(data) == ["t = 1/2, u = 1: the point does not name the parameters of the claim"]
    data["domain"], case["parameters"] = {"t": side(0, ["oo"], integer=True)}, {"t": "1/2"}
    assert verify_exact(data) == ["t = 1/2: t = 1/2 is not in its domain"]


@pytest.mark.parametrize("power", [3, -1])
def test_a_power_that_need_not_be_positive_is_not_read(power):
    cube = ["Pow", statistic("sum"), number(power)]
    [complaint] = verify_exact(certificate(iid(NORMAL, 3), ["Add", cube, number(1)]))
    assert "not re-checked here" in complaint


def test_more_digits_are_taken_where_a_sign_needs_them():
    with mpmath.workdps(120):
        near = mpmath.nstr(mpmath.e, 81)
    data = certificate(iid(FAIR, 2), minus(statistic("sum"), number(2)))
    data["claim"][2] = ["Abs", ["Pow", minus(["E"], number(near)), number(-1)]]
    assert verify_exact(data) == []


@settings(derandomize=True, max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(["sum", "mean", "maximum", "minimum"]),
    st.sampled_from(["bernoulli", "rademacher", "uniform", "normal", "exponential", "poisson", "gamma"]),
    st.integers(1, 6),
    st.fractions(-2, 3, max_denominator=7),
    st.booleans(),
    st.booleans(),
)
def test_it_agrees_with_the_code_that_it_re_checks(kind, name, n, level, strict, modulus):
    from sympy import Abs, Rational

    import boundcheck
    from boundcheck.check.certificate import _sample, _tree
    from boundcheck.formula.exact import exact_probability
    from boundcheck.statement.randomness import Statistic

    make = getattr(boundcheck, name)
    law = {"uniform": lambda: make(-1, 2), "normal": lambda: make(0, 1), "gamma": lambda: make("3/2", 2)}.get(
        name, lambda: make("1/3")
    )()
    sample = boundcheck.iid(law, n)
    atom = Statistic(kind, sample)
    margin = (Abs(atom) if modulus else atom) - Rational(level.numerator, level.denominator)
    tail = exact_probability(margin, strict=strict)
    assume(tail is not None)
    data = certificate(_sample(sample), _tree(margin), strict=strict, claimed=2)
    data["cases"][0]["left"] = list(tail.interval)
    complaints = verify_exact(data)
    assume(not any("not re-checked" in c for c in complaints))
    assert complaints == []
