"""The organisation over real services: trees, seats and what follows them; planned days; companies apart."""

import asyncio

import pytest
from tests.unit.service_import.quiet_house import quiet_house

from smartmail.domain.account import DomainRow
from smartmail.domain.errors import AlreadyExists, Forbidden, Invalid, NotFound
from smartmail.domain.organization import DomainClaim, Step, Wanted, WantedSeat
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.rights import Grantee, named
from smartmail.policy import knobs
from smartmail.service.kernel.clock import DAY, MINUTE
from smartmail.service.people.organization.ground import MONTH

CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))


@pytest.fixture
async def house(tmp_path):
    async with quiet_house(tmp_path / "house") as opened:
        opened.people = {login: await opened.person(f"{login}@a.example") for login in ("kim", "lee", "park")}
        opened.company = opened.people["kim"].organization_id
        opened.tree = {}
        departments = opened.services.organization.departments
        for name, above in (("영업본부", ""), ("영업1팀", "영업본부"), ("영업2팀", "영업본부"), ("지원실", "")):
            parent = opened.tree[above].id if above else 0
            opened.tree[name] = await departments.create(CLI, opened.company, name, parent_id=parent)
        titles = opened.services.organization.titles
        await titles.set_order(CLI, opened.company, "position", ["부장", "과장", "사원"])
        await titles.set_order(CLI, opened.company, "duty", ["팀장"])
        yield opened


async def seat(house, login, *seats, **facts):
    wanted = Wanted(login=f"{login}@a.example", seats=tuple(WantedSeat(*one.split("/")) for one in seats), **facts)
    step = Step(kind="change", account_id=house.people[login].account_id, wanted=wanted)
    return await house.services.organization.people.perform(CLI, step)


async def set_knob(house, department, value):
    scope = Scope("department", f"{house.company}:{department}")
    await house.services.governing.set_knob(CLI, PolicyRule("password.min-length", scope, value))


async def length_for(house, login):
    return await house.services.policy.value_of_id(house.people[login].account_id, knobs.PASSWORD_MIN_LENGTH)


async def admin(house, login="boss"):
    actor = await house.person(f"{login}@a.example", is_admin=True)
    return Actor(actor.account_id, house.company, f"{login}@a.example", is_admin=True, origin=Origin("web"))


# --- the tree -----------------------------------------------------------------------------------------------------


async def test_policy_follows_the_tree_and_the_nearest_department_decides(house):
    await seat(house, "kim", "영업1팀")
    await set_knob(house, "영업본부", 11)
    assert await length_for(house, "kim") == 11
    await set_knob(house, "영업1팀", 15)
    assert await length_for(house, "kim") == 15
    await seat(house, "kim", "영업2팀")
    assert await length_for(house, "kim") == 11
    await set_knob(house, "지원실", 13)
    await house.services.organization.departments.change(
        CLI, house.tree["영업2팀"].id, parent_id=house.tree["지원실"].id
    )
    assert await length_for(house, "kim") == 13
    # 겸직: of two seats at once the stricter rule holds.
    await seat(house, "kim", "영업2팀", "영업1팀")
    assert await length_for(house, "kim") == 15


async def test_a_renamed_department_keeps_what_was_set_for_it(house):
    await seat(house, "kim", "영업1팀")
    await set_knob(house, "영업1팀", 15)
    await house.services.organization.departments.change(CLI, house.tree["영업1팀"].id, name="국내영업팀")
    assert (await house.services.directory.account(house.people["kim"].account_id)).department == "국내영업팀"
    assert await length_for(house, "kim") == 15


async def test_sharing_by_department_follows_the_tree(house):
    kim, lee = house.people["kim"], house.people["lee"]
    box = (await house.services.mailboxes.by_role(lee, lee.account_id, "inbox")).row.id
    team = named("department", house.company, "영업본부")
    await house.services.sharing.share(lee, lee.account_id, box, team, "lrs")
    with pytest.raises(NotFound):
        await house.services.sharing.my_rights(kim, lee.account_id, box)
    await seat(house, "kim", "영업1팀")
    assert await house.services.sharing.my_rights(kim, lee.account_id, box) == frozenset("lrs")
    assert await house.services.principals.reached(house.company, team) == [kim.account_id]
    assert await house.services.principals.name_of(house.company, team) == "department:영업본부"
    await seat(house, "kim", "지원실")
    with pytest.raises(NotFound):
        await house.services.sharing.my_rights(kim, lee.account_id, box)


