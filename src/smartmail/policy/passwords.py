"""What a main password must be (KA-15, BR-26): a pure judgement that names every reason.

A reason's texts are the catalogue keys `password.reason.<reason>`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

from smartmail.base.text import is_unicode
from smartmail.formats.address import domain_to_unicode
from smartmail.policy import knobs
from smartmail.policy.common_passwords import is_common
from smartmail.policy.deciding import PolicyView

Reason = Literal["unreadable", "short", "long", "classes", "run", "part", "common", "used"]
"""`used`: the same as now or lately; whoever has the verifiers says so."""

MAX_OCTETS: Final = 1024
RUN: Final = 3
KEYBOARD_RUN: Final = 4
LONG_ENOUGH: Final = 10
"""Characters from which on policy's number of classes does; a shorter password needs one more (KA-15: eight of three
classes or ten of two).
"""
CLASSES_MOST: Final = 4
_ROWS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "azertyuiop", "qazwsxedcrfvtgbyhnujm", "1q2w3e4r5t6y7u8i9o0p")
_WORD_OF_YEAR: Final = re.compile(r"[^\W\d_]+[\W_]?(?:19|20)\d\d[\W_]{0,2}")
_ANY_COMPANY: Final = frozenset(
    ("com", "net", "org", "www", "mail", "the", "and", "inc", "corp", "ltd", "llc", "company", "group", "co",
     "주식회사", "유한회사", "재단법인", "사단법인", "그룹", "株式会社", "公司", "有限公司")
)  # fmt: skip
"""Words that are in the name of many a company or domain, and in good passwords too."""
LATIN_PART: Final = 3
OTHER_PART: Final = 2
DIGITS_PART: Final = 4


@dataclass(frozen=True, slots=True)
class Whose:
    """What is known of whose password it is. `login` with its domain; `birthdays` as YYYY-MM-DD, `phones` in any form."""

    login: str = ""
    name: str = ""
    phones: Sequence[str] = ()
    birthdays: Sequence[str] = ()
    company: str = ""


def weaknesses(secret: str, policy: PolicyView, whose: Whose) -> list[Reason]:
    """Return every reason that speaks against a password, none for a good one."""
    if not is_unicode(secret):
        return ["unreadable"]
    found: list[Reason] = []
    if len(secret) < policy[knobs.PASSWORD_MIN_LENGTH]:
        found.append("short")
    if len(secret.encode()) > MAX_OCTETS:
        found.append("long")
    needed = policy[knobs.PASSWORD_CLASSES] + (len(secret) < LONG_ENOUGH and policy[knobs.PASSWORD_CLASSES] > 1)
    if classes(secret) < min(CLASSES_MOST, needed):
        found.append("classes")
    if policy[knobs.PASSWORD_FORBID_RUNS] and has_run(secret):
        found.append("run")
    if policy[knobs.PASSWORD_FORBID_PARTS] and has_part(secret, whose):
        found.append("part")
    if policy[knobs.PASSWORD_BREACHED_LIST] and (is_common(secret) or is_word_of_year(secret)):
        found.append("common")
    return found


def classes(secret: str) -> int:
    """Return how many kinds of characters there are: small, capital and other letters, figures, signs."""
    return len({_class(sign) for sign in secret})


def has_run(secret: str) -> bool:
    """Say whether three characters in a row are the same or follow on each other, or four lie side by side on a keyboard."""
    low = secret.lower()
    steps = [ord(b) - ord(a) for a, b in pairwise(low)]
    for at, (one, two) in enumerate(pairwise(steps)):
        if one == two and (one == 0 or (abs(one) == 1 and low[at : at + RUN].isalnum())):
            return True
    return any(_walks(low[at : at + KEYBOARD_RUN]) for at in range(len(low) - KEYBOARD_RUN + 1))


def has_part(secret: str, whose: Whose) -> bool:
    """Say whether it holds a part of its owner's login, name, phone number or birthday, or of what anybody knows: the name
    of the company and the labels of its domain.
    """
    low = secret.lower()
    digits = re.sub(r"\D", "", secret)
    words = re.split(r"[^\w]|[_\d]", f"{whose.login.partition('@')[0]} {whose.name}".lower())
    whole = whose.login.partition("@")[0].lower()
    if any(word in low for word in (*words, whole, *_public_parts(whose)) if len(word) >= _least(word)):
        return True
    return any(part in digits for part in _number_parts(whose))


def is_word_of_year(secret: str) -> bool:
    """Say whether it is one word and a year, as first passwords are made: Spring2026!"""
    return _WORD_OF_YEAR.fullmatch(secret) is not None


def _public_parts(whose: Whose) -> list[str]:
    labels = domain_to_unicode(whose.login.rpartition("@")[2]).lower().split(".")[:-1] if "@" in whose.login else []
    words = re.split(r"[\W_]+", f"{whose.company.lower()} {' '.join(labels)}")
    return [one for one in words if one not in _ANY_COMPANY]


def _least(word: str) -> int:
    return LATIN_PART if word.isascii() else OTHER_PART


def _number_parts(whose: Whose) -> set[str]:
    found = set()
    for phone in whose.phones:
        digits = re.sub(r"\D", "", phone)
        if len(digits) >= 2 * DIGITS_PART:
            found |= {digits[-DIGITS_PART:], digits[-2 * DIGITS_PART : -DIGITS_PART]}
    for birthday in whose.birthdays:
        digits = re.sub(r"\D", "", birthday)
        if len(digits) == len("YYYYMMDD"):
            found |= {digits, digits[2:], digits[4:], digits[:4]}
    return found


def _class(sign: str) -> str:
    if sign.isdigit():
        return "figure"
    if not sign.isalpha():
        return "sign"
    if sign.isascii():
        return "capital" if sign.isupper() else "small"
    return "letter"


def _walks(four: str) -> bool:
    return any(four in row or four in row[::-1] for row in _ROWS)
