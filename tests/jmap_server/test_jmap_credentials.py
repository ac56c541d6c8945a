"""Our own Credential, Session and LoginAttempt: what opens an account, where it is signed in, who came to its doors."""

import asyncio
import base64

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from tests.flows.secured import make_pair
from tests.jmap_server import jmap_house
from tests.jmap_server.jmap_house import HOST, PASSWORD, Browser

from smartmail.domain.errors import AuthFailed
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin

OWN = "https://smartmail.example/jmap"
IMAP = Origin("imap", "192.0.2.1", 5, tls=True)
LOGIN = "kim@a.example"


@pytest.fixture(autouse=True)
def _own_types(monkeypatch):
    monkeypatch.setattr(jmap_house, "USING", [*jmap_house.USING, OWN])


@pytest.fixture
async def settled(house):
    """The record of logins is written before the store closes."""
    yield
    await house.services.auth.settle()


pytestmark = pytest.mark.usefixtures("settled")


async def make(browser, **wish):
    answer = await browser.call("Credential/set", create={"c": {"label": "아이폰", **wish}})
    assert answer["notCreated"] is None, answer
    return answer["created"]["c"]


async def refused(browser, **wish):
    answer = await browser.call("Credential/set", create={"c": {"label": "x", **wish}})
    return answer["notCreated"]["c"]


def basic(login, secret):
    return {"authorization": "Basic " + base64.b64encode(f"{login}:{secret}".encode()).decode()}


async def test_an_app_password_is_made_used_listed_and_revoked(house, browser):
    auth = house.services.auth
    before = (await browser.call("Credential/get", ids=[]))["state"]
    made = await make(browser, doors=["imap"], networks=["192.0.2.7/24"], expiresAt="2199-01-01T00:00:00Z")
    assert (len(made["secret"]), made["networks"], "label" in made) == (29, ["192.0.2.0/24"], False)
    await auth.login(LOGIN, made["secret"], IMAP)
    await auth.settle()
    listed = await browser.call("Credential/get", ids=None)
    assert listed["state"] != before
    [shown] = [one for one in listed["list"] if one["kind"] == "app"]
    assert (shown["label"], shown["doors"], shown["lastUsedDoor"]) == ("아이폰", ["imap"], "imap")
    assert "secret" not in shown and shown["lastUsedAt"] and shown["expiresAt"] == "2199-01-01T00:00:00Z"
    assert (await browser.call("Credential/get", ids=[made["id"], "r999", "x"]))["notFound"] == ["x", "r999"]
    patched = await browser.call("Credential/set", update={made["id"]: {"label": "other"}})
    assert patched["notUpdated"][made["id"]]["type"] == "forbidden"
    gone = await browser.call("Credential/set", destroy=[made["id"], "r999"])
    assert (gone["destroyed"], gone["notDestroyed"]["r999"]["type"]) == ([made["id"]], "notFound")
    with pytest.raises(AuthFailed):
        await auth.login(LOGIN, made["secret"], IMAP)


async def test_a_token_opens_the_api_and_nothing_that_manages_credentials(house, browser, kim):
    token = await make(browser, kind="token", scopes=["jmap"])
    script = Browser(browser.app, account=f"a{kim.id}", page=False)
    headers = {"authorization": f"Bearer {token['secret']}"}
    request = {"using": jmap_house.USING, "methodCalls": [["Mailbox/get", {"accountId": f"a{kim.id}"}, "0"]]}
    assert (await script.ask("POST", "/jmap/api/", request, headers)).json["methodResponses"][0][0] == "Mailbox/get"
    for method in ("Credential/get", "Session/get", "LoginAttempt/get"):
        request["methodCalls"] = [[method, {"accountId": f"a{kim.id}"}, "0"]]
        [[name, told, _]] = (await script.ask("POST", "/jmap/api/", request, headers)).json["methodResponses"]
        assert (name, told["type"]) == ("error", "forbidden"), method
    await browser.call("Credential/set", destroy=[token["id"]])
    assert (await script.ask("POST", "/jmap/api/", request, headers)).status == 401


async def test_a_certificate_is_taken_as_pem(browser, tmp_path):
    pair = make_pair(tmp_path, "kim")
    assert isinstance(pair.key, ec.EllipticCurvePrivateKey) and isinstance(pair.certificate, x509.Certificate)
    made = await make(browser, kind="certificate", certificate=pair.file.read_text())
    assert "secret" not in made
    # One certificate stands for one account, once.
    assert (await refused(browser, kind="certificate", certificate=pair.file.read_text()))[
        "type"
    ] == "invalidProperties"


@pytest.mark.parametrize(
    ("wish", "named"),
    [
        ({"label": ""}, None),
        ({"doors": ["moon"]}, None),
        ({"networks": ["moon"]}, None),
        ({"expiresAt": "2001-01-01T00:00:00Z"}, None),
        ({"label": 7}, ["label"]),
        ({"kind": "password"}, ["kind"]),
        ({"scopes": ["mail"]}, ["scopes"]),
        ({"kind": "token", "doors": ["imap"]}, ["doors"]),
        ({"kind": "certificate"}, ["certificate"]),
        ({"kind": "certificate", "certificate": "no"}, ["certificate"]),
        ({"secret": "mine"}, ["secret"]),
    ],
)
async def test_what_cannot_be_made_is_told(browser, wish, named):
    told = await refused(browser, **wish)
    assert told["type"] == "invalidProperties"
    assert named is None or told["properties"] == named


