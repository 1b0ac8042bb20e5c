"""Certificates that were tampered with are rejected: systematically, at every node."""

from __future__ import annotations

import ast
import copy
import importlib.util
import json
import sys
from pathlib import Path

import mpmath
import pytest
import sympy
from mpmath import iv
from sympy import Eq, Rational, Symbol, atan, cos, cosh, erf, exp, oo, pi, sin, sinh, sqrt, tanh

from boundcheck.formula import verify
from boundcheck.formula.prover import Proved, Refuted, prove
from boundcheck.formula.tree import to_tree
from boundcheck.formula.verify import NotRechecked, side_complaints, verify_certificate
from boundcheck.formula.verify.enclosures import erfc
from boundcheck.formula.verify.reading import from_tree
from boundcheck.formula.verify.signs import analytic, sign
from boundcheck.statement.domain import integer, real

_spec = importlib.util.spec_from_file_location("prover_claims", Path(__file__).parent / "prover" / "claims.py")
assert _spec is not None
assert _spec.loader is not None
claims = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(claims)

NAMES = ["log below x", "exp below", "erfc", "bennett", "squares", "bernstein near", "integers only"]
NAMES += ["strict with a margin", "triangle", "relu is lipschitz", "modulus of a sine", "softplus"]
V, W, U = real("v"), real("w"), real("u", min=0, max=1)
RARE = {
    "polynomial": (V**4 - V + 1 >= 0, []),
    "concave": ((1 + 7 * U) ** Rational(1, 3) >= 1 + U, []),
    "discriminant": ((1 + V**2) * W**2 - 2 * V * W + 1 >= 0, []),
}
"""Claims that take the rule of their name, which the others do without."""
NAMES += RARE


@pytest.fixture(scope="module")
def certificates():
    found = {}
    for name in [*NAMES, "kearns saul"]:
        result = prove(*(claims.TRUE | RARE)[name])
        assert isinstance(result, Proved)
        found[name] = json.loads(json.dumps(result.certificate))
        assert verify_certificate(found[name]) == []
        assert name not in RARE or name in {node["rule"] for node in nodes(found[name])}
    return found


def parts_of(certificate):
    """The lists of leaves, in all cases."""
    if "leaves" in certificate:
        yield certificate["leaves"]
    for case in certificate.get("cases", ()):
        if case is not None:
            yield from parts_of(case)


def nodes(certificate):
    stack = [leaf["proof"] for leaves in parts_of(certificate) for leaf in leaves]
    while stack:
        node = stack.pop()
        yield node
        stack += node.get("children", [])


def rejected(certificate):
    return bool(verify_certificate(certificate))


@pytest.mark.parametrize("name", NAMES)
def test_the_goal_of_no_node_can_be_replaced(certificates, name):
    for index, _ in enumerate(nodes(certificates[name])):
        for change in (lambda g: ["Mul", ["Rational", "-1", "1"], g], lambda g: ["Add", ["Rational", "1", "1"], g]):
            changed = copy.deepcopy(certificates[name])
            node = list(nodes(changed))[index]
            if from_tree(node["goal"]) == 0:
                continue
            node["goal"] = change(node["goal"])
            assert rejected(changed), node
        if index == 8:
            break


@pytest.mark.parametrize("name", NAMES)
def test_no_part_premise_or_box_can_be_removed(certificates, name):
    original = certificates[name]
    for place, leaves in enumerate(parts_of(original)):
        for index in range(min(10, len(leaves))):
            changed = copy.deepcopy(original)
            del list(parts_of(changed))[place][index]
            assert rejected(changed)
    for index, node in enumerate(nodes(original)):
        if index == 10:
            break
        for key in ("children", "boxes"):
            for child in range(min(3, len(node.get(key, ())))):
                changed = copy.deepcopy(original)
                del list(nodes(changed))[index][key][child]
                assert rejected(changed), (node["rule"], key)


