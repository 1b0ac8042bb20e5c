"""Matplotlib, which is optional, with settings of our own and none of the user's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from boundcheck.errors import BoundcheckError

FONT = "DejaVu Sans"
TEXT, SMALL = 9.0, 8.0
"""Sizes in points."""


class MissingPlots(BoundcheckError):
    """Matplotlib is not installed."""


def require() -> None:
    """Refuse to draw without Matplotlib.

    Raises
    ------
    MissingPlots
        With what to install.
    """
    try:
        import_module("matplotlib.figure")
    except ImportError:
        raise MissingPlots('plots need Matplotlib; install it with pip install "boundcheck[plots]"') from None


@contextmanager
def settings(colours: Mapping[str, str], **others: Any) -> Iterator[None]:
    """Draw with these colours, whatever the user's own settings are."""
    require()
    import matplotlib.style

    own = {
        "font.family": [FONT],
        "font.size": TEXT,
        "axes.titlesize": TEXT,
        "axes.labelsize": TEXT,
        "xtick.labelsize": SMALL,
        "ytick.labelsize": SMALL,
        "legend.fontsize": SMALL,
        "figure.facecolor": colours["paper"],
        "axes.facecolor": "none",
        "savefig.facecolor": "auto",
        "text.color": colours["ink"],
        "axes.labelcolor": colours["ink"],
        "axes.edgecolor": colours["muted"],
        "axes.titlecolor": colours["ink"],
        "xtick.color": colours["muted"],
        "ytick.color": colours["muted"],
        "xtick.labelcolor": colours["ink"],
        "ytick.labelcolor": colours["ink"],
        "grid.color": colours["grid"],
        "grid.linewidth": 0.6,
        "axes.linewidth": 0.8,
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "lines.linewidth": 1.6,
        "lines.markersize": 5,
        "legend.frameon": False,
        "svg.fonttype": "none",
        "text.parse_math": False,
        "pdf.fonttype": 42,
    }
    with matplotlib.style.context(["default", own | others]):
        yield
