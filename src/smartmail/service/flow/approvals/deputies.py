"""위임: one person decides with the rights of another for a time. It cannot be changed while mail waits for a decision of theirs."""

from smartmail.domain.approving import Deputy
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
from smartmail.ports.clock import Clock
from smartmail.service.flow.approvals.finding import FindingStore


class DeputyService:
    """Names deputies and ends that."""

    def __init__(self, store: FindingStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def of(self, actor: Actor) -> Deputy | None:
        """Return the deputy of a person, one whose time has not come or is over too."""
        found = await self._store.approving.deputies([actor.account_id])
        return found[0] if found else None

    async def name(self, actor: Actor, deputy_id: AccountId, since: int, until: int) -> Deputy:
        """Name the deputy. Raises Invalid, NotFound (no such person in the company), StateMismatch (mail waits)."""
        if until <= max(since, self._clock.now()):
            raise Invalid("the end comes before the beginning", reason="approval.deputy-time")
        if deputy_id == actor.account_id:
            raise Invalid("nobody is their own deputy", reason="approval.deputy-self")
        account = await self._store.account(deputy_id)
        if account.organization_id != actor.organization_id or account.kind != "person" or not account.may("login"):
            raise NotFound("there is no such person")
        row = Deputy(actor.account_id, actor.organization_id, deputy_id, since, until)
        await self._store.approving.put_deputy(row, self._record(actor, "approval-deputy.put"))
        return row

    async def end(self, actor: Actor) -> None:
        """End it. Raises NotFound, StateMismatch (mail waits)."""
        if not await self._store.approving.drop_deputy(actor.account_id, self._record(actor, "approval-deputy.end")):
            raise NotFound("there is no deputy")

    def _record(self, actor: Actor, what: str) -> AuditRecord:
        origin = actor.origin
        return AuditRecord(
            self._clock.now(), actor.named, what, f"account:{actor.account_id}", origin.address, door=origin.door
        )
