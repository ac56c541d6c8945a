"""Long acts on records and mail: a company's chain verified, a wave taken out of all mailboxes.

Each asks again for its right: it may have been taken back since somebody asked for the work.
"""

from typing import Any, Final

import msgspec

from smartmail.domain.cases import Wave
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.service.governance.cases import PurgeService
from smartmail.service.kernel.audit.service import AuditService
from smartmail.service.kernel.authority import Authority
from smartmail.service.operations.admin_jobs.jobs import JobProgress

AUDIT_VERIFY: Final = "audit.verify"
MAIL_PURGE: Final = "mail.purge"
MAX_FINDINGS: Final = 100


class RecordActs:
    """Does them."""

    def __init__(self, audit: AuditService, purges: PurgeService, authority: Authority) -> None:
        self._audit = audit
        self._purges = purges
        self._authority = authority

    async def verify(self, actor: Actor, _request: dict[str, Any], progress: JobProgress) -> dict[str, Any]:
        """Look through the chain of the actor's company."""
        await self._authority.require(actor, "audit.read", Scope("organization", str(int(actor.organization_id))))
        report = await self._audit.verify_one(actor.organization_id)
        progress.note(report.records)
        found = [
            {"trouble": one.trouble, "seq": one.seq, "last": one.last, "about": one.about}
            for one in report.findings[:MAX_FINDINGS]
        ]
        return {
            "records": report.records, "forgotten": report.forgotten, "length": report.length,
            "digest": report.digest.hex(), "troubles": len(report.findings), "findings": found,
        }  # fmt: skip

    async def purge(self, actor: Actor, request: dict[str, Any], progress: JobProgress) -> dict[str, Any]:
        """Take a wave out, or ask another administrator."""
        await self._authority.require(actor, "case.change", Scope("organization", str(int(actor.organization_id))))
        outcome = await self._purges.ask(actor, actor.organization_id, msgspec.convert(request["wave"], Wave))
        words = dict(word.partition(":")[::2] for word in outcome.result.split())
        progress.note(int(words.get("messages", "0") or 0))
        return {
            "waits": outcome.waits, "purgeId": words.get("purge", ""), "accounts": int(words.get("accounts", "0") or 0),
            "messages": int(words.get("messages", "0") or 0),
            "proposalId": None if outcome.proposal is None else str(outcome.proposal.row.id),
        }  # fmt: skip
