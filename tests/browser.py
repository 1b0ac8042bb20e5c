"""A page in real headless Chromium, and checks of it; each returns what is wrong."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

PHONE, LAPTOP = (360, 800), (1280, 900)
SCHEMES = ("light", "dark")
_INTERACTIVE = "a[href], summary, [tabindex='0'], button, input, select, textarea"


@contextmanager
def chromium() -> Iterator[Any]:
    """Chromium without a network; the test skips where there is none."""
    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if binary is None or driver is None:
        pytest.skip("Chromium and its driver are not installed (Debian: chromium, chromium-driver)")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = binary
    flags = ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "hide-scrollbars")
    for flag in (*flags, "host-resolver-rules=MAP * ~NOTFOUND", "no-proxy-server"):
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        browser.set_script_timeout(120)
        yield browser
    finally:
        browser.quit()


def show(browser: Any, path: Path, size: tuple[int, int] = LAPTOP, scheme: str = "light") -> None:
    """Load the page in a window of this size, in this colour scheme."""
    browser.get_log("performance"), browser.get_log("browser")
    emulate(browser, size, scheme)
    browser.get(path.as_uri())


def emulate(browser: Any, size: tuple[int, int], scheme: str) -> None:
    """Change the size of the window and the colour scheme."""
    metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size == PHONE}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def requests(browser: Any, path: Path) -> list[str]:
    """What was requested since the page was shown, beside the page."""
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    return [url for url in asked if url.partition("#")[0] != path.as_uri()]


def complaints(browser: Any) -> list[str]:
    """What the browser wrote to its console, such as what the page's policy forbade."""
    return [entry["message"] for entry in browser.get_log("browser")]


def too_wide(browser: Any) -> list[str]:
    """Whether the document scrolls sideways, and what sticks out."""
    return list(
        browser.execute_script(
            """
            const width = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= width) return [];
            const out = [...document.body.querySelectorAll('*')].filter(
                e => e.getBoundingClientRect().right > width + 1 && !e.closest('.scroll'));
            return [document.documentElement.scrollWidth + ' px', ...out.map(e => e.tagName + '.' + e.className)];
            """
        )
    )


def barriers(browser: Any) -> list[str]:
    """What axe finds, contrast included, with all details open."""
    from axe_core_python.selenium import Axe

    browser.execute_script("document.querySelectorAll('details').forEach(one => one.open = true)")
    found = Axe().run(browser)
    return [
        f"{rule['id']}: {rule['nodes'][0]['html'][:200]} {rule['nodes'][0]['failureSummary'][:200]}"
        for rule in found["violations"]
    ]


def unnamed_figures(browser: Any) -> list[str]:
    """Figures without a picture that has a name and a description, or without a table."""
    found = []
    from selenium.webdriver.common.by import By

    browser.execute_script("document.querySelectorAll('details').forEach(one => one.open = true)")
    for figure in browser.find_elements(By.TAG_NAME, "figure"):
        shown = [image for image in figure.find_elements(By.CSS_SELECTOR, "svg, img") if image.is_displayed()]
        names = [image.accessible_name for image in shown if image.aria_role in ("img", "image")]
        tables = figure.find_elements(By.CSS_SELECTOR, "table caption")
        if len(shown) != 1 or not all(names) or len(names) != 1 or len(tables) != 1:
            found.append(f"{figure.get_attribute('id')}: {len(shown)} pictures, names {names}, {len(tables)} tables")
    return found


def unfocused(browser: Any, most: int = 60) -> list[str]:
    """What Tab does not reach in order, or without a mark that is seen."""
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    browser.execute_script(
        """
        window.scrollTo(0, 0);
        window.expected = [...document.querySelectorAll(arguments[0])].filter(e => e.checkVisibility());
        document.activeElement.blur();
        """,
        _INTERACTIVE,
    )
    count = min(most, browser.execute_script("return window.expected.length"))
    found = []
    for place in range(count):
        ActionChains(browser).send_keys(Keys.TAB).perform()
        wrong = browser.execute_script(
            """
            const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
            const words = at.tagName + ' ' + (at.textContent || '').trim().slice(0, 30);
            if (at !== window.expected[arguments[0]]) return words + ' comes too early';
            if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) return words + ' has no mark';
            if (box.bottom <= 0 || box.top >= innerHeight) return words + ' is not on the screen';
            return null;
            """,
            place,
        )
        if wrong:
            found.append(wrong)
    return found


def unseen_formulas(browser: Any) -> list[str]:
    """Formulas that are no MathML, or take no room."""
    return list(
        browser.execute_script(
            """
            document.querySelectorAll('details').forEach(one => one.open = true);
            return [...document.querySelectorAll('math, math *')].filter(e => {
                const box = e.getBoundingClientRect();
                return e.namespaceURI !== 'http://www.w3.org/1998/Math/MathML'
                    || (e.children.length === 0 && /[^\\s\\u2061-\\u2064]/.test(e.textContent) && box.height === 0);
            }).map(e => e.outerHTML.slice(0, 100));
            """
        )
    )


def printed(browser: Any) -> bytes:
    """The page as PDF."""
    return base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"])
