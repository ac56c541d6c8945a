"""Contract of the store: what a company tells its people and who read it, on both drivers."""

from dataclasses import replace

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.audit import AuditRecord
from smartmail.domain.bulletins import Bulletin, BulletinMarks
from smartmail.domain.errors import OverQuota
from smartmail.domain.ids import AccountId, MessageId
from smartmail.domain.policy import Scope

RECORD = AuditRecord(1, "system", "bulletin.test", "bulletin:1")


def bulletin(bench: Bench) -> Bulletin:
    home = bench.account.organization_id
    place = Scope("department", f"{home}:sales")
    return Bulletin(1 << 61, home, place, "account:1", b"sealed", 10, 20, True, False, True, 5)


async def test_bulletins_are_kept_by_company_the_newest_first(bench: Bench):
    store, one = bench.store, bulletin(bench)
    two = replace(one, id=one.id + 1, place=Scope("group", "3"), pinned=False, popup=True, must_read=False)
    for row in (one, two, replace(one, id=7, organization_id=one.organization_id + 1)):
        await store.bulletins.put(row, 10, RECORD)
    assert await store.bulletins.of_organization(one.organization_id) == [two, one]
    changed = replace(one, sealed=b"anew", shown_until=30, popup=True, changed_at=6, place=Scope("domain", "a.example"))
    await store.bulletins.put(changed, 2, RECORD)
    assert await store.bulletins.one(one.id) == changed
    assert await store.bulletins.one(99) is None
    with pytest.raises(OverQuota):
        await store.bulletins.put(replace(one, id=8), 2, RECORD)


async def test_the_sign_in_page_has_those_of_the_company_and_the_domain_that_are_shown(bench: Bench):
    store, base = bench.store, replace(bulletin(bench), at_sign_in=True)
    home = base.organization_id
    whole, domain = Scope("organization", str(int(home))), Scope("domain", "a.example")
    rows = [
        replace(base, id=1, place=whole),
        replace(base, id=2, place=domain, shown_from=11),
        replace(base, id=3, place=Scope("domain", "b.example")),
        replace(base, id=4, place=whole, at_sign_in=False),
        replace(base, id=5, place=whole, shown_until=15),
        replace(base, id=6, place=whole, shown_from=16),
        replace(base, id=7, place=whole, organization_id=home + 1),
    ]
    for row in rows:
        await store.bulletins.put(row, 10, RECORD)
    assert await store.bulletins.at_sign_in(home, "a.example", 15, 3) == [rows[1], rows[0]]
    assert await store.bulletins.at_sign_in(home, "", 15, 3) == [rows[0]]
    assert await store.bulletins.at_sign_in(home, "a.example", 15, 1) == [rows[1]]
    await store.bulletins.put(replace(rows[0], at_sign_in=False), 10, RECORD)
    assert await store.bulletins.at_sign_in(home, "", 15, 3) == []


async def test_the_first_time_that_somebody_did_something_stays(bench: Bench):
    store, one = bench.store, bulletin(bench)
    await store.bulletins.put(one, 10, RECORD)
    await store.bulletins.put(replace(one, id=2), 10, RECORD)
    kim, lee = AccountId(5), AccountId(6)
    assert await store.bulletins.mark(one.id, kim, "popped", 100)
    assert await store.bulletins.mark(one.id, kim, "read", 110)
    assert not await store.bulletins.mark(one.id, kim, "read", 120)
    assert await store.bulletins.mark(one.id, lee, "closed", 130)
    assert await store.bulletins.mark(2, kim, "read", 140)
    assert not await store.bulletins.mark(99, kim, "read", 140)
    assert await store.bulletins.marks(one.id) == [
        BulletinMarks(one.id, kim, popped_at=100, read_at=110), BulletinMarks(one.id, lee, closed_at=130),
    ]  # fmt: skip
    assert [mark.bulletin_id for mark in await store.bulletins.marks_of(kim)] == [2, one.id]


async def test_what_people_did_goes_with_the_bulletin_and_where_all_are_asked_anew(bench: Bench):
    store, one = bench.store, bulletin(bench)
    await store.bulletins.put(one, 10, RECORD)
    await store.bulletins.mark(one.id, AccountId(5), "read", 100)
    await store.bulletins.put(replace(one, sealed=b"a word mended"), 10, RECORD)
    assert len(await store.bulletins.marks(one.id)) == 1
    await store.bulletins.put(one, 10, RECORD, anew=True)
    assert await store.bulletins.marks(one.id) == []
    await store.bulletins.mark(one.id, AccountId(5), "read", 100)
    assert await store.bulletins.drop(one.id, RECORD)
    assert not await store.bulletins.drop(one.id, RECORD)
    assert await store.bulletins.marks(one.id) == await store.bulletins.marks_of(AccountId(5)) == []


async def test_a_reminder_is_noted_once_a_day_and_its_note_can_be_taken_back(bench: Bench):
    store, account, message = bench.store, bench.account.id, MessageId(7)
    assert await store.list_reminding(account, message) == 0
    assert await store.note_list_reminding(account, message, 1_000, 0)
    assert not await store.note_list_reminding(account, message, 1_500, 600)
    assert await store.note_list_reminding(account, MessageId(8), 1_500, 600)
    assert await store.list_reminding(account, message) == 1_000
    assert await store.note_list_reminding(account, message, 2_000, 1_001)
    await store.forget_list_reminding(account, message)
    assert await store.list_reminding(account, message) == 0
