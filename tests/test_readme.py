"""The README's own example does what the README says."""

import re
from pathlib import Path

import pytest

from boundcheck.check.campaign.points import point_rows
from boundcheck.check.run import check_all
from boundcheck.cli import run
from boundcheck.statement.campaign import load_campaign
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
@pytest.mark.parametrize("name", ["fcn_magnitude", "small_cnn"])
def test_the_network_examples_are_confirmed_at_points_that_boundcheck_chooses(name, tmp_path):
    verdict = check_block(f"{name} = Theorem", tmp_path)[name]
    assert verdict.status is Status.CONFIRMED
    assert len(verdict.points) >= 3


def test_the_file_of_a_convolutional_network_and_the_commands_with_it(tmp_path, monkeypatch, capsys):
    readme = Path(__file__).parents[1].joinpath("README.md").read_text("utf-8")
    [toml] = [block for block in re.findall(r"```toml\n(.*?)```", readme, re.S) if "[[layers]]" in block]
    (tmp_path / "lenet5.toml").write_text(toml, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"^boundcheck ((?:bound|solve) --cnn .*?)(?:\s+#.*)?$", readme, re.M)
    assert len(commands) == 3
    for command in commands:
        assert run(command.split()) == 0
        assert "gap ≤" in capsys.readouterr().out


def test_the_campaign_is_the_example_that_ships(tmp_path):
    root = Path(__file__).parents[1]
    [toml] = re.findall(r"```toml\n(level.*?)```", (root / "README.md").read_text("utf-8"), re.S)
    (tmp_path / "readme.toml").write_text(toml, encoding="utf-8")
    shipped = load_campaign(root / "proofs" / "campaigns" / "widths.toml")
    assert load_campaign(tmp_path / "readme.toml").studies == shipped.studies
    assert shipped.points == len(list(point_rows(shipped))) == 3 * 3 * 2 * 2 * 2 + 4 + 3 * 8