async def test_a_department_is_found_by_code_or_by_a_name_that_is_its_own(house):
    departments = house.services.organization.departments
    one = await departments.create(CLI, house.company, "1팀", code="S1", parent_id=house.tree["영업본부"].id)
    await departments.create(CLI, house.company, "1팀", code="G1", parent_id=house.tree["지원실"].id)
    assert await departments.find(house.company, "S1") == one
    with pytest.raises(Invalid, match="S1, G1"):
        await departments.find(house.company, "1팀")
    with pytest.raises(NotFound):
        await departments.find(house.company, "9팀")


# --- addresses ----------------------------------------------------------------------------------------------------


async def test_department_mail_goes_to_who_is_in_it(house):
    departments, finder = house.services.organization.departments, house.services.directory.finder
    address = await departments.give_mail(CLI, house.tree["영업본부"].id, "sales@a.example")
    await seat(house, "kim", "영업1팀")
    await seat(house, "lee", "지원실")
    found = await finder.find_many([address], through_lists=True)
    assert found[0].next == ("kim@a.example",)
    await seat(house, "kim", "지원실")
    await seat(house, "lee", "영업2팀")
    found = await finder.find_many([address], through_lists=True)
    assert found[0].next == ("lee@a.example",)
    narrow = await departments.give_mail(CLI, house.tree["영업본부"].id, "head@a.example", below=False)
    assert (await finder.find_many([narrow], through_lists=True))[0].next == ()
    with pytest.raises(NotFound):
        await departments.give_mail(CLI, house.tree["영업본부"].id, "sales@other.example")


async def test_the_mail_of_a_post_goes_with_the_post(house):
    posts, kim, lee = house.services.organization.posts, house.people["kim"], house.people["lee"]
    box = await posts.create(CLI, house.tree["영업1팀"].id, "팀장", "head1@a.example")
    sharing = house.services.sharing
    await seat(house, "kim", "영업1팀/팀장")
    await seat(house, "lee", "영업1팀")
    assert "sendAs" in await sharing.my_rights(kim, box.id)
    with pytest.raises(NotFound):
        await sharing.my_rights(lee, box.id)
    [shown] = await posts.list_all(CLI, house.company)
    assert (shown.duty, [one.login for one in shown.holders]) == ("팀장", ["kim@a.example"])
    assert [one.login for one in await sharing.accounts_for(kim)] == ["head1@a.example"]
    await seat(house, "kim", "영업2팀/팀장")
    await seat(house, "lee", "영업1팀/팀장")
    with pytest.raises(NotFound):
        await sharing.my_rights(kim, box.id)
    assert "r" in await sharing.my_rights(lee, box.id)
    assert await sharing.accounts_for(kim) == []


async def test_a_new_name_keeps_the_old_address_for_a_while(house):
    organization, kim = house.services.organization, house.people["kim"]
    await house.services.addressing.stand_ins.put_forward(
        CLI, await house.services.directory.account(kim.account_id), ["out@z.example"], keep=True
    )
    step = Step(kind="rename", account_id=kim.account_id, login="han@a.example", months=6)
    renamed = await organization.people.perform(CLI, step)
    assert renamed.login == "han@a.example"
    for address in ("kim@a.example", "han@a.example"):
        place = await house.services.directory.finder.find(address)
        assert (place.account_id, place.next) == (kim.account_id, ("out@z.example",))
    actor = Actor(kim.account_id, house.company, "han@a.example", is_admin=False, origin=Origin("web"))
    identities = await house.services.identities.list_all(actor, kim.account_id)
    assert {one.row.address for one in identities} == {"kim@a.example", "han@a.example"}
    card = await organization.people.card(CLI, kim.account_id)
    assert list(card.ends) == ["kim@a.example"]
    assert await organization.people.end_addresses() == 0
    house.clock.ahead += 6 * MONTH + 1
    assert await organization.people.end_addresses() == 1
    assert (await house.services.directory.finder.find("kim@a.example")).kind == "nobody"
    with pytest.raises(AlreadyExists):
        await house.person("kim@a.example")
    with pytest.raises(AlreadyExists):
        await organization.people.perform(CLI, Step(kind="rename", account_id=kim.account_id, login="lee@a.example"))
    identities = await house.services.identities.list_all(actor, kim.account_id)
    assert "lee@a.example" not in {one.row.address for one in identities}


# --- people -------------------------------------------------------------------------------------------------------


