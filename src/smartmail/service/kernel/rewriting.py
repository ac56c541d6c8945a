"""Rewriting: a message becomes a new one that is made of pieces, octets and ranges of the old one (formats.detach, formats.footer).

LIMITS      Ranges go from blob to blob, CHUNK at a time; nothing is held whole.
FAILURE     The new message is durable when it is returned; what fails before leaves none.
Must not know why a message changes.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Final

from smartmail.domain.ids import OrganizationId
from smartmail.formats.mime.parts import Part
from smartmail.formats.mime.transfer import decoder
from smartmail.service.kernel.intake import Content, Intake
from smartmail.service.kernel.sealed_blobs import SealedBlob, SealedBlobs

CHUNK: Final = 256 * 1024
Read = Callable[[int, int], Awaitable[bytes]]
"""Octets of a message: where they begin, and how many."""


def reader_of(blobs: SealedBlobs, blob: SealedBlob) -> Read:
    """Return what reads a durable message."""

    async def read(start: int, length: int) -> bytes:
        return await blobs.read(blob.row, blob.organization_id, blob.data_key, start, length)

    return read


async def octets(read: Read, start: int, end: int) -> AsyncIterator[bytes]:
    """Yield a range of a message; less where the message ends before. Raises what `read` raises."""
    while start < end:
        chunk = await read(start, min(CHUNK, end - start))
        if not chunk:
            return
        yield chunk
        start += len(chunk)


async def decoded(read: Read, part: Part) -> AsyncIterator[bytes]:
    """Yield the body of a part without its transfer encoding. Raises what `read` raises."""
    decoding = decoder(part.encoding)
    async for chunk in octets(read, part.body_start, part.body_end):
        yield decoding.feed(chunk)
    yield decoding.finish()


async def rewritten(
    blobs: SealedBlobs, organization_id: OrganizationId, read: Read, pieces: Iterable[bytes | tuple[int, int]], *,
    size_hint: int = 0,
) -> Content:  # fmt: skip
    """Return a new message of an organisation; `read` reads the old one. Raises StorageFull, Unavailable, what `read` raises."""
    intake = await Intake.begin(blobs, organization_id, size_hint=size_hint)
    try:
        for piece in pieces:
            if isinstance(piece, bytes):
                await intake.feed(piece)
                continue
            async for chunk in octets(read, *piece):
                await intake.feed(chunk)
    except BaseException:
        await intake.abort()
        raise
    return await intake.finish()
