"""People, what is planned for them, how they come in; reviews, exports, investigations and the register."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from tests.admin_api.test_foreign_ids import appoint
from tests.jmap_server.test_jmap_inspection import arrive

from smartmail.domain.audit import AuditRecord
from smartmail.domain.authority import Appointment
from smartmail.domain.ids import MessageId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.service.operations.records.counting import month_before

DAY_MS = 86_400_000
WHY = "asked for by the auditors"


def at(house, days: int) -> str:
    return (datetime.fromtimestamp(house.clock.now() / 1000, UTC) + timedelta(days=days)).isoformat()


async def hold_role(house, login: str, role: str, scope: Scope) -> None:
    """Let somebody hold a role at once."""
    from smartmail.domain.audit import AuditRecord

    account, now = house.accounts[login], house.clock.now()
    row = Appointment(0, account.organization_id, account.id, role, scope, "system", now)
    await house.store.appoint(row, (), AuditRecord(now, "system", "role.appoint", f"account:{account.id}"))
    house.services.authority.changed(account.id)


async def test_a_person_joins_changes_and_leaves_on_a_day(house, client):
    sales = await client.do("POST", "/departments", {"name": "영업부", "code": "sales"}, 201)
    await client.do("PUT", "/titles", {"kind": "position", "names": ["부장", "대리"]})
    await client.do("PUT", "/titles", {"kind": "duty", "names": ["팀장"]})
    body = {
        "login": "park@a.example", "name": "박서준", "employeeNumber": "77", "position": "대리",
        "seats": [{"department": "sales", "duty": "팀장"}], "facts": {"mobile": "010-1234-5678", "birthday": "1990-01-01"},
    }  # fmt: skip
    made = await client.do("POST", "/people", body, 201)
    url = f"/accounts/{made['id']}"
    person = await client.get(f"{url}/person")
    assert (person["employeeNumber"], person["position"], person["facts"]["mobile"]) == ("77", "대리", "010-1234-5678")
    assert person["seats"] == [{"path": "영업부", "code": "sales", "duty": "팀장"}]
    done = await client.do("PATCH", f"{url}/person", {"position": "부장", "facts": {"birthday": ""}})
    assert done["account"]["title"] == "부장"
    assert "birthday" not in (await client.get(f"{url}/person"))["facts"]
    planned = await client.do("POST", f"{url}/leave", {"at": at(house, 3)})
    assert planned["account"] is None
    [waiting] = (await client.get("/planned-changes"))["items"]
    assert (waiting["id"], waiting["kind"], waiting["state"]) == (planned["plannedId"], "close", "waiting")
    house.clock.go(4 * DAY_MS)
    await house.services.organization.planned.apply_due()
    client = await house.client("admin@a.example")
    assert (await client.get(url))["state"] == "closed"
    people = await client.get(f"/departments/{sales['id']}/people")
    assert people["items"] == []


async def test_personal_fields_are_not_shown_to_a_helpdesk(house, client):
    lee = house.accounts["lee@a.example"]
    await client.do(
        "PATCH", f"/accounts/{lee.id}/person", {"facts": {"mobile": "010-9", "birthday": "1980-02-03", "room": "3"}}
    )
    await hold_role(house, "kim@a.example", "helpdesk", Scope("organization", str(lee.organization_id)))
    helper = await house.client("kim@a.example")
    reply = await helper.ask("GET", f"/accounts/{lee.id}/person")
    assert reply.status == 200, reply.body
    assert b"010-9" not in reply.body
    assert b"1980" not in reply.body
    assert reply.json["facts"] == {"room": "3"}
    assert {"birthday", "mobile"} <= set(reply.json["masked"])


async def test_posts_and_the_mail_of_a_department(house, client):
    top = await client.do("POST", "/departments", {"name": "본부", "code": "hq"}, 201)
    await client.do("PUT", "/titles", {"kind": "duty", "names": ["본부장"]})
    kim = house.accounts["kim@a.example"].id
    await client.do("PATCH", f"/accounts/{kim}/person", {"seats": [{"department": "hq", "duty": "본부장"}]})
    asked = {"departmentId": top["id"], "duty": "본부장", "login": "head@a.example"}
    post = await client.do("POST", "/role-accounts", asked, 201)
    [shown] = (await client.get("/role-accounts"))["items"]
    assert (shown["address"], shown["holders"]) == ("head@a.example", [str(kim)])
    given = await client.do("POST", f"/departments/{top['id']}/mail", {"address": "hq@a.example"}, 201)
    assert given == {"address": "hq@a.example"}
    await client.do("DELETE", f"/role-accounts/{post['id']}", b"", 204)
    assert (await client.get("/role-accounts"))["items"] == []


async def test_how_an_account_comes_in(house, client):
    kim = house.accounts["kim@a.example"]
    url = f"/accounts/{kim.id}"
    assert await client.get(f"{url}/factors") == {"factors": [], "recoveryCodes": 0}
    await house.services.auth.open_session(house.actor(kim), "one")
    await house.services.auth.open_session(house.actor(kim), "two")
    assert await client.do("POST", f"{url}/end-sessions", b"") == {"ended": 2}
    assert (await client.get(f"{url}/sessions"))["items"] == []
    rule = {
        "scope": f"account:{kim.id}", "action": "deny", "window": {"since": "22:00", "until": "06:00", "days": ["sat"]},
        "condition": {"fact": "second_factor", "is": False}, "channels": ["imap"],
    }  # fmt: skip
    made = await client.do("POST", "/access-rules", rule, 201)
    assert (made["window"]["since"], made["window"]["days"], made["channels"]) == ("22:00", ["sat"], ["imap"])
    assert made["condition"] == rule["condition"]
    wrong = await client.ask("POST", "/access-rules", {**rule, "condition": {"fact": "moon", "is": True}})
    assert wrong.status == 400
    await client.do("POST", "/access-rules/dry-run", {**rule, "channels": []})
    told = await client.do("POST", f"{url}/simulate-login", {"address": "203.0.113.7", "door": "web"})
    assert told["action"] == "allow"
    knobs = {one["knob"]: one for one in (await client.get(f"{url}/policy?limit=500"))["items"]}
    assert knobs["door.imap"]["value"] is True


async def test_accounts_are_found_and_a_link_is_whole(house, client):
    found = (await client.get("/accounts?find=LEE@"))["items"]
    assert [one["address"] for one in found] == ["lee@a.example"]
    assert (await client.get("/accounts?state=closed"))["items"] == []
    link = await client.do("POST", f"/accounts/{found[0]['id']}/setup-link", b"", 201)
    assert link["url"] == f"https://mail.test:10443/setup#{link['token']}"
    group = await client.do("POST", "/groups", {"name": "desk"}, 201)
    await client.do("PUT", f"/groups/{group['id']}/members/{found[0]['id']}", b"", 204)
    [member] = (await client.get(f"/groups/{group['id']}/members"))["items"]
    assert (member["address"], member["accountId"]) == ("lee@a.example", found[0]["id"])
    assert [one["name"] for one in (await client.get(f"/accounts/{found[0]['id']}/groups"))["items"]] == ["desk"]


async def test_accounts_are_narrowed_sorted_counted_and_named(house, client):
    kim, lee = (house.accounts[f"{name}@a.example"] for name in ("kim", "lee"))
    top = await client.do("POST", "/departments", {"name": "본부"}, 201)
    team = await client.do("POST", "/departments", {"name": "1팀", "parentId": top["id"]}, 201)
    seats = {"seats": [{"department": team["code"]}]}
    await client.do("PATCH", f"/accounts/{lee.id}/person", seats, 200)

    async def found(query: str) -> list[str]:
        count = await client.get(f"/account-count?{query}")
        items = (await client.get(f"/accounts?{query}"))["items"]
        assert count["found"] == len(items) <= count["total"]
        return [one["address"] for one in items]

    # A department is asked for with what lies below it.
    assert await found(f"departmentId={top['id']}") == ["lee@a.example"]
    assert await found("departmentId=999") == []
    assert {"lee@a.example", "kim@a.example"} <= set(await found("factor=none"))
    assert await found("factor=any") == []
    assert await found("domain=b.example") == []
    [named] = (await client.get(f"/accounts?ids={kim.id},{house.accounts['kim@b.example'].id},99999"))["items"]
    assert (named["address"], named["factors"]) == ("kim@a.example", [])
    names = [one["name"] for one in (await client.get("/accounts?order=name&descending=true"))["items"]]
    assert names == sorted(names, reverse=True) and len(names) > 1
    assert (await client.ask("GET", "/accounts?order=password")).status == 400


async def test_a_shared_mailbox_is_given_to_people_and_taken_back(house, client):
    desk = await client.do("POST", "/accounts", {"address": "desk@a.example", "kind": "shared"}, 201)
    url, kim = f"/accounts/{desk['id']}/members", house.accounts["kim@a.example"]
    assert (await client.get(url))["items"] == []
    await client.do("PUT", url, {"whom": "kim@a.example", "rights": "file", "sending": "as"}, 204)
    [member] = (await client.get(url))["items"]
    assert (member["whom"], member["rights"], member["sending"], member["until"]) == (
        "kim@a.example",
        "file",
        "as",
        None,
    )
    # It is theirs to work in from now on.
    worker = Actor(kim.id, kim.organization_id, kim.login, False, Origin("jmap"), kim.auth_epoch)
    assert desk["id"] in {str(one.id) for one in await house.services.sharing.accounts_for(worker)}
    assert (await client.ask("PUT", url, {"whom": "nobody@a.example"})).status == 404
    # A mailbox of a person is that person's to share.
    assert (await client.ask("GET", f"/accounts/{kim.id}/members")).status == 400
    await client.do("DELETE", f"{url}?whom=kim@a.example", b"", 204)
    assert (await client.get(url))["items"] == []
    actions = [row.record.action for row in await house.store.unchained_records("audit", 0, 1000)]
    assert [one for one in actions if one.startswith("share.")] == ["share.set", "share.revoke"]


async def test_a_review_is_read_assigned_and_signed_once(house, client):
    await house.services.reviews.turn()
    assert (await client.get("/audit-reviews"))["items"] == [], "nobody was here last month"
    worker = house.accounts["kim@a.example"]
    _, since, _ = month_before(house.clock.now())
    record = AuditRecord(since + 1, f"account:{worker.id}", "account.password", f"account:{worker.id}")
    await house.store.audit(record, worker.id)
    await house.services.audit.chain()
    await house.services.reviews.turn()
    [row] = (await client.get("/audit-reviews"))["items"]
    url = f"/audit-reviews/{row['month']}"
    whole = await client.get(url)
    assert {one["name"] for one in whole["findings"]} >= {"login-failures", "abroad", "off-hours"}
    kim, stranger = house.accounts["kim@a.example"].id, house.accounts["kim@b.example"].id
    assert (await client.ask("POST", f"{url}/assign", {"accountId": str(stranger)})).status == 404
    await client.do("POST", f"{url}/assign", {"accountId": str(kim)}, 204)
    await client.do("POST", f"{url}/sign", {"comment": "looked at everything"}, 204)
    whole = await client.get(url)
    assert (whole["review"]["reviewerId"], whole["comment"]) == (str(kim), "looked at everything")
    assert whole["review"]["signedAt"] is not None
    assert (await client.ask("POST", f"{url}/sign", {"comment": "again"})).status == 404
    assert (await client.ask("GET", "/audit-reviews/1999-01")).status == 404


async def test_records_are_taken_with_a_reason_and_verified(house, client):
    await client.do("POST", "/groups", {"name": "sales"}, 201)
    await house.services.audit.chain()
    assert (await client.ask("POST", "/audit-records/export", {"reason": "short"})).status == 400
    reply = await client.ask("POST", "/audit-records/export", {"reason": WHY})
    assert reply.status == 200
    assert "records-" in reply.headers["content-disposition"]
    lines = [json.loads(line) for line in reply.body.splitlines()]
    assert any("group.create" in str(one) or "group." in str(one) for one in lines)
    await house.services.audit.chain()
    actions = [one["action"] for one in (await client.get("/audit-records"))["items"]]
    assert "audit.export" in actions
    job = await client.do("POST", "/audit-records/verify", b"", 202)
    await house.services.admin_api.jobs.turn()
    done = await client.get(f"/tasks/{job['id']}")
    assert (done["state"], done["result"]["troubles"]) == ("done", 0)
    anchor = await client.get("/audit-anchor")
    assert anchor["seq"] > 0
    assert anchor["digest"] != ""


async def test_who_looked_is_listed_with_the_masks_of_a_role(house, client):
    lee = house.accounts["lee@a.example"]
    await client.get(f"/accounts/{lee.id}")
    await house.services.audit.chain()
    rows = (await client.get(f"/access-records?accountId={lee.id}"))["items"]
    assert rows
    assert all(one["accountId"] == str(lee.id) for one in rows)
    other = await house.client("admin@b.example")
    assert (await other.ask("GET", f"/access-records?accountId={lee.id}")).status == 404


async def test_an_investigation_needs_two(house, client):
    lee = house.accounts["lee@a.example"]
    asked = {"accountId": str(lee.id), "until": at(house, 30), "reason": WHY}
    made = await client.do("POST", "/investigations", asked, 201)
    assert (await client.ask("POST", f"/investigations/{made['id']}/confirm")).status == 403
    await appoint(house, house.accounts["kim@a.example"], "organization", str(lee.organization_id))
    second = await house.client("kim@a.example")
    await second.do("POST", f"/investigations/{made['id']}/confirm", b"", 204)
    [row] = (await client.get("/investigations"))["items"]
    assert (row["accountId"], row["reason"]) == (str(lee.id), WHY)
    assert row["confirmedAt"] is not None


async def test_a_leavers_data_are_destroyed_and_certified(house, client):
    lee = house.accounts["lee@a.example"]
    url, asked = f"/accounts/{lee.id}", {"ground": "퇴사 후 보존기간 만료", "reason": WHY}
    assert (await client.ask("POST", f"{url}/destruction", asked)).status == 400
    await client.do("PATCH", url, {"state": "closed"})
    outcome = await client.do("POST", f"{url}/destruction", asked, 202)
    assert outcome["waits"] is False
    [entry] = (await client.get("/destruction-register"))["items"]
    assert (entry["login"], entry["ground"], entry["reason"]) == ("lee@a.example", asked["ground"], WHY)
    paper = await client.get(f"/destruction-register/{entry['id']}/certificate", accept_language="ko")
    assert paper["language"] == "ko"
    assert any("lee@a.example" in line["value"] for line in paper["lines"])
    other = await house.client("admin@b.example")
    assert (await other.ask("GET", f"/destruction-register/{entry['id']}/certificate")).status == 404


async def test_collectors_are_the_companys_own(house, client):
    asked = {"name": "splunk", "host": "logs.a.example"}
    assert (await client.do("POST", "/collectors", asked, 201))["state"] == "on"
    assert (await client.do("PATCH", "/collectors/splunk", {"state": "off"}))["state"] == "off"
    other = await house.client("admin@b.example")
    assert (await other.get("/collectors"))["items"] == []
    assert (await other.ask("DELETE", "/collectors/splunk")).status == 404
    await client.do("DELETE", "/collectors/splunk", b"", 204)


async def test_where_logins_come_from_is_not_shown_to_a_role_that_masks_it(house, client):
    lee = house.accounts["lee@a.example"]
    await house.services.auth.open_session(house.admin(lee), "a browser")
    [shown] = (await client.get(f"/accounts/{lee.id}/sessions"))["items"]
    assert shown["address"] != ""
    asked = {"name": "desk", "permissions": ["account.sessions", "audit.read"], "masks": ["login-address"]}
    role = await client.do("POST", "/roles", asked, 201)
    await hold_role(house, "kim@a.example", role["id"], Scope("organization", str(lee.organization_id)))
    helper = await house.client("kim@a.example")
    [hidden] = (await helper.get(f"/accounts/{lee.id}/sessions"))["items"]
    assert (hidden["id"], hidden["address"]) == (shown["id"], "")
    await house.services.audit.chain()
    assert {one["address"] for one in (await helper.get("/audit-records"))["items"]} == {""}


async def test_what_somebody_deleted_for_good_is_brought_back_by_an_administrator_with_a_reason(house, client):
    kim = house.accounts["kim@a.example"]
    number = MessageId(int((await arrive(house, kim)).removeprefix("e")))
    await house.store.write(kim.id, lambda tx: tx.destroy_messages([number]))
    url = f"/accounts/{kim.id}/deleted-messages"
    [gone] = (await client.get(url))["items"]
    assert gone["id"] == str(int(number)) and gone["subject"] and gone["sender"]
    assert (await client.get(f"{url}?find=nothing-like-it"))["items"] == []
    assert (await client.get(f"{url}?find={quote(gone['subject'])}"))["items"] == [gone]
    assert (await client.ask("POST", f"{url}/restore", {"ids": [gone["id"]], "reason": ""})).status == 400
    done = await client.do("POST", f"{url}/restore", {"ids": [gone["id"], "999"], "reason": "asked by kim"})
    assert done == {"restored": 1}
    assert (await client.get(url))["items"] == []
    actions = [row.record.action for row in await house.store.unchained_records("audit", 0, 1000)]
    assert {"message.restored", "act.reason"} <= set(actions)
    await house.services.audit.chain()
    looks = {one["action"] for one in (await client.get(f"/access-records?accountId={kim.id}"))["items"]}
    assert "access.list" in looks