@pytest.mark.parametrize("name", NAMES)
def test_neither_claim_nor_domain_nor_rule_can_be_changed(certificates, name):
    original = certificates[name]
    changed = copy.deepcopy(original)
    changed["claim"][0] = {"Le": "Ge", "Ge": "Le", "Lt": "Gt"}[changed["claim"][0]]
    assert rejected(changed)
    changed = copy.deepcopy(original)
    changed["claim"][1] = [
        "Add",
        changed["claim"][1],
        ["Rational", "1" if changed["claim"][0] != "Ge" else "-1", "100"],
    ]
    assert rejected(changed)
    for side in original["domain"]:
        for end, value in (("low", ["-oo"]), ("high", ["oo"])):
            changed = copy.deepcopy(original)
            if changed["domain"][side][end] != value:
                changed["domain"][side][end] = value
                assert rejected(changed), (side, end)
    for index, node in enumerate(nodes(original)):
        if node["rule"] not in ("zero", "sign"):
            changed = copy.deepcopy(original)
            list(nodes(changed))[index]["rule"] = "zero"
            assert rejected(changed), node
        if index == 8:
            break


@pytest.mark.parametrize("name", NAMES)
def test_details_can_not_be_changed(certificates, name):
    minus = {"multiplier", "form", "larger", "smaller"}
    for index, node in enumerate(nodes(certificates[name])):
        for key in minus & set(node):
            changed = copy.deepcopy(certificates[name])
            other = list(nodes(changed))[index]
            other[key] = ["Mul", ["Rational", "-1", "1"], other[key]]
            assert rejected(changed), node["rule"]
        if "direction" in node:
            changed = copy.deepcopy(certificates[name])
            list(nodes(changed))[index]["direction"] *= -1
            assert rejected(changed)
        for key in {"curve", "at"} & set(node):
            changed = copy.deepcopy(certificates[name])
            other = list(nodes(changed))[index]
            other[key] = ["Add", ["Rational", "1", "7"], other[key]]
            assert rejected(changed)


@pytest.mark.parametrize("name", ["triangle", "relu is lipschitz", "modulus of a sine"])
def test_no_case_can_be_left_out_or_put_in_place_of_another(certificates, name):
    def splits(node):
        found = [node] if "cases" in node else []
        return found + [s for case in node.get("cases", ()) if case is not None for s in splits(case)]

    original = certificates[name]
    for index, split in enumerate(splits(original)):
        for place, case in enumerate(split["cases"]):
            if case is None:
                continue
            for other in (None, {"substitutions": [], "leaves": []}):
                changed = copy.deepcopy(original)
                splits(changed)[index]["cases"][place] = other
                assert rejected(changed)
        for change in (lambda s: s["cases"].pop(), lambda s: s["cases"].append(None), lambda s: s.pop("kink")):
            changed = copy.deepcopy(original)
            change(splits(changed)[index])
            assert rejected(changed)
    changed = copy.deepcopy(original)
    changed["kink"] = ["Abs", ["log", ["Symbol", "x"]]]  # not real where x is negative
    assert rejected(changed)
    changed["kink"] = ["exp", ["Symbol", "x"]]
    assert rejected(changed)


def test_a_new_variable_takes_all_values_of_the_old_one(certificates):
    original = certificates["kearns saul"]
    places = [i for i, node in enumerate(nodes(original)) if node["rule"] == "change"]
    assert len(places) == 2
    for place in places:
        for change in (
            {"value": ["Rational", "1", "3"]},
            {"value": ["Symbol", "unknown"]},
            {"side": ["0", "1"]},
            {"side": ["1", "oo"]},
            {"fresh": ["Symbol", "lam"]},
            {"symbol": ["Symbol", "unknown"]},
            {"children": []},
        ):
            changed = copy.deepcopy(original)
            list(nodes(changed))[place].update(change)
            assert rejected(changed), change


def test_a_dropped_condition_is_noticed(certificates):
    changed = copy.deepcopy(certificates["bernstein near"])
    changed["conditions"] = []
    assert rejected(changed)


def test_what_is_not_real_proves_nothing():
    x = Symbol("x", real=True)
    goal = -1 - x**2
    trick = ["exp", ["Add", ["log", to_tree(goal)], ["Symbol", "x"]]]
    proof = {
        "rule": "sign",
        "goal": to_tree(goal),
        "box": {"x": ["0", "1"]},
        "form": ["Mul", trick, ["exp", ["Mul", ["Rational", "-1", "1"], ["Symbol", "x"]]]],
    }
    side = {"low": ["Rational", "0", "1"], "high": ["Rational", "1", "1"]}
    certificate = {
        "claim": ["Ge", to_tree(goal), ["Rational", "0", "1"]],
        "conditions": [],
        "domain": {"x": side | {"integer": False, "exclude_low": False, "exclude_high": False}},
        "substitutions": [],
        "leaves": [{"values": {}, "box": {"x": ["0", "1"]}, "proof": proof}],
    }
    assert rejected(certificate)


