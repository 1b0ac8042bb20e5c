"""How things show themselves in a notebook: what is shown is registered by the rooms that know how to write it.

A statement, a derivation and a verdict know of no report: each is :class:`Displayed`, and `boundcheck.check.display`
registers what is written of it. Where nothing is registered, a notebook shows plain text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from boundcheck.errors import BoundcheckError

Writer = Callable[[Any], str]


@dataclass(frozen=True, kw_only=True)
class Writers:
    """What writes a thing as HTML, as LaTeX, and as text where its `repr` is no text to read."""

    html: Writer
    latex: Writer | None = None
    text: Writer | None = None


_WRITERS: dict[type, Writers] = {}


def register(kind: type, writers: Writers) -> None:
    """Show the instances of a class, and of those derived from it, as these write them."""
    _WRITERS[kind] = writers


class Displayed:
    """Shown by Jupyter and IPython as registered for its class; nothing of theirs is imported for it."""

    __slots__ = ()

    def _repr_html_(self) -> str | None:
        return _written(self, "html")

    def _repr_latex_(self) -> str | None:
        return _written(self, "latex")


def pretty(thing: Displayed, printer: Any, cycle: bool) -> None:
    """The method `_repr_pretty_` of a class with a text that is better to read than its `repr`."""
    inside = printer.indentation > 0  # of a list, where there is no place for several lines
    printer.text((None if inside else _written(thing, "text")) or repr(thing))


def _written(thing: Any, form: str) -> str | None:
    """The thing in a form; None, and so plain text, where there is no such form of it, or none can be made."""
    writers = next((_WRITERS[kind] for kind in type(thing).__mro__ if kind in _WRITERS), None)
    write: Writer | None = getattr(writers, form, None)
    try:
        return None if write is None else write(thing)
    except BoundcheckError:  # such as a formula that cannot be evaluated: a notebook goes on
        return None
