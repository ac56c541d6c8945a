"""Contract of the store: what transactions do with delivered messages is noted in their commit, once, on both drivers."""

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.ids import AccountId, MessageId
from smartmail.domain.keywords import SEEN, Keywords
from smartmail.domain.message import Delivery
from smartmail.domain.principal import Actor, Origin
from smartmail.ports.acting import act_on

FIRST = (0, 0, 0)


@pytest.fixture
async def delivered(bench: Bench):
    """Two messages that came with stories 7 and 8, and one without."""
    act_on(bench.account.id, None)
    news = [bench.message(refs=(b"%d" % n,), story=story) for n, story in enumerate((7, 8, 0))]
    added = await bench.store.deliver_many(
        [Delivery(bench.account.id, new, b"k%d" % n) for n, new in enumerate(news)], None
    )
    return [one.message_id for one in added]


async def acts(bench: Bench):
    """Return the acts that wait, each with the story numbers it is about, and take them out."""
    rows = await bench.store.trace_acts(FIRST, 100)
    await bench.store.drop_trace_acts([row.key for row in rows])
    return [(act.kind, act.mailbox_id, sorted(act.pairs)) for row in rows for act in row.acts]


def by(bench: Bench, account_id: int, door: str = "imap"):
    act_on(bench.account.id, Actor(AccountId(account_id), 1, "x", is_admin=False, origin=Origin(door)))


async def test_a_message_is_read_once(bench: Bench, delivered):
    one, two, bare = delivered
    seen, plain = Keywords(SEEN), Keywords()

    async def mark(keywords, *ids):
        await bench.store.write(bench.account.id, lambda tx: tx.set_keywords(dict.fromkeys(ids, keywords)))

    assert await acts(bench) == []
    await mark(seen, one, bare)
    assert await acts(bench) == [("read", 0, [(7, one)])]
    await mark(plain, one)
    await mark(seen, one, two)
    assert await acts(bench) == [("read", 0, [(8, two)])]
    await mark(plain, one, two)
    await mark(seen, one, two)
    assert await acts(bench) == []


async def test_content_that_is_shown_is_a_read_without_a_keyword_and_once(bench: Bench, delivered):
    one, two, bare = delivered

    async def shown(*ids):
        return sorted(await bench.store.write(bench.account.id, lambda tx: tx.note_read(ids)))

    before = await bench.store.state(bench.account.id, "message")
    assert await shown() == []
    assert await shown(one, bare, MessageId(999)) == [one, bare]
    assert await acts(bench) == [("read", 0, [(7, one)])]
    # Nothing of it is seen by clients: no keyword, no change.
    rows = {row.id: row for row in await bench.store.messages(bench.account.id, delivered)}
    assert [(rows[id_].was_read, rows[id_].keywords.bits) for id_ in delivered] == [(True, 0), (False, 0), (False, 0)]
    assert await bench.store.state(bench.account.id, "message") == before
    # Two in one moment are told apart.
    await shown(one, two)
    await bench.store.write(bench.account.id, lambda tx: tx.set_keywords({one: Keywords(SEEN)}))
    assert await acts(bench) == [("read", 0, [(8, two)])]
    assert sorted(await bench.store.messages_of_stories(bench.account.id, [7, 8, 9], 0)) == [one, two]
    assert await bench.store.messages_of_stories(bench.account.id, [], 0) == []


async def test_who_did_it_through_which_door_is_kept_with_the_act(bench: Bench, delivered):
    by(bench, 42, "pop3")
    await bench.store.write(bench.account.id, lambda tx: tx.destroy_messages(delivered[:1]))
    act_on(bench.account.id, None)
    await bench.store.write(bench.account.id, lambda tx: tx.set_aside(delivered[1:2], reason="recalled"))
    first, second = await bench.store.trace_acts(FIRST, 100)
    assert (first.by, first.door, first.account_id) == (42, "pop3", bench.account.id)
    assert (second.by, second.door) == (0, "system")
    assert [act.kind for row in (first, second) for act in row.acts] == ["deleted", "recalled"]
    assert await bench.store.trace_acts(first.key, 100) == [second]
    assert await bench.store.trace_acts(FIRST, 1) == [first]


async def test_a_move_is_one_act_for_all_messages_and_a_copy_another(bench: Bench, delivered):
    box = (await bench.new_mailbox("archive")).id
    held = await bench.store.placements(bench.account.id, delivered)

    async def move(tx):
        await tx.place(box, delivered)
        await tx.remove_placements(held[0].mailbox_id, [one.uid for one in held])

    await bench.store.write(bench.account.id, lambda tx: tx.set_keywords({delivered[0]: Keywords(SEEN)}))
    await acts(bench)
    await bench.store.write(bench.account.id, move)
    assert await acts(bench) == [("moved", box, [(7, delivered[0]), (8, delivered[1])])]
    other = (await bench.new_mailbox("other")).id
    await bench.store.write(bench.account.id, lambda tx: tx.place(other, delivered[:1]))
    assert await acts(bench) == [("copied", other, [(7, delivered[0])])]


async def test_what_comes_back_from_the_vault_has_its_story(bench: Bench, delivered):
    await bench.store.write(bench.account.id, lambda tx: tx.destroy_messages(delivered))
    await acts(bench)
    box = (await bench.store.mailboxes(bench.account.id))[0].id

    async def restore(tx):
        [row] = await tx.take_from_vault(delivered[:1])
        assert row.story == 7
        added = await tx.add_message(bench.message(refs=(b"again",), story=row.story))
        await tx.move_marks(row.message_id, added.message_id)
        return added.message_id

    back = await bench.store.write(bench.account.id, restore)
    assert await acts(bench) == [("restored", box, [(7, back)])]
    await bench.store.write(bench.account.id, lambda tx: tx.destroy_messages([back]))
    assert await acts(bench) == [("deleted", 0, [(7, back)])]


async def test_a_message_that_takes_the_place_of_another_goes_on_with_its_story(bench: Bench, delivered):
    async def detach(tx):
        added = await tx.add_message(bench.message(refs=(b"smaller",)))
        await tx.move_marks(delivered[0], added.message_id)
        await tx.set_aside([delivered[0]], reason="detached", replaced_by=added.message_id)
        return added.message_id

    smaller = await bench.store.write(bench.account.id, detach)
    assert await acts(bench) == []
    await bench.store.write(bench.account.id, lambda tx: tx.destroy_messages([smaller]))
    assert await acts(bench) == [("deleted", 0, [(7, smaller)])]


async def test_an_act_that_is_undone_leaves_nothing(bench: Bench, delivered):
    async def fail(tx):
        await tx.destroy_messages(delivered)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await bench.store.write(bench.account.id, fail)
    assert await acts(bench) == []
