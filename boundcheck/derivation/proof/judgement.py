"""What a step of a derivation says: a random quantity is at most a formula, except with some probability."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar

from sympy import Basic, Expr, S, Symbol, simplify

from boundcheck.errors import InvalidDerivation
from boundcheck.formula.prover.prove import prove
from boundcheck.formula.prover.results import Proved
from boundcheck.inequalities.bounds.random_matrix import Entries
from boundcheck.statement.laws import Law
from boundcheck.statement.layer import Layer
from boundcheck.statement.pruning import Pruned


class Part(Enum):
    """A random quantity of a layer with weights W, of which pruning removes R; the value is its sign.

    Those about h and e are about fixed vectors, on which neither W nor R depends.
    """

    WHOLE = "‖W‖"
    KEPT = "‖W - R‖"
    REMOVED = "‖R‖"
    COUNTS = "removed weights of a channel"
    THRESHOLD = "threshold"
    HIDDEN = "‖sigma(W h)‖ / ‖h‖"
    PASSED = "‖change of sigma((W - R) h) from h to h + e‖ / ‖e‖"
    MADE = "‖change of sigma(W h) when R is removed‖ / ‖h‖"
    BIAS = "‖bias‖"
    STRETCH = "largest ‖sigma(W x)‖ / ‖x‖"
    NONNEGATIVE = "largest ‖sigma(W x)‖ / ‖x‖ for x >= 0"


@dataclass(frozen=True)
class Subject:
    """What is bounded: a part of a layer whose weights have a law, of which a set is kept or removed.

    Attributes
    ----------
    law
        Of the weights that the bound is about: the layer's, or that of a removed weight divided by the threshold.
    entries
        How the set that is kept or removed comes about.
    count
        How many weights, or filters, are removed, where the bound is for that many; at how many cells biases are added.
    scaled
        Whether it is about weights divided by the threshold, given that and the set.
    """

    part: Part
    layer: Layer
    law: Law
    entries: Entries = Entries.FIXED
    count: Expr | None = None
    scaled: bool = False

    def __str__(self) -> str:
        return f"{self.part.value} / threshold" if self.scaled else self.part.value


@dataclass(frozen=True)
class Judgement:
    """The subject is at most the bound, except with probability at most `failure`, given what `given` names."""

    subject: Subject
    bound: Expr
    failure: Expr
    given: frozenset[Part] = frozenset()


@dataclass(frozen=True)
class Overall:
    """A gap, or all norms together, is at most the bound, except with probability at most `failure`."""

    bound: Basic
    failure: Expr


@dataclass(frozen=True)
class Assumed:
    """What a hypothesis says, in words; it fails with probability 0."""

    words: str
    failure: Expr = S.Zero


@dataclass(frozen=True)
class Reason:
    """A condition of a step, and how it is known."""

    condition: str
    how: str


@dataclass(frozen=True)
class Context:
    """What a derivation is about: the hypotheses that its leaves may use.

    Attributes
    ----------
    meaning
        Formulas that stand as symbols in the steps.
    inputs
        Number of fixed inputs at which the gap is taken; None for a ball.
    """

    pruned: Pruned
    meaning: Mapping[Symbol, Expr] = field(default_factory=dict)
    inputs: Expr | None = None

    def written_out(self, expression: Expr) -> Expr:
        """An expression without symbols that stand for formulas."""
        return written_out(expression, self.meaning)


def written_out(expression: Expr, meaning: Mapping[Symbol, Expr]) -> Expr:
    """Replace symbols by the formulas that they stand for; later ones may hold earlier ones, so they go in first."""
    for symbol, value in reversed(list(meaning.items())):
        expression = expression.xreplace({symbol: value})
    return expression


class Step(ABC):
    """A step: a judgement, the steps that it rests on, and conditions that can be verified.

    The judgement follows from the step's data by the rule; `verify` says whether the rule may be used on them.
    """

    rule: ClassVar[str]
    source: str = ""

    @property
    @abstractmethod
    def judgement(self) -> Judgement | Overall | Assumed:
        """What the step concludes."""

    @property
    def cited(self) -> str:
        """Where the rule, or the inequality that it uses, comes from."""
        return self.source

    @property
    def premises(self) -> tuple[Step, ...]:
        """The steps that it rests on."""
        return ()

    @abstractmethod
    def verify(self, context: Context) -> tuple[Reason, ...]:
        """The conditions of the rule, each with how it is known.

        Raises
        ------
        InvalidDerivation
            When one does not hold, or cannot be shown.
        """


class NormStep(Step):
    """A step that bounds one quantity of one layer."""

    @property
    @abstractmethod
    def judgement(self) -> Judgement:
        """What the step concludes."""


def demand(condition: bool, problem: str) -> None:
    """Refuse a step unless the condition holds."""
    if not condition:
        raise InvalidDerivation(problem)


def proved(context: Context, smaller: Expr, larger: Expr, what: str) -> Reason:
    """The reason ``smaller <= larger`` on the whole domain of the parameters.

    Raises
    ------
    InvalidDerivation
        When the prover does not prove it.
    """
    left, right = context.written_out(smaller), context.written_out(larger)
    if left == right or simplify(left - right) == 0:
        return Reason(what, "the two are equal")
    relation = left <= right
    if relation == S.true:
        return Reason(what, "SymPy decides it")
    demand(relation != S.false, f"{what} is false: {left} > {right}")
    result = prove(relation)
    demand(isinstance(result, Proved), f"{what} was not proved: {left} <= {right}")
    return Reason(what, "the prover proves it on the whole domain")
