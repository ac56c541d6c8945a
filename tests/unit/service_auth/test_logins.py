"""Who gets in, at which door, with what; and what ends it: the auth service over a real store."""

import asyncio

import pytest
from tests.unit.proto_sasl.scram_client import ScramClient
from tests.unit.service_import.quiet_house import QuietHouse, quiet_house

from smartmail.domain.errors import AuthFailed, Forbidden, Invalid, NotFound
from smartmail.domain.policy import PolicyRule
from smartmail.domain.principal import Actor, Origin
from smartmail.edge.net import sasl
from smartmail.edge.net.peer import TlsInfo
from smartmail.service.identity.auth.passwords import app_password, as_app_password
from smartmail.service.kernel.clock import DAY, HOUR, MINUTE

LOGIN, SECRET = "kim@a.example", "correct horse battery"
WEB = Origin("web", "192.0.2.1", 5, tls=True)
IMAP = Origin("imap", "192.0.2.1", 5, tls=True)
CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
BINDINGS = {"tls-server-end-point": b"\x07" * 32, "tls-exporter": b"\x08" * 32}
TLS = TlsInfo("TLSv1.3", "x", 256, BINDINGS)


@pytest.fixture
async def house(tmp_path):
    async with quiet_house(tmp_path / "house") as opened:
        person = await opened.person(LOGIN)
        await opened.services.auth.set_password(person.account_id, SECRET)
        yield opened
        await opened.services.auth.settle()


async def set_knob(house: QuietHouse, knob: str, value, scope: str = "system", **more):
    governing = house.services.governing
    await governing.set_knob(CLI, PolicyRule(knob, await governing.scope(scope), value, **more))


async def me(house: QuietHouse) -> Actor:
    return await house.services.auth.login(LOGIN, SECRET, WEB)


async def attempts(house: QuietHouse) -> list[tuple[str, str]]:
    await house.services.auth.settle()
    found = await house.services.auth.login_attempts(CLI, house.accounts[LOGIN].id)
    return [(one.door, one.result) for one in found]


async def refused(house: QuietHouse, secret: str, origin: Origin, login: str = LOGIN) -> AuthFailed:
    with pytest.raises(AuthFailed) as caught:
        await house.services.auth.login(login, secret, origin)
    return caught.value


# App passwords


async def test_an_app_password_opens_the_doors_it_names_and_no_other(house):
    auth = house.services.auth
    made = await auth.new_app_password(await me(house), " 김부장  아이폰 ", doors=("imap", "smtp"))
    assert made.info.label == "김부장 아이폰"
    assert made.secret not in repr(made)
    for door in ("imap", "smtp"):
        actor = await auth.login(LOGIN, made.secret, Origin(door, "192.0.2.9"))
        assert (actor.credential_id, actor.by) == (made.info.id, "app")
    for door in ("pop3", "sieve", "jmap", "web", "admin"):
        assert (await refused(house, made.secret, Origin(door))).public == ""
    await auth.settle()
    [_, kept] = await auth.credentials(await me(house))
    assert (kept.label, kept.last_used_door, kept.last_used_address) == ("김부장 아이폰", "smtp", "192.0.2.9")
    assert kept.last_used_at
    results = await attempts(house)
    assert results.count(("web", "wrong_door")) == 1
    assert ("imap", "ok") in results


async def test_one_of_many_app_passwords_is_found_however_it_is_typed(house):
    auth, actor = house.services.auth, await me(house)
    made = [await auth.new_app_password(actor, f"n{n}") for n in range(4)]
    assert len({one.secret for one in made}) == 4
    for one in made:
        for typed in (one.secret, one.secret.replace("-", ""), one.secret.replace("-", " ").capitalize()):
            assert (await auth.login(LOGIN, typed, IMAP)).credential_id == one.info.id
    await refused(house, made[0].secret[:-1], IMAP)


