"""One turn through one outside mailbox: what is new comes in by the way of delivery, once; then it is deleted over there, if
that is wished.

STATES      open → listed → for each new message: sized → read → delivered → noted → removed over there → closed.
STRATEGIES  A message is known by a keyed hash of the source's name for it, and, where the source has forgotten its names, by one
            of its octets. It is noted after the commit that delivers it. A process that dies between the two reads it once
            more, and the delivery's own key (service.flow.delivery.desk, 24 hours) knows it: no copy is lost, none is doubled.
            Only what was noted as brought with the wish to remove it is ever deleted over there, and never before it is noted.
LIMITS      `MAX_MESSAGE` of a message; `MESSAGES`, `OCTETS` and `SECONDS` of a turn; the next goes on where it ended.
FAILURE     PullFailed with a reason; what came in stays and is known.
"""

import asyncio
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from smartmail.domain.account import Account
from smartmail.domain.errors import MailError, OverQuota, PolicyRejected, TooLarge
from smartmail.domain.ids import MailboxId
from smartmail.domain.keywords import NONE, Keywords
from smartmail.domain.principal import Origin
from smartmail.domain.pulls import MAX_MESSAGE, PullFailed, PullItem, SeenRow, SeenState
from smartmail.formats.dates import parse_date
from smartmail.formats.headers import Header
from smartmail.formats.seal import Kind, Purpose
from smartmail.ports.clock import Clock
from smartmail.ports.pull_source import PullSession, PullSource
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_mail import MailReads
from smartmail.ports.store_pulls import PullStore
from smartmail.ports.store_tx import MailTx
from smartmail.service.flow.delivery import DeliveryService, Hello, Pulled
from smartmail.service.flow.pulls.texts import OpenPull
from smartmail.service.kernel.keyring import Sealer


class _Store(AccountStore, MailReads, PullStore, Protocol): ...


MESSAGES: Final = 200
OCTETS: Final = 200 << 20
SECONDS: Final = 240.0
LONGEST_S: Final = 900.0
"""When a turn is ended that should long have come to its end: a server may drip octets for ever."""
HEADS: Final = 1000
"""Messages of which only the date is looked at, in one turn."""
_BLOCK: Final = 500


@dataclass(frozen=True, slots=True)
class TurnParts:
    """What a turn works with. `host` is our name."""

    store: _Store
    source: PullSource
    delivery: DeliveryService
    clock: Clock
    host: str


