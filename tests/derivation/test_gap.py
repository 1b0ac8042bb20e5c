"""T6 to T8: figures, the events that bounds rest on, scaling laws, and what is refused."""

from __future__ import annotations

import math
import pickle
import re
from itertools import pairwise

import numpy as np
import pytest
from sympy import Integer, Rational, S, Symbol

from boundcheck import (
    dense,
    fcn,
    gap_bound,
    integer,
    leaky_relu,
    magnitude,
    normal,
    prune,
    rademacher,
    random,
    real,
    scaled,
    two_point,
    uniform,
)
from boundcheck.derivation.gap import expand_bounds, variants
from boundcheck.derivation.norms import (
    kept_norm_by_magnitude,
    removed_norm,
    removed_norm_by_magnitude,
    smallest,
    whole_norm,
)
from boundcheck.errors import BoundcheckError, InvalidArgument, UnsupportedClaim
from boundcheck.formula.gaussian_moments import ORDERS, moment
from boundcheck.formula.numeric import compile_expression, evaluate
from boundcheck.formula.rigorous import enclose
from boundcheck.inequalities.bounds.order_statistics import threshold_bound
from boundcheck.inequalities.bounds.sparse_moments import SparseMoments
from boundcheck.inequalities.bounds.walk_moments import WalkMoments

CENT = Rational(1, 100)
HALF = Rational(1, 2)


def network(*widths, k=1, law=uniform, **options):
    weights = {uniform: lambda: uniform(-k, k), normal: lambda: normal(0, k), rademacher: lambda: rademacher(k)}
    return fcn(widths, weights=scaled(weights[law]()), **options)


def epsilon(target, rule, *, delta=CENT, radius=1):
    return evaluate(gap_bound(target, prune(target, rule), delta=delta, radius=radius).expression)


def values(choice):
    return {key: evaluate(value) for key, value in choice.candidates.items()}


# Figures of the theory, section 7 ---------------------------------------------------------------------------------
def test_the_norm_of_a_dense_layer():
    norm = whole_norm(dense(256, 256, weights=uniform(-1, 1)), CENT)
    found = values(norm)
    assert found["T3b"] == pytest.approx(27.95, rel=0.01)
    assert found["T3c"] == pytest.approx(39.5, rel=0.01)
    assert found["T3a"] == pytest.approx(43.0, rel=0.01)
    assert found["S1"] == pytest.approx(18.94, rel=0.002)
    assert found["S2"] == pytest.approx(20.57, rel=0.001)
    assert norm.chosen == "S1"
    assert evaluate(norm.value) == min(found.values())


def test_the_norm_of_a_residual():
    layer = dense(256, 256, weights=uniform(-1, 1))
    k = Integer(math.floor(65536**0.7))
    at_random = removed_norm(layer, k, layer.weights, CENT)
    assert values(at_random)["T3a+T4"] == pytest.approx(14.7, rel=0.10)
    assert values(at_random)["S3"] == pytest.approx(5.92, rel=0.002)
    assert evaluate(at_random.value) == pytest.approx(4.678, rel=0.001)
    tau = threshold_bound(layer, k, CENT / 2)
    assert evaluate(tau) == pytest.approx(int(k) / 65536, rel=0.10)
    by_magnitude = removed_norm_by_magnitude(layer, k, tau, CENT)
    assert values(by_magnitude)["T3a+T4"] == pytest.approx(0.556, rel=0.10)
    assert values(by_magnitude)["S3+T5"] == pytest.approx(0.214, rel=0.002)
    assert evaluate(by_magnitude.value) == pytest.approx(0.1688, rel=0.001)


def test_the_gap_of_a_small_network():
    target = network(64, 256, 256, 32)
    assert epsilon(target, magnitude(alpha=HALF)) == pytest.approx(0.003698, rel=0.002)


@pytest.mark.parametrize(("alpha", "width"), [("0.3", 118), ("0.5", 29), ("0.7", 17)])
def test_the_smallest_width(alpha, width):
    d = integer("d", min=2)
    target = network(d, d, d, d)
    bound = gap_bound(target, prune(target, magnitude(alpha=alpha)), delta=CENT)
    widths = np.arange(2, 1200)
    below = compile_expression(bound.expression, (d,))(widths) <= 0.1
    assert widths[np.argmax(below)] == pytest.approx(width, rel=0.01)
    assert below[-1]


