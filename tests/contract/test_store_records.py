"""What is made of records, on both drivers (ports.store_records)."""

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import START, Bench

from smartmail.domain.account import Hold
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import NotFound, StateMismatch
from smartmail.domain.ids import AccountId, MessageId
from smartmail.domain.records import Destruction, Investigation, ReviewRow, SignedAnchor

RECORD = AuditRecord(START, "cli", "a.b", "policy", door="cli")


async def audited(bench: Bench) -> int:
    return len(await bench.store.unchained_records("audit", 0, 100))


async def test_a_day_has_one_anchor(bench: Bench):
    store = bench.store
    one, two = (SignedAnchor(f"2026-01-0{day}", START + day, f"{{{day}}}", b"s%d" % day) for day in (1, 2))
    assert [await store.add_anchor(anchor, RECORD) for anchor in (one, two, one)] == [True, True, False]
    assert await store.signed_anchors(9) == [two, one]
    assert await store.signed_anchors(1) == [two]
    assert await audited(bench) == 2


async def test_a_month_has_one_review_signed_once(bench: Bench):
    store, home = bench.store, bench.organization_id
    row = ReviewRow(home, "2026-01", START, START + 7, AccountId(0), None, None, None, b"body", None)
    assert [await store.add_review(row, RECORD) for _ in range(2)] == [True, False]
    assert await store.reviews(home, 5) == await store.reviews(None, 5) == [row]
    assert await store.set_reviewer(home, "2026-01", bench.account.id, RECORD)
    assert [await store.mark_review(home, "2026-01", START + 9) for _ in range(2)] == [True, False]
    signing = (home, "2026-01", bench.account.id, START + 10, b"comment", RECORD)
    assert [await store.sign_review(*signing) for _ in range(2)] == [True, False]
    assert not await store.set_reviewer(home, "2026-01", AccountId(0), RECORD)
    mine = bench.account.id
    expected = ReviewRow(home, "2026-01", START, START + 7, mine, START + 10, mine, START + 9, b"body", b"comment")
    assert await store.reviews(home, 5) == [expected]
    assert await audited(bench) == 3


async def test_an_investigation_is_confirmed_once_by_somebody_else(bench: Bench):
    store, home, mine = bench.store, bench.organization_id, bench.account.id
    one = Investigation(0, home, mine, START, START + 9, "account:5", "", None, b"why")
    number = await store.add_investigation(one, RECORD)
    assert not await store.confirm_investigation(number, "account:5", START + 1, RECORD)
    assert await store.confirm_investigation(number, "account:6", START + 1, RECORD)
    assert not await store.confirm_investigation(number, "account:7", START + 2, RECORD)
    expected = Investigation(number, home, mine, START, START + 9, "account:5", "account:6", START + 1, b"why")
    assert await store.investigations() == await store.investigations(home) == [expected]
    assert await store.investigations(account_id=mine) == [expected]
    assert await store.investigations(account_id=AccountId(99)) == []
    assert await audited(bench) == 2


async def test_a_key_is_destroyed_once_and_never_under_a_hold(bench: Bench):
    store, mine = bench.store, bench.account.id
    entry = Destruction(
        0, bench.organization_id, START, "account", f"account:{mine}", "ground", "cli", "", "key", {"messages": 3},
        ("ab",), b"note",
    )  # fmt: skip
    with pytest.raises(NotFound):
        await store.destroy_account_key(AccountId(999), entry, RECORD)
    await store.put_hold(Hold(mine, MessageId(0), "matter", START, "cli"), RECORD)
    with pytest.raises(StateMismatch):
        await store.destroy_account_key(mine, entry, RECORD)
    assert (await store.account(mine)).wrapped_key
    await store.release_hold(mine, MessageId(0), "matter", RECORD)
    before = await audited(bench)
    number = await store.destroy_account_key(mine, entry, RECORD)
    gone = await store.account(mine)
    assert (gone.wrapped_key, gone.state, gone.name) == (b"", "closed", "")
    assert gone.login == "u1@acme.test"
    with pytest.raises(StateMismatch):
        await store.destroy_account_key(mine, entry, RECORD)
    (kept,) = await store.destructions(bench.organization_id, 9)
    assert kept == Destruction(
        number, bench.organization_id, START, "account", f"account:{mine}", "ground", "cli", "", "key",
        {"messages": 3}, ("ab",), b"note",
    )  # fmt: skip
    assert await store.destructions(None, 9) == [kept]
    assert await audited(bench) == before + 1
