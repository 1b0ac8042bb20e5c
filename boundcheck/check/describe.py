"""A theorem, or a derived bound, in words and in the notations that people and programs read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Expr, Function, S, Symbol

from boundcheck.check.options import MOST_EVENTS, SPLITS, package_version
from boundcheck.check.symbols import rows_in_words, symbol_rows
from boundcheck.derivation.biases import bias_norm
from boundcheck.derivation.gap import GapBound, GapDerivation, expand_bounds, gap_bound
from boundcheck.derivation.norms import DENSE, SERIES, SUBSETS, TRIANGLE, Choice, whole_norm
from boundcheck.derivation.saved import bound_record
from boundcheck.errors import InvalidArgument, UnsupportedClaim
from boundcheck.formula.export import SymbolRow, theorem_latex, theorem_mathml, to_latex, to_python
from boundcheck.formula.numeric import evaluate
from boundcheck.formula.rigorous import enclose
from boundcheck.inequalities.bounds import fixed_input, restricted
from boundcheck.inequalities.bounds.random_matrix import NormInequality
from boundcheck.inequalities.bounds.random_subset import SubsetInequality
from boundcheck.report.theorem import RECORDED
from boundcheck.statement.claim import RANDOM, Analytic, Moment, Probability, Scaling, Tail, UniversalConstant
from boundcheck.statement.functions import (
    BetaQuantile,
    HypergeometricBound,
    MomentQuantile,
    OrderedWalkQuantile,
    SeriesQuantile,
    SparseQuantile,
    SphericalQuantile,
    WalkQuantile,
)
from boundcheck.statement.limits import UpperLimit
from boundcheck.statement.notation import text
from boundcheck.statement.pruning import Pruned
from boundcheck.statement.randomness import Expectation
from boundcheck.statement.sentence import random_objects
from boundcheck.statement.theorem import Theorem
from boundcheck.statement.window import SINGLE


def _epsilon(theorem: Theorem) -> Symbol:
    """The symbol of the derived bound, clear of the parameters' names."""
    taken = {p.name for p in theorem.parameters}
    return Symbol("epsilon" if "epsilon" not in taken else "epsilon_")


MEANINGS = {
    BetaQuantile: "BetaQuantile(a, b, p): what a Beta(a, b) variable exceeds with probability p",
    HypergeometricBound: (
        "HypergeometricBound(D, k, n, p): of n given among D weights, the most that k random removals hit, "
        "except with probability p (Hoeffding 1963)"
    ),
    MomentQuantile: (
        "MomentQuantile(m, n, x): the least (e^x M_q)^(1/(2q)) over q, M_q = E tr(GG')^q of a standard normal m × n "
        "matrix G"
    ),
    SphericalQuantile: (
        "SphericalQuantile(m, n, x): the least (e^x C_k)^(1/(2k)) over k, C_k the product over j < k of "
        "(m + 2j)(n + 2j)/(2j + 1)"
    ),
    SparseQuantile: (
        "SparseQuantile(m, n, kappa, x, y[, k, D]): the same for few entries, x = p v/L² with their share p, the "
        "variance v and L² of a weight [times moments of Beta(k + 1, D - k)]"
    ),
    WalkQuantile: (
        "WalkQuantile(m, n, kappa, k, D, x, mu_1, ...): the least (e^x E tr(RR')^q)^(1/(2q)) over q, R being k of D "
        "weights at random, from exact moments E w^(2j) = mu_j and counts of closed walks"
    ),
    OrderedWalkQuantile: (
        "OrderedWalkQuantile(m, n, kappa, k, D, x, mu_1, ...): the least (e^x E B^(2q) tr(RR')^q)^(1/(2q)) over q, R "
        "being k of D weights at random, B from Beta(k + 1, D - k), from exact moments E w^(2j) = mu_j and counts of "
        "closed walks"
    ),
    SeriesQuantile: (
        "SeriesQuantile(m, n, kappa, p, x, law): the least t(s) over s with 2 cosh(s t) - 2 = e^x (m (G^(n kappa) - 1) "
        "+ n (G^(m kappa) - 1)), G = 1 - p + p E exp(s w), w uniform on [-1, 1] (law 0), normal (1) or a sign (2)"
    ),
}


