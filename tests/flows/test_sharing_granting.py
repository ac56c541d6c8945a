"""Who may give which rights, and what a lost hint costs."""

import pytest
from tests.unit.service_import.quiet_house import quiet_house

from smartmail.domain.errors import Forbidden, Invalid, NotFound
from smartmail.domain.rights import SHARE_ROLES, WHOLE_ACCOUNT, Grantee, share_role
from smartmail.service.kernel.rights import FRESH_MS

MANAGE = SHARE_ROLES["manage"]


@pytest.fixture
async def house(tmp_path):
    async with quiet_house(tmp_path / "house") as opened:
        opened.people = {login: await opened.person(f"{login}@a.example") for login in ("kim", "lee", "park")}
        yield opened


def to(actor) -> Grantee:
    return Grantee("account", actor.account_id)


async def box_of(house, actor, role="inbox"):
    return (await house.services.mailboxes.by_role(actor, actor.account_id, role)).row.id


async def test_who_administers_one_mailbox_gives_rights_there_and_nowhere_else(house):
    kim, lee, park = house.people.values()
    sharing, account = house.services.sharing, kim.account_id
    inbox, archive = await box_of(house, kim), await box_of(house, kim, "archive")
    with pytest.raises(NotFound):
        await sharing.share(lee, account, inbox, to(park), "lr")
    await sharing.share(kim, account, inbox, to(lee), "lrs")
    with pytest.raises(Forbidden):
        await sharing.share(lee, account, inbox, to(park), "lr")
    with pytest.raises(Forbidden):
        await sharing.grants(lee, account)
    await sharing.share(kim, account, inbox, to(lee), MANAGE)
    await sharing.share(lee, account, inbox, to(park), "lr")
    for place in (archive, WHOLE_ACCOUNT):
        with pytest.raises((Forbidden, NotFound)):
            await sharing.share(lee, account, place, to(lee), MANAGE)
    assert {one.grantee for one in await sharing.grants(lee, account)} == {to(lee), to(park)}
    await sharing.share(kim, account, WHOLE_ACCOUNT, to(lee), MANAGE)
    await sharing.share(lee, account, WHOLE_ACCOUNT, to(park), ["sendAs"])
    assert share_role((await sharing.grants(lee, account, WHOLE_ACCOUNT))[0].rights) == "manage"


@pytest.mark.parametrize("rights", ["z", ["l", "fly"], ["sendAs"], ["l", "sendOnBehalf"]])
async def test_rights_that_a_mailbox_cannot_have(house, rights):
    kim, lee, _park = house.people.values()
    with pytest.raises(Invalid):
        await house.services.sharing.share(kim, kim.account_id, await box_of(house, kim), to(lee), rights)


async def test_a_hint_that_is_lost_costs_a_moment_only(house):
    kim, lee, _park = house.people.values()
    sharing, rights, inbox = house.services.sharing, house.services.rights, await box_of(house, kim)
    await sharing.share(kim, kim.account_id, inbox, to(lee), "lr")
    assert (await rights.access(lee, kim.account_id)).has("r", inbox)
    # Another process takes the right away and its hint never comes.
    await house.store.write(kim.account_id, lambda tx: tx.set_grant(inbox, to(lee), frozenset()))
    assert (await rights.access(lee, kim.account_id)).has("r", inbox)
    house.clock.ahead += FRESH_MS
    with pytest.raises(NotFound):
        await rights.access(lee, kim.account_id)
    assert FRESH_MS <= 2_000


async def test_every_change_is_audited(house):
    kim, lee, _park = house.people.values()
    inbox = await box_of(house, kim)
    await house.services.sharing.share(kim, kim.account_id, inbox, to(lee), "lr")
    await house.services.sharing.share(kim, kim.account_id, inbox, to(lee), "lr")
    await house.services.sharing.set_seen_per_person(kim, kim.account_id, inbox, on=True)
    await house.services.sharing.revoke(kim, kim.account_id, inbox, to(lee))
    rows = await house.store.unchained_records("audit", 0, 1000)
    actions = [row.record.action for row in rows]
    assert [one for one in actions if one.startswith("share.")] == ["share.set", "share.per_person", "share.revoke"]
