"""Text out of HTML, for search and quoting; HTML out of plain text, for reading.

Knows nothing of remote content or policy. `to_text` walks the parsed tree without recursion; `from_text` writes
escaped text only, so what it returns is safe by construction (and a fixed point of the sanitiser, by test).
"""

import re
from collections.abc import Iterator
from html import escape

from selectolax.lexbor import LexborHTMLParser, LexborNode

from smartmail.formats.html_names import words
from smartmail.formats.html_tame import tame

MAX_TEXT = 2 * 1024 * 1024
MAX_QUOTE_DEPTH = 20

_SKIPPED = words("script style head title template noscript iframe object embed svg math textarea select -comment")
_BLOCKS = words("""
    address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer form
    h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody tfoot thead tr ul
""")
_APART = words("p h1 h2 h3 h4 h5 h6 ul ol dl blockquote pre table")
_SHOWN = _BLOCKS | words("br img td th")
_WHITE = re.compile(r"[ \t\r\n\f]{2,}|[\t\r\n\f]")
_MANY_LINES = re.compile(r"\n{3,}")

_LINK = re.compile(
    r"""(?<![A-Za-z0-9])(?:https?://|www\.)[^\s<>"'`\u3000-\u303f\uff00-\uffef]{1,2000}"""
    r"""|(?<![A-Za-z0-9_.+@-])[A-Za-z0-9_.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,63}(?![A-Za-z0-9-])"""
)
_QUOTE = re.compile(r"(?:> ?)*")


def to_text(html: str, *, links: bool = False) -> str:
    """Return the readable text of an HTML body, at most `MAX_TEXT` characters; `links` adds ` <address>` to links."""
    out = _Text(links=links)
    node = LexborHTMLParser(tame(html)).root
    above: list[tuple[LexborNode, str]] = []
    # Without recursion, and without a call where there is nothing to do: every mail that is indexed comes by here.
    while node is not None and not out.full:
        tag = str(node.tag)
        if tag == "-text":
            out.text(node.text_content or "")
        elif tag not in _SKIPPED:
            if tag in _SHOWN:
                out.enter(node, tag)
            child = node.first_child
            if child is not None:
                above.append((node, tag))
                node = child
                continue
            out.leave(node, tag)
        node = _following(out, node, above)
    return out.finish()


def _following(out: "_Text", node: LexborNode, above: list[tuple[LexborNode, str]]) -> LexborNode | None:
    """Return what comes after a node and all in it, leaving the elements that end there."""
    following = node.next if above else None
    while following is None and above:
        node, tag = above.pop()
        out.leave(node, tag)
        following = node.next if above else None
    return following


class _Text:
    """Collects lines; a quoted block gets `> ` before each of its lines."""

    def __init__(self, *, links: bool) -> None:
        self._links = links
        self._out: list[list[str]] = [[]]
        self._size = 0
        self._pre = 0

    @property
    def full(self) -> bool:
        return self._size > MAX_TEXT

    def enter(self, node: LexborNode, tag: str) -> None:
        if tag == "br":
            self._add("\n")
        elif tag == "img":
            self._add((node.attributes.get("alt") or "").strip())
        elif tag in {"td", "th"}:
            self._add("\t" if self._out[-1] and not self._out[-1][-1].endswith("\n") else "")
        elif tag in _BLOCKS:
            self._break("\n\n" if tag in _APART else "\n")
            self._open(tag)

    def _open(self, tag: str) -> None:
        if tag == "li":
            self._add("- ")
        elif tag == "pre":
            self._pre += 1
        elif tag == "blockquote":
            self._out.append([])

    def leave(self, node: LexborNode, tag: str) -> None:
        if tag == "a" and self._links:
            self._link(node)
        if tag not in _BLOCKS:
            return
        if tag == "blockquote" and len(self._out) > 1:
            inner = _tidy("".join(self._out.pop()))
            deep = len(self._out) > MAX_QUOTE_DEPTH
            self._out[-1].append(inner if deep else "\n".join("> " + line for line in inner.split("\n")))
        elif tag == "pre":
            self._pre -= 1
        self._break("\n\n" if tag in _APART else "\n")

    def _link(self, node: LexborNode) -> None:
        href = (node.attributes.get("href") or "").strip()
        if href.startswith(("http://", "https://")) and (node.text() or "").strip() != href:
            self._add(f" <{href}>")

    def text(self, text: str) -> None:
        if not self._pre:
            if not text.isprintable() or "  " in text:
                text = _WHITE.sub(" ", text)
            out = self._out[-1]
            if text.startswith(" ") and (not out or out[-1].endswith((" ", "\n", "\t"))):
                text = text[1:]
        self._add(text)

    def _add(self, text: str) -> None:
        if text:
            self._size += len(text)
            self._out[-1].append(text)

    def _break(self, lines: str) -> None:
        out = self._out[-1]
        if out and not out[-1].endswith(lines):
            out.append(lines[1:] if out[-1].endswith("\n") else lines)

    def finish(self) -> str:
        while len(self._out) > 1:
            inner = self._out.pop()
            self._out[-1].extend(inner)
        return _tidy("".join(self._out[0]))[:MAX_TEXT]