async def test_networks_and_ends_are_kept(house):
    auth, actor = house.services.auth, await me(house)
    made = await auth.new_app_password(
        actor, "office", networks=("10.0.0.0/8", "2001:db8::/32"), expires_at=house.clock.now() + DAY
    )
    for near in ("10.1.2.3", "::ffff:10.1.2.3", "2001:db8::5"):
        await auth.login(LOGIN, made.secret, Origin("imap", near))
    for far in ("11.1.2.3", "2001:db9::5", "", "nonsense"):
        await refused(house, made.secret, Origin("imap", far))
    house.clock.ahead += 2 * DAY
    await refused(house, made.secret, Origin("imap", "10.1.2.3"))
    assert {("imap", "wrong_network"), ("imap", "expired")} <= set(await attempts(house))


async def test_what_cannot_be_is_refused(house):
    auth, actor = house.services.auth, await me(house)
    for bad in ({"doors": ("web",)}, {"networks": ("x",)}, {"networks": ("10.0.0.0/8",) * 21}, {"expires_at": 5}):
        with pytest.raises(Invalid):
            await auth.new_app_password(actor, "x", **bad)
    for label in ("", " ", "x" * 101):
        with pytest.raises(Invalid):
            await auth.new_app_password(actor, label)
    with pytest.raises(Invalid):
        await auth.new_token(actor, "x", scopes=("web",))
    assert len(await auth.credentials(actor)) == 1


async def test_a_lesser_credential_cannot_make_or_see_others(house):
    auth = house.services.auth
    made = await auth.new_app_password(await me(house), "phone")
    thief = await auth.login(LOGIN, made.secret, IMAP)
    for call in (auth.new_app_password(thief, "more"), auth.credentials(thief), auth.sessions(thief)):
        with pytest.raises(Forbidden):
            await call
    other = await house.person("lee@a.example")
    with pytest.raises(NotFound):
        await auth.credentials(await me(house), other.account_id)


async def test_removing_an_app_password_ends_its_connections_alone(house):
    auth = house.services.auth
    owner = await me(house)
    one = await auth.new_app_password(owner, "one")
    two = await auth.new_app_password(owner, "two")
    first, second = [await auth.login(LOGIN, made.secret, IMAP) for made in (one, two)]
    assert await auth.still_valid(first)
    await auth.delete_credential(owner, one.info.id)
    assert not await auth.still_valid(first)
    assert await auth.still_valid(second)
    await refused(house, one.secret, IMAP)
    with pytest.raises(NotFound):
        await auth.delete_credential(owner, one.info.id)
    main = next(row for row in await auth.credentials(owner) if row.kind == "password")
    with pytest.raises(Forbidden):
        await auth.delete_credential(owner, main.id)


def test_generated_passwords_read_as_they_were_made():
    made = app_password(bytes(range(15)))
    assert as_app_password(made) == made
    assert as_app_password(app_password(b"\xff" * 15)) == "-".join(["9999"] * 6)
    for other in ("", "correct horse battery", made[:-1], made + "a", made.replace("-", "")[:-1] + "0"):
        assert as_app_password(other) is None


# Same answer for all failures


async def test_every_failure_gives_the_same_answer_and_is_recorded_apart(house):
    await set_knob(house, "door.pop3", value=False)
    answers = [
        await refused(house, SECRET, IMAP, "nobody@a.example"),
        await refused(house, "wrong", IMAP),
        await refused(house, "x" * 2000, IMAP),
        await refused(house, "\ud800", IMAP, "\ud800@a.example"),
    ]
    closed = [
        await refused(house, SECRET, Origin("pop3")), await refused(house, "wrong", Origin("pop3")),
        await refused(house, SECRET, Origin("pop3"), "nobody@a.example"),
    ]  # fmt: skip
    await house.services.administration.close(CLI, house.accounts[LOGIN].id)
    answers.append(await refused(house, SECRET, IMAP))
    assert {(type(one), str(one), one.public, one.detail) for one in answers} == {(AuthFailed, "auth_failed", "", "")}
    # Where the door may be the reason, everybody hears so, whoever they are and whatever they know.
    assert len({(one.public, one.detail) for one in closed}) == 1
    assert "this access protocol is disabled for you" in closed[0].public
    assert {("imap", "wrong_secret"), ("pop3", "door_closed")} <= set(await attempts(house))
    assert "nobody" in {one.result for one in await house.store.login_attempts(None)}


