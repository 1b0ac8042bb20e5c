"""Claims: every accepted form reads as the same tail, every other form is refused with a remedy."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest
from sympy import Eq, Integer, Le, Max, Ne, Rational, S, Symbol, exp, latex, log, oo, sqrt, zoo

from boundcheck import (
    E,
    P,
    Theorem,
    Var,
    bernoulli,
    bounded,
    constant,
    exponential,
    fcn,
    gap,
    iid,
    independent,
    integer,
    lipschitz_function,
    magnitude,
    martingale,
    maximum,
    mean,
    normal,
    order_statistic,
    prune,
    real,
    sum_of,
    two_point,
    uniform,
)
from boundcheck.errors import BoundcheckError, InvalidArgument, UnsupportedClaim
from boundcheck.statement.claim import Analytic, Moment, Scaling, Tail, read_claim
from boundcheck.statement.discovery import load
from boundcheck.statement.laws import SHARE
from boundcheck.statement.randomness import Expectation, Unknown
from boundcheck.statement.witness import witnesses

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
    tail = read_claim(claim)
    assert same_event(tail, deviation - t, strict=False)
    assert (tail.claimed - bound).expand() == 0
    assert tail.sample == X
    assert tail.gap is None
    assert tail.parameters == {n, t}


@pytest.mark.parametrize("claim", [P(deviation >= t) < bound, P(deviation < t) > 1 - bound, bound > P(deviation >= t)])
def test_strict_claims_are_refused(claim):
    """At equality a strict claim is false, and no confidence limit tells equality from a little less."""
    with pytest.raises(InvalidArgument, match="write <= or >="):
        read_claim(claim)


def test_floats_are_decimals_before_they_are_added_up():
    tail = read_claim(P(mean(X) - 1000.1 >= -999.3) <= 0.02)
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
    tail = read_claim(claim)
    assert tail.strict
    assert tail.claimed == delta
    assert (tail.threshold() - t).expand() == 0
    assert tail.gap == network_gap
    assert tail.sample is None
    assert tail.parameters == {t, delta}


def test_an_open_complement_turns_strictness_round():
    assert read_claim(P(network_gap < t) >= 1 - delta).strict is False
    assert read_claim(P(network_gap >= t) <= delta).strict is False
    assert read_claim(P(deviation <= t) >= 1 - bound).strict is True


def test_lower_tails():
    lower = read_claim(P(mean(X) <= E(mean(X)) - t) <= bound)
    assert same_event(lower, E(mean(X)) - mean(X) - t, strict=False)
    at_least = read_claim(P(mean(X) >= t) >= bound)  # a small ball: the opposite event has at most 1 - bound
    assert same_event(at_least, t - mean(X), strict=True)
    assert at_least.claimed == 1 - bound


def test_parameters_are_found_everywhere():
    d, k, r, s = integer("d", min=4), integer("k", min=1), real("r", min=1), real("s", min=1)
    net = fcn([d, d], weights=uniform(-s, s))
    found = read_claim(P(gap(net, prune(net, magnitude(count=k)), radius=r) > t) <= delta).parameters
    assert found == {d, k, r, s, t, delta}
    assert read_claim(P(sum_of(iid(normal(0, s), n)) >= t) <= delta).parameters == {s, n, t, delta}


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
        ([1], InvalidArgument),
        (None, InvalidArgument),
        ("mean(X)", InvalidArgument),
        (X, InvalidArgument),
        (E(mean(X)), InvalidArgument),
        (constant() * mean(X), UnsupportedClaim),
        (mean(X) + P(mean(X) > t), UnsupportedClaim),
    ],
    ids=str,
)
@pytest.mark.parametrize("take", [E, Var])
def test_expectations_of_what_is_not_random_are_refused(expression, error, take):
    with pytest.raises(error) as caught:
        take(expression)
    assert "\n" not in str(caught.value)


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
        (lambda: P(deviation >= t) <= exp(zoo * t), InvalidArgument, "claim='exp.*' holds what is no real number"),
        (lambda: P(deviation >= t * zoo) <= delta, InvalidArgument, "event='.*' holds what is no real number"),
        (lambda: Le(t, oo, evaluate=False), InvalidArgument, "claim='t <= oo' compares with infinity"),
        (lambda: Eq(P(deviation >= t), delta), InvalidArgument, "claim=.* is not an inequality"),
        (lambda: "P <= 1", InvalidArgument, "claim='P <= 1' is not an inequality"),
        (lambda: None, InvalidArgument, "claim=None is not an inequality"),
        (lambda: P(deviation >= t) <= mean(X), UnsupportedClaim, "the claim .* compares a probability with something"),
        (lambda: mean(X) <= constant(), UnsupportedClaim, "the claim .* bounds something random by an unspecified"),
        (lambda: P(mean(X) >= constant() * t) <= delta, UnsupportedClaim, "the event .* holds a constant or a prob"),
        (lambda: E(mean(X)) < t, InvalidArgument, "claim='.*' is strict"),
        (lambda: P(mean(X) >= mean(Y)) <= delta, InvalidArgument, "claim='.*' mixes several random objects"),
        (lambda: P(network_gap >= mean(Y)) <= delta, InvalidArgument, "claim='.*' mixes several random objects"),
        (
            lambda: P(mean(Y) - E(mean(X)) >= t) <= delta,
            InvalidArgument,
            "claim='.*' mixes several random objects; make one sample X, or one gap,",
        ),
        (lambda: P(martingale(n, 1) >= mean(X)) <= delta, InvalidArgument, "claim='.*' mixes several random objects"),
        (lambda: E(mean(X)) <= E(mean(Y)), InvalidArgument, "claim='.*' mixes several random objects"),
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
        read_claim(claim())
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


def test_a_hypothesis_that_is_no_number_at_a_point_fails_there():
    scale = real("scale", min=0)
    theorem = Theorem(claim=P(mean(X) >= t) <= 1, hypotheses=[t <= 1 / scale])
    assert theorem.holds_at({t: Rational(1), scale: Rational(1)})
    assert not theorem.holds_at({t: Rational(1), scale: Rational(0)})


def test_two_samples_with_the_same_laws_are_not_taken_for_one():
    Y, Z = iid(uniform(0, 1), 5), iid(uniform(0, 1), 5)
    for claim in (Var(mean(Y) + mean(Z)) <= 1, P(mean(Y) - mean(Z) >= t) <= delta, mean(Y) + mean(Z) <= 2 * maximum(Y)):
        with pytest.raises(InvalidArgument, match="mixes two samples with the same laws; make one, X,"):
            read_claim(claim)


def test_a_mean_depends_on_the_law_only():
    Y, Z = iid(uniform(0, 1), 5), iid(uniform(0, 1), 5)
    assert read_claim(P(mean(Z) - E(mean(Y) ** 2) >= t) <= delta).sample in (Y, Z)
    assert read_claim(E(mean(Z) ** 2) <= E(mean(Y)) + P(sum_of(Y) >= t)).sample in (Y, Z)


def test_samples_of_several_laws_are_read():
    Z = independent(uniform(0, 1), exponential(1))
    tail = read_claim(P(sum_of(Z) - E(sum_of(Z)) >= t) <= delta)
    assert tail.sample == Z
    [witness] = witnesses(tail)
    assert witness.under(tail.margin, {t: Rational(1, 2)}) == sum_of(Z.at({})) - 2


# Other forms of claims -----------------------------------------------------------------------------
lam = real("lam")
U = martingale(n, 1)


@pytest.mark.parametrize(
    ("claim", "kind"),
    [
        (E(exp(lam * sum_of(Y))) <= exp(7 * lam**2 / 2), Moment),
        (E(mean(X)) <= t, Moment),
        (t >= Var(sum_of(X)), Moment),
        (2 * P(deviation >= t) <= delta, Moment),
        (P(deviation >= t) - delta <= 0, Moment),
        (P(deviation >= t) <= P(sum_of(X) >= t), Moment),
        (E(maximum(Y)) <= constant() * sqrt(log(n + 1)), Scaling),
        (P(t <= U) <= constant() * exp(-(t**2)), Scaling),
        (log(1 + t) <= t, Analytic),
        (log(1 + t) > t - t**2, Analytic),
        (mean(X) <= t, Tail),
        (maximum(X) < sum_of(X), Tail),
        (P(mean(X) >= sum_of(X)) <= delta, Tail),
        (P(t <= U) <= delta, Tail),
    ],
    ids=str,
)
def test_every_kind_of_claim(claim, kind):
    found = read_claim(claim)
    assert type(found) is kind
    assert found.parameters >= ({n} if n in claim.free_symbols else set())


def test_sides_are_kept_as_written():
    found = read_claim(Var(sum_of(X)) >= n / 4)
    assert (found.left, found.right) == (n / 4, Var(sum_of(X)))
    assert read_claim(log(1 + t) <= t).relation == (log(1 + t) <= t)
    assert str(E(mean(X)) >= t) == "E(mean(X)) >= t"


def test_claims_for_certain():
    """mean ≤ max with probability 1: the event mean > max has probability at most 0."""
    found = read_claim(mean(X) <= maximum(X))
    assert same_event(found, mean(X) - maximum(X), strict=True)
    assert found.claimed == 0
    assert same_event(read_claim(mean(X) < maximum(X)), mean(X) - maximum(X), strict=False)


def test_quantile_claims():
    found = read_claim(P(mean(X) <= E(mean(X)) + sqrt(log(1 / delta) / (2 * n))) >= 1 - delta)
    assert same_event(found, deviation - sqrt(log(1 / delta) / (2 * n)), strict=True)
    assert found.claimed == delta


def test_parameters_of_functions_and_of_unknown_statistics():
    """Also those that vanish where the variable is 0 or 1, and those of the sample's law only."""
    a, s = real("a"), real("s", min=1)
    assert read_claim(P(sum_of(X.map(lambda x: a * (x**2 - x))) >= t) <= delta).parameters == {a, n, t, delta}
    f = lipschitz_function(iid(normal(0, s), n), 2)
    assert read_claim(P(f >= t) <= delta).parameters == {s, n, t, delta}
    assert read_claim(Var(sum_of(iid(normal(0, s), n))) <= t).parameters == {s, n, t}
    assert read_claim(P(order_statistic(X, integer("k", min=1)) >= t) <= delta).parameters == {
        integer("k", min=1),
        n,
        t,
        delta,
    }


