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
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            product = self.value * _array(other)
        exact = (self.value == 0) | (_array(other) == 0)
        return Upward(np.where(exact & ~np.isnan(product), 0.0, np.nextafter(product, np.inf)))

    __rmul__ = __mul__

    def __add__(self, other: Upward | float) -> Upward:
        with np.errstate(over="ignore"):
            return Upward(np.nextafter(self.value + _array(other), np.inf))

    __radd__ = __add__


def _array(value: Upward | float) -> NDArray[np.float64]:
    return value.value if isinstance(value, Upward) else np.asarray(value, dtype=np.float64)
