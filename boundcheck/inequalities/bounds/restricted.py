"""S5a: how much longer a dense layer makes vectors without negative entries, and what ReLU leaves of them."""

from __future__ import annotations

from sympy import Expr, Rational, S, log, pi, sqrt

from boundcheck.inequalities.bounds.fixed_input import halves
from boundcheck.statement.laws import Law, Uniform
from boundcheck.statement.layer import Activation, Layer
from boundcheck.statement.network import Network
from boundcheck.statement.window import SINGLE

key = "S5a"
name = "norm on nonnegative vectors"
source = (
    "own proof, after S. Chevet, Séminaire Maurey-Schwartz 1977-78, exposé 19, and Davidson and Szarek, Handbook of "
    "the Geometry of Banach Spaces I, 2001, Theorem II.13; Gaussian concentration of Lipschitz maps"
)
HALF = Rational(1, 2)


def restricted_norm(layer: Layer, nonnegative: bool, delta: Expr) -> Expr | None:
    """What sup ‖σ(W x)‖/‖x‖ exceeds with probability at most delta, over all x or those without negative entries.

    It is c (√(m/2) + √(n/2)) + g √(2 log(1/delta)), m/2 after ReLU and n/2 for nonnegative x, else m and n. A bound of
    hidden vectors of a network, and of nothing else: not of what the layer does to differences of such vectors.

    Hypotheses: independent weights w = T(Z), Z standard normal, T odd and g-Lipschitz; a mask independent of them. c is
    one with E f(w) ≤ E f(cZ) for convex f: g, and for uniform weights on [-a, a] the smaller a √(π/8).

    Proof. ‖σ(z)‖ for ReLU is the largest yᵀz, y ≥ 0 and ‖y‖ ≤ 1; else it is at most that without y ≥ 0. So the supremum
    is 0 or one of yᵀWx over unit vectors x in K and y in L. It is convex in W, so that its mean does not fall when, one
    after another, weights become normals of deviation c, and those outside the mask, which are 0, as well (Jensen). For
    a standard normal matrix G and unit vectors, E (yᵀGx - y'ᵀGx')² = 2 - 2⟨x, x'⟩⟨y, y'⟩ is at most (2 - 2⟨x, x'⟩) +
    (2 - 2⟨y, y'⟩), which is that of ⟨g, x⟩ + ⟨h, y⟩, g and h standard normal. By the comparison of Sudakov and Fernique
    E sup yᵀGx ≤ E sup ⟨g, x⟩ + E sup ⟨h, y⟩, and the largest ⟨g, x⟩ over x ≥ 0 is at most the norm of the positive part
    of g, of mean at most √(n/2). As a function of Z the supremum over the mask's entries is g-Lipschitz, so
    that it exceeds its mean by g u with probability at most e^{-u²/2}.

    Convex functions: |T(Z)| ≤ g|Z| with the same fair signs. For a uniform law on [-1, 1] and c = √(π/8) let D(t) =
    E (cZ - t)₊ - E (w - t)₊, t ≥ 0. D(0) = 0 as E|w| = 1/2 = c√(2/π), D'(0) = 0, and D'' is the difference of the
    densities of cZ and w: first positive, then negative until t = 1, where D(1) > 0, and then positive. So D ≥ 0, which
    for symmetric laws is the claim.

    Parameters
    ----------
    layer
        The layer with what follows it, of which only a ReLU that comes first counts.
    nonnegative
        Whether its inputs have no negative entries.

    Returns
    -------
    None where the layer is no dense one, the law has no g, or neither side is restricted: then it is T3b.
    """
    g = layer.weights.transport
    relu = halves(layer)
    if g is None or layer.window != SINGLE or not (relu or nonnegative):
        return None
    outputs = layer.outputs * (HALF if relu else S.One)
    inputs = layer.inputs * (HALF if nonnegative else S.One)
    return _domination(layer.weights) * (sqrt(outputs) + sqrt(inputs)) + g * sqrt(2 * log(1 / delta))


def _domination(law: Law) -> Expr | None:
    """c, see :func:`restricted_norm`."""
    return law.supremum * sqrt(pi / 8) if isinstance(law, Uniform) and law.symmetric else law.transport


def nonnegative_input(network: Network, i: int) -> bool:
    """Whether what layer i (counted from 0) is given has no negative entries: a ReLU, and steps that leave it so."""
    before = network.layers[i - 1].after if i > 0 else ()
    return any(isinstance(step, Activation) and step.name == "relu" for step in before)
