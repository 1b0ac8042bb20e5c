"""What a list begins with."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from synthetic_store import synthetic_store

from boundcheck.check.results.filters import Filter
from boundcheck.check.results.listing import overview, plain_row
from boundcheck.check.results.source import open_results

REFUTED = "UPDATE verdicts SET status = CASE WHEN point IN (9, 10, 11) THEN 'REFUTED' ELSE 'CONFIRMED' END"


def store(folder, *statements):
    path = synthetic_store(folder / "results.db", 200, concluded=0.9)
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return str(path)


@pytest.mark.parametrize(
    "words", [[], ["width>=128"], ["study=tails"], ["worst=null"], ["width<0"], ["worst>1"], ["status=REFUTED"]]
)
def test_the_overview_is_of_the_rows(tmp_path, words):
    spoiled = (
        "UPDATE verdicts SET worst = NULL WHERE point % 3 = 0",
        "UPDATE verdicts SET worst = 7 WHERE point > 100",
    )
    with open_results(store(tmp_path, REFUTED, *spoiled)) as results:
        rows = list(results.rows(Filter.of(words)))
        found = overview(results, Filter.of(words))
        known = [row for row in rows if row["worst"] is not None]
        # Of equal ones the first.
        worst = min(known, key=lambda row: (-row["worst"], row["point"]), default=None)
        assert found["worst"] == (None if worst is None else plain_row(worst))
        assert found["matching"] == len(rows)
        assert (found["done"], found["planned"]) == (180, 200)
        assert sum(found["statuses"].values()) == 180


def test_a_refutation_is_unexpected_unless_the_theorem_is_among_those_that_must_be(tmp_path):
    with open_results(store(tmp_path, REFUTED)) as results:
        found = overview(results)
        assert found["unexpected"] == found["statuses"]["REFUTED"] == 3
        assert found["refuted_expected"] == []
    (tmp_path / "other").mkdir()
    expected = "UPDATE theorems SET expected = 0 WHERE study = 'tails'"
    with open_results(store(tmp_path / "other", REFUTED, expected)) as results:
        found = overview(results)
        assert found["unexpected"] == 2
        assert found["refuted_expected"] == [["tails", "hoeffding"]]
