"""Shares that end by themselves over JMAP: the day is set, told, refused when it is past, and holds to the moment."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest
from tests.house.jobs import service_of
from tests.jmap_server.jmap_house import House, mail
from tests.jmap_server.test_jmap_sharing import CLI, VIEW, people  # noqa: F401

from smartmail.adapters.clock import SystemClock
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.rights import WHOLE_ACCOUNT
from smartmail.service.kernel.envelope import open_recipient

DAY = 24 * 3_600_000


class Calendar(SystemClock):
    """Stands still, a day or so ahead."""

    def __init__(self) -> None:
        super().__init__()
        self.start, self.ahead = SystemClock().now() // 1000 * 1000, 0

    def now(self) -> int:
        return self.start + self.ahead


@pytest.fixture
def clock(house: House, monkeypatch) -> Calendar:
    calendar = Calendar()
    for service in (house.services.rights, house.services.sharing, service_of(house.services, "share-ends")):
        monkeypatch.setattr(service, "_clock", calendar)
    return calendar


def at(clock: Calendar, after: int) -> str:
    moment = datetime.fromtimestamp((clock.start + after) // 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


async def test_a_share_ends_at_its_moment_and_is_told(house, people, kim, clock):  # noqa: F811
    kims, chois = people
    number = await house.deliver(kim, mail("until Friday"))
    inbox, end = (await kims.box())["id"], at(clock, DAY)
    answer = await kims.call(
        "Mailbox/set", update={inbox: {f"shareWith/{chois.id}": VIEW, f"shareEnds/{chois.id}": end}}
    )
    assert answer["notUpdated"] is None, answer
    assert (await kims.box())["shareEnds"] == {chois.id: end}
    assert (await chois.box(account=kims.account))["shareEnds"] is None
    told = (await chois.session())["accounts"]
    assert kims.account in told

    clock.ahead = DAY - 2_000
    assert (await chois.call("Email/get", accountId=kims.account, ids=[f"e{number}"]))["list"]
    # Looked up a moment before the end: what is kept does not outlive it, and no job has run.
    clock.ahead = DAY
    assert await chois.error("Email/get", accountId=kims.account, ids=[f"e{number}"]) == "accountNotFound"
    mine = await kims.box()
    assert (mine["shareWith"], mine["shareEnds"]) == (None, {})

    assert await service_of(house.services, "share-ends").turn() == 1
    assert await service_of(house.services, "share-ends").turn() == 0
    assert kims.account not in (await chois.session())["accounts"]
    [first, last] = (await chois.call("ShareNotification/get", ids=None))["list"]
    assert first["newRights"]["mayReadItems"]
    assert (last["newRights"], last["changedBy"]["email"]) == (None, "kim@a.example")
    records = [row.record for row in await house.store.unchained_records("audit", 0, 1000)]
    assert [one.action for one in records if one.action.startswith("share.")] == ["share.set", "share.end"]
    assert f"until:{end}" in next(one.object for one in records if one.action == "share.set")


async def test_a_day_is_changed_taken_out_and_refused(house, people, clock):  # noqa: F811
    kims, chois = people
    inbox = (await kims.box())["id"]

    async def refused(patch):
        answer = await kims.call("Mailbox/set", update={inbox: patch})
        error = (answer["notUpdated"] or {}).get(inbox)
        return error and (error["type"], error["properties"])

    mine = f"shareEnds/{chois.id}"
    wrong = ("invalidProperties", ["shareEnds"])
    assert await refused({mine: at(clock, DAY)}) == wrong
    await kims.share(inbox, **{chois.id: VIEW})
    for value in (at(clock, -DAY), "Friday", 7, "2026-13-40T00:00:00Z"):
        assert await refused({mine: value}) == wrong, value
    assert await refused({"shareEnds": [chois.id]}) == wrong
    assert (await kims.box())["shareEnds"] == {}

    first, later = at(clock, DAY), at(clock, 9 * DAY)
    assert await refused({mine: first}) is None
    # Another role keeps the day; another day moves it; null and an empty map take it out.
    await kims.share(inbox, **{f"{chois.id}/mayAddItems": True})
    assert (await kims.box())["shareEnds"] == {chois.id: first}
    assert await refused({mine: later}) is None
    clock.ahead = 2 * DAY
    assert await service_of(house.services, "share-ends").turn() == 0
    assert await chois.box(account=kims.account)
    assert await refused({"shareEnds": {}}) is None
    assert (await kims.box())["shareEnds"] == {}
    clock.ahead = 20 * DAY
    assert await chois.box(account=kims.account)


async def test_what_is_shared_again_after_its_end_has_no_end(house, people, clock):  # noqa: F811
    kims, chois = people
    inbox = (await kims.box())["id"]
    patch = {f"shareWith/{chois.id}": VIEW, f"shareEnds/{chois.id}": at(clock, DAY)}
    assert (await kims.call("Mailbox/set", update={inbox: patch}))["notUpdated"] is None
    clock.ahead = 2 * DAY
    await kims.share(inbox, **{chois.id: VIEW})
    assert await service_of(house.services, "share-ends").turn() == 0
    assert (await chois.box(account=kims.account))["id"] == inbox
    assert (await kims.box())["shareEnds"] == {}


@pytest.mark.parametrize("role", ["view", "manage"])
async def test_a_whole_account_is_shared_until_a_day(people, clock, role):  # noqa: F811
    kims, chois = people
    end = at(clock, DAY)
    made = await kims.call("Delegation/set", create={"new": {"principalId": chois.id, "role": role, "ends": end}})
    assert made["notCreated"] is None, made
    past = await kims.call("Delegation/set", update={chois.id: {"role": role, "ends": at(clock, -DAY)}})
    assert past["notUpdated"][chois.id]["properties"] == ["ends"]
    assert (await kims.call("Delegation/set", update={chois.id: {"role": "view"}}))["notUpdated"] is None
    [held] = (await kims.call("Delegation/get", ids=None))["list"]
    assert (held["role"], held["ends"]) == ("view", end)
    clock.ahead = DAY
    assert await chois.error("Mailbox/get", accountId=kims.account) == "accountNotFound"
    assert (await kims.call("Delegation/get", ids=None))["list"] == []


class Post:
    """Stands for the notices of the house: keeps what would be sent."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.sent: list[tuple[str, str, str]] = []

    async def written(self, reader, subject: str, text: str) -> None:
        self.sent.append((reader.login, subject, text))

    async def settled(self) -> list[tuple[str, str, str]]:
        """Return what has been sent when nothing waits any more."""
        await service_of(self.house.services, "share-notifications").settle()
        return self.sent