async def test_a_card_shows_what_is_known_and_facts_are_sealed(house):
    facts = {"mobile": "010-1234-5678"}
    await seat(house, "kim", "영업1팀/팀장", "지원실", position="과장", employee_number="E7", facts=facts)
    card = await house.services.organization.people.card(CLI, house.people["kim"].account_id)
    assert [(one.path, one.duty) for one in card.seats] == [("영업본부 / 영업1팀", "팀장"), ("지원실", "")]
    assert (card.position, card.row.employee_number, card.facts) == ("과장", "E7", facts)
    assert (card.account.department, card.account.title) == ("영업1팀", "과장")
    assert b"1234" not in card.row.sealed
    assert "1234" not in repr(card.row)
    for wrong in ({"seats": (WantedSeat("없는팀"),)}, {"position": "없는직위"}):
        with pytest.raises(Invalid):
            step = Step(kind="change", account_id=card.account.id, wanted=Wanted(login="", **wrong))
            await house.services.organization.people.perform(CLI, step)
    with pytest.raises(AlreadyExists):
        await seat(house, "lee", employee_number="E7")


async def test_a_planned_day_comes_once_and_not_before(house):
    planned, kim = house.services.organization.planned, house.people["kim"]
    await seat(house, "kim", "영업1팀")
    at = house.clock.now() + DAY
    wanted = Wanted(login="", seats=(WantedSeat("영업2팀"),), position="부장")
    change = await planned.plan(CLI, Step(kind="change", account_id=kim.account_id, wanted=wanted), at)
    renaming = Step(kind="rename", account_id=kim.account_id, login="han@a.example", months=1)
    await planned.plan(CLI, renaming, at + 1)
    lost = await planned.plan(CLI, Step(kind="close", account_id=house.people["lee"].account_id), at)
    await planned.cancel(CLI, house.company, lost.id)
    broken = Wanted(login="", seats=(WantedSeat("없는팀"),))
    await planned.plan(CLI, Step(kind="change", account_id=kim.account_id, wanted=broken), at + 2)
    with pytest.raises(Invalid):
        await planned.plan(CLI, renaming, house.clock.now() - 1)
    house.clock.ahead += DAY - MINUTE
    assert await planned.apply_due() == 0
    assert (await house.services.directory.account(kim.account_id)).department == "영업1팀"
    house.clock.ahead += MINUTE + 10
    await asyncio.gather(planned.apply_due(), planned.apply_due())
    account = await house.services.directory.account(kim.account_id)
    assert (account.department, account.title, account.login) == ("영업2팀", "부장", "han@a.example")
    states = {one.row.id: one.row.state for one in await planned.list_all(CLI, house.company)}
    assert sorted(states.values()) == ["cancelled", "done", "done", "failed"]
    assert states[change.id] == "done"
    assert await planned.apply_due() == 0
    assert (await house.services.directory.account(house.people["lee"].account_id)).state == "active"


async def test_a_transfer_leaves_the_old_company_and_takes_the_address_along(house):
    organization, kim = house.services.organization, house.people["kim"]
    other = await organization.companies.create(CLI, "무역")
    await organization.domains.add(CLI, "trade.example", other.id)
    step = Step(kind="transfer", account_id=kim.account_id, login="kim@trade.example")
    await organization.planned.plan(CLI, step, house.clock.now() + 5)
    house.clock.ahead += 10
    assert await organization.planned.apply_due() == 1
    new = await house.services.directory.account_by_login("kim@a.example")
    assert (new.organization_id, new.login) == (other.id, "kim@trade.example")
    assert (await house.services.directory.account(kim.account_id)).state == "closed"
    house.clock.ahead += 6 * MONTH + DAY
    await organization.people.end_addresses()
    assert (await house.services.directory.finder.find("kim@a.example")).kind == "nobody"


# --- companies and domains ------------------------------------------------------------------------------------------


