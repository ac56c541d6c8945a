"""Contract of the store: cases of phishing, mailboxes of reports, purges (ports/store_cases.py), on both drivers."""

from dataclasses import replace

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import START, Bench

from smartmail.domain.audit import AuditRecord
from smartmail.domain.cases import CaseRow, PurgeHit, PurgeRow
from smartmail.domain.errors import AlreadyExists, NotFound
from smartmail.domain.queue import NewRecipient

AUDIT = AuditRecord(START + 50, "cli", "case.confirmed", "case:1")


def new_case(bench: Bench, at: int = START):
    blob = bench.blob()
    return CaseRow(0, bench.organization_id, "open", b"similar!", b"sealed", blob.id, b"key", at, at, 1), blob


async def test_a_case_begins_with_its_report_its_evidence_and_its_notices(bench: Bench):
    store, me = bench.store, bench.account.id
    row, blob = new_case(bench)
    notice = bench.entry(NewRecipient("desk.test", b"h", b"s"))
    made = await store.open_case(row, blob, (me, 5), [notice])
    assert made == replace(row, id=made.id)
    assert await store.case(made.id) == made
    assert await store.reported(me, [5, 6]) == {5: made.id}
    assert await store.reporters(made.id) == [(me, 5, START)]
    assert (await store.blob(blob.id)).size == blob.size
    assert len(await store.queue_entries(5)) == 1
    # The same message begins no second one, and leaves nothing of it.
    other, second = new_case(bench)
    with pytest.raises(AlreadyExists):
        await store.open_case(other, second, (me, 5), [bench.entry(NewRecipient("desk.test", b"h", b"s"))])
    assert [one.id for one in await store.cases(None)] == [made.id]
    assert len(await store.queue_entries(5)) == 1
    with pytest.raises(NotFound):
        await store.blob(second.id)


async def test_reports_are_added_once(bench: Bench):
    store, me = bench.store, bench.account.id
    row, blob = new_case(bench)
    made = await store.open_case(row, blob, (me, 5), [])
    assert await store.add_report(made.id, (me, 6), b"more", START + 9)
    assert not await store.add_report(made.id, (me, 6), b"again", START + 10)
    kept = await store.case(made.id)
    assert (kept.reports, kept.sealed, kept.changed_at, kept.opened_at) == (2, b"more", START + 9, START)
    with pytest.raises(NotFound):
        await store.add_report(999, (me, 7), b"x", START)
    assert await store.reported(me, [7]) == {}


async def test_cases_by_organisation_and_time(bench: Bench):
    store, me = bench.store, bench.account.id
    for number, at in enumerate((START, START + 20, START + 10)):
        row, blob = new_case(bench, at)
        await store.open_case(row, blob, (me, number), [])
    assert [one.changed_at - START for one in await store.cases(bench.organization_id)] == [20, 10, 0]
    assert [one.changed_at - START for one in await store.cases(None, since=START + 10, limit=1)] == [20]
    assert await store.cases(bench.organization_id + 1) == []
    await store.set_case((await store.cases(None))[-1].id, "confirmed", b"new", AUDIT)
    first = (await store.cases(None))[0]
    assert (first.state, first.sealed, first.changed_at) == ("confirmed", b"new", AUDIT.at)
    with pytest.raises(NotFound):
        await store.set_case(999, "open", b"", AUDIT)
    assert len(await store.unchained_records("audit", 0, 1000)) == 1


async def test_what_lies_in_a_mailbox_of_reports(bench: Bench):
    store, me = bench.store, bench.account.id
    box = await bench.new_mailbox("report")
    await store.put_report_mailbox(me, bench.inbox.id)
    await store.put_report_mailbox(me, box.id)
    assert await store.moved_to_report(5) == []
    added = await store.write(me, lambda tx: tx.add_message(bench.message()))
    assert await store.moved_to_report(5) == []
    await store.write(me, lambda tx: tx.place(box.id, [added.message_id]))
    assert await store.moved_to_report(5) == [(me, box.id, added.message_id)]


async def test_a_purge_is_noted_with_everything_it_is_on(bench: Bench):
    store, me = bench.store, bench.account.id
    row = PurgeRow(0, bench.organization_id, "running", b"sealed", "cli", START, START)
    made = await store.begin_purge(row, [PurgeHit(me, 2), PurgeHit(me, 1), PurgeHit(me + 1, 1)], AUDIT)
    assert made == replace(row, id=made.id)
    await store.mark_hits(made.id, me, [1], "purged")
    assert await store.purge_hits(made.id) == [PurgeHit(me, 1, "purged"), PurgeHit(me, 2), PurgeHit(me + 1, 1)]
    await store.set_purge(made.id, "done", AUDIT)
    assert await store.purges() == [replace(made, state="done", changed_at=AUDIT.at)]
    with pytest.raises(NotFound):
        await store.set_purge(999, "done", AUDIT)
    assert len(await store.unchained_records("audit", 0, 1000)) == 2
