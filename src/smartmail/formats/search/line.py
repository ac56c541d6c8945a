"""A search line as people type it: `from:김 제목:"견적서" -tag:개인 after:2026-01-01 larger:5M (회의 OR meeting)`.

Pure: it says what was asked, not which mailbox a name means or when a day begins. Words stand for AND, `OR` or `|` for
either, `-` or `NOT` for none, parentheses group. Whatever is no operator with a value that makes sense is text, so that
no line is an error: a person who types `10:30` looks for `10:30`.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Literal

MAX_LINE: Final = 2_000
MAX_ASKED: Final = 64
"""Words of one line; later ones are left out."""
MAX_DEPTH: Final = 8


class About(StrEnum):
    """What a word of a line is about."""

    TEXT = "text"
    FROM = "from"
    TO = "to"
    CC = "cc"
    BCC = "bcc"
    SUBJECT = "subject"
    BODY = "body"
    FILE = "file"
    MAILBOX = "mailbox"
    TAG = "tag"
    KEYWORD = "keyword"
    NO_KEYWORD = "no keyword"
    ATTACHMENT = "attachment"
    IMPORTANT = "important"
    LARGER = "larger"
    SMALLER = "smaller"
    AFTER = "after"
    BEFORE = "before"
    NEWER = "newer"
    OLDER = "older"


Value = str | int | date
TEXTS: Final = frozenset({About.TEXT, About.FROM, About.TO, About.CC, About.BCC, About.SUBJECT, About.BODY, About.FILE})


@dataclass(frozen=True, slots=True)
class Asked:
    """One word. `value`: text; a name; octets; days (NEWER, OLDER); a day (AFTER: from its start on; BEFORE: until its
    start).
    """

    about: About
    value: Value = ""


@dataclass(frozen=True, slots=True)
class Group:
    """AND: all hold; OR: at least one does; NOT: none does."""

    kind: Literal["AND", "OR", "NOT"]
    parts: tuple["Asked | Group", ...]


Line = Asked | Group

_NAMES: Final = {
    "from": About.FROM, "보낸사람": About.FROM, "보낸이": About.FROM, "差出人": About.FROM, "发件人": About.FROM, "寄件者": About.FROM,
    "to": About.TO, "받는사람": About.TO, "받는이": About.TO, "宛先": About.TO, "收件人": About.TO, "收件者": About.TO,
    "cc": About.CC, "참조": About.CC, "bcc": About.BCC, "숨은참조": About.BCC,
    "subject": About.SUBJECT, "제목": About.SUBJECT, "件名": About.SUBJECT, "主题": About.SUBJECT, "主旨": About.SUBJECT,
    "body": About.BODY, "본문": About.BODY, "本文": About.BODY, "正文": About.BODY,
    "filename": About.FILE, "file": About.FILE, "파일": About.FILE, "첨부파일": About.FILE, "ファイル": About.FILE,
    "文件名": About.FILE, "檔名": About.FILE,
    "in": About.MAILBOX, "메일함": About.MAILBOX, "편지함": About.MAILBOX,
    "tag": About.TAG, "label": About.TAG, "태그": About.TAG, "タグ": About.TAG, "标签": About.TAG, "標籤": About.TAG,
}  # fmt: skip
_IS: Final = {
    "unread": (About.NO_KEYWORD, "$seen"), "안읽음": (About.NO_KEYWORD, "$seen"), "read": (About.KEYWORD, "$seen"),
    "읽음": (About.KEYWORD, "$seen"), "starred": (About.KEYWORD, "$flagged"), "flagged": (About.KEYWORD, "$flagged"),
    "별표": (About.KEYWORD, "$flagged"), "answered": (About.KEYWORD, "$answered"), "replied": (About.KEYWORD, "$answered"),
    "forwarded": (About.KEYWORD, "$forwarded"), "draft": (About.KEYWORD, "$draft"),
    **dict.fromkeys(("important", "중요", "重要"), (About.IMPORTANT, "")),
}  # fmt: skip
_ATTACHMENT_WORDS: Final = frozenset({"attachment", "attachments", "첨부", "添付", "附件"})
_STAR_WORDS: Final = frozenset({"star", "별표"})
_STAR_BITS: Final = ("$mailflagbit0", "$mailflagbit1", "$mailflagbit2")
_STAR_COLOURS: Final = {
    word: number
    for number, words in enumerate(
        (
            "plain red 기본 빨강 빨간색 標準 赤 普通 红色 一般 紅色", "orange 주황 주황색 オレンジ 橙 橙色 橘色",
            "yellow 노랑 노란색 黄 黄色 黃色", "green 초록 초록색 緑 绿色 綠色", "blue 파랑 파란색 青 蓝色 藍色",
            "purple 보라 보라색 紫 紫色", "grey gray 회색 グレー 灰色",
        )
    )
    for word in words.split()
}  # fmt: skip
"""Colours of stars by their number, which three keywords count in twos (RFC 9979)."""
_SIZE: Final = re.compile(r"(\d{1,12})\s*([kmg]?)(?:i?b)?", re.IGNORECASE)
_UNITS: Final = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_DATE: Final = re.compile(r"(\d{4})[-./년]\s?(\d{1,2})[-./월]\s?(\d{1,2})[일.]?")
_MONTH: Final = re.compile(r"(\d{4})[-./](\d{1,2})")
_AGE: Final = re.compile(r"(\d{1,5})([dwmy일주월년]?)", re.IGNORECASE)
_DAYS: Final = {"": 1, "d": 1, "w": 7, "m": 30, "y": 365, "일": 1, "주": 7, "월": 30, "년": 365}

_TOKEN: Final = re.compile(
    r"""(?P<open>-?\()|(?P<close>\))
    |(?P<minus>-)?(?:(?P<name>[^\W\d_]+(?:_[a-z]+)?):(?=[^\s]))?(?:"(?P<phrase>[^"]+)"?|(?P<word>[^\s()]+|\S))""",
    re.VERBOSE,
)


