"""SCIM 2.0 over the admin host: users and groups as sign-on services keep them (RFC 7643, RFC 7644)."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from tests.jmap_server.jmap_house import Browser, Reply

from smartmail.formats.scim import ENTERPRISE, ERROR, GROUP, LIST, PATCH_OP, USER

RIGHTS = ("account.read", "account.change", "group.read", "group.change", "organization.read")


@dataclass
class Scim:
    """A program with a key."""

    client: Any
    key: str

    async def ask(self, method: str, url: str, body: Any = None, **headers: str) -> Reply:
        fields = {
            "content-type": "application/scim+json",
            **{name.replace("_", "-"): one for name, one in headers.items()},
        }
        if self.key:
            fields.setdefault("authorization", f"Bearer {self.key}")
        octets = b"" if body is None else json.dumps(body).encode()
        return await Browser.ask(self.client, method, f"/scim/v2{url}", octets, fields)

    async def do(self, method: str, url: str, body: Any = None, status: int = 200, **headers: str) -> Any:
        reply = await self.ask(method, url, body, **headers)
        assert reply.status == status, (reply.status, reply.body)
        return json.loads(reply.body) if reply.body else None


async def scim_of(house, login, client, rights=RIGHTS) -> Scim:
    actor, now = house.admin(house.accounts[login]), house.clock.now()
    made = await house.services.admin_api.keys.create(actor, "scim", rights, [], now + 86_400_000)
    client.cookie = ""
    return Scim(client, made.secret)


@pytest.fixture
async def scim(house):
    home = house.accounts["admin@a.example"].organization_id
    admin = house.admin(house.accounts["admin@a.example"])
    await house.services.organization.departments.create(admin, home, "영업1팀", code="S1")
    await house.services.organization.titles.set_order(admin, home, "position", ("과장", "사원"))
    return await scim_of(house, "admin@a.example", await house.client("admin@a.example"))


NEW = {
    "schemas": [USER, ENTERPRISE], "userName": "Park@a.example", "externalId": "E7", "displayName": "박서준",
    "title": "사원", "active": True, "phoneNumbers": [{"type": "mobile", "value": "010-1"}],
    ENTERPRISE: {"department": "영업1팀"},
}  # fmt: skip


async def test_a_user_is_made_and_told_as_the_standard_says(scim):
    reply = await scim.ask("POST", "/Users", NEW)
    made = json.loads(reply.body)
    number = made["id"]
    place = made["meta"].pop("location")
    version = made["meta"].pop("version")
    assert reply.status == 201
    assert reply.headers["content-type"].startswith("application/scim+json")
    assert (reply.headers["etag"], reply.headers["location"]) == (version, place)
    assert place.endswith(f"/scim/v2/Users/{number}")
    assert made == {
        "schemas": [USER, ENTERPRISE], "id": number, "externalId": "E7", "userName": "park@a.example",
        "name": {"formatted": "박서준"}, "displayName": "박서준", "title": "사원", "active": True, "preferredLanguage": "ko",
        "emails": [{"value": "park@a.example", "type": "work", "primary": True}],
        "phoneNumbers": [{"type": "mobile", "value": "010-1"}],
        ENTERPRISE: {"employeeNumber": "E7", "department": "S1"}, "meta": {"resourceType": "User"},
    }  # fmt: skip
    assert (await scim.do("GET", f"/Users/{number}"))["userName"] == "park@a.example"
    assert (await scim.ask("GET", f"/Users/{number}", if_none_match=version)).status == 304


async def test_users_are_found_and_paged(scim):
    await scim.do("POST", "/Users", NEW, 201)
    for query in ('userName eq "PARK@a.example"', 'externalId eq "E7"', 'emails.value eq "park@a.example"'):
        found = await scim.do("GET", f"/Users?filter={query.replace(' ', '%20')}")
        assert (found["schemas"], found["totalResults"], found["Resources"][0]["externalId"]) == ([LIST], 1, "E7")
    for query in ('userName eq "none@a.example"', 'userName eq ""', 'externalId eq ""', 'userName eq "kim@b.example"'):
        assert (await scim.do("GET", f"/Users?filter={query.replace(' ', '%20')}"))["Resources"] == []
    seen = []
    for start in (1, 3, 5):
        page = await scim.do("GET", f"/Users?startIndex={start}&count=2")
        assert (page["totalResults"], page["startIndex"]) == (4, start)
        seen += [one["userName"] for one in page["Resources"]]
    assert seen == ["admin@a.example", "kim@a.example", "lee@a.example", "park@a.example"]
    wrong = await scim.do("GET", "/Users?filter=title%20co%20%22x%22", status=400)
    assert (wrong["schemas"], wrong["scimType"], wrong["status"]) == ([ERROR], "invalidFilter", "400")


async def test_a_user_is_replaced_patched_deactivated_and_comes_back(house, scim):
    made = await scim.do("POST", "/Users", NEW, 201)
    url = f"/Users/{made['id']}"
    changed = await scim.do(
        "PUT", url, {**made, "displayName": "박지훈", "title": "과장", "userName": "jihun@a.example"}
    )
    assert (changed["name"]["formatted"], changed["title"], changed["userName"]) == (
        "박지훈",
        "과장",
        "jihun@a.example",
    )
    assert changed[ENTERPRISE] == {"employeeNumber": "E7", "department": "S1"}
    assert "park@a.example" in await house.store.addresses(int(made["id"])), "the old login stays an address"
    slim = await scim.do("PUT", url, {"userName": "jihun@a.example"})
    assert slim == changed, "what is not named stays"
    assert (await scim.ask("PUT", url, changed, if_match=made["meta"]["version"])).status == 412
    operations = [
        {"op": "Replace", "path": "active", "value": "False"},
        {"op": "replace", "path": f"{ENTERPRISE}:employeeNumber", "value": "E8"},
        {"op": "add", "path": 'phoneNumbers[type eq "work"].value', "value": "02-1"},
    ]
    body = {"schemas": [PATCH_OP], "Operations": operations}
    patched = await scim.do("PATCH", url, body, if_match=changed["meta"]["version"])
    assert (patched["active"], patched["externalId"], len(patched["phoneNumbers"])) == (False, "E8", 2)
    assert (await house.store.account(int(made["id"]))).state == "closed"
    back = await scim.do("PATCH", url, {"Operations": [{"op": "replace", "value": {"active": True}}]})
    assert back["active"] is True
    await scim.do("DELETE", url, status=204)
    assert (await scim.do("GET", url))["active"] is False


async def test_what_cannot_be_is_refused_with_its_kind_and_leaves_nothing(house, scim):
    await scim.do("POST", "/Users", NEW, 201)
    for body, status, kind in (
        (NEW, 409, "uniqueness"),
        ({**NEW, "userName": "other@a.example"}, 409, "uniqueness"),
        ({**NEW, "userName": "x@b.example", "externalId": "E9"}, 400, "invalidValue"),
        ({**NEW, "userName": "plain", "externalId": "E9"}, 400, "invalidValue"),
        ({**NEW, "userName": "x@a.example", "externalId": "E9", "title": "이사"}, 400, "invalidValue"),
        (
            {**NEW, "userName": "x@a.example", "externalId": "E9", ENTERPRISE: {"department": "없음"}},
            400,
            "invalidValue",
        ),
        ({**NEW, "userName": "x@a.example", "active": "maybe"}, 400, "invalidValue"),
        ({"userName": 7}, 400, "invalidValue"),
    ):
        wrong = await scim.do("POST", "/Users", body, status)
        assert (wrong["scimType"], wrong["status"]) == (kind, str(status)), body
    assert len(await house.store.accounts(house.accounts["admin@a.example"].organization_id)) == 4
    assert (await scim.ask("POST", "/Users", NEW, content_type="text/plain")).status == 415


async def test_groups_have_members(house, scim):
    kim, lee = (str(house.accounts[f"{name}@a.example"].id) for name in ("kim", "lee"))
    made = await scim.do(
        "POST", "/Groups", {"schemas": [GROUP], "displayName": "영업", "members": [{"value": kim}]}, 201
    )
    url = f"/Groups/{made['id']}"
    assert [one["value"] for one in made["members"]] == [kim]
    added = {"Operations": [{"op": "add", "path": "members", "value": [{"value": lee}]}]}
    assert [one["value"] for one in (await scim.do("PATCH", url, added))["members"]] == [kim, lee]
    gone = {"Operations": [{"op": "remove", "path": f'members[value eq "{kim}"]'},
                           {"op": "replace", "path": "displayName", "value": "영업본부"}]}  # fmt: skip
    changed = await scim.do("PATCH", url, gone)
    assert (changed["displayName"], [one["value"] for one in changed["members"]]) == ("영업본부", [lee])
    found = await scim.do("GET", "/Groups?filter=displayName%20eq%20%22%EC%98%81%EC%97%85%EB%B3%B8%EB%B6%80%22")
    assert found["totalResults"] == 1
    stranger = str(house.accounts["kim@b.example"].id)
    bad = await scim.do("PUT", url, {"displayName": "x", "members": [{"value": stranger}]}, 400)
    assert bad["scimType"] == "invalidValue"
    assert (await scim.do("PUT", url, {"displayName": "영업본부", "members": []}))["members"] == []
    await scim.do("DELETE", url, status=204)
    await scim.do("GET", url, status=404)


async def test_only_keys_come_in_and_only_to_their_company(house, scim):
    for strange in (Scim(scim.client, ""), Scim(scim.client, "smadm_wrong")):
        assert (await strange.ask("GET", "/Users")).status == 401
    page = await house.client("admin@a.example")
    assert (await Browser.ask(page, "GET", "/scim/v2/Users", b"", {})).status == 401, "a session is no key"
    for name in ("admin@b.example", "kim@b.example"):
        number = house.accounts[name].id
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            body = {
                "userName": name,
                "active": False,
                "Operations": [{"op": "replace", "path": "active", "value": False}],
            }
            foreign, absent = (
                await scim.ask(method, f"/Users/{number}", body),
                await scim.ask(method, "/Users/99999", body),
            )
            assert (foreign.status, foreign.body) == (absent.status, absent.body) and foreign.status == 404
        assert (await house.store.account(number)).state == "active"
    reader = await scim_of(house, "admin@a.example", await house.client("admin@a.example"), ("account.read",))
    assert (await reader.ask("GET", "/Users")).status == 200
    assert (await reader.ask("POST", "/Users", NEW)).status == 403
    assert (await reader.ask("GET", "/Groups")).status == 403


async def test_the_server_tells_what_it_can(scim):
    config = await scim.do("GET", "/ServiceProviderConfig")
    assert config["patch"]["supported"] and config["etag"]["supported"] and not config["bulk"]["supported"]
    types = await scim.do("GET", "/ResourceTypes")
    assert [one["endpoint"] for one in types["Resources"]] == ["/Users", "/Groups"]
    schemas = await scim.do("GET", "/Schemas")
    assert {one["id"] for one in schemas["Resources"]} == {USER, GROUP, ENTERPRISE}
    assert (await scim.do("GET", f"/Schemas/{USER}"))["name"] == "User"
    for url in ("/Bulk", "/Users/abc", "/Groups/1/2", "/Schemas/none"):
        assert (await scim.ask("GET", url)).status == 404, url
