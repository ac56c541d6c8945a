"""Mail of one person comes back from a backup: one message, one mailbox, all of it; in place or beside; by the helpdesk."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.flows.backup_house import seen
from tests.flows.house import PASSWORD, compose_house, open_house
from tests.flows.imap_client import Client

from smartmail.adapters.backup import DirectoryPlace
from smartmail.domain.errors import Forbidden, Invalid, NotFound, Unavailable
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.service.kernel.clock import DAY
from smartmail.service.operations.backup.bringing import Wanted
from smartmail.service.operations.backup.service import BackupPlan

LOGIN = "kim@a.example"
CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
REASON = "asked for by the person, ticket 17"


@pytest.fixture
async def house(tmp_path: Path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        await opened.person(LOGIN)
        plan = BackupPlan(DirectoryPlace(str(tmp_path / "place")), hour=0)
        opened.services.backups._plan = plan
        await fill(opened)
        await opened.services.backups.take(CLI)
        yield opened


async def imap(house):
    return await Client.open(house.ports["imap"], LOGIN, PASSWORD)


async def fill(house):
    client = await imap(house)
    assert await client.cmd('CREATE "Projects/2026"')
    for number in range(4):
        octets = f"Subject: plan {number}\r\nMessage-ID: <{number}@x>\r\n\r\n{number}\r\n".encode()
        assert await client.cmd('APPEND "Projects/2026" (\\Flagged own-word) {}', octets)
    assert await client.cmd("APPEND INBOX (\\Seen) {}", b"Subject: other\r\n\r\nother\r\n")
    await client.close()


def bodies(mailbox):
    return sorted(octets for _flags, octets in mailbox[1].values())


async def wipe(house):
    """The person deletes the mailbox, and the vault forgets what was in it."""
    client = await imap(house)
    assert await client.cmd('SELECT "Projects/2026"')
    assert await client.cmd("STORE 1:* +FLAGS (\\Deleted)")
    assert await client.cmd("EXPUNGE")
    assert await client.cmd("CLOSE")
    assert await client.cmd('DELETE "Projects/2026"')
    await client.close()
    account = house.accounts[LOGIN]
    await house.store.purge_vault(account.id, before=house.clock.now() + DAY, limit=1000)
    for row in await house.store.dead_blobs(house.clock.now() + DAY, 1000):
        await house.store.forget_blobs([row.id])
        await house.services.upkeep._delete(row)


async def test_a_mailbox_that_was_deleted_comes_back_with_everything_in_it(house):
    account = house.accounts[LOGIN]
    before = await seen(house.ports["imap"], LOGIN, PASSWORD)
    await wipe(house)
    assert "Projects/2026" not in await seen(house.ports["imap"], LOGIN, PASSWORD)
    wanted = Wanted(account.id, ("Projects", "2026"))
    brought = await house.services.backups.bring(CLI, wanted, REASON, beside=False)
    assert (brought.chosen, brought.brought, brought.present, brought.lost) == (4, 4, 0, 0)
    after = await seen(house.ports["imap"], LOGIN, PASSWORD)
    assert bodies(after["Projects/2026"]) == bodies(before["Projects/2026"])
    for flags, _octets in after["Projects/2026"][1].values():
        assert "own-word" in str(flags)
        assert "Flagged" in str(flags)
    again = await house.services.backups.bring(CLI, wanted, REASON, beside=False)
    assert (again.brought, again.present) == (0, 4), "nothing comes twice"
    assert [one async for one in house.services.checks.run(lambda step: None, deep=True)] == []


async def test_one_message_and_all_that_is_missing(house):
    account = house.accounts[LOGIN]
    ids = sorted(one.id for one in await house.store.all_messages(account.id))
    await wipe(house)
    one = await house.services.backups.bring(CLI, Wanted(account.id, message_id=ids[1]), REASON, beside=False)
    assert (one.chosen, one.brought) == (1, 1)
    rest = await house.services.backups.bring(CLI, Wanted(account.id), REASON, beside=False)
    assert (rest.chosen, rest.brought, rest.present) == (5, 3, 2)
    with pytest.raises(NotFound):
        await house.services.backups.bring(CLI, Wanted(account.id, message_id=99_999), REASON, beside=False)


async def test_one_message_by_what_a_trace_tells_of_it(house):
    account = house.accounts[LOGIN]
    await wipe(house)
    for given, brought in (("2@x", 1), ("<2@x>", 0)):  # with or without brackets; nothing comes twice
        one = await house.services.backups.bring(CLI, Wanted(account.id, header_id=given), REASON, beside=False)
        assert (one.chosen, one.brought) == (1, brought)
    [octets] = bodies((await seen(house.ports["imap"], LOGIN, PASSWORD))["Projects/2026"])
    assert b"plan 2" in octets
    with pytest.raises(NotFound):
        await house.services.backups.bring(CLI, Wanted(account.id, header_id="9@x"), REASON, beside=False)


async def test_beside_brings_all_of_it_into_a_mailbox_of_its_own_and_changes_nothing_else(house):
    account = house.accounts[LOGIN]
    before = await seen(house.ports["imap"], LOGIN, PASSWORD)
    brought = await house.services.backups.bring(CLI, Wanted(account.id), REASON, beside=True)
    assert (brought.chosen, brought.brought) == (5, 5)
    after = await seen(house.ports["imap"], LOGIN, PASSWORD)
    assert {name: box for name, box in after.items() if name in before} == before
    new = {name: box for name, box in after.items() if name not in before}
    assert sorted(octets for box in new.values() for octets in bodies(box)) == sorted(
        octets for box in before.values() for octets in bodies(box)
    )
    assert (await house.services.backups.bring(CLI, Wanted(account.id), REASON, beside=True)).brought == 0
    assert [one async for one in house.services.checks.run(lambda step: None, deep=True)] == []


async def test_a_backup_of_a_day_before_is_asked_for_by_its_day(house):
    account = house.accounts[LOGIN]
    with pytest.raises(NotFound, match="of that time"):
        await house.services.backups.bring(CLI, Wanted(account.id), REASON, at=house.clock.now() - DAY, beside=False)


async def test_the_helpdesk_restores_without_reading_and_everybody_else_does_not(house):
    account = house.accounts[LOGIN]
    desk = await house.person("desk@a.example")
    actor = Actor(desk.id, desk.organization_id, desk.login, is_admin=False, origin=Origin("admin"))
    backups = house.services.backups
    with pytest.raises(Forbidden):
        await backups.bring(actor, Wanted(account.id), REASON, beside=False)
    scope = Scope("organization", str(int(desk.organization_id)))
    await house.services.roles.appoint(CLI, desk.id, "helpdesk", scope, reason=REASON)
    house.services.authority.changed(desk.id)
    await wipe(house)
    with pytest.raises(Invalid):
        await backups.bring(actor, Wanted(account.id), "no", beside=False)
    brought = await backups.bring(actor, Wanted(account.id), REASON, beside=False)
    assert set(vars(type(brought))["__slots__"]) == {"chosen", "brought", "present", "lost"}, "counts, nothing to read"
    with pytest.raises(Forbidden):
        await backups.take(actor)
    runs = await backups.runs(CLI)
    assert runs[0].kind == "restore" and runs[0].facts["brought"] == 4


async def test_green_needs_a_backup_and_a_rehearsal_within_eight_days(house):
    backups = house.services.backups
    assert [one.object for one in (await backups.standing(CLI)).findings] == ["rehearsal"]
    await backups.note(CLI, "rehearsal", "1", {"good": False})
    assert not (await backups.standing(CLI)).green
    await backups.note(CLI, "rehearsal", "1", {"good": True})
    assert (await backups.standing(CLI)).green
    backups._clock = Later(house.clock, 9)
    assert [one.object for one in (await backups.standing(CLI)).findings] == ["backup", "rehearsal"]


async def test_the_job_takes_one_backup_a_day(house):
    backups = house.services.backups
    assert not await backups.turn(), "one was taken a moment ago"
    backups._clock = Later(house.clock, 1)
    assert await backups.turn()
    assert not await backups.turn()
    backups._plan = replace(backups._plan, hour=None)
    backups._clock = Later(house.clock, 3)
    assert not await backups.turn(), "only by command"


async def test_without_a_place_it_says_what_to_do(tmp_path):
    (tmp_path / "data").mkdir()
    async with compose_house(tmp_path / "data") as house:
        with pytest.raises(Unavailable) as raised:
            await house.services.backups.take(CLI)
        assert "[backup]" in raised.value.public
        runs = await house.services.backups.runs(CLI)
        assert [(one.kind, one.state) for one in runs] == [("backup", "failed")]


class Later:
    """A clock some days ahead."""

    def __init__(self, clock, days):
        self._clock, self._ahead = clock, days * DAY

    def now(self):
        return self._clock.now() + self._ahead

    def new_id(self):
        return self._clock.new_id()

    def random(self, octets):
        return self._clock.random(octets)
