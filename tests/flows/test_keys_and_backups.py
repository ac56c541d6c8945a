"""Backups from before a new master key, or before originals were sealed anew, come back whole under the keys of today."""

import shutil

import pytest
from tests.flows.rekey_house import changed, quick
from tests.flows.rotation_house import ROOT, WHY, begin, identity_of, node, turned

from smartmail.adapters.backup import DirectoryPlace
from smartmail.app.recovery.restoring import rehearse, restore_node
from smartmail.app.settings import load
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.seal import CHACHA20_POLY1305, Purpose


@pytest.fixture
async def where(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "node.toml").write_text(f'[backup]\ndirectory = "{tmp_path / "place"}"\n')
    await begin(data)
    return data


async def kim(opened):
    person = await opened.services.directory.account_by_login("kim@a.example")
    return Actor(person.id, person.organization_id, person.login, is_admin=False, origin=Origin("web"))


async def write(opened, first, count):
    """Write messages of all sizes; return subject → octets."""
    actor, kept = await kim(opened), {}
    boxes = await opened.services.mailboxes.list_all(actor, actor.account_id)
    inbox = next(one.row.id for one in boxes if one.row.role == "inbox")
    for number in range(first, first + count):
        octets = b"Subject: %d\r\n\r\n%s\r\n" % (number, b"text " * (number * 5_000 + 1))
        intake = await opened.services.messages.begin(actor, actor.account_id)
        await intake.add(octets)
        await opened.services.messages.add(actor, actor.account_id, await intake.finish(), [inbox])
        kept[number] = octets
    return kept


async def read(opened):
    actor = await kim(opened)
    rows = await opened.store.all_messages(actor.account_id)
    found = [await opened.services.reading.octets(actor, actor.account_id, row.id) for row in rows]
    return {int(octets[9 : octets.index(b"\r")]): octets for octets in found}


def kept_place(tmp_path, name):
    """Keep the place as it is: one a day stays in it."""
    shutil.copytree(tmp_path / "place", tmp_path / f"place {name}")


def use_place(tmp_path, name):
    shutil.rmtree(tmp_path / "place")
    shutil.copytree(tmp_path / f"place {name}", tmp_path / "place")


async def again(where, name=""):
    """Lose everything but the key's file and make the node anew of a backup."""
    config = (where / "node.toml").read_text()
    shutil.rmtree(where)
    where.mkdir()
    (where / "node.toml").write_text(config)
    return (await restore_node(load(str(where)), DirectoryPlace(str(where.parent / "place")), name)).counts


async def test_a_backup_from_before_a_new_master_key_comes_back_under_it(where, tmp_path):
    async with node(where) as opened:
        kept = await write(opened, 0, 4)
        link = opened.keys.sign(Purpose.CAPABILITY, b"link")
        secret = opened.keys.secrets_key(Purpose.VOLUME).octets
        first = (await opened.services.backups.take(ROOT)).manifest.name
        await opened.services.keys.rotation.begin(ROOT, WHY)
        await turned(opened)
        kept_place(tmp_path, first)
        later = await write(opened, 4, 1)
        second = (await opened.services.backups.take(ROOT)).manifest.name
        assert [one.manifest_ok for one in await opened.services.backups.backups(ROOT)] == [True]
        kept_place(tmp_path, second)
    new = identity_of(where.parent / "data.key")
    # Twice under a new key alone: the state before it was there, and the one after.
    for name, wanted in ((second, kept | later), (first, kept)):
        use_place(tmp_path, name)
        restored = await again(where, name)
        assert (restored.lost, restored.keyless) == (0, 0)
        async with node(where) as opened:
            assert await read(opened) == wanted
            assert opened.keys.sign(Purpose.CAPABILITY, b"link") == link
            assert opened.keys.secrets_key(Purpose.VOLUME).octets == secret
            assert not [one async for one in opened.services.checks.run(lambda _step: None, deep=True)]
            if name == second:
                assert (await opened.services.keys.rotation.views(ROOT))[0].row.new_id == new


