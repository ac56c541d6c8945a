"""MTA-STS policies of other domains: fetched, kept as long as they say, refreshed before they end (RFC 8461).

SECURITY  A policy that was seen once holds until its max_age, whatever DNS or the web say later (§5.1): an attacker who can
          take answers away takes no protection away. The fetch checks the certificate and follows no redirect (§3.3).
LIMITS    64 KiB and 20 s a policy; a domain whose fetch failed is left alone for five minutes.
"""

import asyncio
import contextlib
import json
from collections import OrderedDict
from dataclasses import asdict

from smartmail.base import log
from smartmail.domain.transport import ReportPolicy, StsRow, TlsCount
from smartmail.formats import mta_sts
from smartmail.formats.mta_sts import StsError, StsPolicy
from smartmail.ports.clock import Clock
from smartmail.ports.dns import DnsFailure, Resolver
from smartmail.ports.http import HttpClient, HttpFailed
from smartmail.ports.store_transport import TransportStore
from smartmail.service.flow.transport.rules import TransportRules
from smartmail.service.kernel.clock import DAY, HOUR, MINUTE, SECOND

FETCH_SECONDS = 20.0
PAUSE_AFTER_FAILURE = 5 * MINUTE
"""RFC 8461 §3.3 asks for a pause of at least five minutes."""
REFRESH_AFTER = DAY
"""§10.2: a policy is asked for again daily, so that whoever blocks one fetch must block them all."""
REFRESH_MOST = 500
KEEP_EXPIRED = HOUR
MAX_FAILURES = 10_000


class StsPolicies:
    """Policies of other domains."""

    def __init__(
        self, store: TransportStore, resolver: Resolver, http: HttpClient, rules: TransportRules, clock: Clock
    ) -> None:
        self._store = store
        self._resolver = resolver
        self._http = http
        self._rules = rules
        self._clock = clock
        self._failed: OrderedDict[str, int] = OrderedDict()
        self._fetching: dict[str, asyncio.Task[StsRow | None]] = {}

    async def policy(self, domain: str) -> StsPolicy | None:
        """Return a domain's policy, None when there is none to be had."""
        kept = await self._kept(domain)
        identity = await self._identity(domain)
        if identity is not None and (kept is None or kept.policy_id != identity):
            kept = await self._fetch_once(domain, identity) or kept
        return None if kept is None else mta_sts.read_policy(kept.text.encode())

    async def refresh(self) -> int:
        """Fetch policies again whose last fetch is a day ago, forget those that ended; return how many were fetched."""
        now = self._clock.now()
        await self._store.drop_sts_policies(now - KEEP_EXPIRED)
        fetched = 0
        for row in await self._store.stale_sts_policies(now - REFRESH_AFTER, REFRESH_MOST):
            identity = await self._identity(row.domain)
            if identity is not None and await self._fetch_once(row.domain, identity) is not None:
                fetched += 1
        return fetched

    async def _kept(self, domain: str) -> StsRow | None:
        row = await self._store.sts_policy(domain)
        return row if row is not None and row.expires_at > self._clock.now() else None

    async def _identity(self, domain: str) -> str | None:
        with contextlib.suppress(DnsFailure):
            return mta_sts.read_record(await self._resolver.txt(f"_mta-sts.{domain}"))
        return None

    async def _fetch_once(self, domain: str, identity: str) -> StsRow | None:
        """Fetch, once for all that ask at the same time."""
        failed_at = self._failed.get(domain, 0)
        if self._clock.now() - failed_at < PAUSE_AFTER_FAILURE:
            return None
        task = self._fetching.get(domain)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._fetch(domain, identity))
            self._fetching[domain] = task
            task.add_done_callback(lambda _task: self._fetching.pop(domain, None))
        return await asyncio.shield(task)

    async def _fetch(self, domain: str, identity: str) -> StsRow | None:
        try:
            text = await self._get(domain)
            policy = mta_sts.read_policy(text)
        except HttpFailed as error:
            webpki = "SSL" in str(error) or "certificate" in str(error).lower()
            await self._note_failure(domain, "sts-webpki-invalid" if webpki else "sts-policy-fetch-error", str(error))
            return None
        except StsError as error:
            await self._note_failure(domain, "sts-policy-invalid", str(error))
            return None
        self._failed.pop(domain, None)
        now = self._clock.now()
        row = StsRow(domain, identity, text.decode(), now, now + policy.max_age * SECOND)
        await self._store.put_sts_policy(row)
        log.event("transport.policy", domain=domain, mode=policy.mode)
        return row

    async def _get(self, domain: str) -> bytes:
        port = await self._rules.number("sts-port", 443)
        place = "" if port == 443 else f":{port}"
        url = f"https://mta-sts.{domain}{place}/.well-known/mta-sts.txt"
        answer = await self._http.request("GET", url, max_octets=mta_sts.MAX_OCTETS, seconds=FETCH_SECONDS)
        if answer.status != 200:
            # §3.3: a redirect counts as a failure too.
            raise HttpFailed(f"status {answer.status}")
        if answer.headers.get("content-type", "").partition(";")[0].strip().lower() != "text/plain":
            # §3.2: a host that serves what users upload must not become a policy host by accident.
            raise HttpFailed("not text/plain")
        return answer.body

    async def _note_failure(self, domain: str, result: str, reason: str) -> None:
        now = self._clock.now()
        self._failed[domain] = now
        self._failed.move_to_end(domain)
        while len(self._failed) > MAX_FAILURES:
            self._failed.popitem(last=False)
        log.event("transport.policy_failed", domain=domain, result=result, detail=reason[:200])
        # RFC 8460 §4.3: a domain whose policy cannot be had wants to hear of it most of all.
        policy = json.dumps(asdict(ReportPolicy("sts", domain)))
        await self._store.count_tls(TlsCount(now // DAY, domain, policy, result, f"mta-sts.{domain}", ""))
