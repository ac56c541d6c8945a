"""Reports of others about TLS with our hosts: kept when a proved sender reports about a domain of the recipient's."""

import pytest
from tests.flows.authenticated import read, send, zones
from tests.flows.house import open_house
from tests.house.clock import day

from smartmail.domain.transport import ReceivedTlsReport
from smartmail.formats import tls_report
from smartmail.formats.tls_report import Cover, Failures, PolicyResults, TlsReport

START, END = f"{day(-5)}T00:00:00Z", f"{day(-5)}T23:59:59Z"


@pytest.fixture
async def house(tmp_path):
    async with open_house(tmp_path, domains=("a.test", "b.test"), resolver=zones()) as opened:
        await opened.person("kim@a.test")
        yield opened


def carrying(*domains: str, author: str = "tls@good.test", start: str = START) -> bytes:
    policies = tuple(
        PolicyResults(
            "sts", one, successes=40, failures=(Failures("certificate-expired", 2, f"mx.{one}", "192.0.2.1"),)
        )
        for one in domains
    )
    report = TlsReport("Good Mail", "tls@good.test", "r1", start, END, policies)
    cover = Cover(author, "kim@a.test", domains[0], "good.test", "r1@good.test", "Thu, 26 Nov 2026 09:00:00 +0900", "B")
    return tls_report.mail(report, cover, tls_report.file_name(report, cover, 1, 2), "a report")


async def kept(house, domain: str):
    return await house.services.transport.received.about(domain, 3650)


async def test_a_report_about_a_domain_of_ours_is_kept_and_delivered(house) -> None:
    await send(house, carrying("a.test"), "tls@good.test")
    assert len(await read(house)) == 1
    [(row, report)] = await kept(house, "a.test")
    # The proved sender, not what the report calls itself.
    assert (row.reporter, row.report_id, row.end - row.begin) == ("good.test", "r1", 86_399)
    [policy] = report.policies
    assert (policy.successes, policy.failed, policy.failures[0].host) == (40, 2, "mx.a.test")
    await send(house, carrying("a.test").replace(b"<r1@", b"<r2@", 1), "tls@good.test")
    assert len(await kept(house, "a.test")) == 1


async def test_what_a_report_says_of_others_is_left_out(house) -> None:
    await send(house, carrying("a.test", "elsewhere.test"), "tls@good.test")
    [(_row, report)] = await kept(house, "a.test")
    assert [one.domain for one in report.policies] == ["a.test"]
    assert await kept(house, "elsewhere.test") == []


@pytest.mark.parametrize(
    ("octets", "sender"),
    [
        (carrying("a.test", author="x@unproved.test"), "x@unproved.test"),
        (carrying("a.test").replace(b"H4sI", b"AAAA"), "tls@good.test"),
        (carrying("a.test", start="yesterday"), "tls@good.test"),
    ],
)
async def test_other_mail_is_delivered_and_nothing_kept(house, octets, sender) -> None:
    await send(house, octets, sender)
    assert len(await read(house)) == 1
    assert await kept(house, "a.test") == []


async def test_old_ones_are_forgotten(house) -> None:
    await send(house, carrying("a.test"), "tls@good.test")
    old = ReceivedTlsReport("a.test", "good.test", "r0", 1_700_000_000, 1_700_086_399, "{}")
    assert await house.store.put_tls_report(old)
    assert await house.services.transport.received.forget() == 1
    assert [row.report_id for row, _ in await kept(house, "a.test")] == ["r1"]
