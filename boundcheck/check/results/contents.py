"""What a report says, as plain data: totals, theorems, the ladder, figures, the worst points and what is wrong."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import PurePath
from typing import Any

from boundcheck.check.options import DEFAULT_LEVEL, package_version
from boundcheck.check.results.figures import figures
from boundcheck.check.results.filters import ALL, Condition, Filter
from boundcheck.check.results.source import Results

WORST = 20
GROUPS = 60
"""Rows of the ladder."""
PROBLEMS = {"REFUTED": 100, "SCALING BROKEN": 20, "ERROR": 40, "INCONCLUSIVE": 40}
"""So many rows of each status are shown."""
_SEEDS = 10


def contents(results: Results, where: Filter = ALL, *, title: str | None = None) -> dict[str, Any]:
    """All that a report is made of, from aggregates: however many points there are, few rows are read.

    Parameters
    ----------
    results
        Of a store or a record.
    where
        Which points.
    title
        Of the report; left out, the name of the campaign or record.

    Returns
    -------
    dict
        Plain data, the same for the same results: `title`, `meta`, `totals`, `theorems`, `ladder`, `figures`, `worst`,
        `problems` (with the number that is `left_out`), `facts`, `reproduce`, `campaign`, `generated`.
    """
    theorems = _theorems(results, where)
    return {
        "title": title or results.meta.get("name") or PurePath(results.path).name,
        "meta": dict(results.meta),
        "totals": _totals(results, theorems, where),
        "theorems": theorems,
        "ladder": _ladder(results, where),
        "figures": list(figures(results, where)),
        "worst": _worst(results, theorems, where),
        "problems": _problems(results, theorems, where),
        "facts": _facts(results),
        "reproduce": _commands(results, theorems),
        "campaign": _campaign(results.meta.get("text", "")),
        "generated": f"boundcheck {package_version()}",
    }


def in_words(where: Filter) -> str:
    """The conditions as a user wrote them; nothing where there are none."""
    words = [f"status = {' or '.join(sorted(where.statuses))}"] * bool(where.statuses)
    words += [f"{c.column} {c.relation} {'null' if c.value is None else c.value}" for c in where.conditions]
    return " and ".join(words)


def _theorems(results: Results, where: Filter) -> list[dict[str, Any]]:
    """The theorems with what came out at the points that are asked for, in their order."""
    found = results.theorems()
    if where != ALL:
        chosen: dict[tuple[str, str], list[dict[str, Any]]] = {}
        values = {"rows": "count(*)", "worst": "max(worst)", "vacuous": "sum(vacuous)"}
        for group in results.groups(["study", "theorem", "status"], values, where):
            chosen.setdefault((group["study"], group["theorem"]), []).append(group)
        kept = []
        for theorem in found:
            groups = chosen.get((theorem["study"], theorem["theorem"]), [])
            if not groups:
                continue
            done = sum(group["rows"] for group in groups)
            counts = {"points": done, "done": done} | {group["status"]: group["rows"] for group in groups}
            worst = max((group["worst"] for group in groups if group["worst"] is not None), default=None)
            vacuous = sum(group["vacuous"] for group in groups)
            kept.append({**theorem, "counts": counts, "worst": worst, "vacuous": vacuous})
        found = kept
    return [
        {**theorem, "place": place, "example": _is_example(results, theorem)}
        for place, theorem in enumerate(found, start=1)
    ]


def _is_example(results: Results, theorem: Mapping[str, Any]) -> bool:
    """Whether the formula is of one network, and the study has others."""
    if theorem["file"] is not None or theorem["status"] is not None:
        return False
    columns = "architecture, activation, weights, pruning"
    query = f"SELECT DISTINCT {columns} FROM points WHERE study = ? AND theorem = ? AND kind = 'network' LIMIT 2"
    return len(results.connection.execute(query, [theorem["study"], theorem["theorem"]]).fetchall()) > 1


def _totals(results: Results, theorems: Sequence[Mapping[str, Any]], where: Filter) -> dict[str, Any]:
    statuses: dict[str, int] = {}
    for theorem in theorems:
        for status, count in theorem["counts"].items():
            if status not in ("points", "done"):
                statuses[status] = statuses.get(status, 0) + count
    done = sum(statuses.values())
    planned = results.planned
    concluded = results.total() if where != ALL else done
    return {
        "points": planned,
        "done": done,
        "unfinished": planned - concluded,
        "statuses": statuses,
        "vacuous": sum(theorem["vacuous"] for theorem in theorems),
        "where": in_words(where),
        "record": _is_record(theorems),
    }


def _is_record(theorems: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the verdicts are those of `boundcheck check`, on theorems as a whole."""
    return any(theorem["status"] is not None for theorem in theorems)


