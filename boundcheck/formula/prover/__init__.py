"""Rigorous proofs of inequalities between formulas over whole domains, with certificates to be checked elsewhere."""

from boundcheck.formula.prover.prove import DEFAULT, prove
from boundcheck.formula.prover.results import Proved, Refuted, Result, Undecided

__all__ = ["DEFAULT", "Proved", "Refuted", "Result", "Undecided", "prove"]
