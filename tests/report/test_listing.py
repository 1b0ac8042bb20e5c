"""The list of theorems: grouped, readable at 80 columns, with what each one is."""

from __future__ import annotations

import io

from rich.console import Console

from boundcheck.report.listing import render_listing


def shown(records, width=80) -> list[str]:
    stream = io.StringIO()
    render_listing(records, Console(file=stream, width=width))
    lines = [line.rstrip() for line in stream.getvalue().splitlines()]
    assert max(map(len, lines)) <= width
    return lines


def row(theorem, folder="scalar", title="A tail.", **more):
    record = {"theorem": theorem, "file": f"proofs/{folder}/x.py", "title": title, "claim": "P(X >= t) <= 1"}
    return record | {"random": ["X: normal(0, 1)"]} | more


def test_kind_and_fidelity_stand_beside_the_name():
    lines = shown([row("hoeffding", kind="probability", fidelity="reproduction")])
    assert lines[:2] == ["scalar/  1 theorem", "  hoeffding  probability, reproduction"]
    assert "  hoeffding  expectation" in shown([row("hoeffding", kind="expectation")])
    assert "  hoeffding" in shown([row("hoeffding")])


def test_every_folder_has_one_heading_wherever_its_theorems_stand():
    lines = shown([row(f"bound_{i}", f"folder_{i % 3}") for i in range(70)])
    headings = [line for line in lines if line.startswith("folder_")]
    assert headings == ["folder_0/  24 theorems", "folder_1/  23 theorems", "folder_2/  23 theorems"]


def test_a_title_is_said_once_for_the_theorems_of_a_file():
    lines = shown([row("a"), row("b"), row("c", "other")])
    assert lines.count("      A tail.") == 2


def test_long_claims_wrap_inside_the_indent():
    lines = shown([row("long", claim="x + " * 60 + "x <= 1", kind="numbers")])
    assert all(line.startswith("      ") for line in lines[2:])
