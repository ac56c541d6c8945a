"""전적: to another company of the installation, with or without the mailbox, and without anything of the old company (BR-4)."""

import pytest
from tests.flows.life_house import CLI, DAY, life_house
from tests.flows.test_leavers import burdened, kinds

from smartmail.domain.addressing import ListText, Member
from smartmail.domain.errors import Invalid
from smartmail.domain.organization import Step
from smartmail.domain.principal import system_actor
from smartmail.domain.rights import WHOLE_ACCOUNT, Grantee
from smartmail.service.people.organization.ground import MONTH


@pytest.fixture
async def house(tmp_path):
    async with life_house(tmp_path / "house") as opened:
        organization = opened.services.organization
        other = await organization.companies.create(CLI, "무역")
        await organization.domains.add(CLI, "trade.example", other.id)
        opened.other = other.id
        yield opened


async def transfer(house, name: str = "kim", *, mailbox: bool = True):
    step = Step(kind="transfer", account_id=house.id(name), login=f"{name}@trade.example", mailbox=mailbox)
    return await house.services.organization.people.perform(CLI, step)


async def filled(house, name: str = "kim") -> None:
    """Put mail into the inbox and into a folder of one's own, one of them with a star."""
    actor, services = house.who[name], house.services
    for number in range(3):
        await house.mail(name, subject=f"편지 {number}")
    await services.mailboxes.create_path(actor, actor.account_id, ("거래처", "일본"))
    place = await services.mailboxes.find(actor, actor.account_id, ("거래처", "일본"))
    intake = await services.messages.begin(actor, actor.account_id)
    await intake.add(b"From: a@far.example\r\nSubject: kept\r\n\r\nkept text\r\n")
    await services.messages.add(
        actor, actor.account_id, await intake.finish(), [place.row.id], names=("$flagged", "$seen")
    )


async def held(house, account) -> list[tuple[str, str, tuple[str, ...], int]]:
    """Return what an account holds: mailbox, subject, marks, time."""
    actor, exports = system_actor(account.id, account.organization_id), house.services.exports
    found = []
    for mailbox in await exports.mailboxes(actor, account.id):
        async for one in exports.messages(actor, account.id, mailbox):
            where = mailbox.row.role or "/".join(mailbox.path)
            found.append((where, one.summary.subject, tuple(sorted(one.names)), one.received_at))
    return sorted(found)


async def test_the_mailbox_goes_along_sealed_anew(house):
    await filled(house)
    before = await held(house, await house.account("kim"))
    assert len(before) == 4
    new = await transfer(house)
    assert await held(house, new) == before
    assert (new.organization_id, new.messages) == (house.other, 4)
    # The job finds nothing to do any more, and once more changes nothing.
    await house.life.leavers.turn()
    await house.services.account_life.leavers._means.transfers.carry(await house.account("kim"), new.id)
    assert (await house.store.account(new.id)).messages == 4
    # What the old account's key opened is gone after the days; what went along is the new company's.
    for _ in range(3):
        house.later(40 * DAY)
        await house.life.leavers.turn()
    assert not (await house.account("kim")).wrapped_key
    assert await held(house, new) == before


async def test_it_stays_where_the_step_says_so(house):
    await filled(house)
    new = await transfer(house, mailbox=False)
    assert (new.messages, (await house.account("kim")).messages) == (0, 4)


async def test_a_killed_carrying_goes_on_without_doubles(house, monkeypatch):
    await filled(house)
    imports, calls = house.services.imports, 0
    add = imports.add

    async def dying(actor, account_id, items):
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt
        return await add(actor, account_id, items)

    monkeypatch.setattr(imports, "add", dying)
    with pytest.raises(KeyboardInterrupt):
        await transfer(house)
    monkeypatch.setattr(imports, "add", add)
    assert (await house.store.leaving(house.id("kim"))).state == "running"
    await house.life.leavers.turn()
    new = await house.services.directory.account_by_login("kim@trade.example")
    assert len(await held(house, new)) == 4
    assert (await house.store.leaving(house.id("kim"))).state == "done"


async def test_nothing_of_the_old_company_remains(house):
    entry = await burdened(house)
    await house.services.addressing.lists.create(
        CLI, "alone@a.example", ListText("t", ("kim@a.example",), (), post="anyone")
    )
    await house.services.addressing.lists.add(CLI, "alone@a.example", [Member("k.kim@a.example")])
    new = await transfer(house)
    assert await kinds(house) == set()
    assert await house.recipients(entry) == []
    for owner in ("sales", "park", "kim"):
        for number in (house.id("kim"), new.id, house.id("lee")):
            grants = await house.store.grants(house.id(owner))
            assert Grantee("account", number) not in [one.grantee for one in grants if one.mailbox_id == WHOLE_ACCOUNT]
    lists = house.services.addressing.lists
    for name in ("team", "alone"):
        text = await lists.text(f"{name}@a.example")
        assert not {"kim@a.example", "k.kim@a.example"} & {*text.owners, *text.moderators}
        assert text.owners
        assert "kim@a.example" not in [one.address for one in await lists.members(f"{name}@a.example")]
    assert not any("kim" in one for one in await house.reached("info@a.example"))
    assert await house.store.groups_of(new.id) == []
    assert await house.store.appointments(house.company, house.id("kim")) == []


async def test_old_addresses_lead_along_for_six_months(house):
    new = await transfer(house)
    assert await house.reached("kim@a.example") == ["kim@trade.example"]
    house.later(6 * MONTH - DAY)
    await house.services.organization.people.end_addresses()
    assert await house.reached("kim@a.example") == ["kim@trade.example"]
    house.later(2 * DAY)
    await house.services.organization.people.end_addresses()
    assert await house.reached("kim@a.example") == ["nobody"]
    assert (await house.store.account(new.id)).state == "active"


async def test_who_went_is_not_restored_behind_the_other_companys_back(house):
    await transfer(house)
    for act in (
        house.life.leavers.restore(CLI, house.id("kim")),
        house.services.organization.people.perform(CLI, Step(kind="rehire", account_id=house.id("kim"))),
    ):
        with pytest.raises(Invalid):
            await act
    # The old company does not learn which account it is.
    [row] = await house.life.leavers.list_all(CLI, house.company)
    assert (row.successor_id, row.reader_id) == (0, 0)


async def test_it_waits_for_its_day_with_the_mailbox(house):
    await filled(house)
    step = Step(kind="transfer", account_id=house.id("kim"), login="kim@trade.example", mailbox=True)
    planned = house.services.organization.planned
    await planned.plan(CLI, step, house.now() + 5 * DAY)
    house.later(5 * DAY)
    assert (await planned.apply_due(), await planned.apply_due()) == (1, 0)
    new = await house.services.directory.account_by_login("kim@trade.example")
    assert len(await held(house, new)) == 4
