"""The desk: who gets a copy, in which mailbox and in which shape; what transactions and the queue's worker share.

Must not know how octets come in.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Literal

from smartmail.domain import inspection as inspections
from smartmail.domain.account import Account
from smartmail.domain.errors import MailError, NotFound, OverQuota
from smartmail.domain.ids import AccountId, MailboxId
from smartmail.domain.inspection import Inspection
from smartmail.domain.keywords import JUNK, NONE, Keywords
from smartmail.domain.message import Delivery
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.seal import Kind, Purpose
from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.service.directory import DirectoryService
from smartmail.service.envelope import Recipient
from smartmail.service.filters.arrival import Verdicts
from smartmail.service.filters.running import FilterRunner
from smartmail.service.intake import Content, new_message
from smartmail.service.keyring import Keyring, Sealer
from smartmail.service.mail_limits import MailLimits
from smartmail.service.push import Hints
from smartmail.service.sealed_blobs import SealedBlobs
from smartmail.service.sharing.sending import SendingService

Mode = Literal["mx", "submission", "lmtp"]
RECIPIENT_MS = 1_000
"""How long a recipient that was found is found again without asking the store; the commit judges the account anew."""
REMEMBERED_RECIPIENTS = 10_000
_JUNK = Keywords(JUNK)


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


@dataclass(slots=True)
class Target:
    """One recipient that was accepted; `account` is None for one elsewhere."""

    recipient: Recipient
    account: Account | None


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of a message: an id for the reply, and for each recipient None or its error (LMTP)."""

    id: str
    results: tuple[MailError | None, ...]
    queued: bool


class DeliveryDesk:
    """Finds recipients and makes their copies."""

    def __init__(
        self,
        store: Store,
        keyring: Keyring,
        blobs: SealedBlobs,
        directory: DirectoryService,
        sending: SendingService,
        limits: MailLimits,
        filters: FilterRunner,
        hints: Hints,
        clock: Clock,
    ) -> None:
        self.store = store
        self.sending = sending
        self.limits = limits
        self.filters = filters
        self.keyring = keyring
        self.blobs = blobs
        self.directory = directory
        self.hints = hints
        self.clock = clock
        self._special: dict[tuple[AccountId, str], MailboxId] = {}
        self._recipients: dict[str, tuple[int, Account]] = {}
        self._ending: set[asyncio.Task[None]] = set()

    async def recipient(self, address: str) -> Account | None:
        """Return the account that an address belongs to, None for an address elsewhere. Raises NotFound, OverQuota."""
        now = self.clock.now()
        until, account = self._recipients.get(address, (0, None))
        if account is not None and now < until:
            return account
        resolution = await self.directory.resolve(address)
        if resolution.account_id is None:
            if resolution.ours:
                raise NotFound("no such recipient here")
            return None
        account = await self.directory.account(resolution.account_id)
        if account.quota is not None and account.used >= account.quota:
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
        """Return the account's mailbox with a role, its inbox where it has none. Raises NotFound."""
        known = self._special.get((account_id, role))
        if known is not None:
            return known
        for row in await self.store.mailboxes(account_id):
            if row.role == role:
                if role == "inbox":  # the only one that never changes
                    self._special[account_id, role] = row.id
                return row.id
        if role == "inbox":
            raise NotFound
        return await self.mailbox(account_id, "inbox")

    async def copy_for(
        self, account: Account, content: Content, reverse_path: str, recipient: str, inspection: Inspection | None
    ) -> Delivery:
        """Return one account's copy of a content, ready for `Store.deliver_many`."""
        keys = await self.keyring.account(account)
        # What has no Message-ID cannot be known as a repeat: a device may say the same thing twice and mean it.
        identity = "".join(content.summary.ids.message_id).encode() or content.blob.row.id
        fields = (reverse_path.encode(), recipient.encode(), identity, content.digest)
        return await self.placed(account.id, keys, content, keys.hash(Purpose.DELIVERY, *fields), inspection)

    async def placed(
        self, account_id: AccountId, keys: Sealer, content: Content, key: bytes, inspection: Inspection | None
    ) -> Delivery:
        """Return a copy in the mailbox that the inspection asks for."""
        junk = inspection is not None and inspection.act == "junk"
        box = await self.mailbox(account_id, "junk" if junk else "inbox")
        message = new_message(
            keys, content, (box,), received_at=self.clock.now(), keywords=_JUNK if junk else NONE,
            inspection=seal_inspection(keys, content.blob.row.id, inspection),
        )  # fmt: skip
        return Delivery(account_id, message, key)


def seal_inspection(keys: Sealer, blob_id: bytes, inspection: Inspection | None) -> bytes:
    """Seal what was found out; bound to account and blob like the summary. b"" for nothing."""
    return b"" if inspection is None else keys.seal(Kind.INSPECTION, inspections.encode(inspection), blob_id)


def open_inspection(keys: Sealer, blob_id: bytes, sealed: bytes) -> Inspection:
    """Open what `seal_inspection` sealed. Raises SealError, ValueError."""
    return inspections.decode(keys.open(Kind.INSPECTION, sealed, blob_id))


def verdicts_of(inspection: Inspection | None, *, aligned: bool) -> Verdicts:
    """Return what filters are told of an inspection. `aligned` where the sender is one of ours that logged in."""
    if inspection is None:
        return Verdicts(aligned=aligned)
    return Verdicts(
        is_spam=inspection.act == "junk",
        aligned=aligned or inspection.aligned,
        spam_percent=None if inspection.spam_percent < 0 else inspection.spam_percent,
        virus=5 if inspection.virus else 0,
        country=inspection.country or None,
        asn=inspection.asn or None,
        hops=len(inspection.hops) or None,
    )
