"""What hung on shared messages does not outlive them for good."""

from tests.unit.service_import.quiet_house import quiet_house

from smartmail.domain.keywords import SEEN, Keywords
from smartmail.service.operations.upkeep import CHANGES_KEPT

LEE = 77


async def test_marks_of_people_on_messages_that_have_gone_are_swept(tmp_path):
    async with quiet_house(tmp_path / "house") as house:
        kim = await house.person("kim@a.example")
        services, store = house.services, house.store
        box = await services.mailboxes.by_role(kim, kim.account_id, "inbox")
        ids = []
        for _ in range(2):
            intake = await services.messages.begin(kim, kim.account_id, 10)
            await intake.feed(b"Subject: x\r\n\r\nx\r\n")
            added = await services.messages.add(kim, kim.account_id, await intake.finish(), [box.row.id])
            ids.append(added.message_id)
        marks = dict.fromkeys(ids, Keywords(SEEN))
        await store.write(kim.account_id, lambda tx: tx.set_person_keywords(LEE, marks))
        await services.messages.destroy(kim, kim.account_id, ids[:1])
        await services.upkeep.trim_changes()
        house.clock.ahead = CHANGES_KEPT + 1_000
        await services.upkeep.trim_changes()
        [left] = await store.person_keywords(kim.account_id, LEE, ids)
        assert left.message_id == ids[1]
        assert await store.sweep_sharing(kim.account_id) == 0
