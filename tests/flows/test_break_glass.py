"""비상 접속: who is kept out comes in with a hardware key that another administrator lets count, for minutes, and loudly."""

import pytest
from tests.flows.access_house import NETWORKS, ORIGINS, table
from tests.flows.factor_house import open_factor_house, page
from tests.flows.house import PASSWORD
from tests.flows.test_passkeys import Authenticator

from smartmail.domain.access import AccessRule
from smartmail.domain.audit import AuditQuery
from smartmail.domain.errors import AuthFailed, Forbidden, Invalid, NotFound, ProofNeeded
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.service.identity.factors.service import Waiting
from smartmail.service.kernel.clock import MINUTE
from smartmail.service.operations.alarms.conditions import BY_NAME

CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
CN, KR = ORIGINS["CN"], ORIGINS["KR"]
WHY = "mail stands still, on call abroad"
LOGIN = "kim@a.example"


class Letters:
    def __init__(self):
        self.sent = []

    async def send(self, reader, subject, text):
        self.sent.append((reader.login, subject, text))


@pytest.fixture
async def it(tmp_path):
    async with open_factor_house(tmp_path / "house") as opened:
        services = opened.services
        await services.geo.replace(table("country", NETWORKS))
        await services.roles.mark(CLI, opened.kim.id, administrator=True)
        opened.boss = await opened.house.person("boss@a.example", is_admin=True)
        opened.letters = Letters()
        services.access.glass._notices._notices.send = opened.letters.send
        whole = Scope("organization", str(int(opened.kim.organization_id)))
        await services.access.rules.new(CLI, AccessRule(whole, "deny", "outside", ("KR",), locked=True))
        yield opened
        await services.auth.settle()


async def boss(it):
    """Return the other administrator, in a session that was just opened."""
    origin = Origin("admin", KR, 5, tls=True)
    one = await it.house.store.account(it.boss.id)
    actor = Actor(one.id, one.organization_id, one.login, True, origin, one.auth_epoch)  # noqa: FBT003
    token = await it.services.auth.open_session(actor)
    return await it.services.auth.session(token, origin)


async def with_key(it):
    actor = await it.actor(await it.sign_in(page(KR)), address=KR)
    mine = Authenticator()
    token, shown = await it.services.enrolment.begin(actor, "passkey", PASSWORD, page(KR))
    await it.services.enrolment.finish(actor, token, "passkey", "key", mine.make(shown), page(KR))
    return mine


async def come(it, mine, where):
    """Come in with password and hardware key; return the actor of the session."""
    waiting = await it.sign_in(page(where))
    assert isinstance(waiting, Waiting)
    shown = await it.services.factors.ask(waiting.token, "passkey", page(where))
    signed = await it.services.factors.answer(waiting.token, "passkey", mine.use(shown), page(where))
    return signed, await it.actor(signed, address=where)


async def test_in_with_the_key_for_minutes_and_not_without(it):
    services, mine = it.services, await with_key(it)
    with pytest.raises(AuthFailed):
        await it.sign_in(page(CN))
    until = await services.access.glass.open(await boss(it), it.kim.id, 30, WHY)
    assert until <= it.house.clock.now() + 30 * MINUTE
    told = sorted(to for to, subject, _ in it.letters.sent if LOGIN in subject)
    assert told == ["boss@a.example", LOGIN]
    signed, actor = await come(it, mine, CN)
    assert actor.account_id == it.kim.id
    assert await services.auth.still_valid(actor)
    with pytest.raises(AuthFailed):  # no mail program
        await services.auth.login(LOGIN, PASSWORD, Origin("imap", CN, 1, tls=True))
    with pytest.raises(AuthFailed):  # and nobody else
        await services.factors.sign_in("boss@a.example", PASSWORD, page(CN))
    it.time.on(31 * MINUTE)
    with pytest.raises(AuthFailed):
        await it.actor(signed, address=CN)
    with pytest.raises(AuthFailed):
        await it.sign_in(page(CN))


async def test_another_factor_does_not_do(it):
    _, actor = await come(it, await with_key(it), KR)
    codes = await it.services.enrolment.new_codes(actor, page(KR))
    await it.services.access.glass.open(await boss(it), it.kim.id, 30, WHY)
    waiting = await it.sign_in(page(CN))
    signed = await it.services.factors.answer(waiting.token, "recovery", {"code": codes[0]}, page(CN))
    with pytest.raises(AuthFailed):
        await it.actor(signed, address=CN)
    app = await it.services.auth.new_app_password(CLI, "phone", account_id=it.kim.id)
    with pytest.raises(AuthFailed):
        await it.services.auth.login(LOGIN, app.secret, Origin("imap", CN, 1, tls=True))


