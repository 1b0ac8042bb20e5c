"""Checking a derivation: every step, premises before what rests on them."""

from __future__ import annotations

from dataclasses import dataclass

from boundcheck.derivation.proof.gap import Union
from boundcheck.derivation.proof.judgement import Context, Reason, Step
from boundcheck.errors import InvalidDerivation


@dataclass(frozen=True)
class Checked:
    """A step that was checked.

    Attributes
    ----------
    number
        Of the step, from 1.
    uses
        Numbers of its premises.
    layers
        Layers that it is about, from 1; several where they are alike.
    """

    number: int
    step: Step
    uses: tuple[int, ...]
    reasons: tuple[Reason, ...]
    layers: tuple[int, ...]


def checked(conclusion: Step, context: Context) -> tuple[Checked, ...]:
    """Check a derivation and number its steps, each after those that it uses; equal steps count once.

    Raises
    ------
    InvalidDerivation
        When a step does not follow; the message names it by its number and rule.
    """
    order = _ordered(conclusion)
    numbers = {step: i for i, step in enumerate(order, start=1)}
    layers = _layers(order)
    found = []
    for step, number in numbers.items():
        try:
            reasons = step.verify(context)
        except InvalidDerivation as error:
            raise InvalidDerivation(f"step {number} ({step.rule}) does not follow: {error}") from None
        uses = tuple(dict.fromkeys(numbers[premise] for premise in step.premises))
        found.append(Checked(number, step, uses, reasons, tuple(sorted(layers.get(step, ())))))
    return tuple(found)


def _ordered(conclusion: Step) -> list[Step]:
    """The steps below one, premises first."""
    found: dict[Step, None] = {}
    stack = [(conclusion, False)]
    while stack:
        step, ready = stack.pop()
        if step in found:
            continue
        if ready:
            found[step] = None
        else:
            stack.append((step, True))
            stack += [(premise, False) for premise in reversed(step.premises)]
    return list(found)


def _layers(order: list[Step]) -> dict[Step, set[int]]:
    found: dict[Step, set[int]] = {}
    for step in reversed(order):
        if isinstance(step, Union):
            for bound in (*step.events, *step.implied):
                found.setdefault(bound.step, set()).add(bound.layer + 1)
        for premise in step.premises if step in found else ():
            found.setdefault(premise, set()).update(found[step])
    return found
