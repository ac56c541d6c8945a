"""Contract of the store: what imports have noted, and what an administrator does to the queue, on both drivers."""

from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import START, Bench

from smartmail.domain.queue import NewRecipient, Pick


def recipient(domain: str, due: int = START, **values):
    return NewRecipient(domain, b"hash", b"sealed", next_at=due, **values)


async def test_imports_are_remembered_also_when_their_message_has_gone(bench: Bench):
    added = await bench.add()
    account = bench.account.id
    assert await bench.store.imported(account, []) == set()

    async def note(tx):
        return [await tx.remember_import(key, added.message_id) for key in (b"a" * 16, b"b" * 16, b"a" * 16)]

    assert await bench.store.write(account, note) == [True, True, False]
    await bench.store.write(account, lambda tx: tx.destroy_messages([added.message_id]))
    keys = [b"a" * 16, b"b" * 16, b"c" * 16]
    assert await bench.store.imported(account, keys) == {b"a" * 16, b"b" * 16}
    other = await bench.new_account("u2@acme.test")
    assert await bench.store.imported(other.id, keys) == set()


async def test_cancelling_removes_the_entry_and_releases_its_blob(bench: Bench):
    entry = bench.entry(recipient("b.test"), recipient("c.test", state="held", hold_reason="approval"))
    await bench.store.enqueue(entry)
    assert await bench.refs(entry.blob) == 1
    assert await bench.store.cancel_entry(entry.id)
    assert await bench.store.queue_entries(10) == []
    assert await bench.refs(entry.blob) == 0
    assert not await bench.store.cancel_entry(entry.id)


async def test_what_is_leased_is_not_cancelled(bench: Bench):
    entry = bench.entry(recipient("b.test"), recipient("c.test", START + 3_600_000))
    await bench.store.enqueue(entry)
    assert await bench.store.lease("w", now=START, until=START + 1000, picks=[Pick(0, "b.test")])
    assert not await bench.store.cancel_entry(entry.id)
    assert len(await bench.store.queue_entries(10)) == 1
