"""Contract of the store: answers, long work, keys and webhooks of the admin API, on both drivers."""

from dataclasses import replace
from typing import Any

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench, Factory, Lease, gather

from smartmail.adapters.sql import SqlStore
from smartmail.domain.admin_api import AccountMarks, AccountOrder, AdminKeyRow, JobRow, WebhookRow
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists
from smartmail.domain.factors import FactorRow
from smartmail.domain.ids import AccountId, OrganizationId

NOW = 1_700_000_000_000
ONE, TWO = AccountId(1), AccountId(2)
HOME, OTHER = OrganizationId(1), OrganizationId(2)


def record(action: str) -> AuditRecord:
    return AuditRecord(NOW, "account:1", action, "thing:1")


async def actions(bench: Bench) -> list[str]:
    return [row.record.action for row in await bench.store.unchained_records("audit", 0, 1000)]


async def test_an_answer_is_claimed_once_and_kept(bench: Bench):
    store, until = bench.store, NOW + 1000
    assert await store.claim_answer(ONE, b"k", b"r", NOW, until) is None
    kept = await store.claim_answer(ONE, b"k", b"r", NOW, until)
    assert (kept.request_hash, kept.status, kept.sealed_answer) == (b"r", 0, None)
    assert await store.claim_answer(TWO, b"k", b"r", NOW, until) is None
    await store.keep_answer(ONE, b"k", 201, b"sealed", NOW + 5000)
    kept = await store.claim_answer(ONE, b"k", b"other", NOW + 4999, until)
    assert (kept.request_hash, kept.status, kept.sealed_answer) == (b"r", 201, b"sealed")
    assert await store.claim_answer(ONE, b"k", b"other", NOW + 5000, NOW + 9000) is None
    await store.drop_answer(ONE, b"k")
    assert await store.claim_answer(ONE, b"k", b"r", NOW, NOW + 2000) is None
    assert await store.forget_answers(NOW + 1000, 10) == 1
    assert await store.forget_answers(NOW + 2000, 10) == 1
    assert await store.forget_answers(NOW + 9000, 10) == 0


def job(home: OrganizationId = HOME, kind: str = "queue.act") -> JobRow:
    return JobRow(0, home, ONE, kind, "waiting", b"sealed", NOW, total=7)


async def alone(store: SqlStore, home: OrganizationId, kind: str) -> JobRow:
    return await store.add_job(job(home, kind), record("job.start"), alone=True)


async def test_a_job_is_leased_noted_and_ended(bench: Bench):
    store = bench.store
    first, second = (
        await store.add_job(job(), record("job.start")),
        await store.add_job(job(OTHER), record("job.start")),
    )
    assert (first.state, first.total, first.sealed_request) == ("waiting", 7, b"sealed")
    assert await store.job(first.id) == first
    assert await store.job(999) is None
    assert [one.id for one in await store.jobs(HOME, 0, 10)] == [first.id]
    leased = await store.lease_job(NOW, NOW + 60, "w1")
    assert (leased.id, leased.state, leased.started_at) == (first.id, "running", NOW)
    assert (await store.lease_job(NOW, NOW + 60, "w2")).id == second.id
    assert await store.lease_job(NOW, NOW + 60, "w3") is None
    assert await store.note_job(first.id, "w1", 3, 7, NOW + 120)
    assert not await store.note_job(first.id, "w2", 4, 7, NOW + 120)
    await store.keep_job(first.id, "w1", b"so far")
    await store.keep_job(second.id, "w9", b"another's")
    assert (await store.job(first.id)).sealed_result == b"so far"
    again = await store.lease_job(NOW + 60, NOW + 120, "w3")
    assert (again.id, again.sealed_result) == (second.id, None)
    assert not await store.note_job(second.id, "w2", 1, 1, NOW + 500)
    await store.end_job(second.id, "w2", "done", None, "", NOW)
    assert (await store.job(second.id)).state == "running"
    await store.end_job(first.id, "w1", "done", b"result", "", NOW + 70)
    await store.keep_job(first.id, "w1", b"too late")
    ended = await store.job(first.id)
    assert (ended.state, ended.done, ended.sealed_result, ended.ended_at) == ("done", 3, b"result", NOW + 70)
    assert not await store.cancel_job(first.id, NOW, record("job.cancel"))
    assert (await actions(bench)).count("job.start") == 2