# The candidates hold at equal total failure -----------------------------------------------------------------------
def test_each_candidate_of_a_residual_spends_the_whole_share_once():
    layer = dense(64, 48, weights=uniform(-2, 2))
    k, delta = 100, 0.02
    m, n, size, proxy = 48, 64, 64 * 48, 4 / 3

    def occupancy(drawn, share):
        from boundcheck.formula.special import hypergeometric_bound

        return hypergeometric_bound(size, k, drawn, share / (m + n))

    halves = [occupancy(drawn, delta / 2) for drawn in (n, m)]
    whole = [occupancy(drawn, delta) for drawn in (n, m)]
    found = values(removed_norm(layer, Integer(k), layer.weights, Rational(str(delta))))
    assert found.keys() == {
        *("T3a+T4", "T3d+T4", "S1", "S2", "S3", "S4", "S6", "T3b", "T3c"),
        *("T3e Frobenius", "T3e Schur+T4"),
    }
    assert found["T3a+T4"] == pytest.approx(math.sqrt(2 * proxy * max(halves) * math.log((m + n) * 2 / delta)))
    assert found["T3b"] == pytest.approx(
        2 * math.sqrt(2 / math.pi) * (math.sqrt(m) + math.sqrt(n) + math.sqrt(2 * math.log(1 / delta)))
    )
    assert found["T3e Frobenius"] == pytest.approx(2 * math.sqrt(k))
    assert found["T3e Schur+T4"] == pytest.approx(2 * math.sqrt(whole[0] * whole[1]))
    # Magnitude: the uniform law on [-1, 1] times the threshold, which has the other half of delta; for S3 and S6 all of
    # it.
    unit = values(removed_norm(layer, Integer(k), uniform(-1, 1), Rational(str(delta)) / 2))
    by_magnitude = values(removed_norm_by_magnitude(layer, Integer(k), Rational(3, 7), Rational(str(delta))))
    whole = {
        f"{i.key}+T5": evaluate(i.bound_by_magnitude(layer, Integer(k), Rational(str(delta))))
        for i in (SparseMoments(), WalkMoments())
    }
    assert by_magnitude == pytest.approx({key: value * 3 / 7 for key, value in unit.items()} | whole)
    normals = dense(64, 48, weights=normal(0, 1))
    found = removed_norm_by_magnitude(normals, Integer(k), Rational(3, 7), CENT).candidates
    assert not {"S3+T5", "S6+T5"} & set(found)


def test_unbounded_weights_have_no_bound_by_counts_alone_and_signs_no_transport():
    layer = dense(8, 8, weights=normal(0, 1))
    assert removed_norm(layer, Integer(5), layer.weights, CENT).candidates.keys() == {
        "T3a+T4",
        *("S1", "S2", "S3", "S4", "S6"),
        "T3b",
        "T3c",
    }
    signs = dense(8, 8, weights=rademacher(1))
    assert "T3b" not in removed_norm(signs, Integer(5), signs.weights, CENT).candidates


def test_nothing_removed_is_no_residual_and_without_candidates_there_is_no_bound():
    layer = dense(8, 8, weights=uniform(-1, 1))
    assert removed_norm(layer, S.Zero, layer.weights, CENT).value == 0
    with pytest.raises(UnsupportedClaim, match=r"no norm inequality applies .*; use uniform"):
        smallest({"T3a": None, "T3b": None}, CENT)


# The ledger -------------------------------------------------------------------------------------------------------
def derivation(target, rules, delta=CENT):
    return gap_bound(target, prune(target, rules), delta=delta).derivation


def events(found):
    return {entry.event for entry in found.ledger.entries}


def test_events_of_magnitude_pruning():
    target = network(8, 8, 8, 8)
    direct, triangle = variants(prune(target, magnitude(count=3)), CENT, S.One)
    removed = {f"removed norm of layer {i}" for i in (1, 2, 3)}
    assert events(triangle) == removed | {f"norm of layer {i}" for i in (1, 2, 3)}
    assert {entry.share for entry in triangle.ledger.entries} == {CENT / 6}
    norms = {"norm of layer 1", "norm of layer 2", "kept norm of layer 2", "kept norm of layer 3"}
    assert events(direct) == removed | norms
    assert {entry.share for entry in direct.ledger.entries} == {CENT / 7}
    for layer in direct.layers[1:]:
        assert evaluate(layer.kept.value) == evaluate(whole_norm(layer.layer, CENT / 7).value)


