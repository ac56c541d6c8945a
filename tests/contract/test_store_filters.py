"""Contract of the store: filters, on both drivers."""

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.errors import AlreadyExists, NotFound
from smartmail.domain.filters import FilterState, ScriptId
from smartmail.ports.store_filters import SEEN_ID, TOLD_ABSENCE

NOW = 5_000


async def put(bench: Bench, name: str, content: bytes = b"keep;", script_id=None, now: int = NOW):
    values = (script_id, b"sealed " + name.encode(), name.encode(), content, len(content), now)
    return await bench.store.write(bench.account.id, lambda tx: tx.put_script(*values))


async def state(bench: Bench) -> FilterState:
    return await bench.store.filter_state(bench.account.id)


async def test_an_account_without_filters(bench: Bench):
    assert await state(bench) == FilterState()
    assert await bench.store.scripts(bench.account.id) == []
    assert await bench.store.active_filters(0) == []


async def test_scripts_are_kept_replaced_and_counted(bench: Bench):
    first, second = await put(bench, "a"), await put(bench, "b", b"stop;")
    assert (first.id, second.id, first.version, second.version) == (1, 2, 1, 2)
    again = await put(bench, "a2", b"discard;", first.id, NOW + 1)
    assert (again.id, again.name_hash, again.sealed, again.size) == (1, b"a2", b"discard;", 8)
    assert (again.created_at, again.updated_at, again.version) == (NOW, NOW + 1, 3)
    assert [row.id for row in await bench.store.scripts(bench.account.id)] == [1, 2]
    assert (await state(bench)).version == 3


async def test_a_name_belongs_to_one_script(bench: Bench):
    first = await put(bench, "a")
    await put(bench, "b")
    with pytest.raises(AlreadyExists):
        await put(bench, "a")
    with pytest.raises(AlreadyExists):
        await put(bench, "b", script_id=first.id)
    with pytest.raises(NotFound):
        await put(bench, "c", script_id=ScriptId(9))
    assert (await state(bench)).version == 2


async def test_a_destroyed_id_is_not_given_again(bench: Bench):
    row = await put(bench, "a")
    await bench.store.write(bench.account.id, lambda tx: tx.destroy_script(row.id))
    with pytest.raises(NotFound):
        await bench.store.write(bench.account.id, lambda tx: tx.destroy_script(row.id))
    assert (await put(bench, "a")).id == 2


async def test_activation_is_told_to_all_processes(bench: Bench):
    row = await put(bench, "a")
    other = await bench.new_account("u2@acme.test")
    made = await bench.store.write(bench.account.id, lambda tx: tx.activate_script(row.id, NOW + 5))
    assert made.is_active
    assert made.active == row.id
    with pytest.raises(NotFound):
        await bench.store.write(other.id, lambda tx: tx.activate_script(row.id, NOW))
    found = await bench.store.active_filters(NOW + 5)
    assert [(one.account_id, one.version, one.is_active, one.changed_at) for one in found] == [
        (bench.account.id, 2, True, NOW + 5)
    ]
    assert await bench.store.active_filters(NOW + 6) == []
    await bench.store.write(bench.account.id, lambda tx: tx.activate_script(None, NOW + 7))
    assert [one.is_active for one in await bench.store.active_filters(0)] == [False]


async def test_an_absence_alone_makes_filters_active(bench: Bench):
    await bench.store.write(bench.account.id, lambda tx: tx.put_vacation(b"sealed", NOW, enabled=True))
    found = await state(bench)
    assert (found.is_active, found.sealed_vacation, found.active) == (True, b"sealed", None)
    await bench.store.write(bench.account.id, lambda tx: tx.put_vacation(b"sealed", NOW, enabled=False))
    assert not (await state(bench)).is_active


async def test_a_problem_lasts_until_the_next_change(bench: Bench):
    await put(bench, "a")
    await bench.store.write(bench.account.id, lambda tx: tx.put_problem(b"bad", NOW + 3))
    found = await state(bench)
    assert (found.sealed_problem, found.problem_at, found.version) == (b"bad", NOW + 3, 1)
    await put(bench, "b")
    assert (await state(bench)).sealed_problem is None


async def test_memory_forgets_when_it_expires(bench: Bench):
    async def remember(key: bytes, now: int, end: int):
        return await bench.store.write(
            bench.account.id, lambda tx: tx.remember(TOLD_ABSENCE, key, now=now, expires_at=end)
        )

    assert await remember(b"k" * 16, 10, 20)
    assert not await remember(b"k" * 16, 19, 99)
    assert await bench.store.remembered(bench.account.id, TOLD_ABSENCE, [b"k" * 16, b"x" * 16], 19) == {b"k" * 16}
    assert await bench.store.remembered(bench.account.id, SEEN_ID, [b"k" * 16], 19) == set()
    assert await bench.store.remembered(bench.account.id, TOLD_ABSENCE, [b"k" * 16], 20) == set()
    assert await remember(b"k" * 16, 20, 30)
    await bench.store.write(bench.account.id, lambda tx: tx.remember_again(TOLD_ABSENCE, b"k" * 16, expires_at=90))
    assert await bench.store.all_remembered(bench.account.id, TOLD_ABSENCE, 80, 10) == {b"k" * 16}
    assert await bench.store.forget_expired(89, 10) == 0
    assert await bench.store.forget_expired(90, 10) == 1
    assert await bench.store.all_remembered(bench.account.id, TOLD_ABSENCE, 0, 10) == set()
