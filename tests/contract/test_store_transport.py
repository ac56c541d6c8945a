"""Contract of the store: policies of other domains and counts of TLS sessions, on both drivers."""

from dataclasses import replace

from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.transport import ReceivedTlsReport, StsRow, TlsCount

ROW = StsRow("b.example", "1", "version: STSv1\n", 1000, 5000)
COUNT = TlsCount(20_000, "b.example", "{}", "", "mx.b.example", "192.0.2.1")


async def test_a_policy_is_kept_and_replaced(bench: Bench):
    store = bench.store
    assert await store.sts_policy("b.example") is None
    await store.put_sts_policy(ROW)
    assert await store.sts_policy("b.example") == ROW
    newer = replace(ROW, policy_id="2", fetched_at=2000, expires_at=9000)
    await store.put_sts_policy(newer)
    assert await store.sts_policy("b.example") == newer


async def test_old_policies_are_found_and_expired_ones_forgotten(bench: Bench):
    store = bench.store
    for number, name in enumerate(("c.example", "a.example", "b.example")):
        await store.put_sts_policy(replace(ROW, domain=name, fetched_at=1000 + number, expires_at=5000 + number))
    assert [row.domain for row in await store.stale_sts_policies(1002, 10)] == ["c.example", "a.example"]
    assert [row.domain for row in await store.stale_sts_policies(9999, 1)] == ["c.example"]
    assert await store.drop_sts_policies(5002) == 2
    assert await store.sts_policy("a.example") is None
    assert await store.sts_policy("b.example") is not None


async def test_sessions_are_counted_by_day_domain_and_result(bench: Bench):
    store = bench.store
    for count in (COUNT, COUNT, replace(COUNT, sessions=3), replace(COUNT, result="certificate-expired")):
        await store.count_tls(count)
    await store.count_tls(replace(COUNT, day=20_001))
    await store.count_tls(replace(COUNT, domain="a.example"))
    found = await store.tls_counts(20_000, "b.example")
    assert {one.result: one.sessions for one in found} == {"": 5, "certificate-expired": 1}
    assert found[0] == replace(COUNT, sessions=5)
    assert await store.tls_domains(20_001, 10) == [(20_000, "a.example"), (20_000, "b.example")]
    assert await store.tls_domains(20_002, 10) == [(20_000, "a.example"), (20_000, "b.example"), (20_001, "b.example")]
    await store.drop_tls_counts(20_000, "b.example")
    assert await store.tls_counts(20_000, "b.example") == []
    assert await store.tls_domains(20_001, 10) == [(20_000, "a.example")]


async def test_a_report_of_others_is_kept_once(bench: Bench):
    store = bench.store
    first = ReceivedTlsReport("a.example", "big.example", "1", 100, 200, "{}")
    later = ReceivedTlsReport("a.example", "big.example", "2", 200, 300, '{"policies":[]}')
    assert await store.put_tls_report(first)
    assert not await store.put_tls_report(replace(first, content="[]"))
    assert await store.put_tls_report(later)
    assert await store.put_tls_report(replace(first, domain="b.example"))
    assert await store.tls_reports("a.example", 0, 10) == [later, first]
    assert await store.tls_reports("a.example", 201, 10) == [later]
    assert await store.tls_reports("a.example", 0, 1) == [later]
    assert await store.drop_tls_reports(250) == 2
    assert await store.tls_reports("a.example", 0, 10) == [later]
    assert await store.tls_reports("b.example", 0, 10) == []
