"""Addresses of the web in a message, as tokens: host, the domain it belongs to, shape of path and query."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

MAX_LINKS: Final = 200
_IN_TEXT: Final = re.compile(r"(?:https?://|www\.)[^\s<>\"'`\u3000-\u303f]{1,500}", re.IGNORECASE)
_PARTS: Final = re.compile(
    r"(?:([a-z]{2,10}):)?(?://)?(?:[^/?#@]{0,200}@)?([^/?#:]{0,253})(:\d{1,5})?([^?#]{0,500})(\?)?", re.IGNORECASE
)
_NUMERIC: Final = re.compile(r"[\d.]+\Z|0x[0-9a-f.x]+\Z")
_WORDS: Final = re.compile(r"[^\W_]{3,20}")


def in_text(text: str) -> list[str]:
    """Return the addresses written in a text."""
    return [match.rstrip(".,;:!?)]") for match in _IN_TEXT.findall(text)[:MAX_LINKS]]


def tokens(links: Iterable[str]) -> Iterator[str]:
    """Give the tokens of some addresses."""
    hosts = set[str]()
    for link in list(links)[:MAX_LINKS]:
        match = _PARTS.match(link.strip()[:800])
        if match is None:
            continue
        scheme, host, port, path, query = match.groups()
        scheme, host = (scheme or "").lower(), host.lower()
        yield f"u:{scheme or '-'}"
        if scheme in {"cid", "mailto", "data", "javascript"}:
            continue
        hosts.add(host)
        yield from _of_host(host)
        if "@" in link[:300]:
            yield "u:at"
        if port:
            yield "u:port"
        if query:
            yield "u:query"
        yield f"u:depth {min(path.count('/'), 6)}"
        for word in _WORDS.findall(path.lower())[:8]:
            yield f"u/{word}"
    yield f"u:hosts {min(len(hosts), 9)}"


def _of_host(host: str) -> Iterator[str]:
    yield f"u:{host}"
    if _NUMERIC.match(host):
        yield "u:numeric"
        return
    labels = host.split(".")[-4:]
    for start in range(1, len(labels)):
        yield "u:." + ".".join(labels[start:])
    if "xn--" in host or not host.isascii():
        yield "u:idn"
