"""What every operation of the admin API has in common."""

import hashlib

from tests.admin_api.admin_house import Client, open_admin_house
from tests.house.clock import day

from smartmail.edge.httpd.admin.limits import AdminLimits
from smartmail.edge.httpd.admin.table import OPERATIONS


async def test_nobody_is_let_in_without_proof(house):
    nobody = Client(house.app)
    for operation in OPERATIONS:
        if not operation.public:
            path = operation.path.replace("{", "").replace("}", "")
            reply = await nobody.ask(operation.method, path)
            assert reply.status == 401, operation
            assert reply.json["code"] == "auth_failed"
            assert "Bearer" in reply.headers["www-authenticate"]


async def test_a_session_of_the_webmail_opens_nothing_here(house):
    account = house.accounts["admin@a.example"]
    token = await house.services.auth.open_session(house.actor(account))
    for cookie in (
        f"__Host-smartmail-admin={token}",
        f"__Host-smartmail={token}",
        f"__Host-smartmail-admin={token}.00",
    ):
        assert (await Client(house.app, cookie=cookie).ask("GET", "/accounts")).status == 401
    assert (await Client(house.app, key=token).ask("GET", "/accounts")).status == 401
    marked = house.services.admin_api.keys.session_token(token)
    assert (await Client(house.app, cookie=f"__Host-smartmail-admin={marked}").ask("GET", "/accounts")).status == 200


async def test_a_foreign_page_changes_nothing(house, client):
    client.page = False
    assert (await client.ask("GET", "/accounts")).status == 200
    reply = await client.ask("POST", "/groups", {"name": "x"})
    assert (reply.status, reply.json["code"]) == (403, "forbidden")
    client.page = True
    reply = await client.ask("POST", "/groups", {"name": "x"}, {"origin": "https://evil.test"})
    assert reply.status == 403


async def test_who_administers_nothing_sees_nothing(house):
    kim = await house.client("kim@a.example")
    for url in ("/accounts", "/domains", "/groups", "/policy/rules", "/holds", "/audit-records", "/tasks", "/webhooks"):
        assert (await kim.ask("GET", url)).status == 403, url
    assert (await kim.get("/session"))["holdings"] == []


async def test_pages_go_through_everything_once(house, client):
    for number in range(7):
        await client.do("POST", "/groups", {"name": f"group {number}"}, 201)
    seen, after = [], ""
    while after is not None:
        page = await client.get(f"/groups?limit=3&after={after}")
        assert len(page["items"]) <= 3
        seen += [one["name"] for one in page["items"]]
        after = page["next"]
    assert seen == [f"group {number}" for number in range(7)]
    accounts, after = [], ""
    while after is not None:
        page = await client.get(f"/accounts?limit=2&after={after}")
        accounts += [one["address"] for one in page["items"]]
        after = page["next"]
    assert accounts == ["admin@a.example", "kim@a.example", "lee@a.example"]


async def test_values_that_cannot_be_are_refused(client):
    for method, url, body in (
        ("GET", "/groups?limit=0", b""),
        ("GET", "/groups?limit=501", b""),
        ("GET", "/groups?limit=x", b""),
        ("GET", "/groups?what=1", b""),
        ("GET", "/groups?limit=1&limit=2", b""),
        ("GET", "/accounts?after=x", b""),
        ("POST", "/groups", {"name": "x", "color": 1}),
        ("POST", "/groups", {"name": ""}),
        ("POST", "/groups", {"name": "x", "priority": 10**9}),
        ("POST", "/groups", [1]),
        ("POST", "/groups", {"name": "a\0"}),
        ("GET", "/search?find=a%00", b""),
        ("GET", f"/queue?smaller={10**25}", b""),
        ("POST", "/queue/dry-run", {"marks": {"smaller": 10**25}}),
        ("POST", "/policy/rules", {"knob": "message.max-octets", "scope": {"level": "system"}, "value": 10**25}),
    ):
        reply = await client.ask(method, url, body)
        assert (reply.status, reply.json["code"]) == (400, "invalid"), (url, body, reply.body)
        assert reply.headers["content-type"] == "application/problem+json"
    assert (await client.ask("POST", "/groups", b"{", {"content-type": "application/json"})).status == 400
    assert (await client.ask("POST", "/groups", b"name=x", {"content-type": "text/plain"})).status == 415
    # A backslash before it makes six plain characters of it.
    await client.do("POST", "/groups", {"name": "a\\u0000"}, 201)
    reply = await client.ask("PUT", "/groups")
    assert (reply.status, reply.headers["allow"]) == (405, "GET, POST")


