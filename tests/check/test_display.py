"""What notebooks show of theorems, bounds and verdicts: its content, escaped, and without effect on other printing."""

from __future__ import annotations

import math
import pickle
import re
import shutil
import subprocess
from xml.etree.ElementTree import fromstring

import pytest
import sympy
from IPython.core.formatters import DisplayFormatter
from sympy import exp, floor, log, sinh, sqrt

from boundcheck import (
    E,
    P,
    Theorem,
    bounded,
    check,
    constant,
    fcn,
    filters,
    gap,
    gap_bound,
    iid,
    integer,
    load_cnn,
    magnitude,
    maximum,
    mean,
    normal,
    prune,
    random_matrix,
    real,
    scaled,
    spectral_norm,
    uniform,
)
from boundcheck.check.describe import bound_report
from boundcheck.check.run import check_all
from boundcheck.display import _WRITERS
from boundcheck.statement.discovery import discover, library, shipped
from boundcheck.verdict.decide import Verdict, decide
from boundcheck.verdict.evidence import Ladder, PointEvidence

n, m = integer("n", min=1, max=1000), integer("m", min=1)
t, x, k = real("t", min=0, max=1), real("x"), integer("k", min=1, max=3)
d = integer("d", min=16, max=4096)
alpha = real("alpha", min=0, max=1, exclude_min=True, exclude_max=True)
delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)
X, Y = iid(uniform(-1, 1), n), iid(bounded(0, 1), n)
TRUE = P(mean(X) >= t) <= exp(-3 * n * t**2 / 2)
FALSE = P(mean(X) >= t) <= exp(-3 * n * t**2)
WEIGHTS = scaled(uniform(-1, 1))
NUMBERS = fcn([16, 32, 8], weights=WEIGHTS)
SYMBOLS = fcn([d, d, d, d], weights=uniform(-1 / sqrt(d), 1 / sqrt(d)))
EVIL = "<script>alert(1)</script> & $x$ \\evil{} _^~#% \"'"


def bound_of(network, rule=None, **options):
    return gap_bound(network, prune(network, rule or magnitude(alpha=0.5)), **{"delta": "1/100"} | options)


def bundle(thing):
    """What IPython sends to a notebook."""
    data, _ = DisplayFormatter().format(thing)
    return data


def plain(markup):
    """The words of HTML, which is well-formed, in the order in which they stand."""
    return re.sub(r"\s+", " ", "".join(fromstring(markup).itertext()))


def dollars(tex):
    """The formulas on display, in which nothing is left outside."""
    assert re.fullmatch(r"(\$\$[^$]*\$\$\s*)+", tex.replace(r"\$", "").replace(r"$\sim$", "")), tex
    assert tex.count("{") - tex.count(r"\{") == tex.count("}") - tex.count(r"\}")
    return tex


def test_a_theorem_shows_its_claim_and_what_belongs_to_it():
    v = real("v", min=0, exclude_min=True)
    theorem = Theorem(
        name="near",
        claim=P(mean(iid(normal(0, v), n)) >= t) <= exp(-n * t**2 / (2 * v)),
        hypotheses=[t <= 3 * v, "the sky is blue"],
        inverse={t: sqrt(2 * v * log(1 / delta) / n)},
        source="Somebody 1999, Theorem 2",
        fidelity="variant",
        points=[{"n": k, "t": "1/2", "v": 1} for k in range(1, 8)],
    )
    found = bundle(theorem)
    words = plain(found["text/html"])
    for part in ("Theorem near", "n∈{1,…,1000}", "t∈[0,1]", "t≤3", "the sky is blue", "∼N(0,v2)", "and 3 more"):
        assert part in words.replace(" ", "").replace("\xa0", "") or part in words, (part, words)
    assert "Somebody 1999, Theorem 2 (variant)" in words
    assert words.count("≤δ") == 1
    tex = dollars(found["text/latex"])
    assert r"\mathbb{P}\left[\overline{X} \geq t\right] \leq e^{- \frac{n t^{2}}{2 v}}" in tex
    assert r"n \in \{1, \dots, 1000\}" in tex
    assert r"\textbf{Theorem near}" in tex
    assert found["text/plain"] == repr(theorem)


@pytest.mark.parametrize(
    ("theorem", "words"),
    [
        (Theorem(claim=sinh(x) / x <= exp(x**2 / 6)), "Theoremsinh"),
        (Theorem(claim=E(spectral_norm(random_matrix(normal(), m, m))) <= constant() * sqrt(m)), "For someC > 0"),
        (Theorem(claim=mean(Y) <= maximum(Y)), "Random"),
    ],
)
def test_kinds_of_theorems(theorem, words):
    found = bundle(theorem)
    assert words in plain(found["text/html"])
    dollars(found["text/latex"])


