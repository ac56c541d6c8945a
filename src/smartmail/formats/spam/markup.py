"""HTML as a filter reads it: what is seen, what is hidden, which tags and which addresses, in one linear pass.

No tree: a filter must cost the same on broken and on hostile markup, and the tricks lie in the tags themselves.
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import Final, NamedTuple

from smartmail.formats.html_names import words

MAX_TAGS: Final = 4_000
_TAG: Final = re.compile(r"<(!--|[/a-zA-Z!?])")
_NAME: Final = re.compile(r"/?[a-zA-Z][a-zA-Z0-9:]{0,15}")
_ATTRIBUTE: Final = re.compile(r"""([a-zA-Z-]{1,20})\s{0,4}=\s{0,4}("[^"]{0,2000}"|'[^']{0,2000}'|[^\s>"']{1,2000})""")
_SILENT: Final = {name: re.compile("</" + name, re.IGNORECASE) for name in ("script", "style", "title")}
_INLINE: Final = words("a abbr b big em font i small span strong sub sup tt u")
_UNSEEN: Final = re.compile(
    r"display\s{0,4}:\s{0,4}none|visibility\s{0,4}:\s{0,4}hidden|font-size\s{0,4}:\s{0,4}[01](?![0-9.])|opacity\s{0,4}:\s{0,4}0(?![.\d])"
)


class Page(NamedTuple):
    """What an HTML part says: its text, addresses of links and pictures, tokens of its tags."""

    text: str
    links: list[str]
    tokens: list[str]


def read(html: str) -> Page:
    """Return what a page says. Linear in its length."""
    out: list[str] = []
    links: list[str] = []
    tokens: list[str] = []
    endless: set[str] = set()
    at = count = broken = comments = 0
    while count < MAX_TAGS:
        match = _TAG.search(html, at)
        if match is None:
            break
        start = match.start()
        out.append(html[at:start])
        if match[1] == "!--":
            end = html.find("-->", start)
            at = len(html) if end < 0 else end + 3
            comments += 1
            broken += _splits(html, start, at)
            continue
        end = html.find(">", start)
        end = len(html) if end < 0 else end
        tag = html[start + 1 : min(end, start + 4_000)]
        at, name = end + 1, _name(tag)
        count += 1
        if name in _SILENT and name not in endless:
            close = _SILENT[name].search(html, at)
            if close is None:
                endless.add(name)  # looked for once: looking again from each tag would cost the square
            else:
                at = close.start()
        if name.lstrip("/") not in _INLINE:
            out.append(" ")
        tokens.extend(_tag_tokens(name, tag, links))
    if count < MAX_TAGS:
        out.append(html[at:])
    if comments:
        tokens.append("h:comment")
    if broken:
        tokens.append(f"h:broken-words {min(broken, 5)}")
    return Page(unescape("".join(out)), links, tokens)


def _splits(html: str, start: int, end: int) -> bool:
    """Say whether a comment stands in the middle of a word."""
    return start > 0 and end < len(html) and html[start - 1].isalpha() and html[end].isalpha()


def _name(tag: str) -> str:
    match = _NAME.match(tag)
    return match[0].lower() if match else "?"


def _tag_tokens(name: str, tag: str, links: list[str]) -> Iterator[str]:
    yield "t:" + name
    for attribute, value in _ATTRIBUTE.findall(tag):
        key, value = attribute.lower(), value.strip("\"' ")
        if key in {"href", "src", "action", "background"}:
            links.append(unescape(value))
            yield f"t:{name} {key}"
        else:
            lower = value.lower()
            yield f"t:{name} {key}={lower[:24]}"
            if key == "style" and _UNSEEN.search(lower):
                yield "h:unseen"
