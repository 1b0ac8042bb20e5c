"""Derivations, winners and splits on the command line: what is printed, and what is refused."""

from __future__ import annotations

import json
import re
import xml.dom.minidom

import pytest

from boundcheck.cli import run

SPEC = ["--fcn", "64,256,256,32", "--prune", "magnitude:alpha=0.5"]


def test_proof_of_a_theorem_as_text(capsys):
    assert run(["show", "fcn_magnitude", "--proof"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"^ +1\. the weights are independent", out, re.MULTILINE)
    assert "by union bound, from steps" in out
    assert "7 failure probabilities add up to delta" in out
    assert re.search(r"\d+ steps, \d+ conditions: all checked\.\n$", out)
    numbers = [int(n) for n in re.findall(r"^ *(\d+)\. ", out, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_proof_of_a_bound_in_every_form(capsys):
    assert run(["bound", *SPEC, "--proof", "--format", "json"]) == 0
    record = json.loads(capsys.readouterr().out)
    last = record["steps"][-1]
    assert run(["bound", *SPEC, "--json"]) == 0
    bound = json.loads(capsys.readouterr().out)
    assert last["value"] == bound["epsilon"]
    assert last["failure"]["text"] == "1/100"
    assert all(used < step["number"] for step in record["steps"] for used in step["uses"])
    assert run(["bound", *SPEC, "--proof", "--format", "latex"]) == 0
    latex = capsys.readouterr().out
    assert latex.count(r"\item[") == len(record["steps"])
    assert not re.search(r"[‖≤≥]", latex)
    assert latex.count("$") % 2 == 0
    assert run(["bound", *SPEC, "--proof", "--format", "html"]) == 0
    html = capsys.readouterr().out
    for number in range(1, len(record["steps"]) + 1):
        assert f'id="step-{number}"' in html
    for formula in re.findall(r"<math.*?</math>", html, re.DOTALL):
        xml.dom.minidom.parseString(formula)
    assert "http://" not in html.replace("http://www.w3.org/1998/Math/MathML", "")


def test_all_theorems_with_derived_bounds_have_a_proof(capsys):
    assert run(["list", "--json"]) == 0
    names = [record["theorem"] for record in json.loads(capsys.readouterr().out) if record["kind"] == "gap"]
    proved = 0
    for name in names:
        status = run(["show", name, "--proof"])
        captured = capsys.readouterr()
        assert status == 0 or "derives no bound in" in captured.err, name
        proved += status == 0
    assert proved >= 15


def test_winners(capsys):
    assert run(["show", "fcn_random", "--winners"]) == 0
    out = capsys.readouterr().out
    assert "as d -> oo, 0 < alpha < 1/2: T3a+T4" in out
    assert run(["show", "fcn_random", "--winners", "--format", "json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["width"] == "d"
    assert all(at["winners"][0]["from"] == record["low"] for norm in record["norms"] for at in norm["at"])


def test_splits(capsys):
    found = {}
    for split in ("equal", "best"):
        assert run(["bound", *SPEC, "--split", split, "--json"]) == 0
        found[split] = json.loads(capsys.readouterr().out)
    assert found["best"]["epsilon"] < found["equal"]["epsilon"]
    assert found["equal"]["epsilon"] < 0.004
    assert found["best"]["equal_shares"] == found["equal"]["epsilon"] == found["equal"]["equal_shares"]
    assert found["best"]["best_split"] == found["best"]["epsilon"] == found["equal"]["best_split"]
    assert (found["best"]["split"], found["equal"]["split"]) == ("best", "equal")
    for split, words in (
        ("equal", r"--split best gives [0-9.]+, *\d"),
        ("best", r"equal shares give [0-9.]+, *so that"),
    ):
        assert run(["bound", *SPEC, "--split", split]) == 0
        assert re.search(words, " ".join(capsys.readouterr().out.split()))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "hoeffding_mean", "--proof"], "boundcheck derives no bound in hoeffding_mean"),
        (["show", "hoeffding_mean", "--winners"], "hoeffding_mean holds no bound that boundcheck derives"),
        (["show", "fcn_magnitude", "--proof", "--format", "python"], "a proof is not shown as python"),
        (["show", "fcn_magnitude", "--format", "html"], "a theorem is not shown as html"),
        (["show", "fcn_magnitude", "--proof", "--winners"], "leave one of them out"),
        (["show", "fcn_magnitude", "--winners", "--format", "latex"], "winners are not shown as latex"),
        (["bound", *SPEC, "--format", "html"], "a bound is not shown as html"),
        (["bound", *SPEC, "--split", "greedy"], "--split"),
    ],
)
def test_mistakes_are_one_line(capsys, arguments, message):
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert "Traceback" not in captured.err
    assert captured.out == ""
