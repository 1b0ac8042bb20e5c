"""How long lists, exports and reports of large stores take, each in a process of its own, and how much memory.

    PYTHONPATH=.:tests python tests/benchmarks/results.py [--counts 10000,1000000] [--only NAME] [--folder F] [--json F]

Stores are made up (tests/synthetic_store.py), with specs and details as long as those of campaigns; they have no
batches. Times are of the whole process, the smallest of three (of exports and reports: of one); the file is in the
memory of the system. Memory is the peak of the process (ru_maxrss), in MB.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from process_memory import seconds_and_megabytes
from synthetic_store import synthetic_store

DETAILS = json.dumps({"theorem": "hoeffding", "note": "made up", "text": "x" * 1300})
SPEC = json.dumps({"fcn": "64,256,256,10", "text": "x" * 180})
BOUNDCHECK = ["-m", "boundcheck"]
CASES = {
    "list": ["results", "STORE"],
    "list, status=REFUTED": ["results", "STORE", "--status", "refuted"],
    "list, sorted by worst": ["results", "STORE", "--sort", "worst", "--descending"],
    "list, refuted, sorted by gap_max": ["results", "STORE", "--status", "refuted", "--sort", "gap_max"],
    "list, study=tails": ["results", "STORE", "--where", "study=tails"],
    "list, width>=256 and alpha=1/2": ["results", "STORE", "--where", "width>=256", "--where", "alpha=1/2"],
    "list, sorted by gap_max": ["results", "STORE", "--sort", "gap_max", "--descending"],
    "list, theorem~hoeff, sorted by ratio_high": [
        "results", "STORE", "--where", "theorem~hoeff", "--sort", "ratio_high", "--descending",
    ],
    "point": ["results", "STORE", "--point", "4321"],
    "JSON lines": ["results", "STORE", "--json-lines"],
    "export CSV": ["results", "STORE", "--export", "OUT.csv"],
    "export Parquet": ["results", "STORE", "--export", "OUT.parquet"],
    "export CSV, sorted by gap_max": ["results", "STORE", "--export", "OUT.csv", "--sort", "gap_max"],
    "report": ["report", "STORE", "-o", "OUT.html"],
}  # fmt: skip
ONCE = ("JSON", "export", "report")


def main() -> None:
    """Make the stores, run the commands, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", default="10000,100000,1000000")
    parser.add_argument("--folder", default=None)
    parser.add_argument("--only", default="", help="Cases whose names begin so.")
    parser.add_argument("--json", default=None)
    options = parser.parse_args()
    found: dict[str, dict[str, tuple[float, float]]] = {}
    counts = [int(count) for count in options.counts.split(",")]
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        for count in counts:
            store = Path(folder) / f"{count}.db"
            began = time.perf_counter()
            synthetic_store(store, count, details=DETAILS, spec=SPEC)
            size = store.stat().st_size / 1e6
            print(f"{count:,} rows, {size:,.0f} MB, made in {time.perf_counter() - began:.1f} s", file=sys.stderr)
            for name, words in CASES.items():
                if not name.startswith(options.only):
                    continue
                arguments = [word.replace("STORE", str(store)).replace("OUT", f"{folder}/out") for word in words]
                runs = [
                    seconds_and_megabytes([*BOUNDCHECK, *arguments]) for _ in range(1 if name.startswith(ONCE) else 3)
                ]
                found.setdefault(name, {})[str(count)] = (min(run[0] for run in runs), max(run[1] for run in runs))
            store.unlink()
    width = max(map(len, found))
    print(" " * width, *(f"{count:>18,}" for count in counts))
    for name, times in found.items():
        cells = (f"{seconds:8.2f} s {memory:4.0f} MB" for seconds, memory in times.values())
        print(f"{name:<{width}}", *(f"{cell:>18}" for cell in cells))
    if options.json:
        Path(options.json).write_text(json.dumps(found, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
