"""Figures hold the numbers of the rows, as plain Python over the rows finds them, and say so in words."""

from __future__ import annotations

import itertools
import json
import math
import re
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_store import synthetic_store

from boundcheck.check.results.figures import cells as cells_module
from boundcheck.check.results.figures import figures
from boundcheck.check.results.figures import gaps as gaps_module
from boundcheck.check.results.figures.words import short
from boundcheck.check.results.filters import Filter
from boundcheck.check.results.source import Results, open_results
from boundcheck.experiment.store.schema import TABLES

AXES = {"width": "width", "alpha": "α", "depth": "depth"}
OTHERS = ("rule", "alpha", "delta", "depth", "width")
LARGEST = {"bound": "bound", "T1 at realised norms": "certificate_max", "largest gap seen": "gap_max"}
BANDS = {"gap, 5 to 95 %": ("gap_q05", "gap_q95"), "gap, 25 to 75 %": ("gap_q25", "gap_q75")}


@pytest.fixture(scope="module", name="store")
def made_up(tmp_path_factory):
    return synthetic_store(tmp_path_factory.mktemp("figures") / "store.db", 1500)


@pytest.fixture(scope="module", name="drawn")
def drawn_of_store(store):
    with open_results(str(store)) as results:
        rows = list(results.rows())
        return {figure["id"]: figure for figure in figures(results)}, rows


def label_of(row, varying):
    words = {"rule": "{}", "alpha": "α = {}", "delta": "δ = {}", "depth": "depth {}", "width": "width {}"}
    return ", ".join(words[name].format(short(row[name], 6) if name != "rule" else row[name]) for name in varying)


def groups_of(rows, axis):
    """Label -> place -> rows, in the order of the rows."""
    rows = [row for row in rows if row["kind"] == "network" and row[axis] is not None]
    varying = [name for name in OTHERS if name != axis and len({row[name] for row in rows}) > 1]
    found = {}
    for row in rows:
        found.setdefault(label_of(row, varying) or row["study"], {}).setdefault(row[axis], []).append(row)
    return found


def same_as_rows(figure, rows, axis):
    """Fail unless each series of a gap figure is what plain Python makes of the rows."""
    groups = groups_of(rows, axis)
    best = sorted(groups, key=lambda name: (-len(groups[name]), -sum(map(len, groups[name].values()))))
    expected = [name for name in best if len(groups[name]) > 1][:4]
    assert sorted(figure["panels"]) == sorted(expected)
    names = [*LARGEST, *BANDS, "gap, median"]
    for panel, name in itertools.product(figure["panels"], names):
        [series] = [one for one in figure["series"] if (one["group"], one["name"]) == (panel, name)]
        places = groups[panel]
        assert series["x"] == sorted(places)
        for i, place in enumerate(series["x"]):
            members = places[place]
            if name in LARGEST:
                assert series["y"][i] == max(row[LARGEST[name]] for row in members)
            elif name in BANDS:
                low, high = BANDS[name]
                assert series["low"][i] == min(row[low] for row in members)
                assert series["high"][i] == max(row[high] for row in members)
            else:
                middle = sum(row["gap_q50"] for row in members) / len(members)
                assert series["y"][i] == pytest.approx(middle, rel=1e-12)


@pytest.mark.parametrize("axis", AXES)
def test_gaps_are_those_of_the_rows(drawn, axis):
    found, rows = drawn
    same_as_rows(found[f"dense-gap-{axis}"], rows, axis)


@pytest.mark.parametrize(
    ("key", "sql"), [("gap", "min(gap_max)"), ("certificate", "avg(certificate_max)"), ("q05", "max(gap_q05)")]
)
def test_another_aggregate_is_seen(store, monkeypatch, key, sql):
    monkeypatch.setitem(cells_module.NUMBERS, key, sql)
    with open_results(str(store)) as results:
        rows = list(results.rows())
        [figure] = [one for one in figures(results) if one["id"] == "dense-gap-width"]
    with pytest.raises(AssertionError):
        same_as_rows(figure, rows, "width")


def test_a_mix_up_of_two_groups_is_seen(store, monkeypatch):
    monkeypatch.setattr(cells_module, "KEYS", tuple(key for key in cells_module.KEYS if key != "rule"))
    monkeypatch.setitem(cells_module.NUMBERS, "rule", "min(rule)")
    monkeypatch.setattr(cells_module, "KEYS", tuple(key for key in cells_module.KEYS if key != "pruning"))
    monkeypatch.setitem(cells_module.NUMBERS, "pruning", "min(pruning)")
    with open_results(str(store)) as results:
        rows = list(results.rows())
        [figure] = [one for one in figures(results) if one["id"] == "dense-gap-width"]
    with pytest.raises(AssertionError):
        same_as_rows(figure, rows, "width")


