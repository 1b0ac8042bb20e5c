"""T9: bounds of convolutional networks, against the same formulas written out with plain Python numbers."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from residual_formulas import series, walks
from scipy import stats
from sympy import Integer, Rational, log

import boundcheck.derivation.norms as norms
from boundcheck import (
    average_pool,
    cnn,
    conv,
    dense,
    fcn,
    filters,
    flatten,
    gap_bound,
    integer,
    magnitude,
    max_pool,
    normal,
    prune,
    rademacher,
    random,
    random_filters,
    real,
    scaled,
    uniform,
)
from boundcheck.derivation.gap import variants
from boundcheck.derivation.ledger import Entry, Ledger
from boundcheck.derivation.norms import filters_norm, kept_norm_by_magnitude, removed_norm, whole_norm
from boundcheck.errors import UnsupportedClaim
from boundcheck.formula.gaussian_moments import ORDERS, SPARSE_ORDERS, moment
from boundcheck.formula.numeric import compile_expression, evaluate
from boundcheck.formula.rigorous import enclose
from boundcheck.formula.special import beta_quantile, hypergeometric_bound
from boundcheck.inequalities.bounds.random_matrix import RandomMatrix
from boundcheck.statement.functions import WALK_ORDERS

CENT = Rational(1, 100)
K = scaled(uniform(-1, 1))
ETA = 0.06
MOMENTS = [1 / (2 * j + 1) for j in range(1, WALK_ORDERS + 1)]

# (m, n, κ, N, c) of LeNet-5: zeros around 28 × 28 cells make a part of 32 × 32, none around 14 × 14 stay 14 × 14.
LENET = [
    (6, 1, 25, (32 * 32 + 4) // 2, math.sqrt(2)),
    (16, 6, 25, (14 * 14 + 4) // 2, math.sqrt(2)),
    (120, 400, 1, 1, 1.0),
    (84, 120, 1, 1, 1.0),
    (10, 84, 1, 1, 1.0),
]


def lenet5(weights=K):
    return cnn(
        (1, 28, 28),
        [
            conv(1, 6, 5, padding=2, weights=weights),
            average_pool(2),
            conv(6, 16, 5, weights=weights),
            average_pool(2),
            flatten(),
            dense(400, 120, weights=weights),
            dense(120, 84, weights=weights),
            dense(84, 10, weights=weights),
        ],
    )


def candidates(m, n, taps, frequencies, c, occupancy, a, delta, choices=0.0):
    """T3a to T3d, S1 and S2 for uniform weights on [-a, a], with a union bound over exp(choices) sets."""
    level = math.log(frequencies * (m + n) / delta) + choices
    variance = a * a / 3
    shift = a * level / 3
    found = {
        "T3a": math.sqrt(2 * variance * occupancy * level),
        "T3d": shift + math.sqrt(shift**2 + 2 * variance * occupancy * level),
        "T3b": a
        * math.sqrt(2 / math.pi)
        * math.sqrt(taps)
        * (c * (math.sqrt(m) + math.sqrt(n)) + math.sqrt(2 * (math.log(frequencies / delta) + choices))),
    }
    logs = [(q, math.log(moment(q, m, n)) + math.log(frequencies / delta) + choices) for q in ORDERS]
    found["S1"] = math.sqrt(variance * taps) * math.exp(min(x / (2 * q) for q, x in logs))
    if taps == 1:
        k = np.arange(4000)
        products = np.cumsum(np.log((m + 2 * k) * (n + 2 * k) / (2 * k + 1)))
        found["S2"] = a / math.sqrt(3) * math.exp(min((products - math.log(delta) + choices) / (2 * k + 2)))
        nets = (m + n) * math.log(1 + 2 / ETA) - math.log(delta) + choices
        found["T3c"] = math.sqrt(2 * variance * nets) / (1 - 2 * ETA)
    return found


def whole(m, n, taps, frequencies, c, a, delta, choices=0.0):
    return candidates(m, n, taps, frequencies, c, taps * max(m, n), a, delta, choices)


def few_entries(m, n, taps, frequencies, a, k, delta, *, magnitude=False):
    """S3 for uniform weights on [-a, a], of which L² = a²/5."""
    size = m * n * taps
    ratio = 5 / 3 * k / size
    base, found = min(1.0, ratio), []
    for q in SPARSE_ORDERS:
        law, power = stats.binom(taps - 1, base), max(q - 1, 1)
        spread = sum(law.pmf(j) * (1 + j) ** power for j in range(taps)) ** (1 / power)
        beta = taps * base / spread
        r, s = (min(x, math.ceil(beta * x + (1 - beta) * (q - 1) + 2**-30)) for x in (m, n))
        level = math.log(min(m / r, n / s) * frequencies / delta) + math.log(moment(q, r, s))
        if magnitude:
            level += sum(math.log((k + i) / (size + i)) for i in range(1, 2 * q + 1))
        found.append(level / (2 * q) + math.log(spread) / 2)
    return a * math.sqrt(max(1.0, ratio) / 5) * math.exp(min(found))


def residual(m, n, taps, frequencies, c, a, k, delta):
    """Every candidate for k random entries; an output channel holds nκ entries, an input channel mκ."""
    size = m * n * taps

    def most(drawn, share):
        return hypergeometric_bound(size, k, drawn, share / (m + n))

    half = max(most(n * taps, delta / 2), most(m * taps, delta / 2))
    sparse = candidates(m, n, taps, frequencies, c, half, a, delta / 2)
    found = {f"{key}+T4": sparse[key] for key in ("T3a", "T3d")}
    dense_ones = candidates(m, n, taps, frequencies, c, math.nan, a, delta)
    found |= {key: dense_ones[key] for key in ("S1", "S2", "T3b", "T3c") if key in dense_ones}
    found["S3"] = few_entries(m, n, taps, frequencies, a, k, delta)
    found["S4"] = a * series(m, n, taps, k / size, math.log(frequencies / delta))
    found["S6"] = a * walks(m, n, taps, k, size, math.log(frequencies / delta), MOMENTS)
    found["T3e Frobenius"] = a * math.sqrt(taps * k)
    found["T3e Schur+T4"] = a * math.sqrt(most(n * taps, delta) * most(m * taps, delta))
    return found


def recursion(a, b, rho, lipschitz):
    return lipschitz * sum(math.prod(b[i + 1 :]) * rho[i] * math.prod(a[:i]) for i in range(len(rho)))


def approximately(found, expected):
    assert {key: evaluate(value) for key, value in found.candidates.items()} == pytest.approx(expected, rel=1e-9)
    assert evaluate(found.value) == pytest.approx(min(expected.values()), rel=1e-9)
    return min(expected.values())


def half_width(shape):
    m, n, taps, *_ = shape
    return 1 / math.sqrt(taps * max(m, n))


def kept(m, n, taps, frequencies, c, a, delta):
    """S1 and S2 as for the whole layer, the others at half of delta (Lévy)."""
    shape = (m, n, taps, frequencies, c, a)
    halves = {f"{key}+Lévy": value for key, value in whole(*shape, delta / 2).items() if key[0] != "S"}
    return {key: value for key, value in whole(*shape, delta).items() if key[0] == "S"} | halves


def hidden(i, shape, share):
    """S5a for layers 3 and 4 of LeNet-5, which are dense, between ReLUs."""
    m, n, *_ = shape
    if i not in (2, 3):
        return {}
    a = half_width(shape)
    mean = a * math.sqrt(math.pi / 8) * (math.sqrt(m / 2) + math.sqrt(n / 2))
    return {"S5a": mean + a * math.sqrt(2 / math.pi) * math.sqrt(2 * math.log(1 / share))}


def magnitude_by_hand(delta, alpha, shapes=LENET, lipschitz=0.25, direct=True):
    """Directly: norms and kept norms of all layers but one each; half of a residual's share is for the threshold."""
    share = delta / (3 * len(shapes) - 2 if direct else 2 * len(shapes))
    a, b, rho, details = [], [], [], []
    for i, shape in enumerate(shapes):
        m, n, taps, *_ = shape
        k = math.floor((m * n * taps) ** (1 - alpha))
        tau = half_width(shape) * beta_quantile(k + 1, m * n * taps - k, share / 2)
        unit = {key: tau * x for key, x in residual(*shape, 1.0, k, share / 2).items()}
        unit["S3+T5"] = few_entries(m, n, taps, shape[3], half_width(shape), k, share, magnitude=True)
        level = math.log(shape[3] / share)
        unit["S6+T5"] = half_width(shape) * walks(m, n, taps, k, m * n * taps, level, MOMENTS, magnitude=True)
        norms = (whole(*shape, half_width(shape), share), kept(*shape, half_width(shape), share))
        if direct:  # else b rests on a
            norms[0].update(hidden(i, shape, share))
        details.append((*norms, unit))
        found = [min(candidates.values()) for candidates in details[-1]]
        a.append(found[0])
        rho.append(found[2])
        b.append(found[1] if direct else found[0] + found[2])
    return recursion(a, b, rho, lipschitz), details


