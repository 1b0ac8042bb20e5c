"""Exact probabilities and expectations of statistics whose law is known."""

from boundcheck.formula.exact.tail import ExactTail, exact_tail
from boundcheck.formula.exact.value import exact_expectation, exact_probability, exact_value

__all__ = ["ExactTail", "exact_expectation", "exact_probability", "exact_tail", "exact_value"]
