"""Signing: DKIM signatures of mail that accounts of ours send, made once per queue entry (RFC 6376).

The signature is kept sealed with the entry, so that every attempt sends identical octets. Only the relay calls this.
SECURITY  Private keys lie sealed under the organisation's key and are opened here alone.
"""

import asyncio

from smartmail.domain.ids import OrganizationId
from smartmail.formats.seal import Kind
from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.proto.mailauth import dkim
from smartmail.proto.mailauth import keys as dkim_keys
from smartmail.proto.mailauth.canonical import BodyHasher
from smartmail.proto.mailauth.keys import KeyKind
from smartmail.service.keyring import Keyring
from smartmail.service.queue import CHUNK_OCTETS, QueueService, Work

DEFAULT_SELECTOR = "sm1"
HEADER_OCTETS = 1 << 20
"""How far the header may reach; a longer one is signed without its body."""


class SigningService:
    """Keeps signing keys and signs queue entries."""

    def __init__(self, store: Store, keyring: Keyring, queue: QueueService, clock: Clock) -> None:
        self._store = store
        self._keyring = keyring
        self._queue = queue
        self._clock = clock

    async def create_key(
        self, domain: str, organization_id: OrganizationId, selector: str = DEFAULT_SELECTOR, kind: KeyKind = "rsa"
    ) -> str:
        """Make a signing key for a domain; return the text of its DNS record (selector._domainkey.domain TXT)."""
        private = dkim_keys.generate(kind)
        keys = await self._keyring.organization(organization_id)
        sealed = keys.seal(Kind.SIGNING_KEY, dkim_keys.save_private(private))
        await self._store.put_dkim_key(domain, selector, kind, sealed)
        return dkim_keys.record_of(private)

    async def prefix(self, work: Work) -> bytes:
        """Return the header lines that go before the message: our signatures, or nothing for mail of others."""
        kept = await self._queue.prefix(work)
        if kept is not None:
            return kept
        if work.lease.entry.account_id is None:
            return b""
        made = await self._sign(work)
        return await self._queue.keep_prefix(work, made)

    async def _sign(self, work: Work) -> bytes:
        domain = work.envelope.reverse_path.rpartition("@")[2].lower()
        rows = await self._store.dkim_keys(domain)
        if not rows:
            return b""
        keys = await self._keyring.organization(work.lease.entry.organization_id)
        signing = [
            dkim.SigningKey(domain, selector, dkim_keys.load_private(keys.open(Kind.SIGNING_KEY, sealed)))
            for selector, _kind, sealed in rows
        ]
        header, digest = await self._hashed(work)
        # Several keys may take a millisecond each: off the loop, so that nobody waits for a signature.
        return await asyncio.to_thread(_signatures, header, digest, signing, self._clock.now() // 1000)

    async def _hashed(self, work: Work) -> tuple[bytes, bytes]:
        """Return the message's header and the hash of its body, read in chunks."""
        size = self._queue.size(work)
        first = await self._queue.octets(work, 0, min(size, HEADER_OCTETS))
        end = first.find(b"\r\n\r\n")
        header, start = (first, size) if end < 0 else (first[: end + 2], end + 4)
        hasher = BodyHasher("relaxed")
        for at in range(start, size, CHUNK_OCTETS):
            hasher.update(await self._queue.octets(work, at, min(CHUNK_OCTETS, size - at)))
        return header, hasher.digest()


def _signatures(header: bytes, digest: bytes, keys: list[dkim.SigningKey], now: int) -> bytes:
    return b"".join([dkim.sign(header, digest, key, signed_at=now) for key in keys])
