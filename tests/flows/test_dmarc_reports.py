"""Reports of DMARC: what was judged is told to whoever asks, and what others tell us is kept."""

import gzip

import pytest
from tests.flows.authenticated import message, read, send, signed, zones
from tests.flows.house import open_house
from tests.house.jobs import service_of

from smartmail.formats import dmarc_report
from smartmail.formats.mime.scanner import Scanner
from smartmail.formats.mime.transfer import decode_body
from smartmail.formats.summary import build
from smartmail.service.kernel.clock import DAY


class Tomorrow:
    """The clock of the house, a day later."""

    def __init__(self, clock) -> None:
        self._clock = clock

    def now(self) -> int:
        return self._clock.now() + DAY

    def __getattr__(self, name):
        return getattr(self._clock, name)


@pytest.fixture
async def house(tmp_path):
    names = zones()
    names.texts["_dmarc.good.test"] = (
        "v=DMARC1; p=reject; rua=mailto:d@good.test, mailto:e@good.test!1m, https://x.test/"
    )
    async with open_house(tmp_path, domains=("a.test",), resolver=names) as opened:
        await opened.person("kim@a.test")
        opened.zones = names
        yield opened


async def judged(house) -> None:
    """Write what was counted, as the timer would."""
    [inspector] = [one for one in house.services.delivery.inspection._inspectors if one.name == "authentication"]  # noqa: SLF001
    await inspector.counter.flush()


async def sent_reports(house):
    """Send the reports of a day that is over; return (recipient, report) of each."""
    service = service_of(house.services, "dmarc-reports")
    service._clock = Tomorrow(house.clock)  # noqa: SLF001
    await service.send()
    found = []
    for work in await house.services.queue.lease("w1", limit=10):
        octets = await house.services.queue.octets(work, 0, house.services.queue.size(work))
        found.append((work.recipients[0][1].address, octets))
    return found


def attached(octets: bytes) -> bytes:
    scanner = Scanner()
    scanner.feed(octets)
    [part] = [one for one in build(scanner.finish()).parts if one.name]
    return decode_body(octets[part.body_start : part.body_end], part.encoding)


async def test_a_domain_is_told_what_was_judged(house) -> None:
    for number in range(3):
        await send(house, signed(message("a@good.test", f"m{number}")), "a@good.test")
    await judged(house)
    found = await sent_reports(house)
    assert sorted(to for to, _octets in found) == ["d@good.test", "e@good.test"]
    report = dmarc_report.read(dmarc_report.unpack(attached(found[0][1])))
    assert (report.published.domain, report.published.p) == ("good.test", "reject")
    [record] = report.records
    assert (record.source, record.messages, record.disposition) == ("127.0.0.1", 3, "pass")
    assert (record.dkim, record.spf, record.header_from, record.spf_result) == ("pass", "pass", "good.test", "pass")
    # Told once.
    assert await service_of(house.services, "dmarc-reports").send() == 0


async def test_nobody_is_told_who_did_not_ask(house) -> None:
    await send(house, message("a@soft.test"), "x@good.test")
    await judged(house)
    assert await house.store.dmarc_domains(1 << 40, 10) == []


async def test_a_place_elsewhere_must_agree(house) -> None:
    house.zones.texts["_dmarc.good.test"] = "v=DMARC1; p=none; rua=mailto:victim@other.test, mailto:ok@agreed.test"
    house.zones.texts["good.test._report._dmarc.agreed.test"] = "v=DMARC1;"
    await send(house, message("a@good.test"), "a@good.test")
    await judged(house)
    assert [to for to, _octets in await sent_reports(house)] == ["ok@agreed.test"]


async def test_what_cannot_be_looked_up_is_tried_again(house) -> None:
    await send(house, message("a@good.test"), "a@good.test")
    await judged(house)
    house.zones.failing.add("_dmarc.good.test")
    assert await sent_reports(house) == []
    assert len(await house.store.dmarc_domains(1 << 40, 10)) == 1


async def test_reports_may_be_switched_off(house) -> None:
    await send(house, message("a@good.test"), "a@good.test")
    await judged(house)
    await house.store.put_setting("system", "authentication.reports", "off")
    assert await sent_reports(house) == []
    assert await house.store.dmarc_domains(1 << 40, 10) == []


def carrying(domain: str, author: str = "reports@good.test") -> bytes:
    report = dmarc_report.AggregateReport(
        "good.test", author, "r1", 100, 200, dmarc_report.Published(domain, "reject"),
        (dmarc_report.Record("192.0.2.9", 7, "reject", "fail", "fail", domain),),
    )  # fmt: skip
    cover = dmarc_report.Cover(
        author, "kim@a.test", "good.test", "r1@good.test", "Thu, 26 Nov 2026 09:00:00 +0900", "B"
    )
    return dmarc_report.mail(report, cover, "a report")


async def test_a_report_about_a_domain_of_ours_is_kept_and_delivered(house) -> None:
    await send(house, carrying("a.test"), "reports@good.test")
    assert len(await read(house)) == 1
    [report] = await house.store.dmarc_reports("a.test", 0, 10)
    assert (report.reporter, report.report_id) == ("good.test", "r1")
    [(row, messages)] = report.rows
    assert (row.source, row.disposition, messages) == ("192.0.2.9", "reject", 7)
    # The same again counts once.
    await send(house, carrying("a.test").replace(b"<r1@", b"<r2@", 1), "reports@good.test")
    assert len(await house.store.dmarc_reports("a.test", 0, 10)) == 1


@pytest.mark.parametrize(
    ("octets", "sender"),
    [
        (carrying("elsewhere.test"), "reports@good.test"),
        (carrying("a.test", "x@unproved.test"), "x@unproved.test"),
        (carrying("a.test").replace(b"H4sI", b"AAAA"), "reports@good.test"),
    ],
)
async def test_other_mail_is_delivered_and_nothing_kept(house, octets, sender) -> None:
    await send(house, octets, sender)
    assert len(await read(house)) == 1
    for domain in ("a.test", "elsewhere.test"):
        assert await house.store.dmarc_reports(domain, 0, 10) == []


def test_the_attachment_is_gzip() -> None:
    assert gzip.decompress(attached(carrying("a.test"))).startswith(b"<?xml")
