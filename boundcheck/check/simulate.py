"""Events about any statistics of a sample, simulated so that what is called violated is violated for sure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from sympy import Abs, Dummy, Expr, Max, Min, Rational, S

from boundcheck.errors import UnsupportedClaim
from boundcheck.experiment.arrays import StatisticPlan
from boundcheck.experiment.draws import DrawPlan, Draws, batches, draw, draw_plan, norms
from boundcheck.experiment.measure import StatisticMeasurement, statistic_parts
from boundcheck.experiment.plan import statistic_plan
from boundcheck.experiment.standard import Standard
from boundcheck.formula import realised
from boundcheck.formula.intervals import Intervals, add, constant, evaluate, intervals, multiply
from boundcheck.formula.rigorous import Interval, compare
from boundcheck.formula.rounding import statistic_allowance
from boundcheck.kernels import tables
from boundcheck.statement.functions import Greatest, Least
from boundcheck.statement.laws import VALUE, Exponential, Law, Normal, Uniform
from boundcheck.statement.randomness import Expectation, Matrix, Sample, Statistic
from boundcheck.verdict.sequential import Watch

Progress = Callable[[int], None]
"""Called with the number of trials just done."""

_MOST_CELLS = 32
"""Laws on so few numbers are counted, so that sums are exact."""
_MOST_TIES = 2000
"""Distinct undecided outcomes that are decided by exact arithmetic."""


@dataclass(frozen=True)
class Simulated:
    """What the T trials that count showed.

    Attributes
    ----------
    violated, fine
        Trials in which the event occurred for sure, and for sure did not, shape (T,); what is neither is open.
    first
        Number of the first trial that is violated, and the margin's enclosure there.
    """

    violated: NDArray[np.bool_]
    fine: NDArray[np.bool_]
    first: tuple[int, Interval] | None

    @property
    def open(self) -> int:
        """Number of trials that are neither."""
        return int((~self.violated & ~self.fine).sum())


def simulate_event(
    margin: Expr,
    *,
    strict: bool,
    sample: Sample,
    trials: int,
    key: int,
    device: str = "cpu",
    progress: Progress | None = None,
    known: Mapping[Expr, Interval] | None = None,
    watch: Watch | None = None,
) -> Simulated:
    """Count how often margin > 0 (or ≥ 0 when not strict).

    Every variable is drawn as an interval in which an exactly distributed one lies, and functions, statistics and the
    margin are evaluated in interval arithmetic, so that P(violated) ≤ P(event) ≤ P(violated or open) in every trial.
    Ties that rounding leaves open are decided by exact arithmetic where the statistics are exact.

    Parameters
    ----------
    margin
        An expression in numbers, statistics of (functions of) the sample, and the keys of `known`.
    sample
        Single laws without free parameters.
    key
        Of the draws, from :func:`boundcheck.experiment.plan.draw_key`.
    known
        Enclosures of expectations that stand in the margin.
    watch
        Where trials stop; those after that are not counted.

    Raises
    ------
    UnsupportedClaim
        When a law, statistic or function cannot be simulated.
    """
    prepared = Prepared.of(margin, sample, key)
    given = {atom: intervals(*ends) for atom, ends in (known or {}).items()}
    check_known(prepared.margin, given)
    watch = watch or Watch((1.0, 1.0), None)
    violated, fine = np.zeros(trials, dtype=bool), np.zeros(trials, dtype=bool)
    first = None
    for start, values in realisations(prepared, trials, device, progress):
        above, below = prepared.decide({**given, **values}, strict)
        count = watch.counted(above, below)
        part = slice(start, start + count)
        violated[part], fine[part] = above[:count], below[:count]
        if first is None and violated[part].any():
            i = int(np.argmax(above))
            low, high = (float(end[i]) for end in prepared.enclosures({**given, **values}))
            first = start + i, Interval(max(low, 0.0), high)
        if watch.stopped:
            break
    return Simulated(violated[: watch.trials], fine[: watch.trials], first)


def realise(
    argument: Expr,
    *,
    sample: Sample,
    trials: int,
    key: int,
    device: str = "cpu",
    progress: Progress | None = None,
) -> Intervals:
    """Enclosures of an expression in statistics, in each of the trials, shape (trials,)."""
    prepared = Prepared.of(argument, sample, key)
    check_known(prepared.margin, {})
    parts = []
    for _, values in realisations(prepared, trials, device, progress):
        parts.append(prepared.enclosures(values))
    low, high = (np.concatenate(ends) for ends in zip(*parts, strict=True))
    return Intervals(low, high)


def sign_of(value: Expr) -> int | None:
    """The sign of a number: -1, 0 or 1, or None where it cannot be told."""
    # SymPy's own functions compare what they are given, so that equal numbers come out as 0.
    value = value.replace(Greatest, Max).replace(Least, Min)
    return (value.p > 0) - (value.p < 0) if value.is_Rational else compare(value, S.Zero)


def check_known(margin: Expr, known: Mapping[Expr, Intervals]) -> None:
    """Refuse a margin with an expectation that has no known value."""
    for mean in margin.atoms(Expectation):
        if mean not in known:
            raise UnsupportedClaim(f"{mean} has no known value here, so nothing with it can be simulated")


@dataclass(frozen=True)
class Prepared:
    """A margin rewritten in statistics that are exact where possible, and the plan of its draws.

    Means become sums; sums and variances of laws on a few numbers become sums over how often each number was drawn.
    """

    margin: Expr
    statistics: tuple[Statistic, ...]
    plan: DrawPlan
    counts: Mapping[Expr, tuple[int, int]]
    """Symbol -> distinct law and cell, whose number of draws it stands for."""
    plain: bool
    """Whether the kernel for sums and maxima of continuous variables may be used."""
    images: dict[tuple[float, float], Expr | None] = field(default_factory=dict)
    """Exact values of functions of a law's numbers, by their enclosures; None where two share one."""
    decided: dict[tuple[float, ...], int | None] = field(default_factory=dict)
    """Signs of the margin at ties."""

    @classmethod
    def of(cls, margin: Expr, sample: Sample, key: int, *, plain: bool = True) -> Prepared:
        """Rewrite a margin; `plain` allows the faster kernel for sums and maxima, with steps of 2^-32."""
        statistics = margin.atoms(Statistic)
        if any(s.kind == "kolmogorov" for s in statistics):
            sample = _for_distance(sample, statistics)
        plan = draw_plan(sample.base, key=key)
        counts: dict[Expr, tuple[int, int]] = {}
        used = range(int(plan.which.max()) + 1)
        laws = [plan.standards[i].values for i in used]
        if all(values is not None for values in laws) and sum(len(v) for v in laws if v) <= _MOST_CELLS:
            counts = {Dummy(f"n_{i}_{j}", real=True): (i, j) for i in used for j in range(len(laws[i] or ()))}
        prepared = cls(margin, (), plan, counts, plain)
        swap = {s: prepared._rewritten(s) for s in statistics}
        margin = margin.xreplace(swap)
        return replace(
            prepared,
            margin=margin,
            statistics=tuple(sorted(margin.atoms(Statistic), key=str)),
            counts={c: place for c, place in counts.items() if c in margin.free_symbols or place == (0, 0)},
        )

    def _rewritten(self, statistic: Statistic) -> Expr:
        n, sample = S(self.plan.variables), statistic.sample

        def total(function: Expr) -> Expr:
            if not self.counts:
                return Statistic("sum", replace(sample, function=function))
            images = [
                count * function.xreplace({VALUE: (self.plan.standards[i].values or ())[j]})
                for count, (i, j) in self.counts.items()
            ]
            return sum(images, S.Zero)

        if statistic.kind in ("sum", "mean"):
            return total(sample.function) / (n if statistic.kind == "mean" else 1)
        if statistic.kind == "kolmogorov" and self.counts:
            return self._distance(sample.laws[0])
        if statistic.kind == "variance" and self._lattice:
            return (n * total(sample.function**2) - total(sample.function) ** 2) / (n * (n - 1))
        return statistic

    def _distance(self, law: Law) -> Expr:
        """Kolmogorov's distance of counts: the distribution functions differ most at one of the numbers."""
        finite, below, share = law.finite or {}, S.Zero, S.Zero
        gaps = [S.Zero]
        for count, (_, j) in self.counts.items():
            below += count / S(self.plan.variables)
            share += finite[(self.plan.standards[0].values or ())[j]]
            gaps.append(Abs(below - share))
        return Greatest(*gaps)

    @property
    def _lattice(self) -> bool:
        return bool(self.counts) or all(law.kind == tables.CELL for law in self.plan.standards)

    def enclosures(self, values: Mapping[Expr, Intervals]) -> Intervals:
        """The margin in each trial of a batch, shape (trials,)."""
        seen = evaluate(self.margin, values)
        shape = max((x.low.shape for x in values.values()), key=len)
        low, high = (np.broadcast_to(end, shape) for end in seen)
        return Intervals(low, high)

    def decide(self, values: Mapping[Expr, Intervals], strict: bool) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """In which trials of a batch the margin is surely above 0 (or at least 0), and in which surely not."""
        low, high = self.enclosures(values)
        above, below = (low > 0, high <= 0) if strict else (low >= 0, high < 0)
        if self._lattice and all(x.low.ndim for x in values.values()):
            self._decide_ties(values, above, below, strict)
        return above, below

    def _decide_ties(
        self, values: Mapping[Expr, Intervals], above: NDArray[np.bool_], below: NDArray[np.bool_], strict: bool
    ) -> None:
        """Decide open trials in which every statistic is known exactly."""
        undecided = np.flatnonzero(~above & ~below)
        if not undecided.size:
            return
        atoms = list(values)
        ends = np.stack([end[undecided] for atom in atoms for end in values[atom]], axis=1)
        rows, places = np.unique(ends, axis=0, return_inverse=True)
        signs = [self._sign(atoms, tuple(map(float, row))) for row in rows]
        for trial, place in zip(undecided, places.ravel(), strict=True):
            sign = signs[place]
            if sign is not None:
                above[trial] = sign > 0 or (sign == 0 and not strict)
                below[trial] = not above[trial]

    def remember(self, exact: Iterable[Expr], enclosed: Iterable[Intervals]) -> None:
        """Note exact values, so that statistics that are one of them are recognised at ties."""
        for value, ends in zip(exact, enclosed, strict=True):
            place = float(ends.low), float(ends.high)
            self.images[place] = value if self.images.get(place, value) == value else None

    def _sign(self, atoms: list[Expr], ends: tuple[float, ...]) -> int | None:
        if ends not in self.decided:
            if len(self.decided) >= _MOST_TIES:
                return None
            point: dict[Expr, Expr] = {}
            for atom, low, high in zip(atoms, ends[::2], ends[1::2], strict=True):
                exact = self.images.get((low, high)) if low != high else Rational(low)
                if exact is None or not np.isfinite(low):
                    self.decided[ends] = None
                    return None
                point[atom] = exact
            self.decided[ends] = sign_of(self.margin.xreplace(point))
        return self.decided[ends]


