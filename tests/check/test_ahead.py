"""What is measured ahead changes no record, and would if it were of other trials."""

import sys
from dataclasses import replace

import pytest

from boundcheck.check.ahead import begin
from boundcheck.check.evidence import plan_of
from boundcheck.check.plan import plan
from boundcheck.check.run import Outcome, check_all
from boundcheck.cli import run
from boundcheck.experiment.head_start import HeadStart
from boundcheck.experiment.measure import NetworkMeasurement, measure_network, network_parts
from boundcheck.report.record import record
from boundcheck.statement.discovery import discover

BEGUN = {"trials": None, "seed": 5, "precision": "double"}
RUN = BEGUN | {"level": 0.9}

NETWORKS = """
from boundcheck import P, Theorem, cnn, conv, fcn, gap, gap_bound, magnitude, prune, random, real, scaled, uniform

delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)
target = fcn([6, 12, 4], weights=scaled(uniform(-1, 1)))
filters = cnn((1, 5, 5), [conv(1, 2, 3, weights=uniform(-1, 1))])


def claim(target, rule, factor=1):
    pruned = prune(target, rule)
    return P(gap(target, pruned) > factor * gap_bound(target, pruned, delta=delta)) <= delta


points = [{"delta": "1/20"}, {"delta": "1/4"}]
holds = Theorem(claim=claim(target, magnitude(alpha=0.5)), points=points)
filtered = Theorem(claim=claim(filters, random(fraction=0.5)), points=points[:1])
fails = Theorem(claim=claim(target, random(fraction=0.5), 0.05), points=points)
"""

OTHERS = """
from sympy import Rational, exp
from boundcheck import E, P, Theorem, bernoulli, iid, integer, maximum, mean, real, uniform

n = integer("n", min=2, max=50)
t = real("t", min=0, max=1)
X, Y = iid(bernoulli("1/3"), 12), iid(uniform(0, 1), 6)
exact = Theorem(claim=P(mean(X) - E(mean(X)) >= t) <= exp(-24 * t**2))
square = Theorem(claim=t <= t**2 + 1)
drawn = Theorem(claim=P(abs(mean(Y) - Rational(1, 2)) * maximum(Y) >= t) <= 2 * exp(-12 * t**2), points=[{"t": "1/4"}])
moment = Theorem(claim=E(maximum(Y) * mean(Y)) <= 1)
wrong = Theorem(claim=P(mean(X) >= t) <= exp(-24 * t**2))
"""


class Here(HeadStart):
    """A head start that this process runs itself, and that may change what it measured."""

    def __init__(self, change=lambda seen: seen):
        super().__init__()
        self.known = {}
        self.change = change

    def begin(self, label, plan, trials):
        self.known.setdefault(label, {})[plan.fingerprint] = self.change(measure_network(plan, trials))

    def stop(self):
        return self.known


def after(theorems, change=lambda seen: seen, **arguments):
    """A head start in which these theorems have begun."""
    ahead = Here(change)
    for theorem in theorems:
        begin(ahead, theorem, **BEGUN | arguments)
    return ahead


@pytest.fixture
def files(tmp_path):
    found = [tmp_path / "a_networks.py", tmp_path / "b_others.py"]
    for path, text in zip(found, (NETWORKS, OTHERS), strict=True):
        path.write_text(text)
    return found


@pytest.fixture
def theorems(files):
    found = discover(map(str, files))
    assert not found.errors
    return found.theorems


def records(theorems, **arguments):
    outcome = check_all(theorems, **RUN | arguments)
    assert not outcome.errors
    return [record(replace(verdict, seconds=0.0)) for verdict in outcome.verdicts]


@pytest.fixture
def trials_run(monkeypatch):
    """The trials that each network is measured in for a verdict, and those of them that were known."""
    counts = []

    def counted(plan, trials, *, known, **common):
        counts.append((trials, 0 if known is None else known.trials))
        return network_parts(plan, trials, known=known, **common)

    monkeypatch.setattr(sys.modules["boundcheck.check.evidence"], "network_parts", counted)
    return counts


@pytest.mark.parametrize(
    ("trials", "precision"), [(None, "double"), (None, "single"), (30, "double"), (1000, "double")]
)
def test_records_are_the_same_with_and_without(theorems, trials, precision, trials_run):
    given = {"trials": trials, "precision": precision}
    expected = records(theorems, **given)
    alone = list(trials_run)
    trials_run.clear()
    assert {r["status"] for r in expected} >= {"PROVED", "CONFIRMED", "REFUTED"} - ({"CONFIRMED"} if trials else set())
    ahead = after(theorems, **given)
    assert records(theorems, **given, ahead=ahead) == expected
    assert [count for count, _ in trials_run] == [count for count, _ in alone]
    assert all(0 < done <= count for count, done in trials_run)
    assert records(theorems, **given, ahead=ahead, workers=2) == expected


