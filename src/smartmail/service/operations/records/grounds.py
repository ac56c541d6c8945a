"""Why somebody's mail is opened by who does not own it: asked before, sealed, and on record before the first message (KA-40).

Each look that follows is a record of its own (service.kernel.audit.witness). Must not know what is opened.
"""

from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import AccountId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.ports.clock import Clock
from smartmail.ports.store_audit import AuditLog
from smartmail.service.kernel.audit.texts import RecordTexts, given_reason
from smartmail.service.kernel.authority import Authority


class GroundService:
    """Takes reasons, and changes worth to be kept word for word."""

    def __init__(self, store: AuditLog, authority: Authority, texts: RecordTexts, clock: Clock) -> None:
        self._store = store
        self._authority = authority
        self._texts = texts
        self._clock = clock

    async def open_mail(self, actor: Actor, account_id: AccountId, action: str, reason: str) -> None:
        """Record that an administrator is about to open an account's mail (`action` "mail.export" …).

        Raises Invalid (no reason that says something), Forbidden, NotFound, Unavailable: then nothing may be opened.
        """
        home = await self._authority.require(actor, "message.read", Scope("account", str(account_id)))
        now, thing = self._clock.now(), f"account:{account_id}"
        sealed = await self._texts.seal(home, action, thing, now, {"reason": given_reason(reason)})
        who = "cli" if actor.origin.door == "cli" else actor.named
        record = AuditRecord(now, who, action, thing, actor.origin.address, sealed, actor.origin.door)
        await self._store.audit(record, account_id)
