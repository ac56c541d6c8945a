"""Contract of the store: companies, domains, trees, titles, people, posts, planned changes, on both drivers."""

import asyncio
from dataclasses import replace

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.account import DomainRow
from smartmail.domain.account_life import LeavingRow
from smartmail.domain.addressing import StandIn
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists, Invalid, NotFound, StateMismatch
from smartmail.domain.organization import (
    LAST,
    Department,
    DomainClaim,
    PersonRow,
    PersonWrite,
    PlannedChange,
    Post,
    Renaming,
    Seat,
    Title,
    check_move,
)

AUDIT = AuditRecord(5, "cli", "test", "thing")


async def department(bench: Bench, name: str, parent_id: int = 0, position: int = 0) -> Department:
    row = Department(0, bench.organization_id, name, name, parent_id, position)
    return await bench.store.put_department(row, AUDIT)


async def seat(bench: Bench, account_id, *seats: Seat, number: str = "", **row: int) -> None:
    person = PersonRow(account_id, bench.organization_id, number, **row)
    first = await bench.store.department(seats[0].department_id) if seats else None
    write = PersonWrite(person, "이름", first.id if first else 0, first.name if first else "", "", seats)
    await bench.store.write_people(bench.organization_id, [write], AUDIT)


async def test_a_new_account_sits_where_its_texts_say(bench: Bench):
    first = await bench.new_account("kim@acme.test", department="영업1팀", title="과장")
    second = await bench.new_account("lee@acme.test", department="영업1팀", title="과장")
    tree = await bench.store.departments(bench.organization_id)
    assert [(one.code, one.name, one.parent_id) for one in tree] == [("영업1팀", "영업1팀", 0)]
    assert first.department_id == second.department_id == tree[0].id
    assert (first.department, first.title) == ("영업1팀", "과장")
    titles = await bench.store.titles(bench.organization_id)
    assert [(one.kind, one.name) for one in titles] == [("position", "과장")]
    people = await bench.store.people(bench.organization_id)
    assert [(one.account_id, one.position_id) for one in people] == [
        (first.id, titles[0].id), (second.id, titles[0].id),
    ]  # fmt: skip
    assert (await bench.store.standing(first.id)).departments == {"영업1팀": 0}
    assert (await bench.store.standing(bench.account.id)).departments == {}


async def test_trees_have_no_circles(bench: Bench):
    top = await department(bench, "본부")
    middle = await department(bench, "부문", top.id)
    low = await department(bench, "팀", middle.id)
    with pytest.raises(AlreadyExists):
        await department(bench, "팀")
    for parent in (low.id, middle.id, top.id):
        with pytest.raises(Invalid):
            await bench.store.put_department(replace(top, parent_id=parent), AUDIT)
    with pytest.raises(Invalid):
        await bench.store.put_department(replace(low, parent_id=999), AUDIT)
    with pytest.raises(NotFound):
        await bench.store.put_department(replace(low, id=999), AUDIT)
    other = await bench.store.create_organization("Beta", lambda n: (b"", b""))
    with pytest.raises(NotFound):
        await bench.store.put_department(replace(low, organization_id=other.id), AUDIT)
    moved = await bench.store.put_department(replace(low, parent_id=top.id, name="새 팀", position=3), AUDIT)
    assert await bench.store.department(low.id) == moved
    assert moved.code == "팀"


async def test_two_moves_at_once_make_no_circle(bench: Bench):
    one, other = await department(bench, "가"), await department(bench, "나")
    results = await asyncio.gather(
        bench.store.put_department(replace(one, parent_id=other.id), AUDIT),
        bench.store.put_department(replace(other, parent_id=one.id), AUDIT),
        return_exceptions=True,
    )
    assert sorted(isinstance(result, Invalid) for result in results) == [False, True]
    tree = {row.id: row for row in await bench.store.departments(bench.organization_id)}
    for row in tree.values():
        check_move(tree, row.id, row.parent_id)


async def test_a_full_department_stays(bench: Bench):
    top = await department(bench, "본부")
    low = await department(bench, "팀", top.id)
    with pytest.raises(Invalid):
        await bench.store.drop_department(top.id, AUDIT)
    await seat(bench, bench.account.id, Seat(bench.account.id, low.id))
    with pytest.raises(Invalid):
        await bench.store.drop_department(low.id, AUDIT)
    await seat(bench, bench.account.id)
    await bench.store.drop_department(low.id, AUDIT)
    await bench.store.drop_department(top.id, AUDIT)
    with pytest.raises(NotFound):
        await bench.store.drop_department(top.id, AUDIT)


