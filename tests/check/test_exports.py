"""Bounds and theorems as Python modules, LaTeX, MathML: run without the package, and compared with it."""

from __future__ import annotations

import builtins
import math
import random
import subprocess
import sys
from xml.dom.minidom import parseString

import pytest
from sympy import Float, S

from boundcheck import P, Theorem, constant, iid, integer, mean, real, uniform
from boundcheck.check.describe import as_latex, as_mathml, as_python, bound_report
from boundcheck.check.forms import FORMS, bound_latex, bound_mathml, bound_python
from boundcheck.derivation.gap import GapBound, expand_bounds
from boundcheck.errors import UnsupportedClaim
from boundcheck.formula.numeric import compile_expression
from boundcheck.statement.claim import RANDOM, Probability, Tail, UniversalConstant
from boundcheck.statement.discovery import discover, library, shipped
from boundcheck.statement.randomness import Expectation
from boundcheck.statement.spec import Words

SHIPPED = discover([str(library()), str(shipped())]).theorems
WITH_BOUNDS = [t for t in SHIPPED if any(e.atoms(GapBound) for e in t.reading.expressions())]
OF_EXPECTATIONS = {"efron_stein_maximum"}
"""Both of whose sides hold expectations."""


def executed(source, name):
    """A function out of a module that may import the standard library alone."""

    def imported(module, *arguments, **options):
        assert module.partition(".")[0] in sys.stdlib_module_names, module
        return builtins.__import__(module, *arguments, **options)

    namespace = {"__builtins__": vars(builtins) | {"__import__": imported}}
    exec(source, namespace)
    return namespace[name]


def formula_of(theorem):
    """What the export evaluates, from the statement."""
    claim = theorem.reading
    if isinstance(claim, Tail):
        return expand_bounds(claim.threshold() if claim.gap is not None else claim.claimed)
    larger, smaller = theorem.claim.gts, theorem.claim.lts
    return smaller if larger.atoms(*RANDOM, Expectation, Probability) else larger


def drawn(parameter, draw):
    """A value in the domain, away from open ends."""
    low, high = parameter.domain.low, parameter.domain.high
    start = float(low) if low.is_finite else (float(high) - 5 if high.is_finite else -2.0)
    width = float(high) - start if high.is_finite else 6.0
    if parameter.domain.integer:
        return int(start + draw.random() * min(width, 90))
    return start + width * (0.02 + 0.96 * draw.random())


def points(theorem, parameters, draw):
    """Points of the theorem, then some that are drawn in its domain."""
    given = [{p: float(value) for p, value in point.items()} for point in (theorem.points or ())]
    tried = ({p: drawn(p, draw) for p in parameters} for _ in range(400))
    return [p for p in [*given, *tried] if p.keys() >= set(parameters)]


def satisfied(theorem, point):
    return all(c.xreplace({p: Float(v) for p, v in point.items()}) is S.true for c in theorem.conditions)


@pytest.mark.parametrize("theorem", SHIPPED, ids=lambda t: t.name)
def test_exports_of_what_ships_agree_with_the_package(theorem):
    if theorem.name in OF_EXPECTATIONS:
        with pytest.raises(UnsupportedClaim, match="holds an expectation"):
            as_python(theorem)
        return
    source = as_python(theorem)
    assert "boundcheck." not in source.replace("Derived by boundcheck.", "")
    function = executed(source, theorem.name)
    formula = formula_of(theorem)
    parameters = (*theorem.parameters, *sorted(formula.atoms(UniversalConstant), key=lambda c: c.name))
    compiled = compile_expression(formula, parameters)
    draw, agreed = random.Random(3), 0
    for point in points(theorem, theorem.parameters, draw):
        values = [point.get(p, 1.5) for p in parameters]
        wanted = compiled(*values)
        if not (satisfied(theorem, point) and math.isfinite(wanted)):
            continue
        assert function(*values) == pytest.approx(wanted, rel=1e-12, abs=1e-300)
        agreed += 1
        if agreed == 6:
            break
    assert agreed > 0


