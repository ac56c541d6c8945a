"""Contract of the store: the search index of an account, on both drivers."""

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.errors import NotFound
from smartmail.domain.search import NewSegment, NewText, SearchChange, SearchState


async def texts(bench: Bench, *added, octets: bytes = b"sealed text", received_at: int = 5) -> list[NewText]:
    rows = await bench.store.messages(bench.account.id, [one.message_id for one in added])
    return [NewText(row.id, row.blob_id, received_at, octets) for row in rows]


async def test_an_index_begins_empty_and_is_due_when_mail_came(bench: Bench):
    account = bench.account.id
    assert await bench.store.search_state(account) == SearchState()
    assert await bench.store.search_due(10, 0) == []
    added = await bench.add()
    assert await bench.store.search_due(10, 0) == [account]
    (row,) = await bench.store.search_pending(account, (0, 0), 10)
    assert (row.id, row.modseq, row.indexed, row.size) == (added.message_id, added.modseq, False, 100)
    assert await bench.store.search_unindexed(account, 10) == [added.message_id]


async def test_texts_enter_the_tail_and_are_counted_once(bench: Bench):
    account = bench.account.id
    first, second = await bench.add_many(2)
    change = SearchChange(texts=await texts(bench, first, second), cursor=(first.modseq, second.message_id))
    state = await bench.store.search_apply(account, 0, change)
    assert state is not None and (state.indexed, state.generation, state.cursor) == (2, 0, first.modseq)
    again = await bench.store.search_apply(account, 0, SearchChange(texts=await texts(bench, first, octets=b"new")))
    assert again is not None and (again.indexed, again.generation) == (2, 1), "a text that changes is told to readers"
    view = await bench.store.search_view(account)
    assert (
        view.state == again
        and view.segments == []
        and [one for one, _at in view.tail] == [first.message_id, second.message_id]
    )
    found = dict(await bench.store.search_texts(account, [first.message_id, second.message_id, 999]))
    assert found == {first.message_id: b"new", second.message_id: b"sealed text"}
    assert await bench.store.search_pending(account, (state.cursor, state.cursor_message), 10) == []
    assert all(row.indexed for row in await bench.store.search_pending(account, (0, 0), 10))
    assert await bench.store.search_unindexed(account, 10) == []


async def test_a_step_of_an_older_generation_changes_nothing(bench: Bench):
    account = bench.account.id
    added = await bench.add()
    await bench.store.search_apply(account, 0, SearchChange(texts=await texts(bench, added)))
    segment = NewSegment(1, 1, 16, [(-1, b"contents"), (3, b"bucket")], [added.message_id])
    state = await bench.store.search_apply(account, 0, SearchChange(add=[segment]))
    assert state is not None and (state.generation, state.next_segment) == (1, 2)
    assert await bench.store.search_apply(account, 0, SearchChange(drop=[1])) is None
    view = await bench.store.search_view(account)
    assert [tuple(row)[:3] for row in view.segments] == [(1, 1, 16)] and view.tail == []
    assert sorted(await bench.store.search_buckets(account, [(1, 3), (1, -1), (1, 4), (2, 3)])) == [
        (1, -1, b"contents"), (1, 3, b"bucket"),
    ]  # fmt: skip
    assert await bench.store.search_segment(account, 1) == [(-1, b"contents"), (3, b"bucket")]


async def test_segments_die_and_are_replaced_in_one_step(bench: Bench):
    account = bench.account.id
    added = await bench.add()
    await bench.store.search_apply(account, 0, SearchChange(texts=await texts(bench, added)))
    await bench.store.search_apply(
        account, 0, SearchChange(add=[NewSegment(1, 1, 16, [(0, b"a")], [added.message_id])])
    )
    state = await bench.store.search_apply(account, 1, SearchChange(dead={1: b"\x01"}))
    assert state is not None and (await bench.store.search_view(account)).segments[0].dead == b"\x01"
    state = await bench.store.search_apply(account, 2, SearchChange(add=[NewSegment(2, 1, 16, [(0, b"b")])], drop=[1]))
    assert state is not None and state.generation == 3
    assert [row.id for row in (await bench.store.search_view(account)).segments] == [2]
    assert await bench.store.search_buckets(account, [(1, 0), (2, 0)]) == [(2, 0, b"b")]


