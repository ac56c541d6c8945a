"""The header: what honest programs write and others forget or forge. RFC 5322 §3.6."""

import re
from collections.abc import Awaitable, Callable
from typing import Final

from smartmail.formats.address import split_address
from smartmail.formats.lookalike import hidden_count
from smartmail.service.protection.filtering.rules.check import Match, fact
from smartmail.service.protection.filtering.rules.evidence import Evidence

_HOUR: Final = 3_600
_FUTURE: Final = 24 * _HOUR
_OLD: Final = 14 * 24 * _HOUR
_ENCODED_ADDRESS: Final = re.compile(
    rb"<[^<>\r\n]{0,100}=\?[^?\s]{1,40}\?[bq]\?|=\?[^?\s]{1,40}\?[bq]\?[^?\s]{0,200}\?=@", re.IGNORECASE
)

OurDomain = Callable[[str], Awaitable[bool]]


class HeaderCheck:
    """Judges Date, Message-ID, From, recipients and subject. `ours` says whether a domain is one of ours."""

    def __init__(self, ours: OurDomain) -> None:
        self._ours = ours

    async def __call__(self, evidence: Evidence) -> list[Match]:
        """Return matches."""
        return [
            *_judge_date(evidence),
            *await self._judge_id(evidence),
            *_judge_people(evidence),
            *_judge_subject(evidence),
        ]

    async def _judge_id(self, evidence: Evidence) -> list[Match]:
        ids = evidence.specimen.summary.ids.message_id
        if not ids:
            return [Match("message-id-missing")]
        domain = split_address(ids[0])[1].lower()
        # Ours comes back from outside with mail of our own that was forwarded: then it is proved to be.
        if domain and not evidence.specimen.findings.aligned and await self._ours(domain):
            return [Match("message-id-ours", (fact(domain),))]
        return []


def _judge_date(evidence: Evidence) -> list[Match]:
    sent_at, now = evidence.specimen.summary.sent_at, evidence.specimen.received_at // 1_000
    if sent_at is None:
        return [Match("date-missing")]
    if sent_at > now + _FUTURE:
        return [Match("date-future", (str((sent_at - now) // _HOUR),))]
    return [Match("date-old", (str((now - sent_at) // (24 * _HOUR)),))] if sent_at < now - _OLD else []


def _judge_people(evidence: Evidence) -> list[Match]:
    summary, header = evidence.specimen.summary, evidence.specimen.header
    found = []
    if not summary.from_ or not any(one.address for one in summary.from_):
        found.append(Match("from-missing"))
    elif len(summary.from_) > 1 and not summary.sender:
        found.append(Match("from-many", (str(len(summary.from_)),)))
    if any(_ENCODED_ADDRESS.search(value[:2_000]) for value in header.all("from")):
        found.append(Match("from-encoded"))
    if not summary.to and not summary.cc:
        found.append(Match("recipients-missing"))
    return found


def _judge_subject(evidence: Evidence) -> list[Match]:
    hidden = hidden_count(evidence.subject)
    return [Match("subject-hidden", (str(hidden),))] if hidden >= 2 else []