def parse(text: str) -> Line:
    """Return what a line asks for; an empty AND for an empty one."""
    return _Parser(text[:MAX_LINE]).line()


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = list(_TOKEN.finditer(text))
        self._at = 0
        self._asked = 0

    def line(self) -> Line:
        """A stray `)` ends nothing: what follows belongs to the line too."""
        parts: list[Line] = []
        while self._at < len(self._tokens):
            parts.append(self._either(0))
            if self._at < len(self._tokens):
                self._at += 1
        return _joined("AND", [part for part in parts if part != Group("AND", ())])

    def _either(self, depth: int) -> Line:
        """Words up to the end of the group; `OR` binds closer than AND, as people mean `a b OR c d`."""
        parts: list[Line] = []
        while (token := self._peek()) is not None and not token["close"]:
            if parts and _is_word(token, "OR", "|"):
                self._at += 1
                following = self._one(depth)
                if following is not None:
                    before = parts.pop()
                    parts.append(Group("OR", (*_alternatives(before), following)))
                continue
            one = self._one(depth)
            if one is not None:
                parts.append(one)
        return _joined("AND", parts)

    def _one(self, depth: int) -> Line | None:
        token = self._peek()
        if token is None or token["close"]:
            return None
        self._at += 1
        if _is_word(token, "NOT"):
            below = self._one(depth)
            return None if below is None else Group("NOT", (below,))
        if token["open"]:
            return self._group(depth, negated=token["open"].startswith("-"))
        self._asked += 1
        if self._asked > MAX_ASKED:
            return None
        found = _asked(token)
        return Group("NOT", (found,)) if token["minus"] else found

    def _group(self, depth: int, *, negated: bool) -> Line | None:
        if depth == MAX_DEPTH:
            return None
        inside = self._either(depth + 1)
        if self._peek() is not None:
            self._at += 1
        if inside == Group("AND", ()):
            return None
        return Group("NOT", (inside,)) if negated else inside

    def _peek(self) -> "re.Match[str] | None":
        return self._tokens[self._at] if self._at < len(self._tokens) else None


def _is_word(token: "re.Match[str]", *words: str) -> bool:
    return token["word"] in words and not token["name"] and not token["minus"]


def _alternatives(one: Line) -> Sequence[Line]:
    return one.parts if isinstance(one, Group) and one.kind == "OR" else (one,)


def _joined(kind: Literal["AND"], parts: Sequence[Line]) -> Line:
    return parts[0] if len(parts) == 1 else Group(kind, tuple(parts))


def _asked(token: "re.Match[str]") -> Line:
    value = token["phrase"] or token["word"]
    name = token["name"]
    if name is None:
        return Asked(About.TEXT, value)
    key = name.lower()
    if key in _NAMES:
        return Asked(_NAMES[key], value)
    make = _MAKERS.get(key)
    found = make(value) if make is not None else None
    # No operator, or no value for it: that is what somebody looks for.
    return Asked(About.TEXT, f"{name}:{value}") if found is None else found


