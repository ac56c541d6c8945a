"""Logos of other domains: fetched and proved when their mail comes, shown when it is read.

NAME        brands
PURPOSE     Show the logo of a sender whose mail is proved (DMARC under an enforced policy, BIMI), and only one that a mark
            authority which the organisation trusts has confirmed.
STRATEGIES  Fetched behind the delivery, never when somebody reads: whoever opens a message tells nobody outside of it. One
            fetch serves all mail of the domain until its end, but is done anew with the first mail after LOOKED_AGAIN, so that
            a certificate that was revoked meanwhile is found out. The picture that is shown is the one in the certificate.
LIMITS      WAITING domains in line, AT_ONCE fetches; octets and seconds of each. https only, public addresses only
            (adapters.http).
FAILURE     What cannot be had or proved leaves the letter avatar, and is tried again when its time has come. What was proved and
            cannot be had anew stays until its end, with an unknown standing: policy says whether it is shown so.
SECURITY    No authority is trusted unless an administrator adds it; one that is trusted no more shows nothing at once. A revoked
            certificate shows nothing, whatever policy says. A company is told only of logos whose mail it has had (brand_sight).
STANDARDS   draft-brand-indicators-for-message-identification, RFC 3709.
"""

import asyncio
import hashlib
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509

from smartmail.base import log
from smartmail.domain.account import Account
from smartmail.domain.brands import BrandLogo
from smartmail.domain.errors import MailError
from smartmail.domain.ids import MessageId, OrganizationId
from smartmail.domain.inspection import Inspection
from smartmail.domain.principal import Actor
from smartmail.formats import mark_certificate, svg_tiny
from smartmail.formats.mark_certificate import Mark, MarkError
from smartmail.formats.svg_tiny import SvgError
from smartmail.policy import knobs
from smartmail.ports.clock import Clock
from smartmail.ports.http import HttpClient, HttpFailed
from smartmail.ports.store_brands import BrandStore
from smartmail.proto.mailauth.bimi import BimiVerdict
from smartmail.service.flow.authentication.brand_sight import BrandSight
from smartmail.service.flow.authentication.mark_standing import MarkStanding, Standing
from smartmail.service.flow.smime.trust import TrustService
from smartmail.service.kernel.clock import DAY, HOUR, SECOND
from smartmail.service.kernel.policy import PolicyService

SETTING = "brands"
NOT_FETCHED = "not fetched: "
WAITING = 500
AT_ONCE = 4
SECONDS = 15.0
KEPT = 7 * DAY
TRIED_AGAIN = DAY
"""What was there and proved nothing is looked at again so much later; what could not be had, after an hour."""
FORGOTTEN = 30 * DAY
LOOKED_AGAIN = DAY
LOOKED_AT = 8
"""Recipients of one message whose policy is asked."""
ENFORCED = frozenset({"quarantine", "reject"})


