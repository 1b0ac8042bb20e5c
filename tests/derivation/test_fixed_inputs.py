"""S5b: bounds of the gap at fixed inputs against the formula written out, the events they rest on, and refusals."""

from __future__ import annotations

import math
import pickle
from itertools import pairwise

import pytest
from sympy import Integer, Rational

from boundcheck import (
    cnn,
    conv,
    dense,
    fcn,
    filters,
    flatten,
    gap,
    gap_bound,
    integer,
    magnitude,
    normal,
    prune,
    rademacher,
    random,
    random_filters,
    scaled,
    uniform,
)
from boundcheck.derivation.norms import whole_norm
from boundcheck.errors import InvalidArgument, UnsupportedClaim
from boundcheck.formula.export import to_latex
from boundcheck.formula.numeric import compile_expression, evaluate
from boundcheck.formula.rigorous import enclose
from boundcheck.formula.special import beta_quantile, hypergeometric_bound

CENT = Rational(1, 100)
W = scaled(uniform(-1, 1))


def network(*widths, activation="relu", weights=W):
    return fcn(list(widths), weights=weights, activation=activation)


def bound(target, rules, inputs=None, delta=CENT, radius=1):
    return gap_bound(target, prune(target, rules), delta=delta, radius=radius, inputs=inputs)


def value(*arguments, **options):
    return evaluate(bound(*arguments, **options).expression)


def spread(c, t, halved):
    return c / 2 + math.sqrt(2.5 * c * t) + 2 * t if halved else c + 2 * math.sqrt(c * t) + 2 * t


def candidates(derivation):
    """The S5b candidates (a, b, rho) of each layer, None where there is no need."""
    return [
        tuple(
            None if x is None or "S5b" not in x.candidates else
            evaluate(x.candidates["S5b"].xreplace(dict(derivation.inner)))
            for x in (layer.norm, layer.kept, layer.residual)
        )
        for layer in derivation.layers
    ]  # fmt: skip


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("rule", ["random", "magnitude"])
def test_the_formula_written_out(activation, rule):
    """Widths 20-30-40-10 with N = 50: seven events, of which each has δ/7."""
    widths, k, inputs = (20, 30, 40, 10), 15, 50
    target = network(*widths, activation=activation)
    found = candidates(bound(target, {"random": random, "magnitude": magnitude}[rule](count=k), inputs).derivation)
    share = 0.01 / 7
    expected = []
    for i, (n, m) in enumerate(pairwise(widths)):
        halved, s = activation == "relu" and i < 2, 1 / math.sqrt(3 * max(m, n))
        size = m * n
        stretch = s * math.sqrt(spread(m, math.log(inputs / share), halved))
        part = share / 2 if rule == "random" else share / 4
        c = min(
            hypergeometric_bound(size, k, m, part / n), hypergeometric_bound(size, k, m, part / inputs) + 1, float(m)
        )
        rho = math.sqrt(spread(c, math.log(inputs / part), halved))
        rho *= s if rule == "random" else s * beta_quantile(k + 1, size - k, share / 2)
        expected.append((stretch if i < 2 else None, stretch if i > 0 else None, rho))
    for one, other in zip(found, expected, strict=True):
        assert [x is None for x in one] == [x is None for x in other]
        assert [x or 0 for x in one] == pytest.approx([x or 0 for x in other], rel=1e-12)


def test_filters_written_out():
    share, m, n, k, inputs = 0.01, 40, 30, 4, 7
    layer = fcn([dense(n, m, weights=uniform(-3, 3), activation="identity")])
    level = math.log(inputs / share)
    worst = level + k * (1 + math.log(m / k))
    [(_, _, by_chance)] = candidates(bound(layer, random_filters(count=k), inputs).derivation)
    assert by_chance == pytest.approx(math.sqrt(3 * spread(k, level, False)))
    [(_, _, chosen)] = candidates(bound(layer, filters(count=k), inputs).derivation)
    assert chosen == pytest.approx(math.sqrt(3 * min(spread(k, worst, False), spread(m, level, False))))
    # Of what is left, m - k filters by chance; all where the weights decide.
    deep = network(30, 40, 40)
    for rule, left in ((random_filters, 36), (filters, 40)):
        kept = candidates(bound(deep, [magnitude(count=1), rule(count=4)], inputs, delta=CENT).derivation)[1][1]
        assert kept == pytest.approx(math.sqrt(spread(left, math.log(inputs * 4 / 0.01), False) / 120))


