"""Figures as files: PNG, SVG and PDF."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from boundcheck.errors import InvalidArgument
from boundcheck.report.figures.drawing import draw
from boundcheck.report.figures.inline import standalone
from boundcheck.report.figures.library import require, settings
from boundcheck.report.figures.palette import DARK, LIGHT

SUFFIXES = (".png", ".svg", ".pdf")
DPI = 200


def require_suffix(path: str | Path) -> str:
    """The suffix that says the format.

    Raises
    ------
    InvalidArgument
        When it is none of .png, .svg and .pdf.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise InvalidArgument(
            "output", str(path), "has no suffix of a picture", f"end it in one of {', '.join(SUFFIXES)}"
        )
    return suffix


def save(
    figures: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    path: str | Path,
    *,
    dark: bool = False,
    narrow: bool = False,
    title: bool = True,
) -> list[Path]:
    """Write figures as PNG, SVG or PDF, as the suffix says, the same file for the same figures.

    Parameters
    ----------
    figures
        One, or several: pages of one PDF, or as PNG and SVG a file each, with the figure's id before the suffix.
    path
        Where to write; what is there is replaced.
    dark
        Light lines on a dark ground.
    narrow
        For a column of a paper: 3.4 inches wide, not 6.8.
    title
        Whether the title is written above; papers have captions.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    InvalidArgument
        When the suffix is another, or a file cannot be written.
    MissingPlots
        Without Matplotlib.
    """
    suffix, path = require_suffix(path), Path(path)
    several = [figures] if isinstance(figures, Mapping) else list(figures)
    colours = DARK if dark else LIGHT
    how = {"narrow": narrow, "title": title}
    try:
        if suffix == ".pdf":
            return [_pages(several, path, colours, how)]
        paths = [path] if len(several) == 1 else [path.with_stem(f"{path.stem}-{f['id']}") for f in several]
        for figure, place in zip(several, paths, strict=True):
            if suffix == ".svg":
                place.write_text(standalone(figure, colours, **how), encoding="utf-8")
                continue
            metadata = {"Title": figure["title"], "Description": figure["alt"], "Software": None}
            with settings(colours):
                draw(figure, colours, **how).savefig(place, format="png", dpi=DPI, metadata=metadata)
        return paths
    except OSError as error:
        raise InvalidArgument(
            "output", str(path), f"cannot be written ({error.strerror})", "name a file in a folder that is there"
        ) from None


def _pages(
    figures: Sequence[Mapping[str, Any]], path: Path, colours: Mapping[str, str], how: Mapping[str, bool]
) -> Path:
    require()
    from matplotlib.backends.backend_pdf import PdfPages

    metadata = {
        "Title": "; ".join(figure["title"] for figure in figures),
        "CreationDate": None,
        "Creator": "boundcheck",
    }
    with settings(colours), PdfPages(path, metadata=metadata) as pages:
        for figure in figures:
            pages.savefig(draw(figure, colours, **how))
    return path
