"""T3, T4 and T5 for convolutions: what is claimed of every window is not exceeded too often, and faults are caught.

Norms are lower bounds, so that what exceeds a bound surely does. Fixed seeds; the whole folder fails by chance with
probability at most 1e-6 (see statistics_helpers).
"""

from dataclasses import replace
from functools import lru_cache
from itertools import combinations
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from naive_convolution import operator_matrix
from statistics_helpers import at_most, caught, examples
from sympy import Integer, Max, Rational, sqrt

from boundcheck.derivation.norms import filters_norm, removed_norm, removed_norm_by_magnitude, whole_norm
from boundcheck.errors import UnsupportedClaim
from boundcheck.experiment.plan import draw_key, network_plan
from boundcheck.formula.numeric import evaluate
from boundcheck.inequalities.bounds.counts import channel_counts
from boundcheck.inequalities.bounds.frobenius import frobenius_bound, schur_bound
from boundcheck.inequalities.bounds.gaussian_transport import GaussianTransport
from boundcheck.inequalities.bounds.matrix_series import MatrixBernstein, SubGaussianSeries
from boundcheck.inequalities.bounds.moment_domination import MomentDomination
from boundcheck.inequalities.bounds.nets import Nets
from boundcheck.inequalities.bounds.order_statistics import threshold_bound
from boundcheck.inequalities.bounds.random_matrix import RandomMatrix
from boundcheck.kernels import convolution_cpu, layer_cpu
from boundcheck.kernels.tables import KEPT, REMOVED, TARGET
from boundcheck.statement.laws import normal, rademacher, uniform
from boundcheck.statement.layer import conv
from boundcheck.statement.network import cnn
from boundcheck.statement.pruning import filters, magnitude, prune, random, random_filters
from boundcheck.statement.window import SINGLE
from boundcheck.testing import strategies

SERIES, TRANSPORT, BERNSTEIN, NETS = SubGaussianSeries(), GaussianTransport(), MatrixBernstein(), Nets()
MOMENTS = MomentDomination()
INEQUALITIES = [SERIES, TRANSPORT, BERNSTEIN, MOMENTS]
APPLIES = {
    "T3a": "UNR",
    "T3b": "UN",
    "T3c": "UNR",
    "T3d": "UR",
    "S1": "UNR",
    "S2": "UNR",
}  # uniform, normal, rademacher
LAWS = {"U": uniform(-2, 2), "N": normal(0, "1/2"), "R": rademacher(3)}
DELTA = Rational(1, 5)
TRIALS = 200


class Case(NamedTuple):
    outputs: int
    inputs: int
    kernel: int | tuple[int, int]
    grid: tuple[int, int]
    padding: int | str = "same"
    mode: str = "circular"
    stride: int = 1


CASES = {
    "circular": Case(5, 3, 3, (6, 6)),
    "circular, stride 2": Case(3, 4, 3, (6, 6), stride=2),
    "zeros": Case(4, 4, 3, (5, 6), mode="zeros"),
    "zeros, stride 2": Case(6, 3, 3, (5, 6), mode="zeros", stride=2),
    "valid": Case(3, 5, 3, (6, 5), padding="valid", mode="zeros"),
    "many outputs": Case(8, 1, 3, (6, 6)),
    "as large as the grid": Case(2, 1, 4, (4, 4)),
    "real frequencies only": Case(2, 1, 2, (2, 2)),
    "one row": Case(6, 2, (1, 5), (3, 9)),
    "larger than the grid": Case(2, 3, 5, (3, 3), mode="zeros"),
    "one cell": Case(1, 1, 8, (1, 1), padding=7, mode="zeros"),
    "patches": Case(6, 2, 2, (6, 6), padding="valid", mode="zeros", stride=2),
    "patches, padded": Case(2, 5, 2, (5, 5), padding=1, mode="zeros", stride=2),
    "one window": Case(4, 3, 3, (3, 3), padding="valid", mode="zeros"),
    "one tap": Case(7, 5, 1, (4, 5)),
}
UNFOLDED = {"patches", "patches, padded", "one window", "one tap"}

