"""What a letter calls its reader to do, found in its folded and its plain text, its links and its files."""

import re
from typing import Final

from smartmail.formats import links
from smartmail.formats.links import Link
from smartmail.formats.lookalike import registered
from smartmail.formats.phrases import Phrases
from smartmail.service.protection.filtering.intents.brands import CHEAP_ENDINGS, FREE_HOSTS
from smartmail.service.protection.filtering.intents.intent import Call

MAX_TEXT: Final = 8_000
"""Characters in which numbers are looked for."""
_DIGITS: Final = re.compile(r"\d[\d .()-]{6,24}")
_PHONE: Final = re.compile(
    r"(?:\d{1,3}[ .-]{0,2})?(?:\(\d{2,4}\)|\d{2,4}\)?)[ .-]{1,2}\d{3,4}[ .-]{1,2}\d{3,4}"
    r"|1[568]\d\d-\d{4}|01[016789][ .-]?\d{3,4}[ .-]?\d{4}"
)
_MESSENGERS: Final = Phrases((
    "카톡", "카카오톡", "오픈채팅", "오픈톡", "텔레그램", "텔레그렘", "텔래", "라인id", "라인아이디", "위챗", "단톡방", "telegram", "whatsapp",
    "wechat", "line id", "lineで", "lineid", "lineを追加", "line登録", "公式line", "加微信", "微信号", "微信", "qq群", "加line", "加賴",
    "賴id", "飞机号", "飛機",
))  # fmt: skip
_MESSENGER_HOSTS: Final = frozenset(
    {"t.me", "telegram.me", "open.kakao.com", "pf.kakao.com", "wa.me", "line.me", "lin.ee", "chat.whatsapp.com"}
)
_TRUST_WORD: Final = re.compile(
    "log-?in|signin|verif|secur|account|acct|updat|alert|auth|billing|confirm|refund|cert|notice|support|wallet|recover|unlock|validat"
    "|redeliver|deliver|parcel|track|protect|safe|password|webmail|mailbox|identity|customs|bank|help"
)
_WEB: Final = frozenset({"", "http", "https"})


def web_links(found: list[Link]) -> list[Link]:
    """Return the links that lead to a page."""
    return [one for one in found if one.host and one.scheme in _WEB]


def calls_of(plain: str, text: str, pages: list[Link], *, files: bool, code: bool) -> frozenset[Call]:
    """Return the acts that a letter calls for. `plain`: as it is read; `text`: folded; `code`: whether it has a QR code."""
    found: set[Call] = {"answer"}
    if pages:
        found.add("link")
    if files:
        found.add("file")
    if code:
        found.add("code")
    if _has_number(plain[:MAX_TEXT]):
        found.add("phone")
    if any(one.host in _MESSENGER_HOSTS for one in pages) or _MESSENGERS.found(text):
        found.add("messenger")
    return frozenset(found)


def is_made_up(domain: str) -> bool:
    """Say whether a domain is put together of such words as only those take who want to look official: `acct-verify.com`."""
    label = domain.partition(".")[0]
    return "-" in label and any(_TRUST_WORD.match(part) for part in label.split("-"))


def _has_number(plain: str) -> bool:
    for found in _DIGITS.finditer(plain):
        if plain[max(0, found.start() - 1)] not in "/-=.#" and _PHONE.fullmatch(found[0].strip(" .()-")):
            return True
    return False


def is_throwaway(link: Link) -> bool:
    """Say whether a link leads where nobody stays: a free page, a shortener, a bare address, a cheap ending."""
    host = link.host
    if links.is_number(host) or links.is_shortener(host) or host.rpartition(".")[2] in CHEAP_ENDINGS:
        return True
    return any(host == one or host.endswith(f".{one}") for one in FREE_HOSTS) or registered(host) in FREE_HOSTS