async def test_errors_speak_the_readers_language(client):
    reply = await client.ask(
        "GET", "/groups/99", headers={"accept-language": "ko-KR,en;q=0.5", "x-request-id": "abcdef-12"}
    )
    assert reply.status == 404
    assert reply.headers["content-language"] == "ko"
    assert reply.json == {
        "type": "about:blank",
        "title": "찾을 수 없습니다",
        "status": 404,
        "code": "not_found",
        "requestId": "abcdef-12",
    }
    assert reply.headers["x-request-id"] == "abcdef-12"


async def test_etags_are_compared_before_a_change(client):
    made = await client.do("POST", "/groups", {"name": "one"}, 201)
    url = f"/groups/{made['id']}"
    first = await client.ask("GET", url)
    tag = first.headers["etag"]
    again = await client.ask("GET", url, headers={"if-none-match": tag})
    assert (again.status, again.body) == (304, b"")
    await client.do("PATCH", url, {"name": "two"}, 200, if_match=tag)
    refused = await client.ask("PATCH", url, {"name": "three"}, {"if-match": tag})
    assert (refused.status, refused.json["code"]) == (412, "state_mismatch")
    assert (await client.get(url))["name"] == "two"
    await client.do("DELETE", url, b"", 412, if_match=tag)
    await client.do("DELETE", url, b"", 204, if_match="*")
    await client.do("GET", url, b"", 404)


async def test_a_merge_patch_leaves_what_it_does_not_name(house, client):
    kim = house.accounts["kim@a.example"].id
    kind = "application/merge-patch+json"
    await client.do("PATCH", f"/accounts/{kim}", {"quota": 1000}, content_type=kind)
    assert (await client.do("PATCH", f"/accounts/{kim}", {}, content_type=kind))["quota"] == 1000
    assert (await client.do("PATCH", f"/accounts/{kim}", {"quota": None}, content_type=kind))["quota"] is None
    assert (await client.do("PATCH", f"/accounts/{kim}", {"state": "closed"}))["state"] == "closed"
    assert (await client.do("PATCH", f"/accounts/{kim}", {"state": "active"}))["state"] == "active"


async def test_a_key_of_idempotency_does_a_thing_once(house, client):
    first = await client.ask("POST", "/groups", {"name": "one"}, {"idempotency-key": "k"})
    again = await client.ask("POST", "/groups", {"name": "one"}, {"idempotency-key": "k"})
    assert (first.status, again.status, first.body) == (201, 201, again.body)
    assert len((await client.get("/groups"))["items"]) == 1
    other = await client.ask("POST", "/groups", {"name": "two"}, {"idempotency-key": "k"})
    assert (other.status, other.json["code"]) == (422, "idempotency_mismatch")
    assert (await client.ask("POST", "/groups", {"name": "two"}, {"idempotency-key": "é"})).status == 400
    # Somebody else's key of the same name is another key.
    others = await house.client("admin@b.example")
    assert (await others.ask("POST", "/groups", {"name": "two"}, {"idempotency-key": "k"})).status == 201
    house.clock.go(24 * 3600 * 1000 + 1)
    client = await house.client("admin@a.example")
    assert (await client.ask("POST", "/groups", {"name": "two"}, {"idempotency-key": "k"})).status == 201
    house.clock.go(24 * 3600 * 1000 + 1)
    assert await house.services.admin_api.answers.forget() == 2


async def test_what_failed_may_be_tried_again_with_its_key(client):
    await client.do("POST", "/groups", {"name": "one"}, 201)
    assert (await client.ask("POST", "/groups", {"name": "one"}, {"idempotency-key": "k"})).status == 409
    assert (await client.ask("POST", "/groups", {"name": "two"}, {"idempotency-key": "k"})).status == 201


async def test_secrets_in_kept_answers_are_sealed(house, client):
    kim, admin = house.accounts["kim@a.example"].id, house.accounts["admin@a.example"]
    made = await client.do("POST", f"/accounts/{kim}/setup-link", b"", 201, idempotency_key="k")
    again = await client.do("POST", f"/accounts/{kim}/setup-link", b"", 201, idempotency_key="k")
    assert again == made
    key = hashlib.sha256(b"session:0:k").digest()[:16]
    kept = await house.store.claim_answer(admin.id, key, b"other", house.clock.now(), house.clock.now() + 1)
    assert kept.status == 201
    assert made["token"].encode() not in kept.sealed_answer


