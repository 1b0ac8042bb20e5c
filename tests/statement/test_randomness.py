"""Samples, statistics, random objects of every kind, at points and under bad input."""

from __future__ import annotations

import operator
import pickle

import pytest
from sympy import Abs, Rational, exp, oo, sqrt

from boundcheck import (
    bernoulli,
    bounded,
    bounded_differences,
    bounded_with_mean,
    discrete,
    empty,
    exponential,
    iid,
    independent,
    integer,
    kolmogorov_distance,
    lipschitz_function,
    martingale,
    maximum,
    mean,
    minimum,
    norm,
    normal,
    occupancy,
    order_statistic,
    random_matrix,
    real,
    sample_variance,
    spectral_norm,
    sum_of,
    two_point,
    uniform,
    without_replacement,
)
from boundcheck.errors import BoundcheckError, InvalidArgument, UnsupportedClaim
from boundcheck.statement.laws import SHARE, VALUE
from boundcheck.statement.randomness import Statistic, StoppedWalk

n, N, t = integer("n", min=1), integer("N", min=1), real("t", min=0)
X = iid(uniform(0, 1), n)


def test_arithmetic_acts_on_each_variable():
    assert (X**2).function == VALUE**2
    assert (2 * X - 1).function == 2 * VALUE - 1
    assert (1 - X / t).function == 1 - VALUE / t
    assert (t * X).function == (X * t).function == t * VALUE
    assert (1 / (1 + X)).function == 1 / (1 + VALUE)
    assert (2**X).function == 2**VALUE
    assert abs(-X).function == Abs(VALUE)
    assert X.map(exp).function == exp(VALUE)
    assert (0.1 * X).function == VALUE / 10
    assert ((X + 1) ** 2).base == X
    assert norm(X) == sqrt(sum_of(X**2))
    assert X.parameters == {n}
    assert (t * (X - 1)).parameters == {n, t}


def test_means_of_statistics():
    sample = iid(two_point(-1, 3, Rational(1, 4)), n)
    assert mean(sample).expectation == 0
    assert sum_of(iid(exponential(2), n)).expectation == n / 2
    mixed = independent(uniform(0, 1), normal(3, 1), bernoulli(Rational(1, 4)))
    assert sum_of(mixed).expectation == Rational(15, 4)
    assert mean(mixed).expectation == Rational(5, 4)
    assert sum_of(sample**2).expectation == 3 * n
    assert sum_of(iid(normal(0, 2), n) ** 2).expectation == 4 * n
    assert sum_of(without_replacement(bernoulli(n / N), population=N, drawn=3)).expectation == 3 * n / N


def test_means_that_linearity_does_not_give():
    sample = iid(uniform(0, 1), 5)
    walk = StoppedWalk((two_point(-1, 1, "1/2"),), n, level=3)
    for statistic in (
        maximum(sample),
        sample_variance(sample),
        order_statistic(sample, 2),
        sum_of(sample**2),
        empty(occupancy(3, 2)),
        maximum(occupancy(3, 2)),
        spectral_norm(random_matrix(normal(), 2, 2)),
        sum_of(walk**2),  # steps stop: fewer than n squares of 1
    ):
        assert statistic.expectation is None
    assert sum_of(walk).expectation == 0


def test_statistics_are_equal_when_sample_and_kind_are():
    A, B = iid(uniform(0, 1), 5), iid(uniform(0, 1), 6)
    assert mean(A) != mean(iid(uniform(0, 1), 5))  # another sample with the same laws
    assert mean(A.at({})) == mean(iid(uniform(0, 1), 5).at({}))
    assert len((mean(A) + mean(iid(uniform(0, 1), 5))).args) == 2
    assert len({mean(A), mean(B), sum_of(A), maximum(A), mean(A), mean(A**2)}) == 5
    assert mean(A) - mean(A) == 0
    assert pickle.loads(pickle.dumps(mean(A) + 1)) == mean(A) + 1
    assert order_statistic(A, 1) != order_statistic(A, 2)


