"""A backup is taken while mail flows; the whole data directory is lost; everything comes back as it was."""

from pathlib import Path

import pytest
from tests.contract.store_backends import new_database
from tests.flows.backup_house import lose, restore, sealed_place, seen, take
from tests.flows.house import PASSWORD, compose_house, open_house, serve
from tests.flows.imap_client import Client

from smartmail.adapters.backup import DirectoryPlace
from smartmail.domain.audit import AuditRecord
from smartmail.domain.backup import Keeping
from smartmail.domain.records import Destruction
from smartmail.formats.seal import Kind
from smartmail.ports.backup import PlaceFull
from smartmail.service.kernel.clock import DAY
from smartmail.service.operations.backup.keeping import clear, clear_keys
from smartmail.service.operations.backup.taking import Pace, Taking
from smartmail.service.operations.backup.verifying import compare, verify

LOGIN = "kim@a.example"


async def fill(house, count=20):
    client = await Client.open(house.ports["imap"], LOGIN, PASSWORD)
    for number in range(count):
        flags = r"(\Seen \Flagged)" if number % 3 else "(own-word)"
        body = f"Subject: {number}\r\nMessage-ID: <{number}@x>\r\n\r\n{'본문' * number}\r\n".encode()
        assert await client.cmd(f"APPEND INBOX {flags} {{}}", body)
    assert await client.cmd('CREATE "Plans"')
    await client.cmd("SELECT INBOX")
    assert await client.cmd("MOVE 3:5 Plans")
    assert await client.cmd("STORE 1 +FLAGS (\\Deleted)")
    assert await client.cmd("EXPUNGE")
    await client.close()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


async def test_everything_comes_back_to_an_empty_host(data: Path, tmp_path: Path):
    place = tmp_path / "place"
    async with open_house(data) as house:
        await house.person(LOGIN)
        await fill(house)
        taken = await take(house, data, place)
        assert not taken.manifest.missing
        before = await seen(house.ports["imap"], LOGIN, PASSWORD)
    lose(data)
    restored = await restore(data, place)
    assert (restored.lost, restored.keyless, restored.accounts) == (0, 0, 1)
    async with compose_house(data) as house, serve(house):
        after = await seen(house.ports["imap"], LOGIN, PASSWORD)
        assert after == before, "the same octets, flags, UIDs and UIDVALIDITY"
        assert sum(len(one[1]) for one in after.values()) == 19
        assert [finding async for finding in house.services.checks.run(lambda step: None, deep=True)] == []


@pytest.mark.postgres
async def test_a_backup_of_sqlite_becomes_a_node_on_postgresql_and_the_way_back(data: Path, tmp_path: Path):
    there, back = tmp_path / "there", tmp_path / "back"
    address = await new_database()
    async with open_house(data) as house:
        await house.person(LOGIN)
        await fill(house)
        first = (await take(house, data, there)).manifest
        before = await seen(house.ports["imap"], LOGIN, PASSWORD)
    lose(data)
    await restore(data, there, postgres=address, fence=False)
    async with compose_house(data, postgres=address) as house, serve(house):
        async with house.store.snapshot() as snapshot:
            assert [one async for one in compare(snapshot, first)] == []
        assert await seen(house.ports["imap"], LOGIN, PASSWORD) == before
        client = await Client.open(house.ports["imap"], LOGIN, PASSWORD)
        assert await client.cmd("APPEND INBOX {}", b"Subject: new\r\n\r\nids go on\r\n")
        await client.close()
        await house.person("lee@a.example")
        await take(house, data, back)
        before = await seen(house.ports["imap"], LOGIN, PASSWORD)
    lose(data)
    await restore(data, back)
    async with compose_house(data) as house, serve(house):
        assert await seen(house.ports["imap"], LOGIN, PASSWORD) == before
        assert [one.login for one in await house.services.directory.accounts()] == [LOGIN, "lee@a.example"]