async def test_companies_are_outside_to_each_other(house):
    organization = house.services.organization
    other = await organization.companies.create(CLI, "무역")
    await organization.domains.add(CLI, "trade.example", other.id)
    stranger = await house.person("choi@trade.example")
    kim = house.people["kim"]
    listing = await house.services.principals.listing(kim)
    assert Grantee("account", stranger.account_id) not in listing.all
    assert await organization.search.search(kim, "choi") == []
    with pytest.raises(NotFound):
        await house.services.principals.named(kim, "choi@trade.example")
    box = (await house.services.mailboxes.by_role(kim, kim.account_id, "inbox")).row.id
    with pytest.raises(NotFound):
        await house.services.sharing.share(kim, kim.account_id, box, Grantee("account", stranger.account_id), "lr")
    boss = await admin(house)
    for act in (
        organization.departments.list_all(boss, other.id),
        organization.titles.list_all(boss, other.id),
        organization.people.card(boss, stranger.account_id),
        organization.planned.list_all(boss, other.id),
        organization.sources.plan(boss, other.id, []),
        organization.domains.claims(boss, other.id),
        organization.companies.rename(boss, other.id, "x"),
        organization.people.perform(boss, Step(kind="close", account_id=stranger.account_id)),
    ):
        with pytest.raises(NotFound):
            await act
    with pytest.raises(Forbidden):
        await organization.companies.create(boss, "셋째")
    assert [one.id for one in await organization.companies.list_all(boss)] == [house.company]
    # What one company lets another see is the directory, nothing else.
    await organization.companies.set_sight(CLI, other.id, house.company, on=True)
    assert [one.login for one in await organization.search.search(kim, "choi")] == ["choi@trade.example"]
    assert await organization.search.search(stranger, "kim") == []
    with pytest.raises(NotFound):
        await house.services.principals.named(kim, "choi@trade.example")


async def test_a_closed_company_takes_no_mail(house):
    organization = house.services.organization
    assert await organization.companies.close(CLI, house.company) == 3
    assert (await house.services.directory.finder.find("kim@a.example")).kind == "outside"
    assert (await house.services.directory.account(house.people["kim"].account_id)).state == "closed"


class Names:
    """DNS with the TXT records that a test publishes."""

    def __init__(self):
        self.texts = {}

    async def txt(self, name):
        return self.texts.get(name, [])


async def test_a_domain_is_proved_before_it_serves(house):
    domains, boss = house.services.organization.domains, await admin(house)
    names = domains._resolver = Names()
    other = await house.services.organization.companies.create(CLI, "무역")
    claim = await domains.add(boss, "Neu.example", house.company)
    assert isinstance(claim, DomainClaim)
    assert (await house.services.directory.finder.find("kim@neu.example")).kind == "outside"
    with pytest.raises(NotFound):
        await house.person("kim@neu.example")
    with pytest.raises(NotFound):
        await house.services.addressing.systems.set_alias(CLI, "neu.example", "a.example")
    proof = domains.proof("neu.example", house.company)
    names.texts[proof.name] = [domains.proof("neu.example", other.id).text.encode()]
    with pytest.raises(Invalid, match="TXT"):
        await domains.prove(boss, "neu.example", house.company)
    names.texts[proof.name].append(proof.text.encode())
    assert await domains.prove(boss, "neu.example", house.company) == DomainRow("neu.example", house.company)
    assert (await house.person("kim@neu.example")).account_id
    with pytest.raises(NotFound):
        await domains.prove(boss, "never.example", house.company)
    with pytest.raises(AlreadyExists):
        await domains.add(boss, "neu.example", house.company)
    with pytest.raises(Forbidden):
        await domains.add_domains(boss, ["x.example"], house.company)


async def test_a_domain_gets_another_name_with_numbers_where_names_clash(house):
    domains = house.services.organization.domains
    await domains.add(CLI, "b.example", house.company)
    await house.person("kim@b.example")
    lee = await house.services.directory.account_by_login("lee@a.example")
    await house.services.addressing.stand_ins.put_forward(CLI, lee, ["out@z.example"], keep=True)
    plan = await domains.plan_rename(CLI, "a.example", "b.example", 6)
    assert plan.clashes == (("kim@a.example", "kim2@b.example"),)
    assert await domains.rename(CLI, plan) == 3
    assert await domains.rename(CLI, plan) == 0
    for old, new in (("kim@a.example", "kim2@b.example"), ("lee@a.example", "lee@b.example")):
        assert (await house.services.directory.account_by_login(old)).login == new
    assert (await house.services.directory.account_by_login("kim@b.example")).login == "kim@b.example"
    # What an administrator does with somebody's mail goes along, and everybody may send as what they are called now.
    assert (await house.services.directory.finder.find("lee@b.example")).next == ("out@z.example",)
    for login in ("kim2@b.example", "lee@b.example"):
        account = await house.services.directory.account_by_login(login)
        assert login in {row.address for row in await house.store.identities(account.id)}


