"""Contract of the store: directory, configuration, cluster (ports), on both drivers."""

from dataclasses import replace

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.account import Credential, DomainRow, NewAccount, Session
from smartmail.domain.audit import AuditRecord
from smartmail.domain.cluster import NodeRow
from smartmail.domain.errors import AlreadyExists, NotFound
from smartmail.domain.ids import BlobId
from smartmail.domain.message import BlobRow
from smartmail.domain.signing import SigningKeyRow


async def test_organizations(bench: Bench):
    made = await bench.store.create_organization("Beta", lambda n: (b"key%d" % n, b"queue%d" % n))
    assert (made.wrapped_key, made.wrapped_queue_key) == (b"key%d" % made.id, b"queue%d" % made.id)
    with pytest.raises(AlreadyExists):
        await bench.store.create_organization("Beta", lambda n: (b"", b""))
    assert await bench.store.organization(made.id) == made
    assert [o.name for o in await bench.store.organizations()] == ["Acme", "Beta"]
    with pytest.raises(NotFound):
        await bench.store.organization(99)


async def test_domains(bench: Bench):
    row = DomainRow("acme.test", bench.organization_id)
    await bench.store.add_domain(row)
    with pytest.raises(AlreadyExists):
        await bench.store.add_domain(row)
    await bench.store.add_domain(DomainRow("a.test", bench.organization_id, "closed"))
    assert await bench.store.domain("acme.test") == row
    assert await bench.store.domain("other.test") is None
    assert [d.name for d in await bench.store.domains()] == ["a.test", "acme.test"]


async def test_accounts(bench: Bench):
    account = await bench.new_account("kim@acme.test", quota=5, department="개발", title="부장")
    assert account.wrapped_key == b"wrapped%d" % account.id
    assert (account.login, account.quota, account.department, account.title) == ("kim@acme.test", 5, "개발", "부장")
    assert (account.state, account.modseq, account.used, account.auth_epoch) == ("active", 0, 0, 0)
    assert await bench.store.account(account.id) == account
    with pytest.raises(AlreadyExists):
        await bench.new_account("kim@acme.test")
    with pytest.raises(NotFound):
        new = NewAccount(99, "person", "x@acme.test", "", "ko", False, None)
        await bench.store.create_account(new, lambda n: b"")
    assert [a.login for a in await bench.store.accounts()] == ["kim@acme.test", "u1@acme.test"]
    assert await bench.store.accounts(99) == []
    assert len(await bench.store.accounts(bench.organization_id)) == 2


async def test_administrators(bench: Bench):
    async def made(login, organization, *, is_admin=True, **more):
        new = NewAccount(organization, "person", login, "", "ko", is_admin, None)
        account = await bench.store.create_account(new, lambda n: b"wrapped")
        return await bench.store.update_account(account.id, **more) if more else account

    other = await bench.store.create_organization("other", lambda n: (b"", b""))
    ours = bench.organization_id
    for login in ("b@acme.test", "a@acme.test"):
        await made(login, ours)
    await made("none@acme.test", ours, is_admin=False)
    await made("away@acme.test", ours, state="suspended")
    await made("c@other.test", other.id)
    assert [a.login for a in await bench.store.administrators(ours)] == ["a@acme.test", "b@acme.test"]
    assert [a.login for a in await bench.store.administrators(other.id)] == ["c@other.test"]
    assert [a.login for a in await bench.store.administrators()] == ["a@acme.test", "b@acme.test", "c@other.test"]


async def test_a_failed_account_leaves_nothing(bench: Bench):
    await bench.store.add_address("taken@acme.test", bench.account.id)
    with pytest.raises(AlreadyExists):
        await bench.new_account("taken@acme.test")

    def fails(number):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        new = NewAccount(bench.organization_id, "person", "x@acme.test", "", "ko", False, None)
        await bench.store.create_account(new, fails)
    assert [a.login for a in await bench.store.accounts()] == ["u1@acme.test"]
    await bench.new_account("x@acme.test")


