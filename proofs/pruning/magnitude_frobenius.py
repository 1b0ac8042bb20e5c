"""Magnitude pruning of normal weights, by the Frobenius norm of what is removed: the approximation half of Guha et al.

E. K. Guha, P. Dubey and X. Huo, "Generalization Bounds for Magnitude-Based Pruning via Sparse Matrix Sketching",
arXiv:2305.18789 (2023), bound the error of a pruned network by how close it is to the unpruned one and by how many
parameters it has. What is below is the first of the two, for the k smallest of D normal weights in each layer, with
constants derived here and not taken from the paper; what they add, sketches of sparse matrices and the generalisation
error, is not stated. boundcheck's own bound is smaller: it bounds spectral norms (fcn_magnitude.py).

Proof. Let τ be the (k+1)-th smallest |w| and μ the root of k = μ - √(2μL), L = log(1/δ'). Among D normal weights of
deviation v, those with |w| ≤ t are binomial with g = erf(t / (v√2)); for Dg = μ, P(τ > t) = P(Bin(D, g) ≤ k) ≤
exp(-(μ-k)²/(2μ)) = δ' (Chernoff). So ‖R‖ ≤ ‖R‖_F ≤ τ√k ≤ √k v √2 erfinv(μ/D) but with probability δ', if μ < D. For
‖W‖, Davidson and Szarek's tail; ‖W - R‖ ≤ ‖W‖ + ‖R‖; the layer recursion (T1); δ in equal parts.

Source: after Guha, Dubey and Huo 2023; Davidson and Szarek 2001, Theorem II.13.
"""

from sympy import erfinv, log, sqrt

from boundcheck import P, Theorem, fcn, gap, integer, magnitude, normal, prune, real

d = integer("d", min=16, max=4096)
k = integer("k", min=0, max=4096)
delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)


def removed(size, deviation, share):
    """Upper bound of the Frobenius norm of the k smallest of so many weights, but with this probability."""
    level = log(1 / share)
    mu = ((sqrt(2 * level) + sqrt(2 * level + 4 * k)) / 2) ** 2
    return sqrt(k) * deviation * sqrt(2) * erfinv(mu / size), mu < size


def whole(outputs, inputs, deviation, share):
    """Upper bound of the spectral norm of all weights, but with this probability."""
    return deviation * (sqrt(outputs) + sqrt(inputs) + sqrt(2 * log(1 / share)))


layer = fcn([d, d], weights=normal(0, 1))
residual, enough = removed(d * d, 1, delta)

frobenius_layer = Theorem(
    claim=P(gap(layer, prune(layer, magnitude(count=k))) > residual) <= delta,
    source="after Guha, Dubey and Huo 2023",
    hypotheses=[enough],
    fidelity="variant",
    points=[{"d": 32, "k": 4, "delta": "1/20"}, {"d": 64, "k": 400, "delta": "1/20"}],
)

target = fcn([d, d, d], weights=normal(0, 1 / sqrt(d)), activation="relu")
rho, enough = removed(d * d, 1 / sqrt(d), delta / 4)
norm = whole(d, d, 1 / sqrt(d), delta / 4)

frobenius_network = Theorem(
    claim=P(gap(target, prune(target, magnitude(count=k))) > (norm + rho) * rho + rho * norm) <= delta,
    source="after Guha, Dubey and Huo 2023; layer recursion (T1)",
    hypotheses=[enough],
    fidelity="variant",
    points=[{"d": 32, "k": 64, "delta": "1/20"}],
)
