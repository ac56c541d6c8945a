"""People who went to another company of the installation (전적, BR-4): what the old company's account still has to settle.

NAME        transfers
PURPOSE     The commit that hands the addresses over also writes a leaver of the old company, so that whatever they had there
            ends by the same saga as for leavers, killed processes included. Where the mailbox goes along, it is carried over
            behind that: read with the old company's keys, sealed anew with the new one's.
STRATEGIES  Carrying is an import: each message is noted by where it lay and by its octets in the commit that stores it, so a
            run that was killed goes on, and what the person moved or deleted meanwhile does not come back.
LIMITS      BATCH messages or MAX_BATCH_OCTETS in memory. A message in two mailboxes becomes one in each.
FAILURE     A message that does not open is left behind and told in the log; a full mailbox is tried again by the job.
SECURITY    Nothing of the old account's keys goes along; they are destroyed with the leaver's data after `leaver.days`. The
            target lies sealed: the companies are outside to each other.
"""

from collections.abc import AsyncIterator
from typing import Final, NamedTuple

import msgspec

from smartmail.base import log
from smartmail.domain.account import Account
from smartmail.domain.account_life import LeavingRow, LeavingText
from smartmail.domain.ids import AccountId, MailboxId
from smartmail.domain.principal import Actor, system_actor
from smartmail.formats.address import split_address
from smartmail.formats.seal import Kind, SealError
from smartmail.policy import knobs
from smartmail.service.kernel.clock import DAY, SECOND
from smartmail.service.mailbox.exporting import ExportService
from smartmail.service.mailbox.importing import BATCH, MAX_BATCH_OCTETS, ImportItem, ImportService
from smartmail.service.people.account_life.ground import LifeGround
from smartmail.service.people.account_life.store import Store

TARGET: Final = "transfer"
MAILBOX: Final = "mailbox"
ALONG: Final = "along"
NOBODY: Final = AccountId(0)


class Transfer(NamedTuple):
    """Whose account somebody has now, and whether the mailbox goes along."""

    target: AccountId
    along: bool


class Transfers:
    """Knows who was transferred, and carries mailboxes over."""

    def __init__(self, ground: LifeGround[Store], exports: ExportService, imports: ImportService) -> None:
        self._ground = ground
        self._store = ground.store
        self._exports = exports
        self._imports = imports

    async def leaving(self, actor: Actor, old: Account, target: AccountId, *, along: bool) -> LeavingRow:
        """Return the leaver that somebody is for the old company."""
        now, policy = self._ground.clock.now(), await self._ground.policy.of(old)
        keys = await self._ground.keyring.organization(old.organization_id)
        text = LeavingText({TARGET: str(int(target)), MAILBOX: ALONG if along else ""})
        sealed = keys.seal(Kind.LEAVING, msgspec.msgpack.encode(text), old.id)
        return LeavingRow(
            old.id, old.organization_id, "running", now, NOBODY, NOBODY, 0, now + policy[knobs.LEAVER_DAYS] * DAY, actor.named,
            sealed,
        )  # fmt: skip

    async def of(self, account: Account) -> Transfer | None:
        """Return where somebody went, None for who went nowhere."""
        row = await self._store.leaving(account.id)
        if row is None or account.state != "closed":
            return None
        keys = await self._ground.keyring.organization(row.organization_id)
        try:
            opened = keys.open(Kind.LEAVING, row.sealed, row.account_id)
        except SealError:
            return None
        choices = msgspec.msgpack.decode(opened, type=LeavingText).choices
        target = choices.get(TARGET, "")
        return Transfer(AccountId(int(target)), choices.get(MAILBOX) == ALONG) if target else None

    async def addresses(self, account: Account) -> frozenset[str]:
        """Return the addresses by which a company names somebody, also when they have taken them along."""
        own = frozenset(await self._store.addresses(account.id))
        went = await self.of(account)
        if went is None:
            return own
        domains = {row.name for row in await self._store.domains() if row.organization_id == account.organization_id}
        taken = await self._store.addresses(went.target)
        return own | {one for one in taken if split_address(one)[1] in domains}

    async def carry(self, old: Account, target: AccountId) -> None:
        """Bring everything that lies in an account into another one; may be done again.

        Raises OverQuota, StorageFull, Unavailable: what was committed stays.
        """
        new = await self._store.account(target)
        reader, writer = system_actor(old.id, old.organization_id), system_actor(new.id, new.organization_id)
        carried = failed = 0
        async for batch in self._batches(old, reader, writer):
            results = await self._imports.add(writer, new.id, batch)
            carried += sum(one.outcome is not None for one in results)
            failed += sum(one.error is not None for one in results)
        log.event("transfer.carried", account=old.id, target=new.id, messages=carried, failed=failed)

    async def _batches(self, old: Account, reader: Actor, writer: Actor) -> AsyncIterator[list[ImportItem]]:
        for mailbox in await self._exports.mailboxes(reader, old.id):
            place: MailboxId = await self._imports.place(writer, writer.account_id, mailbox)
            batch, octets = list[ImportItem](), 0
            async for one in self._exports.messages(reader, old.id, mailbox):
                if isinstance(one, tuple):
                    log.event(
                        "transfer.message_unreadable", account=old.id, mailbox=mailbox.row.id, uid=one[0], error=one[1]
                    )
                    continue
                key = b"transfer %d %d %d" % (old.id, mailbox.row.id, one.uid)
                batch.append(ImportItem(key, one.stored, place, one.received_at * SECOND, one.names))
                octets += len(one.stored)
                if len(batch) >= BATCH or octets >= MAX_BATCH_OCTETS:
                    yield batch
                    batch, octets = [], 0
            if batch:
                yield batch