def test_a_kept_norm_by_magnitude_is_that_of_all_weights_at_half_of_delta_or_by_signs_at_delta():
    layer = dense(30, 20, weights=uniform(-1, 1))
    found, whole, half = (values(choice) for choice in (
        kept_norm_by_magnitude(layer, CENT), whole_norm(layer, CENT), whole_norm(layer, CENT / 2)
    ))  # fmt: skip
    assert found == {key: whole.pop(key) for key in ("S1", "S2")} | {f"{key}+Lévy": half[key] for key in whole}


def test_events_of_random_pruning():
    target = network(64, 64, 64, 64)
    # The kept norms directly: half of the weights are gone, and the triangle inequality would add their norm.
    norms = {"norm of layer 1", "norm of layer 2", "kept norm of layer 2", "kept norm of layer 3"}
    removed = {f"removed norm of layer {i}" for i in (1, 2, 3)}
    found = derivation(target, random(fraction=HALF))
    assert events(found) == norms | removed
    for layer in found.layers[1:]:
        assert evaluate(layer.kept.value) == pytest.approx(evaluate(whole_norm(layer.layer, CENT / 7).value))


@pytest.mark.parametrize("kind", [magnitude, random])
@pytest.mark.parametrize("pruned_layers", [(1,), (2,), (3,), (1, 2), (1, 3), (2, 3), (1, 2, 3)])
def test_layers_that_are_left_alone_have_no_term_and_only_used_events_have_a_share(kind, pruned_layers):
    rules = [kind(count=3) if i in pruned_layers else None for i in (1, 2, 3)]
    found = derivation(network(16, 16, 16, 16), rules)
    used = found.recursion.free_symbols
    a, b, rho = ([Symbol(f"{x}_{i}", positive=True) for i in (1, 2, 3)] for x in ("a", "b", "rho"))
    assert {i for i in (1, 2, 3) if rho[i - 1] in used} == set(pruned_layers)
    written = S.Zero
    for i in pruned_layers:
        term = rho[i - 1]
        for j in (1, 2, 3):
            if j < i:
                term *= a[j - 1]
            if j > i:
                # What is left alone keeps its norm, under either name.
                term *= b[j - 1]
        written += term
    alone = {b[j - 1]: a[j - 1] for j in (1, 2, 3) if j not in pruned_layers}
    assert (found.recursion.xreplace(alone) - written.xreplace(alone)).expand() == 0
    for j in (1, 2, 3):
        if j not in pruned_layers and b[j - 1] in used:
            assert found.symbols[b[j - 1]] == found.layers[j - 1].norm.value
    # Every symbol's bound rests on events of its own layer that are in the ledger, and every event is used.
    needed = set()
    for symbol in used:
        kind_of, _, layer = symbol.name.rpartition("_")
        index = int(layer)
        if kind_of == "rho":
            needed.add(f"removed norm of layer {layer}")
        elif kind_of == "a" or index not in pruned_layers or found.layers[index - 1].kept.chosen == "a + rho":
            needed.add(f"norm of layer {layer}")
            if kind_of == "b" and index in pruned_layers:
                needed.add(f"removed norm of layer {layer}")
        else:
            needed.add(f"kept norm of layer {layer}")
    assert events(found) == needed
    assert sum(entry.share for entry in found.ledger.entries) == CENT


def test_nothing_pruned_is_no_gap():
    target = network(8, 8, 8)
    assert epsilon(target, [None, None]) == 0
    assert epsilon(target, random(count=0)) == 0
    assert epsilon(target, magnitude(count=0)) == 0


def test_the_bound_written_out_for_two_layers():
    target = network(32, 48, 16)
    found = derivation(target, [magnitude(count=40), magnitude(count=20)])
    a1, b2 = evaluate(found.layers[0].norm.value), evaluate(found.layers[1].kept.value)
    rho1, rho2 = (evaluate(found.layers[i].residual.value) for i in (0, 1))
    share = 0.01 / 4
    moments = [(math.log(moment(q, 48, 32)) - math.log(share)) / (2 * q) for q in ORDERS]
    assert a1 == pytest.approx(math.exp(min(moments)) / math.sqrt(3 * 48))
    assert evaluate(found.expression) == pytest.approx(b2 * rho1 + rho2 * a1)
    # Uniform weights need no threshold; normal ones do.
    assert {layer.residual.chosen for layer in found.layers} == {"S6+T5"}
    assert {layer.threshold for layer in found.layers} == {None}
    found = derivation(network(32, 48, 16, law=normal), [magnitude(count=40), magnitude(count=20)])
    density = math.sqrt(2 / math.pi) * math.sqrt(48)  # of |w| at 0
    assert density * evaluate(found.layers[0].threshold) == pytest.approx(40 / (32 * 48), rel=0.6)


