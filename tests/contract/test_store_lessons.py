"""Contract of the store: lessons and models, on both drivers."""

from dataclasses import replace

from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.ids import AccountId, MessageId
from smartmail.domain.lessons import LessonOutcome, ModelRow

ONE, TWO = MessageId(11), MessageId(12)


async def note(bench: Bench, **wishes: bool) -> None:
    told = {MessageId(int(name[1:])): wish for name, wish in wishes.items()}
    await bench.store.write(bench.account.id, lambda tx: tx.note_lessons(told))


def model(bench: Bench, version: int, sealed: bytes = b"weights", account_id: int = 0) -> ModelRow:
    return ModelRow(bench.account.organization_id, account_id, version, 3, 4, 99, sealed)


def done(bench: Bench, row, learned: bool | None, sealed: bytes | None = b"step") -> LessonOutcome:
    return LessonOutcome(bench.account.id, row.message_id, row.said_at, learned, sealed, row.wish)


async def test_lessons_wait_until_they_are_worked_off(bench: Bench):
    await note(bench, m11=True, m12=False)
    first, second = await bench.store.pending_lessons(10)
    assert (first.message_id, first.wish, first.learned, first.sealed) == (ONE, True, None, None)
    assert (second.message_id, second.wish) == (TWO, False)
    assert await bench.store.keep_lessons([model(bench, 1)], [done(bench, first, True)])
    assert [row.message_id for row in await bench.store.pending_lessons(10)] == [TWO]
    [kept] = await bench.store.lessons(bench.account.id, [ONE])
    assert (kept.pending, kept.learned, kept.sealed) == (False, True, b"step")


async def test_what_is_said_meanwhile_stays_pending(bench: Bench):
    await note(bench, m11=True)
    [row] = await bench.store.pending_lessons(10)
    await note(bench, m11=False)
    assert await bench.store.keep_lessons([model(bench, 1)], [done(bench, row, True)])
    [again] = await bench.store.pending_lessons(10)
    assert (again.wish, again.learned, again.sealed) == (False, True, b"step")
    assert again.said_at > row.said_at


async def test_a_body_that_fails_notes_nothing(bench: Bench):
    async def body(tx) -> None:
        await tx.note_lessons({ONE: True})
        raise ValueError

    try:
        await bench.store.write(bench.account.id, body)
    except ValueError:
        pass
    assert await bench.store.pending_lessons(10) == []


async def test_the_slower_of_two_keeps_nothing(bench: Bench):
    await note(bench, m11=True)
    [row] = await bench.store.pending_lessons(10)
    assert await bench.store.keep_lessons([model(bench, 1, b"a")], [])
    person = model(bench, 1, b"p", account_id=7)
    for late in (1, 3):
        assert not await bench.store.keep_lessons([person, model(bench, late, b"b")], [done(bench, row, True)])
    assert (await bench.store.model(bench.account.organization_id, 0)).sealed == b"a"
    assert await bench.store.model(bench.account.organization_id, 7) is None
    assert len(await bench.store.pending_lessons(10)) == 1
    assert await bench.store.keep_lessons([person, model(bench, 2, b"b")], [done(bench, row, True)])
    assert await bench.store.model_versions(bench.account.organization_id, [0, 7, 8]) == {0: 2, 7: 1}
    assert await bench.store.models(bench.account.organization_id) == [(0, 3, 4, 99), (7, 3, 4, 99)]


async def test_models_of_two_organisations_do_not_meet(bench: Bench):
    await bench.store.keep_lessons([model(bench, 1)], [])
    other = replace(model(bench, 1, b"other"), organization_id=bench.account.organization_id + 1)
    assert await bench.store.keep_lessons([other], [])
    assert (await bench.store.model(bench.account.organization_id, 0)).sealed == b"weights"


async def test_a_lesson_that_fails_goes_last_and_then_away(bench: Bench):
    await note(bench, m11=True, m12=True)
    await bench.store.fail_lesson(bench.account.id, ONE)
    assert [row.message_id for row in await bench.store.pending_lessons(10)] == [TWO, ONE]
    for _ in range(4):
        await bench.store.fail_lesson(bench.account.id, ONE)
    assert [row.message_id for row in await bench.store.pending_lessons(10)] == [TWO]
    await note(bench, m11=True)
    assert len(await bench.store.pending_lessons(10)) == 2


async def test_old_lessons_are_forgotten_unless_they_wait(bench: Bench):
    await note(bench, m11=True, m12=True)
    row = next(one for one in await bench.store.pending_lessons(10) if one.message_id == ONE)
    await bench.store.keep_lessons([], [done(bench, row, True)])
    assert await bench.store.forget_lessons(row.said_at, 10) == 0
    assert await bench.store.forget_lessons(row.said_at + 1, 10) == 1
    assert await bench.store.lessons(bench.account.id, [ONE]) == []
    assert len(await bench.store.lessons(bench.account.id, [TWO])) == 1
    assert await bench.store.lessons(AccountId(bench.account.id + 1), [TWO]) == []