def definitions(derivation: GapDerivation) -> dict[tuple[Symbol, ...], Expr]:
    """What the symbols of T1 stand for, in an order for reading; symbols with equal bounds share an entry."""
    groups: dict[Expr, list[Symbol]] = {}
    for symbol, value in _in_symbols(derivation).items():
        groups.setdefault(value, []).append(symbol)
    found = {tuple(symbols): value for value, symbols in groups.items()}
    return {**found, **{(symbol,): value for symbol, value in reversed(list(derivation.inner.items()))}}


def _in_symbols(derivation: GapDerivation) -> dict[Symbol, Expr]:
    """The symbols of T1, with b_i = a_i + rho_i left in symbols."""
    found = dict(derivation.symbols)
    for i, layer in enumerate(derivation.layers, start=1):
        if layer.kept is not None and layer.kept.chosen == TRIANGLE:
            a, b, rho = (derivation.symbol(name, i) for name in ("a", "b", "rho"))
            found[b] = a + rho
    return found


def derived(theorem: Theorem) -> GapDerivation | None:
    """How the bound in a theorem is derived, where boundcheck derives one."""
    bound = _bound(theorem)
    return None if bound is None else bound.derivation


def _bound(theorem: Theorem) -> GapBound | None:
    """The bound that boundcheck derived, where the theorem has one."""
    parts = theorem.reading.expressions()
    parts += tuple(limit.expression for e in parts for limit in e.atoms(UpperLimit))
    bounds = sorted({b for e in parts for b in e.atoms(GapBound)}, key=str)
    return bounds[0] if bounds else None


def _table(theorem: Theorem) -> dict[tuple[Symbol, ...], Expr]:
    """The derived bound and the symbols that it uses, with what they stand for."""
    derivation = derived(theorem)
    return {} if derivation is None else {(_epsilon(theorem),): derivation.recursion, **definitions(derivation)}


# Theorems -------------------------------------------------------------------------------------------
def kind_of(theorem: Theorem) -> str:
    """What kind of claim a theorem makes, in a word."""
    claim = theorem.reading
    if isinstance(claim, Tail):
        return "gap" if claim.gap is not None else "certain" if claim.claimed == 0 else "tail"
    return {Moment: "expectation", Scaling: "scaling", Analytic: "numbers"}[type(claim)]


def _quantile(theorem: Theorem) -> list[str]:
    form = theorem.quantile_form
    return [] if form is None else [text(form.claim)]


def random_words(theorem: Theorem) -> list[str]:
    """What is random, in words."""
    claim = theorem.reading
    if claim.gap is not None:
        pruned = claim.gap.pruned
        inputs = [f"inputs: the gap is taken {where}"] if (where := claim.gap.at_inputs) else []
        return [f"target = {pruned.target}", f"pruned = prune(target, {pruned.words})", *inputs]
    words = text(random_objects(claim))
    return [words] if words else []


