"""Sign-in, set-up, host names, assets, redirects, errors."""

import base64

import pytest
from tests.jmap_server.jmap_house import PASSWORD, Browser, open_house

from smartmail.edge.httpd import security
from smartmail.edge.httpd.app import WebConfig, make_redirect


async def test_sign_in_and_out(house):
    lee = await house.person("lee@a.example", PASSWORD, language="ko", department="영업")
    browser = Browser(house.app)
    reply = await browser.ask("POST", "/auth/login", {"address": "Lee@A.example", "password": PASSWORD})
    assert reply.status == 204
    cookie = reply.headers["set-cookie"]
    assert cookie.startswith("__Host-smartmail=")
    for attribute in ("Path=/", "Secure", "HttpOnly", "SameSite=Strict"):
        assert attribute in cookie
    me = (await browser.ask("GET", "/auth/me")).json
    assert (me["accountId"], me["address"], me["department"], me["admin"]) == (
        f"a{lee.id}",
        "lee@a.example",
        "영업",
        False,
    )
    kept = browser.cookie
    reply = await browser.ask("POST", "/auth/logout")
    assert reply.status == 204 and "Max-Age=0" in reply.headers["set-cookie"]
    browser.cookie = kept
    assert (await browser.ask("GET", "/auth/me")).status == 401


async def test_refused_sign_ins(house):
    await house.person("lee@a.example", PASSWORD)
    browser = Browser(house.app)
    right = {"address": "lee@a.example", "password": PASSWORD}
    assert (await browser.ask("POST", "/auth/login", {**right, "password": "wrong"})).status == 401
    assert (await browser.ask("POST", "/auth/login", {**right, "address": "nobody@a.example"})).status == 401
    assert (await browser.ask("POST", "/auth/login", {"address": "x"})).status == 400
    assert (await browser.ask("POST", "/auth/login", b"not json")).status == 400
    assert (await browser.ask("POST", "/auth/login", b"[" * 16_000)).status == 400
    assert (await browser.ask("POST", "/auth/login", b"x" * 20_000)).status == 413
    browser.page = False
    assert (await browser.ask("POST", "/auth/login", right)).status == 403
    assert (await browser.ask("POST", "/auth/login", right, {"x-smartmail": "1", "origin": "null"})).status == 403
    assert (await browser.ask("GET", "/auth/login")).status == 405
    assert browser.cookie == ""


async def test_basic_and_challenges(house):
    await house.person("lee@a.example", PASSWORD)
    client = Browser(house.app, page=False)
    basic = base64.b64encode(f"lee@a.example:{PASSWORD}".encode()).decode()
    reply = await client.ask("GET", "/jmap/session", headers={"authorization": f"Basic {basic}"})
    assert reply.status == 200 and reply.json["username"] == "lee@a.example"
    for value in ("Basic !!!", "Basic " + base64.b64encode(b"\xff").decode(), "Bearer nothing", "Digest x", "Basic"):
        reply = await client.ask("GET", "/jmap/session", headers={"authorization": value})
        assert reply.status == 401 and reply.headers["www-authenticate"].startswith("Basic"), value
    reply = await client.ask("GET", "/jmap/session", headers={"sec-fetch-mode": "cors"})
    assert reply.status == 401 and "www-authenticate" not in reply.headers


async def test_a_page_on_which_nobody_has_signed_in_hears_so_without_an_error(house, browser):
    own = {"sec-fetch-site": "same-origin"}
    visitor = Browser(house.app)
    reply = await visitor.ask("GET", "/jmap/session", headers=own)
    assert (reply.status, reply.body) == (204, b"")
    assert (await browser.ask("GET", "/jmap/session", headers=own)).json["username"]
    # A session that has ended, a password that is wrong and pages of others hear 401 all the same.
    for each, headers in (
        (Browser(house.app, cookie=f"{security.COOKIE}=ended"), own),
        (visitor, own | {"authorization": "Basic eDp5"}),
        (visitor, {"sec-fetch-site": "cross-site"}),
        (visitor, {"sec-fetch-site": "same-site"}),
    ):
        assert (await each.ask("GET", "/jmap/session", headers=headers)).status == 401, headers


async def test_one_time_link(house, kim):
    token = await house.services.auth.new_setup_link(kim.id)
    browser = Browser(house.app)
    assert (await browser.ask("POST", "/auth/setup", {"token": token, "password": "short"})).status == 400
    reply = await browser.ask("POST", "/auth/setup", {"token": token, "password": "long enough"})
    assert (reply.status, reply.json) == (200, {"address": "kim@a.example"})
    assert (await browser.ask("POST", "/auth/setup", {"token": token, "password": "long enough"})).status == 401
    assert (
        await browser.ask("POST", "/auth/login", {"address": "kim@a.example", "password": "long enough"})
    ).status == 204


async def test_host_names(house, browser):
    for host in ("admin.test", "admin.test:10443", "files.test", "FILES.test"):
        visitor = Browser(house.app, host=host, cookie=browser.cookie)
        assert (await visitor.ask("GET", "/health")).status == 200
        for path in ("/jmap/session", f"/jmap/download/{browser.account}/x/y", "/auth/me"):
            assert (await visitor.ask("GET", path)).status == 404, (host, path)
        # The admin host has an app of its own (not built here), the content host none.
        assert (await visitor.ask("GET", "/")).status == (503 if "admin" in host else 404)
    session = (await Browser(house.app, host="127.0.0.1:10443", cookie=browser.cookie).ask("GET", "/jmap/session")).json
    assert session["apiUrl"] == "https://127.0.0.1:10443/jmap/api/"
    odd = Browser(house.app, host='x"><script>', cookie=browser.cookie)
    assert "script" not in (await odd.ask("GET", "/jmap/session")).json["apiUrl"]