async def test_reasons_are_kept_sealed_beside_the_act(house, client):
    await client.do("POST", "/groups", {"name": "one"}, 201, x_reason="%EC%A0%84%ED%99%94%20%EC%9A%94%EC%B2%AD")
    rows = [row for row in await house.store.unchained_records("audit", 0, 100) if row.record.action == "act.reason"]
    assert [row.record.object for row in rows] == ["post_groups /admin/v1/groups"]
    assert "전화".encode() not in rows[0].record.sealed_detail
    assert (await client.ask("POST", "/groups", {"name": "x"}, {"x-reason": "%ff"})).status == 400


async def test_too_many_calls_are_told_to_wait(tmp_path):
    async with open_admin_house(tmp_path / "d", AdminLimits(burst=3, per_second=0.001)) as house:
        client = await house.client("admin@a.example")
        codes = [(await client.ask("GET", "/session")).status for _ in range(5)]
        assert codes == [200, 200, 200, 429, 429]
        assert (await client.ask("GET", "/session")).headers["retry-after"] == "1"
        assert (await (await house.client("admin@b.example")).ask("GET", "/session")).status == 200


async def test_a_key_does_no_more_than_is_on_it(house, client):
    until = f"{day(30)}T00:00:00Z"
    asked = {"label": "기계", "permissions": ["group.read", "group.change"], "expiresAt": until}
    made = await client.do("POST", "/keys", asked, 201)
    program = Client(house.app, key=made["secret"], page=False)
    await program.do("POST", "/groups", {"name": "one"}, 201)
    assert len((await program.get("/groups"))["items"]) == 1
    for url in ("/accounts", "/domains", "/keys", "/audit-records"):
        assert (await program.ask("GET", url)).status == 403, url
    shown = (await client.get("/keys"))["items"]
    assert [(one["label"], "secret" in one) for one in shown] == [("기계", False)]
    await client.do("DELETE", f"/keys/{made['id']}", b"", 204)
    assert (await program.ask("GET", "/groups")).status == 401


async def test_a_key_ends_and_comes_from_its_networks_only(house, client):
    asked = {"label": "x", "permissions": ["group.read"], "expiresAt": f"{day(30)}T00:00:00Z"}
    near = await client.do("POST", "/keys", {**asked, "networks": ["127.0.0.0/8"]}, 201)
    far = await client.do("POST", "/keys", {**asked, "networks": ["192.0.2.0/24"]}, 201)
    assert (await Client(house.app, key=near["secret"]).ask("GET", "/groups")).status == 200
    assert (await Client(house.app, key=far["secret"]).ask("GET", "/groups")).status == 401
    for wrong in (
        {"permissions": []},
        {"permissions": ["fly"]},
        {"expiresAt": "2020-01-01T00:00:00Z"},
        {"networks": ["x"]},
    ):
        assert (await client.ask("POST", "/keys", {**asked, **wrong})).status == 400, wrong
    house.clock.go(40 * 24 * 3600 * 1000)
    assert (await Client(house.app, key=near["secret"]).ask("GET", "/groups")).status == 401


async def test_a_key_makes_no_keys_and_ends_with_its_account(house, client):
    asked = {"label": "x", "permissions": ["role.change", "group.read"], "expiresAt": f"{day(30)}T00:00:00Z"}
    made = await client.do("POST", "/keys", asked, 201)
    program = Client(house.app, key=made["secret"])
    assert (await program.ask("POST", "/keys", asked)).status == 403
    assert (await program.ask("GET", "/groups")).status == 200
    await house.store.update_account(house.accounts["admin@a.example"].id, state="closed")
    assert (await program.ask("GET", "/groups")).status == 401


async def test_a_kept_answer_is_for_who_got_it_and_still_may(house, client):
    until, kim = f"{day(30)}T00:00:00Z", house.accounts["kim@a.example"].id
    programs = []
    for permission in ("account.secrets", "group.read"):
        asked = {"label": "x", "permissions": [permission], "expiresAt": until}
        programs.append(Client(house.app, key=(await client.do("POST", "/keys", asked, 201))["secret"]))
    able, other = programs
    url, fields = f"/accounts/{kim}/setup-link", {"idempotency-key": "k"}
    told = await able.ask("POST", url, b"", fields)
    assert told.status == 201
    assert (await able.ask("POST", url, b"", fields)).body == told.body
    assert (await other.ask("POST", url, b"", fields)).status == 403
    await house.store.update_account(house.accounts["admin@a.example"].id, is_admin=False)
    house.clock.go(2_000)
    assert (await able.ask("POST", url, b"", fields)).status == 403
