"""Contract of the store: what is known of an event, on both drivers."""

from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.audit import AuditRecord

RECORD = AuditRecord(1, "system", "invitation.answer", "account:1")


async def test_two_writers_do_not_overwrite_each_other(bench: Bench):
    store, account = bench.store, bench.account.id
    assert await store.invitation(account, b"uid") is None
    assert not await store.put_invitation(account, b"uid", b"other", b"one", 5)
    assert await store.put_invitation(account, b"uid", None, b"one", 5, RECORD)
    assert not await store.put_invitation(account, b"uid", None, b"two", 6, RECORD)
    assert not await store.put_invitation(account, b"uid", b"other", b"two", 6, RECORD)
    assert await store.put_invitation(account, b"uid", b"one", b"two", 7)
    assert await store.invitation(account, b"uid") == b"two"
    assert await store.invitation(account, b"another") is None
    assert await store.put_invitation(account, b"later", None, b"three", 8)
    assert await store.put_invitation(account + 1, b"of others", None, b"four", 9)
    assert await store.invitations(account, 5) == [(b"later", b"three"), (b"uid", b"two")]
    assert await store.invitations(account, 1) == [(b"later", b"three")]
    actions = [row.record.action for row in await store.unchained_records("audit", 0, 100)]
    assert actions.count("invitation.answer") == 1
