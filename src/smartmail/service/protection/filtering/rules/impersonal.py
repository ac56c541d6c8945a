"""Whether a Korean letter could be written to anybody: it names no day, no number of an order, a case or an office, and brings no file.

Offices write about something: of Korean business letters every third names a day and every other a day or a number; of spam one in fifty names a
day (docs/spam-quality.md). That is a matter of form, so it holds for offers whose words nobody has seen. Other languages have their
own forms and are not read. Must not know weights.
"""

import re
from typing import Final

from smartmail.service.protection.filtering.rules.evidence import Evidence

IMPERSONAL: Final = "letter-impersonal"
"""The rule that says so."""
_MAX: Final = 5_000
_BEGINNING: Final = 600
_LEAST: Final = 15
"""Syllables among the first `_BEGINNING` characters from which on a letter is one in Korean."""
_HANGUL: Final = re.compile("[가-힣]")
_PAGE: Final = re.compile(r"https?://\S+")
_DAY: Final = re.compile(
    r"\d{1,2} ?월 ?\d{1,2} ?일|20\d\d ?[-./년] ?\d|(?<![\d.])\d{1,2}[./] ?\d{1,2}(?:\.| ?\(|(?=\s))|[월화수목금토]요일|\d{1,2}일 ?\("
)
_OF_ANYBODY: Final = re.compile(r"(?<!\d)(?:01\d|0[58]0\d?|070)[ .-]?\d{3,4}[ .-]?\d{4}|1[568]\d\d-\d{4}")
"""Numbers of mobile telephones and of call centres: they say nothing of an office, as 02-555-0142 does."""
_NUMBER: Final = re.compile(
    r"(?<![\w.,-])(?:[A-Z]{1,6}-?\d{3,}|\d+-\d[\d-]+|[A-Z]+-[A-Z-]*\d[\dA-Z-]+|\d{6,})(?![\w,-])", re.ASCII
)


def is_impersonal(evidence: Evidence) -> bool:
    """Say whether a letter is in Korean and names nothing that only its reader has."""
    if evidence.files or (evidence.specimen.findings.aligned and _can_be_left(evidence)):
        return False
    text = _PAGE.sub(" ", evidence.words[:_MAX])
    if len(_HANGUL.findall(text[:_BEGINNING])) < _LEAST or _DAY.search(text):
        return False
    return not _NUMBER.search(_OF_ANYBODY.sub(" ", text))


def _can_be_left(evidence: Evidence) -> bool:
    """Say whether a newsletter is left with one click (RFC 8058)."""
    return evidence.specimen.header.first("list-unsubscribe-post") is not None
