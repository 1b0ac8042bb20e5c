"""S5a in derivations: where it is a candidate for a, and that nothing else may rest on it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import Rational, S

from boundcheck import fcn, filters, gap_bound, magnitude, normal, prune, random, random_filters, scaled, uniform
from boundcheck.derivation.gap import variants
from boundcheck.derivation.ledger import Ledger
from boundcheck.derivation.proof.check import checked
from boundcheck.derivation.proof.gap import Named, Triangle, Union, Unpruned
from boundcheck.derivation.proof.norms import Projected
from boundcheck.derivation.proof.restricted import Restricted
from boundcheck.errors import InvalidDerivation
from boundcheck.formula.numeric import evaluate
from boundcheck.inequalities.bounds.restricted import restricted_norm

CENT = Rational(1, 100)
TARGET = fcn([64, 256, 256, 32], weights=scaled(normal(0, 1)))


def derivation(rules, target=TARGET, **options):
    return gap_bound(target, prune(target, rules), delta=CENT, **options).derivation


@pytest.mark.parametrize("rules", [magnitude(alpha="1/2"), random(alpha="1/2"), random_filters(count=4)])
def test_it_is_the_smallest_for_normal_weights_and_every_step_is_checked(rules):
    found = derivation(rules)
    checked(found.conclusion, found.context)
    assert [layer.norm and layer.norm.chosen for layer in found.layers] == ["S5a", "S5a", None]
    assert all(layer.kept is None or "S5a" not in layer.kept.candidates for layer in found.layers)
    tanh = fcn([64, 256, 256, 32], weights=scaled(normal(0, 1)), activation="tanh")
    assert evaluate(found.expression) < 0.95 * evaluate(derivation(rules, tanh).expression)


def test_what_kept_norms_rest_on_is_a_norm():
    """Filters that the weights choose, layers without a rule, and b = a + rho: there b rests on the norm of W."""
    for found in (
        derivation(filters(count=4)),
        derivation([magnitude(count=5), None, magnitude(count=5)]),
        variants(prune(TARGET, magnitude(alpha="1/2")), CENT, S.One)[1],
    ):
        checked(found.conclusion, found.context)
        assert "S5a" not in found.layers[1].norm.candidates
        assert "S5a" in found.layers[0].norm.candidates


def test_uniform_weights_gain_in_wide_layers():
    uniforms = fcn([64, 256, 256, 32], weights=scaled(uniform(-1, 1)))
    found = derivation(magnitude(alpha="1/2"), uniforms)
    assert [layer.norm and layer.norm.chosen for layer in found.layers] == ["S1", "S5a", None]


def test_planted_uses_are_refused():
    found = derivation(random(alpha="1/2"))
    share, context, layers = CENT / 7, found.context, TARGET.layers
    right = found.layers[1].norm.steps["S5a"]
    checked(right, context)
    assert isinstance(right, Restricted)
    with pytest.raises(InvalidDerivation, match="S5a gives"):
        checked(replace(right, bound=right.bound * Rational(9, 10)), context)
    first = Restricted(layers[0], True, share, restricted_norm(layers[0], True, share))
    with pytest.raises(InvalidDerivation, match="is given vectors without negative entries"):
        checked(first, context)
    removed = found.layers[1].residual.step
    for step in (
        Unpruned(right),
        Triangle(right, removed),
        Projected(right, found.layers[1].kept.step.judgement.subject),
    ):
        with pytest.raises(InvalidDerivation):
            checked(step, context)
    a = found.symbol("a", 1)
    ledger = Ledger(CENT, tuple(e for e in found.ledger.entries))
    with pytest.raises(InvalidDerivation):
        checked(Union((Named("a", 0, a, right, "norm of layer 1"),), (), ledger, CENT), context)
    with pytest.raises(InvalidDerivation):
        checked(Union((Named("b", 1, a, right, "kept norm of layer 2"),), (), ledger, CENT), context)
