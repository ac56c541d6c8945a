"""What the authentication of mail said (RFC 8601 results that an earlier step found), as reasons."""

from typing import Final

from smartmail.service.protection.filtering.rules.check import Match, fact
from smartmail.service.protection.filtering.rules.evidence import Evidence

ARC_TRUSTED: Final = "arc-trusted"
"""The reason of service.flow.authentication that a relay which is trusted vouches for a message."""


async def check_proof(evidence: Evidence) -> list[Match]:
    """Return matches; without any result, or with temporary errors alone, nothing is known."""
    findings = evidence.specimen.findings
    if findings.aligned:
        return [Match("proved", (fact(evidence.sender_domain),))]
    if ARC_TRUSTED in evidence.matched:  # whoever forwarded it saw the proof, and broke it
        return []
    results: dict[str, set[str]] = {}
    for one in findings.authentication:
        results.setdefault(one.method, set()).add(one.result)
    found = [
        Match(rule, (fact(evidence.sender_domain),))
        for method, result, rule in (
            ("spf", "fail", "spf-fail"), ("spf", "softfail", "spf-softfail"), ("dmarc", "fail", "dmarc-fail"),
        )
        if result in results.get(method, ())
    ]  # fmt: skip
    dkim = results.get("dkim", set())
    if "fail" in dkim and "pass" not in dkim:
        found.append(Match("dkim-fail", (fact(evidence.sender_domain),)))
    if not found and is_unproved(evidence):
        found.append(Match("unproved", (fact(evidence.sender_domain),)))
    return found


def is_unproved(evidence: Evidence) -> bool:
    """Say whether authentication was tried, got its answers, and proved nothing."""
    findings = evidence.specimen.findings
    results = {one.result for one in findings.authentication}
    vouched = any(one.rule == ARC_TRUSTED for one in findings.reasons)
    return bool(results) and not findings.aligned and not vouched and "temperror" not in results
