"""What notebooks show, in a browser: as wide as the page lets it be, legible in light and dark, accessible."""

from __future__ import annotations

import pytest
from browser import barriers, chromium, show, too_wide
from selenium.webdriver.common.by import By
from sympy import exp

from boundcheck import P, Theorem, check, fcn, gap_bound, iid, integer, magnitude, mean, prune, real, scaled, uniform

THEMES = {"light": ("#212121", "#ffffff"), "dark": ("#e0e0e0", "#111111")}
"""Letters and ground of JupyterLab's themes."""
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Outputs</title>
<meta name="viewport" content="width=device-width"></head>
<body style="font: 14px sans-serif; color: {0}; background: {1}"><main><h1>Outputs</h1>{2}</main></body></html>"""


@pytest.fixture(scope="module", name="browser")
def one_browser():
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def outputs():
    n, t = integer("n", min=1, max=1000), real("t", min=0, max=1)
    names = [real(f"a_{i}", min=0) for i in range(40)]
    network = fcn([16] * 9, weights=scaled(uniform(-1, 1)))
    theorem = Theorem(name="too_good", claim=P(mean(iid(uniform(-1, 1), n)) >= t) <= exp(-3 * n * t**2))
    things = [
        theorem,
        check(theorem),
        Theorem(name="wide", claim=sum(name**2 for name in names) <= 40),
        gap_bound(network, prune(network, magnitude(alpha=0.5)), delta="1/100"),
    ]
    return [thing._repr_html_() for thing in things]


def load(browser, tmp_path, outputs, theme="light", width=1000):
    path = tmp_path / "page.html"
    path.write_text(PAGE.format(*THEMES[theme], "".join(outputs)), encoding="utf-8")
    show(browser, path, (width, 900))


@pytest.mark.parametrize("theme", THEMES)
def test_the_outputs_are_accessible_in_both_themes(browser, tmp_path, outputs, theme):
    load(browser, tmp_path, outputs, theme)
    assert barriers(browser) == []


def test_letters_too_faint_are_found(browser, tmp_path, outputs):
    load(browser, tmp_path, [outputs[1].replace("#b3261e", "#f0a0a0")])
    assert {found.partition(":")[0] for found in barriers(browser)} == {"color-contrast"}


@pytest.mark.parametrize("width", [500, 1000])
def test_what_is_wide_scrolls_by_itself_and_the_page_does_not(browser, tmp_path, outputs, width):
    load(browser, tmp_path, outputs, width=width)
    assert too_wide(browser) == []
    scrolls = "return [...document.querySelectorAll('.boundcheck')].map(e => e.scrollWidth > e.clientWidth)"
    assert browser.execute_script(scrolls)[2], "the sum of forty terms"
    load(browser, tmp_path, [output.replace("overflow-x: auto; ", "") for output in outputs], width=width)
    assert too_wide(browser), "without that, it would"


def test_formulas_are_laid_out_as_mathematics(browser, tmp_path, outputs):
    load(browser, tmp_path, outputs)
    formulas = browser.find_elements(By.CSS_SELECTOR, "math")
    assert len(formulas) > 5
    assert all(formula.size["width"] > 0 and formula.size["height"] > 0 for formula in formulas)
    power, base = browser.find_elements(By.CSS_SELECTOR, "math msup > *")[1::-1]
    assert power.location["y"] < base.location["y"] + base.size["height"] / 2
    namespace = "return document.querySelector('math mfrac, math msup').namespaceURI"
    assert browser.execute_script(namespace) == "http://www.w3.org/1998/Math/MathML"
