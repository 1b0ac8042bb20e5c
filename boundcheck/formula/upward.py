"""Float arithmetic on nonnegative numbers that rounds every operation upward."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


class Upward:
    """Nonnegative float64 array whose sums and products are upper bounds of the exact ones.

    Each result moves to the next float above, which also covers underflow; what is undefined (0·∞) is ∞.

    Parameters
    ----------
    value
        Upper bounds of nonnegative numbers, any shape.

    Examples
    --------
    >>> float((Upward(1e-200) * Upward(1e-200)).value) > 0
    True
    """

    def __init__(self, value: ArrayLike) -> None:
        array = np.asarray(value, dtype=np.float64)
        self.value: NDArray[np.float64] = np.where(np.isnan(array), np.inf, array)

    def __mul__(self, other: Upward | float) -> Upward:
        factor = _array(other)
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            product = self.value * factor
        return Upward(_above(product, exact=((self.value == 0) | (factor == 0)) & ~np.isnan(product)))

    __rmul__ = __mul__

    def __add__(self, other: Upward | float) -> Upward:
        term = _array(other)
        with np.errstate(over="ignore"):
            total = self.value + term
        return Upward(_above(total, exact=(self.value == 0) | (term == 0)))

    __radd__ = __add__


def _above(value: NDArray[np.float64], *, exact: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The next float above, where the value is rounded."""
    return np.where(exact, value, np.nextafter(value, np.inf))


def _array(value: Upward | float) -> NDArray[np.float64]:
    return value.value if isinstance(value, Upward) else np.asarray(value, dtype=np.float64)
