"""NAME
    witness: records who but the owner reads, lists, takes or removes somebody's messages

STRATEGIES
    One row for each actor, account, act and minute, not one for each message: the first look of a minute is recorded
    before it is answered, the others of that minute together in a second row when it is over. So even a crash loses only
    counts, never that somebody looked.
    The owner's own reads are no access records; their logins and acts are recorded elsewhere, behind them.

LIMITS
    MAX_IDS ids in a row, the count is exact. MAX_OPEN rows wait in memory; then the oldest are written first.

FAILURE
    Closed where the law asks for the record: when the row cannot be written, the look fails. When the second row
    cannot be written it is kept, and nobody but owners reads through this process until it is.

SECURITY
    The command line acts in accounts on an administrator's behalf: it is never taken for the owner.

Must not know what is done with what was read.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Literal

from smartmail.base import log
from smartmail.domain.audit import ACCESS, AuditRecord
from smartmail.domain.errors import MailError
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
from smartmail.ports.clock import Clock
from smartmail.ports.store_audit import AuditLog
from smartmail.service.kernel.clock import MINUTE

MAX_IDS: Final = 50
MAX_OPEN: Final = 2_000
Act = Literal["list", "read", "write", "delete", "export", "profile"]
"""`list`: sender, subject and the like. `read`: text or attachments. `write`: a draft was put there. `profile`: a person's
own data, not the mail.
"""


_Key = tuple[str, AccountId, str, str]
"""Actor, account, act, network address."""


@dataclass(slots=True)
class _Tally:
    """What came in one minute after its first look."""

    record: AuditRecord
    account_id: AccountId
    minute: int
    first: asyncio.Future[None]
    count: int = 0
    ids: list[int] = field(default_factory=list)

    def add(self, ids: Sequence[int], count: int) -> None:
        self.count += max(1, len(ids), count)
        self.ids.extend(ids[: MAX_IDS - len(self.ids)])

    def closing(self) -> AuditRecord:
        one = self.record
        what = _object(self.account_id, self.count, self.ids)
        return AuditRecord(one.at, one.actor, one.action, what, one.address, None, one.door)


class Witness:
    """The access records of one process."""

    def __init__(self, store: AuditLog, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._open: dict[_Key, _Tally] = {}
        self._over: list[_Tally] = []
        self._task: asyncio.Task[None] | None = None

    def is_own(self, actor: Actor, account_id: AccountId) -> bool:
        """Say whether an act needs no access record: the owner's, or work that no person asked for."""
        door = actor.origin.door
        return door == "system" or (actor.account_id == account_id and door != "cli")

    async def saw(
        self, actor: Actor, account_id: AccountId, act: Act, ids: Sequence[int] = (), *, count: int = 0
    ) -> None:
        """Record before it is answered that an actor looks at messages, or at `count` whose ids are not known.

        Raises Unavailable: then nothing may be shown.
        """
        if self.is_own(actor, account_id):
            return
        now = self._clock.now()
        minute = now // MINUTE
        who = "cli" if actor.origin.door == "cli" else actor.named
        key = (who, account_id, act, actor.origin.address)
        if await self._joined(key, minute, ids, count):
            return
        self._close_before(minute)
        await self._flush()
        # Somebody may have been quicker meanwhile: two first rows would be true, but one of the counts would be lost.
        if await self._joined(key, minute, ids, count):
            return
        what = _object(account_id, max(1, len(ids), count), ids)
        record = AuditRecord(now, who, f"{ACCESS}{act}", what, actor.origin.address, None, actor.origin.door)
        first = asyncio.ensure_future(self._store.audit(record, account_id))
        self._open[key] = made = _Tally(record, account_id, minute, first)
        try:
            await asyncio.shield(first)
        except MailError:
            if self._open.get(key) is made:
                del self._open[key]
            raise
        self._look_later()

    async def listed(self, actor: Actor, account_ids: Sequence[AccountId]) -> None:
        """Record before it is answered that an administrator is told of people. Raises Unavailable."""
        if account_ids and actor.origin.door not in {"system", "cli"}:
            # All of them: whose data was shown must be known, and a page is bounded.
            ids = ",".join(str(one) for one in account_ids)
            named = f"organization:{actor.organization_id} count:{len(account_ids)} ids:{ids}"
            record = AuditRecord(
                self._clock.now(), actor.named, f"{ACCESS}people", named, actor.origin.address, None, actor.origin.door
            )
            await self._store.audit(record)

    async def _joined(self, key: _Key, minute: int, ids: Sequence[int], count: int) -> bool:
        """Count a look with those of its minute, where its first one is written or being written."""
        tally = self._open.get(key)
        if tally is None or tally.minute != minute:
            return False
        await asyncio.shield(tally.first)
        tally.add(ids, count)
        return True

    async def settle(self) -> None:
        """Write whatever waits: the process ends, or a test wants to see it."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._close_before(self._clock.now() // MINUTE + 1)
        with suppress(MailError):
            await self._flush()

    def _close_before(self, minute: int) -> None:
        for key, tally in list(self._open.items()):
            if tally.minute < minute or len(self._open) > MAX_OPEN:
                del self._open[key]
                if tally.count:
                    self._over.append(tally)

    async def _flush(self) -> None:
        while self._over:
            tally = self._over[0]
            await self._store.audit(tally.closing(), tally.account_id)
            if self._over and self._over[0] is tally:
                del self._over[0]

    def _look_later(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._look())

    async def _look(self) -> None:
        while self._open or self._over:
            await asyncio.sleep(MINUTE / 1000)
            self._close_before(self._clock.now() // MINUTE)
            try:
                await self._flush()
            except MailError as error:
                log.event("audit.write_failed", rows=len(self._over), error=type(error).__name__)


def _object(account_id: AccountId, count: int, ids: Sequence[int]) -> str:
    named = f" ids:{','.join(str(one) for one in ids[:MAX_IDS])}" if ids else ""
    return f"account:{account_id} count:{count}{named}"
