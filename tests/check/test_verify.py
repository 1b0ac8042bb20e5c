"""Certificates from check to verify: the true are verified, the altered rejected, and what is no record is an error."""

from __future__ import annotations

import contextlib
import copy
import itertools
import json
import random

import pytest
from sympy import Rational, exp, sqrt, sympify

from boundcheck import (
    E,
    P,
    Theorem,
    Var,
    bernoulli,
    bounded,
    bounded_differences,
    centred,
    check,
    empty,
    exponential,
    iid,
    independent,
    integer,
    kolmogorov_distance,
    lipschitz_function,
    martingale,
    maximum,
    mean,
    normal,
    occupancy,
    order_statistic,
    poisson,
    rademacher,
    random_matrix,
    real,
    spectral_norm,
    sum_of,
    uniform,
    without_replacement,
)
from boundcheck.check.certificate import exact_certificate
from boundcheck.check.verify import verify_records
from boundcheck.errors import BoundcheckError, InvalidArgument
from boundcheck.report.record import dump
from boundcheck.statement.functions import BetaQuantile

n = integer("n", min=1, max=6)
t = real("t", min=0, max=1)
lam = real("lam", min=0, max=2)
X, Z, U = iid(bernoulli("1/2"), n), iid(normal(0, 1), n), iid(uniform(0, 1), n)
B = iid(bounded(0, 1), n)
drawn = without_replacement(bounded(0, 1), population=20, drawn=n)
f = bounded_differences(n, 1)
PROVED = {
    "hoeffding": P(mean(X) - E(mean(X)) >= 0.25) <= exp(-2 * n * 0.25**2),
    "strict": P(sum_of(X) > n - 1) <= 2 ** (-n),
    "equality": P(sum_of(X) >= n) <= 2 ** (-n),
    "chebyshev": P(abs(mean(X) - E(mean(X))) >= 0.25) <= Var(mean(X)) / 0.25**2,
    "certain": maximum(X) <= 1,
    "mean": E(maximum(X)) <= 1 - 2 ** (-n),
    "occupancy": P(empty(occupancy(n, n)) >= 3) <= n * 0.1,
    "one point": P(sum_of(iid(normal(0, 1), 4)) >= 2) <= 0.16,
}
REFUTED = {
    "hoeffding": P(mean(X) - E(mean(X)) >= t) <= exp(-4 * n * t**2),
    "family": P(sum_of(B) - E(sum_of(B)) >= t) <= exp(-4 * t**2 / n),
    "centred": P(mean(iid(centred(upper=1, variance=0.25), n)) >= t) <= exp(-5 * n * t**2 / 2),
    "martingale": P(martingale(n, 1) >= 2 * sqrt(n)) <= exp(-3),
    "differences": P(f - E(f) >= 2) <= exp(-8 / n) / 4,
    "sampling": P(mean(drawn) - E(mean(drawn)) >= 0.3) <= exp(-4 * n * 0.09),
    "poisson": P(sum_of(iid(poisson(2), n)) >= 4 * n) <= exp(-2 * n),
    "order": P(order_statistic(U, 1) >= 0.3) <= 0.6**n,
    "moment": E(exp(lam * sum_of(Z))) <= exp(lam**2 * n / 3),
    "variance": Var(mean(U)) <= 1 / (13 * n),
    "certain": sum_of(X) <= n - 1,
    "different laws": P(sum_of(independent(bernoulli("1/2"), bernoulli("1/3"))) >= 2) <= 0.16,
    "lower tail": P(sum_of(iid(exponential(1), n)) >= n) >= 0.7,
}
ALL = [pytest.param(kind, name, id=f"{kind} {name}") for kind in ("PROVED", "REFUTED") for name in globals()[kind]]


@pytest.fixture(scope="module")
def record():
    """The record of a claim, once through JSON; each is checked once."""
    made = {}

    def record_of(kind, name):
        if (kind, name) not in made:
            verdict = check(Theorem(claim={"PROVED": PROVED, "REFUTED": REFUTED}[kind][name], name="claim"))
            made[kind, name] = dump([verdict])
        [found] = json.loads(made[kind, name])
        assert found["status"] == kind, found["note"]
        return found

    return record_of


def outcome(record):
    [verification] = verify_records([record])
    assert verification.complaints or verification.outcome != "rejected"
    return verification.outcome


