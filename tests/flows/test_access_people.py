"""What people have to do with access: travel passes, notices, rules of administrators, their limits and their history."""

from dataclasses import replace

import pytest
from tests.flows.access_house import AUDIT, AUTONOMOUS, CLI, LOGIN, NETWORKS, ORIGINS, PASSWORD, table
from tests.unit.service_import.quiet_house import quiet_house

from smartmail.domain.access import AccessRule, CountryUse, Login
from smartmail.domain.errors import AuthFailed, Forbidden, Invalid, NotFound, RateLimited, StateMismatch
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.service.kernel.clock import DAY, HOUR, MINUTE

CN, KR, JP = (ORIGINS[name] for name in ("CN", "KR", "JP"))
SYSTEM = Scope("system")
ONLY_KOREA = AccessRule(SYSTEM, "deny", "outside", ("KR",))


class Letters:
    """Stands for the mail of the house: keeps what was sent."""

    def __init__(self):
        self.sent = []

    async def send(self, reader, subject, text):
        self.sent.append((reader.login, subject, text))

    def take(self):
        found, self.sent = self.sent, []
        return found


@pytest.fixture
async def house(tmp_path):
    async with quiet_house(tmp_path / "house") as opened:
        for login, facts in ((LOGIN, {"language": "en"}), ("boss@a.example", {"is_admin": True, "language": "ko"})):
            person = await opened.person(login, **facts)
            await opened.services.auth.set_password(person.account_id, PASSWORD)
        await opened.services.geo.replace(table("country", NETWORKS))
        await opened.services.geo.replace(table("asn", AUTONOMOUS))
        opened.letters = Letters()
        opened.services.access.gate._notices._notices.send = opened.letters.send
        yield opened
        await opened.services.auth.settle()


async def come(house, address, door="imap", login=LOGIN):
    """Log in, and let everything that follows be done."""
    try:
        return await house.services.auth.login(login, PASSWORD, Origin(door, address, 5, tls=True))
    finally:
        await house.services.auth.settle()


async def is_out(house, address, door="imap"):
    try:
        await come(house, address, door)
    except AuthFailed:
        return True
    return False


def actor(house, login, **facts):
    account = house.accounts[login]
    return Actor(
        account.id, account.organization_id, login, account.is_admin, Origin("web", KR), account.auth_epoch,
        **{"by": "session", **facts},
    )  # fmt: skip


def kim(house, **facts):
    return actor(house, LOGIN, **facts)


def boss(house, **facts):
    return actor(house, "boss@a.example", **facts)


# --- travel passes ---


async def test_a_pass_is_asked_for_granted_and_ends_by_itself(house):
    rules, passes, now = house.services.access.rules, house.services.access.passes, house.clock.now()
    await rules.new(CLI, ONLY_KOREA)
    assert await is_out(house, JP)
    house.letters.take()
    asked = await passes.ask(kim(house), "JP", now + HOUR, now + 5 * DAY, " 도쿄  전시회 ")
    [(reader, subject, text)] = house.letters.take()
    assert reader == "boss@a.example"
    assert "JP" in subject
    assert "도쿄 전시회" in text
    [shown] = await passes.of(boss(house), house.accounts[LOGIN].organization_id)
    assert (shown.login, shown.reason, shown.row.state) == (LOGIN, "도쿄 전시회", "asked")
    granted = await passes.decide(boss(house), asked.id, granted=True)
    assert (granted.state, granted.decided_by) == ("granted", f"account:{house.accounts['boss@a.example'].id}")
    assert [(to, subject) for to, subject, _ in house.letters.take()] == [(LOGIN, "Travel exemption granted: JP")]
    assert await is_out(house, JP)  # it has not begun
    house.clock.ahead += HOUR
    assert not await is_out(house, JP)
    assert await is_out(house, CN)
    assert not await is_out(house, ORIGINS["unknown"])  # nobody knows that it is abroad
    house.clock.ahead += 5 * DAY
    assert await is_out(house, JP)  # no job has run
    assert (await house.store.travel_pass(asked.id)).state == "granted"


async def test_the_reason_of_a_pass_is_sealed(house):
    now = house.clock.now()
    asked = await house.services.access.passes.ask(kim(house), "JP", now, now + DAY, "merger talks")
    assert asked.sealed_reason is not None
    assert b"merger" not in asked.sealed_reason
    assert "merger" not in repr(asked)


