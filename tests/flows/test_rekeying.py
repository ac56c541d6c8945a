"""Keys of accounts and companies are changed while mail flows: nothing is lost, nothing opens with the key of before."""

import asyncio
import json
import os
import random
import time

import pytest
from tests.flows.rekey_house import (
    actor_of,
    changed,
    quick,
    read_all,
    under,
    values,
    write,
)
from tests.flows.rotation_house import ROOT, WHY, begin, node
from tests.flows.test_access_records import person
from tests.house.child import Child, start
from tests.strength import rounds
from tests.unit.service_import.quiet_house import quiet_house

from smartmail.app.cli import main
from smartmail.domain.errors import AlreadyExists, Forbidden, Invalid, StateMismatch
from smartmail.domain.ids import AccountId
from smartmail.formats import keychain
from smartmail.formats.seal import HashRoot, Kind, Purpose, SealError, context, seal_small, unwrap_key
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.operations.keys.columns import ORGANIZATION

KILLS = rounds(landing=6, full=20)
OWN_MAIL = 300
CHANGED_WITHIN_S = 120.0
NOBODY = AccountId(0)


@pytest.fixture
async def house(tmp_path):
    async with quiet_house(tmp_path / "house") as opened:
        quick(opened.services)
        yield opened
        await opened.services.witness.settle()


async def begun(house, actor, scope="account"):
    number = actor.account_id if scope == "account" else NOBODY
    return await house.services.keys.rekeying.begin(ROOT, scope, actor.organization_id, number, WHY)


def keyring_of(house):
    return house.services.checks._keyring


async def filled(house, actor, count=5):
    kept = {}
    for number in range(count):
        octets = b"From: a@b.example\r\nMessage-ID: <%d@b>\r\nSubject: word%d\r\n\r\nbody %d\r\n" % ((number,) * 3)
        kept[await write(house.services, actor, octets)] = octets
    return kept


async def test_all_of_an_account_lies_under_the_next_key_and_nothing_opens_with_the_one_before(house):
    kim = await person(house, "kim@a.example")
    kept = await filled(house, kim)
    old = (await keyring_of(house).account_by_id(kim.account_id)).key
    before = await values(house.store, kim.account_id)
    assert await under(house.store, kim.account_id, old) == before and len(before) > 3
    hashed = (await keyring_of(house).account_by_id(kim.account_id)).hash(Purpose.MESSAGE_ID, b"<1@b>")
    work = await begun(house, kim)
    with pytest.raises(AlreadyExists):
        await begun(house, kim, "accounts")
    await changed(house.services)
    sealer = await keyring_of(house).account_by_id(kim.account_id)
    assert sealer.key.octets != old.octets
    assert await under(house.store, kim.account_id, old) == {}, "nothing opens with the key of before"
    assert await under(house.store, kim.account_id, sealer.key) == before
    assert sealer.hash(Purpose.MESSAGE_ID, b"<1@b>") == hashed, "look-ups find what was there"
    await read_all(house.services, kim, kept)
    (view,) = await house.services.keys.rekeying.views(ROOT)
    assert (view.row.id, view.row.state, view.row.percent, view.row.failed) == (work.id, "done", 100, 0)
    assert view.row.changed == sum(before.values()) and view.subject == "kim@a.example"
    assert not [one async for one in house.services.checks.run(lambda _step: None, deep=True)]