async def test_standing_follows_seats_and_moves(bench: Bench):
    store, number = bench.store, bench.account.id
    top, side = await department(bench, "본부"), await department(bench, "지원")
    low = await department(bench, "팀", top.id)
    await seat(bench, number, Seat(number, low.id), Seat(number, side.id, primary=False))
    assert (await store.standing(number)).departments == {"팀": 0, "본부": 1, "지원": 0}
    epoch, directory = await store.policy_epoch(), await store.directory_epoch(bench.organization_id)
    await store.put_department(replace(low, parent_id=side.id), AUDIT)
    assert (await store.standing(number)).departments == {"팀": 0, "지원": 0}
    assert await store.policy_epoch() == epoch + 1
    assert await store.directory_epoch(bench.organization_id) > directory
    assert [one.id for one in await store.department_people(side.id, below=True)] == [number]
    assert await store.department_people(top.id, below=True) == []
    assert [one.id for one in await store.department_people(low.id, below=False)] == [number]
    # Two seats of one person: once in each department, and once in what is above both.
    sizes = dict(await store.department_sizes(bench.organization_id))
    assert (sizes[side.id], sizes[low.id], sizes.get(top.id, 0)) == (1, 1, 0)
    await store.put_department(replace(low, name="영업1팀"), AUDIT)
    assert (await store.account(number)).department == "영업1팀"
    assert await store.seats(bench.organization_id) == await store.seats(bench.organization_id, number)
    assert [(one.department_id, one.primary) for one in await store.seats(bench.organization_id)] == [
        (low.id, True), (side.id, False),
    ]  # fmt: skip
    await store.update_account(number, state="closed")
    assert await store.department_people(side.id, below=True) == []
    assert await store.department_sizes(bench.organization_id) == []


async def test_titles_have_an_order_and_are_kept_while_somebody_has_them(bench: Bench):
    store, company = bench.store, bench.organization_id
    rows = await store.put_titles(
        [Title(0, company, "position", "부장", 1), Title(0, company, "position", "사원", 2), Title(0, company, "duty", "팀장")],
        AUDIT,
    )  # fmt: skip
    assert [(one.kind, one.name) for one in rows] == [("duty", "팀장"), ("position", "부장"), ("position", "사원")]
    with pytest.raises(AlreadyExists):
        await store.put_titles([Title(0, company, "position", "부장")], AUDIT)
    with pytest.raises(AlreadyExists):
        await store.put_titles([replace(rows[1], name="사원")], AUDIT)
    with pytest.raises(NotFound):
        await store.put_titles([Title(99, company, "position", "이사")], AUDIT)
    kim = await bench.new_account("kim@acme.test", title="부장")
    await store.put_titles([replace(rows[1], name="총괄")], AUDIT)
    assert (await store.account(kim.id)).title == "총괄"
    with pytest.raises(Invalid):
        await store.drop_title(rows[1].id, AUDIT)
    await store.drop_title(rows[2].id, AUDIT)
    with pytest.raises(NotFound):
        await store.drop_title(rows[2].id, AUDIT)


async def test_an_employee_number_belongs_to_one(bench: Bench):
    store, company = bench.store, bench.organization_id
    kim, lee = await bench.new_account("kim@acme.test"), await bench.new_account("lee@acme.test")
    await seat(bench, kim.id, number="E1")
    with pytest.raises(AlreadyExists):
        await seat(bench, lee.id, number="E1")
    await seat(bench, lee.id, number="E2")
    swapped = [
        PersonWrite(PersonRow(kim.id, company, "E2"), "김", 0, "", ""),
        PersonWrite(PersonRow(lee.id, company, "E1", sealed=b"x"), "이", 0, "", ""),
    ]
    await store.write_people(company, swapped, AUDIT)
    assert [(one.account_id, one.employee_number, one.sealed) for one in await store.people(company)] == [
        (kim.id, "E2", None), (lee.id, "E1", b"x"),
    ]  # fmt: skip
    assert await store.people(company, lee.id) == [PersonRow(lee.id, company, "E1", sealed=b"x")]
    with pytest.raises(NotFound):
        await store.write_people(99, swapped, AUDIT)


async def test_entries_are_the_directory(bench: Bench):
    store = bench.store
    await store.put_titles([Title(0, bench.organization_id, "position", "부장", 7)], AUDIT)
    kim = await bench.new_account("kim@acme.test", department="팀", title="부장")
    closed = await bench.new_account("gone@acme.test")
    await store.update_account(closed.id, state="closed")
    found = await store.entries(bench.organization_id)
    assert [(one.login, one.department, one.title, one.rank) for one in found] == [
        ("u1@acme.test", "", "", LAST), ("kim@acme.test", "팀", "부장", 7),
    ]  # fmt: skip
    assert await store.entries(bench.organization_id, after=kim.id) == []
    assert [one.login for one in await store.entries(bench.organization_id, limit=1)] == ["u1@acme.test"]