async def test_update_account_changes_only_what_is_given(bench: Bench):
    store, number = bench.store, bench.account.id
    changed = await store.update_account(number, name="이름", language="en", is_admin=True, quota=7, raise_epoch=True)
    assert (changed.name, changed.language, changed.is_admin, changed.quota, changed.auth_epoch) == (
        "이름", "en", True, 7, 1,
    )  # fmt: skip
    same = await store.update_account(number)
    assert same == changed
    lifted = await store.update_account(number, quota=-1, is_admin=False, state="closed")
    assert (lifted.quota, lifted.is_admin, lifted.state, lifted.name) == (None, False, "closed", "이름")
    with pytest.raises(NotFound):
        await store.update_account(99, name="")


async def test_addresses(bench: Bench):
    store, number = bench.store, bench.account.id
    await store.add_address("alias@acme.test", number)
    with pytest.raises(AlreadyExists):
        await store.add_address("alias@acme.test", number)
    with pytest.raises(NotFound):
        await store.add_address("b@acme.test", 99)
    assert await store.addresses(number) == ["u1@acme.test", "alias@acme.test"]
    wanted = ["alias@acme.test", "u1@acme.test", "none@acme.test"]
    assert await store.resolve(wanted) == {"alias@acme.test": number, "u1@acme.test": number}
    assert await store.resolve([]) == {}
    await store.update_account(number, state="closed")
    assert await store.resolve(wanted) == {}


async def test_credentials(bench: Bench):
    store, number = bench.store, bench.account.id
    first = await store.put_credential(Credential(0, number, "password", "v1", 1))
    app = await store.put_credential(Credential(0, number, "app", "v2", 2, 99, b"phone"))
    second = await store.put_credential(Credential(0, number, "password", "v3", 3))
    assert await store.credentials(number) == sorted([app, second], key=lambda c: c.id)
    assert second.id != first.id
    changed = await store.put_credential(Credential(app.id, number, "app", "v4", 2, None, b"tablet"))
    assert (changed.id, changed.verifier) == (app.id, "v4")
    with pytest.raises(NotFound):
        await store.put_credential(Credential(999, number, "app", "", 0))
    await store.delete_credential(99, app.id)
    await store.delete_credential(number, app.id)
    assert await store.credentials(number) == [second]


async def test_sessions(bench: Bench):
    store, number = bench.store, bench.account.id
    session = Session(b"hash", number, 1, 100, 0)
    await store.put_session(session)
    assert await store.session(b"hash") == session
    await store.put_session(Session(b"hash", number, 1, 200, 1))
    assert await store.session(b"hash") == Session(b"hash", number, 1, 200, 1)
    assert await store.expire(199) == 0
    assert await store.expire(200) == 1
    assert await store.session(b"hash") is None
    await store.put_session(session)
    await store.delete_session(b"hash")
    assert await store.session(b"hash") is None


async def test_settings(bench: Bench):
    store = bench.store
    await store.put_setting("org:1", "retry", "[1]", audit=AuditRecord(1, "actor", "setting.put", "retry"))
    await store.put_setting("org:1", "retry", "[2]")
    await store.put_setting("org:2", "retry", "[3]")
    assert await store.setting("org:1", "retry") == "[2]"
    assert await store.settings("org:1") == {"retry": "[2]"}
    await store.put_setting("org:1", "retry", None)
    assert await store.setting("org:1", "retry") is None
    assert await store.settings("org:1") == {}


async def test_audit_is_part_of_the_transaction(bench: Bench):
    record = AuditRecord(1, "a", "mailbox.destroy", "2", "::1", b"sealed")
    await bench.store.audit(record)
    await bench.store.write(bench.account.id, lambda tx: tx.audit(record))

    async def failing(tx):
        await tx.audit(record)
        raise ValueError

    with pytest.raises(ValueError):
        await bench.store.write(bench.account.id, failing)
    rows = await bench.store._db.rows("select account_id, action, sealed_detail from audit order by id")
    assert [tuple(row) for row in rows] == [
        (None, "mailbox.destroy", b"sealed"), (bench.account.id, "mailbox.destroy", b"sealed"),
    ]  # fmt: skip