async def test_new_mail_lies_under_the_next_key_from_the_switch_on_in_a_process_that_held_the_one_before(house):
    kim = await person(house, "kim@a.example")
    await filled(house, kim)
    # Another process, which has used the account's key and the row as it was.
    other = Keyring(house.services.backups._keys, house.store, house.clock)
    row = await house.store.account(kim.account_id)
    held = await other.account(row)
    old, work = held.key, house.services.keys.rekeying
    await begun(house, kim)
    work.settle_ms = 5_000
    await work.turn()  # announced; it waits for all to know
    assert (await work.current()).state == "switching"
    again = await other.account_by_id(kim.account_id)
    assert again is held and held.key.octets == old.octets and len(held.others) == 1
    assert await work.turn() == 0 and (await work.current()).state == "switching"
    house.clock.ahead += 6_000
    await work.turn()
    assert (await work.current()).state == "resealing"
    fresh = (await keyring_of(house).account_by_id(kim.account_id)).key
    assert fresh.octets != old.octets
    number = await write(house.services, kim, b"Subject: new\r\n\r\nnew\r\n")
    assert (await under(house.store, kim.account_id, fresh))["message.wrapped_key"] == 1
    # What the other process seals under the old key in that second is opened by both, and swept.
    late = held.seal(Kind.KEYWORD, b"late")
    assert (await keyring_of(house).account_by_id(kim.account_id)).open(Kind.KEYWORD, late) == b"late"
    newer = await house.store.account(kim.account_id)
    assert (await keyring_of(house).account(newer)).open(Kind.KEYWORD, held.seal(Kind.KEYWORD, b"x")) == b"x"
    assert held.open(Kind.KEYWORD, (await keyring_of(house).account(newer)).seal(Kind.KEYWORD, b"y")) == b"y"
    assert (await other.account_by_id(kim.account_id)).key.octets == fresh.octets and held.key.octets == fresh.octets
    assert (await other.account(row)) is held and held.key.octets == fresh.octets, "an old row takes nobody back"
    house.clock.ahead += 6_000
    await changed(house.services)
    assert await house.services.reading.octets(kim, kim.account_id, number) == b"Subject: new\r\n\r\nnew\r\n"
    assert await under(house.store, kim.account_id, old) == {}


async def test_the_key_of_before_is_destroyed_when_no_backup_needs_it(house):
    kim = await person(house, "kim@a.example")
    kept = await filled(house, kim)
    old = (await keyring_of(house).account_by_id(kim.account_id)).key
    await begun(house, kim)
    await changed(house.services)
    retiring = house.services.keys.retiring

    async def roles():
        chain = keychain.parse((await house.store.account(kim.account_id)).wrapped_key)
        return [one.role for one in chain.links]

    oldest = {"at": 5}

    async def oldest_backup():
        return oldest["at"]

    retiring._oldest_backup = oldest_backup
    retiring.keep_ms = 60_000
    house.clock.ahead += 50_000
    assert await retiring.turn() == 0, "too early"
    house.clock.ahead += 20_000
    assert await retiring.turn() == 0 and Kind.KEY_EARLIER in await roles(), "a backup of then is kept"
    # What comes out of a backup lies under the key of before.
    await house.store._db.change(
        0,
        lambda s: s.run(
            "update keyword set sealed_name = $1 where account_id = $2", _under(old, kim.account_id), kim.account_id
        ),
    )
    oldest["at"] = house.clock.now()
    came_back = await under(house.store, kim.account_id, old)
    assert await retiring.turn() == 1
    assert await roles() == [Kind.KEY_HASHES] and await under(house.store, kim.account_id, old) == {}
    sealer = await keyring_of(house).account_by_id(kim.account_id)
    assert sealer.others == () and isinstance(sealer.hashes, HashRoot) and came_back in ({}, {"keyword.sealed_name": 1})
    with pytest.raises(SealError):
        sealer.open(Kind.NOTE, _under(old, kim.account_id, Kind.NOTE))
    assert await retiring.turn() == 0
    await read_all(house.services, kim, kept)
    records = [one.record.action for one in await house.store.unchained_records("audit", 0, 500)]
    assert {"key.rekey", "key.rekeyed", "key.destroyed"} <= set(records)


async def test_a_read_that_looked_before_the_key_was_destroyed_looks_once_more(house, monkeypatch):
    kim = await person(house, "kim@a.example")
    kept = await filled(house, kim)
    reading, (number, *_) = house.services.reading, kept
    look = reading.row

    async def looked_too_early(*args):
        row = await look(*args)
        await begun(house, kim)
        await changed(house.services)
        assert await house.services.keys.retiring.turn() == 1
        return row

    monkeypatch.setattr(reading, "row", looked_too_early)
    await read_all(house.services, kim, {number: kept[number]})


