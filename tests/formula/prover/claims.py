"""Claims from the theory of concentration: true and tight ones, and the same with a constant 1 % off."""

from __future__ import annotations

from typing import Any

from sympy import Abs, Eq, Expr, Le, Lt, Max, Min, Rational, atan, cos, cosh, erfc, exp, log, pi, sin, sinh, sqrt

from boundcheck.statement.domain import integer, real
from boundcheck.statement.functions import Greatest, Least

x, y, lam = real("x"), real("y"), real("lam")
xp, yp, t = real("x", min=0), real("y", min=0), real("t", min=0)
x_beyond = real("x", min=-1, exclude_min=True)
x_to_1 = real("x", max=1)
p, q = real("p", min=0, max=1), real("q", min=0, max=1)
p_inside, q_inside = (real(name, min=0, max=1, exclude_min=True, exclude_max=True) for name in "pq")
u = real("u", min=0)
u_first = real("u", min=0, max=1, exclude_min=True)
u_below = real("u", min=0, max=1, exclude_max=True)
mu, v, b = (real(name, min=0, exclude_min=True) for name in ("mu", "v", "b"))
n, k = integer("n", min=1), integer("k", min=0)
delta = real("delta", min=0, max=1, exclude_min=True)
unit, other_unit = real("x", min=0, max=1), real("y", min=0, max=1)
to_ten = real("x", min=0, max=10)
near = real("y", min=-2, max=2)
shifted = real("x", min=-2, max=Rational(1, 2))
positive = real("x", min=0, exclude_min=True)
p_half = real("p", min=0, max=Rational(1, 2), exclude_min=True, exclude_max=True)
q_half = real("q", min=Rational(1, 2), max=Rational(1, 2))
half = Rational(1, 2)


def kl(q: Expr, p: Expr) -> Expr:
    return q * log(q / p) + (1 - q) * log((1 - q) / (1 - p))


def bernoulli(p: Expr) -> Expr:
    return (1 - p) * exp(-p * lam) + p * exp((1 - p) * lam)


def kearns_saul(p: Expr, factor: Any = 1) -> Any:
    return bernoulli(p) <= exp(factor * (1 - 2 * p) / (4 * log((1 - p) / p)) * lam**2)


def entropy(p: Expr) -> Expr:
    return -p * log(p) - (1 - p) * log(1 - p)


upper = exp(u) / (1 + u) ** (1 + u)
upper_first = exp(u_first) / (1 + u_first) ** (1 + u_first)
lower = exp(-u_below) / (1 - u_below) ** (1 - u_below)
bernstein = exp(-(t**2) / (2 * (v + b * t / 3)))
at_tail = n * exp(-2 * sqrt(log(n / delta) / 2) ** 2)
percent, less = Rational(101, 100), Rational(99, 100)

