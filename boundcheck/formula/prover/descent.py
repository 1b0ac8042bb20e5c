"""The recursion: a goal f ≥ 0 on a box becomes simpler goals, by the sign of derivatives and values at faces."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import sympy
from sympy import Expr, Integer, Rational, Symbol, oo

from boundcheck.formula.prover.algebra import definite, expression, factors
from boundcheck.formula.prover.boxes import Box, middle, samples
from boundcheck.formula.prover.certificate import Node
from boundcheck.formula.prover.covering import cover
from boundcheck.formula.prover.derivative import derivative
from boundcheck.formula.prover.forms import Form, exponentials, forms, squares
from boundcheck.formula.prover.limits import limit, regular
from boundcheck.formula.prover.polynomials import nonnegative
from boundcheck.formula.prover.program import sign_at
from boundcheck.formula.prover.signs import sign
from boundcheck.formula.prover.waves import expanded
from boundcheck.formula.rigorous import Unwieldy, put

SCHEDULE = ((2, 0), (3, 1), (4, 2), (5, 3), (6, 5), (7, 7))
"""(derivatives, splits) allowed in one branch, tried in turn."""
_OPERATIONS_A_STEP, _MOST_OPERATIONS = 8, 400
"""A long expression costs more steps; a very long one is hopeless."""
_COVER_EARLY, _COVER_LATE = 24, 400


class Exhausted(Exception):
    """The steps are used up."""


class Descent:
    """One search with a budget of steps; what failed is not tried again with less."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.failed: dict[tuple[Expr, Box], set[tuple[int, int]]] = {}
        self.proved: dict[tuple[Expr, Box], Node] = {}

    def search(self, goal: Expr, box: Box) -> Node | None:
        """A proof of goal ≥ 0 on the open box, or None."""
        try:
            if _vanishes(goal, box):
                return Node("zero", goal, box)
            for depth, splits in SCHEDULE:
                proof = self.prove(goal, box, depth, splits)
                if proof is not None:
                    return proof
        except Exhausted:
            pass
        return None

    def prove(self, goal: Expr, box: Box, depth: int, splits: int) -> Node | None:
        """A proof within so many derivatives and splits, or None."""
        box = box.only(goal.free_symbols)
        key = goal, box
        if key in self.proved:
            return self.proved[key]
        if any(d >= depth and s >= splits for d, s in self.failed.get(key, ())):
            return None
        self.steps -= 1
        if self.steps < 0:
            raise Exhausted
        try:
            proof = self._factors(goal, box, depth, splits)
        except Unwieldy:
            # Without a normal form there are still the goal's own sign and enclosures.
            known = sign(goal, box)
            signed = Node("sign", goal, box, {"form": goal}) if known is not None and known.value > 0 else None
            proof = signed or self._leaf(goal, box) or self._split(goal, box, depth, splits)
        if proof is None:
            self.failed.setdefault(key, set()).add((depth, splits))
        else:
            self.proved[key] = proof
        return proof

    def _factors(self, goal: Expr, box: Box, depth: int, splits: int) -> Node | None:
        """Drop the factors of known sign; prove the others one by one."""
        coefficient, parts = factors(goal, box)
        form = expression((coefficient, parts))
        if coefficient == 0:
            return Node("zero", goal, box)
        known = sign(form, box)
        if known is not None:
            return Node("sign", goal, box, {"form": form}) if known.value > 0 else None
        value, dropped, kept = (1 if coefficient > 0 else -1), [abs(coefficient)], []
        for f, k in parts:
            own = sign(f, box)
            if k % 2 == 0 and (k > 0 or (own is not None and own.strict)):
                dropped.append(f**k)
            elif own is not None and (k > 0 or own.strict):
                value *= own.value
                dropped.append((f if own.value > 0 else -f) ** k)
            else:
                kept.append((f, k))
        if any(k < 0 for _, k in kept):
            return self._split(goal, box, depth, splits)
        if len(kept) == 1:
            core = kept[0][0] * value
            proof = self._core(core, box.only(core.free_symbols), depth, splits)
            if core == goal:
                return proof
            multiplier = sympy.Mul(*dropped, *(f ** (k - 1) for f, k in kept))
            return proof and Node("scale", goal, box, {"multiplier": multiplier}, (proof,))
        signs = [signs_on(f, box) for f, _ in kept]
        if any(len(s) != 1 for s in signs):
            return self._core(form, box, depth, splits)
        children = []
        for (f, _), s in zip(kept, signs, strict=True):
            [own_sign] = s
            value *= own_sign
            child = self.prove(f * own_sign, box, depth, splits)
            if child is None:
                return None
            children.append(child)
        if value < 0:
            return None
        multiplier = sympy.Mul(*dropped, *(f ** (k - 1) for f, k in kept))
        return Node("product", goal, box, {"multiplier": multiplier}, tuple(children))

    def _core(self, f: Expr, box: Box, depth: int, splits: int) -> Node | None:
        """The rules for one irreducible polynomial in the generators."""
        key = f, box
        if key in self.proved:
            return self.proved[key]
        if any(d >= depth and s >= splits for d, s in self.failed.get(key, ())) or -1 in signs_on(f, box):
            return None
        operations = int(f.count_ops())
        self.steps -= operations // _OPERATIONS_A_STEP
        if self.steps < 0:
            raise Exhausted
        if operations > _MOST_OPERATIONS:
            return None
        proof = self._leaf(f, box) or self._derivatives(f, box, depth, splits) or self._late(f, box, depth, splits)
        if proof is None:
            self.failed.setdefault(key, set()).add((depth, splits))
        else:
            self.proved[key] = proof
        return proof

    def _leaf(self, f: Expr, box: Box) -> Node | None:
        if nonnegative(f, box):
            return Node("polynomial", f, box)
        return self._covered(f, box, _COVER_EARLY)

    def _covered(self, f: Expr, box: Box, most: int) -> Node | None:
        if any(low == -oo or high == oo for _, low, high in box.sides):
            return None
        boxes = cover(f, box, most)
        return None if boxes is None else Node("cover", f, box, {"boxes": boxes})

    def _late(self, f: Expr, box: Box, depth: int, splits: int) -> Node | None:
        proof = self._discriminant(f, box, depth, splits)
        if proof is None and splits > 1:
            proof = self._covered(f, box, _COVER_LATE)
        return proof or self._split(f, box, depth, splits)

    def _split(self, f: Expr, box: Box, depth: int, splits: int) -> Node | None:
        if splits == 0 or not box.sides:
            return None
        for symbol, at in split_points(f, box):
            children = []
            for part in box.split(symbol, at):
                child = self.prove(f, part, depth, splits - 1)
                if child is None:
                    break
                children.append(child)
            else:
                return Node("split", f, box, {"symbol": symbol, "at": at}, tuple(children))
        return None

    def _derivatives(self, f: Expr, box: Box, depth: int, splits: int) -> Node | None:
        if depth == 0:
            return None
        for form in squares(f, box):
            proof = self.prove(form.value, box, depth - 1, splits)
            if proof is not None:
                return form.wrap(proof)
        for form, symbol, slope in self._ranked_slopes(f, box):
            proof = self._by_slope(form, symbol, slope, box, depth - 1, splits)
            if proof is not None:
                return form.wrap(proof)
        for form in forms(f, box):
            # The difference of logarithms has quotients of its own.
            proof = self.prove(form.value, box, depth - 1, splits) if form.rule == "logarithms" else None
            if proof is not None:
                return form.wrap(proof)
        for form in exponentials(f, box):
            proof = self.prove(form.value, box, depth - 1, splits)
            if proof is not None:
                return form.wrap(proof)
        return None

    def _ranked_slopes(self, f: Expr, box: Box) -> list[tuple[Form, Symbol, Expr]]:
        """Derivatives of all forms, the ones that are simplest beside factors of known sign first."""
        ranked: list[tuple[int, int, Form, Symbol, Expr]] = []
        for form in forms(f, box):
            for symbol in box.symbols:
                if symbol not in form.value.free_symbols:
                    continue
                slope = derivative(form.value, symbol)
                try:
                    weight = _weight(slope, box)
                except Unwieldy:
                    continue
                if regular(form.value, box):
                    ranked.append((weight, len(ranked), form, symbol, slope))
        return [(form, symbol, slope) for _, _, form, symbol, slope in sorted(ranked, key=lambda r: r[:2])]

    def _by_slope(self, form: Form, symbol: Symbol, slope: Expr, box: Box, depth: int, splits: int) -> Node | None:
        f, signs = form.value, signs_on(slope, box)
        if -1 not in signs or 1 not in signs:
            return self._monotone(f, symbol, slope, box, depth, splits, -1 if -1 in signs else 1)
        proof = self._valley(f, symbol, slope, box, depth, splits)
        if proof is not None or depth == 0:
            return proof
        curvature = derivative(slope, symbol)
        bends = signs_on(curvature, box)
        if -1 not in bends:
            return self._convex(f, symbol, slope, curvature, box, depth, splits)
        return self._concave(f, symbol, curvature, box, depth, splits) if 1 not in bends else None

    def _at_face(
        self, f: Expr, symbol: Symbol, end: Expr, box: Box, depth: int, splits: int
    ) -> tuple[Node, ...] | None:
        """Proof that the limit at a face is not negative; no node where it is +∞."""
        value = limit(f, symbol, end, box)
        if value is None or value == -oo:
            return None
        if value == oo:
            return ()
        proof = self.prove(value, box.face(symbol), depth, splits)
        return None if proof is None else (proof,)

    def _monotone(
        self, f: Expr, symbol: Symbol, slope: Expr, box: Box, depth: int, splits: int, direction: int
    ) -> Node | None:
        end = box.ends[symbol][0 if direction > 0 else 1]
        base = self._at_face(f, symbol, end, box, depth, splits)
        if base is None:
            return None
        rising = self.prove(slope * direction, box, depth, splits)
        return rising and Node("monotone", f, box, {"symbol": symbol, "direction": direction}, (rising, *base))

    def _valley(self, f: Expr, symbol: Symbol, slope: Expr, box: Box, depth: int, splits: int) -> Node | None:
        """f falls up to a curve, on which it is not negative, and rises beyond it."""
        for factor, k in factors(slope, box)[1]:
            if k % 2 == 0 or symbol not in factor.free_symbols or not factor.is_polynomial(symbol):
                continue
            lead = derivative(factor, symbol)
            if not lead.is_Rational:
                continue
            curve = symbol - factor / lead
            curve = sympy.expand(curve)
            if not within(curve, symbol, box):
                continue
            base = self.prove(put(f, {symbol: curve}), box.face(symbol), depth, splits)
            ratio = expression(factors(slope / (symbol - curve), box))
            rising = base and self.prove(ratio, box, depth, splits)
            if base is not None and rising is not None:
                return Node("valley", f, box, {"symbol": symbol, "curve": curve}, (rising, base))
        return None

    def _convex(
        self, f: Expr, symbol: Symbol, slope: Expr, curvature: Expr, box: Box, depth: int, splits: int
    ) -> Node | None:
        """f is convex and touches its minimum on a curve where the slope vanishes."""
        for curve in curves(symbol, box):
            stationary = put(slope, {symbol: curve})
            if factors(stationary, box.face(symbol))[0] != 0:
                continue
            base = self.prove(put(f, {symbol: curve}), box.face(symbol), depth, splits)
            bending = base and self.prove(curvature, box, depth, splits)
            if base is not None and bending is not None:
                return Node("convex", f, box, {"symbol": symbol, "curve": curve}, (bending, base))
        return None

    def _concave(self, f: Expr, symbol: Symbol, curvature: Expr, box: Box, depth: int, splits: int) -> Node | None:
        """f is concave and not negative at both ends of a bounded side."""
        low, high = box.ends[symbol]
        if low == -oo or high == oo:
            return None
        bases: list[tuple[Node, ...]] = []
        for end in (low, high):
            base = self._at_face(f, symbol, end, box, depth, splits)
            if base is None:
                return None
            bases.append(base)
        bending = self.prove(-curvature, box, depth, splits)
        return bending and Node("concave", f, box, {"symbol": symbol}, (bending, *bases[0], *bases[1]))

    def _discriminant(self, f: Expr, box: Box, depth: int, splits: int) -> Node | None:
        """a T² + b T + c with a ≥ 0 and 4 a c - b² ≥ 0."""
        if depth == 0 or not f.is_Add:
            return None
        for generator in sorted(f.free_symbols | f.atoms(sympy.exp, sympy.log), key=str):
            c, b, a = (sympy.Add(*(t / generator**k for t in f.args if _degree(t, generator) == k)) for k in range(3))
            if a == 0 or any(_degree(t, generator) > 2 for t in f.args):
                continue
            goals = [a, 4 * a * c - b**2]
            if any(-1 in signs_on(g, box) for g in goals):
                continue
            children = []
            for g in goals:
                child = self.prove(g, box, depth - 1, splits)
                if child is None:
                    break
                children.append(child)
            else:
                detail = {"generator": generator, "coefficients": [a, b, c]}
                return Node("discriminant", f, box, detail, tuple(children))
        return None