def _ladder(results: Results, where: Filter) -> list[dict[str, Any]]:
    """For each theorem and rule of pruning: the ladder at the point where the bound is tightest, and its range."""
    by = ["study", "theorem", "rule"]
    networks = where & Filter((Condition("bound", "!=", None), Condition("worst", "!=", None)))
    # With one max() alone, SQLite takes the other columns from the row that has it.
    columns = {
        "gap": "gap_max",
        "attack": "attack",
        "sure": "sure",
        "certificate": "certificate_max",
        "bound": "bound",
    }
    tightest = results.groups(by, {"worst": "max(worst)"} | columns, networks)
    ranges = results.groups(
        by, {"points": "count(*)", "least": "min(bound / gap_max)", "most": "max(bound / gap_max)"}, networks
    )
    rows = [at | over for at, over in zip(tightest, ranges, strict=True)]
    return sorted(rows, key=lambda row: -row["worst"])[:GROUPS]


def _worst(results: Results, theorems: Sequence[Mapping[str, Any]], where: Filter) -> list[dict[str, Any]]:
    """The points that use up most of their claim; claims that are false on purpose are left out."""
    expected = {(theorem["study"], theorem["theorem"]) for theorem in theorems if theorem["expected"]}
    known = where & Filter((Condition("worst", "!=", None),))
    rows = results.rows(known, order="worst", descending=True)
    return list(islice((_light(row) for row in rows if (row["study"], row["theorem"]) in expected), WORST))


def _problems(results: Results, theorems: Sequence[Mapping[str, Any]], where: Filter) -> dict[str, Any]:
    """Points that are not as claimed, of each status the worst first, each theorem with its share."""
    shown: list[dict[str, Any]] = []
    count = 0
    for status, most in PROBLEMS.items():
        hit = [theorem for theorem in theorems if theorem["expected"] and theorem["counts"].get(status)]
        left = most
        for place, theorem in enumerate(sorted(hit, key=lambda theorem: int(theorem["counts"][status]))):
            share = left // (len(hit) - place)
            chosen = where & Filter(
                (Condition("study", "=", theorem["study"]), Condition("theorem", "=", theorem["theorem"])),
                frozenset([status]),
            )
            rows = [_light(row) for row in results.rows(chosen, order="worst", descending=True, limit=share)]
            shown += rows
            left -= len(rows)
            count += theorem["counts"][status]
    return {"rows": shown, "left_out": count - len(shown)}


def _light(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row without its details, of which the command that shows it again is kept."""
    try:
        found = json.loads(row["details"] or "{}").get("counterexample") or {}
    except (ValueError, AttributeError):
        found = {}
    command = found.get("reproduce") if isinstance(found, Mapping) else None
    kept = {name: value for name, value in row.items() if name != "details"}
    return kept | {"reproduce": command if isinstance(command, str) else None}


def _facts(results: Results) -> dict[str, str]:
    """What it takes to know which results these are."""
    meta = results.meta
    seeds = [seed for (seed,) in results.connection.execute(f"SELECT DISTINCT seed FROM points LIMIT {_SEEDS + 1}")]
    shown = ", ".join(map(str, sorted(seeds)[:_SEEDS])) + (", …" if len(seeds) > _SEEDS else "")
    facts = {
        "Name": meta.get("name"),
        "Results": PurePath(results.path).name,
        "Run by": f"boundcheck {meta['version']}" if meta.get("version") else None,
        "Level": meta.get("level"),
        "Seed" if len(seeds) == 1 else "Seeds": shown,
        "Digest": meta.get("digest"),
    }
    return {name: value for name, value in facts.items() if value}


def _commands(results: Results, theorems: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    source = PurePath(results.path).name
    if _is_record(theorems):
        files = list(dict.fromkeys(theorem["file"] for theorem in theorems if theorem["file"]))
        if not files:
            return []
        level = results.meta.get("level", "")
        options = ["--level", level] if level and level != str(DEFAULT_LEVEL) else []
        seeds = [seed for (seed,) in results.connection.execute("SELECT DISTINCT seed FROM points LIMIT 2")]
        options += ["--seed", str(seeds[0])] if len(seeds) == 1 and seeds[0] != 0 else []
        command = shlex.join(["boundcheck", "check", *files, *options, "--json"])
        return [{"what": "The same verdicts, where the files and the version are the same:", "command": command}]
    return [
        {
            "what": "The same campaign into a store of its own gives the same results, bit for bit:",
            "command": "boundcheck run CAMPAIGN.toml --store again.db",
        },
        {
            "what": "Every point, filtered, or as CSV or Parquet:",
            "command": shlex.join(["boundcheck", "results", source]),
        },
    ]


def _campaign(text: str) -> str:
    """The campaign as JSON that can be read; nothing where there is none."""
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return json.dumps(found, indent=2, ensure_ascii=False) if found else ""
