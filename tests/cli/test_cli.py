"""The command line as scripts and people use it: exit statuses, JSON, messages."""

import json
import os
import pty
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from boundcheck.cli import run

GOOD = '''
"""A true tail."""
from sympy import exp
from boundcheck import P, Theorem, iid, mean, rademacher, real
t = real("t", min=0, max=1)
good = Theorem(claim=P(mean(iid(rademacher(), 20)) >= t) <= exp(-10 * t**2), source="Hoeffding 1963, Theorem 1")
'''
BAD = GOOD.replace("good =", "bad =").replace("-10 *", "-20 *")
OPEN = """
from boundcheck import P, Theorem, beta, iid, mean
undecided = Theorem(
    claim=P(mean(iid(beta(2, 2), 20)) >= 0.5) <= 0.5,
    source="equality without an exact law: no number of trials decides",
)
"""
BROKEN = {
    "syntax.py": "def (",
    "raises.py": "1 / 0",
    "empty.py": "x = 1",
    "quits.py": "raise SystemExit(3)",
    "width.py": "from boundcheck import *\nfcn([4, 0], weights=uniform(-1, 1))",
    "infinite.py": "from boundcheck import *\nfcn([4, float('inf')], weights=uniform(-1, 1))",
    "nan.py": "from boundcheck import *\nfcn([4, float('nan')], weights=uniform(-1, 1))",
    "many.py": "from boundcheck import *\nf = fcn([4, 4], weights=uniform(-1, 1))\nprune(f, magnitude(count=17))",
    "delta.py": "from boundcheck import *\nf = fcn([4, 4], weights=uniform(-1, 1))\n"
    "gap_bound(f, prune(f, random(count=1)), delta=1)",
    "symbol.py": "from sympy import Symbol\nfrom boundcheck import *\nX = iid(uniform(0, 1), 3)\n"
    "c = Theorem(claim=P(mean(X) >= 1) <= Symbol('z'))",
    "float.py": "import math\nfrom boundcheck import *\nt = real('t')\nmath.exp(t)",
    "claim.py": "from boundcheck import *\nX = iid(uniform(0, 1), 3)\n"
    "c = Theorem(claim=P(mean(X) >= 1) < 0.5, source='strict')",
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "refuted").mkdir()
    (tmp_path / "good.py").write_text(GOOD, encoding="utf-8")
    return tmp_path


def test_exit_statuses(folder, capsys):
    assert run(["check", str(folder / "good.py")]) == 0
    (folder / "bad.py").write_text(BAD, encoding="utf-8")
    assert run(["check", str(folder)]) == 1
    (folder / "bad.py").rename(folder / "refuted" / "bad.py")
    assert run(["check", str(folder)]) == 0
    (folder / "refuted" / "true.py").write_text(GOOD, encoding="utf-8")
    assert run(["check", str(folder)]) == 1
    (folder / "refuted" / "true.py").unlink()
    (folder / "open.py").write_text(OPEN, encoding="utf-8")
    assert run(["check", str(folder)]) == 3
    capsys.readouterr()


def test_json_follows_the_schema(folder, capsys):
    (folder / "bad.py").write_text(BAD, encoding="utf-8")
    assert run(["check", str(folder), "--json", "--seed", "3", "--level", "0.95"]) == 1
    out = capsys.readouterr()
    records = json.loads(out.out)
    assert [r["theorem"] for r in records] == ["bad", "good"]
    for r in records:
        assert {"theorem", "file", "status", "vacuous", "level", "seed", "seconds", "version", "method", "points",
                "counterexample"} <= set(r)  # fmt: skip
        assert (r["level"], r["seed"]) == (0.95, 3)
        for point in r["points"]:
            assert {"parameters", "law", "claimed", "observed", "limit_low", "limit_high", "trials", "violations",
                    "open"} <= set(point)  # fmt: skip
    bad, good = records
    assert good["counterexample"] is None
    assert good["status"] == "CONFIRMED"
    assert bad["status"] == "REFUTED"
    assert bad["counterexample"]["reproduce"] == f"boundcheck check {folder}/bad.py::bad --seed 3 --level 0.95"
    assert bad["counterexample"]["limit_low"] > bad["counterexample"]["claimed"]


