"""Certificates of the prover: of a proof on a whole domain, or of a refutation at a point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from boundcheck.formula.verify.proofs import proof_complaints
from boundcheck.formula.verify.reading import DAMAGE, complaint_of
from boundcheck.formula.verify.refutations import refutation_complaints


def verify_certificate(data: Mapping[str, Any]) -> list[str]:
    """Check a certificate of :func:`boundcheck.formula.prover.prove`.

    Parameters
    ----------
    data
        The plain data, as made or read back from JSON: ``claim``, ``conditions`` and ``domain``; for a proof
        ``substitutions`` and ``leaves`` or, by cases, ``kink`` and ``cases``, for a refutation the ``point``.

    Returns
    -------
    Complaints; none when the certificate proves the claim that it states, or refutes it at its point.
    """
    try:
        if ("point" in data) == ("leaves" in data or "cases" in data):
            return ["the certificate is not either of a proof or of a refutation"]
        return refutation_complaints(data) if "point" in data else proof_complaints(data)
    except DAMAGE as error:
        return [complaint_of(error)]