# Scaling ----------------------------------------------------------------------------------------------------------
RULES = [magnitude(alpha=HALF), random(alpha=HALF), [None, magnitude(count=5), random(count=7)]]


@pytest.mark.parametrize("rule", RULES, ids=lambda r: str(r) if not isinstance(r, list) else "mixed")
@pytest.mark.parametrize("law", [uniform, normal])
def test_epsilon_scales_as_its_arguments_say(rule, law):
    # S5a is for ReLU alone: leaky ReLU of slope 0 below is the same map, and no layer of it.
    target = network(20, 30, 30, 10, law=law, activation="tanh")
    base = epsilon(target, rule)
    assert epsilon(target, rule, radius=Rational(7, 2)) == pytest.approx(3.5 * base, rel=1e-12)
    assert epsilon(network(20, 30, 30, 10, k=3, law=law, activation="tanh"), rule) == pytest.approx(
        27 * base, rel=1e-12
    )
    steep = network(20, 30, 30, 10, law=law, activation=leaky_relu(-2))
    assert epsilon(steep, rule) == pytest.approx(4 * base, rel=1e-12)
    mild = network(20, 30, 30, 10, law=law, activation=["tanh", leaky_relu(HALF)])
    assert epsilon(mild, rule) == pytest.approx(base, rel=1e-12)
    found = [epsilon(target, rule, delta=d) for d in ("0.9", "0.1", "0.01", "1e-6", "1e-30")]
    assert found == sorted(found)
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("kind", [magnitude, random])
def test_epsilon_grows_with_what_is_removed(kind):
    target = network(40, 40, 40)
    found = [epsilon(target, kind(count=k)) for k in (1, 3, 10, 30, 100, 300, 900)]
    assert all(x <= y * (1 + 1e-9) for x, y in pairwise(found))
    assert found[-1] > 2 * found[0]
    by_alpha = [epsilon(target, kind(alpha=a)) for a in ("0.2", "0.4", "0.6", "0.8")]
    assert by_alpha == sorted(by_alpha, reverse=True)


@pytest.mark.parametrize(("kind", "power"), [(magnitude, 3), (random, 1)])
def test_the_rate_in_the_width_for_small_alpha(kind, power):
    # ρ ~ d^(-α) √log d for random pruning and times k/D ~ d^(-2α) for magnitude.
    alpha = Rational(1, 4)
    d = integer("d", min=2)
    target = network(d, d, d)
    f = compile_expression(gap_bound(target, prune(target, kind(alpha=alpha)), delta=CENT).expression, (d,))
    slope = (math.log(f(2.0**24)) - math.log(f(2.0**16))) / (8 * math.log(2))
    assert slope == pytest.approx(-power / 4, abs=0.06)


def test_less_is_lost_by_magnitude_than_at_random():
    target = network(128, 128, 128)
    for alpha in ("0.3", "0.5", "0.7"):
        assert epsilon(target, magnitude(alpha=alpha)) < epsilon(target, random(alpha=alpha)) / 5


# Symbols and numbers ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", [magnitude, random])
@pytest.mark.parametrize("law", [uniform, normal])
def test_a_symbolic_bound_at_numbers_is_the_bound_of_the_numbers(kind, law):
    d, alpha, delta, r = (
        integer("d", min=2),
        real("alpha", min=0, max=1),
        real("delta", min=0, max=1),
        real("r", min=0),
    )
    target = network(d, 2 * d, d, law=law)
    symbolic = gap_bound(target, prune(target, kind(alpha=alpha)), delta=delta, radius=r)
    assert symbolic.free_symbols == {d, alpha, delta, r}
    assert symbolic.expression.free_symbols == {d, alpha, delta, r}
    compiled = compile_expression(symbolic.expression, (d, alpha, delta, r))
    for width in (3, 16, 100, 512):
        for a, level in (
            (Rational(1, 4), CENT),
            (HALF, Rational(1, 5)),
            (Rational(2, 3), CENT),
            (Rational(9, 10), CENT),
        ):
            at_numbers = compiled(width, float(a), float(level), 1.5)
            point = {d: Integer(width), alpha: a, delta: level, r: Rational(3, 2)}
            low, high = enclose(symbolic.expression, point)
            assert low * (1 - 1e-8) <= at_numbers <= high * (1 + 1e-8)
            numbers = network(width, 2 * width, width, law=law)
            numeric = epsilon(numbers, kind(alpha=a), delta=level, radius=Rational(3, 2))
            assert numeric <= at_numbers * (1 + 1e-9)
            # Only for random pruning may numbers choose another way to bound the kept norm.
            if kind is magnitude:
                assert numeric >= at_numbers * (1 - 1e-9)