def test_random_objects_at_points():
    point = {n: Rational(6), N: Rational(10), t: Rational(2)}
    drawn = without_replacement(bounded(0, t), population=N, drawn=n)
    assert drawn.parameters == {n, N, t}
    at = drawn.at(point)
    assert (at.size, at.population, at.laws) == (6, 10, (bounded(0, 2),))
    matrix = random_matrix(normal(0, t + 1), n, 2 * n)
    assert matrix.columns == 2 * n
    assert matrix.parameters == {n, t}
    at = matrix.at(point)
    assert (at.rows, at.columns, at.size) == (6, 12, 72)
    balls = occupancy(n, N).at(point)
    assert (balls.size, balls.bins) == (6, 10)
    walk = StoppedWalk((two_point(-1, 1, "1/2"),), n, level=N).at(point)
    assert (walk.size, walk.level) == (6, 10)
    statistic = order_statistic(t * X, n - 1)
    assert statistic.at(point, X.at(point)) == order_statistic(2 * iid(uniform(0, 1), 6).at({}), 5)


@pytest.mark.parametrize(
    ("statistic", "point", "message"),
    [
        (order_statistic(X, 4), {n: 3}, "k=4 exceeds the sample size 3"),
        (order_statistic(X, n - 1), {n: 1}, "k=0 is not a rank"),
        (sample_variance(X), {n: 1}, "n=1 leaves no sample variance"),
    ],
)
def test_statistics_that_a_point_rules_out(statistic, point, message):
    values = {p: Rational(v) for p, v in point.items()}
    with pytest.raises(InvalidArgument, match="^" + message):
        statistic.at(values, X.at(values))


def test_witnesses_of_mixed_samples_pair_families_up():
    sample = independent(bounded(0, 1), normal(0, 1))
    witnesses = sample.witnesses()
    assert len(witnesses) == len(bounded(0, 1).witnesses())
    assert all(w.laws[1] == normal(0, 1) for w in witnesses)
    assert [w.laws[0] for w in witnesses] == list(bounded(0, 1).witnesses())
    two = independent(bounded(0, 1), bounded(-1, 2)).witnesses()
    assert any(w.laws == (two_point(0, 1, SHARE), two_point(-1, 2, 1 - SHARE)) for w in two), "one near either end"


def test_populations_of_any_share_are_rounded_to_ones_that_there_are():
    drawn = without_replacement(bounded(-1, 2), population=10, drawn=4)
    for share in (0, "1/1000", "1/3", "1/2", "999/1000", 1):
        for witness in drawn.witnesses():
            at = witness.at({SHARE: Rational(share)})
            assert at.count.marked.is_integer
            assert 0 <= at.laws[0].p <= 1
            assert at.laws[0].support[0] >= -1
            assert at.laws[0].support[1] <= 2


def test_populations_of_a_given_share_are_not_rounded():
    """Rounding would test a claim about a mean of 1/3 where the mean is 3/10."""
    drawn = without_replacement(bounded_with_mean(0, 1, "1/3"), population=N, drawn=2)
    [two_valued, constant] = drawn.witnesses()
    assert two_valued.at({N: Rational(9)}).laws[0].mean == Rational(1, 3)
    assert constant.at({N: Rational(10)}).laws[0].mean == Rational(1, 3)
    with pytest.raises(InvalidArgument, match=r"^values='bernoulli\(1/3\)' is the law of no 10 numbers; pass a share"):
        two_valued.at({N: Rational(10)})


