"""Claims about numbers only: proved on their whole domain, refuted at a rational point, or left open."""

from __future__ import annotations

import math
import time
from typing import Any

from sympy import Rational
from sympy.core.relational import Relational

from boundcheck.check.hypotheses import contradiction, domain_words, empty, no_point
from boundcheck.check.limits import prove_limit
from boundcheck.check.points import candidate_points, spread
from boundcheck.formula.prover import Proved, Refuted, Undecided, prove
from boundcheck.formula.rigorous import enclose
from boundcheck.formula.verify import verify_certificate
from boundcheck.statement.claim import Analytic
from boundcheck.statement.domain import parameters_of
from boundcheck.statement.limits import UpperLimit
from boundcheck.statement.theorem import Theorem
from boundcheck.verdict.analytic import decide_analytic
from boundcheck.verdict.decide import Verdict

INVERSE_POINTS = 8
INVERSE_LEVELS = (Rational(1, 20), Rational(1, 10**6))
"""Where an inverse form, which is the same formula turned round, is compared with it."""


def prove_theorem(theorem: Theorem, /, **common: Any) -> Verdict:
    """The prover's verdict on a claim about numbers; `common` is what every verdict of the run shares.

    Raises
    ------
    InvalidArgument
        When a hypothesis leaves no point of the domain.
    """
    start = time.perf_counter()
    assert isinstance(theorem.reading, Analytic)
    if theorem.reading.relation.atoms(UpperLimit):
        return prove_limit(theorem, **common)
    if empty(theorem) and (nothing := contradiction(theorem)) is not None:
        raise nothing
    result = prove(theorem.reading.relation, theorem.conditions)
    domain = domain_words(theorem)
    found: dict[str, Any]
    match result:
        case Proved(certificate, summary):
            complaints = verify_certificate(certificate)
            if complaints:
                summary = "a proof was found, but the independent check does not accept it"
                found = {"outcome": "undecided", "summary": summary, "boxes": tuple(complaints)}
            else:
                found = {"outcome": "proved", "summary": summary, "certificate": certificate}
        case Refuted(point, left, right, summary, certificate):
            values = {p.name: str(v) for p, v in point.items()}
            found = {
                "outcome": "refuted",
                "summary": summary,
                "counterexample": {"parameters": values, "left": left, "right": right},
                "certificate": certificate,
            }
        case Undecided(emptied_by=Relational() as condition):
            raise no_point(theorem, str(condition))
        case Undecided(boxes, reason):
            found = {"outcome": "undecided", "summary": reason, "boxes": boxes}
    return decide_analytic(domain=domain, seconds=time.perf_counter() - start, **found, **common)


def wrong_inverse(theorem: Theorem) -> dict[str, object] | None:
    """A point at which the inverse form claims more than the theorem, by ball arithmetic; None if none is found.

    The inverse t = f(delta) is right where the claimed probability at t is at most delta. It is tried at a few points
    at which t lies in its domain and the theorem's conditions hold.
    """
    if theorem.inverse is None:
        return None
    [(threshold, formula)] = theorem.inverse.items()
    [delta] = parameters_of(formula) - set(theorem.parameters)
    others = {
        tuple((p, v) for p, v in point.items() if p != threshold) for point in candidate_points(theorem, ends=True)
    }
    for values in spread(sorted(others, key=str), INVERSE_POINTS):
        for level in INVERSE_LEVELS:
            point = {**dict(values), delta: level}
            reached = enclose(formula, point)
            inside = {**point, threshold: Rational(reached.low)} if math.isfinite(reached.low) else {}
            if not inside or inside[threshold] not in threshold.domain or not theorem.holds_at(inside):
                continue
            claimed = enclose(theorem.tail.claimed.xreplace({threshold: formula}), point)
            if claimed.low > level:
                return {
                    "parameters": {p.name: str(v) for p, v in point.items()},
                    "inverse": f"{threshold} = {formula}",
                    "left": f"the claimed probability there is at least {claimed.low!r}",
                    "right": str(level),
                }
    return None