async def test_programs_that_saw_more_than_comes_back_are_not_misled(data: Path, tmp_path: Path):
    """UIDs are not given twice, flags that went back are told, what has gone is told, no body is loaded again."""
    async with open_house(data) as house:
        await house.person(LOGIN)
        await fill(house, 6)
        await take(house, data, tmp_path / "place")
        client = await Client.open(house.ports["imap"], LOGIN, PASSWORD)
        await client.cmd("ENABLE QRESYNC")
        await client.cmd("SELECT INBOX")
        await client.cmd("UID STORE 2 +FLAGS (\\Answered)")
        for number in range(3):
            await client.cmd("APPEND INBOX {}", f"Subject: lost {number}\r\n\r\n.\r\n".encode())
        chosen = (await client.cmd("SELECT INBOX")).codes()
        uids = [int(one["UID"]) for one in (await client.cmd("UID FETCH 1:* (UID)")).fetches().values()]
        await client.close()
    lose(data)
    await restore(data, tmp_path / "place")
    async with compose_house(data) as house, serve(house):
        client = await Client.open(house.ports["imap"], LOGIN, PASSWORD)
        await client.cmd("ENABLE QRESYNC")
        known = f"{chosen['UIDVALIDITY']} {chosen['HIGHESTMODSEQ']} {min(uids)}:{max(uids)}"
        again = await client.cmd(f"SELECT INBOX (QRESYNC ({known}))")
        assert again.codes()["UIDVALIDITY"] == chosen["UIDVALIDITY"], "nothing is loaded again"
        assert int(again.codes()["HIGHESTMODSEQ"]) > int(chosen["HIGHESTMODSEQ"])
        vanished = b" ".join(again.starting(b"VANISHED")).decode()
        assert all(str(uid) in vanished or f"{uids[-3]}:{uids[-1]}" in vanished for uid in uids[-3:]), vanished
        told = {int(one["UID"]): one["FLAGS"] for one in again.fetches().values()}
        assert "Answered" not in str(told[2])
        answer = await client.cmd("APPEND INBOX {}", b"Subject: new\r\n\r\n.\r\n")
        assert int(answer.code.split()[2]) > max(uids), "the UID of a message that programs may know is not given again"
        await client.close()


async def test_only_what_is_new_is_copied_and_a_backup_that_was_cut_is_none(data: Path, tmp_path: Path):
    async with open_house(data) as house:
        await house.person(LOGIN)
        await fill(house, 8)
        folder = tmp_path / "place"
        first = await take(house, data, folder)
        assert first.new_blobs == 8
        assert (await take(house, data, folder)).new_blobs == 0
        names = await (await sealed_place(data, folder)).manifest_names()
        await fill_more(house)
        cuts, at = 0, 0
        while True:
            at += 1
            place = await sealed_place(data, folder)
            place.place = Failing(str(folder), at)
            try:
                taken = await Taking(house.store, house.services.upkeep._volumes, place, house.clock, Pace(0)).run()
            except PlaceFull:
                cuts += 1
                assert await place.manifest_names() == names, "nothing that was cut is taken for a backup"
                continue
            break
        assert cuts > 20
        assert taken.new_blobs == 0, "what a run that was cut had copied is not copied again"
        assert [one async for one in verify(place)] == []


class Failing(DirectoryPlace):
    """Has no room for the n-th object."""

    def __init__(self, directory, number):
        super().__init__(directory)
        self._left = number

    async def put(self, name, octets):
        self._left -= 1
        if self._left == 0:
            raise PlaceFull("no room")
        await super().put(name, octets)


async def fill_more(house):
    client = await Client.open(house.ports["imap"], LOGIN, PASSWORD)
    for number in range(3):
        assert await client.cmd("APPEND INBOX {}", f"Subject: later {number}\r\n\r\n.\r\n".encode())
    await client.close()


