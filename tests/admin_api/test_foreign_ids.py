"""A delegated administrator asks for everything with ids of others: 5,000 calls made of the OpenAPI document.

Two helpers of one company, one over a group and one over a domain, and its administrator. Every id that the house knows of the other company, and ids
that nobody has, go into every place. An answer that holds anything of the others fails, and so does one that tells a foreign
id from one that is not there: by its status, its body, or (as medians) its time.
"""

import random
import statistics
import time
from collections import Counter

from tests.admin_api.admin_house import Client
from tests.house.clock import day

from smartmail.domain.access import AccessRule
from smartmail.domain.addressing import RelayText, System
from smartmail.domain.organization import Step
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.quarantine import RulePlace
from smartmail.domain.records import SiemTarget
from smartmail.edge.httpd.admin.openapi import document
from smartmail.edge.httpd.admin.table import OPERATIONS

CALLS = 5_000
SECRET = "geheim"
ABSENT = {"account": ["990001"], "name": ["n.example"], "address": ["kim@n.example", "list@n.example"]}


async def furnish(house) -> dict[str, list[str]]:
    """Give the other company one of everything, with a word in it that must never be told; return its ids by kind."""
    other, services = house.accounts["admin@b.example"], house.services
    actor, home = house.admin(other), other.organization_id
    group = await services.governing.new_group(actor, home, f"{SECRET} group")
    webhook = await services.admin_api.webhooks.create(actor, home, f"https://{SECRET}.test/", SECRET)
    until = house.clock.now() + 86_400_000
    key = await services.admin_api.keys.create(actor, SECRET, ["group.read"], (), until)

    async def nothing(_actor, _request, _progress):
        return {"word": SECRET}

    services.admin_api.jobs.register("test.nothing", nothing)
    job = await services.admin_api.jobs.start(actor, "test.nothing", {"word": SECRET})
    await services.admin_api.jobs.turn()
    rule = await services.sender_lists.put(actor, RulePlace("domain", "b.example"), "block", f"{SECRET}@evil.test")
    await services.governing.hold(actor, house.accounts["kim@b.example"].id, f"{SECRET} matter")
    department = await services.organization.departments.create(actor, home, f"{SECRET} department")
    role = await services.roles.book.put(actor, home, f"{SECRET} role", ["group.read"])
    await services.organization.domains.claim(actor, f"{SECRET}.example", home)
    more = await furnish_more(house, actor, home, department.id)
    await services.audit.chain()
    people = [str(one.id) for one in house.accounts.values() if one.organization_id == home]
    return {
        **more, "account": people, "accounts": people, "sending-blocks": people, "organizations": [str(home)],
        "groups": [str(group.id)], "webhooks": [str(webhook.row.id)], "keys": [str(key.row.id)],
        "tasks": [str(job.row.id)], "sender-rules": [str(rule.row.id)], "departments": [str(department.id)], "roles": [str(role.id)], "name": ["b.example"],
        "address": ["kim@b.example", "list@b.example"],
    }  # fmt: skip


async def furnish_more(house, actor, home, department: int) -> dict[str, list[str]]:
    """Give it what hangs on its people and records."""
    services, kim = house.services, house.accounts["kim@b.example"]
    titles = await services.organization.titles.set_order(actor, home, "duty", [f"{SECRET} duty"])
    post = await services.organization.posts.create(actor, department, f"{SECRET} duty", f"{SECRET}@b.example")
    step = Step(kind="close", account_id=kim.id)
    planned = await services.organization.planned.plan(actor, step, house.clock.now() + 86_400_000)
    looked = await services.looks.propose(actor, kim.id, house.clock.now() + 86_400_000, f"{SECRET} suspicion")
    target = SiemTarget(0, "far-away", "json", f"{SECRET}.test", 6514, (), "", "close", "on", home, 0)
    await services.collectors.add(actor, target)
    await services.consents.publish(actor, home, "privacy", {"ko": f"{SECRET} text"})
    await services.trust_lists.allow_source(actor, home, f"{SECRET}.test")
    relay = await services.addressing.relays.register(
        actor, kim, RelayText(SECRET, ("kim@b.example",)), ("192.0.2.9",), hourly=5,
        ends_at=house.clock.now() + 86_400_000, cleartext=False,
    )  # fmt: skip
    rule = AccessRule(Scope("organization", str(home)), "deny", "outside", ("KR",))
    access = await services.access.rules.new(actor, rule)
    system = System(((f"{SECRET}.test", 25, 10),))
    await services.addressing.systems.set_relay(actor, "b.example", system)
    await services.addressing.journals.set(actor, address=f"{SECRET}@b.example", organization_id=home)
    knob = PolicyRule("quota.octets", Scope("organization", str(home)), 1 << 30)
    change = await services.policy_changes.stage(actor, [knob], [], f"{SECRET} reason")
    return {
        "titles": [str(titles[0].id)], "role-accounts": [str(post.id)], "planned-changes": [str(planned.id)],
        "investigations": [str(looked)], "collectors": ["far-away"], "relays": [str(relay.row.id)],
        "access-rules": [str(access.id)], "policy-changes": [str(change.id)],
    }  # fmt: skip


async def helpers(house) -> list[Client]:
    """Return programs of two helpers: over a group, over a domain."""
    admin = house.accounts["admin@a.example"]
    actor = house.admin(admin)
    group = await house.services.governing.new_group(actor, admin.organization_id, "desk")
    await house.services.governing.set_member(actor, group.id, house.accounts["lee@a.example"].id, member=True)
    found = []
    for login, scope in (("kim@a.example", f"group:{group.id}"), ("lee@a.example", "domain:a.example")):
        level, _, subject = scope.partition(":")
        await appoint(house, house.accounts[login], level, subject)
        found.append(await house.client(login))
    return found


