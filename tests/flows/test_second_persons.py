"""One administrator tries to be two: every way to get hold of a second account, and to be alone with the clock."""

import re
import time

import pytest
from tests.flows.administrators import CLI, open_company
from tests.flows.test_proposals import REASON, Shredder, shred

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists, AuthFailed, Forbidden, NotFound
from smartmail.domain.factors import FactorRow
from smartmail.domain.organization import Step, Wanted
from smartmail.domain.policy import PolicyRule
from smartmail.policy import knobs
from smartmail.service.kernel.clock import DAY, HOUR
from smartmail.service.people.provisioned import PersonAsked

SECRET = "자물쇠 없는 문은 없다 7391"


@pytest.fixture
async def world(tmp_path):
    """A company whose purges need two persons."""
    async with open_company(tmp_path / "one") as (ours, _):
        shredder = Shredder(ours.services.proposals)
        await ours.knob("admin.two-person", ("purge",))
        yield ours, shredder


@pytest.fixture
def put_forward(world, monkeypatch):
    ahead = [0]
    monkeypatch.setattr(type(world[0].house.clock), "now", lambda _self: time.time_ns() // 1_000_000 + ahead[0])

    def move(milliseconds: int) -> None:
        ahead[0] += milliseconds

    return move


async def fresh(ours, name: str):
    """Look at somebody's account as it is now."""
    ours.people[name] = await ours.house.store.account(ours.people[name].id)
    return ours.people[name]


# --- ways to a second account ---


async def sets_a_password(ours, boss):
    await ours.services.administration.set_password(boss, ours.people["deputy"].id, SECRET)
    return "deputy"


async def takes_a_link(ours, boss):
    await ours.services.administration.setup_link(boss, ours.people["deputy"].id)
    return "deputy"


async def resets_factors(ours, boss):
    held = FactorRow(0, ours.people["deputy"].id, "totp", b"sealed", b"label", ours.house.clock.now())
    await ours.house.store.add_factor(held, AuditRecord(held.created_at, "cli", "factor.new.totp", "account:0"))
    await ours.services.factor_resets.reset(boss, ours.people["deputy"].id, "휴대전화를 잃어버렸다고 함")
    return "deputy"


async def suspends_and_lets_in_again(ours, boss):
    states, number = ours.services.account_life.states, ours.people["deputy"].id
    await states.set(boss, number, "suspended", "휴직으로 보임")
    await states.set(boss, number, "active", "아니었음")
    return "deputy"


async def closes_and_reopens(ours, boss):
    await ours.services.administration.close(boss, ours.people["deputy"].id)
    await ours.services.administration.reopen(boss, ours.people["deputy"].id)
    return "deputy"


async def closes_and_takes_on_again(ours, boss):
    await ours.services.administration.close(boss, ours.people["deputy"].id)
    step = Step(kind="rehire", account_id=ours.people["deputy"].id)
    await ours.services.organization.people.perform(ours.as_("boss"), step)
    return "deputy"


async def marks_somebody(ours, boss):
    await ours.services.roles.mark(boss, ours.people["kim"].id, administrator=True)
    return "kim"


async def appoints_somebody(ours, boss):
    await ours.services.roles.appoint(boss, ours.people["kim"].id, "system", ours.whole)
    return "kim"


async def widens_a_role(ours, boss):
    book = ours.services.roles.book
    role = await book.put(CLI, ours.organization_id, "읽기", ["account.read"])
    await ours.appoint("kim", role.id)
    await book.put(boss, ours.organization_id, "읽기", ["account.read", "account.change"], role_id=int(role.id))
    return "kim"


async def hires_somebody(ours, boss):
    made = await ours.services.organization.people.join(boss, ours.organization_id, Wanted(login="new@a.example"))
    ours.people["new"] = made
    await ours.services.roles.mark(CLI, made.id, administrator=True)
    return "new"


async def provisions_somebody(ours, boss):
    made = await ours.services.directory_imports.provisioned.create(
        boss, ours.organization_id, PersonAsked(login="scim@a.example")
    )
    ours.people["scim"] = made.account
    await ours.services.roles.mark(CLI, made.account.id, administrator=True)
    return "scim"


async def has_a_hand_do_it(ours, boss):
    await ours.services.roles.mark(boss, ours.people["kim"].id, administrator=True)
    await fresh(ours, "kim")
    await ours.services.administration.set_password(ours.as_("kim"), ours.people["deputy"].id, SECRET)
    return "deputy"


WAYS = [
    sets_a_password, takes_a_link, resets_factors, suspends_and_lets_in_again, closes_and_reopens,
    closes_and_takes_on_again, marks_somebody,
    appoints_somebody, widens_a_role, hires_somebody, provisions_somebody, has_a_hand_do_it,
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=lambda one: one.__name__)
async def test_who_was_got_hold_of_is_no_second_person(world, way, put_forward):
    ours, shredder = world
    proposals = ours.services.proposals
    puppet = await way(ours, ours.as_("boss"))
    await fresh(ours, puppet)
    boss, other = ours.as_("boss"), ours.as_(puppet)
    for author, decider in ((boss, other), (other, boss)):
        made = await proposals.propose(author, "test.shred", shred(ours, "park"), REASON)
        with pytest.raises(Forbidden) as refused:
            await proposals.confirm(decider, made.row.id)
        assert "independent of the author" in refused.value.public
        assert "boss@a.example" in refused.value.public or "kim@a.example" in refused.value.public
        assert not shredder.done
    # When the days are over it counts again; that it lapsed meanwhile is another matter.
    put_forward(31 * DAY)
    made = await proposals.propose(boss, "test.shred", shred(ours, "park"), REASON)
    assert (await proposals.confirm(other, made.row.id)).row.state == "done"


async def test_two_hands_of_one_person_are_one_person(world):
    ours, shredder = world
    for name in ("kim", "lee"):
        await ours.services.roles.mark(ours.as_("boss"), ours.people[name].id, administrator=True)
        await fresh(ours, name)
    made = await ours.services.proposals.propose(ours.as_("kim"), "test.shred", shred(ours, "park"), REASON)
    with pytest.raises(Forbidden):
        await ours.services.proposals.confirm(ours.as_("lee"), made.row.id)
    # Nobody has had a hand on the deputy: a second person.
    assert (await ours.services.proposals.confirm(ours.as_("deputy"), made.row.id)).row.state == "done"
    assert len(shredder.done) == 1


async def test_what_people_do_to_themselves_and_the_command_line_ties_nobody(world):
    ours, _ = world
    await ours.services.administration.set_password(CLI, ours.people["deputy"].id, SECRET)
    await ours.services.roles.mark(CLI, ours.people["kim"].id, administrator=True)
    await fresh(ours, "kim")
    for name in ("deputy", "kim"):
        made = await ours.services.proposals.propose(ours.as_("boss"), "test.shred", shred(ours, "park"), REASON)
        assert (await ours.services.proposals.confirm(ours.as_(name), made.row.id)).row.state == "done"


async def test_a_program_of_the_other_is_no_second_person(world):
    ours, shredder = world
    made = await ours.services.proposals.propose(ours.as_("boss"), "test.shred", shred(ours, "park"), REASON)
    for by in ("app", "token", "certificate", "key"):
        with pytest.raises((Forbidden, NotFound)):
            await ours.services.proposals.confirm(ours.as_("deputy", by=by), made.row.id)
    assert not shredder.done


async def test_the_knob_says_for_how_long(world):
    ours, _ = world
    await sets_a_password(ours, ours.as_("boss"))
    await ours.knob("admin.independence-days", 0)
    made = await ours.services.proposals.propose(ours.as_("boss"), "test.shred", shred(ours, "park"), REASON)
    assert (await ours.services.proposals.confirm(ours.as_("deputy"), made.row.id)).row.state == "done"


# --- alone with the clock ---


def told_by_second_channel(ours, *names):
    """Give people a second channel; return what it was told: login, subject, text."""
    told = []
    numbers = {ours.people[one].id for one in names}

    async def second_channel(account, subject, text):
        if account.id in numbers:
            told.append((account.login, subject, text))
        return account.id in numbers

    async def reaches(account):
        return account.id in numbers

    witnesses = ours.services.proposals.witnesses
    witnesses.second_channel, witnesses.reaches = second_channel, reaches
    return told


async def by_closing(ours, boss):
    await ours.services.administration.close(boss, ours.people["deputy"].id)


async def by_suspending(ours, boss):
    await ours.services.account_life.states.set(boss, ours.people["deputy"].id, "suspended", "휴직으로 보임")


async def by_unmarking(ours, boss):
    await ours.services.roles.mark(boss, ours.people["deputy"].id, administrator=False)


@pytest.mark.parametrize("way", [by_closing, by_suspending, by_unmarking], ids=lambda one: one.__name__)
async def test_who_shut_the_others_out_is_not_alone_with_the_clock(world, way, put_forward):
    ours, shredder = world
    proposals, boss = ours.services.proposals, ours.as_("boss")
    await way(ours, boss)
    told = told_by_second_channel(ours, "deputy")
    made = await proposals.propose(boss, "test.shred", shred(ours, "park"), REASON)
    assert made.row.due_at == made.row.created_at + 24 * HOUR
    [(login, subject, text)] = told
    assert (login, "test.shred" in subject) == ("deputy@a.example", True)
    [token] = re.findall(r"/proof#object=([0-9a-f]+)", text)
    await proposals.witnesses.object(token)
    with pytest.raises(AuthFailed):  # good once
        await proposals.witnesses.object(token)
    ended = await proposals.get(boss, made.row.id)
    assert (ended.row.state, ended.row.decider) == ("refused", f"account:{ours.people['deputy'].id}")
    put_forward(25 * HOUR)
    assert await proposals.turn() == 0
    assert not shredder.done
    with pytest.raises(AlreadyExists):
        await proposals.withdraw(boss, made.row.id)


async def test_who_silenced_a_witness_gets_no_waiting_time(world):
    ours, _ = world
    proposals, boss = ours.services.proposals, ours.as_("boss")
    told_by_second_channel(ours)
    await by_closing(ours, boss)
    with pytest.raises(Forbidden) as refused:
        await proposals.propose(boss, "test.shred", shred(ours, "park"), REASON)
    assert "deputy@a.example" in refused.value.public
    assert await proposals.list_all(boss) == []


async def test_a_hand_that_silenced_a_witness_is_the_authors_own(world):
    ours, _ = world
    told_by_second_channel(ours)
    await ours.services.roles.mark(ours.as_("boss"), ours.people["kim"].id, administrator=True)
    await fresh(ours, "kim")
    await by_closing(ours, ours.as_("kim"))
    with pytest.raises(Forbidden):
        await ours.services.proposals.propose(ours.as_("boss"), "test.shred", shred(ours, "park"), REASON)


async def test_who_left_long_ago_or_by_the_command_line_stops_nobody(world, put_forward):
    ours, shredder = world
    proposals, boss = ours.services.proposals, ours.as_("boss")
    told_by_second_channel(ours)
    await ours.services.administration.close(CLI, ours.people["deputy"].id)
    made = await proposals.propose(boss, "test.shred", shred(ours, "park"), REASON)
    put_forward(25 * HOUR)
    assert await proposals.turn() == 1
    assert (await proposals.get(boss, made.row.id)).row.state == "done"
    assert len(shredder.done) == 1


async def test_administrators_who_are_tied_are_witnesses_and_may_refuse(world):
    ours, _ = world
    proposals = ours.services.proposals
    await sets_a_password(ours, ours.as_("boss"))
    told = told_by_second_channel(ours, "deputy")
    made = await proposals.propose(ours.as_("boss"), "test.shred", shred(ours, "park"), REASON)
    assert made.row.due_at is not None
    assert [login for login, _, _ in told] == ["deputy@a.example"]
    assert (await proposals.refuse(ours.as_("deputy"), made.row.id)).row.state == "refused"


# --- the same for staged policy ---


async def staged(ours, name: str, hours: int = 0):
    changes, at = ours.services.policy_changes, None
    if hours:
        at = ours.house.clock.now() + hours * HOUR
    rule = PolicyRule("password.min-length", ours.whole, 14)
    return await changes.stage(ours.as_(name), [rule], [], "규정 개정", at)


async def test_a_policy_change_needs_an_independent_administrator_too(world):
    ours, _ = world
    await ours.knob("admin.two-person", ("policy",))
    changes = ours.services.policy_changes
    await ours.services.administration.set_password(ours.as_("boss"), ours.people["deputy"].id, SECRET)
    told = told_by_second_channel(ours, "deputy")
    draft = await staged(ours, "boss")
    waiting = await changes.submit(ours.as_("boss"), draft.id)
    assert (waiting.state, waiting.apply_at is not None) == ("scheduled", True)  # nobody independent: it waits
    [token] = re.findall(r"/proof#object=([0-9a-f]+)", told[0][2])
    await ours.services.proposals.witnesses.object(token)
    assert (await changes.change(ours.as_("boss"), draft.id)).state == "refused"
    draft = await staged(ours, "boss")
    await changes.submit(ours.as_("boss"), draft.id, ask=True)


async def test_a_change_is_held_when_its_author_may_not_make_it_any_more(world, put_forward):
    ours, _ = world
    changes = ours.services.policy_changes
    draft = await staged(ours, "boss", hours=5)
    assert (await changes.submit(ours.as_("boss"), draft.id)).state == "scheduled"
    await ours.services.roles.mark(CLI, ours.people["boss"].id, administrator=False)
    put_forward(6 * HOUR)
    assert await changes.apply_due() == 0
    assert (await changes.change(ours.as_("deputy"), draft.id)).state == "refused"
    assert await ours.services.policy.value_of_place(ours.organization_id, knobs.PASSWORD_MIN_LENGTH) != 14
