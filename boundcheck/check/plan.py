"""Which cases of a theorem are tested: at the points that it names, or at points chosen inside its domain."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple, TypeVar

import numpy as np

from boundcheck.check.atoms import at_atoms
from boundcheck.check.cases import RARE, Case, EventCase, MomentCase, cases, sample_case, witnesses_of
from boundcheck.check.points import (
    STEPS,
    as_float,
    candidate_points,
    neighbours,
    smallest,
    spread,
    whole_domain,
    with_free,
)
from boundcheck.check.scout import scouted
from boundcheck.check.tilting import is_tiltable
from boundcheck.derivation.gap import expand_bounds
from boundcheck.errors import InvalidArgument, UnsupportedClaim
from boundcheck.formula.numeric import compile_expression
from boundcheck.statement.claim import Claim, Tail
from boundcheck.statement.domain import Parameter, Point
from boundcheck.statement.laws import SHARE, Exponential, Gamma, Normal, Poisson, TwoPoint
from boundcheck.statement.pruning import Pruned
from boundcheck.statement.randomness import Expectation, Matrix, Statistic
from boundcheck.statement.theorem import Theorem
from boundcheck.statement.witness import Witness

GRID_POINTS = 14
FREE_POINTS = 16
"""Points of the grid where a witness has something free, which takes more values at each."""
NETWORK_POINTS = 4
EXACT_POINTS = 16
TELLING = 1e-60
"""Points are taken where the claim lies between this and nearly 1, if there are such."""
VACUOUS_POINTS = 2
"""Points at which the claim is no less than 1: only errors show there."""
SIMULATED_POINTS = 3
DEEP_POINTS = 2
SIMULATED_CLAIMS = (2 * RARE, 0.8)
"""Claimed probabilities that plain trials decide well."""
WHOLE_DOMAIN = 500
"""Domains of at most so many points are tested everywhere."""
CLIMB_STEPS = 14
MOST_VARIABLES = 64
"""Samples of laws whose sums have no closed form are at most so large at points that boundcheck chooses."""
MOST_GAMMA = 256
"""Sums with gamma laws, whose exact tails take long, have at most so many terms at such points."""
MOST_ENTRIES = 256
"""Random matrices at such points have at most so many entries."""
CLOSED = (TwoPoint, Normal, Exponential, Gamma, Poisson)
MAX_PRODUCTS = 200_000
"""Networks at points that boundcheck chooses take at most so many multiplications by weights for one input."""

C = TypeVar("C", bound=Case)


class Plan(NamedTuple):
    """The cases to test; `whole` where they make up the whole domain under the only laws there are."""

    cases: list[Case]
    whole: bool = False


def plan(theorem: Theorem) -> Plan:
    """The cases to test.

    Raises
    ------
    UnsupportedClaim
        When the formula or the event cannot be evaluated.
    InvalidArgument
        When a point that the theorem names makes no network or law, or no point satisfies the hypotheses.
    """
    if theorem.points is not None:
        return Plan([case for point in theorem.points for case in _named(theorem, point)])
    gap = theorem.reading.gap
    if gap is not None:
        points = _networks(gap.pruned, candidate_points(theorem, ends=False))
        return Plan([case for point in spread(points, NETWORK_POINTS) for case in cases(theorem, point)])
    witnesses = witnesses_of(theorem.reading)
    everywhere = whole_domain(theorem, WHOLE_DOMAIN)
    if everywhere is not None and not any(SHARE in w.parameters for w in witnesses):
        everything = [case for place in range(len(witnesses)) for case in _valid(theorem, everywhere, place)]
        # Families have more members than those that are tested.
        sample = theorem.reading.sample
        single = sample is not None and all(law.witnesses() == (law,) for law in sample.laws)
        return Plan(list(everything), whole=single and len(everything) == len(everywhere))
    points = list(candidate_points(theorem, ends=True))
    tried = [case for place in range(len(witnesses)) for case in _grid(theorem, points, place)]
    spotted = [case for place in range(len(witnesses)) for case in _scouted(theorem, place)]
    found = _chosen(tried) + spotted + _tightest(tried)
    if not found:
        raise InvalidArgument(
            "claim", str(theorem.claim), "holds at no tested point a law and a number", "name points that have both"
        )
    return Plan(_once(found))


def _named(theorem: Theorem, point: Point) -> list[Case]:
    """The cases at a point that the theorem names; what is free in a witness is chosen, also where it is tightest."""
    found = cases(theorem, point)
    free = [case for case in found if isinstance(case, EventCase | MomentCase) and SHARE in case.point]
    return _once([*found, *_tightest(free, theorem.parameters)])


def _grid(theorem: Theorem, points: Sequence[Point], place: int) -> list[EventCase | MomentCase]:
    """The cases under one witness at points spread over the domain: with exact values, or that trials can decide."""
    witness = witnesses_of(theorem.reading)[place]
    free = sorted(witness.parameters & {SHARE}, key=str)
    points = _affordable(theorem, witness, points)
    claimed = _claims(theorem, points)
    telling = [point for point, claim in zip(points, claimed, strict=True) if not claim >= 1]
    telling = [p for p, claim in zip(points, claimed, strict=True) if TELLING < claim < 0.95] or telling
    vacuous = [point for point, claim in zip(points, claimed, strict=True) if claim >= 1]
    small = [] if free else smallest(telling)
    chosen = (
        small + spread(telling, FREE_POINTS if free else GRID_POINTS - len(small)) + spread(vacuous, VACUOUS_POINTS)
    )
    tried = list(_valid(theorem, with_free(chosen, free, theorem.reading), place))
    edges = [p for case in tried if case.point in small for p in at_atoms(case) if theorem.holds_at(p)]
    tried += _valid(theorem, edges, place)
    exact, simulated = ([case for case in _once(tried) if case.simulated is kind] for kind in (False, True))
    if not simulated:
        return exact
    low, high = SIMULATED_CLAIMS
    decidable = [(claim, _size(witness, p), p) for p, claim in zip(points, claimed, strict=True) if low < claim < high]
    decidable.sort(key=lambda item: item[:2])
    likely = [p for *_, p in spread(decidable, 2 * SIMULATED_POINTS)]
    sampled = _valid(theorem, with_free(likely, free, theorem.reading), place)
    found = spread([case for case in sampled if case.simulated], SIMULATED_POINTS)
    found += spread([case for case in simulated if _is_deep(case)], DEEP_POINTS)
    # Where neither plain nor tilted trials decide, the verdict says so rather than leaving the law out.
    return exact + (found or spread(sorted(simulated, key=lambda case: case.work), SIMULATED_POINTS))


def _scouted(theorem: Theorem, place: int) -> list[EventCase | MomentCase]:
    """The cases with exact values where floats say that the claim is false or tightest under a witness."""
    witness = witnesses_of(theorem.reading)[place]
    points = scouted(theorem, witness, _most_variables(theorem.reading, witness))
    return [case for case in _valid(theorem, points, place) if not case.simulated]


def _claims(theorem: Theorem, points: Sequence[Point]) -> Sequence[float]:
    """The claimed probabilities at points, about: for choosing points, never for deciding; NaN where not known."""
    claim = theorem.reading
    if not isinstance(claim, Tail) or claim.claimed.atoms(Expectation) or not points:
        return [math.nan] * len(points)
    columns = [[as_float(point[p]) for point in points] for p in theorem.parameters]
    try:
        values = compile_expression(expand_bounds(claim.claimed), theorem.parameters)(*columns)
    except TypeError:  # no real number somewhere
        return [math.nan] * len(points)
    return [float(value) for value in np.broadcast_to(values, len(points))]


def _is_deep(case: EventCase | MomentCase) -> bool:
    """Whether the case is one for importance sampling."""
    return isinstance(case, EventCase) and 0 < case.claimed.high < RARE and is_tiltable(case.margin, case.sample)


def _size(witness: Witness, point: Point) -> int:
    """Number of variables at a point; 0 where there is none."""
    size = witness.sample.size.xreplace(dict(point))
    return int(size) if size.is_Integer else 0


def _affordable(theorem: Theorem, witness: Witness, points: Iterable[Point]) -> list[Point]:
    """The points, of those that boundcheck chooses, at which a witness has not too many variables to be tried."""
    most = _most_variables(theorem.reading, witness)
    return [point for point in points if _size(witness, point) <= most]


@lru_cache(maxsize=256)
def _most_variables(claim: Claim, witness: Witness) -> float:
    """How many variables a witness may have, by how the laws of its statistics are known."""
    if isinstance(witness.sample, Matrix):
        return MOST_ENTRIES
    random = claim.random if witness.member is None else witness.member.atoms(Statistic)
    statistics = [atom for atom in random if isinstance(atom, Statistic)]
    kinds = {statistic.kind for statistic in statistics}
    images = [law.image(statistic.sample.function) for statistic in statistics for law in witness.sample.laws]
    if len(kinds) > 1 or kinds & {"variance", "kolmogorov"} or not all(isinstance(i, CLOSED) for i in images):
        return MOST_VARIABLES
    return MOST_GAMMA if any(isinstance(image, Gamma) for image in images) else math.inf


def _chosen(tried: Sequence[EventCase | MomentCase]) -> list[Case]:
    """Of the cases tried, some of each witness: those with exact values, and those that take trials."""
    chosen: list[Case] = []
    for place in sorted({case.witness for case in tried}):
        found = [case for case in tried if case.witness == place]
        exact = [case for case in found if not case.simulated]
        chosen += spread(exact, EXACT_POINTS * (3 if SHARE in found[0].point else 1))
        chosen += [case for case in found if case.simulated]
    return chosen


def _once(cases: Iterable[C]) -> list[C]:
    return list({case.label: case for case in cases}.values())


def _valid(theorem: Theorem, points: Iterable[Point], place: int) -> Iterable[EventCase | MomentCase]:
    """The cases at points where the claim is a number and there is something random."""
    for point in points:
        try:
            case = sample_case(theorem, point, place)
        except InvalidArgument:
            continue
        if case.simulated or math.isfinite(case.claimed.low) or math.isfinite(case.claimed.high):
            yield case


def _tightest(tried: Sequence[EventCase | MomentCase], fixed: Sequence[Parameter] = ()) -> list[Case]:
    """Climb to where no neighbouring point is tighter, by the ratio of the sides and by that of their logarithms."""
    found: list[Case] = []
    exponent, tightness = attrgetter("exponent"), attrgetter("tightness")
    starts = [(exponent, case) for case in sorted(tried, key=exponent)[-1:]]
    starts += [(tightness, case) for case in sorted(tried, key=tightness)[-1:]]
    for score, best in starts:
        if score(best) <= 0:
            continue
        found.append(best)
        fineness, passed = 0, {tuple(best.point.values())}  # points passed were no tighter than the best since
        for _ in range(CLIMB_STEPS):
            if best.tightness > 1 or fineness == len(STEPS):
                break
            moves = [*neighbours(best.point, fixed, fineness), *(() if fineness else at_atoms(best, fixed))]
            around = {tuple(p.values()): p for p in moves}
            points = [p for values, p in around.items() if values not in passed and best.theorem.holds_at(p)]
            passed.update(around)
            better = max(_exact(best, points), key=score, default=best)
            if score(better) <= score(best):
                fineness += 1
            else:
                best = better
        found.append(best)
        if best.tightness > 1:
            break
    return found


def _exact(case: EventCase | MomentCase, points: Iterable[Point]) -> Iterable[EventCase | MomentCase]:
    witness = witnesses_of(case.theorem.reading)[case.witness]
    affordable = _affordable(case.theorem, witness, points)
    try:
        yield from (c for c in _valid(case.theorem, affordable, case.witness) if not c.simulated)
    except UnsupportedClaim:
        return


def _networks(pruned: Pruned, points: Iterable[Point]) -> list[Point]:
    """The points whose networks are small enough to try; the smallest network where none is.

    Where there is no network at all, the last reason is raised.
    """
    sized: list[tuple[int, Point]] = []
    refused = None
    for point in points:
        try:
            sized.append((pruned.at(point).target.products, point))
        except InvalidArgument as error:
            refused = error
    if not sized and refused is not None:
        raise refused
    small = [point for size, point in sized if size <= MAX_PRODUCTS]
    return small or [min(sized, key=lambda item: item[0])[1]]