# --- whole lists ------------------------------------------------------------------------------------------------------


def line(login, **facts):
    return Wanted(login=f"{login}@a.example", **facts)


async def test_a_list_is_planned_applied_and_then_no_difference(house):
    sources = house.services.organization.sources
    wanted = [
        line("kim", name="김민수", employee_number="E1", seats=(WantedSeat("영업1팀", "팀장"),), position="과장"),
        line("new", name="신입", employee_number="E2", seats=(WantedSeat("영업2팀"),), facts={"mobile": "1"}),
        line("bad", seats=(WantedSeat("없는팀"),)),
        line("new2", employee_number="E2"),
        Wanted(login="x@elsewhere.example"),
    ]
    plan = await sources.plan(CLI, house.company, wanted)
    assert [one.login for one in plan.make] == ["new@a.example"]
    assert [place for place, _why in plan.errors] == [2, 3, 4]
    assert (len(plan.change), plan.close) == (1, ())
    done = await sources.apply(CLI, plan)
    assert (done.made, done.changed, done.errors) == (1, 1, ())
    again = await sources.plan(CLI, house.company, wanted[:2])
    assert again.empty
    assert again.unchanged == 2
    new = await house.services.directory.account_by_login("new@a.example")
    assert (new.name, new.department) == ("신입", "영업2팀")
    box = await house.services.mailboxes.by_role(
        Actor(new.id, house.company, new.login, is_admin=False, origin=Origin("web")), new.id, "inbox"
    )
    assert box.row.role == "inbox"
    renamed = await sources.plan(CLI, house.company, [line("newer", employee_number="E2")])
    assert [(one.old, one.new) for one in renamed.rename] == [("new@a.example", "newer@a.example")]
    await sources.apply(CLI, renamed)
    assert (await house.services.directory.account_by_login("new@a.example")).login == "newer@a.example"


async def test_a_slip_of_a_source_closes_nobody(house):
    sources, boss = house.services.organization.sources, await admin(house)
    plan = await sources.plan(boss, house.company, [line("kim"), line("lee")], whole=True)
    assert [one.login for one in plan.close] == ["park@a.example"]
    assert (plan.needs_consent, plan.spared) == (True, 1)
    with pytest.raises(Invalid, match="sure"):
        await sources.apply(boss, plan)
    assert (await house.services.directory.account(house.people["park"].account_id)).state == "active"
    assert (await sources.apply(boss, plan, sure=True)).closed == 1
    assert (await house.services.directory.account(house.people["park"].account_id)).state == "closed"
    back = await sources.plan(boss, house.company, [line("park")])
    assert [one.login for one in back.reopen] == ["park@a.example"]


# --- look-ups ---------------------------------------------------------------------------------------------------------


async def test_lists_are_in_the_order_of_positions_and_found_by_what_is_typed(house):
    search, kim = house.services.organization.search, house.people["kim"]
    await seat(house, "kim", "영업1팀", name="김민지", position="사원", employee_number="E100")
    await seat(house, "lee", "영업2팀", name="김미정", position="부장")
    await seat(house, "park", "지원실", name="강민주")

    async def found(typed):
        return [one.name for one in await search.search(kim, typed)]

    house.clock.ahead += 2000
    await search.search(kim, "x")
    await search.settle()
    assert await found("김") == ["김미정", "김민지"]
    assert await found("ㄱㅁㅈ") == ["김미정", "김민지", "강민주"]
    assert await found("영업 김") == ["김미정", "김민지"]
    assert await found("영업1") == ["김민지"]
    assert await found("사원") == ["김민지"]
    assert await found("e100") == ["김민지"]
    assert await found("par") == ["강민주"]
    assert await found("ㅈㅇㅅ") == ["강민주"]
    assert await found("   ") == await found("없음") == []
    await house.services.organization.people.perform(CLI, Step(kind="close", account_id=house.people["lee"].account_id))
    house.clock.ahead += 2000
    assert await found("김") == ["김민지"]


async def test_who_joins_gets_everything_at_once_or_nothing(house):
    people = house.services.organization.people
    wanted = line("choi", name="최하은", employee_number="E5", seats=(WantedSeat("영업1팀"),), position="사원")
    joined = await people.join(CLI, house.company, wanted)
    assert (joined.name, joined.department, joined.title) == ("최하은", "영업1팀", "사원")
    with pytest.raises(Invalid):
        await people.join(CLI, house.company, line("jung", position="없음"))
    with pytest.raises(NotFound):
        await house.services.directory.account_by_login("jung@a.example")
    with pytest.raises(NotFound):
        await people.join(CLI, house.company, Wanted(login="x@elsewhere.example"))


