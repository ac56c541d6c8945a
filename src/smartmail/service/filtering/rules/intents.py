"""What a stranger's letter is after (service.filtering.intents): the heaviest intent it meets, and the brand it claims to be.

Whoever is known here, well-known senders who are who they say, and reports of mail servers are not read at all. An intent weighs little until the sender is
seen to hide: a brand that is not theirs, links that lead away from them, a role of the reader's own house, a throw-away page.
"""

from typing import Final

from smartmail.formats.address import domain_to_unicode
from smartmail.formats.links import Link
from smartmail.formats.lookalike import registered
from smartmail.formats.phrases import Phrases, folded
from smartmail.service.filtering.intents import claims
from smartmail.service.filtering.intents.brands import BRANDS, CHEAP_ENDINGS, FREE_MAIL
from smartmail.service.filtering.intents.calls import calls_of, is_made_up, is_throwaway, web_links
from smartmail.service.filtering.intents.claims import Claim, claims_by_name, claims_by_text
from smartmail.service.filtering.intents.intent import Call, Intents, Met
from smartmail.service.filtering.intents.lures import LURES
from smartmail.service.filtering.intents.offers import OFFERS
from smartmail.service.filtering.neighbours import Neighbours
from smartmail.service.filtering.rules.check import Match, fact
from smartmail.service.filtering.rules.evidence import Evidence

READ: Final = 3_000
"""Characters of folded text: who wants something says it at the beginning."""
MAX_PLAIN: Final = 5_000
MAX_SHOWN: Final = 40
BROKEN: Final = frozenset({
    "dmarc-fail", "spf-fail", "proof-lost", "domain-lookalike", "domain-brand", "link-lookalike", "link-scripts",
    "own-domain", "chain-hijack", "name-holds-address", "name-of-colleague", "link-contradicts", "link-user",
    "link-address", "file-html-form", "file-html-script",
})  # fmt: skip
"""Rules that show a sender to hide, or to be somebody else."""
_UNPROVED: Final = frozenset({"unproved", "dmarc-fail", "spf-fail", "spf-softfail", "dkim-fail"})
_HOUSE: Final = Phrases((
    "전산팀", "전산실", "it팀", "it지원", "정보보안팀", "보안팀", "인사팀", "총무팀", "급여담당", "시스템관리자", "메일관리자", "웹메일", "메일팀", "관리자",
    "it support", "it department", "it desk", "helpdesk", "help desk", "service desk", "it admin", "system admin",
    "mail admin", "email admin", "administrator", "mailer", "mail delivery", "email support", "webmaster",
    "hr department", "human resources", "payroll", "mail server", "postmaster", "mail team", "email security",
    "server admin", "情報システム", "システム管理", "管理者", "人事部", "総務部", "メール管理", "管理员", "系统管理", "人事部", "财务部", "邮件中心", "邮箱管理",
    "信息中心", "管理員", "系統管理", "財務部", "郵件中心", "資訊室",
))  # fmt: skip
_PAGES: Final = (".html", ".htm", ".shtml", ".xhtml", ".mht", ".svg", ".url", ".hta")
_PACK: Final = Intents((*OFFERS, *LURES))
_LURES: Final = frozenset(one.rule for one in LURES)


class IntentCheck:
    """Reads what strangers write."""

    def __init__(self, neighbours: Neighbours) -> None:
        self._neighbours = neighbours

    async def __call__(self, evidence: Evidence) -> list[Match]:
        """Return at most two matches: the intent and the claim."""
        if not (evidence.stranger or evidence.matched & BROKEN) or _is_brand(evidence) or _is_report(evidence):
            return []
        claimed = _foreign(evidence, claims_by_name(evidence.sender_name))
        found = [_claimed(evidence, one) for one in claimed[:1] if one.strong]
        text = (folded(evidence.sender_name) + evidence.folded)[:READ]
        plain = f"{evidence.sender_name} {evidence.words[:MAX_PLAIN]}".lower()
        pages = [one for one in web_links(evidence.links) if not await self._neighbours.is_ours(one.host)]
        met = _PACK.met(text, plain, _calls(evidence, text, pages))
        if not met:
            return found
        claimed += _foreign(evidence, claims_by_text(_shown(evidence), text, plain))
        return [*found, _judged(evidence, met, pages, claimed)]


