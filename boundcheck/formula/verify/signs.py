"""Signs of expressions on open boxes, and where expressions are real and smooth."""

from __future__ import annotations

import math

import sympy
from mpmath import mp
from sympy import Expr, Integer, Poly, Rational, exp, log, oo

from boundcheck.formula.verify.algebra import Algebra
from boundcheck.formula.verify.boxes import Box, inner_points
from boundcheck.formula.verify.enclosures import enclose
from boundcheck.formula.verify.numbers import exactly
from boundcheck.formula.verify.reading import Unable
from boundcheck.formula.verify.waves import single_angles

ENTIRE = (exp, sympy.erf, sympy.erfc, sympy.sin, sympy.cos, sympy.sinh, sympy.cosh, sympy.tanh, sympy.atan)


def algebra(box: Box) -> Algebra:
    """The algebra of expressions on a box."""
    return Algebra(lambda e: sign(e, box))


def zero(box: Box, e: Expr) -> bool:
    """Whether the expression vanishes on the box, as far as the algebra tells."""
    return algebra(box).zero(e) or (e.has(sympy.sin, sympy.cos) and algebra(box).zero(single_angles(e)))


def nonnegative(e: Expr, box: Box) -> bool:
    """Whether the expression is seen to be nonnegative on the open box."""
    known = sign(e, box)
    return known is not None and known[0] > 0


def positive(e: Expr, box: Box) -> bool:
    """Whether the expression is seen to be positive on the open box."""
    known = definite(e, box)
    return known is not None and known[0] > 0 and known[1]


def definite(e: Expr, box: Box) -> tuple[int, bool] | None:
    """The sign as by :func:`sign`, of the factored expression where that tells more."""
    known = sign(e, box)
    if known is not None and known[1]:
        return known
    forms = algebra(box)
    return sign(forms.back(sympy.factor(forms.reduced(e))), box) or known


def told(e: Expr) -> int:
    """The sign of a number, 0 by algebra; refused where it cannot be told."""
    known = sign(e, {})
    if known is not None and known[1]:
        return known[0]
    if not zero({}, e):
        raise Unable(f"the sign of {e} cannot be told here")
    return 0


def sign(e: Expr, box: Box) -> tuple[int, bool] | None:
    """The sign on the open box, and whether 0 is left out; None where unknown."""
    if e.is_Rational:
        return None if e == 0 else (1 if e > 0 else -1, True)
    if e in box:
        low, high = box[e]
        return (1, low < high or low > 0) if low >= 0 else (-1, low < high or high < 0) if high <= 0 else None
    if isinstance(e, exp | sympy.erfc | sympy.cosh) or (e.is_Pow and e.base is sympy.E) or e in (sympy.pi, sympy.E):
        return 1, True
    if isinstance(e, log):
        return _sign_of_difference(e.args[0] - 1, box)
    if isinstance(e, sympy.sinh | sympy.tanh | sympy.erf | sympy.atan):
        return sign(e.args[0], box)
    if e.is_Mul:
        signs = [sign(a, box) for a in e.args]
        known = [s for s in signs if s is not None]
        if len(known) < len(signs):
            return None
        return int(sympy.prod(s for s, _ in known)), all(strict for _, strict in known)
    if e.is_Pow:
        return _sign_of_power(e, box)
    if e.is_Add:
        known = [s for s in (sign(a, box) for a in e.args) if s is not None]
        if len(known) == len(e.args) and len({s for s, _ in known}) == 1:
            return known[0][0], any(strict for _, strict in known)
    values = enclose(e, box)
    if values is not None and (values.a > 0 or values.b < 0):
        return (1 if values.a > 0 else -1), True
    by_coefficients = _by_coefficients(e, box) if e.is_Add else None
    if by_coefficients is not None or values is None:
        return by_coefficients
    return (1, False) if values.a == 0 else (-1, False) if values.b == 0 else None


def _sign_of_difference(e: Expr, box: Box) -> tuple[int, bool] | None:
    known = sign(e, box)
    if (known is None or not known[1]) and e.is_rational_function():
        return sign(sympy.factor(e), box) or known
    return known


def _sign_of_power(e: Expr, box: Box) -> tuple[int, bool] | None:
    base, exponent = e.args
    inner = sign(base, box)
    if exponent.is_Integer and exponent % 2 == 0:
        return (1, True) if inner is not None and inner[1] else (1, False) if exponent > 0 else None
    if inner is None or (not inner[1] and not (exponent.is_Rational and exponent > 0)):
        return None
    return inner if exponent.is_Integer or inner[0] > 0 else None