async def test_a_state_that_has_gone_is_refused(browser):
    state = (await browser.call("Credential/get", ids=[]))["state"]
    await make(browser)
    assert await browser.error("Credential/set", ifInState=state, destroy=["r1"]) == "stateMismatch"


async def test_another_account_has_none_of_ones_own(house, browser):
    other = house.accounts["choi@a.example"].id
    for method in ("Credential/get", "Credential/set", "Session/get", "Session/set", "LoginAttempt/query"):
        assert await browser.error(method, accountId=f"a{other}") == "accountNotFound"


async def test_a_session_is_ended_from_another(house, browser):
    phone = await house.browser(LOGIN)
    found = (await browser.call("Session/get", ids=None))["list"]
    assert sorted(one["isCurrent"] for one in found) == [False, True]
    [other] = [one["id"] for one in found if not one["isCurrent"]]
    answer = await browser.call(
        "Session/set", destroy=[other, "w00"], create={"n": {}}, update={other: {"device": "x"}}
    )
    assert answer["destroyed"] == [other]
    assert answer["notDestroyed"]["w00"]["type"] == "notFound"
    assert answer["notCreated"]["n"]["type"] == "forbidden"
    assert (await phone.ask("GET", "/auth/me")).status == 401
    assert (await browser.ask("GET", "/auth/me")).status == 200


async def end_from_elsewhere(house, browser, phone):
    [other] = [one["id"] for one in (await browser.call("Session/get", ids=None))["list"] if not one["isCurrent"]]
    await browser.call("Session/set", destroy=[other])


async def log_out(house, browser, phone):
    assert (await phone.ask("POST", "/auth/logout")).status == 204


async def sign_in_where_one_is_enough(house, browser, phone):
    cli = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
    await house.services.governing.set_knob(cli, PolicyRule("session.concurrent", Scope("system"), "replace"))
    await house.browser(LOGIN)


async def close_the_web(house, browser, phone):
    cli = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
    await house.services.governing.set_knob(cli, PolicyRule("door.web", Scope("system"), value=False))


@pytest.mark.parametrize("end", [end_from_elsewhere, log_out, sign_in_where_one_is_enough, close_the_web])
async def test_an_open_stream_ends_with_its_session(house, browser, end):
    phone = await house.browser(LOGIN)
    stream = phone.open("/jmap/events/?types=*&closeafter=no&ping=0")
    while stream.status == 0:
        await asyncio.sleep(0)
    await end(house, browser, phone)
    while await stream.next(15) is not None:
        pass
    await stream.task


async def test_attempts_are_listed_and_searched(house, kim):
    auth = house.services.auth
    await auth.set_password(kim.id, PASSWORD + " too")
    # The session that the browser had has ended with the old password.
    house.accounts[LOGIN] = await house.services.directory.account(kim.id)
    browser = await house.browser(LOGIN)
    await auth.login(LOGIN, PASSWORD + " too", IMAP)
    for secret in ("a", "b"):
        with pytest.raises(AuthFailed):
            await auth.login(LOGIN, secret, Origin("pop3", "198.51.100.9"))
    await auth.settle()
    every = await browser.call("LoginAttempt/query", calculateTotal=True)
    assert every["total"] == 3 and every["canCalculateChanges"] is False
    [newest, *_] = (await browser.call("LoginAttempt/get", ids=every["ids"]))["list"]
    assert (newest["door"], newest["address"], newest["result"]) == ("pop3", "198.51.100.9", "wrong_secret")
    assert (await browser.call("LoginAttempt/get", ids=None))["state"] == every["queryState"]
    for wish, count in (
        ({"failed": True}, 2), ({"door": "imap"}, 1), ({"result": "ok"}, 1), ({"after": "2199-01-01T00:00:00Z"}, 0),
        ({"before": "2199-01-01T00:00:00Z"}, 3), ({"operator": "NOT", "conditions": [{"failed": True}]}, 1),
    ):  # fmt: skip
        assert len((await browser.call("LoginAttempt/query", filter=wish))["ids"]) == count, wish
    page = await browser.call("LoginAttempt/query", position=1, limit=1)
    assert page["ids"] == every["ids"][1:2]
    assert await browser.error("LoginAttempt/query", sort=[{"property": "at"}]) == "unsupportedSort"
    assert (await browser.call("LoginAttempt/get", ids=["l99999"]))["notFound"] == ["l99999"]


async def test_a_person_changes_the_password_and_other_logins_end(house, kim):
    await house.services.auth.set_password(kim.id, PASSWORD)
    here, there = (Browser(house.app, host=HOST, account=f"a{kim.id}") for _ in range(2))
    for one in (here, there):
        assert (await one.ask("POST", "/auth/login", {"address": LOGIN, "password": PASSWORD})).status == 204
    wrong = await here.ask("POST", "/auth/password", {"current": "no", "password": "a new long one"})
    assert (wrong.status, (await here.ask("GET", "/auth/me")).status) == (403, 200)
    short = await here.ask("POST", "/auth/password", {"current": PASSWORD, "password": "short"})
    assert short.status == 400
    done = await here.ask("POST", "/auth/password", {"current": PASSWORD, "password": "a new long one"})
    assert done.status == 204
    assert (await here.ask("GET", "/auth/me")).status == 200
    assert (await there.ask("GET", "/auth/me")).status == 401
    script = Browser(house.app, page=False)
    assert (await script.ask("GET", "/jmap/session", headers=basic(LOGIN, PASSWORD))).status == 401
    assert (await script.ask("GET", "/jmap/session", headers=basic(LOGIN, "a new long one"))).status == 200