def test_lenet5_by_magnitude():
    target = lenet5()
    pruned = prune(target, magnitude(alpha=Rational(2, 5)))
    expected, details = magnitude_by_hand(0.01, 0.4)
    direct, triangle = variants(pruned, CENT, Integer(1))
    assert direct.layers[0].kept is None
    assert direct.layers[-1].norm is None
    for layer, (norm, kept_norm, removed) in zip(direct.layers, details, strict=True):
        approximately(layer.norm or whole_norm(layer.layer, CENT / 13), norm)
        approximately(layer.kept or kept_norm_by_magnitude(layer.layer.unfolded, CENT / 13), kept_norm)
        approximately(layer.residual, removed)
    assert evaluate(direct.expression) == pytest.approx(expected, rel=1e-9)
    other, _ = magnitude_by_hand(0.01, 0.4, direct=False)
    assert evaluate(triangle.expression) == pytest.approx(other, rel=1e-9)
    bound = gap_bound(target, pruned, delta=CENT)
    assert evaluate(bound.expression) == pytest.approx(min(expected, other), rel=1e-9)
    low, high = enclose(bound.expression)
    assert low <= evaluate(bound.expression) * (1 + 1e-8)
    assert high >= evaluate(bound.expression) * (1 - 1e-8)


def test_lenet5_at_random():
    """Norms of layers 1 to 4, kept norms of layers 2 to 5 and five residuals share delta: 13 events."""
    target, alpha, share = lenet5(), 0.4, 0.01 / 13
    pruned = prune(target, random(alpha=Rational(2, 5)))
    direct, triangle = variants(pruned, CENT, Integer(1))
    a, b, rho = [], [], []
    for i, (shape, layer) in enumerate(zip(LENET, direct.layers, strict=True)):
        m, n, taps, *_ = shape
        norms = whole(*shape, half_width(shape), share)
        b.append(min(norms.values()))
        a.append(min((norms | hidden(i, shape, share)).values()))
        k = math.floor((m * n * taps) ** (1 - alpha))
        rho.append(approximately(layer.residual, residual(*shape, half_width(shape), k, share)))
    by_hand = recursion(a, b, rho, 0.25)
    assert evaluate(direct.expression) == pytest.approx(by_hand, rel=1e-9)
    # The other way has 10 events: five norms and five residuals.
    share = 0.01 / 10
    a = [min(whole(*shape, half_width(shape), share).values()) for shape in LENET]
    sizes = [m * n * taps for m, n, taps, *_ in LENET]
    rho = [
        min(residual(*shape, half_width(shape), math.floor(size ** (1 - alpha)), share).values())
        for shape, size in zip(LENET, sizes, strict=True)
    ]
    other = recursion(a, [x + y for x, y in zip(a, rho, strict=True)], rho, 0.25)
    assert evaluate(triangle.expression) == pytest.approx(other, rel=1e-9)
    bound = gap_bound(target, pruned, delta=CENT)
    assert evaluate(bound.expression) == pytest.approx(min(by_hand, other), rel=1e-9)


