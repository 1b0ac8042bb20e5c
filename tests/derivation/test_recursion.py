"""T1 as algebra: the telescoped sum, and what it becomes for special norms."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import S, expand, prod, symbols

from boundcheck.derivation.recursion import layer_recursion

DEPTHS = (1, 2, 3, 4, 5)


def names(depth):
    return (symbols(f"{x}1:{depth + 1}", positive=True) for x in ("a", "b", "rho"))


@pytest.mark.parametrize("depth", DEPTHS)
def test_each_removed_part_passes_later_kept_and_earlier_target_layers(depth):
    a, b, rho = names(depth)
    written = sum((prod(b[i + 1 :]) * rho[i] * prod(a[:i]) for i in range(depth)), S.Zero)
    assert expand(layer_recursion(a, b, rho) - written) == 0
    r, lam = symbols("r Lambda", positive=True)
    assert expand(layer_recursion(a, b, rho, radius=r, lipschitz=lam) - r * lam * written) == 0


@pytest.mark.parametrize("depth", DEPTHS)
def test_with_the_triangle_inequality_it_is_the_difference_of_products(depth):
    a, _, rho = names(depth)
    b = [x + y for x, y in zip(a, rho, strict=True)]
    assert expand(layer_recursion(a, b, rho) - (prod(b) - prod(a))) == 0


@pytest.mark.parametrize("depth", DEPTHS)
def test_it_is_attained_by_positive_scalars(depth):
    # One unit a layer, weights a_i > ρ_i > 0 in turn removed: the gap at x = 1 is Πa - Π(a - ρ).
    a, _, rho = names(depth)
    b = [x - y for x, y in zip(a, rho, strict=True)]
    assert expand(layer_recursion(a, b, rho) - (prod(a) - prod(b))) == 0
    assert expand(layer_recursion(b, a, rho) - (prod(a) - prod(b))) == 0


def test_arrays_of_trials_go_through_at_once():
    rng = np.random.default_rng(0)
    a, b, rho = rng.random((3, 4, 10))
    together = layer_recursion(list(a), list(b), list(rho), radius=2.0, lipschitz=0.5)
    one_by_one = [layer_recursion(a[:, t], b[:, t], rho[:, t]) for t in range(10)]
    assert together == pytest.approx(one_by_one)