def _vanishes(goal: Expr, box: Box) -> bool:
    """Whether the goal is 0 by identities of sines and cosines."""
    top = expanded(goal)
    try:
        return top is not None and factors(top, box)[0] == 0
    except Unwieldy:
        return False


def _degree(term: Expr, generator: Expr) -> int:
    """The power of a generator in a monomial, 3 if it hides in another function."""
    power = 0
    for factor in sympy.Mul.make_args(term):
        base, k = factor.as_base_exp() if not isinstance(factor, sympy.exp) else (factor, Integer(1))
        if isinstance(generator, sympy.exp) and isinstance(factor, sympy.exp):
            ratio = factor.args[0] / generator.args[0]
            if ratio.is_Integer:
                base, k = generator, ratio
        if base == generator and k.is_Integer and k > 0:
            power += int(k)
        elif factor.has(generator):
            return 3
    return power


@lru_cache(maxsize=20000)
def signs_on(f: Expr, box: Box) -> frozenset[int]:
    """The signs seen at sample points: a hint which goals are worth a try, never a step of a proof."""
    found = set()
    for point in samples(box):
        found.add(sign_at(f, point))
        if {1, -1} <= found:
            break
    return frozenset(s for s in found if s)


def _weight(slope: Expr, box: Box) -> int:
    """How much is left of a derivative when the factors of known sign are dropped."""
    coefficient, parts = factors(slope, box)
    left = [f for f, k in parts if k % 2 and sign(f, box) is None]
    return sum(int(f.count_ops()) for f in left) if coefficient != 0 else 0


