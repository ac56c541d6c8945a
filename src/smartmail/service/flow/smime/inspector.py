"""The inspector that keeps, with a message from outside, what its signature was worth when it came (RFC 9219 §4.1).

The result is a method of RFC 8601 (`smime`, RFC 7281). It decides nothing: a broken signature is shown, not refused.
"""

from smartmail.domain.inspection import AuthResult
from smartmail.formats.smime import Judgement
from smartmail.service.flow.smime.judging import judge
from smartmail.service.flow.smime.trust import TrustService
from smartmail.service.kernel.inspection.specimen import Specimen

METHOD = "smime"


class SmimeInspector:
    """Judges signatures at delivery."""

    name = METHOD

    def __init__(self, trust: TrustService) -> None:
        self._trust = trust

    async def examine(self, specimen: Specimen) -> None:
        """Add the result for a signed message."""
        account = next((one for one in specimen.accounts if one is not None), None)
        if account is None:
            return
        summary = specimen.summary
        senders = [one.address for one in summary.from_]
        trust = await self._trust.of(account.organization_id)
        found = await judge(summary.parts, specimen.read, senders, trust, specimen.received_at // 1000)
        if found is not None:
            specimen.findings.authentication.append(_result(found))


def _result(found: Judgement) -> AuthResult:
    properties = [("body.smime-identifier", found.address), ("body.smime-serial", found.serial)]
    properties.append(("body.smime-issuer", found.issuer))
    told = tuple((name, value) for name, value in properties if value)
    return AuthResult(METHOD, "pass" if found.good else "fail", " ".join(found.faults), told)
