"""TLS reports of others about domains of ours, kept as they come by mail.

NAME      tls report intake (RFC 8460 §5.3)
PURPOSE   An inspector that keeps what a report says about a domain of the organisation of somebody to whom it goes. It
          changes nothing about the message.
LIMITS    `MAX_ATTACHMENTS` parts; the part is held in memory whole, what it unpacks to is bounded by `formats.tls_report`.
FAILURE   What is no report is left alone: the message is delivered like any other in every case.
SECURITY  Taken in is only what comes from a proved sender (§5.3 asks for a DKIM signature): else anybody could paint a
          picture of broken TLS. The reporter is the proved domain, not the name that the report gives itself.
"""

import asyncio
from datetime import UTC, datetime

from smartmail.domain.transport import ReceivedTlsReport
from smartmail.formats import tls_report
from smartmail.formats.address import split_address
from smartmail.formats.mime.transfer import decode_body
from smartmail.formats.tls_report import ReportError, TlsReport
from smartmail.ports.clock import Clock
from smartmail.proto.mailauth.domains import lookup_name
from smartmail.service.flow.transport.store import Store
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.inspection.specimen import Specimen

TYPES = frozenset({"application/tlsrpt+gzip", "application/tlsrpt+json"})
MAX_ATTACHMENTS = 3
MAX_POLICIES = 50
KEPT = 400 * DAY


class TlsReportIntake:
    """The inspector."""

    name = "tls-reports"

    def __init__(self, store: Store) -> None:
        self._store = store

    async def examine(self, specimen: Specimen) -> None:
        """Keep the reports that a message carries."""
        findings = specimen.findings
        if not findings.aligned or not specimen.whole or findings.act not in {"deliver", "junk"}:
            return
        authors = specimen.summary.addresses.from_
        reporter = lookup_name(split_address(authors[0].address)[1]) if authors else ""
        parts = [part for part in specimen.summary.parts if part.type in TYPES and not part.nested]
        for part in parts[:MAX_ATTACHMENTS]:
            octets = decode_body(await specimen.read(part.body_start, part.octets), part.encoding)
            try:
                report = await asyncio.to_thread(tls_report.read, octets)
                begin, end = _seconds(report.start), _seconds(report.end)
            except (ReportError, ValueError):
                continue
            for domain in {lookup_name(one.domain) for one in report.policies[:MAX_POLICIES]}:
                if await self._is_for(domain, specimen):
                    content = tls_report.write(_about(report, domain)).decode()
                    row = ReceivedTlsReport(domain, reporter, report.report_id, begin, end, content)
                    await self._store.put_tls_report(row)

    async def _is_for(self, domain: str, specimen: Specimen) -> bool:
        """Whether a domain is one of the organisation of somebody to whom the message goes."""
        row = await self._store.domain(domain)
        accounts = [account for account in specimen.accounts if account is not None]
        return row is not None and any(account.organization_id == row.organization_id for account in accounts)


class TlsReportBook:
    """What was taken in, read."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def about(self, domain: str, days: int, limit: int = 1_000) -> list[tuple[ReceivedTlsReport, TlsReport]]:
        """Return reports about a domain that end within the last days, the newest first."""
        since = (self._clock.now() - days * DAY) // 1000
        rows = await self._store.tls_reports(domain, since, limit)
        return [(row, tls_report.read(row.content.encode())) for row in rows]

    async def forget(self) -> int:
        """Forget old ones; return how many. A job's work."""
        return await self._store.drop_tls_reports((self._clock.now() - KEPT) // 1000)


def _about(report: TlsReport, domain: str) -> TlsReport:
    """Return the part of a report that is about one domain: another company's figures are none of its business."""
    policies = tuple(one for one in report.policies if lookup_name(one.domain) == domain)
    return TlsReport(report.organization, report.contact, report.report_id, report.start, report.end, policies)


def _seconds(text: str) -> int:
    """Return an RFC 3339 time in seconds. Raises ValueError."""
    try:
        at = datetime.fromisoformat(text)
        return int((at if at.tzinfo is not None else at.replace(tzinfo=UTC)).timestamp())
    except OverflowError as error:
        raise ValueError(text) from error
