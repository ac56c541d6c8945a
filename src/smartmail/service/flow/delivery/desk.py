"""The desk: who gets a copy, in which mailbox and in which shape; what transactions and the queue's worker share.

Must not know how octets come in.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import msgspec

from smartmail.domain.account import Account
from smartmail.domain.errors import MailError, OverQuota, Unavailable
from smartmail.domain.ids import AccountId, MailboxId, OrganizationId
from smartmail.domain.inspection import Inspection
from smartmail.domain.keywords import JUNK, NONE, Keywords
from smartmail.domain.message import Delivery
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.seal import Purpose
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_addressing import AddressingStore
from smartmail.ports.store_blobs import BlobRowStore
from smartmail.ports.store_directory import DomainStore
from smartmail.ports.store_mail import DeliveryStore, MailReads
from smartmail.ports.store_queue import QueueStore
from smartmail.service.flow.addressing.parts import Addressing
from smartmail.service.flow.directory import DirectoryService, Resolution
from smartmail.service.flow.filters.arrival import Verdicts
from smartmail.service.flow.filters.running import FilterRunner
from smartmail.service.flow.outgoing import Outgoing
from smartmail.service.flow.outgoing.limits import MailLimits
from smartmail.service.flow.returned_receipts import ReturnedReceipts
from smartmail.service.flow.tracing.recording import Tracer
from smartmail.service.kernel.envelope import Recipient
from smartmail.service.kernel.inspection.keeping import seal_inspection
from smartmail.service.kernel.intake import Content, new_message
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.sealed_blobs import SealedBlobs
from smartmail.service.mailbox.mailstore.aside import Aside
from smartmail.service.protection.defence.bombs import is_set_aside
from smartmail.service.protection.route.abroad import AbroadService


class _Store(
    AccountStore, AddressingStore, BlobRowStore, DeliveryStore, DomainStore, MailReads, QueueStore, Protocol
): ...


Mode = Literal["mx", "submission", "lmtp", "pull"]
RECIPIENT_MS = 1_000
"""How long a recipient that was found is found again without asking the store; the commit judges the account anew."""
REMEMBERED_RECIPIENTS = 10_000
_JUNK = Keywords(JUNK)


@dataclass(frozen=True, slots=True)
class Pulled:
    """How a person wants what is brought from a mailbox elsewhere: where it lies (None: the inbox) and with which keywords.

    `name` is the pull: by it a repeat is known, also of what has no Message-ID.
    """

    name: bytes
    mailbox_id: MailboxId | None = None
    keywords: Keywords = NONE


@dataclass(slots=True)
class Hello:
    """What the connection told about itself."""

    helo: str
    origin: Origin
    mode: Mode
    protocol: str
    by: str
    tls: str = ""
    actor: Actor | None = None
    pulled: Pulled | None = None


@dataclass(slots=True)
class Target:
    """One recipient that was accepted; `account` is None for one elsewhere, and for one that the queue hands on.

    `organization_id` is None for one elsewhere.
    """

    recipient: Recipient
    account: Account | None
    organization_id: OrganizationId | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of a message: an id for the reply, and for each recipient None or its error (LMTP)."""

    id: str
    results: tuple[MailError | None, ...]
    queued: bool