class BrandService:
    """Fetches logos, and says which are shown."""

    def __init__(
        self, store: BrandStore, http: HttpClient, clock: Clock, policy: PolicyService, trust: TrustService,
        sight: BrandSight, standing: MarkStanding,
    ) -> None:  # fmt: skip
        self.trust = trust
        self._store = store
        self._http = http
        self._clock = clock
        self._policy = policy
        self._sight = sight
        self._standing = standing
        self._line: dict[tuple[str, bytes], asyncio.Task[None]] = {}
        self._notes: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(AT_ONCE)

    # --- when mail comes ---

    async def want(self, verdict: BimiVerdict, accounts: Sequence[Account | None]) -> None:
        """Fetch the logo of a message that came, behind it, where one of its recipients may be shown it."""
        if verdict.result != "pass" or not verdict.authority:
            return
        source = source_of(verdict.location, verdict.authority)
        key = (verdict.domain, source)
        if key in self._line or len(self._line) >= WAITING:
            return
        known = await self._store.brand_logo(*key)
        trusted = await self._trusted_by(accounts, verdict.domain)
        if known is not None and known.expires_at > self._clock.now() and not self._is_old(known):
            return
        if trusted and key not in self._line:
            task = asyncio.get_running_loop().create_task(self._fetch_behind(verdict, source, trusted))
            self._line[key] = task
            task.add_done_callback(lambda _task: self._line.pop(key, None))

    async def settle(self) -> None:
        """Return when nothing is being fetched."""
        while self._line or self._notes:
            await asyncio.gather(*self._line.values(), *self._notes, return_exceptions=True)
            await asyncio.sleep(0)  # those that are done are taken out by callbacks, which want their turn

    def _behind(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something behind the delivery, which waits for no note of ours."""
        task = asyncio.get_running_loop().create_task(work)
        self._notes.add(task)
        task.add_done_callback(self._notes.discard)

    def _is_old(self, row: BrandLogo) -> bool:
        """Say whether a logo that is there is fetched anew: an unknown standing is asked for again sooner."""
        after = HOUR if row.standing == "unknown" else LOOKED_AGAIN
        return bool(row.svg) and row.looked_at + after <= self._clock.now()

    async def _trusted_by(self, accounts: Sequence[Account | None], domain: str) -> list[x509.Certificate]:
        """Return the authorities of those recipients' organisations that show logos; these may know of it from now on."""
        found: dict[bytes, x509.Certificate] = {}
        for account in [one for one in accounts if one is not None][:LOOKED_AT]:
            if await self._policy.value(account, knobs.BRAND_LOGOS):
                roots = (await self.trust.of(account.organization_id)).roots
                if roots and not self._sight.is_noted(account.organization_id, domain):
                    self._behind(self._sight.note(account.organization_id, domain))
                found.update((mark_certificate.fingerprint(one), one) for one in roots)
        return list(found.values())

    async def _fetch_behind(self, verdict: BimiVerdict, source: bytes, trusted: Sequence[x509.Certificate]) -> None:
        try:
            async with self._room:
                row = await self.fetch(verdict.domain, verdict.location, verdict.authority, trusted)
                row = await self._or_kept(row)
            await self._store.put_brand_logo(row)
            await self._store.drop_brand_logos(self._clock.now() - FORGOTTEN)
        except MailError as error:
            log.event("brand.store_failed", domain=verdict.domain, error=type(error).__name__)

    async def _or_kept(self, row: BrandLogo) -> BrandLogo:
        """Return what was proved before in place of what could not be had: nobody hides a logo by being away."""
        known = await self._store.brand_logo(row.domain, row.source)
        now = self._clock.now()
        if not row.reason.startswith(NOT_FETCHED) or known is None or not known.svg or known.expires_at <= now:
            return row
        return replace(known, looked_at=now, standing="unknown")

    async def fetch(self, domain: str, location: str, authority: str, trusted: Sequence[x509.Certificate]) -> BrandLogo:
        """Fetch a certificate and the logo that it is about; return what is known then."""
        source, now = source_of(location, authority), self._clock.now()
        try:
            pem = await self._get(authority, mark_certificate.MAX_OCTETS)
            mark = await asyncio.to_thread(mark_certificate.prove, pem, domain, trusted, at=now // 1000)
            if location:
                _check_same(mark, await self._get(location, svg_tiny.MAX_OCTETS))
            standing = await self._standing.of(mark.chain)
            _check_standing(standing)
        except HttpFailed as error:
            log.event("brand.fetch_failed", domain=domain, detail=str(error)[:200])
            return BrandLogo(domain, source, now + HOUR, reason=f"{NOT_FETCHED}{str(error)[:200]}")
        except MarkError as error:
            log.event("brand.unverified", domain=domain, detail=str(error)[:200])
            return BrandLogo(domain, source, now + TRIED_AGAIN, reason=str(error)[:300])
        log.event("brand.verified", domain=domain, issuer=mark.issuer)
        return BrandLogo(
            domain, source, min(now + KEPT, mark.until * SECOND), hashlib.sha256(mark.svg).digest(), mark.svg, mark.kind,
            mark.owner, mark.issuer, mark.root, "", now, standing,
        )  # fmt: skip

    async def _get(self, url: str, most: int) -> bytes:
        if urlsplit(url).scheme != "https":
            raise HttpFailed("not https")
        answer = await self._http.request("GET", url, max_octets=most, seconds=SECONDS)
        if answer.status != 200:
            raise HttpFailed(f"status {answer.status}")
        return answer.body

    # --- when it is read ---

    async def shown(self, actor: Actor, inspections: Mapping[MessageId, Inspection]) -> dict[MessageId, BrandLogo]:
        """Return the logos of those messages that are shown with one, as of now."""
        wanted = {number: found for number, one in inspections.items() if (found := _proved(one)) is not None}
        if not wanted:
            return {}
        rows = await self._store.brand_logos(sorted({domain for domain, _ in wanted.values()}))
        good = {(row.domain, row.source): row for row in await self._good(actor, rows)}
        logos = {number: good[key] for number, key in wanted.items() if key in good}
        for domain in sorted({row.domain for row in logos.values()}):
            await self._sight.note(actor.organization_id, domain)
        return logos

    async def _good(self, actor: Actor, rows: Sequence[BrandLogo]) -> list[BrandLogo]:
        """Return those that an actor's policy and company show now."""
        policy, now = await self._policy.of_id(actor.account_id), self._clock.now()
        trusted = await self._trusted(actor.organization_id)
        if not policy[knobs.BRAND_LOGOS] or not trusted:
            return []
        asked = policy[knobs.CERTIFICATE_REVOCATION] == "hard"
        return [
            row for row in rows
            if row.svg and row.expires_at > now and row.root in trusted and not (asked and row.standing == "unknown")
        ]  # fmt: skip

    async def _trusted(self, organization_id: OrganizationId) -> set[bytes]:
        return {mark_certificate.fingerprint(one) for one in (await self.trust.of(organization_id)).roots}

    async def known(self, domain: str) -> Sequence[BrandLogo]:
        """Return what the installation knows of a domain's logos: for who runs it."""
        return await self._store.brand_logos([domain.lower()])

    async def known_to(self, organization_id: OrganizationId, domain: str) -> Sequence[BrandLogo]:
        """Return what a company may know of them: of whose mail it has had, by authorities that it trusts."""
        if not await self._sight.sees(organization_id, domain):
            return []
        trusted = await self._trusted(organization_id)
        return [row for row in await self.known(domain) if not row.svg or row.root in trusted]

    async def picture(self, actor: Actor, picture: bytes) -> bytes | None:
        """Return a logo by its SHA-256, to whom a message could be shown with it: whether it is here tells who writes."""
        for row in await self._good(actor, await self._store.brand_pictures(picture)):
            if await self._sight.sees(actor.organization_id, row.domain):
                return row.svg
        return None


def source_of(location: str, authority: str) -> bytes:
    """Return what tells where a logo lies."""
    return hashlib.sha256(f"{location}\n{authority}".encode()).digest()


def _proved(inspection: Inspection) -> tuple[str, bytes] | None:
    """Return domain and source of the logo of a message whose sender is proved under an enforced policy."""
    results = {one.method: one for one in inspection.authentication if one.method in {"dmarc", "bimi"}}
    dmarc, bimi = results.get("dmarc"), results.get("bimi")
    if dmarc is None or bimi is None or dmarc.result != "pass" or bimi.result != "pass" or not inspection.aligned:
        return None
    if dict(dmarc.properties).get("policy.dmarc", "") not in ENFORCED:
        return None
    found = dict(bimi.properties)
    source = source_of(found.get("policy.indicator-uri", ""), found.get("policy.authority-uri", ""))
    return found.get("header.d", ""), source


def _check_standing(standing: Standing) -> None:
    """Raises MarkError."""
    if standing == "revoked":
        raise MarkError("its certificate was revoked")


def _check_same(mark: Mark, octets: bytes) -> None:
    """The record and the certificate must name one picture. Raises MarkError."""
    try:
        plain = svg_tiny.unpacked(octets)
    except SvgError as error:
        raise MarkError(f"the logo of the record may not be shown: {error}") from error
    if plain != mark.svg:
        raise MarkError("the logo of the record is not the one in the certificate")
