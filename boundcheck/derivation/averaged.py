"""A sharper form of T1 for activations that are near the middle of their slopes: norms of products of layers.

Between two layers, the difference of two hidden states passes an activation as a diagonal matrix D of slopes of
secants, and the state itself, as σ(0) = 0, does so too. Where slopes lie within s of c, D = c I + s S with S diagonal
and ‖S‖ ≤ 1. Expanding each term of the telescoping sum f - F = Σ_i D B_l D … D R_i D … D A_1 over all of these sums,
a c merges its two neighbours into one product and an S separates them:

    ‖B_l D … R_i … D A_1‖ ≤ Σ over partitions into runs of consecutive layers of Π c (inside runs) · Π s (between runs)
                                · Π ‖product of the run‖.

It is at most Π (c + s) times the product of all norms, T1, since a product's norm is at most that of its factors.

The terms with a single run have the same coefficient, and their sum is the difference of the products of all layers:
that is taken as one. For the identity c = 1 and s = 0, so that the bound is the norm of that difference: the exact gap.
For ReLU c = s = 1/2.

Next to R_i, of which many rows and columns are 0 or small, S commutes with any diagonal T > 0, so that
‖R_i S A‖ ≤ ‖R_i T⁻¹‖ ‖T A‖, T being 0 where R_i has a column of zeros; and so on the other side.

Source: the proof is above. P. L. Combettes and J.-C. Pesquet, Lipschitz certificates for layered network structures
driven by averaged activation operators, SIAM J. Math. Data Sci. 2 (2020), 529-557, expand the Lipschitz constant of one
network so; here it is the difference of two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

Norm = Callable[[int, int], Any]


def averaged_recursion(
    target: Norm,
    kept: Norm,
    mixed: Callable[[int, int, int], Any],
    before: Norm,
    after: Norm,
    *,
    secants: Sequence[tuple[float, float]],
    whole: Any = None,
    radius: Any = 1,
    lipschitz: Any = 1,
) -> Any:
    """Bound the gap by norms of products of consecutive layers, which are numbered from 0.

    Only sums and products are used, so floats and arrays of trials serve.

    Parameters
    ----------
    target, kept
        target(first, last): upper bound of the norm of a run of the target's layers; kept: of what is kept of them.
    mixed
        mixed(i, first, last): of T'⁻¹ M T⁻¹, M being a run with R_i, kept layers after it and the target's before; T
        is the identity unless the run begins with R_i, T' unless it ends with it.
    before, after
        before(first, last): of T times a run of the target's layers that ends just before R_i, i = last + 1;
        after(first, last): of a run of kept layers that begins just after it, i = first - 1, times T'.
    secants
        c and s between each layer and the next one; c = 0 where they cannot be multiplied, s then being the Lipschitz
        constant.
    whole
        Norm of the difference of the products of all layers, where they can all be multiplied.
    radius, lipschitz
        r, and the Lipschitz constant of what follows the last layer.

    Examples
    --------
    Two layers of norm 1, of which 0.1 is removed, with ReLU between them; the difference of their products is 0.08:

    >>> def norm(first, last):
    ...     return 1
    >>> def removed(i, first, last):
    ...     return 0.1
    >>> round(averaged_recursion(norm, norm, removed, norm, norm, secants=[(0.5, 0.5)], whole=0.08), 3)
    0.14
    """
    depth = len(secants) + 1
    last_layer = depth - 1

    def run(first: int, last: int, norm: Any) -> Any:
        """The norm of a run, times c between its layers; 0 where they cannot be multiplied."""
        centres = [centre for centre, _ in secants[first:last]]
        if 0 in centres:
            return 0.0
        found = norm()
        for centre in centres:
            found = found * centre
        return found

    def split(first: int) -> float:
        """s between the run that begins with a layer and what is before it; 1 where there are not two runs."""
        return secants[first - 1][1] if 0 < first < depth else 1.0

    def ending(last: int, norm: Norm) -> Any:
        """Bound of the target's layers up to one, of which the last run has these norms."""
        return sum(earlier[s] * split(s) * run(s, last, partial(norm, s, last)) for s in range(last + 1))

    def beginning(first: int, norm: Norm) -> Any:
        """Bound of the kept layers from one on, of which the first run has these norms."""
        return sum(later[e + 1] * split(e + 1) * run(first, e, partial(norm, first, e)) for e in range(first, depth))

    earlier: list[Any] = [1]  # by how many layers
    for last in range(last_layer):
        earlier += [ending(last, target)]
    later: dict[int, Any] = {depth: 1}  # by the first layer
    for first in range(last_layer, 0, -1):
        later[first] = beginning(first, kept)
    total: Any = 0
    for i in range(depth):
        for first in range(i + 1):
            left = ending(i - 1, before) if first == i > 0 else earlier[first]
            for last in range(i, depth):
                if whole is not None and (first, last) == (0, last_layer):
                    continue
                right = beginning(i + 1, after) if last == i < last_layer else later[last + 1]
                middle = run(first, last, partial(mixed, i, first, last))
                total = total + middle * left * split(first) * right * split(last + 1)
    if whole is not None:
        for centre, _ in secants:
            whole = whole * centre
        total = total + whole
    return radius * lipschitz * total
