"""The example notebook runs from top to bottom, and shows what it says."""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

import boundcheck

TOUR = Path(boundcheck.__file__).parents[1] / "proofs" / "notebooks" / "tour.ipynb"
SECONDS = 600
"""For a cell: the first one that draws networks compiles kernels, if nobody has."""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Runs a notebook with the Python of these tests, with no one's settings, in an empty folder."""
    folder = tmp_path_factory.mktemp("notebooks")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PREFER_ENV_PATH", "1")  # the kernel of this environment, not one that the user installed
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
            patch.setenv(name, str(folder / name.lower()))
        patch.delenv("MPLBACKEND", raising=False)

        def run(notebook):
            resources = {"metadata": {"path": str(folder)}}
            return NotebookClient(notebook, timeout=SECONDS, kernel_name="python3", resources=resources).execute()

        yield run


@pytest.fixture(scope="module")
def tour(run):
    return run(nbformat.read(TOUR, as_version=4))


def outputs(notebook):
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def complaints(notebook):
    """What cells write to standard error."""
    return [output.text for output in outputs(notebook) if output.output_type == "stream" and output.name == "stderr"]


def shown(notebook, words):
    """The one display that has some words in its HTML."""
    data = [output.data for output in outputs(notebook) if "data" in output]
    [found] = [each for each in data if words in each.get("text/html", "")]
    return found


def test_the_notebook_is_stored_as_it_was_written():
    notebook = nbformat.read(TOUR, as_version=4)
    nbformat.validate(notebook)
    assert not outputs(notebook), "without outputs, so that a change shows what changed"
    assert all(cell.execution_count is None for cell in notebook.cells if cell.cell_type == "code")
    assert TOUR.read_text("utf-8") == nbformat.writes(notebook) + "\n"


def test_no_cell_complains(tour):
    assert complaints(tour) == []
    assert sum(cell.cell_type == "code" for cell in tour.cells) > 8
    printed = [output.text for output in outputs(tour) if output.output_type == "stream"]
    assert printed[0].startswith("Layer 3's removed norm dominates")
    assert printed[1:] == ["8 of 8 points: {'CONFIRMED': 8}\n"]


@pytest.mark.parametrize(
    ("words", "in_html", "in_latex"),
    [
        ("Theorem uniform_mean", ["<math", "variance proxy 1/3"], r"\mathbb{P}\left[\overline{X} \geq t\right] \leq"),
        ("✓ CONFIRMED</span> <strong>uniform_mean", ["exact law at", "<math"], r"\textbf{CONFIRMED}"),
        ("✗ REFUTED</span> <strong>too_good", ["check(too_good, seed=0)", "<math"], r"\textbf{REFUTED}"),
        ("∎ PROVED</span> <strong>sinh_lemma", ["17 steps", "<mfrac>"], r"\frac{\sinh{\left(x \right)}}{x} \leq"),
        ("fcn(64-128-128-10", ["0.0136702", "S6+T5", "<math"], r"\epsilon \le 0.0136702"),
        ("✓ CONFIRMED</span> <strong>square_gap", ["bound / T1", "Gap seen"], r"\textbf{CONFIRMED}"),
    ],
)
def test_the_three_kinds_of_displays_are_there(tour, words, in_html, in_latex):
    found = shown(tour, words)
    assert all(part in found["text/html"] for part in in_html)
    assert in_latex in found["text/latex"]
    assert found["text/latex"].startswith("$$")
    assert found["text/plain"]


def test_tables_and_figures_are_there(tour):
    kinds = [kind for output in outputs(tour) if "data" in output for kind in output.data]
    assert kinds.count("image/png") == 2
    assert "0.000015" in shown(tour, "<th>1024</th>")["text/html"]
    assert shown(tour, "certificate_max")["text/html"].count("<td>CONFIRMED</td>") == 8


def planted(source):
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])


def test_a_cell_that_fails_is_found(run):
    with pytest.raises(CellExecutionError, match="delta=2 is; no"):
        run(planted("from boundcheck.errors import InvalidArgument\nraise InvalidArgument('delta', 2, 'is', 'no')"))


def test_a_cell_that_complains_is_found(run):
    found = run(planted("import sys, warnings\nwarnings.warn('beware')\nprint(sys.executable)"))
    [words] = complaints(found)
    assert "beware" in words
    assert sys.executable in outputs(found)[-1].text or sys.executable in outputs(found)[0].text
