"""Memory: the correspondence of an account, opened, taught and sealed."""

from collections.abc import Callable
from typing import Protocol

import msgspec

from smartmail.domain.account import Account
from smartmail.domain.correspondence import Correspondence, CorrespondenceRow
from smartmail.formats.seal import Kind, SealError
from smartmail.ports.store_correspondence import CorrespondenceStore
from smartmail.service.kernel.keyring import Keyring

TRIES = 2


class _Store(Protocol):
    @property
    def correspondence(self) -> CorrespondenceStore: ...


class Memory:
    """Reads and writes it."""

    def __init__(self, store: _Store, keyring: Keyring) -> None:
        self._store = store
        self._keyring = keyring

    async def of(self, account: Account) -> Correspondence:
        """Return what an account's letters have taught; an empty one where there is none, or it does not open."""
        return (await self._open(account))[0]

    async def teach(self, account: Account, lesson: Callable[[Correspondence], None]) -> bool:
        """Let a letter change the memory; False where others changed it meanwhile each time."""
        keys = await self._keyring.account(account)
        for _ in range(TRIES):
            known, before = await self._open(account)
            lesson(known)
            sealed = keys.seal(Kind.CORRESPONDENCE, msgspec.msgpack.encode(known))
            if await self._store.correspondence.put(CorrespondenceRow(account.id, known.letters, sealed), before):
                return True
        return False

    async def _open(self, account: Account) -> tuple[Correspondence, int]:
        row = await self._store.correspondence.of_account(account.id)
        if row is None:
            return Correspondence(), 0
        keys = await self._keyring.account(account)
        try:
            plain = keys.open(Kind.CORRESPONDENCE, row.sealed)
            return msgspec.msgpack.decode(plain, type=Correspondence), row.letters
        except (SealError, msgspec.MsgspecError):
            return Correspondence(), row.letters
