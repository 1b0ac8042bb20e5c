"""Ball arithmetic against mpmath at 60 digits, and the ends of intervals."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import pytest
import sympy
from flint import arb
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sympy import Abs, Le, Max, Min, Rational, ceiling, cosh, erf, erfc, erfinv, exp, floor, log, sinh, sqrt, tanh

from boundcheck import real
from boundcheck.errors import InvalidArgument, UnsupportedClaim
from boundcheck.formula.numeric import compile_expression, evaluate
from boundcheck.formula.rigorous import Interval, Unwieldy, ball, compare, enclose, interval, precision, put
from boundcheck.statement.functions import Greatest, Least

DIGITS = 60
X, Y = real("x"), real("y")
rationals = st.fractions(min_value=-4, max_value=4, max_denominator=50).map(
    lambda f: Rational(f.numerator, f.denominator)
)


class Pair:
    """A SymPy expression and the mpmath computation that it stands for."""

    def __init__(self, expression, value):
        self.expression, self.value = expression, value


def _extend(children):
    def unary(draw):
        inner = draw(children)
        name = draw(
            st.sampled_from(
                [
                    "exp",
                    "log",
                    "sqrt",
                    "erf",
                    "erfc",
                    "erfinv",
                    "abs",
                    "square",
                    "cube",
                    "tanh",
                    "cosh",
                    "sinh",
                    "third",
                ]
            )
        )
        x, v = inner.expression, inner.value
        with mpmath.workdps(DIGITS):
            if name == "exp":
                return Pair(exp(-Abs(x, evaluate=False)), mpmath.exp(-abs(v)))
            if name == "log":
                return Pair(log(x**2 + 1), mpmath.log(v * v + 1))
            if name == "sqrt":
                return Pair(sqrt(x**2 + Rational(1, 3)), mpmath.sqrt(v * v + mpmath.mpf(1) / 3))
            if name == "third":
                return Pair((x**2 + 2) ** Rational(-2, 3), (v * v + 2) ** (-mpmath.mpf(2) / 3))
            if name == "erfinv":
                return Pair(erfinv(x / (1 + x**2)), mpmath.erfinv(v / (1 + v * v)))
            if name == "square":
                return Pair(x**2, v * v)
            if name == "cube":
                return Pair(x**3, v * v * v)
            if name == "abs":
                return Pair(Abs(x), abs(v))
            if name in ("cosh", "sinh"):
                # Kept in range: of x / (1 + x²), at most 1/2.
                f, g = {"cosh": (cosh, mpmath.cosh), "sinh": (sinh, mpmath.sinh)}[name]
                return Pair(f(x / (1 + x**2)), g(v / (1 + v * v)))
            f, g = {"erf": (erf, mpmath.erf), "erfc": (erfc, mpmath.erfc), "tanh": (tanh, mpmath.tanh)}[name]
            return Pair(f(x), g(v))

    def binary(draw):
        left, right = draw(children), draw(children)
        a, b, x, y = left.expression, right.expression, left.value, right.value
        mixed = (a + b).has(Least, Greatest)
        name = draw(st.sampled_from(["+", "-", "*", "/", "min", "max", "least", "greatest"]))
        with mpmath.workdps(DIGITS):
            return {
                "+": lambda: Pair(a + b, x + y),
                "-": lambda: Pair(a - b, x - y),
                "*": lambda: Pair(a * b, x * y),
                "/": lambda: Pair(a / (1 + b**2), x / (1 + y * y)),
                # SymPy's own Min compares its arguments, which those with Least in them do not let it.
                "min": lambda: Pair(Least(a, b) if mixed else Min(a, b), min(x, y)),
                "max": lambda: Pair(Greatest(a, b) if mixed else Max(a, b), max(x, y)),
                "least": lambda: Pair(Least(a, b), min(x, y)),
                "greatest": lambda: Pair(Greatest(a, b), max(x, y)),
            }[name]()

    return st.composite(unary)() | st.composite(binary)()


POINT = {X: Rational(7, 10), Y: Rational(-13, 9)}


def _leaf(value):
    return Pair(value, mpmath.mpf(value.p) / value.q)


with mpmath.workdps(DIGITS):
    leaves = rationals.map(_leaf) | st.sampled_from([Pair(p, mpmath.mpf(v.p) / v.q) for p, v in POINT.items()])
# Rational leaves are made at 60 digits too, whatever the precision outside.
leaves = leaves.map(lambda p: p if p.expression.is_Symbol else _at_digits(p.expression))


def _at_digits(value):
    with mpmath.workdps(DIGITS):
        return _leaf(value)


expressions = st.recursive(leaves, _extend, max_leaves=8)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(expressions)
def test_enclosures_contain_the_value_and_are_narrow(pair):
    assume(abs(pair.value) < 1e100)
    low, high = enclose(pair.expression, POINT)
    with mpmath.workdps(DIGITS):
        # mpmath's own error, should the expression cancel to nothing.
        slack = mpmath.mpf(10) ** -45 * (1 + abs(pair.value))
        assert mpmath.mpf(low) - slack <= pair.value <= mpmath.mpf(high) + slack
        assert high - low <= 1e-9 * abs(pair.value) + 1e-40 * (1 + abs(pair.value))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(expressions)
def test_compiled_expressions_agree_with_balls(pair):
    assume(1e-6 < abs(pair.value) < 1e6)
    compiled = compile_expression(pair.expression, (X, Y))
    middle = float(ball(pair.expression, POINT).mid())
    # Relative to the largest intermediate value, of which cancellation leaves the rounding.
    assert compiled(*(float(POINT[s]) for s in (X, Y))) == pytest.approx(middle, rel=1e-9, abs=1e-11)


@pytest.mark.parametrize(
    "expression",
    [
        sqrt(2 * log(Rational(1000))) * Rational(16, 3),
        exp(-(Rational(7, 3) ** 2) / 2),
        erfinv(Rational(36, 1000)) * sqrt(2),
        Rational(65536) ** Rational(7, 10),
        floor(Rational(65536) ** Rational(7, 10)) / 65536,
        sinh(2) / cosh(3) + tanh(Rational(1, 7)),
        sympy.pi * sympy.E,
        Max(sqrt(2), Rational(7, 5)) - Min(sqrt(3), 2),
        erfc(5),
    ],
)
def test_well_conditioned_expressions_compile_to_eleven_digits(expression):
    low, high = enclose(expression)
    assert high - low <= 1e-11 * abs(high)
    assert evaluate(expression) == pytest.approx(float(ball(expression).mid()), rel=1e-11)


def test_a_compiled_expression_broadcasts_and_names_what_it_lacks():
    compiled = compile_expression(Least(X, Y) + floor(X), (X, Y))
    assert compiled([[1.5], [2.5]], [1.0, 9.0]).tolist() == [[2.0, 2.5], [3.0, 4.5]]
    assert isinstance(compiled(1, 2), float)
    with pytest.raises(InvalidArgument, match=r"lack \{y\}"):
        compile_expression(X + Y, (X,))


def test_a_hard_cancellation_raises_the_precision():
    tiny = Rational(1, 10**60)
    low, high = enclose(exp(tiny) - 1 - tiny)
    assert 0 < low <= 5e-121 <= high * (1 + 1e-9)
    assert high <= low * (1 + 1e-9)


def test_floor_and_ceiling_of_exact_powers():
    alpha, d = real("alpha"), real("d")
    power = d ** (2 * (1 - alpha))
    for width, a, exact in (
        (1000, Rational(2, 3), 100),
        (10**6, Rational(2, 3), 10**4),
        (10**6, Rational(1, 2), 10**6),
    ):
        point = {d: Rational(width), alpha: a}
        assert enclose(floor(power), point) == (exact, exact)
        assert enclose(ceiling(power), point) == (exact, exact)
        assert compile_expression(floor(power), (d, alpha))(float(width), float(a)) == exact
    assert enclose(floor(Rational(10**6) ** Rational(2, 3))) == (10_000, 10_000)
    assert enclose(floor(d ** (2 - 2 * alpha)), {d: Rational(1000), alpha: Rational(2, 3)}) == (100, 100)


def test_floor_just_beside_an_integer():
    tiny = Rational(1, 10**200)
    assert enclose(floor(sqrt(2) ** 2 - tiny)) == (1, 1)
    # SymPy's own floor, given the number, says 5.
    assert enclose(floor(5 * exp(-X)), {X: tiny}) == (4, 4)
    assert enclose(ceiling(5 * exp(X)), {X: tiny}) == (6, 6)
    nested = (sqrt(2) + sqrt(3)) ** 2 - 2 * sqrt(6)
    assert enclose(floor(X), {X: nested}) == (5, 5)
    assert enclose(ceiling(X), {X: nested}) == (5, 5)
    assert enclose(floor(X), {X: nested - tiny}) == (4, 4)
    assert enclose(ceiling(X), {X: nested + tiny}) == (6, 6)


def test_intervals_round_outward():
    third = interval(arb(1) / 3)
    assert Fraction(third.low) < Fraction(1, 3) < Fraction(third.high)
    assert third.high <= math.nextafter(math.nextafter(third.low, 1), 1)
    assert interval(arb(5)) == (5, 5)
    tenth = interval(arb("0.1"))
    assert Fraction(tenth.low) < Fraction(1, 10) < Fraction(tenth.high)


def test_the_ends_of_the_float_range():
    largest = math.nextafter(math.inf, 0)
    with precision(128):
        assert interval(arb(10) ** 400) == (largest, math.inf)
        assert interval(-(arb(10) ** 400)) == (-math.inf, -largest)
        assert interval(arb(10) ** -400) == (0.0, 5e-324)
        assert interval(-(arb(10) ** -400)) == (-5e-324, 0.0)
        assert interval(arb.pos_inf()) == (math.inf, math.inf)
        assert interval(arb.nan()) == (-math.inf, math.inf)
        assert interval(arb(0)) == (0, 0)
        subnormal = interval(arb(3) * arb(2) ** -1075)
        assert subnormal == (5e-324, 1e-323)


@given(st.fractions(), st.integers(-330, 330))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_any_rational_is_enclosed_by_neighbouring_floats(fraction, exponent):
    value = fraction * Fraction(10) ** exponent
    low, high = enclose(Rational(value.numerator, value.denominator))
    assert -math.inf < high
    assert low < math.inf
    assert low == -math.inf or Fraction(low) <= value
    assert high == math.inf or value <= Fraction(high)
    assert high <= math.nextafter(math.nextafter(low, math.inf), math.inf)


def test_compare_is_certain():
    tiny = Rational(1, 10**300)
    assert compare(sqrt(2), Rational(141421356237309504880168872420969807856967187537694, 10**50)) == 1
    assert compare(exp(tiny), 1 + tiny) == 1
    assert compare(1 + tiny, exp(tiny)) == -1
    assert compare(Rational(1, 3), Rational(2, 6)) == 0
    # Equal, but no number of digits says so.
    assert compare(sqrt(2) * sqrt(3, evaluate=False), sqrt(6)) in (0, None)
    assert compare(erf(2), 1 - erfc(2)) is None
    assert compare(X + Rational(1, 3), X + Rational(1, 3), POINT) == 0
    assert compare(X, Y, POINT) == 1


def test_what_has_no_enclosure_is_refused():
    with pytest.raises(UnsupportedClaim, match=r"gamma in .* has no rigorous evaluation; rewrite"):
        enclose(sympy.gamma(X), {X: Rational(7, 3)})
    with pytest.raises(InvalidArgument, match=r"point='x' has no value; give every parameter a value"):
        enclose(X + 1)


def test_powers_of_a_ball_around_0():
    zero = X - Rational(1, 3)
    for n in (1, 2, 3, 4):
        low, high = enclose(zero**n, {X: Rational(1, 3)})
        assert -1e-30 < low <= 0 <= high < 1e-30
    assert compare(zero**2, sympy.S.Zero, {X: Rational(1, 3)}) == 0
    assert enclose(1 / zero**2, {X: Rational(1, 3)})[1] == math.inf


def test_undefined_values_are_not_decided():
    assert enclose(log(X), {X: Rational(-1)}) == (-math.inf, math.inf)
    assert enclose(sqrt(X), {X: Rational(-1)}) == (-math.inf, math.inf)
    assert enclose(1 / X, {X: Rational(0)}) == (-math.inf, math.inf)
    assert enclose(Least(log(X), 1), {X: Rational(-1)}) == (-math.inf, math.inf)
    assert isinstance(enclose(X, {X: sympy.oo}), Interval)


def test_a_value_is_put_in_unless_a_number_grows_too_long():
    assert put(X**2 + exp(Y), {X: Rational(1, 3)}) == exp(Y) + Rational(1, 9)
    assert put(Max(X, 2) ** Y, {Max(X, 2): Y}) == Y**Y
    assert put(X ** (10**9), {X: sympy.Integer(-1)}) == 1
    e = Le(X, Y, evaluate=False)
    assert put(e, {}) is e
    for e, values in (
        (2 ** (2**X), {X: sympy.Integer(40)}),
        (X ** (10**9), {X: Rational(1, 3)}),
        (X ** (10**9), {X: 3 * Y}),
        (exp(X * Y), {X: sympy.Integer(10**9), Y: log(3)}),
    ):
        with pytest.raises(Unwieldy, match="cannot be written out"):
            put(e, values)


def test_powers_too_long_to_be_written_out_are_compared_by_their_enclosures():
    power = X ** (10**9)
    assert compare(power, sympy.S.Zero, {X: Rational(1, 3)}) == 1
    assert compare(power, 2 * power, {X: sympy.Integer(3)}) == -1
    assert compare(power + 1, 1 + power / 3, {X: Rational(1, 3)}) is None
