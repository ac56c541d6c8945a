"""The octets of a message and of its editions, read from the sealed blob as far as they are needed.

LIMITS    A script sees the header whole (HEADER_OCTETS at most) and of the body BODY_OCTETS; what lies behind is
          carried along unseen when a changed message is stored.
"""

from collections.abc import Sequence

from smartmail.domain.errors import NotFound
from smartmail.formats import trace
from smartmail.proto.sieve import Edition, WholeMessage
from smartmail.service.flow.filters.arrival import Arrival
from smartmail.service.kernel.intake import Content, Intake
from smartmail.service.kernel.sealed_blobs import SealedBlobs

HEADER_OCTETS = 1 << 20
BODY_OCTETS = 8 << 20
CHUNK = 1 << 18


class Editions:
    """One message during one delivery."""

    def __init__(self, blobs: SealedBlobs, arrival: Arrival) -> None:
        self._blobs = blobs
        self._arrival = arrival
        self._editions: Sequence[Edition] = ()

    async def message(self, *, with_body: bool) -> WholeMessage:
        """Return the message as a script sees it. Raises NotFound, Unavailable."""
        summary = self._arrival.content.summary
        wanted = HEADER_OCTETS + BODY_OCTETS if with_body else min(summary.header_size, HEADER_OCTETS)
        return WholeMessage(await self._read(0, wanted), summary.size)

    def made(self, editions: Sequence[Edition]) -> None:
        """Note the editions that a run made."""
        self._editions = editions

    async def content(self, edition: int) -> Content:
        """Return an edition as durable content. Raises StorageFull, Unavailable."""
        if not edition:
            return self._arrival.content
        intake = await Intake.begin(self._blobs, self._arrival.account.organization_id)
        await self.feed(intake, edition)
        return await intake.finish()

    async def feed(self, intake: Intake, edition: int, *, without_path: bool = False) -> None:
        """Hand the octets of an edition to an intake, if asked without our Return-Path line."""
        start = self._arrival.strip if without_path else 0
        if edition:
            made = self._editions[edition - 1]
            await intake.feed(self._without_path(made.octets) if start else made.octets)
            if made.rest is None:
                return
            start = made.rest
        size = self._arrival.content.blob.row.size
        while start < size:
            chunk = await self._read(start, CHUNK)
            if not chunk:
                raise NotFound(detail="a blob is shorter than its row says")
            await intake.feed(chunk)
            start += len(chunk)

    def _without_path(self, octets: bytes) -> bytes:
        """Return an edition without the line that we put in front; fields that the script added may stand before it."""
        own = trace.return_path(self._arrival.reverse_path)
        at = octets.find(own)
        is_field = at == 0 or (0 < at < octets.find(b"\r\n\r\n") and octets[at - 1] == ord("\n"))
        return octets[:at] + octets[at + len(own) :] if is_field else octets

    async def _read(self, start: int, length: int) -> bytes:
        blob = self._arrival.content.blob
        return await self._blobs.read(blob.row, blob.organization_id, blob.data_key, start, length)
