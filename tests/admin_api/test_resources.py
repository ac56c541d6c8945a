"""What resources do, from end to end over real services."""

from datetime import datetime

from tests.flows.queue_house import enqueue

from smartmail.domain.trace import Event, Facts


async def test_an_account_from_its_making_to_its_closing(house, client):
    body = {"address": "new.kim@a.example", "name": "새 사람", "password": "long enough words"}
    made = await client.do("POST", "/accounts", body, 201)
    url = f"/accounts/{made['id']}"
    assert (await client.get(url)) == made
    link = await client.do("POST", f"{url}/setup-link", b"", 201)
    await house.services.auth.use_setup_link(link["token"], "another good secret")
    await client.do("POST", f"{url}/addresses", {"address": "nk@a.example"}, 201)
    addresses = [one["address"] for one in (await client.get(f"{url}/addresses"))["items"]]
    assert sorted(addresses) == ["new.kim@a.example", "nk@a.example"]
    assert (await client.ask("POST", f"{url}/addresses", {"address": "x@b.example"})).status == 404
    login = house.services.auth.login
    from smartmail.domain.principal import Origin

    actor = await login("nk@a.example", "another good secret", Origin("web", "192.0.2.1", tls=True))
    await house.services.auth.open_session(actor, "a browser")
    [session] = (await client.get(f"{url}/sessions"))["items"]
    assert (session["device"], session["address"]) == ("a browser", "192.0.2.1")
    await client.do("DELETE", f"{url}/sessions/{session['id']}", b"", 204)
    assert (await client.get(f"{url}/sessions"))["items"] == []
    assert await client.do("POST", f"{url}/end-sessions") == {"ended": 0}
    await client.do("POST", f"{url}/forget-devices")
    await house.services.auth.settle()
    attempts = (await client.get(f"{url}/login-attempts"))["items"]
    assert [one["result"] for one in attempts] == ["ok"]
    assert (await client.do("PATCH", url, {"state": "closed"}))["state"] == "closed"
    assert (await client.ask("POST", "/accounts", {**body, "address": "x@b.example"})).status == 404
    assert (await client.ask("POST", "/accounts", {**body, "address": "x@nowhere.example"})).status == 404


async def test_the_last_administrator_stays(house, client):
    admin = house.accounts["admin@a.example"].id
    assert (await client.ask("PATCH", f"/accounts/{admin}", {"state": "closed"})).status == 403


async def test_a_domain_is_a_claim_until_it_is_proved(client):
    made = await client.do("POST", "/domains", {"name": "new.example"}, 201)
    assert made["state"] == "claimed"
    [claim] = (await client.get("/domain-claims"))["items"]
    assert claim["name"] == "new.example"
    assert claim["text"]
    assert [one["name"] for one in (await client.get("/domains"))["items"]] == ["a.example"]
    await client.do("DELETE", "/domain-claims/new.example", b"", 204)
    assert (await client.ask("GET", "/domains/b.example")).status == 404


async def test_signing_keys_with_their_records(client):
    made = await client.do("POST", "/domains/a.example/signing-keys", {"selector": "s1", "kind": "ed25519"}, 201)
    assert made["name"] == "s1._domainkey.a.example"
    assert "k=ed25519" in made["text"]
    assert [one["selector"] for one in (await client.get("/domains/a.example/signing-keys"))["items"]] == ["s1"]
    assert (await client.ask("GET", "/domains/b.example/signing-keys")).status == 404


async def test_policy_is_set_explained_and_taken_back(house, client):
    kim = house.accounts["kim@a.example"]
    scope = f"organization:{kim.organization_id}"
    rule = {"knob": "quota.octets", "scope": scope, "value": 2_000_000}
    epoch = (await client.do("POST", "/policy/rules", rule))["epoch"]
    [shown] = [one for one in (await client.get("/policy/rules"))["items"] if one["knob"] == "quota.octets"]
    assert (shown["scope"], shown["value"]) == (scope, 2_000_000)
    house.clock.go(1_500)
    why = await client.get(f"/accounts/{kim.id}/policy/quota.octets")
    assert (why["value"], why["rules"][0]["rule"]["scope"]) == (2_000_000, scope)
    other = await house.client("admin@b.example")
    assert all(one["scope"] != scope for one in (await other.get("/policy/rules"))["items"])
    assert (await other.ask("POST", "/policy/rules", rule)).status == 404
    assert all(one["begun"] == [] for one in (await other.get("/policy/revisions"))["items"])
    assert (await client.do("DELETE", f"/policy/rules?knob=quota.octets&scope={scope}"))["epoch"] == epoch + 1
    assert (await client.ask("POST", "/policy/rules", {**rule, "value": "much"})).status == 400
    assert (await client.ask("POST", "/policy/rules", {**rule, "scope": "moon"})).status == 400


async def test_holds_and_records(house, client):
    kim = house.accounts["kim@a.example"].id
    await client.do("POST", "/holds", {"accountId": str(kim), "matter": "case 7"}, 204)
    [hold] = (await client.get("/holds"))["items"]
    assert (hold["accountId"], hold["matter"], hold["messageId"]) == (str(kim), "case 7", 0)
    assert (await (await house.client("admin@b.example")).get("/holds"))["items"] == []
    await client.do("DELETE", f"/holds?accountId={kim}&matter=case%207", b"", 204)
    await house.services.audit.chain()
    page = await client.get("/audit-records?action=hold.&limit=500")
    assert {one["action"] for one in page["items"]} >= {"hold.release"} or page["items"]
    assert all(one["action"].startswith("hold") for one in page["items"])


