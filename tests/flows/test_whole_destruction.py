"""Destruction of whole domains and companies: only what is closed, never what is held, with register and certificate (BR-22)."""

import pytest
from tests.flows.life_house import CLI, life_house

from smartmail.domain.addressing import ListText, Member
from smartmail.domain.errors import Forbidden, Invalid, NotFound
from smartmail.domain.organization import Step
from smartmail.domain.principal import system_actor
from smartmail.formats.seal import SealError

GROUND, REASON = "계약 종료", "위탁 계약이 끝나 보관 근거가 없음"


@pytest.fixture
async def house(tmp_path):
    async with life_house(tmp_path / "house") as opened:
        services = opened.services
        await services.directory.add_domain("old.example", opened.company)
        opened.old = [await opened.house.person(f"{name}@old.example") for name in ("han", "choi")]
        other = await services.organization.companies.create(CLI, "무역")
        await services.organization.domains.add(CLI, "trade.example", other.id)
        opened.other = other.id
        opened.trader = await opened.house.person("jung@trade.example")
        yield opened


async def write(house, actor) -> None:
    box = await house.services.mailboxes.by_role(actor, actor.account_id, "inbox")
    intake = await house.services.messages.begin(actor, actor.account_id)
    await intake.add(b"From: a@far.example\r\nSubject: kept\r\n\r\ntext\r\n")
    await house.services.messages.add(actor, actor.account_id, await intake.finish(), [box.row.id])


async def close(house, *actors) -> None:
    for actor in actors:
        step = Step(kind="close", account_id=actor.account_id)
        await house.services.organization.people.perform(CLI, step)


async def destroy(house, domain: str, company: int | None = None, actor=CLI):
    return await house.life.wholes.destroy(actor, company or house.company, domain, GROUND, REASON)


async def opens(house, actor) -> bool:
    """Say whether anything of an account opens."""
    try:
        await house.services.mailboxes.list_all(actor, actor.account_id)
    except SealError:
        return False
    return True


async def test_a_domain_is_destroyed_when_nothing_of_it_is_in_use(house):
    for actor in house.old:
        await write(house, actor)
    lists = house.services.addressing.lists
    await lists.create(CLI, "all@old.example", ListText("t", ("boss@a.example",), (), post="anyone"))
    await lists.add(CLI, "all@old.example", [Member("secret@person.example")])
    domains = house.services.organization.domains
    with pytest.raises(Invalid):
        await destroy(house, "old.example")
    with pytest.raises(Invalid):
        await domains.close(CLI, "old.example")
    await close(house, *house.old)
    assert (await house.life.wholes.extent(CLI, house.company, "old.example")).is_closed is False
    await domains.close(CLI, "old.example")
    assert await house.store.stand_ins(["all@old.example"]) == []
    assert await house.store.list_members("all@old.example") == []
    extent = await house.life.wholes.extent(CLI, house.company, "old.example")
    assert (extent.accounts, extent.messages, extent.held, extent.open, extent.is_closed) == (2, 2, (), (), True)
    outcome = await destroy(house, "old.example")
    number = int(outcome.result.partition(":")[2])
    assert [await opens(house, one) for one in house.old] == [False, False]
    assert await opens(house, house.who["kim"])
    for one in house.old:
        account = await house.store.account(one.account_id)
        assert (account.wrapped_key, account.name) == (b"", "")
    certificate = await house.services.destructions.certificate(CLI, number, "ko")
    text = " ".join(value for _, value in certificate.lines)
    assert "domain:old.example" in text
    assert GROUND in text
    assert "계정(개) 2" in text
    with pytest.raises(Invalid):
        await destroy(house, "old.example")


async def test_one_hold_keeps_all_of_it(house):
    await close(house, *house.old)
    await house.services.organization.domains.close(CLI, "old.example")
    await house.services.governing.hold(CLI, house.old[0].account_id, "2026가합1")
    assert (await house.life.wholes.extent(CLI, house.company, "old.example")).held == ("han@old.example",)
    with pytest.raises(Invalid):
        await destroy(house, "old.example")
    assert await opens(house, house.old[1])


async def test_a_company_goes_with_all_of_its_keys(house):
    await write(house, house.trader)
    with pytest.raises(Invalid):
        await destroy(house, "", house.other)
    await house.services.organization.companies.close(CLI, house.other)
    outcome = await destroy(house, "", house.other)
    row = await house.store.organization(house.other)
    assert (row.wrapped_key, row.wrapped_queue_key) == (b"", b"")
    assert not await opens(house, house.trader)
    assert await opens(house, house.who["kim"])
    [entry] = await house.services.destructions.register(CLI, house.other)
    assert (entry.row.kind, entry.row.subject, len(entry.row.keys)) == (
        "organization",
        f"organization:{house.other}",
        2,
    )
    certificate = await house.services.destructions.certificate(CLI, int(outcome.result.partition(":")[2]), "en")
    assert any("무역" in value for _, value in certificate.lines)
    with pytest.raises(Invalid):
        await destroy(house, "", house.other)


async def test_a_domain_of_another_company_is_none(house):
    for domain in ("trade.example", "nowhere.example"):
        with pytest.raises(NotFound):
            await destroy(house, domain)
    with pytest.raises((Forbidden, NotFound)):
        await destroy(house, "old.example", actor=system_actor(house.id("kim"), house.company))
    with pytest.raises(Invalid):
        await house.life.wholes.destroy(CLI, house.company, "old.example", "", REASON)
