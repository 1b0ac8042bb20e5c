"""Markdown and LaTeX: nothing that a store holds becomes markup, and LaTeX compiles."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from page_data import HOSTILE, hostile_data, synthetic_data

from boundcheck.cli import run as boundcheck
from boundcheck.report.page.latex import PACKAGES, article
from boundcheck.report.page.latex_text import escaped, safe_formula
from boundcheck.report.page.markdown import escaped as as_markdown
from boundcheck.report.page.markdown import markdown


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    return hostile_data(tmp_path_factory.mktemp("hostile"))


def compiled(text, folder):
    """The log of a compilation that found no error; the test skips where there is no LaTeX."""
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed (Debian: texlive-latex-recommended, lmodern)")
    (folder / "report.tex").write_text(text, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "report.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    log = (folder / "report.log").read_text(encoding="latin-1")
    assert done.returncode == 0, "\n".join(re.findall(r"^!.*\n(?:.*\n){4}", log, re.M))
    assert (folder / "report.pdf").read_bytes().startswith(b"%PDF")
    return log


@pytest.mark.slow
def test_latex_of_a_report_compiles(tmp_path):
    compiled(article(synthetic_data(tmp_path), {}), tmp_path)


@pytest.mark.slow
def test_latex_of_hostile_strings_compiles_and_reads_no_file(hostile, tmp_path):
    log = compiled(article(hostile, {}), tmp_path)
    assert "passwd" not in re.sub(r"\\input.*", "", log)
    assert "Missing character" not in log


@pytest.mark.slow
def test_a_fragment_compiles_in_a_document_with_its_packages(tmp_path):
    body = article(synthetic_data(tmp_path), {}, fragment=True)
    needed = "\n".join(line.removeprefix("% ") for line in body.splitlines() if line.startswith(r"% \usepackage"))
    assert r"\documentclass" not in body
    commands = "\n".join(line for line in PACKAGES.splitlines() if line.startswith(r"\newcommand"))
    start = f"\\documentclass{{article}}\n{needed}\n{commands}\n\\begin{{document}}\n"
    compiled(f"{start}{body}\n\\end{{document}}\n", tmp_path)


@pytest.mark.parametrize("words", HOSTILE)
def test_latex_has_no_command_of_a_string(words):
    text = escaped(words)
    assert text.isascii()
    plain = re.sub(
        r"\\(?:textbackslash|textless|textgreater|allowbreak|ensuremath|text\w+|[&%$#_{}])(?:\{\})?", "", text
    )
    assert not re.search(r"\\(?:input|write|script)", plain)
    assert not re.search(r"(?<!\\)[%#&$]", text)


@pytest.mark.parametrize(
    "formula",
    [
        r"P \leq \delta",
        r"\frac{a_{1}}{\sqrt{b^{2}}}",
        r"\begin{cases} 1 & \text{for}\: x > 0 \\ 0 & \text{otherwise} \end{cases}",
        r"\left\|A\right\| \le \mathbb{E}\left[x\right]",
    ],
)
def test_a_formula_is_kept(formula):
    assert safe_formula(formula) == ("", formula)


def test_setting_and_claim_are_taken_apart_and_symbols_left_out():
    display = "\\[\n\\begin{aligned}\n& a \\le b \\\\\nb &= 2\n\\end{aligned}\n\\]"
    text = f"For all $n \\in \\{{1, \\dots\\}}$:\n{display}\n\\begin{{tabular}}{{l}}"
    assert safe_formula(text) == (r"For all $n \in \{1, \dots\}$:", r"a \le b")


@pytest.mark.parametrize(
    "formula",
    [
        None,
        "",
        r"\input{/etc/passwd}",
        r"\write18{id}",
        r"\csname input\endcsname",
        r"\catcode`\%=12",
        r"\def\x{y}",
        r"^^5cinput",
        r"a \left( b",
        "a } b {",
        "a $ b",
        "a & b",
        "a % b",
        "a # b",
        "a \n\n b",
        "a \x07 b",
        r"\begin{document} a \end{document}",
        r"\begin {verbatim} a \end {verbatim}",
        r"\begin{cases} a",
        r"a \] \input{b} \[ c",
        "words_of $a$ b_c:\n\\[\na\n\\]\\relax",
        "x" * 30_000,
    ],
)
def test_a_formula_with_anything_else_is_left_to_the_words(formula):
    found = safe_formula(formula)
    assert found is None or not re.search(r"input|relax|\n\n", "".join(found))
    if formula != r"a \] \input{b} \[ c" and not (formula or "").startswith("words_of"):
        assert found is None


def test_markdown_of_hostile_strings_has_no_markup_of_theirs(hostile):
    text = markdown(hostile, {})
    outside = re.sub(r"^(`{3,})\w*\n.*?\n\1$", "", text, flags=re.M | re.S)
    assert not re.search(r"<(?!details>|/details>|summary>|/summary>)", outside)
    assert not re.search(r"(?<!\\)\[(?!x\])", outside)
    for block in re.split(r"\n\n", outside):
        lines = block.splitlines()
        if lines and lines[0].startswith("| "):
            cells = {len(re.findall(r"(?<!\\)\|", line)) for line in lines}
            assert len(cells) == 1
    assert text.count("\n# ") + text.startswith("# ") == 1


@pytest.mark.parametrize("words", ["# a", "- a", "1. a", "1) a", "> a", "+ a", "=== a"])
def test_markdown_begins_no_block(words):
    assert re.match(r"\d*\\", as_markdown(words))


@pytest.mark.parametrize("words", ["0.05", "-1.5", "+1", "2nd"])
def test_markdown_of_numbers_is_left_alone(words):
    assert as_markdown(words) == words


def test_figures_are_links_to_their_files(tmp_path):
    data = synthetic_data(tmp_path)
    images = {data["figures"][0]["id"]: "made-figures/one.svg"}
    assert "](<made-figures/one.svg>)" in markdown(data, images)
    assert r"{made-figures/one.svg}" in article(data, images)
    assert "](<" not in markdown(data, {})


@pytest.mark.slow
@pytest.mark.parametrize("form", [[], ["--proof"]])
def test_latex_of_a_derived_bound_and_of_its_proof_compile(tmp_path, capsys, form):
    assert boundcheck(["show", "fcn_magnitude", *form, "--format", "latex"]) == 0
    text = capsys.readouterr().out
    compiled(f"\\documentclass{{article}}\n{PACKAGES}\\begin{{document}}\n{text}\\end{{document}}\n", tmp_path)
    assert "$largest" not in text
