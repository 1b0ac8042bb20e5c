"""S3: the norm of few entries at random, from the moments of a smaller Gaussian matrix."""

from __future__ import annotations

from sympy import Expr, log, sqrt

from boundcheck.inequalities.bounds.random_matrix import Entries
from boundcheck.inequalities.bounds.random_subset import SubsetInequality
from boundcheck.statement.functions import SparseQuantile
from boundcheck.statement.laws import Law, Uniform
from boundcheck.statement.layer import Layer


class SparseMoments(SubsetInequality):
    """A bound of ‖R‖ from the moments of a smaller Gaussian matrix, R `count` of the D weights at random.

    Hypotheses: independent symmetric weights with E w^{2j} ≤ v L^{2j-2} (2j-1)!!; a uniform subset of `count` entries,
    or each entry with probability p = count/D, independent of the weights.

    Proof, dense. E tr(RRᵀ)^q is a sum over closed walks of 2q steps between outputs and inputs. Walks that take some
    entry an odd number of times have mean 0. One with a outputs, b inputs and E entries, each taken 2j_e times, has at
    most p^E Π v L^{2j_e-2} (2j_e-1)!! = β^E L^{2q} Π (2j_e-1)!!, β = pv/L², since E given entries are all in a subset
    of k with probability at most p^E. If pv > L², enlarge L² to pv; so β ≤ 1, and E ≥ a + b - 1 gives β^E ≤
    β^{a+b-1}. There are (m)_a (n)_b = m (m-1) … n (n-1) … walks of the same shape, and a, b ≤ q. With
    r ≥ βm + (1-β)(q-1), β(m-i) ≤ r-i for i < q, so that β^{a-1} (m)_a ≤ (m/r) (r)_a; also with r = m. The same for
    n with β^b and r', without n/r'; or n/r' in place of m/r. Summed over all shapes this is
    min(m/r, n/r') L^{2q} M_q(r, r').

    Convolution: at each frequency an entry is a sum over κ taps; phases of 1 only enlarge the moments, and those of a
    subset are at most those of independent entries. With β₀ = pv/L², a weight that may be missing has moments at most
    those of a variable that is normal of variance L² with probability β₀, else 0. So the sum x over taps has at most
    those of √B L g, g standard normal, B binomial with κ and β₀: E x^{2j} ≤ L^{2j} E B^j (2j-1)!!, and E B^j =
    κβ₀ E (1 + B')^{j-1}, B' binomial with κ-1 and β₀. Hence x has variance κpv and, for j ≤ q, what one weight has,
    with ℓ L² in place of L², where ℓ = (E (1 + B')^{q-1})^{1/(q-1)} grows with q. A union bound over N frequencies.
    """

    key = "S3"
    name = "sparse moments"
    source = (
        "comparison with the moments of a smaller Gaussian matrix, after A. S. Bandeira and R. van Handel, Ann. "
        "Probab. 44 (2016), Proposition 2.1"
    )
    admits = frozenset({Entries.INDEPENDENT, Entries.MASKED})

    def bound(self, layer: Layer, law: Law, count: Expr, delta: Expr) -> Expr | None:
        """See :class:`SubsetInequality`."""
        scale, level = law.sparse_proxy, log(layer.frequencies / delta)
        if scale is None or law.variance is None:
            return None
        ratio = count / layer.size * (law.variance / scale)
        return sqrt(scale) * SparseQuantile(layer.outputs, layer.inputs, layer.taps, ratio, level)

    def bound_by_magnitude(self, layer: Layer, count: Expr, delta: Expr) -> Expr | None:
        """The same of the `count` smallest weights, for a law that is uniform on [-a, a].

        R is τ/a times a random residual that is independent of it (T5), and τ/a ~ Beta(count + 1, D - count): each
        moment is E (τ/a)^{2q} = Π_{i ≤ 2q} (count + i)/(D + i) times that of the random residual, and τ needs no bound
        of its own.
        """
        law = layer.weights
        found = self.bound(layer, law, count, delta) if isinstance(law, Uniform) and law.symmetric else None
        if found is None:
            return None
        return found.replace(SparseQuantile, lambda *arguments: SparseQuantile(*arguments, count, layer.size))