async def test_session_addresses_lead_where_they_say(browser):
    from smartmail.proto.jmap.session import expand

    session = (await browser.ask("GET", "/jmap/session")).json
    blob = (await browser.ask("POST", expand(session["uploadUrl"], accountId=browser.account), b"abc")).json["blobId"]
    url = expand(session["downloadUrl"], accountId=browser.account, blobId=blob, name="a b/c?.txt", type="text/plain")
    reply = await browser.ask("GET", url)
    assert (reply.body, reply.headers["content-type"]) == (b"abc", "text/plain")
    stream = browser.open(expand(session["eventSourceUrl"], types="*", closeafter="no", ping="30"))
    assert await stream.next() == b": open\n\n"
    stream.leave.set()
    await stream.task
    reply = await browser.ask("GET", "/.well-known/jmap")
    assert (reply.status, reply.headers["location"]) == (307, "/jmap/session")
    answer = await browser.ask("POST", session["apiUrl"], {"using": ["urn:ietf:params:jmap:core"], "methodCalls": []})
    assert answer.json == {"methodResponses": [], "sessionState": session["state"]}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "notJSON"),
        (b"[]", "notRequest"),
        (b'{"using":["urn:x"],"methodCalls":[]}', "unknownCapability"),
        (b'{"using":[],"methodCalls":' + b"[" * 2000 + b"]" * 2000 + b"}", "notJSON"),
    ],
)
async def test_refused_requests(browser, body, kind):
    reply = await browser.ask("POST", "/jmap/api/", body, {"content-type": "application/json"})
    assert (reply.status, reply.json["type"]) == (400, f"urn:ietf:params:jmap:error:{kind}")
    assert reply.headers["content-type"] == "application/problem+json"
    assert (
        (await browser.ask("POST", "/jmap/api/", b"{}", {"content-type": "text/plain"}))
        .json["type"]
        .endswith("notJSON")
    )


async def test_assets(tmp_path):
    site = tmp_path / "site"
    (site / "assets").mkdir(parents=True)
    (site / ".vite").mkdir()
    (site / ".vite" / "manifest.json").write_text("{}")
    (site / "index.html").write_text("<title>mail</title>")
    (site / "setup.html").write_text("<title>setup</title>")
    (site / "assets" / "a-1234.js").write_text("1;" * 500)
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data", webmail=site) as house:
        browser = Browser(house.app)
        page = await browser.ask("GET", "/")
        assert (page.status, page.body, page.headers["cache-control"]) == (200, b"<title>mail</title>", "no-cache")
        assert "script-src 'self'" in page.headers["content-security-policy"]
        assert "https:" not in page.headers["content-security-policy"]
        assert (await browser.ask("GET", "/setup")).body == b"<title>setup</title>"
        assert (await browser.ask("GET", "/mail/inbox/e45")).body == page.body
        script = await browser.ask("GET", "/assets/a-1234.js", headers={"accept-encoding": "gzip"})
        assert script.headers["content-encoding"] == "gzip" and "immutable" in script.headers["cache-control"]
        for path in (
            "/assets/none.js",
            "/.vite/manifest.json",
            "/../secret.txt",
            "/%2e%2e/secret.txt",
            "/jmap/none",
            "/auth/none",
        ):
            assert (await browser.ask("GET", path)).status == 404, path
        assert (await browser.ask("POST", "/")).status == 405


async def test_before_the_webmail_is_built(house):
    reply = await Browser(house.app).ask("GET", "/")
    assert reply.status == 503 and b"npm" in reply.body


async def test_an_error_of_ours_tells_nothing(house, browser, monkeypatch):
    async def broken(*_args):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(house.services.mailboxes, "list_all", broken)
    assert await browser.error("Mailbox/get", ids=None) == "serverFail"
    monkeypatch.setattr(house.services.directory, "account", broken)
    reply = await browser.ask("GET", "/auth/me")
    assert reply.status == 500 and b"secret" not in reply.body


async def test_headers_of_every_answer(house):
    reply = await Browser(house.app).ask("GET", "/health")
    assert "require-trusted-types-for 'script'" in reply.headers["content-security-policy"]
    assert "camera=()" in reply.headers["permissions-policy"]
    for name in ("content-security-policy", "referrer-policy", "x-content-type-options", "strict-transport-security"):
        assert name in reply.headers
    assert (
        "strict-transport-security"
        not in (await Browser(house.app, host="localhost:10443").ask("GET", "/health")).headers
    )


@pytest.mark.parametrize(
    ("host", "url", "location"),
    [
        ("mail.test", "/a%20b?c=d%26e", "https://mail.test:10443/a%20b?c=d%26e"),
        ("mail.test:10080", "/", "https://mail.test:10443/"),
        ("[::1]:10080", "/", "https://[::1]:10443/"),
        ("[::1]", "/", "https://[::1]:10443/"),
        ("bad host", "/x", "https://mail.test:10443/x"),
        ("mail.test", "/x%0d%0aSet-Cookie:a", "https://mail.test:10443/x%0D%0ASet-Cookie%3Aa"),
    ],
)
async def test_plain_http_leads_to_https(host, url, location):
    reply = await Browser(
        make_redirect(None, WebConfig("mail.test", "admin.test", "files.test", 10443)), host=host
    ).ask("GET", url)
    assert (reply.status, reply.headers["location"]) == (308, location)
