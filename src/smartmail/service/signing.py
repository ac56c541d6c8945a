"""Signing: DKIM signatures of mail that accounts of ours send, made once per queue entry (RFC 6376).

The signature is kept sealed with the entry, so that every attempt sends identical octets. Only the relay calls this.
SECURITY  Private keys lie sealed under the organisation's key and are opened here alone.
"""

from smartmail.domain.ids import OrganizationId
from smartmail.formats.seal import Kind
from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.service.keyring import Keyring
from smartmail.service.queue import CHUNK_OCTETS, QueueService, Work

DEFAULT_SELECTOR = "sm1"
HEADER_OCTETS = 1 << 20
"""How far the header may reach; beyond it nothing is signed."""


class SigningService:
    """Keeps signing keys and signs queue entries."""

    def __init__(self, store: Store, keyring: Keyring, queue: QueueService, clock: Clock) -> None:
        self._store = store
        self._keyring = keyring
        self._queue = queue
        self._clock = clock

    async def create_key(
        self,
        domain: str,
        organization_id: OrganizationId,
        selector: str = DEFAULT_SELECTOR,
        algorithm: str = "rsa-sha256",
    ) -> str:
        """Make a signing key for a domain; return the text of its DNS record (selector._domainkey.domain TXT)."""
        from smartmail.proto.mailauth import dkim

        private, record = dkim.generate(algorithm)
        keys = await self._keyring.organization(organization_id)
        await self._store.put_dkim_key(domain, selector, algorithm, keys.seal(Kind.SIGNING_KEY, private))
        return record

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
        from smartmail.proto.mailauth import dkim

        keys = await self._keyring.organization(work.lease.entry.organization_id)
        signer = dkim.Signer(domain, [(s, a, keys.open(Kind.SIGNING_KEY, sealed)) for s, a, sealed in rows])
        size = self._queue.size(work)
        for start in range(0, size, CHUNK_OCTETS):
            signer.feed(await self._queue.octets(work, start, CHUNK_OCTETS))
        return signer.finish(self._clock.now() // 1000)