async def appoint(house, account, level: str, subject: str) -> None:
    from smartmail.domain.audit import AuditRecord
    from smartmail.domain.authority import Appointment
    from smartmail.domain.policy import Scope

    now = house.clock.now()
    row = Appointment(0, account.organization_id, account.id, "company", Scope(level, subject), "system", now)
    await house.store.appoint(row, (), AuditRecord(now, "system", "role.appoint", f"account:{account.id}"))
    house.services.authority.changed(account.id)


def body_for(schema: dict, components: dict, number: str, name: str, address: str, depth: int = 0):
    """Return a value that a schema takes, with ids of others wherever one fits."""
    if "$ref" in schema:
        schema = components[schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        return body_for(schema["anyOf"][0], components, number, name, address, depth)
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        return {
            key: scoped(key, one, components, number, name, address, depth)
            for key, one in schema.get("properties", {}).items()
        }
    if kind == "array":
        return [body_for(schema["items"], components, number, name, address, depth + 1)]
    if kind == "integer":
        return max(schema.get("minimum", 1), 1)
    if kind == "boolean":
        return False
    if schema.get("format") == "date-time":
        return f"{day(30)}T00:00:00Z"
    if schema.get("pattern", "").startswith("^[0-8]"):
        return number
    return "x" * max(8, schema.get("minLength", 1))


def scoped(key, schema, components, number, name, address, depth):
    if key == "scope":
        return f"account:{number}" if depth % 2 else f"domain:{name}"
    if key in {"address", "sender", "recipient"}:
        return address
    if key == "name" and "domain" in str(schema.get("examples", "")):
        return name
    return body_for(schema, components, number, name, address, depth + 1)


def place_value(one, place: str, ids: tuple[str, ...]) -> str:
    number, name, address, thing = ids
    if place == "name" and one.tag == "domains":
        return name
    if place in {"target", "host", "fingerprint"}:
        return thing if place == "target" else f"{number}.x"
    if place == "domain":
        return name
    known = {
        "month": "2026-10",
        "address": address,
        "member": address,
        "selector": "sm1",
        "knob": "quota.octets",
        "id": thing,
    }
    return known.get(place, number)


async def call(client: Client, one, said: dict, components: dict, ids: tuple[str, ...]):
    number, name, address, _thing = ids
    path = one.path
    for place in one.places:
        path = path.replace(f"{{{place}}}", place_value(one, place, ids))
    body: object = b""
    if one.body is not None:
        content = next(iter(said["requestBody"]["content"].values()))
        body = body_for(content["schema"], components, number, name, address)
    query = []
    for parameter in said["parameters"]:
        if parameter["in"] == "query" and (parameter.get("required") or parameter["name"] in {"accountId", "entry"}):
            query.append(
                f"{parameter['name']}={scoped(parameter['name'], parameter['schema'], components, *ids[:3], 0)}"
            )
    url = path + ("?" + "&".join(query) if query else "")
    began = time.perf_counter()
    reply = await client.ask(one.method, url, body, {"x-request-id": "the-same-one"})
    return reply, time.perf_counter() - began, (one.method, url, body)


ECHOES = {"/phishing-desk"}
"""Settings of one's own company that give back whatever address was typed into them, by an earlier call of this test too."""


async def test_ids_of_others_answer_like_ids_that_are_not_there(house):
    foreign, clients = await furnish(house), await helpers(house)
    clients.append(await house.client("admin@a.example"))
    told: Counter[int] = Counter()
    spoken = document(OPERATIONS)
    components = spoken["components"]["schemas"]
    usable = [one for one in OPERATIONS if not one.stream and not one.public and one.path != "/session"]
    chance, times = random.Random(26), {"foreign": [], "absent": []}
    made = 0
    while made < CALLS:
        one, client = chance.choice(usable), chance.choice(clients)
        said = spoken["paths"][f"/admin/v1{one.path}"][one.method.lower()]
        at = chance.randrange(2)
        pairs = {"foreign": chosen(foreign, one.tag, at), "absent": chosen(ABSENT, one.tag, at)}
        replies = {}
        for kind in chance.sample(sorted(pairs), 2):
            replies[kind], took, asked = await call(client, one, said, components, pairs[kind])
            times[kind].append(took)
            made += 1
            assert replies[kind].status < 500, (asked, replies[kind].body)
            told[replies[kind].status] += 1
            text = replies[kind].body.decode()
            assert SECRET not in text, asked
            assert "b.example" not in text or "b.example" in str(asked) or one.path in ECHOES, asked
        if is_about_ids(one, said):
            assert replies["foreign"].status == replies["absent"].status, (one.name, pairs, replies)
            if replies["foreign"].status >= 400:
                assert replies["foreign"].body == replies["absent"].body, (one.name, pairs)
    print(told)
    assert told[404] > CALLS / 10, told
    foreign_s, absent_s = statistics.median(times["foreign"]), statistics.median(times["absent"])
    assert foreign_s < 3 * absent_s + 0.002
    assert absent_s < 3 * foreign_s + 0.002


def is_about_ids(one, said: dict) -> bool:
    return bool(one.places) or any(parameter.get("required") for parameter in said["parameters"])


def chosen(known: dict[str, list[str]], tag: str, at: int) -> tuple[str, ...]:
    """Return account, domain, address and the id of the thing that a tag is about."""
    account, things = known["account"][at % len(known["account"])], known.get(tag, known["account"])
    return account, known["name"][0], known["address"][at], things[at % len(things)]
