"""Contract of the store: the memory of the misdelivery guard (ports/store_correspondence.py), on both drivers."""

from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.correspondence import CorrespondenceRow


async def test_a_memory_is_kept_replaced_and_forgotten(bench: Bench):
    store, account = bench.store.correspondence, bench.account.id
    assert await store.of_account(account) is None
    first, second = CorrespondenceRow(account, 1, b"one"), CorrespondenceRow(account, 2, b"two")
    assert await store.put(first, 0)
    assert await store.of_account(account) == first
    assert await store.put(second, 1)
    assert await store.of_account(account) == second
    await store.forget(account)
    assert await store.of_account(account) is None


async def test_of_two_that_learn_at_once_the_later_starts_again(bench: Bench):
    store, account = bench.store.correspondence, bench.account.id
    await store.put(CorrespondenceRow(account, 5, b"five"), 0)
    assert await store.put(CorrespondenceRow(account, 6, b"mine"), 5)
    assert not await store.put(CorrespondenceRow(account, 6, b"theirs"), 5)
    found = await store.of_account(account)
    assert found is not None
    assert found.sealed == b"mine"
