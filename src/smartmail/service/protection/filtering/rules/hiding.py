"""Whether a stranger hides: who they are, where their links lead, or the very words they write.

Signs of the build of a letter, apart from what it says: service.protection.filtering.rules.intents weighs words by them, and the shipped start
of the learned filter may decide only beside one (`Findings.doubt`). Must not know intents or weights.
"""

import re
from typing import Final

from smartmail.formats.links import Link
from smartmail.formats.lookalike import registered
from smartmail.formats.phrases import Phrases, folded
from smartmail.service.kernel.inspection.specimen import Doubt
from smartmail.service.protection.filtering.intents import claims
from smartmail.service.protection.filtering.intents.brands import CHEAP_ENDINGS, FREE_MAIL
from smartmail.service.protection.filtering.intents.calls import is_made_up, is_throwaway
from smartmail.service.protection.filtering.intents.claims import Claim
from smartmail.service.protection.filtering.intents.intent import Call
from smartmail.service.protection.filtering.rules.evidence import Evidence
from smartmail.service.protection.filtering.rules.proof import is_unproved

BROKEN: Final = frozenset({
    "dmarc-fail", "spf-fail", "proof-lost", "domain-lookalike", "domain-brand", "link-lookalike", "link-scripts",
    "own-domain", "chain-hijack", "name-holds-address", "name-of-colleague", "link-contradicts", "link-user",
    "link-address", "file-html-form", "file-html-script",
})  # fmt: skip
"""Rules that show a sender to hide, or to be somebody else."""
_TRICKS: Final = frozenset({
    "subject-hidden", "text-hidden", "text-tiny", "text-colour", "text-invisible", "picture-only", "page-form", "page-refresh",
    "link-shortener", "link-port", "link-data", "link-qr", "reply-to-differs", "from-encoded", "advertisement-variant",
    "file-encrypted", "file-packed-program", "file-macro-auto", "list-address", "list-domain", "list-link",
})  # fmt: skip
"""Rules that show care to escape a filter or a look, each too common among honest letters to count beside words of an intent."""
_HOUSE: Final = Phrases((
    "전산팀", "전산실", "it팀", "it지원", "정보보안팀", "보안팀", "인사팀", "총무팀", "급여담당", "시스템관리자", "메일관리자", "웹메일", "메일팀", "관리자",
    "it support", "it department", "it desk", "helpdesk", "help desk", "service desk", "it admin", "system admin",
    "mail admin", "email admin", "administrator", "mailer", "mail delivery", "email support", "webmaster",
    "hr department", "human resources", "payroll", "mail server", "postmaster", "mail team", "email security",
    "server admin", "情報システム", "システム管理", "管理者", "人事部", "総務部", "メール管理", "管理员", "系统管理", "人事部", "财务部", "邮件中心", "邮箱管理",
    "信息中心", "管理員", "系統管理", "財務部", "郵件中心", "資訊室",
))  # fmt: skip
_PAGES: Final = (".html", ".htm", ".shtml", ".xhtml", ".mht", ".svg", ".url", ".hta")
_PACKED: Final = re.compile(r"\.(?:zip|7z|rar|r\d\d|iso|img|egg|alz|gz|tar|cab)\Z", re.IGNORECASE)
_PASSWORD_TOLD: Final = re.compile(
    r"(?:비밀번호|비번|암호|password|passcode|パスワード|密码|密碼)[^\n]{0,12}\d\d", re.IGNORECASE
)
_MAX_PLAIN: Final = 5_000
_DOCUMENTS: Final = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|hwpx?|odt|ods|csv|txt|jpe?g|png|gif|tiff?|heic|ics|vcf|dwg|dxf|ai|psd)\Z",
    re.IGNORECASE,
)
"""What offices send each other: attached alone, it calls to nothing out of the way."""


def doubt_of(evidence: Evidence, calls: frozenset[Call], *, masked: bool) -> Doubt:
    """Return what there is against a stranger beside words; `masked`: as `is_masked` says."""
    if masked:
        return "hides"
    if _converses(evidence):
        return "none"
    # A free address is proved by the person who took it: that says nothing of who they are.
    proved = evidence.specimen.findings.aligned and registered(evidence.sender_domain) not in FREE_MAIL
    if _shows_tricks(evidence, calls):
        return "hints" if proved else "hides"
    if proved:
        return "proved" if _called(evidence, calls) else "none"
    if not evidence.specimen.findings.aligned and not is_unproved(evidence):
        return "none"
    return "unproved"


def _called(evidence: Evidence, calls: frozenset[Call]) -> bool:
    """Say whether a letter calls to more than an answer, and more than a look at the documents that it brings."""
    if calls - {"answer", "file"}:
        return True
    return "file" in calls and not all(_DOCUMENTS.search(one.name) for one in evidence.files)


def _shows_tricks(evidence: Evidence, calls: frozenset[Call]) -> bool:
    """Say whether a letter shows a trick, or leads away from mail to a messenger or a telephone without a house."""
    if evidence.matched & _TRICKS:
        return True
    return "messenger" in calls or ("phone" in calls and registered(evidence.sender_domain) in FREE_MAIL)


def is_masked(evidence: Evidence, pages: list[Link], claimed: list[Claim]) -> bool:
    """Say whether whoever wrote hides who they are or where their links lead."""
    if evidence.matched & BROKEN or any(one.strong for one in claimed) or evidence.codes:
        return True
    if any(not any(claims.is_under(page.host, one.brand) for page in pages) for one in claimed if pages):
        return True
    if _poses_as_house(evidence) or _leads_away(evidence, pages):
        return True
    return _brings_page(evidence) or _brings_locked(evidence)


def _brings_page(evidence: Evidence) -> bool:
    """Say whether a page is attached: what it asks goes where no link shows."""
    return any(file.name.lower().endswith(_PAGES) for file in evidence.files)


def _brings_locked(evidence: Evidence) -> bool:
    """Say whether an archive is attached whose password is in the letter: it is locked for filters, not for readers."""
    return any(_PACKED.search(file.name) for file in evidence.files) and bool(
        _PASSWORD_TOLD.search(evidence.words[:_MAX_PLAIN])
    )


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
