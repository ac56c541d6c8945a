"""Reports to other domains about TLS with their hosts, once a day (RFC 8460).

A domain that asks for reports (`_smtp._tls` TXT) gets one for each UTC day with sessions, by mail or https; the counts of
one that does not ask are forgotten. A mail report goes through the queue like any other message.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from smartmail.base import log
from smartmail.domain.account import DomainRow
from smartmail.domain.transport import TlsCount
from smartmail.formats import tls_report
from smartmail.formats.dates import format_date
from smartmail.formats.tls_report import Cover, Failures, PolicyResults, TlsReport
from smartmail.ports.clock import Clock
from smartmail.ports.dns import DnsFailure, Resolver
from smartmail.ports.http import HttpClient, HttpFailed
from smartmail.service.flow.transport.rules import TransportRules
from smartmail.service.flow.transport.store import Store
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.house_letters import HouseLetters
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.sealed_blobs import SealedBlobs

MOST_A_RUN = 1_000
KEEP_DAYS = 3
"""A day whose report could not be sent is given up after this (RFC 8460 §5.4: a day of attempts is asked for)."""
LIFETIME = DAY
LOCAL_PART = "tls-reports"
_TEXT = "This is a report about TLS between mail hosts (RFC 8460). The attachment is for programs."


class TlsReportService:
    """Makes and sends them; called by a job."""

    def __init__(
        self, store: Store, resolver: Resolver, http: HttpClient, keyring: Keyring, blobs: SealedBlobs,
        rules: TransportRules, hints: Hints, clock: Clock, host: str,
    ) -> None:  # fmt: skip
        self._store = store
        self._resolver = resolver
        self._http = http
        self._letters = HouseLetters(keyring, blobs, clock)
        self._rules = rules
        self._hints = hints
        self._clock = clock
        self._host = host

    async def send(self) -> int:
        """Report all days that are over; return how many reports went out."""
        today = self._clock.now() // DAY
        sent = 0
        for day, domain in await self._store.tls_domains(today, MOST_A_RUN):
            done, count = await self._report(day, domain)
            sent += count
            if done or day < today - KEEP_DAYS:
                await self._store.drop_tls_counts(day, domain)
        return sent

    async def _report(self, day: int, domain: str) -> tuple[bool, int]:
        """Send one domain's report; say whether all is done, and to how many places it went."""
        try:
            places = tls_report.read_record(await self._resolver.txt(f"_smtp._tls.{domain}"))
        except DnsFailure:
            return False, 0
        ours = await self._store.domains()
        if not places or not ours:
            return True, 0
        sender = await self._sender(ours)
        report = self._build(day, domain, sender, await self._store.tls_counts(day, domain))
        went = [await self._to(place, report, day, domain, sender) for place in places]
        # §5.4: one place that took it is enough; a mail counts as taken, the queue has it.
        return any(went), sum(went)

    async def _sender(self, ours: Sequence[DomainRow]) -> tuple[str, DomainRow]:
        """Return the address that reports come from and its domain: a setting, else our host's domain, else the first."""
        contact = await self._rules.contact()
        named = contact.rpartition("@")[2] or self._host.partition(".")[2]
        row = next((one for one in ours if one.name == named), ours[0])
        return (contact if contact.endswith(f"@{row.name}") else f"{LOCAL_PART}@{row.name}"), row

    def _build(self, day: int, domain: str, sender: tuple[str, DomainRow], counts: Sequence[TlsCount]) -> TlsReport:
        start = datetime.fromtimestamp(day * DAY // 1000, UTC)
        end = start + timedelta(days=1, seconds=-1)
        return TlsReport(
            sender[1].name, sender[0], f"{day}.{self._clock.new_id():x}@{sender[1].name}",
            f"{start:%Y-%m-%dT%H:%M:%SZ}", f"{end:%Y-%m-%dT%H:%M:%SZ}", results(domain, counts),
        )  # fmt: skip

    async def _to(self, place: str, report: TlsReport, day: int, domain: str, sender: tuple[str, DomainRow]) -> bool:
        if place.lower().startswith("https:"):
            return await self._post(place, report)
        begin = day * DAY // 1000
        cover = Cover(
            from_=sender[0], to=tls_report.address_of(place) or "", domain=domain, submitter=sender[1].name,
            message_id=report.report_id, date=format_date(self._clock.now() // 1000, 0), boundary=self._clock.random(12).hex(),
        )  # fmt: skip
        if not cover.to.isprintable() or " " in cover.to or not cover.to.isascii():
            return False
        name = tls_report.file_name(report, cover, begin, begin + DAY // 1000 - 1)
        await self._enqueue(tls_report.mail(report, cover, name, _TEXT), cover, sender[1])
        return True

    async def _post(self, place: str, report: TlsReport) -> bool:
        body = tls_report.pack(tls_report.write(report))
        try:
            answer = await self._http.request(
                "POST", place, headers={"content-type": "application/tlsrpt+gzip"}, body=body
            )
        except HttpFailed as error:
            log.event("transport.report_failed", domain=report.policies[0].domain, detail=str(error)[:200])
            return False
        return 200 <= answer.status < 300

    async def _enqueue(self, octets: bytes, cover: Cover, domain: DomainRow) -> None:
        # RFC 8460 §5.3: sent in spite of the very faults it reports, so TLS policies of the domain are passed over.
        # The null reverse-path: nobody wants to hear that a report could not be delivered.
        written = await self._letters.written(domain.organization_id, b"TLS-Required: No\r\n" + octets)
        entry = await self._letters.entry(written, [cover.to], lifetime=LIFETIME, header_from=domain.name)
        await self._store.enqueue(entry)
        self._hints.queue_changed()


def results(domain: str, counts: Sequence[TlsCount]) -> tuple[PolicyResults, ...]:
    """Return a day's counts by policy."""
    found: dict[str, list[TlsCount]] = defaultdict(list)
    for one in counts:
        found[one.policy].append(one)
    return tuple(_policy(domain, text, rows) for text, rows in sorted(found.items()))


def _policy(domain: str, text: str, rows: Sequence[TlsCount]) -> PolicyResults:
    kept = json.loads(text)
    failures = tuple(Failures(row.result, row.sessions, row.host, row.address) for row in rows if row.result)
    return PolicyResults(
        kept["kind"], domain, tuple(kept["strings"]), tuple(kept["hosts"]),
        sum(row.sessions for row in rows if not row.result), failures,
    )  # fmt: skip