async def test_two_persons_a_fresh_proof_a_reason_and_a_key(it):
    glass, other = it.services.access.glass, await boss(it)
    with pytest.raises(Invalid, match="hardware key"):
        await glass.open(other, it.kim.id, 30, WHY)
    _, kim = await come(it, await with_key(it), KR)
    with pytest.raises(Forbidden):
        await glass.open(kim, it.kim.id, 30, WHY)
    for minutes, reason in ((0, WHY), (241, WHY), (30, "short")):
        with pytest.raises(Invalid):
            await glass.open(other, it.kim.id, minutes, reason)
    person = await it.house.person("lee@a.example")
    with pytest.raises(Forbidden):
        await glass.open(
            Actor(person.id, person.organization_id, person.login, False, other.origin), it.kim.id, 30, WHY
        )  # noqa: FBT003
    with pytest.raises(Invalid):
        await glass.open(other, person.id, 30, WHY)
    it.time.on(20 * MINUTE)
    with pytest.raises(ProofNeeded):
        await glass.open(other, it.kim.id, 30, WHY)
    assert not it.letters.sent


async def test_closed_before_its_time_and_on_record(it):
    glass, mine = it.services.access.glass, await with_key(it)
    with pytest.raises(NotFound):
        await glass.close(await boss(it), it.kim.id)
    await glass.open(await boss(it), it.kim.id, 30, WHY)
    signed, _ = await come(it, mine, CN)
    await glass.close(await boss(it), it.kim.id)
    with pytest.raises(AuthFailed):
        await it.actor(signed, address=CN)
    rows = await it.services.audit.find(AuditQuery(limit=50))
    [opened] = [one.row.record for one in rows if one.row.record.action == "access.break-glass.open"]
    assert (opened.actor, opened.door, opened.object) == (f"account:{it.boss.id}", "admin", f"account:{it.kim.id}")
    assert opened.sealed_detail and WHY.encode() not in opened.sealed_detail


async def test_all_who_administer_see_that_it_is_open(it):
    services, mine = it.services, await with_key(it)
    other = await boss(it)
    await services.access.glass.open(other, it.kim.id, 30, WHY)
    [shown] = await services.access.glass.book.views(other)
    assert (shown.login, shown.by, shown.is_open, shown.reason) == (LOGIN, "boss@a.example", True, WHY)
    assert (shown.glass.door, shown.glass.address) == ("admin", KR)
    await it.house.person("lee@a.example")
    lee = await it.house.store.account((await it.house.store.resolve(["lee@a.example"]))["lee@a.example"])
    actor = Actor(lee.id, lee.organization_id, lee.login, is_admin=False, origin=Origin("admin", KR), by="session")
    with pytest.raises(Forbidden):
        await services.access.glass.book.views(actor)
    await services.roles.appoint(CLI, lee.id, "helpdesk", Scope("organization", str(int(lee.organization_id))))
    [seen] = await services.access.glass.book.views(actor)
    assert (seen.login, seen.is_open, seen.reason) == (LOGIN, True, "")
    await services.access.glass.close(other, it.kim.id)
    [closed] = await services.access.glass.book.views(other)
    assert (closed.is_open, closed.glass.ended_by) == (False, other.named)
    assert mine


async def test_a_report_follows_once(it):
    services, mine = it.services, await with_key(it)
    await services.access.glass.open(await boss(it), it.kim.id, 30, WHY)
    _, actor = await come(it, mine, CN)
    await services.enrolment.new_codes(actor, page(CN))
    await services.auth.settle()
    while await services.audit.chain():
        pass
    assert await services.access.glass.book.turn() == 0
    it.time.on(33 * MINUTE)
    it.letters.sent.clear()
    assert await services.access.glass.book.turn() == 1
    assert await services.access.glass.book.turn() == 0
    assert sorted(to for to, _, _ in it.letters.sent) == ["boss@a.example", LOGIN]
    text = it.letters.sent[0][2]
    assert WHY in text and "boss@a.example" in text
    assert "factor.codes × 1" in text
    assert f"web {CN} ok" in text


async def test_who_has_had_a_hand_on_it_opens_nothing(it):
    await with_key(it)
    other = await boss(it)
    await it.services.administration.setup_link(other, it.kim.id)
    with pytest.raises(Forbidden, match="independent"):
        await it.services.access.glass.open(other, it.kim.id, 30, WHY)
    assert await it.services.access.glass.book.views(other) == []


async def test_its_use_is_an_alarm_that_stands_while_it_is_open_and_a_while_after(it):
    measures = it.services.alarms.service._measures

    async def measured() -> int:
        found, _ = await measures.take()
        return next(one.value for one in found if one.condition == "access.break-glass")

    await with_key(it)
    assert await measured() == 0
    assert BY_NAME["access.break-glass"].level(1) == "warning"
    await it.services.access.glass.open(await boss(it), it.kim.id, 5, WHY)
    assert await measured() == 1
    await it.services.access.glass.close(await boss(it), it.kim.id)
    assert await measured() == 1, "five minutes between two looks are not missed"
    it.time.on(20 * MINUTE)
    assert await measured() == 0


async def test_the_command_line_lists_it_for_a_company(it):
    await with_key(it)
    await it.services.access.glass.open(await boss(it), it.kim.id, 30, WHY)
    cli = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
    [one] = await it.services.access.glass.book.views(cli, it.kim.organization_id)
    assert (one.login, one.is_open, one.reason) == (it.kim.login, True, WHY)
    with pytest.raises(NotFound):
        await it.services.access.glass.book.views(await boss(it), it.kim.organization_id + 1)
