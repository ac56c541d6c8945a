"""Carrying: a message goes to another account of the same organisation.

It is a new message there: the same blob, its data key wrapped anew for the target, the summary sealed anew, a thread of
the target's own (AR-3). Two accounts are two transactions: copies are made first, then the sources
are removed, so that a crash in between leaves a message twice, never nowhere.
STORY     The copy has the story of the message that it was made of: what becomes of it goes on there (ADR 42, ADR 52).
SECURITY  Organisations are outside to each other: nothing is carried across. Personal marks of the one who carries are
          not taken along; keywords that the target does not let them set are left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from smartmail.domain.errors import MailError, NotFound
from smartmail.domain.ids import AccountId, MailboxId, MessageId, Uid
from smartmail.domain.keywords import NONE, Keywords
from smartmail.domain.message import Added, BlobRow, NewMessage
from smartmail.domain.principal import Actor
from smartmail.formats import summary as summaries
from smartmail.formats.seal import SealError, SealKey
from smartmail.ports.store_tx import MailTx
from smartmail.service.kernel.inspection.keeping import carry_inspection
from smartmail.service.kernel.intake import seal_summary, thread_keys
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.rights import Rights
from smartmail.service.mailbox.mailstore.keywords import KeywordService, number_keywords
from smartmail.service.mailbox.mailstore.messages import Copied, MessageService
from smartmail.service.mailbox.mailstore.reading import OpenMessage, ReadingService
from smartmail.service.mailbox.mailstore.store import Store

BLOCK = 500
"""Messages of one transaction."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a message arrives: its mailboxes; None keeps keywords and time (milliseconds) as they are."""

    mailboxes: tuple[MailboxId, ...]
    names: tuple[str, ...] | None = None
    received_at: int | None = None


@dataclass(frozen=True, slots=True)
class _Ready:
    source: MessageId
    arrival: Arrival
    names: tuple[str, ...]
    message: NewMessage