def test_a_group_that_is_dropped_is_seen(drawn):
    found, rows = drawn
    figure = found["dense-gap-width"]
    with pytest.raises(AssertionError):
        same_as_rows(figure | {"panels": figure["panels"][1:]}, rows, "width")


def test_the_table_has_every_place_up_to_200_and_the_caption_says_what_is_drawn(drawn):
    found, rows = drawn
    figure = found["dense-gap-width"]
    groups = groups_of(rows, "width")
    places = sum(map(len, groups.values()))
    assert figure["table"]["total"] == places > len(figure["table"]["rows"]) == 200
    assert f"4 of {len(groups)} combinations are drawn" in figure["caption"]
    columns = figure["table"]["columns"]
    [first, *_] = figure["table"]["rows"]
    row = dict(zip(columns, first, strict=True))
    members = groups[", ".join([row["rule"], f"α = {row['α']}", f"δ = {row['δ']}", f"depth {row['depth']}"])][
        row["width"]
    ]
    assert row["verdicts"] == len(members)
    assert row["largest gap seen"] == pytest.approx(max(one["gap_max"] for one in members), rel=1e-4)


def test_descriptions_hold_the_numbers(drawn):
    found, rows = drawn
    figure = found["dense-gap-width"]
    places = groups_of(rows, "width")[figure["panels"][0]]
    begin, end = (max(row["bound"] for row in places[place]) for place in (min(places), max(places)))
    assert f"From width 32 to 512 the bound falls from {short(begin)} to {short(end)}" in figure["alt"]
    assert "it is 18 times the largest gap seen" in figure["alt"]  # so the store is made


# Violations -----------------------------------------------------------------------------------------
def test_no_violation_is_pooled_away(drawn):
    found, rows = drawn
    figure = found["dense-violations"]
    networks = [row for row in rows if row["kind"] == "network"]
    for series in figure["series"]:
        for i, delta in enumerate(series["x"]):
            members = [row for row in networks if (row["rule"], row["delta"]) == (series["name"], delta)]
            assert series["y"][i] == max(row["observed"] for row in members)
            assert series["low"][i] == max(row["limit_low"] for row in members)
            assert series["high"][i] == max(row["limit_high"] for row in members)
    assert {series["name"] for series in figure["series"]} == {"magnitude", "random"}
    worst = max((row["limit_low"] / row["delta"], row) for row in networks if row["limit_low"] > row["delta"])[1]
    assert f"at least {short(worst['limit_low'])} where δ = {short(worst['delta'])}" in figure["alt"]
    violations, trials = (sum(row[key] for row in networks) for key in ("violations", "trials"))
    assert f"{violations:,} violations were seen in {trials:,} trials" in figure["alt"]


def test_with_one_delta_there_is_one_row_for_each_group(store):
    with open_results(str(store)) as results:
        where = Filter.of(["delta=0.01", "study=dense"])
        [figure] = [one for one in figures(results, where) if "violations" in one["id"]]
        rows = list(results.rows(where))
    [series] = figure["series"]
    assert sorted(figure["y"]["categories"]) == ["magnitude", "random"]
    for name, seen, high in zip(figure["y"]["categories"], series["x"], series["high"], strict=True):
        members = [row for row in rows if row["rule"] == name]
        assert seen == max(row["observed"] / row["claimed_low"] for row in members)
        assert high == max(row["limit_high"] / row["claimed_low"] for row in members)


# Tails ----------------------------------------------------------------------------------------------
def test_tails_are_the_largest_of_each_place(drawn):
    found, rows = drawn
    figure = found["tails-hoeffding-tail"]
    tails = [(json.loads(row["parameters"]), row["ratio_high"]) for row in rows if row["kind"] == "sample"]
    axis = figure["x"]["label"]
    counts = {name: len({values[name] for values, _ in tails}) for name in ("n", "t")}
    assert counts[axis] == max(counts.values())
    for series in figure["series"]:
        other, value = series["name"].split(" = ")
        for place, ratio in zip(series["x"], series["y"], strict=True):
            at = [one for values, one in tails if (float(values[axis]), float(values[other])) == (place, float(value))]
            assert ratio == max(at)
    assert f"is {short(max(ratio for _, ratio in tails), 4)}, at" in figure["alt"]
    assert "nowhere is it above 1" in figure["alt"]
    assert figure["lines"] == [{"y": 1.0, "name": "the claim"}]