def within(curve: Expr, symbol: Symbol, box: Box) -> bool:
    """Whether a curve stays inside the open side of a symbol over the open face."""
    low, high = box.ends[symbol]
    face = box.face(symbol)
    for end, gap in ((low, curve - low), (high, high - curve)):
        if end.is_finite:
            known = definite(gap, face)
            if known is None or known.value < 0 or not known.strict:
                return False
    return True


def curves(symbol: Symbol, box: Box) -> Iterator[Expr]:
    """Where a minimum may lie: on a diagonal, at 0, in the middle."""
    low, high = box.ends[symbol]
    candidates: list[Expr] = [other for other in box.symbols if other != symbol]
    candidates += [Integer(0), Rational(1, 2), Integer(1), middle(low, high)]
    for candidate in dict.fromkeys(candidates):
        if within(candidate, symbol, box):
            yield candidate


def split_points(f: Expr, box: Box) -> Iterator[tuple[Symbol, Expr]]:
    """Where to split: at 0, else near a change of sign of the slope, else in the middle of the widest side."""
    for symbol, low, high in box.sides:
        if low < 0 < high:
            yield symbol, Integer(0)
            return
    sides = sorted(box.sides, key=lambda s: (-_width(s[1], s[2]), s[0].name))
    if len(sides) == 1:
        [(symbol, low, high)] = sides
        turn = _turning_point(derivative(f, symbol), symbol, box)
        if turn is not None:
            yield symbol, turn
            return
    symbol, low, high = sides[0]
    yield symbol, middle(low, high)