@pytest.mark.parametrize(("kind", "name"), ALL)
def test_what_check_decided_by_an_exact_law_is_verified(record, kind, name):
    [verification] = verify_records([record(kind, name)])
    assert (verification.outcome, verification.complaints) == ("verified", ())
    assert (verification.theorem, verification.status) == ("claim", kind)
    assert (verification.law is None) == (kind == "PROVED")


def test_what_rests_on_trials_or_some_points_has_nothing_to_verify():
    for claim, trials in (
        (P(mean(B) - E(mean(B)) >= t) <= exp(-2 * n * t**2), None),
        (P(sum_of(independent(uniform(0, 1), exponential(1))) >= 0.1) <= 0.2, 2_000),
    ):
        verdict = check(Theorem(claim=claim, name="claim"), trials=trials)
        [found] = json.loads(dump([verdict]))
        assert found["certificate"] is None
        assert outcome(found) == "nothing to verify"


def test_a_claim_about_numbers_is_verified_by_its_own_certificate():
    x = real("x", min=0, max=1)
    [found] = json.loads(dump([check(Theorem(claim=x**2 <= x, name="claim"))]))
    assert found["status"] == "PROVED"
    assert outcome(found) == "verified"
    assert outcome(found | {"status": "REFUTED"}) == "rejected"


@pytest.fixture(scope="module")
def refuted():
    x, k = real("x", min=0, max=2), integer("k", min=0)
    claim = exp(-x) + k <= sqrt(1 + k**2)
    [found] = json.loads(dump([check(Theorem(claim=claim, hypotheses=[k >= 1], name="claim"))]))
    assert found["status"] == "REFUTED"
    return found


def test_a_refuted_claim_about_numbers_is_verified(refuted):
    assert outcome(refuted) == "verified"


def test_a_refutation_of_numbers_that_was_altered_is_rejected(refuted):
    for status in ("PROVED", "CONFIRMED", "INCONCLUSIVE"):
        assert outcome(refuted | {"status": status}) == "rejected"
    assert outcome(refuted | {"counterexample": None}) == "rejected"
    shown = refuted["counterexample"]
    changes = (
        {"parameters": {"k": "7", "x": "0"}},
        {"left": "1"},
        {"right": "1"},
        {"right": None},
        {"parameters": None},
    )
    for change in changes:
        assert outcome(refuted | {"counterexample": shown | change}) == "rejected"
    one = ["Rational", "1", "1"]
    relation, left, right = refuted["certificate"]["claim"]
    for claim in (
        ["Ge", left, right],
        [relation, ["Add", left, one], right],
        [relation, left, ["Rational", "-5", "1"]],
    ):
        assert outcome(altered(refuted, ["claim"], claim)) == "rejected"
    for parameter in ("k", "x"):
        assert outcome(altered(refuted, ["point", parameter], "3/2")) == "rejected"
        changed = altered(refuted, ["point", parameter], "9/4")  # outside, and the verdict repeats it
        changed["counterexample"]["parameters"][parameter] = "9/4"
        assert outcome(changed) == "rejected"
        assert outcome(altered(refuted, ["domain", parameter, "low"], ["Rational", "500", "1"])) == "rejected"
        assert outcome(altered(refuted, ["domain", parameter, "high"], ["Rational", "-1", "1"])) == "rejected"
    assert outcome(altered(refuted, ["conditions"], [["Le", one, ["Rational", "0", "1"]]])) == "rejected"
    both = copy.deepcopy(refuted)
    both["certificate"]["leaves"] = []
    assert outcome(both) == "rejected"
    assert outcome(both | {"status": "PROVED", "counterexample": None}) == "rejected"


def test_what_cannot_be_re_checked_is_said_and_not_rejected(record):
    found = record("PROVED", "one point")
    changed = copy.deepcopy(found)
    changed["certificate"]["sample"][1] = ["beta", ["Rational", "1", "1"], ["Rational", "2", "1"]]
    changed["random"]["X"] = "iid(beta(1, 2), 4)"
    changed["points"][0]["law"] = "beta(1, 2)"
    [verification] = verify_records([changed])
    assert verification.outcome == "nothing to verify"
    assert "not re-checked here" in verification.complaints[0]
    changed["certificate"]["cases"].append(changed["certificate"]["cases"][0])
    assert outcome(changed) == "rejected"


def altered(found, path, value):
    """The record with another value in its certificate, and wherever the verdict repeats it."""
    changed = copy.deepcopy(found)
    place = changed["certificate"]
    for key in path[:-1]:
        place = place[key]
    assert place[path[-1]] != value
    place[path[-1]] = value
    return changed


