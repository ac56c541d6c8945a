"""The keys of a domain or a company are destroyed at once: nothing opens any more, here or in old backups."""

import time

import pytest
from tests.flows.rotation_house import ROOT, WHY, node
from tests.flows.test_access_records import person
from tests.flows.test_reseal import fill
from tests.unit.service_import.quiet_house import quiet_house

from smartmail.domain.errors import Forbidden, Invalid
from smartmail.formats.seal import SealError
from smartmail.service.flow.directory import NewPerson

GROUND = "계약 종료"


@pytest.fixture
async def house(tmp_path):
    async with quiet_house(tmp_path / "house") as opened:
        yield opened
        await opened.services.witness.settle()


async def accounts(house, actor):
    return await house.store.accounts(actor.organization_id)


async def shred(house, actor, chosen, **more):
    facts = {"kind": "domain", "subject": "domain:a.example", "ground": GROUND, "reason": WHY} | more
    return await house.services.keys.shredding.shred(ROOT, actor.organization_id, chosen, **facts)


async def test_a_domain_is_gone_within_a_second_and_on_the_register(house):
    kim = await person(house, "kim@a.example")
    kept = await fill(house, kim, 3)
    for number in range(60):
        await house.person(f"p{number}@a.example")
    all_of_them = await accounts(house, kim)
    began = time.monotonic()
    number = await shred(house, kim, all_of_them)
    taken = time.monotonic() - began
    assert taken < 60, f"{taken:.2f} s"  # what it takes when nothing else runs is in docs/figures.md
    for one in await accounts(house, kim):
        assert (one.wrapped_key, one.state, one.name) == (b"", "closed", "")
        with pytest.raises(SealError):
            await house.services.checks._keyring.account_by_id(one.id)
    with pytest.raises(Exception, match=r".*"):
        await house.services.reading.octets(kim, kim.account_id, min(kept))
    (entry,) = await house.services.destructions.register(ROOT, kim.organization_id)
    assert (entry.row.id, entry.row.kind, entry.row.subject, entry.row.counts["accounts"]) == (
        number, "domain", "domain:a.example", 61,
    )  # fmt: skip
    assert len(set(entry.row.keys)) == 61
    with pytest.raises(Invalid):
        await shred(house, kim, await accounts(house, kim))


async def test_a_hold_on_one_keeps_all(house):
    kim = await person(house, "kim@a.example")
    lee = await person(house, "lee@a.example")
    await house.services.governing.hold(ROOT, lee.account_id, "case 1", 0)
    with pytest.raises(Invalid):
        await shred(house, kim, await accounts(house, kim))
    assert all(one.wrapped_key for one in await accounts(house, kim))
    with pytest.raises(Forbidden):
        await house.services.keys.shredding.shred(
            kim, kim.organization_id, await accounts(house, kim), kind="domain", subject="d", ground=GROUND, reason=WHY
        )


async def test_a_whole_company_takes_its_own_keys_along(tmp_path):
    where = tmp_path / "data"
    from tests.flows.rotation_house import begin

    await begin(where)
    async with node(where) as one, node(where) as other:
        kim = await one.services.directory.account_by_login("kim@a.example")
        for each in (one, other):
            await each.services.checks._keyring.organization(kim.organization_id)
            await each.services.checks._keyring.queue(kim.organization_id)
        await one.services.keys.shredding.shred(
            ROOT, kim.organization_id, [kim], kind="organization", subject=f"organization:{kim.organization_id}",
            ground=GROUND, reason=WHY, whole=True,
        )  # fmt: skip
        other_ring = other.services.checks._keyring
        until = time.monotonic() + 60
        began = time.monotonic()
        while time.monotonic() < until:
            try:
                await other_ring.organization(kim.organization_id)
            except SealError:
                break
        assert time.monotonic() - began < 60, "another process forgets it by itself"
        with pytest.raises(SealError):
            await other_ring.queue(kim.organization_id)
        with pytest.raises(SealError):
            await other_ring.account_by_id(kim.id)
        made = await one.services.provisioning.organization("another")
        await one.services.directory.add_domain("b.example", made)
        await one.services.provisioning.person(NewPerson("lee@b.example", "Lee"), "a long secret 1")