def _width(low: Expr, high: Expr) -> Expr:
    return Integer(10) ** 6 if low == -oo or high == oo else high - low


def _turning_point(slope: Expr, symbol: Symbol, box: Box) -> Expr | None:
    """A short rational a little below or above the first change of sign of the slope."""
    points = sorted(p[symbol] for p in samples(box))
    signs = [sign_at(slope, {symbol: p}) for p in points]
    for a, b, s, t in zip(points, points[1:], signs, signs[1:], strict=False):
        if s and t and s != t:
            low, high = a, b
            for _ in range(12):
                centre = (low + high) / 2
                if sign_at(slope, {symbol: centre}) == s:
                    low = centre
                else:
                    high = centre
            reach = (b - a) / 16
            # Leave room on the side that has it, so that the rest is clear of the turning point.
            at = low - reach if low - reach > a else high + reach
            side_low, side_high = box.ends[symbol]
            at = short(at - reach / 2, at + reach / 2)
            return at if side_low < at < side_high else None
    return None


def short(low: Rational, high: Rational) -> Rational:
    """The rational of least denominator between two (Stern–Brocot)."""
    whole = sympy.floor(low)
    if whole == low or whole + 1 <= high:
        return whole if whole == low else whole + 1
    return whole + 1 / short(1 / (high - whole), 1 / (low - whole))
