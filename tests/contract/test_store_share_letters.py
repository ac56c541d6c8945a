"""Contract of the store: letters about shares that are still to be written, on both drivers."""

from dataclasses import replace

from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench, Lease
from tests.contract.test_store_queue import to

from smartmail.domain.ids import AccountId, MailboxId
from smartmail.domain.rights import Grantee
from smartmail.domain.share_letters import ShareLetter


def letter(bench: Bench, number: int = 1, **facts) -> ShareLetter:
    made = ShareLetter(
        bytes([number]) * 16, bench.account.id, "given", AccountId(7), Grantee("department", 1 << 55),
        frozenset(("l", "r", "sendAs")), 1 << 42, (MailboxId(0), MailboxId(3)), (AccountId(5), AccountId(1 << 60)), 100,
    )  # fmt: skip
    return replace(made, **facts)


async def test_what_is_to_be_told_comes_back_as_it_was_the_oldest_first(bench: Bench):
    store = bench.store
    late, early = letter(bench), letter(bench, 2, kind="over", rights=frozenset(), readers=(), created_at=50)
    assert await store.lease_share_letter(100, 200, "a") is None
    await store.add_share_letters([late, early])
    assert [await store.lease_share_letter(100, 200, "a") for _ in range(3)] == [early, late, None]
    # The lease is over: another worker has it, and the first one has not.
    assert await store.lease_share_letter(200, 300, "b") == early
    assert not await store.drop_share_letter(early.id, "a")
    assert await store.drop_share_letter(early.id, "b")
    assert not await store.drop_share_letter(early.id, "b")


async def test_a_reader_is_noted_together_with_their_letter_or_not_at_all(bench: Bench):
    store, row = bench.store, letter(bench)
    await store.add_share_letters([row])
    await store.lease_share_letter(100, 200, "a")
    first, second = bench.entry(to("a.test")), bench.entry(to("b.test"))
    assert await store.note_share_letter(row.id, "a", AccountId(5), 250, first)
    assert await store.lease_share_letter(200, 300, "b") is None
    # Whoever has lost the lease queues nothing.
    assert await store.lease_share_letter(250, 350, "b") == replace(row, told=AccountId(5))
    assert not await store.note_share_letter(row.id, "a", AccountId(6), 400, second)
    assert [one.id for one, _ in await store.queue_entries(10)] == [first.id]
    # One who gets no letter is noted all the same.
    assert await store.note_share_letter(row.id, "b", AccountId(1 << 60), 400, None)
    assert await store.lease_share_letter(400, 500, "c") == replace(row, told=AccountId(1 << 60))
    assert len(await store.queue_entries(10)) == 1


async def leased_share_letter(bench: Bench) -> Lease:
    await bench.store.add_share_letters([letter(bench)])
    return lambda worker, now, until: bench.store.lease_share_letter(now, until, worker)


LEASED = {"share-letters": leased_share_letter}