async def test_every_failure_costs_a_hash(house, monkeypatch):
    """Time itself is not measured: what takes the time is counted."""
    auth = house.services.auth
    await auth.login(LOGIN, SECRET, Origin("pop3"))
    await set_knob(house, "door.pop3", value=False)
    checks = []
    check = auth._passwords.check

    async def counted(*args):
        checks.append(args[0])
        return await check(*args)

    monkeypatch.setattr(auth._passwords, "check", counted)
    for login, secret, door in (
        ("nobody@a.example", SECRET, "pop3"), (LOGIN, "wrong", "pop3"), (LOGIN, SECRET, "pop3"), (LOGIN, "wrong", "imap"),
    ):  # fmt: skip
        before = len(checks)
        await refused(house, secret, Origin(door), login)
        assert len(checks) == before + 1, (login, secret, door)


async def test_who_proves_the_main_password_hears_that_an_app_password_is_needed(house):
    await set_knob(house, "login.app-password-required", value=True)
    assert "App passwords" in (await refused(house, SECRET, IMAP)).public
    assert (await refused(house, "wrong", IMAP)).public == ""
    assert (await refused(house, SECRET, IMAP, "nobody@a.example")).public == ""
    assert (await me(house)).by == "password"
    made = await house.services.auth.new_app_password(await me(house), "phone")
    assert (await house.services.auth.login(LOGIN, made.secret, IMAP)).by == "app"


# Policy on live connections


@pytest.mark.parametrize("knob", ["door.imap", "login.app-password-required"])
async def test_a_door_that_closes_ends_live_logins(house, knob):
    auth = house.services.auth
    live, web = await auth.login(LOGIN, SECRET, IMAP), await me(house)
    assert await auth.still_valid(live)
    await set_knob(house, knob, value=knob != "door.imap", scope=f"account:{LOGIN}")
    assert not await auth.still_valid(live)
    assert await auth.still_valid(web)


async def test_an_exception_opens_a_door_and_ends_by_itself(house):
    auth = house.services.auth
    await set_knob(house, "door.imap", value=False)
    await refused(house, SECRET, IMAP)
    await set_knob(house, "door.imap", value=True, scope=f"account:{LOGIN}", valid_until=house.clock.now() + HOUR)
    live = await auth.login(LOGIN, SECRET, IMAP)
    house.clock.ahead += 2 * HOUR
    assert not await auth.still_valid(live)
    await refused(house, SECRET, IMAP)


async def test_a_lost_hint_costs_a_second(house):
    auth = house.services.auth
    live = await auth.login(LOGIN, SECRET, IMAP)
    assert await auth.still_valid(live)
    house.bus._listeners.clear()
    await set_knob(house, "door.imap", value=False)
    house.clock.ahead += 2_000
    assert not await auth.still_valid(live)


# SASL at a door


async def exchange(house, mechanism, client_step, origin=IMAP, tls=TLS):
    names = await sasl.offered(house.services.auth, origin.door, tls)
    login = sasl.begin(house.services.auth, origin, tls, mechanism, names)
    assert login is not None, names
    result = await login.step(client_step(None))
    for _ in range(4):
        if isinstance(result, Actor):
            return result
        result = await login.step(client_step(result))
    raise AssertionError("an exchange without an end")


def scram(login, secret, **binding):
    client, turn = ScramClient(login, secret, **binding), iter(range(9))

    def step(challenge):
        number = next(turn)
        if number == 0:
            return client.first()
        if number == 1:
            return client.final(challenge)
        assert client.trusts(challenge)
        return b""

    return step


