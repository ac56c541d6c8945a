"""The set-up wizard's doors over real services: from nobody to an administrator who sends mail."""

import contextlib
from base64 import b32decode
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from tests.admin_api.admin_house import ADMIN, Client, SetClock
from tests.house.bus import LocalBus
from tests.house.opening import NO_APP, opened, settle
from tests.jmap_server.jmap_house import FakeWeb

from smartmail.edge.httpd.admin.limits import AdminLimits
from smartmail.edge.httpd.app import WebConfig, make_app
from smartmail.formats.totp import Totp
from smartmail.service.catalogue import Services

HOUR_MS = 3_600_000
PASSWORD = "Maple-gorge.quartz"
FORM = {
    "organization": "한빛상사", "domain": "hanbit.example", "local": "jiho.park", "name": "박지호", "language": "ko",
    "password": PASSWORD,
}  # fmt: skip


@dataclass
class Empty:
    """An installation in which there is nobody."""

    services: Services
    clock: SetClock
    app: object

    def page(self, cookie: str = "") -> Client:
        return Client(self.app, cookie=cookie)  # type: ignore[arg-type]

    async def founded(self) -> Client:
        token = await self.services.founding.open_door()
        page = self.page()
        await page.do("POST", "/setup", {**FORM, "token": token}, 204)
        return page


@contextlib.asynccontextmanager
async def open_empty(directory) -> AsyncIterator[Empty]:
    directory.mkdir()
    clock = SetClock()
    async with opened(directory, clock=clock, bus=LocalBus(), http=FakeWeb()) as base:
        config = WebConfig(
            "mail.test", ADMIN, "files.test", webmail=NO_APP, admin=NO_APP, admin_limits=AdminLimits(burst=100_000)
        )
        yield Empty(base.services, clock, make_app(base.services, config))
        await settle(base.services)


@pytest.fixture
async def empty(tmp_path):
    async with open_empty(tmp_path / "data") as opened:
        yield opened


async def test_a_token_makes_the_company_and_works_once(empty):
    assert (await empty.page().get("/setup")) == {"open": False}
    token = await empty.services.founding.open_door()
    assert (await empty.page().get("/setup")) == {"open": True}
    page = empty.page()
    await page.do("POST", "/setup", {**FORM, "token": token}, 204)
    me = await page.get("/session")
    assert me["address"] == "jiho.park@hanbit.example"
    [held] = me["holdings"]
    assert held["scope"] == f"organization:{me['organizationId']}"
    assert "node.change" in held["permissions"]
    assert [one["name"] for one in (await page.get("/organizations"))["items"]] == ["한빛상사"]
    keys = (await page.get("/domains/hanbit.example/signing-keys"))["items"]
    assert [one["state"] for one in keys] == ["active"]
    assert (await page.get("/setup")) == {"open": False}
    again = {**FORM, "local": "thief", "token": token}
    assert (await empty.page().ask("POST", "/setup", again)).status == 401
    # Shut for ever: no later start opens it, and no token of before does.
    assert await empty.services.founding.open_door() is None
    await empty.services.audit.chain()
    records = (await page.get("/audit-records"))["items"]
    assert "installation.found" in [one["action"] for one in records]


async def test_a_token_dies_after_an_hour_and_with_the_next(empty):
    old = await empty.services.founding.open_door()
    new = await empty.services.founding.open_door()
    assert (await empty.page().ask("POST", "/setup", {**FORM, "token": old})).status == 401
    empty.clock.go(HOUR_MS + 1)
    assert (await empty.page().get("/setup")) == {"open": False}
    assert (await empty.page().ask("POST", "/setup", {**FORM, "token": new})).status == 401
    fresh = await empty.services.founding.open_door()
    await empty.page().do("POST", "/setup", {**FORM, "token": fresh}, 204)


async def test_what_the_form_gets_wrong_leaves_the_token_good(empty):
    token = await empty.services.founding.open_door()
    for wrong in (
        {"password": "short"}, {"domain": "no dots"}, {"local": "a b"}, {"name": " "},
        {"domain": "-bad-.example"},
    ):  # fmt: skip
        reply = await empty.page().ask("POST", "/setup", {**FORM, **wrong, "token": token})
        assert reply.status == 400, (wrong, reply.status, reply.body)
    await empty.page().do("POST", "/setup", {**FORM, "token": token}, 204)
    assert len(await empty.services.directory.organizations()) == 1
    assert [one.login for one in await empty.services.directory.accounts()] == ["jiho.park@hanbit.example"]


