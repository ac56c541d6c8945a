"""Keys in memory: no cipher, no cache; wrapped octets are tickets that only the ring that gave them honours."""

import hashlib

from smartmail.formats.seal import Kind, Purpose, SealError, SealKey
from smartmail.ports.keys import KeyIdentity, WrappedKey, WrongMasterKey


class FakeKeys:
    def __init__(self, seed: str = "fake") -> None:
        self._seed = seed
        self._tickets: dict[tuple[Kind, int, bytes, WrappedKey | None], SealKey] = {}

    @property
    def identity(self) -> KeyIdentity:
        return KeyIdentity(self._digest("id").hex()[:16], self._digest("check").hex()[:16])

    def require(self, kept: KeyIdentity) -> None:
        if kept != self.identity:
            raise WrongMasterKey(f"sealed under {kept.id}, this is {self.identity.id}")

    def wrap(self, kind: Kind, owner: int, under: WrappedKey | None = None, key: SealKey | None = None) -> WrappedKey:
        needs_parent = kind in {Kind.KEY_OF_QUEUE, Kind.KEY_OF_ACCOUNT}
        if kind < Kind.KEY_OF_INSTALLATION or needs_parent != (under is not None):
            raise ValueError("does not hang there")
        if under is not None:
            self.unwrap(under)
        ticket = self._digest(f"{len(self._tickets)}")
        self._tickets[kind, owner, ticket, under] = key or SealKey(self._digest(f"key {len(self._tickets)}"))
        return WrappedKey(kind, owner, ticket)

    def unwrap(self, *path: WrappedKey) -> SealKey:
        if not path:
            raise SealError("empty path")
        *above, last = path
        if above:
            self.unwrap(*above)
        found = self._tickets.get((*last, above[-1] if above else None))
        if found is None:
            raise SealError("no such key")
        return found

    def sign(self, purpose: Purpose, *fields: bytes) -> bytes:
        return self._digest(repr((purpose, fields)))

    def secrets_key(self, purpose: Purpose) -> SealKey:
        return SealKey(self._digest(f"secrets {purpose}"))

    def forget(self, kind: Kind, owner: int) -> None:
        return

    def _digest(self, text: str) -> bytes:
        return hashlib.sha256(f"{self._seed} {text}".encode()).digest()
