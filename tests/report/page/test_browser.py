"""The page in real headless Chromium: nothing is loaded, all can be reached, read and printed, in both schemes."""

from __future__ import annotations

import browser as checks
import pytest
from page_data import drawn, hostile_data, synthetic_data

from boundcheck.check.describe import as_mathml
from boundcheck.inequalities.hoeffding import hoeffding_mean

pytestmark = pytest.mark.slow
PAGES = ("finished", "hostile", "unfinished", "empty")


@pytest.fixture(scope="module")
def browser():
    with checks.chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    data = {
        "finished": synthetic_data(folder),
        "hostile": hostile_data(folder),
        "unfinished": synthetic_data(folder, concluded=0.4),
        "empty": synthetic_data(folder, count=20, concluded=0.0),
    }
    data["finished"]["theorems"][1]["mathml"] = as_mathml(hoeffding_mean)
    for name, contents in data.items():
        if name != "finished":
            contents["figures"] = contents["figures"][:2]
        (folder / f"{name}.html").write_text(drawn(contents), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in data}


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_loaded_and_nothing_complains(browser, pages, name):
    checks.show(browser, pages[name])
    assert checks.requests(browser, pages[name]) == []
    assert checks.complaints(browser) == []
    assert "owned" not in browser.title.replace("document.title='owned'", "")


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("size", [checks.PHONE, checks.LAPTOP])
def test_the_document_does_not_scroll_sideways(browser, pages, name, size):
    for scheme in checks.SCHEMES:
        checks.show(browser, pages[name], size, scheme)
        assert checks.too_wide(browser) == []
        browser.execute_script("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert checks.too_wide(browser) == []


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", checks.SCHEMES)
def test_axe_finds_no_barrier(browser, pages, name, scheme):
    checks.show(browser, pages[name], checks.PHONE if name == "unfinished" else checks.LAPTOP, scheme)
    assert checks.barriers(browser) == []


@pytest.mark.parametrize("size", [checks.PHONE, checks.LAPTOP])
def test_every_figure_has_a_name_and_a_table(browser, pages, size):
    checks.show(browser, pages["finished"], size)
    assert browser.execute_script("return document.querySelectorAll('figure').length") >= 5
    assert checks.unnamed_figures(browser) == []


def test_tab_reaches_everything_in_order_with_a_mark(browser, pages):
    checks.show(browser, pages["finished"])
    assert checks.unfocused(browser) == []


def test_formulas_are_rendered(browser, pages):
    checks.show(browser, pages["finished"])
    assert browser.execute_script("return document.querySelectorAll('math').length") > 4
    assert checks.unseen_formulas(browser) == []


def test_the_page_is_printed_with_its_tables(browser, pages):
    checks.show(browser, pages["finished"], scheme="dark")
    document = checks.printed(browser)
    assert document.startswith(b"%PDF")
    assert document.count(b"/Type /Page\n") + document.count(b"/Type /Page ") >= 3


PLANTED = {
    "grey on white": (checks.barriers, "</style>", ".outcome { color: #bbb; }</style>"),
    "no language": (checks.barriers, '<html lang="en">', "<html>"),
    "an image without words": (checks.barriers, "</h1>", '</h1><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">'),
    "a picture without a name": (checks.unnamed_figures, ' role="img"', ""),
    "an image from elsewhere": (checks.complaints, "</h1>", '</h1><img alt="" src="https://example.invalid/a.png">'),
    "a script": (checks.complaints, "</h1>", "</h1><script>1</script>"),
    "a wide block": (checks.too_wide, "</h1>", '</h1><p style="width: 90rem">wide</p>'),
    "no mark of focus": (checks.unfocused, "</style>", ":focus-visible { outline: none !important; }</style>"),
    "an order of its own": (checks.unfocused, 'href="#glossary"', 'href="#glossary" tabindex="1"'),
    "a formula that is no MathML": (checks.unseen_formulas, "<mi>", '<mi style="display: none">'),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found(browser, pages, tmp_path, name):
    check, before, after = PLANTED[name]
    text = pages["empty" if check is checks.barriers else "finished"].read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "planted.html"
    path.write_text(text.replace(before, after), encoding="utf-8")
    checks.show(browser, path)
    assert check(browser) != []


def test_a_request_is_found(browser, pages, tmp_path):
    text = pages["finished"].read_text(encoding="utf-8")
    start = text.index("<meta http-equiv")
    path = tmp_path / "planted.html"
    image = '<img alt="" src="https://example.invalid/a.png">'
    path.write_text(
        text[:start] + text[text.index(">", start) + 1 :].replace("</h1>", f"</h1>{image}"), encoding="utf-8"
    )
    checks.show(browser, path)
    assert checks.requests(browser, path) == ["https://example.invalid/a.png"]
