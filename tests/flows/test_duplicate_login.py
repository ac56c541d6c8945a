"""A second log-in where policy denies it (BR-24): refused after everything was proved, and the owner is told."""

import pytest
from tests.flows.factor_house import CLI, LOGIN, open_factor_house, page
from tests.flows.house import PASSWORD

from smartmail.domain.errors import AuthFailed, PolicyRejected
from smartmail.domain.principal import Origin


@pytest.fixture
async def it(tmp_path):
    async with open_factor_house(tmp_path / "data") as opened:
        yield opened


async def test_the_owner_is_told_of_a_log_in_that_was_refused_because_of_another(it):
    await it.set("session.concurrent", "deny")
    first = await it.sign_in()
    it.mail.clear()
    with pytest.raises(PolicyRejected):
        await it.sign_in(page("198.51.100.9"))
    [(login, subject, text)] = it.mail
    assert (login, subject, "198.51.100.9" in text) == (LOGIN, "다른 곳에서 하려던 로그인을 막았습니다", True)
    await it.actor(first)
    await it.set("session.concurrent", "allow")
    await it.sign_in(page("198.51.100.9"))


async def password_alone(it) -> str:
    """Open a session as the console does: it owes the second factor."""
    origin = Origin("admin", "198.51.100.9", 5, tls=True)
    actor = await it.services.auth.login(LOGIN, PASSWORD, origin)
    return await it.services.auth.open_session(actor)


async def answered(it, totp, steps: int = 0, where: str = "192.0.2.7"):
    waiting = await it.sign_in(page(where))
    code = {"code": it.code(totp, steps)}
    return await it.services.factors.answer(waiting.token, "totp", code, page(where))


@pytest.mark.parametrize("rule", ["deny", "replace"])
async def test_a_stolen_password_keeps_nobody_out_and_ends_nobodys_session(it, rule):
    totp, _ = await it.enrol()
    await it.services.auth.end_session(CLI, (await it.services.auth.sessions(CLI, it.kim.id))[0].id, it.kim.id)
    await it.set("session.concurrent", rule)
    await password_alone(it)
    it.time.on(60_000)
    mine = await answered(it, totp)
    await password_alone(it)
    assert (await it.actor(mine)).account_id == it.kim.id
    if rule == "deny":
        it.time.on(60_000)
        with pytest.raises(PolicyRejected):
            await answered(it, totp, where="198.51.100.9")


async def test_who_pays_the_factor_later_is_counted_then(it):
    totp, _ = await it.enrol()
    await it.set("session.concurrent", "replace")
    token = await password_alone(it)
    it.time.on(60_000)
    first = await answered(it, totp)
    token = await password_alone(it)
    origin, where = Origin("admin", "198.51.100.9", 5, tls=True), page("198.51.100.9")
    owing = await it.services.auth.session(token, origin, owing=True)
    it.time.on(60_000)
    asked = await it.services.factors.begin_step_up(owing)
    await it.services.factors.step_up(owing, asked.token, "totp", {"code": it.code(totp)}, where)
    assert (await it.services.auth.session(token, origin)).account_id == it.kim.id
    with pytest.raises(AuthFailed):
        await it.actor(first)
