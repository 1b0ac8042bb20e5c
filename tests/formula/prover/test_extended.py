"""Every operation on extended intervals against mpmath at 50 digits."""

from __future__ import annotations

import random

import mpmath
import pytest
from flint import arb
from sympy import Rational, oo

from boundcheck.formula.prover.extended import Interval, Undefined

UNARY = {
    "exp": (Interval.exp, mpmath.exp, False),
    "log": (Interval.log, mpmath.log, True),
    "erf": (Interval.erf, mpmath.erf, False),
    "erfc": (Interval.erfc, mpmath.erfc, False),
    "atan": (Interval.atan, mpmath.atan, False),
    "sin": (Interval.sin, mpmath.sin, False),
    "cos": (Interval.cos, mpmath.cos, False),
    "modulus": (abs, abs, False),
    "root": (lambda a: a.root(3), mpmath.cbrt, True),
    "square": (lambda a: a**2, lambda a: a**2, False),
    "cube": (lambda a: a**3, lambda a: a**3, False),
    "inverse": (lambda a: a**-1, lambda a: 1 / a, False),
    "inverse square": (lambda a: a**-2, lambda a: a**-2, False),
}
BINARY = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b}
CHOSEN = {"max": (Interval.max, max), "min": (Interval.min, min)}


def _sides(generator, positive):
    low = Rational(generator.randint(0 if positive else -400, 400), 100)
    high = low + Rational(generator.randint(0, 300), 100)
    return low, high


def _inside(interval, value):
    ball = arb(mpmath.nstr(value, 45)) + arb(0, 1e-38) * max(1, abs(float(value)))
    return not (ball < interval.low) and not (ball > interval.high)


@pytest.mark.parametrize("name", UNARY)
def test_a_function_of_an_interval_holds_all_its_values(name):
    ours, exact, positive = UNARY[name]
    generator = random.Random(name)
    with mpmath.workdps(50):
        for _ in range(60):
            low, high = _sides(generator, positive)
            try:
                image = ours(Interval.between(low, high))
            except Undefined:
                assert low == high == 0
                continue
            for i in range(7):
                a = low + (high - low) * Rational(i, 6)
                if a != 0 or name not in ("log", "inverse", "inverse square"):
                    assert _inside(image, exact(mpmath.mpf(int(a.p)) / int(a.q)))


@pytest.mark.parametrize("name", BINARY)
def test_arithmetic_holds_all_values(name):
    generator = random.Random(name)
    with mpmath.workdps(50):
        for _ in range(60):
            first, second = _sides(generator, False), _sides(generator, False)
            image = BINARY[name](Interval.between(*first), Interval.between(*second))
            for a in first:
                for b in second:
                    value = BINARY[name](a, b)
                    assert _inside(image, mpmath.mpf(int(value.p)) / int(value.q))


@pytest.mark.parametrize("name", CHOSEN)
def test_the_larger_and_the_smaller_hold_all_values(name):
    ours, exact = CHOSEN[name]
    generator = random.Random(name)
    for _ in range(60):
        first, second = _sides(generator, False), _sides(generator, False)
        image = ours(Interval.between(*first), Interval.between(*second))
        for a in first:
            for b in second:
                value = exact(a, b)
                assert _inside(image, mpmath.mpf(int(value.p)) / int(value.q))


def test_infinite_ends():
    half_line = Interval.between(Rational(1), oo)
    assert half_line.exp().high == arb.pos_inf()
    assert (-half_line).exp().low == 0
    assert half_line.erfc().low == 0
    assert (half_line**-1).low == 0
    assert (half_line**-1).high == 1
    assert (half_line * Interval.between(Rational(0), Rational(1))).low == 0
    assert (half_line - half_line).low == arb.neg_inf()
    assert Interval.between(-oo, oo).sin().high == 1
    assert abs(Interval.between(-oo, Rational(1))).low == 0
    assert half_line.max(Interval.between(Rational(2), Rational(3))).low == 2
    assert half_line.min(Interval.between(Rational(2), Rational(3))).high == 3


def test_a_logarithm_at_0_goes_down_without_end_and_below_0_is_undefined():
    assert Interval.between(Rational(0), Rational(1)).log().low == arb.neg_inf()
    with pytest.raises(Undefined, match="on a part"):
        Interval.between(Rational(-1), Rational(1)).log()
    with pytest.raises(Undefined, match="on the whole"):
        Interval.between(Rational(-2), Rational(-1)).root(2)
