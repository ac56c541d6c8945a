"""Contract of the store: one photograph an account, told to the directory, gone with its account; on both drivers."""

from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import START, Bench

from smartmail.domain.audit import AuditRecord
from smartmail.domain.photographs import PhotographRow

AUDIT = AuditRecord(START, "cli", "photograph.put", "account:1")


async def test_a_photograph_is_kept_replaced_and_removed(bench: Bench):
    store, account, home = bench.store, bench.account.id, bench.organization_id
    assert await store.photograph(account) is None
    epoch = await store.directory_epoch(home)
    row = PhotographRow(account, home, START, b"\0small\xff", b"\0large\xff")
    await store.put_photograph(row, AUDIT)
    assert await store.photograph(account) == row
    assert await store.photographs(home) == {account: START}
    assert await store.photographs(home + 1) == {}
    assert await store.directory_epoch(home) > epoch, "who lists the directory looks anew"
    newer = PhotographRow(account, home, START + 1, b"s", b"l")
    await store.put_photograph(newer, AUDIT)
    assert await store.photograph(account) == newer
    assert await store.drop_photograph(account, AUDIT)
    assert not await store.drop_photograph(account, AUDIT)
    assert (await store.photograph(account), await store.photographs(home)) == (None, {})
    actions = [one.record.action for one in await store.unchained_records("audit", 0, 100)]
    assert actions.count("photograph.put") == 3, "what was not there leaves no record"
