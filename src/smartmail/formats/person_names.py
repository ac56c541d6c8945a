"""Whether two written names may be one person: `홍길동`, `홍 길 동`, `홍길동 대표`, `Gildong Hong`.

Hangul names are compared without blanks and titles; a name in Latin letters is compared by its sound with what a
Hangul name becomes by the Revised Romanization of 2000, in the many ways in which people write it. Pure; bounded by
`MAX_NAME`; an answer of yes means "could be read as", never "is".
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from smartmail.base.text import without_invisible
from smartmail.formats.lookalike import plain

MAX_NAME: Final = 100
_MAX_TITLES: Final = 4

# Titles that stand behind (or before) a name. 부사장 ends with 사장: the longest are tried first.
_TITLES: Final = (
    "회장", "부회장", "대표이사", "대표", "사장", "부사장", "전무이사", "전무", "상무이사", "상무", "이사", "이사장", "본부장", "부문장", "사업부장",
    "센터장", "실장", "부실장", "팀장", "파트장", "그룹장", "부장", "차장", "과장", "대리", "주임", "사원", "인턴", "매니저", "책임", "선임", "수석",
    "연구원", "책임연구원", "선임연구원", "수석연구원", "연구소장", "소장", "원장", "부원장", "국장", "총장", "학장", "교수", "부교수", "조교수", "박사",
    "변호사", "회계사", "세무사", "감사", "고문", "위원", "위원장", "지점장", "지사장", "공장장", "점장", "반장", "조장", "계장", "총무", "비서", "님",
    "씨", "드림", "올림", "배상",
)  # fmt: skip
_LONGEST_FIRST: Final = sorted(_TITLES, key=len, reverse=True)
_LATIN_TITLES: Final = frozenset((
    "mr", "ms", "mrs", "miss", "dr", "prof", "ceo", "cfo", "coo", "cto", "cio", "cso", "president", "chairman",
    "chairwoman", "director", "manager", "vp", "svp", "evp", "general", "managing", "executive", "vice",
    "team", "leader", "head", "sir",
))  # fmt: skip
_NOT_LETTERS: Final = re.compile(r"[\W\d_]+")
_BRACKETS: Final = re.compile(r"[(\[{<（［【〔「『].{0,60}?(?:[)\]}>）］】〕」』]|$)")
_HANGUL: Final = re.compile(r"[가-힣]+")

_INITIALS: Final = [
    "g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "-", "j", "jj", "ch", "k", "t", "p", "h",
]  # fmt: skip
_VOWELS: Final = [
    "a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we", "wi", "yu",
    "eu", "ui", "i",
]  # fmt: skip
_FINALS: Final = [
    "-", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p", "t", "t", "ng",
    "t", "t", "k", "t", "p", "t",
]  # fmt: skip
_DIGITS: Final = str.maketrans("0135", "oles")
_SURNAMES: Final = {
    "김": "kim gim", "이": "lee yi rhee i ri li", "박": "park bak pak", "최": "choi choe", "정": "jung jeong chung jong cheong",
    "강": "kang gang", "조": "cho jo", "윤": "yoon yun", "장": "jang chang", "임": "lim im rim", "한": "han", "오": "oh o",
    "서": "seo suh", "신": "shin sin", "권": "kwon gwon", "황": "hwang", "안": "ahn an", "송": "song", "류": "ryu yu",
    "유": "yoo yu you ryu", "홍": "hong", "전": "jeon jun chun", "고": "ko go koh", "문": "moon mun", "양": "yang",
    "손": "son sohn", "배": "bae pae", "백": "baek paik", "허": "heo hur huh", "남": "nam", "심": "shim sim", "노": "noh no roh",
    "하": "ha", "곽": "kwak gwak", "성": "sung seong", "차": "cha", "주": "joo ju", "우": "woo u", "구": "koo gu ku",
    "나": "na ra", "민": "min", "진": "jin chin", "지": "ji chi", "엄": "um eom", "채": "chae", "원": "won", "천": "cheon chun",
    "방": "bang pang", "공": "kong gong", "현": "hyun hyeon", "함": "ham", "변": "byun byeon", "염": "yum yeom", "여": "yeo",
    "추": "choo chu", "도": "do", "소": "so", "석": "seok suk", "선": "sun seon", "설": "seol sul", "마": "ma", "길": "gil kil",
}  # fmt: skip
# Ways of writing one sound, folded into one: vowels of the o-u kind, voiced and voiceless consonants, doubled letters.
_FOLDS: Final = (
    (re.compile(r"ui"), "i"), (re.compile(r"eo|eu|ou|oo|ow"), "o"), (re.compile(r"ee|ii|ey"), "i"), (re.compile(r"ae|ai|ay"), "e"),
    (re.compile(r"u"), "o"), (re.compile(r"w(?=o)"), ""), (re.compile(r"ch"), "j"), (re.compile(r"sh"), "s"), (re.compile(r"ck|k|q"), "g"),
    (re.compile(r"t"), "d"), (re.compile(r"p"), "b"), (re.compile(r"r"), "l"), (re.compile(r"(?<=[aeiou])h(?![aeiouy])"), ""),
    (re.compile(r"(.)\1+"), r"\1"),
)  # fmt: skip


_LONG_SURNAMES: Final = frozenset(("남궁", "황보", "제갈", "선우", "독고", "사공", "서문", "동방"))


def titles_of_names() -> tuple[str, ...]:
    """Return the Korean titles that stand behind a name, without what closes a letter or honours alone."""
    return tuple(one for one in _TITLES if one not in {"님", "씨", "드림", "올림", "배상"})


def is_surname(name: str) -> bool:
    """Say whether a Hangul text begins with a surname."""
    return name[:1] in _SURNAMES or name[:2] in _LONG_SURNAMES


def surname_sounds(surname: str) -> frozenset[str]:
    """Return how a Hangul surname sounds, in the form of `sounds_of`."""
    return frozenset(fold(one) for one in _SURNAMES.get(surname, "").split() or [romanise(surname)])


@lru_cache(4_096)
def key_of(name: str) -> str:
    """Return the name without blanks, marks, brackets and titles, in lower case: what people with one name share."""
    text = unicodedata.normalize("NFKC", without_invisible(name[:MAX_NAME]))
    bare = _NOT_LETTERS.sub("", _BRACKETS.sub(" ", text)).lower() or _NOT_LETTERS.sub("", text).lower()
    if _HANGUL.search(bare):
        return _without_titles(bare)
    words = [word for word in _NOT_LETTERS.split(_BRACKETS.sub(" ", text).lower()) if word not in _LATIN_TITLES]
    return "".join(words)


def _without_titles(bare: str) -> str:
    for _ in range(_MAX_TITLES):
        # Names have two letters at least: 이사 alone is a title, 김이사 a person and a title.
        title = next(
            (
                one
                for one in _LONGEST_FIRST
                if len(bare) - len(one) >= 2 and (bare.endswith(one) or bare.startswith(one))
            ),
            "",
        )
        if not title:
            break
        bare = bare.removesuffix(title) if bare.endswith(title) else bare.removeprefix(title)
    return bare


@lru_cache(4_096)
def sounds_of(name: str) -> frozenset[str]:
    """Return how a person's name may sound, surname first; empty for what is no name of two words or more."""
    key = key_of(name)
    if _HANGUL.fullmatch(key) and 2 <= len(key) <= 4:
        return frozenset(fold(surname) + "/" + fold(given) for surname, given in _romanised(key))
    # Digits and foreign letters in the place of those that they look like: `Gi1dong Hоng`.
    text = plain(_BRACKETS.sub(" ", name[:MAX_NAME])).lower().translate(_DIGITS)
    words = [word for word in re.findall(r"[a-z]+(?:-[a-z]+)*", text) if word not in _LATIN_TITLES]
    if not 2 <= len(words) <= 4:
        return frozenset()
    last_first = (words[0], "".join(words[1:]))
    first_last = (words[-1], "".join(words[:-1]))
    return frozenset(fold(surname) + "/" + fold(given.replace("-", "")) for surname, given in (last_first, first_last))


def _romanised(name: str) -> list[tuple[str, str]]:
    size = 2 if len(name) == 4 else 1
    surname, given = name[:size], name[size:]
    spelled = _SURNAMES.get(surname, "").split() or [romanise(surname)]
    return [(one, romanise(given)) for one in spelled]


def romanise(hangul: str) -> str:
    """Return syllables one by one in Latin letters, without the changes of sound between them, as names are written."""
    out = []
    for letter in hangul:
        index = ord(letter) - 0xAC00
        if 0 <= index < 11_172:
            parts = _INITIALS[index // 588], _VOWELS[index % 588 // 28], _FINALS[index % 28]
            out.append("".join(parts).replace("-", ""))
    return "".join(out)


def fold(latin: str) -> str:
    """Return letters that stand for a sound, so that `Chulsoo`, `Cheol-su` and `Chul Su` become one."""
    text = "".join(one for one in latin.lower() if "a" <= one <= "z")
    for pattern, letter in _FOLDS:
        text = pattern.sub(letter, text)
    return text
