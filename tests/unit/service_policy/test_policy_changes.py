"""Staged changes: agreed to by another, applied once at their time, rehearsed before, superseded when others were faster."""

import asyncio

import pytest
from tests.unit.service_import.quiet_house import QuietHouse, quiet_house

from smartmail.domain.account import LoginAttempt
from smartmail.domain.errors import Forbidden, Invalid, NotFound, StateMismatch
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.policy_changes import Unset
from smartmail.domain.principal import Actor, Origin
from smartmail.service.kernel.clock import DAY, HOUR, MINUTE

CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
SYSTEM = Scope("system")
WHY = "감사 지적 12번"


class Letters:
    """Notices, kept instead of sent."""

    def __init__(self):
        self.sent = []

    async def send(self, reader, subject, text):
        self.sent.append((reader.login, subject, text))


@pytest.fixture
async def house(tmp_path):
    async with quiet_house(tmp_path / "house") as opened:
        await opened.person("admin@a.example", is_admin=True)
        await opened.person("second@a.example", is_admin=True)
        for number in range(4):
            await opened.person(f"u{number}@a.example")
        yield opened
        await opened.services.auth.settle()


def actor(house: QuietHouse, login: str) -> Actor:
    account = house.accounts[login]
    return Actor(account.id, account.organization_id, account.login, account.is_admin, Origin("admin"), by="session")


def company(house) -> Scope:
    return Scope("organization", str(house.accounts["admin@a.example"].organization_id))


def own(house, login: str) -> Scope:
    return Scope("account", str(house.accounts[login].id))


async def value(house, login, knob):
    return (await house.services.policy.explain(house.accounts[login].id, knob)).value


async def two_person(house):
    await house.services.governing.set_knob(CLI, PolicyRule("admin.two-person", SYSTEM, ("policy",)))


async def test_a_change_of_several_knobs_is_one_revision_and_goes_back_as_one(house):
    changes, scope = house.services.policy_changes, company(house)
    await house.services.governing.set_knob(CLI, PolicyRule("door.pop3", scope, value=True))
    begin = [PolicyRule("door.imap", scope, value=False), PolicyRule("password.min-length", scope, 12)]
    draft = await changes.stage(actor(house, "admin@a.example"), begin, [Unset("door.pop3", scope)], WHY)
    assert (draft.state, await value(house, "u1@a.example", "door.imap")) == ("draft", True)
    lines = {line.knob: (line.before, line.after) for line in await changes.difference(draft)}
    assert lines == {"door.imap": (None, False), "password.min-length": (None, 12), "door.pop3": (True, None)}
    assert changes.reason(draft) == WHY
    made = await changes.submit(actor(house, "admin@a.example"), draft.id)
    assert (made.state, made.epoch) == ("active", 2)
    assert await value(house, "u1@a.example", "door.imap") is False
    _, rules = await house.services.governing.rules()
    assert {rule.knob for rule in rules} == {"door.imap", "password.min-length"}
    assert {line.knob: line.before for line in await changes.difference(made)}["door.pop3"] is True
    await house.services.governing.return_to(CLI, 1)
    assert await value(house, "u1@a.example", "password.min-length") == 10


async def test_what_is_typed_is_sealed_in_the_database(house):
    await house.services.policy_changes.stage(CLI, [PolicyRule("door.imap", SYSTEM, value=False)], [], WHY)
    octets = b"".join(path.read_bytes() for path in house.directory.rglob("*") if path.is_file())
    assert WHY.encode() not in octets


async def test_a_scheduled_change_is_applied_at_its_time_and_once(house):
    changes, now = house.services.policy_changes, house.clock.now()
    draft = await changes.stage(CLI, [PolicyRule("door.imap", SYSTEM, value=False)], [], WHY, now + HOUR)
    assert (await changes.submit(CLI, draft.id)).state == "scheduled"
    house.clock.ahead += HOUR - 5 * MINUTE
    assert await changes.apply_due() == 0
    house.clock.ahead += 5 * MINUTE
    assert sum(await asyncio.gather(*(changes.apply_due() for _ in range(4)))) == 1
    assert await house.store.policy_epoch() == 1
    assert await value(house, "u1@a.example", "door.imap") is False
    with pytest.raises(StateMismatch):
        await changes.withdraw(CLI, draft.id)


