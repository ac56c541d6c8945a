"""Approvals: mail that waits for somebody's yes. waiting → approved | rejected | expired, once.

NAME       approvals
PURPOSE    A list's moderators and an organisation's administrators decide about held queue entries.
STATES     waiting (the entry is held), approved (it goes on), rejected and expired (it is gone; its author is told).
FAILURE    Decision and what follows from it are one commit; who comes second is told so.
SECURITY   Who may decide: a moderator or owner of the list, or an administrator of the organisation. What they see of the
           mail is sealed. Authors outside are told nothing: their address is a claim.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import msgspec

from smartmail.domain.addressing import ApprovalKind, ApprovalRow, ApprovalState, ApprovalText, ListText
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists, Forbidden, NotFound
from smartmail.domain.ids import AccountId, OrganizationId, QueueEntryId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.queue import NewQueueEntry
from smartmail.domain.trace import Event, EventKind
from smartmail.formats.address import normalize
from smartmail.formats.seal import Kind
from smartmail.ports.store_tx import MailTx
from smartmail.service.flow.addressing.book import AddressBook
from smartmail.service.flow.addressing.notices import NoticeWriter
from smartmail.service.flow.tracing.recording import Tracer
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.push import Hints

LOW_BITS = (1 << 20) - 1
LIFETIME = 3 * DAY
"""Shorter than the life of a queue entry, so that what is approved late can still be delivered."""


@dataclass(frozen=True, slots=True)
class Approval:
    """A question, opened."""

    row: ApprovalRow
    text: ApprovalText


class ApprovalService:
    """Asks, shows, decides."""

    def __init__(
        self, book: AddressBook, notices: NoticeWriter, hints: Hints, authority: Authority, tracer: Tracer
    ) -> None:
        self._book = book
        self._authority = authority
        self._store = book.store
        self._clock = book.clock
        self._notices = notices
        self._hints = hints
        self._tracer = tracer

    async def question(
        self, organization_id: OrganizationId, kind: ApprovalKind, subject: str, account_id: AccountId | None,
        entry_id: QueueEntryId, text: ApprovalText,
    ) -> ApprovalRow:  # fmt: skip
        """Return a new question, sealed; to be asked with `ask`."""
        keys = await self._book.keyring.organization(organization_id)
        now = self._clock.now()
        sealed = keys.seal(Kind.APPROVAL, msgspec.msgpack.encode(text), entry_id)
        return ApprovalRow(
            0, organization_id, kind, subject, account_id, entry_id, "waiting", now, now + LIFETIME, None, "", sealed
        )

    async def ask(
        self,
        row: ApprovalRow,
        entry: NewQueueEntry | None,
        text: ApprovalText,
        deciders: Sequence[str],
        beside: Sequence[NewQueueEntry] = (),
    ) -> None:
        """Hold the entry, and tell whoever may decide. Asked twice about one entry, it is asked once."""
        values = {"sender": text.sender, "subject": text.subject or "-", "count": text.recipients, "about": row.subject,
                  "entry": f"{row.entry_id:x}"}  # fmt: skip
        told = [await self._notices.entry(row.organization_id, one, f"approval.{row.kind}", values) for one in deciders]
        try:
            await self._store.ask_approval(row, entry, [*told, *beside])
        except AlreadyExists:
            if any(one.entry_id == row.entry_id for one in await self._store.approvals(limit=100_000)):
                return
            raise
        self._hints.queue_changed()

    async def list_all(
        self, state: ApprovalState | None = "waiting", organization_id: OrganizationId | None = None
    ) -> list[Approval]:
        """Return questions, the oldest first, opened."""
        return [await self._opened(row) for row in await self._store.approvals(state, organization_id=organization_id)]

    async def _opened(self, row: ApprovalRow) -> Approval:
        keys = await self._book.keyring.organization(row.organization_id)
        octets = keys.open(Kind.APPROVAL, row.sealed, row.entry_id)
        return Approval(row, msgspec.msgpack.decode(octets, type=ApprovalText))

    async def decide(self, actor: Actor, approval_id: int, *, approve: bool, note: str = "") -> ApprovalRow:
        """Let a mail go, or end it. Raises NotFound, Forbidden, AlreadyExists (somebody has decided)."""
        found = [one for one in await self._store.approvals(limit=100_000) if one.id == approval_id]
        if not found:
            raise NotFound("there is no such question")
        await self._require(actor, found[0])
        await self._end(found[0], "approved" if approve else "rejected", actor.named, actor.origin, note)
        return found[0]

    async def _require(self, actor: Actor, row: ApprovalRow) -> None:
        """Raises Forbidden for who may not decide: nobody on what they sent themselves beyond a limit."""
        if row.kind == "limit" and actor.account_id and row.account_id == actor.account_id:
            raise Forbidden("somebody else decides on your own mail", reason="approval.own")
        if await self._authority.may(actor, "queue.change", Scope("organization", str(int(row.organization_id)))):
            return
        if row.kind == "list" and actor.account_id:
            stand_in = (await self._book.stand_ins([row.subject])).get(row.subject)
            own = {*await self._store.addresses(actor.account_id)}
            if stand_in is not None and own & _deciders(await self._book.list_text(stand_in)):
                return
        raise Forbidden(
            "this is for the moderators of the list and the administrators to decide", reason="approval.moderators"
        )

    async def _end(self, row: ApprovalRow, state: ApprovalState, by: str, origin: Origin | None, note: str) -> None:
        now, (address, door) = self._clock.now(), ("", "") if origin is None else (origin.address, origin.door)
        opened = await self._opened(row)
        notice = None if state == "approved" else await self.notice(opened, state, note)
        told = [] if notice is None else [notice]
        audit = AuditRecord(now, by, f"approval.{state}", f"approval:{row.id}", address, door=door)
        if not await self._store.decide_approval(row.id, state, now=now, by=by, audit=audit, enqueue=told):
            raise AlreadyExists("somebody has decided already", reason="consent.over")
        kind: EventKind = "released" if state == "approved" else "removed"
        self._tracer.note(row.organization_id, row.entry_id, Event(kind, by=by))
        self._hints.queue_changed()
        await self.show_end(row, ended=state != "approved")

    async def about(self, organization_id: OrganizationId, entries: Collection[QueueEntryId]) -> list[Approval]:
        """Return the questions that wait about some entries, for who acts on these in another way."""
        if not entries:
            return []
        rows = await self._store.approvals("waiting", organization_id=organization_id, limit=100_000)
        return [await self._opened(row) for row in rows if row.entry_id in entries]

    async def notice(self, one: Approval, state: ApprovalState, note: str = "") -> NewQueueEntry | None:
        """Return the mail that tells an author how a question ended; None for one outside, who is told nothing."""
        row, text = one.row, one.text
        if row.account_id is None or not text.sender:
            return None
        values = {"subject": text.subject or "-", "about": row.subject, "note": note or "-"}
        return await self._notices.entry(row.organization_id, text.sender, f"approval.{state}", values)

    async def show_end(self, row: ApprovalRow, *, ended: bool) -> None:
        """Show the sender that what was asked about can no longer be taken back."""
        if row.account_id is not None and row.kind == "limit":
            await self._tell_submission(row.account_id, row.entry_id, ended=ended)

    async def _tell_submission(self, account_id: AccountId, entry_id: QueueEntryId, *, ended: bool) -> None:
        """Show the sender, where it was sent by JMAP, that it can no longer be taken back."""
        found = [one.id for one in await self._store.submissions(account_id, None) if one.queue_id == entry_id]
        if not found:
            return

        async def body(tx: MailTx) -> None:
            await tx.update_submission(found[0], undo_status="canceled" if ended else "final")

        await self._store.write(account_id, body)
        self._hints.account_changed(account_id)

    async def expire(self) -> int:
        """End what nobody decided in time; return how many."""
        now, ended = self._clock.now(), 0
        for row in await self._store.approvals("waiting"):
            if row.expires_at <= now:
                try:
                    await self._end(row, "expired", "system", None, "")
                except AlreadyExists:
                    continue
                ended += 1
        return ended


def held_id(entry_id: QueueEntryId, number: int) -> QueueEntryId:
    """Return the id of the held entry that a recipient becomes: the same each time it is worked on again.

    Its time is that of the entry it comes from, for the queue works in the order of ids.
    """
    digest = hashlib.sha256(f"{entry_id}/{number}".encode()).digest()
    return QueueEntryId(entry_id ^ (int.from_bytes(digest[:8], "big") & LOW_BITS) ^ 1)


def _deciders(text: ListText) -> set[str]:

    return {normalize(one) for one in (*text.owners, *text.moderators)}
