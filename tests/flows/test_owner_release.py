"""The owner of a stopped account releases it by a second factor that is older than the theft; a thief with the password cannot."""

import msgspec
import pytest
from tests.flows.factor_house import LOGIN, FactorHouse, open_factor_house, page

from smartmail.domain.errors import Forbidden, NotFound, ProofNeeded
from smartmail.domain.principal import Origin
from smartmail.service.kernel.clock import DAY, HOUR, MINUTE

SIGNS = {"sameness": 47, "place": 47}


@pytest.fixture
async def it(tmp_path):
    async with open_factor_house(tmp_path / "house") as opened:
        await opened.house.person("boss@a.example", is_admin=True, language="en")
        yield opened


async def stop(it: FactorHouse, reason: str = "stolen") -> None:
    sending = it.services.defence.parts.sending
    assert await sending.stop(it.kim.id, reason, SIGNS, "system" if reason == "stolen" else "cli")


async def prove(it: FactorHouse, actor, totp, steps: int = 0) -> None:
    waiting = await it.services.factors.begin_step_up(actor)
    answer = {"code": it.code(totp, steps)}
    await it.services.factors.step_up(actor, waiting.token, "totp", answer, page())


async def signed_in(it: FactorHouse, totp):
    waiting = await it.sign_in()
    answer = {"code": it.code(totp)}
    return await it.actor(await it.services.factors.answer(waiting.token, "totp", answer, page()))


async def test_the_owner_sees_why_and_releases_with_a_factor_older_than_the_theft(it):
    totp, _codes = await it.enrol()
    it.time.on(2 * DAY)
    actor = await signed_in(it, totp)
    own = it.services.own_sending
    assert await own.state(actor) is None
    it.time.on(MINUTE)
    await stop(it)
    found = await own.state(actor)
    assert (found.evidence, found.obstacle) == (SIGNS, "")
    with pytest.raises(ProofNeeded):  # signed in a minute ago by both, but before the stop
        await own.release(actor)
    it.time.on(MINUTE)
    await prove(it, actor, totp)
    assert await own.release(actor) == 0
    assert await own.state(actor) is None
    await it.services.defence.ready()
    await it.services.defence.parts.sending.require(it.kim.id)
    with pytest.raises(NotFound):
        await own.release(actor)
    # It is on record, and both were told; for four hours the run that was stopped may go on.
    actions = [one.record.action for one in await it.house.store.unchained_records("audit", 0, 1000)]
    assert {"sending.stop", "sending.release"} <= {*actions}
    allows = await it.services.defence.allows()
    assert [(one.kind, one.subject) for one in allows] == [("sending", f"account:{it.kim.id}")]
    assert it.services.defence.parts.bans.may_send_in_bulk(it.kim.id)
    it.time.on(4 * HOUR + MINUTE)
    assert not it.services.defence.parts.bans.may_send_in_bulk(it.kim.id)
    told = [rows[0][1].address for _id, _envelope, rows in await it.services.queue.entries(50)]
    assert sorted(told) == ["boss@a.example", "boss@a.example", LOGIN, LOGIN]


async def test_a_password_alone_releases_nothing(it):
    actor = await it.actor(await it.sign_in())
    await stop(it)
    assert (await it.services.own_sending.state(actor)).obstacle == "factor"
    with pytest.raises(Forbidden):
        await it.services.own_sending.release(actor)
    # A thief enrols a factor with the password: it is younger than the theft.
    totp, _made = await it.enrol_as(actor)
    it.time.on(MINUTE)
    await prove(it, actor, totp)
    with pytest.raises(Forbidden):
        await it.services.own_sending.release(actor)
    assert await it.services.defence.sending_stops()


async def test_what_an_administrator_stopped_or_policy_keeps_is_not_the_owners(it):
    totp, _codes = await it.enrol()
    it.time.on(2 * DAY)
    actor = await signed_in(it, totp)
    await stop(it, "manual")
    assert (await it.services.own_sending.state(actor)).obstacle == "manual"
    await it.services.defence.parts.sending.resume(actor, it.kim.id)
    await stop(it)
    await it.set("sending-stop.owner-release", False)
    assert (await it.services.own_sending.state(actor)).obstacle == "policy"
    with pytest.raises(Forbidden):
        await it.services.own_sending.release(actor)


async def test_a_programs_credential_releases_nothing(it):
    totp, _codes = await it.enrol()
    it.time.on(2 * DAY)
    actor = await signed_in(it, totp)
    await stop(it)
    program = type(actor)(
        **{name: getattr(actor, name) for name in actor.__slots__}
        | {"by": "app", "origin": Origin("jmap", "192.0.2.7")}
    )
    with pytest.raises(Forbidden):
        await it.services.own_sending.release(program)


def test_rows_of_settings_that_name_what_became_policy_are_read():
    from smartmail.service.protection.defence.settings import RETIRED, decode

    row = {"guesses": 7, **dict.fromkeys(RETIRED, 9)}
    assert decode(msgspec.json.encode(row).decode()).guesses == 7
