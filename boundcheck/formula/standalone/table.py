"""Tables that functions need, as text that an export can contain."""

from __future__ import annotations

import base64
import zlib
from importlib.resources import files


def packed(name: str) -> str:
    """A text file beside the package's formulas, compressed; exports have the result in place of the call."""
    text = files("boundcheck.formula").joinpath(name).read_bytes()
    return base64.b85encode(zlib.compress(text, 9)).decode("ascii")
