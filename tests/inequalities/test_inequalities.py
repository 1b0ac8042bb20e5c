"""Each inequality against its formula written out with plain floats, and each bound as the inverse of its tail."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from sympy import Integer, Rational, S, log, sqrt

from boundcheck import conv, dense, normal, rademacher, two_point, uniform
from boundcheck.errors import UnsupportedClaim
from boundcheck.formula.gaussian_moments import ORDERS
from boundcheck.formula.gaussian_moments import moment as wishart_moment
from boundcheck.formula.numeric import evaluate
from boundcheck.inequalities.bounds.counts import channel_counts
from boundcheck.inequalities.bounds.frobenius import frobenius_bound, schur_bound
from boundcheck.inequalities.bounds.gaussian_transport import GaussianTransport
from boundcheck.inequalities.bounds.matrix_series import MatrixBernstein, SubGaussianSeries
from boundcheck.inequalities.bounds.moment_domination import MomentDomination
from boundcheck.inequalities.bounds.nets import Nets
from boundcheck.inequalities.bounds.order_statistics import UNIT, threshold_bound
from boundcheck.inequalities.bounds.random_matrix import RandomMatrix
from boundcheck.inequalities.bounds.spherical import SphericalAverage

ALL = [SubGaussianSeries(), MatrixBernstein(), MomentDomination(), SphericalAverage(), GaussianTransport(), Nets()]
ALL += [Nets(Rational(1, 4))]
LAWS = {"uniform": uniform(-2, 2), "normal": normal(0, 3), "rademacher": rademacher(Rational(1, 2))}
FACTS = {  # variance, proxy, transport, supremum
    "uniform": (4 / 3, 4 / 3, 2 * math.sqrt(2 / math.pi), 2.0),
    "normal": (9.0, 9.0, 3.0, math.inf),
    "rademacher": (0.25, 0.25, None, 0.5),
}
DELTAS = (0.5, 0.01, 1e-9)


def convolution(inputs, outputs, law):
    """3 × 3 taps; zeros around 14 × 14 cells make it a part of the circular convolution on 16 × 16."""
    return conv(inputs, outputs, 3, padding="same", weights=law).on((14, 14))


def layers(law):
    return [dense(5, 7, weights=law), dense(256, 64, weights=law), convolution(3, 8, law)]


def test_the_constants_of_the_convolution():
    layer = convolution(3, 8, LAWS["uniform"])
    # Of 256 frequencies 4 are their own conjugates: those of 0 and 8 turns.
    assert (layer.taps, layer.frequencies, layer.complex_factor) == (9, 4 + 252 // 2, sqrt(2))
    assert layer.size == 3 * 8 * 9
    assert RandomMatrix.whole(layer).occupancy == 8 * 9


def expected(key, m, n, taps, frequencies, c, facts, delta, eta):
    variance, proxy, transport, supremum = facts
    nu = taps * max(m, n)
    dimension = frequencies * (m + n)
    if key == "T3a":
        return math.sqrt(2 * proxy * nu * math.log(dimension / delta))
    if key == "S1":
        # The proxies of these laws are those of their moments, too.
        moments = [(q, wishart_moment(q, m, n)) for q in ORDERS]
        level = math.log(frequencies / delta)
        return math.sqrt(proxy * taps) * math.exp(min((math.log(M) + level) / (2 * q) for q, M in moments))
    if key == "S2":
        if taps != 1:
            return None
        k = np.arange(2000)
        logs = np.cumsum(np.log((m + 2 * k) * (n + 2 * k) / (2 * k + 1)))
        return math.sqrt(proxy) * math.exp(min((logs - math.log(delta)) / (2 * k + 2)))
    if key == "T3b":
        if transport is None:
            return None
        t = math.sqrt(2 * math.log(frequencies / delta))
        return transport * math.sqrt(taps) * (c * (math.sqrt(m) + math.sqrt(n)) + t)
    if key == "T3c":
        if taps != 1:
            return None
        return math.sqrt(2 * proxy * ((m + n) * math.log(1 + 2 / eta) + math.log(1 / delta))) / (1 - 2 * eta)
    assert key == "T3d"
    if supremum == math.inf:
        return None
    # The positive root of t²/2 = L (v + B t / 3).
    level = math.log(dimension / delta)
    return max(np.roots([0.5, -level * supremum / 3, -level * variance * nu]).real)


@pytest.mark.parametrize("inequality", ALL, ids=lambda i: f"{i.key}-{getattr(i, 'eta', '')}")
@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize("delta", DELTAS)
def test_bounds_are_the_written_out_formulas(inequality, name, delta):
    for layer in layers(LAWS[name]):
        m, n, taps, frequencies = (int(x) for x in (layer.outputs, layer.inputs, layer.taps, layer.frequencies))
        c = float(layer.complex_factor)
        eta = float(getattr(inequality, "eta", 0))
        bound = inequality.bound(RandomMatrix.whole(layer), Rational(str(delta)))
        value = expected(inequality.key, m, n, taps, frequencies, c, FACTS[name], delta, eta)
        assert (bound is None) == (value is None)
        assert bound is None or evaluate(bound) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("inequality", ALL, ids=lambda i: f"{i.key}-{getattr(i, 'eta', '')}")
@pytest.mark.parametrize("name", LAWS)
def test_a_bound_is_the_inverse_of_its_tail(inequality, name):
    for layer in layers(LAWS[name]):
        matrix = RandomMatrix(layer, layer.weights, Integer(3))
        previous = 0.0
        for delta in DELTAS:
            bound = inequality.bound(matrix, Rational(str(delta)))
            assert (bound is None) == (inequality.tail(matrix, S.One) is None)
            if bound is not None:
                assert math.log(evaluate(inequality.tail(matrix, bound))) == pytest.approx(math.log(delta), rel=1e-9)
                assert evaluate(bound) > previous
                previous = evaluate(bound)


@pytest.mark.parametrize("inequality", ALL, ids=lambda i: f"{i.key}-{getattr(i, 'eta', '')}")
def test_the_worst_of_many_sets_costs_a_union_bound(inequality):
    """The tail of the worst of C sets is C times that of one, and the bound is that of one at delta / C."""
    for layer in layers(LAWS["uniform"]):
        one = RandomMatrix.whole(layer)
        worst = RandomMatrix.whole(layer, log(Integer(1000)))
        if inequality.bound(one, S.One) is None:
            continue
        t = inequality.bound(worst, Rational(1, 100))
        assert evaluate(t) == pytest.approx(evaluate(inequality.bound(one, Rational(1, 10**5))), rel=1e-12)
        tails = [evaluate(inequality.tail(matrix, t)) for matrix in (worst, one)]
        assert tails == pytest.approx([1e-2, 1e-5], rel=1e-9)


@pytest.mark.parametrize("inequality", ALL, ids=lambda i: f"{i.key}-{getattr(i, 'eta', '')}")
def test_bounds_scale_with_the_weights_and_do_not_mind_transposing(inequality):
    delta = Rational(1, 50)
    for law in LAWS.values():
        values = []
        for n, m, scale in ((5, 7, 1), (7, 5, 1), (5, 7, 10)):
            layer = dense(n, m, weights=law.scaled(Integer(scale)))
            bound = inequality.bound(RandomMatrix.whole(layer), delta)
            values.append(None if bound is None else evaluate(bound))
        if values[0] is not None:
            assert values[1] == pytest.approx(values[0], rel=1e-12)
            assert values[2] == pytest.approx(10 * values[0], rel=1e-12)


def test_only_the_occupancy_of_the_series_counts():
    layer = dense(50, 40, weights=uniform(-1, 1))
    whole, sparse = RandomMatrix.whole(layer), RandomMatrix(layer, layer.weights, Integer(4))
    assert whole.occupancy == 50
    delta = Rational(1, 100)
    series = SubGaussianSeries()
    ratio = evaluate(series.bound(whole, delta)) / evaluate(series.bound(sparse, delta))
    assert ratio == pytest.approx(math.sqrt(50 / 4), rel=1e-12)
    for dense_only in (GaussianTransport(), Nets(), MomentDomination(), SphericalAverage()):
        assert dense_only.bound(whole, delta) == dense_only.bound(sparse, delta)


def test_the_default_nets_are_close_to_the_best():
    for width in (1, 8, 64, 256, 4096):
        matrix = RandomMatrix.whole(dense(width, width, weights=uniform(-1, 1)))
        for delta in (Rational(1, 10), Rational(1, 10**6)):
            eta, level = np.linspace(0.005, 0.4, 400), math.log(1 / float(delta))
            best = np.min(np.sqrt(2 / 3 * (2 * width * np.log1p(2 / eta) + level)) / (1 - 2 * eta))
            found = evaluate(Nets().bound(matrix, delta))
            assert found <= best * (1.02 if width >= 8 else 1.04), (width, delta)


def test_laws_without_the_facts_get_no_bound():
    normal_matrix = RandomMatrix.whole(dense(4, 4, weights=normal(0, 1)))
    assert MatrixBernstein().bound(normal_matrix, Rational(1, 10)) is None
    signs = RandomMatrix.whole(dense(4, 4, weights=rademacher(1)))
    assert GaussianTransport().bound(signs, Rational(1, 10)) is None
    assert GaussianTransport().tail(signs, S.One) is None
    skewed = RandomMatrix.whole(dense(4, 4, weights=uniform(-1, 2)))
    for moments in (MomentDomination(), SphericalAverage()):
        assert moments.bound(skewed, Rational(1, 10)) is None
        assert moments.tail(skewed, S.One) is None
    assert Nets().bound(RandomMatrix.whole(convolution(3, 4, normal(0, 1))), Rational(1, 10)) is None


def test_bounds_from_counts_alone():
    assert frobenius_bound(Rational(1, 2), Integer(1), Integer(49)) == Rational(7, 2)
    assert frobenius_bound(Integer(3), Integer(9), Integer(4)) == 18
    assert schur_bound(Integer(3), Integer(4), Integer(9)) == 18
    # Both are attained: all ones on a full r × c block.
    block = np.ones((4, 9))
    assert np.linalg.norm(block, 2) == pytest.approx(evaluate(schur_bound(S.One, Integer(9), Integer(4))))
    assert np.linalg.norm(block, 2) == pytest.approx(evaluate(frobenius_bound(S.One, S.One, Integer(36))))


def test_channel_counts_hold_for_all_channels_together():
    layer = dense(30, 20, weights=uniform(-1, 1))
    k, delta = 60, 0.05
    counts = channel_counts(layer, Integer(k), Rational(str(delta)))
    row, column = (int(evaluate(c)) for c in counts)
    # An output channel has one entry for each input: a row is longer than a column here, and holds more.
    assert row > column
    exact_row = stats.hypergeom(600, k, 30).sf(row)
    exact_column = stats.hypergeom(600, k, 20).sf(column)
    assert 20 * exact_row + 30 * exact_column <= delta
    share = delta / 50
    assert exact_row <= share
    assert exact_column <= share
    # Two fewer would not do: the bound is not slack by much.
    assert stats.hypergeom(600, k, 30).sf(row - 3) > share


def test_channel_counts_of_a_convolution_count_taps():
    layer = convolution(3, 8, uniform(-1, 1))
    counts = channel_counts(layer, Integer(layer.size), Rational(1, 100))
    assert [evaluate(c) for c in counts] == [3 * 9, 8 * 9]


@pytest.mark.parametrize(("n", "m", "k"), [(4, 5, 0), (4, 5, 7), (4, 5, 19), (64, 64, 64)])
@pytest.mark.parametrize("delta", [0.3, 1e-4])
def test_the_threshold_is_the_quantile_of_an_order_statistic(n, m, k, delta):
    size = n * m
    for law, cdf in (
        (uniform(-3, 3), lambda x: x / 3),
        (normal(0, 2), lambda x: math.erf(x / 2 / math.sqrt(2))),
    ):
        tau = evaluate(threshold_bound(dense(n, m, weights=law), Integer(k), Rational(str(delta))))
        # The (k+1)-th smallest exceeds tau when at most k of the D weights are below it.
        assert stats.binom(size, cdf(tau)).cdf(k) == pytest.approx(delta, rel=1e-3)
        assert stats.binom(size, cdf(tau)).cdf(k) <= delta


@pytest.mark.parametrize("law", [rademacher(1), uniform(-1, 2), two_point(-1, 1, Rational(1, 3)), normal(1, 1)])
def test_thresholds_of_other_laws_are_refused(law):
    with pytest.raises(UnsupportedClaim, match=r"magnitude pruning of weights with law .* use uniform\(-a, a\)"):
        threshold_bound(dense(4, 4, weights=law), Integer(3), Rational(1, 10))


def test_the_unit_law_stands_for_mixtures_of_centred_uniforms():
    assert (UNIT.low, UNIT.high) == (-1, 1)
    # A normal conditioned on [-τ, τ] and divided by τ: its moments stay below the uniform law's.
    for tau in (0.05, 1.0, 3.0):
        removed = stats.truncnorm(-tau, tau)
        for lam in (0.5, 2.0, 10.0):
            mgf = removed.expect(lambda x, s=lam / tau: math.exp(s * x))
            assert mgf <= math.sinh(lam) / lam * (1 + 1e-9)
            assert mgf <= math.exp(lam**2 * float(UNIT.variance_proxy) / 2) * (1 + 1e-9)


def test_symbolic_bounds_keep_their_form():
    from boundcheck import integer, real

    d, delta = integer("d", min=1), real("delta", min=0, max=1)
    matrix = RandomMatrix.whole(dense(d, d, weights=normal(0, 1)))
    assert SubGaussianSeries().bound(matrix, delta) == sqrt(2) * sqrt(d) * sqrt(log(2 * d / delta))
    assert GaussianTransport().bound(matrix, delta) == 2 * sqrt(d) + sqrt(2) * sqrt(log(1 / delta))
