"""A campaign: studies that share one level, and how their trials are run."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

from boundcheck.errors import InvalidArgument
from boundcheck.statement.campaign.study import Study

MOST_POINTS = 100_000_000
MOST_TRIALS = 2**53


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """Many points, decided at one level together.

    Parameters
    ----------
    studies
        What is tested.
    name
        For reports.
    level
        Probability with which the decisions at all points are right together: each may fail with (1 - level) over the
        number of points (Bonferroni), so that a verdict does not depend on any other.
    trials
        At each point; left out, as many as confirm a claim despite a few violations, within what a point may take.
    batch
        Trials that are run, stored, and lost at worst, together; left out, about a second's work.
    looks
        First trials of each network that are looked at closer in any case, by a search for inputs and by sharper
        certificates, which may take longer than all other trials. Those that decide nothing are looked at, too.
    seed
        Of studies that give none.
    device, precision
        Of networks, as for :func:`boundcheck.check.run.check`.
    folder
        Where files are that studies name.

    Raises
    ------
    InvalidArgument
        When an argument is out of range.
    """

    studies: Sequence[Study]
    name: str = "campaign"
    level: float = 0.99
    trials: int | None = None
    batch: int | None = None
    looks: int = 1
    seed: Any = 0
    device: str = "cpu"
    precision: str = "double"
    folder: str = "."

    def __post_init__(self) -> None:
        if not self.studies or not all(isinstance(study, Study) for study in self.studies):
            raise InvalidArgument("studies", self.studies, "holds no study", "describe at least one: [[study]]")
        if not (isinstance(self.name, str) and self.name):
            raise InvalidArgument("name", self.name, "is no name", "pass text")
        if isinstance(self.level, bool) or not (isinstance(self.level, float | int) and 0 < self.level < 1):
            raise InvalidArgument("level", self.level, "is not a confidence level", "pass a number with 0 < level < 1")
        for name in ("trials", "batch"):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
                raise InvalidArgument(name, value, "is not a number of trials", "pass an integer of at least 1")
            if value is not None and value > MOST_TRIALS:
                raise InvalidArgument(name, value, "is too large", "pass at most 2**53")
        if isinstance(self.looks, bool) or not isinstance(self.looks, int) or not 0 <= self.looks <= MOST_TRIALS:
            raise InvalidArgument("looks", self.looks, "is not a number of trials", "pass an integer from 0 to 2**53")
        found = []
        for i, study in enumerate(self.studies, start=1):
            seed = self.seed if study.seed is None else study.seed
            found.append(replace(study, name=study.name or f"study {i}", seed=seed))
        names = [study.name for study in found]
        if len(set(names)) < len(names):
            raise InvalidArgument("name", names, "are studies of which two share a name", "rename one")
        object.__setattr__(self, "studies", tuple(found))
        if self.points > MOST_POINTS:
            raise InvalidArgument(
                "studies", f"{self.points:,} points", "are too many", f"make at most {MOST_POINTS:,}: sample the grid"
            )
        if self.point_level == 1:
            raise InvalidArgument(
                "level", self.level, f"is so high that nothing is left for each of {self.points:,} points", "lower it"
            )

    @property
    def points(self) -> int:
        """How many points there are in all studies."""
        return sum(study.points for study in self.studies)

    @property
    def point_level(self) -> float:
        """The level at which each point is decided, for all decisions together to be right with `level`.

        Rounded upward: with many points a float near 1 is far from the next one, measured by what is left to 1.
        """
        share = (1 - Fraction(self.level)) / self.points
        found = float(1 - share)
        return found if 1 - Fraction(found) <= share else math.nextafter(found, 1.0)

    @cached_property
    def files(self) -> dict[str, str]:
        """The digest of each file that a study names, by the name that it uses.

        Raises
        ------
        InvalidArgument
            When a file cannot be read.
        """
        found = {}
        for study in self.studies:
            for one in study.axes:
                for value in one.values if one.name in ("cnn", "theorem") else ():
                    if one.name == "theorem" and "::" not in value:
                        continue  # a name that ships
                    name = value.partition("::")[0]
                    try:
                        found[name] = hashlib.sha256(self.path(name).read_bytes()).hexdigest()
                    except OSError as error:
                        raise InvalidArgument(
                            one.name, name, f"cannot be read ({error.strerror})", f"put it in {Path(self.folder)}/"
                        ) from None
                    except ValueError:  # a zero byte in it
                        raise InvalidArgument(one.name, name, "is no name of a file", "correct it") from None
        return found

    def path(self, name: str) -> Path:
        """Where a file is that a study names."""
        return Path(self.folder) / name

    @property
    def text(self) -> str:
        """All that decides the results, files included, as one JSON text: equal texts, equal results."""
        settings = {
            key: getattr(self, key) for key in ("name", "level", "trials", "batch", "looks", "device", "precision")
        }
        studies = [study.description() for study in self.studies]
        return json.dumps({**settings, "files": self.files, "studies": studies}, ensure_ascii=False)
