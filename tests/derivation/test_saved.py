"""Derived bounds written as JSON and read again; whatever is changed in between is refused."""

from __future__ import annotations

import copy
import json
import pickle

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Integer, Rational, S, Symbol, exp, floor, log, pi, sqrt

from boundcheck import (
    BoundcheckError,
    average_pool,
    cnn,
    conv,
    dense,
    fcn,
    filters,
    flatten,
    gap_bound,
    integer,
    leaky_relu,
    load_bound,
    magnitude,
    max_pool,
    normal,
    prune,
    rademacher,
    random,
    real,
    save_bound,
    scaled,
    truncated_normal,
    uniform,
)
from boundcheck.derivation.gap import GapBound
from boundcheck.derivation.saved import bound_record, digest
from boundcheck.errors import InvalidArgument, UnsupportedClaim
from boundcheck.formula.numeric import compile_expression
from boundcheck.statement.discovery import discover, shipped
from boundcheck.statement.functions import (
    BetaQuantile,
    Greatest,
    HypergeometricBound,
    Least,
    MomentQuantile,
    MomentTail,
    SparseQuantile,
)
from boundcheck.statement.saved.expressions import FUNCTIONS, loaded_expression, saved_expression
from boundcheck.statement.saved.refused import Refused

d = integer("d", min=16, max=4096)
alpha = real("alpha", min=0, max=1, exclude_min=True, exclude_max=True)
delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)
PARAMETERS = {p.name: p for p in (d, alpha, delta)}


def bound_of(target, rule, *, share="0.01", radius=1):
    return gap_bound(target, prune(target, rule), delta=share, radius=radius)


w = scaled(normal(0, 1))
BOUNDS = {
    "plain": bound_of(fcn([8, 9, 4], weights=uniform(-1, 1)), magnitude(count=7)),
    "parameters": bound_of(
        fcn([d, 2 * d, 10], weights=scaled(uniform(-1, 1)), activation="tanh"),
        [magnitude(alpha=alpha), None],
        share=delta,
        radius=real("r", min=0, max=sqrt(2), exclude_min=True),
    ),
    "laws": bound_of(
        fcn([6, 7, 8, 5], weights=[rademacher(2), truncated_normal(1, 2), normal(0, 3)], activation=leaky_relu("1/3")),
        random(fraction="1/5"),
        radius=pi,
    ),
    "convolutions": bound_of(
        cnn(
            (2, 9, 8),
            [
                conv(2, 6, (3, 2), stride=2, padding=1, weights=w, activation="relu"),
                max_pool(2, stride=1, padding=1),
                conv(6, 4, 3, padding="same", padding_mode="circular", weights=w),
                average_pool(2, count_include_pad=False),
                flatten(),
                dense(36, 4, weights=w),
            ],
        ),
        [filters(count=1), random(alpha="1/2"), None],
    ),
}


@pytest.mark.parametrize("name", BOUNDS)
def test_bounds_are_the_same_when_they_are_read_again(name, tmp_path):
    bound = BOUNDS[name]
    path = tmp_path / "bound.json"
    save_bound(bound, path)
    for source in (path, str(path), path.read_text("utf-8"), json.loads(path.read_text("utf-8"))):
        found = load_bound(source)
        assert found == bound
        assert hash(found) == hash(bound)
        assert {p.name: p.domain for p in found.free_symbols} == {p.name: p.domain for p in bound.free_symbols}
    assert load_bound(path, formula=True) == bound.expression
    assert pickle.loads(pickle.dumps(found)) == bound
    parameters = sorted(bound.free_symbols, key=str)
    values = [{"d": 64.0, "alpha": 0.5, "delta": 0.01, "r": 1.25}[p.name] for p in parameters]
    both = (compile_expression(b.expression, sorted(b.free_symbols, key=str))(*values) for b in (found, bound))
    assert len(set(both)) == 1


def test_bounds_of_all_theorems_that_ship():
    bounds = [
        b
        for theorem in discover([str(shipped())]).theorems
        for e in theorem.reading.expressions()
        for b in e.atoms(GapBound)
    ]
    assert len(bounds) >= 10
    for bound in bounds:
        assert load_bound(json.dumps(bound_record(bound))) == bound


# Expressions ----------------------------------------------------------------------------------------
numbers = st.builds(Rational, st.integers(-200, 200), st.integers(1, 12))
leaves = st.one_of(numbers, st.sampled_from([d, alpha, delta, pi, S.Exp1]))


