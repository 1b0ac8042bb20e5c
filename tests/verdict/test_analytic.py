"""Verdicts on claims about numbers."""

from __future__ import annotations

import pytest

from boundcheck.errors import InvalidArgument
from boundcheck.verdict.analytic import decide_analytic
from boundcheck.verdict.decide import Verdict, exit_status
from boundcheck.verdict.point import Status

FOUND = {"parameters": {"x": "7/2"}, "left": [16.5, 16.6], "right": [15.1, 15.2]}


def decided(outcome, **more) -> Verdict:
    return decide_analytic(
        theorem="claim",
        file=None,
        outcome=outcome,
        summary="ball arithmetic on 37 boxes",
        domain="x in (-oo, oo)",
        level=0.99,
        seed=0,
        seconds=0.1,
        version="0",
        **more,
    )


def test_proved_on_the_domain():
    verdict = decided("proved", certificate={"rule": "split"})
    assert (verdict.status, verdict.points, verdict.counterexample) == (Status.PROVED, (), None)
    assert verdict.domain == "x in (-oo, oo)"
    assert verdict.certificate == {"rule": "split"}
    assert verdict.method == "ball arithmetic on 37 boxes"
    assert not verdict.vacuous
    assert exit_status([verdict]) == 0


def test_refuted_at_a_point():
    verdict = decided("refuted", counterexample=FOUND)
    assert verdict.status is Status.REFUTED
    assert verdict.counterexample == FOUND
    assert "x = 7/2" in verdict.note
    assert exit_status([verdict]) == 1
    assert exit_status([decided("refuted", counterexample=FOUND, refutation_expected=True)]) == 0


def test_undecided_names_the_first_boxes():
    verdict = decided("undecided", boxes=[f"x in [{i}, {i + 1}]" for i in range(1234)])
    assert verdict.status is Status.INCONCLUSIVE
    assert "1,234 boxes: x in [0, 1]; x in [1, 2]; x in [2, 3]; and 1,231 more" in verdict.note
    assert exit_status([verdict]) == 3
    assert "on 1 box: x = 0;" in decided("undecided", boxes=["x = 0"]).note
    assert "box" not in decided("undecided").note


@pytest.mark.parametrize(
    ("outcome", "more"),
    [("refuted", {}), ("proved", {"counterexample": FOUND}), ("undecided", {"counterexample": FOUND})],
)
def test_a_counterexample_goes_with_a_refutation_only(outcome, more):
    with pytest.raises(InvalidArgument, match="counterexample"):
        decided(outcome, **more)
