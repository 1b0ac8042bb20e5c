"""The norm of what a layer's biases add to a hidden vector, which T1 needs of layers before pruned ones."""

from __future__ import annotations

from sympy import Expr, sqrt

from boundcheck.derivation.norms import Choice, all_bounds, smallest
from boundcheck.derivation.proof.biases import AtEveryCell, BoundedBiases
from boundcheck.derivation.proof.judgement import NormStep, Part, Subject
from boundcheck.errors import UnsupportedClaim
from boundcheck.inequalities.bounds.random_matrix import RandomMatrix
from boundcheck.statement.layer import Layer


def bias_norm(layer: Layer, delta: Expr) -> Choice:
    """‖c‖ of what biases add to all cells of a hidden vector (probability 1 - delta).

    The biases are a matrix of m × 1 independent entries, for which the norm inequalities hold if their law is
    symmetric; if it is bounded, its bound does. A convolution adds them at every cell.

    Raises
    ------
    UnsupportedClaim
        When the law is neither symmetric about 0 nor bounded.
    """
    vector = layer.bias_vector
    assert vector is not None
    law = vector.weights
    subject = Subject(Part.BIAS, vector, law)
    candidates: dict[str, NormStep | None] = {}
    if law.symmetric:
        candidates |= all_bounds(RandomMatrix.whole(vector), delta, subject)
    if law.supremum is not None:
        candidates["largest"] = BoundedBiases(subject, law.supremum * sqrt(vector.outputs))
    if not any(candidates.values()):
        raise UnsupportedClaim(
            f"biases of law {law} have no bound here; use a bounded law, or one that is symmetric about 0"
        )
    if layer.cells != 1:
        candidates = {key: step and AtEveryCell(step, layer.cells) for key, step in candidates.items()}
    return smallest(candidates, delta)