def derivation_lines(derivation: GapDerivation) -> list[str]:
    """The derived formula with its symbols; where several candidates are valid, each with the name of its theorem."""
    what = "T1" if derivation.inputs is None else "T1, of vectors that are independent of the layers that they meet"
    lines = [f"epsilon = {derivation.recursion}   [{what}]"]
    if derivation.inputs is not None:
        lines.append(
            f"the gap is that at {derivation.inputs} fixed inputs, independent of the weights, not on the whole ball; "
            "a_i, b_i, rho_i: how much longer layer i makes h_(i-1), kept weights the error e_(i-1), and removed ones "
            "h_(i-1)"
        )
    choices: dict[Expr, Choice] = {}
    for layer in derivation.layers:
        for found in layer.choices.values():
            choices.setdefault(found.value, found)
    for symbols, value in definitions(derivation).items():
        names, choice = " = ".join(str(s) for s in symbols), choices.get(value)
        if choice is None:
            lines.append(f"{names} = {value}")
        elif choice.chosen == "min":
            lines.append(f"{names} = the smallest of")
            lines += [f"    {candidate}   [{key}]" for key, candidate in choice.candidates.items()]
        else:
            lines.append(f"{names} = {value}   [{choice.chosen}]")
    shares = {entry.share for entry in derivation.ledger.entries}
    share = f"probability {shares.pop()} each" if len(shares) == 1 else "shares that add up to delta"
    lines.append(f"{len(derivation.ledger.entries)} events may fail, with {share}:")
    lines += [f"    {entry.event}" for entry in derivation.ledger.entries]
    functions = {type(f) for f in derivation.expression.atoms(Function)}
    lines += [meaning for function, meaning in MEANINGS.items() if function in functions]
    used = " ".join(key for choice in choices.values() for key in choice.candidates)
    return lines + [f"{key}: {words}" for key, words in cited(used).items()]


def cited(used: str) -> dict[str, str]:
    """Name and source of the inequalities whose keys are in a text."""
    named: tuple[NormInequality | SubsetInequality, ...] = (*SERIES, *DENSE, *SUBSETS)
    known = {i.key: f"{i.name}; {i.source}" for i in named} | {
        module.key: f"{module.name}; {module.source}" for module in (restricted, fixed_input)
    }
    return {key: words for key, words in known.items() if key in used}


def _symbols(theorem: Theorem) -> list[SymbolRow]:
    """What the symbols of the derived bound mean."""
    derivation = derived(theorem)
    if derivation is None:
        return []
    return symbol_rows(derivation, definitions(derivation), _epsilon(theorem), theorem.parameters, MEANINGS)


def as_latex(theorem: Theorem) -> str:
    """The theorem as LaTeX, with the derived formula's symbols below it and a table of what they mean."""
    return theorem_latex(theorem, _table(theorem), _symbols(theorem)) + "\n"


def as_mathml(theorem: Theorem) -> str:
    """The theorem as presentation MathML, with the derived formula's symbols below it and what they mean."""
    return theorem_mathml(theorem, _table(theorem), _symbols(theorem)) + "\n"


def as_python(theorem: Theorem) -> str:
    """A Python module that evaluates the formula: a gap's threshold, the claimed probability, or a side of the claim.

    The module needs the standard library alone. Its function takes the theorem's parameters, and constants that the
    theorem leaves open.

    Raises
    ------
    UnsupportedClaim
        When the formula holds an expectation, or a function without a standalone form.
    """
    claim = theorem.reading
    if isinstance(claim, Tail):
        formula = claim.threshold() if claim.gap is not None else claim.claimed
        what = "Threshold of the gap" if claim.gap is not None else "Claimed probability"
    else:
        larger, smaller = theorem.claim.gts, theorem.claim.lts
        formula, what = (smaller, "Smaller side") if larger.atoms(*_RANDOM) else (larger, "Larger side")
    if formula.atoms(*_RANDOM):
        raise UnsupportedClaim(f"{formula} holds an expectation, which is no function of the parameters alone")
    bounds = formula.atoms(GapBound)
    table = _table(theorem)
    if len(bounds) > 1:
        formula, table = expand_bounds(formula), {}
    formula = formula.xreplace({bound: _epsilon(theorem) for bound in bounds})
    constants = sorted(formula.atoms(UniversalConstant), key=lambda c: c.name)
    relations = [condition for condition in theorem.conditions if not condition.atoms(*_RANDOM)]
    return to_python(
        theorem.name, formula, (*theorem.parameters, *constants), _docstring(theorem, what), table, relations
    )


