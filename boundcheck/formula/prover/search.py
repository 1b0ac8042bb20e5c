"""Search for a point where a difference is negative: samples at all scales, local descent, best-first bisection."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping
from itertools import count, islice, product

from flint import arb
from sympy import Expr, Integer, Rational, Symbol, floor, oo

from boundcheck.formula.prover.boxes import Box, middle, samples
from boundcheck.formula.prover.covering import lower_bound, slopes_of
from boundcheck.formula.prover.descent import short
from boundcheck.formula.prover.program import at, sign_at

Point = Mapping[Symbol, Expr]
_SAMPLES, _STARTS, _MOVES = 300, 6, 60
_FAR = 10**9


class Search:
    """Minimises `difference` on a box; a point counts when `accept` has verified it.

    With `ties`, equality is no less of interest than a negative value.
    """

    def __init__(
        self, difference: Expr, box: Box, accept: Callable[[Point], bool], integers: set[Symbol], *, ties: bool
    ) -> None:
        self.difference = difference
        self.box = box.only(difference.free_symbols)
        self.rest = next(samples(box, 1))
        self.accept = accept
        self.integers = integers
        self.signs = (-1, 0, None) if ties else (-1,)

    def quick(self) -> Point | None:
        """Sample points, then downhill from the lowest ones."""
        lowest: list[tuple[float, int, Point]] = []
        for number, point in enumerate(self._candidates()):
            if self._negative(point):
                return self._full(point)
            value = at(self.difference, point)
            if value.is_finite():
                lowest.append((float(value.mid()), number, point))
        for _, _, point in sorted(lowest, key=lambda item: item[:2])[:_STARTS]:
            found = self._downhill(dict(point))
            if found is not None:
                return found
        return None

    def deep(self, steps: int) -> tuple[Point | None, list[Box]]:
        """Best-first branch and bound; the boxes that are left when the steps are used up, lowest bound first."""
        slopes = slopes_of(self.difference)
        order = count()
        heap: list[tuple[float, int, Box]] = []

        def push(part: Box) -> None:
            low = lower_bound(self.difference, part, slopes)
            if low is None or not low > 0:
                heapq.heappush(heap, (-float("inf") if low is None else float(low), next(order), part))

        push(self.box)
        for step in range(steps):
            if not heap:
                break
            _, _, part = heapq.heappop(heap)
            point = self._whole({s: middle(low, high) if low != high else low for s, low, high in part.sides})
            if self._negative(point):
                return self._full(point), []
            if step % 8 == 0:
                found = self._downhill(dict(point), part)
                if found is not None:
                    return found, []
            for half in _halves(part):
                push(half)
        return None, [part for _, _, part in sorted(heap)[:5]]

    def _candidates(self) -> Iterator[Point]:
        special = [
            [v for v in dict.fromkeys((low, high, Integer(0))) if v.is_finite and low <= v <= high]
            or [middle(low, high)]
            for _, low, high in self.box.sides
        ]
        for values in islice(product(*special), _SAMPLES):
            yield dict(zip(self.box.symbols, values, strict=True))
        for point in samples(self.box, _SAMPLES):
            yield self._whole(point)
        for symbol, low, high in self.box.sides:
            if symbol in self.integers:
                first = low if low != -oo else Integer(0) if high == oo else high - 12
                for point in samples(self.box, 12):
                    for k in range(13):
                        if first + k <= high:
                            yield self._whole({**point, symbol: first + k})

    def _whole(self, point: Point) -> Point:
        """The point with integer parameters rounded."""
        return {s: floor(v + Rational(1, 2)) if s in self.integers else v for s, v in point.items()}

    def _full(self, point: Point) -> Point:
        return {**self.rest, **point}

    def _negative(self, point: Point) -> bool:
        return sign_at(self.difference, point) in self.signs and self.accept(self._full(point))

    def _value(self, point: Point) -> arb | None:
        value = at(self.difference, point)
        return value.mid() if value.is_finite() else None

    def _downhill(self, point: dict[Symbol, Expr], within: Box | None = None) -> Point | None:
        """Parabola steps and halved compass steps, one symbol at a time."""
        box = within or self.box
        steps = {s: _first_step(low, high, point[s]) for s, low, high in box.sides if s not in self.integers}
        best = self._value(point)
        moves = 0
        while best is not None and moves < _MOVES and steps:
            improved = False
            for symbol, step in steps.items():
                low, high = box.ends[symbol]
                x = point[symbol]
                values = {}
                for y in (x - step, x + step):
                    moves += 1
                    value = self._value({**point, symbol: y}) if low < y < high else None
                    if value is not None:
                        values[y] = value
                if len(values) == 2:
                    y = _vertex(x, step, values[x - step], best, values[x + step])
                    value = self._value({**point, symbol: y}) if y is not None and low < y < high else None
                    if value is not None:
                        values[y] = value
                for y, value in values.items():
                    if value < best:
                        best, improved = value, True
                        point = {**point, symbol: y}
                if improved and best < 0 and self._negative(point):
                    return self._full(point)
            if not improved:
                steps = {s: step / 4 for s, step in steps.items()}
        return None


def _first_step(low: Expr, high: Expr, x: Expr) -> Expr:
    if low != -oo and high != oo:
        return (high - low) / 16
    return max(abs(x) / 8, Rational(1, 16))


def _vertex(x: Expr, step: Expr, left: arb, centre: arb, right: arb) -> Expr | None:
    """Lowest point of the parabola through three values, as a short rational."""
    bend = left - 2 * centre + right
    if not bend > 0:
        return None
    shift = float((left - right) / (2 * bend))
    if not abs(shift) < 8:
        return None
    near, slack = x + step * Rational(shift), abs(step) * max(Rational(abs(shift)), Rational(1, 2**20)) / 2**30
    return short(near - slack, near + slack)


def _halves(part: Box) -> tuple[Box, ...]:
    """Split the widest side; an infinite one at 0 or far out, up to 10⁹."""
    best: tuple[Expr, Symbol, Expr] | None = None
    for symbol, low, high in part.sides:
        at_point = middle(low, high)
        infinite = low == -oo or high == oo
        if (infinite and abs(at_point) > _FAR) or low == high:
            continue
        size = Rational(4) if infinite else (high - low) / max(1, abs(at_point))
        if best is None or size > best[0]:
            best = size, symbol, at_point
    return () if best is None else part.split(best[1], best[2])
