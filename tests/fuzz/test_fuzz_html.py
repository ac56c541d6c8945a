"""No input breaks the HTML path, and what it gives is a fixed point without anything active."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from smartmail.formats.html import render, sanitise, to_text
from smartmail.formats.html_css import filter_sheet, filter_style
from smartmail.formats.html_tame import _Rewriter

_PIECES = [
    "<b>", "</b>", "<p>", "</p>", "<a href=x>", "</a>", "<a href='https://e.test'>", "<table>", "<tr>", "<td>", "</td>",
    "</table>", "<svg>", "</svg>", "<math>", "<mtext>", "<style>", "</style>", "<title>", "</title>", "<!--", "-->",
    "<script>", "</script>", "<select>", "<option>", "</select>", "<form>", "</form>", "<img src=x onerror=1>", "text",
    "<foreignObject>", "<desc>", "<template>", "</template>", "<li>", "<ul>", "<dd>", "<font color=a>", "</font>", "\x00",
    "<noscript>", "<textarea>", "</textarea>", "<body bgcolor=red>", "<frameset>", "<mglyph>", "<br/>", "</br>", "<nobr>",
    "<![CDATA[", "]]>", "<?x", "&lt;", "&#0;", "&amp", '"', "'", ">", "<", "=", "/", "<plaintext>", "<caption>", "<button>",
    "<p style='color:red;background:url(//e.test)'>", "<x-y>", "<blockquote>", "<center>", "<h1>", "</h1>", "<isindex>",
]  # fmt: skip
_SOUP = st.lists(st.sampled_from(_PIECES), max_size=30).map("".join)
_CSS = st.lists(
    st.sampled_from(
        ["a", "{", "}", ":", ";", "(", ")", "[", "]", "@media ", "@import ", "url(", "'", '"', "\\", "/*", "*/", "color",
         "red", "position", "fixed", "expression", "!important", "#a", ".b", ",", " ", "\n", "1px", "<!--", "\\66 ", "\x00"]
    ),
    max_size=40,
).map("".join)  # fmt: skip
_ACTIVE = re.compile(r"<(?:script|svg|math|style|iframe|form|object|template|title|textarea|!)|\son\w+=", re.IGNORECASE)


@settings(max_examples=400, deadline=None)
@given(_SOUP | st.text())
def test_render_holds_for_any_soup(html):
    result = render(html)
    assert _ACTIVE.search(result.html) is None
    assert render(result.html).html == result.html
    to_text(html)


@settings(max_examples=200, deadline=None)
@given(_SOUP)
def test_tamed_soup_is_as_safe(html):
    result = render(_Rewriter(html).run())
    assert _ACTIVE.search(result.html) is None
    assert sanitise(sanitise(html)) == sanitise(html)


@settings(max_examples=300, deadline=None)
@given(_CSS | st.text())
def test_css_filter_is_a_fixed_point_and_never_active(css):
    style = filter_style(css, lambda _url: None)
    assert filter_style(style, lambda _url: None) == style
    sheet = filter_sheet(css, lambda _url: None, id_prefix="m-")
    assert filter_sheet(sheet, lambda _url: None, id_prefix="m-") == sheet
    for text in (style, sheet):
        assert "<" not in text
        assert "url(" not in text
        assert "fixed" not in text or "position:fixed" not in text
