"""Discovery: theorems are found where they were named, and what fails is told without stopping the rest."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from boundcheck.errors import TheoremFileError
from boundcheck.statement.discovery import discover, load, shipped, theorem_files

GOOD = '''"""A title.

More.
"""
from boundcheck import P, Theorem, iid, mean, real, uniform
t = real("t", min=0, max=1)
X = iid(uniform(0, 1), 3)
{name} = Theorem(claim=P(mean(X) >= t) <= 1 - t**9, source="{name}")
'''


@pytest.fixture
def folder(tmp_path):
    def write(**files):
        for name, text in files.items():
            path = tmp_path / (name.replace("__", "/") + ".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return write


def names(found):
    return [theorem.name for theorem in found.theorems]


def test_a_folder_is_searched_below_and_hidden_files_are_not(folder):
    root = folder(b=GOOD.format(name="two"), a=GOOD.format(name="one"), sub__c=GOOD.format(name="three"))
    folder(_template=GOOD.format(name="no"), _private__d=GOOD.format(name="no"), sub___e=GOOD.format(name="no"))
    (root / ".hidden").mkdir()
    (root / ".hidden" / "f.py").write_text(GOOD.format(name="no"))
    (root / "notes.txt").write_text("not Python")
    found = discover([str(root)])
    assert names(found) == ["one", "two", "three"]
    assert found.errors == ()
    assert {t.title for t in found.theorems} == {"A title."}
    assert [Path(t.file).name for t in found.theorems] == ["a.py", "b.py", "c.py"]
    # Named itself, a file is loaded whatever it is called.
    assert names(discover([str(root / "_template.py")])) == ["no"]


def test_one_theorem_by_name_and_others_in_the_order_of_definition(folder):
    second = GOOD.format(name="zeta") + 'alpha = Theorem(claim=zeta.claim, source="x")\nsame = zeta\n_own = alpha\n'
    root = folder(a=second)
    assert names(discover([str(root / "a.py")])) == ["zeta", "alpha"]
    assert names(discover([f"{root / 'a.py'}::alpha"])) == ["alpha"]
    assert names(discover([f"{root}::alpha"])) == ["alpha"]


def test_files_named_twice_are_loaded_once(folder, capsys, monkeypatch):
    root = folder(a="print('run')\n" + GOOD.format(name="one"))
    monkeypatch.chdir(root)
    file = str(root / "a.py")
    found = discover([file, file, str(root), f"{file}::one", "a.py", os.path.join(".", "a.py")])
    assert names(found) == ["one"]
    assert found.errors == ()
    assert capsys.readouterr().err == "run\n"


def test_what_a_theorem_file_prints_goes_to_stderr(folder, capsys):
    root = folder(a="import sys\nprint('loud')\nsys.stdout.write('louder')\n" + GOOD.format(name="one"))
    before = sys.stdout
    assert names(discover([str(root)])) == ["one"]
    assert sys.stdout is before
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "loud\nlouder"


def test_loading_leaves_nothing_beside_the_file(folder):
    root = folder(a=GOOD.format(name="one"))
    before = sys.dont_write_bytecode
    load(root / "a.py")
    assert [p.name for p in root.iterdir()] == ["a.py"]
    assert sys.dont_write_bytecode is before


def in_one_line(error):
    return "\n" not in error and "Traceback" not in error


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = (1,\n\ny = 2 +\n", r":\d+: syntax error: .*; correct the line"),
        ("x = 1\nboom = 1 / 0\n", r":2: ZeroDivisionError: division by zero; the file must run without errors"),
        ("\n\nraise ValueError('first\\nsecond')\n", r":3: ValueError: first second; the file must run"),
        ("raise KeyError\n", r":1: KeyError: no message; the file must run"),
        ("import sys\nsys.exit(3)\n", r":2: SystemExit: 3; the file must run"),
        ("import no_such_module_anywhere\n", r":1: ModuleNotFoundError: .*; the file must run"),
        ("def f():\n    return f()\nf()\n", r":2: RecursionError: .*; the file must run"),
        ("x = 3\n", r": defines no theorem; assign one: name = Theorem\("),
        ("", r": defines no theorem"),
        ("from boundcheck import uniform\nuniform(1, 0)\n", r":2: high=0 is not above low=1; pass low < high$"),
        (GOOD.format(name="_hidden"), r": defines no theorem"),
        (GOOD.replace("<= 1 - t**9", "== 1").format(name="x"), r":8: claim=False is not.*|:8: claim=False was decided"),
        (
            "x = '\x00'\n",
            r": (syntax error: .* null bytes; correct the line|ValueError: .* null bytes; the file must .*)$",
        ),
    ],
)
def test_a_file_that_fails_is_told_in_one_line_and_the_others_load(folder, text, message):
    root = folder(a=GOOD.format(name="before"), b=text, c=GOOD.format(name="after"))
    found = discover([str(root)])
    assert names(found) == ["before", "after"]
    [error] = found.errors
    assert in_one_line(error)
    path, rest = error[: len(str(root / "b.py"))], error[len(str(root / "b.py")) :]
    assert path == str(root / "b.py")
    assert re.search(f"^({message})", rest), rest


def test_a_file_that_fails_is_told_once_however_often_it_is_named(folder):
    file = str(folder(a="raise ValueError('x')\n") / "a.py")
    found = discover([file, f"{file}::one", str(Path(file).parent)])
    assert found.theorems == ()
    assert len(found.errors) == 1


def test_a_file_that_is_not_text(tmp_path):
    (tmp_path / "a.py").write_bytes(b"x = '\xff\xfe'\n")
    [error] = discover([str(tmp_path / "a.py")]).errors
    assert in_one_line(error)
    assert "a.py" in error


def test_names_and_paths_that_are_not_there(folder):
    root = folder(a=GOOD.format(name="one"), only___one=GOOD.format(name="two"))
    empty = root / "only"
    for target, message in (
        (f"{root / 'a.py'}::two", f"no theorem 'two' in {root / 'a.py'}; it defines one"),
        (f"{root / 'b.py'}::one", "b.py: no such file or folder; name a theorem file, a folder, or FILE::NAME"),
        (str(root / "nowhere"), "nowhere: no such file or folder"),
        (str(empty), "only: holds no theorem file; theorem files end in .py and do not start with _"),
        (f"{root / 'a.py'}::", "names no file or no theorem; write FILE::NAME"),
        ("::one", "::one: names no file or no theorem; write FILE::NAME"),
    ):
        found = discover([target, str(root / "a.py")])
        assert names(found) == ["one"]
        [error] = found.errors
        assert message in error
        assert in_one_line(error)


def test_files_that_are_not_python_are_refused(tmp_path):
    (tmp_path / "a.txt").write_text(GOOD.format(name="one"))
    with pytest.raises(TheoremFileError, match=r"a\.txt: is not a Python file; theorem files end in \.py"):
        load(tmp_path / "a.txt")


def test_two_files_with_one_stem_keep_their_own_theorems(folder):
    root = folder(x__a=GOOD.format(name="one"), y__a=GOOD.format(name="one"))
    found = discover([str(root)])
    assert names(found) == ["one", "one"]
    assert len({t.file for t in found.theorems}) == 2


def test_the_theorems_that_ship_all_load():
    found = discover([str(shipped())])
    assert found.errors == ()
    assert len(found.theorems) >= 7
    assert len({(theorem.file, theorem.name) for theorem in found.theorems}) == len(found.theorems)
    assert all(theorem.title for theorem in found.theorems)
    assert not any(p.name.startswith("_") for p in theorem_files(shipped()))
