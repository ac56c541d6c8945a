"""Which way mail goes, what a domain wants in DNS, rehearsals of policy, texts and certificates, numbers of the overview."""

from tests.admin_api.test_people_and_records import WHY, at
from tests.flows.queue_house import enqueue


async def test_the_way_of_a_domain(client):
    system = {"hosts": [{"host": "exchange.a.example", "port": 2525}], "verify": "none"}
    smarthost = {"host": "out.example", "username": "us", "password": "very-secret-word"}
    told = await client.do("PATCH", "/routes/a.example", {"relay": system, "smarthost": smarthost, "subaddress": False})
    assert told["relay"]["hosts"] == [{"host": "exchange.a.example", "port": 2525, "priority": 10}]
    assert (told["smarthost"]["username"], told["subaddress"]) == ("us", False)
    reply = await client.ask("GET", "/routes")
    assert b"very-secret-word" not in reply.body
    assert [one["domain"] for one in reply.json["items"]] == ["a.example"]
    assert (await client.do("PATCH", "/routes/a.example", {"relay": None}))["relay"] is None
    foreign = await client.ask("PATCH", "/routes/a.example", {"aliasOf": "b.example"})
    absent = await client.ask("PATCH", "/routes/a.example", {"aliasOf": "n.example"})
    assert (foreign.status, absent.status) == (404, 404)


async def test_journals_and_relays(house, client):
    await client.do("PUT", "/journals", {"address": "archive@far.example"})
    await client.do("PUT", "/journals", {"address": "more@far.example", "domain": "a.example"})
    rows = (await client.get("/journals"))["items"]
    assert rows == [
        {"domain": "", "address": "archive@far.example"}, {"domain": "a.example", "address": "more@far.example"},
    ]  # fmt: skip
    await client.do("DELETE", "/journals?domain=a.example", b"", 204)
    other = await house.client("admin@b.example")
    assert (await other.get("/journals"))["items"] == []
    kim = house.accounts["kim@a.example"].id
    asked = {
        "accountId": str(kim), "purpose": "복합기", "senders": ["kim@a.example"], "networks": ["192.0.2.7"],
        "endsAt": at(house, 30),
    }  # fmt: skip
    relay = await client.do("POST", "/relays", asked, 201)
    assert (await client.do("PATCH", f"/relays/{relay['id']}", {"hourly": 7}))["hourly"] == 7
    [row] = (await client.get("/relays"))["items"]
    assert (row["address"], row["purpose"], row["hourly"]) == ("kim@a.example", "복합기", 7)
    assert (await other.ask("DELETE", f"/relays/{relay['id']}")).status == 404
    await client.do("DELETE", f"/relays/{relay['id']}", b"", 204)


async def test_what_a_domain_wants_in_dns(client):
    await client.do("POST", "/domains/a.example/signing-keys", {"selector": "sm1", "kind": "ed25519"}, 201)
    await client.do("PUT", "/domains/a.example/mta-sts", {"mode": "testing"})
    rows = (await client.get("/domains/a.example/dns-records"))["items"]
    by_purpose = {one["purpose"]: one for one in rows}
    assert set(by_purpose) == {"mx", "spf", "dmarc", "dkim", "mta-sts", "tls-reports", "autoconfig"}
    never = await client.get("/domains/a.example")
    assert (never["dns"], never["lacking"], never["checkedAt"]) == ("unchecked", [], None)
    assert (by_purpose["mx"]["text"], by_purpose["mx"]["state"]) == ("10 mx.test.", "unasked")
    assert by_purpose["dkim"]["name"] == "sm1._domainkey.a.example"
    looked = (await client.get("/domains/a.example/dns-records?look=true"))["items"]
    assert {one["state"] for one in looked} == {"unanswered"}
    [row] = [one for one in (await client.get("/domains"))["items"] if one["name"] == "a.example"]
    assert row["dns"] == "unanswered"
    assert row["checkedAt"]
    kept = (await client.get("/domains/a.example/dns-records"))["items"]
    assert {one["state"] for one in kept} == {"unanswered"}, "the last look is kept"
    assert (await client.get("/domains/a.example/mta-sts"))["mx"] == ["mx.test"]
    await client.do("DELETE", "/domains/a.example/mta-sts", b"", 204)
    assert (await client.ask("GET", "/domains/a.example/mta-sts")).status == 404
    assert (await client.get("/domains/a.example/reports"))["dmarcReports"] == 0
    assert (await client.ask("GET", "/domains/b.example/dns-records")).status == 404


async def test_a_staged_change_is_rehearsed_before_it_is_applied(house, client):
    home = house.accounts["kim@a.example"].organization_id
    rule = {"knob": "door.pop3", "scope": f"organization:{home}", "value": False}
    change = await client.do("POST", "/policy-changes", {"reason": "no copies outside", "begin": [rule]}, 201)
    told = await client.do("POST", f"/policy-changes/{change['id']}/dry-run", b"")
    assert (told["accounts"], told["changed"], told["byKnob"]) == (3, 3, {"door.pop3": 3})
    assert {one["login"] for one in told["examples"]} == {f"{name}@a.example" for name in ("admin", "kim", "lee")}
    other = await house.client("admin@b.example")
    assert (await other.ask("POST", f"/policy-changes/{change['id']}/dry-run")).status == 404
    await client.do("POST", f"/policy-changes/{change['id']}/submit", {})
    newest = (await client.get("/policy/revisions"))["items"][0]
    assert newest["reason"] == "no copies outside"