def test_many_theorems_are_one_figure_the_largest_first(tmp_path):
    path = tmp_path / "many.db"
    synthetic_store(path, 100)
    connection = sqlite3.connect(path)
    for i in range(8):
        connection.execute("UPDATE points SET theorem = ? WHERE kind = 'sample' AND id % 80 = ?", (f"t{i}", 10 * i + 9))
    connection.execute("UPDATE verdicts SET ratio_high = 1.5, ratio_low = 1.4 WHERE point = 9")
    connection.commit()
    connection.close()
    with open_results(str(path)) as results:
        [figure] = [one for one in figures(results) if "tail" in one["id"]]
        largest = {}
        for row in results.rows(Filter.of(["kind=sample"])):
            largest[row["theorem"]] = max(largest.get(row["theorem"], 0), row["ratio_high"])
    expected = sorted(largest, key=lambda name: -largest[name])
    assert figure["y"]["categories"] == expected
    assert figure["series"][0]["x"] == [largest[name] for name in expected]
    assert expected[0] == "t0"
    assert figure["alt"].endswith("above 1: t0.")


# The ladder -----------------------------------------------------------------------------------------
def test_the_ladder_is_that_of_the_tightest_point(drawn):
    found, rows = drawn
    figure = found["ladder"]
    networks = [row for row in rows if row["kind"] == "network"]
    best = max(networks, key=lambda row: (row["gap_max"] / row["bound"], -row["point"]))
    rungs = [best[key] / best["bound"] for key in ("gap_max", "attack", "sure", "certificate_max", "bound")]
    assert [series["x"][0] for series in figure["series"]] == rungs
    steps = [f"×{short(high / low)}" for low, high in itertools.pairwise(rungs)]
    assert [step["text"] for step in figure["steps"]] == steps
    assert figure["table"]["rows"][0][2] == best["point"]
    assert f"is {short(best['bound'] / best['gap_max'])} times the largest gap seen" in figure["alt"]


