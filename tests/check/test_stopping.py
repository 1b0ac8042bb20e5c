"""Trials stop where a claim is decided: in all three kinds of experiment, whatever the batches, and reproducibly.

Each wrong verdict has probability at most 0.01 over the seed, which is fixed.
"""

import sys
from dataclasses import replace

import pytest
from sympy import Rational

from boundcheck import (
    E,
    P,
    Status,
    Theorem,
    check,
    fcn,
    gap,
    gap_bound,
    iid,
    magnitude,
    maximum,
    mean,
    prune,
    random,
    real,
    sample_variance,
    scaled,
    sum_of,
    uniform,
)
from boundcheck.check import simulate, tilting
from boundcheck.check.run import _reproducible, check_all
from boundcheck.cli import run
from boundcheck.report.record import record
from boundcheck.verdict.decide import decide
from boundcheck.verdict.evidence import PointEvidence
from boundcheck.verdict.multiple import Shares
from boundcheck.verdict.sequential import sequential_trials_to_confirm

delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)
TARGET = fcn([16, 24, 8], weights=scaled(uniform(-1, 1)))
X = iid(uniform(0, 1), 8)
FAR = iid(uniform(-1, 1), 1200)
"""So many that the law of the sum is not known."""


OPEN = Rational(127, 10_000)
"""The gap of this network neither exceeds it nor keeps it for sure in most trials."""


def network(factor, claimed="1/10", rule=None):
    pruned = prune(TARGET, rule or magnitude(alpha=0.5))
    bound = OPEN if factor is OPEN else factor * gap_bound(TARGET, pruned, delta=delta)
    return Theorem(claim=P(gap(TARGET, pruned) > bound) <= delta, points=[{"delta": claimed}])


def seldom(claimed):
    """The gap is |w| for a uniform w, and exceeds 9/10 with probability 1/10."""
    line = fcn([1, 1], weights=uniform(-1, 1), activation="identity")
    return Theorem(claim=P(gap(line, prune(line, random(fraction=1))) > Rational(9, 10)) <= Rational(claimed))


def event(claimed):
    """Its probability is about 0.497."""
    return Theorem(claim=P(mean(X) >= 6 * sample_variance(X)) <= Rational(claimed))


def deep(factor):
    """The tail of a sum is about 0.9e-9."""
    return Theorem(claim=P(sum_of(FAR) >= 120) <= factor * Rational("0.9e-9"))


CASES = {
    "a network that keeps its bound": (network(1), Status.CONFIRMED, sequential_trials_to_confirm(0.1, 0.01)),
    "a network that does not": (network(Rational(1, 1000)), Status.REFUTED, 3),
    "a network that seldom does not": (seldom("1/50"), Status.REFUTED, None),
    "an event as rare as claimed": (event("3/4"), Status.CONFIRMED, None),
    "an event that is not": (event("1/25"), Status.REFUTED, None),
    "a deep tail": (deep(3), Status.CONFIRMED, None),
    "a deep tail, too large": (deep(Rational(1, 3)), Status.REFUTED, None),
}


def evidence(theorem, **arguments):
    verdict = check(theorem, **arguments)
    [point] = verdict.points
    return verdict, point.evidence


@pytest.mark.parametrize("name", CASES)
def test_trials_stop_when_the_claim_is_decided(name):
    theorem, status, trials = CASES[name]
    verdict, seen = evidence(theorem)
    assert verdict.status is status
    assert seen.sequential
    assert 0 < seen.trials < (200 if seen.ladder else 2000)
    assert "seldom" not in name or seen.first_violation["trial"] >= 3  # not in the first of the batches below
    assert trials in (None, seen.trials)
    assert seen.tilted == ("deep" in name)