def test_variances_are_means_of_squared_deviations():
    spread = Var(2 * mean(X))
    assert isinstance(spread, Expectation)
    assert spread.argument == (2 * mean(X) - E(2 * mean(X))) ** 2
    assert str(spread) == "Var(2*mean(X))"
    assert pickle.loads(pickle.dumps(spread)) == spread
    assert spread >= 0
    assert Var(mean(X)) != E((mean(X) - E(mean(X))) ** 2), "equal, but not written alike"


# Under a witness -----------------------------------------------------------------------------------
POINT = {n: Integer(20), t: Rational(1, 10), lam: Integer(2)}


def under(expression, law, **point):
    claim = read_claim(P(mean(X) >= t) <= bound)
    witness = replace(witnesses(claim)[0], sample=iid(law, n))
    return witness.under(expression, POINT)


def test_a_margin_under_one_law():
    sample, uniforms = (iid(law, 20).at({}) for law in (bernoulli("1/4"), uniform(0, 1)))
    assert under(deviation - t, bernoulli("1/4")) == mean(sample) - Rational(7, 20)
    assert under(lam * sum_of(X**2) - n, uniform(0, 1)) == 2 * sum_of(uniforms**2) - 20
    assert under(order_statistic(X, n - 1), uniform(0, 1)) == order_statistic(uniforms, 19)


