"""The key hierarchy over one master key, with a bounded cache of unwrapped keys.

The cache is keyed by the wrapped octets: when the store has lost them (shredded), no caller can name the key any
more, in any process, whatever is still cached.
"""

import hmac
import os
from collections import OrderedDict
from collections.abc import Callable

from smartmail.adapters.keys.master import MasterKey
from smartmail.formats.seal import (
    KEY_OCTETS,
    NONCE_OCTETS,
    Kind,
    Purpose,
    SealError,
    SealKey,
    context,
    unwrap_key,
    wrap_key,
)
from smartmail.ports.keys import KeyIdentity, WrappedKey

# Under what a kind of key hangs: None is the master key.
_PARENT: dict[Kind, Kind | None] = {
    Kind.KEY_OF_INSTALLATION: None,
    Kind.KEY_OF_ORGANIZATION: None,
    Kind.KEY_OF_QUEUE: Kind.KEY_OF_ORGANIZATION,
    Kind.KEY_OF_ACCOUNT: Kind.KEY_OF_ORGANIZATION,
}


class KeyRing:
    """Keys of one process. `cached` bounds the unwrapped keys in memory (about 1.5 KB each)."""

    def __init__(self, master: MasterKey, *, cached: int = 10_000, random: Callable[[int], bytes] = os.urandom) -> None:
        self._master = master
        self._bound = cached
        self._random = random
        self._cache: OrderedDict[tuple[WrappedKey, ...], SealKey] = OrderedDict()

    @property
    def identity(self) -> KeyIdentity:
        return self._master.identity

    def require(self, kept: KeyIdentity) -> None:
        self._master.require(kept)

    def wrap(self, kind: Kind, owner: int, under: WrappedKey | None = None) -> WrappedKey:
        if kind not in _PARENT or (under.kind if under else None) != _PARENT[kind]:
            raise ValueError(f"a {kind.name} does not hang there")
        parent = self._master.key if under is None else self.unwrap(under)
        made = SealKey(self._random(KEY_OCTETS))
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
        parent = self.unwrap(*above) if above else self._master.key
        return unwrap_key(parent, _place(last.kind, last.owner, under), last.wrapped)

    def sign(self, purpose: Purpose, *fields: bytes) -> bytes:
        framed = b"".join([len(field).to_bytes(8, "big") + field for field in fields])
        return hmac.digest(self._master.key.hash_key(purpose), framed, "sha256")

    def forget(self, kind: Kind, owner: int) -> None:
        gone = [path for path in self._cache if any(key.kind == kind and key.owner == owner for key in path)]
        for path in gone:
            del self._cache[path]


def _place(kind: Kind, owner: int, under: WrappedKey | None) -> bytes:
    return context(kind, owner) if under is None else context(kind, owner, under.owner)
