"""One message to a judgement: which octets are read, and the arithmetic off the loop.

LIMITS  A detached signature of MAX_SIGNATURE_OCTETS, content inside a signature of MAX_OPAQUE; larger ones are not
        judged (`unknown`), for a hostile message must not cost more than a large one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from smartmail.formats import smime
from smartmail.formats.mime.parts import Part
from smartmail.formats.mime.transfer import decode_body
from smartmail.formats.smime import ContentHashes, Judgement, Trust

MAX_OPAQUE = 40 << 20
STEP = 1 << 20
Read = Callable[[int, int], Awaitable[bytes]]
"""(start, length) → octets of the message."""


async def judge(parts: Sequence[Part], read: Read, senders: Sequence[str], trust: Trust, at: int) -> Judgement | None:
    """Judge a message's signature; None when it has none that can be judged. `at`: Unix seconds of its arrival."""
    form = smime.form_of(parts)
    if form is None or form == "encrypted":
        return None
    part = smime.signature_part(parts)
    if part.octets > (smime.MAX_SIGNATURE_OCTETS * 2 if form == "detached" else MAX_OPAQUE):
        return None
    der = decode_body(await read(part.body_start, part.octets), part.encoding)
    if form == "opaque" and not smime.is_signed(der):
        return None
    digests = await _digests(parts, read) if form == "detached" else None
    return await asyncio.to_thread(smime.judge, der, digests, senders, trust, at)


async def _digests(parts: Sequence[Part], read: Read) -> dict[str, bytes]:
    start, end = smime.signed_range(parts)
    running = ContentHashes()
    while start < end:
        octets = await read(start, min(STEP, end - start))
        if not octets:
            break
        await asyncio.to_thread(running.feed, octets)
        start += len(octets)
    return running.finish()