async def test_scram_logs_in_with_app_passwords_and_tells_names_nothing(house):
    auth = house.services.auth
    made = await auth.new_app_password(await me(house), "phone", doors=("imap",))
    assert "SCRAM-SHA-256" not in await sasl.offered(auth, "imap", TLS)
    await set_knob(house, "login.app-password-required", value=True)
    await me(house)
    assert (await sasl.offered(auth, "imap", TLS))[:2] == ("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256")
    actor = await exchange(house, "SCRAM-SHA-256", scram(LOGIN, made.secret))
    assert actor.credential_id == made.info.id
    bound = await exchange(
        house, "SCRAM-SHA-256-PLUS", scram(LOGIN, made.secret, binding=BINDINGS["tls-server-end-point"])
    )
    assert bound.credential_id == made.info.id
    for login, secret in ((LOGIN, "wrong"), ("nobody@a.example", made.secret), (LOGIN, SECRET)):
        with pytest.raises(AuthFailed):
            await exchange(house, "SCRAM-SHA-256", scram(login, secret))
    with pytest.raises(AuthFailed):
        await exchange(house, "SCRAM-SHA-256", scram(LOGIN, made.secret), Origin("pop3"))
    with pytest.raises(AuthFailed):
        await exchange(house, "SCRAM-SHA-256-PLUS", scram(LOGIN, made.secret, binding=b"other"))


async def test_names_have_one_salt_whether_they_exist_or_not(house):
    auth = house.services.auth
    offers = [await auth.scram_offer(name) for name in (LOGIN, LOGIN, "nobody@a.example", "nobody@a.example")]
    assert offers[0].salt == offers[1].salt != offers[2].salt == offers[3].salt
    assert {(len(one.salt), one.iterations) for one in offers} == {(16, 4096)}
    actor = await me(house)
    await auth.new_app_password(actor, "one")
    await auth.new_app_password(actor, "two")
    after = await auth.scram_offer(LOGIN)
    assert (after.salt, len(after.keys)) == (offers[0].salt, 2)


async def test_tokens_log_in_over_both_mechanisms(house):
    auth = house.services.auth
    made = await auth.new_token(await me(house), "script", scopes=("imap",))

    def bearer(token, name=LOGIN):
        return lambda told: b"\x01" if told else f"n,a={name},\x01auth=Bearer {token}\x01\x01".encode()

    def xoauth2(token, name=LOGIN):
        return lambda told: b"" if told else f"user={name}\x01auth=Bearer {token}\x01\x01".encode()

    for mechanism, step in (("OAUTHBEARER", bearer), ("XOAUTH2", xoauth2)):
        actor = await exchange(house, mechanism, step(made.secret))
        assert (actor.by, actor.credential_id) == ("token", made.info.id)
        for bad in (step("smt_0"), step(made.secret, "lee@a.example")):
            with pytest.raises(AuthFailed):
                await exchange(house, mechanism, bad)
        with pytest.raises(AuthFailed):
            await exchange(house, mechanism, step(made.secret), Origin("smtp", tls=True))
    await set_knob(house, "login.access-tokens", value=False)
    with pytest.raises(AuthFailed):
        await auth.login_token(made.secret, IMAP)
    with pytest.raises(Forbidden):
        await auth.new_token(await me(house), "more")


async def test_a_client_certificate_stands_for_its_account(house):
    auth = house.services.auth
    await auth.add_certificate(await me(house), "card", b"DER")
    tls = TlsInfo("TLSv1.3", "x", 256, certificate=b"DER")
    assert (await exchange(house, "EXTERNAL", lambda _: b"", tls=tls)).by == "certificate"
    assert (await exchange(house, "EXTERNAL", lambda _: LOGIN.encode(), tls=tls)).login == LOGIN
    for name, certificate in ((b"lee@a.example", b"DER"), (b"", b"other")):
        with pytest.raises(AuthFailed):
            await exchange(house, "EXTERNAL", lambda _, n=name: n, tls=TlsInfo("", "", 0, certificate=certificate))
    assert "EXTERNAL" not in await sasl.offered(auth, "imap", TLS)