@pytest.mark.parametrize(("kind", "name"), ALL)
def test_every_altered_part_is_rejected(record, kind, name):
    found = record(kind, name)
    case = found["certificate"]["cases"][0]
    other = {"PROVED": "REFUTED", "REFUTED": "PROVED"}[kind]
    for status in (other, "CONFIRMED", "INCONCLUSIVE", "SCALING BROKEN"):
        assert outcome(found | {"status": status}) == "rejected"
    assert outcome(altered(found, ["conclusion"], other.lower())) == "rejected"
    assert outcome(altered(found, ["cases", 0, "left"], [2.5, 2.5])) == "rejected"
    assert outcome(altered(found, ["cases", 0, "right"], [-7.0, -7.0])) == "rejected"
    assert outcome(altered(found, ["cases"], [])) == "rejected"
    assert outcome(altered(found, ["cases"], found["certificate"]["cases"] * 2)) == "rejected"
    for parameter, value in case["parameters"].items():
        assert outcome(altered(found, ["cases", 0, "parameters", parameter], f"{value}1")) == "rejected"
    for tree in (["Rational", "-1", "1"], ["Rational", "1", "7"], ["Rational", "1000", "1"]):
        for side in (1, 2):
            assert outcome(altered(found, ["claim", side], tree)) == "rejected"


def refuting(found):
    """The point that a refutation rests on."""
    where = found["counterexample"]
    [point] = [p for p in found["points"] if p["law"] == where["law"] and p["parameters"] == where["parameters"]]
    return point


@pytest.mark.parametrize(("kind", "name"), ALL)
def test_a_lie_that_the_verdict_repeats_is_rejected(record, kind, name):
    """Enclosures that agree with the record everywhere, but not with the claim."""
    found = record(kind, name)
    points = found["points"] if kind == "PROVED" else [refuting(found), found["counterexample"]]
    low = 0.9375 if kind == "REFUTED" else 0.0009765625
    for case in found["certificate"]["cases"]:
        case["left"] = [low, low]
    for point in points:
        point.update({"limit_low": low, "limit_high": low, "observed": low})
    [verification] = verify_records([found])
    assert verification.outcome == "rejected"
    assert any("not within" in complaint for complaint in verification.complaints)


def test_another_statistic_law_or_event_is_rejected(record):
    found = record("PROVED", "strict")
    # At a lattice point P(S > n - 1) is 2^-n, and P(S ≥ n - 1) is more.
    assert found["certificate"]["claim"][1][1][0] == "Gt"
    weak = altered(found, ["claim", 1, 1, 0], "Ge")
    assert outcome(weak) == "rejected"
    [verification] = verify_records([weak | {"claim": found["claim"].replace(">", ">=")}])
    assert "not within" in verification.complaints[0]
    found = record("PROVED", "equality")
    assert outcome(altered(found, ["claim", 1, 1, 0], "Gt")) == "rejected"
    law = ["two_point", ["Rational", "0", "1"], ["Rational", "1", "1"], ["Rational", "51", "100"]]
    assert outcome(altered(found, ["sample", 1], law)) == "rejected"
    assert outcome(altered(found, ["sample", 2], ["Rational", "3", "1"])) == "rejected"
    text = json.dumps(found["certificate"]["claim"])
    for kind in ("maximum", "mean"):
        changed = json.loads(text.replace('"sum"', f'"{kind}"'))
        assert outcome(altered(found, ["claim"], changed)) == "rejected"


def test_a_proof_needs_every_point_and_no_other(record):
    found = record("PROVED", "hoeffding")
    assert len(found["points"]) == 6
    for k in range(6):
        changed = copy.deepcopy(found)
        del changed["certificate"]["cases"][k]
        assert outcome(changed) == "rejected"
        del changed["points"][k]  # now verdict and certificate agree, but not with the domain
        [verification] = verify_records([changed])
        assert verification.complaints == (f"no case for n = {k + 1}",)
    assert outcome(altered(found, ["domain", "n", "high"], ["Rational", "7", "1"])) == "rejected"


def test_a_counterexample_of_another_verdict_is_rejected(record):
    found = record("REFUTED", "hoeffding")
    assert outcome(found | {"counterexample": None}) == "rejected"
    for key, value in (("parameters", {"n": "1", "t": "1"}), ("law", "bernoulli(1/3)"), ("limit_low", 1.0)):
        assert outcome(found | {"counterexample": found["counterexample"] | {key: value}}) == "rejected"
    other = record("REFUTED", "poisson")
    assert outcome(found | {"certificate": other["certificate"]}) == "rejected"
    proof = record("PROVED", "hoeffding")
    assert outcome(proof | {"counterexample": found["counterexample"]}) == "rejected"