def _for_distance(sample: Sample, statistics: Iterable[Statistic]) -> Sample:
    """What Kolmogorov's distance is simulated of: F(X), which is uniform, for a continuous distribution function F."""
    continuous = sample.laws[0].density(VALUE) is not None
    others = any(s.kind != "kolmogorov" for s in statistics)
    applied = any(s.kind == "kolmogorov" and s.sample.function != VALUE for s in statistics)
    if applied or not sample.identical or (continuous and others):
        raise UnsupportedClaim(
            "kolmogorov_distance(X) is simulated for X itself, of one law, "
            "and for a continuous law without other statistics; state a claim about it alone"
        )
    return replace(sample, laws=(Uniform(S.Zero, S.One),)) if continuous else sample


def realisations(
    prepared: Prepared, trials: int, device: str, progress: Progress | None
) -> Iterable[tuple[int, dict[Expr, Intervals]]]:
    """First trial of each batch, and the realised statistics and counts."""
    plan = prepared.plan
    if _plain(prepared):
        start = 0
        numbers = statistic_plan(plan.sample, key=plan.key)
        for seen in statistic_parts(numbers, trials, device=device, progress=progress):
            yield start, _plain_statistics(prepared, numbers, seen)
            start += len(seen.total)
        return
    for start, count in batches(plan, trials):
        drawn = draw(plan, start, count, device=device)
        values: dict[Expr, Intervals] = {}
        for symbol, (law, cell) in prepared.counts.items():
            values[symbol] = _count(plan, drawn, law, cell)
        images: dict[Expr, Intervals] = {}
        for statistic in prepared.statistics:
            function = statistic.sample.function
            if function not in images and statistic.kind != "kolmogorov":
                images[function] = _image(prepared, drawn, function)
            values[statistic] = _statistic(prepared, statistic, drawn, images.get(function), device)
        yield start, values
        if progress is not None:
            progress(count)


