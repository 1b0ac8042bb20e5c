"""The plugin in repositories of users, each run of pytest in a process of its own. Nothing here rests on chance."""

import re
from importlib.metadata import entry_points

import pytest
from user_repository import MINE, WRONG, again, pytest_in, write

from boundcheck.testing.theorem_files import Scan, scan

REFUTED = """
from boundcheck import Theorem, real

x = real("x", min=0, max=1)
false = Theorem(claim=x <= x**2)
"""
HOLDS = """
from boundcheck import Theorem, real

x = real("x", min=0, max=1)
true = Theorem(claim=x**2 <= x)
"""
OPEN = """
from sympy import floor
from boundcheck import Theorem, real

x = real("x")
undecided = Theorem(claim=floor(x) < x + 1)
"""
TRIALS = """
from sympy import exp
from boundcheck import P, Theorem, iid, maximum, mean, real, uniform

t = real("t", min=0, max=1)
X = iid(uniform(0, 1), 12)
claim = P(mean(X) * maximum(X) >= t) <= exp(-24 * t**2)
drawn = Theorem(claim=claim, points=[{"t": "1/2"}])
"""
LIGHT = """
import sys

def test_nothing_heavy():
    assert "boundcheck.testing.plugin" in sys.modules
    heavy = {"sympy", "mpmath", "numpy", "scipy", "flint", "numba", "llvmlite", "hypothesis", "rich", "click"}
    assert not heavy & set(sys.modules)
"""


def test_the_plugin_is_an_entry_point():
    """Where this fails the package was installed before it had one: `pip install -e .` again."""
    assert [e.value for e in entry_points(group="pytest11", name="boundcheck")] == ["boundcheck.testing.plugin"]


def test_starting_is_light(tmp_path):
    """Hypothesis has a plugin of its own, which does not load it either."""
    write(tmp_path, test_it=LIGHT)
    assert pytest_in(tmp_path).counts == {"passed": 1}


def test_a_folder_of_theorem_files(tmp_path):
    """What passes and fails, one level for all, and a command that refutes again."""
    write(tmp_path, proofs__mine=MINE + WRONG, proofs__numbers=HOLDS, proofs__open=OPEN)
    write(tmp_path, proofs__refuted__mine=REFUTED, proofs__refuted__numbers=HOLDS)
    write(tmp_path, proofs___template="raise ValueError", proofs___kept__mine=MINE, proofs__helper="x = 1")
    done = pytest_in(tmp_path, "proofs", "-rA")
    assert done.status == 1
    assert done.counts == {"passed": 3, "failed": 3}
    wanted = {"good": "PASSED", "wrong": "FAILED", "undecided": "FAILED", "false": "PASSED"}
    assert {**done.statuses(), **wanted} == done.statuses()
    assert "INCONCLUSIVE  proofs/open.py::undecided\nNeither proved nor refuted" in done.text
    assert "NOT REFUTED, though under a folder refuted/: PROVED  proofs/refuted/numbers.py::true" in done.text
    message = done.text[done.text.index("REFUTED  proofs/mine.py::wrong") :]
    assert message.splitlines()[1].startswith("At t = 1/2 under rademacher(1): the exact tail is at least ")
    level = 1 - (1 - 0.99) / 6
    assert "\n  seed            0\n" in message
    assert f"\n  level           {level!r} of this theorem, and 0.99 of the 6 theorems together\n" in message
    assert "Traceback" not in done.text
    shown = again(tmp_path, message.partition("  reproduce ")[2].partition("\n")[0])
    assert shown.returncode == 1
    assert "REFUTED" in shown.stdout


def test_files_that_are_named_and_options(tmp_path):
    """A file may be named whatever it is called; names select theorems; the same options decide the same."""
    write(tmp_path, _kept=MINE + WRONG, drawn=TRIALS)
    options = ["--boundcheck-trials=500", "--boundcheck-seed=3", "--boundcheck-level=0.9"]
    done = pytest_in(tmp_path, "_kept.py::wrong", "drawn.py", *options)
    assert done.counts == {"failed": 2}
    assert "good" not in done.text
    assert "reproduce       boundcheck check _kept.py::wrong --seed 3 --level 0.95" in done.text
    assert "reproduce       boundcheck check drawn.py::drawn --seed 3 --trials 500 --level 0.95" in done.text
    violations = done.text.partition("drawn.py::drawn\n")[2].partition("  violations ")[2].split()[0]
    shown = again(tmp_path, "boundcheck check drawn.py::drawn --seed 3 --trials 500 --level 0.95 --json")
    assert f'"violations": {violations},' in shown.stdout
    for option, remedy in (("trials=0", "of at least 1"), ("level=2", "0 < level < 1"), ("seed=-1", "of at least 0")):
        refused = pytest_in(tmp_path, "_kept.py", f"--boundcheck-{option}")
        assert refused.status == pytest.ExitCode.USAGE_ERROR
        assert f"ERROR: --boundcheck-{option.partition('=')[0]}=" in refused.text
        assert remedy in refused.text


