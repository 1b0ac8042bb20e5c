"""A derived bound at many points at once: widths, amounts of pruning, failure probabilities, in floats."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sympy import Expr

from boundcheck.derivation.gap import gap_bound, variants
from boundcheck.errors import InvalidArgument
from boundcheck.formula.numeric import compile_expression
from boundcheck.statement.domain import Parameter, exact, parameters_of
from boundcheck.statement.layer import Layer
from boundcheck.statement.pruning import Pruned, Rule, radius_of_ball

Floats = NDArray[np.float64]


def sweep(pruned: Pruned, points: Mapping[Parameter, ArrayLike], *, delta: Any, radius: Any = 1) -> Floats:
    """The smallest derived bound at each of many points, without deriving it again at each.

    Parameters
    ----------
    pruned
        A pruned network with parameters: widths, amounts of pruning, scales of weights.
    points
        Values for every parameter of the network, of `delta` and of `radius`: arrays that broadcast, as those of
        numpy.meshgrid or np.ix_.
    delta, radius
        As for :func:`boundcheck.gap_bound`: numbers, or parameters with values in `points`.

    Returns
    -------
    An array of the shape to which the values broadcast: the bound of :func:`boundcheck.gap_bound` with numbers put in,
    as floats give it, up to a relative error of 1e-9. NaN where there is no such network, as where more weights go than
    there are.

    Raises
    ------
    InvalidArgument
        When a parameter has no values, or values outside its domain.
    UnsupportedClaim
        As :func:`boundcheck.gap_bound`.

    Examples
    --------
    >>> import numpy as np
    >>> from boundcheck import fcn, integer, magnitude, prune, real, scaled, sweep, uniform
    >>> d, alpha = integer("d", min=1), real("alpha", min=0, max=1, exclude_min=True, exclude_max=True)
    >>> network = fcn([d, d, d, d], weights=scaled(uniform(-1, 1)))
    >>> pruned = prune(network, magnitude(alpha=alpha))
    >>> bounds = sweep(pruned, {d: np.array([64, 256, 1024])[:, None], alpha: [0.3, 0.5]}, delta=0.01)
    >>> bounds.shape, bool((np.diff(bounds, axis=0) < 0).all())
    ((3, 2), True)
    """
    share, ball = exact("delta", delta), radius_of_ball(radius)
    gap_bound(pruned.target, pruned, delta=share, radius=ball)  # refuses what has no bound
    needed = pruned.parameters | parameters_of(share, ball)
    known = {p: np.asarray(values, dtype=float) for p, values in points.items() if p in needed}
    if missing := sorted(p.name for p in needed - set(known)):
        raise InvalidArgument(
            "points", missing, "are parameters without values", "give each of them an array of values"
        )
    for p, values in known.items():
        if outside := _outside(p, values):
            raise InvalidArgument(p.name, outside[0], f"lies outside its domain {p.domain}", "choose values inside")
    names = sorted(known, key=str)
    arrays = np.broadcast_arrays(*(known[p] for p in names)) if names else [np.zeros(())]
    flat = [array.ravel() for array in arrays]
    found = curve(pruned, names, share, ball)(*flat) if names else curve(pruned, [], share, ball)(np.zeros(1))
    return np.asarray(found.reshape(arrays[0].shape))


def _outside(p: Parameter, values: Floats) -> list[float]:
    low, high = (float(end) for end in (p.domain.low, p.domain.high))
    bad = ~np.isfinite(values) | (values < low) | (values > high)
    bad |= (values == low) & p.domain.exclude_low | (values == high) & p.domain.exclude_high
    if p.domain.integer:
        bad |= values != np.floor(values)
    return [float(x) for x in values[bad].ravel()]


def curve(pruned: Pruned, parameters: Sequence[Parameter], delta: Expr, radius: Expr) -> Callable[..., Floats]:
    """The bound as a float function of arrays of one length for the parameters: the smallest of its variants.

    A layer that loses nothing, or everything, rests on other events, so that each such case has formulas of its own.
    """
    layers = list(zip(pruned.target.layers, pruned.rules, strict=True))
    removed = [compile_expression(pruned.removed(i), parameters) for i in range(len(layers))]
    sizes = [compile_expression(layer.size, parameters) for layer, _ in layers]

    @cache
    def compiled(cases: tuple[str, ...]) -> list[Callable[..., Any]]:
        rules = tuple(in_case(rule, layer, case) for (layer, rule), case in zip(layers, cases, strict=True))
        derived = variants(Pruned(pruned.target, rules), delta, radius)
        return [compile_expression(found.expression, parameters) for found in derived]

    def smallest(*values: Floats) -> Floats:
        shape, given = values[0].shape, values[: len(parameters)]
        lost, whole = ([np.broadcast_to(f(*given), shape) for f in found] for found in (removed, sizes))
        cases = np.where(np.equal(lost, 0), "none", np.where(np.equal(lost, whole), "all", "some"))
        cases[np.greater(lost, whole)] = "more"
        smallest = np.full(shape, np.nan)
        for case in np.unique(cases.T, axis=0):
            if "more" in case:
                continue
            there = (case == cases.T).all(axis=1)
            inside = [array[there] for array in given]
            results: Any = [np.broadcast_to(f(*inside), int(there.sum())) for f in compiled(tuple(case.tolist()))]
            smallest[there] = np.fmin.reduce(results)
        return smallest

    return smallest


def in_case(rule: Rule | None, layer: Layer, case: str) -> Rule | None:
    """The rule where it removes none, some or all of a layer."""
    if rule is None or case == "none":
        return None
    if case == "all":
        return replace(rule, unit="count", amount=layer.outputs if rule.structured else layer.size)
    return rule
