"""SymPy functions that bounds need beyond SymPy's own: they print here and are evaluated in formula/."""

from __future__ import annotations

from typing import Any

from sympy import Expr, Function, S, nan
from sympy import exp as exponential


class BetaQuantile(Function):
    """BetaQuantile(a, b, delta): the upper quantile x with P(Beta(a, b) > x) = delta.

    Parameters a, b ≥ 0, not both 0, and 0 ≤ delta ≤ 1; Beta(0, b) is the law at 0, Beta(a, 0) that at 1. The value lies
    in [0, 1]. Where the parameters are known to lie outside there is no such law, and the value is NaN.
    """

    nargs = 3
    is_real = True
    is_nonnegative = True

    @classmethod
    def eval(cls, a: Expr, b: Expr, delta: Expr) -> Expr | None:
        """The values at the ends, and NaN where there is no such law; None else, which leaves it as it is."""
        if any(x.is_negative for x in (a, b, delta, 1 - delta)) or (a.is_zero and b.is_zero):
            return nan
        return S.Zero if a.is_zero and b.is_positive else S.One if b.is_zero and a.is_positive else None

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        a, b, delta = (printer._print(x) for x in self.args)
        text = rf"\operatorname{{Beta}}^{{-1}}_{{{a},\,{b}}}\!\left(1 - {delta}\right)"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


class HypergeometricBound(Function):
    """HypergeometricBound(population, marked, drawn, delta): the least count that Hoeffding's bound excludes exceeding.

    Among `population` entries `marked` are removed, uniformly at random; of a fixed set of `drawn` entries X
    are removed. The value is the least integer c such that Hoeffding's tail bound gives P(X ≥ c + 1) ≤ delta,
    with the smaller of exp(-drawn·KL(q‖marked/population)) and exp(-marked·KL(q'‖drawn/population))
    (W. Hoeffding, JASA 58, 1963, Theorems 1 and 4).
    """

    nargs = 4
    is_integer = True
    is_nonnegative = True

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        population, marked, drawn, delta = (printer._print(x) for x in self.args)
        text = rf"\operatorname{{hyp}}_{{{population},\,{marked},\,{drawn}}}\!\left({delta}\right)"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


class MomentQuantile(Function):
    """MomentQuantile(m, n, level): the least (e^level M_q)^{1/(2q)} over some q, with M_q = E tr(GGᵀ)^q.

    G is a standard normal m × n matrix; the q are `boundcheck.formula.gaussian_moments.ORDERS`. By Markov's inequality
    a matrix with E tr(AAᵀ)^q ≤ M_q exceeds it in norm with probability at most e^-level. For more than 65,536 rows or
    columns it is the t of the closed form, `boundcheck.formula.gaussian_moments.closed_tail`, which is smaller there.
    """

    nargs = 3
    is_real = True
    is_nonnegative = True

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        m, n = (printer._print(x) for x in self.args[:2])
        factor = printer._print(exponential(self.args[2]))
        text = rf"\min_q \left({factor}\, M_q({m}, {n})\right)^{{1/(2q)}}"
        return rf"\left({text}\right)" if exp is None else rf"\left({text}\right)^{{{exp}}}"


class MomentTail(Function):
    """MomentTail(m, n, t): the least M_q / t^{2q} over the q of :class:`MomentQuantile`, and at most 1.

    It takes the value e^-level at t = MomentQuantile(m, n, level), for a level of at least 0.
    """

    nargs = 3
    is_real = True
    is_nonnegative = True

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        m, n, t = (printer._print(x) for x in self.args)
        text = rf"\min\left\{{1,\; \min_q \frac{{M_q({m}, {n})}}{{\left({t}\right)^{{2q}}}}\right\}}"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


