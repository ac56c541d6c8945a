"""Signing in with a second factor, over composed services: codes, recovery, grace, doors, and what attackers try."""

import asyncio

import pytest
from tests.flows.factor_house import CLI, DAY, IMAP, LOGIN, MINUTE, open_factor_house, page
from tests.flows.house import PASSWORD, LocalBus, compose_house

from smartmail.domain.errors import AuthFailed, Forbidden, Invalid, NotFound, ProofNeeded, RateLimited
from smartmail.domain.principal import Origin
from smartmail.service.identity.factors.service import SignedIn, Waiting


@pytest.fixture
async def it(tmp_path):
    async with open_factor_house(tmp_path / "house") as opened:
        yield opened


async def test_a_code_opens_what_the_password_alone_does_not(it):
    totp, codes = await it.enrol()
    assert len(codes) == len(set(codes)) == 10
    it.time.on(MINUTE)
    waiting = await it.sign_in()
    assert isinstance(waiting, Waiting) and waiting.kinds == ("totp", "recovery")
    signed = await it.services.factors.answer(waiting.token, "totp", {"code": it.code(totp)}, page())
    actor = await it.actor(signed)
    assert (actor.account_id, signed.owes) == (it.kim.id, ())
    assert (await it.results())[-2:] == ["second_factor_needed", "ok"]
    [info], left = await it.services.enrolment.list(actor)
    assert (info.kind, info.label, left) == ("totp", "내 폰", 10)


async def test_a_step_is_good_once_also_within_the_skew(it):
    totp, _ = await it.enrol()
    answer = it.services.factors.answer
    it.time.on(MINUTE)
    code = it.code(totp)
    await answer((await it.sign_in()).token, "totp", {"code": code}, page())
    for again in (code, it.code(totp, -1)):
        with pytest.raises(AuthFailed) as refused:
            await answer((await it.sign_in()).token, "totp", {"code": again}, page())
        assert refused.value.reason == "replayed"
    await answer((await it.sign_in()).token, "totp", {"code": it.code(totp, 1)}, page())


async def test_two_at_once_with_the_same_code_open_one_session(it):
    totp, _ = await it.enrol()
    it.time.on(MINUTE)
    tokens = [(await it.sign_in()).token for _ in range(2)]
    answers = [it.services.factors.answer(token, "totp", {"code": it.code(totp)}, page()) for token in tokens]
    found = await asyncio.gather(*answers, return_exceptions=True)
    assert sorted(type(one).__name__ for one in found) == ["AuthFailed", "SignedIn"]


async def test_a_challenge_is_answered_once_and_five_times_at_most(it):
    totp, _ = await it.enrol()
    it.time.on(MINUTE)
    answer = it.services.factors.answer
    waiting = await it.sign_in()
    for _ in range(5):
        with pytest.raises(AuthFailed) as refused:
            await answer(waiting.token, "totp", {"code": "000000"}, page())
        assert refused.value.reason == "wrong"
    with pytest.raises(AuthFailed) as refused:
        await answer(waiting.token, "totp", {"code": it.code(totp)}, page())
    assert refused.value.reason == "ended"
    it.time.on(2 * MINUTE)
    waiting = await it.sign_in()
    await answer(waiting.token, "totp", {"code": it.code(totp)}, page())
    with pytest.raises(AuthFailed):
        await answer(waiting.token, "totp", {"code": it.code(totp, 1)}, page())