async def test_nobody_acts_as_somebody_else(house):
    for authzid, passes in (("", True), ("KIM@a.example", True), ("lee@a.example", False)):
        message = f"{authzid}\0{LOGIN}\0{SECRET}".encode()
        if passes:
            assert (await exchange(house, "PLAIN", lambda _, m=message: m)).login == LOGIN
        else:
            with pytest.raises(AuthFailed):
                await exchange(house, "PLAIN", lambda _, m=message: m)


# Sessions


async def test_sessions_are_a_list_of_devices_that_end_one_by_one(house):
    auth = house.services.auth
    actor = await me(house)
    laptop = await auth.open_session(actor, "Mozilla/5.0 (랩톱)")
    house.clock.ahead += 1  # sessions are listed by the millisecond in which they began
    phone = await auth.open_session(actor)
    here = await auth.session(laptop, WEB)
    listed = await auth.sessions(here)
    assert [(one.device, one.current, one.address) for one in listed] == [
        ("Mozilla/5.0 (랩톱)", True, "192.0.2.1"), ("", False, "192.0.2.1"),
    ]  # fmt: skip
    await auth.end_session(here, next(one.id for one in listed if not one.current))
    with pytest.raises(AuthFailed):
        await auth.session(phone, WEB)
    await auth.session(laptop, WEB)
    with pytest.raises(NotFound):
        await auth.end_session(here, "00")
    with pytest.raises(NotFound):
        await auth.end_session(await auth.login(LOGIN, SECRET, WEB), "f" * 64)


async def test_a_raised_epoch_kills_sessions_and_live_connections(house):
    auth = house.services.auth
    live = await auth.login(LOGIN, SECRET, IMAP)
    made = await auth.new_app_password(await me(house), "phone")
    token = await auth.open_session(await me(house))
    app = await auth.login(LOGIN, made.secret, IMAP)
    await auth.set_password(live.account_id, "another good password")
    assert not await auth.still_valid(live)
    assert not await auth.still_valid(app)
    with pytest.raises(AuthFailed):
        await auth.session(token, WEB)
    await refused(house, SECRET, IMAP)
    assert await auth.sessions(CLI, live.account_id) == []
    await refused(house, made.secret, IMAP)


@pytest.mark.parametrize("keeps", [False, True])
async def test_a_new_password_ends_programs_unless_they_are_to_stay(house, keeps):
    auth = house.services.auth
    own = await me(house)
    app = await auth.new_app_password(own, "phone")
    token = await auth.new_token(own, "calendar")
    await auth.add_certificate(own, "card", b"DER")
    await auth.change_password(own, SECRET, "another good password", keep_programs=keeps)
    kinds = {row.kind for row in await auth.credentials(await auth.login(LOGIN, "another good password", WEB))}
    assert kinds == ({"password", "app", "token", "certificate"} if keeps else {"password"})
    if keeps:
        await auth.login(LOGIN, app.secret, IMAP)
        await auth.login_token(token.secret, IMAP)
        return
    await refused(house, app.secret, IMAP)
    with pytest.raises(AuthFailed):
        await auth.login_token(token.secret, IMAP)


async def test_all_sessions_that_end_are_those_of_programs_too(house):
    auth = house.services.auth
    own = await me(house)
    app = await auth.new_app_password(own, "phone")
    web = await auth.session(await auth.open_session(own), WEB)
    live = [
        web, await auth.login(LOGIN, app.secret, IMAP), await auth.login(LOGIN, SECRET, Origin("pop3", "192.0.2.1", 5, tls=True)),
        await auth.login_token((await auth.new_token(own, "calendar")).secret, IMAP),
    ]  # fmt: skip
    assert await auth.end_all_sessions(CLI, own.account_id) == 1
    assert [await auth.still_valid(one) for one in live] == [False] * 4
    # Nothing is taken away: who ought to be in comes back.
    await auth.login(LOGIN, app.secret, IMAP)