class SphericalQuantile(Function):
    """SphericalQuantile(m, n, level): the least (e^level C_k)^{1/(2k)} over k ≥ 1, C_k = Π_{j<k} (m+2j)(n+2j)/(2j+1).

    For a level of at least 0; less counts as 0. A matrix with E ‖A‖^{2k} ≤ C_k exceeds it in norm with probability at
    most e^-level: the proof is at `boundcheck.inequalities.bounds.spherical`.
    """

    nargs = 3
    is_real = True
    is_nonnegative = True

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        m, n = (printer._print(x) for x in self.args[:2])
        factor = printer._print(exponential(self.args[2]))
        product = rf"\prod_{{j < k}} \tfrac{{({m} + 2j)({n} + 2j)}}{{2j + 1}}"
        text = rf"\min_k \left({factor}\, {product}\right)^{{1/(2k)}}"
        return rf"\left({text}\right)" if exp is None else rf"\left({text}\right)^{{{exp}}}"


class SphericalTail(Function):
    """SphericalTail(m, n, t): the least C_k / t^{2k} over k ≥ 0, with the C_k of :class:`SphericalQuantile`.

    It takes the value e^-level at t = SphericalQuantile(m, n, level), for a level of at least 0.
    """

    nargs = 3
    is_real = True
    is_nonnegative = True

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        m, n, t = (printer._print(x) for x in self.args)
        product = rf"\prod_{{j < k}} \frac{{({m} + 2j)({n} + 2j)}}{{(2j + 1) \left({t}\right)^2}}"
        text = rf"\left(\min_k {product}\right)"
        return text if exp is None else rf"{text}^{{{exp}}}"


class SparseQuantile(Function):
    """SparseQuantile(m, n, kappa, x, level) or SparseQuantile(m, n, kappa, x, level, k, D): a norm of few entries.

    With the variance v of a weight and E w^{2j} ≤ v L^{2j-2} (2j-1)!!, an m × n matrix of sums of kappa weights, each
    there with probability p, x = pv/L², has a norm of more than L times this with probability at most e^-level: the
    proof is at `boundcheck.inequalities.bounds.sparse_moments`, the value at
    `boundcheck.formula.gaussian_moments.sparse_quantile`. With k and D the weights are also multiplied by an
    independent variable with the law Beta(k + 1, D - k).
    """

    nargs = (5, 7)
    is_real = True
    is_nonnegative = True

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        m, n, kappa, x = (printer._print(a) for a in self.args[:4])
        factor = printer._print(exponential(self.args[4]))
        if len(self.args) > 5:
            k, size = (printer._print(a) for a in self.args[5:])
            factor += rf"\, \mathbb{{E}} \operatorname{{Beta}}_{{{k} + 1,\, {size} - {k}}}^{{2q}}"
        text = rf"\min_q \left({factor}\, F_q({m}, {n}, {kappa}, {x})\right)^{{1/(2q)}}"
        return rf"\left({text}\right)" if exp is None else rf"\left({text}\right)^{{{exp}}}"


WALK_ORDERS = 13
"""The largest q of :class:`WalkQuantile`."""
_SHOWN = 3


class WalkQuantile(Function):
    """WalkQuantile(m, n, kappa, k, D, level, mu_1, …, mu_Q): a norm from exact moments of few entries.

    R is an m × n matrix of sums of kappa weights with E w^{2j} = mu_j, of all of which a uniform subset of k of D is
    there. With E tr(RRᵀ)^q, or for kappa > 1 an upper bound of it, this is the least (e^level E tr(RRᵀ)^q)^{1/(2q)}
    over q ≤ Q: a norm that R exceeds with probability at most e^-level. The proof is at
    `boundcheck.inequalities.bounds.walk_moments`, the value at `boundcheck.formula.walks.walk_quantile`.
    """

    is_real = True
    is_nonnegative = True

    def _sympystr(self, printer: Any) -> str:
        """With the first moments alone."""
        first = [printer._print(x) for x in self.args[: 6 + _SHOWN]]
        return f"{type(self).__name__}({', '.join(first)}{', ...' if len(self.args) > len(first) else ''})"

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        m, n, kappa, k, size = (printer._print(a) for a in self.args[:5])
        factor = printer._print(exponential(self.args[5])) + self._factor(k, size)
        moments = r",\, ".join(printer._print(a) for a in self.args[6 : 6 + _SHOWN])
        moments += r",\, \ldots" if len(self.args) > 6 + _SHOWN else ""
        walks = rf"W_q({m}, {n}, {kappa}, {k}, {size};\, {moments})"
        text = rf"\min_q \left({factor}\, {walks}\right)^{{1/(2q)}}"
        return rf"\left({text}\right)" if exp is None else rf"\left({text}\right)^{{{exp}}}"

    @staticmethod
    def _factor(k: str, size: str) -> str:
        return ""


