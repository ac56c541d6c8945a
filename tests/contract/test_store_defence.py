"""Contract of the store: defence, on both drivers."""

from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.audit import AuditRecord
from smartmail.domain.defence import Allow, Ban, GreyRow, SendingDay, SendingStop
from smartmail.domain.ids import AccountId
from smartmail.domain.queue import NewRecipient

NOW = 1_700_000_000_000
HOUR = 3_600_000
DAY = 24 * HOUR


def record(action: str) -> AuditRecord:
    return AuditRecord(NOW, "system", action, "network:x")


def ban(subject: str, until: int, *, since: int = NOW, level: int = 0) -> Ban:
    return Ban(
        0, subject, "harvest", {"harvest": 26, "network": 30}, level, since, until, "system", sealed_note=b"note"
    )


def entry(bench: Bench, account_id: AccountId | None, next_at: int = NOW):
    rows = [NewRecipient("x.test", b"h%d" % number, b"sealed", next_at=next_at) for number in range(2)]
    return bench.entry(*rows, account_id=account_id)


async def actions(bench: Bench) -> list[str]:
    return [
        row.record.action
        for row in await bench.store.unchained_records("audit", 0, 1000)
        if row.record.action[:1] in "ds"
    ]


async def test_bans_are_kept_listed_and_ended(bench: Bench):
    store = bench.store
    first = await store.add_ban(ban("192.0.2.7/32", NOW + HOUR), record("defence.ban"))
    second = await store.add_ban(ban("192.0.2.8/32", NOW + 2 * HOUR, level=1), record("defence.ban"))
    assert first.id < second.id
    assert (second.evidence, second.level, second.sealed_note) == ({"harvest": 26, "network": 30}, 1, b"note")
    assert await store.bans(NOW, 10) == [second, first]
    assert await store.bans(NOW + HOUR, 10) == [second]
    assert await store.end_ban(second.id, NOW + 5, "cli", record("defence.release"))
    assert not await store.end_ban(second.id, NOW + 6, "cli", record("defence.release"))
    assert not await store.end_ban(first.id, NOW + HOUR, "cli", record("defence.release"))
    assert not await store.end_ban(999, NOW, "cli", record("defence.release"))
    assert await store.bans(NOW, 10) == [first]
    newest = (await store.ban_history(1))[0]
    assert (newest.id, newest.released_at, newest.released_by) == (second.id, NOW + 5, "cli")
    assert [one for one in await actions(bench) if one.startswith("defence")] == ["defence.ban"] * 2 + [
        "defence.release"
    ]


async def test_every_ban_and_release_moves_the_mark(bench: Bench):
    store = bench.store
    marks = [await store.ban_mark()]
    first = await store.add_ban(ban("192.0.2.7/32", NOW + HOUR), record("defence.ban"))
    marks.append(await store.ban_mark())
    await store.add_ban(ban("192.0.2.8/32", NOW + 2 * HOUR), record("defence.ban"))
    marks.append(await store.ban_mark())
    await store.end_ban(first.id, NOW + 5, "cli", record("defence.release"))
    marks.append(await store.ban_mark())
    assert len(set(marks)) == 4
    assert marks[0] == (0, 0)
    assert [one.subject for one in await store.bans(NOW, 1)] == ["192.0.2.8/32"]


async def test_repeaters_are_counted_without_what_was_taken_back(bench: Bench):
    store = bench.store
    for since in (NOW - 2 * DAY, NOW - DAY, NOW):
        kept = await store.add_ban(ban("192.0.2.7/32", since + HOUR, since=since), record("defence.ban"))
    assert await store.count_bans("192.0.2.7/32", NOW - 3 * DAY) == 3
    assert await store.count_bans("192.0.2.7/32", NOW - DAY) == 2
    await store.end_ban(kept.id, NOW + 1, "cli", record("defence.release"))
    assert await store.count_bans("192.0.2.7/32", NOW - 3 * DAY) == 2
    assert await store.count_bans("192.0.2.8/32", 0) == 0


