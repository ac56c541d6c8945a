"""Many copies in one commit, for any number of callers at once (architecture 1.4, 1.16).

All accounts are locked in the order of their ids, everything that decides is read, every call is judged in memory, and
what is stored goes out in one statement per table. A call that fails changes nothing and does not disturb the others.
"""

from collections.abc import Sequence

from smartmail.adapters.sql import plan
from smartmail.adapters.sql.queue import insert_entry
from smartmail.adapters.sql.session import DeliverCall, DeliverOutcome, Session
from smartmail.adapters.sql.work import LOCK_ACCOUNTS, AccountState, MailboxState, Writes, load_mailboxes
from smartmail.domain.account import states_with
from smartmail.domain.errors import MailError, NotFound
from smartmail.domain.ids import AccountId
from smartmail.domain.message import Added, Delivery
from smartmail.domain.queue import NewQueueEntry

FIND_KEYS = """select d.account_id, d.key, d.at from keys(a bigint, b bytea)
    join delivery_key d on d.account_id = k.a and d.key = k.b"""

REPEAT_WINDOW = 24 * 3600 * 1000
"""Milliseconds in which a repeat is known (architecture 1.17)."""

_Key = tuple[AccountId, bytes]
_Verdict = list[MailboxState] | MailError | None
_TAKES_MAIL = frozenset(states_with("receive"))


class _Batch:
    """What a commit of deliveries has read and will write."""

    def __init__(self) -> None:
        self.writes = Writes()
        self.accounts: dict[AccountId, AccountState] = {}
        self.keys: dict[_Key, int] = {}
        self.found = plan.Found()

    async def load(self, session: Session, deliveries: Sequence[Delivery]) -> None:
        """Lock the accounts and read what decides."""
        ids = sorted({d.account_id for d in deliveries})
        self.accounts = {row[0]: AccountState(row) for row in await session.rows(LOCK_ACCOUNTS, ids)}
        known = [d for d in deliveries if d.account_id in self.accounts]
        boxes = list({(d.account_id, box): None for d in known for box in d.message.mailboxes})
        if boxes:
            await load_mailboxes(session, self.accounts, boxes)
            keys = list({(d.account_id, d.duplicate_key): None for d in known})
            self.keys = {(a, bytes(k)): at for a, k, at in await session.lookup(FIND_KEYS, keys)}
            self.found = await plan.find_threads(session, ((d.account_id, d.message) for d in known))

    def judge(self, deliveries: Sequence[Delivery]) -> list[_Verdict]:
        """Return per copy its mailboxes, None for a repeat, or its error. Nothing is changed."""
        promised: dict[AccountId, int] = {}
        fresh: set[_Key] = set()
        return [self._judge(d, promised, fresh) for d in deliveries]

    def _judge(self, delivery: Delivery, promised: dict[AccountId, int], fresh: set[_Key]) -> _Verdict:
        account = self.accounts.get(delivery.account_id)
        if account is None or account.state not in _TAKES_MAIL:
            return NotFound()
        key = (delivery.account_id, delivery.duplicate_key)
        at = self.keys.get(key)
        if key in fresh or (at is not None and at > delivery.message.received_at - REPEAT_WINDOW):
            return None
        try:
            boxes = plan.check(account, delivery.message, promised.get(account.id, 0))
        except MailError as error:
            return error
        promised[account.id] = promised.get(account.id, 0) + delivery.message.size
        fresh.add(key)
        return boxes

    def store(self, delivery: Delivery, boxes: Sequence[MailboxState]) -> Added:
        """Note one copy. Each copy is a transaction of its own to its account: it gets its own modseq."""
        account = self.accounts[delivery.account_id]
        account.touched = False
        account.touch()
        at = delivery.message.received_at
        self.keys[account.id, delivery.duplicate_key] = at
        self.writes.delivery_keys.append((account.id, delivery.duplicate_key, at))
        return plan.add(self.writes, account, boxes, delivery.message, self.found)


async def deliver_calls(session: Session, calls: Sequence[DeliverCall], now: int) -> list[DeliverOutcome | MailError]:
    """Store the copies of several calls; return for each its outcome, or the error that it raises."""
    batch = _Batch()
    await batch.load(session, [d for call in calls for d in call.deliveries])
    outcomes = [await _deliver(session, batch, call) for call in calls]
    await batch.writes.finish(session, batch.accounts.values(), now)
    return outcomes


async def _deliver(session: Session, batch: _Batch, call: DeliverCall) -> DeliverOutcome | MailError:
    verdicts = batch.judge(call.deliveries)
    failed = [verdict for verdict in verdicts if isinstance(verdict, MailError)]
    if failed and not (call.fallback and await _keep(session, batch, call.fallback, verdicts)):
        return failed[0]
    return [
        batch.store(delivery, verdict) if isinstance(verdict, list) else verdict
        for delivery, verdict in zip(call.deliveries, verdicts, strict=True)
    ]


async def _keep(session: Session, batch: _Batch, fallback: NewQueueEntry, verdicts: Sequence[_Verdict]) -> bool:
    """Queue the copies that failed; False when the entry cannot be made."""
    if len(fallback.recipients) != len(verdicts):
        return False
    stored = {number for number, verdict in enumerate(verdicts) if not isinstance(verdict, MailError)}
    if not await insert_entry(session, fallback, stored):
        return False
    batch.writes.add_blob(fallback.blob)
    return True
