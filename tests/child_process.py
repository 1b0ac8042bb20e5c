"""Processes that tests start."""

from __future__ import annotations

import os
import sys


def environment(*first: str) -> dict[str, str]:
    """In which a process finds the modules that this one finds, those of the tests among them; `first` come first."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join([*first, *filter(None, sys.path)])}
