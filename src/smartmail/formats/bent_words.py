"""Hangul words written apart so that no filter finds them: 대.출, 카ㅈㅣ노, 바 카 라.

A word counts only where it is one of a given set once it is put together, and no part of it was that word already: 국·영·수, 확대·출시
and 이 달 말 are nothing. Linear in the text: a run is bounded, and marks and letters share no character. Pure, never raises.
"""

import re
from itertools import islice
from typing import Final

from smartmail.formats.phrases import Phrases, folded

MAX_RUNS: Final = 60
_LETTERS: Final = "가-힣ㄱ-ㅎㅏ-ㅣ"
_MARKS: Final = r".,·ㆍ・*^~|_/+:;'\"-"
_RUN: Final = re.compile(
    rf"(?<![{_LETTERS}])(?:[{_LETTERS}]{{1,10}}(?:[{_MARKS}]{{1,2}}[{_LETTERS}]{{1,10}}){{1,6}}"
    r"|[가-힣](?: [가-힣](?![가-힣])){1,6}|[가-힣]{0,8}[ㄱ-ㅎ][ㅏ-ㅣ][가-힣ㄱ-ㅎㅏ-ㅣ]{0,10})"
)
_PART: Final = re.compile(f"[{_LETTERS}]+")
_LOOSE: Final = re.compile("[ㄱ-ㅎ][ㅏ-ㅣ]")


def bent_words(text: str, words: Phrases) -> frozenset[str]:
    """Return which of the words a text holds only as written apart, as they are folded."""
    if text.isascii():
        return frozenset()
    runs = (found[0] for found in islice(_RUN.finditer(text), MAX_RUNS))
    return frozenset(word for run in runs for word in _put_together(run, words))


def _put_together(run: str, words: Phrases) -> frozenset[str]:
    parts = _PART.findall(run)
    if _LOOSE.search(run) is None and all(len(one) > 1 for one in parts):
        return frozenset()
    return frozenset(word for word in words.found(folded(run)) if not any(word in one for one in parts))
