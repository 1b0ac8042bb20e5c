"""Mutants of the library: false ones are refuted, and what follows from a theorem is not.

All that is tested here is decided by exact laws and enclosures, so that no test fails by chance. `report.py` runs the
other mutants, and says what is left.
"""

from __future__ import annotations

import pytest
from quality import oracle, survey
from quality.known_false import KNOWN_FALSE
from quality.mutants import mutants

from boundcheck.check import Status, check_all

ORIGINALS = {t.name: t for t in survey.originals()}
WEAKER = ("markov", "poisson_lower", "gaussian_maximum_quantile")
"""Theorems whose weaker mutants are all tested; quick ones, of several kinds."""


@pytest.mark.long
@pytest.mark.parametrize("name", KNOWN_FALSE)
def test_false_mutants_are_refuted(name):
    """Mutants that `quality.oracle` found to be false at a point; with the original, which must not be refuted."""
    original = ORIGINALS[name]
    by_label = {m.label: m for m in mutants(original)}
    missing = [label for label in KNOWN_FALSE[name] if label not in by_label]
    assert not missing, "the theorem has changed: choose other mutants with report.py"
    chosen = [by_label[label].theorem for label in KNOWN_FALSE[name]]
    outcome = check_all([original, *chosen], trials=survey.TRIALS)
    assert not outcome.errors
    first, *rest = outcome.verdicts
    assert first.status is not Status.REFUTED
    kept = [label for label, v in zip(KNOWN_FALSE[name], rest, strict=True) if v.status is not Status.REFUTED]
    assert not kept


@pytest.mark.parametrize("name", WEAKER)
def test_what_follows_from_a_theorem_is_not_refuted(name):
    original = ORIGINALS[name]
    found = [m for m in mutants(original) if m.kind in ("constant", "factor", "term", "min/max", "sides")]
    chosen = [m for m in found if oracle.weaker(original, m.theorem, count=80)][:6]
    assert len(chosen) >= 3
    outcome = check_all([m.theorem for m in chosen], trials=survey.TRIALS)
    assert not outcome.errors
    refuted = [m.label for m, v in zip(chosen, outcome.verdicts, strict=True) if v.status is Status.REFUTED]
    assert not refuted
