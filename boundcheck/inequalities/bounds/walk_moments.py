"""S6: the norm of few entries at random, from the exact moments E tr(RRᵀ)^q for small q."""

from __future__ import annotations

from sympy import Expr, S, factorial2, log, sqrt

from boundcheck.inequalities.bounds.random_matrix import Entries
from boundcheck.inequalities.bounds.random_subset import SubsetInequality
from boundcheck.statement.functions import WALK_ORDERS, Least, OrderedWalkQuantile, WalkQuantile
from boundcheck.statement.laws import Law, Uniform
from boundcheck.statement.layer import Layer

SOURCE = (
    "own result: Markov's inequality for moments that are sums over closed walks, which are counted (after E. Wigner; "
    "setting of A. S. Bandeira and R. van Handel, Ann. Probab. 44, 2016)"
)


class WalkMoments(SubsetInequality):
    """E tr(RRᵀ)^q for small q exactly, and Markov's inequality: see :func:`walk_bound`."""

    key = "S6"
    name = "walk moments"
    source = SOURCE

    def bound(self, layer: Layer, law: Law, count: Expr, delta: Expr) -> Expr | None:
        """See :func:`walk_bound`."""
        return walk_bound(layer, law, count, delta)

    def bound_by_magnitude(self, layer: Layer, count: Expr, delta: Expr) -> Expr | None:
        """The same of the `count` smallest weights of a law that is uniform on [-a, a]; None for another.

        R is τ/a times a random residual that is independent of it (T5), and τ/a ~ Beta(count + 1, D - count): each
        moment is E (τ/a)^{2q} = Π_{i ≤ 2q} (count + i)/(D + i) times that of the random residual, and τ needs no bound
        of its own.
        """
        law = layer.weights
        found = walk_bound(layer, law, count, delta) if isinstance(law, Uniform) and law.symmetric else None
        return None if found is None else found.replace(WalkQuantile, OrderedWalkQuantile)


def walk_bound(layer: Layer, law: Law, count: Expr, delta: Expr) -> Expr | None:
    """The t that ‖R‖ reaches with probability at most delta, R `count` of the D weights at random.

    Hypotheses: independent symmetric weights with finite moments; a uniform subset of `count` entries that is
    independent of the weights. With count = D, any independent symmetric entries.

    Proof, dense. E tr(RRᵀ)^q is the sum over closed walks u_1 v_1 u_2 … v_q u_1 between outputs and inputs of
    E r(u_1, v_1) r(u_2, v_1) r(u_2, v_2) … r(u_1, v_q). Given the subset, entries are independent and symmetric, so
    that a walk that takes an entry an odd number of times has mean 0. One that takes E entries, each 2j_e times, has
    the mean P(all E are in the subset) Π E w^{2j_e}, and that probability is (k)_E/(D)_E, k = count, where
    (x)_E = x (x-1) … (x-E+1). Name the outputs, and the inputs, of a walk in the order of their first visits: walks
    with equal names have the same shape, and a shape of a outputs and b inputs is that of (m)_a (n)_b walks. So

        E tr(RRᵀ)^q = Σ_shapes (m)_a (n)_b (k)_E/(D)_E Π_e E w^{2j_e}.

    There are finitely many shapes for each q, whatever m and n; they are counted for q up to WALK_ORDERS. Each term is
    nonnegative, so that upper bounds of the moments E w^{2j} give an upper bound. By Markov's inequality
    P(‖R‖ ≥ t) ≤ E tr(RRᵀ)^q / t^{2q}, for any q.

    Convolution: at each frequency an entry is x = Σ_{κ taps} η w over those taps that are there, |η| = 1. Expand
    E tr(PP*)^q to products of weights. One with an odd power has mean 0; any other has a mean that is nonnegative,
    apart from a phase, so that phases of 1 only enlarge the sum. The E different weights in it are all there with
    probability (k)_E/(D)_E ≤ p^E, p = k/D, since k ≤ D. The sum thus is at most what weights have that are there
    independently, each with probability p: Σ_shapes (m)_a (n)_b Π_e E x^{2j_e}, where Σ_j E x^{2j} z^j/(2j)! =
    (1 + p Σ_{j≥1} E w^{2j} z^j/(2j)!)^κ, for x is a sum of κ symmetric independent variables. A union bound over N
    frequencies gives the rest.
    """
    found = _unit_moments(law)
    if found is None:
        return None
    scale, moments = found
    level = log(layer.frequencies / delta)
    return scale * WalkQuantile(layer.outputs, layer.inputs, layer.taps, count, layer.size, level, *moments)


class MaskedWalks(SubsetInequality):
    """The same for weights that are there with probability p = count/D each, independently: see :func:`walk_bound`.

    A weight times its mask is symmetric, with the moments p E w^{2j}; all D of them are independent.
    """

    key = "S6 masked"
    name = "walk moments of weights times mask"
    source = SOURCE
    admits = frozenset({Entries.MASKED})

    def bound(self, layer: Layer, law: Law, count: Expr, delta: Expr) -> Expr | None:
        """See :func:`walk_bound`, for all D entries."""
        found = _unit_moments(law)
        if found is None:
            return None
        scale, moments = found
        size, level = layer.size, log(layer.frequencies / delta)
        masked = [count / size * moment for moment in moments]
        return scale * WalkQuantile(layer.outputs, layer.inputs, layer.taps, size, size, level, *masked)


def _unit_moments(law: Law) -> tuple[Expr, list[Expr]] | None:
    """A scale and E (w/scale)^{2j}, or upper bounds, j = 1, 2, …; None for a law that has none or is not symmetric."""
    variance = law.variance
    if not law.symmetric or variance is None:
        return None
    scale = sqrt(variance) if law.supremum is None else law.supremum
    unit = law.scaled(1 / scale)
    orders = range(1, WALK_ORDERS + 1)
    exact = [unit.even_moment(j) for j in orders]
    known = [x for x in exact if x is not None]
    if len(known) == len(exact):
        return scale, known
    bounds = [_bounds(unit, variance / scale**2, j) for j in orders]
    if not all(bounds):
        return None
    return scale, [x[0] if len(x) == 1 else Least(*x) for x in bounds]


def _bounds(unit: Law, variance: Expr, j: int) -> list[Expr]:
    """Upper bounds of E w^{2j} for a symmetric law; one on [-1, 1] where it is bounded.

    There E w^{2j} ≤ E w², and a unimodal w = s u, u uniform on [-1, 1], has E s² = 3 E w² and so
    E w^{2j} = E s^{2j}/(2j+1) ≤ 3 E w²/(2j+1).
    """
    if j == 1:
        return [variance]
    found = []
    if unit.supremum is not None:
        found.append(3 * variance / (2 * j + 1) if unit.unimodal else variance)
    if unit.sparse_proxy is not None:
        found.append(variance * unit.sparse_proxy ** (j - 1) * factorial2(2 * j - 1))
    elif unit.moment_proxy is not None:
        found.append(unit.moment_proxy**j * factorial2(2 * j - 1))
    return [S(x) for x in found]
