"""The repository of the README's section "Guard a bound of your own": it passes, and planted faults are told.

Wrong with probability at most 0.01 over the seed of `test_norm`, which is fixed. So is the seed of Hypothesis, except
where its database is used, which it leaves alone when it has a seed.
"""

import re
from pathlib import Path

import pytest
from user_repository import again, pytest_in, write

README = Path(__file__).parents[2].joinpath("README.md").read_text("utf-8")
PROFILE = """
from hypothesis import Phase, settings
from hypothesis.database import DirectoryBasedExampleDatabase

settings.register_profile(
    "quick",
    max_examples={examples},
    phases=[Phase.reuse, Phase.generate, Phase.target{more}],
    derandomize=False,  # as Hypothesis does by itself, but not where it takes the machine for one that tests for others
    database=DirectoryBasedExampleDatabase(".hypothesis/examples"),
)
"""


@pytest.fixture
def repository(tmp_path):
    """What the README says, file by file."""
    blocks = re.findall(r"```python\n(.*?)```", README, re.S)
    [mine] = [b for b in blocks if "too_good = " in b]
    [bound] = [b for b in blocks if "def gap_bound" in b]
    [test] = [b for b in blocks if "def test_gap" in b]
    write(tmp_path, proofs__mine=mine, pruning_bound=bound, test_pruning_bound=test)
    return tmp_path


def planted(repository, right, wrong):
    file = repository / "pruning_bound.py"
    text = file.read_text("utf-8")
    assert text.count(right) == 1
    file.write_text(text.replace(right, wrong), encoding="utf-8")


def test_the_tests_pass_and_the_theorem_files_are_judged(repository):
    """With Hypothesis's defaults, health checks and deadline among them, and in two processes."""
    done = pytest_in(repository, "-n2", "-rA", "--boundcheck-seed=2", warnings="default")
    assert done.counts == {"passed": 3, "failed": 1}
    told = {"test_gap": "PASSED", "test_norm": "PASSED", "uniform_mean": "PASSED", "too_good": "FAILED"}
    assert done.statuses() == told
    shown = README.partition("REFUTED  proofs/mine.py::too_good")[2].partition("```")[0].splitlines()[1:]
    # In the README `proofs/` is checked alone, by the seed 0.
    assert all(line in done.text for line in shown if not line.startswith(("  ...", "  reproduce", "  level")))


def test_a_forgotten_factor_is_found(repository):
    """The smallest violation and the worst one are told apart; the command has all options."""
    planted(repository, ", *weights[i + 1 :]]", "]")
    write(repository, conftest=PROFILE.format(examples=60, more=", Phase.shrink"))
    options = ["--hypothesis-profile", "quick", "--hypothesis-seed", "1"]
    done = pytest_in(repository, "test_pruning_bound.py::test_gap", *options)
    assert done.counts == {"failed": 1}
    smallest, worst = (float(x) for x in re.findall(r"observed / bound is ([\d.]+) at", done.text))
    assert worst > smallest > 1
    assert re.search(r"The worst that this search has seen: .*, where\nE +case = +\(draw_network\(prune", done.text)
    assert re.search(r"\n +case=\(draw_network\(prune\(fcn\(.*\), seed=\d+\),", done.text.replace("\nE", "\n"))
    assert done.fact("reproduce") == f"pytest test_pruning_bound.py::test_gap {' '.join(options)}"


def test_an_example_is_replayed_from_the_database(repository):
    """More than a third of all examples violate a hundredth of the bound; of 100 independent ones none with 1e-17."""
    planted(repository, "return total", "return total / 100")
    write(repository, conftest=PROFILE.format(examples=100, more=""))
    done = pytest_in(repository, "test_pruning_bound.py::test_gap", "--hypothesis-profile=quick")
    assert done.counts == {"failed": 1}
    command = done.fact("reproduce")
    assert command == "pytest test_pruning_bound.py::test_gap --hypothesis-profile quick"
    replayed = again(repository, f"{command} --hypothesis-show-statistics")
    assert replayed.returncode == 1
    assert "during reuse phase" in replayed.stdout
    assert "during generate phase" not in replayed.stdout
    for name in ("observed", "bound"):
        assert f"{name:<16}{done.fact(name)}\n" in replayed.stdout


def test_a_norm_that_is_exceeded_too_often_is_refuted(repository):
    planted(repository, "np.sqrt(m) + np.sqrt(n)", "np.sqrt(m + n)")
    done = pytest_in(repository, "test_pruning_bound.py::test_norm", "--boundcheck-seed=5", "--boundcheck-level=0.999")
    assert done.counts == {"failed": 1}
    assert "AssertionError: REFUTED: The violation rate is at least 0." in done.text
    assert done.fact("seed") == "5"
    assert done.fact("level") == "0.999, of this assertion alone"
    command = done.fact("reproduce")
    assert command == "pytest test_pruning_bound.py::test_norm --boundcheck-level 0.999 --boundcheck-seed 5"
    shown = again(repository, command)
    assert shown.returncode == 1
    assert f"exceeded        {done.fact('exceeded')}" in shown.stdout
