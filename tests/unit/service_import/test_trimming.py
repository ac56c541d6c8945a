"""What was destroyed is forgotten after a quarter of a year, and not before."""

import pytest
from tests.unit.service_import.quiet_house import quiet_house

from smartmail.service.kernel.clock import DAY
from smartmail.service.mailbox.importing import ImportItem
from smartmail.service.operations.upkeep import CHANGES_KEPT, MARK_EVERY


@pytest.fixture
async def house(tmp_path):
    async with quiet_house(tmp_path / "data") as opened:
        yield opened


async def come_and_go(house, actor, number):
    """A message comes and goes; return (state before, state after)."""
    box = await house.services.imports.mailbox(actor, actor.account_id, ())
    await house.services.imports.add(
        actor, actor.account_id, [ImportItem(b"%d" % number, b"Subject: %d\r\n\r\n" % number, box)]
    )
    before = (await house.store.account(actor.account_id)).modseq
    rows = await house.store.all_messages(actor.account_id)
    await house.services.messages.destroy(actor, actor.account_id, [row.id for row in rows])
    return before, (await house.store.account(actor.account_id)).modseq


async def told(house, actor, since):
    return await house.store.changes(actor.account_id, "message", since, 100) is not None


async def test_what_went_is_told_for_a_quarter_and_no_longer(house):
    actor = await house.person()
    old, after = await come_and_go(house, actor, 1)
    assert await house.services.upkeep.trim_changes() == 0
    house.clock.ahead = CHANGES_KEPT // 2
    young, now = await come_and_go(house, actor, 2)
    assert await house.services.upkeep.trim_changes() == 0
    house.clock.ahead = CHANGES_KEPT - DAY
    assert await house.services.upkeep.trim_changes() == 0
    assert await told(house, actor, old)
    house.clock.ahead = CHANGES_KEPT + DAY
    assert await house.services.upkeep.trim_changes() == 1
    assert not await told(house, actor, old)
    for since in (after, young, now):
        assert await told(house, actor, since)
    assert await house.services.upkeep.trim_changes() == 0
    house.clock.ahead = 2 * CHANGES_KEPT
    assert await house.services.upkeep.trim_changes() == 1
    assert not await told(house, actor, young)
    assert await told(house, actor, now)


async def test_a_job_that_runs_every_day_keeps_a_quarter_and_a_week_at_most(house):
    actor = await house.person()
    states = []
    for day in range(120):
        house.clock.ahead = day * DAY
        states.append((await come_and_go(house, actor, day))[0])
        await house.services.upkeep.trim_changes()
    kept = [day for day, state in enumerate(states) if await told(house, actor, state)]
    youngest = (CHANGES_KEPT + MARK_EVERY) // DAY
    assert kept == list(range(kept[0], 120))
    assert CHANGES_KEPT // DAY <= 119 - kept[0] + 1 <= youngest
