"""A program is let in by a person: registration, consent, code, tokens, and every way in which it must not work."""

import base64
import hashlib
import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from tests.jmap_server.jmap_house import Browser

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AuthFailed
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.service.kernel.clock import DAY, HOUR, MINUTE

REDIRECT = "http://127.0.0.1/answer"
VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
FORM = {"content-type": "application/x-www-form-urlencoded"}
ADMIN = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))


class Later:
    """The clock of the house, moved forward."""

    def __init__(self, clock) -> None:
        self._clock = clock
        self.ahead = 0

    def now(self) -> int:
        return self._clock.now() + self.ahead

    def __getattr__(self, name):
        return getattr(self._clock, name)


@pytest.fixture
def later(house):
    clock = Later(house.services.oauth._clock)  # noqa: SLF001
    for service in (house.services.oauth, house.services.oauth.consents, house.services.auth):
        service._clock = clock  # noqa: SLF001
    return clock


class Program:
    """A mail program: no cookie, no header of ours."""

    def __init__(self, app) -> None:
        self.http = Browser(app, page=False)
        self.id = ""

    async def register(self, name: str = "Mail Program", *redirects: str) -> None:
        answer = await self.http.ask(
            "POST", "/oauth/register", {"client_name": name, "redirect_uris": list(redirects or (REDIRECT,))}
        )
        assert answer.status == 201
        self.id = answer.json["client_id"]

    def wish(self, **more: str) -> str:
        fields = {
            "response_type": "code", "client_id": self.id, "redirect_uri": "http://127.0.0.1:43210/answer",
            "scope": "mail", "state": "s 1", "code_challenge": CHALLENGE, "code_challenge_method": "S256", **more,
        }  # fmt: skip
        return f"/oauth/authorize?{urlencode({name: value for name, value in fields.items() if value})}"

    async def token(self, **fields: str):
        body = urlencode({"client_id": self.id, **fields}).encode()
        return await self.http.ask("POST", "/oauth/token", body, FORM)

    async def exchange(self, code: str, **more: str):
        return await self.token(**{
            "grant_type": "authorization_code", "code": code, "redirect_uri": "http://127.0.0.1:43210/answer",
            "code_verifier": VERIFIER, **more,
        })  # fmt: skip

    async def refresh(self, token: str, **more: str):
        return await self.token(grant_type="refresh_token", refresh_token=token, **more)


@pytest.fixture
async def program(house):
    made = Program(house.app)
    await made.register()
    return made


async def decide(browser, url: str, answer: str = "allow", **more):
    """Open the page, press a button; return the fields that the program gets."""
    page = await browser.ask("GET", url)
    assert page.status == 200, page.body
    ticket = re.search(rb'name="ticket" value="([^"]+)"', page.body)[1].decode()
    headers = {**FORM, "origin": f"https://{browser.host}", **more}
    return await browser.ask(
        "POST", "/oauth/authorize", urlencode({"ticket": ticket, "answer": answer}).encode(), headers
    )


def told(reply) -> dict[str, str]:
    assert reply.status == 303
    return {name: values[0] for name, values in parse_qs(urlsplit(reply.headers["location"]).query).items()}


async def code_of(browser, program, **more: str) -> str:
    return told(await decide(browser, program.wish(**more)))["code"]


async def opens(house, token: str, door: str = "imap") -> str:
    actor = await house.services.auth.login_token(token, Origin(door, "192.0.2.7", tls=True))
    return actor.login


