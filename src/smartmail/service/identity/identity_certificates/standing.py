"""Whether a certificate was revoked, as far as anybody may say: responder first, then lists (KA-4).

MODES     hard: only what is fresh counts. soft: what was said at most N hours ago counts too, while nothing fresh is to be had.
          off: nobody is asked. "Revoked" counts in every mode but off, however old it is.
STATES    The last good answer about each certificate lies in the store, for the hours of "soft".
SECURITY  Authorities on the way are looked up in the lists that are here; one that is missing there refuses nobody, for the
          authorities of a list are the administrator's own choice.
"""

import asyncio
from typing import Final, Literal

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from smartmail.base import log
from smartmail.domain.ids import OrganizationId
from smartmail.formats.npki import revocation
from smartmail.formats.npki.chain import Chain
from smartmail.formats.npki.reasons import Refusal
from smartmail.formats.npki.revocation import NoAnswerError, Standing
from smartmail.ports.clock import Clock
from smartmail.ports.store_identity_certificates import IdentityCertificateStore
from smartmail.service.identity.identity_certificates.lists import RevocationLists

Mode = Literal["hard", "soft", "off"]
MAX_URLS: Final = 2
MAX_ANSWER: Final = 65_536
_HOUR_S: Final = 3600


class StandingCheck:
    """Asks and judges."""

    def __init__(self, store: IdentityCertificateStore, lists: RevocationLists, clock: Clock) -> None:
        self._store = store
        self._lists = lists
        self._clock = clock

    async def require_good(self, organization_id: OrganizationId, chain: Chain, mode: Mode, soft_hours: int) -> None:
        """Raise Refusal: revoked, revocation_unknown."""
        if mode == "off":
            return
        now = self._clock.now() // 1000
        for certificate, issuer in zip(chain.certificates[1:-1], chain.certificates[2:], strict=True):
            for found in await self._listed(organization_id, certificate, issuer):
                _require_not_revoked(found, certificate)
        leaf, issuer = chain.leaf, chain.issuer
        grace = soft_hours * _HOUR_S if mode == "soft" else 0
        answered = await self._asked(organization_id, leaf, issuer, now)
        if answered is not None:
            _require_not_revoked(answered, leaf)
            if now <= answered.until:
                return
        listed = await self._listed(organization_id, leaf, issuer)
        if not any(now <= one.until for one in listed):
            for url in revocation.list_urls(leaf)[:MAX_URLS]:
                if await self._lists.fetch(organization_id, url, issuer):
                    break
            listed = await self._listed(organization_id, leaf, issuer)
        for one in listed:
            _require_not_revoked(one, leaf)
        known = [*listed, *await self._remembered(organization_id, leaf)]
        if not any(now <= max(one.until if one in listed else 0, one.since + grace) for one in known):
            raise Refusal("revocation_unknown", f"serial {leaf.serial_number:x}")

    async def _asked(
        self, organization_id: OrganizationId, leaf: x509.Certificate, issuer: x509.Certificate, now: int
    ) -> Standing | None:
        for url in revocation.ocsp_urls(leaf)[:MAX_URLS]:
            nonce = self._clock.random(16)
            question = revocation.ask(leaf, issuer, nonce)
            octets = await self._lists.request(organization_id, "POST", url, question, limit=MAX_ANSWER)
            if octets is None:
                continue
            try:
                found = revocation.read_answer(octets, leaf, issuer, nonce, now)
            except NoAnswerError as error:
                log.event("certificate.revocation_check_failed", url=url[:200], error=str(error)[:200])
                continue
            if found.state == "good":
                mark = leaf.fingerprint(SHA256())
                await self._store.put_certificate_standing(organization_id, mark, found.since, found.until)
            return found
        return None

    async def _listed(
        self, organization_id: OrganizationId, certificate: x509.Certificate, issuer: x509.Certificate
    ) -> list[Standing]:
        found = []
        for one in await self._lists.of(organization_id, certificate.issuer):
            try:
                # Over megabytes a signature takes its time.
                found.append(await asyncio.to_thread(revocation.read_list, one, certificate, issuer))
            except NoAnswerError:
                continue
        return found

    async def _remembered(self, organization_id: OrganizationId, leaf: x509.Certificate) -> list[Standing]:
        kept = await self._store.certificate_standing(organization_id, leaf.fingerprint(SHA256()))
        return [] if kept is None else [Standing("good", kept[0], kept[1])]


def _require_not_revoked(found: Standing, certificate: x509.Certificate) -> None:
    if found.state == "revoked":
        raise Refusal("revoked", f"serial {certificate.serial_number:x}")
