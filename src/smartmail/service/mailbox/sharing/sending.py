"""Sending for a shared account: as it, or on its behalf, and who did it.

SECURITY  Own addresses are looked at first; only another address costs a look at grants. `sendAs` shows the account alone;
          `sendOnBehalf` demands a Sender field that names the person (RFC 5322 §3.6.2). Who sent is kept with the copy in
          the account's Sent mailbox, as a row of its own: the person's id plain like every id, how they were called then
          sealed, so that the trail outlives a leaver's account. A keyword would be everybody's to change.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import msgspec

from smartmail.base import log
from smartmail.domain.errors import MailError, NotFound, PolicyRejected
from smartmail.domain.ids import AccountId, MailboxId, MessageId
from smartmail.domain.message import NewMessage
from smartmail.domain.principal import Actor
from smartmail.domain.rights import SEND_AS, SENDING
from smartmail.domain.sharing import SentByRow
from smartmail.formats.address import Mailbox, normalize
from smartmail.formats.headers import encode_addresses
from smartmail.formats.seal import Kind, SealError
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_directory import DirectoryStore
from smartmail.ports.store_mail import MailReads
from smartmail.ports.store_sharing import SharingStore
from smartmail.ports.store_tx import MailTx
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.rights import Rights


class _Store(AccountStore, DirectoryStore, MailReads, SharingStore, Protocol): ...


@dataclass(frozen=True, slots=True)
class Delegated:
    """An account that the actor may send for; `rights` holds sendAs, sendOnBehalf or both."""

    account_id: AccountId
    login: str
    name: str
    addresses: frozenset[str]
    rights: frozenset[str]

    @property
    def on_behalf(self) -> bool:
        """Whether the person must show in Sender."""
        return SEND_AS not in self.rights


Making = Callable[[Sealer, MailboxId], NewMessage]
"""Makes a message for an account, sealed with its sealer, in one of its mailboxes."""


class _Name(msgspec.Struct, frozen=True, array_like=True):
    name: str
    login: str


@dataclass(frozen=True, slots=True)
class SentBy:
    """Who sent a message of a shared account; `name` and `login` as they were then, `at` in milliseconds."""

    message_id: MessageId
    person_id: AccountId
    name: str
    login: str
    on_behalf: bool
    at: int


class SendingService:
    """Says as whom an actor may send, and keeps who sent."""

    def __init__(self, store: _Store, rights: Rights, keyring: Keyring, hints: Hints, clock: Clock) -> None:
        self._store = store
        self._rights = rights
        self._keyring = keyring
        self._hints = hints
        self._clock = clock

    async def delegations(self, actor: Actor) -> list[Delegated]:
        """Return the accounts of others that the actor may send for, by login."""
        found: list[Delegated] = []
        principals = await self._rights.principals(actor)
        for account_id in await self._store.accounts_shared_with(list(principals)):
            one = await self.delegation(actor, account_id) if account_id != actor.account_id else None
            if one is not None:
                found.append(one)
        return sorted(found, key=lambda one: one.login)

    async def delegation(self, actor: Actor, account_id: AccountId) -> Delegated | None:
        """Return how the actor may send for one account, None for not at all."""
        try:
            held = (await self._rights.access(actor, account_id)).everywhere & SENDING
            if not held:
                return None
            account = await self._store.account(account_id)
        except NotFound:
            return None
        if not account.may("send", self._clock.now()):
            return None
        addresses = frozenset(await self._store.addresses(account_id))
        return Delegated(account_id, account.login, account.name, addresses, held)

    async def check(self, actor: Actor, addresses: Iterable[str]) -> Delegated | None:
        """Let pass addresses that are all the actor's own or all those of one account that the actor may send for, own
        ones beside them; return that account. Raises PolicyRejected.
        """
        own = set(await self._store.addresses(actor.account_id))
        foreign = {key: one for one in addresses if (key := normalize(one)) not in own}
        if not foreign:
            return None
        found = await self._store.resolve(list(foreign))
        holders = set(found.values())
        if len(found) == len(foreign) and len(holders) == 1:
            delegated = await self.delegation(actor, holders.pop())
            if delegated is not None:
                return delegated
        raise PolicyRejected(f"{next(iter(foreign.values()))} is not an address of this account")

    async def check_shown(self, actor: Actor, from_: Sequence[str], sender: Sequence[str]) -> Delegated | None:
        """Let pass From and Sender as they leave; return the account that the message is sent for, None for the actor's
        own. Raises PolicyRejected.
        """
        delegated = await self.check_header(actor, from_, sender)
        if delegated is not None and delegated.on_behalf and not sender:
            raise PolicyRejected("what is sent on behalf of somebody names its sender")
        return delegated

    async def check_header(self, actor: Actor, from_: Sequence[str], sender: Sequence[str]) -> Delegated | None:
        """Let pass From and Sender as they are handed in: whoever reads the message takes both for who sent it (RFC 5322
        §3.6.2, RFC 6409 §8.1). Sender is judged like From; on behalf of somebody it is the actor's own. Return the account
        that the message is sent for, None for the actor's own. Raises PolicyRejected.
        """
        delegated = await self.check(actor, from_)
        if delegated is not None and delegated.on_behalf:
            await self.check_own(actor, sender)
        else:
            await self.check(actor, sender)
        return delegated

    async def missing_sender(self, actor: Actor, from_: Sequence[str], sender: Sequence[str]) -> bytes:
        """Return the Sender field that a message sent on behalf lacks (RFC 5322 §3.6.2), else nothing. One that is there
        passes `check_header`. Raises PolicyRejected.
        """
        delegated = await self.check_header(actor, from_, sender)
        if delegated is None or not delegated.on_behalf or sender:
            return b""
        person = await self._store.account(actor.account_id)
        return encode_addresses("Sender", [Mailbox(person.name, person.login)])

    async def check_own(self, actor: Actor, addresses: Iterable[str]) -> None:
        """Let pass the actor's own addresses. Raises PolicyRejected."""
        own = set(await self._store.addresses(actor.account_id))
        for one in addresses:
            if normalize(one) not in own:
                raise PolicyRejected(f"{one} is not an address of this account")

    # -- sent by ---------------------------------------------------------------------------------------------------

    async def sent_by_row(
        self, actor: Actor, account_id: AccountId, message_id: MessageId, *, on_behalf: bool, queue_id: int = 0
    ) -> SentByRow:
        """Return what `MailTx.put_sent_by` keeps for a message that the actor has sent for the account."""
        person = await self._store.account(actor.account_id)
        keys = await self._keyring.account_by_id(account_id)
        sealed = keys.seal(Kind.SENT_BY, msgspec.msgpack.encode(_Name(person.name, person.login)))
        return SentByRow(message_id, actor.account_id, on_behalf, self._clock.now(), sealed, queue_id)

    async def keep_copy(self, actor: Actor, delegated: Delegated, make: Making, *, queue_id: int = 0) -> None:
        """Put what the actor sent for an account into its Sent mailbox. What went wrong is logged: the message is sent."""
        try:
            await self._keep_copy(actor, delegated, make, queue_id)
        except (MailError, SealError) as error:
            log.event("share.sent_copy_failed", account=delegated.account_id, error=type(error).__name__)

    async def _keep_copy(self, actor: Actor, delegated: Delegated, make: Making, queue_id: int) -> None:
        account_id = delegated.account_id
        sent = next((row.id for row in await self._store.mailboxes(account_id) if row.role == "sent"), None)
        if sent is None:
            return
        new = make(await self._keyring.account_by_id(account_id), sent)
        blank = await self.sent_by_row(
            actor, account_id, MessageId(0), on_behalf=delegated.on_behalf, queue_id=queue_id
        )

        async def body(tx: MailTx) -> None:
            added = await tx.add_message(new)
            await tx.put_sent_by(replace(blank, message_id=added.message_id))

        await self._store.write(account_id, body)
        self._hints.account_changed(account_id)

    async def take_back(self, queue_id: int) -> None:
        """Remove the copies of a submission that was cancelled."""
        for account_id, message_id in await self._store.sent_copies(queue_id):

            async def body(tx: MailTx, message_id: MessageId = message_id) -> None:
                await tx.drop_sent_by(message_id)
                await tx.destroy_messages([message_id])

            try:
                await self._store.write(account_id, body)
            except MailError as error:
                log.event("share.sent_copy_failed", account=account_id, error=error.code)
            self._hints.account_changed(account_id)

    async def sent_by(
        self, actor: Actor, account_id: AccountId, message_ids: Sequence[MessageId]
    ) -> dict[MessageId, SentBy]:
        """Return who sent those messages of which it is known and that the actor may read. Raises NotFound, Forbidden."""
        visible = await self._rights.visible(actor, account_id, message_ids)
        rows = await self._store.sent_by(account_id, visible)
        if not rows:
            return {}
        keys = await self._keyring.account_by_id(account_id)
        found: dict[MessageId, SentBy] = {}
        for row in rows:
            who = msgspec.msgpack.decode(keys.open(Kind.SENT_BY, row.sealed), type=_Name)
            found[row.message_id] = SentBy(row.message_id, row.person_id, who.name, who.login, row.on_behalf, row.at)
        return found