def _plain(prepared: Prepared) -> bool:
    """Whether the kernel for sums and maxima of continuous variables will do."""
    sample = prepared.plan.sample
    return (
        prepared.plain
        and not sample.describes_itself
        and bool(prepared.statistics)
        and all(isinstance(law, Uniform | Normal | Exponential) for law in sample.laws)
        and all(s.kind in ("sum", "maximum") and s.sample.function == VALUE for s in prepared.statistics)
    )


def _plain_statistics(prepared: Prepared, plan: StatisticPlan, seen: StatisticMeasurement) -> dict[Expr, Intervals]:
    found = {}
    for statistic in prepared.statistics:
        values = seen.total if statistic.kind == "sum" else seen.largest
        allowance = statistic_allowance(values, seen.absolute, plan.size, statistic.kind, plan.resolution)
        found[statistic] = Intervals(
            np.nextafter(values - allowance, -np.inf), np.nextafter(values + allowance, np.inf)
        )
    return found


def _count(plan: DrawPlan, drawn: Draws, law: int, cell: int) -> Intervals:
    columns = slice(None) if len(plan.which) == 1 else plan.which == law
    low, high = (end[:, columns] for end in drawn)
    sure = ((low == cell) & (high == cell)).sum(axis=1)
    possible = ((low <= cell) & (high >= cell)).sum(axis=1)
    return Intervals(sure.astype(np.float64), possible.astype(np.float64))


