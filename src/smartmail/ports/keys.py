"""The key hierarchy: master key → organisation key → queue key and account key.

Wrapped keys lie in the store; only the holder of the master key can unwrap them. Destroying a wrapped key shreds
all below it: a key is looked up by its wrapped octets, so that nothing opens once the store has lost them.
Calls do not wait: the master key is in memory, and unwrapped keys are cached within a bound.
"""

from typing import NamedTuple, Protocol

from smartmail.formats.seal import Kind, Purpose, SealKey


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


class Keys(Protocol):
    """Makes, unwraps and uses keys. `unwrap` raises formats.seal.SealError."""

    @property
    def identity(self) -> KeyIdentity:
        """Return which master key this is."""
        ...

    def require(self, kept: KeyIdentity) -> None:
        """Raise WrongMasterKey unless the store's data were sealed under this master key."""
        ...

    def wrap(self, kind: Kind, owner: int, under: WrappedKey | None = None) -> WrappedKey:
        """Make a new random key and return it wrapped: an organisation's (or the installation's) under the master
        key, an account's and a queue's under the organisation key given.
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

    def forget(self, kind: Kind, owner: int) -> None:
        """Drop the owner's unwrapped keys from memory, after its wrapped key was destroyed."""
        ...
