"""What clients are told of S/MIME signatures: now, at delivery, why not, and when that was found out (RFC 9219).

NAME      smime
PURPOSE   `states` for Email/get, sets of messages for Email/query.
STATES    Judgements are kept in memory for a day, so that lists do not verify again; what was found at delivery lies in
          the message's inspection.
LIMITS    MAX_KEPT judgements and MAX_FORMS forms of messages in memory; `AT_ONCE` judged side by side.
SECURITY  Rights are asked by service.mailbox.mailstore.reading: nobody learns of messages that they may not read. Certificates
          count as they were when the message came: a key that has run out since does not unsign old mail, one that is
          on a list of revoked ones does.
STANDARDS RFC 9219 §4.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from smartmail.domain.ids import AccountId, BlobId, MessageId
from smartmail.domain.principal import Actor
from smartmail.formats import smime
from smartmail.formats.smime import Fault, Form, Judgement
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.service.flow.smime.inspector import METHOD
from smartmail.service.flow.smime.judging import judge
from smartmail.service.flow.smime.trust import TrustService
from smartmail.service.kernel.clock import DAY
from smartmail.service.mailbox.mailstore.reading import OpenMessage, ReadingService
from smartmail.service.protection.findings import FindingsService

MAX_KEPT = 10_000
MAX_FORMS = 500_000
AT_ONCE = 8
LARGE = 4 << 20
LARGE_AT_ONCE = 2
"""Content inside a signature is held whole, packed and unpacked: of large messages a process judges two at a time."""
BLOCK = 500
VERIFIED = "signed/verified"
FAILED = "signed/failed"
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SmimeState:
    """`status` and `at_delivery` as RFC 9219 §4.1 names them, None for mail without S/MIME. `verified_at` in ms."""

    status: str | None = None
    at_delivery: str | None = None
    faults: tuple[Fault, ...] = ()
    verified_at: int | None = None


class SmimeService:
    """Judges and remembers."""

    def __init__(
        self, store: AccountStore, reading: ReadingService, findings: FindingsService, trust: TrustService, clock: Clock
    ) -> None:
        self._store = store
        self._reading = reading
        self._findings = findings
        self._clock = clock
        self.trust = trust
        self._kept: OrderedDict[tuple[AccountId, BlobId], tuple[Judgement | None, int]] = OrderedDict()
        self._forms: dict[tuple[AccountId, MessageId], Form | None] = {}
        self._large = asyncio.Semaphore(LARGE_AT_ONCE)

    async def states(
        self, actor: Actor, account_id: AccountId, message_ids: Sequence[MessageId]
    ) -> dict[MessageId, SmimeState]:
        """Return the states of those messages that are S/MIME; all others have none. Raises NotFound."""
        opened = [
            one
            for one in await self._reading.messages(actor, account_id, message_ids)
            if smime.form_of(one.summary.parts) is not None
        ]
        found: dict[MessageId, SmimeState] = {}
        delivered = await self._at_delivery(actor, account_id, [one.row.id for one in opened])
        for start in range(0, len(opened), AT_ONCE):
            part = opened[start : start + AT_ONCE]
            judged = await asyncio.gather(*(self._judged(actor, account_id, one) for one in part))
            for one, (judgement, at) in zip(part, judged, strict=True):
                before = delivered.get(one.row.id, UNKNOWN)
                found[one.row.id] = (
                    SmimeState(UNKNOWN, before)
                    if judgement is None
                    else SmimeState(VERIFIED if judgement.good else FAILED, before, judgement.faults, at)
                )
        return found

    async def _judged(self, actor: Actor, account_id: AccountId, message: OpenMessage) -> tuple[Judgement | None, int]:
        key, now = (account_id, message.row.blob_id), self._clock.now()
        kept = self._kept.get(key)
        if kept is not None and now - kept[1] < DAY:
            return kept
        account = await self._store.account(account_id)
        trust = await self.trust.of(account.organization_id)

        async def read(start: int, length: int) -> bytes:
            return await self._reading.octets(actor, account_id, message.row.id, start, length, shows=False)

        summary = message.summary
        senders = [one.address for one in summary.from_]
        async with self._large if message.row.size > LARGE else nullcontext():
            judgement = await judge(summary.parts, read, senders, trust, message.row.received_at // 1000)
        while len(self._kept) >= MAX_KEPT:
            self._kept.popitem(last=False)
        self._kept[key] = (judgement, now)
        return judgement, now

    async def _at_delivery(
        self, actor: Actor, account_id: AccountId, message_ids: Sequence[MessageId]
    ) -> dict[MessageId, str]:
        found: dict[MessageId, str] = {}
        for message_id, inspection in (await self._findings.of(actor, account_id, message_ids)).items():
            for result in inspection.authentication:
                if result.method == METHOD:
                    found[message_id] = VERIFIED if result.result == "pass" else FAILED
        return found

    async def signed(self, actor: Actor, account_id: AccountId) -> frozenset[MessageId]:
        """Return all messages that are S/MIME, of those that the actor may read."""
        rows = await self._reading.every_row(actor, account_id)
        unknown = [row.id for row in rows if (account_id, row.id) not in self._forms]
        if len(self._forms) + len(unknown) > MAX_FORMS:
            self._forms.clear()
            unknown = [row.id for row in rows]
        found: dict[MessageId, Form | None] = {}
        for start in range(0, len(unknown), BLOCK):
            summaries = await self._reading.summaries(actor, account_id, unknown[start : start + BLOCK])
            found.update({one: smime.form_of(summary.parts) for one, summary in summaries.items()})
        self._forms.update({(account_id, one): form for one, form in found.items()})
        return frozenset(row.id for row in rows if self._forms.get((account_id, row.id)) is not None)

    async def verified(self, actor: Actor, account_id: AccountId, *, at_delivery: bool) -> frozenset[MessageId]:
        """Return the messages whose signature holds now, or held when they came."""
        candidates = sorted(await self.signed(actor, account_id))
        if at_delivery:
            return _verified((await self._at_delivery(actor, account_id, candidates)).items())
        states = await self.states(actor, account_id, candidates)
        return _verified((message_id, state.status) for message_id, state in states.items())


def _verified(found: Iterable[tuple[MessageId, str | None]]) -> frozenset[MessageId]:
    return frozenset(message_id for message_id, status in found if status == VERIFIED)
