"""boundcheck verifies bounds: state a theorem, and learn whether it holds, how that is known, and how loose it is."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boundcheck.names import *  # noqa: F403 -- what __getattr__ gives, for type checkers


class _Package(ModuleType):
    """Loads the public names when one is first asked for: SymPy takes longer to import than the command line may."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") and name != "__all__":
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return getattr(import_module("boundcheck.names"), name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.__all__})

    @property
    def check(self) -> Any:
        """The function, also when the room of the same name has been imported."""
        return self.__getattr__("check")

    @check.setter
    def check(self, room: ModuleType) -> None:
        """Importing `boundcheck.check` sets it here."""


sys.modules[__name__].__class__ = _Package
