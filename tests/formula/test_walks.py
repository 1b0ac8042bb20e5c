"""Counts of closed walks, and the norms that are made of them, against counting and against exact enumeration."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from fractions import Fraction
from functools import cache
from importlib.resources import files
from itertools import combinations, product

import numpy as np
import pytest
from residual_formulas import walks
from sympy import Integer, Rational, S, log
from walk_shapes import by_merging, by_search, lines

from boundcheck import integer, real
from boundcheck.formula.export import to_latex, to_mathml, to_python
from boundcheck.formula.gaussian_moments import moment
from boundcheck.formula.numeric import compile_expression, evaluate
from boundcheck.formula.rigorous import enclose
from boundcheck.formula.walks import Shapes, ordered_walk_quantile, shapes, walk_quantile
from boundcheck.statement.functions import WALK_ORDERS, OrderedWalkQuantile, WalkQuantile

HUNDRED = log(100)
DOUBLE = [math.prod(range(1, 2 * j, 2)) for j in range(1, WALK_ORDERS + 1)]
UNIFORM = [Rational(1, 2 * j + 1) for j in range(1, WALK_ORDERS + 1)]


def grouped():
    found = defaultdict(Counter)
    for x in shapes():
        found[x.q][x.a, x.b, x.times] += x.number
    return found


# The table ------------------------------------------------------------------------------------------


def test_small_tables_by_following_every_walk():
    table = grouped()
    for q in range(1, 8):
        assert by_search(q) == table[q]


def test_the_generator_makes_the_table():
    """As far as is quick; the rest of the file is tested below."""
    text = files("boundcheck.formula").joinpath("walks.txt").read_text(encoding="ascii").splitlines()
    assert [x for x in text if int(x.split()[0]) <= 9] == list(lines(by_merging(9)))
    assert max(int(x.split()[0]) for x in text) == WALK_ORDERS == max(x.q for x in shapes())


def test_the_search_does_not_mind_where_walks_start():
    """A closed walk, begun one step later, starts on the other side."""
    for q in range(1, 7):
        found = by_search(q)
        assert all(found[b, a, times] == number for (a, b, times), number in found.items())


def normal_moment(q, m, n, table=None):
    """E tr(GGᵀ)^q of normal entries by the table."""
    return sum(
        math.perm(m, x.a) * math.perm(n, x.b) * x.number * math.prod(DOUBLE[j - 1] for j in x.times)
        for x in (shapes() if table is None else table)
        if x.q == q
    )


SIZES = [(m, n) for m in (*range(1, 18), 40, 1000) for n in (1, 2, 3, 5, 8, 13, 14, 256)]


@pytest.mark.parametrize("q", range(1, WALK_ORDERS + 1))
def test_walks_of_normal_entries_are_moments_of_gaussian_matrices(q):
    """Every number of the table enters; the moments come from zonal polynomials."""
    for m, n in SIZES:
        assert normal_moment(q, m, n) == moment(q, m, n)


@pytest.mark.parametrize("q", range(1, WALK_ORDERS + 1))
def test_walks_of_one_row_of_signs_are_counted(q):
    """A row of n signs: (Σ s_i²)^q = n^q, and of one entry among them, each there or not, Bernoulli moments."""
    for n in (1, 2, 5, 14, 100):
        row = [x for x in shapes() if x.q == q and x.a == 1]
        assert sum(math.perm(n, x.b) * x.number for x in row) == n**q
        p = Fraction(1, 3)
        binomial = sum(math.comb(n, i) * p**i * (1 - p) ** (n - i) * i**q for i in range(n + 1))
        assert sum(math.perm(n, x.b) * x.number * p ** len(x.times) for x in row) == binomial


@cache
def sign_traces(m, n):
    """Σ over signs of tr(RRᵀ)^q, q ≤ WALK_ORDERS, for every set of entries: {set: [traces]} with exact means."""
    found = {}
    for k in range(m * n + 1):
        for places in combinations(range(m * n), k):
            total = [0] * WALK_ORDERS
            for signs in product((-1, 1), repeat=k):
                matrix = np.zeros(m * n, dtype=object)
                matrix[list(places)] = signs
                gram = matrix.reshape(m, n) @ matrix.reshape(m, n).T
                power = gram
                for q in range(WALK_ORDERS):
                    total[q] += int(np.trace(power))
                    power = power @ gram
            found[places] = [Fraction(x, 2**k) for x in total]
    return found


def subset_moment(q, m, n, k, moments, table=None, chosen=math.perm):
    """E tr(RRᵀ)^q of k of m n entries by the table, in fractions."""
    size = m * n
    return sum(
        Fraction(math.perm(m, x.a) * math.perm(n, x.b) * x.number * chosen(k, len(x.times)))
        / (math.perm(size, len(x.times)) or 1)
        * math.prod(moments[j - 1] for j in x.times)
        for x in (shapes() if table is None else table)
        if x.q == q and len(x.times) <= size
    )


SIGNS = [1] * WALK_ORDERS


@pytest.mark.parametrize(("m", "n"), [(1, 1), (1, 4), (2, 2), (3, 2), (2, 3)])
def test_moments_of_subsets_of_signs_are_exact(m, n):
    traces = sign_traces(m, n)
    for k in range(1, m * n + 1):
        subsets = [x for places, x in traces.items() if len(places) == k]
        for q in range(1, WALK_ORDERS + 1):
            mean = sum(x[q - 1] for x in subsets) / len(subsets)
            assert mean == subset_moment(q, m, n, k, SIGNS), (k, q)


@pytest.mark.parametrize("values", [(1, 2), (0, 3), (1, 1, 5)])
def test_moments_of_other_entries_are_exact(values):
    """Signs times independent values: a 2 × 2 matrix, all of them; every partition has its own product of moments."""
    moments = [Fraction(sum(v ** (2 * j) for v in values), len(values)) for j in range(1, WALK_ORDERS + 1)]
    totals, number = [0] * WALK_ORDERS, 0
    for entries in product([s * v for v in values for s in (-1, 1)], repeat=4):
        matrix = np.array(entries, dtype=object).reshape(2, 2)
        gram = matrix @ matrix.T
        power, number = gram, number + 1
        for q in range(WALK_ORDERS):
            totals[q] += power[0, 0] + power[1, 1]
            power = power @ gram
    assert [Fraction(int(x), number) for x in totals] == [
        subset_moment(q, 2, 2, 4, moments) for q in range(1, WALK_ORDERS + 1)
    ]


def test_wrong_tables_and_wrong_chances_are_caught():
    """Each is the right sum with one thing changed; the exact moments are those of the tests above."""
    table = [x for x in shapes() if x.q == 4]
    assert normal_moment(4, 4, 4, table) == moment(4, 4, 4)
    for i, x in enumerate(table):
        dropped = table[:i] + table[i + 1 :]
        more = [*dropped, Shapes(x.q, x.a, x.b, x.number + 1, x.times)]
        assert normal_moment(4, 4, 4, dropped) < moment(4, 4, 4) < normal_moment(4, 4, 4, more)
    traces = sign_traces(2, 3)
    for k in (2, 3, 4, 5):
        exact = [x[3] for places, x in traces.items() if len(places) == k]
        mean = sum(exact) / len(exact)
        assert subset_moment(4, 2, 3, k, SIGNS) == mean
        assert subset_moment(4, 2, 3, k, [Fraction(99, 100)] * 4) < mean
        assert subset_moment(4, 2, 3, k, SIGNS, chosen=lambda k, e: math.perm(k - 1, e)) < mean
        assert subset_moment(4, 2, 3, k, SIGNS, chosen=lambda k, e: math.perm(k, e + 1)) != mean
    p = Fraction(1, 2)  # each entry on its own

    def apart(extra):
        rows = (x for x in table if x.a <= 2 and x.b <= 3)
        return sum(math.perm(2, x.a) * math.perm(3, x.b) * x.number * p ** (len(x.times) + extra) for x in rows)

    mean = sum(x[3] * p**6 for x in traces.values())
    assert apart(0) == mean
    assert apart(1) < mean


# Norms made of them ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("m", "n", "taps", "k"),
    [(20, 30, 1, 1), (20, 30, 1, 7), (5, 40, 1, 60), (8, 8, 1, 64), (1, 9, 1, 3), (6, 4, 3, 10)],
)
@pytest.mark.parametrize("moments", [UNIFORM, DOUBLE, SIGNS[:5]], ids=["uniform", "normal", "signs"])
def test_quantiles_are_the_written_out_formulas(m, n, taps, k, moments):
    size = m * n * taps
    for function, ordered in ((WalkQuantile, False), (OrderedWalkQuantile, True)):
        formula = function(m, n, taps, k, size, HUNDRED, *moments)
        expected = walks(m, n, taps, k, size, math.log(100), [float(x) for x in moments], magnitude=ordered)
        assert evaluate(formula) == pytest.approx(expected, rel=1e-11)
        low, high = enclose(formula)
        assert low * (1 - 1e-12) <= evaluate(formula) <= high * (1 + 1e-12)
        assert high <= low * (1 + 1e-11)


def test_all_normal_entries_are_the_gaussian_matrix():
    least = min((100 * moment(q, 20, 30)) ** (1 / (2 * q)) for q in range(1, WALK_ORDERS + 1))
    assert evaluate(WalkQuantile(20, 30, 1, 600, 600, HUNDRED, *DOUBLE)) == pytest.approx(least, rel=1e-12)


def test_figures():
    """256 × 256 uniform weights, k = 256: at random, and the smallest ones."""
    at_random, smallest = (f(256, 256, 1, 256, 65536, HUNDRED, *UNIFORM) for f in (WalkQuantile, OrderedWalkQuantile))
    assert evaluate(at_random) == pytest.approx(2.241, rel=0.001)
    assert evaluate(smallest) == pytest.approx(0.009211, rel=0.001)


def test_arrays_have_the_values_of_their_points():
    d = integer("d", min=1)
    k = integer("k", min=1)
    compiled = compile_expression(WalkQuantile(d, 2 * d, 1, k, 2 * d**2, HUNDRED, *UNIFORM), (d, k))
    widths = np.array([[1.0], [3.0], [700.0]])
    counts = np.array([1.0, 2.0, 500.0])
    found = compiled(widths, counts)
    assert found.shape == (3, 3)
    for i, width in enumerate(widths[:, 0]):
        for j, count in enumerate(counts):
            alone = compiled(width, count)
            assert found[i, j] == alone or (math.isnan(found[i, j]) and math.isnan(alone) and count > 2 * width**2)


def test_huge_sizes():
    for width in (10**6, 10**12):
        formula = OrderedWalkQuantile(width, width, 1, width, width**2, HUNDRED, *UNIFORM)
        low, high = enclose(formula)
        assert low * (1 - 1e-10) <= evaluate(formula) <= high * (1 + 1e-10)
        assert evaluate(WalkQuantile(width, width, 4, 1, 4 * width**2, HUNDRED, *UNIFORM)) > 0


def test_edges():
    for m, n, k in ((0, 5, 0), (5, 0, 0), (5, 5, 0)):
        assert walk_quantile(m, n, 1, k, m * n, 3, 1, 1) == 0
        assert enclose(WalkQuantile(m, n, 1, k, m * n, 3, 1, 1)) == (0, 0)
    assert walk_quantile(5, 5, 1, 5, 25, 3, 0.0) == 0
    assert math.isnan(walk_quantile(5, 5, 1, 26, 25, 3, 1, 1))
    assert enclose(WalkQuantile(5, 5, 1, 26, 25, 3, 1, 1)) == (-math.inf, math.inf)
    assert math.isnan(ordered_walk_quantile(5, 5, 1, math.nan, 25, 3, 1, 1))
    assert walk_quantile(5, 5, 1, 5, 25, 1e9, 1, 1) == math.inf
    # One weight of a million: a single entry, so E tr(RRᵀ)^q = 1, whatever q.
    assert evaluate(WalkQuantile(1000, 1000, 1, 1, 10**6, S.Zero, *SIGNS)) == pytest.approx(1)


def test_a_formula_in_every_form():
    d, k, delta = integer("d", min=1), integer("k", min=1), real("delta", min=0, max=1)
    plain = WalkQuantile(d, d, 1, k, d**2, log(1 / delta), *UNIFORM)
    formula = OrderedWalkQuantile(*plain.args)
    assert str(plain) == "WalkQuantile(d, d, 1, k, d**2, log(1/delta), 1/3, 1/5, 1/7, ...)"
    assert str(WalkQuantile(2, 2, 1, 1, 4, 0, 1)) == "WalkQuantile(2, 2, 1, 1, 4, 0, 1)"
    assert r"\operatorname{Beta}" in to_latex(formula)
    assert r"\operatorname{Beta}" not in to_latex(plain**2)
    assert "<mi>OrderedWalkQuantile</mi>" in to_mathml(formula)
    for expression in (plain, formula):
        space = {}
        exec(to_python("bound", expression, [d, k, delta], "A bound."), space)
        compiled = compile_expression(expression, (d, k, delta))
        assert space["bound"](9, 5, 0.1) == pytest.approx(compiled(9, 5, 0.1), rel=1e-14)
        low, high = enclose(expression, {d: Integer(9), k: Integer(5), delta: Rational(1, 10)})
        assert low * (1 - 1e-11) <= compiled(9, 5, 0.1) <= high * (1 + 1e-11)
