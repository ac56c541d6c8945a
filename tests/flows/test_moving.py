"""Mergers and new names of domains: a fresh proof, and a second person where policy asks for one."""

import pytest
from tests.flows.life_house import CLI, life_house
from tests.house.opening import no_proof

from smartmail.domain.errors import Forbidden, Invalid, ProofNeeded
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.service.people.organization.moving import Merging, RenamingDomain

RENAME = RenamingDomain("a.example", "new.example")


@pytest.fixture
async def house(tmp_path):
    async with life_house(tmp_path / "house") as opened:
        await opened.join("chief", is_admin=True)
        await opened.services.organization.domains.add(CLI, "new.example", opened.company)
        opened.proved = []
        yield opened


async def two_persons(house) -> None:
    scope = Scope("organization", str(house.company))
    await house.services.governing.set_knob(CLI, PolicyRule("admin.two-person", scope, ("moves",)))


async def test_a_rename_asks_a_fresh_proof(house, monkeypatch):
    async def strong(actor):
        house.proved.append(actor.account_id)
        raise ProofNeeded

    monkeypatch.setattr(house.services.proposals, "strong", strong)
    moves = house.services.organization.moves
    with pytest.raises(ProofNeeded):
        await moves.rename(house.admin(), RENAME)
    assert (house.proved, (await house.account("kim")).login) == ([house.id("boss")], "kim@a.example")


async def test_a_rename_waits_for_a_second_person_where_policy_says_so(house, monkeypatch):
    monkeypatch.setattr(house.services.proposals, "strong", no_proof)
    await two_persons(house)
    moves, proposals = house.services.organization.moves, house.services.proposals
    with pytest.raises(Invalid, match="say why"):
        await moves.rename(house.admin(), RENAME)
    moved = await moves.rename(house.admin(), RENAME, "사명 변경")
    assert moved.proposal is not None
    assert (moved.done, (await house.account("kim")).login) == (0, "kim@a.example")
    with pytest.raises(Forbidden):
        await proposals.confirm(house.admin(), moved.proposal.row.id)
    ended = await proposals.confirm(house.admin("chief"), moved.proposal.row.id)
    assert (ended.row.state, ended.result) == ("done", "done:5")
    assert (await house.account("kim")).login == "kim@new.example"


async def test_who_may_not_is_asked_no_proof_and_kept_waiting_by_nothing(house):
    moves = house.services.organization.moves
    with pytest.raises(Forbidden):
        await moves.rename(house.who["kim"], RENAME)
    other = await house.services.organization.companies.create(CLI, "무역")
    await house.services.organization.domains.add(CLI, "trade.example", other.id)
    for asked in (Merging(int(other.id), "a.example"), Merging(int(house.company), "trade.example")):
        with pytest.raises(Forbidden):
            await moves.merge(house.who["kim"], asked)


async def test_a_merger_without_months_is_refused(house):
    other = await house.services.organization.companies.create(CLI, "무역")
    await house.services.organization.domains.add(CLI, "trade.example", other.id)
    moves = house.services.organization.moves
    with pytest.raises(Invalid, match="a month"):
        await moves.merge(CLI, Merging(int(other.id), "a.example", months=0))
    assert (await moves.merge(CLI, Merging(int(house.company), "trade.example"))).done == 5
