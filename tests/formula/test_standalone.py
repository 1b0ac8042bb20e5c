"""Standalone functions against the package's, against ball arithmetic, and on their own."""

from __future__ import annotations

import ast
import base64
import math
import random
import re
import subprocess
import sys
import zlib
from collections import Counter
from pathlib import Path

import pytest
from flint import arb
from sympy import Function, Integer, Rational, Symbol, erfinv, exp, floor, log, zeta

from boundcheck import integer, real
from boundcheck.errors import UnsupportedClaim
from boundcheck.formula import gaussian_moments, series, special, standalone, walks
from boundcheck.formula.python_source import to_python
from boundcheck.formula.rigorous import beta_tail, enclose, precision
from boundcheck.formula.standalone.source import STANDALONE, source_of
from boundcheck.statement import functions
from boundcheck.statement.functions import (
    BetaQuantile,
    Greatest,
    HypergeometricBound,
    Least,
    MomentQuantile,
    MomentTail,
    SparseQuantile,
)

DRAW = random.Random(7)
FOLDER = Path(standalone.__file__).parent


def close(value, wanted, rel=1e-12):
    return value == pytest.approx(wanted, rel=rel, abs=0, nan_ok=True)


def log_uniform(low, high):
    return 10 ** DRAW.uniform(low, high)


