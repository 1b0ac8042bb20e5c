"""S4: the norm of few entries at random, from the moment generating function of a weight that may be missing."""

from __future__ import annotations

from sympy import Expr, Integer, log, sqrt

from boundcheck.inequalities.bounds.random_matrix import Entries
from boundcheck.inequalities.bounds.random_subset import SubsetInequality
from boundcheck.statement.functions import SeriesQuantile
from boundcheck.statement.laws import Law, Normal, TwoPoint, Uniform
from boundcheck.statement.layer import Layer

SOURCE = (
    "J. A. Tropp, An Introduction to Matrix Concentration Inequalities, 2015, Theorem 3.6.1 (after E. H. Lieb), and "
    "W. Hoeffding, JASA 58, 1963, Theorem 4"
)


class MaskedSeries(SubsetInequality):
    """The moment generating function of a weight that may be missing: see :func:`series_bound`."""

    key = "S4"
    name = "masked series"
    source = SOURCE
    admits = frozenset({Entries.INDEPENDENT, Entries.MASKED})

    def bound(self, layer: Layer, law: Law, count: Expr, delta: Expr) -> Expr | None:
        """See :func:`series_bound`."""
        return series_bound(layer, law, count, delta)


def series_bound(layer: Layer, law: Law, count: Expr, delta: Expr) -> Expr | None:
    """The t that ‖R‖ reaches with probability at most delta, R `count` of the D weights at random.

    Hypotheses: independent symmetric weights with M(θ) = E e^{θw}, or M(θ) ≥ E e^{θw}, here of a uniform, normal or
    Rademacher law; a uniform subset of `count` entries, or each entry with probability p = count/D, independent of the
    weights.

    Proof. Let P be the block at one frequency and H its Hermitian dilation, a sum of w_e H_e over the entries that are
    there, H_e with η at (u, v) and its conjugate at (v, u), |η| = 1. H_e² is the projection on the coordinates u and v,
    so e^{xH_e} = I + (cosh x - 1) H_e² + sinh(x) H_e, and E e^{θ w H_e} = I + (M(θ) - 1) H_e² for a symmetric law. Its
    logarithm is log M(θ) H_e², a diagonal matrix. By Tropp's theorem, given the set,

        E tr e^{θH} ≤ tr exp(Σ_e log M(θ) H_e²) = Σ_u M(θ)^{c_u} + Σ_v M(θ)^{c_v},

    c_u, c_v being the numbers of entries that are there in an output and in an input channel. If entries are there
    independently, c_u is binomial with nκ and p, and E M(θ)^{c_u} = (1 - p + p M(θ))^{nκ} = G^{nκ}. For a uniform
    subset c_u is the sum of a sample without replacement, x -> M(θ)^x is convex, and so the mean is at most that of
    sampling with replacement, again G^{nκ}. The same for c_v with mκ. H has the eigenvalues ±σ for the singular
    values σ of P, else 0, so that tr(e^{θH} - I) = Σ (2 cosh(θσ) - 2): no term is negative, and one is at least
    2 cosh(θt) - 2 when ‖P‖ ≥ t. By Markov's inequality

        P(‖P‖ ≥ t) ≤ (m (G^{nκ} - 1) + n (G^{mκ} - 1)) / (2 cosh(θt) - 2)

    for any θ > 0, and a union bound over N frequencies gives the rest.
    """
    found = _family(law)
    if found is None:
        return None
    scale, family = found
    level = log(layer.frequencies / delta)
    place = SeriesQuantile.FAMILIES.index(family)
    share = count / layer.size
    return scale * SeriesQuantile(layer.outputs, layer.inputs, layer.taps, share, level, Integer(place))


def _family(law: Law) -> tuple[Expr, str] | None:
    """A scale and a family whose moment generating function is that of w/scale, or above it."""
    if not law.symmetric:
        return None
    if isinstance(law, Uniform):
        return law.high, "uniform"
    if isinstance(law, TwoPoint):
        return law.high, "signs"
    proxy = law.std**2 if isinstance(law, Normal) else law.variance_proxy
    return None if proxy is None else (sqrt(proxy), "normal")