def test_malformed_data_is_a_complaint_and_no_exception():
    assert verify_certificate({})
    assert verify_certificate({"claim": ["__import__", "os"], "domain": {}, "conditions": []})
    assert verify_certificate({"claim": ["Le", ["Symbol", "x; y"], ["Rational", "1", "1"]]})


def test_trees_come_back():
    x = Symbol("x", real=True)
    for e in (exp(x) / (1 + x) ** Rational(3, 2), sympy.erfc(x) - sympy.pi, sympy.E + 0 * x, oo, -oo):
        assert from_tree(json.loads(json.dumps(to_tree(e)))) == e


def test_the_verifier_shares_nothing_with_the_prover():
    imports = set()
    for path in Path(verify.__file__).parent.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imports |= {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        imports |= {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    outside = {name for name in imports if not name.startswith("boundcheck.formula.verify.")}
    foreign = {name.split(".")[0] for name in outside} - sys.stdlib_module_names
    assert foreign == {"mpmath", "sympy"}


@pytest.mark.parametrize("x", ["-3", "-0.5", "0", "0.25", "1", "3", "4.99", "5.5", "9"])
def test_the_enclosure_of_erfc_holds_it(x):
    precision = iv.prec
    iv.prec = 100
    try:
        with mpmath.workdps(40):
            found = erfc(iv.mpf(x))
            assert found.a <= mpmath.erfc(mpmath.mpf(x)) <= found.b
            assert float(x) > 5 or found.delta < 1e-15
    finally:
        iv.prec = precision


X, K = real("x", min=-2, max=3), integer("k", min=0)
BELOW_PI = real("x", min=0, max=pi, exclude_min=True)
REFUTABLE = {
    **claims.FALSE,
    **{f"only {f}": (f(X) <= Rational(1, 3), []) for f in (sin, cos, atan, tanh, sinh, cosh, erf, sympy.erfc, exp)},
    "powers": ((X + 3) ** (X + 1) <= 3, []),
    "equality": (Eq(X, 1, evaluate=False), []),
    "strict, exact": (X < 3, []),
    "irrational end": (BELOW_PI**2 <= 9, [BELOW_PI >= 3]),
}


@pytest.fixture(scope="module")
def refutations():
    found = {}
    for name, claim in REFUTABLE.items():
        result = prove(*claim)
        assert isinstance(result, Refuted), name
        found[name] = json.loads(json.dumps(result.certificate))
    return found


@pytest.mark.parametrize("name", REFUTABLE)
def test_a_refutation_is_verified_and_its_converse_is_not(refutations, name):
    original = refutations[name]
    assert verify_certificate(original) == []
    converse = {"Le": "Gt", "Lt": "Ge", "Ge": "Lt", "Gt": "Le"}
    relation, *sides = original["claim"]
    if relation in converse:
        assert rejected(original | {"claim": [converse[relation], *sides]})
    assert rejected(original | {"claim": ["Eq", sides[0], sides[0]]})
    assert rejected(original | {"leaves": []})


@pytest.mark.parametrize("name", REFUTABLE)
def test_the_point_of_a_refutation_must_lie_in_its_domain(refutations, name):
    original = refutations[name]
    for parameter, value in original["point"].items():
        side = original["domain"][parameter]
        here = ["Rational", str(Rational(value).p), str(Rational(value).q)]
        beyond = ["Add", here, ["Rational", "1", "7"]]
        before = ["Add", here, ["Rational", "-1", "7"]]
        for change in (
            {"low": beyond},
            {"high": before},
            {"low": here, "exclude_low": True},
            {"high": here, "exclude_high": True},
        ):
            domain = original["domain"] | {parameter: side | change}
            assert verify_certificate(original | {"domain": domain}) == [f"{parameter} = {value} is not in its domain"]
        for change in ({"low": ["oo"]}, {"high": ["-oo"]}):
            assert rejected(original | {"domain": original["domain"] | {parameter: side | change}})
        point = {p: v for p, v in original["point"].items() if p != parameter}
        assert rejected(original | {"point": point})
        assert rejected(original | {"point": point | {"other": value}})
        for text in ("1/0", "nan", "", "1e9", "x", None):
            assert rejected(original | {"point": point | {parameter: text}})


@pytest.mark.parametrize("name", REFUTABLE)
def test_a_condition_that_fails_at_the_point_is_noticed(refutations, name):
    original = refutations[name]
    for relation, left, right in (("Lt", "0", "0"), ("Eq", "0", "1"), ("Ge", "-1", "0"), ("Ne", "1", "1")):
        false = [relation, ["Rational", left, "1"], ["Rational", right, "1"]]
        assert rejected(original | {"conditions": [*original["conditions"], false]})


def test_a_refutation_between_integers_is_rejected():
    result = prove((K - 3) * (K - 5) >= 0)
    assert isinstance(result, Refuted)
    assert result.certificate is not None
    assert verify_certificate(result.certificate) == []
    changed = result.certificate | {"point": {"k": "9/2"}}
    assert verify_certificate(changed) == ["k = 9/2 is not in its domain"]


def test_a_point_at_which_a_side_is_undefined_refutes_nothing():
    side = {"low": ["-oo"], "high": ["oo"], "integer": False, "exclude_low": False, "exclude_high": False}
    x = ["Symbol", "x"]
    for tree in (["log", x], ["Pow", x, ["Rational", "1", "2"]], ["Pow", ["Add", x, ["Rational", "1", "1"]], x]):
        data = {"conditions": [], "domain": {"x": side}, "point": {"x": "-1"}}
        assert rejected(data | {"claim": ["Le", tree, ["Rational", "-100", "1"]]})


def test_what_intervals_do_not_tell_apart_may_be_equal_by_algebra():
    side = {"low": ["-oo"], "high": ["oo"], "integer": False, "exclude_low": False, "exclude_high": False}
    power, e = ["exp", ["Symbol", "x"]], ["E"]
    data = {"domain": {"x": side}, "point": {"x": "1"}}
    strict, weak, equal = ([name, power, e] for name in ("Lt", "Le", "Eq"))
    assert verify_certificate(data | {"claim": strict, "conditions": [weak, equal]}) == []
    assert rejected(data | {"claim": weak, "conditions": []})
    assert rejected(data | {"claim": strict, "conditions": [strict]})


def test_an_end_without_a_form_leaves_a_refutation_without_certificate():
    result = prove(real("x", min=0, max=sympy.erfinv(Rational(1, 2))) <= Rational(1, 5))
    assert isinstance(result, Refuted)
    assert result.certificate is None


def test_the_values_that_a_verdict_shows_are_those_of_its_claim():
    result = prove(exp(X) <= 7)
    assert isinstance(result, Refuted)
    assert result.certificate is not None
    assert side_complaints(result.certificate, {"left": result.left, "right": result.right}) == []
    for left, right in (
        (result.left, "6"),
        ("[1.5 +/- 1e-3]", "7"),
        ("e", "7"),
        ("[+/- inf]", "7"),
        (result.left, None),
    ):
        assert side_complaints(result.certificate, {"left": left, "right": right})


Y = Symbol("x", real=True)
UNIT = {"low": ["Rational", "0", "1"], "integer": False, "exclude_low": False, "exclude_high": False}


def by_sign(goal, form=None, *, high="1", conditions=()):
    """A certificate that a goal is nonnegative between 0 and a number since a form of it is."""
    box = {"x": ["0", high]}
    proof = {"rule": "sign", "goal": goal, "form": form or goal, "box": box}
    return {
        "claim": ["Ge", goal, ["Rational", "0", "1"]],
        "conditions": list(conditions),
        "domain": {"x": UNIT | {"high": to_tree(Rational(high))}},
        "substitutions": [],
        "leaves": [{"values": {}, "box": box, "proof": proof}],
    }


def power(base, exponent):
    return ["Pow", base, to_tree(Rational(exponent))]


VAST = 10**9
TOO_LARGE = {
    "a power": by_sign(to_tree(Y**VAST - Y + 1)),
    "a power of a multiple": by_sign(power(to_tree(9 * Y), VAST)),
    "powers of powers": by_sign(to_tree(((Y + 1) ** 90 + 1) ** 90 - 1), to_tree(((Y + 1) ** 90 + 1) ** 90 - 2)),
    "many terms": by_sign(to_tree((Y + exp(Y) + sin(Y) + cos(Y) + erf(Y) + 1) ** 60)),
    "an exponential": by_sign(to_tree(exp(VAST * Y) + exp(Y) - 2), to_tree(2 * exp(VAST * Y) - exp(Y))),
    "a root": by_sign(to_tree((Y + 1) ** Rational(1, VAST)), to_tree(2 * (Y + 1) ** Rational(1, VAST))),
    "a root of a number": by_sign(to_tree(2 ** Rational(1, VAST) + Y), to_tree(2 * 2 ** Rational(1, VAST) + Y)),
    "a condition": by_sign(to_tree(Y), conditions=[["Le", to_tree(Y**VAST + Y), ["Rational", "1", "1"]]]),
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_what_would_take_forever_to_expand_is_not_re_checked(name):
    complaints = verify_certificate(TOO_LARGE[name])
    assert complaints
    assert all(isinstance(c, NotRechecked) and "too large to re-check here" in c for c in complaints)


def test_powers_of_a_usual_size_are_re_checked():
    assert verify_certificate(by_sign(to_tree((Y + 1) ** 1000 + Y**1000))) == []
    assert verify_certificate(by_sign(to_tree((Y + 1) ** 60 - 1), to_tree((Y + 1) ** 60 - 1))) == []


@pytest.mark.parametrize("e", [Symbol("y", real=True), Symbol("y", real=True) + 1, sympy.I, oo, sympy.nan, sympy.zoo])
def test_the_sign_of_what_has_no_side_or_is_not_real_is_unknown(e):
    assert sign(e, {}) is None
    assert not isinstance(e, sympy.Number | type(sympy.I)) or not analytic(e, {})


def test_a_sum_of_squares_that_are_not_real_proves_nothing():
    root = power(["Rational", "-1", "1"], Rational(1, 2))
    squares = [power(["Add", ["Symbol", "x"], ["Mul", ["Rational", s, "1"], root]], 2) for s in ("1", "-1")]
    assert rejected(by_sign(["Add", *squares]))


T, SIDED = real("x", min=0), real("x", min=sqrt(2), max=pi)
IRRATIONAL = {
    "above": (T**2 <= 10 * T, [pi - T >= 0]),
    "below": (V >= 3, [V - pi >= 0]),
    "on both sides": (abs(V) <= 4, [pi - V >= 0, V + pi >= 0]),
    "a coefficient": (T <= 1, [pi * T <= 3]),
    "then another": (V * (T - V) >= 0, [pi - T >= 0, T - V >= 0, V >= 0]),
    "of a domain": ((SIDED - 1) * (V - 1) >= 0, [V - SIDED >= 0]),
    "of a domain, then another": ((SIDED - 1) * (V - 1) >= 0, [V - SIDED >= 0, SIDED - sqrt(3) >= 0]),
    "of a kink": (sympy.Max(T, pi) >= 3, [T - sqrt(2) >= 0]),
}


@pytest.mark.parametrize("name", IRRATIONAL)
def test_irrational_bounds_are_verified(name):
    result = prove(*IRRATIONAL[name])
    assert isinstance(result, Proved)
    assert verify_certificate(json.loads(json.dumps(result.certificate))) == []


@pytest.mark.parametrize(("high", "covered"), [("22/7", True), ("3", False), ("314159265/100000000", False)])
def test_an_irrational_bound_shortens_a_side_that_parts_cover(high, covered):
    """Whoever rounds π outward has covered what it leaves; inward, not."""
    found = by_sign(to_tree(4 - Y), to_tree(4 - Y), high=high)
    found["domain"]["x"]["high"] = ["oo"]
    assert verify_certificate(found) == ["the parts do not cover the domain"]
    found["conditions"] = [["Le", ["Symbol", "x"], ["pi"]]]
    assert verify_certificate(found) == ([] if covered else ["the parts do not cover the domain"])
    found["conditions"] = [["Ge", ["Symbol", "x"], ["pi"]]]
    assert rejected(found)
