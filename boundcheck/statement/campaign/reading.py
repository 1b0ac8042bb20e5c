"""Campaigns in files: TOML, or Python that makes one."""

from __future__ import annotations

import contextlib
import runpy
import sys
import tomllib
import traceback
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from boundcheck.errors import BoundcheckError, InvalidArgument
from boundcheck.statement.campaign.campaign import Campaign
from boundcheck.statement.campaign.study import Study

_OF_CAMPAIGN = {f.name for f in fields(Campaign)} - {"studies", "folder"}
_OF_STUDY = {f.name for f in fields(Study) if f.init}


def load_campaign(path: str | Path) -> Campaign:
    """The campaign in a TOML file, or in a Python file, which is run and makes exactly one `Campaign`.

    Names of files in it are relative to its folder.

    Parameters
    ----------
    path
        Of the file; one that ends in .py is Python.

    Raises
    ------
    InvalidArgument
        When the file cannot be read or describes no campaign.
    """
    path = Path(path)
    if path.suffix == ".py":
        return _of_python(path)
    return campaign_from(_toml(path), name=path.stem, folder=str(path.parent))


def campaign_from(given: Mapping[str, Any], *, name: str, folder: str) -> Campaign:
    """A campaign from what a TOML file says.

    Parameters
    ----------
    given
        The keys of a campaign, and a list of studies under "study".
    name, folder
        Of the campaign, where it gives no name.

    Raises
    ------
    InvalidArgument
        When a key is not known or a value is out of range.
    """
    _known("the campaign", set(given), _OF_CAMPAIGN | {"study"})
    listed = given.get("study", [])
    if not isinstance(listed, list) or not all(isinstance(item, Mapping) for item in listed):
        raise InvalidArgument("study", listed, "is no list of studies", "begin each with [[study]]")
    studies = []
    for i, item in enumerate(listed, start=1):
        called = item.get("name", f"study {i}")
        _known(f"[[study]] {called}", set(item), _OF_STUDY)
        studies.append(Study(**item))
    settings = {key: value for key, value in given.items() if key != "study"}
    with contextlib.suppress(ValueError):  # what is no number is refused below
        if isinstance(settings.get("level"), str):
            settings["level"] = float(settings["level"])
    return Campaign(**{"name": name, **settings}, studies=studies, folder=folder)


def _known(where: str, given: set[str], known: set[str]) -> None:
    if unknown := sorted(given - known):
        from difflib import get_close_matches

        near = get_close_matches(unknown[0], known, n=1)
        remedy = f"did you mean {near[0]}" if near else f"pass one of {', '.join(sorted(known))}"
        raise InvalidArgument(f"key of {where}", unknown[0], "is not known", remedy)


def _toml(path: Path) -> dict[str, Any]:
    remedy = "pass a TOML file that describes a campaign (see the README)"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=str)
    except OSError as error:
        raise InvalidArgument("CAMPAIGN", str(path), f"cannot be read ({error.strerror})", remedy) from None
    except (ValueError, RecursionError) as error:  # not TOML, not text, a number of too many digits, too deep
        raise InvalidArgument("CAMPAIGN", str(path), f"is not TOML ({error})", "correct the line") from None


def _of_python(path: Path) -> Campaign:
    remedy = "make one: campaign = Campaign(studies=[Study(…)])"
    if not path.is_file():
        raise InvalidArgument("CAMPAIGN", str(path), "cannot be read (no such file)", "name a TOML or Python file")
    try:
        with contextlib.redirect_stdout(sys.stderr):
            found = runpy.run_path(str(path))
    except BoundcheckError:
        raise
    except (Exception, SystemExit) as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
        line = error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else 1
        said = f"{type(error).__name__}: {error}".splitlines()[0]
        raise InvalidArgument("CAMPAIGN", f"{path}:{line}", f"raises {said}", "correct the line") from None
    made = list(
        {id(v): v for name, v in found.items() if isinstance(v, Campaign) and not name.startswith("_")}.values()
    )
    if len(made) != 1:
        raise InvalidArgument("CAMPAIGN", str(path), f"makes {len(made)} campaigns, not one", remedy)
    return made[0] if made[0].folder != "." else replace(made[0], folder=str(path.parent))