def test_modules_need_the_standard_library_and_one_another_alone():
    for path in [*FOLDER.glob("*.py"), FOLDER.parent / "spherical.py"]:
        if path.name in ("source.py", "table.py"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                name = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
                assert name.partition(".")[0] in sys.stdlib_module_names or name.startswith(standalone.__name__)


def test_every_function_of_statements_has_a_standalone_form():
    ours = {name for name, f in vars(functions).items() if isinstance(f, type) and f.__module__ == functions.__name__}
    assert ours - {"Least", "Greatest"} <= STANDALONE.keys()


def test_no_two_modules_define_the_same_name():
    """They would overwrite each other in an export."""
    names = Counter()
    for module in {sys.modules[f.__module__] for f in STANDALONE.values()}:
        for node in ast.parse(Path(module.__file__).read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                names[node.name] += 1
            elif isinstance(node, ast.Assign):
                names[node.targets[0].id] += 1
    assert max(names.values()) == 1


def test_beta_quantiles():
    quantile = STANDALONE["BetaQuantile"]
    for _ in range(400):
        a, b = (math.ceil(log_uniform(0, 6)) for _ in range(2))
        if DRAW.random() < 0.2:
            a = log_uniform(-1, 1)
        delta = DRAW.random() if DRAW.random() < 0.5 else log_uniform(-12, 0)
        assert close(quantile(a, b, delta), special.beta_quantile(a, b, delta)), (a, b, delta)
    assert [quantile(*x) for x in ((0, 3, 0.1), (3, 0, 0.1), (2, 3, 0), (2, 3, 1))] == [0, 1, 1, 0]
    assert math.isnan(quantile(0, 0, 0.1))


@pytest.mark.parametrize(
    ("a", "b", "delta"),
    [(6, 525339, 0.424), (1e6, 1e12, 1e-9), (0.5, 3, 0.9999), (129, 16256, 1e-5), (2, 1, 0.3), (3, 4, 0.5)],
)
def test_beta_quantiles_of_both_kinds_are_exact(a, b, delta):
    """By exact tails on both sides; the inverse that SciPy has is wrong by 8e-12 at the first."""
    for x in (STANDALONE["BetaQuantile"](a, b, delta) / (1 + 1e-9), special.beta_quantile(a, b, delta, inflate=False)):
        with precision(300):
            below, above = (arb(x) * (1 + sign * arb(1e-12)) for sign in (-1, 1))
            assert beta_tail(above, arb(a), arb(b)) < arb(delta) < beta_tail(below, arb(a), arb(b))


def test_the_inverse_of_erf():
    for x in [DRAW.random() for _ in range(200)] + [log_uniform(-18, 0) for _ in range(100)]:
        for value in (x, -x, 1 - x / 2):
            assert close(STANDALONE["erfinv"](value), float(special.scipy.special.erfinv(value)), 1e-13)
    assert STANDALONE["erfinv"](1) == math.inf
    assert STANDALONE["erfinv"](0) == 0
    assert math.isnan(STANDALONE["erfinv"](1.5))


def test_counts_floors_and_moments_are_those_of_the_package():
    for _ in range(150):
        population = math.ceil(log_uniform(0.5, 6))
        marked, drawn = (DRAW.randint(0, population) for _ in range(2))
        delta = log_uniform(-20, 0)
        arguments = population, marked, drawn, delta
        assert STANDALONE["HypergeometricBound"](*arguments) == special.hypergeometric_bound(*arguments)
        m, n, level = math.ceil(log_uniform(0, 4)), math.ceil(log_uniform(0, 4)), DRAW.uniform(-1, 700)
        t = gaussian_moments.moment_quantile(m, n, level)
        assert close(STANDALONE["MomentQuantile"](m, n, level), t)
        assert close(STANDALONE["MomentTail"](m, n, t), gaussian_moments.moment_tail(m, n, t))
        m, n, taps = math.ceil(log_uniform(0, 3)), math.ceil(log_uniform(0, 3)), DRAW.choice([1, 1, 3, 9, 25, 121])
        sparse = m, n, taps, log_uniform(-6, 0.5), DRAW.uniform(0, 60)
        order = (DRAW.randrange(1000), 1000 + DRAW.randrange(1000)) if DRAW.random() < 0.5 else ()
        assert close(STANDALONE["SparseQuantile"](*sparse, *order), gaussian_moments.sparse_quantile(*sparse, *order))
    for x in (0.0, 2.0, 2 - 1e-15, 2.5, 3 - 1e-9, -1.5, 1e15 + 0.5, math.nextafter(7.0, 0)):
        assert STANDALONE["floor"](x) == special.exact_floor(x)
    assert math.isnan(STANDALONE["MomentQuantile"](math.nan, 2, 1))
    assert STANDALONE["SparseQuantile"](0, 2, 1, 0.5, 1) == 0
    assert math.isnan(STANDALONE["SparseQuantile"](3, 2, 1, 0.0, 1))


LAWS = {
    "uniform": [1 / (2 * j + 1) for j in range(1, 14)],
    "normal": [math.prod(range(1, 2 * j, 2)) for j in range(1, 14)],
    "signs": [1.0] * 13,
}


@pytest.mark.parametrize("law", LAWS)
def test_walks_are_those_of_the_package(law):
    for _ in range(12):
        m, n, taps = (math.ceil(log_uniform(0, x)) for x in (3, 3, 1.5))
        size = m * n * taps
        count, level, orders = DRAW.randint(0, size), DRAW.uniform(0, 60), DRAW.choice([1, 5, 13])
        arguments = m, n, taps, count, size, level, *LAWS[law][:orders]
        assert close(STANDALONE["WalkQuantile"](*arguments), walks.walk_quantile(*arguments)), arguments
        assert close(STANDALONE["OrderedWalkQuantile"](*arguments), walks.ordered_walk_quantile(*arguments)), arguments


@pytest.mark.parametrize("family", [0, 1, 2])
def test_series_are_those_of_the_package(family):
    for _ in range(80):
        m, n, taps = (math.ceil(log_uniform(0, x)) for x in (4, 4, 1.5))
        arguments = m, n, taps, log_uniform(-6, 0), DRAW.uniform(0, 60), family
        assert close(STANDALONE["SeriesQuantile"](*arguments), series.series_quantile(*arguments)), arguments


def test_walks_of_full_matrices_have_the_moments_of_gaussian_ones():
    """Nothing is left out: E tr(RRᵀ)^q of normal weights is M_q, in all three modules another algorithm."""
    normal = LAWS["normal"]
    for m, n, level in ((3, 5, 1.0), (40, 30, 8.0), (300, 200, 20.0)):
        exact = (math.log(gaussian_moments.moment(q, m, n)) for q in range(1, 14))
        least = min((x + level) / (2 * q) for q, x in enumerate(exact, start=1))
        assert close(STANDALONE["WalkQuantile"](m, n, 1, m * n, m * n, level, *normal), math.exp(least))
        wrong = [1.0, 3.0, 16.0, *normal[3:]]
        assert not close(STANDALONE["WalkQuantile"](m, n, 1, m * n, m * n, level, *wrong), math.exp(least), 1e-9)


def test_one_entry_by_series():
    """P(|w| ≥ t) ≤ …: with m = n = 1 and all there, t(θ) has cosh(θt) - 1 = e^level (M(θ) - 1)."""
    found = STANDALONE["SeriesQuantile"](1, 1, 1, 1.0, 3.0, 2)
    thetas = [2.0 ** (i / 8) for i in range(-96, 97)]
    exact = [math.acosh(1 + math.exp(3) * (math.cosh(x) - 1)) / x for x in thetas if 0.01 < x < 700]
    wanted = min(*exact, *((3 + x) / x for x in thetas if x >= 700))
    assert found == pytest.approx(wanted, rel=1e-9)


def test_values_lie_in_rigorous_enclosures():
    for e in (MomentQuantile(30, 20, 5), MomentTail(30, 20, 15), SparseQuantile(40, 30, 9, Rational(1, 50), 6, 7, 90)):
        low, high = enclose(e, digits=20)
        value = STANDALONE[type(e).__name__](*map(float, e.args))
        assert low * (1 - 1e-12) <= value <= high * (1 + 1e-12)


def test_a_wrong_constant_is_seen():
    """What the comparisons above would see: the last order left out, an order statistic off by one."""
    assert not close(STANDALONE["MomentTail"](4, 4, 9.0), STANDALONE["MomentTail"](4, 5, 9.0))
    few = 100, 100, 1, 0.01, 5
    assert not close(STANDALONE["SparseQuantile"](*few, 7, 90), STANDALONE["SparseQuantile"](*few, 8, 90))
    assert not close(STANDALONE["BetaQuantile"](7, 90, 0.1), STANDALONE["BetaQuantile"](7, 90, 0.1000001))


def test_the_text_of_an_export_is_that_of_the_modules():
    imports, texts = source_of([STANDALONE["SparseQuantile"], STANDALONE["floor"]])
    assert imports == ["from functools import lru_cache", "import math"]
    whole = "".join(path.read_text("utf-8") for path in FOLDER.glob("*.py"))
    table = next(text for text in source_of([STANDALONE["WalkQuantile"]])[1] if text.startswith("WALKS"))
    literal = "".join(re.findall(r'"(.*)"', table))
    unpacked = zlib.decompress(base64.b85decode(literal)).decode("ascii")
    assert unpacked == (FOLDER.parent / "walks.txt").read_text("ascii")
    assert all(text in whole for text in texts)
    assert not any(f"def {name}(" in text for text in texts for name in ("moment_tail", "log_moments", "beta_quantile"))


n, d = integer("n", min=1), integer("d", min=2, max=9)
t, delta = real("t", min=0), real("delta", min=0, max=1, exclude_min=True, exclude_max=True)


def executed(source):
    """The names of a module, run in a fresh process without site packages."""
    namespace = {}
    exec(source, namespace)
    return namespace


def test_arguments_outside_their_domains_are_refused_by_name():
    source = to_python("tail", 2 * exp(-n * t**2) + delta + d, [d, delta, n, t], "A tail.", conditions=[t <= n])
    tail = executed(source)["tail"]
    assert tail(2, 0.5, 3, 0.1) == pytest.approx(2 * math.exp(-0.03) + 2.5)
    for arguments, words in {
        (1, 0.5, 3, 0.1): r"d=1 is not in \{2, …, 9\}",
        (2.5, 0.5, 3, 0.1): "d=2.5 is not in",
        (2, 1, 3, 0.1): r"delta=1 is not in \(0, 1\)",
        (2, math.nan, 3, 0.1): "delta=nan",
        (2, 0.5, math.inf, 0.1): r"n=inf is not in \{1, 2, …\}",
        (2, 0.5, 3, -1): r"t=-1 is not in \[0, ∞\)",
        (2, 0.5, 3, 4): "n=3, t=4: not t <= n|t=4, n=3: not t <= n",
    }.items():
        with pytest.raises(ValueError, match=words):
            tail(*arguments)


def test_names_that_python_or_the_module_needs_are_left_to_them():
    clash = [real(name, min=0) for name in ("math", "max", "moment_quantile")]
    formula = Greatest(clash[0], clash[1]) + MomentQuantile(3, 4, clash[2]) + log(2 + clash[0])
    space = executed(to_python("moment_quantile", formula, clash, 'It ends in \\ and has """ in it.'))
    value = space["moment_quantile_"](1.0, 2.0, 3.0)
    assert value == pytest.approx(2 + gaussian_moments.moment_quantile(3, 4, 3.0) + math.log(3))
    assert "has '''" in space["moment_quantile_"].__doc__


def test_what_has_no_standalone_form_is_refused():
    for e in (zeta(1 + t), Function("mystery")(t), 1 + Least(zeta(1 + t), 2)):
        with pytest.raises(UnsupportedClaim, match="no standalone form"):
            to_python("f", e, [t], "None.")


def test_definitions_that_are_not_needed_are_left_out_and_symbols_without_a_value_refused():
    a, b, c = (Symbol(name) for name in "abc")
    table = {(a, b): t + 1, (c,): BetaQuantile(2, 3, delta) + n}
    source = to_python("f", 2 * b, [t], "None.", table)
    assert "beta" not in source
    assert executed(source)["f"](1.5) == 5
    with pytest.raises(UnsupportedClaim, match="delta, n in c is no argument"):
        to_python("f", c, [t], "None.", table)


def test_a_module_runs_without_site_packages(tmp_path):
    a, rho = Symbol("a_1"), Symbol("rho_1")
    k = floor(n**delta)
    table = {
        (a,): BetaQuantile(k + 1, n**2 - k, delta / 2) + erfinv(delta),
        (rho,): HypergeometricBound(n**2, k, n, delta) + SparseQuantile(n, n, 9, Rational(1, 50), 4, k, n**2),
    }
    source = to_python("bound", a * rho + MomentQuantile(n, n, log(1 / delta)), [n, delta], "A bound.", table)
    assert "boundcheck" not in source
    path = tmp_path / "bound.py"
    path.write_text(source + "\nprint(repr(bound(30, 0.5)))\n", encoding="utf-8")
    run = subprocess.run([sys.executable, "-I", "-S", str(path)], capture_output=True, text=True, check=True, cwd="/")
    formula = (a * rho + MomentQuantile(n, n, log(1 / delta))).xreplace({s[0]: v for s, v in table.items()})
    low, high = enclose(formula.xreplace({n: Integer(30), delta: Rational(1, 2)}))
    assert low * (1 - 1e-12) <= float(run.stdout) / (1 + 1e-9) or float(run.stdout) == pytest.approx(high, rel=2e-9)
