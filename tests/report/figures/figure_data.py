"""Figures as plain data, plain and awkward, for what draws them."""

from __future__ import annotations

import math


def series(name, kind="line", group="", **more):
    return {"name": name, "kind": kind, "group": group, "x": [], "y": [], "low": None, "high": None} | more


def figure(name="f", **more):
    plain = {
        "id": name,
        "title": f"Figure {name} <&> “quoted”",
        "study": "s",
        "x": {"label": "width", "log": True},
        "y": {"label": "gap", "log": True},
        "series": [
            series("bound", x=[16, 32, 64], y=[0.5, 0.3, 0.2]),
            series("gap", x=[16, 32, 64], y=[0.05, 0.03, 0.02]),
        ],
        "lines": [],
        "table": {"columns": ["width", "gap"], "rows": [[16, 0.05]], "total": 1},
        "alt": "The bound falls from 0.5 to 0.2 < 1 & stays.",
        "caption": "c",
    }
    return plain | more


def gaps(panels=4):
    groups = [f"magnitude, α = 0.{i}, δ = 0.05, depth 3" for i in range(panels)]
    lines = []
    for i, group in enumerate(groups):
        x = [16, 32, 64, 128]
        y = [(i + 1) / v for v in x]
        lines += [
            series("gap, 5 to 95 %", "band", group, x=x, low=[v / 3 for v in y], high=[v / 2 for v in y], family="gap"),
            series(
                "gap, 25 to 75 %", "band", group, x=x, low=[v / 2.6 for v in y], high=[v / 2.2 for v in y], family="gap"
            ),
            series("bound", "line", group, x=x, y=[20 * v for v in y], family="bound"),
            series("T1 at realised norms", "line", group, x=x, y=[9 * v for v in y], family="certificate"),
            series("largest gap seen", "line", group, x=x, y=y, family="gap"),
        ]
    return figure("gaps", panels=groups, series=lines, x={"label": "width", "log": True, "ticks": [16, 32, 64, 128]})


def violations():
    places = [0.01, 0.05, 0.1, 0.2]
    lines = [
        series(name, "limits", name, x=places, y=[0.0, 0.0, 0.01, 0.3], low=[0.0, 0.0, 0.002, 0.25], high=high)
        for name, high in (("magnitude", [0.009, 0.04, 0.09, 0.35]), ("random", [0.01, 0.05, 0.1, 0.4]))
    ]
    return figure(
        "violations",
        x={"label": "claimed failure probability δ", "log": True, "ticks": places},
        y={"label": "rate of violations", "log": True, "floor": 0.0005},
        series=lines,
        lines=[{"slope": 1.0, "name": "the claim: rate ≤ δ"}],
    )


def rows(count=40, worst=1e180):
    names = [f"a_theorem_with_a_name_that_is_rather_long_number_{i}" for i in range(count)]
    seen = [worst * 10.0 ** (-200 * i / count) for i in range(count)]
    line = series(
        "ratio", "limits", x=seen, y=list(range(count)), low=[None] * count, high=[None] * count, horizontal=True
    )
    line["low"][3], line["high"][3], line["x"][3] = 0.0, 0.7, None
    line["x"][5] = 0.0
    axis = {"label": "left side ÷ right side", "log": True, "floor": 1e-6, "ceiling": 1e6}
    return figure(
        "rows",
        x=axis,
        y={"label": "", "log": False, "categories": names},
        series=[line],
        lines=[{"x": 1.0, "name": "the claim"}],
    )


def ladder():
    rungs = {"largest gap seen": 0.05, "found by search": 0.05, "sharpest certificate": 0.3, "T1": 0.31, "bound": 1.0}
    return figure(
        "ladder",
        x={"label": "share of the bound", "log": True},
        y={"label": "", "log": False, "categories": ["first", "second"]},
        series=[series(name, "points", x=[value, value], y=[0, 1], horizontal=True) for name, value in rungs.items()],
        steps=[
            {"y": i, "x": low, "to": high, "text": f"×{high / low:.3g}"}
            for i in (0, 1)
            for low, high in ((0.05, 0.3), (0.3, 0.31), (0.31, 1.0))
        ],
    )


def one_point():
    return figure("one-point", series=[series("bound", x=[64], y=[0.2])], lines=[{"y": 1.0, "name": "the claim"}])


def huge():
    x = [2.0**k for k in range(40)]
    return figure(
        "huge", series=[series("a", x=x, y=[1e-300 * v**2 for v in x]), series("b", x=x, y=[1 / v for v in x])]
    )


def endless():
    """An upper limit of no end, on an axis that is not logarithmic."""
    line = series("ratio", "limits", x=[0.5, None], y=[0, 1], low=[0.1, 0.2], high=[math.inf, 0.9], horizontal=True)
    axis = {"label": "ratio", "log": False, "ceiling": 1.05}
    return figure("endless", x=axis, y={"label": "", "log": False, "categories": ["a", "b"]}, series=[line])


def linear():
    return figure("linear", x={"label": "t", "log": False}, y={"label": "ratio", "log": False, "floor": None})


def nothing():
    """All that was to be drawn is unknown or infinite."""
    return figure(
        "nothing", series=[series("a", "points", x=[None, 1.0], y=[1.0, None]), series("b", x=[1], y=[math.inf])]
    )


EVERY = (figure, gaps, violations, rows, ladder, one_point, huge, endless, linear, nothing)
