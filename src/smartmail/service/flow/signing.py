"""Signing: what we vouch for in mail that leaves, made once per queue entry.

NAME      signing
PURPOSE   A DKIM signature for mail of ours, by the domain in From; a set of ARC for mail of others that we send on.
STRATEGIES The fields are kept sealed with the entry, so that every attempt sends identical octets. Only the relay calls
          this.
          Whose mail it is: an account of ours sent it, or we wrote it (an answer, a report), or a list of ours sends it
          on: then a domain of the same organisation signs, that in From first, for DMARC compares that one. What came
          from outside and was inspected gets an ARC set with what was found out then. All else leaves as it is.
SECURITY  A domain signs only for its own organisation, and for nobody who was not proved to be one of us.
STANDARDS RFC 6376 §5, RFC 8617 §5.1, RFC 9989 §4.4.
"""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from smartmail.domain import inspection as inspections
from smartmail.domain.ids import OrganizationId
from smartmail.formats.address import domain_to_ascii, flatten, parse, split_address
from smartmail.formats.authentication_results import MethodResult
from smartmail.formats.headers import Header
from smartmail.ports.clock import Clock
from smartmail.ports.dns import Resolver
from smartmail.ports.store_directory import DomainStore
from smartmail.ports.store_settings import SigningKeyStore
from smartmail.proto.mailauth import arc, dkim
from smartmail.proto.mailauth.arc import ArcResult
from smartmail.proto.mailauth.bodies import Bodies
from smartmail.proto.mailauth.dkim import SigningKey
from smartmail.service.flow.queue import CHUNK_OCTETS, QueueService, Work
from smartmail.service.flow.signing_keys import SigningKeys
from smartmail.service.kernel.keyring import Keyring


class _Store(DomainStore, SigningKeyStore, Protocol): ...


HEADER_OCTETS = 1 << 20
"""How far the header may reach; a longer one is signed without its body."""
FIRST_OCTETS = 1 << 14
"""Most headers end before this."""
MAX_AUTHORS = 10
_ARC_RESULTS: dict[str, ArcResult] = {"none": "none", "pass": "pass", "fail": "fail"}


@dataclass(frozen=True, slots=True)
class _Leaving:
    """A message as it leaves: our lines and its header, and the relaxed hash of its body."""

    header: bytes
    digest: bytes


class SigningService:
    """Signs queue entries."""

    def __init__(
        self,
        store: _Store,
        keyring: Keyring,
        queue: QueueService,
        clock: Clock,
        resolver: Resolver | None = None,
        host: str = "localhost",
    ) -> None:
        self.keys = SigningKeys(store, keyring, clock, resolver)
        self._queue = queue
        self._clock = clock
        self._host = host

    async def prefix(self, work: Work) -> bytes:
        """Return the header lines that go before the message: signatures, and the lines that its entry carries."""
        kept = await self._queue.prefix(work)
        if kept is not None:
            return kept
        made = await self._made(work)
        if not made:
            return b""
        return await self._queue.keep_prefix(work, made)

    async def fields(self, message: bytes, domain: str, organization_id: OrganizationId) -> bytes:
        """Return a domain's signatures over a whole message that leaves without the queue; b"" where it signs nothing."""
        keys = await self.keys.for_domain(domain_to_ascii(domain), organization_id)
        head, _, body = message.partition(b"\r\n\r\n")
        bodies = Bodies()
        bodies.want("relaxed")
        bodies.update(body)
        leaving = _Leaving(head + b"\r\n", bodies.digest("relaxed")[0])
        return await asyncio.to_thread(_signatures, leaving, keys, self._clock.now() // 1000)

    async def _made(self, work: Work) -> bytes:
        envelope, lines = work.envelope, work.envelope.lines
        signing, sealing = await self._signing_keys(work), await self._sealing_keys(work)
        if not signing and not sealing:
            return lines
        leaving = await self._hashed(work, lines)
        now = self._clock.now() // 1000
        # Several keys may take a millisecond each: off the loop, so that nobody waits for a signature.
        fields = await asyncio.to_thread(_signatures, leaving, signing, now)
        if sealing:
            results = inspections.decode(envelope.inspection).authentication
            fields += await asyncio.to_thread(_seal, leaving, results, sealing[0], self._host, now)
        return fields + lines

    async def _signing_keys(self, work: Work) -> list[SigningKey]:
        """Return the keys that sign: of the first domain among those it may speak for that has some."""
        entry, envelope = work.lease.entry, work.envelope
        if envelope.sign_domain:
            return await self.keys.for_domain(envelope.sign_domain, entry.organization_id)
        if entry.account_id is None and (envelope.foreign or envelope.inspection):
            return []
        for domain in dict.fromkeys([*await self._authors(work), split_address(envelope.reverse_path)[1]]):
            found = await self.keys.for_domain(domain_to_ascii(domain), entry.organization_id) if domain else []
            if found:
                return found
        return []

    async def _sealing_keys(self, work: Work) -> list[SigningKey]:
        entry, envelope = work.lease.entry, work.envelope
        if entry.account_id is not None or not envelope.inspection:
            return []
        if envelope.sign_domain:
            return await self.keys.for_domain(envelope.sign_domain, entry.organization_id)
        return await self.keys.for_organization(entry.organization_id)

    async def _authors(self, work: Work) -> list[str]:
        header, _start = await self._header(work)
        boxes = [box for value in Header(header).all("from") for box in flatten(parse(value, limit=MAX_AUTHORS))]
        return [split_address(box.address)[1] for box in boxes]

    async def _header(self, work: Work) -> tuple[bytes, int]:
        """Return the message's header and where its body begins."""
        size = self._queue.size(work)
        longest = min(size, HEADER_OCTETS)
        octets, wanted = b"", FIRST_OCTETS
        while len(octets) < longest:
            octets = await self._queue.octets(work, 0, min(longest, wanted))
            end = octets.find(b"\r\n\r\n")
            if end >= 0:
                return octets[: end + 2], end + 4
            wanted *= 4
        return octets, size

    async def _hashed(self, work: Work, lines: bytes) -> _Leaving:
        """Read the message in chunks and hash its body, off the loop."""
        header, start = await self._header(work)
        size = self._queue.size(work)
        bodies = Bodies()
        bodies.want("relaxed")
        for at in range(start, size, CHUNK_OCTETS):
            octets = await self._queue.octets(work, at, min(CHUNK_OCTETS, size - at))
            await asyncio.to_thread(bodies.update, octets)
        return _Leaving(lines + header, bodies.digest("relaxed")[0])


def _signatures(leaving: _Leaving, keys: list[SigningKey], now: int) -> bytes:
    return b"".join([dkim.sign(leaving.header, leaving.digest, key, signed_at=now) for key in keys])


def _seal(
    leaving: _Leaving, results: tuple[inspections.AuthResult, ...], key: SigningKey, host: str, now: int
) -> bytes:
    """RFC 8617 §5.1: the next set, with what was found out when the message came. Only where that was all found out."""
    state = next((_ARC_RESULTS.get(one.result) for one in results if one.method == "arc"), None)
    if state is None:
        return b""
    told = [MethodResult(one.method, one.result, one.reason, one.properties) for one in results]
    chain = arc.Chain(leaving.header, Bodies())
    return arc.seal(leaving.header, chain, state, told, leaving.digest, key, server=host, signed_at=now)
