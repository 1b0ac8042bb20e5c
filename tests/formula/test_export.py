"""Statements as text, LaTeX and MathML: as a mathematician writes them, and well-formed."""

from __future__ import annotations

from xml.dom.minidom import parseString

import pytest
import sympy
from sympy import Max, Symbol, exp, log, sinh, sqrt

from boundcheck import (
    E,
    P,
    Theorem,
    Var,
    bernoulli,
    bounded,
    bounded_differences,
    centred,
    constant,
    discrete,
    empty,
    exponential,
    fcn,
    gamma,
    gap,
    iid,
    independent,
    integer,
    kolmogorov_distance,
    lipschitz_function,
    magnitude,
    martingale,
    maximum,
    mean,
    nonnegative,
    norm,
    normal,
    occupancy,
    order_statistic,
    prune,
    rademacher,
    random_matrix,
    real,
    sample_variance,
    spectral_norm,
    sub_gamma,
    sub_gaussian,
    sum_of,
    two_point,
    uniform,
    without_replacement,
)
from boundcheck.formula.export import theorem_latex, theorem_mathml, theorem_text, to_latex, to_mathml
from boundcheck.statement.discovery import discover, library, shipped
from boundcheck.statement.functions import HypergeometricBound
from boundcheck.statement.notation import latex, text

n, m = integer("n", min=1), integer("m", min=1)
t, p, lam = real("t", min=0), real("p", min=0, max=1), real("lam")
v, delta = real("v", min=0, exclude_min=True), real("delta", min=0, max=1, exclude_min=True)
X, Z = iid(bernoulli(p), n), iid(normal(0, v), 7)
A, C = random_matrix(normal(), m, n), occupancy(m, n)
NET = fcn([4, 5, 3], weights=uniform(-1, 1))
GAP = gap(NET, prune(NET, magnitude(count=2)))

EXPRESSIONS = [
    (mean(X) - E(mean(X)), "mean(X) - E(mean(X))", r"\overline{X} - \mathbb{E}\left[\overline{X}\right]"),
    (E(mean(X)) - mean(X), "E(mean(X)) - mean(X)", r"\mathbb{E}\left[\overline{X}\right] - \overline{X}"),
    (mean(X) - p, "mean(X) - p", r"\overline{X} - p"),
    (t - mean(X), "t - mean(X)", r"t - \overline{X}"),
    (abs(mean(X) - p), "Abs(mean(X) - p)", r"\left|{\overline{X} - p}\right|"),
    (abs(p - mean(X)), "Abs(mean(X) - p)", r"\left|{\overline{X} - p}\right|"),
    (n * p - t, "n*p - t", "n p - t"),
    (exp(t - v), "exp(t - v)", "e^{t - v}"),
    (lam * sum_of(X), "lam*sum(X)", r"\lambda \sum_{i=1}^{n} X_{i}"),
    (sum_of(X) ** 2, "sum(X)**2", r"\left(\sum_{i=1}^{n} X_{i}\right)^{2}"),
    (sum_of(X**2), "sum(X**2)", r"\sum_{i=1}^{n} X_{i}^{2}"),
    (sum_of(X - p), "sum(X - p)", r"\sum_{i=1}^{n} \left(X_{i} - p\right)"),
    (
        sum_of(X) * mean(X**2),
        "mean(X**2)*sum(X)",
        r"\left(\frac{1}{n} \sum_{i=1}^{n} X_{i}^{2}\right) \sum_{i=1}^{n} X_{i}",
    ),
    (norm(Z), "sqrt(sum(X**2))", r"\sqrt{\sum_{i=1}^{7} X_{i}^{2}}"),
    (maximum(abs(Z)), "max(Abs(X))", r"\max_{i \le 7} \left|{X_{i}}\right|"),
    (order_statistic(X, n - 1), "order_statistic(X, n - 1)", r"X_{(n - 1)}"),
    (sample_variance(Z), "sample_variance(X)", r"\widehat{\sigma}^{\,2}"),
    (kolmogorov_distance(Z), "kolmogorov_distance(X)", r"\left\|\widehat{F}_{7} - F\right\|_{\infty}"),
    (spectral_norm(A), "norm(A)", r"\left\|A\right\|"),
    (maximum(C), "max(C)", r"\max_{i \le n} C_{i}"),
    (empty(C), "empty(C)", r"\left|\left\{i : C_{i} = 0\right\}\right|"),
    (Var(sum_of(X)), "Var(sum(X))", r"\operatorname{Var}\left(\sum_{i=1}^{n} X_{i}\right)"),
    (sum_of(iid(normal(), 1)), "X", "X"),
    (mean(iid(normal(), 1) ** 2) ** 3, "(X**2)**3", r"\left(X^{2}\right)^{3}"),
    (E(exp(lam * (sum_of(X) - n * p))), "E(exp(lam*(sum(X) - n*p)))", None),
    (P(mean(X) >= p + t), "P(mean(X) >= p + t)", r"\mathbb{P}\left[\overline{X} \geq p + t\right]"),
    (martingale(n, 1), "S_n", "S_n"),
    (constant() * sqrt(n), "C*sqrt(n)", r"C \sqrt{n}"),
    (real("rate") * real("alpha"), "alpha*rate", r"\alpha \mathrm{rate}"),
    (Max(mean(X), 0), "Max(0, mean(X))", r"\max\left(0, \overline{X}\right)"),
    (GAP, "gap(target, pruned)", r"\sup_{\|x\| \le 1} \|f(x) - F(x)\|"),
]


