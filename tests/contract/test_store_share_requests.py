"""Contract of the store: requests to use shared accounts, on both drivers."""

from dataclasses import replace

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import OverQuota
from smartmail.domain.ids import AccountId
from smartmail.domain.share_requests import ShareRequest

RECORD = AuditRecord(1, "system", "share.test", "mailbox:1/0")
SALES, HELP, KIM, LEE = (AccountId(one) for one in (900, 901, 77, 78))


def request(bench: Bench, number: int, **facts) -> ShareRequest:
    home = bench.account.organization_id
    return replace(ShareRequest(number, home, SALES, KIM, "view", "waiting", 100, b"sealed"), **facts)


async def test_a_person_has_one_request_for_an_account(bench: Bench):
    store, home = bench.store, bench.account.organization_id
    first, again = request(bench, 1 << 61), request(bench, 5, role="delete", asked_at=200)
    other = request(bench, 6, account_id=HELP, asked_at=150)
    for row in (first, other, again):
        await store.put_share_request(row, 5, 0, RECORD)
    assert await store.share_requests(home, 0) == [again, other]
    assert await store.share_requests(home, 160) == [again]
    assert await store.share_requests(home + 1, 0) == []
    assert (await store.share_request(5), await store.share_request(first.id)) == (again, None)


async def test_so_many_wait_and_old_ones_are_forgotten(bench: Bench):
    store, home = bench.store, bench.account.organization_id
    await store.put_share_request(request(bench, 1), 1, 0, RECORD)
    for full in (request(bench, 2, account_id=HELP), request(bench, 3, person_id=LEE)):
        with pytest.raises(OverQuota):
            await store.put_share_request(full, 1, 0, RECORD)
    # A refused one has taken nothing away.
    assert [one.id for one in await store.share_requests(home, 0)] == [1]
    # What was decided does not count, what is old goes.
    done = request(bench, 1, state="declined", decided_at=110, decided_by=LEE)
    assert await store.move_share_request(done, "waiting", RECORD)
    await store.put_share_request(request(bench, 2, account_id=HELP), 1, 0, RECORD)
    late = request(bench, 4, person_id=LEE, asked_at=300)
    await store.put_share_request(late, 1, 200, RECORD)
    assert await store.share_requests(home, 0) == [late]


async def test_the_first_answer_stands(bench: Bench):
    store = bench.store
    row = request(bench, 1, role="manage")
    await store.put_share_request(row, 5, 0, RECORD)
    accepted = replace(row, role="file", state="accepted", decided_at=120, decided_by=LEE)
    assert await store.move_share_request(accepted, "waiting", RECORD)
    assert not await store.move_share_request(replace(row, state="declined"), "waiting", RECORD)
    assert await store.share_request(1) == accepted
    assert await store.drop_share_request(1, RECORD)
    assert not await store.drop_share_request(1, RECORD)
