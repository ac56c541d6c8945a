"""Bounds for hostile HTML before a parser sees it.

The HTML algorithm itself can be made to work quadratically: open formatting elements are opened again in every
block, and each start tag looks through all open elements. `tame` leaves ordinary mail alone and rewrites what could
cost too much: it reads tags as the HTML tokeniser does (HTML Standard §13.2.5), drops comments and raw text, and
writes the tags anew with at most `MAX_DEPTH` open elements, `MAX_FORMATTING` open formatting elements, `MAX_TAGS`
tags and `MAX_ATTRIBUTES` attributes each. It is a bound on cost, not a sanitiser: that step still comes last.

The sanitiser's parser copies the text up to the next tag at each character reference, so that a run of text without tags costs
the product of its length and its references. `tame` puts a `<wbr>`, which shows nothing, after each `MAX_REFERENCES` characters
that are written as references, unless a tag that stays has come between.
"""

import re
from html import escape, unescape

from smartmail.formats.html_names import words

MAX_HTML = 2 * 1024 * 1024
MAX_DEPTH = 256
MAX_FORMATTING = 12
MAX_TAGS = 30_000
MAX_ATTRIBUTES = 40
MAX_ATTRIBUTE_VALUE = 64 * 1024
MAX_REFERENCES = 500
# Below these an input is cheap whatever it holds (measured: under half a second at the worst).
PLAIN_SIZE = 64 * 1024
PLAIN_TAGS = 5_000
PLAIN_REOPENED = 150_000

_FORMATTING = words("a b big code em font i nobr s small strike strong tt u")
_VOID = words("area base br col embed frame hr img input link meta param source track wbr")
# An end tag does not close what was opened outside of these (HTML Standard §13.2.4.2, scope).
_SCOPE = words("table td th caption")
# Never shown, and with a syntax of their own inside: their tags are left out, what they hold stays.
_FOREIGN = words("svg math template select object applet marquee frameset")
_RAW = words("script style xmp iframe noembed noframes textarea title noscript plaintext")
_SELF_CLOSING = {
    "li": ("ul", "ol"), "dd": ("dl",), "dt": ("dl",), "tr": ("table",), "td": ("table", "tr"), "th": ("table", "tr"),
}  # fmt: skip

# `a` and `nobr` end the one before; the others pile up when their attributes differ (§13.2.4.3, at most three alike).
_PILING = sorted(_FORMATTING - {"a", "nobr"}, key=len, reverse=True)
# Each of these ends an open paragraph (§13.2.6.4.7); said out loud, or a later `</p>` would make an empty one.
_ENDS_PARAGRAPH = words("""
    address article aside blockquote center dd details dir div dl dt fieldset figcaption figure footer form
    h1 h2 h3 h4 h5 h6 header hr li main menu nav ol p pre section summary table ul
""")

# Elements that the sanitiser keeps wherever they stand: the text before one and the text behind it are two runs.
_PARTING = words("br div hr img p span")
# What is written as a character reference (HTML Standard §13.3).
_REFERENCE = re.compile("[&<>\xa0]")
_ESCAPED = re.compile("[&<>\"'\xa0]")
_MAX_ESCAPED = 500
"""References in the value of an attribute, which is one run; beyond, the attribute is left out."""

_FORMATTING_START = re.compile(rf"<(?:{'|'.join(_PILING)})[\s/]", re.IGNORECASE)
_MARK = re.compile(r"<(?:!--|[!?]|/?[A-Za-z]|/)")
_NAME = re.compile(r"[^\s/>]+")
_ATTRIBUTE = re.compile(
    r"""[\s/]*([^\s/>=][^\s/>=]*|=[^\s/>=]*)(?:\s*=\s*(?:"([^"]*)(?:"|\Z)|'([^']*)(?:'|\Z)|([^\s>"'][^\s>]*)))?""",
)
_TAG_END = re.compile(r"[\s/]*>")
_COMMENT_END = re.compile(r"--!?>")


def tame(html: str) -> str:
    """Return HTML that parses in bounded time; most mail comes back unchanged (cut at `MAX_HTML` characters)."""
    html = html[:MAX_HTML].replace("\x00", "")
    if _is_cheap(html):
        return html
    return _Rewriter(html).run()


def _is_cheap(html: str) -> bool:
    if len(html) > PLAIN_SIZE:
        return False
    tags = html.count("<")
    return tags <= PLAIN_TAGS and tags * len(_FORMATTING_START.findall(html)) <= PLAIN_REOPENED