# Awkward results ------------------------------------------------------------------------------------
def of_rows(rows):
    """Results of made-up networks."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(TABLES)
    for i, row in enumerate(rows):
        point = {key: row.get(key) for key in ("architecture", "rule", "pruning", "width", "depth", "alpha", "delta")}
        point |= {"id": i, "study": "s", "theorem": "t", "kind": "network", "seed": i, "parameters": "{}", "spec": "{}"}
        point |= {"trials": 100, "batches": 1}
        verdict = {key: value for key, value in row.items() if key not in point or key == "trials"}
        verdict |= {"point": i, "vacuous": 0, "note": ""} | ({} if "status" in row else {"status": "CONFIRMED"})
        for table, values in (("points", point), ("verdicts", verdict)):
            names = ", ".join(values)
            marks = ", ".join("?" * len(values))
            connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values()))
    return Results(connection, "made up")


def network(width=16, depth=2, alpha=0.5, delta=0.1, rule="magnitude", gap=0.1, bound=1.0, **more):
    quantiles = {f"gap_q{q:02}": gap * q / 100 for q in (5, 25, 50, 75, 95)}
    return {
        "architecture": ",".join(["8", *[str(width)] * (depth - 1), "4"]),
        "rule": rule,
        "pruning": f"{rule}:alpha={alpha}",
        **{"width": width, "depth": depth, "alpha": alpha, "delta": delta, "bound": bound, "gap_max": gap},
        **{"certificate_max": gap * 2, "trials": 100, "violations": 0, "open": 0, "observed": 0.0},
        **{"limit_low": 0.0, "limit_high": 0.05, "claimed_low": delta, "claimed_high": delta, "exact": 0},
        **quantiles,
        **more,
    }


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.builds(
            network,
            width=st.sampled_from([8, 16, 32]),
            depth=st.sampled_from([2, 3]),
            alpha=st.sampled_from([0.25, 0.5]),
            delta=st.sampled_from([0.01, 0.1]),
            rule=st.sampled_from(["magnitude", "random"]),
            gap=st.floats(1e-6, 10),
        ),
        min_size=1,
        max_size=25,
    )
)
def test_gaps_of_any_rows_are_those_of_the_rows(rows):
    results = of_rows(rows)
    found = {figure["id"]: figure for figure in figures(results)}
    seen = list(results.rows())
    for axis in AXES:
        groups = groups_of(seen, axis)
        assert (f"s-gap-{axis}" in found) == any(len(places) > 1 for places in groups.values())
        if f"s-gap-{axis}" in found:
            same_as_rows(found[f"s-gap-{axis}"], seen, axis)
    json.dumps(list(found.values()), allow_nan=False)


def test_an_input_as_wide_as_a_layer_does_not_part_a_line():
    results = of_rows([network(width=8), network(width=16)])  # 8,8,4 and 8,16,4
    assert figures(results)[0]["series"][0]["x"] == [8, 16]
    assert "layers 8,d…d,4" in figures(results)[0]["caption"]


def test_networks_with_other_ends_are_other_lines():
    rows = [network(width=w) | {"architecture": f"{n},{w},4"} for w in (16, 32) for n in (8, 9)]
    assert figures(of_rows(rows))[0]["panels"] == ["layers 8,d…d,4", "layers 9,d…d,4"]


def test_a_gap_above_the_bound_is_told():
    [figure, *_] = figures(of_rows([network(width=16), network(width=32, gap=1.6, bound=1.0)]))
    assert "at 1 place below the largest gap seen, at least 0.625 times that" in figure["alt"]


def test_a_refuted_place_is_told_though_all_others_hold():
    rows = [network(delta=d) for d in (0.1, 0.2) for _ in range(20)]
    rows.append(network(delta=0.1, observed=0.4, limit_low=0.3, limit_high=0.5, violations=40))
    [figure] = [one for one in figures(of_rows(rows)) if one["id"] == "s-violations"]
    assert figure["series"][0]["y"] == [0.4, 0.0]
    assert "A lower limit of the rate lies above the claim at 1 of 2 places" in figure["alt"]


@pytest.mark.parametrize("rows", [[], [{"status": "ERROR"}], [{"status": "PROVED", "rule": "magnitude"}]])
def test_without_numbers_there_is_nothing_to_plot(rows):
    assert figures(of_rows(rows)) == []


def test_errors_are_counted():
    rows = [network(width=16), network(width=32), {"status": "ERROR", "width": 64, "rule": "magnitude"}]
    [figure, *_] = figures(of_rows(rows))
    assert figure["caption"].endswith("Missing, for errors: 1 point.")


def test_a_scattered_sample_is_drawn_in_ranges_and_says_what_is_mixed():
    rows = [network(width=10 + i, alpha=0.2 + i / 100, gap=1 / (10 + i)) for i in range(40)]
    found = {figure["id"]: figure for figure in figures(of_rows(rows))}
    figure = found["s-gap-width"]
    assert "middles of ranges" in figure["caption"]
    assert "alpha" in figure["caption"]
    assert figure["alt"].endswith("are drawn together.")
    [largest] = [series for series in figure["series"] if series["name"] == "largest gap seen"]
    assert len(largest["x"]) == cells_module.COARSE
    assert sum(row[figure["table"]["columns"].index("verdicts")] for row in figure["table"]["rows"]) == len(rows)
    step = 39 / cells_module.COARSE
    for middle, gap in zip(largest["x"], largest["y"], strict=True):
        inside = [row["gap_max"] for row in rows if middle - step / 2 <= row["width"] < middle + step / 2 + 1e-9]
        assert gap == max(inside)


def test_too_many_combinations_are_mixed_and_that_is_said(monkeypatch):
    monkeypatch.setattr(cells_module, "MANY", 20)
    rows = [
        network(width=w, alpha=a / 50, rule=r) for w in (8, 16, 32) for a in range(15) for r in ("magnitude", "random")
    ]
    found = {figure["id"]: figure for figure in figures(of_rows(rows))}
    assert found["s-gap-width"]["panels"] == ["magnitude", "random"]
    assert "Points that differ in" in found["s-gap-width"]["caption"]
    assert found["s-gap-width"]["series"][0]["x"] == [8, 16, 32]


def test_forty_groups_are_four_panels():
    rows = [
        network(width=w, delta=(i + 1) / 100, gap=0.01) for i in range(10) for w in (8, 16) for _ in range(1 + (i == 7))
    ]
    [figure, *_] = figures(of_rows(rows))
    assert figure["panels"] == ["δ = 0.01", "δ = 0.02", "δ = 0.03", "δ = 0.08"]  # the last has the most points
    assert "4 of 10 combinations" in figure["caption"]


def test_ids_differ_and_are_plain(drawn):
    found, _ = drawn
    assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in found)
    results = of_rows([network(width=8), network(width=16)])
    results.connection.execute("UPDATE points SET study = CASE id WHEN 0 THEN 'a b' ELSE 'a-b' END")
    names = [figure["id"] for figure in figures(results)]
    assert len(names) == len(set(names))


def test_an_infinite_ratio_is_not_drawn_as_one():
    rows = [
        {"status": "CONFIRMED", "quantity": "probability", "exact": 1, "ratio_low": 0.5, "ratio_high": math.inf},
        {"status": "CONFIRMED", "quantity": "probability", "exact": 1, "ratio_low": 0.1, "ratio_high": 0.2},
    ]
    results = of_rows(rows)
    results.connection.execute("UPDATE points SET kind = 'sample', theorem = 't' || id")
    [figure] = figures(results)
    assert figure["series"][0]["x"] == [0.5, 0.2]


def test_the_gap_figure_is_the_only_one_that_reads_ranges(drawn):
    found, _ = drawn
    assert not any("middles" in figure["caption"] for figure in found.values())
    assert gaps_module.COLUMNS[-1] in found["dense-gap-alpha"]["table"]["columns"]


def test_arguments_without_a_column_part_lines_too():
    rows = [network(width=w, bound=f) for w in (16, 32) for f in (0.5, 1.0)]
    results = of_rows(rows)
    results.connection.execute(
        "UPDATE points SET spec = json_object('factor', CASE id % 2 WHEN 0 THEN '1/2' ELSE '1' END)"
    )
    study = {"name": "s", "fcn": "8,d,4", "d": [16, 32], "factor": ["1/2", "1"]}
    results.meta["text"] = json.dumps({"studies": [study]})
    [figure, *_] = figures(results)
    assert figure["panels"] == ["factor = 1/2", "factor = 1"]
    bounds = [series["y"] for series in figure["series"] if series["name"] == "bound"]
    assert bounds == [[0.5, 0.5], [1.0, 1.0]]


def test_counting_to_the_end_or_not_gives_the_same_figures(store, monkeypatch):
    with open_results(str(store)) as results:
        before = figures(results)
        monkeypatch.setattr(cells_module, "_VALUES", 2)
        assert figures(results) == before


def test_steps_of_a_ladder_go_up_also_where_a_certificate_is_above_the_bound():
    row = network(gap=0.5, bound=0.8) | {"attack": 0.2, "sure": 0.4, "certificate_max": 1.0}
    [figure] = [one for one in figures(of_rows([row])) if one["id"] == "ladder"]
    assert [step["text"] for step in figure["steps"]] == ["×1.6", "×1.25"]  # gap, bound, T1
    assert [series["x"][0] for series in figure["series"]] == [0.625, 0.25, 0.5, 1.25, 1.0]


def test_a_ratio_below_the_axis_is_told():
    rows = [
        {"status": "CONFIRMED", "quantity": "probability", "exact": 1, "ratio_low": r, "ratio_high": r}
        for r in (0.5, 1e-9)
    ]
    results = of_rows(rows)
    results.connection.execute("UPDATE points SET kind = 'sample', parameters = json_object('t', '1/' || (id + 1))")
    [figure] = figures(results)
    assert figure["series"][0]["y"] == [1e-9, 0.5]
    assert "Hollow markers lie beyond the axis" in figure["caption"]


def test_an_upper_limit_of_no_end_is_drawn_at_the_end_of_the_axis():
    point = {"status": "INCONCLUSIVE", "quantity": "probability", "exact": 0, "trials": 10, "ratio_low": 0.5}
    results = of_rows([point | {"ratio_high": math.inf}, point | {"ratio_high": 0.9}])
    results.connection.execute("UPDATE points SET kind = 'sample', theorem = 't' || id")
    [figure] = figures(results)
    assert figure["y"]["categories"] == ["t0", "t1"]
    assert figure["series"][0]["high"] == [math.inf, 0.9]
    assert figure["x"]["ceiling"] == 1.05
    assert "go beyond the axis" in figure["caption"]
    assert figure["table"]["rows"][0][-1] == "∞"


def test_bounds_that_say_nothing_are_counted():
    results = of_rows([network(width=w) for w in (8, 16, 32)])
    results.connection.execute("UPDATE verdicts SET vacuous = 1 WHERE point > 0")
    [figure, *_] = figures(results)
    assert "Of 3 verdicts, 2 are vacuous: there the bound says nothing." in figure["caption"]
