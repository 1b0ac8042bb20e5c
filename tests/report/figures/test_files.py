"""Figures as files: they open, they are the same every time, and what is wrong is said in one line."""

from __future__ import annotations

import shutil
import subprocess
import sys
from xml.etree import ElementTree

import matplotlib.image
import numpy as np
import pytest
from report.figures.figure_data import EVERY, figure, gaps, ladder, rows, violations

from boundcheck.errors import InvalidArgument
from boundcheck.report.figures import save
from boundcheck.report.figures.palette import DARK, LIGHT


@pytest.mark.parametrize("make", EVERY, ids=lambda make: make.__name__)
@pytest.mark.parametrize("dark", [False, True])
def test_a_png_opens_on_its_ground(tmp_path, make, dark):
    [path] = save(make(), tmp_path / "f.png", dark=dark, narrow=dark)
    assert path.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    pixels = matplotlib.image.imread(path)
    assert pixels.shape[1] == round((3.4 if dark else 6.8) * 200)
    ground = (DARK if dark else LIGHT)["paper"]
    corner = [int(ground[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    assert np.allclose(pixels[0, -1, :3], corner, atol=1 / 255)
    assert not np.allclose(pixels[..., :3], corner, atol=0.1)  # something is drawn


def test_nothing_is_drawn_over_the_edge(tmp_path):
    for make in (gaps, violations, rows, ladder):
        for narrow in (False, True):
            [path] = save(make(), tmp_path / "f.png", narrow=narrow)
            pixels = matplotlib.image.imread(path)[..., :3]
            edges = (pixels[:2], pixels[-2:], pixels[:, :2], pixels[:, -2:])
            assert all(np.all(edge == 1) for edge in edges), (make.__name__, narrow)


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_files_are_the_same_every_time(tmp_path, suffix):
    [first], [second] = (save(violations(), tmp_path / f"{name}{suffix}") for name in "ab")
    assert first.read_bytes() == second.read_bytes()


def test_several_figures_are_pages_or_files_with_their_ids(tmp_path):
    figures = [gaps(), violations()]
    assert save(figures, tmp_path / "all.pdf") == [tmp_path / "all.pdf"]
    assert save(figures, tmp_path / "all.png") == [tmp_path / "all-gaps.png", tmp_path / "all-violations.png"]
    assert save(figures[:1], tmp_path / "all.PNG") == [tmp_path / "all.PNG"]


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="pdftoppm is not installed")
def test_a_pdf_has_a_page_for_each_figure(tmp_path):
    save([gaps(), rows()], tmp_path / "all.pdf")
    subprocess.run(["pdftoppm", "-r", "30", tmp_path / "all.pdf", tmp_path / "page"], check=True)
    assert len(list(tmp_path.glob("page-*.ppm"))) == 2


def test_a_standalone_svg_has_colours_a_ground_and_a_size(tmp_path):
    [path] = save(gaps(), tmp_path / "f.svg", dark=True)
    text = path.read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)
    assert root.get("width")
    assert root.get("role") == "img"
    assert "var(--" not in text
    assert DARK["series-1"] in text
    assert root.find("{http://www.w3.org/2000/svg}rect").get("style") == f"fill: {DARK['paper']}"


def test_the_title_can_be_left_out(tmp_path):
    [with_title] = save(figure(), tmp_path / "a.png")
    [without] = save(figure(), tmp_path / "b.png", title=False)
    assert matplotlib.image.imread(with_title).shape[0] > matplotlib.image.imread(without).shape[0]


@pytest.mark.parametrize("name", ["f.gif", "f", "f.jpeg"])
def test_an_unknown_suffix_is_refused(tmp_path, name):
    with pytest.raises(InvalidArgument, match=r"\.png, \.svg, \.pdf"):
        save(figure(), tmp_path / name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_a_folder_that_is_not_there_is_told(tmp_path, suffix):
    with pytest.raises(InvalidArgument, match="cannot be written"):
        save(figure(), tmp_path / "none" / f"f{suffix}")


def test_without_matplotlib_one_line_says_what_to_install(tmp_path):
    code = f"""
import sys
sys.modules["matplotlib"] = None
sys.modules["matplotlib.figure"] = None
sys.path.insert(0, "tests")
from boundcheck.report.figures import save, svg
from boundcheck.report.figures.library import MissingPlots
from boundcheck.report.figures.files import SUFFIXES
from report.figures.figure_data import figure
for call in (lambda: svg(figure()), *(lambda s=s: save(figure(), r"{tmp_path}/f" + s) for s in SUFFIXES)):
    try:
        call()
    except MissingPlots as error:
        print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ['plots need Matplotlib; install it with pip install "boundcheck[plots]"'] * 4
    assert not list(tmp_path.iterdir())