TRUE: dict[str, tuple[Any, list[Any]]] = {
    "sinh": (sinh(x) / x <= exp(x**2 / 6), []),
    "cosh": (cosh(x) <= exp(x**2 / 2), []),
    "hoeffding": (bernoulli(p) <= exp(lam**2 / 8), []),
    "log below x": (log(1 + x_beyond) <= x_beyond, []),
    "1 - x below exp": (1 - x <= exp(-x), []),
    "log above": (xp - xp**2 / 2 <= log(1 + xp), []),
    "bennett": ((1 + u) * log(1 + u) - u >= u**2 / (2 * (1 + u / 3)), []),
    "pinsker": (kl(q, p) >= 2 * (q - p) ** 2, []),
    "pinsker inside": (kl(q_inside, p_inside) >= 2 * (q_inside - p_inside) ** 2, []),
    "chernoff to 1": (upper_first <= exp(-(u_first**2) / 3), []),
    "chernoff": (upper <= exp(-(u**2) / (2 + u)), []),
    "chernoff below": (lower <= exp(-(u_below**2) / 2), []),
    "chernoff to 1, mu": (upper_first**mu <= exp(-mu * u_first**2 / 3), []),
    "chernoff, mu": (upper**mu <= exp(-mu * u**2 / (2 + u)), []),
    "chernoff below, mu": (lower**mu <= exp(-mu * u_below**2 / 2), []),
    "exp above": (exp(xp) >= 1 + xp + xp**2 / 2, []),
    "exp below": (exp(x_to_1) <= 1 + x_to_1 + x_to_1**2, []),
    "quarter": (x * (1 - x) <= Rational(1, 4), []),
    "am gm": (sqrt(xp * yp) <= (xp + yp) / 2, []),
    "irrational double root": (x**4 - 4 * x**2 + 4 >= 0, []),
    "squares": (x**2 + y**2 >= x * y, []),
    "square of a product": (x**2 * y**2 + 1 >= 2 * x * y, []),
    "erfc": (erfc(xp) <= exp(-(xp**2)), []),
    "gauss": (erfc(xp / sqrt(2)) / 2 <= exp(-(xp**2) / 2) / 2, []),
    "bernstein near": (bernstein <= exp(-(t**2) / (4 * v)), [t <= 3 * v / b]),
    "bernstein reversed": (bernstein >= exp(-(t**2) / (4 * v)), [t >= 3 * v / b]),
    "bernstein far": (bernstein <= exp(-3 * t / (4 * b)), [t >= 3 * v / b]),
    "inverse of a tail": (Le(at_tail, delta, evaluate=False), []),
    "inverse, equality": (Eq(at_tail, delta, evaluate=False), []),
    "integers only": (k * (k - 1) >= 0, []),
    "powers of 2": (2**k >= k + 1, []),
    "powers of 2, squares": (2**k >= k**2 - 1, []),
    "stirling": (n**n * exp(-n) <= n**n * exp(-n + 1 / (12 * n)), []),
    "compound interest": ((1 + 1 / n) ** n <= exp(1), []),
    "two conditions": (bernstein <= exp(-(t**2) / (4 * v)), [t <= 3 * v / b, t >= 1]),
    "strict with a margin": (sin(unit) < 1, []),
    "short side": (xp**2 <= xp, [xp <= 1]),
    "positive part": (Max(near, 0) ** 2 <= near**2, []),
    "modulus": (Abs(x) <= (1 + x**2) / 2, []),
    "smaller": (Min(x, 1) <= x, []),
    "positive part, modulus": (Max(x, 0) <= Abs(x), []),
    "modulus of a sine": (Abs(sin(x)) <= Abs(x), []),
    "triangle": (Abs(x + y) <= Abs(x) + Abs(y), []),
    "reversed triangle": (Abs(Abs(x) - Abs(y)) <= Abs(x - y), []),
    "relu is lipschitz": (Abs(Max(x, 0) - Max(y, 0)) <= Abs(x - y), []),
    "largest of three": (Max(0, x, y) >= (x + y) / 3, []),
    "tent": (Min(unit, 1 - unit) <= 2 * unit * (1 - unit), []),
    "modulus of what has one sign": (Abs(unit - 2) >= 1, []),
    "modulus under a condition": (Abs(x - y) <= x - y, [y <= x]),
    "condition with a modulus": (x**2 <= 1, [Abs(x) <= 1]),
    "modulus of an integer": (Abs(k - 3) <= k + 3, []),
    "one side is empty": (shifted <= -1, [Abs(shifted) >= 1]),
    "least and greatest": (Least(x, y) + Greatest(x, y) <= x + y, []),
    "strict with a modulus": (Abs(x) < 2, [x <= 1, x >= -1]),
    "root of a square": (sqrt(x**2 + 2 * x + 1) <= Abs(x + 1), []),
    "soft maximum": (Max(x, y) <= log(exp(x) + exp(y)), []),
    "soft maximum above": (log(exp(x) + exp(y)) <= Max(x, y) + log(2), []),
    "softplus": (log(1 + exp(x)) >= x, []),
    "square": ((x + 1) ** 2 <= x**2 + 2 * x + 1, []),
    "hyperbola": (cosh(x) ** 2 - sinh(x) ** 2 <= 1, []),
    "inverse exponentials": (Le(exp(x) * exp(-x), 1, evaluate=False), []),
    "circle": (sin(x) ** 2 + cos(x) ** 2 <= 1, []),
    "double angle": (sin(2 * x) <= 2 * sin(x) * cos(x), []),
    "addition theorem": (cos(x + y) <= cos(x) * cos(y) - sin(x) * sin(y), []),
    "complementary angles": (atan(positive) + atan(1 / positive) <= pi / 2, []),
    "kearns saul": (kearns_saul(p_half), []),
    "kearns saul, all p": (kearns_saul(p_inside), []),
    "product": ((exp(x_beyond) - 1 - x_beyond) * (x_beyond - log(1 + x_beyond)) >= 0, []),
    "root": (sqrt(1 + x**2) - x >= 0, []),
    "root above": (sqrt(1 + xp**2) <= 1 + xp, []),
    "root of odds": ((u_below / (1 - u_below)) ** half >= 0, []),
    "root of a quotient": (((1 + t) / (2 + t)) ** half <= 1, []),
    "root of a share": ((x**2 / (1 + x**2)) ** half <= 1, []),
    "root of a kink": (Max(1 / (1 - u_below), 2) ** -half <= 1, []),
    "cube root": ((1 + xp) ** Rational(1, 3) <= 1 + xp / 3, []),
    "equal roots": (Le(sqrt(3 + 2 * sqrt(2)), 1 + sqrt(2), evaluate=False), []),
    "bound at pi": (t <= 4, [t <= pi]),
    "bound at pi, tight": (t <= pi, [t <= pi]),
    "bound at a root": (xp**2 <= 2, [xp <= sqrt(2)]),
    "integers below a multiple of pi": (n <= 32, [n <= 10 * pi]),
    "arch of a sine": (sin(x) >= 0, [x >= 0, x <= pi]),
    "one value": (q_half <= half, []),
    "one value of two": (q_half * k <= k / 2, []),
    "towers": (2 ** (2**n) >= n**n, []),
    "high power": (x**300 <= 2, [x <= 1, x >= 0]),
    "root of a parabola": ((4 * unit * (1 - unit)) ** Rational(7, 10) <= 1, []),
    "root of a sum": (sqrt(xp) + sqrt(t) >= sqrt(xp + t), []),
    "roots apart": (sqrt(t + 1) - sqrt(t) >= 0, []),
    "sign of a high power": (Le(-(x**300), sin(x) ** 2, evaluate=False), []),
}