def test_a_bound_shows_the_recursion_its_value_and_the_winners():
    bound = bound_of(NUMBERS)
    record = bound_report(bound.pruned, delta="1/100").record
    found = bundle(bound)
    words = plain(found["text/html"])
    assert "ε=a1ρ2+b2ρ1" in words.replace("\N{INVISIBLE TIMES}", "")
    [shown] = re.findall(r"the gap is at most ([\d.e-]+)\.", words)
    assert record["epsilon"] <= float(shown) <= record["epsilon"] * (1 + 1e-5), "rounded up"
    for layer in record["layers"]:
        assert f"{layer['pruned']} of {layer['size']}" in words
        for norm, used in (("norm", layer["used"]["norm"]), ("kept", layer["used"]["kept"]), ("residual", True)):
            if used:
                assert layer["chosen"][norm] in words
    assert "Tropp" in words or "Hanlon" in words, "the sources of what wins"
    assert rf"\epsilon \le {shown}" in dollars(found["text/latex"])
    assert found["text/plain"] == "epsilon"


def test_a_bound_with_parameters_shows_no_number_and_the_domains():
    found = bundle(bound_of(SYMBOLS, magnitude(alpha=alpha), delta=delta))
    words = plain(found["text/html"])
    assert "d∈{16,…,4096}" in words
    assert "least of 7" in words
    assert "gap is at most ε" in words
    assert "⌊" in words, "how many weights go"
    assert len(found["text/html"]) < 20_000, "no expression written out"
    assert r"\text{for all }" in dollars(found["text/latex"])


def test_a_bound_of_a_deep_network_leaves_out_the_middle():
    words = plain(bound_of(fcn([8] * 31, weights=WEIGHTS))._repr_html_())
    assert "⋯" in words
    assert "and 10 more layers" in words


def test_a_bound_of_a_convolutional_network_shows_its_kernels():
    network = load_cnn(shipped() / "networks" / "lenet5.toml")
    found = bundle(bound_of(network, filters(fraction="1/10")))
    assert "6×1×5×5" in plain(found["text/html"])
    assert r"6 \times 1 \times 5 \times 5" in dollars(found["text/latex"])


def test_bounds_with_biases_at_inputs_and_with_other_shares():
    biased = plain(bound_of(fcn([8, 8, 4], weights=WEIGHTS, biases=normal(0, "1/10")))._repr_html_())
    assert "β: bias ≤" in biased
    at_inputs = plain(bound_of(NUMBERS, inputs=7, radius=2)._repr_html_())
    assert "at any 7 inputs that are fixed before the weights are drawn" in at_inputs
    assert "over inputs of norm at most 2" in at_inputs
    assert "in unequal shares" in plain(bound_of(NUMBERS, split="best")._repr_html_())
    nothing = fcn([4, 4], weights=WEIGHTS)
    assert "the gap is at most 0" in plain(gap_bound(nothing, prune(nothing, [None]), delta="1/2")._repr_html_())


def test_a_bound_that_says_nothing_says_so():
    everything = bound_of(fcn([64, 2, 64, 2, 64], weights=WEIGHTS), magnitude(fraction="9/10"))
    vacuous = bound_report(everything.pruned, delta="1/100").record["vacuous"]
    assert vacuous is ("vacuous" in plain(everything._repr_html_())) is True


def test_the_bound_prints_in_other_formulas_as_before():
    bound = bound_of(NUMBERS)
    assert str(2 * bound + 1) == "2*epsilon + 1"
    assert sympy.latex(bound**2) == r"\epsilon^{2}"
    assert (2 * bound)._repr_latex_() == r"$\displaystyle 2 \epsilon$"
    assert "text/html" not in bundle(2 * bound)
    assert pickle.loads(pickle.dumps(bound)) == bound


@pytest.fixture(scope="module")
def verdicts():
    return check(Theorem(name="uniform_mean", claim=TRUE)), check(Theorem(name="too_good", claim=FALSE), level=0.999)


def test_a_verdict_shows_status_claim_reason_and_points(verdicts):
    confirmed = bundle(verdicts[0])
    words = plain(confirmed["text/html"])
    assert words.startswith("✓ CONFIRMED uniform_mean")
    assert "exact law at 15 points" in words
    assert "tail/claim = 0.5" in words
    assert confirmed["text/html"].count("✓ confirmed") == 8
    assert "and 7 more points" in words
    assert confirmed["text/html"].count("<math") == 1
    assert r"\textbf{CONFIRMED}" in dollars(confirmed["text/latex"])
    assert "uniform_mean  CONFIRMED" in confirmed["text/plain"], "the table of the command line"
    assert bundle([verdicts[0]])["text/plain"].startswith("[Verdict(theorem='uniform_mean'")


def test_a_refuted_verdict_shows_the_counterexample_and_what_reproduces_it(verdicts):
    found = bundle(verdicts[1])
    words = plain(found["text/html"])
    assert words.startswith("✗ REFUTED too_good")
    assert "n = 16, t = 1/2" in words
    assert "for boundcheck verify to re-check" in words, "which no one has done yet"
    assert words.index("✗ refuted") < words.index("✓ confirmed"), "what speaks against the claim comes first"
    [call] = re.findall(r"check\(.*?\)", words)
    assert call == "check(too_good, seed=0, level=0.999)" or call == "check(too_good, level=0.999, seed=0)"
    again = eval(call, {"check": check, "too_good": Theorem(name="too_good", claim=FALSE)})
    assert again.counterexample == verdicts[1].counterexample
    assert "Reproduce" in dollars(found["text/latex"])


