"""/imports and /exports over HTTP: dry run in the reader's language, a job, undo, nothing of other companies."""

import base64
import hashlib

from smartmail.domain.principal import Origin

TABLE = "이메일,이름,부서\nnew@a.example,새사람,\nx@a.example,남,없는팀\n"


def content(text: str) -> str:
    return base64.b64encode(text.encode("cp949")).decode()


async def test_a_table_is_tried_brought_in_and_taken_back(house, client):
    body = {"kind": "people", "content": content(TABLE)}
    report = await client.do("POST", "/imports/dry-run", body, accept_language="ko")
    assert (report["counts"], report["errorCount"], report["columns"]["이름"]) == ({"make": 1}, 1, "name")
    [error] = report["errors"]
    assert (error["line"], error["column"], error["code"]) == (3, "부서", "no-such-department")
    assert "부서가 없습니다: 없는팀" in error["text"]
    assert (await client.ask("POST", "/imports", body)).status in {400, 422}
    begun = await client.do("POST", "/imports", {**body, "partly": True}, 202)
    assert await house.services.admin_api.jobs.turn() == 1
    url = f"/imports/{begun['importId']}"
    shown = await client.get(url)
    assert (shown["state"], shown["done"], shown["failed"]) == ("done", 1, 0)
    [line] = (await client.get(f"{url}/lines?ending=done"))["items"]
    assert (line["what"], line["key"], line["line"]) == ("make", "new@a.example", 2)
    [invited] = (await client.do("POST", f"{url}/invitations"))["items"]
    assert invited["login"] == "new@a.example"
    exported = await client.do("POST", "/exports", {"kind": "people", "reason": "연말 조직 점검을 위한 반출"})
    table = base64.b64decode(exported["content"]).decode("utf-8-sig")
    assert "new@a.example,새사람" in table
    assert "b.example" not in table
    other = await house.client("admin@b.example")
    assert (await other.get("/imports"))["items"] == []
    for method, rest in (("GET", ""), ("GET", "/lines"), ("POST", "/cancel"), ("POST", "/undo"), ("POST", "/resume"),
                         ("POST", "/invitations")):  # fmt: skip
        assert (await other.ask(method, url + rest)).status == 404, rest
    await client.do("POST", f"{url}/undo", status=202)
    await house.services.admin_api.jobs.turn()
    assert (await client.get(url))["state"] == "undone"
    assert await house.store.resolve(["new@a.example"]) == {}
    assert [one["id"] for one in (await client.get("/imports"))["items"]] == [begun["importId"]]


async def test_a_dry_run_says_whose_data_change_and_from_what_to_what(house, client):
    body = {"kind": "people", "content": content("이메일,이름\nnew@a.example,새사람\n")}
    await client.do("POST", "/imports", body, 202)
    assert await house.services.admin_api.jobs.turn() == 1
    body = {"kind": "people", "content": content("이메일,이름,휴대폰\nnew@a.example,최도진,010-1\n")}
    report = await client.do("POST", "/imports/dry-run", body)
    assert report["changeCount"] == 2
    one = {"what": "change", "line": 2, "key": "new@a.example", "name": "새사람"}
    assert report["changes"] == [
        {**one, "field": "name", "old": "새사람", "new": "최도진"},
        {**one, "field": "mobile", "old": "", "new": "010-1"},
    ]


async def test_what_is_no_table_is_refused(client):
    for wrong in ({"content": "%"}, {"content": ""}, {"content": content("a\n"), "encoding": "rot13"}):
        reply = await client.ask("POST", "/imports/dry-run", {"kind": "people", **wrong})
        assert 400 <= reply.status < 500


async def test_lists_and_shared_accounts_are_tables_too(house, client):
    for kind, text, key in (
        (
            "lists",
            "메일링리스트,이름,관리자,구성원\nnews@a.example,소식,admin@a.example,out@far.example\n",
            "news@a.example",
        ),
        ("shared", "공용메일,이름,관리자\nsales@a.example,영업,admin@a.example\n", "sales@a.example"),
    ):
        body = {"kind": kind, "content": content(text)}
        report = await client.do("POST", "/imports/dry-run", body)
        assert (report["counts"]["make"], report["errorCount"]) == (1, 0), report
        begun = await client.do("POST", "/imports", body, 202)
        assert await house.services.admin_api.jobs.turn() == 1
        url = f"/imports/{begun['importId']}"
        shown = await client.get(url)
        assert (shown["state"], shown["failed"]) == ("done", 0)
        exported = await client.do("POST", "/exports", {"kind": kind, "reason": "연말 조직 점검을 위한 반출"})
        assert key in base64.b64decode(exported["content"]).decode("utf-8-sig")
        await client.do("POST", f"{url}/undo", status=202)
        await house.services.admin_api.jobs.turn()
        assert (await client.get(url))["state"] == "undone"
        again = await client.do("POST", "/exports", {"kind": kind, "reason": "연말 조직 점검을 위한 반출"})
        assert key not in base64.b64decode(again["content"]).decode("utf-8-sig")
    assert await house.store.resolve(["sales@a.example"]) == {}


async def test_password_hashes_come_in_and_never_out(house, client):
    hashed = (
        "{SSHA256}" + base64.b64encode(hashlib.sha256(b"a secret of old" + b"saltsalt").digest() + b"saltsalt").decode()
    )
    text = f"이메일,비밀번호 해시\nold@a.example,{hashed}\nbad@a.example,{{MD5}}kAFQmDzST7DWlj99KOF/cg==\n"
    body = {"kind": "people", "content": content(text), "partly": True}
    tried = await client.do(
        "POST", "/imports/dry-run", {"kind": "people", "content": body["content"]}, accept_language="ko"
    )
    [error] = tried["errors"]
    assert (error["line"], error["code"], error["value"]) == (3, "hash-weak", "")
    assert "쉽게 풀리는" in error["text"]
    begun = await client.do("POST", "/imports", body, 202)
    assert await house.services.admin_api.jobs.turn() == 1
    shown = await client.ask("GET", f"/imports/{begun['importId']}/lines")
    assert hashed.encode() not in shown.body
    exported = await client.do("POST", "/exports", {"kind": "people", "reason": "연말 조직 점검을 위한 반출"})
    assert "hash" not in base64.b64decode(exported["content"]).decode("utf-8-sig")
    await house.services.auth.login("old@a.example", "a secret of old", Origin("imap", "192.0.2.1", 5, tls=True))