async def test_dkim_keys(bench: Bench):
    store = bench.store
    one = SigningKeyRow("acme.test", "s1", "ed25519", b"2", "published", 10, 10)
    two = SigningKeyRow("acme.test", "s2", "rsa", b"3", "active", 5, 6)
    await store.put_dkim_key(replace(two, sealed=b"1", state="retired"))
    await store.put_dkim_key(one)
    await store.put_dkim_key(two)
    assert await store.dkim_keys("acme.test") == [one, two]
    assert await store.dkim_keys("other.test") == []
    await store.set_dkim_states("acme.test", {"s1": "active", "s2": "retired", "s3": "active"}, at=20)
    one, two = replace(one, state="active", changed_at=20), replace(two, state="retired", changed_at=20)
    assert await store.dkim_keys("acme.test") == [one, two]
    assert await store.drop_dkim_key("acme.test", "s2")
    assert not await store.drop_dkim_key("acme.test", "s2")
    assert await store.dkim_keys("acme.test") == [one]


async def test_tokens_are_used_once(bench: Bench):
    store, now = bench.store, bench.now[0]
    await store.put_once(b"t1", "setup", now + 1)
    await store.put_once(b"t2", "setup", now)
    assert await store.use_once(b"t1") == "setup"
    assert await store.use_once(b"t1") is None
    assert await store.use_once(b"t2") is None
    assert await store.use_once(b"t3") is None


async def test_volumes(bench: Bench):
    store = bench.store
    volume = await store.add_volume("local", "{}", 5)
    assert (volume.kind, volume.state, volume.config, volume.weight) == ("local", "online", "{}", 5)
    other = await store.add_volume("s3", "{}", 0)
    assert await store.volumes() == [volume, other]


async def test_nodes_are_seen_for_a_minute(bench: Bench):
    store = bench.store
    a, b = NodeRow("a", 1, 100_000, "smtp", "local"), NodeRow("b", 2, 130_000, "imap", "s3")
    assert await store.heartbeat(a) == [a]
    assert await store.heartbeat(b) == [a, b]
    late = NodeRow("b", 2, 170_000, "imap,smtp", "s3")
    assert await store.heartbeat(late) == [late]


async def test_blobs_without_references(bench: Bench):
    store = bench.store
    for number in range(4):
        await bench.add(blob=bench.blob(number))
    await store.write(bench.account.id, lambda tx: tx.discard_messages([1, 2, 3]))
    bench.now[0] += 1000
    await store.write(bench.account.id, lambda tx: tx.discard_messages([4]))
    before = bench.now[0]
    dead = await store.dead_blobs(before, 2)
    assert len(dead) == 2
    assert len(await store.dead_blobs(before, 10)) == 3
    assert len(await store.dead_blobs(before + 1, 10)) == 4
    await bench.add(blob=bench.blob(0))
    ids = [bench.blob(number).id for number in range(3)]
    assert sorted(await store.forget_blobs([*ids, BlobId(b"?" * 16)])) == sorted(ids[1:])
    assert await store.forget_blobs([]) == []
    assert {row.id for row in await store.blobs([*ids, bench.blob(3).id])} == {ids[0], bench.blob(3).id}
    with pytest.raises(NotFound):
        await store.blob(ids[1])


async def test_blobs_move_only_from_where_they_are(bench: Bench):
    old = bench.blob(1)
    await bench.add(blob=old)
    new = BlobRow(old.id, 2, "object:1", old.size)
    assert not await bench.store.relocate_blob(old.id, new, old)
    assert await bench.store.relocate_blob(old.id, old, new)
    assert not await bench.store.relocate_blob(old.id, old, new)
    assert await bench.store.blob(old.id) == new
    # Another reference with the old place in hand does not move it back.
    await bench.add(blob=old)
    assert await bench.store.blob(old.id) == new
    assert await bench.store.blob_rows(BlobId(b""), 10) == [(new, 2)]
    assert await bench.store.blob_rows(old.id, 10) == []


async def test_named_leases(bench: Bench):
    lock = bench.store.lock
    assert await lock("compact", "a", now=0, until=100)
    assert not await lock("compact", "b", now=99, until=200)
    assert await lock("compact", "a", now=99, until=150)
    assert not await lock("compact", "b", now=149, until=200)
    assert await lock("compact", "b", now=150, until=200)
    assert not await lock("compact", "a", now=151, until=300)
    assert await lock("other", "a", now=0, until=1)