def test_a_file_that_does_not_load_is_one_line(tmp_path):
    write(tmp_path, proofs__broken="from boundcheck import Theorem\nx = Theorem(claim=1 / 0)\n")
    for argument in ("proofs", "proofs/broken.py"):
        done = pytest_in(tmp_path, argument)
        assert done.status == pytest.ExitCode.INTERRUPTED
        said = "proofs/broken.py:2: ZeroDivisionError: division by zero; the file must run without errors"
        assert done.text.count("ZeroDivisionError") == 1
        assert f"\n{said}\n" in done.text
        assert ".py:" not in done.text.replace(said, "")


def test_a_theorem_file_that_is_no_python_does_not_vanish(tmp_path):
    write(tmp_path, proofs__broken=MINE + "other = Theorem(claim=(1 / 2)\n", proofs__notes="boundcheck: a Theorem(\n")
    for argument in ("proofs", "proofs/broken.py"):
        done = pytest_in(tmp_path, argument)
        assert done.status == pytest.ExitCode.INTERRUPTED
        assert re.search(r"^proofs/broken.py:\d+: syntax error: ", done.text, re.M)
        assert done.counts == {"error": 1}


def test_collection_can_be_switched_off(tmp_path):
    write(tmp_path, mine=MINE)
    (tmp_path / "pytest.ini").write_text("[pytest]\nboundcheck_collect = false\n")
    assert pytest_in(tmp_path).status == pytest.ExitCode.NO_TESTS_COLLECTED


def test_tests_and_doctests_beside_theorems_are_left_alone(tmp_path):
    """A test module stays one; a theorem file is not imported twice for nothing, but its doctests are found."""
    noisy = "with open('log', 'a') as log:\n    log.write('x')\n"
    write(tmp_path, test_mine=MINE + "def test_it():\n    assert good.name == ''\n")
    write(tmp_path, plain=noisy + HOLDS, doctested='"""One.\n\n>>> 1 + 1\n2\n"""\n' + HOLDS)
    done = pytest_in(tmp_path, "--doctest-modules", ".", "-rA")
    assert done.counts == {"passed": 4}, done.text
    assert done.statuses() == {"test_it": "PASSED", "true": "PASSED", "doctested": "PASSED"}
    assert (tmp_path / "log").read_text() == "x"


def test_processes_share_theorems_and_their_level(tmp_path):
    write(
        tmp_path,
        proofs__mine=MINE + WRONG,
        proofs__numbers=HOLDS,
        test_it="def test_it(assert_bound): assert_bound(0, 1)",
    )
    done = pytest_in(
        tmp_path, "-n2", "--dist=load", "--boundcheck-level=0.97", "--boundcheck-seed=7", warnings="default"
    )
    assert done.counts == {"passed": 3, "failed": 1}
    assert done.text.count("REFUTED  proofs/mine.py::wrong") >= 1
    assert "level           0.99 of this theorem, and 0.97 of the 3 theorems together" in done.text
    assert done.fact("seed") == "7"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from boundcheck import Theorem\na = Theorem()", Scan(True, False)),
        ("from boundcheck import *\na = Theorem()", Scan(True, False)),
        ("from boundcheck import Theorem as T\na: object = T()", Scan(True, False)),
        ("import boundcheck as b\nif True:\n    a = b.Theorem()", Scan(True, False)),
        ("import boundcheck\na = boundcheck.Theorem()\ndef f(): pass", Scan(True, True)),
        ("from boundcheck import Theorem\n# >>> \na = Theorem()", Scan(True, True)),
        ("from boundcheck import Theorem\n_a = Theorem()", Scan(False, False)),
        ("from boundcheck import Theorem\nTheorem()", Scan(False, False)),
        ("from boundcheck import Theorem\ndef f():\n    a = Theorem()", Scan(False, True)),
        ("from boundcheck.statement.theorem import Theorem\na = Theorem()", Scan(False, False)),
        ("from boundcheck import P\nfrom elsewhere import Theorem\na = Theorem()", Scan(False, False)),
        ("'boundcheck'\nfrom .boundcheck import Theorem\na = Theorem()", Scan(False, False)),
        ("from boundcheck import Theorem\na = Theorem(", Scan(True, False)),
        ("import boundcheck as b\na: object = b.Theorem(", Scan(True, False)),
        ("a Theorem( of boundcheck", Scan(False, False)),
    ],
)
def test_what_counts_as_a_theorem_file(tmp_path, text, found):
    """The last three are no Python: two of them look like theorem files, and are to say so rather than vanish."""
    (tmp_path / "a.py").write_text(text)
    assert scan(tmp_path / "a.py") == found
