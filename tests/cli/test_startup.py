"""What a command does not need it does not import."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from synthetic_store import synthetic_store

from boundcheck.check import catalogue
from boundcheck.check.options import FORMATS, PRECISIONS, UNKNOWNS

HEAVY = {"sympy", "mpmath", "numpy", "scipy", "flint", "numba", "llvmlite", "hypothesis", "pytest"}
RECORD = {
    "theorem": "kept",
    "file": "/somewhere/scalar/kept.py",
    "title": "Not a theorem that ships.",
    "source": "a test",
    "kind": "tail",
    "fidelity": "",
    "hypotheses": [],
    "inverse": [],
    "claim": "P(X >= t) <= 1",
    "latex": "P",
    "random": ["X: normal(0, 1)"],
    "bound": [],
    "parameters": {"t": "[0, 1]"},
    "version": "0",
}


@pytest.fixture
def warm(tmp_path, monkeypatch):
    """A cache that holds one record, which only one who reads the cache can know."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    with monkeypatch.context() as patch:
        patch.setattr(catalogue, "records_of", lambda _: ([RECORD], ()))
        catalogue.shipped_records()


def modules_after(code: str) -> tuple[set[str], str]:
    """The top-level modules that are loaded when the code has run in a new process, and what it printed."""
    report = "import sys; print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", f"{code}\n{report}"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split()), done.stdout


@pytest.mark.parametrize(
    "code",
    ["import boundcheck", *(f"import boundcheck.{name}" for name in ("cli", "__main__", "check.ahead"))],
)
def test_importing_is_light(code):
    loaded, _ = modules_after(code)
    assert "boundcheck" in loaded
    assert not loaded & (HEAVY | {"rich"})


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        [],
        *([name, "--help"] for name in ("check", "list", "show", "bound", "solve", "results", "verify")),
        *([name, "--help"] for name in ("check", "list", "show", "bound", "solve", "verify", "plot")),
    ],
)
def test_help_is_light(arguments):
    loaded, printed = modules_after(f"from boundcheck.cli import run\nassert run({arguments}) == 0")
    assert printed
    assert not loaded & (HEAVY | {"rich"})


@pytest.mark.parametrize(
    "arguments", [["list"], ["list", "--json"], ["show", "kept"], ["show", "kept", "--format", "json"]]
)
@pytest.mark.usefixtures("warm")
def test_what_is_kept_is_printed_without_sympy(arguments):
    loaded, printed = modules_after(f"from boundcheck.cli import run\nassert run({arguments}) == 0")
    assert "Not a theorem that ships." in printed
    if "json" in arguments[-1]:
        assert RECORD in (json.loads(printed), *json.loads(printed))
    assert not loaded & HEAVY


@pytest.mark.usefixtures("warm")
def test_an_unknown_name_is_refused_without_sympy():
    loaded, _ = modules_after("from boundcheck.cli import run\nassert run(['show', 'keep']) == 2")
    assert not loaded & HEAVY


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "--trials", "0"],
        ["check", "--device", "tpu"],
        ["check", "--precision", "half"],
        ["solve", "--for", "x"],
    ],
)
def test_a_mistake_is_told_before_anything_is_loaded(arguments):
    loaded, _ = modules_after(f"from boundcheck.cli import run\nassert run({arguments}) == 2")
    assert not loaded & HEAVY


def test_the_public_names_load_numba_and_hypothesis_no_sooner_than_they_are_used():
    loaded, _ = modules_after("from boundcheck import *\nfrom boundcheck import Theorem, check")
    assert "sympy" in loaded
    assert not loaded & {"numba", "llvmlite", "hypothesis", "pytest"}


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--where", "width>=64", "--sort", "worst"],
        ["--point", "3"],
        ["--json"],
        ["--json-lines"],
        ["--export", "out.csv"],
        ["--export", "out.parquet"],
    ],
)
def test_results_are_listed_without_what_made_them(tmp_path, options):
    store = synthetic_store(tmp_path / "store.db", 20)
    if "--export" in options:
        options = ["--export", str(tmp_path / options[1])]
    arguments = ["results", str(store), *options]
    loaded, printed = modules_after(f"from boundcheck.cli import run\nassert run({arguments}) == 0")
    assert printed or "--export" in options
    # What writes Parquet loads NumPy.
    assert not loaded & (HEAVY - ({"numpy"} if "pyarrow" in loaded else set()))
    assert ("pyarrow" in loaded) == arguments[-1].endswith(".parquet")


def test_what_notebooks_show_needs_nothing_of_theirs():
    code = """
import sys
from boundcheck import Theorem, real
assert not any("notebook" in name for name in sys.modules), "before there is something to show"
x = real("x")
assert "<math" in Theorem(claim=x**2 <= x**4 + 1)._repr_html_()
"""
    loaded, _ = modules_after(code)
    assert not loaded & {"IPython", "ipykernel", "jinja2", "matplotlib", "pandas", "numba"}


def test_trials_of_a_plan_need_no_sympy():
    loaded, _ = modules_after("import boundcheck.experiment.arrays, boundcheck.experiment.measure, boundcheck.kernels")
    assert "numpy" in loaded
    assert not loaded & {"sympy", "scipy"}


def test_trials_begin_before_the_special_functions_are_loaded():
    code = """
import sys
from boundcheck.check.ahead import begin
from boundcheck.experiment.head_start import HeadStart
from boundcheck.statement.discovery import load, shipped

class Told(HeadStart):
    def begin(self, label, plan, trials):
        assert "scipy.special" not in sys.modules
        print(trials)

for name in ("one_layer", "fcn_magnitude"):
    for theorem in load(shipped() / "pruning" / f"{name}.py"):
        begin(Told(), theorem, trials=None, seed=0, precision="double")
"""
    assert modules_after(code)[1].split() == ["100"] * 7


def test_check_is_the_function_whatever_was_imported_before():
    code = """
import boundcheck, boundcheck.check.options
first = boundcheck.check
import boundcheck.check.run
from boundcheck import check
from boundcheck.check.run import check as function
assert first is check is boundcheck.check is function
assert {"check", "Theorem", "__file__"} <= set(dir(boundcheck))
assert not hasattr(boundcheck, "no_such_name")
"""
    modules_after(code)


def test_choices_of_the_command_line_are_those_there_are():
    from boundcheck.check.describe import shown
    from boundcheck.kernels import tables
    from boundcheck.statement.discovery import load, shipped

    assert list(PRECISIONS) == list(tables.NUMBERS)
    theorem = load(shipped() / "scalar" / "hoeffding.py")[0]
    assert len({shown(theorem, form) for form in FORMATS}) == len(FORMATS)
    assert len(set(UNKNOWNS)) == 4
