"""`boundcheck verify`: exit statuses and messages; what a certificate must hold is tested with the verifier."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace

import pytest

from boundcheck.cli import run
from boundcheck.errors import BoundcheckError

GOOD = {"theorem": "good", "file": None, "status": "PROVED", "certificate": {"rule": "sign"}}
BAD = {"theorem": "bad", "file": "proofs/bad.py", "status": "REFUTED", "certificate": {"rule": "lie"}}
PLAIN = {"theorem": "plain", "file": None, "status": "CONFIRMED", "certificate": None}


@dataclass(frozen=True)
class Verification:
    theorem: str
    file: str | None
    status: str
    outcome: str
    complaints: tuple[str, ...] = ()
    claim: str | None = None


def verify_records(records: list[dict]) -> list[Verification]:
    """A stand-in that knows the three certificates above."""

    def verified(record: dict) -> Verification:
        about = record["theorem"], record["file"], record["status"]
        if record["certificate"] is None:
            return Verification(*about, "nothing to verify")
        if record["certificate"]["rule"] == "lie":
            return Verification(*about, "rejected", ("the two sides are equal at x = 1/2",))
        return Verification(*about, "verified")

    try:
        return [verified(record) for record in records]
    except (KeyError, TypeError):
        raise BoundcheckError("certificate is damaged; make it again with `boundcheck check --json`") from None


@pytest.fixture(autouse=True)
def verifier(monkeypatch):
    module = ModuleType("boundcheck.check.verify")
    module.verify_records = verify_records
    monkeypatch.setitem(sys.modules, module.__name__, module)


@pytest.fixture
def recorded(tmp_path):
    def write(content) -> str:
        path = tmp_path / "record.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return str(path)

    return write


@pytest.mark.parametrize(
    ("records", "code"),
    [
        ([GOOD], 0),
        ([GOOD, PLAIN], 0),
        ([GOOD, BAD, PLAIN], 1),
        ([BAD], 1),
        ([BAD, PLAIN], 1),
        ([PLAIN], 3),
        ([], 3),
    ],
)
def test_exit_statuses(recorded, capsys, records, code):
    path = recorded(records)
    assert run(["verify", path]) == code
    out = capsys.readouterr()
    assert not out.err
    for record in records:
        assert record["theorem"] in out.out
    assert ("proofs/bad.py): the two sides are equal" in out.out) == (BAD in records)
    assert run(["verify", path, "--json"]) == code
    document = json.loads(capsys.readouterr().out)
    assert [item["theorem"] for item in document] == [record["theorem"] for record in records]
    assert all(set(item) == {"theorem", "file", "status", "outcome", "complaints", "claim"} for item in document)


def test_stdin(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(json.dumps([GOOD]).encode())))
    assert run(["verify", "-"]) == 0
    assert "verified" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        (json.dumps([GOOD])[:-9], "is not JSON"),
        ("[NaN]", "NaN is not a JSON value"),
        ("[" * 100_000, "is not JSON"),
        ("[" + "9" * 5000 + "]", "is not JSON"),
        ("\ud800".encode("utf-16", "surrogatepass").decode("latin-1"), "is not JSON"),
        ("{}", "is not a list of verdicts"),
        ("[1]", "is not a list of verdicts"),
        ('"PROVED"', "is not a list of verdicts"),
        ([{"status": "PROVED"}], "has a verdict without a theorem"),
        ([GOOD | {"theorem": 3}], "has a verdict without a theorem"),
        ([GOOD | {"status": None}], "has a verdict without a status"),
        ([GOOD | {"certificate": 3}], "certificate is damaged"),
        ([{"theorem": "cut", "status": "PROVED"}], "certificate is damaged"),
    ],
)
def test_a_damaged_record_is_one_line_with_the_remedy(recorded, capsys, content, words):
    path = recorded(content)
    assert run(["verify", path]) == 2
    out = capsys.readouterr()
    assert not out.out
    [line] = out.err.strip().splitlines()
    assert line.startswith("boundcheck: ")
    assert words in line
    assert "boundcheck check --json" in line


def test_a_file_that_cannot_be_read_is_named(tmp_path, capsys):
    for path, words in ((tmp_path / "none.json", "No such file"), (tmp_path, "Is a directory")):
        assert run(["verify", str(path)]) == 2
        [line] = capsys.readouterr().err.strip().splitlines()
        assert f"'{path}' cannot be read ({words}" in line
        assert "boundcheck check --json" in line


def test_help_names_the_exit_statuses(capsys):
    assert run(["verify", "--help"]) == 0
    words = " ".join(capsys.readouterr().out.split())
    assert "0 every certificate holds, 1 one is rejected, 2 no such record, 3 no certificate in it" in words