@pytest.mark.parametrize("name", CASES)
def test_what_is_decided_depends_on_no_batch_and_later_ones_are_not_run(name, monkeypatch):
    theorem, _, _ = CASES[name]
    expected = record(replace(check(theorem), seconds=0.0))
    trials = expected["points"][0]["trials"]
    monkeypatch.setattr("boundcheck.experiment.measure._MOST_BATCH", 3)
    monkeypatch.setattr("boundcheck.experiment.draws._BATCH_WORK", 3 * 1200)
    ran = []
    parts = sys.modules["boundcheck.check.evidence"].network_parts
    real = simulate.realisations

    def counted(plan, most, **common):
        for part in parts(plan, most, **common):
            ran.append(part.trials)
            yield part

    def drawn(prepared, *arguments):
        for start, values in real(prepared, *arguments):
            ran.append(len(next(iter(values.values())).low))
            yield start, values

    monkeypatch.setattr(sys.modules["boundcheck.check.evidence"], "network_parts", counted)
    for module in (simulate, tilting):
        monkeypatch.setattr(module, "realisations", drawn)
    assert record(replace(check(theorem), seconds=0.0)) == expected
    assert len(ran) > 0
    assert sum(ran) - ran[-1] < trials <= sum(ran)


def test_a_given_number_of_trials_is_fixed_and_decided_once():
    _, seen = evidence(network(1), trials=77)
    assert (seen.trials, seen.sequential) == (77, False)
    _, seen = evidence(event("3/4"), trials=77)
    assert (seen.trials, seen.sequential) == (77, False)
    _, seen = evidence(deep(3), trials=77)
    assert (seen.trials, seen.sequential) == (77, False)


def test_an_expectation_in_the_event_takes_a_fixed_number():
    """Its limits rest on all of the trials, and what is violated on the limits."""
    theorem = Theorem(claim=P(maximum(X) * mean(X) >= E(maximum(X) * mean(X)) + Rational(3, 10)) <= Rational(1, 4))
    verdict, seen = evidence(theorem)
    assert verdict.status is Status.CONFIRMED
    assert (seen.trials, seen.sequential) == (2000, False)


def test_certainty_is_refuted_at_the_first_exception():
    _, seen = evidence(Theorem(claim=P(maximum(X) * mean(X) > Rational(3, 5)) <= 0))
    assert (seen.violations, seen.first_violation["trial"]) == (1, seen.trials - 1)


def test_what_is_left_open_goes_on_to_the_most_trials_and_says_what_would_decide():
    verdict, seen = evidence(network(OPEN))
    assert verdict.status is Status.INCONCLUSIVE
    assert seen.open > 0
    assert seen.trials == max(100, sequential_trials_to_confirm(0.1, 0.01, 3))
    found = next(v for v in (check(event("1/2"), seed=seed) for seed in range(9)) if v.points[0].needed)
    assert found.status is Status.INCONCLUSIVE
    assert "trials fixed beforehand (another seed) would" in found.note


def test_verdicts_of_a_run_help_each_other_by_holms_procedure():
    """The last is undecided when the others are: of five in all, one is refuted and three confirmed."""
    claims = [network(1), network(1, rule=random(fraction=0.5)), event("3/4"), network(Rational(1, 1000))]
    open_one = network(OPEN)
    outcome = check_all([*claims, open_one], level=0.95)
    found = [(v.status, v.points[0].beta) for v in outcome.verdicts]
    assert [status for status, _ in found[:4]] == [Status.CONFIRMED] * 3 + [Status.REFUTED]
    assert [beta for _, beta in found[:4]] == pytest.approx([0.005] * 4)
    # What it would have needed: a fourth of 0.025 to be refuted, a half to be confirmed.
    assert found[4] == (Status.INCONCLUSIVE, pytest.approx(0.025 / 4))


