"""What the symbols of a derived bound mean, with their ranges or values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sympy import Expr, Function, Symbol

from boundcheck.derivation.gap import GapDerivation
from boundcheck.formula.export import Definitions, SymbolRow
from boundcheck.formula.rigorous import enclose
from boundcheck.report.bound import rounded_up
from boundcheck.statement.domain import Parameter
from boundcheck.statement.functions import BetaQuantile, HypergeometricBound, MomentQuantile, SparseQuantile
from boundcheck.statement.notation import Phrase, text

_LETTERS = {
    "a": "bound of the norm of the weights",
    "b": "bound of the norm of the weights that are kept",
    "rho": "bound of the norm of the weights that are removed",
    "beta": "bound of the norm of the biases",
}
_AT_INPUTS = {
    "a": "bound of the factor by which hidden vectors of the target grow",
    "b": "bound of the factor by which differences of hidden vectors grow, with the weights that are kept",
    "rho": "bound of the difference that the weights that are removed make, over the norm of what they are applied to",
    "beta": _LETTERS["beta"],
}
"""The same at fixed inputs."""
_INNER = {"k": "number of weights, or filters, that are removed", "tau": "bound of the largest magnitude removed"}
_A, _B, _DELTA, _SIZE, _COUNT, _M, _N, _X, _KAPPA, _LEVEL = (
    Symbol(name) for name in ("a", "b", "delta", "D", "k", "m", "n", "x", "kappa", "y")
)
_GAUSSIAN = "least over q; M_q(m, n) is the mean of tr(GG')^q for a standard normal m × n matrix G"
_FUNCTIONS: dict[type[Function], tuple[Expr, str]] = {
    BetaQuantile: (BetaQuantile(_A, _B, _DELTA), "what a Beta(a, b) variable exceeds with probability delta"),
    HypergeometricBound: (
        HypergeometricBound(_SIZE, _COUNT, _N, _DELTA),
        "of n given among D weights, the most that k random removals hit, except with probability delta (Hoeffding)",
    ),
    MomentQuantile: (MomentQuantile(_M, _N, _LEVEL), _GAUSSIAN),
    SparseQuantile: (
        SparseQuantile(_M, _N, _KAPPA, _X, _LEVEL),
        "the same for few entries: x is their share times the variance over L² of a weight (kappa taps)",
    ),
}


def written_out(derivation: GapDerivation, expression: Expr) -> Expr:
    """An expression in the symbols of a derivation, in the parameters alone."""
    expression = expression.xreplace(derivation.symbols)
    for symbol, value in reversed(list(derivation.inner.items())):
        expression = expression.xreplace({symbol: value})
    return expression


def symbol_rows(
    derivation: GapDerivation,
    definitions: Definitions,
    epsilon: Symbol,
    parameters: Iterable[Parameter],
    meanings: Mapping[type[Function], str],
) -> list[SymbolRow]:
    """The symbols of a derived bound: parameters with their domains, then what stands for norms, then functions.

    Parameters
    ----------
    definitions
        What symbols stand for; those whose value is a number are given as numbers, rounded up.
    epsilon
        The symbol of the bound.
    parameters
        Of the theorem, or of the bound.
    meanings
        Words for functions that have none here.
    """
    rows = [SymbolRow((p,), _parameter(derivation, p), p.domain.notation) for p in parameters]
    rows.append(SymbolRow((epsilon,), "bound of the gap", _value(derivation, derivation.recursion)))
    letters = {
        derivation.symbol(letter, i): (letter, i)
        for letter in _LETTERS
        for i in range(1, derivation.pruned.target.depth + 1)
    }
    for symbols, value in definitions.items():
        if symbols == (epsilon,):
            continue
        known = [letters[s] for s in symbols if s in letters]
        if known:
            own = words_of(derivation)
            found = dict.fromkeys(letter for letter, _ in known)
            words = "; ".join(_of_layers(own[letter], letter, known) for letter in found)
        else:
            words = _INNER.get(symbols[0].name.partition("_")[0], "stands for a formula that is used more than once")
        rows.append(SymbolRow(symbols, words, _value(derivation, value)))
    functions = {type(f) for f in derivation.expression.atoms(Function)}
    rows += [SymbolRow((form,), words) for function, (form, words) in _FUNCTIONS.items() if function in functions]
    for function in sorted(functions & meanings.keys() - _FUNCTIONS.keys(), key=lambda f: f.__name__):
        rows.append(SymbolRow((Symbol(function.__name__),), meanings[function]))
    return rows


def rows_in_words(rows: Iterable[SymbolRow]) -> Iterator[str]:
    """One line a row."""
    for row in rows:
        value = text(row.value)
        joined = ", " if value.startswith("at most") else ", in " if value else ""
        yield f"{' = '.join(text(s) for s in row.symbols)}: {row.meaning}{joined}{value}"


def _parameter(derivation: GapDerivation, parameter: Parameter) -> str:
    if parameter == derivation.ledger.delta:
        return "failure probability"
    return "radius of the inputs" if parameter == derivation.radius else "parameter"


def words_of(derivation: GapDerivation) -> dict[str, str]:
    """What the letters of T1 bound: norms on a ball, or factors at fixed inputs."""
    return _LETTERS if getattr(derivation, "inputs", None) is None else _AT_INPUTS


def _of_layers(words: str, letter: str, known: list[tuple[str, int]]) -> str:
    layers = [str(i) for found, i in known if found == letter]
    return f"{words}, layer{'s' * (len(layers) > 1)} {', '.join(layers)}"


def _value(derivation: GapDerivation, value: Expr) -> Phrase:
    """The number, rounded up, where there is one."""
    value = written_out(derivation, value)
    if value.free_symbols:
        return ()
    if value.is_Integer:
        return (str(value),)
    return (f"at most {rounded_up(enclose(value).high, 6)}",)
