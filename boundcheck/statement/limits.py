"""Claims about large parameters: the upper limit of a formula as a parameter tends to infinity."""

from __future__ import annotations

from typing import Any

from sympy import Expr, Limit, Symbol, oo

from boundcheck.errors import InvalidArgument, UnsupportedClaim
from boundcheck.statement.atom import Atom
from boundcheck.statement.domain import Parameter, exact


class UpperLimit(Atom):
    """lim sup of an expression as a parameter tends to infinity, as an atom of SymPy expressions.

    Theorems write it as SymPy's own `Limit(expression, d, oo)`. A claim `Limit(e, d, oo) <= c` does not say that there
    is a limit: it is that of the upper limit.
    """

    parts = ("expression", "symbol")
    expression: Expr
    symbol: Parameter

    @property
    def free_symbols(self) -> set[Any]:
        """The parameters other than the one that grows."""
        return set(self.expression.free_symbols) - {self.symbol}

    def _sympystr(self, printer: Any) -> str:
        return f"limsup({printer._print(self.expression)}, {self.symbol} -> oo)"

    def _latex(self, printer: Any) -> str:
        return rf"\limsup_{{{printer._print(self.symbol)} \to \infty}} {printer._print(self.expression)}"


def with_upper_limits(expression: Any) -> Any:
    """The expression with SymPy's limits at infinity read as upper limits.

    Raises
    ------
    InvalidArgument
        When the symbol is no parameter that may grow without end.
    UnsupportedClaim
        When a limit is not at infinity.
    """
    found: dict[Expr, Expr] = {}
    for limit in expression.atoms(Limit):
        inner, symbol, end, _ = limit.args
        if end != oo:
            raise UnsupportedClaim(f"{limit} is no limit at infinity; write Limit(expression, d, oo)")
        domain = getattr(symbol, "domain", None)
        if domain is None or domain.high != oo or not domain.integer:
            name = symbol.name if isinstance(symbol, Symbol) else str(symbol)
            raise InvalidArgument(
                "claim", name, "cannot tend to infinity", f'declare {name} = integer("{name}", min=1), without a max'
            )
        found[limit] = UpperLimit(exact("claim", inner), symbol)
    return expression.xreplace(found) if found else expression