async def test_who_dies_while_applying_has_done_nothing_and_the_next_does_it(house, monkeypatch):
    changes = house.services.policy_changes
    draft = await changes.stage(CLI, [PolicyRule("door.imap", SYSTEM, value=False)], [], WHY, house.clock.now() + HOUR)
    await changes.submit(CLI, draft.id)
    house.clock.ahead += 2 * HOUR
    apply = house.store.apply_policy_change

    async def killed(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(type(house.store), "apply_policy_change", lambda _self, *a: killed(*a))
    with pytest.raises(KeyboardInterrupt):
        await changes.apply_due()
    monkeypatch.undo()
    assert apply is not None
    assert (await changes.change(CLI, draft.id)).state == "scheduled"
    assert await changes.apply_due() == 1


async def test_what_others_changed_meanwhile_supersedes_a_change(house):
    changes = house.services.policy_changes
    later = house.clock.now() + HOUR
    same = await changes.stage(CLI, [PolicyRule("door.imap", SYSTEM, value=False)], [], WHY, later)
    other = await changes.stage(CLI, [PolicyRule("door.pop3", SYSTEM, value=False)], [], WHY, later)
    for one in (same, other):
        await changes.submit(CLI, one.id)
    await house.services.governing.set_knob(CLI, PolicyRule("door.imap", SYSTEM, value=True))
    house.clock.ahead += 2 * HOUR
    assert await changes.apply_due() == 1
    states = [(await changes.change(CLI, one.id)).state for one in (same, other)]
    assert states == ["superseded", "active"]
    assert await value(house, "u1@a.example", "door.imap") is True


async def test_a_change_of_the_class_security_needs_another_administrator(house):
    await two_person(house)
    changes, scope = house.services.policy_changes, company(house)
    letters = changes._notices = Letters()
    admin, second = actor(house, "admin@a.example"), actor(house, "second@a.example")
    draft = await changes.stage(admin, [PolicyRule("door.imap", scope, value=False)], [], WHY)
    assert (await changes.submit(admin, draft.id)).state == "proposed"
    assert [login for login, subject, _ in letters.sent if str(draft.id) in subject] == ["second@a.example"]
    with pytest.raises(Forbidden):
        await changes.approve(admin, draft.id)
    assert await value(house, "u1@a.example", "door.imap") is True
    made = await changes.approve(second, draft.id)
    assert (made.state, made.decider) == ("active", second.named)
    # What is no matter of security goes through, and what is done at once passes the same gate.
    plain = await changes.stage(admin, [PolicyRule("vault.days", scope, 60)], [], WHY)
    assert (await changes.submit(admin, plain.id)).state == "active"
    with pytest.raises(Forbidden):
        await house.services.governing.set_knob(admin, PolicyRule("door.pop3", scope, value=False))
    await house.services.governing.set_knob(admin, PolicyRule("trash.days", scope, 60))
    refused = await changes.stage(admin, [PolicyRule("door.pop3", scope, value=False)], [], WHY)
    await changes.submit(admin, refused.id)
    await changes.refuse(second, refused.id)
    with pytest.raises(StateMismatch):
        await changes.approve(second, refused.id)


async def test_who_is_alone_waits_instead_and_may_withdraw(house):
    await two_person(house)
    await house.store.update_account(house.accounts["second@a.example"].id, is_admin=False)
    changes, admin, scope = house.services.policy_changes, actor(house, "admin@a.example"), company(house)
    letters = changes._notices = Letters()
    first = await changes.stage(admin, [PolicyRule("door.imap", scope, value=False)], [], WHY)
    waiting = await changes.submit(admin, first.id)
    assert waiting.state == "scheduled"
    assert [login for login, *_ in letters.sent] == ["admin@a.example"]
    assert waiting.apply_at >= house.clock.now() + DAY - MINUTE
    await changes.withdraw(admin, first.id)
    again = await changes.stage(admin, [PolicyRule("door.imap", scope, value=False)], [], WHY)
    await changes.submit(admin, again.id)
    house.clock.ahead += DAY + MINUTE
    assert await changes.apply_due() == 1


async def test_a_change_is_for_whoever_may_change_what_it_touches(house):
    other = await house.services.provisioning.organization("other")
    await house.services.directory.add_domain("b.example", other)
    await house.person("boss@b.example", is_admin=True)
    changes, boss, scope = house.services.policy_changes, actor(house, "boss@b.example"), company(house)
    draft = await changes.stage(actor(house, "admin@a.example"), [PolicyRule("vault.days", scope, 60)], [], WHY)
    for act in (changes.change, changes.submit, changes.approve, changes.withdraw):
        with pytest.raises(NotFound):
            await act(boss, draft.id)
    assert await changes.changes(boss) == []
    with pytest.raises(Forbidden):
        await changes.stage(boss, [PolicyRule("vault.days", SYSTEM, 60)], [], WHY)
    for begin, reason in (
        ([], WHY),
        ([PolicyRule("vault.days", scope, 60)], " "),
        ([PolicyRule("vault.days", scope, 0)], WHY),
    ):
        with pytest.raises(Invalid):
            await changes.stage(actor(house, "admin@a.example"), begin, [], reason)


async def test_a_rehearsal_tells_for_whom_a_value_would_change(house):
    rehearsals = house.services.rehearsals
    group = await house.services.governing.new_group(CLI, house.accounts["u1@a.example"].organization_id, "sales")
    await house.services.governing.set_member(CLI, group.id, house.accounts["u1@a.example"].id, member=True)
    await house.services.governing.set_knob(CLI, PolicyRule("door.imap", own(house, "u2@a.example"), value=False))
    begin = [
        PolicyRule("door.imap", SYSTEM, value=False),
        PolicyRule("door.imap", Scope("group", str(group.id)), value=True),
    ]
    told = await rehearsals.rehearse(begin, [])
    # u1 keeps it by the group, u2 has it closed already; the two administrators, u0 and u3 would lose it.
    assert (told.asked, told.changed, told.by_knob) == (6, 4, {"door.imap": 4})
    assert {one.login for one in told.examples} == {
        "admin@a.example", "second@a.example", "u0@a.example", "u3@a.example",
    }  # fmt: skip
    gone = await rehearsals.rehearse([], [Unset("door.imap", own(house, "u2@a.example"))])
    assert [(one.login, one.before, one.after) for one in gone.examples] == [("u2@a.example", False, True)]
    assert await house.store.policy_epoch() == 3, "nothing was changed"


async def test_past_decisions_are_judged_by_the_rules_that_would_be(house):
    u0, u1 = house.accounts["u0@a.example"].id, house.accounts["u1@a.example"].id
    now = house.clock.now()
    rows = [
        ("imap", u0, "ok"),
        ("imap", u1, "ok"),
        ("imap", u1, "wrong_secret"),
        ("web", u0, "ok"),
        ("imap", None, "nobody"),
    ]
    await house.store.note_logins([LoginAttempt(now, who, None, door, "192.0.2.1", how) for door, who, how in rows])
    for number in (3, 30, 300):
        house.services.decisions.note(u0, "message.max-recipients", number, True)
    await house.services.decisions.flush()
    begin = [PolicyRule("door.imap", SYSTEM, value=False), PolicyRule("message.max-recipients", SYSTEM, 100)]
    begin.append(PolicyRule("door.imap", own(house, "u1@a.example"), value=True))
    told = await house.services.rehearsals.replay(begin, [])
    assert (told.looked_at, told.differently) == (5, 2)
    assert told.by_knob == {"door.imap": 1, "message.max-recipients": 1}
    nothing = await house.services.rehearsals.replay([PolicyRule("vault.days", SYSTEM, 9)], [])
    assert (nothing.looked_at, nothing.differently) == (0, 0)


async def test_all_that_holds_for_a_person_comes_with_its_level(house):
    await house.services.governing.set_knob(CLI, PolicyRule("door.imap", own(house, "u1@a.example"), value=False))
    until = house.clock.now() + DAY
    await house.services.governing.set_knob(CLI, PolicyRule("vault.days", SYSTEM, 99))
    await house.services.governing.set_knob(
        CLI, PolicyRule("trash.days", own(house, "u1@a.example"), 9, valid_until=until)
    )
    told = await house.services.policy.effective(house.accounts["u1@a.example"].id)
    assert len(told.knobs) >= 60
    levels = {name: one.rule.scope.level for name, one in told.knobs.items() if one.rule is not None}
    assert levels == {"door.imap": "account", "vault.days": "system", "trash.days": "account"}
    assert told.knobs["trash.days"].rule.dated
    house.clock.ahead += 2 * DAY
    assert (await house.services.policy.effective(house.accounts["u1@a.example"].id)).knobs["trash.days"].rule is None


async def test_processes_say_which_epoch_they_obey(house):
    acks, governing = house.services.policy_acks, house.services.governing
    await acks.turn("a", "edge")
    await governing.set_knob(CLI, PolicyRule("door.imap", SYSTEM, value=False))
    told = await acks.obedience()
    assert (told.epoch, [one.process for one in told.lagging], told.took_ms) == (1, ["edge"], None)
    house.clock.ahead += 11_000
    assert (await acks.ring(), await acks.ring()) == (1, 1)
    await acks.turn("a", "edge")
    told = await acks.obedience()
    assert (told.lagging, len(told.living)) == ((), 1)
    assert 11_000 <= told.took_ms < 20_000
    assert await acks.ring() == 0
    house.clock.ahead += 2 * MINUTE
    assert (await acks.obedience()).living == (), "who was not seen is gone, no laggard"
    house.clock.ahead += 2 * DAY
    await acks.ring()
    assert await house.store.acks() == []
    await acks.turn("a", "edge")
    assert len(await house.store.acks()) == 1
    await acks.leave("a", "edge")
    assert (await acks.obedience()).living == ()


async def test_an_epoch_that_cannot_be_compiled_is_named(house):
    acks = house.services.policy_acks
    await acks.turn("a", "edge")
    record = house.services.policy_changes._record(CLI, "test")
    await house.store.revise_policy(0, [PolicyRule("door.gopher", SYSTEM, value=True)], [], record)
    house.clock.ahead += 2_000
    await acks.turn("a", "edge")
    [ack] = (await acks.obedience()).lagging
    assert (ack.epoch, "gopher" in ack.error) == (0, True)