async def test_from_registration_to_mail(house, browser, program) -> None:
    where = (await program.http.ask("GET", "/.well-known/oauth-authorization-server")).json
    assert where["issuer"] == f"https://{program.http.host}"
    assert where["token_endpoint"] == f"{where['issuer']}/oauth/token"
    assert where["code_challenge_methods_supported"] == ["S256"]
    page = await browser.ask("GET", program.wish())
    assert b"Mail Program" in page.body and b"kim@a.example" in page.body and b"<script" not in page.body
    assert "form-action 'self' http://127.0.0.1:43210;" in page.headers["content-security-policy"] + ";"
    assert page.headers["referrer-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    reply = await decide(browser, program.wish())
    assert reply.headers["location"].startswith("http://127.0.0.1:43210/answer?code=")
    assert (told(reply)["state"], told(reply)["iss"]) == ("s 1", where["issuer"])
    answer = await program.exchange(told(reply)["code"])
    assert answer.status == 200 and answer.headers["cache-control"] == "no-store"
    tokens = answer.json
    assert (tokens["token_type"], tokens["expires_in"], tokens["scope"]) == ("Bearer", 3600, "mail")
    assert await opens(house, tokens["access_token"]) == "kim@a.example"
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    assert (await program.http.ask("GET", "/jmap/session", headers=headers)).json["username"] == "kim@a.example"
    # It stands among the credentials under the program's name, and dies with it.
    [one] = [row for row in await credentials(house) if row.kind == "token"]
    assert (one.label, one.scopes) == ("Mail Program", ("mail",))
    await house.services.auth.delete_credential(await actor_of(house), one.id)
    with pytest.raises(AuthFailed):
        await opens(house, tokens["access_token"])
    assert (await program.refresh(tokens["refresh_token"])).json["error"] == "invalid_grant"


async def actor_of(house):
    account = house.accounts["kim@a.example"]
    return Actor(account.id, account.organization_id, account.login, is_admin=False, origin=Origin("web"))


async def credentials(house):
    return await house.services.auth.credentials(await actor_of(house))


@pytest.mark.parametrize("state", ["suspended", "closed"])
async def test_an_account_that_may_not_log_in_gets_no_new_tokens(house, browser, program, state) -> None:
    tokens = (await program.exchange(await code_of(browser, program))).json
    kim = house.accounts["kim@a.example"]
    record = AuditRecord(0, "cli", "account.state", f"account:{kim.id}")
    await house.store.set_account_state(kim.id, state, record)
    refused = await program.refresh(tokens["refresh_token"])
    assert (refused.status, refused.json["error"]) == (400, "invalid_grant")
    # The refresh token was not used up: it is good again when the account is.
    await house.store.set_account_state(kim.id, "active", record)
    assert (await program.refresh(tokens["refresh_token"])).status == 200


async def test_a_code_that_comes_twice_ends_what_it_gave(house, browser, program) -> None:
    code = await code_of(browser, program)
    tokens = (await program.exchange(code)).json
    assert await opens(house, tokens["access_token"]) == "kim@a.example"
    # Whoever has it a second time need not even know the verifier: somebody else has seen the code.
    again = await program.exchange(code, code_verifier="w" * 43)
    assert (again.status, again.json["error"]) == (400, "invalid_grant")
    with pytest.raises(AuthFailed):
        await opens(house, tokens["access_token"])
    assert (await program.refresh(tokens["refresh_token"])).json["error"] == "invalid_grant"
    assert [row for row in await credentials(house) if row.kind == "token"] == []


async def test_doors_are_what_was_asked_for(house, browser, program) -> None:
    tokens = (await program.exchange(await code_of(browser, program, scope="openid imap smtp"))).json
    assert tokens["scope"] == "imap smtp"
    assert await opens(house, tokens["access_token"], "smtp") == "kim@a.example"
    with pytest.raises(AuthFailed):
        await opens(house, tokens["access_token"], "pop3")


async def test_a_person_may_refuse(browser, program) -> None:
    assert told(await decide(browser, program.wish(), "deny"))["error"] == "access_denied"


async def test_who_is_not_signed_in_comes_again_and_then_signs_in(house, program) -> None:
    visitor = Browser(house.app, page=False)
    first = await visitor.ask("GET", program.wish())
    target = re.search(rb'content="0;url=([^"]+)"', first.body)[1].decode().replace("&amp;", "&")
    assert target == program.wish() + "&again=1"
    second = await visitor.ask("GET", target)
    assert second.status == 303
    assert parse_qs(urlsplit(second.headers["location"]).query)["return"] == [target]


@pytest.mark.parametrize(
    "more",
    [
        {"redirect_uri": "http://127.0.0.1:1/other"},
        {"redirect_uri": "https://evil.example/answer"},
        {"redirect_uri": "http://127.0.0.1:1/answer#x"},
        {"redirect_uri": ""},
        {"client_id": "nobody"},
        {"client_id": ""},
    ],
)
async def test_nothing_is_sent_to_a_place_that_is_not_known(browser, program, more) -> None:
    answer = await browser.ask("GET", program.wish(**more))
    assert answer.status == 400 and "location" not in answer.headers


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"scope": "everything"}, "invalid_scope"),
        ({"state": "x" * 3000}, "invalid_request"),
    ],
)
async def test_a_wrong_request_is_told_to_the_program(browser, program, more, fault) -> None:
    assert told(await browser.ask("GET", program.wish(**more)))["error"] == fault