async def test_asking_and_taking_back_floods_nobody(house):
    passes, now = house.services.access.passes, house.clock.now()
    with pytest.raises(RateLimited):
        for _ in range(30):
            asked = await passes.ask(kim(house), "JP", now, now + DAY, "fair")
            await passes.withdraw(kim(house), asked.id)
    house.clock.ahead += DAY
    await passes.ask(kim(house), "JP", now + DAY, now + 2 * DAY, "fair")


async def test_who_may_decide_on_a_pass(house):
    passes, now = house.services.access.passes, house.clock.now()
    asked = await passes.ask(kim(house), "JP", now, now + DAY, "fair")
    own = await passes.ask(boss(house), "JP", now, now + DAY, "fair")
    with pytest.raises(Forbidden):
        await passes.decide(kim(house), asked.id, granted=True)
    with pytest.raises(Forbidden):
        await passes.decide(boss(house), own.id, granted=True)  # nobody the own
    with pytest.raises(Forbidden):
        await passes.decide(boss(house, by="app"), asked.id, granted=True)
    with pytest.raises(NotFound):
        await passes.decide(boss(house), 999, granted=True)
    assert (await passes.decide(boss(house), asked.id, granted=False)).state == "refused"
    with pytest.raises(StateMismatch):
        await passes.decide(boss(house), asked.id, granted=True)
    assert [one.row.state for one in await passes.own(kim(house))] == ["refused"]


async def test_a_pass_is_taken_back_and_ends_at_once(house):
    passes, now = house.services.access.passes, house.clock.now()
    await house.services.access.rules.new(CLI, ONLY_KOREA)
    asked = await passes.ask(kim(house), "JP", now - 1, now + DAY, "fair")
    await passes.decide(boss(house), asked.id, granted=True)
    assert not await is_out(house, JP)
    await passes.withdraw(kim(house), asked.id)
    assert await is_out(house, JP)


@pytest.mark.parametrize(
    ("country", "since", "until", "reason"),
    [("jp", 0, DAY, "x"), ("JPN", 0, DAY, "x"), ("JP", 0, 31 * DAY, "x"), ("JP", DAY, DAY, "x"), ("JP", 0, DAY, " "),
     ("JP", -3 * DAY, -DAY, "x"), ("JP", 400 * DAY, 401 * DAY, "x"), ("JP", 0, DAY, "x" * 501)],
)  # fmt: skip
async def test_passes_that_cannot_be(house, country, since, until, reason):
    now = house.clock.now()
    with pytest.raises(Invalid):
        await house.services.access.passes.ask(kim(house), country, now + since, now + until, reason)


async def test_passes_that_wait_are_few(house):
    now = house.clock.now()
    for _ in range(10):
        await house.services.access.passes.ask(kim(house), "JP", now, now + DAY, "x")
    with pytest.raises(RateLimited):
        await house.services.access.passes.ask(kim(house), "JP", now, now + DAY, "x")


async def test_the_owner_is_told_once_the_day_before_the_end(house):
    passes, now = house.services.access.passes, house.clock.now()
    asked = await passes.ask(kim(house), "JP", now, now + 3 * DAY, "fair")
    await passes.decide(boss(house), asked.id, granted=True)
    house.letters.take()
    assert await passes.remind() == 0
    house.clock.ahead += 2 * DAY + MINUTE
    assert [await passes.remind(), await passes.remind()] == [1, 0]
    assert [(to, subject) for to, subject, _ in house.letters.take()] == [
        (LOGIN, "Travel exemption ends within a day: JP")
    ]


async def test_a_lock_of_the_installation_holds_against_a_pass(house):
    passes, now = house.services.access.passes, house.clock.now()
    await house.services.access.rules.new(CLI, replace(ONLY_KOREA, locked=True))
    asked = await passes.ask(kim(house), "JP", now - 1, now + DAY, "fair")
    await passes.decide(boss(house), asked.id, granted=True)
    assert await is_out(house, JP)


async def test_leave_to_travel_is_no_leave_at_night(house):
    """Places and circumstances are decided apart: a pass opens no other rule."""
    passes, now = house.services.access.passes, house.clock.now()
    await house.services.access.rules.new(CLI, AccessRule(SYSTEM, "deny", condition={"fact": "door", "in": ["pop3"]}))
    asked = await passes.ask(kim(house), "JP", now - 1, now + DAY, "fair")
    await passes.decide(boss(house), asked.id, granted=True)
    assert not await is_out(house, JP)
    assert await is_out(house, JP, "pop3")


# --- what owners are told ---