def test_a_numeric_bound_is_enclosed():
    target = network(30, 40, 20)
    for rule in RULES[:2]:
        bound = gap_bound(target, prune(target, rule), delta=CENT)
        low, high = enclose(bound.expression)
        assert low <= evaluate(bound.expression) * (1 + 1e-8)
        assert high >= evaluate(bound.expression) * (1 - 1e-8)
        assert high <= low * (1 + 1e-8)


def test_names_of_shared_formulas_avoid_the_users_own():
    k, tau = integer("k", min=1), integer("tau", min=1)
    target = network(k + tau, 2 * k, k)
    bound = gap_bound(target, prune(target, magnitude(alpha=HALF)), delta=CENT)
    assert bound.expression.free_symbols == {k, tau}
    at_numbers = compile_expression(bound.expression, (k, tau))(20, 5)
    assert at_numbers == pytest.approx(epsilon(network(25, 40, 20), magnitude(alpha=HALF)), rel=1e-9)


def test_a_bound_is_a_sympy_atom():
    target = network(8, 9, 10)
    bound = gap_bound(target, prune(target, magnitude(count=3)), delta="0.01")
    again = gap_bound(target, prune(target, magnitude(count=3)), delta=0.01)
    assert bound == again
    assert hash(bound) == hash(again)
    assert bound != gap_bound(target, prune(target, magnitude(count=3)), delta="0.02")
    assert str(2 * bound + 1) == "2*epsilon + 1"
    assert expand_bounds(2 * bound + 1) == 2 * bound.expression + 1
    assert pickle.loads(pickle.dumps(bound)) == bound


# Refusals ---------------------------------------------------------------------------------------------------------
def test_magnitude_pruning_of_signs_is_refused_and_random_is_not():
    target = network(8, 8, 8, law=rademacher)
    with pytest.raises(UnsupportedClaim, match=r"rademacher\(.*use uniform\(-a, a\) .* or random pruning"):
        gap_bound(target, prune(target, magnitude(count=3)), delta=CENT)
    assert epsilon(target, random(count=3)) > 0


@pytest.mark.parametrize(
    "law", [uniform(-1, 2), normal(1, 1), two_point(-1, 1, Rational(1, 3)), two_point(-1, 2, HALF)]
)
@pytest.mark.parametrize("rule", [magnitude(count=1), random(count=1), None])
def test_asymmetric_weights_are_refused(law, rule):
    target = fcn([4, 4, 4], weights=[uniform(-1, 1), law])
    with pytest.raises(UnsupportedClaim, match=r"weights of layer 2 have law .*, which is not symmetric about 0; .*"):
        gap_bound(target, prune(target, [random(count=1), rule]), delta=CENT)


@pytest.mark.parametrize("delta", [0, 1, -1, 2, "0", 1.5, float("inf"), float("nan"), None, "small", True])
def test_a_delta_outside_0_1_is_refused(delta):
    target = network(4, 4)
    with pytest.raises(InvalidArgument, match=r"^delta=.* (is not a failure probability|is not a number).*; pass "):
        gap_bound(target, prune(target, random(count=1)), delta=delta)


@pytest.mark.parametrize("radius", [0, -1, float("inf"), float("nan"), None])
def test_a_radius_that_makes_no_ball_is_refused(radius):
    target = network(4, 4)
    with pytest.raises(InvalidArgument, match=r"^radius=.*; pass a (positive )?number"):
        gap_bound(target, prune(target, random(count=1)), delta=CENT, radius=radius)


def test_another_networks_pruned_form_is_refused():
    target, other = network(4, 4), network(4, 5)
    for pruned in (prune(other, random(count=1)), target, None):
        with pytest.raises(BoundcheckError, match=r"^pruned=.*; (prune this target|make it with prune)") as caught:
            gap_bound(target, pruned, delta=CENT)
        assert re.fullmatch(r".+", str(caught.value))