async def test_logins_change_and_old_addresses_end(bench: Bench):
    store, number = bench.store, bench.account.id
    await store.rename_accounts([Renaming(number, "u1@acme.test", "new@acme.test", 100)], AUDIT)
    assert (await store.account(number)).login == "new@acme.test"
    assert await store.addresses(number) == ["new@acme.test", "u1@acme.test"]
    assert await store.address_ends(number) == [("u1@acme.test", 100)]
    with pytest.raises(NotFound):
        await store.rename_accounts([Renaming(number, "u1@acme.test", "x@acme.test", None)], AUDIT)
    assert await store.resolve(["x@acme.test"]) == {}
    kim = await bench.new_account("kim@acme.test")
    with pytest.raises(AlreadyExists):
        await store.rename_accounts([Renaming(kim.id, "kim@acme.test", "u1@acme.test", None)], AUDIT)
    assert await store.end_addresses(99, 10) == []
    assert await store.end_addresses(100, 10) == ["u1@acme.test"]
    assert await store.addresses(number) == ["new@acme.test"]
    with pytest.raises(AlreadyExists):
        await bench.new_account("u1@acme.test")
    await store.rename_accounts([Renaming(number, "new@acme.test", "newer@acme.test", None)], AUDIT)
    assert await store.addresses(number) == ["newer@acme.test"]
    assert [(one.address, one.kind) for one in await store.stand_ins(["new@acme.test"])] == [
        ("new@acme.test", "retired")
    ]


async def test_a_login_that_returns_does_not_end(bench: Bench):
    store, number = bench.store, bench.account.id
    await store.rename_accounts([Renaming(number, "u1@acme.test", "u2@acme.test", 100)], AUDIT)
    await store.rename_accounts([Renaming(number, "u2@acme.test", "u1@acme.test", 200)], AUDIT)
    assert await store.end_addresses(150, 10) == []
    assert await store.end_addresses(200, 10) == ["u2@acme.test"]
    assert await store.resolve(["u1@acme.test"]) == {"u1@acme.test": number}


async def test_addresses_are_handed_over(bench: Bench):
    store, old = bench.store, bench.account
    await store.add_address("alias@acme.test", old.id)
    new = await bench.new_account("there@acme.test")
    assert await store.hand_addresses(old.id, new.id, 100, AUDIT) == ["alias@acme.test", "u1@acme.test"]
    assert (await store.account(old.id)).state == "closed"
    assert (await store.account(old.id)).auth_epoch == old.auth_epoch + 1
    found = await store.resolve(["alias@acme.test", "u1@acme.test"])
    assert found == {"alias@acme.test": new.id, "u1@acme.test": new.id}
    assert len(await store.end_addresses(100, 10)) == 2
    with pytest.raises(NotFound):
        await store.hand_addresses(99, new.id, 100, AUDIT)


async def test_who_hands_addresses_over_is_a_leaver_by_the_same_commit(bench: Bench):
    store, old = bench.store, bench.account
    new = await bench.new_account("there@acme.test")
    planned = LeavingRow(old.id, old.organization_id, "planned", 5, 0, 0, 0, 9, "cli", b"sealed")
    await store.plan_leaving(planned, AUDIT)
    row = replace(planned, state="running", author="boss")
    await store.hand_addresses(old.id, new.id, 100, AUDIT, leaving=row)
    assert await store.leaving(old.id) == row
    assert await store.due_leavings(5) == [row]


async def test_posts_follow_seats(bench: Bench):
    store, company = bench.store, bench.organization_id
    team = await department(bench, "팀")
    duty = (await store.put_titles([Title(0, company, "duty", "팀장")], AUDIT))[0]
    box = await bench.new_account("head@acme.test")
    await store.put_post(Post(box.id, company, team.id, duty.id), AUDIT)
    with pytest.raises(NotFound):
        await store.put_post(Post(box.id, company, 99, duty.id), AUDIT)
    kim = await bench.new_account("kim@acme.test")
    await seat(bench, kim.id, Seat(kim.id, team.id))
    assert await store.post_holders(box.id) == []
    await seat(bench, kim.id, Seat(kim.id, team.id, duty.id))
    assert await store.post_holders(box.id) == [kim.id]
    assert (await store.standing(kim.id)).posts == (box.id,)
    with pytest.raises(Invalid):
        await store.drop_title(duty.id, AUDIT)
    assert await store.posts(company) == [Post(box.id, company, team.id, duty.id)]
    await store.drop_post(box.id, AUDIT)
    assert (await store.standing(kim.id)).posts == ()
    with pytest.raises(NotFound):
        await store.drop_post(box.id, AUDIT)