def test_a_member_outside_the_family_is_rejected(record):
    found = record("REFUTED", "family")
    low, _, p = found["certificate"]["cases"][0]["sample"][1][1:]
    wider = ["two_point", low, ["Rational", "3", "1"], p]
    changed = altered(found, ["cases", 0, "sample", 1], wider)
    refuting(changed)["law"] = changed["counterexample"]["law"] = f"two_point({low[1]}/{low[2]}, 3, {p[1]}/{p[2]})"
    [verification] = verify_records([changed])
    assert "not one of those" in verification.complaints[0]


def test_an_irrational_point_has_no_certificate():
    verdict = check(Theorem(claim=P(sum_of(iid(normal(0, 1), 2)) >= t) <= 0.01, points=[{"t": sqrt(2) / 2}]))
    assert verdict.status == "REFUTED"
    [verification] = verify_records(json.loads(dump([verdict])))
    assert verification.outcome == "nothing to verify"
    assert "not rational" in verification.complaints[0]


def test_no_verdict_has_a_certificate_without_cases():
    verdict = check(Theorem(claim=PROVED["one point"], name="claim"))
    with pytest.raises(ValueError, match="zip"):
        exact_certificate([], verdict)


@pytest.mark.parametrize(
    "records",
    [
        None,
        {},
        "text",
        [None],
        [[]],
        [{}],
        [{"theorem": 1, "file": None, "status": "PROVED", "points": [], "counterexample": None, "certificate": None}],
        [{"theorem": "x", "file": None, "status": "TRUE", "points": [], "counterexample": None, "certificate": None}],
        [{"theorem": "x", "file": None, "status": "PROVED", "points": [], "counterexample": None, "certificate": 1}],
        [{"theorem": "x", "file": None, "status": "PROVED", "points": 0, "counterexample": None, "certificate": None}],
    ],
)
def test_what_is_no_record_is_an_error(records):
    with pytest.raises(InvalidArgument, match="boundcheck check --json"):
        verify_records(records)


def test_a_certificate_of_an_unknown_kind_is_an_error(record):
    found = record("PROVED", "hoeffding")
    for kind in ("magic", 1, None, []):
        with pytest.raises(InvalidArgument, match="kind"):
            verify_records([altered(found, ["kind"], kind)])


