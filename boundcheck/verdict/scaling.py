"""Verdict on a claim with an unspecified universal constant: no point refutes it, growth speaks against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from boundcheck.verdict.decide import Verdict
from boundcheck.verdict.evidence import Scaling, ScalingPoint
from boundcheck.verdict.point import Status


def decide_scaling(
    *,
    theorem: str,
    file: str | None,
    ratios: Sequence[tuple[Mapping[str, str], float, float]],
    growth: tuple[float, float],
    tolerance: float,
    beta: float | None,
    level: float,
    seed: int,
    seconds: float,
    version: str,
    domain: str | None = None,
    refutation_expected: bool = False,
) -> Verdict:
    """Verdict on "there is a constant C with left side at most C times right side", from growing sizes.

    The scaling is broken if the ratio of left to right side grows for sure faster than size**tolerance, and
    observed if for sure it does not. Either is about the sizes tested only.

    Parameters
    ----------
    theorem, file
        Name of the theorem and the file that states it, if any.
    ratios
        Per size, smallest first: the parameters, and a lower and upper limit of left over right side with
        constant 1.
    growth
        Lower and upper limit of the exponent e in the fit ratio ~ size**e, valid whenever all limits of the
        ratios are.
    tolerance
        The largest exponent that counts as no growth.
    beta
        Failure probability of each limit of a ratio, already corrected for multiplicity; None if they are
        certain.
    level, seed, seconds, version
        Of the run, for the record.
    domain
        The box on which the claim is made.
    refutation_expected
        Whether the claim is one whose scaling must come out broken.

    Raises
    ------
    InvalidArgument
        If there are fewer than two sizes, limits are NaN or reversed, or the tolerance is negative.
    """
    points = tuple(
        ScalingPoint(parameters=parameters, ratio_low=low, ratio_high=high, beta=beta)
        for parameters, low, high in ratios
    )
    scaling = Scaling(points=points, growth_low=growth[0], growth_high=growth[1], tolerance=tolerance)
    if scaling.growth_low > tolerance:
        status, said = Status.SCALING_BROKEN, f"grows at least like size^{scaling.growth_low:.3g}"
    elif scaling.growth_high <= tolerance:
        status, said = Status.SCALING_OBSERVED, f"grows at most like size^{scaling.growth_high:.3g}"
    else:
        status = Status.INCONCLUSIVE
        said = f"grows like size^e with e from {scaling.growth_low:.3g} to {scaling.growth_high:.3g}"
    least, most = max(point.ratio_low for point in points), max(point.ratio_high for point in points)
    note = (
        f"Over {len(points)} sizes the ratio of the sides {said} (tolerance {tolerance:.3g}); the constant needed "
        f"there is between {least:.4g} and {most:.4g}; no finite set of points refutes or proves a claim whose "
        "constant is unspecified"
    )
    if status is Status.INCONCLUSIVE:
        note += "; more trials or a wider range of sizes would show the growth"
    return Verdict(
        theorem=theorem,
        file=file,
        status=status,
        vacuous=False,
        level=level,
        seed=seed,
        seconds=seconds,
        version=version,
        method=f"growth over {len(points)} sizes, {'exact' if beta is None else 'simulated'}",
        domain=domain,
        scaling=scaling,
        refutation_expected=refutation_expected,
        note=note,
    )
