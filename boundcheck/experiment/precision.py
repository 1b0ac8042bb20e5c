"""The precisions of networks by name. Light to import; their numbers are in `boundcheck/kernels/tables.py`."""

from __future__ import annotations

from boundcheck.errors import InvalidArgument

PRECISIONS = ("double", "single")
DEFAULT_PRECISION = PRECISIONS[0]


def require_precision(precision: str) -> None:
    """Refuse what names no precision.

    Raises
    ------
    InvalidArgument
        When there is no such precision.
    """
    if precision not in PRECISIONS:
        raise InvalidArgument("precision", precision, "is not known", f"pass {' or '.join(PRECISIONS)}")
