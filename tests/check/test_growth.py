"""Claims with an unspecified constant: their growth is observed or broken, never proved or refuted."""

import pytest
from sympy import Rational, log, sqrt

from boundcheck import (
    E,
    P,
    Theorem,
    check,
    constant,
    iid,
    integer,
    maximum,
    norm,
    normal,
    rademacher,
    random_matrix,
    real,
    spectral_norm,
    sum_of,
)
from boundcheck.check.run import check_all
from boundcheck.errors import UnsupportedClaim
from boundcheck.report.record import record
from boundcheck.verdict.decide import Status

C = constant("C")
d = integer("d", min=1, max=10**6)
QUARTER = Rational(1, 4)
TOLERANCE = 0.1
SMALL = [{"d": 8}, {"d": 16}, {"d": 32}, {"d": 64}]
spectral = E(spectral_norm(random_matrix(normal(0, 1), d, d)))


@pytest.mark.parametrize(
    ("left", "right", "too_small"),
    [
        (E(abs(sum_of(iid(rademacher(), d)))), sqrt(d), d**QUARTER),
        (E(norm(iid(normal(0, 1), d))), sqrt(d), log(d + 1)),
        (E(maximum(abs(iid(normal(0, 1), d)))), sqrt(1 + log(d)), 1),
    ],
)
def test_growth_by_exact_means(left, right, too_small):
    observed = check(Theorem(claim=left <= C * right))
    assert observed.status is Status.SCALING_OBSERVED
    assert observed.scaling.growth_high <= TOLERANCE
    assert not observed.betas
    broken = check(Theorem(claim=left <= C * too_small))
    assert broken.status is Status.SCALING_BROKEN
    assert broken.scaling.growth_low > TOLERANCE
    for verdict in (observed, broken):
        assert "no finite set of points refutes or proves" in verdict.note
        assert len(record(verdict)["points"]) >= 3


def test_growth_by_simulated_means():
    """Each verdict is wrong with probability at most 0.01 over the seed, which is fixed."""
    observed = check(Theorem(claim=spectral <= C * sqrt(d), points=SMALL))
    assert observed.status is Status.SCALING_OBSERVED
    assert observed.scaling.growth_low < observed.scaling.growth_high <= TOLERANCE
    assert observed.betas == pytest.approx([0.0025] * 4)
    assert check(Theorem(claim=spectral <= C * d**QUARTER, points=SMALL)).status is Status.SCALING_BROKEN
    assert check(Theorem(claim=spectral <= C * sqrt(d), points=SMALL), trials=5).status is Status.INCONCLUSIVE


def test_the_level_is_shared_with_the_other_theorems():
    claims = [Theorem(claim=spectral <= C * sqrt(d), points=SMALL), Theorem(claim=spectral <= C * d, points=SMALL)]
    outcome = check_all(claims, level=0.9, trials=200)
    assert [beta for verdict in outcome.verdicts for beta in verdict.betas] == pytest.approx([0.0125] * 8)


def test_same_seed_same_record():
    theorem = Theorem(claim=spectral <= C * sqrt(d), points=SMALL)
    first, again, other = (record(check(theorem, seed=seed, trials=30))["points"] for seed in (0, 0, 1))
    assert first == again != other


def test_real_parameters_stay_and_conditions_are_kept():
    s = real("s", min=1, max=3)
    theorem = Theorem(claim=E(abs(sum_of(iid(normal(0, s), d)))) <= C * s * sqrt(d), hypotheses=[d >= 10])
    verdict = check(theorem)
    assert verdict.status is Status.SCALING_OBSERVED
    points = [point["parameters"] for point in record(verdict)["points"]]
    assert len(points) >= 3
    assert all(int(point["d"]) >= 10 for point in points)
    assert {point["s"] for point in points} == {"2"}


def test_what_does_not_grow_is_refused():
    s = real("s", min=1, max=3)
    with pytest.raises(UnsupportedClaim, match="no parameter that grows"):
        check(Theorem(claim=E(abs(sum_of(iid(normal(0, s), 3)))) <= C * s))
    with pytest.raises(UnsupportedClaim, match="write the constant outside"):
        P(sum_of(iid(normal(0, 1), d)) >= C)