def wrong(shapes, **changes):
    names = ("m", "n", "taps", "frequencies", "c")
    return [tuple({**dict(zip(names, shape, strict=True)), **changes}[name] for name in names) for shape in shapes]


def test_a_number_without_the_union_over_frequencies_is_another():
    """Planted: dropping N from the formulas written out changes the number by more than a percent."""
    target = lenet5()
    bound = evaluate(gap_bound(target, prune(target, magnitude(alpha=Rational(2, 5))), delta=CENT).expression)
    assert magnitude_by_hand(0.01, 0.4, wrong(LENET, frequencies=1))[0] < 0.99 * bound


@pytest.mark.parametrize(
    ("window", "frequencies"),
    [
        ({"kernel": 3}, (64 + 4) // 2),
        ({"kernel": 3, "padding": "same"}, (100 + 4) // 2),
        ({"kernel": 3, "padding": 5}, (100 + 4) // 2),  # zeros beyond p - 1 are never seen
        ({"kernel": 3, "padding": ((1, 0), (0, 0))}, (72 + 2) // 2),
        ({"kernel": 3, "padding": "same", "padding_mode": "circular"}, (64 + 4) // 2),
        ({"kernel": 3, "padding": ((1, 0), (0, 0)), "padding_mode": "circular"}, (64 + 4) // 2),
        ({"kernel": 3, "stride": 2}, (64 + 4) // 2),
        ({"kernel": (9, 10), "padding": ((1, 0), (9, 0))}, (9 * 17 + 1) // 2),  # larger than the grid
        ({"kernel": 1, "stride": 2, "padding": 1}, 1),
    ],
    ids=str,
)
def test_every_candidate_at_every_window(window, frequencies):
    layer = conv(3, 5, weights=uniform(-2, 2), **window).on((8, 8))
    taps = int(layer.taps)
    shape = (5, 3, taps, frequencies, 1.0 if taps == 1 else math.sqrt(2))
    approximately(whole_norm(layer, CENT), whole(*shape, 2.0, 0.01))
    for k in {1, 4, 5 * 3 * taps // 2, 5 * 3 * taps}:
        approximately(removed_norm(layer, Integer(k), layer.weights, CENT), residual(*shape, 2.0, k, 0.01))


def test_a_fully_connected_network_as_a_cnn_has_the_identical_formula():
    widths = [12, 20, 30, 7]
    flat = fcn(widths, weights=K, activation="tanh")
    ones = [conv(n, m, 1, weights=K, activation="tanh") for n, m in itertools.pairwise(widths)]
    as_cnn = cnn((12, 1, 1), ones)
    for rule in (magnitude(alpha="1/2"), random(alpha="1/2"), filters(count=2), random_filters(count=2)):
        bounds = [gap_bound(net, prune(net, rule), delta=CENT) for net in (flat, as_cnn)]
        assert bounds[0].expression == bounds[1].expression
        assert bounds[0] == bounds[1]
    # On a larger grid one tap still has the norm of its matrix.
    pixels = cnn((12, 9, 4), ones)
    for rule in (magnitude(alpha="1/2"), filters(count=2)):
        assert gap_bound(pixels, prune(pixels, rule), delta=CENT).expression == (
            gap_bound(flat, prune(flat, rule), delta=CENT).expression
        )


def test_pools_multiply_the_bound():
    def epsilon(*pools, kernel=3):
        second = conv(4, 4, kernel, weights=K)
        target = cnn((2, 12, 12), [conv(2, 4, 3, weights=K), *pools, second, max_pool(2, stride=1)])
        return evaluate(gap_bound(target, prune(target, magnitude(count=5)), delta=CENT).expression)

    base = epsilon()
    assert epsilon(max_pool(3, stride=1, padding=1)) == pytest.approx(3 * base, rel=1e-12)
    assert epsilon(average_pool(3, stride=1, padding=1)) == pytest.approx(base, rel=1e-12)
    # The grids differ in N only, which is 1 for one tap.
    assert epsilon(average_pool(2), kernel=1) == pytest.approx(epsilon(kernel=1) / 2, rel=1e-12)


# Filters --------------------------------------------------------------------------------------------------------------

SHAPE = (16, 6, 25, 100, math.sqrt(2))
LAYER = conv(6, 16, 5, weights=uniform(-1, 1)).on((14, 14))


@pytest.mark.parametrize("k", [1, 2, 5, 15, 16])
def test_filters_that_go_at_random_are_a_layer_of_so_many_outputs(k):
    fewer = (k, *SHAPE[1:])
    found = filters_norm(LAYER, Integer(k), CENT, chosen_by_weights=False)
    approximately(found, {**whole(*fewer, 1.0, 0.01), "T3e Frobenius": math.sqrt(25 * k * 6 * 25)})


@pytest.mark.parametrize("k", [1, 2, 5, 15, 16])
def test_filters_that_go_by_norm_pay_for_all_sets_of_so_many(k):
    choices = k * (1 + math.log(16 / k))
    assert math.log(math.comb(16, k)) <= choices
    worst = whole(k, *SHAPE[1:], 1.0, 0.01, choices)
    expected = {f"{key}+union": value for key, value in worst.items()}
    expected |= {f"a by {key}": value for key, value in whole(*SHAPE, 1.0, 0.01).items()}
    expected["T3e Frobenius"] = math.sqrt(25 * k * 6 * 25)
    found = filters_norm(LAYER, Integer(k), CENT, chosen_by_weights=True)
    approximately(found, expected)
    # Planted: without the union bound the number is another.
    assert evaluate(found.candidates["T3b+union"]) > 1.01 * whole(k, *SHAPE[1:], 1.0, 0.01)["T3b"]


def test_the_number_of_sets_is_bounded_at_every_size():
    for m in (*range(1, 60), 1000):
        for k in range(1, m + 1):
            assert math.log(math.comb(m, k)) <= k * (1 + math.log(m / k)) * (1 + 1e-12)


def two_layers(weights=K):
    return cnn((3, 9, 9), [conv(3, 16, 3, weights=weights), flatten(), dense(784, 12, weights=weights)])


def test_a_network_that_loses_filters_by_norm():
    """The kept filters have at most the norm of all: no event and no triangle inequality for them."""
    target = two_layers()
    found = gap_bound(target, prune(target, filters(count=3)), delta=CENT).derivation
    assert [entry.event for entry in found.ledger.entries] == [
        "norm of layer 1", "removed norm of layer 1", "norm of layer 2", "removed norm of layer 2",
    ]  # fmt: skip
    assert found.layers[1].kept.candidates == {"a": found.layers[1].norm.value}
    share = 0.01 / 4
    first, second = (16, 3, 9, 41, math.sqrt(2)), (12, 784, 1, 1, 1.0)
    a = [min(whole(*shape, half_width(shape), share).values()) for shape in (first, second)]
    rho = []
    for shape in (first, second):
        m, n, taps, *_ = shape
        worst = whole(3, *shape[1:], half_width(shape), share, 3 * (1 + math.log(m / 3)))
        frobenius = half_width(shape) * math.sqrt(taps * 3 * n * taps)
        rho.append(min(*worst.values(), *whole(*shape, half_width(shape), share).values(), frobenius))
    assert evaluate(found.expression) == pytest.approx(a[1] * rho[0] + rho[1] * a[0], rel=1e-9)


def test_a_network_that_loses_random_filters():
    target = two_layers()
    direct, other = variants(prune(target, random_filters(count=3)), CENT, Integer(1))
    assert [entry.event for entry in direct.ledger.entries] == [
        "norm of layer 1", "removed norm of layer 1", "kept norm of layer 2", "removed norm of layer 2",
    ]  # fmt: skip
    share = 0.01 / 4
    kept = min(whole(9, 784, 1, 1, 1.0, 1 / 28, share).values())  # 12 - 3 outputs
    assert evaluate(direct.layers[1].kept.value) == pytest.approx(kept, rel=1e-9)
    assert other.layers[1].kept.chosen == "a"
    assert other.layers[1].kept.value == other.layers[1].norm.value


ROOMY = [magnitude(count=3), random(count=3), filters(count=2), random_filters(count=2), None]
ALL = [magnitude(fraction=1), random(fraction=1), filters(fraction=1), random_filters(fraction=1)]


@pytest.mark.parametrize("rules", [*itertools.product(ROOMY, repeat=2), *itertools.product(ALL, ROOMY[:4])], ids=str)
def test_every_event_has_a_share_and_every_share_is_used(rules, monkeypatch):
    """Each share is a symbol of its own here, and the formula holds exactly the symbols of the ledger."""

    def symbols_as_shares(delta, events):
        entries = tuple(Entry(event, real(f"share_{i}", min=0, max=1)) for i, event in enumerate(events))
        return Ledger(sum((entry.share for entry in entries), delta * 0), entries)

    monkeypatch.setattr(Ledger, "equal", symbols_as_shares)
    target = two_layers()
    for found in variants(prune(target, list(rules)), CENT, Integer(1)):
        shares = {entry.share for entry in found.ledger.entries}
        assert len({entry.event for entry in found.ledger.entries}) == len(shares)
        assert found.expression.free_symbols == shares


@pytest.mark.parametrize("kind", [filters, random_filters])
def test_no_filters_and_all_filters(kind):
    target = two_layers()
    assert evaluate(gap_bound(target, prune(target, kind(count=0)), delta=CENT).expression) == 0
    # All outputs of the last layer: the gap is the norm of the network, and no set is chosen by the weights.
    pruned = prune(target, [None, kind(count=12)])
    bound = gap_bound(target, pruned, delta=CENT)
    share = 0.01 / 2
    norms_of = [min(whole(*shape, half_width(shape), share).values()) for shape in ((16, 3, 9, 41, math.sqrt(2)),)]
    removed = min(whole(12, 784, 1, 1, 1.0, 1 / 28, share).values())
    assert evaluate(bound.expression) == pytest.approx(norms_of[0] * removed, rel=1e-9)


@pytest.mark.parametrize("kind", [filters, random_filters])
@pytest.mark.parametrize("law", [uniform(-1, 1), normal(0, 1)], ids=str)
def test_a_symbolic_count_of_filters_at_numbers(kind, law):
    k, c = integer("k", min=0), integer("c", min=1)
    target = cnn((3, 9, 9), [conv(3, c, 3, weights=law), flatten(), dense(49 * c, 12, weights=law)])
    bound = gap_bound(target, prune(target, kind(count=k)), delta=CENT)
    assert bound.expression.free_symbols == {k, c}
    compiled = compile_expression(bound.expression, (k, c))
    for count in (0, 1, 2, 5, 11):
        point = {k: Integer(count), c: Integer(16)}
        numbers = prune(target, kind(count=k)).at(point)
        low, high = enclose(bound.expression, point)
        assert low * (1 - 1e-9) <= compiled(count, 16) <= high * (1 + 1e-9)
        numeric = evaluate(gap_bound(numbers.target, numbers, delta=CENT).expression)
        # At 0 the formula may say more than the truth, which is 0, but never less.
        assert 0 <= numeric <= compiled(count, 16) * (1 + 1e-9)
        if count and kind is filters:
            assert numeric >= compiled(count, 16) * (1 - 1e-9)


def test_signs_lose_filters_but_no_small_weights():
    """Which filters have the smallest norm needs no continuous law: all sets are bounded at once."""
    target = two_layers(scaled(rademacher(1)))
    assert evaluate(gap_bound(target, prune(target, filters(count=2)), delta=CENT).expression) > 0
    with pytest.raises(UnsupportedClaim, match="magnitude pruning of weights"):
        gap_bound(target, prune(target, magnitude(count=2)), delta=CENT)


def test_dropping_the_union_bound_over_sets_is_seen(monkeypatch):
    """Planted: as if one set of filters had been fixed beforehand."""
    target = two_layers()
    pruned = prune(target, filters(count=3))
    right = evaluate(variants(pruned, CENT, Integer(1))[0].expression)
    whole_matrix = RandomMatrix.whole
    monkeypatch.setattr(norms.RandomMatrix, "whole", lambda layer, *_, **__: whole_matrix(layer))
    assert evaluate(variants(pruned, CENT, Integer(1))[0].expression) < 0.99 * right


# Against drawn weights ------------------------------------------------------------------------------------------------


def norms_of_smallest_filters(k, trials=200):
    """‖R‖ of the k smallest filters of 12 × 2 × 3 × 3 normal weights on 6 × 6 cells, circular."""
    weights = np.random.default_rng(7).standard_normal((trials, 12, 2, 3, 3))
    order = np.argsort((weights**2).sum(axis=(2, 3, 4)), axis=1)
    rows = np.take_along_axis(weights, order[:, :k, None, None, None], axis=1)
    blocks = np.moveaxis(np.fft.fft2(rows, s=(6, 6)), (3, 4), (1, 2))
    return np.linalg.norm(blocks, 2, axis=(3, 4)).max(axis=(1, 2))


@pytest.mark.parametrize("k", [1, 4, 12])
def test_the_smallest_filters_stay_below_every_candidate(k):
    """delta = 1e-6, so that 200 trials exceed a true bound with probability at most 2e-4 for each candidate."""
    layer = conv(2, 12, 3, padding="same", padding_mode="circular", weights=normal(0, 1)).on((6, 6))
    seen = norms_of_smallest_filters(k).max()
    found = filters_norm(layer, Integer(k), Rational(1, 10**6), chosen_by_weights=True)
    assert all(seen <= evaluate(value) for value in found.candidates.values())
    # Planted: the norm of the kernel as a matrix of k × nκ entries is too small a bound of the convolution's.
    flat = dense(2 * 9, k, weights=normal(0, 1))
    reshaped = RandomMatrix.whole(flat, Integer(k) * (1 + log(Rational(12, k))))
    if k > 1:
        assert seen > evaluate(norms.DENSE[0].bound(reshaped, Rational(1, 2))) / 1.5


@pytest.mark.parametrize(
    "rule", [magnitude(count=9), random(count=9), filters(count=2), random_filters(count=2)], ids=str
)
def test_a_convolution_whose_windows_share_no_cell_has_the_bounds_of_the_dense_layer_at_one_of_them(rule):
    w = uniform(-1, 1)
    last = dense(7, 3, weights=w)
    patches = cnn((2, 4, 6), [conv(2, 7, (4, 6), weights=w), last])
    dense_one = fcn([dense(48, 7, weights=w), last])
    bounds = [gap_bound(net, prune(net, rule), delta=CENT).expression for net in (patches, dense_one)]
    assert bounds[0] == bounds[1]
    sliding = cnn((2, 4, 6), [conv(2, 7, (4, 5), weights=w), average_pool("global"), last])
    assert gap_bound(sliding, prune(sliding, rule), delta=CENT).expression != bounds[0]


@pytest.mark.parametrize(
    "rule", [magnitude(fraction=1), random(fraction=1), filters(fraction=1), random_filters(fraction=1)]
)
def test_a_network_that_loses_everything_has_the_bound_of_the_target_s_output(rule):
    """The pruned network is 0: its first terms in T1 vanish, and no event is spent on kept weights."""
    target = fcn([8, 8, 8, 8], weights=uniform(-1, 1))
    found = gap_bound(target, prune(target, rule), delta=CENT).derivation
    norms = {"norm of layer 1", "norm of layer 2"}
    assert {entry.event for entry in found.ledger.entries} == norms | {f"removed norm of layer {i}" for i in (1, 2, 3)}
    assert {symbol.name for symbol in found.recursion.free_symbols} == {"a_1", "a_2", "rho_3"}