_RANDOM = (*RANDOM, Expectation, Probability)
"""What is no number at a point."""


def _docstring(theorem: Theorem, what: str) -> str:
    """What is bounded, for which arguments, and where it comes from."""
    lines = [f"{what} in: {text(theorem.claim)}"]
    lines += [f"Arguments: {', '.join(f'{p.name} in {p.domain}' for p in theorem.parameters)}"] * bool(
        theorem.parameters
    )
    lines += [f"Hypotheses: {'; '.join(map(str, theorem.hypotheses))}"] * bool(theorem.hypotheses)
    lines += [f"Random: {'; '.join(random_words(theorem))}"] * bool(random_words(theorem))
    derivation = derived(theorem)
    if derivation is not None:
        lines += [f"Failure probability: {derivation.ledger.delta}", "", "Symbols:"]
        lines += [f"    {line}" for line in rows_in_words(_symbols(theorem))]
        lines += ["", "Derived by boundcheck:", *(f"    {line}" for line in derivation_lines(derivation)), ""]
    return "\n".join([*lines, f"Source: {theorem.source}."])


def as_record(theorem: Theorem) -> dict[str, Any]:
    """The theorem as plain data."""
    derivation = derived(theorem)
    return {
        "theorem": theorem.name,
        "file": theorem.file,
        "title": theorem.title,
        "source": theorem.source,
        "kind": kind_of(theorem),
        "fidelity": theorem.fidelity,
        "hypotheses": [str(h) for h in theorem.hypotheses],
        "inverse": _quantile(theorem),
        "claim": text(theorem.claim),
        "latex": as_latex(theorem).strip(),
        "random": random_words(theorem),
        "bound": [] if derivation is None else derivation_lines(derivation),
        "parameters": {p.name: str(p.domain) for p in theorem.parameters},
        "saved": _saved(_bound(theorem)),
        "version": package_version(),
    }


def _saved(bound: GapBound | None) -> dict[str, Any] | None:
    """A derived bound for :func:`boundcheck.load_bound`; None where there is none, or it cannot be saved."""
    try:
        return None if bound is None else bound_record(bound)
    except UnsupportedClaim:
        return None


def shown(theorem: Theorem, form: str) -> str:
    """The theorem in one of `boundcheck.check.options.FORMATS`.

    Raises
    ------
    UnsupportedClaim
        When that is Python and the formula is no function of the parameters alone.
    """
    if form in RECORDED:
        return RECORDED[form](as_record(theorem))
    return {"mathml": as_mathml, "python": as_python}[form](theorem)


# Bounds ---------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class BoundReport:
    """A pruned network, and its derived bound as plain data: epsilon, and what every layer contributes."""

    pruned: Pruned
    record: dict[str, Any]
    bound: GapBound


def bound_report(
    pruned: Pruned, *, delta: Any, radius: Any = 1, inputs: Any = None, split: str = "equal"
) -> BoundReport:
    """Derive and evaluate the gap bound of a pruned network without free parameters, at fixed inputs or on a ball.

    Parameters
    ----------
    split
        How delta is split over events: "equal", or "best". What the best split gives is reported either way, where
        events are few.

    Raises
    ------
    InvalidArgument, UnsupportedClaim
        As :func:`boundcheck.gap_bound`.
    """
    if split not in SPLITS:
        raise InvalidArgument("split", split, "is not known", f"pass {' or '.join(SPLITS)}")
    equal = gap_bound(pruned.target, pruned, delta=delta, radius=radius, inputs=inputs)
    if equal.free_symbols:
        raise InvalidArgument("pruned", str(pruned), f"leaves {equal.free_symbols} free", "give every width a number")
    best: GapBound | None = None
    if split == "best" or len(equal.derivation.ledger.entries) <= MOST_EVENTS:
        best = gap_bound(pruned.target, pruned, delta=delta, radius=radius, inputs=inputs, split="best")
    bound = best if best is not None and split == "best" else equal
    derivation = bound.derivation
    record = numbers_of(bound) | {
        "split": "equal" if bound.split is None else "best",
        "equal_shares": enclose(equal.expression).high,
        "best_split": None if best is None else enclose(best.expression).high,
        "formula": {
            "latex": to_latex(None, {(Symbol("epsilon"),): derivation.recursion, **definitions(derivation)}),
            "text": "\n".join(derivation_lines(derivation)),
        },
        "saved": _saved(bound),
        "version": package_version(),
    }
    return BoundReport(pruned, record, bound)


