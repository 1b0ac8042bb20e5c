"""False: the variance proxy of a uniform variable a little too small.

Source: sinh(x)/x ≤ exp(x²/6) with a 7 planted for the 6; it fails close to 0, where both sides are 1 + O(x²).
"""

from sympy import exp, sinh

from boundcheck import Theorem, real

x = real("x", min=0, exclude_min=True)

sinh_one_seventh = Theorem(
    claim=sinh(x) / x <= exp(x**2 / 7), source="a wrong constant planted in sinh(x)/x ≤ exp(x²/6)"
)
