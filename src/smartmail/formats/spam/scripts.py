"""The tokens of a message by what they are: words of a script, or header, addresses and shape.

NAME        scripts
PURPOSE     `Reading`: the numbers of a message's tokens in groups, and the script that most of its text is written in, so
            that a model counts in each group only as far as it knows it (counts.py, judging.py).
STRATEGIES  From the tokens alone, so that a message is read alike at delivery and when somebody teaches it. Chinese
            characters belong to Japanese where kana stand beside them, to Korean beside Hangul.
"""

import re
from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal

from smartmail.formats.spam.counts import SCRIPTS, Script
from smartmail.formats.spam.familiar import pair_numbers
from smartmail.formats.spam.model import numbers

Group = Literal[Script, "shape"]
_SHAPE: Final = re.compile(
    r"(?:[nfrptuhab]|to|refs|date|x-mailer|user-agent|x-priority|x-msmail-priority|importance|precedence|auto-submitted"
    r"|organization|mime-version|content-transfer-encoding|list-id|feedback-id|content-language)[:@/]"
    r"|s:(?:hidden\Z|upper\Z|has |tail\Z|length )"
)
_HANGUL: Final = re.compile("[가-힣ㄱ-ㆎᄀ-ᇿ\x01]")
_KANA: Final = re.compile("[ぁ-ゖァ-ヺㇰ-ㇿ]")
_HAN: Final = re.compile("[々〇㐀-䶿一-鿿豈-﫿\U00020000-\U0003ffff]")
_LATIN: Final = re.compile("[^\u0250-\uffff\U00010000-\U0010ffff]*\\Z")
_LETTERS_OF_A_SYLLABLE: Final = 2.5
"""Letters of Latin that say as much as one character of Hangul or Han."""
_KANA_SHARE: Final = 0.1
_PIECE: Final = 4
"""Characters of a piece of text (wording.pieces)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A message as models read it: all numbers, the text's by script, those of header and shape, its script, and the
    script that its Chinese characters belong to. `words`: of the text only single words, pieces of them and characters in
    twos, each once; the shipped start is made of nothing else. `pairs`: by which a model tells mail of its kind (familiar.py).
    """

    numbers: "array[int]"
    text: "dict[Script, array[int]]"
    shape: "array[int]"
    script: Script
    han: Script
    words: "dict[Script, array[int]]"
    pairs: "array[int]" = field(default_factory=lambda: array("I"))


@lru_cache(1 << 16)
def group_of(token: str) -> Group:
    """Return the group of a token; `han` for Chinese characters, whoever writes them."""
    if _SHAPE.match(token):
        return "shape"
    if token.isascii() and "\x01" not in token:
        return "latin"
    if _HANGUL.search(token):
        return "hangul"
    if _KANA.search(token):
        return "kana"
    if _HAN.search(token):
        return "han"
    return "latin" if _LATIN.match(token) else "other"


@lru_cache(1 << 16)
def is_word(token: str) -> bool:
    """Say whether a token of the text is a word, a piece of one, or two characters: no pair, no mark of the subject."""
    if token.startswith("s:") or "_" in token or (" " in token and len(token) > _PIECE):
        return False
    return token.isascii() or len(token) != _PIECE


def read(tokens: Iterable[str]) -> Reading:
    """Return the tokens of a message (features.py) in groups."""
    groups: dict[Group, list[str]] = {}
    for token in tokens:
        groups.setdefault(group_of(token), []).append(token)
    written = _written(groups)
    if written != "han" and "han" in groups:
        groups.setdefault(written, []).extend(groups.pop("han"))
    text: dict[Script, array[int]] = {one: numbers(groups[one]) for one in SCRIPTS if one in groups}
    shape = numbers(groups.get("shape", ()))
    whole = array("I", sorted(set(shape).union(*text.values())))
    words: dict[Script, array[int]] = {one: numbers(filter(is_word, groups[one])) for one in SCRIPTS if one in groups}
    pairs = pair_numbers(token for one in SCRIPTS if one in groups for token in groups[one])
    return Reading(whole, text, shape, _dominant(groups, written), written, words, pairs)


def _written(groups: dict[Group, list[str]]) -> Script:
    """Return whose the Chinese characters are."""
    size = Counter({one: _characters(groups, one) for one in ("hangul", "kana", "han")})
    if size["kana"] > _KANA_SHARE * size.total():
        return "kana"
    return "hangul" if size["hangul"] >= size["han"] else "han"


def _dominant(groups: dict[Group, list[str]], written: Script) -> Script:
    latin, other = (sum(len(token) == _PIECE for token in groups.get(one, ())) for one in ("latin", "other"))
    cjk = sum(_characters(groups, one) for one in ("hangul", "kana", "han")) * _LETTERS_OF_A_SYLLABLE
    if cjk and cjk >= max(latin, other):
        return written
    return "other" if other > latin else "latin"


def _characters(groups: dict[Group, list[str]], group: Group) -> int:
    """Return about how many different characters in twos a text has in a script of its own."""
    return sum(len(token) == 2 for token in groups.get(group, ()))
