"""What an HTML body does beside being read: text that nobody can see, links, pictures, forms.

Knows the tree only; styles are judged where they stand on the element, as mail carries them. One walk without
recursion over at most `MAX_HTML` characters; never raises.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from smartmail.formats.html_tame import tame
from smartmail.formats.links import MAX_LINKS, Link, parse

MAX_HTML: Final = 300_000
MAX_TEXT: Final = 100_000
MAX_ALTS: Final = 20
MAX_DEPTH: Final = 256
MAX_TAGS: Final = 5_000
"""What comes behind so many tags is not looked at: the bound of html_tame would let it cost a second."""
MAX_NODES: Final = 20_000
"""Elements and texts that are looked at: a fifth of a second. A letter has a thousand."""

_SKIPPED: Final = frozenset({"style", "head", "title", "template", "noscript", "-comment"})
_HIDDEN: Final = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?:\.0+)?\s*(?:;|!|$)|mso-hide\s*:\s*all"
    r"|(?:max-)?(?:height|width)\s*:\s*0(?:px)?\s*(?:;|!|$)|text-indent\s*:\s*-\d{3,}",
    re.IGNORECASE,
)
_TINY: Final = re.compile(
    r"font-size\s*:\s*(?:0*[0-3](?:\.\d{1,4})?(?:px|pt)?|0?\.[0-2]\d{0,3}r?em)\s*(?:;|!|$)", re.IGNORECASE
)
_COLOUR: Final = re.compile(r"(?<![\w-])(background(?:-color)?|color)\s*:\s*([#\w(),.% ]{1,40})", re.IGNORECASE)
_NAMED: Final = {"white": "#ffffff", "black": "#000000", "red": "#ff0000", "blue": "#0000ff", "yellow": "#ffff00"}


@dataclass(slots=True)
class Signs:
    """What was seen. Lengths count characters of text."""

    text: str = ""
    shown: int = 0
    hidden: int = 0
    tiny: int = 0
    same_colour: int = 0
    images: int = 0
    forms: int = 0
    passwords: int = 0
    scripts: int = 0
    refresh: bool = False
    links: list[Link] = field(default_factory=list)
    alts: list[str] = field(default_factory=list)
    """What pictures say they show, the first ones."""
    whole: bool = True


@dataclass(slots=True)
class _Style:
    hidden: bool = False
    tiny: bool = False
    colour: str = ""
    ground: str = "#ffffff"


def read(html: str) -> Signs:
    """Return the signs of a body."""
    seen = _beginning(html)
    signs = Signs(whole=len(seen) == len(html))
    node = LexborHTMLParser(tame(seen)).root
    walk = _Walk(signs)
    above: list[tuple[LexborNode, _Style]] = []
    style = _Style()
    for _ in range(MAX_NODES):
        if node is None:
            break
        tag = str(node.tag)
        child = None
        if tag == "-text":
            walk.text(node.text_content or "", style)
        elif tag not in _SKIPPED:
            inner = walk.enter(node, tag, style)
            child = node.first_child if tag != "script" and len(above) < MAX_DEPTH else None
            if child is not None:
                above.append((node, style))
                node, style = child, inner
                continue
        elif tag == "head":
            walk.head(node)
        following = node.next if above else None
        while following is None and above:
            node, style = above.pop()
            following = node.next if above else None
        node = following
    signs.whole = signs.whole and node is None
    walk.finish()
    return signs


def _beginning(html: str) -> str:
    html = html[:MAX_HTML]
    if html.count("<") <= MAX_TAGS:
        return html
    at = -1
    for _ in range(MAX_TAGS + 1):
        at = html.find("<", at + 1)
    return html[:at]


class _Walk:
    def __init__(self, signs: Signs) -> None:
        self._signs = signs
        self._text: list[str] = []
        self._room = MAX_TEXT

    def text(self, text: str, style: _Style) -> None:
        signs, letters = self._signs, len(text) - text.count(" ") - text.count("\n") - text.count("\u00a0")
        if not letters:
            return
        if style.hidden:
            signs.hidden += letters
        elif style.tiny:
            signs.tiny += letters
        elif style.colour and style.colour == style.ground:
            signs.same_colour += letters
        else:
            signs.shown += letters
            if self._room > 0:
                self._text.append(text[: self._room])
                self._room -= len(text)

    def enter(self, node: LexborNode, tag: str, style: _Style) -> _Style:
        signs = self._signs
        if tag == "img":
            signs.images += 1
            if len(signs.alts) < MAX_ALTS and (alt := node.attributes.get("alt")):
                signs.alts.append(alt[:80])
        elif tag in {"a", "area"}:
            self._link(node.attributes.get("href"), node)
        elif tag == "form":
            signs.forms += 1
            self._link(node.attributes.get("action"), None)
        elif tag == "input":
            signs.passwords += (node.attributes.get("type") or "").lower() == "password"
        elif tag in {"script", "object", "embed", "applet", "iframe"}:
            signs.scripts += 1
        elif tag == "meta":
            self._meta(node)
        elif tag in {"p", "div", "br", "tr", "td", "li", "table"}:
            self._text.append("\n" if tag != "td" else " ")
        return _styled(node, style)

    def head(self, node: LexborNode) -> None:
        for meta in node.css("meta")[:50]:
            self._meta(meta)
        self._signs.scripts += len(node.css("script"))

    def _meta(self, node: LexborNode) -> None:
        if (node.attributes.get("http-equiv") or "").strip().lower() == "refresh":
            self._signs.refresh = True
            self._link((node.attributes.get("content") or "").partition("=")[2], None)

    def _link(self, url: str | None, node: LexborNode | None) -> None:
        if url and len(self._signs.links) < MAX_LINKS and not url.startswith("#"):
            shown = "" if node is None else (node.text() or "")[:500].strip()
            self._signs.links.append(parse(url, shown))

    def finish(self) -> None:
        self._signs.text = "".join(self._text)


def _styled(node: LexborNode, above: _Style) -> _Style:
    attributes = node.attributes
    if not attributes:
        return above
    css = attributes.get("style") or ""
    colour, ground = attributes.get("color") or "", attributes.get("bgcolor") or ""
    hidden = "hidden" in attributes or bool(css and _HIDDEN.search(css[:2_000]))
    if not (css or colour or ground or hidden):
        return above
    for name, value in _COLOUR.findall(css[:2_000]):
        if name.lower() == "color":
            colour = value
        else:
            ground = value
    tiny = above.tiny
    if "font-size" in css:
        tiny = bool(_TINY.search(css[:2_000]))
    return _Style(above.hidden or hidden, tiny, _colour(colour) or above.colour, _colour(ground) or above.ground)


def _colour(value: str) -> str:
    """Return a colour as `#rrggbb`, "" for what is none that we know."""
    value = value.strip().lower()
    if value in _NAMED:
        return _NAMED[value]
    digits = value.removeprefix("#")
    if len(digits) == 3 and value.startswith("#"):
        digits = "".join(one * 2 for one in digits)
    if len(digits) == 6 and all(one in "0123456789abcdef" for one in digits):
        return f"#{digits}"
    numbers = re.findall(r"\d{1,3}", value) if value.startswith("rgb") else []
    return "#" + "".join(f"{min(255, int(one)):02x}" for one in numbers[:3]) if len(numbers) >= 3 else ""
