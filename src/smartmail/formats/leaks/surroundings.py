"""What is next to a number: the words that name it, and what it is only a part of.

A number that another word names (`주문번호: …`, `tracking no …`) is that and no card, whatever its check digit happens to be; and
of many numbers of one length the share of those that pass a check tells what they are (`population`).
"""

import re
from collections.abc import Sequence
from typing import Final, Literal

from smartmail.formats.leaks.reading import Reading, Words

CODES: Final = Words(
    r"주문|송장|운송장|배송|택배|등기번호|승인\s?번호|관리\s?번호|접수|문서\s?번호|거래\s?번호|일련|바코드|품번|품목|모델|제품|상품|시리얼|자산",
    r"예약|견적|계약\s?번호|청구|수하물|입고|출고|로트|세금계산서|타임스탬프|참조\s?번호|티켓|추적|조회\s?번호|발주|전표|처리\s?번호",
    r"\border|track|invoice|shipment|parcel|serial|barcode|\bean\b|\bisbn|\bimei|\bsku\b|\blot\b|\bref\b|reference|ticket",
    r"timestamp|epoch|\bts\b|\bid\b|\buid\b|_id\b|\bpo\b|request|trace|session|transaction|\btxn?\b",
    r"注文|伝票|追跡|管理番号|订单|訂單|运单|運單|单号|單號",
)
"""Words by which numbers are named that mean no person and no account."""
ACCOUNT: Final = r"계좌|예금주|입금|송금|이체|통장|account (?:no|number|#)|bank account|\ba/c\b|口座|账号|賬號|帳號"
_SPAN: Final = 40
_LINKS: Final = Words(r"(?:https?|ftp)://[^\s<>\"'\x{3000}]+", r"\b(?:cid|mid|data):[^\s<>\"']+")
_UUID: Final = Words(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_LAST: Final = re.compile(r"(?<![0-9])[0-9][ .\-]{1,3}$")
_NEXT: Final = re.compile(r"[ .\-]{1,3}[0-9](?![0-9])")
_FEW: Final = 3


def joint(reading: Reading, start: int, end: int) -> Literal["apart", "glued", "part"]:
    """Return how a number is joined to the text around it: by itself; glued to letters; or part of a longer number or a URL."""
    text = reading.text
    left, right = text[max(0, start - 2) : start][::-1], text[end : end + 2]
    if _goes_on(left) or _goes_on(right) or _is_within_link(reading, start, end):
        return "part"
    return "glued" if _is_word(left[:1]) or _is_word(right[:1]) else "apart"


def _is_within_link(reading: Reading, start: int, end: int) -> bool:
    """Whether a number is part of a URL: a colon is before it then, and no blank between them."""
    text = reading.text
    blank = max(text.rfind(" ", 0, start), text.rfind("\n", 0, start))
    return text.find(":", blank + 1, start) >= 0 and reading.within(_LINKS, start, end)


def is_apart(reading: Reading, start: int, end: int) -> bool:
    """Whether a number is by itself: no letter of ASCII at it, no part of another number, not within a URL."""
    return joint(reading, start, end) == "apart"


def _is_word(sign: str) -> bool:
    return sign.isascii() and (sign.isalnum() or sign in "%$\\") and sign != ""


def _goes_on(two: str) -> bool:
    """Whether a number goes on behind a sign: a fraction, or another group by hyphen."""
    if len(two) < 2 or not two[1].isascii():
        return False
    return (two[0] in "-ー" and two[1].isalnum()) or (two[0] == "." and two[1].isdigit())


def is_of_series(reading: Reading, start: int, end: int) -> bool:
    """Whether single digits go on before or behind a number that is written as single digits: a series of values."""
    text = reading.text
    return _LAST.search(text[max(0, start - 5) : start]) is not None or _NEXT.match(text, end, end + 5) is not None


def is_within_code(reading: Reading, start: int, end: int) -> bool:
    """Whether a number is part of a UUID."""
    return reading.within(_UUID, start, end)


def label(reading: Reading, words: Words, start: int, span: int = _SPAN) -> int:
    """Return where the last of these words before a number ends, on its line or directly above it; -1 for none."""
    last = reading.before(words, start, span)
    between = reading.text[last:start] if last >= 0 else ""
    return -1 if "\n" in between and between.strip(" \t\n\r:|") else last


def named(reading: Reading, start: int, words: Words, others: Words) -> bool:
    """Whether the last name before a number is one of these words and none of the others."""
    last = label(reading, words, start)
    return last >= 0 and last >= label(reading, others, start)


def population(passed: Sequence[bool]) -> float | None:
    """Return the share of numbers of one form that pass a check, None when they are too few to say anything."""
    return sum(passed) / len(passed) if len(passed) >= _FEW else None
