"""Biases in derivations: their norms against exact laws, the events that they take, and faults that are caught."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product

import pytest
from scipy import stats
from sympy import Integer, Rational, S

from boundcheck import (
    average_pool,
    bernoulli,
    cnn,
    conv,
    dense,
    fcn,
    filters,
    flatten,
    gap_bound,
    integer,
    magnitude,
    normal,
    prune,
    rademacher,
    random,
    real,
    uniform,
)
from boundcheck.check.describe import bound_report
from boundcheck.derivation.biases import bias_norm
from boundcheck.derivation.gap import variants
from boundcheck.derivation.proof.biases import AtEveryCell, BoundedBiases
from boundcheck.derivation.proof.check import checked
from boundcheck.derivation.proof.fixed import FixedVector
from boundcheck.derivation.proof.gap import Recursion
from boundcheck.derivation.proof.judgement import Context, Part, Subject
from boundcheck.errors import InvalidDerivation, UnsupportedClaim
from boundcheck.formula.numeric import evaluate

W = uniform(-2, 2)
TWENTIETH = Rational(1, 20)
DELTAS = [Rational(1, 2), TWENTIETH, Rational(1, 1000)]


def layer_of(outputs, law, **options):
    return dense(3, outputs, weights=W, bias=law, **options)


def values(choice):
    return {key: evaluate(value) for key, value in choice.candidates.items()}


@pytest.mark.parametrize("m", [1, 5, 64])
def test_every_candidate_holds_for_normal_biases(m):
    """‖c‖ / v is a chi variable: exact."""
    for delta in DELTAS:
        found = values(bias_norm(layer_of(m, normal(0, 3)), delta))
        assert set(found) == {"S1", "S2", "T3a", "T3b", "T3c"}
        for key, bound in found.items():
            assert stats.chi.sf(bound / 3, m) <= delta, key


def test_a_fifth_less_is_too_little():
    bound = evaluate(bias_norm(layer_of(64, normal(0, 3)), TWENTIETH).value)
    assert stats.chi.sf(0.8 * bound / 3, 64) > TWENTIETH


@pytest.mark.parametrize("m", [1, 5, 64])
def test_every_candidate_holds_for_signs_and_bounded_biases(m):
    for delta in DELTAS:
        assert all(bound >= math.sqrt(m) for bound in values(bias_norm(layer_of(m, rademacher(1)), delta)).values())
        assert values(bias_norm(layer_of(m, uniform(0, 2)), delta)) == {"largest": pytest.approx(2 * math.sqrt(m))}


def test_a_convolution_adds_biases_at_every_cell():
    delta, law = TWENTIETH, normal(0, 1)
    plain, spread = (
        bias_norm(layer, delta)
        for layer in (layer_of(4, law), conv(3, 4, 3, weights=W, bias=law, padding="same").on((5, 6)))
    )
    assert evaluate(spread.value) == pytest.approx(math.sqrt(30) * evaluate(plain.value))


def test_biases_without_a_bound_are_refused():
    target = fcn([3, 4, 2], weights=W, biases=normal(1, 1))
    with pytest.raises(UnsupportedClaim, match=r"^biases of law normal\(1, 1\) have no bound here; use a bounded law"):
        gap_bound(target, prune(target, random(count=1)), delta=TWENTIETH)
    last = prune(target, [random(count=1), None])  # whose biases cancel
    assert evaluate(gap_bound(target, last, delta=TWENTIETH).expression) > 0


def test_events_are_for_biases_before_pruned_layers():
    target = fcn([3, 4, 4, 2], weights=W, biases=[normal(0, 1), None, normal(0, 1)])

    def events(rules):
        return [e.event for e in gap_bound(target, prune(target, rules), delta=TWENTIETH).derivation.ledger.entries]

    assert "bias of layer 1" in events([None, random(count=1), None])
    assert not any("bias" in e for e in events([random(count=1), None, None]))
    assert [e for e in events([random(count=1)] * 3) if "bias" in e] == ["bias of layer 1"]


def test_biases_that_are_not_needed_change_nothing():
    plain = fcn([3, 4, 2], weights=W)
    target = fcn([3, 4, 2], weights=W, biases=[None, normal(0, 5)])
    bounds = [
        gap_bound(network, prune(network, random(count=3)), delta=TWENTIETH).expression for network in (plain, target)
    ]
    assert evaluate(bounds[0]) == pytest.approx(evaluate(bounds[1]), rel=1e-12)


def test_the_bound_grows_with_biases():
    v = real("v", min=0, exclude_min=True)
    target = fcn([20, 20, 20], weights=W, biases=normal(0, v))
    bound = gap_bound(target, prune(target, random(count=30)), delta=TWENTIETH).expression
    small, large = (evaluate(bound.xreplace({v: Rational(value)})) for value in ("1/1000000", "10"))
    assert large > 3 * small


D = integer("d", min=2)
NETWORKS = [
    fcn([5, 6, 7, 3], weights=W, biases=normal(0, 1)),
    fcn([5, 6, 3], weights=normal(0, 1), biases=[uniform(0, 1), None], activation="tanh"),
    fcn([D, D, D], weights=W, biases=rademacher(2)),
    cnn(
        (2, 4, 4),
        [
            conv(2, 3, 3, weights=W, bias=normal(0, 1), padding=1),
            average_pool(2),
            conv(3, 3, 2, weights=W, stride=2, bias=W),
            flatten(),
            dense(3, 2, weights=W),
        ],
    ),
]
RULES = [magnitude(count=2), random(count=2), filters(count=1), bernoulli("1/5")]


@pytest.mark.parametrize(("network", "rule"), list(product(NETWORKS, RULES)), ids=str)
def test_derivations_are_checked(network, rule):
    for derivation in variants(prune(network, rule), TWENTIETH, S.One):
        steps = checked(derivation.conclusion, derivation.context)
        assert any(step.step.rule == "hypothesis" and "biases" in step.step.judgement.words for step in steps)


def test_faults_are_refused():
    network = NETWORKS[3]
    pruned = prune(network, random(count=2))
    derivation = variants(pruned, TWENTIETH, S.One)[0]
    conclusion, context = derivation.in_symbols, derivation.context
    union, recursion = conclusion.union, conclusion.recursion

    def refused(step, message):
        with pytest.raises(InvalidDerivation, match=message):
            checked(step, context)

    # Biases that T1 leaves out.
    none = (S.Zero,) * 4
    columns = recursion.norms, recursion.kept, recursion.removed
    forgotten = Recursion.of(network, S.One, *columns, none[: network.depth])
    refused(replace(conclusion, recursion=forgotten), "T1 needs the biases of layer 1")
    # At one cell alone, or at too few.
    [first, *others] = [bound for bound in union.events if bound.letter == "beta"]
    assert others
    at_one = first.step
    while isinstance(at_one, AtEveryCell) or at_one.rule.startswith("smallest"):
        at_one = at_one.premises[0]
    for step, cells in ((at_one, 1), (AtEveryCell(at_one, Integer(4)), 4)):
        events = tuple(b._replace(step=step) if b is first else b for b in union.events)
        refused(replace(union, events=events), rf"is for biases at {cells} cells, of 16")
    # Those of another layer, and a wrong bound.
    events = tuple(b._replace(step=others[0].step) if b is first else b for b in union.events)
    refused(replace(union, events=events), "is bounded by a norm of other biases")
    vector = dense(1, 3, weights=W).linear
    small = BoundedBiases(Subject(Part.BIAS, vector, W), S.One)
    refused(small, r"√m sup \|c_k\| is 2\*sqrt\(3\), not 1")
    alien = BoundedBiases(Subject(Part.BIAS, dense(1, 9, weights=W).linear, W), Integer(6))
    refused(alien, "has biases uniform")
    assert isinstance(context, Context)


def test_reports_show_biases():
    target = fcn([6, 6, 3], weights=W, biases=normal(0, 1))
    record = bound_report(prune(target, random(count=4)), delta=TWENTIETH).record
    assert [layer["biases"] for layer in record["layers"]] == ["normal(0, 1)"] * 2
    assert record["layers"][0]["bias"] > 2
    assert "beta_1" in record["formula"]["text"]
    outputs = record["layers"][1]["norm"] * (record["layers"][0]["norm"] + record["layers"][0]["bias"])
    assert record["target"] == pytest.approx(outputs + record["layers"][1]["bias"])


def test_shares_of_biases_may_be_chosen():
    target = fcn([20, 20, 20], weights=W, biases=normal(0, 3))
    pruned = prune(target, random(count=30))
    equal, best = (gap_bound(target, pruned, delta=TWENTIETH, split=split) for split in ("equal", "best"))
    assert evaluate(best.expression) < evaluate(equal.expression)
    assert "bias of layer 1" in {entry.event for entry in best.derivation.ledger.entries}
    checked(best.derivation.conclusion, best.derivation.context)


def test_bounds_at_fixed_inputs_are_refused():
    """That ReLU halves what is made of a fixed vector rests on signs of rows, which biases do not share."""
    target = fcn([5, 6, 3], weights=W, biases=normal(0, 1))
    with pytest.raises(
        UnsupportedClaim, match=r"^layer 1 has biases, and bounds at fixed inputs are for networks without"
    ):
        gap_bound(target, prune(target, random(count=3)), delta=TWENTIETH, inputs=10)
    plain = fcn([5, 6, 3], weights=W)
    derivation = gap_bound(plain, prune(plain, random(count=3)), delta=TWENTIETH, inputs=10).derivation
    [step] = [s for s in derivation.layers[0].choices["a"].steps.values() if isinstance(s, FixedVector)]
    layer = target.layers[0]
    biased = replace(step, subject=replace(step.subject, layer=layer), arguments=(layer, *step.arguments[1:]))
    with pytest.raises(InvalidDerivation, match=r"^S5b is for layers without biases"):
        biased.verify(derivation.context)
