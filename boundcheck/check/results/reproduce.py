"""How to run one point again: a command, and lines of Python."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any


def reproduce(point: Mapping[str, Any], meta: Mapping[str, str]) -> dict[str, str]:
    """The bound or the verdict of a point from the command line where that can say it, and what to run in Python.

    Parameters
    ----------
    point
        As :meth:`boundcheck.check.results.source.Results.point` gives it.
    meta
        Of its campaign or record.

    Returns
    -------
    dict
        `command` and `python`, each where there is one.
    """
    spec = json.loads(point["spec"])
    if "text" not in meta:
        return _of_record(point, spec, meta)
    if not spec:
        return {}
    found = {"python": _batch(point, spec, meta)}
    if point["kind"] == "network" and "d" not in spec:  # in which a file states its widths
        found["command"] = _bound(spec)
    return found


def _bound(spec: Mapping[str, Any]) -> str:
    """The bound that the point claims, before it is multiplied by `factor`."""
    options = ("fcn", "cnn", "weights", "activation", "biases", "prune", "radius", "delta")
    words = [word for name in options if spec.get(name) is not None for word in (f"--{name}", str(spec[name]))]
    return shlex.join(["boundcheck", "bound", *words])


def _batch(point: Mapping[str, Any], spec: Mapping[str, Any], meta: Mapping[str, str]) -> str:
    """Its first batch, which comes out as it is in the store."""
    settings = json.loads(meta["text"])
    first = point["measured"][0] if point["measured"] else {"start": 0, "trials": point["trials"]}
    details = json.loads((point["verdict"] or {}).get("details") or "{}")
    named = {spec.get("cnn"), (spec.get("theorem") or "").partition("::")[0]}
    job: dict[str, Any] = {
        "kind": point["kind"],
        "spec": dict(spec),
        "start": first["start"],
        "trials": first["trials"] if point["kind"] == "network" else 0,
        "level": details.get("level", float(meta["level"])),
        "folder": ".",
        "device": settings.get("device", "cpu"),
        "version": meta["version"],
        "files": {name: digest for name, digest in settings.get("files", {}).items() if name in named},
    }
    place = f"# In the folder in which {' and '.join(job['files'])} lies.\n" if job["files"] else ""
    return f"{place}from boundcheck.check.campaign.batch import run_batch\n\nprint(run_batch({job})['result'])\n"


def _of_record(point: Mapping[str, Any], spec: Mapping[str, Any], meta: Mapping[str, str]) -> dict[str, str]:
    """The theorem at this point, or as a whole where no point was tested."""
    if spec.get("file") is None:
        return {}
    target = f"{spec['file']}::{spec['theorem']}"
    options = {
        name: spec[name] for name in ("level", "seed", "trials", "device", "precision") if spec.get(name) is not None
    }
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    theorem = f"replace(theorem, points=[{spec['parameters']}])" if spec["tested"] else "theorem"
    given = "".join(f", {name}={value!r}" for name, value in options.items())
    lines = [
        *(["from dataclasses import replace", ""] if spec["tested"] else []),
        "from boundcheck import check",
        "from boundcheck.statement.discovery import discover",
        "",
        f"[theorem] = discover([{target!r}]).theorems",
        f"print(check({theorem}{given}))",
    ]
    return {"command": shlex.join(["boundcheck", "check", target, *words]), "python": "\n".join(lines) + "\n"}