class DeliveryDesk:
    """Finds recipients and makes their copies.

    `passing` answers for addresses that are handed on, `handing` hands them on, `relays` knows registered machines.
    """

    def __init__(
        self,
        store: _Store,
        keyring: Keyring,
        blobs: SealedBlobs,
        directory: DirectoryService,
        outgoing: Outgoing,
        limits: MailLimits,
        filters: FilterRunner,
        hints: Hints,
        clock: Clock,
        addressing: Addressing,
        tracer: Tracer,
        receipts: ReturnedReceipts,
        aside: Aside,
        abroad: AbroadService,
    ) -> None:
        self.passing = addressing.passing
        self.handing = addressing.handing
        self.relays = addressing.relays
        self.store = store
        self.outgoing = outgoing
        self.limits = limits
        self.filters = filters
        self.keyring = keyring
        self.blobs = blobs
        self.directory = directory
        self.hints = hints
        self.clock = clock
        self.receipts = receipts
        self.tracer = tracer
        self._aside = aside
        self._abroad = abroad
        self._special: dict[tuple[AccountId, str], MailboxId] = {}
        self._recipients: dict[str, tuple[int, Account]] = {}
        self._ending: set[asyncio.Task[None]] = set()

    async def target(
        self, recipient: Recipient, sender: str = "", actor: Actor | None = None, peer: str = ""
    ) -> Target:
        """Return a recipient as it is accepted. Raises NotFound, OverQuota, PolicyRejected (may not be written to)."""
        account = self._known(recipient.address)
        if account is not None:
            return Target(recipient, account, account.organization_id)
        stay = actor is None and await self.passing.stays(recipient.address, peer)
        resolution = await self.directory.resolve(recipient.address, stay=stay)
        if resolution.place is not None:
            await self.passing.admit(resolution.place, sender, actor)
            way = self.passing.way(resolution.place)
            handed = msgspec.structs.replace(recipient, stay=stay, via=way)
            return Target(handed, None, resolution.place.organization_id)
        account = await self._account(recipient.address, resolution)
        return Target(recipient, account, None if account is None else account.organization_id)

    async def recipient(self, address: str) -> Account | None:
        """Return the account that an address belongs to, None for one elsewhere or one that is handed on.

        Raises NotFound, OverQuota.
        """
        account = self._known(address)
        if account is not None:
            return account
        resolution = await self.directory.resolve(address)
        return None if resolution.place is not None else await self._account(address, resolution)

    def _known(self, address: str) -> Account | None:
        until, account = self._recipients.get(address, (0, None))
        return account if self.clock.now() < until else None

    async def _account(self, address: str, resolution: Resolution) -> Account | None:
        now = self.clock.now()
        if resolution.account_id is None:
            if resolution.ours:
                raise await self.directory.nobody(address)
            return None
        account = await self.directory.account(resolution.account_id)
        full = account.quota is not None and account.used >= account.quota
        if full and not await self.limits.may_receive(account):
            raise await self.limits.told(account.id, OverQuota("the recipient's mailbox is full"))
        if len(self._recipients) >= REMEMBERED_RECIPIENTS:
            self._recipients.clear()
        self._recipients[address] = (now + RECIPIENT_MS, account)
        return account

    def end_later(self, work: Coroutine[None, None, None]) -> None:
        """Run `work` to its end without making anybody wait for it."""
        task = asyncio.get_running_loop().create_task(work)
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def mailbox(self, account_id: AccountId, role: str) -> MailboxId:
        """Return the account's mailbox with a role, its inbox where it has none. Raises Unavailable."""
        known = self._special.get((account_id, role))
        if known is not None:
            return known
        for row in await self.store.mailboxes(account_id):
            if row.role == role:
                if role == "inbox":  # the only one that never changes
                    self._special[account_id, role] = row.id
                return row.id
        if role == "inbox":
            # An account that is just being made: its mailboxes come a moment after it, and mail must not bounce for that.
            raise Unavailable(detail=f"account {account_id} has no inbox yet")
        return await self.mailbox(account_id, "inbox")

    async def copy_for(
        self,
        account: Account,
        content: Content,
        reverse_path: str,
        recipient: str,
        inspection: Inspection | None,
        story: int = 0,
        pulled: Pulled | None = None,
    ) -> Delivery:
        """Return one account's copy of a content, ready for `Store.deliver_many`."""
        keys = await self.keyring.account(account)
        key = await self.delivery_key(account, content, reverse_path, recipient, pulled)
        copy = await self.placed(account.id, keys, content, key, inspection, story)
        return copy if pulled is None else await self._as_pulled(copy, pulled)

    async def _as_pulled(self, copy: Delivery, pulled: Pulled) -> Delivery:
        """Put a copy where its person wants what a pull brings; what goes elsewhere than the inbox stays there."""
        message = copy.message
        boxes = message.mailboxes
        if pulled.mailbox_id is not None and boxes == (await self.mailbox(copy.account_id, "inbox"),):
            boxes = (pulled.mailbox_id,)
        keywords = message.keywords.with_(pulled.keywords.bits, pulled.keywords.tags)
        return replace(copy, message=replace(message, mailboxes=boxes, keywords=keywords))

    async def delivery_key(
        self, account: Account, content: Content, reverse_path: str, recipient: str, pulled: Pulled | None = None
    ) -> bytes:
        """Return the key by which a repeat of a delivery is known (RFC 1047)."""
        keys = await self.keyring.account(account)
        # What has no Message-ID cannot be known as a repeat: a device may say the same thing twice and mean it.
        identity = "".join(content.summary.ids.message_id).encode() or content.blob.row.id
        if pulled is not None:
            identity = b"pull\0" + pulled.name
        fields = (reverse_path.encode(), recipient.encode(), identity, content.digest)
        return keys.hash(Purpose.DELIVERY, *fields)

    async def placed(
        self,
        account_id: AccountId,
        keys: Sealer,
        content: Content,
        key: bytes,
        inspection: Inspection | None,
        story: int = 0,
    ) -> Delivery:
        """Return a copy in the mailbox that the inspection asks for. `story`: the one that tells of it."""
        junk = inspection is not None and inspection.act == "junk"
        box = await self._place(account_id, inspection)
        message = new_message(
            keys, content, (box,), received_at=self.clock.now(), keywords=_JUNK if junk else NONE,
            inspection=seal_inspection(keys, content.blob.row.id, inspection), story=story,
        )  # fmt: skip
        return Delivery(account_id, message, key)

    async def _place(self, account_id: AccountId, inspection: Inspection | None) -> MailboxId:
        if inspection is not None and inspection.act == "junk":
            return await self.mailbox(account_id, "junk")
        box = None
        if is_set_aside(inspection):
            box = await self._aside.mailbox(await self.store.account(account_id))
        return box or await self._abroad.mailbox(account_id, inspection) or await self.mailbox(account_id, "inbox")


def verdicts_of(inspection: Inspection | None, *, aligned: bool) -> Verdicts:
    """Return what filters are told of an inspection. `aligned` where the sender is one of ours that logged in."""
    if inspection is None:
        return Verdicts(aligned=aligned)
    return Verdicts(
        is_spam=inspection.act == "junk",
        aligned=aligned or inspection.aligned,
        spam_percent=None if inspection.spam_percent < 0 else inspection.spam_percent,
        virus=5 if inspection.virus else 0,
        country=inspection.country.strip("-") or None,
        asn=inspection.asn or None,
        hops=len(inspection.hops) or None,
    )
