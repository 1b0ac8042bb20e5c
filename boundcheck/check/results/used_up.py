"""How much of a claim is used up, by which points are compared."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def used_up(row: Mapping[str, Any]) -> float | None:
    """Largest gap over bound, exact left side over right side, or rate of violations over claim.

    Above 1 it speaks against the claim, but for a gap, which may exceed its bound in a share delta of the trials.

    Parameters
    ----------
    row
        With the columns bound, gap_max, quantity, exact, ratio_low, ratio_high, observed and claimed_high of the table
        `verdicts`.

    Returns
    -------
    None where nothing is known, also with an unspecified constant (quantity 'ratio'), which fits any ratio.
    """
    if row["quantity"] == "ratio":
        return None
    if row["gap_max"] is not None and row["bound"]:
        return float(row["gap_max"] / row["bound"])
    if row["exact"] and row["ratio_high"] is not None:
        beyond = math.isinf(row["ratio_high"]) and row["ratio_low"] is not None
        return float(row["ratio_low" if beyond else "ratio_high"])
    observed, claimed = row["observed"], row["claimed_high"]
    if observed is None or claimed is None or claimed == observed == 0:
        return None
    return float(observed / claimed) if claimed > 0 else math.inf if observed > 0 and claimed == 0 else None
