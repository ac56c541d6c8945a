"""Contract of the store: alarms, on both drivers."""

from dataclasses import replace

from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.alarms import Alarm
from smartmail.domain.audit import AuditRecord

NOW = 1_700_000_000_000
FRESH = Alarm(0, "queue.length", "", "warning", 6_000, 6_000, NOW, NOW)


def record(action: str) -> AuditRecord:
    return AuditRecord(NOW, "system", action, "alarm:queue.length")


async def test_one_alarm_of_a_kind_stands_at_a_time(bench: Bench):
    store = bench.store
    made = await store.add_alarm(FRESH, record("alarm.begun"))
    assert made is not None and made.id > 0 and replace(made, id=0) == FRESH
    assert await store.add_alarm(FRESH, record("alarm.begun")) is None
    other = await store.add_alarm(replace(FRESH, subject="volume:1", since=NOW - 5), record("alarm.begun"))
    assert await store.standing_alarms() == [other, made]
    ended = replace(made, ended_at=NOW + 5, acknowledged_at=NOW + 1, acknowledged_by="account:3", peak=7_000)
    assert await store.put_alarm(ended, record("alarm.ended"))
    assert await store.standing_alarms() == [other]
    assert await store.ended_alarms(NOW, 10) == [ended]
    assert await store.ended_alarms(NOW + 6, 10) == []
    again = await store.add_alarm(FRESH, record("alarm.begun"))
    assert again is not None
    # While the new one stands, the old one cannot come back.
    assert not await store.put_alarm(made)
    assert not await store.put_alarm(replace(made, id=999_999, ended_at=NOW))
    actions = [row.record.action for row in await store.unchained_records("audit", 0, 100)]
    assert [one for one in actions if one.startswith("alarm.")] == ["alarm.begun"] * 2 + ["alarm.ended", "alarm.begun"]


async def test_ended_alarms_are_forgotten_and_standing_ones_are_not(bench: Bench):
    store = bench.store
    for number in range(3):
        made = await store.add_alarm(replace(FRESH, subject=str(number)), record("alarm.begun"))
        assert made is not None
        if number:
            await store.put_alarm(replace(made, ended_at=NOW + number))
    assert [one.subject for one in await store.ended_alarms(0, 10)] == ["2", "1"]
    assert [one.subject for one in await store.ended_alarms(0, 1)] == ["2"]
    assert await store.drop_alarms(NOW + 2, 10) == 1
    assert await store.drop_alarms(NOW + 10, 10) == 1
    assert [one.subject for one in await store.standing_alarms()] == ["0"]


async def test_nothing_waits_in_an_empty_queue(bench: Bench):
    assert await bench.store.oldest_waiting() is None