@pytest.fixture
def post(house: House, monkeypatch) -> Post:
    fake = Post(house)
    monkeypatch.setattr(service_of(house.services, "share-notifications"), "_notices", fake)
    return fake


async def test_both_sides_are_told_by_mail(house, people, clock, post):  # noqa: F811
    kims, chois = people
    inbox, archive = (await kims.box())["id"], (await kims.box("archive"))["id"]
    end = at(clock, DAY)
    patch = {f"shareWith/{chois.id}": VIEW, f"shareEnds/{chois.id}": end}
    answer = await kims.call("Mailbox/set", update={inbox: patch, archive: patch})
    assert answer["notUpdated"] is None, answer
    # Two mailboxes in one act: one letter, with what, whose, as what, until when, and the way there.
    [(reader, subject, text)] = await post.settled()
    assert (reader, subject) == ("choi@a.example", "메일함을 공유받았습니다: 받은메일함, 보관함")
    korean = datetime.fromisoformat(end).astimezone(timezone(timedelta(hours=9)))
    for part in ("kim@a.example", "보기", f"{korean:%Y-%m-%d}", f"/#~{kims.account}/{inbox}"):
        assert part in text
    # A smaller right and the end of it all are no news by mail; another day is.
    await kims.share(inbox, **{f"{chois.id}/maySetSeen": False})
    await kims.share(archive, **{chois.id: None})
    assert len(await post.settled()) == 1
    later = {f"shareEnds/{chois.id}": at(clock, 2 * DAY)}
    assert (await kims.call("Mailbox/set", update={inbox: later}))["notUpdated"] is None
    assert len(await post.settled()) == 2
    clock.ahead = 2 * DAY
    assert await service_of(house.services, "share-ends").turn() == 1
    assert sorted(reader for reader, *_ in (await post.settled())[2:]) == ["choi@a.example", "kim@a.example"]
    assert all("받은메일함" in subject for _, subject, _ in post.sent[2:])