async def test_a_job_is_ended_before_its_time(bench: Bench):
    store = bench.store
    waiting, running = [await store.add_job(job(), record("job.start")) for _ in range(2)]
    assert (await store.lease_job(NOW, NOW + 60, "w")).id == waiting.id
    waiting, running = running, waiting
    assert await store.cancel_job(waiting.id, NOW + 1, record("job.cancel"))
    assert ((await store.job(waiting.id)).state, (await store.job(waiting.id)).ended_at) == ("cancelled", NOW + 1)
    assert await store.cancel_job(running.id, NOW + 1, record("job.cancel"))
    assert ((await store.job(running.id)).state, (await store.job(running.id)).cancelling) == ("running", True)
    assert not await store.note_job(running.id, "w", 0, 0, NOW + 60)
    assert not await store.cancel_job(999, NOW, record("job.cancel"))
    assert (await actions(bench)).count("job.cancel") == 2
    newest = await store.jobs(HOME, 0, 1)
    assert [one.id for one in await store.jobs(HOME, newest[0].id, 10)] == [min(waiting.id, running.id)]


async def test_of_work_that_is_done_alone_one_waits_however_many_ask_at_once(bench: Bench, store_factory: Factory):
    stores = [bench.store, await store_factory.open(), await store_factory.open()]
    for number in range(10):
        asked = await gather(*(alone(one, home, f"backup.{number}") for one in stores for home in (HOME, OTHER)))
        assert sum(isinstance(one, JobRow) for one in asked) == 1
        assert sum(isinstance(one, AlreadyExists) for one in asked) == 5
    assert (await actions(bench)).count("job.start") == 10


async def test_work_that_is_done_alone_comes_again_after_the_end_of_the_one_before(bench: Bench):
    first = await alone(bench.store, HOME, "backup.take")
    assert (await bench.store.lease_job(NOW, NOW + 60, "w")).id == first.id
    with pytest.raises(AlreadyExists):
        await alone(bench.store, OTHER, "backup.take")
    await alone(bench.store, OTHER, "backup.rehearse")
    await bench.store.end_job(first.id, "w", "done", None, "", NOW)
    second = await alone(bench.store, OTHER, "backup.take")
    assert await bench.store.cancel_job(second.id, NOW, record("job.cancel"))
    await alone(bench.store, HOME, "backup.take")


async def test_work_of_a_node_of_before_counts_as_alone_too(bench: Bench):
    await bench.store.add_job(job(kind="backup.take"), record("job.start"))
    with pytest.raises(AlreadyExists):
        await alone(bench.store, OTHER, "backup.take")


async def test_keys_are_found_by_their_look_up(bench: Bench):
    store = bench.store
    new = AdminKeyRow(0, HOME, ONE, b"lookup", b"label", ("a.read", "b.read"), ("192.0.2.0/24",), NOW, NOW + 9)
    made = await store.add_admin_key(new, record("key.new"))
    assert made == replace(new, id=made.id)
    assert await store.admin_key(b"lookup") == made
    assert await store.admin_key(b"other") is None
    assert await store.admin_keys(HOME) == [made]
    assert await store.admin_keys(OTHER) == []
    await store.touch_admin_key(made.id, NOW + 3)
    assert (await store.admin_key(b"lookup")).last_used_at == NOW + 3
    assert await store.delete_admin_key(made.id, record("key.delete"))
    assert not await store.delete_admin_key(made.id, record("key.delete"))
    assert (await actions(bench)).count("key.delete") == 1


async def test_accounts_come_in_pages_of_their_organisation(bench: Bench):
    first = bench.account
    rows = await bench.store.account_page(first.organization_id, AccountId(0), 10)
    assert [one.id for one in rows] == sorted(one.id for one in await bench.store.accounts(first.organization_id))
    assert await bench.store.account_page(first.organization_id, rows[-1].id, 10) == []
    assert await bench.store.account_page(OrganizationId(999), AccountId(0), 10) == []


def hook(next_at: int = NOW) -> WebhookRow:
    return WebhookRow(0, HOME, b"sealed", ("account", "job"), "active", 5, next_at, NOW, NOW)


async def test_a_webhook_is_leased_and_its_place_moves(bench: Bench):
    store = bench.store
    row = await store.add_webhook(hook(), record("webhook.new"))
    later = await store.add_webhook(hook(NOW + 50), record("webhook.new"))
    assert await store.webhook(row.id) == row
    assert await store.webhooks(HOME) == [row, later]
    assert await store.webhooks(OTHER) == []
    assert [one.id for one in await store.due_webhooks(NOW, 10)] == [row.id]
    assert [one.id for one in await store.due_webhooks(NOW + 50, 10)] == [row.id, later.id]
    assert await store.lease_webhook(row.id, NOW, NOW + 60, "w1") == row
    assert await store.lease_webhook(row.id, NOW, NOW + 60, "w2") is None
    assert await store.due_webhooks(NOW, 10) == []
    moved = replace(row, seq=9, last_at=NOW + 1, last_status=200)
    assert await store.note_webhook(moved, "w1", due=True)
    assert await store.lease_webhook(row.id, NOW, NOW + 60, "w2") is None
    failed = replace(moved, attempts=2, failing_since=NOW, next_at=NOW + 40, last_status=0)
    assert not await store.note_webhook(failed, "w2", due=False)
    assert await store.note_webhook(failed, "w1", due=False)
    assert await store.webhook(row.id) == failed
    assert await store.lease_webhook(row.id, NOW + 40, NOW + 99, "w2") == failed


