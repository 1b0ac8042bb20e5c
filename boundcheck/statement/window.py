"""Windows that slide over a grid: the geometry of convolutions and pooling, and Lipschitz constants of pooling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Integer, S, sqrt

from boundcheck.errors import InvalidArgument

Pair = tuple[int, int]
"""Something for the rows and for the columns of a grid."""

POINT: Pair = (1, 1)
"""The grid of a dense layer."""


@dataclass(frozen=True)
class Window:
    """A window of `kernel` taps that slides over a padded grid, as deep-learning libraries define cross-correlation.

    Output (y, x) sees padded cells (y·stride + a, x·stride + b), 0 ≤ a, b < kernel. Padding holds zeros, or repeats
    the grid when it is circular. One tap on a 1 × 1 grid is what a dense layer has.

    Attributes
    ----------
    kernel, stride
        Rows and columns.
    padding
        Cells before and after the rows, and before and after the columns.
    grid
        Height and width of the input.
    """

    kernel: Pair = POINT
    stride: Pair = POINT
    padding: tuple[Pair, Pair] = ((0, 0), (0, 0))
    circular: bool = False
    grid: Pair = POINT

    def __post_init__(self) -> None:
        for axis, (length, size) in enumerate(zip(self.grid, self.kernel, strict=True)):
            before, after = self.padding[axis]
            if size > length + before + after:
                raise InvalidArgument(
                    "kernel",
                    self.kernel,
                    f"does not fit into a grid of {words(self.grid)} with padding {self.padding_words}",
                    "take a smaller kernel, more padding, or less pooling before it",
                )
            if self.circular and (before + after > size - 1 or max(before, after) > length):
                raise InvalidArgument(
                    "padding",
                    self.padding_words,
                    f"repeats cells that a circular convolution of {words(self.kernel)} taps on {words(self.grid)} "
                    "sees already",
                    f"pad by at most {size - 1} in all (padding='same' does) and at most {length} on a side",
                )

    @property
    def output_grid(self) -> Pair:
        """Height and width of the output."""
        rows, columns = (
            (length + sum(pad) - size) // step + 1
            for length, pad, size, step in zip(self.grid, self.padding, self.kernel, self.stride, strict=True)
        )
        return rows, columns

    @property
    def taps(self) -> int:
        """κ = p·q."""
        return self.kernel[0] * self.kernel[1]

    @property
    def frequency_grid(self) -> Pair:
        """The circular grid whose convolution this one is a part of.

        Zero padding of P rows in all is a compression of the circular convolution on H + min(P, p - 1) rows. A kernel
        of one row acts on every row alike, so that one row frequency tells all; likewise for columns.
        """
        rows, columns = (
            1 if size == 1 else length + (0 if self.circular else min(sum(pad), size - 1))
            for length, pad, size in zip(self.grid, self.padding, self.kernel, strict=True)
        )
        return rows, columns

    @property
    def frequencies(self) -> int:
        """N: the frequencies of that grid up to complex conjugation."""
        rows, columns = self.frequency_grid
        return (rows * columns + (2 - rows % 2) * (2 - columns % 2)) // 2

    @property
    def disjoint(self) -> bool:
        """Whether no cell of the grid is in two windows, or twice in one: then the map is a matrix for each window."""
        repeats = self.circular and any(sum(pad) > 0 for pad in self.padding)
        axes = zip(self.stride, self.kernel, self.output_grid, strict=True)
        return not repeats and all(step >= size or places == 1 for step, size, places in axes)

    @property
    def exact(self) -> bool:
        """Whether the map has the norm of what bounds it: of that matrix, or of the circular convolution."""
        if self.disjoint:  # one window without padding will do
            return all(
                -(-before // step) * step - before <= length - size
                for length, (before, _), size, step in zip(
                    self.grid, self.padding, self.kernel, self.stride, strict=True
                )
            )
        whole = self.circular and all(sum(pad) == size - 1 for pad, size in zip(self.padding, self.kernel, strict=True))
        return whole and self.stride == POINT

    @property
    def padding_words(self) -> str:
        """The padding as it may be written: 2, (1, 2) or ((0, 1), (0, 1))."""
        if any(before != after for before, after in self.padding):
            return str(self.padding)
        rows, columns = (before for before, _ in self.padding)
        return str(rows) if rows == columns else str((rows, columns))

    def __str__(self) -> str:
        parts = [words(self.kernel)]
        if self.stride != POINT:
            parts.append(f"stride {words(self.stride)}")
        if self.padding != ((0, 0), (0, 0)):
            parts.append(f"{'circular' if self.circular else 'zero'} padding {self.padding_words}")
        return ", ".join(parts)


SINGLE = Window()
"""One tap on a 1 × 1 grid."""


@dataclass(frozen=True)
class Pool:
    """Max or average pooling of every channel: a Lipschitz map that fixes 0.

    Attributes
    ----------
    kind
        "max" or "average".
    window
        Padding counts as -∞ for max pooling and as 0 for average pooling, and no window is all padding.
    whole_divisor
        Average pooling divides by the number of cells of the window, or else of those inside the grid.
    """

    kind: str
    window: Window
    whole_divisor: bool = True

    def __post_init__(self) -> None:
        if self.kind == "average" and not self.whole_divisor and self._overlap > 1:
            raise InvalidArgument(
                "count_include_pad",
                False,
                "makes overlapping windows divide by less at the border, where no Lipschitz constant is known to hold",
                "leave count_include_pad=True, or take a stride of at least the kernel",
            )

    @property
    def _overlap(self) -> int:
        """The most windows that one cell is in."""
        window = self.window
        axes = zip(window.kernel, window.stride, window.output_grid, strict=True)
        rows, columns = (min(-(-size // step), places) for size, step, places in axes)
        return rows * columns

    @property
    def lipschitz(self) -> Expr:
        """√overlap for max pooling; √(overlap/cells) for average pooling, or 1 if the divisor shrinks at the border.

        Each output of max pooling moves by at most the largest move in its window, each of average pooling by at most
        the Euclidean move over √cells, and a cell counts in at most `overlap` windows.
        """
        if self.kind == "max":
            return sqrt(Integer(self._overlap))
        return sqrt(Integer(self._overlap) / self.window.taps) if self.whole_divisor else S.One

    def __str__(self) -> str:
        window, parts = self.window, [words(self.window.kernel)]
        if window.stride != window.kernel:
            parts.append(f"stride {words(window.stride)}")
        if window.padding != ((0, 0), (0, 0)):
            parts.append(f"padding {window.padding_words}")
        if not self.whole_divisor:
            parts.append("count_include_pad=False")
        return f"{self.kind}_pool({', '.join(parts)})"


@dataclass(frozen=True)
class Pooling:
    """Pooling as it is written, before the grid is known; make one with :func:`average_pool` or :func:`max_pool`."""

    kind: str
    kernel: Pair | None
    stride: Pair | None
    padding: Pair
    whole_divisor: bool = True

    def on(self, grid: Pair) -> Pool:
        """The pooling of a grid."""
        kernel = self.kernel or grid
        rows, columns = self.padding
        window = Window(kernel, self.stride or kernel, ((rows, rows), (columns, columns)), grid=grid)
        return Pool(self.kind, window, self.whole_divisor or self.padding == (0, 0))


def words(pair: Pair) -> str:
    """Rows × columns."""
    return f"{pair[0]}×{pair[1]}"


def pair(name: str, value: Any, least: int) -> Pair:
    """Rows and columns from one integer or two, each at least `least`.

    Raises
    ------
    InvalidArgument
        When it is neither.
    """
    both = list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [value, value]
    if len(both) != 2 or not all(_is_integer(item) and item >= least for item in both):
        raise InvalidArgument(
            name,
            value,
            f"is not one integer of at least {least}, or two, for rows and columns",
            f"pass {name}={max(least, 2)} or {name}=({max(least, 2)}, {max(least, 1)})",
        )
    return int(both[0]), int(both[1])


def _is_integer(value: Any) -> bool:
    return not isinstance(value, bool) and (isinstance(value, int) or getattr(value, "is_Integer", False) is True)


def padding_of(value: Any, kernel: Pair) -> tuple[Pair, Pair]:
    """Cells before and after the rows, and the columns.

    Parameters
    ----------
    value
        One integer, two (rows, columns), two pairs ((top, bottom), (left, right)), "same" or "valid".
    kernel
        "same" pads by p - 1 in all, the larger half after the rows or columns.
    """
    if value == "valid":
        return (0, 0), (0, 0)
    if value == "same":
        rows, columns = (((size - 1) // 2, size // 2) for size in kernel)
        return rows, columns
    if isinstance(value, Sequence) and len(value) == 2 and all(isinstance(item, Sequence) for item in value):
        return pair("padding", value[0], 0), pair("padding", value[1], 0)
    try:
        rows_each, columns_each = pair("padding", value, 0)
    except InvalidArgument:
        raise InvalidArgument(
            "padding",
            value,
            "is no padding",
            'pass an integer of at least 0, (rows, columns), ((top, bottom), (left, right)), "same" or "valid"',
        ) from None
    return (rows_each, rows_each), (columns_each, columns_each)


def _pooling(kind: str, kernel: Any, stride: Any, padding: Any, *, whole_divisor: bool = True) -> Pooling:
    size = None if kernel == "global" else pair("kernel", kernel, 1)
    step = None if stride is None else pair("stride", stride, 1)
    around = pair("padding", padding, 0)
    if size is None and around != (0, 0):
        raise InvalidArgument("padding", padding, "pads a window that is the whole grid", "leave it out")
    if size is not None and any(2 * pad > cells for pad, cells in zip(around, size, strict=True)):
        raise InvalidArgument(
            "padding", padding, f"is more than half of the window {words(size)}", "pad by at most half of the kernel"
        )
    return Pooling(kind, size, step, around, whole_divisor)


def average_pool(kernel: Any, *, stride: Any = None, padding: Any = 0, count_include_pad: bool = True) -> Pooling:
    """Average pooling of every channel.

    Parameters
    ----------
    kernel
        Cells of a window: one integer, two for rows and columns, or "global" for the whole grid.
    stride
        From one window to the next; that of the kernel unless given, so that windows do not overlap.
    padding
        Zeros on each side, at most half of the kernel.
    count_include_pad
        Divide by the number of cells of the window always; else by those inside the grid, which overlapping windows
        are refused: no Lipschitz constant of at most 1 holds there.

    Raises
    ------
    InvalidArgument
        When kernel, stride or padding are none, or do not fit each other.
    """
    if not isinstance(count_include_pad, bool):
        raise InvalidArgument("count_include_pad", count_include_pad, "is neither true nor false", "pass one of them")
    return _pooling("average", kernel, stride, padding, whole_divisor=count_include_pad)


def max_pool(kernel: Any, *, stride: Any = None, padding: Any = 0) -> Pooling:
    """Max pooling of every channel; parameters and errors are those of :func:`average_pool`, padding is -∞."""
    return _pooling("max", kernel, stride, padding)
