"""Links in mail: found in text, taken apart as a browser would, and what about them is suspicious.

Every pattern is linear and every count bounded. Nothing is looked up and nothing raises.
"""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple
from urllib.parse import unquote

from smartmail.base.text import without_invisible
from smartmail.formats.address import domain_to_ascii, domain_to_unicode
from smartmail.formats.lookalike import mixes_scripts, registered

MAX_LINKS: Final = 300
MAX_URL: Final = 2_000

_IN_TEXT: Final = re.compile(
    rf"""(?<![A-Za-z0-9@])(?:h(?:xx|tt)ps?://|www\.)[^\s<>"'`\u3000-\u303f\uff00-\uffef]{{1,{MAX_URL}}}""",
    re.IGNORECASE,
)
_SCHEME: Final = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.\-]{0,30}):")
# All that is shown must be an address: names of shops in a sentence are no promise of where a link leads.
_DOMAIN_SHOWN: Final = re.compile(
    r"\W*(?:https?://)?((?:[\w-]{1,63}\.){1,8}(?:[a-z]{2,24}|xn--[a-z0-9-]{1,59}|한국))\.?(?:[:/?#]\S*)?\W*",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"(?:0x[0-9a-f]{1,8}|\d{1,10})(?:\.(?:0x[0-9a-f]{1,8}|\d{1,10})){0,3}\.?\Z", re.IGNORECASE)
_TRAILING: Final = ".,;:!?)]}'\"…。、"

SHORTENERS: Final = frozenset((
    "bit.ly", "t.co", "goo.gl", "tinyurl.com", "ow.ly", "is.gd", "buff.ly", "rebrand.ly", "cutt.ly", "rb.gy",
    "shorturl.at", "t.ly", "tiny.cc", "v.gd", "s.id", "me2.do", "me2.kr", "url.kr", "han.gl", "vo.la",
    "buly.kr", "c11.kr", "abit.ly", "zrr.kr", "reurl.cc", "lihi.cc", "lihi1.com", "pse.is", "t.cn", "url.cn",
    "dwz.cn", "suo.im", "x.gd", "onl.la", "bit.do", "adf.ly", "lnkd.in", "qrco.de", "linktr.ee", "surl.li",
    "shorter.me", "ur0.kr", "0rl.kr", "m.site.naver.com",
))  # fmt: skip
PROGRAMS: Final = frozenset((
    "exe", "scr", "msi", "msix", "appx", "com", "pif", "bat", "cmd", "ps1", "vbs", "vbe", "js", "jse", "wsf",
    "wsh", "hta", "lnk", "iso", "img", "vhd", "vhdx", "apk", "jar", "dmg", "chm", "cab", "cpl", "reg",
))  # fmt: skip
_FILE_NAMES: Final = frozenset((
    "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "hwp", "hwpx", "zip", "txt", "jpg", "jpeg", "png",
    "gif", "html", "htm", "js", "exe", "csv", "eml",
))  # fmt: skip


class Link(NamedTuple):
    """One link: its host in A-labels and lower case, "" where it has none; `shown` is what the reader sees of it."""

    url: str
    scheme: str
    host: str
    port: int
    user: str
    path: str
    shown: str = ""


def parse(url: str, shown: str = "") -> Link:
    """Take a link apart: controls dropped, backslashes as slashes, the host decoded (WHATWG URL §4.4)."""
    text = re.sub(r"[\x00-\x20\x7f]", "", without_invisible(url[:MAX_URL]))
    found = _SCHEME.match(text)
    scheme = found[1].lower() if found else ("http" if text[:4].lower() == "www." else "")
    rest = text[found.end() :] if found else text
    if scheme in {"http", "https", "hxxp", "hxxps", "ftp", ""}:
        rest = rest.replace("\\", "/")
    elif scheme not in {"ws", "wss"}:
        return Link(text, scheme, "", 0, "", rest[:MAX_URL], shown)
    if not scheme and not rest.startswith("//"):
        return Link(text, "", "", 0, "", rest, shown)
    authority, slash, path = rest.lstrip("/").partition("/")
    if not slash:
        authority, mark, query = authority.partition("?")
        path = mark + query
    user, _, place = authority.rpartition("@")
    host, port = _host(place)
    return Link(text, scheme.replace("xx", "tt"), host, port, user, slash + path, shown)


def _host(place: str) -> tuple[str, int]:
    if place.startswith("["):
        inside, _, rest = place[1:].partition("]")
        return f"[{inside.lower()}]", _port(rest.lstrip(":"))
    host, _, port = place.partition(":")
    host = unquote(host) if "%" in host else host
    return domain_to_ascii(host.replace("\u3002", ".").replace("\uff0e", "."))[:253], _port(port)


def _port(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else 0


def in_text(text: str) -> list[Link]:
    """Return the links of a plain text, each once, in order."""
    found = dict.fromkeys(match.group().rstrip(_TRAILING) for match in _first(_IN_TEXT.finditer(text)))
    return [parse(url) for url in found]


def _first(matches: Iterable[re.Match[str]]) -> Iterable[re.Match[str]]:
    return (match for match, _ in zip(matches, range(MAX_LINKS), strict=False))


def is_number(host: str) -> bool:
    """Say whether a host is an address: dotted, in one number, hexadecimal, or IPv6."""
    return host.startswith("[") or bool(_NUMBER.match(host))


def is_shortener(host: str) -> bool:
    """Say whether a host hides where its links lead."""
    return host.removeprefix("www.") in SHORTENERS


def mixed_label(host: str) -> str:
    """Return a label of a host that mixes scripts, in Unicode; "" when none does."""
    if "xn--" not in host:
        return ""
    return next((label for label in domain_to_unicode(host).split(".") if mixes_scripts(label)), "")


def leads_to_program(link: Link) -> bool:
    """Say whether a link ends in the name of a program."""
    last = unquote(link.path.partition("?")[0].rpartition("/")[2])
    return link.host != "" and "." in last and last.rpartition(".")[2].lower() in PROGRAMS


def contradicts(link: Link) -> str:
    """Return the domain that a link shows while it leads to another; "" when there is no such contradiction."""
    if not link.host or not link.shown:
        return ""
    found = _DOMAIN_SHOWN.fullmatch(without_invisible(link.shown[:500]).strip())
    if found is None or found[1].rpartition(".")[2].lower() in _FILE_NAMES:
        return ""
    shown = domain_to_ascii(found[1])
    return "" if registered(shown) == registered(link.host) else shown