def test_a_verdict_of_a_file_shows_the_command():
    theorems = discover([str(shipped() / "refuted" / "bernstein_without_two.py")]).theorems
    outcome = check_all(theorems)
    words = plain(outcome.verdicts[0]._repr_html_())
    assert words.startswith("✗ REFUTED as expected")
    assert "boundcheck check" in words
    assert "bernstein_without_two" in plain(bundle(outcome)["text/html"])
    assert "text/latex" not in bundle(outcome)


def evidence(**changes):
    usual = {"parameters": {"d": "8"}, "law": "uniform(-1, 1)", "claimed_low": 0.1, "claimed_high": 0.1, "trials": 500}
    return PointEvidence(**usual | changes)


def decided(*points, **options):
    usual = {"theorem": "t", "file": None, "beta": 0.01, "level": 0.99, "seed": 5, "seconds": 1.0, "version": "0"}
    return decide(evidence=points, **usual | options)


def test_verdicts_that_rest_on_trials_show_the_ladder():
    ladder = Ladder(observed=0.01, certificate=0.05, bound=0.2)
    words = plain(decided(evidence(ladder=ladder))._repr_html_())
    for part in ("T1 / gap = 5", "bound / T1 = 4", "Trials", "500", "Gap seen", "0.05", "Level0.99, seed 5"):
        assert part in words


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (decided(evidence(trials=10)), "? INCONCLUSIVE t"),
        (decided(evidence(), refutation_expected=True), "CONFIRMED - NOT REFUTED"),
        (decided(evidence(claimed_low=1.0, claimed_high=1.0)), "○ vacuous"),
        (decided(), "Nothing was measured"),
        (decided(evidence(tail_low=math.inf, tail_high=math.inf, trials=0, quantity="expectation")), "REFUTED"),
    ],
)
def test_other_verdicts(verdict, words):
    found = bundle(verdict)
    assert words in plain(found["text/html"])
    dollars(found["text/latex"])


def test_text_of_others_is_escaped():
    theorem = Theorem(name=EVIL, claim=TRUE, source=EVIL, hypotheses=[f"all words {EVIL}"], title=EVIL)
    verdict = decided(evidence(law=EVIL, parameters={EVIL: EVIL}), theorem=EVIL)
    for thing in (theorem, verdict):
        found = bundle(thing)
        assert "<script" not in found["text/html"]
        assert plain(found["text/html"]).count("<script>alert(1)</script> & $x$") >= 2
        tex = dollars(found["text/latex"])
        assert r"\evil" not in tex
        assert r"\backslash" in tex


def test_many_outputs_in_a_page_share_nothing(verdicts):
    """No identifiers, classes of their own or style sheets that could clash, nothing that runs, nothing fetched."""
    for thing in (Theorem(claim=TRUE), bound_of(NUMBERS), *verdicts):
        html = thing._repr_html_()
        assert not re.search(r"\b(id|for|on\w+|src|href)=", html)
        assert not re.search(r"<(script|style|link|iframe|img)\b", html)
        assert "overflow-x: auto" in html
        assert set(re.findall(r'class="([^"]*)"', html)) == {"boundcheck tex2jax_ignore mathjax_ignore"}


def test_without_writers_there_is_plain_text(monkeypatch):
    monkeypatch.delitem(_WRITERS, Verdict)
    assert set(bundle(decided(evidence()))) == {"text/plain"}


def test_all_that_ships_can_be_shown():
    theorems = discover([str(library()), str(shipped())]).theorems
    assert len(theorems) > 200
    for theorem in theorems:
        plain(theorem._repr_html_())
        dollars(theorem._repr_latex_())


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
def test_pdflatex_takes_it_with_amsmath_alone(tmp_path, verdicts):
    theorems = discover([str(library()), str(shipped())]).theorems
    square = prune(SYMBOLS, magnitude(count=floor(d ** (2 - 2 * alpha))))
    things = [*theorems, *verdicts, bound_of(NUMBERS), gap_bound(SYMBOLS, square, delta=delta)]
    things += [Theorem(name=EVIL, claim=TRUE, source=EVIL), Theorem(claim=P(gap(SYMBOLS, square) > 1) <= delta)]
    shown = "\n\n".join(thing._repr_latex_() for thing in things)
    head = r"\documentclass{article}\usepackage[T1]{fontenc}\usepackage{amsmath,amssymb}"
    (tmp_path / "all.tex").write_text(rf"{head}\begin{{document}}{shown}\end{{document}}", encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]


def test_only_a_proof_is_said_to_be_accepted_already():
    proved = check(Theorem(name="lemma", claim=sinh(x) / x <= exp(x**2 / 6)))
    assert "accepted by separate code" in plain(proved._repr_html_())
    exact = check(Theorem(claim=P(mean(iid(uniform(-1, 1), 3)) >= k / 4) <= 1 - k / 5))
    assert exact.status == "PROVED"
    assert "for boundcheck verify to re-check" in plain(exact._repr_html_())
