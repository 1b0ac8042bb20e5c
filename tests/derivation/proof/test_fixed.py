"""Derivations for fixed inputs are checked, and what holds at fixed vectors is no bound on a ball."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Integer, Rational

from boundcheck import fcn, filters, gap_bound, magnitude, prune, random, random_filters, uniform
from boundcheck.derivation.proof.check import checked
from boundcheck.derivation.proof.fixed import AsStretch, FixedVector
from boundcheck.derivation.proof.judgement import Context
from boundcheck.derivation.proof.norms import ByThreshold
from boundcheck.errors import InvalidDerivation, UnsupportedClaim
from boundcheck.inequalities.bounds.fixed_input import stretch
from boundcheck.testing import strategies

CENT = Rational(1, 100)
TARGET = fcn([30, 40, 30, 20], weights=uniform(-1, 1))


def derived(rule, inputs):
    return gap_bound(TARGET, prune(TARGET, rule), delta=CENT, inputs=inputs).derivation


@settings(max_examples=40, deadline=None)
@given(strategies.pruned_networks(target=strategies.networks(max_width=9)), st.integers(1, 1000))
def test_all_derivations_at_fixed_inputs(pruned, inputs):
    derivation = gap_bound(pruned.target, pruned, delta=CENT, inputs=inputs).derivation
    last = checked(derivation.conclusion, derivation.context)[-1].step.judgement
    assert last.bound == derivation.expression
    assert last.failure == CENT


@pytest.mark.parametrize(
    "rule", [magnitude(count=9), random(count=9), filters(count=2), random_filters(count=2)], ids=str
)
def test_every_candidate_at_fixed_inputs_is_checked(rule):
    derivation = derived(rule, 7)
    for layer in derivation.layers:
        for choice in layer.choices.values():
            assert {FixedVector, AsStretch} <= {
                type(step.unit if isinstance(step, ByThreshold) else step) for step in choice.steps.values()
            }
            for step in choice.steps.values():
                checked(step, derivation.context)


def test_a_bound_at_fixed_inputs_is_none_on_the_ball():
    derivation = derived(random(count=9), 7)
    ball = Context(derivation.pruned, derivation.inner)
    with pytest.raises(InvalidDerivation, match=r"on a ball, .* bounds|it is for 7 inputs, and the claim for None"):
        checked(derivation.conclusion, ball)
    with pytest.raises(InvalidDerivation, match="on a ball, a_1 bounds"):
        derivation.in_symbols.union.verify(ball)
    more = replace(derivation.context, inputs=Integer(8))
    with pytest.raises(InvalidDerivation, match="it is for 7 inputs, and the claim for 8"):
        checked(derivation.conclusion, more)
    on_the_ball = gap_bound(TARGET, derivation.pruned, delta=CENT).derivation
    with pytest.raises(InvalidDerivation, match="at fixed inputs, a_1 bounds"):
        checked(on_the_ball.conclusion, derivation.context)


def test_planted_faults_at_fixed_inputs():
    derivation = derived(random(count=9), 7)
    [step] = [s for s in derivation.layers[1].norm.steps.values() if isinstance(s, FixedVector)]
    smaller = replace(step, bound=step.bound * Rational(999, 1000))
    with pytest.raises(InvalidDerivation, match=r"S5b gives .*, not "):
        checked(smaller, derivation.context)
    layer, entries, inputs, share = step.arguments
    fewer = (layer, entries - 1, inputs, share)
    with pytest.raises(InvalidDerivation, match="29 does not bound the entries in an input"):
        checked(replace(step, arguments=fewer, bound=stretch(*fewer)), derivation.context)
    halved = replace(layer, after=TARGET.layers[-1].after)
    other = (halved, entries, inputs, share)
    with pytest.raises(InvalidDerivation, match="it is about another layer"):
        checked(replace(step, arguments=other, bound=stretch(*other)), derivation.context)


def test_biases_are_refused_at_fixed_inputs():
    target = fcn([5, 4, 3], weights=uniform(-1, 1), biases=uniform(-1, 1))
    with pytest.raises(
        UnsupportedClaim, match="layer 1 has biases, and bounds at fixed inputs are for networks without"
    ):
        gap_bound(target, prune(target, random(count=2)), delta=CENT, inputs=3)
