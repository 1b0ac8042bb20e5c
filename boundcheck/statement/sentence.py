"""A theorem's setting as one sentence: for all parameters in their domains, and what is random."""

from __future__ import annotations

from sympy.core.relational import Relational

from boundcheck.statement.claim import Claim, UniversalConstant
from boundcheck.statement.notation import BELONGS, COMMA, Phrase, Sign, listed
from boundcheck.statement.theorem import Theorem


def setting(theorem: Theorem) -> Phrase:
    """What comes before the claim: "For all n ∈ {1, 2, …}, t ∈ [0, ∞), and X_1, …, X_n i.i.d. ~ N(0, 1)"."""
    parts: list[Phrase] = []
    if theorem.parameters:
        parts.append(("for all ", *listed([(p, BELONGS, *p.domain.notation) for p in theorem.parameters])))
    if theorem.conditions:
        parts.append((" with ", *listed([(condition,) for condition in theorem.conditions])))
    things = random_objects(theorem.reading)
    if things:
        parts.append((", and " if parts else "for ", *things))
    words = [(h,) for h in theorem.hypotheses if not isinstance(h, Relational)]
    if words:
        parts.append((", assuming: " if parts else "assuming: ", *listed(words, "; ")))
    constants = sorted(
        {c for e in theorem.reading.expressions() for c in e.atoms(UniversalConstant)}, key=lambda c: c.name
    )
    if constants:
        named = listed([(c,) for c in constants])
        parts.insert(0, ("there is ", *named, Sign(" > 0", " > 0"), " such that " if parts else ""))
    fragments = [fragment for part in parts for fragment in part if fragment != ""]
    if not fragments:
        return ()
    first = str(fragments[0])
    return (first[0].upper() + first[1:], *fragments[1:])


def random_objects(claim: Claim) -> Phrase:
    """What is random in a claim: the sample with its laws, the statistic with its hypotheses, or the networks."""
    if claim.gap is not None:
        pruned, where = claim.gap.pruned, claim.gap.at_inputs
        inputs = (f", {where}",) if where else ()
        return (Sign("F", "F"), f" = {pruned.target}", COMMA, Sign("f", "f"), f" = prune(F, {pruned.words})", *inputs)
    if claim.unknown is not None:
        return (Sign(claim.unknown.symbol, claim.unknown.symbol), f" any {claim.unknown.words}")
    return () if claim.sample is None else claim.sample.notation