NETWORK = """
from boundcheck import P, Theorem, fcn, gap, gap_bound, magnitude, prune, real, uniform
delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)
target = fcn([6, 12, 4], weights=uniform(-1, 1))
pruned = prune(target, magnitude(alpha=0.5))
claim = P(gap(target, pruned) > gap_bound(target, pruned, delta=delta) / 1000) <= delta
network = Theorem(claim=claim, points=[{"delta": "1/4"}])
"""


def test_the_precision_of_networks_is_recorded_and_reproduced(folder, capsys):
    (folder / "network.py").write_text(NETWORK, encoding="utf-8")
    found = {}
    for precision in ("double", "single"):
        assert run(["check", str(folder), "--precision", precision, "--json"]) == 1
        good, found[precision] = json.loads(capsys.readouterr().out)
        assert good["precision"] is None
        assert found[precision]["precision"] == precision
    single = found["single"]["counterexample"]
    assert "--precision" not in found["double"]["counterexample"]["reproduce"]
    _, *again = single["reproduce"].split()
    assert again[again.index("--precision") + 1] == "single"
    assert run([*again, "--json"]) == 1
    [record] = json.loads(capsys.readouterr().out)
    assert record["counterexample"]["first_violation"] == single["first_violation"]
    assert single["first_violation"] != found["double"]["counterexample"]["first_violation"]


def test_the_plan_says_what_a_run_would_take_and_runs_nothing(folder, capsys, monkeypatch):
    (folder / "network.py").write_text(NETWORK, encoding="utf-8")
    (folder / "open.py").write_text(OPEN, encoding="utf-8")
    monkeypatch.setattr(import_module("boundcheck.check.run"), "measure", None)
    assert run(["check", str(folder), "--plan"]) == 0
    out = capsys.readouterr()
    assert not out.err
    flat = " ".join(out.out.split())
    for words in ("network", "1/4", "undecided", "half", "10 times", "100 %", "≤ 100"):
        assert words in flat
    assert "3 theorems: 1 by proofs and exact laws alone, 0 on growth, 2 with trials at 2 points." in flat
    assert "All 2 decisions that rest on trials are right together with probability 0.99 or more" in flat
    assert run(["check", str(folder), "--plan", "--json", "--level", "0.9", "--trials", "50"]) == 0
    out = capsys.readouterr()
    record = json.loads(out.out)
    assert (record["level"], record["tests"], record["counted"], record["errors"]) == (0.9, 2, 2, [])
    network = record["theorems"][1]["points"][0]
    assert (network["trials"], network["sequential"], network["beta"]) == (50, False, pytest.approx(0.025))
    assert [p["rate"] for p in network["prospects"]] == pytest.approx([0, 0.125, 0.5, 1])


def test_a_plan_of_what_cannot_be_loaded_or_planned_is_bad_input(folder, capsys):
    (folder / "many.py").write_text(BROKEN["many.py"], encoding="utf-8")
    assert run(["check", str(folder), "--plan", "--json"]) == 2
    out = capsys.readouterr()
    assert [t["theorem"] for t in json.loads(out.out)["theorems"]] == ["good"]
    [line] = out.err.strip().splitlines()
    assert line.startswith(f"boundcheck: {folder}/many.py")
    assert run(["check", "--plan", "--level", "2"]) == 2
    assert "level=2" in capsys.readouterr().err
    for option in ("--points", "--ablate"):
        assert run(["check", "--plan", option]) == 2
        assert f"boundcheck: {option} shows what was tested, and --plan tests nothing" in capsys.readouterr().err


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_one_line_and_the_others_are_checked(folder, capsys, name):
    (folder / name).write_text(BROKEN[name], encoding="utf-8")
    assert run(["check", str(folder), "--json"]) == 2
    out = capsys.readouterr()
    assert [r["theorem"] for r in json.loads(out.out)] == ["good"]
    [line] = out.err.strip().splitlines()
    assert line.startswith(f"boundcheck: {folder}/{name}")
    assert "Traceback" not in line
    assert len(line) < 400


