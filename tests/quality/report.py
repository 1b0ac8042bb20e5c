"""Run mutants of the library through the checker, and print what it made of them.

    PYTHONPATH=.:tests python tests/quality/report.py [NAME …] [--every 6] [--first 0] [--seconds 60] [--log FILE]

All mutants of all theorems take hours on two cores; `--every 6` takes each sixth. The columns: mutants that follow
from the original (T; "!" counts those that were refuted, which must be none), mutants that are false at a point that
the oracle found (F; refuted and not refuted), and mutants of which the oracle knows neither (?). Below the table stands
each false mutant that was not refuted, with the point at which it is false, and each error.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter

from quality import survey

COLUMNS = {"all": 4, "T": 4, "T!": 4, "F": 4, "F refuted": 9, "F left": 6, "? refuted": 9, "? kept": 6}
HEADER = f"{'theorem':32} " + " ".join(f"{name:>{width}}" for name, width in COLUMNS.items())


def row(name: str, found: list[survey.Finding]) -> str:
    """One line of the table."""
    count = Counter(f.verdict for f in found)
    false = count["false, refuted"] + count["false, not refuted"]
    true = count["true, kept"] + count["TRUE REFUTED"]
    cells = [len(found), true, count["TRUE REFUTED"], false, count["false, refuted"], count["false, not refuted"]]
    cells += [count["unknown, refuted"], count["unknown, kept"]]
    return f"{name:32} " + " ".join(f"{c:>{w}}" for c, w in zip(cells, COLUMNS.values(), strict=True))


def line(f: survey.Finding) -> str:
    """A finding in words."""
    note = " ".join(f.note.split())[:160]
    return f"{f.theorem} | {f.mutant.label} | {f.mutant.theorem.claim} | {f.truth}: {f.why} | {f.status}: {note}"


def main(arguments: list[str]) -> None:
    """Print the table and what is worth reading."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help="theorems; left out, all")
    parser.add_argument("--every", type=int, default=1, help="take each EVERY-th mutant of a theorem")
    parser.add_argument("--first", type=int, default=0, help="from this one on")
    parser.add_argument("--seconds", type=int, default=60, help="give up on a mutant after so long")
    parser.add_argument("--log", help="append a JSON line for each finding to this file")
    options = parser.parse_args(arguments)
    everything: list[survey.Finding] = []
    print(HEADER, flush=True)
    for theorem in survey.originals():
        if options.names and theorem.name not in options.names:
            continue
        found = []
        for f in survey.survey(theorem, every=options.every, first=options.first, seconds=options.seconds):
            found.append(f)
            if options.log:
                record = {"theorem": f.theorem, "label": f.mutant.label, "kind": f.mutant.kind, "verdict": f.verdict}
                record |= {"claim": str(f.mutant.theorem.claim), "why": f.why, "status": f.status, "note": f.note}
                with open(options.log, "a", encoding="utf-8") as log:
                    log.write(json.dumps(record | {"seconds": round(f.seconds, 2)}, ensure_ascii=False) + "\n")
        everything += found
        print(row(theorem.name, found), flush=True)
    print(row("all", everything))
    for title, chosen in (
        ("True, but refuted:", [f for f in everything if f.verdict == "TRUE REFUTED"]),
        ("False, but not refuted:", [f for f in everything if f.verdict == "false, not refuted"]),
        ("Errors:", [f for f in everything if f.status in ("ERROR", "TIME")]),
    ):
        print(f"\n{title}")
        print("\n".join(line(f) for f in chosen) or "none")


if __name__ == "__main__":
    main(sys.argv[1:])
