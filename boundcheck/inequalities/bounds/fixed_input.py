"""S5b: what a layer does to one vector that does not depend on its weights.

Hypotheses: independent symmetric sub-Gaussian weights of variance proxy s²; a vector h that is independent of them and
of the mask. Of a finite set of inputs that are fixed before the weights are drawn, each hidden vector is such a one.

Proof. Let d = A h, A the weights of a layer on a set of entries with at most c of them in each input, in one of three
ways: (i) a mask that is independent of the weights; (ii) any mask that depends on |w| and independent randomness, with
c = m; (iii) what magnitude pruning removes, given its threshold τ and the mask: then weights are independent and
symmetric, of proxy s² = τ²/3 for a nonincreasing density of |w| (T5).

For η < 1/(2V) and standard normal g_i, exp(η Σ d_i²) = E_g exp(√(2η) Σ g_i d_i). In (i) and (iii) d_i has the proxy
V_i = s² Σ h_j² over the entries of row i, so that this has a mean of at most Π (1 - 2ηV_i)^{-1/2}, with Σ V_i ≤ c V and
V_i ≤ V = s²‖h‖². In (ii), given |W| the mean over signs is a product of cosh(√(2η) g_i w_ij h_j) over the entries of
the mask. It grows when all entries are put in, and then the mean over |W| is at most Π (1 - 2ηV)^{-1/2} over m rows.

As -log(1 - 2x)/2 ≤ x + x²/(1 - 2x), P(‖d‖² > V (c + 2√(c t) + 2t)) ≤ e^{-t} (D. Hsu, S. M. Kakade and T. Zhang,
Electron. Commun. Probab. 17 (2012), Theorem 1; S. Boucheron, G. Lugosi and P. Massart, Concentration Inequalities,
2013, Section 2.4, for the step to a tail).

ReLU halves it. Let z be another linear image of a vector by rows of the same weights, as W h, and b = σ(z + d) - σ(z).
As σ(x) - σ(-x) = x and σ is monotone with slopes of at most 1, |b_i| at (z, d) and at (-z, -d) add up to |d_i|.
Rows change signs with their weights, independently and with probability 1/2 given |W|, the mask and d up to signs. So
E exp(η Σ b_i²) ≤ E Π (1 + exp(η d_i²))/2, by convexity. Expanded over subsets of rows and with the bounds above, it is
at most Π (1 + (1 - 2ηV_i)^{-1/2})/2, and log((1 + (1 - 2x)^{-1/2})/2) ≤ x/2 + (5/8) x²/(1 - 2x) for 0 ≤ x < 1/2: with
G = (1 - 2x)^{-1/2} ≥ 1, the derivative in G of the difference is (5G⁵ + 5G⁴ - 16G³ + 3G + 3)/(16 G³ (1 + G)), and this
polynomial vanishes with its derivative at G = 1 and is convex from there on. So
P(‖b‖² > V (c/2 + √(5ct/2) + 2t)) ≤ e^{-t}.
"""

from __future__ import annotations

from sympy import Expr, Rational, S, log, sqrt

from boundcheck.statement.functions import Greatest, HypergeometricBound, Least
from boundcheck.statement.laws import Law
from boundcheck.statement.layer import Activation, Layer

key = "S5b"
name = "fixed vector"
source = "D. Hsu, S. M. Kakade and T. Zhang, Electron. Commun. Probab. 17 (2012), Theorem 1, and own proof for ReLU"


def spread(entries: Expr, t: Expr, *, halved: bool = False) -> Expr:
    """What ‖A h‖²/(s²‖h‖²) exceeds with probability at most e^-t: c + 2√(ct) + 2t, or c/2 + √(5ct/2) + 2t after ReLU.

    Parameters
    ----------
    entries
        c, the most entries in one input.
    halved
        Whether ReLU follows.
    """
    if halved:
        return entries / 2 + sqrt(Rational(5, 2) * entries * t) + 2 * t
    return entries + 2 * sqrt(entries * t) + 2 * t


def halves(layer: Layer) -> bool:
    """Whether what follows the layer begins with ReLU."""
    first = layer.after[0] if layer.after else None
    return isinstance(first, Activation) and first.name == "relu"


def stretch(layer: Layer, entries: Expr, inputs: Expr, delta: Expr) -> Expr | None:
    """How much longer a layer makes each of `inputs` vectors that are independent of it (probability 1 - delta)."""
    return _stretch(layer, layer.weights, entries, log(inputs / delta))


def stretch_of_removed(layer: Layer, law: Law, count: Expr, inputs: Expr, delta: Expr) -> Expr | None:
    """The same of `count` entries at random, with independent weights of this law; half of delta is for their number.

    Σ h_j² c_j, with c_j entries in input j, is at most c = max c_j (T4, for n inputs), and its exponential moments are
    at most those of a single c_j by convexity: so Hoeffding's bound for one c_j holds for it, once for each vector.
    """
    share = delta / 2
    largest = HypergeometricBound(layer.size, count, layer.outputs, share / layer.inputs)
    average = HypergeometricBound(layer.size, count, layer.outputs, share / inputs) + 1
    return _stretch(layer, law, Least(largest, average, layer.outputs), log(inputs / share))


def stretch_of_worst_filters(layer: Layer, count: Expr, inputs: Expr, delta: Expr) -> Expr | None:
    """The same of any `count` outputs: by a union bound over (e m/count)^count sets, or of all outputs."""
    level = log(inputs / delta)
    sets = count * (1 + log(layer.outputs / Greatest(count, S.One)))
    found = [_stretch(layer, layer.weights, count, level + sets), stretch(layer, layer.outputs, inputs, delta)]
    return None if found[0] is None else Least(*found)


def _stretch(layer: Layer, law: Law, entries: Expr, level: Expr) -> Expr | None:
    proxy = law.variance_proxy
    return None if proxy is None else sqrt(proxy) * sqrt(spread(entries, level, halved=halves(layer)))
