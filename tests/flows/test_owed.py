"""Passwords that are due, forgotten or guessed, consents, invitations: over composed services, on every door."""

import asyncio
from dataclasses import replace

import pytest
from tests.flows.factor_house import CLI, DAY, IMAP, LOGIN, MINUTE, open_factor_house, page
from tests.flows.house import PASSWORD

from smartmail.domain.errors import AuthFailed, Forbidden, Invalid, NotFound, ProofNeeded, RateLimited, WeakPassword
from smartmail.domain.principal import Origin

GOOD = "rusk-und-tee"
BETTER = "greener7tables"


@pytest.fixture
async def it(tmp_path):
    async with open_factor_house(tmp_path / "house") as opened:
        yield opened


async def test_an_old_password_keeps_programs_out_and_is_changed_on_the_page(it):
    await it.set("password.max-age-days", 90)
    await it.services.auth.login(LOGIN, PASSWORD, IMAP)
    it.time.on(91 * DAY)
    with pytest.raises(AuthFailed) as refused:
        await it.services.auth.login(LOGIN, PASSWORD, IMAP)
    assert "password has to be changed" in refused.value.public
    signed = await it.sign_in()
    assert signed.owes == ("password",)
    actor = await it.actor(signed, owing=True)
    await it.services.auth.change_later(actor)
    await it.actor(signed)
    await it.services.auth.login(LOGIN, PASSWORD, IMAP)
    it.time.on(91 * DAY)
    signed = await it.sign_in()
    actor = await it.actor(signed, owing=True)
    with pytest.raises(Forbidden):
        await it.services.auth.change_later(actor)
    await it.services.auth.change_password(actor, PASSWORD, GOOD)
    assert (await it.sign_in(secret=GOOD)).owes == ()
    await it.services.auth.login(LOGIN, GOOD, IMAP)


async def test_later_is_policys(it):
    await it.set("password.max-age-days", 30)
    await it.set("password.change-later", value=False)
    it.time.on(31 * DAY)
    actor = await it.actor(await it.sign_in(), owing=True)
    with pytest.raises(Forbidden):
        await it.services.auth.change_later(actor)


async def test_the_last_passwords_are_not_taken_again(it):
    await it.set("password.history", 3)
    auth, current = it.services.auth, PASSWORD
    for secret in (GOOD, BETTER, "blue Lobster 11"):
        actor = await it.actor(await it.sign_in(secret=current))
        with pytest.raises(WeakPassword) as weak:
            await auth.change_password(actor, current, current)
        assert weak.value.reasons == ("used",)
        await auth.change_password(actor, current, secret)
        current = secret
    actor = await it.actor(await it.sign_in(secret=current))
    for secret in (BETTER, GOOD):
        with pytest.raises(WeakPassword):
            await auth.change_password(actor, current, secret)
    with pytest.raises(WeakPassword) as weak:
        await auth.change_password(actor, current, "kim 9")
    assert set(weak.value.reasons) == {"short", "part"}
    await auth.change_password(actor, current, PASSWORD)


async def test_a_first_password_must_be_changed_where_policy_says(it):
    await it.set("password.change-initial", value=True)
    await it.house.person("lee@a.example")
    signed = await it.services.factors.sign_in("lee@a.example", PASSWORD, page())
    assert signed.owes == ("password",)
    actor = await it.actor(signed, owing=True)
    with pytest.raises(Forbidden):
        await it.services.auth.change_later(actor)
    await it.services.auth.change_password(actor, PASSWORD, GOOD)
    assert (await it.services.factors.sign_in("lee@a.example", GOOD, page())).owes == ()


