"""T3e: norms from counts of removed entries alone, for bounded weights."""

from __future__ import annotations

from sympy import Expr, sqrt


def frobenius_bound(supremum: Expr, taps: Expr, count: Expr) -> Expr:
    """‖R‖ ≤ B √(κ k) for k removed weights of modulus at most B (Cauchy–Schwarz over the taps, then Frobenius).

    Deterministic: any weights, any mask. Source: R. A. Horn and C. R. Johnson, Matrix Analysis, 2nd ed., 2013,
    Section 5.6.
    """
    return supremum * sqrt(taps * count)


def schur_bound(supremum: Expr, in_output: Expr, in_input: Expr) -> Expr:
    """‖R‖ ≤ B √(r c), r and c the most removed entries in one output and one input channel (Schur's test).

    Deterministic: any weights of modulus at most B, any mask; ‖R‖² ≤ ‖R‖₁ ‖R‖_∞. Source: R. A. Horn and C. R. Johnson,
    Matrix Analysis, 2nd ed., 2013, Section 5.6.
    """
    return supremum * sqrt(in_output * in_input)