def test_errors_name_the_line_also_by_a_relative_path(folder, capsys, monkeypatch):
    (folder / "third.py").write_text("x = 1\n\n1 / 0\n", encoding="utf-8")
    monkeypatch.chdir(folder)
    assert run(["check", "third.py"]) == 2
    assert capsys.readouterr().err.startswith("boundcheck: third.py:3: ZeroDivisionError")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "nowhere.py"], "no such file or folder"),
        (["check", "--device", "tpu"], "device='tpu' is not a device"),
        (["check", "--level", "1"], "level=1.0"),
        (["check", "--trials", "0"], "trials=0"),
        (["check", "--seed", "-1"], "seed=-1"),
        (["check", "--precision", "half"], "precision='half' is not known; pass double or single"),
        (["check", "--frobnicate"], "No such option"),
        (["frobnicate"], "No such command"),
        (["show", "nothing"], "NAME='nothing' is not a theorem that ships"),
        (["bound", "--fcn", "4,4"], "--prune=None does not say how the network is pruned; pass --prune"),
        (["bound", "--fcn", "4", "--prune", "random:count=1"], "--fcn='4'"),
        (["bound", "--fcn", "4,0", "--prune", "random:count=1"], "--fcn='4,0'"),
        (["bound", "--fcn", "4,4", "--prune", "random:count=17"], "count=17 is more than the 16 weights of layer 1"),
        (["bound", "--fcn", "4,4", "--prune", "random:alpha=1"], "alpha=1 is out of range"),
        (["bound", "--fcn", "4,4", "--prune", "random"], "--prune='random'"),
        (["bound", "--fcn", "4,4", "--prune", "worst:count=1"], "--prune='worst:count=1'"),
        (["bound", "--fcn", "4,4", "--prune", "random:count=1", "--delta", "0"], "delta=0"),
        (["bound", "--fcn", "4,4", "--prune", "random:count=1", "--delta", "nan"], "delta='nan'"),
        (["bound", "--fcn", "4,4", "--prune", "random:count=1", "--radius", "-1"], "radius=-1"),
        (["bound", "--fcn", "4,4", "--prune", "random:count=1", "--weights", "cauchy:1"], "--weights='cauchy:1'"),
        (["bound", "--fcn", "4,4", "--prune", "random:count=1", "--weights", "normal:0"], "--weights='normal:0'"),
        (["bound", "--fcn", "4,4", "--prune", "random:count=1", "--activation", "sin"], "activation='sin'"),
        (["bound", "--fcn", "4,4", "--prune", "magnitude:count=1", "--weights", "rademacher:1"], "random pruning"),
    ],
)
def test_mistakes_are_one_line_with_the_remedy(arguments, words, capsys):
    assert run(arguments) == 2
    out = capsys.readouterr()
    assert not out.out
    [line] = out.err.strip().splitlines()
    assert words in line


def test_list_and_show(capsys, folder):
    assert run(["list", "--json"]) == 0
    records = {r["theorem"]: r for r in json.loads(capsys.readouterr().out)}
    assert {"hoeffding", "fcn_magnitude", "fcn_random", "bernstein", "azuma", "berry_esseen_upper"} <= set(records)
    library = [r for r in records.values() if "inequalities" in r["file"]]
    assert all(r["source"] and r["fidelity"] for r in library)
    assert {r["kind"] for r in library} >= {"tail", "expectation", "scaling"}
    assert run(["list", str(folder)]) == 0
    assert "P(mean(X) >= t) <= exp(-10*t**2)" in capsys.readouterr().out
    assert run(["show", "fcn_magnitude"]) == 0
    text = capsys.readouterr().out
    assert "[S1]" in text
    assert "7 events may fail, with probability delta/7 each" in text
    for form, words in (("latex", r"\mathbb{P}"), ("mathml", "<math"), ("python", "def good(t)"), ("json", '"claim"')):
        assert run(["show", f"{folder}/good.py::good", "--format", form]) == 0
        assert words in capsys.readouterr().out


def test_python_export_gives_the_same_number(capsys):
    from boundcheck.derivation.gap import expand_bounds
    from boundcheck.formula.rigorous import enclose
    from boundcheck.statement.discovery import load, shipped

    for name, file in (("fcn_magnitude", "fcn_magnitude"), ("fcn_random", "fcn_random"), ("hoeffding", "hoeffding")):
        assert run(["show", name, "--format", "python"]) == 0
        scope = {}
        exec(capsys.readouterr().out, scope)
        [path] = shipped().rglob(f"{file}.py")
        theorem = next(t for t in load(path) if t.name == name)
        values = {"d": 64, "alpha": "1/2", "delta": "1/20", "n": 50, "t": "1/5"}
        point = theorem.point({p.name: values[p.name] for p in theorem.parameters})
        gap = theorem.tail.gap is not None
        exact = enclose(expand_bounds(theorem.tail.threshold() if gap else theorem.tail.claimed), point)
        number = scope[name](**{p.name: float(v) for p, v in point.items()})
        assert number == pytest.approx(exact.low, rel=1e-8)


