"""What a stranger's letter is after (service.protection.filtering.intents): the heaviest intent it meets, and the brand it claims to be.

Whoever is known here, well-known senders who are who they say, and reports of mail servers about mail of the reader's are not
read at all. An intent weighs little until the sender is seen to hide: a brand that is not theirs, links that lead away from
them, a role of the reader's own house, a throw-away page.
"""

from typing import Final

from smartmail.domain.account import Account
from smartmail.formats import dsn
from smartmail.formats.address import domain_to_unicode, normalize
from smartmail.formats.bent_words import bent_words
from smartmail.formats.links import Link
from smartmail.formats.phrases import Phrases, folded
from smartmail.service.protection.filtering.acquaintances import Acquaintances
from smartmail.service.protection.filtering.intents import claims
from smartmail.service.protection.filtering.intents.brands import BRANDS
from smartmail.service.protection.filtering.intents.calls import calls_of, web_links
from smartmail.service.protection.filtering.intents.claims import Claim, claims_by_name, claims_by_text
from smartmail.service.protection.filtering.intents.intent import Call, Intents, Met
from smartmail.service.protection.filtering.intents.lures import LURES
from smartmail.service.protection.filtering.intents.offers import OFFERS
from smartmail.service.protection.filtering.neighbours import Neighbours
from smartmail.service.protection.filtering.rules.check import Match, fact
from smartmail.service.protection.filtering.rules.evidence import Evidence
from smartmail.service.protection.filtering.rules.hiding import BROKEN, doubt_of, is_masked
from smartmail.service.protection.filtering.rules.impersonal import IMPERSONAL, is_impersonal
from smartmail.service.protection.filtering.rules.strangers import MAX_PEOPLE

READ: Final = 3_000
"""Characters of folded text: who wants something says it at the beginning."""
MAX_PLAIN: Final = 5_000
MAX_SHOWN: Final = 40
CLAIMED_ALONE: Final = 5.5
"""Of a well-known name on a letter of somebody else that calls to an act: Junk, unless its words are those of honest mail."""
_NAMED: Final = 10
"""Recipients of a report that are looked for among those written to."""
_OF_REPORTS: Final = frozenset({
    "message/delivery-status", "message/global-delivery-status", "message/disposition-notification",
    "message/global-disposition-notification", "text/rfc822-headers", "message/global-headers",
})  # fmt: skip
"""Parts of reports (RFC 6522 §3) that are read by programs alone: nobody is called to open them."""
_UNPROVED: Final = frozenset({"unproved", "dmarc-fail", "spf-fail", "spf-softfail", "dkim-fail"})
_PACK: Final = Intents((*OFFERS, *LURES))
_OFFERED: Final = Phrases(word for one in OFFERS for word in one.matter if len(word) > 1)
_LURES: Final = frozenset(one.rule for one in LURES)