@pytest.mark.parametrize(("expression", "words", "tex"), EXPRESSIONS, ids=[e[1] for e in EXPRESSIONS])
def test_expressions(expression, words, tex):
    assert text(expression) == words
    assert tex is None or to_latex(expression) == tex
    assert balanced(to_latex(expression))
    assert balanced(sympy.latex(expression)), "also by SymPy's own printer"
    parseString(to_mathml(expression))


MATHML = [
    (2 * exp(-t), "<mn>2</mn><mo>&#8290;</mo><msup><mi>e</mi>", "no fraction"),
    (t - 1, "<mo>−</mo><mn>1</mn>", "no hyphen"),
    (t * log(v), '<mi>t</mi><mo>&#8290;</mo><mspace width="0.17em"/><mrow><mi>log</mi>', "no blog"),
    (sqrt(2) / t, "<mfrac><msqrt><mn>2</mn></msqrt><mi>t</mi></mfrac>", "a fraction all the same"),
    (lipschitz_function(X, 1), "<mi>f</mi><mo>(</mo><mi>X</mi><mo>)</mo>", "a function of X"),
    (sympy.gamma(t), "<mi>&#915;</mi><mo>(</mo>", "a letter, not its number"),
    (HypergeometricBound(n, m, n, delta), "<mi>HypergeometricBound</mi>", "as it is written"),
]


@pytest.mark.parametrize(("expression", "part", "why"), MATHML, ids=[why for *_, why in MATHML])
def test_mathml_as_a_mathematician_writes_it(expression, part, why):
    assert part in to_mathml(expression)


def test_signs_beside_formulas_are_mathematics_too():
    source = Theorem(claim=P(mean(iid(normal(), n)) >= t) <= exp(-n * t**2 / 2))
    shown = theorem_mathml(source)
    for part in ("<mo>∈</mo>", "<mi>∞</mi>", "<mi>…</mi>", "<mo>∼</mo>", '<mi mathvariant="normal">N</mi>'):
        assert part in shown
    assert '<mo stretchy="false">[</mo>' in shown
    assert "~" not in shown


def test_definitions_begin_at_the_left():
    definitions = {(Symbol("a"),): t, (Symbol("b"),): v}
    assert to_mathml(None, definitions).count('<mtd style="text-align: left">') == 0, "two short rows"
    assert to_mathml(t, definitions).count('<mtd style="text-align: left">') == 3


def test_sympy_prints_what_is_random_as_we_do():
    claim = P(abs(mean(X) - p) >= t) <= 2 * exp(-2 * n * t**2)
    assert str(claim) == text(claim) == "P(Abs(mean(X) - p) >= t) <= 2*exp(-2*n*t**2)"
    assert sympy.latex(claim) == latex(claim)
    assert sympy.latex(sum_of(X) ** 2, mul_symbol="dot") == r"\left(\sum_{i=1}^{n} X_{i}\right)^{2}"
    assert r"\lambda \cdot \sum" in sympy.latex(P(lam * sum_of(X) >= t), mul_symbol="dot")


