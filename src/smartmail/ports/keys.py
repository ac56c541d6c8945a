"""The key hierarchy: master key → organisation key → queue key and account key.

Wrapped keys lie in the store; only the holder of the master key can unwrap them. Destroying a wrapped key shreds
all below it: a key is looked up by its wrapped octets, so that nothing opens once the store has lost them.
Calls do not wait: the master key is in memory, and unwrapped keys are cached within a bound.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

from smartmail.formats.seal import Kind, Purpose, SealKey
from smartmail.formats.shares import Share

ROOT_OWNER: Final = 0x524F4F54
"""Under which number the root of the keyed hashes hangs beside other keys of the installation: "ROOT"."""
SECRETS_OWNER: Final = 0x53454352
"""The same of the key of secrets of other systems (buckets): "SECR"."""


class KeyIdentity(NamedTuple):
    """Which master key it is. Tells nothing about the key; the store keeps it to refuse another one."""

    id: str
    check: str


class WrappedKey(NamedTuple):
    """A key as the store keeps it. `kind` is one of Kind.KEY_OF_…, `owner` the organisation or account it is of."""

    kind: Kind
    owner: int
    wrapped: bytes


class WrongMasterKey(Exception):
    """The data were sealed under another master key; the text names both."""


class MasterKeeper(Protocol):
    """Changes the master key of a node, a durable step at a time; each may be done again. Raises SealError, KeeperError."""

    def identities(self) -> tuple[KeyIdentity, ...]:
        """Return the master keys that this node has now, the one in use first."""
        ...

    def propose(self) -> tuple[KeyIdentity, bytes]:
        """Make a new master key; return it sealed under the one in use, so that other nodes may take it."""
        ...

    def take(self, coming: KeyIdentity, sealed: bytes) -> None:
        """Have the coming key beside the one in use; nothing where it is there already."""
        ...

    def promote(self, coming: KeyIdentity) -> None:
        """Use the coming key from now on, the other one is kept beside; nothing where that is so already."""
        ...

    def drop_others(self, used: KeyIdentity) -> None:
        """Have the key in use only. Raises KeeperError where another one is in use."""
        ...

    def rewrapped(self, wrapped: WrappedKey, target: KeyIdentity) -> bytes | None:
        """Return a key of the installation or an organisation wrapped under the target; None where it is so already."""
        ...

    def root(self, target: KeyIdentity) -> WrappedKey:
        """Return what the installation's keyed hashes come from, wrapped under the target."""
        ...

    def shares(self, need: int, count: int, kit: bytes) -> list[Share]:
        """Return the key in use as shares of a kit."""
        ...

    def identity_of_shares(self, typed: Sequence[str]) -> tuple[KeyIdentity, str]:
        """Return which key typed shares give, and their kit. Raises formats.shares.ShareError."""
        ...


class KeeperError(Exception):
    """A node cannot change its master key; the text says why and what to do."""


class Keys(Protocol):
    """Makes, unwraps and uses keys. `unwrap` raises formats.seal.SealError."""

    @property
    def identity(self) -> KeyIdentity:
        """Return which master key this is."""
        ...

    def require(self, kept: KeyIdentity) -> None:
        """Raise WrongMasterKey unless the store's data were sealed under this master key."""
        ...

    def wrap(self, kind: Kind, owner: int, under: WrappedKey | None = None, key: SealKey | None = None) -> WrappedKey:
        """Make a new random key (or take the one given) and return it wrapped: an organisation's (or the installation's)
        under the master key, an account's and a queue's under the organisation key given.
        """
        ...

    def unwrap(self, *path: WrappedKey) -> SealKey:
        """Return the last key of a path from the top down: (organisation,) or (organisation, account).

        Raises SealError: wrong master key, damaged, or not the key of that owner.
        """
        ...

    def sign(self, purpose: Purpose, *fields: bytes) -> bytes:
        """Return 32 octets that only this installation can make and that are the same on all of its nodes."""
        ...

    def secrets_key(self, purpose: Purpose) -> SealKey:
        """Return the installation's key for secrets of other systems; each purpose has one of its own."""
        ...

    def forget(self, kind: Kind, owner: int) -> None:
        """Drop the owner's unwrapped keys from memory, after its wrapped key was destroyed."""
        ...