async def test_a_foreign_page_founds_nothing(empty):
    token = await empty.services.founding.open_door()
    headers = {"origin": "https://evil.example", "x-smartmail": "1"}
    reply = await empty.page().ask("POST", "/setup", {**FORM, "token": token}, headers)
    assert reply.status == 403
    assert (await empty.page().get("/setup")) == {"open": True}


async def test_the_wizard_goes_on_where_it_was_left(empty):
    page = await empty.founded()
    told = await page.get("/setup/progress")
    assert {one["state"] for one in told["steps"]} == {"open"}
    assert (told["ended"], told["domain"], told["host"]) == (False, "hanbit.example", "mx.test")
    await page.do("PUT", "/setup/steps/preset", {"state": "done"})
    await page.do("PUT", "/setup/steps/certificate", {"state": "skipped"})
    assert (await page.ask("PUT", "/setup/steps/nothing", {"state": "done"})).status == 404
    later = empty.page()
    await later.do("POST", "/session", {"address": "jiho.park@hanbit.example", "password": PASSWORD}, 204)
    steps = {one["name"]: one["state"] for one in (await later.get("/setup/progress"))["steps"]}
    assert (steps["preset"], steps["certificate"], steps["people"]) == ("done", "skipped", "open")
    assert (await later.do("POST", "/setup/end"))["ended"]
    assert (await later.get("/setup/progress"))["ended"]


async def test_an_authenticator_app_is_enrolled_on_the_admin_host(empty):
    page = await empty.founded()
    assert (await page.ask("POST", "/session/factors", {"kind": "totp", "password": "wrong"})).status == 403
    begun = await page.do("POST", "/session/factors", {"kind": "totp", "password": PASSWORD})
    assert begun["shown"]["picture"].startswith("<svg")
    body = {"challenge": begun["challenge"], "kind": "totp", "label": "전화기"}
    code = Totp(b32decode(begun["shown"]["secret"])).code(empty.clock.now() // 30_000)
    made = await page.do("POST", "/session/factors/finish", {**body, "response": {"code": code}}, 201)
    assert (made["factor"]["kind"], len(made["recovery"])) == ("totp", 10)
    assert [one["label"] for one in (await page.get("/session/factors"))["items"]] == ["전화기"]
    # The next session owes it.
    later = empty.page()
    await later.do("POST", "/session", {"address": "jiho.park@hanbit.example", "password": PASSWORD}, 204)
    assert (await later.get("/session"))["owes"] == ["factor"]


async def test_the_first_mail_goes_through_the_queue(empty):
    page = await empty.founded()
    wish = {"to": "someone@elsewhere.example", "subject": "첫 메일", "text": "잘 갑니다."}
    sent = await page.do("POST", "/setup/first-mail", wish, 201)
    assert (sent["state"], sent["to"]) == ("queued", "someone@elsewhere.example")
    [waiting] = (await page.get("/queue"))["items"]
    assert waiting["recipients"] == 1 or "elsewhere.example" in str(waiting)
    assert (await page.get(f"/setup/first-mail/{sent['id']}"))["state"] == "queued"
    assert (await page.ask("POST", "/setup/first-mail", {**wish, "to": "no address"})).status == 400
    assert (await page.ask("GET", "/setup/first-mail/999")).status == 404


async def test_an_address_gets_the_administration_until_the_wizard_is_done(empty):
    """A server without a name is set up from another machine by its address; from then on the address is the webmail's,
    which is not built here (503).
    """
    far = Client(empty.app, host="192.0.2.9")  # type: ignore[arg-type]
    assert (await far.ask("GET", "/setup")).status == 503, "nobody asked for it: there is no token"
    token = await empty.services.founding.open_door()
    assert (await far.get("/setup"))["open"] is True
    assert (await Client(empty.app, host="[2001:db8::9]").get("/setup"))["open"] is True  # type: ignore[arg-type]
    assert (await Client(empty.app, host="other.example").ask("GET", "/setup")).status == 503  # type: ignore[arg-type]
    await far.do("POST", "/setup", {**FORM, "token": token}, 204)
    assert (await far.get("/setup/progress"))["steps"][0] == {"name": "host", "state": "open"}
    await far.do("POST", "/setup/end")
    assert (await far.ask("GET", "/setup/progress")).status == 503
