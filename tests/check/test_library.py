"""All that ships comes out as expected in one run: the library of inequalities and the proofs."""

from collections import Counter

import pytest

from boundcheck.check.run import check_all
from boundcheck.check.verify import verify_records
from boundcheck.report.record import record
from boundcheck.statement.discovery import discover, library, shipped
from boundcheck.verdict.decide import Status


@pytest.fixture(scope="module")
def found():
    return discover([str(shipped()), str(library())])


@pytest.fixture(scope="module")
def outcome(found):
    """One run at the level 0.99 for all: wrong with probability at most 0.01 over the seed, which is fixed."""
    return check_all(found.theorems, workers=2)


@pytest.mark.slow
def test_every_theorem_comes_out_as_expected(found, outcome):
    assert not found.errors
    assert not outcome.errors
    unexpected = [v for v in outcome.verdicts if not v.as_expected]
    assert [f"{v.theorem}: {v.status}, {v.note} ({v.seconds:.1f} s)" for v in unexpected] == []
    assert outcome.exit_status == 0
    assert len(outcome.verdicts) == len(found.theorems)
    statuses = {v.theorem: v.status for v in outcome.verdicts}
    assert statuses["fcn_magnitude"] == statuses["fcn_random"] == statuses["hoeffding"] == Status.CONFIRMED
    assert sum(v.status is Status.REFUTED for v in outcome.verdicts) >= 3


@pytest.mark.slow
def test_statuses_are_no_better_than_what_they_rest_on(outcome):
    counts = Counter(v.status for v in outcome.verdicts)
    assert counts[Status.PROVED] >= 10
    assert counts[Status.CONFIRMED] >= 80
    assert counts[Status.SCALING_OBSERVED] >= 1
    for verdict in outcome.verdicts:
        assert verdict.against == verdict.refutation_expected, verdict.theorem
        if verdict.status is Status.PROVED:
            assert all(point.evidence.exact for point in verdict.points), verdict.theorem
        assert not (verdict.vacuous and verdict.status is Status.CONFIRMED), verdict.theorem


@pytest.mark.slow
def test_limits_that_rest_on_trials_share_the_level(outcome):
    betas = [beta for verdict in outcome.verdicts for beta in verdict.betas]
    assert betas
    assert sum(betas) <= 0.01 + 1e-9


@pytest.mark.slow
def test_no_certificate_is_rejected(outcome):
    verifications = verify_records([record(verdict) for verdict in outcome.verdicts])
    assert [v for v in verifications if v.outcome == "rejected"] == []
    verified = {v.theorem for v in verifications if v.outcome == "verified"}
    proved = {v.theorem for v in outcome.verdicts if v.status is Status.PROVED and "no certificate" not in v.method}
    assert proved <= verified
    limits = {v.theorem for v in outcome.verdicts if "no certificate" in v.method}
    assert all("vanish" in name or "rate" in name for name in limits)