def test_a_theorem_that_fails_keeps_its_share(monkeypatch):
    module = sys.modules["boundcheck.check.run"]
    measure = module.measure

    def failing(case, *arguments, **common):
        if "3/4" in str(case.theorem.claim):
            raise RuntimeError("broken")
        return measure(case, *arguments, **common)

    monkeypatch.setattr(module, "measure", failing)
    outcome = check_all([event("3/4"), network(1)], level=0.95)
    assert len(outcome.errors) == 1
    assert outcome.verdicts[0].points[0].beta == pytest.approx(0.0125)


# Reproducing a counterexample ---------------------------------------------------------------------------------------

FILE = """
from sympy import Rational
from boundcheck import *
delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)
target = fcn([16, 24, 8], weights=scaled(uniform(-1, 1)))
pruned = prune(target, magnitude(alpha=0.5))
X, Y = iid(uniform(0, 1), 8), iid(uniform(-1, 1), 1200)


def claim(factor):
    return P(gap(target, pruned) > factor * gap_bound(target, pruned, delta=delta)) <= delta


fine = Theorem(claim=claim(1), points=[{"delta": "1/20"}, {"delta": "1/10"}])
large = Theorem(claim=claim(Rational(1, 300)), points=[{"delta": "1/20"}, {"delta": "1/10"}, {"delta": "1/4"}])
frequent = Theorem(claim=P(mean(X) >= 6 * sample_variance(X)) <= Rational(1, 5))
deep = Theorem(claim=P(sum_of(Y) >= 120) <= Rational("0.7e-9"))
certain = Theorem(claim=P(maximum(X) * mean(X) > Rational(3, 5)) <= 0)
"""


@pytest.mark.parametrize("seed", [0, 5])
def test_the_command_of_a_counterexample_refutes_again_at_the_same_trials(tmp_path, capsys, seed):
    """Alone, where other betas and other most trials apply."""
    import json

    path = tmp_path / "several.py"
    path.write_text(FILE, encoding="utf-8")
    assert run(["check", str(path), "--json", "--seed", str(seed), "--level", "0.999"]) == 1
    records = {r["theorem"]: r for r in json.loads(capsys.readouterr().out)}
    assert records["fine"]["status"] == "CONFIRMED"
    for name in ("large", "frequent", "deep", "certain"):
        found = records[name]["counterexample"]
        program, *words = found["reproduce"].split()
        assert program == "boundcheck"
        assert run([*words, "--json"]) == 1
        [again] = json.loads(capsys.readouterr().out)
        assert again["status"] == "REFUTED"
        points = [p for p in again["points"] if (p["parameters"], p["law"]) == (found["parameters"], found["law"])]
        for key in ("trials", "violations", "open", "first_violation"):
            assert points[0][key] == found.get(key)
        assert points[0]["status"] == "REFUTED"


def test_there_is_no_command_where_only_the_whole_run_refutes():
    """20 violations in 100 trials refute 1/10 at 1/500: at a large run's last step, not at the first of a small one."""
    whole, own = Shares(0.99, 7, 7), Shares(0.99, 3, 3)
    assert own.first < 1 / 500 < whole.family

    def verdict(violations, sequential, beta):
        items = [
            PointEvidence(
                parameters={"i": str(i)}, law="law", claimed_low=0.1, claimed_high=0.1, trials=100, violations=k,
                sequential=sequential,
            )
            for i, k in enumerate(violations)
        ]  # fmt: skip
        common = {"file": "f.py", "level": 0.99, "seed": 0, "seconds": 0.0, "version": "0"}
        return decide(theorem="t", evidence=items, beta=beta, **common)

    def command(found, own):
        assert found.status is Status.REFUTED
        return _reproducible(found, own).get("reproduce")

    late = verdict([20, 10, 10], False, whole.family)
    assert command(late, own) is None
    assert command(verdict([20], False, whole.family), Shares(0.99, 1, 1)) == (
        "boundcheck check f.py::t --seed 0 --trials 100"
    )
    for violations in ([35, 10, 10], [35, 35, 35]):
        for sequential in (False, True):
            assert "--trials 100" in command(verdict(violations, sequential, whole.first), own)
