"""Explained bounds: terms that add up, elasticities against bounds that are derived again, tables of 80 columns."""

from __future__ import annotations

import io
import json
import math

import pytest
from rich.console import Console

from boundcheck import fcn, filters, gap_bound, load_bound, magnitude, normal, prune, random, scaled, uniform
from boundcheck.check.explain import explained
from boundcheck.cli import run
from boundcheck.formula.numeric import evaluate
from boundcheck.report.explain import render_explanation
from boundcheck.statement.discovery import shipped
from boundcheck.statement.spec import Words

w = scaled(uniform(-1, 1))


def bound_of(widths, rule, delta="0.01", weights=w, radius=1):
    target = fcn(widths, weights=weights)
    return gap_bound(target, prune(target, rule), delta=delta, radius=radius)


BOUNDS = {
    "magnitude": bound_of([64, 128, 128, 32], magnitude(alpha="1/2")),
    "random": bound_of([40, 60, 60, 10], random(fraction="1/20"), radius=3),
    "filters": bound_of([40, 60, 60, 10], [filters(count=5), None, random(count=30)]),
    "one": bound_of([40, 60], magnitude(count=90)),
    "normal": bound_of([30, 40, 10], [magnitude(count=50), random(count=5)], weights=scaled(normal(0, 1))),
}


@pytest.mark.parametrize("name", BOUNDS)
def test_terms_add_up_to_the_bound(name):
    bound = BOUNDS[name]
    record = explained(bound)
    assert record["epsilon"] == pytest.approx(evaluate(bound.expression), rel=1e-12)
    assert math.fsum(t["value"] for t in record["terms"]) == pytest.approx(record["epsilon"], rel=1e-12)
    assert math.fsum(t["share"] for t in record["terms"]) == pytest.approx(1, rel=1e-12)
    touched = [i + 1 for i in range(bound.pruned.target.depth) if bound.pruned.removed(i) != 0]
    assert [t["layer"] for t in record["terms"]] == touched == [r["layer"] for r in record["removed"]]
    assert json.loads(json.dumps(record)) == record


@pytest.mark.parametrize("name", BOUNDS)
def test_every_term_has_a_factor_of_each_layer(name):
    """So that elasticities of factors add up to the depth, however b = a + rho hides some."""
    record = explained(BOUNDS[name])
    total = math.fsum(f["elasticity"] for f in record["factors"] if f["elasticity"] is not None)
    assert total == pytest.approx(BOUNDS[name].pruned.target.depth, rel=1e-9)


@pytest.mark.parametrize("name", BOUNDS)
def test_elasticity_of_delta_is_that_of_a_bound_that_is_derived_again(name):
    bound = BOUNDS[name]
    pruned = bound.pruned
    step = 1 - 1e-3
    other = gap_bound(pruned.target, pruned, delta=str(float(bound.delta) * step), radius=bound.radius)
    wanted = math.log(evaluate(other.expression) / evaluate(bound.expression)) / math.log(step)
    assert explained(bound)["delta_elasticity"] == pytest.approx(wanted, rel=2e-2)


def test_elasticity_of_an_amount_is_that_of_a_bound_that_is_derived_again():
    bound = BOUNDS["magnitude"]
    [_, found, _] = explained(bound)["removed"]
    k = int(found["amount"])
    assert k == int(bound.pruned.removed(1))
    both = [
        evaluate(bound_of([64, 128, 128, 32], [magnitude(alpha="1/2"), magnitude(count=k + s), magnitude(alpha="1/2")])
                 .expression)
        for s in (round(k / 10), -round(k / 10))
    ]  # fmt: skip
    wanted = math.log(both[0] / both[1]) / math.log((k + round(k / 10)) / (k - round(k / 10)))
    assert found["elasticity"] == pytest.approx(wanted, rel=1e-9)
    assert found["elasticity"] > 0


def test_the_runner_up_is_the_second_candidate():
    bound = BOUNDS["random"]
    for factor in explained(bound)["factors"]:
        layer = bound.derivation.layers[factor["layer"] - 1]
        choice = {"a": layer.norm, "b": layer.kept, "rho": layer.residual}[factor["symbol"].partition("_")[0]]
        ranked = sorted((evaluate(v), key) for key, v in choice.candidates.items())
        assert factor["chosen"] == ranked[0][1]
        if len(ranked) > 1:
            assert (factor["runner_up"]["value"], factor["runner_up"]["key"]) == ranked[1]
            assert factor["worse"] == pytest.approx(ranked[1][0] / ranked[0][0] - 1)


def test_the_sentence_names_the_layer_that_dominates():
    bound = bound_of([40, 40, 40], [random(count=1), random(count=800)])
    record = explained(bound)
    assert record["terms"][1]["share"] > 0.6
    assert record["sentence"].startswith("Layer 2's removed norm dominates: ")
    other = explained(bound_of([40, 40, 40], [random(count=800), random(count=1)]))
    assert other["sentence"].startswith("Layer 1's removed norm dominates: ")
    assert explained(BOUNDS["one"])["sentence"].startswith("All of epsilon comes from what is removed from layer 1.")
    none = explained(bound_of([4, 4], random(count=0)))
    assert none["sentence"] == "Nothing is removed, and the gap is 0."


@pytest.mark.parametrize("name", BOUNDS)
def test_tables_fit_into_80_columns(name):
    file = io.StringIO()
    record = explained(BOUNDS[name])
    render_explanation(record, Console(file=file, width=80))
    lines = file.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert " ".join(" ".join(lines).split()).endswith(record["sentence"])
    for symbol in (f["symbol"] for f in record["factors"]):
        assert any(line.startswith(symbol) for line in lines)


SPEC = ["bound", "--fcn", "20,30,10", "--prune", "magnitude:alpha=0.5"]


def test_the_command_explains_and_prints_every_format(capsys, tmp_path):
    assert run([*SPEC, "--explain"]) == 0
    assert "Terms of the bound" in capsys.readouterr().out
    assert run([*SPEC, "--explain", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["explain"]["epsilon"] == pytest.approx(record["epsilon"], rel=1e-8)
    assert {"epsilon", "delta", "layers", "formula", "version"} <= record.keys()
    assert {"latex", "text"} <= record["formula"].keys()
    assert run([*SPEC, "--format", "json"]) == 0
    text = capsys.readouterr().out
    pruned = Words("20,30,10", None, None, None, "magnitude:alpha=0.5").pruned()
    assert load_bound(text) == gap_bound(pruned.target, pruned, delta="0.01")
    assert "explain" not in json.loads(text)
    for form, words in {"latex": r"\begin{tabular}", "mathml": "<math", "python": "def gap_bound() -> float:"}.items():
        assert run([*SPEC, "--format", form]) == 0
        assert words in capsys.readouterr().out
    assert run([*SPEC, "--format", "html"]) == 2


def test_a_theorem_as_json_holds_a_bound_that_is_loaded(capsys):
    assert run(["show", "fcn_random", "--format", "json"]) == 0
    bound = load_bound(capsys.readouterr().out)
    assert {p.name for p in bound.free_symbols} == {"alpha", "d", "delta"}
    assert run(["show", "hoeffding_mean", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["saved"] is None


@pytest.mark.slow
def test_a_convolutional_network_is_explained():
    words = Words(None, str(shipped() / "networks" / "lenet5.toml"), None, None, "random:fraction=0.01")
    pruned = words.pruned()
    record = explained(gap_bound(pruned.target, pruned, delta="0.01"))
    assert len(record["terms"]) == 5
    assert math.fsum(t["share"] for t in record["terms"]) == pytest.approx(1)
