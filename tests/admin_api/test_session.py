"""Signing in to the admin host, paying what a session owes, signing out."""

from dataclasses import replace

from tests.admin_api.admin_house import Client
from tests.house.clock import day

from smartmail.domain.errors import ProofNeeded
from smartmail.edge.httpd.admin.table import OPERATIONS
from smartmail.service.identity.auth.base import token_hash

WORDS = "three long words"


async def signed_in(house, login: str = "admin@a.example") -> Client:
    await house.services.auth.set_password(house.accounts[login].id, WORDS)
    page = Client(house.app)
    await page.do("POST", "/session", {"address": login, "password": WORDS}, 204)
    return page


async def test_an_administrator_signs_in_and_out(house):
    page = await signed_in(house)
    me = await page.get("/session")
    assert (me["address"], me["owes"]) == ("admin@a.example", [])
    [held] = me["holdings"]
    assert held["scope"] == f"organization:{me['organizationId']}"
    assert "account.change" in held["permissions"]
    cookie = page.cookie
    reply = await page.ask("DELETE", "/session")
    assert (reply.status, reply.headers["clear-site-data"]) == (204, '"cache"')
    assert "Max-Age=0" in reply.headers["set-cookie"] or page.cookie.endswith("=")
    assert (await Client(house.app, cookie=cookie).ask("GET", "/session")).status == 401


async def test_a_wrong_password_and_a_person_are_kept_out(house):
    await house.services.auth.set_password(house.accounts["kim@a.example"].id, WORDS)
    page = Client(house.app)
    for login, secret, status in (
        ("admin@a.example", "wrong words here", 401),
        ("nobody@a.example", WORDS, 401),
        ("kim@a.example", WORDS, 403),
    ):
        reply = await page.ask("POST", "/session", {"address": login, "password": secret})
        assert (reply.status, page.cookie) == (status, ""), login
    reply = await page.ask(
        "POST", "/session", {"address": "kim@a.example", "password": WORDS}, {"origin": "https://x.test"}
    )
    assert reply.status == 403


async def test_a_session_proves_itself_anew(house):
    page = await signed_in(house)
    asked = await page.do("POST", "/session/proof")
    assert asked["kinds"] == ["password"]
    given = {"challenge": asked["challenge"], "kind": "password"}
    assert (await page.ask("POST", "/session/proof/answer", {**given, "response": {"password": "no"}})).status == 401
    asked = await page.do("POST", "/session/proof")
    given["challenge"] = asked["challenge"]
    await page.do("POST", "/session/proof/answer", {**given, "response": {"password": WORDS}}, 204)


async def test_a_session_that_owes_a_proof_may_pay_it_and_nothing_else(house, monkeypatch):
    page = await signed_in(house)
    session = house.services.auth.session

    async def owing_session(token, origin, *, active=True, owing=False):
        if not owing:
            raise ProofNeeded("factor")
        return await session(token, origin, active=active, owing=True)

    monkeypatch.setattr(type(house.services.auth), "session", staticmethod(owing_session))
    reply = await page.ask("GET", "/accounts")
    assert (reply.status, reply.json["code"], reply.json["wants"]) == (403, "proof_needed", ["factor"])
    assert (await page.ask("GET", "/session")).status == 200
    assert (await page.ask("POST", "/session/proof")).status == 200
    assert (await page.ask("DELETE", "/session")).status == 204


async def test_a_key_proves_nothing(house, client):
    asked = {"label": "x", "permissions": ["group.read"], "expiresAt": f"{day(30)}T00:00:00Z"}
    made = await client.do("POST", "/keys", asked, 201)
    assert (await Client(house.app, key=made["secret"]).ask("POST", "/session/proof")).status == 403


async def test_dangerous_acts_want_a_proof_of_minutes(house):
    page = await signed_in(house)
    me = await page.get("/session")
    rule = {"knob": "login.app-passwords", "scope": f"organization:{me['organizationId']}", "value": False}
    kim = house.accounts["kim@a.example"].id
    dangerous = [operation for operation in OPERATIONS if operation.is_dangerous]
    names = {operation.path.split("/")[1] for operation in dangerous}
    assert {"policy", "policy-changes", "keys", "roles", "role-assignments", "accounts", "purges", "webhooks"} <= names
    asked = [
        ("POST", "/policy/rules", rule),
        ("POST", "/keys", {"label": "x", "permissions": ["group.read"], "expiresAt": f"{day(30)}T00:00:00Z"}),
        ("POST", f"/accounts/{kim}/setup-link", b""),
    ]
    key = await page.do("POST", "/keys", asked[1][2], 201)
    page.cookie = (await kept_alive(house, "admin@a.example")).cookie
    for method, url, body in asked:
        reply = await page.ask(method, url, body)
        assert (reply.status, reply.json["code"], reply.json["wants"]) == (403, "proof_needed", ["step-up"]), url
    assert (await page.ask("POST", "/groups", {"name": "x"})).status == 201
    # A program's key was made by who had proved themselves; it carries its own permissions and no others.
    assert (await Client(house.app, key=key["secret"]).ask("POST", "/policy/rules", rule)).status == 403
    challenge = (await page.do("POST", "/session/proof"))["challenge"]
    given = {"challenge": challenge, "kind": "password", "response": {"password": WORDS}}
    await page.do("POST", "/session/proof/answer", given, 204)
    for method, url, body in asked:
        assert (await page.ask(method, url, body)).status in {200, 201}, url


async def kept_alive(house, login: str) -> Client:
    """Return a page whose session was used a moment ago and proved long ago."""
    account = house.accounts[login]
    token = await house.services.auth.open_session(house.actor(await house.store.account(account.id)))
    row = await house.store.session(token_hash(token))
    await house.store.put_session(replace(row, proved_at=row.proved_at - 11 * 60_000))
    return Client(house.app, cookie=f"__Host-smartmail-admin={house.services.admin_api.keys.session_token(token)}")