class IntentCheck:
    """Reads what strangers write."""

    def __init__(self, neighbours: Neighbours, acquaintances: Acquaintances) -> None:
        self._neighbours = neighbours
        self._acquaintances = acquaintances

    async def __call__(self, evidence: Evidence) -> list[Match]:
        """Return at most three matches: the intent, the claim, the form. Note whether the sender hides."""
        if not (evidence.stranger or evidence.matched & BROKEN) or _is_brand(evidence):
            return []
        if await self._is_report(evidence):
            return []
        claimed = _foreign(evidence, claims_by_name(evidence.sender_name))
        text = (folded(evidence.sender_name) + evidence.folded)[:READ]
        plain = f"{evidence.sender_name} {evidence.words[:MAX_PLAIN]}".lower()
        pages = [one for one in web_links(evidence.links) if not await self._neighbours.is_ours(one.host)]
        calls = _calls(evidence, text, pages)
        met = _PACK.met(text, plain, calls)
        masked = is_masked(evidence, pages, claimed) or bool(bent_words(plain[:READ], _OFFERED))
        if pages and not masked:
            named = _foreign(evidence, claims_by_text(_shown(evidence), text, plain))
            masked = is_masked(evidence, pages, named)
        evidence.specimen.findings.doubt = doubt_of(evidence, calls, masked=masked)
        alone = not met and bool(calls - {"answer"})
        found = [
            *_impersonal(evidence, calls),
            *(_claimed(evidence, one, alone=alone) for one in claimed[:1] if one.strong),
        ]
        return [*found, _judged(evidence, met, masked=masked)] if met else found

    async def _is_report(self, evidence: Evidence) -> bool:
        """Say whether a mail server reports about mail of the reader's (RFC 3464): it writes of deliveries, as a server should.

        Anybody can give a letter the form of a report. This one names somebody to whom the reader has written; for a mailbox
        of several, anybody of the house.
        """
        if evidence.specimen.reverse_path:
            return False
        told = dsn.told(evidence.specimen.entity, evidence.specimen.head)
        if told is None:
            return False
        named = {
            normalize(one)
            for each in told.recipients[:_NAMED]
            for one in (each.original_recipient, each.final_recipient)
        }
        accounts = [one for one in evidence.specimen.accounts if one is not None][:MAX_PEOPLE]
        return any([await self._wrote(account, one) for account in accounts for one in sorted(named - {""})])

    async def _wrote(self, account: Account, address: str) -> bool:
        known = await self._acquaintances.standing(account, address)
        line = known.person if account.kind == "person" else known.house
        return line is not None and line.sent > 0


def _impersonal(evidence: Evidence, calls: frozenset[Call]) -> list[Match]:
    """Return a match for a letter that could go to anybody; without a call to more than an answer it weighs nothing by itself."""
    if evidence.specimen.findings.doubt in {"none", "hints"} or not is_impersonal(evidence):
        return []
    return [Match(IMPERSONAL, (), None if calls - {"answer"} else 0.0)]


def _judged(evidence: Evidence, met: list[Met], *, masked: bool) -> Match:
    """Return the heaviest intent, and call the message phishing where it is a lure of somebody who hides."""
    weigh = {one.intent.rule: one.intent.masked if masked or one.is_sure else one.intent.weight for one in met}
    best = max(met, key=lambda one: (weigh[one.intent.rule], one.concurring))
    masked, findings = masked or best.is_sure, evidence.specimen.findings
    if masked and best.intent.rule in _LURES and findings.nature != "malware":
        findings.nature = "phishing"
    words = (fact(" · ".join(best.words)),)
    return Match(best.intent.rule, words, None if masked else best.intent.weight)


def _calls(evidence: Evidence, text: str, pages: list[Link]) -> frozenset[Call]:
    returned = (
        {"message/rfc822", "message/global"}
        if evidence.specimen.entity.media_type == "multipart/report"
        else set[str]()
    )
    opened = (one.media_type for one in evidence.files if one.media_type not in _OF_REPORTS | returned)
    return calls_of(
        evidence.words, text, pages, files=any(not one.startswith("image/") for one in opened),
        code=bool(evidence.codes) or (evidence.pictures > 0 and "qr" in text),
    )  # fmt: skip


def _foreign(evidence: Evidence, claimed: list[Claim]) -> list[Claim]:
    return [one for one in claimed if not claims.is_of(evidence.sender, one.brand)]


def _shown(evidence: Evidence) -> str:
    alts = [] if evidence.page is None else evidence.page.alts
    return " ".join((evidence.subject, *(one.shown for one in evidence.links[:MAX_SHOWN]), *alts))


def _is_brand(evidence: Evidence) -> bool:
    """Say whether the sender is of a well-known name's domains and nothing says that they are not."""
    if evidence.matched & _UNPROVED:
        return False
    return any(claims.is_of(evidence.sender, one) for one in BRANDS)


def _claimed(evidence: Evidence, claim: Claim, *, alone: bool) -> Match:
    """Return the match; with an intent, whose weight holds the false name too, it weighs less than `alone` with a call to act."""
    facts = (fact(claim.name), fact(domain_to_unicode(evidence.sender_domain)))
    return Match("brand-claimed", facts, CLAIMED_ALONE if alone else None)
