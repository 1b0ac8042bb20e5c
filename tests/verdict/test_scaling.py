"""Claims with an unspecified constant: growth speaks against them, no point refutes them."""

from __future__ import annotations

import math

import pytest

from boundcheck.errors import InvalidArgument
from boundcheck.verdict.decide import Verdict, exit_status
from boundcheck.verdict.point import Status
from boundcheck.verdict.scaling import decide_scaling

RATIOS = [({"d": str(d)}, 0.3, 0.5) for d in (16, 64, 256)]


def decided(growth, ratios=RATIOS, tolerance=0.05, beta=1e-4, **more) -> Verdict:
    return decide_scaling(
        theorem="claim",
        file=None,
        ratios=ratios,
        growth=growth,
        tolerance=tolerance,
        beta=beta,
        level=0.99,
        seed=0,
        seconds=0.1,
        version="0",
        **more,
    )


@pytest.mark.parametrize(
    ("growth", "status", "code"),
    [
        ((-0.4, -0.3), Status.SCALING_OBSERVED, 0),
        ((-0.4, 0.05), Status.SCALING_OBSERVED, 0),
        ((-0.4, 0.06), Status.INCONCLUSIVE, 3),
        ((0.05, 0.06), Status.INCONCLUSIVE, 3),
        ((0.051, 0.6), Status.SCALING_BROKEN, 1),
        ((-math.inf, math.inf), Status.INCONCLUSIVE, 3),
    ],
)
def test_the_exponent_decides(growth, status, code):
    verdict = decided(growth)
    assert verdict.status is status
    assert exit_status([verdict]) == code
    assert exit_status([decided(growth, refutation_expected=True)]) == (0 if code == 1 else 1)
    assert "no finite set of points refutes or proves" in verdict.note
    assert "constant needed there is between 0.3 and 0.5" in verdict.note


def test_no_ratio_however_large_refutes():
    verdict = decided((-0.1, 0.0), ratios=[({"d": "4"}, 1e6, 1e7), ({"d": "8"}, 1e6, 1e7)])
    assert verdict.status is Status.SCALING_OBSERVED
    assert verdict.counterexample is None


def test_method_and_limits_tell_whether_trials_were_used():
    assert decided((0, 0)).method == "growth over 3 sizes, simulated"
    assert decided((0, 0)).betas == (1e-4,) * 3
    assert decided((0, 0), beta=None).method == "growth over 3 sizes, exact"
    assert decided((0, 0), beta=None).betas == ()


@pytest.mark.parametrize(
    "make",
    [
        lambda: decided((0, 0), ratios=RATIOS[:1]),
        lambda: decided((0, 0), ratios=[({}, 0.5, 0.3)] * 2),
        lambda: decided((0, 0), ratios=[({}, math.nan, 0.3)] * 2),
        lambda: decided((0.1, 0)),
        lambda: decided((0, math.nan)),
        lambda: decided((0, 0), tolerance=-0.1),
        lambda: decided((0, 0), tolerance=math.nan),
    ],
)
def test_evidence_that_makes_no_sense_is_an_error(make):
    with pytest.raises(InvalidArgument):
        make()