async def test_a_lock_holds_for_strangers_on_every_door_and_spares_what_is_known(it):
    await it.set("lockout.tries", 3)
    await it.set("lockout.minutes", 10)
    app = await it.services.auth.new_app_password(CLI, "phone", account_id=it.kim.id)
    home = page("198.51.100.1")
    await it.sign_in(home)
    await it.services.auth.settle()
    for number, door in enumerate(("imap", "smtp", "web", "pop3")):
        with pytest.raises(AuthFailed):
            await it.services.auth.login(LOGIN, "wrong", Origin(door, f"203.0.113.{number}", 1, tls=True))
    stranger = Origin("imap", "192.0.2.99", 1, tls=True)
    with pytest.raises(AuthFailed) as locked:
        await it.services.auth.login(LOGIN, PASSWORD, stranger)
    with pytest.raises(AuthFailed) as wrong:
        await it.services.auth.login(LOGIN, "wrong", Origin("imap", "192.0.2.98", 1, tls=True))
    assert (locked.value.public, locked.value.reason) == (wrong.value.public, wrong.value.reason)
    assert "locked" in await it.results()
    await it.services.auth.login(LOGIN, app.secret, stranger)
    await it.sign_in(home)
    it.time.on(11 * MINUTE)
    await it.services.auth.login(LOGIN, PASSWORD, Origin("imap", "192.0.2.97", 1, tls=True))


async def test_a_thousand_addresses_do_not_lock_out_a_known_device(it):
    signed = await it.sign_in(page("198.51.100.1"))
    for number in range(60):
        with pytest.raises((AuthFailed, RateLimited)):
            await it.services.auth.login(LOGIN, f"guess{number}", Origin("imap", f"203.0.{number}.9", 1, tls=True))
    # The owner travels: another network, the same browser.
    known = page("192.0.2.200", signed.device)
    assert (await it.sign_in(known)).owes == ()


async def test_a_forgotten_password_by_the_recovery_address(it):
    recovering = it.services.recovering
    recovering._send = it.services.factors._notices._send
    actor = await it.actor(await it.sign_in())
    await recovering.set_address(actor, "kim@home.example", page())
    await forgotten(it)
    assert not links(it, "setup"), "an address that nobody has proved gets nothing"
    [verify] = links(it, "proof")
    await recovering.verify(verify.removeprefix("verify="))
    with pytest.raises(AuthFailed):
        await recovering.verify(verify.removeprefix("verify="))
    await forgotten(it)
    recovering.forgot("nobody@a.example")
    await recovering.settle()
    [token] = links(it, "setup")
    assert it.mail[-1][0] == "kim@home.example"
    with pytest.raises(WeakPassword):
        await recovering.finish(token, "short", page())
    await recovering.finish(token, GOOD, page())
    assert {to for to, _, text in it.mail[-2:]} == {LOGIN, "kim@home.example"}
    with pytest.raises(AuthFailed):
        await recovering.finish(token, BETTER, page())
    with pytest.raises(AuthFailed):
        await it.sign_in(secret=PASSWORD)
    await it.sign_in(secret=GOOD)


async def test_links_to_the_recovery_address_are_few_and_end(it):
    recovering = it.services.recovering
    recovering._send = it.services.factors._notices._send
    await recovering.set_address(await it.actor(await it.sign_in()), "kim@home.example", page())
    await recovering.verify(links(it, "proof")[0].removeprefix("verify="))
    for _ in range(6):
        await forgotten(it)
    tokens = links(it, "setup")
    assert len(tokens) == 3
    now = it.house.store._now
    it.house.store._now = lambda: now() + 31 * MINUTE
    with pytest.raises(AuthFailed):
        await recovering.finish(tokens[0], GOOD, page())


async def test_an_invitation_works_once_and_judges_the_password(it):
    token = await it.services.auth.new_setup_link(it.kim.id)
    with pytest.raises(WeakPassword):
        await it.services.auth.use_setup_link(token, "minsu aaa 1 long")
    with pytest.raises(AuthFailed):
        await it.services.recovering.finish(token, GOOD, page())
    assert await it.services.auth.use_setup_link(token, GOOD) == it.kim.id
    with pytest.raises(AuthFailed):
        await it.services.auth.use_setup_link(token, BETTER)


