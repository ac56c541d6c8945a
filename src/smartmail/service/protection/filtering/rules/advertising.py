"""The mark `(광고)`, which Korean law wants and which says that a message is an advertisement."""

from smartmail.formats.advertisement import mark_of
from smartmail.service.protection.filtering.rules.check import Match, fact
from smartmail.service.protection.filtering.rules.evidence import Evidence


async def check_advertising(evidence: Evidence) -> list[Match]:
    """Return a match, and call the message bulk: what carries the mark as the law wants it is no spam by that."""
    mark = mark_of(evidence.subject)
    if mark is None:
        return []
    findings = evidence.specimen.findings
    if findings.nature in {"clean", "suspect"}:
        findings.nature = "bulk"
    return [Match("advertisement" if mark == "compliant" else "advertisement-variant", (fact(evidence.subject[:20]),))]
