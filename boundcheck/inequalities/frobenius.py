"""T3e: norms from counts of removed entries alone, for bounded weights."""

from __future__ import annotations

from sympy import Expr, sqrt


def frobenius_bound(supremum: Expr, taps: Expr, count: Expr) -> Expr:
    """‖R‖ ≤ B √(κ k) for k removed weights of modulus at most B (Cauchy–Schwarz over the taps, then Frobenius)."""
    return supremum * sqrt(taps * count)


def schur_bound(supremum: Expr, in_output: Expr, in_input: Expr) -> Expr:
    """‖R‖ ≤ B √(r c), r and c the most removed entries in one output and one input channel (Schur's test)."""
    return supremum * sqrt(in_output * in_input)
