"""The keys of organisations and accounts, ready to seal and open.

The only service that asks the Keys port; all others get an `AccountKeys` or `OrganizationKeys` and seal through it.
Must not know what it seals.
"""

from smartmail.domain.account import Account, Organization
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.formats.seal import (
    NONCE_OCTETS,
    Kind,
    Purpose,
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
from smartmail.ports.store import Store

MAX_SEALERS = 10_000
"""Sealers kept per process, about 1 KB each; the oldest go first."""


class Sealer:
    """Seals small values for one owner under one key. Raises SealError when a value does not open."""

    __slots__ = ("_clock", "key", "owner")

    def __init__(self, key: SealKey, owner: int, clock: Clock) -> None:
        self.key = key
        self.owner = owner
        self._clock = clock

    def seal(self, kind: Kind, plain: bytes, *ids: int | bytes) -> bytes:
        """Seal a value for the place (kind, owner, ids)."""
        return seal_small(self.key, context(kind, self.owner, *ids), self._clock.random(NONCE_OCTETS), plain)

    def open(self, kind: Kind, sealed: bytes, *ids: int | bytes) -> bytes:
        """Open a value that was sealed for the same place."""
        return open_small(self.key, context(kind, self.owner, *ids), sealed)

    def seal_text(self, kind: Kind, plain: str, *ids: int | bytes) -> bytes:
        """Seal text as UTF-8."""
        return self.seal(kind, plain.encode(), *ids)

    def open_text(self, kind: Kind, sealed: bytes, *ids: int | bytes) -> str:
        """Open text."""
        return self.open(kind, sealed, *ids).decode()

    def hash(self, purpose: Purpose, *fields: bytes) -> bytes:
        """Return the keyed hash of fields for look-ups: 16 octets."""
        return keyed_hash(self.key, purpose, *fields)

    def wrap(self, blob_id: bytes, data_key: SealKey) -> bytes:
        """Wrap a blob's data key for this owner."""
        place = context(Kind.KEY_OF_BLOB, self.owner, blob_id)
        return wrap_key(self.key, place, self._clock.random(NONCE_OCTETS), data_key)

    def unwrap(self, blob_id: bytes, wrapped: bytes) -> SealKey:
        """Return a blob's data key."""
        return unwrap_key(self.key, context(Kind.KEY_OF_BLOB, self.owner, blob_id), wrapped)


class Keyring:
    """Finds and unwraps keys. A sealer is found by its wrapped key, so that a destroyed key opens nothing."""

    def __init__(self, keys: Keys, store: Store, clock: Clock) -> None:
        self._keys = keys
        self._store = store
        self._clock = clock
        self._organizations: dict[OrganizationId, Organization] = {}
        self._sealers: dict[tuple[Kind, int, bytes], Sealer] = {}

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

    async def account(self, account: Account) -> Sealer:
        """Return the sealer of an account. Raises SealError when its key was destroyed or damaged."""
        known = self._sealers.get((Kind.KEY_OF_ACCOUNT, account.id, account.wrapped_key))
        if known is not None:
            return known
        top = _top(await self._row(account.organization_id))
        return self._sealer(WrappedKey(Kind.KEY_OF_ACCOUNT, account.id, account.wrapped_key), top)

    async def account_by_id(self, account_id: AccountId) -> Sealer:
        """Return the sealer of an account. Raises NotFound, SealError."""
        return await self.account(await self._store.account(account_id))

    async def organization(self, organization_id: OrganizationId) -> Sealer:
        """Return the sealer of an organisation. Raises NotFound, SealError."""
        top = _top(await self._row(organization_id))
        known = self._sealers.get((top.kind, top.owner, top.wrapped))
        return known or self._sealer(top)

    async def queue(self, organization_id: OrganizationId) -> Sealer:
        """Return the sealer of an organisation's queue. Raises NotFound, SealError."""
        row = await self._row(organization_id)
        wrapped = WrappedKey(Kind.KEY_OF_QUEUE, row.id, row.wrapped_queue_key)
        known = self._sealers.get((wrapped.kind, wrapped.owner, wrapped.wrapped))
        return known or self._sealer(wrapped, _top(row))

    def forget(self, account_id: AccountId) -> None:
        """Drop an account's key from memory after it was destroyed."""
        self._keys.forget(Kind.KEY_OF_ACCOUNT, account_id)
        for key in [key for key in self._sealers if key[:2] == (Kind.KEY_OF_ACCOUNT, account_id)]:
            del self._sealers[key]

    async def _row(self, organization_id: OrganizationId) -> Organization:
        row = self._organizations.get(organization_id)
        if row is None:
            row = self._organizations[organization_id] = await self._store.organization(organization_id)
        return row

    def _sealer(self, wrapped: WrappedKey, *above: WrappedKey) -> Sealer:
        made = Sealer(self._keys.unwrap(*above, wrapped), wrapped.owner, self._clock)
        while len(self._sealers) >= MAX_SEALERS:
            del self._sealers[next(iter(self._sealers))]
        self._sealers[(wrapped.kind, wrapped.owner, wrapped.wrapped)] = made
        return made


def _top(organization: Organization) -> WrappedKey:
    return WrappedKey(Kind.KEY_OF_ORGANIZATION, organization.id, organization.wrapped_key)