def grown(inner):
    pairs = st.tuples(inner, inner)
    return st.one_of(
        pairs.map(lambda x: x[0] + x[1]),
        pairs.map(lambda x: x[0] * x[1]),
        pairs.map(lambda x: Least(*x)),
        pairs.map(lambda x: Greatest(*x, delta)),
        inner.map(lambda x: exp(-abs(x))),
        inner.map(lambda x: log(1 + x**2)),
        inner.map(lambda x: sqrt(2 + x**2)),
        inner.map(lambda x: (1 + d) ** (-abs(x))),
        inner.map(lambda x: floor(x * d)),
        leaves.map(lambda x: sympy.Max(x, alpha)),
        inner.map(lambda x: MomentQuantile(d, 7, x)),
        inner.map(lambda x: MomentTail(d, 7, x)),
        inner.map(lambda x: BetaQuantile(d + 1, 7, delta) * x),
        inner.map(lambda x: HypergeometricBound(100, d, 20, delta) + x),
        inner.map(lambda x: SparseQuantile(d, d, 9, alpha, x, 3, d**2)),
        inner.map(lambda x: sympy.erfinv(delta) - sympy.erf(x)),
    )


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.recursive(leaves, grown, max_leaves=12))
def test_expressions_are_the_same_when_they_are_read_again(e):
    nodes = json.loads(json.dumps(saved_expression(e)))
    assert loaded_expression(nodes, PARAMETERS) == e


def test_what_is_said_twice_is_saved_once_and_depth_does_not_matter():
    e = MomentQuantile(d, d, 3)
    nodes = saved_expression(Least(e, e + 1, e * alpha))
    assert sum(node[0] == "MomentQuantile" for node in nodes) == 1
    for _ in range(3000):
        e = Least(e, d)
    assert len(saved_expression(e)) < 3010


@pytest.mark.parametrize("e", [Symbol("x") + sympy.Float(0.5), sympy.gamma(d), Symbol("x") + sympy.I])
def test_what_cannot_be_saved_is_refused(e):
    with pytest.raises(UnsupportedClaim, match=r"cannot be saved|can be saved"):
        saved_expression(e)


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        ([], "no list of nodes"),
        ({"a": 1}, "no list of nodes"),
        (["Add"], "does not begin with a name"),
        ([["eval", "1"]], "'eval', which is not among the functions"),
        ([["__import__", 0]], "not among the functions"),
        ([["Symbol", "os"]], "'os', which is no parameter"),
        ([["Symbol", "d"], ["Add", 0, 1]], "names 1, which is no node before it"),
        ([["Symbol", "d"], ["Add", 0, -1]], "names -1"),
        ([["Symbol", "d"], ["Add", 0, True]], "names True"),
        ([["Rational", "1", "0"]], "no positive denominator"),
        ([["Rational", "1e9", "1"]], "where digits should be"),
        ([["Rational", 1, 1]], "where digits should be"),
        ([["Rational", "9" * 5000, "1"]], "where digits should be"),
        ([["pi", 0]], "gives arguments"),
        ([["Rational", "10", "1"], ["Rational", "9" * 30, "1"], ["Pow", 0, 1]], "too long to write out"),
        ([["Rational", "2", "1"], ["Rational", "12345678901", "12345678900"], ["Pow", 0, 1]], "too long"),
        ([["Symbol", "d"], ["MomentQuantile", 0]], "takes no such arguments"),
        ([["Symbol", "d"], ["Pow", 0]], "takes no such arguments"),
        ([["oo"], ["-oo"], ["Add", 0, 1]], "no value"),
    ],
)
def test_planted_nodes_are_refused(nodes, words):
    with pytest.raises(Refused, match=words):
        loaded_expression(nodes, PARAMETERS)


def test_no_function_that_is_read_takes_text():
    """A node's arguments are expressions that were read before, so that nothing sympifies a string."""
    for name in FUNCTIONS:
        with pytest.raises(Refused):
            loaded_expression([[name, "__import__('os').abort()"]], PARAMETERS)


# Corruption -----------------------------------------------------------------------------------------
def paths(data, before=()):
    """The places of all values in nested data."""
    yield before
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield from paths(value, (*before, key))


def planted(data, path, value):
    """The data with another value at a place; without it for None in place of a key's value."""
    found = copy.deepcopy(data)
    *outer, last = path
    inside = found
    for key in outer:
        inside = inside[key]
    if value is DROP:
        del inside[last]
    else:
        inside[last] = value
    return found


DROP = object()
LAYER = ("pruned", "target", "layers", "items", 0)


JUNK = ("x", -1, 2, True, None, [], {}, [["Rational", "7", "3"]], {"type": "Rule"}, "__import__('os')")


