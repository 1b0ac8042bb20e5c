"""The table of re-checked certificates."""

from __future__ import annotations

import io

from rich.console import Console

from boundcheck.report.verification import render_verifications


def shown(records, width=80) -> str:
    stream = io.StringIO()
    render_verifications(records, Console(file=stream, width=width))
    assert max(map(len, stream.getvalue().splitlines())) <= width
    return stream.getvalue()


def row(theorem, outcome, *complaints, file=None, claim=None):
    about = {"theorem": theorem, "file": file, "status": "PROVED", "claim": claim}
    return about | {"outcome": outcome, "complaints": complaints}


def test_each_outcome_and_each_complaint_is_shown():
    records = [
        row("good", "verified", claim="x**2 >= 0 for all x in [0, 1]"),
        row("plain", "nothing to verify"),
        row("[b]bad[/b]", "rejected", "box 3 is not covered", "box 4 neither", file="proofs/bad.py"),
    ]
    for width in (60, 80, 140):
        output = shown(records, width)
        assert "REJECTED" in output
        assert "x**2 >= 0" in output
        assert "[b]bad[/b] (proofs/bad.py): box 3 is not covered" in output
        assert "box 4 neither" in output
        assert "3 verdicts: 1 verified, 1 rejected, 1 nothing to verify" in output


def test_one_and_none():
    assert "1 verdict: 1 verified" in shown([row("good", "verified")])
    assert "0 verdicts: none" in shown([])
