"""What a statement is shown as where others than boundcheck show it."""

from __future__ import annotations

from typing import Any


class Shown:
    """Shown by IPython, and by Hypothesis in its examples, as its text and not field by field."""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))
