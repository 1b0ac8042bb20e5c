"""Whether a sample, or a statistic of one, is among those that a claim about a family is about.

Algebra decides where numbers are equal: a law that intervals do not tell from a member may be none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import permutations
from typing import Any

from sympy import Expr, Integer, Rational, Symbol, log, oo, sqrt

from boundcheck.formula.verify.reading import Refused, Unable, from_tree, require
from boundcheck.formula.verify.samples import Sample
from boundcheck.formula.verify.signs import told
from boundcheck.formula.verify.trees import NORM, VARIABLE, Tree, atoms_of, one_of, rebuilt

_FIELDS = {
    "bounded": {"low", "high"},
    "bounded_with_mean": {"low", "high", "mean"},
    "nonnegative": {"mean"},
    "with_variance": {"mean", "variance"},
    "centred": {"upper", "variance"},
    "sub_gaussian": {"proxy"},
    "sub_gamma": {"variance_factor", "scale"},
    "sub_exponential": {"variance_factor", "scale"},
}
"""What is known of the laws of each family; of all but the bounded ones also a mean, 0 if no other."""


def check_member(claimed: Sample, sample: Sample) -> None:
    """Refuse a sample that is not one of what the claim is about."""
    if (claimed.kind, claimed.counts, len(claimed.laws)) != (sample.kind, sample.counts, len(sample.laws)):
        raise Refused("the sample is not one of those that the claim is about")
    for family, law in zip(claimed.exact, sample.exact, strict=True):
        require(_belongs(family, law), f"the law {law[0]} is not one of those that the claim is about")


def _facts(law: Tree) -> tuple[str, Expr, list[Expr], Expr, Expr]:
    """The kind of a law and its scale, its values or the ends of where they lie, the mean and the variance."""
    match law:
        case ("affine", inner, factor, shift):
            kind, scale, ends, mean, variance = _facts(inner)
            moved = [factor * end + shift for end in ends]
            return kind, factor * scale, moved, factor * mean + shift, factor**2 * variance
        case ("normal", mean, std):
            return "normal", std, [-oo, oo], mean, std**2
        case ("uniform", low, high):
            return "uniform", high - low, [low, high], (low + high) / 2, (high - low) ** 2 / 12
        case ("exponential", rate):
            return _facts(("gamma", Integer(1), rate))
        case ("gamma", shape, rate):
            return "gamma", 1 / rate, [Integer(0), oo], shape / rate, shape / rate**2
        case ("poisson", rate):
            return "poisson", Integer(1), [Integer(0), oo], rate, rate
        case ("beta", a, b):
            mean = a / (a + b)
            return "beta", Integer(1), [Integer(0), Integer(1)], mean, mean * (1 - mean) / (a + b + 1)
        case ("two_point", low, high, p):
            return _facts(("discrete", (low, high), (1 - p, p)))
        case ("discrete", values, shares):
            pairs = [(v, p) for v, p in zip(values, shares, strict=True) if told(p)]
            mean = sum(v * p for v, p in pairs)
            return "finite", Integer(1), [v for v, _ in pairs], mean, sum((v - mean) ** 2 * p for v, p in pairs)
    raise Unable(f"the mean and the variance of the law {law[0]} are not re-checked here")


def _at_most(x: Expr, y: Expr) -> bool:
    return bool(x == -oo or y == oo) or (x != oo and y != -oo and told(y - x) >= 0)


def _equal(x: Any, y: Any) -> bool:
    """Whether two laws are the same, or two parts of them."""
    if isinstance(x, Expr):
        return told(x - y) == 0
    return bool(x == y) if isinstance(x, str) else len(x) == len(y) and all(map(_equal, x, y))


def _belongs(family: Tree, law: Tree) -> bool:
    name, *fields = family
    if name not in ("family", "bounded"):
        return _equal(family, law)
    if name == "bounded":
        known = dict(zip(("low", "high"), fields, strict=True))
    else:
        name, known = fields[0], dict(fields[1:])
        require(len(known) == len(fields) - 1, "a fact is given twice")
    require(known.keys() == _FIELDS.get(name), f"no family {name!r} of such laws is known here")
    kind, scale, ends, mean, variance = _facts(law)
    low, high = known.get("low", 0 if name == "nonnegative" else -oo), known.get("high", known.get("upper", oo))
    if not all(_at_most(low, end) and _at_most(end, high) for end in ends):
        return False
    if name != "bounded" and told(mean - known.get("mean", 0)):
        return False
    most = known.get("variance", known.get("proxy", known.get("variance_factor")))
    if most is not None and told(most - variance) not in ((0,) if name == "with_variance" else (0, 1)):
        return False
    return not name.startswith("sub_") or _light(name, kind, scale, ends, variance, most, known.get("scale"))


def _light(name: str, kind: str, scale: Expr, ends: Sequence[Expr], variance: Expr, most: Expr, reach: Expr) -> bool:
    """Whether a law with mean 0, of at most the variance that its family allows, has as small exponential means.

    Normal and uniform laws are sub-Gaussian, and so in each of the families, by their variance; others by Hoeffding's
    lemma, where a quarter of the square of their range is at most the factor. With x = λ · scale, log E exp(λX) over
    λ² · variance is (-log(1 - x) - x)/x² = 1/2 + x/3 + … for a gamma law: at most 1/(2(1 - x)) for x ≥ 0, at most 1/2
    for x ≤ 0, and for |x| ≤ r largest at r. It is (e^x - 1 - x)/x² ≤ 1/(2(1 - x/3)) for a Poisson law, and with x = λ
    times a bound from above at most that for any law (Bennett).
    """
    if kind in ("normal", "uniform") or all(_at_most((x - y) ** 2 / 4, most) for x, y in permutations(ends, 2)):
        return True
    if name == "sub_gamma" and kind == "gamma":
        return _at_most(scale, reach)
    if name == "sub_gamma" and all(_at_most(x, 3 * reach) for x in ([scale] if kind == "poisson" else ends)):
        return True
    if name == "sub_exponential" and kind == "gamma":
        r = abs(scale / reach)
        return told(1 - r) > 0 and _at_most(2 * variance * (-log(1 - r) - r) / r**2, most)
    raise Unable(f"whether the law is {name} is not re-checked here")


_HYPOTHESES = {
    r"martingale of (.+) steps of at most (.+), conditional variances at most (.+) in all": "quadratic",
    r"martingale of (.+) steps of at most (.+)": "martingale",
    r"function of (.+) variables, bounded differences (.+)": "differences",
    r"(?:convex )?(.+)-Lipschitz function of X": "Lipschitz",
}


def hypothesis(words: str) -> tuple[str, Sequence[str]]:
    """What is known of a statistic, and the formulas in it."""
    for pattern, name in _HYPOTHESES.items():
        if found := re.fullmatch(pattern, words):
            return name, found.groups()
    raise Unable(f"what is a {words} is not re-checked here")


def check_statistic(name: str, numbers: Sequence[Expr], member: Tree, sample: Sample) -> None:
    """Refuse a statistic that does not have what is known of those that the claim is about."""
    member = rebuilt(member, lambda part: ("Statistic", "norm", VARIABLE, None) if part == NORM else None)
    atom, symbol = one_of(atoms_of(member)), Symbol("S", real=True)
    value = from_tree(rebuilt(member, lambda part: ("Symbol", "S") if part == atom else None))
    slope = value.diff(symbol)
    known = value == slope * symbol and told(slope) > 0 and atom[2] == VARIABLE
    require(known, "the statistic is no multiple of a known one")
    if name == "Lipschitz":
        slopes = {"sum": slope * sqrt(sample.size), "maximum": slope, "norm": slope}
        steep = not (sample.independent and _at_most(slopes.get(atom[1], oo), numbers[0]))
        require(not steep, "the statistic is too steep")
        return
    size, most, *total = numbers
    kinds = {"differences": {"empty": ["occupancy"], "sum": ["iid", "independent"]}}
    fitting = kinds.get(name, {"sum": ["iid", "independent", "stopped_walk"]})
    fits = sample.kind in fitting.get(atom[1], ()) and size == sample.size
    require(fits, "the statistic is none of those known")
    facts = list(map(_facts, sample.exact or [("two_point", Integer(-1), Integer(1), Rational(1, 2))]))
    steps = [slope * (end if total else abs(end)) for _, _, ends, _, _ in facts for end in ends]
    if name == "differences":
        spans = [slope * (x - y) for _, _, ends, _, _ in facts for x, y in permutations(ends, 2)]
        steps = [slope] if atom[1] == "empty" else spans
    else:
        require(not any(told(mean) for _, _, _, mean, _ in facts), "the steps do not have mean 0")
    require(all(_at_most(step, most) for step in steps), "a step is too large")
    copies = 1 if sample.kind == "independent" else sample.size
    variance = slope**2 * copies * sum(v for *_, v in facts)
    require(not total or _at_most(variance, total[0]), "the variances are too large")