async def test_guesses_from_many_places_are_counted_together_and_spare_the_known_one(it):
    totp, _ = await it.enrol()
    home = page("198.51.100.1")
    it.time.on(MINUTE)
    signed = await it.services.factors.answer((await it.sign_in(home)).token, "totp", {"code": it.code(totp)}, home)
    home = page("198.51.100.1", signed.device)
    judged = 0
    for number in range(30):
        thief = page(f"203.0.113.{number}")
        waiting = await it.sign_in(thief)
        try:
            await it.services.factors.answer(waiting.token, "totp", {"code": "000000"}, thief)
        except RateLimited:
            continue
        except AuthFailed:
            judged += 1
    assert judged == 5, "thirty addresses have the tries of one"
    it.time.on(MINUTE // 2)
    waiting = await it.sign_in(home)
    await it.services.factors.answer(waiting.token, "totp", {"code": it.code(totp)}, home)


async def test_a_challenge_of_another_account_or_session_does_not_fit(it):
    totp, _ = await it.enrol()
    await it.house.person("lee@a.example")
    it.time.on(MINUTE)
    lee = await it.services.factors.sign_in("lee@a.example", PASSWORD, page())
    actor = await it.actor(lee)
    token, shown = await it.services.enrolment.begin(actor, "totp", PASSWORD, page())
    signed = await it.services.factors.answer((await it.sign_in()).token, "totp", {"code": it.code(totp)}, page())
    kim = await it.actor(signed)
    with pytest.raises(AuthFailed):
        await it.services.enrolment.finish(kim, token, "totp", "", {"code": "1"}, page())
    with pytest.raises(AuthFailed):
        await it.services.factors.answer(token, "totp", {"code": it.code(totp)}, page())
    waiting = await it.services.factors.begin_step_up(kim)
    with pytest.raises(AuthFailed):
        await it.services.factors.step_up(actor, waiting.token, "totp", {"code": it.code(totp)}, page())
    assert shown["secret"]


async def test_a_recovery_code_works_once_and_its_owner_is_told(it):
    _, codes = await it.enrol()
    answer = it.services.factors.answer
    signed = await answer((await it.sign_in()).token, "recovery", {"code": codes[0].upper().replace("-", " ")}, page())
    actor = await it.actor(signed)
    for wrong in (codes[0], "x", codes[1] + "a"):
        with pytest.raises(AuthFailed):
            await answer((await it.sign_in()).token, "recovery", {"code": wrong}, page())
    assert (await it.services.enrolment.list(actor))[1] == 9
    assert "복구 코드로 로그인되었습니다" in {subject for _, subject, _ in it.mail}
    fresh = await it.services.enrolment.new_codes(actor, page())
    with pytest.raises(AuthFailed):
        await answer((await it.sign_in()).token, "recovery", {"code": codes[2]}, page())
    it.time.on(2 * MINUTE)
    await answer((await it.sign_in()).token, "recovery", {"code": fresh[0]}, page())


async def test_programs_need_an_app_password_once_a_factor_is_there(it):
    auth = it.services.auth
    await auth.login(LOGIN, PASSWORD, IMAP)
    await it.enrol()
    with pytest.raises(AuthFailed) as refused:
        await auth.login(LOGIN, PASSWORD, IMAP)
    assert "app password" in refused.value.public
    with pytest.raises(AuthFailed) as wrong:
        await auth.login(LOGIN, PASSWORD + "x", IMAP)
    assert not wrong.value.public
    made = await auth.new_app_password(CLI, "phone", account_id=it.kim.id)
    token = await auth.new_token(CLI, "program", account_id=it.kim.id)
    await auth.login(LOGIN, made.secret, IMAP)
    await auth.login_token(token.secret, IMAP)


@pytest.mark.parametrize("door", ["imap", "pop3", "smtp", "sieve", "jmap", "dav"])
async def test_required_closes_every_door_to_the_password_alone(it, door):
    await it.set("second-factor.grace-days", 0)
    live = await it.services.auth.login(LOGIN, PASSWORD, Origin(door, "192.0.2.7", 5, tls=True))
    await it.set("second-factor.required", "required")
    assert not await it.services.auth.still_valid(live)
    with pytest.raises(AuthFailed):
        await it.services.auth.login(LOGIN, PASSWORD, Origin(door, "192.0.2.7", 5, tls=True))


async def test_grace_then_nothing_but_the_enrolment(it):
    await it.set("second-factor.required", "required")
    await it.set("second-factor.grace-days", 3)
    signed = await it.sign_in()
    assert signed.owes == ()
    await it.actor(signed)
    it.time.on(3 * DAY + 1)
    signed = await it.sign_in()
    assert signed.owes == ("enrol",)
    with pytest.raises(ProofNeeded) as owing:
        await it.actor(signed)
    assert owing.value.wants == ("enrol",)
    actor = await it.actor(signed, owing=True)
    await it.enrol_as(actor)
    await it.actor(signed)
    with pytest.raises(Forbidden):
        await it.services.enrolment.remove(actor, (await it.services.enrolment.list(actor))[0][0].id, page())


async def test_a_session_without_the_factor_owes_it_as_soon_as_policy_asks(it):
    elsewhere = await it.sign_in()
    thief = await it.actor(elsewhere)
    totp, _ = await it.enrol()
    with pytest.raises(ProofNeeded) as owing:
        await it.actor(elsewhere)
    assert owing.value.wants == ("factor",)
    with pytest.raises(ProofNeeded):
        # A fresh password alone adds no second factor beside one that is there.
        await it.services.enrolment.begin(thief, "totp", PASSWORD, page())
    it.time.on(MINUTE)
    actor = await it.actor(elsewhere, owing=True)
    waiting = await it.services.factors.begin_step_up(actor)
    with pytest.raises(Forbidden):
        await it.services.factors.step_up(actor, waiting.token, "password", {"password": PASSWORD}, page())
    waiting = await it.services.factors.begin_step_up(actor)
    await it.services.factors.step_up(actor, waiting.token, "totp", {"code": it.code(totp)}, page())
    await it.actor(elsewhere)


async def test_outside_the_office_alone(it):
    await it.set("office.networks", ("192.0.2.0/24",))
    await it.set("second-factor.required", "outside-office")
    await it.enrol()
    inside = await it.sign_in(page("192.0.2.9"))
    assert isinstance(inside, SignedIn)
    assert isinstance(await it.sign_in(page("203.0.113.5")), Waiting)
    await it.services.auth.login(LOGIN, PASSWORD, IMAP)
    with pytest.raises(AuthFailed):
        await it.services.auth.login(LOGIN, PASSWORD, Origin("imap", "203.0.113.5", 5, tls=True))
    with pytest.raises(ProofNeeded):
        await it.actor(inside, address="203.0.113.5")


async def test_dangerous_acts_ask_for_a_fresh_proof(it):
    signed = await it.sign_in()
    actor = await it.actor(signed)
    await it.services.step_up.require(actor)
    it.time.on(11 * MINUTE)
    actor = await it.actor(signed)
    with pytest.raises(ProofNeeded) as owing:
        await it.services.step_up.require(actor)
    assert owing.value.wants == ("step-up",)
    waiting = await it.services.factors.begin_step_up(actor)
    with pytest.raises(AuthFailed):
        await it.services.factors.step_up(actor, waiting.token, "password", {"password": "wrong"}, page())
    await it.services.factors.step_up(actor, waiting.token, "password", {"password": PASSWORD}, page())
    await it.services.step_up.require(actor)
    app = await it.services.auth.new_app_password(CLI, "phone", account_id=it.kim.id)
    program = await it.services.auth.login(LOGIN, app.secret, IMAP)
    with pytest.raises(Forbidden):
        await it.services.step_up.require(program)


async def test_an_administrator_resets_with_a_reason_that_is_kept_sealed(it):
    totp, _ = await it.enrol()
    it.time.on(MINUTE)
    signed = await it.services.factors.answer((await it.sign_in()).token, "totp", {"code": it.code(totp)}, page())
    with pytest.raises(Invalid):
        await it.services.enrolment.reset(CLI, it.kim.id, "lost")
    assert await it.services.enrolment.reset(CLI, it.kim.id, "전화기를 잃어버림, 사번 확인함") == 1
    with pytest.raises(AuthFailed):
        await it.actor(signed)
    assert isinstance(await it.sign_in(), SignedIn)
    with pytest.raises(NotFound):
        await it.services.enrolment.reset(CLI, 999, "전화기를 잃어버림, 사번 확인함")


async def test_a_reset_by_two_persons_asks_both_for_a_fresh_proof(it):
    await it.enrol()
    await it.set("admin.two-person", ("factors",))
    reason = "전화기를 잃어버림, 사번 확인함"
    sessions = []
    for name in ("boss@a.example", "deputy@a.example"):
        await it.house.person(name, is_admin=True)
        signed = await it.services.factors.sign_in(name, PASSWORD, page())
        sessions.append(signed)
    boss, deputy = [await it.actor(one) for one in sessions]
    resets, proposals = it.services.factor_resets, it.services.proposals
    it.time.on(11 * MINUTE)
    with pytest.raises(ProofNeeded):
        await resets.reset(boss, it.kim.id, reason)
    await prove_again(it, boss)
    outcome = await resets.reset(boss, it.kim.id, reason)
    assert outcome.waits and len(await it.house.store.factors(it.kim.id)) == 1
    with pytest.raises(ProofNeeded):
        await proposals.confirm(deputy, outcome.proposal.row.id)
    await prove_again(it, deputy)
    done = await proposals.confirm(deputy, outcome.proposal.row.id)
    assert (done.row.state, done.result) == ("done", "1")
    assert await it.house.store.factors(it.kim.id) == []
    with pytest.raises(Invalid):
        await resets.reset(boss, it.kim.id, "lost")


async def prove_again(it, actor):
    waiting = await it.services.factors.begin_step_up(actor)
    await it.services.factors.step_up(actor, waiting.token, "password", {"password": PASSWORD}, page())


async def test_a_secret_is_nowhere_readable(it):
    totp, codes = await it.enrol()
    octets = b"".join(path.read_bytes() for path in it.directory.glob("mail.db*"))
    assert b"totp" in octets
    [row] = await it.house.store.factors(it.kim.id)
    for secret in (totp.secret, totp.text.encode(), codes[0].encode(), "내 폰".encode()):
        assert secret not in row.sealed + row.sealed_label + octets
        assert secret.decode("latin-1") not in repr(row)


async def test_two_processes_take_one_code_once(tmp_path):
    bus = LocalBus()
    async with open_factor_house(tmp_path / "one", bus=bus) as it, compose_house(tmp_path / "one", bus=bus) as other:
        totp, codes = await it.enrol()
        for kind, response in (("totp", {"code": it.code(totp, 1)}), ("recovery", {"code": codes[0]})):
            first, second = await it.sign_in(), await other.services.factors.sign_in(LOGIN, PASSWORD, page())
            found = await asyncio.gather(
                it.services.factors.answer(first.token, kind, response, page()),
                other.services.factors.answer(second.token, kind, response, page()),
                return_exceptions=True,
            )
            assert sorted(type(one).__name__ for one in found) == ["AuthFailed", "SignedIn"]


async def test_owners_hear_of_new_devices_and_of_wrong_factors(it):
    first = await it.sign_in()
    assert it.mail == []
    await it.sign_in(page("198.51.100.1", first.device))
    assert it.mail == []
    await it.sign_in(page("198.51.100.1"))
    assert [subject for _, subject, _ in it.mail] == ["새 기기에서 로그인되었습니다"]
    assert "198.51.100.1" in it.mail[0][2]
    await it.set("known-device.notice", value=False)
    await it.sign_in(page("198.51.100.2"))
    assert len(it.mail) == 1
    await it.enrol()
    waiting = await it.sign_in()
    for _ in range(3):
        with pytest.raises(AuthFailed):
            await it.services.factors.answer(waiting.token, "totp", {"code": "000000"}, page())
    assert it.mail[-1][1] == "누군가 비밀번호를 알고 있을 수 있습니다"
    actor = await it.actor(first, owing=True)
    devices = await it.services.devices.list(actor)
    assert len(devices) >= 3 and devices[0].name == "Firefox"
    await it.services.devices.forget(actor, devices[0].id)
    with pytest.raises(NotFound):
        await it.services.devices.forget(actor, devices[0].id)


async def test_a_rule_of_access_may_ask_for_the_factor(it):
    async def abroad(_account, origin):
        return origin.address.startswith("203.")

    await it.set("second-factor.required", "off")
    totp, _ = await it.enrol()
    it.services.auth.standings._asks_factor = abroad
    assert isinstance(await it.sign_in(), SignedIn)
    there = page("203.0.113.5")
    waiting = await it.sign_in(there)
    assert isinstance(waiting, Waiting)
    it.time.on(MINUTE)
    waiting = await it.sign_in(there)
    await it.services.factors.answer(waiting.token, "totp", {"code": it.code(totp)}, there)
    with pytest.raises(AuthFailed):
        await it.services.auth.login(LOGIN, PASSWORD, Origin("imap", "203.0.113.5", 5, tls=True))
