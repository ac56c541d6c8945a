"""A second company from the browser: its domain, its first administrator, and what becomes of who ran the machine."""

import pytest
from tests.admin_api.admin_house import open_admin_house

from smartmail.domain.authority import INSTALLATION
from smartmail.domain.errors import Forbidden, Invalid
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor, Origin

NEW = {"name": "누리정밀", "domain": "nuri.example", "local": "Seo.Yuna", "person": "서유나", "language": "ko"}
SYSTEM = Scope("system")


@pytest.fixture
async def alone(tmp_path):
    """An installation with the one company that founded it."""
    async with open_admin_house(tmp_path / "data", companies=(("test", "a.example"),)) as opened:
        yield opened


async def test_a_company_is_opened_with_domain_key_and_administrator(alone):
    client = await alone.client("admin@a.example")
    made = await client.do("POST", "/companies", NEW, 201)
    assert (made["name"], made["login"]) == ("누리정밀", "seo.yuna@nuri.example")
    assert made["url"].endswith(f"/setup#{made['token']}")
    rows = (await client.get("/companies"))["items"]
    assert [(one["name"], one["state"], one["domains"]) for one in rows] == [
        ("test", "active", ["a.example"]), ("누리정밀", "active", ["nuri.example"]),
    ]  # fmt: skip
    assert [one.kind for one in await alone.store.dkim_keys("nuri.example")] == ["rsa"]
    # The link is theirs: with it they choose a password, and administer their company.
    account = await alone.services.auth.use_setup_link(made["token"], "Maple-gorge.quartz7")
    row = await alone.services.directory.account(account)
    theirs = Actor(
        row.id, row.organization_id, row.login, row.is_admin, Origin("admin", "127.0.0.1"), row.auth_epoch, by="session"
    )
    assert await alone.services.authority.may(theirs, "account.change", Scope("organization", made["id"]))
    assert not await alone.services.authority.may(theirs, "company.change", SYSTEM)
    assert not await alone.services.authority.may(theirs, "queue.read", SYSTEM)


async def test_who_ran_the_machine_goes_on_and_sees_nothing_of_the_other(alone):
    client = await alone.client("admin@a.example")
    made = await client.do("POST", "/companies", NEW, 201)
    [one] = await alone.store.appointments(alone.accounts["admin@a.example"].organization_id)
    assert (one.role, one.scope) == (INSTALLATION, SYSTEM)
    for path in ("/queue", "/queue-rules", "/volumes", "/certificates", "/companies"):
        assert (await client.ask("GET", path)).status == 200, path
    for path in (f"/organizations/{made['id']}", "/domains/nuri.example"):
        assert (await client.ask("GET", path)).status == 404, path
    stranger = next(one for one in await alone.store.accounts() if one.login.endswith("@nuri.example"))
    for path in (f"/accounts/{stranger.id}", f"/accounts/{stranger.id}/person"):
        assert (await client.ask("GET", path)).status == 404, path
    assert all(one["address"].endswith("@a.example") for one in (await client.get("/accounts"))["items"])
    # A third one appoints nobody twice.
    await client.do("POST", "/companies", NEW | {"name": "셋째", "domain": "third.example"}, 201)
    assert len(await alone.store.appointments(one.organization_id)) == 1


async def test_what_is_refused_leaves_nothing_behind(alone):
    client = await alone.client("admin@a.example")
    for body, status in (
        (NEW | {"domain": "a.example"}, 409), (NEW | {"domain": "no domain"}, 400), (NEW | {"local": "two words"}, 400),
        (NEW | {"name": "test"}, 409),
    ):  # fmt: skip
        assert (await client.ask("POST", "/companies", body)).status == status, body
    assert [one["name"] for one in (await client.get("/companies"))["items"]] == ["test"]
    kim = await alone.client("kim@a.example")
    assert (await kim.ask("POST", "/companies", NEW)).status == 403


async def test_one_of_several_companies_opens_none(house, client):
    assert (await client.ask("GET", "/companies")).status == 403
    assert (await client.ask("POST", "/companies", NEW)).status == 403
    held = {one for each in (await client.get("/session"))["holdings"] for one in each["permissions"]}
    assert "company.change" not in held and "account.change" in held


async def test_the_command_line_alone_appoints_to_the_installation(alone):
    cli = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
    kim, roles = alone.accounts["kim@a.example"], alone.services.roles
    for role, scope in (("company", SYSTEM), ("system", SYSTEM)):
        with pytest.raises(Invalid):
            await roles.appoint(cli, kim.id, role, scope)
    await roles.appoint(cli, kim.id, INSTALLATION, SYSTEM)
    client = await alone.client("kim@a.example")
    assert (await client.ask("GET", "/queue")).status == 200
    assert (await client.ask("GET", "/accounts")).status == 403
    lee = alone.accounts["lee@a.example"]
    with pytest.raises(Forbidden):
        await roles.appoint(alone.admin(alone.accounts["admin@a.example"]), lee.id, INSTALLATION, SYSTEM)


async def test_the_plain_way_locks_nobody_out_either(alone):
    client = await alone.client("admin@a.example")
    await client.do("POST", "/organizations", {"name": "빈 회사"}, 201)
    assert (await client.ask("GET", "/queue")).status == 200


async def test_closing(alone):
    client = await alone.client("admin@a.example")
    made = await client.do("POST", "/companies", NEW, 201)
    own = alone.accounts["admin@a.example"].organization_id
    assert (await client.ask("POST", f"/companies/{own}/close")).status == 400
    assert await client.do("POST", f"/companies/{made['id']}/close") == {"accounts": 1}
    assert (await client.get("/companies"))["items"][1]["state"] == "closed"


async def test_a_company_returns_to_its_own_earlier_policy_alone(house, client):
    home = house.accounts["kim@a.example"].organization_id
    before = (await client.get("/policy/revisions"))["items"]
    epoch = before[0]["epoch"] if before else 0
    rule = {"knob": "door.pop3", "scope": f"organization:{home}", "value": False}
    await client.do("POST", "/policy/rules", rule)
    other = await house.client("admin@b.example")
    theirs = house.accounts["kim@b.example"].organization_id
    await other.do("POST", "/policy/rules", rule | {"scope": f"organization:{theirs}"})
    await client.do("POST", "/policy/rollback", {"epoch": epoch}, x_reason="too%20strict")
    assert (await client.get("/policy/rules"))["items"] == []
    assert [one["knob"] for one in (await other.get("/policy/rules"))["items"]] == ["door.pop3"]
    kim = await house.client("kim@a.example")
    assert (await kim.ask("POST", "/policy/rollback", {"epoch": epoch})).status == 403
