"""/auth/…: what pages are answered on the way from a password to a session, and what no foreign page gets."""

import hashlib
import time

import pytest
from tests.flows.factor_house import app_of
from tests.jmap_server.jmap_house import HOST, PASSWORD, Browser

from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin

LOGIN = "kim@a.example"
CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
POSTS = (
    "login", "logout", "password", "setup", "factor/ask", "factor/answer", "factor/begin", "factor/finish", "factor/remove",
    "factor/codes", "prove", "prove/ask", "prove/answer", "device/forget", "consent", "password/later", "recover",
    "recovery-address", "recovery-address/verify", "objection", "travel-pass",
    "travel-pass/withdraw",
)  # fmt: skip


@pytest.fixture
async def page(house, kim):
    await house.services.auth.set_password(kim.id, PASSWORD)
    yield Browser(house.app, host=HOST, account=f"a{kim.id}")
    await house.services.auth.settle()


async def sign_in(page):
    return await page.ask("POST", "/auth/login", {"address": LOGIN, "password": PASSWORD})


def code(totp, steps=0):
    return {"code": totp.code(int(time.time()) // 30 + steps)}


async def enrol(page):
    begun = (await page.ask("POST", "/auth/factor/begin", {"kind": "totp", "password": PASSWORD})).json
    totp = app_of(begun["address"])
    body = {"challenge": begun["challenge"], "kind": "totp", "label": "", "response": code(totp, -1)}
    done = await page.ask("POST", "/auth/factor/finish", body)
    assert (done.status, len(done.json["recovery"])) == (200, 10)
    return totp


async def test_from_a_password_to_a_session(house, page, kim):
    assert (await sign_in(page)).status == 204
    totp = await enrol(page)
    assert (await page.ask("GET", "/auth/factors")).json["factors"][0]["kind"] == "totp"
    fresh = Browser(house.app, host=HOST, account=f"a{kim.id}")
    waiting = await sign_in(fresh)
    assert (waiting.status, waiting.json["kinds"], "set-cookie" in waiting.headers) == (
        200,
        ["totp", "recovery"],
        False,
    )
    assert (await fresh.ask("GET", "/auth/me")).status == 401
    body = {"challenge": waiting.json["challenge"], "kind": "totp", "response": {"code": "000000"}}
    wrong = await fresh.ask("POST", "/auth/factor/answer", body)
    assert (wrong.status, wrong.json["title"], wrong.json["reason"]) == (401, "auth_failed", "wrong")
    right = await fresh.ask("POST", "/auth/factor/answer", {**body, "response": code(totp)})
    assert right.status == 204
    assert (await fresh.ask("GET", "/auth/me")).json["owes"] == []


async def test_what_is_owed_is_said_and_nothing_else_served(house, page):
    for knob, value in (("second-factor.grace-days", 0), ("second-factor.required", "required")):
        await house.services.governing.set_knob(CLI, PolicyRule(knob, Scope("system"), value))
    signed = await sign_in(page)
    assert (signed.status, signed.json) == (200, {"owes": ["enrol"]})
    for path in ("/jmap/session", "/auth/devices"):
        refused = await page.ask("GET", path)
        assert (refused.status, refused.json["title"], refused.json["wants"]) == (403, "proof_needed", ["enrol"])
    assert (await page.ask("GET", "/auth/me")).json["owes"] == ["enrol"]
    await enrol(page)
    assert (await page.ask("GET", "/jmap/session")).status == 200


async def test_a_weak_password_is_told_with_every_reason(page):
    await sign_in(page)
    weak = await page.ask("POST", "/auth/password", {"current": PASSWORD, "password": "kim aaa"})
    assert (weak.status, weak.json["reasons"]) == (400, ["short", "classes", "run", "part"])


async def test_whoever_forgot_learns_nothing(page):
    known, unknown = [
        await page.ask("POST", "/auth/recover", {"address": address}) for address in (LOGIN, "nobody@a.example")
    ]  # fmt: skip
    assert (known.status, known.body) == (unknown.status, unknown.body) == (204, b"")


@pytest.mark.parametrize("path", POSTS)
async def test_no_foreign_page_asks(house, kim, path):
    foreign = Browser(house.app, host=HOST, account=f"a{kim.id}", page=False)
    assert (await foreign.ask("POST", f"/auth/{path}", {})).status == 403
    stranger = Browser(house.app, host=HOST, account=f"a{kim.id}")
    assert (await stranger.ask("POST", f"/auth/{path}", {})).status in {204, 400, 401}


async def test_what_a_passkey_signs_is_bound_to_a_name_of_ours(house, page):
    """Host is the client's word: under a name that is none of ours the page is the webmail's own."""
    assert (await sign_in(page)).status == 204
    own = (await page.ask("POST", "/auth/factor/begin", {"kind": "passkey", "password": PASSWORD})).json
    forged = Browser(house.app, host="mail.evil.test", cookie=page.cookie)
    other = (await forged.ask("POST", "/auth/factor/begin", {"kind": "passkey", "password": PASSWORD})).json
    rp = own["publicKey"]["rp"]["id"]
    assert rp == HOST.partition(":")[0]
    assert other["publicKey"]["rp"]["id"] == rp
    begun = (await page.ask("POST", "/auth/factor/begin", {"kind": "certificate", "password": PASSWORD})).json
    again = (await forged.ask("POST", "/auth/factor/begin", {"kind": "certificate", "password": PASSWORD})).json
    assert begun["origin"].partition("//")[2].partition(":")[0] == rp
    assert again["origin"].partition("//")[2].partition(":")[0] == rp


async def test_a_witness_objects_by_a_link_without_a_login(house, kim):
    witnesses, stopped = house.services.proposals.witnesses, []

    async def stop(number, account):
        stopped.append((number, account.login))

    witnesses.stops("test", stop)
    told = []

    async def second_channel(account, subject, text):
        told.append(text)
        return True

    witnesses.second_channel = second_channel
    page = Browser(house.app, host=HOST)
    until = int(time.time() * 1000) + 60_000
    for kind in ("proposal", "policy-change"):  # the texts that there are
        await witnesses.tell([kim], kind, 7, until, lambda _: {"act": "x", "who": "boss", "author": "boss"})
    tokens = [text.partition("#object=")[2].split()[0] for text in told]
    assert len(set(tokens)) == 2
    for wrong in ("", "0" * 48, "\ud800"):
        assert (await page.ask("POST", "/auth/objection", {"token": wrong})).status == 401
    await house.store.put_once(hashlib.sha256(b"mine").digest(), f"objection:test:9:{kim.id}", until)
    assert (await page.ask("POST", "/auth/objection", {"token": "mine"})).status == 204
    assert stopped == [(9, LOGIN)]
    assert (await page.ask("POST", "/auth/objection", {"token": "mine"})).status == 401


async def test_leave_to_travel_is_asked_for_and_taken_back(house, page):
    assert (await sign_in(page)).status == 204
    day = 86_400_000
    now = int(time.time() * 1000)
    since, until = (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime((now + days * day) / 1000)) for days in (1, 4))
    body = {"country": "JP", "from": since, "until": until, "reason": "도쿄 전시회 참가"}
    for wrong in ({"from": "tomorrow"}, {"from": "2026-12-01T00:00:00"}, {"country": "Japan"}):
        assert (await page.ask("POST", "/auth/travel-pass", {**body, **wrong})).status == 400, wrong
    made = await page.ask("POST", "/auth/travel-pass", body)
    assert (made.status, made.json["state"]) == (200, "asked")
    [one] = (await page.ask("GET", "/auth/travel-passes")).json["passes"]
    assert one == {**body, "id": made.json["id"], "state": "asked"}
    assert (await page.ask("POST", "/auth/travel-pass/withdraw", {"id": "999"})).status == 404
    assert (await page.ask("POST", "/auth/travel-pass/withdraw", {"id": one["id"]})).status == 204
    [one] = (await page.ask("GET", "/auth/travel-passes")).json["passes"]
    assert one["state"] == "withdrawn"
