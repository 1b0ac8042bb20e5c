"""Checks of claims about fixed inputs: the gap is known in each trial, nothing is searched for; planted ones show."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sympy import Integer, Rational

from boundcheck import P, Theorem, check, fcn, gap, gap_bound, magnitude, normal, prune, random, real, scaled, uniform
from boundcheck.check.ablation.run import ablate
from boundcheck.check.cases import cases
from boundcheck.check.describe import as_latex, as_mathml, as_record
from boundcheck.check.evidence import plan_of
from boundcheck.cli import run
from boundcheck.derivation.recursion import layer_recursion
from boundcheck.errors import InvalidArgument
from boundcheck.experiment.measure import measure_network
from boundcheck.report.record import record
from boundcheck.verdict.ablation import Finding
from boundcheck.verdict.decide import Status

DELTA = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)
TARGET = fcn([8, 16, 16, 4], weights=scaled(uniform(-1, 1)))
PRUNED = prune(TARGET, random(fraction="1/4"))


def theorem(target, rule, inputs, factor=1, delta="1/4", bound=None, **options):
    pruned = prune(target, rule)
    threshold = gap_bound(target, pruned, delta=DELTA, inputs=inputs) if bound is None else bound
    claim = P(gap(target, pruned, inputs=inputs, **options) > factor * threshold) <= DELTA
    return Theorem(claim=claim, points=[{"delta": delta}])


@pytest.mark.parametrize("rule", [random(fraction="1/4"), magnitude(fraction="1/4")])
@pytest.mark.parametrize("inputs", [1, 3, 200])
def test_what_is_derived_is_confirmed_without_an_open_trial(rule, inputs):
    """Wrong with probability at most 0.01 each over the seed, which is fixed."""
    found = check(theorem(TARGET, rule, inputs))
    assert found.status is Status.CONFIRMED
    [point] = found.points
    assert point.evidence.open == 0
    assert point.evidence.closer is None
    assert point.evidence.law.endswith(f"; at {inputs} fixed inputs, not on the ball")


def test_the_gap_is_the_largest_at_the_inputs_and_no_trial_is_open():
    """Claims just above and just below the largest gap that is seen, far below any certificate for the ball."""
    [case] = cases(theorem(TARGET, random(fraction="1/4"), 5), {DELTA: Rational(1, 4)})
    assert case.inputs == 5
    plan = plan_of(case, 0, "double")
    assert plan.inputs == 5
    seen = measure_network(plan, 40)
    ladder = check(theorem(TARGET, random(fraction="1/4"), 5), trials=40).points[0].evidence.ladder
    assert ladder.observed == pytest.approx(seen.gap.max(), rel=1e-12)
    below = Rational(float(np.median(seen.gap)))
    keys = plan.key
    found = check(theorem(TARGET, random(fraction="1/4"), 5, bound=below), trials=40).points[0].evidence
    assert found.open == 0
    assert found.violations > 0
    assert found.first_violation["point"] is None
    assert found.first_violation["input"] in range(5)
    assert keys == plan_of(case, 0, "double").key


def test_more_inputs_are_the_same_ones_and_others():
    gaps = []
    for inputs in (2, 64, 300):
        [case] = cases(theorem(TARGET, random(fraction="1/4"), inputs), {DELTA: Rational(1, 4)})
        gaps.append(case.work)
    assert gaps[0] == gaps[1] < gaps[2]


@pytest.mark.parametrize(
    ("widths", "rule", "factor"),
    [((64, 64), random(fraction=1), "1/3"), ((32, 32, 32), magnitude(fraction="1/2"), "1/8")],
)
def test_planted_constants_are_refuted(widths, rule, factor):
    found = check(theorem(fcn(list(widths), weights=scaled(uniform(-1, 1))), rule, 20, factor=Rational(factor)))
    assert found.status is Status.REFUTED


def test_a_bound_for_one_input_is_false_for_many():
    """The largest of 2,000 nearly independent normals is about 3.5 deviations; at one it is below 2.95."""
    target = fcn([200, 1], weights=normal(0, 1))
    one = gap_bound(target, prune(target, random(fraction=1)), delta=DELTA, inputs=1)
    assert check(theorem(target, random(fraction=1), 2000, bound=one)).status is Status.REFUTED
    assert check(theorem(target, random(fraction=1), 1, bound=one)).status is Status.CONFIRMED
    assert check(theorem(target, random(fraction=1), 2000)).status is Status.CONFIRMED


def test_a_bound_at_fixed_inputs_is_false_for_the_ball():
    target = fcn([64, 64], weights=uniform(-1, 1))
    pruned = prune(target, random(fraction="1/2"))
    claim = P(gap(target, pruned) > gap_bound(target, pruned, delta=DELTA, inputs=1)) <= DELTA
    assert check(Theorem(claim=claim, points=[{"delta": "1/20"}])).status is Status.REFUTED


def test_norms_of_fixed_vectors_recombined_wrongly_are_refuted():
    """Planted: the errors that layer 1 makes are left out."""
    target = fcn([32, 32, 32], weights=scaled(uniform(-1, 1)), activation="identity")
    pruned = prune(target, [random(fraction="1/2"), magnitude(count=1)])
    derivation = gap_bound(target, pruned, delta=DELTA, inputs=3).derivation
    a, b, rho = ([getattr(x, n).value if getattr(x, n) else 0 for x in derivation.layers] for n in _NAMES)
    wrong = layer_recursion(a, b, [Integer(0), rho[1]]).xreplace(dict(derivation.inner))
    found = check(theorem(target, [random(fraction="1/2"), magnitude(count=1)], 3, bound=wrong))
    assert found.status is Status.REFUTED


_NAMES = ("norm", "kept", "residual")


def test_hypotheses_are_dropped_at_fixed_inputs_without_ascent():
    found = ablate(theorem(fcn([16, 16, 16], weights=scaled(uniform(-1, 1))), random(fraction="1/4"), 1), trials=40)
    control = found[0]
    assert control.status is not Finding.NEEDED
    assert control.largest < 1
    assert any(item.status is Finding.NEEDED for item in found[1:])


def test_too_many_inputs_are_refused():
    with pytest.raises(InvalidArgument, match=r"inputs=10000000000 is too many .*; test at most 1,048,576"):
        check(theorem(TARGET, random(fraction="1/4"), 10**10))


def test_it_is_said_everywhere_that_inputs_are_fixed():
    claim = theorem(TARGET, random(fraction="1/4"), 9)
    verdict = record(check(claim, trials=5))
    assert "inputs=9" in verdict["claim"]
    assert "at 9 fixed inputs" in verdict["points"][0]["law"]
    assert "not on the whole ball" in json.dumps(verdict["random"])
    shown = as_record(claim)
    assert any("at 9 fixed inputs" in line for line in shown["random"])
    assert any("at 9 fixed inputs" in line for line in shown["bound"])
    assert r"x_i \text{ fixed}" in as_latex(claim)
    assert "inputs" in as_mathml(claim)


def test_the_command_line(capsys):
    spec = ["bound", "--fcn", "8,16,4", "--prune", "random:alpha=0.5"]
    assert run([*spec, "--inputs", "12", "--json"]) == 0
    fixed = json.loads(capsys.readouterr().out)
    assert run([*spec, "--json"]) == 0
    ball = json.loads(capsys.readouterr().out)
    assert (fixed["inputs"], ball["inputs"]) == (12, None)
    assert fixed["epsilon"] < ball["epsilon"]
    assert "not on the whole ball" in fixed["formula"]["text"]
    assert run([*spec, "--inputs", "12"]) == 0
    out = capsys.readouterr().out
    assert "at 12 fixed inputs, independent of the weights: not on the whole ball" in out
    assert "gap at these inputs ≤" in out
    assert run([*spec, "--inputs", "0"]) == 2
    assert "is not a number of inputs" in capsys.readouterr().err