async def test_what_a_session_opened_ends_with_it(house):
    auth = house.services.auth
    await set_knob(house, "session.idle-minutes", value=10)
    idle = await auth.session(await auth.open_session(await me(house)), WEB)
    ended = await auth.session(await auth.open_session(await me(house)), WEB)
    assert await auth.still_valid(idle) and await auth.still_valid(ended)
    await auth.end_session(ended, ended.session_id)
    assert not await auth.still_valid(ended)
    house.clock.ahead += 12 * MINUTE
    assert not await auth.still_valid(idle)


async def test_automatic_log_out_counts_from_the_last_use(house):
    auth = house.services.auth
    await set_knob(house, "session.idle-minutes", value=10)
    token = await auth.open_session(await me(house))
    for _ in range(3):
        house.clock.ahead += 8 * MINUTE
        await auth.session(token, WEB)
        await auth.settle()
    house.clock.ahead += 8 * MINUTE
    await auth.session(token, WEB, active=False)
    await auth.settle()
    house.clock.ahead += 4 * MINUTE
    with pytest.raises(AuthFailed):
        await auth.session(token, WEB)


async def test_session_rules_apply_to_sessions_that_are_open(house):
    auth = house.services.auth
    token = await auth.open_session(await me(house))
    house.clock.ahead += 2 * HOUR
    await auth.session(token, WEB)
    await set_knob(house, "session.hours", value=1)
    with pytest.raises(AuthFailed):
        await auth.session(token, WEB)


async def test_duplicate_log_in_replaces_where_policy_says_so(house):
    auth = house.services.auth
    first = await auth.open_session(await me(house))
    second = await auth.open_session(await me(house))
    await auth.session(first, WEB)
    await set_knob(house, "session.concurrent", value="replace")
    third = await auth.open_session(await me(house))
    await auth.session(third, WEB)
    for ended in (first, second):
        with pytest.raises(AuthFailed):
            await auth.session(ended, WEB)


# The record


async def test_programs_that_log_in_with_every_request_are_recorded_once(house):
    for _ in range(5):
        await house.services.auth.login(LOGIN, SECRET, Origin("jmap"))
    for _ in range(2):
        await house.services.auth.login(LOGIN, SECRET, IMAP)
    assert sorted(await attempts(house)) == [("imap", "ok"), ("imap", "ok"), ("jmap", "ok")]


async def test_a_store_that_is_away_loses_no_record_and_stops_no_login(house):
    from smartmail.domain.errors import Unavailable

    auth, note = house.services.auth, house.store.note_logins

    async def away(*args):
        raise Unavailable

    house.store.note_logins = away
    await auth.login(LOGIN, SECRET, IMAP)
    await auth.settle()
    house.store.note_logins = note
    await refused(house, "wrong", IMAP)
    assert [result for _, result in await attempts(house)] == ["wrong_secret", "ok"]


async def test_the_record_is_bounded(house):
    from smartmail.service.identity.auth import journal

    held, written = asyncio.Event(), []

    class Slow:
        async def note_logins(self, attempts, used, seen):
            await held.wait()
            written.extend(attempts)

    one = journal.LoginJournal(Slow(), lambda _attempt: None)
    from smartmail.domain.account import LoginAttempt

    for number in range(journal.MAX_WAITING + journal.BATCH + 10):
        one.note(LoginAttempt(number, 1, None, "imap", "", "ok"))
        if number == 0:
            await asyncio.sleep(0)
    held.set()
    await one.settle()
    assert len(written) == 1 + journal.MAX_WAITING
    assert written[-1].at == journal.MAX_WAITING + journal.BATCH + 9
