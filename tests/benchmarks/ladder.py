"""How loose bounds are, on fixed architectures: bound, T1 at realised norms, and the largest gap that is found.

    python tests/benchmarks/ladder.py [--quick] [--trials 300] [--only NAME] [--json FILE] [--markdown FILE]

All hold for inputs with norm at most 1 and delta = 0.01. Of each network, `trials` are drawn and pruned:

- bound: what `boundcheck bound` derives before any weight is drawn;
- T1: the layer recursion at the norms of a trial, rounded upward, a certificate of its gap; printed is the (1 - delta)
  quantile over the trials, with limits that hold whatever the law of T1: each end is wrong with probability at most
  0.05 over the trials, by order statistics and binomial tails. 300 trials suffice for an upper end, fewer have none;
- attack: the largest gap that 64 sampled inputs, and a search from the best of them, find. The search is in the trials
  with the largest sampled gaps, as many as stand beside the network below. Printed are the (1 - delta) quantile over
  all trials and the maximum; both are at most those of the gap.

bound / T1 is what concentration loses, T1 / attack (quantiles) what the recursion and the search lose. The table takes
about ten minutes on two cores, --quick less than one.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.stats import binom

from boundcheck import gap_bound
from boundcheck.check.gaps import certified_gap
from boundcheck.experiment.arrays import NetworkPlan
from boundcheck.experiment.device import load_kernels
from boundcheck.experiment.measure import measure_network, norm_slack, starting_inputs
from boundcheck.experiment.plan import draw_key, network_plan
from boundcheck.formula.rigorous import enclose
from boundcheck.statement.discovery import shipped
from boundcheck.statement.spec import Words

DELTA = 0.01
BETA = 0.05
"""Failure probability of each end of an interval for a quantile."""
_CHUNK = 8


class Architecture(NamedTuple):
    """A network in the words of the command line, and for how many trials worst inputs are searched."""

    words: Words
    attacks: int


def fcn(widths: str, rule: str, *, weights: str | None = None, activation: str | None = None) -> Words:
    """A fully-connected network."""
    return Words(widths, None, weights, activation, rule)


def cnn(file: str, rule: str) -> Words:
    """A convolutional network that ships."""
    return Words(None, str(shipped() / "networks" / file), None, None, rule)


ARCHITECTURES = {
    "fcn": Architecture(fcn("64,256,256,32", "magnitude:alpha=0.5"), 60),
    "fcn, random": Architecture(fcn("64,256,256,32", "random:alpha=0.5"), 60),
    "fcn, alpha 0.3": Architecture(fcn("64,256,256,32", "magnitude:alpha=0.3"), 60),
    "fcn, alpha 0.7": Architecture(fcn("64,256,256,32", "magnitude:alpha=0.7"), 60),
    "fcn, deep": Architecture(fcn("32,64,64,64,64,64,64,64,16", "magnitude:alpha=0.5"), 60),
    "fcn, tanh": Architecture(fcn("64,128,128,32", "magnitude:alpha=0.5", activation="tanh"), 60),
    "fcn, normal": Architecture(fcn("64,256,256,32", "magnitude:alpha=0.5", weights="normal:1"), 60),
    "LeNet-5": Architecture(cnn("lenet5.toml", "magnitude:alpha=0.5"), 24),
    "VGG, small": Architecture(cnn("vgg_small.toml", "magnitude:alpha=0.5"), 6),
}
QUICK = {name: a._replace(attacks=4) for name, a in ARCHITECTURES.items() if name != "VGG, small"}


@dataclass(frozen=True)
class Rung:
    """A row of the table; see above."""

    name: str
    network: str
    trials: int
    attacks: int
    bound: float
    t1: float
    t1_low: float
    t1_high: float | None
    """None where there are too few trials for an upper end."""
    attack: float
    attack_most: float

    @property
    def concentration(self) -> float:
        """Bound over T1 at realised norms."""
        return self.bound / self.t1

    @property
    def recursion(self) -> float:
        """T1 at realised norms over the best attack, both as quantiles."""
        return self.t1 / self.attack


def quantile_interval(values: Sequence[float], p: float, beta: float) -> tuple[float, float, float]:
    """The empirical p-quantile of independent draws, with ends between which that of their law is.

    With X_(1) ≤ … ≤ X_(n), P(X_(r) > q_p) ≤ P(fewer than r of the draws are ≤ q_p) ≤ P(Bin(n, p) ≤ r - 1), and
    P(X_(s) < q_p) ≤ P(Bin(n, p) ≥ s), for any law (David and Nagaraja, Order Statistics, 3rd ed., 2003, Section 7.1).

    Returns
    -------
    The quantile, the lower end and the upper end, each end wrong with probability at most beta; an end is infinite
    where there are too few draws.
    """
    ordered, n = np.sort(np.asarray(values, dtype=float)), len(values)
    ranks = np.arange(1, n + 1)
    below = ranks[binom.cdf(ranks - 1, n, p) <= beta]
    above = ranks[binom.sf(ranks - 1, n, p) <= beta]
    low = float(ordered[below[-1] - 1]) if len(below) else -math.inf
    high = float(ordered[above[0] - 1]) if len(above) else math.inf
    return float(ordered[math.ceil(p * n) - 1]), low, high


def searched(plan: NetworkPlan, trials: Sequence[int]) -> np.ndarray:
    """The largest gaps that a search finds in some trials, up to rounding."""
    found = []
    for first in range(0, len(trials), _CHUNK):
        some = [int(i) for i in trials[first : first + _CHUNK]]
        drawn = load_kernels("cpu", "network").network_draws(
            plan.key, some, plan.steps, plan.laws, plan.law_parameters, plan.rules, plan.removed,
            precision=plan.precision,
        )  # fmt: skip
        worst = load_kernels("cpu", "ascent").worst_inputs(
            drawn.weights, drawn.removed, plan.steps, plan.slopes, starting_inputs(plan, "cpu"), plan.radius
        )
        found.append(worst.gap)
    return np.concatenate(found)


def rung(name: str, words: Words, *, trials: int, attacks: int, seed: int = 0) -> Rung:
    """One row: the bound of a network, and what trials of it show."""
    pruned = words.pruned()
    bound = gap_bound(pruned.target, pruned, delta=str(DELTA))
    plan = network_plan(pruned, 1.0, key=draw_key(seed, "ladder", name))
    seen = measure_network(plan, trials)
    certificates = certified_gap(seen.norm_high + norm_slack(plan, seen), plan.lipschitz, 1.0)
    gaps, largest = seen.gap.copy(), np.argsort(seen.gap)[::-1][:attacks]
    if len(largest):
        gaps[largest] = np.fmax(gaps[largest], searched(plan, largest.tolist()))
    t1, low, high = quantile_interval(certificates.tolist(), 1 - DELTA, BETA)
    return Rung(
        name=name,
        network=str(pruned),
        trials=trials,
        attacks=len(largest),
        bound=enclose(bound.expression).high,
        t1=t1,
        t1_low=low,
        t1_high=high if math.isfinite(high) else None,
        attack=quantile_interval(gaps.tolist(), 1 - DELTA, BETA)[0],
        attack_most=float(gaps.max()),
    )


HEADINGS = ("network", "bound", "T1 at norms", "its quantile is in", "attack", "most", "bound / T1", "T1 / attack")


def cells(row: Rung) -> list[str]:
    """A row as text."""
    ends = f"[{row.t1_low:.3g}, {'∞' if row.t1_high is None else f'{row.t1_high:.3g}'}]"
    values = [f"{value:.3g}" for value in (row.bound, row.t1)]
    attacks = [f"{value:.3g}" for value in (row.attack, row.attack_most)]
    return [row.name, *values, ends, *attacks, f"{row.concentration:.2f}", f"{row.recursion:.1f}"]


def markdown(rows: Sequence[Rung]) -> str:
    """The table in Markdown."""
    lines = [HEADINGS, ["---", *["---:"] * (len(HEADINGS) - 1)], *map(cells, rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def record(rows: Sequence[Rung]) -> str:
    """The table as JSON."""
    found = [asdict(row) | {"bound_over_t1": row.concentration, "t1_over_attack": row.recursion} for row in rows]
    return json.dumps({"delta": DELTA, "radius": 1, "beta": BETA, "rows": found}, indent=2, ensure_ascii=False) + "\n"


def table(rows: Sequence[Rung]) -> str:
    """The table for a terminal."""
    lines = [list(HEADINGS), *map(cells, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    aligned = ([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])] for line in lines)
    return "\n".join("  ".join(line) for line in aligned)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer trials and searches, without VGG")
    parser.add_argument("--trials", type=int, help="trials of each network (300; 40 with --quick)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=ARCHITECTURES, action="append", help="one of the networks; may be repeated")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--markdown", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    chosen = QUICK if options.quick else ARCHITECTURES
    trials = options.trials or (40 if options.quick else 300)
    rows = []
    for name, (words, attacks) in chosen.items():
        if options.only is None or name in options.only:
            print(f"{name} …", file=sys.stderr, flush=True)
            rows.append(rung(name, words, trials=trials, attacks=min(attacks, trials), seed=options.seed))
    print(table(rows))
    if options.json:
        options.json.write_text(record(rows), encoding="utf-8")
    if options.markdown:
        options.markdown.write_text(markdown(rows), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
