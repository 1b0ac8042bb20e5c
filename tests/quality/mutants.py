"""Automatic mutants of a theorem: small changes of its claim, its laws, its hypotheses or its domains.

Whether a mutant is true is not known here; `quality.oracle` finds out where it can.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace

from sympy import Abs, Add, Expr, Integer, Max, Min, Mul, Pow, Rational, S, exp
from sympy.core.numbers import NumberSymbol
from sympy.core.relational import Relational

from boundcheck import real
from boundcheck.errors import BoundcheckError
from boundcheck.statement import families
from boundcheck.statement.claim import RANDOM, Analytic, Probability, Scaling
from boundcheck.statement.domain import Parameter
from boundcheck.statement.families import Bounded, Family
from boundcheck.statement.functions import Greatest, Least
from boundcheck.statement.laws import Law, TwoPoint
from boundcheck.statement.randomness import Expectation, Sample, Statistic, Unknown
from boundcheck.statement.theorem import Theorem

FACTORS = (Rational(11, 10), Rational(10, 11), Integer(2), Rational(1, 2))
SWAPS = {Min: Max, Max: Min, Least: Greatest, Greatest: Least}


@dataclass(frozen=True)
class Mutant:
    """A changed theorem, in words what was changed, and what kind of change it is."""

    label: str
    kind: str
    theorem: Theorem


def mutants(theorem: Theorem) -> list[Mutant]:
    """All mutants of a theorem that the language can state, each once, in a fixed order."""
    found: dict[object, Mutant] = {}
    original = _key(theorem)
    for label, kind, make in _changes(theorem):
        try:
            changed = make()
            if changed is None:
                continue
            key = _key(changed)
        except (BoundcheckError, TypeError, AttributeError, ZeroDivisionError):
            continue  # no statement of the language: SymPy decided it, or a law does not exist
        if key != original and key not in found:
            found[key] = Mutant(label, kind, changed)
    return list(found.values())


def _key(theorem: Theorem) -> object:
    domains = tuple((p.name, str(p.domain)) for p in theorem.parameters)
    laws = tuple(sorted(str(a.sample) for a in theorem.reading.random if isinstance(a, Statistic)))
    return str(theorem.claim), tuple(map(str, theorem.hypotheses)), domains, laws


Change = tuple[str, str, Callable[[], Theorem | None]]


def _changes(theorem: Theorem) -> Iterator[Change]:
    yield from _claimed(theorem)
    yield from _events(theorem)
    yield from _hypotheses(theorem)
    yield from _domains(theorem)
    yield from _laws(theorem)


# Formulas -------------------------------------------------------------------------------------------
def rewrites(e: Expr, *, top: bool = True) -> Iterator[tuple[str, str, Expr]]:
    """(what, kind, expression) for each small change somewhere in an expression."""
    if top and not e.is_zero:
        for factor in FACTORS:
            yield f"whole × {factor}", "constant", factor * e
    yield from _here(e)
    for i, arg in enumerate(e.args):
        for label, kind, changed in rewrites(arg, top=False):
            yield label, kind, e.func(*e.args[:i], changed, *e.args[i + 1 :])


def _here(e: Expr) -> Iterator[tuple[str, str, Expr]]:
    if (e.is_Rational and e != 0) or isinstance(e, NumberSymbol):
        for factor in FACTORS:
            yield f"{e} → {e * factor}", "constant", e * factor
    if isinstance(e, exp):
        for factor in FACTORS:
            yield f"exponent of {e} × {factor}", "constant", exp(factor * e.args[0])
    if isinstance(e, Pow):
        base, power = e.args
        if power.is_Rational:
            for step in (1, -1):
                yield f"{e} → power {power + step}", "exponent", base ** (power + step)
        else:
            for factor in FACTORS:
                yield f"power of {e} × {factor}", "constant", base ** (factor * power)
    if isinstance(e, Add | Mul):
        kind, what = ("term", "term") if isinstance(e, Add) else ("factor", "factor")
        for i, part in enumerate(e.args):
            yield f"{what} {part} of {e} dropped", kind, e.func(*e.args[:i], *e.args[i + 1 :])
    if type(e) in SWAPS:
        yield f"{type(e).__name__} → {SWAPS[type(e)].__name__}", "min/max", SWAPS[type(e)](*e.args)


def _is_random(e: Expr) -> bool:
    return bool(e.atoms(*RANDOM, Expectation, Probability))


def _with_claim(theorem: Theorem, claim: Relational) -> Theorem:
    points = theorem.points
    changed = replace(theorem, claim=claim, inverse=None, points=None)
    if points is None:
        return changed
    names = {p.name for p in changed.parameters}
    kept = [{p.name: v for p, v in point.items() if p.name in names} for point in points]
    return replace(changed, points=kept)


def _claimed(theorem: Theorem) -> Iterator[Change]:
    """Changes of the sides that are no probability; of the right side only where both hold expectations."""
    claim = theorem.claim
    sides = [i for i in (0, 1) if not _is_random(claim.args[i])]
    if not sides:
        sides = [claim.args.index(claim.gts)]
    for i in sides:
        for label, kind, changed in rewrites(claim.args[i]):
            args = list(claim.args)
            args[i] = changed
            yield label, kind, lambda args=args: _with_claim(theorem, claim.func(*args))


# Events ---------------------------------------------------------------------------------------------
def _events(theorem: Theorem) -> Iterator[Change]:
    for probability in sorted(theorem.claim.atoms(Probability), key=str):
        event = probability.event
        for label, kind, changed in _other_events(event):

            def make(changed: Relational = changed, probability: Probability = probability) -> Theorem:
                return _with_claim(theorem, theorem.claim.xreplace({probability: Probability(changed)}))

            yield f"event: {label}", kind, make


def _other_events(event: Relational) -> Iterator[tuple[str, str, Relational]]:
    place = 0 if _is_random(event.args[0]) else 1
    statistic, threshold = event.args[place], event.args[1 - place]

    def rebuilt(new_statistic: Expr, new_threshold: Expr) -> Relational:
        args = (new_statistic, new_threshold) if place == 0 else (new_threshold, new_statistic)
        return event.func(*args)

    if not _is_random(threshold):
        for label, kind, changed in rewrites(threshold):
            yield f"threshold {label}", kind, rebuilt(statistic, changed)
    for label, kind, changed in _here(statistic):
        if kind in ("term", "factor") and changed.atoms(*RANDOM):
            yield label, kind, rebuilt(changed, threshold)
    centre = _centre(statistic)
    upper = statistic == event.gts
    deviation, distance = (statistic - centre), (threshold - centre if upper else centre - threshold)
    relation = event.func if upper else event.reversed.func
    if isinstance(statistic, Abs):
        yield "one-sided", "sides", relation(statistic.args[0], threshold)
        yield "other side", "sides", relation(-statistic.args[0], threshold)
    else:
        yield "two-sided", "sides", relation(Abs(deviation), distance)
        away = -deviation if upper else deviation
        yield "other side", "sides", relation(away, distance)


def _centre(statistic: Expr) -> Expr:
    if isinstance(statistic, Statistic):
        try:
            return statistic.expectation or S.Zero
        except BoundcheckError:
            return S.Zero
    return S.Zero


# Hypotheses and domains -----------------------------------------------------------------------------
def _hypotheses(theorem: Theorem) -> Iterator[Change]:
    for condition in theorem.conditions:
        rest = [h for h in theorem.hypotheses if h != condition]
        yield (
            f"hypothesis {condition} dropped",
            "hypothesis",
            lambda rest=rest: _with_claim(replace(theorem, hypotheses=rest, inverse=None), theorem.claim),
        )
        turned = [h if h != condition else condition.func(condition.rhs, condition.lhs) for h in theorem.hypotheses]
        yield (
            f"hypothesis {condition} turned round",
            "hypothesis",
            lambda turned=turned: replace(theorem, hypotheses=turned, inverse=None, points=None),
        )


def _domains(theorem: Theorem) -> Iterator[Change]:
    for p in theorem.parameters:
        for label, wider in _wider(p):
            yield (
                f"domain of {p.name} to {wider.domain} ({label})",
                "domain",
                lambda p=p, wider=wider: renamed(theorem, {p: wider}),
            )


def _wider(p: Parameter) -> Iterator[tuple[str, Parameter]]:
    d = p.domain
    if d.integer:
        return  # a sample of no variables is none
    ends = {"min": d.low if d.low.is_finite else None, "max": d.high if d.high.is_finite else None}
    flags = {"exclude_min": d.exclude_low, "exclude_max": d.exclude_high}
    for flag, on in flags.items():
        if on:
            yield "end included", real(p.name, **ends, **(flags | {flag: False}))
    width = (d.high - d.low) / 2 if d.high.is_finite and d.low.is_finite else S.One
    for name, step in (("min", -width), ("max", width)):
        if ends[name] is not None:
            yield "end beyond", real(p.name, **(ends | {name: ends[name] + step}), **flags)


def renamed(theorem: Theorem, values: dict[Parameter, Parameter]) -> Theorem:
    """The theorem with other parameters in place of some, also inside laws; without named points."""
    claim = substituted(theorem.claim, values)
    hypotheses = [h.xreplace(values) if isinstance(h, Relational) else h for h in theorem.hypotheses]
    return replace(theorem, claim=claim, hypotheses=hypotheses, inverse=None, points=None)


def substituted(e, values, sample=lambda s: s):
    """An expression or relation with other values for parameters and, by `sample`, other samples, at every depth."""
    swap = dict(values)
    for atom in e.atoms(Statistic, Unknown, Expectation, Probability):
        if isinstance(atom, Statistic):
            rank = None if atom.rank is None else atom.rank.xreplace(values)
            swap[atom] = Statistic(atom.kind, sample(atom.sample.at(values)), rank)
        elif isinstance(atom, Unknown):
            members = tuple(substituted(m, values, sample) for m in atom.members)
            swap[atom] = Unknown(atom.symbol, atom.words, members, tuple(a.xreplace(values) for a in atom.arguments))
        elif isinstance(atom, Expectation):
            swap[atom] = Expectation(substituted(atom.argument, values, sample))
        else:
            swap[atom] = Probability(substituted(atom.event, values, sample))
    return e.xreplace(swap)


# Laws -----------------------------------------------------------------------------------------------
def _laws(theorem: Theorem) -> Iterator[Change]:
    if isinstance(theorem.reading, Analytic | Scaling) or theorem.reading.sample is None:
        return
    for old in dict.fromkeys(theorem.reading.sample.laws):
        for label, new in _other_laws(old):

            def sample(s: Sample, old: Law = old, new: Law = new) -> Sample:
                return replace(s, laws=tuple(new if law == old else law for law in s.laws))

            yield (
                f"law: {label}",
                "law",
                lambda sample=sample: _with_claim(theorem, substituted(theorem.claim, {}, sample)),
            )


def _other_laws(law: Law) -> Iterator[tuple[str, Law]]:
    eleven_tenths = FACTORS[0]
    if isinstance(law, Bounded):
        width = (law.high - law.low) / 10
        yield "range a tenth wider above", Bounded(law.low, law.high + width)
        yield "range a tenth wider below", Bounded(law.low - width, law.high)
    elif isinstance(law, Family):
        arguments = dict(law.arguments)
        for name, value in arguments.items():
            for factor in (eleven_tenths, Integer(2)):
                changed = arguments | {name: factor * value}
                yield f"{name} × {factor}", getattr(families, law.kind)(**changed)
        if law.kind == "bounded_with_mean":
            yield "mean forgotten", families.bounded(arguments["low"], arguments["high"])
    elif isinstance(law, TwoPoint):
        for factor in (eleven_tenths, Integer(2)):
            yield f"values × {factor}", law.scaled(factor)
            yield f"p × {factor}", replace(law, p=factor * law.p)
    else:
        for f in fields(law):
            if not isinstance(getattr(law, f.name), Expr):
                continue
            for factor in (eleven_tenths, 1 / eleven_tenths):
                changed = replace(law, **{f.name: factor * getattr(law, f.name)})
                changed.validate()
                yield f"{f.name} × {factor}", changed