async def test_another_process_follows_within_two_seconds_without_a_hint(house, tmp_path):
    kim, lee = house.people["kim"], house.people["lee"]
    await set_knob(house, "영업1팀", 15)
    box = (await house.services.mailboxes.by_role(lee, lee.account_id, "inbox")).row.id
    await house.services.sharing.share(lee, lee.account_id, box, named("department", house.company, "영업본부"), "lr")
    async with quiet_house(tmp_path / "house") as other:
        before = await other.services.policy.of_id(kim.account_id)
        with pytest.raises(NotFound):
            await other.services.sharing.my_rights(kim, lee.account_id, box)
        assert await other.services.organization.search.search(kim, "영업1") == []
        await seat(house, "kim", "영업1팀")
        other.clock.ahead += 2000
        assert await other.services.policy.value_of_id(kim.account_id, knobs.PASSWORD_MIN_LENGTH) == 15
        assert before[knobs.PASSWORD_MIN_LENGTH] != 15
        assert await other.services.sharing.my_rights(kim, lee.account_id, box) == frozenset("lr")
        found = await other.services.organization.search.search(kim, "영업1")
        assert [one.login for one in found] == ["kim@a.example"]


async def test_who_administers_a_department_reaches_no_further(house):
    organization, lee = house.services.organization, house.people["lee"]
    sales = Scope("department", f"{house.company}:영업본부")
    await house.services.roles.appoint(CLI, lee.account_id, "system", sales)
    ours = Actor(lee.account_id, house.company, "lee@a.example", is_admin=False, origin=Origin("web"))
    await seat(house, "kim", "영업1팀")
    departments, people = organization.departments, organization.people

    async def put(login, *where):
        wanted = Wanted(login="", seats=tuple(map(WantedSeat, where)))
        return await people.perform(ours, Step(kind="change", account_id=house.people[login].account_id, wanted=wanted))

    assert (await put("kim", "영업2팀")).department == "영업2팀"
    made = await departments.create(ours, house.company, "영업3팀", parent_id=house.tree["영업본부"].id)
    await departments.change(ours, made.id, parent_id=house.tree["영업1팀"].id, name="새 팀")
    support = house.tree["지원실"]
    for act in (
        # Neither into a department that is not theirs, nor somebody who is not, nor out of the own tree.
        put("kim", "지원실"),
        put("park", "영업1팀"),
        departments.change(ours, support.id, name="x"),
        departments.change(ours, made.id, parent_id=support.id),
        departments.change(ours, made.id, parent_id=0),
        departments.create(ours, house.company, "x"),
        departments.people(ours, support.id),
        departments.give_mail(ours, made.id, "x@a.example"),
        organization.titles.set_order(ours, house.company, "duty", ["x"]),
        organization.sources.plan(ours, house.company, []),
    ):
        with pytest.raises((NotFound, Forbidden)):
            await act


async def test_a_team_of_forty_is_in_the_order_of_the_table_everywhere(house):
    organization, order = house.services.organization, ["이사", "부장", "차장", "과장", "대리", "사원"]
    await organization.titles.set_order(CLI, house.company, "position", order)
    names = [f"김{chr(0xAC00 + 588 * (number * 7 % 19))}{number % 3}" for number in range(40)]
    wanted = [
        line(f"t{number}", name=names[number], seats=(WantedSeat("영업2팀"),), position=order[number * 5 % 6])
        for number in range(40)
    ]
    await organization.sources.apply(CLI, await organization.sources.plan(CLI, house.company, wanted))
    place = {one.login: order.index(one.position) for one in wanted}
    right = [one.login for one in sorted(wanted, key=lambda one: (place[one.login], one.name, one.login))]
    team = await organization.departments.people(CLI, house.tree["영업2팀"].id)
    assert [one.login for one in team] == right
    house.clock.ahead += 2000
    found = await organization.search.search(house.people["kim"], "김 영업2", 100)
    assert [one.login for one in found] == right
    # Turned over, the table turns every list over.
    await organization.titles.set_order(CLI, house.company, "position", order[::-1])
    team = await organization.departments.people(CLI, house.tree["영업2팀"].id)
    assert [place[one.login] for one in team] == sorted(place.values(), reverse=True)
