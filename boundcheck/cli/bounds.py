"""`boundcheck bound` and `boundcheck solve`, which take a SPEC."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from boundcheck.check.options import FORMATS, SPLITS, UNKNOWNS
from boundcheck.cli.common import require_form

if TYPE_CHECKING:
    from boundcheck.statement.spec import Words


def spec(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options that make a SPEC, as one argument `words`."""

    @wraps(command)
    def with_words(
        fcn: str | None,
        cnn: str | None,
        weights: str | None,
        activation: str | None,
        biases: str | None,
        rule: str | None,
        **others: Any,
    ) -> int:
        from boundcheck.statement.spec import Words

        return command(Words(fcn, cnn, weights, activation, rule, biases), **others)

    options = (
        click.option("--fcn", metavar="WIDTHS", help="Widths of the layers, input first: 784,1024,10."),
        click.option("--cnn", metavar="FILE.toml", help="A convolutional network in a TOML file (see the README)."),
        click.option(
            "--weights",
            help="LAW:K, scaled by 1/sqrt(taps*max(fan in, fan out)).  [default: uniform:1, or as the file says]",
        ),
        click.option(
            "--activation",
            help="relu, leaky_relu[:SLOPE], tanh or identity.  [default: relu, or as the file says]",
        ),
        click.option(
            "--biases",
            help="LAW:K of biases, which are not scaled, or none.  [default: none, or as the file says]",
        ),
        click.option(
            "--prune",
            "rule",
            metavar="RULE:AMOUNT",
            help="magnitude, random, filter or random_filter with alpha=0.5, fraction=0.1 or count=1000; "
            "bernoulli:fraction=0.1.",
        ),
        click.option("--radius", default="1", show_default=True, help="Radius of the input ball."),
        click.option("--delta", default="0.01", show_default=True, help="Failure probability."),
        click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout and nothing else."),
    )
    for option in reversed(options):
        with_words = option(with_words)
    return with_words


@click.command()
@spec
@click.option("--inputs", metavar="N", help="Bound the gap at N fixed inputs only, not on the whole ball.")
@click.option("--candidates", is_flag=True, help="Also show what every applicable inequality gives.")
@click.option(
    "--split",
    type=click.Choice(SPLITS),
    default=SPLITS[0],
    show_default=True,
    help="Shares of delta: equal ones, or those with the smallest bound.",
)
@click.option("--explain", is_flag=True, help="Say which term dominates, and what would change the bound.")
@click.option("--proof", is_flag=True, help="Show how the bound is derived, as numbered steps.")
@click.option(
    "--format",
    "form",
    type=click.Choice((*FORMATS, "html")),
    default="text",
    show_default=True,
    help="python: one plain module. html: with --proof.",
)
def bound(
    words: Words,
    radius: str,
    delta: str,
    as_json: bool,
    inputs: str | None,
    candidates: bool,
    split: str,
    proof: bool,
    explain: bool,
    form: str,
) -> int:
    """Derive and evaluate a bound that the gap exceeds with probability at most delta.

    The network is --fcn WIDTHS or --cnn FILE.toml. With --inputs N the gap is the largest at any N inputs of the ball
    that are fixed before the weights are drawn, as those of a test set are: a smaller bound of less.
    """
    from boundcheck.check.describe import bound_report
    from boundcheck.check.forms import FORMS
    from boundcheck.report.record import plain

    form = require_form("json" if as_json else form, proof, "a bound")
    report = bound_report(words.pruned(), delta=delta, radius=radius, inputs=inputs, split=split)
    explanation = None
    if explain:
        from boundcheck.check.explain import explained

        explanation = explained(report.bound)
        report.record["explain"] = explanation
    if proof:
        from boundcheck.check.proof import proof_record
        from boundcheck.report.proof import PROOFS

        click.echo(PROOFS[form](proof_record(report.bound.derivation)), nl=False)
    elif form in FORMS:
        click.echo(FORMS[form](report.bound), nl=False)
    elif form == "json":
        click.echo(json.dumps(plain(report.record), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        from rich.console import Console

        from boundcheck.report.bound import render_bound

        console = Console()
        render_bound(report.record, str(report.pruned), console, candidates=candidates)
        if explanation is not None:
            from boundcheck.report.explain import render_explanation

            console.print()
            render_explanation(explanation, console)
    return 0


@click.command()
@spec
@click.option("--for", "unknown", type=click.Choice(UNKNOWNS), required=True, help="What to solve for.")
@click.option("--epsilon", default="0.1", show_default=True, help="The gap that is allowed.")
def solve(words: Words, radius: str, delta: str, as_json: bool, unknown: str, epsilon: str) -> int:
    """Solve the bound that `boundcheck bound` derives for one of its arguments, so that gap ≤ epsilon.

    width: the smallest d, where the SPEC says d in place of a width (--fcn 784,d,d,10, or outputs = "2*d" in the file).
    prune: the largest amount that --prune magnitude (or :fraction, :count, :alpha) may remove. delta: the smallest
    failure probability. epsilon: the bound itself.

    Exit status: 0 solved, 1 there is no solution in the range that is searched, 2 bad input.
    """
    from boundcheck.check.invert import solve_report
    from boundcheck.report.record import plain

    record = solve_report(words, unknown, epsilon=epsilon, delta=delta, radius=radius)
    if as_json:
        click.echo(json.dumps(plain(record), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        from rich.console import Console

        from boundcheck.report.solution import render_solution

        render_solution(record, Console())
    return 0 if record["value"] is not None else 1