async def test_exceptions_are_replaced_ended_and_removed(bench: Bench):
    store = bench.store
    await store.put_allow(Allow("192.0.2.0/24", "partner", NOW, NOW + DAY, "cli"), record("defence.allow"))
    await store.put_allow(Allow("192.0.2.0/24", "partner", NOW, NOW + 2 * DAY, "cli", b"why"), record("defence.allow"))
    await store.put_allow(Allow("account:5", "sending", NOW, NOW + DAY, "cli"), record("defence.allow"))
    assert [one.subject for one in await store.allows(NOW)] == ["192.0.2.0/24", "account:5"]
    assert await store.allows(NOW + DAY) == [Allow("192.0.2.0/24", "partner", NOW, NOW + 2 * DAY, "cli", b"why")]
    assert not await store.drop_allow("192.0.2.0/24", "address", record("defence.disallow"))
    assert await store.drop_allow("192.0.2.0/24", "partner", record("defence.disallow"))
    assert [one.kind for one in await store.allows(NOW)] == ["sending"]


async def test_places_of_logins_vouch_for_addresses_and_networks(bench: Bench):
    store, me = bench.store, bench.account.id
    await store.note_places([(me, "192.0.2.7/32", "192.0.2.0/24", NOW)])
    await store.note_places(
        [(me, "192.0.2.7/32", "192.0.2.0/24", NOW + DAY), (AccountId(77), "192.0.2.7/32", "192.0.2.0/24", NOW)]
    )
    assert await store.known_network(me, "192.0.2.0/24", NOW + DAY)
    assert not await store.known_network(me, "192.0.2.0/24", NOW + DAY + 1)
    assert not await store.known_network(me, "192.0.3.0/24", 0)
    assert await store.good_accounts("192.0.2.7/32", NOW) == 2
    assert await store.good_accounts("192.0.2.7/32", NOW + 1) == 1
    assert await store.good_network("192.0.2.0/24", NOW + 1)
    # A stolen account vouches for nobody.
    await store.stop_sending(SendingStop(me, "stolen", {}, NOW, "system"), record("sending.stop"))
    assert not await store.good_network("192.0.2.0/24", NOW + 1)
    assert await store.good_accounts("192.0.2.7/32", NOW) == 1


async def test_a_first_attempt_stands_until_it_ends(bench: Bench):
    store = bench.store
    assert await store.grey_first(GreyRow(b"k", NOW, NOW + DAY), NOW) == NOW
    assert await store.grey_first(GreyRow(b"k", NOW + 60_000, NOW + DAY + 60_000), NOW + 60_000) == NOW
    assert await store.grey_first(GreyRow(b"other", NOW + 5, NOW + DAY), NOW + 5) == NOW + 5
    later = NOW + DAY
    assert await store.grey_first(GreyRow(b"k", later, later + DAY), later) == later


async def test_known_senders_and_correspondents(bench: Bench):
    store, me = bench.store, bench.account.id
    await store.know_senders([b"a", b"b"], NOW + DAY)
    await store.know_senders([b"b"], NOW + 2 * DAY)
    assert await store.known_senders([b"a", b"b", b"c"], NOW) == {b"a", b"b"}
    assert await store.known_senders([b"a", b"b"], NOW + DAY) == {b"b"}
    await store.note_written(me, [b"x", b"y"], NOW)
    await store.note_written(me, [b"x"], NOW + 1)
    assert await store.written(me, [b"x", b"z"]) == {b"x"}
    assert await store.written(AccountId(99), [b"x"]) == set()
    assert await store.anyone_wrote([b"z", b"y"])
    assert not await store.anyone_wrote([b"z"])


async def test_days_of_the_past_are_what_an_account_is_measured_by(bench: Bench):
    store, me = bench.store, bench.account.id
    today = NOW // DAY
    assert await store.sending_days(me, 0, today) == SendingDay(me, today, 0, 0, 0)
    await store.note_sending_day(SendingDay(me, today - 3, 300, 0, 7))
    await store.note_sending_day(SendingDay(me, today - 3, 20, 5, 9))
    await store.note_sending_day(SendingDay(me, today - 2, 10, 40, 0))
    await store.note_sending_day(SendingDay(me, today, 5000, 5000, 5000))
    assert await store.sending_days(me, 0, today) == SendingDay(me, today, 300, 40, 9)
    assert await store.sending_days(me, today - 2, today) == SendingDay(me, today, 10, 40, 0)
    assert await store.sending_days(AccountId(77), 0, today) == SendingDay(AccountId(77), today, 0, 0, 0)
    # What a thief sent is no habit; what an administrator stopped by hand was none.
    await store.note_sending_day(SendingDay(me, today - 1, 900, 900, 0))
    await store.stop_sending(SendingStop(me, "manual", {}, NOW, "cli"), record("sending.stop"))
    assert (await store.sending_days(me, 0, today)).inside == 900
    await store.resume_sending(me, NOW, record("sending.resume"))
    await store.stop_sending(SendingStop(me, "stolen", {}, NOW, "system"), record("sending.stop"))
    assert await store.sending_days(me, 0, today + 1) == SendingDay(me, today + 1, 300, 40, 9)