def test_expectations_under_one_law():
    total = sum_of(iid(bernoulli("1/4"), 20).at({}))
    assert under(E(lam * sum_of(X) + n), bernoulli("1/4")) == 30
    assert under(E(exp(lam * sum_of(X))), bernoulli("1/4")) == (Rational(3, 4) + exp(2) / 4) ** 20
    assert under(E(exp(sum_of(X) ** 2)), bernoulli("1/4")) == Expectation(exp(total**2))
    assert under(E(sum_of(X) * mean(X)), bernoulli("1/4")) == Expectation(total * mean(total.sample))
    assert under(E(sum_of(X) * E(sum_of(X))), bernoulli("1/4")) == 25
    assert under(E((sum_of(X) - E(sum_of(X))) ** 2), bernoulli("1/4")) == Rational(15, 4)
    assert under(Var(sum_of(X)), bernoulli("1/4")) == Rational(15, 4)
    assert under(E((sum_of(X) - E(sum_of(X))) ** 4), bernoulli("1/4")) == Expectation((total - 5) ** 4)
    assert under(E(sum_of(X**2)), normal(0, 3)) == 180
    assert under(E(1 / (1 + sum_of(X))), bernoulli("1/4")) == Expectation(1 / (1 + total))
    assert under(E(abs(sum_of(X))), normal(0, 1)) == Expectation(abs(sum_of(iid(normal(0, 1), 20).at({}))))
    assert under(E(Max(sum_of(X), 0)), normal(0, 1)).argument.atoms(Max)
    assert under(P(sum_of(X) > E(sum_of(X)) + t), bernoulli("1/4")) == P(total > 5 + Rational(1, 10))
    assert under(E(sum_of(X)) / (1 + E(mean(X))), bernoulli("1/4")) == 4


def test_what_a_point_leaves_of_a_statistic_may_be_a_number():
    scale = real("scale", min=0)
    [witness] = witnesses(read_claim(E(exp(scale * sum_of(iid(normal(0, 1), n)) ** 3)) <= t))
    total = sum_of(iid(normal(0, 1), n))
    for expression, value in ((E(scale * total**3), 0), (E(exp(scale * abs(total))), 1)):
        assert witness.under(expression, POINT | {scale: S.Zero}) == value