def numbers_of(bound: GapBound) -> dict[str, Any]:
    """A bound without free parameters as numbers: epsilon, what every layer contributes, and the target's own bound."""
    pruned, derivation = bound.pruned, bound.derivation
    enclosure = enclose(bound.expression)
    layers = [_layer_record(derivation, i) for i in range(pruned.target.depth)]
    target = float(derivation.radius)
    for layer, own in zip(pruned.target.layers, layers, strict=True):
        target = float(layer.lipschitz) * ((own["norm"] or 0.0) * target + (own["bias"] or 0.0))
    return {
        "epsilon": enclosure.high,
        "epsilon_enclosure": [repr(enclosure.low), repr(enclosure.high)],
        "delta": float(bound.delta),
        "delta_exact": str(bound.delta),
        "radius": float(bound.radius),
        "inputs": None if bound.inputs is None else int(bound.inputs),
        "network": str(pruned),
        "layers": layers,
        "target": target,
        "vacuous": enclosure.low >= 2 * target > 0,
        "events": {entry.event: str(entry.share) for entry in derivation.ledger.entries},
    }


def _share(derivation: GapDerivation, i: int) -> float:
    """The part of the bound that pruning this layer alone contributes; the terms of T1 add up."""
    rho = derivation.symbol("rho", i + 1)
    others = {s: S.Zero for s in derivation.recursion.free_symbols if s.name.startswith("rho_") and s != rho}
    whole, part = (
        evaluate(formula.xreplace(derivation.symbols))
        for formula in (derivation.recursion, derivation.recursion.xreplace(others))
    )
    return part / whole if whole > 0 else 0.0


def _layer_record(derivation: GapDerivation, i: int) -> dict[str, Any]:
    bound = derivation.layers[i]
    layer = bound.layer
    # Norms that T1 does not use are shown at the same share, and said to be unused.
    unused = whole_norm(layer.linear, derivation.ledger.entries[0].share) if derivation.ledger.entries else None
    added = None
    if layer.bias is not None and derivation.ledger.entries:
        added = bound.bias or bias_norm(layer, derivation.ledger.entries[0].share)
    choices = {"norm": bound.norm or unused, "kept": bound.kept or unused, "residual": bound.residual}
    return {
        "shape": [int(layer.outputs), int(layer.inputs), *(layer.window.kernel if layer.window != SINGLE else ())],
        "window": str(layer.window),
        "grid": list(layer.window.grid),
        "frequencies": int(layer.frequencies),
        "weights": str(layer.weights),
        "after": [str(step) for step in layer.after],
        "size": int(layer.size),
        "pruned": int(bound.removed),
        "share": _share(derivation, i),
        "biases": None if layer.bias is None else str(layer.bias),
        "bias": None if added is None else evaluate(added.value),
        **{name: None if choice is None else evaluate(choice.value) for name, choice in choices.items()},
        "used": {"norm": bound.norm is not None, "kept": bound.kept is not None, "bias": bound.bias is not None},
        "tau": None if bound.threshold is None else evaluate(bound.threshold),
        "chosen": {name: None if choice is None else choice.chosen for name, choice in choices.items()},
        "candidates": {
            name: {} if choice is None else {key: evaluate(value) for key, value in choice.candidates.items()}
            for name, choice in choices.items()
        },
    }
