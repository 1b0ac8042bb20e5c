"""Deep tails of sums by exponential tilting, with counts that are exactly binomial.

Let S be a sum of independent variables with E exp(θS) = exp(ψ(θ)) < ∞. Under the tilted law
P_θ(A) = E[exp(θS - ψ(θ)); A], the event {S ≥ t} (θ > 0) has

    P(S ≥ t) = M · E_θ[exp(-θ(S - t)); S ≥ t],    M = exp(-θt + ψ(θ)),

and the expectation is the probability that S ≥ t and an independent exponential variable of rate 1 is at least
θ(S - t). So the number of such trials among T is binomial with T and P(S ≥ t)/M, whatever θ was fixed before,
and binomial limits of that probability, times M, are limits of the tail (S. Asmussen and P. Glynn, Stochastic
Simulation, 2007, Chapter VI, for the estimator; rounding its weights at random is ours). M is Chernoff's bound; with θ
at the saddle point P/M is of the order of 1/(θ·deviation of S), whatever the depth of the tail.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Mul, Rational, S, exp

from boundcheck.check.simulate import Prepared, Progress, realisations, sign_of
from boundcheck.experiment.draws import waiting_times
from boundcheck.experiment.standard import TiltedUniform
from boundcheck.formula.intervals import evaluate
from boundcheck.formula.rigorous import Interval, enclose
from boundcheck.statement.domain import number
from boundcheck.statement.laws import Affine, Discrete, Exponential, Gamma, Law, Normal, Poisson, Uniform
from boundcheck.statement.randomness import Expectation, Sample, Statistic
from boundcheck.verdict.sequential import Watch

_STEPS = 80
_NEAR = 1e-6
"""Near the end of the support no tilt has its mean at the level; one that comes this near will do."""


@dataclass(frozen=True)
class Tilt:
    """A tilted law under which an event is likely.

    Attributes
    ----------
    theta
        The tilt.
    log_scale, scale
        Enclosures of log M and of M, which may lie below the range of floats.
    relative
        Enclosure of claimed / M, which the rate of trials that count must not exceed.
    """

    theta: Expr
    log_scale: Interval
    scale: Interval
    relative: Interval


@dataclass(frozen=True)
class Tilted:
    """What T trials under a tilted law showed: each counts with the probability tail / scale, exactly.

    Attributes
    ----------
    violated, fine
        Trials that count for sure, and for sure do not, shape (T,); what is neither is open.
    tilt
        What they were drawn from.
    """

    violated: NDArray[np.bool_]
    fine: NDArray[np.bool_]
    tilt: Tilt

    @property
    def open(self) -> int:
        """Number of trials that are neither."""
        return int((~self.violated & ~self.fine).sum())


@dataclass(frozen=True)
class _HalfLine:
    """The event S ≥ level (upper) or S ≤ level of the sum S of independent variables; how many have each law."""

    laws: tuple[Law, ...]
    counts: dict[Law, int]
    size: Expr
    level: Expr
    upper: bool


def tilt_of(margin: Expr, sample: Sample, claimed: Expr) -> Tilt | None:
    """The tilted law for the event that a margin is positive; None where there is none.

    Parameters
    ----------
    margin
        Affine in one sum or mean of (a function of) independent variables.
    sample
        Single laws without free parameters.
    claimed
        The claimed probability, a positive number.

    Returns
    -------
    None where the event is no half-line beyond the mean of such a sum, or a law cannot be tilted.
    """
    event = _half_line(margin, sample)
    theta = None if event is None else _tilt(event)
    if event is None or theta is None:
        return None
    exponent = _log_mgf(event, theta) - theta * event.level
    # Unevaluated: SymPy would raise fractions to large powers.
    chernoff, inverse = (exp(e, evaluate=False) for e in (exponent, -exponent))
    ratio = Mul(claimed, inverse, evaluate=False)
    return Tilt(theta, enclose(exponent), enclose(chernoff), enclose(ratio))


def tilted_event(
    margin: Expr,
    *,
    strict: bool,
    sample: Sample,
    claimed: Expr,
    trials: int,
    key: int,
    device: str = "cpu",
    progress: Progress | None = None,
    stop: float | None = None,
) -> Tilted | None:
    """Count margin > 0 (or ≥ 0 when not strict) under a law that makes it likely.

    Parameters
    ----------
    margin, sample, claimed
        As for :func:`tilt_of`.
    trials, key, device, progress
        As for :func:`boundcheck.check.simulate.simulate_event`.
    stop
        Failure probability with which trials stop where the claim is decided; None where they do not.

    Returns
    -------
    The counts, or None where there is no tilted law for the event.
    """
    event, tilt = _half_line(margin, sample), tilt_of(margin, sample, claimed)
    if event is None or tilt is None:
        return None
    laws = [_tilted(law, tilt.theta) for law in event.laws]
    drawn = Sample(tuple(law for law in laws if law is not None), event.size)
    total = Statistic("sum", drawn)
    beyond = total - event.level if event.upper else event.level - total
    prepared = Prepared.of(beyond, drawn, key, plain=False)
    weight = tilt.theta * (prepared.margin if event.upper else -prepared.margin)
    watch = Watch(tilt.relative, stop)
    violated, fine = np.zeros(trials, dtype=bool), np.zeros(trials, dtype=bool)
    for start, values in realisations(prepared, trials, device, progress):
        inside, outside = prepared.decide(values, strict)
        needed = evaluate(weight, values)
        low, high = waiting_times(prepared.plan, start, len(inside), device=device)
        counts, idle = inside & (low >= needed.high), outside | (high < needed.low)
        count = watch.counted(counts, idle)
        part = slice(start, start + count)
        violated[part], fine[part] = counts[:count], idle[:count]
        if watch.stopped:
            break
    return Tilted(violated[: watch.trials], fine[: watch.trials], tilt)


def is_tiltable(margin: Expr, sample: Sample) -> bool:
    """Whether :func:`tilted_event` has a tilted law for the event that the margin is positive."""
    event = _half_line(margin, sample)
    return event is not None and _tilt(event) is not None


def _log_mgf(event: _HalfLine, theta: Expr) -> Expr:
    return sum((n * law.cgf(theta) for law, n in event.counts.items()), S.Zero)


def _half_line(margin: Expr, sample: Sample) -> _HalfLine | None:
    statistics = margin.atoms(Statistic)
    if len(statistics) != 1 or margin.atoms(Expectation) or sample.describes_itself:
        return None
    [statistic] = statistics
    rest = margin.xreplace({statistic: S.Zero})
    slope = margin.xreplace({statistic: S.One}) - rest
    if statistic.kind not in ("sum", "mean") or (margin - slope * statistic - rest).expand() != 0:
        return None
    sign = sign_of(slope)
    images = [law.image(statistic.sample.function) for law in sample.laws]
    laws = tuple(image for image in images if image is not None)
    if not sign or len(laws) < len(images):
        return None
    n = int(sample.size)
    level = -rest / slope * (n if statistic.kind == "mean" else 1)
    counts: dict[Law, int] = {}
    for law in laws:
        counts[law] = counts.get(law, 0) + (n if sample.identical else 1)
    return _HalfLine(laws, counts, sample.size, level, sign > 0)


def _tilt(event: _HalfLine) -> Expr | None:
    """A θ near the solution of ψ'(θ) = level, of the event's sign; None where the level is not beyond the mean."""
    sign = 1 if event.upper else -1
    level = number(event.level)
    if any(_mean(law, 0.0) is None for law in event.counts):
        return None

    def missing(size: float) -> float:
        means = (n * (_mean(law, sign * size) or 0.0) for law, n in event.counts.items())
        return sign * (level - sum(means))

    most = min(_limit(law, sign) for law in event.counts)
    gap = missing(0.0)
    if not gap > 0:
        return None
    low, high = 0.0, 1 / gap if most == math.inf else most / 2
    for _ in range(_STEPS):
        if missing(high) <= _NEAR * gap:
            break
        low, high = high, 2 * high if most == math.inf else (high + most) / 2
    else:
        return None
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if missing(middle) > _NEAR * gap else (low, middle)
    return Rational(f"{sign * low:.7g}") if low > 0 else None


def _tilted(law: Law, theta: Expr) -> Law | None:
    """The law with density exp(θx)/E exp(θX) relative to it; None where it is none of those that can be drawn."""
    match law:
        case Uniform(low, high):
            return TiltedUniform(low, high, theta)
        case Normal(location, std):
            return Normal(location + theta * std**2, std)
        case Exponential(rate):
            return Exponential(rate - theta)
        case Gamma(shape, rate):
            return Gamma(shape, rate - theta)
        case Poisson(rate):
            return Poisson(rate * exp(theta))
        case Affine(inner, scale, shift):
            base = _tilted(inner, theta * scale)
            return None if base is None else Affine(base, scale, shift)
    finite = law.finite
    if finite is None:
        return None
    # Relative to the heaviest value, so that nothing overflows.
    total = sum((p * exp(theta * v) for v, p in finite.items()), S.Zero)
    return Discrete(tuple(finite), tuple(p * exp(theta * v) / total for v, p in finite.items()))


def _mean(law: Law, theta: float) -> float | None:
    """The tilted law's mean in floats; None where there is none."""
    match law:
        case Uniform(low, high):
            a, b = number(low), number(high)
            half = (b - a) / 2
            x = theta * half
            # coth x - 1/x, by its series near 0.
            return (a + b) / 2 + half * (x / 3 if abs(x) < 1e-3 else 1 / math.tanh(x) - 1 / x)
        case Normal(location, std):
            return number(location) + theta * number(std) ** 2
        case Exponential(rate):
            return 1 / (number(rate) - theta)
        case Gamma(shape, rate):
            return number(shape) / (number(rate) - theta)
        case Poisson(rate):
            return number(rate) * math.exp(min(theta, 700.0))
        case Affine(inner, scale, shift):
            base = _mean(inner, theta * number(scale))
            return None if base is None else number(scale) * base + number(shift)
    finite = law.finite
    if finite is None:
        return None
    values = np.array([number(v) for v in finite])
    weights = np.array([number(p) for p in finite.values()])
    tilts = theta * values
    weights = weights * np.exp(tilts - tilts.max())
    return float(values @ weights / weights.sum())


def _limit(law: Law, sign: int) -> float:
    """Tilts of this sign must be smaller in size."""
    match law:
        case Exponential(rate) | Gamma(_, rate):
            return number(rate) if sign > 0 else math.inf
        case Affine(inner, scale, _):
            factor = number(scale)
            return _limit(inner, sign if factor > 0 else -sign) / abs(factor)
    return math.inf
