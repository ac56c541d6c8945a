"""Annotations of mailboxes and of the server (RFC 5464), when messages came into a mailbox (RFC 8514), and which of them
no session has been told of yet (RFC 3501 §2.3.2).

Entries under /private/ are each person's own, those under /shared/ everybody's who sees the mailbox. Name and value are
sealed together under the account's key. Must not know IMAP text. Sieve's mboxmetadata (RFC 5490) reads here too.

LIMITS  `MAX_VALUE` octets of one value, `MAX_ENTRIES` of one person, or shared, on one mailbox.
"""

from collections.abc import Mapping, Sequence

from smartmail.domain.errors import Forbidden, Invalid, RateLimited, TooLarge
from smartmail.domain.ids import AccountId, MailboxId, Uid
from smartmail.domain.mailbox import MailboxRow
from smartmail.domain.principal import Actor
from smartmail.formats.seal import Kind, Purpose, SealError
from smartmail.ports.store_metadata import MetadataStore
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.kernel.rights import Rights

MAX_VALUE = 65_536
MAX_ENTRIES = 200
SERVER = MailboxId(0)
EVERYBODY = AccountId(0)
_NOWHERE = MailboxId((1 << 63) - 1)
"""The number of no mailbox: under it lie the names of mailboxes that are gone and stay subscribed."""


class MetadataService:
    """Reads and changes annotations."""

    def __init__(self, store: MetadataStore, rights: Rights, keyring: Keyring) -> None:
        self._store = store
        self._rights = rights
        self._keyring = keyring

    async def entries(self, actor: Actor, account_id: AccountId, mailbox_id: MailboxId) -> dict[str, bytes]:
        """Return name (lower case) → value of what the actor may see on a mailbox, or with SERVER of their account's
        view of the server. Raises NotFound.
        """
        if mailbox_id != _NOWHERE:
            await self._rights.require(actor, account_id, "l", mailbox_id or None)
        keys = await self._keyring.account_by_id(account_id)
        found: dict[str, bytes] = {}
        for hashed, sealed in (await self._store.annotations(account_id, mailbox_id, actor.account_id)).items():
            try:
                name, _, value = keys.open(Kind.ANNOTATION, sealed, mailbox_id, hashed).partition(b"\x00")
            except SealError:
                continue
            found[name.decode()] = value
        return found

    async def change(
        self, actor: Actor, account_id: AccountId, mailbox_id: MailboxId, values: Mapping[str, bytes | None]
    ) -> None:
        """Put or take away (None) entries, those of one kind all or none. Raises NotFound, Forbidden (shared ones without
        the right to write), TooLarge (a value), RateLimited (too many), Invalid (a name outside both kinds).
        """
        for name, value in values.items():
            if not name.startswith(("/private/", "/shared/")):
                raise Invalid("an entry begins with /private/ or /shared/")
            if value is not None and len(value) > MAX_VALUE:
                raise TooLarge
        shared = {name: value for name, value in values.items() if name.startswith("/shared/")}
        if shared and mailbox_id == SERVER:
            # RFC 5464 §5.1: the server's shared entries are the administrator's, who has other means.
            raise Forbidden
        await self._rights.require(actor, account_id, "lw" if shared else "l", mailbox_id or None)
        keys = await self._keyring.account_by_id(account_id)
        own = {name: value for name, value in values.items() if name not in shared}
        for owner, some in ((EVERYBODY, shared), (actor.account_id, own)):
            sealed = {_hash(keys, name): _sealed(keys, mailbox_id, name, value) for name, value in some.items()}
            if sealed and not await self._store.set_annotations(
                account_id, mailbox_id, owner, sealed, most=MAX_ENTRIES
            ):
                raise RateLimited

    async def kept_subscriptions(self, actor: Actor) -> frozenset[str]:
        """Return the names, as IMAP has them, to which the actor is subscribed though their mailboxes were deleted: a
        server takes no name out of that list by itself (RFC 9051 §6.3.7). Raises NotFound.
        """
        return frozenset(await self.entries(actor, actor.account_id, _NOWHERE))

    async def keep_subscription(self, actor: Actor, name: str, *, kept: bool) -> None:
        """Put the name of a mailbox that has gone among them, or take it out. Raises NotFound; RateLimited (too many)."""
        keys = await self._keyring.account_by_id(actor.account_id)
        sealed = {_hash(keys, name): _sealed(keys, _NOWHERE, name, b"" if kept else None)}
        if not await self._store.set_annotations(
            actor.account_id, _NOWHERE, actor.account_id, sealed, most=MAX_ENTRIES
        ):
            raise RateLimited

    async def save_dates(
        self, actor: Actor, account_id: AccountId, mailbox_id: MailboxId, uids: Sequence[Uid]
    ) -> dict[Uid, int]:
        """Return when messages came into the mailbox, in milliseconds. Raises NotFound."""
        await self._rights.require(actor, account_id, "r", mailbox_id)
        return await self._store.save_dates(account_id, mailbox_id, uids)

    async def claim_recent(self, actor: Actor, account_id: AccountId, mailbox_id: MailboxId, upto: Uid) -> Uid:
        """Note that a session has been told of the messages up to a UID; return up to where one had been before. Raises
        NotFound, StorageFull, Unavailable.
        """
        await self._rights.require(actor, account_id, "r", mailbox_id)
        return await self._store.claim_recent(account_id, mailbox_id, upto)

    async def recent(self, account_id: AccountId, row: MailboxRow) -> int:
        """Return how many messages of a mailbox, whose row the actor was given, no session has been told of."""
        if row.recent_uid >= row.uidnext - 1 or not row.placements:
            return 0
        if not row.recent_uid:
            return row.placements
        return await self._store.count_above(account_id, row.id, row.recent_uid)


def _hash(keys: Sealer, name: str) -> bytes:
    return keys.hash(Purpose.ANNOTATION, name.encode())


def _sealed(keys: Sealer, mailbox_id: MailboxId, name: str, value: bytes | None) -> bytes | None:
    if value is None:
        return None
    plain = name.encode() + b"\x00" + value
    return keys.seal(Kind.ANNOTATION, plain, mailbox_id, _hash(keys, name))