async def test_what_was_destroyed_is_told_and_forgotten(bench: Bench):
    account = bench.account.id
    first, second = await bench.add_many(2)
    await bench.store.search_apply(account, 0, SearchChange(texts=await texts(bench, first, second)))
    late = await texts(bench, first)
    await bench.store.write(account, lambda tx: tx.destroy_messages([first.message_id]))
    found = await bench.store.search_gone(account, 0, 10)
    assert found is not None and found[0] == [first.message_id]
    assert await bench.store.search_gone(account, found[1], 10) == ([], found[1])
    state = await bench.store.search_apply(account, 0, SearchChange(forget=[first.message_id], gone=found[1]))
    assert state is not None and (state.indexed, state.gone) == (1, found[1])
    again = await bench.store.search_apply(account, state.generation, SearchChange(texts=late))
    assert again is not None and again.indexed == 1, "no text is kept of a message that has gone"
    assert await bench.store.search_texts(account, [first.message_id]) == []
    assert [one for one, _at in (await bench.store.search_view(account)).tail] == [second.message_id]


async def test_a_trimmed_log_is_told_and_orphans_are_found(bench: Bench):
    account = bench.account.id
    first, second = await bench.add_many(2)
    await bench.store.search_apply(account, 0, SearchChange(texts=await texts(bench, first, second)))
    await bench.store.write(account, lambda tx: tx.destroy_messages([second.message_id]))
    await bench.store.trim_changes(account, (await bench.store.account(account)).modseq)
    assert await bench.store.search_gone(account, 0, 10) is None
    assert await bench.store.search_orphans(account, 10) == [second.message_id]
    with pytest.raises(NotFound):
        await bench.store.search_gone(999, 0, 10)


async def test_an_index_that_was_read_in_an_older_way_is_due(bench: Bench):
    account = bench.account.id
    added = await bench.add()
    change = SearchChange(cursor=(added.modseq, added.message_id), gone=added.modseq)
    state = await bench.store.search_apply(account, 0, change)
    assert state is not None and state.reading == 0
    assert (await bench.store.search_due(10, 0), await bench.store.search_due(10, 1)) == ([], [account])
    state = await bench.store.search_apply(account, 0, SearchChange(reading=1))
    assert state is not None and state.reading == 1 and state == await bench.store.search_state(account)
    assert (await bench.store.search_due(10, 1), await bench.store.search_due(10, 2)) == ([], [account])


async def test_mail_is_marked_as_having_files_that_nobody_saw(bench: Bench):
    account = bench.account.id
    first, second = await bench.add_many(2)
    before = await bench.store.state(account, "message")
    await bench.store.write(account, lambda tx: tx.note_files([second.message_id, 999]))
    rows = {row.id: row for row in await bench.store.messages(account, [first.message_id, second.message_id])}
    assert [rows[one.message_id].has_attachment for one in (first, second)] == [False, True]
    assert rows[first.message_id].modseq <= before < rows[second.message_id].modseq
    assert await bench.store.state(account, "message") == rows[second.message_id].modseq


async def test_an_epoch_makes_texts_old(bench: Bench):
    account = bench.account.id
    added = await bench.add()
    await bench.store.search_apply(
        account,
        0,
        SearchChange(texts=await texts(bench, added), cursor=(added.modseq, added.message_id), gone=added.modseq),
    )
    assert await bench.store.search_due(10, 0) == []
    await bench.store.search_apply(account, 0, SearchChange(epoch=1, cursor=(0, 0)))
    assert await bench.store.search_due(10, 0) == [account]
    (row,) = await bench.store.search_pending(account, (0, 0), 10)
    assert not row.indexed
    assert await bench.store.search_unindexed(account, 10) == [], "an old text still answers"


async def test_pending_goes_on_after_a_place_within_one_transaction(bench: Bench):
    account = bench.account.id
    added = await bench.add_many(5)
    rows = await bench.store.search_pending(account, (0, 0), 2)
    assert [row.id for row in rows] == [one.message_id for one in added[:2]]
    rest = await bench.store.search_pending(account, (rows[-1].modseq, rows[-1].id), 10)
    assert [row.id for row in rest] == [one.message_id for one in added[2:]]


async def test_status_counts(bench: Bench):
    account = bench.account.id
    first, _second = await bench.add_many(2)
    await bench.store.search_apply(account, 0, SearchChange(texts=await texts(bench, first)))
    await bench.store.search_apply(account, 0, SearchChange(add=[NewSegment(1, 1, 16, [(0, b"abc"), (1, b"de")])]))
    assert tuple(await bench.store.search_status(account)) == (account, 2, 1, 1, 5, len(b"sealed text"))
    with pytest.raises(NotFound):
        await bench.store.search_status(999)