def _tidy(text: str) -> str:
    *lines, last = text.split("\n")
    text = "\n".join([*(line.rstrip(" \t") for line in lines), last])
    return _MANY_LINES.sub("\n\n", text).strip("\n ")


def from_text(text: str, *, flowed: bool = False, delsp: bool = False) -> str:
    """Return safe HTML of plain text: links, quote levels as `blockquote`, lines as written (`pre-wrap`).

    `flowed` and `delsp` are the parameters of the content type (RFC 3676 §4).
    """
    lines = _quoted_lines(text[:MAX_TEXT], flowed=flowed, delsp=delsp)
    out: list[str] = []
    depth, block = 0, list[str]()
    for level, line in lines:
        if level != depth:
            _flush(out, block)
            out.append("<blockquote>" * (level - depth) + "</blockquote>" * (depth - level))
            depth = level
        block.append(_linked(line))
    _flush(out, block)
    return "".join(out) + "</blockquote>" * depth


def _flush(out: list[str], block: list[str]) -> None:
    if block:
        out.append('<div style="white-space:pre-wrap">' + "<br>".join(block) + "</div>")
        block.clear()


def _quoted_lines(text: str, *, flowed: bool, delsp: bool) -> Iterator[tuple[int, str]]:
    """Yield (quote level, line). RFC 3676 §4.1–4.5: unstuff, join flowed lines of one level, not the signature."""
    held: tuple[int, str] | None = None
    parts: list[str] = []
    for raw in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        level, line = _level(raw, flowed=flowed)
        if held is not None and held[0] != level:
            yield held[0], "".join(parts)
            held, parts = None, []
        soft = flowed and line.endswith(" ") and line != "-- "
        parts.append(line[:-1] if soft and delsp else line)
        held = (level, "")
        if not soft:
            yield level, "".join(parts)
            held, parts = None, []
    if held is not None:
        yield held[0], "".join(parts)


def _level(line: str, *, flowed: bool) -> tuple[int, str]:
    if flowed:
        bare = line.lstrip(">")
        return min(len(line) - len(bare), MAX_QUOTE_DEPTH), bare.removeprefix(" ")
    match = _QUOTE.match(line)
    end = match.end() if match else 0
    return min(line.count(">", 0, end), MAX_QUOTE_DEPTH), line[end:]


def _linked(line: str) -> str:
    out: list[str] = []
    at = 0
    for match in _LINK.finditer(line):
        word = _without_tail(match.group())
        if not word:
            continue
        out.append(escape(line[at : match.start()]))
        out.append(f'<a href="{escape(_target(word))}" target="_blank" rel="noopener noreferrer">{escape(word)}</a>')
        at = match.start() + len(word)
    out.append(escape(line[at:]))
    return "".join(out)


def _without_tail(word: str) -> str:
    """A full stop or a bracket that closes the sentence does not belong to the address."""
    word = word.rstrip(".,;:!?*…")
    for _ in range(4):
        if not word.endswith((")", "]")) or word.count(word[-1]) <= word.count("(" if word[-1] == ")" else "["):
            break
        word = word[:-1].rstrip(".,;:!?")
    return word


def _target(word: str) -> str:
    if "://" in word:
        return word
    return "https://" + word if word.startswith("www.") else "mailto:" + word
