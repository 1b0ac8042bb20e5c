"""Colours, which no reader needs to tell apart: markers and line styles differ as well."""

from __future__ import annotations

LIGHT = {
    "paper": "#ffffff",
    "ink": "#1b1f24",
    "muted": "#5b636d",
    "grid": "#d9dde2",
    "series-1": "#0072b2",
    "series-2": "#c04f00",
    "series-3": "#007a59",
    "series-4": "#a8418a",
    "series-5": "#7a6200",
    "series-6": "#33373d",
}
"""After Okabe and Ito's colours for colour-blind readers, darkened to a contrast of at least 4.5 with the paper."""

DARK = {
    "paper": "#14171b",
    "ink": "#e8eaed",
    "muted": "#a5adb8",
    "grid": "#343a42",
    "series-1": "#56b4e9",
    "series-2": "#f0a033",
    "series-3": "#2fc79b",
    "series-4": "#e39ac6",
    "series-5": "#e6da52",
    "series-6": "#c9cdd3",
}

NAMES = tuple(LIGHT)
SERIES = 6

SENTINELS = {name: f"#0{i:x}0{i:x}0{i:x}" for i, name in enumerate(NAMES, start=1)}
"""Colours that stand for names until these are put in their places."""