async def test_a_change_of_a_webhook_takes_it_from_who_works_for_it(bench: Bench):
    store = bench.store
    row = await store.add_webhook(hook(), record("webhook.new"))
    leased = await store.lease_webhook(row.id, NOW, NOW + 60, "w")
    await store.change_webhook(replace(row, seq=1, state="paused", changed_at=NOW + 1), record("webhook.change"))
    assert not await store.note_webhook(replace(leased, seq=8), "w", due=False)
    assert (await store.webhook(row.id)).seq == 1
    assert await store.due_webhooks(NOW, 10) == []
    assert await store.delete_webhook(row.id, record("webhook.delete"))
    assert not await store.delete_webhook(row.id, record("webhook.delete"))
    assert [one for one in await actions(bench) if one.startswith("webhook")] == [
        "webhook.new", "webhook.change", "webhook.delete",
    ]  # fmt: skip


async def test_accounts_are_found_by_part_of_a_text(bench: Bench):
    store, home = bench.store, bench.organization_id
    kim = await bench.new_account("minji@acme.test", department="Sales_1", title="책임")
    lee = await bench.new_account("LEE%x@acme.test".lower(), department="영업팀")
    first = bench.account

    async def found(words: str, state: str = "", after: int = 0, limit: int = 10) -> list[int]:
        rows = await store.find_accounts(home, AccountMarks(words, state), after, limit)  # type: ignore[arg-type]
        return [int(one.id) for one in rows]

    assert await found("MINJI") == [kim.id]
    assert await found("영업") == [lee.id]
    assert await found("책임") == [kim.id]
    assert await found("sales_") == [kim.id]
    # Signs that patterns are made of are signs.
    assert await found("%x") == [lee.id] and await found("_1") == [kim.id] and await found("!") == []
    assert await found("acme", limit=2) == [first.id, kim.id]
    assert await found("acme", after=kim.id) == [lee.id]
    await store.update_account(kim.id, state="closed")
    assert await found("", "closed") == [kim.id]
    assert await found("minji", "active") == []


async def test_accounts_are_narrowed_ordered_and_counted(bench: Bench):
    store, home = bench.store, bench.organization_id
    first = await store.account(bench.account.id)
    na = await bench.new_account("na@acme.test", department="영업팀")
    ga = await bench.new_account("ga@other.test", department="개발팀")
    await store.add_factor(FactorRow(0, ga.id, "totp", b"s", b"l", NOW), record("factor.add"))

    async def found(marks: AccountMarks, order: AccountOrder = "id", **more: Any) -> list[int]:
        rows = await store.find_accounts(home, marks, more.pop("after", 0), more.pop("limit", 10), order, **more)
        assert await store.count_accounts(home, marks) >= len(rows)
        return [int(one.id) for one in rows]

    assert await found(AccountMarks(domain="OTHER.test")) == [ga.id]
    assert await found(AccountMarks(domain="%")) == []
    assert await found(AccountMarks(factor="none", words="acme")) == [first.id, na.id]
    assert await found(AccountMarks(factor="any")) == await found(AccountMarks(factor="totp")) == [ga.id]
    assert await found(AccountMarks(factor="passkey")) == []
    assert await found(AccountMarks(kind="shared")) == []
    every = await found(AccountMarks(), "name")
    assert every.index(ga.id) < every.index(na.id)
    # Each part goes on behind the last account of the one before, in every order and both ways.
    for order in ("id", "name", "department", "state", "used", "messages"):
        for way in (False, True):
            whole = await found(AccountMarks(), order, descending=way)
            assert sorted(whole) == sorted(every)
            parts = [await found(AccountMarks(), order, descending=way, after=one, limit=1) for one in (0, *whole)]
            assert parts == [*([one] for one in whole), []]
    assert await store.count_accounts(home, AccountMarks()) == len(every)
    assert await store.count_accounts(home, AccountMarks(words="영업")) == 1
    assert await store.factor_kinds([na.id, ga.id]) == [(ga.id, "totp")]


async def leased_admin_job(bench: Bench) -> Lease:
    await bench.store.add_job(job(), record("job.start"))
    return lambda worker, now, until: bench.store.lease_job(now, until, worker)


async def leased_webhook(bench: Bench) -> Lease:
    row = await bench.store.add_webhook(hook(), record("webhook.new"))
    return lambda worker, now, until: bench.store.lease_webhook(row.id, now, until, worker)


LEASED = {"admin-jobs": leased_admin_job, "webhooks": leased_webhook}
