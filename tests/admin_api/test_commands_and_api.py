"""The command line says what the API says: the same operations, the same handlers, the same JSON."""

import asyncio
import json
from dataclasses import replace

import pytest
from msgspec import structs
from tests.admin_api.admin_house import open_admin_house

from smartmail.app.cli.acting import CLI
from smartmail.app.cli.operations import waiting
from smartmail.app.cli.operations.calling import Local
from smartmail.app.cli.operations.words import commands_of
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Forbidden, Invalid, NotFound
from smartmail.edge.httpd.admin.limits import AdminLimits
from smartmail.edge.httpd.admin.operation import Operation
from smartmail.edge.httpd.admin.serving import AdminApi
from smartmail.edge.httpd.admin.table import OPERATIONS


def operation(method: str, path: str) -> Operation:
    return next(one for one in OPERATIONS if (one.method, one.path) == (method, path))


def steady(octets: bytes) -> object:
    """Return an answer without what is another from moment to moment."""
    moving = {"free", "disk", "log", "octets", "spare", "daysToFull", "measuredAt"}
    return json.loads(octets, object_hook=lambda one: {name: one[name] for name in one.keys() - moving})


@pytest.fixture
async def house(tmp_path):
    async with open_admin_house(tmp_path / "house", companies=(("test", "a.example"),)) as opened:
        yield opened


def local(house, **more) -> Local:
    actor = replace(CLI, organization_id=house.accounts["admin@a.example"].organization_id)
    return Local(AdminApi(house.services, OPERATIONS, AdminLimits()), replace(actor, **more), "en")


async def test_whatever_is_looked_at_by_command_is_what_the_api_answers(house):
    client, here = await house.client("admin@a.example"), local(house)
    await client.do("POST", "/groups", {"name": "Sales"}, 201)
    looked = [
        one for one in OPERATIONS if [*commands_of(one)] and one.method == "GET" and not one.places and not one.stream
        and not any(field.required for command in commands_of(one) for field in command.query)
    ]  # fmt: skip
    assert looked
    for one in looked:
        reply = await client.ask("GET", one.path)
        # What the operator of the machine alone may see is seen by command only.
        if reply.status == 200:
            assert steady(await here.call(one, {}, {})) == steady(reply.body), one.path
        elif reply.status == 404:
            with pytest.raises(NotFound):
                await here.call(one, {}, {})
        else:
            assert reply.status == 403, one.path


async def test_a_change_by_command_is_judged_and_recorded_as_one_by_the_api(house):
    here, client = local(house), await house.client("admin@a.example")
    made = json.loads(await here.call(operation("POST", "/groups"), {}, {}, {"name": "Sales"}, "분기 조직 개편"))
    assert (await client.get("/groups"))["items"] == [made]
    with pytest.raises(Invalid, match="nmae"):
        await here.call(operation("POST", "/groups"), {}, {}, {"nmae": "Sales"})
    with pytest.raises(NotFound):
        await here.call(operation("PATCH", "/groups/{id}"), {"id": "999"}, {}, {"name": "X"})


async def test_a_company_that_nobody_named_is_asked_for(house):
    with pytest.raises((Invalid, Forbidden)):
        await local(house, organization_id=0).call(operation("POST", "/groups"), {}, {}, {"name": "Sales"})


async def test_a_list_of_many_pages_is_one(house):
    here = local(house)
    for number in range(5):
        await here.call(operation("POST", "/groups"), {}, {}, {"name": f"Group {number}"})
    groups = operation("GET", "/groups")
    part = json.loads(await here.whole(groups, {}, {}, 2))
    assert (len(part["items"]), part["next"] is not None) == (2, True)
    whole = json.loads(await here.whole(groups, {}, {}, 0))
    assert (len(whole["items"]), whole["next"]) == (5, None)


async def test_a_task_that_a_command_began_is_done_by_the_server_and_waited_for(house):
    here, jobs, home = local(house), house.services.admin_api.jobs, house.accounts["admin@a.example"].organization_id
    care = operation("POST", "/database/maintenance")
    begun = json.loads(await here.call(care, {}, {}, {"act": "optimise"}))
    ended, _ = await asyncio.gather(waiting.ended(jobs, home, int(begun["id"]), shown=False), jobs.turn())
    assert (ended.state, ended.result["act"], waiting.is_good(ended)) == ("done", "optimise", True)
    assert not waiting.is_good(structs.replace(ended, result={"good": False}))
    # Where no server takes it up the command does it.
    begun = json.loads(await here.call(operation("POST", "/backups/{name}/verify"), {"name": "newest"}, {}))
    ended = await waiting.ended(jobs, home, int(begun["id"]), shown=False, patience=0)
    assert (ended.state, ended.error, waiting.is_good(ended)) == ("failed", "unavailable", False)
    # What is about the whole installation needs no organization; mail of one does.
    begun = json.loads(await local(house, organization_id=0).call(care, {}, {}, {"act": "optimise"}))
    assert (await house.store.job(int(begun["id"]))).organization_id == min(
        one.id for one in await house.store.organizations()
    )
    with pytest.raises(Invalid, match="--organization"):
        await local(house, organization_id=0).call(operation("POST", "/audit-records/verify"), {}, {}, {})


async def test_a_task_about_everything_does_not_lie_with_a_closed_company(house):
    await local(house).call(operation("POST", "/organizations"), {}, {}, {"name": "second"})
    first, second = sorted(one.id for one in await house.store.organizations())
    await house.store.close_organization(first, AuditRecord(1, "cli", "organization.close", f"organization:{first}"))
    verify = operation("POST", "/backups/{name}/verify")
    begun = json.loads(await local(house, organization_id=0).call(verify, {"name": "newest"}, {}))
    assert (await house.store.job(int(begun["id"]))).organization_id == second
