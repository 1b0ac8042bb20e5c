"""SVG inside a page: well formed, of no colour of its own, undisturbed by its neighbours, the same every time."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from report.figures.figure_data import EVERY, figure, gaps, series, violations

from boundcheck.report.figures import svg
from boundcheck.report.figures.palette import LIGHT, NAMES, SENTINELS

SVG = "{http://www.w3.org/2000/svg}"
VARIABLES = re.compile(r"var\(--([a-z0-9-]+)\)")
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|rgb|hsl")


@pytest.fixture(scope="module", name="drawn")
def every_figure():
    return {make.__name__: (make(), svg(make()), svg(make(), narrow=True)) for make in EVERY}


def styles(text):
    return [element.attrib["style"] for element in ElementTree.fromstring(text).iter() if "style" in element.attrib]


@pytest.mark.parametrize("name", [make.__name__ for make in EVERY])
def test_it_is_an_image_with_a_title_and_a_description(drawn, name):
    data, *texts = drawn[name]
    for text in texts:
        root = ElementTree.fromstring(text)
        assert root.tag == f"{SVG}svg"
        assert root.get("role") == "img"
        assert "width" not in root.attrib
        assert root.get("viewBox")
        assert root.find(f"{SVG}title").text == data["title"]
        assert root.find(f"{SVG}desc").text == data["alt"]
        assert root.get("aria-labelledby").split() == [root.find(f"{SVG}{tag}").get("id") for tag in ("title", "desc")]


@pytest.mark.parametrize("name", [make.__name__ for make in EVERY])
def test_colours_are_variables_of_the_page(drawn, name):
    _, *texts = drawn[name]
    for text in texts:
        assert not any(COLOUR.search(style) for style in styles(text))
        for element in ElementTree.fromstring(text).iter():
            assert not {"fill", "stroke", "color"} & set(element.attrib)
        used = {found for style in styles(text) for found in VARIABLES.findall(style)}
        assert {"ink", "series-1"} <= used <= set(NAMES)


def test_a_colour_of_its_own_would_be_seen():
    assert COLOUR.search("stroke: #0072b2")
    assert not COLOUR.search("clip-path: url(#rows-0); fill: var(--ink)".replace("url(#rows-0)", ""))
    assert len(set(SENTINELS.values())) == len(SENTINELS) == len(LIGHT)
    assert not set(SENTINELS.values()) & set(LIGHT.values())


def ids(text):
    return [element.get("id") for element in ElementTree.fromstring(text).iter() if "id" in element.attrib]


def test_several_on_one_page_do_not_clash(drawn):
    everywhere = [name for _, *texts in drawn.values() for text in texts for name in ids(text)]
    assert len(everywhere) == len(set(everywhere))
    for _, *texts in drawn.values():
        for text in texts:
            referred = set(re.findall(r"url\(#([^)]+)\)", text)) | set(re.findall(r'href="#([^"]+)"', text))
            assert referred <= set(ids(text))


def test_nothing_reaches_beyond_its_own_element(drawn):
    for _, *texts in drawn.values():
        for text in texts:
            tags = {element.tag.removeprefix(SVG) for element in ElementTree.fromstring(text).iter()}
            assert not tags & {"style", "script", "metadata", "image", "foreignObject"}
            assert "<?xml" not in text
            assert "DOCTYPE" not in text
            assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


def test_it_is_the_same_every_time_whatever_the_user_has_set(drawn):
    import matplotlib

    with matplotlib.rc_context({"font.size": 30, "lines.linewidth": 9, "axes.grid": False, "svg.fonttype": "path"}):
        again = svg(gaps())
    assert again == drawn["gaps"][1]


def test_text_is_text(drawn):
    texts = "".join(ElementTree.fromstring(drawn["violations"][1]).itertext())
    for word in ("magnitude", "random", "the claim: rate ≤ δ", "rate of violations", "0.05"):
        assert word in texts
    assert all("font-family: inherit" in style for style in styles(drawn["violations"][1]) if "font-size" in style)


def test_fonts_are_at_least_8_points_at_the_width_of_a_column(drawn):
    for _, wide, narrow in drawn.values():
        for text, width in ((wide, 6.8), (narrow, 3.4)):
            root = ElementTree.fromstring(text)
            scale = width * 72 / float(root.get("viewBox").split()[2])
            sizes = [float(size) * scale for size in re.findall(r"font-size: ([\d.]+)px", text)]
            assert min(sizes) >= 8 - 1e-6


def test_each_panel_has_its_own_lines():
    text = "".join(ElementTree.fromstring(svg(gaps(3))).itertext())
    assert all(f"α = 0.{i}" in text for i in range(3))
    assert len(svg(gaps(4))) > len(svg(gaps(1)))


def test_markup_in_names_is_text():
    data = figure(series=[series("<b>&", x=[1, 2], y=[1, 2]), series("$x_1$", x=[1, 2], y=[2, 3])], title="<script>")
    root = ElementTree.fromstring(svg(data))
    assert root.find(f"{SVG}title").text == "<script>"
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert "<b>&" in texts
    assert "$x_1$" in texts  # and no formula


def test_a_hollow_marker_is_where_nothing_was_seen():
    data = violations()
    seen = svg(data)
    for line in data["series"]:
        line["y"] = [0.001, 0.001, 0.01, 0.3]
    hollow = re.compile(r"fill-opacity: 0; stroke: var\(--series-1\); stroke-linejoin: miter")
    assert len(hollow.findall(seen)) > len(hollow.findall(svg(data)))
