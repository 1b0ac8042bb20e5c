"""The first of many integers at which a bound is small enough: whole ranges are excluded at once, by enclosures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sympy import Expr, Rational

from boundcheck.formula.rigorous import Interval

MOST_STEPS = 4000
"""Enclosures of ranges in one search for the first integer; some hundreds are common."""
MOST_STEPS_ABOVE = 300
"""Those in one search for where all larger ones will do: bounds with integer counts are saws, teeth near epsilon."""
_GROW, _SHRINK, _NEAR, _PATIENCE = 1.6, 0.4, 0.75, 4

Spanned = Callable[[int, int, int], tuple[Interval, bool]]
"""Encloses the bound from one integer to another, both included: its least value (-1) or its largest (1) is wanted.
Also says whether moments in floats were used."""


@dataclass(frozen=True)
class Found:
    """What a search found.

    Attributes
    ----------
    value
        The first integer, in the order of the search, that was seen to do; None where none was.
    bound
        Enclosure of the bound there.
    excluded
        The last integer such that it and all before it are known not to do; None where the first is open.
    floats
        Whether that rests on moments in floats (with a margin), besides enclosures.
    """

    value: int | None
    bound: Interval | None
    excluded: int | None
    floats: bool


def first_small(
    spanned: Spanned,
    tried: Callable[[int], Interval | None],
    epsilon: Expr,
    first: int,
    last: int,
    ruled_out: Callable[[], bool] = lambda: False,
) -> Found:
    """Search from `first` towards `last`, upwards or downwards, for an integer at which the bound is at most epsilon.

    A range whose least value exceeds epsilon is excluded as a whole; one that is not is cut, down to single integers,
    which `tried` decides: it returns an enclosure of the bound where that is at most epsilon; where it is not,
    `ruled_out` says whether that enclosure lies above epsilon. Ranges grow after each
    that was excluded. So every integer before the value found is excluded by an enclosure, or is one that enclosures
    leave open. After :data:`MOST_STEPS` ranges the next integer that will do is found by bisection and nothing is said
    of those between.
    """
    way = 1 if last >= first else -1
    at, step, open_at, rests = first, 1, None, False
    pace = _Pace()
    for _ in range(MOST_STEPS):
        if (last - at) * way < 0:
            break
        end = at + way * (min(step, abs(last - at) + 1) - 1)
        values, floats = spanned(min(at, end), max(at, end), -1)
        if above(values.low, epsilon):
            rests |= floats
            at, step = end + way, pace.after(step, good=True)
        elif end != at:
            step = pace.after(step, good=False)
        elif (bound := tried(at)) is not None:
            return Found(at, bound, _before(open_at if open_at is not None else at, first, way), rests)
        else:
            open_at = at if open_at is None and not ruled_out() else open_at
            at += way
    else:
        value, bound = _galloped(tried, at, last, way)
        return Found(value, bound, _before(at if open_at is None else open_at, first, way), rests)
    return Found(None, None, _before(at if open_at is None else open_at, first, way), rests)


def small_from(
    spanned: Spanned, epsilon: Expr, first: int, last: int, *, steps: int = MOST_STEPS_ABOVE
) -> tuple[int | None, bool]:
    """An integer from which on all, up to `last`, have a bound of at most epsilon: the least that is found from above.

    None where that is not known of `last` itself. Integers that enclosures leave open count as ones that will not do.
    Also whether it rests on moments in floats. With fewer steps, the ranges to try, the integer may be larger.
    """
    at, known, rests = last, None, False
    # From above: there the bound is small, and ranges may be long.
    step, pace = max(1, (last - first) // 2), _Pace()
    for _ in range(steps):
        if at < first:
            break
        end = max(first, at - step + 1)
        values, floats = spanned(end, at, 1)
        if not above(values.high, epsilon):
            rests |= floats
            known, at, step = end, end - 1, pace.after(step, good=True)
        elif end == at:
            break
        else:
            step = pace.after(step, good=False)
    return known, rests


class _Pace:
    """Lengths of ranges: they grow, until one was too long; towards a threshold they then become shorter by and by."""

    def __init__(self) -> None:
        self.near = False
        self.good = 0

    def after(self, step: int, *, good: bool) -> int:
        """The next length."""
        self.good = self.good + 1 if good else 0
        self.near = not good or (self.near and self.good < _PATIENCE)
        if not good:
            return max(1, int(step * _SHRINK))
        return max(1, int(step * _NEAR)) if self.near else max(step + 1, int(step * _GROW))


def above(value: float, epsilon: Expr) -> bool:
    """Whether a float exceeds a rational, exactly; infinite ones and NaN as they should."""
    if value in (float("inf"), float("-inf")):
        return value > 0
    return bool(Rational(value) > epsilon)


def _before(at: int, first: int, way: int) -> int | None:
    return at - way if at != first else None


def _galloped(
    tried: Callable[[int], Interval | None], at: int, last: int, way: int
) -> tuple[int | None, Interval | None]:
    """An integer beyond `at` that will do, the nearest that doubling and bisection find."""
    step, bad = 1, at
    while (bound := tried(near := at + way * min(step, abs(last - at)))) is None:
        if near == last:
            return None, None
        bad, step = near, 2 * step
    while abs(near - bad) > 1:
        middle = (near + bad) // 2
        if (closer := tried(middle)) is not None:
            near, bound = middle, closer
        else:
            bad = middle
    return near, bound
