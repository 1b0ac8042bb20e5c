"""Campaigns as they are described: axes, studies, files."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundcheck.errors import InvalidArgument
from boundcheck.statement.campaign import Campaign, Study, load_campaign
from boundcheck.statement.campaign.axes import axis, share

NETWORK = {"fcn": "8,4", "prune": "magnitude:alpha=0.5"}
TOML = """
level = 0.95
trials = 300
batch = 50

[[study]]
fcn = "64,d,10"
d = [32, 64]
prune = ["magnitude", "random"]
alpha = [0.3, 0.5]
delta = 0.1

[[study]]
name = "tails"
theorem = "mine.py::tail"
seed = [0, 1, 2]
[study.parameters]
n = {min = 10, max = 1000, count = 3, scale = "log"}
t = 0.25
"""


def test_an_axis_is_a_value_a_list_or_a_range():
    assert axis("a", 3).values == ("3",)
    assert axis("a", "x").values == ("x",)
    assert axis("a", [0.1, "1/3", 0.1]).values == ("0.1", "1/3")
    assert axis("a", {"min": 0, "max": 1, "count": 5}).values == ("0", "1")  # integers between integers
    assert axis("a", {"min": "0.0", "max": "1", "count": 5}).values == ("0.0", "0.25", "0.5", "0.75", "1")
    assert axis("a", {"min": 16, "max": 1024, "count": 7, "scale": "log"}).values == (
        "16", "32", "64", "128", "256", "512", "1024",
    )  # fmt: skip


@given(
    low=st.fractions(Fraction(1, 1000), 100),
    size=st.fractions(Fraction(1, 100), 100),
    at=st.floats(0, 1, exclude_max=True),
    log=st.booleans(),
)  # fmt: skip
def test_what_is_drawn_from_a_range_lies_in_it(low, size, at, log):
    given = {"min": str(low), "max": str(low + size), "scale": "log" if log else "linear"}
    drawn = Fraction(axis("a", given).drawn(at))
    slack = Fraction(1, 10**5) * (low + size)  # six digits are kept
    assert low - slack <= drawn <= low + size + slack


@given(st.integers(1, 50), st.floats(0, 1, exclude_max=True))
def test_what_is_drawn_from_a_list_is_in_it(count, at):
    values = [str(i) for i in range(count)]
    assert axis("a", values).drawn(at) in values


def test_shares_look_uniform_and_depend_on_all_labels():
    shares = [share(0, "a", i) for i in range(4000)]
    assert len(set(shares)) == 4000
    # Kolmogorov distance above 0.032 has probability 2*exp(-2*4000*0.032**2) < 6e-4 for a random seed.
    assert max(abs(x - i / 4000) for i, x in enumerate(sorted(shares))) < 0.032
    assert len({share(0, "a", 1), share(1, "a", 1), share(0, "b", 1), share(0, "a", 2), share(0, "a1")}) == 5


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "empty list"),
        (True, "no number and no text"),
        (float("nan"), "no number and no text"),
        ({"min": 1}, "without both ends"),
        ({"min": 2, "max": 1}, "not below"),
        ({"min": 1, "max": 2, "step": 1}, "unknown key step"),
        ({"min": 0, "max": 2, "scale": "log"}, "no such scale"),
        ({"min": 1, "max": 2, "count": 1}, "count of at least 2"),
        ({"min": "x", "max": 2}, "no end of a range"),
    ],
)
def test_what_is_no_axis_is_refused(given, said):
    with pytest.raises(InvalidArgument, match=said):
        axis("a", given)


@pytest.mark.parametrize("end", ["1e400", "1e-400", "1e400000000", "1e300000/3", "inf", "nan"])
@pytest.mark.parametrize("scale", ["linear", "log"])
def test_an_end_that_is_no_float_is_refused_at_once(end, scale):
    with pytest.raises(InvalidArgument, match="is no end of a range"):
        axis("a", {"min": 0.5, "max": end, "scale": scale})


def test_a_range_with_a_count_beyond_all_measure_is_refused_at_once():
    with pytest.raises(InvalidArgument, match="too many values"):
        axis("a", {"min": 0, "max": 10**18, "count": 10**15})


@pytest.mark.parametrize("seed", [{"min": 0.5, "max": 3}, {"min": -5, "max": 3}, {"min": 0, "max": 2**63}, "٣", 2**63])
def test_what_is_no_seed_is_refused(seed):
    with pytest.raises(InvalidArgument, match="is not a seed"):
        Study(**NETWORK, seed=seed, sample=3)
    assert Study(**NETWORK, seed={"min": 0, "max": 3}, sample=3).points == 3


def test_a_grid_is_all_combinations():
    study = Study(fcn="64,d,10", d=[32, 64], prune=["magnitude", "random"], alpha=[0.3, 0.5], seed=0, name="s")
    found = list(study.combinations())
    assert len(found) == study.points == 8
    assert found[0] == {
        "fcn": "64,d,10", "d": "32", "prune": "magnitude", "alpha": "0.3", "seed": "0", "delta": "0.01", "radius": "1",
        "factor": "1",
    }  # fmt: skip
    assert {(one["d"], one["prune"], one["alpha"]) for one in found} == {
        (d, rule, alpha) for d in ("32", "64") for rule in ("magnitude", "random") for alpha in ("0.3", "0.5")
    }


def test_a_sample_is_drawn_from_them_and_is_the_same_each_time():
    study = Study(**NETWORK, delta={"min": 0.01, "max": 0.5, "scale": "log"}, seed=range_of(5), sample=200, name="s")
    found = list(study.combinations())
    assert found == list(study.combinations())
    assert len(found) == study.points == 200
    deltas = [float(one["delta"]) for one in found]
    assert len(set(deltas)) == 200
    assert 0.01 <= min(deltas) < 0.02 < 0.3 < max(deltas) <= 0.5
    assert {one["seed"] for one in found} == {"0", "1", "2", "3", "4"}


def range_of(count):
    return list(range(count))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "one of fcn, cnn and theorem"),
        ({**NETWORK, "theorem": "x"}, "one of fcn, cnn and theorem"),
        ({"fcn": "8,4"}, "prune=None is missing"),
        ({"fcn": "8,4", "prune": "magnitude"}, "does not say how much"),
        ({**NETWORK, "alpha": 0.5}, "beside another one"),
        ({"fcn": "8,4", "prune": "magnitude", "alpha": 0.5, "count": 3}, "beside another one"),
        ({"fcn": "8,d,4", "prune": "magnitude:alpha=0.5"}, "do not go together"),
        ({**NETWORK, "d": 3}, "do not go together"),
        ({**NETWORK, "parameters": {"n": 3}}, "is for theorems"),
        ({**NETWORK, "seed": -1}, "is not a seed"),
        ({**NETWORK, "seed": 0.5}, "is not a seed"),
        ({**NETWORK, "sample": 0}, "not a number of points"),
        ({**NETWORK, "delta": {"min": 0.1, "max": 0.2}}, "give it a count, or the study a sample"),
        ({"theorem": "hoeffding", "delta": 0.1}, "is for networks"),
        ({"theorem": "hoeffding", "parameters": {}}, "names no parameter"),
        ({"theorem": "hoeffding", "parameters": 3}, "names no parameter"),
    ],
)
def test_what_is_no_study_is_refused(given, said):
    with pytest.raises(InvalidArgument, match=said):
        Study(**given)


def test_a_toml_file_describes_a_campaign(tmp_path):
    (tmp_path / "widths.toml").write_text(TOML)
    (tmp_path / "mine.py").write_text("")
    found = load_campaign(tmp_path / "widths.toml")
    assert (found.name, found.level, found.trials, found.batch) == ("widths", 0.95, 300, 50)
    assert [study.name for study in found.studies] == ["study 1", "tails"]
    assert found.points == 8 + 9
    assert found.point_level == 1 - 0.05 / 17 or found.point_level == pytest.approx(1 - 0.05 / 17, abs=1e-12)
    tails = list(found.studies[1].combinations())
    assert tails[0] == {"theorem": "mine.py::tail", "seed": "0", "parameters.n": "10", "parameters.t": "0.25"}
    assert {one["parameters.n"] for one in tails} == {"10", "100", "1000"}


def test_python_describes_the_same_campaign(tmp_path):
    (tmp_path / "widths.toml").write_text(TOML)
    (tmp_path / "mine.py").write_text("")
    (tmp_path / "widths.py").write_text(
        """