async def test_knobs_speak_the_readers_language(client):
    ko = {one["name"]: one for one in (await client.get("/policy/knobs?limit=500", accept_language="ko"))["items"]}
    en = {one["name"]: one for one in (await client.get("/policy/knobs?limit=500"))["items"]}
    assert ko["door.web"]["help"] != en["door.web"]["help"] != ""
    assert all(one["help"] for one in ko.values())
    assert en["session.concurrent"]["choices"] == ["deny", "replace", "allow"]
    assert (en["quota.octets"]["kind"], en["quota.octets"]["zeroIsNone"]) == ("count", True)
    preset = (await client.get("/policy/presets"))["items"][0]
    assert preset["reasons"].keys() == preset["values"].keys()
    assert all(preset["reasons"].values())


async def test_consents_and_trust(house, client):
    made = await client.do(
        "POST", "/consent-texts", {"name": "privacy", "texts": {"ko": "동의합니다", "en": "I agree"}}, 201
    )
    assert made == {"version": 1}
    assert {one["language"] for one in (await client.get("/consent-texts"))["items"]} == {"ko", "en"}
    assert (await client.get("/consents"))["items"] == []
    assert (await client.ask("POST", "/trust/authorities", {"file": "no certificate at all"})).status == 400
    assert await client.do("PUT", "/trust/sources/ocsp.example", b"") == {"host": "ocsp.example"}
    rule = await client.do("PUT", "/trust/rules", {"family": "npki", "identity": True})
    assert (rule["family"], rule["identity"]) == ("npki", True)
    other = await house.client("admin@b.example")
    assert (await other.get("/trust/sources"))["items"] == []
    assert (await other.get("/consent-texts"))["items"] == []
    await client.do("DELETE", "/trust/sources/ocsp.example", b"", 204)


async def test_numbers_of_the_overview_and_one_entry(house, client):
    await enqueue(house, "kim@a.example", ["x@far.example"])
    await enqueue(house, "kim@b.example", ["y@far.example"])
    told = await client.get("/overview")
    assert (told["queue"], told["queueHeld"], told["quarantine"]) == (1, 0, 0)
    # Persons are counted by the store, by state: no page of a list bounds it.
    assert (told["accounts"], told["accountStates"]) == (3, {"active": 3})
    assert told["bans"] is None
    [entry] = (await client.get("/queue"))["items"]
    assert (await client.get(f"/queue/{entry['id']}"))["sender"] == "kim@a.example"
    other = await house.client("admin@b.example")
    assert (await other.ask("GET", f"/queue/{entry['id']}")).status == 404
    kim = await house.client("kim@a.example")
    assert set((await kim.get("/overview")).values()) == {None}


async def test_what_nobody_looked_at_is_never_told_as_well(house, client):
    """Of the system only for who may see it; a decision that waits is told with how many and since when."""
    state = {one["name"]: one for one in (await client.get("/standing"))["items"]}
    assert not any(name.startswith("alarm.") for name in state)
    assert {state[name]["level"] for name in ("approvals", "proposals", "cases")} == {"clear"}
    kim = await house.client("kim@a.example")
    assert await kim.get("/standing") == {"items": [], "processes": None, "silent": None}
    rule = {"knob": "door.pop3", "scope": f"organization:{house.accounts['kim@a.example'].organization_id}"}
    change = await client.do("POST", "/policy-changes", {"reason": WHY, "begin": [{**rule, "value": False}]}, 201)
    await client.do("POST", f"/policy-changes/{change['id']}/submit", {})
    told = {one["name"]: one for one in (await client.get("/standing"))["items"]}["changes"]
    assert (told["level"], told["value"]) in {("clear", 0), ("notice", 1)}


async def test_a_purge_is_a_job(client, house):
    assert (await client.ask("POST", "/purges", {"reason": WHY})).status == 400
    job = await client.do("POST", "/purges", {"reason": WHY, "senders": ["evil@far.example"]}, 202)
    await house.services.admin_api.jobs.turn()
    done = await client.get(f"/tasks/{job['id']}")
    assert (done["state"], done["error"]) == ("done", "")
    assert done["result"]["messages"] == 0


async def test_a_list_is_changed_and_given_up(client):
    body = {"address": "team@a.example", "name": "Team", "owners": ["kim@a.example"]}
    await client.do("POST", "/lists", body, 201)
    changed = await client.do(
        "PATCH", "/lists/team@a.example", {"prefix": "[team]", "moderation": "all", "replyTo": "list"}
    )
    assert (changed["prefix"], changed["replyTo"], changed["name"]) == ("[team]", "list", "Team")
    await client.do("DELETE", "/lists/team@a.example", b"", 204)
    assert (await client.ask("GET", "/lists/team@a.example")).status == 404