async def test_one_key_after_the_other_opens_a_place(where, tmp_path):
    async with node(where) as opened:
        kept = await write(opened, 0, 2)
        await opened.services.backups.take(ROOT)
        for _ in range(3):
            await opened.services.keys.rotation.begin(ROOT, WHY)
            await turned(opened)
    await again(where)
    async with node(where) as opened:
        assert await read(opened) == kept


async def test_a_rehearsal_is_good_after_a_new_master_key(where, tmp_path):
    async with node(where) as opened:
        await write(opened, 0, 3)
        await opened.services.backups.take(ROOT)
        await opened.services.keys.rotation.begin(ROOT, WHY)
        await turned(opened)
    (tmp_path / "sandbox").mkdir()
    done = await rehearse(load(str(where)), DirectoryPlace(str(tmp_path / "place")), str(tmp_path / "sandbox"))
    assert done.good, done.findings


async def test_backups_around_originals_sealed_anew(where, tmp_path):
    async with node(where) as opened:
        kept = await write(opened, 0, 4)
        first = (await opened.services.backups.take(ROOT)).manifest.name
        work = opened.services.keys.resealing
        await work.begin(ROOT, CHACHA20_POLY1305, WHY)
        opened.services.checks._blobs._suite_until = 0
        kept_later = kept | await write(opened, 4, 2)
        while await work._open() is not None:
            await work.turn()
        kept_place(tmp_path, first)
        # The place holds the octets of before, and the rows say that they were sealed anew.
        second = (await opened.services.backups.take(ROOT)).manifest.name
        kept_place(tmp_path, second)
        shutil.rmtree(tmp_path / "place")
        third = (await opened.services.backups.take(ROOT)).manifest.name
        kept_place(tmp_path, third)
    for name, wanted in ((third, kept_later), (first, kept), (second, kept_later)):
        use_place(tmp_path, name)
        await again(where, name)
        async with node(where) as opened:
            assert await read(opened) == wanted
            assert not [one async for one in opened.services.checks.run(lambda _step: None, deep=True)]


async def test_a_backup_from_before_a_change_of_keys_comes_back_and_keeps_the_keys_of_before(where, tmp_path):
    async with node(where) as opened:
        quick(opened.services)
        kept = await write(opened, 0, 3)
        old = (await opened.services.backups.take(ROOT)).manifest.name
        actor = await kim(opened)
        for scope in ("organization", "accounts"):
            await opened.services.keys.rekeying.begin(ROOT, scope, actor.organization_id, AccountId(0), WHY)
            await changed(opened.services)
        await opened.services.keys.retiring.turn()
        change = (await opened.store.rekeys(1))[0]
        assert change.state == "done" and change.destroyed_at is None, "the backup could not be read without them"
        kept_place(tmp_path, "old")
        later = await write(opened, 3, 1)
        await opened.services.backups.take(ROOT)
    # Rows of before under the newest file of keys, in which the keys of before hang on those of today.
    names = {one.name for one in (tmp_path / "place old").rglob("*") if one.is_file()}
    for file in (tmp_path / "place" / "keys").iterdir():
        if file.name not in names:
            shutil.copy(file, tmp_path / "place old" / "keys" / file.name)
    await again(where)
    async with node(where) as opened:
        assert await read(opened) == kept | later
    use_place(tmp_path, "old")
    await again(where, old)
    async with node(where) as opened:
        assert await read(opened) == kept
        assert not [one async for one in opened.services.checks.run(lambda _step: None, deep=True)]
        assert await write(opened, 9, 1)
        # What came back is walked again before anything is destroyed.
        quick(opened.services)
        await opened.services.keys.rekeying.begin(
            ROOT, "accounts", (await kim(opened)).organization_id, AccountId(0), WHY
        )
        await changed(opened.services)
        assert set(await read(opened)) == {0, 1, 2, 9}
