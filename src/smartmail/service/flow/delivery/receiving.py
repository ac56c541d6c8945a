"""Octets of one message on their way in.

`Direct` seals them while they come, behind lines of ours: for mail that nobody inspects. `Held` keeps them in memory,
and beyond a bound in a sealed spool, until what stands in front of them is known: the verdicts of an inspection are
header fields on top of the message (RFC 8601 §4), and end with its last octet.

LIMITS   `HELD_OCTETS` of one message and `HELD_TOTAL` of a process stay in memory. A larger message is written twice.
FAILURE  Spools that were given up are orphans of their volume and are collected; nothing was promised for them.
"""

from collections.abc import AsyncIterator, Iterable, Sequence

from smartmail.domain.errors import Unavailable
from smartmail.domain.ids import OrganizationId
from smartmail.formats.mime.entity import Entity
from smartmail.formats.mime.scanner import Scanner
from smartmail.service.kernel.intake import Content, Intake
from smartmail.service.kernel.sealed_blobs import SealedBlob, SealedBlobs, SealingWriter

HELD_OCTETS = 1 << 20
"""Of one message in memory: 99 of 100 office messages are smaller."""
HELD_TOTAL = 64 << 20
COPY_OCTETS = 1 << 20
HEADER_OCTETS = 1 << 18
"""The largest header that is taken, and what an inspection has at hand of every message, however little memory is free.
As much as formats.mime keeps of one header: what nobody looks at may hide anything.
"""


class HeldBudget:
    """How much of all messages of a process lies in memory."""

    def __init__(self, total: int = HELD_TOTAL, each: int = HELD_OCTETS) -> None:
        self._free = total
        self.each = each

    def take(self, octets: int) -> bool:
        """Take room; say whether there was enough."""
        if octets > self._free:
            return False
        self._free -= octets
        return True

    def give(self, octets: int) -> None:
        """Give room back."""
        self._free += octets


class Direct:
    """Seals octets for each organisation while they come."""

    def __init__(self, intakes: dict[OrganizationId, Intake]) -> None:
        self._intakes = intakes

    @classmethod
    async def begin(cls, blobs: SealedBlobs, organizations: Iterable[OrganizationId], prefix: bytes) -> "Direct":
        """Begin blobs that start with `prefix`. Raises StorageFull, Unavailable."""
        intakes: dict[OrganizationId, Intake] = {}
        try:
            for organization_id in organizations:
                intakes[organization_id] = await Intake.begin(blobs, organization_id, prefix=prefix)
        except BaseException:
            for intake in intakes.values():
                await intake.abort()
            raise
        return cls(intakes)

    async def add(self, lines: bytes) -> None:
        """Take lines of our own. Raises StorageFull, Unavailable."""
        for intake in self._intakes.values():
            await intake.add(lines)

    async def feed(self, octets: bytes) -> None:
        """Take octets of the message. Raises StorageFull, Unavailable."""
        for intake in self._intakes.values():
            await intake.feed(octets)

    async def finish(self) -> dict[OrganizationId, Content]:
        """Make the message durable. Raises StorageFull, Unavailable."""
        contents = {organization: await intake.finish() for organization, intake in self._intakes.items()}
        self._intakes.clear()
        return contents

    async def abort(self) -> None:
        """Drop everything."""
        intakes = list(self._intakes.values())
        self._intakes.clear()
        for intake in intakes:
            await intake.abort()


class Held:
    """Holds octets until it is known what is put in front of them."""

    def __init__(self, blobs: SealedBlobs, organizations: Sequence[OrganizationId], budget: HeldBudget) -> None:
        self._blobs = blobs
        self._organizations = organizations
        self._budget = budget
        self._chunks: list[bytes] = []
        self._held = 0
        self._spool: SealingWriter | None = None
        self._spooled: SealedBlob | None = None
        self._scanner: Scanner | None = None
        self.size = 0
        self.head = b""

    async def feed(self, octets: bytes) -> None:
        """Take octets of the message. Raises StorageFull, Unavailable."""
        self.size += len(octets)
        if self._spool is None and self.size <= self._budget.each and self._budget.take(len(octets)):
            self._held += len(octets)
            self._chunks.append(octets)
            return
        if self._spool is None:
            await self._begin_spool()
        assert self._spool is not None
        assert self._scanner is not None
        self._scanner.feed(octets)
        await self._spool.append(octets)

    async def _begin_spool(self) -> None:
        self._spool = await self._blobs.create(self._organizations[0])
        self._scanner = Scanner()
        self.head = b"".join(self._chunks)
        self._chunks.clear()
        if self.head:
            self._scanner.feed(self.head)
            await self._spool.append(self.head)

    async def whole(self) -> Entity:
        """End of the octets: return the structure of the message as it came. Raises StorageFull, Unavailable."""
        if self._spool is None:
            self.head = b"".join(self._chunks)
            self._chunks.clear()
            scanner = Scanner()
            scanner.feed(self.head)
            return scanner.finish()
        assert self._scanner is not None
        spool, self._spool = self._spool, None
        self._spooled = await spool.commit()
        entity = self._scanner.finish()
        if len(self.head) < min(entity.body_start, HEADER_OCTETS):
            # Where memory was short, nothing of it was held: an inspection that saw no header would pass anything.
            self.head = await self.read(0, min(self.size, HEADER_OCTETS))
        return entity

    async def read(self, start: int, length: int) -> bytes:
        """Return octets of the message as it came. Raises NotFound, Unavailable, SealError."""
        spooled = self._spooled
        if spooled is None:
            return self.head[start : start + length]
        return await self._blobs.read(spooled.row, spooled.organization_id, spooled.data_key, start, length)

    async def keep(self, prefix: bytes, cuts: Sequence[tuple[int, int]]) -> dict[OrganizationId, Content]:
        """Make the message durable with `prefix` in front and without what `cuts` names. Raises StorageFull, Unavailable."""
        contents: dict[OrganizationId, Content] = {}
        hint = self.size + len(prefix)
        for organization_id in self._organizations:
            intake = await Intake.begin(self._blobs, organization_id, prefix=prefix, size_hint=hint)
            try:
                async for octets in self._without(cuts):
                    await intake.feed(octets)
                contents[organization_id] = await intake.finish()
            except BaseException:
                await intake.abort()
                raise
        await self.abort()
        return contents

    async def _without(self, cuts: Sequence[tuple[int, int]]) -> AsyncIterator[bytes]:
        position = 0
        for start, end in [*sorted(cuts), (self.size, self.size)]:
            while position < start:
                octets = await self.read(position, min(COPY_OCTETS, start - position))
                if not octets:
                    raise Unavailable(detail="the octets of a message ended before their time")
                yield octets
                position += len(octets)
            position = max(position, end)

    async def abort(self) -> None:
        """Give up what is held: memory, and the spool."""
        self._budget.give(self._held)
        self._held = 0
        self._chunks.clear()
        self.head = b""
        spool, self._spool = self._spool, None
        spooled, self._spooled = self._spooled, None
        if spool is not None:
            await spool.abort()
        if spooled is not None:
            await self._blobs.discard(spooled)