SAMPLES = [
    (X, "X_1, …, X_n i.i.d. ~ Bernoulli(p)"),
    (Z, "X_1, …, X_7 i.i.d. ~ N(0, v**2)"),
    (iid(normal(), 2), "X_1, X_2 i.i.d. ~ N(0, 1)"),
    (iid(rademacher(), 1), "X ~ Rademacher"),
    (iid(rademacher(v), n * m), "X_1, …, X_(m*n) i.i.d. ~ v Rademacher"),
    (iid(bounded(0, 1), n), "X_1, …, X_n i.i.d. with values in [0, 1]"),
    (iid(nonnegative(v), n), "X_1, …, X_n i.i.d. with mean v and values in [0, ∞)"),
    (
        iid(centred(upper=1, variance=v), n),
        "X_1, …, X_n i.i.d. with mean 0, values of at most 1 and variance at most v",
    ),
    (iid(sub_gaussian(v), n), "X_1, …, X_n i.i.d. sub-Gaussian with mean 0 and variance proxy v"),
    (iid(gamma(2, v), n), "X_1, …, X_n i.i.d. ~ Gamma(shape 2, rate v)"),
    (iid(exponential(v), n), "X_1, …, X_n i.i.d. ~ Exponential(rate v)"),
    (
        iid(discrete({0: "1/4", 2: "3/4"}), n),
        "X_1, …, X_n i.i.d. from the law on 0 with probability 1/4, 2 with probability 3/4",
    ),
    (iid(two_point(0, 1, 1), n), "X_1, …, X_n i.i.d. from the constant 1"),
    (
        independent(uniform(-1, v), bounded(0, 1)),
        "X_1, X_2 independent, X_1 ~ Uniform[-1, v], X_2 with values in [0, 1]",
    ),
    (A, "A a random m × n matrix with entries i.i.d. ~ N(0, 1)"),
    (C, "C_1, …, C_n the counts of m balls thrown independently and uniformly into n bins"),
    (
        without_replacement(bounded(0, 1), population=m, drawn=n),
        "X_1, …, X_n drawn without replacement from m numbers with values in [0, 1]",
    ),
    (
        without_replacement(bernoulli("1/2"), population=m, drawn=n),
        "X_1, …, X_n drawn without replacement from m numbers with law Bernoulli(1/2)",
    ),
]


@pytest.mark.parametrize(("sample", "words"), SAMPLES, ids=[words for _, words in SAMPLES])
def test_samples(sample, words):
    assert str(sample) == words
    assert balanced(latex(sample.notation))


def test_samples_in_latex():
    assert latex(Z.notation) == r"X_{1}, \dots, X_{7} \overset{\text{i.i.d.}}{\sim} \mathcal{N}(0, v^{2})"
    assert latex(iid(bounded(0, 1), n).notation) == r"X_{1}, \dots, X_{n}\text{ i.i.d.}\text{ with values in }[0, 1]"


@pytest.mark.parametrize(
    ("parameter", "words", "tex"),
    [
        (t, "[0, ∞)", r"[0, \infty)"),
        (lam, "(-∞, ∞)", r"(-\infty, \infty)"),
        (delta, "(0, 1]", "(0, 1]"),
        (n, "{1, 2, …}", r"\{1, 2, \dots\}"),
        (integer("k", min=0, max=9), "{0, …, 9}", r"\{0, \dots, 9\}"),
        (integer("k", min=3, max=3), "{3}", r"\{3\}"),
        (integer("k", max=3), "{…, 3}", r"\{\dots, 3\}"),
        (integer("k"), "ℤ", r"\mathbb{Z}"),
    ],
)
def test_domains(parameter, words, tex):
    assert str(parameter.domain) == words
    assert latex(parameter.domain.notation) == tex


