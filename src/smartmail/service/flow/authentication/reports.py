"""DMARC aggregate reports: sent once a day to domains that ask for them, and taken in when others send us theirs.

NAME      dmarc reports (RFC 9990)
PURPOSE   `DmarcReportService.send` tells policy domains what was judged on days that are over; `ReportIntake` reads what
          comes to people of ours about a domain of ours.
LIMITS    `MOST_A_RUN` domains a run, `MAX_ROWS` rows a report; attachments of messages that are held in memory whole.
FAILURE   A domain whose records cannot be looked up is tried again for `KEEP_DAYS`. What is no report is left alone: the
          message is delivered like any other in every case.
SECURITY  A report goes to another domain only if that one agrees (RFC 9990 §4): else records could aim reports at anybody.
          Taken in is only what comes from a proved sender.
"""

import asyncio
from collections.abc import Sequence
from typing import Protocol
from urllib.parse import unquote

from smartmail.domain.account import DomainRow
from smartmail.domain.authentication import DmarcCount, DmarcPolicy, DmarcRow, ReceivedReport
from smartmail.formats import dmarc_report
from smartmail.formats.address import split_address
from smartmail.formats.dates import format_date
from smartmail.formats.dmarc_report import AggregateReport, Cover, Published, Record, ReportError, Signature
from smartmail.formats.mime.transfer import decode_body
from smartmail.ports.clock import Clock
from smartmail.ports.dns import Resolver
from smartmail.ports.store_authentication import AuthenticationStore
from smartmail.ports.store_directory import DomainStore
from smartmail.ports.store_queue import QueueStore
from smartmail.ports.store_settings import SettingStore
from smartmail.proto.mailauth.asking import TemporaryLookupError
from smartmail.proto.mailauth.dmarc import organizational_domain, parse_dmarc
from smartmail.proto.mailauth.domains import is_well_formed, lookup_name
from smartmail.service.flow.authentication.names import NameService, Questioner
from smartmail.service.flow.authentication.settings import AuthenticationSettings
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.house_letters import HouseLetters
from smartmail.service.kernel.inspection.specimen import Specimen
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.sealed_blobs import SealedBlobs


class _Store(AuthenticationStore, DomainStore, QueueStore, SettingStore, Protocol): ...


MOST_A_RUN = 1_000
MAX_ROWS = 5_000
MAX_PLACES = 3
KEEP_DAYS = 3
KEPT_REPORTS = 400 * DAY
LOCAL_PART = "dmarc-reports"
MAX_ATTACHMENTS = 3
_DAY_S = DAY // 1000
_TEXT = (
    "This is an aggregate report about mail that names this domain in From (RFC 9990). The attachment is for programs."
)


