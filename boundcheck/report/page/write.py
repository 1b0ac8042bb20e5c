"""Files of a report: checked before the work begins, and written all at once."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from boundcheck.errors import InvalidArgument

_STORE = b"SQLite format 3\0"


def require_writable(path: Path, source: str) -> None:
    """Refuse a place where no report can be written, or where one would replace results.

    Raises
    ------
    InvalidArgument
        When the folder is missing or not writable, or the file is a folder, the source or a store.
    """
    remedy = "pass a file in a folder that exists, such as report.html"
    folder = path.parent
    if not folder.is_dir():
        raise InvalidArgument("output", str(path), "is in a folder that does not exist", remedy)
    if path.is_dir():
        raise InvalidArgument("output", str(path), "is a folder", remedy)
    if not os.access(folder, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise InvalidArgument("output", str(path), "cannot be written (no permission)", remedy)
    if path.exists():
        if source != "-" and Path(source).exists() and path.samefile(source):
            raise InvalidArgument("output", str(path), "is the source of the report", "pass another file")
        with path.open("rb") as file:
            if file.read(len(_STORE)) == _STORE:
                raise InvalidArgument("output", str(path), "is a store, which a report does not replace", remedy)


def write(path: Path, text: str) -> None:
    """Write the file under another name and rename it: it is there as a whole, or as it was.

    Raises
    ------
    InvalidArgument
        When the disk is full or read-only.
    """
    name = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(name, 0o666 & ~_mask())
        os.replace(name, path)
    except OSError as error:
        if name is not None and os.path.exists(name):
            os.unlink(name)
        problem = f"cannot be written ({error.strerror})"
        raise InvalidArgument("output", str(path), problem, "pass a file in a place with room") from None


def images(path: Path, figures: Sequence[Mapping[str, Any]], suffix: str) -> dict[str, str]:
    """Draw figures into the folder REPORT-figures beside a report; none where there is no Matplotlib.

    Returns
    -------
    dict
        The files by the ids of figures, relative to the report.

    Raises
    ------
    InvalidArgument
        When a file cannot be written.
    """
    if not figures or find_spec("matplotlib") is None:
        return {}
    from boundcheck.report.figures import save

    folder = path.with_name(f"{path.stem}-figures")
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        problem = f"cannot be a folder for figures ({error.strerror})"
        raise InvalidArgument("output", str(folder), problem, "remove what is there, or pass another file") from None
    found = {}
    for figure in figures:
        save(figure, folder / f"{figure['id']}{suffix}", title=False)
        found[figure["id"]] = f"{folder.name}/{figure['id']}{suffix}"
    return found


def _mask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