THEOREMS = [
    (
        Theorem(claim=P(mean(X) - E(mean(X)) >= t) <= exp(-2 * n * t**2), hypotheses=[t <= p, "50% of it, a_b"]),
        "For all n ∈ {1, 2, …}, p ∈ [0, 1], t ∈ [0, ∞) with t <= p, and X_1, …, X_n i.i.d. ~ Bernoulli(p), "
        "assuming: 50% of it, a_b:\n  P(mean(X) - E(mean(X)) >= t) <= exp(-2*n*t**2)",
    ),
    (
        Theorem(claim=P(mean(Z) <= sqrt(log(1 / delta))) >= 1 - delta),
        "For all delta ∈ (0, 1], v ∈ (0, ∞), and X_1, …, X_7 i.i.d. ~ N(0, v**2):\n"
        "  P(mean(X) <= sqrt(log(1/delta))) >= 1 - delta",
    ),
    (
        Theorem(claim=E(spectral_norm(A)) <= constant() * (sqrt(m) + sqrt(n))),
        "There is C > 0 such that for all m ∈ {1, 2, …}, n ∈ {1, 2, …}, and A a random m × n matrix with entries "
        "i.i.d. ~ N(0, 1):\n  E(norm(A)) <= C*(sqrt(m) + sqrt(n))",
    ),
    (
        Theorem(claim=P(lipschitz_function(iid(normal(), 3), 1) > 2) <= exp(-2)),
        "For f(X) any 1-Lipschitz function of X: X_1, X_2, X_3 i.i.d. ~ N(0, 1):\n  P(f(X) > 2) <= exp(-2)",
    ),
    (Theorem(claim=sinh(v) / v <= exp(v**2 / 6)), "For all v ∈ (0, ∞):\n  sinh(v)/v <= exp(v**2/6)"),
    (
        Theorem(claim=mean(iid(bounded(0, 1), 3)) <= 1),
        "For X_1, X_2, X_3 i.i.d. with values in [0, 1]:\n  mean(X) <= 1",
    ),
    (Theorem(claim=P(t < GAP) <= exp(-t)), None),
    (Theorem(claim=P(bounded_differences(n, v) < t) <= delta), None),
    (Theorem(claim=Var(maximum(iid(sub_gamma(1, v), n))) <= n), None),
]


@pytest.mark.parametrize(("theorem", "words"), THEOREMS)
def test_theorems(theorem, words):
    assert words is None or theorem_text(theorem) == words
    tex = theorem_latex(theorem)
    assert balanced(tex)
    assert tex.count("$") % 2 == 0
    assert rf"\[{chr(10)}{to_latex(theorem.claim)}{chr(10)}\]" in tex
    document = parseString(theorem_mathml(theorem))
    assert len(document.getElementsByTagName("mtr")) == 2


def test_a_theorem_in_latex():
    assert theorem_latex(THEOREMS[0][0]) == (
        r"For all $n \in \{1, 2, \dots\}, p \in [0, 1], t \in [0, \infty)$ with $t \leq p$, and "
        r"$X_{1}, \dots, X_{n} \overset{\text{i.i.d.}}{\sim} \operatorname{Bernoulli}(p)$, assuming: 50\% of it, a\_b:"
        "\n\\[\n"
        r"\mathbb{P}\left[\overline{X} - \mathbb{E}\left[\overline{X}\right] \geq t\right] \leq e^{- 2 n t^{2}}"
        "\n\\]"
    )


def test_mathml_has_the_signs_of_the_field():
    def printed(expression):
        return parseString(to_mathml(expression)).toxml()

    markup = printed(P(sum_of(X) > t) <= delta)
    assert "<munderover><mo>∑</mo>" in markup
    assert "<mo>&gt;</mo>" in markup, "SymPy leaves < and > bare"
    assert "<mover><mi>X</mi><mo>¯</mo></mover>" in printed(mean(X))
    assert "<mi>Var</mi>" in printed(Var(mean(X)))
    assert "<mi>λ</mi>" in printed(lam)
    deviation = printed(abs(mean(X) - p))
    assert deviation.index("¯") < deviation.index("<mi>p</mi>")


def test_definitions_are_further_rows():
    a = sympy.Symbol("a")
    definitions = {(a,): t**2}
    theorem = Theorem(claim=P(mean(Z) >= t) <= delta)
    assert r"a &= t^{2}" in theorem_latex(theorem, definitions)
    assert len(parseString(theorem_mathml(theorem, definitions)).getElementsByTagName("mtr")) == 3
    assert to_mathml(a, definitions).count("<mtr>") == 2


def test_everything_that_ships_prints():
    found = discover([str(library()), str(shipped() / "scalar")]).theorems
    assert len(found) > 50
    for theorem in found[::6]:
        assert balanced(theorem_latex(theorem))
        assert theorem_text(theorem).endswith(text(theorem.claim))
        parseString(theorem_mathml(theorem))


def balanced(tex):
    """Whether braces match, and every \\left has its \\right."""
    depth = 0
    bare = tex.replace(r"\{", "").replace(r"\}", "")
    for character in bare:
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth < 0:
            return False
    return depth == 0 and tex.count(r"\left") - tex.count(r"\leftarrow") == tex.count(r"\right")