def places(value, path=()):
    """Every place in nested data."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


JUNK = [None, True, 0, -1, 1.5, "", "x", "1/0", "1e5", "oo", [], {}, [[]], ["Symbol"], ["Pow", [], 2], 10**30, "9" * 50]


@pytest.mark.parametrize(("kind", "name"), [("PROVED", "chebyshev"), ("REFUTED", "family"), ("REFUTED", "moment")])
def test_damaged_records_never_end_in_a_traceback(record, kind, name):
    found = record(kind, name)
    found["points"] = found["points"][:4] if kind == "PROVED" else found["points"]
    every = list(places(found))[1:]
    chosen = [path for path in every if path[0] in ("certificate", "counterexample", "status", "theorem", "file")]
    draw = random.Random(1)
    for _ in range(400):
        changed = copy.deepcopy(found)
        *path, last = draw.choice(chosen)
        place = changed
        for key in path:
            place = place[key]
        if draw.random() < 0.2:
            del place[last]
        else:
            place[last] = draw.choice(JUNK)
        with contextlib.suppress(BoundcheckError):
            verify_records([changed])


# What the record says against what its certificate states. ------------------------------------------------------------
ATTACKS = {
    "another constant": {"claim": ("exp(", "2*exp(")},
    "another number": {"claim": ("n", "2*n")},
    "another relation": {"claim": ("<=", "<")},
    "another event": {"claim": (">=", ">")},
    "another domain": {"domain": ("6}", "7}")},
    "an open domain": {"domain": ("[0", "(0")},
    "a hypothesis more": {"domain": ("}", "}, n <= 5")},
    "no domain": {"domain": (None, None)},
    "another sample": {"random": ("n)", "n + 1)")},
    "another law": {"random": ("bernoulli(1/2)", "bernoulli(1/3)")},
    "another family": {"random": ("bounded(0, 1)", "bounded(0, 2)")},
    "another hypothesis": {"random": ("at most 1", "at most 2")},
    "no sample": {"random": (None, None)},
}


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize(("kind", "name"), [*ALL, pytest.param("numbers", "numbers", id="numbers")])
def test_words_of_the_record_that_are_not_those_of_the_certificate_are_rejected(record, numbers, kind, name, attack):
    found = numbers if kind == "numbers" else record(kind, name)
    [(key, (old, new))] = ATTACKS[attack].items()
    before = json.dumps(found[key])
    after = before.replace(old, new, 1) if old else json.dumps({"random": {}, "domain": None}[key])
    if after == before or (attack == "no domain" and before == '""'):
        return
    [verification] = verify_records([found | {key: json.loads(after)}])
    assert verification.outcome == "rejected"
    assert verification.claim is None
    assert "the certificate" in verification.complaints[0]


@pytest.fixture(scope="module")
def numbers():
    n = integer("n", min=1, max=6)
    x = real("x", min=0, max=1)
    [found] = json.loads(dump([check(Theorem(claim=1 - n * x <= exp(-n * x), name="claim"))]))
    assert (found["status"], outcome(found)) == ("PROVED", "verified")
    return found


def test_equal_formulas_in_other_words_are_the_same_claim(record):
    found = record("PROVED", "hoeffding")
    for claim in ("P(-E(mean(X)) + mean(X) >= 1/4) <= exp(-n/8)", "P(mean(X) - E(mean(X)) >= 0.250) <= exp(-n*2/16)"):
        assert outcome(found | {"claim": claim}) == "verified"


def test_a_certificate_of_another_theorem_is_rejected(record, numbers, refuted):
    every = [record(*param.values) for param in ALL] + [numbers, refuted]
    for found, other in itertools.permutations(every, 2):
        assert outcome(found | {"certificate": other["certificate"]}) == "rejected"


@pytest.mark.parametrize("status", ["PROVED", "REFUTED"])
def test_a_status_without_a_certificate_is_not_verified(status):
    [found] = json.loads(dump([check(Theorem(claim=P(mean(B) - E(mean(B)) >= t) <= exp(-2 * n * t**2), name="claim"))]))
    assert found["status"] == "CONFIRMED"
    [verification] = verify_records([found | {"status": status}])
    assert verification.outcome == "nothing to verify"
    assert verification.complaints == ("the record holds no certificate",)


def test_points_laws_and_values_that_were_edited_are_rejected(record):
    found = record("REFUTED", "family")
    edits = {"law": "bernoulli(1/7)", "claimed": 0.5, "observed": 0.125, "claimed_high": 2.0, "status": "CONFIRMED"}
    for key, value in (edits | {"parameters": {"n": "2", "t": "1/3"}}).items():
        for both in (False, True):
            changed = copy.deepcopy(found)
            refuting(changed)[key] = value
            if both and key in changed["counterexample"]:
                changed["counterexample"][key] = value
            assert outcome(changed) == "rejected", (key, both)
    found = record("PROVED", "equality")
    for key, value in (edits | {"claimed_exact": "1/3", "parameters": {"n": "7"}, "status": "REFUTED"}).items():
        changed = copy.deepcopy(found)
        changed["points"][3][key] = value
        assert outcome(changed) == "rejected", key


def test_a_law_that_is_none_refutes_nothing(record):
    """Probabilities that do not add up, or are negative, would refute anything."""
    found = record("REFUTED", "family")
    law = found["certificate"]["cases"][0]["sample"][1]
    assert law[0] == "two_point"
    for p in (["Rational", "3", "2"], ["Rational", "-1", "2"]):
        [verification] = verify_records([altered(found, ["cases", 0, "sample", 1, 3], p)])
        assert verification.outcome == "rejected"
    changed = altered(found, ["cases", 0, "sample", 1], ["discrete", ["Tuple", *law[1:3]], ["Tuple", law[3], law[3]]])
    if 2 * sympify(f"{law[3][1]}/{law[3][2]}") != 1:
        assert outcome(changed) == "rejected"


@pytest.mark.parametrize("name", ["martingale", "differences"])
def test_a_statistic_that_is_not_what_is_known_of_it_refutes_nothing(record, name):
    found = record("REFUTED", name)
    case = found["certificate"]["cases"][0]
    for factor in (["Rational", "2", "1"], ["Rational", "-1", "1"], ["Rational", "0", "1"]):
        changed = altered(found, ["cases", 0, "member"], ["Mul", factor, case["member"]])
        words = str(changed["counterexample"]["law"])
        refuting(changed)["law"] = changed["counterexample"]["law"] = (
            f"({factor[1]})*({words.replace(' of ', ') of ', 1)}"
        )
        [verification] = verify_records([changed])
        assert verification.outcome == "rejected"
        assert "step" in verification.complaints[0] or "multiple" in verification.complaints[0]


def test_unknown_statistics_are_checked_against_what_is_known_of_them():
    Z = iid(normal(0, 1), n)
    claims = {
        P(lipschitz_function(Z, 2) >= 4) <= 0.001: "any 2-Lipschitz function of X",
        P(bounded_differences(n, 2) >= n) <= 0.1: "any function of n variables, bounded differences 2",
        P(martingale(n, 2) >= 2) <= 0.1: "any martingale of n steps of at most 2",
    }
    for claim, words in claims.items():
        [found] = json.loads(dump([check(Theorem(claim=claim, name="claim"))]))
        assert found["status"] == "REFUTED"
        assert words in found["random"].values()
        assert outcome(found) == "verified"


def test_statistics_that_had_no_certificate_have_one():
    beta = BetaQuantile(2, 3, Rational(1, 10))
    claims = [
        P(kolmogorov_distance(iid(uniform(0, 1), 4)) > 0.5) <= 0.2,
        P(kolmogorov_distance(iid(normal(0, 1), 4)) > 0.5) <= 0.1,
        P(spectral_norm(random_matrix(normal(0, 1), 1, 3)) >= 2) <= 0.3,
        P(spectral_norm(random_matrix(rademacher(), 4, 1)) >= 2) <= 0.5,
        P(order_statistic(iid(uniform(0, 1), 4), 2) > beta) <= 0.099,
        P(order_statistic(iid(uniform(0, 1), 4), 2) > beta) <= 0.101,
    ]
    for claim in claims:
        [found] = json.loads(dump([check(Theorem(claim=claim, name="claim"))]))
        assert found["status"] in ("PROVED", "REFUTED")
        assert outcome(found) == "verified"


def number(text):
    value = Rational(text)
    return ["Rational", str(value.p), str(value.q)]


def forged(claim, left, relation, level, bound, random, sample, law, sides, **more):
    """What a record says where P(left relation level) ≤ bound is tested once, and its certificate with it."""
    tree = ["Le", ["Probability", [relation, left, number(level)]], number(bound)]
    return {"claim": claim, "tree": tree, "random": random, "sample": sample, "law": law, "sides": sides} | more


def planted(found, told):
    """The record with another claim, tested at its only point, that repeats what its certificate states."""
    changed = copy.deepcopy(found)
    left, right = ([side - abs(side) / 1000, side + abs(side) / 1000] for side in told["sides"])
    case = {"parameters": {}, "left": left, "right": right}
    case |= {key: told[name] for key, name in (("sample", "own"), ("member", "member")) if name in told}
    statement = {"claim": told["tree"], "sample": told["sample"], "unknown": told.get("unknown")}
    changed["certificate"] |= statement | {"cases": [case], "domain": {}, "conditions": []}
    shown = {"parameters": {}, "law": told["law"], "claimed": right[1], "claimed_exact": None, "observed": left[0]}
    shown |= {"limit_low": left[0], "limit_high": left[1], "claimed_low": right[0], "claimed_high": right[1]}
    changed["points"] = [changed["points"][0] | shown]
    if changed["counterexample"] is not None:
        [point] = changed["points"]
        point["status"] = "REFUTED"
        changed["counterexample"] = {key: point[key] for key in changed["counterexample"] if key in point}
    return changed | {"claim": told["claim"], "random": told["random"], "domain": ""}


def statistic(kind):
    return ["Statistic", kind, ["Variable"], None]


def two_point(*fields):
    return ["two_point", *map(number, fields)]


def finite(values, shares):
    return ["discrete", ["Tuple", *map(number, values)], ["Tuple", *map(number, shares)]]


def family(name, **facts):
    return ["family", name, *([key, number(value)] for key, value in facts.items())]


def matrix(rows, columns):
    call, sample = f"matrix(rademacher(1), {rows}, {columns})", ["matrix", SIGN, number(rows), number(columns)]
    words = f"A a random {rows} × {columns} matrix with entries i.i.d. ~ Rademacher"
    norm = statistic("spectral_norm")
    return forged("P(norm(A) >= 2) <= 1/10", norm, "Ge", 2, "1/10", {"A": call}, sample, words, (0, 0.1))


def population(law, words, drawn, size, sides):
    sample = ["without_replacement", law, number(drawn), number(size)]
    random = {"X": f"without_replacement({words}, {drawn}, {size})"}
    words = f"X_1, …, X_{drawn} drawn without replacement from {size} numbers with law {words}"
    return forged("P(mean(X) <= 0) <= 1/8", statistic("mean"), "Le", 0, "1/8", random, sample, words, sides)


def variable(level, claimed, call, own, words, chance):
    """P(X ≥ level) ≤ -1, refuted at a law."""
    random, samples = {"X": f"iid({call}, 1)"}, [["iid", law, number(1)] for law in (claimed, own)]
    claim = f"P(X >= {level}) <= -1"
    return forged(claim, statistic("sum"), "Ge", level, -1, random, samples[0], words, (chance, -1), own=samples[1])


def lipschitz(random, sample):
    deviation = ["Add", ["Unknown"], ["Mul", number(-1), ["Expectation", ["Unknown"]]]]
    more = {"unknown": "1-Lipschitz function of X", "own": NORMAL, "member": statistic("sum")}
    words, random = "X of normal(0, 10)", {"f(X)": "any 1-Lipschitz function of X"} | random
    claim = "P(f(X) - E(f(X)) >= 0) <= 1/4"
    return forged(claim, deviation, "Ge", 0, "1/4", random, sample, words, (0.5, 0.25), **more)


def steps(level, laws, chance):
    unknown = "martingale of 4 steps of at most 1"
    more = {"unknown": unknown, "own": ["iid", *laws, number(4)], "member": statistic("sum")}
    words, random = "sum(X) of rademacher(1)", {"S_n": f"any {unknown}"}
    return forged(f"P(S_n >= {level}) <= 0", ["Unknown"], "Ge", level, 0, random, None, words, (chance, 0), **more)


SIGN, COIN, FAR = two_point(-1, 1, "1/2"), two_point(0, 1, "1/2"), two_point("-1/100", 100, "1/10001")
THREE, THIRDS = finite([0, "1/2", 1], ["1/3"] * 3), "discrete({0: 1/3, 1/2: 1/3, 1: 1/3})"
HEAVY = ["affine", ["gamma", number("1/100"), number("1/5")], number(-1), number("1/20")]
EXPONENTIAL = family("sub_exponential", scale="1/10", variance_factor="1/2")
NORMAL = ["iid", ["normal", number(0), number(10)], number(1)]
BELOW = ["bounded", number(0), ["Add", number("3/2"), ["Mul", number(-1), ["exp", number(-100)]]]]
ROOT = ["Pow", number(2), number("1/2")]
FORGED = {
    "a matrix as one variable": matrix(2, 2),
    "the norm of a plain sample": forged(
        "P(norm(X) >= 2) <= 0",
        statistic("spectral_norm"),
        *("Ge", 2, 0, {"X": "iid(rademacher(1), 4)"}, ["iid", SIGN, number(4)], "rademacher(1)", (1, 0)),
    ),
    "three values as one": population(THREE, THIRDS, 2, 3, (1, 0.125)),
    "a population with a continuous law": population(["uniform", *COIN[1:3]], "uniform(0, 1)", 2, 3, (0, 0.125)),
    "a population with a Poisson law": population(["poisson", number(1)], "poisson(1)", 2, 3, (0.13534, 0.125)),
    "more drawn than there are": population(COIN, "bernoulli(1/2)", 4, 2, (0, 0.125)),
    "no variable": forged(
        "P(sum(X) <= 0) <= 0",
        statistic("sum"),
        *("Le", 0, 0, {"X": "iid(rademacher(1), 0)"}, ["iid", SIGN, number(0)], "rademacher(1)", (1, 0)),
    ),
    "a reflected law that is too heavy": variable(
        *("-20", EXPONENTIAL, "sub_exponential(variance_factor=1/2, scale=1/10)"),
        *(HEAVY, "-gamma(1/100, 1/5) + 1/20", 0.9999),
    ),
    "a family without its bound": variable(
        *(100, family("centred", variance=1), "centred(variance=1)", FAR, "two_point(-1/100, 100, 1/10001)", 1e-4),
    ),
    "a value more": variable(
        *(9, finite([0, 1], ["1/2", "1/2"]), "discrete({0: 1/2, 1: 1/2})"),
        *(finite([0, 1, 9], ["1/2", "1/2", 0]), "discrete({0: 1/2, 1: 1/2, 9: 0})", 0),
    ),
    "a value beyond an irrational end": variable(
        *("3/2", BELOW, "bounded(0, 3/2 - exp(-100))", two_point(0, "3/2", "1/2"), "two_point(0, 3/2, 1/2)", 0.5),
    ),
    "a function of another sample": lipschitz({}, None),
    "twice as many steps": steps(8, [SIGN, SIGN], 1 / 256),
}
HONEST = {
    "a vector": matrix(2, 1),
    "two values": population(COIN, "bernoulli(1/2)", 2, 4, (1 / 6, 0.125)),
    "one value": population(finite([0], [1]), "discrete({0: 1})", 2, 4, (1, 0.125)),
    "a reflected law": variable(
        *(
            "-20",
            family("sub_exponential", scale=10, variance_factor="1/2"),
            "sub_exponential(variance_factor=1/2, scale=10)",
        ),
        *(HEAVY, "-gamma(1/100, 1/5) + 1/20", 0.9999),
    ),
    "a family with its bound": variable(
        *(100, family("centred", variance=1, upper=100), "centred(variance=1, upper=100)"),
        *(FAR, "two_point(-1/100, 100, 1/10001)", 1e-4),
    ),
    "a value at an irrational end": variable(
        *("7/5", ["bounded", number(0), ROOT], "bounded(0, sqrt(2))"),
        *(["two_point", number(0), ["Mul", number(2), ["Pow", ROOT, number(-1)]], number("1/2")],),
        *("two_point(0, 2/sqrt(2), 1/2)", 0.5),
    ),
    "a function of the sample": lipschitz({"X": "iid(normal(0, 10), 1)"}, NORMAL),
    "all steps": steps(4, [SIGN], 1 / 16),
}


@pytest.mark.parametrize("name", [*FORGED, *HONEST])
def test_forged_records_are_not_verified_and_honest_ones_of_the_kind_are(record, name):
    told = (FORGED | HONEST)[name]
    proved = told["sides"][0] <= told["sides"][1]
    found = planted(record("PROVED", "one point") if proved else record("REFUTED", "lower tail"), told)
    [verification] = verify_records([found])
    assert (verification.outcome == "verified") == (name in HONEST), verification.complaints
    assert not any(word in str(verification.complaints) for word in ("damaged", "verdict"))


def test_words_that_are_no_formula_are_a_complaint(record):
    found = record("PROVED", "hoeffding")
    for words in (
        "",
        "(",
        "a b",
        "x" * 100_000,
        "(" * 5_000,
        "lambda: 1",
        "__import__('os') <= 1",
        "1j <= 1",
        "(x + y + 1)**99999 <= 1",
        "((x + y + 1)**99 + 1)**99 <= 1",
        "(u + v + x + y + 1)**99 <= 1",
    ):
        assert outcome(found | {"claim": words}) == "rejected"
    for words in ("9**9**9**9 <= 1", "x**9**9 <= 1", "(9*x)**9**9 <= 1"):
        assert outcome(found | {"claim": words}) == "nothing to verify"


STATED = {
    "strict": (
        P(sum_of(X) > n - 1) <= 2 ** (-n),
        "P(sum(X) > n - 1) <= 2**(-n), X = iid(discrete((0, 1/2), (1, 1/2)), n), n in {1, …, 6}",
    ),
    "numbers": (t * (1 - t) <= 0.25, "t*(1 - t) <= 1/4, t in [0, 1]"),
    "a mean": (
        E(maximum(X)) <= 1 - 2 ** (-n),
        "E(max(X)) <= 1 - 1/2**n, X = iid(discrete((0, 1/2), (1, 1/2)), n), n in {1, …, 6}",
    ),
    "no parameter": (
        P(sum_of(iid(normal(0, 1), 4)) >= 2) <= 0.16,
        "P(sum(X) >= 2) <= 4/25, X = iid(normal(0, 1), 4)",
    ),
    "a condition": (
        Theorem(claim=t**2 <= 0.25, hypotheses=[t <= 0.5]),
        "t**2 <= 1/4, t in [0, 1], t <= 1/2",
    ),
}


@pytest.mark.parametrize("name", STATED)
def test_what_was_verified_is_said_in_words_of_the_certificate(name):
    claim, words = STATED[name]
    verdict = check(claim if isinstance(claim, Theorem) else Theorem(claim=claim))
    [record] = json.loads(dump([verdict]))
    [found] = verify_records([record | {"theorem": "riemann_hypothesis"}])
    assert found.outcome == "verified"
    assert found.claim == words
    [rejected] = verify_records([record | {"status": "REFUTED"}])
    assert rejected.claim is None
