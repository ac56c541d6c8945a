"""Contract of the store: imports of directories (ports/store_directory_import.py), on both drivers."""

from dataclasses import replace

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import START, Bench, Lease

from smartmail.domain.account import Credential, DomainRow, NewAccount
from smartmail.domain.audit import AuditRecord
from smartmail.domain.directory_import import ImportRow, MadeAccount
from smartmail.domain.errors import NotFound


def by(at: int = START) -> AuditRecord:
    return AuditRecord(at, "cli", "directory.import", "import:5")


def new(bench: Bench, number: int = 5) -> ImportRow:
    return ImportRow(number, bench.organization_id, bench.account.id, "people", "waiting", 3, START)


async def test_an_import_is_kept_with_its_steps(bench: Bench):
    store = bench.store
    await store.add_import(new(bench), [b"one", b"two"], by())
    await store.add_import(new(bench, 6), [], by())
    assert await store.directory_import(5) == new(bench)
    assert await store.directory_import(7) is None
    assert [one.id for one in await store.directory_imports(bench.organization_id, 0, 9)] == [6, 5]
    assert [one.id for one in await store.directory_imports(bench.organization_id, 6, 9)] == [5]
    assert await store.directory_imports(bench.organization_id + 1, 0, 9) == []
    await store.put_import_step(5, 2, "done", b"zwei")
    steps = await store.import_steps(5, 0, 9)
    assert [(one.number, one.state, one.sealed) for one in steps] == [(1, "waiting", b"one"), (2, "done", b"zwei")]
    assert [one.number for one in await store.import_steps(5, 1, 9)] == [2]


async def test_one_worker_at_a_time(bench: Bench):
    store = bench.store
    await store.add_import(new(bench), [], by())
    assert await store.lease_import(5, "running", START, START + 10, "a")
    assert not await store.lease_import(5, "running", START + 5, START + 20, "b")
    assert not await store.lease_import(5, "undoing", START + 50, START + 60, "b")
    assert await store.note_import(5, "a", 2, 1, START + 30)
    assert not await store.note_import(5, "b", 9, 9, START + 30)
    row = await store.directory_import(5)
    assert row == replace(new(bench), state="running", done=2, failed=1)
    assert await store.lease_import(5, "running", START + 30, START + 40, "b")
    await store.end_import(5, "a", "done", 3, 0, by())
    assert (await store.directory_import(5)).state == "running"
    await store.end_import(5, "b", "done", 3, 1, by(START + 35))
    assert await store.directory_import(5) == replace(row, state="done", done=3, ended_at=START + 35)
    assert not await store.lease_import(5, "running", START + 90, START + 99, "c")
    assert await store.lease_import(5, "undoing", START + 90, START + 99, "c")
    assert not await store.cancel_import(5, by(START + 91))


async def test_its_end_is_asked_for(bench: Bench):
    store = bench.store
    await store.add_import(new(bench), [], by())
    assert await store.lease_import(5, "running", START, START + 10, "a")
    assert await store.cancel_import(5, by(START + 5))
    assert (await store.directory_import(5)).state == "cancelling"
    assert not await store.note_import(5, "a", 1, 0, START + 20)
    await store.end_import(5, "a", "cancelled", 1, 0, by(START + 6))
    assert not await store.cancel_import(5, by(START + 7))
    assert await store.lease_import(5, "running", START + 8, START + 10, "b")
    assert await store.cancel_import(5, by(START + 10)), "whose worker is gone ends at once"
    assert (await store.directory_import(5)).state == "cancelled"
    assert not await store.cancel_import(99, by())


async def made(bench: Bench, login: str = "new@a.example") -> MadeAccount:
    row = NewAccount(bench.organization_id, "person", login, "New", "ko", False, None)
    account = await bench.store.create_account(row, lambda _account: b"key")
    return MadeAccount(account.id, account.modseq, account.auth_epoch)


async def test_an_account_that_nobody_touched_goes_with_all_that_is_its_own(bench: Bench):
    store, one = bench.store, await made(bench)
    await store.put_credential(Credential(0, one.account_id, "password", "x", START))
    assert await store.drop_new_account(one, by())
    with pytest.raises(NotFound):
        await store.account(one.account_id)
    assert await store.resolve(["new@a.example"]) == {}
    assert await store.credentials(one.account_id) == []
    again = await made(bench)
    assert again.account_id != one.account_id, "an id is not used again"


async def test_an_account_that_somebody_touched_stays(bench: Bench):
    store = bench.store
    one = await made(bench)
    await store.add_address("other@a.example", one.account_id)
    assert not await store.drop_new_account(one, by())
    two = await made(bench, "two@a.example")
    await store.update_account(two.account_id, raise_epoch=True)
    assert not await store.drop_new_account(two, by())
    three = await made(bench, "three@a.example")
    await store.update_account(three.account_id, is_admin=True)
    assert not await store.drop_new_account(three, by())
    assert await store.account(three.account_id)


async def test_domains_in_which_nothing_is_go(bench: Bench):
    store, home = bench.store, bench.organization_id
    await store.add_domains([DomainRow("b.example", home), DomainRow("c.example", home)], by())
    await store.add_address("kim@c.example", bench.account.id)
    assert await store.drop_new_domains(home, ["b.example", "c.example", "none.example"], by()) == ["b.example"]
    assert await store.domain("b.example") is None
    assert await store.domain("c.example") is not None
    assert await store.drop_new_domains(home + 1, ["c.example"], by()) == []


async def leased_directory_import(bench: Bench) -> Lease:
    await bench.store.add_import(new(bench), [], by())
    return lambda worker, now, until: bench.store.lease_import(5, "running", now, until, worker)


LEASED = {"directory-imports": leased_directory_import}
