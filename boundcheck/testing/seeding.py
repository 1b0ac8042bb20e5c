"""Randomness inside an example of a property test: a pure function of what was drawn, so that nothing is flaky."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import numpy as np

from boundcheck.errors import InvalidArgument


def seed_of(*parts: Any) -> int:
    """A 64-bit seed that is a pure function of its arguments, the same in every process.

    Give it everything that an example drew, not a seed alone: then different examples have independent draws, and what
    a search has seen in one says nothing about the draws of the next.

    Parameters
    ----------
    parts
        Numbers, text, arrays, networks, laws and whatever else has a `repr` that says what it is.

    Raises
    ------
    InvalidArgument
        When a part has no such `repr`, as it holds its address in memory.

    Examples
    --------
    >>> seed_of("norms", 0) == seed_of("norms", 0) != seed_of("norms", 1)
    True
    """
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        digest.update(_bytes(part))
        digest.update(b"\x1f")
    return int.from_bytes(digest.digest(), "little")


def generator(*parts: Any) -> np.random.Generator:
    """NumPy's generator with the counter-based Philox and the key :func:`seed_of` its arguments.

    Examples
    --------
    >>> bool(generator("norms", 0).random() == generator("norms", 0).random())
    True
    """
    return np.random.Generator(np.random.Philox(key=seed_of(*parts)))


def _bytes(part: Any) -> bytes:
    if isinstance(part, np.ndarray) and not part.dtype.hasobject:
        return f"{part.dtype.str}{part.shape}".encode() + np.ascontiguousarray(part).tobytes()
    if isinstance(part, list | tuple):  # where an array's own text would leave most of a long one out
        return b"(" + b"\x1e".join(map(_bytes, part)) + b")"
    text = repr(part)
    if re.search(r"\bat 0x[0-9A-Fa-f]+", text):
        raise InvalidArgument("parts", part, "says where it is and not what it is", "pass numbers, text or arrays")
    return text.encode()