def test_bound_json(capsys):
    assert run(["bound", "--fcn", "64,256,256,32", "--prune", "magnitude:alpha=0.5", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert {"epsilon", "delta", "layers", "formula", "version"} <= set(record)
    assert {"latex", "text"} <= set(record["formula"])
    for layer in record["layers"]:
        assert {"shape", "weights", "pruned", "norm", "kept", "residual", "candidates"} <= set(layer)
    assert record["epsilon"] == pytest.approx(0.0036977, rel=0.002)
    assert [layer["pruned"] for layer in record["layers"]] == [128, 256, 90]
    used = [v for layer in record["layers"] for v in (layer["norm"], layer["kept"], layer["residual"])]
    (a1, _, r1), (a2, b2, r2), (_, b3, r3) = (used[i : i + 3] for i in (0, 3, 6))
    assert record["epsilon"] == pytest.approx(b3 * b2 * r1 + b3 * r2 * a1 + r3 * a2 * a1, rel=1e-8)


def test_bound_prints_its_number_and_candidates(capsys):
    assert (
        run(["bound", "--fcn", "256,256", "--weights", "uniform:16", "--prune", "random:alpha=0.3", "--candidates"])
        == 0
    )
    out = capsys.readouterr().out
    assert "S1 18.93" in out
    assert "T3b 27.96" in out
    assert "T3a 43.02" in out
    assert "gap ≤ 4.67815" in out


def test_theorem_files_may_print_without_spoiling_the_json(folder, capsys):
    (folder / "chatty.py").write_text("print('hello')\n" + GOOD, encoding="utf-8")
    assert run(["check", str(folder / "chatty.py"), "--json"]) == 0
    out = capsys.readouterr()
    json.loads(out.out)
    assert "hello" in out.err


def test_module_and_broken_pipe():
    command = f"{sys.executable} -m boundcheck list | head -n 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("matrix/")
    assert len(done.stdout.splitlines()) == 1
    assert not done.stderr


def test_output_that_cannot_show_every_sign(folder):
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "boundcheck", "bound", "--fcn", "4,4", "--prune", "random:count=1"]
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert done.returncode == 0
    assert b"\\u2016W\\u2016" in done.stdout
    assert not done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_a_full_disk_is_one_line():
    command = f"{sys.executable} -m boundcheck list --json > /dev/full"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1


def test_bare_command_shows_help(capsys):
    assert run([]) == 0
    assert "Check theorems" in capsys.readouterr().out


def test_progress_bar_on_a_terminal_and_none_when_piped(folder):
    """The bar goes to stderr, so that stdout holds the table or the JSON only."""
    arguments = [sys.executable, "-m", "boundcheck", "check", str(folder / "good.py"), "--json"]
    piped = subprocess.run(arguments, capture_output=True, text=True, check=True)
    assert not piped.stderr
    reader, writer = pty.openpty()
    environment = {**os.environ, "TERM": "xterm"}
    shown = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=writer, text=True, check=True, env=environment)
    os.close(writer)
    assert b"planning" in os.read(reader, 65536)
    os.close(reader)
    json.loads(shown.stdout)


CNN = """
input = [1, 6, 6]
prune = "magnitude:alpha=0.6"

[[layers]]
type = "conv"
outputs = 4
kernel = 3

[[layers]]
type = "average_pool"
kernel = 2

[[layers]]
type = "flatten"

[[layers]]
type = "dense"
outputs = 3
"""


@pytest.fixture
def cnn_file(tmp_path):
    (tmp_path / "net.toml").write_text(CNN, encoding="utf-8")
    (tmp_path / "open.toml").write_text(CNN.replace("outputs = 4", 'outputs = "2*d"'), encoding="utf-8")
    return str(tmp_path / "net.toml")


def json_of(capsys, *arguments, status=0):
    assert run([*arguments, "--json"]) == status
    out = capsys.readouterr()
    assert not out.err
    return json.loads(out.out)


