"""Whether a sample is one of those that a claim about a family of laws is about."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from boundcheck.formula.verify.laws import finite_law, moments, standard
from boundcheck.formula.verify.numbers import Number, add, extreme, mul, sign_of
from boundcheck.formula.verify.reading import Refused
from boundcheck.formula.verify.samples import Sample
from boundcheck.formula.verify.trees import Tree


def check_member(claimed: Sample, sample: Sample) -> None:
    """Refuse a sample that is not one of what the claim is about, as far as bounds and moments tell."""
    if (claimed.kind, claimed.counts, len(claimed.laws)) != (sample.kind, sample.counts, len(sample.laws)):
        raise Refused("the sample is not one of those that the claim is about")
    for family, law in zip(claimed.laws, sample.laws, strict=True):
        if not _belongs(family, law):
            raise Refused(f"the law {law[0]} is not one of those that the claim is about")


def _belongs(family: Tree, law: Tree) -> bool:
    base, scale, shift = standard(law)
    values = [v for v, _ in finite_law(base) or () if v is not None]
    ends = {
        "uniform": (Fraction(0), Fraction(1)),
        "gamma": (Fraction(0), None),
        "poisson": (Fraction(0), None),
        "beta": (Fraction(0), Fraction(1)),
    }
    low, high = (extreme(min)(*values), extreme(max)(*values)) if values else ends.get(base[0], (None, None))
    low, high = (None if end is None else add(mul(scale, end), shift) for end in (low, high))
    _, first, second = moments(base, 2)
    mean, variance = add(mul(scale, first), shift), mul(mul(scale, scale), add(second, -mul(first, first)))

    def above(x: Number | None, y: Number) -> bool:
        return x is None or sign_of(add(x, -y)) == 1

    def apart(x: Number, y: Number) -> bool:
        return sign_of(add(x, -y)) in (1, -1)

    if family[0] == "bounded":
        return not (low is None or above(family[1], low) or above(high, family[2]))
    if family[0] != "family":
        return family[0] == law[0] and not any(
            apart(x, y) for a, b in zip(family[1:], law[1:], strict=True) for x, y in _pairs(a, b)
        )
    name, facts = family[1], dict(family[2:])
    if "mean" in facts and apart(mean, facts["mean"]):
        return False
    if name in ("centred", "sub_gaussian", "sub_gamma", "sub_exponential") and apart(mean, Fraction(0)):
        return False
    if name == "bounded_with_mean":
        return not (low is None or above(facts["low"], low) or above(high, facts["high"]))
    if name == "centred":
        return not (above(high, facts["upper"]) or above(variance, facts["variance"]))
    if name == "nonnegative":
        return not (low is None or above(Fraction(0), low))
    if name == "with_variance":
        return not apart(variance, facts["variance"])
    proxy = facts.get("proxy", facts.get("variance_factor"))
    return name in ("sub_gaussian", "sub_gamma", "sub_exponential") and not above(variance, proxy)


def _pairs(a: Any, b: Any) -> Iterator[tuple[Number, Number]]:
    """The numbers of two laws of one kind side by side."""
    if isinstance(a, list | tuple):
        for x, y in zip(a, b, strict=True):
            yield from _pairs(x, y)
    elif isinstance(a, str):
        yield Fraction(0), Fraction(int(a != b))
    else:
        yield a, b
