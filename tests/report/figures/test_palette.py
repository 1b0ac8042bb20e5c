"""Colours have enough contrast, and remain different for colour-blind readers."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from boundcheck.report.figures.palette import DARK, LIGHT, NAMES

# Machado, Oliveira and Fernandes 2009, severity 1: what is left of linear red, green and blue.
DEFICIENCIES = {
    "none": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear(colour):
    values = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(first, second):
    high, low = sorted((float(TO_XYZ[1] @ linear(colour)) for colour in (first, second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def lab(rgb):
    x, y, z = np.cbrt(np.maximum(TO_XYZ @ rgb / TO_XYZ.sum(axis=1), 1e-6))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_contrast_of_black_and_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_lines_have_a_contrast_of_3_and_text_of_4_5(colours):
    for name in NAMES:
        least = 4.5 if name in ("ink", "muted") else 3 if name.startswith("series") else 1
        assert contrast(colours[name], colours["paper"]) >= least, name


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_neighbouring_series_remain_different(colours, deficiency):
    seen = {
        name: lab(np.clip(np.array(DEFICIENCIES[deficiency]) @ linear(colours[name]), 0, 1))
        for name in NAMES
        if name.startswith("series")
    }
    # Three families is what panels have; more series have a legend, markers and line styles as well.
    first = [f"series-{i}" for i in (1, 2, 3)]
    for one, other in itertools.combinations(first, 2):
        assert np.linalg.norm(seen[one] - seen[other]) >= 10, (
            one,
            other,
        )  # 2 is a difference that is seen side by side