def _under(key, owner, kind=Kind.KEYWORD):
    return seal_small(key, context(kind, owner), os.urandom(12), b"word")


async def test_a_companys_key_is_changed_with_what_hangs_on_it(house):
    kim, lee = await person(house, "kim@a.example"), await person(house, "lee@a.example")
    kept = await filled(house, kim)
    home, ring = kim.organization_id, keyring_of(house)
    old = (await ring.organization(home)).key
    queue = (await ring.queue(home)).key
    rows = {one.account_id: (await ring.account_by_id(one.account_id)).key.octets for one in (kim, lee)}
    secret = (await ring.organization(home)).seal(Kind.SIGNING_KEY, b"of before")
    before = await under(house.store, home, old, ORGANIZATION)
    await begun(house, kim, "organization")
    await changed(house.services)
    house.clock.ahead += 1_500
    sealer = await ring.organization(home)
    assert sealer.key.octets != old.octets and sealer.open(Kind.SIGNING_KEY, secret) == b"of before"
    assert await under(house.store, home, old, ORGANIZATION) == {}
    assert await under(house.store, home, sealer.key, ORGANIZATION) == before
    fresh = Keyring(house.services.backups._keys, house.store, house.clock)
    for number, octets in rows.items():
        assert (await fresh.account_by_id(number)).key.octets == octets, "accounts keep their keys"
        head = keychain.parse((await house.store.account(number)).wrapped_key).head
        with pytest.raises(SealError):
            unwrap_key(old, context(Kind.KEY_OF_ACCOUNT, number, home), head)
    assert (await fresh.queue(home)).key.octets == queue.octets
    await read_all(house.services, kim, kept)
    # And again, over what hangs there; and the accounts' own keys after that.
    await begun(house, kim, "organization")
    await changed(house.services)
    await begun(house, kim, "accounts")
    await changed(house.services)
    house.clock.ahead += 1_500
    assert (await ring.organization(home)).open(Kind.SIGNING_KEY, secret) == b"of before"
    fresh = Keyring(house.services.backups._keys, house.store, house.clock)
    for number, octets in rows.items():
        assert (await fresh.account_by_id(number)).key.octets != octets
    await read_all(house.services, kim, kept)
    assert await person(house, "new@a.example")


async def test_a_shredded_account_stays_shredded_in_the_middle_of_a_change(house):
    kim, lee = await person(house, "kim@a.example"), await person(house, "lee@a.example")
    await filled(house, kim)
    await begun(house, kim, "accounts")
    work = house.services.keys.rekeying
    work.settle_ms = 60_000
    await work.turn()
    await house.services.keys.shredding.shred(
        ROOT, kim.organization_id, [await house.store.account(kim.account_id)],
        kind="account", subject=f"account:{kim.account_id}", ground="퇴사", reason=WHY,
    )  # fmt: skip
    work.settle_ms = 0
    await changed(house.services)
    assert (await house.store.account(kim.account_id)).wrapped_key == b""
    with pytest.raises(SealError):
        await keyring_of(house).account_by_id(kim.account_id)
    assert await keyring_of(house).account_by_id(lee.account_id)


async def test_given_up_before_the_switch_nothing_is_left_of_it(house):
    kim = await person(house, "kim@a.example")
    kept = await filled(house, kim)
    work, old = house.services.keys.rekeying, (await keyring_of(house).account_by_id(kim.account_id)).key
    await begun(house, kim, "accounts")
    work.settle_ms = 60_000
    await work.turn()
    assert len((await keyring_of(house).account_by_id(kim.account_id)).others) == 1
    await work.cancel(ROOT)
    await changed(house.services)
    work.settle_ms = 0
    assert (await work.views(ROOT))[0].row.state == "cancelled"
    sealer = await keyring_of(house).account_by_id(kim.account_id)
    assert sealer.key.octets == old.octets and sealer.others == ()
    with pytest.raises(StateMismatch):
        await work.cancel(ROOT)
    await begun(house, kim, "accounts")
    await changed(house.services)
    with pytest.raises(StateMismatch):
        await work.cancel(ROOT)
    await read_all(house.services, kim, kept)