class Turn:
    """One turn. `may_remove`: whether policy lets originals be deleted."""

    def __init__(
        self, parts: TurnParts, account: Account, keys: Sealer, pull: OpenPull, worker: str, *, may_remove: bool
    ) -> None:
        self._parts = parts
        self._account = account
        self._keys = keys
        self._pull = pull
        self._worker = worker
        self._removes = pull.text.remove and may_remove
        self._may_remove = may_remove
        self.is_more = False

    async def run(self) -> None:
        """Do it. Raises PullFailed, MailError."""
        if self._account.quota is not None and self._account.used >= self._account.quota:
            raise PullFailed("full")
        wanted = Pulled(self._pull.row.id, await self._mailbox(), await self._keywords())
        try:
            async with asyncio.timeout(LONGEST_S):
                await self._with(wanted)
        except TimeoutError:
            raise PullFailed("unreachable") from None

    async def _with(self, wanted: Pulled) -> None:
        session = await self._parts.source.open(self._pull.text.place)
        try:
            await self._through(session, wanted)
        finally:
            session.abort()

    async def _through(self, session: PullSession, wanted: Pulled) -> None:
        clock = asyncio.get_running_loop().time
        until = clock() + SECONDS
        fresh, gone = await self._sorted(await session.items(self._pull.text.since))
        octets = taken = looked = 0
        for some in _blocks(fresh):
            for item in await session.details(some):
                if taken >= MESSAGES or octets >= OCTETS or looked >= HEADS or clock() >= until:
                    self.is_more = True
                    break
                looked += 1
                state = await self._bring(session, item, wanted)
                if state in {"taken", "same"}:
                    taken, octets = taken + 1, octets + item.size
                    if self._removes:
                        gone.append(item)
            if self.is_more:
                break
        await session.finish(gone)
        for part in _blocks(gone):
            await self._parts.store.removed_there(self._pull.row.id, [self._key(one) for one in part])

    async def _sorted(self, items: Sequence[PullItem]) -> tuple[list[PullItem], list[PullItem]]:
        """Return what was never seen, and what an earlier turn brought but could not delete over there."""
        fresh: list[PullItem] = []
        gone: list[PullItem] = []
        for some in _blocks(items):
            keys = [self._key(one) for one in some]
            seen = await self._parts.store.seen_of(self._pull.row.id, keys)
            for item, key in zip(some, keys, strict=True):
                if key not in seen:
                    fresh.append(item)
                elif seen[key].remove and self._may_remove:
                    gone.append(item)
        return fresh, gone

    async def _bring(self, session: PullSession, item: PullItem, wanted: Pulled) -> SeenState:
        """Bring one message, or find that it need not come; note it."""
        digest = b""
        if item.size > MAX_MESSAGE:
            state: SeenState = "large"
        elif await self._is_old(session, item):
            state = "skipped"
        else:
            state, digest = await self._delivered(session, item, wanted)
        row = SeenRow(
            self._key(item), digest, state, remove=self._removes and state in {"taken", "same"},
            seen_at=self._parts.clock.now(),
        )  # fmt: skip
        if not await self._parts.store.note_seen(self._pull.row.id, self._worker, [row]):
            # Changed or taken over meanwhile: whoever has it now knows the message by its delivery.
            raise PullFailed("later")
        return state

    async def _is_old(self, session: PullSession, item: PullItem) -> bool:
        since = self._pull.text.since
        if not since:
            return False
        at = item.received_at
        if at is None:
            at = _time_of(await session.head(item))
        return at is not None and at < since

    async def _delivered(self, session: PullSession, item: PullItem, wanted: Pulled) -> tuple[SeenState, bytes]:
        place = self._pull.text.place
        protocol = place.protocol.upper() + ("S" if session.tls else "")
        origin = Origin("pull", session.address, place.port, tls=bool(session.tls))
        hello = Hello(place.host, origin, "pull", protocol, self._parts.host, session.tls, pulled=wanted)
        incoming = self._parts.delivery.incoming(hello, max_size=MAX_MESSAGE)
        digest = hashlib.sha256()
        try:
            await incoming.for_account(self._account)
            async for octets in session.octets(item):
                digest.update(octets)
                await incoming.chunk(octets)
            known = self._keys.hash(Purpose.PULL_OCTETS, digest.digest())
            if await self._parts.store.saw_octets(self._pull.row.id, known):
                return "same", known
            await incoming.finish()
        except TooLarge:
            # The rest of it is still on the wire: this connection is of no use any more.
            await self._note_alone(item, "large")
            raise PullFailed("later") from None
        except PolicyRejected:
            return "refused", b""
        except OverQuota as error:
            raise PullFailed("full") from error
        except MailError as error:
            raise PullFailed("later", error.code) from error
        finally:
            incoming.drop()
        return "taken", known

    async def _note_alone(self, item: PullItem, state: SeenState) -> None:
        row = SeenRow(self._key(item), b"", state, remove=False, seen_at=self._parts.clock.now())
        await self._parts.store.note_seen(self._pull.row.id, self._worker, [row])

    def _key(self, item: PullItem) -> bytes:
        return self._keys.hash(Purpose.PULL, self._pull.row.id, item.key.encode())

    async def _mailbox(self) -> MailboxId | None:
        """Return the mailbox that is wished, None where it is gone or the inbox is meant."""
        wished = self._pull.text.mailbox_id
        held = {row.id for row in await self._parts.store.mailboxes(self._account.id)} if wished else set()
        return MailboxId(wished) if wished in held else None

    async def _keywords(self) -> Keywords:
        word = self._pull.text.tag
        if not word:
            return NONE
        hashed, sealed = self._keys.hash(Purpose.KEYWORD, word.encode()), self._keys.seal_text(Kind.KEYWORD, word)

        async def body(tx: MailTx) -> int:
            return await tx.keyword_number(hashed, sealed)

        return NONE.with_(0, [await self._parts.store.write(self._account.id, body)])


def _blocks(items: Sequence[PullItem]) -> Iterator[Sequence[PullItem]]:
    """Yield as many at a time as the store is asked about."""
    for start in range(0, len(items), _BLOCK):
        yield items[start : start + _BLOCK]


def _time_of(head: bytes) -> int | None:
    """Return when a message came, as the topmost Received line says it, or its own date."""
    header = Header(head)
    received = (header.first("received") or b"").rpartition(b";")[2].strip()
    for text in (received, header.first("date") or b""):
        found = parse_date(text) if text else None
        if found is not None:
            return found[0]
    return None
