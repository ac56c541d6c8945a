"""The keys of organisations and accounts, ready to seal and open.

The only service that asks the Keys port; all others get a `Sealer` and seal through it. A key that was changed has others
beside it (formats.keychain): a sealer seals under the newest that it knows, and opens what lies under any of them.
Must not know what it seals.
"""

from dataclasses import dataclass
from typing import Protocol

from smartmail.domain.account import Account, Organization
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.formats import keychain
from smartmail.formats.keychain import Chain, OpenChain
from smartmail.formats.seal import (
    NONCE_OCTETS,
    HashRoot,
    Kind,
    Purpose,
    SealError,
    SealKey,
    context,
    keyed_hash,
    open_small,
    seal_small,
    unwrap_key,
    wrap_key,
)
from smartmail.ports.clock import Clock
from smartmail.ports.keys import Keys, WrappedKey
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_directory import DirectoryStore


class _Store(AccountStore, DirectoryStore, Protocol): ...


FRESH_MS = 1_000
"""How long an organisation's row counts: what was shredded, or wrapped under another master key, shows within it."""
MAX_SEALERS = 10_000
"""Sealers kept per process, about 1 KB each; the oldest go first."""


class Sealer:
    """Seals small values for one owner under one key. Raises SealError when a value does not open.

    It lives: when its owner's key is changed it seals under the next one from then on, whoever holds it.
    """

    __slots__ = ("_clock", "hashes", "key", "others", "owner")

    def __init__(self, key: SealKey, owner: int, clock: Clock) -> None:
        self.key = key
        self.hashes: SealKey | HashRoot = key
        self.others: tuple[SealKey, ...] = ()
        self.owner = owner
        self._clock = clock

    def use(self, known: OpenChain) -> None:
        """Seal under the key of a chain, open what lies under any of its keys."""
        self.key, self.hashes, self.others = known.key, known.hashes, known.others

    def seal(self, kind: Kind, plain: bytes, *ids: int | bytes) -> bytes:
        """Seal a value for the place (kind, owner, ids)."""
        return seal_small(self.key, context(kind, self.owner, *ids), self._clock.random(NONCE_OCTETS), plain)

    def open(self, kind: Kind, sealed: bytes, *ids: int | bytes) -> bytes:
        """Open a value that was sealed for the same place."""
        place = context(kind, self.owner, *ids)
        try:
            return open_small(self.key, place, sealed)
        except SealError:
            for other in self.others:
                try:
                    return open_small(other, place, sealed)
                except SealError:
                    continue
            raise

    def seal_text(self, kind: Kind, plain: str, *ids: int | bytes) -> bytes:
        """Seal text as UTF-8."""
        return self.seal(kind, plain.encode(), *ids)

    def open_text(self, kind: Kind, sealed: bytes, *ids: int | bytes) -> str:
        """Open text."""
        return self.open(kind, sealed, *ids).decode()

    def hash(self, purpose: Purpose, *fields: bytes) -> bytes:
        """Return the keyed hash of fields for look-ups: 16 octets, the same whatever keys came after."""
        return keyed_hash(self.hashes, purpose, *fields)

    def wrap(self, blob_id: bytes, data_key: SealKey) -> bytes:
        """Wrap a blob's data key for this owner."""
        return self.wrap_at(context(Kind.KEY_OF_BLOB, self.owner, blob_id), data_key)

    def unwrap(self, blob_id: bytes, wrapped: bytes) -> SealKey:
        """Return a blob's data key."""
        return self.unwrap_at(context(Kind.KEY_OF_BLOB, self.owner, blob_id), wrapped)

    def wrap_at(self, place: bytes, key: SealKey) -> bytes:
        """Wrap a key for a place (formats.seal.context)."""
        return wrap_key(self.key, place, self._clock.random(NONCE_OCTETS), key)

    def unwrap_at(self, place: bytes, wrapped: bytes) -> SealKey:
        """Return a key that was wrapped for a place."""
        try:
            return unwrap_key(self.key, place, wrapped)
        except SealError:
            for other in self.others:
                try:
                    return unwrap_key(other, place, wrapped)
                except SealError:
                    continue
            raise


@dataclass(slots=True)
class _Known:
    """An owner's sealer, of which turn its keys are, and by which octets of rows it is found."""

    sealer: Sealer
    turn: int
    octets: set[bytes]


