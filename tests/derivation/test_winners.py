"""Winners among inequalities: at numbers by trying all widths, and in the limit by the theory's rates."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Rational, S, log, sqrt

from boundcheck import fcn, gap_bound, integer, magnitude, prune, random, real, scaled, uniform
from boundcheck.derivation.winners import candidates_of, winners_at, winners_in_the_limit
from boundcheck.errors import InvalidArgument
from boundcheck.formula.numeric import compile_expression

d = integer("d", min=2)
alpha = real("alpha", min=0, max=1, exclude_min=True, exclude_max=True)
delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)
TARGET = fcn([d, d, d], weights=scaled(uniform(-1, 1)))


def candidates(rule, letter):
    derivation = gap_bound(TARGET, prune(TARGET, rule), delta=delta).derivation
    [found] = [c for symbols, c in candidates_of(derivation).items() if str(symbols[0]).startswith(letter)]
    return found


@pytest.mark.parametrize("rule", [random(alpha=alpha), magnitude(alpha=alpha)], ids=str)
@pytest.mark.parametrize("at", ["3/10", "7/10"])
def test_winners_at_numbers_are_those_of_all_widths(rule, at):
    found = candidates(rule, "rho")
    point = {alpha: Rational(at), delta: Rational(1, 100)}
    runs = winners_at(found, d, 2, 400, point)
    assert [run.low for run in runs] == [2, *(run.high + 1 for run in runs[:-1])]
    assert runs[-1].high == 400
    widths = np.arange(2, 401)
    values = {k: compile_expression(v.xreplace(point), [d])(widths.astype(float)) for k, v in found.items()}
    least = np.fmin.reduce(list(values.values()))
    for run in runs:
        inside = (widths >= int(run.low)) & (widths <= int(run.high))
        # Counts are integers, so that two inequalities may take turns; the winner is never far from the least.
        assert (values[run.key][inside] <= least[inside] * 1.2).all()
        assert (values[run.key][inside] == least[inside]).mean() > 0.9


def test_winners_in_the_limit_are_the_rates_of_the_theory():
    """Random: √(log d) d^-α below one half, d^-1/2 above; magnitude: times d^-2α."""
    for rule, order in ((random(alpha=alpha), 1), (magnitude(alpha=alpha), d ** (-2 * alpha))):
        limits = winners_in_the_limit(candidates(rule, "rho"), d, alpha)
        growths = {str(limit.regime): limit.growth for limit in limits}
        assert [limit.key for limit in limits] == ["T3a+T4", "T3e Schur+T4", "T3e Schur+T4"]
        below, above = growths["0 < alpha < 1/2"], growths["1/2 < alpha < 1"]
        for growth, expected in ((below, sqrt(log(d)) * d**-alpha), (above, 1 / sqrt(d))):
            ratio = growth.formula(d) / (growth.coefficient * expected * order)
            assert ratio.simplify() == 1


def test_a_larger_constant_does_not_win():
    """Planted: an inequality that is twice another, and one of which nothing is known."""
    found = candidates(random(alpha=alpha), "b")
    planted = {"twice": 2 * found["S1"], "S1": found["S1"]}
    [limit] = winners_in_the_limit(planted, d, alpha)
    assert (limit.key, limit.others) == ("S1", ("twice",))
    point = {alpha: S.Half, delta: Rational(1, 100)}
    assert [run.key for run in winners_at(planted, d, 2, 1000, point)] == ["S1"]


def test_points_leave_nothing_open():
    with pytest.raises(InvalidArgument, match=r"leaves \['delta'\] open; give it"):
        winners_at(candidates(random(alpha=alpha), "b"), d, 2, 10, {alpha: S.Half})