SPECS = {
    "dense": Words("64,256,256,32", None, None, None, "magnitude:alpha=0.5"),
    "dense random": Words("20,30,10", None, "uniform:2", "leaky_relu:0.2", "random:fraction=0.1"),
    "normal": Words("64,40,10", None, "normal:1", "tanh", "magnitude:alpha=0.3"),
    "rademacher": Words("16,16,16", None, "rademacher:1", None, "random:count=9"),
    "filter": Words("30,40,10", None, None, None, "filter:count=2"),
    "random filter": Words("30,40,10", None, "normal:1", None, "random_filter:fraction=0.1"),
    "lenet": Words(None, str(shipped() / "networks" / "lenet5.toml"), None, None, "magnitude:alpha=0.5"),
    "lenet random": Words(None, str(shipped() / "networks" / "lenet5.toml"), "normal:1", None, "random:alpha=0.4"),
    "lenet filter": Words(None, str(shipped() / "networks" / "lenet5.toml"), None, None, "filter:count=1"),
    "vgg": Words(None, str(shipped() / "networks" / "vgg_small.toml"), None, None, "magnitude:alpha=0.5"),
}


@pytest.mark.parametrize("name", SPECS)
def test_bounds_of_networks_as_python_agree_with_the_package(name):
    report = bound_report(SPECS[name].pruned(), delta="0.01", radius="1.5")
    source = bound_python(report.bound)
    value = executed(source, "gap_bound")()
    assert value == pytest.approx(compile_expression(report.bound.expression, ())(), rel=1e-12)
    assert report.record["epsilon"] == pytest.approx(value, rel=3e-9)
    assert "probability at least 1 - 1/100" in source
    assert "Symbols:" in source


def test_a_bound_runs_in_a_bare_interpreter(tmp_path):
    report = bound_report(SPECS["normal"].pruned(), delta="0.01")
    path = tmp_path / "bound.py"
    path.write_text(bound_python(report.bound) + "\nprint(repr(gap_bound()))\n", encoding="utf-8")
    run = subprocess.run([sys.executable, "-I", "-S", str(path)], capture_output=True, text=True, check=True, cwd="/")
    assert float(run.stdout) == pytest.approx(compile_expression(report.bound.expression, ())(), rel=1e-12)


def test_a_changed_formula_is_seen():
    """What the comparison above would see: T1 without a term."""
    bound = bound_report(SPECS["dense"].pruned(), delta="0.01").bound
    source = bound_python(bound)
    for planted in (source.replace("a_1*a_2*rho_3 + ", ""), source.replace("math.log(700)", "math.log(699)")):
        assert planted != source
        value = executed(planted, "gap_bound")()
        assert value != pytest.approx(compile_expression(bound.expression, ())(), rel=1e-7)


def test_a_constant_that_a_theorem_leaves_open_is_an_argument():
    n, t = integer("n", min=1), real("t", min=0)
    theorem = Theorem(claim=P(mean(iid(uniform(0, 1), n)) >= t) <= constant("K") / n, name="open")
    assert executed(as_python(theorem), "open")(4, 0.5, 3.0) == 0.75


def table_rows(tex):
    [body] = tex.split(r"\begin{tabular}{lll}")[1:]
    return [line for line in body.split(r"\end{tabular}")[0].splitlines() if line.endswith(r"\\")]


def balanced(tex):
    depth = 0
    for character in tex.replace(r"\{", "").replace(r"\}", ""):
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    return depth == 0 and tex.count(r"\left") == tex.count(r"\right")


@pytest.mark.parametrize("name", ["dense", "normal", "lenet random", "filter"])
def test_bounds_in_latex_and_mathml_have_a_table_of_symbols(name):
    bound = bound_report(SPECS[name].pruned(), delta="0.01").bound
    tex = bound_latex(bound)
    assert balanced(tex)
    rows = table_rows(tex)
    for row in rows:
        assert row.count(" & ") == 2
        assert row.count("$") % 2 == 0
    for symbol in bound.derivation.symbols:
        shown = symbol.name.replace("rho", r"\rho").replace("_", "_{") + "}"
        assert any(shown in row for row in rows), symbol
    document = parseString(bound_mathml(bound))
    inner = document.getElementsByTagName("mtable")[1]
    assert len(inner.getElementsByTagName("mtr")) == len(rows) - 1
    assert "ε" in document.toxml()
    assert FORMS["latex"] is bound_latex


@pytest.mark.parametrize("theorem", WITH_BOUNDS, ids=lambda t: t.name)
def test_theorems_with_bounds_have_a_table_of_symbols(theorem):
    tex = as_latex(theorem)
    assert balanced(tex)
    rows = table_rows(tex)
    assert any("failure probability" in row and "(0, 1)" in row for row in rows)
    assert any(r"\epsilon" in row for row in rows)
    assert len(parseString(as_mathml(theorem)).getElementsByTagName("mtable")) == 2