every_case = pytest.mark.parametrize("name", CASES)
every_law = pytest.mark.parametrize("law", ["U", "N"])


# Drawing --------------------------------------------------------------------------------------------------------------


def network_of(case, law):
    arguments = {"stride": case.stride, "padding": case.padding, "padding_mode": case.mode}
    return cnn(
        (case.inputs, *case.grid), [conv(case.inputs, case.outputs, case.kernel, weights=LAWS[law], **arguments)]
    )


def layer_of(case, law):
    return network_of(case, law).layers[0]


class Drawn:
    """Kernels[T, m, n, p, q] and masks of one layer under one rule, and their norms."""

    def __init__(self, case, law, rule, trials):
        pruned = prune(network_of(case, law), rule)
        plan = network_plan(pruned, 1.0, key=draw_key(0, "norms of convolutions", f"{case} {law} {rule}"))
        self.window = pruned.target.layers[0].window
        row = int(pruned.target.layers[0].inputs) * self.window.taps
        table = [plan.laws[0], plan.law_parameters[0], plan.rules[0], plan.removed[0]]
        draws = [layer_cpu.layer_draw(plan.key, trial, 0, case.outputs, row, *table) for trial in range(trials)]
        shape = (trials, case.outputs, case.inputs, *self.window.kernel)
        self.kernels = np.array([draw.weights for draw in draws]).reshape(shape)
        self.removed = np.array([draw.removed for draw in draws]).reshape(shape)

    def norms(self, part, removed=None):
        """Certified lower bounds [T] of the norms of the map: not of a circular one that it is a part of."""
        window = self.window
        mask = self.removed if removed is None else np.broadcast_to(removed, self.kernels.shape)
        if window.exact and not window.disjoint:
            return convolution_cpu.convolution_bounds_of_parts(self.kernels, mask, part, *window.grid)[0]
        padding = (*window.padding[0], *window.padding[1])
        return convolution_cpu.operator_norms(
            self.kernels, *window.grid, window.stride, padding, window.circular, mask, part
        )


@lru_cache
def drawn(case, law, rule, trials=TRIALS):
    return Drawn(case, law, rule, trials)


def numbers(choice):
    """The candidates as floats."""
    return {key: evaluate(bound) for key, bound in choice.candidates.items()}