class DyingPost:
    """Writes so many letters as the house does, and never comes back from the next one."""

    def __init__(self, real, most: int) -> None:
        self.real, self.left, self.hangs = real, most, asyncio.Event()

    async def written(self, reader, subject: str, text: str):
        if not self.left:
            self.hangs.set()
            await asyncio.Event().wait()
        self.left -= 1
        return await self.real.written(reader, subject, text)


async def queued_for(house: House) -> list[str]:
    """Return whom letters wait for."""
    found = []
    for entry, rows in await house.store.queue_entries(100):
        keys = await house.services.queue._keyring.queue(entry.organization_id)
        found += [open_recipient(keys, row).address for row in rows]
    return sorted(found)


async def test_a_process_that_dies_among_letters_sends_each_once(house, people, kim, clock, monkeypatch):  # noqa: F811
    names = ("lee", "park", "jung")
    for name in names:
        await house.person(f"{name}@a.example")
    work, real = (
        service_of(house.services, "share-notifications"),
        service_of(house.services, "share-notifications")._notices,
    )
    monkeypatch.setattr(work, "_clock", clock)
    monkeypatch.setattr(work._leased, "_clock", clock)
    dying = DyingPost(real, 2)
    monkeypatch.setattr(work, "_notices", dying)
    owner = Actor(kim.id, kim.organization_id, kim.login, False, Origin("jmap"))
    everybody = await house.services.sharing.named(owner, "domain:a.example")
    await house.services.sharing.share(owner, kim.id, WHOLE_ACCOUNT, everybody, "lrs")
    # The answer waits for no letter.
    assert await queued_for(house) == []
    assert await work.turn() == 1
    await asyncio.wait_for(dying.hangs.wait(), 60)
    await work.stop()
    assert len(await queued_for(house)) == 2
    # Until its lease is over nobody knows that it has died.
    monkeypatch.setattr(work, "_notices", real)
    await work.settle()
    assert len(await queued_for(house)) == 2
    clock.ahead += 61_000
    await work.settle()
    assert await queued_for(house) == sorted(f"{name}@a.example" for name in ("choi", *names))
    clock.ahead += 61_000
    assert await work.turn() == 0


async def test_a_company_may_do_without_these_letters(house, people, clock, post):  # noqa: F811
    kims, chois = people
    scope = Scope("account", kims.account[1:])
    await house.services.governing.set_knob(CLI, PolicyRule("sharing.mail", scope, value=False))
    inbox = (await kims.box())["id"]
    patch = {f"shareWith/{chois.id}": VIEW, f"shareEnds/{chois.id}": at(clock, DAY)}
    assert (await kims.call("Mailbox/set", update={inbox: patch}))["notUpdated"] is None
    clock.ahead = DAY
    assert await service_of(house.services, "share-ends").turn() == 1
    assert await post.settled() == []


async def test_who_may_share_for_a_time_gives_nothing_beyond_it(house, people, clock):  # noqa: F811
    kims, chois = people
    third = f"u{(await house.person('park@a.example')).id}"
    inbox, end = (await kims.box())["id"], at(clock, DAY)
    manage = dict.fromkeys((await kims.box())["myRights"], True)
    patch = {f"shareWith/{chois.id}": manage, f"shareEnds/{chois.id}": end}
    assert (await kims.call("Mailbox/set", update={inbox: patch}))["notUpdated"] is None
    # Neither their own time nor that of others.
    wishes = {f"shareEnds/{chois.id}": at(clock, 9 * DAY), f"shareWith/{third}": VIEW}
    answer = await chois.call("Mailbox/set", accountId=kims.account, update={inbox: wishes})
    assert answer["notUpdated"] is None, answer
    assert (await kims.box())["shareEnds"] == {chois.id: end, third: end}