def _image(prepared: Prepared, drawn: Draws, function: Expr) -> Intervals:
    """A function of every variable, shape (trials, variables)."""
    plan = prepared.plan
    if len(plan.which) == 1:
        return _of_law(prepared, plan.standards[0], Intervals(*drawn), function)
    result = Intervals(np.empty_like(drawn[0]), np.empty_like(drawn[1]))
    for i, law in enumerate(plan.standards):
        columns = np.flatnonzero(plan.which == i)
        part = _of_law(prepared, law, Intervals(*(end[:, columns] for end in drawn)), function)
        for whole, end in zip(result, part, strict=True):
            whole[:, columns] = end
    return result


def _of_law(prepared: Prepared, law: Standard, z: Intervals, function: Expr) -> Intervals:
    if law.values is not None:
        exact = [function.xreplace({VALUE: value}) for value in law.values]
        table = [constant(image) for image in exact]
        prepared.remember(exact, table)
        lows, highs = (np.array([float(entry[end]) for entry in table]) for end in (0, 1))
        place, last = (end.astype(np.int64) for end in z)
        # Undecided between neighbouring numbers.
        low, high = lows[place], highs[place]
        for cell in range(int(np.max(last - place, initial=0))):
            following = np.minimum(place + cell + 1, last)
            low, high = np.minimum(low, lows[following]), np.maximum(high, highs[following])
        return Intervals(low, high)
    if law.open_below or law.open_above:
        low = np.where(law.open_below & (z.low == 0), -float(law.shift), z.low) if law.open_below else z.low
        high = np.where(z.high == len(law.cumulative), np.inf, z.high) if law.open_above else z.high
        z = Intervals(low, high)
    x = multiply(constant(law.scale), z)
    x = x if law.shift == 0 else add(x, constant(law.shift))
    return x if function == VALUE else evaluate(function, {VALUE: x})


def _statistic(prepared: Prepared, statistic: Statistic, drawn: Draws, x: Intervals | None, device: str) -> Intervals:
    plan, kind = prepared.plan, statistic.kind
    if kind == "kolmogorov":
        law = plan.standards[0]
        if law.kind == tables.UNIT:
            return realised.kolmogorov_of_uniforms(Intervals(*drawn))
        return realised.kolmogorov_of_cells(Intervals(*drawn), law.cumulative, law.band + 1e-15)
    assert x is not None
    n = plan.variables
    if kind == "sum":
        return realised.total(x)
    if kind in ("maximum", "minimum"):
        return realised.order_statistic(x, n if kind == "maximum" else 1)
    if kind == "order":
        rank = int(statistic.rank or 0)
        if not 1 <= rank <= n:
            raise UnsupportedClaim(f"{statistic} is no order statistic of {n} variables; pass a rank from 1 to n")
        return realised.order_statistic(x, rank)
    if kind == "variance":
        return realised.sample_variance(x)
    if kind == "empty":
        return realised.zeros(x)
    return _spectral_norm(plan, x, device)


def _spectral_norm(plan: DrawPlan, entries: Intervals, device: str) -> Intervals:
    """‖A‖, which changes by at most the Frobenius norm of what is added to A."""
    sample = plan.sample
    assert isinstance(sample, Matrix)
    middle, radius = realised.middle_and_radius(entries)
    shape = len(middle), int(sample.rows), int(sample.columns)
    low, high = norms(middle.reshape(shape), device=device)
    reach = realised.euclidean_norm_above(radius)
    return intervals(np.maximum(np.nextafter(low - reach, -np.inf), 0.0), np.nextafter(high + reach, np.inf))