def test_bound_of_a_cnn(cnn_file, capsys):
    record = json_of(capsys, "bound", "--cnn", cnn_file)
    assert {"epsilon", "delta", "layers", "formula", "version"} <= set(record)
    first, second = record["layers"]
    assert (first["shape"], first["grid"], first["frequencies"]) == ([4, 1, 3, 3], [6, 6], 20)
    assert (first["window"], first["after"]) == ("3×3", ["relu", "average_pool(2×2)"])
    assert (second["shape"], second["grid"], second["frequencies"], second["after"]) == ([3, 16], [1, 1], 1, [])
    assert [layer["pruned"] for layer in record["layers"]] == [4, 4]  # ⌊36^0.4⌋ and ⌊48^0.4⌋
    assert "T3c" in second["candidates"]["norm"]
    assert "T3c" not in first["candidates"]["norm"]
    # Averages of 2 × 2 cells halve; T1 for two layers.
    by_hand = (second["kept"] * first["residual"] + second["residual"] * first["norm"]) / 2
    assert record["epsilon"] == pytest.approx(by_hand, rel=1e-8)
    other = json_of(capsys, "bound", "--cnn", cnn_file, "--prune", "filter:count=1", "--weights", "normal:1")
    assert [layer["pruned"] for layer in other["layers"]] == [9, 16]
    assert other["layers"][0]["weights"] == "normal(0, 1/6)"
    assert run(["bound", "--cnn", cnn_file, "--prune", "random_filter:count=1", "--candidates"]) == 0
    out = capsys.readouterr().out
    assert "conv 4 (3×3), relu, average_pool(2×2) - 3" in out
    assert "4×1×3×3" in out
    assert "gap ≤" in out


COMMON = {"for", "value", "epsilon", "delta", "radius", "bound", "searched", "network", "version"}


def test_solve_for_each_unknown(cnn_file, capsys):
    width = json_of(capsys, "solve", "--fcn", "d,d,d,d", "--prune", "magnitude:alpha=0.7", "--for", "width")
    assert COMMON | {"holds_from"} <= set(width)
    assert (width["for"], width["value"], width["epsilon"], width["delta"]) == ("width", 17, 0.1, 0.01)
    assert width["bound"] <= 0.1
    widths = ["--fcn", "17,17,17,17", "--prune", "magnitude:alpha=0.7"]
    assert json_of(capsys, "bound", *widths)["epsilon"] == width["bound"]

    amount = json_of(
        capsys, "solve", "--fcn", "8,8", "--prune", "magnitude:count", "--for", "prune", "--epsilon", "1/5"
    )
    assert COMMON | {"unit"} <= set(amount)
    assert (amount["for"], amount["unit"], amount["epsilon"]) == ("prune", "count", 0.2)
    for step, good in ((0, True), (1, False)):
        rule = f"magnitude:count={amount['value'] + step}"
        assert (json_of(capsys, "bound", "--fcn", "8,8", "--prune", rule)["epsilon"] <= 0.2) is good

    delta = json_of(capsys, "solve", *widths, "--for", "delta", "--epsilon", "0.09")
    assert set(delta) >= COMMON
    assert (delta["for"], delta["delta"]) == ("delta", None)
    exact = delta["value_exact"]
    assert json_of(capsys, "bound", *widths, "--delta", exact)["epsilon"] == delta["bound"] <= 0.09

    epsilon = json_of(capsys, "solve", "--cnn", cnn_file, "--for", "epsilon", "--radius", "2", "--delta", "0.05")
    assert set(epsilon) >= COMMON
    assert (epsilon["for"], epsilon["epsilon"], epsilon["delta"], epsilon["radius"]) == ("epsilon", None, 0.05, 2)
    same = json_of(capsys, "bound", "--cnn", cnn_file, "--radius", "2", "--delta", "0.05")
    assert same["epsilon"] == epsilon["value"] == epsilon["bound"]


def test_solve_for_a_cnn(cnn_file, capsys):
    path = cnn_file.replace("net", "open")
    width = json_of(capsys, "solve", "--cnn", path, "--for", "width", "--epsilon", "0.3")
    for d, good in ((width["value"], True), (width["value"] - 1, False)):
        Path(cnn_file).write_text(CNN.replace("= 4", f"= {2 * d}"), encoding="utf-8")
        assert (json_of(capsys, "bound", "--cnn", cnn_file)["epsilon"] <= 0.3) is good
    alpha = json_of(capsys, "solve", "--cnn", cnn_file, "--for", "prune", "--prune", "random:alpha", "--epsilon", "1.9")
    assert (alpha["unit"], 0 < alpha["value"] < 1) == ("alpha", True)
    assert alpha["bound"] <= 1.9