async def test_a_long_walk_goes_on_with_the_next_turn_where_it_was(house, monkeypatch):
    kim = await person(house, "kim@a.example")
    kept = await filled(house, kim, 12)
    monkeypatch.setattr("smartmail.service.operations.keys.anew.PAGE", 2)
    monkeypatch.setattr("smartmail.service.operations.keys.rekeying.PAGE", 2)
    monkeypatch.setattr("smartmail.service.operations.keys.rekeying.TURN_MS", 0)
    old = (await keyring_of(house).account_by_id(kim.account_id)).key
    await begun(house, kim)
    turns = 0
    while await house.services.keys.rekeying.current() is not None:
        await house.services.keys.rekeying.turn()
        turns += 1
        assert turns < 500
    assert turns > 12 and await under(house.store, kim.account_id, old) == {}
    await read_all(house.services, kim, kept)


async def test_by_schedule(house):
    kim = await person(house, "kim@a.example")
    retiring, work = house.services.keys.retiring, house.services.keys.rekeying
    assert await retiring.turn() == 0
    said = await retiring.set_schedule(ROOT, 6, 12)
    assert (await retiring.schedule(ROOT)) == said
    house.clock.ahead += 179 * 86_400_000
    assert await retiring.turn() == 0
    house.clock.ahead += 2 * 86_400_000
    assert await retiring.turn() == 1 and (await work.current()).scope == "accounts"
    assert (await work.current()).organization_id == kim.organization_id and (await work.current()).actor == "system"
    await changed(house.services)
    await retiring.turn()
    assert await work.current() is None
    house.clock.ahead += 180 * 86_400_000
    assert await retiring.turn() >= 1
    assert (await work.current()).scope == "organization"


async def test_who_may(house):
    kim = await person(house, "kim@a.example")
    work, retiring = house.services.keys.rekeying, house.services.keys.retiring
    home = kim.organization_id
    for call in (
        work.begin(kim, "account", home, kim.account_id, WHY), work.cancel(kim), work.views(kim),
        retiring.schedule(kim), retiring.set_schedule(kim, 1, 1),
    ):  # fmt: skip
        with pytest.raises(Forbidden):
            await call
    with pytest.raises(Invalid):
        await work.begin(ROOT, "accounts", home, NOBODY, "short")
    for months in ((-1, 0), (0, 121)):
        with pytest.raises(Invalid):
            await retiring.set_schedule(ROOT, *months)


def told_in(journal) -> dict[int, bytes]:
    """Return what a child was told to be kept, by id; a line that it was killed in does not count, and there is no file at first."""
    if not journal.exists():
        return {}
    lines = [line.split() for line in journal.read_text().splitlines() if line.count(" ") == 1 and len(line) > 17]
    return {int(number): b"Subject: %s\r\n\r\nx\r\n" % word.encode() for number, word in lines}


def child_of(directory, journal, *more: str) -> Child:
    """Begin a child that takes mail in and changes keys without an end."""
    child = start("tests.flows.rekey_house", str(directory), str(journal), *more)
    assert child.stdout.readline() == b"ready\n"
    return child