async def test_the_owner_hears_of_a_refusal_once_an_hour(house):
    await house.services.access.rules.new(CLI, ONLY_KOREA)
    for _ in range(3):
        assert await is_out(house, CN)
        house.clock.ahead += 2 * MINUTE
    [(reader, subject, text)] = house.letters.take()
    assert (reader, subject) == (LOGIN, "Sign-in to your account was blocked")
    assert f"CN ({CN})" in text
    with pytest.raises(AuthFailed):
        await house.services.auth.login(LOGIN, "wrong", Origin("imap", CN, 5, tls=True))
    house.clock.ahead += HOUR
    assert await is_out(house, CN)
    assert len(house.letters.take()) == 1


async def test_a_wrong_password_tells_the_owner_nothing(house):
    await house.services.access.rules.new(CLI, ONLY_KOREA)
    with pytest.raises(AuthFailed):
        await house.services.auth.login(LOGIN, "wrong", Origin("imap", CN, 5, tls=True))
    await house.services.auth.settle()
    assert house.letters.take() == []


async def test_a_new_country_and_an_impossible_journey_are_told(house):
    assert not await is_out(house, KR)
    assert house.letters.take() == []  # the first place is no news
    house.clock.ahead += 20 * HOUR
    assert not await is_out(house, ORIGINS["US"])
    assert [subject for _, subject, _ in house.letters.take()] == ["Sign-in from a new country"]
    house.clock.ahead += 20 * MINUTE
    assert not await is_out(house, KR)
    [(_, subject, text)] = house.letters.take()
    assert subject == "Sign-in from two distant locations in a short time"
    assert "Before: US" in text
    house.clock.ahead += 20 * HOUR
    assert not await is_out(house, ORIGINS["US"])
    assert house.letters.take() == []  # known, and time enough
    found = await house.services.access.rules.countries(kim(house), house.accounts[LOGIN].id)
    assert {one.country for one in found} == {"KR", "US"}
    assert all(isinstance(one, CountryUse) and one.first_at <= one.last_at for one in found)


async def test_a_rule_may_let_in_and_tell(house):
    await house.services.access.rules.new(CLI, AccessRule(SYSTEM, "notify", "within", ("JP",)))
    assert not await is_out(house, JP)
    assert [subject for _, subject, _ in house.letters.take()] == ["Sign-in to your account"]


async def test_who_comes_from_an_unknown_country_is_let_in_and_told_once_a_day(house):
    await house.services.access.rules.new(CLI, ONLY_KOREA)
    for _ in range(2):
        assert not await is_out(house, ORIGINS["unknown"])
    [(reader, subject, text)] = house.letters.take()
    assert (reader, subject) == (LOGIN, "Sign-in to your account")
    assert ORIGINS["unknown"] in text
    assert await is_out(house, JP)


# --- rules of administrators ---


async def test_an_administrator_rules_over_the_own_company_and_not_over_the_system(house):
    rules = house.services.access.rules
    home = Scope("organization", str(house.accounts[LOGIN].organization_id))
    made = await rules.new(boss(house), AccessRule(home, "deny", "within", ("CN",)))
    assert await is_out(house, CN)
    with pytest.raises(Forbidden):
        await rules.new(boss(house), AccessRule(SYSTEM, "deny", "within", ("CN",)))
    for stranger in (kim(house), boss(house, by="token")):
        for act in (rules.new(stranger, replace(ONLY_KOREA, scope=home)), rules.end(stranger, made.id)):
            with pytest.raises(Forbidden):
                await act
    of_system = await rules.new(CLI, AccessRule(SYSTEM, "deny", "within", ("US",)))
    assert [one.id for one in (await rules.rules(boss(house)))[1]] == [made.id]
    with pytest.raises(Forbidden):
        await rules.end(boss(house), of_system.id)
    await rules.end(boss(house), made.id)
    assert not await is_out(house, CN)
    with pytest.raises(NotFound):
        await rules.end(boss(house), made.id)


async def test_leave_without_an_end_is_refused(house):
    """KX-3."""
    scope = Scope("account", str(house.accounts[LOGIN].id))
    leave = AccessRule(scope, "allow", "within", ("JP",))
    with pytest.raises(Invalid):
        await house.services.access.rules.new(boss(house), leave)
    made = await house.services.access.rules.new(boss(house), replace(leave, valid_until=house.clock.now() + DAY))
    assert made.dated
    with pytest.raises(Invalid):
        await house.services.access.rules.new(boss(house), replace(leave, valid_until=house.clock.now() - 1))


async def test_nobody_shuts_himself_out(house):
    home = Scope("organization", str(house.accounts[LOGIN].organization_id))
    with pytest.raises(Invalid, match="shut you out"):
        await house.services.access.rules.new(boss(house), AccessRule(home, "deny", "outside", ("US",), ("web",)))
    await house.services.access.rules.new(boss(house), AccessRule(home, "deny", "outside", ("US",), ("imap",)))


