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
