"""Whether a sample, or a statistic of one, is among those that a claim about a family is about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from boundcheck.formula.verify.laws import finite_law, moments, standard
from boundcheck.formula.verify.numbers import HALF, ONE, ZERO, Number, greatest, least
from boundcheck.formula.verify.reading import Refused, Unable, require
from boundcheck.formula.verify.samples import Sample
from boundcheck.formula.verify.trees import VARIABLE, Tree, atoms_of, line, one_of, rebuilt

_ENDS = {"uniform": (ZERO, ONE), "gamma": (ZERO, None), "poisson": (ZERO, None), "beta": (ZERO, ONE)}
_LIGHT: dict[str, dict[str, tuple[Any, Any]]] = {
    "sub_gaussian": {"normal": (1, 0), "two_point": (1, 0), "uniform": (1, 0)},
    "sub_gamma": {"normal": (1, 0), "gamma": (1, 1), "poisson": (1, Number(1) / 3)},
    "sub_exponential": {"normal": (1, 0), "two_point": (1, 0), "gamma": (2, 2)},
}
"""Laws with mean 0, two-point ones symmetric, that are in a family where so many times their variance and scale are at
most its variance factor and scale."""


def check_member(claimed: Sample, sample: Sample) -> None:
    """Refuse a sample that is not one of what the claim is about."""
    if (claimed.kind, claimed.counts, len(claimed.laws)) != (sample.kind, sample.counts, len(sample.laws)):
        raise Refused("the sample is not one of those that the claim is about")
    for family, law in zip(claimed.laws, sample.laws, strict=True):
        require(_belongs(family, law), f"the law {law[0]} is not one of those that the claim is about")


def _facts(law: Tree) -> tuple[Number | None, Number | None, Number, Number]:
    """The least and the largest value, None where there is none, the mean and the variance."""
    base, scale, shift = standard(law)
    values = [v for v, _ in finite_law(law) or ()]
    ends = [None if end is None else scale * end + shift for end in _ENDS.get(base[0], (None, None))]
    low, high = (least(*values), greatest(*values)) if values else ends if scale.told > 0 else ends[::-1]
    _, first, second = moments(base, 2)
    return low, high, scale * first + shift, scale * scale * (second - first * first)


def _above(x: Number | None, y: Number | None) -> bool:
    return y is not None and (x is None or (x - y).sign == 1)


def _below(x: Number | None, y: Number | None) -> bool:
    return y is not None and (x is None or (x - y).sign == -1)


def _apart(x: Any, y: Any) -> bool:
    if isinstance(x, Number):
        return (x - y).sign in (1, -1)
    return x != y if isinstance(x, str) else any(map(_apart, x, y))


def _belongs(family: Tree, law: Tree) -> bool:
    name, *fields = family
    if name not in ("family", "bounded"):
        return name == law[0] and len(fields) == len(law) - 1 and not _apart(tuple(fields), law[1:])
    name, facts = ("bounded", {}) if name == "bounded" else (fields[0], dict(fields[1:]))
    low, high, mean, variance = _facts(law)
    if name in _LIGHT:
        base, scale, _ = standard(law)
        require(not (base[0] == "two_point" and _apart(base[3], HALF)), "the law is not symmetric")
        if base[0] not in _LIGHT[name]:
            raise Unable(f"whether the law {law[0]} is {name} is not re-checked here")
        spread, reach = _LIGHT[name][base[0]]
        factor = facts.get("proxy", facts.get("variance_factor"))
        heavy = _above(spread * variance, factor) or _above(reach * scale, facts.get("scale"))
        return not (heavy or _apart(mean, ZERO))
    ends = {"bounded": tuple(fields), "centred": (None, facts.get("upper")), "nonnegative": (ZERO, None)}
    floor, ceiling = ends.get(name, (facts.get("low"), facts.get("high")))
    if _below(low, floor) or _above(high, ceiling) or _apart(mean, facts.get("mean", mean)):
        return False
    if name == "centred":
        return not (_apart(mean, ZERO) or _above(variance, facts["variance"]))
    others = ("bounded", "bounded_with_mean", "nonnegative", "with_variance")
    require(name in others, f"no family {name!r} is known here")
    return name != "with_variance" or not _apart(variance, facts["variance"])


_HYPOTHESES = {
    r"martingale of (.+) steps of at most (.+), conditional variances at most (.+) in all": "quadratic",
    r"martingale of (.+) steps of at most (.+)": "martingale",
    r"function of (.+) variables, bounded differences (.+)": "differences",
    r"(?:convex )?(.+)-Lipschitz function of X": "Lipschitz",
}
_NORM = ("Pow", ("Statistic", "sum", ("Pow", VARIABLE, ("Number", Number(2))), None), ("Number", HALF))


def hypothesis(words: str) -> tuple[str, Sequence[str]]:
    """What is known of a statistic, and the formulas in it."""
    for pattern, name in _HYPOTHESES.items():
        if found := re.fullmatch(pattern, words):
            return name, found.groups()
    raise Unable(f"what is a {words} is not re-checked here")


def check_statistic(name: str, numbers: Sequence[Number], member: Tree, sample: Sample) -> None:
    """Refuse a folded statistic that does not have what is known of those that the claim is about."""
    member = rebuilt(member, lambda part: ("Statistic", "norm", VARIABLE, None) if part == _NORM else None)
    atom = one_of(atoms_of(member))
    slope, start = line(member, atom) or (ZERO, ONE)
    require(start.is_zero and slope.sign == 1 and atom[2] == VARIABLE, "the statistic is no multiple of a known one")
    if name == "Lipschitz":
        slopes = {"sum": slope * Number(sample.size) ** HALF, "maximum": slope, "norm": slope}
        require(sample.independent and not _above(slopes.get(atom[1]), numbers[0]), "the statistic is too steep")
        return
    size, most, *total = numbers
    kinds = {"differences": {"empty": ["occupancy"], "sum": ["iid", "independent"]}}
    known = kinds.get(name, {"sum": ["iid", "independent", "stopped_walk"]})
    fits = sample.kind in known.get(atom[1], ()) and size == Number(sample.size)
    require(fits, "the statistic is none of those known")
    facts = list(map(_facts, sample.laws)) or [(-ONE, ONE, ZERO, ONE)]
    ends = [(low, high) for low, high, _, _ in facts if low is not None and high is not None]
    steps = [slope * high if total else slope * greatest(high, -low) for low, high in ends]
    if name == "differences":
        steps = [slope] if atom[1] == "empty" else [slope * (high - low) for low, high in ends]
    else:
        require(not any(_apart(mean, ZERO) for _, _, mean, _ in facts), "the steps do not have mean 0")
    require(len(ends) == len(facts) and not any(_above(step, most) for step in steps), "a step is too large")
    copies = 1 if sample.kind == "independent" else sample.size
    variance = slope * slope * copies * sum((v for _, _, _, v in facts), ZERO)
    require(not (total and _above(variance, total[0])), "the variances are too large")