class Keyring:
    """Finds and unwraps keys. A sealer is found by its wrapped key, so that a destroyed key opens nothing."""

    def __init__(self, keys: Keys, store: _Store, clock: Clock) -> None:
        self._keys = keys
        self._store = store
        self._clock = clock
        self._organizations: dict[OrganizationId, tuple[int, Organization]] = {}
        self._known: dict[tuple[Kind, int], _Known] = {}

    def new_organization_keys(self, organization_id: OrganizationId) -> tuple[bytes, bytes]:
        """Return a fresh organisation key and queue key, wrapped, for an organisation about to be made."""
        top = self._keys.wrap(Kind.KEY_OF_ORGANIZATION, organization_id)
        return top.wrapped, self._keys.wrap(Kind.KEY_OF_QUEUE, organization_id, top).wrapped

    def new_account_key(self, organization: Organization, account_id: AccountId) -> bytes:
        """Return a fresh account key, wrapped under the organisation's."""
        return self._keys.wrap(Kind.KEY_OF_ACCOUNT, account_id, _top(organization)).wrapped

    def installation_mac(self, purpose: Purpose, *fields: bytes) -> bytes:
        """Return 32 octets that only this installation can make, the same on all of its nodes."""
        return self._keys.sign(purpose, *fields)

    def secrets(self, purpose: Purpose) -> Sealer:
        """Return the sealer of secrets of other systems (buckets), which are the installation's."""
        return Sealer(self._keys.secrets_key(purpose), 0, self._clock)

    async def account(self, account: Account) -> Sealer:
        """Return the sealer of an account. Raises SealError when its key was destroyed or damaged."""
        known = self._known.get((Kind.KEY_OF_ACCOUNT, account.id))
        if known is not None and account.wrapped_key in known.octets:
            return known.sealer
        chain = keychain.parse(account.wrapped_key)
        place = account_place(account)
        top = await self.organization(account.organization_id)
        try:
            key = top.unwrap_at(place, chain.head)
        except SealError:
            # The company's key was changed within the second that its row counts.
            self._organizations.pop(account.organization_id, None)
            key = (await self.organization(account.organization_id)).unwrap_at(place, chain.head)
        return self._sealer(Kind.KEY_OF_ACCOUNT, account.id, account.wrapped_key, chain, key)

    async def account_by_id(self, account_id: AccountId) -> Sealer:
        """Return the sealer of an account. Raises NotFound, SealError."""
        return await self.account(await self._store.account(account_id))

    async def organization(self, organization_id: OrganizationId) -> Sealer:
        """Return the sealer of an organisation. Raises NotFound, SealError."""
        return self.organization_of(await self._row(organization_id))

    def organization_of(self, row: Organization) -> Sealer:
        """Return the sealer of an organisation whose row was just read. Raises SealError."""
        known = self._known.get((Kind.KEY_OF_ORGANIZATION, row.id))
        if known is not None and row.wrapped_key in known.octets:
            return known.sealer
        chain = keychain.parse(row.wrapped_key)
        return self._sealer(Kind.KEY_OF_ORGANIZATION, row.id, row.wrapped_key, chain, self._keys.unwrap(_top(row)))

    async def queue(self, organization_id: OrganizationId) -> Sealer:
        """Return the sealer of an organisation's queue. Raises NotFound, SealError."""
        row = await self._row(organization_id)
        known = self._known.get((Kind.KEY_OF_QUEUE, row.id))
        if known is not None and row.wrapped_queue_key in known.octets:
            return known.sealer
        chain = keychain.parse(row.wrapped_queue_key)
        key = self.organization_of(row).unwrap_at(queue_place(row), chain.head)
        return self._sealer(Kind.KEY_OF_QUEUE, row.id, row.wrapped_queue_key, chain, key)

    def wrapped_organization(self, row: Organization, key: SealKey | None = None) -> bytes:
        """Return a key wrapped as an organisation's: a fresh one where none is given."""
        return self._keys.wrap(Kind.KEY_OF_ORGANIZATION, row.id, None, key).wrapped

    def forget(self, account_id: AccountId) -> None:
        """Drop an account's key from memory after it was destroyed."""
        self._keys.forget(Kind.KEY_OF_ACCOUNT, account_id)
        self._known.pop((Kind.KEY_OF_ACCOUNT, account_id), None)

    async def _row(self, organization_id: OrganizationId) -> Organization:
        known, now = self._organizations.get(organization_id), self._clock.now()
        if known is not None and known[0] <= now < known[0] + FRESH_MS:
            return known[1]
        row = await self._store.organization(organization_id)
        self._organizations[organization_id] = (now, row)
        return row

    def _sealer(self, kind: Kind, owner: int, octets: bytes, chain: Chain, key: SealKey) -> Sealer:
        """Keep what a row says, unless something newer is known: a row may have been read a while ago."""
        found = keychain.opened(chain, key, kind, owner)
        known = self._known.get((kind, owner))
        if known is None:
            while len(self._known) >= MAX_SEALERS:
                del self._known[next(iter(self._known))]
            known = self._known[kind, owner] = _Known(Sealer(key, owner, self._clock), -1, set())
        if chain.turn >= known.turn:
            if chain.turn > known.turn:
                known.octets.clear()
            known.sealer.use(found)
            known.turn = chain.turn
        known.octets.add(octets)
        return known.sealer


def account_place(account: Account) -> bytes:
    """Return what an account's wrapped key is bound to."""
    return context(Kind.KEY_OF_ACCOUNT, account.id, account.organization_id)


def queue_place(row: Organization) -> bytes:
    """Return what the wrapped key of an organisation's queue is bound to."""
    return context(Kind.KEY_OF_QUEUE, row.id, row.id)


def _top(organization: Organization) -> WrappedKey:
    head = keychain.head_of(organization.wrapped_key)
    return WrappedKey(Kind.KEY_OF_ORGANIZATION, organization.id, head)
