"""Contract of the store: counts for DMARC reports, and reports that came (ports/store_authentication.py), on both drivers."""

from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.authentication import DmarcCount, DmarcPolicy, DmarcRow, ReceivedReport

POLICY = DmarcPolicy("a.test", "reject", "", "none", "s", "r", True)
ROW = DmarcRow("192.0.2.1", "pass", "pass", "fail", "a.test", "b.test", (("a.test", "s1", "pass"),), "b.test", "fail")
OTHER = DmarcRow("192.0.2.2", "none", "fail", "fail", "a.test")


async def test_counts_add_up_until_they_are_told(bench: Bench):
    store = bench.store
    await store.count_dmarc([DmarcCount(10, POLICY, ROW, 2), DmarcCount(10, POLICY, OTHER, 1)])
    await store.count_dmarc([DmarcCount(10, POLICY, OTHER, 4), DmarcCount(11, POLICY, ROW, 1)])
    await store.count_dmarc([DmarcCount(9, DmarcPolicy("z.test"), ROW, 1)])
    await store.count_dmarc([])
    assert await store.dmarc_domains(11, 10) == [(9, "z.test"), (10, "a.test")]
    assert await store.dmarc_domains(12, 2) == [(9, "z.test"), (10, "a.test")]
    assert await store.dmarc_counts(10, "a.test", 10) == [
        DmarcCount(10, POLICY, OTHER, 5),
        DmarcCount(10, POLICY, ROW, 2),
    ]
    assert len(await store.dmarc_counts(10, "a.test", 1)) == 1
    await store.drop_dmarc_counts(10, "a.test")
    assert await store.dmarc_counts(10, "a.test", 10) == []
    assert await store.dmarc_domains(12, 10) == [(9, "z.test"), (11, "a.test")]


async def test_a_report_is_kept_once(bench: Bench):
    store = bench.store
    first = ReceivedReport("a.test", "big.test", "1", 100, 200, POLICY, ((ROW, 3),))
    later = ReceivedReport("a.test", "big.test", "2", 200, 300, POLICY)
    assert await store.put_dmarc_report(first)
    assert not await store.put_dmarc_report(first)
    assert await store.put_dmarc_report(later)
    assert await store.put_dmarc_report(ReceivedReport("b.test", "big.test", "1", 100, 200, POLICY))
    assert await store.dmarc_reports("a.test", 0, 10) == [later, first]
    assert await store.dmarc_reports("a.test", 201, 10) == [later]
    assert await store.dmarc_reports("a.test", 0, 1) == [later]
    assert await store.drop_dmarc_reports(250) == 2
    assert await store.dmarc_reports("a.test", 0, 10) == [later]
