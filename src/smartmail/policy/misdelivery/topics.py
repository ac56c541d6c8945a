"""Topics: the words of subjects, file names and first lines by which letters to one customer or team differ from others.

Which words these are is not listed anywhere: every word is counted with those who got it, and what went to many people says
nothing. Pure.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from smartmail.domain.correspondence import Topic

MAX_TEXT: Final = 4_000
MAX_OF_LETTER: Final = 16
MAX_WORD: Final = 40
"""Characters; what is longer is no word, and the memory would grow by it."""
HEAD_LINES: Final = 2
_WORDS: Final = re.compile(r"[가-힣]{2,}|[一-龯々]{2,}|[ァ-ヴー]{3,}|[a-z][a-z0-9&-]{2,}")
_COMPANY: Final = re.compile(r"주식회사|유한회사|\(주\)|㈜|株式会社|有限公司|\b(?:co|ltd|inc|corp|llc|gmbh)\b\.?")
_PARTICLES: Final = (
    "에게서",
    "으로",
    "에서",
    "에게",
    "까지",
    "부터",
    "은",
    "는",
    "이",
    "가",
    "을",
    "를",
    "의",
    "에",
    "과",
    "와",
    "로",
    "도",
)
_SAID_TO_ALL: Final = frozenset(
    [
        "안녕하세요",
        "안녕하십니까",
        "감사합니다",
        "수고하십니다",
        "드립니다",
        "부탁드립니다",
        "첨부",
        "관련",
        "the",
        "and",
        "for",
        "with",
        "from",
        "this",
        "that",
        "you",
        "your",
        "our",
        "re",
        "fw",
        "fwd",
        "pdf",
        "docx",
        "xlsx",
        "hwp",
        "hwpx",
        "pptx",
        "zip",
        "jpg",
        "png",
        "txt",
        "csv",
        "final",
        "dear",
        "hello",
        "please",
        "thanks",
    ]
)


def plain(text: str) -> str:
    """Return text as words are looked for in it."""
    return unicodedata.normalize("NFKC", text[:MAX_TEXT]).lower()


def words_of(subject: str, files: Sequence[str], text: str) -> list[str]:
    """Return the words of a letter that are worth remembering, each once."""
    head = "\n".join([line for line in text[:MAX_TEXT].splitlines() if line.strip()][:HEAD_LINES])
    found: dict[str, None] = {}
    for part in (subject, *files, head):
        for match in _WORDS.finditer(_COMPANY.sub(" ", plain(part.replace("_", " ")))):
            word = _bare(match[0])
            if 2 <= len(word) <= MAX_WORD and word not in _SAID_TO_ALL:
                found.setdefault(word)
    return list(found)[:MAX_OF_LETTER]


def _bare(word: str) -> str:
    if len(word) > 3 and "가" <= word[0] <= "힣":
        for particle in _PARTICLES:
            if word.endswith(particle) and len(word) - len(particle) >= 2:
                return word.removesuffix(particle)
    return word


def topics_in(topics: Mapping[str, Topic], subject: str, files: Sequence[str], text: str) -> list[str]:
    """Return the remembered words that are in a letter, wherever they do."""
    everything = plain("\n".join((subject, *files, text)))
    latin = set(re.findall(r"[a-z][a-z0-9&-]{2,}", everything.replace("_", " ")))
    return [one for one in topics if (one in latin if one[0].isascii() else one in everything)]


def is_in(word: str, parts: Iterable[str]) -> bool:
    """Say whether a word is in one of some texts."""
    return any(word in plain(one) for one in parts)