async def test_another_process_reads_and_writes_while_keys_change_under_it(tmp_path):
    where, journal = tmp_path / "data", tmp_path / "journal"
    await begin(where)
    async with node(where) as opened:
        actor, kept = await actor_of(opened.services), {}
        child = await asyncio.to_thread(child_of, where, journal, "1500")
        try:
            deadline, number = time.monotonic() + CHANGED_WITHIN_S, 0
            while time.monotonic() < deadline:
                number += 1
                # Enough mail of our own to be read under every key; after that only reading, for as long as it takes.
                if number <= OWN_MAIL:
                    octets = b"Subject: mine %d\r\n\r\ny\r\n" % number
                    kept[await write(opened.services, actor, octets)] = octets
                some = kept | told_in(journal)
                await read_all(opened.services, actor, dict(random.sample(sorted(some.items()), min(5, len(some)))))
                changes = [row for row in await opened.store.rekeys(20) if row.state == "done"]
                if len({row.scope for row in changes}) == 3:
                    break
            assert child.poll() is None and len(changes) >= 3, "keys were changed under it, each kind of them"
        finally:
            await asyncio.to_thread(child.kill)
        kept |= told_in(journal)
        await read_all(opened.services, actor, kept)
    async with node(where) as opened:
        await read_all(opened.services, await actor_of(opened.services), kept)
        assert not [one async for one in opened.services.checks.run(lambda _step: None, deep=True)]


def killed(directory, journal, after_s: float) -> bool:
    """Let a child take mail and change keys, and kill it; say whether it was at it still."""
    child = child_of(directory, journal)
    time.sleep(after_s)
    running = child.poll() is None
    child.kill()
    return running


async def test_killed_again_and_again_under_mail_it_goes_on_and_nothing_is_lost(tmp_path):
    where, journal = tmp_path / "data", tmp_path / "journal"
    await begin(where)
    random.seed()
    alive, states = 0, set()
    # Where the machine does little in that time, it is given more, until both ends of the work were met.
    for number in range(5 * KILLS):
        if number >= KILLS and len(states) > 1 and len(told_in(journal)) > KILLS:
            break
        alive += await asyncio.to_thread(killed, where, journal, random.uniform(0.05, 0.6) * (1 + number // KILLS))
        async with node(where) as opened:
            states.update(row.state for row in await opened.store.rekeys(1))
            # The next child need not wait for the lease of the dead one.
            await opened.store._db.change(0, lambda s: s.run("update rekey set leased_until = 0"))
    assert alive >= KILLS // 2 and len(states) > 1, f"killed at work {alive} times, in {states}"
    kept = told_in(journal)
    assert len(kept) > KILLS
    async with node(where) as opened:
        quick(opened.services)
        actor = await actor_of(opened.services)
        await changed(opened.services)
        await read_all(opened.services, actor, kept)
        await opened.services.keys.retiring.turn()
        await read_all(opened.services, actor, kept)
        sealer = await opened.services.checks._keyring.account_by_id(actor.account_id)
        rows = await values(opened.store, actor.account_id)
        assert sealer.others == () and await under(opened.store, actor.account_id, sealer.key) == rows
        assert not [one async for one in opened.services.checks.run(lambda _step: None, deep=True)]


def test_the_command_changes_shows_and_schedules(tmp_path, capsys):
    where = tmp_path / "data"
    asyncio.run(begin(where))

    def run(*words: str):
        assert main(["key", *words, "--json", "--data", str(where)]) == 0
        return json.loads(capsys.readouterr().out)

    async def worked():
        async with node(where) as opened:
            quick(opened.services)
            await changed(opened.services)

    for whose in (["organization"], ["accounts"], ["account", "--address", "kim@a.example"]):
        assert run("change", *whose, "--reason", WHY)["scope"] == whose[0]
        asyncio.run(worked())
    assert [(one["scope"], one["state"], one["failed"]) for one in run("changes")["items"]] == [
        ("account", "done", 0), ("accounts", "done", 0), ("organization", "done", 0),
    ]  # fmt: skip
    nobody = ["change", "account", "--address", "nobody@a.example", "--reason", WHY]
    for wrong in (["change", "accounts", "--reason", "short"], nobody, ["change-cancel"]):
        assert main(["key", *wrong, "--data", str(where)]) != 0
    capsys.readouterr()
    run("set-schedule", "--accounts", "12", "--organizations", "24")
    assert (run("schedule")["accounts"], run("schedule")["organizations"]) == (12, 24)
