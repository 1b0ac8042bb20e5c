"""Filters say what plain Python says."""

from __future__ import annotations

import math
import operator
import string
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_store import synthetic_store

from boundcheck.check.results.columns import STATUSES, types
from boundcheck.check.results.filters import ALL, Filter
from boundcheck.check.results.source import Results, open_results
from boundcheck.errors import InvalidArgument

RELATIONS = {
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
FOLD = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    with open_results(str(synthetic_store(tmp_path_factory.mktemp("filters") / "store.db", 300))) as found:
        yield found


@pytest.fixture(scope="module")
def everything(results):
    return list(results.rows())


def holds(row, column, relation, value) -> bool:
    """The oracle: what a condition means of one row."""
    found = row[column]
    if value is None:
        return (found is None) == (relation != "!=")
    if found is None:
        return False
    if relation in ("~", "!~"):
        return (value.translate(FOLD) in found.translate(FOLD)) == (relation == "~")
    return RELATIONS[relation](found, value)


def points_of(results: Results, where: Filter) -> list[int]:
    return [row["point"] for row in results.rows(where)]


@st.composite
def conditions(draw, everything):
    """A condition as words, and as column, relation and value."""
    column = draw(st.sampled_from(sorted(types())))
    seen = st.sampled_from([row[column] for row in everything])
    textual = types()[column] == "TEXT"
    if textual:
        other = st.sampled_from(STATUSES) if column == "status" else st.text(max_size=4)
    else:
        other = st.integers() | st.floats(allow_nan=False)
    value = draw(st.one_of(seen, other))
    if value is None:
        relation = draw(st.sampled_from(["=", "==", "!="]))
        return f"{column}{relation}{draw(st.sampled_from(['null', 'NULL']))}", (column, relation, None)
    relation = draw(st.sampled_from([*RELATIONS, *(["~", "!~"] if textual else [])]))
    if textual:
        value = value.strip()
        if relation in ("~", "!~") and value:
            start = draw(st.integers(0, len(value) - 1))
            value = value[start : start + 5].strip()
        if value.lower() == "null" or value[:1] in ("=", "~") or "\0" in value:
            value = "x"
        if column == "status" and value not in STATUSES:
            relation = "~"
    return f"{column}{draw(st.sampled_from(['', ' ']))}{relation} {value}", (column, relation, value)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_filters_choose_what_plain_python_chooses(results, everything, data):
    chosen = data.draw(st.lists(conditions(everything), max_size=3))
    statuses = data.draw(st.sets(st.sampled_from(STATUSES), max_size=2))
    where = Filter.of([words for words, _ in chosen], statuses)
    expected = [
        row["point"]
        for row in everything
        if all(holds(row, *parts) for _, parts in chosen) and (not statuses or row["status"] in statuses)
    ]
    assert points_of(results, where) == expected
    assert results.total(where) == len(expected)


def test_all_is_every_row(results):
    assert len(points_of(results, ALL)) == results.total() == 300


@pytest.mark.parametrize(
    ("words", "value"),
    [("delta=1/100", 0.01), ("delta=0.01", 0.01), ("delta=1e-2", 0.01), ("width=128", 128), ("width=128.0", 128.0)],
)
def test_numbers_are_read_as_they_are_stored(results, everything, words, value):
    column = words.partition("=")[0]
    found = points_of(results, Filter.of([words]))
    assert found == [row["point"] for row in everything if row[column] == value]
    assert found


@pytest.mark.parametrize("words", ["width<inf", "width>-inf", f"width<{10**30}", f"width>-{2**63}", "width<1e300"])
def test_infinite_numbers_and_those_beyond_64_bits(results, words):
    assert results.total(Filter.of([words])) == 270


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "is not a condition"),
        ("width", "is not a condition"),
        ("=3", "is not a condition"),
        ("wdth=3", "did you mean width"),
        ("nothing_like_it=3", "the columns are point, study"),
        ("width=wide", "no number"),
        ("width=nan", "no number"),
        ("width=1/0", "no number"),
        (f"width<{10**400}", "no number"),
        ("alpha=", "no number"),
        ("width~1", "holds numbers"),
        ("width<null", "orders null"),
        ("status=DONE", "PROVED, CONFIRMED, REFUTED"),
    ],
)
def test_mistakes_are_told(words, said):
    with pytest.raises(InvalidArgument, match="where=") as caught:
        Filter.of([words])
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_statuses_in_any_case(results):
    assert Filter.of([], ["scaling-broken", "Refuted"]).statuses == {"SCALING BROKEN", "REFUTED"}
    assert Filter.of(["status=refuted"]).sql() == Filter.of(["status = REFUTED"]).sql()
    with pytest.raises(InvalidArgument, match="names no status"):
        Filter.of([], ["perhaps"])


def test_filters_are_joined(results):
    wide, refuted, confirmed = Filter.of(["width>=128"]), Filter.of([], ["refuted"]), Filter.of([], ["confirmed"])
    assert set(points_of(results, wide & confirmed)) < set(points_of(results, wide))
    assert points_of(results, wide & ALL) == points_of(results, wide)
    assert points_of(results, refuted & confirmed) == []
    assert points_of(results, confirmed & confirmed) == points_of(results, confirmed)


ATTACKS = [
    "theorem=x' OR '1'='1",
    "theorem=x'; DROP TABLE verdicts; --",
    "theorem~%",
    "theorem~_ap_",
    'theorem="theorem"',
    "study=dense\0' OR 1",
    "note~\\",
]


@pytest.mark.parametrize("words", ATTACKS)
def test_a_value_is_never_sql(results, everything, words):
    assert points_of(results, Filter.of([words])) == []
    assert list(results.rows()) == everything


@pytest.mark.parametrize(
    "name", ['point" FROM results; DROP TABLE points; --', "1", "rowid", "(SELECT 1)", "point, note", ""]
)
def test_a_name_is_a_column_or_refused(results, name):
    with pytest.raises(InvalidArgument):
        Filter.of([f"{name}=1"])
    with pytest.raises(InvalidArgument):
        list(results.rows(order=name))
    with pytest.raises(InvalidArgument):
        list(results.rows(columns=[name]))
    with pytest.raises(InvalidArgument):
        results.groups([name], {"rows": "count(*)"})


def test_the_oracle_is_not_blind(everything):
    """A row that the oracle wrongly took would be seen: its own answers differ between relations."""
    row = everything[0]
    assert holds(row, "width", "=", row["width"])
    assert not holds(row, "width", "!=", row["width"])
    assert not holds(row, "ratio_low", "!=", 3.0)
    assert holds(row, "ratio_low", "=", None)
    assert math.isclose(float(Fraction("1/100")), 0.01)