async def test_no_door_serves_before_consent(it):
    consents, auth = it.services.consents, it.services.auth
    app = await auth.new_app_password(CLI, "phone", account_id=it.kim.id)
    live = await auth.login(LOGIN, app.secret, IMAP)
    signed = await it.sign_in()
    await it.set("consent.required", value=True)
    await it.actor(signed)
    assert await consents.publish(CLI, it.kim.organization_id, "privacy", {"ko": "개인정보…", "en": "Privacy…"}) == 1
    assert not await auth.still_valid(live)
    for secret in (PASSWORD, app.secret):
        with pytest.raises(AuthFailed) as refused:
            await auth.login(LOGIN, secret, IMAP)
        assert "accept" in refused.value.public
    with pytest.raises(ProofNeeded) as owing:
        await it.actor(signed)
    assert owing.value.wants == ("consent",)
    actor = await it.actor(signed, owing=True)
    [text] = await consents.pending(actor)
    assert (text.name, text.version, text.language, text.text) == ("privacy", 1, "ko", "개인정보…")
    with pytest.raises(NotFound):
        await consents.give(actor, "privacy", 2)
    await consents.give(actor, "privacy", 1)
    await it.actor(signed)
    await auth.login(LOGIN, app.secret, IMAP)
    await consents.publish(CLI, it.kim.organization_id, "privacy", {"ko": "고친 글"})
    with pytest.raises(ProofNeeded):
        await it.actor(signed)
    await consents.give(actor, "privacy", 2)
    given = await consents.given(CLI, it.kim.organization_id)
    assert [(one.login, one.name, one.version, one.address) for one in given] == [
        (LOGIN, "privacy", 1, "192.0.2.7"), (LOGIN, "privacy", 2, "192.0.2.7"),
    ]  # fmt: skip


async def forgotten(it):
    it.services.recovering.forgot(LOGIN)
    await it.services.recovering.settle()
    await asyncio.sleep(0)


def links(it, path):
    return [part.split(f"{path}#")[1] for _, _, text in it.mail for part in text.split() if f"{path}#" in part]


async def test_an_app_password_of_a_country_opens_only_from_there(it):
    auth = it.services.auth
    places = {"198.51.100.9": "CN", "192.0.2.7": "KR"}
    known = it.services.access.gate.place

    def place(address):
        return replace(known(address), country=places.get(address, ""))

    it.services.access.gate.place = place
    made = await auth.new_app_password(CLI, "phone", account_id=it.kim.id, networks=["kr", "203.0.113.0/24"])
    assert made.info.networks == ("KR", "203.0.113.0/24")
    await auth.login(LOGIN, made.secret, IMAP)
    await auth.login(LOGIN, made.secret, Origin("imap", "203.0.113.4", 1, tls=True))
    for address in ("198.51.100.9", "192.0.2.200"):
        with pytest.raises(AuthFailed):
            await auth.login(LOGIN, made.secret, Origin("imap", address, 1, tls=True))
    await auth.settle()
    assert (await it.results())[-2:] == ["wrong_network", "wrong_network"]
    await auth.login(LOGIN, made.secret, IMAP)
    await auth.settle()
    [info] = [one for one in await auth.credentials(CLI, it.kim.id) if one.kind == "app"]
    assert (info.last_used_address, info.last_used_country) == ("192.0.2.7", "KR")
    with pytest.raises(Invalid):
        await auth.new_app_password(CLI, "phone", account_id=it.kim.id, networks=["Korea"])


async def test_a_link_proves_the_address_that_it_went_to_and_no_other(it):
    recovering = it.services.recovering
    recovering._send = it.services.factors._notices._send
    actor = await it.actor(await it.sign_in())
    await recovering.set_address(actor, "kim@home.example", page())
    [first] = links(it, "proof")
    await recovering.set_address(actor, "thief@home.example", page())
    with pytest.raises(AuthFailed):
        await recovering.verify(first.removeprefix("verify="))
    assert await recovering.shown(actor) == ("thief@home.example", False)


async def test_a_link_that_was_not_used_dies_with_the_next_password(it):
    auth = it.services.auth
    lost, used = await auth.new_setup_link(it.kim.id), await auth.new_setup_link(it.kim.id)
    assert await auth.use_setup_link(used, GOOD) == it.kim.id
    with pytest.raises(AuthFailed):
        await auth.use_setup_link(lost, BETTER)