from boundcheck import Campaign, Study
print("this goes to stderr")
widths = Campaign(
    name="widths", level=0.95, trials=300, batch=50,
    studies=[
        Study(fcn="64,d,10", d=[32, 64], prune=["magnitude", "random"], alpha=["0.3", "0.5"], delta="0.1"),
        Study(name="tails", theorem="mine.py::tail", seed=[0, 1, 2],
              parameters={"n": {"min": 10, "max": 1000, "count": 3, "scale": "log"}, "t": "0.25"}),
    ],
)
"""
    )
    assert load_campaign(tmp_path / "widths.py").text == load_campaign(tmp_path / "widths.toml").text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no study"),
        ("study = 3", "is no list of studies"),
        ("levle = 0.9\n[[study]]\nfcn = '8,4'", "levle.*did you mean level"),
        ("[[study]]\nfcn = '8,4'\nprnue = 'x'", "prnue.*did you mean prune"),
        ("level = 2\n[[study]]\nfcn = '8,4'\nprune = 'magnitude:alpha=0.5'", "is not a confidence level"),
        ("level = 1.5\n[[study]]\nfcn = '8,4'\nprune = 'magnitude:alpha=0.5'", "is not a confidence level"),
        ("trials = 0\n[[study]]\nfcn = '8,4'\nprune = 'magnitude:alpha=0.5'", "is not a number of trials"),
        ("[[study]\n", "is not TOML"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(tmp_path, text, said):
    (tmp_path / "c.toml").write_text(text)
    with pytest.raises(InvalidArgument, match=said):
        load_campaign(tmp_path / "c.toml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1", "makes 0 campaigns"),
        ("x = 1\ny = 1 / 0", "py:2' raises ZeroDivisionError"),
        ("x = (", "py:1' raises SyntaxError"),
        ("from boundcheck import Study\nStudy()", "one of fcn"),
    ],
)
def test_what_is_wrong_in_a_python_file_is_named(tmp_path, text, said):
    (tmp_path / "c.py").write_text(text)
    with pytest.raises(InvalidArgument, match=said):
        load_campaign(tmp_path / "c.py")


@pytest.mark.parametrize("name", ["gone.toml", "gone.py"])
def test_a_file_that_is_not_there_is_named(tmp_path, name):
    with pytest.raises(InvalidArgument, match=f"{name}.*cannot be read"):
        load_campaign(tmp_path / name)


def test_two_studies_of_one_name_and_too_many_points_are_refused():
    with pytest.raises(InvalidArgument, match="share a name"):
        Campaign(studies=[Study(**NETWORK, name="a"), Study(**NETWORK, name="a")])
    with pytest.raises(InvalidArgument, match="too many"):
        Campaign(studies=[Study(**NETWORK, seed=range_of(10**4), delta={"min": 0.1, "max": 0.9, "count": 10**5})])


def test_the_text_changes_with_whatever_changes_results(tmp_path):
    (tmp_path / "mine.py").write_text("1")
    common = {"studies": [Study(theorem="mine.py::x")], "folder": str(tmp_path)}
    changes = ({}, {"seed": 1}, {"trials": 5}, {"level": 0.9}, {"batch": 3}, {"looks": 2})
    texts = [Campaign(**common, **more).text for more in changes]
    (tmp_path / "mine.py").write_text("2")
    texts.append(Campaign(**common).text)
    assert len(set(texts)) == 7
    assert json.loads(texts[0])["studies"][0]["theorem"] == "mine.py::x"


def test_a_file_of_a_study_that_is_not_there_is_named(tmp_path):
    campaign = Campaign(studies=[Study(theorem="gone.py::x")], folder=str(tmp_path))
    with pytest.raises(InvalidArgument, match=r"gone\.py.*cannot be read"):
        campaign.files