class DmarcReportService:
    """Makes and sends reports; called by a job."""

    def __init__(
        self, store: _Store, resolver: Resolver, keyring: Keyring, blobs: SealedBlobs, hints: Hints, clock: Clock, host: str
    ) -> None:  # fmt: skip
        self._store = store
        self._names = NameService(resolver, clock)
        self._settings = AuthenticationSettings(store, clock)
        self._letters = HouseLetters(keyring, blobs, clock)
        self._hints = hints
        self._clock = clock
        self._host = host

    async def send(self) -> int:
        """Report all days that are over; return how many reports went out."""
        today, sent = self._clock.now() // DAY, 0
        await self._store.drop_dmarc_reports((self._clock.now() - KEPT_REPORTS) // 1000)
        is_off = (await self._settings.values())["reports"] == "off"
        for day, domain in await self._store.dmarc_domains(today, MOST_A_RUN):
            try:
                sent += 0 if is_off else await self._report(day, domain)
            except TemporaryLookupError:
                if day >= today - KEEP_DAYS:
                    continue
            await self._store.drop_dmarc_counts(day, domain)
        return sent

    async def _report(self, day: int, domain: str) -> int:
        """Queue one domain's report; return to how many places. Raises TemporaryLookupError."""
        ours = await self._store.domains()
        questioner = Questioner(self._names)
        places = await self._places(domain, questioner)
        counts = await self._store.dmarc_counts(day, domain, MAX_ROWS) if places and ours else []
        if not counts:
            return 0
        named = self._host.partition(".")[2]
        sender = next((one for one in ours if one.name in {named, self._host}), ours[0])
        report = self._build(day, sender.name, counts)
        for place in places:
            await self._enqueue(report, place, sender)
        return len(places)

    async def _places(self, domain: str, questioner: Questioner) -> list[str]:
        """Return the addresses that want a domain's reports and may have them. Raises TemporaryLookupError."""
        texts = await questioner.texts(f"_dmarc.{domain}")
        found = [record for text in texts if (record := parse_dmarc(text, domain)) is not None]
        places: list[str] = []
        for uri in found[0].aggregate if len(found) == 1 else ():
            scheme, _colon, rest = uri.partition(":")
            address = unquote(rest.partition("?")[0])
            is_address = (
                scheme.lower() == "mailto" and address.isascii() and address.isprintable() and " " not in address
            )
            if is_address and address not in places and await _agrees(address, domain, questioner):
                places.append(address)
        return places[:MAX_PLACES]

    def _build(self, day: int, sender: str, counts: Sequence[DmarcCount]) -> AggregateReport:
        # One report repeats one policy: of a day on which it changed, the one that most messages met.
        report_id = f"{day}.{self._clock.new_id():x}@{sender}"
        records = tuple(_record(one) for one in counts)
        return AggregateReport(
            sender, f"{LOCAL_PART}@{sender}", report_id, day * _DAY_S, (day + 1) * _DAY_S - 1,
            Published(*_fields(counts[0].policy)), records,
        )  # fmt: skip

    async def _enqueue(self, report: AggregateReport, to: str, sender: DomainRow) -> None:
        now = self._clock.now()
        cover = Cover(
            report.email, to, sender.name, report.report_id, format_date(now // 1000, 0), self._clock.random(12).hex()
        )
        octets = await asyncio.to_thread(dmarc_report.mail, report, cover, _TEXT)
        # The null reverse-path: nobody wants to hear that a report could not be delivered.
        written = await self._letters.written(sender.organization_id, octets)
        entry = await self._letters.entry(written, [to], lifetime=DAY, header_from=sender.name)
        await self._store.enqueue(entry)
        self._hints.queue_changed()


async def _agrees(address: str, domain: str, questioner: Questioner) -> bool:
    """RFC 9990 §4: a place elsewhere says that it wants reports about the domain. Raises TemporaryLookupError."""
    place = lookup_name(split_address(address)[1])
    if not is_well_formed(place):
        return False
    if await organizational_domain(place, questioner.ask) == await organizational_domain(domain, questioner.ask):
        return True
    texts = await questioner.texts(f"{domain}._report._dmarc.{place}")
    return any(text.replace(" ", "").partition(";")[0] == "v=DMARC1" for text in texts)


def _fields(policy: DmarcPolicy) -> tuple[str, str, str, str, str, str, bool]:
    return policy.domain, policy.p, policy.sp, policy.np, policy.adkim, policy.aspf, policy.testing


def _record(one: DmarcCount) -> Record:
    row = one.row
    signatures = tuple(Signature(*each) for each in row.dkim_results)
    return Record(
        row.source, one.messages, row.disposition, row.dkim, row.spf, row.header_from, row.envelope_from, signatures,
        row.spf_domain, row.spf_result, row.override,
    )  # fmt: skip


class ReportIntake:
    """An inspector that keeps reports about domains of ours; it changes nothing about the message."""

    name = "reports"

    def __init__(self, store: _Store) -> None:
        self._store = store

    async def examine(self, specimen: Specimen) -> None:
        """Keep the reports that a message carries."""
        findings = specimen.findings
        if not findings.aligned or not specimen.whole or findings.act not in {"deliver", "junk"}:
            return
        parts = [part for part in specimen.summary.parts if dmarc_report.domain_of(part.name) is not None]
        for part in parts[:MAX_ATTACHMENTS]:
            domain = lookup_name(dmarc_report.domain_of(part.name) or "")
            if not await self._is_for(domain, specimen):
                continue
            octets = decode_body(await specimen.read(part.body_start, part.octets), part.encoding)
            try:
                report = await asyncio.to_thread(_read, octets)
            except ReportError:
                continue
            if report.published.domain == domain:
                await self._store.put_dmarc_report(_received(report))

    async def _is_for(self, domain: str, specimen: Specimen) -> bool:
        """Whether a domain is one of the organisation of somebody to whom the message goes."""
        row = await self._store.domain(domain)
        accounts = [account for account in specimen.accounts if account is not None]
        return row is not None and any(account.organization_id == row.organization_id for account in accounts)


def _read(octets: bytes) -> AggregateReport:
    return dmarc_report.read(dmarc_report.unpack(octets))


def _received(report: AggregateReport) -> ReceivedReport:
    rows = tuple(
        (
            DmarcRow(
                one.source, one.disposition, one.dkim, one.spf, one.header_from, one.envelope_from,
                tuple((each.domain, each.selector, each.result) for each in one.signatures), one.spf_domain, one.spf_result, one.override,
            ),
            one.messages,
        )
        for one in report.records
    )  # fmt: skip
    return ReceivedReport(
        report.published.domain, report.organization, report.report_id, report.begin, report.end,
        DmarcPolicy(*report.published), rows,
    )  # fmt: skip