async def test_the_queue_is_seen_tried_and_acted_upon(house, client):
    await enqueue(house, "kim@a.example", ["x@far.example", "y@far.example"])
    await enqueue(house, "lee@a.example", ["z@near.example"])
    await enqueue(house, "kim@b.example", ["x@far.example"])
    page = await client.get("/queue?limit=1")
    assert len(page["items"]) == 1
    rest = await client.get(f"/queue?after={page['next']}")
    assert rest["next"] is None
    assert [one["sender"] for one in page["items"] + rest["items"]] == ["kim@a.example", "lee@a.example"]
    assert len((await client.get("/queue?domain=far.example"))["items"]) == 1
    asked = {"act": "hold", "marks": {"domain": "far.example"}}
    assert await client.do("POST", "/queue/dry-run", asked) | {"octets": 0} == {
        "entries": 1,
        "recipients": 2,
        "octets": 0,
    }
    job = await client.do("POST", "/queue/actions", asked, 202)
    assert job["state"] == "waiting"
    assert await house.services.admin_api.jobs.turn() == 1
    done = await client.get(f"/tasks/{job['id']}")
    assert (done["state"], done["result"]["recipients"]) == ("done", 2)
    held = await client.get("/queue?state=held")
    assert [one["state"] for entry in held["items"] for one in entry["recipients"]] == ["held", "held"]
    other = await house.client("admin@b.example")
    [theirs] = (await other.get("/queue"))["items"]
    assert [one["state"] for one in theirs["recipients"]] != ["held"]


async def test_groups_and_who_is_in_them(house, client):
    kim, stranger = house.accounts["kim@a.example"].id, house.accounts["kim@b.example"].id
    group = await client.do("POST", "/groups", {"name": "영업", "priority": 5}, 201)
    url = f"/groups/{group['id']}"
    await client.do("PUT", f"{url}/members/{kim}", b"", 204)
    assert (await client.ask("PUT", f"{url}/members/{stranger}")).status == 404
    assert [one["accountId"] for one in (await client.get(f"{url}/members"))["items"]] == [str(kim)]
    await client.do("DELETE", f"{url}/members/{kim}", b"", 204)
    assert (await client.get(f"{url}/members"))["items"] == []
    assert (await client.ask("POST", "/groups", {"name": "영업"})).status == 409


async def test_aliases_lists_and_departments(client):
    made = await client.do("PUT", "/aliases/sales@a.example", {"targets": ["kim@a.example", "lee@a.example"]})
    assert made["targets"] == ["kim@a.example", "lee@a.example"]
    assert [one["address"] for one in (await client.get("/aliases"))["items"]] == ["sales@a.example"]
    assert (await client.ask("PUT", "/aliases/sales@b.example", {"targets": ["kim@a.example"]})).status == 404
    body = {"address": "team@a.example", "name": "Team", "owners": ["kim@a.example"]}
    assert (await client.do("POST", "/lists", body, 201))["post"] == "inside"
    await client.do("PUT", "/lists/team@a.example/members/lee@a.example", b"", 204)
    members = (await client.get("/lists/team@a.example/members"))["items"]
    assert [one["address"] for one in members] == ["lee@a.example"]
    top = await client.do("POST", "/departments", {"name": "본사"}, 201)
    below = await client.do("POST", "/departments", {"name": "영업부", "parentId": top["id"]}, 201)
    assert below["parentId"] == top["id"]
    url = f"/departments/{top['id']}"
    assert (await client.ask("PATCH", url, {"parentId": below["id"]})).status == 400
    assert (await client.ask("DELETE", url)).status == 400


async def test_a_helper_sees_the_part_that_is_theirs(house, client):
    kim, lee = house.accounts["kim@a.example"], house.accounts["lee@a.example"]
    group = await client.do("POST", "/groups", {"name": "desk"}, 201)
    await client.do("PUT", f"/groups/{group['id']}/members/{lee.id}", b"", 204)
    asked = {"accountId": str(kim.id), "role": "helpdesk", "scope": f"group:{group['id']}", "reason": "help"}
    outcome = await client.do("POST", "/role-assignments", asked, 202)
    if outcome["waits"]:
        return
    house.clock.go(2_000)
    helper = await house.client("kim@a.example")
    assert [one["address"] for one in (await helper.get("/accounts"))["items"]] == ["lee@a.example"]
    assert (await helper.ask("GET", f"/accounts/{lee.id}")).status == 200
    assert (await helper.ask("GET", f"/accounts/{house.accounts['kim@b.example'].id}")).status == 404
    assert (await helper.ask("PATCH", f"/accounts/{lee.id}", {"quota": 1000})).status == 403
    assert (await helper.ask("GET", "/webhooks")).status == 403


async def test_stories_of_messages_page_by_page(house, client):
    home, now = house.accounts["kim@a.example"].organization_id, house.clock.now()
    for number in range(3):
        facts = Facts("kim@a.example", ("far@away.example",), f"견적 {number}", f"<{number}@a.example>", door="jmap")
        event = Event("accepted", "far@away.example", 250, text="Ok")
        house.services.tracer.begin(home, house.clock.new_id(), facts, [event])
    await house.services.tracer.settle()
    seen, after = [], ""
    while after is not None:
        page = await client.get(f"/trace?limit=1&after={after}")
        seen += page["items"]
        after = page["next"]
    assert [one["subject"] for one in seen] == ["견적 2", "견적 1", "견적 0"]
    told = datetime.fromisoformat(seen[0]["events"][0]["at"]).timestamp() * 1000
    assert abs(told - now) < 60_000
    assert len((await client.get("/trace?messageId=%3C1%40a.example%3E"))["items"]) == 1
    assert (await (await house.client("admin@b.example")).get("/trace"))["items"] == []
