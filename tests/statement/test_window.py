"""Windows on grids against plain counting; norms of convolutions and pooling against matrices by their definition."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statistics_helpers import caught, examples
from sympy import Integer, Rational, sqrt

from boundcheck.errors import InvalidArgument
from boundcheck.statement.window import POINT, SINGLE, Pool, Window, average_pool, max_pool, padding_of, pair

SIDES = st.integers(1, 6)


@st.composite
def windows(draw, max_side=5, max_kernel=4, max_stride=3):
    """Any window that is allowed: also larger than the grid, padded by more than it is long, on one side only."""
    circular = draw(st.booleans())
    axes = []
    for _ in range(2):
        length, size = draw(st.integers(1, max_side)), draw(st.integers(1, max_kernel))
        most = size - 1 if circular else size + 2
        if circular:
            size = min(size, 3 * length)
            most = min(size - 1, 2 * length)
        total = draw(st.integers(max(0, size - length), max(most, size - length)))
        low, high = (max(0, total - length), min(total, length)) if circular else (0, total)
        before = draw(st.integers(low, high))
        axes.append((length, size, (before, total - before), draw(st.integers(1, max_stride))))
    grid, kernel, padding, stride = zip(*axes, strict=True)
    return Window(kernel, stride, padding, circular, grid)


def positions(window):
    """The cells of the padded grid at which windows begin, found by trying all."""
    lengths = [length + sum(pad) for length, pad in zip(window.grid, window.padding, strict=True)]
    return [
        [y for y in range(length) if y % step == 0 and y + size <= length]
        for length, size, step in zip(lengths, window.kernel, window.stride, strict=True)
    ]


def operator(window, kernel):
    """The matrix of a cross-correlation by its definition; `kernel` is [outputs, inputs, rows, columns]."""
    outputs, inputs = kernel.shape[:2]
    height, width = window.grid
    top, left = window.padding[0][0], window.padding[1][0]
    starts = list(itertools.product(*positions(window)))
    matrix = np.zeros((len(starts), outputs, inputs, height, width))
    for place, (y, x) in enumerate(starts):
        for a, b in itertools.product(*map(range, window.kernel)):
            row, column = y + a - top, x + b - left
            if window.circular:
                row, column = row % height, column % width
            if 0 <= row < height and 0 <= column < width:
                matrix[place, :, :, row, column] += kernel[:, :, a, b]
    return matrix.reshape(len(starts) * outputs, -1)


def norm_at_frequencies(grid, kernel):
    """The largest norm over all frequencies of a circular grid, onto which larger kernels are folded."""
    folded = np.zeros((*kernel.shape[:2], *grid), complex)
    for a, b in itertools.product(range(kernel.shape[2]), range(kernel.shape[3])):
        folded[:, :, a % grid[0], b % grid[1]] += kernel[:, :, a, b]
    blocks = np.fft.fft2(folded).reshape(*kernel.shape[:2], -1)
    return max(np.linalg.norm(blocks[:, :, i], 2) for i in range(blocks.shape[2]))


# Geometry -------------------------------------------------------------------------------------------------------------


@examples(80)
@given(windows())
def test_the_output_grid_is_the_number_of_window_positions(window):
    assert window.output_grid == tuple(map(len, positions(window)))
    assert min(window.output_grid) >= 1
    assert window.taps == window.kernel[0] * window.kernel[1]


@examples(100)
@given(windows())
def test_frequencies_are_counted_up_to_conjugation(window):
    rows, columns = window.frequency_grid
    classes = {frozenset({(u, v), (-u % rows, -v % columns)}) for u in range(rows) for v in range(columns)}
    assert window.frequencies == len(classes)


def test_frequency_grids():
    def grid(**options):
        return Window((3, 5), grid=(8, 9), **options).frequency_grid

    assert grid() == (8, 9)
    assert grid(padding=((1, 0), (2, 2))) == (9, 13)
    assert grid(padding=((4, 4), (7, 7))) == (8 + 2, 9 + 4)  # more zeros are never seen
    assert grid(padding=((1, 1), (2, 2)), circular=True) == (8, 9)
    assert Window((1, 1), grid=(8, 9), padding=((3, 3), (3, 3))).frequency_grid == POINT
    assert Window((1, 5), grid=(8, 9), padding=((3, 3), (2, 2))).frequency_grid == (1, 13)
    assert (SINGLE.taps, SINGLE.frequencies, SINGLE.output_grid, SINGLE.exact) == (1, 1, POINT, True)


@examples(60)
@given(st.tuples(SIDES, SIDES), st.tuples(st.integers(1, 7), st.integers(1, 7)))
def test_same_padding_keeps_the_grid(grid, kernel):
    padding = padding_of("same", kernel)
    window = Window(kernel, padding=padding, grid=grid)
    assert window.output_grid == grid
    for (before, after), size in zip(padding, kernel, strict=True):
        assert before + after == size - 1
        assert after - before in (0, 1)


def test_forms_of_padding():
    assert padding_of("valid", (3, 4)) == ((0, 0), (0, 0)) == padding_of(0, (3, 4))
    assert padding_of("same", (3, 4)) == ((1, 1), (1, 2))
    assert padding_of(2, (3, 4)) == ((2, 2), (2, 2)) == padding_of((2, 2), (3, 4))
    assert padding_of([1, 2], (3, 4)) == ((1, 1), (2, 2)) == padding_of(((1, 1), (2, 2)), (3, 4))
    assert padding_of(((0, 1), (2, 3)), (3, 4)) == ((0, 1), (2, 3))
    assert pair("stride", Integer(3), 1) == (3, 3)
    assert pair("stride", [2, 1], 1) == (2, 1)
    for padding, words in ((2, "2"), ((1, 2), "(1, 2)"), (((0, 1), (1, 1)), "((0, 1), (1, 1))")):
        window = Window((3, 3), padding=padding_of(padding, (3, 3)), grid=(8, 8))
        assert padding_of(eval(words), (3, 3)) == window.padding
        assert str(window) == f"3×3, zero padding {words}"
    assert str(Window((3, 2), (2, 1), ((1, 1), (0, 0)), True, (8, 8))) == "3×2, stride 2×1, circular padding (1, 0)"


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (
            lambda: Window((9, 1), grid=(6, 6), padding=((1, 1), (0, 0))),
            r"kernel=\(9, 1\) does not fit into a grid of 6×6 with padding \(1, 0\); take a smaller kernel",
        ),
        (
            lambda: Window((1, 3), padding=((1, 0), (1, 1)), circular=True, grid=(4, 4)),
            r"padding='\(\(1, 0\), \(1, 1\)\)' repeats cells that a circular .*; pad by at most 0 in all .*'same'",
        ),
        (
            lambda: Window((5, 5), padding=((3, 1), (2, 2)), circular=True, grid=(2, 5)),
            r"padding=.* repeats cells .*; pad by at most 4 in all .* and at most 2 on a side",
        ),
        (
            lambda: padding_of("full", (3, 3)),
            r"padding='full' is no padding; pass an integer of at least 0, .*\"same\"",
        ),
        (lambda: padding_of(-1, (3, 3)), r"padding=-1 is no padding"),
        (lambda: padding_of((1, 2, 3), (3, 3)), r"padding=\(1, 2, 3\) is no padding"),
        (lambda: padding_of(((1, -1), (0, 0)), (3, 3)), r"padding=\(1, -1\) is not one integer of at least 0"),
        (lambda: padding_of(((1, 1), 2), (3, 3)), r"padding=\(\(1, 1\), 2\) is no padding"),
        (lambda: padding_of(None, (3, 3)), r"padding=None is no padding"),
        (lambda: pair("kernel", 0, 1), r"kernel=0 is not one integer of at least 1, or two, .*; pass kernel=2 or"),
        (lambda: pair("kernel", True, 1), r"kernel=True is not one integer"),
        (lambda: pair("kernel", 2.0, 1), r"kernel=2.0 is not one integer"),
        (lambda: pair("kernel", Rational(5, 2), 1), r"kernel=5/2 is not one integer"),
        (lambda: pair("kernel", "33", 1), r"kernel='33' is not one integer"),
        (lambda: pair("kernel", (3, 3, 3), 1), r"kernel=\(3, 3, 3\) is not one integer"),
        (lambda: max_pool(0), r"kernel=0 is not one integer"),
        (lambda: max_pool(2, stride=0), r"stride=0 is not one integer"),
        (lambda: max_pool((2, 4), padding=2), r"padding=2 is more than half of the window 2×4; pad by at most half"),
        (lambda: average_pool(1, padding=1), r"padding=1 is more than half of the window 1×1"),
        (lambda: average_pool("global", padding=1), r"padding=1 pads a window that is the whole grid; leave it out"),
        (lambda: average_pool("all"), r"kernel='all' is not one integer"),
        (lambda: average_pool(2, count_include_pad="no"), r"count_include_pad='no' is neither true nor false"),
        (lambda: max_pool(7).on((6, 9)), r"kernel=\(7, 7\) does not fit into a grid of 6×9 with padding 0"),
        (
            lambda: average_pool(3, stride=1, padding=1, count_include_pad=False).on((3, 3)),
            r"count_include_pad=False makes overlapping windows divide by less .*; leave count_include_pad=True",
        ),
    ],
)
def test_impossible_windows_are_refused(build, message):
    with pytest.raises(InvalidArgument, match="^" + message) as caught_error:
        build()
    assert "\n" not in str(caught_error.value)


# Convolutions are parts of circular ones ------------------------------------------------------------------------------


@st.composite
def convolutions(draw):
    window = draw(windows())
    shape = (draw(st.integers(1, 2)), draw(st.integers(1, 2)), *window.kernel)
    kernel = np.random.default_rng(draw(st.integers(0, 2**32))).standard_normal(shape)
    if draw(st.booleans()):  # equal signs add up at frequency 0
        kernel = np.abs(kernel)
    return window, kernel


def is_a_part(grid_of):
    def holds(case):
        window, kernel = case
        norm = np.linalg.norm(operator(window, kernel), 2)
        whole = norm_at_frequencies(grid_of(window), kernel)
        bounds = [whole, *([np.linalg.norm(kernel.reshape(len(kernel), -1), 2)] if window.disjoint else [])]
        return norm <= min(bounds) * (1 + 1e-12) and (not window.exact or norm >= bounds[-1] * (1 - 1e-12))

    return holds


@examples(80)
@given(convolutions())
def test_the_norm_is_at_most_that_at_the_frequencies_and_equal_where_said(case):
    assert is_a_part(lambda window: window.frequency_grid)(case)


@pytest.mark.parametrize(
    "grid_of",
    [
        lambda window: window.grid,  # zero padding taken for circular padding
        lambda window: tuple(map(max, zip(window.grid, (x - 1 for x in window.frequency_grid), strict=True))),
    ],
)
def test_a_grid_that_is_too_small_is_caught(grid_of):
    assert caught(convolutions(), is_a_part(grid_of), count=500)


@pytest.mark.parametrize(
    ("window", "disjoint"),
    [
        (Window((2, 3), (2, 3), grid=(6, 6)), True),
        (Window((2, 3), (3, 4), ((1, 0), (2, 2)), grid=(6, 6)), True),
        (Window((2, 3), (1, 3), grid=(6, 6)), False),
        (Window((6, 3), (1, 3), grid=(6, 6)), True),
        (Window((2, 2), (2, 2), ((1, 0), (0, 0)), circular=True, grid=(3, 4)), False),
    ],
)
def test_windows_that_share_no_cell(window, disjoint):
    cells = operator(window, np.ones((1, 1, *window.kernel)))
    assert window.disjoint == disjoint == bool((cells.sum(axis=0) <= 1).all())


def test_what_is_exact():
    same = {"padding": ((1, 1), (1, 1)), "circular": True, "grid": (4, 4)}
    assert Window((3, 3), **same).exact
    assert not Window((3, 3), (2, 1), **same).exact
    assert not Window((3, 3), padding=((1, 1), (1, 1)), grid=(4, 4)).exact
    assert not Window((3, 3), padding=((1, 0), (1, 1)), circular=True, grid=(4, 4)).exact
    assert Window((1, 1), (3, 3), ((2, 2), (2, 2)), grid=(4, 4)).exact
    # Patches that do not overlap, and a single one.
    assert Window((2, 2), (2, 2), grid=(4, 4)).exact
    assert Window((4, 4), grid=(4, 4)).exact
    assert not Window((2, 2), (4, 4), ((1, 1), (0, 0)), grid=(3, 4)).exact
    # Outputs at 0 and 2 of the padded line see only the zeros around the one cell.
    unseen = Window((1, 1), (2, 1), ((1, 1), (0, 0)), grid=(1, 1))
    assert not unseen.exact
    assert not operator(unseen, np.ones((1, 1, 1, 1))).any()


def test_circular_padding_that_repeats_outputs_would_have_a_larger_norm():
    """One tap on four cells padded by one: two outputs are repeated, and the norm is √2 instead of 1."""
    line = np.eye(4)[[3, 0, 1, 2, 3, 0]]
    assert np.linalg.norm(line, 2) == pytest.approx(math.sqrt(2))
    with pytest.raises(InvalidArgument, match="repeats cells"):
        Window((1, 1), padding=((1, 1), (0, 0)), circular=True, grid=(4, 1))


# Pooling --------------------------------------------------------------------------------------------------------------


@st.composite
def pools(draw, kind):
    kernel = tuple(draw(st.integers(1, 4)) for _ in range(2))
    padding = tuple(draw(st.integers(0, size // 2)) for size in kernel)
    grid = tuple(draw(st.integers(max(1, size - 2 * pad), 6)) for size, pad in zip(kernel, padding, strict=True))
    stride = tuple(draw(st.integers(1, 4)) for _ in range(2))
    build = max_pool if kind == "max" else average_pool
    tiles = all(step >= size for step, size in zip(stride, kernel, strict=True))
    options = {"count_include_pad": draw(st.booleans())} if kind == "average" and tiles else {}
    return build(kernel, stride=stride, padding=padding, **options).on(grid)


def cells_of(window):
    """For each output the cells of the grid in its window."""
    (top, _), (left, _) = window.padding
    found = []
    for y, x in itertools.product(*positions(window)):
        rows = [r for r in range(y - top, y - top + window.kernel[0]) if 0 <= r < window.grid[0]]
        columns = [c for c in range(x - left, x - left + window.kernel[1]) if 0 <= c < window.grid[1]]
        found.append([r * window.grid[1] + c for r in rows for c in columns])
    return found


def averages(pool):
    cells = cells_of(pool.window)
    matrix = np.zeros((len(cells), math.prod(pool.window.grid)))
    for row, inside in zip(matrix, cells, strict=True):
        row[inside] = 1 / (pool.window.taps if pool.whole_divisor else len(inside))
    return matrix


def average_norm(pool):
    return np.linalg.norm(averages(pool), 2)


def pooled(pool, x):
    return np.array([x[inside].max() for inside in cells_of(pool.window)])


@examples(60)
@given(st.one_of(pools("average"), pools("max")))
def test_no_window_is_all_padding(pool):
    assert all(cells_of(pool.window))


@examples(100)
@given(pools("average"))
def test_average_pooling_has_at_most_its_constant(pool):
    assert average_norm(pool) <= float(pool.lipschitz) * (1 + 1e-12)
    assert pool.lipschitz <= 1


@pytest.mark.parametrize("kernel", [1, 2, (3, 2), "global"])
def test_average_pooling_that_tiles_attains_its_constant(kernel):
    pool = average_pool(kernel).on((6, 6))
    cells = 36 if kernel == "global" else math.prod(pair("kernel", kernel, 1))
    assert pool.lipschitz == 1 / sqrt(cells)
    assert average_norm(pool) == pytest.approx(float(pool.lipschitz), rel=1e-12)


def test_overlapping_average_pooling_comes_close_to_its_constant():
    """Three cells, stride 1: each cell counts three times, so √(3/3) = 1 for long lines."""
    pool = average_pool((1, 3), stride=1).on((1, 60))
    assert pool.lipschitz == 1
    assert 0.99 < average_norm(pool) <= 1


def test_a_divisor_that_shrinks_attains_1_without_overlap():
    pool = average_pool(2, padding=1, count_include_pad=False).on((2, 2))
    assert pool.lipschitz == 1
    assert average_norm(pool) == pytest.approx(1)
    whole = average_pool(2, padding=1).on((2, 2))
    assert whole.lipschitz == Rational(1, 2)
    # Without padding the divisor never shrinks.
    assert average_pool(3, stride=1, count_include_pad=False).on((5, 5)) == average_pool(3, stride=1).on((5, 5))


def test_overlapping_windows_with_a_shrinking_divisor_exceed_1():
    """Planted: the constant 1 would be wrong there (length 3, window 3, stride 1: 1.028), and it is refused."""
    window = Window((1, 3), padding=((0, 0), (1, 1)), grid=(1, 3))
    shrinking = np.array([[1 / 2, 1 / 2, 0], [1 / 3, 1 / 3, 1 / 3], [0, 1 / 2, 1 / 2]])
    assert np.linalg.norm(shrinking, 2) == pytest.approx(1.028, abs=5e-4)
    assert np.array_equal([len(inside) for inside in cells_of(window)], [2, 3, 2])
    with pytest.raises(InvalidArgument, match="no Lipschitz constant is known"):
        Pool("average", window, whole_divisor=False)
    with pytest.raises(InvalidArgument, match="no Lipschitz constant is known"):
        average_pool((1, 3), stride=1, padding=(0, 1), count_include_pad=False).on((1, 3))


@st.composite
def max_pools_and_inputs(draw):
    pool = draw(pools("max"))
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    x = generator.standard_normal(math.prod(pool.window.grid))
    if draw(st.booleans()):
        return pool, x, x + generator.standard_normal(x.size)
    # One cell that rises above all others shows up in every window that it is in.
    y = np.zeros(x.size)
    y[draw(st.integers(0, x.size - 1))] = 1
    return pool, np.zeros(x.size), y


def max_moves(factor):
    def holds(case):
        pool, x, y = case
        moved = np.linalg.norm(pooled(pool, x) - pooled(pool, y))
        return moved <= factor(pool) * np.linalg.norm(x - y) * (1 + 1e-12)

    return holds


@examples(100)
@given(max_pools_and_inputs())
def test_max_pooling_moves_by_at_most_its_constant(case):
    assert max_moves(lambda pool: float(pool.lipschitz))(case)


def test_smaller_constants_of_max_pooling_are_caught():
    assert caught(max_pools_and_inputs(), max_moves(lambda pool: 1.0), count=500)
    assert caught(max_pools_and_inputs(), max_moves(lambda pool: 0.99 * float(pool.lipschitz)), count=500)


@pytest.mark.parametrize(("kernel", "stride"), [(2, 2), (3, 2), (3, 1), ((3, 2), (2, 1)), (2, 3)])
def test_one_cell_attains_the_constant_of_max_pooling(kernel, stride):
    pool = max_pool(kernel, stride=stride).on((9, 9))
    most = max(np.linalg.norm(pooled(pool, unit)) for unit in np.eye(81))
    assert most == pytest.approx(float(pool.lipschitz), rel=1e-12)


def test_pools_in_words():
    assert str(max_pool(2).on((6, 6))) == "max_pool(2×2)"
    assert str(max_pool(3, stride=1).on((6, 6))) == "max_pool(3×3, stride 1×1)"
    assert str(max_pool(3, stride=2, padding=1).on((6, 6))) == "max_pool(3×3, stride 2×2, padding 1)"
    tiles = average_pool(2, padding=(0, 1), count_include_pad=False).on((6, 6))
    assert str(tiles) == "average_pool(2×2, padding (0, 1), count_include_pad=False)"


def test_a_single_window_overlaps_none():
    assert max_pool("global", stride=1).on((8, 8)).lipschitz == 1
    assert average_pool("global", stride=1).on((8, 8)).lipschitz == Rational(1, 8)
    assert average_pool((4, 4), stride=1, padding=(1, 0), count_include_pad=False).on((2, 4)).lipschitz == 1