def amounts(layer):
    size = int(layer.size)
    return sorted({1, size // 4, size - 1})


@every_case
def test_lower_bounds_are_near_the_norms_of_the_dense_matrices(name):
    """Else nothing below could ever be exceeded."""
    case = CASES[name]
    layer = layer_of(case, "N")
    window = layer.window
    seen = drawn(case, "N", random(count=amounts(layer)[-2]))
    for part, chosen in ((TARGET, 1), (KEPT, 1 - seen.removed), (REMOVED, seen.removed)):
        lows = seen.norms(part)
        for low, kernel in zip(lows[:3], (seen.kernels * chosen)[:3], strict=True):
            padding = (*window.padding[0], *window.padding[1])
            matrix = operator_matrix(kernel, *window.grid, window.stride, padding, window.circular)
            norm = np.linalg.norm(matrix, 2)
            assert 0.98 * norm <= low <= norm * (1 + 1e-12)


# The whole layer and what is kept -------------------------------------------------------------------------------------


@every_case
@every_law
def test_whole_and_kept_norms_are_within_their_bounds(name, law):
    """The kept part too, under every random mask, with the occupancy of the whole layer."""
    case = CASES[name]
    layer = layer_of(case, law)
    bounds = numbers(whole_norm(layer.unfolded, DELTA))
    assert set(bounds) == {
        key for key in APPLIES if law in APPLIES[key] and (key not in ("S2", "T3c") or name in UNFOLDED)
    }
    target = drawn(case, law, random(count=1)).norms(TARGET)
    for key, bound in bounds.items():
        assert at_most(target > bound, DELTA), key
    for removed in amounts(layer):
        kept = drawn(case, law, random(count=removed)).norms(KEPT)
        for key, bound in bounds.items():
            assert at_most(kept > bound, DELTA), (key, removed)


@pytest.mark.parametrize("name", sorted(UNFOLDED))
def test_a_layer_of_disjoint_windows_need_not_be_unfolded(name):
    layer = layer_of(CASES[name], "U")
    target = drawn(CASES[name], "U", random(count=1)).norms(TARGET)
    for bound in whole_norm(layer, DELTA).candidates.values():
        assert at_most(target > evaluate(bound), DELTA)


@every_case
@every_law
def test_nets_are_for_dense_layers(name, law):
    layer = layer_of(CASES[name], law)
    matrix, unfolded = RandomMatrix.whole(layer), RandomMatrix.whole(layer.unfolded)
    assert (NETS.bound(matrix, DELTA) is None) == (NETS.tail(matrix, Integer(1)) is None) == (layer.taps > 1)
    assert (NETS.bound(unfolded, DELTA) is None) == (name not in UNFOLDED)


# What is removed ------------------------------------------------------------------------------------------------------


def keys_of(law, unfolded, *sparse):
    """Of the candidates for what is removed: series with counts, inequalities without, and `sparse`."""
    found = {f"{key}+T4" for key in ("T3a", "T3d") if law in APPLIES[key]}
    found |= {
        key for key in ("S1", "S2", "T3b", "T3c") if law in APPLIES[key] and (key not in ("S2", "T3c") or unfolded)
    }
    return found | {"S3", "S4", "S6", *sparse}


T3E = ("T3e Frobenius", "T3e Schur+T4")


@every_case
@every_law
def test_every_candidate_for_a_random_removed_part_holds(name, law):
    """Each on its own: all are claimed at the same failure probability, that of the counts (T4) included."""
    case = CASES[name]
    layer = layer_of(case, law)
    for removed in amounts(layer):
        norms = drawn(case, law, random(count=removed)).norms(REMOVED)
        choice = removed_norm(layer.unfolded, Integer(removed), layer.weights, DELTA)
        bounds = numbers(choice)
        assert set(bounds) == keys_of(law, name in UNFOLDED, *(T3E if law != "N" else ()))
        for key, bound in bounds.items():
            assert at_most(norms > bound, DELTA), (key, removed)
        assert bounds[choice.chosen] == min(bounds.values())


@every_case
@pytest.mark.parametrize("law", ["U", "N"])
def test_every_candidate_for_the_part_removed_by_magnitude_holds(name, law):
    """Half of delta for the threshold, half for the norm; S3+T5 and S6+T5 need no threshold."""
    case = CASES[name]
    layer = layer_of(case, law)
    for removed in amounts(layer):
        norms = drawn(case, law, magnitude(count=removed)).norms(REMOVED)
        threshold = threshold_bound(layer.unfolded, Integer(removed), DELTA / 2)
        bounds = numbers(removed_norm_by_magnitude(layer.unfolded, Integer(removed), threshold, DELTA))
        assert set(bounds) == keys_of("U", name in UNFOLDED, *T3E, *(("S3+T5", "S6+T5") if law == "U" else ()))
        for key, bound in bounds.items():
            assert at_most(norms > bound, DELTA), (key, removed)


def test_magnitude_pruning_of_signs_is_refused():
    with pytest.raises(UnsupportedClaim):
        threshold_bound(layer_of(CASES["circular"], "R"), Integer(10), DELTA)


def worst_of_all_sets(seen, count):
    """The largest norm [T] of any `count` filters."""
    outputs = seen.kernels.shape[1]
    largest = np.zeros(len(seen.kernels))
    for chosen in combinations(range(outputs), count):
        removed = np.isin(np.arange(outputs), chosen).astype(np.uint8)[None, :, None, None, None]
        largest = np.maximum(largest, seen.norms(REMOVED, removed))
    return largest


def filters_hold(case, law, unfolded, count):
    """Where weights decide, the worst of all sets of filters is claimed, not only the one that the rule takes."""
    layer = layer_of(case, law).unfolded
    dense = {key for key in APPLIES if law in APPLIES[key] and (key not in ("S2", "T3c") or unfolded)}
    frobenius = {"T3e Frobenius"} if law != "N" else set()

    bounds = numbers(filters_norm(layer, Integer(count), DELTA, chosen_by_weights=False))
    assert set(bounds) == dense | frobenius
    seen = drawn(case, law, random_filters(count=count))
    norms, kept = seen.norms(REMOVED), seen.norms(KEPT)
    for key, bound in bounds.items():
        assert at_most(norms > bound, DELTA), key
    if count < case.outputs:
        for key, bound in numbers(whole_norm(replace(layer, outputs=layer.outputs - count), DELTA)).items():
            assert at_most(kept > bound, DELTA), key

    bounds = numbers(filters_norm(layer, Integer(count), DELTA, chosen_by_weights=True))
    assert set(bounds) == {f"{key}+union" for key in dense} | {f"a by {key}" for key in dense} | frobenius
    seen = drawn(case, law, filters(count=count))
    worst = worst_of_all_sets(seen, count)
    assert (seen.norms(REMOVED) <= worst).all()
    for key, bound in bounds.items():
        assert at_most(worst > bound, DELTA), key


@every_case
@every_law
def test_every_candidate_for_removed_filters_holds(name, law):
    filters_hold(CASES[name], law, name in UNFOLDED, max(1, CASES[name].outputs // 3))


@every_case
def test_every_candidate_for_all_filters_holds(name):
    filters_hold(CASES[name], "U", name in UNFOLDED, CASES[name].outputs)


# Faults in T3 ---------------------------------------------------------------------------------------------------------


def altered(layer, **changes):
    """The map of a layer in which some of m, n, κ, N and c are others."""
    names = ("inputs", "outputs", "taps", "frequencies", "complex_factor")
    changed = SimpleNamespace(**{name: changes.get(name, getattr(layer, name)) for name in names})
    return RandomMatrix(changed, layer.weights, changed.taps * Max(changed.outputs, changed.inputs))


def exceeded(case, law, bound, delta=DELTA):
    """Whether a bound for the whole layer is seen to fail more often than delta."""
    return not at_most(drawn(case, law, random(count=1)).norms(TARGET) > evaluate(bound), delta)


WIDE = Case(8, 8, 5, (6, 6))


@pytest.mark.parametrize(
    ("inequality", "law", "part"),
    [
        (SERIES, "N", 2),
        (SERIES, "U", 2),
        (TRANSPORT, "N", 2),
        (TRANSPORT, "U", 3),
        (BERNSTEIN, "R", "5/2"),
        (MOMENTS, "N", "3/2"),
        (MOMENTS, "U", "3/2"),
    ],
    ids=lambda x: getattr(x, "key", x),
)
def test_bounds_with_a_smaller_constant_are_caught(inequality, law, part):
    bound = inequality.bound(RandomMatrix.whole(layer_of(WIDE, law)), DELTA)
    assert not exceeded(WIDE, law, bound)
    assert exceeded(WIDE, law, bound / Rational(part))


@pytest.mark.parametrize(
    ("inequality", "law"),
    [(SERIES, "N"), (TRANSPORT, "N"), (BERNSTEIN, "U"), (NETS, "N"), (MOMENTS, "R")],
    ids=lambda x: getattr(x, "key", x),
)
def test_bounds_that_forget_the_taps_are_caught(inequality, law):
    """κ dropped: the bound of a dense layer of m × n; that of the nets is for nothing else."""
    assert exceeded(WIDE, law, inequality.bound(altered(layer_of(WIDE, law), taps=Integer(1)), DELTA))


@pytest.mark.parametrize(
    ("inequality", "law", "size"), [(SERIES, "N", 12), (BERNSTEIN, "U", 16)], ids=lambda x: getattr(x, "key", x)
)
def test_bounds_at_one_frequency_are_caught(inequality, law, size):
    """N dropped, for a kernel as large as the grid: all frequencies are independent."""
    case = Case(1, 1, size, (size, size))
    layer = layer_of(case, law)
    assert not exceeded(case, law, inequality.bound(altered(layer), DELTA))
    assert exceeded(case, law, inequality.bound(altered(layer, frequencies=Integer(1)), DELTA))


def test_transport_needs_the_frequencies_but_not_the_complex_factor():
    """T3b without c, a bound that holds (S1), fails without N.

    With c the room below the bound hides N: |P(u, v)|² / κ is exponential for one channel, so that the norm reaches
    √κ (2c + t), t = √(2 log(1/δ)), with probability 1 - exp(-N exp(-(2c + t)²)) or so: less than any δ for N < 26,000.
    """
    side, delta = 90, Rational(9, 10)
    layer = layer_of(Case(1, 1, side, (side, side)), "N")
    kernels = np.random.default_rng(0).normal(0, 0.5, (300, side, side))
    norms = np.abs(np.fft.rfft2(kernels)).max(axis=(1, 2))  # far less accurate than certified, and far enough away
    assert at_most(norms > evaluate(TRANSPORT.bound(altered(layer, complex_factor=Integer(1)), delta)), delta)
    wrong = altered(layer, complex_factor=Integer(1), frequencies=Integer(1))
    assert not at_most(norms > 1.001 * evaluate(TRANSPORT.bound(wrong, delta)), delta)


@every_case
@pytest.mark.parametrize("law", ["U", "N"])
def test_transport_without_the_complex_factor_is_not_refuted(name, law):
    """No test can catch c being dropped: a block C + iS has no larger a norm in the mean than √κ (√m + √n)."""
    layer = layer_of(CASES[name], law)
    assert not exceeded(CASES[name], law, TRANSPORT.bound(altered(layer, complex_factor=Integer(1)), DELTA))


@pytest.mark.parametrize(
    ("inequality", "law", "case"),
    [(TRANSPORT, "N", WIDE), (TRANSPORT, "U", WIDE), (MOMENTS, "U", WIDE), (SERIES, "N", Case(36, 2, 5, (6, 6)))],
    ids=lambda x: getattr(x, "key", x) if not isinstance(x, Case) else f"{x.outputs}",
)
def test_the_norm_of_the_reshaped_kernel_is_caught(inequality, law, case):
    """Unfolded though windows overlap: the dense layer of m × nκ weights."""
    layer = layer_of(case, law)
    reshaped = replace(layer, inputs=layer.inputs * layer.taps, window=SINGLE)
    assert not exceeded(case, law, inequality.bound(RandomMatrix.whole(layer), DELTA))
    assert exceeded(case, law, inequality.bound(RandomMatrix.whole(reshaped), DELTA))


def test_zero_padding_on_the_grid_itself_is_caught():
    """One cell and 8 × 8 taps: on a periodic grid of one cell the norm is the modulus of a sum.

    Only the norm at the frequencies shows it: in T3 the grid is in log N alone.
    """
    case = CASES["one cell"]
    seen = drawn(case, "N", random(count=1))
    norms = seen.norms(TARGET)
    assert seen.window.frequency_grid == (8, 8)
    assert (norms <= convolution_cpu.convolution_norms(seen.kernels, *seen.window.frequency_grid)[1]).all()
    assert not at_most(norms > convolution_cpu.convolution_norms(seen.kernels, *seen.window.grid)[1], DELTA)


def test_filters_without_the_union_bound_are_caught():
    """The worst of 100 filters, each with the bound of a filter that is chosen beforehand.

    Four real frequencies, at which T3a is nearly attained. Filters of small norm would not show it.
    """
    case = Case(100, 1, 2, (2, 2))
    layer, seen = layer_of(case, "N"), drawn(case, "N", filters(count=1))
    worst = worst_of_all_sets(seen, 1)
    for chosen_by_weights in (False, True):
        candidates = filters_norm(layer, Integer(1), DELTA, chosen_by_weights=chosen_by_weights).candidates
        bound = evaluate(candidates["T3a+union" if chosen_by_weights else "T3a"])
        assert at_most(seen.norms(REMOVED) > bound, DELTA)
        assert at_most(worst > bound, DELTA) == chosen_by_weights


@pytest.mark.parametrize("law", ["U", "R"])
def test_candidates_from_fewer_removed_are_caught(law):
    """Bounds for a fortieth of the weights that really go.

    Not that of Frobenius, which independent weights of many channels do not come near.
    """
    layer, removed = layer_of(WIDE, law), 800
    norms = drawn(WIDE, law, random(count=removed)).norms(REMOVED)
    candidates = removed_norm(layer, Integer(removed // 40), layer.weights, DELTA).candidates
    for key in ("T3a+T4", "T3d+T4", "T3e Schur+T4", "S3"):
        assert not at_most(norms > evaluate(candidates[key]), DELTA), key


@pytest.mark.parametrize(
    ("key", "law"),
    [("T3a+T4", "U"), ("T3a+T4", "N"), ("T3a+T4", "R"), ("T3b", "N"), ("S1", "R"), ("T3d+T4", "U"), ("T3d+T4", "R")],
)
def test_removed_weights_of_a_reshaped_kernel_are_caught(key, law):
    """Taps taken for input channels, in counts and norms alike, where nearly all weights go."""
    case = Case(36, 2, 5, (6, 6))
    layer = layer_of(case, law)
    removed = int(layer.size) - 1
    reshaped = replace(layer, inputs=layer.inputs * layer.taps, window=SINGLE)
    norms = drawn(case, law, random(count=removed)).norms(REMOVED)
    right, wrong = (removed_norm(x, Integer(removed), layer.weights, DELTA).candidates[key] for x in (layer, reshaped))
    assert at_most(norms > evaluate(right), DELTA)
    assert not at_most(norms > evaluate(wrong), DELTA)


def test_a_threshold_for_fewer_removed_is_caught():
    """τ of an eighth of the weights that really go."""
    layer, removed = layer_of(WIDE, "U"), 800
    norms = drawn(WIDE, "U", magnitude(count=removed)).norms(REMOVED)
    for count, holds in ((removed, True), (removed // 8, False)):
        threshold = threshold_bound(layer, Integer(count), DELTA / 2)
        bound = removed_norm_by_magnitude(layer, Integer(removed), threshold, DELTA / 2).value
        assert at_most(norms > evaluate(bound), DELTA) == holds


# T4: counts -----------------------------------------------------------------------------------------------------------


def most_removed(removed, inputs):
    """Most removed entries of an output and of an input channel, [T] each; inputs · taps entries in an output's."""
    masks = removed.reshape(*removed.shape[:2], inputs, -1)
    return masks.sum(axis=(2, 3)).max(axis=1), masks.sum(axis=(1, 3)).max(axis=1)


@every_case
def test_channel_counts_hold_together(name):
    layer = layer_of(CASES[name], "U")
    for unfolded in {layer, layer.unfolded}:
        for removed in amounts(layer):
            masks = drawn(CASES[name], "U", random(count=removed)).removed
            in_output, in_input = most_removed(masks, int(unfolded.inputs))
            bounds = channel_counts(unfolded, Integer(removed), DELTA)
            outside = (in_output > evaluate(bounds.in_output)) | (in_input > evaluate(bounds.in_input))
            assert at_most(outside, DELTA), removed


@every_case
def test_channel_counts_are_attained_where_all_goes_and_where_one_does(name):
    layer = layer_of(CASES[name], "U")
    full = channel_counts(layer, layer.size, DELTA)
    assert [evaluate(x) for x in full] == [int(layer.inputs * layer.taps), int(layer.outputs * layer.taps)]
    assert [evaluate(x) for x in channel_counts(layer, Integer(1), DELTA)] == [1, 1]


def test_counts_that_forget_the_taps_are_caught():
    """Those of a dense layer of m × n entries."""
    case = Case(8, 8, 3, (6, 6))
    layer = layer_of(case, "U")
    in_output, in_input = most_removed(drawn(case, "U", random(count=56)).removed, 8)
    wrong = channel_counts(replace(layer, window=SINGLE), Integer(56), DELTA)
    assert not at_most((in_output > evaluate(wrong.in_output)) | (in_input > evaluate(wrong.in_input)), DELTA)


def test_counts_without_the_union_bound_are_caught():
    """The mean count, and the bound with all of delta for every channel."""
    case, removed = Case(40, 40, 2, (6, 6)), 320
    layer = layer_of(case, "U")
    in_output, in_input = most_removed(drawn(case, "U", random(count=removed)).removed, 40)
    wrong = channel_counts(layer, Integer(removed), DELTA * 80)
    assert not at_most(in_output > removed / 40, DELTA)
    assert not at_most((in_output > evaluate(wrong.in_output)) | (in_input > evaluate(wrong.in_input)), DELTA)


# T3e: no chance at all ------------------------------------------------------------------------------------------------


@st.composite
def removed_parts(draw):
    """A layer of any window, a removed part of its kernel, and a bound of the moduli."""
    layer = draw(strategies.convolutional_networks(max_depth=1, max_channels=3, max_side=4)).layers[0]
    flat = (int(layer.outputs), int(layer.inputs) * layer.window.taps)
    weights, mask = draw(strategies.weight_matrices(flat)), draw(strategies.masks(flat))
    part = np.where(mask, weights, 0.0).reshape(int(layer.outputs), int(layer.inputs), *layer.window.kernel)
    return layer, part, draw(st.floats(1, 2)) * np.abs(part).max()


def norm_of(layer, part):
    window, largest = layer.window, np.abs(part).max()
    if largest == 0:
        return 0.0
    padding = (*window.padding[0], *window.padding[1])
    matrix = operator_matrix(part / largest, *window.grid, window.stride, padding, window.circular)
    return largest * np.linalg.norm(matrix, 2)


def within_frobenius(case, with_taps=True):
    """κ is the most removed taps of one pair of channels: at most what the code takes, all taps."""
    layer, part, supremum = case
    there = (part != 0).reshape(int(layer.outputs), int(layer.unfolded.inputs), -1)
    taps = int(there.sum(axis=2).max()) if with_taps else 1
    bound = supremum * evaluate(frobenius_bound(Integer(1), Integer(taps), Integer(int(there.sum()))))
    return norm_of(layer, part) <= bound * (1 + 1e-12)


def within_schur(case, count=np.sum):
    layer, part, supremum = case
    there = count((part != 0).reshape(int(layer.outputs), int(layer.unfolded.inputs), -1), axis=2)
    bound = schur_bound(Integer(1), Integer(int(there.sum(axis=1).max())), Integer(int(there.sum(axis=0).max())))
    return norm_of(layer, part) <= supremum * evaluate(bound) * (1 + 1e-12)


@examples(150)
@given(removed_parts())
def test_counts_alone_bound_the_norm(case):
    assert within_frobenius(case)
    assert within_schur(case)


def test_faults_in_the_count_bounds_are_caught():
    """√κ left out; taps not counted; moduli that are larger."""
    assert caught(removed_parts(), lambda case: within_frobenius(case, with_taps=False))
    assert caught(removed_parts(), lambda case: within_schur(case, np.any))
    for holds in (within_frobenius, within_schur):
        assert caught(removed_parts(), lambda case, holds=holds: holds((*case[:2], 0.9 * np.abs(case[1]).max())))


@examples(60)
@given(removed_parts())
def test_windows_that_are_not_disjoint_are_not_unfolded(case):
    assume(not case[0].window.disjoint)
    assert case[0].unfolded == case[0]


@pytest.mark.parametrize(
    "name", ["circular", "many outputs", "as large as the grid", "real frequencies only", *sorted(UNFOLDED)]
)
def test_the_count_bounds_are_attained(name):
    """Equal weights, all removed: κ √(mn) for circular convolutions, √(mnκ) where windows are disjoint."""
    layer = layer_of(CASES[name], "R")
    m, n, taps = layer.unfolded.outputs, layer.unfolded.inputs, layer.unfolded.taps
    part = np.full((int(m), int(layer.inputs), *layer.window.kernel), -3.0)
    attained = evaluate(3 * taps * sqrt(m * n))
    assert norm_of(layer, part) == pytest.approx(attained, rel=1e-12)
    candidates = removed_norm(layer.unfolded, layer.size, layer.weights, DELTA).candidates
    assert [evaluate(candidates[key]) for key in T3E] == pytest.approx([attained, attained], rel=1e-12)
    assert within_frobenius((layer, part, 3.0))
    assert within_schur((layer, part, 3.0))