async def test_a_return_to_a_past_epoch_returns_access_rules(house):
    governing, rules = house.services.governing, house.services.access.rules
    await rules.new(CLI, ONLY_KOREA)
    epoch = await house.store.policy_epoch()
    await governing.set_knob(CLI, PolicyRule("door.pop3", SYSTEM, value=False))
    [made] = (await rules.rules(CLI))[1]
    await rules.end(CLI, made.id)
    assert not await is_out(house, JP)
    await governing.return_to(CLI, epoch)
    assert await is_out(house, JP)
    assert not await is_out(house, KR, "pop3")


async def test_every_change_is_recorded_once(house):
    rules, passes, now = house.services.access.rules, house.services.access.passes, house.clock.now()
    made = await rules.new(CLI, ONLY_KOREA)
    await rules.end(CLI, made.id)
    asked = await passes.ask(kim(house), "JP", now, now + DAY, "fair")
    await passes.decide(boss(house), asked.id, granted=True)
    records = [row.record for row in await house.store.unchained_records("audit", 0, 1000)]
    found = [(one.actor, one.action, one.object) for one in records if one.action.startswith(("access-rule.", "pass."))]
    me, other = house.accounts[LOGIN].id, house.accounts["boss@a.example"].id
    assert found == [
        ("cli", "access-rule.new", "access-rule system:"), ("cli", "access-rule.end", f"access-rule:{made.id}"),
        (f"account:{me}", "pass.ask", f"pass:{asked.id}"),
        (f"account:{other}", "pass.granted", f"pass:{asked.id} account:{me}"),
    ]  # fmt: skip
    assert not any("fair" in str(one) for one in records)


async def test_why_names_the_rules_and_a_rehearsal_changes_nothing(house):
    rules, number = house.services.access.rules, house.accounts[LOGIN].id
    made = await rules.new(CLI, ONLY_KOREA)
    found = await rules.why(boss(house), number, Login("imap", CN, "password"))
    assert (found.decision.action, found.decision.reason, found.country) == ("deny", "geo_denied", "CN")
    assert [(rule.id, why) for rule, why in found.rules] == [(made.id, "decides")]
    with pytest.raises(Forbidden):
        await rules.why(kim(house), house.accounts["boss@a.example"].id, Login("imap", CN))
    await rules.end(CLI, made.id)
    assert not await is_out(house, JP)
    assert not await is_out(house, KR)
    before = await house.store.access_rules()
    past = await rules.rehearse(CLI, ONLY_KOREA)
    assert [(one.login, one.past.country, one.before, one.after) for one in past] == [(LOGIN, "JP", "allow", "deny")]
    assert await house.store.access_rules() == before


async def test_rules_that_this_program_does_not_know_leave_the_last_ones_in_force(house):
    await house.services.access.rules.new(CLI, ONLY_KOREA)
    assert await is_out(house, JP)
    epoch, standing = await house.store.access_rules()
    odd = AccessRule(SYSTEM, "deny", condition={"fact": "of tomorrow", "is": True})
    await house.store.revise_access(epoch, [odd], [one.id for one in standing], AUDIT)
    house.bus.publish("policy", "")
    assert await is_out(house, JP)
    assert not await is_out(house, KR)


async def test_a_refusal_is_recorded_with_its_rule(house):
    """KX-1: actor, rule and its version, address, result; tries within a minute are one act."""
    made = await house.services.access.rules.new(CLI, ONLY_KOREA)
    epoch = await house.store.policy_epoch()
    for _ in range(3):
        assert await is_out(house, CN)
    records = [row.record for row in await house.store.unchained_records("audit", 0, 1000)]
    [found] = [one for one in records if one.action == "access-rule.denied"]
    account = f"account:{house.accounts[LOGIN].id}"
    thing = f"access-rule:{made.id} epoch:{epoch} door:imap geo_denied"
    assert (found.actor, found.object, found.address) == (account, thing, CN)


async def test_an_impossible_journey_may_keep_out(house):
    """KA-25: KR, and twenty minutes later somewhere that nobody gets to by then."""
    rule = AccessRule(SYSTEM, "deny", condition={"fact": "impossible_travel", "is": True})
    await house.services.access.rules.new(CLI, rule)
    assert not await is_out(house, KR)
    house.clock.ahead += 20 * MINUTE
    assert await is_out(house, ORIGINS["US"])
    assert not await is_out(house, KR)
    house.clock.ahead += 20 * HOUR
    assert not await is_out(house, ORIGINS["US"])
