"""Figures as files: PNG, SVG and PDF."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from boundcheck.errors import InvalidArgument
from boundcheck.report.figures.drawing import draw
from boundcheck.report.figures.library import settings
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
    with settings(colours, **{"svg.hashsalt": "boundcheck", "svg.fonttype": "path"}):
        drawn = [draw(figure, colours, narrow=narrow, title=title) for figure in several]
        try:
            if suffix == ".pdf":
                return [_pages(drawn, several, path)]
            paths = [path] if len(several) == 1 else [path.with_stem(f"{path.stem}-{f['id']}") for f in several]
            for picture, figure, place in zip(drawn, several, paths, strict=True):
                metadata = {"Title": figure["title"], "Description": figure["alt"]}
                dated: dict[str, Any] = {"Date": None} if suffix == ".svg" else {"Software": None}
                picture.savefig(place, dpi=DPI, metadata=metadata | dated)
            return paths
        except OSError as error:
            raise InvalidArgument(
                "output", str(path), f"cannot be written ({error.strerror})", "name a file in a folder that is there"
            ) from None


def _pages(drawn: Sequence[Any], figures: Sequence[Mapping[str, Any]], path: Path) -> Path:
    from matplotlib.backends.backend_pdf import PdfPages

    metadata = {
        "Title": "; ".join(figure["title"] for figure in figures),
        "CreationDate": None,
        "Creator": "boundcheck",
    }
    with PdfPages(path, metadata=metadata) as pages:
        for picture in drawn:
            pages.savefig(picture)
    return path
