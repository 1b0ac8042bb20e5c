"""Probabilities of events about statistics, by the first means that applies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flint import arb, fmpq
from sympy import Expr

from boundcheck.errors import BoundcheckError
from boundcheck.formula.event import Event, read_event
from boundcheck.formula.exact.enumeration import chance_by_enumeration
from boundcheck.formula.exact.half_lines import chance
from boundcheck.formula.exact.known import distribution_of
from boundcheck.formula.exact.numbers import BITS, Number, number, sharp, sign_of
from boundcheck.formula.exact.quantiles import chance_beyond_quantile
from boundcheck.formula.exact.spaces import space_of
from boundcheck.formula.rigorous import Interval, interval, precision
from boundcheck.statement.randomness import Statistic


@dataclass(frozen=True)
class ExactTail:
    """A probability: a fraction where possible, else a ball, sharp also far below the range of floats."""

    value: Number

    @property
    def interval(self) -> Interval:
        """Floats around the probability."""
        return interval(arb(self.value))

    def ratio_to(self, claimed: Expr | Number) -> Interval | None:
        """Floats around probability / claimed, exact at equality of fractions; None where the claim may be 0."""
        with precision(BITS):
            claim = number(claimed) if isinstance(claimed, Expr) else claimed
            if not claim > 0:
                return None
            return interval(arb(self.value / claim))


def exact_tail(event: Event, statistic: Statistic) -> ExactTail | None:
    """The probability of an event about one statistic, None where the distribution of the statistic is not known.

    Parameters
    ----------
    event
        From :func:`boundcheck.formula.event.read_event`.
    statistic
        Of a concrete sample of single laws.
    """
    distribution = distribution_of(statistic)
    if distribution is None:
        return None
    value = sharp(lambda: chance(event, distribution))
    return None if value is None else ExactTail(value)


def probability_of(margin: Expr, strict: bool) -> ExactTail | None:
    """P(margin > 0), or ≥ when not strict, of a margin without expectations."""
    statistics = margin.atoms(Statistic)
    if not statistics:
        sign = sign_of(margin)
        return None if sign is None else ExactTail(fmpq(int(sign > 0 or (sign == 0 and not strict))))
    for means in _MEANS:
        try:
            value = means(margin, statistics, strict)
        except BoundcheckError:
            continue
        if value is not None and (isinstance(value, fmpq) or value.is_finite()):
            return ExactTail(value)
    return None


def _by_half_lines(margin: Expr, statistics: set[Statistic], strict: bool) -> Number | None:
    if len(statistics) > 1:
        return None
    [statistic] = statistics
    found = exact_tail(read_event(margin, statistic, strict=strict), statistic)
    return None if found is None else found.value


def _by_enumeration(margin: Expr, statistics: set[Statistic], strict: bool) -> Number | None:
    space = space_of(margin)
    if space is None:
        return None
    with precision(BITS):
        return chance_by_enumeration(space, margin, strict=strict)


_MEANS: tuple[Callable[[Expr, set[Statistic], bool], Number | None], ...] = (
    chance_beyond_quantile,
    _by_half_lines,
    _by_enumeration,
)