def flip(path: Path):
    octets = bytearray(path.read_bytes())
    octets[len(octets) // 2] ^= 1
    path.write_bytes(octets)


def cut(path: Path):
    path.write_bytes(path.read_bytes()[:-20])


def exchange(path: Path):
    other = next(one for one in sorted(path.parent.iterdir()) if one != path)
    mine, theirs = path.read_bytes(), other.read_bytes()
    path.write_bytes(theirs)
    other.write_bytes(mine)


@pytest.mark.parametrize("fault", [flip, cut, exchange, Path.unlink])
@pytest.mark.parametrize("where", ["rows", "packs", "indexes", "keys", "manifests"])
async def test_every_fault_in_the_place_is_found(data: Path, tmp_path: Path, fault, where):
    folder = tmp_path / "place"
    async with open_house(data) as house:
        await house.person(LOGIN)
        await fill(house, 6)
        await take(house, data, folder)
        await fill_more(house)
        await take(house, data, folder)
        place = await sealed_place(data, folder)
        assert [one async for one in verify(place)] == []
        manifest = await place.manifest((await place.manifest_names())[-1])
        name = {"rows": manifest.parts[-1].id, "packs": manifest.packs[0], "indexes": manifest.packs[0]}.get(where)
        victim = folder / where / name if name else sorted((folder / where).iterdir())[-1]
        fault(victim)
        found = [one async for one in verify(place, manifest.name)]
        if where == "keys" and fault is Path.unlink:
            assert found == [], "the key file before it serves"
        else:
            assert found, f"{fault} in {where} went unseen"


async def test_another_master_key_opens_nothing(data: Path, tmp_path: Path):
    async with open_house(data) as house:
        await house.person(LOGIN)
        await take(house, data, tmp_path / "place")
    (tmp_path / "other").mkdir()
    async with open_house(tmp_path / "other"):
        pass
    lose(tmp_path / "other")
    with pytest.raises(Exception, match="master key"):
        await restore(tmp_path / "other", tmp_path / "place")


async def test_what_was_shredded_stays_shredded_when_an_old_backup_comes_back(data: Path, tmp_path: Path):
    folder = tmp_path / "place"
    async with open_house(data) as house:
        account = await house.person(LOGIN)
        await house.person("lee@a.example")
        await fill(house, 5)
        old = (await take(house, data, folder)).manifest.name
        entry = Destruction(
            0,
            account.organization_id,
            1,
            "account",
            f"account:{account.id}",
            "ground",
            "cli",
            "1",
            "key",
            {},
            ("0",),
            b"n",
        )
        record = AuditRecord(1, "cli", "account.destroyed", f"account:{account.id}")
        await house.store.destroy_account_key(account.id, entry, record)
        await take(house, data, folder)
        place = await sealed_place(data, folder)
        await clear_keys(place, house.clock.now() + 8 * DAY)
        assert len(await place.names(Kind.BACKUP_KEYS)) == 1
    lose(data)
    done = await restore(data, folder, name=old)
    assert (done.keyless, done.messages) == (1, 4)
    octets = b"".join(one.read_bytes() for one in folder.rglob("*") if one.is_file())
    assert account.wrapped_key not in octets
    async with compose_house(data) as house:
        with pytest.raises(Exception, match="open|key|seal"):
            await house.services.reading._keyring.account_by_id(account.id)


async def test_old_backups_go_with_what_only_they_needed(data: Path, tmp_path: Path):
    folder = tmp_path / "place"
    async with open_house(data) as house:
        await house.person(LOGIN)
        await fill(house, 5)
        await take(house, data, folder)
        await take(house, data, folder)
        place = await sealed_place(data, folder)
        names = await place.manifest_names()
        assert await clear(place, Keeping(1, 0, 0), house.clock.now() + 3 * DAY) == 1
        assert await place.manifest_names() == names[1:]
        assert [one async for one in verify(place)] == []
        needed = {part.id for part in (await place.manifest(names[1])).parts}
        assert {one.name for one in (folder / "rows").iterdir()} == needed