def _judged(evidence: Evidence, met: list[Met], pages: list[Link], claimed: list[Claim]) -> Match:
    """Return the heaviest intent, and call the message phishing where it is a lure of somebody who hides."""
    hides = is_masked(evidence, pages, claimed)
    weigh = {one.intent.rule: one.intent.masked if hides or one.is_sure else one.intent.weight for one in met}
    best = max(met, key=lambda one: (weigh[one.intent.rule], one.concurring))
    masked, findings = hides or best.is_sure, evidence.specimen.findings
    if masked and best.intent.rule in _LURES and findings.nature != "malware":
        findings.nature = "phishing"
    words = (fact(" · ".join(best.words)),)
    return Match(best.intent.rule, words, None if masked else best.intent.weight)


def _calls(evidence: Evidence, text: str, pages: list[Link]) -> frozenset[Call]:
    return calls_of(
        evidence.words, text, pages, files=any(not one.media_type.startswith("image/") for one in evidence.files),
        code=bool(evidence.codes) or (evidence.pictures > 0 and "qr" in text),
    )  # fmt: skip


def _foreign(evidence: Evidence, claimed: list[Claim]) -> list[Claim]:
    return [one for one in claimed if not claims.is_of(evidence.sender, one.brand)]


def is_masked(evidence: Evidence, pages: list[Link], claimed: list[Claim]) -> bool:
    """Say whether whoever wrote hides who they are or where their links lead."""
    if evidence.matched & BROKEN or any(one.strong for one in claimed) or evidence.codes:
        return True
    if any(not any(claims.is_under(page.host, one.brand) for page in pages) for one in claimed if pages):
        return True
    return _poses_as_house(evidence) or _leads_away(evidence, pages) or _brings_page(evidence)


def _brings_page(evidence: Evidence) -> bool:
    """Say whether a page is attached: what it asks goes where no link shows."""
    return any(file.name.lower().endswith(_PAGES) for file in evidence.files)


def _poses_as_house(evidence: Evidence) -> bool:
    """Say whether a stranger has a name that only somebody of the reader's own house has, or the house's own."""
    own = folded(evidence.sender_name)
    houses = {registered(one.rpartition("@")[2]).partition(".")[0] for one in evidence.specimen.recipients}
    return bool(_HOUSE.found(own)) or any(len(house) > 3 and folded(house) in own for house in houses)


def _leads_away(evidence: Evidence, pages: list[Link]) -> bool:
    """Say whether a link leads to a page that nobody keeps, or an unproved sender's leads to somebody else."""
    own = registered(evidence.sender_domain)
    if any(is_throwaway(one) or _carries_reader(one, evidence) for one in pages):
        return True
    if own.rpartition(".")[2] in CHEAP_ENDINGS or is_made_up(own):
        return True
    elsewhere = bool(pages) and all(registered(one.host) != own for one in pages)
    return elsewhere and not _converses(evidence) and (own in FREE_MAIL or not evidence.specimen.findings.aligned)


def _converses(evidence: Evidence) -> bool:
    """Say whether a letter is one of a discussion, where people name pages of others."""
    ids = evidence.specimen.summary.ids
    return bool(ids.in_reply_to or ids.references) or evidence.specimen.header.first("list-id") is not None


def _carries_reader(link: Link, evidence: Evidence) -> bool:
    """Say whether a link hands the reader's address to its page, as forms do that have it filled in."""
    _, mark, rest = link.path.partition("#")
    return bool(mark) and any(one.lower() in rest.lower() for one in evidence.specimen.recipients)


def _shown(evidence: Evidence) -> str:
    alts = [] if evidence.page is None else evidence.page.alts
    return " ".join((evidence.subject, *(one.shown for one in evidence.links[:MAX_SHOWN]), *alts))


def _is_brand(evidence: Evidence) -> bool:
    """Say whether the sender is of a well-known name's domains and nothing says that they are not."""
    if evidence.matched & _UNPROVED:
        return False
    return any(claims.is_of(evidence.sender, one) for one in BRANDS)


def _is_report(evidence: Evidence) -> bool:
    """Say whether a mail server reports about mail (RFC 3464, RFC 8098): it writes of deliveries, as a server should."""
    entity = evidence.specimen.entity
    return not evidence.specimen.reverse_path and entity.media_type == "multipart/report"


def _claimed(evidence: Evidence, claim: Claim) -> Match:
    return Match("brand-claimed", (fact(claim.name), fact(domain_to_unicode(evidence.sender_domain))))
