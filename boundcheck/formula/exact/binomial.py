"""Tails of binomial laws of any size, in balls: those of Beta laws whose parameters Arb's own functions do not bear."""

from __future__ import annotations

from flint import arb, ctx

from boundcheck.formula.rigorous import precision

LARGE = 10**4
"""Sums of Beta parameters from which tails are added up here rather than left to Arb."""
LONGEST = 3 * 10**7
"""Counts up to which they are added up: that takes some 10 √count terms."""


def binomial_tail(n: int, k: int, x: arb) -> arb:
    """P(Binomial(n, x) ≤ k) = P(Beta(k + 1, n - k) > x), 0 ≤ k < n and 0 < x < 1, added up from k downwards.

    A term is j (1-x) / ((n-j+1) x) times the one above it, and this ratio decreases with j: what is left out, from
    where it is r < 1, is at most r/(1-r) times the last term.
    """
    # Logarithms of factorials are near n log n.
    with precision(ctx.prec + 2 * n.bit_length()):
        above, one = arb(n), arb(1)
        first = (above + 1).lgamma() - arb(k + 1).lgamma() - (above - k + 1).lgamma()
        first += k * x.log() + (n - k) * (one - x).log()
    odds = (1 - x) / x
    term = total = arb(1)
    small = arb(2) ** (-ctx.prec // 2 - 16)
    for j in range(k, 0, -1):
        ratio = odds * j / (n - j + 1)
        if j % 32 == 0 and ratio < 1 and (rest := term * ratio / (1 - ratio)) < small * total:
            total += rest.union(arb(0))
            break
        term *= ratio
        total += term
    return total * first.exp()


def binomial_limits(n: int, k: int, x: arb) -> tuple[arb, arb]:
    """Numbers at most and at least P(Binomial(n, x) ≤ k), 0 ≤ k < n and 0 < x < 1, at the cost of two normal tails.

    With C(j) = Φ(sgn(j/n - x) √(2 n KL(j/n ‖ x))), C(0) = (1 - x)^n and C(n) = 1 - x^n, it lies between C(k) and
    C(k+1).

    Source: A. M. Zubkov and A. A. Serov, A complete proof of universal inequalities for the distribution function of
    the binomial law, Theory Probab. Appl. 57 (2013), 539-544, Theorem.
    """
    return _normal(n, k, x), _normal(n, k + 1, x)


def _normal(n: int, j: int, x: arb) -> arb:
    with precision(ctx.prec + 2 * n.bit_length()):
        whole, one = arb(n), arb(1)
        if j == 0:
            return (whole * (one - x).log()).exp()
        if j == n:
            return one - (whole * x.log()).exp()
        q = arb(j) / whole
        exponent = whole * (q * (q / x).log() + (one - q) * ((one - q) / (one - x)).log())
        root = exponent.max(arb(0)).sqrt()
        if q > x:
            return one - root.erfc() / 2
        return root.erfc() / 2 if q < x else (root.erfc() / 2).union(one - root.erfc() / 2)
