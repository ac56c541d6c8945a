"""No vector of the corpus leaves anything active, in any of the readings that two other parsers give."""

from html.parser import HTMLParser
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from smartmail.formats.html import TAGS, render, sanitise

_LINES = (Path(__file__).parent / "xss_vectors.txt").read_text(encoding="utf-8").splitlines()
VECTORS = [*_LINES, "\n".join(_LINES[3:6]), "<scr\x00ipt>alert(1)</scr\x00ipt>", "<img src=x\x0conerror=alert(1)>"]
_WRAPPINGS = (
    "{}",
    "<table><tr>{}",
    "<b><p>{}</b>",
    "<svg><desc>{}</desc></svg>",
    "<!-- x -->{}",
    "<a href=//a.test>{}",
)
_TEXT = {"title", "alt", "class", "summary", "abbr", "axis", "headers"}


class _Collector(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def elements(html):
    collector = _Collector()
    collector.feed(html)
    collector.close()
    body = LexborHTMLParser(html).body
    tree = [(node.tag, dict(node.attributes)) for node in body.traverse()][1:] if body is not None else []
    return collector.found + tree


def dangers(html, *, remote=False):
    """Everything in `html` that could act, load or lead anywhere but the web."""
    found = []
    for tag, attributes in elements(html):
        if tag not in TAGS:
            found.append(tag)
        for name, value in attributes.items():
            found += [(tag, name, value)] if _bad(name, value or "", remote) else []
    return found


def _bad(name, value, remote):
    lowered = "".join(value.lower().split())
    if name.startswith("on") or ":" in name or name in {"srcset", "srcdoc", "action", "formaction", "ping", "is"}:
        return True
    if name in {"src", "background"}:
        return not (remote and lowered.startswith("http")) and not lowered.startswith("data:image/png")
    if name in {"href", "cite", "data-remote-src", "data-remote-background"}:
        return not lowered.startswith(("http://", "https://", "https:", "mailto:", "tel:", "#m-", "//"))
    if name in {"id", "name"}:
        return not value.startswith("m-")
    if name == "style":
        return any(word in lowered for word in ("url(", "expression(", "fixed", "sticky", "absolute", "@", "\\", "<"))
    return name not in _TEXT and "javascript:" in lowered and "rowspan" not in name


def test_the_corpus_is_large_enough():
    assert len(VECTORS) >= 120


@pytest.mark.parametrize("wrapping", _WRAPPINGS)
@pytest.mark.parametrize("vector", VECTORS)
def test_vector_is_harmless(vector, wrapping):
    result = render(wrapping.format(vector))
    assert dangers(result.html) == []
    assert "url(" not in result.css
    assert "<" not in result.css
    assert "@import" not in result.css


@pytest.mark.parametrize("vector", VECTORS)
def test_vector_is_a_fixed_point(vector):
    once = render(vector).html
    assert render(once).html == once


@pytest.mark.parametrize("vector", VECTORS)
def test_vector_is_harmless_when_remote_content_is_on(vector):
    result = render(vector, allow_remote=True)
    found = dangers(result.html, remote=True)
    assert [d for d in found if d[1] != "style" or "url(" not in d[2]] == []
    assert "javascript" not in result.css


@pytest.mark.parametrize("vector", VECTORS)
def test_vector_is_harmless_in_our_own_editor(vector):
    found = dangers(sanitise(vector), remote=True)
    assert [d for d in found if d[1] != "style" or "url(" not in d[2]] == []


@pytest.mark.parametrize("tag", sorted(TAGS | {"svg", "form", "input", "video", "body", "x-y", "object"}))
def test_no_tag_takes_an_event_handler(tag):
    html = f'<{tag} onload=a() onclick="a()" onfocus=a() style="background:url(javascript:a())" href=javascript:a()>x'
    assert dangers(render(html).html) == []


def test_the_checker_sees_danger_where_it_is():
    silent = [v for v in VECTORS if not dangers(v) and "style" not in v]
    assert len(silent) < len(VECTORS) // 8
