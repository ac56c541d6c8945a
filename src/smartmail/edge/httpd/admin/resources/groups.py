"""/groups: accounts that share policy rules."""

from dataclasses import replace
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from smartmail.domain import account
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import Id, Input, Output, Page, Word, part

Priority = Annotated[int, Meta(ge=-1000, le=1000, description="Where two groups disagree, the greater one decides.")]


class Group(Output, frozen=True):
    """A group."""

    id: Id
    organization_id: Id
    name: str
    priority: int


class GroupCreate(Input, frozen=True):
    """A group to create."""

    name: Word
    priority: Priority = 0


class GroupUpdate(Input, frozen=True):
    """A merge patch (RFC 7396)."""

    name: Word | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET


class GroupMember(Output, frozen=True):
    """An account in a group."""

    account_id: Id
    address: str
    name: str


api = Resource()
_MEMBER = "/groups/{id}/members/{account}"


async def _group(call: Call) -> account.Group:
    number = call.number()
    home = await call.may(Scope("group", str(number)))
    found = next((one for one in await call.services.governing.groups(home) if one.id == number), None)
    if found is None:
        raise NotFound
    return found


@api.get("/groups", "Groups.", "group.read", cli="group list")
async def _list(call: Call) -> Page[Group]:
    own = await call.holds()
    rows = [
        one
        for one in await call.services.governing.groups(own)
        if await call.services.authority.may(call.actor, "group.read", Scope("group", str(one.id)))
    ]
    return part(rows, lambda one: one.id, call.page, Group.from_row)


@api.post("/groups", "Create a group.", "group.change", GroupCreate, status=201, cli="group add name")
async def _create(call: Call) -> Group:
    home = await call.may_here()
    made = call.services.governing.new_group(call.actor, home, call.body.name, call.body.priority)
    return Group.from_row(await made)


@api.get("/groups/{id}", "One group.", "group.read", cli="group show")
async def _get(call: Call) -> Group:
    return Group.from_row(await _group(call))


@api.patch("/groups/{id}", "Change a group.", "group.change", GroupUpdate, cli="group set")
async def _change(call: Call) -> Group:
    group, body = await _group(call), call.body
    group = replace(group, name=group.name if body.name is UNSET else body.name)
    group = replace(group, priority=group.priority if body.priority is UNSET else body.priority)
    return Group.from_row(await call.services.governing.change_group(call.actor, group))


@api.delete("/groups/{id}", "Remove a group and its policy rules.", "group.change", cli="group delete")
async def _delete(call: Call) -> None:
    await call.services.governing.delete_group(call.actor, (await _group(call)).id)


@api.get("/groups/{id}/members", "Members of a group.", "group.read", cli="group members")
async def _members(call: Call) -> Page[GroupMember]:
    rows = await call.services.governing.members((await _group(call)).id)
    wanted = part(rows, int, call.page, lambda one: one)
    accounts = [await call.services.directory.account(one) for one in wanted.items]
    return Page([GroupMember(str(one.id), one.login, one.name) for one in accounts], wanted.next)


@api.put(_MEMBER, "Add an account to a group.", "group.change", cli="group join")
async def _put_member(call: Call) -> None:
    await _set_member(call, member=True)


@api.delete(_MEMBER, "Remove an account from a group.", "group.change", cli="group leave")
async def _drop_member(call: Call) -> None:
    await _set_member(call, member=False)


async def _set_member(call: Call, *, member: bool) -> None:
    group = await _group(call)
    account_id = AccountId(call.number("account"))
    await call.may(Scope("account", str(account_id)), "account.read")
    await call.services.governing.set_member(call.actor, group.id, account_id, member=member)
