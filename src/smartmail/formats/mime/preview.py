"""A few words of a message for lists: from the first octets of its text, without the text it answers to.

Works on what the scanner kept (at most some KB), knows no trees of HTML: safe HTML is `formats.html`'s work, and what
comes out here is plain text that is shown as plain text.
"""

import html
import re
from typing import Final

from smartmail.base.text import cut
from smartmail.formats import charset, words
from smartmail.formats.mime.transfer import decode_body

MAX_PREVIEW: Final = 256  # RFC 8621 §4.1.4: at most 256 characters

_LOOKED_AT: Final = 4_096  # characters of text from which the preview is taken
_MOSTLY_ENOUGH: Final = 2_048  # octets of a body in which most previews are found

# Where the answered message begins: everything behind is not this writer's text.
_ANSWERED: Final = re.compile(
    r"-{2,}\s*(?:original|forwarded|원본|원래|전달된|元の|オリジナル|原始|原邮件|邮件原件|转发|轉寄|轉發)"
    r"|_{10,}\Z"
    r"|on\b.{5,240}\bwrote\s*:"
    r"|.{5,240}(?:작성|쓴 글|썼습니다|wrote|写道|寫道|のメール|書きました)\s*[:：]\Z",
    re.IGNORECASE,
)
_FROM_LINE: Final = re.compile(r"\W*(?:from|보낸 ?사람|보낸 ?이|발신|差出人|发件人|寄件者)\W{0,4}[:：]", re.IGNORECASE)
_NEXT_LINE: Final = re.compile(
    r"\W*(?:sent|date|to|보낸 ?날짜|보낸 ?시간|받는 ?사람|날짜|送信日時|日時|宛先|发送时间|日期|收件人|寄件日期|收件者)\W{0,4}[:：]",
    re.IGNORECASE,
)
_HINT: Final = re.compile(r"[:：]|--|__|\AOn ")  # without one of these a line begins no answered message
_RULE: Final = re.compile(r"[-_=*~#]{4,}")

_NEVER_TEXT: Final = frozenset({"style", "script"})
_HIDDEN: Final = frozenset({"style", "script", "head", "title", "template", "textarea", "blockquote"})
_ASCII_LOWER: Final = {upper: upper + 32 for upper in range(0x41, 0x5B)}
_TAG: Final = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:]*)|<!--|<[!?/]")
_LINE_TAGS: Final = frozenset(
    (
        *("address", "article", "aside", "blockquote", "br", "center", "dd", "div", "dl", "dt", "footer", "form"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "ol", "p", "pre", "section", "table", "tbody"),
        *("td", "tfoot", "th", "thead", "tr", "ul"),
    )
)
_INVISIBLE: Final = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00\ufeff]")


def preview(
    sample: bytes, encoding: str, label: str, *, is_html: bool, fallback: str = charset.DEFAULT_FALLBACK
) -> str:
    """Return at most MAX_PREVIEW characters on one line from the first octets of a body, "" when it has no words."""
    if len(sample) > _MOSTLY_ENOUGH:
        # Whole lines: base64 and characters of several octets are seldom cut then.
        first = sample[: sample.rfind(b"\n", 0, _MOSTLY_ENOUGH) + 1]
        found = _preview(first, encoding, label, is_html, fallback)
        if len(found) >= MAX_PREVIEW - 1:  # a blank may have stood at the cut
            return found
    return _preview(sample, encoding, label, is_html, fallback)


def _preview(sample: bytes, encoding: str, label: str, is_html: bool, fallback: str) -> str:
    text, _ = charset.decode(decode_body(sample, encoding), label, fallback)
    if is_html:
        text = html_to_text(text)
    return shorten(text)


def shorten(text: str) -> str:
    """Return the beginning of a plain text without quoted lines, rules and the message that it answers to."""
    lines = text[:_LOOKED_AT].splitlines()
    own: list[str] = []
    length = 0
    for index, line in enumerate(lines):
        line = line.strip()
        if not line or line[0] == ">":
            continue
        if _HINT.search(line):
            following = lines[index + 1].strip() if index + 1 < len(lines) else ""
            if _begins_answered(line, following):
                break
        own.append(line)
        length += len(line) + 1
        if length > MAX_PREVIEW + 128:  # rules and invisible characters may go
            break
    # A bare forward: better the answered text than nothing.
    return _one_line(" ".join(own)) or _one_line(text[:_LOOKED_AT])


def _begins_answered(line: str, following: str) -> bool:
    if _ANSWERED.match(line) or (_FROM_LINE.match(line) and _NEXT_LINE.match(following)):
        return True
    # Agents fold the line "On …, … wrote:".
    return line.startswith("On ") and _ANSWERED.match(f"{line} {following}") is not None


def _one_line(text: str) -> str:
    if not text.isascii():
        text = _INVISIBLE.sub("", text)
    text = _RULE.sub(" ", text[: MAX_PREVIEW * 4])
    return cut(words.clean(" ".join(text.split())), MAX_PREVIEW).rstrip()


def html_to_text(source: str) -> str:
    """Return the first visible words of HTML, blocks on lines of their own, blockquotes dropped. One pass, linear."""
    out: list[str] = []
    lower = source.translate(_ASCII_LOWER)  # only ASCII letters, so that offsets stay (`İ`.lower() has two characters)
    unclosed: set[str] = set()
    size, pos, length = len(source), 0, 0
    while pos < size and length < _LOOKED_AT:
        match = _TAG.search(source, pos)
        text = source[pos : match.start() if match else size]
        out.append(text)
        length += len(text)
        if match is None:
            break
        name = (match[2] or "").lower()
        pos = _after_element(lower, match, name, unclosed) if name in _HIDDEN and not match[1] else _after(lower, match)
        if name in _LINE_TAGS:
            out.append("\n")
    return html.unescape("".join(out))


def _after(lower: str, match: re.Match[str]) -> int:
    """Return the offset after a tag or a comment; the end when it never ends."""
    mark = "-->" if match[0] == "<!--" else ">"
    end = lower.find(mark, match.end())
    return end + len(mark) if end >= 0 else len(lower)


def _after_element(lower: str, match: re.Match[str], name: str, unclosed: set[str]) -> int:
    """Return the offset after a hidden element. Where its end is missing only its tag is skipped.

    `unclosed` remembers the names whose end was looked for in vain: no octet is searched twice for one.
    """
    close = -1 if name in unclosed else lower.find(f"</{name}", match.end())
    if close < 0:
        unclosed.add(name)
        return _after(lower, match) if name not in _NEVER_TEXT else len(lower)
    end = lower.find(">", close)
    return end + 1 if end >= 0 else len(lower)
