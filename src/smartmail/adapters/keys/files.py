"""A node's master keys while one replaces the other: three files beside each other, changed by links and renames alone.

    PATH        the key in use
    PATH.next   the one that is coming: opens, but nothing is wrapped under it by this node
    PATH.old    the one that is going: opens until nothing lies under it any more

STATES    PATH → PATH + .next → PATH (the new one) + .old → PATH. Each step is one rename or unlink, and each may be done
          again: a node that is killed in between goes on where it was.
SECURITY  A copy of a key is written like the first one: for its owner alone, synced, under the same passphrase if there is one.
FAILURE   KeeperError: the folder cannot be written (a mounted secret). Put the files there by hand and it goes on.
"""

import contextlib
import os
from collections.abc import Callable, Sequence

from smartmail.adapters.keys import master
from smartmail.adapters.keys.master import MasterKey, MasterKeyError
from smartmail.adapters.keys.ring import KeyRing
from smartmail.formats import shares
from smartmail.formats.seal import KEY_OCTETS, NONCE_OCTETS, Kind, SealError, context, open_small, seal_small
from smartmail.formats.shares import Share, ShareError
from smartmail.ports.keys import KeeperError, KeyIdentity, WrappedKey

NEXT = ".next"
OLD = ".old"
_Signature = tuple[tuple[int, int, int] | None, ...]


class MasterFiles:
    """The files of one node."""

    def __init__(self, path: str, passphrase: str = "") -> None:
        self.path = path
        self._passphrase = passphrase
        self._known: tuple[_Signature, tuple[MasterKey, ...]] | None = None
        self._told: _Signature = self._signature()

    def all(self) -> tuple[MasterKey, ...]:
        """Read all keys, the one in use first. Raises FileNotFoundError (none is in use), MasterKeyError."""
        now = self._signature()
        # A passphrase is stretched for long: what has not changed is not read again.
        if self._known is not None and self._known[0] == now and now[0] is not None:
            return self._known[1]
        found = [master.load(self.path, self._passphrase)]
        for more in (NEXT, OLD):
            with contextlib.suppress(FileNotFoundError):
                found.append(master.load(self.path + more, self._passphrase))
        keys = tuple({one.identity: one for one in found}.values())
        self._known = (now, keys)
        return keys

    def renewed(self) -> tuple[MasterKey, ...] | None:
        """Return all keys when a file has changed since this was asked last, else None; None also while that fails."""
        now = self._signature()
        if now == self._told:
            return None
        try:
            keys = self.all()
        except (OSError, MasterKeyError):
            return None
        self._told = now
        return keys

    def _signature(self) -> _Signature:
        return tuple(_stat(self.path + more) for more in ("", NEXT, OLD))

    def put_next(self, key: MasterKey) -> None:
        """Have a key beside the one in use, durably. Raises OSError."""
        coming = self.path + NEXT
        with contextlib.suppress(FileNotFoundError, MasterKeyError):
            if master.load(coming, self._passphrase).identity == key.identity:
                return
        with contextlib.suppress(FileNotFoundError):
            os.unlink(coming)  # of a change that was given up
        protected = self._passphrase if master.is_protected(self.path) else ""
        master.save(coming, key, protected)

    def promote(self) -> None:
        """Use the coming key, keep the other one as the old. Raises OSError."""
        with contextlib.suppress(FileExistsError):
            os.link(self.path, self.path + OLD)
        os.rename(self.path + NEXT, self.path)
        master.sync_directory(os.path.dirname(self.path) or ".")

    def drop_others(self) -> None:
        """Have the key in use only. Raises OSError."""
        for more in (NEXT, OLD):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.path + more)
        master.sync_directory(os.path.dirname(self.path) or ".")


def _stat(path: str) -> tuple[int, int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


class FileKeeper:
    """ports.keys.MasterKeeper over the files, and the ring that uses them."""

    def __init__(self, ring: KeyRing, files: MasterFiles, random: Callable[[int], bytes] = os.urandom) -> None:
        self._ring = ring
        self._files = files
        self._random = random

    def identities(self) -> tuple[KeyIdentity, ...]:
        return tuple(one.identity for one in self._all())

    def propose(self) -> tuple[KeyIdentity, bytes]:
        used, made = self._all()[0], master.new(self._random)
        sealed = seal_small(used.key, _place(made.identity), self._random(NONCE_OCTETS), made.key.octets)
        return made.identity, sealed

    def take(self, coming: KeyIdentity, sealed: bytes) -> None:
        known = self._all()
        if any(one.identity == coming for one in known):
            return
        octets = _opened(known, coming, sealed)
        key = master.master_key(bytes.fromhex(coming.id), octets)
        if len(octets) != KEY_OCTETS or key.identity != coming:
            raise SealError("the coming master key is not the one that was named")
        self._written(lambda: self._files.put_next(key))

    def promote(self, coming: KeyIdentity) -> None:
        known = self._all()
        if known[0].identity == coming:
            return
        if all(one.identity != coming for one in known):
            raise KeeperError(f"The coming master key {coming.id} is not beside {self._files.path}.")
        self._written(self._files.promote)

    def drop_others(self, used: KeyIdentity) -> None:
        known = self._all()
        if known[0].identity != used:
            raise KeeperError(f"{self._files.path} holds {known[0].identity.id}, not {used.id}.")
        if len(known) > 1:
            self._written(self._files.drop_others)

    def rewrapped(self, wrapped: WrappedKey, target: KeyIdentity) -> bytes | None:
        return self._ring.rewrapped(wrapped, target)

    def root(self, target: KeyIdentity) -> WrappedKey:
        return self._ring.root_under(target)

    def shares(self, need: int, count: int, kit: bytes) -> list[Share]:
        used = self._all()[0]
        values = shares.split(used.key.octets, need, count, self._random)
        named = (kit, bytes.fromhex(used.identity.id), bytes.fromhex(used.identity.check))
        return [Share(number, need, count, *named, octets) for number, octets in enumerate(values, 1)]

    def identity_of_shares(self, typed: Sequence[str]) -> tuple[KeyIdentity, str]:
        known = [_share(number, text) for number, text in enumerate(typed, 1)]
        made = master.master_key(known[0].key_id if known else b"", shares.secret_of(known))
        if made.identity.check != known[0].key_check.hex():
            raise ShareError("the shares do not give the key that they name: one of them is of another kit")
        return made.identity, known[0].kit.hex()

    def _all(self) -> tuple[MasterKey, ...]:
        try:
            return self._files.all()
        except (OSError, MasterKeyError) as error:
            raise KeeperError(str(error)) from error

    def _written(self, change: Callable[[], None]) -> None:
        try:
            change()
        except OSError as error:
            raise KeeperError(f"{self._files.path} cannot be changed: {error.strerror}.") from error


def _share(number: int, text: str) -> Share:
    try:
        return shares.from_text(text)
    except ShareError as error:
        raise ShareError(f"share {number} of those given: {error}") from None


def _place(identity: KeyIdentity) -> bytes:
    return context(Kind.MASTER_COMING, int(identity.id, 16))


def _opened(known: tuple[MasterKey, ...], coming: KeyIdentity, sealed: bytes) -> bytes:
    for one in known:
        try:
            return open_small(one.key, _place(coming), sealed)
        except SealError:
            continue
    raise SealError("no master key of this node opens the coming one")
