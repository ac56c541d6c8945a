"""What people and administrators do with quarantine."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from smartmail.base import log
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditLink, AuditQuery, AuditRecord
from smartmail.domain.authority import Permission
from smartmail.domain.errors import Forbidden, Invalid, MailError, NotFound, OverQuota, PolicyRejected
from smartmail.domain.ids import AccountId, OrganizationId, QueueEntryId
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.quarantine import HeldRow
from smartmail.domain.queue import QueueAct, QueueTarget
from smartmail.formats.seal import Kind, Purpose, SealError, SealKey
from smartmail.policy import knobs
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_audit import AuditLog, AuditStore
from smartmail.ports.store_quarantine import QuarantineStore
from smartmail.ports.store_queue import QueueControlStore
from smartmail.service.flow.quarantine.items import NOT_HELD, HeldItem, ItemReader
from smartmail.service.flow.quarantine.rescanning import Rescanning
from smartmail.service.flow.tracing import telling
from smartmail.service.flow.tracing.recording import Tracer
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.envelope import open_recipient
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.push import Hints
from smartmail.service.protection.filtering.learning import LearningService
from smartmail.service.protection.filtering.lists import SenderLists, own_place
from smartmail.service.protection.filtering.reading import HEAD_OCTETS


class _Store(AccountStore, AuditLog, AuditStore, QuarantineStore, QueueControlStore, Protocol): ...


MAX_OWN = 10_000
"""Of one person, that their list shows."""
PAGE = 200
_SYSTEM = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("system"))
"""Records of the audit that a history looks through."""


@dataclass(frozen=True, slots=True)
class Deed:
    """How something is let out. `learn`: teach the filter that it is good; `allow`: its sender, from now on.

    `reason` is an administrator's, sealed in the audit. `dangerous`: an administrator lets out malware with open eyes.
    """

    learn: bool = False
    allow: bool = False
    reason: str = ""
    dangerous: bool = False


class QuarantineService:
    """Shows, lets out, throws away."""

    def __init__(
        self, store: _Store, keyring: Keyring, reader: ItemReader, rescanning: Rescanning, policy: PolicyService,
        learning: LearningService, lists: SenderLists, hints: Hints, clock: Clock, authority: Authority,
        tracer: Tracer,
    ) -> None:  # fmt: skip
        self._store = store
        self._keyring = keyring
        self._reader = reader
        self._rescanning = rescanning
        self._policy = policy
        self._learning = learning
        self._lists = lists
        self._hints = hints
        self._clock = clock
        self._authority = authority
        self._tracer = tracer

    # --- one's own ---

    async def own_rows(self, account_id: AccountId) -> list[HeldRow]:
        """Return what lies in a person's quarantine, the newest first, unopened. Raises Unavailable."""
        rows = await self._store.quarantined(account_id=account_id, limit=MAX_OWN)
        return rows[::-1]

    async def own(self, account_id: AccountId, ids: Sequence[str]) -> list[HeldItem]:
        """Return those of a person's items that ids name, opened, in their order. Raises Unavailable."""
        rows = await self._reader.rows(ids, account_id)
        return await self._reader.open_all([rows[one] for one in ids if one in rows])

    async def may_release(self, item: HeldItem) -> bool:
        """Say whether its own person may let an item out."""
        if item.is_dangerous or item.row.account_id is None:
            return False
        return await self._policy.value(await self._store.account(item.row.account_id), knobs.QUARANTINE_RELEASE)

    async def days(self, account: Account) -> int:
        """Return for how many days a person's mail is kept here."""
        return await self._policy.value(account, knobs.QUARANTINE_DAYS)

    async def may_link(self, item: HeldItem) -> bool:
        """Say whether a link may let an item out, or throw it away, without a login."""
        if not await self.may_release(item) or item.row.account_id is None:
            return False
        return await self._policy.value(await self._store.account(item.row.account_id), knobs.QUARANTINE_LINKS)

    async def release_own(self, actor: Actor, item_id: str, deed: Deed = Deed()) -> None:
        """Let one's own mail out. Raises NotFound, Forbidden, PolicyRejected (malware), Unavailable (not scanned)."""
        item = await self._reader.open(await self._reader.row(item_id, actor.account_id))
        if not await self.may_release(item):
            raise Forbidden("only an administrator may let this out", reason="quarantine.admin")
        await self._release(actor, item, deed)

    async def delete_own(self, actor: Actor, item_id: str) -> None:
        """Throw one's own mail away. Raises NotFound."""
        await self._act(actor, "delete", [await self._reader.row(item_id, actor.account_id)])

    # --- links ---

    async def linked(self, item_id: str) -> HeldItem:
        """Return what a link is about. Raises NotFound, Forbidden (not by a link)."""
        item = await self._reader.open(await self._reader.row(item_id, None))
        if not await self.may_link(item):
            raise Forbidden("not by a link", reason="quarantine.nolink")
        return item

    # --- administrators ---

    async def count(self, organization_id: OrganizationId) -> int:
        """Count the messages of a company that lie in quarantine."""
        return await self._store.count_quarantined(organization_id)

    async def all(
        self, *, organization_id: OrganizationId | None = None, account_id: AccountId | None = None,
        after: QueueEntryId = QueueEntryId(0), limit: int = PAGE,  # noqa: B008 -- a number
    ) -> list[HeldItem]:  # fmt: skip
        """Return what lies in quarantine, the oldest first. Raises Unavailable."""
        rows = await self._store.quarantined(
            organization_id=organization_id, account_id=account_id, after=after, limit=limit
        )
        return await self._reader.open_all(rows)

    async def show(self, actor: Actor, item_id: str, reason: str) -> tuple[HeldItem, bytes]:
        """Return an item and its octets to an administrator, with their reason in the audit. Raises NotFound, Invalid."""
        row = await self._as_administrator(actor, item_id, reason, "message.read")
        item = await self._reader.open(row)
        await self._store.audit(self._record(actor, "quarantine.read", row, reason))
        return item, await self._reader.octets(row, 0, await self._reader.size(row))

    async def release(self, actor: Actor, item_id: str, deed: Deed) -> None:
        """Let out anybody's. Raises NotFound, Forbidden, Invalid (no reason), PolicyRejected (malware), Unavailable."""
        item = await self._reader.open(await self._as_administrator(actor, item_id, deed.reason))
        if item.is_malware and not deed.dangerous:
            raise PolicyRejected("it holds malware", reason="quarantine.malware")
        await self._release(actor, item, deed)

    async def delete(self, actor: Actor, item_id: str, reason: str) -> None:
        """Throw away anybody's. Raises NotFound, Forbidden, Invalid (no reason)."""
        await self._act(actor, "delete", [await self._as_administrator(actor, item_id, reason)], reason)

    async def _as_administrator(
        self, actor: Actor, item_id: str, reason: str, permission: Permission = "quarantine.change"
    ) -> HeldRow:
        try:
            row = await self._reader.row(item_id, None)
        except NotFound:
            row = None
        owner, account = (None, None) if row is None else (row.entry.organization_id, row.account_id)
        await self._authority.require_owner(actor, permission, owner, NOT_HELD, account_id=account)
        assert row is not None
        if not reason.strip():
            raise Invalid("say why: it goes into the audit", reason="why.needed")
        return row

    # --- what all do ---

    async def _release(self, actor: Actor, item: HeldItem, deed: Deed) -> None:
        if deed.dangerous:
            owner, person = item.row.entry.organization_id, item.row.account_id
            await self._authority.require_owner(actor, "quarantine.change", owner, NOT_HELD, account_id=person)
        else:
            await self._rescanning.check(item.row)
        await self._require_room(item)
        # The model learns from the octets, and they may be gone once it is let out.
        octets = await self._reader.octets(item.row, 0, HEAD_OCTETS) if deed.learn else b""
        await self._act(actor, "release", [item.row], deed.reason)
        if item.row.account_id is None or item.is_dangerous:
            return
        account = await self._store.account(item.row.account_id)
        await self._follow(actor, account, item, octets, allow=deed.allow)

    async def _require_room(self, item: HeldItem) -> None:
        """Raises OverQuota. An entry that lay here for days is too old to wait in the queue for room."""
        if item.row.account_id is not None:
            account = await self._store.account(item.row.account_id)
            if account.quota is not None and account.used + item.row.entry.size > account.quota:
                raise OverQuota("there is no room in the mailbox", reason="mailbox.full")

    async def _follow(self, actor: Actor, account: Account, item: HeldItem, octets: bytes, *, allow: bool) -> None:
        """Learn and allow. The mail is out already: what fails here is logged and can be said again."""
        try:
            if octets:
                await self._learning.teach(account.organization_id, [(octets, False)], account)
            if allow and item.author:
                await self._lists.put(actor, own_place(account.id), "allow", item.author)
        except MailError as error:
            log.event("quarantine.learning_failed", account=account.id, error=type(error).__name__)

    async def _act(self, actor: Actor, act: QueueAct, rows: Sequence[HeldRow], reason: str = "") -> None:
        """Do it in one commit with its record. Raises NotFound where somebody was faster."""
        for row in rows:
            audit = self._record(actor, f"quarantine.{act}", row, reason)
            target = QueueTarget(row.entry.id, (row.recipient.number,))
            if not await self._store.change_queue(act, [target], now=self._clock.now(), audit=audit):
                raise NotFound("it does not lie in quarantine")
            await self._trace(actor, act, row)
        if act == "release":
            self._hints.queue_changed()

    async def _trace(self, actor: Actor, act: QueueAct, row: HeldRow) -> None:
        keys = await self._keyring.queue(row.entry.organization_id)
        event = telling.acted(act, open_recipient(keys, row.recipient).address, actor)
        self._tracer.note(row.entry.organization_id, row.entry.id, event)

    def _record(self, actor: Actor, action: str, row: HeldRow, reason: str) -> AuditRecord:
        now = self._clock.now()
        about = f"quarantine:{row.entry.id:x}-{row.recipient.number}"
        keys = self._reasons()
        sealed = keys.seal_text(Kind.AUDIT_TEXT, reason[:1000], _slot(keys, about), now) if reason else None
        who = actor.named
        return AuditRecord(now, who, action, about, actor.origin.address, sealed, actor.origin.door)

    def _reasons(self) -> Sealer:
        # What is let out is no organisation's any more: reasons lie under a key that only this installation can make.
        return Sealer(SealKey(self._keyring.installation_mac(Purpose.QUARANTINE_LINK, b"reasons")), 0, self._clock)

    async def history(self, limit: int) -> list[tuple[AuditRecord, str]]:
        """Return what was done with quarantine among the newest records of the audit, each with its reason."""
        query = AuditQuery(action="quarantine.", limit=limit)
        links: list[AuditLink] = []
        for home in await self._store.audit_organizations():
            links += await self._store.find_links(home, query)
        rows = [row.record for _link, row in await self._store.records_of(links) if row is not None]
        # Those of the last second are in no chain yet.
        newest = await self._store.newest_chained("audit")
        fresh = await self._store.unchained_records("audit", newest, limit)
        rows += [row.record for row in fresh if row.record.action.startswith(query.action)]
        rows.sort(key=lambda one: one.at, reverse=True)
        return [(record, self._reason(record)) for record in rows[:limit]]

    def _reason(self, record: AuditRecord) -> str:
        if record.sealed_detail is None:
            return ""
        keys = self._reasons()
        try:
            return keys.open_text(Kind.AUDIT_TEXT, record.sealed_detail, _slot(keys, record.object), record.at)
        except SealError:
            return ""

    # --- time ---

    async def purge(self) -> int:
        """Delete what has lain for as long as policy keeps it; return how many. A job."""
        now, after, gone = self._clock.now(), QueueEntryId(0), 0
        days: dict[AccountId | None, int] = {}
        while rows := await self._store.quarantined(created_before=now - DAY, after=after, limit=PAGE):
            after = rows[-1].entry.id
            for row in rows:
                if row.account_id not in days:
                    days[row.account_id] = await self._days(row.account_id)
                if row.entry.created_at < now - days[row.account_id] * DAY:
                    gone += await self._drop(row, now)
        return gone

    async def _days(self, account_id: AccountId | None) -> int:
        if account_id is not None:
            try:
                return await self._policy.value(await self._store.account(account_id), knobs.QUARANTINE_DAYS)
            except NotFound:
                pass
        return await self._policy.value_at_large(knobs.QUARANTINE_DAYS)

    async def _drop(self, row: HeldRow, now: int) -> int:
        audit = AuditRecord(now, "system", "quarantine.expire", f"quarantine:{row.entry.id:x}-{row.recipient.number}")
        target = QueueTarget(row.entry.id, (row.recipient.number,))
        met = await self._store.change_queue("delete", [target], now=now, audit=audit)
        if met:
            await self._trace(_SYSTEM, "delete", row)
        return len(met)


def _slot(keys: Sealer, about: str) -> bytes:
    return keys.hash(Purpose.QUARANTINE_LINK, b"reason", about.encode())