class CarryService:
    """Copies and moves messages between accounts."""

    def __init__(
        self,
        store: Store,
        rights: Rights,
        keyring: Keyring,
        reading: ReadingService,
        keywords: KeywordService,
        messages: MessageService,
        hints: Hints,
    ) -> None:
        self._store = store
        self._rights = rights
        self._keyring = keyring
        self._reading = reading
        self._keywords = keywords
        self._messages = messages
        self._hints = hints

    async def copy_messages(
        self, actor: Actor, source_id: AccountId, target_id: AccountId, arrivals: Mapping[MessageId, Arrival]
    ) -> dict[MessageId, Added | MailError]:
        """Copy messages to another account (RFC 8621 §4.7 Email/copy); what became of each: Added, or NotFound, Forbidden,
        OverQuota, Invalid. Raises NotFound, Forbidden: an account.
        """
        await self._check_accounts(actor, source_id, target_id)
        outcome: dict[MessageId, Added | MailError] = {}
        allowed: dict[MessageId, Arrival] = {}
        for message_id, arrival in arrivals.items():
            try:
                for mailbox_id in arrival.mailboxes:
                    await self._rights.require(actor, target_id, "i", mailbox_id)
                allowed[message_id] = arrival
            except MailError as error:
                outcome[message_id] = error
        for one in await self._ready(actor, source_id, target_id, allowed):
            try:
                outcome[one.source] = (await self._add(actor, target_id, [one]))[0]
            except MailError as error:
                outcome[one.source] = error
        return {one: outcome.get(one, NotFound()) for one in arrivals}

    async def copy(
        self,
        actor: Actor,
        source_id: AccountId,
        source: MailboxId,
        uids: Sequence[Uid],
        target_id: AccountId,
        target: MailboxId,
    ) -> Copied:
        """Copy lines of a mailbox to a mailbox of another account, all or none (RFC 3501 §6.4.7): COPYUID in one order.

        Raises NotFound, Forbidden, OverQuota.
        """
        await self._check_accounts(actor, source_id, target_id)
        await self._rights.require(actor, source_id, "r", source)
        await self._rights.require(actor, target_id, "i", target)
        _row, lines = await self._store.view(source_id, source)
        wanted = set(uids)
        chosen = [line for line in lines if line.uid in wanted]
        uidvalidity = await self._uidvalidity(target_id, target)
        copied = Copied(uidvalidity)
        try:
            for start in range(0, len(chosen), BLOCK):
                block = chosen[start : start + BLOCK]
                arrivals = {line.message_id: Arrival((target,)) for line in block}
                ready = {one.source: one for one in await self._ready(actor, source_id, target_id, arrivals)}
                kept = [line for line in block if line.message_id in ready]
                added = await self._add(actor, target_id, [ready[line.message_id] for line in kept])
                copied += Copied(uidvalidity, [line.uid for line in kept], [one.placements[0][1] for one in added])
        except MailError:
            await self._take_back(target_id, target, copied.target)
            raise
        return copied

    async def move(
        self,
        actor: Actor,
        source_id: AccountId,
        source: MailboxId,
        uids: Sequence[Uid],
        target_id: AccountId,
        target: MailboxId,
    ) -> Copied:
        """Copy, then remove from the source (RFC 6851). Raises NotFound, Forbidden, OverQuota."""
        await self._rights.require(actor, source_id, "rte", source)
        copied = await self.copy(actor, source_id, source, uids, target_id, target)
        known = await self._messages.remove(actor, source_id, source, copied.source)
        return Copied(copied.uidvalidity, copied.source, copied.target, known)

    async def _check_accounts(self, actor: Actor, source_id: AccountId, target_id: AccountId) -> None:
        """Raise NotFound unless both accounts are the actor's or shared with them, which is inside one organisation."""
        for account_id in (source_id, target_id):
            await self._rights.access(actor, account_id)

    async def _ready(
        self, actor: Actor, source_id: AccountId, target_id: AccountId, arrivals: Mapping[MessageId, Arrival]
    ) -> list[_Ready]:
        """Return those messages that can be read, sealed for the target."""
        opened = await self._reading.messages(actor, source_id, list(arrivals))
        blobs = {blob.id: blob for blob in await self._store.blobs([one.row.blob_id for one in opened])}
        source_keys = await self._keyring.account_by_id(source_id)
        target_keys = await self._keyring.account_by_id(target_id)
        inspected = {
            one: (blob, sealed) for one, blob, sealed in await self._store.inspections(source_id, list(arrivals))
        }
        stories = await self._store.stories_of(source_id, list(arrivals))
        found: list[_Ready] = []
        for one in opened:
            arrival = arrivals[one.row.id]
            if one.row.blob_id not in blobs:
                continue
            try:
                data_key = source_keys.unwrap(one.row.blob_id, one.row.wrapped_key)
            except SealError:
                continue
            inspection = carry_inspection(source_keys, inspected.get(one.row.id), target_keys, one.row.blob_id)
            names = arrival.names
            if names is None:
                names = tuple(await self._keywords.show(source_id, one.row.keywords))
            message = carried(
                target_keys, one, blobs[one.row.blob_id], data_key, arrival.mailboxes, received_at=arrival.received_at,
                inspection=inspection, story=stories.get(one.row.id, 0),
            )  # fmt: skip
            found.append(_Ready(one.row.id, arrival, names, message))
        return found

    async def _add(self, actor: Actor, target_id: AccountId, ready: Sequence[_Ready]) -> list[Added]:
        """Store messages in one transaction, all or none."""
        keys = await self._keyring.account_by_id(target_id)
        markers = [await self._messages.marker(actor, target_id, one.arrival.mailboxes, "i") for one in ready]

        async def body(tx: MailTx) -> list[Added]:
            added: list[Added] = []
            for one, marker in zip(ready, markers, strict=True):
                keywords, own = marker.given(await number_keywords(tx, keys, one.names), one.arrival.mailboxes)
                added.append(await tx.add_message(replace(one.message, keywords=keywords)))
                if marker.person_id is not None and own.bits:
                    await tx.set_person_keywords(marker.person_id, {added[-1].message_id: own})
            return added

        added = await self._store.write(target_id, body)
        self._hints.account_changed(target_id)
        return added

    async def _uidvalidity(self, account_id: AccountId, mailbox_id: MailboxId) -> int:
        for row in await self._store.mailboxes(account_id):
            if row.id == mailbox_id:
                return row.uidvalidity
        raise NotFound

    async def _take_back(self, account_id: AccountId, mailbox_id: MailboxId, uids: Sequence[Uid]) -> None:
        if not uids:
            return

        async def body(tx: MailTx) -> None:
            await tx.remove_placements(mailbox_id, uids)

        await self._store.write(account_id, body)
        self._hints.account_changed(account_id)


def carried(
    keys: Sealer,
    opened: OpenMessage,
    blob: BlobRow,
    data_key: SealKey,
    mailboxes: tuple[MailboxId, ...],
    keywords: Keywords = NONE,
    received_at: int | None = None,
    inspection: bytes = b"",
    story: int = 0,
) -> NewMessage:
    """Return a message as a new one of the account whose sealer is given. `story`: the one that goes on with it."""
    row, summary = opened.row, opened.summary
    return NewMessage(
        blob=blob,
        wrapped_key=keys.wrap(blob.id, data_key),
        size=row.size,
        received_at=row.received_at if received_at is None else received_at,
        sent_at=row.sent_at,
        summary=seal_summary(keys, blob.id, summaries.encode(summary)),
        mailboxes=mailboxes,
        keywords=keywords,
        thread=thread_keys(keys, summary),
        has_attachment=row.has_attachment,
        inspection=inspection,
        story=story,
        carried=story != 0,
    )
