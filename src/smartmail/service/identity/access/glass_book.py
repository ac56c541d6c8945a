"""The book of break-glass access: what is open now, for all administrators to see, and the report when it has ended.

STRATEGIES  An opening is written before the rules that open, so nothing is ever open unseen. The report waits REPORT_AFTER
            for the chain of records to catch up, is marked before it is sent, and goes to all administrators.
SECURITY    Whoever administers anything in the company sees that it is open, for whom, by whom and until when; the reason is
            for who may read access rules. Reasons are sealed.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, Protocol

from smartmail.base import log
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditQuery
from smartmail.domain.break_glass import Glass
from smartmail.domain.errors import Forbidden, NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.formats.seal import Kind, SealError
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_audit import AuditStore
from smartmail.ports.store_break_glass import BreakGlassStore
from smartmail.ports.store_policy import PolicyStore
from smartmail.service.identity.access.notices import AccessNotices
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import MINUTE
from smartmail.service.kernel.keyring import Keyring


class _Store(AccountStore, AuditStore, BreakGlassStore, PolicyStore, Protocol): ...


REPORT_AFTER: Final = 2 * MINUTE
MOST_ACTS: Final = 1000
SHOWN_ACTS: Final = 30


@dataclass(frozen=True, slots=True)
class GlassView:
    """An opening as administrators see it; `reason` "" for who may not read it."""

    glass: Glass
    login: str
    by: str
    is_open: bool
    reason: str = field(default="", repr=False)


class GlassBook:
    """Remembers, shows, reports."""

    def __init__(
        self, store: _Store, keyring: Keyring, authority: Authority, notices: AccessNotices, clock: Clock
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._authority = authority
        self._notices = notices
        self._clock = clock

    async def seal(self, account: Account, at: int, reason: str) -> bytes:
        """Seal a reason, for the book and for the audit."""
        keys = await self._keyring.organization(account.organization_id)
        return keys.seal_text(Kind.AUDIT_TEXT, reason, account.id.to_bytes(16), at)

    async def begin(self, actor: Actor, account: Account, at: int, until: int, sealed: bytes) -> None:
        """Write an opening."""
        await self._store.add_glass(Glass(
            0, account.organization_id, account.id, at, until, actor.named, actor.origin.door, actor.origin.address, sealed,
        ))  # fmt: skip

    async def end(self, actor: Actor, account: Account) -> None:
        """Write that it is closed."""
        await self._store.end_glass(account.id, self._clock.now(), actor.named)

    async def views(self, actor: Actor, organization_id: OrganizationId | None = None) -> list[GlassView]:
        """Return the openings of the actor's company, the newest first; of another one to who administers all.

        Raises Forbidden: who administers nothing, or not there.
        """
        if not await self._authority.holdings(actor):
            raise Forbidden
        home = actor.organization_id if organization_id is None else organization_id
        whole = Scope("organization", str(int(home)))
        if home != actor.organization_id:
            await self._authority.require(actor, "access.read", whole)
        tells, now = await self._authority.may(actor, "access.read", whole), self._clock.now()
        return [
            GlassView(
                one, await self._name(one.account_id), await self._named(one.opened_by), one.is_open(now),
                await self._reason(one) if tells else "",
            )
            for one in await self._store.glasses(home)
        ]  # fmt: skip

    async def turn(self) -> int:
        """Report what has ended; return how many. A job's work."""
        now, reported = self._clock.now(), 0
        for one in await self._store.ended_glasses(now - REPORT_AFTER):
            if await self._store.report_glass(one.id, now):
                await self._report(one)
                reported += 1
        return reported

    async def _report(self, one: Glass) -> None:
        try:
            account = await self._store.account(one.account_id)
        except NotFound:
            return
        since, until = one.opened_at, one.end()
        past = await self._store.login_attempts(account.id, limit=MOST_ACTS)
        logins = [each for each in past if since <= each.at < until]
        query = AuditQuery(actor=f"account:{account.id}", since=since, until=until, limit=MOST_ACTS)
        links = await self._store.find_links(account.organization_id, query)
        acts = Counter(each.facts.action for each in links if each.facts.kind != "login")
        await self._notices.glass_ended(
            account, await self._named(one.opened_by), (since, until), await self._reason(one),
            [f"{each.door} {each.address} {each.result}" for each in logins[:SHOWN_ACTS]],
            [f"{action} × {count}" for action, count in acts.most_common(SHOWN_ACTS)],
        )  # fmt: skip
        log.event("access.break_glass_ended", account=account.id, logins=len(logins), acts=acts.total())

    async def _reason(self, one: Glass) -> str:
        try:
            keys = await self._keyring.organization(one.organization_id)
            return keys.open_text(Kind.AUDIT_TEXT, one.sealed_reason, one.account_id.to_bytes(16), one.opened_at)
        except SealError:
            return ""

    async def _name(self, account_id: AccountId) -> str:
        try:
            return (await self._store.account(account_id)).login
        except NotFound:
            return f"account:{account_id}"

    async def _named(self, actor: str) -> str:
        kind, _, number = actor.partition(":")
        return await self._name(AccountId(int(number))) if kind == "account" and number.isdecimal() else actor