class OrderedWalkQuantile(WalkQuantile):
    """The same with all weights multiplied by an independent variable with the law Beta(k + 1, D - k)."""

    @staticmethod
    def _factor(k: str, size: str) -> str:
        return rf"\, \mathbb{{E}} \operatorname{{Beta}}_{{{k} + 1,\, {size} - {k}}}^{{2q}}"


class SeriesQuantile(Function):
    """SeriesQuantile(m, n, kappa, p, level, family): a norm from the moment generating function of few entries.

    R is an m × n matrix of sums of kappa weights with E exp(θw) = M(θ), each there with probability p, and
    G(θ) = 1 - p + p M(θ). This is the least t(θ) with

        2 cosh(θt) - 2 = e^level (m (G(θ)^{n kappa} - 1) + n (G(θ)^{m kappa} - 1))

    over θ = 2^{i/8} from 2^-12 to 2^12: a norm that R exceeds with probability at most e^-level. The proof is at
    `boundcheck.inequalities.bounds.masked_series`, the value at `boundcheck.formula.series.series_quantile`. `family`
    is the place of the law in FAMILIES.
    """

    nargs = 6
    is_real = True
    is_nonnegative = True

    FAMILIES = ("uniform", "normal", "signs")
    """Uniform on [-1, 1], standard normal, and ±1 with probability ½ each."""
    _MGF = (r"\frac{\sinh\theta}{\theta}", r"e^{\theta^2/2}", r"\cosh\theta")

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        m, n, kappa, p = (printer._print(a) for a in self.args[:4])
        factor = printer._print(exponential(self.args[4]) / 2)
        g = rf"\left(1 + {{{p}}} \left({self._MGF[int(self.args[5])]} - 1\right)\right)"
        powers = rf"{m} {g}^{{{n} \cdot {kappa}}} + {n} {g}^{{{m} \cdot {kappa}}} - {m} - {n}"
        text = (
            rf"\min_\theta \frac{{1}}{{\theta}} \operatorname{{arcosh}}\left(1 + {factor} \left({powers}\right)\right)"
        )
        return rf"\left({text}\right)" if exp is None else rf"\left({text}\right)^{{{exp}}}"


class Least(Function):
    """The smallest of its arguments. Unlike sympy.Min it never tries to compare them, so it stays as written."""

    is_real = True

    def _sympystr(self, printer: Any) -> str:
        return f"min({', '.join(printer._print(a) for a in self.args)})"

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        return _latex_of_set(printer, r"\min", self.args, exp)


class Greatest(Function):
    """The largest of its arguments. Unlike sympy.Max it never tries to compare them, so it stays as written."""

    is_real = True

    def _sympystr(self, printer: Any) -> str:
        return f"max({', '.join(printer._print(a) for a in self.args)})"

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        return _latex_of_set(printer, r"\max", self.args, exp)


def _latex_of_set(printer: Any, operator: str, items: tuple[Any, ...], exp: str | None) -> str:
    body = r",\; ".join(printer._print(a) for a in items)
    power = "" if exp is None else f"^{{{exp}}}"
    return rf"{operator}{power}\left\{{{body}\right\}}"