def test_solve_in_words(cnn_file, capsys):
    assert run(["solve", "--fcn", "d,d,d,d", "--prune", "magnitude:alpha=0.7", "--for", "width"]) == 0
    out = capsys.readouterr().out
    assert "smallest width d: 17" in out
    assert "which is at most 0.1\n" in out
    assert "except with probability at most 0.01" in out
    assert "every width from 17 to 1,000,000,000,000 will do; larger ones were not tried" in "".join(out.split("\n"))
    assert (
        run(["solve", "--fcn", "6,6,6", "--prune", "filter:fraction", "--weights", "normal:1", "--for", "prune"]) == 0
    )
    out = capsys.readouterr().out
    assert "largest fraction: 0.166666" in out
    assert "0 of 36, 0 of 36 (0.00% in all; nothing is" in out
    assert run(["solve", "--cnn", cnn_file, "--for", "epsilon"]) == 0
    assert "gap bound: " in capsys.readouterr().out


def test_no_solution_is_status_1(capsys):
    arguments = ["solve", "--fcn", "8,8", "--prune", "magnitude:count=8", "--for", "delta", "--epsilon", "1e-9"]
    assert run(arguments) == 1
    assert "no solution: none from " in capsys.readouterr().out
    record = json_of(capsys, *arguments, status=1)
    assert (record["value"], record["bound"]) == (None, None)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["bound", "--cnn", "nowhere.toml"], "nowhere.toml: cannot be read (No such file or directory); pass a"),
        (["bound", "--cnn", "NET", "--fcn", "4,4"], "is not one network; pass --fcn 784,1024,10 or --cnn"),
        (["bound", "--prune", "random:count=1"], "network=None is not one network"),
        (["bound", "--cnn", "NET", "--prune", "magnitude:count=37"], "count=37 is more than the 36 weights of layer 1"),
        (["bound", "--cnn", "NET", "--prune", "filter:count=4"], "count=4 is more than the 3 filters of layer 2"),
        (["bound", "--cnn", "NET", "--weights", "cauchy"], "--weights='cauchy' is not a known law"),
        (["bound", "--cnn", "OPEN"], "layer 1: outputs='2*d' is not a number"),
        (
            ["solve", "--fcn", "4,4", "--prune", "random:count=1"],
            "'--for'. Choose from: width, prune, delta",
        ),
        (["solve", "--fcn", "4,4", "--prune", "random:count=1", "--for", "depth"], "'depth' is not one of"),
        (
            ["solve", "--fcn", "4,4", "--prune", "random:count=1", "--for", "width"],
            "--for='width' finds no d in the network; write d for",
        ),
        (["solve", "--cnn", "NET", "--for", "width"], "finds no d in the network"),
        (
            ["solve", "--fcn", "4,d", "--prune", "random:count=1", "--for", "delta"],
            "--fcn='4,d' is not a list of layer",
        ),
        (["solve", "--fcn", "4,4", "--for", "prune"], "--prune=None names no rule; pass --prune magnitude"),
        (["solve", "--fcn", "4,4", "--prune", "random:count=1", "--for", "prune"], "leaves no amount to solve for"),
        (["solve", "--fcn", "4,4", "--prune", "best", "--for", "prune"], "--prune='best' names no known rule"),
        (
            ["solve", "--fcn", "4,4", "--prune", "random", "--for", "prune", "--epsilon", "0"],
            "epsilon='0' is not a gap",
        ),
        (
            ["solve", "--fcn", "4,4", "--prune", "random", "--for", "prune", "--epsilon", "inf"],
            "epsilon='inf' is not a",
        ),
        (
            ["solve", "--fcn", "4,4", "--prune", "random", "--for", "prune", "--delta", "1"],
            "delta='1' is not a failure",
        ),
        (
            ["solve", "--fcn", "4,4", "--prune", "random", "--for", "prune", "--radius", "0"],
            "radius=0 is not the radius",
        ),
        (
            ["solve", "--fcn", "4,4", "--prune", "magnitude", "--weights", "rademacher:1", "--for", "prune"],
            "random prun",
        ),
    ],
)
def test_mistakes_with_cnn_and_solve_are_one_line(arguments, words, cnn_file, capsys):
    paths = {"NET": cnn_file, "OPEN": cnn_file.replace("net", "open")}
    assert run([paths.get(argument, argument) for argument in arguments]) == 2
    out = capsys.readouterr()
    assert not out.out
    [line] = out.err.strip().splitlines()
    assert words in line