def test_a_point_next_to_a_pole_is_refused_in_one_line():
    [witness] = witnesses(read_claim(E(mean(iid(bernoulli("1/2"), n))) <= t))
    formula = exp((1 - 2 * t) / (4 * log((1 - t) / t)))
    with pytest.raises(InvalidArgument, match=r"claim='exp\(.*' is too near a pole at .*t = .*; move the point$"):
        witness.under(formula, POINT | {t: S.Half - Rational(1, 5 * 10**11)})


def test_unknown_statistics_under_their_members():
    claim = read_claim(P(U - E(U) >= t) <= delta)
    found = witnesses(claim)
    assert len(found) == 2
    margins = {
        w.law(POINT | {SHARE: Rational(1, 2)}): w.under(U - E(U), POINT | {SHARE: Rational(1, 2)}) for w in found
    }
    assert len(margins) == 2
    assert all(not m.atoms(Unknown, Expectation) for m in margins.values())
    skewed = sum_of(iid(two_point("-1/2", 1, "1/3"), 20).at({}))
    assert skewed in margins.values()
    f = lipschitz_function(iid(bounded(0, 1), n), 3)
    claim = read_claim(E(f**2) <= t)
    assert len(witnesses(claim)) == 3 * len(bounded(0, 1).witnesses())
    value = witnesses(claim)[0].under(E(f**2), {**POINT, SHARE: Rational(1, 2)})
    assert value == 9 * Expectation(sum_of(iid(bernoulli("1/2"), 20).at({})) ** 2) / 20


# Hypotheses and inverses ---------------------------------------------------------------------------
def test_conditions_restrict_points():
    v, b = real("v", min=0), real("b", min=0, exclude_min=True)
    theorem = Theorem(claim=P(mean(X) >= t) <= exp(-n * t * v / b), hypotheses=[t <= v / b, "X is nice"])
    assert theorem.conditions == (t <= v / b,)
    assert theorem.hypotheses[1] == "X is nice"
    point = {n: Integer(1), t: Rational(1, 2), v: Integer(1), b: Integer(2)}
    assert theorem.holds_at(point)
    assert not theorem.holds_at({**point, b: Integer(3)})
    with pytest.raises(InvalidArgument, match="violates t <= v/b"):
        theorem.point({"n": 1, "t": 1, "v": 1, "b": 2})


@pytest.mark.parametrize(
    ("hypotheses", "message"),
    [
        ([True], "hypotheses=True was decided by SymPy; leave it out"),
        ("t <= 1/2", "hypotheses='t <= 1/2' is a relation in quotes; drop the quotes"),
        ([t >= 0], "hypotheses=True? *was decided|hypotheses=true was decided|hypotheses=True was decided"),
        ([mean(X) <= t], r"hypotheses='mean\(X\) <= t' is no relation of parameters"),
        ([P(mean(X) <= t) <= delta], "hypotheses='P.* is no relation of parameters"),
        ([E(mean(X)) <= delta], "hypotheses='E.* is no relation of parameters"),
        ([3], "hypotheses='3' is no relation"),
        (3, "hypotheses=3 is no list"),
    ],
)
def test_hypotheses_that_are_none(hypotheses, message):
    with pytest.raises(InvalidArgument, match=f"^({message})"):
        Theorem(claim=CLAIM, hypotheses=hypotheses)


def test_quantile_forms():
    formula = sqrt(log(1 / delta) / (2 * n))
    upper = Theorem(claim=CLAIM, inverse={t: formula}, hypotheses=["words", t <= n / Integer(2), n >= 2], source="s")
    form = upper.quantile_form
    assert form.claim == (P(deviation >= formula) <= delta)
    assert form.hypotheses == ("words", formula <= n / Integer(2), n >= 2)
    assert (form.source, form.inverse, form.points) == ("s", None, None)
    inside = Theorem(claim=P(deviation < t) >= 1 - bound, inverse={t: formula}).quantile_form
    assert inside.claim == (P(deviation < formula) >= 1 - delta)
    assert Theorem(claim=CLAIM).quantile_form is None


@pytest.mark.parametrize(
    ("claim", "inverse"),
    [
        (CLAIM, {t: t}),
        (CLAIM, {delta: delta}),
        (CLAIM, {}),
        (CLAIM, [t]),
        (mean(X) <= t, {t: delta}),
        (E(mean(X)) <= t, {t: delta}),
    ],
)
def test_impossible_inverses_are_refused(claim, inverse):
    with pytest.raises(InvalidArgument, match="does not invert one threshold"):
        Theorem(claim=claim, inverse=inverse)


def test_chained_comparisons_are_explained(tmp_path):
    file = tmp_path / "chained.py"
    file.write_text(
        "from boundcheck import *\nX = iid(bounded(0, 1), 3)\nc = Theorem(claim=P(0 <= mean(X) <= 1/2) <= 1)"
    )
    with pytest.raises(BoundcheckError, match="write a chained comparison as one inequality"):
        load(file)
