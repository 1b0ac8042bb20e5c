"""Hypotheses of theorems about the gap of a network, dropped one at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from boundcheck.check.cases import NetworkCase
from boundcheck.errors import UnsupportedClaim
from boundcheck.experiment.alternatives import (
    SHIFT,
    SLOPE,
    STEEP,
    World,
    altered_trials,
    balance,
    dependent,
    moduli,
    skewed,
    spiked,
    spiked_with_variance,
)
from boundcheck.experiment.plan import draw_key
from boundcheck.formula.rounding import gap_allowance
from boundcheck.statement.layer import Activation
from boundcheck.statement.pruning import Pruned
from boundcheck.verdict.ablation import CONTROL, Ablation, Counted, Finding, ablation_of_counts, not_tried

TRIALS = 100
"""At each point, unless the user says otherwise: enough where more than about a quarter of the trials violate a claim
of 1/20."""
_MOST_WORK = 5_000_000_000
_FEWEST = 20

Hypothesis = tuple[str, World | str]
"""What is dropped, and the world without it, or why there is none."""


def hypotheses(pruned: Pruned) -> list[Hypothesis]:
    """The hypotheses of a theorem about the gap of this network, each with a world that breaks it and keeps the others.

    "Symmetry beyond mean 0" keeps that part of what "symmetric weights" drops, "tails beyond variance" that of bounds.
    """
    return [*_of_weights(pruned), *_of_activations(pruned), *_of_masks(pruned)]


def _of_weights(pruned: Pruned) -> Iterator[Hypothesis]:
    laws = [layer.weights for layer in pruned.target.layers]
    opposite = ", its opposite in every second channel" if any(law.symmetric for law in laws) else ""
    yield "independent weights", World(f"one draw a layer{opposite}", dependent)
    if any(law.symmetric for law in laws):
        yield "symmetric weights", World("|w| for each weight w", moduli)
        words = "sign + for |w| above a level, - below, so that the mean is 0"
        atoms = "the law of |w| has atoms, which leave no such law with that of |w|"
        mean_zero = any(balance(law) is not None for law in laws)
        yield "symmetry beyond mean 0", World(words, skewed) if mean_zero else atoms
    for name, bounded in (("bounded weights", True), ("light tails", False)):
        if any((law.supremum is not None) is bounded for law in laws):
            yield name, World("each weight times 1000 with probability 1/10", partial(spiked, bounded=bounded))
    yield "tails beyond variance", World("rare large weights, of the same variance", spiked_with_variance)


def _of_activations(pruned: Pruned) -> Iterator[Hypothesis]:
    if any(isinstance(step, Activation) for layer in pruned.target.layers for step in layer.after):
        yield "Lipschitz activation", World(f"leaky ReLU of slope {SLOPE} below 0", activation=STEEP)
        yield "activation fixes 0", World(f"{SHIFT} times the input radius is added", shift=SHIFT)


def _of_masks(pruned: Pruned) -> Iterator[Hypothesis]:
    chosen = [
        rule
        for i, rule in enumerate(pruned.rules)
        if rule is not None and pruned.removed(i) not in (0, pruned.target.layers[i].size)
    ]
    for name, independent in (("mask independent of weights", True), ("smallest are removed", False)):
        rules = [rule for rule in chosen if rule.independent is independent]
        if rules:
            whole = all(rule.structured for rule in rules)
            words = "filters of largest sum" if whole else "the largest weights of few channels"
            yield name, World(f"{words} are removed", worst_masks=independent)


def limits_needed(cases: Sequence[NetworkCase]) -> int:
    """How many limits :func:`ablations_of_network` takes of these cases of a theorem, the control's among them."""
    worlds = [world for _, world in hypotheses(cases[0].pruned) if isinstance(world, World)]
    return len(cases) * (1 + len(worlds))


def ablations_of_network(
    cases: Sequence[NetworkCase], *, trials: int | None, seed: int, beta: float
) -> tuple[Ablation, list[Ablation]]:
    """The control, in which nothing is dropped, and what was seen without each hypothesis.

    Parameters
    ----------
    cases
        Of one theorem.
    trials
        At each point; None for as many as show violations that are frequent.
    seed
        Of the draws.
    beta
        Failure probability of each limit.
    """
    control = _ablation(CONTROL, World(), cases, trials, seed, beta)
    found = [
        not_tried(hypothesis, world)
        if isinstance(world, str)
        else _ablation(hypothesis, world, cases, trials, seed, beta)
        for hypothesis, world in hypotheses(cases[0].pruned)
    ]
    return control, found


def _ablation(
    hypothesis: str, world: World, cases: Sequence[NetworkCase], trials: int | None, seed: int, beta: float
) -> Ablation:
    counted: list[Counted] = []
    for case in cases:  # a violation at one point is enough
        try:
            counted.append(count(case, world, trials or affordable(case), seed))
        except UnsupportedClaim as error:
            return not_tried(hypothesis, str(error))
        found = ablation_of_counts(hypothesis, world.words, counted, beta)
        if found.status is Finding.NEEDED:
            break
    return found


def affordable(case: NetworkCase) -> int:
    """Fewer trials for large networks."""
    return max(_FEWEST, min(TRIALS, _MOST_WORK // (64 * case.pruned.target.products)))


def count(case: NetworkCase, world: World, trials: int, seed: int) -> Counted:
    """Sure violations of a theorem's bound in a world: the gap at tried inputs, less what rounding may have added."""
    threshold = case.threshold.high
    key = draw_key(seed, case.theorem.identity, f"{case.label}; without hypotheses")
    violations, largest, example = 0, -math.inf, None
    for seen in altered_trials(case.pruned, world, trials, radius=case.radius, key=key, fixed=case.inputs):
        # Of ‖W‖ no more than the Frobenius norm is known here; the allowance stays far below any gap that matters.
        norms = np.repeat(seen.absolute[:, :, np.newaxis], 2, axis=2)
        allowance = gap_allowance(
            seen.gap,
            norms,
            seen.absolute,
            radius=case.radius,
            offsets=seen.offsets,
            biases=seen.biases,
            **vars(seen.passes),
        )
        reached = seen.gap - allowance
        violated = reached > threshold
        if example is None and violated.any():
            i = int(np.argmax(violated))
            example = {
                "trial": seen.first + i,
                "gap": float(reached[i]),
                "bound": threshold,
            }
        violations += int(violated.sum())
        largest = max(largest, float(reached.max()))
    return Counted(
        parameters=case.parameters,
        law=case.law,
        claimed=case.claimed.high,
        trials=trials,
        violations=violations,
        largest=largest / threshold if threshold > 0 else math.inf,
        example=example,
    )
