"""Contract of the store: the vault, tags, and messages by keyword (ports/store_vault.py), on both drivers."""

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.errors import NotFound
from smartmail.domain.keywords import DRAFT, FLAGGED, SEEN, Keywords


async def test_what_is_destroyed_lies_in_the_vault_as_it_was(bench: Bench):
    other = await bench.new_mailbox("other")
    blob = bench.blob(9)
    added = await bench.add(keywords=Keywords(SEEN | FLAGGED), blob=blob)
    number = added.message_id
    await bench.store.write(bench.account.id, lambda tx: tx.place(other.id, [number]))
    (before,) = await bench.store.messages(bench.account.id, [number])
    sealed = (await bench.store.summaries(bench.account.id, [number]))[0][2]
    bench.now[0] += 5
    await bench.store.write(bench.account.id, lambda tx: tx.destroy_messages([number]))
    rows, total = await bench.store.vault(bench.account.id, position=0, limit=10)
    assert total == 1
    (row,) = rows
    assert row == (await bench.store.vault_rows(bench.account.id, [number]))[0]
    assert (row.message_id, row.thread_id, row.blob_id, row.wrapped_key, row.size, row.received_at, row.sent_at) == (
        before.id, before.thread_id, before.blob_id, before.wrapped_key, before.size, before.received_at, before.sent_at,
    )  # fmt: skip
    assert (row.keywords, row.has_attachment, row.sealed_summary) == (before.keywords, before.has_attachment, sealed)
    assert sorted(row.mailboxes) == [bench.inbox.id, other.id]
    assert (row.reason, row.replaced_by, row.at) == ("deleted", None, bench.now[0])
    account = await bench.store.account(bench.account.id)
    assert (account.used, account.messages) == (0, 0)
    assert await bench.refs(blob) == 1
    assert await bench.store.dead_blobs(bench.now[0] + 1, 10) == []


async def test_every_way_to_go_leads_there(bench: Bench):
    box = await bench.new_mailbox("box")
    one, two, three = [(await bench.add(box.id)).message_id for _ in range(3)]
    write = bench.store.write
    await write(bench.account.id, lambda tx: tx.remove_placements(box.id, [1]))
    await write(bench.account.id, lambda tx: tx.set_aside([two], reason="recalled"))
    await write(bench.account.id, lambda tx: tx.destroy_mailbox(box.id))
    rows, total = await bench.store.vault(bench.account.id, position=0, limit=10)
    assert (total, {row.message_id for row in rows}) == (3, {one, two, three})
    assert {row.message_id: row.reason for row in rows}[two] == "recalled"
    assert all(row.mailboxes == (box.id,) for row in rows)


async def test_drafts_and_discarded_messages_leave_nothing(bench: Bench):
    draft = (await bench.add(keywords=Keywords(DRAFT))).message_id
    mail = (await bench.add()).message_id
    await bench.store.write(bench.account.id, lambda tx: tx.destroy_messages([draft]))
    assert await bench.store.write(bench.account.id, lambda tx: tx.discard_messages([mail])) == [mail]
    assert await bench.store.vault(bench.account.id, position=0, limit=10) == ([], 0)
    assert len(await bench.store.dead_blobs(bench.now[0] + 1, 10)) >= 1


async def test_the_vault_is_listed_from_the_last(bench: Bench):
    for _ in range(3):
        number = (await bench.add()).message_id
        bench.now[0] += 10
        await bench.store.write(bench.account.id, lambda tx, number=number: tx.destroy_messages([number]))
    rows, total = await bench.store.vault(bench.account.id, position=1, limit=1)
    assert (total, [row.message_id for row in rows]) == (3, [2])


async def test_taken_from_the_vault_the_reference_goes_on(bench: Bench):
    blob = bench.blob(3)
    number = (await bench.add(blob=blob)).message_id
    await bench.store.write(bench.account.id, lambda tx: tx.destroy_messages([number]))
    assert await bench.refs(blob) == 1

    async def body(tx):
        (row,) = await tx.take_from_vault([number, 77])
        return await tx.add_message(bench.message(blob=blob)), row

    added, row = await bench.store.write(bench.account.id, body)
    assert (row.message_id, added.message_id) == (number, number + 1)
    assert await bench.refs(blob) == 1
    assert await bench.store.vault_rows(bench.account.id, [number]) == []


