"""Open boxes: reading, faces, points inside, and whether some cover another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sympy import Expr, Rational, Symbol, oo

from boundcheck.formula.verify.reading import CONSTANTS, require

Box = dict[Symbol, tuple[Expr, Expr]]


def read_box(data: Mapping[str, Sequence[str]]) -> Box:
    """An open box out of the ends of its sides."""
    box = {Symbol(name, real=True): (_end(low), _end(high)) for name, (low, high) in data.items()}
    require(all(low < high for low, high in box.values()), "a side has no inside")
    return box


def _end(text: str) -> Expr:
    return CONSTANTS[text] if text in ("oo", "-oo") else Rational(text)


def face_of(box: Box, symbol: Symbol) -> Box:
    """The box without the side of a symbol."""
    return {s: side for s, side in box.items() if s != symbol}


def inner_points(box: Box) -> list[dict[Symbol, Expr]]:
    """A few interior rational points."""
    result = []
    for f in (Rational(1, 2), Rational(1, 3), Rational(5, 7)):
        point = {}
        for symbol, (low, high) in box.items():
            if low != -oo and high != oo:
                point[symbol] = low + f * (high - low)
            else:
                point[symbol] = low + f if low != -oo else high - f if high != oo else f
        result.append(point)
    return result


def covered(target: Box, boxes: Sequence[Box]) -> bool:
    """Whether boxes cover a box: cut it along their faces until each piece lies in one of them."""
    pieces = [target]
    while pieces:
        piece = pieces.pop()
        meeting = [b for b in boxes if set(b) == set(piece) and all(_overlap(b[s], piece[s]) for s in piece)]
        if any(all(b[s][0] <= piece[s][0] and piece[s][1] <= b[s][1] for s in piece) for b in meeting):
            continue
        cuts = [(s, at) for b in meeting for s in piece for at in b[s] if piece[s][0] < at < piece[s][1]]
        if not cuts:
            return False
        symbol, at = cuts[len(cuts) // 2]
        low, high = piece[symbol]
        pieces += [piece | {symbol: (low, at)}, piece | {symbol: (at, high)}]
    return True


def _overlap(a: tuple[Expr, Expr], b: tuple[Expr, Expr]) -> bool:
    low, high = max(a[0], b[0]), min(a[1], b[1])
    return bool(low < high) or (low == high and b[0] == b[1])
