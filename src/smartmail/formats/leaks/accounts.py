"""Numbers of bank accounts in Korea: groups of digits by bank, known by the words before them.

No check digit is public: nothing is found without a bank or a word for an account within reach, and nothing is ever sure.
`TEMPLATES` are published forms, not a law: banks change them.
"""

import re
from collections.abc import Iterator
from typing import Final

from smartmail.formats.leaks.finding import Finding, masked
from smartmail.formats.leaks.reading import Reading, Words
from smartmail.formats.leaks.surroundings import ACCOUNT, CODES, is_apart, is_within_code, label, named

_ACCOUNT: Final = re.compile(
    r"[0-9](?<![0-9].)[0-9]{1,6}([ \-])[0-9]{1,7}(?:\1[0-9]{1,7}){0,3}(?![0-9])|[0-9](?<![0-9].)[0-9]{9,15}(?![0-9])",
    re.DOTALL,
)
_HOUSES: Final = (
    r"국민|\bkb|신한|우리은행|우리 ?[0-9]|하나은행|keb|하나 ?[0-9]|농협|\bnh|기업은행|\bibk|기업 ?[0-9]|카카오|토스|케이뱅크|k뱅크|우체국|수협|"
    r"\bsc ?제일|제일은행|부산은행|대구은행|im뱅크|광주은행|전북은행|경남은행|제주은행|새마을|신협|씨티|산업은행|\bkdb|저축은행|은행|bank|銀行|银行"
)
_WORDS: Final = Words(ACCOUNT)
_EITHER: Final = Words(ACCOUNT, _HOUSES)
TEMPLATES: Final = frozenset((
    "6-2-6", "4-2-7-1", "3-2-4-3", "3-3-6", "3-2-6", "4-3-6", "3-6-5", "3-4-4-2", "3-6-2-3", "4-2-7", "4-4-4", "6-2-5", "4-4-5",
    "3-2-7", "3-4-4-1", "3-2-5-1", "3-2-6-1", "4-4-4-1", "3-7-4", "3-6-2", "3-3-5-1", "3-2-8", "6-5-3", "3-3-7", "3-2-2-6",
))  # fmt: skip
"""Digits of the groups: 국민, 신한, 우리, 하나, 농협, 기업, 카카오뱅크, 토스뱅크, 우체국, 수협, SC제일, 부산, 대구(iM), 새마을금고 and others."""
_SPAN: Final = 40
_BEHIND: Final = 12
_SIZES: Final = range(10, 17)


_OTHERS: Final = re.compile(
    r"(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])-[0-3][0-9](?![0-9])|0?1[016789]-?[0-9]{3,4}-?[0-9]{4}$|0[2-6][0-9]?-"
)
"""Days, and numbers of telephones."""


def accounts(reading: Reading) -> Iterator[Finding]:
    """Yield numbers of accounts."""
    if not reading.has(_EITHER):
        return
    for found in reading.numbers(_ACCOUNT, 10):
        groups = re.split("[ -]", found[0])
        digits = "".join(groups)
        start, end = found.span()
        if len(digits) not in _SIZES or _OTHERS.match(found[0]) or reading.text[max(0, start - 1) : start] == "+":
            continue
        is_formed = "-".join(str(len(one)) for one in groups) in TEMPLATES
        if not _is_account(reading, start, end, is_formed=is_formed, is_whole=" " not in found[0]):
            continue
        if not is_apart(reading, start, end) or is_within_code(reading, start, end):
            continue
        shown = masked(found[0], 3, 2)
        yield Finding(detector="kr.account", confidence="medium", masked=shown, value=digits, start=start, end=end)


def _is_account(reading: Reading, start: int, end: int, *, is_formed: bool, is_whole: bool) -> bool:
    """Whether the words around digits make them an account: a bank, or a word for an account where the groups are no bank's."""
    if named(reading, start, CODES, _EITHER):
        return False
    if is_formed:
        return reading.before(_EITHER, start, _SPAN) >= 0 or reading.near(_EITHER, end, end, _BEHIND)
    return is_whole and reading.before(_WORDS, start, _SPAN) >= 0 and label(reading, _EITHER, start) >= 0