def test_events_are_of_what_the_recursion_uses_and_of_errors_apart_from_hidden_vectors():
    def events(rules, *widths):
        derivation = bound(network(*widths), rules, 3).derivation
        assert sum(e.share for e in derivation.ledger.entries) == CENT
        return [e.event for e in derivation.ledger.entries]

    assert events([magnitude(count=1), None, None], 4, 5, 6, 7) == [
        "errors made in layer 1",
        "errors passed on by layer 2",
        "errors passed on by layer 3",
    ]
    # Layer 2 is not pruned, and yet hidden vectors and errors are two vectors.
    assert events([random(count=1), None, random(count=1)], 4, 5, 6, 7) == [
        "hidden vectors of layer 1",
        "errors made in layer 1",
        "hidden vectors of layer 2",
        "errors passed on by layer 2",
        "errors passed on by layer 3",
        "errors made in layer 3",
    ]
    # What is all gone passes nothing on.
    assert events([random(count=1), magnitude(fraction=1)], 4, 5, 6) == [
        "hidden vectors of layer 1",
        "errors made in layer 1",
        "errors made in layer 2",
    ]


@pytest.mark.parametrize(
    "rule", [magnitude(alpha="1/2"), random(alpha="1/2"), filters(count=3), random_filters(count=3)]
)
def test_it_grows_with_the_inputs_and_is_far_below_that_of_the_ball(rule):
    target = network(64, 256, 256, 32)
    ball, found = value(target, rule), [value(target, rule, n) for n in (1, 100, 10**6, 10**300)]
    assert found == sorted(found)
    assert found[0] < found[1] < ball / 3
    # Norms are candidates, too, but with more events for the same delta.
    assert found[-1] < 1.2 * ball
    assert value(target, rule, 100, radius=3) == pytest.approx(3 * found[1])


def test_the_example_network():
    assert value(network(64, 256, 256, 32), magnitude(alpha="1/2"), 1000) == pytest.approx(0.0010424, rel=1e-3)


def test_numbers_of_inputs_may_be_parameters():
    inputs, d = integer("N", min=1), integer("d", min=1)
    target = network(d, d, d)
    pruned = prune(target, random(alpha="1/2"))
    found = gap_bound(target, pruned, delta=CENT, inputs=inputs)
    assert found.free_symbols == {inputs, d}
    assert gap(target, pruned, inputs=inputs).parameters == {inputs, d}
    compiled = compile_expression(found.expression, (d, inputs))
    assert compiled(32, 50) == pytest.approx(value(network(32, 32, 32), random(alpha="1/2"), 50))
    low, high = enclose(found.expression, {d: Integer(32), inputs: Integer(50)})
    assert low <= compiled(32, 50) * (1 + 1e-9)
    assert compiled(32, 50) <= high * (1 + 1e-9)
    assert pickle.loads(pickle.dumps(found)) == found
    assert found != gap_bound(target, pruned, delta=CENT)


def test_it_is_said_what_the_gap_is_taken_over():
    target = network(4, 5, 6)
    pruned = prune(target, random(count=2))
    atom = gap(target, pruned, radius=2, inputs=7)
    assert str(atom) == "gap(target, pruned, radius=2, inputs=7)"
    assert str(gap(target, pruned)) == "gap(target, pruned)"
    assert to_latex(atom) == r"\max_{i \le 7,\; x_i \text{ fixed},\; \|x_i\| \le 2} \|f(x_i) - F(x_i)\|"
    assert atom.at_inputs == "at 7 fixed inputs of norm at most 2, independent of the weights: not on the whole ball"
    assert gap(target, pruned).at_inputs == ""
    assert atom != gap(target, pruned, radius=2)


@pytest.mark.parametrize("inputs", [0, -3, 1.5, "1/2", float("inf")])
def test_numbers_of_inputs_that_are_none(inputs):
    target = network(4, 5)
    pruned = prune(target, random(count=2))
    for make in (lambda: gap(target, pruned, inputs=inputs), lambda: bound(target, random(count=2), inputs)):
        with pytest.raises(InvalidArgument, match=r"inputs=.* is not a number of inputs; pass a positive integer"):
            make()


def test_what_has_no_bound_is_refused():
    image = cnn((1, 6, 6), [conv(1, 2, 3, weights=W), flatten(), dense(32, 4, weights=W)])
    with pytest.raises(UnsupportedClaim, match=r"layer 1 is a convolution, .*; leave out inputs"):
        bound(image, random(count=2), 5)
    with pytest.raises(UnsupportedClaim, match="not symmetric about 0"):
        bound(network(4, 4, weights=uniform(0, 1)), random(count=2), 5)
    with pytest.raises(UnsupportedClaim, match="magnitude pruning of weights with law rademacher"):
        bound(network(4, 4, weights=rademacher(1)), magnitude(count=2), 5)


def test_what_is_not_pruned_has_no_gap_and_norms_remain_candidates():
    assert value(network(4, 5, 6), [None, None], 5) == 0
    target = network(300, 2, 300, weights=normal(0, 1))
    [first, second] = bound(target, [None, random(count=1)], 10**300).derivation.layers
    assert first.norm.chosen != "S5b"
    assert first.norm.candidates.keys() == {*whole_norm(first.layer, CENT).candidates, "S5b"}
    assert second.norm is None
    assert second.kept is None