async def test_claims_are_no_domains(bench: Bench):
    store, company = bench.store, bench.organization_id
    other = (await store.create_organization("Beta", lambda n: (b"", b""))).id
    one, two = DomainClaim("a.test", company, 1), DomainClaim("a.test", other, 2)
    for claim in (one, two, one):
        await store.claim_domain(claim, AUDIT)
    assert await store.domain("a.test") is None
    assert await store.domain_claims() == [one, two]
    assert await store.domain_claims(other) == [two]
    assert await store.drop_claim("a.test", other, AUDIT)
    assert not await store.drop_claim("a.test", other, AUDIT)
    await store.claim_domain(two, AUDIT)
    rows = [DomainRow("a.test", other), DomainRow("b.test", other)]
    assert await store.add_domains(rows, AUDIT) == ["a.test", "b.test"]
    assert await store.add_domains(rows, AUDIT) == []
    assert await store.domain_claims() == []
    with pytest.raises(AlreadyExists):
        await store.claim_domain(one, AUDIT)


async def test_a_closed_company_is_closed_throughout(bench: Bench):
    store, company = bench.store, bench.organization_id
    await store.add_domain(DomainRow("acme.test", company))
    renamed = await store.rename_organization(company, "Acme 2", AUDIT)
    assert (renamed.name, renamed.state) == ("Acme 2", "active")
    other = await store.create_organization("Beta", lambda n: (b"", b""))
    with pytest.raises(AlreadyExists):
        await store.rename_organization(company, "Beta", AUDIT)
    with pytest.raises(NotFound):
        await store.rename_organization(99, "Gamma", AUDIT)
    assert [one.id for one in await store.close_organization(company, AUDIT)] == [bench.account.id]
    assert (await store.organization(company)).state == "closed"
    assert (await store.domain("acme.test")).state == "closed"
    assert (await store.account(bench.account.id)).state == "closed"
    assert (await store.organization(other.id)).state == "active"
    with pytest.raises(NotFound):
        await store.close_organization(99, AUDIT)


async def test_sights(bench: Bench):
    store = bench.store
    other = (await store.create_organization("Beta", lambda n: (b"", b""))).id
    assert await store.sights(other) == []
    await store.set_sight(bench.organization_id, other, AUDIT, on=True)
    await store.set_sight(bench.organization_id, other, AUDIT, on=True)
    assert await store.sights(other) == [bench.organization_id]
    assert await store.sights(bench.organization_id) == []
    await store.set_sight(bench.organization_id, other, AUDIT, on=False)
    assert await store.sights(other) == []


async def test_planned_changes_are_applied_once(bench: Bench):
    store, company, number = bench.store, bench.organization_id, bench.account.id
    new = PlannedChange(0, company, 50, "waiting", 1, "cli", b"sealed")
    later = await store.plan_change(replace(new, effective_at=60), AUDIT)
    first = await store.plan_change(new, AUDIT)
    assert await store.due_changes(49, 10) == []
    assert await store.due_changes(60, 10) == [first, later]
    write = PersonWrite(PersonRow(number, company, "E9"), "이름", 0, "", "")
    await store.write_people(company, [write], AUDIT, planned=first.id)
    with pytest.raises(StateMismatch):
        await store.write_people(company, [replace(write, name="둘")], AUDIT, planned=first.id)
    assert (await store.account(number)).name == "이름"
    with pytest.raises(NotFound):
        await store.rename_accounts([Renaming(99, "a@a.test", "b@a.test", None)], AUDIT, planned=later.id)
    assert await store.due_changes(60, 10) == [later]
    assert await store.end_change(later.id, "cancelled", "", AUDIT)
    assert not await store.end_change(later.id, "failed", "x", AUDIT)
    assert [(one.id, one.state) for one in await store.planned_changes(company)] == [
        (later.id, "cancelled"), (first.id, "done"),
    ]  # fmt: skip
    assert [one.id for one in await store.planned_changes(company, "done")] == [first.id]
    assert (await store.planned_changes(company, "done"))[0].applied_at == AUDIT.at


async def test_a_taken_address_is_not_taken_by_a_rename(bench: Bench):
    store = bench.store
    await store.put_stand_in(StandIn("list@acme.test", bench.organization_id, "list", b""), AUDIT, fresh=True)
    with pytest.raises(AlreadyExists):
        await store.rename_accounts([Renaming(bench.account.id, "u1@acme.test", "list@acme.test", 9)], AUDIT)
    assert (await store.account(bench.account.id)).login == "u1@acme.test"