@pytest.mark.parametrize("trials", [None, 30])
def test_records_are_the_same_whatever_the_batches(theorems, monkeypatch, trials):
    expected = records(theorems, trials=trials)
    monkeypatch.setattr("boundcheck.experiment.measure._MOST_BATCH", 7)
    assert records(theorems, trials=trials) == expected


def test_trials_after_the_stop_are_not_counted_though_they_are_known(theorems):
    """The false claim is refuted, and the true one at 1/4 confirmed, in fewer trials than were run ahead."""
    ahead = after(theorems[:3])
    least = min(seen.trials for known in ahead.known.values() for seen in known.values())
    counted = [p["trials"] for r in records(theorems[:3], ahead=ahead) for p in r["points"]]
    assert sum(trials < least for trials in counted) >= 2


@pytest.mark.parametrize(
    "change",
    [
        lambda seen: NetworkMeasurement(**vars(seen) | {"gap": seen.gap * 1.5}),
        lambda seen: NetworkMeasurement(**{name: column[::-1] for name, column in vars(seen).items()}),
        lambda seen: NetworkMeasurement(**{name: column[1:] for name, column in vars(seen).items()}),
    ],
    ids=["other gaps", "the wrong order", "one trial left out"],
)
def test_a_mistake_in_what_was_measured_ahead_would_show(theorems, change):
    """In the counterexample: its gap, and the first trial of a violation."""
    assert records(theorems[:3], ahead=after(theorems[:3], change)) != records(theorems[:3])


def test_what_is_of_another_run_is_not_taken(theorems, trials_run):
    """Of another seed or precision; or of another theorem, planted under this one's name."""
    expected = records(theorems[:3])
    trials_run.clear()
    swapped = after(theorems[:3])
    names = list(swapped.known)
    swapped.known = dict(zip(names, (swapped.known[name] for name in (*names[1:], names[0])), strict=True))
    for ahead in (after(theorems[:3], seed=6), after(theorems[:3], precision="single"), swapped):
        assert ahead.known.keys() == {theorem.identity for theorem in theorems[:3]}
        assert records(theorems[:3], ahead=ahead) == expected
    assert not any(done for _, done in trials_run)


def test_no_more_trials_than_any_run_takes(theorems):
    for theorem in theorems[:3]:
        known = after([theorem]).known[theorem.identity]
        for case in plan(theorem).cases:
            least = min(case.budget.trials((1 - level) / n) for level in (1e-9, 0.5, 0.9999) for n in (1, 2, 300))
            assert 0 < known[plan_of(case, RUN["seed"], RUN["precision"]).fingerprint].trials <= least
    [few] = after(theorems[:1], trials=3).known.values()
    assert {seen.trials for seen in few.values()} == {3}


def test_what_cannot_be_planned_is_told_where_the_verdict_is_made(tmp_path):
    path = tmp_path / "wide.py"
    path.write_text(NETWORKS.replace("[6, 12, 4]", "[20000, 20000]"))
    theorems = discover([str(path)]).theorems
    ahead = after(theorems)
    assert list(ahead.known) == [theorems[1].identity]
    assert len(check_all(theorems, **RUN, ahead=ahead).errors) == 2


def test_the_command_begins_with_each_theorem_at_once(files, tmp_path, monkeypatch):
    """Before other files are run, with the arguments of the run, and with those that are asked for only."""
    late = tmp_path / "c_late.py"
    late.write_text("import builtins\nbuiltins.begun.append('late')\n" + NETWORKS)
    begun = []
    monkeypatch.setattr("builtins.begun", begun, raising=False)
    monkeypatch.setattr(
        sys.modules["boundcheck.check.ahead"], "begin", lambda _, theorem, **run: begun.append((theorem.name, run))
    )
    monkeypatch.setattr(sys.modules["boundcheck.check.run"], "check_all", lambda *_, **__: Outcome((), ()))
    run(["check", f"{files[0]}::holds", str(files[1]), f"{late}::fails", "--seed", "5", "--level", "0.9"])
    names = [item if item == "late" else item[0] for item in begun]
    assert names == ["holds", "exact", "square", "drawn", "moment", "wrong", "late", "fails"]
    assert all(item[1] == BEGUN for item in begun if item != "late")
