"""Bernoulli masks: candidates against exact laws, and faults that are caught."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy import stats
from sympy import Integer, Rational, S

from boundcheck import (
    bernoulli,
    conv,
    dense,
    fcn,
    gap_bound,
    integer,
    normal,
    prune,
    rademacher,
    real,
    uniform,
)
from boundcheck.derivation.gap import variants
from boundcheck.derivation.norms import removed_norm, removed_norm_by_masks
from boundcheck.derivation.proof.check import checked
from boundcheck.derivation.proof.judgement import Context, Part, Subject
from boundcheck.derivation.proof.norms import Counts, FromSubset
from boundcheck.errors import InvalidDerivation
from boundcheck.formula.numeric import evaluate
from boundcheck.inequalities.bounds.masks import MaskedBernstein
from boundcheck.inequalities.bounds.random_matrix import Entries
from boundcheck.statement.spec import Words

SHARES = [Rational(1, 1000), Rational(1, 20), Rational(1, 2), Rational(9, 10)]
DELTAS = [Rational(1, 2), Rational(1, 20), Rational(1, 1000)]


def masked(layer, p, delta):
    return removed_norm_by_masks(layer, p * layer.size, delta)


def values(choice):
    return {key: evaluate(value) for key, value in choice.candidates.items()}


@pytest.mark.parametrize("n", [1, 7, 40])
def test_every_candidate_holds_for_one_neuron_of_signs(n):
    """‖R‖² is the number of removed weights: exact."""
    for p, delta in product(SHARES, DELTAS):
        found = values(masked(dense(n, 1, weights=rademacher(1)), p, delta))
        assert set(found) == {"S1", "S2", "T3c", "S3", "S4", "S6 masked", "T3d masked"}
        for key, bound in found.items():
            exceeded = stats.binom.sf(math.floor(bound**2 * (1 + 1e-12)), n, float(p))
            assert exceeded <= delta, key


def test_every_candidate_holds_for_all_small_matrices():
    """All masks and signs of 2 × 3 weights, with their probabilities."""
    m, n, p = 2, 3, Rational(1, 5)
    norms, chances = [], []
    for entries in product((-1, 0, 1), repeat=m * n):
        norms.append(np.linalg.norm(np.reshape(entries, (m, n)), 2))
        chances.append(math.prod(0.8 if e == 0 else 0.1 for e in entries))
    assert sum(chances) == pytest.approx(1)
    for delta in DELTAS:
        for key, bound in values(masked(dense(n, m, weights=rademacher(1)), p, delta)).items():
            exceeded = sum(c for norm, c in zip(norms, chances, strict=True) if norm > bound * (1 + 1e-12))
            assert exceeded <= delta, key


def test_what_a_law_lacks_is_no_candidate():
    keys = set(values(masked(dense(8, 8, weights=normal(0, 1)), Rational(1, 10), Rational(1, 20))))
    assert keys == {"S1", "S2", "T3b", "T3c", "S3", "S4", "S6 masked"}


def test_moments_hardly_tell_masks_from_subsets_of_so_many():
    """S3 and S4 are bounds of both; exact moments (S6) are a little larger for masks, whose number is random."""
    layer, count, delta = dense(100, 100, weights=uniform(-1, 1)), Integer(1000), Rational(1, 20)
    masks = values(removed_norm_by_masks(layer, count, delta))
    subsets = values(removed_norm(layer, count, layer.weights, delta))
    assert masks["S3"] == subsets["S3"]
    assert masks["S4"] == subsets["S4"]
    assert subsets["S6"] < masks["S6 masked"] < 1.01 * subsets["S6"]


@pytest.mark.parametrize("law", [uniform(-1, 1), normal(0, 1), rademacher(1)], ids=str)
def test_derivations_for_masks_are_checked(law):
    d = integer("d", min=2)
    for widths, p in (([8, 9, 7], Rational(1, 10)), ([d, d, d], real("p", min=0, max=1, exclude_min=True))):
        pruned = prune(fcn(widths, weights=law), bernoulli(p))
        for derivation in variants(pruned, Rational(1, 20), S.One):
            steps = checked(derivation.conclusion, derivation.context)
            words = [reason.condition for step in steps for reason in step.reasons]
            assert any(w.startswith("each weight is removed with probability") for w in words)


def test_what_holds_for_subsets_alone_is_refused_for_masks():
    """And the other way round: matrix Bernstein for independent entries says nothing of a subset."""
    layer, share = fcn([4, 4], weights=rademacher(1)).layers[0], Rational(1, 20)
    context = Context(prune(fcn([4, 4], weights=rademacher(1)), bernoulli("1/4")))
    masks = Subject(Part.REMOVED, layer, layer.weights, Entries.MASKED, Integer(4))
    subsets = replace(masks, entries=Entries.INDEPENDENT)
    with pytest.raises(InvalidDerivation, match=r"^counts are not for each weight with a probability"):
        Counts(masks, share).verify(context)
    bound = MaskedBernstein().bound(layer, layer.weights, Integer(4), share)
    assert FromSubset(MaskedBernstein(), share, masks, bound).verify(context)
    with pytest.raises(InvalidDerivation, match=r"^T3d masked is not for a set of weights that is independent"):
        FromSubset(MaskedBernstein(), share, subsets, bound).verify(context)
    smaller = MaskedBernstein().bound(layer, layer.weights, Integer(3), share)
    with pytest.raises(InvalidDerivation, match=r"^T3d masked gives"):
        FromSubset(MaskedBernstein(), share, masks, smaller).verify(context)


def test_all_and_nothing():
    network, delta = fcn([6, 5, 4], weights=uniform(-1, 1)), Rational(1, 20)
    assert evaluate(gap_bound(network, prune(network, bernoulli(0)), delta=delta).expression) == 0
    first, second = variants(prune(network, bernoulli(1)), delta, S.One)
    assert first.layers[1].kept is None
    assert second.layers[1].kept is None


def test_a_convolution_and_the_command_line():
    layer = conv(2, 3, 3, weights=uniform(-1, 1)).on((8, 8))
    found = values(masked(layer, Rational(1, 10), Rational(1, 20)))
    assert found["S3"] < found["S1"]
    assert Words("8,8", None, rule="bernoulli:fraction=0.25").pruned().rules[0].amount == Rational(1, 4)


def test_a_probability_that_is_too_small_is_seen():
    """One neuron of 400 signs, of which every second goes and every hundredth is said to."""
    for key, bound in values(masked(dense(400, 1, weights=rademacher(1)), Rational(1, 100), Rational(1, 20))).items():
        holds = stats.binom.sf(math.floor(bound**2), 400, 0.5) <= 0.05
        assert holds == (key in ("S1", "S2", "T3c")), key  # which do not use it
