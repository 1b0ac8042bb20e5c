"""The README's own example does what the README says."""

import re
from pathlib import Path

import pytest

from boundcheck.check.run import check_all
from boundcheck.statement.discovery import discover
from boundcheck.verdict.decide import Status

BLOCKS = re.findall(r"```python\n(.*?)```", Path(__file__).parents[1].joinpath("README.md").read_text("utf-8"), re.S)


def check_block(words, tmp_path):
    [block] = [b for b in BLOCKS if words in b]
    (tmp_path / "mine.py").write_text(block, encoding="utf-8")
    found = discover([str(tmp_path / "mine.py")])
    assert not found.errors
    return {v.theorem: v for v in check_all(found.theorems).verdicts}


@pytest.mark.slow
def test_the_first_example_tells_true_from_too_good(tmp_path):
    """Wrong with probability at most 0.01 over the seed, which is fixed."""
    verdicts = check_block("too_good", tmp_path)
    assert verdicts["uniform_mean"].status is Status.CONFIRMED
    assert verdicts["too_good"].status is Status.REFUTED


@pytest.mark.slow
def test_the_network_example_is_confirmed_at_points_that_boundcheck_chooses(tmp_path):
    verdict = check_block("fcn_magnitude = Theorem", tmp_path)["fcn_magnitude"]
    assert verdict.status is Status.CONFIRMED
    assert len(verdict.points) >= 3
