"""Every step of a derivation is checked, and what does not follow is refused."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from sympy import Integer, Rational, S, Symbol, sqrt

from boundcheck import dense, fcn, filters, gap_bound, magnitude, normal, prune, rademacher, random, real, uniform
from boundcheck.derivation.ledger import Entry, Ledger
from boundcheck.derivation.norms import (
    kept_norm,
    kept_norm_by_magnitude,
    removed_norm,
    removed_norm_by_magnitude,
    whole_norm,
)
from boundcheck.derivation.proof.check import checked
from boundcheck.derivation.proof.gap import GapBounded, Recursion, Triangle, Union, Unpruned, WrittenOut
from boundcheck.derivation.proof.judgement import Context, Part, Subject, proved
from boundcheck.derivation.proof.norms import (
    Applied,
    ByThreshold,
    Chosen,
    Counts,
    Deterministic,
    FromSubset,
    GivenCounts,
    NoneRemoved,
    Projected,
    SchurByCounts,
    SetTaken,
    Smallest,
    Symmetrised,
    Threshold,
    WeightsDrawn,
)
from boundcheck.derivation.proof.tails import inverse_of_tail
from boundcheck.errors import InvalidDerivation
from boundcheck.inequalities.bounds.gaussian_transport import GaussianTransport
from boundcheck.inequalities.bounds.matrix_series import MatrixBernstein, SubGaussianSeries
from boundcheck.inequalities.bounds.moment_domination import MomentDomination
from boundcheck.inequalities.bounds.nets import ETA, Nets
from boundcheck.inequalities.bounds.order_statistics import UNIT
from boundcheck.inequalities.bounds.random_matrix import Entries, RandomMatrix
from boundcheck.inequalities.bounds.sparse_moments import SparseMoments
from boundcheck.statement.domain import integer
from boundcheck.testing import strategies

CENT = Rational(1, 100)
DELTA = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)
D = integer("d", min=16, max=4096)
ALPHA = real("alpha", min=0, max=1, exclude_min=True, exclude_max=True)
LAYER = dense(30, 20, weights=uniform(-1, 1)).linear


def derived(rule, *widths, weights=None, delta=CENT):
    target = fcn(widths or (30, 30, 30, 20), weights=weights or uniform(-1, 1))
    return gap_bound(target, prune(target, rule), delta=delta).derivation


def refused(step, context, reason):
    with pytest.raises(InvalidDerivation, match=reason):
        checked(step, context)


def context_of(rule, layer=LAYER):
    target = fcn([layer.inputs, layer.outputs], weights=layer.weights, activation="identity")
    return Context(prune(target, rule))


MAGNITUDE, RANDOM = context_of(magnitude(count=9)), context_of(random(count=9))


# What the package derives is checked ----------------------------------------------------------------------------------
@settings(max_examples=60, deadline=None)
@given(strategies.pruned_networks())
def test_all_derivations_of_dense_networks(pruned):
    check(gap_bound(pruned.target, pruned, delta=CENT).derivation)


@settings(max_examples=25, deadline=None)
@given(strategies.pruned_networks(target=strategies.convolutional_networks()))
def test_all_derivations_of_convolutional_networks(pruned):
    check(gap_bound(pruned.target, pruned, delta=CENT).derivation)


def check(derivation):
    steps = checked(derivation.conclusion, derivation.context)
    last = steps[-1].step.judgement
    assert last.bound == derivation.expression
    assert last.failure == derivation.ledger.delta
    assert all(used < step.number for step in steps for used in step.uses)
    assert {layer for step in steps for layer in step.layers} <= set(range(1, len(derivation.layers) + 1))


@pytest.mark.parametrize("rule", [magnitude(alpha=ALPHA), random(alpha=ALPHA), random(fraction=ALPHA)])
def test_derivations_with_parameters(rule):
    derivation = derived(rule, D, D, D, weights=uniform(-1 / sqrt(D), 1 / sqrt(D)), delta=DELTA)
    check(derivation)
    found = checked(derivation.conclusion, derivation.context)
    assert isinstance(found[-1].step, WrittenOut)
    kinds = {type(step.step) for step in found}
    assert {
        Applied,
        Chosen,
        Counts,
        FromSubset,
        GivenCounts,
        SetTaken,
        Smallest,
        Union,
        Recursion,
        WeightsDrawn,
    } <= kinds
    if rule.kind == "magnitude":
        assert {ByThreshold, Threshold, Symmetrised} <= kinds


def test_every_candidate_of_a_network_at_numbers_is_checked():
    for law in (uniform(-1, 1), normal(0, 1), rademacher(1)):
        layer = replace(LAYER, weights=law)
        for context in (context_of(random(count=9), layer), context_of(magnitude(count=9), layer)):
            by_magnitude = context.pruned.rules[0].kind == "magnitude"
            choices = [whole_norm(layer, CENT)]
            if not by_magnitude:
                choices += [kept_norm(layer, CENT), removed_norm(layer, Integer(9), law, CENT)]
            else:
                choices.append(kept_norm_by_magnitude(layer, CENT))
                if law.unimodal:
                    tau = threshold(layer).judgement.bound
                    choices.append(removed_norm_by_magnitude(layer, Integer(9), tau, CENT))
            for choice in choices:
                for step in choice.steps.values():
                    checked(step, context)
                    assert step.judgement.failure in (CENT, CENT / 2, 0)
                    assert not step.judgement.given


def threshold(layer=LAYER, share=CENT / 2):
    from boundcheck.inequalities.bounds.order_statistics import threshold_bound

    subject = Subject(Part.THRESHOLD, layer, layer.weights, Entries.SIGN_FREE, Integer(9))
    return Threshold(subject, share, threshold_bound(layer, Integer(9), share))


# Failure probabilities ------------------------------------------------------------------------------------------------
def test_two_events_do_not_hold_together_with_the_product_of_their_probabilities():
    """1 - 2 delta and not (1 - delta)², with numbers and with a parameter."""
    for delta in (CENT, DELTA):
        gap = derived([magnitude(count=3), None], 30, 30, 20, delta=delta)
        conclusion = gap.in_symbols
        share = conclusion.union.events[0].step.judgement.failure
        assert [event.step.judgement.failure for event in conclusion.union.events] == [share, share]
        product = replace(conclusion.union, failure=1 - (1 - share) ** 2)
        problem = r"step \d+ \(union bound\) does not follow: events that may fail with .* together hold with 1 - "
        refused(replace(conclusion, union=product), gap.context, problem)
        assert checked(replace(conclusion, union=replace(conclusion.union, failure=2 * share)), gap.context)


def test_shares_are_those_of_the_ledger_and_of_delta():
    gap = derived(magnitude(count=3))
    union = gap.in_symbols.union
    doubled = Ledger(2 * CENT, tuple(Entry(e.event, 2 * e.share) for e in gap.ledger.entries))
    refused(replace(union, ledger=doubled), gap.context, r"may fail with 1/\d+, and its share is 1/\d+")
    one_less = replace(gap.ledger, entries=gap.ledger.entries[1:], delta=gap.ledger.total - gap.ledger.entries[0].share)
    refused(replace(union, ledger=one_less), gap.context, "the norm of layer 1 has no share of delta")
    refused(replace(gap.in_symbols, delta=CENT / 2), gap.context, "which is not delta = 1/200")


def test_a_bound_that_follows_rests_on_events_of_its_own_layer():
    gap = derived(magnitude(count=1), 30, 30, 30, 20)
    union = gap.in_symbols.union
    assert union.implied
    first = union.implied[0]
    larger = whole_norm(first.step.norm.judgement.subject.layer, CENT).step
    other = first._replace(step=Triangle(larger, first.step.removed))
    refused(replace(union, implied=(other, *union.implied[1:])), gap.context, "rests on what is not among the events")


def test_a_candidate_may_not_fail_more_often_than_the_share():
    cheap = whole_norm(LAYER, 2 * CENT).step
    refused(Smallest((cheap,), CENT), RANDOM, "the failure probability of a candidate")
    checked(Smallest((whole_norm(LAYER, CENT / 2).step,), CENT), RANDOM)
    other = whole_norm(dense(30, 21, weights=uniform(-1, 1)), CENT).step
    refused(Smallest((whole_norm(LAYER, CENT).step, other), CENT), RANDOM, "does not follow")


# Hypotheses of inequalities -------------------------------------------------------------------------------------------
def kept_by(inequality, entries, bound=None):
    matrix = RandomMatrix.whole(LAYER, entries=entries)
    subject = Subject(Part.KEPT, LAYER, LAYER.weights, entries)
    return Applied(inequality, matrix, CENT, subject, inequality.bound(matrix, CENT) if bound is None else bound)


@pytest.mark.parametrize("inequality", [SubGaussianSeries(), MatrixBernstein(), GaussianTransport(), Nets()])
def test_masks_that_look_at_weights_are_refused_where_the_inequality_needs_independence(inequality):
    checked(kept_by(inequality, Entries.INDEPENDENT), RANDOM)
    refused(
        kept_by(inequality, Entries.SIGN_FREE), MAGNITUDE, f"{inequality.key} is not for a set of weights that is ind"
    )
    checked(kept_by(MomentDomination(), Entries.SIGN_FREE), MAGNITUDE)


def test_the_set_is_what_the_rule_takes():
    """A bound for random masks, used on a network that is pruned by magnitude."""
    refused(
        kept_by(GaussianTransport(), Entries.INDEPENDENT), MAGNITUDE, "no such layer is pruned so that what is removed"
    )
    gap, by_chance = derived(magnitude(count=3)), derived(random(count=3))
    union = by_chance.in_symbols.union
    refused(union, gap.context, "no such layer is pruned so")
    wrong = removed_norm(union.events[0].step.judgement.subject.layer, Integer(4), uniform(-1, 1), CENT / 7).step
    [event] = [e for e in union.events if e.event == "removed norm of layer 1"]
    share = event.step.judgement.failure
    wrong = removed_norm(event.step.judgement.subject.layer, Integer(4), uniform(-1, 1), share).step
    planted = tuple(replace_step(e, wrong) if e is event else e for e in union.events)
    refused(replace(union, events=planted), by_chance.context, "rho_1 is for 4 removed, and .* removes 3")


def replace_step(named, step):
    return named._replace(step=step)


def test_laws_and_layers_are_those_of_the_network():
    layer = dense(30, 20, weights=normal(0, 1))
    refused(whole_norm(layer, CENT).step, RANDOM, r"has no layer of 600 weights normal\(0, 1\) like this one")
    step = whole_norm(LAYER, CENT).steps["T3b"]
    other = replace(step, matrix=replace(step.matrix, law=uniform(-2, 2)))
    refused(other, RANDOM, r"T3b is used for weights uniform\(-2, 2\), and they are uniform\(-1, 1\)")
    smaller = RandomMatrix.whole(dense(30, 10, weights=uniform(-1, 1)).linear)
    fewer = replace(step, matrix=smaller, bound=step.inequality.bound(smaller, CENT))
    refused(fewer, RANDOM, "is not of 10 fixed outputs")


def test_a_changed_constant_is_refused():
    step = whole_norm(LAYER, CENT).steps["S1"]
    refused(replace(step, bound=step.bound * Rational(999, 1000)), RANDOM, "S1 gives .*, not ")
    subset = removed_norm(LAYER, Integer(9), LAYER.weights, CENT).steps["S3"]
    refused(replace(subset, bound=subset.bound * Rational(999, 1000)), RANDOM, "S3 gives .*, not ")
    frobenius = Deterministic(Subject(Part.REMOVED, LAYER, LAYER.weights, Entries.INDEPENDENT, Integer(9)), S(2))
    refused(frobenius, RANDOM, r"B sqrt\(kappa k\) is not 2")
    refused(replace(threshold(), symbol=S.Half), MAGNITUDE, "the threshold is at most BetaQuantile")


class WrongInverse(GaussianTransport):
    """Planted: the constant of the deviation is 1 and not √2."""

    def bound(self, matrix, delta):
        return super().bound(matrix, sqrt(delta))


class WrongTail(SubGaussianSeries):
    """Planted: the union over frequencies is forgotten in the bound."""

    def bound(self, matrix, delta):
        return super().bound(matrix, delta * matrix.layer.frequencies)


@pytest.mark.parametrize("inequality", [WrongInverse(), WrongTail()])
def test_a_bound_that_does_not_invert_its_tail_is_refused(inequality):
    with pytest.raises(InvalidDerivation, match="at the bound the tail is"):
        inverse_of_tail(inequality)


@pytest.mark.parametrize("inequality", [SubGaussianSeries(), MatrixBernstein(), MomentDomination(), Nets(ETA)])
def test_bounds_invert_their_tails(inequality):
    assert "is its share of delta" in inverse_of_tail(inequality).condition


def test_a_free_parameter_stays_in_its_domain():
    step = whole_norm(LAYER, CENT).steps["T3c"]
    assert isinstance(step, Chosen)
    refused(replace(step, choice=(ETA, S.Half)), RANDOM, r"eta = 1/2 lies outside \(0, 1/2\)")
    checked(replace(step, choice=(ETA, Rational(1, 3))), RANDOM)


# Conditional bounds ---------------------------------------------------------------------------------------------------
def test_a_bound_given_counts_needs_the_counts_and_independence():
    candidates = removed_norm(LAYER, Integer(9), LAYER.weights, CENT).steps
    whole = candidates["T3a+T4"]
    assert whole.norm.judgement.given == {Part.COUNTS}
    refused(replace(whole, counts=Counts(whole.counts.subject, CENT / 4)), RANDOM, "rests on other counts")
    chosen = replace(whole.norm.subject, entries=Entries.SIGN_FREE)
    looking = replace(whole.norm, subject=chosen, matrix=replace(whole.norm.matrix, entries=Entries.SIGN_FREE))
    with pytest.raises(InvalidDerivation, match=r"needs weights independent of it|T3a is not for"):
        checked(replace(whole, norm=looking), MAGNITUDE)
    with pytest.raises(InvalidDerivation, match="a bound given the removed set needs weights independent of it"):
        replace(whole, norm=looking).verify(MAGNITUDE)
    gap = derived([random(count=9), None], 30, 20, 10)
    union = gap.in_symbols.union
    [event] = [e for e in union.events if e.letter == "rho"]
    half = replace(
        removed_norm(event.step.judgement.subject.layer, Integer(9), uniform(-1, 1), 2 * CENT / 2).steps["T3a+T4"]
    )
    planted = tuple(e._replace(step=half.norm) if e is event else e for e in union.events)
    refused(replace(union, events=planted), gap.context, "is bounded given removed weights of a channel only")


def test_a_bound_given_the_threshold_needs_the_threshold():
    layer = replace(LAYER, weights=uniform(-2, 2))
    context = context_of(magnitude(count=9), layer)
    unit = removed_norm(layer, Integer(9), UNIT, CENT / 2, given_threshold=True)
    for step in unit.steps.values():
        assert step.judgement.given == {Part.THRESHOLD}
    tau = threshold(layer)
    good = ByThreshold(tau, unit.steps["S3"])
    checked(good, context)
    assert not good.judgement.given
    assert good.judgement.failure == CENT
    own = removed_norm(layer, Integer(9), layer.weights, CENT / 2).steps["S3"]
    with pytest.raises(InvalidDerivation, match=r"is of weights uniform\(-2, 2\), not of those divided by"):
        ByThreshold(tau, own).verify(context)
    fewer = removed_norm(layer, Integer(8), UNIT, CENT / 2, given_threshold=True).steps["S3"]
    refused(ByThreshold(tau, fewer), context, "the threshold is that of other weights")
    signs = replace(LAYER, weights=rademacher(2))
    tau = replace(threshold(), subject=replace(threshold().subject, layer=signs, law=signs.weights))
    unit = removed_norm(signs, Integer(9), UNIT, CENT / 2, given_threshold=True).steps["S3"]
    with pytest.raises(InvalidDerivation, match="T5 needs a symmetric law"):
        ByThreshold(tau, unit).verify(context_of(magnitude(count=9), signs))


def test_the_order_statistic_enters_a_subset_bound_only_for_uniform_weights():
    layer = replace(LAYER, weights=normal(0, 1))
    subject = Subject(Part.REMOVED, layer, layer.weights, Entries.SIGN_FREE, Integer(9))
    at_random = SparseMoments().bound(layer, layer.weights, Integer(9), CENT)
    step = FromSubset(SparseMoments(), CENT, subject, at_random)
    refused(step, context_of(magnitude(count=9), layer), "S3 has no bound for weights")


# Other steps ----------------------------------------------------------------------------------------------------------
def test_small_steps_are_about_what_they_say():
    subject = Subject(Part.REMOVED, LAYER, LAYER.weights, Entries.INDEPENDENT, Integer(9))
    removed = removed_norm(LAYER, Integer(9), LAYER.weights, CENT).step
    kept = kept_norm(LAYER, CENT).step
    refused(NoneRemoved(subject), RANDOM, "9 weights are removed")
    refused(Triangle(kept, removed), RANDOM, "does not bound")
    refused(Symmetrised(kept), RANDOM, "is not of all weights")
    refused(Projected(kept, subject), RANDOM, "is not of all weights")
    other = Counts(replace(subject, count=Integer(8)), CENT)
    refused(SchurByCounts(other, subject), RANDOM, "the counts are those of another set")
    unbounded = Subject(Part.REMOVED, replace(LAYER, weights=normal(0, 1)), normal(0, 1), Entries.INDEPENDENT, S(9))
    with pytest.raises(InvalidDerivation, match="have no bound"):
        Deterministic(unbounded, S.One).verify(RANDOM)
    gap = derived([random(count=9), random(count=9)], 30, 20, 20)
    union = gap.in_symbols.union
    [b] = [n for n in (*union.events, *union.implied) if n.letter == "b"]
    a = [n for n in union.events if n.letter == "a" and n.layer == 1]
    norm = a[0].step if a else whole_norm(b.step.judgement.subject.layer, CENT / 4).step
    assert Unpruned(norm).judgement.bound == norm.judgement.bound
    planted = replace(
        union, events=tuple(n for n in union.events if n is not b), implied=(b._replace(step=Unpruned(norm)),)
    )
    refused(planted, gap.context, "layer 2 is pruned|is not among the events")


# Layer recursion ------------------------------------------------------------------------------------------------------
def test_t1_keeps_all_terms_and_increases():
    gap = derived(magnitude(count=3))
    conclusion = gap.in_symbols
    recursion = conclusion.recursion
    term = recursion.bound.args[0]
    refused(replace(conclusion, recursion=replace(recursion, bound=recursion.bound - term)), gap.context, "T1 is ")
    without = Recursion.of(
        gap.pruned.target,
        recursion.radius,
        recursion.norms,
        recursion.kept,
        (S.Zero, *recursion.removed[1:]),
        recursion.biases,
    )
    refused(replace(conclusion, recursion=without), gap.context, "T1 leaves out layer 1, which is pruned")
    kept = Recursion.of(
        gap.pruned.target,
        recursion.radius,
        recursion.norms,
        (*recursion.kept[:2], S.Zero),
        recursion.removed,
        recursion.biases,
    )
    refused(replace(conclusion, recursion=kept), gap.context, "T1 needs what layer 3 keeps")
    norms = Recursion.of(
        gap.pruned.target,
        recursion.radius,
        (S.Zero, *recursion.norms[1:]),
        recursion.kept,
        recursion.removed,
        recursion.biases,
    )
    refused(replace(conclusion, recursion=norms), gap.context, "T1 needs the norm of layer 1")
    fewer = replace(conclusion.union, events=conclusion.union.events[1:])
    refused(replace(conclusion, union=fewer), gap.context, "T1 uses .*, and nothing bounds them")
    symbol = next(iter(recursion.symbols))
    decreasing = replace(recursion, bound=1 / symbol)
    with pytest.raises(InvalidDerivation, match="does not increase in each norm"):
        GapBounded(conclusion.union, decreasing, CENT).verify(gap.context)


def test_what_symbols_stand_for_is_put_in_whole():
    gap = derived(magnitude(alpha=ALPHA), D, D, D, weights=uniform(-1 / sqrt(D), 1 / sqrt(D)), delta=DELTA)
    conclusion = gap.conclusion
    refused(replace(conclusion, meaning=conclusion.meaning[:1]), gap.context, "symbols stand for other formulas")
    wrong = tuple((symbol, value / 2) for symbol, value in conclusion.meaning)
    refused(replace(conclusion, meaning=wrong), gap.context, "symbols stand for other formulas")
    context = Context(gap.pruned, dict(wrong))
    refused(replace(conclusion, meaning=wrong), context, "is for .* removed, and|the threshold is at most")


def test_filters_are_counted():
    gap = derived(filters(count=3))
    steps = [step.step for step in checked(gap.conclusion, gap.context)]
    assert any(isinstance(step, Applied) and step.matrix.log_choices != 0 for step in steps) or any(
        isinstance(step, Projected) for step in steps
    )
    layer = gap.layers[0].layer.linear
    subject = Subject(Part.REMOVED, layer, layer.weights, Entries.WORST, Integer(3))
    for log_choices in (S.Zero, S.One):
        matrix = RandomMatrix.whole(replace(layer, outputs=Integer(3)), log_choices, Entries.WORST)
        step = Applied(MomentDomination(), matrix, CENT, subject, MomentDomination().bound(matrix, CENT))
        with pytest.raises(InvalidDerivation):
            checked(step, gap.context)


# The prover in side conditions ----------------------------------------------------------------------------------------
def test_side_conditions_are_proved_on_the_domain_or_refused():
    context = RANDOM
    assert "prover" in proved(context, DELTA**2, DELTA, "shares").how
    assert "equal" in proved(context, (DELTA + 1) ** 2, DELTA**2 + 2 * DELTA + 1, "shares").how
    for wrong in (DELTA * 2, DELTA + Rational(1, 10**6)):
        with pytest.raises(InvalidDerivation, match="shares"):
            proved(context, wrong, DELTA, "shares")
    with pytest.raises(InvalidDerivation, match=re.escape("shares is false: 1/2 > 1/3")):
        proved(context, S.Half, Rational(1, 3), "shares")


def test_a_step_that_fails_is_named():
    gap = derived(magnitude(count=3))
    broken = replace(gap.in_symbols, delta=CENT / 3)
    count = len(checked(gap.conclusion, gap.context))
    refused(broken, gap.context, rf"^step {count} \(monotonicity\) does not follow: ")
    assert Symbol("x") not in gap.expression.free_symbols