class _Rewriter:
    """One pass over the input; `open` is our view of the stack, and by what we write also the parser's."""

    def __init__(self, html: str) -> None:
        self._html = html
        self._out: list[str] = []
        self._open: list[str] = []
        self._formatting = 0
        self._tags = 0
        self._references = 0

    def run(self) -> str:
        at = 0
        while (mark := _MARK.search(self._html, at)) is not None:
            self._text(at, mark.start())
            at = self._markup(mark)
        self._text(at, len(self._html))
        return "".join(self._out)

    def _text(self, start: int, end: int) -> None:
        at = start
        for found in _REFERENCE.finditer(self._html, start, end):
            self._references += 1
            if self._references > MAX_REFERENCES:
                # Before a reference, so that none is cut in two.
                self._out += [self._html[at : found.start()].replace("<", "&lt;"), "<wbr>"]
                at, self._references = found.start(), 1
        if at < end:
            self._out.append(self._html[at:end].replace("<", "&lt;"))

    def _markup(self, mark: re.Match[str]) -> int:
        kind = mark.group()
        if kind == "<!--":
            return self._after_comment(mark.end())
        if kind in {"<!", "<?", "</"}:
            return self._after(">", mark.end())
        closing = kind.startswith("</")
        name = _NAME.match(self._html, mark.end() - 1)
        assert name is not None
        attributes, at = self._attributes(name.end())
        tag = name.group().lower()[:40]
        if closing:
            self._end(tag)
            return at
        self._start(tag, attributes)
        return self._after_raw(tag, at) if tag in _RAW else at

    def _after(self, what: str, at: int) -> int:
        end = self._html.find(what, at)
        return len(self._html) if end < 0 else end + len(what)

    def _after_comment(self, at: int) -> int:
        # HTML Standard §13.2.5.43: `<!-->` and `<!--->` are whole comments.
        for short in (">", "->"):
            if self._html.startswith(short, at):
                return at + len(short)
        end = _COMMENT_END.search(self._html, at)
        return len(self._html) if end is None else end.end()

    def _after_raw(self, tag: str, at: int) -> int:
        """Pass over the content; only a style sheet is kept, as it was written, for the CSS filter."""
        if tag == "plaintext":
            return len(self._html)
        end = re.compile(rf"</{tag}(?=[\s/>])", re.IGNORECASE).search(self._html, at)
        stop = len(self._html) if end is None else end.start()
        if tag == "style":
            self._out.append(f"<style>{self._html[at:stop]}</style>")
        return stop if end is None else self._attributes(end.end())[1]

    def _attributes(self, at: int) -> tuple[str, int]:
        kept: list[str] = []
        while (end := _TAG_END.match(self._html, at)) is None:
            match = _ATTRIBUTE.match(self._html, at)
            if match is None:
                return "".join(kept), len(self._html)
            at = match.end()
            if len(kept) < MAX_ATTRIBUTES:
                kept.append(_attribute(match))
        return "".join(kept), end.end()

    def _start(self, tag: str, attributes: str) -> None:
        if tag in _RAW or tag in _FOREIGN or self._tags >= MAX_TAGS:
            return
        self._tags += 1
        if tag in _ENDS_PARAGRAPH:
            self._close_above("p", _SCOPE)
        if tag in _VOID:
            self._part(tag)
            self._out.append(f"<{tag}{attributes}>")
            return
        if tag in _SELF_CLOSING:
            self._close_above(tag, _SCOPE.union(_SELF_CLOSING[tag]) - {tag})
        formatting = tag in _FORMATTING
        if len(self._open) >= MAX_DEPTH or (formatting and self._formatting >= MAX_FORMATTING):
            return
        self._formatting += formatting
        self._part(tag)
        self._open.append(tag)
        self._out.append(f"<{tag}{attributes}>")

    def _part(self, tag: str) -> None:
        if tag in _PARTING:
            self._references = 0

    def _close_above(self, tag: str, scope: frozenset[str]) -> None:
        """What the parser ends by itself is written out, so that its stack stays ours: `<li>` ends `<li>`."""
        if tag not in self._open:
            return  # the common case, at the speed of C: thousands of `<div>` in each other made this the whole work
        for index in range(len(self._open) - 1, -1, -1):
            if self._open[index] == tag:
                self._pop(index)
                return
            if self._open[index] in scope:
                return

    def _end(self, tag: str) -> None:
        if tag in _RAW or tag not in self._open:
            return
        for index in range(len(self._open) - 1, -1, -1):
            above = self._open[index]
            if above == tag:
                self._pop(index)
                return
            if above in _SCOPE and tag in _FORMATTING:
                return

    def _pop(self, index: int) -> None:
        """Close the element at `index`: a formatting element alone, any other one with what is open inside it."""
        tag = self._open[index]
        if tag in _FORMATTING:
            self._formatting -= 1
            del self._open[index]
            self._out.append(f"</{tag}>")
            return
        inside = self._open[index + 1 :]
        # Formatting survives its block in the parser (§13.2.4.3); it stays on our list too and keeps counting.
        self._out.extend(f"</{name}>" for name in reversed(inside) if name not in _FORMATTING)
        self._out.append(f"</{tag}>")
        self._open[index:] = [name for name in inside if name in _FORMATTING]


def _attribute(match: re.Match[str]) -> str:
    name, *values = match.groups()
    value = next((v for v in values if v is not None), "")[:MAX_ATTRIBUTE_VALUE]
    if not name.replace("-", "").replace(":", "").replace("_", "").isalnum():
        return ""
    if not value:
        return f" {name}"
    plain = unescape(value)
    if len(_ESCAPED.findall(plain)) > _MAX_ESCAPED:
        return ""
    return f' {name}="{escape(plain, quote=True)}"'