def _by_coefficients(e: Expr, box: Box) -> tuple[int, bool] | None:
    """All coefficients of one sign, once every generator is counted from an end of its range."""
    forms = algebra(box)
    reduced = forms.reduced(e)
    gens = sorted(reduced.free_symbols, key=str)
    if not reduced.is_polynomial(*gens) or not gens:
        return None
    poly = Poly(reduced, *gens)
    if not all(c.is_Rational for c in poly.coeffs()):
        return None
    strict = True
    for generator in gens:
        meaning = forms.meaning(generator)
        low, high = _range(meaning, box)
        strict = strict and _off_its_ends(meaning, (low, high), box)
        if low is None and high is None:
            return None
        poly = _shifted(poly, generator, low, high)
    signs = {bool(c > 0) for c in poly.coeffs() if c != 0}
    return (1 if signs.pop() else -1, strict) if len(signs) == 1 else None


def _shifted(poly: Poly, generator: Expr, low: Rational | None, high: Rational | None) -> Poly:
    degree, gens = poly.degree(generator), poly.gens
    place = gens.index(generator)
    one = Poly(generator, *gens)
    result = Poly(0, *gens)
    if low is not None and high is not None:
        base, rest = low + high * one, 1 + one
    else:
        base, rest = (low + one if low is not None else high - one), Poly(1, *gens)
    powers = [base**k * rest ** (degree - k) for k in range(degree + 1)]
    for monomial, coefficient in poly.terms():
        other = [0 if i == place else k for i, k in enumerate(monomial)]
        result += Poly({tuple(other): coefficient}, *gens) * powers[monomial[place]]
    return result


def _range(g: Expr, box: Box) -> tuple[Rational | None, Rational | None]:
    if g in box:
        low, high = box[g]
        return (None if low == -oo else low), (None if high == oo else high)
    values = enclose(g, box)
    known = sign(g, box)
    bounds: list[Rational | None] = [None, None]
    if values is not None:
        for i, (end, rounding) in enumerate(zip(values._mpi_, (math.floor, math.ceil), strict=True)):
            bound = mp.make_mpf(end)
            if abs(bound) < 1e60:
                bounds[i] = Rational(rounding(exactly(bound) * 2**40), 2**40)
    if known is not None and known[0] > 0 and (bounds[0] is None or bounds[0] < 0):
        bounds[0] = Integer(0)
    return bounds[0], bounds[1]


def _off_its_ends(g: Expr, bounds: tuple[Rational | None, Rational | None], box: Box) -> bool:
    if g in box:
        return bool(box[g][0] < box[g][1])
    if isinstance(g, exp):
        known = sign(g.args[0], box)
        return known is not None and known[1] and set(bounds) <= {None, Integer(0), Integer(1)}
    if isinstance(g, log):
        known = sign(g, box)
        return known is not None and known[1] and set(bounds) <= {None, Integer(0)}
    return False


def somewhere_nonzero(e: Expr, box: Box) -> bool:
    """Whether the expression does not vanish at some point inside."""
    for point in inner_points(box):
        values = enclose(e, {s: (v, v) for s, v in point.items()})
        if values is not None and (values.a > 0 or values.b < 0):
            return True
    return False


def defined(e: Expr, box: Box) -> bool:
    """Whether the expression is real off a nowhere dense set: poles may occur, cuts may not."""
    if e.is_Add or e.is_Mul:
        return all(defined(a, box) for a in e.args)
    if e.is_Pow and e.base is not sympy.E and e.exp.is_Integer:
        return defined(e.base, box) and (e.exp > 0 or somewhere_nonzero(e.base, box))
    return analytic(e, box)


def analytic(e: Expr, box: Box) -> bool:
    """Whether the expression is analytic on the open box."""
    if e.is_Atom:
        return bool(e.is_real)
    if not all(analytic(a, box) for a in e.args):
        return False
    if e.is_Add or e.is_Mul or isinstance(e, ENTIRE):
        return True
    if isinstance(e, log):
        return positive(e.args[0], box)
    if not e.is_Pow:
        return False
    if e.base is sympy.E or is_natural(e.exp):
        return True
    if e.exp.is_Integer:
        known = definite(e.base, box)
        return known is not None and known[1]
    return positive(e.base, box)


def is_natural(e: Expr) -> bool:
    """Whether the expression is a whole number of at least 0."""
    return bool(e.is_Integer and e >= 0)