async def test_an_hour_is_counted_once_a_day(bench: Bench):
    store, me = bench.store, bench.account.id
    assert await store.sending_hours(me) == (0,) * 24
    for day in (5, 5, 6):
        await store.note_sending_hour(me, 3, day)
    await store.note_sending_hour(me, 23, 5)
    assert await store.sending_hours(me) == (0, 0, 0, 2, *(0,) * 19, 1)


async def test_a_place_is_usual_new_or_nobody_knows(bench: Bench):
    store, me = bench.store, bench.account.id
    assert await store.sending_place(me, "192.0.2.0/24", NOW) == "unknown"
    await store.note_places([(me, "192.0.2.7/32", "192.0.2.0/24", NOW)])
    assert await store.sending_place(me, "192.0.2.0/24", NOW - 1) == "unknown"
    assert await store.sending_place(me, "192.0.2.0/24", NOW) == "usual"
    assert await store.sending_place(me, "203.0.113.0/24", NOW) == "new"
    await store.note_places([(AccountId(77), "203.0.113.7/32", "203.0.113.0/24", NOW)])
    assert await store.sending_place(me, "203.0.113.0/24", NOW) == "usual"


async def test_a_stopped_accounts_mail_is_held_and_goes_when_it_may(bench: Bench):
    store, me = bench.store, bench.account.id
    mine = entry(bench, me)
    other = entry(bench, None)
    await store.enqueue(mine)
    await store.enqueue(other)
    stop = SendingStop(me, "stolen", {"burst": 30}, NOW, "system")
    assert await store.stop_sending(stop, record("sending.stop")) == len(mine.recipients)
    assert await store.stop_sending(stop, record("sending.stop")) is None
    assert await store.sending_stops() == [stop]
    late = entry(bench, me)
    await store.enqueue(late)
    assert await store.hold_sending(me) == len(late.recipients)
    assert await store.hold_sending(me) == 0
    held = {entry.id: {(row.state, row.hold_reason) for row in rows} for entry, rows in await store.queue_entries(10)}
    assert held[mine.id] == held[late.id] == {("held", "sending")}
    assert held[other.id] == {("ready", None)}
    freed = await store.resume_sending(me, NOW + 1, record("sending.resume"))
    assert freed == len(mine.recipients) + len(late.recipients)
    assert await store.resume_sending(me, NOW + 1, record("sending.resume")) is None
    assert await store.sending_stops() == []
    states = {row.state for _entry, rows in await store.queue_entries(10) for row in rows}
    assert states == {"ready"}
    assert (await actions(bench)).count("sending.stop") == 1


async def test_a_scheduled_mail_keeps_its_time(bench: Bench):
    store, me = bench.store, bench.account.id
    await store.enqueue(entry(bench, me, NOW + DAY))
    await store.stop_sending(SendingStop(me, "manual", {}, NOW, "cli"), record("sending.stop"))
    await store.resume_sending(me, NOW + 1, record("sending.resume"))
    [(_entry, rows)] = await store.queue_entries(10)
    assert {row.next_at for row in rows} == {NOW + DAY}


async def test_what_ended_is_forgotten_in_time(bench: Bench):
    store, me = bench.store, bench.account.id
    await store.grey_first(GreyRow(b"k", NOW, NOW + DAY), NOW)
    await store.know_senders([b"a"], NOW + DAY)
    await store.add_ban(ban("192.0.2.7/32", NOW + HOUR), record("defence.ban"))
    await store.note_places([(me, "192.0.2.7/32", "192.0.2.0/24", NOW)])
    assert await store.forget_defence(NOW + HOUR, 100) == 0
    assert await store.forget_defence(NOW + DAY, 100) == 2
    assert await store.forget_defence(NOW + 61 * DAY, 100) == 1
    assert len(await store.ban_history(10)) == 1
    assert await store.forget_defence(NOW + 200 * DAY, 100) == 1
    await store.note_sending_day(SendingDay(me, NOW // DAY, 10, 0, 0))
    assert await store.forget_defence(NOW + 399 * DAY, 100) == 0
    assert await store.forget_defence(NOW + 401 * DAY, 100) == 1
    assert await store.ban_history(10) == []
