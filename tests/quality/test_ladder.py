"""The table of how loose bounds are: its quantiles, and one small network."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import ladder


def test_ends_of_quantiles_hold_as_often_as_is_said():
    """By the exact binomial law of how many uniform variables lie below p, and by counting in 2,000 samples: each end
    fails in at most 5 % of them, and the count is within 4 standard deviations with probability 0.9999."""
    draw = np.random.default_rng(5)
    misses = np.zeros(2)
    for _ in range(2000):
        quantile, low, high = ladder.quantile_interval(draw.random(400).tolist(), 0.9, 0.05)
        assert low <= quantile <= high
        misses += low > 0.9, high < 0.9
    assert (misses <= 2000 * 0.05 + 4 * math.sqrt(2000 * 0.05)).all()
    assert (misses >= 2000 * 0.02).all(), "they are no wider than they have to be"


@pytest.mark.parametrize(("n", "p"), [(300, 0.99), (500, 0.99), (100, 0.5)])
def test_ends_are_the_ranks_of_binomial_tails(n, p):
    quantile, low, high = ladder.quantile_interval([float(i) for i in range(n, 0, -1)], p, 0.05)
    assert quantile == math.ceil(p * n)
    assert binom.cdf(low - 1, n, p) <= 0.05 < binom.cdf(low, n, p)
    assert binom.sf(high - 1, n, p) <= 0.05 < binom.sf(high - 2, n, p)


def test_few_trials_have_no_upper_end():
    assert ladder.quantile_interval([1.0] * 298, 0.99, 0.05)[2] == math.inf
    assert ladder.quantile_interval([1.0] * 299, 0.99, 0.05)[2] == 1


def test_a_tiny_network_climbs_the_ladder(tmp_path, monkeypatch, capsys):
    tiny = ladder.Architecture(ladder.fcn("6,8,4", "magnitude:fraction=0.2"), 3)
    monkeypatch.setattr(ladder, "QUICK", {"tiny": tiny})
    monkeypatch.setattr(ladder, "ARCHITECTURES", {"tiny": tiny})
    files = {name: tmp_path / f"table.{name}" for name in ("json", "markdown")}
    assert ladder.main(["--quick", "--trials", "20", *(f"--{n}={path}" for n, path in files.items())]) == 0
    assert "tiny" in capsys.readouterr().out
    [row] = json.loads(files["json"].read_text("utf-8"))["rows"]
    assert 0 < row["attack"] <= row["attack_most"] <= row["bound"]
    assert row["attack"] < row["t1"] < row["bound"]
    assert row["t1_high"] is None
    assert row["t1_low"] <= row["t1"]
    assert row["bound_over_t1"] == row["bound"] / row["t1"]
    head, rule, line = files["markdown"].read_text("utf-8").splitlines()
    assert head.count("|") == rule.count("|") == line.count("|") == len(ladder.HEADINGS) + 1


def test_what_is_searched_for_is_at_least_what_was_sampled():
    plan = ladder.network_plan(ladder.fcn("6,8,4", "random:count=9").pruned(), 1.0, key=3)
    seen = ladder.measure_network(plan, 10)
    found = ladder.searched(plan, range(10))
    assert (found >= seen.gap * (1 - 1e-9)).all()
    assert (found > seen.gap).any()


def test_the_networks_are_those_that_are_named():
    for name, (words, attacks) in ladder.ARCHITECTURES.items():
        pruned = words.pruned()
        assert attacks > 0
        assert not pruned.parameters
        assert ("random" in name) == ("random" in pruned.words)