def sealed(data):
    """The data as somebody would write it who wants it read."""
    return data | {"digest": digest(data)}


@pytest.mark.parametrize("name", BOUNDS)
def test_whatever_is_changed_in_a_file_is_refused(name):
    """Every value of every part: dropped, and replaced by another."""
    record = bound_record(BOUNDS[name])
    places = [path for path in paths(record) if path]
    assert len(places) > 150
    for number, path in enumerate(places):
        for value in (DROP, JUNK[number % len(JUNK)]):
            data = planted(record, path, value)
            if data != record:
                with pytest.raises(InvalidArgument):
                    load_bound(data)


def test_whatever_is_written_on_purpose_is_refused_or_is_derived():
    """The same with a digest that fits: no other error than one of a line, and no formula that is not derived."""
    record = bound_record(BOUNDS["plain"])
    read = refused = 0
    for number, path in enumerate(path for path in paths(record) if path):
        for value in (DROP, JUNK[number % len(JUNK)], JUNK[(7 * number + 3) % len(JUNK)]):
            data = planted(record, path, value)
            try:
                found = load_bound(sealed(data) if path != ("digest",) else data)
            except InvalidArgument:
                refused += 1
                continue
            again = gap_bound(found.pruned.target, found.pruned, delta=found.delta, radius=found.radius)
            assert loaded_expression(data["expression"], {}) == again.expression
            read += 1
    assert refused > 10 * read > 0


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("format",), "other", "no 'boundcheck bound'"),
        (("format_version",), 2, "format_version is 2"),
        (("delta",), [["Rational", "2", "1"]], "not a failure probability"),
        (("delta",), [["Rational", "1", "50"]], "formula is not the one"),
        (("radius",), [["Rational", "-1", "1"]], "radius of a ball"),
        ((*LAYER, "outputs"), [["Rational", "5", "1"]], "layer 2 does not take"),
        ((*LAYER, "inputs"), [["Rational", "-5", "1"]], "not a width"),
        (
            (*LAYER, "after", "items", 0, "lipschitz"),
            [["Rational", "1", "2"]],
            "relu",
        ),
        ((*LAYER, "weights", "type"), "Gamma", "'Gamma', which is no Law"),
        ((*LAYER, "weights", "high"), [["Rational", "-2", "1"]], "high"),
        ((*LAYER, "secret"), 1, "'secret', which is no field of Layer"),
        (("pruned", "rules", "items", 0, "kind"), "magic", "'magic' is no rule"),
        (("pruned", "rules", "items", 0, "amount"), [["Rational", "999", "1"]], "more than the 72 weights"),
        (("pruned", "rules", "items"), [], "0 rules for 2 layers|has 0 items"),
    ],
)
def test_planted_parts_are_refused_with_what_is_wrong(path, value, words):
    with pytest.raises(InvalidArgument, match=words):
        load_bound(sealed(planted(bound_record(BOUNDS["plain"]), path, value)))


def test_files_that_hold_no_bound(tmp_path):
    with pytest.raises(InvalidArgument, match="cannot be read"):
        load_bound(tmp_path / "none.json")
    (tmp_path / "text.json").write_text("no json", encoding="utf-8")
    with pytest.raises(InvalidArgument, match="is not JSON"):
        load_bound(tmp_path / "text.json")
    for text in ("[" * 100_000, '{"a": NaN}', '{"format": "boundcheck bound"}', "[]", '{"saved": null}'):
        with pytest.raises(InvalidArgument, match=r"is not JSON|holds no bound"):
            load_bound(text)
    with pytest.raises(InvalidArgument, match="no derived bound"):
        save_bound(BOUNDS["plain"].expression, tmp_path / "bound.json")
    with pytest.raises(InvalidArgument, match="cannot be written"):
        save_bound(BOUNDS["plain"], tmp_path / "none" / "bound.json")


def test_parameters_that_share_a_name_are_refused():
    target = fcn([d, d], weights=uniform(-1, 1))
    bound = bound_of(target, magnitude(count=3), share=real("d", min=0, max=1, exclude_min=True, exclude_max=True))
    with pytest.raises(BoundcheckError, match="share a name"):
        bound_record(bound)


def test_a_formula_that_is_not_derived_is_returned_only_on_request():
    record = bound_record(BOUNDS["plain"])
    record["expression"] = saved_expression(Integer(0))
    with pytest.raises(InvalidArgument, match="formula=True"):
        load_bound(sealed(record))
    assert load_bound(sealed(record), formula=True) == 0
