"""The key hierarchy over one master key, with a bounded cache of unwrapped keys.

The cache is keyed by the wrapped octets: when the store has lost them (shredded), no caller can name the key any
more, in any process, whatever is still cached.
"""

import hmac
import os
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

from smartmail.adapters.keys.master import MasterKey
from smartmail.formats.seal import (
    KEY_OCTETS,
    NONCE_OCTETS,
    HashRoot,
    Kind,
    Purpose,
    SealError,
    SealKey,
    context,
    unwrap_key,
    wrap_key,
)
from smartmail.ports.keys import ROOT_OWNER, SECRETS_OWNER, KeyIdentity, WrappedKey

# Under what a kind of key hangs: None is the master key.
_PARENT: dict[Kind, Kind | None] = {
    Kind.KEY_OF_INSTALLATION: None,
    Kind.KEY_OF_ORGANIZATION: None,
    Kind.KEY_OF_QUEUE: Kind.KEY_OF_ORGANIZATION,
    Kind.KEY_OF_ACCOUNT: Kind.KEY_OF_ORGANIZATION,
}


class MasterSource(Protocol):
    """Where the node's master keys lie."""

    def renewed(self) -> tuple[MasterKey, ...] | None:
        """Return them, the one in use first, when they have changed since they were read last; else None."""
        ...


class KeyRing:
    """Keys of one process. `cached` bounds the unwrapped keys in memory (about 1.5 KB each).

    While the master key is being replaced there are two. A process learns of another one when a key does not open, or
    when it is about to wrap one: so it knows a new key before it meets the first thing under it.
    """

    def __init__(
        self, master: MasterKey, *others: MasterKey, cached: int = 10_000, random: Callable[[int], bytes] = os.urandom,
        source: MasterSource | None = None,
    ) -> None:  # fmt: skip
        self._masters: tuple[MasterKey, ...] = (master, *others)
        self._source = source
        self._root = HashRoot.of(master.key)
        self._secrets: SealKey | None = None
        self._bound = cached
        self._random = random
        self._cache: OrderedDict[tuple[WrappedKey, ...], SealKey] = OrderedDict()

    @property
    def identity(self) -> KeyIdentity:
        return self._masters[0].identity

    def require(self, kept: KeyIdentity) -> None:
        if kept not in (one.identity for one in self._masters):
            self._masters[0].require(kept)

    def use_root(self, wrapped: bytes) -> None:
        """Derive keyed hashes from a root that was kept when the master key was replaced. Raises SealError."""
        self._root = HashRoot(self.unwrap(WrappedKey(Kind.KEY_OF_INSTALLATION, ROOT_OWNER, wrapped)).octets)

    def use_secrets(self, wrapped: bytes) -> None:
        """Seal secrets of other systems under a key that is kept. Raises SealError."""
        self._secrets = self.unwrap(WrappedKey(Kind.KEY_OF_INSTALLATION, SECRETS_OWNER, wrapped))

    def secrets_key(self, purpose: Purpose) -> SealKey:
        if self._secrets is None:  # a ring over no store
            return SealKey(self.sign(purpose, b"secrets"))
        return SealKey(self._secrets.hash_key(purpose))

    def root_under(self, target: KeyIdentity) -> WrappedKey:
        """Return the root wrapped under a master key. Raises SealError when it is not here."""
        place = _place(Kind.KEY_OF_INSTALLATION, ROOT_OWNER, None)
        wrapped = wrap_key(self._one(target).key, place, self._random(NONCE_OCTETS), SealKey(self._root.octets))
        return WrappedKey(Kind.KEY_OF_INSTALLATION, ROOT_OWNER, wrapped)

    def rewrapped(self, wrapped: WrappedKey, target: KeyIdentity) -> bytes | None:
        """Return a key wrapped under a master key, None where it is under it already. Raises SealError."""
        place, under = _place(wrapped.kind, wrapped.owner, None), self._one(target).key
        try:
            unwrap_key(under, place, wrapped.wrapped)
        except SealError:
            return wrap_key(under, place, self._random(NONCE_OCTETS), self.unwrap(wrapped))
        return None

    def _one(self, identity: KeyIdentity) -> MasterKey:
        self._renew()
        found = next((one for one in self._masters if one.identity == identity), None)
        if found is None:
            raise SealError(f"the master key {identity.id} is not here")
        return found

    def _renew(self) -> bool:
        masters = self._source.renewed() if self._source is not None else None
        if masters is not None:
            self._masters = masters
        return masters is not None

    def wrap(self, kind: Kind, owner: int, under: WrappedKey | None = None, key: SealKey | None = None) -> WrappedKey:
        if kind not in _PARENT or (under.kind if under else None) != _PARENT[kind]:
            raise ValueError(f"a {kind.name} does not hang there")
        if under is None:
            self._renew()
        parent = self._masters[0].key if under is None else self.unwrap(under)
        made = key or SealKey(self._random(KEY_OCTETS))
        wrapped = wrap_key(parent, _place(kind, owner, under), self._random(NONCE_OCTETS), made)
        return WrappedKey(kind, owner, wrapped)

    def unwrap(self, *path: WrappedKey) -> SealKey:
        known = self._cache.get(path)
        if known is not None:
            self._cache.move_to_end(path)
            return known
        key = self._unwrap(path)
        self._cache[path] = key
        if len(self._cache) > self._bound:
            self._cache.popitem(last=False)
        return key

    def _unwrap(self, path: tuple[WrappedKey, ...]) -> SealKey:
        if not path:
            raise SealError("a path names at least one key")
        *above, last = path
        under = above[-1] if above else None
        if last.kind not in _PARENT or (under.kind if under else None) != _PARENT[last.kind]:
            raise SealError("no key hangs there")
        place = _place(last.kind, last.owner, under)
        if above:
            return unwrap_key(self.unwrap(*above), place, last.wrapped)
        try:
            return self._under_a_master(place, last.wrapped)
        except SealError:
            if not self._renew():
                raise
        return self._under_a_master(place, last.wrapped)

    def _under_a_master(self, place: bytes, wrapped: bytes) -> SealKey:
        for master in self._masters[:-1]:
            try:
                return unwrap_key(master.key, place, wrapped)
            except SealError:
                continue
        return unwrap_key(self._masters[-1].key, place, wrapped)

    def sign(self, purpose: Purpose, *fields: bytes) -> bytes:
        framed = b"".join([len(field).to_bytes(8, "big") + field for field in fields])
        return hmac.digest(self._root.hash_key(purpose), framed, "sha256")

    def forget(self, kind: Kind, owner: int) -> None:
        gone = [path for path in self._cache if any(key.kind == kind and key.owner == owner for key in path)]
        for path in gone:
            del self._cache[path]


def _place(kind: Kind, owner: int, under: WrappedKey | None) -> bytes:
    return context(kind, owner) if under is None else context(kind, owner, under.owner)
