"""What boundcheck adds to SymPy's expressions: real atoms that carry plain data."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from sympy import AtomicExpr


class Atom(AtomicExpr):
    """A real atom that is equal to another of its class when their `parts` are; a subclass names and prints them."""

    parts: ClassVar[tuple[str, ...]]
    is_real = True
    is_commutative = True

    def __new__(cls, *values: Any) -> Self:
        atom = AtomicExpr.__new__(cls)
        for name, value in zip(cls.parts, values, strict=True):
            setattr(atom, name, value)
        return atom

    def __getnewargs__(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.parts)

    _hashable_content = __getnewargs__