def _is(value: str) -> Line | None:
    found = _IS.get(value.lower())
    return None if found is None else Asked(*found)


def _has(value: str) -> Line | None:
    if value.lower() in _ATTACHMENT_WORDS:
        return Asked(About.ATTACHMENT)
    return Asked(About.KEYWORD, "$flagged") if value.lower() in _STAR_WORDS else None


def _star(value: str) -> Line | None:
    number = _STAR_COLOURS.get(value.lower())
    if number is None:
        return None
    bits = (
        Asked(About.KEYWORD if number >> place & 1 else About.NO_KEYWORD, bit) for place, bit in enumerate(_STAR_BITS)
    )
    return Group("AND", (Asked(About.KEYWORD, "$flagged"), *bits))


def _octets(value: str) -> int | None:
    match = _SIZE.fullmatch(value)
    return None if match is None else int(match[1]) * _UNITS[match[2].lower()]


def _of_size(about: About) -> Callable[[str], Line | None]:
    def make(value: str) -> Line | None:
        octets = _octets(value)
        return None if octets is None else Asked(about, octets)

    return make


def _size(value: str) -> Line | None:
    """`size:>5M`, `size:<10k`, `size:1M..5M`; without a sign: at least."""
    low, dots, high = value.partition("..")
    if dots:
        least, most = _octets(low), _octets(high)
        return None if least is None or most is None else Group(
            "AND", (Asked(About.LARGER, least), Asked(About.SMALLER, most + 1))
        )  # fmt: skip
    octets = _octets(value.lstrip("<>="))
    if octets is None:
        return None
    return Asked(About.SMALLER if value.startswith("<") else About.LARGER, octets)


def _days(value: str) -> tuple[date, date] | None:
    """Return the first day that a date, month or year names, and the first one after it."""
    if (match := _DATE.fullmatch(value)) is not None:
        first = _day(int(match[1]), int(match[2]), int(match[3]))
        return None if first is None else (first, date.fromordinal(first.toordinal() + 1))
    if (match := _MONTH.fullmatch(value)) is not None:
        year, month = int(match[1]), int(match[2])
        first, after = _day(year, month, 1), _day(year + month // 12, month % 12 + 1, 1)
        return None if first is None or after is None else (first, after)
    if re.fullmatch(r"[12]\d{3}", value):
        return date(int(value), 1, 1), date(int(value) + 1, 1, 1)
    return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if found.year < date.max.year else None


def _after(value: str) -> Line | None:
    days = _days(value)
    return None if days is None else Asked(About.AFTER, days[0])


def _before(value: str) -> Line | None:
    days = _days(value)
    return None if days is None else Asked(About.BEFORE, days[0])


def _on(value: str) -> Line | None:
    """A day, a month, a year, or `2026-01-01..2026-03-31` with both ends in it."""
    low, dots, high = value.partition("..")
    first, last = _days(low), _days(high) if dots else _days(low)
    if first is None or last is None:
        return None
    return Group("AND", (Asked(About.AFTER, first[0]), Asked(About.BEFORE, last[1])))


def _of_age(about: About) -> Callable[[str], Line | None]:
    def make(value: str) -> Line | None:
        match = _AGE.fullmatch(value)
        return None if match is None else Asked(about, int(match[1]) * _DAYS[match[2].lower()])

    return make


_MAKERS: Final[dict[str, Callable[[str], Line | None]]] = {
    "is": _is, "has": _has, "첨부": _has, "상태": _is,
    **dict.fromkeys(("star", "별", "별표", "スター", "星标", "星標", "星號", "星号"), _star),
    "larger": _of_size(About.LARGER), "larger_than": _of_size(About.LARGER), "smaller": _of_size(About.SMALLER),
    "smaller_than": _of_size(About.SMALLER), "size": _size, "크기": _size,
    "after": _after, "since": _after, "부터": _after, "before": _before, "이전": _before,
    "on": _on, "date": _on, "날짜": _on, "기간": _on,
    "newer_than": _of_age(About.NEWER), "newer": _of_age(About.NEWER), "최근": _of_age(About.NEWER),
    "older_than": _of_age(About.OLDER), "older": _of_age(About.OLDER),
}  # fmt: skip