async def test_a_wrong_request_leads_to_no_foreign_page(house, browser) -> None:
    site = Program(house.app)
    await site.register("Site", "https://site.example/answer")
    reply = await browser.ask("GET", site.wish(redirect_uri="https://site.example/answer", response_type="token"))
    assert reply.status == 400 and "location" not in reply.headers
    asked = await decide(browser, site.wish(redirect_uri="https://site.example/answer"))
    assert asked.headers["location"].startswith("https://site.example/answer?code=")


async def test_a_foreign_page_cannot_agree(house, browser, program) -> None:
    for origin in ("https://evil.example", "null", ""):
        reply = await decide(browser, program.wish(), origin=origin)
        assert reply.status == 403
    # Nor with the ticket of another session.
    page = await browser.ask("GET", program.wish())
    ticket = re.search(rb'name="ticket" value="([^"]+)"', page.body)[1].decode()
    choi = await house.browser("choi@a.example")
    headers = {**FORM, "origin": f"https://{choi.host}"}
    for one in (ticket, ticket[:-8] + "AAAAAAAA", "", "%%%"):
        body = urlencode({"ticket": one, "answer": "allow"}).encode()
        assert (await choi.ask("POST", "/oauth/authorize", body, headers)).status == 400


async def test_a_page_left_open_is_too_late(browser, program, later) -> None:
    page = await browser.ask("GET", program.wish())
    ticket = re.search(rb'name="ticket" value="([^"]+)"', page.body)[1].decode()
    later.ahead = 10 * MINUTE
    headers = {**FORM, "origin": f"https://{browser.host}"}
    body = urlencode({"ticket": ticket, "answer": "allow"}).encode()
    assert (await browser.ask("POST", "/oauth/authorize", body, headers)).status == 400


async def test_a_code_is_good_once_for_one_program_and_a_minute(house, browser, program, later) -> None:
    code = await code_of(browser, program)
    assert (await program.exchange(code)).status == 200
    assert (await program.exchange(code)).json["error"] == "invalid_grant"
    other = Program(house.app)
    await other.register("Other", REDIRECT)
    assert (await other.exchange(await code_of(browser, program))).json["error"] == "invalid_grant"
    for more in ({"code_verifier": "w" * 50}, {"code_verifier": ""}, {"redirect_uri": REDIRECT}):
        assert (await program.exchange(await code_of(browser, program), **more)).json["error"] == "invalid_grant"
    code = await code_of(browser, program)
    later.ahead = MINUTE
    assert (await program.exchange(code)).json["error"] == "invalid_grant"
    assert (await program.token(grant_type="password")).json["error"] == "unsupported_grant_type"


async def test_a_code_dies_with_the_password(house, browser, program) -> None:
    code = await code_of(browser, program)
    await house.services.auth.set_password(house.accounts["kim@a.example"].id, "another long secret 7")
    assert (await program.exchange(code)).json["error"] == "invalid_grant"


async def test_tokens_run_out_and_are_renewed(house, browser, program, later) -> None:
    first = (await program.exchange(await code_of(browser, program))).json
    later.ahead = HOUR
    with pytest.raises(AuthFailed):
        await opens(house, first["access_token"])
    # A refresh token opens no door itself.
    with pytest.raises(AuthFailed):
        await opens(house, first["refresh_token"])
    second = (await program.refresh(first["refresh_token"])).json
    assert await opens(house, second["access_token"]) == "kim@a.example"
    assert second["refresh_token"] != first["refresh_token"]
    # The answer got lost: asked again at once it comes again.
    assert (await program.refresh(first["refresh_token"])).status == 200
    later.ahead += 90 * DAY
    assert (await program.refresh(second["refresh_token"])).json["error"] == "invalid_grant"