COUNTS = occupancy(10, 4)
MATRIX = random_matrix(normal(), 2, 3)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: iid("uniform", 3), r"law='uniform' is not a law; pass bounded\(0, 1\)"),
        (lambda: iid(uniform(0, 1), 0), r"n=0 is not a sample size; pass a positive integer"),
        (lambda: iid(uniform(0, 1), 2.5), r"n=5/2 is not a sample size"),
        (lambda: iid(uniform(0, 1), oo), r"n=oo is not a sample size"),
        (lambda: iid(uniform(0, 1), -3), r"n=-3 is not a sample size"),
        (lambda: independent(uniform(0, 1)), r"laws=.* names fewer than two laws; use iid"),
        (lambda: independent(uniform(0, 1), 3), r"law=3 is not a law; pass bounded"),
        (lambda: mean(uniform(0, 1)), r"sample=.* is not a sample; make one with iid"),
        (lambda: maximum([1, 2]), r"sample=\[1, 2\] is not a sample"),
        (lambda: iid(uniform(0, 1), None), r"n=None is not a number"),
        (lambda: mean((1, 2)), r"sample=\(1, 2\) is not a sample"),
        (lambda: norm(3), r"sample=3 is not a sample"),
        (lambda: order_statistic(iid(uniform(0, 1), 3), 4), r"k=4 exceeds the sample size 3; pass a rank from 1 to n"),
        (lambda: order_statistic(X, 0), r"k=0 is not a rank; pass an integer from 1 to n"),
        (lambda: order_statistic(X, 1.5), r"k=3/2 is not a rank"),
        (lambda: order_statistic(X, n + 1), r"k=n \+ 1 exceeds the sample size n"),
        (lambda: sample_variance(iid(uniform(0, 1), 1)), r"n=1 leaves no sample variance; draw at least 2"),
        (
            lambda: kolmogorov_distance(independent(normal(), uniform(0, 1))),
            r"sample=.* has several laws",
        ),
        (lambda: sum_of(COUNTS), r"sample=.* has no sum_of; use "),
        (lambda: mean(MATRIX), r"sample=.* has no mean; use spectral_norm"),
        (lambda: spectral_norm(X), r"sample=.* has no spectral_norm; use "),
        (lambda: empty(X), r"sample=.* has no empty; use "),
        (
            lambda: without_replacement(bounded(0, 1), population=3, drawn=4),
            r"drawn=4 exceeds population=3",
        ),
        (lambda: without_replacement(bounded(0, 1), population=0, drawn=1), r"population=0 is not a sample size"),
        (
            lambda: without_replacement(uniform(0, 1), population=9, drawn=1),
            r"values='uniform.*' has no population",
        ),
        (
            lambda: without_replacement(bernoulli("1/3"), population=10, drawn=1),
            r"values='bernoulli\(1/3\)' is the law of no",
        ),
        (lambda: random_matrix(normal(), 0, 2), r"rows=0 is not a sample size"),
        (lambda: occupancy(3, -1), r"bins=-1 is not a sample size"),
        (lambda: lipschitz_function([1], 1), r"sample=\[1\] is not a sample"),
        (lambda: lipschitz_function(X, -1), r"constant=-1 is not positive"),
        (lambda: bounded_differences(n, 0), r"constant=0 is not positive"),
        (lambda: bounded_differences(0, 1), r"n=0 is not a sample size"),
        (lambda: martingale(n, -1), r"constant=-1 is not positive"),
        (lambda: operator.ge(X, t), r"sample='.*' is no expression; take a statistic such as mean\(X\)"),
        (lambda: t <= X, r"sample='.*' is no expression"),
        (lambda: X < 1, r"sample='.*' is no expression"),
        (lambda: exp(X), r"sample='.*' is no expression; .* X.map\(exp\)"),
        (lambda: sum(X), r"sample='.*' is no expression"),
        (lambda: max(X), r"sample='.*' is no expression"),
        (lambda: X ** "a", r"operand='a' is not a number"),
        (lambda: X.map(lambda x: x > 0), r"function=.* is not a number or an expression"),
    ],
)
def test_impossible_samples_are_refused(build, message):
    with pytest.raises(InvalidArgument, match="^" + message) as caught:
        build()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("build", [lambda: X + X, lambda: X - iid(normal(), 3), lambda: X * X, lambda: X**X])
def test_samples_are_not_combined(build):
    with pytest.raises(UnsupportedClaim, match=r"samples cannot be combined; use one sample and X\.map"):
        build()


def test_numbers_put_in_must_make_a_sample():
    m = integer("m", min=0)
    for sample in (
        iid(uniform(0, 1), m),
        random_matrix(normal(), m, 2),
        occupancy(m, 2),
        occupancy(2, m),
        without_replacement(bounded(0, 1), population=m, drawn=1),
        iid(bounded(0, m), 2),
    ):
        with pytest.raises(BoundcheckError):
            sample.at({m: Rational(0)})
    with pytest.raises(InvalidArgument, match="drawn=5 exceeds population=3"):
        without_replacement(bounded(0, 1), population=m, drawn=5).at({m: Rational(3)})


def test_discrete_laws_and_statistics_pickle():
    statistic = Statistic("sum", iid(discrete({0: "1/2", 2: "1/2"}), n) ** 2)
    assert pickle.loads(pickle.dumps(statistic)) == statistic
    assert minimum(X) == pickle.loads(pickle.dumps(minimum(X)))
