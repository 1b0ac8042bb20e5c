"""Formulas of a store that someone else may have written: what is not presentation MathML does not survive."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from page_data import HOSTILE

from boundcheck.report.page.mathml import safe_formula

SPACE = 'xmlns="http://www.w3.org/1998/Math/MathML"'


def markup(inside, **attributes):
    extra = "".join(f' {name}="{value}"' for name, value in attributes.items())
    found = safe_formula(f"<math {SPACE}{extra}>{inside}</math>", "a claim")
    return "" if found is None else found.setting + found.claim + found.rest


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen = []

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))


def test_a_formula_is_kept():
    text = "<mrow><mi>P</mi><mo>≤</mo><msup><mi>e</mi><mrow><mo>-</mo><mi>x</mi></mrow></msup></mrow>"
    assert markup(text) == f'<math display="block" alttext="a claim">{text}</math>'
    assert markup('<mfrac linethickness="0"><mn>1</mn><mn>2</mn></mfrac>').count("linethickness") == 1


@pytest.mark.parametrize(
    "planted",
    [
        "<script>alert(1)</script><mi>x</mi>",
        '<script xmlns="http://www.w3.org/1999/xhtml">alert(1)</script><mi>x</mi>',
        '<mi onclick="alert(1)">x</mi>',
        '<mi style="background: url(https://example.invalid)">x</mi>',
        '<mi href="javascript:alert(1)">x</mi>',
        '<mi xmlns:l="http://www.w3.org/1999/xlink" l:href="javascript:alert(1)">x</mi>',
        '<mtext><img xmlns="http://www.w3.org/1999/xhtml" src="x" onerror="alert(1)"/></mtext><mi>x</mi>',
        '<maction actiontype="statusline"><mi>x</mi><mtext>s</mtext></maction>',
        '<semantics><mi>x</mi><annotation-xml encoding="text/html"><script/></annotation-xml></semantics>',
        "<mi>x</mi><mtext>&lt;script&gt;alert(1)&lt;/script&gt;</mtext>",
        '<mi mathvariant="&quot;&gt;&lt;script&gt;">x</mi>',
        '<mglyph src="https://example.invalid"/><mi>x</mi>',
        '<mi class="scroll" id="main">x</mi>',
    ],
)
def test_what_is_planted_does_not_survive(planted):
    parser = Tags()
    parser.feed(markup(planted))
    assert "x" in markup(planted)
    allowed = {"math": {"display", "alttext"}}
    for tag, attributes in parser.seen:
        assert re.fullmatch("math|m(i|n|o|text|row)", tag), tag
        assert set(attributes) <= allowed.get(tag, set())


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "no markup",
        "<math><mi>x</mi></math>",
        f"<math {SPACE}><mi>x</math>",
        f"<math {SPACE}></math>",
        f"<svg {SPACE}/>",
        f'<!DOCTYPE m [<!ENTITY a "b">]><math {SPACE}><mi>&a;</mi></math>',
        f"<math {SPACE}>{'<mrow>' * 5000}{'</mrow>' * 5000}</math>",
        f"<math {SPACE}><mi>{'x' * 600_000}</mi></math>",
        *HOSTILE,
    ],
)
def test_what_is_no_formula_is_left_to_the_words(text):
    assert safe_formula(text, "a claim") is None


def test_a_setting_becomes_words_that_break_into_lines():
    setting = (
        "<mrow><mtext>For all\xa0</mtext><mi>n</mi><mo>∈</mo><mo>{</mo><mn>1</mn><mo>,</mo><mo>…</mo><mo>}</mo>"
        "<mo>,</mo><mi>t</mi><mtext>&lt;b&gt;:</mtext><mtext>:</mtext></mrow>"
    )
    rows = [setting, "<mi>c</mi>", "<mi>d</mi>", "<mi>e</mi>"]
    table = "".join(f"<mtr><mtd>{row}</mtd></mtr>" for row in rows)
    found = safe_formula(f"<math {SPACE}><mtable>{table}</mtable></math>", '"label"')
    assert found.setting.startswith("For all <math><mi>n</mi><mo>∈</mo><mo>{</mo><mn>1</mn><mo>,</mo>")
    assert found.setting.endswith("</math>, <math><mi>t</mi></math>&lt;b&gt;::")
    assert found.claim == '<math display="block" alttext="&quot;label&quot;"><mi>c</mi></math>'
    assert found.rest == '<math display="block"><mi>d</mi></math><math display="block"><mi>e</mi></math>'