async def test_a_stolen_refresh_token_ends_everything(house, browser, program, later) -> None:
    first = (await program.exchange(await code_of(browser, program))).json
    second = (await program.refresh(first["refresh_token"])).json
    later.ahead = 2 * MINUTE
    assert (await program.refresh(first["refresh_token"])).json["error"] == "invalid_grant"
    with pytest.raises(AuthFailed):
        await opens(house, second["access_token"])
    assert (await program.refresh(second["refresh_token"])).json["error"] == "invalid_grant"
    assert [row for row in await credentials(house) if row.kind == "token"] == []


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
async def test_a_program_gives_its_access_back(house, browser, program, which) -> None:
    tokens = (await program.exchange(await code_of(browser, program))).json
    other = Program(house.app)
    await other.register("Other", REDIRECT)
    for one, stands in ((other, True), (program, False)):
        body = urlencode({"client_id": one.id, "token": tokens[which]}).encode()
        assert (await one.http.ask("POST", "/oauth/revoke", body, FORM)).status == 200
        assert bool([row for row in await credentials(house) if row.kind == "token"]) is stands
    with pytest.raises(AuthFailed):
        await opens(house, tokens["access_token"])


async def test_policy_may_allow_none(house, browser, program) -> None:
    code = await code_of(browser, program)
    await house.services.governing.set_knob(ADMIN, PolicyRule("login.access-tokens", Scope("system"), value=False))
    assert (await program.exchange(code)).json["error"] == "unauthorized_client"


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        ({"client_name": "x", "redirect_uris": ["http://evil.example/"]}, "invalid_redirect_uri"),
        ({"client_name": "x", "redirect_uris": ["javascript:alert(1)"]}, "invalid_redirect_uri"),
        ({"client_name": "x", "redirect_uris": ["http://127.0.0.1@evil.example/"]}, "invalid_redirect_uri"),
        ({"client_name": "x", "redirect_uris": ["http://127.0.0.1:99999999/"]}, "invalid_redirect_uri"),
        ({"client_name": "x", "redirect_uris": []}, "invalid_redirect_uri"),
        ({"client_name": "x", "redirect_uris": "http://127.0.0.1/"}, "invalid_redirect_uri"),
        ({"client_name": " ", "redirect_uris": [REDIRECT]}, "invalid_client_metadata"),
        (b"[]", "invalid_client_metadata"),
        (b"{", "invalid_client_metadata"),
    ],
)
async def test_what_is_not_registered(house, document, fault) -> None:
    answer = await Browser(house.app, page=False).ask("POST", "/oauth/register", document)
    assert (answer.status, answer.json["error"]) == (400, fault)


async def test_own_schemes_are_served(house, browser) -> None:
    phone = Program(house.app)
    await phone.register("폰 메일", "com.example.mail:/answer")
    reply = await decide(browser, phone.wish(redirect_uri="com.example.mail:/answer"))
    assert reply.headers["location"].startswith("com.example.mail:/answer?code=")
    page = await browser.ask("GET", phone.wish(redirect_uri="com.example.mail:/answer"))
    assert "폰 메일".encode() in page.body


async def test_old_rows_go(house, browser, program, later) -> None:
    await program.exchange(await code_of(browser, program))
    await code_of(browser, program)
    assert await house.services.oauth.forget() == 0
    later.ahead = 2 * DAY
    assert await house.services.oauth.forget() == 3  # both codes, the access token
    later.ahead = 92 * DAY
    assert await house.services.oauth.forget() == 1


async def test_a_form_of_too_many_fields_is_a_wrong_form(program) -> None:
    body = "&".join(f"f{number}=1" for number in range(200)).encode()
    for path in ("/oauth/token", "/oauth/revoke"):
        assert (await program.http.ask("POST", path, body, FORM)).status == 400
