"""Whom the first lines of a letter address: `김 부장님`, `田中様`, `王经理：您好`, `Dear Mr. Kim`.

A salutation is at the beginning and is followed by the end of its line, a comma or a greeting; a person who is
mentioned (`박 부장님께 들었습니다`) is not addressed. Salutations of nobody in particular (`담당자님`, `各位`, `Dear all`)
give nothing. Pure; looks at `MAX_LINES` lines; knows nothing of recipients.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from smartmail.base.text import without_invisible
from smartmail.formats.person_names import is_surname, titles_of_names

MAX_LINES: Final = 4
"""That are not empty."""
MAX_LINE: Final = 80
"""A salutation begins within so many characters of its line."""

Script = Literal["ko", "ja", "zh", "en"]


@dataclass(frozen=True, slots=True)
class Addressed:
    """One person whom a letter addresses. `name`: as written, without title and honorific; `title`: "" for none."""

    name: str
    title: str
    script: Script


_END: Final = r"(?=\s*(?:께\s*)?(?:[,，、.!~:：;]|$|\s안녕|\s수고|\s늘 |\s항상|및\s|과\s|와\s))"
_TITLES: Final = frozenset(titles_of_names())
_KO_TITLES: Final = "|".join(sorted(_TITLES, key=len, reverse=True))
_KO: Final = re.compile(
    rf"(?:(?<=^)|(?<=[\s,，.!/(]))(?P<name>[가-힣]{{1,4}}?)\s*(?:(?P<title>{_KO_TITLES})\s*)?(?P<honour>님|씨){_END}"
)
_KO_NOBODY: Final = frozenset(
    [
        "고객",
        "담당자",
        "선생",
        "회원",
        "관계자",
        "여러분",
        "우리",
        "저희",
        "해당",
        "모든",
        "각",
        "전체",
        "신임",
        "담당",
        "고객사",
        "협력사",
        "파트너",
        "이용자",
        "유관부서",
        "부모",
        "사모",
        "손",
    ]
)
_JA: Final = re.compile(
    r"(?:^|[\s　])(?P<name>[一-龯々ヶァ-ヴーぁ-ん]{1,8}?)[\s　]?(?P<title>代表取締役|取締役|社長|副社長|専務|常務|本部長|事業部長|部長|次長|課長|"
    r"係長|主任|室長|店長|所長|先生|教授)?(?P<honour>様|さま|さん|殿)?(?=[\s　]*(?:[、,，。:：]|$))"
)
_KANA: Final = re.compile(r"[ぁ-んァ-ヴ]")
_JA_NOBODY: Final = re.compile(
    r"各位|御中|担当者|皆|関係者|お客|お疲れ|いつも|お世話|本日|先日|株式会社|部門|お取引先|みな|どなた"
)
_ZH: Final = re.compile(
    r"^(?:尊敬的|敬爱的|亲爱的|敬愛的|親愛的)?\s*(?P<name>[一-鿿]{1,3}?)(?P<title>总经理|總經理|副总经理|经理|經理|总监|總監|总|總|主任|部长|"
    r"部長|科长|處長|处长|工程师|老师|老師|博士|教授|先生|女士|小姐)(?:您好|你好)?(?=\s*(?:[、,，。:：!！]|$|您|你))"
)
_ZH_NOBODY: Final = re.compile(r"各位|大家|诸位|諸位|贵司|貴司")
_EN: Final = re.compile(
    r"^(?:dear|hi|hello|hey|good (?:morning|afternoon|evening))[,\s]+(?P<title>mr|ms|mrs|miss|dr|prof)?\.?\s*"
    r"(?P<name>[a-z][a-z'\-]*(?:\s[a-z][a-z'\-]*){0,2})\s*(?=[,.:;!\-–—]|$)",
    re.IGNORECASE,
)
_EN_NOBODY: Final = frozenset(
    [
        "all",
        "team",
        "sir",
        "madam",
        "everyone",
        "everybody",
        "folks",
        "colleagues",
        "customer",
        "customers",
        "there",
        "friends",
        "both",
        "guys",
        "partner",
        "partners",
        "valued",
        "hiring",
        "sirs",
        "again",
        "to",
    ]
)
_HONOURS: Final = frozenset(["mr", "ms", "mrs", "miss"])


def addressed(text: str) -> list[Addressed]:
    """Return whom the first lines of a letter address, in their order."""
    found: dict[Addressed, None] = {}
    for line in _first_lines(text):
        # 田中部長 is read both ways: where a line is Chinese by its form, it is taken so once.
        chinese = [one for one in _chinese(line) if not _KANA.search(text[:2_000])]
        for one in (*_korean(line), *(chinese or _japanese(line)), *_english(line)):
            found.setdefault(one)
        if found:
            break
    return list(found)


def _first_lines(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", without_invisible(text[:2_000]))
    lines = (line.strip() for line in plain.splitlines())
    return [line[:MAX_LINE] for line in lines if line][:MAX_LINES]


def _korean(line: str) -> Iterator[Addressed]:
    for match in _KO.finditer(line):
        name, title = match["name"], match["title"] or ""
        if name in _KO_NOBODY or name in _TITLES or not is_surname(name) or (len(name) == 1 and not title):
            continue
        yield Addressed(name, title, "ko")


def _japanese(line: str) -> Iterator[Addressed]:
    if _JA_NOBODY.search(line):
        line = re.sub(r"株式会社\S*|\S+株式会社|\S*(?:部門|お取引先)", "", line).strip()
        if _JA_NOBODY.search(line):
            return
    for match in _JA.finditer(line):
        # A name alone is a line of text, not a salutation.
        if match["title"] or match["honour"]:
            yield Addressed(match["name"], match["title"] or "", "ja")


def _chinese(line: str) -> Iterator[Addressed]:
    match = None if _ZH_NOBODY.search(line) else _ZH.search(line)
    if match is not None:
        title = match["title"]
        yield Addressed(match["name"], "" if title in {"先生", "女士", "小姐"} else title, "zh")


def _english(line: str) -> Iterator[Addressed]:
    match = _EN.search(line)
    if match is None or set(match["name"].lower().split()) & _EN_NOBODY:
        return
    title = (match["title"] or "").lower()
    yield Addressed(match["name"], "" if title in _HONOURS else title, "en")
