"""The first read of delivered messages: written before their content leaves, so that recall and 수신확인 tell the truth.

STRATEGIES  The fact is the sign of the message's story, with one act that tells time, person and door (ADR 42, ADR 73): one
            transaction for all messages of an answer that are shown for the first time, none for any other.
FAILURE     Who was slower than a recall sees nothing. While the store takes no writes (a full disk) mail stays readable: the
            facts wait in memory, MAX_OWED of them, and are written with the next first read of this process.
Must not know what of a message is shown, or by which protocol.
"""

from collections.abc import Collection, Sequence
from typing import Final

from smartmail.base import log
from smartmail.domain.errors import MailError, NotFound
from smartmail.domain.ids import AccountId, MessageId
from smartmail.domain.message import MessageRow
from smartmail.domain.principal import Actor
from smartmail.ports.acting import act_on
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_tx import MailTx

MAX_OWED: Final = 10_000
BLOCK: Final = 500
_OFFICIAL: Final = frozenset({"admin", "cli"})
"""Doors of administrators: what they look at is on record elsewhere (service.kernel.audit.witness), its sender learns nothing of it."""


class FirstReads:
    """Notes first reads; one for each process."""

    def __init__(self, store: AccountStore) -> None:
        self._store = store
        self._owed: dict[tuple[AccountId, MessageId], Actor] = {}

    async def note(self, actor: Actor, account_id: AccountId, rows: Sequence[MessageRow]) -> set[MessageId]:
        """Note that the content of messages is about to be shown; return those that may be: the others have gone meanwhile."""
        there = {row.id for row in rows}
        fresh = [row.id for row in rows if row.story > 0]
        if not fresh or actor.origin.door in _OFFICIAL:
            return there
        if self._owed:
            await self._pay()
        return there.difference(fresh) | await self._noted(actor, account_id, fresh)

    async def _noted(self, actor: Actor, account_id: AccountId, fresh: Sequence[MessageId]) -> set[MessageId]:
        try:
            return await self._write(actor, account_id, fresh)
        except NotFound:
            return set()  # the account itself has gone
        except MailError as error:
            log.event("read.write_failed", account=account_id, count=len(fresh), error=type(error).__name__)
            room = max(0, MAX_OWED - len(self._owed))
            self._owed.update({(account_id, one): actor for one in fresh[:room]})
            return set(fresh)

    async def _write(self, actor: Actor, account_id: AccountId, fresh: Collection[MessageId]) -> set[MessageId]:
        async def body(tx: MailTx) -> list[MessageId]:
            return await tx.note_read(list(fresh))

        act_on(account_id, actor)
        return set(await self._store.write(account_id, body))

    async def _pay(self) -> None:
        """Write what could not be written when it was due, a block for each account; what fails again waits on."""
        for account_id in {account_id for account_id, _ in self._owed}:
            block = [one for one in self._owed.items() if one[0][0] == account_id][:BLOCK]
            try:
                await self._write(block[0][1], account_id, [message_id for (_, message_id), _ in block])
            except NotFound:
                pass
            except MailError:
                return
            for key, _ in block:
                self._owed.pop(key, None)