FALSE: dict[str, tuple[Any, list[Any]]] = {
    "sinh": (sinh(x) / x <= exp(x**2 / Rational("6.06")), []),
    "cosh": (cosh(x) <= exp(x**2 / Rational("2.02")), []),
    "hoeffding": (bernoulli(p) <= exp(lam**2 / Rational("8.08")), []),
    "log below x": (log(1 + x_beyond) <= less * x_beyond, []),
    "1 - x below exp": (1 - less * x <= exp(-x), []),
    "log above": (xp - less * xp**2 / 2 <= log(1 + xp), []),
    "bennett": ((1 + u) * log(1 + u) - u >= u**2 / (2 * (1 + u * Rational("0.33"))), []),
    "pinsker": (kl(q, p) >= Rational("2.02") * (q - p) ** 2, []),
    "pinsker inside": (kl(q_inside, p_inside) >= Rational("2.02") * (q_inside - p_inside) ** 2, []),
    # 1/3 is not the best constant: 2 log 2 - 1 = 0.3863 is.
    "chernoff to 1": (upper_first <= exp(-(u_first**2) * Rational("0.387")), []),
    "chernoff": (upper <= exp(-percent * u**2 / (2 + u)), []),
    "chernoff below": (lower <= exp(-percent * u_below**2 / 2), []),
    "chernoff, mu": (upper**mu <= exp(-percent * mu * u**2 / (2 + u)), []),
    "chernoff below, mu": (lower**mu <= exp(-percent * mu * u_below**2 / 2), []),
    "exp above": (exp(xp) >= 1 + xp + percent * xp**2 / 2, []),
    "exp below": (exp(x_to_1) <= 1 + x_to_1 + Rational("0.71") * x_to_1**2, []),
    "quarter": (x * (1 - x) <= less / 4, []),
    "am gm": (sqrt(xp * yp) <= less * (xp + yp) / 2, []),
    "irrational double root": (x**4 - 4 * x**2 + 4 >= Rational(1, 10**12), []),
    "squares": (x**2 + y**2 >= Rational("2.02") * x * y, []),
    "erfc": (percent * erfc(xp) <= exp(-(xp**2)), []),
    "gauss": (erfc(xp / sqrt(2)) / 2 <= less * exp(-(xp**2) / 2) / 2, []),
    "bernstein near": (bernstein <= exp(-(t**2) / (4 * v)), [t <= percent * 3 * v / b]),
    "bernstein reversed": (bernstein >= exp(-(t**2) / (4 * v)), [t >= less * 3 * v / b]),
    "inverse of a tail": (n * exp(-less * log(n / delta)) <= delta, []),
    "powers of 2": (2**k >= k**2, []),
    "kearns saul": (kearns_saul(p_half, 1 - Rational(1, 10**6)), []),
    "kearns saul, all p": (kearns_saul(p_inside, less), []),
    "positive part": (Max(near, 0) ** 2 <= less * near**2, []),
    "modulus": (Abs(x) <= (1 - Rational(1, 10**6)) * (1 + x**2) / 2, []),
    "smaller": (Min(x, 1) <= x - Rational(1, 10**6), []),
    "positive part, modulus": (Max(x, 0) <= less * Abs(x), []),
    "modulus of a sine": (Abs(sin(x)) <= less * Abs(x), []),
    "triangle": (Abs(x + y) <= less * (Abs(x) + Abs(y)), []),
    "reversed triangle": (Abs(Abs(x) - Abs(y)) <= less * Abs(x - y), []),
    "relu is lipschitz": (Abs(Max(x, 0) - Max(y, 0)) <= less * Abs(x - y), []),
    "largest of three": (Max(0, x, y) >= Rational("0.505") * (x + y), []),
    "tent": (Min(unit, 1 - unit) <= Rational("1.98") * unit * (1 - unit), []),
    "modulus of what has one sign": (Abs(unit - 2) >= 1 + Rational(1, 10**6), []),
    "modulus under a condition": (Abs(x - y) <= x - y, [y <= x + Rational(1, 100)]),
    "condition with a modulus": (x**2 <= less, [Abs(x) <= 1]),
    "modulus of an integer": (Abs(k - 3) <= k + 2, []),
    "one side is empty": (shifted <= -1, [Abs(shifted) >= less]),
    "least and greatest": (Least(x, y) + Greatest(x, y) <= x + less * y, []),
    "strict with a modulus": (Abs(x) < 1, [x <= 1, x >= -1]),
    "strict at a kink": (Lt(0, Abs(unit - Rational(1, 3))), []),
    "soft maximum": (Max(x, y) <= log(exp(x) + less * exp(y)), []),
    "soft maximum above": (log(exp(x) + exp(y)) <= Max(x, y) + less * log(2), []),
    "softplus": (log(1 + exp(x)) >= Rational("1.00001") * x, []),
    "square": ((x + 1) ** 2 <= x**2 + 2 * x + 1 - Rational(1, 10**6), []),
    "hyperbola": (cosh(x) ** 2 - sinh(x) ** 2 <= 1 - Rational(1, 10**6), []),
    "circle": (sin(x) ** 2 + cos(x) ** 2 <= 1 - Rational(1, 10**6), []),
    "double angle": (sin(2 * x) <= Rational("1.98") * sin(x) * cos(x), []),
    "addition theorem": (cos(x + y) <= less * cos(x) * cos(y) - sin(x) * sin(y), []),
    "complementary angles": (atan(positive) + atan(1 / positive) <= less * pi / 2, []),
    "sliver at the top": (x * (1 - x) <= Rational(1, 4) - Rational(1, 10**14), []),
    "sliver at pi": ((to_ten - pi) ** 2 >= Rational(1, 10**13), []),
    "bump": (
        unit * (1 - unit) / 1000 + exp(-(10**12) * (unit - Rational("0.7123")) ** 2) / 1000 <= Rational("0.0006"),
        [],
    ),
    "corner": (2 - unit - other_unit >= Rational(1, 10**6), []),
    "integer far out": (k**2 - 61 * k + 929 >= 0, []),
    "strict at equality": (exp(-(x**2)) < 1, []),
    "product": ((exp(x_beyond) - 1 - x_beyond) * (less * x_beyond - log(1 + x_beyond)) >= 0, []),
    "product of other signs": ((exp(x_beyond) - 1 - x_beyond) * (log(1 + x_beyond) - x_beyond) >= 0, []),
    "root": (sqrt(1 + x**2) - x >= Rational(1, 1000), []),
    "root above": (sqrt(1 + xp**2) <= less * (1 + xp), []),
    "root of odds": ((u_below / (1 - u_below)) ** half >= Rational(1, 100), []),
    "root of a quotient": (((1 + t) / (2 + t)) ** half <= less, []),
    "root of a share": ((x**2 / (1 + x**2)) ** half <= less, []),
    "root of a kink": (Max(1 / (1 - u_below), 2) ** -half <= Rational("0.707"), []),
    "cube root": ((1 + xp) ** Rational(1, 3) <= 1 + less * xp / 3, []),
    "equal roots": (Le(sqrt(3 + 2 * sqrt(2)), Rational("0.999999") * (1 + sqrt(2)), evaluate=False), []),
    "bound at pi": (t <= 3, [t <= pi]),
    "bound at pi, tight": (t <= less * pi, [t <= pi]),
    "bound at a root": (xp**2 <= 2 * less, [xp <= sqrt(2)]),
    "integers below a multiple of pi": (n <= 30, [n <= 10 * pi]),
    "arch of a sine": (sin(x) >= 0, [x >= 0, x <= percent * pi]),
    "one value": (q_half <= less / 2, []),
    "one value of two": (q_half * k <= less * k / 2, []),
    "towers": (2 ** (2**n) >= 5 * n**n, []),
    "high power": (x**300 <= less, [x <= 1, x >= 0]),
    "root of a parabola": ((4 * unit * (1 - unit)) ** Rational(7, 10) <= less, []),
    "root of a sum": (sqrt(xp) + sqrt(t) <= sqrt(xp + t), []),
    "entropy": (entropy(p) <= log(2) * (4 * p * (1 - p)) ** Rational(3, 4), []),
}
