"""Mark standing: whether the certificate of a logo was revoked: responders first (RFC 6960), then lists (RFC 5280 §5).

STRATEGIES  Asked behind the delivery, with the logo, for every certificate of the chain below the authority that is trusted.
            Answers and lists are signed by the issuer, so plain HTTP may carry them. A list is kept for an hour: one
            authority's list is that of many logos.
LIMITS      MOST_URLS of a certificate, MAX_LIST octets, SECONDS each; KEPT lists in memory.
FAILURE     Who cannot be asked makes it `unknown`: whether such a logo is shown is for the reader's policy to say.
Must not know whose logo it is.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, Literal

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from smartmail.base import log
from smartmail.formats.npki import revocation
from smartmail.formats.npki.revocation import NoAnswerError
from smartmail.ports.clock import Clock
from smartmail.ports.http import HttpClient, HttpFailed
from smartmail.service.kernel.clock import HOUR

Standing = Literal["good", "revoked", "unknown", "none"]
"""`none`: the certificates name nobody who could be asked."""
MOST_URLS: Final = 2
MAX_ANSWER: Final = 64 << 10
MAX_LIST: Final = 8 << 20
SECONDS: Final = 10.0
KEPT: Final = 16
_QUESTION: Final = {"content-type": "application/ocsp-request", "accept": "application/ocsp-response"}


class MarkStanding:
    """Asks."""

    def __init__(self, http: HttpClient, clock: Clock) -> None:
        self._http = http
        self._clock = clock
        self._lists: OrderedDict[str, tuple[int, x509.CertificateRevocationList]] = OrderedDict()

    async def of(self, chain: Sequence[x509.Certificate]) -> Standing:
        """Return the standing of a chain, the leaf first, its authority last."""
        found = [await self._one(one, issuer) for one, issuer in pairwise(chain)]
        for state in ("revoked", "unknown", "good"):
            if state in found:
                return state
        return "none"

    async def _one(self, certificate: x509.Certificate, issuer: x509.Certificate) -> Standing:
        responders = revocation.ocsp_urls(certificate)[:MOST_URLS]
        lists = revocation.list_urls(certificate)[:MOST_URLS]
        for url in responders:
            said = await self._answered(url, certificate, issuer)
            if said is not None:
                return said
        for url in lists:
            said = await self._listed(url, certificate, issuer)
            if said is not None:
                return said
        return "unknown" if responders or lists else "none"

    async def _answered(self, url: str, certificate: x509.Certificate, issuer: x509.Certificate) -> Standing | None:
        nonce, now = self._clock.random(16), self._clock.now() // 1000
        question = revocation.ask(certificate, issuer, nonce)
        octets = await self._get("POST", url, MAX_ANSWER, question)
        if octets is None:
            return None
        try:
            found = revocation.read_answer(octets, certificate, issuer, nonce, now)
        except NoAnswerError as error:
            log.event("brand.revocation_check_failed", url=url[:200], detail=str(error)[:200])
            return None
        return _counted(found, now)

    async def _listed(self, url: str, certificate: x509.Certificate, issuer: x509.Certificate) -> Standing | None:
        listed = await self._list(url)
        if listed is None:
            return None
        try:
            # Over megabytes a signature takes its time.
            found = await asyncio.to_thread(revocation.read_list, listed, certificate, issuer)
        except NoAnswerError as error:
            log.event("brand.revocation_check_failed", url=url[:200], detail=str(error)[:200])
            return None
        return _counted(found, self._clock.now() // 1000)

    async def _list(self, url: str) -> x509.CertificateRevocationList | None:
        now, known = self._clock.now(), self._lists.get(url)
        if known is not None and 0 <= now - known[0] < HOUR:
            return known[1]
        octets = await self._get("GET", url, MAX_LIST)
        if octets is None:
            return None
        try:
            listed = await asyncio.to_thread(_read, octets)
        except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion):
            log.event("brand.revocation_check_failed", url=url[:200], detail="no list of revoked certificates")
            return None
        self._lists[url] = (now, listed)
        while len(self._lists) > KEPT:
            self._lists.popitem(last=False)
        return listed

    async def _get(self, method: str, url: str, most: int, body: bytes = b"") -> bytes | None:
        try:
            answer = await self._http.request(
                method, url, headers=_QUESTION if body else {}, body=body, max_octets=most, seconds=SECONDS
            )
        except HttpFailed as error:
            log.event("brand.revocation_check_failed", url=url[:200], detail=str(error)[:200])
            return None
        return answer.body if answer.status == 200 else None


def _counted(found: revocation.Standing, now: int) -> Standing | None:
    """Say what counts: "revoked" however old it is; "good" as long as it says."""
    if found.state == "revoked":
        return "revoked"
    return "good" if now <= found.until else None


def _read(octets: bytes) -> x509.CertificateRevocationList:
    if octets.lstrip().startswith(b"-----"):
        return x509.load_pem_x509_crl(octets)
    return x509.load_der_x509_crl(octets)