async def test_purging_goes_by_age_and_frees_blobs(bench: Bench):
    blobs = [bench.blob(10 + n) for n in range(3)]
    for blob in blobs:
        number = (await bench.add(blob=blob)).message_id
        bench.now[0] += 100
        await bench.store.write(bench.account.id, lambda tx, number=number: tx.destroy_messages([number]))
    ages = await bench.store.vault_ages()
    assert ages == [(bench.account.id, bench.now[0] - 200)]
    assert await bench.store.purge_vault(bench.account.id, before=bench.now[0], limit=1) == 1
    assert await bench.store.purge_vault(bench.account.id, before=bench.now[0], limit=10) == 1
    assert await bench.store.purge_vault(bench.account.id, before=bench.now[0], limit=10) == 0
    assert [await bench.refs(blob) for blob in blobs] == [0, 0, 1]


async def tag(bench: Bench, name: bytes) -> int:
    return await bench.store.write(bench.account.id, lambda tx: tx.keyword_number(name, b"sealed " + name))


async def counts(bench: Bench) -> dict[int, tuple[int, int]]:
    return {row.id: (row.messages, row.unread) for row in await bench.store.tags(bench.account.id)}


async def test_keywords_are_counted_through_all_that_happens(bench: Bench):
    one, two = await tag(bench, b"one"), await tag(bench, b"two")
    write, account = bench.store.write, bench.account.id
    for number in (one, two):
        await write(account, lambda tx, number=number: tx.put_tag(number, b"name"))
    first = (await bench.add(keywords=Keywords(0, (one, two)))).message_id
    second = (await bench.add(keywords=Keywords(SEEN, (one,)))).message_id
    assert await counts(bench) == {one: (2, 1), two: (1, 1)}
    await write(account, lambda tx: tx.set_keywords({first: Keywords(SEEN, (two,)), second: Keywords(0, (one, two))}))
    assert await counts(bench) == {one: (1, 1), two: (2, 1)}
    ids, total = await bench.store.tagged_messages(account, two, position=0, limit=10)
    assert (sorted(ids), total) == ([first, second], 2)
    assert await bench.store.tagged_messages(account, one, position=0, limit=10) == ([second], 1)
    await write(account, lambda tx: tx.destroy_messages([second]))
    assert await counts(bench) == {one: (0, 0), two: (1, 0)}
    assert await bench.store.tagged_messages(account, two, position=0, limit=10) == ([first], 1)


async def test_tags_are_made_changed_and_told(bench: Bench):
    number = await tag(bench, b"work")
    write, account = bench.store.write, bench.account.id
    made = await write(account, lambda tx: tx.put_tag(number, b"name"))
    assert (made.id, made.sealed, made.sealed_keyword, made.messages) == (number, b"name", b"sealed work", 0)
    since = made.modseq
    await bench.add(keywords=Keywords(0, (number,)))
    changed = await write(account, lambda tx: tx.put_tag(number, b"other"))
    assert (changed.created_modseq, changed.messages, changed.unread) == (made.created_modseq, 1, 1)
    assert await bench.store.tags(account) == [changed]
    told = await bench.store.changes(account, "tag", since, 10)
    assert (list(told.created), list(told.updated), list(told.destroyed)) == ([], [number], [])
    assert told.until == await bench.store.state(account, "tag") == changed.modseq
    await write(account, lambda tx: tx.destroy_tag(number))
    assert list((await bench.store.changes(account, "tag", since, 10)).destroyed) == [number]
    assert (await bench.store.tagged_messages(account, number, position=0, limit=5))[1] == 1
    for act in (lambda tx: tx.destroy_tag(number), lambda tx: tx.put_tag(99, b"")):
        with pytest.raises(NotFound):
            await write(account, act)
