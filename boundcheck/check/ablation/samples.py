"""Hypotheses of theorems about samples and numbers, dropped one at a time: what is left is another theorem to check."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from sympy import Abs, Expr, Not, Rational, S, sqrt

from boundcheck.errors import BoundcheckError, UnsupportedClaim
from boundcheck.statement.claim import Analytic, Probability, Scaling
from boundcheck.statement.families import Bounded, Family, centred, constant_law, with_variance
from boundcheck.statement.laws import Law, Normal, TwoPoint, Uniform
from boundcheck.statement.randomness import Expectation, Matrix, Sample, Statistic, Variance
from boundcheck.statement.theorem import Theorem
from boundcheck.verdict.ablation import CONTROL

LARGER = 100
"""Factor of a variance that breaks a bound on it."""
QUARTER = Rational(1, 4)

Change = Callable[[Statistic], Expr]


@dataclass(frozen=True)
class Dropped:
    """A hypothesis, what takes its place in words, and the theorem that is left or why there is none."""

    hypothesis: str
    words: str
    theorem: Theorem | str


def dropped(theorem: Theorem) -> list[Dropped]:
    """The theorem itself, as the control, then the theorem without each of its hypotheses; nothing if it has none.

    Of a network only what `hypotheses` say: the rest, and the control, is for `networks`.
    """
    if isinstance(theorem.reading, Scaling):
        return [Dropped("all of them", "", "a claim with an unspecified constant is not violated at any one point")]
    found = list(_of_sample(theorem))
    found += [Dropped(str(c), f"{Not(c)} instead", _beyond(theorem, c)) for c in theorem.conditions]
    found += [Dropped(h, "", "it is stated in words") for h in theorem.hypotheses if isinstance(h, str)]
    if theorem.reading.gap is not None or not any(isinstance(item.theorem, Theorem) for item in found):
        return found
    control = Dropped(CONTROL, "the theorem as it stands", _with(theorem, CONTROL, lambda statistic: statistic))
    return [control, *found]


def _of_sample(theorem: Theorem) -> Iterator[Dropped]:
    if isinstance(theorem.reading, Analytic) or theorem.reading.gap is not None:
        return
    if theorem.reading.unknown is not None:
        reason = "the members at which it is tested all satisfy it"
        yield Dropped(f"what is known of {theorem.reading.unknown}", "", reason)
        return
    sample = theorem.reading.sample
    assert sample is not None
    if sample.describes_itself and not isinstance(sample, Matrix):
        yield Dropped("how the sample is drawn", "", "there is no other sample with its laws here")
        return
    if sample.size != 1:
        name, words = "independence", "all variables are one"
        if not sample.identical:
            yield Dropped(name, "", "the variables have several laws, and none can be the others")
        else:
            yield Dropped(name, words, _tried(theorem, name, _all_one(sample)))
    for law in dict.fromkeys(sample.laws):
        for name, words, other in _other_laws(law):
            label = name if sample.identical else f"{name} ({law})"
            yield Dropped(label, words, _tried(theorem, label, _of_law(law, other)))


def _all_one(sample: Sample) -> Change:
    """Breaks independence: each variable is the first one. The law of each is what it was."""
    one = replace(sample.base, size=S.One) if not isinstance(sample, Matrix) else Sample(sample.laws, S.One)
    one = replace(one, identity=sample.identity)

    def change(statistic: Statistic) -> Expr:
        function = statistic.sample.function
        first = Statistic("sum", replace(one, function=function))
        match statistic.kind:
            case "sum":
                return sample.size * first
            case "mean" | "maximum" | "minimum" | "order":
                return first
            case "variance":
                return S.Zero
            case "spectral_norm":  # of a matrix of equal entries
                return sqrt(sample.size) * Statistic("sum", replace(one, function=Abs(function)))
        raise UnsupportedClaim(f"{statistic} of equal variables has no simple form")

    return change


def _of_law(law: Law, other: Callable[[], Law]) -> Change:
    """Another law in place of one; the variables stay independent."""

    def change(statistic: Statistic) -> Expr:
        laws = tuple(other() if each == law else each for each in statistic.sample.laws)
        return Statistic(statistic.kind, replace(statistic.sample, laws=laws), statistic.rank)

    return change


def _other_laws(law: Law) -> Iterator[tuple[str, str, Callable[[], Law]]]:
    """What is assumed of one variable, each with a law or family that breaks it and keeps the rest."""
    if isinstance(law, Bounded):
        yield from _of_variance("boundedness", (law.low + law.high) / 2, (law.high - law.low) ** 2 / 4)
    elif isinstance(law, Family):
        yield from _other_families(law, dict(law.arguments))
    else:
        yield from _other_single_laws(law)


def _of_variance(name: str, mean: Expr, variance: Expr) -> Iterator[tuple[str, str, Callable[[], Law]]]:
    """Laws without what bounds the variance; then with the largest one that it allows."""
    larger = LARGER * variance
    yield name, _same(mean, larger), lambda: with_variance(mean, larger)
    yield f"{name} beyond variance", _same(mean, variance), lambda: with_variance(mean, variance)


def _same(mean: Expr, variance: Expr) -> str:
    return f"any law with mean {mean} and variance {variance}"


def _other_families(law: Family, known: dict[str, Expr]) -> Iterator[tuple[str, str, Callable[[], Law]]]:
    match law.kind:
        case "bounded_with_mean":
            low, high, mean = known["low"], known["high"], known["mean"]
            yield from _of_variance("boundedness", mean, (mean - low) * (high - mean))
        case "centred":
            upper, variance = known["upper"], known["variance"]
            yield "upper bound", _same(S.Zero, variance), lambda: with_variance(0, variance)
            words = f"variances up to {LARGER * variance}"
            yield "bound on the variance", words, lambda: centred(upper=upper, variance=LARGER * variance)
            yield "mean 0", f"the constant {upper / 2}", lambda: constant_law(upper / 2)
        case "with_variance":
            mean, variance = known["mean"], LARGER * known["variance"]
            yield "the variance", _same(mean, variance), lambda: with_variance(mean, variance)
        case "nonnegative":
            mean = known["mean"]
            variance = LARGER * mean**2
            yield "nonnegativity", _same(mean, variance), lambda: with_variance(mean, variance)
        case "sub_gaussian" | "sub_gamma" | "sub_exponential":
            spread = known["proxy"] if law.kind == "sub_gaussian" else known["variance_factor"]
            name = f"{law.kind.replace('_', '-').replace('gauss', 'Gauss')} tails"
            yield from _of_variance(name, S.Zero, spread)
            yield "mean 0", f"the constant {sqrt(spread)}", lambda: constant_law(sqrt(spread))


def _other_single_laws(law: Law) -> Iterator[tuple[str, str, Callable[[], Law]]]:
    variance = law.variance
    if law.symmetric and variance is not None:
        spread = sqrt(variance)
        if isinstance(law, Uniform):
            yield "symmetry", "the law of |X|", lambda: Uniform(S.Zero, law.high)
        elif isinstance(law, TwoPoint):
            yield "symmetry", "the law of |X|", lambda: constant_law(law.high)
        elif isinstance(law, Normal):
            yield "mean 0", "a mean of one standard deviation", lambda: Normal(law.std, law.std)
        if isinstance(law, TwoPoint):  # no other law has its range and variance
            skewed = TwoPoint(-law.high / 3, law.high, QUARTER)
            yield "symmetry beyond mean 0", f"{skewed}, of the same range", lambda: skewed
        else:  # its sub-Gaussian proxy is 1.21 times its variance, which is that of a normal or uniform law
            skewed = TwoPoint(-spread / sqrt(3), sqrt(3) * spread, QUARTER)
            yield "symmetry and tails beyond variance", f"{skewed}, of the same variance", lambda: skewed
    if law.finite is None and variance is not None:
        yield "the law beyond its variance", _same(law.mean, variance), lambda: with_variance(law.mean, variance)


def _tried(theorem: Theorem, hypothesis: str, change: Change) -> Theorem | str:
    try:
        return _with(theorem, hypothesis, change)
    except BoundcheckError as error:
        return str(error)


def _with(theorem: Theorem, hypothesis: str, change: Change) -> Theorem:
    """The theorem with other statistics, at the points of the old one that it names."""
    claim = theorem.claim
    sides = (_rewritten(side, change) for side in claim.args)
    found = replace(
        theorem,
        claim=claim.func(*sides, evaluate=False),
        inverse=None,
        points=None,
        name=_name(theorem, hypothesis),
    )
    if theorem.points is None:
        return found
    points = [{p: v for p, v in point.items() if p in found.parameters} for point in theorem.points]
    return replace(found, points=points)


def _beyond(theorem: Theorem, condition: Expr) -> Theorem | str:
    """The theorem where a condition fails and the others hold."""
    others = [h for h in theorem.hypotheses if h != condition]
    name = _name(theorem, str(condition))
    try:
        return replace(theorem, hypotheses=[*others, Not(condition)], inverse=None, points=None, name=name)
    except BoundcheckError as error:
        return str(error)


def _name(theorem: Theorem, hypothesis: str) -> str:
    return f"{theorem.name} without {hypothesis}"


def _rewritten(e: Expr, change: Change) -> Expr:
    swap: dict[Expr, Expr] = {}
    for atom in e.atoms(Statistic, Expectation, Probability):
        if isinstance(atom, Statistic):
            swap[atom] = change(atom)
        elif isinstance(atom, Expectation):
            inner = atom.expression if isinstance(atom, Variance) else atom.argument
            swap[atom] = type(atom)(_rewritten(inner, change))
        else:
            sides = (_rewritten(side, change) for side in atom.event.args)
            swap[atom] = Probability(atom.event.func(*sides, evaluate=False))
    return e.xreplace(swap)
