"""Contract of the store: what imports have noted, on both drivers."""

from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench


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
